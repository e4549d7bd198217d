"""Use of preferences: ratios, the choice of a firm, shipments of many sizes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tradewinds.core.errors import InputError
from tradewinds.indicators.utilisation import (
    Shipments,
    effective_tariff,
    gain_from_claiming,
    implied_utilisation,
    normal_share,
    preference_use,
    threshold,
    use_of_shipments,
)

#: Half a unit of the fourth decimal.
FOUR = 0.51e-4


def test_ratios_by_hand() -> None:
    """Lines: free for all; eligible and half used; eligible, unused; dutiable, not in the agreement; MFN below."""
    found = preference_use(
        [0.0, 0.1, 0.05, 0.2, 0.02], [0.0, 0.0, 0.01, 0.2, 0.03], [50, 100, 40, 30, 20], [0, 50, 0, 0, 20]
    )
    assert found.utilisation == pytest.approx(50 / 140)
    assert found.coverage == pytest.approx(140 / 190)
    assert found.utility == pytest.approx(50 / 190)
    assert found.utility == pytest.approx(found.utilisation * found.coverage)
    assert found.duty_saved == pytest.approx(5) and found.duty_potential == pytest.approx(10 + 1.6)
    assert found.duty_left == pytest.approx(6.6) and found.duty_saved_rate == pytest.approx(0.1)


def test_nothing_eligible_is_not_a_number_and_over_claiming_is_refused() -> None:
    found = preference_use([0.0], [0.0], [5.0], [0.0])
    assert math.isnan(found.utilisation) and math.isnan(found.coverage) and found.duty_left == 0
    with pytest.raises(InputError, match="1 lines claim more"):
        preference_use([0.1, 0.1], [0.0, 0.0], [5.0, 5.0], [5.0, 6.0])
    with pytest.raises(InputError, match="several shapes"):
        preference_use([0.1], [0.0, 0.0], [5.0], [5.0])


def test_implied_use_undoes_duty_saved() -> None:
    assert implied_utilisation(0.4 * 0.095 * 200, 200, 0.095) == pytest.approx(0.4)


def test_a_firm_that_chooses() -> None:
    assert effective_tariff([0.05, 0.05], [0.0, 0.0], [0.02, 0.08]) == pytest.approx([0.02, 0.05])
    assert gain_from_claiming(100_000, 0.05, 0.0, variable=0.02, fixed=100) == pytest.approx(2900)
    assert gain_from_claiming(1_000, 0.05, 0.0, variable=0.02, fixed=100) == pytest.approx(-70)
    assert threshold(0.05, 0.0, variable=0.02, fixed=100) == pytest.approx(3333, abs=0.51)
    assert threshold(0.05, 0.0, variable=0.05, fixed=100) == np.inf
    at = threshold(0.05, 0.0, variable=0.02, fixed=100)
    assert gain_from_claiming(at, 0.05, 0.0, variable=0.02, fixed=100) == pytest.approx(0, abs=1e-12)


def test_lognormal_shipments() -> None:
    found = use_of_shipments([0.01, 0.03, 0.05, 0.09], Shipments(math.log(8000), 1.3), fixed=100)
    assert found.by_value == pytest.approx([0.8704, 0.9758, 0.9910, 0.9976], abs=FOUR)
    assert found.by_count == pytest.approx([0.4319, 0.7497, 0.8569, 0.9356], abs=FOUR)


def test_formulas_against_drawn_shipments() -> None:
    """200,000 sizes: standard error of the count is 0.0011; by value, heavy in the tail, 0.004. Four of each."""
    sizes = np.random.default_rng(8).lognormal(math.log(8000), 1.3, 200_000)
    claims = gain_from_claiming(sizes, 0.02, 0.0, variable=0.005, fixed=100) > 0
    found = use_of_shipments(0.02, Shipments(math.log(8000), 1.3), variable=0.005, fixed=100)
    assert claims.mean() == pytest.approx(float(found.by_count), abs=0.0045)
    assert sizes[claims].sum() / sizes.sum() == pytest.approx(float(found.by_value), abs=0.016)


def test_no_margin_no_use() -> None:
    found = use_of_shipments([0.0, -0.01], Shipments(9.0, 1.0), fixed=50)
    assert found.by_value.tolist() == found.by_count.tolist() == [0, 0]
    with pytest.raises(InputError, match="fixed cost"):
        use_of_shipments([0.1], Shipments(9.0, 1.0), fixed=0)
    with pytest.raises(InputError, match="deviation"):
        Shipments(9.0, 0.0)


def test_normal_share() -> None:
    assert normal_share([[0.0, 1.959963984540054], [-np.inf, np.inf]]) == pytest.approx(
        np.array([[0.5, 0.975], [0, 1]])
    )
