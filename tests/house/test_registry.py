"""Every source that is named anywhere is registered, with publisher, licence and vintage."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tradewinds.core
from small_case import CASES
from tradewinds.core.assumptions import assumptions
from tradewinds.core.grades import GRADES
from tradewinds.core.sources import bibtex, sources, works
from tradewinds.models import MODELS, model
from tradewinds.scenarios.scenario import open_case
from tradewinds.world.store import embedded, open_world

SOURCE = Path(tradewinds.core.__file__).parents[1]


def named_in_code() -> Iterator[tuple[str, str]]:
    """Place and id of every source named in a ``Provenance(…)``, a ``source=…`` or a ``source("…")``."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            place = f"{path.relative_to(SOURCE)}:{node.lineno}"
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            given = [k.value for k in node.keywords if k.arg == "source"]
            if called == "Provenance" and len(node.args) > 1:
                given.append(node.args[1])
            if called == "source" and node.args:
                given.append(node.args[0])
            for value in given:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield place, value.value


@pytest.mark.parametrize("row", sources().values(), ids=lambda row: row.id)
def test_a_source_says_who_publishes_it_and_what_may_be_done_with_it(row: object) -> None:
    for field in ("title", "publisher", "licence", "vintage", "cite"):
        assert str(getattr(row, field)).strip(), field
    assert isinstance(row.redistribute, bool)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", embedded())
def test_sources_of_a_world_are_registered_and_may_be_passed_on(name: str) -> None:
    world = open_world(name)
    ids = {row.source for row in world.provenance}
    assert ids <= set(sources())
    assert not [i for i in ids if not sources()[i].redistribute]
    assert {row.grade for row in world.provenance} <= set(GRADES)


@pytest.mark.parametrize("name", embedded())
def test_every_variable_of_a_world_has_an_origin_in_every_cell_that_is_shown(name: str) -> None:
    world = open_world(name)
    at = {"exporter": "TWN", "importer": "CHN", "region": "TWN", "sector": world.sectors[0]}
    at["input_sector"] = world.sectors[0]
    for variable in ("trade_fob", "tariff_rate", "input_use", "trade_elasticity"):
        assert world.origin(variable, **at) is not None, variable


@pytest.mark.parametrize("name", CASES)
def test_sources_of_published_figures_are_registered(name: str) -> None:
    assert {row.source for row in open_case(name).scenario.published} <= set(sources())


def test_sources_named_in_code_are_registered() -> None:
    named = list(named_in_code())
    assert len(named) >= 5  # else the scan finds nothing
    assert not [(place, name) for place, name in named if name not in sources()]


def test_works_that_models_cite_have_an_entry() -> None:
    for name in MODELS:
        for key in model(name).cites:
            assert bibtex(key).startswith("@")


def test_published_elasticity_sets_have_an_entry() -> None:
    """All but the uniform one, which is no estimate, and one whose author the source table does not name."""
    names = set(open_world("world-2022").labels["elasticity_set"])
    assert len(names) == 8
    assert names - set(works()) <= {"uniform-4", "is-author-not-identified"}


def test_assumptions_give_a_reason_and_a_known_grade() -> None:
    for row in assumptions().values():
        assert row.says and row.source and row.unit
        assert row.grade in GRADES
        assert row.value >= 0
    keys = [row.key for row in assumptions().values()]
    assert len(keys) == len(set(keys))
