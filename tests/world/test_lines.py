"""`Lines`: what it refuses, selection, the file, regimes, search, and the embedded tariffs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tradewinds.core.errors import Faults, InputError, LabelError
from tradewinds.core.sources import sources
from tradewinds.world.lines import Lines
from tradewinds.world.lines.check import unknown_codes
from tradewinds.world.lines.regimes import STANDING, regime, regimes, serving
from tradewinds.world.lines.schema import GOODS, RATES
from tradewinds.world.lines.search import find_lines, fold
from tradewinds.world.lines.tariffs import coverage, open_lines, tariff_store

KEY = {"importer": "TWN", "revision": "HS2022", "line": "87081000"}
RATE: dict[str, Any] = {
    **KEY,
    "regime": "mfn",
    "text": "10%",
    "dialect": "generic",
    "valid_from": dt.date(2026, 1, 1),
    "valid_to": dt.date(2026, 12, 31),
    "source": "user",
    "grade": "measured",
}


def build(*rates: dict[str, Any], goods: list[dict[str, Any]] | None = None, **attributes: Any) -> Lines:
    held = goods or [{**KEY, "description_en": "Bumpers", "description_zh": "保險桿", "vat": 0.05}]
    return Lines.build("own", held, [{**RATE, **rate} for rate in rates], attributes=attributes)


def refused(*rates: dict[str, Any], goods: list[dict[str, Any]] | None = None) -> str:
    with pytest.raises(InputError) as caught:
        build(*rates, goods=goods)
    return str(caught.value)


def test_a_rate_is_read_when_it_is_built() -> None:
    row = build({"text": "5% + 12 TWD/kg"}).rates.iloc[0]
    assert (row["kind"], row["rate"], row["amount"], row["currency"], row["duty_unit"]) == (
        "compound", 0.05, 12.0, "TWD", "kg",
    )  # fmt: skip
    assert row["role"] == "applied" and row["understood"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"regime": "mnf"}, "did you mean `mfn`"),
        ({"regime": "ecfa"}, "unknown regime `ecfa`"),
        ({"dialect": "klingon"}, "unknown dialect"),
        ({"grade": "measurd"}, "did you mean `measured`"),
        ({"source": "nobody"}, "unknown source"),
        ({"role": "final"}, "unknown role"),
        ({"line": "99999999"}, "a rate on a line that is not there"),
        ({"valid_from": None}, "no first day"),
        ({"valid_to": dt.date(2025, 1, 1)}, "the last day is before the first"),
        ({"text": "6000%"}, "up to 5000 %"),
        ({"text": "-5%"}, "negative duty `-5%`"),
        ({"colour": "red"}, "unknown column `colour`"),
    ],
)
def test_a_bad_rate(change: dict[str, Any], said: str) -> None:
    assert said in refused(change)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"line": "8708.10"}, "2 to 12 digits"),
        ({"line": "8"}, "2 to 12 digits"),
        ({"line": "８７０８"}, "2 to 12 digits"),
        ({"importer": "Taiwan"}, "three capital letters"),
        ({"revision": ""}, "no revision"),
        ({"season": "June"}, "MM-DD..MM-DD"),
        ({"vat": 5.0}, "a fraction from 0 to 1"),
        ({"import_regime": "MW0"}, "unknown import regime"),
    ],
)
def test_a_bad_line(change: dict[str, Any], said: str) -> None:
    assert said in refused({**{k: v for k, v in change.items() if k in KEY}}, goods=[{**KEY, **change}])


def test_two_rates_for_one_day_and_overlapping_dates() -> None:
    assert "two rates for one line, regime and date" in refused({}, {"text": "5%"})
    assert "dates overlap" in refused({"valid_to": None}, {"valid_from": dt.date(2026, 6, 1)})
    follows = {"valid_from": dt.date(2027, 1, 1), "valid_to": None}
    assert len(build({}, follows).rates) == 2
    assert len(build({}, {"role": "base"}, {"regime": "bound"}).rates) == 3


def test_a_line_that_stands_twice() -> None:
    assert "the line stands twice" in refused({}, goods=[KEY, KEY])


def test_all_faults_come_at_once_and_many_are_counted() -> None:
    with pytest.raises(Faults) as caught:
        build({"regime": "mnf"}, {"grade": "bad"}, {"line": "1234"})
    assert len(caught.value.faults) >= 3
    many = [{"line": f"{k:08d}"} for k in range(300)]
    assert "and 250 more" in refused(*many)


def test_own_groups_are_regimes() -> None:
    assert len(build({"regime": "draft"}, groups={"draft": ["CHN"]}).rates) == 1


def test_what_is_not_understood_is_kept() -> None:
    lines = build({"text": "see note 3"})
    row = lines.rates.iloc[0]
    assert (row["kind"], row["text"], row["understood"]) == ("text", "see note 3", False)
    assert pd.isna(row["rate"])
    report = coverage(lines)
    assert report.unread == (("see note 3", 1, "87081000"),) and report.understood_share == 0


def test_lines_cannot_be_altered() -> None:
    lines = build({})
    with pytest.raises(AttributeError):
        lines.name = "other"  # type: ignore[misc]
    goods, rates = lines.goods, lines.rates
    goods["line"] = "00"
    goods.loc[0, "vat"] = 0.9
    rates.loc[0, "rate"] = 9.9
    assert list(lines.goods["line"]) == ["87081000"] and lines.goods["vat"][0] == 0.05 and lines.rates["rate"][0] == 0.1


def test_select_by_code_regime_and_date() -> None:
    lines = build({}, {"regime": "bound", "valid_to": None})
    assert len(lines.select("8708").rates) == 2
    assert len(lines.select("8709")) == 0
    assert len(lines.select(["01", "87"], regime="bound").rates) == 1
    assert list(lines.select(on=dt.date(2027, 1, 1)).rates["regime"]) == ["bound"]
    assert len(lines.select(on=dt.date(2025, 1, 1)).rates) == 0
    assert len(lines.select(importer="JPN")) == 0 and len(lines.select(role="base").rates) == 0


def test_descriptions_in_the_languages_there_are() -> None:
    assert [c for c in build({}).descriptions() if c.startswith("description")] == ["description_en", "description_zh"]


def test_saved_and_loaded_they_are_the_same(tmp_path: Path) -> None:
    lines = build({}, {"regime": "bound", "text": "35%＋799円/kg", "dialect": "japan", "valid_to": None}, title="own")
    lines.save(tmp_path / "own.parquet")
    again = Lines.load(tmp_path / "own.parquet")
    assert same(lines, again) and again.attributes == lines.attributes
    lines.save(tmp_path / "twice.parquet")
    assert (tmp_path / "own.parquet").read_bytes() == (tmp_path / "twice.parquet").read_bytes()
    assert open_lines(str(tmp_path / "own.parquet")).name == "own"


def same(one: Lines, other: Lines) -> bool:
    """The same rows, whatever their order."""
    for a, b in ((one.goods, other.goods), (one.rates, other.rates)):
        text_a, text_b = (sorted(map(str, f.astype(str).to_dict("records"))) for f in (a, b))
        if text_a != text_b:
            return False
    return True


def test_half_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.parquet"
    build({}).save(path)
    whole = path.read_bytes()
    for broken in (whole[: len(whole) // 2], b"", b"PAR1"):
        path.write_bytes(broken)
        with pytest.raises(InputError, match="half of one"):
            Lines.load(path)
    with pytest.raises(InputError, match="no such file"):
        Lines.load(tmp_path / "none.parquet")


def test_another_parquet_file_is_refused(tmp_path: Path) -> None:
    import duckdb

    duckdb.sql("SELECT 1 AS line").write_parquet(str(tmp_path / "other.parquet"))
    with pytest.raises(InputError, match="not a file of tariff lines"):
        Lines.load(tmp_path / "other.parquet")


def test_a_failed_save_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own.parquet"
    build({}).save(path)
    before = path.read_bytes()
    monkeypatch.setattr("tradewinds.world.lines.store._plain", lambda frame, name: "nonsense(")
    with pytest.raises(Exception, match=r"(?i)syntax|parser"):
        build({"text": "1%"}).save(path)
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


def test_codes_outside_a_revision() -> None:
    faults = unknown_codes(build({}).goods, {"870899"}, where="own")
    assert [f.what for f in faults] == ["code `87081000` is not in the revision"]
    assert not unknown_codes(build({}).goods, {"870810"}, where="own")


# ---- regimes -----------------------------------------------------------------------------------------------------


def test_whom_a_regime_serves_depends_on_the_date() -> None:
    assert [r.id for r in serving("CHN", "KOR", dt.date(2026, 1, 1))] == ["apta", "chn-kor"]
    assert "GBR" in regime("JPN", "jpn-eun").members(dt.date(2020, 6, 1))
    assert "GBR" not in regime("JPN", "jpn-eun").members(dt.date(2021, 6, 1))
    assert regime("JPN", "cptpp").members(dt.date(2018, 12, 30)) == ("AUS", "CAN", "MEX", "NZL", "SGP")
    assert regime("JPN", "rcep", "KOR").members() == ("KOR",)
    assert serving("CHN", "TWN", dt.date(2010, 12, 31)) == () and regimes("ZZZ") == ()


def test_an_unknown_regime() -> None:
    with pytest.raises(LabelError, match="did you mean `ecfa`"):
        regime("CHN", "efca")


# ---- embedded tariffs --------------------------------------------------------------------------------------------

COUNTS = {
    "china-2026": (12_030, 249_839),
    "japan-2025-06": (9_663, 215_463),
    "japan-2026-04": (9_651, 215_162),
    "evfta": (18_925, 18_925),
    "vkfta": (2_230, 2_230),
    "korus": (100, 2_100),
    "korus-2018": (6, 186),
    "ausfta": (100, 1_362),
}
SIDES = {("evfta", "EUN"): 9_367, ("evfta", "VNM"): 9_558, ("vkfta", "KOR"): 990, ("vkfta", "VNM"): 1_240}
every_tariff = pytest.mark.parametrize("name", COUNTS)


def test_the_store_holds_these_tariffs() -> None:
    assert set(tariff_store()) == set(COUNTS)
    with pytest.raises(LabelError, match="did you mean `evfta`"):
        open_lines("evfat")


@every_tariff
def test_counts_and_coverage(name: str) -> None:
    report = coverage(open_lines(name))
    assert (report.lines, report.rates) == COUNTS[name]
    assert report.understood_share >= 0.99
    assert sum(report.kinds.values()) == sum(report.regimes.values()) == report.rates
    assert sum(count for _, count, _ in report.unread) == report.rates - report.understood
    assert report.taxes_unread == ()


@every_tariff
def test_an_embedded_tariff_is_small_and_would_be_built_again(name: str) -> None:
    lines = open_lines(name)
    path = Path(str(__import__("tradewinds").__file__)).parent / "world" / "embedded" / "tariffs" / f"{name}.parquet"
    assert path.stat().st_size < 3_000_000
    assert list(lines.goods) == list(GOODS) and list(lines.rates) == list(RATES)
    assert {str(s) for s in lines.rates["source"].unique()} <= {k for k, s in sources().items() if s.redistribute}
    assert same_understanding(lines)


def same_understanding(lines: Lines) -> bool:
    """The stored components are those that today's language reads from the stored words."""
    again = Lines.build(lines.name, lines.goods, lines.rates, attributes=lines.attributes)
    return bool(lines.rates[["kind", "rate", "amount"]].astype(object).equals(
        again.rates[["kind", "rate", "amount"]].astype(object)
    ))  # fmt: skip


