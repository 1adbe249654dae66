"""Closures from GeoJSON and back: every feature becomes a closure, is set aside with a reason, or is a fault.

The schema is in docs/closures.md. Only a geometry is required of a feature. Where a choice had to be
made the area closed is the larger one, and a warning says so.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from longreach.errors import Fault, InputError
from longreach.geodesy import Floats
from longreach.units import FOOT, NAUTICAL_MILE
from longreach.world.airspace import LARGEST_STAND_OFF, BoundaryLine, Closure, Ring
from longreach.world.closures import rings
from longreach.world.closures.source import Lines, Twice, parse_json, read_text

Window = tuple[datetime | None, datetime | None]
Polygons = list[tuple[tuple[str | int, ...], list[Floats]]]  # key path, rings as written

KINDS = (
    "national",
    "fir",
    "prohibited",
    "restricted",
    "danger",
    "conflict_advisory",
    "overflight_denied",
    "user",
)
ACTIONS = ("avoid", "penalise", "warn")
LEVEL_REFS = ("FL", "ft_amsl", "ft_agl", "m_std", "SFC", "UNL")
USED = (
    "id", "name", "kind", "action", "floor", "ceiling", "valid", "radius_nm", "radius_m", "margin_nm",
    "margin_m", "source", "confidence", "edge", "pole", "raw", "geometry_source",
)  # fmt: skip
NOT_APPLIED = {
    "schedule": "closed at all hours of its windows",
    "applies_to": "held to apply to every flight",
    "supersedes": "every feature here is in force",
    "penalty_nm": "avoided, not priced",
}
LARGEST_RADIUS = 5400.0 * NAUTICAL_MILE  # a quarter of the globe
HIGHEST_GROUND = 8849.0  # m, Mount Everest (2020 survey); what "above ground" may start from at most
FAULTS_PER_FEATURE = 8
MOST_FAULTS = 200
DEEPEST = 16  # GeometryCollections in one another
GEOMETRIES = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClosureFile:
    """What a closure file held, every feature accounted for.

    Parameters
    ----------
    closures : what is to be avoided, in the file's order
    warnings : what was mended, assumed or not used, each naming its feature
    ignored : features that close nothing ("penalise", "warn"), each with the reason
    features : how many features were read
    numbers : for each closure the 1-based number of its feature; a feature whose parts overlap
        gives several closures, so that {numbers} and ignored together make up features
    """

    closures: tuple[Closure, ...]
    warnings: tuple[str, ...]
    ignored: tuple[str, ...]
    features: int
    numbers: tuple[int, ...]


def read_closures(
    path: Path | str, stand_off_m: float = 0.0, *, default_edge: str = "geodesic", repair_all: bool = False
) -> ClosureFile:
    """The user's closures in a GeoJSON file.

    Parameters
    ----------
    stand_off_m : stand-off [m] of every closure that has no margin of its own, >= 0
    default_edge : how vertices are joined where a feature does not say: "geodesic" | "parallel" | "rhumb"
    repair_all : mend every ring that crosses itself (FIR files); else only slips of the pen

    Raises: InputError with every fault in the file, each with file, line, key path and feature.
    """
    path = Path(path)
    text = read_text(path, "GeoJSON file")
    document = parse_json(text, str(path))
    found = parse_closures(
        document,
        stand_off_m=stand_off_m,
        default_edge=default_edge,
        repair_all=repair_all,
        file=str(path),
        line=Lines(text).of,
    )
    if not found.features:
        raise InputError(
            Fault("holds no features, so it closes nothing", file=str(path),
                  line=Lines(text).of(("features",)), key="features",
                  hint="leave the file out if nothing is closed")
        )  # fmt: skip
    return found


def parse_closures(
    document: Any,
    *,
    stand_off_m: float = 0.0,
    default_edge: str = "geodesic",
    repair_all: bool = False,
    file: str | None = None,
    line: Callable[[tuple[str | int, ...]], int | None] | None = None,
) -> ClosureFile:
    """The closures of a GeoJSON value: FeatureCollection, Feature or bare geometry.

    As `read_closures`; `file` and `line` serve the messages. An empty collection gives no closures.
    """
    if not (math.isfinite(stand_off_m) and stand_off_m >= 0.0):
        raise InputError(f"stand-off {stand_off_m:g} m is not a distance of 0 or more")
    if default_edge not in rings.EDGES:
        raise InputError(f"edge {default_edge!r} is not one of {', '.join(rings.EDGES)}")
    reader = _Reader(stand_off_m, default_edge, repair_all, file, line)
    for number, (feature, keys) in enumerate(reader.features(document), start=1):
        reader.read(number, feature, keys)
    if reader.faults:
        raise InputError(reader.listed())
    reader.sum_up()
    return ClosureFile(
        tuple(reader.closures),
        tuple(reader.warnings),
        tuple(reader.ignored),
        reader.count,
        tuple(reader.numbers),
    )


class _Feature:
    """One feature while it is read: its label for the messages, and its faults and warnings so far."""

    def __init__(self, reader: _Reader, number: int, keys: tuple[str | int, ...]) -> None:
        self.reader, self.number, self.keys = reader, number, keys
        self.label = f"feature {number}"
        self.edge = reader.default_edge
        self.faults: list[Fault] = []
        self.more = 0

    def fault(self, what: str, keys: Sequence[str | int] = (), hint: str | None = None) -> None:
        if len(self.faults) >= FAULTS_PER_FEATURE:
            self.more += 1
            return
        self.faults.append(self.reader.fault(f"{self.label}: {what}", (*self.keys, *keys), hint))

    def warn(self, what: str) -> None:
        self.reader.warnings.append(f"{self.label}: {what}")


class _Reader:
    def __init__(
        self,
        stand_off_m: float,
        default_edge: str,
        repair_all: bool,
        file: str | None,
        line: Callable[[tuple[str | int, ...]], int | None] | None,
    ) -> None:
        self.stand_off_m, self.default_edge, self.repair_all = stand_off_m, default_edge, repair_all
        self.file, self.line = file, line
        self.faults: list[Fault] = []
        self.closures: list[Closure] = []
        self.numbers: list[int] = []
        self.warnings: list[str] = []
        self.ignored: list[str] = []
        self.taken: set[str] = set()
        self.unused: dict[str, int] = {}
        self.amsl = 0
        self.heights: set[int] = set()
        self.count = 0

    def fault(self, what: str, keys: tuple[str | int, ...], hint: str | None = None) -> Fault:
        line = self.line(keys) if self.line else None
        return Fault(what, file=self.file, line=line, key=".".join(map(str, keys)) or None, hint=hint)

    def listed(self) -> list[Fault]:
        """The faults, the first few hundred each and the rest as a number."""
        if len(self.faults) <= MOST_FAULTS:
            return self.faults
        rest = len(self.faults) - MOST_FAULTS
        return [*self.faults[:MOST_FAULTS], Fault(f"and {rest:,} faults more", file=self.file)]

    # The document ------------------------------------------------------------------------------------

    def features(self, document: Any) -> list[tuple[Any, tuple[str | int, ...]]]:
        """The features of the document with their key paths; bare geometries become features."""
        if not isinstance(document, dict):
            self.faults.append(self.fault(f"is {_name_of(document)}, not a GeoJSON object", ()))
            return []
        self._twice(document, ())
        kind = document.get("type")
        self._reference_system(document)
        if kind == "FeatureCollection":
            features = document.get("features")
            if not isinstance(features, list):
                said = "has no features" if features is None else f"has {_name_of(features)} for features"
                self.faults.append(
                    self.fault(f"the FeatureCollection {said}; a list is needed", ("features",))
                )
                return []
            self.count = len(features)
            return [(feature, ("features", index)) for index, feature in enumerate(features)]
        self.count = 1
        if kind == "Feature":
            return [(document, ())]
        if kind in GEOMETRIES:
            return [({"type": "Feature", "properties": {}, "geometry": document}, ())]
        if kind is None and "features" in document:
            hint: str | None = 'add "type": "FeatureCollection"'
        elif kind == "Topology":
            hint = "TopoJSON is not read; convert it to GeoJSON"
        else:
            hint = _did_you_mean(kind, ("FeatureCollection", "Feature", *GEOMETRIES))
        self.faults.append(
            self.fault(
                f"type {_shown(kind)} is not FeatureCollection, Feature or a geometry", ("type",), hint
            )
        )
        return []

    def _twice(self, value: Any, keys: tuple[str | int, ...], label: str = "the document") -> None:
        for key in getattr(value, "keys_twice", ()) if isinstance(value, Twice) else ():
            self.faults.append(
                self.fault(f"{label}: key {key!r} comes twice; one would be dropped", (*keys, key))
            )

    def _reference_system(self, document: Mapping[str, Any]) -> None:
        if "crs" not in document or document["crs"] is None:
            return
        crs = document["crs"]
        name = crs.get("properties", {}).get("name") if isinstance(crs, dict) and isinstance(
            crs.get("properties"), dict) else None  # fmt: skip
        plain = str(name).upper().replace("URN:OGC:DEF:CRS:", "").replace(":", "")
        if name is not None and (plain.endswith("CRS84") or plain in ("EPSG4326", "EPSG4979")):
            if "CRS84" not in plain:
                self.warnings.append(
                    f"the crs member names {name}; coordinates are read as longitude, latitude all the same "
                    "(RFC 7946, section 4)"
                )
            return
        self.faults.append(
            self.fault(f"crs {_shown(name if name is not None else crs)} is not WGS84 longitude, latitude",
                       ("crs",), "GeoJSON is WGS84 (RFC 7946, section 4): convert it and leave crs out")
        )  # fmt: skip

    # One feature -------------------------------------------------------------------------------------

    def read(self, number: int, value: Any, keys: tuple[str | int, ...]) -> None:
        feature = _Feature(self, number, keys)
        before = len(self.faults)
        self._feature(feature, value)
        self.faults += feature.faults
        if feature.more:
            self.faults.append(self.fault(f"{feature.label}: and {feature.more} faults more", feature.keys))
        if len(self.faults) > before:  # a faulty feature gives nothing; the file is refused
            return

    def _feature(self, feature: _Feature, value: Any) -> None:
        if not isinstance(value, dict):
            feature.fault(f"is {_name_of(value)}, not a GeoJSON Feature")
            return
        self._twice(value, feature.keys, feature.label)
        kind = value.get("type")
        if kind in GEOMETRIES:
            value = {"type": "Feature", "properties": {}, "geometry": value}
            geometry_keys: tuple[str | int, ...] = ()
        elif kind != "Feature":
            feature.fault(f"type {_shown(kind)} is not Feature", ("type",), _did_you_mean(kind, ("Feature",)))
            return
        else:
            geometry_keys = ("geometry",)
        properties = value.get("properties")
        if properties is None:
            properties = {}
        if not isinstance(properties, dict):
            feature.fault(f"properties is {_name_of(properties)}, not an object", ("properties",))
            return
        self._twice(properties, (*feature.keys, "properties"), feature.label)
        name, id_ = self._identity(feature, value, properties)
        action = self._action(feature, properties)
        radius = self._distance(feature, properties, "radius", least=None)
        margin = self._distance(feature, properties, "margin", least=0.0)
        floor, ceiling = self._levels(feature, properties)
        valid = self._windows(feature, properties)
        source = self._source(feature, properties)
        feature.edge = self._choice(feature, properties, "edge", rings.EDGES) or self.default_edge
        pole = self._choice(feature, properties, "pole", ("north", "south"))
        found_kind = properties.get("kind")
        if found_kind is not None and found_kind not in KINDS:
            feature.warn(f"kind {_shown(found_kind)} is not one of {', '.join(KINDS)}; kept as it is")
        if found_kind == "fir":
            feature.warn("a FIR is where a State provides air traffic service, not its national airspace")
        said_radius = any(properties.get(key) is not None for key in ("radius_nm", "radius_m"))
        polygons, lines = self._geometry(feature, value.get("geometry"), geometry_keys, radius, said_radius)
        if feature.faults:
            return
        if action != "avoid":
            self.ignored.append(f'{feature.label}: action "{action}" closes nothing; it is not avoided')
            return
        for key in properties:
            if key in NOT_APPLIED:
                feature.warn(f"{key!r} is not applied; {NOT_APPLIED[key]}")
            elif key not in USED:
                self.unused[key] = self.unused.get(key, 0) + 1
        self._build(feature, id_, name, polygons, lines, pole, margin, floor, ceiling, valid, source)

    def _build(
        self, feature: _Feature, id_: str, name: str, polygons: Polygons,
        lines: list[BoundaryLine], pole: str | None, margin: float | None, floor: float | None,
        ceiling: float | None, valid: tuple[Window, ...] | None, source: str,
    ) -> None:  # fmt: skip
        areas: list[rings.Area] = []
        if polygons:
            areas, notes, faults = rings.areas([p for _, p in polygons], feature.edge, pole, self.repair_all)
            for ring_fault in faults:
                at: tuple[str | int, ...] = polygons[ring_fault.polygon or 0][0]
                at += tuple(k for k in (ring_fault.ring, ring_fault.vertex) if k is not None)
                feature.fault(ring_fault.what, at, ring_fault.hint)
            if faults:
                return
            for note in notes:
                feature.warn(note)
        for index, area in enumerate(areas or [None]):
            part_rings: tuple[Ring, ...] = ()
            part_lines = list(lines) if index == 0 else []
            if area is not None:
                part_rings = tuple(Ring(_fixed(ring[:, 0]), _fixed(ring[:, 1])) for ring in area.rings)
                part_lines = [BoundaryLine(ring.lat, ring.lon, 0.0) for ring in part_rings] + part_lines
            self.closures.append(
                Closure(
                    id=self._own(feature, id_ if index == 0 else f"{id_}.{index + 1}", said=index == 0),
                    name=name,
                    kind="user",
                    rings=part_rings,
                    lines=tuple(part_lines),
                    stand_off_m=self.stand_off_m if margin is None else margin,
                    holds_north_pole=area is not None and area.holds_north_pole,
                    source=source,
                    floor_m=floor,
                    ceiling_m=ceiling,
                    valid=valid,
                )
            )
            self.numbers.append(feature.number)

    def _own(self, feature: _Feature, id_: str, *, said: bool) -> str:
        own, count = id_, 1
        while own in self.taken:
            count += 1
            own = f"{id_}-{count}"
        if own != id_ and said:
            feature.warn(f"id {id_!r} is taken by an earlier feature; called {own!r} here")
        self.taken.add(own)
        return own

    # Properties --------------------------------------------------------------------------------------

    def _identity(
        self, feature: _Feature, value: Mapping[str, Any], properties: Mapping[str, Any]
    ) -> tuple[str, str]:
        id_: str | None = None
        for keys, found in ((("id",), value.get("id")), (("properties", "id"), properties.get("id"))):
            if found is None or id_ is not None:
                continue
            if (
                isinstance(found, bool)
                or not isinstance(found, str | int | float)
                or not _printable(str(found))
            ):
                feature.fault(f"id {_shown(found)} is not a text or a number", keys)
            elif str(found).strip():
                id_ = str(found).strip()
        name = properties.get("name")
        if name is not None and (not isinstance(name, str) or not _printable(name)):
            feature.fault(f"name {_shown(name)} is not a plain text", ("properties", "name"))
            name = None
        name = (name or "").strip() or None
        if id_ or name:
            feature.label = f"feature {feature.number} {(id_ or name)!r}"
            for index, fault in enumerate(feature.faults):
                what = fault.what.replace(f"feature {feature.number}", feature.label, 1)
                feature.faults[index] = replace(fault, what=what)
        id_ = id_ or name or f"closure-{feature.number}"
        return name or id_, id_

    def _choice(
        self, feature: _Feature, properties: Mapping[str, Any], key: str, known: Sequence[str]
    ) -> str | None:
        value = properties.get(key)
        if value is None:
            return None
        if value not in known:
            feature.fault(f"{key} {_shown(value)} is not one of {', '.join(known)}", ("properties", key),
                          _did_you_mean(value, known))  # fmt: skip
            return None
        return str(value)

    def _action(self, feature: _Feature, properties: Mapping[str, Any]) -> str:
        if properties.get("action") == "penalize":
            return "penalise"
        return self._choice(feature, properties, "action", ACTIONS) or "avoid"

    def _distance(
        self, feature: _Feature, properties: Mapping[str, Any], what: str, least: float | None
    ) -> float | None:
        """`what`_nm or `what`_m in metres; more than 0, or at least `least` [m]."""
        found = [(f"{what}_nm", NAUTICAL_MILE), (f"{what}_m", 1.0)]
        largest = LARGEST_RADIUS if what == "radius" else LARGEST_STAND_OFF
        given = [(key, factor) for key, factor in found if properties.get(key) is not None]
        if len(given) == 2:
            feature.fault(f"has both {what}_nm and {what}_m; one is enough", ("properties", f"{what}_m"))
            return None
        for key, factor in given:
            value = properties[key]
            where = ("properties", key)
            if not _number(value):
                feature.fault(f"{key} {_shown(value)} is not a number", where)
            elif not math.isfinite(value):
                feature.fault(f"{key} {value} is not a finite number", where)
            elif value < 0.0 or (value == 0.0 and least is None):
                feature.fault(
                    f"{key} {value:g} is not {'0 or more' if least is not None else 'more than 0'}", where
                )
            elif value * factor > largest:
                feature.fault(f"{key} {value:g} is more than {largest / factor:g}", where)
            else:
                if key == "radius_nm" and value == 999:
                    feature.warn("radius 999 nm stands for a whole FIR in a NOTAM; taken as 999 nm here")
                return float(value * factor)
        return None

    def _levels(self, feature: _Feature, properties: Mapping[str, Any]) -> tuple[float | None, float | None]:
        floor = self._level(feature, properties, "floor")
        ceiling = self._level(feature, properties, "ceiling")
        if floor is not None and ceiling is not None and floor >= ceiling:
            feature.fault(f"floor {floor / FOOT:.0f} ft is not below ceiling {ceiling / FOOT:.0f} ft",
                          ("properties", "floor"))  # fmt: skip
        return floor, ceiling

    def _level(self, feature: _Feature, properties: Mapping[str, Any], key: str) -> float | None:
        """Pressure altitude [m] of the floor or ceiling; None where it does not bound."""
        given = properties.get(key)
        where: tuple[str | int, ...] = ("properties", key)
        if given is None:
            return None
        hint = 'write {"value": 320, "ref": "FL"}'
        if isinstance(given, str) and given.strip().upper() in ("SFC", "GND", "UNL"):
            given = {"ref": "UNL" if given.strip().upper() == "UNL" else "SFC"}
        if not isinstance(given, dict):
            feature.fault(f"{key} {_shown(given)} does not say what it is measured from", where, hint)
            return None
        ref: Any = given.get("ref")
        value: Any = given.get("value")
        if ref not in LEVEL_REFS:
            feature.fault(f"{key} ref {_shown(ref)} is not one of {', '.join(LEVEL_REFS)}", (*where, "ref"),
                          _did_you_mean(ref, LEVEL_REFS) or hint)  # fmt: skip
            return None
        if ref in ("SFC", "UNL"):
            if (ref == "SFC") != (key == "floor"):
                feature.fault(
                    f"{key} {ref}: nothing lies {'above' if key == 'floor' else 'below'} that", where
                )
            return None
        if not _number(value) or not math.isfinite(value):
            feature.fault(f"{key} value {_shown(value)} is not a number", (*where, "value"))
            return None
        metres = {"FL": 100.0 * FOOT, "ft_amsl": FOOT, "ft_agl": FOOT, "m_std": 1.0}[ref] * float(value)
        if not -1000.0 <= metres <= 100_000.0:
            feature.fault(
                f"{key} {value:g} {ref} ({metres:.0f} m) is outside -1 to 100 km", (*where, "value")
            )
            return None
        if ref == "FL" and key == "ceiling" and value == 999:
            return None
        if ref == "ft_amsl":
            self.amsl += 1
        if ref == "ft_agl" and key == "floor":
            feature.warn(
                f"floor {value:g} ft above ground: terrain is not known here, closed from the surface"
            )
            return None
        if ref == "ft_agl":
            metres += HIGHEST_GROUND
            feature.warn(f"ceiling {value:g} ft above ground: terrain is not known here, taken above "
                         f"the highest ground there is, {metres / FOOT:.0f} ft")  # fmt: skip
        if key == "floor" and metres <= 0.0:
            return None
        return metres

    def _windows(self, feature: _Feature, properties: Mapping[str, Any]) -> tuple[Window, ...] | None:
        given = properties.get("valid")
        where: tuple[str | int, ...] = ("properties", "valid")
        if given is None:
            return None
        hint = 'write [["2020-12-10T00:00:00Z", "2020-12-11T00:00:00Z"]], null for an open end'
        if not isinstance(given, list) or not given:
            feature.fault(f"valid {_shown(given)} is not a list of [from, to]", where, hint)
            return None
        if len(given) == 2 and all(item is None or isinstance(item, str) for item in given):
            given = [given]
        windows: list[Window] = []
        for index, window in enumerate(given):
            at = (*where, index)
            if not isinstance(window, list) or len(window) != 2:
                feature.fault(f"valid window {index + 1}, {_shown(window)}, is not [from, to]", at, hint)
                continue
            before = len(feature.faults) + feature.more
            start, end = (self._moment(feature, moment, (*at, side)) for side, moment in enumerate(window))
            if len(feature.faults) + feature.more == before:
                if start is not None and end is not None and start >= end:
                    feature.fault(
                        f"valid window {index + 1} ends at {end.isoformat()}, not after it begins", at
                    )
                windows.append((start, end))
        return tuple(windows)

    def _moment(self, feature: _Feature, value: Any, keys: tuple[str | int, ...]) -> datetime | None:
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                feature.fault(f"time {_shown(value)} has no zone", keys, f"if it is UTC write {value}Z")
                return None
            return moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            feature.fault(f"time {_shown(value)} is not an ISO 8601 date and time", keys,
                          "write for example 2020-12-10T09:00:00Z")  # fmt: skip
            return None

    def _source(self, feature: _Feature, properties: Mapping[str, Any]) -> str:
        given = properties.get("source")
        parts: list[str] = []
        if isinstance(given, str):
            parts.append(given.strip())
        elif isinstance(given, dict):
            for key, form in (("title", "{}"), ("url", "{}"), ("published", "published {}"),
                              ("retrieved", "retrieved {}"), ("quote", "“{}”")):  # fmt: skip
                if given.get(key) is not None:
                    parts.append(form.format(given[key]))
        elif given is not None:
            feature.fault(f"source {_shown(given)} is neither a text nor an object", ("properties", "source"),
                          'write {"title": …, "url": …, "published": …}')  # fmt: skip
        if properties.get("confidence") is not None:
            parts.append(f"confidence {properties['confidence']}")
        text = "; ".join(part for part in parts if part)
        if not _printable(text.replace("\n", " ").replace("\t", " ")):
            feature.fault("source holds characters that cannot be printed", ("properties", "source"))
        if text:
            return text
        return (
            f"{Path(self.file).name}, feature {feature.number}" if self.file else f"feature {feature.number}"
        )

    # Geometry ----------------------------------------------------------------------------------------

    def _geometry(
        self,
        feature: _Feature,
        geometry: Any,
        keys: tuple[str | int, ...],
        radius: float | None,
        said_radius: bool,
    ) -> tuple[Polygons, list[BoundaryLine]]:
        """Polygons (key path, rings as written) and lines with their reach, of a geometry."""
        polygons: Polygons = []
        lines: list[BoundaryLine] = []
        pending: list[tuple[Any, tuple[str | int, ...], int]] = [(geometry, keys, 0)]
        round_shapes = False
        while pending:
            shape, at, depth = pending.pop()
            if shape is None:
                feature.fault("has no geometry, so it closes nothing", at, "give it one or take it out")
                continue
            if not isinstance(shape, dict):
                feature.fault(f"geometry is {_name_of(shape)}, not an object", at)
                continue
            self._twice(shape, (*feature.keys, *at), feature.label)
            kind = shape.get("type")
            if kind not in GEOMETRIES:
                feature.fault(f"geometry type {_shown(kind)} is not one of {', '.join(GEOMETRIES)}",
                              (*at, "type"), _did_you_mean(kind, GEOMETRIES))  # fmt: skip
                continue
            inner = "geometries" if kind == "GeometryCollection" else "coordinates"
            content = shape.get(inner)
            if not isinstance(content, list) or not content:
                said = "no" if content is None else "empty" if content == [] else f"{_name_of(content)} for"
                feature.fault(f"{kind} has {said} {inner}", (*at, inner) if inner in shape else at)
                continue
            at = (*at, inner)
            if kind == "GeometryCollection":
                if depth >= DEEPEST:
                    feature.fault(f"GeometryCollections lie more than {DEEPEST} deep in one another", at)
                    continue
                pending += [(part, (*at, k), depth + 1) for k, part in reversed(list(enumerate(content)))]
            elif kind == "Polygon":
                self._polygon(feature, content, at, polygons)
            elif kind == "MultiPolygon":
                for k, part in enumerate(content):
                    if not isinstance(part, list) or not part:
                        feature.fault(
                            f"part {k + 1} of the MultiPolygon is {_name_of(part)}, not a list of rings",
                            (*at, k),
                        )
                    else:
                        self._polygon(feature, part, (*at, k), polygons)
            else:
                round_shapes = True
                if radius is None and not said_radius:
                    self._no_radius(feature, kind, keys)
                single = kind in ("Point", "LineString")
                for k, part in enumerate([content] if single else content):
                    self._line(feature, kind, part, at if single else (*at, k), radius or 0.0, lines)
        if said_radius and polygons and not round_shapes:
            feature.fault("radius belongs to a Point or LineString, not to a polygon", ("properties",),
                          "use margin_nm for a distance to keep from a polygon")  # fmt: skip
        return polygons, lines

    def _no_radius(self, feature: _Feature, kind: str, keys: tuple[str | int, ...]) -> None:
        feature.fault(f"{kind} has no radius_nm, so it closes nothing", keys,
                      'a circle is a Point with "radius_nm", a corridor a LineString with it')  # fmt: skip

    def _polygon(
        self, feature: _Feature, content: list[Any], keys: tuple[str | int, ...],
        polygons: Polygons,
    ) -> None:  # fmt: skip
        found = [self._ring(feature, ring, index, (*keys, index)) for index, ring in enumerate(content)]
        if all(ring is not None for ring in found):
            polygons.append((keys, [ring for ring in found if ring is not None]))

    def _ring(self, feature: _Feature, value: Any, index: int, keys: tuple[str | int, ...]) -> Floats | None:
        name = "outer ring" if index == 0 else f"hole {index}"
        points = self._points(feature, value, keys, f"the {name}")
        if points is None:
            return None
        points = _without_repeats(points)
        closed = len(points) > 1 and _same_place(points[0], points[-1])
        distinct = len({(lat, lon % 360.0) for lat, lon in points})
        if distinct < 3:
            feature.fault(
                f"the {name} has {distinct} distinct point{'s' * (distinct != 1)}; a ring needs 3", keys
            )
            return None
        if not closed:
            feature.warn(
                f"the {name} is not closed (it ends at {rings.place(*points[-1])}); closed with one edge"
            )
            points = np.concatenate([points, points[:1]])
        return points

    def _points(self, feature: _Feature, value: Any, keys: tuple[str | int, ...], name: str) -> Floats | None:
        """(n, 2) latitude, raw longitude of a list of positions; None after a fault."""
        if not isinstance(value, list):
            feature.fault(f"{name} is {_name_of(value)}, not a list of positions", keys)
            return None
        if value and all(_number(item) for item in value):
            feature.fault(f"{name} is one position where a list of positions belongs", keys,
                          "the brackets are nested one level too few")  # fmt: skip
            return None
        before = len(feature.faults) + feature.more
        for k, position in enumerate(value):
            self._position(feature, position, (*keys, k))
        if len(feature.faults) + feature.more > before:
            return None
        return np.array([(position[1], position[0]) for position in value], float).reshape(-1, 2)

    def _position(self, feature: _Feature, position: Any, keys: tuple[str | int, ...]) -> bool:
        """Whether a position is two numbers (or more) on the globe; else a fault."""
        if (
            not isinstance(position, list)
            or len(position) < 2
            or not all(_number(item) for item in position[:2])
        ):
            nested = isinstance(position, list) and position and isinstance(position[0], list)
            feature.fault(f"position {_shown(position)} is not [longitude, latitude]", keys,
                          "the brackets are nested one level too deep" if nested else None)  # fmt: skip
            return False
        if len(position) > 2:
            self.heights.add(feature.number)
        lon, lat = position[:2]
        if not (math.isfinite(lon) and math.isfinite(lat)):
            feature.fault(f"position {_shown(position)} is not a pair of finite numbers", keys)
            return False
        if abs(lat) > 90.0:
            swapped = abs(lat) <= 180.0 and abs(lon) <= 90.0
            projected = max(abs(lat), abs(lon)) > 1000.0
            hint = None
            if swapped:
                hint = "latitude and longitude look swapped; GeoJSON is longitude, latitude"
            elif projected:
                hint = "these look like metres of a map projection, not degrees"
            feature.fault(f"latitude {lat:g} is outside -90 to 90", keys, hint)
            return False
        if abs(lon) > 360.0:
            feature.fault(f"longitude {lon:g} is outside -360 to 360", keys)
            return False
        return True

    def _line(
        self, feature: _Feature, kind: str, value: Any, keys: tuple[str | int, ...], reach: float,
        lines: list[BoundaryLine],
    ) -> None:  # fmt: skip
        if "Point" in kind:
            if self._position(feature, value, keys):
                points = np.array([[value[1], value[0]]] * 2, float)
                lines.append(BoundaryLine(_fixed(points[:, 0]), _fixed(rings.wrapped(points[:, 1])), reach))
            return
        points_or_none = self._points(feature, value, keys, "the line")
        if points_or_none is None:
            return
        points = _without_repeats(points_or_none)
        if len(points) < 2:
            feature.fault("the line has fewer than 2 distinct points", keys)
            return
        try:
            rings.check_edges(points, None)
        except rings.RingFault as fault:
            feature.fault(fault.what, (*keys, *(() if fault.vertex is None else (fault.vertex,))), fault.hint)
            return
        points, _ = rings.written_out(points, feature.edge)
        lines.append(BoundaryLine(_fixed(points[:, 0]), _fixed(rings.wrapped(points[:, 1])), reach))

    # The end -----------------------------------------------------------------------------------------

    def sum_up(self) -> None:
        """Warnings that concern several features, said once."""
        if self.amsl:
            self.warnings.append(
                f"{self.amsl} level{'s' * (self.amsl != 1)} above mean sea level taken as pressure altitude; "
                "they differ by about 27 ft for each hPa that the pressure is off 1013"
            )
        if self.heights:
            self.warnings.append(
                f"heights in the coordinates are not used ({_features(len(self.heights))}); the level band is "
                "floor and ceiling"
            )
        for key, count in self.unused.items():
            close = difflib.get_close_matches(key, [*USED, "radius_nm", "margin_nm"], n=1, cutoff=0.8)
            self.warnings.append(
                f"property {_shown(key)} is not used ({_features(count)})"
                + (f"; did you mean {close[0]}?" if close else "")
            )


def _features(count: int) -> str:
    return f"{count} feature{'s' * (count != 1)}"


def _fixed(values: Floats) -> Floats:
    out = np.ascontiguousarray(values, dtype=float).copy()
    out.flags.writeable = False
    return out


def _number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return not (isinstance(value, int) and abs(value) > 10**300)


def _name_of(value: Any) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return "null" if value is None else names.get(type(value), "an object")


def _shown(value: Any) -> str:
    """A value as a message quotes it: one line, printable, short."""
    text = ascii(value) if isinstance(value, str) and not _printable(value) else repr(value)
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= 60 else text[:57] + "..."


def _printable(text: str) -> bool:
    return text.isprintable() or all(c.isprintable() or c == "\u00ad" for c in text)


def _did_you_mean(value: Any, known: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(str(value), list(known), n=1, cutoff=0.6)
    if not close:
        close = [word for word in known if isinstance(value, str) and word.lower() == value.strip().lower()]
    return f"did you mean {close[0]}?" if close else None


def _same_place(one: Floats, two: Floats) -> bool:
    return bool(one[0] == two[0] and (abs(one[0]) >= 90.0 or (one[1] - two[1]) % 360.0 == 0.0))


def _without_repeats(points: Floats) -> Floats:
    """Positions without one that repeats the one before."""
    if len(points) < 2:
        return points
    return points[np.concatenate([[True], (np.diff(points, axis=0) != 0.0).any(axis=1)])]


# Out again ---------------------------------------------------------------------------------------------


def to_geojson(closures: Iterable[Closure]) -> dict[str, Any]:
    """A GeoJSON FeatureCollection that `parse_closures` reads back to the same closures, bit for bit.

    Longitudes stay within -180 to 180 and jump there; vertices are joined by geodesics. Each feature carries
    its own stand-off, so the stand-off given when reading does not matter.
    """
    return {"type": "FeatureCollection", "features": [_as_feature(closure) for closure in closures]}


def _as_feature(closure: Closure) -> dict[str, Any]:
    properties: dict[str, Any] = {"name": closure.name, "kind": closure.kind, "action": "avoid"}
    for key, metres in (("floor", closure.floor_m), ("ceiling", closure.ceiling_m)):
        if metres is not None:
            properties[key] = _as_level(metres)
    if closure.valid is not None:
        properties["valid"] = [[_as_time(moment) for moment in window] for window in closure.valid]
    shapes: list[dict[str, Any]] = []
    drawn = rings.Area(
        tuple(np.column_stack([ring.lat, ring.lon]) for ring in closure.rings),
        closure.holds_north_pole,
        False,
    )
    outlines = [
        [_pairs(ring[:, 0], ring[:, 1]) for ring in outline] for outline in rings.outlines(drawn.rings)
    ]
    if len(outlines) == 1:
        shapes.append({"type": "Polygon", "coordinates": outlines[0]})
    elif outlines:
        shapes.append({"type": "MultiPolygon", "coordinates": outlines})
    reaches = [line for line in closure.lines if line.offset_m > 0.0]
    for line in reaches:
        pairs = _pairs(line.lat, line.lon)
        point = len(pairs) == 2 and pairs[0] == pairs[1]
        shapes.append(
            {"type": "Point", "coordinates": pairs[0]}
            if point
            else {"type": "LineString", "coordinates": pairs}
        )
    if reaches:
        properties |= _as_distance("radius", reaches[0].offset_m)
    if drawn.pole:
        properties["pole"] = drawn.pole
    properties |= _as_distance("margin", closure.stand_off_m)
    properties["source"] = closure.source
    geometry = shapes[0] if len(shapes) == 1 else {"type": "GeometryCollection", "geometries": shapes}
    return {"type": "Feature", "id": closure.id, "properties": properties, "geometry": geometry}


def _pairs(lat: Floats, lon: Floats) -> list[list[float]]:
    return [[x, y] for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]


def _as_distance(what: str, metres: float) -> dict[str, float]:
    """In nautical miles where that gives back the very same metres, else in metres."""
    near = metres / NAUTICAL_MILE
    for value in (
        round(near, 6),
        round(near, 9),
        near,
        math.nextafter(near, 0.0),
        math.nextafter(near, math.inf),
    ):
        if value * NAUTICAL_MILE == metres:
            return {f"{what}_nm": value}
    return {f"{what}_m": metres}


def _as_level(metres: float) -> dict[str, Any]:
    level = round(metres / (100.0 * FOOT), 6)
    if 100.0 * FOOT * level == metres and level != 999.0:
        return {"value": int(level) if level.is_integer() else level, "ref": "FL"}
    return {"value": metres, "ref": "m_std"}


def _as_time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
