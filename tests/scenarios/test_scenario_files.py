"""Scenario files: the library's are in order; faults are told with place and near miss, several at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from small_case import CASES, SCENARIO, scenario_table, write_case
from tradewinds.core.errors import Faults, InputError, LabelError
from tradewinds.core.language import LANGUAGES
from tradewinds.scenarios.run import prepare_world
from tradewinds.scenarios.scenario import Scenario, assumed_of, open_case, parse_scenario, read_scenario

Spoil = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize("name", CASES)
def test_library_case_is_in_order(name: str) -> None:
    scenario = open_case(name).scenario
    assert scenario.id == name
    texts = [scenario.title, scenario.question, scenario.benchmark, scenario.sign, *scenario.cautions]
    texts += [v.title for v in scenario.variant] + [*scenario.comparison.reasons]
    for words in texts:
        assert set(words) == set(LANGUAGES)
        assert words["en"] != words["zh-Hant"]
    assert len(set(scenario.rivals)) == len(scenario.rivals)
    assert not set(scenario.rivals) & set(scenario.parties)
    assert all(shock.because for shock in scenario.shock)


@pytest.mark.parametrize("name", CASES)
def test_library_case_survives_the_round_trip(name: str) -> None:
    scenario = open_case(name).scenario
    assert parse_scenario(scenario.model_dump(by_alias=True), where=name) == scenario


def put(key: str, value: Any) -> Spoil:
    return lambda table: table.__setitem__(key, value)


def in_shock(**fields: Any) -> Spoil:
    def spoil(table: dict[str, Any]) -> None:
        row = table["shock"][0]
        row.update(fields)
        for key in [k for k, v in fields.items() if v is None]:
            del row[key]

    return spoil


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (put("headline", "draf"), ["unknown variant `draf`", "did you mean `draft`"]),
        (put("years", [2031, 2027]), ["years [2031, 2027]", "rising, none twice"]),
        (put("years", [2027, 2027]), ["years [2027, 2027]", "rising, none twice"]),
        (put("years", []), ["years", "at least 1"]),
        (put("years", [2027.5]), ["years.1"]),
        (lambda t: t["published"][0].update(measure="gdp_pct"), ["published.1", "did you mean `real_gdp_pct`"]),
        (lambda t: t["published"][0].update(source="moea-2105"), ["published.1", "did you mean `moea-2015`"]),
        (in_shock(variable="tarif_rate"), ["shock.1", "unknown variable `tarif_rate`", "did you mean `tariff_rate`"]),
        (in_shock(variable="trade_fob"), ["shock.1", "unknown variable `trade_fob`"]),
        (in_shock(add=None), ["shock.1", "no or several values", "set, add, multiply"]),
        (in_shock(set=0.1), ["shock.1", "no or several values"]),
        (in_shock(over="exporter"), ["shock.1", "no or several values"]),
        (in_shock(add=None, by={"CAN": 0.1}), ["shock.1", "no or several values"]),
        (in_shock(add=None, over="region", by={"CAN": 0.1}), ["shock.1", "unknown dimension `region`"]),
        (in_shock(where={"importr": "GBR"}), ["shock.1", "unknown dimension `importr`", "did you mean `importer`"]),
        (in_shock(becuase="x"), ["shock.1", "did you mean `because`"]),
        (put("assume", {"capital_shar": 0.4}), ["[assume]", "did you mean `capital_share`"]),
        (put("assume", {"capital_share": -0.4}), ["capital_share = -0.4", "not negative"]),
        (put("assume", {"capital_share": float("nan")}), ["capital_share = nan", "not negative"]),
        (put("assume", {"capital_share": "much"}), ["capital_share = 'much'", "a number"]),
        (put("comparison", {"closure": "longrun"}), ["unknown closure `longrun`", "did you mean `long_run`"]),
        (put("world", "world-2202"), ["unknown world `world-2202`", "did you mean `world-2022`"]),
        (lambda t: t["variant"].append(dict(t["variant"][0])), ["variant draft named twice"]),
        (put("variant", []), ["variant", "at least 1"]),
        (put("me", "Norway"), ["me (given 'Norway')", "^[A-Z]{3}$"]),
        (put("schema", "scenario/9"), ["schema", "scenario/1"]),
        (lambda t: t.pop("sign"), ["`sign` is missing"]),
        (put("yaers", [2027]), ["unknown key `yaers`", "did you mean `years`"]),
    ],
)
def test_one_fault_is_refused_with_place_and_rule(spoil: Spoil, says: list[str]) -> None:
    table = scenario_table()
    spoil(table)
    with pytest.raises(InputError) as caught:
        parse_scenario(table, where="small.toml")
    assert caught.value.exit_code == 2
    for words in says:
        assert words in str(caught.value)


def test_several_faults_are_told_at_once() -> None:
    table = scenario_table()
    table["headline"] = "nothing"
    table["years"] = [2030, 2029]
    table["world"] = "toy4"
    table["shock"].append({"variable": "wage", "set": 1.0, "because": "x"})
    table["shock"].append({"variable": "tariff_rate", "because": "x"})
    table["assume"] = {"capital": 1}
    table["published"][0]["measure"] = "gdp"
    with pytest.raises(Faults) as caught:
        parse_scenario(table, where="small.toml")
    text = str(caught.value)
    assert len(caught.value.faults) == 7
    for words in ("`nothing`", "[2030, 2029]", "`toy4`", "shock.2", "shock.3", "`capital`", "published.1"):
        assert words in text


def test_unknown_agreements_and_their_faults_are_told_at_once(tmp_path: Path) -> None:
    path = write_case(
        tmp_path,
        scenario=SCENARIO.replace('agreements = ["can-nor"]', 'agreements = ["can-nor", "ecfa-good", "nothing"]'),
        agreement='schema = "agreement/1"\nid = "x"\n',
    )
    with pytest.raises(Faults) as caught:
        open_case(path)
    text = str(caught.value)
    assert "did you mean `ecfa-goods`" in text and "`nothing`" in text
    assert text.count("is missing") == 5  # title, status, parties, in_force, mapped_by of the agreement


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ('me = "NOR"', 'me = "NRO"', ["unknown economy `NRO`", "did you mean `NOR`"]),
        ('rivals = ["GBR"]', 'rivals = ["FRA"]', ["unknown economy `FRA`"]),
    ],
)
def test_economies_the_world_does_not_have(tmp_path: Path, was: str, now: str, says: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        prepare_world(open_case(write_case(tmp_path, scenario=SCENARIO.replace(was, now))))
    for words in says:
        assert words in str(caught.value)


def test_labels_of_shocks_and_figures_the_world_does_not_have_are_told_at_once(tmp_path: Path) -> None:
    text = SCENARIO.replace('sector = "food"', 'sector = ["food", "fud"]').replace(
        'importer = "GBR"', 'importer = "GRB"'
    )
    text = text.replace('economy = "NOR"', 'economy = "SWE"')
    case = open_case(write_case(tmp_path, scenario=text))
    with pytest.raises(Faults) as caught:
        case.change(prepare_world(case), 2031)
    told = str(caught.value)
    assert len(caught.value.faults) == 3
    for words in ("small: published.1", "`SWE`", "small: shock.1", "did you mean `GBR`", "did you mean `food`"):
        assert words in told


@pytest.mark.parametrize("name", ["nothing", "ecfa"])
def test_an_unknown_case_is_refused(name: str) -> None:
    with pytest.raises(LabelError) as caught:
        open_case(name)
    assert "ecfa-goods" in str(caught.value)
    assert "hint:" in str(caught.value)


def test_unknown_variant_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="did you mean `draft`"):
        open_case(write_case(tmp_path)).variant("drft")


def test_a_folder_is_a_case(tmp_path: Path) -> None:
    write_case(tmp_path, name="scenario")
    assert open_case(str(tmp_path)).scenario.id == "small"
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no such file"):
        open_case(str(tmp_path / "empty"))


@pytest.mark.parametrize(
    ("content", "says"),
    [(SCENARIO.encode()[:200], "not TOML"), ("é".encode("latin-1"), "not TOML"), (b"", "missing")],
    ids=["half", "latin-1", "empty"],
)
def test_broken_files_are_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "broken.toml").write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_scenario(tmp_path / "broken.toml")
    assert says in str(caught.value) and "broken.toml" in str(caught.value)


def test_absent_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_scenario(tmp_path / "none.toml")
    with pytest.raises(InputError, match="cannot be read"):
        read_scenario(tmp_path)


def test_overrides_carry_their_value() -> None:
    table = scenario_table()
    table["assume"] = {"labour_supply": 0.25, "trade_elasticity": 5}
    scenario = parse_scenario(table, where="small.toml")
    assert isinstance(scenario, Scenario)
    assert assumed_of(scenario)["labour_supply"] == 0.25
    assert assumed_of(scenario).ids("labour_supply", "capital_share") == ("A-001", "A-004 = 0.25")


def test_elasticities_of_ones_own_choice(tmp_path: Path) -> None:
    number = prepare_world(open_case(write_case(tmp_path, scenario=SCENARIO + "\n[assume]\ntrade_elasticity = 6\n")))
    assert number.values("trade_elasticity").tolist() == [6, 6]
    wrong = open_case(write_case(tmp_path, scenario=SCENARIO + '\n[assume]\ntrade_elasticity = "shapiro"\n'))
    with pytest.raises(LabelError, match="unknown elasticity set `shapiro`"):
        prepare_world(wrong)
