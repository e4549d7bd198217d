"""The exam that every model sits, on the toy world and on random ones."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from random_worlds import random_change, random_world, rebuilt
from tradewinds import solvers
from tradewinds.core.assumptions import Assumed
from tradewinds.core.errors import ConvergenceError, InputError, LabelError
from tradewinds.core.variables import variables
from tradewinds.models import MODELS, Model, model
from tradewinds.models.armington import MarketOptions, OneSector
from tradewinds.models.calibrate import calibrate
from tradewinds.models.calibrated import Calibrated
from tradewinds.models.caliendo_parro import CaliendoParro
from tradewinds.models.closure import CLOSURES, HEADLINE, Closure, closure
from tradewinds.models.decomposition import split_welfare
from tradewinds.solvers.equilibrium import start
from tradewinds.world.aggregate import aggregate, aggregate_change
from tradewinds.world.change import Change
from tradewinds.world.result import Result
from tradewinds.world.toy import toy_world
from tradewinds.world.world import World

#: Residual to which the models are solved here: two digits below the engine's default, so that comparisons of two
#: solutions measure the models and not the stopping rule.
SOLVED = 1e-12

#: Hats when nothing changes: the engine starts at the benchmark, so only rounding is left.
AT_REST = 1e-10

#: Two solutions of the same equations, each solved to SOLVED; the inverse Jacobian of a small open economy multiplies
#: residuals by up to some hundred.
SAME = 1e-9

#: Market, income and Walras residuals relative to value added.
CLEARED = 1e-9

#: Central differences at h = 3e-4: truncation is h²/6 = 1.5e-8 times a third derivative of order θ³, rounding SOLVED/h.
STEP = 3e-4
DERIVATIVE = 1e-5

#: Trade left in "autarky" is a share of at most (51·100)^−2 = 4e-8 of spending (the smallest elasticity is 2).
AUTARKY = 1e-7

#: Residual in autarky: with so little trade wages are hardly determined, and to 1e-12 not at all in double precision.
SOLVED_IN_AUTARKY = 1e-9

EXAM = settings(derandomize=True, deadline=None, max_examples=12, database=None)
SIZES = {"seed": st.integers(0, 9999), "n": st.integers(3, 6), "s": st.integers(1, 4)}
WORLDS = st.builds(random_world, **SIZES)
every_model = pytest.mark.parametrize("name", MODELS)


def exact(name: str, tolerance: float = SOLVED) -> Model:
    if name == "caliendo-parro":
        return model(name, options=solvers.Options(tolerance=tolerance))
    return model(name, options=MarketOptions(tolerance=tolerance))


def close(ours: np.ndarray, theirs: np.ndarray, tolerance: float) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


def solved(name: str, world: World, change: Change) -> Result:
    return exact(name).solve(world, change)


def hats(result: Result) -> list[str]:
    return [name for name in result.arrays if name.endswith("_hat")]


# ------------------------------------------------------------------------------------------------- at rest and in scale


@every_model
@EXAM
@given(world=WORLDS)
@example(world=toy_world())
def test_nothing_changes_when_nothing_changes(name: str, world: World) -> None:
    result = solved(name, world, Change.none(world))
    for hat in hats(result):
        close(result.values(hat), 1.0, AT_REST)
    size = world.values("value_added").sum()
    for nought in ("equivalent_variation", "tariff_revenue_change"):
        if nought in result:
            assert np.abs(result.values(nought)).max() < AT_REST * size
    assert result.status == "converged"


@EXAM
@given(world=WORLDS)
@example(world=toy_world())
def test_benchmark_is_reproduced_in_levels(world: World) -> None:
    result = solved("caliendo-parro", world, Change.none(world))
    size = world.values("trade_fob").sum()
    trade, factor = world.values("trade_fob"), 1 + world.values("tariff_rate")
    for name, level in {
        "trade_fob_new": trade,
        "output_new": trade.sum(axis=1),
        "expenditure_new": (trade * factor).sum(axis=0),
        "income_new": world.values("final_use").sum(axis=1),
        "tariff_revenue_new": (trade * (factor - 1)).sum(axis=(0, 2)),
    }.items():
        assert np.abs(result.values(name) - level).max() < AT_REST * size


@every_model
@EXAM
@given(world=WORLDS, seed=st.integers(0, 99))
@example(world=toy_world(), seed=1)
def test_doubling_all_money_leaves_hats(name: str, world: World, seed: int) -> None:
    double = rebuilt(world, trade_fob=2 * world.values("trade_fob"), input_use=2 * world.values("input_use"))
    change = random_change(world, seed)
    ours, theirs = solved(name, world, change), solved(name, double, change)
    for array in ours.arrays:
        if array.endswith("_hat"):
            close(theirs.values(array), ours.values(array), SAME)
        elif array.endswith("_new"):
            size = world.values("trade_fob").sum()
            assert np.abs(theirs.values(array) - 2 * ours.values(array)).max() < SAME * size


@every_model
@EXAM
@given(world=WORLDS, seed=st.integers(0, 99))
@example(world=toy_world(), seed=1)
def test_starting_point_does_not_matter(name: str, world: World, seed: int) -> None:
    change, rng = random_change(world, seed), np.random.default_rng(seed)
    n = len(world.regions)
    guess = np.exp(rng.normal(0, 0.3, n))
    if name == "caliendo-parro":
        guess = start(Calibrated.of(world, HEADLINE).prepared)
        guess[:] += rng.uniform(0, 0.3, guess.size)
    other = exact(name).solve(world, change, guess=guess)  # type: ignore[call-arg]
    ours = solved(name, world, change)
    for hat in hats(ours):
        close(other.values(hat), ours.values(hat), SAME)


@every_model
@EXAM
@given(world=WORLDS, seed=st.integers(0, 99))
@example(world=toy_world(), seed=1)
def test_permuting_labels_permutes_answers(name: str, world: World, seed: int) -> None:
    rng = np.random.default_rng(seed)
    r, s = rng.permutation(len(world.regions)), rng.permutation(len(world.sectors))
    change = random_change(world, seed)
    moved = rebuilt(
        world,
        regions=[world.regions[i] for i in r],
        sectors=[world.sectors[j] for j in s],
        trade_fob=world.values("trade_fob")[np.ix_(r, r, s)],
        tariff_rate=world.values("tariff_rate")[np.ix_(r, r, s)],
        input_use=world.values("input_use")[np.ix_(r, s, s)],
        trade_elasticity=world.values("trade_elasticity")[s],
    )
    moved_change = Change.of(moved, **{k: v[np.ix_(r, r, s)] for k, v in change.arrays.items()})
    ours, theirs = solved(name, world, change), solved(name, moved, moved_change)
    for hat in hats(ours):
        values = ours.values(hat)
        expected = values[r] if values.ndim == 1 else values[np.ix_(r, s)]
        close(theirs.values(hat), expected, SAME)


# ------------------------------------------------------------------------------------------------- two identical halves


def halved(world: World, change: Change, inside: float) -> tuple[World, Change]:
    """The first economy cut into two equal halves; ``inside`` is what a half buys of the other, of its home purchases.

    The halves produce at the same cost whatever happens, and all four flows between them carry the duty the economy
    charged itself, so buyers cannot tell two halves from one whole: theory says nothing changes for anybody.
    """
    who = np.array([0, *range(len(world.regions))])
    weight = np.where(who == 0, 0.5, 1.0)
    weight[2:] = 1.0
    trade = world.values("trade_fob")[np.ix_(who, who)] * weight[:, None, None] * weight[None, :, None]
    home = world.values("trade_fob")[0, 0] / 2
    trade[0, 0] = trade[1, 1] = (1 - inside) * home
    trade[0, 1] = trade[1, 0] = inside * home
    two = rebuilt(
        world,
        regions=["half", *world.regions],
        trade_fob=trade,
        tariff_rate=world.values("tariff_rate")[np.ix_(who, who)],
        input_use=world.values("input_use")[who] * weight[:, None, None],
    )
    return two, Change.of(two, **{k: v[np.ix_(who, who)] for k, v in change.arrays.items()})


@every_model
@pytest.mark.parametrize("inside", [0.0, 0.2])
@EXAM
@given(seed=SIZES["seed"], n=SIZES["n"], s=SIZES["s"])
def test_merging_two_identical_economies_changes_nothing(name: str, inside: float, seed: int, n: int, s: int) -> None:
    # One elasticity: the one-sector models weigh elasticities with foreign trade, and trade between the halves is that.
    world = random_world(seed, n, s, one_elasticity=name != "caliendo-parro")
    change = random_change(world, seed)
    two, two_change = halved(world, change, inside)
    groups = {"half": "R0", **{r: r for r in world.regions}}
    one = aggregate(two, regions=groups, name="merged")
    one_change = aggregate_change(two, two_change, one, regions=groups)
    for array in ("trade_fob", "tariff_rate", "input_use", "value_added", "final_use", "trade_elasticity"):
        close(one.values(array), world.values(array), SAME)
    apart, together = solved(name, two, two_change), solved(name, one, one_change)
    region = [h for h in hats(together) if together.values(h).ndim == 1]
    for hat in region:
        close(apart.values(hat)[2:], together.values(hat)[1:], SAME)
    for hat in ("welfare_hat", "wage_hat", "consumer_price_hat"):
        close(apart.values(hat)[:2], together.values(hat)[0], SAME)


# ------------------------------------------------------------------------------------------------------------ residuals


@every_model
@EXAM
@given(world=WORLDS, seed=st.integers(0, 99))
@example(world=toy_world(), seed=1)
def test_markets_incomes_and_walras(name: str, world: World, seed: int) -> None:
    result = model(name).solve(world, random_change(world, seed))
    assert len(result.residuals) >= 3
    assert any("Walras" in group for group in result.residuals)
    assert result.residual < CLEARED


@EXAM
@given(world=WORLDS, seed=st.integers(0, 99))
@example(world=toy_world(), seed=1)
def test_levels_of_the_answer_balance_by_hand(world: World, seed: int) -> None:
    """Recomputed here from the labelled arrays alone: the residuals of the model are not taken at their word."""
    change = random_change(world, seed)
    result = solved("caliendo-parro", world, change)
    flow, factor = result.values("trade_fob_new"), 1 + change.values("tariff_new")
    output, spending, income = (result.values(k) for k in ("output_new", "expenditure_new", "income_new"))
    coefficients = calibrate(world)
    size = world.values("value_added").sum(axis=1).min()
    transfer = world.values("trade_fob").sum(axis=(0, 2)) - world.values("trade_fob").sum(axis=(1, 2))
    value = result.values("wage_hat") * world.values("value_added").sum(axis=1)
    use = np.einsum("nkj,nj->nk", coefficients.inputs, output)
    for left, right in (
        (flow.sum(axis=1), output),
        ((flow * factor).sum(axis=0), spending),
        (use + coefficients.final_share * income[:, None], spending),
        ((coefficients.labour_share * output).sum(axis=1), value),
        (value + result.values("tariff_revenue_new") + transfer, income),
        (flow.sum(axis=(0, 2)) - flow.sum(axis=(1, 2)), transfer),
        (value.sum(), world.values("value_added").sum()),
    ):
        assert np.abs(left - right).max() < CLEARED * size


# ---------------------------------------------------------------------------------------------------------- limit cases


def closed_borders(world: World) -> Change:
    """Duties and costs so high that foreign trade all but ends."""
    abroad = ~np.eye(len(world.regions), dtype=bool)[:, :, None] & (world.values("trade_fob") >= 0)
    return Change.of(world, tariff_new=np.where(abroad, 50.0, 0.0), trade_cost_hat=np.where(abroad, 100.0, 1.0))


@every_model
@EXAM
@given(seed=SIZES["seed"], n=SIZES["n"], s=SIZES["s"])
def test_autarky_costs_the_home_share_to_the_power_one_over_theta(name: str, seed: int, n: int, s: int) -> None:
    """Arkolakis, Costinot and Rodríguez-Clare (2012, AER, equation 1): Û = π_nn^(1/θ) without duties and deficits."""
    world = random_world(seed, n, 1 if name == "caliendo-parro" else s, duty=0, balanced=True, links=False)
    one = OneSector.of(world, Change.none(world))
    share = np.diag(one.flow) / one.flow.sum(axis=0)
    result = exact(name, SOLVED_IN_AUTARKY).solve(world, closed_borders(world))
    close(result.values("welfare_hat"), share ** (1 / one.elasticity), AUTARKY)


@pytest.mark.parametrize("autarky", [True, False])
@EXAM
@given(seed=SIZES["seed"], n=SIZES["n"], s=SIZES["s"])
def test_welfare_is_home_shares_through_the_input_output_table(autarky: bool, seed: int, n: int, s: int) -> None:
    """Costinot and Rodríguez-Clare (2014, Handbook of International Economics 4, equation 27).

    ln Û_n = −Σ_j α_nj Σ_k [(I − Aᵀ)⁻¹]_jk ln π̂_nn,k / θ_k, for any change of trade costs without duties and deficits.
    """
    world = random_world(seed, n, s, duty=0, balanced=True)
    change = closed_borders(world)
    if not autarky:
        rng = np.random.default_rng(seed)
        cost = np.where(change.values("tariff_new") > 0, rng.uniform(0.7, 1.5, change.values("tariff_new").shape), 1.0)
        change = Change.of(world, trade_cost_hat=cost)
    result = exact("caliendo-parro", SOLVED_IN_AUTARKY if autarky else SOLVED).solve(world, change)
    base = calibrate(world)
    own = np.arange(n)
    home = result.values("trade_fob_new")[own, own] / result.values("expenditure_new")
    movement = np.log(home / base.share[own, :, own]) / base.elasticity
    inverse = np.linalg.inv(np.eye(s) - base.inputs.transpose(0, 2, 1))
    expected = np.exp(-np.einsum("nj,njk,nk->n", base.final_share, inverse, movement))
    close(result.values("welfare_hat"), expected, AUTARKY if autarky else SAME)


# ------------------------------------------------------------------------------------------ two ways to the same number


@EXAM
@given(seed=SIZES["seed"], n=SIZES["n"])
def test_one_sector_without_inputs_is_armington_in_levels(seed: int, n: int) -> None:
    world = random_world(seed, n, 1, links=False)
    rng = np.random.default_rng(seed)
    change = random_change(world, seed).then(Change.of(world, productivity_hat=rng.uniform(0.8, 1.2, (n, 1))))
    hats_of, levels = solved("caliendo-parro", world, change), solved("armington", world, change)
    size = world.values("value_added").sum()
    for array in levels.arrays:
        scale = 1.0 if array.endswith("_hat") else size
        assert np.abs(hats_of.values(array) - levels.values(array)).max() < 1e-8 * scale, array


@EXAM
@given(seed=SIZES["seed"], n=SIZES["n"])
def test_more_labour_is_the_same_in_hats_and_levels(seed: int, n: int) -> None:
    """Without deficits, so that the unit of money does not matter for what is real."""
    world = random_world(seed, n, 1, links=False, duty=0, balanced=True)
    change = Change.of(world, endowment_hat=np.random.default_rng(seed).uniform(0.6, 1.5, n))
    ours, theirs = solved("caliendo-parro", world, change), solved("armington", world, change)
    for array in ("real_income_hat", "real_wage_hat", "welfare_hat"):
        close(ours.values(array), theirs.values(array), 1e-8)


@EXAM
@given(seed=SIZES["seed"], n=SIZES["n"], s=SIZES["s"])
def test_gravity_is_armington_where_no_duty_is_collected(seed: int, n: int, s: int) -> None:
    world = random_world(seed, n, s, duty=0, balanced=True)
    change = Change.of(world, trade_cost_hat=random_change(world, seed).values("trade_cost_hat"))
    ours, theirs = solved("gravity", world, change), solved("armington", world, change)
    for hat in hats(ours):
        close(ours.values(hat), theirs.values(hat), SAME)


@every_model
@EXAM
@given(seed=SIZES["seed"], n=SIZES["n"], s=SIZES["s"], tax=st.floats(0.01, 2.0))
def test_a_uniform_tax_on_all_purchases_is_neutral(name: str, seed: int, n: int, s: int, tax: float) -> None:
    """Every gross duty, home sales included, times 1 + tax: wages and welfare stay, prices rise by the tax.

    Without inputs (a tax on inputs cascades), and in gravity, where nobody gets the revenue, it is lost.
    """
    world = random_world(seed, n, s, links=False)
    change = Change.of(world, tariff_new=(1 + world.values("tariff_rate")) * (1 + tax) - 1)
    if name != "caliendo-parro":
        # One-sector models weigh the new duty like the old one, so the tax goes through the mean unchanged.
        assert OneSector.of(world, change).factor_new == pytest.approx(OneSector.of(world, change).factor * (1 + tax))
    result = solved(name, world, change)
    close(result.values("wage_hat"), 1.0, SAME)
    close(result.values("consumer_price_hat"), 1 + tax, SAME)
    close(result.values("welfare_hat"), 1 / (1 + tax) if name == "gravity" else 1.0, SAME)


# ---------------------------------------------------------------------------------------------------------- derivatives


def reform(world: World, seed: int, length: float) -> Change:
    """Gross duties on foreign trade moved by ``length`` along a random direction, in logs."""
    rng = np.random.default_rng(seed)
    way = rng.uniform(-1, 1, world.values("tariff_rate").shape)
    way[np.arange(len(world.regions)), np.arange(len(world.regions))] = 0.0
    return Change.of(world, tariff_new=(1 + world.values("tariff_rate")) * np.exp(length * way) - 1)


def slope(up: np.ndarray, down: np.ndarray) -> np.ndarray:
    return (up - down) / (2 * STEP)


@EXAM
@given(world=WORLDS, seed=st.integers(0, 99))
@example(world=toy_world(), seed=1)
def test_small_reform_is_the_first_order_formula(world: World, seed: int) -> None:
    """Caliendo and Parro (2015), equation 16, against the central difference of ln Û."""
    up, down = (solved("caliendo-parro", world, reform(world, seed, h)) for h in (STEP, -STEP))
    exactly = slope(np.log(up.values("welfare_hat")), np.log(down.values("welfare_hat")))
    formula = slope(up.values("welfare_first_order"), down.values("welfare_first_order"))
    assert np.abs(exactly - formula).max() < DERIVATIVE * max(np.abs(exactly).max(), 0.1)
    assert np.abs(exactly).max() > 1e-3
    parts = up.values("terms_of_trade_first_order") + up.values("trade_volume_first_order")
    close(parts, up.values("welfare_first_order"), AT_REST)


def wedges(world: World, up: Result, down: Result) -> tuple[np.ndarray, np.ndarray]:
    """[region] Σ Y d ln c − Σ M d ln c and Σ (τ−1) M (d ln M − d ln c), million USD, from the labelled arrays alone."""
    trade, wedge = world.values("trade_fob"), world.values("tariff_rate")
    there = trade > 0
    flow = [np.log(np.where(there, r.values("trade_fob_new"), 1.0)) for r in (up, down)]
    cost = slope(*(np.log(r.values("cost_hat")) for r in (up, down)))[:, None, :]
    terms = (trade * cost).sum(axis=(1, 2)) - (trade * cost).sum(axis=(0, 2))
    return terms, (wedge * trade * (slope(*flow) - cost)).sum(axis=(0, 2))


@EXAM
@given(world=WORLDS, seed=st.integers(0, 99))
@example(world=toy_world(), seed=1)
def test_a_little_more_work_is_worth_its_effort(world: World, seed: int) -> None:
    """With elastic labour the formula gives the money metric: work is chosen, so its own gain is of second order."""
    rules = Closure("elastic", labour="elastic")
    sitting = CaliendoParro(rules, solvers.Options(tolerance=SOLVED))
    up, down = (sitting.solve(world, reform(world, seed, h)) for h in (STEP, -STEP))
    money = slope(up.values("equivalent_variation"), down.values("equivalent_variation"))
    terms, volume = wedges(world, up, down)
    assert np.abs(up.values("employment_hat") - 1).max() > 1e-6
    assert np.abs(money - terms - volume).max() < DERIVATIVE * np.abs(money).max()


@EXAM
@given(world=WORLDS, seed=st.integers(0, 99))
@example(world=toy_world(), seed=1)
def test_real_gdp_moves_with_the_wedges_of_duty_alone(world: World, seed: int) -> None:
    """With fixed factors d ln GDP = Σ (τ−1) M d ln(M/c) / (value added + duty): no terms of trade in it."""
    up, down = (solved("caliendo-parro", world, reform(world, seed, h)) for h in (STEP, -STEP))
    exactly = slope(np.log(up.values("real_gdp_hat")), np.log(down.values("real_gdp_hat")))
    _, volume = wedges(world, up, down)
    revenue = (world.values("trade_fob") * world.values("tariff_rate")).sum(axis=(0, 2))
    formula = volume / (world.values("value_added").sum(axis=1) + revenue)
    assert np.abs(exactly - formula).max() < DERIVATIVE * max(np.abs(exactly).max(), 0.1)


@EXAM
@given(world=WORLDS, seed=st.integers(0, 99))
@example(world=toy_world(), seed=1)
def test_volumes_are_flows_at_the_producer_prices_of_the_benchmark(world: World, seed: int) -> None:
    result = solved("caliendo-parro", world, random_change(world, seed))
    trade, flow = world.values("trade_fob"), result.values("trade_fob_new")
    abroad = ~np.eye(len(world.regions), dtype=bool)[:, :, None]
    quantity = flow / result.values("cost_hat")[:, None, :]
    for side, axis in (("export", 1), ("import", 0)):
        for kind, new in (("volume", quantity), ("value", flow)):
            expected = (new * abroad).sum(axis=(axis, 2)) / (trade * abroad).sum(axis=(axis, 2))
            close(result.values(f"{side}_{kind}_hat"), expected, SAME)
        old, new = (trade * abroad).sum(axis=axis), (quantity * abroad).sum(axis=axis)
        close(result.values(f"sector_{side}_hat")[old > 0], new[old > 0] / old[old > 0], SAME)
    made = trade.sum(axis=1)
    close(result.values("output_volume_hat"), quantity.sum(axis=(1, 2)) / made.sum(axis=1), SAME)
    close(result.values("sector_output_hat")[made > 0], quantity.sum(axis=1)[made > 0] / made[made > 0], SAME)
    sold = (result.values("export_volume_hat") * (trade * abroad).sum(axis=(1, 2))).sum()
    bought = (result.values("import_volume_hat") * (trade * abroad).sum(axis=(0, 2))).sum()
    assert sold == pytest.approx(bought, rel=SAME), "the world sells what the world buys"


@pytest.mark.parametrize("name", ["armington", "gravity"])
@EXAM
@given(seed=SIZES["seed"], n=SIZES["n"])
def test_small_reform_is_the_envelope_formula(name: str, seed: int, n: int) -> None:
    """Roy: E d ln U = d(wL) + dR − Σ τM (d ln w + d ln τ); gravity: E d ln U = dE − Σ M (d ln p + d ln τ)."""
    world = random_world(seed, n, 1, links=False, balanced=name == "gravity")
    changes = [reform(world, seed, h) for h in (STEP, -STEP)]
    up, down = (solved(name, world, change) for change in changes)
    trade, factor = world.values("trade_fob")[:, :, 0], 1 + world.values("tariff_rate")[:, :, 0]
    wage = slope(np.log(up.values("wage_hat")), np.log(down.values("wage_hat")))
    duty = slope(*(np.log1p(c.values("tariff_new")[:, :, 0]) for c in changes))
    bought = trade if name == "gravity" else trade * factor
    gain = trade.sum(axis=1) * slope(up.values("wage_hat"), down.values("wage_hat"))
    if name == "armington":
        gain = gain + slope(up.values("tariff_revenue_change"), down.values("tariff_revenue_change"))
    formula = (gain - (bought * (wage[:, None] + duty)).sum(axis=0)) / bought.sum(axis=0)
    exactly = slope(np.log(up.values("welfare_hat")), np.log(down.values("welfare_hat")))
    assert np.abs(exactly).max() > 1e-3
    assert np.abs(exactly - formula).max() < DERIVATIVE * max(np.abs(exactly).max(), 0.1)


@pytest.mark.parametrize("world", [toy_world(tariff=0.3), random_world(5, 4, 3)], ids=["toy", "random"])
def test_split_along_the_path_closes_with_the_square_of_the_steps(world: World) -> None:
    calibrated = Calibrated.of(world, HEADLINE)
    change = random_change(world, 3, costs=False)
    gap = [np.abs(split_welfare(calibrated, change, steps=steps).gap).max() for steps in (4, 8, 16)]
    split = split_welfare(calibrated, change, steps=16)
    assert gap[2] < 1e-2 * np.abs(split.exact).max()
    for coarse, fine in pairwise(gap):
        assert 3.5 < coarse / fine < 4.5, "the trapezoid rule errs with the square of the step"
    close(split.exact, np.log(solved("caliendo-parro", world, change).values("real_income_hat")), SAME)


# ------------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "sitting",
    [
        CaliendoParro(options=solvers.Options(tolerance=1e-30, sweeps=3)),
        model("armington", options=MarketOptions(tolerance=1e-30, steps=2)),
        model("gravity", options=MarketOptions(tolerance=1e-30, steps=2)),
    ],
    ids=lambda m: m.name,
)
def test_no_result_without_an_equilibrium(sitting: Model) -> None:
    world = toy_world()
    with pytest.raises(ConvergenceError) as caught:
        sitting.solve(world, random_change(world, 1))
    assert caught.value.exit_code == 3
    assert "hint" in str(caught.value)


def test_unknown_model_is_refused_with_the_near_miss() -> None:
    with pytest.raises(LabelError) as caught:
        model("armingtn")
    assert "did you mean `armington`" in str(caught.value)
    assert all(name in str(caught.value) for name in MODELS)


def test_nothing_is_compiled_before_it_is_asked_for() -> None:
    """The list of models, and the two that need no compiler, load without one."""
    code = "import sys; from tradewinds.models import model; model('armington'), model('gravity'); "
    code += "print('numba' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


@every_model
def test_every_quantity_is_given_or_said_to_be_absent(name: str) -> None:
    result = model(name).solve(toy_world(), Change.none(toy_world()))
    missing = [k for k, v in variables().items() if v.role == "result" and k not in result and k not in result.absent]
    assert not missing
    assert result.model == name and set(result.closure) == {"name", "deficits", "labour", "capital"}


# ------------------------------------------------------------------------------------------------------------- closures


@pytest.mark.parametrize("rule", CLOSURES)
@EXAM
@given(world=WORLDS)
@example(world=toy_world())
def test_every_closure_is_at_rest_when_nothing_changes(rule: str, world: World) -> None:
    chosen = closure(rule, parties=world.regions[:1])
    result = CaliendoParro(chosen, solvers.Options(tolerance=SOLVED)).solve(world, Change.none(world))
    for hat in hats(result):
        close(result.values(hat), 1.0, SAME)


@EXAM
@given(world=WORLDS, seed=st.integers(0, 99))
@example(world=toy_world(), seed=1)
def test_long_run_without_capital_and_labour_supply_is_the_headline(world: World, seed: int) -> None:
    change = random_change(world, seed)
    ours = solved("caliendo-parro", world, change)
    # In the limit 1e-8 the answers differ by about that times effects of order one, which 1e-6 bounds.
    for small, tolerance in ((0.0, SAME), (1e-8, 1e-6)):
        rules = closure("long_run", assumed=Assumed({"capital_share": small, "labour_supply": small}))
        theirs = CaliendoParro(rules, solvers.Options(tolerance=SOLVED)).solve(world, change)
        for hat in set(hats(ours)) - {"capital_hat"}:
            close(theirs.values(hat), ours.values(hat), tolerance)


@EXAM
@given(world=WORLDS, seed=st.integers(0, 99))
@example(world=toy_world(), seed=1)
def test_long_run_conditions_hold(world: World, seed: int) -> None:
    """ℓ̂ = (ŵ/CPI)^φ and K̂ = V̂/CPI, V̂ = ŵ ℓ̂: labour supply and the steady state of capital."""
    rules = closure("long_run")
    result = CaliendoParro(rules, solvers.Options(tolerance=SOLVED)).solve(world, random_change(world, seed))
    wage, cpi = result.values("wage_hat"), result.values("consumer_price_hat")
    close(result.values("employment_hat"), (wage / cpi) ** rules.labour_supply(world), SAME)
    close(wage * result.values("employment_hat") / result.values("capital_hat"), cpi, SAME)
    assert result.residual < CLEARED


@EXAM
@given(world=WORLDS, seed=st.integers(0, 99))
@example(world=toy_world(), seed=1)
def test_fixed_real_wage_holds_in_the_parties_and_nowhere_else(world: World, seed: int) -> None:
    """Small reforms: with idle labour at a fixed real wage, a large one can move employment without bound."""
    for parties, length in ((1, 0.1), (2, 0.03)):
        change = reform(world, seed, length)
        rules = closure("real_wage", parties=world.regions[:parties])
        result = CaliendoParro(rules, solvers.Options(tolerance=SOLVED)).solve(world, change)
        close(result.values("real_wage_hat")[:parties], 1.0, SAME)
        close(result.values("employment_hat")[parties:], 1.0, SAME)
        assert np.abs(result.values("employment_hat")[:parties] - 1).max() > 1e-4
        assert result.residual < CLEARED


@EXAM
@given(world=WORLDS, seed=st.integers(0, 99))
def test_deficits_removed_leaves_no_deficit(world: World, seed: int) -> None:
    rules = closure("deficits_removed")
    result = CaliendoParro(rules, solvers.Options(tolerance=SOLVED)).solve(world, random_change(world, seed))
    flow = result.values("trade_fob_new")
    balance = flow.sum(axis=(1, 2)) - flow.sum(axis=(0, 2))
    assert np.abs(balance).max() < CLEARED * world.values("value_added").sum()


@EXAM
@given(world=WORLDS, seed=st.integers(0, 99))
@example(world=toy_world(), seed=1)
def test_idle_labour_beside_capital_that_stays(world: World, seed: int) -> None:
    """ŵ = CPI and ŵℓ̂ = q̂Q̂ with Q̂ = ℓ̂^(1−κ): a Cobb–Douglas composite of which only the labour moves."""
    rules = closure("unemployment", parties=world.regions[:1])
    result = CaliendoParro(rules, solvers.Options(tolerance=SOLVED)).solve(world, reform(world, seed, 0.03))
    close(result.values("real_wage_hat")[:1], 1.0, SAME)
    upper = closure("real_wage", parties=world.regions[:1])
    freer = CaliendoParro(upper, solvers.Options(tolerance=SOLVED)).solve(world, reform(world, seed, 0.03))
    held, free = (np.log(r.values("real_gdp_hat")[0]) for r in (result, freer))
    assert abs(held) <= abs(free) + SAME
    close(result.values("capital_hat"), 1.0, SAME)
    close(freer.values("capital_hat"), freer.values("employment_hat"), SAME)


@pytest.mark.parametrize("supply", [0.5, 1.0, 1.5, 3.0])
def test_any_labour_supply_has_an_equilibrium(supply: float) -> None:
    """Elasticities above one once lost the numéraire."""

    world = toy_world()
    rules = closure("long_run", assumed=Assumed({"labour_supply": supply}))
    result = CaliendoParro(rules).solve(world, reform(world, 3, 0.1))
    value = result.values("wage_hat") * result.values("employment_hat") * world.values("value_added").sum(axis=1)
    close(value.sum() / world.values("value_added").sum(), 1.0, SAME)


def test_twice_the_labour_everywhere_is_twice_the_world() -> None:
    """Endowments scale quantities and welfare by two, deficits with them, and leave prices alone."""
    world = toy_world()
    change = Change.of(world, endowment_hat=np.full(3, 2.0))
    for name in ("headline", "long_run", "unemployment"):
        result = CaliendoParro(closure(name, parties=("CAN",))).solve(world, change)
        close(result.values("welfare_hat"), 2.0, SAME)
        close(result.values("price_hat"), 1.0, SAME)
    assert "welfare_first_order" not in result


def test_a_sector_that_nobody_trades_cannot_be_shocked() -> None:
    world = random_world(3, 4, 3, untraded=True)
    local = np.flatnonzero(
        (world.values("trade_fob").sum(axis=(0, 1)) - np.einsum("iik->k", world.values("trade_fob"))) == 0
    )
    assert local.size
    hats = np.ones((4, 3))
    hats[:, local] = 1.1
    with pytest.raises(InputError, match="nobody trades"):
        CaliendoParro().solve(world, Change.of(world, productivity_hat=hats))
