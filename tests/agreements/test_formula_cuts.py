"""Formula cuts against values worked by hand, and against what the formulas promise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewinds.agreements.formula_cuts import (
    Tier,
    applied_after,
    average_cut,
    capped,
    girard_cut,
    linear_cut,
    overtaken,
    swiss_cut,
    tiered_cut,
)
from tradewinds.core.errors import InputError
from tradewinds.world.arrays import Array

DOHA = (Tier(0.20, 0.50), Tier(0.50, 0.57), Tier(0.75, 0.64), Tier(np.inf, 0.70))


def test_linear() -> None:
    assert linear_cut([0.0, 0.10, 0.40], 0.36).tolist() == pytest.approx([0, 0.064, 0.256])
    assert linear_cut([0.10], 0).tolist() == [0.10] and linear_cut([0.10], 1).tolist() == [0]


def test_swiss() -> None:
    # A·t/(A + t) with A = 16 %: 16 → 8, 48 → 12, 4 → 3.2 (by hand).
    assert swiss_cut([0.0, 0.04, 0.16, 0.48], 0.16).tolist() == pytest.approx([0, 0.032, 0.08, 0.12])


def test_girard_is_swiss_at_a_multiple_of_the_average() -> None:
    rates = [0.0, 0.06, 0.10, 0.24]  # mean 10 %
    assert girard_cut(rates, 1.0).tolist() == pytest.approx(swiss_cut(rates, 0.10).tolist())
    assert girard_cut(rates, 1.0, average=0.30).tolist() == pytest.approx(swiss_cut(rates, 0.30).tolist())
    assert girard_cut([0.10], 1.0).tolist() == pytest.approx([0.05])  # a line at the mean is halved at B = 1
    assert girard_cut([0.0, 0.0], 0.5).tolist() == [0, 0]


def test_tiers_of_the_whole_rate() -> None:
    assert tiered_cut([0.0, 0.20, 0.21, 0.75, 1.0], DOHA).tolist() == pytest.approx(
        [0, 0.10, 0.21 * 0.43, 0.75 * 0.36, 0.30]
    )


def test_tiers_of_the_part_within() -> None:
    # 0.6 = 0.2 at 50 % + 0.3 at 57 % + 0.1 at 64 %.
    assert tiered_cut([0.2, 0.6], DOHA, on="part").tolist() == pytest.approx([0.1, 0.1 + 0.3 * 0.43 + 0.1 * 0.36])


def test_lines_overtake_at_an_edge_only_when_the_whole_is_cut() -> None:
    rates = np.array([0.20, 0.21, 0.30])
    assert overtaken(rates, tiered_cut(rates, DOHA)) == 1
    assert overtaken(rates, tiered_cut(rates, DOHA, on="part")) == 0
    assert overtaken(rates[::-1], tiered_cut(rates[::-1], DOHA)) == 1  # the order of rows does not matter
    assert overtaken([0.2, 0.2], [0.15, 0.10]) == 0  # equal before: none overtakes the other


def test_caps_and_water() -> None:
    assert capped([0.05, 0.30], 0.15).tolist() == [0.05, 0.15]
    assert applied_after([0.05, 0.30], [0.10, 0.10]).tolist() == [0.05, 0.10]


def test_the_average_cut_is_a_mean_of_cuts() -> None:
    assert average_cut([0.02, 0.40, 0.0], [0.0, 0.36, 0.0]) == pytest.approx((1 + 0.1) / 2)
    assert np.isnan(average_cut([0.0], [0.0]))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: linear_cut([0.1], 1.2),
        lambda: linear_cut([-0.1], 0.2),
        lambda: linear_cut([np.nan], 0.2),
        lambda: swiss_cut([0.1], 0.0),
        lambda: girard_cut([0.1], -1.0),
        lambda: girard_cut([0.1], 1.0, average=-0.1),
        lambda: tiered_cut([0.1], ()),
        lambda: tiered_cut([0.1], (Tier(0.5, 0.5), Tier(0.2, 0.5))),
        lambda: tiered_cut([0.6], (Tier(0.5, 0.5),)),
        lambda: tiered_cut([0.1], (Tier(0.5, 1.5),)),
        lambda: capped([0.1], -0.1),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: Callable[[], Array]) -> None:
    with pytest.raises(InputError):
        wrong()


FORMULAS: list[Callable[[Array], Array]] = [
    lambda t: linear_cut(t, 0.4),
    lambda t: swiss_cut(t, 0.08),
    lambda t: girard_cut(t, 1.5, average=0.1),
    lambda t: tiered_cut(t, DOHA),
    lambda t: tiered_cut(t, DOHA, on="part"),
    lambda t: capped(t, 0.15),
]


@given(rate=st.just(0.0) | st.floats(1e-6, 40), formula=st.sampled_from(FORMULAS))
def test_a_cut_never_lifts_a_rate(rate: float, formula: Callable[[Array], Array]) -> None:
    new = float(formula(np.array([rate]))[0])
    assert 0 <= new <= rate * (1 + 1e-15)  # one product and one sum of rounding


@given(low=st.floats(0, 40), gap=st.floats(0, 10), formula=st.sampled_from([*FORMULAS[:3], *FORMULAS[4:]]))
def test_all_but_whole_tiers_keep_the_order(low: float, gap: float, formula: Callable[[Array], Array]) -> None:
    lower, higher = formula(np.array([low, low + gap]))
    assert lower <= higher + 1e-12


@given(rate=st.floats(0, 1e6), coefficient=st.floats(0.01, 10))
def test_swiss_stays_below_its_coefficient(rate: float, coefficient: float) -> None:
    assert float(swiss_cut([rate], coefficient)[0]) <= coefficient
