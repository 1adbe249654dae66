"""Flights as the plan holds them: the lead, and the tankers that meet it."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from longreach import geodesy, route, timeline
from longreach.fuel.profile import Profile, Segment, fly
from longreach.fuel.refuelling import Pairing, Pool
from longreach.geodesy import Floats
from longreach.line import Line
from longreach.mission.model import Mission, TankerBase
from longreach.plan.lead import Contact, LeadPlan, doubt_z, relative_sigma
from longreach.plan.shortfall import Shortfall
from longreach.route import Prepared
from longreach.units import NAUTICAL_MILE
from longreach.world import airspace
from longreach.world.aircraft import Aircraft
from longreach.world.airports import Place
from longreach.world.winds import Aloft

SAMPLE_S = 20.0  # how finely a flight is sampled for the States it overflies
BRIEF_GAP_S = 60.0  # out of a State's airspace and back within this: said as one overflight
ROUNDS = 20  # flights tried until one comes home with what it must and no more: each round gains half or more
ON_TIME = 2.0  # s between the take-off a wind was taken for and the one that comes of it
ROOM_TO_DESCEND = 30.0 * NAUTICAL_MILE  # added at a time where the way home is too short
STEEP = 29.0  # m/s, about 5,700 ft/min down: steeper means the way home was too short
BUDDY_APART = 20.0 * 60.0  # s between the take-offs of a buddy and its receivers, at most
MORE_LEGS = 6  # times the way home is lengthened before it is left as it is
UPSTREAM_STEP = 40.0 * NAUTICAL_MILE  # tried one more at a time until the tanker gains its level


@dataclass(frozen=True, slots=True)
class Vertex:
    """A named point of a flight's route, in the contract's words."""

    name: str
    lat: float
    lon: float
    kind: str


@dataclass(frozen=True, slots=True)
class Span:
    """A contact on a receiver's line: metres along it, seconds of the receiver's own flight.

    flow_end_s : when the last fuel flows, where others take some after this receiver
    """

    start_m: float
    length_m: float
    start_s: float
    end_s: float
    pairing: Pairing
    flow_end_s: float | None = None

    @property
    def end_m(self) -> float:
        return self.start_m + self.length_m


@dataclass(frozen=True, slots=True)
class Transfer:
    """One contact in which tankers take fuel from as many others; seconds from the first lead's take-off.

    Fuel per aircraft; `needed_kg` is what the way to `abort_base` would have taken, had nothing been given.
    """

    id: str
    receiver: str
    giver: str
    count: int
    pairing: Pairing
    start_s: float
    end_s: float
    start: tuple[float, float]
    end: tuple[float, float]
    onload_kg: float
    before_kg: float
    after_kg: float
    abort_base: str
    needed_kg: float

    @property
    def available_kg(self) -> float:
        return self.after_kg - self.onload_kg


@dataclass(frozen=True, slots=True)
class Flight:
    """One flight of the plan; `takeoff_s` counts from the first lead's take-off.

    takes : of a tanker that takes fuel itself, in order of time
    """

    id: str
    role: str
    operator: str
    aircraft: Aircraft
    count: int
    origin: Place
    destination: Place
    takeoff_s: float
    profile: Profile
    vertices: tuple[Vertex, ...]
    reserve_kg: float
    margin_kg: float
    takes: tuple[Transfer, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)  # further keys of its entry in the document

    @property
    def landing_s(self) -> float:
        return self.takeoff_s + self.profile.duration_s


# -- tankers ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stop:
    """A contact as one tanker of a formation flies it: whose, which of the plan's, and what it gives [kg]."""

    lead: LeadPlan
    number: int
    contact: Contact
    offload_kg: float


