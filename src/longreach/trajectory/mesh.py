"""An even mesh over the globe: an icosahedron cut up six times, each point joined to 36 round it.

40,962 points some 110 km apart; once more cut up and turned, 163,842 points 55 km apart, for a second look. The
neighbours lie within three rings, so that directions from a point are about 10 degrees apart; what is lost by
that is made good by the tubes of `paths`, for which the mesh only finds the right side of everything.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from longreach.geodesy import Floats

CUTS, FINER = 6, 7
NEIGHBOURS = 36
TURN = 0.35  # rad about each axis, by which the finer mesh is turned


def spacing(cuts: int) -> float:
    """Mean distance of neighbours [rad]."""
    return 1.107 / 2.0**cuts


def _icosahedron() -> tuple[Floats, Any]:
    golden = (1 + 5**0.5) / 2
    corners = [
        (-1, golden, 0), (1, golden, 0), (-1, -golden, 0), (1, -golden, 0),
        (0, -1, golden), (0, 1, golden), (0, -1, -golden), (0, 1, -golden),
        (golden, 0, -1), (golden, 0, 1), (-golden, 0, -1), (-golden, 0, 1),
    ]  # fmt: skip
    faces = [
        (0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11), (1, 5, 9), (5, 11, 4), (11, 10, 2),
        (10, 7, 6), (7, 1, 8), (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8), (3, 8, 9), (4, 9, 5), (2, 4, 11),
        (6, 2, 10), (8, 6, 7), (9, 8, 1),
    ]  # fmt: skip
    points = np.array(corners, float)
    return points / np.linalg.norm(points, axis=1)[:, None], np.array(faces, np.int64)


def _cut(points: Floats, faces: Any) -> tuple[Floats, Any]:
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    unique, place = np.unique(edges, axis=0, return_inverse=True)
    middle = points[unique[:, 0]] + points[unique[:, 1]]
    middle /= np.linalg.norm(middle, axis=1)[:, None]
    ab, bc, ca = (place.reshape(3, -1) + len(points))[:3]
    a, b, c = faces.T
    cut = [(a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca)]
    return np.concatenate([points, middle]), np.concatenate([np.stack(face, axis=1) for face in cut])


@cache
def mesh(cuts: int = CUTS) -> tuple[Floats, Any]:
    """(n, 3) unit vectors and (n, 36) indices of neighbours; made once for the process (0.2 s)."""
    from scipy.spatial import cKDTree
    from scipy.spatial.transform import Rotation

    points, faces = _icosahedron()
    for _ in range(cuts):
        points, faces = _cut(points, faces)
    if cuts != CUTS:  # so that no point and no direction of one mesh is one of the other's
        points = np.ascontiguousarray(Rotation.from_euler("xyz", [TURN] * 3).apply(points))
    near = cKDTree(points).query(points, NEIGHBOURS + 1)[1][:, 1:].astype(np.int32)
    points.setflags(write=False)
    near.setflags(write=False)
    return points, near


def graph(wanted: Any, extra: Floats, cuts: int = CUTS) -> tuple[Floats, Any, Any, Any]:
    """The part of the mesh that is wanted with extra points among it: points, CSR start and heads, tails.

    wanted (n,) bool over the mesh; extra (e, 3) unit vectors, which come first in the answer.
    """
    from scipy.spatial import cKDTree

    every, near = mesh(cuts)
    chosen = np.flatnonzero(wanted)
    place = np.full(len(every), -1, np.int32)
    place[chosen] = len(extra) + np.arange(chosen.size, dtype=np.int32)
    heads = place[near[chosen]]
    tails = np.repeat(place[chosen], NEIGHBOURS).reshape(heads.shape)
    kept = heads >= 0
    points = np.concatenate([extra, every[chosen]])
    pairs = cKDTree(extra).query_ball_tree(cKDTree(points), 3.2 * spacing(cuts)) if len(extra) else []
    new_tail = np.repeat(np.arange(len(pairs), dtype=np.int32), [len(one) for one in pairs])
    new_head = np.array([j for one in pairs for j in one], np.int32)
    apart = new_tail != new_head
    new_tail, new_head = new_tail[apart], new_head[apart]
    outward = new_head >= len(extra)  # a pair of extras is listed both ways already
    tail = np.concatenate([new_tail, new_head[outward], tails[kept]])
    head = np.concatenate([new_head, new_tail[outward], heads[kept]])
    order = np.argsort(tail, kind="stable")
    start = np.searchsorted(tail[order], np.arange(len(points) + 1)).astype(np.int64)
    return points, start, head[order], tail[order]
