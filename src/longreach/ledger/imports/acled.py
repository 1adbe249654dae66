"""ACLED exports: the columns of today and of older exports, every style of date they came with.

ACLED's terms forbid passing its rows on: a row comes in with rights `closed`, and no export gives it out. Columns
from the acledR documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from longreach.ledger.imports.dates import iso, read_span
from longreach.ledger.imports.incident import Incident, Number, name_of
from longreach.ledger.imports.ucdp import number
from longreach.ledger.records import Entity

NAME = "acled"
PUBLISHER = Entity(
    id="ACLED",
    name="Armed Conflict Location and Event Data",
    type="data set",
    note="codes news and other reports",
)
LICENCE = "ACLED terms of use: rows are not to be passed on"
NEEDED = {"event_date", "event_type", "latitude", "longitude"}
ALSO = {
    "sub_event_type",
    "actor1",
    "geo_precision",
    "time_precision",
    "fatalities",
    "event_id_cnty",
    "data_id",
}
# The radius we draw and search with; ACLED names the class, the metres are ours.
WHERE = {
    "1": ("the town or place", 5_000.0),
    "2": ("near a town, or part of a region", 50_000.0),
    "3": ("a larger region", 150_000.0),
}


def recognise(columns: tuple[str, ...], first: tuple[Any, ...]) -> tuple[tuple[str, ...], bool] | None:
    """The columns, in small letters; None where this is no ACLED file."""
    names = tuple(str(name).strip().lower() for name in columns)
    if set(names) >= NEEDED and len(set(names) & ALSO) >= 3:
        return names, True
    return None


def read(row: Mapping[str, Any], order: str | None = None) -> Incident:
    """One row. `order` is dmy or mdy where dates are of three numbers. ValueError says what is wrong."""
    get = lambda name: str(row.get(name) or "").strip()  # noqa: E731
    id = get("event_id_cnty") or get("data_id") or get("event_id_no_cnty")
    if not id:
        raise ValueError("has no event_id_cnty, data_id or event_id_no_cnty")
    try:
        start, end, _ = read_span(get("event_date"), order)
    except ValueError as error:
        raise ValueError(f"event_date: {error}") from None
    precision = get("time_precision") or "1"
    if precision == "1":
        basis = "ACLED time_precision 1: the day is known"
    elif precision == "2":  # somewhere in a week that holds the day given
        basis = "ACLED time_precision 2: within a week of the day given"
        start, end = start - timedelta(days=6), end + timedelta(days=6)
    elif precision == "3":
        basis = "ACLED time_precision 3: within the month"
        start = start.replace(day=1)
        end = (start + timedelta(days=32)).replace(day=1)
    else:
        raise ValueError(f"time_precision is {precision[:20]!r}; it can be 1, 2, 3")
    where = get("geo_precision") or "1"
    if where not in WHERE:
        raise ValueError(f"geo_precision is {where[:20]!r}; it can be 1, 2, 3")
    lat, lon = number(get("latitude"), "latitude", 90.0), number(get("longitude"), "longitude", 180.0)
    numbers: tuple[Number, ...] = ()
    if killed := get("fatalities"):
        try:
            best = int(killed[:-2] if killed.endswith(".0") else killed)
        except ValueError:
            raise ValueError(f"fatalities is {killed[:40]!r}, not a whole number") from None
        if not 0 <= best <= 10**8:
            raise ValueError(f"fatalities is {best}, outside 0 to 100,000,000")
        numbers = (Number(unit="killed", best=best, basis="ACLED fatalities: one figure, no range"),)
    last = (end - timedelta(days=1)).date().isoformat()
    first = start.date().isoformat()
    kind = get("sub_event_type") or get("event_type")
    place = get("location") or get("admin1") or get("country")
    behind = [each.strip() for each in get("source").split(";") if each.strip()]
    notes = [f"sources: {'; '.join(behind)}"] if len(behind) > 1 else []
    if scale := get("source_scale"):
        notes.append(f"source scale: {scale}")
    return Incident(
        key=f"acled-{id}" if id.isascii() and id.isalnum() and len(id) <= 40 else name_of(id, "acled-"),
        publisher=PUBLISHER.id,
        title=f"{kind}, {place}",
        paraphrase=f"{kind}: {get('actor1') or 'actor not given'}"
        + (f" and {get('actor2')}" if get("actor2") else ""),
        text=str(row.get("notes") or ""),
        subject=get("actor1"),
        object=get("actor2"),
        behind=((behind[0], "news"),) if len(behind) == 1 else (),
        start=iso(start, False),
        end=iso(end, False),
        edtf=first if first == last else f"{first}/{last}",
        when_basis=basis,
        lat=lat,
        lon=lon,
        radius_m=WHERE[where][1],
        place=place,
        precision=f"ACLED geo_precision {where}: {WHERE[where][0]}",
        numbers=numbers,
        rights="closed",
        licence=LICENCE,
        note="; ".join(notes),
    )
