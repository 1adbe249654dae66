"""The navigation log: one row for each point of a flight, with the leg that leads to it.

True tracks are those of the geodesic to the next point, magnetic ones less the declination of the World
Magnetic Model at the point, the level and the date flown (NOAA/NCEI and BGS, by way of pygeomag). Where the
model does not hold, near a magnetic pole or outside its years, there is no magnetic track.
"""

from __future__ import annotations

import math
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.brief import names, story
from longreach.brief.reading import Flight, Plan, Vertex, moment
from longreach.geodesy import Floats
from longreach.page import words
from longreach.units import FOOT, KNOT, NAUTICAL_MILE, POUND

# The models by the first year each holds, five years each.
_MODELS = ((2010.0, "WMM_2010"), (2015.0, "WMM_2015v2"), (2020.0, "WMM_2020"), (2025.0, "WMM_2025"))
_LAST_YEAR = 2030.0


def magnetic_model(at: datetime) -> str | None:
    """The World Magnetic Model that holds at a time, or None where none does.

    >>> magnetic_model(datetime(2020, 12, 10)), magnetic_model(datetime(1989, 8, 16))
    ('WMM_2020', None)
    """
    year = decimal_year(at)
    return next((name for first, name in reversed(_MODELS) if first <= year < _LAST_YEAR), None)


def decimal_year(at: datetime) -> float:
    """The year with its elapsed part as a fraction."""
    begin = at.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    return at.year + (at - begin).total_seconds() / (begin.replace(year=at.year + 1) - begin).total_seconds()


def declination(lat: float, lon: float, altitude_ft: float, at: datetime) -> float | None:
    """Magnetic declination [deg], east positive; None where the model does not hold.

    Nor does it hold where the horizontal field is under 2000 nT, the model's blackout zone round the magnetic
    poles.
    """
    name = magnetic_model(at)
    if name is None:
        return None
    found = _model(name).calculate(lat, lon, altitude_ft * FOOT / 1000.0, decimal_year(at))
    return None if found.in_blackout_zone else float(found.d)


@cache
def _model(name: str) -> Any:
    from pygeomag import GeoMag

    return GeoMag(coefficients_file=f"wmm/{name}.COF")


def log(plan: Plan, flight: Flight) -> dict[str, Any]:
    """One flight's log: what it is, its clock beside UTC, and its rows of text."""
    home = names.airport_zone(flight.origin)
    points = story.nearest_vertex_row(flight)
    skipped = loops(points)
    legs = geodesy.distance(flight.lat[:-1], flight.lon[:-1], flight.lat[1:], flight.lon[1:])
    along = np.concatenate([[0.0], np.cumsum(legs)])
    least = plan.required_kg(flight)
    rows: list[dict[str, str]] = []
    before = points[0]
    passed = 0
    for index, (vertex, at) in enumerate(points):
        if index in skipped:
            passed += 1
            continue
        time = moment(float(flight.time_s[at]))
        level_ft = float(flight.altitude_ft[at])
        fuel_kg = float(flight.fuel_kg[at])
        name = vertex.name or vertex.kind.replace("_", " ")
        kind = vertex.kind.replace("_", " ")
        row = {
            "name": name,
            "kind": kind if kind != name else "",
            "passed": f"after {words.count(passed, 'point')} more" if passed else "",
            "where": words.position(vertex.lat, vertex.lon),
            "utc": f"{time.day} {words.month(time)} {time:%H:%M}",
            "local": f"{time.astimezone(home):%H:%M}" if home is not None else "",
            "level": words.level(level_ft),
            "metres": f"{words.number(round(level_ft * FOOT, -1))} m",
            "speed": f"{flight.gs_kt[at]:.0f}",
            "airspeed": f"{flight.tas_kt[at]:.0f}" if flight.tas_kt is not None else "",
            "fuel": f"{fuel_kg / 1000:.1f}",
            "pounds": f"{fuel_kg / POUND / 1000:.1f}",
            "least": f"{least[at] / 1000:.1f}" if least is not None else "",
            "total": words.number(along[at] / NAUTICAL_MILE),
            "true": "",
            "magnetic": "",
            "wind": "",
            "leg": "",
            "leg_km": "",
            "leg_time": "",
        }
        if index:
            length = float(along[at] - along[before[1]])
            row |= {
                "leg": words.number(length / NAUTICAL_MILE),
                "leg_km": words.number(length / 1000.0),
                "leg_time": _clock(float(flight.time_s[at] - flight.time_s[before[1]])),
                "wind": wind_text(flight, before[1], at),
            }
            if not passed and length > 100.0:
                row |= _tracks(flight, before, vertex)
        rows.append(row)
        before, passed = (vertex, at), 0
    return {
        "id": flight.id,
        "title": f"{flight.id}: {flight.count} × {flight.aircraft}, {flight.origin} to {flight.destination}",
        "lead": flight.role == "lead",
        "clock": f"at {flight.origin}" if home is not None else "",
        "rows": rows,
    }


