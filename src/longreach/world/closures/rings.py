"""Rings on the globe: from polygons as people write them to simple closed rings, interior on the left.

People cut polygons at the antimeridian, let longitude run past 180, jump from 179 to -179, draw round
a pole, join a hole to its outline by a cut, cross their own line. Here each of these becomes rings
that do not cross, wound so that the interior lies on the left (RFC 7946, section 3.1.6), with cuts and
seams that enclose nothing taken out again; or a `RingFault` that names the place.

Inside, a ring is an (n, 2) array of latitude and longitude in degrees, first vertex repeated last.
Edges are WGS84 geodesics; parallels and rhumb lines are written out as geodesics no longer than 10 nm.
"""

from __future__ import annotations

import math
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

    @property
    def pole(self) -> str | None:
        """What to say of a ring that winds round the globe, None where none does."""
        if any(winding(ring) for ring in self.rings):
            return "north" if self.holds_north_pole else "south"
        return None


def place(lat: float, lon: float) -> str:
    """A position as the messages write it.

    >>> place(-7.5, 51.25)
    '7.5000S 51.2500E'
    """
    return f"{abs(lat):.4f}{'S' if lat < 0 else 'N'} {abs(lon):.4f}{'W' if lon < 0 else 'E'}"


def wrapped(lon: Floats) -> Floats:
    """Longitude in [-180, 180): bit for bit where it already is, and exact one turn away."""
    out = np.array(lon, float)
    far = (out < -180.0) | (out >= 180.0)
    out[far] -= 360.0 * np.floor((out[far] + 180.0) / 360.0)
    return out


