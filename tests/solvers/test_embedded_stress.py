"""The stress set on the embedded world: 81 economies, 28 sectors, every cell shaken."""

from __future__ import annotations

import numpy as np
import pytest

from tradewinds import solvers
from tradewinds.models.calibrate import calibrate
from tradewinds.world.store import open_world

# Excess demand and prices are solved to 2e-11; what is measured here is relative to value added, a little larger.
TOLERANCE = 1e-9


@pytest.fixture(scope="module")
def prepared() -> solvers.Prepared:
    return solvers.prepare(calibrate(open_world("world-2022")))


@pytest.fixture(scope="module")
def balanced(prepared: solvers.Prepared) -> solvers.Prepared:
    """The same world without trade deficits, which extreme tariffs could not finance."""
    base = prepared.base
    shock = solvers.Shock(factor=base.factor, deficit=np.zeros_like(base.deficit))
    return solvers.prepare(solvers.rebase(base, solvers.solve(prepared, shock), shock))


def shaken(prepared: solvers.Prepared, kind: str) -> np.ndarray:
    base = prepared.base.factor
    n = base.shape[0]
    rng = np.random.default_rng(2022)
    factor = {
        "random 0-100 %": lambda: rng.uniform(1.0, 2.0, base.shape),
        "free trade": lambda: np.ones_like(base),
        "400 % everywhere": lambda: np.full_like(base, 5.0),
        "subsidies": lambda: rng.uniform(0.7, 1.6, base.shape),
        "one against all": lambda: np.where(np.arange(n)[:, None, None] == 77, base + 1.0, base),
        "all against one": lambda: np.where(np.arange(n) == 14, base + 1.0, base),
    }[kind]()
    factor[np.arange(n), :, np.arange(n)] = 1.0
    return factor


@pytest.mark.parametrize(
    "kind",
    ["random 0-100 %", "free trade", "400 % everywhere", "subsidies", "one against all", "all against one"],
)
def test_the_embedded_world_survives(balanced: solvers.Prepared, kind: str) -> None:
    found = solvers.solve(balanced, solvers.Shock(factor=shaken(balanced, kind)))
    assert found.converged
    assert max(found.residuals.values()) < TOLERANCE
    assert (found.wage > 0).all() and np.isfinite(found.income).all()
    assert found.method == "joint sweep"


@pytest.mark.parametrize("kind", ["random 0-100 %", "free trade", "subsidies", "one against all"])
def test_it_survives_with_deficits(prepared: solvers.Prepared, kind: str) -> None:
    assert solvers.solve(prepared, solvers.Shock(factor=shaken(prepared, kind))).converged


def test_surpluses_that_no_income_can_pay_are_refused(prepared: solvers.Prepared) -> None:
    found = solvers.solve(prepared, solvers.Shock(factor=shaken(prepared, "400 % everywhere")))
    assert not found.converged
    assert found.income.min() <= 0


def test_the_benchmark_is_an_equilibrium(prepared: solvers.Prepared) -> None:
    found = solvers.solve(prepared, solvers.Shock(factor=prepared.base.factor))
    assert found.sweeps == 1
    assert max(found.residuals.values()) < 1e-12
