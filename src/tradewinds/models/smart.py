"""SMART: one importer's market for each tariff line, thousands of lines at once (Laird and Yeats 1986).

Lines do not compete with one another; within a line the suppliers are imperfect substitutes (Armington). With imports
M at world prices before duty, duties t0 → t1, ρ = (1+t1)/(1+t0), import demand ε > 0, substitution σ > 0 and export
supply β > 0 (infinite where world prices are given), two closed forms are offered by name.

``"wits"``, the formula of the World Bank's tool (Jammes and Olarreaga 2005)::

    TC_c = M_c · εβ/(β+ε) · (t0_c − t1_c)/(1+t0_c)              trade creation
    TD_c = M · M_c ρ_c^−σ / Σ_j M_j ρ_j^−σ − M_c                trade diversion; adds up to zero over suppliers
    p̂_c  = 1 + ε/(β+ε) · (t0_c − t1_c)/(1+t0_c)                 world price

For a single beneficiary c and all others o the second line is M_c M_o (k−1)/(M_c k + M_o), k = ρ_c^−σ, as published;
this form says the same and holds for any number of beneficiaries.

``"ces"``, the exact demand system of which the first is an approximation, with landed shares s_i = M_i(1+t0_i)/Σ::

    P̂^((1−σ)(β+ε)/(β+σ)) = Σ_i s_i ρ_i^((1−σ)β/(β+σ))           price of the composite good
    p̂_i^(β+σ) = ρ_i^−σ P̂^(σ−ε)                                  world prices
    TD_i = M_i ((p̂_i ρ_i / P̂)^−σ − 1)                           at an unchanged quantity of the composite
    TC_i = M_i (p̂_i ρ_i / P̂)^−σ (P̂^−ε − 1)                      the composite grows

Here diversion keeps the composite, not the sum of tonnes, and creation is shared by all suppliers.

Sources: Laird and Yeats (1986), The UNCTAD Trade Policy Simulation Model; Jammes and Olarreaga (2005), Explaining SMART
and GSIM; revenue as in Brenton, Saborowski, Staritz and von Uexkull (2009), TRIST.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradewinds.core.errors import InputError, refuse
from tradewinds.world.arrays import Array, frozen

Diversion = Literal["wits", "ces"]

#: The works this model rests on, by key.
CITES = ("laird-yeats-1986", "jammes-olarreaga-2005", "brenton-et-al-2009")

#: Below this distance of σ from 1 the price index is the Cobb–Douglas one; the error is of the same order.
COBB_DOUGLAS = 1e-8

#: Percentiles of the draws that a range shows.
LOW, HIGH = 5.0, 95.0

_WHERE = "SMART"


@dataclass(frozen=True, slots=True)
class Taxes:
    """What else is collected at the border, each a number, [line, 1] or [line, partner], in fractions.

    Order: duty on the landed value, excise on landed value and duty, VAT on landed value, duty and excise. ``exempt``
    is the share of value that enters free of the statutory duty (projects, free zones, diplomats); it stays as it was.
    Excise and VAT are collected rates and do not change, so they fall out of every relative price.
    """

    excise: ArrayLike = 0.0
    vat: ArrayLike = 0.0
    exempt: ArrayLike = 0.0


#: Duty alone, nobody exempt.
DUTY_ONLY = Taxes()


@dataclass(frozen=True, slots=True, eq=False)
class SmartLines:
    """The market of every line after the change; money in the unit of ``imports``.

    By [line, partner]: ``trade_creation`` and ``trade_diversion`` at base world prices (+ is more imports),
    ``price_effect`` (dearer world prices on what is bought), ``imports_new`` at new world prices before duty,
    ``world_price_hat``.

    By [line]: ``duty_change``, ``excise_change``, ``vat_change`` (+ is more revenue); ``created_triangle``
    Σ ½(t0+t1)·TC, what SMART reports call welfare or, wrongly, consumer surplus: it leaves out the duty lost where
    trade is diverted; ``triangle`` Σ ½(t0+p̂t1)·(TC+TD), the change of the dead weight with diversion counted (Harberger
    1971), negative where diversion wins; ``buyers_gain``, the surplus of those who buy (a trapezoid under ``wits``,
    exact under ``ces``); ``terms_of_trade`` ½(M+Q)(1−p̂), what dearer world prices take; ``welfare`` = buyers_gain +
    duty_change. Under ``wits``, welfare = triangle + terms_of_trade identically. VAT and excise are transfers here.
    """

    trade_creation: Array
    trade_diversion: Array
    price_effect: Array
    imports_new: Array
    world_price_hat: Array
    duty_change: Array
    excise_change: Array
    vat_change: Array
    created_triangle: Array
    triangle: Array
    buyers_gain: Array
    terms_of_trade: Array
    welfare: Array

    @property
    def revenue_change(self) -> Array:
        """Duty, excise and VAT together [line]."""
        return np.asarray(self.duty_change + self.excise_change + self.vat_change)


@dataclass(frozen=True, slots=True, eq=False)
class _Market:
    """Checked inputs, broadcast: [line, partner], and elasticities [line, 1]; duties are the collected ones."""

    imports: Array
    before: Array
    after: Array
    demand: Array
    substitution: Array
    slope: Array
    excise: Array
    vat: Array


def solve_smart(
    *,
    imports: ArrayLike,
    tariff: ArrayLike,
    tariff_new: ArrayLike,
    demand: ArrayLike,
    substitution: ArrayLike,
    supply: ArrayLike = np.inf,
    taxes: Taxes = DUTY_ONLY,
    diversion: Diversion = "wits",
) -> SmartLines:
    """Solve every line.

    ``imports`` M, ``tariff`` t0 and ``tariff_new`` t1 (statutory, fractions) [line, partner]; ``demand`` ε ≥ 0,
    ``substitution`` σ > 0 and ``supply`` β > 0, each one number or [line]. Trade that is zero stays zero:
    :func:`cuts_without_trade` counts what is missed. Raises InputError, all faults at once.

    >>> lines = solve_smart(
    ...     imports=[[100, 300]], tariff=[[0.2, 0.2]], tariff_new=[[0.0, 0.2]], demand=1.2, substitution=1.5
    ... )
    >>> [round(float(v), 6) for v in (lines.trade_creation[0, 0], lines.trade_diversion[0, 0], lines.duty_change[0])]
    [20.0, 21.87032, -24.374064]
    """
    if diversion not in ("wits", "ces"):
        raise InputError(f"unknown diversion `{diversion}`", where=_WHERE, allowed="wits, ces")
    market = _market(imports, tariff, tariff_new, demand, substitution, supply, taxes)
    created, diverted, price, gain = (_wits if diversion == "wits" else _ces)(market)
    quantity = market.imports + created + diverted
    if gain is None:
        step = (1 + market.before) - price * (1 + market.after)
        gain = (0.5 * (market.imports + quantity) * step).sum(axis=-1)
    return _outcome(market, created, diverted, price, gain)


def _outcome(m: _Market, created: Array, diverted: Array, price: Array, gain: Array) -> SmartLines:
    quantity = m.imports + created + diverted
    value = quantity * price
    duty_before, duty_after = m.before * m.imports, m.after * value
    duty = (duty_after - duty_before).sum(axis=-1)
    landed_change = value + duty_after - m.imports - duty_before
    arrays = {
        "trade_creation": created,
        "trade_diversion": diverted,
        "price_effect": value - quantity,
        "imports_new": value,
        "world_price_hat": price,
        "duty_change": duty,
        "excise_change": (m.excise * landed_change).sum(axis=-1),
        "vat_change": (m.vat * (1 + m.excise) * landed_change).sum(axis=-1),
        "created_triangle": (0.5 * (m.before + m.after) * created).sum(axis=-1),
        "triangle": (0.5 * (m.before + price * m.after) * (quantity - m.imports)).sum(axis=-1),
        "buyers_gain": gain,
        "terms_of_trade": (0.5 * (m.imports + quantity) * (1 - price)).sum(axis=-1),
        "welfare": gain + duty,
    }
    return SmartLines(**{name: frozen(values) for name, values in arrays.items()})


_Solved = tuple[Array, Array, Array, Array | None]


def _wits(m: _Market) -> _Solved:
    """Creation, diversion, world price; the gain of buyers is left to the trapezoid."""
    cut = (m.before - m.after) / (1 + m.before)
    damping = 1 + m.demand * m.slope
    created = m.imports * cut * (m.demand / damping)
    price = 1 + cut * (m.demand * m.slope / damping)
    pulled = m.imports * ((1 + m.after) / (1 + m.before)) ** -m.substitution
    total = pulled.sum(axis=-1, keepdims=True)
    share = pulled / np.where(total > 0, total, 1.0)
    return created, m.imports.sum(axis=-1, keepdims=True) * share - m.imports, price, None


def _ces(m: _Market) -> _Solved:
    """The exact system, and the exact surplus E0 (1 − P̂^(1−ε))/(1−ε) of the composite's demand curve."""
    landed = m.imports * (1 + m.before)
    spending = landed.sum(axis=-1, keepdims=True)
    share = landed / np.where(spending > 0, spending, 1.0)
    factor = np.log((1 + m.after) / (1 + m.before))
    stiff = 1 + m.substitution * m.slope
    index = _log_price_index(factor / stiff, share, m.substitution) * stiff / (1 + m.demand * m.slope)
    world = (m.slope / stiff) * ((m.substitution - m.demand) * index - m.substitution * factor)
    kept = np.exp(m.substitution * (index - world - factor))
    diverted = m.imports * (kept - 1)
    created = m.imports * kept * np.expm1(-m.demand * index)
    power = 1 - m.demand
    flat = np.abs(power) < COBB_DOUGLAS
    gain = spending * np.where(flat, -index, -np.expm1(power * index) / np.where(flat, 1.0, power))
    return created, diverted, np.exp(world), gain[..., 0]


