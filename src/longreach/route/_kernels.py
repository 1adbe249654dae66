"""Compiled kernels of the route solver: geodesics, the obstacle index, sight lines, the search.

A point is the unit vector of its reduced (parametric) latitude and longitude, U; its ECEF position is
(a Ux, a Uy, b Uz), so planes through the centre, and with them every test of sides, are the same in both.
Obstacle edges are the short arcs of such planes between ring vertices (at most EDGE_MAX long); geodesics
are followed in pieces no longer than REACH, over which the two differ by centimetres.

Angles in radians on the unit sphere of U unless a name says metres. Geodesics: T. Vincenty, Direct and
inverse solutions of geodesics on the ellipsoid, Survey Review XXIII 176 (1975); error below a millimetre.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit

A = 6378137.0
F = 1 / 298.257223563
B = A * (1 - F)
EP2 = (A * A - B * B) / (B * B)

CLOSE = 4e-5  # rad; first-order azimuths are off by less than this over 1 + cos(arc) (half of it found)
FAN = 8  # nodes, or balls, to a ball
BANDS = 360  # latitude bands of the fine cells, 0.5 degrees each
COARSE_BANDS = 60
REACH = math.radians(0.30)  # a cell lists every edge that comes within this of it (33 km)
COS_REACH = math.cos(1.001 * REACH)
TOUCH = 1e-7  # rad (0.6 m); a neighbour nearer than this to the plane of a line counts as on it
PREFILTER = (
    0.0025  # bounds |sin(azimuth difference)| sin(distance) / chord^2, plane v. geodesic (0.0017 found)
)


class Net(NamedTuple):
    """Obstacle rings, their index and the graph of sight lines over them, as flat arrays.

    vert (m, 3) : ring vertices; nxt, prv (m,) : neighbours along the ring; plane (m, 3) : unit normal of the
    edge from a vertex to the next
    node (n,) : the convex vertices; side_prv, side_nxt (n, 3) : unit normals of the planes through a node
    and its neighbours
    ahead (n, 3) : tangent at a node along the ring, half-way between its edges; shut (n, 2) : whether every line that
    leaves a node that way (0), or the other way (1), and supports its ring there, is blocked within REACH
    cell_start, cell_list : edges near each fine cell; cell_in : 1 where a cell's centre is inside
    ball, ball_begin : bounding balls (centre, chord) of runs of FAN nodes, of FAN such balls and so on, level by level
    safe (cells,) : least distance [rad] from anywhere in a coarse cell to an edge
    graph_start, graph_to, graph_m : sight lines between nodes and their lengths in metres (CSR)
    """

    vert: Any
    lon: Any
    nxt: Any
    prv: Any
    plane: Any
    node: Any
    side_prv: Any
    side_nxt: Any
    ball: Any
    ball_begin: Any
    ahead: Any
    shut: Any
    cell_start: Any
    cell_list: Any
    cell_in: Any
    safe: Any
    graph_start: Any
    graph_to: Any
    graph_m: Any


def _bands(count: int) -> tuple[Any, Any]:
    edge = np.linspace(-math.pi / 2, math.pi / 2, count + 1)
    widest = np.where(edge[:-1] * edge[1:] <= 0, 0.0, np.minimum(np.abs(edge[:-1]), np.abs(edge[1:])))
    columns = np.maximum(3, np.ceil(2 * count * np.cos(widest))).astype(np.int64)
    return columns, np.concatenate([[0], np.cumsum(columns)])


FINE_COLUMNS, FINE_START = _bands(BANDS)
COARSE_COLUMNS, COARSE_START = _bands(COARSE_BANDS)
CELLS = int(FINE_START[-1])
COARSE_CELLS = int(COARSE_START[-1])


# --------------------------------------------------------------------------------------- geodesics


@njit(cache=True, nogil=True, inline="never")
def line(ax, ay, az, alon, bx, by, bz, blon):
    """The geodesic from a to b: (ok, metres, sigma12, e1x, e1z, e2x, e2y, e2z, lon1, k, C, cos 2s1, sin 2s1).

    ok is False where Vincenty's iteration does not settle (nearly antipodal points). Points along it
    are `at(line, sigma)` for sigma in 0..sigma12.
    """
    u1 = math.sqrt(ax * ax + ay * ay)
    u2 = math.sqrt(bx * bx + by * by)
    s1 = az
    s2 = bz
    far = blon - alon
    if far > math.pi:
        far -= 2 * math.pi
    elif far < -math.pi:
        far += 2 * math.pi
    lam = far
    ok = False
    sig = 0.0
    ssig = 0.0
    csig = 1.0
    salp = 0.0
    c2alp = 1.0
    c2m = 0.0
    big_c = 0.0
    sl = 0.0
    cl = 1.0
    for _ in range(24):
        sl = math.sin(lam)
        cl = math.cos(lam)
        p = u2 * sl
        q = u1 * s2 - s1 * u2 * cl
        ssig = math.sqrt(p * p + q * q)
        csig = s1 * s2 + u1 * u2 * cl
        if ssig < 1e-15:
            ok = csig > 0.0
            break
        sig = math.atan2(ssig, csig)
        salp = u1 * u2 * sl / ssig
        c2alp = 1.0 - salp * salp
        c2m = csig - 2.0 * s1 * s2 / c2alp if c2alp > 1e-14 else 0.0
        big_c = F / 16.0 * c2alp * (4.0 + F * (4.0 - 3.0 * c2alp))
        new = far + (1.0 - big_c) * F * salp * (
            sig + big_c * ssig * (c2m + big_c * csig * (2.0 * c2m * c2m - 1.0))
        )
        if abs(new) > math.pi:
            break
        if abs(new - lam) < 1e-13:
            ok = True
            break
        lam = new
    if ssig < 1e-15:
        return (ok, 0.0, 0.0, u1, s1, 0.0, 1.0, 0.0, alon, 0.0, 0.0, 1.0, 0.0)
    usq = c2alp * EP2
    big_a = 1.0 + usq / 16384.0 * (4096.0 + usq * (-768.0 + usq * (320.0 - 175.0 * usq)))
    big_b = usq / 1024.0 * (256.0 + usq * (-128.0 + usq * (74.0 - 47.0 * usq)))
    dsig = (
        big_b
        * ssig
        * (
            c2m
            + big_b
            / 4.0
            * (
                csig * (2.0 * c2m * c2m - 1.0)
                - big_b / 6.0 * c2m * (4.0 * ssig * ssig - 3.0) * (4.0 * c2m * c2m - 3.0)
            )
        )
    )
    metres = B * big_a * (sig - dsig)
    # the auxiliary great circle, longitude counted from point 1
    e2x = (u2 * cl - csig * u1) / ssig
    e2y = u2 * sl / ssig
    e2z = (s2 - csig * s1) / ssig
    calp = math.sqrt(max(c2alp, 0.0))
    h = math.sqrt(s1 * s1 + e2z * e2z)
    if calp > 1e-9 and h > 1e-9:  # along the equator calp is noise and h is zero
        ss1 = s1 / h  # sin and cos of sigma1, counted from the node
        cs1 = e2z / h
    else:
        ss1 = 0.0
        cs1 = 1.0
    return (
        ok, metres, sig, u1, s1, e2x, e2y, e2z, alon, (1.0 - big_c) * F * salp, big_c,
        cs1 * cs1 - ss1 * ss1, 2.0 * ss1 * cs1,
    )  # fmt: skip


@njit(cache=True, nogil=True, inline="always")
def at(g, sigma):
    """The point U at arc `sigma` of a `line`."""
    s = math.sin(sigma)
    c = math.cos(sigma)
    x = c * g[3] + s * g[5]
    y = s * g[6]
    z = c * g[4] + s * g[7]
    turn = g[8] - g[9] * (sigma + g[10] * s * (c * g[11] - s * g[12]))
    st = math.sin(turn)
    ct = math.cos(turn)
    return x * ct - y * st, x * st + y * ct, z


@njit(cache=True, nogil=True, inline="always")
def tangent(g, sigma):
    """Direction of travel, as a tangent vector of the U sphere, at arc `sigma` of a `line`."""
    s = math.sin(sigma)
    c = math.cos(sigma)
    c2 = c * c - s * s
    s2 = 2.0 * s * c
    slope = g[9] * (1.0 + g[10] * (c2 * g[11] - s2 * g[12]))
    x = -s * g[3] + c * g[5] + slope * (s * g[6])
    y = c * g[6] - slope * (c * g[3] + s * g[5])
    z = -s * g[4] + c * g[7]
    turn = g[8] - g[9] * (sigma + g[10] * s * (c * g[11] - s * g[12]))
    st = math.sin(turn)
    ct = math.cos(turn)
    return x * ct - y * st, x * st + y * ct, z


@njit(cache=True, nogil=True, inline="always")
def least_metres(ax, ay, az, bx, by, bz):
    """A lower bound of the geodesic length [m] between two points, within about 1e-4 of it.

    Forsyth-Andoyer-Lambert on reduced latitudes (error of order f^2, 60 m at most away from the
    antipode), less an allowance; near the antipode b times the arc, since |dX| >= b |dU|.
    """
    dx = ax - bx
    dy = ay - by
    dz = az - bz
    half = 0.5 * math.sqrt(dx * dx + dy * dy + dz * dz)
    if half > 1.0:
        half = 1.0
    sig = 2.0 * math.asin(half)
    if sig > 3.0:
        return B * sig * (1 - 1e-12)
    if sig < 1e-3:
        return B * sig * (1 - 1e-12)
    c = math.cos(sig)
    s = math.sin(sig)
    p = (az + bz) * (az + bz) / (1.0 + c)
    q = (az - bz) * (az - bz) / (1.0 - c)
    value = A * (sig - 0.25 * F * ((sig - s) * p + (sig + s) * q))
    value -= 1.2e-5 * A * sig / max(1e-2, 1.0 + c)
    return max(value, B * sig * (1 - 1e-12))


# ------------------------------------------------------------------------------------ the index


@njit(cache=True, nogil=True)
def balls(points):
    """Bounding balls of runs of FAN points (n, 3), of FAN such balls and so on: (ball (k, 4), begin (levels + 1,))."""
    n = points.shape[0]
    begin = np.zeros(20, np.int64)
    size = n
    level = 0
    while size > 1 or level == 0:
        size = (size + FAN - 1) // FAN
        begin[level + 1] = begin[level] + size
        level += 1
    ball = np.zeros((begin[level], 4))
    low = np.empty((begin[level], 3))
    high = np.empty((begin[level], 3))
    for k in range(level):
        below = n if k == 0 else begin[k] - begin[k - 1]
        for i in range(begin[k + 1] - begin[k]):
            out = begin[k] + i
            for c in range(3):
                low[out, c] = np.inf
                high[out, c] = -np.inf
                for j in range(i * FAN, min(below, (i + 1) * FAN)):
                    if k == 0:
                        low[out, c] = min(low[out, c], points[j, c])
                        high[out, c] = max(high[out, c], points[j, c])
                    else:
                        low[out, c] = min(low[out, c], low[begin[k - 1] + j, c])
                        high[out, c] = max(high[out, c], high[begin[k - 1] + j, c])
            r = 0.0
            for c in range(3):
                ball[out, c] = 0.5 * (low[out, c] + high[out, c])
                r += (0.5 * (high[out, c] - low[out, c])) ** 2
            ball[out, 3] = math.sqrt(r) * 1.000001
    return ball, begin[: level + 1]


@njit(cache=True, nogil=True, inline="always")
def _cell(lat, lon, bands, columns, start):
    band = int((lat / math.pi + 0.5) * bands)
    if band >= bands:
        band = bands - 1
    n = columns[band]
    column = int((lon / (2 * math.pi) + 0.5) * n)
    if column >= n:
        column = n - 1
    return start[band] + column


@njit(cache=True, nogil=True)
def _mark(x, y, z, radius, edge, last, count, start, out, fill):
    lat = math.asin(max(-1.0, min(1.0, z)))
    lon = math.atan2(y, x)
    low = int(((lat - radius) / math.pi + 0.5) * BANDS)
    high = int(((lat + radius) / math.pi + 0.5) * BANDS)
    low = max(low, 0)
    high = min(high, BANDS - 1)
    if abs(lat) + radius >= math.pi / 2 - 1e-9:
        half = math.pi
    else:
        half = math.asin(min(1.0, math.sin(radius) / math.cos(lat)))
    for band in range(low, high + 1):
        n = FINE_COLUMNS[band]
        if half >= math.pi * (1 - 1.0 / n):
            first = 0
            number = n
        else:
            first = math.floor(((lon - half) / (2 * math.pi) + 0.5) * n)
            number = math.floor(((lon + half) / (2 * math.pi) + 0.5) * n) - first + 1
            number = min(number, n)
        for k in range(number):
            cell = FINE_START[band] + (first + k) % n
            if last[cell] == edge:
                continue
            last[cell] = edge
            if fill:
                out[start[cell] + count[cell]] = edge
            count[cell] += 1


@njit(cache=True, nogil=True)
def list_edges(vert, nxt):
    """Edges within REACH of each fine cell: (cell_start, cell_list)."""
    m = nxt.size
    count = np.zeros(CELLS, np.int32)
    start = np.zeros(CELLS + 1, np.int64)
    out = np.zeros(1, np.int32)
    spacing = math.radians(0.1)
    for fill in range(2):
        last = np.full(CELLS, -1, np.int32)
        count[:] = 0
        for i in range(m):
            j = nxt[i]
            dx = vert[j, 0] - vert[i, 0]
            dy = vert[j, 1] - vert[i, 1]
            dz = vert[j, 2] - vert[i, 2]
            pieces = int(math.sqrt(dx * dx + dy * dy + dz * dz) / spacing) + 1
            for k in range(pieces):
                t = (k + 0.5) / pieces
                x = vert[i, 0] + t * dx
                y = vert[i, 1] + t * dy
                z = vert[i, 2] + t * dz
                h = math.sqrt(x * x + y * y + z * z)
                _mark(x / h, y / h, z / h, REACH + 0.52 * spacing, i, last, count, start, out, fill == 1)
        if fill == 0:
            for c in range(CELLS):
                start[c + 1] = start[c] + count[c]
            out = np.zeros(max(1, start[CELLS]), np.int32)
    return start, out


@njit(cache=True, nogil=True, inline="always")
def _crosses(px, py, pz, qx, qy, qz, nx, ny, nz, vert, nxt, plane, i):
    j = nxt[i]
    d0 = nx * vert[i, 0] + ny * vert[i, 1] + nz * vert[i, 2]
    d1 = nx * vert[j, 0] + ny * vert[j, 1] + nz * vert[j, 2]
    if d0 * d1 > 0.0:
        return False
    s0 = plane[i, 0] * px + plane[i, 1] * py + plane[i, 2] * pz
    s1 = plane[i, 0] * qx + plane[i, 1] * qy + plane[i, 2] * qz
    return s0 * s1 <= 0.0


@njit(cache=True, nogil=True)
def _crossings(px, py, pz, qx, qy, qz, cell, vert, nxt, plane, cell_start, cell_list):
    """Parity of the ring edges of `cell`'s list crossed by the short arc p-q."""
    nx = py * qz - pz * qy
    ny = pz * qx - px * qz
    nz = px * qy - py * qx
    odd = 0
    for k in range(cell_start[cell], cell_start[cell + 1]):
        i = cell_list[k]
        j = nxt[i]
        # half-open tests, so that an arc through a vertex counts once
        a = nx * vert[i, 0] + ny * vert[i, 1] + nz * vert[i, 2] > 0.0
        b = nx * vert[j, 0] + ny * vert[j, 1] + nz * vert[j, 2] > 0.0
        if a == b:
            continue
        s0 = plane[i, 0] * px + plane[i, 1] * py + plane[i, 2] * pz > 0.0
        s1 = plane[i, 0] * qx + plane[i, 1] * qy + plane[i, 2] * qz > 0.0
        if s0 != s1:
            odd ^= 1
    return odd


