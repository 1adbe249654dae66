"""Closures made up for tests."""

import numpy as np

from longreach.geodesy import densify, direct
from longreach.world.airspace import BoundaryLine, Closure, Ring


def circle(lat, lon, radius_m, stand_off_m=0.0, name="circle"):
    """A disc, by the contract a point whose offset is the radius."""
    point = BoundaryLine(np.array([lat, lat], float), np.array([lon, lon], float), float(radius_m))
    return Closure(name, name, "user", (), (point,), stand_off_m, False, "test")


def polygon(points, stand_off_m=0.0, name="polygon", holds_north_pole=False, offset_m=0.0):
    """A polygon of geodesic edges through (lat, lon) corners."""
    lat = np.array([p[0] for p in points] + [points[0][0]], float)
    lon = np.array([p[1] for p in points] + [points[0][1]], float)
    lat, lon, _ = densify(lat, lon, 100e3)
    ring = Ring(lat, lon)
    line = BoundaryLine(lat, lon, offset_m)
    return Closure(name, name, "user", (ring,), (line,), stand_off_m, holds_north_pole, "test")


def regular(lat, lon, radius_m, corners, stand_off_m=0.0, name="regular", turn=0.0):
    """A regular polygon about a point."""
    azimuth = turn + np.arange(corners) * 360.0 / corners
    corner_lat, corner_lon, _ = direct(lat, lon, azimuth, radius_m)
    return polygon(list(zip(corner_lat[::-1], corner_lon[::-1], strict=True)), stand_off_m, name)
