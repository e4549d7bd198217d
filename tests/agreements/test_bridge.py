"""The bridge: which cells an agreement writes, what it writes there, and that it can say why."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from small_case import agreement_table
from tradewinds.agreements.agreement import Agreement, parse_agreement
from tradewinds.agreements.bridge import change_of, chapter_lines, chapters_of, coverage
from tradewinds.core.assumptions import Assumed
from tradewinds.core.errors import InputError, LabelError
from tradewinds.world.change import Change
from tradewinds.world.store import open_world
from tradewinds.world.toy import toy_world
from tradewinds.world.world import World


def toy(rate: float = 0.1) -> World:
    return toy_world(tariff=rate)


@cache
def uneven() -> World:
    """Three economies, two sectors, every duty another (a subsidy among them)."""
    rng = np.random.default_rng(7)
    trade = rng.uniform(10, 50, (3, 3, 2)) + 500 * np.eye(3)[:, :, None]
    rate = rng.uniform(0, 0.4, trade.shape)
    rate[0, 1, 0] = -0.05
    rate[np.arange(3), np.arange(3)] = 0
    return World.build(
        "uneven",
        year=2020,
        regions=("CAN", "NOR", "GBR"),
        sectors=("food", "machines"),
        trade_fob=trade,
        tariff_rate=rate,
        input_use=0.1 * trade.sum(axis=1)[:, None, :] * np.ones((3, 2, 2)),
        trade_elasticity=[4.0, 5.0],
    )


def agreement(**changes: Any) -> Agreement:
    return parse_agreement({**agreement_table(), **changes}, where="can-nor")


def row(**changes: Any) -> dict[str, Any]:
    return {"grantor": "CAN", "beneficiary": ["NOR"], "basket": "A", "because": "test", **changes}


def duties(world: World, change: Change) -> np.ndarray:
    return change.now(world, "tariff_new")


def explained(world: World, change: Change) -> np.ndarray:
    """Which cells of the duty some reason covers."""
    held = np.zeros((len(world.regions), len(world.regions), len(world.sectors)), dtype=bool)
    axes = (world.regions, world.regions, world.sectors)
    for reason in change.because:
        assert reason.variable == "tariff_new" and reason.sentence
        picks = [
            np.isin(labels, reason.where.get(dim, labels))
            for dim, labels in zip(("exporter", "importer", "sector"), axes, strict=True)
        ]
        held |= picks[0][:, None, None] & picks[1][None, :, None] & picks[2]
    return held


def test_the_cells_of_the_small_agreement() -> None:
    """Year 2 (2028), use 80 %: food B, half of machines A, the other way C on everything."""
    world = toy(0.10)
    new = duties(world, change_of(agreement(), world, 2028))
    n = {r: k for k, r in enumerate(world.regions)}
    got = {
        "CAN←NOR food": new[n["NOR"], n["CAN"], 0],
        "CAN←NOR machines": new[n["NOR"], n["CAN"], 1],
        "NOR←CAN food": new[n["CAN"], n["NOR"], 0],
        "NOR←CAN machines": new[n["CAN"], n["NOR"], 1],
    }
    assert got == pytest.approx(
        {
            "CAN←NOR food": 0.10 - 0.8 * 0.10 * 2 / 5,
            "CAN←NOR machines": 0.10 - 0.8 * 0.10 * 0.5,
            "NOR←CAN food": 0.10 - 0.8 * 0.10 * 2 / 10,
            "NOR←CAN machines": 0.10 - 0.8 * 0.10 * 2 / 10,
        }
    )
    third = np.delete(np.arange(3), [n["CAN"], n["NOR"]])
    assert (new[third] == world.values("tariff_rate")[third]).all()
    assert (new[:, third] == world.values("tariff_rate")[:, third]).all()


@pytest.mark.parametrize("year", [1990, 2026])
def test_before_entry_into_force_nothing_changes(year: int) -> None:
    change = change_of(agreement(), toy(), year)
    assert not change.arrays and not change.because


def test_the_trail_covers_what_changed_and_names_agreement_year_and_reason() -> None:
    world = toy()
    change = change_of(agreement(), world, 2028)
    moved = duties(world, change) != world.values("tariff_rate")
    assert moved.sum() == 4
    assert (moved <= explained(world, change)).all()
    assert explained(world, change).sum() == 4  # nothing is explained that is not in the agreement
    sentences = " ".join(reason.sentence for reason in change.because)
    for words in ("can-nor", "year 2", "basket A", "80 %", "half of machines at once", "everything over ten years"):
        assert words in sentences
    by_row = {reason.sentence.rpartition(": ")[2]: reason.where for reason in change.because}
    assert by_row["food over five years"] == {"exporter": ("NOR",), "importer": ("CAN",), "sector": ("food",)}
    assert by_row["half of machines at once"]["sector"] == ("machines",)


def test_share_is_the_part_of_the_sector_the_row_covers() -> None:
    world = toy(0.20)
    for share in (0.0, 0.25, 1.0):
        made = agreement(goods=[row(share=share)], utilisation={"value": 1.0, "because": "all"})
        assert duties(world, change_of(made, world, 2027))[1, 0] == pytest.approx(0.20 * (1 - share))


def test_use_is_the_files_then_the_assumption() -> None:
    world = toy(0.10)
    table = agreement_table()
    table["goods"] = [row()]
    with_file = parse_agreement(table, where="t")
    del table["utilisation"]
    without = parse_agreement(table, where="t")
    at = (1, 0, 0)
    assert duties(world, change_of(with_file, world, 2027))[at] == pytest.approx(0.02)
    assert duties(world, change_of(without, world, 2027))[at] == 0
    assumed = Assumed({"utilisation": 0.5})
    assert duties(world, change_of(without, world, 2027, assumed=assumed))[at] == pytest.approx(0.05)
    assert duties(world, change_of(with_file, world, 2027, assumed=assumed))[at] == pytest.approx(0.02)


def test_rows_that_overlap_are_refused() -> None:
    made = agreement(goods=[row(share=0.7), row(sectors=["food"], share=0.4, basket="E")])
    with pytest.raises(InputError) as caught:
        change_of(made, toy(), 2028)
    assert "more than all of food" in str(caught.value) and "110.0 %" in str(caught.value)


def test_rows_that_fill_a_sector_exactly_are_taken() -> None:
    made = agreement(goods=[row(share=0.1)] * 10)
    assert duties(toy(), change_of(made, toy(), 2028))[1, 0, 0] == pytest.approx(0.1 - 0.8 * 0.1)


@pytest.mark.parametrize(
    ("goods", "says"),
    [
        ([row(sectors=["fod"])], "did you mean `food`"),
        ([row(chapters=["01"])], "name sectors instead"),
        ([row(beneficiary=["CAN"])], "grants itself"),
    ],
)
def test_rows_the_world_cannot_carry_are_refused(goods: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(InputError) as caught:
        change_of(agreement(goods=goods), toy(), 2028)
    assert says in str(caught.value) and "can-nor" in str(caught.value)


def test_parties_the_world_does_not_have_are_all_told() -> None:
    made = agreement(parties=["CAN", "NOR", "SWE", "ISL"])
    with pytest.raises(InputError) as caught:
        change_of(made, toy(), 2028)
    assert "SWE" in str(caught.value) and "ISL" in str(caught.value)


def test_chapter_ranges() -> None:
    assert chapters_of(["01-03", "87"]) == {"01", "02", "03", "87"}
    assert chapters_of(["09-09"]) == {"09"}


def test_chapters_weigh_sectors_by_lines() -> None:
    world = open_world("world-2022")
    table = chapter_lines()
    base = agreement_table() | {"id": "cars", "parties": ["TWN", "CHN"]}

    def share(**fields: Any) -> Mapping[str, float]:
        goods = [row(grantor="CHN", beneficiary=["TWN"], **fields)]
        made = parse_agreement({**base, "goods": goods}, where="cars")
        return dict(zip(world.sectors, coverage(made, world, made.goods[0]).share, strict=True))

    cars = share(chapters=["87"])
    of_cars = sum(lines.get("C29", 0) for lines in table.values())
    assert cars["C29"] == pytest.approx(table["87"]["C29"] / of_cars)
    assert cars["C29"] > 0.5  # most lines of the motor-vehicle sector stand in chapter 87
    assert cars["SVC"] == 0 and cars["A01"] == 0

    everything = share(chapters=["01-97"])
    goods = [s for s in world.sectors if s != "SVC"]
    assert [everything[s] for s in goods] == pytest.approx([1.0] * len(goods))
    halves = share(chapters=["01-49"]), share(chapters=["50-97"])
    assert [halves[0][s] + halves[1][s] for s in goods] == pytest.approx([1.0] * len(goods))
    only = share(chapters=["84-85"], sectors=["C26"], share=0.5)
    assert {s for s, v in only.items() if v > 0} == {"C26"} and only["C26"] < 0.5


def test_an_unknown_chapter_is_refused() -> None:
    base = agreement_table() | {"parties": ["TWN", "CHN"]}
    made = parse_agreement({**base, "goods": [row(grantor="CHN", beneficiary=["TWN"], chapters=["00"])]}, where="cars")
    with pytest.raises(LabelError, match="unknown HS chapter `00`"):
        change_of(made, open_world("world-2022"), 2030)


def test_services_are_never_touched() -> None:
    world = open_world("world-2022")
    table = agreement_table() | {"parties": ["TWN", "CHN"]}
    made = parse_agreement(
        {**table, "goods": [row(grantor="CHN", beneficiary=["TWN"])]}, where="all"
    )  # no sector named: all goods
    services = [k for k, s in enumerate(world.sectors) if s in world.attributes["services"]]
    change = change_of(made, world, 2040)
    assert services
    assert (coverage(made, world, made.goods[0]).share[services] == 0).all()
    i, n = world.regions.index("TWN"), world.regions.index("CHN")
    moved = np.flatnonzero(duties(world, change)[i, n] != world.values("tariff_rate")[i, n])
    assert moved.size > 10 and not set(moved) & set(services)


def withdrawal(reference: str = "GBR") -> Agreement:
    rows = [{"grantor": "CAN", "beneficiary": ["NOR"], "mfn_from": reference, "because": "over"}]
    return agreement(goods=[], withdraw=rows)


def test_withdrawal_reads_the_rate_of_the_reference_and_never_lowers_a_duty() -> None:
    world = uneven()
    change = change_of(withdrawal(), world, 2027)
    old, new = world.values("tariff_rate"), duties(world, change)
    can, nor, gbr = range(3)
    assert (new[nor, can] == np.maximum(old[nor, can], old[gbr, can])).all()
    assert (new >= old).all()
    others = np.ones_like(old, dtype=bool)
    others[nor, can] = False
    assert (new[others] == old[others]).all()
    assert "MFN read from GBR" in change.because[0].sentence


@pytest.mark.parametrize("reference", ["CAN", "NOR"])
def test_withdrawal_reads_its_rate_from_a_third_economy(reference: str) -> None:
    with pytest.raises(InputError, match="neither the grantor nor a beneficiary"):
        change_of(withdrawal(reference), uneven(), 2027)


def test_withdrawal_from_an_unknown_reference_is_refused() -> None:
    with pytest.raises(LabelError, match="unknown economy `GER`"):
        change_of(withdrawal("GER"), uneven(), 2027)


def test_what_is_withdrawn_is_withdrawn_before_what_is_granted() -> None:
    """A grant in the same file stages the duty after the withdrawal."""
    world = uneven()
    both = agreement(
        goods=[row(basket="B")],
        withdraw=[{"grantor": "CAN", "beneficiary": ["NOR"], "mfn_from": "GBR", "because": "over"}],
        utilisation={"value": 1.0, "because": "all"},
    )
    old = world.values("tariff_rate")
    mfn = np.maximum(old[1, 0], old[2, 0])
    assert duties(world, change_of(both, world, 2027))[1, 0] == pytest.approx(0.8 * mfn)


PAIRS = [("CAN", "NOR"), ("NOR", "CAN"), ("CAN", "GBR"), ("GBR", "NOR")]


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    """Any agreement among the three whose rows do not overlap: each covers at most half of a pair's goods."""
    goods = []
    for grantor, beneficiary in draw(st.lists(st.sampled_from(PAIRS), min_size=1, max_size=4, unique=True)):
        for _ in range(draw(st.integers(1, 2))):
            goods.append(
                row(
                    grantor=grantor,
                    beneficiary=[beneficiary],
                    basket=draw(st.sampled_from(["A", "B", "C", "D", "E", "EH-mainland", "EH-taiwan"])),
                    share=draw(st.floats(0, 0.5)),
                    sectors=draw(st.sampled_from([[], ["food"], ["machines"], ["food", "machines"]])),
                )
            )
    use = {"value": draw(st.floats(0, 1)), "because": "any"}
    return agreement(parties=["CAN", "NOR", "GBR"], goods=goods, utilisation=use)


@settings(max_examples=60, deadline=None)
@given(made=agreements(), year=st.integers(2025, 2045))
def test_any_agreement_only_lowers_what_it_names_and_more_so_every_year(made: Agreement, year: int) -> None:
    world = uneven()
    old = world.values("tariff_rate")
    first, second = change_of(made, world, year), change_of(made, world, year + 1)
    now, later = duties(world, first), duties(world, second)
    rounding = 1e-15  # three products of numbers below one
    assert (now <= old + rounding).all() and (later <= now + rounding).all()
    assert (now >= np.minimum(old, 0) - rounding).all()
    assert ((now != old) <= explained(world, first)).all()
    named = {(r.grantor, b) for r in made.goods for b in r.beneficiary}
    for i, exporter in enumerate(world.regions):
        for n, importer in enumerate(world.regions):
            if (importer, exporter) not in named:
                assert (now[i, n] == old[i, n]).all()
