"""How wide the widest way between two points is: a first guess of the largest stand-off at which they are joined.

The places furthest from a set of points lie on their Voronoi diagram, and a way along it is narrowest where it
crosses edges of the Delaunay triangulation. So the widest way from one triangle to another crosses those edges of a
largest spanning tree of the triangulation's dual (T. C. Hu, The maximum capacity route problem, Operations Research
9, 1961), and its narrowest passage is where the two join when the edges are opened widest first. On the sphere the
triangulation is the convex hull. Points stand for the boundary between them, so this is a guess: `explain` tries it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from longreach.geodesy import WGS84_A, Floats, distance
from longreach.route import chunks
from longreach.route.plane import position, unit

if TYPE_CHECKING:
    from longreach.world.airspace import Closure

OPEN = 1_000e3  # m; a place in the open stands further than this from any boundary
PLACES = 600  # looked at to find such
NEIGHBOURS = 4  # boundary points on either side looked at around the narrowest passage
FINE = 200.0  # m, between points there
Point = tuple[float, float]


def passage(closures: Sequence[Closure], a: Point, b: Point) -> float:
    """About the largest stand-off [m] at which there is a way from a to b; inf where nothing stands between, and
    0 where hardly anything is open. Each closure keeps the lesser of it and its own stand-off."""
    from scipy.spatial import ConvexHull, QhullError

    u, line, offset, most = _points(closures)
    afar = _open_places(u)  # no passage between them and anything else is narrow; and they close the hull
    u = np.concatenate([u, afar])
    offset = np.append(offset, np.full(len(afar), -1e9))
    most = np.append(most, np.full(len(afar), 0.0))
    try:
        hull = ConvexHull(u)
    except QhullError:  # all in one plane
        return float("inf")
    across = np.array([(0, 1), (1, 2), (2, 0)])
    ends = np.sort(hull.simplices[:, across].reshape(-1, 2), axis=1)
    face = np.repeat(np.arange(len(hull.simplices)), 3)
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    ends, face = ends[order], face[order]
    twice = np.flatnonzero((ends[1:] == ends[:-1]).all(axis=1))  # every edge has two faces
    ends, sides = ends[twice], np.stack([face[twice], face[twice + 1]], axis=1)
    width = _arc(u, ends)
    wide = _stand_off(width, ends, offset, most)
    wide[_along_boundary(ends, line, len(u))] = -np.inf
    first, last = (_face_of(hull, unit(*end)) for end in (a, b))
    at = _joining(sides[np.argsort(-wide, kind="stable")], len(hull.simplices), first, last)
    if at < 0:
        return float("inf")
    edge = np.argsort(-wide, kind="stable")[at : at + 1]
    exact = _narrowest(u, line, ends[edge[0]])
    return max(0.0, float(_stand_off(np.array([exact]), ends[edge], offset, most)[0]))


def _points(closures: Sequence[Closure]) -> tuple[Floats, Any, Floats, Floats]:
    """Boundary points as unit vectors, each once; the chains they lie on as (k, 2) neighbours; and for each point how
    far closed airspace reaches beyond the boundary, and the stand-off of its closure [m]."""
    found: list[Floats] = []
    chain, offset, most = [], [], []
    begin = 0
    for closure in closures:
        parts = chunks.chunks([closure])
        index, owner = chunks.spread(parts.start, parts.stop)
        found.append(parts.u[index])
        same = np.flatnonzero(owner[1:] == owner[:-1])
        chain.append(begin + np.stack([same, same + 1], axis=1))
        offset.append(parts.reach[owner] - closure.stand_off_m)
        most.append(np.full(len(index), closure.stand_off_m))
        begin += len(index)
    u = np.concatenate(found)
    _, first, place = np.unique(np.round(u, 9), axis=0, return_index=True, return_inverse=True)
    count = len(first)
    far, own = np.zeros(count), np.zeros(count)
    place = place.ravel()
    np.maximum.at(far, place, np.concatenate(offset))
    np.maximum.at(own, place, np.concatenate(most))
    line = place[np.concatenate(chain)]
    return u[first], line[line[:, 0] != line[:, 1]], far, own


def _open_places(u: Floats) -> Floats:
    """Places spread over the globe (unit vectors) that are far from all boundary points."""
    from scipy.spatial import cKDTree

    k = np.arange(PLACES) + 0.5
    z, lon = 1 - 2 * k / PLACES, np.pi * (1 + 5**0.5) * k
    places = np.stack([np.sqrt(1 - z * z) * np.cos(lon), np.sqrt(1 - z * z) * np.sin(lon), z], axis=1)
    return places[cKDTree(u).query(places)[0] * WGS84_A > OPEN]


def _arc(u: Floats, ends: Any) -> Floats:
    """Roughly the lengths [m] between pairs of points."""
    p, q = position(u[ends[:, 0]]), position(u[ends[:, 1]])
    return np.asarray(distance(p[0], p[1], q[0], q[1]), float)


def _stand_off(width: Floats, ends: Any, offset: Floats, most: Floats) -> Floats:
    """The largest stand-off [m] that leaves a passage between two boundary points `width` [m] apart."""
    room = width - offset[ends].sum(axis=1)
    less, more = most[ends].min(axis=1), most[ends].max(axis=1)
    both = np.where(0.5 * room <= less, 0.5 * room, room - less)
    return np.where(both > more, np.inf, both)


def _along_boundary(ends: Any, line: Any, count: int) -> Any:
    """Which pairs of points are neighbours along a boundary."""
    low, high = line.min(axis=1), line.max(axis=1)
    return np.isin(ends[:, 0].astype(np.int64) * count + ends[:, 1], low.astype(np.int64) * count + high)


def _face_of(hull: Any, point: Floats) -> int:
    """The face of a hull about the centre of the globe that a direction passes through."""
    return int(np.argmax(hull.equations[:, :3] @ point / -hull.equations[:, 3]))


@njit(cache=True, nogil=True)
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True, nogil=True)
def _joining(pairs, count, first, last):
    """Which of the pairs (m, 2) of `count` faces, joined one after the other, joins two faces; -1 where they are one."""
    parent = np.arange(count)
    if first == last:
        return -1
    for k in range(pairs.shape[0]):
        a = _root(parent, pairs[k, 0])
        b = _root(parent, pairs[k, 1])
        if a != b:
            parent[a] = b
            if _root(parent, first) == _root(parent, last):
                return k
    return -1


def _narrowest(u: Floats, line: Any, ends: Any) -> float:
    """The width [m] between the boundaries around two of their points, not only between the points."""
    from scipy.spatial import cKDTree

    sides, reached = [], []
    for end in ends:
        near = np.zeros(len(u), bool)
        near[end] = True
        for _ in range(NEIGHBOURS):
            near[line[near[line].any(axis=1)].ravel()] = True
        pieces = line[near[line].all(axis=1)]
        number = np.maximum(
            1, np.ceil(np.linalg.norm(u[pieces[:, 0]] - u[pieces[:, 1]], axis=1) * WGS84_A / FINE)
        ).astype(int)
        piece = np.repeat(np.arange(len(pieces)), number)
        part = (np.arange(piece.size) - np.repeat(np.cumsum(number) - number, number)) / number[piece]
        points = u[pieces[piece, 0]] * (1 - part)[:, None] + u[pieces[piece, 1]] * part[:, None]
        sides.append(np.concatenate([points, u[end][None, :]]))
        reached.append(near)
    if (reached[0] & reached[1]).any():  # the same stretch of one boundary
        return float(_arc(u, np.array([ends]))[0])
    chord, other = cKDTree(sides[0]).query(sides[1])
    at = int(np.argmin(chord))
    p, q = position(sides[1][at]), position(sides[0][other[at]])
    return float(distance(p[0], p[1], q[0], q[1]))
