"""Staging: how a rate falls from its base to its end, year by year and day by day.

`classes` says what a class is; `calendars` when its years start; `dated` what applies on a day; `duties` how specific
and compound duties fall; `category_table` reads the categories of a legal text; `schedule` and `coverage` do it for all
lines. Year 1 runs from entry into force to 31 December; year N starts on 1 January of (year of entry + N − 1) (R16),
unless the calendar says otherwise.
"""

from __future__ import annotations

from tradewinds.agreements.staging.calendars import Calendar, year_number
from tradewinds.agreements.staging.category_table import (
    CategoryTable,
    Census,
    category_ids,
    census,
    parse_categories,
    read_categories,
)
from tradewinds.agreements.staging.classes import (
    BASE,
    BASKETS,
    Band,
    Kind,
    Staging,
    back_loaded,
    ceiling,
    cliff,
    early_harvest,
    equal_annual,
    excluded,
    immediate,
    margin,
    partial,
    shares,
    standstill,
    stepwise,
    within_and_out,
)
from tradewinds.agreements.staging.coverage import Coverage, Depth, coverage, depth_of_cut, schedule_depth
from tradewinds.agreements.staging.dated import RateChange, Suspension, next_change, rate_on
from tradewinds.agreements.staging.duties import stage_duty
from tradewinds.agreements.staging.quotas import Quota
from tradewinds.agreements.staging.rounding import EXACT, Rounding
from tradewinds.agreements.staging.schedule import (
    Difference,
    Refusal,
    Schedule,
    cap_at_prior,
    difference,
    schedule,
    schedule_duties,
)

__all__ = [
    "BASE",
    "BASKETS",
    "EXACT",
    "Band",
    "Calendar",
    "CategoryTable",
    "Census",
    "Coverage",
    "Depth",
    "Difference",
    "Kind",
    "Quota",
    "RateChange",
    "Refusal",
    "Rounding",
    "Schedule",
    "Staging",
    "Suspension",
    "back_loaded",
    "cap_at_prior",
    "category_ids",
    "ceiling",
    "census",
    "cliff",
    "coverage",
    "depth_of_cut",
    "difference",
    "early_harvest",
    "equal_annual",
    "excluded",
    "immediate",
    "margin",
    "next_change",
    "parse_categories",
    "partial",
    "rate_on",
    "read_categories",
    "schedule",
    "schedule_depth",
    "schedule_duties",
    "shares",
    "stage_duty",
    "standstill",
    "stepwise",
    "within_and_out",
    "year_number",
]
