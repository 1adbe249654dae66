"""Points as unit vectors, and the stereographic plane that says what is inside what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from longreach.geodesy import EARTH_RADIUS, WGS84_F, Floats


def unit(lat: Any, lon: Any) -> Floats:
    """(n, 3) unit vectors of the reduced latitude: the U of `_kernels`."""
    phi, lam = np.radians(np.asarray(lat, float)), np.radians(np.asarray(lon, float))
    beta = np.arctan2((1 - WGS84_F) * np.sin(phi), np.cos(phi))
    return np.stack([np.cos(beta) * np.cos(lam), np.cos(beta) * np.sin(lam), np.sin(beta)], axis=-1)


def position(u: Floats) -> tuple[Floats, Floats]:
    """(lat, lon) in degrees of (n, 3) unit vectors of the reduced latitude."""
    lat = np.degrees(np.arctan2(u[..., 2], (1 - WGS84_F) * np.hypot(u[..., 0], u[..., 1])))
    return lat, np.degrees(np.arctan2(u[..., 1], u[..., 0]))


@dataclass(frozen=True, slots=True)
class Plane:
    """A stereographic plane about `centre` (unit vector); plane lengths are in metres at the centre."""

    centre: Floats
    east: Floats
    north: Floats

    @classmethod
    def about(cls, centre: Floats) -> Plane:
        pole = np.array([0.0, 0.0, 1.0]) if abs(centre[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
        east = np.cross(pole, centre)
        east /= np.linalg.norm(east)
        return cls(centre, east, np.cross(centre, east))

    def to(self, u: Floats) -> Floats:
        """(n, 2) plane coordinates of unit vectors; a turn to the left stays one seen from outside."""
        scale = 2 * EARTH_RADIUS / np.maximum(1e-12, 1 + u @ self.centre)
        return np.stack([u @ self.east * scale, u @ self.north * scale], axis=-1)

    def back(self, xy: Floats) -> Floats:
        """(n, 3) unit vectors of plane coordinates."""
        x, y = xy[:, 0] / (2 * EARTH_RADIUS), xy[:, 1] / (2 * EARTH_RADIUS)
        square = x * x + y * y
        u = (
            self.east * (2 * x)[:, None] + self.north * (2 * y)[:, None] + self.centre * (1 - square)[:, None]
        ) / (1 + square)[:, None]
        return u / np.linalg.norm(u, axis=1)[:, None]

    def stretch(self, xy: Floats) -> Floats:
        """How many plane metres a metre on the globe takes at (n, 2) plane points."""
        return 1 + (xy**2).sum(axis=1) / (2 * EARTH_RADIUS) ** 2
