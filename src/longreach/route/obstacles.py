"""Closed airspace with its stand-off as rings on the globe: one set that holds it, one that it holds.

The *outer* rings contain every point nearer to a boundary than the law allows, so a path clear of them is
lawful; the *inner* rings are contained in the closed area, so no lawful path is shorter than the shortest
path clear of them. Both lie within about twice `grain` of the true offset.

Boundary lines are cut into short chunks and each is buffered in its own azimuthal equidistant plane on the
ellipsoid. That projection stretches only across the radius, so a plane distance is never shorter than the
true one (a plane buffer is inside the true offset: the inner side), and longer by at most c^2 R / 6a^2 for
a chunk within c of the centre (the growth that makes the outer side hold it). Everything is then united in
one stereographic plane, which knows no pole and no antimeridian; the point opposite its centre is in the
open. That plane is used only for what is inside what.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach.geodesy import EARTH_RADIUS, WGS84_A, WGS84_F, Floats, direct, inverse

if TYPE_CHECKING:
    from longreach.world.airspace import Closure

CHUNK = 200e3  # m, at most
STRAIGHT = 6e3  # m; longest ring edge that goes from one plane to another
WORTH_CULLING = 6000  # vertices of a boundary, from which leaving out its hidden part pays
LONGEST_EDGE = 150e3  # m, of a thinned ring
SEAM = 25.0  # m; passages narrower than twice this between closed areas do not count as open
POINT_NEMO = (-48.876, -123.393)  # the point of the oceans farthest from land


def unit(lat: Any, lon: Any) -> Floats:
    """(n, 3) unit vectors of the reduced latitude: the U of `_kernels`."""
    phi, lam = np.radians(np.asarray(lat, float)), np.radians(np.asarray(lon, float))
    beta = np.arctan2((1 - WGS84_F) * np.sin(phi), np.cos(phi))
    return np.stack([np.cos(beta) * np.cos(lam), np.cos(beta) * np.sin(lam), np.sin(beta)], axis=-1)


def position(u: Floats) -> tuple[Floats, Floats]:
    """(lat, lon) in degrees of (n, 3) unit vectors of the reduced latitude."""
    lat = np.degrees(np.arctan2(u[..., 2], (1 - WGS84_F) * np.hypot(u[..., 0], u[..., 1])))
    return lat, np.degrees(np.arctan2(u[..., 1], u[..., 0]))


@dataclass(frozen=True, slots=True)
class Plane:
    """A stereographic plane about `centre` (unit vector); plane lengths are in metres at the centre."""

    centre: Floats
    east: Floats
    north: Floats

    @classmethod
    def about(cls, centre: Floats) -> Plane:
        pole = np.array([0.0, 0.0, 1.0]) if abs(centre[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
        east = np.cross(pole, centre)
        east /= np.linalg.norm(east)
        return cls(centre, east, np.cross(centre, east))

    def to(self, u: Floats) -> Floats:
        """(n, 2) plane coordinates of unit vectors; a turn to the left stays one seen from outside."""
        scale = 2 * EARTH_RADIUS / np.maximum(1e-12, 1 + u @ self.centre)
        return np.stack([u @ self.east * scale, u @ self.north * scale], axis=-1)

    def back(self, xy: Floats) -> Floats:
        """(n, 3) unit vectors of plane coordinates."""
        x, y = xy[:, 0] / (2 * EARTH_RADIUS), xy[:, 1] / (2 * EARTH_RADIUS)
        square = x * x + y * y
        u = (
            self.east * (2 * x)[:, None] + self.north * (2 * y)[:, None] + self.centre * (1 - square)[:, None]
        ) / (1 + square)[:, None]
        return u / np.linalg.norm(u, axis=1)[:, None]

    def stretch(self, xy: Floats) -> Floats:
        """How many plane metres a metre on the globe takes at (n, 2) plane points."""
        return 1 + (xy**2).sum(axis=1) / (2 * EARTH_RADIUS) ** 2


@dataclass(frozen=True, slots=True)
class Chunks:
    """Boundary cut into chunks: chunk i holds vertices start[i]:stop[i] of `u`; `reach` [m] is how far the
    closed area and its stand-off go beyond it."""

    u: Floats
    lat: Floats
    lon: Floats
    start: Any
    stop: Any
    reach: Floats


def chunks(closures: Iterable[Closure], grain: float = 100.0) -> Chunks:
    """The boundary of all closures in chunks short enough for the growth of their buffers to stay a small
    part of `grain` [m]."""
    lines = [(line, closure.stand_off_m) for closure in closures for line in closure.lines]
    if not lines:
        nothing, none = np.empty(0), np.empty(0, np.int64)
        return Chunks(np.empty((0, 3)), nothing, nothing, none, none, nothing)
    lat = np.concatenate([np.asarray(line.lat, float) for line, _ in lines])
    lon = np.concatenate([np.asarray(line.lon, float) for line, _ in lines])
    owner = np.repeat(np.arange(len(lines)), [np.size(line.lat) for line, _ in lines])
    reach_of = np.array([line.offset_m + stand_off for line, stand_off in lines])
    short = 20e3
    if lat.size >= WORTH_CULLING:  # segments short enough for points to stand for them, see `outermost`
        short = min(short, math.sqrt(0.8 * grain * max(300 * grain, float(reach_of.min()))))
    lat, lon, owner = refined(lat, lon, owner, short)
    step = np.append(0.0, chords(lat, lon))
    begins = np.append(True, owner[1:] != owner[:-1])
    step[begins] = 0.0
    along = np.cumsum(step)
    along -= along[begins][np.cumsum(begins) - 1]
    longest = 2 * np.sqrt(0.05 * grain * 6 * EARTH_RADIUS**2 / np.maximum(reach_of, 1e3))
    number = (along / np.minimum(longest, CHUNK)[owner]).astype(np.int64)
    last_of_line = np.append(begins[1:], True)
    starts = begins | np.append(False, number[1:] != number[:-1])
    starts &= ~last_of_line | begins  # a lone last vertex belongs to the chunk before it
    first = np.flatnonzero(starts)
    stop = np.append(first[1:], lat.size)
    shared = np.append(~begins[first[1:]], False)  # a chunk ends on the first vertex of the next
    return Chunks(unit(lat, lon), lat, lon, first, stop + shared, reach_of[owner[first]])


def chords(lat: Floats, lon: Floats) -> Floats:
    """Roughly the lengths [m] of the steps along (n,) vertices: a times the chords of U."""
    return WGS84_A * np.linalg.norm(np.diff(unit(lat, lon), axis=0), axis=1)


def refined(lat: Floats, lon: Floats, owner: Any, longest: float) -> tuple[Floats, Floats, Any]:
    """Vertices of several lines, run together, with points added so that no step within a line is much
    longer than `longest` [m]; an edge gets the same points whichever way round it runs."""
    step = chords(lat, lon)
    long = np.flatnonzero((step > longest) & (owner[1:] == owner[:-1]))
    if long.size == 0:
        return lat, lon, owner
    turned = (lat[long] > lat[long + 1]) | ((lat[long] == lat[long + 1]) & (lon[long] > lon[long + 1]))
    a, b = np.where(turned, long + 1, long), np.where(turned, long, long + 1)
    length, azimuth, _ = inverse(lat[a], lon[a], lat[b], lon[b])
    pieces = np.ceil(length / longest).astype(np.int64)
    edge = np.repeat(np.arange(long.size), pieces - 1)
    k = np.arange(edge.size) - np.repeat(np.cumsum(pieces - 1) - (pieces - 1), pieces - 1) + 1
    k = np.where(turned[edge], pieces[edge] - k, k)
    new_lat, new_lon, _ = direct(lat[a][edge], lon[a][edge], azimuth[edge], length[edge] * k / pieces[edge])
    where = long[edge] + 1
    return (
        np.insert(lat, where, new_lat),
        np.insert(lon, where, new_lon),
        np.insert(owner, where, owner[long[edge]]),
    )


def outermost(parts: Chunks, grain: float) -> Chunks:
    """The chunks without the boundary that cannot show at the edge of what it closes.

    A point of a boundary shows at the edge of its offset R only where an empty disc of radius R touches it,
    that is where a triangle of the Delaunay triangulation at it has a circumscribed circle that large. (On
    the sphere the triangulation is the convex hull of the points.) Deep in fjords and lakes none is. Points
    stand for segments, so these are kept short and the radius is taken 3 % smaller. What is left out may
    leave false holes, far inside, in the union of the rest: `_without_false_holes` fills them.
    """
    from scipy.spatial import ConvexHull

    index, owner = _spread(parts.start, parts.stop)
    shows = np.ones(parts.lat.size, bool)
    for reach in np.unique(parts.reach):
        members = np.unique(index[parts.reach[owner] == reach])
        if members.size < WORTH_CULLING or reach < 300 * grain:
            continue
        hull = ConvexHull(parts.u[members])
        radius = np.arccos(np.clip(-hull.equations[:, 3], -1, 1))
        outer = np.zeros(members.size, bool)
        outer[hull.simplices[radius >= 0.97 * reach / WGS84_A].ravel()] = True
        shows[members] = outer
    kept = shows[index]
    same = owner[1:] == owner[:-1]
    near = kept.copy()  # a segment shows where either end does; and few long runs beat many short ones
    for _ in range(6):
        wider = near.copy()
        wider[1:] |= near[:-1] & same
        wider[:-1] |= near[1:] & same
        near = wider
    begins = near & ~np.append(False, near[:-1] & same)
    ends = near & ~np.append(near[1:] & same, False)
    first, last = np.flatnonzero(begins), np.flatnonzero(ends)
    long = last > first
    first, last = first[long], last[long]
    return replace(parts, start=index[first], stop=index[last] + 1, reach=parts.reach[owner[first]])


def near_ellipse(parts: Chunks, a: Floats, b: Floats, length: float) -> Chunks:
    """The chunks that can matter to a path from a to b (unit vectors) no longer than `length` [m]."""
    if parts.lat.size == 0:
        return parts
    index, owner = _spread(parts.start, parts.stop)
    u = parts.u[index]
    arcs = sum(2 * np.arcsin(np.minimum(1, np.linalg.norm(u - end, axis=1) / 2)) for end in (a, b))
    beyond = arcs * WGS84_A * (1 - WGS84_F) - length - 2 * parts.reach[owner]
    least = np.full(parts.start.size, np.inf)
    np.minimum.at(least, owner, beyond)
    return _taken(parts, np.flatnonzero(least < 2e3 + CHUNK / 5))


def _without_false_holes(geometry: Any, parts: Chunks, plane: Plane, grow: float, grain: float) -> Any:
    """The geometry with the holes filled whose edge lies nearer to a boundary than any true edge could."""
    import shapely
    from scipy.spatial import cKDTree

    polygons = shapely.get_parts(geometry)
    if not shapely.get_num_interior_rings(polygons).any():
        return geometry
    index, owner = _spread(parts.start, parts.stop)
    trees = [
        (reach, cKDTree(parts.u[np.unique(index[parts.reach[owner] == reach])]))
        for reach in np.unique(parts.reach)
    ]
    rings, of = shapely.get_rings(polygons, return_index=True)
    is_hole = np.append(False, of[1:] == of[:-1])
    flat, ring_of = shapely.get_coordinates(rings[is_hole], return_index=True)
    false = np.zeros(int(is_hole.sum()), bool)
    u = plane.back(flat)
    for reach, tree in trees:
        # a times the arc of U is never less than the length, so whatever is counted is nearer than this
        least = (reach + grow - grain) * (1 - 1e-3) / WGS84_A
        chord = tree.query(u, distance_upper_bound=2 * math.sin(min(1.5, least / 2)))[0]
        false |= np.bincount(ring_of[np.isfinite(chord)], minlength=false.size) > 0
    true_hole = is_hole.copy()
    true_hole[is_hole] = ~false
    return shapely.union_all(
        [shapely.Polygon(rings[i], list(rings[true_hole & (of == of[i])])) for i in np.flatnonzero(~is_hole)]
    )


def _taken(parts: Chunks, which: Any) -> Chunks:
    return replace(parts, start=parts.start[which], stop=parts.stop[which], reach=parts.reach[which])


def _spread(start: Any, stop: Any) -> tuple[Any, Any]:
    """Flat vertex indices of the chunks and the chunk each belongs to."""
    size = stop - start
    owner = np.repeat(np.arange(start.size), size)
    within = np.arange(owner.size) - np.repeat(np.cumsum(size) - size, size)
    return start[owner] + within, owner


def _quarter(reach: float, sag: float) -> int:
    """Segments per quarter circle so that chords lie within `sag` of the arc."""
    return max(2, math.ceil((math.pi / 2) / math.sqrt(8 * sag / max(reach, sag))))


def wide_buffers(parts: Chunks, grow: float, sag: float, plane: Plane, *, hold: bool) -> Any:
    """Polygons in `plane` of the chunks widened by their reach plus `grow` [m].

    hold : with `grow` less `sag` they contain the true offset; else, with none, they are contained in it.
    """
    import shapely

    start, stop, reach = parts.start, parts.stop, parts.reach
    if start.size == 0:
        return np.empty(0, object)
    index, owner = _spread(start, stop)
    centre = (start + stop - 1) // 2
    lat0, lon0 = parts.lat[centre], parts.lon[centre]
    distance, azimuth, _ = inverse(lat0[owner], lon0[owner], parts.lat[index], parts.lon[index])
    angle = np.radians(azimuth)
    xy = np.stack([distance * np.sin(angle), distance * np.cos(angle)], axis=1)
    half = np.zeros(start.size)
    np.maximum.at(half, owner, distance)
    lines = shapely.linestrings(xy, indices=owner)
    radius = reach + grow
    if hold:
        # 1.1 covers the higher terms and the ellipsoid
        radius = radius + 1.1 * half**2 * radius / (6 * EARTH_RADIUS**2) * _steepening(radius)
    found, chunk = [], []
    for value in np.unique(reach):
        chosen = np.flatnonzero(reach == value)
        polygons, line = _buffers(lines[chosen], radius[chosen], _quarter(value + grow, sag), 0.3 * sag)
        found.append(polygons)
        chunk.append(chosen[line])
    result = shapely.segmentize(np.concatenate(found), STRAIGHT)
    flat, polygon = shapely.get_coordinates(result, return_index=True)
    ring_owner = np.concatenate(chunk)[polygon]
    lat, lon, _ = direct(
        lat0[ring_owner],
        lon0[ring_owner],
        np.degrees(np.arctan2(flat[:, 0], flat[:, 1])),
        np.hypot(flat[:, 0], flat[:, 1]),
    )
    return shapely.set_coordinates(result, plane.to(unit(lat, lon)))


def _buffers(lines: Any, radius: Floats, quarter: int, tolerance: float) -> tuple[Any, Any]:
    """Buffers of plane lines and the index of the line each belongs to, true to `tolerance` [m].

    GEOS leaves kinks shallower than 1 % of the radius out of a line, and arcs at slight outside turns out of its
    buffer: up to hundreds of metres too much on one side, too little on the other. So every vertex and every edge's
    middle of a buffer is measured against its line; a line whose buffer is off is cut in two, until none is. A
    single segment's buffer is exact.
    """
    import shapely

    polygons, owners = [], []
    which = np.arange(len(lines))
    while len(lines):
        around = shapely.buffer(lines, radius[which], quad_segs=quarter)
        points, owner = shapely.get_coordinates(around, return_index=True)
        beside = owner[1:] == owner[:-1]
        middles = (0.5 * (points[1:] + points[:-1]))[beside]
        points, owner = np.concatenate([points, middles]), np.concatenate([owner, owner[:-1][beside]])
        bent = shapely.get_num_points(lines)[owner] > 2
        points, owner = points[bent], owner[bent]
        shapely.prepare(lines)
        off = shapely.distance(lines[owner], shapely.points(points)) - radius[which][owner]
        chord = radius[which][owner] * (1.0 - math.cos(math.pi / 4 / quarter))
        wrong = np.zeros(len(lines), bool)
        wrong[owner[(off > tolerance) | (off < -chord - tolerance)]] = True
        polygons.append(around[~wrong])
        owners.append(which[~wrong])
        halves = []
        for line in lines[wrong]:
            xy = shapely.get_coordinates(line)
            middle = len(xy) // 2
            halves += [shapely.linestrings(xy[: middle + 1]), shapely.linestrings(xy[middle:])]
        which = np.repeat(which[wrong], 2)
        lines = np.array(halves, object)
    return np.concatenate(polygons), np.concatenate(owners)


def _steepening(radius: Floats) -> Floats:
    """How much faster the stretch of the equidistant plane grows far out: (x / sin x)^2 at x = R / a."""
    x = np.clip(radius / EARTH_RADIUS, 1e-9, 3.0)
    return (x / np.sin(x)) ** 2


def thin_buffers(coordinates: Sequence[Floats], width: float, plane: Plane) -> Any:
    """Polygons that hold everything within `width` [m] of the plane polylines, in `plane` itself.

    For widths small beside the globe only: the plane is conformal, so a small circle stays one.
    """
    import shapely

    pieces, radius = [], []
    for xy in coordinates:
        if len(xy) < 2:
            continue
        for i in range(0, len(xy) - 1, 40):
            part = xy[i : i + 41]
            pieces.append(part)
            radius.append(width * 1.012 * plane.stretch(part).max())
    if not pieces:
        return np.empty(0, object)
    owner = np.repeat(np.arange(len(pieces)), [len(piece) for piece in pieces])
    lines = shapely.linestrings(np.concatenate(pieces), indices=owner)
    return shapely.buffer(lines, np.array(radius) / math.cos(math.pi / 16), quad_segs=4)


def area(closure: Closure, plane: Plane, tolerance: float = 0.0) -> Any:
    """What lies inside the rings of a closure, as a geometry in `plane`; right but for what lies within
    `tolerance` [m] of the rings."""
    import shapely

    from longreach.route._kernels import thin

    rings = [(np.asarray(ring.lat, float), np.asarray(ring.lon, float)) for ring in closure.rings]
    rings = [(lat, lon) for lat, lon in rings if lat.size >= 4]
    if not rings:
        return shapely.Polygon()
    if tolerance > 0:
        kept = [
            thin(unit(lat[:-1], lon[:-1]), tolerance / WGS84_A, LONGEST_EDGE / WGS84_A) for lat, lon in rings
        ]
        kept = [np.append(keep, keep[0]) for keep in kept]
        rings = [
            (lat[keep], lon[keep]) for (lat, lon), keep in zip(rings, kept, strict=True) if keep.sum() > 3
        ]
        if not rings:
            return shapely.Polygon()
    lat, lon = (np.concatenate([ring[axis] for ring in rings]) for axis in (0, 1))
    owner = np.repeat(np.arange(len(rings)), [ring[0].size for ring in rings])
    lat, lon, owner = refined(lat, lon, owner, STRAIGHT)
    array = shapely.polygons(shapely.linearrings(plane.to(unit(lat, lon)), indices=owner))
    broken = ~shapely.is_valid(array)
    if broken.any():
        array[broken] = shapely.make_valid(array[broken])
    if array.size == 1:
        return array[0]
    tree = shapely.STRtree(array)
    inner, outer = tree.query(shapely.point_on_surface(array), predicate="within")
    sizes = shapely.area(array)
    depth = np.zeros(array.size, int)
    holds = (inner != outer) & (sizes[outer] > sizes[inner])
    np.add.at(depth, inner[holds], 1)
    whole = shapely.union_all(array[depth == 0])
    for level in range(1, int(depth.max()) + 1):
        ring = shapely.union_all(array[depth == level])
        whole = shapely.difference(whole, ring) if level % 2 else shapely.union(whole, ring)
    return whole


@dataclass(frozen=True, slots=True)
class Rings:
    """Rings of unit vectors with the inside on the left: ring i has vertices start[i]:start[i+1]."""

    vert: Floats
    start: Any


def rings_of(geometry: Any, plane: Plane, tolerance: float, smallest: float) -> Rings:
    """The rings of a plane geometry, thinned by `tolerance` [m]; holes and specks under `smallest`
    [m^2] are dropped."""
    import shapely

    from longreach.route._kernels import thin

    parts = shapely.get_parts(geometry)
    parts = parts[(shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)]
    rings, owner = shapely.get_rings(parts, return_index=True)
    vert, sizes = [], []
    coordinates, index = shapely.get_coordinates(rings, return_index=True)
    first = np.searchsorted(index, np.arange(len(rings) + 1))
    for i in range(len(rings)):
        xy = coordinates[first[i] : first[i + 1] - 1]
        x, y = xy[:, 0] - xy[0, 0], xy[:, 1] - xy[0, 1]
        signed = 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
        exterior = i == 0 or owner[i] != owner[i - 1]
        if abs(signed) < smallest * float(plane.stretch(xy[:1])[0]) ** 2:
            continue
        if (signed > 0) != exterior:
            xy = xy[::-1]
        u = plane.back(xy)
        kept = u[thin(u, tolerance / WGS84_A, LONGEST_EDGE / WGS84_A)]
        if len(kept) >= 3:
            vert.append(kept)
            sizes.append(len(kept))
    return Rings(
        np.concatenate(vert) if vert else np.empty((0, 3)),
        np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]),
    )


def choose_plane(parts: Chunks, inside: Any) -> tuple[Plane, float]:
    """A plane whose far point is as far in the open as can be, and how far that is [m] (<= 0: none).

    inside : function (lat, lon) -> bool array, whether points are inside any closure's rings.
    """
    from scipy.spatial import cKDTree

    candidates = [unit(*POINT_NEMO)[None, :]]
    k = np.arange(600) + 0.5
    z = 1 - 2 * k / k.size
    lon = np.pi * (1 + 5**0.5) * k
    candidates.append(np.stack([np.sqrt(1 - z * z) * np.cos(lon), np.sqrt(1 - z * z) * np.sin(lon), z], 1))
    if parts.lat.size == 0:
        return Plane.about(-candidates[0][0]), 1e7
    index, owner = _spread(parts.start, parts.stop)
    ends = np.unique(np.concatenate([parts.start, parts.stop - 1, (parts.start + parts.stop) // 2]))
    ends = np.minimum(ends, parts.lat.size - 1)
    reach = float(parts.reach.max())
    tree = cKDTree(parts.u[ends])
    nemo = candidates[0]
    room = float(tree.query(nemo)[0][0]) * 6.35e6 - reach - CHUNK
    if room > 300e3 and not inside(*position(nemo))[0]:
        return Plane.about(-nemo[0]), room
    points = np.concatenate(candidates)
    rooms = _room(points, parts, index, owner)
    rooms[inside(*position(points))] = -1.0
    best = int(np.argmax(rooms))
    return Plane.about(-points[best]), float(rooms[best])


def _room(points: Floats, parts: Chunks, index: Any, owner: Any) -> Floats:
    """Least of distance minus reach [m] from each point to the boundary."""
    from scipy.spatial import cKDTree

    rooms = np.full(len(points), np.inf)
    for value in np.unique(parts.reach):
        chosen = parts.reach[owner] == value
        chord = cKDTree(parts.u[index[chosen]]).query(points)[0]
        rooms = np.minimum(rooms, 2 * 6.35e6 * np.arcsin(np.minimum(1, chord / 2)) - value - 15e3)
    return rooms


def build(
    closures: Sequence[Closure], parts: Chunks, plane: Plane, grain: float, window: Any = None
) -> tuple[Rings, Rings]:
    """Outer and inner rings of the closures with their stand-off; `grain` [m] sets how close they lie."""
    outer, inner = unite(closures, parts, plane, grain, window)
    smallest = (2 * grain) ** 2
    return rings_of(outer, plane, 0.55 * grain, smallest), rings_of(inner, plane, 0.55 * grain, smallest)


def unite(
    closures: Sequence[Closure], parts: Chunks, plane: Plane, grain: float, window: Any = None
) -> tuple[Any, Any]:
    """The same as geometries in `plane`, before thinning.

    window : only what is closed inside this rectangle (x, y, x, y of the plane) matters

    Boundary that reaches far is buffered by its reach, a grain more and a grain less. Where some of it
    reaches hardly at all (land borders without a stand-off), the whole is drawn first and a rim one grain
    wide along its edge is added to it and taken from it; seams inside the whole thus stay closed.
    """
    import shapely

    sag = 0.3 * grain
    wide = parts.reach >= 3 * grain
    far = np.flatnonzero(wide)
    all_wide = bool(wide.all())

    showing = outermost(_taken(parts, far), grain)

    def widened(*, hold: bool) -> tuple[Any, float]:
        grow = grain if hold else -grain if all_wide else 0.0
        return shapely.union_all(wide_buffers(showing, grow, sag, plane, hold=hold)), grow

    def filled(found: tuple[Any, float], bodies: Any) -> Any:
        whole = shapely.union_all([found[0], *bodies])
        if showing.lat.size < WORTH_CULLING:
            return whole
        return _without_false_holes(whole, _taken(parts, far), plane, found[1], grain)

    with ThreadPoolExecutor(3) as pool:
        out, within = pool.submit(widened, hold=True), pool.submit(widened, hold=False)
        if all_wide:
            # the buffers hold all within a third of their reach of the rings, which need no more detail
            coarse = 0.3 * float(parts.reach.min(initial=np.inf))
            bodies = _bodies(closures, plane, coarse, window)
            outer = pool.submit(filled, out.result(), bodies)
            inner = filled(within.result(), bodies)
            return outer.result(), inner
        body = _closed_up(_bodies(closures, plane, 0.0, window))
        whole = filled(within.result(), [body])
        rim = shapely.union_all(thin_buffers(_ring_coordinates(whole), grain, plane))
        narrow = np.flatnonzero(~wide)
        index, _ = _spread(parts.start[narrow], parts.stop[narrow])
        lines = np.split(plane.to(parts.u[index]), np.cumsum(parts.stop[narrow] - parts.start[narrow])[:-1])
        width = grain + float(parts.reach[narrow].max(initial=0.0))
        fringe = pool.submit(lambda: shapely.union_all(thin_buffers(lines, width, plane)))
        inner = shapely.difference(whole, rim)
        outer = filled(out.result(), [body, rim, fringe.result()])
        return outer, inner


def _bodies(closures: Sequence[Closure], plane: Plane, tolerance: float, window: Any) -> list[Any]:
    """What lies inside the rings of each closure; in a window, from a store that keeps the whole."""
    if window is None:
        return [area(closure, plane, tolerance) for closure in closures]
    import shapely

    found = []
    for closure in closures:
        key = (id(closure), round(tolerance), plane.centre.tobytes())
        known = _stored.get(key)
        if known is None or known[0] is not closure:
            whole = area(closure, plane, tolerance)
            known = closure, whole, shapely.bounds(whole)
            if len(_stored) >= STORED:
                _stored.pop(next(iter(_stored)))
            _stored[key] = known
        low_x, low_y, high_x, high_y = known[2]
        if low_x < window[2] and high_x > window[0] and low_y < window[3] and high_y > window[1]:
            found.append(shapely.make_valid(shapely.clip_by_rect(known[1], *window)))
    return found


STORED = 512  # areas
_stored: dict[Any, tuple[Closure, Any, Any]] = {}


def _ring_coordinates(geometry: Any) -> list[Floats]:
    import shapely

    rings = shapely.get_rings(shapely.get_parts(geometry))
    return [shapely.get_coordinates(ring) for ring in rings]


def _closed_up(areas: list[Any]) -> Any:
    """The union of areas, seams between neighbours closed."""
    import shapely

    areas = [one for one in areas if not one.is_empty]
    if not areas:
        return shapely.Polygon()
    if len(areas) == 1:
        return areas[0]
    return shapely.union_all(areas, grid_size=0.25)
