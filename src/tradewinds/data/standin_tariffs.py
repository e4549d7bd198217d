"""Duties for a world that has none of its own: those of another year, carried over by region and sector.

Pairs whose agreement came into force between the two years take the importer's duty on a partner without agreements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tradewinds.core.errors import InputError
from tradewinds.core.grades import Provenance
from tradewinds.data.official import EU
from tradewinds.world.arrays import Array
from tradewinds.world.world import World

#: WIOD industry → sectors of world-2022.
WIOD_SECTORS: Mapping[str, tuple[str, ...]] = {
    "c1": ("A01", "A02", "A03"),
    "c2": ("B05", "B06", "B07", "B08", "B09"),
    "c3": ("C10T12",),
    "c4": ("C13T15",),
    "c5": ("C13T15",),
    "c6": ("C16",),
    "c7": ("C17_18",),
    "c8": ("C19",),
    "c9": ("C20", "C21"),
    "c10": ("C22",),
    "c11": ("C23",),
    "c12": ("C24A", "C24B", "C25"),
    "c13": ("C28",),
    "c14": ("C26", "C27"),
    "c15": ("C29", "C301", "C302T309"),
    "c16": ("C31T33",),
    **{f"c{k}": ("SVC",) for k in range(17, 36)},
}
#: Agreements in force in 2022 that were not in 2011, as pairs of groups (both directions).
LATER = (
    (("KOR",), ("USA", "CHN", "AUS", "CAN", "TUR", "JPN")),
    (("CHN",), ("AUS", "JPN")),
    (("JPN",), ("AUS", "CAN", *EU)),
    (("CAN",), tuple(EU)),
    (("AUS",), ("CAN", "MEX", "IND")),
)
#: The partner whose duty stands for MFN: it has next to no agreements with the others.
WITHOUT_AGREEMENTS = {"*": "TWN", "CHN": "USA", "TWN": "USA"}


def stand_in(donor: World, regions: Sequence[str], sectors: Mapping[str, Sequence[str]]) -> Array:
    """Duties [exporter, importer, sector] on the labels of another world, weighted by the donor's trade.

    Regions the donor does not name are its economies that ``regions`` leaves out, together.
    """
    rest = [r for r in donor.regions if r not in regions]
    groups = [[donor.regions.index(r)] if r in donor.regions and r != "ROW" else None for r in regions]
    members = [g if g is not None else [donor.regions.index(r) for r in {*rest, "ROW"}] for g in groups]
    trade, rate = donor.values("trade_fob"), _before_later_agreements(donor)
    out = np.zeros((len(regions), len(regions), len(sectors)))
    for k, (sector, parts) in enumerate(sectors.items()):
        missing = [p for p in parts if p not in donor.sectors]
        if missing:
            raise InputError(f"no sector {', '.join(missing)}", where=f"{donor.name}, for {sector}")
        picks = [donor.sectors.index(p) for p in parts]
        for i, origins in enumerate(members):
            for n, buyers in enumerate(members):
                if i != n:
                    cell = np.ix_(origins, buyers, picks)
                    weight = trade[cell]
                    out[i, n, k] = (rate[cell] * weight).sum() / weight.sum() if weight.sum() > 0 else rate[cell].mean()
    return out


def _before_later_agreements(donor: World) -> Array:
    rate = np.array(donor.values("tariff_rate"))
    original = donor.values("tariff_rate")
    for left, right in LATER:
        for a in left:
            for b in right:
                for origin, buyer in ((a, b), (b, a)):
                    reference = WITHOUT_AGREEMENTS.get(buyer, WITHOUT_AGREEMENTS["*"])
                    n, i, r = (donor.regions.index(x) for x in (buyer, origin, reference))
                    rate[i, n] = np.maximum(rate[i, n], original[r, n])
    return rate


def provenance(donor: World) -> Provenance:
    """What to say of such duties."""
    return Provenance(
        "tariff_rate",
        "teti-gtd",
        "imputed",
        f"duties of {donor.name} carried back; pairs with a later agreement take the importer's duty on a partner "
        "without agreements",
    )
