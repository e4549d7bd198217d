"""A World or a Result as a file for other tools: Parquet, NetCDF or a GEMPACK header array file.

Every writer puts the whole file in place at once or leaves what was there.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewinds.core.errors import InputError, unknown_label
from tradewinds.core.files import writing
from tradewinds.core.variables import Variable, axes, variable
from tradewinds.world.arrays import Array, Labelled
from tradewinds.world.har import NAME_LENGTH, HarArray, gempack_labels, write_har

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

#: Header (four characters) of each variable in a ``.har`` file. A variable that is not listed gets its initials and a
#: number. Sets: ``REGN`` regions, ``SECT`` sectors, ``ESET`` sets of elasticities. ``INFO`` says what the file is and
#: ``LABL`` which labels had to change to fit twelve ASCII characters.
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "trade_fob": "TFOB",
        "tariff_rate": "TARF",
        "input_use": "USES",
        "value_added": "VADD",
        "final_use": "FINL",
        "trade_elasticity": "ELAS",
        "trade_elasticity_sets": "ELSS",
        "tariff_new": "TNEW",
        "trade_cost_hat": "TCST",
        "productivity_hat": "PROD",
        "endowment_hat": "ENDW",
        "wage_hat": "WAGE",
        "price_hat": "PRIC",
        "cost_hat": "COST",
        "consumer_price_hat": "CPIH",
        "trade_fob_new": "TFBN",
        "output_new": "OUTN",
        "expenditure_new": "EXPN",
        "income_new": "INCN",
        "tariff_revenue_new": "TRVN",
        "tariff_revenue_change": "TRVC",
        "employment_hat": "EMPL",
        "capital_hat": "CAPI",
        "real_wage_hat": "RWAG",
        "real_income_hat": "RINC",
        "welfare_hat": "WELF",
        "welfare_first_order": "WEL1",
        "terms_of_trade_first_order": "TOT1",
        "trade_volume_first_order": "VOT1",
        "equivalent_variation": "EVAR",
        "real_gdp_hat": "RGDP",
        "export_volume_hat": "XVOL",
        "import_volume_hat": "MVOL",
        "export_value_hat": "XVAL",
        "import_value_hat": "MVAL",
        "output_volume_hat": "YVOL",
        "sector_output_hat": "SOUT",
        "sector_export_hat": "SEXP",
        "sector_import_hat": "SIMP",
    }
)
_SETS = {"region": "REGN", "sector": "SECT", "elasticity_set": "ESET"}
_STORY = (
    *("name", "world", "year", "model", "closure", "status", "residuals", "steps", "seconds"),
    *("adjustments", "absent", "assumptions", "stamp"),
)


def export(labelled: Labelled, path: str | Path) -> None:
    """Write every array of a World, Change or Result to ``path``, in the format its ending names.

    ``.parquet`` one long table, ``.nc`` NetCDF, ``.har`` GEMPACK header array. Raises
    :class:`~tradewinds.core.errors.InputError` for another ending or a place that cannot be written.
    """
    suffix = Path(path).suffix.casefold()
    if suffix not in WRITERS:
        raise unknown_label(suffix or Path(path).name, WRITERS, where=str(path), kind="file ending")
    WRITERS[suffix](labelled, path)


def story(labelled: Labelled) -> dict[str, str]:
    """What a file says of its origin besides the numbers (name, year, adjustments, model, residuals …), as text."""
    told: dict[str, str] = {}
    for key in _STORY:
        value = getattr(labelled, key, None)
        if value is not None and not callable(value) and value != () and value != {}:
            told[key] = value if isinstance(value, str) else json.dumps(_plain(value), ensure_ascii=False)
    rows = [row.as_dict() for row in getattr(labelled, "provenance", ())]
    if rows:
        told["provenance"] = json.dumps(rows, ensure_ascii=False)
    return told


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _specs(labelled: Labelled) -> Iterator[tuple[Variable, Array]]:
    for name, values in labelled.arrays.items():
        yield variable(name, where="export"), values


# ---------------------------------------------------------------------------------------------------- NetCDF


def write_netcdf(labelled: Labelled, path: str | Path) -> None:
    """Write a NetCDF-4 file: each variable on its labelled dims, with ``units``, ``long_name``, ``symbol`` and source.

    The attributes of the file tell the rest (:func:`story`). Raises :class:`~tradewinds.core.errors.InputError`.
    """
    import xarray as xr

    told = story(labelled)
    dataset = xr.Dataset({name: labelled.array(name) for name in labelled.arrays}, attrs=told)
    for name, array in dataset.data_vars.items():
        array.attrs["units"] = array.attrs["unit"]
        array.attrs["long_name"] = array.attrs["says"]
        rows = [row.as_dict() for row in getattr(labelled, "provenance", ()) if row.variable == name]
        if rows:
            array.attrs["provenance"] = json.dumps(rows, ensure_ascii=False)
    with writing(Path(path)) as part:
        dataset.to_netcdf(part, engine="h5netcdf")


def read_netcdf(path: str | Path) -> dict[str, xr.DataArray]:
    """The arrays of a file of :func:`write_netcdf`, by variable, with labels and attributes.

    Raises :class:`~tradewinds.core.errors.InputError` for a file that is missing, half-written or not NetCDF.
    """
    import xarray as xr

    try:
        dataset = xr.load_dataset(Path(path), engine="h5netcdf")
    except (OSError, ValueError) as fault:
        raise _unreadable("NetCDF", path, fault) from None
    return {str(name): array for name, array in dataset.data_vars.items()}


def _unreadable(kind: str, path: str | Path, fault: Exception) -> InputError:
    if not Path(path).is_file():
        return InputError("no such file", where=str(path))
    return InputError(
        f"not a whole {kind} file ({str(fault).splitlines()[0][:160]})", where=str(path), hint="write or copy it again"
    )


# --------------------------------------------------------------------------------------------------- Parquet


def write_parquet(labelled: Labelled, path: str | Path) -> None:
    """Write one long table: ``variable``, one column for each dim (empty where it has none), ``value``, ``unit``.

    Zeros are kept. The labels and :func:`story` lie in the file's key-value metadata. Raises
    :class:`~tradewinds.core.errors.InputError`.
    """
    import duckdb

    table = _long_table(labelled)
    notes = {**story(labelled), "labels": json.dumps({k: list(v) for k, v in labelled.labels.items()})}
    metadata = ", ".join(f"{key}: {_quoted(text)}" for key, text in notes.items())
    with writing(Path(path)) as part:
        try:
            with duckdb.connect() as base:
                base.register("long_table", table)
                base.execute(
                    f"COPY (SELECT * FROM long_table) TO {_quoted(str(part))}"
                    f" (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{metadata}}})"
                )
        except duckdb.IOException as fault:
            raise InputError(f"cannot write the file ({str(fault).splitlines()[0]})", where=str(path)) from None


def _quoted(text: str) -> str:
    """``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def _long_table(labelled: Labelled) -> pd.DataFrame:
    """All cells of all variables, one a row, labels as categories."""
    import pandas as pd

    specs = list(_specs(labelled))
    sizes = [values.size for _, values in specs]
    dims = [dim for dim in axes() if any(dim in spec.dims for spec, _ in specs)]
    which = np.repeat(np.arange(len(specs)), sizes)
    columns: dict[str, Any] = {"variable": pd.Categorical.from_codes(which, pd.Index([spec.name for spec, _ in specs]))}
    for dim in dims:
        codes = [_codes(dim, spec, values) for spec, values in specs]
        columns[dim] = pd.Categorical.from_codes(np.concatenate(codes), pd.Index(labelled.labels[axes()[dim]]))
    columns["value"] = np.concatenate([values.ravel() for _, values in specs])
    units = sorted({spec.unit for spec, _ in specs})
    unit_of = np.repeat(np.array([units.index(spec.unit) for spec, _ in specs], dtype=np.intp), sizes)
    columns["unit"] = pd.Categorical.from_codes(unit_of, pd.Index(units))
    return pd.DataFrame(columns)


