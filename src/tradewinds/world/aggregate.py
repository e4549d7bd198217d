"""Fewer economies or fewer sectors: a World, or a Change, merged so that every total is kept.

Sums: trade, input use, value added, final use. Means: a duty is weighted with trade, Σ t·M / Σ M, so that the revenue
is kept; trade elasticities are weighted with foreign trade. What the members of a group sell to one another becomes
what the group sells at home, and keeps the duty it paid: the diagonal of a merged group may carry duty.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradewinds.core.errors import InputError, refuse, unknown_label
from tradewinds.core.grades import GRADES, Provenance
from tradewinds.core.variables import axes, variable
from tradewinds.world.arrays import Array, frozen
from tradewinds.world.change import Because, Change
from tradewinds.world.world import World

#: Axes a mapping may merge: name of the table in the file → axis of the World.
TABLES = {"regions": "region", "sectors": "sector"}
COLUMNS = ("axis", "label", "group")

#: What weights the mean of each variable of a Change.
WEIGHTS = {
    "tariff_new": "trade_fob",
    "trade_cost_hat": "trade_fob",
    "productivity_hat": "output",
    "endowment_hat": "value_added",
}


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which group each label goes to, by axis, in the order of the file; None leaves an axis as it is."""

    regions: Mapping[str, str] | None = None
    sectors: Mapping[str, str] | None = None


def read_mapping(path: str | Path, world: World | None = None) -> Grouping:
    """Read a mapping, and check it against ``world`` where one is given.

    TOML: tables ``[regions]`` and ``[sectors]`` with ``group = ["label", …]``. CSV: columns ``axis`` (``regions`` or
    ``sectors``), ``label``, ``group``. Raises every fault of the file at once (:class:`InputError`, or ``Faults``):
    unknown tables, columns or labels, a label named twice, an empty group, and labels of ``world`` left out.
    """
    path = Path(path)
    pairs, faults = _read_csv(path) if path.suffix.casefold() == ".csv" else _read_toml(path)
    groups: dict[str, dict[str, str]] = {}
    for table, rows in pairs.items():
        labels = [label for label, _ in rows]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            faults.append(InputError(f"{TABLES[table]} {', '.join(twice)} named twice", where=f"{path}: {table}"))
        groups[table] = dict(rows)
    if not groups and not faults:
        faults.append(InputError("maps nothing", where=str(path), allowed=f"tables {', '.join(TABLES)}"))
    grouping = Grouping(**groups)
    if world is not None:
        faults += mapping_faults(world, grouping.regions, grouping.sectors, where=str(path))
    refuse(faults, where=str(path))
    return grouping


_Pairs = dict[str, list[tuple[str, str]]]


def _read_toml(path: Path) -> tuple[_Pairs, list[InputError]]:
    try:
        data: dict[str, Any] = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"not TOML ({error})", where=str(path)) from None
    pairs: _Pairs = {}
    faults: list[InputError] = []
    for table, groups in data.items():
        if table not in TABLES or not isinstance(groups, dict):
            faults.append(unknown_label(table, TABLES, where=str(path), kind="table"))
            continue
        rows = pairs.setdefault(table, [])
        for group, labels in groups.items():
            where = f"{path}: {table}"
            if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
                faults.append(InputError(f"group {group} is not a list of labels", where=where))
            elif not labels or not group.strip():
                faults.append(InputError(f"group `{group}` is empty or has no name", where=where))
            else:
                rows += [(label, group) for label in labels]
    return pairs, faults