@njit(cache=True, nogil=True)
def cell_centre(cell):
    """Centre of a fine cell as (x, y, z), nudged off round figures."""
    band = np.searchsorted(FINE_START, cell, side="right") - 1
    column = cell - FINE_START[band]
    lat = (band + 0.5013) / BANDS * math.pi - math.pi / 2
    lon = (column + 0.5017) / FINE_COLUMNS[band] * 2 * math.pi - math.pi
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


@njit(cache=True, nogil=True)
def flood(vert, nxt, plane, cell_start, cell_list, open_x, open_y, open_z):
    """Whether each fine cell's centre is inside the rings, given one point that is outside."""
    inside = np.full(CELLS, -1, np.int8)
    seed = _cell(math.asin(open_z), math.atan2(open_y, open_x), BANDS, FINE_COLUMNS, FINE_START)
    cx, cy, cz = cell_centre(seed)
    inside[seed] = _crossings(
        open_x, open_y, open_z, cx, cy, cz, seed, vert, nxt, plane, cell_start, cell_list
    )
    stack = np.empty(CELLS, np.int64)
    stack[0] = seed
    top = 1
    hx, hy, hz = 0.0, 0.0, 0.0
    near = np.empty(64, np.int64)
    while top > 0:
        top -= 1
        here = stack[top]
        empty = cell_start[here] == cell_start[here + 1]
        if not empty:
            hx, hy, hz = cell_centre(here)
        band = np.searchsorted(FINE_START, here, side="right") - 1
        column = here - FINE_START[band]
        n = FINE_COLUMNS[band]
        number = 2
        near[0] = FINE_START[band] + (column + 1) % n
        near[1] = FINE_START[band] + (column - 1) % n
        for other in (band - 1, band + 1):
            if 0 <= other < BANDS:
                k = int((column + 0.5) / n * FINE_COLUMNS[other])
                near[number] = FINE_START[other] + k
                number += 1
        for k in range(number):
            there = near[k]
            if inside[there] >= 0:
                continue
            inside[there] = inside[here]
            if not empty:
                tx, ty, tz = cell_centre(there)
                inside[there] ^= _crossings(
                    hx, hy, hz, tx, ty, tz, here, vert, nxt, plane, cell_start, cell_list
                )
            stack[top] = there
            top += 1
    for c in range(CELLS):  # cells no neighbour led to: none in practice, but never leave them unknown
        if inside[c] < 0:
            inside[c] = 1
    return inside


