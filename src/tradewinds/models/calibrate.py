"""From labelled World and Change to the numbers the solver reads, [importer, sector, exporter]."""

from __future__ import annotations

import numpy as np

from tradewinds import solvers
from tradewinds.world.arrays import Array
from tradewinds.world.change import Change
from tradewinds.world.world import World


def by_importer(values: Array) -> Array:
    """[exporter, importer, sector] → [importer, sector, exporter], contiguous."""
    return np.ascontiguousarray(values.transpose(1, 2, 0))


def by_exporter(values: Array) -> Array:
    """[importer, sector, exporter] → [exporter, importer, sector], contiguous."""
    return np.ascontiguousarray(values.transpose(2, 0, 1))


def share_of(part: Array, whole: Array) -> Array:
    """``part / whole`` where the whole is positive, else 0."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 0.0)


def calibrate(world: World) -> solvers.Benchmark:
    """Shares and levels of a World (exact: the World balances)."""
    trade, factor = by_importer(world.values("trade_fob")), by_importer(1 + world.values("tariff_rate"))
    landed = trade * factor
    output = world.values("trade_fob").sum(axis=1)
    final = world.values("final_use")
    return solvers.Benchmark(
        share=share_of(landed, landed.sum(axis=2, keepdims=True)),
        factor=factor,
        output=output,
        value_added=world.values("value_added").sum(axis=1),
        labour_share=share_of(world.values("value_added"), output),
        inputs=share_of(world.values("input_use"), output[:, None, :]),
        final_share=final / final.sum(axis=1, keepdims=True),
        deficit=trade.sum(axis=(1, 2)) - output.sum(axis=1),
        elasticity=world.values("trade_elasticity"),
    )


def shock_of(world: World, change: Change) -> solvers.Shock:
    """The Change in numbers; what it does not hold is None."""
    cost = change.arrays.get("trade_cost_hat")
    return solvers.Shock(
        factor=by_importer(1 + change.now(world, "tariff_new")),
        cost=None if cost is None else by_importer(cost),
        productivity=change.arrays.get("productivity_hat"),
        endowment=change.arrays.get("endowment_hat"),
    )
