"""Who uses a preference, what it saves, what is left on the table, and when a firm finds it worth while.

Arrays are [line] or of any one shape; rates are fractions, money in one unit throughout.

Sources: WTO Committee on Rules of Origin, modalities of utilisation rates (2024); Keck and Lendle (2012), WTO staff
working paper 2012-12 (fixed cost of a claim US$ 14–1,500); methods of lognormal shipments are derived here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tradewinds.core.errors import InputError
from tradewinds.world.arrays import Array

#: The works these measures rest on, by key.
CITES = ("keck-lendle-2012",)


@dataclass(frozen=True, slots=True)
class Use:
    """How far a preference is used; ratios are NaN where there is nothing to divide by.

    ``utilisation`` claimed/eligible; ``coverage`` eligible/dutiable; ``utility`` claimed/dutiable; ``duty_saved`` Σ
    claimed·(MFN − preference); ``duty_potential`` Σ eligible·(MFN − preference); ``duty_left`` the difference, on the
    table; ``duty_saved_rate`` duty saved per unit claimed.
    """

    utilisation: float
    coverage: float
    utility: float
    duty_saved: float
    duty_potential: float
    duty_left: float
    duty_saved_rate: float


def preference_use(mfn_rate: ArrayLike, preferential_rate: ArrayLike, imports: ArrayLike, claimed: ArrayLike) -> Use:
    """Use of a preference over lines [line]: dutiable is MFN > 0, eligible is MFN > preference.

    ``imports`` from the partner, ``claimed`` the part that entered under the preference. Raises InputError where more
    is claimed than imported. A claim on a line that is not eligible saves nothing and counts in no ratio.

    >>> round(preference_use([0.05, 0.0], [0.0, 0.0], [100.0, 50.0], [80.0, 0.0]).duty_left, 10)
    1.0
    """
    mfn, preference, trade, claim = (
        np.asarray(a, dtype=np.float64) for a in (mfn_rate, preferential_rate, imports, claimed)
    )
    if not mfn.shape == preference.shape == trade.shape == claim.shape:
        raise InputError("arrays of several shapes", where="preference use", allowed="one shape")
    wrong = ~((claim >= 0) & (claim <= trade * (1 + 1e-12)))
    if wrong.any():
        raise InputError(f"{int(wrong.sum())} lines claim more than they import", where="preference use")
    margin = mfn - preference
    eligible, dutiable = margin > 0, mfn > 0
    used, could, owed = (float(a.sum()) for a in (claim[eligible], trade[eligible], trade[dutiable]))
    saved, potential = (float((a * margin)[eligible].sum()) for a in (claim, trade))
    return Use(
        utilisation=_ratio(used, could),
        coverage=_ratio(could, owed),
        utility=_ratio(used, owed),
        duty_saved=saved,
        duty_potential=potential,
        duty_left=potential - saved,
        duty_saved_rate=_ratio(saved, used),
    )


def implied_utilisation(duty_saved: ArrayLike, imports: ArrayLike, margin: ArrayLike) -> Array:
    """Use that duty saved implies where claims were not published: (duty saved / eligible imports) / margin.

    >>> [round(100 * float(u), 1) for u in implied_utilisation([7.18, 8.08], [205.52, 207.35], 0.095)]
    [36.8, 41.0]
    """
    return np.asarray(np.asarray(duty_saved) / np.asarray(imports) / np.asarray(margin))


def effective_tariff(mfn_rate: ArrayLike, preferential_rate: ArrayLike, compliance_cost: ArrayLike = 0.0) -> Array:
    """min(MFN, preference + cost of compliance): what a firm pays that chooses; fractions of value."""
    with_cost = np.asarray(preferential_rate, dtype=np.float64) + np.asarray(compliance_cost, dtype=np.float64)
    return np.minimum(np.asarray(mfn_rate, dtype=np.float64), with_cost)


def gain_from_claiming(
    value: ArrayLike, mfn_rate: ArrayLike, preferential_rate: ArrayLike, *, variable: ArrayLike, fixed: ArrayLike
) -> Array:
    """v (MFN − preference − c) − F: what a claim on a shipment of ``value`` brings; a firm claims where it is positive.

    ``variable`` c is a fraction of value (inputs switched to meet the rule of origin), ``fixed`` F money per shipment.

    >>> [round(float(g)) for g in gain_from_claiming([100_000, 1_000], 0.05, 0.0, variable=0.02, fixed=100)]
    [2900, -70]
    """
    net = np.asarray(mfn_rate) - np.asarray(preferential_rate) - np.asarray(variable)
    return np.asarray(np.asarray(value) * net - np.asarray(fixed))


def threshold(mfn_rate: ArrayLike, preferential_rate: ArrayLike, *, variable: ArrayLike, fixed: ArrayLike) -> Array:
    """v* = F/(MFN − preference − c): the smallest shipment worth a claim; infinite where the margin does not pay c.

    >>> round(float(threshold(0.05, 0.0, variable=0.02, fixed=100)))
    3333
    """
    net = np.asarray(mfn_rate, dtype=np.float64) - np.asarray(preferential_rate) - np.asarray(variable)
    return np.where(net > 0, np.asarray(fixed) / np.where(net > 0, net, 1.0), np.inf)


@dataclass(frozen=True, slots=True)
class Shipments:
    """Lognormal sizes of shipments: ln v ~ N(``log_mean``, ``log_deviation``²), money in the unit of the fixed cost."""

    log_mean: float
    log_deviation: float

    def __post_init__(self) -> None:
        if not self.log_deviation > 0:
            raise InputError(f"deviation {self.log_deviation}", where="shipments", allowed="a positive number")


@dataclass(frozen=True, slots=True, eq=False)
class PredictedUse:
    """Share of eligible trade that claims, ``by_value`` and ``by_count`` of shipments."""

    by_value: Array
    by_count: Array


def use_of_shipments(
    margin: ArrayLike, shipments: Shipments, *, variable: ArrayLike = 0.0, fixed: float
) -> PredictedUse:
    """Use when firms claim above v*: Φ((μ − ln v*)/s) by count, Φ((μ + s² − ln v*)/s) by value.

    >>> found = use_of_shipments([0.01, 0.05], Shipments(math.log(8000), 1.3), fixed=100)
    >>> found.by_value.round(4).tolist(), found.by_count.round(4).tolist()
    ([0.8704, 0.991], [0.4319, 0.8569])
    """
    if not fixed > 0:
        raise InputError(f"fixed cost {fixed}", where="shipments", allowed="a positive number")
    level = np.asarray(margin, dtype=np.float64)
    cut = threshold(level, 0.0, variable=variable, fixed=fixed)
    score = (shipments.log_mean - np.log(cut)) / shipments.log_deviation
    return PredictedUse(by_value=normal_share(score + shipments.log_deviation), by_count=normal_share(score))


def normal_share(score: ArrayLike) -> Array:
    """Φ(score), the standard normal distribution function."""
    values = np.asarray(score, dtype=np.float64)
    return np.array([0.5 * math.erfc(-z / math.sqrt(2)) for z in values.ravel()]).reshape(values.shape)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")
