"""`python -m benchmarks`: runs every case, prints the table and writes docs/benchmarks.md.

`python -m benchmarks nafta batch` runs those cases alone, prints, and writes nothing.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from .cases import CASES, Line

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
#: One thread for linear algebra everywhere, ours and theirs: the cases that use two threads say so.
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

HEAD = """# Benchmarks

Written by `python -m benchmarks` (in the root of the repository, with `TRADEWINDS_RAW` naming a folder that holds the
data of Caliendo and Parro in `cp1993`; a random world of the same size stands in where it is not set). Times are
milliseconds: the least and the median of many runs, each case in a process of its own, linear algebra on one thread for
ours and theirs, compiled code warm. Ratios in one run are what counts; absolute times belong to this machine.
*Target* is what we set out to reach. *Residual* is the largest relative error of any group of equilibrium equations
(ours), the largest trade imbalance over value added (nested loops), the largest equation error as its own solver
reports it (gegravity). *Memory* is the largest resident size of the process that ran ours, interpreter and libraries
included.
"""

TAIL = """
## Against whom

* *Textbook nested loop in numpy* (`benchmarks/textbook.py`) and *in Octave* (`benchmarks/nested_loops.m`): the
  algorithm of Caliendo and Parro (2015), wages outside, prices inside, expenditures as one dense linear system; own
  code from the paper's appendix, vectorised where it is natural. The authors' own program is not run here.
* *gegravity* (Herman 2021) from the package index, in a throw-away environment. Its sample file is not in the package,
  so both solve random flows that are exactly structural gravity, in balance, with an agreement among three economies;
  its time is `simulate()` alone, without building the baseline. The answers differ in the third digit because gegravity
  keeps the benchmark's shares of output and expenditure in its price indices; solving that system by itself gives its
  numbers to 2e-9. Ours moves them with prices, as the full-endowment counterfactual asks.
"""


def run(name: str) -> list[Line]:
    """The lines of one case from its own process; a line that says so where it breaks."""
    env = {**os.environ, **THREADS}
    if name == "numpy":
        env["TRADEWINDS_KERNELS"] = "numpy"
    call = [sys.executable, "-m", "benchmarks.cases", name]
    done = subprocess.run(call, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return [Line(name, note=f"not run: {reason}")]
    return [Line(**row) for row in json.loads(done.stdout.strip().splitlines()[-1])]


def machine() -> list[str]:
    """What was measured on: processor, cores, memory, versions."""
    import numba
    import numpy

    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    named = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    processor = named[0] if named else platform.processor() or platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = f"Python {platform.python_version()}, numpy {numpy.__version__}, numba {numba.__version__}"
    return [
        f"* run: {datetime.now(UTC).date().isoformat()}",
        f"* processor: {processor}, {os.cpu_count()} cores, {memory:.0f} GB",
        f"* {platform.system()}, {versions}",
    ]


def number(value: float | None) -> str:
    """A time with three digits, or a dash."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def small(value: float | None) -> str:
    """A residual, or a dash."""
    return "–" if value is None else f"{value:.0e}"


def cells(line: Line) -> list[str]:
    """One row of the table."""
    ratio = line.rival_ms / line.least if line.rival_ms and line.least else None
    return [
        line.what, number(line.least), number(line.median), number(line.target), small(line.residual),
        line.rival or "–", number(line.rival_ms), small(line.rival_residual),
        f"{number(ratio)} ×" if ratio else "–", number(line.peak), line.note,
    ]  # fmt: skip


def table(lines: list[Line]) -> str:
    """The lines as Markdown."""
    head = [
        "what", "ours, least ms", "median ms", "target ms", "residual", "rival", "rival ms", "its residual", "ratio",
        "memory MB", "note",
    ]  # fmt: skip
    rows = [head, ["---"] * len(head), *(cells(line) for line in lines)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def main() -> None:
    """Run the cases named on the command line, or all of them."""
    chosen = sys.argv[1:] or list(CASES)
    lines: list[Line] = []
    for name in chosen:
        print(f"{name} …", file=sys.stderr, flush=True)
        lines += run(name)
    print(table(lines))
    if chosen == list(CASES):
        PAGE.parent.mkdir(exist_ok=True)
        text = "\n".join([HEAD, *machine(), "", table(lines), TAIL])
        PAGE.write_text(text, encoding="utf-8")
        print(f"written: docs/{PAGE.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
