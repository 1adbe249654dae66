"""Compiled kernels for questions about many routes at once: what a point sees, and every node's distance.

The same rings, sight lines and tests as the search for one route (`_kernels`), asked for all nodes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from longreach.route._kernels import (
    _dives,
    _may_support,
    _pop,
    _push,
    _slack,
    _supports,
    clear,
    line,
    tangent,
)


@njit(cache=True, nogil=True)
def fan(net, ox, oy, oz, olon, furthest):
    """Nodes in sight of a point within `furthest` metres: (nodes, metres), nodes ascending.

    A line counts where it supports the ring at the node and crosses none; nearly antipodal nodes do not.
    """
    n = net.node.size
    nodes = np.empty(n, np.int32)
    metres = np.empty(n)
    hint = np.full(1, -1, np.int64)
    count = 0
    for k in range(n):
        v = net.node[k]
        x = net.vert[v, 0]
        y = net.vert[v, 1]
        z = net.vert[v, 2]
        slack = _slack(x * ox + y * oy + z * oz)
        if not _may_support(net.side_prv, net.side_nxt, k, ox, oy, oz, slack):
            continue
        g = line(ox, oy, oz, olon, x, y, z, net.lon[v])
        if not g[0] or g[1] > furthest:
            continue
        tx, ty, tz = tangent(g, g[2])
        if not _supports(net, v, tx, ty, tz) or _dives(net, v, -tx, -ty, -tz):
            continue
        if not clear(net, g, x, y, z, v, net.prv[v], -1, -1, hint):
            continue
        nodes[count] = k
        metres[count] = g[1]
        count += 1
    return nodes[:count].copy(), metres[:count].copy()


@njit(cache=True, nogil=True)
def tree(net, nodes, metres):
    """Least metres to every node from a point with that fan, and the node before it (-1: the point).

    Dijkstra over the sight lines; inf where there is no way.
    """
    n = net.node.size
    best = np.full(n, np.inf)
    came = np.full(n, -2, np.int32)
    room = max(1024, nodes.size + net.graph_to.size)
    keys = np.empty(room)
    items = np.empty(room, np.int64)
    size = 0
    for i in range(nodes.size):
        k = nodes[i]
        best[k] = metres[i]
        came[k] = -1
        size = _push(keys, items, size, metres[i], k)
    while size > 0:
        key, k, size = _pop(keys, items, size)
        if key > best[k]:
            continue
        for a in range(net.graph_start[k], net.graph_start[k + 1]):
            w = net.graph_to[a]
            total = key + net.graph_m[a]
            if total < best[w]:
                best[w] = total
                came[w] = k
                size = _push(keys, items, size, total, w)
    return best, came


@njit(cache=True, nogil=True)
def direct_line(net, ox, oy, oz, olon, dx, dy, dz, dlon):
    """Metres of the geodesic from o to d where it is clear of the rings, inf where it is not, and -1 where
    the points are too nearly antipodal to say."""
    g = line(ox, oy, oz, olon, dx, dy, dz, dlon)
    if not g[0]:
        return -1.0
    hint = np.full(1, -1, np.int64)
    if clear(net, g, dx, dy, dz, -1, -1, -1, -1, hint):
        return g[1]
    return np.inf
