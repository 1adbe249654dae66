"""Partners: flights that meet the lead, stay beside it for a while, and go home."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from longreach import geodesy, route, timeline
from longreach.errors import LongreachError
from longreach.fuel import refuelling
from longreach.fuel.burn import CruiseTable
from longreach.fuel.profile import PHASES, Profile, Segment, fly
from longreach.fuel.reserves import final_reserve
from longreach.geodesy import Floats
from longreach.line import Line
from longreach.mission.model import During, Mission, PartnerFlight
from longreach.plan.flights import ROUNDS, Flight, Vertex, in_time, turns
from longreach.plan.lead import LeadPlan, doubt_z, relative_sigma
from longreach.plan.openings import Openings
from longreach.plan.shortfall import Shortfall
from longreach.units import FOOT, NAUTICAL_MILE
from longreach.world import airspace
from longreach.world.airports import Place
from longreach.world.airspace import Closure
from longreach.world.winds import WindError

STEEPEST = 25.0  # m/s, about 5,000 ft/min: steeper means the line was too short
SOUND = 296.0  # m/s at cruising levels, for a first guess
FOLLOWED = 1050.0 * FOOT  # a step of the lead's level that a partner follows without leaving it
MOST_STATES = 6  # whose leave is tried where a partner cannot join
SPARE_TIME = 0.98  # of the endurance from full tanks to the reserve, that a partner counts on

SHORTEST_PIECE = 20.0  # s, of a track flown beside the lead at one speed
LENGTHENED = 1.03  # of the way a climb or descent takes, that a short leg is made as long as
A_LITTLE = 10.0 * NAUTICAL_MILE  # more, where that was not enough
ASIDE = (
    40.0 * NAUTICAL_MILE
)  # flown away from a base that lies all but under the lead's line, to climb or come down

Cure = tuple[str, object, str]  # key path, value, words


@dataclass(frozen=True, slots=True)
class Join:
    """A partner alongside the lead; seconds from the lead's take-off."""

    flight: str
    lead: str
    join_s: float
    leave_s: float
    join: tuple[float, float]
    leave: tuple[float, float]


class PartnerAirspace:
    """Lawful legs for one partner: closed States and every State it may not use, added as they matter.

    A leg is first found clear of the mission's closures alone; any forbidden State it enters is closed too
    and the leg found again, until none is entered. The shortest path under fewer closures that breaks
    none of the others is the shortest under all of them.
    """

    def __init__(self, closures: tuple[Closure, ...], may_fly: tuple[str, ...]) -> None:
        self.closures, self.may_fly = closures, set(may_fly)
        self.forbidden: tuple[str, ...] = ()
        self.prepared = route.prepare(closures)
        self.legs: dict[tuple[tuple[float, float], tuple[float, float]], route.Route] = {}

    def leg(self, start: tuple[float, float], end: tuple[float, float], *, why: bool = True) -> route.Route:
        """The shortest leg this partner may fly (check `feasible`); `why` as for `route.shortest`."""
        known = self.legs.get((start, end))
        if known is not None and (known.feasible or known.shortfalls or not why):
            return known
        while True:
            found = route.shortest(self.prepared, start, end, why=why)
            if not found.feasible:
                break
            lat, lon, _ = geodesy.densify(found.lat, found.lon, 3000.0)
            entered = set(np.unique(airspace.overflown(lat, lon)).tolist()) - self.may_fly - {""}
            if not entered - set(self.forbidden):
                break
            self.forbidden = tuple(sorted({*self.forbidden, *entered}))
            extra = airspace.closures(self.forbidden, stand_off_m=0.0)
            self.prepared = route.prepare((*self.closures, *extra))
            self.legs.clear()
        self.legs[start, end] = found
        return found

    def length(self, start: tuple[float, float], end: tuple[float, float]) -> float:
        found = self.leg(start, end, why=False)
        return found.length_m if found.feasible else math.inf

    def lengths(self, start: tuple[float, float], lat: Floats, lon: Floats) -> Floats:
        """(n,) lengths from one point to many under the closures known to matter so far."""
        return np.asarray(route.many(self.prepared, start, lat, lon))