@njit(cache=True, nogil=True)
def holds(net, x, y, z):
    """Whether the point is inside the rings of `net`."""
    cell = _cell(math.asin(max(-1.0, min(1.0, z))), math.atan2(y, x), BANDS, FINE_COLUMNS, FINE_START)
    inside = net.cell_in[cell]
    if net.cell_start[cell] == net.cell_start[cell + 1]:
        return inside == 1
    cx, cy, cz = cell_centre(cell)
    odd = _crossings(x, y, z, cx, cy, cz, cell, net.vert, net.nxt, net.plane, net.cell_start, net.cell_list)
    return (inside ^ odd) == 1


# ------------------------------------------------------------------------------------ sight lines


@njit(cache=True, nogil=True)
def clear(net, g, bx, by, bz, skip1, skip2, skip3, skip4, hint):
    """Whether the geodesic `g`, which ends at b, crosses no ring edge (but the skipped ones).

    `hint` (1,) holds the edge that blocked the line before, or -1.
    """
    vert, nxt, plane = net.vert, net.nxt, net.plane
    end = g[2]
    sigma = 0.0
    px, py, pz = at(g, 0.0)
    while True:
        lat = math.asin(max(-1.0, min(1.0, pz)))
        lon = math.atan2(py, px)
        cell = _cell(lat, lon, BANDS, FINE_COLUMNS, FINE_START)
        first = net.cell_start[cell]
        last = net.cell_start[cell + 1]
        step = REACH * 0.995
        if first == last:
            jump = net.safe[_cell(lat, lon, COARSE_BANDS, COARSE_COLUMNS, COARSE_START)] * 0.99
            step = max(step, jump)
        if sigma + step >= end:
            if first == last:
                return True
            qx, qy, qz = bx, by, bz
        else:
            qx, qy, qz = at(g, sigma + step)
        if first != last:
            nx = py * qz - pz * qy
            ny = pz * qx - px * qz
            nz = px * qy - py * qx
            for k in range(first, last):
                i = net.cell_list[k]
                if i in (skip1, skip2, skip3, skip4):
                    continue
                if _crosses(px, py, pz, qx, qy, qz, nx, ny, nz, vert, nxt, plane, i):
                    hint[0] = i
                    return False
        sigma += step
        if sigma >= end:
            return True
        px, py, pz = qx, qy, qz


