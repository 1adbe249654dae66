"""Teams of tankers as flights: who gives to a tanker flies beside it on the way out, then turns for home.

The root of a team meets the lead as any tanker does. Its helpers leave the same base on the same way, in time
to be in company where each gives, so none of them waits. What each takes is learnt by flying: the last
transfer is set first, down from the most the tree allows, until the tanker comes home with its reserve and
margin and no more.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike

from longreach import route
from longreach.fuel import refuelling, relay
from longreach.fuel.profile import Profile, Segment
from longreach.fuel.refuelling import Pairing
from longreach.fuel.relay import Member, Team
from longreach.fuel.reserves import Reserve, fuel_to_divert
from longreach.geodesy import Floats
from longreach.line import Line
from longreach.mission.model import Mission, TankerBase
from longreach.plan.flights import Flight, Span, Transfer, Vertex, alongside, in_time, turns
from longreach.plan.lead import (
    ABORT_LEVEL,
    GUARD_SPACING,
    Contact,
    LeadPlan,
    doubt_z,
    mean_factor,
    relative_sigma,
)
from longreach.plan.openings import Openings
from longreach.plan.shortfall import Shortfall
from longreach.route import Prepared
from longreach.world.airports import Place
from longreach.world.winds import Aloft

ROUNDS = 16  # flights tried until a tanker comes home with what it must and no more
CLOSE = 40.0  # kg over what it must
STEP = 15.0  # kg more than lacked


Cuts = tuple[float, float, float, float]  # a transfer's start, first and last fuel, and end [m along the way]


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Where a tanker gives: the receiver's flight and line, the contact on them, and what each tanker gives."""

    profile: Profile
    line: Line
    takeoff_s: float
    span: Span
    offload_kg: float
    early_s: float
    name: str


@dataclass(frozen=True, slots=True)
class _Sized:
    """A member flown: its contacts as a receiver in its own time, and what it takes in each."""

    profile: Profile
    takeoff_s: float
    spans: tuple[Span, ...]
    onload_kg: tuple[float, ...]


def team_flights(
    mission: Mission,
    entry: TankerBase,
    lead: LeadPlan,
    contact: Contact,
    number: int,
    prepared: Prepared,
    takeoff_utc: datetime,
) -> list[Flight] | Shortfall:
    """The flights of the team of one contact, the root first, or why there are none."""
    assert contact.team is not None
    found = _Planner(mission, entry, lead, contact, contact.team, number, prepared, takeoff_utc)
    return found.plan()


