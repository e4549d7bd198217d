"""SMART: the golden micro-test, identities, limits, and agreement of the two ways to the same number."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradewinds.core.errors import Faults, InputError
from tradewinds.models.gsim import solve_gsim_exact
from tradewinds.models.line_elasticities import (
    build_line_elasticities,
    draw_substitution,
    read_substitution,
    substitution,
    substitution_table,
)
from tradewinds.models.smart import SmartLines, Taxes, cuts_without_trade, draw_smart, solve_smart

#: Half a unit of the sixth decimal, the last that the reference figures are written with.
SIX = 0.51e-6

#: Sums of a few hundred doubles: rounding only.
ROUNDING = 1e-12

GOLDEN: dict[str, Any] = {
    "imports": [[100.0, 300.0]],
    "tariff": [[0.2, 0.2]],
    "tariff_new": [[0.0, 0.2]],
    "demand": 1.2,
    "substitution": 1.5,
}


def market(lines: int = 40, partners: int = 6, *, seed: int = 1, cut: float = 0.0) -> dict[str, Any]:
    """Random lines; partner 2 pays ``cut`` times its duty, one in four flows is zero, one line is empty."""
    rng = np.random.default_rng(seed)
    trade = rng.lognormal(2, 2, (lines, partners)) * (rng.random((lines, partners)) > 0.25)
    trade[0] = 0
    tariff = rng.uniform(0, 0.4, (lines, partners))
    new = tariff.copy()
    new[:, 2] *= cut
    return {
        "imports": trade,
        "tariff": tariff,
        "tariff_new": new,
        "demand": rng.uniform(0.3, 2.5, lines),
        "substitution": rng.uniform(0.5, 6, lines),
    }


@pytest.mark.parametrize(("supply", "created"), [(np.inf, 20.0), (99.0, 19.760479), (1.5, 11.111111)])
def test_the_golden_micro_test(supply: float, created: float) -> None:
    found = solve_smart(**GOLDEN, supply=supply)
    assert found.trade_creation[0] == pytest.approx([created, 0], abs=SIX)
    assert found.trade_diversion[0] == pytest.approx([21.870320, -21.870320], abs=SIX)
    assert found.duty_change[0] == pytest.approx(-24.374064, abs=SIX)


def test_what_smart_calls_welfare_leaves_out_the_diverted_duty() -> None:
    """By hand: ½·0.2·20 on creation; ½·0.2·41.87032 − 0.2·21.87032 with diversion."""
    found = solve_smart(**GOLDEN)
    assert found.created_triangle[0] == pytest.approx(2.0, abs=SIX)
    assert found.triangle[0] == pytest.approx(0.1 * 41.870320 - 0.2 * 21.870320, abs=SIX)
    assert found.triangle[0] < 0 < found.created_triangle[0]


def test_the_many_partner_formula_is_the_published_one_for_one_beneficiary() -> None:
    given = market()
    found = solve_smart(**given)
    trade, sigma = given["imports"], given["substitution"]
    own, others = trade[:, 2], trade.sum(axis=1) - trade[:, 2]
    k = (1 / (1 + given["tariff"][:, 2])) ** -sigma
    total = own * k + others
    published = own * others * (k - 1) / np.where(total > 0, total, 1)
    assert found.trade_diversion[:, 2] == pytest.approx(published, rel=1e-10, abs=1e-9)
    lost = -published[:, None] * trade / np.where(others > 0, others, 1)[:, None]
    assert np.delete(found.trade_diversion, 2, axis=1) == pytest.approx(np.delete(lost, 2, axis=1), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("supply", [np.inf, 2.0])
def test_diversion_adds_up_to_zero_and_never_exceeds_the_trade_of_rivals(supply: float) -> None:
    given = market()
    found = solve_smart(**given, supply=supply)
    scale = given["imports"].sum()
    assert np.abs(found.trade_diversion.sum(axis=1)).max() < ROUNDING * scale
    rivals = given["imports"].sum(axis=1) - given["imports"][:, 2]
    assert (found.trade_diversion[:, 2] <= rivals + ROUNDING * scale).all()
    assert found.trade_diversion[:, 2].sum() > 0


@pytest.mark.parametrize("diversion", ["wits", "ces"])
@pytest.mark.parametrize("supply", [np.inf, 2.0])
def test_no_change_is_no_change(diversion: Any, supply: float) -> None:
    found = solve_smart(**market(cut=1.0), supply=supply, diversion=diversion)
    for name in SmartLines.__dataclass_fields__:
        target = 1.0 if name == "world_price_hat" else 0.0
        if name != "imports_new":
            assert np.abs(getattr(found, name) - target).max() < 1e-9, name


@pytest.mark.parametrize("supply", [np.inf, 2.0])
def test_gain_and_duty_are_triangle_and_terms_of_trade(supply: float) -> None:
    """An identity of the trapezoid: Σ½(M+Q)(1+t0−p(1+t1)) + Σ(t1pQ−t0M) = Σ½(t0+pt1)(Q−M) + Σ½(M+Q)(1−p)."""
    found = solve_smart(**market(cut=0.4), supply=supply)
    assert found.welfare == pytest.approx(found.triangle + found.terms_of_trade, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("diversion", ["wits", "ces"])
def test_merging_two_partners_that_are_alike_changes_nothing(diversion: Any) -> None:
    given = market()
    for name in ("tariff", "tariff_new"):
        given[name][:, 3] = given[name][:, 2]
    split = solve_smart(**given, supply=3.0, diversion=diversion)
    merged = dict(given)
    merged["imports"] = np.delete(given["imports"], 3, axis=1)
    merged["imports"][:, 2] += given["imports"][:, 3]
    for name in ("tariff", "tariff_new"):
        merged[name] = np.delete(given[name], 3, axis=1)
    joint = solve_smart(**merged, supply=3.0, diversion=diversion)
    for name in ("trade_creation", "trade_diversion", "imports_new"):
        pair = getattr(split, name)[:, 2] + getattr(split, name)[:, 3]
        assert pair == pytest.approx(getattr(joint, name)[:, 2], rel=1e-9, abs=1e-9), name
    assert split.welfare == pytest.approx(joint.welfare, rel=1e-9, abs=1e-9)


def test_an_equal_cut_for_all_diverts_nothing() -> None:
    given = market()
    given["tariff_new"] = (1 + given["tariff"]) * 0.95 - 1
    for diversion in ("wits", "ces"):
        found = solve_smart(**given, diversion=diversion)  # type: ignore[arg-type]
        assert np.abs(found.trade_diversion).max() < 1e-9, diversion
        assert found.trade_creation.sum() > 0


def test_small_changes_the_two_formulas_agree_on() -> None:
    """Total imports and the beneficiary's, to first order, where all duties start at zero (else WITS weights with
    imports before duty, CES with landed values). The gap is of second order: a tenth of the cut, a hundredth of it."""

    def gap(size: float) -> float:
        given = market()
        given["tariff"][:] = 0.0
        given["tariff_new"] = np.zeros_like(given["tariff"])
        given["tariff_new"][:, 2] = -size
        a, b = (solve_smart(**given, diversion=d) for d in ("wits", "ces"))  # type: ignore[arg-type]
        return float(np.abs((a.imports_new - b.imports_new).sum(axis=1)).sum())

    assert gap(0.001) / gap(0.01) == pytest.approx(0.01, rel=0.05)


@pytest.mark.parametrize("supply", [0.7, 3.0])
def test_the_closed_form_is_the_market_that_newton_finds(supply: float) -> None:
    """One importer in GSIM's exact model is SMART's exact system: written apart, solved another way."""
    given = market(lines=12, partners=5)
    own = solve_smart(**given, supply=supply, diversion="ces")
    lines, partners = given["imports"].shape
    size = partners + 1
    trade, power, power_new = np.zeros((lines, size, size)), np.ones((lines, size, size)), np.ones((lines, size, size))
    trade[:, 1:, 0], power[:, 1:, 0] = given["imports"], 1 + given["tariff"]
    power_new[:, 1:, 0] = 1 + given["tariff_new"]
    other = solve_gsim_exact(
        trade=trade,
        power=power,
        power_new=power_new,
        demand=-given["demand"][:, None],
        substitution=given["substitution"][:, None],
        supply=supply,
    )
    sells = given["imports"] > 0
    assert own.world_price_hat[sells] == pytest.approx(1 + other.price_change[:, 1:][sells], rel=1e-9)
    assert own.imports_new == pytest.approx(other.trade_new[:, 1:, 0], rel=1e-8, abs=1e-9)
    assert own.buyers_gain == pytest.approx(other.consumer_surplus[:, 0], rel=1e-8, abs=1e-9)
    assert own.duty_change == pytest.approx(other.revenue_change[:, 0], rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("field", ["substitution", "demand"])
def test_elasticities_of_one_are_the_limit(field: str) -> None:
    """1 ± 1e-6 brackets 1; the slope in the elasticity is of the order of trade."""
    at, below, above = (
        solve_smart(**{**market(), field: value}, diversion="ces", supply=2.0) for value in (1.0, 1 - 1e-6, 1 + 1e-6)
    )
    assert at.imports_new == pytest.approx(0.5 * (below.imports_new + above.imports_new), rel=1e-9, abs=1e-9)
    assert at.buyers_gain == pytest.approx(0.5 * (below.buyers_gain + above.buyers_gain), rel=1e-7, abs=1e-9)


def test_duty_excise_vat_in_the_stated_order() -> None:
    """By hand, one supplier, ε such that imports go 100 → 110: duty 10 % → 0, excise 20 % on 1+t, VAT 15 % on all."""
    epsilon = 1.1
    found = solve_smart(
        imports=[[100.0]],
        tariff=[[0.1]],
        tariff_new=[[0.0]],
        demand=epsilon,
        substitution=2.0,
        taxes=Taxes(excise=0.2, vat=0.15),
    )
    assert found.imports_new[0, 0] == pytest.approx(110)
    assert found.duty_change[0] == pytest.approx(-10)
    assert found.excise_change[0] == pytest.approx(0.2 * (110 - 110))
    assert found.vat_change[0] == pytest.approx(0.15 * 1.2 * (110 - 110), abs=1e-12)
    dearer = solve_smart(
        imports=[[100.0]],
        tariff=[[0.1]],
        tariff_new=[[0.21]],
        demand=epsilon,
        substitution=2.0,
        taxes=Taxes(excise=[[0.2]], vat=[[0.15]]),
    )
    assert dearer.imports_new[0, 0] == pytest.approx(89)
    landed = 89 * 1.21 - 110
    assert dearer.excise_change[0] == pytest.approx(0.2 * landed)
    assert dearer.vat_change[0] == pytest.approx(0.15 * 1.2 * landed)
    assert dearer.revenue_change[0] == pytest.approx(89 * 0.21 - 10 + 0.2 * landed + 0.15 * 1.2 * landed)


def test_exemptions_leave_the_collected_duty() -> None:
    half = solve_smart(**GOLDEN, taxes=Taxes(exempt=0.5))
    collected = dict(GOLDEN, tariff=[[0.1, 0.1]], tariff_new=[[0.0, 0.1]])
    assert half.duty_change == pytest.approx(solve_smart(**collected).duty_change)
    nobody_pays = solve_smart(**GOLDEN, taxes=Taxes(exempt=1.0))
    assert nobody_pays.duty_change[0] == 0 and nobody_pays.trade_creation.sum() == 0


def test_scale_and_order_do_not_matter() -> None:
    given = market()
    found = solve_smart(**given, supply=2.0, diversion="ces")
    double = solve_smart(**{**given, "imports": 2 * given["imports"]}, supply=2.0, diversion="ces")
    assert double.welfare == pytest.approx(2 * found.welfare, rel=1e-12)
    order = np.random.default_rng(0).permutation(given["imports"].shape[1])
    turned = {k: (v[:, order] if np.ndim(v) == 2 else v) for k, v in given.items()}
    assert solve_smart(**turned, supply=2.0, diversion="ces").imports_new == pytest.approx(found.imports_new[:, order])


def test_cuts_that_meet_no_trade_are_counted() -> None:
    found = cuts_without_trade(np.array([[0, 1], [0, 0], [1, 0]]), np.full((3, 2), 0.1), np.zeros((3, 2)))
    assert (found.cells, found.lines, found.share) == (4, 1, pytest.approx(4 / 6))


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(Faults) as caught:
        solve_smart(imports=[[-1.0]], tariff=[[-2.0]], tariff_new=[[np.nan]], demand=1, substitution=0, supply=0)
    assert len(caught.value.faults) == 5
    with pytest.raises(InputError, match=r"demand \(2,\)"):
        solve_smart(**{**GOLDEN, "demand": [1.0, 2.0]})
    with pytest.raises(InputError, match="unknown diversion"):
        solve_smart(**GOLDEN, diversion="other")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="three times the same"):
        solve_smart(**{**GOLDEN, "tariff": [[0.2]]})


def test_five_thousand_lines_by_thirty_partners_take_less_than_fifty_milliseconds() -> None:
    """The best of seven, so that a busy machine does not fail it; measured 13 to 17 ms."""
    given = market(5000, 30)
    best = np.inf
    for _ in range(7):
        begun = time.perf_counter()
        solve_smart(**given, supply=3.0)
        best = min(best, time.perf_counter() - begun)
    assert best < 0.05


def test_the_table_of_elasticities_says_what_it_is() -> None:
    table = substitution_table()
    assert table.sigma.shape == (171, 73)
    assert int(np.isfinite(table.sigma).sum()) == 11293
    assert np.nanmin(table.sigma) > 1 and "TWN" not in table.importers
    assert float(np.median(table.median)) == pytest.approx(3.454)
    australia = table.sigma[table.products.index("020"), table.importers.index("AUS")]
    assert australia == pytest.approx(2.785962, rel=5e-4)  # four digits are kept


def test_an_importer_without_estimates_takes_the_median_graded_imputed() -> None:
    lines = ["010121", "610910", "8708991000", "999999"]
    taiwan, america = substitution(lines, "TWN"), substitution(lines, "USA")
    assert set(taiwan.grade) == {"imputed"} and taiwan.rule == ("median", "median", "median", "all")
    assert america.grade == ("measured", "measured", "measured", "imputed")
    assert taiwan.value[1] == substitution_table().median[substitution_table().products.index("610")]
    assert taiwan.value.max() <= 21 and america.value.max() <= 21
    with pytest.raises(InputError, match="2 codes such as `87`"):
        substitution(["87", "x"], "TWN")


def test_another_layout_is_refused() -> None:
    with pytest.raises(InputError, match="another layout"):
        read_substitution("a,b\n1,2\n", where="own.csv")
    head = "product,estimates,q05,q25,q50,q75,q95,AUS\n"
    with pytest.raises(InputError, match="7 cells for product 010"):
        read_substitution(head + "010,1,2,2,2,2,2\n", where="own.csv")


def test_draws_keep_countries_together_or_not() -> None:
    lines = [f"{product}000" for product in substitution_table().products]
    together, apart = draw_substitution(lines, 400), draw_substitution(lines, 400, together=False)
    assert together.shape == (400, 171) and together.min() > 1 and together.max() <= 21
    assert np.array_equal(together, draw_substitution(lines, 400))
    assert len(np.unique(together, axis=0)) <= 73 < len(np.unique(apart, axis=0))
    assert together.mean(axis=1).std() > 3 * apart.mean(axis=1).std()
    same = draw_substitution(["870899", "8708991000"], 50)
    assert np.array_equal(same[:, 0], same[:, 1])


def test_ranges_come_from_the_draws() -> None:
    given = market(lines=30)
    given.pop("substitution")
    lines = [f"{p}000" for p in substitution_table().products[:30]]
    draws = draw_substitution(lines, 60)
    found = draw_smart(**given, substitution=draws)
    low, high = found.range("trade_diversion")
    assert low.shape == (6,) and (low <= high).all() and high[2] > low[2] > 0
    assert np.ptp(found.trade_creation, axis=0).max() < 1e-9  # creation does not depend on σ in the published formula
    one = solve_smart(**given, substitution=draws[7])
    assert found.welfare[7] == pytest.approx(one.welfare.sum())
    with pytest.raises(InputError, match="draw, line"):
        draw_smart(**given, substitution=draws[0])


def test_the_table_is_built_from_the_raw_one(tmp_path: Path) -> None:
    raw = tmp_path / "hs_nomenclature"
    raw.mkdir()
    with gzip.open(raw / "sigma_hs0.csv.gz", "wt", encoding="utf-8") as file:
        file.write("iso3c,HS0_3d,HS0_2d,sigma\nAUS,010,01,2.5\nUSA,010,01,4.123456\nUSA,020,02,3\n")
    out = build_line_elasticities(tmp_path, tmp_path / "table.csv")
    table = read_substitution(out.read_text("utf-8"), where="table.csv")
    assert (table.products, table.importers) == (("010", "020"), ("AUS", "USA"))
    assert table.sigma[0] == pytest.approx([2.5, 4.123]) and np.isnan(table.sigma[1, 0])
    assert "010,2,2.581," in out.read_text("utf-8")
    found = substitution(["010121", "010121", "020110"], "AUS", table)
    assert found.value == pytest.approx([2.5, 2.5, 3]) and found.rule == ("own", "own", "median")
    with pytest.raises(InputError, match="no such file"):
        build_line_elasticities(tmp_path / "nowhere", out)
