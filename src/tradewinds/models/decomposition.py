"""Welfare split along the path of the reform, so that its parts add up to the exact change.

d ln W_n = (1/I_n)[Σ Y_nj d ln c_nj − Σ M_nji d ln c_ij] (terms of trade)
         + (1/I_n) Σ (τ−1) M_nji (d ln M_nji − d ln c_ij) (volume of trade):
Caliendo and Parro (2015), equation 16, as a differential. Integrated by the trapezoid rule along a
geometric path of gross tariffs, its sum tends to ln(Î/CPI); the one-step version with x̂−1 is what they publish.
Holds with labour and capital fixed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewinds import solvers
from tradewinds.core.errors import InputError
from tradewinds.models.calibrated import Calibrated
from tradewinds.world.arrays import Array
from tradewinds.world.change import Change


@dataclass(frozen=True, slots=True)
class Split:
    """Path-integrated welfare in logs.

    ``terms_of_trade`` and ``volume`` [region, partner, sector]: what each partner and product contributes; ``exact``
    [region] is ln(Î/CPI), ``gap`` [region] what the integral misses of it (falls with 1/steps²).
    """

    terms_of_trade: Array
    volume: Array
    exact: Array
    steps: int

    @property
    def gap(self) -> Array:
        """Sum of the parts less the exact change [region]."""
        return np.asarray(self.terms_of_trade.sum(axis=(1, 2)) + self.volume.sum(axis=(1, 2)) - self.exact)


def split_welfare(calibrated: Calibrated, change: Change, *, steps: int = 20) -> Split:
    """Integrate the split of welfare over ``steps`` equal log steps of the tariff change.

    Raises InputError for changes other than tariffs and for closures in which labour or capital moves.
    """
    others = sorted(set(change.arrays) - {"tariff_new"})
    if others or calibrated.closure.capital != "fixed" or calibrated.closure.labour != "fixed":
        raise InputError(
            "the terms-of-trade split needs fixed labour and capital and a change of tariffs alone",
            where=f"closure {calibrated.closure.name}",
            allowed=f"got {', '.join(others) or 'tariffs'}",
        )
    base, target = calibrated.base, calibrated.shock(change).factor
    origin = base.benchmark.factor
    n, j, _ = origin.shape
    terms, volume = np.zeros((n, j, n)), np.zeros((n, j, n))
    before = _Point(base.flow, np.zeros((n, j)), base.income, origin)
    guess: Array | None = None
    found: solvers.Equilibrium | None = None
    for step in range(1, steps + 1):
        factor = origin ** (1 - step / steps) * target ** (step / steps)
        found = calibrated.solve(solvers.Shock(factor=factor), guess=guess)
        guess = found.state
        after = _Point(found.flow, np.log(found.cost), found.income, factor)
        _accumulate(before, after, terms, volume)
        before = after
    assert found is not None
    exact = np.log(found.income / base.income / found.consumer_price)
    return Split(terms.transpose(0, 2, 1), volume.transpose(0, 2, 1), exact, steps)


@dataclass(frozen=True, slots=True)
class _Point:
    flow: Array
    log_cost: Array
    income: Array
    factor: Array


def _accumulate(before: _Point, after: _Point, terms: Array, volume: Array) -> None:
    rise = (after.log_cost - before.log_cost).T[None]
    own = (after.log_cost - before.log_cost)[:, :, None]
    both = (before.flow > 0) & (after.flow > 0)
    growth = np.log(np.where(both, after.flow, 1.0) / np.where(both, before.flow, 1.0))
    for point in (before, after):
        half = 0.5 / point.income[:, None, None]
        terms += half * (point.flow.transpose(2, 1, 0) * own - point.flow * rise)
        volume += half * (point.factor - 1) * point.flow * (growth - rise)