class _Planner:
    """One team; keeps what its members share."""

    def __init__(
        self,
        mission: Mission,
        entry: TankerBase,
        lead: LeadPlan,
        contact: Contact,
        team: Team,
        number: int,
        prepared: Prepared,
        takeoff_utc: datetime,
    ) -> None:
        self.mission, self.entry, self.lead, self.contact = mission, entry, lead, contact
        self.team, self.number, self.prepared = team, number, prepared
        self.pool = lead.pools[contact.pool]
        self.kind, self.base = self.pool.tanker, entry.base
        own = relay.own_pairing(self.kind)
        assert isinstance(own, Pairing)
        self.own = own
        self.dry = self.kind.operating_empty_mass_kg
        self.limit = min(self.kind.max_fuel_kg, self.pool.heaviest_kg - self.dry)
        self.tas = float(np.median(self.pool.table.tas_mps))
        self.margin = doubt_z(mission) * relative_sigma(self.kind, mission, self.tas)
        self.aloft: Aloft = lead.aloft
        self.openings = Openings.of(mission, entry.operator, takeoff_utc)
        self.flights: list[Flight] = []

    @property
    def root_id(self) -> str:
        return f"tanker-{self.number}"

    def plan(self) -> list[Flight] | Shortfall:
        lead, contact = self.lead, self.contact
        lat, lon = lead.way.line.between(contact.start_m, contact.start_m + contact.length_m)
        home = (self.base.lat, self.base.lon)
        out = route.shortest(self.prepared, home, (float(lat[0]), float(lon[0])))
        back = route.shortest(self.prepared, (float(lat[-1]), float(lon[-1])), home)
        for way in (out, back):
            if not way.feasible:
                return Shortfall.of_route(way.shortfalls[0], self.root_id)
        self.way = Line.through(out.lat, out.lon)
        # helpers are named in the order in which they give, which is that of distance from the base
        order = sorted(_helpers(self.team.root), key=lambda take: take[0])
        self.names = dict(zip((key for _, key in order), string.ascii_lowercase, strict=False))
        span = Span(contact.start_m, contact.length_m, contact.start_s, contact.end_s, contact.pairing)
        offload = contact.onload_kg * lead.flight.count / self.team.copies
        meeting = _Meeting(
            lead.profile, lead.way.line, 0.0, span, offload, refuelling.TANKER_EARLY, f"R{self.number}"
        )
        failed = self._member(self.team.root, (), meeting, (back.lat, back.lon))
        return failed or self.flights

    def _member(
        self, member: Member, key: tuple[int, ...], meeting: _Meeting, back: tuple[Floats, Floats]
    ) -> Shortfall | None:
        """Fly a member and then its helpers; what keeps one from being possible."""
        flight_id = self.root_id + (self.names[key] if key else "")
        sized = self._sized(member, flight_id, meeting, back)
        if isinstance(sized, Shortfall):
            return sized
        taken = self._taken(member, key, sized, flight_id)
        if isinstance(taken, Shortfall):
            return taken
        profile = sized.profile
        lat, lon = meeting.line.between(meeting.span.start_m, meeting.span.end_m)
        self.flights.append(
            Flight(
                flight_id,
                "tanker",
                self.entry.operator,
                self.kind,
                self.team.copies,
                self.base,
                self.base,
                sized.takeoff_s,
                profile,
                self._vertices(member, key, sized, meeting, (lat, lon), back),
                self.pool.reserve_kg,
                self._least_margin(sized, taken),
                tuple(taken),
            )
        )
        for k, (take, span, onload) in enumerate(
            zip(member.takes, sized.spans, sized.onload_kg, strict=True)
        ):
            ending = self.way.between(0.0, span.end_m)
            helper = _Meeting(profile, self.way, sized.takeoff_s, span, onload, 0.0, self._name((*key, k)))
            failed = self._member(take.giver, (*key, k), helper, (ending[0][::-1], ending[1][::-1]))
            if failed is not None:
                return failed
        return None

    def _name(self, key: tuple[int, ...]) -> str:
        return f"R{self.number}{self.names[key]}"

    # -- one tanker ---------------------------------------------------------------------------------

    def _sized(
        self, member: Member, flight_id: str, meeting: _Meeting, back: tuple[Floats, Floats]
    ) -> _Sized | Shortfall:
        """A tanker flown with no more than it needs: full and with what it must take, or with less from base."""
        most = [take.onload_kg / refuelling.OFFLOAD_SHARE for take in member.takes]
        onload = [take.onload_kg for take in member.takes]
        fuel = self.limit if onload else min(self.limit, meeting.offload_kg + 0.4 * self.limit)
        takeoff_s = meeting.takeoff_s + meeting.span.start_s - self.way.length_m / self.tas
        best: _Sized | None = None
        short = 0.0
        for _ in range(ROUNDS):
            segments, spans_m, at = self._segments(member, onload, meeting, back, takeoff_s)
            profile, takeoff_s = in_time(
                self.kind, segments, self.dry + fuel, (self.base, self.base), self.aloft, at,
                meeting.takeoff_s + meeting.span.start_s, takeoff_s,
            )  # fmt: skip
            failure = profile.failure
            if failure is not None and failure.code in ("tank", "mass") and onload:
                over = _overfilled(failure.along_m, failure.by, spans_m, onload)
                if over is not None:
                    onload[over[0]] = most[over[0]] = max(0.0, onload[over[0]] - over[1])
                    continue
            if failure is not None and failure.code != "fuel":
                return Shortfall(
                    f"{flight_id}: {failure.what}",
                    f"{failure.lat:.3f},{failure.lon:.3f}",
                    failure.by,
                    failure.unit,
                )
            spans = _timed(spans_m, profile, self.own)
            since = profile.burn_kg
            if spans and np.isfinite(spans[-1].end_s):
                since -= float(np.interp(spans[-1].end_s, profile.time_s, profile.burnt_kg))
            short = self.pool.reserve_kg + self.margin * since - (profile.landing_kg - self.dry)
            if onload and failure is None:  # nor less than the way home takes at any moment of it
                short = max(short, -self._least_at_home(profile, takeoff_s))
            if short <= 0.0:
                best = _Sized(profile, takeoff_s, tuple(spans), tuple(onload))
                if short > -CLOSE:
                    break
            step = (short + STEP) * 1.05
            if (onload and fuel >= self.limit - 1.0) and _shift(onload, most, step):
                continue
            if fuel >= self.limit - 1.0 and step > 0.0:
                break
            fuel = min(
                self.limit, fuel + step
            )  # with the least that is worth a transfer it needs less from base
        if best is None:
            return Shortfall(
                f"{flight_id}: {self.entry.aircraft} from {self.base.code} cannot give "
                f"{meeting.offload_kg:,.0f} kg and get home",
                self.base.code,
                short if np.isfinite(short) else 0.0,
                "kg",
                f"tankers.{[each.id for each in self.mission.tankers].index(self.entry.id)}.available",
                None,
                "more tankers, or a base nearer to the contact",
            )
        return best

    def _segments(
        self,
        member: Member,
        onload: list[float],
        meeting: _Meeting,
        back: tuple[Floats, Floats],
        takeoff_s: float,
    ) -> tuple[list[Segment], list[Cuts], int]:
        """The line of a member, its transfers on the way out [m along it], and which segment begins the contact."""
        way, own = self.way, self.own
        root = meeting.line is self.lead.way.line
        end = way.length_m if root else meeting.span.start_m
        segments: list[Segment] = []
        spans: list[Cuts] = []
        at = 0.0
        for take, amount in zip(member.takes, onload, strict=True):
            start = take.start_m / self.team.out_m * way.length_m
            flow = max(refuelling.flow_time(own, amount, 1, 1), 1.0)
            speed = self._ground_speed(start, takeoff_s)
            low = start + speed * refuelling.SETTLE
            high = low + speed * flow
            cuts = (start, low, high, high + speed * refuelling.PART)
            spans.append(cuts)
            segments.append(Segment(*way.between(at, start), "cruise"))
            segments.append(
                Segment(
                    *way.between(start, cuts[3]),
                    "refuel",
                    own.mach,
                    own.altitude_m,
                    amount,
                    flow_from_m=cuts[1] - cuts[0],
                    flow_to_m=cuts[2] - cuts[0],
                )
            )
            at = cuts[3]
        segments.append(Segment(*way.between(at, end), "cruise"))
        pairing = meeting.span.pairing
        if meeting.early_s:
            lat, lon, _ = way.at(end)
            segments.append(
                Segment(lat, lon, "hold", pairing.mach, pairing.altitude_m, hold_s=meeting.early_s)
            )
        index = len(segments)
        segments += alongside(
            meeting.profile, meeting.line, self.aloft.calm, meeting.span, meeting.offload_kg
        )
        segments.append(Segment(*back, "cruise"))
        return segments, spans, index

    def _ground_speed(self, along_m: float, takeoff_s: float) -> float:
        """Over the ground at the speed and level of a transfer, at a point of the way out [m/s]."""
        own = self.own
        if self.aloft.calm:
            return own.tas_mps
        lat, lon, track = self.way.at(along_m + 60_000.0)
        when = np.array([takeoff_s + along_m / self.tas])
        return own.tas_mps / float(self.aloft.factors(lat, lon, track, own.altitude_m, when, own.tas_mps)[0])

    # -- what it takes ------------------------------------------------------------------------------

    def _taken(
        self, member: Member, key: tuple[int, ...], sized: _Sized, flight_id: str
    ) -> list[Transfer] | Shortfall:
        """Its transfers as records, each with the way out were it to fail."""
        taken: list[Transfer] = []
        profile, known = sized.profile, 0.0
        for k, (span, onload) in enumerate(zip(sized.spans, sized.onload_kg, strict=True)):
            name = self._name((*key, k))
            before = float(np.interp(span.start_s, profile.time_s, profile.fuel_kg))
            after = float(np.interp(span.end_s, profile.time_s, profile.fuel_kg))
            burnt = float(np.interp(span.end_s, profile.time_s, profile.burnt_kg))
            needed, base = self._way_out(span, after - onload, sized.takeoff_s)
            doubt = self.margin * (burnt - known + max(0.0, needed - self.pool.reserve_kg))
            if not after - onload - needed >= doubt:
                return Shortfall(
                    f"{flight_id}: were {name} to fail it could not reach a field with its margin",
                    self.base.code,
                    needed + doubt - (after - onload),
                    "kg",
                )
            known = burnt
            ends = self.way.at([span.start_m, span.end_m])
            taken.append(
                Transfer(
                    name, flight_id, self.root_id + self.names[(*key, k)], self.team.copies, self.own,
                    sized.takeoff_s + span.start_s, sized.takeoff_s + span.end_s,
                    (float(ends[0][0]), float(ends[1][0])), (float(ends[0][1]), float(ends[1][1])),
                    onload, before, after, base, needed,
                )
            )  # fmt: skip
        return taken

    def _way_out(self, span: Span, fuel_kg: float, takeoff_s: float) -> tuple[float, str]:
        """Fuel wanted [kg] and the field that wants least, from the end of a transfer that gave nothing."""
        lat, lon, _ = self.way.at(span.end_m)
        level = min(ABORT_LEVEL, self.kind.ceiling_m)
        when = np.array([takeoff_s + span.end_s])
        options = []
        fields = {place.code: place for place in (*self.mission.abort_bases, self.base)}
        for place in fields.values():
            length = span.end_m
            if place is not self.base:
                length = float(route.many(self.prepared, (place.lat, place.lon), lat, lon)[0])
            if not self.aloft.calm:
                length *= float(mean_factor(self.aloft, lat, lon, place, level, when, self.tas)[0])
            arrival = takeoff_s + span.end_s + length / self.tas
            if place is not self.base and not self.openings.is_open(place.code, arrival)[0]:
                continue
            needed = self._needed(np.array([fuel_kg]), self.own.altitude_m, np.array([length]), place)
            options.append((float(needed[0]), place.code))
        return min(options)

    def _least_margin(self, sized: _Sized, taken: list[Transfer]) -> float:
        """Least of fuel on board over what the way home and the reserve would take, at any moment [kg]."""
        profile = sized.profile
        least = profile.landing_kg - self.dry - self.pool.reserve_kg
        if taken:
            home = self._least_at_home(profile, sized.takeoff_s)
            least = min(least, home, *(each.available_kg - each.needed_kg for each in taken))
        return least

    def _least_at_home(self, profile: Profile, takeoff_s: float) -> float:
        """Least of fuel on board over what the way back to the base would take, all along a flight [kg]."""
        left = np.minimum(profile.along_m, profile.length_m - profile.along_m)
        row = np.flatnonzero(left > GUARD_SPACING)[::5]
        away = self._air_home(left[row], profile, row, takeoff_s)
        needed = self._needed(profile.fuel_kg[row], profile.altitude_m[row], away, self.base)
        return float((profile.fuel_kg[row] - needed).min())

    def _air_home(self, length_m: Floats, profile: Profile, row: np.ndarray, takeoff_s: float) -> Floats:
        """Still-air metres for lengths of the way back to the base from rows of a flight."""
        if self.aloft.calm:
            return length_m
        level = min(ABORT_LEVEL, self.kind.ceiling_m)
        when = takeoff_s + profile.time_s[row]
        return length_m * mean_factor(
            self.aloft, profile.lat[row], profile.lon[row], self.base, level, when, self.tas
        )

    def _needed(self, fuel_kg: Floats, altitude_m: ArrayLike, air_m: Floats, place: Place) -> Floats:
        """Fuel wanted on board to fly still-air distances, land and keep the reserve; inf where none would do."""
        reserve = Reserve(self.mission.reserves.final_s)
        needed = fuel_to_divert(
            self.pool.table, self.dry + fuel_kg, altitude_m, air_m, reserve, place.elevation_m
        )
        return np.where(np.isfinite(needed), needed, np.inf)

    def _vertices(
        self,
        member: Member,
        key: tuple[int, ...],
        sized: _Sized,
        meeting: _Meeting,
        contact: tuple[Floats, Floats],
        back: tuple[Floats, Floats],
    ) -> tuple[Vertex, ...]:
        base = self.base
        vertices = [Vertex(base.code, base.lat, base.lon, "departure")]
        at = 0.0
        for k, span in enumerate(sized.spans):
            name = self._name((*key, k))
            vertices += turns(*self.way.between(at, span.start_m))
            for along, word, kind in (
                (span.start_m, "start", "refuel_start"),
                (span.end_m, "end", "refuel_end"),
            ):
                lat, lon, _ = self.way.at(along)
                vertices.append(Vertex(f"{name} {word}", float(lat[0]), float(lon[0]), kind))
                if word == "start":
                    vertices += turns(*self.way.between(span.start_m, span.end_m))
            at = span.end_m
        end = self.way.length_m if meeting.line is self.lead.way.line else meeting.span.start_m
        lat, lon = contact
        vertices += [
            *turns(*self.way.between(at, end)),
            Vertex(f"{meeting.name} start", float(lat[0]), float(lon[0]), "refuel_start"),
            *turns(lat, lon),
            Vertex(f"{meeting.name} end", float(lat[-1]), float(lon[-1]), "refuel_end"),
            *turns(*back),
            Vertex(base.code, base.lat, base.lon, "arrival"),
        ]
        return tuple(vertices)


