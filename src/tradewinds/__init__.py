"""Tradewinds: a workbench for trade-agreement strategy.

The public names, each loaded when it is first used:

>>> import tradewinds as tw
>>> world = tw.open_world("toy3")
>>> tw.CaliendoParro().solve(world, tw.Change.none(world)).status
'converged'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tradewinds.agreements.agreement import Agreement, open_agreement, read_agreement
    from tradewinds.agreements.bridge import change_of, changes_of
    from tradewinds.core.errors import ConvergenceError, InputError, TradewindsError
    from tradewinds.models.armington import Armington
    from tradewinds.models.caliendo_parro import CaliendoParro
    from tradewinds.models.closure import CLOSURES, Closure, closure
    from tradewinds.models.gravity import Gravity
    from tradewinds.report.answer import answer
    from tradewinds.report.brief import brief
    from tradewinds.scenarios.run import assess
    from tradewinds.scenarios.scenario import Case, Scenario, open_case
    from tradewinds.world.aggregate import aggregate
    from tradewinds.world.change import Change
    from tradewinds.world.export import export
    from tradewinds.world.result import Result
    from tradewinds.world.store import load_world, open_world, save_world
    from tradewinds.world.world import World

_HOMES = {
    "agreements.agreement": ("Agreement", "open_agreement", "read_agreement"),
    "agreements.bridge": ("change_of", "changes_of"),
    "core.errors": ("ConvergenceError", "InputError", "TradewindsError"),
    "models.armington": ("Armington",),
    "models.caliendo_parro": ("CaliendoParro",),
    "models.closure": ("CLOSURES", "Closure", "closure"),
    "models.gravity": ("Gravity",),
    "report.answer": ("answer",),
    "report.brief": ("brief",),
    "scenarios.run": ("assess",),
    "scenarios.scenario": ("Case", "Scenario", "open_case"),
    "world.aggregate": ("aggregate",),
    "world.change": ("Change",),
    "world.export": ("export",),
    "world.result": ("Result",),
    "world.store": ("load_world", "open_world", "save_world"),
    "world.world": ("World",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "CLOSURES",
    "Agreement",
    "Armington",
    "CaliendoParro",
    "Case",
    "Change",
    "Closure",
    "ConvergenceError",
    "Gravity",
    "InputError",
    "Result",
    "Scenario",
    "TradewindsError",
    "World",
    "aggregate",
    "answer",
    "assess",
    "brief",
    "change_of",
    "changes_of",
    "closure",
    "export",
    "load_world",
    "open_agreement",
    "open_case",
    "open_world",
    "read_agreement",
    "save_world",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'tradewinds' has no attribute {name!r}")
    return getattr(import_module(f"tradewinds.{_HOME[name]}"), name)
