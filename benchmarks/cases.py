"""The cases: each runs in a process of its own (`python -m benchmarks.cases NAME`) and prints its lines as JSON."""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tradewinds import solvers
from tradewinds.models.calibrate import calibrate
from tradewinds.solvers import Benchmark, Equilibrium, Shock

from .textbook import Answer, solve_textbook
from .worlds import gravity_world, nafta, random_tariffs, random_world

Array = NDArray[np.float64]
HERE = Path(__file__).parent
SCENARIOS = 64
#: Change of trade costs in the gravity case: an agreement among three economies that multiplies trade by e^0.5.
AGREEMENT = 0.5


@dataclass(slots=True)
class Line:
    """One line of the table; times in milliseconds, ``peak`` resident memory of the process in MB."""

    what: str
    least: float | None = None
    median: float | None = None
    target: float | None = None
    residual: float | None = None
    rival: str = ""
    rival_ms: float | None = None
    rival_residual: float | None = None
    peak: float | None = None
    note: str = ""


def clock(act: Callable[[], object], *, budget: float = 4.0, least: int = 5, most: int = 300) -> tuple[float, float]:
    """(minimum, median) of many runs in milliseconds, after two to warm up."""
    act()
    act()
    times: list[float] = []
    ends = time.perf_counter() + budget
    while len(times) < least or (time.perf_counter() < ends and len(times) < most):
        begun = time.perf_counter()
        act()
        times.append((time.perf_counter() - begun) * 1e3)
    return min(times), statistics.median(times)


def once(act: Callable[[], object], repeats: int = 1) -> float:
    """Least time of a slow act in milliseconds."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        act()
        times.append((time.perf_counter() - begun) * 1e3)
    return min(times)


def peak() -> float:
    """Largest resident memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def worst(found: Equilibrium) -> float:
    """Largest residual of ours; refuses an answer that is none."""
    assert found.converged, found.residuals
    return max(found.residuals.values())


def against_textbook(base: Benchmark, shock: Shock, tolerance: float, repeats: int) -> tuple[float, Answer]:
    """Least time and the last answer of the nested loop."""
    held: list[Answer] = []
    return once(lambda: held.append(solve_textbook(base, shock, tolerance=tolerance)), repeats), held[-1]


def apart(found: Equilibrium, income: Array) -> str:
    """How far two answers are from one another."""
    return f"incomes differ by {np.abs(income / found.income - 1).max():.0e}"


def case_nafta() -> Iterator[Line]:
    name, base, shock, _ = nafta()
    prepared = solvers.prepare(base)
    found = solvers.solve(prepared, shock)
    least, median = clock(lambda: solvers.solve(prepared, shock))
    here = peak()
    for tolerance, says in ((1e-10, "equal accuracy"), (1e-7, "the paper's tolerance")):
        spent, answer = against_textbook(base, shock, tolerance, 2)
        yield Line(
            f"{name}, warm",
            least,
            median,
            2.0,
            worst(found),
            f"textbook nested loop in numpy, {says}",
            spent,
            answer.residual,
            here,
            f"{found.sweeps} sweeps against {answer.rounds} rounds; {apart(found, answer.income)}",
        )


def case_numpy() -> Iterator[Line]:
    name, base, shock, _ = nafta()
    prepared = solvers.prepare(base)
    found = solvers.solve(prepared, shock)
    least, median = clock(lambda: solvers.solve(prepared, shock))
    yield Line(f"{name}, without a compiler", least, median, 30.0, worst(found), peak=peak(), note="pure numpy")


def case_batch() -> Iterator[Line]:
    name, base, shock, _ = nafta()
    prepared = solvers.prepare(base)
    shares = [(k + 1) / SCENARIOS for k in range(SCENARIOS)]
    shocks = [Shock(factor=base.factor ** (1 - s) * shock.factor**s) for s in shares]
    found: list[Equilibrium] = []

    def alone() -> None:
        found[:] = [solvers.solve(prepared, s) for s in shocks]

    with ThreadPoolExecutor(2) as pool:

        def together() -> None:
            found[:] = pool.map(lambda s: solvers.solve(prepared, s), shocks)

        single, _ = clock(alone)
        least, median = clock(together)
    yield Line(
        f"{SCENARIOS} parts of: {name}, two threads",
        least,
        median,
        64.0,
        max(map(worst, found)),
        "the same on one thread",
        single,
        max(map(worst, found)),
        peak(),
        f"{least / SCENARIOS:.2f} ms a scenario; {os.cpu_count()} cores",
    )


