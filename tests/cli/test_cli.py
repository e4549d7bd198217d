"""The command line as a person meets it: every verb on a small case, and every way to get it wrong."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook

import tradewinds.report
from small_case import AGREEMENT, SCENARIO, write_case
from tradewinds import solvers
from tradewinds.cli.main import main, run
from tradewinds.core.errors import ConvergenceError
from tradewinds.models.calibrated import Calibrated
from tradewinds.world.store import open_world, save_world

LONG = Path(__file__).parents[1] / "mock" / "long"
CJK = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Ran:
    """What a command line gave back."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Ran]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command line in this process."""

    def ran(*tokens: object) -> Ran:
        capsys.readouterr()
        code = run([str(token) for token in tokens])
        held = capsys.readouterr()
        return Ran(code, held.out, held.err)

    return ran


@pytest.fixture
def case(tmp_path: Path) -> str:
    """Path of the small case on the toy world."""
    (tmp_path / "case").mkdir()
    return write_case(tmp_path / "case")


def refused(ran: Ran, *says: str, code: int = 2) -> None:
    """Refused: exit code, nothing on stdout, and ``error:`` with these words on stderr."""
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("error: ")
    for words in says:
        assert words in ran.err


# ---- the main job


def test_assess_prints_the_brief(cli: Cli, case: str) -> None:
    ran = cli("assess", case, "--draws", 3)
    assert (ran.code, ran.err) == (0, "")
    for words in (
        "A small case",
        "Norway",
        "Canada",
        "United Kingdom",
        "Welfare (exact)",
        "A study",
        "Ministry of Economic Affairs",
    ):
        assert words.casefold() in ran.out.casefold()
    assert not CJK.search(ran.out)


def test_assess_in_chinese(cli: Cli, case: str) -> None:
    ran = cli("assess", case, "--draws", 3, "--lang", "zh-Hant")
    assert ran.code == 0
    for words in ("小型案例", "挪威", "加拿大", "實質"):
        assert words in ran.out


def test_json_keeps_the_schema(cli: Cli, case: str) -> None:
    ran = cli("assess", case, "--draws", 3, "--json")
    schema = json.loads(Path(tradewinds.report.__path__[0], "answer.schema.json").read_text("utf-8"))
    assert ran.code == 0
    assert not [e.message for e in Draft202012Validator(schema).iter_errors(ran.data)]
    assert (ran.data["case"], ran.data["world"], ran.data["years"]) == ("small", "toy3", [2027, 2031])


def test_the_main_job_on_the_real_world(cli: Cli) -> None:
    ran = cli("assess", "ecfa-goods", "--draws", 8, "--year", 2041, "--json")
    assert ran.code == 0
    assert ran.data["years"] == [2041] and ran.data["parties"]["TWN"]["real_gdp_pct"]["value"] > 0


def test_the_same_seed_gives_the_same_ranges_and_another_does_not(cli: Cli, case: str) -> None:
    first, again, other = (cli("assess", case, "--draws", 6, "--json", "--seed", s).data for s in (1, 1, 2))
    assert first == again
    welfare = [data["parties"]["NOR"]["welfare_exact_pct"] for data in (first, other)]
    assert welfare[0]["value"] == welfare[1]["value"] and welfare[0]["low"] != welfare[1]["low"]


def test_years_of_ones_own(cli: Cli, case: str) -> None:
    ran = cli("assess", case, "--draws", 1, "--json", "--year", 2031, "--year", 2028, "--year", 2031)
    assert ran.data["years"] == [2028, 2031] and list(ran.data["path"]) == ["2028", "2031"]


