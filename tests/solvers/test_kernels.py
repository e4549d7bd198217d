"""The compiled loops, whole-array numpy and the condensation say the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from random_worlds import random_change, random_world
from tradewinds import solvers
from tradewinds.models.calibrate import calibrate, shock_of
from tradewinds.models.caliendo_parro import CaliendoParro
from tradewinds.models.closure import CLOSURES, closure
from tradewinds.solvers import compiled, condense, kernels
from tradewinds.solvers.equilibrium import start
from tradewinds.solvers.vectorised import sweep_numpy, trade_weights_numpy
from tradewinds.world.change import Change
from tradewinds.world.world import World

#: One sweep adds up a few hundred products of order one in another order: rounding, with a digit to spare.
ONE_SWEEP = 1e-12

#: Two solutions, each to a residual of 1e-12.
SOLVED = solvers.Options(tolerance=1e-12)
SAME = 1e-9

#: A trace of trade of this share leaves welfare unchanged to about the same share.
TRACE = 1e-12

needs_compiler = pytest.mark.skipif(not compiled.COMPILED, reason="numba is not installed or not wanted")


def drawn(seed: int, n: int = 5, j: int = 4) -> dict[str, np.ndarray]:
    """Everything a sweep reads, at random: cells without trade, an industry without output, every kind of labour."""
    rng = np.random.default_rng(seed)
    share = rng.random((n, j, n)) * (rng.random((n, j, n)) < 0.7)
    share[np.arange(n), :, np.arange(n)] += 1.0
    share[0, 1] = 0.0
    share /= np.maximum(share.sum(axis=2, keepdims=True), 1e-300)
    inputs = rng.dirichlet(np.ones(j + 1), (n, j))[:, :, :j].transpose(0, 2, 1)
    unit = rng.uniform(0.5, 2.0, (n, j))
    unit[2, 3] = 0.0
    return {
        "x": np.concatenate([rng.normal(0, 0.1, n + n * j), rng.uniform(0.5, 1.5, n * j)]),
        "share": share,
        "ratio": np.where(rng.random((n, j, n)) < 0.5, 1.0, rng.uniform(0.7, 1.6, (n, j, n))),
        "factor": rng.uniform(0.9, 1.6, (n, j, n)),
        "theta": rng.uniform(1, 12, j),
        "labour": 1 - inputs.sum(axis=1),
        "price_inputs": np.ascontiguousarray(inputs.transpose(0, 2, 1)),
        "inputs": np.ascontiguousarray(inputs),
        "final": rng.dirichlet(np.ones(j), n),
        "index_price": rng.dirichlet(np.ones(j), n) * 0.9,
        "index_wage": rng.uniform(0, 0.1, n),
        "supply": np.array([0.0, 0.5, 1.0, 2.0, np.inf])[:n],
        "added": rng.uniform(1, 3, n),
        "deficit": rng.normal(0, 0.05, n),
        "output": unit,
        "cost_shift": rng.normal(0, 0.05, (n, j)),
        "trade": rng.uniform(0.1, 0.5, n),
    }


@needs_compiler
@pytest.mark.parametrize("seed", range(8))
def test_one_sweep_compiled_and_in_numpy(seed: int) -> None:
    given = drawn(seed)
    n, j = given["labour"].shape
    share, ratio, factor = (given.pop(k) for k in ("share", "ratio", "factor"))
    answers = []
    for weigh, sweep in (
        (kernels.trade_weights_loops, kernels.sweep_loops),
        (trade_weights_numpy, sweep_numpy),
    ):
        weight, weight_net = np.empty_like(share), np.empty_like(share)
        weigh(share, ratio, factor, given["theta"], weight, weight_net)
        x, new, cost, sold = given["x"].copy(), np.empty_like(given["x"]), np.empty((j, n)), np.empty((j, n))
        rest = {k: v for k, v in given.items() if k != "x"}
        worst = sweep(x, new, weight, weight_net, *rest.values(), 0.8, cost, sold)
        np.testing.assert_array_equal(x, given["x"], err_msg="the state itself is only read")
        answers.append({"weight": weight, "net": weight_net, "new": new, "cost": cost, "sold": sold, "worst": worst})
    for name in answers[0]:
        np.testing.assert_allclose(answers[0][name], answers[1][name], rtol=ONE_SWEEP, atol=ONE_SWEEP, err_msg=name)


_IN_NUMPY = """
import json, sys
sys.path.insert(0, sys.argv[1])
from random_worlds import random_change, random_world
from tradewinds.models.caliendo_parro import CaliendoParro
from tradewinds.models.closure import closure
from tradewinds.solvers import Options
from tradewinds.solvers.compiled import COMPILED
assert not COMPILED and "numba" not in sys.modules
world = random_world(11, 5, 4, untraded=True)
out = {}
for name in json.loads(sys.argv[2]):
    rules = closure(name, parties=world.regions[:1])
    result = CaliendoParro(rules, Options(tolerance=1e-12)).solve(world, random_change(world, 3))
    out[name] = {k: v.tolist() for k, v in result.arrays.items() if k.endswith("_hat")}