def _codes(dim: str, spec: Variable, values: Array) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Position along ``dim`` of each cell in C order; −1 where the variable does not have it."""
    if dim not in spec.dims:
        return np.full(values.size, -1, dtype=np.intp)
    codes: np.ndarray[Any, np.dtype[np.intp]] = np.indices(values.shape)[spec.dims.index(dim)].ravel()
    return codes


def read_parquet(path: str | Path) -> dict[str, xr.DataArray]:
    """The arrays of a file of :func:`write_parquet`, by variable, with labels, unit and sentence.

    Raises :class:`~tradewinds.core.errors.InputError` for a file that is missing, half-written, without labels or with
    other than one value a cell.
    """
    import duckdb

    from tradewinds.world.arrays import as_dataarray, frozen, frozen_labels

    source = _quoted(str(path))
    try:
        with duckdb.connect() as base:
            pairs = base.execute(f"SELECT decode(key), decode(value) FROM parquet_kv_metadata({source})").fetchall()
            columns = base.execute(f"SELECT * FROM read_parquet({source})").fetchnumpy()
    except duckdb.Error as fault:
        raise _unreadable("Parquet", path, fault) from None
    stored = dict(pairs).get("labels")
    if stored is None or not {"variable", "value"} <= set(columns):
        raise InputError("the table carries no labels", where=str(path), allowed="a file of `write_parquet`")
    labels = frozen_labels(json.loads(stored))
    found: dict[str, xr.DataArray] = {}
    names = np.asarray(columns["variable"])
    for name in dict.fromkeys(names.tolist()):
        spec = variable(name, where=str(path))
        rows = np.flatnonzero(names == name)
        shape = tuple(len(labels[axes()[dim]]) for dim in spec.dims)
        cells = [_positions(np.asarray(columns[dim])[rows], labels[axes()[dim]], str(path)) for dim in spec.dims]
        values = np.full(shape, np.nan)
        flat = np.ravel_multi_index(cells, shape)
        if len(rows) != values.size or len(np.unique(flat)) != values.size:
            raise InputError(f"{len(rows)} rows of {name}", where=str(path), allowed=f"{values.size}, one a cell")
        values.flat[flat] = np.ma.filled(columns["value"][rows].astype(float), np.nan)
        found[name] = as_dataarray(name, frozen(values), labels)
    return found


def _positions(column: np.ndarray[Any, Any], names: tuple[str, ...], where: str) -> np.ndarray[Any, np.dtype[np.intp]]:
    place = {label: k for k, label in enumerate(names)}
    try:
        return np.fromiter((place[label] for label in column), dtype=np.intp, count=len(column))
    except KeyError as fault:
        raise unknown_label(str(fault.args[0]), names, where=where) from None


# ------------------------------------------------------------------------------------------------------- HAR


def write_har_file(labelled: Labelled, path: str | Path) -> None:
    """Write a GEMPACK header array file: the sets, then one ``RE`` header a variable (names in :data:`HEADERS`).

    Reals are kept to four bytes (seven digits). Labels longer than twelve ASCII characters, or that do not begin with a
    letter, are changed as :func:`~tradewinds.world.har.gempack_labels` does, each change listed in header ``LABL``.
    Raises :class:`~tradewinds.core.errors.InputError`.
    """
    used = [axis for axis in _SETS if any(axis in {axes()[d] for d in spec.dims} for spec, _ in _specs(labelled))]
    renamed = {axis: gempack_labels(labelled.labels[axis]) for axis in used}
    headers: dict[str, HarArray] = {"INFO": _text_header(_told(labelled), "Origin of this file")}
    for axis in used:
        headers[_SETS[axis]] = _text_header(list(renamed[axis].values()), f"Set {_SETS[axis]} {axis}")
    changed = [f"{axis} {new} = {_ascii(old)}" for axis in used for old, new in renamed[axis].items() if old != new]
    if changed:
        headers["LABL"] = _text_header(changed, "Labels that had to change: element = label")
    for spec, values in _specs(labelled):
        name = header_name(spec.name, taken=headers)
        headers[name] = HarArray(
            values=values,
            sets=tuple(_SETS[axes()[dim]] for dim in spec.dims),
            elements=tuple(tuple(renamed[axes()[dim]].values()) for dim in spec.dims),
            long_name=_ascii(f"{spec.name} [{spec.unit}] {spec.says}")[:70].strip(),
            coefficient=spec.name.upper() if len(spec.name) <= NAME_LENGTH else name,
        )
    write_har(path, headers)


def header_name(name: str, *, taken: Mapping[str, Any]) -> str:
    """The four-character header of a variable: the listed one, else its initials and a number that is free."""
    if name in HEADERS:
        return HEADERS[name]
    initials = "".join(word[0] for word in name.upper().split("_"))[:3]
    others = {*taken, *HEADERS.values()}
    return next(free for k in range(1000) if (free := f"{initials}{k}"[-4:].rjust(4, "X")) not in others)


def _text_header(lines: list[str], long_name: str) -> HarArray:
    return HarArray(np.array(lines, dtype=str), long_name=long_name[:70])


def _told(labelled: Labelled) -> list[str]:
    """The story in lines of at most 80 characters."""
    lines = [f"{key}: {_ascii(text)}" for key, text in story(labelled).items()] or ["no origin is stated"]
    return [piece for line in lines for k in range(0, len(line), 80) if (piece := line[k : k + 80]).strip()]


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("→", "->").replace("–", "-")).encode("ascii", "ignore").decode()
    return plain if plain.strip() else "?"


#: Writer of each file ending.
WRITERS = MappingProxyType({".parquet": write_parquet, ".nc": write_netcdf, ".har": write_har_file})
