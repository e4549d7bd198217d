"""The documents are run: commands, Python and TOML in fenced blocks, links, and the pages that are written by a tool.

The blocks of one page run in order in one empty folder that holds a copy of `examples/`:

* ``sh``: every line that starts with ``tradewinds`` is run and must succeed;
* ``console``: the same for lines ``$ tradewinds …``; each line below must be a line of the output, where numbers agree
  to one part in ten thousand and ``…`` stands for what is left out;
* ``python`` is executed (one namespace a page); ``toml`` must parse; ``text`` is left alone.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tradewinds.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")) if path.is_file()
)
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NUMBER = re.compile(r"[+−-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")
#: Written by commands of their own, perhaps not yet.
GENERATED_ELSEWHERE = {"docs/benchmarks.md", "docs/validation.md"}


@dataclass(frozen=True)
class Block:
    """One fenced block and the line it starts on."""

    kind: str
    text: str
    line: int


def blocks(path: Path) -> list[Block]:
    page = path.read_text("utf-8")
    return [Block(m[1], m[2], page.count("\n", 0, m.start()) + 1) for m in FENCE.finditer(page)]


def runs(path: Path) -> bool:
    kinds = {b.kind for b in blocks(path)}
    commands = any(list(commands_of(b)) for b in blocks(path))
    return "python" in kinds or "toml" in kinds or commands


def commands_of(block: Block) -> Iterator[str]:
    text = block.text.replace("\\\n", " ")
    mark = {"sh": "", "console": "$ "}.get(block.kind)
    if mark is not None:
        yield from (line.removeprefix(mark) for line in text.splitlines() if line.startswith(f"{mark}tradewinds "))


def execute(command: str) -> tuple[int, str, str]:
    """Run one command line in this process."""
    line, _, target = command.partition(" > ")
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(shlex.split(line, comments=True)[1:])
    if target:
        Path(target.strip()).write_text(out.getvalue(), "utf-8")
    return code, out.getvalue(), err.getvalue()


@cache
def once(command: str) -> tuple[int, str, str]:
    """The answer to a command that reads and writes no file of the page."""
    return execute(command)


def answer(command: str) -> tuple[int, str, str]:
    words = shlex.split(command.partition(" > ")[0])
    own = " > " in command or any("." in w or "/" in w or Path(w).exists() for w in words[1:])
    return execute(command) if own else once(command)


def same_line(expected: str, line: str) -> bool:
    """Whether two lines say the same: words alike, numbers to one part in ten thousand."""
    ours, theirs = expected.split(), line.split()
    return len(ours) == len(theirs) and all(same_word(a, b) for a, b in zip(ours, theirs, strict=True))


def same_word(expected: str, word: str) -> bool:
    if expected == word:
        return True
    a, b = NUMBER.findall(expected), NUMBER.findall(word)
    if not a or len(a) != len(b) or NUMBER.sub("#", expected) != NUMBER.sub("#", word):
        return False
    pairs = [(number(x), number(y), decimals(x)) for x, y in zip(a, b, strict=True)]
    return all(abs(x - y) <= max(1e-4 * abs(x), 1.01 * 10.0**-places) for x, y, places in pairs)


def number(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))


def decimals(text: str) -> int:
    return len(text.partition(".")[2])


def check_output(block: Block, where: str) -> None:
    output, command = "", ""
    for line in block.text.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            command = line.removeprefix("$ ")
            if command.startswith("tradewinds "):
                code, output, error = answer(command)
                assert code == 0 or "\nerror: " in block.text, f"{where}: {command}: {error}"
                output += error
        elif line.strip() and line.strip() != "…":
            found = any(same_line(line, got) for got in output.splitlines())
            assert found, f"{where}: `{command}` does not print\n    {line}\nbut\n{output}"


@pytest.mark.parametrize("path", [p for p in PAGES if runs(p)], ids=lambda p: str(p.relative_to(ROOT)))
def test_every_block_of_a_page_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(path):
        where = f"{path.relative_to(ROOT)}: line {block.line}"
        if block.kind == "toml":
            tomllib.loads(block.text)
        elif block.kind == "python":
            exec(compile(block.text, where, "exec"), names)
        elif block.kind == "console":
            check_output(block, where)
        else:
            for command in commands_of(block):
                code, _, error = answer(command)
                assert code == 0, f"{where}: {command}: {error}"


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = FENCE.sub("", path.read_text("utf-8"))
    lost = []
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        aim = (path.parent / name).resolve() if name else path
        known = aim.exists() or os.path.relpath(aim, ROOT) in GENERATED_ELSEWHERE
        if not known or (anchor and aim.suffix == ".md" and anchor not in anchors(aim)):
            lost.append(target)
    assert not lost, f"{path.relative_to(ROOT)}: {', '.join(lost)}"


def anchors(path: Path) -> set[str]:
    """Anchors of the headings of a page, as the usual renderers make them."""
    text = FENCE.sub("", path.read_text("utf-8"))
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", t.lower()).strip().replace(" ", "-") for t in titles}


def test_fences_are_closed_and_of_a_known_kind() -> None:
    for path in PAGES:
        marks = re.findall(r"^```", path.read_text("utf-8"), re.MULTILINE)
        assert len(marks) % 2 == 0, path
        strange = {b.kind for b in blocks(path)} - {"sh", "console", "python", "toml", "text", "json", "csv"}
        assert not strange, f"{path}: {strange}"


def test_written_pages_are_fresh() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "reference.py"))
    assert tool["stale"]() == [], "run `python tools/reference.py`"


def test_the_tool_says_so_when_a_page_is_stale(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "tools" / "reference.py"), "--check"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "docs/sources.md" in done.stderr


def test_every_page_is_reached_from_the_index() -> None:
    seen, ahead = set[Path](), [ROOT / "docs" / "index.md"]
    while ahead:
        page = ahead.pop()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        targets = LINK.findall(page.read_text("utf-8"))
        ahead += [(page.parent / t.partition("#")[0]).resolve() for t in targets if ":" not in t and t[0] != "#"]
    assert {p for p in PAGES if (ROOT / "docs") in p.parents} <= seen
