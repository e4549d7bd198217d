"""Labelled, read-only arrays whose names and dims are declared in the variable table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradewinds.core.errors import InputError, LabelError, unknown_label
from tradewinds.core.variables import Variable, axes, variable

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]
Labels = Mapping[str, tuple[str, ...]]


def frozen(values: ArrayLike) -> Array:
    """A read-only float64 view or copy of ``values``."""
    out = np.ascontiguousarray(values, dtype=np.float64)
    if out is values or out.base is not None:
        out = out.copy()
    out.flags.writeable = False
    return out


def frozen_labels(labels: Mapping[str, Sequence[str]]) -> Labels:
    """Labels by axis, as read-only tuples of text."""
    return MappingProxyType({axis: tuple(map(str, names)) for axis, names in labels.items()})


def label_faults(labels: Labels, *, where: str) -> list[InputError]:
    """Duplicates and blanks among labels."""
    faults: list[InputError] = []
    for axis, names in labels.items():
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            faults.append(InputError(f"{axis} {', '.join(twice)} named twice", where=where))
        if not names or any(not n.strip() for n in names):
            faults.append(InputError(f"no or blank {axis} label", where=where))
    return faults


def value_faults(name: str, values: Array, labels: Labels, *, where: str) -> list[InputError]:
    """Everything wrong with one array: dims, NaN, infinite, out of the declared range; each with its first cell."""
    spec = variable(name, where=where)
    place = f"{where}: {name}"
    shape = tuple(len(labels[axes()[dim]]) for dim in spec.dims)
    if values.shape != shape:
        return [InputError(f"shape {values.shape}", where=place, allowed=f"{dict(zip(spec.dims, shape, strict=True))}")]
    faults: list[InputError] = []
    for what, bad in (
        ("not a number", ~np.isfinite(values)),
        ("out of range", np.isfinite(values) & ((values < spec.low) | (values > spec.high))),
    ):
        if bad.any():
            cell = np.unravel_index(int(np.argmax(bad)), bad.shape)
            faults.append(
                InputError(
                    f"{int(bad.sum())} cells {what}, the first {describe_cell(spec, cell, labels)} = {values[cell]:g}",
                    where=place,
                    allowed=f"{spec.low:g} to {spec.high:g} {spec.unit}",
                )
            )
    return faults


def describe_cell(spec: Variable, cell: Sequence[Any], labels: Labels) -> str:
    """``exporter=TWN importer=CHN sector=C26`` for an index tuple."""
    return " ".join(f"{dim}={labels[axes()[dim]][int(i)]}" for dim, i in zip(spec.dims, cell, strict=True))


def position(label: str, dim: str, labels: Labels, *, where: str) -> int:
    """Index of ``label`` along ``dim``; a LabelError with the near miss otherwise."""
    names = labels[axes()[dim]]
    try:
        return names.index(label)
    except ValueError:
        raise unknown_label(label, names, where=where, kind=dim) from None


def selection(where_labels: Mapping[str, str | Sequence[str]], spec: Variable, labels: Labels, *, where: str) -> Any:
    """Index (for ``numpy.ix_``-style assignment) of the cells that ``{dim: label or labels}`` names; rest means all."""
    for dim in where_labels:
        if dim not in spec.dims:
            raise unknown_label(dim, spec.dims, where=f"{where}: {spec.name}", kind="dimension")
    picks = []
    for dim in spec.dims:
        names = where_labels.get(dim)
        if names is None:
            picks.append(np.arange(len(labels[axes()[dim]])))
        else:
            chosen = [names] if isinstance(names, str) else list(names)
            picks.append(np.array([position(n, dim, labels, where=where) for n in chosen], dtype=np.intp))
    return np.ix_(*picks)


def as_dataarray(name: str, values: Array, labels: Labels) -> xr.DataArray:
    """The array with its dims, labels, unit and sentence."""
    import xarray as xr

    spec = variable(name, where="result")
    return xr.DataArray(
        values,
        dims=spec.dims,
        coords={dim: list(labels[axes()[dim]]) for dim in spec.dims},
        name=name,
        attrs={"unit": spec.unit, "says": spec.says, "symbol": spec.symbol},
    )


class Labelled:
    """What World, Change and Result have in common: named arrays on shared labels, readable and never written."""

    __slots__ = ()
    _where: str
    labels: Labels
    arrays: Mapping[str, Array]

    def values(self, name: str) -> Array:
        """Plain numbers of ``name`` in the declared order of dims, read-only."""
        try:
            return self.arrays[name]
        except KeyError:
            variable(name, where=self._where)
            raise LabelError(
                f"`{name}` is not held", where=self._where, allowed=f"held: {', '.join(self.arrays)}"
            ) from None

    def array(self, name: str) -> xr.DataArray:
        """``name`` as a labelled :class:`xarray.DataArray` (dims, unit and sentence attached)."""
        return as_dataarray(name, self.values(name), self.labels)

    def cell(self, name: str, **at: str) -> float:
        """One number: ``world.cell("tariff_rate", exporter="TWN", importer="CHN", sector="C26")``."""
        spec = variable(name, where=self._where)
        missing = [d for d in spec.dims if d not in at]
        if missing or len(at) != len(spec.dims):
            raise InputError(
                f"a cell of {name} needs {', '.join(spec.dims)}", where=self._where, allowed=f"got: {', '.join(at)}"
            )
        index = tuple(position(at[d], d, self.labels, where=self._where) for d in spec.dims)
        return float(self.values(name)[index])

    def __contains__(self, name: str) -> bool:
        return name in self.arrays
