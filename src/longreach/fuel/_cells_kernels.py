"""Kernels of the proved least fuel: a lower bound over cells of fuel, and the cells an optimum may lie in.

Events are take-off (0) and the candidate contacts in order. Options of an event carry a price; take-off has one
option, whose price is that of a kilogram in every receiver. A state is what `next_state` of the ladder makes it:
sorties left, in all and by limited base. Each event has cells [low, high] of the fuel on board just after it, in
every state by themselves: of many states few stay possible once the cells are small.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from longreach.fuel._ladder_kernels import mass_at, metres_left


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
        x_low = metres_left(dry + start, masses, ranges) - length
        x_high = metres_left(dry + high[c], masses, ranges) - length
        end_low = mass_at(x_low, masses, ranges, index, step)
        end_high = mass_at(x_high, masses, ranges, index, step)
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
    fixed, price, next_state, may_land, cell_of, low, high,
):  # fmt: skip
    """Least of price x fuel after the event + what is bought later, over each cell, never above the truth.

    may_land : (states,) True where no more sorties have to be flown
    cell_of : (n * states + 1,) where the cells of each event and state begin; low, high : (cells,)
    Returns value (cells, options) and choice (cells, options, 4): event, option, sorties, cell; -1 = land.
    """
    n, n_state = air_end.size, next_state.shape[0]
    n_option, n_sortie = base.shape[1], offload.shape[2]
    total = low.size
    value = np.full((total, n_option), np.inf)
    choice = np.full((total, n_option, 4), -1, np.int32)
    from_low, at_low, at_high, bulge = np.empty(total), np.empty(total), np.empty(total), np.empty(total)
    deque = np.empty(total, np.int64)
    options = np.ones(n, np.int64)
    leads = np.zeros(
        (n * n_state, n_option), np.bool_
    )  # True where some cell of the event and state has a value
    anything = np.zeros((n, n_option), np.bool_)  # likewise, of the event
    for j in range(1, n):
        for o in range(n_option):
            if base[j, o] >= 0:
                options[j] = o + 1
    for i in range(n - 1, -1, -1):
        landing = need[i, n]
        for s in range(n_state):
            begin, end = cell_of[i * n_state + s], cell_of[i * n_state + s + 1]
            if begin == end:
                continue
            if may_land[s]:
                for c in range(begin, end):
                    if high[c] >= landing:
                        for o in range(options[i]):
                            value[c, o] = price[i, o] * max(low[c], landing)
            for j in range(i + 1, n):
                if not anything[j].any() or air_start[j] < air_end[i] or high[end - 1] < need[i, j]:
                    continue
                first = begin
                while high[first] < need[i, j]:
                    first += 1
                reckoned = False
                for o2 in range(n_option):
                    pool = base[j, o2]
                    if pool < 0 or not anything[j, o2]:
                        continue
                    q = price[j, o2]
                    for sorties in range(1, n_sortie):
                        most, after = offload[j, o2, sorties], next_state[s, pool, sorties]
                        if most <= 0.0 or after < 0 or not leads[j * n_state + after, o2]:
                            continue
                        if not reckoned:
                            _arrivals(
                                first, end, low, high, need[i, j], air_end[j] - air_end[i], join_burn[j], dry,
                                masses, ranges, index, step, least_rate, most_rate, from_low, at_low, at_high,
                                bulge,
                            )  # fmt: skip
                            reckoned = True
                        toll = fixed[j, o2] * sorties
                        head, tail = 0, 0
                        e, e_last = cell_of[j * n_state + after], cell_of[j * n_state + after + 1]
                        for c in range(first, end):
                            if at_high[c] <= 0.0:
                                continue
                            limit = at_high[c] + most + 1e-6
                            while e < e_last and low[e] <= limit:
                                if value[e, o2] < np.inf:
                                    while tail > head and value[deque[tail - 1], o2] >= value[e, o2]:
                                        tail -= 1
                                    deque[tail] = e
                                    tail += 1
                                e += 1
                            while head < tail and high[deque[head]] < at_low[c] - 1e-6:
                                head += 1
                            if head == tail:
                                continue
                            pick = deque[head]
                            later = value[pick, o2] + toll - q * bulge[c]
                            for o in range(options[i]):
                                p = price[i, o]
                                cost = later + min(
                                    p * from_low[c] - q * at_low[c], p * high[c] - q * at_high[c]
                                )
                                if cost < value[c, o]:
                                    value[c, o] = cost
                                    choice[c, o, 0] = j
                                    choice[c, o, 1] = o2
                                    choice[c, o, 2] = sorties
                                    choice[c, o, 3] = pick
            for o in range(options[i]):
                for c in range(begin, end):
                    if value[c, o] < np.inf:
                        leads[i * n_state + s, o] = anything[i, o] = True
                        break
    return value, choice


@njit(cache=True)
def within(
    dry, masses, ranges, index, step, least_rate, most_rate, air_end, air_start, join_burn, need, offload, base,
    fixed, price, next_state, may_land, cell_of, low, high, value, start, limit,
):  # fmt: skip
    """(cells,) True where a plan that costs no more than `limit` may pass."""
    n, n_state = air_end.size, next_state.shape[0]
    n_option, n_sortie = base.shape[1], offload.shape[2]
    total = low.size
    spent = np.full((total, n_option), np.inf)
    keep = np.zeros(total, np.bool_)
    from_low, at_low, at_high, bulge = np.empty(total), np.empty(total), np.empty(total), np.empty(total)
    for c in range(cell_of[start], cell_of[start + 1]):
        if value[c, 0] <= limit:
            spent[c, 0] = 0.0
    for i in range(n):
        for s in range(n_state):
            begin, end = cell_of[i * n_state + s], cell_of[i * n_state + s + 1]
            passed = False
            for c in range(begin, end):
                for o in range(n_option):
                    if spent[c, o] + value[c, o] <= limit:
                        keep[c] = passed = True
            if not passed:
                continue
            for j in range(i + 1, n):
                if cell_of[j * n_state] == cell_of[(j + 1) * n_state]:
                    continue
                if air_start[j] < air_end[i] or high[end - 1] < need[i, j]:
                    continue
                first = begin
                while high[first] < need[i, j]:
                    first += 1
                reckoned = False
                for o2 in range(n_option):
                    pool = base[j, o2]
                    if pool < 0:
                        continue
                    q = price[j, o2]
                    for sorties in range(1, n_sortie):
                        most, after = offload[j, o2, sorties], next_state[s, pool, sorties]
                        if most <= 0.0 or after < 0:
                            continue
                        e_first, e_last = cell_of[j * n_state + after], cell_of[j * n_state + after + 1]
                        if e_first == e_last:
                            continue
                        if not reckoned:
                            _arrivals(
                                first, end, low, high, need[i, j], air_end[j] - air_end[i], join_burn[j], dry,
                                masses, ranges, index, step, least_rate, most_rate, from_low, at_low, at_high,
                                bulge,
                            )  # fmt: skip
                            reckoned = True
                        toll = fixed[j, o2] * sorties
                        for c in range(first, end):
                            if not keep[c] or at_high[c] <= 0.0:
                                continue
                            while e_first < e_last and high[e_first] < at_low[c] - 1e-6:
                                e_first += 1
                            for o in range(n_option):
                                if spent[c, o] + value[c, o] > limit:
                                    continue
                                p = price[i, o]
                                gone = spent[c, o] + toll - q * bulge[c]
                                gone += min(p * from_low[c] - q * at_low[c], p * high[c] - q * at_high[c])
                                e = e_first
                                while e < e_last and low[e] <= at_high[c] + most + 1e-6:
                                    if gone + value[e, o2] <= limit:
                                        spent[e, o2] = min(spent[e, o2], gone)
                                    e += 1
    return keep
