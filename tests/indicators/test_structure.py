"""Structure of a tariff: bands, averages, peaks, escalation, effective protection, overhang, concentration."""

from __future__ import annotations

import numpy as np
import pytest

from tradewinds.core.errors import InputError
from tradewinds.indicators import structure as st

RATE = np.array([0.0, 0.0, 0.01, 0.049999, 0.05, 0.1, 0.15, 0.150001, 0.65])
VALUE = np.array([40.0, 10, 5, 5, 10, 10, 10, 5, 5])


def test_bands_close_where_the_table_closes_them() -> None:
    found = st.bands(RATE, VALUE)
    assert found.names == ("0", "(0,5)", "[5,15]", ">15") and found.lines == (2, 2, 3, 2)
    assert found.by_lines == pytest.approx(np.array([2, 2, 3, 2]) / 9)
    assert found.by_value == pytest.approx([0.5, 0.1, 0.3, 0.1])
    assert st.bands([15 / 100, 0.05 * 3, 0.1 + 0.05]).lines == (0, 0, 3, 0)  # 0.15000000000000002 is fifteen
    assert st.bands(RATE).by_value is None


def test_free_by_lines_and_by_value_are_not_the_same() -> None:
    found = st.duty_free(RATE, VALUE)
    assert (found.by_lines, found.by_value) == (pytest.approx(2 / 9), pytest.approx(0.5))


def test_averages_of_groups_give_the_average_of_all() -> None:
    group = ["a", "b", "a", "b", "c", "c", "c", "a", "b"]
    by_group = st.averages(RATE, group, VALUE)
    everything = st.average(RATE, VALUE)
    assert list(by_group) == ["a", "b", "c"]
    again = st.mean_of_groups([g.lines for g in by_group.values()], [g.simple for g in by_group.values()])
    assert again == pytest.approx(everything.simple, abs=1e-15)
    assert everything.weighted == pytest.approx((RATE * VALUE).sum() / 100)
    assert (everything.lowest, everything.highest, everything.lines) == (0, 0.65, 9)
    assert np.isnan(st.average(RATE).weighted)


def test_peaks_by_two_measures_and_nuisance() -> None:
    found = st.peaks(RATE)  # mean 0.1289: the national peak begins at 38.7 %
    assert found.international == pytest.approx(2 / 9)
    assert found.national == pytest.approx(1 / 9)
    assert found.nuisance == pytest.approx(1 / 9)


def test_escalation() -> None:
    stage = ["raw", "finished", "raw", "finished"]
    assert st.escalation([0.0, 0.1, 0.02, 0.3], stage, raw="raw", finished="finished") == pytest.approx(0.19)
    weighted = st.escalation([0.0, 0.1, 0.02, 0.3], stage, raw="raw", finished="finished", value=[1, 1, 3, 3])
    assert weighted == pytest.approx(0.25 - 0.015)
    with pytest.raises(InputError, match="no line at stage semi"):
        st.escalation([0.1], ["raw"], raw="raw", finished="semi")


@pytest.mark.parametrize(
    ("tariff", "inputs", "share", "expected"), [(0.4, 0.2, 0.5, 0.6), (0.4, 0.2, 0.8, 1.2), (0.2, 0.0, 2 / 3, 0.6)]
)
def test_effective_protection(tariff: float, inputs: float, share: float, expected: float) -> None:
    """The last is shoes at 20 per cent on free leather that is two thirds of their value."""
    found = st.effective_protection([tariff], [inputs], [[share]])
    assert found[0] == pytest.approx(expected, abs=1e-12)


def test_effective_protection_is_the_tariff_where_all_are_equal_and_can_be_negative() -> None:
    share = np.array([[0.2, 0.1], [0.3, 0.4]])
    assert st.effective_protection([0.1, 0.1], [0.1, 0.1], share) == pytest.approx(0.1)
    assert st.effective_protection([0.0], [0.2], [[0.5]])[0] == pytest.approx(-0.2)
    with pytest.raises(InputError, match="without value added"):
        st.effective_protection([0.1], [0.1], [[1.0]])
    with pytest.raises(InputError, match=r"\[input, product\]"):
        st.effective_protection([0.1], [0.1, 0.2], [[0.5]])


def test_overhang_counts_what_is_unbound_and_what_is_above() -> None:
    found = st.overhang([0.4, np.nan, 0.1, 0.05], [0.1, 0.2, 0.1, 0.08])
    assert found.by_line[[0, 2, 3]] == pytest.approx([0.3, 0, -0.03]) and np.isnan(found.by_line[1])
    assert (found.mean, found.bound_share, found.above_bound) == (pytest.approx(0.09), 0.75, 1)


def test_concentration_names_three_indices() -> None:
    """By hand for (3, 1): H = 10/16; (H − ½)/½ = 0.25; (√H − √½)/(1 − √½) = 0.2849."""
    found = st.concentration([3.0, 1.0])
    assert found.herfindahl == pytest.approx(0.625) and found.equivalent == pytest.approx(1.6)
    assert found.herfindahl_normalised == pytest.approx(0.25)
    assert found.hirschman_normalised == pytest.approx((0.625**0.5 - 0.5**0.5) / (1 - 0.5**0.5))
    even, single = st.concentration(np.ones(10)), st.concentration([0.0, 0.0, 7.0])
    assert even.herfindahl_normalised == pytest.approx(0, abs=1e-12)
    assert single.herfindahl_normalised == single.hirschman_normalised == pytest.approx(1)


def test_fewest_lines_that_hold_a_share() -> None:
    assert [st.fewest_lines([5, 1, 3, 1], share) for share in (0.5, 0.8, 0.81, 1.0)] == [1, 2, 3, 4]
    assert st.fewest_lines([0.1] * 10, 0.3) == 3  # 0.30000000000000004 is three tenths


def test_lines_without_a_rate_are_refused_not_averaged() -> None:
    with pytest.raises(InputError, match="1 rates missing or negative"):
        st.average([0.1, np.nan])
    with pytest.raises(InputError, match="at least one"):
        st.bands([])
    with pytest.raises(InputError, match="values missing"):
        st.duty_free([0.1], [-1.0])
    with pytest.raises(InputError, match="group"):
        st.averages([0.1, 0.2], ["a"])
    with pytest.raises(InputError, match="positive sum"):
        st.concentration([0.0])
