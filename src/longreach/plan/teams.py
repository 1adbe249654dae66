"""Teams of tankers as flights: who gives to a tanker flies beside it, then turns for home.

The roots of a team meet the lead as any tanker does. Its helpers leave the same base on the same way, in time
to be in company where each gives, so none of them waits; one that serves two takers serves one after the other. Who
meets a tanker on its way home flies out along that way and waits for it there. What each takes is learnt by flying:
the last transfer is set first, down from the most the team allows, until the tanker comes home with its reserve and
margin and no more.
"""

from __future__ import annotations

import itertools
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike

from longreach import route
from longreach.fuel import refuelling, relay
from longreach.fuel.profile import Profile, Segment
from longreach.fuel.refuelling import Pairing
from longreach.fuel.relay import Team
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
from longreach.world.aircraft import Aircraft
from longreach.world.airports import Place
from longreach.world.winds import Aloft

ROUNDS = 20  # flights tried until a tanker comes home with what it must and no more
CLOSE = 40.0  # kg over what it must
STEP = 15.0  # kg more than lacked
DESCENT = (
    150.0  # kg that a taker lands with over its reserve: at the end a way to a field is reckoned as cruise
)
TRIES = 6  # times a team is flown anew with less asked of a tanker that could not give so much
BEHIND = (
    10.0,
    20.0,
)  # s: of two takers in turn the second comes so long after the first is done; and so much more


Cuts = tuple[float, float, float, float]  # a transfer's start, first and last fuel, and end [m along the way]


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Where a tanker gives: the receiver's flight and line, the contact on them, and what each tanker gives."""

    profile: Profile
    line: Line
    takeoff_s: float
    span: Span
    offload_kg: float
    name: str
    early_s: float = 0.0

    @property
    def start_s(self) -> float:
        return self.takeoff_s + self.span.start_s

    @property
    def end_s(self) -> float:
        return self.takeoff_s + self.span.end_s


@dataclass(frozen=True, slots=True)
class _Route:
    """The line of one tanker cut into segments: which begins the first contact it gives in, and where it takes.

    takes : (segment, start and end [m along the flight]) of each transfer to it, the one on the way home last
    flows : first and last fuel of each [m along the flight]
    """

    segments: list[Segment]
    gives: int
    takes: list[tuple[int, float, float]]
    flows: list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class _Flown:
    """A tanker flown: its contacts as a receiver in its own time, and what it takes in each."""

    profile: Profile
    line: Line
    back: Line
    takeoff_s: float
    spans: dict[int, Span]
    onload_kg: dict[int, float]


def team_flights(
    mission: Mission,
    entry: TankerBase,
    lead: LeadPlan,
    contact: Contact,
    number: int,
    prepared: Prepared,
    takeoff_utc: datetime,
) -> list[Flight] | Shortfall:
    """The flights of the team of one contact, those that meet the lead first, or why there are none."""
    assert contact.team is not None
    found = _Planner(mission, entry, lead, contact, contact.team, number, prepared, takeoff_utc)
    return found.plan()


