"""`tradewinds tariff stage`: the years of a negotiated schedule, from its base rates and its text."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from tradewinds.agreements.staging import coverage, read_categories, schedule
from tradewinds.core.errors import InputError, unknown_label
from tradewinds.core.language import say
from tradewinds.core.stamp import software
from tradewinds.report.document import Block, Cell, Column, Document, Table
from tradewinds.verbs.options import Hidden
from tradewinds.world.lines.tariffs import open_lines

#: Schedule → (store of lines, importer).
SCHEDULES = {
    "evfta-eun": ("evfta", "EUN"),
    "evfta-vnm": ("evfta", "VNM"),
    "vkfta-kor": ("vkfta", "KOR"),
    "vkfta-vnm": ("vkfta", "VNM"),
}
#: Year numbers of the coverage table; 0 is entry into force.
YEARS = (0, 3, 5, 10, 20)
#: Lines shown.
SHOWN = 25


def stage(name: str, /, *, line: str = "", language: Annotated[str, Hidden] = "en") -> Document:
    """The years of a negotiated schedule: how much is free when, and the rates of the lines you name.

    Parameters
    ----------
    name
        evfta-eun, evfta-vnm, vkfta-kor or vkfta-vnm: the agreement and whose schedule.
    line
        A code, or the beginning of one, to see its rates year by year.
    """
    if name not in SCHEDULES:
        raise unknown_label(name, SCHEDULES, where="tariff stage", kind="schedule")
    store, importer = SCHEDULES[name]
    held = open_lines(store).select(importer=importer, role="base")
    rates = held.rates
    codes = [f"{row.line}{row.ex}" for row in rates[["line", "ex"]].astype(str).itertuples(index=False)]
    simple = rates["kind"].astype(str).isin(["ad_valorem", "free"])
    base = np.where(simple, np.where(rates["kind"].astype(str) == "free", 0.0, rates["rate"]), np.nan)
    classes = rates["staging"].astype(str).tolist()
    table = read_categories(name)
    made = schedule(base, classes, table, range(1, max(YEARS) + 1), lines=codes)
    covered = coverage(made, YEARS)
    rows: list[dict[str, Cell]] = [
        {
            "year": say("stage.entry", language) if year == 0 else str(year),
            "free": 100 * float(covered.free_by_lines[k]),
            "reduced": 100 * float(covered.reduced_by_lines[k]),
            "open": 100 * float(covered.undetermined_by_lines[k]),
        }
        for k, year in enumerate(YEARS)
    ]
    blocks: list[Block] = [
        Table(
            say("stage.coverage", language),
            (
                Column("year", say("column.year", language)),
                *(Column(k, say(f"stage.{k}", language), "number", "%", 2) for k in ("free", "reduced", "open")),
            ),
            tuple(rows),
            say("stage.note", language, lines=len(codes), refused=len(made.refused)),
            name="coverage",
        )
    ]
    picked = [k for k, code in enumerate(codes) if line and code.startswith(line)]
    if line and not picked:
        raise InputError(f"no line starts with {line}", where=f"schedule {name}", hint="try fewer digits")
    if picked:
        blocks.append(_years(made, picked, codes, classes, base, language))
    data = {"schema": "stage/1", "schedule": name, "lines": len(codes), "refused": len(made.refused), "coverage": rows}
    return Document(
        say("stage.title", language, name=name), importer, language, tuple(blocks), {"software": software()}, data
    )


def _years(
    made: object, picked: list[int], codes: list[str], classes: list[str], base: np.ndarray, language: str
) -> Table:
    rates = np.asarray(made)
    shown = (1, 2, 3, 4, 5, 6, 8, 11, 16)
    rows: list[dict[str, Cell]] = []
    for k in picked[:SHOWN]:
        row: dict[str, Cell] = {"line": codes[k], "class": classes[k], "base": _per_cent(base[k])}
        rows.append(row | {str(y): _per_cent(rates[k, y - 1]) for y in shown})
    return Table(
        say("stage.years", language),
        (
            Column("line", say("column.line", language)),
            Column("class", say("stage.class", language)),
            Column("base", say("stage.base", language), "number", "%", 1),
            *(Column(str(y), say("stage.year", language, year=y), "number", "%", 1) for y in shown),
        ),
        tuple(rows),
        say("stage.years_note", language),
        name="years",
    )


def _per_cent(rate: float) -> float | None:
    return None if np.isnan(rate) else 100 * float(rate)
