"""Tables: CSV of the rows and of the events, and GeoParquet 1.1 of the rows."""

from __future__ import annotations

import csv
import io
import json
import struct
from typing import Any

from longreach.export.result import Carried, File
from longreach.export.table import Table, stamp
from longreach.units import FOOT

_COLUMNS = (
    "flight",
    "role",
    "operator",
    "aircraft",
    "count",
    "time_utc",
    "lat",
    "lon",
    "altitude_ft",
    "tas_kt",
    "gs_kt",
    "wind_u_mps",
    "wind_v_mps",
    "mass_kg",
    "fuel_kg",
    "phase",
    "leg",
)


def comma_separated(table: Table) -> tuple[File, ...]:
    """track.csv, a line for each row of each flight, and events.csv."""
    rows = _text([list(_COLUMNS), *_rows(table)])
    events = _text(
        [
            ["id", "kind", "title", "detail", "start_utc", "end_utc", "lat", "lon"],
            *(
                [
                    e.id,
                    e.kind,
                    e.title,
                    e.detail,
                    stamp(e.start_s),
                    stamp(e.end_s),
                    round(e.lat, 6),
                    round(e.lon, 6),
                ]
                for e in table.events
            ),
        ]
    )
    carried = tuple(Carried(track.id, track.lat, track.lon) for track in table.tracks)
    return (
        File("track.csv", rows, ("route names, checks, closures and margins are left out",), carried),
        File("events.csv", events, ("only what happens at a time: no tracks",)),
    )


def _text(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _rows(table: Table) -> list[list[Any]]:
    found = []
    for track, raw in zip(table.tracks, table.document["flights"], strict=True):
        columns = raw["track"]["columns"]
        at = {name: columns.index(name) for name in _COLUMNS if name in columns}
        flight = track.flight
        head = [flight.id, flight.role, flight.operator, flight.aircraft, flight.count]
        names = [point.name or point.ident for point in track.points]
        for row, leg in zip(raw["track"]["rows"], track.leg, strict=True):
            found.append([*head, *(row[at[name]] for name in _COLUMNS[5:16]), names[int(leg)]])
    return found


def geoparquet(table: Table) -> tuple[File, ...]:
    """track.parquet: the rows with a WKB point each (OGC:CRS84). Needs `pyarrow` (extra `export`)."""
    import pyarrow as pa
    from pyarrow import parquet

    columns = dict(zip(_COLUMNS, zip(*_rows(table), strict=True), strict=True))
    times = [int(t) for track in table.tracks for t in track.time_s.round()]
    lat, lon = columns["lat"], columns["lon"]
    arrays: dict[str, Any] = {}
    for name, values in columns.items():
        if name == "time_utc":
            arrays[name] = pa.array(times, pa.timestamp("s", tz="UTC")).cast(pa.timestamp("ms", tz="UTC"))
        elif name == "count":
            arrays[name] = pa.array(values, pa.int32())
        elif name in ("flight", "role", "operator", "aircraft", "phase", "leg"):
            arrays[name] = pa.array(values, pa.string())
        else:
            arrays[name] = pa.array([float(value) for value in values], pa.float64())
    arrays["altitude_m"] = pa.array([float(value) * FOOT for value in columns["altitude_ft"]], pa.float64())
    arrays["geometry"] = pa.array(
        [struct.pack("<BIdd", 1, 1, float(x), float(y)) for y, x in zip(lat, lon, strict=True)], pa.binary()
    )
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {
                "encoding": "WKB",
                "geometry_types": ["Point"],
                "bbox": [min(lon), min(lat), max(lon), max(lat)],
            }
        },
    }
    frame = pa.table(arrays).replace_schema_metadata(
        {
            "geo": json.dumps(geo, separators=(",", ":")),
            "longreach": json.dumps({"plan_sha256": table.sha256}),
        }
    )
    sink = io.BytesIO()
    parquet.write_table(frame, sink, compression="zstd", version="2.6")
    carried = tuple(Carried(track.id, track.lat, track.lon) for track in table.tracks)
    losses = ("route, checks, closures and margins are left out",)
    return (File("track.parquet", sink.getvalue(), losses, carried),)