class Reach:
    """What one partner can do beside one lead: where it may fly, how long it stays up, when it may be there.

    codes : (n,) State over which each of the lead's rows lies, "" over the high seas
    span : (from, to) seconds on the lead's clock in which it joins; None is the whole flight
    """

    def __init__(
        self,
        mission: Mission,
        partner: PartnerFlight,
        lead: LeadPlan,
        codes: np.ndarray,
        closures: tuple[Closure, ...],
        span: tuple[float, float] | None = None,
        table: CruiseTable | None = None,
    ) -> None:
        self.mission, self.partner, self.lead = mission, partner, lead
        self.codes, self.closures, self.span = codes, closures, span
        self.kind = kind = mission.aircraft(partner.aircraft)
        profile = lead.profile
        self.origin = (partner.origin.lat, partner.origin.lon)
        self.destination = (partner.destination.lat, partner.destination.lon)
        self.legs = PartnerAirspace(closures, partner.may_fly)
        self.table = table = table or CruiseTable(kind)
        self.dry = kind.operating_empty_mass_kg
        self.full = min(kind.max_fuel_kg, kind.max_takeoff_mass_kg - self.dry)
        self.reserve = float(
            final_reserve(
                kind, self.dry * 1.05, mission.reserves.final_s, partner.destination.elevation_m, table.factor
            )
        )
        tas = float(np.median(table.tas_mps))
        self.margin = doubt_z(mission) * relative_sigma(kind, mission, tas)
        usable = (self.full - self.reserve) / (1.0 + self.margin)
        longest = table.time(
            min(self.dry + self.reserve + usable, table.heaviest_kg), self.dry + self.reserve
        )
        self.longest_s = float(longest) * SPARE_TIME
        level = np.append(np.abs(np.diff(profile.altitude_m)) < 0.5, False)
        self.steady = level & np.isin(profile.phase, [PHASES.index("cruise"), PHASES.index("station")])
        self.steady &= profile.altitude_m <= kind.ceiling_m
        self.slowest = tas - float(np.hypot(profile.u_mps, profile.v_mps)[self.steady].max(initial=0.0))
        if span is not None:
            self.steady &= (profile.time_s >= span[0]) & (profile.time_s <= span[1])
        self.allowed = np.isin(codes, [*partner.may_fly, ""])
        self.taken = [
            (contact.start_s - refuelling.TANKER_EARLY / 3, contact.end_s) for contact in lead.contacts
        ]

    @property
    def index(self) -> int:
        return [each.id for each in self.mission.partners].index(self.partner.id)

    def changed(self, **changes: object) -> Reach:
        """The same with other values in the partner's entry."""
        partner = replace(self.partner, **changes)  # type: ignore[arg-type]
        return Reach(self.mission, partner, self.lead, self.codes, self.closures, self.span, self.table)

    def solve(self, together_s: float) -> timeline.JoinUp | timeline.NoJoin:
        """The join-up with the least time in the air."""
        profile = self.lead.profile
        return timeline.solve_join(
            timeline.LeadTrack(
                profile.time_s, profile.lat, profile.lon, profile.altitude_m, self.steady, self.allowed
            ),
            together_s,
            self.origin,
            self.destination,
            self.slowest,
            self.longest_s,
            self.legs.length,
            self.taken,
            self.legs.lengths,
        )

    def followable(self) -> np.ndarray:
        """(n,) bool, rows at which it can be beside the lead: level, or in a step of level small enough to follow."""
        profile = self.lead.profile
        beside = self.steady.copy()
        rows = np.flatnonzero(beside)
        for a, b in itertools.pairwise(rows.tolist()):
            phases = {PHASES[k] for k in profile.phase[a + 1 : b]}
            step = abs(float(profile.altitude_m[b] - profile.altitude_m[a]))
            if b > a + 1 and phases <= {"climb", "cruise", "station"} and step <= FOLLOWED:
                beside[a:b] = True
        beside &= self.allowed
        for start, end in self.taken:
            beside &= ~((profile.time_s > start) & (profile.time_s < end))
        return beside


@dataclass(frozen=True, slots=True)
class Account:
    """What the parts of a partner's sortie take, from a trial flight in still air with full tanks.

    climb and descent : to and from the lead's highest level: way [m], time [s], fuel [kg]
    cruise_mps, cruise_kgps : between; beside_kgps : at the lead's speed
    """

    climb: tuple[float, float, float]
    descent: tuple[float, float, float]
    cruise_mps: float
    cruise_kgps: float
    beside_kgps: float

    def leg(self, part: tuple[float, float, float], length_m: Floats) -> tuple[Floats, Floats]:
        """(time, fuel) of a leg with that part in it; a leg too short for it is flown longer."""
        rest = np.maximum(length_m - LENGTHENED * part[0], 0.0) + (LENGTHENED - 1.0) * part[0]
        return part[1] + rest / self.cruise_mps, part[2] + rest / self.cruise_mps * self.cruise_kgps


