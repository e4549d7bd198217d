"""Staging: how a rate falls from its base to its end, year by year.

A class is one of
  equal     n equal annual cuts, the first on entry into force: base·max(0, 1 − N/n) in year N (R14);
  bands     the band of the base rate fixes the steps (R13, early harvest of the ECFA);
  excluded  the base rate stays (R14: E).
Year 1 runs from entry into force to 31 December; year N starts on 1 January of (year of entry + N − 1) (R16).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tradewinds.world.arrays import Array


@dataclass(frozen=True, slots=True)
class Band:
    """Base rates above ``over`` and up to ``upto`` (fractions) take ``steps`` in years 1, 2, …, the last for good."""

    over: float
    upto: float
    steps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Staging:
    """One staging class."""

    name: str
    kind: Literal["equal", "bands", "excluded"] = "equal"
    years: int = 1
    bands: tuple[Band, ...] = ()

    def rate(self, base: Array, year: int) -> Array:
        """Rates in year number ``year`` (0 or less: not yet in force) from base rates, both fractions.

        >>> float(Staging("B", years=5).rate(np.array([0.10]), 2)[0])
        0.06
        """
        if year <= 0 or self.kind == "excluded":
            return base.copy()
        if self.kind == "equal":
            return np.asarray(base * max(0.0, 1 - year / self.years))
        out = base.copy()
        for band in self.bands:
            inside = (base > band.over) & (base <= band.upto)
            out[inside] = np.minimum(base[inside], band.steps[min(year, len(band.steps)) - 1])
        return out

    @property
    def complete(self) -> int:
        """The year number from which the rate no longer changes."""
        if self.kind == "bands":
            return max((len(b.steps) for b in self.bands), default=1)
        return self.years if self.kind == "equal" else 1


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


def year_number(in_force: dt.date, year: int) -> int:
    """Number of calendar year ``year`` under an agreement: 1 in the year of entry into force, 0 or less before."""
    return year - in_force.year + 1
