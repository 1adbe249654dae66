"""A line from another program as a mission to plan, or as a route file; every guess is written into it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from longreach import geodesy
from longreach.errors import Fault, InputError
from longreach.importing.line import Line, Point
from longreach.units import NAUTICAL_MILE
from longreach.world import aircraft, airports
from longreach.world.airports import Place

AT_THE_FIELD = 5.0 * NAUTICAL_MILE  # an end so near an airport with a long runway is taken to be that airport


@dataclass(frozen=True, slots=True)
class Made:
    """A file made from a line: its text, and all that was guessed."""

    text: str
    guesses: tuple[str, ...]


def as_mission(
    line: Line, file: str, *, type_code: str | None = None, departure: datetime | None = None
) -> Made:
    """A mission file of one flight along the line.

    type_code, departure : what the user says; else what the file says.
    Raises: InputError where neither says which aircraft flies or when.
    """
    guesses = [guess for guess in line.guesses if not (type_code and guess.startswith("type designator"))]
    code = type_code or line.aircraft
    faults = []
    if not code:
        faults.append(
            Fault(
                "does not say which aircraft flies",
                file=file,
                hint="give --aircraft, see `longreach aircraft list`",
            )
        )
    else:
        try:
            code = aircraft.load(code).code
        except InputError as error:
            where = "--aircraft" if type_code else f"the file's aircraft {code!r}"
            faults.append(
                Fault(
                    f"{where}: {error.faults[0].what}",
                    file=file,
                    hint=error.faults[0].hint or "give --aircraft",
                )
            )
    when = departure or line.points[0].time
    if when is None:
        faults.append(
            Fault("does not say when it takes off", file=file, hint="give --depart 2026-01-15T18:00Z")
        )
    if faults or when is None:
        raise InputError(faults)
    ends = [_end(point, guesses) for point in (line.points[0], line.points[-1])]
    operator = ends[0].country or ends[1].country
    if not operator:
        raise InputError(
            Fault(
                "neither end is an airport, so no State can be taken as the operator's",
                file=file,
                hint="write the mission by hand, or move an end to an airport",
            )
        )
    guesses.append(
        f"the operator is taken to be of {operator}, where the flight {'begins' if ends[0].country else 'ends'}"
    )
    via = [point for point in line.points[1:-1] if not _at(point, ends)]
    lines = [
        f"# Made by `longreach import` from {line.format} {file.rpartition('/')[2]}.",
        "# What was guessed; look at each:",
        *(f"#   {guess}" for guess in guesses),
        "",
        'schema = "longreach.mission/1"',
        f"name = {_text(line.name[:200] or f'{ends[0].code} to {ends[1].code}')}",
        "",
        "[clock]",
        'anchor = "takeoff"',
        f"time = {when:%Y-%m-%dT%H:%M:%SZ}",
        "",
        "[[flights]]",
        'id = "lead"',
        f"aircraft = {_text(code)}",
        f"operator = {_text(operator)}",
        f"from = {_text(ends[0].code)}",
        f"to = {_text(ends[1].code)}",
        *(["via = [", *(f"  {_via(point)}," for point in via), "]"] if via else []),
        "",
        "[winds]",
        'source = "climatology" # the file says nothing of winds: the mean of the month',
    ]
    return Made("\n".join(lines) + "\n", tuple(guesses))


def as_route(line: Line) -> Made:
    """A GeoJSON file of the line: one LineString in order flown, and its points by name."""
    document = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": "route",
                "geometry": {
                    "type": "LineString",
                    "coordinates": [[round(p.lon, 6), round(p.lat, 6)] for p in line.points],
                },
                "properties": {
                    "name": line.name,
                    "length_nm": round(line.length_m / NAUTICAL_MILE, 3),
                    "guesses": list(line.guesses),
                },
            },
            *(
                {
                    "type": "Feature",
                    "geometry": {"type": "Point", "coordinates": [round(p.lon, 6), round(p.lat, 6)]},
                    "properties": {"name": p.name},
                }
                for p in line.points
                if p.name
            ),
        ],
    }
    return Made(json.dumps(document, ensure_ascii=False, indent=1) + "\n", line.guesses)


def _end(point: Point, guesses: list[str]) -> Place:
    """The airport at an end, or the bare position."""
    places = airports.with_runway()
    off = geodesy.distance(
        point.lat, point.lon, np.array([p.lat for p in places]), np.array([p.lon for p in places])
    )
    nearest = int(off.argmin())
    if off[nearest] <= AT_THE_FIELD:
        found = places[nearest]
        if off[nearest] > 500.0 or (point.name and point.name.upper() not in (found.code, found.iata)):
            guesses.append(
                f"the end at {point.lat:.4f}, {point.lon:.4f} is taken to be {found.code} ({found.name}), "
                f"{off[nearest] / NAUTICAL_MILE:.1f} nm away"
            )
        return found
    guesses.append(
        f"no airport with a known runway lies within 5 nm of {point.lat:.4f}, {point.lon:.4f}: a bare position"
    )
    return airports.position(round(point.lat, 6), round(point.lon, 6))


def _at(point: Point, ends: list[Place]) -> bool:
    return any(float(geodesy.distance(point.lat, point.lon, end.lat, end.lon)) < 1000.0 for end in ends)


def _via(point: Point) -> str:
    at = f"[{point.lat:.6f}, {point.lon:.6f}]"
    return (
        f"{{ at = {at}, name = {_text(point.name[:80])} }}"
        if point.name.strip()
        else f'"{point.lat:.6f},{point.lon:.6f}"'
    )


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