def _read_csv(path: Path) -> tuple[_Pairs, list[InputError]]:
    table = csv.DictReader(_text(path).splitlines())
    header = tuple(table.fieldnames or ())
    if sorted(header) != sorted(COLUMNS):
        raise InputError(f"columns {', '.join(header)}", where=str(path), allowed=", ".join(COLUMNS))
    pairs: _Pairs = {}
    faults: list[InputError] = []
    for line, row in enumerate(table, start=2):
        axis, label, group = ((row[column] or "").strip() for column in COLUMNS)
        if axis not in TABLES:
            faults.append(unknown_label(axis, TABLES, where=f"{path}: line {line}", kind="axis"))
        elif not label or not group:
            faults.append(InputError("a label or a group is blank", where=f"{path}: line {line}"))
        else:
            pairs.setdefault(axis, []).append((label, group))
    return pairs, faults


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise InputError("no such file", where=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", where=str(path)) from None


def mapping_faults(
    world: World, regions: Mapping[str, str] | None, sectors: Mapping[str, str] | None, *, where: str
) -> list[InputError]:
    """Labels of ``world`` that a mapping leaves out, labels it does not know, groups without a name."""
    faults: list[InputError] = []
    for table, groups in (("regions", regions), ("sectors", sectors)):
        if groups is None:
            continue
        known, place = world.labels[TABLES[table]], f"{where}: {table}"
        strange = [label for label in groups if label not in known]
        faults += [unknown_label(label, known, where=place, kind=TABLES[table]) for label in strange]
        left = [label for label in known if label not in groups]
        if left:
            faults.append(
                InputError(
                    f"{', '.join(left)} in no group",
                    where=place,
                    allowed=f"each {TABLES[table]} of {world.name} once",
                    hint="a group may have one member",
                )
            )
        if any(not group.strip() for group in groups.values()):
            faults.append(InputError("a group has no name", where=place))
    return faults


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis merged: names of the groups, the group of each label, and which label belongs to which group."""

    labels: tuple[str, ...]
    names: tuple[str, ...]
    group: NDArray[np.intp]
    member: Array

    @classmethod
    def of(cls, labels: Sequence[str], groups: Mapping[str, str] | None) -> _Axis:
        chosen = {label: label for label in labels} if groups is None else groups
        names = tuple(dict.fromkeys(chosen.values()))
        group = np.array([names.index(chosen[label]) for label in labels], dtype=np.intp)
        return cls(tuple(labels), names, group, np.eye(len(names))[group])

    def of_labels(self, labels: Iterable[str]) -> tuple[str, ...]:
        """The groups of ``labels``, each once."""
        return tuple(dict.fromkeys(self.names[self.group[self.labels.index(label)]] for label in labels))

    def members(self, name: str) -> tuple[str, ...]:
        return tuple(label for label, g in zip(self.labels, self.group, strict=True) if self.names[g] == name)

    def story(self, what: str) -> list[str]:
        """A sentence that lists the groups which are not simply a label of the world."""
        merged = [(name, self.members(name)) for name in self.names]
        told = [f"{name} = {', '.join(of)}" for name, of in merged if of != (name,)]
        return [f"{len(self.labels)} {what} merged into {len(self.names)}: {'; '.join(told)}"] if told else []


def _sum(values: Array, along: Sequence[_Axis]) -> Array:
    """Totals by group along every dimension."""
    for dim, axis in enumerate(along):
        values = np.moveaxis(np.tensordot(values, axis.member, axes=(dim, 0)), -1, dim)
    return values


def _mean(values: Array, weight: Array, along: Sequence[_Axis]) -> Array:
    """Σ weight·value / Σ weight by group, the simple mean where a group has no weight; exact where all are equal."""
    anchor = values[np.ix_(*[np.argmax(axis.member, axis=0) for axis in along])]
    deviation = values - anchor[np.ix_(*[axis.group for axis in along])]
    total = _sum(weight, along)
    there = total > 0
    weighted = _sum(weight * deviation, along) / np.where(there, total, 1.0)
    simple = _sum(deviation, along) / _sum(np.ones_like(values), along)
    return anchor + np.where(there, weighted, simple)


def _within(name: str, values: Array) -> Array:
    spec = variable(name, where="aggregate")
    return np.clip(values, spec.low, spec.high)


def aggregate(
    world: World, *, regions: Mapping[str, str] | None = None, sectors: Mapping[str, str] | None = None, name: str
) -> World:
    """The World with economies and sectors merged; ``regions`` and ``sectors`` map each label to its group.

    Totals of trade, duty, input use, value added and final use are those of the members; the constructor checks that
    the sums balance. A merged cell without trade takes the simple mean of the duties. Trade elasticities are arithmetic
    means weighted with the foreign trade of the benchmark. Each variable keeps its sources; a group that is covered
    only in part by a statement of origin takes the worst grade among its members.

    Raises InputError (LabelError for an unknown label, with the near miss), all faults at once.

    >>> from tradewinds.world.toy import toy_world
    >>> small = aggregate(toy_world(), sectors={"food": "goods", "machines": "goods"}, name="one")
    >>> small.sectors, float(small.values("trade_fob").sum())
    (('goods',), 7770.0)
    """
    r, s = _axes(world, regions, sectors)
    trade = world.values("trade_fob")
    foreign = _foreign(world)
    sets = {}
    if "trade_elasticity_sets" in world:
        held = zip(world.labels["elasticity_set"], world.values("trade_elasticity_sets"), strict=True)
        sets = {label: _mean(values, foreign, [s]) for label, values in held}
    return World.build(
        name,
        year=world.year,
        regions=r.names,
        sectors=s.names,
        trade_fob=_sum(trade, [r, r, s]),
        tariff_rate=_within("tariff_rate", _mean(world.values("tariff_rate"), trade, [r, r, s])),
        input_use=_sum(world.values("input_use"), [r, s, s]),
        value_added=_sum(world.values("value_added"), [r, s]),
        final_use=_sum(world.values("final_use"), [r, s]),
        trade_elasticity=_mean(world.values("trade_elasticity"), foreign, [s]),
        elasticity_sets=sets,
        provenance=_provenance(world, {"region": r, "sector": s}),
        adjustments=(*world.adjustments, *r.story("economies"), *s.story("sectors")),
        attributes=_attributes(world, s),
    )


def _axes(world: World, regions: Mapping[str, str] | None, sectors: Mapping[str, str] | None) -> tuple[_Axis, _Axis]:
    where = f"mapping for {world.name}"
    refuse(mapping_faults(world, regions, sectors, where=where), where=where)
    return _Axis.of(world.regions, regions), _Axis.of(world.sectors, sectors)


def _foreign(world: World) -> Array:
    """[sector] trade between economies."""
    trade = world.values("trade_fob")
    return np.asarray(trade.sum(axis=(0, 1)) - np.einsum("nnj->j", trade))


def _attributes(world: World, sectors: _Axis) -> dict[str, Any]:
    """As before; a group is a service where all its members are."""
    out = dict(world.attributes)
    if "services" in out:
        out["services"] = [g for g in sectors.names if set(sectors.members(g)) <= set(out["services"])]
    return out


def _provenance(world: World, merged: Mapping[str, _Axis]) -> list[Provenance]:
    """The statements of origin on the groups, each no better than what it shares a group with."""
    out = []
    for row in world.provenance:
        where = {dim: _axis(dim, merged).of_labels(labels) for dim, labels in row.where.items()}
        partial = any(
            set(_axis(dim, merged).members(group)) - set(row.where[dim])
            for dim, groups in where.items()
            for group in groups
        )
        grade = row.grade
        if partial:
            rows = [p for p in world.provenance if p.variable == row.variable and _meets(p, where, merged)]
            grade = max((p.grade for p in rows), key=GRADES.index)
        out.append(Provenance(row.variable, row.source, grade, row.note, where))
    return out


def _axis(dim: str, merged: Mapping[str, _Axis]) -> _Axis:
    return merged[axes()[dim]]


def _meets(row: Provenance, where: Mapping[str, tuple[str, ...]], merged: Mapping[str, _Axis]) -> bool:
    """Whether a statement covers any member of the groups ``where``."""
    return all(
        set(_axis(dim, merged).of_labels(labels)) & set(where[dim]) for dim, labels in row.where.items() if dim in where
    )


def aggregate_change(
    world: World,
    change: Change,
    small_world: World,
    *,
    regions: Mapping[str, str] | None = None,
    sectors: Mapping[str, str] | None = None,
) -> Change:
    """The Change on the merged World: means by group, with the weights of the benchmark (:data:`WEIGHTS`).

    ``tariff_new`` and ``trade_cost_hat`` are weighted with trade, as the duty of the benchmark is, so that no change
    stays no change; ``productivity_hat`` with output, ``endowment_hat`` with value added. Raises InputError for a
    mapping that does not lead from ``world`` to ``small_world``.
    """
    merged = dict(zip(("region", "sector"), _axes(world, regions, sectors), strict=True))
    for axis, held in merged.items():
        if held.names != small_world.labels[axis]:
            raise InputError(
                f"the mapping leads to {axis} labels {', '.join(held.names)}",
                where=f"mapping for {small_world.name}",
                allowed=", ".join(small_world.labels[axis]),
            )
    weights = {
        "trade_fob": world.values("trade_fob"),
        "output": world.values("trade_fob").sum(axis=1),
        "value_added": world.values("value_added").sum(axis=1),
    }
    arrays = {}
    for name, values in change.arrays.items():
        along = [_axis(dim, merged) for dim in variable(name, where="change").dims]
        arrays[name] = frozen(_within(name, _mean(values, weights[WEIGHTS[name]], along)))
    because = tuple(
        Because(b.variable, {dim: _axis(dim, merged).of_labels(labels) for dim, labels in b.where.items()}, b.sentence)
        for b in change.because
    )
    return Change(small_world.labels, arrays, because)
