"""Compiled kernels of the path search: costs of an edge in wind, the search on a mesh, the search in a tube.

A point is the unit vector of its reduced latitude and longitude, as in `route._kernels`. Winds at nodes are
vectors in space (ECEF axes, m/s), so that no meridian and no pole is special.

What a unit of cost buys in metres is looked up in a table [station, level, along-track wind], made once for
a question with the Mach number already chosen (`gain_tables`). At one Mach number it is linear in the wind,
so that looking it up between the table's winds loses nothing. Crosswind lowers the speed made good:
gs = w_a + sqrt(V^2 - w_c^2), here w_a - w_c^2/(2V) + V, to fourth order.
"""

import math

import numpy as np
from numba import njit

from longreach.route import _kernels as route_kernels
from longreach.world.winds import _kernels as wind_kernels

A = 6378137.0
F = 1 / 298.257223563
NEVER = 1e18  # cost of what may not be flown


@njit(cache=True, nogil=True, inline="always")
def metres(ax, ay, az, bx, by, bz):
    """Geodesic length [m] between two points, to some 1e-5 of it short of the antipode.

    Forsyth-Andoyer-Lambert on reduced latitudes (the error is of order f^2).
    """
    dx, dy, dz = ax - bx, ay - by, az - bz
    half = min(1.0, 0.5 * math.sqrt(dx * dx + dy * dy + dz * dz))
    if half < 1e-9:
        return 0.0
    sigma = 2.0 * math.asin(half)
    cos, sin = 1.0 - 2.0 * half * half, math.sin(sigma)
    p = (az + bz) ** 2 / max(1e-9, 1.0 + cos)
    q = (az - bz) ** 2 / (2.0 * half * half)
    return A * (sigma - 0.25 * F * ((sigma - sin) * p + (sigma + sin) * q))


@njit(cache=True, nogil=True, inline="always")
def position(x, y, z):
    """Latitude and longitude [rad] of a unit vector of reduced latitude."""
    return math.atan2(z, (1.0 - F) * math.sqrt(x * x + y * y)), math.atan2(y, x)


@njit(cache=True, nogil=True)
def winds_at(grid, points, ln_p, when, out, warmth, codes, refused):
    """Wind vectors and sqrt(T / T_isa) at (n,) points, each at (l,) levels and its own time.

    out (n, l, 3) float32 [m/s, ECEF]; warmth (n, l) float32. ISA temperature from ln p.
    codes (n,) : the wind field's refusal at each point, 0 where there is none; refused (n,) at which level
    """
    standard = np.empty(ln_p.size)
    for k in range(ln_p.size):
        standard[k] = max(216.65, 288.15 * math.exp(0.190263 * (ln_p[k] - math.log(101325.0))))
    for i in range(points.shape[0]):
        codes[i] = 0
        lat, lon = position(points[i, 0], points[i, 1], points[i, 2])
        sl, cl, sp, cp = math.sin(lon), math.cos(lon), math.sin(lat), math.cos(lat)
        for k in range(ln_p.size):
            if k == 0 or not grid.uniform:
                code, u, v, dt = wind_kernels.wind(
                    grid, when[i], ln_p[k], math.degrees(lat), math.degrees(lon)
                )
            if code != wind_kernels.OK:
                codes[i], refused[i] = code, k
                break
            out[i, k, 0] = -u * sl - v * sp * cl
            out[i, k, 1] = u * cl - v * sp * sl
            out[i, k, 2] = v * cp
            warmth[i, k] = 1.0 if dt == 0.0 else math.sqrt((standard[k] + dt) / standard[k])


@njit(cache=True, nogil=True)
def gain_tables(flow, speed, mass_at, mass, worth, wind, per_second, per_kg, gain, speed_made):
    """Metres for a unit of cost, and ground speed, at each station's mass, level and along-track wind.

    The best Mach number is taken. Nought where the level cannot be held.
    flow (m, l, k) kg/s (NaN: may not be flown), speed (l, k) m/s, mass_at (m,) the table's masses,
    mass (s,) and worth (s,) mass at each station and what a kg of fuel burnt there is worth at the end.
    """
    for s in range(mass.size):
        f = (mass[s] - mass_at[0]) / (mass_at[1] - mass_at[0])
        i = min(max(int(f), 0), mass_at.size - 2)
        f = min(max(f - i, 0.0), 1.0)
        for level in range(speed.shape[0]):
            for w in range(wind.size):
                gain[s, level, w], speed_made[s, level, w] = 0.0, 0.0
                for k in range(speed.shape[1]):
                    burn = flow[i, level, k] * (1.0 - f) + flow[i + 1, level, k] * f
                    gs = speed[level, k] + wind[w]
                    if not burn > 0.0 or gs < 20.0:
                        continue
                    g = gs / (per_second + per_kg * worth[s] * burn)
                    if g > gain[s, level, w]:
                        gain[s, level, w], speed_made[s, level, w] = g, gs


