"""Compiled kernels for questions about many routes at once: what a point sees, and every node's distance.

The same rings, sight lines and tests as the search for one route (`_kernels`), asked for all nodes.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from longreach.route._kernels import (
    FAN,
    B,
    _dives,
    _grow_heap,
    _is_shut,
    _may_support,
    _nearly_supports,
    _pop,
    _push,
    _slack,
    _supports,
    clear,
    least_metres,
    line,
    tangent,
)


@njit(cache=True, nogil=True)
def fan(net, ox, oy, oz, olon, furthest, relaxed):
    """Nodes in sight of a point within `furthest` metres: (nodes, metres), nodes ascending.

    A line counts where it supports the ring at the node and crosses none; nearly antipodal nodes do not, or where
    `relaxed` at a length certainly not too long.
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
        if _is_shut(net, k, ox, oy, oz) or not _nearly_supports(net, v, ox, oy, oz):
            continue
        g = line(ox, oy, oz, olon, x, y, z, net.lon[v])
        if relaxed and not g[0]:
            nodes[count] = k
            metres[count] = least_metres(ox, oy, oz, x, y, z)
            count += 1
            continue
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
def least_of_balls(reach, ball_begin):
    """The least of (n,) node values in each ball of nodes, level by level (see `_kernels.balls`)."""
    out = np.full(ball_begin[-1], np.inf)
    for k in range(reach.size):
        out[k // FAN] = min(out[k // FAN], reach[k])
    for level in range(1, ball_begin.size - 1):
        below = ball_begin[level - 1]
        here = ball_begin[level]
        for j in range(ball_begin[level] - below):
            out[here + j // FAN] = min(out[here + j // FAN], out[below + j])
    return out


@njit(cache=True, nogil=True)
def search_from(net, reach, came, low, ox, oy, oz, olon, dx, dy, dz, dlon, limit, relaxed):
    """Shortest chain of sight lines from o to d: (metres, nodes in order from o), where the way from o to every node
    is known (`tree`, and `low` its `least_of_balls`). The same answer as `_kernels.search`."""
    n = net.node.size
    no_nodes = np.empty(0, np.int64)
    hint = np.full(1, -1, np.int64)
    g = line(ox, oy, oz, olon, dx, dy, dz, dlon)
    if g[0]:
        if clear(net, g, dx, dy, dz, -1, -1, -1, -1, hint):
            return g[1], no_nodes
    elif relaxed:
        return least_metres(ox, oy, oz, dx, dy, dz), no_nodes
    best = np.inf
    last = -1
    keys = np.empty(256)
    items = np.empty(256, np.int64)  # a ball: its place; a node: -1 less its number
    size = 0
    top = net.ball_begin[-1] - 1
    if n > 0 and low[top] < np.inf:
        size = _push(keys, items, size, low[top], top)
    while size > 0:
        key, item, size = _pop(keys, items, size)
        if key > limit or key >= best:
            break
        if item < 0:
            k = -1 - item
            v = net.node[k]
            x = net.vert[v, 0]
            y = net.vert[v, 1]
            z = net.vert[v, 2]
            g = line(x, y, z, net.lon[v], dx, dy, dz, dlon)
            if g[0]:
                total = reach[k] + g[1]
                if total >= best:
                    continue
                tx, ty, tz = tangent(g, 0.0)
                if not _supports(net, v, tx, ty, tz) or _dives(net, v, tx, ty, tz):
                    continue
                if not clear(net, g, dx, dy, dz, v, net.prv[v], -1, -1, hint):
                    continue
            elif relaxed:
                total = reach[k] + least_metres(x, y, z, dx, dy, dz)
            else:
                continue
            if total < best:
                best = total
                last = k
            continue
        level = 0
        while net.ball_begin[level + 1] <= item:
            level += 1
        i = item - net.ball_begin[level]
        below = n if level == 0 else net.ball_begin[level] - net.ball_begin[level - 1]
        for j in range(i * FAN, min(below, (i + 1) * FAN)):
            if level > 0:
                there = net.ball_begin[level - 1] + j
                gap = (
                    math.sqrt(
                        (net.ball[there, 0] - dx) ** 2
                        + (net.ball[there, 1] - dy) ** 2
                        + (net.ball[there, 2] - dz) ** 2
                    )
                    - net.ball[there, 3]
                )
                least = low[there] + 2.0 * B * (1 - 1e-12) * math.asin(max(0.0, min(1.0, 0.5 * gap)))
            else:
                if reach[j] == np.inf:
                    continue
                v = net.node[j]
                x = net.vert[v, 0]
                y = net.vert[v, 1]
                z = net.vert[v, 2]
                slack = _slack(x * dx + y * dy + z * dz)
                if not _may_support(net.side_prv, net.side_nxt, j, dx, dy, dz, slack):
                    continue
                if _is_shut(net, j, dx, dy, dz) or not _nearly_supports(net, v, dx, dy, dz):
                    continue
                there = -1 - j
                least = reach[j] + least_metres(x, y, z, dx, dy, dz)
            if least > limit or least >= best:
                continue
            if size == keys.size:
                keys, items = _grow_heap(keys, items)
            size = _push(keys, items, size, least, there)
    if last < 0:
        return np.inf, no_nodes
    count = 0
    k = last
    while k >= 0:
        count += 1
        k = came[k]
    path = np.empty(count, np.int64)
    k = last
    while k >= 0:
        count -= 1
        path[count] = k
        k = came[k]
    return best, path


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
