"""Readers of other programs' routes: GPX, KML and KMZ, GeoJSON, X-Plane, MSFS, Little Navmap, ICAO messages.

Each takes the bytes of a file and gives the lines in it, accepting what programs write in practice; what had
to be guessed is said in the line. Only standard parsers are used; a document type declaration is refused,
because an XML bomb needs one.
"""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from longreach.errors import Fault, InputError
from longreach.export.fpl import DESIGNATORS, place
from longreach.importing.coordinates import angle, number
from longreach.importing.line import Line, Point
from longreach.units import FOOT

LARGEST = 64 * 1024 * 1024  # bytes, also of what a KMZ unpacks to


def read(data: bytes, file: str) -> list[Line]:
    """The routes, then the tracks, of a file; its format is told by its content, not by its name.

    Raises: InputError naming the file, and the line where the fault has one.
    """
    if len(data) > LARGEST:
        raise InputError(Fault(f"is larger than {LARGEST // 2**20} MiB: not a route", file=file))
    if data[:2] == b"PK":
        return _kmz(data, file)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    reader = _reader(text, file)
    try:
        lines = reader(text, file)
    except ValueError as error:
        raise InputError(Fault(str(error), file=file)) from error
    if not any(line.points for line in lines):
        raise InputError(
            Fault(
                "holds no route and no track", file=file, hint="waypoints alone have no order to fly them in"
            )
        )
    return sorted((line for line in lines if line.points), key=lambda line: line.kind != "route")


def _reader(text: str, file: str) -> Callable[[str, str], list[Line]]:
    head = text.lstrip()[:4000]
    if head.startswith("<"):
        for mark, reader in (
            ("<gpx", _gpx),
            ("<kml", _kml),
            (":kml", _kml),
            ("SimBase.Document", _pln),
            ("LittleNavmap", _lnmpln),
        ):
            if mark in head:
                return reader
        raise InputError(
            Fault(
                "is XML, but no GPX, KML, MSFS or Little Navmap plan",
                file=file,
                hint="see `longreach import --help`",
            )
        )
    if head.startswith(("{", "[")):
        return _geojson
    if re.match(r"[IA]\s+1100 Version|[IA]\s+3 version", head):
        return _fms
    if "(FPL" in text:
        return _fpl
    raise InputError(
        Fault(
            "is in no format that is read: GPX, KML, KMZ, GeoJSON, .fms (X-Plane 11), .pln (MSFS, P3D), .lnmpln, "
            "ICAO FPL",
            file=file,
        )
    )


# ---------------------------------------------------------------------------------------------------------
# XML


def _xml(text: str, file: str) -> ET.Element:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InputError(
            Fault("has a document type declaration, which is not read", file=file, hint="remove it")
        )
    try:
        return ET.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except ET.ParseError as error:
        raise InputError(
            Fault(f"is not well-formed XML: {error.msg.split(':')[0]}", file=file, line=error.position[0])
        ) from error


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(root: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in root.iter() if _name(element) == name]


def _child(element: ET.Element, name: str) -> str | None:
    found = next((child for child in element if _name(child) == name), None)
    return None if found is None or found.text is None else found.text.strip()


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _height(text: str | None) -> float | None:
    try:
        return None if text is None else number(text)
    except ValueError:
        return None


def _gpx(text: str, file: str) -> list[Line]:
    root = _xml(text, file)

    def point(element: ET.Element) -> Point:
        lat, lon = (number(element.get(axis)) for axis in ("lat", "lon"))
        return Point(
            lat,
            lon,
            _child(element, "name") or "",
            _height(_child(element, "ele")),
            _time(_child(element, "time")),
        )

    lines = []
    for kind, line, leg in (("route", "rte", "rtept"), ("track", "trk", "trkpt")):
        for element in _all(root, line):
            segments = len(_all(element, "trkseg"))
            guesses = (f"{segments} segments of the track are joined",) if segments > 1 else ()
            points = tuple(point(each) for each in _all(element, leg))
            lines.append(Line("GPX", _child(element, "name") or "", kind, points, guesses=guesses))
    return lines


def _kmz(data: bytes, file: str) -> list[Line]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".kml")]
            entry = next(
                (each for each in inside if each.filename == "doc.kml"), inside[0] if inside else None
            )
            if entry is None:
                raise InputError(Fault("is a zip without a .kml in it", file=file))
            if entry.file_size > LARGEST:
                raise InputError(Fault(f"unpacks to more than {LARGEST // 2**20} MiB", file=file))
            text, name = archive.read(entry), entry.filename
    except InputError:
        raise
    except Exception as error:  # zipfile raises a dozen kinds over a damaged archive
        raise InputError(Fault(f"is a damaged zip: {error}".splitlines()[0], file=file)) from error
    if text[:2] == b"PK":
        raise InputError(Fault("is a zip within a zip", file=file))
    return read(text, f"{file}:{name}")