def areas(
    polygons: Sequence[Sequence[Floats]],
    edge: str = "geodesic",
    pole: str | None = None,
    repair_all: bool = False,
    sure: bool = True,
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
    sure : refuse what does not read back the same
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
    groups = _apart(parts)
    if len(groups) > 1:
        notes.append(f"its parts overlap; kept as {len(groups)} closures, all in force")
    try:
        found = [_area([ring for part in group for ring in part]) for group in groups]
        if sure and not _plain(polygons, parts, found) and not all(_as_simple(area) for area in found):
            lat, lon = polygons[0][0][0]
            raise RingFault(
                f"the polygon at {place(lat, lon)} runs over itself so that inside and outside cannot be told", 0, 0,
                "draw each area once, as an outline that does not touch itself",
            )  # fmt: skip
    except RingFault as fault:
        return [], notes, [fault]
    return found, notes, []


def _plain(polygons: Sequence[Sequence[Floats]], parts: list[list[Floats]], found: list[Area]) -> bool:
    """Whether nothing was cut, joined or moved: each ring as written is one ring of the result."""
    return (
        [len(polygon) for polygon in polygons] == [len(part) for part in parts]
        and sum(len(ring) for part in parts for ring in part)
        == sum(len(ring) for area in found for ring in area.rings)
        and not any((np.abs(ring[:, 0]) >= 90.0).any() for polygon in polygons for ring in polygon)
    )


def _as_simple(area: Area) -> bool:
    """Whether rings made of anything but plain outlines stand for themselves: read again they are the same."""
    again, _, faults = areas(outlines(area.rings), pole=area.pole, sure=False)
    return (
        not faults
        and len(again) == 1
        and again[0].holds_north_pole == area.holds_north_pole
        and len(again[0].rings) == len(area.rings)
        and all(np.array_equal(one, two) for one, two in zip(again[0].rings, area.rings, strict=True))
    )


def outlines(rings: Iterable[Floats]) -> list[list[Floats]]:
    """Rings with the area on their left as polygons: each outer ring with the holes that follow it."""
    found: list[list[Floats]] = []
    for ring in rings:
        if found and winding(ring) == 0 and turn(ring) < 0.0:
            found[-1].append(ring)
        else:
            found.append([ring])
    return found


def _parts(
    polygon: Sequence[Floats], edge: str, pole: str | None, repair_all: bool, notes: list[str]
) -> list[list[Floats]]:
    """One polygon as parts (outer ring, holes), simple rings wound with the interior on the left."""
    outers: list[Floats] = []
    holes: list[tuple[int, Floats]] = []
    written = []
    for index, raw in enumerate(polygon):
        check_edges(raw, index)
        ring, own_edge = _off_the_pole(raw, index)
        ring, edge_of = written_out(ring, edge)
        edge_of = own_edge[edge_of]
        written.append((ring, edge_of))
        for loop, role in _simple(ring, edge_of, index, repair_all, notes):
            if role == "hole" and index == 0:
                holes.append((0, loop))
            elif index:
                holes.append((index, loop))
            else:
                outers.append(_wound(loop, pole, notes))
    if not holes:
        return [[outer] for outer in outers]
    if len(polygon) > 1:
        _rings_apart(written)
    parts = [[outer] for outer in outers]
    shapes = [_planar(outer) for outer in outers]
    for index, hole in holes:
        home = next((k for k, shape in enumerate(shapes) if _lies_in(hole, shape)), None)
        if home is None:
            lat, lon = hole[0]
            raise RingFault(
                f"hole {index} (at {place(lat, lon)}) does not lie inside its outer ring", index, 0,
                "the first ring of a polygon is its outline, the others holes in it",
            )  # fmt: skip
        parts[home].append(_wound_hole(hole, outers[home]))
    return parts


def _off_the_pole(ring: Floats, index: int) -> tuple[Floats, Any]:
    """The ring with vertices at a pole moved 1 cm from it, and for each edge the edge it was.

    A pole has no longitude, so the ring arrives on the meridian of the vertex before, follows the
    small circle as the writer's own longitudes run, and leaves on the meridian of the vertex after.
    """
    polar = np.abs(ring[:-1, 0]) >= 90.0
    if not polar.any():
        return ring, np.arange(len(ring) - 1)
    if polar.all():
        raise RingFault("a ring of nothing but a pole encloses no area", index, 0)
    start = int(np.argmin(polar))  # begin at a vertex that is not at a pole
    lat = np.roll(ring[:-1, 0], -start)
    numbers = np.roll(np.arange(len(ring) - 1), -start)
    lon = ring[start, 1] + np.concatenate([[0.0], np.cumsum(np.roll(_steps(ring[:, 0], ring[:, 1]), -start))])
    rows, edges = [], []
    k = 0
    while k < len(lat):
        if abs(lat[k]) < 90.0:
            rows.append((lat[k], ring[numbers[k], 1]))
            edges.append(numbers[k])
            k += 1
            continue
        end = k
        while end < len(lat) and lat[end] == lat[k]:
            end += 1
        near = float(np.copysign(NEAR_POLE, lat[k]))
        across = lon[end] - lon[k - 1]
        pieces = max(1, int(np.ceil(abs(across) / 90.0)))
        before = rows[-1][1]
        if across == 0.0:
            rows.append((near, before))
        else:
            rows += [(near, before + across * part / pieces) for part in range(pieces)]
            rows.append((near, ring[numbers[end % len(lat)], 1]))
        edges += [numbers[k]] * (len(rows) - len(edges))
        k = end
    return np.array([*rows, rows[0]]), np.array(edges)


def check_edges(ring: Floats, index: int | None) -> None:
    """Raise RingFault at the first edge that has no one shortest way, or is too wide to tell its way."""
    lat, lon = ring[:, 0], ring[:, 1]
    step = np.diff(lon)
    polar = np.maximum(np.abs(lat[:-1]), np.abs(lat[1:])) >= 90.0
    length = geodesy.distance(lat[:-1], lon[:-1], lat[1:], lon[1:])
    across = np.abs(step)
    # Up to 270 it could go either way, unless it is short beside a pole; from there on it is a jump at 180.
    unclear = (across == 180.0) | ((across > 180.0) & (across < 270.0) & (length > LONGEST_EDGE))
    wide = (unclear | (across >= 360.0)) & ~polar
    if wide.any():
        k = int(np.argmax(wide))
        raise RingFault(
            f"the edge from {place(lat[k], lon[k])} to {place(lat[k + 1], lon[k + 1])} spans "
            f"{abs(step[k]):g} degrees of longitude; the limit is 180", index, k + 1,
            "add vertices between, so that it is clear which way round it goes",
        )  # fmt: skip
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


def written_out(chain: Floats, edge: str) -> tuple[Floats, Any]:
    """The chain (n, 2) as geodesics of at most 150 km, and for each of them the edge it is part of.

    Parallels and rhumb lines become pieces of at most 10 nm that bow about 1 m at most from the line they
    stand for. The vertices stay bit for bit; either direction gives the same points.
    """
    rows, edge_of = [], []
    step = _steps(chain[:, 0], chain[:, 1])
    length = geodesy.distance(chain[:-1, 0], chain[:-1, 1], chain[1:, 0], chain[1:, 1])
    for k in range(len(chain) - 1):
        one, two, across = chain[k], chain[k + 1], step[k]
        follows = edge == "rhumb" or (edge == "parallel" and abs(one[0] - two[0]) < 1e-9)
        follows = follows and across != 0.0 and max(abs(one[0]), abs(two[0])) < 90.0
        rows.append(chain[k : k + 1])
        if follows or length[k] > LONGEST_EDGE:
            back = _key(two) < _key(one)
            if back:
                one, two, across = two, one, -across
            if follows:
                more = _along_rhumb(one, two, across)
            else:
                lats, lons, _ = geodesy.densify([one[0], two[0]], [one[1], two[1]], 0.99 * LONGEST_EDGE)
                more = np.column_stack([lats, lons])[1:-1]
            more[:, 1] += 360.0 * np.round((chain[k, 1] - more[:, 1]) / 360.0)  # beside where the edge begins
            rows.append(more[::-1] if back else more)
        edge_of += [k] * (len(rows[-1]) + 1 if follows or length[k] > LONGEST_EDGE else 1)
    return np.concatenate([*rows, chain[-1:]]), np.array(edge_of)


def _along_rhumb(one: Floats, two: Floats, across: float) -> Floats:
    """Points (m, 2) between two on the rhumb line (or parallel) that crosses `across` [deg] of longitude."""
    (lat1, lon1), lat2 = one, two[0]
    low, high = sorted((abs(lat1), abs(lat2)))
    bow = np.sqrt(8.0 * geodesy.WGS84_A * SAGITTA / max(np.tan(np.radians(high)), 1e-9))
    course_length = geodesy.WGS84_A * np.hypot(
        np.radians(across) * np.cos(np.radians(low)), np.radians(lat2 - lat1)
    )
    pieces = max(1, int(np.ceil(course_length / min(LONGEST_PIECE, bow))))
    part = np.arange(1, pieces) / pieces
    lat = lat1 + (lat2 - lat1) * part
    if abs(lat2 - lat1) < 1e-9:
        share = part
    else:
        start, end = _isometric(lat1), _isometric(lat2)
        share = (_isometric(lat) - start) / (end - start)
    return np.column_stack([lat, lon1 + across * share])


def _isometric(lat: Floats | float) -> Floats:
    """Isometric latitude on WGS84 (Snyder, Map Projections: A Working Manual, eq. 7-9, without a)."""
    phi, e = np.radians(lat), np.sqrt(_E2)
    return np.arctanh(np.sin(phi)) - e * np.arctanh(e * np.sin(phi))


def area_m2(ring: Floats) -> float:
    """Area on the ellipsoid [m2] (Karney 2013), positive anticlockwise; of the smaller side."""
    value, _ = geodesy._geod().polygon_area_perimeter(ring[:-1, 1], ring[:-1, 0])
    return float(value)


def _empty(ring: Floats) -> bool:
    """Whether a ring encloses less than 1 m2, or is narrower than 1 cm all along."""
    return abs(area_m2(ring)) < max(1.0, NARROWEST * geodesy.path_length(ring[:, 0], ring[:, 1]))


def _pieces(ring: Floats, step: float) -> tuple[Floats, Any]:
    """The ring in geodesic pieces of about `step` [m] at most: (m, 2) points and the edge each piece is of.

    Points between vertices are set at uneven places, so that crossings do not fall on them.
    """
    lat, lon = ring[:, 0], ring[:, 1]
    length, azimuth, _ = geodesy.inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])
    count = np.maximum(1, np.ceil(length / step)).astype(int)
    of = np.repeat(np.arange(count.size), count)
    part = np.arange(of.size) - np.repeat(np.cumsum(count) - count, count)
    uneven = 0.6 * ((of + 1) * 0.6180339887498949 % 1.0) - 0.3
    points = ring[of]
    added = part > 0
    along = (part + uneven)[added] / count[of[added]] * length[of[added]]
    there = of[added]
    points[added] = np.column_stack(geodesy.direct(lat[there], lon[there], azimuth[there], along)[:2])
    return np.concatenate([points, ring[-1:]]), of


