"""Rounding of interim rates: a schedule says whether, which way, and to what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tradewinds.core.errors import InputError
from tradewinds.world.arrays import Array

#: Part of a step below which a rate counts as standing on the step: 0.08 is binary and 80 steps of 0.001 only just.
_ON_THE_STEP = 1e-7


@dataclass(frozen=True, slots=True)
class Rounding:
    """How a rate between its base and its end is rounded.

    ``step`` is a fraction (0.001 is a tenth of a percentage point); ``money_step`` an amount in the currency of the
    duty (0.001 is a tenth of a cent). ``nearest`` sends a half upwards.

    >>> Rounding("down").apply(np.array([0.40 * 14 / 15])).tolist()
    [0.373]
    """

    how: Literal["exact", "down", "nearest"] = "exact"
    step: float = 0.001
    money_step: float = 0.001

    def __post_init__(self) -> None:
        for name in ("step", "money_step"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} {getattr(self, name):g}", where="rounding", allowed="above 0")

    def apply(self, values: Array, *, money: bool = False) -> Array:
        """Rounded ``values`` (fractions, or amounts where ``money``)."""
        if self.how == "exact":
            return values
        step = self.money_step if money else self.step
        lift = 0.5 if self.how == "nearest" else 0.0
        return np.asarray(np.round(np.floor(values / step + lift + _ON_THE_STEP) * step, 12))


#: Rates as the division gives them.
EXACT = Rounding()
