"""`Change`: what differs from the benchmark, on the same labels, with the reason for each block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tradewinds.core.errors import InputError, refuse
from tradewinds.core.variables import variable, variables
from tradewinds.world.arrays import Array, Labelled, Labels, frozen, selection, value_faults
from tradewinds.world.world import World


@dataclass(frozen=True, slots=True)
class Because:
    """Why some cells of a Change were written: the variable, the cells (dim → labels) and a sentence."""

    variable: str
    where: Mapping[str, tuple[str, ...]]
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Change(Labelled):
    """What differs from the benchmark; an array that is absent is unchanged. Values are levels or hats, no deltas."""

    labels: Labels
    arrays: Mapping[str, Array]
    because: tuple[Because, ...] = ()

    def __post_init__(self) -> None:
        faults: list[InputError] = []
        allowed = [n for n, v in variables().items() if v.role == "change"]
        for name, values in self.arrays.items():
            if variable(name, where="change").role != "change":
                faults.append(InputError(f"`{name}` cannot be changed", where="change", allowed=", ".join(allowed)))
            else:
                faults += value_faults(name, values, self.labels, where="change")
        refuse(faults, where="change")

    @property
    def _where(self) -> str:  # type: ignore[override]
        return "change"

    @classmethod
    def none(cls, world: World) -> Change:
        """Nothing changes."""
        return cls(world.labels, {})

    @classmethod
    def of(cls, world: World, because: str = "", **arrays: ArrayLike) -> Change:
        """Whole arrays by name: ``Change.of(world, tariff_new=…)``."""
        reasons = tuple(Because(name, {}, because) for name in arrays) if because else ()
        return cls(world.labels, {k: frozen(v) for k, v in arrays.items()}, reasons)

    @staticmethod
    def benchmark(world: World, name: str) -> Array:
        """The value of a change variable when nothing changes: today's duty, or a hat of one."""
        if name == "tariff_new":
            return world.values("tariff_rate")
        spec = variable(name, where="change")
        axis = {"exporter": "region", "importer": "region", "region": "region", "sector": "sector"}
        return np.ones([len(world.labels[axis[d]]) for d in spec.dims])

    def now(self, world: World, name: str) -> Array:
        """The value of ``name`` after this change."""
        return self.arrays[name] if name in self.arrays else self.benchmark(world, name)

    def write(
        self,
        world: World,
        name: str,
        where: Mapping[str, str | Sequence[str]],
        value: ArrayLike,
        *,
        because: str,
    ) -> Change:
        """A new change with the cells ``where`` of ``name`` set to ``value`` (broadcast in declared order of dims)."""
        spec = variable(name, where="change")
        array = np.array(self.now(world, name))
        index = selection(where, spec, self.labels, where="change")
        array[index] = value
        cells = {dim: (v,) if isinstance(v, str) else tuple(v) for dim, v in where.items()}
        return Change(self.labels, {**self.arrays, name: frozen(array)}, (*self.because, Because(name, cells, because)))

    def with_array(self, name: str, values: ArrayLike, because: tuple[Because, ...]) -> Change:
        """A new change with the whole array ``name`` and these reasons added."""
        return Change(self.labels, {**self.arrays, name: frozen(values)}, (*self.because, *because))

    def block(self, world: World, name: str, where: Mapping[str, str | Sequence[str]]) -> Array:
        """The cells ``where`` of ``name`` as they stand, in declared order of dims."""
        spec = variable(name, where="change")
        return np.array(self.now(world, name)[selection(where, spec, self.labels, where="change")])

    def then(self, later: Change) -> Change:
        """This change, and after it ``later``, whose levels replace ours and whose hats multiply them."""
        if later.labels["region"] != self.labels["region"] or later.labels["sector"] != self.labels["sector"]:
            raise InputError("two changes on different labels cannot follow one another", where="change")
        merged = dict(self.arrays)
        for name, values in later.arrays.items():
            merged[name] = frozen(merged[name] * values) if name.endswith("_hat") and name in merged else values
        return Change(self.labels, merged, self.because + later.because)
