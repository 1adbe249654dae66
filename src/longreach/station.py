"""Time on station: the area to stay in, and the loop flown inside it.

The area of a circle is all within its radius of the centre; of a polygon its inside, edges being geodesics;
of an orbit all within its width of the axis, the geodesic of the leg's length through the centre.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.geodesy import Floats
from longreach.mission.model import Station

EDGE = 2000.0  # m, how finely area edges are drawn; a 2 km chord of a 20 km circle lies 25 m inside it


@dataclass(frozen=True, slots=True)
class Loop:
    """A closed pattern inside the area, flown vertex by vertex, left-hand, as often as time asks."""

    lat: Floats
    lon: Floats

    def legs(self) -> Floats:
        """(n,) length of the leg from each vertex to the next, the last back to the first [m]."""
        return geodesy.distance(self.lat, self.lon, np.roll(self.lat, -1), np.roll(self.lon, -1))


def axis_ends(station: Station) -> tuple[tuple[float, float], tuple[float, float]]:
    """Both ends of an orbit's axis."""
    (lat1, lon1, _), (lat2, lon2, _) = _axis(station)
    return (lat1, lon1), (lat2, lon2)


def _axis(station: Station) -> list[tuple[float, float, float]]:
    """Both ends of an orbit's axis and the azimuth onward there, which near a pole is not that at the centre."""
    assert station.axis_deg is not None and station.leg_m is not None
    ends = geodesy.direct(
        station.lat, station.lon, [station.axis_deg, station.axis_deg + 180.0], station.leg_m / 2.0
    )
    return [(float(lat), float(lon), float(onward)) for lat, lon, onward in zip(*ends, strict=True)]


def _plane(station: Station):
    """To and from an azimuthal equidistant plane about the station's centre, x east, y north [m]."""

    def to_plane(lat: Any, lon: Any) -> Floats:
        distance, azimuth, _ = geodesy.inverse(station.lat, station.lon, lat, lon)
        turn = np.radians(azimuth)
        return np.stack([distance * np.sin(turn), distance * np.cos(turn)], axis=-1)

    def to_globe(xy: Floats) -> tuple[Floats, Floats]:
        lat, lon, _ = geodesy.direct(
            station.lat, station.lon, np.degrees(np.arctan2(xy[:, 0], xy[:, 1])), np.hypot(xy[:, 0], xy[:, 1])
        )
        return lat, lon

    return to_plane, to_globe


def area(station: Station) -> tuple[Floats, Floats]:
    """Outline of the area as (lat, lon) rings, not closed, drawn inside the true edge."""
    if station.shape == "circle":
        assert station.radius_m is not None
        lat, lon, _ = geodesy.direct(
            station.lat, station.lon, np.arange(0.0, 360.0, 3.0), np.full(120, station.radius_m)
        )
        return lat, lon
    if station.shape == "polygon":
        ring = np.array([*station.polygon, station.polygon[0]])
        lat, lon, _ = geodesy.densify(ring[:, 0], ring[:, 1], EDGE)
        return lat[:-1], lon[:-1]
    assert station.width_m is not None
    parts = []
    for lat0, lon0, onward in _axis(station):
        fan = onward + 90.0 - np.arange(0.0, 181.0, 5.0)
        parts.append(geodesy.direct(lat0, lon0, fan, station.width_m)[:2])
    # the first fan turns from right of the axis over its end to the left, the second closes the ring
    return np.concatenate([parts[0][0], parts[1][0]]), np.concatenate([parts[0][1], parts[1][1]])


def loop(station: Station) -> Loop:
    """The pattern flown: the area drawn in by a part of its inner radius, so that turns stay inside."""
    from shapely import Polygon, maximum_inscribed_circle
    from shapely.geometry.polygon import orient

    to_plane, to_globe = _plane(station)
    polygon = Polygon(to_plane(*area(station)))
    inner_radius = maximum_inscribed_circle(polygon).length
    inner = polygon.buffer(-0.4 * inner_radius)
    if inner.geom_type == "MultiPolygon":
        inner = max(inner.geoms, key=lambda part: part.area)
    ring = orient(inner.simplify(0.01 * inner_radius), 1.0).exterior
    vertices = max(6, min(24, round(ring.length / 15000.0)))
    points = [ring.interpolate(k / vertices, normalized=True) for k in range(vertices)]
    lat, lon = to_globe(np.array([(point.x, point.y) for point in points]))
    return Loop(lat, lon)


def inside(station: Station, lat: Any, lon: Any) -> np.ndarray:
    """(n,) bool: which points lie in the area (edges as drawn, at most 25 m inside the true edge)."""
    from shapely import Polygon, contains_xy

    lat, lon = np.atleast_1d(np.asarray(lat, float)), np.atleast_1d(np.asarray(lon, float))
    if station.shape == "circle":
        assert station.radius_m is not None
        return geodesy.distance(station.lat, station.lon, lat, lon) <= station.radius_m
    to_plane, _ = _plane(station)
    polygon = Polygon(to_plane(*area(station)))
    reach = np.hypot(*np.array(polygon.exterior.coords).T).max()
    near = geodesy.distance(station.lat, station.lon, lat, lon) <= reach + 1.0
    result = np.zeros(lat.size, bool)
    if near.any():
        xy = to_plane(lat[near], lon[near])
        result[near] = contains_xy(polygon, xy[:, 0], xy[:, 1])
    return result


def flown_loop(pattern: Loop, start: int, length_m: float) -> tuple[Floats, Floats]:
    """Vertices from `start` on, round and round, until at least `length_m` is flown."""
    legs = pattern.legs()
    flown, k, order = 0.0, start, [start]
    while flown < length_m:
        flown += legs[k]
        k = (k + 1) % legs.size
        order.append(k)
    return pattern.lat[order], pattern.lon[order]