@njit(cache=True, nogil=True, inline="always")
def _supports(net, v, tx, ty, tz):
    """Whether both ring neighbours of vertex v lie on one side of the line through v along t."""
    ux = net.vert[v, 0]
    uy = net.vert[v, 1]
    uz = net.vert[v, 2]
    nx = uy * tz - uz * ty
    ny = uz * tx - ux * tz
    nz = ux * ty - uy * tx
    h = math.sqrt(nx * nx + ny * ny + nz * nz) * TOUCH
    p = net.prv[v]
    q = net.nxt[v]
    a = nx * net.vert[p, 0] + ny * net.vert[p, 1] + nz * net.vert[p, 2]
    b = nx * net.vert[q, 0] + ny * net.vert[q, 1] + nz * net.vert[q, 2]
    return not ((a > h and b < -h) or (a < -h and b > h))


@njit(cache=True, nogil=True, inline="always")
def _dives(net, v, tx, ty, tz):
    """Whether a line from vertex v in direction t runs along one of its edges to a corner that points
    inwards, and so goes on inside the ring without crossing an edge."""
    ux = net.vert[v, 0]
    uy = net.vert[v, 1]
    uz = net.vert[v, 2]
    nx = uy * tz - uz * ty
    ny = uz * tx - ux * tz
    nz = ux * ty - uy * tx
    h = math.sqrt(nx * nx + ny * ny + nz * nz)
    for q in (net.prv[v], net.nxt[v]):
        qx = net.vert[q, 0]
        qy = net.vert[q, 1]
        qz = net.vert[q, 2]
        if tx * qx + ty * qy + tz * qz <= 0.0:
            continue
        d2 = (qx - ux) ** 2 + (qy - uy) ** 2 + (qz - uz) ** 2
        # a geodesic leaves the plane of its beginning by a third of this, at most
        if abs(nx * qx + ny * qy + nz * qz) > h * (2e-9 + 3.5e-3 * d2 * math.sqrt(d2)):
            continue
        j = net.nxt[q]
        i = net.prv[q]
        turn = net.plane[i, 0] * net.vert[j, 0] + net.plane[i, 1] * net.vert[j, 1]
        turn += net.plane[i, 2] * net.vert[j, 2]
        if turn < 0.0:
            return True
    return False


@njit(cache=True, nogil=True, inline="always")
def _slack(dot):
    """Room to give a side test made with the plane instead of the geodesic; all of it near the antipode."""
    if dot < -0.98:
        return 10.0
    return PREFILTER * 2.0 * (1.0 - dot) + TOUCH


@njit(cache=True, nogil=True, inline="always")
def _may_support(side_p, side_q, k, wx, wy, wz, slack):
    a = side_p[k, 0] * wx + side_p[k, 1] * wy + side_p[k, 2] * wz
    b = side_q[k, 0] * wx + side_q[k, 1] * wy + side_q[k, 2] * wz
    return not ((a > slack and b < -slack) or (a < -slack and b > slack))


