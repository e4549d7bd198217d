"""A schedule: base rates and categories in, rates by line and year out; and two texts against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from tradewinds.agreements.staging.classes import Staging
from tradewinds.agreements.staging.duties import stage_duty
from tradewinds.core.errors import InputError
from tradewinds.world.arrays import Array, frozen
from tradewinds.world.duty import Duty


class Categories(Protocol):
    """What gives a line its class: a staging class, or the sentence that says why there is none."""

    def find(self, category: str, line: str) -> Staging | str: ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that has no rate, and why."""

    line: str
    category: str
    because: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """Rates [line, year], fractions; NaN where the text as held gives none, and the line is then named in ``refused``.

    ``years`` are year numbers of the agreement, ascending. ``bounds`` [line]: the text only bounds the rate from above.
    """

    lines: tuple[str, ...]
    categories: tuple[str, ...]
    years: tuple[int, ...]
    base: Array
    rates: Array
    bounds: np.ndarray[tuple[int], np.dtype[np.bool_]]
    refused: tuple[Refusal, ...]

    def __array__(self, dtype: np.dtype[np.float64] | None = None, copy: bool | None = None) -> Array:
        return np.array(self.rates, dtype=dtype)

    def at(self, year: int) -> Array:
        """Rates [line] in year number ``year``. InputError for a year the schedule does not hold."""
        if year not in self.years:
            held = ", ".join(map(str, self.years))
            raise InputError(f"year {year} is not in the schedule", where="schedule", allowed=f"held: {held}")
        return np.asarray(self.rates[:, self.years.index(year)])

    @property
    def refused_by(self) -> Mapping[tuple[str, str], int]:
        """Number of refused lines by category and reason, most first."""
        return dict(Counter((r.category, r.because) for r in self.refused).most_common())


def schedule(
    base_rates: ArrayLike,
    categories: Sequence[str],
    table: Categories | Mapping[str, Staging],
    years: Sequence[int],
    *,
    lines: Sequence[str] | None = None,
    reference: ArrayLike | None = None,
) -> Schedule:
    """Rates [line, year] from base rates [line] (fractions; NaN: not ad valorem) and categories [line].

    ``lines`` are codes (numbered when left out; categories that are tables by line need them); ``reference`` [line] are
    the rates that margins are measured from (NaN: not known). A line is refused by name when its category is not
    defined, has no rate, is stated in money, or lacks a base or reference rate; in the years in which nothing, or all,
    is left whatever the base, it has its rate all the same. InputError for shapes that do not fit.
    """
    base = np.asarray(base_rates, dtype=float)
    codes = tuple(lines) if lines is not None else tuple(str(k + 1) for k in range(base.size))
    numbers = tuple(sorted(set(years)))
    measured = np.full(base.shape, np.nan) if reference is None else np.asarray(reference, dtype=float)
    if base.ndim != 1 or len(categories) != base.size or len(codes) != base.size or measured.shape != base.shape:
        raise InputError(
            f"{base.size} bases, {len(categories)} categories, {len(codes)} lines, {measured.size} reference rates",
            where="schedule",
            allowed="one each by line",
        )
    if (base < 0).any():
        raise InputError(f"base rate {np.nanmin(base):g}", where="schedule", allowed="fractions, from 0")
    rates = np.full((base.size, len(numbers)), np.nan)
    bounds = np.zeros(base.size, dtype=bool)
    why: dict[int, str] = {}
    for staging, places in _grouped(categories, codes, table):
        reasons = {k: _reason(staging, base[k], measured[k]) for k in places}
        good = np.array([k for k in places if not reasons[k]], dtype=np.intp)
        doubtful = np.array([k for k in places if reasons[k]], dtype=np.intp)
        why |= {int(k): reasons[k] for k in doubtful}
        if isinstance(staging, str) or staging.kind == "not_applicable":
            continue
        bounds[places] = not staging.exact
        for j, year in enumerate(numbers):
            if good.size:
                rates[good, j] = staging.rate(base[good], year, measured[good])
            rates[doubtful, j] = _certain(staging, base[doubtful], year)
    missing = np.isnan(rates).any(axis=1)
    refused = tuple(Refusal(codes[k], categories[k], why[k]) for k in sorted(why) if missing[k])
    return Schedule(
        lines=codes,
        categories=tuple(categories),
        years=numbers,
        base=frozen(base),
        rates=frozen(rates),
        bounds=bounds,
        refused=refused,
    )


