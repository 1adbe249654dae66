"""Closed airspace with its stand-off as rings on the globe: one set that holds it, one that it holds.

The *outer* rings contain every point nearer to a boundary than the law allows, so a path clear of them is
lawful; the *inner* rings are contained in the closed area, so no lawful path is shorter than the shortest
path clear of them. Both lie within about twice `grain` of the true offset.

`offset` draws what boundaries reach, a grain more and a grain less. Everything is united in one stereographic
plane, which knows no pole and no antimeridian; the point opposite its centre is in the open. That plane is used
only for what is inside what.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach.geodesy import WGS84_A, Floats
from longreach.route.chunks import CHUNK, Chunks, refined, spread, taken
from longreach.route.offset import STRAIGHT, along_curve, widened
from longreach.route.plane import Plane, position, unit

if TYPE_CHECKING:
    from longreach.world.airspace import Closure

LONGEST_EDGE = 150e3  # m, of a thinned ring
SHALLOW = (
    0.6  # m; corners that point inwards by less are left out, so that a line along an edge is clear or not
)
NARROW = (
    2e3  # m; where only what holds everything closed is drawn, boundary that reaches less is drawn roughly
)
POINT_NEMO = (-48.876, -123.393)  # the point of the oceans farthest from land


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
    longest = LONGEST_EDGE if tolerance > SHALLOW * 10 else LONGEST_EDGE / 3
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
        kept = u[thin(u, tolerance / WGS84_A, longest / WGS84_A)]
        kept = without_shallow(kept, min(SHALLOW, 0.2 * tolerance) / WGS84_A)
        if len(kept) >= 3:
            vert.append(kept)
            sizes.append(len(kept))
    if vert:  # near ones near in memory
        order = np.argsort(along_curve(np.array([ring[0] for ring in vert])), kind="stable")
        vert, sizes = [vert[i] for i in order], [sizes[i] for i in order]
    return Rings(
        np.concatenate(vert) if vert else np.empty((0, 3)),
        np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]),
    )


def without_shallow(ring: Floats, depth: float) -> Floats:
    """A closed ring of unit vectors (n, 3), inside on the left, without the corners that point inwards by less than
    `depth` [rad]; it grows by a third more than that at most, as no two neighbours go in one turn."""
    while len(ring) > 3:
        before, after = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0)
        across = np.cross(before, after)
        inwards = np.einsum("ij,ij->i", across, ring) / np.linalg.norm(across, axis=1)  # left of the chord
        shallow = (inwards > 0) & (inwards < depth)
        shallow[1:] &= ~shallow[:-1]
        shallow[-1] &= ~shallow[0]
        if not shallow.any() or len(ring) - shallow.sum() < 3:
            return ring
        ring = ring[~shallow]
    return ring


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
    index, owner = spread(parts.start, parts.stop)
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

    Boundary that reaches far is drawn to its reach, a grain more and a grain less. Where some of it
    reaches hardly at all (land borders without a stand-off), the whole is drawn first and a rim one grain
    wide along its edge is added to it and taken from it; seams inside the whole thus stay closed.
    """
    import shapely

    wide = parts.reach >= 3 * grain
    far = taken(parts, np.flatnonzero(wide))
    bodies = _all_bodies(closures, parts, plane, 3 * grain, window)
    if wide.all():
        outer, inner = widened(far, bodies, (grain, -grain), grain, plane)
        return outer, inner
    with ThreadPoolExecutor(1) as pool:
        fringe = pool.submit(_fringe, parts, plane, grain, 3 * grain)
        outer, whole = widened(far, bodies, (grain, 0.0), grain, plane) if wide.any() else (bodies[0],) * 2
        rim = shapely.union_all(thin_buffers(_ring_coordinates(whole), grain, plane))
        inner = shapely.difference(whole, rim)
        return shapely.union_all([outer, rim, fringe.result()]), inner


def closed_for_certain(closures: Sequence[Closure], parts: Chunks, plane: Plane, grain: float) -> Any:
    """Only the geometry that holds everything closed, where the other is not needed."""
    import shapely

    least = max(3 * grain, NARROW)
    wide = parts.reach >= least
    bodies = _all_bodies(closures, parts, plane, least, None)
    far = taken(parts, np.flatnonzero(wide))
    if wide.all():
        return widened(far, bodies, (grain,), grain, plane)[0]
    whole = widened(far, bodies, (grain,), grain, plane)[0] if wide.any() else bodies[0]
    rim = shapely.union_all(thin_buffers(_ring_coordinates(bodies[0]), grain, plane))
    return shapely.union_all([whole, rim, _fringe(parts, plane, grain, least)])


def _all_bodies(
    closures: Sequence[Closure], parts: Chunks, plane: Plane, least: float, window: Any
) -> list[Any]:
    """What lies inside the rings: as it is, seams closed, where some boundary reaches hardly at all; else roughly,
    since the buffers hold all within a third of their reach of the rings."""
    if (parts.reach >= least).all():
        return _bodies(closures, plane, 0.3 * float(parts.reach.min(initial=np.inf)), window)
    return [_closed_up(_bodies(closures, plane, 0.0, window))]


def _fringe(parts: Chunks, plane: Plane, grain: float, least: float) -> Any:
    """What the boundary that reaches less than `least` [m] reaches, and a grain more."""
    import shapely

    narrow = np.flatnonzero(parts.reach < least)
    index, _ = spread(parts.start[narrow], parts.stop[narrow])
    lines = np.split(plane.to(parts.u[index]), np.cumsum(parts.stop[narrow] - parts.start[narrow])[:-1])
    width = grain + float(parts.reach[narrow].max(initial=0.0))
    return shapely.union_all(thin_buffers(lines, width, plane))


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
