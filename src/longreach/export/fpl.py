"""The ICAO flight plan message (Doc 4444, appendix 2) of each flight: an example of the format, NOT FOR FILING.

Positions are whole minutes of arc, so a point moves by up to 0.7 nm; the stand-off is measured again on the
rounded route. What an operator would know and a plan does not (equipment, registration) is said to be unknown.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from longreach.export.result import Carried, File
from longreach.export.table import RoutePoint, Table, Track, moment, split
from longreach.units import FOOT

# Type designators of ICAO Doc 8643; a type that is not here is ZZZZ with TYP/ in item 18.
DESIGNATORS = {
    "747-400": "B744", "747SP": "B74S", "777-200LR": "B77L", "787-9": "B789", "A330 MRTT": "A332",
    "A350-900": "A359", "B-1B": "B1", "B-2A": "B2", "B-52B": "B52", "B-52D": "B52", "B-52G": "B52",
    "B-52H": "B52", "C-130J": "C30J", "C-17A": "C17", "F-15E": "F15", "F-15SA": "F15", "F-111F": "F111",
    "F-16C": "F16", "KC-10A": "DC10", "KC-135A": "K35A", "KC-135R": "K35R", "Mirage 2000-5": "MIR2",
    "P-8A": "P8", "Rafale": "RFAL", "Typhoon": "EUFI", "Vulcan B.2": "VULC",
}  # fmt: skip
HEAVY_KG, MEDIUM_KG = 136_000.0, 7_000.0  # wake turbulence categories H from, L up to (Doc 4444, 4.9.1)
SPEED_CHANGE = 0.05  # a change of true airspeed by so much is filed (Doc 4444, appendix 2, item 15)
LEVEL_CHANGE_M = 500.0 * FOOT
LINE = 69  # characters of a teletype line


def files(table: Table) -> tuple[File, ...]:
    """One message for each flight."""
    return tuple(_message(table, track) for track in table.tracks)


def _message(table: Table, track: Track) -> File:
    flight = track.flight
    kind = DESIGNATORS.get(flight.aircraft, "ZZZZ")
    mass = _heaviest(table.document["data"]["aircraft"].get(flight.aircraft, {}), table, track)
    wake = "H" if mass >= HEAVY_KG else "L" if mass <= MEDIUM_KG else "M"
    number = f"{flight.count}" if flight.count > 1 else ""
    origin, destination = (code if re.fullmatch("[A-Z]{4}", code) else "ZZZZ" for code in _fields(track))
    points = _rounded(split(track))
    route = _route(track, points)
    takeoff, minutes = moment(flight.takeoff_s), math.ceil(flight.duration_s / 60.0)
    ends = track.points[0], track.points[-1]
    other = [
        "COM/NOT STATED NAV/NOT STATED",
        *([f"DEP/{position(ends[0].lat, ends[0].lon)}"] if origin == "ZZZZ" else []),
        *([f"DEST/{position(ends[1].lat, ends[1].lon)}"] if destination == "ZZZZ" else []),
        f"DOF/{takeoff:%y%m%d}",
        *([f"TYP/{number}{_letters(flight.aircraft)}"] if kind == "ZZZZ" else []),
        f"OPR/{flight.operator}",
        "RMK/NOT FOR FILING ANALYSIS AND EXERCISE ONLY",
    ]
    message = [
        f"(FPL-{_letters(flight.id)[:7]}-IX",
        f"-{number}{kind}/{wake}-Z/N",
        f"-{origin}{takeoff:%H%M}",
        *textwrap.wrap(f"-{route}", LINE, break_long_words=False, break_on_hyphens=False),
        f"-{destination}{minutes // 60:02d}{minutes % 60:02d}",
        *textwrap.wrap(f"-{' '.join(other)})", LINE, break_long_words=False, break_on_hyphens=False),
    ]
    text = "\n".join(
        ["NOT FOR FILING: an example of the format, for analysis, exercise and education.", "", *message]
    )
    lat = np.array([ends[0].lat, *(point[1] for point in points), ends[1].lat])
    lon = np.array([ends[0].lon, *(point[2] for point in points), ends[1].lon])
    losses = (
        "positions are whole minutes of arc, up to 0.7 nm off",
        "equipment (item 10) is not known to a plan: Z with NOT STATED; no registration, no alternate, no EET/",
        "levels and speeds stand where they change by 500 ft or 5 %, levels in hundreds of feet",
        "fuel, refuellings, time on station and closed airspace are left out",
        *(() if kind != "ZZZZ" else (f"{flight.aircraft} has no type designator here: ZZZZ with TYP/",)),
    )
    return File(f"{flight.id}.fpl.txt", f"{text}\n".encode(), losses, (Carried(flight.id, lat, lon),))


def _fields(track: Track) -> tuple[str, str]:
    return track.flight.origin, track.flight.destination


def _letters(text: str) -> str:
    return re.sub("[^A-Z0-9]", "", text.upper()) or "X"


def _heaviest(entry: Mapping[str, Any], table: Table, track: Track) -> float:
    """The type's greatest take-off mass [kg], or what it weighs in this plan where the catalogue has none."""
    given = entry.get("max_takeoff_mass_kg")
    value = given.get("value") if isinstance(given, Mapping) else given
    if isinstance(value, int | float):
        return float(value)
    raw = next(flight for flight in table.document["flights"] if flight["id"] == track.id)["track"]
    return max(row[raw["columns"].index("mass_kg")] for row in raw["rows"])