def tanker_flight(
    mission: Mission,
    entry: TankerBase,
    pool: Pool,
    stops: tuple[Stop, ...],
    count: int,
    flight_id: str,
    prepared: Prepared,
    takeoff_fuel_kg: float | None = None,
) -> Flight | Shortfall:
    """Tankers in formation: base, wait at the control point, each contact on its receivers' line, base.

    takeoff_fuel_kg : to take off with; None for what is needed
    """
    home = (entry.base.lat, entry.base.lon)
    lines = [
        stop.lead.way.line.between(stop.contact.start_m, stop.contact.start_m + stop.contact.length_m)
        for stop in stops
    ]
    ends = [(float(lat[-1]), float(lon[-1])) for lat, lon in lines]
    legs = []
    for end, nxt in zip(ends, [*lines[1:], None], strict=True):
        there = home if nxt is None else (float(nxt[0][0]), float(nxt[1][0]))
        leg = route.shortest(prepared, end, there)
        if not leg.feasible:
            return Shortfall.of_route(leg.shortfalls[0], flight_id)
        legs.append(leg)
    # a buddy flies the receivers' own line all the way, others as much of it as their climb needs
    upstream = np.arange(0.0, 1.0 if entry.buddy else 9.0) * UPSTREAM_STEP
    for upstream_m in upstream:
        out = (
            _whole_way(stops[0].lead, stops[0].contact, prepared)
            if entry.buddy
            else _way_out(stops[0].lead, stops[0].contact, home, upstream_m, prepared)
        )
        if not out.feasible:
            return Shortfall.of_route(out.shortfalls[0], flight_id)
        found = _tanker(mission, entry, pool, stops, count, flight_id, out, legs, lines, takeoff_fuel_kg)
        if not (isinstance(found, Shortfall) and found.unit == "m"):
            break
    way_home = legs[-1]
    for _ in range(MORE_LEGS):
        if isinstance(found, Shortfall) or _gentle(found.profile):
            break
        # a base so near to the end of the contact leaves no room to come down: fly the way home there and back
        again = max(1, math.ceil(ROOM_TO_DESCEND / max(2.0 * way_home.length_m, 1.0)))
        lat, lon = (
            np.concatenate([flown, *[np.concatenate([home[-2::-1], home[1:]])] * again])
            for flown, home in ((legs[-1].lat, way_home.lat), (legs[-1].lon, way_home.lon))
        )
        legs[-1] = replace(way_home, lat=lat, lon=lon, length_m=geodesy.path_length(lat, lon))
        found = _tanker(mission, entry, pool, stops, count, flight_id, out, legs, lines, takeoff_fuel_kg)
    if entry.buddy and isinstance(found, Flight):
        apart = abs(found.takeoff_s) - BUDDY_APART
        if apart > 0.0:
            what = f"{flight_id}: a buddy would have to leave {abs(found.takeoff_s) / 60.0:.0f} min apart"
            return Shortfall(what, entry.base.code, apart / 60.0, "min")
        found = replace(found, more={**found.more, "buddy": True})
    return found


def _gentle(profile: Profile) -> bool:
    """False where a way down is steeper than it can be flown."""
    rate = np.diff(profile.altitude_m) / np.diff(profile.time_s)
    return bool(rate.min(initial=0.0) > -STEEP)


def _whole_way(lead: LeadPlan, contact: Contact, prepared: Prepared) -> route.Route:
    """The receivers' own line from their field to the contact."""
    lat, lon = lead.way.line.between(0.0, contact.start_m)
    ends = ((float(lat[k]), float(lon[k])) for k in (0, -1))
    found = route.shortest(prepared, *ends)
    return replace(found, lat=lat, lon=lon, length_m=geodesy.path_length(lat, lon))


def _way_out(
    lead: LeadPlan, contact: Contact, home: tuple[float, float], upstream_m: float, prepared: Prepared
) -> route.Route:
    """From base to the control point, by a point upstream on the receivers' line where the climb needs the room."""
    start = max(1.0, contact.start_m - upstream_m)
    lat, lon = lead.way.line.between(start, contact.start_m) if upstream_m else lead.way.line.at(start)[:2]
    found = route.shortest(prepared, home, (float(lat[0]), float(lon[0])))
    if not found.feasible or not upstream_m:
        return found
    along = np.concatenate([found.lat, lat[1:]]), np.concatenate([found.lon, lon[1:]])
    return replace(found, lat=along[0], lon=along[1], length_m=geodesy.path_length(*along))


