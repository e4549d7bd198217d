"""Specific and compound base rates: a duty falls component by component."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from tradewinds.agreements.staging.classes import Staging
from tradewinds.core.errors import InputError
from tradewinds.world.duty import UNITS, Duty, free, parse_duty, render_duty


def stage_duty(staging: Staging, duty: Duty, year: int) -> Duty:
    """``duty`` in year number ``year``: each per cent and each amount falls by the class, rounded as its unit asks.

    A class in shares (equal, shares, standstill, excluded) takes any duty; rates stated in per cent take only per cent,
    and rates stated in money only an amount of that currency and kind of unit; a sum set elsewhere (an agricultural
    component, an entry price) can stand or go, not fall in part. InputError otherwise.

    >>> base = parse_duty("9.6 + 120 EUR/100 kg", dialect="eu")
    >>> [part.rate or part.amount for part in stage_duty(Staging("B7", years=8), base, 4).parts]
    [0.048, 60.0]
    """
    if staging.kind == "quota" and staging.out_of_quota is not None:
        return stage_duty(staging.out_of_quota, duty, year)
    if year <= 0 or staging.remaining(year) == 1.0:
        return duty
    if staging.component == "all" and staging.remaining(year) == 0.0:
        return free()
    if not duty.understood:
        raise _refused(staging, duty, "base rate not understood")
    if staging.kind == "margin":
        raise _refused(staging, duty, "a margin is measured from a reference rate")
    rule = _OF_KIND.get(duty.kind)
    if rule is None:
        raise _refused(staging, duty, f"a duty of kind `{duty.kind}` cannot fall in part")
    return rule(staging, duty, year)


def _refused(staging: Staging, duty: Duty, what: str) -> InputError:
    return InputError(what, where=f"category {staging.name}, duty `{duty.text or render_duty(duty)}`")


def _free(staging: Staging, duty: Duty, year: int) -> Duty:
    return duty


def _ad_valorem(staging: Staging, duty: Duty, year: int) -> Duty:
    if staging.unit:
        raise _refused(staging, duty, f"rates in {staging.unit} do not bind per cent")
    rate = float(staging.rate(np.array([duty.rate or 0.0]), year)[0])
    return replace(duty, rate=rate, text="") if rate else free()


def _specific(staging: Staging, duty: Duty, year: int) -> Duty:
    if staging.component == "ad_valorem":
        return duty
    share = staging.remaining(year)
    if share is None and not staging.unit:
        raise _refused(staging, duty, "a rate in per cent does not bind a duty in money")
    whole = duty.amount or 0.0
    if share is not None:
        left = np.array([whole * share])
        interim = year < staging.complete
        amount = float(staging.rounding.apply(left, money=True)[0]) if interim else float(left[0])
    else:
        amount = float(staging.rate(np.array([whole]) / _units_of(staging, duty), year)[0]) * _units_of(staging, duty)
    return replace(duty, amount=amount, text="") if amount else free()


def _units_of(staging: Staging, duty: Duty) -> float:
    """How many of the class's units one of the duty's is: an amount per 100 kg is 0.1 of one per tonne."""
    stated = parse_duty(f"1 {staging.unit}", dialect="generic")
    ours, theirs = UNITS.get(stated.unit), UNITS.get(duty.unit)
    if stated.currency != duty.currency or ours is None or theirs is None or ours[0] != theirs[0]:
        raise _refused(staging, duty, f"rates in {staging.unit} do not bind {duty.currency} per {duty.unit}")
    return (duty.per * theirs[1]) / (stated.per * ours[1])


def _each_part(staging: Staging, duty: Duty, year: int) -> Duty:
    parts = tuple(replace(stage_duty(staging, part, year), when=part.when) for part in duty.parts)
    if duty.kind == "compound":
        parts = tuple(part for part in parts if part.kind != "free")
        if not parts:
            return free()
        if len(parts) == 1:
            return replace(parts[0], when=duty.when)
    elif all(part.kind == "free" for part in parts):
        return free()
    return replace(duty, parts=parts, text="")


def _set_elsewhere(staging: Staging, duty: Duty, year: int) -> Duty:
    if staging.component == "ad_valorem":
        return duty
    raise _refused(staging, duty, "a sum set elsewhere can stand or go, not fall in part")


_OF_KIND: Mapping[str, Callable[[Staging, Duty, int], Duty]] = {
    "free": _free,
    "ad_valorem": _ad_valorem,
    "specific": _specific,
    "compound": _each_part,
    "greater": _each_part,
    "lesser": _each_part,
    "range": _each_part,
    "pieces": _each_part,
    "component": _set_elsewhere,
    "entry_price": _set_elsewhere,
}