def _helpers(member: Member, key: tuple[int, ...] = ()) -> list[tuple[float, tuple[int, ...]]]:
    """Where each helper below a member gives, and the path of transfers that leads to it."""
    found = []
    for k, take in enumerate(member.takes):
        found.append((take.start_m, (*key, k)))
        found += _helpers(take.giver, (*key, k))
    return found


def _timed(spans_m: list[Cuts], profile: Profile, own: Pairing) -> list[Span]:
    """Transfers with their times: the refuel segments are every second one from the second on."""
    return [
        Span(
            cuts[0],
            cuts[3] - cuts[0],
            float(profile.segment_start_s[2 * k + 1]),
            float(profile.segment_end_s[2 * k + 1]),
            own,
        )
        for k, cuts in enumerate(spans_m)
    ]


def _overfilled(
    along_m: float, by_kg: float, spans_m: list[Cuts], onload: list[float]
) -> tuple[int, float] | None:
    """Which transfer fills the tanks before all of it has flowed, and what is too much of it [kg]."""
    for k, (start, flow_from, flow_to, end) in enumerate(spans_m):
        if start <= along_m <= end + 1.0:
            left = min(1.0, max(0.0, (flow_to - along_m) / (flow_to - flow_from)))
            return k, by_kg + 20.0 + onload[k] * left
    return None


def _shift(onload: list[float], most: list[float], step: float) -> bool:
    """Take `step` kilograms more in all (negative: less), the last transfer first; False where none can move.

    None comes down to less than is worth a contact.
    """
    moved = False
    for k in reversed(range(len(onload))):
        kept = min(most[k], max(onload[k] + step, min(relay.LEAST_GIVEN, most[k])))
        step -= kept - onload[k]
        moved |= abs(kept - onload[k]) > 0.5
        onload[k] = kept
        if abs(step) < 1.0:
            break
    return moved
