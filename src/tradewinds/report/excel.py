"""A Document as an Excel workbook: headline figures first, one sheet a table, sources and stamp last.

Numbers are numbers with their own format; the width of a range is a formula; all text is written as text, so that
nothing in it can act as a formula.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tradewinds.core.files import writing
from tradewinds.core.language import say
from tradewinds.report.document import (
    Block,
    Cell,
    Chart,
    Column,
    Document,
    Figure,
    Figures,
    Heading,
    Listing,
    Note,
    Sources,
    Table,
    Text,
    Verbatim,
)
from tradewinds.report.numbers import clean, clean_lines, columns_of, header, is_number, is_signed, verdict

_NARROW, _WIDE = 9, 60
_SHEET_NAME = 31
_HEADER_ROW = 3
_ACTS_AS_FORMULA = ("=", "+", "-", "@", "\t")


def render_excel(document: Document, path: Path) -> None:
    """Write ``document`` to ``path`` (.xlsx), whole or not at all.

    Every Table becomes a sheet with an Excel table (filter, number formats, lowest and highest of a range as own
    columns). Raises an InputError when the folder of ``path`` does not exist.
    """
    content = _workbook(document)
    with writing(Path(path)) as temporary:
        temporary.write_bytes(content)


def _workbook(document: Document) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": clean(document.title), **_created(document)})
        book = _Book(workbook, document.language)
        book.name_sheets(document)
        _summary(book, document)
        for table, name in zip(document.tables(), book.sheets, strict=True):
            _table(book, table, name)
        _sources(book, [s for block in document.blocks if isinstance(block, Sources) for s in block.sources])
        _stamp(book, document.stamp)
    return buffer.getvalue()


def _created(document: Document) -> dict[str, datetime]:
    """The stamp's date where it is one, so that the same document gives the same file."""
    try:
        return {"created": datetime.fromisoformat(document.stamp["date"])}
    except (KeyError, ValueError):
        return {}


@dataclass(slots=True)
class _Book:
    """The workbook being written: its formats, and the sheet names: all of them, and each table's."""

    workbook: Any
    language: str
    names: list[str] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    formats: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)
    tables: int = 0

    def say(self, key: str, **values: str) -> str:
        return say(f"render.{key}", self.language, **values)

    def format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format({"valign": "top", **properties})
        return self.formats[key]

    def sheet_name(self, wanted: str) -> str:
        """``wanted`` as a name Excel takes: no forbidden sign, at most 31 characters, not used before."""
        base = re.sub(r"[\[\]:*?/\\]", " ", clean(wanted)).strip().strip("'")[:_SHEET_NAME] or self.say("table")
        if base.casefold() == "history":
            base += "_"
        name, number = base, 1
        while name.casefold() in (taken.casefold() for taken in self.names):
            number += 1
            name = f"{base[: _SHEET_NAME - len(str(number)) - 1]} {number}"
        self.names.append(name)
        return name

    def name_sheets(self, document: Document) -> None:
        """Fix every sheet's name before the first is written, so that the summary can point to them."""
        self.sheet_name(self.say("summary"))
        self.sheets = [self.sheet_name(table.name or table.title) for table in document.tables()]

    def text(self, sheet: Any, row: int, column: int, text: str, **properties: Any) -> None:
        """Write text as text; what a spreadsheet could take for a formula also carries the text mark."""
        said = clean(text)[:32_000]
        if text.startswith(_ACTS_AS_FORMULA) or said.startswith(_ACTS_AS_FORMULA):
            properties["quote_prefix"] = True
        sheet.write_string(row, column, said, self.format(**properties))

    def cell(self, sheet: Any, row: int, column: int, value: Cell, number_format: str) -> None:
        """Write a number as a number, text as text, and nothing where there is no value."""
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return
        if isinstance(value, str):
            self.text(sheet, row, column, value)
        elif math.isinf(value):
            self.text(sheet, row, column, "∞" if value > 0 else "−∞", align="right")
        else:
            sheet.write_number(row, column, value, self.format(num_format=number_format))


def number_format(decimals: int, *, signed: bool) -> str:
    """The Excel format of a number with thousands separators; ``signed`` shows a plus."""
    places = "#,##0" + ("." + "0" * decimals if decimals else "")
    return f"+{places};-{places};{places}" if signed else places


# The first sheet --------------------------------------------------------------------------------------------------


