"""Recipes of the embedded worlds: from raw tables to one compact file each (`tradewinds data build`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from tradewinds.core.errors import InputError, unknown_label
from tradewinds.data import elasticities, standin_tariffs
from tradewinds.data.icio_pack import read_icio_pack
from tradewinds.data.input_output import to_world
from tradewinds.data.official import replace_with_official
from tradewinds.data.wiod import read_wiod
from tradewinds.world.arrays import Array
from tradewinds.world.store import open_world, save_world
from tradewinds.world.world import World

#: Where the raw tables lie inside the raw folder.
PACK_2022 = "cp2022_icio/cp2022_81x28.npz"
OFFICIAL = "cp2022_icio/sector_tariffs_official_chn_jpn.csv"
ELASTICITIES = "tariffwar_icio/trade_elasticities_icio28.csv"
WIOD = "wiod2013/wiot_{year}.npz"


def build_world_2022(raw: Path) -> World:
    """81 economies × 28 sectors of 2022, official duties of China and Japan, eight sets of elasticities."""
    pack = read_icio_pack(_need(raw, PACK_2022))
    table = pack.table
    official = replace_with_official(
        _need(raw, OFFICIAL), pack.tariff_rate, table.trade_fob, table.regions, table.sectors
    )
    sets = elasticities.read_elasticity_table(_need(raw, ELASTICITIES), table.sectors)
    return to_world(
        replace(table, adjustments=(*table.adjustments, *official.adjustments)),
        name="world-2022",
        tariff_rate=official.tariff_rate,
        trade_elasticity=elasticities.headline(sets),
        elasticity_sets=sets,
        provenance=(*official.provenance, elasticities.PROVENANCE),
        attributes={"services": ["SVC"]},
    )


def build_world_2011(raw: Path) -> World:
    """41 economies × 35 industries of 2011; duties of world-2022 stand in for those the source lacks."""
    donor = build_world_2022(raw)
    table = read_wiod(_need(raw, WIOD.format(year=2011)), year=2011)
    sets = elasticities.read_elasticity_table(_need(raw, ELASTICITIES), donor.sectors)
    crosswalk = {s: standin_tariffs.WIOD_SECTORS[s] for s in table.sectors}
    carried = {name: _carry(values, donor, crosswalk) for name, values in sets.items()}
    return to_world(
        table,
        name="world-2011",
        tariff_rate=standin_tariffs.stand_in(donor, table.regions, crosswalk),
        trade_elasticity=elasticities.headline(carried),
        elasticity_sets=carried,
        provenance=(standin_tariffs.provenance(donor), elasticities.PROVENANCE),
        attributes={"services": [s for s in table.sectors if crosswalk[s] == ("SVC",)]},
    )


def _carry(values: Array, donor: World, crosswalk: Mapping[str, tuple[str, ...]]) -> Array:
    return np.array([np.mean([values[donor.sectors.index(p)] for p in parts]) for parts in crosswalk.values()])


RECIPES: Mapping[str, Callable[[Path], World]] = {"world-2022": build_world_2022, "world-2011": build_world_2011}


def build(name: str, raw: Path, out: Path) -> World:
    """Build the world called ``name`` from the folder of raw tables and write it to ``out``."""
    if name not in RECIPES:
        raise unknown_label(name, RECIPES, where="data build", kind="world")
    if not raw.is_dir():
        raise InputError("no such folder", where=str(raw), hint="--raw DIR or $TRADEWINDS_RAW names the raw tables")
    save_world(RECIPES[name](raw), out)
    return open_world(str(out))


def _need(raw: Path, name: str) -> Path:
    path = raw / name
    if not path.is_file():
        raise InputError(f"{name} is missing", where=str(raw), hint="see docs/sources.md for the publishers' downloads")
    return path