@njit(cache=True, nogil=True, inline="always")
def _edge(
    ax, ay, az, bx, by, bz, wind_a, wind_b, warm_a, warm_b, gain, speed_made, station, share, first, step,
    typical, time_share, allowed,
):  # fmt: skip
    """(cost, seconds, metres) of flying from a to b at the best of the levels allowed (a bit mask)."""
    ex, ey, ez = A * (bx - ax), A * (by - ay), A * (1.0 - F) * (bz - az)
    size = math.sqrt(ex * ex + ey * ey + ez * ez)
    length = metres(ax, ay, az, bx, by, bz)
    if size < 1e-6:
        return 0.0, 0.0, 0.0
    ex, ey, ez = ex / size, ey / size, ez / size
    best, best_level, best_k, best_f, best_warm = 0.0, -1, 0, 0.0, 1.0
    n = gain.shape[2]
    for level in range(gain.shape[1]):
        if not (allowed >> level) & 1:
            continue
        wx = 0.5 * (wind_a[level, 0] + wind_b[level, 0])
        wy = 0.5 * (wind_a[level, 1] + wind_b[level, 1])
        wz = 0.5 * (wind_a[level, 2] + wind_b[level, 2])
        warm = 0.5 * (warm_a[level] + warm_b[level])
        along = wx * ex + wy * ey + wz * ez
        across2 = max(0.0, wx * wx + wy * wy + wz * wz - along * along)
        w = (along - across2 / (2.0 * typical[level])) / warm
        f = (w - first) / step
        k = min(max(int(f), 0), n - 2)
        f -= k
        if gain[station, level, k] <= 0.0 or gain[station, level, k + 1] <= 0.0:
            continue
        g = gain[station, level, k] * (1.0 - f) + gain[station, level, k + 1] * f
        if share > 0.0:
            if gain[station + 1, level, k] <= 0.0 or gain[station + 1, level, k + 1] <= 0.0:
                continue
            d = gain[station + 1, level, k] * (1.0 - f) + gain[station + 1, level, k + 1] * f
            g = g * (1.0 - share) + d * share
        g /= time_share / warm + 1.0 - time_share
        if g > best:
            best, best_level, best_k, best_f, best_warm = g, level, k, f, warm
    if best_level < 0:
        return NEVER, NEVER, length
    gs = speed_made[station, best_level, best_k] * (1.0 - best_f)
    gs = best_warm * (gs + speed_made[station, best_level, best_k + 1] * best_f)
    return length / best, length / max(gs, 1.0), length


@njit(cache=True, nogil=True)
def _room(net, x, y, z):
    """A distance [rad] within which no ring edge comes of a point."""
    lat, lon = math.asin(max(-1.0, min(1.0, z))), math.atan2(y, x)
    cell = route_kernels._cell(
        lat, lon, route_kernels.COARSE_BANDS, route_kernels.COARSE_COLUMNS, route_kernels.COARSE_START
    )
    return net.safe[cell] * 0.98


@njit(cache=True, nogil=True)
def in_the_open(net, points):
    """(inside, safe): whether each point is inside the rings, and the distance [rad] it is surely clear."""
    n = points.shape[0]
    inside, safe = np.zeros(n, np.bool_), np.zeros(n)
    for i in range(n):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        inside[i] = route_kernels.holds(net, x, y, z)
        safe[i] = _room(net, x, y, z)
    return inside, safe


@njit(cache=True, nogil=True)
def sees(net, ax, ay, az, bx, by, bz, hint):
    """Whether the geodesic from a to b crosses no ring edge."""
    g = route_kernels.line(ax, ay, az, math.atan2(ay, ax), bx, by, bz, math.atan2(by, bx))
    return route_kernels.clear(net, g, bx, by, bz, -1, -1, -1, -1, hint)


