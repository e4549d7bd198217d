"""Use of the USMCA preference as a function of its margin, on US imports from Canada and Mexico in 2025.

``usmca_use.csv`` [HS6 × partner] and ``usmca_monthly.csv`` [partner × month] are computed by :func:`build_usmca` from
two public tables: imports and claims by ten-digit line and month, January to June 2025, and US imports with calculated
duty by HS6 and origin, 2024. The MFN rate of an HS6 code is the median, over origins that have no preference, of duty
over imports in 2024; specific duties are thereby ad-valorem equivalents (grade *imputed*). A code with fewer than two
such origins has no rate.

Before means January and February 2025, when the margin was the MFN rate. After means April to June, when goods that
did not claim paid 25 points more (10 on energy and potash of Canada) under Executive Orders 14193 and 14194 as
amended on 6 March 2025 (rates and orders from general knowledge, not checked). Chapters 72, 73, 76 and 87 are left
out of fits: duties under section 232 blur their margin. MFN-free lines are left out too: hardly a claim is recorded
on them (1 % of value before, 2 % after for Canada, when not claiming cost 25 points), presumably because an entry
free under the MFN rate is booked as such whatever else it claims.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradewinds.core.errors import ConvergenceError, InputError
from tradewinds.core.files import writing
from tradewinds.world.arrays import Array, frozen

Form = Literal["margin", "log_margin"]
Period = Literal["before", "after"]

#: The sources of the registry, and the work, by key.
SOURCES = ("usmca-use-2025", "us-imports-2024")
CITES = ("papke-wooldridge-1996",)

#: Origins that pay the MFN rate in 2024, as the US table names them.
MFN_ORIGINS = (
    "ARGENTINA",
    "BRAZIL",
    "EUROPEAN UNION",
    "INDIA",
    "INDONESIA",
    "JAPAN",
    "MALAYSIA",
    "NEW ZEALAND",
    "NORWAY",
    "PHILIPPINES",
    "SAUDI ARABIA",
    "SWITZERLAND",
    "TAIWAN",
    "THAILAND",
    "TURKEY",
    "UNITED ARAB EMIRATES",
    "UNITED KINGDOM",
    "VIETNAM",
)
#: An origin counts for the MFN rate of a code from this value of imports (US dollars); rates below the next are zero.
LEAST_IMPORTS, LEAST_RATE = 50_000.0, 0.0005

#: Chapters whose margin section 232 duties blur, and the extra duty of 2025 on goods that do not claim.
LEFT_OUT = ("72", "73", "76", "87")
PENALTY, PENALTY_ENERGY = 0.25, 0.10

_PARTNERS = {"1220": "CAN", "2010": "MEX"}
_MONTHS = range(1, 7)
_PERIOD = {1: "before", 2: "before", 4: "after", 5: "after", 6: "after"}
_COLUMNS = ("hs6", "partner", "mfn_rate", "imports_before", "claimed_before", "imports_after", "claimed_after")
_MONTHLY = ("partner", "month", "lines", "lines_traded", "imports", "claimed", "mean_share", "mean_share_traded")
_HEADER = """\
# {what}
# source: usmca-use-2025, us-imports-2024
# publisher: The Budget Lab at Yale, from US Census Bureau data; US Census Bureau
# licence: MIT (Copyright 2025-2026 The Budget Lab at Yale); public domain
# vintage: January to June 2025; duties 2024
# computed by tradewinds.indicators.usmca.build_usmca; US dollars
"""


@dataclass(frozen=True, slots=True, eq=False)
class UsmcaUse:
    """US imports and claims by code and partner [row]; US dollars; ``mfn_rate`` NaN where it is not known."""

    hs6: tuple[str, ...]
    partner: tuple[str, ...]
    mfn_rate: Array
    imports: Mapping[str, Array]
    claimed: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class MonthlyUse:
    """Use by one partner in one month of 2025: three averages that differ by a factor of four.

    ``by_value`` claims over imports; ``by_traded_line`` mean share of lines with imports; ``by_any_line`` mean share of
    all ten-digit lines, those without imports counting as zero.
    """

    partner: str
    month: int
    by_value: float
    by_traded_line: float
    by_any_line: float


@dataclass(frozen=True, slots=True, eq=False)
class UseCurve:
    """logit(use) = Σ coefficient · regressor, with standard errors clustered by HS6 code.

    ``names``, ``coefficient`` and ``error`` run together: ``constant``, ``margin`` (fraction) or ``log_margin``, then
    the controls. ``r2`` is 1 − Σ(y−p)²/Σ(y−ȳ)² (Efron), ``n`` observations, ``clusters`` codes.
    """

    form: Form
    names: tuple[str, ...]
    coefficient: Array
    error: Array
    r2: float
    n: int
    clusters: int

    def use(self, margin: ArrayLike, **controls: ArrayLike) -> Array:
        """Predicted use at a positive margin (fraction); controls by name, zero where not given."""
        level = np.asarray(margin, dtype=np.float64)
        score = self.coefficient[0] + self.coefficient[1] * _regressor(level, self.form)
        for name, value in controls.items():
            score = score + self.coefficient[self.names.index(name)] * np.asarray(value)
        return np.asarray(1 / (1 + np.exp(-score)))


def build_usmca(raw: Path, out: Path) -> tuple[Path, Path]:
    """Write both tables into the folder ``out`` from the folder of raw tables; returns their paths."""
    rates = _mfn_rates(Path(raw) / "us_imports_hs10_2024" / "us_imports_hs6_2024_by_country.parquet")
    cells: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    months: list[list[Any]] = []
    for month in _MONTHS:
        path = Path(raw) / "us_preference_utilisation" / f"usmca_product_shares_2025_{month:02d}.csv.gz"
        shares: dict[str, list[float]] = defaultdict(list)
        traded: dict[str, list[float]] = defaultdict(list)
        sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                partner = _PARTNERS[row["cty_code"]]
                value, claimed, share = (float(row[k]) for k in ("total_value", "usmca_value", "usmca_share"))
                shares[partner].append(share)
                sums[partner][0] += value
                sums[partner][1] += claimed
                if value > 0:
                    traded[partner].append(share)
                if value > 0 and month in _PERIOD:
                    cell = cells[row["hts10"][:6], partner]
                    cell[f"imports_{_PERIOD[month]}"] += value
                    cell[f"claimed_{_PERIOD[month]}"] += claimed
        for partner in sorted(sums):
            means = [f"{np.mean(held[partner]):.6f}" for held in (shares, traded)]
            counts = [len(shares[partner]), len(traded[partner])]
            months.append([partner, month, *counts, *(f"{v:.0f}" for v in sums[partner]), *means])
    rows = [
        [code, partner, rates.get(code, ""), *(f"{cell[name]:.0f}" for name in _COLUMNS[3:])]
        for (code, partner), cell in sorted(cells.items())
    ]
    return (
        _write(
            Path(out) / "usmca_use.csv", "US imports and USMCA claims, January-February and April-June", _COLUMNS, rows
        ),
        _write(Path(out) / "usmca_monthly.csv", "USMCA claims by partner and month of 2025", _MONTHLY, sorted(months)),
    )


def _mfn_rates(path: Path) -> dict[str, str]:
    """HS6 → median duty over imports among MFN origins, four decimals as text."""
    import duckdb

    if not path.is_file():
        raise InputError("no such file", where=str(path), hint="point to the folder of raw tables")
    marks = ", ".join("?" for _ in MFN_ORIGINS)
    found = duckdb.execute(
        f"select HS6, median(duty / imports) from read_parquet(?) where imports >= ? and CTY_NAME in ({marks}) "
        "group by HS6 having count(*) >= 2",
        [str(path), LEAST_IMPORTS, *MFN_ORIGINS],
    ).fetchall()
    return {code: f"{rate:.4f}" if rate >= LEAST_RATE else "0" for code, rate in found}


def _write(path: Path, what: str, columns: tuple[str, ...], rows: list[list[Any]]) -> Path:
    text = io.StringIO()
    text.write(_HEADER.format(what=what))
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows(rows)
    with writing(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8")
    return path


def _read(name: str, columns: tuple[str, ...]) -> list[list[str]]:
    text = files("tradewinds.indicators").joinpath(name).read_text("utf-8")
    rows = list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))
    if not rows or tuple(rows[0]) != columns:
        raise InputError("another layout", where=name, allowed=", ".join(columns))
    return rows[1:]


@cache
def usmca_use() -> UsmcaUse:
    """The table by code and partner that ships with Tradewinds."""
    rows = _read("usmca_use.csv", _COLUMNS)
    numbers = np.array([[float(cell) if cell else np.nan for cell in row[2:]] for row in rows])
    rate, bought, claimed, bought_after, claimed_after = (frozen(column) for column in numbers.T)
    return UsmcaUse(
        hs6=tuple(row[0] for row in rows),
        partner=tuple(row[1] for row in rows),
        mfn_rate=rate,
        imports={"before": bought, "after": bought_after},
        claimed={"before": claimed, "after": claimed_after},
    )


@cache
def usmca_monthly() -> tuple[MonthlyUse, ...]:
    """Use by partner and month.

    >>> [round(m.by_value, 3) for m in usmca_monthly() if m.partner == "CAN" and m.month in (1, 6)]
    [0.345, 0.573]
    """
    return tuple(
        MonthlyUse(
            partner=row[0],
            month=int(row[1]),
            by_value=float(row[5]) / float(row[4]),
            by_traded_line=float(row[7]),
            by_any_line=float(row[6]),
        )
        for row in _read("usmca_monthly.csv", _MONTHLY)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Dutiable codes of a period [row]: ``margin``, ``use`` (claims over imports), ``imports``, ``mexico`` (0 or 1)."""

    margin: Array
    use: Array
    imports: Array
    mexico: Array
    code: NDArray[np.str_]


