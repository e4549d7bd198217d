"""`tradewinds compare`: cases side by side."""

from __future__ import annotations

from typing import Annotated, Any

from tradewinds.core import names
from tradewinds.core.errors import InputError, refuse, unknown_label
from tradewinds.core.language import say
from tradewinds.report.answer import answer
from tradewinds.report.document import Block, Column, Document, Heading, Listing, Table
from tradewinds.scenarios.run import Progress, replace_scenario
from tradewinds.scenarios.run import assess as run_case
from tradewinds.scenarios.scenario import open_case
from tradewinds.verbs.options import Hidden, check_draws

FIELDS = ("welfare_exact_pct", "real_gdp_pct", "exports_pct", "imports_pct", "equivalent_variation_musd")


def compare(
    case: str,
    /,
    *others: str,
    year: list[int] | None = None,
    economy: list[str] | None = None,
    closure: str = "headline",
    draws: int = 40,
    language: Annotated[str, Hidden] = "en",
    progress: Annotated[Progress | None, Hidden] = None,
) -> Document:
    """Two or more cases side by side: the same measures, each on its own benchmark.

    Parameters
    ----------
    case
        The first case, by name or path.
    others
        The cases to hold beside it.
    year
        Years to report instead of the cases' own (repeat the option); the last one is shown.
    economy
        Economies to show (repeat the option); all parties and rivals of the cases otherwise.
    closure
        headline, deficits_removed, long_run or real_wage.
    draws
        Elasticity draws behind the ranges.
    """
    if not others:
        raise InputError("one case alone", where="compare", allowed="two or more cases")
    answers: dict[str, dict[str, Any]] = {}
    for name in (case, *others):
        opened = open_case(name)
        if year:
            opened = replace_scenario(opened, years=sorted(set(year)))
        run = run_case(opened, draws=check_draws(draws), closures=(closure,), progress=progress)
        answers[run.case.scenario.id if run.case.scenario.id not in answers else name] = answer(run, language)
    codes = economy or list(dict.fromkeys(c for a in answers.values() for c in a["closures"][closure]))
    known = list(dict.fromkeys(c for a in answers.values() for c in a["economies"]))
    refuse(
        [unknown_label(c, known, where="--economy", kind="economy") for c in codes if c not in known], where="compare"
    )
    blocks: list[Block] = []
    for field in FIELDS:
        blocks.append(_table(field, answers, codes, closure, language))
    blocks.append(Heading(say("brief.ground", language)))
    blocks.append(Listing(tuple((a["title"], f"{a['benchmark']} {a['sign']}") for a in answers.values())))
    data = {"schema": "comparison/1", "closure": closure, "cases": answers}
    stamp = {f"case {n}": a["stamp"]["change"] for n, a in answers.items()}
    return Document(
        say("compare.title", language), say("compare.subtitle", language), language, tuple(blocks), stamp, data
    )


def _table(field: str, answers: dict[str, dict[str, Any]], codes: list[str], closure: str, language: str) -> Table:
    unit, decimals = ("%", 3) if field.endswith("_pct") else (say("unit.musd", language), 0)
    rows = []
    for code in codes:
        row: dict[str, Any] = {"economy": names.economy(code, language)}
        for name, held in answers.items():
            cell = held["closures"][closure].get(code) or (
                held["economies"].get(code) if closure == "headline" else None
            )
            value = cell[field] if cell else None
            row |= {
                name: value and value["value"],
                f"{name}_low": value and value["low"],
                f"{name}_high": value and value["high"],
            }
        rows.append(row)
    return Table(
        say("compare.table", language, measure=say(f"field.{field}", language)),
        (
            Column("economy", say("column.economy", language)),
            *(Column(n, a["title"], "number", unit, decimals, True) for n, a in answers.items()),
        ),
        tuple(rows),
        say("brief.range_note", language),
        {n: (f"{n}_low", f"{n}_high") for n in answers},
        field.replace("_", "-"),
    )
