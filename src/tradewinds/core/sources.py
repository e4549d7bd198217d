"""The registry of sources (`registry.toml`) and of works to cite (`works.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tradewinds.core.errors import unknown_label


@dataclass(frozen=True, slots=True)
class Registered:
    """One source of data: who publishes it, under what licence, of what vintage, and how to cite it."""

    id: str
    title: str
    publisher: str
    licence: str
    vintage: str
    redistribute: bool
    cite: str


@cache
def sources() -> Mapping[str, Registered]:
    """Every registered source by id."""
    table = tomllib.loads(files("tradewinds.core").joinpath("registry.toml").read_text("utf-8"))
    return {name: Registered(id=name, **row) for name, row in table.items()}


def source(name: str) -> Registered:
    """The source called ``name``; a LabelError with the near miss otherwise."""
    if name not in sources():
        raise unknown_label(name, sources(), where="registry", kind="source")
    return sources()[name]


@cache
def works() -> Mapping[str, Mapping[str, str]]:
    """Scholarly works by key, each with BibTeX fields and its ``type``."""
    return tomllib.loads(files("tradewinds.core").joinpath("works.toml").read_text("utf-8"))


def bibtex(key: str) -> str:
    """The BibTeX entry of a work."""
    if key not in works():
        raise unknown_label(key, works(), where="works", kind="work")
    row = dict(works()[key])
    kind = row.pop("type")
    body = ",\n".join(f"  {field} = {{{value}}}" for field, value in row.items())
    return f"@{kind}{{{key},\n{body}\n}}"