def sample(period: Period, *, penalty: bool = False) -> Sample:
    """Codes with imports and a positive MFN rate, less the chapters left out.

    ``penalty`` adds what goods that did not claim paid on top in the period after: 25 points, 10 on energy (chapter 27)
    of Canada; potash is not told apart.
    """
    table = usmca_use()
    chapter = np.array([code[:2] for code in table.hs6])
    mexico = np.array(table.partner) == "MEX"
    bought = table.imports[period]
    kept = (table.mfn_rate > 0) & (bought > 0) & ~np.isin(chapter, LEFT_OUT)
    extra = np.where((chapter == "27") & ~mexico, PENALTY_ENERGY, PENALTY) if penalty else np.zeros(len(bought))
    return Sample(
        margin=(table.mfn_rate + extra)[kept],
        use=(table.claimed[period] / np.where(bought > 0, bought, 1.0))[kept],
        imports=bought[kept],
        mexico=mexico[kept].astype(np.float64),
        code=np.array(table.hs6)[kept],
    )


def fit_usmca(form: Form = "log_margin", period: Period = "before") -> UseCurve:
    """The curve on one period: margin (the MFN rate), partner, and the log of imports (mean taken out), codes equal.

    ``log_margin`` is the form that the choice of firms with lognormal shipments implies, where use depends on
    ln v* = ln F − ln margin.
    """
    found = sample(period)
    size = np.log(found.imports)
    controls = {"mexico": found.mexico, "log_imports": size - size.mean()}
    return fit_use(found.margin, found.use, form=form, controls=controls, cluster=found.code)


