"""`tradewinds assess`: the main job."""

from __future__ import annotations

from typing import Annotated

from tradewinds.core.errors import InputError
from tradewinds.report.brief import brief
from tradewinds.report.document import Document
from tradewinds.scenarios.run import Progress, replace_scenario
from tradewinds.scenarios.run import assess as run_case
from tradewinds.scenarios.scenario import open_case
from tradewinds.verbs.options import Hidden, check_draws


def assess(
    case: str,
    /,
    *,
    draws: int = 100,
    seed: int = 2022,
    year: list[int] | None = None,
    language: Annotated[str, Hidden] = "en",
    progress: Annotated[Progress | None, Hidden] = None,
) -> Document:
    """What an agreement would do, to whom, when, and how sure we are.

    Parameters
    ----------
    case
        A case by name (`tradewinds data list` shows them), or the path of your own scenario file.
    draws
        Elasticity draws behind the ranges; the published sets are the first of them.
    seed
        Seed of the draws; the same seed gives the same ranges.
    year
        Years to report instead of the case's own (repeat the option).
    """
    if seed < 0:
        raise InputError(f"seed {seed}", where="--seed", allowed="zero or more")
    opened = open_case(case)
    if year:
        opened = replace_scenario(opened, years=sorted(set(year)))
    return brief(run_case(opened, draws=check_draws(draws), seed=seed, progress=progress), language)
