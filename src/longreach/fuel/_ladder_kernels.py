"""Kernel of the refuelling plan: the most fuel attainable after each contact along one line.

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
