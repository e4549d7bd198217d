"""China's annual import tariff, one row a ten-digit line.

Columns: ``hs10, name_zh, mfn, mfn_provisional, general``, one for each agreement (see ``regimes.toml``),
``consumption_tax, vat, export_duty, export_duty_provisional, unit, control_codes``. Bare numbers are per cent, blank
cells no rate. A provisional rate (暂定税率) goes before the MFN rate where both stand.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from tradewinds.core.errors import InputError, refuse
from tradewinds.data.tariffs.table import code_faults, read_table
from tradewinds.world.lines import Lines
from tradewinds.world.lines.regimes import regimes

_FIXED = {"mfn": "mfn", "mfn_provisional": "provisional", "general": "general"}
_NEEDS = (
    "hs10",
    "name_zh",
    *_FIXED,
    "vat",
    "consumption_tax",
    "export_duty",
    "export_duty_provisional",
    "unit",
    "control_codes",
)


def read_china(path: Path, *, year: int, name: str = "", revision: str = "HS2022") -> Lines:
    """Read China's tariff of ``year``; rates hold from 1 January to 31 December.

    Raises :class:`~tradewinds.core.errors.InputError` with every fault: missing or unknown columns, codes that are not
    ten digits, a VAT that is no number, a line named twice.
    """
    name = name or f"china-{year}"
    table = read_table(path, needs=_NEEDS)
    columns = {row.column: row for row in regimes("CHN")}
    faults = code_faults(table, "hs10", (10,))
    faults += [
        InputError(f"column `{c}`", where=f"{path}: header", allowed="the columns of regimes.toml")
        for c in table.header
        if c not in _NEEDS and c not in columns
    ]
    goods: list[dict[str, Any]] = []
    rates: list[dict[str, Any]] = []
    period = {"valid_from": dt.date(year, 1, 1), "valid_to": dt.date(year, 12, 31)}
    common = {"dialect": "china", "source": "china-tariff-2026", "grade": "measured", **period}
    for row, place in zip(table.rows, table.places, strict=True):
        key = {"importer": "CHN", "revision": revision, "line": row["hs10"]}
        goods.append(
            {
                **key,
                "unit": row["unit"],
                "description_zh": " ".join(row["name_zh"].split()),
                "vat": _per_cent(row["vat"], place, faults),
                "consumption_tax": row["consumption_tax"],
                "export_duty": row["export_duty"],
                "export_provisional": row["export_duty_provisional"],
                "controls": row["control_codes"],
            }
        )
        for column, regime in _FIXED.items():
            if row[column]:
                rates.append({**key, "regime": regime, "text": row[column], **common})
        for column, agreement in columns.items():
            if row.get(column):
                rates.append({**key, "regime": agreement.id, "group": agreement.group, "text": row[column], **common})
    refuse(faults, where=str(path))
    lacks = [row.title for row in regimes("CHN") if row.column not in table.header]
    return Lines.build(
        name,
        goods,
        rates,
        attributes={
            "title": f"Import tariff of China, {year}",
            "lacks": ["rates of the Regional Comprehensive Economic Partnership", "bound rates", *lacks],
        },
    )


def _per_cent(cell: str, place: str, faults: list[InputError]) -> float | None:
    if not cell:
        return None
    try:
        return round(float(cell) / 100, 6)
    except ValueError:
        faults.append(InputError(f"VAT `{cell}` is not a number", where=place, allowed="per cent, as 13"))
        return None
