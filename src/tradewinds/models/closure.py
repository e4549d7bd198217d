"""Closures by name: what adjusts when trade changes, with the source of each rule.

========== ===================== ==================================================================================
deficits   constant_share        D fixed in the numéraire Σ value added: a constant share of world value added;
                                 coherent because ΣD = 0 (Dekle, Eaton and Kortum 2008).
           removed               the benchmark is first solved with D = 0 and becomes the new base
                                 (Caliendo and Parro 2015, section 5).
labour     fixed                 employment does not move.
           elastic               ℓ̂ = (ŵ/CPI)^φ; welfare is net of effort (Greenwood, Hercowitz and Huffman 1988).
           fixed_real_wage       ŵ = CPI in the parties, employment takes the change: an upper case.
capital    fixed                 capital does not move.
           steady_state          r̂ = P̂ᴵ, so K̂ = V̂/P̂ᴵ: capital accumulates until its return is what it was
                                 (Baldwin 1992; a comparison of steady states).
========== ===================== ==================================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tradewinds import solvers
from tradewinds.core.assumptions import STANDARD, Assumed
from tradewinds.core.errors import unknown_label
from tradewinds.world.world import World

DEFICITS = ("constant_share", "removed")
LABOUR = ("fixed", "elastic", "fixed_real_wage")
CAPITAL = ("fixed", "steady_state")


@dataclass(frozen=True, slots=True)
class Closure:
    """A named combination of rules. ``parties`` are the economies a fixed real wage applies to."""

    name: str = "headline"
    deficits: str = "constant_share"
    labour: str = "fixed"
    capital: str = "fixed"
    parties: tuple[str, ...] = ()
    assumed: Assumed = STANDARD

    def __post_init__(self) -> None:
        for rule, value, known in (
            ("deficits", self.deficits, DEFICITS),
            ("labour", self.labour, LABOUR),
            ("capital", self.capital, CAPITAL),
        ):
            if value not in known:
                raise unknown_label(value, known, where=f"closure {self.name}", kind=f"{rule} rule")

    @property
    def capital_share(self) -> float:
        """κ where capital accumulates, else 0."""
        return self.assumed["capital_share"] if self.capital == "steady_state" else 0.0

    @property
    def labour_supply(self) -> float:
        """φ where labour is elastic, else 0."""
        return self.assumed["labour_supply"] if self.labour == "elastic" else 0.0

    @property
    def investment_share(self) -> float:
        """s^I = κδ/(ρ+δ): the share of value added that replaces capital in the steady state, else 0."""
        rate = self.assumed["depreciation_rate"]
        return self.capital_share * rate / (rate + self.assumed["net_return"]) if self.capital_share else 0.0

    def numbers(self, world: World) -> solvers.Closure:
        """The closure economy by economy, as the solver reads it."""
        n = len(world.regions)
        supply = np.full(n, self.labour_supply)
        if self.labour == "fixed_real_wage":
            for party in self.parties:
                if party not in world.regions:
                    raise unknown_label(party, world.regions, where=f"closure {self.name}", kind="economy")
                supply[world.regions.index(party)] = np.inf
        return solvers.Closure(np.full(n, self.capital_share), supply)

    def describe(self) -> dict[str, str]:
        """What a Result states: name and the three rules."""
        return {"name": self.name, "deficits": self.deficits, "labour": self.labour, "capital": self.capital}

    def leans_on(self) -> tuple[str, ...]:
        """Ids of the numbered assumptions this closure uses."""
        keys: list[str] = []
        if self.capital == "steady_state":
            keys += ["capital_share", "depreciation_rate", "net_return"]
        if self.labour == "elastic":
            keys.append("labour_supply")
        return self.assumed.ids(*keys)


HEADLINE = Closure()
_NAMED = (
    HEADLINE,
    Closure("deficits_removed", deficits="removed"),
    Closure("long_run", labour="elastic", capital="steady_state"),
    Closure("real_wage", labour="fixed_real_wage"),
)
CLOSURES = {c.name: c for c in _NAMED}


def closure(name: str, *, parties: Sequence[str] = (), assumed: Assumed = STANDARD) -> Closure:
    """The closure called ``name`` for a case with these parties and assumptions."""
    if name not in CLOSURES:
        raise unknown_label(name, CLOSURES, where="closure", kind="closure")
    return replace(CLOSURES[name], parties=tuple(parties), assumed=assumed)
