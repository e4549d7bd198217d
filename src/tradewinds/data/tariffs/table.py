"""A tariff as a CSV file (UTF-8, also gzipped): cells as text, faults with file and line."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tradewinds.core.errors import InputError, refuse, unknown_label


@dataclass(frozen=True, slots=True)
class Table:
    """Header and rows; ``places`` says where each row stands."""

    header: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    places: tuple[str, ...]


def read_table(path: Path, *, needs: Sequence[str], strict: bool = True) -> Table:
    """Read a CSV whose header holds ``needs``; blanks around cells go. All faults at once.

    ``strict``: a row must have as many cells as the header; otherwise what is missing is blank and what is beyond is a
    fault.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("no such file", where=str(path))
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig", newline="")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig", newline="") as held
        ):
            lines = list(_rows(held, path))
    except (OSError, EOFError, UnicodeDecodeError) as fault:
        raise InputError(f"not a whole CSV file in UTF-8 ({fault})", where=str(path)) from None
    if not lines:
        raise InputError("the file is empty", where=str(path))
    header = tuple(cell.strip() for cell in lines[0][1])
    faults: list[InputError] = [
        unknown_label(name, header, where=f"{path}: header", kind="missing column")
        for name in needs
        if name not in header
    ]
    rows, places = [], []
    for number, cells in lines[1:]:
        place = f"{path}: line {number}"
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header) or (strict and len(cells) < len(header)):
            faults.append(InputError(f"{len(cells)} cells", where=place, allowed=f"{len(header)}, as in the header"))
            continue
        cells = [cell.strip() for cell in cells] + [""] * (len(header) - len(cells))
        rows.append(dict(zip(header, cells, strict=True)))
        places.append(place)
    refuse(faults, where=str(path))
    if not rows:
        raise InputError("no rows", where=str(path))
    return Table(header, tuple(rows), tuple(places))


def _rows(held: Iterator[str], path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(held, skipinitialspace=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as fault:
        raise InputError(f"not a CSV file ({fault})", where=f"{path}: line {reader.line_num}") from None


def code_faults(table: Table, column: str, digits: Sequence[int]) -> list[InputError]:
    """Codes that are not text of so many digits."""
    allowed = " or ".join(map(str, digits)) + " digits"
    return [
        InputError(f"code `{row[column]}`", where=place, allowed=allowed)
        for row, place in zip(table.rows, table.places, strict=True)
        if not (row[column].isascii() and row[column].isdigit() and len(row[column]) in digits)
    ]
