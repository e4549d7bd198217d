"""One list of verbs: the command line has these and no others, each with its help, each documented."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cyclopts import App

from tradewinds.cli.main import build_app, run
from tradewinds.verbs import VERBS

README = Path(__file__).parents[2] / "README.md"
every_verb = pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)


def commands(app: App, prefix: str = "") -> set[str]:
    """Names of the commands of an application, groups followed."""
    found = set()
    for name in app:
        if name.startswith("-"):
            continue
        inner = commands(app[name], f"{prefix}{name} ")
        found |= inner or {f"{prefix}{name}"}
    return found


def function(target: str) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


def test_the_command_line_has_the_verbs_of_the_list_and_no_others() -> None:
    assert commands(build_app()) == {verb.name for verb in VERBS}
    assert len({verb.name for verb in VERBS}) == len(VERBS)


@every_verb
def test_a_verb_has_help(verb: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*verb.name.split(), "--help"]) == 0
    out = capsys.readouterr().out
    assert verb.says.split(",")[0].rstrip(".") in " ".join(out.split())
    for name, parameter in inspect.signature(function(verb.target)).parameters.items():
        shown = name not in ("language", "progress")
        option = f"__{name}" if parameter.kind is parameter.KEYWORD_ONLY else name.upper()
        assert (option in out.replace("-", "_")) == shown, option  # however the door spells a dash


def test_help_of_the_whole_lists_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    for verb in VERBS:
        assert verb.name.split()[0] in out
    for option in ("--lang", "--json", "--html", "--xlsx", "--csv"):
        assert option in out


@every_verb
def test_a_verb_documents_its_parameters(verb: Any) -> None:
    doc = inspect.getdoc(function(verb.target)) or ""
    first, _, rest = doc.partition("\n")
    assert first.endswith((".", ":")) and len(first) > 10
    assert "language" not in rest
    names = [n for n in inspect.signature(function(verb.target)).parameters if n not in ("language", "progress")]
    if names:
        assert "Parameters\n----------" in doc
    for name in names:
        assert re.search(rf"^(\w+, )*{name}(, \w+)*$", rest, re.MULTILINE), name


@every_verb
def test_a_verb_can_speak_both_languages(verb: Any) -> None:
    assert "language" in inspect.signature(function(verb.target)).parameters


def test_readme_shows_the_main_job_and_the_tests() -> None:
    text = README.read_text("utf-8")
    assert "tradewinds assess ecfa-goods" in text
    assert "pytest" in text


def test_commands_shown_in_the_readme_exist() -> None:
    shown = re.findall(r"tradewinds ((?:data )?[a-z]+)\b(?! [0-9])", README.read_text("utf-8"))
    assert shown
    assert set(shown) <= {verb.name for verb in VERBS}
