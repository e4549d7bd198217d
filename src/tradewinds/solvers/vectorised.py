"""The kernels in whole-array numpy, for machines without a compiler: the same arguments and answers to rounding."""

from __future__ import annotations

import numpy as np

from tradewinds.solvers.problem import FIXED_WAGE, STEP_ELASTICITY, Array


def sweep_numpy(
    x: Array,
    new: Array,
    weight: Array,
    weight_net: Array,
    theta: Array,
    labour: Array,
    price_inputs: Array,
    inputs: Array,
    final: Array,
    index_price: Array,
    index_wage: Array,
    supply: Array,
    added: Array,
    deficit: Array,
    output: Array,
    cost_shift: Array,
    trade: Array,
    step: float,
    cost: Array,
    sold: Array,
) -> float:
    """`sweep_loops` of :mod:`tradewinds.solvers.kernels`."""
    n_all, j_all = labour.shape
    log_price = x[n_all : n_all + n_all * j_all].reshape(n_all, j_all)
    y = x[n_all + n_all * j_all :].reshape(n_all, j_all)
    index = (index_price * log_price).sum(axis=1)
    free = supply <= FIXED_WAGE
    wage = np.where(free, x[:n_all], index / (1 - index_wage))
    response = np.where(free, supply, 0.0) * (wage - index - index_wage * wage)
    value = np.exp(wage + np.where(free, response, x[:n_all])) * added
    drift = float(np.log(value.sum() / added.sum()))
    log_cost = labour * wage[:, None] + cost_shift + (price_inputs @ log_price[:, :, None])[:, :, 0]
    cost[:] = np.exp(-theta * log_cost).T
    sums = np.matmul(weight.transpose(1, 0, 2), cost[:, :, None])[:, :, 0].T
    there = sums > 0
    safe = np.where(there, sums, 1.0)
    net = np.where(there, np.matmul(weight_net.transpose(1, 0, 2), cost[:, :, None])[:, :, 0].T / safe, 1.0)
    use = (inputs @ (y * output)[:, :, None])[:, :, 0]
    income = (value + deficit + ((1 - net) * use).sum(axis=1)) / (1 - ((1 - net) * final).sum(axis=1))
    buy = np.where(there, use + final * income[:, None], 0.0)
    sold[:] = np.matmul((buy / safe).T[:, None, :], weight_net.transpose(1, 0, 2))[:, 0, :]
    price = np.where(there, -np.log(safe) / theta, 0.0)
    made = np.where(output > 0, (cost * sold).T / np.where(output > 0, output, 1.0), 0.0)
    lever = 1 + np.minimum(theta, STEP_ELASTICITY)
    made_value = (cost * sold).T
    home = np.diagonal(weight_net, axis1=0, axis2=2).T * buy / safe * cost.T
    slope = ((net * buy - home) @ lever + (made_value - home) @ lever) / 2
    excess = deficit - (net * buy).sum(axis=1) + (cost * sold).T.sum(axis=1)
    move = step * excess / np.maximum(slope, trade)
    new[:n_all] = x[:n_all] + np.clip(move, -0.5, 0.5) - np.where(free, drift, 0.0)
    new[n_all : n_all + n_all * j_all] = price.ravel()
    new[n_all + n_all * j_all :] = made.ravel()
    return float(
        max(
            np.abs(excess / value).max(),
            np.abs(move).max(),
            abs(drift) if free.any() else 0.0,
            np.abs(price - log_price).max(),
            np.abs(made - y).max(),
        )
    )


def trade_weights_numpy(
    share: Array, ratio: Array, factor: Array, theta: Array, weight: Array, weight_net: Array
) -> None:
    """`trade_weights_loops` of :mod:`tradewinds.solvers.kernels`."""
    weight[:] = share
    moved = (ratio != 1.0) & (share != 0.0)
    weight[moved] *= ratio[moved] ** -np.broadcast_to(theta[None, :, None], share.shape)[moved]
    np.divide(weight, factor, out=weight_net)


def shares_numpy(weight: Array, cost: Array, factor: Array, share: Array, sums: Array, net: Array) -> None:
    """`shares_loops` of :mod:`tradewinds.solvers.kernels`."""
    np.multiply(weight, cost[None], out=share)
    sums[:] = share.sum(axis=2)
    share /= np.where(sums > 0, sums, 1.0)[:, :, None]
    net[:] = np.where(sums > 0, (share / factor).sum(axis=2), 1.0)


def flows_numpy(share: Array, factor: Array, spending: Array, flow: Array) -> None:
    """`flows_loops` of :mod:`tradewinds.solvers.kernels`."""
    np.multiply(share, spending[:, :, None], out=flow)
    flow /= factor
