"""The template for any tariff: one row a rate, CSV (UTF-8, comma) or a workbook's sheet ``lines`` (else its first).

Needed: ``importer`` (ISO 3166-1 alpha-3), ``revision`` (HS2022 …), ``line`` (the code, as text), ``regime`` (mfn,
bound, provisional, general, gsp, ldc, or the id of an agreement), ``valid_from`` (YYYY-MM-DD), and either ``rate`` in
words (``5%``, ``Free``, ``12.5 EUR/100 kg``, ``5% + 1 USD/kg``, ``greater of (5%; 1 USD/kg)``) or ``rate_pct``, a
number in per cent.

May be left out: ``valid_to``, ``ex``, ``season`` (MM-DD..MM-DD), ``group``, ``role`` (applied or base), ``staging``,
``unit``, ``dialect``, ``source``, ``grade``, ``note``, ``vat_pct``, and the other columns of
:mod:`~tradewinds.world.lines.schema`.

The header is the first row that names the needed columns; a title above it and blank rows are passed over. Refused,
each with sheet, row and column: merged cells, footnotes and second headers among the rows, codes kept as numbers (the
leading zero is lost), bare numbers in ``rate``, and all that :class:`~tradewinds.world.lines.Lines` refuses.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from tradewinds.core.errors import InputError, refuse, unknown_label
from tradewinds.core.files import writing
from tradewinds.core.grades import GRADES
from tradewinds.core.sources import sources
from tradewinds.world.duty import DIALECTS
from tradewinds.world.lines import Lines
from tradewinds.world.lines.check import IMPORT_REGIMES, ROLES
from tradewinds.world.lines.regimes import STANDING, regimes
from tradewinds.world.lines.schema import GOODS, KEY, RATES

NEEDED = ("importer", "revision", "line", "regime", "valid_from")
_PARSED = ("kind", "understood", "bracketed", "rate", "amount", "currency", "duty_unit", "per", "text")
_GOODS_ONLY = tuple(n for n in GOODS if n not in RATES and n != "vat")
_RATES_ONLY = tuple(n for n in RATES if n not in GOODS and n not in _PARSED)
COLUMNS = (*KEY, *_GOODS_ONLY, "vat_pct", "rate", "rate_pct", *_RATES_ONLY)
_SEASON = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\.\.(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_HEADER_WITHIN = 30


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded, and what was not: every fault with its place."""

    lines: Lines
    faults: tuple[InputError, ...]


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell's words; ``number`` where it is kept as a number, ``day`` where as a date."""

    words: str
    number: bool = False
    day: dt.date | None = None


@dataclass(slots=True)
class _Row:
    place: str
    cells: dict[str, _Cell]
    columns: Mapping[str, str]
    faults: list[InputError] = field(default_factory=list)

    def words(self, column: str) -> str:
        cell = self.cells.get(column)
        return cell.words if cell else ""

    def fault(self, column: str, what: str, *, allowed: str = "", hint: str = "") -> None:
        where = f"{self.place}, column {self.columns.get(column, '')} ({column})".replace("column  ", "column ")
        self.faults.append(InputError(what, where=where, allowed=allowed, hint=hint))

    def unknown(self, column: str, known: Iterable[str]) -> None:
        where = f"{self.place}, column {self.columns.get(column, '')} ({column})"
        self.faults.append(unknown_label(self.words(column), known, where=where, kind=column))


@dataclass(slots=True)
class _Sheet:
    rows: list[_Row]
    faults: list[InputError]


