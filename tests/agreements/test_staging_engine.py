"""The staging engine: classes, rounding, calendars, days, suspensions, duties by component, schedules, coverage."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewinds.agreements.staging import (
    BASE,
    BASKETS,
    Calendar,
    Quota,
    RateChange,
    Rounding,
    Staging,
    Suspension,
    back_loaded,
    cap_at_prior,
    ceiling,
    cliff,
    coverage,
    depth_of_cut,
    difference,
    early_harvest,
    equal_annual,
    excluded,
    immediate,
    margin,
    next_change,
    partial,
    rate_on,
    schedule,
    schedule_depth,
    schedule_duties,
    shares,
    stage_duty,
    standstill,
    stepwise,
    within_and_out,
)
from tradewinds.core.errors import InputError
from tradewinds.world.duty import Duty, free, parse_duty, render_duty

DOWN = Rounding("down")


def path(staging: Staging, base: float, years: range | list[int], reference: float | None = None) -> list[float]:
    """Per cent, so that what stands in a treaty can be read here."""
    measured = None if reference is None else np.array([reference])
    return [round(100 * float(staging.rate(np.array([base]), year, measured)[0]), 10) for year in years]


# ---- classes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("staging", "base", "expected"),
    [
        (immediate("A"), 0.08, [8, 0, 0, 0, 0]),
        (equal_annual("3 years", 3), 0.09, [9, 6, 3, 0, 0]),
        (back_loaded("late", 2, 2), 0.08, [8, 8, 8, 4, 0]),
        (cliff("cliff", 3), 0.08, [8, 8, 8, 0, 0]),
        (cliff("cliff", 1), 0.08, [8, 0, 0, 0, 0]),
        (partial("half", 0.5), 0.08, [8, 4, 4, 4, 4]),
        (partial("half in two", 0.5, 2), 0.08, [8, 6, 4, 4, 4]),
        (shares("stated", [0.9, 0.5, 0.25]), 0.08, [8, 7.2, 4, 2, 2]),
        (stepwise("stated", [0.06, 0.05, 0.0]), 0.08, [8, 6, 5, 0, 0]),
        (stepwise("stated", [0.06, 0.05]), 0.055, [5.5, 5.5, 5, 5, 5]),
        (ceiling("0-5", [BASE, 0.05]), 0.08, [8, 8, 5, 5, 5]),
        (ceiling("0-5", [BASE, 0.05]), 0.03, [3, 3, 3, 3, 3]),
        (standstill("bound"), 0.08, [8, 8, 8, 8, 8]),
        (excluded("E"), 0.08, [8, 8, 8, 8, 8]),
        (within_and_out("quota", immediate("in"), equal_annual("out", 2)), 0.08, [8, 4, 0, 0, 0]),
    ],
)
def test_what_each_class_says_year_by_year(staging: Staging, base: float, expected: list[float]) -> None:
    assert path(staging, base, range(5)) == expected


def test_a_margin_is_measured_from_its_reference_and_never_lifts_the_base() -> None:
    b1 = margin("B-1", [1.0, 0.8])
    assert path(b1, 0.30, [0, 1, 2, 9], reference=0.30) == [30, 30, 24, 24]
    assert path(b1, 0.20, [1, 2], reference=0.30) == [20, 20]  # 24 % would be above the base
    with pytest.raises(InputError, match=r"B-1.*reference"):
        b1.rate(np.array([0.2]), 2)


def test_a_line_without_a_rate_is_refused_and_not_free() -> None:
    with pytest.raises(InputError, match="CKD"):
        Staging("CKD", kind="not_applicable").rate(np.array([0.2]), 3)


@pytest.mark.parametrize(
    ("staging", "complete", "committed", "exact"),
    [
        (immediate("A"), 1, True, True),
        (back_loaded("late", 7, 3), 10, True, True),
        (stepwise("s", [0.3, 0.2]), 2, True, True),
        (ceiling("c", [BASE, 0.05]), 2, True, False),
        (standstill("bound"), 1, True, True),
        (excluded("E"), 1, False, True),
        (within_and_out("q", equal_annual("in", 11), excluded("out")), 11, False, True),
        (within_and_out("q", immediate("in"), equal_annual("out", 4)), 4, True, True),
    ],
)
def test_what_a_class_commits_to(staging: Staging, complete: int, committed: bool, exact: bool) -> None:
    assert (staging.complete, staging.committed, staging.exact) == (complete, committed, exact)


@pytest.mark.parametrize(
    "staging",
    [equal_annual("e", 4), shares("s", [0.5, 0.0]), stepwise("w", [0.07, 0.0]), early_harvest("mainland")],
)
def test_a_delay_moves_every_cut(staging: Staging) -> None:
    later = staging.shifted(2)
    assert path(later, 0.18, range(1, 9)) == [18, 18, *path(staging, 0.18, range(1, 7))]


@pytest.mark.parametrize(
    "fields",
    [
        {"years": 0},
        {"hold": -1},
        {"depth": 1.5},
        {"kind": "stepwise"},
        {"kind": "equal", "steps": (0.1,)},
        {"kind": "shares", "steps": (1.2,)},
        {"kind": "stepwise", "steps": (-0.1,)},
        {"kind": "quota"},
        {"kind": "quota", "in_quota": immediate("in")},
        {"kind": "equal", "in_quota": immediate("in"), "out_of_quota": immediate("out")},
    ],
)
def test_fields_that_contradict_the_kind_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InputError, match="staging X"):
        Staging("X", **fields)  # type: ignore[arg-type]


ANY = st.one_of(
    st.builds(
        lambda n, h, d: Staging("e", years=n, hold=h, depth=d), st.integers(1, 20), st.integers(0, 9), st.floats(0, 1)
    ),
    st.lists(st.floats(0, 1), min_size=1, max_size=9).map(lambda s: shares("s", sorted(s, reverse=True))),
    st.lists(st.floats(0, 1), min_size=1, max_size=9).map(lambda s: stepwise("w", sorted(s, reverse=True))),
    st.sampled_from([standstill("b"), excluded("E"), early_harvest("mainland"), early_harvest("taiwan")]),
)


@settings(max_examples=150)
@given(staging=ANY, how=st.sampled_from(["exact", "down", "nearest"]), base=st.floats(0, 3), year=st.integers(-1, 40))
def test_no_class_and_no_rounding_ever_lifts_a_duty(staging: Staging, how: str, base: float, year: int) -> None:
    rounded = replace(staging, rounding=Rounding(how))  # type: ignore[arg-type]
    start = np.array([base])
    now, later = (float(rounded.rate(start, y)[0]) for y in (year, year + 1))
    assert 0 <= later <= now <= base
    if year >= rounded.complete:
        assert now == float(staging.rate(start, year)[0])  # the end is never rounded


# ---- rounding ----------------------------------------------------------------------------------------------------


def test_beef_of_korus_rounded_down_to_a_tenth() -> None:
    beef = equal_annual("beef", 15, rounding=DOWN)
    assert path(beef, 0.40, range(1, 16)) == [
        37.3, 34.6, 32.0, 29.3, 26.6, 24.0, 21.3, 18.6, 16.0, 13.3, 10.6, 8.0, 5.3, 2.6, 0,
    ]  # fmt: skip


def test_trucks_of_korus() -> None:
    truck = back_loaded("truck", 7, 3, rounding=DOWN)
    assert path(truck, 0.25, [0, 1, 7, 8, 9, 10, 11]) == [25, 25, 25, 16.6, 8.3, 0, 0]


def test_base_and_end_are_not_rounded() -> None:
    assert path(partial("third", 1 / 3, 2, rounding=DOWN), 0.0625, [0, 1, 2]) == [
        6.25,
        5.2,
        pytest.approx(6.25 * 2 / 3),
    ]
    assert path(back_loaded("late", 1, 2, rounding=DOWN), 0.0625, [1, 2, 3]) == [6.25, 3.1, 0]


@pytest.mark.parametrize(
    ("how", "step", "value", "expected"),
    [
        ("down", 0.001, 0.0679, 0.067),
        ("down", 0.001, 0.008, 0.008),  # 0.008 / 0.001 is 8, whatever the binary says
        ("down", 0.001, 3 * 0.001 - 1e-16, 0.003),
        ("nearest", 0.001, 0.0675, 0.068),
        ("nearest", 0.001, 0.0674, 0.067),
        ("down", 0.005, 0.0675, 0.065),
        ("exact", 0.001, 0.06789, 0.06789),
    ],
)
def test_rounding(how: str, step: float, value: float, expected: float) -> None:
    assert float(Rounding(how, step).apply(np.array([value]))[0]) == pytest.approx(expected, abs=1e-15)  # type: ignore[arg-type]


def test_every_tenth_of_a_per_cent_stands_where_it_is() -> None:
    tenths = np.arange(0, 5001) / 1000
    assert (DOWN.apply(tenths) == np.round(tenths, 12)).all()


def test_a_rounding_needs_a_step() -> None:
    with pytest.raises(InputError, match="step 0"):
        Rounding("down", step=0.0)


# ---- calendars ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calendar", "days"),
    [
        (Calendar(dt.date(2012, 3, 15)), {(2012, 3, 14): 0, (2012, 3, 15): 1, (2012, 12, 31): 1, (2013, 1, 1): 2}),
        (Calendar(dt.date(2005, 1, 1)), {(2004, 12, 31): 0, (2005, 1, 1): 1, (2005, 12, 31): 1, (2006, 1, 1): 2}),
        (
            Calendar(dt.date(2012, 3, 15), "anniversary"),
            {(2012, 3, 14): 0, (2013, 3, 14): 1, (2013, 3, 15): 2, (2021, 3, 15): 10},
        ),
        (
            Calendar(dt.date(2022, 1, 1), month=4),  # a fiscal year: the second cut comes after three months
            {(2022, 3, 31): 1, (2022, 4, 1): 2, (2023, 3, 31): 2, (2023, 4, 1): 3},
        ),
        (
            Calendar(dt.date(2022, 4, 1), month=4),
            {(2022, 3, 31): 0, (2022, 4, 1): 1, (2023, 3, 31): 1, (2023, 4, 1): 2},
        ),
        (Calendar(dt.date(2022, 7, 1), month=4), {(2023, 3, 31): 1, (2023, 4, 1): 2, (2024, 4, 1): 3}),
        (
            Calendar(dt.date(2010, 9, 12), first_cut=dt.date(2011, 1, 1)),
            {(2010, 12, 31): 0, (2011, 1, 1): 1, (2012, 1, 1): 2, (2013, 1, 1): 3},
        ),
        (
            Calendar(dt.date(2024, 2, 29), "anniversary"),
            {(2025, 2, 27): 1, (2025, 2, 28): 2, (2028, 2, 28): 4, (2028, 2, 29): 5},
        ),
    ],
)
def test_year_numbers_by_day(calendar: Calendar, days: dict[tuple[int, int, int], int]) -> None:
    assert {day: calendar.number(dt.date(*day)) for day in days} == days


@given(
    entry=st.dates(dt.date(1990, 1, 1), dt.date(2040, 12, 31)),
    kind=st.sampled_from(["fixed_date", "anniversary"]),
    month=st.integers(1, 12),
    day=st.integers(1, 28),
    number=st.integers(1, 40),
)
def test_a_year_starts_on_the_day_its_number_is_first_true(
    entry: dt.date, kind: str, month: int, day: int, number: int
) -> None:
    calendar = Calendar(entry, kind, month, day)  # type: ignore[arg-type]
    first = calendar.starts(number)
    assert calendar.number(first) == number
    assert calendar.number(first - dt.timedelta(days=1)) == number - 1
    assert 0 < calendar.first_year_share() <= 1


def test_calendars_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match="2-29"):
        Calendar(dt.date(2024, 1, 1), month=2, day=29)
    with pytest.raises(InputError, match="first cut"):
        Calendar(dt.date(2024, 1, 1), first_cut=dt.date(2023, 12, 31))
    with pytest.raises(InputError, match="year number 0"):
        Calendar(dt.date(2024, 1, 1)).starts(0)


# ---- on a day ----------------------------------------------------------------------------------------------------

KORUS = Calendar(dt.date(2012, 3, 15))


def test_a_car_pays_until_the_last_day_of_2015() -> None:
    car = cliff("car", 5)
    days = [dt.date(2012, 3, 14), dt.date(2012, 3, 15), dt.date(2015, 12, 31), dt.date(2016, 1, 1)]
    assert [float(rate_on(car, 0.025, day, KORUS)) for day in days] == [0.025, 0.025, 0.025, 0]


def test_a_frozen_base_yields_to_a_falling_mfn_and_not_to_a_rising_one() -> None:
    day = dt.date(2013, 6, 1)
    assert float(rate_on(equal_annual("B", 5), 0.20, day, KORUS, mfn=0.10)) == 0.10
    assert float(rate_on(equal_annual("B", 5), 0.20, day, KORUS, mfn=0.30)) == pytest.approx(0.12)
    assert float(rate_on(standstill("bound"), 0.20, day, KORUS, mfn=0.30)) == 0.20
    assert float(rate_on(excluded("E"), 0.20, day, KORUS, mfn=0.30)) == 0.30  # nothing was promised
    assert float(rate_on(equal_annual("B", 5), 0.20, dt.date(2011, 1, 1), KORUS, mfn=0.30)) == 0.30  # not in force


def test_rates_on_a_day_are_vectors_where_the_bases_are() -> None:
    out = rate_on(equal_annual("B", 5), [0.10, 0.20], dt.date(2013, 1, 1), KORUS, mfn=0.08)
    assert out.tolist() == pytest.approx([0.06, 0.08])


SNAP = Suspension(dt.date(2014, 5, 1), dt.date(2014, 10, 31), whole=True, because="dispute lost")


def test_a_snap_back_brings_the_mfn_back_and_ends() -> None:
    free_car = immediate("car")
    days = [dt.date(2014, 4, 30), dt.date(2014, 5, 1), dt.date(2014, 10, 31), dt.date(2014, 11, 1)]
    assert [float(rate_on(free_car, 0.08, d, KORUS, mfn=0.08, suspensions=[SNAP])) for d in days] == [0, 0.08, 0.08, 0]
    with pytest.raises(InputError, match="suspended on 2014-05-01"):
        rate_on(free_car, 0.08, days[1], KORUS, suspensions=[SNAP])


def test_a_list_suspends_its_lines_and_no_others() -> None:
    listed = Suspension(dt.date(2024, 1, 1), lines=("290122", "29024300"), count=2)
    day = dt.date(2024, 1, 1)
    assert [listed.holds(day, line) for line in ("2901220000", "29024300", "29024400")] == [True, True, False]
    assert not listed.holds(dt.date(2023, 12, 31), "29024300")
    with pytest.raises(InputError, match="needs the line"):
        listed.holds(day)


def test_a_list_that_is_not_held_is_counted_and_not_applied() -> None:
    second = Suspension(dt.date(2024, 6, 15), count=134, because="notice 4")
    assert not second.holds(dt.date(2024, 6, 14), "29051220")
    with pytest.raises(InputError, match="134 lines are not held"):
        second.holds(dt.date(2024, 6, 15), "29051220")


def test_a_suspension_that_ends_before_it_starts() -> None:
    with pytest.raises(InputError, match="before it starts"):
        Suspension(dt.date(2024, 6, 15), dt.date(2024, 6, 14))


def test_the_next_fall() -> None:
    b = equal_annual("B", 5)
    assert next_change(b, 0.25, dt.date(2011, 1, 1), KORUS) == RateChange(dt.date(2012, 3, 15), 0.25, 0.20)
    assert next_change(b, 0.25, dt.date(2012, 3, 15), KORUS) == RateChange(dt.date(2013, 1, 1), 0.20, 0.15)
    assert next_change(cliff("car", 5), 0.025, dt.date(2012, 4, 1), KORUS) == RateChange(dt.date(2016, 1, 1), 0.025, 0)
    assert next_change(b, 0.10, dt.date(2016, 1, 1), KORUS) is None
    assert next_change(b, 0.0, dt.date(2011, 1, 1), KORUS) is None
    assert next_change(excluded("E"), 0.1, dt.date(2011, 1, 1), KORUS) is None


def test_the_next_fall_waits_for_the_preference_to_undercut_the_mfn() -> None:
    found = next_change(equal_annual("B", 5), 0.10, dt.date(2012, 3, 15), KORUS, mfn=0.05)
    assert found is not None and found.on == dt.date(2014, 1, 1) and found.before == 0.05


def test_a_suspension_is_a_change_and_its_end_a_fall() -> None:
    after = dt.date(2014, 1, 1)
    rise = next_change(immediate("car"), 0.08, after, KORUS, mfn=0.08, suspensions=[SNAP], direction="any")
    fall = next_change(immediate("car"), 0.08, after, KORUS, mfn=0.08, suspensions=[SNAP])
    assert rise == RateChange(dt.date(2014, 5, 1), 0, 0.08)
    assert fall == RateChange(dt.date(2014, 11, 1), 0.08, 0)


# ---- quotas ------------------------------------------------------------------------------------------------------


def quota(**fields: object) -> Quota:
    table = {
        "name": "rice", "lines": ("100630", "07104000A"), "unit": "t", "quantities": (1000.0, 1200.0),
        "in_quota": immediate("in"), "out_of_quota": standstill("out"),
    }  # fmt: skip
    return Quota(**(table | fields))  # type: ignore[arg-type]


def test_quantities_by_year() -> None:
    assert [quota().quantity(n) for n in (-1, 0, 1, 2, 3)] == [0, 0, 1000, 1200, 1200]
    assert quota(growth=0.05).quantity(4) == pytest.approx(1200 * 1.05**2)


def test_the_first_year_of_a_quota_counts_from_entry_into_force() -> None:
    short = quota(pro_rata=True)
    evfta = Calendar(dt.date(2020, 8, 1))
    assert short.quantity(1, evfta) == pytest.approx(1000 * 153 / 366)
    assert short.quantity(2, evfta) == 1200
    assert short.quantity(1, Calendar(dt.date(2021, 1, 1))) == 1000
    with pytest.raises(InputError, match="pro rata"):
        short.quantity(1)


def test_the_average_rate_fills_the_quota_first() -> None:
    out = quota().average_rate(0.40, [0.0, 500.0, 1000.0, 4000.0], 1)
    assert out.tolist() == pytest.approx([0, 0, 0, 0.30])


def test_lines_of_a_quota() -> None:
    assert quota().covers("10063021") and quota().covers("07104000A")
    assert not quota().covers("07104000B") and not quota().covers("100620") and not quota().covers("")


def test_quotas_that_cannot_be() -> None:
    for fields in ({"quantities": ()}, {"quantities": (-1.0,)}, {"growth": -1.0}):
        with pytest.raises(InputError, match="quota rice"):
            quota(**fields)


# ---- duties by component -----------------------------------------------------------------------------------------


def eu(text: str) -> Duty:
    return parse_duty(text, dialect="eu")


def generic(text: str) -> Duty:
    return parse_duty(text, dialect="generic")


@pytest.mark.parametrize(
    ("staging", "base", "year", "expected"),
    [
        (equal_annual("B7", 8, rounding=DOWN), "9.6% + 120 EUR/100 kg", 1, "8.4% + 105 EUR/100 kg"),
        (equal_annual("B7", 8, rounding=DOWN), "9.6% + 120 EUR/100 kg", 8, "Free"),
        (equal_annual("B7", 8, rounding=DOWN), "9.6% + 120 EUR/100 kg", 0, "9.6% + 120 EUR/100 kg"),
        (equal_annual("5", 5, rounding=DOWN), "0.044 USD/kg", 2, "0.026 USD/kg"),  # 2.64 cents
        (equal_annual("3", 3, rounding=Rounding("down", money_step=1.0)), "100 KRW/kg", 1, "66 KRW/kg"),
        (standstill("E"), "9.6% + 120 EUR/100 kg", 9, "9.6% + 120 EUR/100 kg"),
        (partial("half", 0.5), "greater of (8%; 2 EUR/kg)", 1, "greater of (4%; 1 EUR/kg)"),
        (replace(immediate("A+EP"), component="ad_valorem"), "16% + 18 EUR/100 kg", 1, "18 EUR/100 kg"),
        (
            replace(immediate("A+EP"), component="ad_valorem"),
            '16% + entry price "tomatoes"',
            1,
            'entry price "tomatoes"',
        ),
        (immediate("A"), '8% + component "EA"', 1, "Free"),
        (ceiling("c", [BASE, 0.05]), "3 EUR/kg", 1, "3 EUR/kg"),
        (stepwise("s", [0.04, 0.0]), "3 EUR/kg", 2, "Free"),
    ],
)
def test_each_component_falls(staging: Staging, base: str, year: int, expected: str) -> None:
    assert render_duty(stage_duty(staging, generic(base), year)) == render_duty(generic(expected))


def test_bananas_in_euro_per_tonne_whatever_the_unit_of_the_base() -> None:
    r75 = stepwise("R75", [100.0, 95.0], unit="EUR/1000 kg")
    for base, expected in (("136 EUR/1000 kg", 100), ("13.6 EUR/100 kg", 10), ("0.136 EUR/kg", 0.1), ("90 EUR/t", 90)):
        assert stage_duty(r75, generic(base), 1).amount == pytest.approx(expected)
    for base in ("20%", "136 USD/1000 kg", "136 EUR/hl"):
        with pytest.raises(InputError, match="R75"):
            stage_duty(r75, generic(base), 1)


@pytest.mark.parametrize(
    ("staging", "base"),
    [
        (ceiling("0-5", [0.05]), "3 EUR/kg"),  # five per cent of what?
        (early_harvest("mainland"), "3 EUR/kg"),
        (equal_annual("B5", 6), '8% + component "EA"'),
        (equal_annual("B5", 6), "as the case may be"),
        (margin("B-1", [0.8]), "20%"),
    ],
)
def test_what_a_class_cannot_say_of_a_duty_is_refused(staging: Staging, base: str) -> None:
    with pytest.raises(InputError, match=staging.name):
        stage_duty(staging, generic(base), 1)


def test_free_stays_free() -> None:
    assert stage_duty(equal_annual("B", 5), free(), 2).kind == "free"


# ---- schedules ---------------------------------------------------------------------------------------------------

TABLE = {**BASKETS, "S-1": ceiling("S-1", [BASE, 0.05]), "B-1": margin("B-1", [1.0, 0.8]),
         "R75": stepwise("R75", [100.0], unit="EUR/1000 kg"), "CKD": Staging("CKD", kind="not_applicable")}  # fmt: skip


def test_a_schedule_is_the_class_of_each_line_in_each_year() -> None:
    made = schedule([0.10, 0.10, 0.20, 0.04], ["A", "B", "E", "S-1"], TABLE, [2, 1, 5], lines=["1", "2", "3", "4"])
    assert made.years == (1, 2, 5)
    assert np.asarray(made).tolist() == [
        [0, 0, 0], [pytest.approx(0.08), pytest.approx(0.06), 0], [0.2, 0.2, 0.2], [0.04, 0.04, 0.04],
    ]  # fmt: skip
    assert made.bounds.tolist() == [False, False, False, True]
    assert not made.refused
    assert made.at(5).tolist() == [0, 0, 0.2, 0.04]
    with pytest.raises(InputError, match="year 3 is not in the schedule"):
        made.at(3)
    with pytest.raises(ValueError, match="read-only"):
        made.rates[0, 0] = 1.0


def test_what_has_no_rate_is_named_and_counted() -> None:
    made = schedule(
        [0.10, 0.20, 0.30, np.nan, 0.10, np.nan, np.nan],
        ["X9", "CKD", "B-1", "B", "B", "A", "R75"],
        TABLE,
        [1, 2, 5],
        lines=["01", "02", "03", "04", "05", "06", "07"],
    )
    assert [(r.line, r.because) for r in made.refused] == [
        ("01", "category `X9` is not defined"),
        ("02", "the text gives the line no rate: not applicable"),
        ("03", "no reference rate for the margin"),
        ("04", "no ad valorem base rate"),
        ("07", "stated in EUR/1000 kg, not ad valorem"),
    ]
    assert sum(made.refused_by.values()) == 5
    assert np.isnan(made.rates[[0, 1, 6]]).all()
    # A margin stands at the base until it falls due; a specific duty is nought once it is all gone.
    assert made.rates[2, 0] == 0.30 and np.isnan(made.rates[2, 1:]).all()
    assert np.isnan(made.rates[3, :2]).all() and made.rates[3, 2] == 0
    assert (made.rates[5] == 0).all()


def test_a_reference_rate_settles_a_margin() -> None:
    made = schedule([0.30], ["B-1"], TABLE, [1, 2], reference=[0.35])
    assert made.rates[0].tolist() == [0.30, pytest.approx(0.28)] and not made.refused


def test_shapes_that_do_not_fit_are_refused() -> None:
    for given_ in (
        {"base_rates": [0.1, 0.2], "categories": ["A"]},
        {"base_rates": [0.1], "categories": ["A"], "lines": ["1", "2"]},
        {"base_rates": [0.1], "categories": ["A"], "reference": [0.1, 0.2]},
        {"base_rates": [-0.1], "categories": ["A"]},
    ):
        with pytest.raises(InputError, match="schedule"):
            schedule(table=TABLE, years=[1], **given_)  # type: ignore[arg-type]


def test_duties_of_any_kind_line_by_line() -> None:
    duties = [eu("9.6 + 120 EUR/100 kg"), generic('8% + component "EA"'), eu("12"), eu("12")]
    out, refused = schedule_duties(duties, ["B", "B", "X9", "CKD"], TABLE, [4, 5], lines=["1", "2", "3", "4"])
    assert [each.kind if each else None for each in out[0]] == ["compound", "free"]
    assert [each.kind if each else None for each in out[1]] == [None, "free"]
    assert out[2] == out[3] == [None, None]
    assert [r.line for r in refused] == ["2", "3", "4"]


def test_the_schedule_and_the_duties_agree_where_both_speak() -> None:
    bases = [0.05, 0.125, 0.3]
    duties = [generic(f"{100 * base:g}%") for base in bases]
    made = schedule(bases, ["B", "C", "E"], TABLE, range(1, 12))
    out, refused = schedule_duties(duties, ["B", "C", "E"], TABLE, range(1, 12))
    assert not refused
    assert [[each.rate if each else None for each in row] for row in out] == [
        pytest.approx(row) for row in made.rates.tolist()
    ]


def test_the_cap_at_the_duty_before_entry() -> None:
    made = schedule([0.10, 0.10], ["E", "E"], TABLE, [1, 7, 8])
    capped = cap_at_prior(made, [0.06, np.nan], through=7)
    assert capped.rates.tolist() == [[0.06, 0.06, 0.10], [0.10, 0.10, 0.10]]


# ---- two texts ---------------------------------------------------------------------------------------------------


def test_the_difference_of_two_texts() -> None:
    lines = ["car", "truck", "beef", "rice"]
    old = schedule([0.025, 0.25, 0.40, 0.05], ["A", "C", "D", "X"], TABLE, [1, 5, 10], lines=lines)
    new = schedule(
        [0.025, 0.25, 0.40, 0.05],
        ["car", "truck", "D", "A"],
        {**TABLE, "car": cliff("car", 5), "truck": back_loaded("truck", 7, 3)},
        [1, 5, 10],
        lines=lines,
    )
    found = difference(old, new, [100, 10, 50, 40])
    assert found.rate_change[0].tolist() == [0.025, 0, 0]
    assert found.rate_change[1].tolist() == pytest.approx([0.025, 0.125, 0])
    assert found.duty_change[1].tolist() == pytest.approx([0.25, 1.25, 0])
    assert found.duty_by_year.tolist() == pytest.approx([2.75, 1.25, 0])
    assert (found.lower_lines, found.higher_lines) == ((0, 0, 0), (2, 1, 0))
    assert found.higher_trade_share.tolist() == pytest.approx([110 / 200, 10 / 200, 0])
    assert found.mean_change.tolist() == pytest.approx([0.05 / 3, 0.125 / 3, 0])
    assert found.weighted_change.tolist() == pytest.approx([2.75 / 160, 1.25 / 160, 0])
    assert found.undetermined == ("rice",)  # no rate in the old text, so no trade counted either
    assert [line for line, _ in found.largest(2)] == ["car", "truck"]
    back = difference(new, old, [100, 10, 50, 40])
    assert np.nansum(back.rate_change + found.rate_change) == 0
    assert back.lower_lines == found.higher_lines


def test_lines_of_one_text_only_are_told() -> None:
    old = schedule([0.1, 0.1], ["A", "B"], TABLE, [1], lines=["1", "2"])
    new = schedule([0.1, 0.1], ["B", "A"], TABLE, [1], lines=["2", "3"])
    found = difference(old, new, [1, 1])
    assert (found.lines, found.only_a, found.only_b) == (("2",), ("1",), ("3",))
    assert found.lower_lines == found.higher_lines == (0,)


def test_texts_that_cannot_be_compared() -> None:
    one = schedule([0.1], ["A"], TABLE, [1], lines=["1"])
    with pytest.raises(InputError, match="years"):
        difference(one, schedule([0.1], ["A"], TABLE, [2], lines=["1"]), [1])
    twice = schedule([0.1, 0.1], ["A", "A"], TABLE, [1], lines=["1", "1"])
    with pytest.raises(InputError, match="named twice in schedule b"):
        difference(one, twice, [1])
    with pytest.raises(InputError, match="trade"):
        difference(one, one, [1, 2])


# ---- coverage and depth ------------------------------------------------------------------------------------------


def test_coverage_by_lines_and_by_value() -> None:
    bases, baskets = [0.1, 0.1, 0.1, 0.1, 0.0, np.nan], ["A", "B", "C", "E", "E", "B"]
    made = schedule(bases, baskets, TABLE, range(1, 21))
    found = coverage(made, trade=[50, 20, 10, 10, 5, 5])
    assert found.years == (1, 3, 5, 10, 20)
    assert found.free_by_lines.tolist() == pytest.approx([2 / 6, 2 / 6, 4 / 6, 5 / 6, 5 / 6])
    assert found.reduced_by_lines.tolist() == pytest.approx([2 / 6, 2 / 6, 1 / 6, 0, 0])
    assert found.undetermined_by_lines.tolist() == pytest.approx([1 / 6, 1 / 6, 0, 0, 0])
    assert found.free_by_value.tolist() == pytest.approx([0.55, 0.55, 0.8, 0.9, 0.9])
    assert found.reduced_by_value.tolist() == pytest.approx([0.3, 0.3, 0.1, 0, 0])
    assert found.undetermined_by_value.tolist() == pytest.approx([0.05, 0.05, 0, 0, 0])


def test_coverage_without_trade_says_nothing_of_value() -> None:
    found = coverage(schedule([0.1], ["A"], TABLE, [1, 2]), [0, 2])
    assert found.free_by_lines.tolist() == [1, 1] and np.isnan(found.free_by_value).all()


def test_coverage_refuses_what_it_cannot_know() -> None:
    made = schedule([0.1], ["A"], TABLE, [1, 2])
    with pytest.raises(InputError, match="year 3"):
        coverage(made, [3])
    for trade in ([1, 2], [-1]):
        with pytest.raises(InputError, match="trade"):
            coverage(made, [1], trade)


@pytest.mark.parametrize(
    ("basket", "expected"), [("A", 1), ("B", 0.854264), ("C", 0.696333), ("D", 0.561195), ("E", 0)]
)
def test_depth_of_the_baskets(basket: str, expected: float) -> None:
    assert depth_of_cut(BASKETS[basket]) == pytest.approx(expected, abs=5e-7)  # published to six digits
    assert depth_of_cut(BASKETS[basket], base=0.0) == 0


def test_depth_of_a_schedule() -> None:
    made = schedule([0.1, 0.3, 0.0, 0.2, 0.1], ["B", "D", "A", "E", "X"], TABLE, range(1, 21))
    found = schedule_depth(made, trade=[3, 1, 7, 0, 2])
    assert found.by_line[:2].tolist() == pytest.approx([0.854264, 0.561195], abs=5e-7)
    assert np.isnan(found.by_line[[2, 4]]).all() and found.by_line[3] == 0
    assert found.simple == pytest.approx((0.854264 + 0.561195) / 3, abs=5e-7)
    assert found.weighted == pytest.approx((3 * 0.854264 + 0.561195) / 4, abs=5e-7)
    assert np.isnan(schedule_depth(made).weighted)
    with pytest.raises(InputError, match="horizon 0"):
        schedule_depth(made, horizon=0)
    with pytest.raises(InputError, match="year 21"):
        schedule_depth(made, horizon=21)