def _step_for(rings: Iterable[Floats]) -> float:
    """Piece length [m] that cuts these rings into 1,500 pieces, or twice their vertices, beside their edges."""
    rings = list(rings)
    total = sum(geodesy.path_length(ring[:, 0], ring[:, 1]) for ring in rings)
    return max(total / max(1500, 2 * sum(map(len, rings))), 1.0)


def crossings(rings: Sequence[Floats]) -> list[tuple[int, int, int, int, Floats]]:
    """Where edges of these rings cross: (ring, edge, other ring, other edge, (lat, lon)), in order.

    Edges that only touch do not cross. Proper crossings are found on the sphere of unit normals,
    on pieces so short that sphere and ellipsoid differ by a centimetre at most.
    """
    from scipy.spatial import cKDTree

    step = _step_for(rings)
    starts, ends, owner, edges = [], [], [], []
    for index, ring in enumerate(rings):
        points, of = _pieces(ring, step)
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
    ring: Floats, edge_of: Any, index: int, repair_all: bool, notes: list[str]
) -> list[tuple[Floats, str]]:
    """The ring as loops that neither cross nor meet themselves, each "outer" or "hole" (in the first)."""
    label = "the ring" if index == 0 else f"hole {index}"
    crossed = crossings([ring])
    if not crossed:
        if _empty(ring):
            if abs(turn(ring)) > 1.0:
                raise RingFault(f"{label} closes the whole globe", index, 0)
            raise RingFault(
                f"{label} at {place(*ring[0])} encloses no area ({abs(area_m2(ring)):.3g} m2)", index, 0
            )
        return _sorted_out(_loops_of(ring), crossed=False)
    _, first, _, second, at = crossed[0]
    edges = int(edge_of[first]), int(edge_of[second])
    where = f"{label} crosses itself at {place(at[0], at[1])}, edge {edges[0] + 1} with edge {edges[1] + 1}"
    more = f", and {len(crossed) - 1} times more" if len(crossed) > 1 else ""
    hint = "put its vertices in order along the outline, or cut it into several polygons"
    if len(crossed) > MOST_CROSSINGS:
        raise RingFault(where + more, index, edges[0] + 1, hint)
    loops = [ring]
    for _ in range(4):  # a mended line is moved by a hair, and may cross another hair
        cut = []
        for loop in loops:
            again = crossings([loop])
            cut += _loops_of(
                _with_crossings(loop, [(e1, e2, at) for _, e1, _, e2, at in again]) if again else loop
            )
        done = len(cut) == len(loops)
        loops = cut
        if done:
            break
    else:
        raise RingFault(where + more + "; it cannot be mended", index, edges[0] + 1, hint)
    sizes = sorted((abs(area_m2(loop)) for loop in loops), reverse=True)
    lobes = sum(sizes[1:])
    if not repair_all and lobes > SMALL_LOBE * sizes[0]:
        raise RingFault(where + more, index, edges[0] + 1, hint)
    square_mile = NAUTICAL_MILE**2
    notes.append(
        f"{where}{more}; mended: what the crossing cuts off has {lobes / square_mile:.2g} square nm, "
        f"the rest {sizes[0] / square_mile:.4g}"
    )
    return _sorted_out(loops, crossed=True)


