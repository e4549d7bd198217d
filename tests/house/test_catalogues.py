"""The two catalogues say the same things, in their own language, and hold every key the code asks for."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

import tradewinds.core
from tradewinds.core.assumptions import assumptions
from tradewinds.core.language import LANGUAGES, catalogue
from tradewinds.models import MODELS
from tradewinds.models.caliendo_parro import absences
from tradewinds.models.closure import CLOSURES
from tradewinds.report.answer import FIELDS, SECTOR_FIELDS
from tradewinds.scenarios.scenario import MEASURES

SOURCE = Path(tradewinds.core.__file__).parents[1]
CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def asked() -> list[tuple[str, str, bool]]:
    """Place, key and whether it is whole, for every ``say("…")`` and ``say(f"…{…}")`` of the package."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text("utf-8")
        renderer = 'f"render.{key}"' in text  # its own `self.say` puts the prefix before every key
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in ("say", "speaks"):
                continue
            place = f"{path.relative_to(SOURCE)}:{node.lineno}"
            prefix = "render." if renderer and isinstance(node.func, ast.Attribute) else ""
            key = node.args[0]
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                found.append((place, prefix + key.value, True))
            elif isinstance(key, ast.JoinedStr):
                head = key.values[0]
                found.append((place, prefix + (str(head.value) if isinstance(head, ast.Constant) else ""), False))
    return found


def test_the_same_keys() -> None:
    english, chinese = (set(catalogue(language)) for language in LANGUAGES)
    assert english == chinese


def test_the_same_placeholders() -> None:
    english, chinese = (catalogue(language) for language in LANGUAGES)
    assert {k: placeholders(v) for k, v in english.items()} == {k: placeholders(v) for k, v in chinese.items()}


def test_english_has_no_chinese_and_chinese_is_chinese() -> None:
    assert not {key for key, text in catalogue("en").items() if CJK.search(text)}
    # Short entries may be the same in both (a unit, a separator, a name); a sentence may not.
    assert not {key for key, text in catalogue("zh-Hant").items() if len(text) > 12 and not CJK.search(text)}


def test_no_entry_is_blank() -> None:
    for language in LANGUAGES:
        assert not {key for key, text in catalogue(language).items() if not text.strip() and key != "brief.comma"}


def test_the_scan_finds_the_calls() -> None:
    """Else the next test could not fail."""
    found = asked()
    assert len(found) > 100
    assert ("brief.parties", True) in {(key, whole) for _, key, whole in found}
    assert ("field.", False) in {(key, whole) for _, key, whole in found}


def test_every_key_the_code_asks_for_is_there() -> None:
    held = catalogue("en")
    missing = [
        (place, key)
        for place, key, whole in asked()
        if (key not in held if whole else not any(entry.startswith(key) for entry in held))
    ]
    assert not missing


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("field.", [*FIELDS, *MEASURES]),
        ("sector.", SECTOR_FIELDS),
        ("closure.", CLOSURES),
        ("progress.", [*CLOSURES, "path"]),
        ("assumption.", assumptions()),
        ("welfare.", [m for m in MODELS if m != "caliendo-parro"]),
        ("", [key for c in CLOSURES.values() for key in absences(c).values()]),
        ("brief.verdict_", ["gain", "loss", "mixed"]),
    ],
)
def test_every_name_the_code_puts_into_a_key_is_there(prefix: str, names: list[str]) -> None:
    assert not [prefix + name for name in names if prefix + name not in catalogue("en")]


def test_sentences_of_the_assumptions_are_those_of_the_table() -> None:
    assert {a.id: a.says for a in assumptions().values()} == {
        name: catalogue("en")[f"assumption.{name}"] for name in assumptions()
    }