def _summary(book: _Book, document: Document) -> None:
    sheet = book.workbook.add_worksheet(book.names[0])
    sheet.hide_gridlines(2)
    for column, width in enumerate((44, 16, 16, 14, 14, 14, 50)):
        sheet.set_column(column, column, width)
    book.text(sheet, 0, 0, document.title, bold=True, font_size=16)
    book.text(sheet, 1, 0, document.subtitle)
    row = 3
    for block in document.blocks:
        row = _summary_block(book, sheet, row, block)
    if document.tables():
        book.text(sheet, row + 1, 0, book.say("tables"), bold=True)
        for place, (table, name) in enumerate(zip(document.tables(), book.sheets, strict=True), row + 2):
            target = name.replace("'", "''")
            sheet.write_url(place, 0, f"internal:'{target}'!A1", string=clean(table.title)[:255])


def _summary_block(book: _Book, sheet: Any, row: int, block: Block) -> int:
    """Write one block from ``row`` on; the next free row."""
    match block:
        case Figures(figures):
            return _figures(book, sheet, row, figures)
        case Heading(text, level):
            book.text(sheet, row + 1, 0, text, bold=True, font_size=13 if level == 1 else 11)
            return row + 2
        case Text(text):
            return _paragraph(book, sheet, row, text)
        case Verbatim(text):
            for line in clean_lines(text).splitlines():
                row = _paragraph(book, sheet, row, line)
            return row
        case Note(text, kind):
            return _paragraph(book, sheet, row, book.say("labelled", label=book.say(f"note.{kind}"), text=text))
        case Listing(items):
            for term, explanation in items:
                both = book.say("labelled", label=term, text=explanation) if term and explanation else None
                row = _paragraph(book, sheet, row, both or term or explanation)
            return row
        case Chart():
            said = book.say("labelled", label=block.title, text=block.alt)
            row = _paragraph(book, sheet, row, said)
            return _paragraph(book, sheet, row, block.note) if block.note else row
        case Table() | Sources():
            return row


def _paragraph(book: _Book, sheet: Any, row: int, text: str) -> int:
    """Text over the width of the figures, with the height its wrapped lines need (Excel does not fit merged cells)."""
    lines = max(1, math.ceil(columns_of(clean(text)) / 110))
    properties: dict[str, Any] = {"text_wrap": True}
    if clean(text).startswith(_ACTS_AS_FORMULA):
        properties["quote_prefix"] = True
    sheet.merge_range(row, 0, row, 5, "", book.format(**properties))
    book.text(sheet, row, 0, text, text_wrap=True)
    sheet.set_row(row, 15.5 * lines)
    return row + 1


def _figures(book: _Book, sheet: Any, row: int, figures: Sequence[Figure]) -> int:
    heads = ("figure", "value", "unit", "low", "high", "range_width", "remark")
    for column, key in enumerate(heads):
        right = {"align": "right"} if key in ("value", "low", "high", "range_width") else {}
        book.text(sheet, row, column, book.say(key), bold=True, bottom=1, **right)
    for place, figure in enumerate(figures, row + 1):
        _figure(book, sheet, place, figure)
    if any(is_number(figure.low) for figure in figures):
        book.text(sheet, row + len(figures) + 1, 0, book.say("range"), italic=True)
        row += 1
    return row + len(figures) + 2


def _figure(book: _Book, sheet: Any, row: int, figure: Figure) -> None:
    shown = number_format(figure.decimals, signed=is_signed(figure))
    book.text(sheet, row, 0, figure.label, text_wrap=True)
    if is_number(figure.value):
        book.cell(sheet, row, 1, figure.value, shown)
        book.text(sheet, row, 2, figure.unit)
        book.cell(sheet, row, 3, figure.low, shown)
        book.cell(sheet, row, 4, figure.high, shown)
        _width(book, sheet, row, 3, (figure.low, figure.high), figure.decimals)
    meaning = verdict(figure)
    said = [] if meaning == "none" else [book.say(meaning)]
    said += [figure.reason] if not is_number(figure.value) else []
    book.text(sheet, row, 6, " · ".join(text for text in (*said, figure.note) if text), text_wrap=True)


