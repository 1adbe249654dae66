"""Raw boundaries of closures, and how far a flown line stays from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach.geodesy import WGS84_A, WGS84_F, Floats, densify, distance, inverse
from longreach.route.chunks import refined
from longreach.route.plane import position, unit

if TYPE_CHECKING:
    from longreach.world.airspace import Closure

SEGMENT = 10e3  # m; longest boundary piece
TOUCHING = 0.5  # m; a line that comes nearer to a boundary may run inside it
NOISE = 1e-3  # m


@dataclass(frozen=True, slots=True)
class Closest:
    """Closest approach of a line to one closure.

    clearance_m : distance to the closed area's boundary (offset counted, stand-off not), negative inside
    lat, lon : the point of the line where that is [deg]
    """

    id: str
    clearance_m: float
    lat: float
    lon: float


FAR = (
    300e3,
    1200e3,
    4000e3,
)  # m; beyond each only the part of a boundary matters that a disc that wide can touch
OFTEN = 40  # questions after which it pays to find those parts


@dataclass(frozen=True, slots=True)
class Pieces:
    """Boundary pieces of several closures in bounding balls (see `_clearance_kernels`)."""

    seg: Floats
    off: Floats
    leaf: Floats
    leaf_off: Floats
    branch: Floats
    branch_off: Floats
    first: Any
    whole: Floats
    most_off: Floats

    @classmethod
    def of(cls, parts: Sequence[tuple[Floats, Floats]]) -> Pieces:
        """From (m, 6) pieces and (m,) offsets of each closure, near ones near in memory."""
        from longreach.route._clearance_kernels import FAN, LEAF, around, balls

        leaves, leaf_offs, branches, branch_offs = (
            [np.empty((0, 4))],
            [np.empty(0)],
            [np.empty((0, 4))],
            [np.empty(0)],
        )
        firsts, wholes = [(0, 0, 0)], []
        for seg, off in parts:
            low, high = np.minimum(seg[:, :3], seg[:, 3:]), np.maximum(seg[:, :3], seg[:, 3:])
            leaf = balls(low, high, LEAF)
            branch = around(leaf, FAN)
            leaves.append(leaf)
            branches.append(branch)
            a, b, c = firsts[-1]
            firsts.append((a + len(seg), b + len(leaf), c + len(branch)))
            wholes.append(balls(low, high, len(seg))[0] if len(seg) else np.zeros(4))
            if len(seg):
                leaf_offs.append(np.maximum.reduceat(off, np.arange(0, len(off), LEAF)))
                branch_offs.append(np.maximum.reduceat(off, np.arange(0, len(off), LEAF * FAN)))
        return cls(
            np.concatenate([np.empty((0, 6)), *(seg for seg, _ in parts)]),
            np.concatenate([np.empty(0), *(off for _, off in parts)]),
            np.concatenate(leaves),
            np.concatenate(leaf_offs),
            np.concatenate(branches),
            np.concatenate(branch_offs),
            np.array(firsts, np.int64),
            np.array(wholes, float).reshape(-1, 4),
            np.array([float(off.max(initial=0.0)) for _, off in parts]),
        )

    def nearest(self, points: Floats, ball: Floats, wanted: Any) -> Floats:
        """The kernel's (c, 8) table for the wanted closures."""
        from longreach.route._clearance_kernels import closest

        return closest(
            points, ball, self.seg, self.off, self.leaf, self.leaf_off, self.branch, self.branch_off,
            self.first, self.whole, self.most_off, wanted,
        )  # fmt: skip

    def seen_from_afar(self, far: float) -> Pieces:
        """The pieces that can be the nearest to a point more than `far` [m] away: those an empty disc of that
        radius touches, by the circumscribed circles of the Delaunay triangulation of their ends."""
        from scipy.spatial import ConvexHull

        parts = []
        for c in range(len(self.whole)):
            chosen = slice(self.first[c, 0], self.first[c + 1, 0])
            seg, off = self.seg[chosen], self.off[chosen]
            if len(seg) > 40:
                ends, place = np.unique(np.concatenate([seg[:, :3], seg[:, 3:]]), axis=0, return_inverse=True)
                hull = ConvexHull(ends)
                radius = np.arccos(np.clip(-hull.equations[:, 3], -1, 1))
                shows = np.zeros(len(ends), bool)
                shows[hull.simplices[radius >= 0.9 * far / WGS84_A].ravel()] = True
                kept = shows[place[: len(seg)]] | shows[place[len(seg) :]]
                seg, off = seg[kept], off[kept]
            parts.append((seg, off))
        return Pieces.of(parts)


