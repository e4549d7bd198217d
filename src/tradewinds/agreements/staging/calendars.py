"""Calendars: which year of an agreement a day belongs to.

Year 1 starts with the first cut (entry into force unless said otherwise). Year N starts
  fixed_date   on the (N − 1)-th 1 January after it: KORUS, the EVFTA (Section A, paragraph 5) and the VKFTA (Annex 2-A,
               paragraph 7) alike; or on the (N − 1)-th other day of the year, as 1 April where the fiscal year rules;
  anniversary  on the (N − 1)-th return of the day; of 29 February, on 28 February in a common year.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from tradewinds.core.errors import InputError


def year_number(in_force: dt.date, year: int) -> int:
    """Number of calendar year ``year`` under an agreement: 1 in the year of entry into force, 0 or less before."""
    return year - in_force.year + 1


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the years of an agreement start.

    >>> Calendar(dt.date(2012, 3, 15)).starts(5)
    datetime.date(2016, 1, 1)
    """

    entry: dt.date
    kind: Literal["fixed_date", "anniversary"] = "fixed_date"
    month: int = 1
    day: int = 1
    first_cut: dt.date | None = None

    def __post_init__(self) -> None:
        try:
            dt.date(2001, self.month, self.day)
        except ValueError:
            raise InputError(
                f"{self.month}-{self.day} is not a day of every year", where="calendar", allowed="month and day"
            ) from None
        if self.first_cut is not None and self.first_cut < self.entry:
            raise InputError(f"first cut {self.first_cut} before entry into force {self.entry}", where="calendar")

    @property
    def first(self) -> dt.date:
        """The first day of year 1."""
        return self.first_cut or self.entry

    def starts(self, number: int) -> dt.date:
        """The first day of year ``number``. InputError for a number below 1."""
        if number < 1:
            raise InputError(f"year number {number}", where="calendar", allowed="1 or more")
        if number == 1:
            return self.first
        if self.kind == "anniversary":
            return _same_day(self.first, self.first.year + number - 1)
        turn = dt.date(self.first.year, self.month, self.day)
        return turn.replace(year=turn.year + number - (2 if turn > self.first else 1))

    def number(self, on: dt.date) -> int:
        """The year number in force on a day; 0 before the first cut."""
        if on < self.first:
            return 0
        number = on.year - self.first.year + 2
        while self.starts(number) > on:
            number -= 1
        return number

    def first_year_share(self) -> float:
        """Part of the twelve months before year 2 that year 1 covers, by days (0 to 1): quotas are cut to it."""
        end = self.starts(2)
        return min(1.0, (end - self.first).days / (end - _same_day(end, end.year - 1)).days)


def _same_day(day: dt.date, year: int) -> dt.date:
    try:
        return day.replace(year=year)
    except ValueError:
        return dt.date(year, 2, 28)