def test_files_are_written_whole(cli: Cli, case: str, tmp_path: Path) -> None:
    html, xlsx, folder = tmp_path / "brief.html", tmp_path / "brief.xlsx", tmp_path / "tables"
    ran = cli("assess", case, "--draws", 3, "--html", html, "--xlsx", xlsx, "--csv", folder)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.split() == [str(html), str(xlsx), str(folder)]
    page = html.read_text("utf-8")
    assert page.lstrip().lower().startswith("<!doctype html") and "A small case" in page
    assert not re.search(r"""(?:src|href)\s*=\s*["']https?://""", page)  # self-contained
    assert len(load_workbook(xlsx).sheetnames) > 3
    with (folder / "parties.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["economy"] for row in rows] == ["Norway", "Canada", "United Kingdom"]
    assert float(rows[0]["exports_pct_low"]) <= float(rows[0]["exports_pct_high"])
    assert rows[0]["investment_pct"] == ""
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"case", "brief.html", "brief.xlsx", "tables"}  # no temporary file stays behind


def test_json_and_a_file_together(cli: Cli, case: str, tmp_path: Path) -> None:
    ran = cli("assess", case, "--draws", 3, "--json", "--html", tmp_path / "b.html")
    assert ran.code == 0 and ran.data["case"] == "small" and (tmp_path / "b.html").is_file()


# ---- the other verbs


def test_compare(cli: Cli, case: str, tmp_path: Path) -> None:
    faster = write_case(
        tmp_path / "case",
        scenario=SCENARIO.replace('id = "small"', 'id = "slow"').replace("[2027, 2031]", "[2027]"),
        name="slow",
    )
    ran = cli("compare", case, faster, "--draws", 3, "--json")
    assert ran.code == 0
    assert list(ran.data["cases"]) == ["small", "slow"]
    table = cli("compare", case, faster, "--draws", 3, "--economy", "NOR", "--closure", "long_run")
    assert table.code == 0 and "Norway" in table.out and "Canada" not in table.out


def test_compare_wants_two_known_cases_and_known_economies(cli: Cli, case: str) -> None:
    refused(cli("compare", case), "one case alone")
    refused(cli("compare", case, "nothing"), "unknown case `nothing`", "hint: ")
    refused(cli("compare", case, case, "--draws", 1, "--economy", "NRO"), "unknown economy `NRO`", "`NOR`")
    refused(cli("compare", case, case, "--draws", 1, "--closure", "longrun"), "unknown closure", "`long_run`")


def test_explain_a_duty(cli: Cli, case: str) -> None:
    cell = ("--case", case, "--exporter", "NOR", "--importer", "CAN", "--sector", "food")
    ran = cli("explain", "tariff_rate", *cell, "--json", "--year", 2028)
    assert ran.code == 0
    steps = ran.data["steps"]
    assert steps[0]["value"] == 0.1 and "synthetic" in steps[0]["because"]
    assert steps[-1]["value"] == pytest.approx(0.1 - 0.8 * 0.1 * 2 / 5)
    assert any("food over five years" in step["because"] for step in steps)
    shown = " ".join(cli("explain", "tariff_new", *cell).out.split())
    assert "can-nor: CAN to NOR" in shown and "year 5" in shown


def test_explain_a_result(cli: Cli, case: str) -> None:
    ran = cli("explain", "welfare_hat", "--case", case, "--region", "NOR", "--json")
    assert ran.code == 0 and ran.data["steps"][0]["value"] > 0
    assert cli("explain", "employment_hat", "--case", case, "--region", "NOR", "--lang", "zh-Hant").code == 0


def test_explain_refuses_half_a_cell(cli: Cli, case: str) -> None:
    refused(cli("explain", "tariff_rate", "--case", case, "--exporter", "NOR"), "give --importer, --sector")
    refused(
        cli("explain", "welfare_hat", "--case", case, "--region", "NOR", "--sector", "food"),
        "by region, not sector",
    )
    refused(cli("explain", "welfare", "--case", case), "unknown variable `welfare`", "did you mean `welfare_hat`")
    for variable in ("tariff_rate", "tariff_new"):
        cell = ("--exporter", "NRO", "--importer", "CAN", "--sector", "food")
        refused(cli("explain", variable, "--case", case, *cell), "unknown exporter `NRO`", "did you mean `NOR`")
    refused(
        cli("explain", "welfare_first_order", "--case", case, "--region", "NOR", "--closure", "long_run"),
        "labour and capital fixed",
    )


