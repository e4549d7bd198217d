"""Tariff-cut formulas: a new rate from an old one, by rule rather than line by line.

============  ==============================================================================================
linear        t₁ = (1 − c)·t₀
Swiss         t₁ = A·t₀ / (A + t₀); A is the ceiling that no new rate reaches
Girard        t₁ = B·t̄·t₀ / (B·t̄ + t₀): a Swiss formula whose A is B times the average rate t̄
tiered        the tier of t₀ fixes the cut; ``on`` says whether of the whole rate or of the part within the tier
cap           t₁ = min(t₀, ceiling)
============  ==============================================================================================

All rates are fractions, all functions elementwise. What is cut as a rule is the bound rate: `applied_after` says what
the cut leaves of the applied one. Sources: WTO TN/MA/W/35 (Girard; the Swiss
formula is its case of a fixed ceiling), TN/AG/W/4/Rev.4 (tiers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from tradewinds.core.errors import InputError
from tradewinds.world.arrays import Array


def linear_cut(rate: ArrayLike, cut: float) -> Array:
    """(1 − c)·t₀. InputError for a cut outside 0 to 1.

    >>> linear_cut([0.10, 0.40], 0.36).round(4).tolist()
    [0.064, 0.256]
    """
    return _rates(rate) * (1 - _share(cut, "cut"))


def swiss_cut(rate: ArrayLike, coefficient: float) -> Array:
    """A·t₀ / (A + t₀), A a fraction (0.08 where negotiators say 8). InputError for A of 0 or less.

    >>> swiss_cut([0.08, 0.40], 0.08).round(4).tolist()
    [0.04, 0.0667]
    """
    if not coefficient > 0:
        raise InputError(f"coefficient {coefficient:g}", where="Swiss formula", allowed="above 0, a fraction")
    start = _rates(rate)
    return np.asarray(coefficient * start / (coefficient + start))


def girard_cut(rate: ArrayLike, coefficient: float, *, average: float | None = None) -> Array:
    """B·t̄·t₀ / (B·t̄ + t₀); ``average`` t̄ is the simple mean of ``rate`` when left out. All nought stays nought.

    >>> girard_cut([0.0, 0.20], 1.0).round(4).tolist()
    [0.0, 0.0667]
    """
    if not coefficient > 0:
        raise InputError(f"coefficient {coefficient:g}", where="Girard formula", allowed="above 0")
    start = _rates(rate)
    mean = float(start.mean()) if average is None and start.size else (average or 0.0)
    if mean < 0:
        raise InputError(f"average {mean:g}", where="Girard formula", allowed="from 0")
    return swiss_cut(start, coefficient * mean) if mean else np.zeros_like(start)


@dataclass(frozen=True, slots=True)
class Tier:
    """Rates up to ``upto`` (fraction, included) are cut by ``cut`` (share)."""

    upto: float
    cut: float


def tiered_cut(rate: ArrayLike, tiers: Sequence[Tier], *, on: Literal["whole", "part"] = "whole") -> Array:
    """Cut by tiers, ascending; the last must reach every rate given.

    ``whole``: the tier of a rate cuts all of it, as in agriculture's tiered formula, so that two lines can change
    places at an edge (`overtaken` counts them). ``part``: each tier cuts only the part of the rate within it, and none
    can. InputError for tiers out of order and for rates above the last.

    >>> tiers = (Tier(0.20, 0.50), Tier(np.inf, 0.70))
    >>> tiered_cut([0.20, 0.21], tiers).round(4).tolist(), tiered_cut([0.20, 0.21], tiers, on="part").round(4).tolist()
    ([0.1, 0.063], [0.1, 0.103])
    """
    start = _rates(rate)
    edges = np.array([tier.upto for tier in tiers])
    cuts = np.array([_share(tier.cut, "cut") for tier in tiers])
    if not edges.size or (np.diff(edges) <= 0).any() or edges[0] <= 0:
        raise InputError("tiers", where="tiered formula", allowed="one or more, each reaching higher than the last")
    if start.size and start.max() > edges[-1]:
        raise InputError(
            f"rate {start.max():g} above the last tier", where="tiered formula", allowed=f"to {edges[-1]:g}"
        )
    if on == "whole":
        return np.asarray(start * (1 - cuts[np.searchsorted(edges, start, side="left")]))
    floors = np.concatenate(([0.0], edges[:-1]))
    within = np.clip(start[..., None], floors, edges) - floors
    return np.asarray((within * (1 - cuts)).sum(axis=-1))


def capped(rate: ArrayLike, ceiling: float) -> Array:
    """min(t₀, ceiling). InputError for a ceiling below 0."""
    if not ceiling >= 0:
        raise InputError(f"ceiling {ceiling:g}", where="cap", allowed="from 0")
    return np.minimum(_rates(rate), ceiling)


def applied_after(applied: ArrayLike, bound_new: ArrayLike) -> Array:
    """The applied rate after a cut of the bound one: min(applied, new bound). Water in the tariff absorbs the rest."""
    return np.minimum(_rates(applied), _rates(bound_new))


def average_cut(old: ArrayLike, new: ArrayLike) -> float:
    """Mean of the cuts line by line, 1 − t₁/t₀, over lines with a duty (how the Uruguay Round's 36 % was counted).

    NaN with no dutiable line. It is not the cut of the mean: large cuts of small rates count in full.
    """
    start, end = np.broadcast_arrays(_rates(old), _rates(new))
    dutiable = start > 0
    return float((1 - end[dutiable] / start[dutiable]).mean()) if dutiable.any() else float("nan")


def overtaken(old: ArrayLike, new: ArrayLike) -> int:
    """Number of neighbouring pairs, in order of the old rate, of which the higher comes out lower."""
    start, end = _rates(old), _rates(new)
    order = np.argsort(start, kind="stable")
    rises, falls = np.diff(start[order]) > 0, np.diff(end[order]) < 0
    return int((rises & falls).sum())


def _rates(rate: ArrayLike) -> Array:
    out = np.asarray(rate, dtype=float)
    if (out < 0).any() or np.isnan(out).any():
        raise InputError("a rate below 0 or not a number", where="formula cut", allowed="fractions, from 0")
    return out


def _share(value: float, name: str) -> float:
    if not 0 <= value <= 1:
        raise InputError(f"{name} {value:g}", where="formula cut", allowed="0 to 1")
    return value
