"""Elasticity draws: every published set, and draws around them, solved in one batch on all cores.

A draw takes one published set at random and multiplies each sector's elasticity by an independent lognormal factor
(assumption A-005), capped (A-006). The first draws are the published sets themselves.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tradewinds.core.assumptions import STANDARD, Assumed
from tradewinds.core.errors import ConvergenceError
from tradewinds.models.calibrated import Calibrated
from tradewinds.solvers import Options
from tradewinds.world.arrays import Array
from tradewinds.world.change import Change
from tradewinds.world.world import World

Progress = Callable[[int, int], None]

#: Draws are solved to this tolerance (the headline to the solver's own): their ranges are read to three digits.
TOLERANCE = 1e-9

#: Percentiles of the draws that a range shows.
LOW, HIGH = 5.0, 95.0
#: A batch is refused when more than this share of its draws finds no equilibrium.
FAILURES = 0.05


@dataclass(frozen=True, slots=True)
class Draws:
    """Elasticities [draw, sector]; the first ``len(names)`` are the published sets of those names."""

    elasticity: Array
    names: tuple[str, ...]
    seed: int

    def first(self, count: int) -> Draws:
        """The first ``count`` draws."""
        return Draws(self.elasticity[:count], self.names, self.seed)


def elasticity_draws(
    world: World, count: int, *, seed: int = 2022, assumed: Assumed = STANDARD, around: Array | None = None
) -> Draws:
    """``count`` draws (at least the published sets), or around one vector [sector] where it is chosen.

    A world without sets draws around its own elasticities.
    """
    cap, spread = assumed["elasticity_cap"], assumed["elasticity_spread"]
    if around is not None:
        names: tuple[str, ...] = ("chosen",)
        sets = around[None]
    elif "trade_elasticity_sets" in world:
        names, sets = world.labels["elasticity_set"], world.values("trade_elasticity_sets")
    else:
        names, sets = ("own",), world.values("trade_elasticity")[None]
    rng = np.random.default_rng(seed)
    more = max(0, count - len(names))
    picked = sets[rng.integers(len(names), size=more)]
    spread_out = picked * np.exp(spread * rng.standard_normal(picked.shape))
    return Draws(np.minimum(np.concatenate([sets, spread_out]), cap), tuple(names), seed)


class Range(NamedTuple):
    """5th and 95th percentile of the draws."""

    low: Array
    high: Array


@dataclass(frozen=True, slots=True)
class Batch:
    """Measures of every draw and change: name → [draw, change, region]; ``failed`` draws are left out."""

    arrays: Mapping[str, Array]
    draws: int
    failed: int

    def range(self, name: str, change: int = -1) -> Range:
        """The range of a measure [region] under the change of that index."""
        low, high = np.percentile(self.arrays[name][:, change], (LOW, HIGH), axis=0)
        return Range(low, high)


def solve_draws(
    calibrated: Calibrated,
    changes: Sequence[Change],
    draws: Draws,
    names: Sequence[str],
    *,
    progress: Progress | None = None,
    workers: int = 0,
) -> Batch:
    """Solve every change under every draw; each draw goes through the changes in order, warm from one to the next.

    ``names`` are the measures to keep. Raises ConvergenceError when more than 5 % of the draws fail.
    """
    shocks = [calibrated.shock(change) for change in changes]
    total, done = len(draws.elasticity), 0

    def one(theta: Array) -> list[dict[str, Array]] | None:
        try:
            own = calibrated.with_elasticity(theta)
            guess: Array | None = None
            out = []
            for shock in shocks:
                found = own.solve(shock, guess=guess, options=Options(tolerance=TOLERANCE))
                guess = found.state
                measures = own.measure(found, shock)
                out.append({name: measures[name] for name in names if name in measures})
            return out
        except ConvergenceError:
            return None

    results: list[list[dict[str, Array]]] = []
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        for answer in pool.map(one, draws.elasticity):
            done += 1
            if answer is not None:
                results.append(answer)
            if progress is not None:
                progress(done, total)
    failed = total - len(results)
    if failed > FAILURES * total:
        raise ConvergenceError(
            f"{failed} of {total} elasticity draws found no equilibrium",
            where=f"{calibrated.world.name}, closure {calibrated.closure.name}",
            allowed=f"at most {100 * FAILURES:.0f} %",
        )
    held = results[0][0]
    return Batch(
        {name: np.array([[step[name] for step in answer] for answer in results]) for name in held}, total, failed
    )