def _random(economies: int, sectors: int, target: float, *, rival: bool) -> Iterator[Line]:
    base = calibrate(random_world(economies, sectors))
    shock = random_tariffs(base, sectors)
    prepared = solvers.prepare(base)
    found = solvers.solve(prepared, shock)
    least, median = clock(lambda: solvers.solve(prepared, shock))
    line = Line(f"random world {economies} × {sectors}", least, median, target, worst(found), peak=peak())
    line.note = f"{found.sweeps} sweeps"
    if rival:
        line.rival_ms, answer = against_textbook(base, shock, 1e-7, 1)
        line.rival, line.rival_residual = "textbook nested loop in numpy, 1e-7", answer.residual
        line.note += f" against {answer.rounds} rounds; {apart(found, answer.income)}"
    else:
        line.note += f"; the nested loop would need {(economies * sectors) ** 2 * 8 / 1e9:.1f} GB a matrix"
    yield line


def case_81x28() -> Iterator[Line]:
    yield from _random(81, 28, 15.0, rival=True)


def case_141x65() -> Iterator[Line]:
    yield from _random(141, 65, 100.0, rival=False)


# ------------------------------------------------------------------------------------------------ other software


def case_octave() -> Iterator[Line]:
    octave = shutil.which("octave-cli") or shutil.which("octave")
    if octave is None:
        yield Line("NAFTA in Octave", note="not run: no `octave` on PATH")
        return
    name, base, shock, _ = nafta()
    prepared = solvers.prepare(base)
    found = solvers.solve(prepared, shock)
    least, median = clock(lambda: solvers.solve(prepared, shock))
    here = peak()
    for tolerance, says in ((1e-10, "equal accuracy"), (1e-7, "the paper's tolerance")):
        spent, rounds, residual, income = _octave(octave, base, shock, tolerance)
        yield Line(
            f"{name}, warm",
            least,
            median,
            2.0,
            worst(found),
            f"the published algorithm in Octave (our transcription), {says}",
            spent * 1e3,
            residual,
            here,
            f"{rounds} rounds; {apart(found, income)}",
        )


