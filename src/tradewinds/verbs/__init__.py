"""The one list of verbs; every door reads it. A verb is a function that returns a Document and prints nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb: its name, where its function lives (``module:function``), and one sentence."""

    name: str
    target: str
    says: str


#: What each group of verbs is about.
GROUPS = {
    "data": "Worlds and cases: list, show, build, load, copy, aggregate, export.",
    "tariff": "Tariffs line by line: list, show, structure, stage, build, load.",
}

VERBS: tuple[Verb, ...] = (
    Verb("assess", "tradewinds.verbs.assess:assess", "What an agreement would do, to whom, when, and how sure we are."),
    Verb("compare", "tradewinds.verbs.compare:compare", "Two or more cases side by side."),
    Verb("explain", "tradewinds.verbs.explain:explain", "How one number came about, step by step, down to its source."),
    Verb("cite", "tradewinds.verbs.cite:cite", "What to cite for a case: model, elasticities, data."),
    Verb("lookup", "tradewinds.verbs.lookup:lookup", "The best rate for a shipment on a date, by code or words."),
    Verb("tariff list", "tradewinds.verbs.tariff:tariffs", "The tariffs held, and how much of each was understood."),
    Verb("tariff show", "tradewinds.verbs.tariff:show", "One tariff: regimes, kinds of duty, what was not understood."),
    Verb(
        "tariff structure",
        "tradewinds.verbs.tariff:structure",
        "Structure of a tariff: averages, bands, peaks, chapters.",
    ),
    Verb("tariff stage", "tradewinds.verbs.stage:stage", "The years of a negotiated schedule, from its text."),
    Verb("tariff build", "tradewinds.verbs.tariff:build", "Build a tariff from its publisher's table."),
    Verb("tariff load", "tradewinds.verbs.tariff:load", "Read your own tariff from the documented template."),
    Verb("data list", "tradewinds.verbs.data:worlds", "The worlds and cases in this installation."),
    Verb("data show", "tradewinds.verbs.data:show", "A world: size, totals, origins, what was changed to balance it."),
    Verb("data build", "tradewinds.verbs.data:build", "Build a world from raw tables."),
    Verb("data load", "tradewinds.verbs.data:load", "Build a world from your own long tables (CSV or Parquet)."),
    Verb("data copy", "tradewinds.verbs.data:copy", "Copy a case into a folder of yours, to change and run again."),
    Verb("data icio", "tradewinds.verbs.tables:icio", "Build a world from an OECD ICIO table (CSV)."),
    Verb("data wiod", "tradewinds.verbs.tables:wiod", "Build a world from a WIOD table (workbook)."),
    Verb(
        "data aggregate", "tradewinds.verbs.data:aggregate", "Merge economies and sectors of a world by a mapping file."
    ),
    Verb(
        "data export",
        "tradewinds.verbs.data:export",
        "Write a world or a case's result to Parquet, NetCDF or GEMPACK .har.",
    ),
    Verb(
        "validate",
        "tradewinds.verbs.validate:validate",
        "Check scenario, agreement and world files; every fault at once.",
    ),
)
