"""From an Assessment to the JSON object of the main job (schema: `answer.schema.json`).

Percentages are 100·(new/base − 1); money is million USD of the world's year in units of the numéraire (world value
added). A quantity that the closure fixes is null, with its reason under ``reasons``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tradewinds.core.language import say
from tradewinds.core.sources import sources
from tradewinds.core.stamp import fingerprint, software
from tradewinds.models.closure import CLOSURES
from tradewinds.scenarios.run import Assessment, Run

#: Field → (measure, how it is told).
FIELDS: Mapping[str, tuple[str, str]] = {
    "real_gdp_pct": ("real_gdp_hat", "hat"),
    "welfare_exact_pct": ("welfare_hat", "hat"),
    "welfare_first_order_pct": ("welfare_first_order", "fraction"),
    "exports_pct": ("export_volume_hat", "hat"),
    "imports_pct": ("import_volume_hat", "hat"),
    "output_pct": ("output_volume_hat", "hat"),
    "investment_pct": ("capital_hat", "hat"),
    "employment_pct": ("employment_hat", "hat"),
    "equivalent_variation_musd": ("equivalent_variation", "level"),
    "tariff_revenue_change_musd": ("tariff_revenue_change", "level"),
    "real_income_pct": ("real_income_hat", "hat"),
    "real_wage_pct": ("real_wage_hat", "hat"),
    "exports_value_pct": ("export_value_hat", "hat"),
    "imports_value_pct": ("import_value_hat", "hat"),
}
SECTOR_FIELDS = {
    "output_pct": "sector_output_hat",
    "exports_pct": "sector_export_hat",
    "imports_pct": "sector_import_hat",
}


def told(value: Any, how: str) -> Any:
    """A hat as per cent, a fraction as per cent, a level as it is."""
    if how == "hat":
        return 100 * (value - 1)
    return 100 * value if how == "fraction" else value


def economies(assessment: Assessment) -> tuple[str, ...]:
    """Me, the parties and the rivals, each once, in the case's order."""
    s = assessment.case.scenario
    return tuple(dict.fromkeys((s.me, *s.parties, *s.rivals)))


def figures(run: Run, codes: Sequence[str], regions: Sequence[str], language: str = "en") -> dict[str, Any]:
    """Every field of each economy: {value, low, high}, or null with its reason."""
    out: dict[str, Any] = {code: {"reasons": {}} for code in codes}
    places = [regions.index(code) for code in codes]
    for field, (measure, how) in FIELDS.items():
        if measure in run.result.absent or measure not in run.result:
            reason = say(run.result.absent.get(measure, "absent.model"), language)
            for code in codes:
                out[code][field] = None
                out[code]["reasons"][field] = reason
            continue
        value = told(run.result.values(measure), how)
        band = run.batch.range(measure, run.position)
        low, high = told(band.low, how), told(band.high, how)
        for code, k in zip(codes, places, strict=True):
            ends = (float(low[k]), float(high[k]))
            out[code][field] = {"value": float(value[k]), "low": min(ends), "high": max(ends)}
    return out


def sectors(assessment: Assessment, codes: Sequence[str]) -> dict[str, Any]:
    """Economy → sector → change of output, exports and imports in volume, per cent."""
    world, result = assessment.world, assessment.headline.result
    out: dict[str, Any] = {}
    for code in codes:
        k = world.regions.index(code)
        out[code] = {
            sector: {field: float(100 * (result.values(name)[k, j] - 1)) for field, name in SECTOR_FIELDS.items()}
            for j, sector in enumerate(world.sectors)
        }
    return out


