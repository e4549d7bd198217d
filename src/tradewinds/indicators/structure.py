"""The structure of a tariff: averages, bands, peaks, escalation, effective protection, overhang, concentration.

Every function takes arrays over lines: ``rate`` is a fraction [line], ``value`` the trade of the line [line]. A share
says whether it is by lines or by value; without ``value`` there is no figure by value. Lines whose rate is not known
are to be left out by the caller and counted: a NaN is refused.

Sources: WTO, ITC and UNCTAD, World Tariff Profiles (peaks, bands, bound coverage); Corden (1966), JPE 74(3) (effective
protection); Bchir, Jean and Laborde (2006), World Economy 29(12) (overhang); Hirschman (1964), AER 54(5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tradewinds.core.errors import InputError
from tradewinds.world.arrays import Array, frozen

#: The works these measures rest on, by key.
CITES = ("wto-tariff-profiles", "corden-1966", "bchir-jean-laborde-2006", "hirschman-1964")

#: Edges of the bands {0}, (0, 5 %), [5 %, 15 %], (15 %, ∞).
BANDS = ("0", "(0,5)", "[5,15]", ">15")
LOW_EDGE, HIGH_EDGE = 0.05, 0.15

#: Rates are compared with an edge to this, so that 15 written as 0.15000000000000002 is fifteen.
EDGE = 1e-12

#: A peak by the international measure, a peak by the national one (multiple of the simple mean), a nuisance rate.
INTERNATIONAL_PEAK, NATIONAL_PEAK, NUISANCE = 0.15, 3.0, 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Shares by band or group, adding up to one: ``by_lines`` and, where values were given, ``by_value``."""

    names: tuple[str, ...]
    lines: tuple[int, ...]
    by_lines: Array
    by_value: Array | None


@dataclass(frozen=True, slots=True)
class Average:
    """Lines, simple mean, trade-weighted mean (NaN without trade), lowest and highest rate, standard deviation."""

    lines: int
    simple: float
    weighted: float
    lowest: float
    highest: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Free:
    """Share of lines and of value that enters free of duty."""

    by_lines: float
    by_value: float


@dataclass(frozen=True, slots=True)
class Peaks:
    """Shares of lines: above 15 %; above three times the simple mean; above zero but at most 2 % (nuisance)."""

    international: float
    national: float
    nuisance: float


@dataclass(frozen=True, slots=True, eq=False)
class Overhang:
    """Bound less applied rate [line], NaN where unbound; its mean over bound lines, share of lines bound, and how
    many lines apply more than they may."""

    by_line: Array
    mean: float
    bound_share: float
    above_bound: int


@dataclass(frozen=True, slots=True)
class Concentration:
    """``herfindahl`` Σs²; ``herfindahl_normalised`` (Σs² − 1/n)/(1 − 1/n); ``hirschman_normalised``
    (√Σs² − √(1/n))/(1 − √(1/n)), the one of UNCTAD; ``equivalent`` 1/Σs², the number of equal lines."""

    herfindahl: float
    herfindahl_normalised: float
    hirschman_normalised: float
    equivalent: float


def bands(rate: ArrayLike, value: ArrayLike | None = None) -> Shares:
    """Distribution over {0}, (0, 5), [5, 15], above 15 per cent, by lines and by value (R11).

    >>> found = bands([0, 0.02, 0.05, 0.15, 0.3], [5, 1, 1, 1, 2])
    >>> found.lines, found.by_value.tolist()
    ((1, 1, 2, 1), [0.5, 0.1, 0.2, 0.2])
    """
    t, v = _lines(rate, value)
    place = np.where(t <= EDGE, 0, np.where(t < LOW_EDGE - EDGE, 1, np.where(t <= HIGH_EDGE + EDGE, 2, 3)))
    return _shares(place, BANDS, v)


