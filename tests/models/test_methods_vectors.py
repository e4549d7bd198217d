"""Worked numbers for the one-good economy with n economies, A_ii = 1, A_ij = 1/4, ε = 4 (own tables).

They were computed apart from this code; each is reproduced to the last decimal it was written with.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewinds import solvers
from tradewinds.core.errors import Faults, InputError
from tradewinds.models import MODELS, model
from tradewinds.models.armington import ArmingtonLevels, solve_armington
from tradewinds.models.calibrated import Calibrated
from tradewinds.models.closure import HEADLINE
from tradewinds.models.decomposition import split_welfare
from tradewinds.models.measures import first_order
from tradewinds.world.change import Change
from tradewinds.world.world import World

#: Half a unit of the last of five decimals (per cent), and of the sixth of a level.
FIVE = 0.51e-5
SIX = 0.51e-6

#: Two exact solutions of the same economy.
EXACT = 1e-10

EPSILON = 4.0
Links = list[tuple[int, int]]
AB, AC, BC = (0, 1), (0, 2), (1, 2)


def economy(links: Links, labour: tuple[float, ...] = (1, 1, 1), tariff: float = 0.1) -> ArmingtonLevels:
    """Every economy charges ``tariff`` on all others but its ``links``."""
    return solve_armington(
        taste=tastes(len(labour)), labour=labour, tariff=duties(len(labour), tariff, links), elasticity=EPSILON
    )


def tastes(n: int) -> np.ndarray:
    return np.where(np.eye(n) > 0, 1.0, 0.25)


def duties(n: int, tariff: float, links: Links) -> np.ndarray:
    rate = np.where(np.eye(n) > 0, 0.0, tariff)
    for i, j in links:
        rate[i, j] = rate[j, i] = 0.0
    return rate


def gains(links: Links, labour: tuple[float, ...] = (1, 1, 1), tariff: float = 0.1) -> np.ndarray:
    """Welfare against no agreement, per cent."""
    return 100 * (economy(links, labour, tariff).welfare / economy([], labour, tariff).welfare - 1)


@pytest.mark.parametrize(
    ("labour", "tariff", "links", "expected"),
    [
        ((1, 1, 1), 0.1, [AB], (0.34068, 0.34068, -0.29392)),
        ((1, 1, 1), 0.1, [AB, AC], (0.77027, 0.03648, 0.03648)),
        ((1, 1, 1), 0.1, [AB, AC, BC], (0.45134, 0.45134, 0.45134)),
        ((1, 1, 3), 0.1, [AB], (0.34792, 0.34792, -0.17353)),
        ((1, 1, 3), 0.1, [AC], (0.76136, -0.36966, 0.10789)),
        ((1, 1, 3), 0.1, [AB, AC], (1.23786, -0.0396, -0.06496)),
        ((1, 1, 3), 0.1, [AC, BC], (0.37293, 0.37293, 0.25103)),
        ((1, 1, 3), 0.1, [AB, AC, BC], (0.82412, 0.82412, 0.07703)),
        ((1, 1, 1), 0.3, [AB], (1.49927, 1.49927, -0.46949)),
        ((1, 1, 1), 0.3, [AB, AC], (3.30188, 0.94497, 0.94497)),
        ((1, 1, 1), 0.3, [AB, AC, BC], (2.63924, 2.63924, 2.63924)),
    ],
)
def test_networks_of_agreements(
    labour: tuple[float, ...], tariff: float, links: Links, expected: tuple[float, ...]
) -> None:
    np.testing.assert_allclose(gains(links, labour, tariff), expected, atol=FIVE)


def test_what_a_second_agreement_is_worth_after_a_first() -> None:
    """Domino index, points of base welfare: the outsider has no more reason to sign than before, the hub has."""
    first, outsider = gains([AB]), gains([AB, AC])
    # Differences of two rounded numbers: twice the half unit.
    assert outsider[2] - first[2] == pytest.approx(0.33040, abs=2 * FIVE)
    assert outsider[0] - first[0] == pytest.approx(0.42959, abs=2 * FIVE)
    assert outsider[2] - first[2] - first[0] == pytest.approx(-0.0103, abs=0.51e-4)
    assert outsider[0] - 2 * first[0] == pytest.approx(0.0889, abs=0.51e-4)


# ----------------------------------------------------------------------------------------------------------- properties


def test_one_rate_on_every_purchase_is_a_consumption_tax() -> None:
    free = solve_armington(taste=tastes(3), labour=(1, 2, 3), tariff=np.zeros((3, 3)), elasticity=EPSILON)
    taxed = solve_armington(taste=tastes(3), labour=(1, 2, 3), tariff=np.full((3, 3), 0.2), elasticity=EPSILON)
    np.testing.assert_allclose(taxed.wage, free.wage, rtol=EXACT)
    np.testing.assert_allclose(taxed.welfare, free.welfare, rtol=EXACT)
    np.testing.assert_allclose(taxed.price, 1.2 * free.price, rtol=EXACT)
    np.testing.assert_allclose(taxed.spending, 1.2 * free.spending, rtol=EXACT)


def test_identical_economies_have_one_wage() -> None:
    np.testing.assert_allclose(economy([], (2, 2, 2), 0.25).wage, 1.0, rtol=EXACT)


def test_more_of_everything_leaves_shares_and_wages() -> None:
    small, large = economy([AB], (1, 1, 3)), economy([AB], (10, 10, 30))
    np.testing.assert_allclose(large.wage, small.wage, rtol=EXACT)
    np.testing.assert_allclose(large.share, small.share, rtol=EXACT)
    np.testing.assert_allclose(large.welfare, 10 * small.welfare, rtol=EXACT)


def test_without_foreign_goods_welfare_is_autarky() -> None:
    alone = solve_armington(
        taste=np.eye(3), labour=(1, 2, 3), tariff=np.full((3, 3), 0.3) * (1 - np.eye(3)), elasticity=4
    )
    np.testing.assert_allclose(alone.welfare, (1, 2, 3), rtol=EXACT)


def test_gains_from_trade_are_the_home_share_to_a_power() -> None:
    """Two equal economies, no duty: λ_jj = 0.8 and U = λ_jj^(−1/ε) = 1.057371."""
    two = economy([], (1, 1), 0.0)
    np.testing.assert_allclose(np.diag(two.share), 0.8, rtol=EXACT)
    np.testing.assert_allclose(two.welfare, 1.057371, atol=SIX)
    np.testing.assert_allclose(two.welfare, 0.8 ** (-1 / EPSILON), rtol=EXACT)


def test_an_economy_that_trades_with_nobody_stays_where_it_is() -> None:
    """Its wage is nobody's business; the others find theirs as if it were not there."""
    taste, labour, rate = tastes(4), (1.0, 2.0, 3.0, 1.0), duties(4, 0.3, [AB])
    taste[3, :3] = taste[:3, 3] = 0.0
    found = solve_armington(taste=taste, labour=labour, tariff=rate, elasticity=EPSILON)
    three = solve_armington(taste=taste[:3, :3], labour=labour[:3], tariff=rate[:3, :3], elasticity=EPSILON)
    np.testing.assert_allclose(found.welfare, (*three.welfare, 1.0), rtol=EXACT)
    assert found.steps <= 10 and found.wage[3] == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("elasticity", [0.5, 4.0, 40.0])
