"""The staging categories of a legal text, from `categories/*.toml`: by code, by line where the text tables lines."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tradewinds.agreements.staging.calendars import Calendar
from tradewinds.agreements.staging.category_rows import CategoryFile, CategoryRow, LineTable
from tradewinds.agreements.staging.classes import BASE, Band, Staging
from tradewinds.agreements.staging.dated import Suspension
from tradewinds.agreements.staging.quotas import Quota
from tradewinds.agreements.staging.rounding import Rounding
from tradewinds.core.errors import InputError, LabelError, refuse, unknown_label
from tradewinds.core.schema import faults_of


@dataclass(frozen=True, slots=True)
class CategoryTable:
    """Categories of one grantor under one text, at one date of entry into force.

    ``stagings`` by code; ``by_line`` for the categories that the text tables line by line: code → beginning of the
    line's code → class. ``because`` cites the paragraph by code.
    """

    id: str
    title: str
    importer: str
    exporter: str
    calendar: Calendar
    rounding: Rounding
    stagings: Mapping[str, Staging]
    by_line: Mapping[str, Mapping[str, Staging]]
    because: Mapping[str, str]
    quotas: tuple[Quota, ...]
    suspensions: tuple[Suspension, ...]
    file: CategoryFile

    @property
    def codes(self) -> tuple[str, ...]:
        """The categories the text defines."""
        return tuple(self.because)

    def find(self, category: str, line: str) -> Staging | str:
        """The class of a line in a category, or the sentence that says why there is none."""
        if category in self.stagings:
            return self.stagings[category]
        if category in self.by_line:
            for code, staging in self.by_line[category].items():
                if line and line.startswith(code):
                    return staging
            return f"category `{category}` tables its lines, and this one is not among them"
        return f"category `{category}` is not defined in {self.id}"

    def staging(self, category: str, line: str = "") -> Staging:
        """As `find`; a LabelError, with the near miss, where there is no class."""
        found = self.find(category, line)
        if isinstance(found, Staging):
            return found
        if category in self.by_line:
            raise LabelError(found, where=f"{self.id}, line {line or '(none given)'}")
        raise unknown_label(category, self.codes, where=self.id, kind="staging category")

    def quotas_of(self, line: str) -> tuple[Quota, ...]:
        """Every quota that covers a line."""
        return tuple(quota for quota in self.quotas if quota.covers(line))


@dataclass(frozen=True, slots=True)
class Census:
    """How many lines each category holds, and the lines that have no class, with the reason."""

    defined: Mapping[str, int]
    refused: Mapping[str, int]
    refused_lines: tuple[tuple[str, str, str], ...]

    @property
    def lines(self) -> int:
        """All lines counted."""
        return sum(self.defined.values()) + sum(self.refused.values())


def census(rows: Iterable[tuple[str, str]], table: CategoryTable) -> Census:
    """Count (line, category) rows against a table. Refused: not defined, not among the tabled lines, not applicable."""
    defined: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    named: list[tuple[str, str, str]] = []
    for line, category in rows:
        found = table.find(category, line)
        why = found if isinstance(found, str) else "not applicable" if found.kind == "not_applicable" else ""
        if why:
            refused[category] += 1
            named.append((line, category, why))
        else:
            defined[category] += 1
    return Census(dict(defined.most_common()), dict(refused.most_common()), tuple(named))


def parse_categories(table: Mapping[str, Any], *, where: str, in_force: dt.date | None = None) -> CategoryTable:
    """Check a table against the schema and build its classes; every fault at once.

    ``in_force`` replaces the date in the file ("what if it had entered into force in 2016"): dated steps, delays and
    the calendar follow it. InputError for unknown keys, a code defined twice, a step within a year, an unknown quota
    class.
    """
    try:
        file = CategoryFile.model_validate(table)
    except ValidationError as error:
        refuse(faults_of(error, CategoryFile, where=where), where=where)
        raise AssertionError from error
    codes = [row.code for row in file.category]
    faults: list[InputError] = [
        InputError(f"category `{code}` is defined twice", where=where) for code, n in Counter(codes).items() if n > 1
    ]
    asked = [(r.code, c) for r in file.category for c in (r.in_quota, r.out_of_quota) if c]
    asked += [(q.name, c) for q in file.quota for c in (q.in_quota, q.out_of_quota)]
    plain = [row.code for row in file.category if row.kind != "quota" and not row.table]
    faults += [unknown_label(c, plain, where=f"{where}: {of}", kind="category") for of, c in asked if c not in plain]
    refuse(faults, where=where)
    entry = in_force or file.in_force
    first = file.calendar.first_cut if in_force is None else None
    calendar = Calendar(entry, file.calendar.kind, file.calendar.month, file.calendar.day, first)
    rounding = Rounding(file.rounding.how, file.rounding.step, file.rounding.money_step)
    built = {row.code: _build(row, calendar, rounding, where) for row in file.category if row.kind != "quota"}
    for row in file.category:
        if row.kind == "quota":
            inside, outside = built[row.in_quota][""], built[row.out_of_quota][""]
            built[row.code] = {"": Staging(row.code, "quota", in_quota=inside, out_of_quota=outside)}
    return CategoryTable(
        id=file.id,
        title=file.title,
        importer=file.importer,
        exporter=file.exporter,
        calendar=calendar,
        rounding=rounding,
        stagings={code: classes[""] for code, classes in built.items() if "" in classes},
        by_line={code: classes for code, classes in built.items() if "" not in classes},
        because={row.code: row.because for row in file.category},
        quotas=tuple(
            Quota(
                name=row.name,
                lines=tuple(row.lines),
                unit=row.unit,
                quantities=tuple(row.quantities),
                in_quota=built[row.in_quota][""],
                out_of_quota=built[row.out_of_quota][""],
                growth=row.growth,
                pro_rata=row.pro_rata,
                because=row.because,
            )
            for row in file.quota
        ),
        suspensions=tuple(
            Suspension(row.start, row.end, tuple(row.lines), row.whole, row.count, row.because)
            for row in file.suspension
        ),
        file=file,
    )


def _build(row: CategoryRow, calendar: Calendar, rounding: Rounding, where: str) -> dict[str, Staging]:
    """Classes by beginning of line; one under "" where the category is the same for all lines."""
    classes: dict[str, Staging] = {}
    whole = LineTable.model_construct(lines=[""], base=None, steps=row.steps or _by_year(row, calendar, where))
    for tabled in row.table or [whole]:
        staging = Staging(
            name=row.code,
            kind=row.kind,
            years=row.years,
            bands=tuple(Band(b.over, b.upto, tuple(b.steps)) for b in row.bands),
            hold=row.hold,
            depth=row.depth,
            steps=tuple(tabled.steps),
            rounding=rounding,
            unit=row.unit,
            component=row.component,
        )
        for delay in row.delay:
            if delay.entry_year == calendar.entry.year:
                staging = staging.shifted(delay.years)
        classes |= {
            line: staging if line == "" else replace(staging, name=f"{row.code} {line}") for line in tabled.lines
        }
    return classes


def _by_year(row: CategoryRow, calendar: Calendar, where: str) -> list[float]:
    """Dated steps as steps of years 1, 2, …: in each year the last step begun by its first day."""
    if not row.step:
        return []
    stand = 1.0 if row.kind in ("shares", "margin") else BASE
    last = max(1, calendar.number(row.step[-1].start))
    within = [
        s.start for s in row.step if s.start > calendar.first and s.start != calendar.starts(calendar.number(s.start))
    ]
    if within:
        raise InputError(
            f"a step on {within[0]}", where=f"{where}: {row.code}", allowed="the first day of a year of the calendar"
        )
    return [
        next((s.value for s in reversed(row.step) if s.start <= calendar.starts(number)), stand)
        for number in range(1, last + 1)
    ]


def read_categories(source: str | Path, *, in_force: dt.date | None = None) -> CategoryTable:
    """The categories of a text by id (see `category_ids`) or from a file. InputError where there is none, or it is
    wrong.

    >>> read_categories("evfta-eun").staging("B5").complete
    6
    """
    if isinstance(source, str):
        if source not in category_ids():
            raise unknown_label(source, category_ids(), where="staging categories", kind="text")
        path = Path(str(files("tradewinds.agreements").joinpath("categories", f"{source}.toml")))
    else:
        path = source
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError("no such file", where=str(path)) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not TOML: {error}", where=str(path), hint="is the file whole?") from None
    return parse_categories(table, where=path.name, in_force=in_force)


def category_ids() -> tuple[str, ...]:
    """Ids of the category files in the package."""
    room = files("tradewinds.agreements").joinpath("categories")
    return tuple(sorted(f.name.removesuffix(".toml") for f in room.iterdir() if f.name.endswith(".toml")))
