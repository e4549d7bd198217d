"""World input–output tables on their way to a World: what a reader gathers, and how it is made an equilibrium."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradewinds.core.errors import InputError, refuse, unknown_label
from tradewinds.core.grades import Provenance
from tradewinds.world.arrays import Array, frozen, frozen_labels, label_faults
from tradewinds.world.world import World

#: A column of a table: who buys, and in which industry; ``None`` is final use.
Column = tuple[str, str | None]

#: A change below this share of the benchmark's total is rounding and is not told.
_NOTHING = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class InputOutput:
    """A world input–output table summed to what the models need, in million USD at producer (basic) prices.

    ``trade_fob`` [exporter, importer, sector] are all sales, to industries and to final users; ``input_use`` [region,
    input_sector, sector] are inputs of each product by industry, all origins together; ``output`` and ``value_added``
    [region, sector] are what the publisher reports, or None. Flows may be negative here (inventories);
    :func:`to_world` mends them. ``adjustments`` tell what the reader changed.

    Raises :class:`~tradewinds.core.errors.InputError`, all faults at once, for shapes that differ, numbers that are not
    finite and labels that are blank or named twice.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    year: int
    trade_fob: Array
    input_use: Array
    output: Array | None = None
    value_added: Array | None = None
    sources: tuple[Provenance, ...] = ()
    adjustments: tuple[str, ...] = ()
    name: str = "input–output table"

    def __post_init__(self) -> None:
        labels = frozen_labels({"region": self.regions, "sector": self.sectors})
        faults = label_faults(labels, where=self.name)
        n, s = len(self.regions), len(self.sectors)
        shapes = {"trade_fob": (n, n, s), "input_use": (n, s, s), "output": (n, s), "value_added": (n, s)}
        for name, shape in shapes.items():
            values = getattr(self, name)
            if values is None:
                continue
            where = f"{self.name}: {name}"
            if np.shape(values) != shape:
                faults.append(InputError(f"shape {np.shape(values)}", where=where, allowed=f"{shape}"))
            elif not np.isfinite(values).all():
                faults.append(InputError(f"{int((~np.isfinite(values)).sum())} cells not a number", where=where))
            else:
                object.__setattr__(self, name, frozen(values))
        refuse(faults, where=self.name)


class Tally:
    """Sums the rows of a world input–output table as they are read, so that the whole is never held.

    ``columns`` say, for each column of the table, which region buys and for which industry (None: final use). A label
    may come up in several columns and rows: their sum is taken.
    """

    def __init__(self, regions: Sequence[str], sectors: Sequence[str], columns: Sequence[Column]) -> None:
        n, s = len(regions), len(sectors)
        self._regions = {label: k for k, label in enumerate(regions)}
        self._sectors = {label: k for k, label in enumerate(sectors)}
        self._buyers = np.array([self._regions[region] for region, _ in columns], dtype=np.intp)
        inputs = [(k, self._sectors[user]) for k, (_, user) in enumerate(columns) if user is not None]
        self._inputs = np.array([k for k, _ in inputs], dtype=np.intp)
        self._users = self._buyers[self._inputs] * s + np.array([user for _, user in inputs], dtype=np.intp)
        self.trade_fob: Array = np.zeros((n, n, s))
        self.input_use: Array = np.zeros((n, s, s))

    def add(self, exporter: str, sector: str, row: NDArray[np.float64]) -> None:
        """Add the sales of one industry, one number a column."""
        n, _, s = self.trade_fob.shape
        k = self._sectors[sector]
        self.trade_fob[self._regions[exporter], :, k] += np.bincount(self._buyers, row, n)
        self.input_use[:, k, :] += np.bincount(self._users, row[self._inputs], n * s).reshape(n, s)