def test_markets_clear_with_deficits_and_many_economies(elasticity: float) -> None:
    rng = np.random.default_rng(2)
    n = 81
    taste = np.where(np.eye(n) > 0, 1.0, rng.lognormal(-5, 2, (n, n)))
    labour = rng.lognormal(0, 2, n)
    deficit = rng.uniform(-0.1, 0.1, n) * labour
    deficit -= labour * deficit.sum() / labour.sum()
    rate = rng.uniform(0, 1, (n, n)) * (1 - np.eye(n))
    found = solve_armington(taste=taste, labour=labour, tariff=rate, elasticity=elasticity, deficit=deficit)
    value = found.wage * labour
    np.testing.assert_allclose(found.flow.sum(axis=1), value, rtol=EXACT)
    np.testing.assert_allclose(found.flow.sum(axis=0), value + deficit, rtol=EXACT)
    np.testing.assert_allclose(found.spending, value + deficit + found.revenue, rtol=EXACT)
    assert value.sum() == pytest.approx(labour.sum())


def test_everything_wrong_with_an_economy_is_said_at_once() -> None:
    with pytest.raises(Faults) as caught:
        solve_armington(taste=-np.eye(2), labour=(1, -1), tariff=np.full((2, 2), -1.5), elasticity=-1, deficit=(1, 1))
    assert len(caught.value.faults) == 6
    with pytest.raises(InputError, match=r"taste \(3, 3\)"):
        solve_armington(taste=np.eye(3), labour=(1, 1), tariff=np.zeros((2, 2)), elasticity=4)


# ------------------------------------------------------------------------------------------------------- optimal duties


def optimal(labour: tuple[float, float], foreign: float, who: int) -> float:
    """Best duty of ``who`` against ``foreign``: (1 − λ_hf t_f/(1+t_f)) / (ε λ_ff), λ what the other spends on whom."""
    best, last, other = 0.3, 0.0, 1 - who
    while abs(best - last) > EXACT:
        share = pair(labour, best, foreign, who).share
        best, last = (1 - share[who, other] * foreign / (1 + foreign)) / (EPSILON * share[other, other]), best
    return best


