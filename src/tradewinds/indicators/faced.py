"""What an origin faces in a market, line by line: the standing rate, and the lowest it may claim."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from tradewinds.core.errors import InputError
from tradewinds.world.lines import Lines
from tradewinds.world.lines.regimes import serving


def rates_faced(lines: Lines, *, importer: str, exporter: str, on: dt.date) -> pd.DataFrame:
    """One row a line with ``standing`` (provisional where there is one, else MFN), ``best`` and its ``regime``.

    Fractions; only rates that are a share of the value count, and a line whose standing rate is none of them is NaN in
    ``standing``. ``exporter`` blank gives the standing rates alone. Raises InputError where nothing is in force.
    """
    rates = lines.select(importer=importer, on=on, role="applied").rates
    if not len(rates):
        raise InputError(f"no tariff of {importer} on {on}", where=lines.name)
    simple = rates[rates["kind"].isin(["ad_valorem", "free"]) & rates["understood"]]
    frame = pd.DataFrame(
        {
            "line": simple["line"].astype(str).to_numpy(),
            "regime": simple["regime"].astype(str).to_numpy(),
            "group": simple["group"].astype(str).to_numpy(),
            "rate": np.where(simple["kind"].astype(str) == "free", 0.0, simple["rate"]),
        }
    )
    every = pd.Index(rates["line"].astype(str).unique(), name="line")
    provisional = _lowest(frame[frame["regime"] == "provisional"])
    standing = provisional.combine_first(_lowest(frame[frame["regime"] == "mfn"])).reindex(every)
    claims = {(r.id, r.group) for r in serving(importer, exporter, on)} if exporter else set()
    keys = list(zip(frame["regime"], frame["group"], strict=True))
    offered = frame[np.array([key in claims for key in keys], dtype=bool)] if claims else frame.iloc[:0]
    lowest = offered.sort_values("rate", kind="stable").drop_duplicates("line").set_index("line").reindex(every)
    better = lowest["rate"].notna() & (standing.isna() | (lowest["rate"] < standing))
    best = standing.where(~better, lowest["rate"])
    regime = pd.Series("standing", every).where(~better, lowest["regime"])
    return pd.DataFrame({"standing": standing, "best": best, "regime": regime}).reset_index()


def _lowest(frame: pd.DataFrame) -> pd.Series:
    return frame.groupby("line")["rate"].min()
