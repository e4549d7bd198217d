"""Preference margins: the worked cases, identities, and erosion line by line."""

from __future__ import annotations

import numpy as np
import pytest

from tradewinds.core.errors import InputError
from tradewinds.indicators.margins import (
    erosion,
    exact_effect,
    first_order_effect,
    preference_margin,
    relative_margin,
    rival_rate,
)

#: Half a unit of the second decimal of a per cent, the last that the worked cases are written with.
PER_CENT = 0.51e-4

#: Taiwan, Korea, others: Korea has 30 % of what Taiwan's rivals sell.
TRADE = np.array([[10.0, 27.0, 63.0]])


def rates(taiwan: float, korea: float, others: float = 0.095) -> np.ndarray:
    return np.array([[taiwan, korea, others]])


@pytest.mark.parametrize(
    ("taiwan", "korea", "expected"), [(0.0, 0.095, 0.0950), (0.0, 0.0, 0.0665), (0.095, 0.0, -0.0260)]
)
def test_the_worked_margins(taiwan: float, korea: float, expected: float) -> None:
    assert relative_margin(rates(taiwan, korea), TRADE)[0, 0] == pytest.approx(expected, abs=PER_CENT)


def test_unadjusted_margins() -> None:
    assert preference_margin(0.2, 0.05) == pytest.approx(0.15)
    assert preference_margin(0.2, 0.05, form="power") == pytest.approx(1.2 / 1.05 - 1)
    assert preference_margin([0.03], [0.05])[0] < 0  # MFN below the preference is seen
    with pytest.raises(InputError, match="unknown form"):
        preference_margin(0.1, 0.0, form="ratio")  # type: ignore[arg-type]


def test_own_trade_is_no_rival_of_itself() -> None:
    assert rival_rate(rates(0.5, 0.0), TRADE)[0] == pytest.approx([0.0665, (5 + 63 * 0.095) / 73, 5 / 37])
    alone = relative_margin([[0.1, 0.0]], [[5.0, 0.0]])
    assert np.isnan(alone[0, 0]) and alone[0, 1] == pytest.approx(0.1)


def test_what_one_gains_the_others_lose_on_average() -> None:
    """Σ_i (M − M_i)·M_i·(t̄_rivals − t_i) = 0 for differences: the margins of a market balance."""
    rng = np.random.default_rng(5)
    trade, tariff = rng.lognormal(0, 1, (50, 6)), rng.uniform(0, 0.4, (50, 6))
    weight = trade * (trade.sum(axis=1, keepdims=True) - trade)
    balance = (weight * relative_margin(tariff, trade, form="difference")).sum(axis=1)
    assert balance == pytest.approx(0, abs=1e-9 * weight.sum())


def test_the_worked_trade_effect() -> None:
    """Korea, a tenth of the market, 9.5 → 0 per cent, elasticity 5."""
    share, before, after = [0.2, 0.1, 0.7], [0.095, 0.095, 0.095], [0.095, 0.0, 0.095]
    assert first_order_effect(before, after, share, 5)[0] == pytest.approx(-0.0454, abs=PER_CENT)
    assert exact_effect(before, after, share, 5)[0] == pytest.approx(-0.0543, abs=PER_CENT)


def test_shares_still_add_up_and_small_changes_agree() -> None:
    """Exactly: Σ λ(1 + change) = 1. To first order: Σ λ d ln λ = 0. The two differ by the square of the change."""
    share = np.array([0.2, 0.1, 0.7])
    before = np.array([0.05, 0.1, 0.2])
    assert (share * exact_effect(before, before * 0.3, share, 4)).sum() == pytest.approx(0, abs=1e-14)
    assert (share * first_order_effect(before, before * 0.3, share, 4)).sum() == pytest.approx(0, abs=1e-14)
    gaps = [
        np.abs(
            np.log1p(exact_effect(before, before - [0, d, 0], share, 4))
            - first_order_effect(before, before - [0, d, 0], share, 4)
        ).max()
        for d in (0.01, 0.001)
    ]
    assert gaps[0] / gaps[1] == pytest.approx(100, rel=0.1)


def test_shares_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(InputError, match="do not add up"):
        exact_effect([0.0, 0.0], [0.0, 0.1], [0.5, 0.4], 5)
    with pytest.raises(InputError, match="wrong elasticity"):
        exact_effect([0.0, 0.0], [0.0, 0.1], [0.5, 0.5], 0)


def test_erosion_line_by_line() -> None:
    """Line 0: Taiwan free already, Korea becomes so. Line 1: both pay. Line 2: Taiwan sells nothing. Line 3: alone."""
    before = np.array([[0.0, 0.095, 0.095], [0.095, 0.095, 0.095], [0.1, 0.1, 0.1], [0.1, 0.1, 0.1]])
    after = before.copy()
    after[:, 1] = 0
    trade = np.array([[10.0, 27, 63], [10, 27, 63], [0, 5, 5], [4, 0, 0]])
    found = erosion(before, after, trade, 5.0, exporter=0)
    assert found.margin[:2] == pytest.approx([0.095, 0.0], abs=1e-12)
    assert found.margin_new[:2] == pytest.approx([0.0665, -0.0260], abs=PER_CENT)
    assert np.isnan(found.margin[3]) and found.trade_change[2] == 0 and found.trade_change[3] == 0
    assert found.mean_margin == pytest.approx(0.0475)
    assert found.mean_margin_new == pytest.approx((0.0665 + 1.0665 / 1.095 - 1) / 2)
    k = 27 * ((1 / 1.095) ** -5 - 1) / 100
    assert found.effect_exact[1] == pytest.approx(-k / (1 + k))
    assert found.trade_change[1] == pytest.approx(-10 * k / (1 + k))
    assert found.total_change == pytest.approx(found.trade_change.sum()) and found.total_change < 0
    assert found.trade_affected_share == pytest.approx(20 / 24)


def test_erosion_turned_round_is_what_the_exporter_gains_by_signing() -> None:
    """Spending on the line is fixed at landed prices: landed sales add up to what they were."""
    before = np.array([[0.095, 0.3, 0.0]])
    after = before.copy()
    after[0, 0] = 0
    parts = [erosion(before, after, TRADE, 5.0, exporter=i) for i in range(3)]
    landed = sum((TRADE[0, i] + parts[i].trade_change[0]) * (1 + after[0, i]) for i in range(3))
    assert landed == pytest.approx((TRADE * (1 + before)).sum())
    assert parts[0].total_change > 0 > parts[1].total_change


def test_thousands_of_lines_at_once_are_the_lines_one_by_one() -> None:
    rng = np.random.default_rng(2)
    trade, before = rng.lognormal(0, 2, (3000, 12)), rng.uniform(0, 0.3, (3000, 12))
    after = before * rng.uniform(0.5, 1, (3000, 12))
    power = rng.uniform(1, 8, 3000)
    every = erosion(before, after, trade, power, exporter=4)
    one = erosion(before[77:78], after[77:78], trade[77:78], power[77:78], exporter=4)
    assert every.trade_change[77] == pytest.approx(one.trade_change[0], rel=1e-12)
    assert every.margin_new[77] == pytest.approx(one.margin_new[0], rel=1e-12)
