"""Recipes of the embedded tariffs: from raw tables to one Parquet file of lines each (`tradewinds tariff build`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

from tradewinds.core.errors import InputError, unknown_label
from tradewinds.data.tariffs.china import read_china
from tradewinds.data.tariffs.japan import read_japan
from tradewinds.data.tariffs.schedules import read_schedules
from tradewinds.data.tariffs.us_tool import read_us_tool
from tradewinds.world.lines import Lines

_CHINA = "china_tariff_2026/china_tariff_2026_hs10.csv.gz"
_JAPAN = "japan_tariff_2026/japan_tariff_lines_{vintage}.csv.gz"
_SCHEDULES = "fta_schedules/fta_schedule_staging.csv.gz"
_US_TOOL = "us_fta_ita_samples/{file}"
_SAMPLE = "sample of the tool; one row of it (US 0101.10.00) holds trial words in place of rates"


def _japan(vintage: str, first: dt.date) -> Callable[[Path], Lines]:
    """One vintage; it holds to the end of the tariff year, 31 March."""
    last = dt.date(first.year + (first.month >= 4), 3, 31)
    return lambda raw: read_japan(
        _need(raw, _JAPAN.format(vintage=vintage)), valid_from=first, valid_to=last, name=f"japan-{vintage}"
    )


#: Name of each embedded tariff, and how it is read from the folder of raw tables.
RECIPES: Mapping[str, Callable[[Path], Lines]] = {
    "china-2026": lambda raw: read_china(_need(raw, _CHINA), year=2026),
    "japan-2025-06": _japan("2025-06", dt.date(2025, 6, 1)),
    "japan-2026-04": _japan("2026-04", dt.date(2026, 4, 1)),
    "evfta": lambda raw: read_schedules(_need(raw, _SCHEDULES), agreement="evfta"),
    "vkfta": lambda raw: read_schedules(_need(raw, _SCHEDULES), agreement="vkfta"),
    "korus": lambda raw: read_us_tool(
        _need(raw, _US_TOOL.format(file="korea_main.csv")), agreement="korus", revision="HS2007", note=_SAMPLE
    ),
    "korus-2018": lambda raw: read_us_tool(
        _need(raw, _US_TOOL.format(file="korus_2018_amendment.xlsx")),
        agreement="korus",
        revision="HS2012",
        name="korus-2018",
        note="amendment of 2018",
    ),
    "ausfta": lambda raw: read_us_tool(
        _need(raw, _US_TOOL.format(file="australia.csv")), agreement="ausfta", revision="HS2002"
    ),
}


def build_tariff(name: str, raw: Path, out: Path) -> Lines:
    """Build the tariff called ``name`` from the folder of raw tables and write it to the file ``out``."""
    if name not in RECIPES:
        raise unknown_label(name, RECIPES, where="tariff build", kind="tariff")
    if not raw.is_dir():
        raise InputError("no such folder", where=str(raw), hint="--raw DIR or $TRADEWINDS_RAW names the raw tables")
    RECIPES[name](raw).save(out)
    return Lines.load(out)


def build_tariffs(raw: Path, folder: Path) -> Mapping[str, Lines]:
    """Build every embedded tariff into ``folder``, one file each."""
    folder.mkdir(parents=True, exist_ok=True)
    return {name: build_tariff(name, raw, folder / f"{name}.parquet") for name in RECIPES}


def _need(raw: Path, name: str) -> Path:
    path = raw / name
    if not path.is_file():
        raise InputError(f"{name} is missing", where=str(raw), hint="see docs/sources.md for the publishers' downloads")
    return path
