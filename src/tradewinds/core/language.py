"""The two languages: one JSON catalogue each, the same keys, read by Python and by the page."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from tradewinds.core.errors import unknown_label

LANGUAGES = ("en", "zh-Hant")


@cache
def catalogue(language: str) -> dict[str, str]:
    """Key → sentence in ``language``; a LabelError for a language we do not speak."""
    if language not in LANGUAGES:
        raise unknown_label(language, LANGUAGES, where="--lang", kind="language")
    text = files("tradewinds.core").joinpath("locale", f"{language}.json").read_text("utf-8")
    flat: dict[str, str] = json.loads(text)
    return flat


def say(key: str, language: str, /, **values: Any) -> str:
    """The sentence ``key`` in ``language`` with ``{name}`` placeholders filled. An unknown key is a bug: KeyError."""
    sentence = catalogue(language)[key]
    return sentence.format(**values) if values else sentence


def speaks(key: str) -> bool:
    """Whether the catalogues hold ``key``."""
    return key in catalogue("en")
