"""Reader of the data of Caliendo and Parro (2015): 31 economies, 20 traded and 20 untraded sectors, 1993.

Publisher: the replication files of the paper (Review of Economic Studies 82(1)). Seven text files of numbers apart by
blanks or tabs, without header:

=================  ============  =====================================================================================
``xbilat1993``     620 × 31      imports by importer (rows, in blocks by traded sector) and exporter (columns), thousand
                                 USD, duty not included, nothing on the diagonal
``tariffs1993``    620 × 31      applied duty in 1993, per cent, same layout
``tariffs2005``    620 × 31      applied duty in 2005, same layout
``GO``             40 × 31       gross output by sector and economy, USD
``B``              40 × 31       share of value added in output
``IO``             1240 × 40     share of each input (rows, in blocks by economy) in the inputs of each sector (columns)
``T``              20 × 1        trade elasticity θ of the traded sectors (their table 1, the 99 % sample)
=================  ============  =====================================================================================

These data are an equilibrium only after repair (see :func:`build_cp1993`), which the World's adjustments state.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tradewinds.core.errors import InputError, refuse
from tradewinds.core.grades import Provenance
from tradewinds.solvers import Benchmark
from tradewinds.world.arrays import Array
from tradewinds.world.balance import balanced, world_of
from tradewinds.world.change import Change
from tradewinds.world.world import World

#: Economies in the order of the files.
REGIONS = (
    "ARG", "AUS", "AUT", "BRA", "CAN", "CHL", "CHN", "DNK", "FIN", "FRA", "DEU", "GRC", "HUN", "IND", "IDN", "IRL",
    "ITA", "JPN", "KOR", "MEX", "NLD", "NZL", "NOR", "PRT", "ZAF", "ESP", "SWE", "TUR", "GBR", "USA", "ROW",
)  # fmt: skip
#: Sectors that are traded, in the order of the files.
TRADED = (
    "agriculture", "mining", "food", "textile", "wood", "paper", "petroleum", "chemicals", "plastic", "minerals",
    "basic metals", "metal products", "machinery n.e.c.", "office", "electrical", "communication", "medical", "auto",
    "other transport", "other",
)  # fmt: skip
#: Sectors that nobody trades, in the order of the files.
UNTRADED = (
    "electricity", "construction", "retail", "hotels", "land transport", "water transport", "air transport",
    "auxiliary transport", "post", "finance", "real estate", "renting of machinery", "computer services", "research",
    "other business", "public administration", "education", "health", "other services", "private households",
)  # fmt: skip
NAFTA = ("CAN", "MEX", "USA")
SOURCE = "caliendo-parro-data"
#: θ of the sectors that nobody trades: no answer depends on it.
UNTRADED_ELASTICITY = 8.22
#: How far a column of input shares may be from one: the files have seven digits.
ROUNDING = 1e-5

_N, _T, _J = len(REGIONS), len(TRADED), len(TRADED) + len(UNTRADED)
_LAYOUT = {
    "xbilat1993": ((_T * _N, _N), "20 blocks (traded sectors) of 31 importers × 31 exporters"),
    "tariffs1993": ((_T * _N, _N), "20 blocks (traded sectors) of 31 importers × 31 exporters"),
    "tariffs2005": ((_T * _N, _N), "20 blocks (traded sectors) of 31 importers × 31 exporters"),
    "GO": ((_J, _N), "40 sectors × 31 economies"),
    "B": ((_J, _N), "40 sectors × 31 economies"),
    "IO": ((_N * _J, _J), "31 blocks (economies) of 40 inputs × 40 sectors"),
    "T": ((_T,), "20 traded sectors, one a line"),
}


@dataclass(frozen=True, slots=True)
class Tables:
    """The seven files as numbers: money in million USD, duties as fractions, [importer, sector, exporter].

    ``imports``, ``tariff_1993``, ``tariff_2005`` [n, traded, i]; ``output`` and ``added_share`` [n, j];
    ``input_share`` [n, k, j], columns add up to one where a sector buys inputs; ``elasticity`` [traded].
    ``told`` says what reading had to change.
    """

    imports: Array
    tariff_1993: Array
    tariff_2005: Array
    output: Array
    added_share: Array
    input_share: Array
    elasticity: Array
    told: tuple[str, ...]


def read_cp1993(folder: str | Path) -> Tables:
    """Read and check the seven files of ``folder``.

    Raises InputError, all faults of all files at once: a file that is missing or holds text, another number of rows or
    columns, trade or duty of an economy with itself, numbers out of range, input shares that do not add up to one.
    """
    folder = Path(folder)
    faults: list[InputError] = []
    held: dict[str, Array] = {}
    for name in _LAYOUT:
        try:
            held[name] = _numbers(folder / f"{name}.txt", name)
        except InputError as fault:
            faults.append(fault)
    refuse(faults, where=str(folder))
    refuse(_range_faults(held, folder), where=str(folder))
    shares, told = _input_shares(held["IO"].reshape(_N, _J, _J), held["B"].T, folder / "IO.txt")
    return Tables(
        imports=_cube(held["xbilat1993"]) / 1e3,
        tariff_1993=_cube(held["tariffs1993"]) / 100,
        tariff_2005=_cube(held["tariffs2005"]) / 100,
        output=held["GO"].T / 1e6,
        added_share=held["B"].T,
        input_share=shares,
        elasticity=held["T"],
        told=told,
    )


def build_cp1993(folder: str | Path, *, deficits: bool) -> World:
    """The world of 1993 in equilibrium, with observed trade deficits or, as the paper has it, without any.

    0. Purchases are bilateral imports with duty; the 20 untraded sectors are bought at home alone.
    1. Output is at least exports; what is not exported is sold at home.
    2. Final shares are what purchases leave after inputs; negative ones are set to zero and the rest scaled up.
    3. Because of 1 and 2 the data are no equilibrium: the model is solved at the tariffs of 1993 and observed deficits.
    4. Without ``deficits``, it is solved again with every deficit zero, and that answer is the benchmark.

    Each repair is told in ``adjustments``. Source: Caliendo and Parro (2015), section 5 and their replication files.
    """
    tables = read_cp1993(folder)
    numbers, told = _benchmark(tables)
    told = [*tables.told, *told, "solved at the tariffs of 1993: the repaired data were no equilibrium"]
    numbers = balanced(numbers, where=f"{folder}, observed deficits")
    if not deficits:
        numbers = balanced(numbers, deficit=np.zeros(_N), where=f"{folder}, no deficits")
        told.append("solved again with every aggregate trade deficit set to zero")
    return world_of(
        numbers,
        "cp1993" if deficits else "cp1993-balanced",
        year=1993,
        regions=REGIONS,
        sectors=(*TRADED, *UNTRADED),
        provenance=_provenance(),
        adjustments=told,
        attributes={"deficits": "observed" if deficits else "removed"},
    )


def nafta_change(world: World, folder: str | Path) -> Change:
    """NAFTA's tariff cuts alone: the six pairs of Canada, Mexico and the United States at the duties of 2005.

    ``world`` is one of :func:`build_cp1993`; every other duty stays as it is.
    """
    rate = read_cp1993(folder).tariff_2005.transpose(2, 0, 1)
    change = Change.none(world)
    for exporter in NAFTA:
        for importer in NAFTA:
            if exporter != importer:
                change = change.write(
                    world,
                    "tariff_new",
                    {"exporter": exporter, "importer": importer, "sector": TRADED},
                    rate[REGIONS.index(exporter), REGIONS.index(importer)],
                    because=f"NAFTA: duty of {importer} on {exporter} as applied in 2005",
                )
    return change


# ------------------------------------------------------------------------------------------------ reading


def _numbers(path: Path, name: str) -> Array:
    shape, layout = _LAYOUT[name]
    try:
        values = np.array([line.split() for line in path.read_text("ascii").splitlines() if line.strip()], np.float64)
    except FileNotFoundError:
        raise InputError("no such file", where=str(path), allowed=layout) from None
    except (OSError, ValueError) as fault:
        raise InputError(f"not a rectangle of numbers ({str(fault)[:60]})", where=str(path), allowed=layout) from None
    if len(shape) == 1 and values.shape == (*shape, 1):
        values = values[:, 0]
    if values.shape != shape:
        raise InputError(f"shape {values.shape}", where=str(path), allowed=f"{shape}: {layout}")
    return values


def _cube(values: Array) -> Array:
    """Blocks by sector of importers × exporters → [importer, sector, exporter]."""
    return np.ascontiguousarray(values.reshape(_T, _N, _N).transpose(1, 0, 2))


def _range_faults(held: dict[str, Array], folder: Path) -> list[InputError]:
    faults: list[InputError] = []
    ranges = {
        "xbilat1993": (0, np.inf), "tariffs1993": (0, 5000), "tariffs2005": (0, 5000), "GO": (0, np.inf),
        "B": (0, 1), "IO": (-0.01, 1.01), "T": (0.01, 100),
    }  # fmt: skip
    for name, (low, high) in ranges.items():
        bad = ~((held[name] >= low) & (held[name] <= high))
        if bad.any():
            row = int(np.argwhere(bad)[0][0]) + 1
            faults.append(
                InputError(
                    f"{int(bad.sum())} numbers out of range, the first in line {row}",
                    where=str(folder / f"{name}.txt"),
                    allowed=f"{low:g} to {high:g}",
                )
            )
    for name in ("xbilat1993", "tariffs1993", "tariffs2005"):
        own = np.einsum("njn->nj", _cube(held[name]))
        if own.any():
            faults.append(
                InputError(
                    "an economy trades with itself",
                    where=str(folder / f"{name}.txt"),
                    allowed="0 where importer and exporter are the same",
                    hint="rows are importers in blocks by sector",
                )
            )
    return faults


def _input_shares(shares: Array, added: Array, path: Path) -> tuple[Array, tuple[str, ...]]:
    """Input shares whose columns add up to one to rounding of double precision, and what that took."""
    buys = added < 1
    gap = np.where(buys, np.abs(shares.sum(axis=1) - 1), 0.0)
    if gap.max() > ROUNDING:
        n, j = np.unravel_index(int(gap.argmax()), gap.shape)
        raise InputError(
            f"shares of {REGIONS[n]} in column {j + 1} add up to {shares[n, :, j].sum():.6f}",
            where=str(path),
            allowed="one, except where value added is the whole of output",
        )
    told = []
    negative = shares < 0
    if negative.any():
        cells = ", ".join(f"{REGIONS[n]} {(*TRADED, *UNTRADED)[k]}" for n, k, _ in np.argwhere(negative))
        told.append(f"{int(negative.sum())} negative input share set to zero ({cells})")
    shares = np.maximum(shares, 0.0)
    total = shares.sum(axis=1, keepdims=True)
    return np.where(total > 0, shares / np.where(total > 0, total, 1.0), 0.0), tuple(told)


# ------------------------------------------------------------------------------------------------ the chain


def _benchmark(tables: Tables) -> tuple[Benchmark, list[str]]:
    """Steps 0 to 2: shares and levels in million USD, not yet an equilibrium, and what was repaired."""
    exports = tables.imports.sum(axis=0).T
    output = tables.output.copy()
    output[:, :_T] = np.maximum(output[:, :_T], exports)
    raised = int((exports > tables.output[:, :_T]).sum())
    factor, landed = np.ones((_N, _J, _N)), np.zeros((_N, _J, _N))
    factor[:, :_T] += tables.tariff_1993
    landed[:, :_T] = tables.imports * factor[:, :_T]
    home = np.arange(_N)
    landed[home, :, home] = output
    landed[home, :_T, home] -= exports
    inputs = tables.input_share * (1 - tables.added_share)[:, None, :]
    added, deficit, revenue = _accounts(tables, output, landed, factor)
    spending = landed.sum(axis=2)
    final = (spending - (inputs @ output[:, :, None])[:, :, 0]) / (added + revenue + deficit)[:, None]
    negative = int((final < 0).sum())
    final = np.maximum(final, 0.0)
    numbers = Benchmark(
        share=landed / np.where(spending > 0, spending, 1.0)[:, :, None],
        factor=factor,
        output=output,
        value_added=added,
        labour_share=tables.added_share,
        inputs=inputs,
        final_share=final / final.sum(axis=1, keepdims=True),
        deficit=deficit,
        elasticity=np.concatenate([tables.elasticity, np.full(len(UNTRADED), UNTRADED_ELASTICITY)]),
    )
    return numbers, [
        f"{raised} outputs raised to exports, which leaves no home sales there",
        f"{negative} negative final shares of {_N * _J} set to zero, the rest scaled up",
    ]


def _accounts(tables: Tables, output: Array, landed: Array, factor: Array) -> tuple[Array, Array, Array]:
    """Value added, deficit and duty by economy."""
    deficit = tables.imports.sum(axis=(1, 2)) - tables.imports.sum(axis=(0, 1))
    return (tables.added_share * output).sum(axis=1), deficit, (landed * (1 - 1 / factor)).sum(axis=(1, 2))


def _provenance() -> list[Provenance]:
    repaired = "solved to an equilibrium; see the adjustments"
    rows = [Provenance(v, SOURCE, "imputed", repaired) for v in ("trade_fob", "input_use", "value_added", "final_use")]
    return [
        *rows,
        Provenance("tariff_rate", SOURCE, "measured", "applied duty in 1993"),
        Provenance("trade_elasticity", SOURCE, "measured", "estimates of their table 1, 99 % sample"),
        Provenance("trade_elasticity", SOURCE, "assumed", "untraded: no answer depends on it", {"sector": UNTRADED}),
    ]
