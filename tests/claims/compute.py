"""What the claims compute, by name: each a number from the public parts of the software."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tradewinds import solvers
from tradewinds.data.cp1993 import TRADED, build_cp1993, nafta_change
from tradewinds.models.calibrate import calibrate
from tradewinds.models.calibrated import Calibrated
from tradewinds.models.caliendo_parro import CaliendoParro
from tradewinds.models.closure import CLOSURES, HEADLINE
from tradewinds.models.decomposition import split_welfare
from tradewinds.world.change import Change
from tradewinds.world.result import Result
from tradewinds.world.toy import toy_world
from tradewinds.world.world import World

Array = NDArray[np.float64]
ROOT = Path(__file__).parents[2]
MEASURES: dict[str, Callable[..., float]] = {}
PERCENT = 100.0


def measure(function: Callable[..., float]) -> Callable[..., float]:
    """Let claim files name ``function``."""
    MEASURES[function.__name__] = function
    return function


def missing(need: str) -> str:
    """Why data called ``need`` are not here, or nothing."""
    named = os.environ.get("TRADEWINDS_RAW")
    if not named:
        return f"TRADEWINDS_RAW names no folder with {need}"
    return "" if (Path(named) / need).is_dir() else f"no folder {need} under TRADEWINDS_RAW"


def _raw() -> Path:
    return Path(os.environ["TRADEWINDS_RAW"]) / "cp1993"


@cache
def _world(deficits: bool) -> World:
    return build_cp1993(_raw(), deficits=deficits)


@cache
def _nafta(deficits: bool) -> Change:
    return nafta_change(_world(deficits), _raw())


@cache
def _after(deficits: bool, closure: str = "headline") -> Result:
    return CaliendoParro(CLOSURES[closure]).solve(_world(deficits), _nafta(deficits))


def _percent(result: Result, name: str, region: str) -> float:
    value = result.cell(name, region=region)
    return PERCENT * (value - 1 if name.endswith("_hat") else value)


def _textbook() -> Callable[..., object]:
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))
    from benchmarks.textbook import solve_textbook

    return solve_textbook


# ------------------------------------------------------------------------------------- NAFTA on the data of 1993


@measure
def nafta(name: str, region: str, deficits: bool = False) -> float:
    """A result of NAFTA's tariff cuts by region, per cent."""
    return _percent(_after(deficits), name, region)


@measure
def nafta_imports(importer: str, exporters: list[str], deficits: bool = False) -> float:
    """Growth of imports at border prices, all sectors, per cent."""
    world, result = _world(deficits), _after(deficits)
    rows = [world.regions.index(e) for e in exporters]
    column = world.regions.index(importer)
    old, new = (r.values(v)[rows, column].sum() for r, v in ((world, "trade_fob"), (result, "trade_fob_new")))
    return PERCENT * (new / old - 1)


@measure
def nafta_removing_deficits(name: str, region: str) -> float:
    """The same on observed deficits under the closure that removes them first, per cent."""
    return _percent(_after(True, "deficits_removed"), name, region)


@measure
def nafta_path(region: str, steps: int, path: str, part: str) -> float:
    """Welfare as published (x̂−1, levels of where a step starts), applied in steps along a path, per cent."""
    calibrated = Calibrated.of(_world(False), HEADLINE)
    origin, target = calibrated.base.benchmark.factor, calibrated.shock(_nafta(False)).factor
    n = _world(False).regions.index(region)
    flow, cost, income, factor = (
        calibrated.base.flow,
        np.ones(calibrated.base.spending.shape),
        calibrated.base.income,
        origin,
    )
    sums = {"terms of trade": 0.0, "volume of trade": 0.0}
    guess: Array | None = None
    for step in range(1, steps + 1):
        s = step / steps
        now = origin ** (1 - s) * target**s if path == "geometric" else (1 - s) * origin + s * target
        found = calibrated.solve(solvers.Shock(factor=now), guess=guess)
        guess = found.state
        rise = found.cost / cost - 1
        sold = (flow.sum(axis=0)[:, n] * rise[n]).sum()
        sums["terms of trade"] += (sold - (flow[n] * rise.T).sum()) / income[n]
        more = (factor[n] - 1) * (found.flow[n] - flow[n] - flow[n] * rise.T)
        sums["volume of trade"] += more.sum() / income[n]
        flow, cost, income, factor = found.flow, found.cost, found.income, now
    return PERCENT * (sum(sums.values()) if part == "welfare" else sums[part])


