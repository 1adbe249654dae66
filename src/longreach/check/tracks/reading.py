"""Track files as programs and sites write them, told apart by content: JSON, CSV, Parquet, KML, GPX, IGC.

Gzip is undone whatever the name. Times in seconds, milliseconds, microseconds and nanoseconds are told apart by
their size, and the track says which it was.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.check.tracks.model import Track, make
from longreach.errors import Fault, InputError, MissingExtra
from longreach.units import FOOT, KNOT

LARGEST = 512 * 1024 * 1024  # bytes, unpacked
MOST_AIRCRAFT = 500
_FIRST, _LAST = 0.0, 4.2e9  # seconds from 1970 that a flight can have: to 2103
_SCALES = ((1.0, "seconds"), (1e3, "milliseconds"), (1e6, "microseconds"), (1e9, "nanoseconds"))

# Columns by the names that sites and programs give them; the first that is there counts.
_NAMES: dict[str, tuple[str, ...]] = {
    "time": ("timestamp", "time", "snapshot_id", "date", "utc", "datetime", "time (utc)", "datetime (utc)"),
    "lat": ("latitude", "lat"),
    "lon": ("longitude", "lon", "long", "lng"),
    "position": ("position",),
    "baro_m": ("baroaltitude", "baro_altitude"),
    "feet": ("altitude", "alt", "alt_baro", "feet", "altitude (ft)", "altitude_ft"),
    "geo_m": ("geoaltitude", "geo_altitude"),
    "metres": ("meters", "metres", "altitude_m"),
    "mps": ("velocity",),
    "knots": ("groundspeed", "speed", "gs", "kts", "ground_speed", "groundspeed_kt"),
    "course": ("track", "heading", "direction", "course", "true_track"),
    "ground": ("onground", "on_ground"),
    "hex": ("icao24", "hex", "icao"),
    "callsign": ("callsign", "flight"),
    "type": ("typecode", "aircraft_type", "t"),
}  # fmt: skip


def read(path: Path | str) -> tuple[Track, ...]:
    """Every aircraft's track in a file, in order of first appearance.

    Raises: InputError naming the file, and the line where there is one; MissingExtra for Parquet without pyarrow.
    """
    file = str(path)
    try:
        if Path(path).is_dir():
            raise InputError(Fault("is a folder, not a track", file=file))
        if Path(path).stat().st_size > LARGEST:
            raise InputError(Fault(f"is larger than {LARGEST // 2**20} MiB", file=file))
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(
            Fault(f"cannot read: {getattr(error, 'strerror', None) or error}", file=file)
        ) from error
    return parse(data, file)


def parse(data: bytes, file: str) -> tuple[Track, ...]:
    """The same from bytes; `file` is the name for messages."""
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(data, file)
    if not data.strip():
        raise InputError(Fault("is empty", file=file))
    if data[:4] == b"PAR1":
        return _parquet(data, file)
    if data[:2] == b"PK":
        return _through_routes(data, file)
    text = _text(data)
    head = text.lstrip()[:2000]
    if head.startswith(("{", "[")):
        return _json(text, file)
    if head.startswith("<"):
        return _through_routes(data, file)
    if re.match(r"A[A-Z0-9]{3,}.*\r?\n(?:[HCLDGFIJKB].*\r?\n)*", head) and re.search(
        r"^B\d{6}\d{7}[NS]", text, re.MULTILINE
    ):
        return _igc(text, file)
    return _csv(text, file)


def _unpacked(data: bytes, file: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            out = stream.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(Fault(f"is a damaged gzip: {error}", file=file)) from error
    if len(out) > LARGEST:
        raise InputError(Fault(f"unpacks to more than {LARGEST // 2**20} MiB", file=file))
    return out


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


# ---------------------------------------------------------------------------------------------------------
# Columns to tracks


def _numbers(values: Sequence[Any]) -> np.ndarray:
    """Floats of any values; NaN for what is none."""
    try:
        return np.array([np.nan if value is None or value == "" else value for value in values], float)
    except (TypeError, ValueError, OverflowError):
        out = np.full(len(values), np.nan)
        for k, value in enumerate(values):
            try:
                if value is not None and not isinstance(value, list | dict | bool):
                    out[k] = float(value)
            except (TypeError, ValueError, OverflowError):
                continue
        return out


def _times(values: Sequence[Any], file: str) -> tuple[np.ndarray, str]:
    """Seconds from 1970 and what the values were taken to be.

    Raises: InputError where nothing is a time.
    """
    numbers = _numbers(values)
    good = np.isfinite(numbers)
    if good.mean() > 0.5 if len(numbers) else False:
        middle = float(np.median(numbers[good]))
        for scale, name in _SCALES:
            if 1e8 * scale <= middle < _LAST * scale:
                return np.where(
                    (numbers > _FIRST) & (numbers < _LAST * scale), numbers / scale, np.nan
                ), f"times are {name} from 1970 UTC"
        raise InputError(
            Fault(
                f"times about {middle:g} are no seconds, milli-, micro- or nanoseconds from 1970", file=file
            )
        )
    out = np.full(len(values), np.nan)
    zoned = True
    for k, value in enumerate(values):
        if not isinstance(value, str | datetime):
            continue
        try:
            moment = (
                value
                if isinstance(value, datetime)
                else datetime.fromisoformat(value.strip().replace("Z", "+00:00").replace(" UTC", "+00:00"))
            )
        except ValueError:
            continue
        zoned &= moment.tzinfo is not None
        try:
            out[k] = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (OverflowError, ValueError):
            continue
    if not np.isfinite(out).any():
        raise InputError(
            Fault(
                "no row has a time that can be read",
                file=file,
                hint="seconds from 1970, or 2020-12-10T09:00:00Z",
            )
        )
    return out, "times are dates with their zone" if zoned else "times without a zone are taken to be UTC"


def _from_columns(
    columns: Mapping[str, Sequence[Any]], file: str, format: str, *, metric: bool = False
) -> tuple[Track, ...]:
    """Tracks from named columns, one for each aircraft, in order of first appearance."""
    lower = {str(name).strip().lower(): values for name, values in columns.items()}

    def column(kind: str) -> Sequence[Any] | None:
        return next((lower[name] for name in _NAMES[kind] if name in lower), None)

    times_, lat_, lon_, position = (column(kind) for kind in ("time", "lat", "lon", "position"))
    if position is not None and lat_ is None:
        pairs = [str(value).strip('"').split(",") if value else ["", ""] for value in position]
        lat_, lon_ = [pair[0] for pair in pairs], [pair[-1] for pair in pairs]
    missing = [
        name for name, found in (("time", times_), ("latitude", lat_), ("longitude", lon_)) if found is None
    ]
    if times_ is None or lat_ is None or lon_ is None:
        raise InputError(
            Fault(
                f"has no column of {' and '.join(missing)}",
                file=file,
                hint=f"it has {', '.join(lower)}"[:200],
            )
        )
    notes = []
    time_s, said = _times(times_, file)
    notes.append(said)
    lat, lon = _numbers(lat_), _numbers(lon_)
    off = (np.abs(lat) > 90.0) | (np.abs(lon) > 360.0)
    if off.any():
        notes.append(f"{int(off.sum())} positions off the globe are left out")
    lat, lon = np.where(off, np.nan, lat), geodesy.wrap_longitude(np.where(off, np.nan, lon))
    altitude = np.full(len(lat), np.nan)
    metric = metric or column("baro_m") is not None or column("mps") is not None
    feet_factor, feet_words = (1.0, "metres") if metric else (FOOT, "feet")
    height = ""
    for kind, factor, words in (
        ("geo_m", 1.0, "geometric, metres"),
        ("metres", 1.0, "metres"),
        ("feet", feet_factor, feet_words),
        ("baro_m", 1.0, "barometric, metres"),
    ):
        found = column(kind)
        if found is not None:
            values = _numbers([0.0 if value == "ground" else value for value in found]) * factor
            altitude = np.where(np.isfinite(values), values, altitude)
            height = words
    if np.isfinite(altitude).any():
        notes.append(f"heights are {height}")
    speed = np.full(len(lat), np.nan)
    if (found := column("mps")) is not None:
        speed = _numbers(found)
        notes.append("speeds are m/s")
    elif (found := column("knots")) is not None:
        speed = _numbers(found) * (1.0 if metric else KNOT)
        notes.append("speeds are m/s" if metric else "speeds are knots")
    course = column("course")
    ground = column("ground")
    feet = column("feet")
    grounded = (
        np.array([value in (True, 1, "1", "True", "true") for value in ground], bool)
        if ground is not None
        else np.zeros(len(lat), bool)
    )
    if feet is not None:
        grounded |= np.array([value == "ground" for value in feet], bool)
    hexes, signs, types = (column(kind) for kind in ("hex", "callsign", "type"))
    keys = _keys(hexes, signs, len(lat))
    tracks = []
    names = list(dict.fromkeys(keys))
    if len(names) > MOST_AIRCRAFT:
        raise InputError(
            Fault(
                f"holds {len(names)} aircraft; at most {MOST_AIRCRAFT}",
                file=file,
                hint="cut out those of interest",
            )
        )
    array = np.array(keys, dtype=object)
    headings = _numbers(course) if course is not None else None
    for name in names:
        rows = np.nonzero(array == name)[0] if len(names) > 1 else np.arange(len(lat))
        sign = (
            next((str(signs[int(k)]).strip() for k in rows if signs[int(k)]), "") if signs is not None else ""
        )
        type_ = next((str(types[int(k)]) for k in rows if types[int(k)]), "") if types is not None else ""
        tracks.append(
            make(
                name,
                sign,
                type_,
                file,
                format,
                time_s[rows],
                lat[rows],
                lon[rows],
                altitude[rows],
                speed[rows],
                headings[rows] if headings is not None else None,
                grounded[rows],
                None,
                tuple(notes),
            )
        )
    return _checked(tracks, file)


def _keys(hexes: Sequence[Any] | None, signs: Sequence[Any] | None, count: int) -> list[str]:
    source = hexes if hexes is not None else signs
    if source is None:
        return ["track"] * count
    last, keys = "", []
    for value in source:  # a row without a name belongs to the one before
        last = str(value).strip() or last if value is not None else last
        keys.append(last)
    first = next((key for key in keys if key), "track")
    return [key or first for key in keys]


def _checked(tracks: list[Track], file: str) -> tuple[Track, ...]:
    kept = tuple(track for track in tracks if track.placed.sum() >= 2)
    if not kept:
        raise InputError(Fault("holds no aircraft with two positions and times", file=file))
    return kept


# ---------------------------------------------------------------------------------------------------------
# Formats


def _json(text: str, file: str) -> tuple[Track, ...]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(Fault(f"is not JSON: {error.msg}", file=file, line=error.lineno)) from error
    except (RecursionError, ValueError) as error:
        raise InputError(Fault(f"is JSON that cannot be read: {str(error)[:80]}", file=file)) from error
    if isinstance(document, dict):
        if isinstance(document.get("trace"), list):
            return _readsb(document, file)
        if isinstance(document.get("path"), list):
            return _opensky_track(document, file)
        if isinstance(document.get("states"), list):
            return _opensky_states(document, file)
        if document.get("type") in ("FeatureCollection", "Feature", "LineString", "MultiLineString"):
            return _through_routes(text.encode(), file)
        if document and all(isinstance(values, dict) for values in document.values()):
            rows = list(dict.fromkeys(key for values in document.values() for key in values))
            return _from_columns(
                {name: [values.get(row) for row in rows] for name, values in document.items()},
                file,
                "pandas JSON, by column",
            )
        if (
            document
            and all(isinstance(values, list) for values in document.values())
            and len({len(v) for v in document.values()}) == 1
        ):
            return _from_columns(document, file, "JSON, by column")
    if isinstance(document, list) and document and all(isinstance(row, dict) for row in document):
        names = list(dict.fromkeys(name for row in document for name in row))
        return _from_columns(
            {name: [row.get(name) for row in document] for name in names}, file, "pandas JSON, by record"
        )
    raise InputError(
        Fault("is JSON in no layout of tracks that is read", file=file, hint="see docs/check.md")
    )


def _readsb(document: dict[str, Any], file: str) -> tuple[Track, ...]:
    """readsb, ADS-B Exchange, tar1090: rows of seconds after `timestamp`, lat, lon, feet or "ground", kt, course, flags."""
    start = document.get("timestamp")
    if not isinstance(start, int | float) or isinstance(start, bool):
        raise InputError(
            Fault("is a trace without `timestamp`, so its times are not known", file=file, key="timestamp")
        )
    rows = [row for row in document["trace"] if isinstance(row, list) and len(row) >= 7]
    left = len(document["trace"]) - len(rows)
    if not rows:
        raise InputError(Fault("is a trace without rows", file=file, key="trace"))
    offset, said = _times([start], file)

    def column(n: int) -> np.ndarray:
        return _numbers([0.0 if row[n] == "ground" else row[n] for row in rows])

    flags = [row[6] if isinstance(row[6], int) else 0 for row in rows]
    notes = [f"{said}; heights are feet, barometric; speeds are knots"]
    if left:
        notes.append(f"{left} rows of another shape are left out")
    lat, lon = column(1), column(2)
    off = (np.abs(lat) > 90.0) | (np.abs(lon) > 360.0)
    return _checked(
        [
            make(
                str(document.get("icao", "track")),
                str(document.get("r", "")),
                str(document.get("t", "")),
                file,
                "readsb trace",
                float(offset[0]) + column(0),
                np.where(off, np.nan, lat),
                np.where(off, np.nan, lon),
                column(3) * FOOT,
                column(4) * KNOT,
                column(5),
                [row[3] == "ground" for row in rows],
                [bool(flag & 2) for flag in flags],
                tuple(notes),
            )
        ],
        file,
    )


def _opensky_track(document: dict[str, Any], file: str) -> tuple[Track, ...]:
    rows = [row for row in document["path"] if isinstance(row, list) and len(row) >= 6]
    if not rows:
        raise InputError(Fault("is an OpenSky track without a path", file=file, key="path"))
    columns = {
        name: [row[k] for row in rows]
        for k, name in enumerate(("time", "latitude", "longitude", "baroaltitude", "true_track", "onground"))
    }
    columns["icao24"] = [document.get("icao24", "track")] * len(rows)
    columns["callsign"] = [document.get("callsign") or ""] * len(rows)
    return _from_columns(columns, file, "OpenSky track", metric=True)


def _opensky_states(document: dict[str, Any], file: str) -> tuple[Track, ...]:
    order = (
        "icao24",
        "callsign",
        "origin",
        "time",
        "lastcontact",
        "longitude",
        "latitude",
        "baroaltitude",
        "onground",
        "velocity",
        "true_track",
    )
    rows = [row for row in document["states"] if isinstance(row, list) and len(row) >= len(order)]
    if not rows:
        raise InputError(Fault("is an OpenSky answer without states", file=file, key="states"))
    return _from_columns(
        {name: [row[k] for row in rows] for k, name in enumerate(order)}, file, "OpenSky states", metric=True
    )


def _csv(text: str, file: str) -> tuple[Track, ...]:
    lines = text.splitlines()
    header = next(
        (
            k
            for k, line in enumerate(lines[:50])
            if re.search(r"lat|position", line, re.IGNORECASE)
            and re.search(r"time|utc|date", line, re.IGNORECASE)
        ),
        None,
    )
    if header is None:
        raise InputError(
            Fault("is in no format of tracks that is read", file=file, hint="see docs/check.md for the list")
        )
    try:
        dialect = csv.Sniffer().sniff(lines[header], delimiters=",;\t|").delimiter
    except csv.Error:
        dialect = ","
    try:
        rows = list(csv.DictReader(lines[header:], delimiter=dialect))
    except csv.Error as error:
        raise InputError(Fault(f"is CSV that cannot be read: {error}", file=file)) from error
    if not rows:
        raise InputError(Fault("has a header and no rows", file=file, line=header + 1))
    names = [name for name in rows[0] if name]
    columns: dict[str, list[Any]] = {name: [row.get(name) for row in rows] for name in names}
    lower = [name.strip().lower() for name in names]
    format = "FlightRadar24 CSV" if "position" in lower else "FlightAware CSV" if "kts" in lower else "CSV"
    return _from_columns(columns, file, format)


def _parquet(data: bytes, file: str) -> tuple[Track, ...]:
    try:
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        raise MissingExtra("Parquet needs pyarrow: pip install 'longreach[tables]'") from error
    try:
        frame = parquet.read_table(io.BytesIO(data))
        columns = {name: frame.column(name).to_pylist() for name in frame.column_names}
    except Exception as error:  # pyarrow raises its own kinds, and others', over a damaged file
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(Fault(f"is a damaged Parquet file: {first[:120]}", file=file)) from error
    return _from_columns(columns, file, "Parquet")


def _igc(text: str, file: str) -> tuple[Track, ...]:
    """Gliding's IGC: the date in HFDTE, B records of time, position, pressure and GNSS height."""
    found = re.search(r"^HFDTE(?:DATE:)?\s*(\d{2})(\d{2})(\d{2})", text, re.MULTILINE)
    if not found:
        raise InputError(Fault("is an IGC file without its date (HFDTE)", file=file))
    try:
        day = datetime(2000 + int(found[3]), int(found[2]), int(found[1]), tzinfo=UTC).timestamp()
    except ValueError as error:
        raise InputError(Fault(f"has a date that is none: {found[0]}", file=file)) from error
    times, lat, lon, up = [], [], [], []
    before = -1.0
    for row in re.finditer(
        r"^B(\d\d)(\d\d)(\d\d)(\d\d)(\d{5})([NS])(\d{3})(\d{5})([EW])[AV](-?\d{4,5})(-?\d{4,5})",
        text,
        re.MULTILINE,
    ):
        seconds = 3600 * int(row[1]) + 60 * int(row[2]) + int(row[3])
        if seconds < before - 43200:
            day += 86400.0
        before = seconds
        times.append(day + seconds)
        lat.append((int(row[4]) + int(row[5]) / 60000.0) * (1 if row[6] == "N" else -1))
        lon.append((int(row[7]) + int(row[8]) / 60000.0) * (1 if row[9] == "E" else -1))
        up.append(float(row[10]))
    return _checked(
        [
            make(
                "track",
                "",
                "",
                file,
                "IGC",
                times,
                lat,
                lon,
                up,
                notes=("heights are pressure altitude, metres",),
            )
        ],
        file,
    )


def _through_routes(data: bytes, file: str) -> tuple[Track, ...]:
    """GPX, KML, KMZ and GeoJSON by the readers of routes; only lines with times are tracks."""
    from longreach.importing import formats

    tracks = []
    untimed = 0
    for line in formats.read(data, file):
        timed = [point for point in line.points if point.time is not None]
        if len(timed) < 2:
            untimed += 1
            continue
        tracks.append(
            make(
                line.name or "track",
                line.name,
                line.aircraft,
                file,
                line.format,
                [p.time.timestamp() for p in timed if p.time],
                [p.lat for p in timed],
                geodesy.wrap_longitude([p.lon for p in timed]),
                [np.nan if p.altitude_m is None else p.altitude_m for p in timed],
                notes=("heights are metres",),
            )
        )
    if not tracks:
        raise InputError(
            Fault(f"holds {untimed} lines and no time on any of them: a route, not a track", file=file)
        )
    bad = [track for track in tracks if np.nanmax(np.abs(track.lat)) > 90.0]
    if bad:
        raise InputError(Fault("has latitudes beyond 90 degrees", file=file))
    return _checked(tracks, file)
