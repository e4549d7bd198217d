"""`tradewinds explain`: how one number came about, step by step, down to its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import numpy as np

from tradewinds.core import names
from tradewinds.core.errors import InputError
from tradewinds.core.language import say
from tradewinds.core.sources import source
from tradewinds.core.stamp import software
from tradewinds.core.variables import Variable, variable, variables
from tradewinds.models.calibrated import Calibrated
from tradewinds.models.caliendo_parro import CaliendoParro
from tradewinds.models.closure import closure as closure_named
from tradewinds.models.decomposition import split_welfare
from tradewinds.report.document import Block, Cell, Column, Document, Note, Table, Text
from tradewinds.scenarios.run import prepare_world
from tradewinds.scenarios.scenario import assumed_of, open_case
from tradewinds.verbs.options import Hidden
from tradewinds.world.arrays import position
from tradewinds.world.change import Change
from tradewinds.world.world import World

#: A change variable is asked for by the name of the benchmark variable it replaces, too.
ALIASES = {"tariff_rate": "tariff_new"}


def explain(
    name: str,
    /,
    *,
    case: str = "ecfa-goods",
    exporter: str = "",
    importer: str = "",
    region: str = "",
    sector: str = "",
    input_sector: str = "",
    year: int = 0,
    closure: str = "headline",
    language: Annotated[str, Hidden] = "en",
) -> Document:
    """How one number came about, step by step, down to its source.

    Parameters
    ----------
    name
        A variable, for instance tariff_rate, trade_fob, welfare_hat, real_gdp_hat.
    case
        The case whose number it is.
    exporter
        Label of the exporter, where the variable has one.
    importer
        Label of the importer.
    region
        Label of the economy.
    sector
        Label of the sector.
    input_sector
        Label of the product used as an input.
    year
        The year of the path; the last one otherwise.
    closure
        headline, deficits_removed, long_run or real_wage, for results.
    """
    spec = variable(name, where="explain")
    at = {d: v for d, v in _given(exporter, importer, region, sector, input_sector).items() if v}
    if set(at) != set(spec.dims):
        missing = ", ".join(f"--{d.replace('_', '-')}" for d in spec.dims if d not in at) or "nothing more"
        extra = ", ".join(d for d in at if d not in spec.dims)
        raise InputError(
            f"{name} is a number by {', '.join(spec.dims)}" + (f", not {extra}" if extra else ""),
            where="explain",
            allowed=f"give {missing}",
        )
    opened = open_case(case)
    world = prepare_world(opened)
    when = year or opened.scenario.years[-1]
    change = opened.change(world, when)
    rows: list[dict[str, Cell]] = []
    blocks: list[Block] = [Text(spec.says)]
    twin = {new: old for old, new in ALIASES.items()}.get(name, name)
    if variable(twin, where="explain").role == "benchmark":
        rows += _benchmark(world, variable(twin, where="explain"), at, language)
    if spec.role == "change" or name in ALIASES:
        rows += _changed(world, change, variable(ALIASES.get(name, name), where="explain"), at, when, language)
    if spec.role == "result":
        chosen = closure_named(closure, parties=opened.scenario.parties, assumed=assumed_of(opened.scenario))
        result = CaliendoParro(chosen).solve(world, change)
        if name in result.absent and name not in result:
            raise InputError(say(result.absent[name], language), where=f"{name}, closure {closure}")
        value = result.cell(name, **at)
        rows.append(_row(say("explain.after", language), value, spec.unit, f"{result.model}, {closure}, {when}", ""))
        rows += _parts(world, result.arrays, name, at, language)
        if name in result.absent:
            blocks.append(Note(say(result.absent[name], language), "gap"))
        if (
            name in ("welfare_hat", "real_income_hat")
            and closure == "headline"
            and set(change.arrays) <= {"tariff_new"}
        ):
            blocks.append(_welfare_rows(world, change, at["region"], language))
    table = Table(
        say("explain.steps", language),
        (
            Column("step", say("column.step", language)),
            Column("value", say("column.value", language), "number", "", 6),
            Column("unit", say("render.unit", language)),
            Column("because", say("column.because", language)),
            Column("source", say("column.source", language)),
        ),
        tuple(rows),
        name="steps",
    )
    cell = ", ".join(f"{d} {_called(d, v, language)}" for d, v in at.items())
    return Document(
        say("explain.title", language, variable=name),
        f"{cell} · {opened.scenario.title[language]} · {when}",
        language,
        (blocks[0], table, *blocks[1:]),
        {"software": software(), "case": opened.scenario.id},
        {"schema": "explanation/1", "variable": name, "cell": at, "year": when, "steps": rows},
    )


def _given(exporter: str, importer: str, region: str, sector: str, input_sector: str) -> dict[str, str]:
    return {
        "exporter": exporter, "importer": importer, "region": region, "sector": sector, "input_sector": input_sector,
    }  # fmt: skip


def _called(dim: str, label: str, language: str) -> str:
    name = names.sector(label, language) if "sector" in dim else names.economy(label, language)
    return f"{label} ({name})" if name != label else label


def _row(step: str, value: float | None, unit: str, because: str, origin: str) -> dict[str, Cell]:
    return {"step": step, "value": value, "unit": unit, "because": because, "source": origin}


def _benchmark(world: World, spec: Variable, at: Mapping[str, str], language: str) -> list[dict[str, Cell]]:
    value = world.cell(spec.name, **at)
    found = world.origin(spec.name, **at)
    because = "" if found is None else f"{found.note} [{found.grade}]".strip()
    origin = "" if found is None else source(found.source).cite
    return [_row(say("explain.benchmark", language), value, spec.unit, because, origin)]


def _changed(
    world: World, change: Change, spec: Variable, at: Mapping[str, str], year: int, language: str
) -> list[dict[str, Cell]]:
    rows: list[dict[str, Cell]] = []
    for reason in change.because:
        if reason.variable == spec.name and all(at[d] in labels for d, labels in reason.where.items()):
            rows.append(_row(say("explain.reason", language), None, "", reason.sentence, ""))
    index = tuple(position(at[dim], dim, world.labels, where="explain") for dim in spec.dims)
    value = float(change.now(world, spec.name)[index])
    rows.append(_row(f"{say('explain.after', language)} ({year})", value, spec.unit, spec.says, ""))
    return rows


def _parts(
    world: World, arrays: Mapping[str, np.ndarray], name: str, at: Mapping[str, str], language: str
) -> list[dict[str, Cell]]:
    """The pieces that a regional measure is made of, where it is a ratio of others."""
    recipe = {
        "real_income_hat": ("income_new", "consumer_price_hat", "tariff_revenue_change"),
        "welfare_hat": ("real_income_hat", "income_new", "consumer_price_hat", "employment_hat", "capital_hat"),
        "real_wage_hat": ("wage_hat", "consumer_price_hat"),
        "equivalent_variation": ("welfare_hat",),
        "welfare_first_order": ("terms_of_trade_first_order", "trade_volume_first_order"),
        "real_gdp_hat": ("export_volume_hat", "import_volume_hat", "tariff_revenue_change"),
    }.get(name, ())
    k = world.regions.index(at["region"]) if "region" in at else 0
    return [
        _row(
            f"{say('explain.part', language)}: {part}",
            float(arrays[part][k]),
            variables()[part].unit,
            variables()[part].says,
            "",
        )
        for part in recipe
        if part in arrays
    ]


def _welfare_rows(world: World, change: Change, region: str, language: str) -> Table:
    """The rows of the model (partner × sector) that a welfare change is the sum of, the largest first."""
    split = split_welfare(Calibrated.of(world, closure_named("headline")), change)
    k = world.regions.index(region)
    total = split.terms_of_trade[k] + split.volume[k]
    order = np.argsort(-np.abs(total), axis=None)[:12]
    rows: list[dict[str, Cell]] = []
    for flat in order:
        i, j = np.unravel_index(int(flat), total.shape)
        rows.append(
            {
                "partner": _called("region", world.regions[i], language),
                "sector": _called("sector", world.sectors[j], language),
                "terms": 100 * float(split.terms_of_trade[k, i, j]),
                "volume": 100 * float(split.volume[k, i, j]),
                "imports": float(world.values("trade_fob")[i, k, j]),
                "before": 100 * float(world.values("tariff_rate")[i, k, j]),
                "after": 100 * float(change.now(world, "tariff_new")[i, k, j]),
            }
        )
    return Table(
        say("explain.rows", language),
        (
            Column("partner", say("column.partner", language)),
            Column("sector", say("column.sector", language)),
            Column("terms", say("welfare.terms", language), "number", "%", 4, True),
            Column("volume", say("welfare.volume", language), "number", "%", 4, True),
            Column("imports", say("field.imports_value_pct", language), "number", say("unit.musd", language), 0),
            Column("before", say("market.duty_before_pct", language), "number", "%", 2),
            Column("after", say("market.duty_after_pct", language), "number", "%", 2),
        ),
        tuple(rows),
        say("explain.rows_note", language, steps=split.steps),
        name="rows",
    )
