"""Structural gravity in general equilibrium with full endowments (Anderson and van Wincoop 2003; Yotov et al. 2016).

    X_ij = Y_i E_j / Y · (t_ij / (Π_i P_j))^(1−σ)                     trade, with ε = σ − 1 the trade elasticity
    P_j^(1−σ) = Σ_i (t_ij/Π_i)^(1−σ) Y_i/Y,   Π_i^(1−σ) = Σ_j (t_ij/P_j)^(1−σ) E_j/Y
    p_i = (Y_i/Y)^(1/(1−σ)) / (α_i Π_i),   Y_i = p_i Q_i                   factory-gate prices

Eliminating Π, spending on i is a share π_ij p̂_i^−ε t̂_ij^−ε / P̂_j^−ε of E_j, and factory-gate prices clear markets; in
changes from the benchmark shares π, so nothing has to be estimated.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from tradewinds.models.armington import (
    FIXED,
    Buyers,
    MarketOptions,
    OneSector,
    abroad,
    absences,
    clear_market,
    ratio,
)
from tradewinds.world.arrays import Array, frozen
from tradewinds.world.change import Change
from tradewinds.world.result import Result
from tradewinds.world.world import World


@dataclass(frozen=True, slots=True)
class Gravity:
    """Structural gravity with factory-gate prices in general equilibrium (full-endowment counterfactual).

    A duty acts as a cost of trade, t̂_ij = (1+t′)/(1+t): it raises no revenue, so the model overstates what tariffs
    cost the economy that levies them, and no tariff is ever worth having. Sectors are added up, output is the
    endowment, the elasticity is the arithmetic mean weighted with foreign trade, and σ = 1 + ε.

    Deficits: φ_j = E_j/Y_j is kept, as in Yotov et al. (2016), up to one common factor k = ΣY′/Σφ_j Y′_j that makes the
    world spend what it earns (the Guide leaves that difference to the reference economy); k = 1 where trade balances.
    Real income is spending over the price index, E/P. The numéraire is world output.
    Raises ConvergenceError rather than return an answer that is not one.

    >>> from tradewinds.world.toy import toy_world
    >>> world = toy_world()
    >>> Gravity().solve(world, Change.none(world)).status
    'converged'
    """

    name: ClassVar[str] = "gravity"
    needs: ClassVar[tuple[str, ...]] = ("trade_fob", "tariff_rate", "trade_elasticity")
    cites: ClassVar[tuple[str, ...]] = ("anderson-van-wincoop-2003", "yotov-et-al-2016")

    options: MarketOptions = field(default_factory=MarketOptions)

    def solve(self, world: World, change: Change, *, guess: Array | None = None) -> Result:
        """Solve ``change`` on ``world``; ``guess`` [region] are hats of factory-gate prices to start from."""
        begun = time.perf_counter()
        one = OneSector.of(world, change)
        size = one.output * one.endowment_hat
        spent = one.flow.sum(axis=0)
        hindrance = one.factor_new / one.factor * one.cost_hat * one.unit_cost[:, None]
        weight = one.flow / spent * hindrance**-one.elasticity
        buyers = constant_ratio(spent / one.output)
        start = np.ones_like(size) if guess is None else np.asarray(guess, dtype=np.float64)
        price, _, steps = clear_market(weight, size, one.elasticity, buyers, start, self.options, where=self.name)
        raw = weight * (price**-one.elasticity)[:, None]
        sums = raw.sum(axis=0)
        money, _, _ = buyers(price * size)
        flow = raw / sums * money
        arrays = _measures(one.flow, flow, price, sums ** (-1 / one.elasticity))
        return Result(
            world=world.name,
            model=self.name,
            closure={"name": "full_endowment", "deficits": "constant_ratio", **FIXED},
            labels=world.labels,
            arrays={name: frozen(values) for name, values in arrays.items()},
            status="converged",
            residuals=_residuals(flow, price * size, money),
            steps=steps,
            seconds=time.perf_counter() - begun,
            absent=absences(arrays, "absent.model"),
        )


def constant_ratio(phi: Array) -> Buyers:
    """Buyers who spend E_j = k φ_j Y_j, k = ΣY/Σφ_j Y_j, with dE_j/dln Y_k = E_j (j = k) + E_j dln k/dln Y_k."""

    def buyers(value: Array) -> tuple[Array, Array, Array]:
        raw = phi * value
        money = raw * (value.sum() / raw.sum())
        return money, money, value / value.sum() - raw / raw.sum()

    return buyers


def _measures(old: Array, new: Array, price: Array, index: Array) -> dict[str, Array]:
    real = new.sum(axis=0) / old.sum(axis=0) / index
    (sold, bought), (sold_new, bought_new) = abroad(old), abroad(new)
    return {
        "wage_hat": price,
        "consumer_price_hat": index,
        "real_wage_hat": price / index,
        "real_income_hat": real,
        "welfare_hat": real,
        "export_value_hat": ratio(sold_new, sold),
        "import_value_hat": ratio(bought_new, bought),
    }


def _residuals(flow: Array, value: Array, money: Array) -> dict[str, float]:
    """Relative errors by group of equations, recomputed from the answer."""
    return {
        "markets": float((np.abs(flow.sum(axis=1) - value) / value).max()),
        "spending": float((np.abs(flow.sum(axis=0) - money) / money).max()),
        "world (Walras)": float(abs(money.sum() - value.sum()) / value.sum()),
    }