def test_cite(cli: Cli, case: str) -> None:
    ran = cli("cite", case, "--json")
    assert ran.code == 0
    assert ran.data["bibtex"]["caliendo-parro-2015"].startswith("@article{caliendo-parro-2015")
    assert "moea-2015" in ran.data["sources"]
    assert "@article" in cli("cite", case).out


def test_data_list_and_show(cli: Cli) -> None:
    listed = cli("data", "list", "--json").data
    assert [w["name"] for w in listed["worlds"]] == ["toy3", "world-2011", "world-2022"]
    assert [c["name"] for c in listed["cases"]] == ["cjk", "ecfa-goods", "korus", "reciprocal-2025"]
    shown = cli("data", "show", "toy3", "--json").data
    assert shown["regions"] == ["CAN", "NOR", "GBR"] and shown["totals"]["output"] == 7770
    refused(cli("data", "show", "world-2202"), "unknown world", "did you mean `world-2022`")


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_data_aggregate(cli: Cli, tmp_path: Path) -> None:
    mapping = write(tmp_path / "two.toml", '[regions]\nAME = ["CAN"]\nEUR = ["NOR", "GBR"]\n')
    ran = cli("data", "aggregate", "toy3", mapping, "--to", tmp_path / "two.npz", "--json")
    assert ran.code == 0
    assert (ran.data["name"], ran.data["regions"]) == ("two", ["AME", "EUR"])
    # Single precision on disk: seven digits.
    assert ran.data["totals"]["output"] == pytest.approx(7770, rel=1e-6)
    assert cli("data", "show", tmp_path / "two.npz").code == 0


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ('[regions]\nAME = ["CAN"]\nEUR = ["NOR"]\n', ["GBR in no group"]),
        ('[regions]\nAME = ["CAN", "NRO"]\nEUR = ["GBR"]\n', ["NOR in no group", "unknown region `NRO`"]),
        ('[regions]\nAME = ["CAN", "CAN"]\nEUR = ["NOR", "GBR"]\n', ["CAN named twice"]),
        ('[region]\nAME = ["CAN"]\n', ["unknown table `region`", "did you mean `regions`"]),
        ("[regions\n", ["not TOML"]),
    ],
)
def test_data_aggregate_refuses_a_mapping_that_loses_an_economy(
    cli: Cli, tmp_path: Path, mapping: str, says: list[str]
) -> None:
    file = write(tmp_path / "map.toml", mapping)
    refused(cli("data", "aggregate", "toy3", file, "--to", tmp_path / "out.npz"), *says)
    assert {path.name for path in tmp_path.iterdir()} == {"map.toml"}


def load(cli: Cli, folder: Path, **files: Path) -> Ran:
    held = {key: LONG / f"{key}.csv" for key in ("flows", "inputs", "elasticities")} | files
    return cli(
        "data", "load", held["flows"], "--inputs", held["inputs"], "--elasticities", held["elasticities"],
        "--name", "mine", "--year", 2020, "--to", folder / "mine.npz", "--json",
    )  # fmt: skip


def test_data_load(cli: Cli, tmp_path: Path) -> None:
    ran = load(cli, tmp_path)
    assert ran.code == 0
    assert (ran.data["name"], ran.data["regions"], ran.data["year"]) == ("mine", ["CAN", "NOR"], 2020)
    assert ran.data["totals"]["residual"] < 1e-10


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("900", "nan", ["flows.csv", "value"]),
        ("900", "-900", ["flows.csv", "value"]),
        ("900", "many", ["flows.csv", "many"]),
        ("value", "vlaue", ["flows.csv", "vlaue", "did you mean `value`"]),
        ("tariff_rate", "duty", ["flows.csv", "duty"]),
        ("0.08", "-2", ["flows.csv", "tariff_rate"]),
    ],
)
def test_data_load_refuses_numbers_and_columns_it_does_not_understand(
    cli: Cli, tmp_path: Path, was: str, now: str, says: list[str]
) -> None:
    flows = write(tmp_path / "flows.csv", (LONG / "flows.csv").read_text("utf-8").replace(was, now, 1))
    refused(load(cli, tmp_path, flows=flows), *says)
    assert {path.name for path in tmp_path.iterdir()} == {"flows.csv"}


