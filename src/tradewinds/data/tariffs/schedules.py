"""Negotiated schedules with a base rate and a staging category a line (EVFTA and VKFTA, both sides).

Columns: ``agreement, importer, exporter, nomenclature, hs_code, description, base_rate, staging_category, comment``.
The table was taken from printed pages: the end of a description has often run into the base-rate cell, and is put
back; a unit that was lost in print leaves a rate that is not understood. A code that the text splits (``640391`` +
``11A``) is put together again: line ``64039111``, part ``A``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tradewinds.core.errors import InputError, refuse, unknown_label
from tradewinds.data.tariffs.table import Table, read_table
from tradewinds.world.duty.dialects import split_spilled
from tradewinds.world.lines import Lines
from tradewinds.world.lines.regimes import regime

_NEEDS = (
    "agreement",
    "importer",
    "exporter",
    "nomenclature",
    "hs_code",
    "description",
    "base_rate",
    "staging_category",
    "comment",
)
_DIALECTS = {"EUN": "eu", "KOR": "korea", "VNM": "vietnam"}
_SPLIT = re.compile(r"(?P<digits>\d{2})(?P<part>[A-Z])\b\s*")
_SPILLED = "rate parted from the end of the description in its cell"


def read_schedules(path: Path, *, agreement: str, name: str = "") -> Lines:
    """Read both sides of one agreement; base rates hold from its entry into force.

    Raises :class:`~tradewinds.core.errors.InputError` with every fault: missing columns, an agreement that is not in
    the file, codes that are not digits, a blank category, a line named twice.
    """
    table = read_table(path, needs=_NEEDS)
    known = sorted({row["agreement"].casefold() for row in table.rows})
    if agreement not in known:
        raise unknown_label(agreement, known, where=str(path), kind="agreement")
    faults: list[InputError] = []
    goods: list[dict[str, Any]] = []
    rates: list[dict[str, Any]] = []
    for row, place in _of(table, agreement):
        code, ex, words = _line(row)
        if not re.fullmatch(r"[0-9]{4,12}", code):
            faults.append(InputError(f"code `{row['hs_code']}`", where=place, allowed="4 to 12 digits"))
        if not row["staging_category"]:
            faults.append(InputError("no staging category", where=place))
        if row["importer"] not in _DIALECTS:
            faults.append(unknown_label(row["importer"], _DIALECTS, where=place, kind="importer"))
            continue
        spilled, text = _parted(row)
        key = {"importer": row["importer"], "revision": row["nomenclature"], "line": code, "ex": ex}
        goods.append({**key, "description_en": f"{words} {spilled}".strip()})
        rates.append(
            {
                **key,
                "regime": agreement,
                "role": "base",
                "text": text,
                "dialect": _DIALECTS[row["importer"]],
                "staging": row["staging_category"],
                "valid_from": regime(row["importer"], agreement).in_force,
                "source": "fta-schedules",
                "grade": "measured",
                "note": "; ".join(n for n in (_SPILLED if spilled else "", row["comment"]) if n),
            }
        )
    refuse(faults, where=str(path))
    title = regime(rates[0]["importer"], agreement).title
    return Lines.build(
        name or agreement,
        goods,
        rates,
        attributes={
            "title": f"Schedules of the {title}",
            "lacks": ["units lost in print", "yearly rates: see staging"],
        },
    )


def _of(table: Table, agreement: str) -> list[tuple[dict[str, str], str]]:
    pairs = zip(table.rows, table.places, strict=True)
    return [(row, place) for row, place in pairs if row["agreement"].casefold() == agreement]


def _line(row: dict[str, str]) -> tuple[str, str, str]:
    """Code, part, and description without the rest of a split code."""
    found = _SPLIT.match(row["description"])
    if len(row["hs_code"]) == 6 and found:
        return row["hs_code"] + found["digits"], found["part"], row["description"][found.end() :]
    return row["hs_code"], "", row["description"]


def _parted(row: dict[str, str]) -> tuple[str, str]:
    if row["base_rate"] == "CKD":
        return "", "CKD"
    return split_spilled(row["base_rate"])
