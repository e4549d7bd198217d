"""`Result`: what a model answers: labelled outputs, how it ended, and what it leaned on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tradewinds.world.arrays import Array, Labelled, Labels


@dataclass(frozen=True, slots=True, eq=False)
class Result(Labelled):
    """Outputs of one solve. Reading one never recomputes.

    ``absent`` names quantities this closure or model cannot give, each with the reason. ``residuals`` are relative
    errors by group of equations, Walras' law last (it is never imposed, so it stays a check).
    """

    world: str
    model: str
    closure: Mapping[str, str]
    labels: Labels
    arrays: Mapping[str, Array]
    status: str
    residuals: Mapping[str, float]
    steps: int
    seconds: float
    absent: Mapping[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    stamp: Mapping[str, str] = field(default_factory=dict)

    @property
    def _where(self) -> str:  # type: ignore[override]
        return f"{self.model} on {self.world}"

    @property
    def residual(self) -> float:
        """The largest residual."""
        return max(self.residuals.values())

    def __repr__(self) -> str:
        return f"Result({self.model} on {self.world}: {self.status}, residual {self.residual:.1e})"
