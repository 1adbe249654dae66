"""Kernels of the refuelling plan: what fuel has to be on board, and the most that can be, after each contact.

Arrays are flat float64/int64. Event 0 is take-off, events 1..n-1 are candidate contacts in order along the
line. Fuel is that on board one receiver just after the event. `state` encodes how many sorties may still be
flown (in all, and from bases whose number is limited); `next_state[state, base, sorties]` is -1 where that is
not allowed.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# The two look-ups are put in place of their calls, which were more than half of what they took.


@njit(cache=True)
def _interp(x, xs, ys):
    n = xs.size
    if x <= xs[0]:
        return ys[0]
    if x >= xs[n - 1]:
        return ys[n - 1]
    lo, hi = 0, n - 1
    while hi - lo > 1:
        mid = (lo + hi) // 2
        if xs[mid] <= x:
            lo = mid
        else:
            hi = mid
    t = (x - xs[lo]) / (xs[hi] - xs[lo])
    return ys[lo] + t * (ys[hi] - ys[lo])


@njit(cache=True, inline="always")
def mass_at(x, masses, ranges, index, step):
    """Mass at which `x` metres are left [kg], held to the table's ends: the inverse of the reach.

    index, step : from `reach_index`, where to start looking
    """
    last = ranges.size - 1
    if x <= ranges[0]:
        return masses[0]
    if x >= ranges[last]:
        return masses[last]
    k = index[int((x - ranges[0]) / step)]
    while ranges[k + 1] < x:
        k += 1
    return masses[k] + (masses[k + 1] - masses[k]) * (x - ranges[k]) / (ranges[k + 1] - ranges[k])


@njit(cache=True)
def reach_index(ranges, step, count):
    """(count,) first interval of the reach table that can hold each multiple of `step`."""
    index = np.zeros(count, np.int64)
    k = 0
    for cell in range(count):
        x = ranges[0] + cell * step
        while k < ranges.size - 2 and ranges[k + 1] < x:
            k += 1
        index[cell] = k
    return index


@njit(cache=True, inline="always")
def metres_left(mass, masses, ranges):
    """Metres left at a mass, held to the table's ends; the masses are evenly spaced."""
    at = (mass - masses[0]) / (masses[1] - masses[0])
    k = min(max(int(at), 0), masses.size - 2)
    return ranges[k] + (ranges[k + 1] - ranges[k]) * min(max(at - k, 0.0), 1.0)


@njit(cache=True)
def _before(end, length, masses, ranges, index, step):
    """Mass before so many metres that end at a mass [kg]; NaN where the table does not reach so far."""
    slack = 1e-9 * (masses[-1] - masses[0])
    if not (end >= masses[0] - slack and end <= masses[-1] + slack):
        return np.nan
    x = metres_left(end, masses, ranges) + length
    return np.nan if x > ranges[-1] * (1.0 + 1e-9) else mass_at(x, masses, ranges, index, step)


@njit(cache=True)
def _no_less(run, target, part, length, masses, ranges, index, step, rounds, settled):
    """The greater of `run` and the mass wanted so many metres before `target` [kg]; inf where the table ends.

    part : of what is burnt on the way wanted on top of `target`. That margin grows with the burn it protects: the
    two are found together, to `settled` kg or in so many rounds.
    """
    end = target
    if run > target:
        end = (target + part * run) / (1.0 + part)  # wanted on arrival, were `run` what is wanted before
        if end <= masses[-1] and metres_left(end, masses, ranges) + length <= metres_left(
            run, masses, ranges
        ):
            return run
    start = _before(end, length, masses, ranges, index, step)
    burn = start - end
    for _ in range(rounds):
        before, end = burn, target + part * burn
        start = _before(end, length, masses, ranges, index, step)
        burn = start - end
        if not abs(burn - before) > settled:
            break
    return np.inf if np.isnan(start) else max(run, start)


@njit(cache=True)
def guarded(
    air, wanted, margin, events, point, join, masses, ranges, index, step, rounds, settled,
):  # fmt: skip
    """Mass wanted after each event so that every moment up to a later one is safe, (n, n + 1) [kg].

    wanted, margin : (points,) mass wanted there, and the share of what was burnt since the event wanted on top
    point, join : (n - 1,) guarded point at the end of each candidate, and burn of the contact beyond cruise [kg]
    [i, j] looks from event i to candidate j - 1, [i, n] to the landing; inf where no mass would do.
    """
    n = events.size
    mass = np.full((n, n + 1), np.inf)
    so_far = np.empty(air.size)
    for i in range(n):
        run = -np.inf
        for k in range(air.size):
            length = air[k] - events[i]
            if length >= -1e-6 and run < np.inf:
                run = np.inf
                if np.isfinite(wanted[k]):
                    run = _no_less(
                        so_far[k - 1] if k > 0 else -np.inf, wanted[k], margin[k], max(length, 0.0), masses, ranges,
                        index, step, rounds, settled,
                    )  # fmt: skip
            so_far[k] = run
        mass[i, n] = run
        for j in range(i + 1, n):
            k = point[j - 1]
            mass[i, j] = so_far[k]
            if so_far[k] < np.inf:
                target = wanted[k] + (1.0 + margin[k]) * join[j - 1]
                mass[i, j] = _no_less(
                    so_far[k], target, margin[k], max(air[k] - events[i], 0.0), masses, ranges, index, step,
                    rounds, settled,
                )  # fmt: skip
    return mass


@njit(cache=True)
def most_fuel(
    zero_fuel_mass, capacity, masses, ranges, index, step, air_end, air_start, join_burn, need, option_offload,
    option_base, next_state, start_state, start_fuel,
):  # fmt: skip
    """Most fuel on board after each event, for each state; -1 where it cannot be reached.

    Arriving with more fuel never hurts (arrival fuel is monotone in starting fuel), so this decides exactly,
    for these candidates, which numbers of sorties suffice.

    need[i, j] : fuel after event i without which event j (or landing, j = n) or a moment before it is unsafe
    option_offload[j, o, s] : most one receiver can be given at j by option o with s sorties, s = 0..
    """
    n = air_end.size
    n_state = next_state.shape[0]
    best = np.full((n, n_state), -1.0)
    best[0, start_state] = start_fuel
    for i in range(n - 1):
        for state in range(n_state):
            fuel = best[i, state]
            if fuel < 0.0:
                continue
            x = metres_left(zero_fuel_mass + fuel, masses, ranges)
            for j in range(i + 1, n):
                if air_start[j] < air_end[i] or fuel < need[i, j]:
                    continue
                left = mass_at(x - (air_end[j] - air_end[i]), masses, ranges, index, step)
                arrival = left - zero_fuel_mass - join_burn[j]
                if arrival <= 0.0:
                    continue
                for option in range(option_offload.shape[1]):
                    base = option_base[j, option]
                    if base < 0:
                        continue
                    for sorties in range(1, option_offload.shape[2]):
                        after_state = next_state[state, base, sorties]
                        if after_state < 0 or option_offload[j, option, sorties] <= 0.0:
                            continue
                        after = min(capacity, arrival + option_offload[j, option, sorties])
                        if after > best[j, after_state]:
                            best[j, after_state] = after
    return best