def test_china() -> None:
    lines = open_lines("china-2026")
    early = lines.select(regime="ecfa").rates
    assert len(early) == 658 and set(early["kind"]) == {"free"}
    by = coverage(lines).regimes
    assert (by["mfn"], by["provisional"], by["general"]) == (12_029, 1_281, 12_029)
    assert "rcep" not in by and any("Regional Comprehensive" in what for what in lines.attributes["lacks"])
    assert lines.goods["vat"].isin([0.13, 0.09, 0.03, 0.0]).sum() == 12_029
    assert {str(r) for r in by} - set(STANDING) == {r.id for r in regimes("CHN")}


def test_japan_between_two_vintages_a_step_was_taken() -> None:
    old, new = (open_lines(f"japan-{v}").rates for v in ("2025-06", "2026-04"))
    key = ["line", "season", "regime", "group"]
    both = old.astype(dict.fromkeys(key, str)).merge(new.astype(dict.fromkeys(key, str)), on=key, suffixes=("", "_new"))
    fell, rose = (both["rate_new"] < both["rate"] - 1e-9).sum(), (both["rate_new"] > both["rate"] + 1e-9).sum()
    assert fell > 3000 and rose < 0.02 * fell


def test_japan_oranges_by_season_and_the_applied_rate() -> None:
    lines = open_lines("japan-2026-04")
    summer, winter = (lines.select("080510000", regime="mfn", on=dt.date(2026, m, 15)) for m in (7, 12))
    assert list(summer.rates["rate"]) == [0.16] and list(winter.rates["rate"]) == [0.32]
    assert len(summer) == 1


