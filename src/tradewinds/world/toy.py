"""`toy3`: three economies, two sectors; small enough to check by hand, complete enough for every verb."""

from __future__ import annotations

import numpy as np

from tradewinds.core.grades import Provenance
from tradewinds.world.world import World


def toy_world(*, tariff: float = 0.1) -> World:
    """Canada, Norway and the United Kingdom trading food and machines under a uniform duty; every number invented.

    >>> toy_world().regions
    ('CAN', 'NOR', 'GBR')
    """
    regions, sectors = ("CAN", "NOR", "GBR"), ("food", "machines")
    trade = np.array(
        [
            [[900.0, 1500.0], [20.0, 30.0], [60.0, 90.0]],
            [[15.0, 25.0], [200.0, 300.0], [50.0, 60.0]],
            [[70.0, 120.0], [40.0, 90.0], [1600.0, 2600.0]],
        ]
    )
    rate = np.full(trade.shape, tariff)
    rate[np.arange(3), np.arange(3)] = 0.0
    output = trade.sum(axis=1)
    shares = np.array([[0.20, 0.05], [0.15, 0.35]])
    return World.build(
        "toy3",
        year=2020,
        regions=regions,
        sectors=sectors,
        trade_fob=trade,
        tariff_rate=rate,
        input_use=shares[None] * output[:, None, :],
        trade_elasticity=[4.0, 5.0],
        provenance=[Provenance(name, "tradewinds", "synthetic") for name in ("trade_fob", "tariff_rate", "input_use")],
    )