def _width(book: _Book, sheet: Any, row: int, low: int, ends: tuple[Cell, Cell], decimals: int) -> None:
    """The formula high − low beside its two cells, with its value for readers that do not calculate."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    first, last = ends
    if isinstance(first, str) or isinstance(last, str) or first is None or last is None:
        return
    if not (math.isfinite(first) and math.isfinite(last)):
        return
    formula = f"={xl_rowcol_to_cell(row, low + 1)}-{xl_rowcol_to_cell(row, low)}"
    shown = book.format(num_format=number_format(decimals, signed=False))
    sheet.write_formula(row, low + 2, formula, shown, last - first)


# The other sheets -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """One column of a sheet: its heading and what stands under it (``key`` None: the width of the range before it)."""

    heading: str
    key: str | None
    column: Column
    ends: tuple[str, str] = ("", "")


def _places(book: _Book, table: Table) -> Iterator[_Place]:
    for column in table.columns:
        yield _Place(header(column), column.key, column)
        if column.key in table.ranges and column.kind == "number":
            low, high = table.ranges[column.key]
            yield _Place(book.say("low_of", label=header(column)), low, column)
            yield _Place(book.say("high_of", label=header(column)), high, column)
            yield _Place(book.say("width_of", label=header(column)), None, column, (low, high))


def _table(book: _Book, table: Table, name: str) -> None:
    places = list(_places(book, table))
    sheet = book.workbook.add_worksheet(name)
    book.text(sheet, 0, 0, table.title, bold=True, font_size=13)
    book.text(sheet, 1, 0, table.note)
    if not places:
        return
    first = _HEADER_ROW + 1
    last = first + max(len(table.rows), 1) - 1
    book.tables += 1
    sheet.add_table(
        _HEADER_ROW,
        0,
        last,
        len(places) - 1,
        {
            "name": f"Table_{book.tables}",
            "style": "Table Style Light 1",
            "columns": [
                {"header": text, "header_format": book.format(bold=True, text_wrap=True)} for text in _headings(places)
            ],
        },
    )
    for row, values in enumerate(table.rows, first):
        for column, place in enumerate(places):
            _put(book, sheet, row, column, place, values)
    for column, place in enumerate(places):
        sheet.set_column(column, column, _column_width(place, table.rows))
    sheet.freeze_panes(first, 1)


def _put(book: _Book, sheet: Any, row: int, column: int, place: _Place, values: Mapping[str, Cell]) -> None:
    declared = place.column
    if place.key is None:
        low, high = place.ends
        _width(book, sheet, row, column - 2, (values.get(low), values.get(high)), declared.decimals)
        return
    value = values.get(place.key)
    if declared.kind == "text" and value is not None:
        book.text(sheet, row, column, str(value), text_wrap=True)
    else:
        book.cell(sheet, row, column, value, number_format(declared.decimals, signed=declared.signed))


def _headings(places: Sequence[_Place]) -> list[str]:
    """The headings, told apart by a number where two are alike: an Excel table refuses equal ones."""
    seen: dict[str, int] = {}
    headings = []
    for place in places:
        text = place.heading[:240].strip() or "–"
        seen[text.casefold()] = seen.get(text.casefold(), 0) + 1
        headings.append(text if seen[text.casefold()] == 1 else f"{text} #{seen[text.casefold()]}")
    return headings


def _column_width(place: _Place, rows: Sequence[Mapping[str, Cell]]) -> int:
    if place.column.kind == "number":
        return max(_NARROW + 3, min(22, columns_of(place.heading) // 2 + 4))
    longest = max((columns_of(str(row.get(place.key or "") or "")) for row in rows), default=0)
    return max(_NARROW, min(_WIDE, max(longest, columns_of(place.heading)) + 3))


def _sources(book: _Book, sources: Sequence[Any]) -> None:
    sheet = book.workbook.add_worksheet(book.sheet_name(book.say("sources")))
    for column, (key, width) in enumerate((("source", 90), ("licence", 28), ("vintage", 28))):
        sheet.set_column(column, column, width)
        book.text(sheet, 0, column, book.say(key), bold=True, bottom=1)
    for row, source in enumerate(sources, 1):
        for column, text in enumerate((source.text, source.licence, source.vintage)):
            book.text(sheet, row, column, text, text_wrap=True)
    sheet.freeze_panes(1, 0)


def _stamp(book: _Book, stamp: Mapping[str, str]) -> None:
    sheet = book.workbook.add_worksheet(book.sheet_name(book.say("stamp")))
    for column, (key, width) in enumerate((("stamp_key", 22), ("stamp_value", 90))):
        sheet.set_column(column, column, width)
        book.text(sheet, 0, column, book.say(key), bold=True, bottom=1)
    for row, (key, text) in enumerate(stamp.items(), 1):
        book.text(sheet, row, 0, key)
        book.text(sheet, row, 1, text, text_wrap=True)
