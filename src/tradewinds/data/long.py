"""The user's own tables: three long files, CSV (UTF-8, comma) or Parquet, made a World.

=============  ==============================================================================================
flows          ``exporter, importer, sector, value`` and, if you like, ``tariff_rate``; home sales are the rows
               with the same economy twice; million USD at producer prices, duty not included
inputs         ``region, input_sector, sector, value``: what the industry ``sector`` of ``region`` buys of
               ``input_sector``, all origins together; million USD at producer prices
elasticities   ``sector, trade_elasticity``, positive
=============  ==============================================================================================

The first line names the columns, in any order. A combination that has no row is zero; how many there are is told.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tradewinds.core.errors import Faults, InputError, refuse, unknown_label
from tradewinds.core.grades import Provenance
from tradewinds.data.input_output import InputOutput, to_world
from tradewinds.world.arrays import Array
from tradewinds.world.world import World

#: Columns of each file: those that name the cell, those with numbers, those that may be left out.
FLOWS = (("exporter", "importer", "sector"), ("value",), ("tariff_rate",))
INPUTS = (("region", "input_sector", "sector"), ("value",), ())
ELASTICITIES = (("sector",), ("trade_elasticity",), ())
#: Admissible range of each number.
RANGES = {"value": (0.0, math.inf), "tariff_rate": (-0.999, 50.0), "trade_elasticity": (0.01, 100.0)}
_SHOWN = 50


def read_long(
    *,
    flows: str | Path,
    inputs: str | Path,
    elasticities: str | Path,
    name: str,
    year: int,
    source: str = "user",
    grade: str = "measured",
) -> World:
    """Read three long files (see the module's text) and make them a World.

    Economies and sectors are those of ``flows``, in order of appearance (exporters first). ``source`` and ``grade`` say
    where the numbers come from (:data:`~tradewinds.core.grades.GRADES`). What
    :func:`~tradewinds.data.input_output.to_world` changes is told in ``adjustments``, and so are missing combinations.

    Raises :class:`~tradewinds.core.errors.InputError` with all faults of the three files at once, each with its line:
    unknown or missing columns, wrong number of cells, blank or unknown labels, a combination named twice, what is not a
    number or out of range, an empty file, text that is not UTF-8.
    """
    faults: list[InputError] = []
    sales = _attempt(lambda: _read(Path(flows), *FLOWS), faults)
    regions = sectors = None
    if sales is not None:
        regions = tuple(dict.fromkeys([*sales.labels["exporter"], *sales.labels["importer"]]))
        sectors = tuple(dict.fromkeys(sales.labels["sector"]))
        faults += _no_home_sales(sales, regions)
    known = {"region": regions, "input_sector": sectors, "sector": sectors}
    used = _attempt(lambda: _read(Path(inputs), *INPUTS, known=known), faults)
    theta = _attempt(lambda: _read(Path(elasticities), *ELASTICITIES, known=known), faults)
    if theta is not None and sectors is not None:
        missing = [s for s in sectors if s not in set(theta.labels["sector"])]
        if missing:
            faults.append(InputError(f"no trade elasticity for {', '.join(missing)}", where=str(elasticities)))
    refuse(_flat(faults), where=name)
    if sales is None or used is None or theta is None or regions is None or sectors is None:
        raise InputError("a file could not be read", where=name)  # its faults are raised above
    told: list[str] = []
    cells = (regions, regions, sectors)
    table = InputOutput(
        regions=regions,
        sectors=sectors,
        year=year,
        trade_fob=_spread(sales, "value", cells, told),
        input_use=_spread(used, "value", (regions, sectors, sectors), told),
        sources=_sources(source, grade, (sales, used, theta)),
        adjustments=tuple(told),
        name=name,
    )
    return to_world(
        table,
        name=name,
        trade_elasticity=dict(zip(theta.labels["sector"], theta.numbers["trade_elasticity"].tolist(), strict=True)),
        tariff_rate=_spread(sales, "tariff_rate", cells, []) if "tariff_rate" in sales.numbers else None,
    )


def read_tariffs(path: str | Path, regions: Sequence[str], sectors: Sequence[str]) -> Array:
    """Duties [exporter, importer, sector] from a long file ``exporter, importer, sector, tariff_rate`` (fractions).

    What has no row is free of duty. Raises InputError with every fault at once, as :func:`read_long` does.
    """
    known = {"exporter": tuple(regions), "importer": tuple(regions), "sector": tuple(sectors)}
    rows = _read(Path(path), ("exporter", "importer", "sector"), ("tariff_rate",), (), known=known)
    return _spread(rows, "tariff_rate", (tuple(regions), tuple(regions), tuple(sectors)), [])


def read_elasticities(path: str | Path, sectors: Sequence[str]) -> Array:
    """Trade elasticities [sector] from a file ``sector, trade_elasticity`` that names every sector."""
    rows = _read(Path(path), *ELASTICITIES, known={"sector": tuple(sectors)})
    values = dict(zip(rows.labels["sector"], rows.numbers["trade_elasticity"].tolist(), strict=True))
    missing = [s for s in sectors if s not in values]
    if missing:
        raise InputError(f"no trade elasticity for {', '.join(missing)}", where=str(path))
    return np.array([values[s] for s in sectors])


@dataclass(frozen=True, slots=True)
class _Rows:
    """One file that was found in order: labels by column, numbers by column."""

    file: str
    labels: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class _Raw:
    """One file as it stands: cells by column, and the place of each row."""

    columns: Mapping[str, Sequence[Any]]
    places: Sequence[str]


def _attempt(read: Callable[[], _Rows], faults: list[InputError]) -> _Rows | None:
    """What ``read`` gives, or None with its faults kept."""
    try:
        return read()
    except InputError as fault:
        faults.append(fault)
        return None


def _flat(faults: Sequence[InputError]) -> list[InputError]:
    return [f for fault in faults for f in (fault.faults if isinstance(fault, Faults) else (fault,))]


def _read(
    path: Path,
    keys: tuple[str, ...],
    numbers: tuple[str, ...],
    optional: tuple[str, ...],
    known: Mapping[str, tuple[str, ...] | None] | None = None,
) -> _Rows:
    """Read and check one file."""
    raw = _parquet(path) if path.suffix.casefold() == ".parquet" else _csv(path)
    wanted = (*keys, *numbers)
    faults: list[InputError] = [
        unknown_label(c, (*wanted, *optional), where=f"{path}: header", kind="column")
        for c in raw.columns
        if c not in (*wanted, *optional)
    ]
    missing = [c for c in wanted if c not in raw.columns]
    if missing:
        faults.append(
            InputError(
                f"no column {', '.join(missing)}",
                where=f"{path}: header",
                allowed=f"the first line names {', '.join(wanted)}",
            )
        )
    refuse(faults, where=str(path))
    if not raw.places:
        raise InputError("no rows below the header", where=str(path))
    labels = {key: tuple(str(x).strip() if x is not None else "" for x in raw.columns[key]) for key in keys}
    found = {c: np.zeros(len(raw.places)) for c in (*numbers, *optional) if c in raw.columns}
    for key in keys:
        faults += _label_faults(key, labels[key], raw.places, (known or {}).get(key))
    faults += _twice(tuple(zip(*labels.values(), strict=True)), raw.places)
    for column, values in found.items():
        faults += _fill(values, column, raw.columns[column], raw.places)
    refuse(_first(faults, path), where=str(path))
    return _Rows(str(path), labels, found)


def _first(faults: list[InputError], path: Path) -> list[InputError]:
    """At most fifty faults, and how many more there are."""
    if len(faults) <= _SHOWN:
        return faults
    return [*faults[:_SHOWN], InputError(f"{len(faults) - _SHOWN} more faults", where=str(path))]


def _csv(path: Path) -> _Raw:
    """A CSV file, with the line of each row."""
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise InputError(f"cannot read the file ({fault.strerror})", where=str(path)) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        hint = "in Excel, save as «CSV UTF-8»"
        raise InputError("not UTF-8 text", where=f"{path}: line {line}", hint=hint) from None
    reader = csv.reader(text.splitlines(keepends=True))
    header = [c.strip() for c in next(reader, [])]
    if not any(header):
        raise InputError("the file is empty", where=str(path), allowed="a line that names the columns, then rows")
    twice = sorted({c for c in header if header.count(c) > 1})
    faults = [InputError(f"column {c} twice", where=f"{path}: line 1") for c in twice]
    rows: list[list[str]] = []
    places: list[str] = []
    for row in _lines(reader, path):
        if not any(cell.strip() for cell in row):
            continue
        place = f"{path}: line {reader.line_num}"
        if len(row) == len(header):
            rows.append(row)
            places.append(place)
        else:
            faults.append(InputError(f"{len(row)} cells", where=place, allowed=f"{len(header)}, as in the header"))
    refuse(_first(faults, path), where=str(path))
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    return _Raw(dict(zip(header, columns, strict=True)), places)


def _lines(reader: Any, path: Path) -> Any:
    try:
        yield from reader
    except csv.Error as fault:
        raise InputError(f"not a CSV file ({fault})", where=f"{path}: line {reader.line_num}") from None


def _parquet(path: Path) -> _Raw:
    """A Parquet file, with the number of each row."""
    import duckdb

    if not path.is_file():
        raise InputError("no such file", where=str(path))
    quoted = str(path).replace("'", "''")
    try:
        with duckdb.connect() as base:
            found = base.execute(f"SELECT * FROM read_parquet('{quoted}')")
            names = [str(column[0]) for column in found.description]
            rows = found.fetchall()
    except duckdb.Error as fault:
        said = str(fault).splitlines()[0][:160]
        raise InputError(f"not a whole Parquet file ({said})", where=str(path), hint="write or copy it again") from None
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return _Raw(dict(zip(names, columns, strict=True)), [f"{path}: row {k}" for k in range(1, len(rows) + 1)])


def _label_faults(
    key: str, labels: Sequence[str], places: Sequence[str], known: tuple[str, ...] | None
) -> list[InputError]:
    """Blank labels, and those that the flows do not have, each once at its first place."""
    faults = [InputError(f"no {key}", where=place) for label, place in zip(labels, places, strict=True) if not label]
    if known is None:
        return faults
    strange = set(labels) - set(known) - {""}
    for label in sorted(strange, key=labels.index):
        count = labels.count(label)
        more = f" and {count - 1} more" if count > 1 else ""
        place = f"{places[labels.index(label)]}{more}"
        faults.append(unknown_label(label, known, where=place, kind=key))
        if len(faults) > _SHOWN:
            break
    return faults


def _twice(keys: Sequence[tuple[str, ...]], places: Sequence[str]) -> list[InputError]:
    first: dict[tuple[str, ...], str] = {}
    faults: list[InputError] = []
    for key, place in zip(keys, places, strict=True):
        if key in first:
            earlier = first[key].rsplit(": ", 1)[-1]
            faults.append(InputError(f"{', '.join(key)} stands twice, first on {earlier}", where=place))
        else:
            first[key] = place
    return faults


def _fill(values: Array, column: str, cells: Sequence[Any], places: Sequence[str]) -> list[InputError]:
    """Write the numbers of a column into ``values``; returns what is not a number or out of range."""
    low, high = RANGES[column]
    faults: list[InputError] = []
    for k, (cell, place) in enumerate(zip(cells, places, strict=True)):
        try:
            number = math.nan if cell is None or isinstance(cell, bool) else float(cell)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            said = "is empty" if cell is None or str(cell).strip() == "" else f"`{cell}` is not a number"
            hint = "write 1234.5: a point, and no separator of thousands" if "," in str(cell) else ""
            faults.append(InputError(f"{column} {said}", where=place, hint=hint))
        elif not low <= number <= high:
            faults.append(InputError(f"{column} {number:g}", where=place, allowed=f"{low:g} to {high:g}"))
        else:
            values[k] = number
    return faults


def _no_home_sales(sales: _Rows, regions: Sequence[str]) -> list[InputError]:
    pairs = zip(sales.labels["exporter"], sales.labels["importer"], sales.numbers["value"], strict=True)
    at_home = {exporter for exporter, importer, value in pairs if exporter == importer and value > 0}
    lacking = [r for r in regions if r not in at_home]
    if not lacking:
        return []
    return [
        InputError(
            f"no home sales of {', '.join(lacking)}",
            where=sales.file,
            allowed="rows with the same economy as exporter and importer",
            hint="home sales are output less exports",
        )
    ]


def _spread(rows: _Rows, column: str, axes: tuple[tuple[str, ...], ...], told: list[str]) -> Array:
    """The numbers as an array, zero where there is no row; says how many those are."""
    place = [{label: k for k, label in enumerate(names)} for names in axes]
    values = np.zeros(tuple(map(len, axes)))
    cells = tuple(
        np.array([index[label] for label in labels], dtype=np.intp)
        for index, labels in zip(place, rows.labels.values(), strict=True)
    )
    values[cells] = rows.numbers[column]
    empty = values.size - len(rows.numbers[column])
    if empty:
        told.append(f"{Path(rows.file).name}: {empty:,} of {values.size:,} combinations have no row and are zero.")
    return values


def _sources(source: str, grade: str, files: Sequence[_Rows]) -> tuple[Provenance, ...]:
    sales, used, theta = (Path(rows.file).name for rows in files)
    rows = [("trade_fob", sales), ("input_use", used), ("trade_elasticity", theta)]
    if "tariff_rate" in files[0].numbers:
        rows.append(("tariff_rate", sales))
    return tuple(Provenance(variable, source, grade, f"own table {file}") for variable, file in rows)
