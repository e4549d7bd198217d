"""Numbers and words as every renderer writes them: sign, decimals, unit, range, and what a sign means to the reader."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tradewinds.report.document import Cell, Column, Figure, Table

NO_VALUE = "–"
Verdict = Literal["gain", "loss", "either", "none"]


def clean(text: str) -> str:
    """``text`` without control characters (a tab or line break becomes a space), so that it cannot drive a terminal."""
    return "".join(
        " " if char in "\t\n\r" else char for char in text if char in "\t\n\r" or unicodedata.category(char) != "Cc"
    )


def clean_lines(text: str) -> str:
    """:func:`clean`, line by line: line breaks and indents stay."""
    return "\n".join(line[: len(line) - len(line.lstrip(" "))] + clean(line) for line in text.splitlines())


def columns_of(text: str) -> int:
    """The width of ``text`` in columns of a fixed-width font: a wide (CJK) character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def is_number(value: Cell) -> bool:
    """Whether ``value`` is a number that can be shown: not None, not text, not NaN."""
    return isinstance(value, (int, float)) and not math.isnan(value)


def write_number(value: float | None, decimals: int, *, signed: bool = False, minus: str = "−") -> str:
    """``value`` with thousands separators and ``decimals`` places; ``signed`` adds a plus.

    None and NaN are a dash. What rounds to zero carries no sign.
    """
    if value is None or math.isnan(value):
        return NO_VALUE
    size = "∞" if math.isinf(value) else f"{abs(value):,.{decimals}f}"
    if not math.isinf(value) and float(size.replace(",", "")) == 0:
        return size
    return (minus if value < 0 else "+" if signed else "") + size


def with_unit(number: str, unit: str) -> str:
    """``number`` followed by ``unit``: a percent sign attached, any other unit after a no-break space."""
    if not unit or number == NO_VALUE:
        return number
    return number + unit if unit == "%" else f"{number}\N{NO-BREAK SPACE}{clean(unit)}"


def write_range(low: float | None, high: float | None, decimals: int, *, signed: bool = False, minus: str = "−") -> str:
    """``[low, high]``; empty text when neither end is known."""
    if not (is_number(low) or is_number(high)):
        return ""
    ends = (write_number(end, decimals, signed=signed, minus=minus) for end in (low, high))
    return f"[{', '.join(ends)}]"


def is_signed(figure: Figure) -> bool:
    """Whether a headline number shows a plus: it does when one direction is a gain."""
    return figure.better != 0


def write_figure(figure: Figure, *, minus: str = "−") -> str:
    """The headline number with sign and unit, or its reason (a dash without one) when there is no value."""
    if not is_number(figure.value):
        return clean(figure.reason) or NO_VALUE
    return with_unit(write_number(figure.value, figure.decimals, signed=is_signed(figure), minus=minus), figure.unit)


def figure_range(figure: Figure, *, minus: str = "−") -> str:
    """The bracketed range of a headline number; empty without a value or a range."""
    if not is_number(figure.value):
        return ""
    return write_range(figure.low, figure.high, figure.decimals, signed=is_signed(figure), minus=minus)


def verdict(figure: Figure) -> Verdict:
    """What the number means to the reader: gain, loss, either (its range holds zero), or none."""
    value, low, high = figure.value, figure.low, figure.high
    if value is None or math.isnan(value) or not figure.better or round(value, figure.decimals) == 0:
        return "none"
    if low is not None and high is not None and low < 0 < high:
        return "either"
    return "gain" if value * figure.better > 0 else "loss"


@dataclass(frozen=True, slots=True)
class Written:
    """One table cell in words: the ``value`` and, apart from it, the ``span`` in brackets (may be empty)."""

    value: str
    span: str = ""


def write_cell(table: Table, column: Column, row: Mapping[str, Cell], *, minus: str = "−") -> Written:
    """The cell of ``row`` under ``column``; a missing value is a dash."""
    value = row.get(column.key)
    if column.kind == "text" or isinstance(value, str):
        return Written(NO_VALUE if value is None else clean(str(value)))
    number = write_number(value, column.decimals, signed=column.signed, minus=minus)
    if column.key not in table.ranges or not is_number(value):
        return Written(number)
    low, high = (_end(row.get(key)) for key in table.ranges[column.key])
    return Written(number, write_range(low, high, column.decimals, signed=column.signed, minus=minus))


def header(column: Column) -> str:
    """A column's label with its unit in brackets."""
    label = clean(column.label)
    return f"{label} ({clean(column.unit)})" if column.unit else label


def scale(figure: Figure) -> tuple[float, float]:
    """(lowest, highest) of a headline number and its range, zero always within: each has an axis of its own."""
    known = (figure.value, figure.low, figure.high)
    values = [0.0, *(v for v in known if v is not None and math.isfinite(v))]
    return min(values), max(values)


def interval(figure: Figure) -> tuple[float, float, float] | None:
    """(low, value, high) of a headline number when all three are finite numbers, else None."""
    ends = (figure.low, figure.value, figure.high)
    known = [v for v in ends if v is not None and math.isfinite(v)]
    return (known[0], known[1], known[2]) if len(known) == 3 else None


def _end(value: Cell) -> float | None:
    return None if value is None or isinstance(value, str) else float(value)