def _sorted_out(loops: list[Floats], *, crossed: bool) -> list[tuple[Floats, str]]:
    """Loops of one ring by their part in it: the largest is an outer ring; so are those beside it;
    one inside that turns the other way is a hole; one inside that turns the same way adds nothing."""
    if len(loops) == 1:
        return [(loops[0], "outer")]
    loops = sorted(loops, key=lambda loop: -abs(area_m2(loop)))
    kept, shape = [(loops[0], "outer")], _planar(loops[0])
    for loop in loops[1:]:
        if abs(area_m2(loop)) < 1.0:
            continue
        if not _lies_in(loop, shape):
            kept.append((loop, "outer"))
        elif not crossed and turn(loop) * turn(loops[0]) < 0.0:
            kept.append((loop, "hole"))
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
    """The place of a vertex, one for all ways to write its longitude."""
    lat, lon = float(point[0]), float(point[1])
    return lat, lon if -180.0 <= lon < 180.0 else lon - 360.0 * math.floor((lon + 180.0) / 360.0)


def _unwrapped(ring: Floats) -> Floats:
    """Longitudes run on without a jump."""
    return np.concatenate([[ring[0, 1]], ring[0, 1] + np.cumsum(_steps(ring[:, 0], ring[:, 1]))])


def _drawn(ring: Floats) -> Floats:
    """The ring for tests in the plane of lat and lon: fine pieces, longitudes running on."""
    points, _ = _pieces(ring, max(_step_for([ring]), 5000.0))
    return np.column_stack([points[:, 0], _unwrapped(points)])


def turn(ring: Floats) -> float:
    """Signed area in the plane of lon and lat [deg2], positive anticlockwise; not for winding rings."""
    drawn = _drawn(ring)
    x, y = drawn[:, 1] - drawn[0, 1], drawn[:, 0] - drawn[0, 0]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2.0


