"""The tariff verbs on what is inside the package."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tradewinds.cli.main import run


def answered(capsys: pytest.CaptureFixture[str], *tokens: str) -> Any:
    assert run([*tokens, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *tokens: str) -> str:
    assert run(list(tokens)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_list_counts_what_was_understood(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {r["name"]: r for r in answered(capsys, "tariff", "list")["tariffs"]}
    assert rows["china-2026"]["lines"] == 12_030
    assert all(row["understood"] > 99 for row in rows.values())


def test_structure_towards_taiwan(capsys: pytest.CaptureFixture[str]) -> None:
    tokens = ("tariff", "structure", "china-2026", "--importer", "CHN", "--exporter", "TWN", "--on", "2026-03-01")
    standing, best = answered(capsys, *tokens)["summary"]
    assert best["mean"] < standing["mean"]
    assert best["band0"] > standing["band0"]
    assert sum(best[f"band{k}"] for k in range(4)) == pytest.approx(100)


def test_stages_of_the_schedules_inside(capsys: pytest.CaptureFixture[str]) -> None:
    """Free shares by lines at entry: EU 83.9 %, Viet Nam 48.5 %; Viet Nam's 99.1 % by year 20."""
    first = answered(capsys, "tariff", "stage", "evfta-eun")["coverage"]
    assert first[0]["free"] == pytest.approx(83.9, abs=0.05)
    vietnam = answered(capsys, "tariff", "stage", "evfta-vnm", "--line", "870323")["coverage"]
    assert [round(r["free"], 1) for r in vietnam] == [48.5, 48.5, 58.8, 92.2, 99.1]


def test_lookup_by_words(capsys: pytest.CaptureFixture[str]) -> None:
    tokens = ("lookup", "車窗", "--importer", "CHN", "--exporter", "TWN", "--on", "2026-03-01", "--value", "1000")
    lines = answered(capsys, *tokens)["lines"]
    assert any(claim["best"] and claim["regime"] == "ecfa" for line in lines for claim in line["claims"])
    assert all(line["landed"]["total"] >= 1000 for line in lines if line["landed"])


def test_both_languages_render(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(
            [
                "lookup",
                "8708293000",
                "--importer",
                "CHN",
                "--exporter",
                "KOR",
                "--on",
                "2026-03-01",
                "--lang",
                "zh-Hant",
            ]
        )
        == 0
    )
    assert "最惠國" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (("tariff", "show", "china-2025"), "did you mean `china-2026`?"),
        (("tariff", "stage", "evfta-eu"), "did you mean `evfta-eun`?"),
        (("tariff", "stage", "evfta-eun", "--line", "99999"), "no line starts with 99999"),
        (("tariff", "build", "china-2026", "--raw", "/nowhere", "--to", "x.parquet"), "no such folder"),
        (("tariff", "build", "china-2026", "--raw", ".", "--to", "x.csv"), ".parquet"),
        (("lookup", "8708", "--importer", "CHN", "--exporter", "TWNN", "--on", "2026-03-01"), "unknown economy `TWNN`"),
        (("lookup", "8708", "--importer", "CHN", "--exporter", "TWN", "--on", "March"), "YYYY-MM-DD"),
        (
            ("lookup", "8708", "--importer", "CHN", "--exporter", "TWN", "--on", "2026-03-01", "--value", "-1"),
            "positive",
        ),
        (("lookup", "8708", "--importer", "CHN", "--exporter", "TWN", "--quantity", "3"), "all three together"),
        (("tariff", "structure", "china-2026", "--importer", "CHN", "--on", "2020-01-01"), "no tariff of CHN"),
    ],
)
def test_bad_input_is_refused(tokens: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said in refused(capsys, *tokens)
