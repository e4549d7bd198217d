"""The layout of the US FTA Tariff Tool: base rate, basket, rule text, quota, yearly rates; a row a line and direction.

Columns used: ``TL, TL_Desc, Base_Rate, Base_Rate_Alt, StagingBasket, TRQ_Quota, TRQ_Note, QuotaName, PartnerName,
ReporterName, PartnerStartYear, ReporterStartYear, Rule_Text`` and ``Y2004, Alt_2004 …``: per cent, and what is not a
share of the value in words; both together are their sum. CSV or the first sheet of an Excel workbook. Codes that lost
their leading zero (``1011000``) get it back where the row's ``HS6`` shows it.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from pathlib import Path
from typing import Any

from tradewinds.core.errors import InputError, refuse, unknown_label
from tradewinds.data.tariffs.table import Table, read_table
from tradewinds.world.lines import Lines
from tradewinds.world.lines.regimes import regime

_NEEDS = (
    "TL",
    "TL_Desc",
    "HS6",
    "Base_Rate",
    "Base_Rate_Alt",
    "StagingBasket",
    "TRQ_Note",
    "PartnerName",
    "ReporterName",
    "Rule_Text",
)
_ECONOMIES = {"United States": "USA", "Korea": "KOR", "Australia": "AUS"}
_DIALECT = "us"


def read_us_tool(path: Path, *, agreement: str, revision: str, name: str = "", note: str = "") -> Lines:
    """Read one file of the tool: base rates, and yearly rates from the year of entry into force.

    A year's rate holds from 1 January to 31 December; the last one, once the final year is reached, for good.

    A year's cell before the agreement is kept out of the rates and counted in ``attributes["before_entry"]``.

    Raises :class:`~tradewinds.core.errors.InputError` with every fault: missing columns, unknown economies, codes that
    do not fit their six-digit subheading, a line named twice.
    """
    path = Path(path)
    table = _workbook(path) if path.suffix == ".xlsx" else read_table(path, needs=_NEEDS, strict=False)
    years = [int(c[1:]) for c in table.header if re.fullmatch(r"Y\d{4}", c)]
    faults: list[InputError] = []
    goods: list[dict[str, Any]] = []
    rates: list[dict[str, Any]] = []
    early = 0
    for row, place in zip(table.rows, table.places, strict=True):
        code, reporter = _code(row), _ECONOMIES.get(row["ReporterName"])
        if code is None:
            faults.append(InputError(f"code `{row['TL']}`", where=place, allowed=f"a code under {row['HS6']}"))
        if reporter is None:
            faults.append(unknown_label(row["ReporterName"], _ECONOMIES, where=place, kind="economy"))
        if code is None or reporter is None:
            continue
        law = regime(reporter, agreement)
        key = {"importer": reporter, "revision": revision, "line": code}
        quota = (
            _plain(row.get("TRQ_Note", "")) if row.get("TRQ_Quota") or "safeguard" in row["TRQ_Note"].casefold() else ""
        )
        goods.append({**key, "description_en": row["TL_Desc"], "origin": _plain(row["Rule_Text"]), "quota": quota})
        common = {
            **key,
            "regime": agreement,
            "dialect": _DIALECT,
            "source": "us-fta-tariff-tool",
            "grade": "measured",
            "note": note,
            "staging": row["StagingBasket"],
        }
        if base := _rate(row["Base_Rate"], row["Base_Rate_Alt"]):
            rates.append({**common, "role": "base", "text": base, "valid_from": law.in_force})
        stated = {y: text for y in years if (text := _rate(row[f"Y{y}"], row.get(f"Alt_{y}", "")))}
        early += sum(year < law.in_force.year for year in stated)
        for year, text in stated.items():
            if year < law.in_force.year:
                continue
            for_good = year == max(stated) and year >= int(row.get("Final_Year") or 9999)
            last = None if for_good else dt.date(year, 12, 31)
            first = max(law.in_force, dt.date(year, 1, 1))
            rates.append({**common, "text": text, "valid_from": first, "valid_to": last})
    refuse(faults, where=str(path))
    return Lines.build(
        name or agreement,
        goods,
        rates,
        attributes={
            "title": f"{law.title}, from the US FTA Tariff Tool",
            "lacks": ["all but the sampled lines"],
            "before_entry": early,
        },
    )


def _code(row: dict[str, str]) -> str | None:
    code, six = row["TL"], row["HS6"].zfill(6)
    for one in (code, f"0{code}"):
        if one.isdigit() and one.startswith(six):
            return one
    return None


def _rate(share: str, words: str) -> str:
    """The cell of shares and the cell of words as one duty; a blank pair is none."""
    rate = f"{float(share):g}%" if re.fullmatch(r"\d+(\.\d+)?", share) else share
    if not words or not share:
        return words or rate
    nought = rate == "0%" and re.search(r"\d", words)
    return words if nought else f"{words} + {rate}"


def _plain(text: str) -> str:
    """Text without markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def _workbook(path: Path) -> Table:
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as fault:
        raise InputError(f"not a whole Excel workbook ({fault})", where=str(path)) from None
    sheet = book.worksheets[0]
    cells = [["" if c is None else str(c).strip() for c in row] for row in sheet.iter_rows(values_only=True)]
    book.close()
    header = cells[0] if cells else []
    missing = [name for name in _NEEDS if name not in header]
    refuse(
        [InputError(f"no column {name}", where=f"{path}: {sheet.title}, row 1") for name in missing], where=str(path)
    )
    kept = [(k, row) for k, row in enumerate(cells[1:], 2) if any(row)]
    return Table(
        tuple(header),
        tuple(dict(zip(header, row, strict=True)) for _, row in kept),
        tuple(f"{path}: {sheet.title}, row {k}" for k, _ in kept),
    )
