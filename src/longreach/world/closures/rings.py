"""Rings on the globe: from polygons as people write them to simple closed rings, interior on the left.

People cut polygons at the antimeridian, let longitude run past 180, jump from 179 to -179, draw round
a pole, join a hole to its outline by a cut, cross their own line. Here each of these becomes rings
that do not cross, wound so that the interior lies on the left (RFC 7946, section 3.1.6), with cuts and
seams that enclose nothing taken out again; or a `RingFault` that names the place.

Inside, a ring is an (n, 2) array of latitude and longitude in degrees, first vertex repeated last.
Edges are WGS84 geodesics; parallels and rhumb lines are written out as geodesics no longer than 10 nm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.geodesy import Floats
from longreach.units import NAUTICAL_MILE

EDGES = ("geodesic", "parallel", "rhumb")
LONGEST_PIECE = 10.0 * NAUTICAL_MILE  # of a parallel or rhumb line [m]
LONGEST_EDGE = 150_000.0  # m, what `world.airspace.Ring` allows
SAGITTA = 1.0  # m, how far a piece of a parallel may bow away from it
FARTHEST = 19_900_000.0  # m; beyond it two points are nearly antipodal and "the" geodesic is not defined
TOUCH = 1e-10  # rad (0.6 mm); lines that pass by less than this touch, they do not cross
SMALL_LOBE = 0.01  # share of the ring's area below which a lobe cut off by a crossing is a slip of the pen
NARROWEST = 0.01  # m, area over perimeter; below it a ring encloses nothing
NEAR_POLE = 90.0 - 1e-7  # a vertex at a pole is kept 1 cm from it: a pole has no longitude
MOST_CROSSINGS = 200
_E2 = geodesy.WGS84_F * (2.0 - geodesy.WGS84_F)


class RingFault(Exception):
    """What is wrong with a polygon; which polygon, ring and vertex (0-based) or None; a way out."""

    def __init__(
        self, what: str, ring: int | None = None, vertex: int | None = None, hint: str | None = None
    ):
        super().__init__(what)
        self.what, self.ring, self.vertex, self.hint = what, ring, vertex, hint
        self.polygon: int | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """Rings that together bound one area: inside where an odd number of them is crossed.

    rings : (n, 2) closed arrays, interior on the left, an outer ring before its holes
    holds_north_pole, holds_south_pole : whether the area holds the pole
    """

    rings: tuple[Floats, ...]
    holds_north_pole: bool
    holds_south_pole: bool


def place(lat: float, lon: float) -> str:
    """A position as the messages write it.

    >>> place(-7.5, 51.25)
    '7.5000S 51.2500E'
    """
    return f"{abs(lat):.4f}{'S' if lat < 0 else 'N'} {abs(lon):.4f}{'W' if lon < 0 else 'E'}"


def wrapped(lon: Floats) -> Floats:
    """Longitude in [-180, 180), bit for bit where it already is."""
    out = np.array(lon, float)
    far = (out < -180.0) | (out >= 180.0)
    out[far] = geodesy.wrap_longitude(out[far])
    return out


def areas(
    polygons: Sequence[Sequence[Floats]],
    edge: str = "geodesic",
    pole: str | None = None,
    repair_all: bool = False,
) -> tuple[list[Area], list[str], list[RingFault]]:
    """The areas that polygons bound, what was mended on the way, and what could not be.

    Parts that overlap come back as separate areas (a closed place is closed however often it is
    listed, and an odd-even rule would open the overlap); all others share one.

    Parameters
    ----------
    polygons : per polygon its outer ring and then its holes, each (n, 2) latitude, raw longitude [deg]
    edge : "geodesic", "parallel" (edges between equal latitudes follow the parallel) or "rhumb"
    pole : "north" or "south" where a ring winds round the globe and the writer said which; else the
        pole on the smaller side is taken, and said
    repair_all : mend every ring that crosses itself, not only slips of the pen
    """
    notes: list[str] = []
    faults: list[RingFault] = []
    parts: list[list[Floats]] = []
    for number, polygon in enumerate(polygons):
        try:
            parts.extend(_parts(polygon, edge, pole, repair_all, notes))
        except RingFault as fault:
            fault.polygon = number
            faults.append(fault)
    if faults:
        return [], notes, faults
    groups = _apart(parts, edge)
    if len(groups) > 1:
        notes.append(f"its parts overlap; kept as {len(groups)} closures, all in force")
    try:
        return [_area([ring for part in group for ring in part], edge) for group in groups], notes, []
    except RingFault as fault:
        return [], notes, [fault]


def _parts(
    polygon: Sequence[Floats], edge: str, pole: str | None, repair_all: bool, notes: list[str]
) -> list[list[Floats]]:
    """One polygon as parts (outer ring, holes), simple rings wound with the interior on the left."""
    outers: list[Floats] = []
    holes: list[tuple[int, Floats]] = []
    for index, raw in enumerate(polygon):
        check_edges(raw, index)
        loops = _simple(raw, index, edge, repair_all, notes)
        if index == 0:
            for loop, role in loops:
                if role == "hole":
                    holes.append((0, loop))
                else:
                    outers.append(_wound(loop, edge, pole, notes, hole=False))
        else:
            holes += [(index, loop) for loop, role in loops if role != "hole"]
    if not holes:
        return [[outer] for outer in outers]
    if len(polygon) > 1:
        _rings_apart(polygon, edge)
    parts = [[outer] for outer in outers]
    shapes = [_planar(outer, edge) for outer in outers]
    for index, hole in holes:
        home = next((k for k, shape in enumerate(shapes) if _lies_in(hole, shape, edge)), None)
        if home is None:
            lat, lon = hole[0]
            raise RingFault(
                f"hole {index} (at {place(lat, lon)}) does not lie inside its outer ring", index, 0,
                "the first ring of a polygon is its outline, the others holes in it",
            )  # fmt: skip
        parts[home].append(_wound(hole, edge, pole, notes, hole=True, outer=outers[home]))
    return parts


def check_edges(ring: Floats, index: int | None) -> None:
    """Raise RingFault at the first edge that has no one shortest way, or is too wide to tell its way."""
    lat, lon = ring[:, 0], ring[:, 1]
    step = np.diff(lon)
    polar = np.maximum(np.abs(lat[:-1]), np.abs(lat[1:])) >= 90.0
    wide = (np.abs(step) >= 180.0) & ~polar & ((np.abs(step) < 270.0) | (np.abs(step) >= 360.0))
    if wide.any():
        k = int(np.argmax(wide))
        raise RingFault(
            f"the edge from {place(lat[k], lon[k])} to {place(lat[k + 1], lon[k + 1])} spans "
            f"{abs(step[k]):g} degrees of longitude; the limit is 180", index, k + 1,
            "add vertices between, so that it is clear which way round it goes",
        )  # fmt: skip
    length = geodesy.distance(lat[:-1], lon[:-1], lat[1:], lon[1:])
    if (length > FARTHEST).any():
        k = int(np.argmax(length > FARTHEST))
        raise RingFault(
            f"the edge from {place(lat[k], lon[k])} to {place(lat[k + 1], lon[k + 1])} joins points "
            "almost opposite on the globe; no one geodesic joins them", index, k + 1, "add a vertex between",
        )  # fmt: skip


def _steps(lat: Floats, lon: Floats) -> Floats:
    """Change of longitude along each edge [deg], the short way, but as written along and to a pole."""
    raw = np.diff(lon)
    polar = np.maximum(np.abs(lat[:-1]), np.abs(lat[1:])) >= 90.0
    return np.where(polar | (np.abs(raw) < 180.0), raw, raw - 360.0 * np.sign(raw))


def winding(ring: Floats) -> int:
    """How often the ring goes round the axis eastward: 0, or +1 or -1 where it has a pole on one side."""
    return round(float(_steps(ring[:, 0], ring[:, 1]).sum()) / 360.0)


def written_out(ring: Floats, edge: str) -> Floats:
    """The chain (n, 2) with its parallels or rhumb lines written out as short geodesics.

    Pieces are at most 10 nm long and bow at most 1 m from the line they stand for. Either direction
    gives the same points.
    """
    if edge == "geodesic":
        return ring
    rows: list[Floats] = []
    step = _steps(ring[:, 0], ring[:, 1])
    for k in range(len(ring) - 1):
        (lat1, lon1), (lat2, lon2) = ring[k], ring[k + 1]
        rows.append(ring[k : k + 1])
        along_parallel = abs(lat1 - lat2) < 1e-9
        if step[k] == 0.0 or max(abs(lat1), abs(lat2)) >= 90.0 or (edge == "parallel" and not along_parallel):
            continue
        steepest = np.radians(max(abs(lat1), abs(lat2)))
        longest = min(
            LONGEST_PIECE, float(np.sqrt(8.0 * geodesy.WGS84_A * SAGITTA / max(np.tan(steepest), 1e-9)))
        )
        course_length = np.hypot(
            np.radians(step[k]) * np.cos(np.radians(min(abs(lat1), abs(lat2)))), np.radians(lat2 - lat1)
        )
        pieces = max(1, int(np.ceil(course_length * geodesy.WGS84_A / longest)))
        part = np.arange(1, pieces) / pieces
        back = (lat2, wrapped(lon2)) < (lat1, wrapped(lon1))
        if back:  # the same points whichever way it is walked
            lat1, lon1, lat2, across = lat2, lon2, lat1, -step[k]
        else:
            across = step[k]
        lat = lat1 + (lat2 - lat1) * part
        if along_parallel:
            share = part
        else:
            psi1, psi2 = _isometric(lat1), _isometric(lat2)
            share = (_isometric(lat) - psi1) / (psi2 - psi1)
        more = np.column_stack([lat, lon1 + across * share])
        rows.append(more[::-1] if back else more)
    rows.append(ring[-1:])
    out = np.concatenate(rows)
    out[:, 1] = wrapped(out[:, 1])
    return out


def short_edges(chain: Floats) -> Floats:
    """The chain with geodesics longer than 150 km cut into equal pieces; its vertices stay bit for bit."""
    lat, lon = chain[:, 0], chain[:, 1]
    if not (geodesy.distance(lat[:-1], lon[:-1], lat[1:], lon[1:]) > LONGEST_EDGE).any():
        return chain.copy()
    rows = []
    for k in range(len(chain) - 1):
        (lat1, lon1), (lat2, lon2) = sorted(map(tuple, chain[k : k + 2]))  # the same points either way
        if geodesy.distance(lat1, lon1, lat2, lon2) > LONGEST_EDGE:
            more = np.column_stack(geodesy.densify([lat1, lat2], [lon1, lon2], 0.99 * LONGEST_EDGE)[:2])[1:-1]
        else:
            more = np.empty((0, 2))
        rows += [chain[k : k + 1], more if (lat1, lon1) == tuple(chain[k]) else more[::-1]]
    return np.concatenate([*rows, chain[-1:]])


def _isometric(lat: Floats | float) -> Floats:
    """Isometric latitude on WGS84 (Snyder, Map Projections: A Working Manual, eq. 7-9, without a)."""
    phi, e = np.radians(lat), np.sqrt(_E2)
    return np.arctanh(np.sin(phi)) - e * np.arctanh(e * np.sin(phi))


def area_m2(ring: Floats) -> float:
    """Area on the ellipsoid [m2] (Karney 2013), positive anticlockwise; of the smaller side."""
    value, _ = geodesy._geod().polygon_area_perimeter(ring[:-1, 1], ring[:-1, 0])
    return float(value)


def _pieces(ring: Floats, edge: str, step: float) -> tuple[Floats, Any]:
    """The ring in geodesic pieces at most `step` [m] long: (m, 2) points and the edge each piece is of.

    Points between vertices are set at odd places, so that crossings seldom fall on one.
    """
    lat, lon = ring[:, 0], ring[:, 1]
    starts, edges = [], []
    if edge == "geodesic":
        length, azimuth, _ = geodesy.inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])
        count = np.maximum(1, np.ceil(length / step)).astype(int)
        of = np.repeat(np.arange(count.size), count)
        part = np.arange(of.size) - np.repeat(np.cumsum(count) - count, count)
        uneven = 0.6 * ((of + 1) * 0.6180339887498949 % 1.0) - 0.3
        along = np.where(part == 0, 0.0, (part + uneven) / count[of] * length[of])
        there_lat, there_lon, _ = geodesy.direct(lat[of], lon[of], azimuth[of], along)
        first = part == 0
        there_lat[first], there_lon[first] = lat[:-1], lon[:-1]
        points = np.column_stack([there_lat, there_lon])
        return np.concatenate([points, ring[-1:]]), of
    for k in range(len(ring) - 1):
        chain = written_out(ring[k : k + 2], edge)
        lat_k, lon_k, _ = geodesy.densify(chain[:, 0], chain[:, 1], step)
        starts.append(np.column_stack([lat_k, lon_k])[:-1])
        edges.append(np.full(len(lat_k) - 1, k))
    return np.concatenate([*starts, ring[-1:]]), np.concatenate(edges)


def _step_for(rings: Iterable[Floats]) -> float:
    """Piece length [m] that cuts these rings into about 4,000 pieces more than they have edges."""
    total = sum(geodesy.path_length(ring[:, 0], ring[:, 1]) for ring in rings)
    return max(total / 4000.0, 1.0)


def crossings(rings: Sequence[Floats], edge: str) -> list[tuple[int, int, int, int, Floats]]:
    """Where edges of these rings cross: (ring, edge, other ring, other edge, (lat, lon)), in order.

    Edges that only touch do not cross. Proper crossings are found on the sphere of unit normals,
    on pieces so short that sphere and ellipsoid differ by less than a millimetre.
    """
    from scipy.spatial import cKDTree

    step = _step_for(rings)
    starts, ends, owner, edges = [], [], [], []
    for index, ring in enumerate(rings):
        points, of = _pieces(ring, edge, step)
        vectors = geodesy.unit_vectors(points[:, 0], wrapped(points[:, 1]))
        starts.append(vectors[:-1])
        ends.append(vectors[1:])
        owner.append(np.full(len(of), index))
        edges.append(of)
    a, b = np.concatenate(starts), np.concatenate(ends)
    ring_of, edge_of = np.concatenate(owner), np.concatenate(edges)
    moved = np.linalg.norm(b - a, axis=1)
    longest = float(moved.max(initial=0.0))
    if longest == 0.0:
        return []
    pairs = cKDTree((a + b) / 2.0).query_pairs(longest * 1.0001, output_type="ndarray")
    if not len(pairs):
        return []
    i, j = np.sort(pairs, axis=1).T
    shared = (a[i] == a[j]).all(1) | (a[i] == b[j]).all(1) | (b[i] == a[j]).all(1) | (b[i] == b[j]).all(1)
    i, j = i[~shared], j[~shared]
    normal_i, normal_j = np.cross(a[i], b[i]), np.cross(a[j], b[j])
    with np.errstate(invalid="ignore", divide="ignore"):
        unit_i = normal_i / np.linalg.norm(normal_i, axis=1)[:, None]
        unit_j = normal_j / np.linalg.norm(normal_j, axis=1)[:, None]
    s1, s2 = np.einsum("ij,ij->i", unit_i, a[j]), np.einsum("ij,ij->i", unit_i, b[j])
    t1, t2 = np.einsum("ij,ij->i", unit_j, a[i]), np.einsum("ij,ij->i", unit_j, b[i])
    least = np.minimum.reduce([np.abs(s1), np.abs(s2), np.abs(t1), np.abs(t2)])
    cross = (s1 * s2 < 0.0) & (t1 * t2 < 0.0) & (least > TOUCH)
    found = []
    shares = t1[cross] / (t1[cross] - t2[cross])
    for p, q, share in zip(i[cross], j[cross], shares, strict=True):
        x, y, z = a[p] + share * (b[p] - a[p])
        at = np.array([np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))])
        found.append((int(ring_of[p]), int(edge_of[p]), int(ring_of[q]), int(edge_of[q]), at))
    return sorted(found, key=lambda row: row[:4])


def _simple(
    raw: Floats, index: int, edge: str, repair_all: bool, notes: list[str]
) -> list[tuple[Floats, str]]:
    """The ring as loops that neither cross nor meet themselves, each "outer" or "hole" (in the first)."""
    label = "the ring" if index == 0 else f"hole {index}"
    area = abs(area_m2(written_out(raw, edge)))
    length = geodesy.path_length(raw[:, 0], raw[:, 1])
    crossed = crossings([raw], edge)
    if not crossed and area < max(1.0, NARROWEST * length):
        lat, lon = raw[0]
        raise RingFault(f"{label} at {place(lat, lon)} encloses no area ({area:.3g} m2)", index, 0)
    ring = raw
    if crossed:
        _, first, _, second, at = crossed[0]
        where = f"{label} crosses itself at {place(at[0], at[1])}, edge {first + 1} with edge {second + 1}"
        if len(crossed) > MOST_CROSSINGS:
            raise RingFault(f"{where}, and {len(crossed) - 1} times more", index, first + 1)
        ring = _with_crossings(raw, [(e1, e2, at) for _, e1, _, e2, at in crossed])
    loops = sorted(_loops_of(ring), key=lambda loop: -abs(area_m2(written_out(loop, edge))))
    sizes = [abs(area_m2(written_out(loop, edge))) for loop in loops]
    if crossed:
        lobes = sum(sizes[1:])
        if not repair_all and lobes > SMALL_LOBE * sizes[0]:
            raise RingFault(
                where + (f", and {len(crossed) - 1} times more" if len(crossed) > 1 else ""),
                index, first + 1,
                "put its vertices in order along the outline, or cut it into several polygons",
            )  # fmt: skip
        notes.append(f"{where}; mended, lobes of {lobes / NAUTICAL_MILE**2:.3g} square nm beside "
                     f"{sizes[0] / NAUTICAL_MILE**2:.3g}")  # fmt: skip
    kept = [(loops[0], "outer")]
    shape = None
    for loop, size in zip(loops[1:], sizes[1:], strict=True):
        if size < 1.0:
            continue
        shape = shape or _planar(loops[0], edge)
        if not _lies_in(loop, shape, edge):
            kept.append((loop, "outer"))
        elif not crossed and turn(loop, edge) * turn(loops[0], edge) < 0.0:
            kept.append((loop, "hole"))
        # else it winds over ground already inside
    return kept


def _with_crossings(ring: Floats, crossed: list[tuple[int, int, Floats]]) -> Floats:
    """The ring with each crossing made a vertex of both its edges."""
    on_edge: dict[int, list[Floats]] = {}
    for first, second, at in crossed:
        on_edge.setdefault(first, []).append(at)
        on_edge.setdefault(second, []).append(at)
    rows = []
    for k in range(len(ring) - 1):
        rows.append(ring[k])
        more = on_edge.get(k, [])
        if more:
            lats, lons = np.array(more).T
            for m in np.argsort(geodesy.distance(ring[k, 0], ring[k, 1], lats, lons)):
                rows.append(more[m])
    rows.append(ring[-1])
    return np.array(rows)


def _loops_of(ring: Floats) -> list[Floats]:
    """The ring cut where it comes back to a vertex: loops in which no vertex comes twice."""
    loops: list[Floats] = []
    trail: list[Floats] = []
    seen: dict[tuple[float, float], int] = {}
    keys = [(float(lat), float(lon)) for lat, lon in ring]
    if _key(ring[-1]) == _key(ring[0]):
        keys[-1] = keys[0]
    for key, point in zip(keys, ring, strict=True):
        if key in seen:
            start = seen[key]
            loop = [*trail[start:], point]
            if len(loop) > 3:
                loops.append(np.array(loop))
            for gone in trail[start + 1 :]:
                del seen[float(gone[0]), float(gone[1])]
            trail = trail[: start + 1]
        else:
            seen[key] = len(trail)
            trail.append(point)
    return loops or [ring]


def _key(point: Floats) -> tuple[float, float]:
    lat, lon = float(point[0]), float(wrapped(point[1:])[0])
    return (lat, 0.0) if abs(lat) >= 90.0 else (lat, lon)


def _unwrapped(ring: Floats) -> Floats:
    """Longitudes run on without a jump."""
    return np.concatenate([[ring[0, 1]], ring[0, 1] + np.cumsum(_steps(ring[:, 0], ring[:, 1]))])


def _drawn(ring: Floats, edge: str) -> Floats:
    """The ring for tests in the plane of lat and lon: fine pieces, longitudes running on."""
    if np.abs(ring[:, 0]).max() >= 90.0:  # along the pole the writer's own longitudes are the shape
        return np.column_stack([ring[:, 0], _unwrapped(ring)])
    points, _ = _pieces(ring, edge, max(_step_for([ring]), 2000.0))
    return np.column_stack([points[:, 0], _unwrapped(points)])


def turn(ring: Floats, edge: str = "geodesic") -> float:
    """Signed area in the plane of lon and lat [deg2], positive anticlockwise; not for winding rings."""
    drawn = _drawn(ring, edge)
    x, y = drawn[:, 1] - drawn[0, 1], drawn[:, 0] - drawn[0, 0]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2.0


def _wound(
    ring: Floats, edge: str, pole: str | None, notes: list[str], *, hole: bool, outer: Floats | None = None
) -> Floats:
    """The ring turned so that the area lies on its left: an outer ring anticlockwise, a hole clockwise."""
    times = winding(ring)
    if times == 0:
        keep = (turn(ring, edge) > 0.0) != hole
        return ring if keep else ring[::-1]
    if abs(times) > 1:
        raise RingFault(f"a ring winds {abs(times)} times round the globe")
    if hole:  # against the outer ring where that winds too; else it cuts out the smaller side
        assert outer is not None
        if winding(outer):
            return ring if times == -winding(outer) else ring[::-1]
    side = pole
    if side is None:
        # Eastward with a positive (anticlockwise) area: the smaller side is on the left, the north.
        signed = area_m2(written_out(ring, edge))
        side = "north" if (signed > 0.0) == (times > 0) else "south"
        notes.append(f"a ring winds round the globe; it is taken to hold the {side} pole, on its smaller "
                     'side (say "pole": "north" or "south" to choose)')  # fmt: skip
    eastward = (side == "north") != hole
    return ring if (times > 0) == eastward else ring[::-1]


def _planar(ring: Floats, edge: str) -> Any:
    """The ring as a shapely polygon in lon, lat, closed over its pole where it winds."""
    import shapely

    drawn = _drawn(ring, edge)
    if winding(ring):
        eastward = drawn[-1, 1] > drawn[0, 1]
        cap = 90.0 if (area_m2(written_out(ring, edge)) > 0.0) == eastward else -90.0
        drawn = np.concatenate([drawn, [[cap, drawn[-1, 1]], [cap, drawn[0, 1]]]])
    shape = shapely.Polygon(drawn[:, ::-1])
    return shape if shape.is_valid else shapely.make_valid(shape)


def _lies_in(ring: Floats, shape: Any, edge: str) -> bool:
    """Whether most of the ring's vertices and edge middles lie in the planar shape."""
    import shapely

    drawn = _drawn(ring, edge)
    middles = (drawn[:-1] + drawn[1:]) / 2.0
    inside = np.zeros(len(middles), bool)
    for turn in (-720.0, -360.0, 0.0, 360.0, 720.0):
        inside |= shapely.contains_xy(shape, middles[:, 1] + turn, middles[:, 0])
    return bool(inside.mean() > 0.5)


