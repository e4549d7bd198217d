"""The arithmetic of the reciprocal tariffs of April 2025 (R38).

Δτ = (m − x)/(ε·φ·m), halved, at least ten per cent, in whole per cent rounded up (USTR 2025, Reciprocal Tariff
Calculations: ε = 4, φ = 0.25).
"""

from __future__ import annotations

import math

#: Price elasticity of import demand and pass-through as announced.
ELASTICITY, PASS_THROUGH, FLOOR = 4.0, 0.25, 0.10


def imbalance_rate(imports: float, exports: float) -> float:
    """The rate that would close a bilateral deficit by the formula, as a fraction; never negative.

    >>> round(100 * imbalance_rate(116.3, 42.3), 2)
    63.63
    """
    return max(0.0, (imports - exports) / (ELASTICITY * PASS_THROUGH * imports)) if imports > 0 else 0.0


def reciprocal_rate(imports: float, exports: float) -> float:
    """The additional duty: half the formula, at least 10 %, rounded up to whole per cent; a fraction.

    >>> reciprocal_rate(116.3, 42.3), reciprocal_rate(60.0, 80.0)
    (0.32, 0.1)
    """
    return max(FLOOR, math.ceil(round(50 * imbalance_rate(imports, exports), 9)) / 100)
