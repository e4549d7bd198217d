"""A claim: one sentence with a number, its source, and what may be called agreement."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import compute

HERE = Path(__file__).parent
KINDS = ("analytic", "published", "cross-model", "law")


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of a claim file. ``tolerance`` is absolute, in ``unit``; ``why`` says where it comes from."""

    id: str
    sentence: str
    source: str
    kind: str
    unit: str
    expected: float
    tolerance: float
    why: str
    compute: str
    given: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    def missing(self) -> str:
        """Why the claim cannot be run here, or nothing."""
        return "; ".join(reason for need in self.needs if (reason := compute.missing(need)))

    def got(self) -> float:
        """Run the claim."""
        return float(compute.MEASURES[self.compute](**self.given))

    def holds(self, got: float) -> bool:
        """Whether ``got`` agrees with what is expected."""
        return abs(got - self.expected) <= self.tolerance


def claims() -> tuple[Claim, ...]:
    """Every claim of every file here, in the order of files and rows; refuses what it does not understand."""
    out: list[Claim] = []
    for path in sorted(HERE.glob("*.toml")):
        table = tomllib.loads(path.read_text("utf-8"))
        for row in table.pop("claim"):
            claim = Claim(**{**row, "needs": tuple(row.get("needs", ()))})
            assert claim.kind in KINDS, f"{path.name}: {claim.id}: kind {claim.kind}"
            assert claim.compute in compute.MEASURES, f"{path.name}: {claim.id}: compute {claim.compute}"
            assert claim.tolerance > 0 and claim.why and claim.source, f"{path.name}: {claim.id}"
            out.append(claim)
        assert not table, f"{path.name}: unknown {', '.join(table)}"
    names = [c.id for c in out]
    twice = {n for n in names if names.count(n) > 1}
    assert not twice, f"claims named twice: {', '.join(sorted(twice))}"
    return tuple(out)
