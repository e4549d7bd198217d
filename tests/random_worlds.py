"""Random economies for the tests: every one balances, and every one has cells without trade."""

from __future__ import annotations

import numpy as np

from tradewinds.world.change import Change
from tradewinds.world.world import World

#: Industries spend at most this share of their sales on inputs, so that value added is positive everywhere.
MOST_INPUTS = 0.6

#: No economy's surplus or deficit exceeds this share of its sales: what it owes abroad it can pay after any shock.
MOST_DEFICIT = 0.15


def random_world(
    seed: int,
    n: int,
    s: int,
    *,
    duty: float = 0.4,
    zeros: float = 0.2,
    untraded: bool = False,
    links: bool = True,
    balanced: bool = False,
    one_elasticity: bool = False,
) -> World:
    """``n`` economies and ``s`` sectors; all numbers lognormal, home sales an order larger than trade.

    ``duty`` bounds the random duties (some are subsidies, none at home); ``zeros`` is the share of cells without trade
    (never the ring of neighbours in the first sector, so that nobody is cut off); ``untraded`` makes the last sector
    local; ``links`` gives inputs; ``balanced`` makes trade symmetric, so that no economy has a deficit.
    """
    rng = np.random.default_rng([seed, n, s])
    trade = rng.lognormal(3.0, 1.0, (n, n, s)) * rng.lognormal(0, 0.7, n)[:, None, None]
    trade[rng.random((n, n, s)) < zeros] = 0.0
    trade[np.arange(n), np.arange(n)] = 0.0
    for i in range(n):
        trade[i, (i + 1) % n, 0] = trade[(i + 1) % n, i, 0] = 30.0
    if balanced:
        trade = trade + trade.transpose(1, 0, 2)
    if s > 1 and not balanced:
        trade[rng.integers(n), :, 1] = 0.0
    if untraded:
        trade[:, :, -1] = 0.0
    own = np.arange(n)
    made = (trade.sum(axis=1) > 0) | (trade.sum(axis=(0, 1)) == 0)
    home = np.where(made, rng.lognormal(5.5, 0.7, (n, s)), 0.0)
    gap = np.abs(trade.sum(axis=(0, 2)) - trade.sum(axis=(1, 2)))
    trade[own, own] = home * np.maximum(1.0, gap / MOST_DEFICIT / home.sum(axis=1))[:, None]
    rate = rng.uniform(-0.05, 1.0, trade.shape) * duty
    rate[own, own] = 0.0
    use = _inputs(rng, trade, rate) if links else np.zeros((n, s, s))
    theta = np.full(s, rng.uniform(2, 8)) if one_elasticity else rng.uniform(2, 8, s)
    return World.build(
        f"random {seed}",
        year=2020,
        regions=[f"R{i}" for i in range(n)],
        sectors=[f"S{j}" for j in range(s)],
        trade_fob=trade,
        tariff_rate=rate,
        input_use=use,
        trade_elasticity=theta,
    )


def _inputs(rng: np.random.Generator, trade: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Input use [n,k,j], of each product no more than four fifths of what is bought."""
    output, landed = trade.sum(axis=1), (trade * (1 + rate)).sum(axis=0)
    n, s = output.shape
    use = rng.dirichlet(np.ones(s), (n, s)).transpose(0, 2, 1) * rng.uniform(0, MOST_INPUTS, (n, 1, s))
    use = use * output[:, None, :]
    need = use.sum(axis=2)
    scale = np.minimum(1.0, 0.8 * landed / np.where(need > 0, need, 1.0))
    return use * scale[:, :, None]


def random_change(world: World, seed: int, *, costs: bool = True) -> Change:
    """New duties of up to one half on every foreign cell and, where ``costs``, trade costs moved by up to a fifth."""
    rng = np.random.default_rng([seed, 7])
    shape = world.values("trade_fob").shape
    own = np.arange(shape[0])
    rate, cost = rng.uniform(0, 0.5, shape), rng.uniform(0.85, 1.2, shape)
    rate[own, own] = world.values("tariff_rate")[own, own]
    cost[own, own] = 1.0
    if not costs:
        return Change.of(world, tariff_new=rate)
    return Change.of(world, tariff_new=rate, trade_cost_hat=cost)


def rebuilt(world: World, **changes: object) -> World:
    """The same World with some of its free arrays or labels replaced, residuals computed anew."""
    parts: dict[str, object] = {
        "name": world.name,
        "year": world.year,
        "regions": world.regions,
        "sectors": world.sectors,
        **{k: world.values(k) for k in ("trade_fob", "tariff_rate", "input_use", "trade_elasticity")},
    }
    parts.update(changes)
    return World.build(parts.pop("name"), **parts)  # type: ignore[arg-type]
