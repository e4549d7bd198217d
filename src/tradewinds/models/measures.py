"""What an equilibrium means: welfare, real GDP, volumes and values, each defined once.

Base and new levels are in the numéraire Σ value added. Prices are hats. Index order [importer n, sector j, exporter i].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewinds import solvers
from tradewinds.models.calibrate import share_of
from tradewinds.world.arrays import Array


@dataclass(frozen=True, slots=True)
class Base:
    """Levels of a benchmark that the measures compare with: flows, spending, income, revenue, final use, exports."""

    benchmark: solvers.Benchmark
    flow: Array
    spending: Array
    income: Array
    revenue: Array
    final: Array
    exported: Array
    imported: Array

    @classmethod
    def of(cls, benchmark: solvers.Benchmark, income: Array) -> Base:
        b = benchmark
        spending = (b.inputs @ b.output[:, :, None])[:, :, 0] + b.final_share * income[:, None]
        flow = b.share * spending[:, :, None] / b.factor
        home = np.einsum("njn->nj", flow)
        return cls(
            benchmark=b,
            flow=flow,
            spending=spending,
            income=income,
            revenue=(flow * (b.factor - 1)).sum(axis=(1, 2)),
            final=b.final_share * income[:, None],
            exported=flow.sum(axis=0).T - home,
            imported=flow.sum(axis=2) - home,
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """The closure in numbers, as the measures need it.

    ``labour`` φ[n] (inf: real wage fixed), ``accumulated`` κ where capital accumulates, ``held`` κ where capital stays
    while labour moves, ``follows`` whether capital moves with employment, ``invested`` s^I share of value added.
    """

    labour: Array
    accumulated: float
    held: float
    follows: bool
    invested: float


def measure(base: Base, found: solvers.Equilibrium, shock: solvers.Shock, rules: Rules) -> dict[str, Array]:
    """Every measure by region (and three by region and sector), named as in ``variables.toml``."""
    b, cost, cpi = base.benchmark, found.cost, found.consumer_price
    home = np.einsum("njn->nj", found.flow)
    exported, imported = found.flow.sum(axis=0).T - home, found.flow.sum(axis=2) - home
    deflated = np.einsum("nji,ij->nj", found.flow, 1 / cost) - home / cost
    more = np.ones_like(cpi) if shock.endowment is None else shock.endowment
    value = found.wage * found.labour * b.value_added * more
    employment = found.labour ** (1 / (1 - rules.held)) if rules.held else found.labour
    wage = found.wage * found.labour / employment
    capital = employment if rules.follows else np.ones_like(cpi)
    out: dict[str, Array] = {
        "wage_hat": wage,
        "price_hat": found.price,
        "cost_hat": cost,
        "consumer_price_hat": cpi,
        "output_new": found.output,
        "expenditure_new": found.spending,
        "income_new": found.income,
        "tariff_revenue_new": found.revenue,
        "tariff_revenue_change": found.revenue - base.revenue,
        "employment_hat": employment,
        "capital_hat": value / b.value_added / cpi if rules.accumulated else capital,
        "real_wage_hat": wage / cpi,
        "real_income_hat": found.income / base.income / cpi,
        "export_volume_hat": share_of((exported / cost).sum(axis=1), base.exported.sum(axis=1)),
        "import_volume_hat": share_of(deflated.sum(axis=1), base.imported.sum(axis=1)),
        "export_value_hat": share_of(exported.sum(axis=1), base.exported.sum(axis=1)),
        "import_value_hat": share_of(imported.sum(axis=1), base.imported.sum(axis=1)),
        "output_volume_hat": (found.output / cost).sum(axis=1) / b.output.sum(axis=1),
        "sector_output_hat": _hat(found.output / cost, b.output),
        "sector_export_hat": _hat(exported / cost, base.exported),
        "sector_import_hat": _hat(deflated, base.imported),
    }
    out["real_gdp_hat"] = real_gdp(base, found, exported, imported, deflated)
    out["welfare_hat"], spendable = welfare(base, found, value, wage / cpi, more, rules)
    out["equivalent_variation"] = spendable * (out["welfare_hat"] - 1)
    still = not rules.accumulated and not rules.labour.any()
    if still and shock.cost is None and shock.productivity is None and shock.endowment is None:
        terms, volume = first_order(base, found)
        out["terms_of_trade_first_order"], out["trade_volume_first_order"] = terms, volume
        out["welfare_first_order"] = terms + volume
    return out


def _hat(new: Array, old: Array) -> Array:
    return np.where(old > 0, new / np.where(old > 0, old, 1.0), 1.0)


def welfare(
    base: Base, found: solvers.Equilibrium, value: Array, real_wage: Array, endowment: Array, rules: Rules
) -> tuple[Array, Array]:
    """Exact welfare hat [n] and the base spending it is relative to [n].

    Consumption is income less replacement investment s^I·V. With elastic labour, effort is netted out
    (Greenwood, Hercowitz and Huffman 1988): Û = [Ĉ − m·L̂(ŵ/CPI)^{1+φ}]/[1 − m], m = φ/(1+φ)·wage bill/consumption,
    where the wage bill is (1−κ) of value added. Where the real wage is fixed labour is idle at the margin, so effort
    costs nothing and Û = Ĉ.
    """
    b, cpi, phi = base.benchmark, found.consumer_price, np.where(np.isinf(rules.labour), 0.0, rules.labour)
    consumption0 = base.income - rules.invested * b.value_added
    consumption = (found.income - rules.invested * value) / cpi / consumption0
    effort = phi / (1 + phi) * (1 - rules.accumulated - rules.held) * b.value_added / consumption0
    hat = (consumption - effort * endowment * real_wage ** (1 + phi)) / (1 - effort)
    return hat, consumption0 * (1 - effort)


def real_gdp(base: Base, found: solvers.Equilibrium, exported: Array, imported: Array, deflated: Array) -> Array:
    """Fisher volume of final use (deflator P̂) plus exports less imports (deflator ĉ of the origin) [n].

    Base GDP is value added plus tariff revenue. Leaves out the terms of trade: it is not welfare.
    """
    b, cost, price = base.benchmark, found.cost, found.price
    final = b.final_share * found.income[:, None]
    base_gdp = base.income - b.deficit
    at_base = (final / price + exported / cost - deflated).sum(axis=1)
    dear = np.einsum("nji,ij->n", base.flow, cost) - (np.einsum("njn->nj", base.flow) * cost).sum(axis=1)
    at_new = (base.final * price + base.exported * cost).sum(axis=1) - dear
    now = (final + exported - imported).sum(axis=1)
    return np.asarray(np.sqrt(at_base / base_gdp * now / at_new))


def first_order(base: Base, found: solvers.Equilibrium) -> tuple[Array, Array]:
    """Terms of trade and volume of trade [n] as published: Caliendo and Parro (2015), equation 16, x̂−1 for d ln x."""
    b, rise = base.benchmark, found.cost - 1
    sold = (base.flow.sum(axis=0).T * rise).sum(axis=1)
    paid = np.einsum("nji,ij->n", base.flow, rise)
    wedge = b.factor - 1
    more = (wedge * (found.flow - base.flow)).sum(axis=(1, 2))
    dearer = np.einsum("nji,ij->n", wedge * base.flow, rise)
    return (sold - paid) / base.income, (more - dearer) / base.income