def fit_use(
    margin: ArrayLike,
    use: ArrayLike,
    *,
    form: Form = "log_margin",
    controls: Mapping[str, Array] | None = None,
    cluster: NDArray[Any] | None = None,
) -> UseCurve:
    """Fractional logit (Papke and Wooldridge 1996) of ``use`` in [0, 1] on ``margin`` > 0, both [n].

    Quasi-likelihood by Newton's method; errors by the sandwich formula, clustered where ``cluster`` [n] is given, with
    the factor G/(G−1). Raises ConvergenceError where the data do not hold a finite maximum.
    """
    x, y = np.asarray(margin, dtype=np.float64), np.asarray(use, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1 or not (x > 0).all() or not ((y >= 0) & (y <= 1)).all():
        raise InputError("margins and uses", where="use curve", allowed="[n] twice, margins > 0, uses from 0 to 1")
    held = dict(controls or {})
    design = np.column_stack([np.ones_like(x), _regressor(x, form), *held.values()])
    coefficient, fitted, information = _maximise(design, y)
    groups = np.arange(len(y)) if cluster is None else np.unique(cluster, return_inverse=True)[1]
    count = int(groups.max()) + 1
    scores = np.zeros((count, design.shape[1]))
    np.add.at(scores, groups, design * (y - fitted)[:, None])
    bread = np.linalg.inv(information)
    spread = bread @ (scores.T @ scores) @ bread * (count / (count - 1))
    return UseCurve(
        form=form,
        names=("constant", form, *held),
        coefficient=frozen(coefficient),
        error=frozen(np.sqrt(np.diag(spread))),
        r2=float(1 - ((y - fitted) ** 2).sum() / ((y - y.mean()) ** 2).sum()),
        n=len(y),
        clusters=count,
    )


def _maximise(design: Array, y: Array, steps: int = 50) -> tuple[Array, Array, Array]:
    """Coefficients, fitted shares and information at the maximum of Σ y ln p + (1−y) ln(1−p)."""
    b = np.zeros(design.shape[1])
    for _ in range(steps):
        fitted = 1 / (1 + np.exp(-np.clip(design @ b, -500, 500)))
        information = (design * (fitted * (1 - fitted))[:, None]).T @ design
        try:
            move = np.linalg.solve(information, design.T @ (y - fitted))
        except np.linalg.LinAlgError:
            break
        b = b + move
        if np.abs(move).max() < 1e-10:
            return b, fitted, information
    raise ConvergenceError(
        "no maximum", where="use curve", hint="a regressor separates use from non-use, or repeats one"
    )


def _regressor(margin: Array, form: Form) -> Array:
    if form == "margin":
        return margin
    if form == "log_margin":
        return np.log(margin)
    raise InputError(f"unknown form `{form}`", where="use curve", allowed="margin, log_margin")