def pair(labour: tuple[float, float], own: float, foreign: float, who: int) -> ArmingtonLevels:
    """Two economies; ``who`` charges ``own``, the other ``foreign`` [exporter, importer]."""
    rate = np.zeros((2, 2))
    rate[1 - who, who], rate[who, 1 - who] = own, foreign
    return solve_armington(taste=tastes(2), labour=labour, tariff=rate, elasticity=EPSILON)


def nash(labour: tuple[float, float]) -> tuple[float, float]:
    first = second = 0.2
    for _ in range(20):
        first, second = optimal(labour, second, 0), optimal(labour, first, 1)
    return first, second


@pytest.mark.parametrize(
    ("labour", "expected"), [((1.0, 1.0), (0.268993, 0.268993)), ((1.0, 3.0), (0.261108, 0.281855))]
)
def test_nash_duties_by_the_closed_form(labour: tuple[float, float], expected: tuple[float, float]) -> None:
    duty = nash(labour)
    np.testing.assert_allclose(duty, expected, atol=SIX)
    for who in (0, 1):
        reply = duty[1 - who]
        here = pair(labour, duty[who], reply, who).welfare[who]
        for step in (-1e-3, 1e-3):
            assert pair(labour, duty[who] + step, reply, who).welfare[who] < here, "no better reply"


def test_gros_is_the_reply_to_free_trade_only() -> None:
    """1/(ε λ_ff) at the Nash duties would be 0.274101 (Gros 1987), where the best reply is 0.268993."""
    at_nash = pair((1, 1), 0.268993, 0.268993, 0)
    assert 1 / (EPSILON * at_nash.share[1, 1]) == pytest.approx(0.274101, abs=SIX)
    reply = optimal((1, 1), 0.0, 0)
    assert reply == pytest.approx(1 / (EPSILON * pair((1, 1), reply, 0.0, 0).share[1, 1]), abs=EXACT)


def test_a_tariff_war_costs_both() -> None:
    free, war = economy([], (1, 1), 0.0), economy([], (1, 1), 0.268993)
    np.testing.assert_allclose(war.welfare, 1.042711, atol=SIX)
    np.testing.assert_allclose(100 * (war.welfare / free.welfare - 1), -1.38650, atol=FIVE)


def test_peace_between_unequal_economies() -> None:
    war = pair((1, 3), 0.261108, 0.281855, 0)
    free = economy([], (1, 3), 0.0)
    np.testing.assert_allclose(100 * (free.welfare / war.welfare - 1), (2.76836, 0.64735), atol=2 * FIVE)


# ------------------------------------------------------------------------------------------------------- decompositions


def as_world(levels: ArmingtonLevels, rate: np.ndarray) -> World:
    """An equilibrium in levels as a benchmark of one sector without inputs."""
    n = len(levels.wage)
    return World.build(
        "one good",
        year=2020,
        regions=[f"R{i}" for i in range(n)],
        sectors=["good"],
        trade_fob=levels.flow[:, :, None],
        tariff_rate=rate[:, :, None],
        input_use=np.zeros((n, 1, 1)),
        trade_elasticity=[EPSILON],
    )


def agreement(labour: tuple[float, ...], left: float = 0.0) -> tuple[World, Change]:
    """The benchmark at 10 per cent, and the agreement of A and B that leaves the share ``left`` of their duty."""
    rate = duties(3, 0.1, [])
    world = as_world(economy([], labour), rate)
    new = rate.copy()
    new[0, 1] = new[1, 0] = 0.1 * left
    return world, Change.of(world, tariff_new=new[:, :, None])


@pytest.mark.parametrize("name", ["caliendo-parro", "armington"])
@pytest.mark.parametrize("labour", [(1, 1, 1), (1, 1, 3)])
def test_both_models_give_the_table_in_hats(name: str, labour: tuple[float, ...]) -> None:
    assert name in MODELS
    world, change = agreement(labour)
    np.testing.assert_allclose(
        100 * (model(name).solve(world, change).values("welfare_hat") - 1), gains([AB], labour), atol=1e-7
    )


def test_welfare_split_at_a_hundredth_of_the_agreement() -> None:
    """With logs for d ln x: terms of trade .001212 and volume .003802 against .005001 exactly (per cent, A)."""
    world, change = agreement((1, 1, 3), left=0.99)
    calibrated = Calibrated.of(world, HEADLINE)
    shock = calibrated.shock(change)
    found = calibrated.solve(shock, options=solvers.Options(tolerance=1e-12))
    exact = 100 * (found.income / calibrated.base.income / found.consumer_price - 1)[0]
    terms, volume = (100 * part[0] for part in logs(calibrated, found))
    assert terms == pytest.approx(0.001212, abs=SIX)
    assert volume == pytest.approx(0.003802, abs=SIX)
    assert exact == pytest.approx(0.005001, abs=SIX)