@njit(cache=True, nogil=True, inline="always")
def _nearly_supports(net, v, wx, wy, wz):
    """Whether the geodesic from vertex v to w may support the ring at v: `_supports` by the first order of the
    flattening, with room for what is left out (`CLOSE`); true at the antipode.

    The geodesic's azimuth is that of the great circle to w turned about the axis by f sin(azimuth) sigma.
    """
    ux = net.vert[v, 0]
    uy = net.vert[v, 1]
    uz = net.vert[v, 2]
    dot = ux * wx + uy * wy + uz * wz
    if dot < -0.9998:
        return True
    cx = uy * wz - uz * wy
    cy = uz * wx - ux * wz
    cz = ux * wy - uy * wx
    sine = math.sqrt(cx * cx + cy * cy + cz * cz)
    if sine < 1e-9:
        return True
    turn = F * cz / sine * math.atan2(sine, dot)
    tx = wx - turn * wy - 0.5 * turn * turn * wx
    ty = wy + turn * wx - 0.5 * turn * turn * wy
    # the plane through v along the line: towards the turned w, less the turning on the way
    nx = uy * wz - uz * ty
    ny = uz * tx - ux * wz
    nz = ux * ty - uy * tx
    slope = F * cz / sine * math.sqrt(nx * nx + ny * ny + nz * nz)
    nx += slope * uz * ux
    ny += slope * uz * uy
    nz -= slope * (1.0 - uz * uz)
    h = math.sqrt(nx * nx + ny * ny + nz * nz)
    p = net.prv[v]
    q = net.nxt[v]
    a = nx * net.vert[p, 0] + ny * net.vert[p, 1] + nz * net.vert[p, 2]
    b = nx * net.vert[q, 0] + ny * net.vert[q, 1] + nz * net.vert[q, 2]
    if a * b >= 0.0:
        return True
    dp = abs(net.vert[p, 0] - ux) + abs(net.vert[p, 1] - uy) + abs(net.vert[p, 2] - uz)
    dq = abs(net.vert[q, 0] - ux) + abs(net.vert[q, 1] - uy) + abs(net.vert[q, 2] - uz)
    room = CLOSE / (1.0 + dot)
    return abs(a) <= h * (TOUCH + room * dp) or abs(b) <= h * (TOUCH + room * dq)


@njit(cache=True, nogil=True)
def shut_ways(vert, nxt, prv, node, ahead, cell_start, cell_list):
    """For each node whether the ways ahead (0) and back (1) are shut: every direction in which a line supports the
    ring at the node meets an edge within REACH. See `Net`.

    Seen from a node along its tangent plane (gnomonic) edges are straight and cover angles; a way is shut when they
    cover all between the node's two edges, and a touch more where a line may go on along an edge.
    """
    n = node.size
    out = np.zeros((n, 2), np.bool_)
    reach2 = (0.98 * REACH) ** 2
    low = np.empty(4096)
    high = np.empty(4096)
    for k in range(n):
        v = node[k]
        x = vert[v, 0]
        y = vert[v, 1]
        z = vert[v, 2]
        fx = ahead[k, 0]
        fy = ahead[k, 1]
        fz = ahead[k, 2]
        # left of ahead
        lx = y * fz - z * fy
        ly = z * fx - x * fz
        lz = x * fy - y * fx
        cell = _cell(math.asin(max(-1.0, min(1.0, z))), math.atan2(y, x), BANDS, FINE_COLUMNS, FINE_START)
        p = prv[v]
        q = nxt[v]
        to_p = math.atan2(
            vert[p, 0] * lx + vert[p, 1] * ly + vert[p, 2] * lz,
            vert[p, 0] * fx + vert[p, 1] * fy + vert[p, 2] * fz,
        )
        to_q = math.atan2(
            vert[q, 0] * lx + vert[q, 1] * ly + vert[q, 2] * lz,
            vert[q, 0] * fx + vert[q, 1] * fy + vert[q, 2] * fz,
        )
        dp = math.sqrt((vert[p, 0] - x) ** 2 + (vert[p, 1] - y) ** 2 + (vert[p, 2] - z) ** 2)
        dq = math.sqrt((vert[q, 0] - x) ** 2 + (vert[q, 1] - y) ** 2 + (vert[q, 2] - z) ** 2)
        touch = TOUCH / min(dp, dq) + 1e-5
        for way in range(2):
            if way == 0:  # between the edge to come and the one behind, drawn on
                there = to_q
                beyond = to_p + math.pi
                along = q
                before = prv[q]
                after = nxt[q]
            else:
                there = to_p - math.pi if to_p > 0 else to_p + math.pi
                beyond = to_q
                along = p
                before = prv[p]
                after = nxt[p]
            if beyond > math.pi:
                beyond -= 2 * math.pi
            # the edge itself ends in a corner that points inwards: what runs along it dives
            tx = vert[before, 1] * vert[along, 2] - vert[before, 2] * vert[along, 1]
            ty = vert[before, 2] * vert[along, 0] - vert[before, 0] * vert[along, 2]
            tz = vert[before, 0] * vert[along, 1] - vert[before, 1] * vert[along, 0]
            inwards = tx * vert[after, 0] + ty * vert[after, 1] + tz * vert[after, 2] < 0.0
            margin = 0.0 if inwards else touch
            if there <= beyond:
                first = there - margin
                last = beyond + touch
            else:
                first = beyond - touch
                last = there + margin
            count = 0
            for a in range(cell_start[cell], cell_start[cell + 1]):
                i = cell_list[a]
                if i in (v, p) or count == low.size:
                    continue
                j = nxt[i]
                di = (vert[i, 0] - x) ** 2 + (vert[i, 1] - y) ** 2 + (vert[i, 2] - z) ** 2
                dj = (vert[j, 0] - x) ** 2 + (vert[j, 1] - y) ** 2 + (vert[j, 2] - z) ** 2
                if di > reach2 or dj > reach2:
                    continue
                ai = math.atan2(
                    vert[i, 0] * lx + vert[i, 1] * ly + vert[i, 2] * lz,
                    vert[i, 0] * fx + vert[i, 1] * fy + vert[i, 2] * fz,
                )
                aj = math.atan2(
                    vert[j, 0] * lx + vert[j, 1] * ly + vert[j, 2] * lz,
                    vert[j, 0] * fx + vert[j, 1] * fy + vert[j, 2] * fz,
                )
                if way == 1:
                    ai = ai - math.pi if ai > 0 else ai + math.pi
                    aj = aj - math.pi if aj > 0 else aj + math.pi
                if abs(aj - ai) >= math.pi:  # behind
                    continue
                least = min(ai, aj)
                most = max(ai, aj)
                if most < first or least > last:
                    continue
                low[count] = least
                high[count] = most
                count += 1
            reached = first
            moved = True
            while moved and reached < last:
                moved = False
                for a in range(count):
                    if low[a] <= reached + 1e-12 and high[a] > reached:
                        reached = high[a]
                        moved = True
            out[k, way] = reached >= last
    return out