@pytest.mark.parametrize(("name", "importer"), SIDES)
def test_sides_of_the_schedules(name: str, importer: str) -> None:
    side = open_lines(name).select(importer=importer)
    assert len(side) == SIDES[name, importer]
    assert side.rates["understood"].mean() >= 0.99
    assert (side.rates["staging"] != "").all() and set(side.rates["role"]) == {"base"}


def test_korus_pickups_keep_25_per_cent_to_2040() -> None:
    rates = open_lines("korus-2018").select("87042100", role="applied", on=dt.date(2040, 1, 1)).rates
    assert list(rates["rate"]) == [0.25]
    assert list(open_lines("korus-2018").select("87042100", role="applied", on=dt.date(2045, 1, 1)).rates["rate"]) == [
        0
    ]


def test_trial_words_in_the_korus_sample_are_listed() -> None:
    assert {text.split(" ")[0] for text, _, _ in coverage(open_lines("korus")).unread} == {
        "bat", "ball", "turtle", "zebra",
    }  # fmt: skip


# ---- search ------------------------------------------------------------------------------------------------------


def test_traditional_and_simplified_find_the_same() -> None:
    lines = open_lines("china-2026")
    traditional, simplified = find_lines(lines, "車"), find_lines(lines, "车")
    assert len(traditional) == 688 and traditional == simplified
    assert find_lines(lines, "針織") == find_lines(lines, "针织") != ()