@dataclass(frozen=True, slots=True)
class Boundary:
    """Boundaries and rings of closures as flat arrays."""

    ids: tuple[str, ...]
    stand_off: Floats
    pieces: Pieces
    ring: Floats
    ring_lon: Floats
    ring_first: Any
    ring_whole: Floats
    pole: Any
    memo: dict[str, Any]  # how often it was asked; what is seen from afar, once that pays

    @classmethod
    def of(cls, closures: Sequence[Closure]) -> Boundary:
        from longreach.route._clearance_kernels import balls

        rings, ring_lons, ring_firsts, ring_wholes = [], [], [0], []
        for closure in closures:
            edge, edge_lon = _ring_edges(closure)
            rings.append(edge)
            ring_lons.append(edge_lon)
            ring_firsts.append(ring_firsts[-1] + len(edge))
            low, high = np.minimum(edge[:, :3], edge[:, 3:]), np.maximum(edge[:, :3], edge[:, 3:])
            ring_wholes.append(balls(low, high, len(edge))[0] if len(edge) else np.zeros(4))
        return cls(
            tuple(closure.id for closure in closures),
            np.array([closure.stand_off_m for closure in closures], float),
            Pieces.of([_segments(closure) for closure in closures]),
            np.concatenate([np.empty((0, 6)), *rings]),
            np.concatenate([np.empty((0, 2)), *ring_lons]),
            np.array(ring_firsts, np.int64),
            np.array(ring_wholes, float).reshape(-1, 4),
            np.array([closure.holds_north_pole for closure in closures], bool),
            {"asked": 0},
        )

    def _nearest(self, points: Floats, ball: Floats) -> Floats:
        from longreach.route._clearance_kernels import how_near

        everything = np.ones(len(self.ids), bool)
        self.memo["asked"] += 1
        if self.memo["asked"] <= OFTEN:
            return self.pieces.nearest(points, ball, everything)
        afar = self.memo.get("afar")
        if afar is None:
            parts = [self.pieces]
            for far in FAR:
                parts.append(parts[-1].seen_from_afar(far))
            afar = self.memo["afar"] = parts
        # a (1 - f) times the arc of U is never more than the length
        least = how_near(ball, self.pieces.whole) * (WGS84_A * (1 - WGS84_F))
        distant = np.searchsorted(FAR, least)
        found = np.empty((len(self.ids), 8))
        for level in np.unique(distant):
            wanted = distant == level
            found[wanted] = afar[level].nearest(points, ball, wanted)[wanted]
        return found

    def inside(self, lat: Any, lon: Any) -> Any:
        """(n, c) whether each point [deg] lies in each closure's rings."""
        from longreach.route._clearance_kernels import inside

        lat, lon = np.atleast_1d(np.asarray(lat, float)), np.atleast_1d(np.asarray(lon, float))
        lam = np.radians((lon + 180.0) % 360.0 - 180.0)
        return inside(
            unit(lat, lon), lam, self.ring, self.ring_lon, self.ring_first, self.ring_whole, self.pole
        )

    def measure(self, lat: Any, lon: Any) -> tuple[Closest, ...]:
        """Closest approach to each closure of the chain of geodesics through (n,) vertices [deg]."""
        from longreach.route._clearance_kernels import flown

        if not self.ids:
            return ()
        lat, lon = _safe_chain(lat, lon)
        u = unit(lat, lon)
        points, ball = flown(u, np.radians(lon))
        found = self._nearest(points, ball)
        here, there = position(found[:, 1:4]), position(found[:, 4:7])
        exact = distance(here[0], here[1], there[0], there[1]) - found[:, 7]
        exact[~np.isfinite(found[:, 0])] = np.inf
        begins_inside = self.inside(lat[:1], lon[:1])[0]
        result = []
        for c, name in enumerate(self.ids):
            clearance, point = float(exact[c]), (float(here[0][c]), float(here[1][c]))
            if begins_inside[c] or clearance < TOUCHING:
                clearance, point = self._depth(c, points, clearance, point)
            result.append(Closest(name, clearance, *point))
        return tuple(result)

    def _depth(
        self, c: int, points: Floats, clearance: float, point: tuple[float, float]
    ) -> tuple[float, tuple[float, float]]:
        """Clearance where the line may run inside: the deepest of its points (every 10 km, then finer)."""
        from longreach.route._clearance_kernels import depths

        lat, lon = position(points)
        near = int(np.argmin(distance(lat, lon, *point)))
        span = slice(max(0, near - 1), near + 2)
        fine_lat, fine_lon, _ = densify(lat[span], lon[span], 10.0)
        found = self._deepest(c, np.append(lat, fine_lat), np.append(lon, fine_lon))
        if found is None:
            return clearance, point
        at = found[2]
        if at < lat.size:
            span = slice(max(0, at - 1), at + 2)
            finer = self._deepest(c, *densify(lat[span], lon[span], 200.0)[:2])
            found = finer if finer is not None else found
        depth = float(
            depths(unit(found[0], found[1])[None, :], self.pieces.seg, self.pieces.off, self.pieces.first, c)[
                0
            ]
        )
        return (-depth, found[:2]) if -depth < clearance else (clearance, point)

    def _deepest(self, c: int, lat: Floats, lon: Floats) -> tuple[float, float, int] | None:
        """The point deepest inside closure c, and its number; None where none is inside."""
        from longreach.route._clearance_kernels import depths, inside

        edges = slice(self.ring_first[c], self.ring_first[c + 1])
        within = np.flatnonzero(
            inside(
                unit(lat, lon),
                np.radians((lon + 180.0) % 360.0 - 180.0),
                self.ring[edges],
                self.ring_lon[edges],
                np.array([0, edges.stop - edges.start]),
                self.ring_whole[c : c + 1],
                self.pole[c : c + 1],
            )[:, 0]
        )
        if within.size == 0:
            return None
        some = within[:: max(1, within.size // 60)]
        depth = depths(unit(lat[some], lon[some]), self.pieces.seg, self.pieces.off, self.pieces.first, c)
        at = int(some[np.argmax(depth)])
        return float(lat[at]), float(lon[at]), at

    def lawful(self, closest: Sequence[Closest]) -> bool:
        """Whether measured clearances keep every stand-off (to a millimetre, the noise of the sums)."""
        return all(
            one.clearance_m >= stand_off - NOISE
            for one, stand_off in zip(closest, self.stand_off, strict=True)
        )


def _segments(closure: Closure) -> tuple[Floats, Floats]:
    """Boundary pieces (m, 6) as two unit vectors, and their offsets."""
    lines = closure.lines
    if not lines:
        return np.empty((0, 6)), np.empty(0)
    lat, lon = (
        np.concatenate([np.asarray(getattr(line, axis), float) for line in lines]) for axis in ("lat", "lon")
    )
    owner = np.repeat(np.arange(len(lines)), [np.size(line.lat) for line in lines])
    lat, lon, owner = refined(lat, lon, owner, SEGMENT)
    u = unit(lat, lon)
    joined = np.flatnonzero(owner[1:] == owner[:-1])
    seg = np.concatenate([u[joined], u[joined + 1]], axis=1)
    off = np.array([line.offset_m for line in lines])[owner[joined]]
    order = np.argsort(_curve(seg[:, :3] + seg[:, 3:]), kind="stable")
    return seg[order], off[order]


def _curve(u: Floats) -> Any:
    """Place of each direction along a Morton curve over latitude and longitude, so that neighbours in
    space are neighbours in memory."""
    lat = np.arcsin(np.clip(u[:, 2] / np.maximum(1e-12, np.linalg.norm(u, axis=1)), -1, 1))
    row = ((lat / np.pi + 0.5) * 4095).astype(np.int64)
    column = ((np.arctan2(u[:, 1], u[:, 0]) / (2 * np.pi) + 0.5) * 8191).astype(np.int64)
    code = np.zeros(len(u), np.int64)
    for bit in range(13):
        code |= ((column >> bit) & 1) << (2 * bit) | ((row >> bit) & 1) << (2 * bit + 1)
    return code


def _ring_edges(closure: Closure) -> tuple[Floats, Floats]:
    """Ring edges (m, 6) as two unit vectors, and the longitudes [rad] of their ends."""
    rings = [(np.asarray(ring.lat, float), np.asarray(ring.lon, float)) for ring in closure.rings]
    if not rings:
        return np.empty((0, 6)), np.empty((0, 2))
    lat, lon = (np.concatenate([ring[axis] for ring in rings]) for axis in (0, 1))
    owner = np.repeat(np.arange(len(rings)), [ring[0].size for ring in rings])
    lat, lon, owner = refined(lat, lon, owner, 3 * SEGMENT)
    u, lam = unit(lat, lon), np.radians((lon + 180.0) % 360.0 - 180.0)
    joined = np.flatnonzero(owner[1:] == owner[:-1])
    return np.concatenate([u[joined], u[joined + 1]], axis=1), np.stack(
        [lam[joined], lam[joined + 1]], axis=1
    )


def _safe_chain(lat: Any, lon: Any) -> tuple[Floats, Floats]:
    """The chain with legs that come near the antipode cut up (the kernel's geodesics stop short of it)."""
    lat, lon = np.atleast_1d(np.asarray(lat, float)), np.atleast_1d(np.asarray(lon, float))
    if lat.size == 1:
        lat, lon = np.repeat(lat, 2), np.repeat(lon, 2)
    if inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])[0].max() > 15e6:
        lat, lon, _ = densify(lat, lon, 5e6)
    return lat, (lon + 180.0) % 360.0 - 180.0