def position(lat: float, lon: float) -> str:
    """The eleven characters of a point in degrees and minutes; 60 minutes carry into the degree.

    >>> position(46.3333, -78.0833), position(9.9999, 179.9999)
    ('4620N07805W', '1000N18000E')
    """
    up, along = round(abs(lat) * 60.0), round(abs(lon) * 60.0)
    north, east = "N" if lat >= 0 or not up else "S", "E" if lon >= 0 or not along else "W"
    return f"{up // 60:02d}{up % 60:02d}{north}{along // 60:03d}{along % 60:02d}{east}"


def place(text: str) -> tuple[float, float]:
    """The latitude and longitude [deg] of such a point, of eleven or of seven characters.

    >>> place("4620N07805W"), place("46N078W")
    ((46.333333333333336, -78.08333333333333), (46.0, -78.0))
    """
    match = re.fullmatch(r"(\d\d)(\d\d)?([NS])(\d{3})(\d\d)?([EW])", text)
    if not match or (match[2] is None) != (match[5] is None):
        raise ValueError(f"{text!r} is not a point in degrees, or degrees and minutes")
    lat = int(match[1]) + int(match[2] or 0) / 60.0
    lon = int(match[4]) + int(match[5] or 0) / 60.0
    if lat > 90.0 or lon > 180.0 or int(match[2] or 0) > 59 or int(match[5] or 0) > 59:
        raise ValueError(f"{text!r} lies off the globe")
    return lat if match[3] == "N" else -lat, lon if match[6] == "E" else -lon


def _rounded(points: Sequence[RoutePoint]) -> list[tuple[str, float, float, RoutePoint]]:
    """The points between the ends as text and as that text reads, neighbours that fall together left out."""
    found: list[tuple[str, float, float, RoutePoint]] = []
    for point in points[1:-1]:
        text = position(point.lat, point.lon)
        if not found or found[-1][0] != text:
            found.append((text, *place(text), point))
    return found


def _route(track: Track, points: list[tuple[str, float, float, RoutePoint]]) -> str:
    """Item 15: speed and level of the cruise, and points with the speed and level from there on."""
    cruising = [i for i, phase in enumerate(track.phase) if phase not in ("climb", "descent")]
    first = cruising[0] if cruising else int(np.argmax(track.altitude_m))
    speed, level = float(track.tas_kt[first]), float(track.altitude_m[first])
    words = [f"N{round(speed):04d}{_level(level)}", "DCT"]
    for text, _, _, point in points:
        ahead = min(point.row + 1, track.lat.size - 1)
        changed = (
            track.phase[ahead] not in ("climb", "descent")
            and point.row > first
            and (
                abs(point.tas_kt / speed - 1.0) >= SPEED_CHANGE
                or abs(point.altitude_m - level) >= LEVEL_CHANGE_M
            )
        )
        if changed:
            speed, level = point.tas_kt, point.altitude_m
        words += [f"{text}/N{round(speed):04d}{_level(level)}" if changed else text, "DCT"]
    return " ".join(words)


def _level(altitude_m: float) -> str:
    return f"F{round(altitude_m / FOOT / 100.0):03d}"
