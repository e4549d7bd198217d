"""Rates on a day: the year in force, suspensions, and the MFN that may be lower."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from tradewinds.agreements.staging.calendars import Calendar
from tradewinds.agreements.staging.classes import Staging
from tradewinds.core.errors import InputError
from tradewinds.world.arrays import Array


@dataclass(frozen=True, slots=True)
class Suspension:
    """Preferences that do not apply from ``start`` to ``end`` (both included; None: until further notice).

    A snap-back is one, and so is the withdrawal of a list: the MFN takes the place of the staged rate. ``lines`` are
    codes or their beginnings. ``count`` is the number of lines that the notice names; a notice whose lines are not held
    can be counted and not applied. ``whole`` suspends every line.
    """

    start: dt.date
    end: dt.date | None = None
    lines: tuple[str, ...] = ()
    whole: bool = False
    count: int = 0
    because: str = ""

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise InputError(f"ends {self.end}, before it starts {self.start}", where=f"suspension {self.because}")

    def holds(self, on: dt.date, line: str = "") -> bool:
        """Whether ``line`` is suspended on a day. InputError where the lines are needed and not known."""
        if on < self.start or (self.end is not None and on > self.end):
            return False
        if self.whole:
            return True
        if not self.lines:
            raise InputError(
                f"the {self.count or 'listed'} lines are not held",
                where=f"suspension of {self.start}: {self.because}",
                allowed="give the lines of the notice, or leave the suspension out",
            )
        if not line:
            raise InputError("a suspension of named lines needs the line", where=f"suspension of {self.start}")
        return line.startswith(self.lines)


def rate_on(
    staging: Staging,
    base: ArrayLike,
    on: dt.date,
    calendar: Calendar,
    *,
    mfn: ArrayLike | None = None,
    reference: ArrayLike | None = None,
    suspensions: Sequence[Suspension] = (),
    line: str = "",
) -> Array:
    """Applied rates on a day, in the unit of ``base``.

    Staged rate; with ``mfn`` (the MFN on that day) the lower of the two, so a base rate that is frozen yields when the
    MFN falls below it. Under a suspension, before the first cut and for a class that promises nothing it is the MFN.
    InputError where a suspension holds and no ``mfn`` is given.

    >>> us_car = Staging("car", hold=4)
    >>> korus = Calendar(dt.date(2012, 3, 15))
    >>> [float(rate_on(us_car, 0.025, dt.date(*day), korus)) for day in ((2015, 12, 31), (2016, 1, 1))]
    [0.025, 0.0]
    """
    basis = np.asarray(base, dtype=float)
    most_favoured = None if mfn is None else np.broadcast_to(np.asarray(mfn, dtype=float), basis.shape).copy()
    if any(suspension.holds(on, line) for suspension in suspensions):
        if most_favoured is None:
            raise InputError(f"suspended on {on}: the MFN applies", where=staging.name, allowed="give mfn")
        return most_favoured
    number = calendar.number(on)
    if most_favoured is not None and (number == 0 or not staging.committed):
        return most_favoured
    staged = staging.rate(basis, number, None if reference is None else np.asarray(reference, dtype=float))
    return staged if most_favoured is None else np.minimum(staged, most_favoured)


@dataclass(frozen=True, slots=True)
class RateChange:
    """A day on which a rate becomes another; rates in the unit of the base."""

    on: dt.date
    before: float
    after: float


def next_change(
    staging: Staging,
    base: float,
    after: dt.date,
    calendar: Calendar,
    *,
    mfn: float | None = None,
    reference: float | None = None,
    suspensions: Sequence[Suspension] = (),
    line: str = "",
    direction: Literal["fall", "any"] = "fall",
) -> RateChange | None:
    """The first day after ``after`` on which the rate falls (or changes, ``direction="any"``); None when it never does.

    Days that can bring one: the start of a year of the schedule, the start of a suspension, the day after its end.

    >>> next_change(Staging("B", years=5), 0.25, dt.date(2027, 6, 1), Calendar(dt.date(2027, 3, 1)))
    RateChange(on=datetime.date(2028, 1, 1), before=0.2, after=0.15)
    """

    def at(day: dt.date) -> float:
        return float(
            rate_on(staging, base, day, calendar, mfn=mfn, reference=reference, suspensions=suspensions, line=line)
        )

    days = {calendar.starts(number) for number in range(1, staging.complete + 1)}
    for suspension in suspensions:
        days |= {suspension.start} | ({suspension.end + dt.timedelta(days=1)} if suspension.end else set())
    before = at(after)
    for day in sorted(each for each in days if each > after):
        now = at(day)
        if now < before or (direction == "any" and now != before):
            return RateChange(day, before, now)
        before = now
    return None
