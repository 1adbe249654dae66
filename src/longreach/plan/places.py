"""Where contacts may be: over which States, out of which areas, on which tracks the user names."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from longreach import geodesy, station
from longreach.geodesy import Floats
from longreach.line import Line
from longreach.mission.model import Forbidden, LeadFlight, Mission, Refuelling, RefuellingTrack, Station, Via
from longreach.plan.geometry import LeadLine
from longreach.units import NAUTICAL_MILE
from longreach.world import airspace

STEP = 2_000.0  # m between the points of the line looked at
BESIDE = 60.0 * NAUTICAL_MILE  # a base nearer to the line than this needs no bend
ON_LINE = 1.0 * NAUTICAL_MILE  # a track that begins so near to the line lies on it


def allowed(rules: Refuelling, line: Line, along_m: Floats, reach_m: float) -> np.ndarray:
    """(n,) True where a contact that begins there and runs on for `reach_m` is all where one may be."""
    if rules.over is None and not rules.not_over and not rules.forbidden:
        return np.ones(along_m.size, bool)
    fine = np.arange(0.0, line.length_m + STEP, STEP)
    lat, lon, _ = line.at(fine)
    bad = np.zeros(lat.size, bool)
    if rules.over is not None or rules.not_over:
        codes = airspace.overflown(lat, lon)
        if rules.over is not None:
            bad |= ~np.isin(codes, [*rules.over, ""])
        bad |= np.isin(codes, list(rules.not_over))
    for area in rules.forbidden:
        bad |= station.inside(_as_station(area), lat, lon)
    before = np.concatenate([[0], np.cumsum(bad)])  # bad points before each
    first = np.floor(along_m / STEP).astype(int)
    last = np.minimum(np.ceil((along_m + reach_m) / STEP).astype(int), bad.size - 1)
    return np.asarray(before[last + 1] == before[first])


def _as_station(area: Forbidden) -> Station:
    shape = "polygon" if area.polygon else "circle"
    return Station(area.name, shape, area.lat, area.lon, 0.0, radius_m=area.radius_m, polygon=area.polygon)


def bent(flight: LeadFlight, area: Station | None, tracks: Sequence[RefuellingTrack]) -> LeadFlight:
    """The flight with the tracks among its via points, each where it lengthens the way least."""
    for track in tracks:
        points = [Via(track.name, *track.start)]
        if track.end is not None:
            points.append(Via(f"{track.name} end", *track.end))
        out, back = list(flight.outbound_via), list(flight.return_via)
        turn = [] if area is None else [(area.lat, area.lon)]
        stops = [
            (flight.origin.lat, flight.origin.lon),
            *((via.lat, via.lon) for via in out),
            *turn,
            *((via.lat, via.lon) for via in back),
            (flight.destination.lat, flight.destination.lon),
        ]

        def extra(k: int, stops=stops, points=points) -> float:
            way = [stops[k], *((via.lat, via.lon) for via in points), stops[k + 1]]
            flown = sum(float(geodesy.distance(*a, *b)) for a, b in itertools.pairwise(way))
            return flown - float(geodesy.distance(*stops[k], *stops[k + 1]))

        longer = [extra(k) for k in range(len(stops) - 1)]
        k = max(k for k, metres in enumerate(longer) if metres <= min(longer) + 1.0)  # of equals the later
        if area is None or k <= len(out):
            out[k:k] = points
        else:
            k -= len(out) + 1
            back[k:k] = points
        flight = replace(flight, outbound_via=tuple(out), return_via=tuple(back))
    return flight


def on_line(track: RefuellingTrack, line: Line) -> bool:
    """True where the track begins on the line as it is."""
    lat, lon, _ = geodesy.densify(line.lat, line.lon, ON_LINE)
    return bool(geodesy.distance(lat, lon, *track.start).min() <= ON_LINE)


def where(track: RefuellingTrack, way: LeadLine) -> list[float]:
    """Distances along the line at which the track begins: at its mark, or wherever the line passes it."""
    marks = [mark.along_m for mark in way.marks if mark.name == track.name]
    if marks:
        return marks
    lat, lon, along = geodesy.densify(way.line.lat, way.line.lon, ON_LINE / 2.0)
    near = geodesy.distance(lat, lon, *track.start) <= ON_LINE
    return [
        float(along[group[np.argmin(geodesy.distance(lat[group], lon[group], *track.start))]])
        for group in np.split(np.flatnonzero(near), np.flatnonzero(np.diff(np.flatnonzero(near)) > 1) + 1)
        if group.size
    ]


def towards_bases(mission: Mission, line: Line, count: int) -> list[RefuellingTrack]:
    """As many points half way from the line to the tanker bases nearest to it, but not beside it."""
    if not count:
        return []
    lat, lon, _ = geodesy.densify(line.lat, line.lon, 10_000.0)
    found: dict[str, tuple[float, RefuellingTrack]] = {}
    for entry in mission.tankers:
        base = entry.base
        away = geodesy.distance(lat, lon, base.lat, base.lon)
        k = int(np.argmin(away))
        if away[k] > BESIDE and base.code not in found:
            _, azimuth, _ = geodesy.inverse(lat[k], lon[k], base.lat, base.lon)
            to_lat, to_lon, _ = geodesy.direct(lat[k], lon[k], azimuth, away[k] / 2.0)
            point = (float(to_lat), float(to_lon))
            found[base.code] = (float(away[k]), RefuellingTrack(f"a point towards {base.code}", point))
    return [track for _, track in sorted(found.values(), key=lambda pair: pair[0])][:count]


def merit(found: Any) -> tuple[bool, int, float]:
    """Order of merit of leads, their tankers and what is missing: works, fewest sorties, least fuel."""
    leads, assignment, shortfalls = found[:3]
    works = bool(leads) and assignment is not None and not shortfalls
    if not works:
        return True, 0, 0.0
    flights = [flight for flight in assignment.flights if "spare_of" not in flight.more]
    fuel = sum(lead.flight.count * float(lead.profile.fuel_kg[0]) for lead in leads)
    for flight in flights:
        fuel += flight.count * float(flight.profile.fuel_kg[0] - flight.profile.fuel_kg[-1])
    return False, sum(flight.count for flight in flights), fuel


def tried_row(name: str, found: Any) -> dict[str, Any]:
    """A line tried, for the plan document; figures null where no plan was found on it."""
    fails, sorties, fuel = merit(found)
    lead = found[0][0] if found[0] else None
    return {
        "line": name,
        "route_nm": None if lead is None else round(lead.way.route_m / NAUTICAL_MILE, 1),
        "tanker_sorties": None if fails else sorties,
        "fuel_bought_kg": None if fails else round(fuel, 1),
        "chosen": name == "as given",
    }
