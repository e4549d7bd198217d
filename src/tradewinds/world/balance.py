"""From numbers that do not balance to an equilibrium that does: solve the benchmark at its own tariffs.

Published tables that were cut, capped or shifted are no equilibrium any more, and hats taken from them would mix the
reform with the repair. The cure is the one of Caliendo and Parro (2015, section 5): solve the model once with nothing
changed, and take the answer as the benchmark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tradewinds.core.errors import ConvergenceError, InputError
from tradewinds.core.grades import Provenance
from tradewinds.solvers import Benchmark, Options, Shock, prepare, rebase, solve
from tradewinds.world.arrays import Array
from tradewinds.world.world import World

#: Residual of the balancing solve: below what a World tolerates by a wide margin.
EXACT = Options(tolerance=1e-12)


def balanced(numbers: Benchmark, *, deficit: Array | None = None, where: str = "benchmark") -> Benchmark:
    """The equilibrium of ``numbers`` at their own tariffs, as a benchmark of its own.

    Technology, tastes and elasticities stay; shares, outputs and value added move. ``deficit`` [n] replaces the
    transfers (zeros: aggregate trade balances); they must add up to zero. The numéraire is world value added, so its
    total stays.

    Raises InputError where the transfers do not add up to zero, ConvergenceError where no equilibrium is found.
    """
    transfer = numbers.deficit if deficit is None else np.asarray(deficit, dtype=np.float64)
    if abs(transfer.sum()) > 1e-9 * numbers.value_added.sum():
        raise InputError(f"transfers add up to {transfer.sum():.3g}", where=where, allowed="a sum of zero")
    shock = Shock(factor=numbers.factor, deficit=transfer)
    found = solve(prepare(numbers), shock, options=EXACT)
    if not found.converged:
        worst = max(found.residuals.values())
        raise ConvergenceError(
            f"the numbers do not reach an equilibrium: residual {worst:.1e} after {found.sweeps} sweeps", where=where
        )
    return rebase(numbers, found, shock)


def world_of(
    numbers: Benchmark,
    name: str,
    *,
    year: int,
    regions: Sequence[str],
    sectors: Sequence[str],
    provenance: Sequence[Provenance] = (),
    adjustments: Sequence[str] = (),
    attributes: Mapping[str, Any] | None = None,
) -> World:
    """A benchmark in equilibrium as a World: levels from shares, on labels, with what is known about them.

    Money is in the unit of ``numbers``, which a World takes for million USD. Final use and value added are computed
    from shares, so that what is zero in ``numbers`` is zero, not a rounding of zero. Raises Faults where the numbers
    are no equilibrium: pass them through :func:`balanced` first.
    """
    final = numbers.final_share * prepare(numbers).income[:, None]
    use = numbers.inputs * numbers.output[:, None, :]
    flow = numbers.share * (use.sum(axis=2) + final)[:, :, None] / numbers.factor
    return World.build(
        name,
        year=year,
        regions=regions,
        sectors=sectors,
        trade_fob=flow.transpose(2, 0, 1),
        tariff_rate=(numbers.factor - 1).transpose(2, 0, 1),
        input_use=use,
        value_added=numbers.labour_share * numbers.output,
        final_use=final,
        trade_elasticity=numbers.elasticity,
        provenance=provenance,
        adjustments=adjustments,
        attributes=attributes,
    )
