"""Exact condensation: sectors that nobody trades are solved out once per benchmark.

With S the sectors whose every purchase is domestic, L = (I − A_SS)⁻¹ removes them from prices and quantities without
approximation; consumer prices and the labour identity keep an explicit weight on the wage.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradewinds.solvers.problem import Array, Benchmark, Closure


@dataclass(frozen=True, slots=True)
class Condensed:
    """What the sweep reads, traded sectors T only.

    Price side: ``labour`` b̃[n,j], ``price_inputs`` [n,j,k] (transposed Ã with capital folded in), ``index_price``
    and ``index_wage``, the weights of the consumer price index; ``local_price``, ``local_wage``: untraded prices.
    Quantity side: ``inputs`` [n,k,j], ``final`` α̃[n,k]; ``local_output`` (I − A_SS)⁻¹ [n,s,s] the untraded outputs.
    """

    traded: NDArray[np.intp]
    local: NDArray[np.intp]
    labour: Array
    price_inputs: Array
    inputs: Array
    final: Array
    index_price: Array
    index_wage: Array
    local_price: Array
    local_wage: Array
    local_output: Array


def untraded(base: Benchmark) -> NDArray[np.bool_]:
    """[j] whether every economy buys sector j only from itself."""
    n, _ = base.size
    off = base.share.copy()
    off[np.arange(n), :, np.arange(n)] = 0.0
    return np.asarray(off.sum(axis=(0, 2)) == 0.0)


def condense(base: Benchmark, closure: Closure) -> Condensed:
    """Solve out the untraded sectors under a closure (capital adds κ b αᴵ to the inputs of the price side)."""
    n, j = base.size
    kappa = closure.capital_share[:, None]
    labour = base.labour_share * (1 - kappa)
    priced = base.inputs + base.final_share[:, :, None] * (base.labour_share * kappa)[:, None, :]
    alone = untraded(base)
    t, s = np.flatnonzero(~alone), np.flatnonzero(alone)

    def reduce(inputs: Array, final: Array) -> tuple[Array, Array, Array, Array]:
        if not s.size:
            return inputs, final, np.zeros((n, 0, 0)), np.zeros((n, j, 0))
        inverse: Array = np.asarray(np.linalg.inv(np.eye(s.size) - inputs[:, s[:, None], s]))
        ts_inverse: Array = inputs[:, t[:, None], s] @ inverse
        return (
            inputs[:, t[:, None], t] + ts_inverse @ inputs[:, s[:, None], t],
            final[:, t] + np.einsum("nts,ns->nt", ts_inverse, final[:, s]),
            inverse,
            ts_inverse,
        )

    inputs, final, local_output, _ = reduce(base.inputs, base.final_share)
    priced_t, index_price, inverse, ts_inverse = reduce(priced, base.final_share)
    if s.size:
        local_wage = np.einsum("nps,np->ns", inverse, labour[:, s])
        labour_t = labour[:, t] + np.einsum("ns,nst->nt", local_wage, priced[:, s[:, None], t])
        index_wage = (base.final_share[:, s] * local_wage).sum(axis=1)
        local_price = np.ascontiguousarray(ts_inverse)
    else:
        local_wage, labour_t, index_wage = np.zeros((n, 0)), labour, np.zeros(n)
        local_price = np.zeros((n, t.size, 0))
    return Condensed(
        traded=t,
        local=s,
        labour=np.ascontiguousarray(labour_t),
        price_inputs=np.ascontiguousarray(priced_t.transpose(0, 2, 1)),
        inputs=np.ascontiguousarray(inputs),
        final=np.ascontiguousarray(final),
        index_price=np.ascontiguousarray(index_price),
        index_wage=index_wage,
        local_price=local_price,
        local_wage=local_wage,
        local_output=local_output,
    )
