"""`tradewinds data`: worlds, from raw tables to files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from tradewinds.core.errors import InputError, unknown_label
from tradewinds.core.language import say
from tradewinds.core.sources import source
from tradewinds.core.stamp import fingerprint, software
from tradewinds.report.document import Block, Cell, Column, Document, Heading, Listing, Source, Sources, Table
from tradewinds.verbs.options import Hidden
from tradewinds.world.store import embedded, open_world, save_world
from tradewinds.world.world import World


def worlds(*, language: Annotated[str, Hidden] = "en") -> Document:
    """The worlds and cases in this installation."""
    from tradewinds.scenarios.scenario import library, open_case

    rows: list[dict[str, Cell]] = []
    for name in ("toy3", *embedded()):
        world = open_world(name)
        rows.append({"name": name, "year": world.year, "regions": len(world.regions), "sectors": len(world.sectors)})
    cases: list[dict[str, Cell]] = []
    for name in library():
        scenario = open_case(name).scenario
        cases.append({"name": name, "question": scenario.question[language]})
    blocks: list[Block] = [
        Table(
            say("data.worlds", language),
            (
                Column("name", say("column.name", language)),
                Column("year", say("column.year", language)),
                Column("regions", say("column.regions", language), "number", "", 0),
                Column("sectors", say("column.sectors", language), "number", "", 0),
            ),
            tuple({**row, "year": str(row["year"])} for row in rows),
            name="worlds",
        ),
        Table(
            say("data.cases", language),
            (Column("name", say("column.name", language)), Column("question", say("column.question", language))),
            tuple(cases),
            name="cases",
        ),
    ]
    data = {"schema": "worlds/1", "worlds": rows, "cases": cases}
    return Document(say("data.title", language), "", language, tuple(blocks), {"software": software()}, data)


def show(world: str, /, *, language: Annotated[str, Hidden] = "en") -> Document:
    """A world: size, totals, origins, what was changed to balance it.

    Parameters
    ----------
    world
        A world by name, or the path of a .npz file.
    """
    return describe(open_world(world), language)


def describe(world: World, language: str) -> Document:
    """The document of a world."""
    trade, rate = world.values("trade_fob"), world.values("tariff_rate")
    home = sum(float(trade[i, i].sum()) for i in range(len(world.regions)))
    totals = {
        "trade": float(trade.sum()) - home,
        "output": float(trade.sum()),
        "value_added": float(world.values("value_added").sum()),
        "duty": float((trade * rate).sum()),
        "residual": max(world.residuals().values()),
    }
    origins = tuple(
        {
            "variable": p.variable,
            "where": "; ".join(f"{d}: {', '.join(v)}" for d, v in p.where.items()),
            "source": p.source,
            "grade": p.grade,
            "note": p.note,
        }
        for p in world.provenance
    )
    blocks: list[Block] = [
        Listing(
            (
                (say("column.regions", language), str(len(world.regions))),
                (say("column.sectors", language), str(len(world.sectors))),
                *(
                    (say(f"data.{k}", language), f"{v:,.0f} {say('unit.musd', language)}")
                    for k, v in totals.items()
                    if k != "residual"
                ),
                (say("data.residual", language), f"{totals['residual']:.1e}"),
            )
        ),
        Table(
            say("data.origins", language),
            tuple(Column(k, say(f"column.{k}", language)) for k in ("variable", "where", "source", "grade", "note")),
            origins,
            name="origins",
        ),
        Heading(say("brief.adjustments", language)),
        Listing(tuple(("", a) for a in world.adjustments)),
        Sources(
            tuple(
                Source(row.cite, row.licence, row.vintage)
                for row in map(source, dict.fromkeys(p.source for p in world.provenance))
            )
        ),
    ]
    data: dict[str, Any] = {
        "schema": "world-description/1",
        "name": world.name,
        "year": world.year,
        "regions": list(world.regions),
        "sectors": list(world.sectors),
        "totals": totals,
        "residuals": world.residuals(),
        "origins": list(origins),
        "adjustments": list(world.adjustments),
    }
    stamp = {"software": software(), "world": f"{world.name} {fingerprint(world.arrays)}"}
    return Document(world.name, str(world.year), language, tuple(blocks), stamp, data)


def build(name: str, /, *, raw: Path | None = None, to: Path, language: Annotated[str, Hidden] = "en") -> Document:
    """Build a world from raw tables.

    Parameters
    ----------
    name
        world-2022 or world-2011.
    raw
        The folder of raw tables; $TRADEWINDS_RAW otherwise.
    to
        The file to write (.npz).
    """
    from tradewinds.data.build import build as build_world

    folder = raw or (Path(os.environ["TRADEWINDS_RAW"]) if "TRADEWINDS_RAW" in os.environ else None)
    if folder is None:
        raise InputError("no raw tables", where="data build", allowed="--raw DIR or $TRADEWINDS_RAW")
    return describe(build_world(name, folder, _npz(to)), language)


def load(
    flows: Path,
    /,
    *,
    inputs: Path,
    elasticities: Path,
    name: str,
    year: int,
    to: Path,
    language: Annotated[str, Hidden] = "en",
) -> Document:
    """Build a world from your own long tables (CSV or Parquet).

    Parameters
    ----------
    flows
        Columns exporter, importer, sector, value (million USD, duty not included, sales at home too) and, if you
        have it, tariff_rate (fraction).
    inputs
        Columns region, input_sector, sector, value.
    elasticities
        Columns sector, trade_elasticity.
    name
        What to call the world.
    year
        Its year.
    to
        The file to write (.npz).
    """
    from tradewinds.data.long import read_long

    world = read_long(flows=flows, inputs=inputs, elasticities=elasticities, name=name, year=year)
    save_world(world, _npz(to))
    return describe(open_world(str(to)), language)


def aggregate(
    world: str, mapping: Path, /, *, to: Path, name: str = "", language: Annotated[str, Hidden] = "en"
) -> Document:
    """Merge economies and sectors of a world by a mapping file.

    Parameters
    ----------
    world
        A world by name or path.
    mapping
        TOML ([regions] and [sectors]: group = [labels]) or CSV (axis,label,group).
    to
        The file to write (.npz).
    name
        What to call the result.
    """
    from tradewinds.world.aggregate import aggregate as merge
    from tradewinds.world.aggregate import read_mapping

    wanted = read_mapping(mapping)
    small = merge(open_world(world), regions=wanted.regions, sectors=wanted.sectors, name=name or mapping.stem)
    save_world(small, _npz(to))
    return describe(open_world(str(to)), language)


def export(
    source_name: str, to: Path, /, *, closure: str = "headline", language: Annotated[str, Hidden] = "en"
) -> Document:
    """Write a world, or the result of a case, to Parquet, NetCDF or GEMPACK .har (by the ending of the file).

    Parameters
    ----------
    source_name
        A world or a case by name or path.
    to
        The file to write: .parquet, .nc or .har.
    closure
        For a case: headline, deficits_removed, long_run or real_wage.
    """
    from tradewinds.models.caliendo_parro import CaliendoParro
    from tradewinds.models.closure import closure as closure_named
    from tradewinds.scenarios.run import prepare_world
    from tradewinds.scenarios.scenario import assumed_of, library, open_case
    from tradewinds.world.export import export as write

    if not to.parent.is_dir():
        raise InputError(f"no folder {to.parent}", where=str(to), hint="create the folder first")
    if source_name in library() or source_name.endswith(".toml") or Path(source_name).is_dir():
        case = open_case(source_name)
        world = prepare_world(case)
        chosen = closure_named(closure, parties=case.scenario.parties, assumed=assumed_of(case.scenario))
        write(CaliendoParro(chosen).solve(world, case.change(world, case.scenario.years[-1])), to)
    else:
        write(open_world(source_name), to)
    items = ((str(to), f"{to.stat().st_size:,} bytes"),)
    data = {"schema": "export/1", "file": str(to), "bytes": to.stat().st_size}
    return Document(
        source_name, say("data.written", language), language, (Listing(items),), {"software": software()}, data
    )


def copy(case: str, to: Path, /, *, language: Annotated[str, Hidden] = "en") -> Document:
    """Copy a case of the package into a folder of yours, to change and run again.

    Parameters
    ----------
    case
        A case by name.
    to
        The folder to make; it must not exist yet.
    """
    from importlib.resources import files

    from tradewinds.core.files import writing
    from tradewinds.scenarios.scenario import library, open_case

    if case not in library():
        raise unknown_label(case, library(), where="cases", kind="case")
    if to.exists():
        raise InputError("exists already", where=str(to), allowed="a folder that is not there yet")
    opened = open_case(case)
    to.mkdir(parents=True)
    rooms = {"scenario.toml": ("tradewinds.scenarios", f"{case}.toml")}
    rooms |= {f"{name}.toml": ("tradewinds.agreements", f"{name}.toml") for name in opened.agreements}
    for name, (room, file) in rooms.items():
        with writing(to / name) as temporary:
            temporary.write_bytes(files(room).joinpath("library", file).read_bytes())
    items = tuple((str(to / name), opened.scenario.title[language]) for name in rooms)
    data = {"schema": "copy/1", "case": case, "files": [str(to / name) for name in rooms]}
    return Document(str(to), say("data.written", language), language, (Listing(items),), {"software": software()}, data)


def _npz(path: Path) -> Path:
    if path.suffix != ".npz":
        raise InputError(f"file ending `{path.suffix}`", where="--to", allowed=".npz")
    return path
