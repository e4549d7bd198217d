"""Japan's tariff, one row a nine-digit statistical line, one column a regime.

Columns: ``hs6, stat_suffix, description_ja, general, temporary, wto, gsp, ldc``, one for each agreement (see
``regimes.toml``), ``unit``. A line that divides the year stands once for each season.

The ``mfn`` rows are worked out here, as the law says (the WTO rate applies where it is lower than the statutory one,
which is the temporary rate where there is one): the lower of two shares of the value; the statutory rate where the WTO
rate is printed in brackets; the WTO rate where it is not; the lesser of both where a ``*`` or an unlike duty leaves it
open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tradewinds.core.errors import InputError, refuse
from tradewinds.data.tariffs.table import code_faults, read_table
from tradewinds.world.duty import parse_duty
from tradewinds.world.duty.japan import seasonal
from tradewinds.world.lines import Lines
from tradewinds.world.lines.regimes import regimes

_FIXED = {"general": "general", "temporary": "provisional", "wto": "bound"}
_NEEDS = ("hs6", "stat_suffix", "description_ja", *_FIXED, "unit")
_DERIVED = "worked out from the statutory and the WTO rate"


def read_japan(
    path: Path, *, valid_from: dt.date, valid_to: dt.date | None, name: str, revision: str = "HS2022"
) -> Lines:
    """Read one vintage of Japan's tariff, in force from ``valid_from`` to ``valid_to``.

    Raises :class:`~tradewinds.core.errors.InputError` with every fault: missing or unknown columns, codes that are not
    6 and 3 digits, a line named twice in one season.
    """
    table = read_table(path, needs=_NEEDS)
    columns = {row.column: row for row in regimes("JPN")}
    faults = code_faults(table, "hs6", (6,)) + code_faults(table, "stat_suffix", (3,))
    faults += [
        InputError(f"column `{c}`", where=f"{path}: header", allowed="the columns of regimes.toml")
        for c in table.header
        if c not in _NEEDS and c not in columns
    ]
    refuse(faults, where=str(path))
    codes = [row["hs6"] + row["stat_suffix"] for row in table.rows]
    twice = {code for code in codes if codes.count(code) > 1} if len(set(codes)) < len(codes) else set()
    goods: list[dict[str, Any]] = []
    rates: list[dict[str, Any]] = []
    common = {
        "dialect": "japan",
        "source": "japan-tariff-2026",
        "grade": "measured",
        "valid_from": valid_from,
        "valid_to": valid_to,
    }
    for row, code in zip(table.rows, codes, strict=True):
        season = seasonal(row["description_ja"]) if code in twice else None
        key = {"importer": "JPN", "revision": revision, "line": code, "season": "..".join(season or ())}
        unit = " ".join(row["unit"].split())
        goods.append({**key, "unit": unit, "description_ja": " ".join(row["description_ja"].split())})
        for column, regime in _FIXED.items():
            if row[column]:
                rates.append({**key, "regime": regime, "text": row[column], **common})
        text, note = applied_mfn(row)
        if text:
            rates.append({**key, "regime": "mfn", "text": text, **common, "note": note})
        for column, agreement in columns.items():
            if row.get(column):
                rates.append({**key, "regime": agreement.id, "group": agreement.group, "text": row[column], **common})
    return Lines.build(
        name,
        goods,
        rates,
        attributes={
            "title": f"Tariff of Japan, in force on {valid_from:%Y-%m-%d}",
            "lacks": [
                "consumption tax",
                "members of the GSP",
                "steps of agreements that fall on 1 January of a vintage",
            ],
        },
    )


def applied_mfn(row: Mapping[str, str]) -> tuple[str, str]:
    """The duty charged on imports from WTO members without a preference, in words, and how it was found."""
    statutory, wto = row["temporary"] or row["general"], row["wto"]
    if not wto or not statutory:
        return statutory or wto, _DERIVED
    standing, bound = parse_duty(statutory, dialect="japan"), parse_duty(wto, dialect="japan")
    if standing.ad_valorem_only and bound.ad_valorem_only:
        return (wto if (bound.rate or 0.0) < (standing.rate or 0.0) else statutory), _DERIVED
    if standing.kind == "free" or (bound.bracketed and "*" not in "".join(bound.marks)):
        return statutory, _DERIVED
    simple = {"ad_valorem", "specific", "compound", "free"}
    if any("*" in mark for mark in bound.marks) and {standing.kind, bound.kind} <= simple:
        low, high = wto.strip("*()（）\n"), statutory.strip("◎※()（）\n")
        return f"{high}又は{low}のうちいずれか低い税率", f"{_DERIVED}: the lower"
    return wto, _DERIVED
