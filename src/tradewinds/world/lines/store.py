"""Tariff lines on disk: one Parquet file, a row a line with its rates nested, written and read through DuckDB."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tradewinds.core.errors import InputError
from tradewinds.core.files import writing

SCHEMA = "lines/1"
_META = "tradewinds"


def write(
    path: Path,
    goods: pd.DataFrame,
    rates: pd.DataFrame,
    meta: Mapping[str, Any],
    *,
    key: Sequence[str],
    dates: Sequence[str],
) -> None:
    """Write the two tables; the bytes depend on the content only."""
    import duckdb

    order = ", ".join(key)
    fields = [str(name) for name in rates if name not in key]
    struct = ", ".join(f"'{n}': {n}::DATE" if n in dates else f"'{n}': {_plain(rates, n)}" for n in fields)
    said = json.dumps(meta, ensure_ascii=False, sort_keys=True, default=str).replace("'", "''")
    columns = ", ".join(f"{_plain(goods, str(n))} AS {n}" for n in goods)
    with writing(path) as temporary, duckdb.connect(config={"threads": 1}) as base:
        base.register("goods", goods)
        base.register("rates", rates.assign(_row=range(len(rates))))
        base.execute(
            f"""COPY (
                SELECT held.*, charged.rates FROM (SELECT {columns} FROM goods) held LEFT JOIN (
                    SELECT {", ".join(f"{_plain(rates, k)} AS {k}" for k in key)},
                           list({{{struct}}} ORDER BY _row) AS rates
                    FROM rates GROUP BY ALL) charged USING ({order})
                ORDER BY {order}
            ) TO '{_quoted(temporary)}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 15,
                KV_METADATA {{{_META}: '{said}'}})"""
        )


def _plain(frame: pd.DataFrame, name: str) -> str:
    if isinstance(frame[name].dtype, pd.CategoricalDtype) or frame[name].dtype == object:
        return f'"{name}"::VARCHAR'
    return f'"{name}"'


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def read(
    path: Path, goods: Sequence[str], rates: Sequence[str], *, key: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame, Mapping[str, Any]]:
    """The two tables and what is said about them; InputError for a file that is not whole or not ours."""
    import duckdb

    if not path.is_file():
        raise InputError("no such file", where=str(path))
    place = f"read_parquet('{_quoted(path)}')"
    try:
        with duckdb.connect() as base:
            meta = _meta(base, path)
            base.execute(f"CREATE TEMP TABLE held AS FROM {place}")
            held = _frame(base, "held", list(goods), base.sql("SELECT * EXCLUDE (rates) FROM held").columns)
            fields = [n for n in rates if n not in key]
            inner = ", ".join(f"one.{n} AS {n}" for n in fields)
            base.execute(
                f"CREATE TEMP TABLE charged AS SELECT {', '.join(key)}, {inner} "
                f"FROM (SELECT {', '.join(key)}, unnest(rates) AS one FROM held)"
            )
            charged = _frame(base, "charged", rates, rates)
    except (duckdb.Error, KeyError, ValueError) as fault:
        said = (str(fault).splitlines() or [""])[0][:160]
        raise InputError(
            f"not a file of tariff lines, or only half of one ({said})",
            where=str(path),
            allowed=f"a file written by `tradewinds tariff build` (schema {SCHEMA})",
        ) from None
    return held, charged, meta


def _meta(base: Any, path: Path) -> Mapping[str, Any]:
    rows = base.execute(f"SELECT key, value FROM parquet_kv_metadata('{_quoted(path)}')").fetchall()
    said = {bytes(k).decode(): bytes(v).decode() for k, v in rows}
    meta: Mapping[str, Any] = json.loads(said.get(_META, "{}"))
    if meta.get("schema") != SCHEMA:
        raise ValueError(f"schema {meta.get('schema')}")
    return meta


def _frame(base: Any, table: str, wanted: Sequence[str], present: Sequence[str]) -> pd.DataFrame:
    """A table as a frame; columns of few distinct words come as categories, without copying each word."""
    types = dict(base.execute(f"SELECT column_name, column_type FROM (DESCRIBE {table})").fetchall())
    missing = [n for n in wanted if n not in present or n not in types]
    if missing:
        raise ValueError(f"no column {', '.join(missing)}")
    told = []
    for name in wanted:
        if types[name] == "VARCHAR" and not name.startswith(("description", "origin", "quota")):
            kind = f"{table}_{name}"
            base.execute(f'CREATE TYPE {kind} AS ENUM (SELECT DISTINCT "{name}" FROM {table} ORDER BY 1)')
            told.append(f'"{name}"::{kind} AS "{name}"')
        else:
            told.append(f'"{name}"')
    frame: pd.DataFrame = base.execute(f"SELECT {', '.join(told)} FROM {table}").df()
    return frame
