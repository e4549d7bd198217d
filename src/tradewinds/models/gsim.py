"""GSIM: the world market of each tariff line, every exporter's price clearing (Francois and Hall 2003).

Goods differ by country of origin. With trade M_ir at world prices before duty, powers of duty T = 1 + t, landed
expenditure shares θ_ir = M_ir T0_ir / Σ_s M_sr T0_sr, export shares φ_ir = M_ir / Σ_r M_ir, and elasticities of
composite import demand E_m < 0, export supply E_x > 0 and substitution E_s > 0:

As published, in proportional changes (T̂ = T1/T0 − 1), one linear system for each line::

    q̂_ir = (E_m + E_s)_r Σ_s θ_sr (p̂_s + T̂_sr) − E_s,r (p̂_i + T̂_ir)
    E_x,i p̂_i = Σ_r φ_ir q̂_ir

which is own price elasticity θE_m − (1−θ)E_s and cross θ_s(E_m + E_s) written once. Exactly, in ratios new/old of the
CES system with the same parameters, by Newton's method on ln p̂::

    P̂_r = [Σ_s θ_sr (p̂_s T̂_sr)^(1−E_s)]^(1/(1−E_s))
    q̂_ir = (p̂_i T̂_ir)^−E_s P̂_r^(E_s+E_m)
    p̂_i^E_x = Σ_r φ_ir q̂_ir

Source: Francois and Hall (2003), Global Simulation Analysis of Industry-Level Trade Policy, version 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradewinds.core.errors import ConvergenceError, InputError, refuse
from tradewinds.world.arrays import Array, frozen

#: The work this model rests on, by key.
CITES = ("francois-hall-2003",)

#: Longest step of a log price in one Newton iteration.
LONGEST_STEP = 1.0

#: Below this distance of E_s from 1 or of E_m from −1 the logarithmic limit is taken.
LOGARITHMIC = 1e-8

_WHERE = "GSIM"


@dataclass(frozen=True, slots=True)
class NewtonOptions:
    """Tolerance on the log of demand over supply, and Newton steps before giving up."""

    tolerance: float = 1e-12
    steps: int = 100


@dataclass(frozen=True, slots=True, eq=False)
class GsimMarkets:
    """Every line after the change; leading dimensions are those of ``trade``, money in its unit.

    ``price_change`` p̂ [..., exporter] and ``composite_price_change`` P̂ [..., importer], fractions;
    ``quantity_change`` q̂ and ``trade_new`` (at new world prices, before duty) [..., exporter, importer];
    ``producer_surplus`` [..., exporter], ``consumer_surplus`` and ``revenue_change`` [..., importer], changes, + is
    gain; ``welfare`` [..., region] is the sum of the three.

    ``consumer_surplus_published`` and ``welfare_published`` carry the second-order term with the sign that was printed,
    E0(½E_m P̂²·sign P̂ − P̂): where prices rise it adds the triangle to the loss instead of taking it off. The corrected
    form is −E0(P̂ + ½E_m P̂²). Under the exact solution all surpluses are integrals and the two are the same.
    ``residual`` is the largest relative gap between supply and demand. The linear model can push a flow below zero
    (``trade_new`` shows it) where a duty rises far; the exact one cannot.
    """

    price_change: Array
    composite_price_change: Array
    quantity_change: Array
    trade_new: Array
    producer_surplus: Array
    consumer_surplus: Array
    consumer_surplus_published: Array
    revenue_change: Array
    welfare: Array
    welfare_published: Array
    residual: float
    steps: int


@dataclass(frozen=True, slots=True, eq=False)
class _Market:
    """Checked inputs: trade, powers and shares [..., i, r]; E_m, E_s [..., 1, r] and E_x [..., i]."""

    trade: Array
    power: Array
    power_new: Array
    theta: Array
    phi: Array
    demand: Array
    substitution: Array
    supply: Array

    @property
    def sales(self) -> Array:
        return np.asarray(self.trade.sum(axis=-1))

    @property
    def spending(self) -> Array:
        return np.asarray((self.trade * self.power).sum(axis=-2))


def solve_gsim(
    *,
    trade: ArrayLike,
    power: ArrayLike,
    power_new: ArrayLike,
    demand: ArrayLike,
    substitution: ArrayLike,
    supply: ArrayLike,
) -> GsimMarkets:
    """The linear model as published: one N×N solve for each line, no iteration.

    ``trade`` M, ``power`` T0 and ``power_new`` T1 (1.05 is a duty of five per cent) [..., exporter, importer], the same
    regions on both axes, sales at home on the diagonal or zero; ``demand`` E_m < 0 and ``substitution`` E_s > 0, one
    number or [..., importer]; ``supply`` E_x > 0, one number or [..., exporter]. Raises InputError, all faults at once.

    >>> free = solve_gsim(
    ...     trade=[[0, 50], [100, 0]], power=[[1, 1.2], [1.1, 1]], power_new=[[1, 1.2], [1.0, 1]],
    ...     demand=-1.25, substitution=5, supply=1.5,
    ... )
    >>> [round(float(p), 6) for p in free.price_change]
    [0.0, 0.041322]
    """
    m = _market(trade, power, power_new, demand, substitution, supply)
    shift = m.power_new / m.power - 1
    spread = m.demand + m.substitution
    pull = (m.phi * m.substitution).sum(axis=-1)
    matrix = -(m.phi * spread) @ np.swapaxes(m.theta, -1, -2)
    size = matrix.shape[-1]
    matrix[..., range(size), range(size)] += m.supply + pull
    push = (m.phi * (spread * (m.theta * shift).sum(axis=-2, keepdims=True) - m.substitution * shift)).sum(axis=-1)
    price = np.linalg.solve(matrix, push[..., None])[..., 0]
    moved = price[..., :, None] + shift
    quantity = spread * (m.theta * moved).sum(axis=-2, keepdims=True) - m.substitution * moved
    composite = (m.theta * ((1 + price)[..., None] * m.power_new / m.power - 1)).sum(axis=-2)
    gap = m.supply * price - (m.phi * quantity).sum(axis=-1)
    slope = m.demand[..., 0, :]
    producer = m.sales * price * (1 + 0.5 * m.supply * price)
    corrected = -m.spending * (composite + 0.5 * slope * composite**2)
    printed = m.spending * (0.5 * slope * composite**2 * np.sign(composite) - composite)
    return _outcome(m, price, composite, quantity, producer, corrected, printed, float(np.abs(gap).max()), 1)


def solve_gsim_exact(
    *,
    trade: ArrayLike,
    power: ArrayLike,
    power_new: ArrayLike,
    demand: ArrayLike,
    substitution: ArrayLike,
    supply: ArrayLike,
    options: NewtonOptions = NewtonOptions(),
) -> GsimMarkets:
    """The non-linear CES model of the same parameters, all lines in one batch; arguments as in :func:`solve_gsim`.

    Surpluses are integrals: Σ_r M_ir (p̂^(1+E_x) − 1)/(1+E_x) and Σ_i M_ir T0_ir (1 − P̂^(1+E_m))/(1+E_m). Raises
    ConvergenceError naming the lines where no equilibrium was found, rather than return one that is not.
    """
    m = _market(trade, power, power_new, demand, substitution, supply)
    log_price, residual, steps = _clear(m, options)
    log_quantity, log_index, _, _ = _demand(m, log_price)
    rising = 1 + m.supply
    producer = m.sales * np.expm1(rising * log_price) / rising
    falling = 1 + m.demand[..., 0, :]
    flat = np.abs(falling) < LOGARITHMIC
    area = np.where(flat, -log_index, -np.expm1(falling * log_index) / np.where(flat, 1.0, falling))
    consumer = m.spending * area
    price, composite, quantity = np.expm1(log_price), np.expm1(log_index), np.expm1(log_quantity)
    return _outcome(m, price, composite, quantity, producer, consumer, consumer, residual, steps)


def _outcome(
    m: _Market,
    price: Array,
    composite: Array,
    quantity: Array,
    producer: Array,
    consumer: Array,
    printed: Array,
    residual: float,
    steps: int,
) -> GsimMarkets:
    new = m.trade * (1 + price)[..., None] * (1 + quantity)
    revenue = ((m.power_new - 1) * new - (m.power - 1) * m.trade).sum(axis=-2)
    return GsimMarkets(
        price_change=frozen(price),
        composite_price_change=frozen(composite),
        quantity_change=frozen(quantity),
        trade_new=frozen(new),
        producer_surplus=frozen(producer),
        consumer_surplus=frozen(consumer),
        consumer_surplus_published=frozen(printed),
        revenue_change=frozen(revenue),
        welfare=frozen(producer + consumer + revenue),
        welfare_published=frozen(producer + printed + revenue),
        residual=residual,
        steps=steps,
    )


def _demand(m: _Market, log_price: Array) -> tuple[Array, Array, Array, Array]:
    """ln q̂ [..., i, r], ln P̂ [..., r], ln Σφq̂ [..., i], and its derivative with respect to ln p̂ [..., i, j].

    Shares add up to one or, where there is no trade, to zero: log1p(Σ share·expm1(·)) is right in both cases.
    """
    landed = log_price[..., :, None] + np.log(m.power_new / m.power)
    power = 1 - m.substitution
    flat = np.abs(power) < LOGARITHMIC
    safe = np.where(flat, 1.0, power)
    grown = (m.theta * np.expm1(safe * landed)).sum(axis=-2, keepdims=True)
    log_index = np.where(flat, (m.theta * landed).sum(axis=-2, keepdims=True), np.log1p(grown) / safe)
    spread = m.substitution + m.demand
    log_quantity = spread * log_index - m.substitution * landed
    bought = 1 + (m.phi * np.expm1(log_quantity)).sum(axis=-1)
    weight = m.phi * np.exp(log_quantity) / bought[..., None]
    share = np.where(flat, m.theta, m.theta * np.exp(safe * landed) / (1 + grown))
    slope = (weight * spread) @ np.swapaxes(share, -1, -2)
    size = slope.shape[-1]
    slope[..., range(size), range(size)] -= (weight * m.substitution).sum(axis=-1)
    return log_quantity, log_index[..., 0, :], np.log(bought), slope


def _clear(m: _Market, options: NewtonOptions) -> tuple[Array, float, int]:
    """ln p̂ at which every exporter sells what it supplies, by Newton's method with a bounded step."""
    log_price = np.zeros_like(m.supply)
    size = log_price.shape[-1]
    for step in range(options.steps + 1):
        _, _, bought, slope = _demand(m, log_price)
        gap = m.supply * log_price - bought
        residual = float(np.abs(gap).max())
        if residual < options.tolerance:
            return log_price, residual, step
        if not np.isfinite(residual):
            break
        matrix = -slope
        matrix[..., range(size), range(size)] += m.supply
        move = np.linalg.solve(matrix, -gap[..., None])[..., 0]
        longest = np.abs(move).max(axis=-1, keepdims=True)
        log_price = log_price + move * np.minimum(1.0, LONGEST_STEP / np.maximum(longest, 1e-300))
    open_lines = np.flatnonzero(~(np.abs(gap).max(axis=-1).reshape(-1) < options.tolerance))
    shown = ", ".join(str(i) for i in open_lines[:5]) + (" …" if len(open_lines) > 5 else "")
    raise ConvergenceError(
        f"no equilibrium in {len(open_lines)} of {gap[..., 0].size} lines (positions {shown}): off by {residual:.1e}",
        where=_WHERE,
        allowed=f"residual below {options.tolerance:g}",
        hint="try a smaller change or a lower elasticity of substitution",
    )