def read_template(
    path: Path,
    *,
    name: str,
    bad: Literal["refuse", "list"] = "refuse",
    source: str = "user",
    grade: str = "measured",
    groups: Mapping[str, Sequence[str]] | None = None,
) -> Loaded:
    """Read a filled template. ``groups`` names own regimes and their members.

    ``bad="refuse"``: one fault and nothing is loaded, all faults are raised at once. ``bad="list"``: the good rows are
    loaded and the faults of the bad ones come back beside them. A file without a header or not whole is refused either
    way.
    """
    path = Path(path)
    sheet = _workbook(path) if path.suffix.casefold() in (".xlsx", ".xlsm") else _csv(path)
    own = dict(groups or {})
    for row in sheet.rows:
        _check(row, own)
    _check_together(sheet.rows)
    faults = sheet.faults + [fault for row in sheet.rows for fault in row.faults]
    if bad == "refuse":
        refuse(faults, where=str(path))
    good = [row for row in sheet.rows if not row.faults]
    if not good:
        refuse([*faults, InputError("no row is left", where=str(path))], where=str(path))
    goods: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in good:
        goods.setdefault(_key(row), {}).update({k: v for k, v in _goods(row).items() if v not in ("", None)})
    lines = Lines.build(
        name,
        list(goods.values()),
        [_rate(row, source, grade) for row in good],
        attributes={"title": f"{name}, from {path.name}", "groups": {k: list(v) for k, v in own.items()}},
    )
    return Loaded(lines, tuple(faults))


# ---- rows ----------------------------------------------------------------------------------------------------------


def _key(row: _Row) -> tuple[str, ...]:
    return tuple(row.words(column) for column in KEY)


def _goods(row: _Row) -> dict[str, Any]:
    out: dict[str, Any] = {column: row.words(column) for column in (*KEY, *_GOODS_ONLY)}
    vat = row.words("vat_pct")
    return {**out, "vat": float(Decimal(vat.removesuffix("%")) / 100) if vat else None}


def _rate(row: _Row, source: str, grade: str) -> dict[str, Any]:
    out: dict[str, Any] = {column: row.words(column) for column in (*KEY, *_RATES_ONLY)}
    share = row.words("rate_pct")
    out["text"] = row.words("rate") or f"{share.removesuffix('%').strip()}%"
    out["dialect"] = row.words("dialect") or "generic"
    out["source"] = row.words("source") or source
    out["grade"] = row.words("grade") or grade
    out["role"] = row.words("role") or "applied"
    out["valid_from"], out["valid_to"] = _day(row, "valid_from"), _day(row, "valid_to")
    return out


def _day(row: _Row, column: str) -> dt.date | None:
    cell = row.cells.get(column)
    if cell is None or not cell.words:
        return None
    if cell.day is not None:
        return cell.day
    try:
        return dt.date.fromisoformat(cell.words)
    except ValueError:
        return None


def _check(row: _Row, own: Mapping[str, Sequence[str]]) -> None:
    """Faults of one row by itself."""
    for column in NEEDED:
        if not row.words(column):
            row.fault(column, f"no {column}")
    _check_code(row)
    if row.words("importer") and not re.fullmatch(r"[A-Z]{3}", row.words("importer")):
        row.fault("importer", f"importer `{row.words('importer')}`", allowed="three capital letters, as TWN")
    known = [*STANDING, *own, *(r.id for r in regimes(row.words("importer")))]
    if row.words("regime") and row.words("regime") not in known:
        row.unknown("regime", known)
    labels: tuple[tuple[str, Iterable[str]], ...] = (
        ("role", ROLES),
        ("dialect", DIALECTS),
        ("grade", GRADES),
        ("source", sources()),
        ("import_regime", IMPORT_REGIMES),
    )
    for column, allowed in labels:
        if row.words(column) and row.words(column) not in allowed:
            row.unknown(column, allowed)
    if row.words("season") and not _SEASON.fullmatch(row.words("season")):
        row.fault("season", f"season `{row.words('season')}`", allowed="MM-DD..MM-DD")
    _check_dates(row)
    _check_rate(row)


def _check_code(row: _Row) -> None:
    code, cell = row.words("line"), row.cells.get("line")
    if cell is not None and cell.number:
        row.fault(
            "line",
            f"the code {code} is kept as a number",
            allowed="text",
            hint="format the column as text: 0101 loses its nought",
        )
    elif code and not re.fullmatch(r"[0-9]{2,12}", code):
        row.fault("line", f"code `{code}`", allowed="2 to 12 digits")


