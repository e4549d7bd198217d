"""Caliendo and Parro (2015): Eaton–Kortum with sectors, input–output links and tariff revenue, in exact hats."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import ClassVar

from tradewinds import solvers
from tradewinds.models.calibrate import by_exporter
from tradewinds.models.calibrated import Calibrated
from tradewinds.models.closure import HEADLINE, Closure
from tradewinds.world.arrays import Array, frozen
from tradewinds.world.change import Change
from tradewinds.world.result import Result
from tradewinds.world.world import World

#: Why a quantity is not there, by variable: keys of the language catalogues.
FIXED = {"employment_hat": "absent.labour_fixed", "capital_hat": "absent.capital_fixed"}
FIRST_ORDER = ("welfare_first_order", "terms_of_trade_first_order", "trade_volume_first_order")


@dataclass(frozen=True, slots=True)
class CaliendoParro:
    """Multi-sector Eaton–Kortum with input–output links and tariff revenue (Caliendo and Parro 2015, ReStud 82(1)).

    Equations 10–15 in hats: ĉ = ŵ^b ΠP̂^A, P̂ = [Σπ(κ̂ĉ)^−θ]^(−1/θ), π̂ = (κ̂ĉ/P̂)^−θ, markets and trade balance clear.
    The numéraire is world value added. Raises ConvergenceError rather than return an answer that is not one.

    >>> from tradewinds.world.toy import toy_world
    >>> from tradewinds.world.change import Change
    >>> world = toy_world()
    >>> CaliendoParro().solve(world, Change.none(world)).status
    'converged'
    """

    name: ClassVar[str] = "caliendo-parro"
    needs: ClassVar[tuple[str, ...]] = (
        "trade_fob", "tariff_rate", "input_use", "value_added", "final_use", "trade_elasticity",
    )  # fmt: skip
    cites: ClassVar[tuple[str, ...]] = ("caliendo-parro-2015", "dekle-eaton-kortum-2008", "eaton-kortum-2002")

    closure: Closure = HEADLINE
    options: solvers.Options = field(default_factory=solvers.Options)

    def solve(self, world: World, change: Change, *, guess: Array | None = None) -> Result:
        """Solve ``change`` on ``world`` and measure it."""
        begun = time.perf_counter()
        calibrated = Calibrated.of(world, self.closure)
        shock = calibrated.shock(change)
        found = calibrated.solve(shock, guess=guess, options=self.options)
        arrays = calibrated.measure(found, shock)
        arrays["trade_fob_new"] = by_exporter(found.flow)
        return Result(
            world=world.name,
            model=self.name,
            closure=self.closure.describe(),
            labels=world.labels,
            arrays={name: frozen(values) for name, values in arrays.items()},
            status="converged",
            residuals=found.residuals,
            steps=found.sweeps,
            seconds=time.perf_counter() - begun,
            absent=absences(self.closure, duties_only=set(change.arrays) <= {"tariff_new"}),
            assumptions=self.closure.leans_on(),
        )


def absences(closure: Closure, *, duties_only: bool = True) -> dict[str, str]:
    """Quantities a closure fixes or a change does not allow → key of the reason."""
    out = {}
    if closure.labour == "fixed":
        out["employment_hat"] = FIXED["employment_hat"]
    if closure.capital == "fixed":
        out["capital_hat"] = FIXED["capital_hat"]
    if closure.labour != "fixed" or closure.capital != "fixed":
        out.update(dict.fromkeys(FIRST_ORDER, "absent.first_order"))
    elif not duties_only:
        out.update(dict.fromkeys(FIRST_ORDER, "absent.not_duties"))
    return out
