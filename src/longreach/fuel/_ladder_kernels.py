"""Kernels of the refuelling plan: two dynamic programmes over contacts along one line.

Arrays are flat float64/int64. Event 0 is take-off, events 1..n-1 are candidate contacts in order along the
line. Fuel is that on board one receiver just after the event. `state` encodes how many sorties may still be
flown (in all, and from bases whose number is limited); `next_state[state, base, sorties]` is -1 where that is
not allowed.
"""

from __future__ import annotations

import numpy as np
from numba import njit


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


@njit(cache=True)
def most_fuel(
    zero_fuel_mass, capacity, masses, ranges, air_end, air_start, join_burn, need, option_offload,
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
            x = _interp(zero_fuel_mass + fuel, masses, ranges)
            for j in range(i + 1, n):
                if air_start[j] < air_end[i] or fuel < need[i, j]:
                    continue
                arrival = (
                    _interp(x - (air_end[j] - air_end[i]), ranges, masses) - zero_fuel_mass - join_burn[j]
                )
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


@njit(cache=True)
def least_cost(
    zero_fuel_mass, capacity, levels, masses, ranges, air_end, air_start, join_burn, need, option_offload,
    option_base, option_fixed, option_slope, receivers, next_state, most,
):  # fmt: skip
    """Cost-to-go [kg of fuel bought] from each event, state and fuel level, and the choice that attains it.

    Fuel after an event lies on `levels`; what is taken on is the exact difference from the arrival fuel, so
    nothing is rounded between contacts. `most` is the answer of `most_fuel`: what it cannot reach is left out.
    Choice: event, option, sorties and level index; -1 = land.
    """
    n = air_end.size
    n_state = next_state.shape[0]
    n_level = levels.size
    n_option = option_offload.shape[1]
    n_sortie = option_offload.shape[2]
    value = np.full((n, n_state, n_level), np.inf)
    choice = np.full((n, n_state, n_level, 4), -1)
    window = np.full((n, n_option, n_state, n_level), np.inf)  # price of each level after j, and what follows
    top = np.full((n, n_state), -1, np.int64)  # highest level reachable after i
    for i in range(n):
        for state in range(n_state):
            if most[i, state] >= 0.0:
                top[i, state] = min(n_level - 1, np.searchsorted(levels, most[i, state], side="right"))
    deque = np.zeros(n_level, np.int64)
    arrival = np.empty(n_level)
    for i in range(n - 1, -1, -1):
        highest = -1
        for state in range(n_state):
            highest = max(highest, top[i, state])
            for f in range(top[i, state] + 1):
                if levels[f] >= need[i, n]:
                    value[i, state, f] = 0.0
        if highest < 0:
            continue
        for j in range(i + 1, n):
            if air_start[j] < air_end[i] or levels[highest] < need[i, j]:
                continue
            first = np.searchsorted(levels, need[i, j])
            for f in range(first, highest + 1):
                x = _interp(zero_fuel_mass + levels[f], masses, ranges)
                arrival[f] = (
                    _interp(x - (air_end[j] - air_end[i]), ranges, masses) - zero_fuel_mass - join_burn[j]
                )
            for option in range(n_option):
                base = option_base[j, option]
                if base < 0:
                    continue
                slope = receivers * (1.0 + option_slope[j, option])
                for sorties in range(1, n_sortie):
                    offload = option_offload[j, option, sorties]
                    if offload <= 0.0:
                        continue
                    fixed = option_fixed[j, option] * sorties
                    for state in range(n_state):
                        after = next_state[state, base, sorties]
                        if after < 0 or top[i, state] < first or top[j, after] < 0:
                            continue
                        price = window[j, option, after]
                        # least price over arrival <= level <= arrival + offload: both ends only move up
                        head, tail, g = 0, 0, 0
                        for f in range(first, top[i, state] + 1):
                            if arrival[f] <= 0.0:
                                continue
                            limit = min(capacity, arrival[f] + offload) + 1e-6
                            while g < n_level and levels[g] <= limit:
                                while tail > head and price[deque[tail - 1]] >= price[g]:
                                    tail -= 1
                                deque[tail] = g
                                tail += 1
                                g += 1
                            while head < tail and levels[deque[head]] < arrival[f] - 1e-6:
                                head += 1
                            if head == tail:
                                continue
                            pick = deque[head]
                            cost = price[pick] - slope * arrival[f] + fixed
                            if cost < value[i, state, f]:
                                value[i, state, f] = cost
                                choice[i, state, f, 0] = j
                                choice[i, state, f, 1] = option
                                choice[i, state, f, 2] = sorties
                                choice[i, state, f, 3] = pick
        for option in range(n_option):
            slope = receivers * (1.0 + option_slope[i, option])
            for state in range(n_state):
                for g in range(n_level):
                    window[i, option, state, g] = slope * levels[g] + value[i, state, g]
    return value, choice
