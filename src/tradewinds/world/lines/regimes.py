"""Regimes of a tariff: the standing ones, and whom each agreement's column serves on a date (``regimes.toml``)."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tradewinds.core.errors import unknown_label

#: Regimes every tariff may have. ``provisional`` is a temporary rate below (China) or in place of (Japan) the standing
#: one; ``general`` the statutory rate (Japan) or that for origins without most-favoured-nation treatment (China).
STANDING = ("mfn", "bound", "provisional", "general", "gsp", "ldc")


@dataclass(frozen=True, slots=True)
class Regime:
    """One column of one importer's tariff: agreement id, group of origins within it, members with their dates."""

    importer: str
    id: str
    title: str
    in_force: dt.date
    group: str = ""
    column: str = ""
    since: Mapping[str, dt.date] | None = None
    until: Mapping[str, dt.date] | None = None

    def members(self, on: dt.date | None = None) -> tuple[str, ...]:
        """Economies served on a date; without a date, all that ever were."""
        since, until = self.since or {}, self.until or {}
        return tuple(sorted(m for m, start in since.items() if on is None or start <= on <= until.get(m, dt.date.max)))


@cache
def regimes(importer: str) -> tuple[Regime, ...]:
    """The agreements' columns of an importer's tariff, in the file's order; none for an importer not in the file."""
    table = tomllib.loads(files("tradewinds.world.lines").joinpath("regimes.toml").read_text("utf-8"))
    return tuple(
        Regime(
            importer=importer,
            id=row["id"],
            title=row["title"],
            in_force=row["in_force"],
            group=row.get("group", ""),
            column=row.get("column", ""),
            since={**dict.fromkeys(row["members"], row["in_force"]), **row.get("later", {})},
            until=row.get("until", {}),
        )
        for row in table.get(importer, [])
    )


def regime(importer: str, name: str, group: str = "") -> Regime:
    """One regime by importer, id and group; a LabelError with the near miss otherwise."""
    for row in regimes(importer):
        if (row.id, row.group) == (name, group):
            return row
    known = [row.id + (f" ({row.group})" if row.group else "") for row in regimes(importer)]
    raise unknown_label(name, known, where=f"regimes of {importer}", kind="regime")


def serving(importer: str, exporter: str, on: dt.date | None = None) -> tuple[Regime, ...]:
    """The regimes an exporter may claim in an importer on a date.

    >>> [r.id for r in serving("CHN", "TWN", dt.date(2026, 3, 1))]
    ['ecfa']
    """
    return tuple(row for row in regimes(importer) if exporter in row.members(on))
