"""CZML, the language of Cesium: every aircraft with its path on one clock."""

from __future__ import annotations

from typing import Any

from longreach.export.result import Carried, File
from longreach.export.table import Table, Track, moment, stamp

_COLOURS = {"lead": [224, 111, 47, 255], "partner": [85, 166, 58, 255], "tanker": [29, 101, 181, 255]}


def files(table: Table) -> tuple[File, ...]:
    """One document, positions at the plan's rows. Needs `czml3` (extra `export`)."""
    from czml3 import CZML_VERSION, Clock, Document, IntervalValue, Packet, TimeInterval
    from czml3.properties import Point, Position

    whole = TimeInterval(start=moment(table.first_s), end=moment(table.last_s))
    packets = [
        Packet(
            id="document",
            name=table.plan.name,
            version=CZML_VERSION,
            description=f"Longreach plan, SHA-256 {table.sha256}. For analysis, exercise and education. "
            "Not for navigation.",
            clock=IntervalValue(
                start=whole.start,
                end=whole.end,
                value=Clock(currentTime=moment(table.first_s), multiplier=600),
            ),
        ),
        *(_aircraft(track) for track in table.tracks),
        *(
            Packet(
                id=f"event-{event.id}",
                name=event.title,
                description=event.detail or None,
                availability=TimeInterval(
                    start=moment(event.start_s), end=moment(max(event.end_s, event.start_s + 60))
                ),
                position=Position(cartographicDegrees=[round(event.lon, 6), round(event.lat, 6), 0.0]),
                point=Point(pixelSize=6),
            )
            for event in table.events
        ),
    ]
    losses = (
        "heights are pressure altitudes; CZML means height above the ellipsoid",
        "between rows, at most 60 s apart, Cesium goes straight through the ground's curve: up to 4 m low",
        "fuel, speeds and winds are left out; closed States are not drawn",
    )
    data = Document(packets=packets).dumps(indent=None).encode() + b"\n"
    carried = tuple(Carried(track.id, track.lat, track.lon) for track in table.tracks)
    return (File("plan.czml", data, losses, carried),)


def _aircraft(track: Track) -> Any:
    from czml3 import Color, Packet, TimeInterval
    from czml3.enums import InterpolationAlgorithms
    from czml3.properties import Label, Path, Point, PolylineMaterial, Position, SolidColorMaterial
    from czml3.types import Cartesian2Value

    began = track.time_s[0]
    values: list[float] = []
    for time, lat, lon, up in zip(track.time_s, track.lat, track.lon, track.altitude_m, strict=True):
        values += [
            round(float(time - began), 0),
            round(float(lon), 6),
            round(float(lat), 6),
            round(float(up), 1),
        ]
    colour = Color(rgba=_COLOURS[track.flight.role])
    return Packet(
        id=f"flight-{track.id}",
        name=track.what,
        availability=TimeInterval(start=moment(began), end=moment(track.time_s[-1])),
        position=Position(
            epoch=stamp(began),
            cartographicDegrees=values,
            interpolationAlgorithm=InterpolationAlgorithms.LINEAR,
            interpolationDegree=1,
        ),
        point=Point(pixelSize=8, color=colour),
        path=Path(
            width=2, material=PolylineMaterial(solidColor=SolidColorMaterial(color=colour)), resolution=60
        ),
        label=Label(text=track.id, font="12px sans-serif", pixelOffset=Cartesian2Value(values=[8, -8])),
    )
