"""How near a flown line comes to a closed area, measured apart from the route solver.

A closure's lines are cut into pieces of at most 500 m and put in a tree by their middles (WGS84 geocentric
coordinates, chords). An interval of the flown line whose ends are far enough away cannot hold the least
clearance (`between`); the others are halved until the least is known to `RESOLUTION`.
Distances that count are geodesic: from the flown point to the nearest pieces in the azimuthal equidistant
plane centred on it, in which a 500 m piece is straight to a millimetre within 500 km. Insideness is parity
along the meridian to the north pole.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach import geodesy
from longreach.geodesy import WGS84_A, WGS84_F, Floats

if TYPE_CHECKING:
    from longreach.verify.track import Track
    from longreach.world.airspace import Closure

PIECE = 500.0  # m, longest piece of a boundary line
RING_PIECE = 20_000.0  # m, longest edge used for parity
NEAR, NEAREST = 20_000.0, 8  # m, within which so many pieces are looked at
RESOLUTION = 5.0  # m, to which the least clearance is found
_KEPT = 512  # prepared closures kept in memory

_prepared: OrderedDict[Any, Boundary] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Closest:
    """Least clearance [m] of a line, negative inside, and where on the line it is.

    along : row number and part of the way to the next row
    """

    clearance_m: float
    lat: float
    lon: float
    along: float


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of one offset: pieces (m,) with both ends, and the tree of their middles."""

    offset_m: float
    lat1: Floats
    lon1: Floats
    lat2: Floats
    lon2: Floats
    tree: Any


