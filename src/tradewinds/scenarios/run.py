"""From a case to everything a brief needs: headline, path, closures, sensitivity, variants; answer first."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from tradewinds.core.errors import refuse, unknown_label
from tradewinds.core.stamp import fingerprint
from tradewinds.models import MODELS, model
from tradewinds.models.calibrated import Calibrated
from tradewinds.models.caliendo_parro import CaliendoParro
from tradewinds.models.closure import CLOSURES, closure
from tradewinds.models.decomposition import Split, split_welfare
from tradewinds.models.uncertainty import Batch, Draws, elasticity_draws, solve_draws
from tradewinds.scenarios.scenario import Case, assumed_of
from tradewinds.world.change import Change
from tradewinds.world.result import Result
from tradewinds.world.store import open_world
from tradewinds.world.world import World

#: Says which stage is running and how far it is: (stage key, done, total).
Progress = Callable[[str, int, int], None]

#: Draws for the years before the last and for the closures beside the headline (the published sets among them).
ELSEWHERE = 32

#: Steps of the path along which welfare is split.
SPLIT_STEPS = 10

#: Measures kept of every draw.
KEPT = (
    "real_gdp_hat", "welfare_hat", "welfare_first_order", "real_income_hat", "real_wage_hat", "export_volume_hat",
    "import_volume_hat", "export_value_hat", "import_value_hat", "output_volume_hat", "capital_hat", "employment_hat",
    "equivalent_variation", "tariff_revenue_change",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """One change solved on the headline elasticities, with the draws around it."""

    result: Result
    batch: Batch
    position: int = -1


@dataclass(frozen=True, slots=True)
class Assessment:
    """All that was solved for a case.

    ``headline`` is the last year under the headline closure; ``path`` year → Run; ``closures`` name → Run in the last
    year (the headline among them); ``variants`` id → Result in the last year; ``models`` other models on the same
    change; ``origin`` fingerprints what the benchmark was made from; ``split`` is welfare integrated along the path of
    the reform (None where the change is not of duties alone). ``world`` is the benchmark the change starts from
    (rebased where the case has a baseline).
    """

    case: Case
    world: World
    change: Change
    headline: Run
    path: Mapping[int, Run]
    closures: Mapping[str, Run]
    variants: Mapping[str, Result]
    models: Mapping[str, Result]
    split: Split | None
    draws: Draws
    origin: str
    seconds: float


def rebased(world: World, change: Change) -> World:
    """The equilibrium after ``change`` as a world of its own (duties, flows, input use; same technology and tastes)."""
    if not change.arrays:
        return world
    result = CaliendoParro().solve(world, change)
    coefficient = (
        world.values("input_use")
        / np.where(world.values("trade_fob").sum(axis=1) > 0, world.values("trade_fob").sum(axis=1), 1.0)[:, None, :]
    )
    trade, rate = np.array(result.values("trade_fob_new")), change.now(world, "tariff_new")
    use = coefficient * trade.sum(axis=1)[:, None, :]
    landed = (trade * (1 + rate)).sum(axis=0)
    added = np.maximum(trade.sum(axis=1) - use.sum(axis=1), 0.0)
    final = np.maximum(landed - use.sum(axis=2), 0.0)
    return World.build(
        world.name,
        year=world.year,
        regions=world.regions,
        sectors=world.sectors,
        trade_fob=trade,
        tariff_rate=rate,
        input_use=use,
        value_added=added,
        final_use=final,
        trade_elasticity=world.values("trade_elasticity"),
        elasticity_sets=dict(zip(world.labels["elasticity_set"], world.values("trade_elasticity_sets"), strict=True))
        if "trade_elasticity_sets" in world
        else None,
        provenance=world.provenance,
        adjustments=(*world.adjustments, *(b.sentence for b in change.because)),
        attributes=world.attributes,
    )


def _world_file(case: Case) -> str:
    """A world file is looked for beside the scenario first."""
    name = case.scenario.world
    if name.endswith(".npz") and case.folder is not None and (case.folder / name).is_file():
        return str(case.folder / name)
    return name


def observed_world(case: Case) -> World:
    """The world of a case as observed, on the elasticities it names, capped (A-006)."""
    scenario = case.scenario
    world = open_world(_world_file(case))
    named = dict.fromkeys((scenario.me, *scenario.parties, *scenario.rivals))
    where = f"{scenario.id}: parties"
    refuse(
        [unknown_label(p, world.regions, where=where, kind="economy") for p in named if p not in world.regions],
        where=where,
    )
    chosen = scenario.assume.get("trade_elasticity", "median")
    if isinstance(chosen, str) and chosen != "median":
        world = world.with_elasticities(chosen)
    elif not isinstance(chosen, str):
        world = world.replace(trade_elasticity=np.full(len(world.sectors), float(chosen)))
    cap = assumed_of(scenario)["elasticity_cap"]
    return world.replace(trade_elasticity=np.minimum(world.values("trade_elasticity"), cap))


def prepare_world(case: Case) -> World:
    """The benchmark of a case: the observed world after the case's baseline."""
    world = observed_world(case)
    return rebased(world, case.baseline(world))


