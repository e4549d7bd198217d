"""Official sector tariffs of China and Japan in place of simple averages.

The sector averages are computed from the national lines with two weightings, simple and by US imports of the same
products from the reference origin. The weighted one is used where it exists. An origin with an agreement takes the
regime of that agreement; an origin without one takes the MFN rate weighted by its own (or by all) US imports.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tradewinds.core.grades import Provenance
from tradewinds.world.arrays import Array

EU = [
    "AUT",
    "BEL",
    "BGR",
    "CYP",
    "CZE",
    "DEU",
    "DNK",
    "ESP",
    "EST",
    "FIN",
    "FRA",
    "GRC",
    "HRV",
    "HUN",
    "IRL",
    "ITA",
    "LTU",
    "LUX",
    "LVA",
    "MLT",
    "NLD",
    "POL",
    "PRT",
    "ROU",
    "SVK",
    "SVN",
    "SWE",
]
ASEAN = ["BRN", "IDN", "KHM", "LAO", "MMR", "MYS", "PHL", "SGP", "THA", "VNM"]
CPTPP = ["AUS", "BRN", "CAN", "CHL", "GBR", "MEX", "MYS", "NZL", "PER", "SGP", "VNM"]

#: importer → origin → (regime, reference origin) of the table; "*" is every other origin.
REGIMES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "CHN": {
        "*": ("MFN", "ALL"),
        "TWN": ("TWN_ECFA", "TAIWAN"),
        "JPN": ("MFN", "JAPAN"),
        "KOR": ("KOR", "KOREA, SOUTH"),
        "AUS": ("AUS", "AUSTRALIA"),
        "NZL": ("NZL", "NEW ZEALAND"),
        "CHL": ("CHL", "CHILE"),
        "CHE": ("CHE", "SWITZERLAND"),
        **dict.fromkeys(EU, ("MFN", "EUROPEAN UNION")),
        **dict.fromkeys(ASEAN, ("ASEAN", "VIETNAM")),
    },
    "JPN": {
        "*": ("MFN", "ALL"),
        "TWN": ("MFN", "TAIWAN"),
        "CHN": ("RCEP_CHN", "CHINA"),
        "KOR": ("RCEP_KOR", "KOREA, SOUTH"),
        "CHE": ("CHE", "SWITZERLAND"),
        **dict.fromkeys((*CPTPP, *ASEAN), ("CPTPP", "VIETNAM")),
        **dict.fromkeys(EU, ("EUN", "EUROPEAN UNION")),
        "AUS": ("AUS", "AUSTRALIA"),
        "CHL": ("CHL", "CHILE"),
        "MEX": ("MEX", "MEXICO"),
    },
}
#: Origins whose true preference is not in the table; their rate stays that of the simple averages.
NOT_COVERED = {
    "CHN": ("HKG", "PAK", "PER", "CRI", "ISL", "KHM", "LAO", "MMR"),
    "JPN": ("IND", "PER", "LAO", "KHM", "MMR"),
}
_SOURCE = {"CHN": "china-tariff-2026", "JPN": "japan-tariff-2026"}


@dataclass(frozen=True, slots=True)
class Replaced:
    """Duties with the official rates written in, what was said of them, and sentences for the record."""

    tariff_rate: Array
    provenance: tuple[Provenance, ...]
    adjustments: tuple[str, ...]


def replace_with_official(
    path: Path, tariff_rate: Array, trade_fob: Array, regions: Sequence[str], sectors: Sequence[str]
) -> Replaced:
    """Write the official sector rates of China and Japan over ``tariff_rate`` [exporter, importer, sector]."""
    table: dict[tuple[str, str, str, str], dict[str, str]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            table[row["importer"], row["regime"], row["reference_origin"], row["sector"]] = row
    rate = np.array(tariff_rate)
    statements: list[Provenance] = []
    sentences: list[str] = []
    for importer, regimes in REGIMES.items():
        n = regions.index(importer)
        before = _average(rate, trade_fob, n)
        covered: list[str] = []
        for i, origin in enumerate(regions):
            if origin == importer or origin in NOT_COVERED[importer]:
                continue
            regime = regimes.get(origin, regimes["*"])
            for k, sector in enumerate(sectors):
                found = table.get((importer, *regime, sector))
                if found is not None:
                    mfn = table[importer, "MFN", "ALL", sector]
                    rate[i, n, k] = float(found["us_weighted"] or mfn["us_weighted"] or found["simple"]) / 100
            covered.append(origin)
        statements.append(
            Provenance(
                "tariff_rate",
                _SOURCE[importer],
                "interpolated",
                "official lines averaged to sectors with US imports of 2024 as weights",
                {"importer": (importer,), "exporter": tuple(covered)},
            )
        )
        after = _average(rate, trade_fob, n)
        sentences.append(
            f"Official tariffs of {importer} replace simple averages for {len(covered)} origins: "
            f"trade-weighted duty {100 * before:.2f} % before, {100 * after:.2f} % after; "
            f"{', '.join(NOT_COVERED[importer])} keep the simple averages, their preference is not in the table."
        )
    return Replaced(rate, tuple(statements), tuple(sentences))


def _average(rate: Array, trade: Array, n: int) -> float:
    foreign = np.arange(trade.shape[0]) != n
    return float((rate[foreign, n] * trade[foreign, n]).sum() / trade[foreign, n].sum())