def _tracks(flight: Flight, before: tuple[Vertex, int], vertex: Vertex) -> dict[str, str]:
    """True and magnetic track at the start of the leg."""
    start, row = before
    true = float(geodesy.inverse(start.lat, start.lon, vertex.lat, vertex.lon)[1])
    east = declination(
        start.lat, start.lon, float(flight.altitude_ft[row]), moment(float(flight.time_s[row]))
    )
    return {
        "true": words.whole_degrees(true),
        "magnetic": "" if east is None else words.whole_degrees((true - east) % 360.0),
    }


def wind_text(flight: Flight, first: int, last: int) -> str:
    """The mean wind of a leg: from where, how strong, and how much of it helps (+) or hinders.

    "" where the plan carries no wind.
    """
    mean = mean_wind(flight, first, last)
    if mean is None:
        return ""
    u, v, tail = mean
    speed = math.hypot(u, v) / KNOT
    if speed < 0.5:
        return "calm"
    come = words.whole_degrees(math.degrees(math.atan2(-u, -v)) % 360.0).removesuffix("°")
    sign = "+" if tail >= 0 else words.MINUS
    return f"{come}/{speed:.0f}, {sign}{abs(tail) / KNOT:.0f}"


def mean_wind(flight: Flight, first: int, last: int) -> tuple[float, float, float] | None:
    """Mean wind over rows of a track, weighted by time: east, north, and along the track [m/s]."""
    if flight.wind_u_mps is None or flight.wind_v_mps is None or last <= first:
        return None
    part = slice(first, last)
    weight = np.diff(flight.time_s[first : last + 1])
    if not weight.sum():
        return None
    _, azimuth, _ = geodesy.inverse(
        flight.lat[part], flight.lon[part], flight.lat[first + 1 : last + 1], flight.lon[first + 1 : last + 1]
    )
    turn = np.radians(np.asarray(azimuth))
    u, v = flight.wind_u_mps[part], flight.wind_v_mps[part]

    def mean(values: Floats) -> float:
        return float(np.average(values, weights=weight))

    return mean(u), mean(v), mean(u * np.sin(turn) + v * np.cos(turn))


def loops(points: list[tuple[Vertex, int]]) -> set[int]:
    """Unnamed turn and station points between two like them, closer than 15 nm: the log counts them only."""

    def plain(index: int) -> bool:
        vertex = points[index][0]
        return vertex.kind in ("turn", "station") and vertex.name in ("", vertex.kind)

    def close(index: int) -> bool:
        a, b = points[index][0], points[index + 1][0]
        return float(geodesy.distance(a.lat, a.lon, b.lat, b.lon)) < 15 * NAUTICAL_MILE

    return {
        index
        for index in range(1, len(points) - 1)
        if plain(index - 1) and plain(index) and plain(index + 1) and close(index - 1) and close(index)
    }


def _clock(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60.0), 60)
    return f"{hours}:{minutes:02d}"
