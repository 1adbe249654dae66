"""GPX 1.1: the route of every flight as `rte`, what is flown as `trk` with times."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from longreach.export.result import Carried, File
from longreach.export.table import Table, moment


def files(table: Table) -> tuple[File, ...]:
    """One document of all flights. Needs `gpxpy` (extra `export`)."""
    from gpxpy import gpx

    document: Any = gpx.GPX()
    document.creator = "Longreach"
    document.name = table.plan.name
    document.description = "For analysis, exercise and education. Not for navigation."
    document.time = moment(table.first_s)
    for track in table.tracks:
        route = gpx.GPXRoute(name=track.id, description=track.what)
        route.points = [
            gpx.GPXRoutePoint(
                round(point.lat, 6),
                round(point.lon, 6),
                round(point.altitude_m, 1),
                time=moment(point.time_s),
                name=point.name or point.ident,
                type=point.kind,
            )
            for point in track.points
        ]
        document.routes.append(route)
        flown: Any = gpx.GPXTrack(name=track.id, description=track.what)
        flown.type = track.flight.aircraft
        segment = gpx.GPXTrackSegment()
        segment.points = [
            gpx.GPXTrackPoint(
                round(float(lat), 6),
                round(float(lon), 6),
                round(float(up), 1),
                time=moment(time).astimezone(UTC),
            )
            for time, lat, lon, up in zip(track.time_s, track.lat, track.lon, track.altitude_m, strict=True)
        ]
        flown.segments.append(segment)
        document.tracks.append(flown)
    losses = (
        "elevations are pressure altitudes in metres",
        "GPX has no rule for the antimeridian: longitudes stay within -180 to 180, and a viewer may draw a line "
        "right across",
        "fuel, speeds, winds and closed airspace are left out",
    )
    data = document.to_xml(version="1.1", prettyprint=True).encode() + b"\n"
    carried = tuple(Carried(track.id, track.lat, track.lon) for track in table.tracks)
    return (File("plan.gpx", data, losses, carried),)