def _log_price_index(log_price: Array, share: Array, substitution: Array) -> Array:
    """ln (Σ s x^(1−σ))^(1/(1−σ)) over the last axis, kept; Σ s ln x at σ = 1."""
    power = 1 - substitution
    flat = np.abs(power) < COBB_DOUGLAS
    safe = np.where(flat, 1.0, power)
    ces = np.log1p((share * np.expm1(safe * log_price)).sum(axis=-1, keepdims=True)) / safe
    if not flat.any():
        return np.asarray(ces)
    return np.asarray(np.where(flat, (share * log_price).sum(axis=-1, keepdims=True), ces))


def _market(
    imports: ArrayLike,
    tariff: ArrayLike,
    tariff_new: ArrayLike,
    demand: ArrayLike,
    substitution: ArrayLike,
    supply: ArrayLike,
    taxes: Taxes,
) -> _Market:
    trade, before, after = (np.asarray(a, dtype=np.float64) for a in (imports, tariff, tariff_new))
    rates = [np.asarray(a, dtype=np.float64) for a in (taxes.excise, taxes.vat, taxes.exempt)]
    curves = [np.asarray(a, dtype=np.float64) for a in (demand, substitution, supply)]
    refuse(_shape_faults(trade, before, after, rates, curves), where=_WHERE)
    refuse(_value_faults(trade, before, after, rates, curves), where=_WHERE)
    excise, vat, exempt = rates
    epsilon, sigma, beta = (c[:, None] if c.ndim else c.reshape(1, 1) for c in curves)
    collected = 1 - exempt
    return _Market(trade, before * collected, after * collected, epsilon, sigma, 1 / beta, excise, vat)


