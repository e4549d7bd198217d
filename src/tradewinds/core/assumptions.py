"""Numbered assumptions: the values nothing measured can give, each with a reason to believe it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tradewinds.core.errors import InputError, unknown_label


@dataclass(frozen=True, slots=True)
class Assumption:
    """One numbered assumption."""

    id: str
    key: str
    value: float
    unit: str
    says: str
    source: str
    grade: str


@cache
def assumptions() -> Mapping[str, Assumption]:
    """Every assumption by id."""
    table = tomllib.loads(files("tradewinds.core").joinpath("assumptions.toml").read_text("utf-8"))
    return {name: Assumption(id=name, **{**row, "value": float(row["value"])}) for name, row in table.items()}


@dataclass(frozen=True, slots=True)
class Assumed:
    """The values in force in one run: the numbered ones, with what a scenario overrides."""

    overrides: Mapping[str, float]

    def __post_init__(self) -> None:
        known = {a.key for a in assumptions().values()}
        for key, value in self.overrides.items():
            if key not in known:
                raise unknown_label(key, sorted(known), where="[assume]", kind="assumption")
            if not value >= 0:
                raise InputError(f"{key} = {value}", where="[assume]", allowed="a number that is not negative")

    def __getitem__(self, key: str) -> float:
        if key in self.overrides:
            return self.overrides[key]
        return next(a.value for a in assumptions().values() if a.key == key)

    def ids(self, *keys: str) -> tuple[str, ...]:
        """The ids of the assumptions with these keys, in order; an overridden one carries its value."""
        return tuple(
            f"{a.id} = {self.overrides[a.key]:g}" if a.key in self.overrides else a.id
            for a in assumptions().values()
            if a.key in keys
        )


#: Nothing overridden.
STANDARD = Assumed({})
