"""The variable table (`variables.toml`) as objects."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from tradewinds.core.errors import unknown_label


@dataclass(frozen=True, slots=True)
class Variable:
    """One declared variable: its symbol, dims, unit, admissible range, role and one sentence."""

    name: str
    symbol: str
    dims: tuple[str, ...]
    unit: str
    role: str
    says: str
    low: float
    high: float
    optional: bool


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("tradewinds.core").joinpath("variables.toml").read_text("utf-8"))


@cache
def axes() -> dict[str, str]:
    """Dimension name → the axis whose labels it carries (``exporter`` → ``region``)."""
    return dict(_table()["dims"])


@cache
def variables() -> dict[str, Variable]:
    """Every declared variable by name, in the order of the table."""
    return {
        name: Variable(
            name=name,
            symbol=row["symbol"],
            dims=tuple(row["dims"]),
            unit=row["unit"],
            role=row["role"],
            says=row["says"],
            low=float(row.get("range", [float("-inf")])[0]),
            high=float(row.get("range", [0, float("inf")])[1]),
            optional=bool(row.get("optional", False)),
        )
        for name, row in _table().items()
        if name != "dims"
    }


def variable(name: str, *, where: str) -> Variable:
    """The declared variable called ``name``; a LabelError with the near miss otherwise."""
    try:
        return variables()[name]
    except KeyError:
        raise unknown_label(name, variables(), where=where, kind="variable") from None
