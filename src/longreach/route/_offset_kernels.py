"""Compiled kernels that draw and measure the edge of what closed boundaries reach.

Boundary segments are ECEF chords in an implicit tree of bounding balls, FAN of them or of smaller balls to a ball.
The *excess* of a point over a segment is its distance less the segment's reach: negative inside, zero on the edge.
Distances are compared by chords c as c + c^3 / 24 R^2, which is within a millionth at 300 km; what is measured for
good is the length of the geodesic to the foot.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from longreach.route._kernels import A, B, at, least_metres, line

FAN = 8
NEAR = 300e3  # m
RADIUS = 6371008.8
LEVELS = 12


@njit(cache=True, nogil=True)
def plant(seg, reach):
    """Balls (k, 4) over (n, 6) segments, level by level, the greatest reach in each, and where levels begin."""
    n = seg.shape[0]
    begin = np.zeros(LEVELS + 1, np.int64)
    total = 0
    level = 0
    size = n
    while True:
        size = (size + FAN - 1) // FAN
        begin[level] = total
        total += size
        level += 1
        if size <= 1:
            break
    begin[level] = total
    ball = np.zeros((total, 4))
    most = np.zeros(total)
    low = np.empty((total, 3))
    high = np.empty((total, 3))
    for k in range(level):
        below = n if k == 0 else begin[k] - begin[k - 1]
        for i in range(begin[k + 1] - begin[k]):
            out = begin[k] + i
            most[out] = -np.inf
            for c in range(3):
                low[out, c] = np.inf
                high[out, c] = -np.inf
            for j in range(i * FAN, min(below, (i + 1) * FAN)):
                if k == 0:
                    most[out] = max(most[out], reach[j])
                    for c in range(3):
                        low[out, c] = min(low[out, c], min(seg[j, c], seg[j, c + 3]))
                        high[out, c] = max(high[out, c], max(seg[j, c], seg[j, c + 3]))
                else:
                    child = begin[k - 1] + j
                    most[out] = max(most[out], most[child])
                    for c in range(3):
                        low[out, c] = min(low[out, c], low[child, c])
                        high[out, c] = max(high[out, c], high[child, c])
            r = 0.0
            for c in range(3):
                ball[out, c] = 0.5 * (low[out, c] + high[out, c])
                r += (0.5 * (high[out, c] - low[out, c])) ** 2
            ball[out, 3] = math.sqrt(r)
    return ball, most, begin[: level + 1]


@njit(cache=True, nogil=True, inline="always")
def _foot(seg, i, x, y, z):
    """The nearest point of segment i to an ECEF point, as (t, x, y, z, chord squared)."""
    ax = seg[i, 0]
    ay = seg[i, 1]
    az = seg[i, 2]
    dx = seg[i, 3] - ax
    dy = seg[i, 4] - ay
    dz = seg[i, 5] - az
    e = dx * dx + dy * dy + dz * dz
    t = 0.0
    if e > 1e-12:
        t = min(1.0, max(0.0, (dx * (x - ax) + dy * (y - ay) + dz * (z - az)) / e))
    fx = ax + t * dx
    fy = ay + t * dy
    fz = az + t * dz
    return t, fx, fy, fz, (x - fx) ** 2 + (y - fy) ** 2 + (z - fz) ** 2


@njit(cache=True, nogil=True, inline="always")
def _on_globe(x, y, z):
    """The U of an ECEF point near the surface."""
    ux = x / A
    uy = y / A
    uz = z / B
    h = math.sqrt(ux * ux + uy * uy + uz * uz)
    return ux / h, uy / h, uz / h


@njit(cache=True, nogil=True, inline="always")
def _distance(chord2, fx, fy, fz, ux, uy, uz):
    if chord2 < NEAR * NEAR:
        return math.sqrt(chord2) * (1.0 + chord2 / (24.0 * RADIUS * RADIUS))
    wx, wy, wz = _on_globe(fx, fy, fz)
    return least_metres(ux, uy, uz, wx, wy, wz)


@njit(cache=True, nogil=True, inline="always")
def _excess(seg, reach, i, ux, uy, uz):
    _t, fx, fy, fz, d2 = _foot(seg, i, A * ux, A * uy, B * uz)
    return _distance(d2, fx, fy, fz, ux, uy, uz) - reach[i]


@njit(cache=True, nogil=True)
def nearest(points, seg, reach, ball, most, begin):
    """For (n, 3) unit vectors the segment with the least excess and that excess [m], within a part in 10^4
    of the distance."""
    n = points.shape[0]
    which = np.zeros(n, np.int64)
    value = np.empty(n)
    top = begin.size - 2
    node = np.empty(LEVELS * FAN * 2, np.int64)
    level = np.empty(LEVELS * FAN * 2, np.int64)
    guess = 0
    for p in range(n):
        ux = points[p, 0]
        uy = points[p, 1]
        uz = points[p, 2]
        x = A * ux
        y = A * uy
        z = B * uz
        found = guess
        best = _excess(seg, reach, guess, ux, uy, uz)
        node[0] = 0
        level[0] = top
        size = 1
        while size > 0:
            size -= 1
            i = node[size]
            k = level[size]
            b = begin[k] + i
            dx = x - ball[b, 0]
            dy = y - ball[b, 1]
            dz = z - ball[b, 2]
            room = best + most[b] + ball[b, 3]
            if room < 0.0 or dx * dx + dy * dy + dz * dz > room * room:
                continue
            if k == 0:
                for j in range(i * FAN, min(seg.shape[0], (i + 1) * FAN)):
                    _t, fx, fy, fz, d2 = _foot(seg, j, x, y, z)
                    room = best + reach[j]
                    if room < 0.0 or d2 > room * room:
                        continue
                    here = _distance(d2, fx, fy, fz, ux, uy, uz) - reach[j]
                    if here < best:
                        best = here
                        found = j
            else:
                below = begin[k] - begin[k - 1]
                for j in range(i * FAN, min(below, (i + 1) * FAN)):
                    node[size] = j
                    level[size] = k - 1
                    size += 1
        which[p] = found
        value[p] = best
        guess = found
    return which, value


@njit(cache=True, nogil=True)
def measured(points, lon, which, seg, reach):
    """The excess [m] of each point over its segment, by the geodesic to the foot."""
    n = points.shape[0]
    out = np.empty(n)
    for p in range(n):
        ux = points[p, 0]
        uy = points[p, 1]
        uz = points[p, 2]
        _t, fx, fy, fz, _d2 = _foot(seg, which[p], A * ux, A * uy, B * uz)
        wx, wy, wz = _on_globe(fx, fy, fz)
        g = line(wx, wy, wz, math.atan2(wy, wx), ux, uy, uz, lon[p])
        out[p] = (g[1] if g[0] else least_metres(wx, wy, wz, ux, uy, uz)) - reach[which[p]]
    return out


@njit(cache=True, nogil=True)
def runs(points, ring, which, wanted, seg, reach):
    """Runs of consecutive wanted points of one ring whose nearest segment is the same (to a millimetre):
    (first, last) points of each."""
    n = points.shape[0]
    first = np.empty(n, np.int64)
    last = np.empty(n, np.int64)
    count = 0
    p = 0
    while p < n:
        if not wanted[p]:
            p += 1
            continue
        q = p
        while q + 1 < n and wanted[q + 1] and ring[q + 1] == ring[p]:
            if which[q + 1] != which[p]:
                ux = points[q + 1, 0]
                uy = points[q + 1, 1]
                uz = points[q + 1, 2]
                own = _excess(seg, reach, which[q + 1], ux, uy, uz)
                if _excess(seg, reach, which[p], ux, uy, uz) > own + 1e-3:
                    break
            q += 1
        first[count] = p
        last[count] = q
        count += 1
        p = q + 1
    return first[:count].copy(), last[:count].copy()


@njit(cache=True, nogil=True, inline="always")
def _towards(wx, wy, wz, wlon, ux, uy, uz, metres):
    """The point `metres` from w in the direction of u: (ok, x, y, z). The arc is in proportion at first, then
    corrected once; u is about that far away."""
    g = line(wx, wy, wz, wlon, ux, uy, uz, math.atan2(uy, ux))
    if not g[0] or g[1] < 1e-3:
        return False, ux, uy, uz
    sigma = g[2] * metres / g[1]
    x, y, z = at(g, sigma)
    h = line(wx, wy, wz, wlon, x, y, z, math.atan2(y, x))
    if h[0] and h[1] > 1e-3:
        sigma += g[2] / g[1] * (metres - h[1])
        x, y, z = at(g, sigma)
    return True, x, y, z


@njit(cache=True, nogil=True)
def fans(points, first, last, which, seg, reach, grow, step, asides):
    """Points of one fan a run: on the edge of its segment's reach plus `grow` [m] before each point of the run, and
    before points `asides` x step [rad] beside its ends, and the same at nine tenths of that.

    The hull of a fan lies in what the segment reaches. Returns (points (m, 3), fan of each (m,)).
    """
    total = 0
    for r in range(first.size):
        total += 2 * (last[r] - first[r] + 1 + 4 * asides.size)
    out = np.empty((total, 3))
    fan = np.empty(total, np.int64)
    count = 0
    for r in range(first.size):
        i = which[first[r]]
        far = reach[i] + grow
        number = last[r] - first[r] + 1
        for k in range(number + 4 * asides.size):
            if k < number:
                p = first[r] + k
                ux = points[p, 0]
                uy = points[p, 1]
                uz = points[p, 2]
            else:
                j = k - number
                p = first[r] if j < 2 * asides.size else last[r]
                ux = points[p, 0]
                uy = points[p, 1]
                uz = points[p, 2]
                _t, fx, fy, fz, _d = _foot(seg, i, A * ux, A * uy, B * uz)
                # across: perpendicular to the line to the foot, within the tangent plane
                cx = uy * (fz / B) - uz * (fy / A)
                cy = uz * (fx / A) - ux * (fz / B)
                cz = ux * (fy / A) - uy * (fx / A)
                h = math.sqrt(cx * cx + cy * cy + cz * cz)
                if h < 1e-15:
                    continue
                s = asides[j % asides.size] * step[p] / h
                if (j // asides.size) % 2 == 1:
                    s = -s
                ux += s * cx
                uy += s * cy
                uz += s * cz
                h = math.sqrt(ux * ux + uy * uy + uz * uz)
                ux /= h
                uy /= h
                uz /= h
            _t, fx, fy, fz, _d = _foot(seg, i, A * ux, A * uy, B * uz)
            wx, wy, wz = _on_globe(fx, fy, fz)
            wlon = math.atan2(wy, wx)
            for part in range(2):
                ok, x, y, z = _towards(wx, wy, wz, wlon, ux, uy, uz, far if part == 0 else 0.9 * far)
                if ok:
                    out[count, 0] = x
                    out[count, 1] = y
                    out[count, 2] = z
                    fan[count] = r
                    count += 1
    return out[:count].copy(), fan[:count].copy()
