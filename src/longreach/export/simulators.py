"""Flight plans for simulators: X-Plane 11/12 `.fms`, MSFS 2020 `.pln`, Little Navmap `.lnmpln`.

All three hold one flight's route and join its points with great circles of a sphere, so points are added every
200 nm: that keeps them within metres of the planned geodesics.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from longreach.export.result import Carried, File
from longreach.export.table import RoutePoint, Table, Track, moment, split, stamp
from longreach.units import FOOT

_FIRST_CYCLE = date(2020, 1, 2)  # AIRAC 2001 took effect (ICAO Doc 8126: every 28 days)
_LOSSES = (
    "one level a point, no times, speeds, fuel, refuellings, time on station or closed airspace",
    "other aircraft are in files of their own",
)


def airac(on: date) -> str:
    """The AIRAC cycle in force on a date: year and number within the year.

    >>> airac(date(2020, 12, 9)), airac(date(2022, 3, 9))
    ('2013', '2202')
    """
    begins = _FIRST_CYCLE + timedelta(days=(on - _FIRST_CYCLE).days // 28 * 28)
    return f"{begins.year % 100:02d}{(begins.timetuple().tm_yday - 1) // 28 + 1:02d}"


def xplane(table: Table) -> tuple[File, ...]:
    """One `.fms` (version 1100) for each flight."""
    return tuple(_fms(track) for track in table.tracks)


def _fms(track: Track) -> File:
    points = split(track)
    rows = []
    for number, point in enumerate(points):
        end = "ADEP" if number == 0 else "ADES" if number == len(points) - 1 else None
        code = _code(track, number, points)
        lat, lon = _angle(point.lat), _angle(point.lon)
        ident = code or f"{lat:+07.3f}_{lon:+08.3f}"
        kind = 1 if code else 28
        rows.append(f"{kind} {ident} {end or 'DRCT'} {point.altitude_m / FOOT:.6f} {lat:.6f} {lon:.6f}")
    ends = [
        f"{'ADEP' if code else 'DEP'} {code or rows[0].split()[1]}" if number == 0
        else f"{'ADES' if code else 'DES'} {code or rows[-1].split()[1]}"
        for number, code in ((0, _code(track, 0, points)), (1, _code(track, len(points) - 1, points)))
    ]  # fmt: skip
    lines = [
        "I", "1100 Version", f"CYCLE {airac(moment(track.time_s[0]).date())}", *ends, f"NUMENR {len(points)}", *rows,
    ]  # fmt: skip
    return File(f"{track.id}.fms", ("\n".join(lines) + "\n").encode(), _LOSSES, (_carried(track, points),))


def _code(track: Track, number: int, points: Sequence[RoutePoint]) -> str | None:
    """The airport's ICAO code at an end of the route; None elsewhere and for a place without one."""
    if number not in (0, len(points) - 1):
        return None
    code = track.flight.origin if number == 0 else track.flight.destination
    return code if re.fullmatch("[A-Z]{4}", code) else None


def _angle(value: float) -> float:
    return round(value, 6) + 0.0  # never -0.0


def _carried(track: Track, points: Sequence[RoutePoint]) -> Carried:
    return Carried(
        track.id,
        np.array([_angle(p.lat) for p in points]),
        np.array([_angle(p.lon) for p in points]),
        "sphere",
    )


def _cruise_ft(track: Track) -> int:
    return round(float(track.altitude_m.max()) / FOOT)


def msfs(table: Table) -> tuple[File, ...]:
    """One `.pln` (the 2020 variant) for each flight."""
    return tuple(_pln(table, track) for track in table.tracks)


