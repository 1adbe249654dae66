"""Why there is no route, by how much, and the smallest change that would cure it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach.route import chunks, obstacles
from longreach.route.boundary import NOISE, Boundary
from longreach.route.plane import Plane, position, unit
from longreach.route.result import Cure, Shortfall
from longreach.route.widest import passage
from longreach.units import NAUTICAL_MILE

if TYPE_CHECKING:
    from longreach.route.prepared import Prepared
    from longreach.world.airspace import Closure

Point = tuple[float, float]
STEP = 0.1 * NAUTICAL_MILE  # of the largest stand-off
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
    stand_off = max((closure.stand_off_m for closure in prepared.closures), default=0.0)
    shut_in, wall = _wall(prepared, a, b)
    names = ", ".join(wall) if wall else "the closed airspace"
    largest = largest_stand_off(prepared.closures, prepared.boundary, prepared.key, a, b, stand_off)
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


@dataclass(frozen=True, slots=True)
class Ground:
    """What is closed, as a geometry in a plane, and the bounded open faces in it."""

    plane: Plane
    closed: Any
    faces: Any


_known: OrderedDict[tuple[str, float], Ground | None] = OrderedDict()
_lock = threading.Lock()
KEPT = 64  # such grounds: who is shut in once is asked about again


def _kept(key: tuple[str, float], make: Callable[[], Ground | None]) -> Ground | None:
    """The ground known under a key, or made and kept."""
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    made = make()
    with _lock:
        _known[key] = made
        while len(_known) > KEPT:
            _known.popitem(last=False)
    return made


def _as_prepared(prepared: Prepared) -> Ground | None:
    def make() -> Ground:
        plane = Plane.about(-prepared.open_point)
        closed = _polygons(prepared, plane)
        return Ground(plane, closed, _faces(closed))

    return _kept((prepared.key, -1.0), make)


def _grain(stand_off: float) -> float:
    """How closely [m] boundaries are followed at a stand-off [m] tried."""
    return min(COARSE, max(50.0, stand_off / 20))


def _eased(closures: Sequence[Closure], boundary: Boundary, name: str, stand_off: float) -> Ground | None:
    """The ground with no stand-off over `stand_off` [m]; None where nothing is open."""

    def make() -> Ground | None:
        eased = [replace(one, stand_off_m=min(stand_off, one.stand_off_m)) for one in closures]
        parts = chunks.chunks(eased)
        plane, room = obstacles.choose_plane(parts, lambda lat, lon: boundary.inside(lat, lon).any(axis=1))
        if room <= 0:
            return None
        closed = obstacles.closed_for_certain(eased, parts, plane, _grain(stand_off))
        return Ground(plane, closed, _faces(closed))

    return _kept((name, stand_off), make)


def _wall(prepared: Prepared, a: Point, b: Point) -> tuple[str, tuple[str, ...]]:
    """Which end is shut in, and the closures along the edge of the open space around it."""
    ground = _as_prepared(prepared)
    faces = [] if ground is None else [(role, _face_of(ground, point)) for role, point in _ends(a, b)]
    role, face = next(((role, face) for role, face in faces if face is not None), ("destination", None))
    if face is None:
        return role, ()
    import shapely

    edge = shapely.get_coordinates(shapely.get_rings(face))
    edge = edge[:: max(1, len(edge) // 200)]
    assert ground is not None
    lat, lon = position(ground.plane.back(edge))
    seen: dict[str, None] = {}
    boundary = prepared.boundary
    for p, q in zip(lat, lon, strict=True):
        measured = boundary.measure([p], [q])
        lack = [one.clearance_m - s for one, s in zip(measured, boundary.stand_off, strict=True)]
        seen[boundary.ids[int(np.argmin(lack))]] = None
    return role, tuple(sorted(seen))


def _ends(a: Point, b: Point) -> tuple[tuple[str, Point], tuple[str, Point]]:
    return ("origin", a), ("destination", b)


def _polygons(prepared: Prepared, plane: Plane) -> Any:
    """The outer rings as polygons in their plane."""
    import shapely

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


def _faces(closed: Any) -> Any:
    """The bounded open faces: what lies in the holes, less the closed parts inside them."""
    import shapely

    parts = shapely.get_parts(closed)
    rings, owner = shapely.get_rings(parts, return_index=True)
    holes = [shapely.Polygon(ring) for i, ring in enumerate(rings) if i > 0 and owner[i] == owner[i - 1]]
    if not holes:
        return np.empty(0, object)
    inside = shapely.STRtree(parts)
    open_parts = []
    for hole in holes:
        within = parts[inside.query(hole, predicate="intersects")]
        open_parts.append(shapely.difference(hole, shapely.union_all(within)) if len(within) else hole)
    return shapely.get_parts(np.array(open_parts, object))


def _face_of(ground: Ground, point: Point) -> Any:
    """The bounded face that holds a point; None where it lies in the open or in what is closed."""
    import shapely

    xy = ground.plane.to(unit(*point)[None, :])[0]
    held = np.flatnonzero(shapely.intersects_xy(ground.faces, *xy)) if len(ground.faces) else np.empty(0, int)
    return ground.faces[held[0]] if len(held) else None


def largest_stand_off(
    closures: Sequence[Closure], boundary: Boundary, name: str, a: Point, b: Point, most: float
) -> float | None:
    """The largest stand-off [m] in whole steps at which a and b are joined; None where they are not even
    without one. Each closure keeps the lesser of it and its own. `name` is the content hash of the closures."""
    ends = [one.clearance_m for _, point in _ends(a, b) for one in boundary.measure([point[0]], [point[1]])]
    high = min([most, *ends])

    def joined(stand_off: float) -> bool:
        ground = _eased(closures, boundary, name, stand_off)
        return ground is not None and _joined(ground, a, b)

    if high < 0:
        return None
    # tried from a good guess on, in steps that grow: mostly two or three trials do
    guess = passage(closures, a, b)
    highest = int(high / STEP)
    number = int(np.clip((guess - _grain(guess)) / STEP, 0, highest)) if guess < np.inf else highest
    step = 1
    if joined(number * STEP):
        low, above = number, highest + 1
        while low + step < above:
            if not joined((low + step) * STEP):
                above = low + step
            else:
                low, step = low + step, 2 * step
    elif number == 0 or not joined(0.0):
        return None
    else:
        low, above = 0, number
        while above - step > low:
            if joined((above - step) * STEP):
                low = above - step
            else:
                above, step = above - step, 2 * step
    while above - low > 1:
        middle = (low + above) // 2
        low, above = (middle, above) if joined(middle * STEP) else (low, middle)
    return low * STEP


def _joined(ground: Ground, a: Point, b: Point) -> bool:
    import shapely

    held = []
    for point in (a, b):
        xy = ground.plane.to(unit(*point)[None, :])[0]
        if shapely.intersects_xy(ground.closed, *xy):
            return False
        inside = shapely.intersects_xy(ground.faces, *xy) if len(ground.faces) else []
        held.append(np.flatnonzero(inside).tolist())
    return bool(held[0] == held[1])
