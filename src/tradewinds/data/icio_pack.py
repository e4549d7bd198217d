"""The 2022 pack: OECD ICIO 2025 flows and input use, summed to 81 regions × 28 sectors, with applied tariffs.

Layout (NumPy ``.npz``): ``countries``, ``sectors``, ``X`` [exporter, importer, sector] million USD at basic prices with
the diagonal, ``tau`` [exporter, importer, sector] simple-average duties, ``use`` [region, input, user] at basic prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tradewinds.core.errors import InputError
from tradewinds.core.grades import Provenance
from tradewinds.data.input_output import InputOutput
from tradewinds.world.arrays import Array

SERVICES = "SVC"
ROW = "ROW"


@dataclass(frozen=True, slots=True)
class Pack:
    """The table and its duties [exporter, importer, sector]."""

    table: InputOutput
    tariff_rate: Array


def read_icio_pack(path: Path) -> Pack:
    """Read the pack; InputError when it is not one."""
    try:
        with np.load(path, allow_pickle=False) as held:
            regions = tuple(map(str, held["countries"]))
            sectors = tuple(map(str, held["sectors"]))
            trade, rate, use = (np.asarray(held[k], dtype=np.float64) for k in ("X", "tau", "use"))
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"not the 2022 pack ({error})", where=str(path)) from None
    services = sectors.index(SERVICES)
    told = []
    if (rate[:, :, services] != 0).any():
        told.append(
            f"Duties on services set to zero: at most {100 * rate[:, :, services].max():.2f} % in the source, "
            "an artefact of averaging."
        )
        rate[:, :, services] = 0.0
    measured = Provenance("trade_fob", "oecd-icio-2025", "measured", "basic prices; summed from 50 industries to 28")
    inputs = Provenance("input_use", "oecd-icio-2025", "measured", "all origins together, at landed prices")
    imputed = Provenance(
        "input_use", "oecd-icio-2025", "imputed", "structure of the rest of the world imputed", {"region": (ROW,)}
    )
    duties = Provenance(
        "tariff_rate", "teti-gtd", "interpolated", "simple averages of lines: they overstate where trade avoids duty"
    )
    none = Provenance("tariff_rate", "tradewinds", "assumed", "no duty on services", {"sector": (SERVICES,)})
    table = InputOutput(
        regions, sectors, 2022, trade, use,
        sources=(measured, inputs, imputed, duties, none), adjustments=tuple(told), name=str(path),
    )  # fmt: skip
    return Pack(table, rate)
