"""Kernel of the teams of tankers: the most fuel one tanker, or two side by side, can have far out.

Arrays are flat float64/int64, fuel in kg, distances in still-air metres of the way out from the base; `home` is the
still-air metres of the way back for each of those. A state is (tankers side by side 1 or 2, sorties spent, node): its
front holds up to FRONT pairs (fuel on board, burnt since fuel was last known), none of which beats another: has more
fuel, and more by what carrying that may burn when the margin for doubt is taken from both.

How a state came to be, in `how`: ON from the node before, TOOK from another team, MERGED when one of two gave to the
other. `part` holds (sorties of the taker, its place in its front, tankers side by side that gave, sorties of the
giver, its place, 1 where the givers are met on their way home).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from longreach.fuel._ladder_kernels import _interp

FRONT = 6
CARRIED = 0.5  # of fuel more on board, burnt for it before fuel is known again: at most
ON, TOOK, MERGED = 1, 2, 3
# places in the vector of figures
DRY, START, CAPACITY, RESERVE, MARGIN, SHARE, MOST, LEAST = range(8)
NODE, FIRST, REGAIN, TRANSFER, JOIN, HOME, EARLY, CONTACT = range(8, 16)
GRID = 61  # burns since fuel was last known for which the fuel wanted by a tanker that is met is tabled


@njit(cache=True)
def after(figures, masses, ranges, fuel, metres):
    """Fuel left after a distance; -1 where it does not last."""
    mass = figures[DRY] + fuel
    if fuel <= 0.0 or mass > masses[-1] + 1e-6:
        return -1.0
    left = _interp(mass, masses, ranges) - metres
    if left < ranges[0]:
        return -1.0
    return _interp(left, ranges, masses) - figures[DRY]


@njit(cache=True)
def before(figures, masses, ranges, fuel, metres):
    """Fuel before a distance that ends with `fuel`; inf where no tanker can hold it."""
    mass = figures[DRY] + fuel
    if mass > masses[-1]:
        return np.inf
    start = _interp(mass, masses, ranges) + metres
    if start > ranges[-1]:
        return np.inf
    return _interp(start, ranges, masses) - figures[DRY]


@njit(cache=True)
def wanted(figures, masses, ranges, since, metres):
    """Fuel with which a field so far off is reached with the reserve and the margin for doubt; inf where none is."""
    reserve, margin = figures[RESERVE], figures[MARGIN]
    end = reserve + margin * since
    for _ in range(6 if margin > 0.0 else 1):
        burn = before(figures, masses, ranges, end, metres) - end
        if burn == np.inf:
            return np.inf
        end = reserve + margin * (since + burn)
    return before(figures, masses, ranges, end, metres)


@njit(cache=True)
def refuge_at(figures, refuge, x):
    """Way to the best field from a distance out: between nodes along the chord, which is never nearer."""
    node = min(int(x / figures[NODE]), refuge.size - 1)
    if node + 1 >= refuge.size:
        return refuge[node] + x - node * figures[NODE]
    part = x / figures[NODE] - node
    return refuge[node] * (1.0 - part) + refuge[node + 1] * part


@njit(cache=True)
def _met_from(figures, masses, ranges, table, since_step, node, since, metres):
    """Fuel wanted so far before a node from which the tanker goes home and is met."""
    fuel = np.inf
    burn = 0.0
    for _ in range(4):
        place = (since + burn) / since_step
        low = min(int(place), GRID - 2)
        end = table[node, low] + (table[node, low + 1] - table[node, low]) * (
            place - low
        )  # beyond the last: as before it
        if not end < np.inf:
            return np.inf
        fuel = before(figures, masses, ranges, end, metres)
        if not fuel < np.inf:
            return np.inf
        burn = fuel - end
    return fuel


@njit(cache=True)
def met_table(figures, masses, ranges, refuge, meet, since_step):
    """(least, where), (nodes, GRID): fuel wanted on the way home by a tanker that one more sortie meets, and the node.

    inf where none helps. meet : (nodes,) what a tanker can give whose contact with one on its way home starts there
    """
    nodes = refuge.size
    table, where = np.full((nodes, GRID), np.inf), np.zeros((nodes, GRID), np.int64)
    step = figures[NODE] * figures[HOME]
    for node in range(1, nodes):
        x = node * figures[NODE]
        for k in range(GRID):
            since = k * since_step
            best = np.inf
            y = x - figures[TRANSFER]
            if x >= figures[FIRST] and y > 0.0 and meet[node] >= figures[LEAST]:
                end = wanted(figures, masses, ranges, 0.0, y * figures[HOME])
                if end <= figures[CAPACITY]:
                    least = max(end - meet[node], figures[RESERVE])
                    fuel, burn = np.inf, 0.0
                    for _ in range(4):
                        low = wanted(figures, masses, ranges, since + burn, refuge_at(figures, refuge, y))
                        low = max(low, least)
                        fuel = before(figures, masses, ranges, low, figures[TRANSFER] * figures[HOME])
                        if not fuel < np.inf:
                            break
                        fuel += figures[JOIN]
                        burn = fuel - low
                    best, where[node, k] = fuel, node
            later = _met_from(figures, masses, ranges, table, since_step, node - 1, since, step)
            if later < best:
                best = later
                place = min(int((since + later - table[node - 1, 0]) / since_step + 0.5), GRID - 1)
                where[node, k] = where[node - 1, max(place, 0)]
            if best < np.inf:
                best = max(best, wanted(figures, masses, ranges, since, refuge[node]))
            table[node, k] = best
    return table, where


@njit(cache=True)
def meetings(figures, masses, ranges, nodes):
    """(nodes,) what a tanker that flies out alone can give to one on its way home, by where their contact starts."""
    found = np.zeros(nodes)
    for node in range(nodes):
        x = node * figures[NODE]
        y = x - figures[TRANSFER]
        left = after(figures, masses, ranges, figures[START], x) - figures[EARLY] - figures[JOIN]
        left = after(figures, masses, ranges, left, figures[TRANSFER] * figures[HOME])
        if x < figures[FIRST] or y <= 0.0 or left <= 0.0:
            continue
        need = wanted(figures, masses, ranges, figures[START] - left, y * figures[HOME])
        if left > need:
            found[node] = min(figures[SHARE] * (left - need), figures[MOST])
    return found


@njit(cache=True)
def going_home(figures, masses, ranges, refuge, table, since_step, x, since, met):
    """Fuel wanted at a distance out by a tanker that has given and goes home, met on the way, in a while, or not."""
    if not met:
        return wanted(figures, masses, ranges, since, x * figures[HOME])
    node = min(int(max(x - figures[REGAIN], 0.0) / figures[NODE]), refuge.size - 1)
    metres = (x - node * figures[NODE]) * figures[HOME]
    fuel = _met_from(figures, masses, ranges, table, since_step, node, since, metres)
    if not fuel < np.inf:
        return np.inf
    return max(fuel, wanted(figures, masses, ranges, since, refuge_at(figures, refuge, x)))


@njit(cache=True)
def spared(figures, masses, ranges, refuge, table, since_step, x, way_out, left, burnt, state, most, who):
    """Into (most, who), by sorties: what tankers side by side can give at a distance out, each its share.

    state : (tankers side by side, sorties, place in the front), kept in `who` with 1 where they are met on the way home
    way_out : to the best field, were nothing given; left, burnt : on board of each, and since fuel was last known
    """
    if left <= 0.0 or left < wanted(figures, masses, ranges, burnt, way_out):
        return
    for met in range(2):
        total = state[1] + state[0] * met
        if total >= most.size:
            return
        need = going_home(figures, masses, ranges, refuge, table, since_step, x, burnt, met == 1)
        amount = figures[SHARE] * (left - need)
        if amount > most[total]:
            most[total] = amount
            who[total, 0], who[total, 1], who[total, 2], who[total, 3] = state[0], state[1], state[2], met


@njit(cache=True)
def _put(margin, fuel, since, how, part, count, at, new_fuel, new_since, new_how, new_part):
    """Into the front at `at`, unless one there is as good; what it beats goes."""
    held = new_fuel - margin * new_since
    carried = CARRIED * (1.0 + margin) if margin > 0.0 else 0.0
    n = count[at]
    for k in range(n):
        more = fuel[at][k] - new_fuel
        if more >= -1e-6 and fuel[at][k] - margin * since[at][k] - held >= carried * more - 1e-6:
            return
    kept = 0
    for k in range(n):
        more = new_fuel - fuel[at][k]
        if not (more >= 0.0 and held - fuel[at][k] + margin * since[at][k] >= carried * more):
            fuel[at][kept], since[at][kept], how[at][kept] = fuel[at][k], since[at][k], how[at][k]
            part[at][kept] = part[at][k]
            kept += 1
    if kept == FRONT:  # keep the ends of the front: of the others the one with least fuel goes
        holds, gone = 0, -1
        for k in range(kept):
            if fuel[at][k] - margin * since[at][k] > fuel[at][holds] - margin * since[at][holds]:
                holds = k
        for k in range(kept):
            if k != holds and (gone < 0 or fuel[at][k] < fuel[at][gone]):
                gone = k
        if new_fuel < fuel[at][gone] and held < fuel[at][holds] - margin * since[at][holds]:
            return
        kept, n = gone, FRONT
    else:
        n = kept + 1
    fuel[at][kept], since[at][kept], how[at][kept] = new_fuel, new_since, new_how
    part[at][kept] = new_part
    count[at] = n


@njit(cache=True)
def states(figures, masses, ranges, refuge, table, since_step, skips, largest, pairs):
    """Every front of one column: (fuel, since, how, part, count), axes (side by side - 1, sorties, node, place).

    skips : nodes from where a transfer begins to where the taker is a state again: of one contact, of two in turn
    """
    nodes = refuge.size
    shape = (2, largest + 1, nodes, FRONT)
    fuel, since = np.full(shape, -1.0), np.zeros(shape)
    how, part = np.zeros(shape, np.int8), np.zeros((2, largest + 1, nodes, FRONT, 6), np.int16)
    count = np.zeros((2, largest + 1, nodes), np.int64)
    margin, share, step = figures[MARGIN], figures[SHARE], figures[NODE]
    nothing = np.zeros(6, np.int16)
    new = np.zeros(6, np.int16)
    sides = 2 if pairs else 1
    for m in range(sides):
        if m + 1 <= largest:
            fuel[m, m + 1, 0, 0], how[m, m + 1, 0, 0], count[m, m + 1, 0] = figures[START], ON, 1
    spare = np.zeros((2, 2, largest + 1))  # of one contact or two in turn; by givers side by side, sorties
    who = np.zeros((2, 2, largest + 1, 4), np.int16)
    for node in range(nodes):
        x = node * step
        for m in range(sides):
            for s in range(m + 1, largest + 1):
                if node:
                    for k in range(count[m, s, node - 1]):
                        had = fuel[m, s, node - 1, k]
                        left = after(figures, masses, ranges, had, step)
                        if left > 0.0:
                            new[:] = nothing
                            new[1] = k
                            _put(margin, fuel, since, how, part, count, (m, s, node), left,
                                 since[m, s, node - 1, k] + had - left, ON, new)  # fmt: skip
                kept = 0
                for k in range(count[m, s, node]):  # nothing is told of where it could not turn for a field
                    need = wanted(figures, masses, ranges, since[m, s, node, k], refuge[node])
                    if fuel[m, s, node, k] >= need:
                        fuel[m, s, node, kept], since[m, s, node, kept] = (
                            fuel[m, s, node, k],
                            since[m, s, node, k],
                        )
                        how[m, s, node, kept] = how[m, s, node, k]
                        part[m, s, node, kept] = part[m, s, node, k]
                        kept += 1
                count[m, s, node] = kept
        if x < figures[FIRST]:
            continue
        for turns in range(2 if pairs else 1):
            skip = skips[turns]
            if node + skip >= nodes:
                continue
            length = figures[TRANSFER] * (turns + 1)
            end = x + length
            rest = skip * step - length
            way_out = refuge_at(figures, refuge, end)
            # what those who give can spare, each
            for n in range(sides):
                for s in range(largest + 1):
                    spare[turns, n, s] = 0.0
                for s in range(n + 1, largest + 1):
                    for k in range(count[n, s, node]):
                        had = fuel[n, s, node, k]
                        left = after(figures, masses, ranges, had, length) - figures[JOIN]
                        burnt = since[n, s, node, k] + had - left
                        spared(figures, masses, ranges, refuge, table, since_step, end, way_out, left, burnt,
                               (n + 1, s, k), spare[turns, n], who[turns, n])  # fmt: skip
            for m in range(sides):
                n = m if turns == 0 else 0  # as many as take, or one for both
                if turns == 1 and m == 0:
                    continue
                room = figures[CAPACITY]
                if turns == 1:  # whoever took first has flown on since
                    room = after(figures, masses, ranges, room, figures[TRANSFER])
                for a in range(m + 1, largest + 1):
                    for k in range(count[m, a, node]):
                        had = fuel[m, a, node, k]
                        left = after(figures, masses, ranges, had, length) - figures[JOIN]
                        burnt = since[m, a, node, k] + had - left
                        if left <= 0.0 or left < wanted(figures, masses, ranges, burnt, way_out):
                            continue
                        most = 0.0
                        for b in range(n + 1, largest - a + 1):
                            given = spare[turns, n, b]
                            if given <= most:
                                continue
                            most = given
                            given = min(given * (n + 1) / (m + 1), figures[MOST], room - left)
                            if given < figures[LEAST]:
                                continue
                            then = after(figures, masses, ranges, left + given, rest)
                            if then <= 0.0:
                                continue
                            new[0], new[1], new[2:] = a, k, who[turns, n, b]
                            _put(margin, fuel, since, how, part, count, (m, a + b, node + skip), then,
                                 left + given - then, TOOK, new)  # fmt: skip
                        if turns == 1 or m == 0:
                            continue
                        for met in range(2):  # one of two gives to the other
                            if a + met > largest:
                                continue
                            need = going_home(
                                figures, masses, ranges, refuge, table, since_step, end, burnt, met == 1
                            )
                            given = min(share * (left - need), figures[MOST], figures[CAPACITY] - left)
                            if given < figures[LEAST]:
                                continue
                            then = after(figures, masses, ranges, left + given, rest)
                            if then <= 0.0:
                                continue
                            new[0], new[1], new[2], new[3], new[4], new[5] = a, k, 1, 0, 0, met
                            _put(margin, fuel, since, how, part, count, (0, a + met, node + skip), then,
                                 left + given - then, MERGED, new)  # fmt: skip
    return fuel, since, how, part, count


@njit(cache=True)
def given(figures, masses, ranges, refuge, table, since_step, fuel, since, count, out_m, back_m):
    """(most, choice) by contact and sorties: all that the roots can give; (side by side, sorties, place, met)."""
    each = np.zeros((2, fuel.shape[1]))
    who = np.zeros((2, fuel.shape[1], 4), np.int16)
    largest = fuel.shape[1] - 1
    most = np.zeros((out_m.size, largest + 1))
    choice = np.zeros((out_m.size, largest + 1, 4), np.int16)
    for c in range(out_m.size):
        node = int(out_m[c] / figures[NODE])
        if node >= refuge.size:
            continue
        x = back_m[c] / figures[HOME]
        way_out = min(refuge_at(figures, refuge, x), back_m[c])
        each[:] = 0.0
        for m in range(2):
            for s in range(m + 1, largest + 1):
                for k in range(count[m, s, node]):
                    had = fuel[m, s, node, k]
                    left = after(figures, masses, ranges, had, out_m[c] - node * figures[NODE])
                    left -= figures[EARLY] + figures[CONTACT]
                    burnt = since[m, s, node, k] + had - left
                    spared(figures, masses, ranges, refuge, table, since_step, x, way_out, left, burnt,
                           (m + 1, s, k), each[m], who[m])  # fmt: skip
            for s in range(m + 1, largest + 1):
                if (m + 1) * each[m, s] > most[c, s]:
                    most[c, s] = (m + 1) * each[m, s]
                    choice[c, s] = who[m, s]
    return most, choice