def to_world(
    table: InputOutput,
    *,
    name: str,
    trade_elasticity: float | ArrayLike | Mapping[str, float],
    tariff_rate: ArrayLike | Mapping[tuple[str, str, str], float] | None = None,
    elasticity_sets: Mapping[str, ArrayLike] | None = None,
    provenance: Sequence[Provenance] = (),
    attributes: Mapping[str, Any] | None = None,
) -> World:
    """Make the table an exact equilibrium at landed prices.

    With sales ``M[i,n,k]``, duties ``t`` and inputs ``Z[n,k,j]``, in this order:

    1. negative flows and negative inputs become zero; duty on home sales becomes zero;
    2. inputs are valued at landed prices: ``Z[n,k,j] · Σᵢ M[i,n,k](1+t[i,n,k]) / Σᵢ M[i,n,k]``;
    3. value added is output less inputs, so duty on inputs comes out of it; where that would be negative, the inputs of
       the industry shrink until value added is zero;
    4. final use is landed purchases less inputs; where that would be negative (stocks run down), the inputs of the
       product shrink to the purchases.

    ``tariff_rate`` is an array [exporter, importer, sector] or a mapping of ``(exporter, importer, sector)`` to
    fractions (what is not named is free of duty); None is no duty at all, and is told. ``trade_elasticity`` is one
    number, an array [sector] or a mapping that names every sector. Sales are kept as they are but for step 1. Every
    change is a sentence with its size in the World's ``adjustments``.

    Raises :class:`~tradewinds.core.errors.InputError` for unknown labels, elasticities that are missing, and economies
    that sell nothing; what World refuses, it refuses.
    """
    told = list(table.adjustments)
    rate = _tariffs(table, tariff_rate, told)
    elasticity = _elasticities(table, trade_elasticity)
    trade = _not_negative(table.trade_fob, "sales", table, told)
    _check_sales(table, trade)
    use = _not_negative(table.input_use, "inputs", table, told)
    _tell_difference(table.output, trade.sum(axis=1), "Sales differ from the output reported", told)
    landed = (trade * (1 + rate)).sum(axis=0)
    use = _at_landed_prices(use, trade.sum(axis=0), landed, told)
    output = trade.sum(axis=1)
    use = _shrunk(use, use.sum(axis=1), output, 1, "Inputs worth more than the output of", "industries", table, told)
    use = _shrunk(use, use.sum(axis=2), landed, 2, "Inputs worth more than the purchases of", "products", table, told)
    added = np.maximum(output - use.sum(axis=1), 0.0)
    final = np.maximum(landed - use.sum(axis=2), 0.0)
    _tell_difference(table.value_added, added, "Value added as the residual differs from the one reported", told)
    return World.build(
        name,
        year=table.year,
        regions=table.regions,
        sectors=table.sectors,
        trade_fob=trade,
        tariff_rate=rate,
        input_use=use,
        value_added=added,
        final_use=final,
        trade_elasticity=elasticity,
        elasticity_sets=elasticity_sets,
        provenance=(*table.sources, *_residual_sources(table), *provenance),
        adjustments=told,
        attributes=attributes,
    )


def _tariffs(table: InputOutput, given: Any, told: list[str]) -> Array:
    """Duties as an array [exporter, importer, sector], none at home."""
    shape = table.trade_fob.shape
    if given is None:
        told.append("No duties were given: every flow is taken as free of duty.")
        return np.zeros(shape)
    if isinstance(given, Mapping):
        rate = _spread_tariffs(table, given)
    else:
        rate = np.array(given, dtype=np.float64)
        if rate.shape != shape:
            raise InputError(f"shape {rate.shape}", where=f"{table.name}: tariff_rate", allowed=f"{shape}")
    if not np.isfinite(rate).all():
        raise InputError(f"{int((~np.isfinite(rate)).sum())} cells not a number", where=f"{table.name}: tariff_rate")
    home = np.einsum("iik->ik", rate)
    if (home != 0).any():
        cells, worst = int((home != 0).sum()), float(np.abs(home).max())
        told.append(f"Duty on home sales set to zero in {cells} cells, the largest {worst:.4g}.")
        home[...] = 0.0
    return rate


def _spread_tariffs(table: InputOutput, given: Mapping[tuple[str, str, str], float]) -> Array:
    rate = np.zeros(table.trade_fob.shape)
    where, faults = f"{table.name}: tariff_rate", list[InputError]()
    axes = (table.regions, table.regions, table.sectors)
    for key, value in given.items():
        try:
            cell = tuple(names.index(label) for names, label in zip(axes, key, strict=True))
        except ValueError:
            pairs = zip(("exporter", "importer", "sector"), axes, key, strict=False)
            strange = [unknown_label(x, names, where=where, kind=kind) for kind, names, x in pairs if x not in names]
            faults += strange or [InputError(f"{key}", where=where, allowed="(exporter, importer, sector)")]
        else:
            rate[cell] = value
    refuse(faults, where=where)
    return rate