def _tanker(
    mission: Mission,
    entry: TankerBase,
    pool: Pool,
    stops: tuple[Stop, ...],
    count: int,
    flight_id: str,
    out: route.Route,
    legs: list[route.Route],
    lines: list[tuple[Floats, Floats]],
    takeoff_fuel_kg: float | None,
) -> Flight | Shortfall:
    tanker, base = pool.tanker, entry.base
    offload = sum(stop.offload_kg for stop in stops)
    dry = tanker.operating_empty_mass_kg
    limit = min(tanker.max_fuel_kg, pool.heaviest_kg - dry)
    fuel = min(limit, offload + 0.4 * limit) if takeoff_fuel_kg is None else takeoff_fuel_kg
    margin = doubt_z(mission) * relative_sigma(tanker, mission, float(np.median(pool.table.tas_mps)))
    tas = float(np.median(pool.table.tas_mps))
    aloft = stops[0].lead.aloft
    waits = [pool.early_s]
    for (one, two), leg in zip(itertools.pairwise(stops), legs, strict=False):
        waits.append(two.contact.start_s - one.contact.end_s - leg.length_m / tas)
    best: Profile | None = None
    takeoff_s = stops[0].contact.start_s - waits[0] - out.length_m / tas
    short = 0.0
    for _ in range(ROUNDS):
        if min(waits) < 0.0:
            return Shortfall(
                f"{flight_id}: too late at its next contact", base.code, -min(waits) / 60.0, "min"
            )
        segments, starts = [Segment(out.lat, out.lon, "cruise")], []
        for k, stop in enumerate(stops):
            lat, lon = lines[k]
            pairing = stop.contact.pairing
            segments.append(
                Segment(lat[:1], lon[:1], "hold", pairing.mach, pairing.altitude_m, hold_s=waits[k])
            )
            starts.append(len(segments))
            contact, lead = stop.contact, stop.lead
            last = contact.turns[-1][1] if contact.turns else None
            span = Span(contact.start_m, contact.length_m, contact.start_s, contact.end_s, pairing, last)
            segments += [
                *alongside(lead.profile, lead.way.line, lead.aloft.calm, span, stop.offload_kg),
                Segment(legs[k].lat, legs[k].lon),
            ]
        profile, takeoff_s = in_time(
            tanker, segments, dry + fuel, (base, base), aloft, starts[0], stops[0].contact.start_s, takeoff_s
        )
        if profile.failure is not None and profile.failure.code != "fuel":
            return Shortfall(
                f"{flight_id}: {profile.failure.what}",
                f"{profile.failure.lat:.3f},{profile.failure.lon:.3f}",
                profile.failure.by,
                profile.failure.unit,
            )
        late = [
            takeoff_s + float(profile.segment_start_s[start]) - stop.contact.start_s
            for start, stop in zip(starts, stops, strict=True)
        ]
        on_time = True
        for k in range(1, len(stops)):
            if math.isfinite(late[k]) and abs(late[k]) > 0.5:
                waits[k] -= late[k] - sum(late[1:k])
                on_time = False
        short = pool.reserve_kg + margin * profile.burn_kg - (profile.landing_kg - dry)
        if short <= 0.0 and on_time:
            best = profile
            if short > -40.0 or takeoff_fuel_kg is not None:
                break
        step = (short + 15.0) * 1.05
        if fuel >= limit - 1.0 and step > 0.0 and on_time:
            break
        if takeoff_fuel_kg is None:
            fuel = min(limit, fuel + step)
    if best is None:
        return Shortfall(
            f"{flight_id}: {entry.aircraft} from {base.code} cannot give {offload:,.0f} kg and get home",
            base.code,
            short,
            "kg",
            f"tankers.{[each.id for each in mission.tankers].index(entry.id)}.available",
            None,
            "more tankers, or a base nearer to the contact",
        )
    if entry.crew_day_s is not None:
        duty = best.duration_s + mission.crew.report_before_s + mission.crew.release_after_s
        if duty > entry.crew_day_s + 1.0:
            return Shortfall(
                f"{flight_id}: the crew day from {base.code} would be too long",
                base.code,
                (duty - entry.crew_day_s) / 60.0,
                "min",
            )
    vertices = [Vertex(base.code, base.lat, base.lon, "departure"), *turns(out.lat, out.lon)]
    for stop, (lat, lon), leg in zip(stops, lines, legs, strict=True):
        vertices += [
            Vertex(f"R{stop.number} start", float(lat[0]), float(lon[0]), "refuel_start"),
            *turns(lat, lon),
            Vertex(f"R{stop.number} end", float(lat[-1]), float(lon[-1]), "refuel_end"),
            *turns(leg.lat, leg.lon),
        ]
    return Flight(
        flight_id,
        "tanker",
        entry.operator,
        tanker,
        count,
        base,
        base,
        stops[0].contact.start_s - float(best.segment_start_s[starts[0]]),
        best,
        (*vertices, Vertex(base.code, base.lat, base.lon, "arrival")),
        pool.reserve_kg,
        best.landing_kg - dry - pool.reserve_kg,
    )


