"""Worlds on disk: one compact file each, single precision, exact again on loading.

A file holds the free arrays (trade, duty, input use, elasticities) and the statements about them; value added and final
use are residuals, so a loaded world balances to rounding whatever the precision of the file.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from tradewinds.core.errors import InputError, unknown_label
from tradewinds.core.files import writing
from tradewinds.core.grades import Provenance
from tradewinds.world.arrays import Array
from tradewinds.world.toy import toy_world
from tradewinds.world.world import World

SCHEMA = "world/1"
#: What reading a damaged archive may raise.
BROKEN = (
    OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, NotImplementedError, RuntimeError, zlib.error,
    zipfile.BadZipFile,
)  # fmt: skip
_FREE = ("trade_fob", "tariff_rate", "input_use")


def save_world(world: World, path: Path) -> World:
    """Write ``world`` to ``path`` and return the world as it will be loaded (numbers rounded to single precision)."""
    rounded = single_precision(world)
    meta = {
        "schema": SCHEMA,
        "name": world.name,
        "year": world.year,
        "labels": {axis: list(names) for axis, names in world.labels.items()},
        "provenance": [p.as_dict() for p in world.provenance],
        "adjustments": list(world.adjustments),
        "attributes": dict(world.attributes),
    }
    arrays: dict[str, Any] = {name: rounded.values(name).astype(np.float32) for name in _FREE}
    arrays["trade_elasticity"] = rounded.values("trade_elasticity")
    if "trade_elasticity_sets" in rounded:
        arrays["trade_elasticity_sets"] = rounded.values("trade_elasticity_sets")
    with writing(path) as temporary, temporary.open("wb") as out:
        np.savez_compressed(out, meta=np.array(json.dumps(meta, ensure_ascii=False)), **arrays)
    return rounded


def load_world(path: Path) -> World:
    """Read a world written by :func:`save_world`; InputError for any other or a broken file."""
    try:
        with Path(path).open("rb") as opened, np.load(opened, allow_pickle=False) as held:
            meta = json.loads(str(held["meta"]))
            arrays = {name: np.asarray(held[name], dtype=np.float64) for name in held.files if name != "meta"}
        if meta.get("schema") != SCHEMA:
            raise InputError(f"schema {meta.get('schema')}", where=str(path), allowed=SCHEMA)
        return _built(meta, arrays)
    except FileNotFoundError:
        raise InputError("no such file", where=str(path)) from None
    except BROKEN as error:
        raise InputError(
            f"not a world file, or only half of one ({error})",
            where=str(path),
            allowed=f"a file written by `tradewinds data build` (schema {SCHEMA})",
        ) from None


def _built(meta: Mapping[str, Any], arrays: Mapping[str, Array]) -> World:
    sets = arrays.get("trade_elasticity_sets")
    return World.build(
        meta["name"],
        year=meta["year"],
        regions=meta["labels"]["region"],
        sectors=meta["labels"]["sector"],
        **{name: arrays[name] for name in _FREE},
        trade_elasticity=arrays["trade_elasticity"],
        elasticity_sets=None if sets is None else dict(zip(meta["labels"]["elasticity_set"], sets, strict=True)),
        provenance=[Provenance.from_dict(row) for row in meta["provenance"]],
        adjustments=meta["adjustments"],
        attributes=meta["attributes"],
    )


def single_precision(world: World) -> World:
    """The same world with numbers of seven digits; inputs give way where a residual would turn negative."""
    trade, rate = _single(world.values("trade_fob")), _single(world.values("tariff_rate"))
    use = _single(world.values("input_use"))
    output, landed = trade.sum(axis=1), (trade * (1 + rate)).sum(axis=0)
    for _ in range(50):
        short = output < use.sum(axis=1)
        lean = landed < use.sum(axis=2)
        if not short.any() and not lean.any():
            break
        use = _single(use * np.where(short, 1 - 3e-7, 1.0)[:, None, :] * np.where(lean, 1 - 3e-7, 1.0)[:, :, None])
    return World.build(
        world.name,
        year=world.year,
        regions=world.regions,
        sectors=world.sectors,
        trade_fob=trade,
        tariff_rate=rate,
        input_use=use,
        trade_elasticity=world.values("trade_elasticity"),
        elasticity_sets=_sets(world),
        provenance=world.provenance,
        adjustments=world.adjustments,
        attributes=world.attributes,
    )


def _sets(world: World) -> dict[str, Array] | None:
    if "trade_elasticity_sets" not in world:
        return None
    return dict(zip(world.labels["elasticity_set"], world.values("trade_elasticity_sets"), strict=True))


def _single(values: Array) -> Array:
    return values.astype(np.float32).astype(np.float64)


def embedded() -> tuple[str, ...]:
    """Names of the worlds inside the package."""
    room = files("tradewinds.world").joinpath("embedded")
    return tuple(sorted(f.name.removesuffix(".npz") for f in room.iterdir() if f.name.endswith(".npz")))


def open_world(name: str) -> World:
    """A world by name (embedded, or ``toy3``) or by path to a ``.npz`` file.

    >>> open_world("toy3").sectors
    ('food', 'machines')
    """
    if name == "toy3":
        return toy_world()
    if name in embedded():
        return load_world(Path(str(files("tradewinds.world").joinpath("embedded", f"{name}.npz"))))
    if name.endswith(".npz"):
        return load_world(Path(name))
    raise unknown_label(name, ("toy3", *embedded()), where="world", kind="world")