def account(reach: Reach) -> Account | None:
    """The partner's account beside this lead; None where it cannot fly at the lead's level and speed."""
    profile = reach.lead.profile
    rows = np.flatnonzero(reach.steady & reach.allowed)
    if not rows.size:
        return None
    level = float(profile.altitude_m[rows].max())
    beside_m = 60.0 * NAUTICAL_MILE
    speed = float(np.median(profile.tas_mps[rows]))
    lat, lon = [reach.origin[0]], [reach.origin[1]]
    for length in (400.0 * NAUTICAL_MILE, beside_m, 400.0 * NAUTICAL_MILE):
        at = geodesy.direct(lat[-1], lon[-1], 90.0, length)
        lat.append(float(at[0]))
        lon.append(float(at[1]))
    segments = [
        Segment(np.array(lat[:2]), np.array(lon[:2])),
        Segment(
            np.array(lat[1:3]), np.array(lon[1:3]), "accompany", None, level, duration_s=beside_m / speed
        ),
        Segment(np.array(lat[2:]), np.array(lon[2:])),
    ]
    try:
        flown = fly(
            reach.kind,
            segments,
            reach.dry + reach.full,
            origin_elevation_m=reach.partner.origin.elevation_m,
            destination_elevation_m=reach.partner.destination.elevation_m,
        )
    except LongreachError:
        return None
    if flown.failure is not None:
        return None
    step, way, burnt = np.diff(flown.time_s), np.diff(flown.along_m), np.diff(flown.burnt_kg)
    segment, phase = flown.segment[:-1], flown.phase[:-1]

    def part(rows: np.ndarray) -> tuple[float, float, float]:
        return float(way[rows].sum()), float(step[rows].sum()), float(burnt[rows].sum())

    climb = part((segment == 0) & (phase == PHASES.index("climb")))
    descent = part((segment == 2) & (phase == PHASES.index("descent")))
    cruise = part((segment == 0) & (phase == PHASES.index("cruise")))
    beside = part(segment == 1)
    return Account(climb, descent, reach.slowest, cruise[2] / cruise[1], beside[2] / beside[1])


def partner_flight(reach: Reach, *, cured: bool = True) -> tuple[Flight, Join] | Shortfall:
    """The partner's flight and its join-up, or why there is none and, where asked, what would cure it."""
    partner = reach.partner
    for place in (partner.origin, partner.destination):
        if place.country and place.country not in partner.may_fly:
            return Shortfall(
                f"partner {partner.id}: its base {place.code} lies in {place.country}, which is not in may_fly",
                place.code,
                0.0,
                "",
                f"partners.{reach.index}.may_fly",
                [*partner.may_fly, place.country],
                f"add {place.country} to may_fly",
            )
    found = reach.solve(partner.together_s)
    if isinstance(found, timeline.NoJoin):
        what, by, unit = found.what, found.by, found.unit
    else:
        flown = joined(reach, found, partner.id)
        if not isinstance(flown, Shortfall):
            return flown
        what, by, unit = flown.what, flown.by, flown.unit
    cures = list(_cures(reach)) if cured else []
    key, value, text = (
        cures[0]
        if cures
        else (None, None, "base it nearer to the lead's route, or let it fly in more States")
    )
    what = what.removeprefix(f"partner {partner.id}: ")
    return Shortfall(
        f"partner {partner.id}: {what}", partner.origin.code, by, unit, key, value, text, tuple(cures[1:])
    )


def can_join(reach: Reach) -> bool:
    """Whether it can be with the lead as long as asked, flown whole."""
    found = reach.solve(reach.partner.together_s)
    return isinstance(found, timeline.JoinUp) and not isinstance(joined(reach, found, "trial"), Shortfall)


def _cures(reach: Reach):
    """Single changes of the partner's entry with which it can join, each tried by planning the partner again."""
    yield from _shorter(reach)
    yield from leave_of_others(reach, can_join)
    yield from other_bases(reach, can_join)


