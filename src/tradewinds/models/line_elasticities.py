"""Elasticities of substitution by product and importer, and draws from how they differ between countries.

``line_elasticities.csv`` holds one row for each of 171 three-digit products (HS 1988/92) and one column for each of 73
importers, with the number of estimates and the quantiles across countries; it is computed by
:func:`build_line_elasticities` from the published estimates. The estimates are of σ between the varieties (origins) of
one product, from trade of 1994–2003, in the method of Feenstra (1994).

A line takes the estimate of its importer (grade *measured*: an econometric estimate, published), else the median over
countries (grade *imputed*; Taiwan and Vietnam, for instance, were never estimated), else the median of its chapter or
of all products (grade *imputed*). Line codes of any later revision are matched on their first three digits: of the
5,613 six-digit codes of HS 2022, 98 % keep them when they are carried back to HS 1988/92. Values above the cap of
assumption A-006, which is on σ − 1, are set to it (7 % of the estimates): one estimate in ten is above 12, and some
values recur, as a grid search leaves them (25.03 stands 241 times among 11,293).

Source: Broda, Greenfield and Weinstein (2006), NBER working paper 12512; Broda and Weinstein (2006), QJE 121(2).
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from tradewinds.core.assumptions import STANDARD
from tradewinds.core.errors import InputError, refuse
from tradewinds.core.files import writing
from tradewinds.world.arrays import Array, frozen

#: The source of the registry, and the works, by key.
SOURCE = "broda-weinstein-2006"
CITES = ("broda-greenfield-weinstein-2006", "broda-weinstein-2006")

#: Quantiles across countries that the table carries.
QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95)

_TABLE = "line_elasticities.csv"
_FIXED = ("product", "estimates", *(f"q{round(100 * q):02d}" for q in QUANTILES))

_HEADER = """\
# Elasticities of substitution between origins by three-digit product (HS 1988/92) and importer, four digits.
# source: broda-weinstein-2006
# publisher: Christian Broda, Joshua Greenfield and David E. Weinstein (NBER working paper 12512)
# licence: facts, with citation; taken from the table of the R package concordance 2.1.0 (MIT licence)
# vintage: estimates on trade of 1994-2003, published 2006
# columns: product; number of estimates; quantiles across importers; one column an importer (ISO 3166-1), blank = none
# computed by tradewinds.models.line_elasticities.build_line_elasticities
"""


@dataclass(frozen=True, slots=True, eq=False)
class SubstitutionTable:
    """Estimates ``sigma`` [product, importer], NaN where there is none, and their ``median`` over importers."""

    products: tuple[str, ...]
    importers: tuple[str, ...]
    sigma: Array
    median: Array


@dataclass(frozen=True, slots=True, eq=False)
class Substitution:
    """σ by line, its grade, and which rule gave it: ``own``, ``median``, ``chapter`` or ``all``."""

    value: Array
    grade: tuple[str, ...]
    rule: tuple[str, ...]


def build_line_elasticities(raw: Path, out: Path) -> Path:
    """Write the table from ``raw``/hs_nomenclature/sigma_hs0.csv.gz (columns iso3c, HS0_3d, sigma); returns ``out``."""
    source = Path(raw) / "hs_nomenclature" / "sigma_hs0.csv.gz"
    if not source.is_file():
        raise InputError("no such file", where=str(source), hint="point to the folder of raw tables")
    by_product: dict[str, dict[str, float]] = defaultdict(dict)
    with gzip.open(source, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            by_product[row["HS0_3d"]][row["iso3c"]] = float(row["sigma"])
    importers = sorted({iso for held in by_product.values() for iso in held})
    text = io.StringIO()
    text.write(_HEADER)
    table = csv.writer(text, lineterminator="\n")
    table.writerow([*_FIXED, *importers])
    for product, held in sorted(by_product.items()):
        quantiles = np.quantile(list(held.values()), QUANTILES)
        cells = [f"{held[iso]:.4g}" if iso in held else "" for iso in importers]
        table.writerow([product, len(held), *(f"{q:.4g}" for q in quantiles), *cells])
    with writing(Path(out)) as path:
        path.write_text(text.getvalue(), encoding="utf-8")
    return Path(out)


def read_substitution(text: str, *, where: str) -> SubstitutionTable:
    """The table from its text; InputError with all faults where the layout is another."""
    rows = list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))
    if not rows or tuple(rows[0][: len(_FIXED)]) != _FIXED or len(rows) < 2:
        raise InputError("another layout", where=where, allowed=", ".join(_FIXED))
    head, body = rows[0], rows[1:]
    faults = [
        InputError(f"{len(r)} cells for product {r[0] if r else ''}", where=where, allowed=f"{len(head)}")
        for r in body
        if len(r) != len(head)
    ]
    refuse(faults, where=where)
    sigma = np.array([[float(cell) if cell else np.nan for cell in r[len(_FIXED) :]] for r in body])
    return SubstitutionTable(
        products=tuple(r[0] for r in body),
        importers=tuple(head[len(_FIXED) :]),
        sigma=frozen(sigma),
        median=frozen(np.nanmedian(sigma, axis=1)),
    )


@cache
def substitution_table() -> SubstitutionTable:
    """The table that ships with Tradewinds."""
    return read_substitution(files("tradewinds.models").joinpath(_TABLE).read_text("utf-8"), where=_TABLE)


def cap() -> float:
    """The largest σ used: the cap of assumption A-006 on the trade elasticity, plus one."""
    return STANDARD["elasticity_cap"] + 1


def substitution(lines: Sequence[str], importer: str, table: SubstitutionTable | None = None) -> Substitution:
    """σ of each line for ``importer`` (ISO 3166-1 alpha-3), with its grade.

    ``lines`` are HS codes as text, at least six digits. Raises InputError for codes that are not.

    >>> found = substitution(["870899", "870899"], "USA")
    >>> found.grade, substitution(["870899"], "TWN").grade
    (('measured', 'measured'), ('imputed',))
    """
    held = substitution_table() if table is None else table
    found = _medians(lines, held)
    value, rule = np.array(found.value), list(found.rule)
    if importer in held.importers:
        column = held.sigma[:, held.importers.index(importer)]
        at = _rows(lines, held)
        own = (at >= 0) & np.isfinite(column[at])
        value[own] = np.minimum(column[at][own], cap())
        rule = ["own" if mine else kept for mine, kept in zip(own, rule, strict=True)]
    return Substitution(frozen(value), tuple("measured" if r == "own" else "imputed" for r in rule), tuple(rule))


def draw_substitution(
    lines: Sequence[str],
    count: int,
    *,
    seed: int = 2006,
    together: bool = True,
    table: SubstitutionTable | None = None,
) -> Array:
    """Draws of σ [draw, line] from the estimates of different countries.

    ``together``: a draw takes the estimates of one country for all its products, so that what is low together stays low
    together and totals keep their spread; otherwise each product takes a country of its own and totals average out.
    Where the country drawn has no estimate the median stands in. Lines of one product share a value. Capped.
    """
    held = substitution_table() if table is None else table
    at = _rows(lines, held)
    rng = np.random.default_rng(seed)
    products, importers = held.sigma.shape
    picked = rng.integers(importers, size=(count, 1 if together else products))
    drawn = np.take_along_axis(held.sigma.T, np.broadcast_to(picked, (count, products)), axis=0)
    drawn = np.minimum(np.where(np.isfinite(drawn), drawn, held.median), cap())
    return np.where(at >= 0, drawn[:, at], _medians(lines, held).value)


def _rows(lines: Sequence[str], table: SubstitutionTable) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Position of the product of each line, −1 where the table does not have it."""
    bad = [code for code in lines if len(code) < 6 or not code.isdigit()]
    if bad:
        raise InputError(
            f"{len(bad)} codes such as `{bad[0]}`", where="lines", allowed="HS codes of six or more digits, as text"
        )
    place: Mapping[str, int] = {product: i for i, product in enumerate(table.products)}
    return np.array([place.get(code[:3], -1) for code in lines], dtype=np.intp)


def _medians(lines: Sequence[str], table: SubstitutionTable) -> Substitution:
    """The median over countries of the product, else of the chapter, else of all."""
    at = _rows(lines, table)
    everything = float(np.median(table.median))
    chapters: dict[str, list[float]] = defaultdict(list)
    for product, median in zip(table.products, table.median, strict=True):
        chapters[product[:2]].append(float(median))
    value, rule = np.empty(len(lines)), []
    for i, (code, row) in enumerate(zip(lines, at, strict=True)):
        if row >= 0:
            value[i], said = table.median[row], "median"
        elif code[:2] in chapters:
            value[i], said = float(np.median(chapters[code[:2]])), "chapter"
        else:
            value[i], said = everything, "all"
        rule.append(said)
    return Substitution(frozen(np.minimum(value, cap())), ("imputed",) * len(rule), tuple(rule))
