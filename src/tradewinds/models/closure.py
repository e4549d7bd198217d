"""Closures by name: what adjusts when trade changes, with the source of each rule.

========== ===================== ==================================================================================
deficits   constant_share        D fixed in the numéraire Σ value added: a constant share of world value added;
                                 coherent because ΣD = 0 (Dekle, Eaton and Kortum 2008).
           removed               the benchmark is first solved with D = 0 and becomes the new base
                                 (Caliendo and Parro 2015, section 5).
labour     fixed                 employment does not move.
           elastic               ℓ̂ = (ŵ/CPI)^φ; welfare is net of effort (Greenwood, Hercowitz and Huffman 1988).
           fixed_real_wage       ŵ = CPI in the parties, employment takes the change: an upper case.
capital    fixed                 capital does not move. Where labour does, the composite factor of a Cobb–Douglas
                                 industry responds to its real price with elasticity φ(1−κ)/(1+κφ), which is
                                 (1−κ)/κ at a fixed real wage.
           follows_labour        capital moves one for one with employment, idle like it: an upper case.
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
from tradewinds.world.arrays import Array
from tradewinds.world.world import World

DEFICITS = ("constant_share", "removed")
LABOUR = ("fixed", "elastic", "fixed_real_wage")
CAPITAL = ("fixed", "follows_labour", "steady_state")


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
    def accumulated(self) -> float:
        """κ where capital accumulates, else 0."""
        return self.assumed["capital_share"] if self.capital == "steady_state" else 0.0

    @property
    def held(self) -> float:
        """κ where capital stays while labour moves, else 0."""
        return self.assumed["capital_share"] if self.capital == "fixed" and self.labour != "fixed" else 0.0

    @property
    def investment_share(self) -> float:
        """s^I = κδ/(ρ+δ): the share of value added that replaces capital in the steady state, else 0."""
        rate = self.assumed["depreciation_rate"]
        return self.accumulated * rate / (rate + self.assumed["net_return"]) if self.accumulated else 0.0

    def labour_supply(self, world: World) -> Array:
        """φ [region]: 0 where labour is fixed, infinite where the real wage is."""
        if self.labour != "fixed_real_wage":
            return np.full(len(world.regions), self.assumed["labour_supply"] if self.labour == "elastic" else 0.0)
        supply = np.zeros(len(world.regions))
        for party in self.parties:
            if party not in world.regions:
                raise unknown_label(party, world.regions, where=f"closure {self.name}", kind="economy")
            supply[world.regions.index(party)] = np.inf
        return supply

    def numbers(self, world: World) -> solvers.Closure:
        """The closure economy by economy, as the solver reads it: the supply is of the composite factor."""
        phi, kappa = self.labour_supply(world), self.held
        if kappa:
            finite = np.where(np.isinf(phi), 0.0, phi)
            phi = np.where(np.isinf(phi), (1 - kappa) / kappa, finite * (1 - kappa) / (1 + kappa * finite))
        return solvers.Closure(np.full(len(world.regions), self.accumulated), phi)

    def describe(self) -> dict[str, str]:
        """What a Result states: name and the three rules."""
        return {"name": self.name, "deficits": self.deficits, "labour": self.labour, "capital": self.capital}

    def leans_on(self) -> tuple[str, ...]:
        """Ids of the numbered assumptions this closure uses."""
        keys: list[str] = []
        if self.held:
            keys.append("capital_share")
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
    Closure("unemployment", labour="fixed_real_wage"),
    Closure("real_wage", labour="fixed_real_wage", capital="follows_labour"),
)
CLOSURES = {c.name: c for c in _NAMED}


def closure(name: str, *, parties: Sequence[str] = (), assumed: Assumed = STANDARD) -> Closure:
    """The closure called ``name`` for a case with these parties and assumptions."""
    if name not in CLOSURES:
        raise unknown_label(name, CLOSURES, where="closure", kind="closure")
    return replace(CLOSURES[name], parties=tuple(parties), assumed=assumed)