def _shorter(reach: Reach):
    """For how many whole minutes together it could join."""
    asked = reach.partner.together_s
    works, fails = 0, math.ceil(asked / 60.0)
    while fails - works > 1:
        middle = (works + fails) // 2
        if can_join(reach.changed(together_s=middle * 60.0)):
            works = middle
        else:
            fails = middle
    if works:
        yield (
            f"partners.{reach.index}.together",
            f"{works} min",
            f"ask for {works} min together instead of {asked / 60.0:.0f} min",
        )


def leave_of_others(reach: Reach, enough: Callable[[Reach], bool]):
    """The other States whose leave, one at a time, would be enough."""
    partner, profile = reach.partner, reach.lead.profile
    rows = np.flatnonzero(reach.steady)
    far = geodesy.distance(*reach.origin, profile.lat[rows], profile.lon[rows])
    if not rows.size or 2.0 * float(far.min()) / reach.slowest > reach.longest_s:
        return
    nearest = dict.fromkeys([*reach.legs.forbidden, *reach.codes[rows[np.argsort(far)]].tolist()])
    closed = {closure.id for closure in reach.closures}
    for state in [each for each in nearest if each not in {*partner.may_fly, *closed, ""}][:MOST_STATES]:
        if enough(reach.changed(may_fly=(*partner.may_fly, state))):
            yield (
                f"partners.{reach.index}.may_fly",
                [*partner.may_fly, state],
                f"{partner.id} needs leave to fly in {state} too",
            )


def other_bases(reach: Reach, enough: Callable[[Reach], bool], most: int = 3):
    """Other fields the mission names, in States it may use, from which it could be done; nearest to its own first."""
    mission, partner = reach.mission, reach.partner
    named: dict[str, Place] = {}
    for place in (
        *(each.origin for each in mission.partners),
        *(each.base for each in mission.tankers),
        *mission.abort_bases,
    ):
        if place.country in partner.may_fly and place.code != partner.origin.code:
            named.setdefault(place.code, place)
    distance = {
        code: float(geodesy.distance(*reach.origin, place.lat, place.lon)) for code, place in named.items()
    }
    given_back = partner.destination == partner.origin
    for code in sorted(named, key=distance.__getitem__)[:most]:
        changes = {"origin": named[code]} | ({"destination": named[code]} if given_back else {})
        if enough(reach.changed(**changes)):
            yield (
                f"partners.{reach.index}.from",
                code,
                f"base {partner.id} at {code} instead of {partner.origin.code}",
            )