def _elasticities(table: InputOutput, given: Any) -> Array:
    """One trade elasticity a sector."""
    where = f"{table.name}: trade_elasticity"
    if isinstance(given, Mapping):
        faults: list[InputError] = [
            unknown_label(str(k), table.sectors, where=where, kind="sector") for k in given if k not in table.sectors
        ]
        missing = [s for s in table.sectors if s not in given]
        if missing:
            faults.append(InputError(f"no trade elasticity for {', '.join(missing)}", where=where))
        refuse(faults, where=where)
        given = [given[s] for s in table.sectors]
    values = np.asarray(given, dtype=np.float64)
    return np.full(len(table.sectors), float(values)) if values.ndim == 0 else values


def _not_negative(values: Array, what: str, table: InputOutput, told: list[str]) -> Array:
    """``values`` with what is negative set to zero, and told."""
    bad = values < 0
    if bad.any():
        cell = np.unravel_index(int(np.argmin(values)), values.shape)
        axes = (table.regions, table.regions if what == "sales" else table.sectors, table.sectors)
        label = " ".join(names[int(i)] for names, i in zip(axes, cell, strict=True))
        told.append(
            f"Negative {what} in {int(bad.sum())} cells set to zero: {_money(-values[bad].sum())}, "
            f"the largest {label} at {_money(values[cell])}."
        )
    return np.where(bad, 0.0, values)


def _check_sales(table: InputOutput, trade: Array) -> None:
    idle = [r for r, sales in zip(table.regions, trade.sum(axis=(1, 2)), strict=True) if not sales > 0]
    if idle:
        raise InputError(
            f"no sales by {', '.join(idle)}",
            where=table.name,
            allowed="every economy sells something",
            hint="leave these economies out, or add them to another",
        )


def _at_landed_prices(use: Array, basic: Array, landed: Array, told: list[str]) -> Array:
    """Inputs [region, input_sector, sector] revalued by what the region's purchases of the product cost on landing."""
    ratio = np.divide(landed, basic, out=np.ones_like(basic), where=basic > 0)
    valued: Array = use * ratio[:, :, None]
    more = float(valued.sum() - use.sum())
    if abs(more) > _NOTHING * float(use.sum()):
        told.append(f"Inputs valued at landed prices: {_money(more)} of duty moved from value added to inputs.")
    return valued


def _shrunk(
    use: Array, spent: Array, limit: Array, over: int, what: str, noun: str, table: InputOutput, told: list[str]
) -> Array:
    """Inputs, summed over axis ``over`` as ``spent``, shrunk in proportion where they exceed ``limit``."""
    factor = np.divide(limit, spent, out=np.ones_like(spent), where=spent > limit)
    excess = np.maximum(spent - limit, 0.0)
    if excess.sum() > _NOTHING * spent.sum():
        r, k = np.unravel_index(int(np.argmax(excess)), excess.shape)
        told.append(
            f"{what} {int((excess > _NOTHING * limit).sum())} {noun} shrunk to it: {_money(excess.sum())}, "
            f"the largest {table.regions[r]} {table.sectors[k]} by {_money(excess[r, k])}."
        )
    shrunk: Array = use * np.expand_dims(factor, over)
    return shrunk


def _tell_difference(reported: Array | None, found: Array, what: str, told: list[str]) -> None:
    """Say by how much a total differs from the publisher's, where it does by more than a millionth."""
    if reported is None:
        return
    gap = found - reported
    if np.abs(gap).sum() > 1e-6 * np.abs(reported).sum():
        told.append(f"{what} by {_money(gap.sum())} in all and {_money(np.abs(gap).sum())} in absolute value.")


def _residual_sources(table: InputOutput) -> list[Provenance]:
    """Value added and final use have the origin of the trade they are computed from."""
    whole = [row for row in table.sources if row.variable == "trade_fob" and not row.where]
    note = "residual at landed prices, see the adjustments"
    return [Provenance(v, row.source, "interpolated", note) for row in whole[-1:] for v in ("value_added", "final_use")]


def _money(value: float) -> str:
    """``12,345.6 million USD``; four digits for small sums."""
    return f"{value:,.1f} million USD" if abs(value) >= 100 or value == 0 else f"{value:.4g} million USD"
