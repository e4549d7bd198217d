"""Published trade elasticities: the sets, their median, and the cap."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tradewinds.core.assumptions import STANDARD
from tradewinds.core.errors import InputError
from tradewinds.core.grades import Provenance
from tradewinds.world.arrays import Array

#: Short name → the name used here. ``U4`` is no estimate and stays out of the median.
SETS = {
    "BSY": "bagwell-staiger-yurukoglu-2021",
    "CP": "caliendo-parro-2015",
    "FGO": "fontagne-guimbard-orefice-2022",
    "GYY": "giri-yi-yilmazkuday-2021",
    "IS": "is-author-not-identified",
    "LL": "lashkaripour-lugovskyy-2023",
    "Shap": "shapiro-2016",
    "U4": "uniform-4",
}
UNIFORM = "uniform-4"


def read_elasticity_table(path: Path, sectors: Sequence[str]) -> dict[str, Array]:
    """Set name → elasticities [sector] from the CSV of eight sets (columns ``sector`` and the short names)."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = {row["sector"]: row for row in csv.DictReader(lines)}
    missing = [s for s in sectors if s not in rows]
    if missing:
        raise InputError(f"no trade elasticity for {', '.join(missing)}", where=str(path))
    return {name: np.array([float(rows[s][short]) for s in sectors]) for short, name in SETS.items()}


def headline(sets: Mapping[str, Array]) -> Array:
    """The median of the published estimates sector by sector, each capped (assumptions A-006 and A-008)."""
    cap = STANDARD["elasticity_cap"]
    return np.asarray(np.median([np.minimum(v, cap) for name, v in sets.items() if name != UNIFORM], axis=0))


PROVENANCE = Provenance(
    "trade_elasticity",
    "elasticities-icio28",
    "interpolated",
    "median of seven published sets, capped at 20 (A-006, A-008)",
)
