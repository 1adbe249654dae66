"""KML 2.2 with gx:Track, plain and zipped (KMZ): every aircraft moves on the viewer's time slider."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from longreach.export.result import Carried, File
from longreach.export.table import Event, Table, Track, moment

KML = "http://www.opengis.net/kml/2.2"
GX = "http://www.google.com/kml/ext/2.2"
_COLOURS = {"lead": "ff2f6fe0", "partner": "ff3aa655", "tanker": "ffb5651d"}  # aabbggrr
_LOSSES = (
    "heights are pressure altitudes written as metres above sea level",
    "fuel, speeds and winds are left out; closed States are not drawn",
)


def files(table: Table) -> tuple[File, ...]:
    """plan.kml: a folder for each flight and one of events. Needs `fastkml` and `lxml` (extra `export`)."""
    return (File("plan.kml", _document(table), _LOSSES, _carried(table)),)


def zipped(table: Table) -> tuple[File, ...]:
    """plan.kmz: the same document, zipped with fixed times so that one plan gives one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        entry = zipfile.ZipInfo("doc.kml", date_time=(1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, _document(table))
    return (File("plan.kmz", packed.getvalue(), _LOSSES, _carried(table)),)


def _carried(table: Table) -> tuple[Carried, ...]:
    return tuple(Carried(track.id, track.lat, track.lon) for track in table.tracks)


def _document(table: Table) -> bytes:
    from fastkml import containers, kml, styles
    from lxml import etree

    shared: list[Any] = [
        styles.Style(id=f"role-{role}", styles=[styles.LineStyle(color=colour, width=3)])
        for role, colour in _COLOURS.items()
    ]
    folders: list[Any] = [_folder(track, number) for number, track in enumerate(table.tracks)]
    folders.append(
        containers.Folder(id="events", name="Events", features=[_event(event) for event in table.events])
    )
    document = containers.Document(
        id="plan",
        name=table.plan.name,
        styles=shared,
        features=folders,
        description=f"Longreach plan, SHA-256 {table.sha256}. For analysis, exercise and education. "
        "Not for navigation.",
    )
    root: Any = kml.KML(features=[document]).etree_element()
    # One declaration at the top, KML's own names without a prefix: some viewers read only that.
    etree.cleanup_namespaces(root, top_nsmap={None: KML, "gx": GX})
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _folder(track: Track, number: int) -> Any:
    from fastkml import containers, enums, features, gx, styles
    from fastkml.times import KmlDateTime
    from pygeoif.geometry import Point

    items = [
        gx.TrackItem(
            when=KmlDateTime(moment(time)),
            coord=Point(round(float(lon), 6), round(float(lat), 6), round(float(up), 1)),
        )
        for time, lat, lon, up in zip(track.time_s, track.lat, track.lon, track.altitude_m, strict=True)
    ]
    line = features.Placemark(
        id=f"track-{number}",
        name=track.id,
        description=track.what,
        style_url=styles.StyleUrl(url=f"#role-{track.flight.role}"),
        kml_geometry=gx.Track(track_items=items, altitude_mode=enums.AltitudeMode.absolute),
    )
    points = [
        features.Placemark(
            id=f"point-{number}-{k}",
            name=point.name,
            geometry=Point(round(point.lon, 6), round(point.lat, 6)),
        )
        for k, point in enumerate(track.points)
        if point.name
    ]
    return containers.Folder(id=f"flight-{number}", name=track.what, features=[line, *points])


def _event(event: Event) -> Any:
    from fastkml import features, times
    from fastkml.times import KmlDateTime
    from pygeoif.geometry import Point

    begin, end = KmlDateTime(moment(event.start_s)), KmlDateTime(moment(event.end_s))
    return features.Placemark(
        id=f"event-{event.id}",
        name=event.title,
        description=event.detail or None,
        times=times.TimeStamp(timestamp=begin)
        if event.end_s == event.start_s
        else times.TimeSpan(begin=begin, end=end),
        geometry=Point(round(event.lon, 6), round(event.lat, 6)),
    )