def test_data_icio(cli: Cli, tmp_path: Path) -> None:
    table = LONG.parent / "icio" / "2022_SML.csv"
    ran = cli("data", "icio", table, "--to", tmp_path / "icio.npz", "--json")
    assert ran.code == 0
    assert ran.data["year"] == 2022 and ran.data["totals"]["residual"] < 1e-10
    assert ran.data["totals"]["duty"] == 0  # the table has none, and the world says so
    assert any("dut" in text.casefold() for text in ran.data["adjustments"] + [o["note"] for o in ran.data["origins"]])


@pytest.mark.parametrize("verb", ["icio", "wiod"])
def test_tables_of_the_wrong_layout_are_refused(cli: Cli, tmp_path: Path, verb: str) -> None:
    to = tmp_path / "w.npz"
    refused(cli("data", verb, tmp_path / "none.csv", "--to", to, "--year", 2022), "none.csv")
    refused(cli("data", verb, LONG / "flows.csv", "--to", to, "--year", 2022), "flows.csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", ["parquet", "nc", "har"])
@pytest.mark.parametrize("what", ["world", "case"])
def test_data_export(cli: Cli, case: str, tmp_path: Path, what: str, ending: str) -> None:
    to = tmp_path / f"out.{ending}"
    ran = cli("data", "export", "toy3" if what == "world" else case, to, "--json")
    assert ran.code == 0
    assert ran.data["bytes"] == to.stat().st_size > 500
    assert {path.name for path in tmp_path.iterdir()} == {"case", to.name}


def test_data_export_of_a_case_uses_its_assumptions(cli: Cli, tmp_path: Path) -> None:
    held = []
    for supply in ("0.1", "2.0"):
        path = write_case(tmp_path, scenario=f"{SCENARIO}\n[assume]\nlabour_supply = {supply}\n")
        assert cli("data", "export", path, tmp_path / "r.parquet", "--closure", "long_run").code == 0
        held.append(duckdb.sql(f"select * from '{tmp_path / 'r.parquet'}'").fetchall())
    assert len(held[0]) == len(held[1]) > 50 and held[0] != held[1]


def test_data_export_refuses(cli: Cli, tmp_path: Path) -> None:
    refused(cli("data", "export", "toy3", tmp_path / "out.xls"), ".xls", ".har")
    refused(cli("data", "export", "toy4", tmp_path / "out.nc"), "unknown world `toy4`", "did you mean `toy3`")
    refused(cli("data", "export", "toy3", tmp_path / "no" / "out.nc"), "no folder")
    assert not list(tmp_path.iterdir())


def test_data_build_refuses(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRADEWINDS_RAW", raising=False)
    refused(cli("data", "build", "world-2022", "--to", tmp_path / "w.npz"), "no raw tables", "$TRADEWINDS_RAW")
    refused(cli("data", "build", "world-2022", "--raw", tmp_path / "no", "--to", tmp_path / "w.npz"), "no such folder")
    refused(cli("data", "build", "world-2022", "--raw", tmp_path, "--to", tmp_path / "w.npz"), "is missing")
    refused(cli("data", "build", "world-2002", "--raw", tmp_path, "--to", tmp_path / "w.npz"), "`world-2022`")
    refused(cli("data", "build", "world-2022", "--raw", tmp_path, "--to", tmp_path / "w.csv"), "`.csv`", ".npz")
    assert not list(tmp_path.iterdir())


def test_validate(cli: Cli, case: str, tmp_path: Path) -> None:
    agreement = tmp_path / "case" / "can-nor.toml"
    ran = cli("validate", case, agreement, "--json")
    assert ran.code == 0
    assert [row["is"].split(",")[0] for row in ran.data["files"]] == ["scenario small on toy3", "agreement can-nor"]


def test_validate_reports_all_faults_of_all_files(cli: Cli, tmp_path: Path) -> None:
    one = write(tmp_path / "can-nor.toml", AGREEMENT.replace('basket = "B"', 'basket = "Q"').replace("0.5", "5"))
    two = write(tmp_path / "two.toml", SCENARIO.replace('"draft"', '"drift"', 1).replace("2027, 2031", "2031, 2027"))
    half = write(tmp_path / "half.toml", SCENARIO[:150])
    strange = write(tmp_path / "strange.toml", 'schema = "letter/1"\n')
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"PK\x03\x04 not a world")
    ran = cli("validate", one, two, half, strange, broken, tmp_path / "none.toml", tmp_path / "x.csv")
    refused(
        ran, "goods.2.share", "unknown variant `drift`", "[2031, 2027]", "half.toml", "not TOML", "letter/1",
        "broken.npz", "not a world file", "none.toml", "no such file", "file ending `.csv`",
    )  # fmt: skip
    assert ran.err.startswith("error: 8 faults in validate:")