def spare_flight(mission: Mission, entry: TankerBase, pool: Pool, stops: tuple[Stop, ...], of: Flight,
                 prepared: Prepared) -> Flight | Shortfall:  # fmt: skip
    """Airborne spares beside a formation of tankers: the same way with the same fuel, and home with what they need not give."""
    idle = tuple(replace(stop, offload_kg=0.0) for stop in stops)
    found = tanker_flight(
        mission,
        entry,
        pool,
        idle,
        entry.airborne_spares,
        f"{of.id}-spare",
        prepared,
        float(of.profile.fuel_kg[0]),
    )
    return found if isinstance(found, Shortfall) else replace(found, more={**found.more, "spare_of": of.id})


def in_time(
    kind: Aircraft,
    segments: list[Segment],
    mass_kg: float,
    fields: tuple[Place, Place],
    aloft: Aloft,
    segment: int,
    meet_s: float,
    takeoff_s: float,
) -> tuple[Profile, float]:
    """A flight whose `segment` begins at `meet_s` on the lead's clock, and when it takes off.

    Where the wind changes with time the take-off and the wind met are found together, to two seconds.
    """
    for _ in range(6):
        profile = fly(
            kind,
            segments,
            mass_kg,
            origin_elevation_m=fields[0].elevation_m,
            destination_elevation_m=fields[1].elevation_m,
            aloft=aloft.later(takeoff_s),
        )
        wanted = meet_s - float(profile.segment_start_s[segment])
        if not math.isfinite(wanted):
            return profile, takeoff_s
        moved, takeoff_s = abs(wanted - takeoff_s), wanted
        if moved <= ON_TIME or aloft.field.steady or aloft.field.uniform:
            break
    return profile, takeoff_s


def alongside(profile: Profile, line: Line, calm: bool, contact: Span, offload_kg: float) -> list[Segment]:
    """The tanker's side of a contact: leg by leg in the receivers' own time, giving evenly as they take.

    profile, line : of the receivers
    """
    start, end = contact.start_m, contact.end_m
    inner = line.along_m[(line.along_m > start + 0.5) & (line.along_m < end - 0.5)]
    if not calm:  # the receivers' ground speed changes along a leg: keep to it every few minutes
        rows = np.flatnonzero((profile.along_m > start + 10_000.0) & (profile.along_m < end - 10_000.0))[::4]
        at = profile.along_m[rows]
        near = np.abs(at[:, None] - inner[None, :]).min(axis=1, initial=np.inf) < 10_000.0
        inner = np.sort(np.concatenate([inner, at[~near]]))
    cuts = [start, *inner.tolist(), end]
    when = [contact.start_s, *np.interp(inner, profile.along_m, profile.time_s).tolist(), contact.end_s]
    taking = (profile.time_s >= contact.start_s) & (profile.time_s <= contact.end_s)
    along = profile.along_m[taking]
    onload = profile.mass_kg[taking] + profile.burnt_kg[taking]
    onload = (onload - onload[0]) / max(onload[-1] - onload[0], 1e-9)
    flows = np.nonzero(np.diff(onload) > 1e-9)[0]
    # a contact of a kilogram or less shows in no row: the middle of it stands for the flow
    flow_from, flow_to = (
        (float(along[flows[0]]), float(along[flows[-1] + 1]))
        if flows.size
        else (start + (end - start) / 3.0, end - (end - start) / 3.0)
    )
    if contact.flow_end_s is not None:
        flow_to = float(np.interp(contact.flow_end_s, profile.time_s, profile.along_m))
        flow_to = min(max(flow_to, flow_from + 1.0), end)
    result = []
    for k, (a, b) in enumerate(itertools.pairwise(cuts)):
        lat, lon = line.between(a, b)
        low, high = max(a, flow_from), min(b, flow_to)
        share = max(0.0, high - low) / (flow_to - flow_from)
        result.append(
            Segment(
                lat,
                lon,
                "refuel",
                contact.pairing.mach,
                contact.pairing.altitude_m,
                -offload_kg * share,
                flow_from_m=low - a if share else None,
                flow_to_m=high - a if share else None,
                duration_s=when[k + 1] - when[k],
            )
        )
    return result


