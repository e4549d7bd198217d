"""Tariff-rate quotas: quantities by year, and a class within and out of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tradewinds.agreements.staging.calendars import Calendar
from tradewinds.agreements.staging.classes import Staging
from tradewinds.core.errors import InputError
from tradewinds.world.arrays import Array


@dataclass(frozen=True, slots=True)
class Quota:
    """One quota over ``lines`` (codes). ``quantities`` of years 1, 2, … in ``unit``; after the last, ``growth`` a year.

    ``pro_rata``: year 1 counts only from entry into force.
    """

    name: str
    lines: tuple[str, ...]
    unit: str
    quantities: tuple[float, ...]
    in_quota: Staging
    out_of_quota: Staging
    growth: float = 0.0
    pro_rata: bool = False
    because: str = ""

    def __post_init__(self) -> None:
        if not self.quantities or any(q < 0 for q in self.quantities) or self.growth <= -1:
            raise InputError("quantities", where=f"quota {self.name}", allowed="one or more, from 0; growth above −1")

    def quantity(self, number: int, calendar: Calendar | None = None) -> float:
        """Quantity of year ``number`` (0 before year 1). InputError when year 1 is pro rata and no calendar is given.

        >>> shrimp = Quota("shrimp", ("030617",), "t", (10000, 11000), Staging("in"), Staging("out", "standstill"))
        >>> [shrimp.quantity(year) for year in (0, 1, 2, 9)]
        [0.0, 10000, 11000, 11000.0]
        """
        if number < 1:
            return 0.0
        listed = len(self.quantities)
        if number > listed:
            return self.quantities[-1] * (1 + self.growth) ** (number - listed)
        if number == 1 and self.pro_rata:
            if calendar is None:
                raise InputError("year 1 is pro rata", where=f"quota {self.name}", allowed="give the calendar")
            return self.quantities[0] * calendar.first_year_share()
        return self.quantities[number - 1]

    def covers(self, line: str) -> bool:
        """Whether a line stands under one of the codes; the letter of a split line (``07104000A``) is part of it."""
        return bool(line) and line.startswith(self.lines)

    def average_rate(
        self, base: ArrayLike, imports: ArrayLike, number: int, *, calendar: Calendar | None = None
    ) -> Array:
        """Average rate on ``imports`` (in ``unit``) that use the quota first: (q·in + (m − q)·out)/m, q = min(m,
        quota).

        With no imports, the rate within the quota. Shapes of ``base`` and ``imports`` broadcast.
        """
        basis, volume = np.broadcast_arrays(np.asarray(base, dtype=float), np.asarray(imports, dtype=float))
        inside, outside = self.in_quota.rate(basis, number), self.out_of_quota.rate(basis, number)
        filled = np.minimum(volume, self.quantity(number, calendar))
        within = np.divide(filled, volume, out=np.ones(volume.shape), where=volume > 0)
        return np.asarray(within * inside + (1 - within) * outside)
