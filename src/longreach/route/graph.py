"""The graph of sight lines over a set of rings: built once, asked many times."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from longreach.geodesy import Floats
from longreach.route import _kernels as kernels
from longreach.route.obstacles import Rings

WORKERS = 2


def index(rings: Rings, open_point: Floats) -> kernels.Net:
    """Rings with their edges indexed, inside known, and no sight lines yet.

    open_point : unit vector outside every ring.
    """
    vert = np.ascontiguousarray(rings.vert, float)
    m = len(vert)
    start = np.asarray(rings.start, np.int64)
    here = np.arange(m)
    nxt, prv = here + 1, here - 1
    if m:
        nxt[start[1:] - 1] = start[:-1]
        prv[start[:-1]] = start[1:] - 1
    plane = _unit(np.cross(vert, vert[nxt]))
    # positive where the ring turns left: the inside is on the left, so the corner points outwards
    turn = np.einsum("ij,ij->i", np.cross(vert[prv], vert), vert[nxt])
    node = np.flatnonzero(turn > 0)
    cell_start, cell_list = kernels.list_edges(vert, nxt)
    ball, ball_begin = kernels.balls(vert[node])
    ahead = _ahead(vert[prv[node]], vert[node], vert[nxt[node]])
    cell_in = kernels.flood(vert, nxt, plane, cell_start, cell_list, *open_point)
    return kernels.Net(
        vert,
        np.arctan2(vert[:, 1], vert[:, 0]),
        nxt,
        prv,
        plane,
        node,
        _unit(np.cross(vert[prv[node]], vert[node])),
        _unit(np.cross(vert[nxt[node]], vert[node])),
        ball,
        ball_begin,
        ahead,
        kernels.shut_ways(vert, nxt, prv, node, ahead, cell_start, cell_list),
        cell_start,
        cell_list,
        cell_in,
        _safe(vert, nxt),
        np.zeros(node.size + 1, np.int64),
        np.empty(0, np.int32),
        np.empty(0),
    )


def _ahead(before: Floats, here: Floats, after: Floats) -> Floats:
    """(n, 3) unit tangents at `here` half-way between the directions from `before` and to `after`."""

    def tangent(step: Floats) -> Floats:
        return _unit(step - np.einsum("ij,ij->i", step, here)[:, None] * here)

    return _unit(tangent(here - before) + tangent(after - here))


def _unit(vectors: Floats) -> Floats:
    return np.ascontiguousarray(vectors / np.linalg.norm(vectors, axis=1)[:, None])


def _safe(vert: Floats, nxt: Any) -> Floats:
    """Least distance [rad] from anywhere in each coarse cell to an edge."""
    from scipy.spatial import cKDTree

    bands = kernels.COARSE_BANDS
    if len(vert) == 0:
        return np.full(kernels.COARSE_CELLS, 10.0)
    step = vert[nxt] - vert
    pieces = np.maximum(1, np.ceil(np.linalg.norm(step, axis=1) / 0.004)).astype(int)
    owner = np.repeat(np.arange(len(vert)), pieces)
    within = np.arange(owner.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    samples = vert[owner] + step[owner] * (within / pieces[owner])[:, None]
    band = np.repeat(np.arange(bands), kernels.COARSE_COLUMNS)
    column = np.arange(kernels.COARSE_CELLS) - kernels.COARSE_START[band]
    width = 2 * math.pi / kernels.COARSE_COLUMNS[band]
    lat = (band + 0.5) / bands * math.pi - math.pi / 2
    lon = (column + 0.5) * width - math.pi
    centre = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    chord = cKDTree(samples).query(centre, eps=0.25)[0] / 1.25  # a quarter too long at most
    height = math.pi / bands
    radius = np.hypot(
        height / 2, np.minimum(width / 2 * np.cos(np.maximum(0, np.abs(lat) - height / 2)), 1.6)
    )
    return np.maximum(0.0, 2 * np.arcsin(np.minimum(1, chord / 2)) - 1.02 * radius - 0.0022)


def with_sight_lines(net: kernels.Net, *, relaxed: bool) -> kernels.Net:
    """The net with every sight line between its nodes."""
    n = net.node.size

    def share(part: int) -> Any:
        room = max(4096, 16 * n)
        while True:
            count, source, target, metres = kernels.sight_lines(net, part, n, shares, room, relaxed)
            if count >= 0:
                return source[:count], target[:count], metres[:count]
            room *= 4

    shares = WORKERS if n > 300 else 1
    if shares == 1:
        found = [share(0)]
    else:
        with ThreadPoolExecutor(WORKERS) as pool:
            found = list(pool.map(share, range(shares)))
    source = np.concatenate([part[0] for part in found])
    target = np.concatenate([part[1] for part in found])
    metres = np.concatenate([part[2] for part in found])
    tail = np.concatenate([source, target])
    head = np.concatenate([target, source])
    length = np.concatenate([metres, metres])
    order = np.lexsort((head, tail))
    start = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=n))]).astype(np.int64)
    return net._replace(graph_start=start, graph_to=head[order], graph_m=length[order])