def joined(
    reach: Reach, found: timeline.JoinUp, id: str, known: Account | None = None
) -> tuple[Flight, Join] | Shortfall:
    """One sortie flown whole: out, alongside row by row, and home.

    known : lengthens legs too short for the climb or descent by no more than they need
    """
    partner, kind, lead = reach.partner, reach.kind, reach.lead
    profile = lead.profile
    s, e = found.start, found.end
    here = (float(profile.lat[s]), float(profile.lon[s]))
    there = (float(profile.lat[e]), float(profile.lon[e]))
    out = reach.legs.leg(reach.origin, here)
    home = reach.legs.leg(there, reach.destination)
    for way in (out, home):
        if not way.feasible:
            return Shortfall.of_route(way.shortfalls[0], id)
    out, home = _roomy(reach, out, reach.origin, here), _roomy(reach, home, there, reach.destination)
    cuts = _cuts(profile, s, e)
    alongside = [
        Segment(
            profile.lat[[a, b]],
            profile.lon[[a, b]],
            "accompany",
            None,
            _level(profile, a),
            duration_s=float(profile.time_s[b] - profile.time_s[a]),
        )
        for a, b in itertools.pairwise(cuts)
    ]
    out_line, home_line = (out.lat, out.lon), (home.lat, home.lon)
    if known is not None:
        out_line = lengthened(out_line, LENGTHENED * known.climb[0], at_start=True)
        home_line = lengthened(home_line, LENGTHENED * known.descent[0], at_start=False)
    for _ in range(ROUNDS):
        segments = [Segment(*out_line), *alongside, Segment(*home_line)]
        try:
            flown, takeoff = in_time(
                kind,
                segments,
                reach.dry + reach.full,
                (partner.origin, partner.destination),
                lead.aloft,
                1,
                float(profile.time_s[s]),
                float(profile.time_s[s]) - out.length_m / (kind.cruise_mach * SOUND),
            )
        except WindError:
            raise
        except LongreachError as error:
            return Shortfall(f"partner {id}: {error}", partner.origin.code, 0.0, "")
        row = int(np.searchsorted(flown.time_s, flown.segment_start_s[1]))
        climbed = row < flown.time_s.size and abs(flown.altitude_m[row] - profile.altitude_m[s]) < 30.0
        landed = _gentle_descent(flown)
        if climbed and landed:
            break
        # a base near the lead leaves no room to climb or come down: fly the leg there and back once more
        if known is not None:
            if not climbed:
                out_line = lengthened(out_line, geodesy.path_length(*out_line) + A_LITTLE, at_start=True)
            if not landed:
                home_line = lengthened(home_line, geodesy.path_length(*home_line) + A_LITTLE, at_start=False)
            continue
        if not climbed:
            out_line = _there_and_back(out_line, (out.lat, out.lon))
        if not landed:
            home_line = _there_and_back(home_line, (home.lat, home.lon))
    if flown.failure is not None:
        return Shortfall(
            f"partner {id}: {flown.failure.what}",
            f"{flown.failure.lat:.3f},{flown.failure.lon:.3f}",
            flown.failure.by,
            flown.failure.unit,
        )
    short = reach.reserve + reach.margin * flown.burn_kg - (flown.landing_kg - reach.dry)
    if short > 0.0:
        return Shortfall(
            f"partner {id}: would land with too little fuel", partner.destination.code, short, "kg"
        )
    start_s = float(profile.time_s[s])
    takeoff = start_s - float(flown.segment_start_s[1])
    openings = Openings.of(reach.mission, partner.operator, lead.planner.takeoff_utc)
    if not openings.is_open(partner.destination.code, takeoff + flown.duration_s)[0]:
        what = f"partner {id}: {partner.destination.code} is shut to {partner.operator} when it lands"
        return Shortfall(what, partner.destination.code, 0.0, "")
    vertices = [
        Vertex(partner.origin.code, *reach.origin, "departure"),
        *turns(*out_line),
        Vertex(f"join {lead.flight.id}", *here, "join"),
        *(Vertex("", float(profile.lat[k]), float(profile.lon[k]), "turn") for k in cuts[1:-1]),
        Vertex(f"leave {lead.flight.id}", *there, "leave"),
        *turns(*home_line),
        Vertex(partner.destination.code, *reach.destination, "arrival"),
    ]
    flight = Flight(
        id,
        "partner",
        partner.operator,
        kind,
        partner.count,
        partner.origin,
        partner.destination,
        takeoff,
        flown,
        tuple(vertices),
        reach.reserve,
        flown.landing_kg - reach.dry - reach.reserve,
    )
    return flight, Join(id, lead.flight.id, start_s, float(profile.time_s[e]), here, there)


def span_of(lead: LeadPlan, during: During | None, zero_s: float) -> tuple[float, float] | Shortfall | None:
    """A part of the first flight in seconds from its take-off.

    zero_s : the take-off, seconds since 1970
    """
    if during is None:
        return None
    profile = lead.profile
    begin, end = 0.0, profile.duration_s
    if during.kind == "station":
        assert lead.station_s is not None
        begin, end = lead.station_s
    elif during.kind == "time":
        if isinstance(during.start, datetime):
            begin = max(begin, during.start.timestamp() - zero_s)
        if isinstance(during.end, datetime):
            end = min(end, during.end.timestamp() - zero_s)
    else:
        marks = [mark for mark in lead.way.marks if mark.kind == "via"]
        first = 0
        if during.start is not None:
            first = next(k for k, mark in enumerate(marks) if mark.name == during.start)
            begin = float(np.interp(marks[first].along_m, profile.along_m, profile.time_s))
        if during.end is not None:
            later = [mark for mark in marks[first + 1 :] if mark.name == during.end]
            if not later:
                return Shortfall(
                    f"the lead passes {during.end!r} before {during.start!r}", str(during.end), 0.0, ""
                )
            end = float(np.interp(later[0].along_m, profile.along_m, profile.time_s))
    if end <= begin:
        return Shortfall(
            "the part of the flight asked for lies outside it", lead.flight.id, (begin - end) / 60.0, "min"
        )
    return begin, end


