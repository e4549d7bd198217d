"""Tariff structure and early harvest of 2011–2015 as Taiwan's ministry reported them, and as they compute.

``moea_2015.toml`` holds the printed figures. :func:`recompute` sets each printed aggregate beside the one its own table
gives; what disagrees carries the number of the error (E3, E5, E6) and is never corrected in silence.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np

from tradewinds.indicators.structure import mean_of_groups
from tradewinds.indicators.utilisation import implied_utilisation
from tradewinds.world.arrays import Array, frozen

Importer = Literal["TWN", "CHN"]

#: The source of the registry.
SOURCE = "moea-2015"


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a tariff: chapters, lines, simple average, lowest and highest rate (fractions)."""

    name: str
    first_chapter: int
    last_chapter: int
    lines: int
    simple: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Check:
    """A printed figure beside the computed one, in ``unit``; ``error`` is the number of a known error, or empty.

    ``agrees``: the two are within half a unit of the last printed digit and, for a growth rate, what rounding of its
    inputs can explain. E3 stands also if the averages of all sections were off by half a unit in the same direction.
    """

    what: str
    printed: float
    computed: float
    unit: str
    agrees: bool
    error: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class EarlyHarvestUse:
    """The early harvest by period [period], fractions but for money (100 million USD).

    Imports (published claims): ``utilisation`` claimed over early-harvest imports, ``duty_saved_rate`` duty saved over
    claims. Exports (no claims published): ``implied_utilisation`` duty saved over early-harvest exports over the MFN
    rate; in 2011 and 2012 duties were still being staged down, so that it understates use. ``duty_left`` what full use
    at the MFN rate would have saved besides.
    """

    period: tuple[str, ...]
    utilisation: Array
    duty_saved_rate: Array
    implied_utilisation: Array
    duty_left: Array


@cache
def facts() -> Mapping[str, Any]:
    """The printed figures, as they stand in the file."""
    return tomllib.loads(files("tradewinds.indicators").joinpath("moea_2015.toml").read_text("utf-8"))


def sections(importer: Importer) -> tuple[Section, ...]:
    """Table 2 for the tariff of ``importer``: TWN as China faces it, CHN as Taiwan does."""
    at = 3 if importer == "TWN" else 7
    return tuple(
        Section(row[0], row[1], row[2], row[at], row[at + 1] / 100, row[at + 2] / 100, row[at + 3] / 100)
        for row in facts()["structure"]["rows"]
    )


def mean_rate(importer: Importer, *, from_chapter: int = 1) -> float:
    """Mean over all lines from a chapter on, from the averages of sections weighted with their lines; a fraction."""
    held = [row for row in sections(importer) if row.first_chapter >= from_chapter]
    return mean_of_groups([row.lines for row in held], [row.simple for row in held])


def recompute() -> tuple[Check, ...]:
    """Every printed aggregate of the report that its own tables allow to check."""
    return (*_structure_checks(), *_band_checks(), *_regime_checks(), *_growth_checks(), *_duty_checks())


def early_harvest_use() -> EarlyHarvestUse:
    """Use of the early harvest, both ways, 2011 to the first half of 2015.

    >>> [round(100 * float(u), 2) for u in early_harvest_use().utilisation[:4]]
    [20.5, 29.19, 31.95, 36.92]
    """
    bought, sold = facts()["imports"], facts()["exports"]
    claimed, saved = np.array(bought["claimed"]), np.array(sold["duty_saved"])
    margin, exports = sold["mfn_rate"] / 100, np.array(sold["early_harvest"])
    return EarlyHarvestUse(
        period=tuple(bought["period"]),
        utilisation=frozen(claimed / np.array(bought["early_harvest"])),
        duty_saved_rate=frozen(np.array(bought["duty_saved"]) / claimed),
        implied_utilisation=frozen(implied_utilisation(saved, exports, margin)),
        duty_left=frozen(exports * margin - saved),
    )


