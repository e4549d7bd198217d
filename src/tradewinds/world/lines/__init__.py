"""`Lines`: dated, cited tariff lines. Two tables in one object: what the lines are, and the rates on them.

``goods`` has one row a line (a part of a line where the schedule splits it, ``ex``; a season where it divides the
year), ``rates`` one row for each line, regime, group of origins, role and period. Columns are declared in
:mod:`~tradewinds.world.lines.schema`. Codes are text, always. A rate keeps the words of its source beside what was
understood of them; the whole duty is ``parse_duty(text, dialect=dialect)``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tradewinds.core.errors import refuse
from tradewinds.world.duty import DIALECTS, not_understood, parse_duty, summary
from tradewinds.world.duty.value import in_season
from tradewinds.world.lines import store
from tradewinds.world.lines.check import faults_of_lines
from tradewinds.world.lines.schema import GOODS, KEY, LANGUAGES, RATES, Column

#: Columns that follow from the words of a rate.
_PARSED = ("kind", "understood", "bracketed", "rate", "amount", "currency", "duty_unit", "per")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Lines:
    """Tariff lines of one or more importers; see the module's text. Build with :meth:`build` or :meth:`load`.

    ``attributes`` say what the table is (``title``), what it lacks (``lacks``), and may name ``groups``: own regimes
    with their members. Refuses to exist when wrong, listing all faults: codes that are not digits, two rates for one
    line, regime and date, overlapping dates, negative rates, unknown regimes, sources, grades and roles.
    """

    name: str
    _goods: pd.DataFrame
    _rates: pd.DataFrame
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        name: str,
        goods: Sequence[Mapping[str, Any]] | pd.DataFrame,
        rates: Sequence[Mapping[str, Any]] | pd.DataFrame,
        *,
        attributes: Mapping[str, Any] | None = None,
    ) -> Lines:
        """From rows or frames with the declared columns (those left out are blank); reads the words of every rate."""
        held = _typed(pd.DataFrame(goods), GOODS)
        charged = _read_duties(_typed(pd.DataFrame(rates), RATES, skip=_PARSED))
        made = cls(name, held, charged, dict(attributes or {}))
        refuse(faults_of_lines(held, charged, made.attributes, where=name), where=name)
        return made

    @property
    def goods(self) -> pd.DataFrame:
        """What the lines are, a row each (a copy that shares memory)."""
        return self._goods.copy(deep=False)

    @property
    def rates(self) -> pd.DataFrame:
        """The rates, a row each (a copy that shares memory)."""
        return self._rates.copy(deep=False)

    def __len__(self) -> int:
        return len(self._goods)

    def select(
        self,
        codes: str | Sequence[str] | None = None,
        *,
        importer: str | None = None,
        regime: str | Sequence[str] | None = None,
        on: dt.date | None = None,
        role: str | None = None,
    ) -> Lines:
        """The lines whose code starts with one of ``codes``, with the rates of ``regime`` that hold ``on`` a date.

        Lines without such a rate stay. A season that does not contain the date goes, with its rates.
        """
        goods, rates = self._goods, self._rates
        here, there = np.ones(len(goods), bool), np.ones(len(rates), bool)
        if codes is not None:
            prefixes = (codes,) if isinstance(codes, str) else tuple(codes)
            here &= _starts(goods["line"], prefixes)
            there &= _starts(rates["line"], prefixes)
        if importer is not None:
            here &= _among(goods["importer"], (importer,))
            there &= _among(rates["importer"], (importer,))
        if regime is not None:
            there &= _among(rates["regime"], (regime,) if isinstance(regime, str) else tuple(regime))
        if role is not None:
            there &= _among(rates["role"], (role,))
        if on is not None:
            here &= _in_season(goods["season"], on)
            there &= _in_season(rates["season"], on) & _valid(rates, on)
        return Lines(self.name, goods[here], rates[there], self.attributes)

    def descriptions(self) -> pd.DataFrame:
        """Line, part, season and the descriptions in the languages the source has."""
        spoken = [f"description_{lang}" for lang in LANGUAGES if (self._goods[f"description_{lang}"] != "").any()]
        return self._goods[[*KEY, *spoken]].copy()

    def save(self, path: Path) -> None:
        """Write one Parquet file (a row a line, its rates nested), whole or not at all."""
        meta = {"schema": store.SCHEMA, "name": self.name, "attributes": dict(self.attributes)}
        store.write(Path(path), self._goods, self._rates, meta, key=KEY, dates=("valid_from", "valid_to"))

    @classmethod
    def load(cls, path: Path) -> Lines:
        """Read a file written by :meth:`save`; InputError for any other, and for half of one."""
        goods, rates, meta = store.read(Path(path), tuple(GOODS), tuple(RATES), key=KEY)
        held = _typed(goods, GOODS)
        charged = _typed(rates, RATES)
        return cls(str(meta["name"]), held, charged, meta.get("attributes", {}))


def _typed(frame: pd.DataFrame, columns: Mapping[str, tuple[Column, str]], skip: Sequence[str] = ()) -> pd.DataFrame:
    """The declared columns in order and type; those not given are blank. Unknown columns are kept for the check."""
    typed: dict[str, Any] = {}
    for name, (kind, _) in columns.items():
        if name in skip:
            continue
        given = frame.get(name)
        typed[name] = _column(given, kind, len(frame), blank="applied" if name == "role" else "")
    typed |= {str(name): frame[name] for name in frame if name not in columns}
    return pd.DataFrame(typed, index=pd.RangeIndex(len(frame)))


def _column(given: Any, kind: Column, size: int, *, blank: str) -> Any:
    if kind == "label":
        if given is None:
            return pd.Categorical([blank]).take(np.zeros(size, np.intp))
        if isinstance(given.dtype, pd.CategoricalDtype):
            return given.array
        return pd.Categorical(given.fillna(blank).astype(str))
    if kind == "words":
        return np.full(size, "", object) if given is None else given.fillna("").astype(object).to_numpy()
    if kind == "number":
        return np.full(size, np.nan) if given is None else pd.to_numeric(given, errors="raise").to_numpy(np.float64)
    if kind == "truth":
        return np.zeros(size, bool) if given is None else given.to_numpy(bool)
    if given is None:
        return np.full(size, np.datetime64("NaT"), "datetime64[s]")
    return pd.to_datetime(given).to_numpy().astype("datetime64[s]")


def _read_duties(rates: pd.DataFrame) -> pd.DataFrame:
    """Fill the columns that follow from the words, once for each distinct text and dialect."""
    texts, dialects = rates["text"].cat, rates["dialect"].cat
    pair = dialects.codes.to_numpy().astype(np.int64) * max(1, len(texts.categories)) + texts.codes.to_numpy()
    distinct, where = np.unique(pair, return_inverse=True)
    rows = []
    for one in distinct:
        dialect, text = divmod(int(one), max(1, len(texts.categories)))
        rows.append(_understood(str(texts.categories[text]), str(dialects.categories[dialect])))
    table = pd.DataFrame(rows, columns=list(_PARSED))
    parsed = {name: _typed(table, {name: RATES[name]})[name].take(where).array for name in _PARSED}
    return pd.DataFrame({name: parsed[name] if name in parsed else rates[name] for name in [*RATES, *_beyond(rates)]})


def _beyond(rates: pd.DataFrame) -> list[str]:
    return [str(name) for name in rates if name not in RATES]


def _understood(text: str, dialect: str) -> tuple[Any, ...]:
    duty = parse_duty(text, dialect=dialect) if dialect in DIALECTS else not_understood(text)
    rate, amount, currency, unit, per = summary(duty)
    nan = float("nan")
    return (
        duty.kind,
        duty.understood,
        duty.bracketed,
        nan if rate is None else rate,
        nan if amount is None else amount,
        currency,
        unit,
        per,
    )


def _starts(column: pd.Series[Any], prefixes: tuple[str, ...]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    known = np.array([str(code).startswith(prefixes) for code in column.cat.categories], bool)
    return _by_code(column, known)


def _among(column: pd.Series[Any], names: tuple[str, ...]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return _by_code(column, np.array([name in names for name in column.cat.categories], bool))


def _by_code(column: pd.Series[Any], known: np.ndarray[Any, np.dtype[np.bool_]]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return known[column.cat.codes.to_numpy()] if len(known) else np.zeros(len(column), bool)


def _in_season(column: pd.Series[Any], on: dt.date) -> np.ndarray[Any, np.dtype[np.bool_]]:
    inside = [not s or in_season(on, *str(s).split("..")) for s in column.cat.categories]
    return _by_code(column, np.array(inside, bool))


def _valid(rates: pd.DataFrame, on: dt.date) -> np.ndarray[Any, np.dtype[np.bool_]]:
    day = np.datetime64(on, "s")
    start, end = rates["valid_from"].to_numpy(), rates["valid_to"].to_numpy()
    return (start <= day) & (np.isnat(end) | (end >= day))  # type: ignore[no-any-return]