def _shape_faults(
    trade: Array, before: Array, after: Array, rates: list[Array], curves: list[Array]
) -> list[InputError]:
    if trade.ndim != 2 or before.shape != trade.shape or after.shape != trade.shape:
        shapes = f"imports {trade.shape}, tariff {before.shape}, tariff_new {after.shape}"
        return [InputError(shapes, where=_WHERE, allowed="[line, partner] three times the same")]
    lines, partners = trade.shape
    faults = [
        InputError(f"{name} {a.shape}", where=_WHERE, allowed=f"a number, [{lines}, 1] or [{lines}, {partners}]")
        for name, a in zip(("excise", "vat", "exempt"), rates, strict=True)
        if a.shape not in ((), (lines, 1), (lines, partners))
    ]
    return faults + [
        InputError(f"{name} {a.shape}", where=_WHERE, allowed=f"a number or [{lines}]")
        for name, a in zip(("demand", "substitution", "supply"), curves, strict=True)
        if a.shape not in ((), (lines,))
    ]


def _value_faults(
    trade: Array, before: Array, after: Array, rates: list[Array], curves: list[Array]
) -> list[InputError]:
    excise, vat, exempt = rates
    demand, substitution, supply = curves
    checks: Mapping[str, tuple[NDArray[np.bool_], str]] = {
        "imports": (np.isfinite(trade) & (trade >= 0), "numbers that are not negative"),
        "tariff": (np.isfinite(before) & (before > -1), "fractions above −1"),
        "tariff_new": (np.isfinite(after) & (after > -1), "fractions above −1"),
        "excise": (np.isfinite(excise) & (excise >= 0), "fractions that are not negative"),
        "vat": (np.isfinite(vat) & (vat >= 0), "fractions that are not negative"),
        "exempt": ((exempt >= 0) & (exempt <= 1), "shares between 0 and 1"),
        "demand": (np.isfinite(demand) & (demand >= 0), "elasticities that are not negative"),
        "substitution": (np.isfinite(substitution) & (substitution > 0), "positive elasticities"),
        "supply": (supply > 0, "positive elasticities, infinite for given world prices"),
    }
    return [
        InputError(f"{int((~good).sum())} wrong in {name}", where=_WHERE, allowed=rule)
        for name, (good, rule) in checks.items()
        if not good.all()
    ]


