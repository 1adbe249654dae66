"""Every format read back by a reader that is not ours, or by a strict one of its own: points, times, lengths.

The readers: GDAL (in pyogrio) for GeoJSON, KML and GPX, fastkml's KML 2.2 schema, DuckDB for Parquet and CSV,
xmlschema on the part of GPX 1.1 that is written here, and for CZML and the simulators' plans readers that know
only the published description.
"""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod

from longreach import export as exporting
from longreach.export import czml, fpl, geojson, gpx, ics, kml, simulators, tables
from longreach.export.table import Table, stamp

pytestmark = pytest.mark.xdist_group("export")
GEOD = Geod(ellps="WGS84")


def length_nm(lon, lat) -> float:
    return GEOD.line_length(lon, lat) / 1852.0


def seconds(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def through_gdal(data: bytes, name: str, folder: Path):
    """Layers of a file as GDAL reads them: {layer: (fields, geometries as shapely)}."""
    import pyogrio
    import shapely

    path = folder / name
    path.write_bytes(data)
    found = {}
    for layer, _ in pyogrio.list_layers(path):
        meta, _, geometry, values = pyogrio.raw.read(path, layer=layer)
        fields = dict(zip(meta["fields"], values, strict=True))
        found[layer] = fields, shapely.from_wkb(geometry)
    return found


def test_geojson_obeys_its_rfc_and_gdal_reads_it(example, tmp_path) -> None:
    _, table = example
    (file,) = geojson.files(table)
    document = json.loads(file.data)
    crossing = 0
    for feature in document["features"]:
        geometry = feature["geometry"]
        lines = {"LineString": lambda c: [c], "MultiLineString": lambda c: c, "Point": lambda c: [[c]]}
        for line in lines[geometry["type"]](geometry["coordinates"]):
            assert all(-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0 for lon, lat in line)
            assert all(abs(a[0] - b[0]) <= 180.0 for a, b in pairwise(line))
        if feature["properties"].get("kind") == "track" and geometry["type"] == "MultiLineString":
            crossing += 1
            for one, other in pairwise(geometry["coordinates"]):
                assert abs(one[-1][0]) == abs(other[0][0]) == 180.0 and one[-1][0] == -other[0][0]
                assert one[-1][1] == other[0][1]
            times = feature["properties"]["times_utc"]
            assert [len(part) for part in times] == [len(part) for part in geometry["coordinates"]]
            flat = [seconds(time) for part in times for time in part]
            assert flat == sorted(flat)
    if "Tokyo" in table.plan.name:
        assert crossing == 1
    ((fields, shapes),) = through_gdal(file.data, "plan.geojson", tmp_path).values()
    for track in table.tracks:
        (k,) = [
            k
            for k, (kind, id) in enumerate(zip(fields["kind"], fields["id"], strict=True))
            if (kind, id) == ("track", track.id)
        ]
        parts = getattr(shapes[k], "geoms", [shapes[k]])
        measured = sum(length_nm(*np.array(part.coords).T) for part in parts)
        assert measured == pytest.approx(track.flight.length_m / 1852.0, rel=1e-3)
        positions = np.concatenate([np.array(part.coords) for part in parts])
        rows = {(round(lon, 6), round(lat, 6)) for lon, lat in zip(track.lon, track.lat, strict=True)}
        cut = 2 * (len(parts) - 1)
        assert len({tuple(p) for p in positions} - rows) <= cut


def test_kml_is_valid_and_holds_every_row(example, tmp_path) -> None:
    from fastkml.validator import validate
    from lxml import etree

    _, table = example
    (file,) = kml.files(table)
    assert validate(element=etree.fromstring(file.data))
    space = {"k": kml.KML, "gx": kml.GX}
    root = ET.fromstring(file.data)
    found = root.findall(".//gx:Track", space)
    assert len(found) == len(table.tracks)
    for element, track in zip(found, table.tracks, strict=True):
        whens = [seconds(when.text) for when in element.findall("k:when", space)]
        coords = np.array([[float(x) for x in c.text.split()] for c in element.findall("gx:coord", space)])
        assert np.array_equal(whens, track.time_s)
        assert np.abs(coords[:, 0] - track.lon).max() <= 5.1e-7
        assert np.abs(coords[:, 1] - track.lat).max() <= 5.1e-7
        assert np.abs(coords[:, 2] - track.altitude_m).max() <= 0.051
    layers = through_gdal(file.data, "plan.kml", tmp_path)
    assert any(len(shapes) for _, shapes in layers.values())
    # The archive holds the same document.
    (packed,) = kml.zipped(table)
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        assert archive.namelist() == ["doc.kml"] and archive.read("doc.kml") == file.data


def test_a_broken_kml_is_refused_by_the_schema(gulf) -> None:
    from fastkml.validator import validate
    from lxml import etree

    (file,) = kml.files(gulf[1])
    broken = file.data.replace(
        b"<altitudeMode>absolute</altitudeMode>", b"<altitudeMode>high</altitudeMode>", 1
    )
    assert broken != file.data
    with pytest.raises(AssertionError):
        validate(element=etree.fromstring(broken))


def test_czml_says_where_each_aircraft_is(example) -> None:
    """The substitute for Cesium's reader: what the CZML guide asks, read by its words alone."""
    _, table = example
    (file,) = czml.files(table)
    packets = json.loads(file.data)
    head, *rest = packets
    assert head["id"] == "document" and head["version"] == "1.0"
    start, end = (seconds(t) for t in head["clock"]["interval"].split("/"))
    assert (start, end) == (table.first_s, table.last_s)
    assert len({packet["id"] for packet in packets}) == len(packets)
    aircraft = {packet["id"]: packet for packet in rest if packet["id"].startswith("flight-")}
    for track in table.tracks:
        packet = aircraft[f"flight-{track.id}"]
        values = np.array(packet["position"]["cartographicDegrees"]).reshape(-1, 4)
        times = seconds(packet["position"]["epoch"]) + values[:, 0]
        assert np.array_equal(times, track.time_s)
        assert np.diff(values[:, 0]).max() <= 60.0  # linear in between is then low by 4 m at most
        assert np.abs(values[:, 1] - track.lon).max() <= 5.1e-7
        assert np.abs(values[:, 2] - track.lat).max() <= 5.1e-7
        assert [seconds(t) for t in packet["availability"].split("/")] == [times[0], times[-1]]


# The part of GPX 1.1 that is written, in the order its description gives.
GPX_SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="http://www.topografix.com/GPX/1/1"
  targetNamespace="http://www.topografix.com/GPX/1/1" elementFormDefault="qualified">
  <xs:simpleType name="lat"><xs:restriction base="xs:decimal">
    <xs:minInclusive value="-90"/><xs:maxInclusive value="90"/>
  </xs:restriction></xs:simpleType>
  <xs:simpleType name="lon"><xs:restriction base="xs:decimal">
    <xs:minInclusive value="-180"/><xs:maxExclusive value="180"/>
  </xs:restriction></xs:simpleType>
  <xs:complexType name="point">
    <xs:sequence>
      <xs:element name="ele" type="xs:decimal" minOccurs="0"/>
      <xs:element name="time" type="xs:dateTime" minOccurs="0"/>
      <xs:element name="name" type="xs:string" minOccurs="0"/>
      <xs:element name="type" type="xs:string" minOccurs="0"/>
    </xs:sequence>
    <xs:attribute name="lat" type="lat" use="required"/>
    <xs:attribute name="lon" type="lon" use="required"/>
  </xs:complexType>
  <xs:complexType name="metadata"><xs:sequence>
    <xs:element name="name" type="xs:string" minOccurs="0"/>
    <xs:element name="desc" type="xs:string" minOccurs="0"/>
    <xs:element name="time" type="xs:dateTime" minOccurs="0"/>
  </xs:sequence></xs:complexType>
  <xs:complexType name="route"><xs:sequence>
    <xs:element name="name" type="xs:string" minOccurs="0"/>
    <xs:element name="desc" type="xs:string" minOccurs="0"/>
    <xs:element name="rtept" type="point" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType>
  <xs:complexType name="segment"><xs:sequence>
    <xs:element name="trkpt" type="point" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType>
  <xs:complexType name="track"><xs:sequence>
    <xs:element name="name" type="xs:string" minOccurs="0"/>
    <xs:element name="desc" type="xs:string" minOccurs="0"/>
    <xs:element name="type" type="xs:string" minOccurs="0"/>
    <xs:element name="trkseg" type="segment" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType>
  <xs:element name="gpx"><xs:complexType>
    <xs:sequence>
      <xs:element name="metadata" type="metadata" minOccurs="0"/>
      <xs:element name="rte" type="route" minOccurs="0" maxOccurs="unbounded"/>
      <xs:element name="trk" type="track" minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence>
    <xs:attribute name="version" type="xs:string" fixed="1.1" use="required"/>
    <xs:attribute name="creator" type="xs:string" use="required"/>
  </xs:complexType></xs:element>
</xs:schema>"""


def test_gpx_keeps_its_order_and_gdal_reads_it(example, tmp_path) -> None:
    import xmlschema

    _, table = example
    (file,) = gpx.files(table)
    schema = xmlschema.XMLSchema(GPX_SCHEMA)
    root = ET.fromstring(file.data)
    for name in [name for name in root.attrib if "schemaLocation" in name]:
        del root.attrib[name]
    schema.validate(root)
    routes = root.findall("{*}rte")
    routes[0].append(routes[0].find("{*}name"))  # the name after the points: no longer GPX
    routes[0].remove(routes[0].find("{*}name"))
    assert not schema.is_valid(root)
    layers = through_gdal(file.data, "plan.gpx", tmp_path)
    fields, points = layers["track_points"]
    _, lines = layers["tracks"]
    assert len(lines) == len(table.tracks)
    lon, lat = np.array([(p.x, p.y) for p in points]).T
    assert np.abs(lon - np.concatenate([t.lon for t in table.tracks])).max() <= 5.1e-7
    assert np.abs(lat - np.concatenate([t.lat for t in table.tracks])).max() <= 5.1e-7
    assert np.abs(fields["ele"] - np.concatenate([t.altitude_m for t in table.tracks])).max() <= 0.051
    _, route_points = layers["route_points"]
    assert len(route_points) == sum(len(track.points) for track in table.tracks)


def test_parquet_and_csv_are_read_by_duckdb(example, tmp_path) -> None:
    import duckdb

    document, table = example
    (parquet,) = tables.geoparquet(table)
    (tmp_path / "t.parquet").write_bytes(parquet.data)
    columns = "flight, epoch(time_utc)::BIGINT, lat, lon, fuel_kg, mass_kg, phase"
    rows = duckdb.sql(f"select {columns} from '{tmp_path / 't.parquet'}'").fetchall()
    expected = [
        (flight["id"], int(seconds(row[0])), row[1], row[2], row[9], row[8], row[10])
        for flight in document["flights"]
        for row in flight["track"]["rows"]
    ]
    assert rows == expected  # to the last bit: nothing is rounded
    (geo,) = duckdb.sql(
        f"select decode(value) from parquet_kv_metadata('{tmp_path / 't.parquet'}') where decode(key) = 'geo'"
    ).fetchall()[0]
    assert json.loads(geo)["columns"]["geometry"]["encoding"] == "WKB"
    import shapely

    shapes = duckdb.sql(f"select geometry from '{tmp_path / 't.parquet'}' limit 5").fetchall()
    assert [(shapely.from_wkb(bytes(s)).y, shapely.from_wkb(bytes(s)).x) for (s,) in shapes] == [
        (row[2], row[3]) for row in expected[:5]
    ]
    track, events = tables.comma_separated(table)
    (tmp_path / "t.csv").write_bytes(track.data)
    as_csv = duckdb.sql(
        f"select flight, epoch(time_utc)::BIGINT, lat, lon, fuel_kg, mass_kg, phase from read_csv('{tmp_path / 't.csv'}')"
    ).fetchall()
    assert as_csv == expected
    assert b"\r" not in track.data
    listed = list(csv.DictReader(io.StringIO(events.data.decode())))
    assert [seconds(row["start_utc"]) for row in listed] == [event.start_s for event in table.events]


def test_the_calendar_holds_every_event(example) -> None:
    from icalendar import Calendar

    _, table = example
    (file,) = ics.files(table)
    entries = Calendar.from_ical(file.data).walk("VEVENT")
    assert len(entries) == len(table.events)
    for entry, event in zip(entries, table.events, strict=True):
        assert entry["DTSTART"].dt.timestamp() == event.start_s
        assert str(entry["SUMMARY"]) == event.title
        end = entry["DTEND"].dt.timestamp() if "DTEND" in entry else event.start_s
        assert end == max(event.end_s, event.start_s)
    assert len({str(entry["UID"]) for entry in entries}) == len(entries)


def fms_points(text: str) -> list[tuple[int, str, str, float, float, float]]:
    """X-Plane's description of version 1100, and nothing else."""
    head, version, cycle, *rest = text.splitlines()
    assert head == "I" and version == "1100 Version" and re.fullmatch(r"CYCLE \d{4}", cycle)
    departure, destination, count = rest[:3]
    assert re.fullmatch(r"A?DEP \S+", departure) and re.fullmatch(r"A?DES \S+", destination)
    rows = [row.split() for row in rest[3:]]
    assert count == f"NUMENR {len(rows)}"
    assert [row[2] for row in rows] == ["ADEP", *["DRCT"] * (len(rows) - 2), "ADES"]
    for row in rows:
        assert row[0] == "1" or (row[0] == "28" and re.fullmatch(r"[+-]\d\d\.\d{3}_[+-]\d{3}\.\d{3}", row[1]))
    return [(int(k), ident, via, float(alt), float(lat), float(lon)) for k, ident, via, alt, lat, lon in rows]


def test_xplane_plans_follow_the_route(example) -> None:
    _, table = example
    for file, track in zip(simulators.xplane(table), table.tracks, strict=True):
        points = fms_points(file.data.decode())
        assert (points[0][1], points[-1][1]) == (track.flight.origin, track.flight.destination)
        assert_on_track([(p[4], p[5]) for p in points], track, 1e-6)


def test_simulator_plans_follow_the_route(example) -> None:
    _, table = example
    for file, track in zip(simulators.msfs(table), table.tracks, strict=True):
        root = ET.fromstring(file.data)
        assert root.tag == "SimBase.Document" and root.attrib == {"Type": "AceXML", "version": "1,0"}
        points = []
        for element in root.iter("ATCWaypoint"):
            match = re.fullmatch(
                r"([NS])(\d+)° (\d+)' (\d+\.\d\d)\",([EW])(\d+)° (\d+)' (\d+\.\d\d)\",([+-]\d{6}\.\d\d)",
                element.findtext("WorldPosition"),
            )
            assert match
            lat = int(match[2]) + int(match[3]) / 60 + float(match[4]) / 3600
            lon = int(match[6]) + int(match[7]) / 60 + float(match[8]) / 3600
            assert int(match[3]) < 60 and float(match[4]) < 60 and int(match[7]) < 60 and float(match[8]) < 60
            points.append((lat if match[1] == "N" else -lat, lon if match[5] == "E" else -lon))
        assert_on_track(points, track, 0.006 / 3600)
    for file, track in zip(simulators.little_navmap(table), table.tracks, strict=True):
        root = ET.fromstring(file.data)
        points = [
            (float(pos.get("Lat")), float(pos.get("Lon")))
            for pos in root.iterfind("Flightplan/Waypoints/Waypoint/Pos")
        ]
        assert root.findtext("Flightplan/Header/FileVersion") == "1.0"
        assert_on_track(points, track, 1e-6)


def assert_on_track(points, track, degrees: float) -> None:
    """Every route vertex is there in order, to the rounding; what is added lies on the flown line."""
    lat, lon = np.array(points).T
    rest = iter(range(len(points)))
    for vertex in track.points:
        assert any(
            abs(lat[k] - vertex.lat) <= degrees and abs((lon[k] - vertex.lon + 180) % 360 - 180) <= degrees
            for k in rest
        ), vertex
    assert length_nm(lon, lat) == pytest.approx(track.flight.length_m / 1852.0, rel=1e-3)
    _, _, legs = GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    assert max(legs) <= 200.001 * 1852.0


def test_the_flight_plan_message_reads_back(example) -> None:
    _, table = example
    for file, track in zip(fpl.files(table), table.tracks, strict=True):
        text = file.data.decode()
        assert "NOT FOR FILING" in text.splitlines()[0] and "RMK/NOT FOR FILING" in text
        assert max(len(line) for line in text.splitlines()[2:]) <= 69
        message = " ".join(text[text.index("(FPL") :].split())
        match = re.fullmatch(
            r"\(FPL-([A-Z0-9]{1,7})-IX -(\d{0,2})([A-Z][A-Z0-9]{1,3})/([LMH])-Z/N -([A-Z]{4})(\d{4}) "
            r"-N(\d{4})F(\d{3}) (.*?) -([A-Z]{4})(\d{2})(\d{2}) -(.*)\)",
            message,
        )
        assert match, message
        takeoff = datetime.fromisoformat(stamp(track.flight.takeoff_s).replace("Z", "+00:00"))
        assert match[6] == f"{takeoff:%H%M}" and f"DOF/{takeoff:%y%m%d}" in match[13]
        minutes = 60 * int(match[11]) + int(match[12])
        assert 0 <= minutes * 60 - track.flight.duration_s < 60
        assert (match[2] or "1") == str(track.flight.count)
        words = [word for word in match[9].split() if word != "DCT"]
        points = []
        for word in words:
            p = re.fullmatch(r"(\d\d)(\d\d)([NS])(\d{3})(\d\d)([EW])(?:/N\d{4}F\d{3})?", word)
            assert p and int(p[2]) < 60 and int(p[5]) < 60, word
            lat, lon = int(p[1]) + int(p[2]) / 60, int(p[4]) + int(p[5]) / 60
            points.append((lat if p[3] == "N" else -lat, lon if p[6] == "E" else -lon))
        # Every vertex between the ends has a point within 0.71 nm.
        for vertex in track.points[1:-1]:
            _, _, off = GEOD.inv(
                [vertex.lon] * len(points), [vertex.lat] * len(points), *reversed(np.array(points).T.tolist())
            )
            assert min(off) <= 0.71 * 1852.0


@pytest.mark.parametrize(
    ("lat", "lon", "text"),
    [
        (59.9999, 179.9999, "6000N18000E"),
        (-0.001, -0.001, "0000N00000E"),
        (-89.99, -179.995, "8959S18000W"),
        (90.0, 0.0, "9000N00000E"),
        (12.9917, -9.9917, "1300N01000W"),
    ],
)  # fmt: skip
def test_minutes_carry_into_degrees(lat, lon, text) -> None:
    assert fpl.position(lat, lon) == text


def test_the_airac_cycle_follows_the_calendar() -> None:
    from datetime import date

    # Effective dates published by ICAO and Eurocontrol.
    for on, cycle in (
        (date(2020, 1, 2), "2001"), (date(2020, 12, 31), "2014"), (date(2021, 1, 28), "2101"), (date(2022, 1, 27), "2201"),
        (date(2024, 12, 25), "2412"), (date(2024, 12, 26), "2413"), (date(2025, 1, 23), "2501"), (date(2026, 1, 22), "2601"),
    ):  # fmt: skip
        assert simulators.airac(on) == cycle


def test_the_same_plan_gives_the_same_bytes_and_new_values_other_ones(gulf) -> None:
    document, _ = gulf
    one = exporting.export(document, ["all"])
    two = exporting.export(json.loads(json.dumps(document)), ["all"])
    assert [(a.format, a.file.name, a.file.data) for a in one] == [
        (b.format, b.file.name, b.file.data) for b in two
    ]
    assert {each.format for each in one} == set(exporting.FORMATS)
    assert len({each.file.name for each in one}) == len(one)
    assert all(each.file.losses for each in one)


def test_a_vertex_no_row_lies_on_is_refused(gulf) -> None:
    from longreach.errors import InputError
    from longreach.export import table

    document = json.loads(json.dumps(gulf[0]))
    document["flights"][0]["route"][3]["lat"] += 0.001
    with pytest.raises(InputError, match=r"no row of flight lead lies at 35\.951"):
        table.read(document)


def test_points_added_to_a_route_lie_on_its_geodesics(example) -> None:
    from longreach.export.table import split

    _, table = example
    for track in table.tracks:
        points = split(track, 50.0 * 1852.0)
        total = length_nm([p.lon for p in points], [p.lat for p in points])
        planned = length_nm([p.lon for p in track.points], [p.lat for p in track.points])
        assert total == pytest.approx(planned, rel=1e-9)
        times = [p.time_s for p in points]
        assert times == sorted(times)


def test_an_empty_plan_is_refused_and_a_table_type(gulf) -> None:
    from longreach.errors import InputError

    assert isinstance(gulf[1], Table)
    document = {**gulf[0], "flights": [], "refuellings": [], "joins": [], "airspace": [], "overflight": []}
    with pytest.raises(InputError, match="no flight"):
        exporting.export(document, ["gpx"])
    with pytest.raises(InputError, match="did you mean geojson"):
        exporting.export(gulf[0], ["geojsn"])
