"""The one table every exporter writes from: each flight's rows, its route points on them, and the events.

Made from the plan document alone. Times are seconds from 1970 UTC, positions degrees, levels pressure
altitude in metres.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.brief import reading
from longreach.brief.reading import Flight, Plan
from longreach.document import sha256, to_bytes
from longreach.errors import Fault, InputError
from longreach.geodesy import Floats
from longreach.units import FOOT, NAUTICAL_MILE

SAME_PLACE_DEG = 3e-6  # a row says where it is with six decimals, some 0.1 m


@dataclass(frozen=True, slots=True)
class RoutePoint:
    """A vertex of a route with the row that lies on it.

    ident : a name that is unique within the flight, letters and digits ("LEAD014" where the plan gives none)
    kind : the plan's, or "added" for a point put in along a leg
    row : index in the flight's track; of an added point the row before it
    """

    name: str
    ident: str
    kind: str
    lat: float
    lon: float
    time_s: float
    altitude_m: float
    tas_kt: float
    row: int


@dataclass(frozen=True, slots=True)
class Track:
    """One flight as rows. Arrays are (n,); `leg` is the number of the route point that was passed last."""

    flight: Flight
    time_s: Floats
    lat: Floats
    lon: Floats
    altitude_m: Floats
    tas_kt: Floats
    gs_kt: Floats
    fuel_kg: Floats
    phase: tuple[str, ...]
    leg: np.ndarray[Any, np.dtype[np.int64]]
    points: tuple[RoutePoint, ...]

    @property
    def id(self) -> str:
        return self.flight.id

    @property
    def what(self) -> str:
        """The flight in a few words, "lead, 2 x B-52H, US"."""
        flight = self.flight
        return f"{flight.id}, {flight.count} x {flight.aircraft}, {flight.operator}"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at a time and place, with an end where it lasts."""

    kind: str  # takeoff | landing | refuelling | join | station | abort
    id: str
    title: str
    detail: str
    start_s: float
    end_s: float
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Table:
    """Everything an exporter may write. `sha256` is the hash of the plan document."""

    plan: Plan
    document: Mapping[str, Any]
    sha256: str
    tracks: tuple[Track, ...]
    events: tuple[Event, ...]

    @property
    def first_s(self) -> float:
        """The earliest moment of any flight: what stands for "now" in files that want a time of writing."""
        return min(float(track.time_s[0]) for track in self.tracks)

    @property
    def last_s(self) -> float:
        return max(float(track.time_s[-1]) for track in self.tracks)


def stamp(time_s: float) -> str:
    """Whole seconds in ISO 8601, UTC.

    >>> stamp(0.0)
    '1970-01-01T00:00:00Z'
    """
    return f"{moment(time_s):%Y-%m-%dT%H:%M:%SZ}"


def moment(time_s: float) -> datetime:
    """An aware UTC datetime, to the second."""
    return datetime.fromtimestamp(round(time_s), UTC)


def read(document: Mapping[str, Any]) -> Table:
    """The table of a plan document.

    Raises: InputError for a document that does not read as a plan, that holds no flight (an infeasible
    plan has none to export), or a route vertex on which no row lies.
    """
    plan = reading.read(document)
    if not plan.flights:
        raise InputError(
            Fault(
                "the plan holds no flight, so there is nothing to export",
                key="flights",
                hint="an infeasible plan has no track; its shortfalls say what would cure it",
            )
        )
    tracks = tuple(_track(flight, raw) for flight, raw in zip(plan.flights, document["flights"], strict=True))
    return Table(plan, document, sha256(to_bytes(document)), tracks, _events(plan))


def _track(flight: Flight, raw: Mapping[str, Any]) -> Track:
    columns = list(raw["track"]["columns"])
    tas = np.array([row[columns.index("tas_kt")] for row in raw["track"]["rows"]], float)
    altitude = flight.altitude_ft * FOOT
    points: list[RoutePoint] = []
    idents: set[str] = set()
    start = 0
    for number, vertex in enumerate(flight.route):
        off = np.abs(flight.lat[start:] - vertex.lat)
        turned = np.abs(geodesy.wrap_longitude(flight.lon[start:] - vertex.lon))
        found = np.nonzero((off < SAME_PLACE_DEG) & ((turned < SAME_PLACE_DEG) | (abs(vertex.lat) > 89.999)))[
            0
        ]
        if not found.size:
            raise InputError(
                Fault(
                    f"no row of flight {flight.id} lies at {vertex.lat}, {vertex.lon}",
                    key=f"flights.{flight.id}.route.{number}",
                    hint="the plan does not follow the contract; `longreach verify` says more",
                )
            )
        row = start + int(found[0])
        start = row + 1 if row + 1 < flight.lat.size else row
        ident = _ident(vertex.name, flight.id, number, idents)
        idents.add(ident)
        points.append(
            RoutePoint(
                vertex.name,
                ident,
                vertex.kind,
                vertex.lat,
                vertex.lon,
                float(flight.time_s[row]),
                float(altitude[row]),
                float(tas[row]),
                row,
            )
        )
    leg = np.searchsorted([point.row for point in points], np.arange(flight.lat.size), side="right") - 1
    return Track(
        flight,
        flight.time_s,
        flight.lat,
        flight.lon,
        altitude,
        tas,
        flight.gs_kt,
        flight.fuel_kg,
        flight.phase,
        np.clip(leg, 0, None),
        tuple(points),
    )


