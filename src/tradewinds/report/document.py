"""`Document`: headings, text, figures, tables, charts, notes and sources; every format renders the same one.

Text in a Document is already in the reader's language; a renderer never adds words of its own except those it takes
from the catalogue (`tradewinds.core.language`). Numbers stay numbers until they are rendered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Heading:
    """A section title; level 1 is a section, 2 a subsection (the document's own title is not a block)."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text to be copied as it stands (a citation, a file): line breaks kept, never wrapped."""

    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A headline number with its range: ``value`` in ``unit``, between ``low`` and ``high`` (5th–95th percentile).

    ``better`` tells which direction is a gain to the reader: +1 up, −1 down, 0 neither. ``value`` None shows
    ``reason`` instead.
    """

    label: str
    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    decimals: int = 2
    better: int = 1
    note: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Headline numbers side by side, answer first."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. ``kind`` decides alignment and, in Excel, the number format; ``signed`` shows a plus."""

    key: str
    label: str
    kind: Literal["text", "number"] = "text"
    unit: str = ""
    decimals: int = 2
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; a None cell is shown as a dash and explained by ``note``.

    ``ranges`` maps a number column's key to the keys (low, high) of two hidden columns of each row, drawn as
    ``value [low, high]``.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Cell], ...]
    note: str = ""
    ranges: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    name: str = ""  # short ASCII id, unique in the document: anchor in HTML, sheet name in Excel


@dataclass(frozen=True, slots=True)
class Chart:
    """A Vega-Lite specification with its data inside, a title and a sentence for those who cannot see it.

    ``table`` names the Table that holds the same numbers, where there is one. ``terminal`` is (label, value) pairs a
    terminal may draw as bars.
    """

    title: str
    spec: Mapping[str, Any]
    alt: str
    note: str = ""
    terminal: tuple[tuple[str, float], ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A caution the reader must see. ``kind``: caution | method | gap."""

    text: str
    kind: Literal["caution", "method", "gap"] = "caution"


@dataclass(frozen=True, slots=True)
class Source:
    """One source: how to cite it, its licence and vintage."""

    text: str
    licence: str = ""
    vintage: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """The list of sources, put there by code."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A bulleted list; ``items`` are (term, explanation) pairs, the term may be empty."""

    items: tuple[tuple[str, str], ...]


Block = Heading | Text | Verbatim | Figures | Table | Chart | Note | Sources | Listing


@dataclass(frozen=True, slots=True)
class Document:
    """A titled sequence of blocks in one language, with the stamp that lets anyone run it again.

    ``data`` is the machine-readable object behind the document (what ``--json`` prints); ``stamp`` is ordered
    key → text (version, case, command, date).
    """

    title: str
    subtitle: str
    language: str
    blocks: tuple[Block, ...]
    stamp: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)

    def tables(self) -> Sequence[Table]:
        """All tables in order."""
        return [b for b in self.blocks if isinstance(b, Table)]