def test_validate_wants_a_file(cli: Cli, tmp_path: Path) -> None:
    refused(cli("validate"), "no file")
    (tmp_path / "folder.toml").mkdir()
    refused(cli("validate", tmp_path / "folder.toml"), "cannot be read")


def test_validate_finds_what_the_world_does_not_have(cli: Cli, tmp_path: Path) -> None:
    path = write_case(tmp_path, scenario=SCENARIO.replace('sector = "food"', 'sector = "fud"'))
    refused(cli("validate", path), "unknown sector `fud`", "small: shock.1", "did you mean `food`")


# ---- errors and exit codes


@pytest.mark.parametrize(
    ("tokens", "says"),
    [
        (["asses", "x"], ["asses", "assess"]),
        (["assess", "ecfa-good"], ["unknown case `ecfa-good`", "hint: did you mean `ecfa-goods`?"]),
        (["assess", "zzz"], ["unknown case `zzz`", "hint: `tradewinds data list` lists them all"]),
        (["assess", "CASE", "--drawz", "3"], ["drawz", "hint: "]),
        (["assess", "CASE", "--draws", "few"], ["few", "hint: "]),
        (["assess", "CASE", "--draws", "0"], ["0 draws", "1 to 100,000"]),
        (["assess", "CASE", "--draws", "-3"], ["draws"]),
        (["assess", "CASE", "--seed", "-1"], ["seed -1", "zero or more"]),
        (["assess", "CASE", "--year", "soon"], ["soon"]),
        (["assess"], ["assess", "hint: "]),
        (["assess", "CASE", "--lang", "zh-Hans"], ["unknown language `zh-Hans`", "did you mean `zh-Hant`"]),
        (["data", "shw", "toy3"], ["shw"]),
        (["assess", "no/such.toml"], ["no such file", "no/such.toml"]),
    ],
)
def test_bad_command_lines(cli: Cli, case: str, tokens: list[str], says: list[str]) -> None:
    refused(cli(*[case if token == "CASE" else token for token in tokens]), *says)