def _market(
    trade: ArrayLike,
    power: ArrayLike,
    power_new: ArrayLike,
    demand: ArrayLike,
    substitution: ArrayLike,
    supply: ArrayLike,
) -> _Market:
    m, before, after = (np.asarray(a, dtype=np.float64) for a in (trade, power, power_new))
    curves = {
        name: np.asarray(a, dtype=np.float64)
        for name, a in (("demand", demand), ("substitution", substitution), ("supply", supply))
    }
    refuse(_shape_faults(m, before, after, curves), where=_WHERE)
    refuse(_value_faults(m, before, after, curves), where=_WHERE)
    spread = {name: np.broadcast_to(a, m.shape[:-1]).astype(np.float64) for name, a in curves.items()}
    landed = m * before
    bought, sold = landed.sum(axis=-2, keepdims=True), m.sum(axis=-1, keepdims=True)
    return _Market(
        trade=m,
        power=before,
        power_new=after,
        theta=landed / np.where(bought > 0, bought, 1.0),
        phi=m / np.where(sold > 0, sold, 1.0),
        demand=spread["demand"][..., None, :],
        substitution=spread["substitution"][..., None, :],
        supply=spread["supply"],
    )


def _shape_faults(m: Array, before: Array, after: Array, curves: Mapping[str, Array]) -> list[InputError]:
    if m.ndim < 2 or m.shape[-1] != m.shape[-2] or before.shape != m.shape or after.shape != m.shape:
        shapes = f"trade {m.shape}, power {before.shape}, power_new {after.shape}"
        return [InputError(shapes, where=_WHERE, allowed="[..., region, region] three times the same")]
    faults = []
    for name, a in curves.items():
        try:
            fits = np.broadcast_shapes(a.shape, m.shape[:-1]) == m.shape[:-1]
        except ValueError:
            fits = False
        if not fits:
            faults.append(InputError(f"{name} {a.shape}", where=_WHERE, allowed=f"a number or {m.shape[:-1]}"))
    return faults


def _value_faults(m: Array, before: Array, after: Array, curves: Mapping[str, Array]) -> list[InputError]:
    checks: Mapping[str, tuple[NDArray[np.bool_], str]] = {
        "trade": (np.isfinite(m) & (m >= 0), "numbers that are not negative"),
        "power": (np.isfinite(before) & (before > 0), "one plus the duty, above 0"),
        "power_new": (np.isfinite(after) & (after > 0), "one plus the duty, above 0"),
        "demand": (np.isfinite(curves["demand"]) & (curves["demand"] < 0), "negative elasticities"),
        "substitution": (np.isfinite(curves["substitution"]) & (curves["substitution"] > 0), "positive elasticities"),
        "supply": (np.isfinite(curves["supply"]) & (curves["supply"] > 0), "positive, finite elasticities"),
    }
    return [
        InputError(f"{int((~good).sum())} wrong in {name}", where=_WHERE, allowed=rule)
        for name, (good, rule) in checks.items()
        if not good.all()
    ]
