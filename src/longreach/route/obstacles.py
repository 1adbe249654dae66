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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach.geodesy import EARTH_RADIUS, WGS84_A, WGS84_F, Floats, densify, direct, inverse

if TYPE_CHECKING:
    from longreach.world.airspace import Closure

CHUNK = 60e3  # m
STRAIGHT = 8e3  # m; longest ring edge that goes from one plane to another
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


def chunks(closures: Iterable[Closure]) -> Chunks:
    """The boundary of all closures in chunks of at most CHUNK."""
    lats, lons, starts, stops, reaches = [], [], [], [], []
    at = 0
    for closure in closures:
        for line in closure.lines:
            lat, lon = np.asarray(line.lat, float), np.asarray(line.lon, float)
            reach = line.offset_m + closure.stand_off_m
            step = _steps(lat, lon)
            if step.size and step.max() > 20e3:
                lat, lon, _ = densify(lat, lon, 15e3)
                step = _steps(lat, lon)
            along = np.concatenate([[0.0], np.cumsum(step)])
            number = np.minimum((along / CHUNK).astype(np.int64), int(along[-1] / CHUNK))
            first = np.flatnonzero(np.diff(number, prepend=-1))
            last = np.append(first[1:], lat.size - 1)  # a chunk ends on the first vertex of the next
            if first.size > 1 and first[-1] == lat.size - 1:  # a lone last vertex
                first, last = first[:-1], last[:-1]
            lats.append(lat)
            lons.append(lon)
            starts.append(at + first)
            stops.append(at + last + 1)
            reaches.append(np.full(first.size, reach))
            at += lat.size
    lat, lon = np.concatenate(lats or [np.empty(0)]), np.concatenate(lons or [np.empty(0)])
    return Chunks(
        unit(lat, lon),
        lat,
        lon,
        np.concatenate(starts or [np.empty(0, np.int64)]),
        np.concatenate(stops or [np.empty(0, np.int64)]),
        np.concatenate(reaches or [np.empty(0)]),
    )


def _steps(lat: Floats, lon: Floats) -> Floats:
    u = unit(lat, lon)
    return WGS84_A * np.linalg.norm(np.diff(u, axis=0), axis=1)


def _spread(start: Any, stop: Any) -> tuple[Any, Any]:
    """Flat vertex indices of the chunks and the chunk each belongs to."""
    size = stop - start
    owner = np.repeat(np.arange(start.size), size)
    within = np.arange(owner.size) - np.repeat(np.cumsum(size) - size, size)
    return start[owner] + within, owner


def _quarter(reach: float, sag: float) -> int:
    """Segments per quarter circle so that chords lie within `sag` of the arc."""
    return max(2, math.ceil((math.pi / 2) / math.sqrt(8 * sag / max(reach, sag))))


def wide_buffers(parts: Chunks, which: Any, grow: float, sag: float, plane: Plane, *, hold: bool) -> Any:
    """Polygons in `plane` of the chunks `which` widened by their reach plus `grow` [m].

    hold : the polygons contain the true offset; else they are contained in it.
    """
    import shapely

    start, stop, reach = parts.start[which], parts.stop[which], parts.reach[which]
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
        # 1.1 covers the higher terms and the ellipsoid; the last factor turns chords into tangents
        radius = radius + 1.1 * half**2 * radius / (6 * EARTH_RADIUS**2) * _steepening(radius) + 1.0
    result = np.empty(start.size, object)
    for value in np.unique(reach):
        chosen = reach == value
        quarter = _quarter(value + grow, sag)
        factor = 1 / math.cos(math.pi / 4 / quarter) if hold else 1.0
        result[chosen] = shapely.buffer(lines[chosen], radius[chosen] * factor, quad_segs=quarter)
    result = shapely.segmentize(result, STRAIGHT)
    flat, ring_owner = shapely.get_coordinates(result, return_index=True)
    lat, lon, _ = direct(
        lat0[ring_owner],
        lon0[ring_owner],
        np.degrees(np.arctan2(flat[:, 0], flat[:, 1])),
        np.hypot(flat[:, 0], flat[:, 1]),
    )
    return shapely.set_coordinates(result, plane.to(unit(lat, lon)))


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


