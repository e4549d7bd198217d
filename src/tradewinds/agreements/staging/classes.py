"""Staging classes: how a rate falls from its base to its end, year number by year number.

==============  =====================================================================================================
kind            rate in year N from base b
==============  =====================================================================================================
equal           b until year ``hold``, then n = ``years`` equal annual cuts: b·(1 − depth·min(1, (N − hold)/n)).
                Immediate is n = 1; back-loaded is hold > 0; cliff is hold > 0 and n = 1; partial is depth < 1
shares          b times the share that remains, stated by year (``steps``)
stepwise        the rate stated by year (``steps``), never above b; ∞ stands for the base
ceiling         at most the rate stated by year: the text binds the rate from above and leaves the rest to the grantor
margin          min(b, s·r): s = share stated by year (``steps``) of a reference rate r that the text names (an MFN of a
                stated date); b while s = 1
bands           the band of the base rate fixes the steps (R13, early harvest of the ECFA)
standstill      b for good: the text binds the base, whatever the MFN does later (a base rate frozen)
excluded        b, and no promise at all (R14: E): the MFN applies, up as well as down
quota           two classes, within and out of a quota; the rate at the margin is the one out of quota
not_applicable  no rate: the text says that the line has none
==============  =====================================================================================================

The last stated year stands for good. Only rates strictly between base and end are rounded ("interim stages"), and to no
rate outside the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tradewinds.agreements.staging.rounding import EXACT, Rounding
from tradewinds.core.errors import InputError
from tradewinds.world.arrays import Array

Kind = Literal[
    "equal",
    "bands",
    "excluded",
    "shares",
    "stepwise",
    "ceiling",
    "margin",
    "standstill",
    "quota",
    "not_applicable",
]
#: In ``steps`` of rates: the base rate stands.
BASE = float("inf")


@dataclass(frozen=True, slots=True)
class Band:
    """Base rates above ``over`` and up to ``upto`` (fractions) take ``steps`` in years 1, 2, …, the last for good."""

    over: float
    upto: float
    steps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Staging:
    """One staging class; the table above says which fields its kind reads.

    ``unit`` (``"EUR/1000 kg"``) marks steps in money. ``component = "ad_valorem"`` leaves a specific component alone.
    InputError where the fields contradict the kind.
    """

    name: str
    kind: Kind = "equal"
    years: int = 1
    bands: tuple[Band, ...] = ()
    hold: int = 0
    depth: float = 1.0
    steps: tuple[float, ...] = ()
    rounding: Rounding = EXACT
    unit: str = ""
    component: Literal["all", "ad_valorem"] = "all"
    in_quota: Staging | None = None
    out_of_quota: Staging | None = None

    def __post_init__(self) -> None:
        where = f"staging {self.name}"
        if self.years < 1 or self.hold < 0 or not 0 <= self.depth <= 1:
            raise InputError(
                f"years {self.years}, hold {self.hold}, depth {self.depth:g}",
                where=where,
                allowed="years from 1, hold from 0, depth between 0 and 1",
            )
        if (self.kind in _STEPPED) != bool(self.steps):
            raise InputError(f"{len(self.steps)} steps", where=where, allowed=f"steps belong to {', '.join(_STEPPED)}")
        highest = 1.0 if self.kind in _SHARED else BASE
        if any(not 0 <= step <= highest for step in self.steps):
            raise InputError("a step out of range", where=where, allowed=f"0 to {highest:g}")
        if (self.kind == "quota") != (self.in_quota is not None and self.out_of_quota is not None):
            raise InputError("a quota needs a class within it and one out of it, and no other kind does", where=where)

    def rate(self, base: Array, year: int, reference: Array | None = None) -> Array:
        """Rates in year number ``year`` (0 or less: not yet in force) from base rates, in the unit of ``base``.

        ``reference``: the rate a margin is measured from, shaped as ``base``. InputError where a margin lacks it, and
        for a class that has no rate.

        >>> float(Staging("B", years=5).rate(np.array([0.10]), 2)[0])
        0.06
        """
        if self.kind == "not_applicable":
            raise InputError(f"category `{self.name}` has no rate", where="staging", allowed="the text: not applicable")
        if year <= 0:
            return base.copy()
        out = _RULES[self.kind](self, base, year, reference)
        if self.rounding.how == "exact" or year >= self.complete:
            return out
        end = _RULES[self.kind](self, base, self.complete, reference)
        rounded = np.clip(self.rounding.apply(out, money=bool(self.unit)), np.minimum(end, out), base)
        return np.where(out < base, rounded, out)

    def remaining(self, year: int) -> float | None:
        """Share of the base rate that stands in ``year``; None where it depends on the base or a reference."""
        if year <= 0 or self.kind in ("standstill", "excluded"):
            return 1.0
        if self.kind == "equal":
            return 1 - self.depth * min(1.0, max(0.0, (year - self.hold) / self.years))
        if not self.steps:
            return None
        step = self._step(year)
        if self.kind == "shares" or step == 0:
            return step
        return 1.0 if step == (1.0 if self.kind == "margin" else BASE) else None

    def shifted(self, years: int) -> Staging:
        """The same class, every cut ``years`` later."""
        stand = (1.0 if self.kind in _SHARED else BASE,) * years
        return replace(
            self,
            hold=self.hold + years if self.kind == "equal" else self.hold,
            steps=stand + self.steps if self.steps else (),
            bands=tuple(Band(b.over, b.upto, (BASE,) * years + b.steps) for b in self.bands),
            in_quota=self.in_quota and self.in_quota.shifted(years),
            out_of_quota=self.out_of_quota and self.out_of_quota.shifted(years),
        )

    @property
    def complete(self) -> int:
        """The year number from which the rate no longer changes."""
        if self.kind == "bands":
            return max((len(b.steps) for b in self.bands), default=1)
        if self.kind == "quota" and self.in_quota and self.out_of_quota:
            return max(self.in_quota.complete, self.out_of_quota.complete)
        return self.hold + self.years if self.kind == "equal" else max(1, len(self.steps))

    @property
    def committed(self) -> bool:
        """Whether the class binds the rate at all; false of an exclusion."""
        if self.kind == "quota" and self.out_of_quota:
            return self.out_of_quota.committed
        return self.kind not in ("excluded", "not_applicable")

    @property
    def exact(self) -> bool:
        """Whether the text fixes the rate; false of a ceiling, which only bounds it."""
        return self.kind != "ceiling"

    def _step(self, year: int) -> float:
        return self.steps[min(year, len(self.steps)) - 1]


_STEPPED = ("shares", "stepwise", "ceiling", "margin")
_SHARED = ("shares", "margin")
_Rule = Callable[[Staging, Array, int, Array | None], Array]


def _remaining(staging: Staging, base: Array, year: int, reference: Array | None) -> Array:
    share = staging.remaining(year)
    assert share is not None
    return base * share


def _at_most(staging: Staging, base: Array, year: int, reference: Array | None) -> Array:
    return np.minimum(base, staging._step(year))


def _margin(staging: Staging, base: Array, year: int, reference: Array | None) -> Array:
    if reference is None:
        raise InputError(
            f"category `{staging.name}` measures a margin from a reference rate",
            where="staging",
            allowed="give reference, the rate the text names",
        )
    share = staging._step(year)
    return base.copy() if share == 1 else np.minimum(base, share * reference)


def _bands(staging: Staging, base: Array, year: int, reference: Array | None) -> Array:
    out = base.copy()
    for band in staging.bands:
        inside = (base > band.over) & (base <= band.upto)
        out[inside] = np.minimum(base[inside], band.steps[min(year, len(band.steps)) - 1])
    return out


def _base(staging: Staging, base: Array, year: int, reference: Array | None) -> Array:
    return base.copy()


def _out_of_quota(staging: Staging, base: Array, year: int, reference: Array | None) -> Array:
    assert staging.out_of_quota is not None
    return staging.out_of_quota.rate(base, year, reference)


_RULES: Mapping[Kind, _Rule] = {
    "equal": _remaining,
    "shares": _remaining,
    "stepwise": _at_most,
    "ceiling": _at_most,
    "margin": _margin,
    "bands": _bands,
    "standstill": _base,
    "excluded": _base,
    "quota": _out_of_quota,
}


def immediate(name: str) -> Staging:
    """Free from entry into force."""
    return Staging(name)


def equal_annual(name: str, years: int, *, rounding: Rounding = EXACT) -> Staging:
    """``years`` equal annual cuts, the first on entry into force."""
    return Staging(name, years=years, rounding=rounding)


def back_loaded(name: str, hold: int, years: int, *, rounding: Rounding = EXACT) -> Staging:
    """The base rate through year ``hold``, then ``years`` equal annual cuts.

    >>> truck = back_loaded("truck", 7, 3, rounding=Rounding("down"))
    >>> [float(truck.rate(np.array([0.25]), year)[0]) for year in (7, 8, 9, 10)]
    [0.25, 0.166, 0.083, 0.0]
    """
    return Staging(name, years=years, hold=hold, rounding=rounding)


def cliff(name: str, year: int) -> Staging:
    """The base rate until year ``year``, free from its first day."""
    return Staging(name, hold=year - 1)


def partial(name: str, depth: float, years: int = 1, *, rounding: Rounding = EXACT) -> Staging:
    """A margin of preference: ``depth`` of the base rate goes in ``years`` equal annual cuts, the rest stays."""
    return Staging(name, years=years, depth=depth, rounding=rounding)


def stepwise(name: str, rates: Sequence[float], *, unit: str = "") -> Staging:
    """Rates stated year by year, in fractions or in money of ``unit``."""
    return Staging(name, kind="stepwise", steps=tuple(rates), unit=unit)


def shares(name: str, remaining: Sequence[float], *, rounding: Rounding = EXACT) -> Staging:
    """Shares of the base rate that remain, year by year."""
    return Staging(name, kind="shares", steps=tuple(remaining), rounding=rounding)


def ceiling(name: str, rates: Sequence[float]) -> Staging:
    """Ceilings year by year: the rate is at most this, and at most the base."""
    return Staging(name, kind="ceiling", steps=tuple(rates))


def margin(name: str, remaining: Sequence[float], *, rounding: Rounding = EXACT) -> Staging:
    """Shares of a reference rate that remain, year by year; never above the base rate."""
    return Staging(name, kind="margin", steps=tuple(remaining), rounding=rounding)


def standstill(name: str) -> Staging:
    """The base rate is bound and stays."""
    return Staging(name, kind="standstill")


def excluded(name: str) -> Staging:
    """No promise."""
    return Staging(name, kind="excluded")


def within_and_out(name: str, in_quota: Staging, out_of_quota: Staging) -> Staging:
    """A class within a quota and one out of it."""
    return Staging(name, kind="quota", in_quota=in_quota, out_of_quota=out_of_quota)


#: The five baskets of the goods agreement (R14): immediate, 5, 10 and 15 years, exception.
BASKETS: Mapping[str, Staging] = {
    "A": Staging("A", years=1),
    "B": Staging("B", years=5),
    "C": Staging("C", years=10),
    "D": Staging("D", years=15),
    "E": Staging("E", kind="excluded"),
}


def early_harvest(side: Literal["mainland", "taiwan"]) -> Staging:
    """The early-harvest bands of the ECFA (R13): two years, three stages.

    >>> early_harvest("mainland").rate(np.array([0.04, 0.15, 0.20]), 2).tolist()
    [0.0, 0.0, 0.05]
    """
    edges: Sequence[tuple[float, float, tuple[float, ...]]] = {
        "mainland": ((0, 0.05, (0.0,)), (0.05, 0.15, (0.05, 0.0)), (0.15, 50, (0.10, 0.05, 0.0))),
        "taiwan": ((0, 0.025, (0.0,)), (0.025, 0.075, (0.025, 0.0)), (0.075, 50, (0.05, 0.025, 0.0))),
    }[side]
    return Staging(f"EH-{side}", kind="bands", bands=tuple(Band(*edge) for edge in edges))
