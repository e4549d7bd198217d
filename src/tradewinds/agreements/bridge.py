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

from tradewinds.agreements.agreement import Agreement, Goods, Withdrawal
from tradewinds.agreements.staging import year_number
from tradewinds.core.assumptions import STANDARD, Assumed
from tradewinds.core.errors import InputError, refuse, unknown_label
from tradewinds.world.arrays import Array
from tradewinds.world.change import Because, Change
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
    """What ``agreement`` alone changes in ``world`` by 31 December of ``year``; see :func:`changes_of`."""
    return changes_of([agreement], world, year, assumed=assumed)


def changes_of(agreements: Sequence[Agreement], world: World, year: int, *, assumed: Assumed = STANDARD) -> Change:
    """What agreements in force together change in ``world`` by 31 December of ``year``, whatever their order.

    First every withdrawal lifts its cells to the MFN duty it names; then every preference is staged from the duty that
    leaves, and each flow claims the lowest duty on offer. Raises errors for parties or sectors the world does not have
    and for goods that two rows of one agreement cover twice.
    """
    for agreement in agreements:
        _check_parties(agreement, world)
    live = [a for a in agreements if year_number(a.in_force, year) >= 1]
    change = Change.none(world)
    for agreement in live:
        for row in agreement.withdraw:
            change = _withdrawn(change, agreement, world, row)
    lifted = change
    for agreement in live:
        use = agreement.utilisation.value if agreement.utilisation else assumed["utilisation"]
        number = year_number(agreement.in_force, year)
        for (grantor, beneficiary), rows in _schedules(agreement, world).items():
            base = lifted.now(world, "tariff_new")[world.regions.index(beneficiary), world.regions.index(grantor)]
            offer = _offered(agreement, world, rows, base, number, use)
            change = _claimed(change, agreement, world, (grantor, beneficiary), rows, offer, number, use)
    return change


def _check_parties(agreement: Agreement, world: World) -> None:
    named = [*agreement.parties, *(w.mfn_from for w in agreement.withdraw)]
    faults: list[InputError] = [
        unknown_label(p, world.regions, where=agreement.id, kind="economy") for p in named if p not in world.regions
    ]
    for row in agreement.withdraw:
        if row.mfn_from in (row.grantor, *row.beneficiary):
            what = f"MFN of {row.grantor} read from {row.mfn_from}"
            allowed = "an economy that is neither the grantor nor a beneficiary"
            faults.append(InputError(what, where=f"{agreement.id}: withdraw", allowed=allowed))
    refuse(faults, where=agreement.id)


def _schedules(agreement: Agreement, world: World) -> dict[tuple[str, str], list[Covered]]:
    """(grantor, beneficiary) → the rows of its schedule; refuses rows that overlap."""
    where = f"{agreement.id}: goods"
    pairs: dict[tuple[str, str], list[Covered]] = {}
    for goods in agreement.goods:
        covered = coverage(agreement, world, goods)
        for beneficiary in goods.beneficiary:
            if beneficiary == goods.grantor:
                raise InputError(f"{beneficiary} grants itself a preference", where=where)
            pairs.setdefault((goods.grantor, beneficiary), []).append(covered)
    for (grantor, beneficiary), rows in pairs.items():
        total = sum((r.share for r in rows), np.zeros(len(world.sectors)))
        if (total > 1 + 1e-9).any():
            k = int(np.argmax(total))
            covered_pct = f"rows cover {100 * total[k]:.1f} %"
            raise InputError(
                f"{grantor} grants {beneficiary} more than all of {world.sectors[k]}: {covered_pct}",
                where=where,
                allowed="rows that do not overlap",
            )
    return pairs


def _offered(
    agreement: Agreement, world: World, rows: Sequence[Covered], base: Array, number: int, use: float
) -> Array:
    """Duty [sector] under the schedule in year ``number``: staged where covered and claimed, ``base`` elsewhere."""
    saved = np.zeros(len(world.sectors))
    for row in rows:
        saved += row.share * (base - np.minimum(base, agreement.class_of(row.row.basket).rate(base, number)))
    return np.asarray(base - use * saved)


def _claimed(
    change: Change,
    agreement: Agreement,
    world: World,
    pair: tuple[str, str],
    rows: Sequence[Covered],
    offer: Array,
    number: int,
    use: float,
) -> Change:
    """The change with the lower of what stands and the offer, and a reason for every row on its own sectors."""
    grantor, beneficiary = pair
    n, i = world.regions.index(grantor), world.regions.index(beneficiary)
    rate = np.array(change.now(world, "tariff_new"))
    rate[i, n] = np.minimum(rate[i, n], offer)
    reasons = []
    for row in rows:
        sectors = tuple(s for s, share in zip(world.sectors, row.share, strict=True) if share > 0)
        part = "" if row.share.max() >= 1 and not row.row.chapters else " on part of the lines"
        sentence = (
            f"{agreement.id}: {grantor} to {beneficiary}, basket {row.row.basket}{part}, year {number}, "
            f"claimed by {100 * use:.0f} % of trade: {row.row.because}"
        )
        where = {"exporter": (beneficiary,), "importer": (grantor,), "sector": sectors}
        reasons.append(Because("tariff_new", where, sentence))
    return change.with_array("tariff_new", rate, tuple(reasons))


def _withdrawn(change: Change, agreement: Agreement, world: World, row: Withdrawal) -> Change:
    n, r = world.regions.index(row.grantor), world.regions.index(row.mfn_from)
    mfn = world.values("tariff_rate")[r, n]
    for beneficiary in row.beneficiary:
        now = change.now(world, "tariff_new")[world.regions.index(beneficiary), n]
        change = change.write(
            world,
            "tariff_new",
            {"exporter": beneficiary, "importer": row.grantor},
            np.maximum(now, mfn),
            because=f"{agreement.id}: {row.grantor} withdraws its preference for {beneficiary}; "
            f"MFN read from {row.mfn_from}: {row.because}",
        )
    return change
