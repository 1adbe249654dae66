"""Compiled kernels that measure how far a flown line stays from raw boundaries.

Boundary pieces are chords between vertices at most 10 km apart, in U (see `_kernels`), 8 to a leaf and 16
leaves to a branch, each with a bounding ball. Balls are pruned by their ECEF chord: no geodesic bends less than a
circle of radius FLATTEST, so none is shorter than that circle's arc over the same chord (Schur). The pieces left are
compared by their chord c as c + c^3 / 24 R^2 (within 0.1 m at 150 km, 0.5 m at 300 km), beyond that by the
Forsyth-Andoyer-Lambert length.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from longreach.route._kernels import A, B, at, least_metres, line

LEAF = 8
FAN = 16  # leaves to a branch
NEAR = 300e3  # m
RADIUS = 6371008.8
FLATTEST = A * A / B  # m, the largest radius of curvature of the ellipsoid, at the poles
PIECE = 40e3  # m of flown line to a bounding ball
FINE = 4  # chords to such a piece
RUN = 8  # pieces to a run


@njit(cache=True, nogil=True)
def balls(low, high, size):
    """Bounding balls (n, 4) of runs of `size` boxes given by corner arrays (m, 3)."""
    m = low.shape[0]
    n = (m + size - 1) // size
    out = np.empty((n, 4))
    for i in range(n):
        a = i * size
        b = min(m, a + size)
        for c in range(3):
            least = low[a, c]
            most = high[a, c]
            for k in range(a + 1, b):
                least = min(least, low[k, c])
                most = max(most, high[k, c])
            out[i, c] = 0.5 * (least + most)
        furthest = 0.0
        for k in range(a, b):
            d = 0.0
            for c in range(3):
                d += max(out[i, c] - low[k, c], high[k, c] - out[i, c]) ** 2
            furthest = max(furthest, d)
        out[i, 3] = math.sqrt(furthest) * 1.000001
    return out


@njit(cache=True, nogil=True)
def around(inner, size):
    """Bounding balls (n, 4) of runs of `size` balls (m, 4)."""
    m = inner.shape[0]
    n = (m + size - 1) // size
    out = np.empty((n, 4))
    for i in range(n):
        a = i * size
        b = min(m, a + size)
        for c in range(3):
            least = np.inf
            most = -np.inf
            for k in range(a, b):
                least = min(least, inner[k, c] - inner[k, 3])
                most = max(most, inner[k, c] + inner[k, 3])
            out[i, c] = 0.5 * (least + most)
        furthest = 0.0
        for k in range(a, b):
            d = 0.0
            for c in range(3):
                d += (out[i, c] - inner[k, c]) ** 2
            furthest = max(furthest, math.sqrt(d) + inner[k, 3])
        out[i, 3] = furthest * 1.000001
    return out


@njit(cache=True, nogil=True)
def _closest(px, py, pz, qx, qy, qz, ax, ay, az, bx, by, bz):
    """Closest points of the ECEF chords p-q and a-b: (s, t, distance squared), s along p-q, t along a-b.

    C. Ericson, Real-Time Collision Detection (2005), 5.1.9.
    """
    d1x = qx - px
    d1y = qy - py
    d1z = qz - pz
    d2x = bx - ax
    d2y = by - ay
    d2z = bz - az
    rx = px - ax
    ry = py - ay
    rz = pz - az
    a = d1x * d1x + d1y * d1y + d1z * d1z
    e = d2x * d2x + d2y * d2y + d2z * d2z
    f = d2x * rx + d2y * ry + d2z * rz
    tiny = 1e-12
    if a <= tiny and e <= tiny:
        s = 0.0
        t = 0.0
    elif a <= tiny:
        s = 0.0
        t = min(1.0, max(0.0, f / e))
    else:
        c = d1x * rx + d1y * ry + d1z * rz
        if e <= tiny:
            t = 0.0
            s = min(1.0, max(0.0, -c / a))
        else:
            b = d1x * d2x + d1y * d2y + d1z * d2z
            den = a * e - b * b
            if den > 1e-12 * a * e:
                s = min(1.0, max(0.0, (b * f - c * e) / den))
            else:
                s = 0.0
            t = (b * s + f) / e
            if t < 0.0:
                t = 0.0
                s = min(1.0, max(0.0, -c / a))
            elif t > 1.0:
                t = 1.0
                s = min(1.0, max(0.0, (b - c) / a))
    x = rx + s * d1x - t * d2x
    y = ry + s * d1y - t * d2y
    z = rz + s * d1z - t * d2z
    return s, t, x * x + y * y + z * z


@njit(cache=True, nogil=True, inline="always")
def _metres(chord2, ux, uy, uz, wx, wy, wz):
    if chord2 < NEAR * NEAR:
        return math.sqrt(chord2) * (1.0 + chord2 / (24.0 * RADIUS * RADIUS))
    hu = math.sqrt(ux * ux + uy * uy + uz * uz)
    hw = math.sqrt(wx * wx + wy * wy + wz * wz)
    return least_metres(ux / hu, uy / hu, uz / hu, wx / hw, wy / hw, wz / hw)


@njit(cache=True, nogil=True)
def flown(u, lon):
    """Pieces of the chain of geodesics through (n, 3) points: (points (m FINE + 1, 3), ball (m, 4)).

    Piece k runs from point k * FINE to point (k + 1) * FINE.
    """
    n = u.shape[0]
    pieces = 0
    for i in range(n - 1):
        g = line(u[i, 0], u[i, 1], u[i, 2], lon[i], u[i + 1, 0], u[i + 1, 1], u[i + 1, 2], lon[i + 1])
        pieces += int(g[1] / PIECE) + 1
    points = np.empty((pieces * FINE + 1, 3))
    ball = np.empty((pieces, 4))
    k = 0
    for i in range(n - 1):
        g = line(u[i, 0], u[i, 1], u[i, 2], lon[i], u[i + 1, 0], u[i + 1, 1], u[i + 1, 2], lon[i + 1])
        number = int(g[1] / PIECE) + 1
        for j in range(number):
            for f in range(FINE):
                x, y, z = at(g, g[2] * (j * FINE + f) / (number * FINE))
                points[k * FINE + f, 0] = x
                points[k * FINE + f, 1] = y
                points[k * FINE + f, 2] = z
            k += 1
        if number > 0:
            points[(k - number) * FINE] = u[i]
    points[pieces * FINE] = u[n - 1]
    for k in range(pieces):
        a = k * FINE
        b = a + FINE
        for c in range(3):
            ball[k, c] = 0.5 * (points[a, c] + points[b, c])
        r = 0.0
        for f in range(a, b + 1):
            d = 0.0
            for c in range(3):
                d += (points[f, c] - ball[k, c]) ** 2
            r = max(r, d)
        ball[k, 3] = math.sqrt(r) * 1.000001
    return points, ball


@njit(cache=True, nogil=True)
def _apart(ball, i, other, j):
    d = 0.0
    for c in range(3):
        d += (ball[i, c] - other[j, c]) ** 2
    return math.sqrt(d) - ball[i, 3] - other[j, 3]


@njit(cache=True, nogil=True, inline="always")
def _chord_of(metres):
    """ECEF chord [m] beyond which a geodesic is certainly longer than `metres`; no more than that itself."""
    half = metres / (2.0 * FLATTEST)
    if half >= math.pi / 2:
        return 2.0 * FLATTEST
    if half <= 0.0:
        return metres
    return 2.0 * FLATTEST * math.sin(half)


@njit(cache=True, nogil=True, inline="always")
def _doubt(metres):
    """How much longer than told a length told by `_metres` may be [m]: twice what `least_metres` allows for."""
    if metres < NEAR:
        return 1.0
    return 60.0 + 3e-5 * metres / max(1e-2, 1.0 + math.cos(min(metres / A, 3.1)))


@njit(cache=True, nogil=True, inline="always")
def _gap(ball, i, other, j):
    """The least ECEF chord [m] between points of two balls of U."""
    x = A * (ball[i, 0] - other[j, 0])
    y = A * (ball[i, 1] - other[j, 1])
    z = B * (ball[i, 2] - other[j, 2])
    return math.sqrt(x * x + y * y + z * z) - A * (ball[i, 3] + other[j, 3])


@njit(cache=True, nogil=True)
def _within(k, points, ball, seg, off, first_seg, last_seg, best, reach, out):
    """Piece k of the line against a run of boundary pieces: the new (best, reach)."""
    wide = ball[k, 3]
    for i in range(first_seg, last_seg):
        gx = seg[i, 3] - seg[i, 0]
        gy = seg[i, 4] - seg[i, 1]
        gz = seg[i, 5] - seg[i, 2]
        mx = seg[i, 0] + 0.5 * gx
        my = seg[i, 1] + 0.5 * gy
        mz = seg[i, 2] + 0.5 * gz
        half = 0.5 * math.sqrt(gx * gx + gy * gy + gz * gz) + 1e-6
        dx = A * (ball[k, 0] - mx)
        dy = A * (ball[k, 1] - my)
        dz = B * (ball[k, 2] - mz)
        room = reach + off[i] + A * (half + wide)
        if dx * dx + dy * dy + dz * dz > room * room:
            continue
        for f in range(k * FINE, (k + 1) * FINE):
            hx = points[f + 1, 0] - points[f, 0]
            hy = points[f + 1, 1] - points[f, 1]
            hz = points[f + 1, 2] - points[f, 2]
            dx = A * (points[f, 0] + 0.5 * hx - mx)
            dy = A * (points[f, 1] + 0.5 * hy - my)
            dz = B * (points[f, 2] + 0.5 * hz - mz)
            room = reach + off[i] + A * (half + 0.51 * math.sqrt(hx * hx + hy * hy + hz * hz) + 1e-6)
            if dx * dx + dy * dy + dz * dz > room * room:
                continue
            s, t, d2 = _closest(
                A * points[f, 0], A * points[f, 1], B * points[f, 2],
                A * points[f + 1, 0], A * points[f + 1, 1], B * points[f + 1, 2],
                A * seg[i, 0], A * seg[i, 1], B * seg[i, 2],
                A * seg[i, 3], A * seg[i, 4], B * seg[i, 5],
            )  # fmt: skip
            chord = math.sqrt(d2) - off[i]
            if chord >= best or chord > reach:
                continue
            ux = points[f, 0] + s * hx
            uy = points[f, 1] + s * hy
            uz = points[f, 2] + s * hz
            wx = seg[i, 0] + t * gx
            wy = seg[i, 1] + t * gy
            wz = seg[i, 2] + t * gz
            value = _metres(d2, ux, uy, uz, wx, wy, wz) - off[i]
            if value < best:
                best = value
                reach = _chord_of(best + _doubt(best)) + 0.02
                out[0] = value
                out[1] = ux
                out[2] = uy
                out[3] = uz
                out[4] = wx
                out[5] = wy
                out[6] = wz
                out[7] = off[i]
    return best, reach


@njit(cache=True, nogil=True)
def how_near(ball, whole):
    """For each closure, a lower bound of the U chord from the flown line to its boundary."""
    out = np.full(whole.shape[0], np.inf)
    for c in range(whole.shape[0]):
        for k in range(ball.shape[0]):
            out[c] = min(out[c], _apart(ball, k, whole, c))
    return out


@njit(cache=True, nogil=True)
def _nearest_middles(ball, first, last, stride, other, other_first, other_last):
    """Which of balls first, first + stride, ... < last and which of others have the nearest middles."""
    near = np.inf
    one = first
    two = other_first
    for k in range(first, last, stride):
        for j in range(other_first, other_last):
            d = 0.0
            for c in range(3):
                d += (ball[k, c] - other[j, c]) ** 2
            if d < near:
                near = d
                one = k
                two = j
    return one, two


@njit(cache=True, nogil=True)
def closest(points, ball, seg, off, leaf, leaf_off, branch, branch_off, first, whole, most_off, wanted):
    """Least of distance minus offset from a flown line to each `wanted` closure.

    first (c + 1, 3) : where a closure's pieces, leaves and branches begin; whole (c, 4) its ball;
    leaf_off, branch_off, most_off : the greatest offset in each leaf, branch, closure.
    Returns (c, 8): value [m], point of the line (3), point of the boundary (3), offset [m].
    """
    number = whole.shape[0]
    out = np.zeros((number, 8))
    pieces = ball.shape[0]
    runs = around(ball, RUN)
    for c in range(number):
        best = np.inf
        out[c, 0] = np.inf
        if first[c, 0] == first[c + 1, 0] or not wanted[c]:
            continue
        # a good first guess: the piece and the branch whose middles are nearest, its nearest leaf, its nearest piece
        begin, begin_branch = _nearest_middles(
            ball, 0, pieces, RUN // 2, branch, first[c, 2], first[c + 1, 2]
        )
        leaf_a = first[c, 1] + (begin_branch - first[c, 2]) * FAN
        leaf_b = min(first[c + 1, 1], leaf_a + FAN)
        piece_a = max(0, begin - RUN // 2)
        piece_b = min(pieces, begin + RUN // 2 + 1)
        begin, lf = _nearest_middles(ball, piece_a, piece_b, 1, leaf, leaf_a, leaf_b)
        reach = 3.0 * A
        seg_a = first[c, 0] + (lf - first[c, 1]) * LEAF
        seg_b = min(first[c + 1, 0], seg_a + LEAF)
        best, reach = _within(begin, points, ball, seg, off, seg_a, seg_b, best, reach, out[c])
        for run in range(runs.shape[0]):
            if _gap(runs, run, whole, c) > reach + most_off[c]:
                continue
            for br in range(first[c, 2], first[c + 1, 2]):
                if _gap(runs, run, branch, br) > reach + branch_off[br]:
                    continue
                for k in range(run * RUN, min(pieces, (run + 1) * RUN)):
                    if _gap(ball, k, branch, br) > reach + branch_off[br]:
                        continue
                    leaf_a = first[c, 1] + (br - first[c, 2]) * FAN
                    leaf_b = min(first[c + 1, 1], leaf_a + FAN)
                    for lf in range(leaf_a, leaf_b):
                        if _gap(ball, k, leaf, lf) > reach + leaf_off[lf]:
                            continue
                        seg_a = first[c, 0] + (lf - first[c, 1]) * LEAF
                        seg_b = min(first[c + 1, 0], seg_a + LEAF)
                        best, reach = _within(k, points, ball, seg, off, seg_a, seg_b, best, reach, out[c])
    return out


@njit(cache=True, nogil=True)
def inside(u, lon, ring, ring_lon, first, whole, pole):
    """(n, c) whether each point is in each closure's rings: parity of crossings of the meridian to the
    north pole by great-ellipse edges (edges are short), turned round where the rings hold the pole.

    ring (m, 6) : edges as two unit vectors; ring_lon (m, 2); first (c + 1,); whole (c, 4) balls of rings.
    """
    n = u.shape[0]
    number = whole.shape[0]
    out = np.zeros((n, number), np.bool_)
    for c in range(number):
        for p in range(n):
            odd = pole[c]
            if first[c] < first[c + 1] and not pole[c]:
                d = 0.0
                for k in range(3):
                    d += (u[p, k] - whole[c, k]) ** 2
                if d > whole[c, 3] * whole[c, 3] and whole[c, 3] < 0.9:
                    continue
            # edges from longitude a to b; half open, shifted so that the point is at zero
            for i in range(first[c], first[c + 1]):
                a = ring_lon[i, 0] - lon[p]
                b = ring_lon[i, 1] - lon[p]
                if a > math.pi:
                    a -= 2 * math.pi
                elif a < -math.pi:
                    a += 2 * math.pi
                if b > math.pi:
                    b -= 2 * math.pi
                elif b < -math.pi:
                    b += 2 * math.pi
                if (a > 0.0) == (b > 0.0) or abs(a - b) >= math.pi:
                    continue
                # z of the edge's plane on the point's meridian, against the point
                nx = ring[i, 1] * ring[i, 5] - ring[i, 2] * ring[i, 4]
                ny = ring[i, 2] * ring[i, 3] - ring[i, 0] * ring[i, 5]
                nz = ring[i, 0] * ring[i, 4] - ring[i, 1] * ring[i, 3]
                side = nx * u[p, 0] + ny * u[p, 1] + nz * u[p, 2]
                # nz > 0: the edge runs east, and its plane's north side is positive
                if (side < 0.0) == (nz > 0.0):
                    odd = not odd
            out[p, c] = odd
    return out


@njit(cache=True, nogil=True)
def depths(u, seg, off, first, c):
    """Least distance plus offset [m] from each point (n, 3) to the boundary of closure c."""
    n = u.shape[0]
    out = np.full(n, np.inf)
    for p in range(n):
        for i in range(first[c, 0], first[c + 1, 0]):
            _s, t, d2 = _closest(
                A * u[p, 0], A * u[p, 1], B * u[p, 2], A * u[p, 0], A * u[p, 1], B * u[p, 2],
                A * seg[i, 0], A * seg[i, 1], B * seg[i, 2], A * seg[i, 3], A * seg[i, 4], B * seg[i, 5],
            )  # fmt: skip
            wx = seg[i, 0] + t * (seg[i, 3] - seg[i, 0])
            wy = seg[i, 1] + t * (seg[i, 4] - seg[i, 1])
            wz = seg[i, 2] + t * (seg[i, 5] - seg[i, 2])
            out[p] = min(out[p], _metres(d2, u[p, 0], u[p, 1], u[p, 2], wx, wy, wz) + off[i])
    return out
