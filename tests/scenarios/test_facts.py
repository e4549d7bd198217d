"""Facts the cases rest on: duties, trade, the reciprocal formula (R38), the rebased world, the ranking of R29."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import pytest

from small_case import CASES, answered, assessed
from tradewinds.models.caliendo_parro import CaliendoParro
from tradewinds.scenarios.reciprocal import imbalance_rate, reciprocal_rate
from tradewinds.scenarios.run import prepare_world, rebased
from tradewinds.scenarios.scenario import open_case
from tradewinds.world.change import Change
from tradewinds.world.store import embedded, open_world
from tradewinds.world.toy import toy_world
from tradewinds.world.world import World

open_cached = cache(open_world)


def goods(world: World) -> list[int]:
    return [k for k, s in enumerate(world.sectors) if s not in world.attributes["services"]]


def flow(world: World, exporter: str, importer: str) -> np.ndarray:
    return world.values("trade_fob")[world.regions.index(exporter), world.regions.index(importer)]


def weighted(world: World, exporter: str, importer: str, sectors: tuple[str, ...] = ()) -> float:
    """Duty on goods weighted with trade, per cent."""
    picks = [k for k in goods(world) if not sectors or world.sectors[k] in sectors]
    rate = world.values("tariff_rate")[world.regions.index(exporter), world.regions.index(importer)][picks]
    trade = flow(world, exporter, importer)[picks]
    return float(100 * (rate * trade).sum() / trade.sum())


# Duties: stated to two digits in the cases' own sentences, so half of the last digit.
@pytest.mark.parametrize(
    ("exporter", "importer", "sectors", "expected", "within"),
    [
        ("KOR", "USA", (), 0.34, 0.005),
        ("TWN", "USA", (), 3.58, 0.005),
        ("TWN", "CHN", ("C26",), 0.3, 0.05),
        ("TWN", "CHN", (), 1.1, 0.05),
    ],
)
def test_duties_of_world_2022(
    exporter: str, importer: str, sectors: tuple[str, ...], expected: float, within: float
) -> None:
    assert weighted(open_cached("world-2022"), exporter, importer, sectors) == pytest.approx(expected, abs=within)


# Trade, goods and services, in bn USD with one decimal: half of it.
@pytest.mark.parametrize(("name", "expected"), [("world-2022", 187.2), ("world-2011", 127.2)])
def test_what_taiwan_sells_to_china(name: str, expected: float) -> None:
    assert flow(open_cached(name), "TWN", "CHN").sum() / 1e3 == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("name", embedded())
def test_services_and_home_sales_pay_no_duty(name: str) -> None:
    world = open_cached(name)
    rate = world.values("tariff_rate")
    services = [k for k, s in enumerate(world.sectors) if s in world.attributes["services"]]
    assert services and not rate[:, :, services].any()
    assert not rate[np.arange(len(world.regions)), np.arange(len(world.regions))].any()
    assert rate[:, :, goods(world)].any()


@pytest.mark.parametrize("name", embedded())
def test_an_embedded_world_is_small_and_balances(name: str) -> None:
    file = files("tradewinds.world").joinpath("embedded", f"{name}.npz")
    assert len(file.read_bytes()) < 3_000_000
    assert max(open_cached(name).residuals().values()) < 1e-10


def test_size_of_the_worlds() -> None:
    assert embedded() == ("world-2011", "world-2022")
    w22, w11 = open_cached("world-2022"), open_cached("world-2011")
    assert (len(w22.regions), len(w22.sectors)) == (81, 28)
    assert (len(w11.regions), len(w11.sectors)) == (41, 35)
    assert {"TWN", "CHN", "JPN", "KOR", "USA", "ROW"} <= set(w22.regions) & set(w11.regions)


@pytest.mark.parametrize(
    ("economy", "imports", "exports", "percent", "announced"),
    [
        ("TWN", 116.3, 42.3, 63.63, 0.32),
        ("KOR", 131.5, 65.5, 50.19, 0.26),
        ("JPN", 148.2, 79.7, 46.22, 0.24),
        ("CHN", 438.9, 143.5, 67.30, 0.34),
        ("VNM", 136.6, 13.1, 90.41, 0.46),
        ("GBR", 68.1, 79.9, 0.0, 0.10),  # a surplus pays the floor
    ],
)
def test_reciprocal_rates_as_announced(
    economy: str, imports: float, exports: float, percent: float, announced: float
) -> None:
    """US goods trade of 2024 in bn USD → the formula → the rate of the annex."""
    assert round(100 * imbalance_rate(imports, exports), 2) == percent
    assert reciprocal_rate(imports, exports) == announced
    listed = next(s for s in open_case("reciprocal-2025").scenario.shock if "announced" in s.because)
    assert listed.by[economy] == announced


@pytest.mark.parametrize(
    ("imports", "exports", "expected"),
    [(0.0, 5.0, 0.10), (10.0, 10.0, 0.10), (10.0, 8.0, 0.10), (10.0, 7.98, 0.11), (10.0, 0.0, 0.50)],
)
def test_reciprocal_rate_at_its_edges(imports: float, exports: float, expected: float) -> None:
    assert reciprocal_rate(imports, exports) == expected


def test_computed_rates_follow_the_formula_on_the_worlds_own_trade() -> None:
    world = open_cached("world-2022")
    shocks = open_case("reciprocal-2025").scenario.shock
    computed = next(s for s in shocks if "computed" in s.because)
    picks = goods(world)
    for code, rate in computed.by.items():
        imports, exports = flow(world, code, "USA")[picks].sum(), flow(world, "USA", code)[picks].sum()
        assert rate == reciprocal_rate(float(imports), float(exports)), code


def test_every_economy_is_listed_once_or_outside_the_scheme() -> None:
    world = open_cached("world-2022")
    listed = [code for s in open_case("reciprocal-2025").scenario.shock for code in s.by]
    assert len(listed) == len(set(listed))
    assert set(world.regions) - set(listed) == {"USA", "CAN", "MEX", "RUS", "BLR"}


def test_the_formula_never_lowers_a_duty() -> None:
    held = assessed("reciprocal-2025")
    old, new = held.world.values("tariff_rate"), held.change.now(held.world, "tariff_new")
    assert (new >= old).all()
    usa = held.world.regions.index("USA")
    assert (np.delete(new, usa, axis=1) == np.delete(old, usa, axis=1)).all()


def test_rebased_world_is_a_benchmark_of_its_own() -> None:
    """cjk starts from trade solved again without today's preferences; solving it unchanged changes nothing."""
    today, before = open_cached("world-2022"), prepare_world(open_case("cjk"))
    assert max(before.residuals().values()) < 1e-10
    result = CaliendoParro().solve(before, Change.none(before))
    for name in ("wage_hat", "welfare_hat", "real_gdp_hat", "export_volume_hat", "sector_output_hat"):
        # The rebased flows carry the engine's tolerance (2e-11), times a trade elasticity of up to twenty.
        assert result.values(name) == pytest.approx(1, abs=1e-8)
    change = open_case("cjk").baseline(today)
    assert (before.values("tariff_rate") == change.now(today, "tariff_new")).all()
    assert any("undone" in sentence for sentence in before.adjustments)
    assert flow(before, "KOR", "CHN")[goods(before)].sum() < flow(today, "KOR", "CHN")[goods(today)].sum()


