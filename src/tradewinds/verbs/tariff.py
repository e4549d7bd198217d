"""`tradewinds tariff`: the tariffs held, how much of them was understood, and how to build them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from tradewinds.core.errors import InputError
from tradewinds.core.language import say
from tradewinds.core.stamp import software
from tradewinds.report.document import Block, Cell, Column, Document, Listing, Table
from tradewinds.verbs.options import Hidden
from tradewinds.world.lines.tariffs import Coverage, coverage, open_lines, tariff_store


def tariffs(*, language: Annotated[str, Hidden] = "en") -> Document:
    """The tariffs and schedules held, line by line, and how much of each was understood."""
    return _described([coverage(open_lines(name)) for name in tariff_store()], say("tariff.title", language), language)


def show(name: str, /, *, language: Annotated[str, Hidden] = "en") -> Document:
    """One tariff: regimes, kinds of duty, what it lacks, and every text that was not understood.

    Parameters
    ----------
    name
        A tariff by name (`tradewinds tariff list`), or the path of a .parquet file of lines.
    """
    held = open_lines(name)
    found = coverage(held)
    document = _described([found], str(held.attributes.get("title", held.name)), language)
    rows: list[dict[str, Cell]] = [{"text": t, "times": n, "line": first} for t, n, first in found.unread]
    blocks: list[Block] = [
        *document.blocks,
        Listing(
            (
                (say("tariff.regimes", language), ", ".join(f"{k} {n:,}" for k, n in found.regimes.items())),
                (say("tariff.kinds", language), ", ".join(f"{k} {n:,}" for k, n in found.kinds.items())),
                (say("tariff.lacks", language), "; ".join(map(str, held.attributes.get("lacks", ()))) or "–"),
            )
        ),
        Table(
            say("tariff.unread", language),
            (
                Column("text", say("column.text", language)),
                Column("times", say("tariff.times", language), "number", "", 0),
                Column("line", say("column.line", language)),
            ),
            tuple(rows),
            name="unread",
        ),
    ]
    return Document(document.title, name, language, tuple(blocks), document.stamp, document.data)


def build(name: str, /, *, raw: Path | None = None, to: Path, language: Annotated[str, Hidden] = "en") -> Document:
    """Build a tariff from its publisher's table.

    Parameters
    ----------
    name
        china-2026, japan-2025-06, japan-2026-04, evfta, vkfta, korus, korus-2018 or ausfta.
    raw
        The folder of raw tables; $TRADEWINDS_RAW otherwise.
    to
        The file to write (.parquet).
    """
    from tradewinds.data.tariffs.build import build_tariff

    folder = raw or (Path(os.environ["TRADEWINDS_RAW"]) if "TRADEWINDS_RAW" in os.environ else None)
    if folder is None:
        raise InputError("no raw tables", where="tariff build", allowed="--raw DIR or $TRADEWINDS_RAW")
    if to.suffix != ".parquet":
        raise InputError(f"file ending `{to.suffix}`", where="--to", allowed=".parquet")
    build_tariff(name, folder, to)
    return show(str(to), language=language)


def load(
    table: Path, /, *, name: str, to: Path, keep_good: bool = False, language: Annotated[str, Hidden] = "en"
) -> Document:
    """Read your own tariff from the documented template (CSV or Excel) and store its lines.

    Parameters
    ----------
    table
        The template: .csv or .xlsx; every fault is told with sheet, row and column.
    name
        What to call the tariff.
    to
        The file to write (.parquet).
    keep_good
        Load the good rows and list the bad ones, instead of loading nothing.
    """
    from tradewinds.data.tariffs.template import read_template

    if to.suffix != ".parquet":
        raise InputError(f"file ending `{to.suffix}`", where="--to", allowed=".parquet")
    loaded = read_template(table, name=name, bad="list" if keep_good else "refuse")
    loaded.lines.save(to)
    document = show(str(to), language=language)
    faults = tuple(("", f.sentence()) for f in loaded.faults)
    blocks = (*document.blocks, Listing(faults)) if faults else document.blocks
    return Document(document.title, document.subtitle, language, blocks, document.stamp, document.data)


def _described(found: list[Coverage], title: str, language: str) -> Document:
    rows: list[dict[str, Cell]] = [
        {
            "name": c.name,
            "lines": c.lines,
            "rates": c.rates,
            "texts": c.texts,
            "understood": 100 * c.understood_share,
            "lost": c.rates - c.understood,
        }
        for c in found
    ]
    table = Table(
        say("tariff.coverage", language),
        (
            Column("name", say("column.name", language)),
            *(Column(k, say(f"tariff.{k}", language), "number", "", 0) for k in ("lines", "rates", "texts")),
            Column("understood", say("tariff.understood", language), "number", "%", 3),
            Column("lost", say("tariff.lost", language), "number", "", 0),
        ),
        tuple(rows),
        say("tariff.note", language),
        name="coverage",
    )
    return Document(title, "", language, (table,), {"software": software()}, {"schema": "tariffs/1", "tariffs": rows})


def structure(
    name: str, /, *, importer: str, exporter: str = "", on: str, language: Annotated[str, Hidden] = "en"
) -> Document:
    """Structure of a tariff towards an origin: averages, bands, peaks and chapters, by lines.

    Parameters
    ----------
    name
        A tariff by name (`tradewinds tariff list`), or the path of a .parquet file of lines.
    importer
        Whose tariff.
    exporter
        The origin whose preferences count; the standing rates alone otherwise.
    on
        The date, YYYY-MM-DD.
    """
    import numpy as np

    from tradewinds.indicators.faced import rates_faced
    from tradewinds.indicators.structure import averages, bands, peaks
    from tradewinds.verbs.lookup import parse_date

    faced = rates_faced(open_lines(name), importer=importer, exporter=exporter, on=parse_date(on))
    held = faced[faced["best"].notna()]
    columns = ("standing", "best") if exporter else ("standing",)
    told = {c: held[c].to_numpy(dtype=float) for c in columns}
    told = {c: v[~np.isnan(v)] for c, v in told.items()}
    summary: list[dict[str, Cell]] = []
    for c, rate in told.items():
        shares, top = bands(rate), peaks(rate)
        row: dict[str, Cell] = {"rate": say(f"tariff.{c}", language), "lines": len(rate), "mean": 100 * rate.mean()}
        row |= {f"band{k}": 100 * n / len(rate) for k, n in enumerate(shares.lines)}
        summary.append({**row, "max": 100 * rate.max(), "peaks": 100 * top.international})
    chapters = [line[:2] for line in held["line"]]
    by_chapter = averages(held["best"], chapters)
    rows: list[dict[str, Cell]] = [
        {"chapter": c, "lines": a.lines, "mean": 100 * a.simple, "low": 100 * a.lowest, "high": 100 * a.highest}
        for c, a in sorted(by_chapter.items())
    ]
    lost = len(faced) - len(held)
    percent = tuple(Column(f"band{k}", say(f"tariff.band{k}", language), "number", "%", 2) for k in range(4))
    blocks: list[Block] = [
        Table(
            say("tariff.structure", language),
            (
                Column("rate", say("column.rate", language)),
                Column("lines", say("tariff.lines", language), "number", "", 0),
                Column("mean", say("tariff.mean", language), "number", "%", 2),
                *percent,
                Column("max", say("tariff.max", language), "number", "%", 2),
                Column("peaks", say("tariff.peaks", language), "number", "%", 2),
            ),
            tuple(summary),
            say("tariff.by_lines", language, lost=lost, total=len(faced)),
            name="structure",
        ),
        Table(
            say("tariff.by_chapter", language),
            (
                Column("chapter", say("tariff.chapter", language)),
                Column("lines", say("tariff.lines", language), "number", "", 0),
                Column("mean", say("tariff.mean", language), "number", "%", 2),
                Column("low", say("render.low", language), "number", "%", 2),
                Column("high", say("render.high", language), "number", "%", 2),
            ),
            tuple(rows),
            name="chapters",
        ),
    ]
    title = f"{name}: {importer}" + (f" ← {exporter}" if exporter else "") + f", {on}"
    data = {"schema": "structure/1", "summary": summary, "chapters": rows, "not_ad_valorem": lost}
    return Document(title, "", language, tuple(blocks), {"software": software()}, data)