@pytest.mark.parametrize("option", ["--html", "--xlsx"])
def test_an_unknown_folder_is_refused_before_anything_is_solved(
    cli: Cli, case: str, tmp_path: Path, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("solved before the options were checked")

    monkeypatch.setattr("tradewinds.verbs.assess.run_case", never)
    refused(cli("assess", case, option, tmp_path / "no" / "brief.x"), "no folder", "hint: create the folder first")
    assert not (tmp_path / "no").exists()


def test_nothing_is_written_where_one_of_the_targets_is_impossible(cli: Cli, case: str, tmp_path: Path) -> None:
    taken = write(tmp_path / "taken", "mine")
    ran = cli("assess", case, "--draws", 1, "--html", tmp_path / "b.html", "--csv", taken)
    refused(ran, "is a file", "a folder")
    assert taken.read_text("utf-8") == "mine" and not (tmp_path / "b.html").exists()


@pytest.mark.parametrize("option", ["--html", "--xlsx"])
def test_a_folder_in_place_of_the_file_is_refused(cli: Cli, case: str, tmp_path: Path, option: str) -> None:
    (tmp_path / "brief").mkdir()
    refused(cli("assess", case, "--draws", 1, option, tmp_path / "brief"), "is a folder")
    assert {path.name for path in tmp_path.iterdir()} == {"case", "brief"}
    assert not list((tmp_path / "brief").iterdir())


@pytest.mark.parametrize("option", ["--html", "--xlsx"])
def test_a_failure_while_writing_leaves_the_old_file(
    cli: Cli, case: str, tmp_path: Path, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = write(tmp_path / f"brief.{option[2:]}", "yesterday's")

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", full)
    refused(cli("assess", case, "--draws", 1, option, old), "cannot write the file", "disk full")
    assert old.read_text("utf-8") == "yesterday's"
    assert {path.name for path in tmp_path.iterdir()} == {"case", old.name}


def test_a_scenario_without_an_equilibrium_exits_3_and_writes_nothing(
    cli: Cli, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hopeless(self: Calibrated, *_: object, **__: object) -> None:
        raise ConvergenceError("no equilibrium after 150 sweeps", where=self.world.name, hint="try a smaller change")

    monkeypatch.setattr(Calibrated, "solve", hopeless)
    refused(
        cli("assess", case, "--draws", 1, "--html", tmp_path / "b.html"),
        "no equilibrium",
        "in toy3",
        code=3,
    )
    assert not (tmp_path / "b.html").exists()


def test_a_solver_that_may_not_iterate_says_so(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal is the engine's own: a tolerance no rounding can meet."""
    impossible = solvers.Options(tolerance=1e-30, sweeps=3)
    solve = Calibrated.solve
    monkeypatch.setattr(
        Calibrated, "solve", lambda self, shock, *, guess=None, options=None: solve(self, shock, options=impossible)
    )
    path = write_case(tmp_path)
    refused(cli("assess", path, "--draws", 1), "no equilibrium", "toy3", code=3)
    to = tmp_path / "out.nc"
    refused(cli("data", "export", path, to), "no equilibrium after", "residual below 1e-30", "hint: try", code=3)
    assert not to.exists()


@pytest.mark.parametrize(("act", "code"), [("set = 49.0", 0), ("set = 51.0", 2), ("add = -2.0", 2), ("set = nan", 2)])
def test_an_absurd_duty_is_solved_or_refused_honestly(cli: Cli, tmp_path: Path, act: str, code: int) -> None:
    path = write_case(tmp_path, scenario=SCENARIO.replace("add = 0.05", act))
    ran = cli("assess", path, "--draws", 1, "--json")
    assert ran.code == code
    if code:
        refused(ran, "tariff_new")
    else:
        assert ran.data["status"] == "converged"


def test_several_faults_of_a_file_are_told_at_once(cli: Cli, tmp_path: Path) -> None:
    text = SCENARIO.replace('headline = "draft"', 'headline = "drift"').replace("[2027, 2031]", "[2031, 2027]")
    refused(cli("assess", write_case(tmp_path, scenario=text)), "2 faults in", "`drift`", "hint: did you mean `draft`?")


def test_main_leaves_with_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["assess", "nothing"])
    assert left.value.code == 2
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", capsys.readouterr().out.strip().split()[-1])


def test_a_truncated_world_is_refused(cli: Cli, tmp_path: Path) -> None:
    save_world(open_world("toy3"), tmp_path / "w.npz")
    whole = (tmp_path / "w.npz").read_bytes()
    (tmp_path / "half.npz").write_bytes(whole[: len(whole) // 2])
    refused(cli("data", "show", tmp_path / "half.npz"), "half.npz", "not a world file")
    np.savez(tmp_path / "other.npz", x=np.ones(3))
    refused(cli("data", "show", tmp_path / "other.npz"), "other.npz", "not a world file")
    refused(cli("data", "show", tmp_path / "none.npz"), "no such file")


def test_the_scenario_on_the_page_is_toml() -> None:
    assert tomllib.loads(SCENARIO)["id"] == "small"