@njit(cache=True, nogil=True)
def crossing(net, a, b, out):
    """out[i] = True where the geodesic a[i] - b[i] meets the rings or begins inside them."""
    hint = np.full(1, -1, np.int64)
    for i in range(a.shape[0]):
        if route_kernels.holds(net, a[i, 0], a[i, 1], a[i, 2]):
            out[i] = True
            continue
        dx, dy, dz = b[i, 0] - a[i, 0], b[i, 1] - a[i, 1], b[i, 2] - a[i, 2]
        if dx * dx + dy * dy + dz * dz < _room(net, a[i, 0], a[i, 1], a[i, 2]) ** 2 * 0.96:
            out[i] = False
        else:
            out[i] = not sees(net, a[i, 0], a[i, 1], a[i, 2], b[i, 0], b[i, 1], b[i, 2], hint)


@njit(cache=True, nogil=True, inline="always")
def _levels_open(mask, group_levels, group_from, group_to, when, every):
    """Bit mask of levels open on an edge that meets the limited closures in `mask`, passed at `when` [s]."""
    allowed = every
    for g in range(group_levels.size):
        if (mask >> g) & 1:
            for k in range(group_from.shape[1]):
                if group_from[g, k] <= when <= group_to[g, k]:
                    allowed &= ~group_levels[g]
    return allowed


@njit(cache=True, nogil=True)
def _push(keys, items, size, key, item):
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] <= key:
            break
        keys[i], items[i] = keys[parent], items[parent]
        i = parent
    keys[i], items[i] = key, item


@njit(cache=True, nogil=True)
def _pop(keys, items, size):
    top_key, top = keys[0], items[0]
    key, item = keys[size - 1], items[size - 1]
    size -= 1
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[i], items[i] = keys[child], items[child]
        i = child
    if size > 0:
        keys[i], items[i] = key, item
    return top_key, top


@njit(cache=True, nogil=True)
def search_mesh(
    points, winds, warmth, start, to, masks, origin, goal, backward, limit, least_cost, gain, speed_made, place,
    first, step, typical, time_share, every, net, closed, inside, safe, group_levels, group_from, group_to,
    began,
):  # fmt: skip
    """Cheapest cost from `origin` to every node of a graph (CSR start, to), or to it when `backward`.

    masks (edges,) : limited closures an edge meets; place (n,) : station of each node, fractional
    least_cost : no metre costs less; with `goal` >= 0 the search aims at it, else it spreads over all
    that can cost at most `limit`. closed : whether `net` has rings at all.
    Returns cost, time and predecessor of each node.
    """
    n = points.shape[0]
    total = np.full(n, np.inf)
    clock = np.full(n, np.inf)
    came = np.full(n, -1, np.int32)
    done = np.zeros(n, np.bool_)
    keys, items = np.empty(4 * n + 64), np.empty(4 * n + 64, np.int32)
    size = 0
    hint = np.full(1, -1, np.int64)
    total[origin], clock[origin] = 0.0, began
    _push(keys, items, size, 0.0, origin)
    size += 1
    while size > 0:
        _, i = _pop(keys, items, size)
        size -= 1
        if done[i]:
            continue
        done[i] = True
        if i == goal:
            break
        ix, iy, iz = points[i, 0], points[i, 1], points[i, 2]
        for e in range(start[i], start[i + 1]):
            j = to[e]
            if done[j] or inside[j]:
                continue
            jx, jy, jz = points[j, 0], points[j, 1], points[j, 2]
            middle = 0.5 * (place[i] + place[j])
            station = min(int(middle), gain.shape[0] - 2)
            share = middle - station
            allowed = every
            if masks.size and masks[e]:
                allowed = _levels_open(masks[e], group_levels, group_from, group_to, clock[i], every)
                if allowed == 0:
                    continue
            if backward:
                c, seconds, length = _edge(
                    jx, jy, jz, ix, iy, iz, winds[j], winds[i], warmth[j], warmth[i], gain, speed_made, station, share,
                    first, step, typical, time_share, allowed,
                )  # fmt: skip
            else:
                c, seconds, length = _edge(
                    ix, iy, iz, jx, jy, jz, winds[i], winds[j], warmth[i], warmth[j], gain, speed_made, station, share,
                    first, step, typical, time_share, allowed,
                )  # fmt: skip
            t = total[i] + c
            if t >= total[j] or t > limit:
                continue
            if closed and safe[i] * A < length and not sees(net, ix, iy, iz, jx, jy, jz, hint):
                continue
            total[j] = t
            came[j] = i
            clock[j] = clock[i] + seconds
            key = t
            if goal >= 0:
                key += least_cost * metres(jx, jy, jz, points[goal, 0], points[goal, 1], points[goal, 2])
            if size + 1 >= keys.size:
                bigger = np.empty(2 * keys.size)
                bigger[:size] = keys[:size]
                keys = bigger
                more = np.empty(2 * items.size, np.int32)
                more[:size] = items[:size]
                items = more
            _push(keys, items, size, key, j)
            size += 1
    return total, clock, came