def _kml(text: str, file: str) -> list[Line]:
    root = _xml(text, file)
    lines = []
    for mark in _all(root, "Placemark"):
        name = _child(mark, "name") or ""
        for element in mark.iter():
            if _name(element) == "LineString":
                points = [_kml_point(each) for each in (_child(element, "coordinates") or "").split()]
                lines.append(Line("KML", name, "route" if len(points) <= 100 else "track", tuple(points)))
            elif _name(element) == "Track":
                whens = [(each.text or "").strip() for each in element if _name(each) == "when"]
                coords = [(each.text or "").split() for each in element if _name(each) == "coord"]
                if len(whens) != len(coords):
                    raise ValueError(f"the track {name!r} has {len(whens)} times and {len(coords)} positions")
                points = [
                    Point(number(c[1]), number(c[0]), "", number(c[2]) if len(c) > 2 else None, _time(when))
                    for when, c in zip(whens, coords, strict=True)
                    if len(c) >= 2
                ]
                lines.append(Line("KML", name, "track", tuple(points)))
    return lines


def _kml_point(text: str) -> Point:
    parts = text.split(",")
    if len(parts) < 2:
        raise ValueError(f"{text!r} is no KML position; they are lon,lat[,height] without spaces")
    return Point(
        number(parts[1]), number(parts[0]), "", number(parts[2]) if len(parts) > 2 and parts[2] else None
    )


def _pln(text: str, file: str) -> list[Line]:
    root = _xml(text, file)
    points = []
    guesses = []
    for element in _all(root, "ATCWaypoint"):
        lla = _child(element, "WorldPosition")
        if lla is None:
            guesses.append(f"waypoint {element.get('id')} has no position and is left out")
            continue
        points.append(_world_position(lla, element.get("id") or ""))
    return [
        Line(
            "MSFS plan",
            next((t.text or "" for t in _all(root, "Title")), ""),
            "route",
            tuple(points),
            guesses=tuple(guesses),
        )
    ]


def _world_position(text: str, name: str) -> Point:
    parts = text.split(",")
    if len(parts) not in (2, 3):
        raise ValueError(f"{text!r} is no WorldPosition (latitude, longitude, height)")
    (lat, _), (lon, _) = angle(parts[0]), angle(parts[1])
    return Point(lat, lon, name, number(parts[2]) * FOOT if len(parts) == 3 else None)


def _lnmpln(text: str, file: str) -> list[Line]:
    root = _xml(text, file)
    points = []
    guesses = []
    for element in _all(root, "Waypoint"):
        pos = next((child for child in element if _name(child) == "Pos"), None)
        name = _child(element, "Name") or _child(element, "Ident") or ""
        if pos is None:
            guesses.append(f"waypoint {name!r} has no position and is left out")
            continue
        height = _height(pos.get("Alt"))
        points.append(
            Point(
                number(pos.get("Lat")),
                number(pos.get("Lon")),
                name,
                None if height is None else height * FOOT,
            )
        )
    return [Line("Little Navmap plan", "", "route", tuple(points), guesses=tuple(guesses))]


# ---------------------------------------------------------------------------------------------------------
# Text


def _geojson(text: str, file: str) -> list[Line]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(Fault(f"is not JSON: {error.msg}", file=file, line=error.lineno)) from error
    except RecursionError as error:
        raise InputError(Fault("is nested too deeply to be GeoJSON", file=file)) from error
    lines: list[Line] = []
    for feature in _features(document):
        properties = feature.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        geometry = feature.get("geometry")
        kind, parts = _chains(geometry)
        name = str(properties.get("name") or feature.get("id") or "")
        times = properties.get("times_utc")
        for number_, part in enumerate(parts):
            stamps = times[number_] if times and kind == "MultiLineString" and number_ < len(times) else times
            points = []
            for k, position in enumerate(part):
                stamp = stamps[k] if isinstance(stamps, list) and k < len(stamps) else None
                points.append(_position(position, k, name, stamp if isinstance(stamp, str) else None))
            if number_ and lines and kind == "MultiLineString":
                joined = lines[-1]
                note = "the pieces of a MultiLineString are joined in their order"
                lines[-1] = Line(
                    joined.format,
                    joined.name,
                    joined.kind,
                    (*joined.points, *points),
                    joined.aircraft,
                    joined.guesses if note in joined.guesses else (*joined.guesses, note),
                )
                continue
            timed = any(point.time for point in points)
            lines.append(
                Line(
                    "GeoJSON",
                    name,
                    "track" if timed or len(points) > 100 else "route",
                    tuple(points),
                    str(properties.get("aircraft") or ""),
                )
            )
    return lines


def _position(position: Any, number_: int, name: str, stamp: str | None) -> Point:
    if (
        not isinstance(position, list)
        or len(position) < 2
        or not all(isinstance(value, int | float) and not isinstance(value, bool) for value in position[:2])
    ):
        raise ValueError(f"position {number_} of {name or 'a line'} is not [lon, lat]: {str(position)[:40]}")
    return Point(float(position[1]), float(position[0]), "", None, _time(stamp))