def _octave(octave: str, base: Benchmark, shock: Shock, tolerance: float) -> tuple[float, int, float, Array]:
    deficit = base.deficit if shock.deficit is None else shock.deficit
    arrays = {
        "sizes": np.array(base.size, dtype=np.float64), "share": base.share, "factor0": base.factor,
        "factor": shock.factor, "labour": base.labour_share, "inputs": base.inputs, "final": base.final_share,
        "added": base.value_added, "deficit": deficit, "theta": base.elasticity,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for name, values in arrays.items():
            (Path(folder) / f"{name}.bin").write_bytes(np.asarray(values, dtype="<f8").tobytes(order="F"))
        call = f"addpath('{HERE}'); nested_loops('{folder}', {tolerance}, 0.2);"
        done = subprocess.run([octave, "-q", "--eval", call], capture_output=True, text=True, check=True, timeout=1200)
        income = np.fromfile(Path(folder) / "income.bin", dtype="<f8")
    seconds, rounds, residual = done.stdout.split()
    return float(seconds), int(rounds), float(residual), income


@contextmanager
def _venv_with(package: str) -> Iterator[tuple[Path | None, str]]:
    """An interpreter in a throw-away environment that has ``package``, or why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "bin" / "python"
        try:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True, timeout=120)
            install = [str(python), "-m", "pip", "install", "-q", package]
            subprocess.run(install, check=True, capture_output=True, timeout=600)
        except (subprocess.SubprocessError, OSError) as fault:
            yield None, f"not run: {package} could not be installed here ({type(fault).__name__})"
        else:
            yield python, ""


def case_gegravity() -> Iterator[Line]:
    with _venv_with("gegravity==0.3") as (python, reason):
        for economies in (30, 69):
            if python is None:
                yield Line(f"one-sector gravity, {economies} economies", note=reason)
            else:
                yield from _gegravity(python, economies)


def _gegravity(python: Path, economies: int) -> Iterator[Line]:
    from tradewinds.models.gravity import Gravity
    from tradewinds.world.change import Change

    world, cost = gravity_world(economies)
    theta = float(world.values("trade_elasticity")[0])
    hat = np.ones((economies, economies, 1))
    hat[:3, :3] = np.exp(-AGREEMENT / theta)
    hat[np.arange(3), np.arange(3)] = 1.0
    change = Change.of(world, trade_cost_hat=hat)
    result = Gravity().solve(world, change)
    least, median = clock(lambda: Gravity().solve(world, change))
    here = peak()
    spent, residual, gdp = _simulate(python, world.regions, world.values("trade_fob")[:, :, 0], cost, hat, theta)
    ours = 100 * (result.values("real_income_hat") - 1)
    name = f"one-sector gravity in general equilibrium, {economies} economies"
    note = f"real GDP differs by {np.abs(ours - gdp).max():.0e} percentage points; the most is {ours.max():.2f} %"
    yield Line(name, least, median, None, result.residual, "gegravity 0.3, simulate()", spent, residual, here, note)
    base, shock = calibrate(world), Shock(factor=np.ones((economies, 1, economies)), cost=hat.transpose(1, 2, 0))
    prepared = solvers.prepare(base)
    found = solvers.solve(prepared, shock)
    least, median = clock(lambda: solvers.solve(prepared, shock))
    real = 100 * (found.income / prepared.income / found.consumer_price - 1)
    note = f"the multi-sector engine on it; real income differs by {np.abs(real - ours).max():.0e} percentage points"
    yield Line(name, least, median, None, worst(found), "gegravity 0.3, simulate()", spent, residual, here, note)


def _simulate(
    python: Path, regions: tuple[str, ...], trade: Array, cost: Array, hat: Array, theta: float
) -> tuple[float, float, Array]:
    rows = ["exporter,importer,year,trade,Y,E,cost,pta,pta_new"]
    output, spent = trade.sum(axis=1), trade.sum(axis=0)
    for i, exporter in enumerate(regions):
        for j, importer in enumerate(regions):
            numbers = (trade[i, j], output[i], spent[j], np.log(cost[i, j]), 0.0, -theta * np.log(hat[i, j, 0]))
            rows.append(",".join([exporter, importer, "2000", *(f"{float(x):.17g}" for x in numbers)]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flows.csv"
        path.write_text("\n".join(rows), encoding="utf-8")
        call = [str(python), str(HERE / "gegravity_run.py"), str(path), regions[0], str(theta + 1), "3"]
        done = subprocess.run(call, check=True, capture_output=True, text=True, timeout=900)
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    return min(answer["seconds"]) * 1e3, answer["residual"], np.array([answer["gdp"][r] for r in regions])


# ------------------------------------------------------------------------------------------------ start-up


def case_start() -> Iterator[Line]:
    program = Path(sys.executable).parent / "tradewinds"
    empty = once(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True), 15)
    if subprocess.run([str(program), "--help"], capture_output=True, check=False).returncode:
        yield Line("`tradewinds --help`", note="not run: there is no command line yet")
    else:
        call = [str(program), "--help"]
        least, median = clock(lambda: subprocess.run(call, capture_output=True, check=True), most=20)
        yield Line("`tradewinds --help`", least, median, note=f"an empty Python takes {empty:.0f} ms here")


def case_worlds() -> Iterator[Line]:
    from tradewinds.world.store import embedded, open_world

    for name in embedded():
        world = open_world(name)
        least, median = clock(lambda name=name: open_world(name), most=50)  # type: ignore[misc]
        size = f"{len(world.regions)} × {len(world.sectors)}"
        yield Line(f"open the embedded world {name} ({size})", least, median, peak=peak())
    if not embedded():
        yield Line("open an embedded world", note="not run: none is embedded yet")


def case_embedded() -> Iterator[Line]:
    from tradewinds.world.store import embedded, open_world

    for name in embedded():
        world = open_world(name)
        base = calibrate(world)
        shock = random_tariffs(base, len(world.sectors) - 1)
        prepared = solvers.prepare(base)
        found = solvers.solve(prepared, shock)
        least, median = clock(lambda prepared=prepared, shock=shock: solvers.solve(prepared, shock))  # type: ignore[misc]
        size = f"{len(world.regions)} × {len(world.sectors)}"
        target = 15.0 if size == "81 × 28" else None
        note = f"{found.sweeps} sweeps, {found.method}"
        yield Line(f"random tariffs on {name} ({size})", least, median, target, worst(found), peak=peak(), note=note)


def case_main_job() -> Iterator[Line]:
    """The command of the README, start-up included, and a thousand elasticity draws."""
    program = str(Path(sys.executable).parent / "tradewinds")
    for label, more, target, runs in (
        ("`tradewinds assess ecfa-goods`, warm", [], 5_000.0, 5),
        ("`tradewinds assess ecfa-goods --draws 1000`", ["--draws", "1000"], 30_000.0, 1),
    ):
        call = [program, "assess", "ecfa-goods", *more]
        subprocess.run(call, capture_output=True, check=True)
        times = [once(lambda call=call: subprocess.run(call, capture_output=True, check=True)) for _ in range(runs)]  # type: ignore[misc]
        used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        note = "two threads; draws of the last headline year; 32 for each earlier year and closure; terminal brief"
        yield Line(label, min(times), statistics.median(times), target, peak=used, note=note)


CASES = {name.removeprefix("case_"): run for name, run in list(globals().items()) if name.startswith("case_")}


def main() -> None:
    """Print the lines of one case as JSON."""
    print(json.dumps([asdict(line) for line in CASES[sys.argv[1]]()]))


if __name__ == "__main__":
    main()
