"""Why there is no route, by how much, and the smallest change that would cure it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach.route import chunks, obstacles
from longreach.route.boundary import NOISE, Boundary
from longreach.route.plane import Plane, position, unit
from longreach.route.result import Cure, Shortfall
from longreach.units import NAUTICAL_MILE

if TYPE_CHECKING:
    from longreach.route.prepared import Prepared
    from longreach.world.airspace import Closure

Point = tuple[float, float]
COARSE = 500.0  # m; grain of the rings drawn to find the largest stand-off


def _nm(metres: float) -> float:
    return round(metres / NAUTICAL_MILE, 3)


def _down(metres: float, step: float = 0.1) -> str:
    """A length in nm rounded down to `step`, as text a mission file reads."""
    return f"{np.floor(metres / NAUTICAL_MILE / step + 1e-9) * step:.1f} nm".replace(".0 nm", " nm")


def _place(point: Point) -> str:
    return f"{point[0]:.4f},{point[1]:.4f}"


def inside_of(prepared: Prepared, point: Point, role: str) -> tuple[Shortfall, ...]:
    """One shortfall for each closure whose stand-off holds the point."""
    found = []
    measured = prepared.boundary.measure([point[0]], [point[1]])
    least = min((one.clearance_m for one in measured), default=np.inf)
    for closest, closure in zip(measured, prepared.closures, strict=True):
        lack = closure.stand_off_m - closest.clearance_m
        if lack <= NOISE:
            continue
        depth = f"{lack / NAUTICAL_MILE:.1f} nm"
        if closest.clearance_m < 0:
            what = (
                f"the {role} lies {-closest.clearance_m / NAUTICAL_MILE:.1f} nm inside closed airspace of "
                f"{closure.name} ({closure.id})"
            )
            cure = Cure(
                "airspace.closed", f"without {closure.id}", f"open {closure.id}: no stand-off would do"
            )
        else:
            what = f"the {role} lies {depth} inside the stand-off of {closure.name} ({closure.id})"
            if least > 0:
                value = _down(least)
                cure = Cure("airspace.stand_off", value, f"a stand-off of {value} clears the {role}")
            else:
                cure = Cure("airspace.closed", f"without {closure.id}", f"open {closure.id}")
        found.append(Shortfall(what, _place(point), _nm(lack), "nm", cure))
    return tuple(found)


def enclosed(prepared: Prepared, a: Point, b: Point) -> tuple[Shortfall, ...]:
    """The closures that stand between the ends, and the largest stand-off at which they no longer do."""
    closures = prepared.closures
    stand_off = max((closure.stand_off_m for closure in closures), default=0.0)
    shut_in, wall = _wall(prepared, a, b)
    names = ", ".join(wall) if wall else "the closed airspace"
    largest = _largest_stand_off(closures, prepared.boundary, a, b, stand_off)
    point = a if shut_in == "origin" else b
    what = f"no lawful way: {names} enclose{'s' if len(wall) == 1 else ''} the {shut_in}"
    if largest is None:
        text = f"even with no stand-off there is no way; open one of {names}"
        by, cure = stand_off, Cure("airspace.closed", f"without one of {names}", text)
    else:
        value = _down(largest)
        by = stand_off - largest
        cure = Cure("airspace.stand_off", value, f"a route exists with a stand-off of {value}")
    return (Shortfall(what, _place(point), _nm(by), "nm", cure),)


def _wall(prepared: Prepared, a: Point, b: Point) -> tuple[str, tuple[str, ...]]:
    """Which end is shut in, and the closures along the edge of the open space around it."""
    plane = Plane.about(-prepared.open_point)
    faces = _faces(_polygons(prepared), plane)
    held = [(role, _face_of(faces, plane, point)) for role, point in (("origin", a), ("destination", b))]
    role, face = next(((role, face) for role, face in held if face is not None), ("destination", None))
    if face is None:
        return role, ()
    import shapely

    edge = shapely.get_coordinates(shapely.get_rings(face))
    edge = edge[:: max(1, len(edge) // 400)]
    lat, lon = position(plane.back(edge))
    seen: dict[str, None] = {}
    boundary = prepared.boundary
    for p, q in zip(lat, lon, strict=True):
        measured = boundary.measure([p], [q])
        lack = [one.clearance_m - s for one, s in zip(measured, boundary.stand_off, strict=True)]
        seen[boundary.ids[int(np.argmin(lack))]] = None
    return role, tuple(sorted(seen))


def _polygons(prepared: Prepared) -> Any:
    """The outer rings as polygons in their plane."""
    import shapely

    plane = Plane.about(-prepared.open_point)
    net = prepared.outer
    rings, seen = [], np.zeros(len(net.vert), bool)
    for i in range(len(net.vert)):
        if seen[i]:
            continue
        chain = [i]
        seen[i] = True
        while not seen[j := int(net.nxt[chain[-1]])]:
            seen[j] = True
            chain.append(j)
        rings.append(plane.to(net.vert[chain]))
    lines = [shapely.LinearRing(ring) for ring in rings]
    return shapely.make_valid(shapely.build_area(shapely.union_all(lines))) if lines else shapely.Polygon()


def _faces(closed: Any, plane: Plane) -> Any:
    """The bounded open faces: what lies in the holes, less the closed parts inside them."""
    import shapely

    parts = shapely.get_parts(closed)
    rings, owner = shapely.get_rings(parts, return_index=True)
    holes = [shapely.Polygon(ring) for i, ring in enumerate(rings) if i > 0 and owner[i] == owner[i - 1]]
    if not holes:
        return np.empty(0, object)
    return shapely.get_parts(shapely.difference(np.array(holes, object), closed))


def _face_of(faces: Any, plane: Plane, point: Point) -> Any:
    import shapely

    xy = plane.to(unit(*point)[None, :])[0]
    for face in faces:
        if shapely.intersects_xy(face, *xy):
            return face
    return None


def _largest_stand_off(
    closures: Sequence[Closure], boundary: Boundary, a: Point, b: Point, most: float
) -> float | None:
    """The largest stand-off [m], to about 0.1 nm and on the safe side, at which a and b are joined; None
    where they are not even without one. Each closure keeps the lesser of it and its own."""
    ends = boundary.measure([a[0]], [a[1]]) + boundary.measure([b[0]], [b[1]])
    high = min(most, *(one.clearance_m for one in ends))
    if high < 0 or not _joined(closures, boundary, a, b, 0.0):
        return None
    low = 0.0
    while high - low > 0.1 * NAUTICAL_MILE:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _joined(closures, boundary, a, b, middle) else (low, middle)
    return low


def _joined(closures: Sequence[Closure], boundary: Boundary, a: Point, b: Point, stand_off: float) -> bool:
    import shapely

    eased = [replace(closure, stand_off_m=min(stand_off, closure.stand_off_m)) for closure in closures]
    parts = chunks.chunks(eased)
    plane, room = obstacles.choose_plane(parts, lambda lat, lon: boundary.inside(lat, lon).any(axis=1))
    if room <= 0:
        return False
    grain = min(COARSE, max(50.0, stand_off / 20))
    closed = obstacles.unite(eased, parts, plane, grain)[0]
    faces = _faces(closed, plane)
    points = [shapely.Point(plane.to(unit(*point)[None, :])[0]) for point in (a, b)]
    if any(shapely.intersects(closed, point) for point in points):
        return False
    held = [[i for i, face in enumerate(faces) if shapely.intersects(face, point)] for point in points]
    return held[0] == held[1]
