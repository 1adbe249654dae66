"""The inner loops of the after-action test: simulation, forecast, trigger, likelihood. Plain arrays in and out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

Array = Any


@njit(cache=True)
def wander(noise: Array, step: float) -> Array:
    """Ornstein-Uhlenbeck path of unit variance from standard normal noise, correlation `step` a day."""
    path = np.empty(noise.size)
    scale = math.sqrt(1.0 - step * step)
    value = 0.0
    for day in range(noise.size):
        value = noise[day] if day == 0 else step * value + scale * noise[day]
        path[day] = value
    return path


@njit(cache=True)
def breed(own: Array, branching: float, delay: float, seed: int) -> Array:
    """Daily counts of a Hawkes process whose immigrants come as `own`; offspring after exponential delays."""
    np.random.seed(seed)
    days = own.size
    counts = np.zeros(days, np.int64)
    capacity = 1024
    stack = np.empty(capacity)
    for day in range(days):
        for _ in range(own[day]):
            height = 1
            stack[0] = day + np.random.random()
            while height > 0:
                height -= 1
                at = stack[height]
                counts[int(at)] += 1
                for _ in range(np.random.poisson(branching)):
                    when = at + np.random.exponential(delay)
                    if when < days:
                        if height == capacity:
                            larger = np.empty(2 * capacity)
                            larger[:capacity] = stack
                            stack = larger
                            capacity *= 2
                        stack[height] = when
                        height += 1
    return counts


@njit(cache=True)
def order_flights(
    counts: Array,
    span: int,
    quantile: float,
    chance: float,
    longest_delay: int,
    first: int,
    window: int,
    fall: float,
    seed: int,
) -> Array:
    """Days on which flights are ordered by the trigger rule; their follow-ups lose a share `fall`, in place.

    The trigger: the sum of the last `span` days rises above the `quantile` of all its own earlier values. Then,
    with probability `chance`, a flight is ordered 1..`longest_delay` days later; the next one not before the
    `window` of this one is over. Each incident of the follow-up is left out with probability `fall`.
    """
    np.random.seed(seed)
    days = counts.size
    most = 1
    total = 0
    for day in range(days):
        total += counts[day]
        if day >= span:
            total -= counts[day - span]
        most = max(most, total)
    tally = np.zeros(most + 1, np.int64)
    orders = np.empty(days, np.int64)
    found = 0
    seen = 0
    total = 0
    above_before = True
    pending = -1
    free_from = 0
    for day in range(days):
        total += counts[day]
        if day >= span:
            total -= counts[day - span]
        if day == pending and day + window < days:
            orders[found] = day
            found += 1
            free_from = day + window
            if fall > 0:
                for after in range(day + 1, day + 1 + window):
                    counts[after] = np.random.binomial(counts[after], 1.0 - fall)
        if seen > 0 and day >= first:
            rank = math.ceil(quantile * seen)
            below = 0
            threshold = 0
            for level in range(most + 1):
                below += tally[level]
                if below >= rank:
                    threshold = level
                    break
            above = total > threshold
            if above and not above_before and pending <= day and np.random.random() < chance:
                when = day + 1 + np.random.randint(longest_delay)
                if when >= free_from:
                    pending = when
            above_before = above
        if day + 1 >= span:
            tally[total] += 1
            seen += 1
    return orders[:found]


@njit(cache=True)
def solve(matrix: Array, vector: Array) -> Array:
    """Solution of a small symmetric positive definite system (Cholesky)."""
    n = vector.size
    low = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= low[i, k] * low[j, k]
            if i == j:
                low[i, i] = math.sqrt(max(total, 1e-12))
            else:
                low[i, j] = total / low[j, j]
    out = vector.copy()
    for i in range(n):
        for k in range(i):
            out[i] -= low[i, k] * out[k]
        out[i] /= low[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            out[i] -= low[k, i] * out[k]
        out[i] /= low[i, i]
    return out


@njit(cache=True)
def fit(features: Array, outcome: Array, usable: Array, ridge: float, prior: Array) -> Array:
    """Coefficients of log(mean of outcome) on the features, drawn toward `prior` by a penalty `ridge`.

    Reweighted least squares with variance mu + dispersion mu^2, the dispersion by moments; the intercept is free.
    """
    width = features.shape[1]
    beta = prior.copy()
    dispersion = 0.1
    for _ in range(25):
        matrix = np.zeros((width, width))
        vector = np.zeros(width)
        top = 0.0
        bottom = 0.0
        for row in range(usable.size):
            if not usable[row]:
                continue
            eta = 0.0
            for i in range(width):
                eta += beta[i] * features[row, i]
            eta = min(max(eta, -20.0), 20.0)
            mu = math.exp(eta)
            weight = mu / (1.0 + dispersion * mu)
            work = eta + min((outcome[row] - mu) / mu, 4.0)  # a step no longer than a factor e^4
            for i in range(width):
                vector[i] += weight * features[row, i] * work
                for j in range(i + 1):
                    matrix[i, j] += weight * features[row, i] * features[row, j]
            miss = outcome[row] - mu
            top += miss * miss - mu
            bottom += mu * mu
        matrix[0, 0] += 1e-9
        for i in range(1, width):
            matrix[i, i] += ridge
            vector[i] += ridge * prior[i]
        fresh = solve(matrix, vector)
        if bottom > 0:
            dispersion = min(max(top / bottom, 1e-3), 10.0)
        change = 0.0
        for i in range(width):
            change = max(change, abs(fresh[i] - beta[i]))
        beta = fresh
        if change < 1e-6:
            break
    return beta


@njit(cache=True)
def ingarch_loss(counts: Array, omega: float, alpha: float, beta: float, size: float) -> float:
    """Minus the mean log-likelihood a day of a negative-binomial INGARCH(1,1), without the constant of counts."""
    total = 0.0
    mean = 0.0
    for day in range(counts.size):
        mean += counts[day]
    mean /= counts.size
    rate = mean
    for day in range(counts.size):
        if day > 0:
            rate = omega + alpha * counts[day - 1] + beta * rate
        count = counts[day]
        for below in range(count):
            total += math.log(size + below)
        total += size * math.log(size / (size + rate)) + count * math.log(rate / (size + rate))
    return -total / counts.size


@njit(cache=True)
def ingarch_last_rate(counts: Array, omega: float, alpha: float, beta: float) -> float:
    """The rate of the day after the last one."""
    mean = 0.0
    for day in range(counts.size):
        mean += counts[day]
    rate = mean / counts.size
    for day in range(counts.size):
        rate = omega + alpha * counts[day] + beta * rate
    return rate


@njit(cache=True)
def ingarch_totals(
    rate: float,
    omega: float,
    alpha: float,
    beta: float,
    size: float,
    gap: int,
    window: int,
    paths: int,
    seed: int,
) -> Array:
    """Totals of `window` days after `gap` days, on simulated paths that begin with `rate`."""
    np.random.seed(seed)
    out = np.zeros(paths, np.int64)
    for path in range(paths):
        today = rate
        total = 0
        for day in range(gap + window):
            count = np.random.poisson(np.random.gamma(size) * today / size)
            if day >= gap:
                total += count
            today = omega + alpha * count + beta * today
        out[path] = total
    return out


@njit(cache=True)
def fixed_effects(y: Array, x: Array, cell: Array, weights: Array, start: Array, steps: int) -> Array:
    """Coefficients of a Poisson regression with an effect for every cell, the cell effects profiled out (Newton).

    Within a cell the counts are shared out in proportion to exp(x b); `weights` counts a cell so many times.
    """
    rows, width = x.shape
    number = weights.size
    beta = start.copy()
    totals = np.zeros(number)
    for row in range(rows):
        totals[cell[row]] += y[row]
    rate = np.empty(rows)
    for _ in range(steps):
        sums = np.zeros(number)
        for row in range(rows):
            eta = 0.0
            for i in range(width):
                eta += beta[i] * x[row, i]
            rate[row] = math.exp(min(max(eta, -30.0), 30.0))
            sums[cell[row]] += rate[row]
        mean = np.zeros((number, width))
        gradient = np.zeros(width)
        hessian = np.zeros((width, width))
        for row in range(rows):
            here = cell[row]
            if totals[here] == 0 or weights[here] == 0:
                continue
            mu = rate[row] * totals[here] / sums[here]
            for i in range(width):
                value = x[row, i]
                if value == 0.0:
                    continue
                mean[here, i] += mu * value
                gradient[i] += weights[here] * (y[row] - mu) * value
                for j in range(i + 1):
                    hessian[i, j] += weights[here] * mu * value * x[row, j]
        for here in range(number):
            if totals[here] == 0 or weights[here] == 0:
                continue
            for i in range(width):
                for j in range(i + 1):
                    hessian[i, j] -= weights[here] * mean[here, i] * mean[here, j] / totals[here]
        for i in range(width):
            hessian[i, i] += 1e-9
            for j in range(i):
                hessian[j, i] = hessian[i, j]
        step = solve(hessian, gradient)
        change = 0.0
        for i in range(width):
            step[i] = min(max(step[i], -2.0), 2.0)
            beta[i] += step[i]
            change = max(change, abs(step[i]))
        if change < 1e-8:
            break
    return beta
