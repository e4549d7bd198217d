"""What a schedule comes to: the share free or reduced by year (R17), and how deep it cuts in present value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tradewinds.agreements.staging.classes import Staging
from tradewinds.agreements.staging.schedule import Schedule
from tradewinds.core.errors import InputError
from tradewinds.world.arrays import Array, frozen


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares (0 to 1) by year number, of all lines and of all trade; the three of a kind do not overlap.

    ``free``: no duty. ``reduced``: a duty below the base. ``undetermined``: the text as held gives no rate. What is
    left stands at its base. By value, NaN where no trade was given.
    """

    years: tuple[int, ...]
    free_by_lines: Array
    reduced_by_lines: Array
    undetermined_by_lines: Array
    free_by_value: Array
    reduced_by_value: Array
    undetermined_by_value: Array


def coverage(made: Schedule, years: Sequence[int] = (0, 3, 5, 10, 20), trade: ArrayLike | None = None) -> Coverage:
    """Coverage of a schedule in ``years``; 0 stands for entry into force (year 1), other numbers are year numbers.

    A year number is not a count of years passed: "free within three years" is year 3 where the first cut falls on
    entry, and the EVFTA's B3 (four stages, the first on entry) is free in year 4. ``trade`` [line] is import value.
    InputError for a year the schedule does not hold and for trade that is negative or of another shape.
    """
    numbers = tuple(year or 1 for year in years)
    count = len(made.lines)
    lines = np.full(count, 1 / count) if count else np.zeros(0)
    value = np.full(count, np.nan)
    if trade is not None:
        given = np.asarray(trade, dtype=float)
        if given.shape != (count,) or not (given >= 0).all():
            raise InputError(
                f"trade of shape {given.shape}", where="coverage", allowed="one value from 0 for each line"
            )
        total = given.sum()
        value = given / total if total else value
    rates = np.stack([made.at(number) for number in numbers], axis=1) if numbers else np.zeros((count, 0))
    free = rates == 0
    reduced = (rates > 0) & (rates < made.base[:, None])
    unknown = np.isnan(rates)
    return Coverage(
        numbers,
        *(frozen(lines @ each) for each in (free, reduced, unknown)),
        *(frozen(value @ each) for each in (free, reduced, unknown)),
    )


def _weights(discount: float, horizon: int) -> Array:
    if discount <= -1 or horizon < 1:
        raise InputError(f"discount {discount:g}, horizon {horizon}", where="depth of cut", allowed="above −1; from 1")
    weights = (1 + discount) ** -np.arange(horizon, dtype=float)
    return np.asarray(weights / weights.sum())


def depth_of_cut(staging: Staging, *, base: float = 0.1, discount: float = 0.05, horizon: int = 20) -> float:
    """Present-value average cut, 1 for an immediate zero: Σ_y cut(y)(1+ρ)^−y / Σ_y (1+ρ)^−y, y = 0 … H−1 (year y + 1).

    cut(y) = 1 − rate/base. ``base`` matters for bands, ceilings and rounding only; a base of 0 has nothing to cut: 0.

    >>> from tradewinds.agreements.staging import BASKETS
    >>> [round(depth_of_cut(BASKETS[b]), 6) for b in "ABCDE"]
    [1.0, 0.854264, 0.696333, 0.561195, 0.0]
    """
    weights = _weights(discount, horizon)
    if base == 0:
        return 0.0
    start = np.array([base])
    cut = [1 - float(staging.rate(start, year)[0]) / base for year in range(1, horizon + 1)]
    return float(weights @ np.array(cut))


@dataclass(frozen=True, slots=True)
class Depth:
    """Present-value depth of cut by line (NaN: no rate, or a base of nought), its mean, and the trade-weighted mean."""

    by_line: Array
    simple: float
    weighted: float


def schedule_depth(
    made: Schedule, *, discount: float = 0.05, horizon: int = 20, trade: ArrayLike | None = None
) -> Depth:
    """`depth_of_cut` of every dutiable line of a schedule that holds years 1 to ``horizon``.

    The weighted mean weighs by ``trade`` [line]; NaN when none is given or none falls on a line with a depth.
    """
    weights = _weights(discount, horizon)
    rates = np.stack([made.at(year) for year in range(1, horizon + 1)], axis=1)
    dutiable = (made.base > 0) & ~np.isnan(rates).any(axis=1)
    depth = np.full(len(made.lines), np.nan)
    depth[dutiable] = (1 - rates[dutiable] / made.base[dutiable, None]) @ weights
    value = np.zeros(len(made.lines)) if trade is None else np.asarray(trade, dtype=float)
    on = value[dutiable]
    return Depth(
        by_line=frozen(depth),
        simple=float(depth[dutiable].mean()) if dutiable.any() else float("nan"),
        weighted=float(on @ depth[dutiable] / on.sum()) if on.sum() > 0 else float("nan"),
    )