@dataclass(frozen=True, slots=True)
class Boundary:
    """A closure made ready for measuring."""

    id: str
    lines: tuple[_Lines, ...]
    ring_lat1: Floats
    ring_lon1: Floats
    ring_lat2: Floats
    ring_lon2: Floats
    holds_north_pole: bool

    def rough(self, lat: Floats, lon: Floats) -> Floats:
        """(n,) clearance never too great and at most 0.5 km (0.3 % when far) too small; unsigned inside."""
        points = geocentric(lat, lon)
        least = np.full(lat.shape, np.inf)
        for lines in self.lines:
            chord, _ = lines.tree.query(points)
            # The geodesic is never shorter than the chord; the nearest middle is at most half a piece
            # farther than the nearest point.
            np.minimum(least, np.maximum(chord - PIECE / 2, 0.0) - lines.offset_m, out=least)
        return least

    def exact(self, lat: Floats, lon: Floats) -> Floats:
        """(n,) geodesic distance to the nearest line less its offset [m]; inside or not."""
        least = np.full(lat.shape, np.inf)
        for lines in self.lines:
            np.minimum(least, _distance(lines, lat, lon) - lines.offset_m, out=least)
        return least

    def inside(self, lat: Floats, lon: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """(n,) whether each point lies within the rings: an odd number of edges between it and the north pole."""
        order = np.argsort(geodesy.wrap_longitude(lon), kind="stable")
        edge, place = self._crossings(geodesy.wrap_longitude(lon)[order])
        point = order[place]
        a = np.radians(geodesy.wrap_longitude(self.ring_lon1[edge] - lon[point]))
        b = np.radians(geodesy.wrap_longitude(self.ring_lon2[edge] - lon[point]))
        tan1, tan2 = np.tan(np.radians(self.ring_lat1[edge])), np.tan(np.radians(self.ring_lat2[edge]))
        crossing = (tan1 * np.sin(b) - tan2 * np.sin(a)) / np.sin(b - a)
        north = crossing > np.tan(np.radians(lat[point]))
        odd = np.bincount(point[north], minlength=lat.size) % 2 == 1
        return odd ^ self.holds_north_pole

    def _crossings(self, lon: Floats) -> tuple[Any, Any]:
        """Edges and points whose meridians they cross, pair by pair, of points in order of longitude.

        An edge holds its eastern end and not its western, so that a meridian through a vertex counts it once; one
        that spans half the globe passes over a pole and crosses no meridian.
        """
        one, two = geodesy.wrap_longitude(self.ring_lon1), geodesy.wrap_longitude(self.ring_lon2)
        span = geodesy.wrap_longitude(two - one)
        west, east = np.where(span >= 0.0, one, two), np.where(span >= 0.0, two, one)
        begin, end = np.searchsorted(lon, west, "right"), np.searchsorted(lon, east, "right")
        over = east < west  # the date line: as far as there, and from there on
        edge = np.concatenate([np.arange(one.size), np.flatnonzero(over)])
        begin = np.concatenate([begin, np.zeros(int(over.sum()), int)])
        end = np.concatenate([np.where(over, lon.size, end), end[over]])
        count = np.where(np.abs(span[edge]) < 180.0, end - begin, 0)
        before = np.cumsum(count) - count
        place = np.arange(count.sum()) - np.repeat(before - begin, count)
        return np.repeat(edge, count), place

    def signed(self, lat: Floats, lon: Floats) -> Floats:
        """(n,) the clearance: distance less offset outside, minus the distance inside."""
        clearance = self.exact(lat, lon)
        inside = self.inside(lat, lon)
        if inside.any():
            bare = np.min([_distance(lines, lat, lon) for lines in self.lines], axis=0)
            clearance = np.where(inside, -bare, clearance)
        return clearance


def geocentric(lat: Floats, lon: Floats) -> Floats:
    """(n, 3) geocentric coordinates [m] of points on the WGS84 ellipsoid."""
    phi, lam = np.radians(lat), np.radians(lon)
    e2 = WGS84_F * (2.0 - WGS84_F)
    normal = WGS84_A / np.sqrt(1.0 - e2 * np.sin(phi) ** 2)
    return np.stack(
        [
            normal * np.cos(phi) * np.cos(lam),
            normal * np.cos(phi) * np.sin(lam),
            normal * (1.0 - e2) * np.sin(phi),
        ],
        axis=-1,
    )


def prepare(closure: Closure) -> Boundary:
    """The closure cut into pieces; the last few hundred are kept by identity of their arrays."""
    key = tuple((line.offset_m, hash(line.lat.tobytes()), hash(line.lon.tobytes())) for line in closure.lines)
    known = _prepared.get(key)
    if known is not None and known.id == closure.id:
        _prepared.move_to_end(key)
        return known
    groups: dict[float, list[tuple[Floats, Floats]]] = {}
    for line in closure.lines:
        groups.setdefault(float(line.offset_m), []).append((line.lat, line.lon))
    rings = [
        _closed(np.asarray(lat, float), np.asarray(lon, float)) for lat, lon in map(_pair, closure.rings)
    ]
    ring = _pieces(rings, RING_PIECE)
    boundary = Boundary(
        closure.id,
        tuple(_lines(offset, chains) for offset, chains in groups.items()),
        *ring,
        bool(closure.holds_north_pole),
    )
    _prepared[key] = boundary
    while len(_prepared) > _KEPT:
        _prepared.popitem(last=False)
    return boundary


def lines_only(lat: Floats, lon: Floats) -> Boundary:
    """A boundary that is one chain of geodesics and has no inside."""
    empty = np.zeros(0)
    return Boundary("", (_lines(0.0, [(lat, lon)]),), empty, empty, empty, empty, False)


def ring_only(lat: Floats, lon: Floats) -> Boundary:
    """A boundary that is one ring of geodesics, closed or not; its inside is the side without the poles."""
    ring = _closed(np.asarray(lat, float), np.asarray(lon, float))
    return Boundary("", (_lines(0.0, [ring]),), *_pieces([ring], RING_PIECE), False)


def _pair(ring: Any) -> tuple[Floats, Floats]:
    return (ring.lat, ring.lon) if hasattr(ring, "lat") else (ring[0], ring[1])


def _closed(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    if lat[0] == lat[-1] and lon[0] == lon[-1]:
        return lat, lon
    return np.append(lat, lat[0]), np.append(lon, lon[0])


def _pieces(chains: list[tuple[Floats, Floats]], step: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Both ends of the pieces of chains of geodesics."""
    if not chains:
        empty = np.zeros(0)
        return empty, empty, empty, empty
    # One densifying of all chains end to end; the joints between chains are then left out.
    starts = np.concatenate([lat[:-1] for lat, _ in chains]), np.concatenate([lon[:-1] for _, lon in chains])
    ends = np.concatenate([lat[1:] for lat, _ in chains]), np.concatenate([lon[1:] for _, lon in chains])
    length, azimuth, _ = geodesy.inverse(*starts, *ends)
    count = np.maximum(1, np.ceil(length / step)).astype(int)
    leg = np.repeat(np.arange(count.size), count)
    part = np.arange(leg.size) - np.repeat(np.cumsum(count) - count, count)
    lat1, lon1 = starts[0][leg].copy(), starts[1][leg].copy()
    within = part > 0
    lat1[within], lon1[within], _ = geodesy.direct(
        lat1[within], lon1[within], azimuth[leg][within], (length[leg] * part / count[leg])[within]
    )
    last = part == count[leg] - 1
    lat2, lon2 = np.append(lat1[1:], 0.0), np.append(lon1[1:], 0.0)
    lat2[last], lon2[last] = ends[0][leg][last], ends[1][leg][last]
    return lat1, lon1, lat2, lon2


def _lines(offset: float, chains: list[tuple[Floats, Floats]]) -> _Lines:
    from scipy.spatial import cKDTree

    chains = [(np.asarray(lat, float), np.asarray(lon, float)) for lat, lon in chains]
    lat1, lon1, lat2, lon2 = _pieces(chains, PIECE)
    middle = (geocentric(lat1, lon1) + geocentric(lat2, lon2)) / 2.0
    tree = cKDTree(middle, balanced_tree=False, compact_nodes=False)
    return _Lines(offset, lat1, lon1, lat2, lon2, tree)


def _distance(lines: _Lines, lat: Floats, lon: Floats) -> Floats:
    """(n,) geodesic distance to the nearest of the lines [m].

    Far away the piece with the nearest middle is the nearest, or no nearer than it by half a piece squared
    over twice the distance: 2 m at 20 km. Near by, more pieces are tried.
    """
    points = geocentric(lat, lon)
    chord, index = lines.tree.query(points)
    distance = _to_pieces(lat, lon, lines, index)
    near = np.flatnonzero(chord < NEAR)
    if near.size:
        count = min(NEAREST, lines.lat1.size)
        _, index = lines.tree.query(points[near], k=count)
        index = index.reshape(near.size, count)
        here = (
            np.repeat(lat[near], count).reshape(index.shape),
            np.repeat(lon[near], count).reshape(index.shape),
        )
        distance[near] = np.minimum(distance[near], _to_pieces(*here, lines, index).min(axis=1))
    return distance


def _to_pieces(lat: Floats, lon: Floats, lines: _Lines, index: Any) -> Floats:
    """Distance [m] of each point to each of its pieces, in the equidistant plane round the point."""
    r1, a1, _ = geodesy.inverse(lat, lon, lines.lat1[index], lines.lon1[index])
    r2, a2, _ = geodesy.inverse(lat, lon, lines.lat2[index], lines.lon2[index])
    x1, y1 = r1 * np.sin(np.radians(a1)), r1 * np.cos(np.radians(a1))
    x2, y2 = r2 * np.sin(np.radians(a2)), r2 * np.cos(np.radians(a2))
    dx, dy = x2 - x1, y2 - y1
    square = dx * dx + dy * dy
    part = np.clip(-(x1 * dx + y1 * dy) / np.where(square > 0.0, square, 1.0), 0.0, 1.0)
    return np.where(square > 1e8, np.minimum(r1, r2), np.hypot(x1 + part * dx, y1 + part * dy))


def closest(boundary: Boundary, lat: Floats, lon: Floats) -> Closest:
    """Least clearance of a chain of geodesics through (n,) vertices, n >= 1.

    A chain that touches the rings anywhere is walked every kilometre for its deepest point.
    """
    lat, lon = np.asarray(lat, float), np.asarray(lon, float)
    if lat.size == 1:
        return Closest(float(boundary.signed(lat, lon)[0]), float(lat[0]), float(lon[0]), 0.0)
    length, azimuth, _ = geodesy.inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])
    before = np.concatenate([[0.0], np.cumsum(length)])

    def at(s: Floats) -> tuple[Floats, Floats]:
        leg = np.clip(np.searchsorted(before, s, side="right") - 1, 0, length.size - 1)
        new_lat, new_lon, _ = geodesy.direct(lat[leg], lon[leg], azimuth[leg], s - before[leg])
        return new_lat, new_lon

    def result(clearance: float, s: float) -> Closest:
        leg = int(np.clip(np.searchsorted(before, s, side="right") - 1, 0, length.size - 1))
        part = (s - before[leg]) / length[leg] if length[leg] > 0.0 else 0.0
        point = at(np.array([s]))
        return Closest(clearance, float(point[0][0]), float(point[1][0]), leg + min(1.0, float(part)))

    if boundary.inside(lat[:1], lon[:1])[0]:
        return result(*_deepest(boundary, at, before))
    clearance, s = _least(boundary, at, before)
    touches = clearance + max(lines.offset_m for lines in boundary.lines) <= 2 * RESOLUTION
    if touches and boundary.ring_lat1.size:
        return result(*_deepest(boundary, at, before))
    return result(clearance, s)


def between(low_left: Floats, low_right: Floats, length: Floats, offsets: tuple[float, ...]) -> Floats:
    """Least clearance possible between two points of a geodesic, given the least clearance at both.

    Every boundary point is at least so far from either end; of the points outside both circles the nearest
    to the line is where the circles cross. In the plane, which lies below the sphere's value; one metre and
    a fiftieth of the drop stand for the ellipsoid. Arrays (n,); offsets are those of the boundary's lines.
    """
    least = np.full(low_left.shape, np.inf)
    size = np.maximum(length, 1e-6)
    for offset in offsets:
        left, right = np.maximum(low_left + offset, 0.0), np.maximum(low_right + offset, 0.0)
        foot = (size**2 + left**2 - right**2) / (2.0 * size)
        nearer = np.minimum(left, right)
        height = np.minimum(np.sqrt(np.maximum(left**2 - foot**2, 0.0)), nearer)
        height = np.where((foot <= 0.0) | (foot >= size), nearer, height)
        np.minimum(least, nearer - 1.02 * (nearer - height) - 1.0 - offset, out=least)
    return least


def _least(boundary: Boundary, at: Any, before: Floats) -> tuple[float, float]:
    """Least unsigned clearance and where: first between vertices, then on the legs that may hold it."""
    last = before.size - 1
    stride = max(1, int(last // np.clip(before[-1] // 50_000, 2, 400)))
    index = np.unique(np.append(np.arange(0, last, stride), last))
    s = before[index]
    low = boundary.rough(*at(s))
    best_at = s[[int(np.argmin(low))]]
    best = float(boundary.exact(*at(best_at))[0])
    where = float(best_at[0])
    # Over several legs the clearance falls by no more than the way flown.
    i, j, low_i, low_j = index[:-1], index[1:], low[:-1], low[1:]
    legs: list[tuple[Any, Floats, Floats]] = []
    while i.size:
        keep = (low_i + low_j - (before[j] - before[i])) / 2.0 < best - RESOLUTION
        i, j, low_i, low_j = i[keep], j[keep], low_i[keep], low_j[keep]
        single = j - i == 1
        if single.any():
            legs.append((i[single], low_i[single], low_j[single]))
        i, j, low_i, low_j = i[~single], j[~single], low_i[~single], low_j[~single]
        middle = (i + j) // 2
        low = boundary.rough(*at(before[middle]))
        i, j = np.concatenate([i, middle]), np.concatenate([middle, j])
        low_i, low_j = np.concatenate([low_i, low]), np.concatenate([low, low_j])
    if not legs:
        return best, where

    # On one leg, a geodesic, it falls by no more than the circles round its ends allow.
    offsets = tuple(lines.offset_m for lines in boundary.lines)
    leg, low_left, low_right = (np.concatenate(part) for part in zip(*legs, strict=True))
    left, right = before[leg], before[leg + 1]
    exact = False
    while left.size:
        keep = between(low_left, low_right, right - left, offsets) < best - RESOLUTION
        left, right, low_left, low_right = left[keep], right[keep], low_left[keep], low_right[keep]
        if not left.size:
            break
        if not exact and float((right - left).max()) < 16_000.0:
            exact = True
            ends = np.union1d(left, right)
            value = boundary.exact(*at(ends))
            low_left, low_right = value[np.searchsorted(ends, left)], value[np.searchsorted(ends, right)]
            found_at = ends
        else:
            found_at = (left + right) / 2.0
            value = boundary.exact(*at(found_at)) if exact else boundary.rough(*at(found_at))
            left, right = np.concatenate([left, found_at]), np.concatenate([found_at, right])
            low_left, low_right = np.concatenate([low_left, value]), np.concatenate([value, low_right])
        if exact and value.min() < best:
            best, where = float(value.min()), float(found_at[int(np.argmin(value))])
    return best, where


def _deepest(boundary: Boundary, at: Any, before: Floats) -> tuple[float, float]:
    """Least signed clearance, by points a kilometre apart and then 20 m round the lowest."""
    s = np.union1d(before, np.linspace(0.0, before[-1], int(before[-1] // 1000.0) + 2))
    low = boundary.rough(*at(s))
    deep = boundary.inside(*at(s))
    s = s[deep | (low <= low.min() + 2000.0)]
    value = boundary.signed(*at(s))
    middle = s[int(np.argmin(value))]
    fine = np.clip(np.arange(middle - 1000.0, middle + 1000.1, 20.0), 0.0, before[-1])
    fine = np.append(fine, middle)
    value = boundary.signed(*at(fine))
    index = int(np.argmin(value))
    return float(value[index]), float(fine[index])


def in_force(closure: Closure, track: Track) -> list[slice]:
    """Runs of rows of a track during which a closure with a level band or times is in force.

    An interval counts where either of its ends does, or where it passes the band or window between them.
    """
    low = -np.inf if closure.floor_m is None else closure.floor_m
    high = np.inf if closure.ceiling_m is None else closure.ceiling_m
    altitude, time = track.altitude_m, track.time_s
    bottom, top = np.minimum(altitude[:-1], altitude[1:]), np.maximum(altitude[:-1], altitude[1:])
    touched = (top >= low) & (bottom <= high)
    windows = _windows(closure.valid)
    if windows is not None:
        timely = np.zeros(touched.shape, bool)
        for start, end in windows:
            timely |= (time[1:] >= start) & (time[:-1] <= end)
        touched &= timely
    edges = np.flatnonzero(np.diff(np.concatenate([[0], touched.astype(int), [0]])))
    return [slice(int(start), int(end) + 1) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _windows(valid: Any) -> list[tuple[float, float]] | None:
    """Time windows as seconds since 1970; None for always."""
    if not valid:
        return None

    def moment(value: Any, otherwise: float) -> float:
        if value is None:
            return otherwise
        return float(value.timestamp()) if hasattr(value, "timestamp") else float(value)

    return [(moment(start, -np.inf), moment(end, np.inf)) for start, end in valid]