def markets(assessment: Assessment, importer: str, top: int = 6) -> list[dict[str, Any]]:
    """Suppliers of ``importer`` of goods: share of its imports and average duty faced, before and after.

    Shares by value at border prices; duties weighted with benchmark trade. The parties and the largest others.
    """
    world, result = assessment.world, assessment.headline.result
    services = set(world.attributes.get("services", ()))
    goods = np.array([s not in services for s in world.sectors])
    n = world.regions.index(importer)
    before = world.values("trade_fob")[:, n][:, goods]
    after = result.values("trade_fob_new")[:, n][:, goods]
    foreign = np.arange(len(world.regions)) != n
    old, new = before.sum(axis=1), after.sum(axis=1)
    wanted = [c for c in economies(assessment) if c != importer]
    largest = [world.regions[k] for k in np.argsort(-old) if k != n and world.regions[k] != "ROW"]
    codes = list(dict.fromkeys([*wanted, *largest]))[: max(top, len(wanted))]
    rate0 = world.values("tariff_rate")[:, n][:, goods]
    rate1 = assessment.change.now(world, "tariff_new")[:, n][:, goods]
    rows = []
    for code in codes:
        k = world.regions.index(code)
        weight = before[k] / before[k].sum() if before[k].sum() > 0 else np.zeros(int(goods.sum()))
        rows.append(
            {
                "supplier": code,
                "share_before_pct": float(100 * old[k] / old[foreign].sum()),
                "share_after_pct": float(100 * new[k] / new[foreign].sum()),
                "duty_before_pct": float(100 * (weight * rate0[k]).sum()),
                "duty_after_pct": float(100 * (weight * rate1[k]).sum()),
                "exports_change_musd": float(new[k] - old[k]),
            }
        )
    return rows


def published(assessment: Assessment, language: str = "en") -> list[dict[str, Any]]:
    """Each published figure beside ours under the headline and under the closure that compares best."""
    s = assessment.case.scenario
    compared = s.comparison.closure if s.comparison.closure in assessment.closures else "headline"
    regions = assessment.world.regions
    rows = []
    for row in s.published:
        ours = {}
        for name in dict.fromkeys(("headline", compared)):
            ours[name] = figures(assessment.closures[name], [row.economy], regions)[row.economy][row.measure]
        rows.append(
            {
                "study": row.study,
                "source": row.source,
                "economy": row.economy,
                "measure": row.measure,
                "published": row.value,
                "ours": ours,
                "note": row.note[language],
            }
        )
    return rows


def jobs(assessment: Assessment) -> dict[str, Any]:
    """Closure → economy → change of employment in persons, where the case gives a base and the closure lets it move."""
    out: dict[str, Any] = {}
    regions = assessment.world.regions
    for name, run in assessment.closures.items():
        for code, base in assessment.case.scenario.employment_base.items():
            share = figures(run, [code], regions)[code]["employment_pct"]
            if share is not None:
                persons = {k: v / 100 * base.persons for k, v in share.items()}
                out.setdefault(name, {})[code] = {**persons, "base_persons": base.persons, "base_year": base.year}
    return out


def sensitivity(assessment: Assessment, language: str = "en") -> dict[str, Any]:
    """Under each published elasticity set: the welfare and real GDP of me and the parties, per cent."""
    s, batch = assessment.case.scenario, assessment.headline.batch
    codes = tuple(dict.fromkeys((s.me, *s.parties)))
    position = assessment.headline.position
    if batch.failed:
        return {}
    return {
        name: {
            code: {
                field: float(
                    told(batch.arrays[FIELDS[field][0]][k, position, assessment.world.regions.index(code)], "hat")
                )
                for field in ("welfare_exact_pct", "real_gdp_pct")
            }
            for code in codes
        }
        for k, name in enumerate(assessment.draws.names)
    }


def used_sources(assessment: Assessment) -> list[str]:
    """Ids of the sources the figures rest on, in order of the registry."""
    scenario = assessment.case.scenario
    ids = {p.source for p in assessment.world.provenance} | {p.source for p in scenario.published}
    ids |= {base.source for base in scenario.employment_base.values()}
    if any(row.chapters for a in assessment.case.agreements.values() for row in a.goods):
        ids.add("hs-isic")
    if ids & {"china-tariff-2026", "japan-tariff-2026"}:
        ids.add("us-imports-2024")
    if assessment.case.scenario.id.startswith("reciprocal"):
        ids.add("ustr-2025")
    return [name for name in sources() if name in ids]


def used_assumptions(assessment: Assessment) -> list[str]:
    """Ids of the numbered assumptions the figures lean on (an overridden one with its value)."""
    from tradewinds.scenarios.scenario import assumed_of

    s = assessment.case.scenario
    keys = ["elasticity_spread", "elasticity_cap"]
    chosen = s.assume.get("trade_elasticity", "median")
    if chosen == "median" and "trade_elasticity_sets" in assessment.world:
        keys.append("headline_elasticities")
    if any(a.utilisation is None and a.goods for a in assessment.case.agreements.values()):
        keys.append("utilisation")
    ids = list(assumed_of(s).ids(*keys))
    for run in assessment.closures.values():
        ids += run.result.assumptions
    return sorted(set(ids))


