"""One good per economy, in levels: Armington (1969), with tariff revenue in closed form.

    λ_ij = A_ij (w_i (1+t_ij))^−ε / Σ_k A_kj (w_k (1+t_kj))^−ε            share of j's landed spending on i
    E_j  = (w_j L_j + D_j) / (1 − Σ_i λ_ij t_ij / (1+t_ij))                spending, revenue included
    Σ_j λ_ij E_j / (1+t_ij) = w_i L_i                                      markets clear
    P_j  = (Σ_i A_ij (w_i (1+t_ij))^−ε)^(−1/ε),   U_j = E_j / P_j

Since Σ_i λ_ij = 1, sales before duty are shares s_ij = λ_ij/(1+t_ij) ÷ Σ_k λ_kj/(1+t_kj) of w_j L_j + D_j, so wages
solve a market without duties in which tastes are A_ij (1+t_ij)^(−ε−1). Newton's method with a line search finds them.
Written apart from the multi-sector engine, so that the two can check one another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tradewinds.core.errors import ConvergenceError, InputError, refuse
from tradewinds.core.variables import variables
from tradewinds.world.arrays import Array, frozen
from tradewinds.world.change import Change
from tradewinds.world.result import Result
from tradewinds.world.world import World

#: Longest step of a log wage in one Newton iteration.
LONGEST_STEP = 1.0

#: Halvings of a step before it counts as lost.
HALVINGS = 40

#: Weight on the diagonal of the Newton system, relative to value added: an economy that trades with nobody has no wage
#: of its own to be found, and stays where it is.
RIDGE = 1e-10

#: Money that buyers have, given the value added Y of each economy: spending before duty E [j], and two vectors that
#: make its derivative, dE_j/dln Y_k = own_j·(j = k) + E_j·tilt_k.
Buyers = Callable[[Array], tuple[Array, Array, Array]]


@dataclass(frozen=True, slots=True)
class MarketOptions:
    """Numerical options: tolerance on excess demand over value added, and Newton steps before giving up."""

    tolerance: float = 1e-12
    steps: int = 100


@dataclass(frozen=True, slots=True, eq=False)
class ArmingtonLevels:
    """An equilibrium of the one-good economy in levels; the unit of money is Σ wL = ΣL.

    ``wage`` w [i]; ``share`` λ [exporter, importer] of landed spending; ``flow`` [exporter, importer] sales before
    duty; ``spending`` E, ``revenue`` of duty, ``price`` P and ``welfare`` U = E/P [j]; ``residual`` is the largest
    excess demand over value added.
    """

    wage: Array
    share: Array
    flow: Array
    spending: Array
    revenue: Array
    price: Array
    welfare: Array
    residual: float
    steps: int


def solve_armington(
    *,
    taste: ArrayLike,
    labour: ArrayLike,
    tariff: ArrayLike,
    elasticity: float,
    deficit: ArrayLike | None = None,
    guess: ArrayLike | None = None,
    options: MarketOptions = MarketOptions(),
) -> ArmingtonLevels:
    """Solve the economy above in levels.

    ``taste`` A and ``tariff`` t (a fraction) [exporter, importer], ``labour`` L [region], ``elasticity`` ε > 0,
    ``deficit`` D [region] transfers received in units of Σ wL = ΣL, adding up to zero; ``guess`` wages to start from.
    Raises InputError (all faults at once) for shapes and signs, ConvergenceError where no equilibrium is found.

    >>> two = solve_armington(taste=[[1, 0.25], [0.25, 1]], labour=[1, 1], tariff=np.zeros((2, 2)), elasticity=4)
    >>> [round(float(u), 6) for u in two.welfare]
    [1.057371, 1.057371]
    """
    a, size, t = (np.asarray(v, dtype=np.float64) for v in (taste, labour, tariff))
    transfer = np.zeros_like(size) if deficit is None else np.asarray(deficit, dtype=np.float64)
    refuse(_faults(a, size, t, elasticity, transfer), where="Armington economy")
    factor = 1 + t
    start = np.ones_like(size) if guess is None else np.asarray(guess, dtype=np.float64)
    wage, residual, steps = clear_market(
        a * factor ** (-elasticity - 1), size, elasticity, income_and(transfer), start, options, where="armington"
    )
    raw = a * (wage[:, None] * factor) ** -elasticity
    sums = raw.sum(axis=0)
    share = raw / sums
    spending = (wage * size + transfer) / (share / factor).sum(axis=0)
    flow = share * spending / factor
    price = sums ** (-1 / elasticity)
    return ArmingtonLevels(
        wage=wage,
        share=share,
        flow=flow,
        spending=spending,
        revenue=(flow * t).sum(axis=0),
        price=price,
        welfare=spending / price,
        residual=residual,
        steps=steps,
    )


def _faults(taste: Array, labour: Array, tariff: Array, elasticity: float, deficit: Array) -> list[InputError]:
    where = "Armington economy"
    n = labour.shape[0] if labour.ndim == 1 else -1
    if n < 1 or taste.shape != (n, n) or tariff.shape != (n, n) or deficit.shape != (n,):
        shapes = f"taste {taste.shape}, tariff {tariff.shape}, labour {labour.shape}, deficit {deficit.shape}"
        return [InputError(shapes, where=where, allowed="[n, n], [n, n], [n], [n]")]
    checks = {
        "taste": (np.isfinite(taste) & (taste >= 0), "numbers that are not negative"),
        "each buyer's tastes": (taste.sum(axis=0) > 0, "at least one supplier"),
        "labour": (np.isfinite(labour) & (labour > 0), "positive numbers"),
        "tariff": (np.isfinite(tariff) & (tariff > -1), "fractions above −1"),
        "elasticity": (np.array(0 < elasticity < np.inf), "a positive number"),
        "deficit": (np.array(abs(deficit.sum()) <= 1e-9 * labour.sum()), "transfers that add up to zero"),
    }
    return [
        InputError(f"wrong {name}", where=where, allowed=rule)
        for name, (good, rule) in checks.items()
        if not good.all()
    ]


def income_and(transfer: Array) -> Buyers:
    """Buyers who spend their value added and a fixed ``transfer`` [j]."""
    return lambda value: (value + transfer, value, np.zeros_like(value))


def clear_market(
    weight: Array, size: Array, elasticity: float, buyers: Buyers, guess: Array, options: MarketOptions, *, where: str
) -> tuple[Array, float, int]:
    """Prices at which Σ_j s_ij E_j = w_i L_i with s_ij = B_ij w_i^−ε / Σ_k B_kj w_k^−ε, in units of Σ wL = ΣL.

    ``weight`` B [exporter, importer], ``size`` L [i], ``buyers`` as :data:`Buyers`. Newton's method on ln w; a step is
    halved until excess demand falls. Returns (w, largest |excess|/value, steps); ConvergenceError otherwise.
    """
    log_wage = np.log(guess)
    log_wage -= np.log((np.exp(log_wage) * size).sum() / size.sum())
    residual, excess, slope = _excess(log_wage, weight, size, elasticity, buyers)
    for step in range(options.steps):
        if residual < options.tolerance:
            return np.exp(log_wage), residual, step
        for direction in (_newton, _tatonnement):
            found = _search(
                direction(excess, slope, log_wage, size), log_wage, residual, weight, size, elasticity, buyers
            )
            if found is not None:
                break
        if found is None:
            break
        log_wage, (residual, excess, slope) = found
    if residual < options.tolerance:
        return np.exp(log_wage), residual, options.steps
    raise ConvergenceError(
        f"no equilibrium after {options.steps} steps: markets off by {residual:.1e}",
        where=where,
        allowed=f"residual below {options.tolerance:g}",
        hint="try a smaller change or a lower elasticity",
    )


_Point = tuple[float, Array, Array]


def _excess(log_wage: Array, weight: Array, size: Array, elasticity: float, buyers: Buyers) -> _Point:
    """Largest relative excess demand, the excess [i] and its derivative with respect to ln w [i, k]."""
    value = np.exp(log_wage) * size
    raw = weight * np.exp(-elasticity * (log_wage - log_wage.mean()))[:, None]
    share = raw / raw.sum(axis=0)
    money, own, tilt = buyers(value)
    sales = share * money
    sold = sales.sum(axis=1)
    excess = sold - value
    # Not by matrix product: threads of a BLAS cost more than they save on matrices this small.
    rivals = np.einsum("ij,kj->ik", sales, share)
    slope = elasticity * (rivals - np.diag(sold)) + share * own + np.outer(sold, tilt) - np.diag(value)
    residual = float(np.abs(excess / value).max()) if money.min() > 0 else np.inf
    return residual if np.isfinite(residual) else np.inf, excess, slope


def _newton(excess: Array, slope: Array, log_wage: Array, size: Array) -> Array:
    """The Newton step; the columns of ``slope`` add up to zero (Walras), so the unit of money closes the system."""
    value = np.exp(log_wage) * size
    scale = size / size.sum()
    closed = slope + scale[:, None] * value - RIDGE * np.diag(value)
    right = -excess - scale * (value.sum() - size.sum())
    try:
        return np.asarray(np.linalg.solve(closed, right))
    except np.linalg.LinAlgError:
        return np.full_like(right, np.nan)


def _tatonnement(excess: Array, slope: Array, log_wage: Array, size: Array) -> Array:
    """Prices rise where demand exceeds supply."""
    return np.asarray(excess / np.maximum(-np.diag(slope), 1e-300))


def _search(
    step: Array, log_wage: Array, residual: float, weight: Array, size: Array, elasticity: float, buyers: Buyers
) -> tuple[Array, _Point] | None:
    """The longest of ``step``, its half, its quarter … after which markets are nearer to clearing, or None."""
    if not np.isfinite(step).all():
        return None
    step = step * min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))
    for _ in range(HALVINGS):
        trial = log_wage + step
        trial = trial - np.log((np.exp(trial) * size).sum() / size.sum())
        point = _excess(trial, weight, size, elasticity, buyers)
        if point[0] < residual:
            return trial, point
        step = step / 2
    return None


@dataclass(frozen=True, slots=True, eq=False)
class OneSector:
    """A World and a Change collapsed to one good per economy, value added being output.

    ``flow`` [exporter, importer] sales before duty; ``factor`` and ``factor_new`` 1 + duty, weighted with trade;
    ``cost_hat`` [exporter, importer] iceberg costs, weighted with trade; ``unit_cost`` 1/ẑ [i], weighted with output;
    ``endowment_hat`` [i]; ``elasticity`` the arithmetic mean weighted with foreign trade.
    """

    flow: Array
    factor: Array
    factor_new: Array
    cost_hat: Array
    unit_cost: Array
    endowment_hat: Array
    elasticity: float

    @property
    def output(self) -> Array:
        """Sales of each economy, all buyers together [i]."""
        return np.asarray(self.flow.sum(axis=1))

    @classmethod
    def of(cls, world: World, change: Change) -> OneSector:
        """Collapse; InputError for an economy that sells or buys nothing."""
        trade = world.values("trade_fob")
        flow, output = trade.sum(axis=2), trade.sum(axis=1)
        least = np.minimum(flow.sum(axis=0), flow.sum(axis=1))
        idle = [region for region, size in zip(world.regions, least, strict=True) if not size > 0]
        if idle:
            raise InputError(f"{', '.join(idle)} sells or buys nothing", where=world.name, allowed="positive output")
        foreign = trade.sum(axis=(0, 1)) - np.einsum("nnj->j", trade)
        theta = world.values("trade_elasticity")
        return cls(
            flow=flow,
            factor=1 + _mean(world.values("tariff_rate"), trade),
            factor_new=1 + _mean(change.now(world, "tariff_new"), trade),
            cost_hat=_mean(change.now(world, "trade_cost_hat"), trade),
            unit_cost=1 / _mean(change.now(world, "productivity_hat"), output),
            endowment_hat=change.now(world, "endowment_hat"),
            elasticity=float(_mean(theta, foreign)),
        )


def _mean(values: Array, weight: Array) -> Array:
    """Σ weight·value / Σ weight over the last dimension, the simple mean where nothing weighs; exact if all equal."""
    anchor = values[..., 0]
    deviation = values - anchor[..., None]
    total = weight.sum(axis=-1)
    weighted = (weight * deviation).sum(axis=-1) / np.where(total > 0, total, 1.0)
    return np.asarray(anchor + np.where(total > 0, weighted, deviation.mean(axis=-1)))


#: What every one-sector model states of its closure.
FIXED = {"labour": "fixed", "capital": "fixed"}


def absences(arrays: Mapping[str, Array], reason: str) -> dict[str, str]:
    """Every result variable of the table that is not among ``arrays`` → the key of the reason."""
    said = {"employment_hat": "absent.labour_fixed", "capital_hat": "absent.capital_fixed"}
    return {
        name: said.get(name, reason)
        for name, spec in variables().items()
        if spec.role == "result" and name not in arrays
    }


def abroad(flow: Array) -> tuple[Array, Array]:
    """(exports, imports) [region] of a flow [exporter, importer]."""
    home = np.diag(flow)
    return flow.sum(axis=1) - home, flow.sum(axis=0) - home


def ratio(new: Array, old: Array) -> Array:
    """new/old, 0 where there was nothing."""
    return np.where(old > 0, new / np.where(old > 0, old, 1.0), 0.0)


@dataclass(frozen=True, slots=True)
class Armington:
    """One good per economy with tariff revenue (Armington 1969; Dekle, Eaton and Kortum 2008 without industries).

    The World is collapsed: sectors are added up, output stands for value added, input–output links fall away, duties
    are weighted with trade, and the one elasticity is the arithmetic mean weighted with foreign trade. It understates
    gains where inputs are traded; it is quick and small enough to check by hand. Deficits are a constant share of world
    value added, the numéraire. Raises ConvergenceError rather than return an answer that is not one.

    >>> from tradewinds.world.toy import toy_world
    >>> world = toy_world()
    >>> Armington().solve(world, Change.none(world)).status
    'converged'
    """

    name: ClassVar[str] = "armington"
    needs: ClassVar[tuple[str, ...]] = ("trade_fob", "tariff_rate", "trade_elasticity")
    cites: ClassVar[tuple[str, ...]] = ("armington-1969", "dekle-eaton-kortum-2008")

    options: MarketOptions = MarketOptions()

    def solve(self, world: World, change: Change, *, guess: Array | None = None) -> Result:
        """Solve ``change`` on ``world``; ``guess`` [region] are wage hats to start from."""
        begun = time.perf_counter()
        one = OneSector.of(world, change)
        new = self._levels(one, guess)
        arrays = _measures(one, new)
        return Result(
            world=world.name,
            model=self.name,
            closure={"name": "headline", "deficits": "constant_share", **FIXED},
            labels=world.labels,
            arrays={name: frozen(values) for name, values in arrays.items()},
            status="converged",
            residuals=_residuals(one, new),
            steps=new.steps,
            seconds=time.perf_counter() - begun,
            absent=absences(arrays, "absent.one_sector"),
        )

    def _levels(self, one: OneSector, guess: Array | None) -> ArmingtonLevels:
        """Tastes that make the benchmark an equilibrium at prices of one; then the economy after the change."""
        landed = one.flow * one.factor
        taste = landed / landed.sum(axis=0) * one.factor**one.elasticity
        return solve_armington(
            taste=taste * (one.cost_hat * one.unit_cost[:, None]) ** -one.elasticity,
            labour=one.output * one.endowment_hat,
            tariff=one.factor_new - 1,
            elasticity=one.elasticity,
            deficit=_deficit(one),
            guess=guess,
            options=self.options,
        )


def _deficit(one: OneSector) -> Array:
    return np.asarray(one.flow.sum(axis=0) - one.flow.sum(axis=1))


def _measures(one: OneSector, new: ArmingtonLevels) -> dict[str, Array]:
    spending = (one.flow * one.factor).sum(axis=0)
    revenue = (one.flow * (one.factor - 1)).sum(axis=0)
    (sold, bought), (sold_new, bought_new) = abroad(one.flow), abroad(new.flow)
    real = new.spending / spending / new.price
    return {
        "wage_hat": new.wage,
        "consumer_price_hat": new.price,
        "real_wage_hat": new.wage / new.price,
        "real_income_hat": real,
        "welfare_hat": real,
        "equivalent_variation": spending * (real - 1),
        "income_new": new.spending,
        "tariff_revenue_new": new.revenue,
        "tariff_revenue_change": new.revenue - revenue,
        "export_value_hat": ratio(sold_new, sold),
        "import_value_hat": ratio(bought_new, bought),
    }


def _residuals(one: OneSector, new: ArmingtonLevels) -> dict[str, float]:
    """Relative errors by group of equations, recomputed from the answer."""
    value, transfer = new.wage * one.output * one.endowment_hat, _deficit(one)
    balance = new.flow.sum(axis=0) - new.flow.sum(axis=1) - transfer
    return {
        "markets": float((np.abs(new.flow.sum(axis=1) - value) / value).max()),
        "incomes": float((np.abs(value + transfer + new.revenue - new.spending) / value).max()),
        "trade balance (Walras)": float((np.abs(balance) / value).max()),
    }
