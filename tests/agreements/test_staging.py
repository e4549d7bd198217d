"""Staging classes against the published rules: R13 (early harvest), R14 (baskets), R16 (calendar of KORUS)."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewinds.agreements.agreement import parse_agreement
from tradewinds.agreements.staging import BASKETS, Band, Staging, early_harvest, year_number

ALL = [*BASKETS.values(), early_harvest("mainland"), early_harvest("taiwan")]


def rate(staging: Staging, base: float, year: int) -> float:
    return float(staging.rate(np.array([base]), year)[0])


def present_value(staging: Staging, *, discount: float = 0.05, horizon: int = 20) -> float:
    """Discounted depth of cut over ``horizon`` years, the first undiscounted, as a share of an immediate zero."""
    weight = (1 + discount) ** -np.arange(horizon)
    cut = [1 - rate(staging, 0.2, year) / 0.2 for year in range(1, horizon + 1)]
    return float(weight @ cut / weight.sum())


@pytest.mark.parametrize(
    ("basket", "expected"), [("A", 1.0), ("B", 0.854264), ("C", 0.696333), ("D", 0.561195), ("E", 0.0)]
)
def test_present_value_of_the_baskets(basket: str, expected: float) -> None:
    # Published to six digits, so half a unit of the sixth.
    assert present_value(BASKETS[basket]) == pytest.approx(expected, abs=5e-7)


def test_equal_annual_cuts_of_beef() -> None:
    """40 % over 15 years: 37.33, 34.67, …, 2.67, 0 (not 2.5 points a year, which would leave 2.5)."""
    path = [100 * rate(Staging("beef", years=15), 0.40, year) for year in range(1, 16)]
    assert [round(r, 2) for r in path[:2]] == [37.33, 34.67]
    assert round(path[13], 2) == 2.67
    assert path[14] == 0
    assert np.diff(path) == pytest.approx(-40 / 15)


@pytest.mark.parametrize(
    ("basket", "by_year"),
    [
        ("A", {0: 10.0, 1: 0.0, 2: 0.0}),
        ("B", {0: 10.0, 1: 8.0, 2: 6.0, 4: 2.0, 5: 0.0, 9: 0.0}),
        ("C", {-3: 10.0, 1: 9.0, 5: 5.0, 10: 0.0, 11: 0.0}),
        ("D", {1: 10 * 14 / 15, 14: 10 / 15, 15: 0.0, 40: 0.0}),
        ("E", {1: 10.0, 40: 10.0}),
    ],
)
def test_baskets_by_year(basket: str, by_year: dict[int, float]) -> None:
    for year, expected in by_year.items():
        assert 100 * rate(BASKETS[basket], 0.10, year) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("basket", "years"), [("A", 1), ("B", 5), ("C", 10), ("D", 15)])
def test_a_basket_is_complete_in_its_last_year_and_not_before(basket: str, years: int) -> None:
    staging = BASKETS[basket]
    assert staging.complete == years
    assert rate(staging, 0.3, years) == 0
    assert rate(staging, 0.3, years - 1) > 0


MAINLAND = [
    (0.0, (0.0, 0.0, 0.0)),
    (0.001, (0.0, 0.0, 0.0)),
    (0.05, (0.0, 0.0, 0.0)),
    (0.0501, (0.05, 0.0, 0.0)),
    (0.15, (0.05, 0.0, 0.0)),
    (0.1501, (0.10, 0.05, 0.0)),
    (0.65, (0.10, 0.05, 0.0)),
]
TAIWAN = [
    (0.0, (0.0, 0.0, 0.0)),
    (0.025, (0.0, 0.0, 0.0)),
    (0.0251, (0.025, 0.0, 0.0)),
    (0.075, (0.025, 0.0, 0.0)),
    (0.0751, (0.05, 0.025, 0.0)),
    (0.30, (0.05, 0.025, 0.0)),
]


@pytest.mark.parametrize(
    ("side", "base", "steps"), [*(("mainland", *row) for row in MAINLAND), *(("taiwan", *row) for row in TAIWAN)]
)
def test_early_harvest_bands(side: str, base: float, steps: tuple[float, ...]) -> None:
    staging = early_harvest(side)  # type: ignore[arg-type]
    assert [rate(staging, base, year) for year in (1, 2, 3)] == list(steps)
    assert rate(staging, base, 0) == base
    assert rate(staging, base, 12) == 0
    assert staging.complete == 3


def test_the_last_step_of_a_band_stands_for_good() -> None:
    staging = Staging("partial", kind="bands", bands=(Band(0.0, 1.0, (0.08, 0.04)),))
    assert [rate(staging, 0.1, year) for year in (1, 2, 3, 30)] == [0.08, 0.04, 0.04, 0.04]
    assert rate(staging, 0.06, 1) == 0.06  # never above the base


@given(
    base=st.floats(0, 3), year=st.integers(-5, 40), staging=st.sampled_from(ALL)
)  # every admissible duty, not just those of the tables
def test_rates_fall_and_stay_between_nothing_and_the_base(base: float, year: int, staging: Staging) -> None:
    now, later = rate(staging, base, year), rate(staging, base, year + 1)
    assert 0 <= later <= now <= base


KORUS = {
    "schema": "agreement/1",
    "id": "korus-autos",
    "title": "KORUS, motor vehicles as revised in 2010",
    "status": "in_force",
    "parties": ["KOR", "USA"],
    "in_force": dt.date(2012, 3, 15),
    "mapped_by": "test",
    "goods": [],
    "staging": {
        "us-car": {"kind": "bands", "bands": [{"over": 0, "upto": 0.025, "steps": [0.025] * 4 + [0.0]}]},
        "us-truck": {"kind": "bands", "bands": [{"over": 0, "upto": 0.25, "steps": [0.25] * 7 + [0.166, 0.083, 0.0]}]},
        "kor-car": {"kind": "bands", "bands": [{"over": 0, "upto": 0.08, "steps": [0.04] * 4 + [0.0]}]},
    },
}


def test_year_one_is_short_and_year_n_starts_on_the_first_of_january() -> None:
    entry = dt.date(2012, 3, 15)
    assert [year_number(entry, year) for year in (2010, 2011, 2012, 2013, 2016, 2021)] == [-1, 0, 1, 2, 5, 10]


@pytest.mark.parametrize(
    ("basket", "base", "by_year"),
    [
        ("us-car", 0.025, {2011: 0.025, 2012: 0.025, 2015: 0.025, 2016: 0.0}),  # year 5: gone on 2016-01-01
        ("us-truck", 0.25, {2018: 0.25, 2019: 0.166, 2020: 0.083, 2021: 0.0}),  # was set to expire in 2021
        ("kor-car", 0.08, {2011: 0.08, 2012: 0.04, 2015: 0.04, 2016: 0.0}),  # halved on entry, not in year 4
    ],
)
def test_korus_vehicles_by_calendar_year(basket: str, base: float, by_year: dict[int, float]) -> None:
    agreement = parse_agreement(KORUS, where="korus-autos")
    staging = agreement.class_of(basket)
    for year, expected in by_year.items():
        assert rate(staging, base, year_number(agreement.in_force, year)) == expected
