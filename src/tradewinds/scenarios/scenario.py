"""`Scenario`: the question, the world, the agreements and shocks, and what others have published about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from tradewinds.agreements.agreement import Agreement, Economy, Strict, Words, open_agreement
from tradewinds.agreements.bridge import changes_of
from tradewinds.core.assumptions import STANDARD, Assumed
from tradewinds.core.errors import Faults, InputError, refuse, unknown_label
from tradewinds.core.files import read_toml
from tradewinds.core.schema import faults_of
from tradewinds.core.sources import sources
from tradewinds.core.variables import axes, variable, variables
from tradewinds.models.closure import CLOSURES
from tradewinds.world.arrays import Array, selection
from tradewinds.world.change import Change
from tradewinds.world.store import embedded
from tradewinds.world.world import World

#: Measures a published figure may be held against.
MEASURES = (
    "real_gdp_pct", "welfare_exact_pct", "welfare_first_order_pct", "exports_pct", "imports_pct", "output_pct",
    "investment_pct", "employment_pct",
)  # fmt: skip


class Shock(Strict):
    """A block of cells set, raised or multiplied, applied after the agreements in file order.

    ``where`` names labels by dimension; what is not named means all. ``by`` gives one value for each label of ``over``.
    """

    variable: str
    where: dict[str, str | list[str]] = {}
    set_: float | None = Field(default=None, alias="set")
    add: float | None = None
    multiply: float | None = None
    over: Literal["exporter", "importer", "sector", "region", ""] = ""
    by: dict[str, float] = {}
    from_: int = Field(default=0, alias="from")
    until: int = 9999
    because: str


class Variant(Strict):
    """One way the question can go: a list of agreements in force together."""

    id: str
    title: Words
    agreements: list[str] = []
    shocks: bool = True


class Published(Strict):
    """A figure somebody published about (nearly) the same question."""

    economy: Economy
    measure: str
    value: float
    low: float | None = None
    high: float | None = None
    study: str
    source: str
    note: Words


class EmploymentBase(Strict):
    """Persons employed in an economy, so that a change of employment can be told in jobs."""

    persons: float = Field(gt=0)
    year: int
    source: str


class Comparison(Strict):
    """What to say beside published figures: why ours differ, and which closure to hold against them."""

    closure: str = "long_run"
    reasons: list[Words] = []


class Scenario(Strict):
    """A scenario file."""

    schema_: Literal["scenario/1"] = Field(alias="schema")
    id: str
    title: Words
    question: Words
    benchmark: Words
    sign: Words
    world: str = "world-2022"
    me: Economy
    parties: list[Economy] = Field(min_length=1)
    rivals: list[Economy] = []
    years: list[int] = Field(min_length=1)
    baseline: list[str] = []
    headline: str
    variant: list[Variant] = Field(min_length=1)
    shock: list[Shock] = []
    assume: dict[str, float | str] = {}
    published: list[Published] = []
    employment_base: dict[Economy, EmploymentBase] = {}
    comparison: Comparison = Comparison()
    cautions: list[Words] = []


def parse_scenario(table: Mapping[str, Any], *, where: str) -> Scenario:
    """Check a table against the schema and its cross-references; every fault at once."""
    try:
        scenario = Scenario.model_validate(table)
    except ValidationError as error:
        refuse(faults_of(error, Scenario, where=where), where=where)
        raise AssertionError from error
    faults: list[InputError] = []
    names = [v.id for v in scenario.variant]
    if scenario.headline not in names:
        faults.append(unknown_label(scenario.headline, names, where=f"{where}: headline", kind="variant"))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        faults.append(InputError(f"variant {', '.join(twice)} named twice", where=where))
    if scenario.world not in worlds() and not scenario.world.endswith(".npz"):
        faults.append(unknown_label(scenario.world, worlds(), where=f"{where}: world", kind="world"))
    if sorted(scenario.years) != scenario.years or len(set(scenario.years)) != len(scenario.years):
        faults.append(InputError(f"years {scenario.years}", where=where, allowed="rising, none twice"))
    if scenario.comparison.closure not in CLOSURES:
        faults.append(unknown_label(scenario.comparison.closure, CLOSURES, where=where, kind="closure"))
    for k, row in enumerate(scenario.published, 1):
        if row.measure not in MEASURES:
            faults.append(unknown_label(row.measure, MEASURES, where=f"{where}: published.{k}", kind="measure"))
        if row.source not in sources():
            faults.append(unknown_label(row.source, sources(), where=f"{where}: published.{k}", kind="source"))
    for k, shock in enumerate(scenario.shock, 1):
        faults += _shock_faults(shock, where=f"{where}: shock.{k}")
    try:
        assumed_of(scenario)
    except InputError as error:
        faults.append(error)
    refuse(faults, where=where)
    return scenario


def _shock_faults(shock: Shock, *, where: str) -> list[InputError]:
    changes = [n for n, v in variables().items() if v.role == "change"]
    name = "tariff_new" if shock.variable == "tariff_rate" else shock.variable
    if name not in changes:
        return [unknown_label(shock.variable, [*changes, "tariff_rate"], where=where, kind="variable")]
    given = [v for v in (shock.set_, shock.add, shock.multiply) if v is not None]
    if len(given) + bool(shock.by) != 1 or bool(shock.by) != bool(shock.over):
        return [InputError("says no or several values", where=where, allowed="one of set, add, multiply, or over + by")]
    dims = variable(name, where=where).dims
    named = [*shock.where, *([shock.over] if shock.over else [])]
    return [unknown_label(d, dims, where=where, kind="dimension") for d in named if d not in dims]


def assumed_of(scenario: Scenario) -> Assumed:
    """The numbered assumptions with this scenario's overrides (numbers of its [assume] table)."""
    overrides = {k: v for k, v in scenario.assume.items() if k != "trade_elasticity"}
    for key, value in overrides.items():
        if isinstance(value, str):
            raise InputError(f"{key} = {value!r}", where="[assume]", allowed="a number")
    return Assumed({k: float(v) for k, v in overrides.items()}) if overrides else STANDARD


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file."""
    return parse_scenario(read_toml(path), where=str(path))


def library() -> tuple[str, ...]:
    """Ids of the cases in the package."""
    room = files("tradewinds.scenarios").joinpath("library")
    return tuple(sorted(f.name.removesuffix(".toml") for f in room.iterdir() if f.name.endswith(".toml")))


class Case:
    """A scenario with its agreements read and checked against each other."""

    __slots__ = ("agreements", "folder", "scenario")

    def __init__(self, scenario: Scenario, folder: Path | None) -> None:
        self.scenario, self.folder = scenario, folder
        wanted = [*scenario.baseline, *(a for v in scenario.variant for a in v.agreements)]
        found: dict[str, Agreement] = {}
        faults: list[InputError] = []
        for name in dict.fromkeys(wanted):
            try:
                found[name] = open_agreement(name, folder)
            except InputError as error:
                faults += error.faults if isinstance(error, Faults) else [error]
        refuse(faults, where=scenario.id)
        self.agreements: Mapping[str, Agreement] = found

    def variant(self, name: str) -> Variant:
        """The variant called ``name``."""
        for v in self.scenario.variant:
            if v.id == name:
                return v
        raise unknown_label(name, [v.id for v in self.scenario.variant], where=self.scenario.id, kind="variant")

    def baseline(self, world: World) -> Change:
        """What is undone before the question is asked."""
        named = [self.agreements[name] for name in self.scenario.baseline]
        last = max((a.in_force.year for a in named), default=0)
        return changes_of(named, world, last, assumed=assumed_of(self.scenario))

    def change(self, world: World, year: int, variant: str = "") -> Change:
        """Everything the variant changes by the end of ``year``: its agreements together, then shocks in file order."""
        refuse(self.strangers(world), where=self.scenario.id)
        chosen = self.variant(variant or self.scenario.headline)
        assumed = assumed_of(self.scenario)
        change = changes_of([self.agreements[name] for name in chosen.agreements], world, year, assumed=assumed)
        if chosen.shocks:
            for shock in self.scenario.shock:
                if shock.from_ <= year <= shock.until:
                    change = _shocked(change, shock, world)
        return change

    def strangers(self, world: World) -> list[InputError]:
        """Labels in shocks and published figures that ``world`` does not have, each with its near miss."""
        named = [
            (f"{self.scenario.id}: published.{k}", "region", row.economy)
            for k, row in enumerate(self.scenario.published, 1)
        ]
        for k, shock in enumerate(self.scenario.shock, 1):
            for dim, labels in (*shock.where.items(), *([(shock.over, list(shock.by))] if shock.over else [])):
                listed = [labels] if isinstance(labels, str) else labels
                named += [(f"{self.scenario.id}: shock.{k}", dim, label) for label in listed]
        return [
            unknown_label(label, world.labels[axes()[dim]], where=where, kind=dim)
            for where, dim, label in named
            if label not in world.labels[axes()[dim]]
        ]


def _shocked(change: Change, shock: Shock, world: World) -> Change:
    name = "tariff_new" if shock.variable == "tariff_rate" else shock.variable
    if shock.by:
        for label, value in shock.by.items():
            change = _write(change, world, name, {**shock.where, shock.over: label}, ("add", value), shock.because)
        return change
    act = next(
        (verb, v)
        for verb, v in (("set", shock.set_), ("add", shock.add), ("multiply", shock.multiply))
        if v is not None
    )
    return _write(change, world, name, shock.where, act, shock.because)


def _write(
    change: Change,
    world: World,
    name: str,
    where: Mapping[str, str | Sequence[str]],
    act: tuple[str, float],
    because: str,
) -> Change:
    verb, value = act
    now = change.block(world, name, where)
    new = np.full_like(now, value) if verb == "set" else now + value if verb == "add" else now * value
    if {"exporter", "importer"} <= set(variable(name, where="shock").dims):
        new = np.where(_home(world, name, where), now, new)
    return change.write(world, name, where, new, because=because)


def _home(world: World, name: str, where: Mapping[str, str | Sequence[str]]) -> Array:
    """Which of the cells ``where`` are sales at home, which no shock touches."""
    spec = variable(name, where="shock")
    same = np.zeros([len(world.regions), len(world.regions), len(world.sectors)], dtype=bool)
    same[np.arange(len(world.regions)), np.arange(len(world.regions))] = True
    return np.asarray(same[selection(where, spec, world.labels, where="shock")])


def open_case(name: str) -> Case:
    """A case by id (in the package) or by the path of its scenario file or folder."""
    path = Path(name)
    if path.suffix == ".toml":
        return Case(read_scenario(path), path.parent)
    if path.is_dir() and name not in library():
        return Case(read_scenario(path / "scenario.toml"), path)
    if name not in library():
        raise unknown_label(name, library(), where="cases", kind="case", command="tradewinds data list")
    return Case(read_scenario(Path(str(files("tradewinds.scenarios").joinpath("library", f"{name}.toml")))), None)


def worlds() -> tuple[str, ...]:
    """Names a scenario may use as its world."""
    return ("toy3", *embedded())
