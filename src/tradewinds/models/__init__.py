"""Models by name. Each takes a World and a Change and returns a Result; none is loaded before it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from tradewinds.core.errors import unknown_label

if TYPE_CHECKING:
    from tradewinds.world.change import Change
    from tradewinds.world.result import Result
    from tradewinds.world.world import World


class Model(Protocol):
    """What every model is: frozen options, what it needs and cites, and one act."""

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    cites: ClassVar[tuple[str, ...]]

    def solve(self, world: World, change: Change) -> Result:
        """The answer to ``change`` on ``world``; a ConvergenceError where there is none."""
        ...


#: Name of each model → where its class lives.
MODELS: Mapping[str, str] = MappingProxyType(
    {
        "caliendo-parro": "tradewinds.models.caliendo_parro:CaliendoParro",
        "armington": "tradewinds.models.armington:Armington",
        "gravity": "tradewinds.models.gravity:Gravity",
    }
)


def model(name: str, **options: Any) -> Model:
    """The model called ``name`` with these options; a LabelError that lists the names otherwise.

    >>> model("armington").name
    'armington'
    """
    if name not in MODELS:
        raise unknown_label(name, MODELS, where="model", kind="model")
    module, _, cls = MODELS[name].partition(":")
    made: Model = getattr(import_module(module), cls)(**options)
    return made
