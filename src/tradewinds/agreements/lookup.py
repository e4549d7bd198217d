"""The best rate for a shipment on a date: every regime an origin may claim, what it costs, and what must be met.

Composition law at the line: the standing rate is the provisional one where there is one, else MFN; an agreement's rate
may be claimed where the origin is a member on the date and its rule of origin is met; the lowest rate wins, and a
preference above the standing rate is flagged. Rates that are no share of the value are compared only where value and
quantity are given; otherwise they are shown and never guessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradewinds.core.errors import InputError, unknown_label
from tradewinds.world.duty import Duty, parse_duty
from tradewinds.world.duty.value import ad_valorem_equivalent
from tradewinds.world.lines import Lines
from tradewinds.world.lines.regimes import Regime, serving
from tradewinds.world.lines.search import find_lines

#: Standing regimes in the order a tariff prefers them.
STANDING = ("provisional", "mfn")
#: Lines shown for one question.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Shipment:
    """What is imported: customs value in ``currency`` and, for duties by quantity, how many ``unit``."""

    value: float | None = None
    quantity: float | None = None
    unit: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One rate that applies: regime, its words, the fraction of the value (None: needs a unit value), and its dates."""

    regime: str
    title: str
    text: str
    rate: float | None
    grade: str
    since: dt.date
    until: dt.date | None
    source: str
    preference: bool