def _check(
    what: str, printed: float, computed: float, unit: str, digits: int, error: str = "", slack: float = 0.0
) -> Check:
    """``digits`` printed after the point; ``slack`` is what rounding of the inputs can move the computed figure by.

    The 1e-9 keeps a half that binary cannot hold.
    """
    agrees = abs(computed - printed) <= 0.5 * 10.0**-digits + slack + 1e-9
    return Check(what, printed, computed, unit, agrees, error)


def _structure_checks() -> tuple[Check, ...]:
    printed = facts()["structure"]["printed"]
    industry = facts()["structure"]["printed_ratio"]["first_industry_chapter"]
    lines = {who: sum(row.lines for row in sections(who)) for who in _IMPORTERS}
    everything = {who: 100 * mean_rate(who) for who in _IMPORTERS}
    made = {who: 100 * mean_rate(who, from_chapter=industry) for who in _IMPORTERS}
    return (
        _check("lines of Taiwan's tariff", printed["twn_lines"], lines["TWN"], "lines", 0),
        _check("lines of China's tariff", printed["chn_lines"], lines["CHN"], "lines", 0),
        _check("average of Taiwan's tariff", printed["twn_all"], everything["TWN"], "per cent", 1, "E3"),
        _check("average of China's tariff", printed["chn_all"], everything["CHN"], "per cent", 1),
        _check("average of Taiwan's industrial tariff", printed["twn_industry"], made["TWN"], "per cent", 1),
        _check("average of China's industrial tariff", printed["chn_industry"], made["CHN"], "per cent", 1),
        _check(
            "China's over Taiwan's industrial tariff, 'higher by two times'", 3.0, _printed_ratio(), "ratio", 2, "E5"
        ),
    )


def _printed_ratio() -> float:
    """Of the printed averages; from the unrounded ones it is 1.99."""
    printed = facts()["structure"]["printed"]
    return float(printed["chn_industry"] / printed["twn_industry"])


def _band_checks() -> tuple[Check, ...]:
    chn, value = facts()["bands"]["chn"], facts()["bands"]["chn_imports_from_twn"]
    return (
        _check("China's free and dutiable lines", 100.0, chn["free_lines"] + chn["dutiable_lines"], "per cent", 2),
        _check("free and dutiable value", 100.0, value["free_value"] + value["dutiable_value"], "per cent", 2),
    )


def _regime_checks() -> tuple[Check, ...]:
    regime = facts()["regime"]
    share = 100 * (1 - (regime["banned"] + regime["conditional"]) / regime["lines"])
    return (_check("lines open to imports from China", regime["printed_open"], share, "per cent", 2, "E6"),)


def _growth_checks() -> tuple[Check, ...]:
    """Growth of 2012–2014 and of the half year; 2011 and the first half of 2014 have no base in the tables."""
    found = []
    for flow in ("exports", "imports"):
        held = facts()[flow]
        for goods in ("all", "early_harvest"):
            level, growth = held[goods], held[f"{goods}_growth"]
            for now, then in ((1, 0), (2, 1), (3, 2), (5, 4)):
                computed = 100 * (level[now] / level[then] - 1)
                what = f"growth of {goods.replace('_', ' ')} {flow}, {held['period'][now]}"
                slack = 100 * 0.005 * (level[then] + level[now]) / level[then] ** 2
                found.append(_check(what, growth[now], computed, "per cent", 2, slack=slack))
    return tuple(found)


def _duty_checks() -> tuple[Check, ...]:
    """Cumulated duty saved: the years and the last half year; the first half of 2014 is part of 2014."""
    return tuple(
        _check(
            f"duty saved on {flow}, 2011 to June 2015",
            facts()[flow]["total_duty_saved"],
            sum(facts()[flow]["duty_saved"][i] for i in (0, 1, 2, 3, 5)),
            "100 million USD",
            2,
        )
        for flow in ("exports", "imports")
    )


_IMPORTERS: tuple[Importer, Importer] = ("TWN", "CHN")
