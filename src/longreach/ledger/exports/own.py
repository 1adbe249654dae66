"""A ledger's records as JSON lines, as CSV tables and as GeoJSON, all of which read back without loss.

JSON lines: a heading, then every record on a line of its own; a line {"import": ...} before the records of an import.
CSV: a folder with one table for each kind, nested fields as JSON, and `imports.csv`; `order` restores the order.
GeoJSON: one feature for each place, for maps; the records themselves are in the member `longreach`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from longreach.document import sha256
from longreach.ledger import records
from longreach.ledger.exports.rights import Released
from longreach.ledger.log import compact
from longreach.ledger.records import Count, Place, Record
from longreach.ledger.view import View

SCHEMA = "longreach.records/1"


def heading(view: View, released: Released) -> dict[str, Any]:
    """What the file is, of which state, and what stays out of it."""
    return {
        "schema": SCHEMA,
        "title": view.title,
        "state_sha256": view.sha256(),
        "log_hash": view.tail.hash,
        "log_seq": view.tail.seq,
        "known_at": view.tail.time,
        "records": len(released.items),
        "private": released.private,
        "left_out": released.left_out,
    }


def items(view: View, released: Released) -> Iterator[dict[str, Any]]:
    """Records and, before the first of each import and after its last, a line that says so."""
    info = {batch.id: batch.info for batch in view.batches()}
    now = ""
    for item in released.items:
        if item.batch != now:
            now = item.batch
            yield {"import": info.get(now)}
        yield records.to_json(item.record)


def jsonl(view: View, released: Released) -> bytes:
    """JSON lines."""
    lines = [compact(heading(view, released)), *(compact(each) for each in items(view, released))]
    return ("\n".join(lines) + "\n").encode()


def csv_tables(view: View, released: Released) -> dict[str, bytes]:
    """File name -> table. Kinds of which there is nothing have no table."""
    found: dict[str, bytes] = {}
    info = {batch.id: batch.info for batch in view.batches()}
    used = list(dict.fromkeys(item.batch for item in released.items if item.batch))
    tables: dict[str, list[list[str]]] = {}
    for order, item in enumerate(released.items, 1):
        document = records.to_json(item.record)
        row = [str(order), item.batch]
        row += [
            _cell(document.get(name), spec.form) for name, spec in records.fields_of(item.record.kind).items()
        ]
        tables.setdefault(item.record.kind, []).append(row)
    for kind in records.KINDS:
        if kind in tables:
            found[f"{kind}.csv"] = _csv([["order", "batch", *records.fields_of(kind)], *tables[kind]])
    rows = [["batch", "info"], *([name, compact(info[name])] for name in used)]
    found["imports.csv"] = _csv(rows)
    found["about.csv"] = _csv(
        [["what", "value"], *([k, _cell(v, "json")] for k, v in heading(view, released).items())]
    )
    return found


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def _cell(value: Any, form: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and form != "row":
        return value
    return compact(value)


def geojson(view: View, released: Released) -> bytes:
    """A FeatureCollection of the places, with the records beside it."""
    by_id = {item.record.id: item.record for item in released.items if item.live}
    parts: dict[str, list[Record]] = {}
    for record in by_id.values():
        if record.kind in ("time", "count"):
            parts.setdefault(view.current(record.of), []).append(record)  # type: ignore[union-attr]
    events: dict[str, list[str]] = {}
    for record in by_id.values():
        if record.kind == "link" and record.relation in records.TO_EVENT:  # type: ignore[union-attr]
            events.setdefault(view.current(record.from_), []).append(view.current(record.to))  # type: ignore[union-attr]
    features = [
        feature
        for record in by_id.values()
        if isinstance(record, Place)
        and (feature := _feature(record, by_id.get(view.current(record.of)), by_id, parts, events))
    ]
    document = {
        "type": "FeatureCollection",
        "features": features,
        "longreach": {**heading(view, released), "items": list(items(view, released))},
    }
    return compact(document).encode() + b"\n"


def _feature(
    place: Place,
    claim: Any,
    by_id: dict[str, Any],
    parts: dict[str, list[Record]],
    events: dict[str, list[str]],
) -> dict[str, Any] | None:
    geometry: dict[str, Any]
    if place.lat is not None and place.lon is not None:
        geometry = {"type": "Point", "coordinates": [place.lon, place.lat]}
    elif place.rings:
        rings = [[[lon, lat] for lat, lon in ring] for ring in place.rings]
        geometry = {"type": "Polygon", "coordinates": rings}
    else:
        return None
    if claim is None:
        return None
    event = next(
        (by_id[id] for id in events.get(claim.id, ()) if id in by_id and by_id[id].kind == "event"), None
    )
    report = by_id.get(claim.report)
    properties: dict[str, Any] = {
        "id": place.id,
        "name": place.name,
        "role": place.role,
        "radius_m": place.radius_m,
        "precision": place.precision,
        "claim": claim.id,
        "says": claim.paraphrase or claim.text,
        "event": event.id if event else None,
        "event_type": event.type if event else None,
        "title": event.title if event else None,
        "report": claim.report,
        "url": report.url if report else None,
    }
    for part in parts.get(claim.id, ()):
        if isinstance(part, Count):
            properties.setdefault(f"{part.unit}_lo", part.lo)
            properties.setdefault(f"{part.unit}_hi", part.hi)
        elif part.kind == "time":
            properties.setdefault("from", part.start_earliest or None)  # type: ignore[union-attr]
            properties.setdefault("until", part.end_latest or None)  # type: ignore[union-attr]
            properties.setdefault("zone", part.zone)  # type: ignore[union-attr]
    return {
        "type": "Feature",
        "id": place.id,
        "properties": {name: value for name, value in properties.items() if value not in (None, "")},
        "geometry": geometry,
    }


def state_hash(lines: Iterable[str]) -> str:
    """The hash a view of exactly these records has."""
    return sha256("".join(f"{line}\n" for line in lines).encode())


def read_jsonl(text: str) -> Iterator[tuple[int, Any]]:
    """Line number and document, or the error, for each line."""
    for n, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield n, json.loads(line)
        except (ValueError, RecursionError) as error:
            yield n, error
