"""Kernels of the proved least fuel: a lower bound over cells of fuel, and the cells an optimum may lie in.

Events are take-off (0) and the candidate contacts in order. Each event has cells [low, high] of the fuel on
board just after it. Options of an event carry a price; take-off has one option, whose price is that of a
kilogram in every receiver. `state` is what `next_state` of the ladder makes it: sorties left, in all and by
limited base.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def _after(x, masses, ranges, index, step):
    """Mass at which `x` metres are left [kg]: the inverse of the reach, by a table of where to start."""
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


@njit(cache=True)
def _left(mass, masses, ranges):
    """Metres left at a mass; the masses are evenly spaced."""
    at = (mass - masses[0]) / (masses[1] - masses[0])
    k = min(max(int(at), 0), masses.size - 2)
    return ranges[k] + (ranges[k + 1] - ranges[k]) * min(max(at - k, 0.0), 1.0)


@njit(cache=True)
def _at(mass, masses, values):
    """Value of the interval a mass lies in; the masses are evenly spaced."""
    k = int((mass - masses[0]) / (masses[1] - masses[0]))
    return values[min(max(k, 0), values.size - 1)]


@njit(cache=True)
def _arrivals(
    first, last, low, high, least, length, join_burn, dry, masses, ranges, index, step, least_rate, most_rate,
    from_low, at_low, at_high, bulge,
):  # fmt: skip
    """Start, arrival at both ends of each cell and how far the arrival may lie above its chord [kg].

    The slope of the arrival is the burn per metre at the end over that at the start; `least_rate` and
    `most_rate` enclose both from below and above, so the enclosure of the slope is rigorous.
    """
    for c in range(first, last):
        start = max(low[c], least)
        from_low[c] = start
        x_low = _left(dry + start, masses, ranges) - length
        x_high = _left(dry + high[c], masses, ranges) - length
        end_low = _after(x_low, masses, ranges, index, step)
        end_high = _after(x_high, masses, ranges, index, step)
        at_low[c], at_high[c] = end_low - dry - join_burn, end_high - dry - join_burn
        width = high[c] - start
        bulge[c] = 0.0
        if width > 0.0:
            chord = (end_high - end_low) / width
            steep = _at(end_high, masses, most_rate) / _at(dry + start, masses, least_rate)
            flat = _at(end_low, masses, least_rate) / _at(dry + high[c], masses, most_rate)
            steep, flat = max(steep, chord), min(flat, chord)
            if steep > flat:
                bulge[c] = width * (steep - chord) * (chord - flat) / (steep - flat)


@njit(cache=True)
def bound(
    dry, masses, ranges, index, step, least_rate, most_rate, air_end, air_start, join_burn, need, offload, base,
    fixed, price, next_state, may_land, cell_of, low, high, alive,
):  # fmt: skip
    """Least of price x fuel after the event + what is bought later, over each cell, never above the truth.

    may_land : (states,) True where no more sorties have to be flown
    cell_of : (n + 1,) where each event's cells begin; low, high : (cells,); alive : (cells, states)
    Returns value (cells, states, options) and choice (cells, states, options, 4): event, option, sorties, cell;
    -1 = land.
    """
    n, n_state = air_end.size, next_state.shape[0]
    n_option, n_sortie = base.shape[1], offload.shape[2]
    total = low.size
    value = np.full((total, n_state, n_option), np.inf)
    choice = np.full((total, n_state, n_option, 4), -1, np.int32)
    from_low, at_low, at_high, bulge = np.empty(total), np.empty(total), np.empty(total), np.empty(total)
    deque = np.empty(total, np.int64)
    options = np.ones(n, np.int64)
    living = _living(cell_of, alive)
    leads = np.zeros((n, n_state, n_option), np.bool_)  # True where some cell of the event has a value
    for j in range(1, n):
        for o in range(n_option):
            if base[j, o] >= 0:
                options[j] = o + 1
    for i in range(n - 1, -1, -1):
        begin, end = cell_of[i], cell_of[i + 1]
        if begin == end:
            continue
        landing = need[i, n]
        for c in range(begin, end):
            if high[c] >= landing:
                for s in range(n_state):
                    if alive[c, s] and may_land[s]:
                        for o in range(options[i]):
                            value[c, s, o] = price[i, o] * max(low[c], landing)
        for j in range(i + 1, n):
            if cell_of[j] == cell_of[j + 1] or air_start[j] < air_end[i] or high[end - 1] < need[i, j]:
                continue
            first = begin
            while high[first] < need[i, j]:
                first += 1
            _arrivals(
                first, end, low, high, need[i, j], air_end[j] - air_end[i], join_burn[j], dry, masses, ranges,
                index, step, least_rate, most_rate, from_low, at_low, at_high, bulge,
            )  # fmt: skip
            for o2 in range(n_option):
                pool = base[j, o2]
                if pool < 0:
                    continue
                q = price[j, o2]
                for sorties in range(1, n_sortie):
                    most = offload[j, o2, sorties]
                    if most <= 0.0:
                        continue
                    toll = fixed[j, o2] * sorties
                    for s in range(n_state):
                        after = next_state[s, pool, sorties]
                        if after < 0 or not living[i, s] or not leads[j, after, o2]:
                            continue
                        head, tail, e = 0, 0, cell_of[j]
                        for c in range(first, end):
                            if not alive[c, s] or at_high[c] <= 0.0:
                                continue
                            limit = at_high[c] + most + 1e-6
                            while e < cell_of[j + 1] and low[e] <= limit:
                                if alive[e, after] and value[e, after, o2] < np.inf:
                                    while (
                                        tail > head
                                        and value[deque[tail - 1], after, o2] >= value[e, after, o2]
                                    ):
                                        tail -= 1
                                    deque[tail] = e
                                    tail += 1
                                e += 1
                            while head < tail and high[deque[head]] < at_low[c] - 1e-6:
                                head += 1
                            if head == tail:
                                continue
                            pick = deque[head]
                            later = value[pick, after, o2] + toll - q * bulge[c]
                            for o in range(options[i]):
                                p = price[i, o]
                                cost = later + min(
                                    p * from_low[c] - q * at_low[c], p * high[c] - q * at_high[c]
                                )
                                if cost < value[c, s, o]:
                                    value[c, s, o] = cost
                                    choice[c, s, o, 0] = j
                                    choice[c, s, o, 1] = o2
                                    choice[c, s, o, 2] = sorties
                                    choice[c, s, o, 3] = pick
        for c in range(begin, end):
            for s in range(n_state):
                for o in range(options[i]):
                    if value[c, s, o] < np.inf:
                        leads[i, s, o] = True
    return value, choice


@njit(cache=True)
def _living(cell_of, alive):
    """(n, states) True where some cell of the event is alive."""
    found = np.zeros((cell_of.size - 1, alive.shape[1]), np.bool_)
    for i in range(cell_of.size - 1):
        for c in range(cell_of[i], cell_of[i + 1]):
            for s in range(alive.shape[1]):
                if alive[c, s]:
                    found[i, s] = True
    return found


@njit(cache=True)
def within(
    dry, masses, ranges, index, step, least_rate, most_rate, air_end, air_start, join_burn, need, offload, base,
    fixed, price, next_state, may_land, cell_of, low, high, alive, value, start, limit,
):  # fmt: skip
    """(cells, states) True where a plan that costs no more than `limit` may pass."""
    n, n_state = air_end.size, next_state.shape[0]
    n_option, n_sortie = base.shape[1], offload.shape[2]
    total = low.size
    spent = np.full((total, n_state, n_option), np.inf)
    keep = np.zeros((total, n_state), np.bool_)
    from_low, at_low, at_high, bulge = np.empty(total), np.empty(total), np.empty(total), np.empty(total)
    living = _living(cell_of, alive)
    passed = np.zeros(n_state, np.bool_)
    for c in range(cell_of[0], cell_of[1]):
        if alive[c, start] and value[c, start, 0] <= limit:
            spent[c, start, 0] = 0.0
    for i in range(n):
        begin, end = cell_of[i], cell_of[i + 1]
        passed[:] = False
        for c in range(begin, end):
            for s in range(n_state):
                for o in range(n_option):
                    if spent[c, s, o] + value[c, s, o] <= limit:
                        keep[c, s] = passed[s] = True
        if not passed.any():
            continue
        for j in range(i + 1, n):
            if cell_of[j] == cell_of[j + 1] or air_start[j] < air_end[i] or high[end - 1] < need[i, j]:
                continue
            first = begin
            while high[first] < need[i, j]:
                first += 1
            _arrivals(
                first, end, low, high, need[i, j], air_end[j] - air_end[i], join_burn[j], dry, masses, ranges,
                index, step, least_rate, most_rate, from_low, at_low, at_high, bulge,
            )  # fmt: skip
            for o2 in range(n_option):
                pool = base[j, o2]
                if pool < 0:
                    continue
                q = price[j, o2]
                for sorties in range(1, n_sortie):
                    most = offload[j, o2, sorties]
                    if most <= 0.0:
                        continue
                    toll = fixed[j, o2] * sorties
                    for s in range(n_state):
                        after = next_state[s, pool, sorties]
                        if after < 0 or not passed[s] or not living[j, after]:
                            continue
                        e_first = cell_of[j]
                        for c in range(first, end):
                            if not keep[c, s] or at_high[c] <= 0.0:
                                continue
                            while e_first < cell_of[j + 1] and high[e_first] < at_low[c] - 1e-6:
                                e_first += 1
                            for o in range(n_option):
                                if spent[c, s, o] + value[c, s, o] > limit:
                                    continue
                                p = price[i, o]
                                gone = spent[c, s, o] + toll - q * bulge[c]
                                gone += min(p * from_low[c] - q * at_low[c], p * high[c] - q * at_high[c])
                                e = e_first
                                while e < cell_of[j + 1] and low[e] <= at_high[c] + most + 1e-6:
                                    if alive[e, after] and gone + value[e, after, o2] <= limit:
                                        spent[e, after, o2] = min(spent[e, after, o2], gone)
                                    e += 1
    return keep
