"""How far a number can be trusted, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

#: From best to worst. A computed number carries the worst grade among what it leaned on.
GRADES = ("measured", "mirrored", "interpolated", "imputed", "assumed", "synthetic")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Origin and grade of (part of) one variable.

    ``where`` narrows the statement to some labels, by dimension; empty means all. ``source`` is an id of the registry.
    """

    variable: str
    source: str
    grade: str
    note: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def covers(self, at: Mapping[str, str]) -> bool:
        """Whether the cell ``at`` (dim → label) falls under this statement; dims not given match."""
        return all(at[dim] in labels for dim, labels in self.where.items() if dim in at)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "where": {k: list(v) for k, v in self.where.items()}}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Provenance:
        return cls(
            variable=row["variable"],
            source=row["source"],
            grade=row["grade"],
            note=row.get("note", ""),
            where={k: tuple(v) for k, v in row.get("where", {}).items()},
        )
