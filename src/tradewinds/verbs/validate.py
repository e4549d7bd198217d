"""`tradewinds validate`: check files; every fault at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from tradewinds.agreements.agreement import read_agreement
from tradewinds.core.errors import Faults, InputError, refuse
from tradewinds.core.files import read_toml
from tradewinds.core.language import say
from tradewinds.core.stamp import software
from tradewinds.report.document import Document, Listing
from tradewinds.scenarios.run import prepare_world
from tradewinds.scenarios.scenario import Case, read_scenario
from tradewinds.verbs.options import Hidden
from tradewinds.world.store import load_world


def validate(*path: Path, language: Annotated[str, Hidden] = "en") -> Document:
    """Check scenario, agreement and world files; every fault at once.

    Parameters
    ----------
    path
        Files ending in .toml or .npz; a scenario is checked together with its agreements on its world.
    """
    if not path:
        raise InputError("no file", where="validate", allowed="one or more .toml or .npz files")
    faults: list[InputError] = []
    found: list[tuple[str, str]] = []
    for each in path:
        try:
            found.append((str(each), check(each)))
        except Faults as error:
            faults += error.faults
        except InputError as error:
            faults.append(error)
    refuse(faults, where="validate")
    data = {"schema": "validation/1", "files": [{"file": f, "is": what} for f, what in found]}
    return Document(
        say("validate.title", language), say("validate.ok", language), language, (Listing(tuple(found)),),
        {"software": software()}, data,
    )  # fmt: skip


def check(path: Path) -> str:
    """What a valid file is, in a few words; InputError otherwise."""
    if path.suffix == ".npz":
        world = load_world(path)
        return f"world {world.name}, residual {max(world.residuals().values()):.1e}"
    if path.suffix != ".toml":
        raise InputError(f"file ending `{path.suffix}`", where=str(path), allowed=".toml, .npz")
    schema = str(read_toml(path).get("schema"))
    if schema == "agreement/1":
        agreement = read_agreement(path)
        return f"agreement {agreement.id}, {len(agreement.goods)} rows, last step {agreement.last_step()}"
    if schema == "scenario/1":
        case = Case(read_scenario(path), path.parent)
        world = prepare_world(case)
        for year in case.scenario.years:
            case.change(world, year)
        return f"scenario {case.scenario.id} on {world.name}"
    raise InputError(f"schema {schema!r}", where=str(path), allowed="agreement/1 or scenario/1")
