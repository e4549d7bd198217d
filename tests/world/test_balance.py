"""Numbers that do not balance become an equilibrium, by solving the model once with nothing changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewinds.core.errors import Faults, InputError
from tradewinds.models.calibrate import calibrate
from tradewinds.world.balance import balanced, world_of
from tradewinds.world.toy import toy_world

LABELS = {"year": 2020, "regions": ("CAN", "NOR", "GBR"), "sectors": ("food", "machines")}


def test_an_equilibrium_stays_as_it_is() -> None:
    world = toy_world()
    again = world_of(balanced(calibrate(world)), "again", **LABELS)
    for name in ("trade_fob", "input_use", "value_added", "final_use", "tariff_rate"):
        assert np.allclose(again.values(name), world.values(name), rtol=1e-9, atol=0)


def test_numbers_that_do_not_balance_are_refused_until_balanced() -> None:
    numbers = calibrate(toy_world())
    final = numbers.final_share * [[1.2, 1.0]]
    bent = replace(numbers, final_share=final / final.sum(axis=1, keepdims=True))
    with pytest.raises(Faults):
        world_of(bent, "bent", **LABELS)
    world = world_of(balanced(bent), "straight", **LABELS)
    assert max(world.residuals().values()) < 1e-12
    assert world.values("value_added").sum() == pytest.approx(numbers.value_added.sum(), rel=1e-11)
    assert np.allclose(calibrate(world).final_share, bent.final_share, rtol=1e-9)


def test_deficits_can_be_taken_away() -> None:
    world = world_of(balanced(calibrate(toy_world()), deficit=np.zeros(3)), "without", **LABELS)
    assert np.abs(calibrate(world).deficit).max() < 1e-9


def test_transfers_must_add_up_to_zero() -> None:
    with pytest.raises(InputError, match="a sum of zero"):
        balanced(calibrate(toy_world()), deficit=np.array([1.0, 0.0, 0.0]))
