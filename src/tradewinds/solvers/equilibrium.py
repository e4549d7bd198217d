"""The driver: accelerated sweeps with safeguards, homotopy in log tariffs, and at last a damped loop.

Caliendo and Parro (2015, ReStud 82(1), equations 10–15) in exact hat algebra. Cost: 30–50 sweeps whatever the size.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

import numpy as np

from tradewinds.solvers.condense import Condensed, condense
from tradewinds.solvers.kernels import MEMORY, flows, iterate, shares, trade_weights
from tradewinds.solvers.problem import (
    FIXED_WAGE,
    STEP_ELASTICITY,
    Array,
    Benchmark,
    Closure,
    Equilibrium,
    Options,
    Shock,
)

#: Units of the output state: an industry's output, but at least this share of its economy's, so that an industry
#: which starts from almost nothing does not rule the norms.
OUTPUT_FLOOR = 1e-2

#: The wage step is scaled by current trade, but by no less than this share of benchmark trade.
TRADE_FLOOR = 1e-4


@dataclass(slots=True)
class Workspace:
    """Arrays that one thread reuses from solve to solve."""

    shape: tuple[int, int]
    weight: Array
    weight_net: Array
    vectors: tuple[Array, ...]

    @classmethod
    def of(cls, n: int, j: int) -> Workspace:
        size = n + 2 * n * j
        long = [np.empty(size) for _ in range(4)]
        ring = [np.empty((MEMORY, size)), np.empty((MEMORY, size)), np.zeros((MEMORY, MEMORY))]
        rest = [np.empty((j, n)), np.empty((j, n)), np.empty(size)]
        return cls((n, j), np.empty((n, j, n)), np.empty((n, j, n)), (*long, *ring, *rest))


_local = threading.local()


def _workspace(n: int, j: int) -> Workspace:
    held: Workspace | None = getattr(_local, "space", None)
    if held is None or held.shape != (n, j):
        held = Workspace.of(n, j)
        _local.space = held
    return held


#: The answer's own residuals must stay below this; the slack over the tolerance is for coefficients that were rounded
#: in the data (shares of seven digits that do not quite add up).
SOUND = 1e-6

#: The default tolerance and limits.
STANDARD = Options()


def neutral(base: Benchmark) -> Closure:
    """Labour and capital fixed everywhere."""
    zero = np.zeros(base.size[0])
    return Closure(zero, zero)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A benchmark under a closure, condensed once for many solves."""

    base: Benchmark
    closure: Closure
    small: Condensed
    share: Array
    factor: Array
    output: Array
    elasticity: Array
    unit: Array
    trade: Array
    income: Array
    exchange: Array

    def with_elasticity(self, elasticity: Array) -> Prepared:
        """The same benchmark on other trade elasticities [j], condensed no further."""
        theta = elasticity[self.small.traded]
        base = replace(self.base, elasticity=elasticity)
        return replace(self, base=base, elasticity=theta, trade=_trade_floor(base, self.exchange, theta))


def prepare(base: Benchmark, closure: Closure | None = None) -> Prepared:
    """Condense ``base`` under ``closure`` and keep what every solve needs."""
    closure = closure or neutral(base)
    small = condense(base, closure)
    t = small.traded
    share, factor = np.ascontiguousarray(base.share[:, t]), np.ascontiguousarray(base.factor[:, t])
    output, theta = np.ascontiguousarray(base.output[:, t]), base.elasticity[t]
    floor = OUTPUT_FLOOR * base.output.sum(axis=1, keepdims=True)
    unit = np.where(output > 0, np.maximum(output, floor), 0.0)
    income = _income(base)
    exchange = _exchange(base, income)[:, t]
    floor_trade = _trade_floor(base, exchange, theta)
    return Prepared(base, closure, small, share, factor, output, theta, unit, floor_trade, income, exchange)


def _exchange(base: Benchmark, income: Array) -> Array:
    """[n,j] half of what economy n buys abroad and sells abroad of j, at producer prices."""
    spending = (base.inputs @ base.output[:, :, None])[:, :, 0] + base.final_share * income[:, None]
    flow = base.share * spending[:, :, None] / base.factor
    home = np.einsum("njn->nj", flow)
    return np.asarray((flow.sum(axis=2) + flow.sum(axis=0).T) / 2 - home)


def _trade_floor(base: Benchmark, exchange: Array, theta: Array) -> Array:
    """A share of T_n = Σ_j (1+min(θ_j, 8))·(foreign imports + foreign exports)/2, the slope of the trade balance."""
    scale = exchange @ (1 + np.minimum(theta, STEP_ELASTICITY))
    return np.asarray(np.maximum(TRADE_FLOOR * scale, 1e-9 * base.value_added))


def _income(base: Benchmark) -> Array:
    net = (base.share / base.factor).sum(axis=2)
    net = np.where(base.share.sum(axis=2) > 0, net, 1.0)
    use = (base.inputs @ base.output[:, :, None])[:, :, 0]
    return np.asarray(
        (base.value_added + base.deficit + ((1 - net) * use).sum(axis=1))
        / (1 - ((1 - net) * base.final_share).sum(axis=1))
    )


