"""Reader of the OECD Inter-Country Input-Output tables (ICIO), 2025 edition.

Publisher: OECD, licence CC BY 4.0. One CSV a year (``2022_SML.csv``; the extended tables are ``2022.csv``), million USD
at basic prices. The first row names the columns and the first column the rows:

=========  ==========================================================================================
rows       ``TWN_C26`` (economy and industry), then ``TLS`` taxes less subsidies on products, ``VA``, ``OUT``
columns    the same industries, then final use by economy (``TWN_HFCE`` …, see :data:`FINAL_USE`), then ``OUT``
=========  ==========================================================================================

The extended tables split China and Mexico (``CN1``, ``CN2``, ``MX1``, ``MX2``); the parts are added together.
"""

from __future__ import annotations

import gzip
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np

from tradewinds.core.errors import InputError, refuse, unknown_label
from tradewinds.core.grades import Provenance
from tradewinds.data.input_output import Column, InputOutput, Tally

_ECONOMIES = """
    AGO ARE ARG AUS AUT BEL BGD BGR BLR BRA BRN CAN CHE CHL CHN CIV CMR COD COL CRI CYP CZE DEU DNK EGY ESP EST FIN
    FRA GBR GRC HKG HRV HUN IDN IND IRL ISL ISR ITA JOR JPN KAZ KHM KOR LAO LTU LUX LVA MAR MEX MLT MMR MYS NGA NLD
    NOR NZL PAK PER PHL POL PRT ROU RUS SAU SEN SGP STP SVK SVN SWE THA TUN TUR TWN UKR USA VNM ZAF ROW"""
_INDUSTRIES = """
    A01 A02 A03 B05 B06 B07 B08 B09 C10T12 C13T15 C16 C17_18 C19 C20 C21 C22 C23 C24A C24B C25 C26 C27 C28 C29 C301
    C302T309 C31T33 D E F G H49 H50 H51 H52 H53 I J58T60 J61 J62_63 K L M N O P Q R S T"""
#: Economies of the 2025 edition, in its order.
ECONOMIES = tuple(_ECONOMIES.split())
#: Industries of the 2025 edition, in its order.
INDUSTRIES = tuple(_INDUSTRIES.split())
#: Final use: households, non-profit institutions, government, fixed capital, change in stocks, purchases abroad.
FINAL_USE = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR")
#: Parts of the extended tables → the economy they make up.
PARTS = {"CN1": "CHN", "CN2": "CHN", "MX1": "MEX", "MX2": "MEX"}
#: Rows below the industries, and the column after final use.
TOTALS = ("TLS", "VA", "OUT")
_ROWS_AT_ONCE = 200


def read_icio(path: str | Path, *, year: int | None = None, codes: Literal["2025", "any"] = "2025") -> InputOutput:
    """Read one year of the ICIO tables: ``.csv``, ``.csv.gz``, or the publisher's ``.zip`` (``year`` picks the file).

    The table is read in slices and summed on the way, so 81 economies × 50 industries need about 100 MB. ``year`` is
    otherwise taken from the file's name. ``codes="any"`` lets labels pass that the 2025 edition does not have (older
    editions, mergers of one's own). Negative change in stocks stays; :func:`~tradewinds.data.input_output.to_world`
    deals with it.

    Returns million USD at basic prices. Raises :class:`~tradewinds.core.errors.InputError`, all faults of a stage at
    once: unknown codes, columns or rows that are missing or stand twice, cells that are not a number, rows that do not
    add up to their ``OUT`` (a half-written file), a year that is not known.

    Source: OECD, Inter-Country Input-Output Database, 2025 edition.
    """
    path = Path(path)
    with _opened(path, year) as (stream, found):
        return _read(stream, str(path), _year(path, found, year), codes)


def _year(path: Path, found: str, year: int | None) -> int:
    named = re.search(r"(?<!\d)(19|20)\d\d(?!\d)", Path(found).name)
    if year is None and named is None:
        raise InputError(
            "the year is not known", where=str(path), hint="pass `year=2022`, or name the file 2022_SML.csv"
        )
    return int(named[0]) if year is None and named else int(year or 0)


@contextmanager
def _opened(path: Path, year: int | None) -> Iterator[tuple[IO[bytes], str]]:
    """The CSV as bytes, and its name."""
    try:
        if path.suffix.casefold() == ".zip":
            with zipfile.ZipFile(path) as archive:
                name = _member(archive, path, year)
                with archive.open(name) as stream:
                    yield stream, name
        elif path.suffix.casefold() == ".gz":
            with gzip.open(path, "rb") as stream:
                yield io.BufferedReader(stream), path.name
        else:
            with path.open("rb") as stream:
                yield stream, path.name
    except (OSError, EOFError, zipfile.BadZipFile) as fault:
        said = getattr(fault, "strerror", None) or str(fault)
        raise InputError(f"cannot read the file ({said})", where=str(path)) from None


