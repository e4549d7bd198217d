"""A world under a closure, ready to be solved many times: for other changes, other elasticities, other years."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tradewinds import solvers
from tradewinds.core.errors import ConvergenceError
from tradewinds.models.calibrate import calibrate, shock_of
from tradewinds.models.closure import Closure
from tradewinds.models.measures import Base, measure
from tradewinds.world.arrays import Array
from tradewinds.world.change import Change
from tradewinds.world.world import World

#: The solver's own tolerance and limits.
EXACT = solvers.Options()


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A prepared benchmark with the levels that measures compare with, under one closure.

    ``observed`` is the benchmark as calibrated, deficits included; ``balanced`` the state that removes them, if any.
    """

    world: World
    closure: Closure
    numbers: solvers.Closure
    prepared: solvers.Prepared
    base: Base
    observed: solvers.Prepared
    balanced: Array | None = None

    @classmethod
    def of(cls, world: World, closure: Closure) -> Calibrated:
        """Calibrate; where the closure removes deficits, solve without them first and start from there."""
        observed = solvers.prepare(calibrate(world))
        return cls._from(world, closure, observed, None)

    @classmethod
    def _from(cls, world: World, closure: Closure, observed: solvers.Prepared, guess: Array | None) -> Calibrated:
        benchmark, numbers = observed.base, closure.numbers(world)
        if closure.deficits == "removed" and np.any(benchmark.deficit):
            shock = solvers.Shock(factor=benchmark.factor, deficit=np.zeros_like(benchmark.deficit))
            found = solvers.solve(observed, shock, guess=guess)
            if not found.converged:
                raise ConvergenceError("no equilibrium without trade deficits", where=f"closure {closure.name}")
            benchmark, guess = solvers.rebase(benchmark, found, shock), found.state
        prepared = solvers.prepare(benchmark, numbers)
        return cls(world, closure, numbers, prepared, Base.of(benchmark, prepared.income), observed, guess)

    def with_elasticity(self, elasticity: Array) -> Calibrated:
        """The same on other trade elasticities [sector]; where deficits are removed they are removed anew."""
        if self.closure.deficits == "removed":
            return Calibrated._from(self.world, self.closure, self.observed.with_elasticity(elasticity), self.balanced)
        prepared = self.prepared.with_elasticity(elasticity)
        return replace(self, prepared=prepared, base=replace(self.base, benchmark=prepared.base))

    def shock(self, change: Change) -> solvers.Shock:
        """The change in numbers."""
        return shock_of(self.world, change)

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
        return measure(
            self.base,
            found,
            shock,
            self.numbers.labour_supply,
            self.closure.capital_share,
            self.closure.investment_share,
        )
