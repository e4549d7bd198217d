"""What a preference is worth: against the MFN rate, against competitors, and when a rival signs.

Rates are fractions. Arrays by line and partner are [line, partner]; the functions also take leading dimensions.

Sources: Low, Piermartini and Richtering (2009), WTO staff working paper 2009-18; Nicita (2011), the relative
preferential margin; the trade effect is that of any CES or Ricardian gravity model (Arkolakis, Costinot and
Rodríguez-Clare 2012).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from tradewinds.core.errors import InputError
from tradewinds.world.arrays import Array, frozen

Form = Literal["power", "difference"]

#: The works these measures rest on, by key.
CITES = ("low-piermartini-richtering-2009", "nicita-2011")


def preference_margin(mfn_rate: ArrayLike, preferential_rate: ArrayLike, *, form: Form = "difference") -> Array:
    """The margin without regard to competitors: MFN − preference, or (1+MFN)/(1+preference) − 1.

    Positive is an advantage; negative where the MFN rate has fallen below the preference.

    >>> [float(round(v, 4)) for v in preference_margin([0.095, 0.03], [0.0, 0.05])]
    [0.095, -0.02]
    """
    mfn, preference = np.asarray(mfn_rate, dtype=np.float64), np.asarray(preferential_rate, dtype=np.float64)
    return _compare(mfn, preference, form)


def rival_rate(tariff: ArrayLike, imports: ArrayLike) -> Array:
    """What the competitors of each partner pay: Σ_{c≠i} M_c t_c / Σ_{c≠i} M_c [..., partner].

    NaN where a partner has no competitor with trade in the line.
    """
    rate, trade = _paired(tariff, imports)
    duty = rate * trade
    others = trade.sum(axis=-1, keepdims=True) - trade
    # What is left after one's own trade is taken out again is rounding, not a rival.
    alone = others <= 1e-12 * trade.sum(axis=-1, keepdims=True)
    owed = duty.sum(axis=-1, keepdims=True) - duty
    return np.where(alone, np.nan, owed / np.where(alone, 1.0, others))


def relative_margin(tariff: ArrayLike, imports: ArrayLike, *, form: Form = "power") -> Array:
    """The margin against competitors: (1 + rivals' rate)/(1 + own rate) − 1, or the difference [..., partner].

    ``tariff`` are the rates each partner pays, ``imports`` from each before duty, the weights of rivals. Negative where
    rivals enter on better terms. A column of domestic sales with rate 0 makes home producers competitors too.

    >>> margin = relative_margin([[0.0, 0.095, 0.0]], [[0, 70, 30]])  # Taiwan, others, Korea
    >>> round(100 * float(margin[0, 0]), 2)
    6.65
    """
    return _compare(rival_rate(tariff, imports), np.asarray(tariff, dtype=np.float64), form)


def first_order_effect(tariff: ArrayLike, tariff_new: ArrayLike, share: ArrayLike, elasticity: ArrayLike) -> Array:
    """d ln λ_i = −ε [d ln(1+t_i) − Σ_k λ_k d ln(1+t_k)] [..., partner]: the log change of the share, to first order.

    ``share`` λ adds up to one over partners, at landed prices; ``elasticity`` ε > 0, a number or [...].
    """
    step, weight, power = _shock(tariff, tariff_new, share, elasticity)
    return np.asarray(-power * (step - (weight * step).sum(axis=-1, keepdims=True)))


def exact_effect(tariff: ArrayLike, tariff_new: ArrayLike, share: ArrayLike, elasticity: ArrayLike) -> Array:
    """λ̂_i − 1 with λ̂_i = ρ_i^−ε / Σ_k λ_k ρ_k^−ε, ρ = (1+t_new)/(1+t) [..., partner]: the change of the share, exactly.

    >>> change = exact_effect([0.0, 0.095, 0.0], [0.0, 0.0, 0.0], [0.2, 0.1, 0.7], 5)
    >>> round(100 * float(change[0]), 2)
    -5.43
    """
    step, weight, power = _shock(tariff, tariff_new, share, elasticity)
    pulled = np.expm1(-power * step)
    mean = (weight * pulled).sum(axis=-1, keepdims=True)
    return np.asarray((pulled - mean) / (1 + mean))


@dataclass(frozen=True, slots=True, eq=False)
class Erosion:
    """What one exporter loses (or gains) when duties on others change, spending on each line held fixed.

    By [line]: ``margin`` and ``margin_new`` against competitors (NaN where there are none), ``effect`` of its share to
    first order (log change) and ``effect_exact`` (change), ``trade_change`` = imports × exact effect × (1+t)/(1+t_new)
    for its own duty, before duty, in the unit of imports. Totals: the margins weighted with the exporter's own trade
    over the lines that have both, the summed trade change, and the share of its trade in lines where it lost.
    """

    margin: Array
    margin_new: Array
    effect: Array
    effect_exact: Array
    trade_change: Array
    mean_margin: float
    mean_margin_new: float
    total_change: float
    trade_affected_share: float


def erosion(
    tariff: ArrayLike, tariff_new: ArrayLike, imports: ArrayLike, elasticity: ArrayLike, *, exporter: int
) -> Erosion:
    """Erosion for the partner in column ``exporter``, line by line.

    ``tariff``, ``tariff_new`` and ``imports`` (before duty) [line, partner]; ``elasticity`` ε > 0, a number or [line].
    Domestic producers are left out unless they are given as a partner, so shares are shares of imports and the effect
    is an upper bound where home supply is large.
    """
    before, trade = _paired(tariff, imports)
    after = np.asarray(tariff_new, dtype=np.float64)
    landed = trade * (1 + before)
    spent = landed.sum(axis=-1, keepdims=True)
    share = landed / np.where(spent > 0, spent, 1.0)
    own = trade[..., exporter]
    exact = exact_effect(before, after, share, elasticity)[..., exporter]
    margin = relative_margin(before, trade)[..., exporter]
    margin_new = relative_margin(after, trade)[..., exporter]
    sold = own * ((1 + exact) * (1 + before[..., exporter]) / (1 + after[..., exporter]) - 1)
    counted = np.isfinite(margin) & np.isfinite(margin_new) & (own > 0)
    weight = np.where(counted, own, 0.0)
    total, everything = float(weight.sum()), float(own.sum())
    return Erosion(
        margin=frozen(margin),
        margin_new=frozen(margin_new),
        effect=frozen(first_order_effect(before, after, share, elasticity)[..., exporter]),
        effect_exact=frozen(exact),
        trade_change=frozen(sold),
        mean_margin=float((weight * np.where(counted, margin, 0)).sum() / total) if total else np.nan,
        mean_margin_new=float((weight * np.where(counted, margin_new, 0)).sum() / total) if total else np.nan,
        total_change=float(sold.sum()),
        trade_affected_share=float(own[sold < 0].sum() / everything) if everything else 0.0,
    )


def _compare(theirs: Array, own: Array, form: Form) -> Array:
    if form == "difference":
        return np.asarray(theirs - own)
    if form == "power":
        return np.asarray((1 + theirs) / (1 + own) - 1)
    raise InputError(f"unknown form `{form}`", where="preference margin", allowed="power, difference")


def _paired(tariff: ArrayLike, imports: ArrayLike) -> tuple[Array, Array]:
    rate, trade = np.asarray(tariff, dtype=np.float64), np.asarray(imports, dtype=np.float64)
    if rate.shape != trade.shape:
        raise InputError(f"tariff {rate.shape}, imports {trade.shape}", where="margins", allowed="the same shape twice")
    if not (np.isfinite(trade) & (trade >= 0)).all():
        raise InputError("negative or missing imports", where="margins", allowed="numbers that are not negative")
    return rate, trade


def _shock(
    tariff: ArrayLike, tariff_new: ArrayLike, share: ArrayLike, elasticity: ArrayLike
) -> tuple[Array, Array, Array]:
    """(d ln(1+t), λ, ε as [..., 1]); shares add up to one, or to nothing where there is no trade."""
    before, after, weight = (np.asarray(a, dtype=np.float64) for a in (tariff, tariff_new, share))
    total = weight.sum(axis=-1)
    if not ((np.abs(total - 1) < 1e-9) | (total == 0)).all():
        raise InputError("shares do not add up", where="margins", allowed="a sum of one over partners, to 1e-9")
    power = np.asarray(elasticity, dtype=np.float64)
    if not (power > 0).all():
        raise InputError("wrong elasticity", where="margins", allowed="positive numbers")
    return np.log((1 + after) / (1 + before)), weight, power[..., None]