def _ident(name: str, flight: str, number: int, taken: set[str]) -> str:
    plain = re.sub(r"[^A-Z0-9]", "", name.upper())
    for ident in (
        plain[:8] if len(plain) >= 2 else "",
        f"{re.sub('[^A-Z0-9]', '', flight.upper())[:5]}{number:03d}",
    ):
        if ident and ident not in taken:
            return ident
    return f"{re.sub('[^A-Z0-9]', '', flight.upper())[:4]}{number:04d}"


def split(track: Track, longest_m: float = 200.0 * NAUTICAL_MILE) -> tuple[RoutePoint, ...]:
    """The route with points added so that no leg is longer than `longest_m`, equally spaced, on the rows' time.

    A reader that joins points on a sphere, or wants one every 200 nm, then stays on the planned line.
    """
    points = [track.points[0]]
    for begin, end in zip(track.points[:-1], track.points[1:], strict=True):
        length, azimuth, _ = geodesy.inverse(begin.lat, begin.lon, end.lat, end.lon)
        parts = max(1, math.ceil(float(length) / longest_m))
        rows = slice(begin.row, end.row + 1)
        along = geodesy.distance(begin.lat, begin.lon, track.lat[rows], track.lon[rows])
        for part in range(1, parts):
            distance = float(length) * part / parts
            lat, lon, _ = geodesy.direct(begin.lat, begin.lon, float(azimuth), distance)

            def at(
                column: Floats, rows: slice = rows, along: Floats = along, distance: float = distance
            ) -> float:
                return float(np.interp(distance, along, column[rows]))

            points.append(
                RoutePoint(
                    "",
                    f"{begin.ident[:6]}{part:02d}",
                    "added",
                    float(lat),
                    float(lon),
                    at(track.time_s),
                    at(track.altitude_m),
                    at(track.tas_kt),
                    begin.row + int(np.searchsorted(along, distance, side="right")) - 1,
                )
            )
        points.append(end)
    return tuple(points)


def _events(plan: Plan) -> tuple[Event, ...]:
    events = []
    for flight in plan.flights:
        what = f"{flight.count} x {flight.aircraft} ({flight.id})"
        events.append(
            Event(
                "takeoff",
                f"{flight.id}-takeoff",
                f"Take-off {flight.origin}: {what}",
                "",
                flight.takeoff_s,
                flight.takeoff_s,
                float(flight.lat[0]),
                float(flight.lon[0]),
            )
        )
        events.append(
            Event(
                "landing",
                f"{flight.id}-landing",
                f"Landing {flight.destination}: {what}",
                "",
                flight.landing_s,
                flight.landing_s,
                float(flight.lat[-1]),
                float(flight.lon[-1]),
            )
        )
    for contact in plan.refuellings:
        events.append(
            Event(
                "refuelling",
                contact.id,
                f"Refuelling {contact.id}: {contact.receiver} from {contact.tankers} x {contact.tanker_type}",
                f"{contact.onload_kg:.0f} kg to each of {contact.receivers} at "
                f"{contact.altitude_ft:.0f} ft; tanker {contact.tanker_flight} of {contact.tanker_base}",
                contact.start_s,
                contact.end_s,
                *contact.start,
            )
        )
        events.append(
            Event(
                "abort",
                f"{contact.id}-abort",
                f"Decision {contact.id}: without this fuel, divert to {contact.abort_base}",
                f"needed {contact.abort_needed_kg:.0f} kg, at hand {contact.abort_available_kg:.0f} kg, "
                f"margin {contact.abort_margin_kg:.0f} kg",
                contact.end_s,
                contact.end_s,
                *contact.end,
            )
        )
    for number, join in enumerate(plan.joins, 1):
        events.append(
            Event(
                "join",
                f"join-{number}",
                f"{join.flight} joins {join.partner_of}",
                "",
                join.join_s,
                join.leave_s,
                *join.join,
            )
        )
    if plan.station is not None and plan.lead is not None:
        lead = plan.lead
        at = int(np.argmin(np.abs(lead.time_s - plan.station.enter_s)))
        events.append(
            Event(
                "station",
                "station",
                f"On station: {plan.station.area}",
                "",
                plan.station.enter_s,
                plan.station.leave_s,
                float(lead.lat[at]),
                float(lead.lon[at]),
            )
        )
    return tuple(sorted(events, key=lambda event: (event.start_s, event.id)))