def _rings_apart(polygon: Sequence[Floats], edge: str) -> None:
    """Raise RingFault where one ring of a polygon crosses another."""
    for one, _, other, second, at in crossings(polygon, edge):
        if one != other:
            names = ["the outer ring" if ring == 0 else f"hole {ring}" for ring in (one, other)]
            raise RingFault(
                f"{names[1]} crosses {names[0]} at {place(at[0], at[1])}", other, second + 1,
                "holes lie inside the outer ring and apart from one another",
            )  # fmt: skip


def _apart(parts: list[list[Floats]], edge: str) -> list[list[list[Floats]]]:
    """Parts sorted into groups in which none overlaps another (touching is no overlap)."""
    if len(parts) < 2:
        return [parts]
    import shapely
    import shapely.affinity

    shapes = []
    for part in parts:
        shape = _planar(part[0], edge)
        for hole in part[1:]:
            cut = _planar(hole, edge)
            turns = [shapely.affinity.translate(cut, turn) for turn in (-360.0, 0.0, 360.0)]
            shape = shape.difference(shapely.union_all(turns))
        shapes.append(shape)
    copies = [shapely.affinity.translate(s, turn) for turn in (-360.0, 0.0, 360.0) for s in shapes]
    tree = shapely.STRtree(copies)
    clashes: list[set[int]] = [set() for _ in parts]
    for one, other in tree.query(np.array(shapes, dtype=object)).T:
        two = int(other) % len(parts)
        if one == two:
            continue
        shared = shapes[one].intersection(copies[other]).area
        if shared > 1e-7 * min(shapes[one].area, shapes[two].area):
            clashes[one].add(two)
            clashes[two].add(int(one))
    groups: list[list[int]] = []
    for index in range(len(parts)):
        home = next((group for group in groups if not clashes[index].intersection(group)), None)
        if home is None:
            groups.append(home := [])
        home.append(index)
    return [[parts[index] for index in group] for group in groups]


