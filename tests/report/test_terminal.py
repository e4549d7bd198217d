from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from tradewinds.core.language import say
from tradewinds.report.document import Column, Document, Figure, Table
from tradewinds.report.terminal import bar_lines, interval_bar, render_terminal, wrap

sys.path.insert(0, str(Path(__file__).parent))
from sample import document


def printed(doc: Document, width: int = 80) -> str:
    file = io.StringIO()
    render_terminal(doc, Console(file=file, width=width, color_system=None))
    return file.getvalue()


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(language: str, width: int) -> None:
    lines = printed(document(language), width).splitlines()
    assert max(cell_len(line) for line in lines) <= width
    assert not [line for line in lines if line != line.rstrip()]


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_every_block_is_printed_and_the_answer_first(language: str) -> None:
    text = printed(document(language), 120)
    wanted = [
        "標題",
        "A subtitle",
        "Real income 實質所得",
        "First section",
        "A paragraph",
        "Smaller",
        "Who gains",
        "Note",
    ]
    wanted += ["Chart of gains", "A caution.", "A method.", "A gap.", "explanation", "alone", "CC BY 4.0", "0.1.0"]
    for words in [*wanted, say("render.sources", language), say("render.note.gap", language)]:
        assert words in text
    assert text.index("+0.61%") < text.index("First section")


def test_numbers_carry_sign_unit_and_range_and_nothing_is_a_dash() -> None:
    text = printed(document(), 120)
    assert "+0.61%  gain" in text
    assert "[+0.40, +0.83]" in text
    assert "+41,200\xa0jobs  loss" in text
    assert "+0.04%  either sign" in text
    assert "no votes on file" in text
    assert "+0.61 [+0.40, +0.83]" in text
    assert "-0.11 [-0.20, -0.05]" in text
    assert "1,234,567" in text
    hostile = next(line for line in text.splitlines() if line.startswith("<script>"))
    assert hostile.count("–") == 3


def test_values_of_a_column_stand_under_each_other() -> None:
    lines = printed(document(), 120).splitlines()
    ends = {line.index(number) + len(number) for line in lines for number in ("+0.61 [", "-0.11 [") if number in line}
    assert len(ends) == 1


def test_text_can_neither_drive_the_terminal_nor_act_as_markup() -> None:
    text = printed(document(), 120)
    assert "\x1b" not in text
    assert "[bold]not bold[/bold]" in text


def test_a_table_too_wide_is_split_and_repeats_its_first_column() -> None:
    columns = (Column("a", "Economy"), *(Column(f"v{i}", f"Value{i}", "number", "", 2) for i in range(12)))
    row = {"a": "Norway", **{f"v{i}": 1234567.25 + i for i in range(12)}}
    text = printed(Document("t", "", "en", (Table("Wide", columns, (row,)),)), 60)
    assert text.count("Norway") > 1
    for i in range(12):
        assert f"{1234567.25 + i:,.2f}" in text


def test_a_table_without_rows_says_so() -> None:
    assert "No rows." in printed(Document("t", "", "en", (Table("Empty", (Column("a", "A"),), ()),)))


def test_bars_share_a_zero_line_and_keep_their_proportion() -> None:
    up, down, nothing = bar_lines([2.0, -1.0, 0.0], 31)
    assert up.index("│") == down.index("│") == nothing.index("│")
    assert up.count("█") == 2 * down.count("█") == 20
    assert bar_lines([0.0], 10) == [""]
    assert bar_lines([float("nan"), 1.0], 4) == ["", "████"]


def test_interval_bar_puts_dot_line_and_zero_in_order() -> None:
    bar = interval_bar(Figure("x", 2.0, "%", 1.0, 4.0), (0.0, 4.0), 21)
    assert bar == "│    ─────●──────────"
    assert interval_bar(Figure("x", 0.0, "%", -1.0, 1.0), (-1.0, 1.0), 5, ascii_only=True) == "--o--"
    assert interval_bar(Figure("x", 2.0, "%"), (0.0, 2.0), 9) == ""


def test_wrap_breaks_between_wide_characters_but_not_before_a_full_stop() -> None:
    lines = wrap("臺灣所得增加，美國亦然。", 12)
    assert lines == ["臺灣所得增", "加，美國亦", "然。"]
    assert wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]