def stamp(assessment: Assessment) -> dict[str, str]:
    """What produced the figures: software, world and change by fingerprint, draws and seed."""
    return {
        "software": software(),
        "case": assessment.case.scenario.id,
        "world": assessment.origin,
        "change": fingerprint(assessment.change.arrays),
        "draws": f"{len(assessment.draws.elasticity)} (seed {assessment.draws.seed})",
    }


def answer(assessment: Assessment, language: str = "en") -> dict[str, Any]:
    """The whole object that ``tradewinds assess CASE --json`` prints."""
    s, run, regions = assessment.case.scenario, assessment.headline, assessment.world.regions
    codes = economies(assessment)
    return {
        "schema": "answer/1",
        "case": s.id,
        "title": s.title[language],
        "question": s.question[language],
        "benchmark": s.benchmark[language],
        "sign": s.sign[language],
        "world": assessment.world.name,
        "model": run.result.model,
        "closure": dict(run.result.closure),
        "years": list(s.years),
        "me": s.me,
        "parties": figures(run, codes, regions, language),
        "sectors": sectors(assessment, codes),
        "path": {str(year): figures(r, codes, regions, language) for year, r in assessment.path.items()},
        "closures": {name: figures(r, codes, regions, language) for name, r in assessment.closures.items()},
        "closure_rules": {name: CLOSURES[name].describe() for name in assessment.closures},
        "economies": figures(run, regions, regions, language),
        "variants": {
            name: {
                code: {
                    field: float(told(r.values(FIELDS[field][0])[regions.index(code)], "hat"))
                    for field in ("welfare_exact_pct", "real_gdp_pct", "exports_pct")
                }
                for code in codes
            }
            for name, r in assessment.variants.items()
        },
        "models": {
            name: {
                code: {"welfare_exact_pct": float(told(r.values("welfare_hat")[regions.index(code)], "hat"))}
                for code in codes
            }
            for name, r in assessment.models.items()
        },
        "decomposition": decomposition(assessment),
        "markets": {party: markets(assessment, party) for party in s.parties},
        "jobs": jobs(assessment),
        "sensitivity": sensitivity(assessment, language),
        "published": published(assessment, language),
        "status": run.result.status,
        "residual": max(r.result.residual for r in assessment.closures.values()),
        "residuals": dict(run.result.residuals),
        "draws": {
            "count": run.batch.draws,
            "failed": run.batch.failed,
            "elsewhere": min(r.batch.draws for r in (*assessment.closures.values(), *assessment.path.values())),
            "seed": assessment.draws.seed,
        },
        "sources": used_sources(assessment),
        "assumptions": used_assumptions(assessment),
        "adjustments": list(assessment.world.adjustments),
        "stamp": stamp(assessment),
    }


def decomposition(assessment: Assessment) -> dict[str, Any]:
    """Path-integrated welfare of me and the parties, per cent (logs): terms of trade, volume, by partner and sector."""
    split = assessment.split
    if split is None:
        return {}
    s, world = assessment.case.scenario, assessment.world
    out: dict[str, Any] = {"steps": split.steps}
    for code in dict.fromkeys((s.me, *s.parties)):
        k = world.regions.index(code)
        both = split.terms_of_trade[k] + split.volume[k]
        by_partner, by_sector = both.sum(axis=1), both.sum(axis=0)
        out[code] = {
            "terms_of_trade_pct": float(100 * split.terms_of_trade[k].sum()),
            "volume_pct": float(100 * split.volume[k].sum()),
            "exact_pct": float(100 * split.exact[k]),
            "gap_pct": float(100 * split.gap[k]),
            "by_partner_pct": {
                world.regions[i]: float(100 * by_partner[i]) for i in np.argsort(-np.abs(by_partner))[:6]
            },
            "by_sector_pct": {world.sectors[j]: float(100 * by_sector[j]) for j in np.argsort(-np.abs(by_sector))[:6]},
        }
    return out