def test_rebased_world_has_the_answer_of_the_model() -> None:
    world = toy_world()
    change = Change.none(world).write(world, "tariff_new", {"importer": "CAN", "exporter": "NOR"}, 0.4, because="test")
    result, after = CaliendoParro().solve(world, change), rebased(world, change)
    trade = result.values("trade_fob_new")
    # Value added and final use are residuals of the flows: both agree to the engine's tolerance.
    assert after.values("trade_fob") == pytest.approx(trade, rel=1e-9)
    assert after.values("value_added").sum() == pytest.approx(world.values("value_added").sum(), rel=1e-9)
    back = Change.of(after, tariff_new=world.values("tariff_rate"))
    undone = CaliendoParro().solve(after, back)
    there = result.values("welfare_hat")
    assert undone.values("welfare_hat") == pytest.approx(1 / there, rel=1e-8)


@pytest.mark.parametrize("case", CASES)
def test_every_case_converges_under_every_closure_and_model(case: str) -> None:
    held = assessed(case)
    results = [run.result for run in (*held.closures.values(), *held.path.values())] + list(held.variants.values())
    assert all(result.status == "converged" and result.residual < 1e-10 for result in results)
    assert all(result.status == "converged" for result in held.models.values())
    assert all(np.isfinite(values).all() for result in results for values in result.arrays.values())


def test_ranking_of_the_trilateral() -> None:
    """R29: Korea's relative gain of real GDP in the long run far above China's and Japan's."""
    data = answered("cjk")["closures"]["long_run"]
    gain = {code: data[code]["real_gdp_pct"] for code in ("KOR", "JPN", "CHN", "TWN")}
    assert gain["KOR"]["low"] > 1.25 * gain["JPN"]["high"]  # in every draw, and by a margin
    assert gain["KOR"]["low"] > 1.25 * gain["CHN"]["high"]
    assert gain["CHN"]["low"] > 0 and gain["JPN"]["low"] > 0
    assert gain["TWN"]["high"] < 0  # who is left out loses


def test_the_trilateral_gives_korea_more_than_any_bilateral() -> None:
    variants = answered("cjk")["variants"]
    assert list(variants) == ["chn-kor", "jpn-kor", "chn-jpn", "cjk"]
    gdp = {name: variants[name]["KOR"]["real_gdp_pct"] for name in variants}
    assert gdp["cjk"] > max(gdp["chn-kor"], gdp["jpn-kor"]) > 0 > gdp["chn-jpn"]


def test_the_signs_of_the_cases() -> None:
    ecfa, korus, reciprocal = (answered(c)["closures"]["long_run"] for c in ("ecfa-goods", "korus", "reciprocal-2025"))
    assert ecfa["TWN"]["real_gdp_pct"]["low"] > ecfa["CHN"]["real_gdp_pct"]["high"] > 0
    assert korus["KOR"]["real_gdp_pct"]["high"] < korus["USA"]["real_gdp_pct"]["high"] < 0  # a withdrawal
    assert reciprocal["USA"]["real_gdp_pct"]["high"] < 0
    assert answered("reciprocal-2025")["parties"]["USA"]["tariff_revenue_change_musd"]["low"] > 0


def test_the_path_deepens_as_baskets_fall_due() -> None:
    path = answered("ecfa-goods")["path"]
    exports = [path[str(year)]["TWN"]["exports_pct"]["value"] for year in (2027, 2029, 2031, 2036, 2041)]
    assert exports == sorted(exports) and exports[0] > 0
