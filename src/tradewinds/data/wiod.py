"""Reader of the World Input-Output Database, release of 2013: 40 countries and the rest of the world, 35 industries.

Publisher: Groningen Growth and Development Centre (Timmer, Dietzenbacher, Los, Stehrer and de Vries 2015), CC BY 4.0.
Million USD at basic prices. Two forms are read:

* the published workbook (``wiot11_row_apr12.xlsx``), first sheet: title with the year in cell A1; rows 3 to 6 hold,
  from column E on, industry code, industry name, country and column number (``c1``–``c35`` industries, ``c37``,
  ``c38``, ``c39``, ``c41``, ``c42`` final use); from row 7 the columns A to D say the same of the rows, until totals
  (``r60`` …); the last column is output;
* a compact ``.npz`` with ``countries``, ``industries``, ``Z`` (inputs), ``F`` (final use by country, five columns each)
  and ``output``, rows and columns by country, then industry.
"""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tradewinds.core.errors import InputError, refuse
from tradewinds.core.grades import Provenance
from tradewinds.data.input_output import Column, InputOutput, Tally

#: Column numbers of final use: households, non-profit institutions, government, fixed capital, change in stocks.
FINAL_USE = ("c37", "c38", "c39", "c41", "c42")
#: Labels of the release → ISO 3166-1 (and ROW).
ISO = {"RoW": "ROW", "ROM": "ROU"}
#: The four rows of labels end here.
_LABEL_ROWS = 6
_LABEL_COLUMNS = 4


def read_wiod(path: str | Path, *, year: int | None = None) -> InputOutput:
    """Read one year of the 2013 release, from the published ``.xlsx`` or the compact ``.npz``.

    ``year`` is otherwise taken from the title or the file's name. Industries are labelled ``c1`` to ``c35``; Romania is
    ``ROU`` and the rest of the world ``ROW``. Negative change in stocks stays; value added is not reported apart and
    left to :func:`~tradewinds.data.input_output.to_world`.

    Returns million USD at basic prices. Raises :class:`~tradewinds.core.errors.InputError`, all faults at once: another
    layout, columns that are missing, cells that are not a number, rows that do not add up to output, an unknown year.

    Source: Timmer et al. (2015), An Illustrated User Guide to the World Input–Output Database, Review of International
    Economics 23(3).
    """
    path = Path(path)
    readers = {".xlsx": _read_workbook, ".npz": _read_compact}
    if path.suffix.casefold() not in readers:
        raise InputError(f"file ending `{path.suffix}`", where=str(path), allowed=", ".join(readers))
    try:
        return readers[path.suffix.casefold()](path, year)
    except (OSError, EOFError, zipfile.BadZipFile, KeyError) as fault:
        said = getattr(fault, "strerror", None) or str(fault)
        raise InputError(f"cannot read the file ({said})", where=str(path), hint="download it again") from None


def _year(path: Path, title: str, year: int | None) -> int:
    if year is not None:
        return year
    long = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", title) or re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", path.stem)
    if long:
        return int(long[0])
    short = re.match(r"wiot(\d\d)_", path.stem, flags=re.IGNORECASE)
    if short:
        return 1900 + int(short[1]) if int(short[1]) >= 90 else 2000 + int(short[1])
    raise InputError("the year is not known", where=str(path), hint="pass `year=2011`")


def _sources(year: int) -> tuple[Provenance, ...]:
    note = f"WIOD release 2013, {year}, basic prices"
    return tuple(Provenance(name, "wiod-2013", "measured", note) for name in ("trade_fob", "input_use"))


def _iso(label: Any) -> str:
    return ISO.get(str(label).strip(), str(label).strip())


# ------------------------------------------------------------------------------------------------ the workbook


