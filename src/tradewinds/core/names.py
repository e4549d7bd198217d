"""Names of economies and sectors in both languages; a code without a name is its own name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def _names() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    table: Mapping[str, Mapping[str, Mapping[str, str]]] = json.loads(
        files("tradewinds.core").joinpath("locale", "names.json").read_text("utf-8")
    )
    return table


def economy(code: str, language: str) -> str:
    """The economy's name: ``economy("TWN", "en")`` is Taiwan."""
    return _names()["economies"].get(code, {}).get(language, code)


def sector(code: str, language: str) -> str:
    """The sector's name."""
    return _names()["sectors"].get(code, {}).get(language, code)
