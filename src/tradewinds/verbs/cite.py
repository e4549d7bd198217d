"""`tradewinds cite`: BibTeX for the model and elasticities of a case, and its data sources."""

from __future__ import annotations

from typing import Annotated

from tradewinds.core.sources import bibtex, source, works
from tradewinds.core.stamp import software
from tradewinds.models import MODELS, model
from tradewinds.report.document import Block, Document, Source, Sources, Verbatim
from tradewinds.scenarios.run import prepare_world
from tradewinds.scenarios.scenario import open_case
from tradewinds.verbs.options import Hidden


def cite(case: str, /, *, language: Annotated[str, Hidden] = "en") -> Document:
    """What to cite for a case: model, elasticities, data.

    Parameters
    ----------
    case
        A case by name or by the path of its scenario file.
    """
    opened = open_case(case)
    world = prepare_world(opened)
    keys = [key for name in MODELS for key in model(name).cites]
    keys += [name for name in world.labels["elasticity_set"] if name in works()]
    keys = list(dict.fromkeys(keys))
    ids = list(dict.fromkeys([p.source for p in world.provenance] + [p.source for p in opened.scenario.published]))
    blocks: list[Block] = [
        Verbatim("\n\n".join(bibtex(key) for key in keys)),
        Sources(tuple(Source(row.cite, row.licence, row.vintage) for row in map(source, ids))),
    ]
    data = {"schema": "citation/1", "bibtex": {k: bibtex(k) for k in keys}, "sources": {i: source(i).cite for i in ids}}
    title = opened.scenario.title[language]
    return Document(title, "BibTeX", language, tuple(blocks), {"software": software()}, data)