def _roomy(
    reach: Reach, leg: route.Route, start: tuple[float, float], end: tuple[float, float]
) -> route.Route:
    """The leg, or one by a point aside where it is so short that flying it back and forth is no way to climb."""
    if leg.length_m >= A_LITTLE:
        return leg
    for azimuth in range(0, 360, 45):
        lat, lon, _ = geodesy.direct(*start, float(azimuth), ASIDE)
        point = float(lat), float(lon)
        away, on = reach.legs.leg(start, point, why=False), reach.legs.leg(point, end, why=False)
        if away.feasible and on.feasible and away.length_m + on.length_m < 2.5 * ASIDE:
            lat, lon = np.concatenate([away.lat, on.lat[1:]]), np.concatenate([away.lon, on.lon[1:]])
            return replace(away, lat=lat, lon=lon, length_m=away.length_m + on.length_m)
    return leg


def _there_and_back(line: tuple[Floats, Floats], leg: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """The line lengthened by flying `leg` back and forth once more; it still starts and ends where it did."""
    lat, lon = leg
    return (
        np.concatenate([line[0], lat[-2::-1], lat[1:]]),
        np.concatenate([line[1], lon[-2::-1], lon[1:]]),
    )


def lengthened(line: tuple[Floats, Floats], least_m: float, *, at_start: bool) -> tuple[Floats, Floats]:
    """The line made at least so long by flying its first part (or its last) back and forth."""
    lat, lon = line
    extra = least_m - geodesy.path_length(lat, lon)
    if extra <= 1.0:
        return line
    if not at_start:
        lat, lon = lat[::-1], lon[::-1]
    leg = Line.through(lat, lon)
    times = math.ceil(extra / 2.0 / leg.length_m)
    part_lat, part_lon = leg.between(0.0, extra / 2.0 / times)
    for _ in range(times):
        lat = np.concatenate([part_lat, part_lat[-2::-1], lat[1:]])
        lon = np.concatenate([part_lon, part_lon[-2::-1], lon[1:]])
    return (lat, lon) if at_start else (lat[::-1], lon[::-1])


def _gentle_descent(profile: Profile) -> bool:
    """False where the way home is too short for the last descent."""
    if profile.failure is not None:
        return profile.failure.code != "short"
    rate = np.diff(profile.altitude_m) / np.diff(profile.time_s)
    return bool(rate.min() > -STEEPEST)


def _cuts(profile: Profile, start: int, end: int) -> list[int]:
    """Rows between which the partner keeps one speed and level: turns, new levels, and every fifth.

    A piece of a few seconds between whole seconds would tell a speed nobody flies: beside a turn no other is made.
    """
    turned = sorted({start, end, *_vertex_rows(profile, start, end)})
    kept = list(turned)
    for row in sorted({*range(start, end, 5), *_steps(profile, start, end)}):
        if min(abs(profile.time_s[row] - profile.time_s[k]) for k in kept) >= SHORTEST_PIECE:
            kept.append(row)
    return sorted(kept)


def clear_of_turns(profile: Profile) -> np.ndarray:
    """(n,) bool, rows at a turn or well away from any: where a partner may join or leave."""
    turned = np.array(_vertex_rows(profile, -1, profile.time_s.size), int)
    if not turned.size:
        return np.ones(profile.time_s.size, bool)
    apart = np.abs(profile.time_s[:, None] - profile.time_s[turned][None, :]).min(axis=1)
    return (apart < 0.5) | (apart >= SHORTEST_PIECE)


def _vertex_rows(profile: Profile, start: int, end: int) -> list[int]:
    rows = np.concatenate(list(profile.vertex_row)) if profile.vertex_row else np.zeros(0, int)
    return [int(row) for row in rows if start < row < end]


def _steps(profile: Profile, start: int, end: int) -> list[int]:
    """Rows at which the lead has reached a new level."""
    height = profile.altitude_m
    return [
        k
        for k in range(start + 1, end)
        if abs(height[k] - height[k - 1]) >= 0.5 and abs(height[k + 1] - height[k]) < 0.5
    ]


def _level(profile: Profile, row: int) -> float:
    """The lead's level at a row; in a step of level the one it comes from."""
    height = profile.altitude_m
    while row > 0 and abs(height[row + 1] - height[row]) >= 0.5 and abs(height[row] - height[row - 1]) >= 0.5:
        row -= 1
    return float(height[row])
