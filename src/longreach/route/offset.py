"""The edge of what boundaries reach, drawn to a stated tolerance with an error of known sign.

GEOS's buffers of bent lines are off by up to a hundredth of their radius: it leaves shallow kinks out of a line and
arcs at slight turns out of its buffer. So a *sketch* is made of them, at a radius less by a little more than that,
which lies within the true shape. From the edge of the sketch the rest is drawn exactly: each stretch of it belongs to
the boundary segment that reaches furthest beyond it, and the fan between the two, whose outer points are laid down
along geodesics at that reach, is added. A fan's hull lies within what its segment reaches, so nothing ever reaches too
far; every corner and every edge's middle of the result is measured against all segments, and where something is
lacking further fans are added until nothing is.

The sketch is drawn in azimuthal equidistant planes on the ellipsoid, one a chunk of boundary. They stretch only across
the radius, so a distance in them is never shorter than the true one.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from longreach.geodesy import WGS84_A, WGS84_F, Floats, direct, inverse
from longreach.route.chunks import WORTH_CULLING, Chunks, outermost, spread, taken
from longreach.route.plane import Plane, unit

STRAIGHT = 6e3  # m; longest edge that goes from one plane to another
QUARTER = 12  # segments of a quarter circle of the sketch
SHRINK = 1.013  # the sketch's buffers may be a hundredth too wide
SAG = 0.15  # of a grain: chords against arcs
LACK = 0.35  # of a grain: what may be lacking at a corner or the middle of an edge
ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Segments:
    """Boundary segments in a tree of balls (see `_offset_kernels`): `seg` (n, 6) ECEF ends, `reach` (n,) [m]."""

    seg: Floats
    reach: Floats
    ball: Floats
    most: Floats
    begin: Any

    @classmethod
    def of(cls, parts: Chunks) -> Segments:
        from longreach.route._offset_kernels import plant

        index, owner = spread(parts.start, parts.stop)
        joined = np.flatnonzero(owner[1:] == owner[:-1])
        a, b = index[joined], index[joined + 1]
        order = np.argsort(along_curve(parts.u[a]), kind="stable")
        axes = np.array([WGS84_A, WGS84_A, WGS84_A * (1 - WGS84_F)])
        seg = np.concatenate([parts.u[a] * axes, parts.u[b] * axes], axis=1)[order]
        reach = parts.reach[owner[joined]][order]
        return cls(seg, reach, *plant(seg, reach))

    def nearest(self, points: Floats) -> tuple[Any, Floats]:
        """For (n, 3) unit vectors the segment that reaches furthest beyond each, and by how much each point lies
        beyond that reach [m], negative inside."""
        from longreach.route._offset_kernels import measured, nearest

        which, _ = nearest(points, self.seg, self.reach, self.ball, self.most, self.begin)
        lon = np.arctan2(points[:, 1], points[:, 0])
        return which, measured(points, lon, which, self.seg, self.reach)


def along_curve(u: Floats) -> Any:
    """Place of each direction along a Morton curve over the faces of a cube: near ones are near in memory."""
    face = np.argmax(np.abs(u), axis=1)
    rows = np.arange(len(u))
    scale = np.abs(u[rows, face])
    code = (face * 2 + (u[rows, face] < 0)).astype(np.int64) << 40
    for k, shift in ((1, 0), (2, 1)):
        place = ((u[rows, (face + k) % 3] / scale * 0.5 + 0.5) * 65535).astype(np.int64)
        for bit in range(16):
            code |= ((place >> bit) & 1) << (2 * bit + shift)
    return code


def sketch(parts: Chunks, shrink: Floats | float, plane: Plane) -> Any:
    """Buffers of the chunks in `plane`, coarse and within the true ones of their reach less `shrink` [m]."""
    import shapely

    start, stop = parts.start, parts.stop
    index, owner = spread(start, stop)
    centre = (start + stop - 1) // 2
    lat0, lon0 = parts.lat[centre], parts.lon[centre]
    distance, azimuth, _ = inverse(lat0[owner], lon0[owner], parts.lat[index], parts.lon[index])
    angle = np.radians(azimuth)
    xy = np.stack([distance * np.sin(angle), distance * np.cos(angle)], axis=1)
    lines = shapely.linestrings(xy, indices=owner)
    around = shapely.buffer(lines, (parts.reach - shrink) / SHRINK, quad_segs=QUARTER)
    around = shapely.segmentize(around, STRAIGHT)
    flat, of = shapely.get_coordinates(around, return_index=True)
    lat, lon, _ = direct(
        lat0[of], lon0[of], np.degrees(np.arctan2(flat[:, 0], flat[:, 1])), np.hypot(flat[:, 0], flat[:, 1])
    )
    around = shapely.set_coordinates(around, plane.to(unit(lat, lon)))
    try:
        return shapely.union_all(around)
    except shapely.errors.GEOSException:  # a buffer came out crossing itself on the way to the other plane
        return shapely.union_all(shapely.make_valid(around))


def sampled(geometry: Any, plane: Plane, step: Floats | float) -> tuple[Floats, Any, Any]:
    """Points along the rings of a geometry, corners among them, no further apart than `step` [m] (one for all, or one
    for each corner): (unit vectors, ring of each, corner each follows)."""
    import shapely

    rings = shapely.get_rings(shapely.get_parts(geometry))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    if len(xy) == 0:
        return np.empty((0, 3)), np.empty(0, np.int64), np.empty(0, np.int64)
    along = np.append(np.hypot(*np.diff(xy, axis=0).T), 0.0)
    along[np.append(ring[1:] != ring[:-1], True)] = 0.0
    pieces = np.maximum(1, np.ceil(along / (step * plane.stretch(xy)))).astype(np.int64)
    corner = np.repeat(np.arange(len(xy)), pieces)
    part = (np.arange(corner.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[corner]
    following = np.minimum(corner + 1, len(xy) - 1)
    points = xy[corner] + part[:, None] * (xy[following] - xy[corner])
    return plane.back(points), ring[corner], corner


@dataclass(frozen=True, slots=True)
class Edge:
    """Points along the edge of a shape: the segment each belongs to, how far beyond its reach each lies [m], and how
    far apart [m] they may be for the chord of an arc."""

    points: Floats
    ring: Any
    which: Any
    beyond: Floats
    step: Floats


def edge_of(geometry: Any, segments: Segments, plane: Plane, grain: float) -> Edge:
    """The edge of a sketch, as finely as arcs of the reach of the segments concerned need."""
    points, ring, corner = sampled(geometry, plane, STRAIGHT)
    if len(points) == 0:
        return Edge(points, ring, corner, np.empty(0), np.empty(0))
    which, beyond = segments.nearest(points)
    for _ in range(4):
        wanted = _step(segments, which, grain)
        least = np.full(int(corner.max()) + 2, np.inf)
        np.minimum.at(least, corner, wanted)
        least = np.minimum(least[:-1], least[1:])
        before = len(points)
        points, ring, corner = sampled(geometry, plane, least)
        which, beyond = segments.nearest(points)
        if len(points) < 1.1 * before:
            break
    return Edge(points, ring, which, beyond, _step(segments, which, grain))


def fans(
    edge: Edge, wanted: Any, segments: Segments, grow: float, asides: Sequence[float], plane: Plane
) -> Any:
    """Polygons in `plane` from the wanted points of an edge to the reach of their segments plus `grow` [m]."""
    import shapely

    from longreach.route import _offset_kernels as kernels

    first, last = kernels.runs(edge.points, edge.ring, edge.which, wanted, segments.seg, segments.reach)
    points, fan = kernels.fans(
        edge.points, first, last, edge.which, segments.seg, segments.reach, grow,
        edge.step / WGS84_A, np.asarray(asides, float),
    )  # fmt: skip
    clouds = shapely.multipoints(plane.to(points), indices=np.unique(fan, return_inverse=True)[1])
    hulls = shapely.convex_hull(clouds)
    return hulls[shapely.get_type_id(hulls) == 3]


def _filled(geometry: Any, edge: Edge, grow: float, plane: Plane) -> Any:
    """The geometry without the holes that certainly lie within reach: no point of a hole is further from its edge
    than half across, and a distance changes no faster than the place."""
    import shapely

    polygons = shapely.get_parts(geometry)
    rings, of = shapely.get_rings(polygons, return_index=True)
    hole = np.append(False, of[1:] == of[:-1])
    if not hole.any():
        return geometry
    beyond = np.full(len(rings), -np.inf)
    np.maximum.at(beyond, edge.ring, edge.beyond)
    low_x, low_y, high_x, high_y = shapely.bounds(rings).T
    across = np.hypot(high_x - low_x, high_y - low_y)  # plane metres are never shorter than the globe's
    kept = ~hole | (beyond + 0.5 * across > grow)
    if kept.all():
        return geometry
    shells = np.flatnonzero(~hole)
    whole = [shapely.Polygon(rings[i], list(rings[hole & kept & (of == of[i])])) for i in shells]
    return shapely.union_all(whole)


def completed(start: Any, edge: Edge, segments: Segments, grow: float, grain: float, plane: Plane) -> Any:
    """A sketch with everything added that its segments reach plus `grow` [m]; at no corner and no middle of an edge
    is more than LACK of a grain lacking."""
    import shapely

    whole = start
    wanted = edge.beyond < grow
    asides: tuple[float, ...] = (1.5,)
    known = Known.nothing()
    for turn in range(ROUNDS):
        added = fans(edge, wanted, segments, grow, asides, plane)
        whole = shapely.union(whole, shapely.union_all(added))
        edge, known = measured(whole, segments, grain, plane, known)
        wanted = edge.beyond < grow - LACK * grain
        if not wanted.any():
            break
        if turn == 0:
            whole = _filled(whole, edge, grow, plane)
        asides = (1.5**turn, 3 * 1.5**turn)
    return whole


@dataclass(frozen=True, slots=True)
class Known:
    """Points measured before: plane coordinates as complex numbers in order, and what was found."""

    place: Any
    which: Any
    beyond: Floats

    @classmethod
    def nothing(cls) -> Known:
        return cls(np.empty(0, complex), np.empty(0, np.int64), np.empty(0))


def measured(
    geometry: Any, segments: Segments, grain: float, plane: Plane, known: Known
) -> tuple[Edge, Known]:
    """Every corner of a geometry and every edge's middle, in order, against the segments."""
    import shapely

    rings = shapely.get_rings(shapely.get_parts(geometry))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    points = np.empty((2 * len(xy), 2))
    points[::2] = xy
    points[1::2] = 0.5 * (xy + np.append(xy[1:], xy[-1:], axis=0))
    kept = np.ones(len(points), bool)
    kept[1::2] = ~np.append(
        ring[1:] != ring[:-1], True
    )  # a ring ends where it began: no middle after its end
    points, ring = points[kept], np.repeat(ring, 2)[kept]
    place = points[:, 0] + 1j * points[:, 1]
    u = plane.back(points)
    which, beyond = np.zeros(len(u), np.int64), np.empty(len(u))
    at = np.minimum(np.searchsorted(known.place, place), max(0, known.place.size - 1))
    old = known.place[at] == place if known.place.size else np.zeros(len(u), bool)
    which[old], beyond[old] = known.which[at[old]], known.beyond[at[old]]
    which[~old], beyond[~old] = segments.nearest(u[~old])
    order = np.argsort(place)
    return (
        Edge(u, ring, which, beyond, _step(segments, which, grain)),
        Known(place[order], which[order], beyond[order]),
    )