def _wound(ring: Floats, pole: str | None, notes: list[str]) -> Floats:
    """An outer ring turned so that the area lies on its left."""
    times = winding(ring)
    if times == 0:
        return ring if turn(ring) > 0.0 else ring[::-1]
    if abs(times) > 1:
        raise RingFault(f"a ring winds {abs(times)} times round the globe")
    side = pole
    if side is None:
        # Eastward with a positive (anticlockwise) area: the smaller side is on the left, the north.
        side = "north" if (area_m2(ring) > 0.0) == (times > 0) else "south"
        notes.append(f"a ring winds round the globe; it is taken to hold the {side} pole, on its smaller "
                     'side (say "pole": "north" or "south" to choose)')  # fmt: skip
    return ring if (times > 0) == (side == "north") else ring[::-1]


def _wound_hole(ring: Floats, outer: Floats) -> Floats:
    """A hole turned so that the area lies on its left: clockwise, or against the outer ring round a pole."""
    times = winding(ring)
    if times == 0:
        return ring if turn(ring) < 0.0 else ring[::-1]
    if winding(outer):
        return ring if times == -winding(outer) else ring[::-1]
    raise RingFault("a hole winds round the globe, its outer ring does not")


def _planar(ring: Floats) -> Any:
    """The ring as a shapely polygon in lon, lat, closed over the pole on its smaller side where it winds."""
    import shapely

    drawn = _drawn(ring)
    if winding(ring):
        eastward = drawn[-1, 1] > drawn[0, 1]
        cap = 90.0 if (area_m2(ring) > 0.0) == eastward else -90.0
        drawn = np.concatenate([drawn, [[cap, drawn[-1, 1]], [cap, drawn[0, 1]]]])
    shape = shapely.Polygon(drawn[:, ::-1])
    return shape if shape.is_valid else shapely.make_valid(shape)


def _lies_in(ring: Floats, shape: Any) -> bool:
    """Whether most of the ring's vertices and edge middles lie in the planar shape."""
    import shapely

    drawn = _drawn(ring)
    middles = (drawn[:-1] + drawn[1:]) / 2.0
    inside = np.zeros(len(middles), bool)
    for turn in (-720.0, -360.0, 0.0, 360.0, 720.0):
        inside |= shapely.contains_xy(shape, middles[:, 1] + turn, middles[:, 0])
    return bool(inside.mean() > 0.5)


def _rings_apart(written: Sequence[tuple[Floats, Any]]) -> None:
    """Raise RingFault where one ring of a polygon crosses another."""
    for one, _, other, second, at in crossings([ring for ring, _ in written]):
        if one != other:
            names = ["the outer ring" if ring == 0 else f"hole {ring}" for ring in (one, other)]
            raise RingFault(
                f"{names[1]} crosses {names[0]} at {place(at[0], at[1])}",
                other, int(written[other][1][second]) + 1,
                "holes lie inside the outer ring and apart from one another",
            )  # fmt: skip


def _apart(parts: list[list[Floats]]) -> list[list[list[Floats]]]:
    """Parts sorted into groups in which none overlaps another (touching is no overlap)."""
    if len(parts) < 2:
        return [parts]
    import shapely
    import shapely.affinity

    shapes = []
    for part in parts:
        shape = _planar(part[0])
        for hole in part[1:]:
            cut = _planar(hole)
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


def _area(rings: list[Floats]) -> Area:
    """Rings wound with the area on the left -> the area, cuts and seams taken out."""
    joined = _without_cuts(rings)
    kept = [ring for ring in joined if not _empty(ring)]  # a cut to a pole leaves a circle of 1 cm round it
    if not kept:
        at = place(*rings[0][0])
        if any(winding(ring) for ring in joined):
            raise RingFault(
                f"the polygon at {at} has no boundary once its seams are joined: it closes the whole globe"
            )
        raise RingFault(f"the polygon at {at} encloses no area once its seams are joined")
    out = []
    north = south = False
    highest, lowest = -91.0, 91.0
    for ring in kept:
        times = winding(ring)
        out.append(np.column_stack([ring[:, 0], wrapped(ring[:, 1])]))
        if times:
            mean = float(ring[:-1, 0].mean())
            if mean > highest:
                highest, north = mean, times > 0
            if mean < lowest:
                lowest, south = mean, times < 0
    return Area(tuple(out), north, south)


def _without_cuts(rings: list[Floats]) -> list[Floats]:
    """Rings with every edge taken out that is walked both ways: seams at 180, cuts to holes, spikes."""
    seam_lats = sorted({float(lat) for ring in rings for lat, lon in ring if abs(lon) == 180.0})
    edges: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for ring in rings:
        keys = [_key(point) for point in ring]
        for one, two in pairwise(keys):
            if one == two:
                continue
            if one[1] == two[1] == -180.0:
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
        untouched = [np.array([_key(point) for point in ring]) for ring in rings]
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