def assess(
    case: Case,
    *,
    draws: int = 100,
    seed: int = 2022,
    closures: Sequence[str] = tuple(CLOSURES),
    progress: Progress | None = None,
) -> Assessment:
    """Solve a case: headline first, then its path, closures, variants and the elasticity draws."""
    begun = time.perf_counter()
    scenario, observed, assumed = case.scenario, observed_world(case), assumed_of(case.scenario)
    baseline = case.baseline(observed)
    world = rebased(observed, baseline)
    before = observed if baseline.arrays else None
    years = scenario.years
    changes = {year: case.change(world, year) for year in years}
    around = None if scenario.assume.get("trade_elasticity", "median") == "median" else world.values("trade_elasticity")
    sample = elasticity_draws(world, draws, seed=seed, assumed=assumed, around=around)
    fewer = sample.first(max(ELSEWHERE, len(sample.names)))
    headline = closure("headline", parties=scenario.parties, assumed=assumed)
    calibrated = Calibrated.of(world, headline, observed=before)

    def ranges(on: Calibrated, years_: Sequence[int], draws_: Draws, stage: str) -> Batch:
        return solve_draws(
            on, [changes[y] for y in years_], draws_, KEPT, progress=progress and partial(progress, stage)
        )

    engine, last = CaliendoParro(headline), years[-1]
    final = engine.solve(world, changes[last])
    path: dict[int, Run] = {}
    if years[:-1]:
        early = ranges(calibrated, years[:-1], fewer, "path")
        path = {y: Run(engine.solve(world, changes[y]), early, k) for k, y in enumerate(years[:-1])}
    path[last] = Run(final, ranges(calibrated, [last], sample, "headline"), 0)
    runs = {"headline": path[last]}
    for name in closures:
        if name != "headline":
            chosen = closure(name, parties=scenario.parties, assumed=assumed)
            batch = ranges(Calibrated.of(world, chosen, observed=before), [last], fewer, name)
            runs[name] = Run(CaliendoParro(chosen).solve(world, changes[last]), batch, 0)
    variants = {
        v.id: runs["headline"].result
        if v.id == scenario.headline
        else engine.solve(world, case.change(world, years[-1], v.id))
        for v in scenario.variant
    }
    change = changes[last]
    others = {name: model(name).solve(world, change) for name in MODELS if name != CaliendoParro.name}
    origin = f"{observed.name} {fingerprint({**observed.arrays, **baseline.arrays})}"
    split = None
    if set(change.arrays) <= {"tariff_new"}:
        split = split_welfare(calibrated, change, steps=SPLIT_STEPS)
    return Assessment(
        case,
        world,
        change,
        runs["headline"],
        path,
        runs,
        variants,
        others,
        split,
        sample,
        origin,
        time.perf_counter() - begun,
    )


def replace_scenario(case: Case, **changes: object) -> Case:
    """A copy of a case with fields of its scenario replaced."""
    return Case(case.scenario.model_copy(update=changes), case.folder)
