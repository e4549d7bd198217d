"""Shocks: which cells they write, in which order, in which years; and two agreements on one flow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from small_case import agreement_table, scenario_table, write_case
from tradewinds.agreements.agreement import parse_agreement
from tradewinds.scenarios.scenario import Case, open_case, parse_scenario
from tradewinds.world.toy import toy_world
from tradewinds.world.world import World

HOME = np.eye(3, dtype=bool)


def case(*shocks: dict[str, Any], agreements: tuple[dict[str, Any], ...] = ()) -> Case:
    """The small scenario with these shocks and, in its variant, these agreements."""
    table = scenario_table()
    table["shock"] = [{"because": "test", **shock} for shock in shocks]
    table["variant"][0]["agreements"] = []
    made = Case(parse_scenario(table, where="small"), None)
    made.agreements = {a["id"]: parse_agreement(a, where=a["id"]) for a in agreements}
    variant = made.scenario.variant[0].model_copy(update={"agreements": list(made.agreements)})
    made.scenario = made.scenario.model_copy(update={"variant": [variant]})
    return made


def duties(made: Case, world: World | None = None, year: int = 2031) -> np.ndarray:
    world = world or toy_world(tariff=0.1)
    return made.change(world, year).now(world, "tariff_new")


def test_set_add_multiply() -> None:
    where = {"exporter": "CAN", "importer": "GBR", "sector": "food"}
    for act, expected in (({"set": 0.3}, 0.3), ({"add": 0.25}, 0.35), ({"multiply": 0.5}, 0.05)):
        new = duties(case({"variable": "tariff_rate", "where": where, **act}))
        assert new[0, 2, 0] == pytest.approx(expected)
        moved = np.argwhere(new != toy_world().values("tariff_rate")).tolist()
        assert moved == [[0, 2, 0]]


def test_what_is_not_named_means_all_but_home() -> None:
    new = duties(case({"variable": "tariff_rate", "set": 0.25}))
    assert (new[~HOME] == 0.25).all()
    assert (new[HOME] == 0).all()


def test_over_and_by_add_one_value_for_each_label() -> None:
    by = {"CAN": 0.1, "NOR": 0.2, "GBR": 0.3}
    new = duties(case({"variable": "tariff_rate", "over": "exporter", "by": by, "where": {"importer": "GBR"}}))
    assert new[:, 2].tolist() == pytest.approx(np.array([[0.2, 0.2], [0.3, 0.3], [0.0, 0.0]]))
    assert (new[:, :2] == toy_world().values("tariff_rate")[:, :2]).all()


VARIABLES = ("tariff_rate", "tariff_new", "trade_cost_hat")


@settings(max_examples=60, deadline=None)
@given(
    variable=st.sampled_from(VARIABLES),
    act=st.sampled_from(["set", "add", "multiply"]),
    value=st.floats(0.5, 2),
    where=st.fixed_dictionaries(
        {},
        optional={
            "exporter": st.lists(st.sampled_from(["CAN", "NOR", "GBR"]), min_size=1, unique=True),
            "importer": st.sampled_from(["CAN", "NOR", "GBR"]),
            "sector": st.lists(st.sampled_from(["food", "machines"]), min_size=1, unique=True),
        },
    ),
)
def test_no_shock_touches_sales_at_home(variable: str, act: str, value: float, where: dict[str, Any]) -> None:
    world = toy_world()
    change = case({"variable": variable, act: value, "where": where}).change(world, 2031)
    name = "tariff_new" if variable == "tariff_rate" else variable
    before = change.benchmark(world, name)
    assert (change.now(world, name)[HOME] == before[HOME]).all()


def test_shocks_on_regions_and_industries_work_too() -> None:
    world = toy_world()
    change = case(
        {"variable": "endowment_hat", "where": {"region": "NOR"}, "set": 1.1},
        {"variable": "productivity_hat", "where": {"region": "CAN", "sector": "food"}, "multiply": 1.2},
    ).change(world, 2031)
    assert change.now(world, "endowment_hat").tolist() == [1, 1.1, 1]
    assert change.now(world, "productivity_hat").tolist() == [[1.2, 1], [1, 1], [1, 1]]


def test_shocks_apply_in_the_order_of_the_file() -> None:
    where = {"exporter": "CAN", "importer": "GBR"}
    half = {"variable": "tariff_rate", "where": where, "multiply": 0.5}
    more = {"variable": "tariff_rate", "where": where, "add": 0.1}
    assert duties(case(half, more))[0, 2, 0] == pytest.approx(0.15)
    assert duties(case(more, half))[0, 2, 0] == pytest.approx(0.10)


def test_shocks_come_after_agreements() -> None:
    table = agreement_table()
    del table["utilisation"]
    table["goods"] = [{"grantor": "CAN", "beneficiary": ["NOR"], "basket": "A", "because": "free"}]
    shock = {"variable": "tariff_rate", "where": {"importer": "CAN", "exporter": "NOR"}, "add": 0.05}
    assert duties(case(shock, agreements=(table,)))[1, 0] == pytest.approx([0.05, 0.05])


@pytest.mark.parametrize(("year", "expected"), [(2027, 0.1), (2028, 0.15), (2030, 0.15), (2031, 0.1)])
def test_a_shock_lasts_from_its_first_to_its_last_year(year: int, expected: float) -> None:
    shock = {"variable": "tariff_rate", "where": {"importer": "GBR"}, "add": 0.05, "from": 2028, "until": 2030}
    assert duties(case(shock), year=year)[0, 2, 0] == pytest.approx(expected)


def test_a_variant_may_leave_the_shocks_out(tmp_path: Path) -> None:
    made = open_case(write_case(tmp_path))
    world = toy_world()
    with_shock = made.change(world, 2031).now(world, "tariff_new")[0, 2, 0]
    variant = made.scenario.variant[0].model_copy(update={"shocks": False})
    made.scenario = made.scenario.model_copy(update={"variant": [variant]})
    assert with_shock == pytest.approx(0.15)
    assert made.change(world, 2031).now(world, "tariff_new")[0, 2, 0] == pytest.approx(0.10)


def test_each_shock_says_why() -> None:
    shock = {"variable": "tariff_rate", "where": {"importer": "GBR", "sector": "food"}, "add": 0.05}
    change = case(shock | {"because": "safeguard"}).change(toy_world(), 2031)
    assert [(b.variable, dict(b.where), b.sentence) for b in change.because] == [
        ("tariff_new", {"importer": ("GBR",), "sector": ("food",)}, "safeguard")
    ]


def grant(name: str, basket: str) -> dict[str, Any]:
    rows = [{"grantor": "CAN", "beneficiary": ["NOR"], "basket": basket, "because": name}]
    table = agreement_table() | {"id": name, "goods": rows}
    del table["utilisation"]
    return table


@pytest.mark.parametrize("order", [("B", "C"), ("C", "B")])
def test_two_agreements_on_one_flow_claim_the_lower_duty(order: tuple[str, str]) -> None:
    """Year 2028 is year 2 of both: B leaves 60 %, C leaves 80 %; the lower one is claimed, in either order."""
    made = case(agreements=(grant("one", order[0]), grant("two", order[1])))
    assert duties(made, year=2028)[1, 0] == pytest.approx([0.06, 0.06])


def test_a_withdrawal_comes_before_every_grant() -> None:
    world = toy_world(tariff=0.1)
    rate = np.array(world.values("tariff_rate"))
    rate[1, 0] = 0.02  # a preference today
    now = World.build(
        "preference",
        year=2020,
        regions=world.regions,
        sectors=world.sectors,
        trade_fob=world.values("trade_fob"),
        tariff_rate=rate,
        input_use=world.values("input_use"),
        trade_elasticity=world.values("trade_elasticity"),
    )
    over = agreement_table() | {"id": "over", "goods": []}
    over["withdraw"] = [{"grantor": "CAN", "beneficiary": ["NOR"], "mfn_from": "GBR", "because": "over"}]
    made = case(agreements=(over,))
    assert duties(made, now)[1, 0] == pytest.approx([0.1, 0.1])
    for both in ((grant("one", "C"), over), (over, grant("one", "C"))):
        # Year 5 of ten: half of the duty that is left once the preference is gone, in either order.
        assert duties(case(agreements=both), now)[1, 0] == pytest.approx([0.05, 0.05])