def schedule_duties(
    duties: Sequence[Duty],
    categories: Sequence[str],
    table: Categories | Mapping[str, Staging],
    years: Sequence[int],
    *,
    lines: Sequence[str] | None = None,
) -> tuple[list[list[Duty | None]], tuple[Refusal, ...]]:
    """Duties [line][year] from base duties of any kind, component by component (`stage_duty`).

    None where no duty can be told; the line is then named, with the first reason. Margins are refused: their reference
    is a rate.
    """
    codes = tuple(lines) if lines is not None else tuple(str(k + 1) for k in range(len(duties)))
    out: list[list[Duty | None]] = []
    refused: list[Refusal] = []
    for code, category, duty in zip(codes, categories, duties, strict=True):
        found = [_told(find_class(table, category, code), duty, year) for year in years]
        out.append([each if isinstance(each, Duty) else None for each in found])
        reasons = [each for each in found if isinstance(each, str)]
        refused += [Refusal(code, category, reasons[0])] if reasons else []
    return out, tuple(refused)


def _told(staging: Staging | str, duty: Duty, year: int) -> Duty | str:
    """The duty in a year, or why it cannot be told."""
    if isinstance(staging, str):
        return staging
    if staging.kind == "not_applicable":
        return _reason(staging, 0.0, 0.0)
    try:
        return stage_duty(staging, duty, year)
    except InputError as error:
        return error.what


def find_class(table: Categories | Mapping[str, Staging], category: str, line: str) -> Staging | str:
    """The class of a line, or why it has none."""
    if isinstance(table, Mapping):
        return table.get(category) or f"category `{category}` is not defined"
    return table.find(category, line)


def _grouped(
    categories: Sequence[str], lines: Sequence[str], table: Categories | Mapping[str, Staging]
) -> Iterator[tuple[Staging | str, list[int]]]:
    groups: dict[tuple[str, int], tuple[Staging | str, list[int]]] = {}
    for k, (category, line) in enumerate(zip(categories, lines, strict=True)):
        found = find_class(table, category, line)
        key = (found, 0) if isinstance(found, str) else ("", id(found))
        groups.setdefault(key, (found, []))[1].append(k)
    yield from groups.values()


def _reason(staging: Staging | str, base: float, reference: float) -> str:
    if isinstance(staging, str):
        return staging
    if staging.kind == "not_applicable":
        return "the text gives the line no rate: not applicable"
    if staging.unit:
        return f"stated in {staging.unit}, not ad valorem"
    if np.isnan(base):
        return "no ad valorem base rate"
    if staging.kind == "margin" and np.isnan(reference):
        return "no reference rate for the margin"
    return ""


def _certain(staging: Staging, base: Array, year: int) -> Array:
    """What holds of a line without a base or reference rate: nought when all duty is gone, the base while it stands."""
    share = staging.remaining(year)
    if share == 0 and staging.component == "all":
        return np.zeros_like(base)
    return base if share == 1 else np.full_like(base, np.nan)


def cap_at_prior(made: Schedule, prior: ArrayLike, *, through: int) -> Schedule:
    """The schedule, never above the duties applied the day before entry into force [line] in years 1 to ``through``.

    EVFTA, Section A, paragraph 3 (the Union's side, to the seventh year after entry). NaN in ``prior``: no cap.
    """
    cap = np.asarray(prior, dtype=float)[:, None]
    bound = np.array([1 <= year <= through for year in made.years])
    return replace(made, rates=frozen(np.where(bound & ~np.isnan(cap), np.fmin(made.rates, cap), made.rates)))


