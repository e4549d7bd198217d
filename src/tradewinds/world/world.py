"""`World`: a benchmark economy that is an equilibrium, or refuses to exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tradewinds.core.errors import InputError, refuse, unknown_label
from tradewinds.core.grades import GRADES, Provenance
from tradewinds.core.variables import variables
from tradewinds.world.arrays import Array, Labelled, Labels, frozen, frozen_labels, label_faults, value_faults

#: Largest relative imbalance a benchmark may show: rounding of double precision, nothing more.
BALANCE_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class World(Labelled):
    """A benchmark economy: labelled arrays of ``variables.toml`` that balance, with the origin of each.

    Money is million USD of ``year``. Purchases are at landed prices (producer price × (1 + duty)); every economy
    buys what its industries and its final users use, sells what it makes, and spends value added, duty and the
    transfer that pays for its trade deficit.

    Raises :class:`~tradewinds.core.errors.Faults` listing everything wrong at once.
    """

    name: str
    year: int
    labels: Labels
    arrays: Mapping[str, Array]
    provenance: tuple[Provenance, ...] = ()
    adjustments: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        name: str,
        *,
        year: int,
        regions: Sequence[str],
        sectors: Sequence[str],
        trade_fob: ArrayLike,
        tariff_rate: ArrayLike,
        input_use: ArrayLike,
        trade_elasticity: ArrayLike,
        value_added: ArrayLike | None = None,
        final_use: ArrayLike | None = None,
        elasticity_sets: Mapping[str, ArrayLike] | None = None,
        provenance: Sequence[Provenance] = (),
        adjustments: Sequence[str] = (),
        attributes: Mapping[str, Any] | None = None,
    ) -> World:
        """Build from the free arrays; value added and final use follow as residuals where they are not given.

        Shapes: ``trade_fob`` and ``tariff_rate`` [exporter, importer, sector], ``input_use`` [region, input_sector,
        sector], ``trade_elasticity`` [sector], ``value_added`` and ``final_use`` [region, sector].
        """
        trade, rate, use = (np.asarray(a, dtype=np.float64) for a in (trade_fob, tariff_rate, input_use))
        sets = dict(elasticity_sets or {})
        labels = frozen_labels({"region": regions, "sector": sectors, "elasticity_set": tuple(sets) or ("own",)})
        n, s = len(labels["region"]), len(labels["sector"])
        arrays: dict[str, ArrayLike] = {"trade_fob": trade, "tariff_rate": rate, "input_use": use}
        consistent = trade.shape == rate.shape == (n, n, s) and use.shape == (n, s, s)
        if value_added is None and consistent:
            value_added = trade.sum(axis=1) - use.sum(axis=1)
        if final_use is None and consistent:
            final_use = (trade * (1 + rate)).sum(axis=0) - use.sum(axis=2)
        arrays["value_added"] = np.nan if value_added is None else value_added
        arrays["final_use"] = np.nan if final_use is None else final_use
        arrays["trade_elasticity"] = trade_elasticity
        if sets:
            arrays["trade_elasticity_sets"] = np.array([np.asarray(v, dtype=np.float64) for v in sets.values()])
        return cls(
            name=name,
            year=int(year),
            labels=labels,
            arrays={k: frozen(v) for k, v in arrays.items()},
            provenance=tuple(provenance),
            adjustments=tuple(adjustments),
            attributes=dict(attributes or {}),
        )

    def __post_init__(self) -> None:
        faults = label_faults(self.labels, where=self._where)
        for name, spec in variables().items():
            if spec.role == "benchmark" and not spec.optional and name not in self.arrays:
                faults.append(InputError(f"{name} is missing", where=self._where))
        for name, values in self.arrays.items():
            faults += value_faults(name, values, self.labels, where=self._where)
        for row in self.provenance:
            if row.grade not in GRADES:
                faults.append(unknown_label(row.grade, GRADES, where=f"{self._where}: provenance", kind="grade"))
        refuse(faults or self._imbalances(), where=self._where)

    @property
    def _where(self) -> str:  # type: ignore[override]
        return self.name

    @property
    def regions(self) -> tuple[str, ...]:
        """Labels of the economies (exporters, importers and regions alike)."""
        return self.labels["region"]

    @property
    def sectors(self) -> tuple[str, ...]:
        """Labels of the sectors."""
        return self.labels["sector"]

    def residuals(self) -> dict[str, float]:
        """Largest relative imbalance by group of identities: products, industries, incomes."""
        trade, factor = self.values("trade_fob"), 1 + self.values("tariff_rate")
        use, added, final = self.values("input_use"), self.values("value_added"), self.values("final_use")
        landed = (trade * factor).sum(axis=0)
        output = trade.sum(axis=1)
        size = np.maximum(np.maximum(output.sum(axis=1), landed.sum(axis=1)), 1e-300)
        imports = trade.sum(axis=(0, 2))
        revenue = (trade * (factor - 1)).sum(axis=(0, 2))
        transfer = imports - output.sum(axis=1)
        return {
            "products": float((np.abs(landed - use.sum(axis=2) - final) / size[:, None]).max()),
            "industries": float((np.abs(output - use.sum(axis=1) - added) / size[:, None]).max()),
            "incomes": float((np.abs(added.sum(axis=1) + revenue + transfer - final.sum(axis=1)) / size).max()),
        }

    def _imbalances(self) -> list[InputError]:
        says = {
            "products": "purchases differ from input use + final use",
            "industries": "sales differ from inputs + value added",
            "incomes": "value added + duty + transfer differ from final use",
        }
        return [
            InputError(
                f"not balanced: {says[group]} by {worst:.1e} of an economy's output",
                where=self._where,
                allowed=f"at most {BALANCE_TOLERANCE:g}",
                hint="`World.build` without value_added and final_use computes both as residuals",
            )
            for group, worst in self.residuals().items()
            if worst > BALANCE_TOLERANCE
        ]

    def replace(self, **changes: Any) -> World:
        """A copy with some arrays (or name, provenance, adjustments, attributes) replaced, checked again."""
        fields = {"name", "year", "provenance", "adjustments", "attributes"}
        kept: dict[str, Any] = {f: changes.pop(f, getattr(self, f)) for f in fields}
        return World(labels=self.labels, arrays={**self.arrays, **{k: frozen(v) for k, v in changes.items()}}, **kept)

    def origin(self, name: str, **at: str) -> Provenance | None:
        """The last provenance statement that covers a cell (or the variable, when no labels are given)."""
        rows = [p for p in self.provenance if p.variable == name and p.covers(at) and (at or not p.where)]
        return rows[-1] if rows else None

    def with_elasticities(self, choice: str) -> World:
        """The same world on another published set of trade elasticities."""
        names = self.labels["elasticity_set"]
        if "trade_elasticity_sets" not in self.arrays or choice not in names:
            raise unknown_label(choice, names, where=self._where, kind="elasticity set")
        return self.replace(trade_elasticity=self.values("trade_elasticity_sets")[names.index(choice)])

    def __repr__(self) -> str:
        return f"World({self.name!r}, {self.year}, {len(self.regions)} regions × {len(self.sectors)} sectors)"
