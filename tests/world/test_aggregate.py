"""Merging economies and sectors keeps every total, and a mapping says all that is wrong with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from random_worlds import random_change, random_world, rebuilt
from tradewinds.core.errors import Faults, InputError, LabelError
from tradewinds.core.grades import Provenance
from tradewinds.world.aggregate import Grouping, aggregate, aggregate_change, read_mapping
from tradewinds.world.change import Change
from tradewinds.world.toy import toy_world
from tradewinds.world.world import World

#: Sums of a few hundred numbers in another order.
ROUNDING = 1e-12

PROFILE = settings(derandomize=True, deadline=None, max_examples=15, database=None)
REGIONS = {"CAN": "America", "NOR": "Europe", "GBR": "Europe"}
SECTORS = {"food": "goods", "machines": "goods"}


def grouped(names: tuple[str, ...], rng: np.random.Generator, groups: int) -> dict[str, str]:
    return {name: f"g{int(rng.integers(groups))}" for name in names}


@PROFILE
@given(seed=st.integers(0, 9999), n=st.integers(2, 6), s=st.integers(1, 4), groups=st.integers(1, 4))
def test_every_total_is_kept(seed: int, n: int, s: int, groups: int) -> None:
    world, rng = random_world(seed, n, s), np.random.default_rng(seed)
    regions, sectors = grouped(world.regions, rng, groups), grouped(world.sectors, rng, groups)
    small = aggregate(world, regions=regions, sectors=sectors, name="small")
    for name in ("trade_fob", "input_use", "value_added", "final_use"):
        assert small.values(name).sum() == pytest.approx(world.values(name).sum(), rel=ROUNDING)
    for one in small.regions:
        inside = [i for i, r in enumerate(world.regions) if regions[r] == one]
        at = small.regions.index(one)
        for name in ("value_added", "final_use"):
            assert small.values(name)[at].sum() == pytest.approx(world.values(name)[inside].sum(), rel=ROUNDING)
        assert revenue(small)[at] == pytest.approx(revenue(world)[inside].sum(), rel=ROUNDING, abs=1e-9)
    assert small.values("tariff_rate").min() >= world.values("tariff_rate").min() - ROUNDING
    assert small.values("tariff_rate").max() <= world.values("tariff_rate").max() + ROUNDING


def revenue(world: World) -> np.ndarray:
    return (world.values("trade_fob") * world.values("tariff_rate")).sum(axis=(0, 2))


def test_by_hand_on_the_toy_world() -> None:
    world = toy_world()
    small = aggregate(world, regions=REGIONS, sectors=SECTORS, name="small")
    assert small.regions == ("America", "Europe") and small.sectors == ("goods",)
    # Norway and Britain: own sales 500 and 4200, free; trade with one another 50+60+40+90 = 240 at 10 per cent.
    assert small.cell("trade_fob", exporter="Europe", importer="Europe", sector="goods") == pytest.approx(4940)
    rate = small.cell("tariff_rate", exporter="Europe", importer="Europe", sector="goods")
    assert rate == pytest.approx(0.1 * 240 / 4940)
    assert small.cell("tariff_rate", exporter="America", importer="Europe", sector="goods") == pytest.approx(0.1)
    # Food trade between economies: 20+60+15+50+70+40 = 255; machines 30+90+25+60+120+90 = 415.
    assert small.values("trade_elasticity")[0] == pytest.approx((4 * 255 + 5 * 415) / 670)
    assert any("Europe = NOR, GBR" in told for told in small.adjustments)
    assert any("goods = food, machines" in told for told in small.adjustments)


def test_an_axis_that_is_not_mapped_stays_to_the_last_bit() -> None:
    world = random_world(3, 5, 3)
    same = aggregate(world, name="same")
    alone = aggregate(world, regions={r: r for r in world.regions}, sectors={s: s for s in world.sectors}, name="alone")
    for name in world.arrays:
        np.testing.assert_array_equal(same.values(name), world.values(name), err_msg=name)
        np.testing.assert_array_equal(alone.values(name), world.values(name), err_msg=name)
    assert same.labels == world.labels and not same.adjustments


def test_merging_in_two_steps_is_merging_in_one() -> None:
    world = random_world(9, 6, 2)
    first = {"R0": "a", "R1": "a", "R2": "b", "R3": "c", "R4": "c", "R5": "d"}
    second = {"a": "A", "b": "A", "c": "B", "d": "B"}
    steps = aggregate(aggregate(world, regions=first, name="1"), regions=second, name="2")
    once = aggregate(world, regions={r: second[g] for r, g in first.items()}, name="once")
    for name in ("trade_fob", "input_use", "value_added", "final_use"):
        np.testing.assert_allclose(steps.values(name), once.values(name), rtol=ROUNDING, err_msg=name)
    there = once.values("trade_fob") > 0
    np.testing.assert_allclose(steps.values("tariff_rate")[there], once.values("tariff_rate")[there], rtol=1e-9)


def test_a_cell_without_trade_has_the_simple_mean_of_the_duties() -> None:
    world = toy_world()
    trade, rate = np.array(world.values("trade_fob")), np.array(world.values("tariff_rate"))
    trade[0, 1:] = 0.0
    rate[0, 1:, 0], rate[0, 1, 1], rate[0, 2, 1] = 0.2, 0.3, 0.5
    small = aggregate(rebuilt(world, trade_fob=trade, tariff_rate=rate), regions=REGIONS, sectors=SECTORS, name="small")
    assert small.cell("tariff_rate", exporter="America", importer="Europe", sector="goods") == pytest.approx(0.3)


def test_sets_of_elasticities_are_merged_with_the_same_weights() -> None:
    world = toy_world()
    two = World.build(
        "sets",
        year=2020,
        regions=world.regions,
        sectors=world.sectors,
        **{k: world.values(k) for k in ("trade_fob", "tariff_rate", "input_use", "trade_elasticity")},
        elasticity_sets={"own": world.values("trade_elasticity"), "high": [8.0, 10.0]},
        attributes={"services": ["machines"]},
    )
    small = aggregate(two, sectors=SECTORS, name="small")
    assert small.labels["elasticity_set"] == ("own", "high")
    own, high = small.values("trade_elasticity_sets")[:, 0]
    assert own == pytest.approx(small.values("trade_elasticity")[0]) and high == pytest.approx(2 * own)
    assert small.attributes["services"] == [], "a group is a service only where all its members are"
    alone = aggregate(two, sectors={"food": "F", "machines": "M"}, name="alone")
    assert alone.attributes["services"] == ["M"]


def test_a_group_takes_the_worst_grade_among_its_members() -> None:
    rows = (
        Provenance("tariff_rate", "wide", "measured"),
        Provenance("tariff_rate", "narrow", "assumed", "unit values", {"importer": ("NOR",)}),
        Provenance("trade_fob", "wide", "imputed"),
        Provenance("trade_fob", "narrow", "measured", where={"exporter": ("GBR",)}),
    )
    world = toy_world().replace(provenance=rows)
    small = aggregate(world, regions=REGIONS, name="small")
    assert small.origin("tariff_rate", importer="Europe").grade == "assumed"  # type: ignore[union-attr]
    assert small.origin("tariff_rate", importer="America").grade == "measured"  # type: ignore[union-attr]
    assert small.origin("trade_fob", exporter="Europe").grade == "imputed"  # type: ignore[union-attr]
    whole = aggregate(world, regions={"CAN": "A", "NOR": "N", "GBR": "G"}, name="renamed")
    assert whole.origin("trade_fob", exporter="G").grade == "measured"  # type: ignore[union-attr]
    assert whole.origin("trade_fob", exporter="N").grade == "imputed"  # type: ignore[union-attr]


# -------------------------------------------------------------------------------------------------------------- changes


def test_no_change_stays_no_change_to_the_last_bit() -> None:
    world = random_world(4, 5, 3)
    regions = {r: "all" if r in ("R1", "R3") else r for r in world.regions}
    small = aggregate(world, regions=regions, name="small")
    still = Change.of(world, tariff_new=world.values("tariff_rate"), trade_cost_hat=np.ones((5, 5, 3)))
    merged = aggregate_change(world, still, small, regions=regions)
    np.testing.assert_array_equal(merged.values("tariff_new"), small.values("tariff_rate"))
    np.testing.assert_array_equal(merged.values("trade_cost_hat"), np.ones((4, 4, 3)))


def test_a_change_is_weighted_with_the_trade_of_the_benchmark() -> None:
    world = random_world(4, 5, 3)
    regions = dict(zip(world.regions, "aabbc", strict=True))
    sectors = dict.fromkeys(world.sectors, "all")
    small = aggregate(world, regions=regions, sectors=sectors, name="small")
    change = random_change(world, 2).then(
        Change.of(world, endowment_hat=[1, 2, 1, 3, 1], productivity_hat=np.linspace(0.5, 2, 15).reshape(5, 3))
    )
    merged = aggregate_change(world, change, small, regions=regions, sectors=sectors)
    trade = world.values("trade_fob")
    for new, old in (("tariff_new", "tariff_new"), ("trade_cost_hat", "trade_cost_hat")):
        total = (trade * change.values(old)).sum()
        assert (small.values("trade_fob") * merged.values(new)).sum() == pytest.approx(total, rel=ROUNDING)
    added = world.values("value_added").sum(axis=1)
    expected = (added * [1, 2, 1, 3, 1])[:2].sum() / added[:2].sum()
    assert merged.values("endowment_hat")[0] == pytest.approx(expected, rel=ROUNDING)
    made = trade.sum(axis=1)
    expected = (made * change.values("productivity_hat"))[2:4].sum() / made[2:4].sum()
    assert merged.values("productivity_hat")[1, 0] == pytest.approx(expected, rel=ROUNDING)


def test_reasons_name_the_groups() -> None:
    world = toy_world()
    small = aggregate(world, regions=REGIONS, name="small")
    where = {"exporter": "CAN", "importer": ["NOR", "GBR"]}
    change = Change.none(world).write(world, "tariff_new", where, 0.0, because="agreement")
    merged = aggregate_change(world, change, small, regions=REGIONS)
    assert merged.because[0].where == {"exporter": ("America",), "importer": ("Europe",)}
    assert merged.cell("tariff_new", exporter="America", importer="Europe", sector="food") == 0.0
    with pytest.raises(InputError, match="mapping leads to region labels"):
        aggregate_change(world, change, small)


# ------------------------------------------------------------------------------------------------------------- mappings


def test_a_mapping_is_read_from_either_format(tmp_path: Path) -> None:
    toml, table = tmp_path / "m.toml", tmp_path / "m.csv"
    toml.write_text('[regions]\nAmerica = ["CAN"]\nEurope = ["NOR", "GBR"]\n[sectors]\ngoods = ["food", "machines"]\n')
    rows = [f"regions,{k},{v}" for k, v in REGIONS.items()] + [f"sectors,{k},{v}" for k, v in SECTORS.items()]
    table.write_text("\ufeffaxis,label,group\n" + "\n".join(rows) + "\n", encoding="utf-8")
    for path in (toml, table):
        assert read_mapping(path, toy_world()) == Grouping(REGIONS, SECTORS)
    toml.write_text('[sectors]\ngoods = ["food", "machines"]\n')
    assert read_mapping(toml).regions is None


def test_everything_wrong_with_a_mapping_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(
        '[regions]\nAmerica = ["CAM", "NOR"]\nEurope = ["NOR"]\nNowhere = []\nWorse = "GBR"\n'
        '[sector]\ngoods = ["food"]\n[sectors]\nfarm = ["food"]\n'
    )
    with pytest.raises(Faults) as caught:
        read_mapping(path, toy_world())
    said = str(caught.value)
    for what in (
        "unknown region `CAM`",
        "did you mean `CAN`",
        "region NOR named twice",
        "group `Nowhere` is empty",
        "group Worse is not a list",
        "unknown table `sector`",
        "CAN, GBR in no group",
        "machines in no group",
    ):
        assert what in said, what


def test_a_table_with_faults_says_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("axis,label,group\nregions,CAN,\nregion,NOR,Europe\nsectors,food,goods\nsectors,food,farm\n")
    with pytest.raises(Faults) as caught:
        read_mapping(path)
    said = str(caught.value)
    assert "line 2" in said and "line 3" in said and "did you mean `regions`" in said and "food named twice" in said


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.toml", "[regions", "not TOML"),
        ("a.toml", "", "maps nothing"),
        ("a.csv", "axis;label;group\n", "columns"),
        ("a.csv", "", "columns"),
    ],
)
def test_what_is_no_mapping_is_refused(name: str, text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        read_mapping(path)
    with pytest.raises(InputError, match="no such file"):
        read_mapping(tmp_path / "none.toml")


def test_a_world_is_not_merged_with_a_mapping_that_does_not_fit() -> None:
    world = toy_world()
    with pytest.raises(InputError, match="GBR in no group"):
        aggregate(world, regions={"CAN": "A", "NOR": "B"}, name="x")
    with pytest.raises(LabelError, match="did you mean `GBR`"):
        aggregate(world, regions={**REGIONS, "GBRR": "B"}, name="x")
    with pytest.raises(Faults) as caught:
        aggregate(world, regions={"CAN": " ", "NOR": "B"}, sectors={"fod": "goods"}, name="x")
    assert len(caught.value.faults) == 4
