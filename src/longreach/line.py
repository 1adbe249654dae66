"""A flown line: named vertices joined by geodesics, measured along."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from longreach import geodesy
from longreach.geodesy import Floats


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a line that means something: its name and the contract's kind."""

    along_m: float
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """A chain of geodesics.

    lat, lon : (n,) degrees, n >= 2
    along_m : (n,) distance from the start
    azimuth : (n - 1,) azimuth of each leg at its start, degrees
    """

    lat: Floats
    lon: Floats
    along_m: Floats
    azimuth: Floats

    @classmethod
    def through(cls, lat: Floats, lon: Floats) -> Line:
        """The chain through (n,) vertices; repeated vertices are dropped."""
        lat, lon = np.asarray(lat, float), np.asarray(lon, float)
        length, azimuth, _ = geodesy.inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])
        keep = np.concatenate([[True], length > 0.5])
        if keep.sum() < 2:
            keep[-1] = True
        lat, lon = lat[keep], lon[keep]
        length, azimuth, _ = geodesy.inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])
        along = np.concatenate([[0.0], np.cumsum(length)])
        for array in (lat, lon, along, azimuth):
            array.setflags(write=False)
        return cls(lat, lon, along, azimuth)

    @property
    def length_m(self) -> float:
        return float(self.along_m[-1])

    def at(self, along_m: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """lat, lon and track [deg] at distances along the line, 0..length_m."""
        s = np.clip(np.atleast_1d(np.asarray(along_m, float)), 0.0, self.length_m)
        leg = np.clip(np.searchsorted(self.along_m, s, side="right") - 1, 0, self.azimuth.size - 1)
        return geodesy.direct(self.lat[leg], self.lon[leg], self.azimuth[leg], s - self.along_m[leg])

    def between(self, start_m: float, end_m: float) -> tuple[Floats, Floats]:
        """Vertices of the stretch from `start_m` to `end_m`, both ends included."""
        inner = (self.along_m > start_m + 0.5) & (self.along_m < end_m - 0.5)
        ends_lat, ends_lon, _ = self.at([start_m, end_m])
        return (
            np.concatenate([ends_lat[:1], self.lat[inner], ends_lat[1:]]),
            np.concatenate([ends_lon[:1], self.lon[inner], ends_lon[1:]]),
        )


def air_distance(line: Line, tas_mps: float, u_mps: float, v_mps: float, step_m: float = 50_000.0):
    """Distances along the line and the still-air distance flown to reach them at one true airspeed.

    u, v : wind blowing toward east and north [m/s], everywhere the same; (0, 0) is still air.
    Returns (along_m, air_m), both (k,), every vertex included.
    """
    _, _, along = geodesy.densify(line.lat, line.lon, step_m)
    if u_mps == 0.0 and v_mps == 0.0:
        return along, along.copy()
    middle = (along[1:] + along[:-1]) / 2.0
    _, _, track = line.at(middle)
    factor = air_factor(track, tas_mps, u_mps, v_mps)
    return along, np.concatenate([[0.0], np.cumsum(np.diff(along) * factor)])


def air_factor(track: Floats, tas_mps: float, u_mps: float, v_mps: float) -> Floats:
    """Still-air metres per metre over the ground on `track` [deg], by the wind triangle."""
    turn = np.radians(track)
    along = u_mps * np.sin(turn) + v_mps * np.cos(turn)
    across = u_mps * np.cos(turn) - v_mps * np.sin(turn)
    ground = np.sqrt(np.maximum(tas_mps**2 - across**2, 1.0)) + along
    return tas_mps / np.maximum(ground, 1.0)