@dataclass(frozen=True, slots=True)
class Missed:
    """Duty cuts that meet no trade: SMART cannot create trade from nothing, so they count for nothing.

    ``cells`` of (line, partner); ``lines`` in which no partner with a cut sells anything; ``share`` of all cut cells.
    """

    cells: int
    lines: int
    share: float


def cuts_without_trade(imports: ArrayLike, tariff: ArrayLike, tariff_new: ArrayLike) -> Missed:
    """Count the cuts that the model is blind to; arrays [line, partner].

    >>> cuts_without_trade([[0, 5], [3, 0]], [[0.1, 0.1], [0.1, 0.1]], [[0, 0.1], [0, 0.1]])
    Missed(cells=1, lines=1, share=0.5)
    """
    trade = np.asarray(imports, dtype=np.float64)
    cut = np.asarray(tariff_new) < np.asarray(tariff)
    blind = cut & (trade <= 0)
    lines = cut.any(axis=1) & ~(cut & (trade > 0)).any(axis=1)
    return Missed(int(blind.sum()), int(lines.sum()), float(blind.sum() / max(int(cut.sum()), 1)))


@dataclass(frozen=True, slots=True, eq=False)
class SmartDraws:
    """Totals over lines for every draw of elasticities: ``trade_creation``, ``trade_diversion``, ``imports_change``
    [draw, partner]; ``duty_change``, ``revenue_change``, ``welfare`` [draw]."""

    trade_creation: Array
    trade_diversion: Array
    imports_change: Array
    duty_change: Array
    revenue_change: Array
    welfare: Array

    def range(self, name: str) -> tuple[Array, Array]:
        """5th and 95th percentile over the draws."""
        low, high = np.percentile(getattr(self, name), (LOW, HIGH), axis=0)
        return np.asarray(low), np.asarray(high)


def draw_smart(
    *,
    imports: ArrayLike,
    tariff: ArrayLike,
    tariff_new: ArrayLike,
    demand: ArrayLike,
    substitution: ArrayLike,
    supply: ArrayLike = np.inf,
    taxes: Taxes = DUTY_ONLY,
    diversion: Diversion = "wits",
) -> SmartDraws:
    """Solve once for each row of ``substitution`` [draw, line]; the rest as in :func:`solve_smart`."""
    draws = np.asarray(substitution, dtype=np.float64)
    if draws.ndim != 2:
        raise InputError(f"substitution {draws.shape}", where=_WHERE, allowed="[draw, line]")
    base = np.asarray(imports, dtype=np.float64).sum(axis=0)
    found = [
        solve_smart(
            imports=imports,
            tariff=tariff,
            tariff_new=tariff_new,
            demand=demand,
            substitution=row,
            supply=supply,
            taxes=taxes,
            diversion=diversion,
        )
        for row in draws
    ]
    return SmartDraws(
        trade_creation=np.array([f.trade_creation.sum(axis=0) for f in found]),
        trade_diversion=np.array([f.trade_diversion.sum(axis=0) for f in found]),
        imports_change=np.array([f.imports_new.sum(axis=0) - base for f in found]),
        duty_change=np.array([f.duty_change.sum() for f in found]),
        revenue_change=np.array([f.revenue_change.sum() for f in found]),
        welfare=np.array([f.welfare.sum() for f in found]),
    )
