"""GeoJSON (RFC 7946): tracks cut at the antimeridian, route points, events, the user's closed areas."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.export.result import Carried, File
from longreach.export.table import Table, Track, stamp


def files(table: Table) -> tuple[File, ...]:
    """One FeatureCollection of all flights. Needs `antimeridian` (extra `export`)."""
    features: list[dict[str, Any]] = []
    for track in table.tracks:
        features.append(_line(track))
        features += [
            _feature(
                f"{track.id}-{number}",
                _point(point.lat, point.lon),
                kind="route_point",
                flight=track.id,
                name=point.name,
                point=point.kind,
                time_utc=stamp(point.time_s),
                altitude_ft=round(point.altitude_m / 0.3048, 1),
            )
            for number, point in enumerate(track.points)
        ]
    features += [
        _feature(
            event.id,
            _point(event.lat, event.lon),
            kind=event.kind,
            title=event.title,
            detail=event.detail,
            start_utc=stamp(event.start_s),
            end_utc=stamp(event.end_s),
        )
        for event in table.events
    ]
    features += [
        {"type": "Feature", **feature, "properties": {**(feature.get("properties") or {}), "kind": "closure"}}
        for feature in table.plan.closures.get("features", [])
    ]
    collection = {
        "type": "FeatureCollection",
        "features": features,
        "longreach": {
            "plan_sha256": table.sha256,
            "note": "For analysis, exercise and education. Not for navigation.",
        },
    }
    losses = (
        "levels are pressure altitude; GeoJSON means height above the ellipsoid, so lines carry none and the "
        "properties name them",
        "fuel, speeds and winds along the track are left out (csv and parquet hold them)",
        "closed States are named in the plan, not drawn",
    )
    data = json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"
    carried = tuple(Carried(track.id, track.lat, track.lon) for track in table.tracks)
    return (File("plan.geojson", data, losses, carried),)


def _feature(id: str, geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "id": id, "geometry": geometry, "properties": properties}


def _point(lat: float, lon: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}


def _line(track: Track) -> dict[str, Any]:
    """The track as a line, in pieces where it crosses 180°, and the time of every position beside it."""
    lines, times = cut(track)
    geometry: dict[str, Any] = (
        {"type": "LineString", "coordinates": lines[0]}
        if len(lines) == 1
        else {"type": "MultiLineString", "coordinates": lines}
    )
    return _feature(
        track.id,
        geometry,
        kind="track",
        role=track.flight.role,
        aircraft=track.flight.aircraft,
        count=track.flight.count,
        operator=track.flight.operator,
        origin=track.flight.origin,
        destination=track.flight.destination,
        takeoff_utc=stamp(track.flight.takeoff_s),
        landing_utc=stamp(track.flight.landing_s),
        length_nm=round(track.flight.length_m / 1852.0, 3),
        times_utc=times[0] if len(lines) == 1 else times,
    )


def cut(track: Track) -> tuple[list[list[list[float]]], list[list[str]]]:
    """Pieces of a track as [lon, lat] positions, with the time of each; a crossing of 180° is in both pieces.

    The rows lie at most 60 s apart, so the cut between two of them is found on a great circle; the time
    there is in proportion. A leg through a pole runs along the meridian and is not a crossing of 180°.
    """
    from antimeridian import fix_line_string
    from shapely import LineString

    lines: list[list[list[float]]] = [[]]
    times: list[list[str]] = [[]]

    def put(lon: float, lat: float, time_s: float) -> None:
        lines[-1].append([round(float(lon), 6), round(float(lat), 6)])
        times[-1].append(stamp(time_s))

    for i in range(track.lat.size):
        if i and abs(track.lon[i] - track.lon[i - 1]) > 180.0:
            ends = LineString([(track.lon[i - 1], track.lat[i - 1]), (track.lon[i], track.lat[i])])
            fixed = fix_line_string(ends, great_circle=True)
            if fixed.geom_type == "MultiLineString":
                before, after = fixed.geoms
                (lon1, lat1), (lon2, lat2) = before.coords[-1], after.coords[0]
                whole = float(
                    geodesy.distance(track.lat[i - 1], track.lon[i - 1], track.lat[i], track.lon[i])
                )
                part = float(geodesy.distance(track.lat[i - 1], track.lon[i - 1], lat1, lon1))
                there = track.time_s[i - 1] + np.divide(part, whole) * (track.time_s[i] - track.time_s[i - 1])
                if [round(lon1, 6), round(lat1, 6)] != lines[-1][-1]:
                    put(lon1, lat1, there)
                lines.append([])
                times.append([])
                if (round(lon2, 6), round(lat2, 6)) != (track.lon[i], track.lat[i]):
                    put(lon2, lat2, there)
        put(track.lon[i], track.lat[i], track.time_s[i])
    kept = [k for k, line in enumerate(lines) if len(line) > 1]
    return [lines[k] for k in kept], [times[k] for k in kept]
