"""A flown line: named vertices joined by geodesics, measured along."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from longreach import geodesy
from longreach.geodesy import Floats
from longreach.world.winds.aloft import Aloft


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


def air_distance(
    line: Line, tas_mps: float, aloft: Aloft, altitude_m: float = 0.0, step_m: float = 50_000.0
) -> tuple[Floats, Floats]:
    """Distances along the line and the still-air distance flown to reach them, at one airspeed and one level.

    The time at each step is that of the still-air distance before it at `tas_mps`.
    Returns (along_m, air_m), both (k,), every vertex included.
    """
    _, _, along = geodesy.densify(line.lat, line.lon, step_m)
    if aloft.calm:
        return along, along.copy()
    middle = (along[1:] + along[:-1]) / 2.0
    lat, lon, track = line.at(middle)
    air = np.concatenate([[0.0], np.cumsum(np.diff(along))])
    for _ in range(1 if aloft.field.steady else 2):  # once more with the times of the first
        time = (air[1:] + air[:-1]) / 2.0 / tas_mps
        factor = aloft.factors(lat, lon, track, altitude_m, time, tas_mps)
        air = np.concatenate([[0.0], np.cumsum(np.diff(along) * factor)])
    return along, air
