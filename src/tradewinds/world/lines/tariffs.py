"""The tariffs inside the package, and how much of each was understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from tradewinds.core.errors import unknown_label
from tradewinds.world.duty import parse_duty
from tradewinds.world.lines import Lines

#: Columns of goods whose words are duties too.
_TAXES = ("consumption_tax", "export_duty", "export_provisional")


def tariff_store() -> tuple[str, ...]:
    """Names of the tariffs inside the package."""
    room = files("tradewinds.world").joinpath("embedded", "tariffs")
    return tuple(sorted(f.name.removesuffix(".parquet") for f in room.iterdir() if f.name.endswith(".parquet")))


def open_lines(name: str) -> Lines:
    """A tariff by name (embedded) or by path to a ``.parquet`` file of lines; embedded ones are read once."""
    if name in tariff_store():
        return _embedded(name)
    if name.endswith(".parquet"):
        return Lines.load(Path(name))
    raise unknown_label(name, tariff_store(), where="tariff", kind="tariff", command="tradewinds data")


@lru_cache(maxsize=8)
def _embedded(name: str) -> Lines:
    return Lines.load(Path(str(files("tradewinds.world").joinpath("embedded", "tariffs", f"{name}.parquet"))))


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of one tariff was understood: rates (each a cell of the source), distinct texts, and what was not.

    ``unread`` holds text, how often it stands, and the first line it stands on, most frequent first. ``kinds`` counts
    rates by kind of duty, ``regimes`` by regime. ``taxes_unread`` are texts of excise and export duty not understood.
    """

    name: str
    lines: int
    rates: int
    texts: int
    understood: int
    kinds: Mapping[str, int]
    regimes: Mapping[str, int]
    unread: tuple[tuple[str, int, str], ...]
    taxes_unread: tuple[str, ...]

    @property
    def understood_share(self) -> float:
        """Share of rates understood, by rates."""
        return self.understood / self.rates if self.rates else 1.0


def coverage(lines: Lines) -> Coverage:
    """Count what was understood in ``lines``; rates derived here count like those of the source."""
    rates, goods = lines.rates, lines.goods
    lost = rates[~rates["understood"]]
    counts = lost["text"].astype(str).value_counts()
    first = lost.drop_duplicates("text").set_index(lost.drop_duplicates("text")["text"].astype(str))["line"].astype(str)
    dialect = str(rates["dialect"].iloc[0]) if len(rates) else "generic"
    taxes = {str(t) for column in _TAXES for t in goods[column].unique() if str(t)}
    return Coverage(
        name=lines.name,
        lines=len(goods),
        rates=len(rates),
        texts=int(rates["text"].nunique()),
        understood=int(rates["understood"].sum()),
        kinds={str(k): int(n) for k, n in rates["kind"].value_counts().items() if n},
        regimes={str(k): int(n) for k, n in rates["regime"].value_counts().items() if n},
        unread=tuple((str(text), int(n), str(first[str(text)])) for text, n in counts.items() if n),
        taxes_unread=tuple(sorted(t for t in taxes if not parse_duty(t, dialect=dialect).understood)),
    )
