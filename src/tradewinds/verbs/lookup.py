"""`tradewinds lookup`: the best rate for a shipment on a date."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

from tradewinds.agreements.lookup import Answer, Shipment
from tradewinds.agreements.lookup import lookup as look_up
from tradewinds.core import names
from tradewinds.core.errors import InputError, unknown_label
from tradewinds.core.language import say
from tradewinds.core.sources import source
from tradewinds.core.stamp import software
from tradewinds.report.charts import shapes
from tradewinds.report.document import Block, Cell, Column, Document, Listing, Note, Source, Sources, Table, Text
from tradewinds.verbs.options import Hidden
from tradewinds.world.lines.tariffs import open_lines, tariff_store


def lookup(
    query: str,
    /,
    *,
    importer: str,
    exporter: str,
    on: str = "",
    value: float | None = None,
    quantity: float | None = None,
    unit: str = "",
    currency: str = "",
    tariff: list[Path] | None = None,
    language: Annotated[str, Hidden] = "en",
) -> Document:
    """The best rate for a shipment on a date: every regime that applies, what it costs, what must be met.

    Parameters
    ----------
    query
        A code of the tariff (any number of digits), or words in English, Chinese or Japanese as the tariff has them.
    importer
        Whose tariff: CHN and JPN are inside.
    exporter
        Where the goods originate.
    on
        The date, YYYY-MM-DD; today otherwise.
    value
        Customs value of the shipment, to print what it costs at the border.
    quantity
        Quantity in ``unit``, where the duty is charged by quantity.
    unit
        Unit of the quantity: kg, t, l, m2, no, pair.
    currency
        Currency of the value, where the duty is an amount: CNY, JPY, USD.
    tariff
        Your own tariffs (.parquet files of lines) to look in first.
    """
    day = parse_date(on)
    if exporter not in shapes():
        raise unknown_label(exporter, sorted(shapes()), where="--exporter", kind="economy")
    given = (value is not None, quantity is not None, bool(unit))
    if given[1] and not all(given):
        raise InputError("--quantity without --value and --unit", where="lookup", allowed="all three together")
    if value is not None and not value > 0:
        raise InputError(f"value {value:g}", where="--value", allowed="a positive number")
    tariffs = [open_lines(str(path)) for path in tariff or []] + [open_lines(n) for n in _held(importer)]
    answers = look_up(
        query, tariffs, importer=importer, exporter=exporter, on=day, shipment=Shipment(value, quantity, unit, currency)
    )
    data = {
        "schema": "lookup/1",
        "query": query,
        "importer": importer,
        "exporter": exporter,
        "on": day.isoformat(),
        "lines": [_as_dict(a) for a in answers],
    }
    title = say(
        "lookup.title",
        language,
        importer=names.economy(importer, language),
        exporter=names.economy(exporter, language),
        on=day.isoformat(),
    )
    blocks = _blocks(answers, language, value)
    lacks = sorted({str(x) for t in tariffs for x in t.attributes.get("lacks", ())})
    blocks.append(Note(say("lookup.caution", language, lacks="; ".join(lacks)), "caution"))
    ids = sorted({c.source for a in answers for c in a.claims})
    blocks.append(Sources(tuple(Source(source(i).cite, source(i).licence, source(i).vintage) for i in ids)))
    return Document(title, query, language, tuple(blocks), {"software": software()}, data)


def parse_date(text: str) -> dt.date:
    """A date from YYYY-MM-DD, today for blank; InputError otherwise."""
    try:
        return dt.date.fromisoformat(text) if text else dt.date.today()
    except ValueError:
        raise InputError(f"`{text}` is no date", where="--on", allowed="YYYY-MM-DD, for instance 2026-03-01") from None


def _held(importer: str) -> list[str]:
    """Embedded tariffs to open: those of the importer where their names tell, all of them otherwise."""
    prefix = {"CHN": "china", "JPN": "japan"}.get(importer)
    return [n for n in tariff_store() if prefix is None or n.startswith(prefix)]


def _blocks(answers: tuple[Answer, ...], language: str, value: float | None) -> list[Block]:
    rows: list[dict[str, Cell]] = []
    notes: list[tuple[str, str]] = []
    for a in answers:
        for claim in a.claims:
            rows.append(
                {
                    "line": a.line if claim is a.claims[0] else "",
                    "description": a.description if claim is a.claims[0] else "",
                    "regime": _called(claim.title, language),
                    "text": claim.text,
                    "rate": None if claim.rate is None else 100 * claim.rate,
                    "best": say("lookup.best", language) if claim is a.best else "",
                    "dates": f"{claim.since} – {claim.until or ''}",
                }
            )
        notes += [(a.line, say(f"lookup.{flag}", language)) for flag in a.flags]
        if a.must_meet:
            notes.append((a.line, a.must_meet))
        if a.next_change is not None:
            notes.append((a.line, say("lookup.next", language, on=a.next_change[0], text=a.next_change[1])))
        if a.landed is not None and value is not None:
            money = {k: f"{getattr(a.landed, k):,.2f}" for k in ("duty", "excise", "vat", "total")}
            notes.append((a.line, say("lookup.landed", language, value=f"{value:,.2f}", **money)))
    blocks: list[Block] = [
        Table(
            say("lookup.rates", language),
            (
                Column("line", say("column.line", language)),
                Column("description", say("column.description", language)),
                Column("regime", say("column.regime", language)),
                Column("text", say("column.text", language)),
                Column("rate", say("column.rate", language), "number", "%", 2),
                Column("best", say("lookup.best", language)),
                Column("dates", say("column.dates", language)),
            ),
            tuple(rows),
            name="rates",
        )
    ]
    if any(a.best is not None and a.best.preference for a in answers):
        blocks.append(Text(say("lookup.origin", language)))
    if notes:
        blocks.append(Listing(tuple(notes)))
    return blocks


def _called(title: str, language: str) -> str:
    key = f"regime.{title}"
    return say(key, language) if title in ("mfn", "provisional") else title


def _as_dict(a: Answer) -> dict[str, Any]:
    claims = [
        {
            "regime": c.regime,
            "title": c.title,
            "text": c.text,
            "rate": c.rate,
            "grade": c.grade,
            "since": c.since.isoformat(),
            "until": None if c.until is None else c.until.isoformat(),
            "source": c.source,
            "best": c is a.best,
        }
        for c in a.claims
    ]
    landed = None
    if a.landed is not None:
        landed = {"duty": a.landed.duty, "excise": a.landed.excise, "vat": a.landed.vat, "total": a.landed.total}
    return {
        "line": a.line,
        "revision": a.revision,
        "description": a.description,
        "claims": claims,
        "landed": landed,
        "must_meet": a.must_meet,
        "flags": list(a.flags),
        "next_change": None if a.next_change is None else [a.next_change[0].isoformat(), a.next_change[1]],
    }