@njit(cache=True, nogil=True)
def _most_gain(gain, k, winds, warmth, first, step):
    """Metres for a unit of cost that no edge between stations k and k + 1 of a lattice exceeds."""
    strongest, coldest, warmest = 0.0, 1.0, 1.0
    for s in range(k, k + 2):
        for j in range(winds.shape[1]):
            for level in range(winds.shape[2]):
                w = winds[s, j, level]
                strongest = max(strongest, w[0] * w[0] + w[1] * w[1] + w[2] * w[2])
                coldest, warmest = min(coldest, warmth[s, j, level]), max(warmest, warmth[s, j, level])
    f = (1.00001 * math.sqrt(strongest) / coldest - first) / step  # the winds are of single precision
    i = min(int(f), gain.shape[2] - 2)
    f = min(f - i, 1.0)
    most = 0.0
    for level in range(gain.shape[1]):
        most = max(most, gain[k, level, i] * (1.0 - f) + gain[k, level, i + 1] * f)
    return max(most, 1e-12) * warmest


@njit(cache=True, nogil=True)
def search_tube(
    points, winds, warmth, masks, gain, speed_made, first, step, typical, time_share, every, net, closed, inside,
    safe, group_levels, group_from, group_to, began, reach,
):  # fmt: skip
    """Cheapest chain through a lattice (k, j) of stations and offsets, from middle to middle.

    gain, speed_made (k, l, w) : tables of each station; masks (k - 1, j, j) or size 0; reach : most offsets moved in a step.
    Returns the offset index at each station (-1s where there is no way), when it is passed, and the cost.
    """
    n, m = points.shape[0], points.shape[1]
    half = m // 2
    total = np.full((n, m), np.inf)
    clock = np.full((n, m), np.inf)
    came = np.full((n, m), -1, np.int32)
    total[0, half], clock[0, half] = 0.0, began
    hint = np.full(1, -1, np.int64)
    for k in range(n - 1):
        most = _most_gain(gain, k, winds, warmth, first, step)
        for j in range(m):
            if k == n - 2 and j != half:
                continue
            if inside[k + 1, j]:
                continue
            bx, by, bz = points[k + 1, j, 0], points[k + 1, j, 1], points[k + 1, j, 2]
            low, high = max(0, j - reach), min(m - 1, j + reach)
            if k == 0 or k == n - 2:
                low, high = 0, m - 1
            best, at, best_seconds = np.inf, -1, 0.0
            for turn in range(
                2 * m
            ):  # from straight on outward: what is far off is mostly told by its length alone
                i = j + (turn + 1) // 2 if turn % 2 else j - turn // 2
                if i < low or i > high or total[k, i] >= best:
                    continue
                ax, ay, az = points[k, i, 0], points[k, i, 1], points[k, i, 2]
                length = metres(ax, ay, az, bx, by, bz)
                if total[k, i] + length * (1.0 - 1e-12) / most >= best:
                    continue
                allowed = every
                if masks.size and masks[k, i, j]:
                    allowed = _levels_open(
                        masks[k, i, j], group_levels, group_from, group_to, clock[k, i], every
                    )
                    if allowed == 0:
                        continue
                c, seconds, _ = _edge(
                    ax, ay, az, bx, by, bz, winds[k, i], winds[k + 1, j], warmth[k, i], warmth[k + 1, j], gain,
                    speed_made, k, 0.0, first, step, typical, time_share, allowed,
                )  # fmt: skip
                if c >= NEVER or total[k, i] + c >= best:
                    continue
                if closed and safe[k, i] * A < length and not sees(net, ax, ay, az, bx, by, bz, hint):
                    continue
                best, at, best_seconds = total[k, i] + c, i, seconds
            if at >= 0:
                total[k + 1, j] = best
                came[k + 1, j] = at
                clock[k + 1, j] = clock[k, at] + best_seconds
    way = np.full(n, -1, np.int64)
    at_time = np.full(n, np.inf)
    if total[n - 1, half] < np.inf:
        j = half
        for k in range(n - 1, -1, -1):
            way[k] = j
            at_time[k] = clock[k, j]
            j = came[k, j] if k > 0 else j
    return way, at_time, total[n - 1, half]
