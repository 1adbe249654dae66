"""An independent judge of routes. It shares nothing with the solver but the closures it is given.

Boundaries are densified to 0.5 km and put in a k-d tree of ECEF points; a route is densified to 1 km or
less. The distance from a route point to a boundary is the least geodesic distance (pyproj) to the nearest
sample points, taken again every 5 m near the closest ones. What sampling is left can make it too long by
metres at contact, less farther off, and never too short. Inside is the parity of crossings of a meridian, in
plain numpy.
"""

from dataclasses import dataclass

import numpy as np
from pyproj import Geod, Transformer
from scipy.spatial import cKDTree

GEOD = Geod(ellps="WGS84")
TO_ECEF = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
SPACING = 500.0


@dataclass(frozen=True)
class Verdict:
    id: str
    least_m: float  # clearance less stand-off; lawful where >= 0
    clearance_m: float
    lat: float
    lon: float


def ecef(lat, lon):
    return np.stack(TO_ECEF.transform(np.asarray(lon), np.asarray(lat), np.zeros(np.size(lat))), axis=-1)


def chain(lat, lon, step):
    """Points at most `step` metres apart along the geodesics through the vertices."""
    lats, lons = [np.asarray(lat[:1], float)], [np.asarray(lon[:1], float)]
    for a, b, c, d in zip(lat[:-1], lon[:-1], lat[1:], lon[1:], strict=True):
        length = GEOD.line_length([b, d], [a, c])
        number = int(length // step)
        if number:
            inner = np.array(GEOD.npts(b, a, d, c, number))
            lats.append(inner[:, 1])
            lons.append(inner[:, 0])
        lats.append([c])
        lons.append([d])
    return np.concatenate(lats), np.concatenate(lons)


def length(lat, lon):
    return GEOD.line_length(np.asarray(lon), np.asarray(lat))


def inside(closure, lat, lon):
    """Parity of ring edges north of each point on its meridian (edges taken straight in lat, lon)."""
    odd = np.full(np.shape(lat), bool(closure.holds_north_pole))
    for ring in closure.rings:
        y, x = np.asarray(ring.lat, float), np.asarray(ring.lon, float)
        for k in range(0, y.size - 1, 20_000):
            y1, y2 = y[k : k + 20_000][: y.size - 1 - k], y[k + 1 : k + 20_001]
            x1, x2 = x[k : k + 20_000][: y.size - 1 - k], x[k + 1 : k + 20_001]
            for i in range(np.size(lat)):
                a = (x1 - lon[i] + 180) % 360 - 180
                b = a + ((x2 - x1 + 180) % 360 - 180)
                crosses = (a > 0) != (b > 0)
                with np.errstate(divide="ignore", invalid="ignore"):
                    at = y1 + (y2 - y1) * (-a) / (b - a)
                odd[i] ^= bool(np.count_nonzero(crosses & (at > lat[i])) % 2)
    return odd


def refine(path_lat, path_lon, i, border_lat, border_lon, tree, j, offset):
    """The least of distance minus offset near route point i and border sample j, both taken every 5 m."""
    part = slice(max(0, i - 1), i + 2)
    fine_lat, fine_lon = chain(path_lat[part], path_lon[part], 5.0)
    lats, lons = [border_lat[[j]]], [border_lon[[j]]]
    for k in tree.query_ball_point(ecef(border_lat[[j]], border_lon[[j]])[0], 1500.0):
        if k + 1 < border_lat.size:
            turn = (border_lon[k + 1] - border_lon[k] + 180) % 360 - 180
            _, _, step = GEOD.inv(border_lon[k], border_lat[k], border_lon[k + 1], border_lat[k + 1])
            if step <= 1.01 * SPACING:
                t = np.linspace(0, 1, 101)
                lats.append(border_lat[k] + t * (border_lat[k + 1] - border_lat[k]))
                lons.append(border_lon[k] + t * turn)
    near_lat, near_lon = np.concatenate(lats), np.concatenate(lons)
    chord, which = cKDTree(ecef(near_lat, near_lon)).query(ecef(fine_lat, fine_lon))
    best = np.argsort(chord)[:50]
    _, _, d = GEOD.inv(fine_lon[best], fine_lat[best], near_lon[which[best]], near_lat[which[best]])
    return float(d.min()) - offset


def judge(closures, lat, lon, step=1000.0):
    """A verdict for each closure on the route through the vertices."""
    path_lat, path_lon = chain(np.asarray(lat, float), np.asarray(lon, float), step)
    path = ecef(path_lat, path_lon)
    verdicts = []
    for closure in closures:
        least, at = np.inf, 0
        for offset in {line.offset_m for line in closure.lines}:
            parts = [
                chain(np.asarray(line.lat, float), np.asarray(line.lon, float), SPACING)
                for line in closure.lines
                if line.offset_m == offset
            ]
            border_lat = np.concatenate([part[0] for part in parts])
            border_lon = np.concatenate([part[1] for part in parts])
            tree = cKDTree(ecef(border_lat, border_lon))
            chord, _ = tree.query(path)
            # only points that may be the closest are worth a geodesic: the chord falls short of it
            worth = np.flatnonzero(chord < chord.min() * 1.01 + 3e3)
            worth = worth[np.argsort(chord[worth])][:4000]
            _, near = tree.query(path[worth], k=min(4, border_lat.size))
            near = near.reshape(worth.size, -1)
            found = np.empty(near.shape)
            for column in range(near.shape[1]):
                j = near[:, column]
                found[:, column] = GEOD.inv(path_lon[worth], path_lat[worth], border_lon[j], border_lat[j])[2]
            order = np.argsort(found.ravel())
            for place in order[: 1 if found.min() > 50e3 else 12]:
                row, column = divmod(int(place), near.shape[1])
                if found[row, column] > found.min() + 1000.0:
                    break
                i, j = int(worth[row]), int(near[row, column])
                value = refine(path_lat, path_lon, i, border_lat, border_lon, tree, j, offset)
                value = min(value, found[row, column] - offset)
                if value < least:
                    least, at = value, i
        if closure.rings:
            some = np.unique(np.linspace(0, path_lat.size - 1, min(path_lat.size, 300)).astype(int))
            near_least = np.arange(max(0, at - 3), min(path_lat.size, at + 4))
            some = np.unique(np.concatenate([some, near_least])) if least < 2e3 else some
            # an end may lie on the boundary itself, where inside and outside are a matter of rounding
            some = some[(some > 0) & (some < path_lat.size - 1)] if least < 1.0 else some
            if inside(closure, path_lat[some], path_lon[some]).any():
                least = -np.inf
        verdicts.append(Verdict(closure.id, least - closure.stand_off_m, least, path_lat[at], path_lon[at]))
    return verdicts