def area(closure: Closure, plane: Plane) -> Any:
    """What lies inside the rings of a closure, as a geometry in `plane`."""
    import shapely

    polygons = []
    for ring in closure.rings:
        lat, lon = np.asarray(ring.lat, float), np.asarray(ring.lon, float)
        if lat.size and (lat[0] != lat[-1] or lon[0] != lon[-1]):
            lat, lon = np.append(lat, lat[0]), np.append(lon, lon[0])
        if lat.size < 4:
            continue
        if _steps(lat, lon).max() > STRAIGHT:
            lat, lon = _densified(lat, lon)
        polygons.append(shapely.Polygon(plane.to(unit(lat, lon))))
    if not polygons:
        return shapely.Polygon()
    array = np.array(polygons, object)
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


def _densified(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """Points added on long edges only, the same whichever way round the edge runs."""
    step = _steps(lat, lon)
    long = np.flatnonzero(step > STRAIGHT)
    lats, lons, at = [], [], 0
    for i in long:
        turn = (lat[i], lon[i]) > (lat[i + 1], lon[i + 1])
        a, b = (i + 1, i) if turn else (i, i + 1)
        new_lat, new_lon, _ = densify(lat[[a, b]], lon[[a, b]], STRAIGHT)
        if turn:
            new_lat, new_lon = new_lat[::-1], new_lon[::-1]
        lats += [lat[at : i + 1], new_lat[1:-1]]
        lons += [lon[at : i + 1], new_lon[1:-1]]
        at = i + 1
    return np.concatenate([*lats, lat[at:]]), np.concatenate([*lons, lon[at:]])


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
    return Rings(np.concatenate(vert) if vert else np.empty((0, 3)), np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]))


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


def build(closures: Sequence[Closure], parts: Chunks, plane: Plane, grain: float) -> tuple[Rings, Rings]:
    """Outer and inner rings of the closures with their stand-off; `grain` [m] sets how close they lie."""
    outer, inner = unite(closures, parts, plane, grain)
    smallest = (2 * grain) ** 2
    return rings_of(outer, plane, 0.8 * grain, smallest), rings_of(inner, plane, 0.8 * grain, smallest)


def unite(closures: Sequence[Closure], parts: Chunks, plane: Plane, grain: float) -> tuple[Any, Any]:
    """The same as geometries in `plane`, before thinning."""
    import shapely

    sag = 0.08 * grain
    wide = parts.reach >= 3 * grain
    areas = [area(closure, plane) for closure in closures]
    body = _closed_up(areas, plane)
    reach_out = wide_buffers(parts, np.flatnonzero(wide), grain, sag, plane, hold=True)
    if wide.all():
        reach_in = wide_buffers(parts, np.flatnonzero(wide), -grain, sag, plane, hold=False)
        outer = shapely.union_all(np.append(reach_out, body))
        inner = shapely.union_all(np.append(reach_in, body))
    else:
        reach_in = wide_buffers(parts, np.flatnonzero(wide), 0.0, sag, plane, hold=False)
        whole = shapely.union_all(np.append(reach_in, body)) if len(reach_in) else body
        rim = thin_buffers(_ring_coordinates(whole), grain, plane)
        rim_area = shapely.union_all(rim)
        narrow = np.flatnonzero(~wide)
        index, _ = _spread(parts.start[narrow], parts.stop[narrow])
        xy = plane.to(parts.u[index])
        splits = np.cumsum(parts.stop[narrow] - parts.start[narrow])[:-1]
        edges = np.split(xy, splits)
        width = grain + float(parts.reach[narrow].max(initial=0.0))
        outer = shapely.union_all(
            np.concatenate([reach_out, [body, rim_area], thin_buffers(edges, width, plane)])
        )
        inner = shapely.difference(whole, rim_area)
    return outer, inner


def _ring_coordinates(geometry: Any) -> list[Floats]:
    import shapely

    rings = shapely.get_rings(shapely.get_parts(geometry))
    return [shapely.get_coordinates(ring) for ring in rings]


def _closed_up(areas: list[Any], plane: Plane) -> Any:
    """The union of areas, seams between neighbours closed."""
    import shapely

    areas = [one for one in areas if not one.is_empty]
    if not areas:
        return shapely.Polygon()
    if len(areas) == 1:
        return areas[0]
    return shapely.union_all(areas, grid_size=0.25)
