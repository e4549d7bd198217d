"""Numbers, not labels: the equilibrium engine on plain arrays."""

from tradewinds.solvers.equilibrium import Prepared, prepare, rebase, solve
from tradewinds.solvers.problem import Benchmark, Closure, Equilibrium, Options, Shock

__all__ = ["Benchmark", "Closure", "Equilibrium", "Options", "Prepared", "Shock", "prepare", "rebase", "solve"]
