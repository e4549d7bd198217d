"""The import contract is kept, and the command line starts without the heavy libraries."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("numpy", "numba", "xarray", "pandas", "scipy", "h5py", "duckdb", "altair", "rich.progress")


def python(code: str, *, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=60)


def test_rooms_import_downwards_only() -> None:
    pytest.importorskip("importlinter")
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    ran = python("import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"Contracts: {len(contracts)} kept, 0 broken." in ran.stdout


def test_the_layers_name_every_room() -> None:
    """A room the contract does not name is a room nobody checks."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    named = {room.strip() for row in contracts[0]["layers"] for room in row.split("|")}
    package = ROOT / "src" / "tradewinds"
    assert named == {path.name for path in package.iterdir() if (path / "__init__.py").is_file()}


@pytest.mark.parametrize("module", ["tradewinds", "tradewinds.cli.main", "tradewinds.verbs"])
def test_starting_loads_nothing_heavy(module: str) -> None:
    ran = python(f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])")
    assert ran.stdout.strip() == "[]", ran.stdout + ran.stderr


def test_building_the_application_loads_no_verb() -> None:
    code = "import sys; from tradewinds.cli.main import build_app; build_app(); print('numpy' in sys.modules)"
    assert python(code).stdout.strip() == "False"


def test_solvers_know_no_labels() -> None:
    ran = python("import sys, tradewinds.solvers; print([m for m in ('xarray', 'pandas') if m in sys.modules])")
    assert ran.stdout.strip() == "[]", ran.stdout + ran.stderr
