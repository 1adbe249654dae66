"""A lawful way to a place, found without the route solver: the geodesic if it is clear, else over a lattice.

The lattice lies over the ellipse that a longest length allows; nodes and edges keep every stand-off by the
clearance field; Dijkstra's way over it is pulled straight by clear geodesics. The length found is that of a
way that can be flown, so never shorter than the shortest: an upper bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.geodesy import EARTH_RADIUS, Floats
from longreach.verify import clearance
from longreach.verify.clearance import Boundary
from longreach.world.airspace import Closure

SLACK = 20.0  # m, by which a stand-off may be cut where ends themselves lie on it
SHORTEST = 500.0  # m, intervals are not halved further
SPACINGS = (40_000.0, 15_000.0, 6_000.0)  # m, of the lattices tried in turn
MOST_NODES = 60_000
REACH = 2.3  # lattice spacings spanned by an edge, at most


@dataclass(frozen=True, slots=True)
class Ways:
    """Closed areas made ready for asking whether geodesics keep clear of them, level bands and times aside."""

    boundaries: tuple[Boundary, ...]
    stand_off_m: tuple[float, ...]

    @classmethod
    def round(cls, closures: tuple[Closure, ...]) -> Ways:
        """Ways that keep clear of all closures."""
        return cls(tuple(map(clearance.prepare, closures)), tuple(c.stand_off_m for c in closures))

    def clear(self, lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> np.ndarray[Any, Any]:
        """(n,) whether each geodesic keeps every stand-off."""
        good = np.ones(lat1.shape, bool)
        for boundary, stand_off in zip(self.boundaries, self.stand_off_m, strict=True):
            left = np.flatnonzero(good)
            if left.size:
                good[left] = _keeps(boundary, stand_off, lat1[left], lon1[left], lat2[left], lon2[left])
        return good

    def find(self, start: tuple[float, float], end: tuple[float, float], longest_m: float) -> float | None:
        """Length [m] of a lawful way no longer than `longest_m`, or None where none is found."""
        ends = np.array([start, end], float)
        length = float(geodesy.distance(*start, *end))
        if length > longest_m:
            return None
        if self.clear(ends[:1, 0], ends[:1, 1], ends[1:, 0], ends[1:, 1])[0]:
            return length
        for spacing in SPACINGS:
            path = self._over_lattice(ends, longest_m, spacing)
            if path is not None:
                lat, lon = self._pulled(*path)
                found = geodesy.path_length(lat, lon)
                if found <= longest_m:
                    return found
        return None

    def _over_lattice(self, ends: Floats, longest_m: float, spacing: float) -> tuple[Floats, Floats] | None:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import dijkstra
        from scipy.spatial import cKDTree

        lat, lon = _ellipse(ends, longest_m + 4 * spacing, spacing)
        if lat.size > MOST_NODES:
            return None
        room = np.full(lat.size, np.inf)
        for boundary, stand_off in zip(self.boundaries, self.stand_off_m, strict=True):
            room = np.minimum(room, boundary.rough(lat, lon) - stand_off)
        held = room >= 0.0
        lat, lon, room = lat[held], lon[held], room[held]
        for boundary in self.boundaries:
            near = np.flatnonzero(_may_hold(boundary, lat, lon))
            if near.size:
                out = np.ones(lat.size, bool)
                out[near] = ~boundary.inside(lat[near], lon[near])
                lat, lon, room = lat[out], lon[out], room[out]
        lat, lon = np.append(ends[:, 0], lat), np.append(ends[:, 1], lon)
        room = np.append([0.0, 0.0], room)
        tree = cKDTree(geodesy.unit_vectors(lat, lon))
        pairs = tree.query_pairs(REACH * spacing / EARTH_RADIUS, output_type="ndarray")
        if not pairs.size:
            return None
        one, two = pairs.T
        length = geodesy.distance(lat[one], lon[one], lat[two], lon[two])
        sure = (room[one] + room[two] - length) / 2.0 >= 0.0
        doubtful = np.flatnonzero(~sure)
        sure[doubtful] = self.clear(
            lat[one[doubtful]], lon[one[doubtful]], lat[two[doubtful]], lon[two[doubtful]]
        )
        graph = coo_array((length[sure], (one[sure], two[sure])), shape=(lat.size, lat.size)).tocsr()
        far, before = dijkstra(graph, directed=False, indices=0, return_predecessors=True)
        if not np.isfinite(far[1]):
            return None
        order = [1]
        while order[-1] != 0:
            order.append(int(before[order[-1]]))
        order.reverse()
        return lat[order], lon[order]

    def _pulled(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
        """The way with vertices left out wherever the geodesic past them is clear."""
        kept = [0]
        last = lat.size - 1
        while kept[-1] != last:
            here = kept[-1]
            ahead = np.arange(here + 1, last + 1)
            seen = self.clear(
                np.full(ahead.size, lat[here]), np.full(ahead.size, lon[here]), lat[ahead], lon[ahead]
            )
            seen[0] = True
            kept.append(int(ahead[np.flatnonzero(seen)[-1]]))
        return lat[kept], lon[kept]


def _keeps(
    boundary: Boundary, stand_off: float, lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats
) -> np.ndarray[Any, Any]:
    """(n,) whether geodesics keep the stand-off of one boundary: intervals are halved until that is sure."""
    good = np.ones(lat1.shape, bool)
    length, azimuth, _ = geodesy.inverse(lat1, lon1, lat2, lon2)
    line = np.arange(lat1.size)
    offsets = tuple(lines.offset_m for lines in boundary.lines)
    left, right = np.zeros(line.size), length.copy()
    low_left, low_right = boundary.rough(lat1, lon1), boundary.rough(lat2, lon2)
    while line.size:
        open_ = good[line] & (clearance.between(low_left, low_right, right - left, offsets) < stand_off)
        line, left, right = line[open_], left[open_], right[open_]
        low_left, low_right = low_left[open_], low_right[open_]
        if not line.size:
            break
        middle = (left + right) / 2.0
        lat, lon, _ = geodesy.direct(lat1[line], lon1[line], azimuth[line], middle)
        low = boundary.rough(lat, lon)
        near = low < stand_off + 600.0
        if near.any():
            low[near] = boundary.exact(lat[near], lon[near])
            bad = near & (low < stand_off - SLACK)
            good[line[bad]] = False
        short = (right - left) < SHORTEST
        on_edge = short & near & (low < max(stand_off, SHORTEST))
        if on_edge.any() and boundary.ring_lat1.size:
            # So near the boundary itself (no stand-off) that the side matters. Distances know no side: where the
            # boundary is crossed one end of the piece lies within.
            which = np.flatnonzero(on_edge)
            for along in (left[which], middle[which], right[which]):
                here_lat, here_lon, _ = geodesy.direct(
                    lat1[line[which]], lon1[line[which]], azimuth[line[which]], along
                )
                good[line[which[boundary.inside(here_lat, here_lon)]]] = False
        line, left, right, middle = line[~short], left[~short], right[~short], middle[~short]
        low_left, low_right, low = low_left[~short], low_right[~short], low[~short]
        line = np.concatenate([line, line])
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        low_left, low_right = np.concatenate([low_left, low]), np.concatenate([low, low_right])
    begun = np.flatnonzero(good & _may_hold(boundary, lat1, lon1))
    if begun.size:
        good[begun] = ~boundary.inside(lat1[begun], lon1[begun])
    return good


def _may_hold(boundary: Boundary, lat: Floats, lon: Floats) -> np.ndarray[Any, Any]:
    """(n,) False where a point is surely not inside: outside the rings' band of latitude."""
    if boundary.holds_north_pole or not boundary.ring_lat1.size:
        return np.full(lat.shape, boundary.holds_north_pole)
    return (lat >= boundary.ring_lat1.min() - 0.5) & (lat <= boundary.ring_lat1.max() + 0.5)


