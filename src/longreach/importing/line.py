"""A line read from another program's file: its points, what was guessed on the way, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from longreach import geodesy
from longreach.errors import Fault, InputError
from longreach.geodesy import Floats

MOST_POINTS = 200  # of a mission's via list


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a line: lat, lon in degrees; name "" and the rest None where the file does not say."""

    lat: float
    lon: float
    name: str = ""
    altitude_m: float | None = None
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One route or track.

    kind : "route" (points between which one flies straight) | "track" (positions along the way)
    aircraft : the file's name of the type, "" where it has none
    guesses : what was taken to be so, and what of the file was not used; one sentence each
    """

    format: str
    name: str
    kind: str
    points: tuple[Point, ...]
    aircraft: str = ""
    guesses: tuple[str, ...] = ()

    @property
    def length_m(self) -> float:
        return geodesy.path_length([p.lat for p in self.points], [p.lon for p in self.points])


def sane(line: Line, file: str) -> Line:
    """The line with longitudes in [-180, 180) and no point twice in a row; each change is among the guesses.

    Raises: InputError for fewer than two places, or a latitude off the globe, naming the point.
    """
    guesses = list(line.guesses)
    turned = sum(not -180.0 <= point.lon < 180.0 for point in line.points)
    for number, point in enumerate(line.points, 1):
        if not (-90.0 <= point.lat <= 90.0 and -540.0 <= point.lon <= 540.0):
            raise InputError(
                Fault(
                    f"point {number} of {line.name or line.kind}, lat {point.lat:g} lon {point.lon:g}, is off "
                    "the globe (lat -90 to 90, lon -180 to 360)",
                    file=file,
                    hint="mend the file; latitude and longitude may be the wrong way round",
                )
            )
    points = [replace(p, lon=float(geodesy.wrap_longitude(p.lon))) for p in line.points]
    if turned:
        guesses.append(f"{turned} longitudes of 180 degrees and more are taken to be west")
    kept = points[:1]
    for point in points[1:]:
        if float(geodesy.distance(kept[-1].lat, kept[-1].lon, point.lat, point.lon)) > 1.0:
            kept.append(point)
    if len(kept) < len(points):
        guesses.append(f"{len(points) - len(kept)} points on the spot of the one before are left out")
    if len(kept) < 2:
        raise InputError(
            Fault(f"{line.name or line.kind} has fewer than two places, so it is no route", file=file)
        )
    return replace(line, points=tuple(kept), guesses=tuple(guesses))


def thinned(line: Line, tolerance_m: float, most: int = MOST_POINTS) -> Line:
    """The fewest of its points that keep the line within `tolerance_m`, named points of a route kept.

    The tolerance is doubled until no more than `most` points are left between the ends; what was done is
    among the guesses. The deviation is measured on WGS84, from each point left out to the geodesic that
    stands for it.
    """
    lat, lon = np.array([p.lat for p in line.points]), np.array([p.lon for p in line.points])
    named = [bool(p.name) and line.kind == "route" for p in line.points]
    tolerance = tolerance_m
    while True:
        keep = _keep(lat, lon, tolerance, named)
        if len(keep) - 2 <= most:
            break
        if any(named):
            named = [False] * len(named)  # names give way before the line does
        else:
            tolerance *= 2.0
    if len(keep) == len(line.points):
        return line
    said = (
        f"{len(line.points) - len(keep)} of {len(line.points)} points lie within {tolerance / 1852.0:.2g} nm of "
        "the line through the others and are left out"
    )
    return replace(line, points=tuple(line.points[i] for i in keep), guesses=(*line.guesses, said))


def _keep(lat: Floats, lon: Floats, tolerance: float, named: Sequence[bool]) -> list[int]:
    keep = {0, len(lat) - 1} | {i for i, name in enumerate(named) if name}
    stack = list(zip(sorted(keep)[:-1], sorted(keep)[1:], strict=True))
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        off = _off(lat, lon, first, last)
        worst = int(off.argmax())
        if off[worst] > tolerance:
            middle = first + 1 + worst
            keep.add(middle)
            stack += [(first, middle), (middle, last)]
    return sorted(keep)


def _off(lat: Floats, lon: Floats, first: int, last: int) -> Floats:
    """Distance [m] of the points between `first` and `last` from the geodesic between those two."""
    between = slice(first + 1, last)
    start = float(lat[first]), float(lon[first])
    length, azimuth, _ = geodesy.inverse(*start, lat[last], lon[last])
    if float(length) < 1.0:
        return geodesy.distance(*start, lat[between], lon[between])
    # The foot of the perpendicular: from a guess along the geodesic, the spherical right triangle gives the rest.
    along = np.zeros(last - first - 1)
    for _ in range(5):
        foot_lat, foot_lon, onward = geodesy.direct(*start, azimuth, along)
        off, bearing, _ = geodesy.inverse(foot_lat, foot_lon, lat[between], lon[between])
        angle, turn = off / geodesy.EARTH_RADIUS, np.radians(bearing - onward)
        step = geodesy.EARTH_RADIUS * np.arctan2(np.cos(turn) * np.sin(angle), np.cos(angle))
        along = np.clip(along + step, 0.0, float(length))
    return geodesy.distance(*geodesy.direct(*start, azimuth, along)[:2], lat[between], lon[between])
