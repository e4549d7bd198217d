"""The tables of a Document as CSV files, one each."""

from __future__ import annotations

import csv
from pathlib import Path

from tradewinds.core.errors import InputError
from tradewinds.core.files import writing
from tradewinds.report.document import Document


def render_csv(document: Document, folder: Path) -> None:
    """Write each table to ``folder/NAME.csv`` (UTF-8 with a byte-order mark, so that spreadsheets read Chinese)."""
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file", where=str(folder), allowed="a folder")
    folder.mkdir(parents=True, exist_ok=True)
    for number, table in enumerate(document.tables(), 1):
        keys = [c.key for c in table.columns]
        for low, high in table.ranges.values():
            keys += [low, high]
        path = folder / f"{table.name or number}.csv"
        with writing(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(keys)
            writer.writerows([[_safe(row.get(k)) for k in keys] for row in table.rows])


def _safe(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value
