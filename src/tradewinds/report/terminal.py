"""A Document on a terminal: answer first, numbers aligned, nothing that needs colour to be read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tradewinds.core.language import say
from tradewinds.report.document import (
    Block,
    Cell,
    Chart,
    Document,
    Figure,
    Figures,
    Heading,
    Listing,
    Note,
    Sources,
    Table,
    Text,
    Verbatim,
)
from tradewinds.report.numbers import (
    NO_VALUE,
    Verdict,
    clean,
    clean_lines,
    figure_range,
    header,
    interval,
    scale,
    verdict,
    with_unit,
    write_cell,
    write_figure,
    write_number,
)

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table as Grid
    from rich.text import Text as Line

MINUS = "-"
READING_WIDTH = 92
FIGURE_WIDTH = 26
GAP = 2
_OPENING, _CLOSING = "（「『《〈【", "、。，；：！？）」』》〉】％"
_WIDE = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
_TOKEN = re.compile(rf"\s+|[{_OPENING}]*(?:[^\s{_WIDE}]+|[{_WIDE}])[{_CLOSING}]*|[{_CLOSING}]+|[{_OPENING}]+")
STYLES: Mapping[Verdict, str] = {
    "gain": "bold color(32)",
    "loss": "bold color(166)",
    "either": "bold",
    "none": "bold",
}


def render_terminal(document: Document, console: Console) -> None:
    """Print ``document`` on ``console``, no line wider than it; text is printed as it is, never as markup."""
    _paragraph(console, document.title, style="bold")
    if document.subtitle:
        _paragraph(console, document.subtitle)
    language = document.language
    later = [block for block in document.blocks if isinstance(block, Sources)]
    for block in document.blocks:
        if not isinstance(block, Sources):
            console.print()
            _block(console, block, language)
    for sources in later:
        console.print()
        _sources(console, sources, language)
    if document.stamp:
        console.print()
        _paragraph(console, say("render.stamp", language), style="bold underline")
        _pairs(console, tuple(document.stamp.items()))


def _block(console: Console, block: Block, language: str) -> None:
    match block:
        case Heading(text, level):
            _paragraph(console, text, style="bold underline" if level == 1 else "bold")
        case Text(text):
            _paragraph(console, text)
        case Verbatim(text):
            console.print(clean_lines(text), markup=False, highlight=False, soft_wrap=True)
        case Figures(figures):
            _figures(console, figures, language)
        case Table():
            _table(console, block, language)
        case Chart():
            _chart(console, block, language)
        case Note(text, kind):
            _labelled(console, say(f"render.note.{kind}", language), text, language)
        case Listing(items):
            _listing(console, items, language)
        case Sources():
            _sources(console, block, language)


def _line(text: str, style: str = "") -> Line:
    from rich.text import Text as Line

    return Line(clean(text), style=style, overflow="fold")


def _print(console: Console, what: RenderableType) -> None:
    """Print without the blanks that pad a line to the full width."""
    from rich.text import Text as Line

    options = console.options.update(highlight=False)
    for segments in console.render_lines(what, options, pad=False):
        line = Line("", no_wrap=True, overflow="ignore")
        for segment in segments:
            line.append(segment.text, segment.style)
        line.rstrip()
        console.print(line, soft_wrap=True, highlight=False)


def wrap(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` character cells, broken at spaces and between wide characters.

    No line begins with a closing mark or ends with an opening one; a word longer than a line is cut.
    """
    from rich.cells import cell_len, chop_cells

    lines, line = [], ""
    for token in _TOKEN.findall(clean(text)):
        if cell_len(line + token.rstrip()) <= width:
            line += token
            continue
        lines.append(line.rstrip())
        *full, line = chop_cells(token.lstrip(), width) or [""]
        lines.extend(full)
    lines.append(line.rstrip())
    return [text for text in lines if text] or [""]


def _wrapped(text: str, width: int, *, bold: int = 0, style: str = "") -> Line:
    """``text`` wrapped to ``width``, its first ``bold`` characters bold."""
    from rich.text import Text as Line

    line = Line("\n".join(wrap(text, width)), style=style, overflow="fold")
    line.stylize("bold", 0, bold)
    return line


def _reading(console: Console) -> int:
    return min(READING_WIDTH, console.width)