print(json.dumps(out))
"""


@needs_compiler
def test_without_a_compiler_the_answers_are_the_same() -> None:
    """The whole solver in a process of its own, where TRADEWINDS_KERNELS=numpy; every closure."""
    tests = Path(__file__).parents[1]
    ran = subprocess.run(
        [sys.executable, "-c", _IN_NUMPY, str(tests), json.dumps(list(CLOSURES))],
        env={**os.environ, "TRADEWINDS_KERNELS": "numpy"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    plain = json.loads(ran.stdout)
    world = random_world(11, 5, 4, untraded=True)
    for name in CLOSURES:
        rules = closure(name, parties=world.regions[:1])
        result = CaliendoParro(rules, SOLVED).solve(world, random_change(world, 3))
        for hat, values in plain[name].items():
            np.testing.assert_allclose(result.values(hat), values, rtol=SAME, atol=SAME, err_msg=f"{name}: {hat}")


# ------------------------------------------------------------------------------------------------------- condensation


def hats(world: World, change: Change, rule: str) -> dict[str, np.ndarray]:
    result = CaliendoParro(closure(rule, parties=world.regions[:1]), SOLVED).solve(world, change)
    return {name: values for name, values in result.arrays.items() if name.endswith("_hat")}


@pytest.mark.parametrize("rule", CLOSURES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_condensed_and_in_full(rule: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    world = random_world(seed, 5, 4, untraded=True)
    change = random_change(world, seed)
    assert condense.untraded(calibrate(world)).sum() == 1
    condensed = hats(world, change, rule)
    monkeypatch.setattr(condense, "untraded", lambda base: np.zeros(base.size[1], dtype=bool))
    full = hats(world, change, rule)
    for name, values in condensed.items():
        np.testing.assert_allclose(full[name], values, rtol=SAME, atol=SAME, err_msg=name)


def test_a_trace_of_trade_changes_nothing() -> None:
    world = random_world(4, 4, 3, untraded=True)
    trade = np.array(world.values("trade_fob"))
    trade[0, 1, -1] = trade[1, 0, -1] = TRACE * trade[0, 0, -1]
    traced = World.build(
        "trace",
        year=world.year,
        regions=world.regions,
        sectors=world.sectors,
        trade_fob=trade,
        **{k: world.values(k) for k in ("tariff_rate", "input_use", "trade_elasticity")},
    )
    assert condense.untraded(calibrate(world)).any() and not condense.untraded(calibrate(traced)).any()
    change = random_change(world, 4)
    ours, theirs = hats(world, change, "headline"), hats(traced, Change.of(traced, **change.arrays), "headline")
    for name in ("wage_hat", "welfare_hat", "consumer_price_hat", "real_gdp_hat", "cost_hat", "price_hat"):
        np.testing.assert_allclose(theirs[name], ours[name], rtol=SAME, atol=SAME, err_msg=name)


def test_condensed_shares_use_up_what_they_should() -> None:
    """b̃_j + Σ_k Ã_kj = 1, and the weights of the consumer price index add up to one."""
    base = calibrate(random_world(6, 5, 4, untraded=True))
    small = condense.condense(base, solvers.Closure(np.zeros(5), np.zeros(5)))
    made = base.output[:, small.traded] > 0
    np.testing.assert_allclose((small.labour + small.price_inputs.sum(axis=2))[made], 1.0, rtol=ONE_SWEEP)
    np.testing.assert_allclose(small.index_price.sum(axis=1) + small.index_wage, 1.0, rtol=ONE_SWEEP)


# ------------------------------------------------------------------------------------------------ reuse and bad numbers


def test_workspaces_are_clean_from_solve_to_solve() -> None:
    """Solving other worlds of the same and of another size in between leaves no trace, to the last bit."""
    world, other, larger = random_world(1, 4, 3), random_world(2, 4, 3), random_world(3, 6, 4)
    first = hats(world, random_change(world, 1), "headline")
    for between in (other, larger):
        hats(between, random_change(between, 9), "long_run")
    again = hats(world, random_change(world, 1), "headline")
    for name, values in first.items():
        np.testing.assert_array_equal(again[name], values, err_msg=name)


@pytest.mark.parametrize("where", ["guess", "factor", "deficit"])
def test_what_is_not_a_number_never_converges(where: str) -> None:
    world = random_world(1, 4, 2)
    base = calibrate(world)
    prepared = solvers.prepare(base)
    factor, deficit, guess = base.factor.copy(), base.deficit.copy(), start(prepared)
    {"guess": guess, "factor": factor[0, 0], "deficit": deficit}[where][0] = np.nan
    found = solvers.solve(prepared, solvers.Shock(factor=factor, deficit=deficit), guess=guess)
    healthy = all(np.isfinite(v) for v in found.residuals.values())
    assert found.converged == healthy, found.residuals


def test_an_economy_cannot_spend_less_than_nothing() -> None:
    """Transfers paid beyond income are no equilibrium, whatever the residuals say."""
    base = calibrate(random_world(1, 4, 2, balanced=True))
    transfer = np.array([-1.5, 1.5, 0.0, 0.0]) * base.value_added[0]
    found = solvers.solve(solvers.prepare(base), solvers.Shock(factor=base.factor, deficit=transfer))
    assert not found.converged or found.income.min() > 0


def test_shock_of_nothing_takes_one_sweep() -> None:
    world = random_world(8, 5, 3)
    found = solvers.solve(solvers.prepare(calibrate(world)), shock_of(world, Change.none(world)))
    assert found.sweeps == 1 and found.method == "joint sweep"