def _check_dates(row: _Row) -> None:
    for column in ("valid_from", "valid_to"):
        if row.words(column) and _day(row, column) is None:
            row.fault(column, f"date `{row.words(column)}`", allowed="YYYY-MM-DD")
    first, last = _day(row, "valid_from"), _day(row, "valid_to")
    if first and last and last < first:
        row.fault("valid_to", "the last day is before the first")


def _check_rate(row: _Row) -> None:
    words, share, dialect = row.words("rate"), row.words("rate_pct"), row.words("dialect") or "generic"
    if bool(words) == bool(share):
        row.fault("rate", "both rate and rate_pct" if words else "no rate", allowed="one of rate and rate_pct")
    if words and dialect == "generic" and re.fullmatch(r"-?[\d.,]+", words):
        row.fault("rate", f"`{words}` may be per cent or a fraction", allowed=f"{words}%, or the column rate_pct")
    if words.startswith("-"):
        row.fault("rate", f"negative duty `{words}`")
    for column, high in (("rate_pct", 5000), ("vat_pct", 100)):
        given = row.words(column).removesuffix("%").strip()
        if not given:
            continue
        try:
            number = Decimal(given)
        except InvalidOperation:
            row.fault(column, f"`{row.words(column)}` is not a number", allowed="per cent, as 6.5")
            continue
        if not 0 <= number <= high:
            row.fault(column, f"{column} {given}", allowed=f"0 to {high}")


def _check_together(rows: Sequence[_Row]) -> None:
    """Two rates for one line, regime and date; overlapping dates; two descriptions of a line. The later row is bad."""
    slots: dict[tuple[str, ...], list[tuple[dt.date, dt.date, _Row]]] = {}
    described: dict[tuple[str, ...], tuple[dict[str, str], _Row]] = {}
    for row in rows:
        first = _day(row, "valid_from")
        if row.faults or first is None:
            continue
        last = _day(row, "valid_to") or dt.date.max
        slot = (*_key(row), row.words("regime"), row.words("group"), row.words("role") or "applied")
        for start, end, other in slots.setdefault(slot, []):
            if first <= end and start <= last:
                what = "two rates for one line, regime and date" if start == first else "dates overlap"
                row.fault("valid_from", f"{what}: also {other.place.rpartition(': ')[2]}")
                break
        said, earlier = described.setdefault(_key(row), ({}, row))
        for column in (*_GOODS_ONLY, "vat_pct"):
            if row.words(column) and said.setdefault(column, row.words(column)) != row.words(column):
                row.fault(column, f"{column} differs from {earlier.place.rpartition(': ')[2]}")
        if not row.faults:
            slots[slot].append((first, last, row))


# ---- files ---------------------------------------------------------------------------------------------------------


def _sheet(cells: Sequence[tuple[int, Sequence[_Cell]]], where: str, merged: Mapping[int, str]) -> _Sheet:
    """Find the header, then rows; what stands among them and is no row is a fault."""
    at = next((k for k, (_, row) in enumerate(cells[:_HEADER_WITHIN]) if _is_header(row)), None)
    if at is None:
        raise InputError(
            "no header",
            where=where,
            allowed=f"a row that names {', '.join(NEEDED)} and rate or rate_pct",
            hint="the first row that names all of them is the header",
        )
    header = [cell.words for cell in cells[at][1]]
    faults: list[InputError] = [
        unknown_label(h, COLUMNS, where=f"{where}: row {cells[at][0]}, column {_letter(k)}", kind="column")
        for k, h in enumerate(header)
        if h and h not in COLUMNS
    ]
    named = [h for h in header if h]
    faults += [
        InputError(f"column `{h}` stands twice", where=where) for h in sorted({h for h in named if named.count(h) > 1})
    ]
    columns = {h: _letter(k) for k, h in enumerate(header) if h}
    rows = []
    for number, row in cells[at + 1 :]:
        filled = [cell for cell in row if cell.words]
        place = f"{where}: row {number}"
        if number in merged:
            faults.append(InputError(f"merged cells {merged[number]}", where=place, hint="unmerge and fill each cell"))
        elif not filled:
            continue
        elif _is_header(row):
            faults.append(InputError("the header stands a second time", where=place, hint="delete the row"))
        elif len(filled) == 1 and len(named) > 2 and not re.fullmatch(r"\d+", filled[0].words):
            faults.append(
                InputError(f"a footnote: `{filled[0].words[:60]}`", where=place, hint="move it to another sheet")
            )
        else:
            beyond = [c.words for k, c in enumerate(row) if c.words and (k >= len(header) or not header[k])]
            made = _Row(place, {h: c for h, c in zip(header, row, strict=False) if h}, columns)
            if beyond:
                made.faults.append(InputError(f"`{beyond[0][:40]}` under no heading", where=place))
            rows.append(made)
    if not rows:
        faults.append(InputError("no rows", where=where))
    return _Sheet(rows, faults)