def _paragraph(console: Console, text: str, style: str = "") -> None:
    _print(console, _wrapped(text, _reading(console), style=style))


def _hanging(console: Console, mark: str, text: str, *, bold: int = 0) -> None:
    from rich.cells import cell_len
    from rich.table import Table as Grid

    grid = Grid.grid(padding=(0, 1, 0, 0))
    grid.add_row(_line(mark), _wrapped(text, max(_reading(console) - cell_len(mark) - 1, 8), bold=bold))
    _print(console, grid)


def _labelled(console: Console, label: str, text: str, language: str) -> None:
    both = say("render.labelled", language, label=clean(label), text=clean(text))
    _print(console, _wrapped(both, _reading(console), bold=len(clean(label))))


def _listing(console: Console, items: Sequence[tuple[str, str]], language: str) -> None:
    mark = "-" if console.options.ascii_only else "•"
    for term, explanation in items:
        if term and explanation:
            both = say("render.labelled", language, label=clean(term), text=clean(explanation))
            _hanging(console, mark, both, bold=len(clean(term)))
        else:
            _hanging(console, mark, term or explanation, bold=len(clean(term)))


def _pairs(console: Console, pairs: Sequence[tuple[str, str]]) -> None:
    from rich.cells import cell_len
    from rich.table import Table as Grid

    keys = min(max(cell_len(clean(key)) for key, _ in pairs), console.width // 3)
    grid = Grid.grid(padding=(0, GAP, 0, 0))
    for key, text in pairs:
        grid.add_row(_wrapped(key, keys), _wrapped(text, max(console.width - keys - GAP, 8)))
    _print(console, grid)


def _sources(console: Console, sources: Sources, language: str) -> None:
    _paragraph(console, say("render.sources", language), style="bold underline")
    for number, source in enumerate(sources.sources, 1):
        parts = [clean(source.text)]
        for key, text in (("render.licence", source.licence), ("render.vintage", source.vintage)):
            if text:
                parts.append(say("render.labelled", language, label=say(key, language), text=clean(text)))
        _hanging(console, f"{number}.", " · ".join(parts))


# Headline figures -------------------------------------------------------------------------------------------------


def _figures(console: Console, figures: tuple[Figure, ...], language: str) -> None:
    from rich.console import Group
    from rich.table import Table as Grid

    if not figures:
        return
    across = max(1, min(len(figures), 4, console.width // FIGURE_WIDTH))
    across = -(-len(figures) // -(-len(figures) // across))
    width = min((console.width - GAP * (across - 1)) // across, 36)
    grid = Grid.grid(padding=(0, GAP, 0, 0))
    for _ in range(across):
        grid.add_column(width=width, overflow="fold", vertical="top")
    for start in range(0, len(figures), across):
        if start:
            grid.add_row()
        group = figures[start : start + across]
        grid.add_row(*[_wrapped(figure.label, width) for figure in group])
        grid.add_row(*[Group(*_figure(figure, scale(figure), width, console, language)) for figure in group])
    _print(console, grid)
    if any(figure_range(figure) for figure in figures):
        console.print()
        _paragraph(console, say("render.range", language))


def _figure(
    figure: Figure, axis: tuple[float, float], width: int, console: Console, language: str
) -> Iterator[RenderableType]:
    meaning = verdict(figure)
    line = _wrapped(write_figure(figure, minus=MINUS), width, style=STYLES[meaning])
    if meaning != "none":
        line.append("  " + say(f"render.{meaning}", language), style="not bold")
    yield line
    if span := figure_range(figure, minus=MINUS):
        yield _line(span)
    if bar := interval_bar(figure, axis, min(width - 2, 24), ascii_only=console.options.ascii_only):
        yield _line(bar)
    if figure.note:
        yield _wrapped(figure.note, width)


def interval_bar(figure: Figure, axis: tuple[float, float], width: int, *, ascii_only: bool = False) -> str:
    """One line of ``width`` characters: the range as a line, the value a dot on it, zero a tick.

    ``axis`` is its (lowest, highest). Empty text when the figure has no range or the axis no length.
    """
    ends = interval(figure)
    lowest, highest = axis
    if ends is None or highest <= lowest:
        return ""
    rule, dot, tick, crossing = "-o|+" if ascii_only else "─●│┼"
    low, value, high, zero = (round((v - lowest) / (highest - lowest) * (width - 1)) for v in (*ends, 0.0))
    cells = [rule if low <= i <= high else " " for i in range(width)]
    cells[zero] = crossing if low <= zero <= high else tick
    cells[value] = dot
    return "".join(cells)


# Charts -----------------------------------------------------------------------------------------------------------


def _chart(console: Console, chart: Chart, language: str) -> None:
    _paragraph(console, chart.title, style="bold")
    if chart.terminal:
        _bars(console, chart)
    else:
        _paragraph(console, chart.alt)
    if chart.note:
        _paragraph(console, chart.note)


def _bars(console: Console, chart: Chart) -> None:
    from rich.cells import cell_len
    from rich.table import Table as Grid

    decimals = bar_decimals([value for _, value in chart.terminal])
    signed = any(value < 0 for _, value in chart.terminal)
    written = [
        with_unit(write_number(value, decimals, signed=signed, minus=MINUS), chart.unit) for _, value in chart.terminal
    ]
    labels = min(max(cell_len(clean(label)) for label, _ in chart.terminal), console.width // 3)
    numbers = max(cell_len(text) for text in written)
    room = min(console.width, 100) - labels - numbers - 2 * GAP
    bars = bar_lines([value for _, value in chart.terminal], max(room, 4), ascii_only=console.options.ascii_only)
    grid = Grid.grid(padding=(0, GAP, 0, 0))
    grid.add_column(width=labels, overflow="fold")
    grid.add_column(width=numbers, justify="right", overflow="fold")
    grid.add_column(no_wrap=True)
    for (label, value), text, bar in zip(chart.terminal, written, bars, strict=True):
        style = "color(32)" if value >= 0 else "color(166)"
        grid.add_row(_wrapped(label, labels), _line(text), _line(bar, style if signed else ""))
    _print(console, grid)


def bar_decimals(values: Sequence[float]) -> int:
    """Decimals that show three significant digits of the largest value, between 0 and 4."""
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    if largest == 0:
        return 0
    if all(float(v).is_integer() for v in values if math.isfinite(v)):
        return 0
    return min(4, max(0, 2 - math.floor(math.log10(largest))))


def bar_lines(values: Sequence[float], width: int, *, ascii_only: bool = False) -> list[str]:
    """One bar a value from a common zero line, in half-character steps, within ``width`` characters.

    The zero line is drawn where values of both signs occur. Without a finite value every bar is empty.
    """
    finite = [v if math.isfinite(v) else 0.0 for v in values]
    below, above = -min(0.0, *finite, 0.0), max(0.0, *finite, 0.0)
    if below + above == 0:
        return [""] * len(values)
    axis = 1 if below > 0 else 0
    step = 2 * (width - axis) / (below + above)
    left = math.ceil(below * step / 2)
    full, right_half, left_half, zero = "##=|" if ascii_only else "█▌▐│"
    lines = []
    for value in finite:
        halves = int(abs(value) * step + 0.5)
        bar, odd = full * (halves // 2), halves % 2
        if value < 0:
            lines.append(((left_half * odd) + bar).rjust(left) + zero)
        else:
            lines.append(" " * left + zero * axis + bar + right_half * odd)
    return lines


# Tables -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Column:
    """One column laid out: heading, cells, and the least and the natural width in character cells."""

    heading: str
    cells: tuple[str, ...]
    justify: Literal["left", "right"]
    least: int
    natural: int


def _table(console: Console, table: Table, language: str) -> None:
    _paragraph(console, table.title, style="bold")
    if not table.rows or not table.columns:
        _paragraph(console, say("render.no_rows", language))
    else:
        columns = [_layout(table, index) for index in range(len(table.columns))]
        for number, group in enumerate(_groups(columns, console.width)):
            if number:
                console.print()
            _print_group(console, group)
    if table.note:
        _paragraph(console, table.note)


def _layout(table: Table, index: int) -> _Column:
    from rich.cells import cell_len

    column = table.columns[index]
    heading = header(column)
    cells = _aligned(table, index) if column.kind == "number" else _texts(table, index)
    natural = max(max(cell_len(cell) for cell in cells), min(cell_len(heading), 24), 1)
    word = max((_word(part) for part in heading.split()), default=1)
    if column.kind == "number":
        return _Column(heading, cells, "right", max(max(cell_len(c) for c in cells), word), natural)
    longest = max((_word(part) for cell in cells for part in cell.split()), default=1)
    return _Column(heading, cells, "left", min(natural, max(longest, word, 8), 24), natural)


def _word(word: str) -> int:
    """The width a word needs; one that holds wide characters can break anywhere, so it needs little."""
    from rich.cells import cell_len

    width = cell_len(word)
    return min(width, 8) if width > len(word) else min(width, 16)


def _texts(table: Table, index: int) -> tuple[str, ...]:
    return tuple(write_cell(table, table.columns[index], row, minus=MINUS).value for row in table.rows)


def _aligned(table: Table, index: int) -> tuple[str, ...]:
    """``value [low, high]`` with the values, the lows and the highs each aligned to the right."""
    column = table.columns[index]
    written = [write_cell(table, column, row, minus=MINUS) for row in table.rows]
    spans = [_ends(table, index, row) if cell.span else ("", "") for row, cell in zip(table.rows, written, strict=True)]
    value = max(len(cell.value) for cell in written)
    low, high = (max(len(span[side]) for span in spans) for side in (0, 1))
    return tuple(
        cell.value.rjust(value)
        + (f" [{a.rjust(low)}, {b.rjust(high)}]" if cell.span else " " * (low + high + 5 if low else 0))
        for cell, (a, b) in zip(written, spans, strict=True)
    )


def _ends(table: Table, index: int, row: Mapping[str, Cell]) -> tuple[str, str]:
    column = table.columns[index]
    keys = table.ranges[column.key]
    found = (row.get(key) for key in keys)
    low, high = (
        write_number(float(v), column.decimals, signed=column.signed, minus=MINUS)
        if isinstance(v, (int, float))
        else NO_VALUE
        for v in found
    )
    return low, high


def _groups(columns: Sequence[_Column], width: int) -> list[list[tuple[_Column, int]]]:
    """Columns with their widths, split where a table is too wide; each part repeats the first column."""
    first, rest = columns[0], columns[1:]
    least = min(first.least, width // 3)
    parts: list[list[_Column]] = [[]]
    for column in rest:
        used = least + sum(c.least + GAP for c in parts[-1])
        if parts[-1] and used + GAP + column.least > width:
            parts.append([])
        parts[-1].append(column)
    return [_widths([first, *part], [least, *(c.least for c in part)], width) for part in parts]


def _widths(columns: Sequence[_Column], least: Sequence[int], width: int) -> list[tuple[_Column, int]]:
    """Give what room is left to the columns that lack most of their natural width."""
    widths = list(least)
    spare = width - sum(widths) - GAP * (len(widths) - 1)
    while spare > 0:
        lacking = [(column.natural - w, -i) for i, (column, w) in enumerate(zip(columns, widths, strict=True))]
        most, place = max(lacking)
        if most <= 0:
            break
        widths[-place] += 1
        spare -= 1
    if spare < 0:
        widths[-1] = max(1, widths[-1] + spare)
    return list(zip(columns, widths, strict=True))


def _print_group(console: Console, group: Sequence[tuple[_Column, int]]) -> None:
    rule = "-" if console.options.ascii_only else "─"
    head, body = _grid(group, "bottom"), _grid(group, "top")
    head.add_row(*[_wrapped(column.heading, width, style="bold") for column, width in group])
    head.add_row(*[_line(rule * width) for _, width in group])
    for index in range(len(group[0][0].cells)):
        body.add_row(*[_cell(column, index, width) for column, width in group])
    _print(console, head)
    _print(console, body)


def _grid(group: Sequence[tuple[_Column, int]], vertical: Literal["top", "bottom"]) -> Grid:
    from rich.table import Table as Grid

    grid = Grid.grid(padding=(0, GAP, 0, 0), pad_edge=False)
    for column, width in group:
        grid.add_column(width=width, justify=column.justify, overflow="fold", vertical=vertical)
    return grid


def _cell(column: _Column, index: int, width: int) -> Line:
    text = column.cells[index]
    return _line(text) if column.justify == "right" else _wrapped(text, width)