def average(rate: ArrayLike, value: ArrayLike | None = None) -> Average:
    """Lines, averages, range and spread of a set of lines (R10)."""
    t, v = _lines(rate, value)
    total = float(v.sum()) if v is not None else 0.0
    weighted = float((t * v).sum() / total) if v is not None and total > 0 else float("nan")
    return Average(len(t), float(t.mean()), weighted, float(t.min()), float(t.max()), float(t.std()))


def averages(rate: ArrayLike, group: Sequence[str], value: ArrayLike | None = None) -> dict[str, Average]:
    """:func:`average` of each group of lines (section, chapter …), in order of first appearance."""
    t, v = _lines(rate, value)
    labels = np.asarray(group)
    if labels.shape != t.shape:
        raise InputError(f"group {labels.shape}", where="tariff structure", allowed=f"{t.shape}")
    return {name: average(t[labels == name], None if v is None else v[labels == name]) for name in dict.fromkeys(group)}


def mean_of_groups(lines: ArrayLike, mean: ArrayLike) -> float:
    """The simple mean of all lines from the means of groups: Σ n_g t̄_g / Σ n_g, in the unit of ``mean``."""
    count, level = np.asarray(lines, dtype=np.float64), np.asarray(mean, dtype=np.float64)
    return float((count * level).sum() / count.sum())


def duty_free(rate: ArrayLike, value: ArrayLike) -> Free:
    """Share of lines and of value at a zero rate (R8, R12)."""
    t, _ = _lines(rate, value)
    v = np.asarray(value, dtype=np.float64)
    free = t <= EDGE
    total = float(v.sum())
    return Free(float(free.mean()), float(v[free].sum() / total) if total > 0 else float("nan"))


def peaks(rate: ArrayLike) -> Peaks:
    """Shares of lines that are peaks, by the international and the national measure, and nuisance rates."""
    t, _ = _lines(rate, None)
    return Peaks(
        international=float((t > INTERNATIONAL_PEAK + EDGE).mean()),
        national=float((t > NATIONAL_PEAK * t.mean() + EDGE).mean()),
        nuisance=float(((t > EDGE) & (t <= NUISANCE + EDGE)).mean()),
    )


def escalation(
    rate: ArrayLike, stage: Sequence[str], *, raw: str, finished: str, value: ArrayLike | None = None
) -> float:
    """Mean rate of finished goods less that of raw ones, simple or weighted by ``value``; + is escalation (C.9)."""
    means = averages(rate, stage, value)
    missing = [name for name in (raw, finished) if name not in means]
    if missing:
        raise InputError(f"no line at stage {', '.join(missing)}", where="escalation", allowed=", ".join(means))
    top, bottom = means[finished], means[raw]
    return top.simple - bottom.simple if value is None else top.weighted - bottom.weighted


def effective_protection(tariff: ArrayLike, input_tariff: ArrayLike, input_share: ArrayLike) -> Array:
    """g_j = (t_j − Σ_i a_ij t_i)/(1 − Σ_i a_ij) (Corden 1966): protection of value added [product].

    ``tariff`` t_j [product], ``input_tariff`` t_i [input], ``input_share`` a_ij [input, product]: cost of inputs over
    the value of the product at world prices. Negative where inputs are taxed more than the product is protected. Raises
    InputError where inputs cost as much as the product (value added at world prices is not positive).

    >>> [round(float(g), 10) for g in effective_protection([0.4, 0.4], [0.2], [[0.5, 0.8]])]
    [0.6, 1.2]
    """
    t, inputs, share = (np.asarray(a, dtype=np.float64) for a in (tariff, input_tariff, input_share))
    if share.shape != (*inputs.shape, *t.shape) or t.ndim != 1 or inputs.ndim != 1:
        shapes = f"input_share {share.shape}, input_tariff {inputs.shape}, tariff {t.shape}"
        raise InputError(shapes, where="effective protection", allowed="[input, product], [input], [product]")
    left = 1 - share.sum(axis=0)
    if not (left > 0).all() or not (share >= 0).all():
        raise InputError(
            f"{int((~(left > 0)).sum())} products without value added at world prices",
            where="effective protection",
            allowed="input shares that are not negative and add up to less than one",
        )
    return np.asarray((t - inputs @ share) / left)


