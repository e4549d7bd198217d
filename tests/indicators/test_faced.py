"""What an origin faces in China's real tariff."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tradewinds.core.errors import InputError
from tradewinds.indicators.faced import rates_faced
from tradewinds.world.lines.tariffs import open_lines

DAY = dt.date(2026, 3, 1)


def test_the_early_harvest_lowers_taiwans_rates_and_nobody_elses() -> None:
    china = open_lines("china-2026")
    taiwan = rates_faced(china, importer="CHN", exporter="TWN", on=DAY)
    america = rates_faced(china, importer="CHN", exporter="USA", on=DAY)
    assert len(taiwan) == len(america) == 12_030
    assert (america["regime"] == "standing").all()
    assert set(taiwan["regime"]) == {"standing", "ecfa"}
    both = taiwan["best"].notna()
    assert (taiwan["best"][both] <= america["best"][both]).all()
    # 658 lines carry an ECFA rate; where provisional or MFN is as low, nothing is gained by claiming it.
    assert 500 < (taiwan["regime"] == "ecfa").sum() <= 658
    assert taiwan["best"].mean() == pytest.approx(0.0627, abs=0.0005)


def test_lines_not_charged_by_value_are_left_open() -> None:
    faced = rates_faced(open_lines("china-2026"), importer="CHN", exporter="", on=DAY)
    assert 30 < faced["standing"].isna().sum() < 60
    assert np.array_equal(faced["standing"].isna(), faced["best"].isna())


def test_a_date_without_a_tariff_is_refused() -> None:
    with pytest.raises(InputError, match="no tariff of CHN on 2020-01-01"):
        rates_faced(open_lines("china-2026"), importer="CHN", exporter="TWN", on=dt.date(2020, 1, 1))
