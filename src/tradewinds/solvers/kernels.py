"""One joint sweep over wages, prices and outputs, and the accelerated iteration around it.

State x = (ln w or ln ℓ [N], ln P [N,J], Y over its unit [N,J]). Shares π′ are never formed inside the loop:
π′ = Dm·u/S with Dm = π(τ′/τ·d̂)^−θ, u = ĉ^−θ, S = Σ Dm·u. The wage step is scaled by trade, not by value added.

Everything compiled lives in this one file: the compiler's disk cache follows the file, not what it calls.
"""

from __future__ import annotations

import numpy as np

from tradewinds.solvers.compiled import COMPILED, compiled
from tradewinds.solvers.problem import FIXED_WAGE, STEP_ELASTICITY, Array
from tradewinds.solvers.vectorised import flows_numpy, shares_numpy, sweep_numpy, trade_weights_numpy

#: Points the acceleration remembers.
MEMORY = 8

#: Relative weight added to the diagonal of the Gram matrix.
RIDGE = 1e-13

#: A residual this many times the best one means the memory misleads: go back and halve the wage step.
PATIENCE = 20.0


@compiled
def sweep_loops(
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
    """Write the image of ``x`` into ``new``; return the largest of |excess|/value added and of every step.

    ``weight`` Dm and ``weight_net`` Dt = Dm/τ′ [n,j,i]; ``supply`` φ[n] (inf: real wage fixed); ``added`` [n] base
    value added times the endowment hat; ``output`` [i,j] the unit of the output state; ``cost_shift`` −ln ẑ [i,j];
    ``trade`` [n] least trade slope that scales the wage step; ``cost`` [j,i] and ``sold`` [j,i] are workspaces.
    """
    n_all, j_all = labour.shape
    p0 = n_all
    y0 = n_all + n_all * j_all
    wage = np.empty(n_all)
    value = np.empty(n_all)
    total = 0.0
    base_total = 0.0
    for n in range(n_all):
        index = 0.0
        for j in range(j_all):
            index += index_price[n, j] * x[p0 + n * j_all + j]
        if supply[n] > FIXED_WAGE:
            wage[n] = index / (1 - index_wage[n])
            log_labour = x[n]
        else:
            wage[n] = x[n]
            log_labour = supply[n] * (x[n] - index - index_wage[n] * x[n])
        value[n] = np.exp(wage[n] + log_labour) * added[n]
        total += value[n]
        base_total += added[n]
        for j in range(j_all):
            log_cost = labour[n, j] * wage[n] + cost_shift[n, j]
            for k in range(j_all):
                log_cost += price_inputs[n, j, k] * x[p0 + n * j_all + k]
            cost[j, n] = np.exp(-theta[j] * log_cost)
            sold[j, n] = 0.0
    drift = np.log(total / base_total)
    worst = 0.0
    sums = np.empty(j_all)
    net = np.empty(j_all)
    use = np.empty(j_all)
    spent = np.empty(n_all)
    slope = np.zeros(n_all)
    home = np.empty((j_all, n_all))
    for n in range(n_all):
        income = value[n] + deficit[n]
        keep = 1.0
        for j in range(j_all):
            s = 0.0
            f = 0.0
            for i in range(n_all):
                s += weight[n, j, i] * cost[j, i]
                f += weight_net[n, j, i] * cost[j, i]
            sums[j] = s
            net[j] = f / s if s > 0 else 1.0
        for k in range(j_all):
            total_use = 0.0
            for j in range(j_all):
                total_use += inputs[n, k, j] * (x[y0 + n * j_all + j] * output[n, j])
            use[k] = total_use
            income += (1 - net[k]) * total_use
            keep -= (1 - net[k]) * final[n, k]
        income /= keep
        spent[n] = 0.0
        for j in range(j_all):
            if sums[j] > 0:
                buy = use[j] + final[n, j] * income
                spent[n] += net[j] * buy
                scale = buy / sums[j]
                home[j, n] = weight_net[n, j, n] * scale * cost[j, n]
                slope[n] += (1 + min(theta[j], STEP_ELASTICITY)) * (net[j] * buy - home[j, n])
                for i in range(n_all):
                    sold[j, i] += weight_net[n, j, i] * scale
                price = -np.log(sums[j]) / theta[j]
            else:
                price = 0.0
                home[j, n] = 0.0
            spot = p0 + n * j_all + j
            worst = max(worst, abs(price - x[spot]))
            new[spot] = price
    for n in range(n_all):
        excess = deficit[n] - spent[n]
        for j in range(j_all):
            spot = y0 + n * j_all + j
            made = cost[j, n] * sold[j, n]
            excess += made
            slope[n] += (1 + min(theta[j], STEP_ELASTICITY)) * (made - home[j, n])
            new[spot] = made / output[n, j] if output[n, j] > 0 else 0.0
            worst = max(worst, abs(new[spot] - x[spot]))
        move = step * excess / max(slope[n] / 2, trade[n])
        worst = max(worst, abs(excess) / value[n], abs(move))
        new[n] = x[n] + min(max(move, -0.5), 0.5)
        if supply[n] <= FIXED_WAGE:
            new[n] -= drift
            worst = max(worst, abs(drift))
    return worst


@compiled
def trade_weights_loops(
    share: Array, ratio: Array, factor: Array, theta: Array, weight: Array, weight_net: Array
) -> None:
    """Dm = π·ratio^−θ and Dt = Dm/τ′ [n,j,i], the power taken only where the ratio is not one."""
    n_all, j_all, _ = share.shape
    for n in range(n_all):
        for j in range(j_all):
            for i in range(n_all):
                d = share[n, j, i]
                r = ratio[n, j, i]
                if r != 1.0 and d != 0.0:
                    d *= np.exp(-theta[j] * np.log(r))
                weight[n, j, i] = d
                weight_net[n, j, i] = d / factor[n, j, i]


@compiled
def shares_loops(weight: Array, cost: Array, factor: Array, share: Array, sums: Array, net: Array) -> None:
    """π′ = Dm·u/S into ``share`` [n,j,i], S into ``sums`` and Σ π′/τ′ into ``net`` [n,j] (1: nothing bought)."""
    n_all, j_all, _ = weight.shape
    for n in range(n_all):
        for j in range(j_all):
            total = 0.0
            for i in range(n_all):
                d = weight[n, j, i] * cost[j, i]
                share[n, j, i] = d
                total += d
            kept = 0.0
            if total > 0:
                for i in range(n_all):
                    share[n, j, i] /= total
                    kept += share[n, j, i] / factor[n, j, i]
            sums[n, j] = total
            net[n, j] = kept if total > 0 else 1.0


@compiled
def flows_loops(share: Array, factor: Array, spending: Array, flow: Array) -> None:
    """M′ = π′·X′/τ′ into ``flow`` [n,j,i]."""
    n_all, j_all, _ = share.shape
    for n in range(n_all):
        for j in range(j_all):
            for i in range(n_all):
                flow[n, j, i] = share[n, j, i] * spending[n, j] / factor[n, j, i]


#: What this installation uses: compiled loops, or numpy where there is no compiler.
sweep = sweep_loops if COMPILED else sweep_numpy
trade_weights = trade_weights_loops if COMPILED else trade_weights_numpy
shares = shares_loops if COMPILED else shares_numpy
flows = flows_loops if COMPILED else flows_numpy


@compiled
def advance(
    count: int, x: Array, g: Array, old_g: Array, old_f: Array, dg: Array, df: Array, gram: Array, out: Array
) -> None:
    """Anderson acceleration, type II (Walker and Ni 2011): the step from point ``x`` and its image ``g`` into ``out``.

    ``count`` is the number of points seen since the memory was dropped; ``dg``, ``df`` [MEMORY, K] hold differences of
    images and of steps, ``gram`` their inner products, ``old_g`` and ``old_f`` the last image and step: updated here.
    """
    f = g - x
    used = min(count, MEMORY)
    if count > 0:
        slot = (count - 1) % MEMORY
        dg[slot] = g - old_g
        df[slot] = f - old_f
        for m in range(used):
            gram[m, slot] = (df[m] * df[slot]).sum()
            gram[slot, m] = gram[m, slot]
    old_g[:] = g
    old_f[:] = f
    out[:] = g
    if used == 0:
        return
    weights = np.zeros(used)
    for m in range(used):
        weights[m] = (df[m] * f).sum()
    if solve_positive(gram[:used, :used], weights):
        for m in range(used):
            out -= weights[m] * dg[m]


@compiled
def solve_positive(matrix: Array, right: Array) -> bool:
    """Solve a small positive definite system in place of ``right`` by Cholesky; False when it is not positive."""
    size = right.shape[0]
    factor = np.zeros((size, size))
    for row in range(size):
        for col in range(row + 1):
            total = matrix[row, col] * (1 + RIDGE if row == col else 1.0)
            for k in range(col):
                total -= factor[row, k] * factor[col, k]
            if row != col:
                factor[row, col] = total / factor[col, col]
            elif total > 0:
                factor[row, row] = np.sqrt(total)
            else:
                return False
    for row in range(size):
        for k in range(row):
            right[row] -= factor[row, k] * right[k]
        right[row] /= factor[row, row]
    for row in range(size - 1, -1, -1):
        for k in range(row + 1, size):
            right[row] -= factor[k, row] * right[k]
        right[row] /= factor[row, row]
    return True


@compiled
def iterate(
    x: Array,
    accelerate: bool,
    limit: int,
    tolerance: float,
    step: float,
    new: Array,
    out: Array,
    old_g: Array,
    old_f: Array,
    dg: Array,
    df: Array,
    gram: Array,
    cost: Array,
    sold: Array,
    best_x: Array,
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
) -> tuple[float, int]:
    """Sweep until the residual is below ``tolerance`` or ``limit`` sweeps are spent; ``x`` becomes the last point.

    Arguments from ``new`` to ``best_x`` are workspaces; the rest as in :func:`sweep_loops`.
    Returns (residual, sweeps used); an infinite residual when even the starting point has none.
    """
    logs = x.shape[0] - labour.size
    best = np.inf
    residual = np.inf
    count = 0
    for used in range(1, limit + 1):
        residual = sweep(
            x, new, weight, weight_net, theta, labour, price_inputs, inputs, final, index_price, index_wage,
            supply, added, deficit, output, cost_shift, trade, step, cost, sold,
        )  # fmt: skip
        if residual < tolerance:
            return residual, used
        if not residual <= PATIENCE * best:
            if not np.isfinite(best):
                return np.inf, used
            step = max(step / 2, 0.02)
            x[:] = best_x
            best = np.inf
            count = 0
            continue
        if residual < best:
            best = residual
            best_x[:] = x
        if accelerate:
            advance(count, x, new, old_g, old_f, dg, df, gram, out)
            count += 1
        else:
            out[:] = 0.5 * (x + new)
        x[:logs] = np.minimum(np.maximum(out[:logs], x[:logs] - 1.0), x[:logs] + 1.0)
        x[logs:] = np.where(out[logs:] < 0.1 * new[logs:], new[logs:], out[logs:])
    return residual, limit