class _Short(Exception):
    """A tanker that cannot give so much: whose, and by how much."""

    def __init__(self, member: int, shortfall: Shortfall) -> None:
        self.member, self.shortfall = member, shortfall


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
        self.kind: Aircraft = self.pool.tanker
        self.base = entry.base
        own = relay.own_pairing(self.kind)
        assert isinstance(own, Pairing)
        self.own = own
        self.dry = self.kind.operating_empty_mass_kg
        self.limit = min(self.kind.max_fuel_kg, self.pool.heaviest_kg - self.dry)
        self.tas = float(np.median(self.pool.table.tas_mps))
        self.margin = doubt_z(mission) * relative_sigma(self.kind, mission, self.tas)
        self.aloft: Aloft = lead.aloft
        self.openings = Openings.of(mission, entry.operator, takeoff_utc)
        self.most_kg = [each.onload_kg / refuelling.OFFLOAD_SHARE for each in team.handovers]
        self._named()

    def _named(self) -> None:
        """Letters for all but the first, in the order in which they give, which is that of distance from the base."""
        team = self.team
        first: dict[int, tuple[bool, float, int]] = {}
        for each in team.handovers:
            place = (each.homeward, -each.start_m if each.homeward else each.start_m, each.giver)
            first[each.giver] = min(place, first.get(each.giver, place))
        order = sorted((first.get(k, (False, team.out_m, k)), k) for k in range(1, team.members))
        letters = [*string.ascii_lowercase, *map("".join, itertools.product("z", string.ascii_lowercase))]
        self.letter = {0: ""} | {k: letters[place] for place, (_, k) in enumerate(order)}

    def flight_id(self, member: int) -> str:
        return f"tanker-{self.number}{self.letter[member]}"

    def _name(self, index: int) -> str:
        """Of a transfer, after its giver; a giver's second has a number."""
        each = self.team.handovers[index]
        again = any(
            other.giver == each.giver and other.taker > each.taker for other in self.team.handovers
        )  # of two takers the greater number takes first
        return f"R{self.number}{self.letter[each.giver]}" + ("2" if again else "")

    def plan(self) -> list[Flight] | Shortfall:
        lead, contact = self.lead, self.contact
        lat, lon = lead.way.line.between(contact.start_m, contact.start_m + contact.length_m)
        home = (self.base.lat, self.base.lon)
        out = route.shortest(self.prepared, home, (float(lat[0]), float(lon[0])))
        back = route.shortest(self.prepared, (float(lat[-1]), float(lon[-1])), home)
        for way in (out, back):
            if not way.feasible:
                return Shortfall.of_route(way.shortfalls[0], self.flight_id(0))
        self.way, self.back = Line.through(out.lat, out.lon), Line.through(back.lat, back.lon)
        span = Span(contact.start_m, contact.length_m, contact.start_s, contact.end_s, contact.pairing)
        offload = contact.onload_kg * lead.flight.count / self.team.tankers
        root = _Meeting(
            lead.profile, lead.way.line, 0.0, span, offload, f"R{self.number}", refuelling.TANKER_EARLY
        )
        short: Shortfall | None = None
        for _ in range(TRIES):
            self.flown: dict[int, _Flown] = {}
            try:
                flights = [self._member(member, root) for member in range(self.team.members)]
            except _Short as error:
                short = error.shortfall
                asked = [k for k, each in enumerate(self.team.handovers) if each.giver == error.member]
                if short.unit != "kg" or not asked or not np.isfinite(short.by or np.nan):
                    return short
                for k in asked:  # ask less of it, and more of others
                    gave = self.flown[self.team.handovers[k].taker].onload_kg[k]
                    self.most_kg[k] = gave - (1.1 * float(short.by or 0.0) + STEP) / len(asked)
                    if self.most_kg[k] < relay.LEAST_GIVEN:
                        return short
                continue
            return flights
        assert short is not None
        return short

    # -- one tanker ---------------------------------------------------------------------------------

    def _meetings(self, member: int, root: _Meeting) -> list[_Meeting]:
        """Where a tanker gives, in order of time."""
        if member < self.team.roots:
            return [root]
        found = []
        for k, each in enumerate(self.team.handovers):
            if each.giver == member:
                taker = self.flown[each.taker]
                early = refuelling.TANKER_EARLY if each.homeward else 0.0
                found.append(
                    _Meeting(
                        taker.profile, taker.line, taker.takeoff_s, taker.spans[k], taker.onload_kg[k],
                        self._name(k), early,
                    )
                )  # fmt: skip
        return sorted(found, key=lambda meeting: meeting.start_s)

    def _ways(self, member: int, meetings: Sequence[_Meeting]) -> tuple[Line, Line]:
        """The way out as far as a tanker could fly along it, and home from the last contact in which it gives."""
        if member < self.team.roots:
            return self.way, self.back
        met = next((each for each in self.team.handovers if each.giver == member and each.homeward), None)
        if met is None:
            lat, lon = self.way.between(0.0, meetings[-1].span.end_m)
            return self.way, Line.through(lat[::-1], lon[::-1])
        taker, span = self.flown[met.taker], meetings[0].span
        lat, lon = taker.line.between(span.start_m, taker.line.length_m)
        home = taker.line.between(span.end_m, taker.line.length_m)
        return Line.through(lat[::-1], lon[::-1]), Line.through(*home)

    def _member(self, member: int, root: _Meeting) -> Flight:
        """Fly a tanker, those it gives to being flown; _Short where it cannot be."""
        meetings = self._meetings(member, root)
        way, back = self._ways(member, meetings)
        flown = self._sized(member, meetings, way, back)
        self.flown[member] = flown
        taken = self._taken(member, flown)
        return Flight(
            self.flight_id(member),
            "tanker",
            self.entry.operator,
            self.kind,
            self.team.copies,
            self.base,
            self.base,
            flown.takeoff_s,
            flown.profile,
            self._vertices(member, flown, meetings),
            self.pool.reserve_kg,
            self._least_margin(flown, taken),
            tuple(taken),
        )

    def _takes(self, member: int) -> list[int]:
        """Transfers to a tanker in order of time."""
        mine = [
            (each.homeward, each.start_m, k)
            for k, each in enumerate(self.team.handovers)
            if each.taker == member
        ]
        return [k for _, _, k in sorted(mine)]

    def _sized(self, member: int, meetings: list[_Meeting], way: Line, back: Line) -> _Flown:
        """A tanker flown with no more than it needs: full and with what it must take, or with less from base."""
        takes = self._takes(member)
        home = bool(takes) and self.team.handovers[takes[-1]].homeward
        most = [self.most_kg[k] for k in takes]
        onload = [min(self.team.handovers[k].onload_kg, self.most_kg[k]) for k in takes]
        gives = sum(meeting.offload_kg for meeting in meetings)
        on_way = len(takes) - home  # taken before it gives
        fuel = self.limit if on_way else min(self.limit, gives + 0.4 * self.limit)
        takeoff_s = meetings[0].start_s - meetings[0].early_s - way.length_m / self.tas
        best: _Flown | None = None
        early, wait_s = 0.0, 0.0
        for _ in range(ROUNDS):
            path = self._route(takes, onload, meetings, way, back, takeoff_s, wait_s)
            profile, takeoff_s = in_time(
                self.kind, path.segments, self.dry + fuel, (self.base, self.base), self.aloft, path.gives,
                meetings[0].start_s, takeoff_s,
            )  # fmt: skip
            failure = profile.failure
            if failure is not None and failure.code in ("tank", "mass") and onload:
                over = _overfilled(failure.along_m, failure.by, path, onload)
                if over is not None:
                    onload[over[0]] = most[over[0]] = max(0.0, onload[over[0]] - over[1])
                    continue
            if failure is not None and failure.code != "fuel":
                where = f"{failure.lat:.3f},{failure.lon:.3f}"
                what = f"{self.flight_id(member)}: {failure.what}"
                raise _Short(-1, Shortfall(what, where, failure.by, failure.unit))
            spans = self._spans(path, profile)
            late_s = self._late(takes, spans, takeoff_s)
            if late_s > 0.0:
                wait_s += late_s + BEHIND[1]
                continue
            flown = _Flown(
                profile, _line_of(path.segments), back, takeoff_s,
                dict(zip(takes, spans, strict=True)), dict(zip(takes, onload, strict=True)),
            )  # fmt: skip
            early, late = self._lacks(flown, takes, home)
            if early <= 0.0 and late <= 0.0:
                best = flown
                if early > -CLOSE and (late > -CLOSE or not home):
                    break
            moved = False
            if home:  # what is taken on the way home is for the rest of it; beyond that it takes more before
                step = (late + STEP) * 1.05
                kept = min(most[-1], max(onload[-1] + step, min(relay.LEAST_GIVEN, most[-1])))
                moved, rest = abs(kept - onload[-1]) > 0.5, step - (kept - onload[-1])
                onload[-1] = kept
                early = max(early, rest) if rest > 1.0 else early
            step = (early + STEP) * 1.05
            if on_way and fuel >= self.limit - 1.0 and _shift(onload, most, step, on_way):
                continue
            if fuel >= self.limit - 1.0 and step > 0.0 and not moved:
                break
            # with the least that is worth a transfer it needs less from base
            fuel = min(self.limit, fuel + step)
        if best is None:
            what = f"{self.flight_id(member)}: {self.entry.aircraft} from {self.base.code} cannot give {gives:,.0f} kg"
            place = [each.id for each in self.mission.tankers].index(self.entry.id)
            raise _Short(
                member,
                Shortfall(
                    f"{what} and get home",
                    self.base.code,
                    early if np.isfinite(early) else 0.0,
                    "kg",
                    f"tankers.{place}.available",
                    None,
                    "more tankers, or a base nearer to the contact",
                ),
            )
        return best

    def _lacks(self, flown: _Flown, takes: list[int], home: bool) -> tuple[float, float]:
        """What a tanker lacks [kg] of what it must have before it is met on its way home, and from then on; negative: has over.

        Where it is not met all is in the first.
        """
        profile, spans = flown.profile, [flown.spans[k] for k in takes]
        since = profile.burn_kg
        if spans and np.isfinite(spans[-1].end_s):
            since -= float(np.interp(spans[-1].end_s, profile.time_s, profile.burnt_kg))
        landing = self.pool.reserve_kg + self.margin * since - (profile.landing_kg - self.dry)
        if not takes:
            return landing, -np.inf
        if profile.failure is not None:
            reached = not home or np.isfinite(spans[-1].end_s)
            return (max(landing, STEP), -np.inf) if not (home and reached) else (-np.inf, max(landing, STEP))
        when, spare = self._spare(flown)
        if not home:
            return max(landing, -float(spare.min(initial=np.inf))), -np.inf
        fuel, _, doubt, needed = self._without(flown, takes, len(takes) - 1)
        met = when < spans[-1].end_s
        away, then = (-float(spare[part].min(initial=np.inf)) for part in (met, ~met))
        return max(away, needed + doubt - fuel), max(landing, then)

    def _route(
        self,
        takes: list[int],
        onload: list[float],
        meetings: list[_Meeting],
        way: Line,
        back: Line,
        takeoff_s: float,
        wait_s: float,
    ) -> _Route:
        """The line of a tanker with what it takes and gives on it."""
        own, team = self.own, self.team
        root = meetings[0].line is self.lead.way.line
        end = way.length_m if root or meetings[0].early_s else meetings[0].span.start_m
        segments: list[Segment] = []
        spans: list[tuple[int, float, float]] = []
        flows: list[tuple[float, float]] = []

        def take(line: Line, flown_m: float, cuts: Cuts, amount: float) -> None:
            start, low, high, stop = cuts
            spans.append((len(segments), flown_m + start, flown_m + stop))
            flows.append((flown_m + low, flown_m + high))
            segments.append(
                Segment(
                    *line.between(start, stop), "refuel", own.mach, own.altitude_m, amount,
                    flow_from_m=low - start, flow_to_m=high - start,
                )
            )  # fmt: skip

        at = 0.0
        for k, amount in zip(takes, onload, strict=True):
            each = team.handovers[k]
            if each.homeward:
                continue
            start = each.start_m / team.out_m * self.way.length_m
            speed = self._ground_speed(way, start, takeoff_s)
            before = self._before(k)
            if before is None:  # another takes first from the same tanker
                other = self._after(k)
                start += 0.0 if other is None else speed * self._contact_s(self.most_kg[other])
            else:
                start = before - speed * self._contact_s(amount)
            low = start + speed * refuelling.SETTLE
            high = low + speed * max(refuelling.flow_time(own, amount, 1, 1), 1.0)
            cuts = (start, low, high, high + speed * refuelling.PART)
            segments.append(Segment(*way.between(at, start), "cruise"))
            take(way, 0.0, cuts, amount)
            at = cuts[3]
            if before is not None and wait_s:
                lat, lon, _ = way.at(at)
                segments.append(Segment(lat, lon, "hold", own.mach, own.altitude_m, hold_s=wait_s))
        segments.append(Segment(*way.between(at, end), "cruise"))
        gives = -1
        for k, meeting in enumerate(meetings):
            pairing = meeting.span.pairing
            wait = meeting.early_s if not k else max(0.0, meeting.start_s - meetings[k - 1].end_s)
            if wait:
                lat, lon, _ = meeting.line.at(meeting.span.start_m)
                segments.append(Segment(lat, lon, "hold", pairing.mach, pairing.altitude_m, hold_s=wait))
            gives = len(segments) if gives < 0 else gives
            segments += alongside(
                meeting.profile, meeting.line, self.aloft.calm, meeting.span, meeting.offload_kg
            )
        at = 0.0
        if takes and team.handovers[takes[-1]].homeward:
            flown_m = _line_of(segments).length_m
            start = max(
                0.0, back.length_m - team.handovers[takes[-1]].start_m / team.out_m * self.way.length_m
            )
            when = takeoff_s + (flown_m + start) / self.tas
            speed = self._ground_speed(back, start, when - start / self.tas)
            low = start + speed * refuelling.SETTLE
            high = low + speed * max(refuelling.flow_time(own, onload[-1], 1, 1), 1.0)
            segments.append(Segment(*back.between(0.0, start), "cruise"))
            at = high + speed * refuelling.PART
            take(back, flown_m, (start, low, high, at), onload[-1])
        segments.append(Segment(*back.between(at, back.length_m), "cruise"))
        return _Route(segments, gives, spans, flows)

    def _contact_s(self, onload_kg: float) -> float:
        """From the start of a contact between tankers to its end [s]."""
        flow = max(refuelling.flow_time(self.own, onload_kg, 1, 1), 1.0)
        return refuelling.SETTLE + flow + refuelling.PART

    def _before(self, index: int) -> float | None:
        """Where on the way [m] the next taker in turn of a transfer's giver begins; None where there is none, or none yet."""
        mine = self.team.handovers[index]
        for k, each in enumerate(self.team.handovers):
            if each.giver == mine.giver and each.taker < mine.taker:
                return self.flown[each.taker].spans[k].start_m
        return None

    def _after(self, index: int) -> int | None:
        """The transfer in which the giver of this one gives first; None where it gives but once."""
        mine = self.team.handovers[index]
        for k, each in enumerate(self.team.handovers):
            if each.giver == mine.giver and each.taker > mine.taker:
                return k
        return None

    def _late(self, takes: list[int], spans: list[Span], takeoff_s: float) -> float:
        """By how much a tanker is not done when the next in turn comes to its giver [s]; nothing or less: it is."""
        late = -np.inf
        for k, span in zip(takes, spans, strict=True):
            mine = self.team.handovers[k]
            for j, each in enumerate(self.team.handovers):
                if each.giver == mine.giver and each.taker < mine.taker and np.isfinite(span.end_s):
                    other = self.flown[each.taker]
                    begins = other.takeoff_s + other.spans[j].start_s
                    late = max(late, takeoff_s + span.end_s - (begins - BEHIND[0]))
        return float(late)

    def _spans(self, path: _Route, profile: Profile) -> list[Span]:
        return [
            Span(
                start, end - start, float(profile.segment_start_s[segment]),
                float(profile.segment_end_s[segment]), self.own,
            )
            for segment, start, end in path.takes
        ]  # fmt: skip

    def _ground_speed(self, line: Line, along_m: float, takeoff_s: float) -> float:
        """Over the ground at the speed and level of a transfer, at a point of a way [m/s]."""
        own = self.own
        if self.aloft.calm:
            return own.tas_mps
        lat, lon, track = line.at(along_m + 60_000.0)
        when = np.array([takeoff_s + along_m / self.tas])
        return own.tas_mps / float(self.aloft.factors(lat, lon, track, own.altitude_m, when, own.tas_mps)[0])

    # -- what it takes ------------------------------------------------------------------------------

    def _without(self, flown: _Flown, takes: list[int], place: int) -> tuple[float, str, float, float]:
        """Had a transfer given nothing: fuel at its end, the field that wants least, the margin for doubt, fuel wanted."""
        profile, span = flown.profile, flown.spans[takes[place]]
        known = flown.spans[takes[place - 1]].end_s if place else 0.0
        fuel = float(np.interp(span.end_s, profile.time_s, profile.fuel_kg)) - flown.onload_kg[takes[place]]
        burnt = np.interp([known, span.end_s], profile.time_s, profile.burnt_kg)
        homeward = self.team.handovers[takes[place]].homeward
        home_m = flown.line.length_m - span.end_m if homeward else span.end_m
        needed, field = self._way_out(flown, span, fuel, home_m)
        doubt = self.margin * (float(burnt[1] - burnt[0]) + max(0.0, needed - self.pool.reserve_kg))
        return fuel, field, doubt, needed

    def _taken(self, member: int, flown: _Flown) -> list[Transfer]:
        """Its transfers as records, each with the way out were it to fail."""
        taken: list[Transfer] = []
        takes = self._takes(member)
        for place, k in enumerate(takes):
            span, profile, name = flown.spans[k], flown.profile, self._name(k)
            fuel, field, doubt, needed = self._without(flown, takes, place)
            if not fuel - needed >= doubt:
                raise _Short(
                    -1,
                    Shortfall(
                        f"{self.flight_id(member)}: were {name} to fail it could not reach a field with its margin",
                        self.base.code,
                        needed + doubt - fuel,
                        "kg",
                    ),
                )
            before, after = np.interp([span.start_s, span.end_s], profile.time_s, profile.fuel_kg)
            ends = flown.line.at([span.start_m, span.end_m])
            taken.append(
                Transfer(
                    name, self.flight_id(member), self.flight_id(self.team.handovers[k].giver),
                    self.team.copies, self.own, flown.takeoff_s + span.start_s, flown.takeoff_s + span.end_s,
                    (float(ends[0][0]), float(ends[1][0])), (float(ends[0][1]), float(ends[1][1])),
                    flown.onload_kg[k], float(before), float(after), field, needed,
                )
            )  # fmt: skip
        return taken

    def _way_out(self, flown: _Flown, span: Span, fuel_kg: float, home_m: float) -> tuple[float, str]:
        """Fuel wanted [kg] and the field that wants least, from the end of a transfer that gave nothing.

        home_m : to the base along its own way
        """
        lat, lon, _ = flown.line.at(span.end_m)
        level = min(ABORT_LEVEL, self.kind.ceiling_m)
        when = np.array([flown.takeoff_s + span.end_s])
        options = []
        fields = {place.code: place for place in (*self.mission.abort_bases, self.base)}
        for place in fields.values():
            length = home_m
            if place is not self.base:
                length = float(route.many(self.prepared, (place.lat, place.lon), lat, lon)[0])
            if not self.aloft.calm:
                length *= float(mean_factor(self.aloft, lat, lon, place, level, when, self.tas)[0])
            arrival = float(when[0]) + length / self.tas
            if place is not self.base and not self.openings.is_open(place.code, arrival)[0]:
                continue
            needed = self._needed(np.array([fuel_kg]), self.own.altitude_m, np.array([length]), place)
            options.append((float(needed[0]), place.code))
        return min(options)

    def _least_margin(self, flown: _Flown, taken: list[Transfer]) -> float:
        """Least of fuel on board over what the way to a field and the reserve would take, at any moment [kg]."""
        profile = flown.profile
        least = profile.landing_kg - self.dry - self.pool.reserve_kg
        if taken:
            away = float(self._spare(flown)[1].min(initial=np.inf))
            least = min(least, away, *(each.available_kg - each.needed_kg for each in taken))
        return least

    def _spare(self, flown: _Flown) -> tuple[Floats, Floats]:
        """(n,) moments of a flight [s] and fuel on board over what the way to the best field would take [kg].

        To its own base it goes along its own way; other fields are looked at where that would take too much.
        """
        profile = flown.profile
        left = np.minimum(profile.along_m, profile.length_m - profile.along_m)
        row = np.flatnonzero(left > GUARD_SPACING)[::5]
        fuel, altitude = profile.fuel_kg[row], profile.altitude_m[row]
        when = flown.takeoff_s + profile.time_s[row]
        spare = fuel - self._needed(fuel, altitude, self._air(left[row], flown, row, self.base), self.base)
        for place in self.mission.abort_bases:
            low = np.flatnonzero(spare < 0.0)
            if place.code == self.base.code or not low.size:
                continue
            length = np.asarray(
                route.many(
                    self.prepared, (place.lat, place.lon), profile.lat[row[low]], profile.lon[row[low]]
                )
            )
            air = self._air(length, flown, row[low], place)
            over = fuel[low] - self._needed(fuel[low], altitude[low], air, place)
            opened = self.openings.is_open(place.code, when[low] + np.nan_to_num(air, posinf=0.0) / self.tas)
            spare[low] = np.where(opened, np.maximum(spare[low], over), spare[low])
        return profile.time_s[row], spare

    def _air(self, length_m: Floats, flown: _Flown, row: np.ndarray, place: Place) -> Floats:
        """Still-air metres for lengths of ways to a field from rows of a flight."""
        if self.aloft.calm:
            return length_m
        profile = flown.profile
        level = min(ABORT_LEVEL, self.kind.ceiling_m)
        when = flown.takeoff_s + profile.time_s[row]
        return length_m * mean_factor(
            self.aloft, profile.lat[row], profile.lon[row], place, level, when, self.tas
        )

    def _needed(self, fuel_kg: Floats, altitude_m: ArrayLike, air_m: Floats, place: Place) -> Floats:
        """Fuel wanted on board to fly still-air distances, land and keep the reserve; inf where none would do."""
        reserve = Reserve(self.mission.reserves.final_s)
        needed = fuel_to_divert(
            self.pool.table, self.dry + fuel_kg, altitude_m, air_m, reserve, place.elevation_m
        )
        return np.where(np.isfinite(needed), needed, np.inf)

    def _vertices(self, member: int, flown: _Flown, meetings: list[_Meeting]) -> tuple[Vertex, ...]:
        """Its line as named points: departure, contacts as they come, arrival."""
        base, line = self.base, flown.line
        marks = [(span.start_m, span.end_m, self._name(k)) for k, span in flown.spans.items()]
        outward = max(
            (end for start, end, _ in marks if start < self._gives_at(member, meetings)), default=0.0
        )
        at = max(outward, self._gives_at(member, meetings))
        for meeting in meetings:
            marks.append((at, at + meeting.span.length_m, meeting.name))
            at += meeting.span.length_m
        vertices = [Vertex(base.code, base.lat, base.lon, "departure")]
        at = 0.0
        for start, end, name in sorted(marks):
            vertices += turns(*line.between(at, start))
            for along, word, kind in ((start, "start", "refuel_start"), (end, "end", "refuel_end")):
                lat, lon, _ = line.at(along)
                vertices.append(Vertex(f"{name} {word}", float(lat[0]), float(lon[0]), kind))
                if word == "start":
                    vertices += turns(*line.between(start, end))
            at = end
        vertices += turns(*line.between(at, line.length_m))
        return (*vertices, Vertex(base.code, base.lat, base.lon, "arrival"))

    def _gives_at(self, member: int, meetings: list[_Meeting]) -> float:
        """Where along its own flight a tanker first gives [m]."""
        if member < self.team.roots:
            return self.way.length_m
        if meetings[0].early_s:
            return meetings[0].line.length_m - meetings[0].span.start_m
        return meetings[0].span.start_m


