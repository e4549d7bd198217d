"""The numbers of one benchmark, one shock and one answer, as the kernels see them: plain arrays, no labels.

Index order is [importer n, sector j, exporter i] with the exporter contiguous.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: A labour supply above this means that the real wage is fixed and employment gives way.
FIXED_WAGE = 1e300

#: Largest elasticity that scales the wage step; beyond it the step would become needlessly timid.
STEP_ELASTICITY = 8.0


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A base in shares and levels (Caliendo and Parro 2015, section 2; notation of their equations 10–15).

    ``share`` π[n,j,i] of landed spending, ``factor`` τ[n,j,i] = 1 + duty, ``output`` Y[i,j], ``value_added`` VA[n],
    ``labour_share`` b[n,j] of value added in output, ``inputs`` A[n,k,j] landed input k per unit of output j,
    ``final_share`` α[n,j], ``deficit`` D[n] transfer received, ``elasticity`` θ[j]. Money in one unit throughout.
    """

    share: Array
    factor: Array
    output: Array
    value_added: Array
    labour_share: Array
    inputs: Array
    final_share: Array
    deficit: Array
    elasticity: Array

    @property
    def size(self) -> tuple[int, int]:
        """(number of economies N, number of sectors J)."""
        return self.share.shape[0], self.share.shape[1]


@dataclass(frozen=True, slots=True)
class Closure:
    """What adjusts, economy by economy.

    ``capital_share`` κ[n] of value added that is capital in its steady state (0: capital is fixed),
    ``labour_supply`` φ[n] ≥ 0, elasticity of labour to the real wage (0: fixed; ``inf``: the real wage is fixed).
    """

    capital_share: Array
    labour_supply: Array


@dataclass(frozen=True, slots=True)
class Shock:
    """What changes: ``factor`` τ′[n,j,i]; hats ``cost`` d̂[n,j,i], ``productivity`` ẑ[n,j], ``endowment`` L̂[n]
    (None: unchanged); ``deficit`` D′[n] in the numéraire Σ value added (None: unchanged)."""

    factor: Array
    cost: Array | None = None
    productivity: Array | None = None
    endowment: Array | None = None
    deficit: Array | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """Numerical options: tolerance on excess demand and on every step, sweeps before homotopy, wage step η."""

    tolerance: float = 2e-11
    sweeps: int = 150
    step: float = 0.8


@dataclass(frozen=True, slots=True)
class Equilibrium:
    """An equilibrium in levels of the numéraire Σ value added, with every hat new over base.

    ``state`` restarts a neighbouring solve. Shapes as in :class:`Benchmark`; ``flow`` M′[n,j,i] at producer prices.
    """

    wage: Array
    labour: Array
    price: Array
    cost: Array
    consumer_price: Array
    share: Array
    flow: Array
    output: Array
    spending: Array
    income: Array
    revenue: Array
    state: Array
    sweeps: int
    method: str
    residuals: dict[str, float]

    @property
    def converged(self) -> bool:
        """Whether the driver met its tolerance; callers refuse the answer otherwise."""
        return self.method != "failed"
