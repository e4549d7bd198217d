"""The nested algorithm of Caliendo and Parro (2015, appendix: solving for the equilibrium in relative changes).

Guess wages; find prices and costs by a fixed point (equations 10 and 11); form trade shares (12); solve the linear
system of expenditures (13) as one dense system of all economies and sectors; look at trade balances (14); move wages a
little towards balance; repeat. Own code, from the paper; a reference for answers and for time, never a product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradewinds.solvers import Benchmark, Shock

Array = NDArray[np.float64]

#: Step of wages per unit of trade imbalance over value added.
DAMPING = 0.2


@dataclass(frozen=True, slots=True)
class Answer:
    """Hats and levels as in :class:`tradewinds.solvers.Equilibrium`; ``residual`` is the largest imbalance over VA."""

    wage: Array
    price: Array
    share: Array
    spending: Array
    income: Array
    rounds: int
    inner_rounds: int
    residual: float

    def real_income(self, base_income: Array, final_share: Array) -> Array:
        """Income over the price index of final use, new over base [n]."""
        index = np.exp((final_share * np.log(self.price)).sum(axis=1))
        return np.asarray(self.income / base_income / index)


def solve_textbook(
    base: Benchmark, shock: Shock, *, tolerance: float = 1e-10, damping: float = DAMPING, rounds: int = 5000
) -> Answer:
    """The equilibrium after a change of duties, by the nested loops; ``tolerance`` is on |trade imbalance|/VA."""
    deficit = base.deficit if shock.deficit is None else shock.deficit
    kappa = shock.factor / base.factor
    wage = np.ones(base.size[0])
    price = np.ones(base.size)
    inner = 0
    outer = 0
    residual = np.inf
    while residual >= tolerance and outer < rounds:
        outer += 1
        price, cost, used = _prices(base, wage, price, kappa, tolerance / 10)
        inner += used
        share = _shares(base, cost, price, kappa)
        spending, income = _spending(base, shock.factor, share, wage, deficit)
        flow = share * spending[:, :, None] / shock.factor
        gap = (flow.sum(axis=(0, 1)) - flow.sum(axis=(1, 2)) + deficit) / (wage * base.value_added)
        residual = float(np.abs(gap).max())
        if residual >= tolerance:
            wage = wage * (1 + damping * gap)
            wage *= base.value_added.sum() / (wage * base.value_added).sum()
    return Answer(wage, price, share, spending, income, outer, inner, residual)


def _prices(base: Benchmark, wage: Array, price: Array, kappa: Array, tolerance: float) -> tuple[Array, Array, int]:
    theta = base.elasticity
    resistance = base.share * kappa ** -theta[None, :, None]
    bought = resistance.sum(axis=2) > 0
    used, gap = 0, np.inf
    while gap >= tolerance and used < 2000:
        used += 1
        log_cost = base.labour_share * np.log(wage)[:, None] + np.einsum("nkj,nk->nj", base.inputs, np.log(price))
        cost = np.exp(log_cost)
        total = np.einsum("nji,ij->nj", resistance, np.exp(-theta * log_cost))
        new = np.where(bought, np.where(bought, total, 1.0) ** (-1 / theta), 1.0)
        gap = np.abs(new - price).max()
        price = new
    return price, cost, used


def _shares(base: Benchmark, cost: Array, price: Array, kappa: Array) -> Array:
    theta = base.elasticity[None, :, None]
    return np.asarray(base.share * (kappa * cost.T[None] / price[:, :, None]) ** -theta)


def _spending(base: Benchmark, factor: Array, share: Array, wage: Array, deficit: Array) -> tuple[Array, Array]:
    """(I − Ω) X = α (w VA + D), dense; Ω holds input demand and duty given back to consumers."""
    n, j = base.size
    net = share / factor
    kept = 1 - net.sum(axis=2)
    kept[share.sum(axis=2) == 0] = 0.0
    earned = wage * base.value_added + deficit
    system = np.einsum("njk,mkn->njmk", base.inputs, net).reshape(n * j, n * j)
    for m in range(n):
        block = slice(m * j, (m + 1) * j)
        system[block, block] += np.outer(base.final_share[m], kept[m])
    right = (base.final_share * earned[:, None]).ravel()
    spending = np.linalg.solve(np.eye(n * j) - system, right).reshape(n, j)
    return spending, earned + (kept * spending).sum(axis=1)
