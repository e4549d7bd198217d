"""Every economy and every sector of the embedded worlds has a name in both languages."""

from __future__ import annotations

import re

import pytest

from tradewinds.core import names
from tradewinds.core.language import LANGUAGES
from tradewinds.world.store import embedded, open_world

CJK = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("world", embedded())
def test_everything_has_a_name(world: str, language: str) -> None:
    held = open_world(world)
    nameless = [c for c in held.regions if names.economy(c, language) == c]
    nameless += [c for c in held.sectors if names.sector(c, language) == c]
    assert not nameless


@pytest.mark.parametrize("world", embedded())
def test_names_are_in_their_language_and_tell_labels_apart(world: str) -> None:
    held = open_world(world)
    for labels, name in ((held.regions, names.economy), (held.sectors, names.sector)):
        english, chinese = [name(c, "en") for c in labels], [name(c, "zh-Hant") for c in labels]
        assert not [n for n in english if CJK.search(n)]
        assert not [n for n in chinese if not CJK.search(n)]
        assert len(set(english)) == len(labels) and len(set(chinese)) == len(labels)


def test_a_code_without_a_name_is_its_own_name() -> None:
    assert names.economy("XXX", "en") == "XXX" and names.sector("X99", "zh-Hant") == "X99"
