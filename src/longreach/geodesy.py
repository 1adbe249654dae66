"""Geodesics on the WGS84 ellipsoid, vectorised, latitude first.

A thin adapter over PROJ (Karney 2013), the only place where lat, lon turns into lon, lat.
Distances in metres, angles in degrees clockwise from true north.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

Floats = np.ndarray[Any, np.dtype[np.float64]]

WGS84_A = 6378137.0  # m, semi-major axis (NIMA TR8350.2)
WGS84_F = 1 / 298.257223563
EARTH_RADIUS = 6371008.7714  # m, mean radius (2a + b)/3; only for shortlists


@cache
def _geod() -> Any:
    from pyproj import Geod

    return Geod(ellps="WGS84")


def inverse(
    lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Distance [m] and forward azimuths [deg, 0..360) at both ends of the geodesics 1 -> 2.

    All arguments broadcast. The azimuth at point 2 is that of travel onward, not back.

    >>> distance, at1, at2 = inverse(0.0, 0.0, 0.0, 1.0)
    >>> round(float(distance), 3), float(at1), float(at2)
    (111319.491, 90.0, 90.0)
    """
    lat1, lon1, lat2, lon2 = np.broadcast_arrays(lat1, lon1, lat2, lon2)
    forward, back, length = _geod().inv(
        np.array(lon1, float), np.array(lat1, float), np.array(lon2, float), np.array(lat2, float)
    )
    return np.asarray(length), np.asarray(forward) % 360.0, (np.asarray(back) + 180.0) % 360.0


def distance(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> Floats:
    """Length of the geodesics 1 -> 2 [m]; arguments broadcast."""
    return inverse(lat1, lon1, lat2, lon2)[0]


def direct(
    lat: ArrayLike, lon: ArrayLike, azimuth: ArrayLike, length: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Point reached and forward azimuth there, going `length` [m] along `azimuth` [deg]; broadcasts.

    Longitude comes back in [-180, 180).
    """
    lat, lon, azimuth, length = np.broadcast_arrays(lat, lon, azimuth, length)
    lon2, lat2, back = _geod().fwd(
        np.array(lon, float), np.array(lat, float), np.array(azimuth, float), np.array(length, float)
    )
    return np.asarray(lat2), wrap_longitude(lon2), (np.asarray(back) + 180.0) % 360.0


def wrap_longitude(lon: ArrayLike) -> Floats:
    """Longitude in [-180, 180).

    >>> wrap_longitude([180.0, 190.0, -180.0]).tolist()
    [-180.0, -170.0, -180.0]
    """
    return (np.asarray(lon, float) + 180.0) % 360.0 - 180.0


def path_length(lat: ArrayLike, lon: ArrayLike) -> float:
    """Length [m] of a chain of geodesics through (n,) vertices."""
    lat, lon = np.asarray(lat, float), np.asarray(lon, float)
    if lat.size < 2:
        return 0.0
    return float(distance(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum())


def densify(lat: ArrayLike, lon: ArrayLike, step: float) -> tuple[Floats, Floats, Floats]:
    """Vertices of a chain of geodesics with points added so that none is more than `step` [m] apart.

    Returns lat, lon and the distance along the chain [m]; every original vertex is kept, bit for bit.
    """
    lat, lon = np.asarray(lat, float), np.asarray(lon, float)
    if lat.size < 2:
        return lat.copy(), lon.copy(), np.zeros(lat.size)
    length, azimuth, _ = inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])
    pieces = np.maximum(1, np.ceil(length / step)).astype(int)
    leg = np.repeat(np.arange(pieces.size), pieces)
    part = np.arange(leg.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    along = length[leg] * part / pieces[leg]
    new_lat, new_lon, _ = direct(lat[leg], lon[leg], azimuth[leg], along)
    start = part == 0
    new_lat[start], new_lon[start] = lat[:-1], lon[:-1]
    before = np.concatenate([[0.0], np.cumsum(length)])
    return (
        np.append(new_lat, lat[-1]),
        np.append(new_lon, lon[-1]),
        np.append(before[leg] + along, before[-1]),
    )


def unit_vectors(lat: ArrayLike, lon: ArrayLike) -> Floats:
    """(n, 3) unit normals of the ellipsoid (the sphere's position vectors); for shortlists only."""
    phi, lam = np.radians(np.asarray(lat, float)), np.radians(np.asarray(lon, float))
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)
