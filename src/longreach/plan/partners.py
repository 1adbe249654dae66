"""Partners: flights that meet the lead, stay beside it for a while, and go home."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from longreach import geodesy, route, timeline
from longreach.errors import LongreachError
from longreach.fuel import refuelling
from longreach.fuel.burn import CruiseTable
from longreach.fuel.profile import PHASES, Profile, Segment
from longreach.fuel.reserves import final_reserve
from longreach.geodesy import Floats
from longreach.mission.model import Mission, PartnerFlight
from longreach.plan.flights import ROUNDS, Flight, Vertex, in_time, turns
from longreach.plan.lead import LeadPlan, doubt_z, relative_sigma
from longreach.plan.shortfall import Shortfall
from longreach.world import airspace
from longreach.world.aircraft import Aircraft
from longreach.world.airspace import Closure
from longreach.world.winds import WindError

STEEPEST = 25.0  # m/s, about 5,000 ft/min: steeper means the line was too short
SOUND = 296.0  # m/s at cruising levels, for a first guess


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

    def leg(self, start: tuple[float, float], end: tuple[float, float]) -> route.Route:
        """The shortest leg this partner may fly (check `feasible`)."""
        if (start, end) in self.legs:
            return self.legs[start, end]
        while True:
            found = route.shortest(self.prepared, start, end)
            if not found.feasible:
                break
            lat, lon, _ = geodesy.densify(found.lat, found.lon, 3000.0)
            entered = set(np.unique(airspace.overflown(lat, lon))) - self.may_fly - {""}
            if not entered - set(self.forbidden):
                break
            self.forbidden = tuple(sorted({*self.forbidden, *entered}))
            extra = airspace.closures(self.forbidden, stand_off_m=0.0)
            self.prepared = route.prepare((*self.closures, *extra))
            self.legs.clear()
        self.legs[start, end] = found
        return found

    def length(self, start: tuple[float, float], end: tuple[float, float]) -> float:
        found = self.leg(start, end)
        return found.length_m if found.feasible else math.inf

    def lengths(self, start: tuple[float, float], lat: Floats, lon: Floats) -> Floats:
        """(n,) lengths from one point to many under the closures known to matter so far."""
        return np.asarray(route.many(self.prepared, start, lat, lon))


def partner_flight(
    mission: Mission,
    partner: PartnerFlight,
    lead: LeadPlan,
    codes: np.ndarray,
    closures: tuple[Closure, ...],
) -> tuple[Flight, Join] | Shortfall:
    """The partner's flight and its join-up, or why there is none.

    codes : (n,) State over which each of the lead's rows lies, "" over the high seas
    """
    kind = mission.aircraft(partner.aircraft)
    index = mission.partners.index(partner)
    profile = lead.profile
    for place in (partner.origin, partner.destination):
        if place.country and place.country not in partner.may_fly:
            return Shortfall(
                f"partner {partner.id}: its base {place.code} lies in {place.country}, which is not in may_fly",
                place.code,
                0.0,
                "",
                f"partners.{index}.may_fly",
                [*partner.may_fly, place.country],
                f"add {place.country} to may_fly",
            )
    level = np.append(np.abs(np.diff(profile.altitude_m)) < 0.5, False)
    steady = level & np.isin(profile.phase, [PHASES.index("cruise"), PHASES.index("station")])
    steady &= profile.altitude_m <= kind.ceiling_m
    track = timeline.LeadTrack(
        profile.time_s,
        profile.lat,
        profile.lon,
        profile.altitude_m,
        steady,
        np.isin(codes, [*partner.may_fly, ""]),
    )
    legs = PartnerAirspace(closures, partner.may_fly)
    table = CruiseTable(kind)
    dry = kind.operating_empty_mass_kg
    full = min(kind.max_fuel_kg, kind.max_takeoff_mass_kg - dry)
    reserve = float(
        final_reserve(
            kind, dry * 1.05, mission.reserves.final_s, partner.destination.elevation_m, table.factor
        )
    )
    tas = float(np.median(table.tas_mps))
    sigma = relative_sigma(kind, mission, tas)
    z = doubt_z(mission)
    usable = (full - reserve) / (1.0 + z * sigma)
    longest = float(table.time(min(dry + reserve + usable, table.heaviest_kg), dry + reserve)) * 0.98
    slowest = tas - float(np.hypot(profile.u_mps, profile.v_mps)[steady].max(initial=0.0))
    taken = [(contact.start_s - refuelling.TANKER_EARLY / 3, contact.end_s) for contact in lead.contacts]

    def attempt(together_s: float) -> timeline.JoinUp | timeline.NoJoin:
        return timeline.solve_join(
            track,
            together_s,
            (partner.origin.lat, partner.origin.lon),
            (partner.destination.lat, partner.destination.lon),
            slowest,
            longest,
            legs.length,
            taken,
            legs.lengths,
        )

    found = attempt(partner.together_s)
    if isinstance(found, timeline.NoJoin):
        return _no_join(partner, index, found, attempt)
    return _joined(mission, partner, lead, found, legs, kind, dry, full, reserve, z * sigma)


def _no_join(
    partner: PartnerFlight,
    index: int,
    why: timeline.NoJoin,
    attempt: Callable[[float], timeline.JoinUp | timeline.NoJoin],
) -> Shortfall:
    """The join-up that cannot be, and for how many minutes together it could."""
    minutes = partner.together_s / 60.0
    key, value, text = None, None, "let it fly in more States, or base it nearer to the lead's route"
    works, fails = 0, math.ceil(minutes)
    while fails - works > 1:
        middle = (works + fails) // 2
        if isinstance(attempt(middle * 60.0), timeline.JoinUp):
            works = middle
        else:
            fails = middle
    if works:
        value = f"{works} min"
        key, text = f"partners.{index}.together", f"ask for {value} together instead of {minutes:.0f} min"
    return Shortfall(
        f"partner {partner.id}: {why.what}", partner.origin.code, why.by, why.unit, key, value, text
    )


def _joined(
    mission: Mission,
    partner: PartnerFlight,
    lead: LeadPlan,
    found: timeline.JoinUp,
    legs: PartnerAirspace,
    kind: Aircraft,
    dry: float,
    full: float,
    reserve: float,
    margin: float,
) -> tuple[Flight, Join] | Shortfall:
    profile = lead.profile
    s, e = found.start, found.end
    here = (float(profile.lat[s]), float(profile.lon[s]))
    there = (float(profile.lat[e]), float(profile.lon[e]))
    out = legs.leg((partner.origin.lat, partner.origin.lon), here)
    home = legs.leg(there, (partner.destination.lat, partner.destination.lon))
    cuts = sorted({s, e, *range(s, e, 5), *_vertex_rows(profile, s, e)})
    alongside = []
    for a, b in itertools.pairwise(cuts):
        alongside.append(
            Segment(
                profile.lat[[a, b]],
                profile.lon[[a, b]],
                "accompany",
                None,
                float(profile.altitude_m[a]),
                duration_s=float(profile.time_s[b] - profile.time_s[a]),
            )
        )
    out_line, home_line = (out.lat, out.lon), (home.lat, home.lon)
    for _ in range(ROUNDS):
        segments = [Segment(*out_line), *alongside, Segment(*home_line)]
        try:
            flown, takeoff = in_time(
                kind,
                segments,
                dry + full,
                (partner.origin, partner.destination),
                lead.aloft,
                1,
                float(profile.time_s[s]),
                float(profile.time_s[s]) - out.length_m / (kind.cruise_mach * SOUND),
            )
        except WindError:
            raise
        except LongreachError as error:
            return Shortfall(f"partner {partner.id}: {error}", partner.origin.code, 0.0, "")
        joined = int(np.searchsorted(flown.time_s, flown.segment_start_s[1]))
        climbed = joined < flown.time_s.size and abs(flown.altitude_m[joined] - profile.altitude_m[s]) < 30.0
        landed = _gentle_descent(flown)
        if climbed and landed:
            break
        # a base near the lead leaves no room to climb or come down: fly the leg there and back once more
        if not climbed:
            out_line = _there_and_back(out_line, (out.lat, out.lon))
        if not landed:
            home_line = _there_and_back(home_line, (home.lat, home.lon))
    if flown.failure is not None:
        return Shortfall(
            f"partner {partner.id}: {flown.failure.what}",
            f"{flown.failure.lat:.3f},{flown.failure.lon:.3f}",
            flown.failure.by,
            flown.failure.unit,
        )
    short = reserve + margin * flown.burn_kg - (flown.landing_kg - dry)
    if short > 0.0:
        minutes = (
            math.floor(partner.together_s / 60.0 - short / (flown.burn_kg / flown.duration_s) / 60.0) - 1
        )
        enough = minutes >= 1
        return Shortfall(
            f"partner {partner.id}: would land with too little fuel",
            partner.destination.code,
            short,
            "kg",
            f"partners.{mission.partners.index(partner)}.together" if enough else None,
            f"{minutes} min" if enough else None,
            f"ask for {minutes} min together" if enough else "base it nearer to the lead's route",
        )
    start_s = float(profile.time_s[s])
    takeoff = start_s - float(flown.segment_start_s[1])
    vertices = [
        Vertex(partner.origin.code, partner.origin.lat, partner.origin.lon, "departure"),
        *turns(*out_line),
        Vertex(f"join {lead.flight.id}", *here, "join"),
        *(Vertex("", float(profile.lat[k]), float(profile.lon[k]), "turn") for k in cuts[1:-1]),
        Vertex(f"leave {lead.flight.id}", *there, "leave"),
        *turns(*home_line),
        Vertex(partner.destination.code, partner.destination.lat, partner.destination.lon, "arrival"),
    ]
    flight = Flight(
        partner.id,
        "partner",
        partner.operator,
        kind,
        partner.count,
        partner.origin,
        partner.destination,
        takeoff,
        flown,
        tuple(vertices),
        reserve,
        flown.landing_kg - dry - reserve,
    )
    return flight, Join(partner.id, lead.flight.id, start_s, float(profile.time_s[e]), here, there)


def _there_and_back(line: tuple[Floats, Floats], leg: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """The line lengthened by flying `leg` back and forth once more; it still starts and ends where it did."""
    lat, lon = leg
    return (
        np.concatenate([line[0], lat[-2::-1], lat[1:]]),
        np.concatenate([line[1], lon[-2::-1], lon[1:]]),
    )


def _gentle_descent(profile: Profile) -> bool:
    """False where the way home is too short for the last descent."""
    if profile.failure is not None:
        return profile.failure.code != "short"
    rate = np.diff(profile.altitude_m) / np.diff(profile.time_s)
    return bool(rate.min() > -STEEPEST)


def _vertex_rows(profile: Profile, start: int, end: int) -> list[int]:
    rows = np.concatenate(list(profile.vertex_row)) if profile.vertex_row else np.zeros(0, int)
    return [int(row) for row in rows if start < row < end]