def _is_header(row: Sequence[_Cell]) -> bool:
    names = {cell.words for cell in row}
    return set(NEEDED) <= names and bool(names & {"rate", "rate_pct"})


def _letter(at: int) -> str:
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _csv(path: Path) -> _Sheet:
    if not path.is_file():
        raise InputError("no such file", where=str(path))
    try:
        with path.open(encoding="utf-8-sig", newline="") as held:
            reader = csv.reader(held)
            cells = [(reader.line_num, [_Cell(c.strip()) for c in row]) for row in reader]
    except (UnicodeDecodeError, csv.Error) as fault:
        raise InputError(f"not a CSV file in UTF-8 ({fault})", where=str(path)) from None
    return _sheet(cells, str(path), {})


def _workbook(path: Path) -> _Sheet:
    from openpyxl import load_workbook

    if not path.is_file():
        raise InputError("no such file", where=str(path))
    try:
        book = load_workbook(path, data_only=True)
    except Exception as fault:
        raise InputError(f"not a whole Excel workbook ({fault})", where=str(path)) from None
    sheet = book["lines"] if "lines" in book.sheetnames else book.worksheets[0]
    merged = {
        number: str(area) for area in sheet.merged_cells.ranges for number in range(area.min_row, area.max_row + 1)
    }
    cells = [(k, [_excel_cell(cell) for cell in row]) for k, row in enumerate(sheet.iter_rows(), 1)]
    return _sheet(cells, f"{path}: sheet {sheet.title}", merged)


def _excel_cell(cell: Any) -> _Cell:
    value = cell.value
    if value is None:
        return _Cell("")
    if isinstance(value, dt.datetime):
        return _Cell(value.date().isoformat(), day=value.date())
    if isinstance(value, int | float) and not isinstance(value, bool):
        shown = Decimal(repr(value))
        if "%" in str(cell.number_format):
            return _Cell(f"{_digits(shown * 100)}%")
        return _Cell(_digits(shown), number=True)
    return _Cell(str(value).strip())


def _digits(value: Decimal) -> str:
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def write_template(lines: Lines, path: Path) -> None:
    """Write ``lines`` as a template (CSV, or ``.xlsx``) that :func:`read_template` reads back to the same lines."""
    path = Path(path)
    goods, rates = lines.goods, lines.rates
    table = rates.astype(dict.fromkeys(KEY, object)).merge(
        goods.astype(dict.fromkeys(KEY, object)), on=list(KEY), how="left"
    )
    out = pd.DataFrame({column: _written(table, column) for column in COLUMNS if column != "rate_pct"})
    out = out[[c for c in out if c in (*NEEDED, "rate") or (out[c] != "").any()]]
    with writing(path) as temporary:
        if path.suffix.casefold() == ".xlsx":
            out.to_excel(temporary, sheet_name="lines", index=False, engine="openpyxl")
        else:
            out.to_csv(temporary, index=False, lineterminator="\n")


def _written(table: pd.DataFrame, column: str) -> list[str]:
    if column == "vat_pct":
        return ["" if pd.isna(v) else _digits(Decimal(repr(float(v))) * 100) for v in table["vat"]]
    if column in ("valid_from", "valid_to"):
        return ["" if pd.isna(v) else f"{v:%Y-%m-%d}" for v in table[column]]
    return [str(v) for v in table["text" if column == "rate" else column]]