def logs(calibrated: Calibrated, found: solvers.Equilibrium) -> tuple[np.ndarray, np.ndarray]:
    """Terms and volume of trade with logarithms, in the numéraire w_A."""
    base = calibrated.base
    rise = np.log(found.cost / found.wage[0])
    terms = (base.flow.sum(axis=0).T * rise).sum(axis=1) - np.einsum("nji,ij->n", base.flow, rise)
    growth = np.log(found.flow / found.wage[0] / base.flow) - rise.T[None]
    volume = ((base.benchmark.factor - 1) * base.flow * growth).sum(axis=(1, 2))
    return terms / base.income, volume / base.income


def test_welfare_split_of_the_whole_agreement_needs_the_path() -> None:
    """One step: .156 + .374 = .531 with logs, .156 + .476 as published (x̂ − 1), against .347."""
    world, change = agreement((1, 1, 3))
    calibrated = Calibrated.of(world, HEADLINE)
    found = calibrated.solve(calibrated.shock(change), options=solvers.Options(tolerance=1e-12))
    terms, volume = (100 * part[0] for part in logs(calibrated, found))
    assert (terms, volume, terms + volume) == pytest.approx((0.156, 0.374, 0.531), abs=0.51e-3)
    wage = found.wage[0]
    in_wage = replace(found, cost=found.cost / wage, flow=found.flow / wage)
    published = [100 * part[0] for part in first_order(calibrated.base, in_wage)]
    assert published == pytest.approx((0.156, 0.476), abs=0.51e-3)
    split = split_welfare(calibrated, change, steps=50)
    assert 100 * split.exact[0] == pytest.approx(100 * np.log1p(0.0034792), abs=FIVE)
    assert np.abs(split.gap).max() < 1e-4 * np.abs(split.exact).max()


def test_trade_created_and_diverted() -> None:
    """Change of what A buys at border prices, w_A = 1, times 100: home −4.738, partner +5.436, third −.698."""
    before, after = economy([], (1, 1, 3)), economy([AB], (1, 1, 3))
    moved = 100 * (after.flow[:, 0] / after.wage[0] - before.flow[:, 0] / before.wage[0])
    np.testing.assert_allclose(moved, (-4.738, 5.436, -0.698), atol=0.51e-3)
    assert abs(moved.sum()) < 100 * EXACT


# ----------------------------------------------------------------------------------------------- five economies in 2011

NAMES = ("CHN", "JPN", "KOR", "TWN", "ROW")
SALES = (7550.0, 6150.0, 1250.0, 485.0, 58000.0)
MFN = (0.08, 0.03, 0.085, 0.045, 0.04)
#: Rounded flows, thousand million USD at the border, exporter in rows.
FLOWS = (
    (0, 148, 83, 44, 1600),
    (162, 0, 68, 52, 540),
    (134, 40, 0, 18, 360),
    (84, 18, 12, 0, 194),
    (1360, 590, 360, 165, 0),
)


def five(links: list[tuple[str, str]]) -> np.ndarray:
    """Welfare against no agreement, per cent, ε = 5; trade balanced by what the rest of the world sells."""
    flow = np.array(FLOWS, dtype=float)
    flow[4, :4] += flow[:4].sum(axis=1) - flow[:, :4].sum(axis=0)
    rate = np.where(np.eye(5) > 0, 0.0, np.array(MFN)[None, :])
    flow[np.arange(5), np.arange(5)] = np.array(SALES) - flow.sum(axis=1)
    landed = flow * (1 + rate)
    taste = landed / landed.sum(axis=0) * (1 + rate) ** 5
    new = rate.copy()
    for one, other in links:
        i, j = NAMES.index(one), NAMES.index(other)
        new[i, j] = new[j, i] = 0.0
    before, after = (solve_armington(taste=taste, labour=SALES, tariff=t, elasticity=5.0) for t in (rate, new))
    np.testing.assert_allclose(before.wage, 1.0, rtol=EXACT)
    return 100 * (after.welfare / before.welfare - 1)[:4]


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([("CHN", "KOR")], (-0.0037, -0.0071, 0.5471, -0.0509)),
        ([("JPN", "KOR")], (-0.0034, 0.0591, -0.1642, -0.0277)),
        ([("CHN", "JPN")], (-0.0511, 0.1216, -0.0363, -0.0776)),
        ([("CHN", "KOR"), ("JPN", "KOR"), ("CHN", "JPN")], (-0.0552, 0.1687, 0.3763, -0.1521)),
        ([("CHN", "TWN")], (-0.0398, -0.0025, -0.0180, 1.1838)),
    ],
    ids=["CHN-KOR", "JPN-KOR", "CHN-JPN", "three", "CHN-TWN"],
)
def test_five_economies_of_2011(links: list[tuple[str, str]], expected: tuple[float, ...]) -> None:
    np.testing.assert_allclose(five(links), expected, atol=0.51e-4)
