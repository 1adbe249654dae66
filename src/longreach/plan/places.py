"""Where contacts may be: over which States, out of which areas, on which tracks the user names."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Bend:
    """A point that a flight's line is bent to; `leg` is the one between two of its stops, None for the best.

    group : of points that do the same at another distance only one is used
    """

    name: str
    point: tuple[float, float]
    group: str
    leg: int | None = None


def stops_of(flight: LeadFlight, area: Station | None) -> list[tuple[float, float]]:
    """(lat, lon) of what a flight's line goes through, in order: fields, via points, the middle of the station."""
    turn = [] if area is None else [(area.lat, area.lon)]
    return [
        (flight.origin.lat, flight.origin.lon),
        *((via.lat, via.lon) for via in flight.outbound_via),
        *turn,
        *((via.lat, via.lon) for via in flight.return_via),
        (flight.destination.lat, flight.destination.lon),
    ]


def bent(flight: LeadFlight, area: Station | None, bends: Sequence[Bend | RefuellingTrack]) -> LeadFlight:
    """The flight with bends and tracks among its via points, each where it lengthens the way least.

    Legs of bends are those of the flight as given; they are put in first, the last leg's first.
    """
    placed = [bend for bend in bends if isinstance(bend, Bend) and bend.leg is not None]
    for one in sorted(placed, key=lambda one: one.leg or 0, reverse=True):
        flight = _with_points(flight, area, one.leg or 0, [Via(one.name, *one.point)])
    for bend in bends:
        if isinstance(bend, Bend):
            if bend.leg is not None:
                continue
            points = [Via(bend.name, *bend.point)]
        else:
            points = [Via(bend.name, *bend.start)]
            if bend.end is not None:
                points.append(Via(f"{bend.name} end", *bend.end))
        longer = lengthened(stops_of(flight, area), [(via.lat, via.lon) for via in points])
        leg = max(k for k, metres in enumerate(longer) if metres <= min(longer) + 1.0)  # of equals the later
        flight = _with_points(flight, area, leg, points)
    return flight


def lengthened(stops: Sequence[tuple[float, float]], points: Sequence[tuple[float, float]]) -> list[float]:
    """How much longer each leg gets by points between its ends, on geodesics [m]."""
    found = []
    for one, two in itertools.pairwise(stops):
        flown = sum(float(geodesy.distance(*a, *b)) for a, b in itertools.pairwise([one, *points, two]))
        found.append(flown - float(geodesy.distance(*one, *two)))
    return found


def _with_points(flight: LeadFlight, area: Station | None, leg: int, points: Sequence[Via]) -> LeadFlight:
    out, back = list(flight.outbound_via), list(flight.return_via)
    if area is None or leg <= len(out):
        out[leg:leg] = points
    else:
        leg -= len(out) + 1
        back[leg:leg] = points
    return replace(flight, outbound_via=tuple(out), return_via=tuple(back))


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


def towards_bases(mission: Mission, line: Line, share: float = 0.5) -> list[tuple[float, Bend]]:
    """(distance of the base from the line [m], a point that share of the way to it), nearest first.

    Each tanker base once, those beside the line left out.
    """
    lat, lon, _ = geodesy.densify(line.lat, line.lon, 10_000.0)
    found: dict[str, tuple[float, Bend]] = {}
    for entry in mission.tankers:
        base = entry.base
        away = geodesy.distance(lat, lon, base.lat, base.lon)
        k = int(np.argmin(away))
        if away[k] > BESIDE and base.code not in found:
            _, azimuth, _ = geodesy.inverse(lat[k], lon[k], base.lat, base.lon)
            to_lat, to_lon, _ = geodesy.direct(lat[k], lon[k], azimuth, away[k] * share)
            point = (round(float(to_lat), 7), round(float(to_lon), 7))
            found[base.code] = (float(away[k]), Bend(f"a point towards {base.code}", point, base.code))
    return sorted(found.values(), key=lambda pair: pair[0])


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


def tried_row(found: Any) -> dict[str, Any]:
    """What a plan on a line takes, for the plan document; figures null where no plan was found on it."""
    fails, sorties, fuel = merit(found)
    lead = found[0][0] if found[0] else None
    return {
        "route_nm": None if lead is None else round(lead.way.route_m / NAUTICAL_MILE, 1),
        "tanker_sorties": None if fails else sorties,
        "fuel_bought_kg": None if fails else round(fuel, 1),
    }
