"""What can be wrong with tariff lines: every check, all faults at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tradewinds.core.errors import InputError, unknown_label
from tradewinds.core.grades import GRADES
from tradewinds.core.sources import sources
from tradewinds.world.duty import DIALECTS
from tradewinds.world.lines.regimes import STANDING, regimes
from tradewinds.world.lines.schema import GOODS, RATES

ROLES = ("applied", "base")
IMPORT_REGIMES = ("", "free", "conditional", "banned")
#: How many faults of one kind are shown before they are only counted.
SHOWN = 50
_SEASON = re.compile(r"((0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))\.\.((0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))")
_KEY = ["importer", "revision", "line", "ex", "season"]
_SLOT = [*_KEY, "regime", "group", "role"]


def faults_of_lines(
    goods: pd.DataFrame, rates: pd.DataFrame, attributes: Mapping[str, Any], *, where: str
) -> list[InputError]:
    """Every fault of the two tables."""
    faults = _columns(goods, rates, where)
    faults += _labels(goods, rates, attributes, where)
    faults += _numbers(goods, rates, where)
    faults += _goods_twice(goods, where) + _orphans(goods, rates, where)
    return faults + _periods(rates, where)


def _columns(goods: pd.DataFrame, rates: pd.DataFrame, where: str) -> list[InputError]:
    return [
        unknown_label(str(name), known, where=f"{where}: {table}", kind="column")
        for table, frame, known in (("goods", goods, GOODS), ("rates", rates, RATES))
        for name in frame
        if name not in known
    ]


def _labels(goods: pd.DataFrame, rates: pd.DataFrame, attributes: Mapping[str, Any], where: str) -> list[InputError]:
    faults = [
        InputError(f"code `{code}`", where=f"{where}: line", allowed="2 to 12 digits, as text")
        for code in _values(goods, "line")
        if not re.fullmatch(r"[0-9]{2,12}", code)
    ]
    faults += [
        InputError(f"importer `{name}`", where=where, allowed="three capital letters (ISO 3166-1 alpha-3, EUN)")
        for name in _values(goods, "importer")
        if not re.fullmatch(r"[A-Z]{3}", name)
    ]
    if "" in _values(goods, "revision"):
        faults.append(InputError("no revision", where=where, allowed="the nomenclature of the codes, as HS2022"))
    faults += [
        InputError(f"season `{s}`", where=where, allowed="MM-DD..MM-DD")
        for s in _values(goods, "season")
        if s and not _SEASON.fullmatch(s)
    ]
    for column, known in (("role", ROLES), ("dialect", DIALECTS), ("grade", GRADES), ("source", sources())):
        faults += [unknown_label(v, known, where=where, kind=column) for v in _values(rates, column) if v not in known]
    faults += [
        unknown_label(v, IMPORT_REGIMES, where=where, kind="import regime")
        for v in _values(goods, "import_regime")
        if v not in IMPORT_REGIMES
    ]
    return _first(faults + _regimes(rates, attributes, where), where)


def _regimes(rates: pd.DataFrame, attributes: Mapping[str, Any], where: str) -> list[InputError]:
    faults: list[InputError] = []
    own = attributes.get("groups", {})
    for importer, regime, group in rates[["importer", "regime", "group"]].drop_duplicates().itertuples(index=False):
        known = {(name, "") for name in (*STANDING, *own)} | {(r.id, r.group) for r in regimes(str(importer))}
        if (str(regime), str(group)) not in known:
            names = [name + (f" ({g})" if g else "") for name, g in sorted(known)]
            shown = str(regime) + (f" ({group})" if group else "")
            faults.append(unknown_label(shown, names, where=f"{where}: rates of {importer}", kind="regime"))
    return faults


def _values(frame: pd.DataFrame, column: str) -> list[str]:
    """Labels that occur, each once."""
    return [str(v) for v in frame[column].cat.categories[np.unique(frame[column].cat.codes)]] if len(frame) else []


def _numbers(goods: pd.DataFrame, rates: pd.DataFrame, where: str) -> list[InputError]:
    faults = []
    minus = rates["text"].isin([t for t in _values(rates, "text") if t.lstrip().startswith(("-", "−"))])
    negative = minus | (rates["kind"] != "difference") & ((rates["rate"] < 0) | (rates["amount"] < 0))
    faults += [InputError(f"negative duty `{t}`", where=p) for t, p in _shown(rates[negative], "text", where)]
    high = rates["rate"] > 50
    faults += [
        InputError(f"rate `{t}`", where=p, allowed="up to 5000 %") for t, p in _shown(rates[high], "text", where)
    ]
    tax = ~(goods["vat"].isna() | goods["vat"].between(0, 1))
    faults += [
        InputError(f"VAT {v}", where=p, allowed="a fraction from 0 to 1") for v, p in _shown(goods[tax], "vat", where)
    ]
    return faults


def _goods_twice(goods: pd.DataFrame, where: str) -> list[InputError]:
    twice = goods[goods.duplicated(_KEY)]
    return [InputError("the line stands twice", where=place) for _, place in _shown(twice, "line", where)]


def _orphans(goods: pd.DataFrame, rates: pd.DataFrame, where: str) -> list[InputError]:
    held = pd.MultiIndex.from_frame(goods[_KEY].astype(object))
    asked = rates[~pd.MultiIndex.from_frame(rates[_KEY].astype(object)).isin(held)]
    return [InputError("a rate on a line that is not there", where=place) for _, place in _shown(asked, "line", where)]


def _periods(rates: pd.DataFrame, where: str) -> list[InputError]:
    """No first day, a last day before the first, two rates for one day."""
    faults = [InputError("no first day", where=p) for _, p in _shown(rates[rates["valid_from"].isna()], "line", where)]
    turned = rates[rates["valid_to"] < rates["valid_from"]]
    faults += [InputError("the last day is before the first", where=p) for _, p in _shown(turned, "line", where)]
    shared = rates[rates.duplicated(_SLOT, keep=False)]
    if not len(shared):
        return faults
    ordered = shared.assign(**{c: shared[c].astype(str) for c in _SLOT}).sort_values([*_SLOT, "valid_from"])
    same = (ordered[_SLOT] == ordered[_SLOT].shift()).all(axis=1)
    until = ordered["valid_to"].shift()
    clash = same & (until.isna() | (ordered["valid_from"] <= until))
    alike = ordered["valid_from"] == ordered["valid_from"].shift()
    for kind, rows in (("two rates for one line, regime and date", clash & alike), ("dates overlap", clash & ~alike)):
        faults += [InputError(kind, where=place) for _, place in _shown(ordered[rows], "text", where)]
    return faults


def _shown(frame: pd.DataFrame, column: str, where: str) -> list[tuple[Any, str]]:
    """A value and the place of each row, the first of them; the last says how many more there are."""
    rows = []
    for row in frame.head(SHOWN).to_dict("records"):
        regime = f" {row['regime']}" if "regime" in row else ""
        date = f" from {row['valid_from']:%Y-%m-%d}" if "valid_from" in row and not pd.isna(row["valid_from"]) else ""
        part = "".join(f" ({row[k]})" for k in ("ex", "season") if row[k])
        rows.append((row[column], f"{where}: {row['importer']} {row['line']}{part}{regime}{date}"))
    if len(frame) > SHOWN:
        value, place = rows[-1]
        rows[-1] = (value, f"{place} and {len(frame) - SHOWN} more")
    return rows


def _first(faults: list[InputError], where: str) -> list[InputError]:
    if len(faults) <= SHOWN:
        return faults
    return [*faults[:SHOWN], InputError(f"and {len(faults) - SHOWN} more faults of labels", where=where)]


def unknown_codes(goods: pd.DataFrame, known: Mapping[str, Any] | set[str], *, where: str) -> list[InputError]:
    """Codes whose first six digits are not among the subheadings ``known`` of the revision."""
    return [
        InputError(f"code `{code}` is not in the revision", where=where)
        for code in _values(goods, "line")
        if len(code) >= 6 and code[:6] not in known
    ]
