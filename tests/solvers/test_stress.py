"""Shocks nobody would propose: the engine finds every equilibrium."""

from __future__ import annotations

import os

import numpy as np
import pytest

from random_worlds import random_world
from tradewinds import solvers
from tradewinds.models.calibrate import by_importer, calibrate
from tradewinds.world.toy import toy_world
from tradewinds.world.world import World

#: Residual of every group of equations, relative to value added; the solver stops at its own, smaller tolerance.
CLEARED = 1e-9

#: Draws of each random kind; set TRADEWINDS_SLOW to try many.
DRAWS = 40 if os.environ.get("TRADEWINDS_SLOW") else 3

LARGE = random_world(1, 12, 6, untraded=True)
WORLDS = {"toy": toy_world(), "toy at 60 %": toy_world(tariff=0.6), "12×6": LARGE}
KINDS = ("random", "one against all", "all against one", "free trade", "400 %", "subsidies", "prohibitive for one")


def tariffs(world: World, kind: str, draw: int) -> np.ndarray:
    """New gross duties [exporter, importer, sector]; home sales pay nothing."""
    rng = np.random.default_rng(draw)
    shape = world.values("tariff_rate").shape
    factor = 1 + world.values("tariff_rate")
    one = draw % shape[0]
    match kind:
        case "random":
            factor = rng.uniform(1.0, 2.0, shape)
        case "one against all":
            factor[:, one] = rng.uniform(1.2, 3.0)
        case "all against one":
            factor[one] = rng.uniform(1.2, 3.0)
        case "free trade":
            factor = np.ones(shape)
        case "400 %":
            factor = np.full(shape, 5.0)
        case "subsidies":
            factor = rng.uniform(0.7, 1.6, shape)
        case "prohibitive for one":
            factor[one, :, 0] = 51.0
    own = np.arange(shape[0])
    factor[own, own] = 1.0
    return factor


def check(world: World, factor: np.ndarray, prepared: solvers.Prepared | None = None) -> solvers.Equilibrium:
    found = solvers.solve(prepared or solvers.prepare(calibrate(world)), solvers.Shock(factor=by_importer(factor)))
    assert found.converged, found.method
    assert all(residual < CLEARED for residual in found.residuals.values()), found.residuals
    for values in (found.wage, found.price, found.cost, found.income, found.consumer_price):
        assert np.isfinite(values).all() and values.min() > 0
    assert found.flow.min() >= 0 and found.output.min() >= 0
    return found


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_shock_has_its_equilibrium(name: str, kind: str) -> None:
    world = WORLDS[name]
    prepared = solvers.prepare(calibrate(world))
    draws = 1 if kind in ("free trade", "400 %") else DRAWS
    for draw in range(draws):
        check(world, tariffs(world, kind, draw), prepared)


@pytest.mark.parametrize("kind", KINDS)
def test_every_shock_on_random_economies(kind: str) -> None:
    for draw in range(DRAWS):
        world = random_world(100 + draw, 3 + draw % 4, 1 + draw % 4)
        check(world, tariffs(world, kind, draw))


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_pure_bilateral_worlds_with_hardly_any_home_sales(share: float) -> None:
    """Economies that sell almost everything abroad: wages move a lot and have to be found."""
    world = random_world(5, 5, 3, links=False)
    trade = np.array(world.values("trade_fob"))
    own = np.arange(5)
    trade[own, own] *= 1 - share
    thin = World.build(
        "thin",
        year=2020,
        regions=world.regions,
        sectors=world.sectors,
        trade_fob=trade,
        **{k: world.values(k) for k in ("tariff_rate", "input_use", "trade_elasticity")},
    )
    check(thin, tariffs(thin, "random", 1))


def test_most_solves_need_no_safeguard() -> None:
    """The joint sweep alone finds nine in ten, in at most 150 sweeps."""
    prepared = solvers.prepare(calibrate(LARGE))
    methods = [check(LARGE, tariffs(LARGE, "random", draw), prepared).method for draw in range(10)]
    assert methods.count("joint sweep") >= 9