def _member(archive: zipfile.ZipFile, path: Path, year: int | None) -> str:
    tables = [n for n in archive.namelist() if n.casefold().endswith(".csv")]
    chosen = [n for n in tables if year is None or Path(n).stem in (f"{year}_SML", f"{year}")]
    if len(chosen) != 1:
        raise InputError(
            f"{len(chosen)} tables of {year or 'an unnamed year'}",
            where=str(path),
            allowed=f"it holds {', '.join(tables) or 'no CSV'}",
            hint="pass the year, for instance `year=2022`",
        )
    return chosen[0]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Who stands in which column: positions of the cells to sum, of value added, and of the row total."""

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    columns: tuple[Column, ...]
    cells: np.ndarray[Any, np.dtype[np.intp]]
    industries: tuple[tuple[str, str], ...]
    total: int


def _read(stream: IO[bytes], where: str, year: int, codes: str) -> InputOutput:
    first = stream.readline()
    try:
        names = [n.strip().strip('"') for n in first.decode("utf-8-sig").rstrip("\r\n").split(",")]
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", where=where, hint="read the CSV as the OECD publishes it") from None
    layout = _layout(names[1:], where, codes)
    tally = Tally(layout.regions, layout.sectors, layout.columns)
    seen: dict[str, int] = {}
    totals: dict[str, np.ndarray[Any, np.dtype[np.float64]]] = {}
    sold: dict[str, float] = {}
    for labels, numbers, line in _slices(stream, len(names), where):
        _check_rows(labels, numbers, layout, seen, line, where, names[1:])
        for label, row in zip(labels, numbers, strict=True):
            if label in TOTALS:
                totals[label] = row
            else:
                region, sector = label.split("_", 1)
                tally.add(PARTS.get(region, region), sector, row[layout.cells])
                sold[region] = sold.get(region, 0.0) + float(row[layout.total])
    _check_complete(layout, seen, totals, sold, where)
    return _gathered(tally, layout, totals, sold, year, where)


def _layout(names: Sequence[str], where: str, codes: str) -> _Layout:
    """Understand the header row; refuse what is not known, missing or named twice."""
    faults: list[InputError] = []
    cells: list[int] = []
    columns: list[Column] = []
    industries: list[tuple[str, str]] = []
    place = f"{where}: header"
    for k, name in enumerate(names):
        region, _, code = name.partition("_")
        if name in TOTALS:
            continue
        faults += _strange(region, code, place, codes)
        final = code in FINAL_USE
        cells.append(k)
        columns.append((PARTS.get(region, region), None if final else code))
        if not final:
            industries.append((region, code))
    twice = sorted({n for n in names if names.count(n) > 1}) if len(set(names)) < len(names) else []
    if twice:
        faults.append(InputError(f"columns {', '.join(twice[:5])} stand twice", where=place))
    if "OUT" not in names or not industries or len(cells) == len(industries):
        faults.append(
            InputError(
                "not the layout of the ICIO tables",
                where=place,
                allowed="columns TWN_C26 …, TWN_HFCE …, OUT",
                hint="take the CSV of the 2025 edition, not the Excel or R form",
            )
        )
    refuse(faults[:20], where=where)
    buyers = {region for region, _ in columns}
    sectors = {sector for _, sector in industries}
    return _Layout(
        regions=_ordered(buyers, ECONOMIES),
        sectors=_ordered(sectors, INDUSTRIES),
        columns=tuple(columns),
        cells=np.array(cells, dtype=np.intp),
        industries=tuple(industries),
        total=list(names).index("OUT"),
    )


def _ordered(found: set[str], official: Sequence[str]) -> tuple[str, ...]:
    return (*(c for c in official if c in found), *sorted(found - set(official)))


def _strange(region: str, code: str, where: str, codes: str) -> list[InputError]:
    """Faults of one label ``REGION_CODE``."""
    if codes == "any" and region and code:
        return []
    economies, others = (*ECONOMIES, *PARTS), (*INDUSTRIES, *FINAL_USE)
    faults: list[InputError] = []
    if region not in economies:
        faults.append(unknown_label(region, economies, where=where, kind="economy"))
    if code not in others:
        faults.append(unknown_label(code, others, where=where, kind="industry or final use"))
    return faults


def _slices(stream: IO[bytes], width: int, where: str) -> Iterator[tuple[list[str], Any, int]]:
    """Labels and numbers of some rows at a time, with the line of the first."""
    import pandas as pd

    line = 2
    types: dict[int, Any] = {0: str, **dict.fromkeys(range(1, width), np.float64)}
    options: dict[str, Any] = {"header": None, "names": range(width), "index_col": False, "keep_default_na": False}
    try:
        with pd.read_csv(stream, dtype=types, na_values=[""], chunksize=_ROWS_AT_ONCE, **options) as reader:
            while True:
                with warnings.catch_warnings():
                    warnings.simplefilter("error", pd.errors.ParserWarning)  # a row longer than the header
                    frame = next(reader)
                yield [str(x).strip() for x in frame[0]], frame.iloc[:, 1:].to_numpy(dtype=np.float64), line
                line += len(frame)
    except (StopIteration, pd.errors.EmptyDataError):
        return
    except (ValueError, pd.errors.ParserWarning) as fault:
        said = str(fault).splitlines()[0].removeprefix("Error tokenizing data. ")
        raise InputError(
            f"a row after line {line - 1} cannot be read ({said})",
            where=where,
            allowed=f"{width} columns: a label, then numbers",
        ) from None


def _check_rows(
    labels: Sequence[str],
    numbers: Any,
    layout: _Layout,
    seen: dict[str, int],
    line: int,
    where: str,
    names: Sequence[str],
) -> None:
    """Refuse rows that are unknown, named twice, hold other than numbers, or do not add up."""
    faults: list[InputError] = []
    known = set(layout.industries)
    for k, (label, row) in enumerate(zip(labels, numbers, strict=True)):
        place = f"{where}: line {line + k}"
        if label in seen:
            faults.append(InputError(f"row {label} stands twice, first on line {seen[label]}", where=place))
        seen[label] = line + k
        if label in TOTALS:
            continue
        if tuple(label.split("_", 1)) not in known:
            faults.append(
                unknown_label(label, ["_".join(i) for i in layout.industries] + list(TOTALS), where=place, kind="row")
            )
            continue
        used = row[layout.cells]
        if not np.isfinite(used).all():
            bad = np.flatnonzero(~np.isfinite(used))
            first = names[int(layout.cells[bad[0]])]
            faults.append(
                InputError(f"{len(bad)} cells of {label} empty or not a number, the first {first}", where=place)
            )
        elif not abs(used.sum() - row[layout.total]) <= 1e-3 * abs(row[layout.total]) + 1.0:
            faults.append(
                InputError(
                    f"{label} adds up to {used.sum():,.3f}, its OUT says {row[layout.total]:,.3f}",
                    where=place,
                    hint="columns have shifted or the file is half-written",
                )
            )
    refuse(faults[:20], where=where)


def _check_complete(
    layout: _Layout, seen: dict[str, int], totals: dict[str, Any], sold: dict[str, float], where: str
) -> None:
    faults: list[InputError] = []
    missing = ["_".join(i) for i in layout.industries if "_".join(i) not in seen]
    missing += [name for name in ("VA", "OUT") if name not in totals]
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        faults.append(
            InputError(
                f"no row {', '.join(missing[:5])}{more}",
                where=where,
                hint="the file is half-written; download it again",
            )
        )
    for part, whole in PARTS.items():
        if sold.get(part) and sold.get(whole):
            faults.append(InputError(f"{part} stands beside {whole}, which contains it", where=where))
    positions = [k for k, (_, user) in zip(layout.cells, layout.columns, strict=True) if user is not None]
    faults += [
        InputError("cells empty or not a number", where=f"{where}: {name}")
        for name in ("VA", "OUT")
        if name in totals and not np.isfinite(totals[name][positions]).all()
    ]
    refuse(faults, where=where)


def _gathered(
    tally: Tally, layout: _Layout, totals: dict[str, Any], sold: dict[str, float], year: int, where: str
) -> InputOutput:
    added, output = (np.zeros((len(layout.regions), len(layout.sectors))) for _ in range(2))
    for k, (region, user) in zip(layout.cells, layout.columns, strict=True):
        if user is not None:
            cell = layout.regions.index(region), layout.sectors.index(user)
            added[cell] += totals["VA"][k]
            output[cell] += totals["OUT"][k]
    parts = [p for p in PARTS if p in sold]
    told = [f"{' and '.join(parts)} added to {', '.join(dict.fromkeys(PARTS[p] for p in parts))}."] if parts else []
    note = f"OECD ICIO, {year}, basic prices"
    return InputOutput(
        regions=layout.regions,
        sectors=layout.sectors,
        year=year,
        trade_fob=tally.trade_fob,
        input_use=tally.input_use,
        output=output,
        value_added=added,
        sources=(
            Provenance("trade_fob", "oecd-icio", "measured", note),
            Provenance("input_use", "oecd-icio", "measured", note),
        ),
        adjustments=tuple(told),
        name=where,
    )
