"""`tradewinds data icio` and `data wiod`: worlds from the publishers' own tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from tradewinds.core.errors import InputError
from tradewinds.core.grades import Provenance
from tradewinds.data.input_output import InputOutput, to_world
from tradewinds.data.long import read_elasticities, read_tariffs
from tradewinds.report.document import Document
from tradewinds.verbs.data import describe
from tradewinds.verbs.options import Hidden
from tradewinds.world.store import open_world, save_world


def icio(
    table: Path,
    /,
    *,
    to: Path,
    year: int | None = None,
    tariffs: Path | None = None,
    elasticity: float | Path = 4.0,
    name: str = "",
    language: Annotated[str, Hidden] = "en",
) -> Document:
    """Build a world from an OECD ICIO table (CSV, current layout).

    Parameters
    ----------
    table
        The publisher's file: .csv, .csv.gz or .zip.
    to
        The file to write (.npz).
    year
        The year, where the file's name does not tell.
    tariffs
        Your duties: exporter, importer, sector, tariff_rate (fractions); no duty otherwise, and the world says so.
    elasticity
        One number for all sectors, or a file: sector, trade_elasticity.
    name
        What to call the world.
    """
    from tradewinds.data.icio import read_icio

    return _built(read_icio(table, year=year), to, tariffs, elasticity, name or table.stem, language)


def wiod(
    table: Path,
    /,
    *,
    to: Path,
    year: int | None = None,
    tariffs: Path | None = None,
    elasticity: float | Path = 4.0,
    name: str = "",
    language: Annotated[str, Hidden] = "en",
) -> Document:
    """Build a world from a WIOD table (release of 2013).

    Parameters
    ----------
    table
        The published workbook (.xlsx).
    to
        The file to write (.npz).
    year
        The year, where the file does not tell.
    tariffs
        Your duties: exporter, importer, sector, tariff_rate (fractions); no duty otherwise, and the world says so.
    elasticity
        One number for all sectors, or a file: sector, trade_elasticity.
    name
        What to call the world.
    """
    from tradewinds.data.wiod import read_wiod

    return _built(read_wiod(table, year=year), to, tariffs, elasticity, name or table.stem, language)


def _built(
    table: InputOutput, to: Path, tariffs: Path | None, elasticity: float | Path, name: str, language: str
) -> Document:
    if to.suffix != ".npz":
        raise InputError(f"file ending `{to.suffix}`", where="--to", allowed=".npz")
    given = isinstance(elasticity, Path)
    theta = read_elasticities(elasticity, table.sectors) if isinstance(elasticity, Path) else elasticity
    said = [Provenance("trade_elasticity", "user", "measured" if given else "assumed", "" if given else "one number")]
    if tariffs is not None:
        said.append(Provenance("tariff_rate", "user", "measured", tariffs.name))
    world = to_world(
        table,
        name=name,
        trade_elasticity=theta,
        tariff_rate=None if tariffs is None else read_tariffs(tariffs, table.regions, table.sectors),
        provenance=said,
    )
    save_world(world, to)
    return describe(open_world(str(to)), language)