def _step(segments: Segments, which: Any, grain: float) -> Floats:
    """How far apart [m] points before each segment may be for the chords of an arc of its reach."""
    return np.minimum(STRAIGHT, np.sqrt(8 * SAG * grain * segments.reach[which]))


def widened(
    parts: Chunks, bodies: Sequence[Any], grows: Sequence[float], grain: float, plane: Plane
) -> list[Any]:
    """What the chunks reach plus each of `grows` [m], with the bodies, as geometries in `plane`.

    Each lies within the true offset (bodies apart) and lacks at its corners at most LACK of a grain.
    """
    import shapely

    shown = outermost(parts) if parts.lat.size >= WORTH_CULLING else parts
    shrink = max(0.0, -min(grows))
    half = shown.start.size // 2
    halves = [taken(shown, slice(None, half)), taken(shown, slice(half, None))] if half > 50 else [shown]
    with ThreadPoolExecutor(2) as pool:
        drawn = list(pool.map(lambda some: sketch(some, shrink, plane), halves))
    first = shapely.union_all([*drawn, *bodies])
    segments = Segments.of(parts)
    edge = edge_of(first, segments, plane, grain)
    filled = _filled(first, edge, min(grows), plane)
    if filled is not first:
        first = filled
        edge = edge_of(first, segments, plane, grain)
    with ThreadPoolExecutor(len(grows)) as pool:
        return list(pool.map(lambda grow: completed(first, edge, segments, grow, grain, plane), grows))