def turns(lat: Floats, lon: Floats) -> list[Vertex]:
    """The inner points of a line as turns."""
    return [Vertex("", float(a), float(b), "turn") for a, b in zip(lat[1:-1], lon[1:-1], strict=True)]


# -- the lead -----------------------------------------------------------------------------------------


def lead_flight(lead: LeadPlan, takeoff_s: float) -> Flight:
    """The lead flight with every point of its route named: via points, station, contacts, turns."""
    way, flight = lead.way, lead.flight
    points: dict[float, tuple[int, Vertex]] = {}

    def put(along: float, rank: int, name: str, kind: str) -> None:
        key = round(along, 0)
        if key not in points or points[key][0] > rank:
            lat, lon, _ = way.line.at(along)
            points[key] = (rank, Vertex(name, float(lat[0]), float(lon[0]), kind))

    for along, lat, lon in zip(way.line.along_m, way.line.lat, way.line.lon, strict=True):
        points[round(float(along), 0)] = (9, Vertex("", float(lat), float(lon), "turn"))
    for mark in way.marks:
        put(mark.along_m, 1, mark.name, mark.kind)
    if way.loop_m is not None:
        for along in way.line.along_m:
            if way.loop_m[0] - 1.0 <= along <= way.loop_m[1] + 1.0:
                put(float(along), 2, "", "station")
    for number, contact in enumerate(lead.contacts, 1):
        put(contact.start_m, 0, f"R{number} start", "refuel_start")
        put(contact.start_m + contact.length_m, 0, f"R{number} end", "refuel_end")
    vertices = [vertex for _, (_, vertex) in sorted(points.items())]
    return Flight(
        flight.id,
        "lead",
        flight.operator,
        lead.aircraft,
        flight.count,
        flight.origin,
        flight.destination,
        takeoff_s,
        lead.profile,
        tuple(vertices),
        lead.reserve_kg,
        lead.margin_kg,
    )


# -- States overflown ---------------------------------------------------------------------------------


def overflown_intervals(profile: Profile) -> list[tuple[str, float, float]]:
    """(State, enter, leave) in seconds of the flight, in order, to the second; the high seas left out.

    Leaving a State for less than a minute is not said.
    """
    times, lat, lon = _sampled(profile, SAMPLE_S)
    codes = airspace.overflown(lat, lon)
    change = np.nonzero(codes[1:] != codes[:-1])[0]
    if change.size:
        # second by second across each change
        fine_t = np.concatenate([np.arange(times[k], times[k + 1] + 0.5) for k in change])
        fine_lat, fine_lon = _positions(profile, fine_t)
        times = np.concatenate([times, fine_t])
        codes = np.concatenate([codes, airspace.overflown(fine_lat, fine_lon)])
        order = np.argsort(times, kind="stable")
        times, codes = times[order], codes[order]
    result: list[tuple[str, float, float]] = []
    for spell in timeline.spells(times.tolist(), codes.tolist()):
        if not spell.kind:
            continue
        if result and result[-1][0] == spell.kind and spell.start_s - result[-1][2] < BRIEF_GAP_S:
            result[-1] = (spell.kind, result[-1][1], spell.end_s)
        else:
            result.append((spell.kind, spell.start_s, spell.end_s))
    return result


def _sampled(profile: Profile, step: float) -> tuple[Floats, Floats, Floats]:
    times = np.unique(np.concatenate([np.arange(0.0, profile.time_s[-1], step), profile.time_s]))
    return times, *_positions(profile, times)


def _positions(profile: Profile, times: Floats) -> tuple[Floats, Floats]:
    """lat, lon at times between rows, along the geodesic from row to row."""
    row = np.clip(np.searchsorted(profile.time_s, times, side="right") - 1, 0, profile.time_s.size - 2)
    length, azimuth, _ = geodesy.inverse(profile.lat[:-1], profile.lon[:-1], profile.lat[1:], profile.lon[1:])
    share = (times - profile.time_s[row]) / np.diff(profile.time_s)[row]
    lat, lon, _ = geodesy.direct(profile.lat[row], profile.lon[row], azimuth[row], length[row] * share)
    return lat, lon
