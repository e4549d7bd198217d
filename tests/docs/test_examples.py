"""Each example runs and gives the answer beside it. `python tests/docs/test_examples.py` writes those answers anew."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tradewinds.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
FIELDS = ("welfare_exact_pct", "real_gdp_pct", "exports_pct", "equivalent_variation_musd")
#: Commands of each example; the last one prints the answer.
EXAMPLES = {
    "can-nor": ["validate can-nor.toml scenario.toml", "assess scenario.toml --draws 8 --json"],
    "own-world": [
        "data load flows.csv --inputs inputs.csv --elasticities elasticities.csv --name own --year 2024 --to own.npz",
        "validate own.npz scenario.toml",
        "data aggregate own.npz mapping.toml --to small.npz",
        "assess scenario.toml --draws 8 --json",
    ],
}


def gist(answer: dict[str, Any]) -> dict[str, Any]:
    """A few figures of an answer, to six decimals."""
    return {
        "case": answer["case"],
        "world": answer["world"],
        "years": answer["years"],
        "assumptions": answer["assumptions"],
        "parties": {
            code: {field: {k: round(v, 6) for k, v in row[field].items()} for field in FIELDS}
            for code, row in answer["parties"].items()
        },
        "long_run_real_gdp_pct": {
            code: round(row["real_gdp_pct"]["value"], 6) for code, row in answer["closures"]["long_run"].items()
        },
        "variants": {
            name: {code: {k: round(v, 6) for k, v in row.items()} for code, row in rows.items()}
            for name, rows in answer["variants"].items()
        },
    }


def nearly(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(nearly(v, b[k]) for k, v in a.items())
    return abs(a - b) <= 1e-5 * max(1.0, abs(a)) if isinstance(a, float) else bool(a == b)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_gives_the_answer_beside_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "examples" / name, tmp_path / name)
    monkeypatch.chdir(tmp_path / name)
    for command in EXAMPLES[name]:
        capsys.readouterr()
        assert run(command.split()) == 0, capsys.readouterr().err
    found = gist(json.loads(capsys.readouterr().out))
    expected = json.loads((ROOT / "examples" / name / "expected.json").read_text("utf-8"))
    assert nearly(expected, found), json.dumps(found, indent=2)


def test_every_example_is_tested() -> None:
    assert {p.name for p in (ROOT / "examples").iterdir() if p.is_dir()} == set(EXAMPLES)


def write() -> None:
    """Write the expected answers anew."""
    import contextlib
    import io

    for name, commands in EXAMPLES.items():
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(ROOT / "examples" / name, Path(folder) / name)
            os.chdir(Path(folder) / name)
            for command in commands:
                out = io.StringIO()
                with contextlib.redirect_stdout(out):
                    assert run(command.split()) == 0
            os.chdir(ROOT)
        text = json.dumps(gist(json.loads(out.getvalue())), indent=2, ensure_ascii=False) + "\n"
        (ROOT / "examples" / name / "expected.json").write_text(text, "utf-8")


if __name__ == "__main__":
    write()
