"""Benchmarks to solve: the economy of 1993 where its files are, and random ones of any size."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tradewinds.models.calibrate import calibrate, shock_of
from tradewinds.solvers import Benchmark, Shock
from tradewinds.world.world import World

Array = NDArray[np.float64]


def random_world(economies: int, sectors: int, *, untraded: int = 0, seed: int = 1) -> World:
    """A world in balance with gravity-like trade, duties of 0 to 20 %, dense input use and θ between 2 and 12.

    Deficits are what trade leaves, a few per cent of value added. ``untraded`` sectors stand last.
    """
    rng = np.random.default_rng(seed)
    size = rng.pareto(1.2, economies) + 0.1
    weight = rng.dirichlet(np.full(sectors, 2.0))
    near = np.exp(-rng.uniform(1.0, 5.0, (economies, economies, sectors)))
    trade = 1e6 * size[:, None, None] * size[None, :, None] / size.sum() * weight * near
    home = np.arange(economies)
    trade[home, home] = 1e6 * size[:, None] * weight * rng.uniform(0.5, 1.5, (economies, sectors))
    rate = rng.uniform(0, 0.2, trade.shape)
    rate[home, home] = 0.0
    for j in range(sectors - untraded, sectors):
        own = trade[home, home, j].copy()
        trade[:, :, j], rate[:, :, j] = 0.0, 0.0
        trade[home, home, j] = own
    output, landed = trade.sum(axis=1), (trade * (1 + rate)).sum(axis=0)
    shares = 0.5 * rng.dirichlet(np.ones(sectors), (economies, sectors)).transpose(0, 2, 1)
    use = shares * output[:, None, :]
    use *= np.minimum(1.0, 0.8 * landed / use.sum(axis=2))[:, :, None]
    return World.build(
        f"random-{economies}x{sectors}",
        year=2000,
        regions=[f"R{n:03d}" for n in range(economies)],
        sectors=[f"S{j:02d}" for j in range(sectors)],
        trade_fob=trade,
        tariff_rate=rate,
        input_use=use,
        trade_elasticity=rng.uniform(2, 12, sectors),
    )


def random_tariffs(base: Benchmark, traded: int, *, seed: int = 7, parties: int = 6) -> Shock:
    """Six economies free of duty among themselves, new duties of 0 to 30 % on one cell in four of the others."""
    rng = np.random.default_rng(seed)
    n = base.size[0]
    factor = base.factor.copy()
    moved = rng.random(factor.shape) < 0.25
    moved[:, traded:] = False
    factor = np.where(moved, 1 + rng.uniform(0, 0.3, factor.shape), factor)
    factor[np.ix_(np.arange(min(parties, n)), np.arange(traded), np.arange(min(parties, n)))] = 1.0
    factor[np.arange(n), :, np.arange(n)] = 1.0
    return Shock(factor=factor)


def raw_folder() -> Path | None:
    """The folder of the 1993 files under the one that TRADEWINDS_RAW names, where it is there."""
    named = os.environ.get("TRADEWINDS_RAW")
    folder = Path(named) / "cp1993" if named else None
    return folder if folder is not None and folder.is_dir() else None


def nafta() -> tuple[str, Benchmark, Shock, int]:
    """(name, benchmark, shock, traded sectors): NAFTA on the data of 1993, or a random world of the same size."""
    folder = raw_folder()
    if folder is None:
        base = calibrate(random_world(31, 40, untraded=20))
        return (
            "random world of 31 × 40 (20 untraded); the files of 1993 are not here",
            base,
            random_tariffs(base, 20),
            20,
        )
    from tradewinds.data.cp1993 import build_cp1993, nafta_change

    world = build_cp1993(folder, deficits=False)
    return (
        "NAFTA tariffs on the data of 1993 (31 × 40)",
        calibrate(world),
        shock_of(world, nafta_change(world, folder)),
        20,
    )


def gravity_world(economies: int, *, theta: float = 4.0, seed: int = 3) -> tuple[World, Array]:
    """One sector without duties, trade balanced, flows exactly structural gravity; and t^−θ [exporter, importer].

    Costs grow with distance on a square; flows solve the multilateral resistances by alternating scaling.
    """
    rng = np.random.default_rng(seed)
    place, size = rng.random((economies, 2)), 1e5 * (rng.pareto(1.5, economies) + 0.1)
    apart = np.sqrt(((place[:, None] - place[None]) ** 2).sum(axis=2)) + 0.05
    cost = apart**-1.0 * np.where(np.eye(economies) > 0, 30.0, 1.0)
    trade = cost * np.outer(size, size)
    for _ in range(5000):
        trade *= (size / trade.sum(axis=1))[:, None]
        trade *= (size / trade.sum(axis=0))[None]
        if np.abs(trade.sum(axis=1) / size - 1).max() < 1e-14:
            break
    world = World.build(
        f"gravity-{economies}",
        year=2000,
        regions=[f"R{n:03d}" for n in range(economies)],
        sectors=["all"],
        trade_fob=trade[:, :, None],
        tariff_rate=np.zeros((economies, economies, 1)),
        input_use=np.zeros((economies, 1, 1)),
        trade_elasticity=[theta],
    )
    return world, cost
