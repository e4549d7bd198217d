"""The bridge: from schedules to the model's `Change`, with the reason for every block it writes.

The rate of a cell (exporter, importer, sector) is the average over the goods of the sector: each row of the schedule
covers a share of them (its sectors, or its HS chapters by number of six-digit lines, times its own ``share``) and
stages the benchmark duty of the cell; goods no row covers keep it. The preference is claimed by the share
of trade that uses it. Composition law: benchmark (best regime today) → the lower of it and the new preference, by use.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from tradewinds.agreements.agreement import Agreement, Goods
from tradewinds.agreements.staging import year_number
from tradewinds.core.assumptions import STANDARD, Assumed
from tradewinds.core.errors import InputError, refuse, unknown_label
from tradewinds.world.arrays import Array
from tradewinds.world.change import Change
from tradewinds.world.world import World

#: Chapters that belong to no goods sector: 77 is kept free, 97 is works of art, 98 and 99 are national.
NO_GOODS_SECTOR = frozenset(("77", "97", "98", "99"))


@cache
def chapter_lines() -> Mapping[str, Mapping[str, float]]:
    """HS chapter → sector of the 27 ICIO goods sectors → number of six-digit lines (HS 1992–2022 pooled)."""
    text = files("tradewinds.agreements").joinpath("chapters.csv").read_text("utf-8")
    out: dict[str, dict[str, float]] = {}
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        out.setdefault(row["chapter"], {})[row["sector"]] = float(row["lines"])
    return out


def chapters_of(ranges: Sequence[str]) -> set[str]:
    """``["01-03", "87"]`` → {"01", "02", "03", "87"}."""
    out: set[str] = set()
    for text in ranges:
        first, _, last = text.partition("-")
        out |= {f"{k:02d}" for k in range(int(first), int(last or first) + 1)}
    return out


@dataclass(frozen=True, slots=True)
class Covered:
    """What one schedule row covers: a share of each sector [sector], and the row itself."""

    row: Goods
    share: Array


def coverage(agreement: Agreement, world: World, row: Goods) -> Covered:
    """Share of each sector's goods that ``row`` covers."""
    where = f"{agreement.id}: goods"
    services = set(world.attributes.get("services", ()))
    share = np.zeros(len(world.sectors))
    for name in row.sectors:
        if name not in world.sectors:
            raise unknown_label(name, world.sectors, where=where, kind="sector")
    if row.chapters:
        table = chapter_lines()
        wanted = chapters_of(row.chapters)
        strange = sorted(wanted - set(table) - NO_GOODS_SECTOR)
        if strange:
            raise unknown_label(strange[0], table, where=where, kind="HS chapter")
        for k, sector in enumerate(world.sectors):
            total = sum(lines.get(sector, 0.0) for lines in table.values())
            if total:
                share[k] = sum(table[c].get(sector, 0.0) for c in wanted if c in table) / total
        if not share.any():
            raise InputError(
                f"chapters {', '.join(row.chapters)} meet no sector of {world.name}",
                where=where,
                allowed="chapters need the ICIO sectors of world-2022; name sectors instead",
            )
    else:
        share[:] = 1.0
    for k, sector in enumerate(world.sectors):
        if sector in services or (row.sectors and sector not in row.sectors):
            share[k] = 0.0
    return Covered(row, share * row.share)


def change_of(agreement: Agreement, world: World, year: int, *, assumed: Assumed = STANDARD) -> Change:
    """What ``agreement`` changes in ``world`` by 31 December of ``year``.

    Raises errors for parties or sectors the world does not have and for goods that two rows cover twice.
    """
    where = agreement.id
    refuse(
        [
            unknown_label(p, world.regions, where=where, kind="economy")
            for p in agreement.parties
            if p not in world.regions
        ],
        where=where,
    )
    change = Change.none(world)
    number = year_number(agreement.in_force, year)
    if number < 1:
        return change
    for row in agreement.withdraw:
        change = _withdrawn(change, agreement, world, row.grantor, row.beneficiary, row.mfn_from, row.because)
    use = agreement.utilisation.value if agreement.utilisation else assumed["utilisation"]
    pairs: dict[tuple[str, str], list[Covered]] = {}
    for goods in agreement.goods:
        covered = coverage(agreement, world, goods)
        for beneficiary in goods.beneficiary:
            if beneficiary == goods.grantor:
                raise InputError(f"{beneficiary} grants itself a preference", where=f"{where}: goods")
            pairs.setdefault((goods.grantor, beneficiary), []).append(covered)
    for (grantor, beneficiary), rows in pairs.items():
        change = _granted(change, agreement, world, grantor, beneficiary, rows, number, use)
    return change


def _granted(
    change: Change,
    agreement: Agreement,
    world: World,
    grantor: str,
    beneficiary: str,
    rows: Sequence[Covered],
    number: int,
    use: float,
) -> Change:
    total = sum((r.share for r in rows), np.zeros(len(world.sectors)))
    if (total > 1 + 1e-9).any():
        k = int(np.argmax(total))
        raise InputError(
            f"{grantor} grants {beneficiary} more than all of {world.sectors[k]}: rows cover {100 * total[k]:.1f} %",
            where=f"{agreement.id}: goods",
            allowed="rows that do not overlap",
        )
    n, i = world.regions.index(grantor), world.regions.index(beneficiary)
    base = change.now(world, "tariff_new")[i, n]
    kept = np.maximum(1 - total, 0) * base
    staged = kept + sum(
        (r.share * np.minimum(base, agreement.class_of(r.row.basket).rate(base, number)) for r in rows),
        np.zeros_like(base),
    )
    rate = base - use * (base - staged)
    baskets = ", ".join(sorted({r.row.basket for r in rows}))
    sentence = (
        f"{agreement.id}: {grantor} to {beneficiary}, year {number}, baskets {baskets}, "
        f"use {100 * use:.0f} % of eligible trade: " + "; ".join(dict.fromkeys(r.row.because for r in rows))
    )
    where = {"exporter": beneficiary, "importer": grantor}
    return change.write(world, "tariff_new", where, rate, because=sentence)


def _withdrawn(
    change: Change,
    agreement: Agreement,
    world: World,
    grantor: str,
    beneficiaries: Sequence[str],
    reference: str,
    because: str,
) -> Change:
    if reference not in world.regions:
        raise unknown_label(reference, world.regions, where=f"{agreement.id}: withdraw", kind="economy")
    n, r = world.regions.index(grantor), world.regions.index(reference)
    for beneficiary in beneficiaries:
        i = world.regions.index(beneficiary)
        now = change.now(world, "tariff_new")[i, n]
        mfn = world.values("tariff_rate")[r, n]
        change = change.write(
            world,
            "tariff_new",
            {"exporter": beneficiary, "importer": grantor},
            np.maximum(now, mfn),
            because=f"{agreement.id}: {grantor} withdraws its preference for {beneficiary}; "
            f"MFN read from {reference}: {because}",
        )
    return change
