"""The template: a good one, every kind of bad one, and the way back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tradewinds.core.errors import Faults, InputError
from tradewinds.data.tariffs.template import Loaded, read_template, write_template
from tradewinds.world.lines.tariffs import open_lines

MOCK = Path(__file__).parents[2] / "mock" / "tariffs" / "template.csv"
GROUPS = {"draft": ["CHN"]}
HEADER = ["importer", "revision", "line", "regime", "rate", "valid_from", "description_en"]
ROW = ["TWN", "HS2022", "87081000", "mfn", "5%", dt.date(2027, 1, 1), "Bumpers"]


def read(path: Path = MOCK, **options: Any) -> Loaded:
    return read_template(path, name="own", groups=GROUPS, **options)


def book(path: Path, rows: list[list[Any]], change: Callable[[Any], None] | None = None) -> Path:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "lines"
    for row in rows:
        sheet.append(row)
    if change:
        change(sheet)
    made.create_sheet("notes").append(["anything at all"])
    made.save(path)
    return path


def test_the_miniature() -> None:
    loaded = read()
    assert loaded.faults == () and len(loaded.lines) == 2
    rates = loaded.lines.rates
    assert list(rates["text"]) == ["10.5%", "5%", "Free", "greater of (20%; 12.5 TWD/kg)"]
    assert list(rates["rate"])[:3] == [0.105, 0.05, 0.0]
    assert loaded.lines.goods["vat"].iloc[0] == 0.05 and rates["staging"].iloc[3] == "B5"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("TWN,HS2022,87081000,mfn", "TWN,HS2022,8708.10,mfn", "2 to 12 digits"),
        ("TWN,HS2022,87081000,mfn", "Taiwan,HS2022,87081000,mfn", "three capital letters"),
        ("87081000,draft,Free", "87081000,draught,Free", "did you mean `draft`"),
        (",5%,,2027-01-01", ",5,,2027-01-01", "may be per cent or a fraction"),
        (",5%,,2027-01-01", ",-5%,,2027-01-01", "negative duty"),
        (",5%,,2027-01-01", ",,,2027-01-01", "no rate"),
        (",5%,,2027-01-01", ",5%,5,2027-01-01", "both rate and rate_pct"),
        (",,10.5,", ",,ten,", "`ten` is not a number"),
        (",,10.5,", ",,-1,", "rate_pct -1"),
        ("2027-01-01,2027-12-31", "1/1/2027,2027-12-31", "YYYY-MM-DD"),
        ("2027-01-01,2027-12-31", "2027-01-01,2026-12-31", "last day is before the first"),
        ("2027-01-01,2027-12-31", "2027-01-01,2028-12-31", "dates overlap"),
        ("draft,Free,,2028-01-01", "draft,Free,,2027-01-01", "two rates for one line"),
        (",2027-01-01,,base", ",2027-01-01,,bass", "did you mean `base`"),
        ("unit,description_en", "unit,descripton_en", "did you mean `description_en`"),
        ("unit,description_en", "unit,unit", "stands twice"),
        (",Bumpers,5", ",Bumpers,500", "vat_pct 500"),
        ("valid_to,role", "valid_to,", "under no heading"),
    ],
)
def test_a_fault_has_its_row_and_column(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = MOCK.read_text("utf-8")
    assert old in text
    path = tmp_path / "own.csv"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(InputError) as caught:
        read(path)
    assert said in str(caught.value) and str(path) in str(caught.value)


def test_a_date_that_overlaps_names_both_rows(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(MOCK.read_text("utf-8").replace("2027-12-31", "2028-12-31"), "utf-8")
    with pytest.raises(InputError, match=r"row 6, column G \(valid_from\)"):
        read(path)


def test_a_good_workbook_with_a_title_and_blank_rows(tmp_path: Path) -> None:
    rows = [
        ["Tariff of 2027"],
        [],
        HEADER,
        [],
        ROW,
        [],
        ["TWN", "HS2022", "01012100", "mfn", 0.05, "2027-01-01", "Horses"],
    ]

    def per_cent(sheet: Any) -> None:
        sheet["E7"].number_format = "0.0%"

    loaded = read(book(tmp_path / "own.xlsx", rows, per_cent))
    assert list(loaded.lines.rates["rate"]) == [0.05, 0.05]


@pytest.mark.parametrize(
    ("rows", "change", "said"),
    [
        ([HEADER, ROW, ["* subject to review"]], None, "sheet lines: row 3"),
        ([HEADER, ROW, ["* subject to review"]], None, "a footnote"),
        ([HEADER, ROW, HEADER], None, "the header stands a second time"),
        ([HEADER, ROW, [*ROW[:2], "87082100", *ROW[3:]]], "C2:C3", "merged cells C2:C3"),
        ([HEADER, [*ROW[:2], 1012100, *ROW[3:]]], None, "kept as a number"),
        ([HEADER, [*ROW[:4], 5, *ROW[5:]]], None, "column E (rate)"),
        ([HEADER], None, "no rows"),
        ([["a", "b"], ROW], None, "no header"),
    ],
)
def test_a_bad_workbook(rows: list[list[Any]], change: str | None, said: str, tmp_path: Path) -> None:
    path = book(tmp_path / "own.xlsx", rows, (lambda sheet: sheet.merge_cells(change)) if change else None)
    with pytest.raises(InputError) as caught:
        read(path)
    assert said in str(caught.value)


def test_one_bad_cell_in_thousands_nothing_or_the_good(tmp_path: Path) -> None:
    rows = [HEADER, *([*ROW[:2], f"{k:08d}", *ROW[3:]] for k in range(3000))]
    rows[1501] = [*rows[1501][:4], "5", *rows[1501][5:]]
    path = book(tmp_path / "own.xlsx", rows)
    with pytest.raises(InputError, match=r"row 1502, column E \(rate\)"):
        read(path)
    loaded = read(path, bad="list")
    assert len(loaded.lines) == len(loaded.lines.rates) == 2999
    assert len(loaded.faults) == 1 and "row 1502" in str(loaded.faults[0])


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    rows = [HEADER, [*ROW[:2], "x", *ROW[3:]], [*ROW[:3], "mnf", *ROW[4:]], ["note"], ROW]
    path = book(tmp_path / "own.xlsx", rows)
    with pytest.raises(Faults) as caught:
        read(path)
    assert len(caught.value.faults) == 3
    assert len(read(path, bad="list").lines) == 1


def test_nothing_good_is_refused_either_way(tmp_path: Path) -> None:
    path = book(tmp_path / "own.xlsx", [HEADER, [*ROW[:2], "x", *ROW[3:]]])
    with pytest.raises(InputError, match="no row is left"):
        read(path, bad="list")


def test_missing_and_half_written_files(tmp_path: Path) -> None:
    whole = book(tmp_path / "own.xlsx", [HEADER, ROW])
    (tmp_path / "half.xlsx").write_bytes(whole.read_bytes()[:2000])
    for name, said in (("none.csv", "no such file"), ("none.xlsx", "no such file"), ("half.xlsx", "not a whole Excel")):
        with pytest.raises(InputError, match=said):
            read(tmp_path / name)
    (tmp_path / "latin.csv").write_bytes(b"importer,\xff")
    with pytest.raises(InputError, match="UTF-8"):
        read(tmp_path / "latin.csv")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("name", ["vkfta", "korus", "japan-2026-04"])
def test_what_is_written_is_read_back(name: str, suffix: str, tmp_path: Path) -> None:
    lines = open_lines(name).select(["01", "0201", "0402", "0805", "8708"])
    write_template(lines, tmp_path / f"own{suffix}")
    again = read_template(tmp_path / f"own{suffix}", name=name).lines
    for ours, theirs in ((lines.goods, again.goods), (lines.rates, again.rates)):
        held, back = (sorted(map(str, f.astype(str).to_dict("records"))) for f in (ours, theirs))
        assert held == back
