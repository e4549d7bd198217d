"""One Document with every block, in either language, with text that would do harm if a renderer trusted it."""

from __future__ import annotations

from tradewinds.report.charts import bar_ranges
from tradewinds.report.document import (
    Column,
    Document,
    Figure,
    Figures,
    Heading,
    Listing,
    Note,
    Source,
    Sources,
    Table,
    Text,
)

HOSTILE = '<script>alert("x")</script>'
FORMULA = '=HYPERLINK("x","y")'
ESCAPE = "\x1b[31mred\x1b[0m [bold]not bold[/bold]"

ROWS = (
    {"n": "Chinese Taipei 臺灣", "w": 0.614, "lo": 0.4, "hi": 0.83, "x": 1234567.0, "why": "first " * 12},
    {"n": "Norway 挪威", "w": -0.112, "lo": -0.2, "hi": -0.05, "x": -42.0, "why": FORMULA},
    {"n": HOSTILE, "w": None, "lo": None, "hi": None, "x": None, "why": None},
)

TABLE = Table(
    "Who gains 誰得",
    (
        Column("n", "Economy 經濟體"),
        Column("w", "Real income", "number", "%", 2, True),
        Column("x", "Exports", "number", "million USD", 0),
        Column("why", "@Because"),
    ),
    ROWS,
    note="Note of the table.",
    ranges={"w": ("lo", "hi")},
    name="gains",
)

FIGURES = (
    Figure("Real income 實質所得", 0.61, "%", 0.4, 0.83, note="note of the figure"),
    Figure("Jobs exposed", 41200, "jobs", 35000, 52000, 0, better=-1),
    Figure("Uncertain", 0.04, "%", -0.02, 0.09),
    Figure("Missing", None, "%", reason="no votes on file"),
)


def document(language: str = "en", *, table: Table = TABLE) -> Document:
    """Every block type once, in ``language``."""
    chart = bar_ranges(
        "Chart of gains",
        ROWS,
        label="n",
        value="w",
        low="lo",
        high="hi",
        unit="%",
        alt="Chinese Taipei gains.",
        note="Note of the chart.",
        language=language,
    )
    return Document(
        "A title 標題",
        "A subtitle",
        language,
        (
            Figures(FIGURES),
            Heading("First section"),
            Text(f"A paragraph {HOSTILE} {ESCAPE}"),
            Heading("Smaller", 2),
            table,
            chart,
            Note("A caution."),
            Note("A method.", "method"),
            Note("A gap.", "gap"),
            Listing((("term", "explanation"), ("", "alone"))),
            Sources((Source("A source 來源", "CC BY 4.0", "2023"), Source("-Another"))),
        ),
        {"version": "0.1.0", "date": "2026-11-02"},
    )
