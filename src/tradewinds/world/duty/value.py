"""Ad valorem equivalents: a duty as a share of the value, where the value of one unit is named."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from tradewinds.core.errors import InputError
from tradewinds.world.duty.terms import UNITS, Condition, Duty


@dataclass(frozen=True, slots=True)
class Equivalent:
    """An ad valorem equivalent: fraction of the customs value, its grade, and what it leaned on."""

    rate: float
    grade: str
    unit_value: float | None
    unit: str
    currency: str


@dataclass(frozen=True, slots=True)
class _Given:
    unit_value: float | None
    unit: str
    currency: str
    on: dt.date | None
    in_quota: bool | None
    end: Literal["low", "high"] | None
    used: list[bool] = field(default_factory=list)


def ad_valorem_equivalent(
    duty: Duty,
    *,
    unit_value: float | None = None,
    unit: str = "",
    currency: str = "",
    on: dt.date | None = None,
    in_quota: bool | None = None,
    end: Literal["low", "high"] | None = None,
) -> Equivalent:
    """The duty as a fraction of the customs value.

    ``unit_value`` is the customs value of one ``unit`` in ``currency`` (that of the duty: no exchange rate is assumed).
    A duty that is a share of the value needs none and is graded *measured*; any other is *imputed*, and so is the
    choice of a piece. ``on`` decides a season, ``in_quota`` a quota, ``end`` the end of a range.

    Raises InputError where the equivalent would have to be made up: no unit value, another currency or dimension, an
    amount set elsewhere, several pieces left, a text not understood.

    >>> from tradewinds.world.duty import parse_duty
    >>> ad_valorem_equivalent(parse_duty("9元/千克", dialect="china"), unit_value=90.0, unit="kg", currency="CNY")
    Equivalent(rate=0.1, grade='imputed', unit_value=90.0, unit='kg', currency='CNY')
    """
    if unit_value is not None and not 0 < unit_value < float("inf"):
        raise InputError(f"unit value {unit_value:g}", where="ad valorem equivalent", allowed="a positive number")
    given = _Given(unit_value, unit, currency, on, in_quota, end)
    rate = _share(duty, given)
    if duty.ad_valorem_only:
        return Equivalent(rate, "measured", None, "", "")
    leaned = bool(given.used)
    return Equivalent(rate, "imputed", unit_value if leaned else None, *((unit, currency) if leaned else ("", "")))


def _share(duty: Duty, given: _Given) -> float:
    if duty.kind == "free":
        return 0.0
    if duty.kind == "ad_valorem" and duty.rate is not None:
        return duty.rate
    if duty.kind in ("specific", "difference") and duty.amount is not None:
        paid = duty.amount / _value_of(duty.currency, duty.unit, given, duty.per, duty)
        return paid if duty.kind == "specific" else max(0.0, paid + (duty.rate or 0.0))
    if duty.kind in ("compound", "greater", "lesser"):
        shares = [_share(part, given) for part in duty.parts]
        return sum(shares) if duty.kind == "compound" else max(shares) if duty.kind == "greater" else min(shares)
    if duty.kind == "range":
        return _end_of(duty, given)
    if duty.kind == "pieces":
        return _share(_piece(duty, given), given)
    raise _refusal(duty)


def _refusal(duty: Duty) -> InputError:
    said = {
        "text": "the duty is not understood",
        "not_committed": "the schedule makes no promise",
        "suspended": "the concession is suspended",
    }.get(duty.kind, f"the amount is set elsewhere ({duty.reference or duty.kind})")
    return InputError(f"no ad valorem equivalent: {said}", where=duty.text or duty.kind)


def _value_of(currency: str, unit: str, given: _Given, per: float, duty: Duty) -> float:
    """Customs value of ``per`` × ``unit`` in the duty's own currency."""
    place = duty.text or f"{duty.kind} duty per {unit}"
    wanted = f"a unit value in {currency} per {unit}"
    if given.unit_value is None:
        raise InputError("no unit value", where=place, allowed=wanted)
    if given.currency != currency:
        raise InputError(f"unit value in `{given.currency}`", where=place, allowed=wanted, hint="convert it first")
    given.used.append(True)
    if given.unit == unit:
        return given.unit_value * per
    mine, theirs = UNITS.get(unit), UNITS.get(given.unit)
    if mine is None or theirs is None or mine[0] != theirs[0]:
        raise InputError(f"unit value per `{given.unit}`", where=place, allowed=wanted)
    return given.unit_value * per * mine[1] / theirs[1]


def _end_of(duty: Duty, given: _Given) -> float:
    if given.end is None:
        raise InputError(
            "the row covers goods of several rates",
            where=duty.text,
            allowed='end="low" or end="high"',
            hint="the line's own description decides",
        )
    shares = [_share(part, given) for part in duty.parts if part.kind not in ("not_committed", "suspended")]
    return min(shares) if given.end == "low" else max(shares)


def _piece(duty: Duty, given: _Given) -> Duty:
    """The one piece that applies; InputError where the question does not decide."""
    left = [part for part in duty.parts if part.when is None or _holds(part.when, given, part) is not False]
    sure = [part for part in left if part.when is not None and _holds(part.when, given, part)]
    chosen = sure or left
    if len(chosen) != 1:
        raise InputError(
            f"{len(chosen)} pieces of the duty could apply",
            where=duty.text,
            allowed="a date, in or out of quota, or a unit value that decides",
            hint="; ".join(part.text for part in chosen) or "the duty has no piece for this case",
        )
    if chosen[0] not in sure and chosen[0].when is not None:
        raise InputError("one piece of the duty may apply", where=duty.text, hint=chosen[0].when.text)
    return chosen[0]


def _holds(when: Condition, given: _Given, part: Duty) -> bool | None:
    if when.kind in ("in_quota", "out_of_quota"):
        return None if given.in_quota is None else given.in_quota == (when.kind == "in_quota")
    if when.kind == "season" and given.on is not None:
        return in_season(given.on, when.start, when.end)
    if when.kind.startswith("value_") and when.amount is not None and given.unit_value is not None:
        value = _value_of(when.currency, when.unit, given, 1.0, part)
        return {
            "value_upto": value <= when.amount,
            "value_under": value < when.amount,
            "value_over": value > when.amount,
            "value_from": value >= when.amount,
        }[when.kind]
    return None


def in_season(day: dt.date, start: str, end: str) -> bool:
    """Whether ``day`` lies in a season of days ``MM-DD``, both included, that may run over the new year.

    >>> in_season(dt.date(2026, 1, 15), "12-01", "05-31")
    True
    """
    here = f"{day:%m-%d}"
    return start <= here <= end if start <= end else here >= start or here <= end