@dataclass(frozen=True, slots=True)
class Landed:
    """What a shipment costs at the border, in its currency: duty, excise, value added tax and the total."""

    duty: float
    excise: float
    vat: float
    total: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One line: its goods, the claims in order of rate, the best, what to meet, flags and the next change known."""

    importer: str
    line: str
    revision: str
    description: str
    claims: tuple[Claim, ...]
    best: Claim | None
    standing: Claim | None
    landed: Landed | None
    must_meet: str
    flags: tuple[str, ...]
    next_change: tuple[dt.date, str] | None


def lookup(
    query: str,
    tariffs: Sequence[Lines],
    *,
    importer: str,
    exporter: str,
    on: dt.date,
    shipment: Shipment = Shipment(),
) -> tuple[Answer, ...]:
    """Answer for every line that ``query`` (a code or words) finds in the importer's tariff in force ``on`` a date.

    Raises InputError where no tariff of the importer holds on the date or nothing is found.
    """
    current = _in_force(tariffs, importer, on)
    found = _lines_of(query, current, importer)
    later = [t for t in tariffs if t is not current and importer in set(t.goods["importer"].astype(str))]
    regimes = {(r.id, r.group): r for r in serving(importer, exporter, on)}
    rates = current.select(found, importer=importer, on=on, role="applied").rates
    goods = current.select(found, importer=importer, on=on).goods
    answers = []
    for line in found:
        here = rates[rates["line"].astype(str) == line]
        row = goods[goods["line"].astype(str) == line]
        if len(row):
            answers.append(_answer(line, row.iloc[0], here, regimes, shipment, later, importer, on))
    return tuple(answers)


def _in_force(tariffs: Sequence[Lines], importer: str, on: dt.date) -> Lines:
    day = np.datetime64(on, "s")
    known: list[str] = []
    for tariff in tariffs:
        rates = tariff.rates
        mine = rates[(rates["importer"].astype(str) == importer) & (rates["role"].astype(str) == "applied")]
        if not len(mine):
            continue
        start, end = mine["valid_from"].min(), mine["valid_to"].max()
        known.append(f"{importer} {start.date()} to {'…' if pd.isna(end) else end.date()}")
        if np.datetime64(start) <= day and (pd.isna(end) or day <= np.datetime64(end)):
            return tariff
    held = sorted({str(i) for t in tariffs for i in t.goods["importer"].unique()})
    if importer not in held:
        raise unknown_label(importer, held, where="lookup", kind="importer")
    raise InputError(f"no tariff of {importer} on {on}", where="lookup", allowed="; ".join(known) or "applied rates")


def _lines_of(query: str, tariff: Lines, importer: str) -> list[str]:
    digits = query.replace(".", "").replace(" ", "")
    if digits.isdigit():
        goods = tariff.select(digits, importer=importer).goods
        lines = list(dict.fromkeys(goods["line"].astype(str)))
        if not lines:
            raise InputError(f"no line starts with {digits}", where=f"tariff {tariff.name}", hint="try fewer digits")
    else:
        lines = list(dict.fromkeys(f.line for f in find_lines(tariff, query) if f.importer == importer))
        if not lines:
            raise InputError(
                f"nothing found for `{query}`", where=f"tariff {tariff.name}", hint="try other words or a code"
            )
    return lines[:SHOWN]


def _answer(
    line: str,
    row: pd.Series,
    rates: pd.DataFrame,
    regimes: dict[tuple[str, str], Regime],
    shipment: Shipment,
    later: Sequence[Lines],
    importer: str,
    on: dt.date,
) -> Answer:
    claims = [c for _, rate in rates.iterrows() if (c := _claim(rate, regimes, shipment)) is not None]
    standing = next((c for name in STANDING for c in claims if c.regime == name), None)
    offered = [c for c in claims if c.preference or c is standing]
    offered.sort(key=lambda c: (c.rate is None, c.rate or 0.0, c.preference))
    comparable = [c for c in offered if c.rate is not None]
    best = comparable[0] if comparable else None
    flags = []
    if len(comparable) < len(offered):
        flags.append("not_compared")
    if standing is not None and standing.rate is not None:
        for claim in comparable:
            if claim.preference and claim.rate is not None and claim.rate > standing.rate:
                flags.append("mfn_below_preference")
                break
    return Answer(
        importer=importer,
        line=line,
        revision=str(row["revision"]),
        description=_described(row),
        claims=tuple(offered),
        best=best,
        standing=standing,
        landed=_landed(best, row, shipment),
        must_meet=str(row["origin"]) if best is not None and best.preference else "",
        flags=tuple(flags),
        next_change=_next_change(best, later, line, importer, on),
    )


def _described(row: pd.Series) -> str:
    return next((str(row[c]) for c in ("description_en", "description_zh", "description_ja") if str(row[c])), "")


def _claim(rate: pd.Series, regimes: dict[tuple[str, str], Regime], shipment: Shipment) -> Claim | None:
    name, group = str(rate["regime"]), str(rate["group"])
    agreement = regimes.get((name, group))
    if name not in STANDING and agreement is None:
        return None
    if name == "provisional" and not str(rate["text"]).strip():
        return None
    duty = parse_duty(str(rate["text"]), dialect=str(rate["dialect"]))
    value, grade = _share(duty, shipment)
    end = rate["valid_to"]
    return Claim(
        regime=name,
        title=agreement.title if agreement is not None else name,
        text=str(rate["text"]),
        rate=value,
        grade=grade,
        since=rate["valid_from"].date(),
        until=None if pd.isna(end) else end.date(),
        source=str(rate["source"]),
        preference=agreement is not None,
    )


def _share(duty: Duty, shipment: Shipment) -> tuple[float | None, str]:
    """The duty as a fraction of the value and its grade; (None, "") where the shipment does not tell enough."""
    unit_value = None
    if shipment.value is not None and shipment.quantity:
        unit_value = shipment.value / shipment.quantity
    try:
        found = ad_valorem_equivalent(
            duty, unit_value=unit_value, unit=shipment.unit if unit_value else "", currency=shipment.currency
        )
    except InputError:
        return None, ""
    return found.rate, found.grade


def _landed(best: Claim | None, row: pd.Series, shipment: Shipment) -> Landed | None:
    """Duty on the value; excise on (value + duty)/(1 − e)·e; value added tax on the sum (the Chinese order)."""
    if best is None or best.rate is None or shipment.value is None:
        return None
    duty = best.rate * shipment.value
    words = str(row["consumption_tax"])
    share, _ = _share(parse_duty(words, dialect="china"), shipment) if words else (0.0, "")
    excise = (shipment.value + duty) / (1 - share) * share if share else 0.0
    rate = float(row["vat"]) if not pd.isna(row["vat"]) else 0.0
    vat = rate * (shipment.value + duty + excise)
    return Landed(duty, excise, vat, shipment.value + duty + excise + vat)


def _next_change(
    best: Claim | None, later: Sequence[Lines], line: str, importer: str, on: dt.date
) -> tuple[dt.date, str] | None:
    """The first later tariff held in which the best regime's rate on this very line reads differently."""
    if best is None:
        return None
    for tariff in later:
        rates = tariff.select(line, importer=importer, regime=best.regime, role="applied").rates
        mine = rates[rates["line"].astype(str) == line]
        if len(mine) and mine.iloc[0]["valid_from"].date() > on and str(mine.iloc[0]["text"]) != best.text:
            return mine.iloc[0]["valid_from"].date(), str(mine.iloc[0]["text"])
    return None
