"""A world under a closure, ready to be solved many times: for other changes, other elasticities, other years."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tradewinds import solvers
from tradewinds.core.errors import ConvergenceError, InputError
from tradewinds.models.calibrate import by_importer, calibrate, shock_of
from tradewinds.models.closure import Closure
from tradewinds.models.measures import Base, Rules, measure
from tradewinds.world.arrays import Array
from tradewinds.world.change import Change
from tradewinds.world.world import World

#: The solver's own tolerance and limits.
EXACT = solvers.Options()


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A prepared benchmark with the levels that measures compare with, under one closure.

    ``observed`` is the benchmark as calibrated; ``start`` what is done to it before anything is asked (a baseline of
    duties, deficits removed), None for nothing, and ``state`` where that ended.
    """

    world: World
    closure: Closure
    numbers: solvers.Closure
    prepared: solvers.Prepared
    base: Base
    observed: solvers.Prepared
    start: solvers.Shock | None = None
    state: Array | None = None

    @classmethod
    def of(cls, world: World, closure: Closure, *, observed: World | None = None) -> Calibrated:
        """Calibrate on ``world``; where it is the outcome of a baseline on another world, ``observed`` is that one.

        Baseline and removal of deficits are solved with labour and capital fixed, and again for every elasticity.
        """
        prepared = solvers.prepare(calibrate(observed or world))
        deficit = prepared.base.deficit
        removed = closure.deficits == "removed" and bool(np.any(deficit))
        start = None
        if observed is not None or removed:
            factor = by_importer(1 + world.values("tariff_rate"))
            start = solvers.Shock(factor=factor, deficit=np.zeros_like(deficit) if removed else None)
        return cls._from(world, closure, prepared, start, None)

    @classmethod
    def _from(
        cls,
        world: World,
        closure: Closure,
        observed: solvers.Prepared,
        start: solvers.Shock | None,
        guess: Array | None,
    ) -> Calibrated:
        benchmark, numbers = observed.base, closure.numbers(world)
        if start is not None:
            found = solvers.solve(observed, start, guess=guess)
            if not found.converged:
                raise ConvergenceError("no equilibrium to start from", where=f"{world.name}, closure {closure.name}")
            benchmark, guess = solvers.rebase(benchmark, found, start), found.state
        prepared = solvers.prepare(benchmark, numbers)
        return cls(world, closure, numbers, prepared, Base.of(benchmark, prepared.income), observed, start, guess)

    def with_elasticity(self, elasticity: Array) -> Calibrated:
        """The same on other trade elasticities [sector]; what comes before is solved anew."""
        if self.start is not None:
            observed = self.observed.with_elasticity(elasticity)
            return Calibrated._from(self.world, self.closure, observed, self.start, self.state)
        prepared = self.prepared.with_elasticity(elasticity)
        return replace(self, prepared=prepared, base=replace(self.base, benchmark=prepared.base))

    def shock(self, change: Change) -> solvers.Shock:
        """The change in numbers; refuses shocks to sectors that nobody trades, which are solved out beforehand."""
        shock, local = shock_of(self.world, change), self.prepared.small.local
        base = self.prepared.base
        bought = base.share[:, local] > 0
        touched = (
            bool((shock.factor[:, local] != base.factor[:, local])[bought].any())
            or (shock.cost is not None and bool((shock.cost[:, local] != 1)[bought].any()))
            or (shock.productivity is not None and bool((shock.productivity[:, local] != 1).any()))
        )
        if local.size and touched:
            names = ", ".join(self.world.sectors[int(k)] for k in local[:6])
            raise InputError(
                "a sector that nobody trades cannot be shocked",
                where=f"{self.world.name}: {names}",
                allowed="duties, costs and productivity of traded sectors",
            )
        return shock

    def solve(
        self, shock: solvers.Shock, *, guess: Array | None = None, options: solvers.Options = EXACT
    ) -> solvers.Equilibrium:
        """The equilibrium after ``shock``; a ConvergenceError when there is none to be found."""
        found = solvers.solve(self.prepared, shock, guess=guess, options=options)
        broke = np.flatnonzero(found.income <= 0)
        if not found.converged and broke.size and max(found.residuals.values()) < 1:
            names = ", ".join(self.world.regions[int(k)] for k in broke[:5])
            raise ConvergenceError(
                f"{names} would spend less than nothing: the trade surplus held fixed exceeds what it earns",
                where=f"{self.world.name}, closure {self.closure.name}",
                allowed="an income above zero everywhere",
                hint="the closure deficits_removed has no fixed surplus",
            )
        if not found.converged:
            worst = max(found.residuals, key=lambda group: found.residuals[group])
            raise ConvergenceError(
                f"no equilibrium after {found.sweeps} sweeps: {worst} off by {found.residuals[worst]:.1e}",
                where=f"{self.world.name}, closure {self.closure.name}",
                allowed=f"residual below {options.tolerance:g}",
                hint="try a smaller change, lower trade elasticities, or the headline closure",
            )
        return found

    def measure(self, found: solvers.Equilibrium, shock: solvers.Shock) -> dict[str, Array]:
        """Measures of an equilibrium, by name of the variable table."""
        rules = Rules(
            labour=self.closure.labour_supply(self.world),
            accumulated=self.closure.accumulated,
            held=self.closure.held,
            follows=self.closure.capital == "follows_labour",
            invested=self.closure.investment_share,
        )
        return measure(self.base, found, shock, rules)