def _read_workbook(path: Path, year: int | None) -> InputOutput:
    """The published Excel form, row by row."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        head = [list(row) for row in itertools.islice(rows, _LABEL_ROWS)]
        title = str(head[0][0] or "") if head and head[0] else ""
        columns, first, total = _workbook_columns(head, str(path))
        regions = tuple(dict.fromkeys(region for region, _ in columns))
        sectors = tuple(dict.fromkeys(sector for _, sector in columns if sector is not None))
        tally = Tally(regions, sectors, columns)
        output = _add_rows(tally, rows, columns, first, total, str(path))
    finally:
        book.close()
    found = _year(path, title, year)
    return InputOutput(
        regions=regions,
        sectors=sectors,
        year=found,
        trade_fob=tally.trade_fob,
        input_use=tally.input_use,
        output=np.array([[output[r, k] for k in sectors] for r in regions]),
        sources=_sources(found),
        name=str(path),
    )


def _workbook_columns(head: Sequence[Sequence[Any]], where: str) -> tuple[list[Column], int, int]:
    """Buyers by column, position of the first, position of the total; refuses another layout."""
    faults: list[InputError] = []
    columns: list[Column] = []
    countries, codes = (list(head[k]) if len(head) == _LABEL_ROWS else [] for k in (4, 5))
    known = [_user(code) for code in codes]
    total = max((k + 1 for k, user in enumerate(known) if user != ""), default=0)
    for k in range(_LABEL_COLUMNS, total):
        user = known[k]
        if user == "" or k >= len(countries) or not countries[k]:
            faults.append(InputError(f"column {k + 1} is {countries[k : k + 1]} {codes[k]}", where=where))
        else:
            columns.append((_iso(countries[k]), user))
    if len(faults) > 5 or not any(user is None for _, user in columns):
        faults = [
            InputError(
                "not the layout of the WIOD tables",
                where=where,
                allowed="rows 3 to 6: code, name, country, c1 to c35, c37 to c42, from column E on",
                hint="take the world table in current prices, industry by industry, release 2013",
            )
        ]
    industries = [column for column in columns if column[1] is not None]
    if len(set(industries)) < len(industries):
        faults.append(InputError("an industry stands in two columns", where=where))
    refuse(faults, where=where)
    return columns, _LABEL_COLUMNS, total


def _user(code: Any) -> str | None:
    """The industry of a column number, None for final use, nothing for what is neither."""
    code = str(code or "").strip()
    if code in FINAL_USE:
        return None
    return code if re.fullmatch(r"c([1-9]|[12]\d|3[0-5])", code) else ""


def _add_rows(
    tally: Tally, rows: Iterator[Sequence[Any]], columns: Sequence[Column], first: int, total: int, where: str
) -> dict[tuple[str, str], float]:
    """Add every industry row; returns output as the last column has it."""
    faults: list[InputError] = []
    expected = {column for column in columns if column[1] is not None}
    output: dict[tuple[str, str], float] = {}
    for line, row in enumerate(rows, start=_LABEL_ROWS + 1):
        if len(row) < _LABEL_COLUMNS:
            continue
        country, code = _iso(row[2]), str(row[3] or "").strip()
        if not re.fullmatch(r"r([1-9]|[12]\d|3[0-5])|c([1-9]|[12]\d|3[0-5])", code):
            continue
        key = country, "c" + code[1:]
        place = f"{where}: row {line}"
        if key not in expected or key in output:
            faults.append(
                InputError(f"{country} {code} {'twice' if key in output else 'without a column'}", where=place)
            )
            continue
        cells = np.array([_number(value) for value in row[first : total + 1]])
        output[key] = float(cells[-1]) if len(cells) == len(columns) + 1 else float("nan")
        if len(cells) != len(columns) + 1 or not np.isfinite(cells).all():
            faults.append(InputError("cells missing or not a number", where=place))
        elif not abs(cells[:-1].sum() - cells[-1]) <= 1e-3 * abs(cells[-1]) + 1.0:
            faults.append(InputError(f"adds up to {cells[:-1].sum():,.1f}, output says {cells[-1]:,.1f}", where=place))
        else:
            tally.add(key[0], key[1], cells[:-1])
    missing = sorted(f"{c} {s}" for c, s in expected - set(output))
    if missing:
        hint = "the file is half-written; download it again"
        faults.append(InputError(f"{len(missing)} rows missing, the first {missing[0]}", where=where, hint=hint))
    refuse(faults[:20], where=where)
    return output


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else float("nan")


# --------------------------------------------------------------------------------------------- the compact form


def _read_compact(path: Path, year: int | None) -> InputOutput:
    """The compact form: whole matrices."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as held:
            tables = {name: held[name] for name in ("countries", "industries", "Z", "F", "output")}
    except ValueError as fault:
        raise InputError(f"not a compact table ({fault})", where=str(path)) from None
    countries = tuple(map(_iso, tables["countries"]))
    industries = tuple(map(str, tables["industries"]))
    n, s = len(countries), len(industries)
    inputs, final, output = (np.asarray(tables[k], dtype=np.float64) for k in ("Z", "F", "output"))
    _check_compact(inputs, final, output, n * s, n, str(path))
    columns: list[Column] = [(c, k) for c in countries for k in industries]
    columns += [(c, None) for c in countries for _ in range(final.shape[1] // n)]
    tally = Tally(countries, industries, columns)
    for (country, industry), row in zip(columns, np.hstack([inputs, final]), strict=False):
        tally.add(country, str(industry), row)
    found = _year(path, "", year)
    return InputOutput(
        regions=countries,
        sectors=industries,
        year=found,
        trade_fob=tally.trade_fob,
        input_use=tally.input_use,
        output=output.reshape(n, s),
        sources=_sources(found),
        name=str(path),
    )


def _check_compact(inputs: Any, final: Any, output: Any, rows: int, countries: int, where: str) -> None:
    faults: list[InputError] = []
    if inputs.shape != (rows, rows):
        faults.append(InputError(f"shape {inputs.shape}", where=f"{where}: Z", allowed=f"{(rows, rows)}"))
    if final.ndim != 2 or final.shape[0] != rows or final.shape[1] % countries or not final.shape[1]:
        faults.append(InputError(f"shape {final.shape}", where=f"{where}: F", allowed=f"{rows} × columns by country"))
    if output.shape != (rows,):
        faults.append(InputError(f"shape {output.shape}", where=f"{where}: output", allowed=f"({rows},)"))
    refuse(faults, where=where)
    for name, values in (("Z", inputs), ("F", final), ("output", output)):
        if not np.isfinite(values).all():
            faults.append(InputError("cells not a number", where=f"{where}: {name}"))
    refuse(faults, where=where)
    gap = np.abs(inputs.sum(axis=1) + final.sum(axis=1) - output)
    bad = int((gap > 1e-3 * np.abs(output) + 200.0).sum())  # the compact form is rounded to whole millions
    if bad:
        raise InputError(f"{bad} rows do not add up to output", where=where, hint="the tables are of different years")
