from __future__ import annotations

import dataclasses
import math
import sys
from pathlib import Path

import openpyxl
import pytest

from tradewinds.core import files
from tradewinds.core.errors import InputError
from tradewinds.core.language import say
from tradewinds.report.document import Column, Document, Table
from tradewinds.report.excel import number_format, render_excel

sys.path.insert(0, str(Path(__file__).parent))
from sample import FORMULA, ROWS, TABLE, document


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_numbers_read_back_equal_and_stand_in_an_excel_table(tmp_path: Path, language: str) -> None:
    render_excel(document(language), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    names = [say(f"render.{key}", language) for key in ("summary", "sources", "stamp")]
    assert book.sheetnames == [names[0], "gains", *names[1:]]
    sheet = book["gains"]
    (table,) = sheet.tables.values()
    assert table.ref == "A4:G7"
    assert table.autoFilter is not None
    assert sheet.freeze_panes == "B5"
    for row, values in zip(sheet.iter_rows(min_row=5, max_row=7, values_only=True), ROWS, strict=True):
        assert row[1:4] == (values["w"], values["lo"], values["hi"])
        assert row[5] == values["x"]
    assert [c.value for c in sheet[4]] == [c.name for c in table.tableColumns]


def test_formats_signs_and_the_width_as_a_formula(tmp_path: Path) -> None:
    render_excel(document(), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["gains"]
    assert sheet["B5"].number_format == number_format(2, signed=True) == "+#,##0.00;-#,##0.00;#,##0.00"
    assert sheet["F5"].number_format == "#,##0"
    assert sheet["E5"].value == "=D5-C5"
    assert sheet["E7"].value is None
    shown = openpyxl.load_workbook(tmp_path / "a.xlsx", data_only=True)["gains"]
    assert shown["E5"].value == pytest.approx(0.43)


def test_text_never_becomes_a_formula(tmp_path: Path) -> None:
    risky = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", FORMULA]
    table = Table("=title", (Column("a", "=head"),), tuple({"a": text} for text in risky), note="=note", name="=t")
    doc = dataclasses.replace(document(table=table), title="=title", stamp={"=key": "=value"})
    render_excel(doc, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    formulas = [c.value for s in book for row in s.iter_rows() for c in row if c.data_type == "f"]
    assert formulas and all(f in {f"=E{n}-D{n}" for n in range(4, 9)} for f in formulas)
    cells = [c for row in book["=t"].iter_rows(min_row=5, max_col=1) for c in row]
    assert [c.value for c in cells] == [text.replace("\t", " ") for text in risky]
    assert all(c.quotePrefix for c in cells)


def test_summary_holds_headline_figures_notes_and_text(tmp_path: Path) -> None:
    render_excel(document(), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Summary"]
    rows = list(sheet.iter_rows(values_only=True))
    figure = next(row for row in rows if row[0] == "Real income 實質所得")
    assert figure[1:5] == (0.61, "%", 0.4, 0.83)
    assert figure[6] == "gain · note of the figure"
    missing = next(row for row in rows if row[0] == "Missing")
    assert missing[1] is None
    assert missing[6] == "no votes on file"
    text = "\n".join(str(row[0]) for row in rows)
    for words in ["First section", "A paragraph", "Smaller", "Caution: A caution.", "Method: A method.", "Gap: A gap."]:
        assert words in text
    for words in ["term: explanation", "alone", "Chart of gains: Chinese Taipei gains.", "Note of the chart."]:
        assert words in text


def test_sources_and_stamp(tmp_path: Path) -> None:
    render_excel(document(), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert next(book["Sources"].iter_rows(min_row=2, values_only=True)) == ("A source 來源", "CC BY 4.0", "2023")
    assert list(book["Stamp"].iter_rows(min_row=2, values_only=True)) == [("version", "0.1.0"), ("date", "2026-11-02")]


def test_awkward_tables(tmp_path: Path) -> None:
    odd = (
        Table("Empty", (Column("a", "A"),), (), name="a/b:c"),
        Table("Same name", (Column("a", "A"), Column("b", "a")), ({"a": "x", "b": "y"},), name="a b c"),
        Table("x" * 60, (Column("v", "V", "number"),), ({"v": math.nan}, {"v": math.inf})),
        TABLE,
        TABLE,
    )
    render_excel(Document("t", "", "en", odd), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames[1:6] == ["a b c", "a b c 2", "x" * 31, "gains", "gains 2"]
    assert [c.value for c in book["a b c 2"][4]] == ["A", "a #2"]
    assert [row[0] for row in book["x" * 31].iter_rows(min_row=5, values_only=True)] == [None, "∞"]


def test_the_same_document_gives_the_same_file(tmp_path: Path) -> None:
    render_excel(document(), tmp_path / "a.xlsx")
    render_excel(document(), tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.xlsx"
    target.write_text("old")

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(InputError, match=r"cannot write the file .disk full"):
        render_excel(document(), target)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_missing_folder_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder"):
        render_excel(document(), tmp_path / "none" / "a.xlsx")
