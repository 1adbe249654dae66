"""An independent judge of routes, for the benchmarks and the long proofs.

It shares nothing with the solver but the closures it is given. The law of a closure is distances alone: a
point is lawful iff it lies outside the rings and at least offset + stand-off from every boundary line.

Boundary lines are cut into pieces of at most 200 to 500 m along WGS84 geodesics (PROJ), their ends put in
k-d trees of ECEF points, one tree for each reach (offset + stand-off). Distance to a boundary cannot change
faster along a route than the route itself, so a sample with clearance c proves its neighbourhood c wide;
what is not proved is halved down to 20 m pieces, where the samples themselves decide. Inside the rings is
the parity of crossings of a meridian, in numpy. Resolution: a violation shallower than 1 m or shorter than
20 m along the track may pass; `legal` has no tolerance beyond that (a millimetre for the noise of sums).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyproj import Geod
from scipy.spatial import cKDTree

GEOD = Geod(ellps="WGS84")
A, F = 6378137.0, 1 / 298.257223563
E2 = F * (2 - F)
FIRST = 64e3  # m; pieces a route is first cut into
LAST = 10.0  # m; half the shortest piece
NEAR_REACH = 5e3  # m; boundaries that reach less far are measured against their segments
NOISE = 1e-3  # m
CHORD_NEAR = 3e3  # m; where a chord is close enough to the law to be worth a geodesic


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge finds on one route.

    legal : no sample breaks the law
    least_m : least of distance less reach over the samples [m]; negative where illegal. Sharp near the law;
        with much to spare, or deep inside, it is rough by up to half a piece (32 km)
    lat, lon : where that is [deg]
    illegal_m : length of the illegal parts [m]
    """

    legal: bool
    least_m: float
    lat: float
    lon: float
    illegal_m: float


def ecef(lat: Any, lon: Any) -> Any:
    """(n, 3) points on the ellipsoid [m]."""
    phi, lam = np.radians(lat), np.radians(lon)
    n = A / np.sqrt(1 - E2 * np.sin(phi) ** 2)
    return np.stack(
        [n * np.cos(phi) * np.cos(lam), n * np.cos(phi) * np.sin(lam), n * (1 - E2) * np.sin(phi)], -1
    )