@measure
def nafta_split(region: str, steps: int, part: str) -> float:
    """The path-integrated split in logs by the trapezoid rule, per cent; ``gap``: what its sum misses."""
    split = split_welfare(Calibrated.of(_world(False), HEADLINE), _nafta(False), steps=steps)
    n = _world(False).regions.index(region)
    if part == "gap":
        return PERCENT * float(split.gap[n])
    return PERCENT * float((split.terms_of_trade if part == "terms of trade" else split.volume)[n].sum())


@measure
def nafta_split_order(region: str, steps: int) -> float:
    """How much the gap of the split shrinks when the steps are doubled."""
    return nafta_split(region, steps, "gap") / nafta_split(region, 2 * steps, "gap")


@measure
def nafta_income_part(region: str, part: str, after: bool) -> float:
    """Wages or duty in income, per cent."""
    world, result = _world(False), _after(False)
    n = world.regions.index(region)
    wages = float(world.values("value_added")[n].sum())
    duty = float((world.values("trade_fob") * world.values("tariff_rate"))[:, n].sum())
    if after:
        wages, duty = wages * result.cell("wage_hat", region=region), result.cell("tariff_revenue_new", region=region)
    return PERCENT * (wages if part == "wages" else duty) / (wages + duty)


@measure
def nafta_textbook(deficits: bool) -> float:
    """Largest difference of income between the engine and a nested loop with dense elimination."""
    calibrated = Calibrated.of(_world(deficits), HEADLINE)
    shock = calibrated.shock(_nafta(deficits))
    answer = _textbook()(calibrated.base.benchmark, shock, tolerance=1e-9)
    return float(np.abs(answer.income / calibrated.solve(shock).income - 1).max())  # type: ignore[attr-defined]


@measure
def home_sales_zero(after: bool) -> float:
    """How many cells of economy and traded sector sell nothing at home."""
    trade = _after(False).values("trade_fob_new") if after else _world(False).values("trade_fob")
    return float((np.einsum("nnj->nj", trade)[:, : len(TRADED)] == 0).sum())


@measure
def told(words: str) -> float:
    """The number in the adjustment that holds ``words``."""
    (row,) = (a for a in _world(False).adjustments if words in a)
    return float(row.split()[0])


@measure
def world_total(name: str) -> float:
    """A benchmark array of the world without deficits added up, billion USD."""
    return float(_world(False).values(name).sum()) / 1e3


@measure
def largest_deficit() -> float:
    """The largest deficit over value added in the world without deficits."""
    b = calibrate(_world(False))
    return float(np.abs(b.deficit / b.value_added).max())


def _free_trade(cap: float | None) -> tuple[World, Change]:
    world = _world(False)
    if cap is not None:
        world = world.replace(trade_elasticity=np.minimum(world.values("trade_elasticity"), cap))
    return world, Change.of(world, tariff_new=np.zeros_like(world.values("tariff_rate")))


@measure
def free_trade(region: str, cap: float | None = None) -> float:
    """Welfare when every duty of 1993 goes, θ capped where ``cap`` says so, per cent."""
    world, change = _free_trade(cap)
    return _percent(CaliendoParro().solve(world, change), "welfare_hat", region)


@measure
def free_trade_textbook(cap: float) -> float:
    """Largest difference of income between the engine and a nested loop when every duty of 1993 goes."""
    world, change = _free_trade(cap)
    calibrated = Calibrated.of(world, HEADLINE)
    shock = calibrated.shock(change)
    answer = _textbook()(calibrated.base.benchmark, shock, tolerance=1e-9, damping=0.1)
    return float(np.abs(answer.income / calibrated.solve(shock).income - 1).max())  # type: ignore[attr-defined]


@measure
def moved_by_nothing(data: str) -> float:
    """Largest |hat − 1| of wages, prices and welfare when nothing changes."""
    world = toy_world() if data == "toy3" else _world(True)
    result = CaliendoParro().solve(world, Change.none(world))
    return max(float(np.abs(result.values(v) - 1).max()) for v in ("wage_hat", "price_hat", "welfare_hat"))


# ------------------------------------------------------------------------------------------------ identities


def _reform(world: World) -> Change:
    """Duties of the toy world cut by half one way and doubled the other."""
    rate = np.array(world.values("tariff_rate"))
    rate[0, 1:], rate[1, 0] = 0.5 * rate[0, 1:], 2 * rate[1, 0]
    return Change.of(world, tariff_new=rate)


def _shown(data: str) -> tuple[World, Change, Result]:
    if data == "toy3":
        world = toy_world()
        change = _reform(world)
        return world, change, CaliendoParro().solve(world, change)
    return _world(True), _nafta(True), _after(True)


