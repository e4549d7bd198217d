"""The ministry's tables of 2015: what reproduces, and the printed errors beside what their own tables give."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tradewinds.core.sources import sources
from tradewinds.indicators.moea_2015 import SOURCE, early_harvest_use, facts, mean_rate, recompute, sections

#: Half a unit of the third, second and first decimal of a per cent.
THREE, TWO, ONE = 0.51e-5, 0.51e-4, 0.51e-3


def test_lines_add_up() -> None:
    assert sum(row.lines for row in sections("TWN")) == 8928
    assert sum(row.lines for row in sections("CHN")) == 8277
    assert len(sections("TWN")) == 18


def test_sections_cover_every_chapter_once() -> None:
    rows = sections("CHN")
    assert rows[0].first_chapter == 1 and rows[-1].last_chapter == 97
    assert all(a.last_chapter + 1 == b.first_chapter for a, b in pairwise(rows))


@pytest.mark.parametrize("importer", ["TWN", "CHN"])
def test_every_average_lies_in_its_range(importer: str) -> None:
    assert not [r for r in sections(importer) if not r.lowest <= r.simple <= r.highest]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("importer", "chapter", "expected"), [("CHN", 1, 0.08993), ("CHN", 25, 0.08087), ("TWN", 25, 0.04072)]
)
def test_averages_reproduce(importer: str, chapter: int, expected: float) -> None:
    assert mean_rate(importer, from_chapter=chapter) == pytest.approx(expected, abs=THREE)  # type: ignore[arg-type]


def test_the_printed_average_of_taiwan_does_not_follow_from_its_table() -> None:
    """6.35 against 6.2: more than rounding of the sections (0.05 at most) and of the total (0.05) can make."""
    assert mean_rate("TWN") == pytest.approx(0.0635, abs=TWO)
    assert 100 * mean_rate("TWN") - facts()["structure"]["printed"]["twn_all"] > 0.05 + 0.05


def test_ratio_of_all_goods_as_printed_and_as_computed() -> None:
    printed = facts()["structure"]["printed"]
    assert printed["chn_all"] / printed["twn_all"] == pytest.approx(1.45, abs=0.0051)
    assert mean_rate("CHN") / mean_rate("TWN") == pytest.approx(1.42, abs=0.0051)


def test_what_disagrees_is_known_and_what_is_known_disagrees() -> None:
    checks = recompute()
    assert {c.error for c in checks if not c.agrees} == {"E3", "E5", "E6"} == set(facts()["issues"])
    assert not [c.what for c in checks if c.agrees and c.error]
    assert sum(c.agrees for c in checks) >= 20
    computed = {c.error: c.computed for c in checks if c.error}
    assert computed["E3"] == pytest.approx(6.35, abs=0.0051)
    assert computed["E5"] == pytest.approx(1.98, abs=0.0051)
    assert computed["E6"] == pytest.approx(78.08, abs=0.0051)


def test_duty_saved_adds_up() -> None:
    duty = {c.what: c for c in recompute() if c.what.startswith("duty saved")}
    assert [round(c.computed, 2) for c in duty.values()] == [26.08, 2.66]
    assert all(c.agrees for c in duty.values())


def test_use_of_the_early_harvest() -> None:
    found = early_harvest_use()
    years = [i for i, period in enumerate(found.period) if period != "2014H1"]
    assert found.utilisation[years] == pytest.approx([0.2050, 0.2919, 0.3195, 0.3692, 0.3799], abs=TWO)
    assert found.duty_saved_rate[years] == pytest.approx([0.0222, 0.0378, 0.0403, 0.0415, 0.0419], abs=TWO)
    assert found.implied_utilisation[years][2:] == pytest.approx([0.368, 0.410, 0.435], abs=ONE)


def test_what_was_left_on_the_table_in_2014() -> None:
    """207.35 at 9.5 per cent is 19.70; 8.08 was saved."""
    found = early_harvest_use()
    assert found.duty_left[found.period.index("2014")] == pytest.approx(11.62, abs=0.0051)


def test_the_source_is_registered() -> None:
    assert facts()["source"] == SOURCE and SOURCE in sources()