def _area(rings: list[Floats], edge: str) -> Area:
    """Rings wound with the area on the left -> the area, cuts and seams taken out."""
    joined = _without_cuts(rings)
    if not joined:
        lat, lon = rings[0][0]
        raise RingFault(f"the polygon at {place(lat, lon)} has no boundary left once its seams are joined: "
                        "it would close the whole globe")  # fmt: skip
    out = []
    north = south = False
    highest, lowest = -91.0, 91.0
    for ring in joined:
        ring = _off_the_pole(ring)
        times = winding(ring)
        ring = short_edges(written_out(ring, edge))
        ring[:, 1] = wrapped(ring[:, 1])
        out.append(ring)
        if times:
            mean = float(ring[:-1, 0].mean())
            if mean > highest:
                highest, north = mean, times > 0
            if mean < lowest:
                lowest, south = mean, times < 0
    return Area(tuple(out), north, south)


def _without_cuts(rings: list[Floats]) -> list[Floats]:
    """Rings with every edge taken out that is walked both ways: seams at 180, cuts to holes, spikes."""
    seam_lats = sorted(
        {float(lat) for ring in rings for lat, lon in ring if abs(lon) == 180.0 or abs(lat) >= 90.0}
    )
    edges: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for ring in rings:
        keys = [_key(point) for point in ring]
        for one, two in pairwise(keys):
            if one == two:
                continue
            on_seam = all(lon == -180.0 or abs(lat) >= 90.0 for lat, lon in (one, two))
            if on_seam and any(abs(lat) < 90.0 for lat, _ in (one, two)):
                low, high = sorted((one[0], two[0]))
                between = [lat for lat in seam_lats if low < lat < high]
                stops = [
                    one,
                    *[(lat, -180.0) for lat in (between if one[0] < two[0] else between[::-1])],
                    two,
                ]
                edges += pairwise(stops)
            else:
                edges.append((one, two))
    count = Counter(edges)
    if not any((two, one) in count for one, two in count) and len(set(edges)) == len(edges):
        untouched = [np.array([_keep(point) for point in ring]) for ring in rings]
        if all(len({_key(point) for point in ring[:-1]}) == len(ring) - 1 for ring in untouched):
            return untouched
    left: dict[tuple[float, float], list[tuple[int, tuple[float, float]]]] = {}
    remaining = Counter({edge: max(0, n - count.get((edge[1], edge[0]), 0)) for edge, n in count.items()})
    order: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for one, two in edges:
        if remaining[one, two] > 0:
            remaining[one, two] -= 1
            left.setdefault(one, []).append((len(order), two))
            order.append((one, two))
    loops: list[Floats] = []
    used = [False] * len(order)
    for start in range(len(order)):
        if used[start]:
            continue
        trail, seen, here = [order[start][0]], {order[start][0]: 0}, start
        while True:
            used[here] = True
            point = order[here][1]
            if point in seen:
                first = seen[point]
                loop = [*trail[first:], point]
                if len(loop) > 3:
                    loops.append(np.array(loop))
                for gone in trail[first + 1 :]:
                    del seen[gone]
                trail = trail[: first + 1]
            else:
                seen[point] = len(trail)
                trail.append(point)
            follow = [index for index, _ in left.get(point, []) if not used[index]]
            if not follow:
                break
            here = next((index for index in follow if index > here), follow[0])
    return loops


def _keep(point: Floats) -> tuple[float, float]:
    return float(point[0]), float(wrapped(point[1:])[0])


def _off_the_pole(ring: Floats) -> Floats:
    """Vertices at a pole set 1 cm from it, one on the meridian that leads in and one on that leading out."""
    if np.abs(ring[:, 0]).max() < 90.0:
        return ring
    points = [
        p
        for k, p in enumerate(ring[:-1])
        if not (abs(p[0]) >= 90.0 and abs(ring[k - 1 if k else -2][0]) >= 90.0)
    ]
    rows = []
    for k, (lat, lon) in enumerate(points):
        if abs(lat) < 90.0:
            rows.append((lat, lon))
            continue
        near = float(np.copysign(NEAR_POLE, lat))
        before, after = points[k - 1][1], points[(k + 1) % len(points)][1]
        rows.append((near, before))
        across = (after - before + 180.0) % 360.0 - 180.0
        if before != after:
            if abs(across) > 90.0:
                rows.append((near, float(wrapped(np.array([before + across / 2.0]))[0])))
            rows.append((near, after))
    return np.array([*rows, rows[0]])