def _line_of(segments: Sequence[Segment]) -> Line:
    """What segments flown one after the other cover."""
    return Line.through(np.concatenate([s.lat for s in segments]), np.concatenate([s.lon for s in segments]))


def _overfilled(along_m: float, by_kg: float, path: _Route, onload: list[float]) -> tuple[int, float] | None:
    """Which transfer fills the tanks before all of it has flowed, and what is too much of it [kg]."""
    for k, ((_, start, end), (low, high)) in enumerate(zip(path.takes, path.flows, strict=True)):
        if start <= along_m <= end + 1.0:
            left = min(1.0, max(0.0, (high - along_m) / (high - low)))
            return k, by_kg + 20.0 + onload[k] * left
    return None


def _shift(onload: list[float], most: list[float], step: float, count: int) -> bool:
    """Take `step` kilograms more in all (negative: less) in the first `count` transfers, the last of them first.

    False where none can move. None comes down to less than is worth a contact.
    """
    moved = False
    for k in reversed(range(count)):
        kept = min(most[k], max(onload[k] + step, min(relay.LEAST_GIVEN, most[k])))
        step -= kept - onload[k]
        moved |= abs(kept - onload[k]) > 0.5
        onload[k] = kept
        if abs(step) < 1.0:
            break
    return moved