def _features(document: Any) -> list[dict[str, Any]]:
    if not isinstance(document, dict):
        raise ValueError("is JSON but no GeoJSON object")
    if document.get("type") == "FeatureCollection":
        features = document.get("features")
        return [each for each in features if isinstance(each, dict)] if isinstance(features, list) else []
    if document.get("type") == "Feature":
        return [document]
    return [{"geometry": document}]


def _chains(geometry: Any) -> tuple[str, list[Any]]:
    if isinstance(geometry, dict) and isinstance(geometry.get("coordinates"), list):
        if geometry.get("type") == "LineString":
            return "LineString", [geometry["coordinates"]]
        if geometry.get("type") == "MultiLineString":
            return "MultiLineString", [part for part in geometry["coordinates"] if isinstance(part, list)]
    return "", []


def _fms(text: str, file: str) -> list[Line]:
    points = []
    version_3 = bool(re.match(r"[IA]\s+3 version", text.lstrip()))
    guesses = []
    for count, raw in enumerate(text.splitlines(), 1):
        words = raw.split()
        if not words or words[0] not in ("1", "2", "3", "11", "13", "28") or len(words) < 5:
            continue
        try:
            values = [number(word) for word in words[-3:]]
        except ValueError as error:
            raise InputError(Fault(str(error), file=file, line=count)) from error
        if version_3 and values[1] == values[2] == 0.0:
            guesses.append(f"line {count} is an empty row of an old plan and is left out")
            continue
        name = words[1] if not re.fullmatch(r"[+-]\d+\.\d+_[+-]\d+\.\d+", words[1]) else ""
        points.append(Point(values[1], values[2], name, values[0] * FOOT))
    return [Line("X-Plane plan", "", "route", tuple(points), guesses=tuple(guesses))]


def _fpl(text: str, file: str) -> list[Line]:
    """An ICAO flight plan message: ends that are airports, points in degrees and minutes, DOF and EOBT."""
    message = text[text.index("(FPL") :]
    end = message.find(")")
    items = [item.strip() for item in " ".join(message[: end if end > 0 else None].split()).split("-")][1:]
    if len(items) < 7:
        raise ValueError(f"the message has {len(items)} items of the 7 and more it needs")
    typed = next((item for item in items if re.fullmatch(r"\d{0,2}[A-Z][A-Z0-9]{1,3}/[LMHJ]", item)), "")
    fields = [item for item in items if re.fullmatch(r"[A-Z]{4}\d{4}(?: .*)?", item)]
    routes = [item for item in items if re.match(r"[NKM]\d{3,4}[FASMV]", item)]
    if len(fields) < 2 or not routes:
        raise ValueError(
            "no departure with time, route or destination with elapsed time is found (items 13, 15, 16)"
        )
    other = items[-1]
    stated = {
        key: value.strip() for key, value in re.findall(r"([A-Z]{3,4})/(.*?)(?=\s[A-Z]{3,4}/|$)", other)
    }
    guesses: list[str] = []
    points = [_field(fields[0][:4], stated.get("DEP", ""), file)]
    left_out = []
    for word in routes[0].split()[1:]:
        head = word.split("/")[0]
        if head == "DCT":
            continue
        try:
            points.append(Point(*place(head)))
        except ValueError:
            left_out.append(word)
    if left_out:
        guesses.append(
            f"{len(left_out)} names of the route are airways or fixes, which are not known here: {', '.join(left_out[:6])}"
            + (" and more" if len(left_out) > 6 else "")
        )
    points.append(_field(fields[1][:4], stated.get("DEST", ""), file))
    if re.fullmatch(r"\d{6}", stated.get("DOF", "")[:6]):
        when = datetime.strptime(f"{stated['DOF'][:6]}{fields[0][4:8]}", "%y%m%d%H%M").replace(tzinfo=UTC)
        points[0] = Point(points[0].lat, points[0].lon, points[0].name, None, when)
        guesses.append("the off-block time is taken as the take-off time")
    designator = re.sub(r"^\d+", "", typed.split("/")[0])
    known = [code for code, short in DESIGNATORS.items() if short == designator]
    if len(known) > 1:
        guesses.append(f"type designator {designator} may be {' or '.join(known)}: {known[0]} is taken")
    return [
        Line(
            "ICAO FPL",
            items[0].replace("FPL", "").strip(),
            "route",
            tuple(points),
            known[0] if known else designator,
            tuple(guesses),
        )
    ]


def _field(code: str, stated: str, file: str) -> Point:
    from longreach.world import airports

    if code == "ZZZZ":
        try:
            return Point(*place(stated.split()[0] if stated else ""))
        except (ValueError, IndexError) as error:
            raise InputError(
                Fault("ZZZZ needs DEP/ and DEST/ with a position in item 18", file=file)
            ) from error
    found = airports.find(code)
    return Point(found.lat, found.lon, found.code)