def cut(lat: Any, lon: Any, longest: float) -> tuple[Any, Any]:
    """A chain of geodesics with points added so that no step exceeds `longest` [m]."""
    lat, lon = np.asarray(lat, float), np.asarray(lon, float)
    azimuth, _, length = GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    pieces = np.maximum(1, np.ceil(length / longest)).astype(int)
    if (pieces == 1).all():
        return lat, lon
    leg = np.repeat(np.arange(pieces.size), pieces)
    part = np.arange(leg.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    new_lon, new_lat, _ = GEOD.fwd(lon[leg], lat[leg], azimuth[leg], length[leg] * part / pieces[leg])
    whole = part == 0
    new_lat[whole], new_lon[whole] = lat[:-1], lon[:-1]
    return np.append(new_lat, lat[-1]), np.append(new_lon, lon[-1])


def path_length(lat: Any, lon: Any) -> float:
    """Length [m] of a chain of geodesics, by PROJ."""
    return float(GEOD.line_length(np.asarray(lon, float), np.asarray(lat, float)))


class _Group:
    """Every boundary line of one reach."""

    def __init__(self, reach: float, lines: Sequence[Any]) -> None:
        self.reach = reach
        self.spacing = min(500.0, (8.0 * reach) ** 0.5) if reach >= NEAR_REACH else 250.0
        parts = [cut(line.lat, line.lon, self.spacing) for line in lines]
        self.lat = np.concatenate([part[0] for part in parts])
        self.lon = np.concatenate([part[1] for part in parts])
        ends = np.cumsum([part[0].size for part in parts])
        self.last = np.zeros(self.lat.size, bool)
        self.last[ends - 1] = True
        self.tree = cKDTree(ecef(self.lat, self.lon), balanced_tree=False, compact_nodes=False)

    def clearance(self, lat: Any, lon: Any, point: Any, near: Any) -> tuple[Any, Any]:
        """Lower bound and estimate of distance less reach [m]; sharp where they come under `near` [m]."""
        chord, _ = self.tree.query(point)
        sure = chord - 0.5 * self.spacing - self.reach
        estimate = chord - self.reach
        close = np.flatnonzero(sure < near)
        if close.size == 0:
            return sure, estimate
        if self.reach >= NEAR_REACH:
            _, candidates = self.tree.query(point[close], k=min(3, self.lat.size))
            candidates = candidates.reshape(close.size, -1)
            span = np.repeat(close, candidates.shape[1])
            pick = candidates.ravel()
            _, _, d = GEOD.inv(lon[span], lat[span], self.lon[pick], self.lat[pick])
            d = d.reshape(candidates.shape).min(axis=1)
            sure[close] = np.sqrt(np.maximum(0.0, d**2 - (0.5 * self.spacing) ** 2)) - self.reach
            estimate[close] = d - self.reach
        else:
            sharp = self._to_segments(lat[close], lon[close], point[close])
            sure[close] = estimate[close] = sharp - self.reach
        return sure, estimate

    def _to_segments(self, lat: Any, lon: Any, point: Any) -> Any:
        """Distance [m] to the segments at the nearest samples, in the azimuthal plane of each point."""
        k = min(24, self.lat.size)
        _, candidates = self.tree.query(point, k=k)
        candidates = candidates.reshape(len(lat), -1)
        begin = np.concatenate([candidates, np.maximum(candidates - 1, 0)], axis=1)
        begin = np.where(self.last[begin], np.maximum(begin - 1, 0), begin)
        end = np.minimum(begin + 1, self.lat.size - 1)
        end = np.where(self.last[begin], begin, end)
        owner = np.repeat(np.arange(len(lat)), begin.shape[1])

        def plane(index: Any) -> Any:
            azimuth, _, d = GEOD.inv(lon[owner], lat[owner], self.lon[index], self.lat[index])
            return d * np.exp(1j * np.radians(azimuth))

        p, q = plane(begin.ravel()), plane(end.ravel())
        step = q - p
        square = np.maximum(np.abs(step) ** 2, 1e-12)
        t = np.clip(-(p * step.conj()).real / square, 0.0, 1.0)
        return np.abs(p + t * step).reshape(len(lat), -1).min(axis=1)


class _Inside:
    """Parity of one closure's ring edges north of a point on its meridian."""

    BINS = 3600

    def __init__(self, closure: Any) -> None:
        self.pole = bool(closure.holds_north_pole)
        y1, x1, y2, x2 = [], [], [], []
        for ring in closure.rings:
            lat, lon = cut(ring.lat, ring.lon, 1e3)
            y1.append(lat[:-1])
            y2.append(lat[1:])
            x1.append((lon[:-1] + 180.0) % 360.0 - 180.0)
            x2.append((lon[1:] + 180.0) % 360.0 - 180.0)
        self.empty = not y1
        if self.empty:
            return
        self.y1, self.y2, self.x1 = (np.concatenate(each) for each in (y1, y2, x1))
        self.dx = (np.concatenate(x2) - self.x1 + 180.0) % 360.0 - 180.0
        low = np.floor((np.minimum(self.x1, self.x1 + self.dx) + 180.0) * 10.0).astype(int)
        high = np.floor((np.maximum(self.x1, self.x1 + self.dx) + 180.0) * 10.0).astype(int)
        count = high - low + 1
        edge = np.repeat(np.arange(low.size), count)
        where = (low[edge] + np.arange(edge.size) - np.repeat(np.cumsum(count) - count, count)) % self.BINS
        order = np.argsort(where, kind="stable")
        self.edge = edge[order]
        self.first = np.searchsorted(where[order], np.arange(self.BINS + 1))
        self.top = float(max(self.y1.max(), self.y2.max()))
        self.bottom = float(min(self.y1.min(), self.y2.min()))

    def holds(self, lat: Any, lon: Any) -> Any:
        odd = np.full(lat.size, self.pole)
        if self.empty:
            return odd
        lon = (lon + 180.0) % 360.0 - 180.0
        here = np.floor((lon + 180.0) * 10.0).astype(int) % self.BINS
        worth = np.flatnonzero(lat <= self.top)
        if not self.pole:
            worth = worth[lat[worth] >= self.bottom]
        if worth.size == 0:
            return odd
        order = worth[np.argsort(here[worth], kind="stable")]
        bins, starts = np.unique(here[order], return_index=True)
        for b, group in zip(bins, np.split(order, starts[1:]), strict=True):
            e = self.edge[self.first[b] : self.first[b + 1]]
            if e.size == 0:
                continue
            a = (self.x1[e][None, :] - lon[group][:, None] + 180.0) % 360.0 - 180.0
            c = a + self.dx[e][None, :]
            crosses = (a > 0) != (c > 0)
            with np.errstate(divide="ignore", invalid="ignore"):
                at = self.y1[e] + (self.y2[e] - self.y1[e]) * (-a) / self.dx[e]
            odd[group] ^= (np.count_nonzero(crosses & (at > lat[group][:, None]), axis=1) % 2).astype(bool)
        return odd


class Judge:
    """Ready to judge any number of routes against one set of closures."""

    def __init__(self, closures: Sequence[Any]) -> None:
        lines: dict[float, list[Any]] = {}
        points = []
        for closure in closures:
            for line in closure.lines:
                reach = float(line.offset_m + closure.stand_off_m)
                if np.size(line.lat) == 2 and path_length(line.lat, line.lon) < 1.0:
                    points.append((float(line.lat[0]), float(line.lon[0]), reach))
                else:
                    lines.setdefault(reach, []).append(line)
        self.groups = [_Group(reach, lines[reach]) for reach in sorted(lines)]
        self.points = np.array(points, float).reshape(-1, 3)
        self.rings = [_Inside(closure) for closure in closures]

    def inside(self, lat: Any, lon: Any) -> Any:
        """(n,) whether points [deg] lie in any closure's rings."""
        lat, lon = np.atleast_1d(np.asarray(lat, float)), np.atleast_1d(np.asarray(lon, float))
        found = np.zeros(lat.size, bool)
        for ring in self.rings:
            rest = np.flatnonzero(~found)
            found[rest] = ring.holds(lat[rest], lon[rest])
        return found

    def clearance(self, lat: Any, lon: Any, near: Any) -> tuple[Any, Any]:
        """Lower bound and estimate of least distance less reach [m], rings not looked at."""
        point = ecef(lat, lon)
        sure, estimate = np.full(lat.size, np.inf), np.full(lat.size, np.inf)
        for group in self.groups:
            low, middle = group.clearance(lat, lon, point, near)
            sure, estimate = np.minimum(sure, low), np.minimum(estimate, middle)
        for lat0, lon0, reach in self.points:
            same = np.full(lat.size, lat0), np.full(lat.size, lon0)
            d = GEOD.inv(lon, lat, same[1], same[0])[2] - reach
            sure, estimate = np.minimum(sure, d), np.minimum(estimate, d)
        return sure, estimate

    def open(self, lat: Any, lon: Any, room: float = 0.0) -> Any:
        """(n,) whether points [deg] are lawful with `room` [m] to spare."""
        lat, lon = np.atleast_1d(np.asarray(lat, float)), np.atleast_1d(np.asarray(lon, float))
        estimate = self.clearance(lat, lon, room + CHORD_NEAR)[1]
        return (estimate >= room) & ~self.inside(lat, lon)

    def judge(self, paths: Sequence[tuple[Any, Any]]) -> list[Verdict]:
        """A verdict for each path, given as (lat, lon) vertex arrays [deg] joined by geodesics."""
        legs = []
        for number, (lat, lon) in enumerate(paths):
            lat, lon = np.asarray(lat, float), np.asarray(lon, float)
            azimuth, _, length = GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
            before = np.cumsum(length) - length
            legs.append(
                np.stack([np.full(length.size, number), lat[:-1], lon[:-1], azimuth, length, before], 1)
            )
        leg = np.concatenate(legs)
        pieces = np.maximum(1, np.ceil(leg[:, 4] / FIRST)).astype(int)
        owner = np.repeat(np.arange(len(leg)), pieces)
        k = np.arange(owner.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        half = 0.5 * leg[owner, 4] / pieces[owner]
        along = (2 * k + 1) * half
        kept: list[Any] = []  # leg, along, half, estimate, lat, lon, proved
        while owner.size:
            lon, lat, _ = GEOD.fwd(leg[owner, 2], leg[owner, 1], leg[owner, 3], along)
            sure, estimate = self.clearance(lat, lon, half.clip(min=0.0, max=CHORD_NEAR))
            proved = sure >= half
            hopeless = -estimate >= half  # too near all along, whatever the rings say
            done = proved | hopeless | (half <= LAST)
            kept.append(np.stack([owner, along, half, estimate, lat, lon, proved], 1)[done])
            rest = ~done
            owner = np.repeat(owner[rest], 2)
            half = np.repeat(half[rest] / 2, 2)
            along = np.repeat(along[rest], 2) + half * np.tile([-1.0, 1.0], int(rest.sum()))
        sample = np.concatenate(kept)
        number = leg[sample[:, 0].astype(int), 0].astype(int)
        order = np.lexsort((leg[sample[:, 0].astype(int), 5] + sample[:, 1], number))
        sample, number = sample[order], number[order]
        # inside cannot change along proved neighbours: one of each run is asked for all
        proved = sample[:, 6].astype(bool)
        begins = np.ones(len(sample), bool)
        begins[1:] = ~(proved[1:] & proved[:-1] & (number[1:] == number[:-1]))
        asked = np.flatnonzero(begins)
        held = self.inside(sample[asked, 4], sample[asked, 5])[np.cumsum(begins) - 1]
        touching = np.abs(sample[:, 3]) < NOISE  # on a line that reaches nowhere: neither in nor out
        estimate = np.where(held & ~touching, -np.abs(sample[:, 3]), sample[:, 3])
        bad = estimate < -NOISE
        verdicts = []
        first = np.searchsorted(number, np.arange(len(paths) + 1))
        for i in range(len(paths)):
            span = slice(first[i], first[i + 1])
            at = first[i] + int(np.argmin(estimate[span]))
            verdicts.append(
                Verdict(
                    not bad[span].any(),
                    float(estimate[at]),
                    float(sample[at, 4]),
                    float(sample[at, 5]),
                    float(2 * sample[span, 2][bad[span]].sum()),
                )
            )
        return verdicts