def test_japanese_shapes_match_too() -> None:
    assert fold("鉄") == fold("鐵") == fold("铁") and fold("ＡＢＣ") == "abc"
    lines = open_lines("japan-2026-04")
    assert find_lines(lines, "綿織物") == find_lines(lines, "绵织物") != ()
    assert find_lines(lines, "自動車")[0].language == "ja"


def test_search_by_code() -> None:
    lines = open_lines("china-2026")
    found = find_lines(lines, "8708.10")
    assert found and all(f.line.startswith("870810") for f in found) and found == find_lines(lines, "8708 10")
    assert all(f.line.startswith("87") for f in find_lines(lines, "87 座椅"))


def test_search_in_english_is_ranked_and_by_beginnings_of_words() -> None:
    lines = open_lines("evfta")
    assert find_lines(lines, "CHEESE", limit=1)[0].description.startswith("Cheese")
    assert not any("ricefield" in f.description for f in find_lines(lines, "field"))
    scores = [f.score for f in find_lines(lines, "cheese")]
    assert scores == sorted(scores, reverse=True)


def test_nothing_found_and_nothing_asked() -> None:
    assert find_lines(open_lines("vkfta"), "zeppelin") == ()
    with pytest.raises(InputError, match="nothing to look for"):
        find_lines(open_lines("vkfta"), "  ")