def start(prepared: Prepared) -> Array:
    """The state of the benchmark itself: every hat one."""
    n, j = prepared.output.shape
    outputs = prepared.output / np.where(prepared.unit > 0, prepared.unit, 1.0)
    return np.concatenate([np.zeros(n + n * j), outputs.ravel()])


def solve(prepared: Prepared, shock: Shock, *, guess: Array | None = None, options: Options = STANDARD) -> Equilibrium:
    """Find the equilibrium after ``shock``; ``method`` of the answer is "failed" when every safeguard did.

    ``guess`` is the ``state`` of a neighbouring equilibrium.
    """
    attempt = _Attempt(prepared, shock, options)
    sweeps = 0
    for method in ("joint sweep", "homotopy", "damped"):
        x, residual, used = attempt.by(method, start(prepared) if guess is None else guess)
        sweeps += used
        if residual < options.tolerance:
            found = attempt.finish(x, sweeps, method)
            if all(value < SOUND for value in found.residuals.values()):
                return found if (found.income > 0).all() else replace(found, method="failed")
    return replace(attempt.finish(x, sweeps, method), method="failed")


class _Attempt:
    """One shock on one prepared benchmark: weights, runs at a fraction of the shock, and the answer."""

    def __init__(self, prepared: Prepared, shock: Shock, options: Options) -> None:
        self.prepared, self.shock, self.options = prepared, shock, options
        small, base = prepared.small, prepared.base
        t = small.traded
        n, j = base.size
        self.factor = np.ascontiguousarray(shock.factor[:, t])
        self.cost_hat = None if shock.cost is None else np.ascontiguousarray(shock.cost[:, t])
        shift = np.zeros((n, j)) if shock.productivity is None else -np.log(shock.productivity)
        self.local_shift = shift[:, small.local]
        self.cost_shift = np.ascontiguousarray(shift[:, t])
        if small.local.size and self.local_shift.any():
            raise ValueError("productivity of an untraded sector cannot change in a condensed benchmark")
        self.added = base.value_added * (1.0 if shock.endowment is None else shock.endowment)
        grown = float(self.added.sum() / base.value_added.sum())
        self.deficit = base.deficit * grown if shock.deficit is None else shock.deficit
        self.space = _workspace(n, t.size)
        self.formed = -1.0

    def run(
        self, x: Array, fraction: float, tolerance: float, limit: int, *, accelerate: bool = True, step: float = 0.0
    ) -> tuple[float, int]:
        """Iterate on ``x`` in place at a fraction of the shock (in logs)."""
        p, space = self.prepared, self.space
        weight, weight_net = self._weights_at(fraction)
        small = p.small
        mixed = fraction < 1.0
        added = p.base.value_added ** (1 - fraction) * self.added**fraction if mixed else self.added
        deficit = (1 - fraction) * p.base.deficit + fraction * self.deficit if mixed else self.deficit
        fixed = (
            weight, weight_net, p.elasticity, small.labour, small.price_inputs, small.inputs, small.final,
            small.index_price, small.index_wage, p.closure.labour_supply, added, deficit, p.unit,
            fraction * self.cost_shift if mixed else self.cost_shift, p.trade,
        )  # fmt: skip
        step = step or self.options.step
        with np.errstate(all="ignore"):
            answer: tuple[float, int] = iterate(x, accelerate, limit, tolerance, step, *(*space.vectors, *fixed))
            return answer

    def _weights_at(self, fraction: float) -> tuple[Array, Array]:
        p, space = self.prepared, self.space
        if fraction == self.formed:
            return space.weight, space.weight_net
        self.formed = fraction
        ratio = self.factor / p.factor
        if self.cost_hat is not None:
            ratio = ratio * self.cost_hat
        factor = self.factor
        if fraction < 1.0:
            ratio, factor = ratio**fraction, p.factor ** (1 - fraction) * self.factor**fraction
        trade_weights(p.share, ratio, factor, p.elasticity, space.weight, space.weight_net)
        return space.weight, space.weight_net

    def by(self, method: str, guess: Array) -> tuple[Array, float, int]:
        """(state, residual, sweeps) by one method; only the joint sweep uses the guess."""
        if method == "homotopy":
            return self.homotopy(start(self.prepared))
        x = guess.copy() if method == "joint sweep" else start(self.prepared)
        if method == "joint sweep":
            return x, *self.run(x, 1.0, self.options.tolerance, self.options.sweeps)
        return x, *self.run(x, 1.0, self.options.tolerance, 20 * self.options.sweeps, accelerate=False, step=0.2)

    def homotopy(self, x: Array) -> tuple[Array, float, int]:
        """Follow the shock in log steps (first ¼, grow 1.6, shrink 0.4), each warm from the last."""
        reached, stride, sweeps, residual = 0.0, 0.25, 0, np.inf
        while reached < 1.0 and stride > 1e-3:
            target = min(1.0, reached + stride)
            last = target >= 1.0
            trial = x.copy()
            residual, used = self.run(
                trial, target, self.options.tolerance if last else 1e-6, (3 if last else 1) * self.options.sweeps
            )
            sweeps += used
            if residual < (self.options.tolerance if last else 1e-6):
                x, reached, stride = trial, target, stride * 1.6
            else:
                stride *= 0.4
        return x, residual if reached >= 1.0 else np.inf, sweeps

    def finish(self, x: Array, sweeps: int, method: str) -> Equilibrium:
        """Shares, flows and incomes at the final state, all sectors, with residuals by group of equations."""
        p, base, small = self.prepared, self.prepared.base, self.prepared.small
        n, j_all = base.size
        t, s = small.traded, small.local
        jt = t.size
        weight, _ = self._weights_at(1.0)
        log_price = x[n : n + n * jt].reshape(n, jt)
        y = x[n + n * jt :].reshape(n, jt)
        wage, labour = self._wages(x, log_price)
        price = np.empty((n, j_all))
        price[:, t] = log_price
        price[:, s] = small.local_wage * wage[:, None] + np.einsum("nts,nt->ns", small.local_price, log_price)
        cost = np.empty((n, j_all))
        cost[:, t] = (
            small.labour * wage[:, None] + self.cost_shift + (small.price_inputs @ log_price[:, :, None])[:, :, 0]
        )
        cost[:, s] = price[:, s]
        u = np.ascontiguousarray(np.exp(-p.elasticity * cost[:, t]).T)
        pi, sums, net = np.empty_like(weight), np.empty((n, jt)), np.empty((n, jt))
        shares(weight, u, self.factor, pi, sums, net)
        there = sums > 0
        sales = y * p.unit
        use = (small.inputs @ sales[:, :, None])[:, :, 0]
        value = np.exp(wage) * labour * self.added
        income = (value + self.deficit + ((1 - net) * use).sum(axis=1)) / (1 - ((1 - net) * small.final).sum(axis=1))
        spending_t = np.where(there, use + small.final * income[:, None], 0.0)
        output, spending = np.empty((n, j_all)), np.empty((n, j_all))
        output[:, t], spending[:, t] = sales, spending_t
        if s.size:
            need = base.inputs[:, s[:, None], t] @ sales[:, :, None]
            demand = need[:, :, 0] + base.final_share[:, s] * income[:, None]
            output[:, s] = spending[:, s] = (small.local_output @ demand[:, :, None])[:, :, 0]
        share = pi
        if s.size:
            share = base.share.copy()
            share[:, t] = pi
        flow = np.empty_like(share)
        flows(share, self.shock.factor, spending, flow)
        revenue = (flow * self.shock.factor).sum(axis=(1, 2)) - flow.sum(axis=(1, 2))
        market = np.abs(flow.sum(axis=0).T - output).max(axis=1) / value
        balance = flow.sum(axis=(1, 2)) - flow.sum(axis=(0, 1)) - self.deficit
        labour_bill = np.abs((base.labour_share * output).sum(axis=1) - value) / value
        expected = np.where(there, -np.log(np.where(there, sums, 1.0)) / p.elasticity, 0.0)
        return Equilibrium(
            wage=np.exp(wage),
            labour=labour,
            price=np.exp(price),
            cost=np.exp(cost),
            consumer_price=np.exp((small.index_price * log_price).sum(axis=1) + small.index_wage * wage),
            share=share,
            flow=flow,
            output=output,
            spending=spending,
            income=income,
            revenue=revenue,
            state=x,
            sweeps=sweeps,
            method=method,
            residuals={
                "markets": float(market.max()),
                "prices": float(np.abs(expected - log_price).max()),
                "incomes": float((np.abs(value + self.deficit + revenue - income) / value).max()),
                "labour": float(labour_bill.max()),
                "numéraire": float(abs(value.sum() / self.added.sum() - 1)),
                "trade balance (Walras)": float((np.abs(balance) / value).max()),
            },
        )

    def _wages(self, x: Array, log_price: Array) -> tuple[Array, Array]:
        p, small = self.prepared, self.prepared.small
        n = p.base.size[0]
        supply = p.closure.labour_supply
        index = (small.index_price * log_price).sum(axis=1)
        free = supply <= FIXED_WAGE
        wage = np.where(free, x[:n], index / (1 - small.index_wage))
        response = np.where(free, supply, 0.0) * (wage - index - small.index_wage * wage)
        return wage, np.exp(np.where(free, response, x[:n]))


def rebase(base: Benchmark, found: Equilibrium, shock: Shock) -> Benchmark:
    """The equilibrium ``found`` as a benchmark of its own (same technology and tastes, new shares and levels)."""
    deficit = base.deficit if shock.deficit is None else shock.deficit
    added = found.wage * found.labour * base.value_added
    return replace(
        base, share=found.share, factor=shock.factor, output=found.output, value_added=added, deficit=deficit
    )