@dataclass(frozen=True, slots=True)
class Difference:
    """Text b against text a on the lines both hold; + is higher under b.

    ``rate_change`` and ``duty_change`` (its product with trade, in trade's unit, at constant trade) are [line, year];
    NaN where either text gives no rate. The rest are [year]: lines that are lower or higher, the share of trade on them
    (of the trade of all common lines), and the mean change, simple and trade-weighted, over the lines that can be
    compared.
    """

    lines: tuple[str, ...]
    years: tuple[int, ...]
    rate_change: Array
    duty_change: Array
    lower_lines: tuple[int, ...]
    higher_lines: tuple[int, ...]
    lower_trade_share: Array
    higher_trade_share: Array
    mean_change: Array
    weighted_change: Array
    duty_by_year: Array
    undetermined: tuple[str, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]

    def largest(self, count: int = 10) -> list[tuple[str, float]]:
        """Lines by the size of their change in duty over all years, largest first: (line, change in trade's unit)."""
        total = np.nansum(self.duty_change, axis=1)
        return [(self.lines[k], float(total[k])) for k in np.argsort(-np.abs(total), kind="stable")[:count]]


def difference(schedule_a: Schedule, schedule_b: Schedule, trade: ArrayLike) -> Difference:
    """What text b changes against text a, by line, by trade and by year.

    ``trade`` [line of a] is import value by line. InputError for years that differ and for a code named twice.
    """
    for name, made in (("a", schedule_a), ("b", schedule_b)):
        twice = [line for line, count in Counter(made.lines).items() if count > 1]
        if twice:
            raise InputError(f"line {twice[0]} is named twice", where=f"schedule {name}", allowed="one row a line")
    if schedule_a.years != schedule_b.years:
        raise InputError(
            f"years {schedule_a.years} and {schedule_b.years}", where="difference", allowed="the same years"
        )
    value = np.asarray(trade, dtype=float)
    if value.shape != (len(schedule_a.lines),):
        raise InputError(f"trade of shape {value.shape}", where="difference", allowed="one value for each line of a")
    places = {line: k for k, line in enumerate(schedule_b.lines)}
    held = set(schedule_a.lines)
    of_a = [k for k, line in enumerate(schedule_a.lines) if line in places]
    lines = tuple(schedule_a.lines[k] for k in of_a)
    weight = value[of_a]
    change = schedule_b.rates[[places[line] for line in lines]] - schedule_a.rates[of_a]
    known = ~np.isnan(change)
    lower, higher = change < -_SAME, change > _SAME
    duty = weight[:, None] * change
    total = weight.sum() or np.nan
    seen, seen_weight = known.sum(axis=0), (weight[:, None] * known).sum(axis=0)
    by_year = np.nansum(duty, axis=0)
    return Difference(
        lines=lines,
        years=schedule_a.years,
        rate_change=frozen(change),
        duty_change=frozen(duty),
        lower_lines=tuple(map(int, lower.sum(axis=0))),
        higher_lines=tuple(map(int, higher.sum(axis=0))),
        lower_trade_share=frozen(weight @ lower / total),
        higher_trade_share=frozen(weight @ higher / total),
        mean_change=frozen(_ratio(np.nansum(change, axis=0), seen)),
        weighted_change=frozen(_ratio(by_year, seen_weight)),
        duty_by_year=frozen(by_year),
        undetermined=tuple(line for k, line in enumerate(lines) if not known[k].all()),
        only_a=tuple(line for line in schedule_a.lines if line not in places),
        only_b=tuple(line for line in schedule_b.lines if line not in held),
    )


#: Rates closer than this are the same: products of numbers below a hundred, in double precision.
_SAME = 1e-12


def _ratio(numerator: Array, denominator: Array) -> Array:
    out = np.full(numerator.shape, np.nan)
    return np.asarray(np.divide(numerator, denominator, out=out, where=denominator > 0))
