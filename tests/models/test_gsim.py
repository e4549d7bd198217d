"""GSIM: the published four-region example to every digit, identities, and the exact model beside the linear one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tradewinds.core.errors import ConvergenceError, Faults, InputError
from tradewinds.models.gsim import GsimMarkets, NewtonOptions, solve_gsim, solve_gsim_exact

#: Half a unit of the last decimal that the reference figures are written with.
FOUR, SIX, ONE = 0.51e-4, 0.51e-6, 0.051

US, JP, EU, RW = range(4)
TRADE = np.array([[0, 50, 200, 300], [500, 0, 150, 200], [300, 100, 200, 200], [50, 100, 110, 20]], dtype=float)
POWER = np.array([[1, 1.21, 1.41, 1.22], [1.37, 1, 1.31, 1.23], [1.32, 1.36, 1, 1.18], [1.57, 1.41, 1.25, 1.15]])
CURVES = {"demand": -1.25, "substitution": 5.0, "supply": 1.5}


def free_trade(a: int, b: int) -> dict[str, Any]:
    """The example with duties between ``a`` and ``b`` gone."""
    new = POWER.copy()
    new[a, b] = new[b, a] = 1
    return {"trade": TRADE, "power": POWER, "power_new": new, **CURVES}


def random_lines(lines: int = 20, regions: int = 5, *, seed: int = 3, size: float = 0.2) -> dict[str, Any]:
    """Random lines: one flow in four is zero; duties between regions 0 and 1 fall by ``size`` of their power."""
    rng = np.random.default_rng(seed)
    shape = (lines, regions, regions)
    trade = rng.lognormal(1, 1.5, shape) * (rng.random(shape) > 0.25)
    trade[:, range(regions), range(regions)] = rng.lognormal(2, 1, (lines, regions))
    power = 1 + rng.uniform(0, 0.5, shape)
    new = power.copy()
    new[:, 0, 1] *= 1 - size
    new[:, 1, 0] *= 1 - size
    return {
        "trade": trade,
        "power": power,
        "power_new": new,
        "demand": -rng.uniform(0.5, 2.5, (lines, regions)),
        "substitution": rng.uniform(1.5, 6, (lines, regions)),
        "supply": rng.uniform(0.5, 4, (lines, regions)),
    }


def test_the_published_example() -> None:
    found = solve_gsim(**free_trade(US, EU))
    assert found.price_change == pytest.approx([0.0792, -0.0316, 0.0480, -0.0184], abs=FOUR)
    assert found.price_change == pytest.approx([0.079181, -0.031621, 0.048049, -0.018372], abs=SIX)
    assert found.producer_surplus == pytest.approx([46.1360, -26.2404, 39.8247, -5.0732], abs=FOUR)
    assert found.consumer_surplus_published == pytest.approx([110.5952, -8.8761, 68.5589, -32.8589], abs=FOUR)
    assert found.revenue_change == pytest.approx([-138.5172, 0.6219, -93.8392, -2.8699], abs=FOUR)
    assert found.welfare_published == pytest.approx([18.2139, -34.4945, 14.5443, -40.8021], abs=FOUR)


def test_the_us_japan_variant() -> None:
    found = solve_gsim(**free_trade(US, JP))
    assert found.welfare_published == pytest.approx([-53.6, 78.7, -46.1, -34.7], abs=ONE)


def test_the_sign_that_was_printed_differs_only_where_prices_rise() -> None:
    """Corrected less printed is −E0·E_m·P̂² where P̂ > 0 (twice the triangle) and nothing where it falls."""
    found = solve_gsim(**free_trade(US, EU))
    spending = (TRADE * POWER).sum(axis=0)
    rise = np.maximum(found.composite_price_change, 0)
    assert (rise > 0).tolist() == [False, True, False, True]
    assert found.consumer_surplus - found.consumer_surplus_published == pytest.approx(1.25 * spending * rise**2)


def test_the_correction_is_the_one_the_integral_asks_for() -> None:
    """Against E0(1−P^(1+E_m))/(1+E_m) at the same prices the corrected form is off by the third order alone, whose
    coefficient is E_m(E_m−1)/6; a tenth is left for the fourth. The printed form is off by more where prices rise."""
    found = solve_gsim(**free_trade(US, EU))
    spending, move = (TRADE * POWER).sum(axis=0), found.composite_price_change
    area = spending * (1 - (1 + move) ** (1 - 1.25)) / (1 - 1.25)
    third = spending * np.abs(move) ** 3 * 1.25 * 2.25 / 6
    assert (np.abs(found.consumer_surplus - area) <= 1.1 * third).all()
    printed_gap = np.abs(found.consumer_surplus_published - area)
    assert (printed_gap[move > 0] > 10 * third[move > 0]).all()


def test_the_linear_prices_by_the_published_coefficients() -> None:
    """Own and cross elasticities written out one by one, as the paper does, and the system solved as it stands."""
    given = free_trade(US, EU)
    landed = TRADE * POWER
    theta, phi = landed / landed.sum(axis=0), TRADE / TRADE.sum(axis=1, keepdims=True)
    shift = given["power_new"] / POWER - 1
    matrix, right = 1.5 * np.eye(4), np.zeros(4)
    for i in range(4):
        for r in range(4):
            for s in range(4):
                own = theta[i, r] * -1.25 - (1 - theta[i, r]) * 5.0
                n = own if s == i else theta[s, r] * (5.0 - 1.25)
                matrix[i, s] -= phi[i, r] * n
                right[i] += phi[i, r] * n * shift[s, r]
    assert solve_gsim(**given).price_change == pytest.approx(np.linalg.solve(matrix, right), abs=1e-13)


@pytest.mark.parametrize("solve", [solve_gsim, solve_gsim_exact])
def test_no_change_is_no_change(solve: Any) -> None:
    given = random_lines()
    found = solve(**{**given, "power_new": given["power"]})
    for name in GsimMarkets.__dataclass_fields__:
        if name not in ("trade_new", "residual", "steps"):
            assert np.abs(getattr(found, name)).max() < 1e-10, name
    assert found.trade_new == pytest.approx(given["trade"], rel=1e-12)


def test_exact_markets_clear_and_values_add_up() -> None:
    given = random_lines()
    found = solve_gsim_exact(**given)
    assert found.residual < 1e-12 and found.steps < 12
    quantity = given["trade"] * (1 + found.quantity_change)
    sold = given["trade"].sum(axis=2)
    assert quantity.sum(axis=2) == pytest.approx(sold * (1 + found.price_change) ** given["supply"], rel=1e-10)
    assert (found.trade_new >= 0).all()


def test_the_linear_model_is_the_tangent_of_the_exact_one() -> None:
    """Ten times smaller a shock, a hundred times smaller a gap: the difference is of second order."""
    gaps = []
    for size in (0.01, 0.001):
        given = random_lines(size=size)
        linear, exact = solve_gsim(**given), solve_gsim_exact(**given)
        gaps.append(
            [np.abs(linear.price_change - exact.price_change).max(), np.abs(linear.welfare - exact.welfare).max()]
        )
    assert np.divide(*gaps) == pytest.approx([100, 100], rel=0.1)


def test_the_exact_example() -> None:
    """Own figures, kept so that a change shows: a cut of 29 % of a power is far from small, and prices rise by half as
    much again as in the linear solution."""
    found = solve_gsim_exact(**free_trade(US, EU))
    assert found.price_change == pytest.approx([0.126460, -0.032290, 0.079329, -0.017326], abs=SIX)
    assert found.welfare == pytest.approx([51.9455, -38.2381, 49.8360, -51.1853], abs=FOUR)


def test_surplus_of_an_exporter_is_the_area_left_of_its_supply() -> None:
    """Trapezoid of 20,000 steps under x(p) = R0 p^E_x: error of order step², below 1e-8 of the area."""
    found = solve_gsim_exact(**free_trade(US, EU))
    price = np.linspace(1, 1 + found.price_change[US], 20_001)
    supplied = TRADE[US].sum() * price**1.5
    assert found.producer_surplus[US] == pytest.approx(np.trapezoid(supplied, price), rel=1e-8)


@pytest.mark.parametrize("solve", [solve_gsim, solve_gsim_exact])
def test_a_batch_is_its_lines_and_order_does_not_matter(solve: Any) -> None:
    given = random_lines(lines=6)
    found = solve(**given)
    alone = solve(**{name: np.asarray(values)[4] for name, values in given.items()})
    assert found.welfare[4] == pytest.approx(alone.welfare, rel=1e-10, abs=1e-10)
    order = np.array([3, 0, 4, 1, 2])
    turned = {k: (v[:, order][:, :, order] if v.ndim == 3 else v[:, order]) for k, v in given.items()}
    assert solve(**turned).welfare == pytest.approx(found.welfare[:, order], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("solve", [solve_gsim, solve_gsim_exact])
def test_a_region_without_trade_disturbs_nobody(solve: Any) -> None:
    given = free_trade(US, EU)
    wide = {name: np.ones((5, 5)) for name in ("trade", "power", "power_new")}
    wide["trade"] *= 0
    for name, held in wide.items():
        held[:4, :4] = given[name]
    found, alone = solve(**wide, **CURVES), solve(**given)
    assert found.welfare == pytest.approx([*alone.welfare, 0], abs=1e-10)


def test_unit_elasticities_are_the_limit() -> None:
    """E_s = 1 and E_m = −1, against the mean of 1 ± 1e-5; the slope in the elasticity is of order one."""
    given = {k: v for k, v in random_lines().items() if k in ("trade", "power", "power_new")}
    at = solve_gsim_exact(**given, demand=-1.0, substitution=1.0, supply=1.5)
    near = [solve_gsim_exact(**given, demand=-1 + d, substitution=1 + d, supply=1.5).welfare for d in (-1e-5, 1e-5)]
    assert at.welfare == pytest.approx(0.5 * (near[0] + near[1]), rel=1e-6, abs=1e-6)


def test_what_does_not_converge_is_not_returned() -> None:
    """In one of the lines regions 0 and 1 do not trade, so that nothing happens there."""
    with pytest.raises(ConvergenceError, match=r"19 of 20 lines \(positions 0, 1, 2, 3, 4 …\)"):
        solve_gsim_exact(**random_lines(), options=NewtonOptions(steps=0))


def test_every_fault_is_told_at_once() -> None:
    given = free_trade(US, EU)
    with pytest.raises(Faults) as caught:
        solve_gsim(**{**given, "trade": -TRADE, "demand": 1.0, "substitution": 0.0, "supply": np.inf})
    assert len(caught.value.faults) == 4
    with pytest.raises(InputError, match="region, region"):
        solve_gsim(**{**given, "trade": TRADE[:3]})
    with pytest.raises(InputError, match=r"supply \(3,\)"):
        solve_gsim(**{**given, "supply": np.ones(3)})