def _ellipse(ends: Floats, longest_m: float, spacing: float) -> tuple[Floats, Floats]:
    """Points about `spacing` apart from which both ends are together no farther than `longest_m`."""
    (lat1, lon1), (lat2, lon2) = ends
    _, azimuth, _ = geodesy.inverse(lat1, lon1, lat2, lon2)
    between = float(geodesy.distance(lat1, lon1, lat2, lon2))
    half = min(longest_m / 2.0, 9_000_000.0)
    across = min(float(np.sqrt(max(half**2 - (between / 2.0) ** 2, 0.0))), 9_000_000.0)
    mid_lat, mid_lon, mid_azimuth = geodesy.direct(lat1, lon1, azimuth, between / 2.0)
    # Rows of the lattice run across the way: their feet along it, then out to either side.
    feet = np.arange(-half, half + spacing, spacing)
    sides = np.arange(-across, across + spacing, spacing)
    if feet.size * sides.size > 8 * MOST_NODES:
        sides = sides[:0]
    foot_lat, foot_lon, foot_azimuth = geodesy.direct(
        mid_lat, mid_lon, np.where(feet < 0, mid_azimuth + 180.0, mid_azimuth), np.abs(feet)
    )
    forward = np.where(feet < 0, foot_azimuth + 180.0, foot_azimuth)
    lat, lon, _ = geodesy.direct(
        foot_lat[:, None],
        foot_lon[:, None],
        forward[:, None] + np.where(sides < 0, -90.0, 90.0),
        np.abs(sides),
    )
    lat, lon = lat.ravel(), lon.ravel()
    vectors = geodesy.unit_vectors(lat, lon)
    around = np.zeros(lat.size)
    for here in geodesy.unit_vectors(ends[:, 0], ends[:, 1]):
        around += (
            2.0 * EARTH_RADIUS * np.arcsin(np.clip(np.linalg.norm(vectors - here, axis=1) / 2.0, 0.0, 1.0))
        )
    held = around <= longest_m * 1.003
    return lat[held], lon[held]