@measure
def identity(name: str, data: str = "toy3") -> float:
    """Relative error of an accounting identity after a reform."""
    world, change, result = _shown(data)
    flow, factor = result.values("trade_fob_new"), 1 + change.now(world, "tariff_new")
    added = world.values("value_added").sum(axis=1) * result.values("wage_hat")
    income = result.values("income_new")
    home = np.arange(len(world.regions))
    volume = flow / result.values("cost_hat")[:, None, :]
    volume[home, home] = 0.0
    base = np.array(world.values("trade_fob"))
    base[home, home] = 0.0
    quantity = result.values("import_volume_hat") * base.sum(axis=(0, 2))
    sides = {
        "world income is value added and duty": (income.sum(), added.sum() + result.values("tariff_revenue_new").sum()),
        "numéraire": (added.sum(), world.values("value_added").sum()),
        "purchases": (result.values("expenditure_new").sum(), (flow * factor).sum()),
        "output is sold": (result.values("output_new").sum(), flow.sum()),
        "world exports are world imports by volume": (volume.sum(), quantity.sum()),
    }
    left, right = sides[name]
    return float(abs(left / right - 1))


@measure
def walras(data: str) -> float:
    """Trade balances that no equation imposed, over value added."""
    return float(_shown(data)[2].residuals["trade balance (Walras)"])


@measure
def wage_formula(data: str) -> float:
    """Largest error of real wages recomputed from home shares and input shares alone.

    −Σ_j α_j Σ_k [(I−A)⁻ᵀ]_jk ln π̂_kk/θ_k: equation 15 of Caliendo and Parro with every input share kept apart.
    """
    world, change, result = _shown(data)
    b = calibrate(world)
    shock = result.values("trade_fob_new") * (1 + change.now(world, "tariff_new"))
    old, new = np.einsum("njn->nj", b.share), np.einsum("nnj->nj", shock) / result.values("expenditure_new")
    has_home = (old > 1e-9).all(axis=1)
    worst = 0.0
    for n in np.flatnonzero(has_home):
        log_price = np.log(new[n] / old[n]) / b.elasticity
        level = np.linalg.solve(np.eye(old.shape[1]) - b.inputs[n].T, log_price)
        wage = -(b.final_share[n] * level).sum()
        worst = max(worst, abs(wage - np.log(result.values("real_wage_hat")[n])))
    assert has_home.any()
    return float(worst)


# ------------------------------------------------------------------------------------------------ closed forms


def _plain_world(home: Array, abroad: float, *, rate: float = 0.0, theta: float = 5.0, sectors: int = 1) -> World:
    """Economies that make everything from labour, each selling ``abroad`` to every other in each sector."""
    n = home.size
    trade = np.full((n, n, sectors), abroad)
    trade[np.arange(n), np.arange(n)] = home[:, None]
    duty = np.full(trade.shape, rate)
    duty[np.arange(n), np.arange(n)] = 0.0
    return World.build(
        "plain", year=2000, regions=[f"R{k}" for k in range(n)], sectors=[f"S{k}" for k in range(sectors)],
        trade_fob=trade, tariff_rate=duty, input_use=np.zeros((n, sectors, sectors)),
        trade_elasticity=np.full(sectors, theta),
    )  # fmt: skip


@measure
def gains_from_home_share(theta: float) -> float:
    """Welfare over λ̂^(−1/θ) less one, after iceberg costs rise by 30 % everywhere."""
    world = _plain_world(np.array([900.0, 300.0, 60.0]), 25.0, theta=theta)
    cost = np.full((3, 3, 1), 1.3)
    cost[np.arange(3), np.arange(3)] = 1.0
    result = CaliendoParro().solve(world, Change.of(world, trade_cost_hat=cost))
    old = np.einsum("nnj->n", world.values("trade_fob")) / world.values("trade_fob").sum(axis=(0, 2))
    new = np.einsum("nnj->n", result.values("trade_fob_new")) / result.values("trade_fob_new").sum(axis=(0, 2))
    return float(np.abs(result.values("welfare_hat") / (new / old) ** (-1 / theta) - 1).max())


@measure
def loss_of_autarky(theta: float, share: float) -> float:
    """Welfare change when trade becomes prohibitive for an economy that buys ``share`` at home, per cent."""
    world = _plain_world(np.full(2, 100.0 * share / (1 - share)), 100.0, theta=theta)
    cost = np.full((2, 2, 1), 100.0)
    cost[np.arange(2), np.arange(2)] = 1.0
    result = CaliendoParro().solve(world, Change.of(world, trade_cost_hat=cost))
    return PERCENT * float(result.values("welfare_hat")[0] - 1)