def overhang(bound_rate: ArrayLike, applied_rate: ArrayLike) -> Overhang:
    """Room to raise applied rates: bound − applied [line]; an unbound line is NaN in ``bound_rate``."""
    bound, applied = np.asarray(bound_rate, dtype=np.float64), np.asarray(applied_rate, dtype=np.float64)
    if bound.shape != applied.shape or bound.ndim != 1 or not np.isfinite(applied).all():
        raise InputError("bound and applied rates", where="overhang", allowed="[line] twice, every applied rate known")
    gap = bound - applied
    held = np.isfinite(gap)
    return Overhang(
        by_line=frozen(gap),
        mean=float(gap[held].mean()) if held.any() else float("nan"),
        bound_share=float(held.mean()),
        above_bound=int((gap[held] < -EDGE).sum()),
    )


def concentration(value: ArrayLike) -> Concentration:
    """How concentrated trade is over lines, chapters or partners; three indices that are often confused, by name.

    >>> concentration([1, 1, 1, 1]).equivalent
    4.0
    """
    v = np.asarray(value, dtype=np.float64)
    total = v.sum()
    if v.ndim != 1 or not (np.isfinite(v) & (v >= 0)).all() or not total > 0:
        raise InputError("wrong values", where="concentration", allowed="[line], not negative, with a positive sum")
    index, n = float(((v / total) ** 2).sum()), len(v)
    floor = 1 / n
    if n == 1:
        return Concentration(1.0, 1.0, 1.0, 1.0)
    return Concentration(
        herfindahl=index,
        herfindahl_normalised=(index - floor) / (1 - floor),
        hirschman_normalised=(index**0.5 - floor**0.5) / (1 - floor**0.5),
        equivalent=1 / index,
    )


def fewest_lines(value: ArrayLike, share: float) -> int:
    """The fewest lines that hold ``share`` of the value (0.8 → how many lines make four fifths of trade)."""
    v = np.sort(np.asarray(value, dtype=np.float64))[::-1]
    if not 0 < share <= 1 or not v.sum() > 0:
        raise InputError(f"share {share}", where="concentration", allowed="0 to 1, of a positive total")
    held = np.cumsum(v) / v.sum()
    return int(np.searchsorted(held, share - EDGE) + 1)


def _lines(rate: ArrayLike, value: ArrayLike | None) -> tuple[Array, Array | None]:
    t = np.asarray(rate, dtype=np.float64)
    v = None if value is None else np.asarray(value, dtype=np.float64)
    if t.ndim != 1 or len(t) == 0 or (v is not None and v.shape != t.shape):
        shapes = f"rate {t.shape}" + ("" if v is None else f", value {v.shape}")
        raise InputError(shapes, where="tariff structure", allowed="[line], at least one, the same for both")
    if not (np.isfinite(t) & (t >= 0)).all():
        raise InputError(
            f"{int((~(np.isfinite(t) & (t >= 0))).sum())} rates missing or negative",
            where="tariff structure",
            allowed="known fractions",
            hint="leave lines without an ad-valorem rate out and count them",
        )
    if v is not None and not (np.isfinite(v) & (v >= 0)).all():
        raise InputError("values missing or negative", where="tariff structure", allowed="numbers ≥ 0")
    return t, v


def _shares(
    place: np.ndarray[tuple[int, ...], np.dtype[np.intp]], names: tuple[str, ...], value: Array | None
) -> Shares:
    count = np.bincount(place, minlength=len(names))
    by_value = None
    if value is not None:
        total = value.sum()
        by_value = frozen(np.bincount(place, weights=value, minlength=len(names)) / (total if total > 0 else np.nan))
    return Shares(names, tuple(int(n) for n in count), frozen(count / len(place)), by_value)
