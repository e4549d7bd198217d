"""Readers of national tariffs and schedules, on miniatures of each layout."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from tradewinds.core.errors import InputError
from tradewinds.data.tariffs.build import RECIPES, build_tariff
from tradewinds.data.tariffs.china import read_china
from tradewinds.data.tariffs.japan import applied_mfn, read_japan
from tradewinds.data.tariffs.schedules import read_schedules
from tradewinds.data.tariffs.us_tool import read_us_tool
from tradewinds.world.lines import Lines
from tradewinds.world.lines.tariffs import coverage, tariff_store

MOCK = Path(__file__).parents[2] / "mock" / "tariffs"


def china(path: Path = MOCK / "china.csv") -> Lines:
    return read_china(path, year=2026)


def japan(path: Path = MOCK / "japan.csv") -> Lines:
    return read_japan(path, valid_from=dt.date(2026, 4, 1), valid_to=None, name="japan")


def schedules(path: Path = MOCK / "schedules.csv") -> Lines:
    return read_schedules(path, agreement="evfta")


def us_tool(path: Path = MOCK / "us_tool.csv") -> Lines:
    return read_us_tool(path, agreement="korus", revision="HS2007")


READERS: dict[str, Callable[[Path], Lines]] = {
    "china": china, "japan": japan, "schedules": schedules, "us_tool": us_tool,
}  # fmt: skip


def rate(lines: Lines, line: str, regime: str, **which: str) -> str:
    rows = lines.select(line, regime=regime, role=which.pop("role", None)).rates
    for column, value in which.items():
        rows = rows[rows[column] == value]
    (text,) = rows["text"]
    return str(text)


def test_china() -> None:
    lines = china()
    assert len(lines) == 6
    assert rate(lines, "8708100000", "ecfa") == "0" and rate(lines, "8708100000", "chn-kor") == "3.2"
    assert coverage(lines).understood_share == 1
    good = lines.goods.set_index("line").loc["8708100000"]
    assert (good["vat"], good["unit"], good["controls"]) == (0.13, "千克", "A")
    assert len(lines.select("5201000080").rates) == 1  # a line with nothing but one agreement's rate
    assert set(lines.rates["valid_to"].dt.strftime("%Y-%m-%d")) == {"2026-12-31"}


def test_japan() -> None:
    lines = japan()
    assert sorted(lines.goods["season"].unique()) == ["", "06-01..11-30", "12-01..05-31"]
    assert rate(lines, "010129100", "mfn") == "無税"
    assert rate(lines, "080510000", "mfn", season="06-01..11-30") == "16%"
    assert rate(lines, "870322000", "rcep", group="KOR") == "(1.1%)"
    assert coverage(lines).unread == (("◆3", 1, "240310010"),)


@pytest.mark.parametrize(
    ("general", "temporary", "wto", "expect"),
    [
        ("20%", "", "16%", "16%"),
        ("無税", "", "(5%)", "無税"),
        ("10%", "4.2%", "6%", "4.2%"),
        ("10%", "", "", "10%"),
        ("無税", "", "8.5%", "無税"),
        ("(35%＋466円/kg)", "", "29.8%＋396円/kg", "29.8%＋396円/kg"),
        ("", "36%＋130円/kg", "*29.8%＋396円/kg", "36%＋130円/kg又は29.8%＋396円/kgのうちいずれか低い税率"),
        ("", "49円/kg", "(341円/kg)", "49円/kg"),
    ],
)
def test_the_rate_japan_applies(general: str, temporary: str, wto: str, expect: str) -> None:
    assert applied_mfn({"general": general, "temporary": temporary, "wto": wto})[0] == expect


def test_schedules() -> None:
    lines = schedules()
    assert len(lines) == 7
    parts = lines.select("64039113").goods
    assert list(parts["ex"]) == ["B", "A"] and parts["description_en"].iloc[0] == "------ Sports footwear"
    assert rate(lines, "04051011", "evfta") == "189.6 EUR/100 kg"
    butter = lines.goods.set_index("line").loc["04051011"]
    assert butter["description_en"].endswith("not exceeding 85 %")
    assert [text for text, _, _ in coverage(lines).unread] == ["4.5 MIN 0.3 EUR/p/st MAX"]
    assert rate(read_schedules(MOCK / "schedules.csv", agreement="vkfta"), "0306131000", "vkfta") == "20"


def test_us_tool() -> None:
    lines = us_tool()
    assert rate(lines, "01011000", "korus", role="base") == "2.8 cents/kg + 2.2%"
    assert lines.attributes["before_entry"] == 1
    horses = lines.select("0101", role="applied").rates
    assert list(horses["text"]) == ["1.4 cents/kg + 1.1%", "0%"]
    assert horses["valid_from"].iloc[0].date() == dt.date(2012, 3, 15)
    assert horses["valid_to"].isna().tolist() == [False, True]
    beef = lines.goods.set_index("line").loc["02013050"]
    assert beef["quota"] == "Goods subject to a Safeguard , see note" and beef["origin"] == "A change, & more."
    assert [text for text, _, _ in coverage(lines).unread] == ["frog"]


def test_us_tool_as_a_workbook(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (MOCK / "us_tool.csv").read_text("utf-8").splitlines()[:1]:
        sheet.append([cell.strip() for cell in row.split(",")])
    sheet.append(
        [4, "87042100", "Trucks", "870421", 25, None, 2041, "30 Years", None, "", "Korea", "United States", "r"]
    )
    sheet.append([])
    book.save(tmp_path / "tool.xlsx")
    assert rate(us_tool(tmp_path / "tool.xlsx"), "87042100", "korus") == "25%"
    (tmp_path / "half.xlsx").write_bytes((tmp_path / "tool.xlsx").read_bytes()[:900])
    with pytest.raises(InputError, match="not a whole Excel workbook"):
        us_tool(tmp_path / "half.xlsx")


@pytest.mark.parametrize("name", READERS)
def test_a_missing_an_empty_and_a_broken_file(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        READERS[name](tmp_path / "none.csv")
    (tmp_path / "empty.csv").write_text("", "utf-8")
    with pytest.raises(InputError, match="empty"):
        READERS[name](tmp_path / "empty.csv")
    (tmp_path / "latin.csv").write_bytes(b"hs10,\xff\xfe\n")
    with pytest.raises(InputError, match="UTF-8"):
        READERS[name](tmp_path / "latin.csv")
    packed = gzip.compress((MOCK / f"{name}.csv").read_bytes())
    (tmp_path / "half.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(InputError, match="not a whole CSV"):
        READERS[name](tmp_path / "half.csv.gz")
    (tmp_path / "whole.csv.gz").write_bytes(packed)
    assert len(READERS[name](tmp_path / "whole.csv.gz"))


SPOILT = [
    ("china", "8708100000", "870810", "10 digits"),
    ("china", ",13,,,千克,A\n", ",thirteen,,,千克,A\n", "VAT `thirteen`"),
    ("china", "TWN_ECFA", "TWN_EFCA", "column `TWN_EFCA`"),
    ("china", "name_zh", "name", "missing column `name_zh`"),
    ("china", "0207141100", "8708100000", "stands twice"),
    ("china", "千克,AB\n", "千克,AB,x,y,z\n", "as in the header"),
    ("japan", "010129,100", "01012,100", "6 digits"),
    ("japan", "RCEP_KOR", "RCEP_JPN", "column `RCEP_JPN`"),
    ("japan", "870322,000", "010129,100", "stands twice"),
    ("schedules", "04051011", "0405 10", "4 to 12 digits"),
    ("schedules", ",B7,", ",,", "no staging category"),
    ("schedules", "EVFTA,EUN,VNM,CN2012,18063100", "EVFTA,EUM,VNM,CN2012,18063100", "did you mean `EUN`"),
    ("schedules", "87089100", "87032191", "stands twice"),
    ("us_tool", "02013050", "03013050", "a code under 020130"),
    (
        "us_tool",
        "Korea,United States,A change from",
        "Corea,United Stats,A change from",
        "did you mean `United States`",
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), SPOILT)
def test_a_fault_is_told_with_its_place(name: str, old: str, new: str, said: str, tmp_path: Path) -> None:
    text = (MOCK / f"{name}.csv").read_text("utf-8")
    assert old in text
    path = tmp_path / "spoilt.csv"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(InputError) as caught:
        READERS[name](path)
    assert said in str(caught.value)


def test_all_faults_of_a_file_at_once(tmp_path: Path) -> None:
    text = (MOCK / "china.csv").read_text("utf-8").replace("8708100000", "x").replace("0207141100", "y")
    (tmp_path / "c.csv").write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        china(tmp_path / "c.csv")
    assert "code `x`" in str(caught.value) and "code `y`" in str(caught.value)


def test_an_agreement_that_is_not_in_the_file() -> None:
    with pytest.raises(InputError, match="did you mean `evfta`"):
        read_schedules(MOCK / "schedules.csv", agreement="evft")


def test_build_writes_what_it_returns(tmp_path: Path) -> None:
    raw = tmp_path / "raw" / "china_tariff_2026"
    raw.mkdir(parents=True)
    (raw / "china_tariff_2026_hs10.csv.gz").write_bytes(gzip.compress((MOCK / "china.csv").read_bytes()))
    built = build_tariff("china-2026", tmp_path / "raw", tmp_path / "out.parquet")
    assert len(built) == 6 and (tmp_path / "out.parquet").is_file()
    with pytest.raises(InputError, match="is missing"):
        build_tariff("evfta", tmp_path / "raw", tmp_path / "e.parquet")
    with pytest.raises(InputError, match="no such folder"):
        build_tariff("evfta", tmp_path / "nowhere", tmp_path / "e.parquet")
    with pytest.raises(InputError, match="unknown tariff"):
        build_tariff("narnia", tmp_path / "raw", tmp_path / "e.parquet")
    assert set(RECIPES) == set(tariff_store())