@measure
def symmetric_duty(duty: float, theta: float, share: float) -> float:
    """Error of welfare against the closed form for two alike economies that both raise a duty from zero."""
    world = _plain_world(np.full(2, 100.0 * share / (1 - share)), 100.0, theta=theta)
    rate = np.full((2, 2, 1), duty)
    rate[np.arange(2), np.arange(2)] = 0.0
    result = CaliendoParro().solve(world, Change.of(world, tariff_new=rate))
    weight = share + (1 - share) * (1 + duty) ** -theta
    bought_abroad = (1 - share) * (1 + duty) ** -theta / weight
    income = 1 / (1 - bought_abroad * duty / (1 + duty))
    return float(result.values("welfare_hat")[0] / (income * weight ** (1 / theta)) - 1)


@measure
def optimal_duty(theta: float, home: float, abroad: float) -> float:
    """The best duty of the first of two economies over 1/(θ λ_FF), the second's home share there, less one."""
    world = _plain_world(np.array([home, abroad]), 40.0, theta=theta)

    def welfare(duty: float) -> tuple[float, float]:
        rate = np.zeros((2, 2, 1))
        rate[1, 0] = duty
        result = CaliendoParro().solve(world, Change.of(world, tariff_new=rate))
        flow = result.values("trade_fob_new")[:, 1, 0]
        return float(result.values("welfare_hat")[0]), float(flow[1] / flow.sum())

    low, high = 0.0, 1.0
    golden = (np.sqrt(5) - 1) / 2
    while high - low > 1e-6:
        left, right = high - golden * (high - low), low + golden * (high - low)
        if welfare(left)[0] < welfare(right)[0]:
            low = left
        else:
            high = right
    best = (low + high) / 2
    return best * theta * welfare(best)[1] - 1


@measure
def scale_matters_not() -> float:
    """Largest change of real wages when all values of the toy world are doubled."""
    world = toy_world()
    twice = world.replace(**{v: 2 * world.values(v) for v in ("trade_fob", "input_use", "value_added", "final_use")})
    one, two = (CaliendoParro().solve(w, _reform(w)).values("real_wage_hat") for w in (world, twice))
    return float(np.abs(one / two - 1).max())


@measure
def small_reform(part: str) -> float:
    """How much the error of first-order welfare shrinks when a small reform is halved (4: it is of second order)."""
    world = toy_world()
    rate = world.values("tariff_rate")

    def error(size: float) -> float:
        result = CaliendoParro().solve(world, Change.of(world, tariff_new=np.where(rate > 0, rate - size, 0.0)))
        gap = result.values("welfare_first_order") - np.log(result.values("welfare_hat"))
        return float(gap[world.regions.index(part)])

    return error(0.004) / error(0.002)


@measure
def toy_textbook() -> float:
    """Largest difference of income between the engine and a nested loop on the toy world."""
    world = toy_world()
    calibrated = Calibrated.of(world, HEADLINE)
    shock = calibrated.shock(_reform(world))
    answer = _textbook()(calibrated.base.benchmark, shock, tolerance=1e-12)
    return float(np.abs(answer.income / calibrated.solve(shock).income - 1).max())  # type: ignore[attr-defined]


@measure
def merged_region() -> float:
    """Largest change of wages and welfare when an economy is cut into two alike halves."""
    whole = _plain_world(np.array([400.0, 900.0]), 60.0, rate=0.1)
    halves = _halved(whole)
    results = []
    for world in (whole, halves):
        rate = np.array(world.values("tariff_rate"))
        rate[-1, :-1] = rate[:-1, -1] = 0.0
        results.append(CaliendoParro().solve(world, Change.of(world, tariff_new=rate)))
    worst = 0.0
    for name in ("wage_hat", "welfare_hat"):
        one, two = (r.values(name) for r in results)
        worst = max(worst, float(np.abs(two[:2] / one[0] - 1).max()), float(abs(two[2] / one[1] - 1)))
    return worst


def _halved(whole: World) -> World:
    """The first economy as two that trade with one another at home prices, without duty."""
    old = whole.values("trade_fob")
    trade = np.empty((3, 3, 1))
    trade[:2, :2], trade[:2, 2], trade[2, :2], trade[2, 2] = old[0, 0] / 4, old[0, 1] / 2, old[1, 0] / 2, old[1, 1]
    rate = np.zeros((3, 3, 1))
    rate[:2, 2], rate[2, :2] = whole.values("tariff_rate")[0, 1], whole.values("tariff_rate")[1, 0]
    return World.build(
        "halved", year=2000, regions=["R0a", "R0b", "R1"], sectors=whole.sectors, trade_fob=trade, tariff_rate=rate,
        input_use=np.zeros((3, 1, 1)), trade_elasticity=whole.values("trade_elasticity"),
    )  # fmt: skip