@njit(cache=True, nogil=True, inline="always")
def _is_shut(net, k, x, y, z):
    """Whether node k certainly cannot see a point more than REACH away because the way there is shut."""
    if not (net.shut[k, 0] or net.shut[k, 1]):
        return False
    both = net.shut[k, 0] and net.shut[k, 1]
    v = net.node[k]
    dot = net.vert[v, 0] * x + net.vert[v, 1] * y + net.vert[v, 2] * z
    if dot > COS_REACH:
        return False
    if both or dot < -0.98:
        return both
    along = net.ahead[k, 0] * x + net.ahead[k, 1] * y + net.ahead[k, 2] * z
    if along * along < 0.01 * (1.0 - dot * dot):
        return False
    return net.shut[k, 0] if along > 0.0 else net.shut[k, 1]


@njit(cache=True, nogil=True)
def sight_lines(net, first, last, stride, room, relaxed):
    """Sight lines between nodes k = first, first+stride, ... < last and the nodes after them.

    Returns (count, from, to, metres); count is -1 where `room` was too small. A line is kept where it
    supports the rings at both ends and crosses none. `relaxed`: nearly antipodal pairs count as in sight
    at a length that is certainly no longer (for lower bounds); otherwise they are left out.
    """
    n = net.node.size
    source = np.empty(room, np.int32)
    target = np.empty(room, np.int32)
    metres = np.empty(room, np.float64)
    count = 0
    hint = np.full(1, -1, np.int64)
    xs = np.empty((n, 3))
    for k in range(n):
        xs[k] = net.vert[net.node[k]]
    levels = net.ball_begin.size - 1
    stack = np.empty(FAN * 20, np.int64)
    depth = np.empty(FAN * 20, np.int64)
    near = np.empty(n, np.int64)
    for k in range(first, last, stride):
        v = net.node[k]
        x = xs[k, 0]
        y = xs[k, 1]
        z = xs[k, 2]
        pa = net.side_prv[k, 0]
        pb = net.side_prv[k, 1]
        pc = net.side_prv[k, 2]
        qa = net.side_nxt[k, 0]
        qb = net.side_nxt[k, 1]
        qc = net.side_nxt[k, 2]
        fx = net.ahead[k, 0]
        fy = net.ahead[k, 1]
        fz = net.ahead[k, 2]
        shut_ahead = net.shut[k, 0]
        shut_back = net.shut[k, 1]
        shut_all = shut_ahead and shut_back
        # runs of nodes that lie between the planes through k and its neighbours are left out whole
        found = 0
        stack[0] = 0
        depth[0] = levels - 1
        size = 1
        while size > 0:
            size -= 1
            i = stack[size]
            level = depth[size]
            ball = net.ball_begin[level] + i
            cx = net.ball[ball, 0]
            cy = net.ball[ball, 1]
            cz = net.ball[ball, 2]
            r = net.ball[ball, 3]
            slack = _slack(x * cx + y * cy + z * cz - r) + r
            a = pa * cx + pb * cy + pc * cz
            b = qa * cx + qb * cy + qc * cz
            if (a > slack and b < -slack) or (a < -slack and b > slack):
                continue
            if shut_all or shut_ahead or shut_back:
                far = (x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2
                if far > (r + 1.01 * REACH) ** 2:
                    along = fx * cx + fy * cy + fz * cz
                    if (
                        shut_all or (shut_ahead and along - r > 0.1) or (shut_back and along + r < -0.1)
                    ) and x * cx + y * cy + z * cz - r > -0.98:
                        continue
            if level > 0:
                below = net.ball_begin[level] - net.ball_begin[level - 1]
                for j in range(min(below, (i + 1) * FAN) - 1, i * FAN - 1, -1):
                    if (j + 1) * FAN**level > k + 1:  # holds nodes after k
                        stack[size] = j
                        depth[size] = level - 1
                        size += 1
                continue
            for j in range(max(k + 1, i * FAN), min(n, (i + 1) * FAN)):
                near[found] = j
                found += 1
        for at_near in range(found):
            j = near[at_near]
            wx = xs[j, 0]
            wy = xs[j, 1]
            wz = xs[j, 2]
            dot = x * wx + y * wy + z * wz
            slack = _slack(dot)
            a = pa * wx + pb * wy + pc * wz
            b = qa * wx + qb * wy + qc * wz
            if (a > slack and b < -slack) or (a < -slack and b > slack):
                continue
            if not _may_support(net.side_prv, net.side_nxt, j, x, y, z, slack):
                continue
            if _is_shut(net, k, wx, wy, wz) or _is_shut(net, j, x, y, z):
                continue
            w = net.node[j]
            if not (_nearly_supports(net, v, wx, wy, wz) and _nearly_supports(net, w, x, y, z)):
                continue
            g = line(x, y, z, net.lon[v], wx, wy, wz, net.lon[w])
            if g[0]:
                if w != net.nxt[v] and w != net.prv[v]:
                    tx, ty, tz = tangent(g, 0.0)
                    if not _supports(net, v, tx, ty, tz) or _dives(net, v, tx, ty, tz):
                        continue
                    tx, ty, tz = tangent(g, g[2])
                    if not _supports(net, w, tx, ty, tz) or _dives(net, w, -tx, -ty, -tz):
                        continue
                if not clear(net, g, wx, wy, wz, v, net.prv[v], w, net.prv[w], hint):
                    continue
                length = g[1]
            elif relaxed:
                length = least_metres(x, y, z, wx, wy, wz)
            else:
                continue
            if count == room:
                return -1, source, target, metres
            source[count] = k
            target[count] = j
            metres[count] = length
            count += 1
    return count, source, target, metres


# ------------------------------------------------------------------------------------ the search


@njit(cache=True, nogil=True)
def _push(keys, items, size, key, item):
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if keys[up] <= key:
            break
        keys[i] = keys[up]
        items[i] = items[up]
        i = up
    keys[i] = key
    items[i] = item
    return size + 1


@njit(cache=True, nogil=True)
def _pop(keys, items, size):
    key = keys[0]
    item = items[0]
    size -= 1
    last_key = keys[size]
    last_item = items[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= last_key:
            break
        keys[i] = keys[child]
        items[i] = items[child]
        i = child
    keys[i] = last_key
    items[i] = last_item
    return key, item, size


@njit(cache=True, nogil=True, inline="always")
def _least_by_way(ball, i, ox, oy, oz, dx, dy, dz):
    """A lower bound [m] of the way from o to d by way of any point of a ball."""
    cx = ball[i, 0]
    cy = ball[i, 1]
    cz = ball[i, 2]
    a = math.sqrt((cx - ox) ** 2 + (cy - oy) ** 2 + (cz - oz) ** 2) - ball[i, 3]
    b = math.sqrt((cx - dx) ** 2 + (cy - dy) ** 2 + (cz - dz) ** 2) - ball[i, 3]
    half = max(0.0, min(1.0, 0.5 * a))
    other = max(0.0, min(1.0, 0.5 * b))
    return 2.0 * B * (1 - 1e-12) * (math.asin(half) + math.asin(other))


@njit(cache=True, nogil=True)
def search(net, ox, oy, oz, olon, dx, dy, dz, dlon, limit, relaxed):
    """Shortest chain of sight lines from o to d: (metres, nodes in order without the ends).

    A* with a lower bound of the geodesic length as estimate; a line from o or to d is tested for sight
    only when it is the cheapest thing left. inf where there is no way shorter than `limit`.
    """
    n = net.node.size
    no_nodes = np.empty(0, np.int64)
    hint = np.full(1, -1, np.int64)
    g = line(ox, oy, oz, olon, dx, dy, dz, dlon)
    if g[0]:
        if clear(net, g, dx, dy, dz, -1, -1, -1, -1, hint):
            return g[1], no_nodes
    elif relaxed:
        return least_metres(ox, oy, oz, dx, dy, dz), no_nodes

    best = np.full(n + 1, np.inf)  # settled or promised length to each node; n is d
    came = np.full(n + 1, -2, np.int32)
    ahead = np.full(n, -1.0)  # estimate to d, once made
    room = 1024
    keys = np.empty(room)
    items = np.empty(room, np.int64)
    # entries: 0 node by a graph line, 1 node straight from o (untested), 2 d from a node (untested), 3 d,
    # 4 a ball of nodes (number in its level; the level in `entry_from`)
    entry_node = np.empty(room, np.int32)
    entry_from = np.empty(room, np.int32)
    entry_kind = np.empty(room, np.int8)
    entry_m = np.empty(room)
    entries = 0
    size = 0
    if n > 0:
        entry_node[0] = 0
        entry_from[0] = net.ball_begin.size - 2
        entry_kind[0] = 4
        entry_m[0] = -1.0
        entries = 1
        size = _push(keys, items, size, 0.0, 0)

    while size > 0:
        key, e, size = _pop(keys, items, size)
        if key > limit:
            break
        k = entry_node[e]
        kind = entry_kind[e]
        if kind == 2:
            # to d from node `entry_from`
            u = entry_from[e]
            v = net.node[u]
            if entry_m[e] >= best[n]:
                continue
            g = line(net.vert[v, 0], net.vert[v, 1], net.vert[v, 2], net.lon[v], dx, dy, dz, dlon)
            if g[0]:
                tx, ty, tz = tangent(g, 0.0)
                if not _supports(net, v, tx, ty, tz) or _dives(net, v, tx, ty, tz):
                    continue
                if not clear(net, g, dx, dy, dz, v, net.prv[v], -1, -1, hint):
                    continue
                total = entry_m[e] + g[1]
            elif relaxed:
                total = entry_m[e] + least_metres(net.vert[v, 0], net.vert[v, 1], net.vert[v, 2], dx, dy, dz)
            else:
                continue
            if total < best[n]:
                best[n] = total
                came[n] = u
                if size == keys.size:
                    keys, items = _grow_heap(keys, items)
                if entries == entry_node.size:
                    entry_node, entry_from, entry_kind, entry_m = _grow(
                        entry_node, entry_from, entry_kind, entry_m
                    )
                entry_node[entries] = n
                entry_from[entries] = u
                entry_kind[entries] = 3
                entry_m[entries] = total
                size = _push(keys, items, size, total, entries)
                entries += 1
            continue
        if kind == 3:
            if entry_m[e] > best[n]:
                continue
            count = 0
            u = came[n]
            while u >= 0:
                count += 1
                u = came[u]
            path = np.empty(count, np.int64)
            u = came[n]
            while u >= 0:
                count -= 1
                path[count] = u
                u = came[u]
            return best[n], path
        if kind == 4:
            # a ball of nodes, not looked at yet: the balls or nodes in it
            level = entry_from[e]
            below = n if level == 0 else net.ball_begin[level] - net.ball_begin[level - 1]
            for j in range(k * FAN, min(below, (k + 1) * FAN)):
                if level > 0:
                    low = max(
                        key, _least_by_way(net.ball, net.ball_begin[level - 1] + j, ox, oy, oz, dx, dy, dz)
                    )
                    if low > limit:
                        continue
                else:
                    v = net.node[j]
                    x = net.vert[v, 0]
                    y = net.vert[v, 1]
                    z = net.vert[v, 2]
                    slack = _slack(x * ox + y * oy + z * oz)
                    if not _may_support(net.side_prv, net.side_nxt, j, ox, oy, oz, slack):
                        continue
                    if _is_shut(net, j, ox, oy, oz) or not _nearly_supports(net, v, ox, oy, oz):
                        continue
                    if ahead[j] < 0.0:
                        ahead[j] = least_metres(x, y, z, dx, dy, dz)
                    low = least_metres(ox, oy, oz, x, y, z) + ahead[j]
                    if low > limit:
                        continue
                if entries == entry_node.size:
                    entry_node, entry_from, entry_kind, entry_m = _grow(
                        entry_node, entry_from, entry_kind, entry_m
                    )
                if size == keys.size:
                    keys, items = _grow_heap(keys, items)
                entry_node[entries] = j
                entry_from[entries] = level - 1
                entry_kind[entries] = 4 if level > 0 else 1
                entry_m[entries] = -1.0
                size = _push(keys, items, size, low, entries)
                entries += 1
            continue
        v = net.node[k]
        x = net.vert[v, 0]
        y = net.vert[v, 1]
        z = net.vert[v, 2]
        if kind == 1:
            low = key - ahead[k]
            if low >= best[k]:
                continue
            g = line(ox, oy, oz, olon, x, y, z, net.lon[v])
            if g[0]:
                tx, ty, tz = tangent(g, g[2])
                if not _supports(net, v, tx, ty, tz) or _dives(net, v, -tx, -ty, -tz):
                    continue
                if not clear(net, g, x, y, z, v, net.prv[v], -1, -1, hint):
                    continue
                done = g[1]
            elif relaxed:
                done = low
            else:
                continue
            if done >= best[k]:
                continue
            best[k] = done
            came[k] = -1
        else:
            done = entry_m[e]
            if done > best[k]:
                continue
        # k is reached in `done` metres: its graph lines, and d
        for a in range(net.graph_start[k], net.graph_start[k + 1]):
            w = net.graph_to[a]
            total = done + net.graph_m[a]
            if total >= best[w]:
                continue
            if ahead[w] < 0.0:
                vw = net.node[w]
                ahead[w] = least_metres(net.vert[vw, 0], net.vert[vw, 1], net.vert[vw, 2], dx, dy, dz)
            if total + ahead[w] > limit:
                continue
            best[w] = total
            came[w] = k
            if size == keys.size:
                keys, items = _grow_heap(keys, items)
            if entries == entry_node.size:
                entry_node, entry_from, entry_kind, entry_m = _grow(
                    entry_node, entry_from, entry_kind, entry_m
                )
            entry_node[entries] = w
            entry_from[entries] = k
            entry_kind[entries] = 0
            entry_m[entries] = total
            size = _push(keys, items, size, total + ahead[w], entries)
            entries += 1
        slack = _slack(x * dx + y * dy + z * dz)
        if (
            _may_support(net.side_prv, net.side_nxt, k, dx, dy, dz, slack)
            and not _is_shut(net, k, dx, dy, dz)
            and _nearly_supports(net, v, dx, dy, dz)
        ):
            if ahead[k] < 0.0:
                ahead[k] = least_metres(x, y, z, dx, dy, dz)
            if size == keys.size:
                keys, items = _grow_heap(keys, items)
            if entries == entry_node.size:
                entry_node, entry_from, entry_kind, entry_m = _grow(
                    entry_node, entry_from, entry_kind, entry_m
                )
            entry_node[entries] = n
            entry_from[entries] = k
            entry_kind[entries] = 2
            entry_m[entries] = done
            size = _push(keys, items, size, done + ahead[k], entries)
            entries += 1
    return np.inf, no_nodes


@njit(cache=True, nogil=True)
def _grow(a, b, c, m):
    n = a.size
    a2 = np.empty(2 * n, a.dtype)
    b2 = np.empty(2 * n, b.dtype)
    c2 = np.empty(2 * n, c.dtype)
    m2 = np.empty(2 * n, m.dtype)
    a2[:n] = a
    b2[:n] = b
    c2[:n] = c
    m2[:n] = m
    return a2, b2, c2, m2


@njit(cache=True, nogil=True)
def _grow_heap(keys, items):
    n = keys.size
    k2 = np.empty(2 * n, keys.dtype)
    i2 = np.empty(2 * n, items.dtype)
    k2[:n] = keys
    i2[:n] = items
    return k2, i2


# ------------------------------------------------------------------------------------ simplification


@njit(cache=True, nogil=True)
def thin(points, tolerance, longest):
    """Which vertices of a closed ring of unit vectors (n, 3) to keep, so that no vertex dropped is more
    than `tolerance` [rad] from the edge that replaces it and no edge made is longer than `longest`.

    Douglas-Peucker between two far-apart vertices, on the sphere.
    """
    n = points.shape[0]
    keep = np.zeros(n, np.bool_)
    far = 0
    most = -1.0
    for i in range(n):
        d = 0.0
        for c in range(3):
            d += (points[i, c] - points[0, c]) ** 2
        if d > most:
            most = d
            far = i
    keep[0] = True
    keep[far] = True
    stack = np.empty((n + 2, 2), np.int64)
    stack[0, 0] = 0
    stack[0, 1] = far
    stack[1, 0] = far
    stack[1, 1] = n
    top = 2
    while top > 0:
        top -= 1
        i = stack[top, 0]
        j = stack[top, 1]
        if j - i < 2:
            continue
        e = j % n
        ax = points[i, 0]
        ay = points[i, 1]
        az = points[i, 2]
        bx = points[e, 0] - ax
        by = points[e, 1] - ay
        bz = points[e, 2] - az
        bb = bx * bx + by * by + bz * bz
        nx = ay * bz - az * by
        ny = az * bx - ax * bz
        nz = ax * by - ay * bx
        nn = math.sqrt(nx * nx + ny * ny + nz * nz)
        worst = -1.0
        where = i + 1
        for k in range(i + 1, j):
            px = points[k, 0] - ax
            py = points[k, 1] - ay
            pz = points[k, 2] - az
            t = px * bx + py * by + pz * bz
            if bb < 1e-24 or t <= 0.0 or nn < 1e-18:
                d = math.sqrt(px * px + py * py + pz * pz)
            elif t >= bb:
                d = math.sqrt((px - bx) ** 2 + (py - by) ** 2 + (pz - bz) ** 2)
            else:
                d = abs(nx * points[k, 0] + ny * points[k, 1] + nz * points[k, 2]) / nn
            if d > worst:
                worst = d
                where = k
        if worst > tolerance or bb > longest * longest:
            if worst <= tolerance:
                where = (i + j) // 2
            keep[where] = True
            stack[top, 0] = i
            stack[top, 1] = where
            stack[top + 1, 0] = where
            stack[top + 1, 1] = j
            top += 2
    return keep