def _pln(table: Table, track: Track) -> File:
    points = split(track)
    root = ET.Element("SimBase.Document", Type="AceXML", version="1,0")
    _text(root, "Descr", "AceXML Document")
    plan = ET.SubElement(root, "FlightPlan.FlightPlan")
    _text(plan, "Title", f"{table.plan.name}: {track.id}")
    _text(plan, "FPType", "IFR")
    _text(plan, "CruisingAlt", str(_cruise_ft(track)))
    ids = [_code(track, number, points) or points[number].ident for number in (0, len(points) - 1)]
    _text(plan, "DepartureID", ids[0])
    _text(plan, "DepartureLLA", world_position(points[0]))
    _text(plan, "DestinationID", ids[1])
    _text(plan, "DestinationLLA", world_position(points[-1]))
    _text(plan, "Descr", "Longreach: for analysis, exercise and education, not for navigation")
    version = ET.SubElement(plan, "AppVersion")
    _text(version, "AppVersionMajor", "11")
    _text(version, "AppVersionBuild", "282174")
    for number, point in enumerate(points):
        code = _code(track, number, points)
        entry = ET.SubElement(plan, "ATCWaypoint", id=code or point.ident)
        _text(entry, "ATCWaypointType", "Airport" if code else "User")
        _text(entry, "WorldPosition", world_position(point))
        if code:
            _text(ET.SubElement(entry, "ICAO"), "ICAOIdent", code)
    carried = Carried(
        track.id,
        np.array([_hundredths(p.lat) / 360_000.0 for p in points]),
        np.array([_hundredths(p.lon) / 360_000.0 for p in points]),
        "sphere",
    )
    return File(
        f"{track.id}.pln", _xml(root), ("positions are hundredths of a second of arc", *_LOSSES), (carried,)
    )


def _hundredths(degrees: float) -> int:
    return round(degrees * 360_000.0)


def world_position(point: RoutePoint) -> str:
    """A place as the simulator writes it: degrees, minutes, seconds to hundredths, feet.

    >>> world_position(RoutePoint("", "A", "via", 53.898853, -166.544661, 0.0, 0.0, 0.0, 0))
    'N53° 53\\' 55.87",W166° 32\\' 40.78",+000000.00'
    """

    def angle(degrees: float, letters: str) -> str:
        size = abs(_hundredths(degrees))
        letter = letters[degrees < 0 and size > 0]
        return f"{letter}{size // 360_000}° {size // 6_000 % 60}' {size % 6_000 / 100:.2f}\""

    return f"{angle(point.lat, 'NS')},{angle(point.lon, 'EW')},{point.altitude_m / FOOT:+010.2f}"


def little_navmap(table: Table) -> tuple[File, ...]:
    """One `.lnmpln` for each flight."""
    return tuple(_lnmpln(table, track) for track in table.tracks)


def _lnmpln(table: Table, track: Track) -> File:
    from longreach import __version__

    points = split(track)
    root = ET.Element("LittleNavmap")
    plan = ET.SubElement(root, "Flightplan")
    header = ET.SubElement(plan, "Header")
    for name, value in (
        ("FlightplanType", "IFR"),
        ("CruisingAlt", str(_cruise_ft(track))),
        (
            "Comment",
            f"{table.plan.name}: {track.what}. For analysis, exercise and education, not for navigation.",
        ),
        ("CreationDate", stamp(table.first_s)),
        ("FileVersion", "1.0"),
        ("ProgramName", "Longreach"),
        ("ProgramVersion", __version__),
    ):
        _text(header, name, value)
    departure = ET.SubElement(plan, "Departure")
    _pos(departure, points[0])
    ways = ET.SubElement(plan, "Waypoints")
    for number, point in enumerate(points):
        code = _code(track, number, points)
        entry = ET.SubElement(ways, "Waypoint")
        if point.name and not code:
            _text(entry, "Name", point.name)
        _text(entry, "Ident", code or point.ident)
        _text(entry, "Type", "AIRPORT" if code else "USER")
        _pos(entry, point)
    return File(f"{track.id}.lnmpln", _xml(root), _LOSSES, (_carried(track, points),))


def _pos(parent: ET.Element, point: RoutePoint) -> None:
    ET.SubElement(
        parent, "Pos", Lon=f"{_angle(point.lon):.6f}", Lat=f"{_angle(point.lat):.6f}",
        Alt=f"{point.altitude_m / FOOT:.2f}",
    )  # fmt: skip


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _xml(root: ET.Element) -> bytes:
    ET.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8") + b"\n"
