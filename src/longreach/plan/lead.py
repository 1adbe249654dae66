"""One lead flight: its line, its fuel ladder, and the whole flight integrated until the ladder holds."""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from longreach import geodesy, route, station
from longreach.fuel import ladder as rungs
from longreach.fuel import refuelling, relay
from longreach.fuel.beside import CHANGE, pair_cell
from longreach.fuel.burn import CruiseTable
from longreach.fuel.formation import thirstiest
from longreach.fuel.ladder import Guard, Guarded, Ladder, Offers, Receiver, Rung
from longreach.fuel.performance import fuel_flow
from longreach.fuel.profile import Profile, Segment, fly
from longreach.fuel.refuelling import Pairing, Pool
from longreach.fuel.relay import Team, Teams
from longreach.fuel.reserves import Reserve, climb_fuel, final_reserve, fuel_to_divert
from longreach.geodesy import Floats
from longreach.line import Line, air_distance
from longreach.mission.model import LeadFlight, Mission, RefuellingTrack, TankerBase
from longreach.plan import places
from longreach.plan.cures import fuel_shortfall
from longreach.plan.geometry import LeadLine, lead_line
from longreach.plan.learning import Taught, relearnt, true_lengths
from longreach.plan.openings import Openings
from longreach.plan.places import Bend
from longreach.plan.shortfall import Shortfall
from longreach.route import Prepared
from longreach.units import FOOT, NAUTICAL_MILE
from longreach.world.aircraft import Aircraft
from longreach.world.airports import Place
from longreach.world.airspace import Closure
from longreach.world.winds import Aloft

GUARD_SPACING = 40.0 * NAUTICAL_MILE
CANDIDATE_SPACING = 60.0 * NAUTICAL_MILE
TEAM_SPACING = 40.0 * NAUTICAL_MILE  # where tankers refuel tankers and a step costs a sortie
REFUGE_STEP, NO_REFUGE = (
    4,
    1e9,
)  # nodes of a team's way between those looked at; m: farther than anything flies
CLEAR_OF_FIELDS = 200.0 * NAUTICAL_MILE  # no contact in the climb or the descent
LEVEL_CHANGE = 150.0 * NAUTICAL_MILE  # room to go down to the refuelling level, from FL500 with a jet behind
SHORTEST_CLIMB = 260.0 * NAUTICAL_MILE  # a tanker's way to its level with full tanks, and back to the point
CONTACT_SPARE = 15.0 * NAUTICAL_MILE  # kept between the longest a contact can be and the station
LEAST_SAVED = 2  # sorties of the smallest team: it saves none where so many do
NOMINAL_FLOW = 20 * 60.0
NOMINAL_CONTACT = refuelling.SETTLE + NOMINAL_FLOW + refuelling.PART
ABORT_LEVEL = 35_000.0 * FOOT  # whose wind the way to an abort field is reckoned in, or the type's ceiling's
FACTOR_PARTS = 12  # points of a geodesic at which its wind is taken
LADDERS = 20  # choices of contacts tried, each with what flying the one before has taught
TIMES = 8  # a number of sorties fails when flown before one more is held to be needed
NUDGE = 300.0  # kg: so little is asked for more of on every leg without the ladder's figures being set again
NEAR = 4_000.0  # kg of slack within which the fuel wanted as flown can be held against the ladder's
SPARSE, ROUGHLY = 4, 2  # of so many candidates a ladder that only promises has one; where it knows no place
CLOSELY = 300.0 * NAUTICAL_MILE  # about a place at which it looks closely
LEFT_OVER = 20.0  # kg more than was lacking, each time a ladder is set right by a flight that did not hold
STEP, ROUNDED = 500.0, 5.0  # kg: to find what fuel wanted gains by; less than which roundings hide
SLOPE = (0.3, 1.0)  # of slack over fuel at the start of a leg: what is burnt carrying fuel is never all of it
AGAIN = 3  # times a flight that costs other than the ladder's bound is chosen again
ROUGH = 1e-3  # of the fuel: how near to the least a ladder is that is only to be flown and learnt from
NEAR_BOUND = 2e-3  # of the bound: a flight so near to it is not
COSTS = (
    0.2,
    5.0,
    0.5,
)  # least and most by which contacts are made dearer; most of an onload lost in its contact
TEAM_LADDERS = 16  # as many where tankers refuel tankers
TEAM_STEP, TEAM_MOST = (
    40.0,
    500.0,
)  # kg more than a leg missed is asked for of it; most beside what was asked before
TRIM, TRIMS = 20.0, 2  # kg less than what overfills the tanks; times a contact, one more in all
ROUNDS = 8  # integrations tried before the ladder is said not to settle


@dataclass(frozen=True, slots=True)
class Contact:
    """One refuelling of the lead as flown; times in seconds from its take-off, fuel per receiver.

    draws : (pool, sorties) as the ladder had them; tankers : that meet the lead, in all
    team : whose roots, `tankers` of them, meet the lead; None where no tanker refuels another
    turns : when the others of its cell take fuel, one group after the other; of one of those its own turn
    others_kg : what all of the others take
    """

    candidate: int
    draws: tuple[tuple[int, int], ...]
    tankers: int
    pairing: Pairing
    start_m: float
    length_m: float
    start_s: float
    end_s: float
    onload_kg: float
    before_kg: float
    after_kg: float
    abort_base: str
    abort_needed_kg: float
    team: Team | None = None
    turns: tuple[tuple[float, float], ...] = ()
    others_kg: float = 0.0

    @property
    def pool(self) -> int:
        """The pool that flies it, or the first of those that do."""
        return self.draws[0][0]

    @property
    def sorties(self) -> int:
        return self.tankers if self.team is None else self.team.sorties

    @property
    def abort_available_kg(self) -> float:
        return self.after_kg - self.onload_kg


@dataclass(frozen=True, slots=True)
class LeadPlan:
    """A lead flight that works.

    margin_kg : the least of fuel on board minus fuel required at any moment
    doubt_kg : fuel wanted for doubt in the burn at the tightest moment; `doubt_slack_kg` what is over it
    station_s : (enter, leave), None without a station
    chosen : the ladder as it was chosen, with its proof; candidates : contacts it was chosen among
    settled : True where choosing again, with what was flown, gives nothing better
    others : the rest of a cell that this flight paces; keeps_to : id of the flight of its cell whose rows it flies in
    taught : what flying it has taught the ladder; None where that did not come out
    """

    flight: LeadFlight
    aircraft: Aircraft
    table: CruiseTable
    way: LeadLine
    profile: Profile
    contacts: tuple[Contact, ...]
    station_s: tuple[float, float] | None
    reserve_kg: float
    margin_kg: float
    doubt_slack_kg: float
    chosen: Ladder
    candidates: int
    settled: bool
    taught: Taught | None
    pools: tuple[Pool, ...]
    entries: tuple[TankerBase, ...]
    guard_s: Floats
    guard_needed_kg: Floats
    guard_fuel_kg: Floats
    guard_sigma_kg: Floats
    guard_base: tuple[str, ...]
    relative_sigma: float
    aloft: Aloft
    planner: LeadPlanner
    others: tuple[LeadPlan, ...] = ()
    keeps_to: str = ""

    @property
    def sorties_bound(self) -> int:
        """Proved least tanker sorties for this line with no margin for doubt; of a flight that keeps to another, 0."""
        return (
            0 if self.keeps_to else min(self.planner.sorties_bound(), sum(c.sorties for c in self.contacts))
        )


@dataclass(frozen=True, slots=True)
class Pace:
    """What a flight that paces a cell does for the sake of the others in it.

    load, ceiling_m : it takes the levels and climbs of an aircraft so many times as heavy, none higher than that
    weight : aircraft of its own type that would want as much fuel as the whole cell
    others : type and count of the others, and the mass at which they must hold the level of a contact [kg]
    share : what one of each of the others takes for a kilogram that one of its own takes
    asked_kg : what one of each of the others took at a candidate contact when it was last flown
    flow_s : how long fuel may flow in a contact by the ladder's reckoning; None for what the mission allows
    spare_kg : of its own tanks left out of account, so that legs come short enough for the others
    partings : via points at which part of the cell leaves it or is back: no contact lies over them
    """

    load: float
    ceiling_m: float
    weight: float
    others: tuple[tuple[Aircraft, int, float], ...]
    share: tuple[float, ...]
    asked_kg: tuple[tuple[int, tuple[float, ...]], ...] = ()
    flow_s: float | None = None
    spare_kg: float = 0.0
    partings: tuple[str, ...] = ()

    def onloads(self, candidate: int, own_kg: float) -> tuple[float, ...]:
        """What one of each of the others is to be given time for at a contact."""
        known = dict(self.asked_kg).get(candidate)
        return tuple(own_kg * each for each in self.share) if known is None else known


@dataclass(frozen=True, slots=True)
class Aborts:
    """Still-air distances from points along a line to the fields that are open, and which is nearest.

    along_m : (n,) distances along the line; air_m : (n,) still-air distance flown to them
    best_m : (n,) still-air distance to the best field; base : (n,) its code
    stretch : most still-air metres that a metre of the line takes, either way
    """

    along_m: Floats
    air_m: Floats
    best_m: Floats
    base: tuple[str, ...]
    stretch: float

    def at(self, along_m: float) -> tuple[float, str]:
        """Best field at a point between samples: never nearer than it truly can be."""
        k = int(np.clip(np.searchsorted(self.along_m, along_m), 1, self.along_m.size - 1))
        options = [
            (float(self.best_m[i]) + abs(along_m - float(self.along_m[i])) * self.stretch, self.base[i])
            for i in (k - 1, k)
        ]
        return min(options)


def relative_sigma(aircraft: Aircraft, mission: Mission, tas_mps: float) -> float:
    """One sigma of a flight's burn as a fraction: the type's error band and the wind's spread."""
    return math.hypot(aircraft.band_pct / 100.0 / 1.96, mission.winds.sigma_mps / tas_mps)


def doubt_z(mission: Mission) -> float:
    """How many sigmas the mission wants in hand (one-sided)."""
    return NormalDist().inv_cdf(mission.reserves.doubt)


def aborts_along(
    mission: Mission,
    destination: Place,
    way: LeadLine,
    prepared: Prepared,
    fields: tuple[Place, ...],
    tas_mps: float,
    aloft: Aloft,
    level_m: float,
    openings: Openings,
) -> Aborts:
    """Lawful still-air distances from the line to each open field and, over the planned line, to its end."""
    line = way.line
    fine_along, fine_air = air_distance(line, tas_mps, aloft, level_m)
    count = max(2, math.ceil(line.length_m / GUARD_SPACING) + 1)
    along = np.linspace(0.0, line.length_m, count)
    air = np.interp(along, fine_along, fine_air)
    lat, lon, track = line.at(along)
    time = air / tas_mps
    both = np.stack([track, track + 180.0])
    stretch = float(aloft.factors(lat, lon, both, level_m, time, tas_mps).max())
    best = air[-1] - air  # staying on the planned line to the destination is always open
    base = [destination.code] * count
    if fields:
        straight = np.stack([geodesy.distance(lat, lon, field.lat, field.lon) for field in fields])
        factor = np.ones(straight.shape)
        if not aloft.calm:
            factor = np.stack(
                [mean_factor(aloft, lat, lon, field, level_m, time, tas_mps) for field in fields]
            )
        least = straight * factor
        order = np.argsort(least, axis=0, kind="stable")
        for rank in range(len(fields)):  # nearest first: no lawful way is shorter than the geodesic
            for k, field in enumerate(fields):
                points = np.nonzero((order[rank] == k) & (least[k] < best))[0]
                if not points.size:
                    continue
                length = np.asarray(route.many(prepared, (field.lat, field.lon), lat[points], lon[points]))
                length = length * factor[k, points]
                opened = openings.is_open(field.code, time[points] + length / tas_mps)
                for point, metres in zip(points[opened], length[opened], strict=True):
                    if metres < best[point] - 1.0:
                        best[point], base[point] = metres, field.code
    return Aborts(along, air, best, tuple(base), stretch)


def mean_factor(
    aloft: Aloft,
    lat: Floats,
    lon: Floats,
    field: Place,
    level_m: float,
    time_s: Floats,
    tas_mps: float,
    *,
    outward: bool = False,
) -> Floats:
    """(n,) still-air metres for each metre over the ground on the geodesics to a field, at their mean.

    The wind is that of one level, as it is when the way begins. outward : from the field to the points
    """
    length, start, _ = geodesy.inverse(lat, lon, field.lat, field.lon)
    part = (np.arange(FACTOR_PARTS) + 0.5)[:, None] / FACTOR_PARTS
    at_lat, at_lon, track = geodesy.direct(lat, lon, start, length * part)
    return aloft.factors(at_lat, at_lon, track + 180.0 if outward else track, level_m, time_s, tas_mps).mean(
        axis=0
    )


def tanker_pools(
    mission: Mission,
    receiver: Aircraft,
    receiver_mass_kg: float,
    prepared: Prepared,
    lat,
    lon,
    lat_end,
    lon_end,
    aloft: Aloft,
    time_s: Floats,
    others: tuple[tuple[Aircraft, int, float], ...] = (),
    own: tuple[str, Floats] | None = None,
) -> tuple[list[Pool], list[TankerBase], list[str]]:
    """The mission's tankers as the ladder sees them, and why some cannot serve.

    others : type, count and mass of further receivers that are to keep beside at every contact
    own : where the receivers leave from, and their own still-air distance to the points, for buddies
    """
    pools, bases, refused = [], [], []
    tables: dict[str, CruiseTable] = {}
    for entry in mission.tankers:
        tanker = mission.aircraft(entry.aircraft)
        receivers = [(receiver, receiver_mass_kg), *((kind, mass) for kind, _, mass in others)]
        pairing = pair_cell(receivers, tanker)
        if isinstance(pairing, str):
            refused.append(f"tankers {entry.id}: {pairing}")
            continue
        if tanker.code not in tables:
            tables[tanker.code] = CruiseTable(tanker)
        table = tables[tanker.code]
        tas = float(np.median(table.tas_mps))
        way_out = np.asarray(route.many(prepared, (entry.base.lat, entry.base.lon), lat, lon))
        back = np.asarray(route.many(prepared, (entry.base.lat, entry.base.lon), lat_end, lon_end))
        climbing = np.full(
            way_out.shape, SHORTEST_CLIMB
        )  # a near base flies on up the line to gain its level
        if not aloft.calm:
            level = min(ABORT_LEVEL, tanker.ceiling_m)
            factor = mean_factor(aloft, lat, lon, entry.base, level, time_s, tas, outward=True)
            way_out, climbing = way_out * factor, SHORTEST_CLIMB * factor
            back = back * mean_factor(aloft, lat_end, lon_end, entry.base, level, time_s, tas)
        if entry.buddy:
            if own is None or entry.base.code != own[0]:
                refused.append(f"tankers {entry.id}: a buddy leaves from where the flight does")
                continue
            way_out, climbing = own[1], np.zeros(way_out.shape)
        dry = tanker.operating_empty_mass_kg
        reserve = float(
            final_reserve(tanker, dry * 1.05, mission.reserves.final_s, entry.base.elevation_m, table.factor)
        )
        pools.append(
            Pool(
                tanker,
                table,
                pairing,
                reserve,
                relative_sigma(tanker, mission, tas),
                doubt_z(mission),
                entry.available,
                np.maximum(way_out, climbing),
                back,
                math.inf if entry.max_takeoff_kg is None else entry.max_takeoff_kg,
                math.inf
                if entry.crew_day_s is None
                else entry.crew_day_s - mission.crew.report_before_s - mission.crew.release_after_s,
                way_out,
                refuelling.BUDDY_EARLY if entry.buddy else refuelling.TANKER_EARLY,
            )
        )
        bases.append(entry)
    return pools, bases, refused


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A ladder that, flown whole, does not hold, as it was last flown."""

    flown: _Flown


@dataclass(frozen=True, slots=True)
class TooFull:
    """A contact that fills the receiver beyond its greatest mass or its tanks, and by how much."""

    by_kg: float


@dataclass(frozen=True, slots=True)
class Ready:
    """What the ladder of one line is chosen from; `start_kg` is what it starts with where the mission says so."""

    receiver: Receiver
    guard: Guard
    offers: Offers
    start_kg: float | None


@dataclass(frozen=True, slots=True)
class Promise:
    """What a ladder promises: tanker sorties, fuel bought [kg], length of the route without its loop [m]."""

    sorties: int
    fuel_kg: float
    route_m: float


class LeadPlanner:
    """Plans one lead flight; keeps what the search for a cure needs when no plan exists."""

    aborts: Aborts

    def __init__(
        self,
        mission: Mission,
        flight: LeadFlight,
        prepared: Prepared,
        closures: tuple[Closure, ...],
        aloft: Aloft,
        progress: Callable[[str], None],
        *,
        refuelled: bool,
        takeoff_utc: datetime,
        share: float = refuelling.OFFLOAD_SHARE,
        bend: tuple[Bend | RefuellingTrack, ...] = (),
        drawn: dict[str, int] | None = None,
        pace: Pace | None = None,
        about: Sequence[tuple[float, float]] | None = None,
        fewer_than: int | None = None,
    ) -> None:
        self.mission, self.flight, self.share = mission, flight, share
        self.pace = pace
        self.ceiling_m = flight.ceiling_m if pace is None else pace.ceiling_m
        self.count: float = flight.count if pace is None else pace.weight
        self.takeoff_utc = takeoff_utc
        self.openings = Openings.of(mission, flight.operator, takeoff_utc)
        self.like: LeadPlanner | None = (
            None  # another planner on the same line, whose ways serve this one too
        )
        self.prepared, self.closures, self.progress = prepared, closures, progress
        self.aloft = aloft
        self.refuelled = refuelled and bool(mission.tankers)
        self.bend, self.drawn = bend, drawn or {}  # drawn: sorties that other flights take of each entry
        self.fewer_than = fewer_than  # sorties without teams of tankers, for one that plans with them
        self.about = about  # of a planner that only promises: the places about which it looks closely
        self.area = mission.station if flight is mission.flights[0] else None
        self.aircraft = thirstiest(mission.aircraft(flight.aircraft), flight)
        if pace is not None:
            self.aircraft = replace(self.aircraft, level_load=pace.load)
        self.level_m = min(ABORT_LEVEL, self.aircraft.ceiling_m)
        self.dry = self.aircraft.operating_empty_mass_kg + flight.payload_kg
        self.table = CruiseTable(self.aircraft, flight.mach, self.ceiling_m)
        self.alone = self.table  # as it flies to a field by itself
        if pace is not None:
            unladen = replace(self.aircraft, level_load=1.0)
            self.alone = CruiseTable(unladen, flight.mach, flight.ceiling_m)
        heaviest = min(self.aircraft.max_inflight_mass_kg, self.table.heaviest_kg)
        self.capacity = min(self.aircraft.max_fuel_kg, heaviest - self.dry)
        self.takeoff_fuel_limit = min(
            self.aircraft.max_fuel_kg, self.aircraft.max_takeoff_mass_kg - self.dry, self.capacity
        )
        if pace is not None and flight.takeoff_fuel == "needed":
            self.capacity -= pace.spare_kg
            self.takeoff_fuel_limit -= pace.spare_kg
        self.tas = float(np.interp(self.dry + 0.4 * self.capacity, self.alone.mass_kg, self.alone.tas_mps))
        self.z = doubt_z(mission)
        self.sigma = relative_sigma(self.aircraft, mission, self.tas)
        destination = flight.destination
        self.reserve = float(
            final_reserve(
                self.aircraft,
                self.dry * 1.03,
                mission.reserves.final_s,
                destination.elevation_m,
                self.table.factor,
            )
        )
        self._heights = {
            place.code: place.elevation_m for place in (*mission.abort_bases, destination, flight.origin)
        }
        self.climb = self._climb_burn()
        self.spacing_m = CANDIDATE_SPACING
        self.teams: dict[int, Teams] = {}
        self._refuges: dict[tuple[int, float, float, int], Floats] = {}
        self.pools: list[Pool] = []
        self.bases: list[TankerBase] = []
        self.refused: list[str] = []
        self.missed_kg = 0.0
        self.missed_by_leg = np.zeros(1)
        self.asked_kg = np.zeros(1)
        self.candidate_m: Floats = np.zeros(0)
        self.start_kg: float | None = None
        self._reckoned: tuple[Guard, Offers, Receiver]  # as reckoned before any was flown, without teams
        self._bound: int | None = None
        self._watched: tuple[int, ...] = ()  # pools the last ladder would have taken too much from

    # -- the whole ----------------------------------------------------------------------------------

    def plan(self) -> LeadPlan | tuple[Shortfall, ...]:
        """The flight, or what keeps it from being possible."""
        loop_m = wanted_m = self.first_loop_m
        stay = 0.0
        found: LeadPlan | None = None
        taught: Taught | None = None
        for attempt in range(5):
            self.progress(f"routing {self.flight.id}")
            way = self.line(loop_m)
            if isinstance(way, tuple):
                return way
            if self.area is not None and attempt == 0:
                # the way in and out counts as time on station too: loop that much less
                loop_m = max(0.0, loop_m + wanted_m - inside_length(self.area, way))
                continue
            self.way = way
            flown = self._fuel(way, taught)
            if isinstance(flown, tuple):
                return flown
            taught = flown.taught
            if self.area is None:
                return flown
            inside = station_window(self.area, flown.profile)
            if inside is None:
                break
            stay = inside[1] - inside[0]
            if stay >= self.area.time_s:
                found = replace(
                    flown, station_s=inside, planner=copy.copy(self)
                )  # of this line, not the next
                if stay <= self.area.time_s + 300.0 or loop_m == 0.0:
                    return found
            loop_m = max(0.0, loop_m + (self.area.time_s + 60.0 - stay) * self.tas)
        if found is not None:
            return found
        assert self.area is not None
        return (
            Shortfall(
                f"flight {self.flight.id}: the time asked for on station could not be flown",
                self.area.name,
                (self.area.time_s - stay) / 60.0,
                "min",
            ),
        )

    @property
    def first_loop_m(self) -> float:
        """How long the loop on station is taken to be before any is flown [m]."""
        return 0.0 if self.area is None else self.area.time_s * self.tas * 1.01

    def line(self, loop_m: float) -> LeadLine | tuple[Shortfall, ...]:
        """The line this planner flies, with so long a loop on station, or why there is none."""
        flight = places.bent(self.flight, self.area, self.bend)
        return lead_line(flight, self.area, self.prepared, self.closures, loop_m)

    def promise_over(self, loop_m: float, taught: Taught | None) -> Promise | None:
        """What the ladder promises on this planner's line with so long a loop on station; None where nothing works."""
        way = self.line(loop_m)
        return None if isinstance(way, tuple) else self.promise(way, taught)

    def promise(self, way: LeadLine, taught: Taught | None) -> Promise | None:
        """What the ladder promises on a line, nothing flown and no team of tankers looked at; None where none works.

        taught : what flying another line has, held to be true of this one too
        """
        self.way = way
        ready = self._ready(way)
        if isinstance(ready, tuple):
            return None
        guard, offers = ready.guard, ready.offers
        if taught is not None and offers.air_end_m.size:
            guard, offers = taught.applied(guard, offers, self.aborts.along_m, self.candidate_m)
        guarded = Guarded(ready.receiver, guard, offers)
        chosen = rungs.choose(ready.receiver, guarded, offers, ready.start_kg, gap=ROUGH)
        if chosen is None:
            return None
        fuel = chosen.bought_kg + self.count * self.climb  # the ladder starts at the top of climb
        return Promise(chosen.sorties, fuel, way.route_m)

    def again(self, mission: Mission, share: float) -> LeadPlanner:
        """A planner of the same flight through the same air, for a mission that asks something else of its fuel."""
        other = LeadPlanner(
            mission,
            self.flight,
            self.prepared,
            self.closures,
            self.aloft,
            self.progress,
            refuelled=self.refuelled,
            takeoff_utc=self.takeoff_utc,
            share=share,
            bend=self.bend,
            drawn=self.drawn,
            fewer_than=self.fewer_than,
        )
        other.like, other.spacing_m = self, self.spacing_m
        return other

    def fuelled(self, way: LeadLine) -> LeadPlan | tuple[Shortfall, ...]:
        """The flight along a line that is known, or what keeps it from being possible."""
        self.way = way
        return self._fuel(way)

    # -- fuel ---------------------------------------------------------------------------------------

    def _ready(self, way: LeadLine) -> Ready | tuple[Shortfall, ...]:
        """All the ladder of a line needs, or what keeps the flight from being possible whatever it chooses."""
        mission, flight = self.mission, self.flight
        fields = tuple(mission.abort_bases) if self.refuelled else ()
        self.progress(f"diversion fields along {flight.id}")
        self.aborts = (
            self.like.aborts
            if self.like
            else aborts_along(
                mission,
                flight.destination,
                way,
                self.prepared,
                fields,
                self.tas,
                self.aloft,
                self.level_m,
                self.openings,
            )
        )
        landing = float(self.aborts.air_m[-1]) / self.tas
        if self.refuelled and not self.openings.is_open(flight.destination.code, landing)[0]:
            what = f"flight {flight.id}: {flight.destination.code} is shut to {flight.operator} when it lands"
            cure = "land elsewhere, or at another hour"
            return (Shortfall(what, flight.destination.code, 0.0, "", None, None, cure),)
        receiver = Receiver(
            count=self.count,
            table=self.table,
            zero_fuel_mass_kg=self.dry,
            capacity_kg=self.capacity,
            takeoff_capacity_kg=self.takeoff_fuel_limit - self.climb,
            reserve_kg=self.reserve,
            contingency=mission.reserves.contingency,
            relative_sigma=self.sigma,
            doubt_z=self.z,
        )
        given = {"full": self.takeoff_fuel_limit, "given": flight.takeoff_fuel_kg}.get(flight.takeoff_fuel)
        if given is not None and given > self.takeoff_fuel_limit + 1.0:
            return (
                Shortfall(
                    f"flight {flight.id}: the take-off fuel asked for is more than it can take off with",
                    flight.origin.code,
                    given - self.takeoff_fuel_limit,
                    "kg",
                    f"flights.{mission.flights.index(flight)}.takeoff_fuel",
                    "full",
                    'ask for "full" or less fuel',
                ),
            )
        guard = Guard(self.aborts.air_m, self.aborts.best_m)
        return Ready(receiver, guard, self._offers(way), None if given is None else given - self.climb)

    def _fuel(self, way: LeadLine, taught: Taught | None = None) -> LeadPlan | tuple[Shortfall, ...]:
        """The flight along a line, or what keeps it from being possible.

        taught : what flying nearly the same line has, to begin with
        """
        flight = self.flight
        ready = self._ready(way)
        if isinstance(ready, tuple):
            return ready
        receiver, guard, offers, start = ready.receiver, ready.guard, ready.offers, ready.start_kg
        self.missed_kg, self.teams = 0.0, {}
        self.asked_kg = np.zeros(self.aborts.along_m.size)
        self.receiver, self.guard, self.offers, self.start_kg = receiver, guard, offers, start
        self._reckoned, self._bound = (guard, offers, receiver), None
        guarded = Guarded(receiver, guard, offers)
        self.progress(f"fuel ladder of {flight.id}")
        if self._wants_relay(receiver, guarded, offers, start):
            found = self._by_teams(way, ready)
            if found is not None:
                return found
            if self.fewer_than is not None:
                what = f"flight {flight.id}: no team of tankers saves a sortie"
                return (Shortfall(what, flight.origin.code, 0.0, ""),)
            return fuel_shortfall(self, self.receiver, self.guard, self.offers, start)
        if taught is not None and offers.air_end_m.size:
            guard, offers = taught.applied(guard, offers, self.aborts.along_m, self.candidate_m)
            guarded = Guarded(receiver, guard, offers)
        seen: set[tuple[tuple[tuple[int, int, int], ...], float]] = set()
        failed: list[int] = []  # numbers of sorties with which a choice did not hold when flown
        for _ in range(LADDERS):
            least = max((n + 1 for n in failed if failed.count(n) == TIMES), default=0)
            chosen = rungs.choose(
                receiver, guarded, offers, start, at_least=least, gap=ROUGH, watched=self._watched
            )
            if chosen is None:
                break
            self._watched = chosen.watched
            settled = self._settle(way, receiver, guarded, offers, chosen, start)
            if isinstance(settled, _Flown):
                if self.like is not None:
                    return settled.plan(chosen, False)
                best, chosen, done, taught = self._bettered(way, receiver, chosen, settled, start)
                return best.plan(chosen, done, taught)
            if isinstance(settled, TooFull):
                # less is burnt before a contact than the ladder thought: leave that much room in the tanks
                receiver = replace(receiver, capacity_kg=receiver.capacity_kg - settled.by_kg - 100.0)
                continue
            if isinstance(settled, Shortfall):
                return (settled,)
            failed.append(chosen.sorties)
            short = -float(settled.flown.slack_by_leg(len(chosen.rungs) + 1).min())
            if short < NUDGE and self.missed_kg < NUDGE:
                self.missed_kg += 60.0 + short
                guarded = Guarded(receiver, guard, offers, extra_kg=self.missed_kg)
            elif len(settled.flown.contacts) == len(chosen.rungs):
                guard, offers, _ = self._calibrated(way, receiver, settled.flown)
                guarded = Guarded(
                    receiver, guard, offers, extra_kg=LEFT_OVER * 2 ** failed.count(chosen.sorties)
                )
            else:
                guard, offers, guarded = self._learnt(way, receiver, guard, offers, settled)
                now = tuple(_chain(chosen)), round(self.missed_kg, -1)
                if now in seen:
                    # nothing more is learnt from these choices: ask for what they lack until another is made
                    self.missed_kg += 60.0 + short
                    guarded = Guarded(receiver, guard, offers, extra_kg=self.missed_kg)
                seen.add(now)
        if taught is not None:
            return self._fuel(way)  # what was true of the other line may be what stands in the way
        self.receiver, self.guard, self.offers = receiver, guard, offers
        if self.mission.refuelling.relay and self._may_relay and relay.relays(self.pools):
            found = self._by_teams(way, ready)  # reckoned to work without, and did not when flown
            if found is not None:
                return found
        return fuel_shortfall(self, self.receiver, self.guard, self.offers, start)

    def _bettered(
        self, way: LeadLine, receiver: Receiver, chosen: Ladder, settled: _Flown, start: float | None
    ) -> tuple[_Flown, Ladder, bool, Taught | None]:
        """The best flight after choosing again with what was flown, its ladder, whether nothing better came, and
        what it taught.

        The ladder is the least fuel by figures at which what was flown costs as it was flown, so its proof is of
        what is planned. Where that is noticeably less than what was flown, it is flown too.
        """
        sorties, tried = chosen.sorties, [_chain(chosen)]
        best, proved, least, done = settled, chosen, math.inf, True
        flown, holds, learnt = settled, True, None
        for turn in range(AGAIN + 1):
            guard, offers, taught = self._calibrated(way, receiver, flown)
            guarded = Guarded(receiver, guard, offers)
            again = rungs.choose(receiver, guarded, offers, start, at_least=sorties, watched=self._watched)
            if again is None or again.sorties > sorties:
                break  # what was not quite flown tells of more than there is
            cost = rungs.fuel_bought(receiver, offers, flown.chosen)
            if holds and cost < least:
                best, proved, least, learnt = flown, again, cost, taught
            elif holds:
                break
            done = _chain(again) in tried or abs(cost - again.bound_kg) <= NEAR_BOUND * again.bound_kg
            if turn == AGAIN or (done and holds):
                break
            tried.append(_chain(again))
            self.missed_kg = 0.0
            found = self._settle(way, receiver, guarded, offers, again, start)
            if isinstance(found, Unsettled):
                flown, holds = found.flown, False
            elif isinstance(found, _Flown):
                flown, holds = found, True
            else:
                break
        return best, proved, done, learnt

    def _calibrated(self, way: LeadLine, receiver: Receiver, flown: _Flown) -> tuple[Guard, Offers, Taught]:
        """The ladder's figures at which a flight costs what it cost when flown, leg by leg and contact by contact."""
        contacts, raw = flown.contacts, (self.guard, self.offers)
        spells = [
            (each.start_m - LEVEL_CHANGE, each.start_m + each.length_m + SHORTEST_CLIMB) for each in contacts
        ]
        along = self.aborts.along_m
        air = true_lengths(self.table, flown.profile, along, self.aborts.air_m, spells)
        place = np.array([each.start_m for each in contacts])
        ends = np.array([each.start_m + each.length_m for each in contacts])
        lengths = np.interp(ends, along, air) - np.interp(place, along, air)
        taught = Taught.of_air(along, self.aborts.air_m, air)
        if not contacts:
            return *taught.applied(*raw, along, self.candidate_m), taught
        taught = replace(taught, place=place / along[-1], length_m=lengths, cost_kg=np.zeros(place.size))
        guard, offers = taught.applied(*raw, along, self.candidate_m)
        events = Guarded(receiver, guard, offers)
        chain = _chain(flown.chosen)
        fuels = [flown.chosen.takeoff_fuel_kg, *flown.after]
        # the ladder charges the climb back from a contact to the contact, not to the leg that follows
        back = [0.0] + [
            float(climb_fuel(self.table, self.dry + each.abort_available_kg, each.pairing.altitude_m))
            for each in contacts
        ]
        more = np.zeros(place.size)
        for k, contact in enumerate(contacts):
            candidate, option, _ = chain[k]
            left = rungs.cruise_arrival(receiver, events, chain, k, fuels[k] - back[k])
            told = float(offers.join_burn_kg[candidate])
            told += (1.0 - float(offers.kept[candidate, option])) * contact.onload_kg
            more[k] = left - contact.abort_available_kg + back[k + 1] - told
        taught = replace(taught, cost_kg=np.where(np.isfinite(more), more, 0.0))
        guard, offers = taught.applied(*raw, along, self.candidate_m)
        events = Guarded(receiver, guard, offers)
        stepped = Guarded(receiver, guard, offers, extra_kg=STEP)
        marks = [0, *(candidate + 1 for candidate, _, _ in chain), -1]
        slack = flown.slack_by_leg(len(chain) + 1)
        tight, missed = [], []
        for k in range(min(len(fuels), len(chain) + 1)):
            leg = marks[k], marks[k + 1]
            need = float(events.need[leg])
            gain = (float(stepped.need[leg]) - need) / STEP if np.isfinite(need) else 0.0
            # far from tight the fuel asked for is that of a heavier aircraft, and tells nothing
            if abs(slack[k]) < NEAR and np.isfinite(gain) and gain > 0.0:
                tight.append(float(ends[k] / along[-1]) if k < ends.size else 1.0)
                missed.append((fuels[k] - back[k] - float(slack[k]) - need) / gain - ROUNDED)
        taught = replace(taught, tight=np.array(tight), missed_kg=np.array(missed))
        return *taught.applied(*raw, along, self.candidate_m), taught

    def _learnt(
        self, way: LeadLine, receiver: Receiver, guard: Guard, offers: Offers, unsettled: Unsettled
    ) -> tuple[Guard, Offers, Guarded]:
        """The ladder's figures after what the integration of one choice has shown, and what it still misses."""
        flown = unsettled.flown
        spells = [
            (contact.start_m - LEVEL_CHANGE, contact.start_m + contact.length_m + SHORTEST_CLIMB)
            for contact in flown.contacts
        ]
        air = true_lengths(self.table, flown.profile, self.aborts.along_m, self.aborts.air_m, spells)
        chain = [(rung.candidate, rung.option, rung.sorties) for rung in flown.chosen.rungs]
        fuels = [flown.chosen.takeoff_fuel_kg, *flown.after]
        lengths = [contact.length_m for contact in flown.contacts]
        guard, offers = relearnt(guard, offers, air, way.length_m, lengths, None)
        events = Guarded(receiver, guard, offers)
        joins, back = [], [0.0]
        for k, contact in enumerate(flown.contacts):
            # the ladder charges the climb back from a contact to the contact, not to the leg that follows
            arrival = contact.abort_available_kg
            back.append(float(climb_fuel(self.table, self.dry + arrival, contact.pairing.altitude_m)))
            reckoned = rungs.cruise_arrival(receiver, events, chain, k, fuels[k] - back[k])
            joins.append(reckoned - arrival + back[k + 1])
        joins = [each for each in joins if np.isfinite(each)]
        known = [
            float(offers.join_burn_kg[rung.candidate])
            + (1.0 - float(offers.kept[rung.candidate, rung.option])) * rung.onload_kg
            for rung in flown.chosen.rungs
        ]
        if joins and sum(known) > 0.0:
            factor = min(max(float(np.mean(joins)) / float(np.mean(known)), COSTS[0]), COSTS[1])
            lost = np.minimum(factor * (1.0 - offers.kept), COSTS[2])
            offers = replace(offers, join_burn_kg=factor * offers.join_burn_kg, lost=lost)
            events = Guarded(receiver, guard, offers)
        # what is left over: fuel wanted at the start of each leg as flown less as reckoned, at the leg's end
        step = 500.0
        missed = np.zeros(len(chain) + 1)
        more = Guarded(receiver, guard, offers, extra_kg=step)
        marks = [0, *(candidate + 1 for candidate, _, _ in chain)]
        slack = flown.slack_by_leg(len(chain) + 1)
        for k in range(min(len(fuels), len(chain) + 1)):
            leg = marks[k], marks[k + 1] if k < len(chain) else -1
            told = float(events.need[leg])
            gain = float(more.need[leg] - told) / step if math.isfinite(told) else 0.0
            # far from tight the fuel asked for is that of a heavier aircraft, and tells nothing
            if abs(slack[k]) < NEAR and np.isfinite(told) and gain > 0.0:
                missed[k] = (fuels[k] - back[k] - float(slack[k]) - told) / gain
        self.missed_by_leg = missed
        self.missed_kg = max(self.missed_kg, float(missed.max(initial=0.0)) + 20.0)
        return guard, offers, Guarded(receiver, guard, offers, extra_kg=self.missed_kg)

    def _by_teams(self, way: LeadLine, ready: Ready) -> LeadPlan | tuple[Shortfall, ...] | None:
        """The flight with the fewest sorties found where tankers refuel tankers; None where no ladder was.

        Behind a team each kilogram asked for may cost a sortie: more is asked for only where a flight lacked it, and
        once one is found half of that is taken back, as long as that gives fewer sorties.
        """
        self.progress("teams of tankers")
        plain, guard, start = ready.offers, ready.guard, ready.start_kg
        if self.spacing_m > TEAM_SPACING:
            self.spacing_m = TEAM_SPACING
            plain = self._offers(way)
        offers, self.teams = self.with_teams(plain, self.share)
        # filled to the brim again and again: at the end of a contact the last minutes of it are burnt
        receiver = replace(ready.receiver, capacity_kg=self.capacity - self._parting_burn())
        self.receiver, self.guard, self.offers = receiver, guard, offers
        self.missed_kg, self.asked_kg = 0.0, np.zeros(self.aborts.along_m.size)
        if not self.teams:
            return None
        self._reckoned = guard, plain, receiver
        best: tuple[_Flown, Ladder] | None = None
        tried: list[list[tuple[int, int, int]]] = []
        for _ in range(TEAM_LADDERS):
            guarded = Guarded(receiver, guard, offers, extra_kg=self.asked_kg)
            chosen = rungs.choose(receiver, guarded, offers, start, gap=ROUGH)
            most = self.fewer_than if best is None else best[1].sorties
            if chosen is None or (most is not None and chosen.sorties >= most):
                if most is None or float(self.asked_kg.max()) < TEAM_STEP:
                    break
                self.asked_kg = self.asked_kg / 2.0
                continue
            if most is not None and _chain(chosen) in tried:
                break
            tried.append(_chain(chosen))
            settled = self._settle(way, receiver, guarded, offers, chosen, start)
            if isinstance(settled, Shortfall):
                if best is None:
                    return (settled,)
                break
            if isinstance(settled, TooFull):
                # less is burnt before a contact than the ladder thought: leave that much room in the tanks
                receiver = replace(receiver, capacity_kg=receiver.capacity_kg - settled.by_kg - 100.0)
                continue
            flown = settled if isinstance(settled, _Flown) else settled.flown
            guard, offers, _ = self._learnt(way, receiver, guard, offers, Unsettled(flown))
            if isinstance(settled, _Flown):
                best = settled, chosen
                self.asked_kg = self.asked_kg / 2.0
            else:
                self.asked_kg = self._asked(flown)
        self.receiver, self.guard, self.offers = receiver, guard, offers
        return None if best is None else best[0].plan(best[1], False)

    def _asked(self, flown: _Flown) -> Floats:
        """(n,) wanted on board at the guarded points beside the rest [kg]: what flying each leg has shown to be missed.

        A leg is tightest at the end of the contact after it, which the next choice may move by a candidate or two.
        """
        along, asked = self.aborts.along_m, self.asked_kg.copy()
        marks = [0.0, *(contact.start_m + contact.length_m for contact in flown.contacts)]
        slack = flown.slack_by_leg(len(marks))
        for k, (missed, left) in enumerate(zip(self.missed_by_leg, slack, strict=False)):
            until = marks[k + 1] + 2.0 * CANDIDATE_SPACING if k + 1 < len(marks) else math.inf
            leg = (along >= marks[k]) & (along <= until)
            if left < 0.0 and leg.any():
                # asked for already and still not there: the figures were of another choice
                more = max(missed, float(asked[leg].min()) + min(-left, TEAM_MOST)) + TEAM_STEP
                asked[leg] = np.maximum(asked[leg], more)
        return asked

    def _wants_relay(self, receiver: Receiver, guarded: Guarded, offers: Offers, start: float | None) -> bool:
        """Whether teams of tankers are looked at: the mission lets them be, and they were found to save a sortie or
        nothing works without them."""
        if not self._may_relay:
            return False
        if self.fewer_than is not None:
            return True
        fixed = receiver if start is None else replace(receiver, takeoff_capacity_kg=start)
        return rungs.fewest_kept(fixed, guarded, offers) is None

    @property
    def _may_relay(self) -> bool:
        return self.mission.refuelling.relay is not False and bool(self.pools) and self.pace is None

    def teams_save(self, sorties: int) -> bool:
        """Whether a ladder among teams of tankers is reckoned to take fewer sorties than the plan made without."""
        if sorties <= LEAST_SAVED or not self._may_relay or self.teams or not relay.relays(self.pools):
            return False
        offers, _ = self.with_teams(self.offers, self.share)
        start = self.start_kg
        fixed = self.receiver if start is None else replace(self.receiver, takeoff_capacity_kg=start)
        fewest = rungs.fewest_kept(fixed, Guarded(fixed, self.guard, offers), offers)
        return fewest is not None and fewest < sorties

    def with_teams(
        self, offers: Offers, share: float, *, free: bool = False
    ) -> tuple[Offers, dict[int, Teams]]:
        """Offers with teams of tankers among them, and the teams of each pool."""
        rules = self.mission.refuelling
        caps = relay.Caps(rules.longest_flow_s, rules.most_onload_kg)
        refuges = [self._refuge(k) for k in range(len(self.pools))]
        lat, lon, _ = self.way.line.at(self.candidate_m)
        bearings = [geodesy.inverse(entry.base.lat, entry.base.lon, lat, lon)[1] for entry in self.bases]
        return relay.offers(
            self.pools, offers, self.flight.count, NOMINAL_CONTACT, share, caps,
            refuges=refuges, bearings_deg=bearings, free=free,
        )  # fmt: skip

    def _refuge(self, pool: int) -> relay.Refuge | None:
        """The way to the best abort base beside a pool's own from points on the way to a contact; None: there are none."""
        base, entry = self.bases[pool].base, self.bases[pool]
        openings = Openings.of(self.mission, entry.operator, self.takeoff_utc)
        fields = [place for place in self.mission.abort_bases if place.code != base.code]
        if not fields:
            return None
        tas = float(np.median(self.pools[pool].table.tas_mps))
        level = min(ABORT_LEVEL, self.pools[pool].tanker.ceiling_m)
        lat, lon, _ = self.way.line.at(self.candidate_m)
        when = np.interp(self.candidate_m, self.aborts.along_m, self.aborts.air_m) / self.tas

        def refuge(candidate: int, out_m: Floats) -> Floats:
            key = pool, float(lat[candidate]), float(lon[candidate]), out_m.size
            if key not in self._refuges:
                # every few nodes: between two points the way to a field is at most what lies between theirs
                part = np.union1d(out_m[::REFUGE_STEP], out_m[-1:])
                self._refuges[key] = np.interp(out_m, part, nearest(candidate, part))
            return self._refuges[key]

        def nearest(candidate: int, out_m: Floats) -> Floats:
            _, course, _ = geodesy.inverse(base.lat, base.lon, lat[candidate], lon[candidate])
            length = float(geodesy.distance(base.lat, base.lon, lat[candidate], lon[candidate]))
            part = np.minimum(out_m / self.pools[pool].out_m[candidate], 1.0)
            at_lat, at_lon, _ = geodesy.direct(base.lat, base.lon, course, length * part)
            time = np.full(out_m.size, when[candidate])
            factor = np.ones((len(fields), out_m.size))
            if not self.aloft.calm:
                factor = np.stack(
                    [mean_factor(self.aloft, at_lat, at_lon, place, level, time, tas) for place in fields]
                )
            straight = np.stack([geodesy.distance(at_lat, at_lon, f.lat, f.lon) for f in fields]) * factor
            best = np.full(out_m.size, NO_REFUGE)
            for k in np.argsort(
                straight.min(axis=1), kind="stable"
            ):  # no lawful way is shorter than the geodesic
                place = fields[k]
                row = np.flatnonzero(straight[k] < best)
                if not row.size:
                    continue
                air = np.asarray(route.many(self.prepared, (place.lat, place.lon), at_lat[row], at_lon[row]))
                air = np.where(np.isfinite(air), air * factor[k, row], NO_REFUGE)
                opened = openings.is_open(place.code, time[row] + air / tas)
                best[row] = np.where(opened, np.minimum(best[row], air), best[row])
            return best

        return refuge

    def _parting_burn(self) -> float:
        """What full aircraft burn between the end of the flow and that of the contact, at most [kg]."""
        mass = self.dry + self.capacity
        return refuelling.PART * max(
            fuel_flow(self.aircraft, mass, pool.pairing.altitude_m, pool.pairing.mach) for pool in self.pools
        )

    def _offers(self, way: LeadLine) -> Offers:
        none = refuelling.offers([], self.count, np.zeros(0), NOMINAL_FLOW, np.zeros(0))
        if not self.refuelled:
            return none
        lowest = CLEAR_OF_FIELDS
        highest = way.length_m - CLEAR_OF_FIELDS
        along = np.arange(lowest, highest, self.spacing_m)
        contact_s = NOMINAL_CONTACT
        reach = contact_s * self.tas
        if way.loop_m is not None:  # no contact on station, nor one that runs into it
            along = along[(along + reach * 2.0 < way.loop_m[0]) | (along > way.loop_m[1] + LEVEL_CHANGE)]
        for mark in way.marks if self.pace is not None else ():
            if self.pace is not None and mark.kind == "via" and mark.name in self.pace.partings:
                along = along[
                    (along + 1.5 * reach < mark.along_m) | (along > mark.along_m + CANDIDATE_SPACING)
                ]
        if self.about is not None:
            along = self._thinned(way, along, self.about)
        along, must = self._named(way, along)
        if not along.size:
            return none
        lat, lon, _ = way.line.at(along)
        lat_end, lon_end, _ = way.line.at(np.minimum(along + reach, way.length_m))
        self.progress("tankers' routes")
        air = np.interp(along, self.aborts.along_m, self.aborts.air_m)
        if self.like is not None:
            self.pools = [replace(pool, doubt_z=self.z) for pool in self.like.pools]
            self.bases, self.refused = self.like.bases, self.like.refused
        else:
            self.pools, self.bases, self.refused = tanker_pools(
                self.mission,
                self.aircraft,
                self.dry + 0.85 * self.capacity,
                self.prepared,
                lat,
                lon,
                lat_end,
                lon_end,
                self.aloft,
                air / self.tas,
                () if self.pace is None else self.pace.others,
                (self.flight.origin.code, air),
            )
            self.pools = [
                self._landing_open(pool, entry, air / self.tas)
                for pool, entry in zip(self.pools, self.bases, strict=True)
            ]
        self.candidate_m = along
        fixed = self._join_burn(refuelling.SETTLE + refuelling.PART)
        each_s = max(0.0, self._join_burn(contact_s) - fixed) / NOMINAL_FLOW  # a second's cost beyond cruise
        cost = np.full(along.size, fixed)
        caps = self.mission.refuelling
        found = refuelling.offers(
            self.pools,
            self.count,
            air,
            contact_s,
            cost,
            share=self.share,
            longest_flow_s=(self.pace and self.pace.flow_s) or caps.longest_flow_s,
            most_onload_kg=caps.most_onload_kg,
        )
        rates = [pool.pairing.rate_kgps for pool in self.pools]
        rate = np.array([*rates, *(min(rates[one], rates[two]) for one, two in found.mixes)] or [1.0])
        if way.loop_m is not None:
            found = self._clear_of_station(found, along, way.loop_m[0], rate)
        return replace(
            found, must=must, lost=np.where(found.base >= 0, each_s * self.count / rate[found.base], 0.0)
        )

    def _clear_of_station(self, found: Offers, along: Floats, begun_m: float, rate: Floats) -> Offers:
        """Without the options whose contact, with all they can give, would run into the station."""
        count = self.flight.count
        sorties = np.arange(1, found.offload_kg.shape[2])
        onload = np.minimum(found.offload_kg[:, :, 1:] / count, self.capacity)
        flow = onload * np.ceil(count / sorties) / rate[found.base][:, :, None]
        longest = refuelling.SETTLE + flow.max(axis=2, initial=0.0) + refuelling.PART
        air = found.air_start_m[:, None] + longest * self.tas
        end = np.interp(air, self.aborts.air_m, self.aborts.along_m) + CONTACT_SPARE
        runs_in = (along < begun_m)[:, None] & (end > begun_m)
        return replace(
            found,
            base=np.where(runs_in, -1, found.base),
            offload_kg=np.where(runs_in[:, :, None], 0.0, found.offload_kg),
        )

    def _landing_open(self, pool: Pool, entry: TankerBase, start_s: Floats) -> Pool:
        """The pool without the way home from contacts after which its base would be shut to it."""
        home_s = NOMINAL_CONTACT + pool.back_m / float(np.median(pool.table.tas_mps))
        openings = Openings.of(self.mission, entry.operator, self.takeoff_utc)
        opened = openings.is_open(entry.base.code, np.where(np.isfinite(home_s), start_s + home_s, 0.0))
        return pool if opened.all() else replace(pool, back_m=np.where(opened, pool.back_m, np.inf))

    def _thinned(self, way: LeadLine, along: Floats, about: Sequence[tuple[float, float]]) -> Floats:
        """One candidate in so many; all about some places, and where the line passes nearest to those."""
        lat, lon, _ = way.line.at(along)
        kept = np.arange(along.size) % (SPARSE if about else ROUGHLY) == 0
        exact = []
        for place in about:
            away = geodesy.distance(lat, lon, *place)
            kept |= away < CLOSELY
            for k in np.flatnonzero(away < CANDIDATE_SPACING):
                if away[k] == away[max(0, k - 1) : k + 2].min():
                    fine = along[k] + np.linspace(-0.6, 0.6, 25) * CANDIDATE_SPACING
                    fine_lat, fine_lon, _ = way.line.at(fine)
                    exact.append(fine[int(np.argmin(geodesy.distance(fine_lat, fine_lon, *place)))])
        taken = np.array([at for at in exact if along[0] <= at <= along[-1]])
        apart = np.abs(along[:, None] - taken[None, :]).min(axis=1, initial=np.inf) >= CANDIDATE_SPACING / 4.0
        return np.unique(np.concatenate([along[kept & apart], taken]))

    def _named(self, way: LeadLine, along: Floats) -> tuple[Floats, tuple[int, ...]]:
        """Candidates where contacts may be, with those the user names, and which of them have to be."""
        rules, longest = self.mission.refuelling, self.mission.refuelling.longest_flow_s
        reach = (refuelling.SETTLE + longest + refuelling.PART) * self.tas
        named = [
            (at, track.must)
            for track in rules.tracks
            if not track.must or track in self.bend
            for at in places.where(track, way)[: 1 if track.must else None]
        ]
        along = along[places.allowed(rules, way.line, along, reach)]
        extra = np.array([at for at, _ in named])
        near = np.abs(along[:, None] - extra[None, :]).min(axis=1, initial=np.inf) < CANDIDATE_SPACING / 4.0
        along = np.sort(np.concatenate([along[~near], extra]))
        return along, tuple(int(np.searchsorted(along, at)) for at, must in named if must)

    def offers_like(self, learnt: Offers) -> Offers:
        """Offers of this planner's mission on its line, with the distances and costs another choice has taught."""
        offers = self._offers(self.way)
        return replace(
            offers,
            air_start_m=learnt.air_start_m,
            air_end_m=learnt.air_end_m,
            join_burn_kg=learnt.join_burn_kg,
        )

    def abort_distances(self, fields: tuple[Place, ...]) -> Floats:
        """(n,) still-air distance from the guarded points to the best of other fields."""
        found = aborts_along(
            self.mission,
            self.flight.destination,
            self.way,
            self.prepared,
            fields,
            self.tas,
            self.aloft,
            self.level_m,
            self.openings,
        )
        return found.best_m

    def _trial(self, mass_kg: float, segments: list[Segment], airborne_m: float | None) -> float:
        """Burn of a trial flight beyond plain cruise over the same still-air distance [kg]."""
        profile = fly(
            self.aircraft,
            segments,
            mass_kg,
            zero_fuel_mass_kg=self.aircraft.operating_empty_mass_kg,
            ceiling_m=self.ceiling_m,
            start_altitude_m=airborne_m,
            land=False,
        )
        if profile.failure is not None:
            return 0.0
        plain = mass_kg - float(self.table.mass_after(mass_kg, profile.length_m))
        return max(0.0, profile.burn_kg - plain)

    def _climb_burn(self) -> float:
        """What the climb from the field costs beyond cruise at the heaviest take-off [kg]."""
        lat, lon, _ = geodesy.direct(0.0, 0.0, 90.0, [0.0, 800_000.0])
        mach = self.table.mach
        return self._trial(self.dry + self.takeoff_fuel_limit, [Segment(lat, lon, "cruise", mach)], None)

    def _join_burn(self, contact_s: float) -> float:
        """What a contact costs beyond cruise: the way down, the low level and speed, the climb back [kg]."""
        if not self.pools:
            return 0.0
        pairing = self.pools[0].pairing
        mass = self.dry + 0.6 * self.capacity
        cuts = np.cumsum([0.0, 400_000.0, contact_s * pairing.tas_mps, 800_000.0])
        lat, lon, _ = geodesy.direct(0.0, 0.0, 90.0, cuts)
        segments = [
            Segment(lat[0:2], lon[0:2], "cruise", self.table.mach),
            Segment(lat[1:3], lon[1:3], "refuel", pairing.mach, pairing.altitude_m),
            Segment(lat[2:4], lon[2:4], "cruise", self.table.mach),
        ]
        return self._trial(mass, segments, float(self.table.level(mass)))

    def sorties_bound(self) -> int:
        """Least sorties for the line last planned with no margin for doubt and every rounding in the plan's favour.

        Contacts cost nothing beyond cruise, start a whole candidate spacing earlier than they could and
        last no time, and tankers give a tenth more than the model says: no plan on this line can do with
        fewer, within the model. Where a tanker may refuel a tanker teams count too, whose transfers are as free.
        """
        if self._bound is not None:
            return self._bound
        guard, offers, receiver = self._reckoned
        if self.pace is not None:  # no fewer than those of its own type alone would want
            self.count, weight = self.flight.count, self.count
            offers = self._offers(self.way)
            receiver, self.count = replace(receiver, count=self.count), weight
        fewest = fewest_free(guard, offers, receiver, self.share)
        few = fewest is not None and fewest <= LEAST_SAVED
        if not few and self._may_relay and relay.relays(self.pools):
            offers, _ = self.with_teams(offers, refuelling.OFFLOAD_SHARE, free=True)
            fewest = fewest_free(guard, offers, receiver, self.share)
        self._bound = 0 if fewest is None else fewest
        return self._bound

    def _settle(
        self,
        way: LeadLine,
        receiver: Receiver,
        guarded: Guarded,
        offers: Offers,
        chosen: Ladder,
        start: float | None,
    ) -> _Flown | TooFull | Shortfall | Unsettled:
        """Fly the ladder, learn what each leg truly burns, and set it again until every margin holds.

        Returns the flight; or what no fuel cures; or the flight that does not hold.
        """
        chain = [(rung.candidate, rung.option, rung.sorties) for rung in chosen.rungs]
        current: Ladder | None = chosen
        best: _Flown | None = None
        before: list[tuple[float, float]] = []  # fuel and slack of each leg as flown the last time
        held: _Flown | None = None  # the last that did not overfill its tanks
        trims = TRIMS * (1 + len(chain))
        trimmed: set[int] = set()  # contacts that filled the tanks
        for _ in range(ROUNDS + trims):
            if current is None:
                break
            self.progress(f"flying {self.flight.id}")
            flown = _Flown(self, way, current)
            failure = flown.profile.failure
            if failure is not None and failure.code in ("mass", "tank"):
                # less was burnt before the contact than the ladder thought: take that much less there
                over = flown.overfilled()
                if over is None or trims == 0 or current.rungs[over[0]].onload_kg <= over[1]:
                    told = held is not None and len(held.contacts) == len(chain)
                    return best or (Unsettled(held) if held is not None and told else TooFull(failure.by))
                trims -= 1
                trimmed.add(over[0])
                taken = list(current.rungs)
                taken[over[0]] = replace(taken[over[0]], onload_kg=taken[over[0]].onload_kg - over[1])
                current = replace(current, rungs=tuple(taken))
                continue
            if failure is not None and failure.code != "fuel":
                return Shortfall(
                    f"flight {self.flight.id}: {failure.what}",
                    f"{failure.lat:.3f},{failure.lon:.3f}",
                    failure.by,
                    failure.unit,
                    None,
                    None,
                    "lower the payload, the ceiling or the Mach number",
                )
            held = flown
            slack = flown.slack_by_leg(len(chain) + 1)
            if slack.min() >= 0.0 and self._each_gives(current):
                if best is None or flown.bought < best.bought:
                    best = flown
                if slack.min() < 30.0:
                    break
            fuels = [current.takeoff_fuel_kg, *flown.after]
            if len(fuels) <= len(chain):
                break  # fuel ran out before the last contact: no more is learnt
            legs = list(zip(fuels, slack.tolist(), strict=True))
            need = [
                fuel - (left - 15.0) / _slope(fuel, left, *was)
                for (fuel, left), was in zip(legs, before or legs, strict=True)
            ]
            before = legs
            extra = []
            for k, contact in enumerate(flown.contacts):
                arrival = contact.after_kg - contact.onload_kg
                extra.append(rungs.cruise_arrival(receiver, guarded, chain, k, fuels[k]) - arrival)
            full = [math.inf, *(after if k in trimmed else math.inf for k, after in enumerate(flown.after))]
            current = rungs.allocate(
                receiver,
                guarded,
                offers,
                chain,
                fuels,
                fixed=start is not None,
                need_kg=need,
                extra_kg=extra,
                ceiling_kg=full,
            )
        return Unsettled(held or flown) if best is None else best

    def _each_gives(self, ladder: Ladder) -> bool:
        """Whether something is taken at every contact: one that were only to know the fuel anew is none."""
        most = [self.offers.offload_kg[r.candidate, r.option, r.sorties] / self.count for r in ladder.rungs]
        wanted = [min(rungs.LEAST_ONLOAD, float(limit)) - 1.0 for limit in most]
        return all(rung.onload_kg >= least for rung, least in zip(ladder.rungs, wanted, strict=True))

    def pairing(self, base: int, sorties: int) -> Pairing:
        """How the tankers of an option's base meet this flight, of two types where two pools do."""
        drawn = [self.pools[pool].pairing for pool, _ in self.offers.draws(base, sorties)]
        return functools.reduce(refuelling.joint, drawn)

    def team(self, rung: Rung) -> Team | None:
        """Whose roots meet the lead at a contact; None where no tanker refuels another."""
        teams = self.teams.get(int(self.offers.base[rung.candidate, rung.option]))
        if teams is None or rung.sorties < 2 or rung.sorties > teams.largest:
            return None
        found = teams.team(rung.candidate, rung.sorties, rung.onload_kg * self.flight.count)
        return found if found.members > 1 else None

    def turns(self, rung: Rung, pool: Pool, tankers: int, after_s: float) -> tuple[tuple[float, float], ...]:
        """When the others of the cell take fuel at a contact, group after group [s from its start]."""
        if self.pace is None:
            return ()
        found = []
        onloads = self.pace.onloads(rung.candidate, rung.onload_kg)
        for (kind, count, _), onload in zip(self.pace.others, onloads, strict=True):
            rate = pool.tanker.refuelling.rate_to(kind.refuelling) or pool.pairing.rate_kgps
            flow = refuelling.flow_time(replace(pool.pairing, rate_kgps=rate), onload, count, tankers)
            begin = after_s + CHANGE
            after_s = begin + flow
            found.append((begin, after_s))
        return tuple(found)

    def fuel_to_field(
        self, mass_kg: ArrayLike, altitude_m: ArrayLike, distance_m: ArrayLike, base: str | Sequence[str]
    ) -> Floats:
        """Fuel wanted on board to fly still-air distances to bases, land and keep the final reserve there [kg].

        base : code of one, or of one for each distance; inf where no load would do
        """
        reserve = Reserve(self.mission.reserves.final_s)
        if isinstance(base, str):
            height = self._heights.get(base, 0.0)
            fuel = fuel_to_divert(self.alone, mass_kg, altitude_m, distance_m, reserve, height)
            return np.where(np.isnan(fuel), np.inf, fuel)
        mass, altitude, distance = np.broadcast_arrays(mass_kg, altitude_m, distance_m)
        result = np.empty(distance.shape)
        codes = np.array(base)
        for code in dict.fromkeys(base):
            own = codes == code
            result[own] = self.fuel_to_field(mass[own], altitude[own], distance[own], code)
        return result

    def flown_after(
        self, line: Line, start_m: float, tas_mps: float, altitude_m: float, seconds: tuple[float, ...]
    ) -> list[float]:
        """How far along the line from a point [m] an airspeed at a level carries in so many seconds each."""
        if self.aloft.calm:
            return [tas_mps * each for each in seconds]
        began = float(np.interp(start_m, self.aborts.along_m, self.aborts.air_m)) / self.tas
        time = np.linspace(0.0, max(seconds), 25)
        far = tas_mps * time
        for _ in range(3):
            lat, lon, track = line.at(start_m + far)
            factor = self.aloft.factors(lat, lon, track, altitude_m, began + time, tas_mps)
            speed = tas_mps / factor
            far = np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2.0 * np.diff(time))])
        return [float(each) for each in np.interp(seconds, time, far)]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the line flown in one way; a contact has its rung, pairing and where the fuel flows.

    turns : seconds from the start of a contact between which the others of a cell take fuel
    """

    start_m: float
    end_m: float
    kind: str
    rung: Rung | None = None
    pairing: Pairing | None = None
    flow_from_m: float = 0.0
    flow_to_m: float = 0.0
    team: Team | None = None
    turns: tuple[tuple[float, float], ...] = ()


class _Flown:
    """A ladder flown: the profile, the contacts as they fell, and the margin at every guarded moment."""

    def __init__(self, planner: LeadPlanner, way: LeadLine, chosen: Ladder) -> None:
        self.planner, self.way, self.chosen = planner, way, chosen
        flight = planner.flight
        line = way.line
        self.takeoff_fuel_kg = chosen.takeoff_fuel_kg + planner.climb  # the ladder starts at the top of climb
        self.stretches = stretches = self._stretches()
        segments = []
        for cut in stretches:
            lat, lon = line.between(cut.start_m, cut.end_m)
            if cut.rung is None or cut.pairing is None:
                segments.append(Segment(lat, lon, cut.kind, planner.table.mach))
                continue
            segments.append(
                Segment(
                    lat,
                    lon,
                    "refuel",
                    cut.pairing.mach,
                    cut.pairing.altitude_m,
                    cut.rung.onload_kg,
                    flow_from_m=cut.flow_from_m,
                    flow_to_m=cut.flow_to_m,
                )
            )
        self.profile = fly(
            planner.aircraft,
            segments,
            planner.dry + self.takeoff_fuel_kg,
            zero_fuel_mass_kg=planner.dry,
            origin_elevation_m=flight.origin.elevation_m,
            destination_elevation_m=flight.destination.elevation_m,
            aloft=planner.aloft,
            ceiling_m=planner.ceiling_m,
        )
        self.contacts: list[Contact] = []
        self._read_contacts(stretches)
        self._guard()
        self.bought = planner.count * (chosen.takeoff_fuel_kg + sum(r.onload_kg for r in chosen.rungs))
        offers = planner.offers  # sorties first, then fuel: the receivers' and what the tankers burn
        burnt = sum(
            r.sorties * float(offers.fixed_kg[r.candidate, r.option])
            + float(offers.slope[r.candidate, r.option]) * r.onload_kg * planner.count
            for r in chosen.rungs
        )
        self.cost = chosen.sorties, self.bought + burnt

    def _stretches(self) -> list[Stretch]:
        """The line cut into cruise, station and contacts, in order."""
        planner, way = self.planner, self.way
        cuts: list[Stretch] = []
        if way.loop_m is not None and way.loop_m[1] > way.loop_m[0] + 1.0:
            cuts.append(Stretch(way.loop_m[0], way.loop_m[1], "station"))
        for rung in self.chosen.rungs:
            base = int(planner.offers.base[rung.candidate, rung.option])
            pairing = planner.pairing(base, rung.sorties)
            start = float(planner.candidate_m[rung.candidate])
            team = planner.team(rung)
            tankers = rung.sorties if team is None else team.tankers
            flow = refuelling.flow_time(pairing, rung.onload_kg, planner.flight.count, tankers)
            dry_s = refuelling.SETTLE, refuelling.SETTLE + max(flow, 1.0)
            pool = planner.pools[planner.offers.draws(base, rung.sorties)[0][0]]
            turns = planner.turns(rung, pool, tankers, dry_s[1])
            low, high, end = planner.flown_after(
                way.line,
                start,
                pairing.tas_mps,
                pairing.altitude_m,
                (*dry_s, (turns[-1][1] if turns else dry_s[1]) + refuelling.PART),
            )
            cuts.append(Stretch(start, start + end, "refuel", rung, pairing, low, high, team, turns))
        stretches, at = [], 0.0
        for cut in sorted(cuts, key=lambda cut: cut.start_m):
            if cut.start_m > at + 1.0:
                stretches.append(Stretch(at, cut.start_m, "cruise"))
            stretches.append(replace(cut, start_m=max(at, cut.start_m)))
            at = cut.end_m
        if way.length_m > at + 1.0:
            stretches.append(Stretch(at, way.length_m, "cruise"))
        return stretches

    def _read_contacts(self, stretches: list[Stretch]) -> None:
        planner, profile = self.planner, self.profile
        for index, cut in enumerate(stretches):
            if cut.rung is None or cut.pairing is None:
                continue
            start_s, end_s = profile.segment_start_s[index], profile.segment_end_s[index]
            if not (np.isfinite(start_s) and np.isfinite(end_s)):
                break
            rung = cut.rung
            before = float(np.interp(start_s, profile.time_s, profile.fuel_kg))
            after = float(np.interp(end_s, profile.time_s, profile.fuel_kg))
            distance, base = planner.aborts.at(cut.end_m)
            mass = planner.dry + after - rung.onload_kg
            self.contacts.append(
                Contact(
                    candidate=rung.candidate,
                    draws=planner.offers.draws(
                        int(planner.offers.base[rung.candidate, rung.option]), rung.sorties
                    ),
                    tankers=rung.sorties if cut.team is None else cut.team.tankers,
                    pairing=cut.pairing,
                    start_m=cut.start_m,
                    length_m=cut.end_m - cut.start_m,
                    start_s=float(start_s),
                    end_s=float(end_s),
                    onload_kg=float(rung.onload_kg),
                    before_kg=before,
                    after_kg=after,
                    abort_base=base,
                    abort_needed_kg=float(
                        planner.fuel_to_field(mass, cut.pairing.altitude_m, distance, base)
                    ),
                    team=cut.team,
                    turns=tuple((start_s + begin, start_s + end) for begin, end in cut.turns),
                )
            )

    def _guard(self) -> None:
        """Fuel required and slack (with doubt) at guarded moments, contact ends with their onload at zero."""
        planner, profile, contacts = self.planner, self.profile, self.contacts
        aborts = planner.aborts
        ends = np.array([0.0, *(contact.end_s for contact in contacts)])  # when fuel was last known
        burnt_then = np.interp(ends, profile.time_s, profile.burnt_kg)
        passed = aborts.along_m <= float(profile.along_m[-1]) + 1.0
        row = np.searchsorted(profile.along_m, aborts.along_m[passed])
        row = np.minimum(row, profile.time_s.size - 1)
        outside = np.ones(row.size, bool)  # within a contact its end, with nothing taken on, asks for more
        for contact in contacts:
            outside &= ~((profile.time_s[row] > contact.start_s) & (profile.time_s[row] <= contact.end_s))
        point, row = np.nonzero(passed)[0][outside], row[outside]
        last = np.searchsorted(ends, profile.time_s[row], side="right") - 1
        fuel = profile.fuel_kg[row]
        nearest = [aborts.base[k] for k in point]
        need = planner.fuel_to_field(
            planner.dry + fuel, profile.altitude_m[row], aborts.best_m[point], nearest
        )
        time = [profile.time_s[row], ends[1:]]
        held = [fuel, np.array([contact.abort_available_kg for contact in contacts])]
        needed = [need, np.array([contact.abort_needed_kg for contact in contacts])]
        since = [profile.burnt_kg[row] - burnt_then[last], np.diff(burnt_then)]
        base = nearest + [contact.abort_base for contact in contacts]
        margin = planner.z * planner.sigma
        burning = [
            burnt + np.where(np.isfinite(wanted), np.maximum(0.0, wanted - planner.reserve), 0.0)
            for burnt, wanted in zip(since, needed, strict=True)
        ]
        doubt = [margin * each for each in burning]
        if profile.failure is None or profile.failure.code == "fuel":
            time.append(np.array([profile.duration_s]))
            held.append(np.array([profile.landing_kg - planner.dry]))
            needed.append(np.array([planner.reserve]))
            trip = profile.burn_kg - burnt_then[-1]
            burning.append(np.array([trip]))
            doubt.append(np.array([max(margin, planner.mission.reserves.contingency) * trip]))
            base.append(planner.flight.destination.code)
        order = np.argsort(np.concatenate(time), kind="stable")
        self.guard_s = np.concatenate(time)[order]
        self.guard_fuel = np.concatenate(held)[order]
        self.guard_needed = np.concatenate(needed)[order]
        self.guard_sigma = planner.sigma * np.concatenate(burning)[order]
        self.guard_slack = self.guard_fuel - self.guard_needed - np.concatenate(doubt)[order]
        self.guard_slack[~np.isfinite(self.guard_slack)] = -1e9
        self.guard_base = tuple(base[k] for k in order)

    def slack_by_leg(self, legs: int) -> Floats:
        """(legs,) the least slack over what each leg's starting fuel must hold [kg]; inf where nothing does."""
        starts = [0.0, *(contact.end_s for contact in self.contacts)]
        slack = np.full(legs, np.inf)
        for k, start in enumerate(starts):
            held = self.guard_s > start + 0.5 if k else self.guard_s >= 0.0
            if k + 1 < len(starts):
                held &= self.guard_s <= starts[k + 1] + 0.5
            if held.any():
                slack[k] = float(self.guard_slack[held].min())
        return slack

    def overfilled(self) -> tuple[int, float] | None:
        """Which rung fills the tanks before all of it has flowed, and what is too much of it [kg]."""
        failure = self.profile.failure
        assert failure is not None
        flown = [cut for cut in self.stretches if cut.rung is not None]
        for index, cut in enumerate(flown):
            if cut.rung is not None and cut.start_m <= failure.along_m <= cut.end_m:
                left = (cut.start_m + cut.flow_to_m - failure.along_m) / (cut.flow_to_m - cut.flow_from_m)
                return index, failure.by + TRIM + cut.rung.onload_kg * min(1.0, max(0.0, left))
        return None

    @property
    def after(self) -> list[float]:
        return [contact.after_kg for contact in self.contacts]

    def plan(self, chosen: Ladder, settled: bool, taught: Taught | None = None) -> LeadPlan:
        planner = self.planner
        climbs = planner.count * planner.climb  # the ladder starts at the top of climb
        return LeadPlan(
            flight=planner.flight,
            aircraft=planner.aircraft,
            table=planner.table,
            way=self.way,
            profile=self.profile,
            contacts=tuple(self.contacts),
            station_s=None,
            reserve_kg=planner.reserve,
            margin_kg=float((self.guard_fuel - self.guard_needed).min()),
            doubt_slack_kg=float(self.guard_slack.min()),
            chosen=replace(chosen, bought_kg=chosen.bought_kg + climbs, bound_kg=chosen.bound_kg + climbs),
            candidates=planner.offers.air_end_m.size,
            settled=settled,
            taught=taught,
            pools=tuple(planner.pools),
            entries=tuple(planner.bases),
            guard_s=self.guard_s,
            guard_needed_kg=self.guard_needed,
            guard_fuel_kg=self.guard_fuel,
            guard_sigma_kg=self.guard_sigma,
            guard_base=self.guard_base,
            relative_sigma=planner.sigma,
            aloft=planner.aloft,
            planner=planner,
        )


def fewest_free(guard: Guard, offers: Offers, receiver: Receiver, share: float) -> int | None:
    """Least sorties with no margin for doubt and every rounding in the offers' favour; None if no number does.

    share : of what the model says, that the offers were made with
    """
    earlier = offers.air_start_m - CANDIDATE_SPACING
    generous = replace(
        offers,
        air_start_m=earlier,
        air_end_m=earlier,
        join_burn_kg=np.zeros_like(offers.join_burn_kg),
        offload_kg=offers.offload_kg * 1.1 * refuelling.OFFLOAD_SHARE / share,
    )
    # full where the contact ends is more so long before it, as far as such a mass is known
    table, dry = receiver.table, receiver.zero_fuel_mass_kg
    longest = float((offers.air_end_m - earlier).max(initial=0.0))
    brim = float(np.nan_to_num(table.mass_before(dry + receiver.capacity_kg, longest), nan=table.heaviest_kg))
    receiver = replace(receiver, contingency=0.0, capacity_kg=max(receiver.capacity_kg, brim - dry))
    free = Guarded(receiver, guard, generous, z=0.0)
    return rungs.fewest_sorties(receiver, free, generous, join=False)


def _chain(ladder: Ladder) -> list[tuple[int, int, int]]:
    return [(rung.candidate, rung.option, rung.sorties) for rung in ladder.rungs]


def _slope(fuel: float, slack: float, fuel_before: float, slack_before: float) -> float:
    """Slack gained for each kilogram at the start of a leg, from two flights of it."""
    if abs(fuel - fuel_before) < 20.0 or not math.isfinite(slack - slack_before):
        return 0.8 if slack < 0.0 else 1.0
    return min(max((slack - slack_before) / (fuel - fuel_before), SLOPE[0]), SLOPE[1])


def station_window(area, profile: Profile) -> tuple[float, float] | None:
    """First entry into and last exit from the area [s after take-off], to the second; None if never inside."""
    row_in = np.nonzero(station.inside(area, profile.lat, profile.lon))[0]
    if not row_in.size:
        return None
    first, last = int(row_in[0]), int(row_in[-1])

    def edge(outside: int, inside_row: int) -> float:
        t0, t1 = float(profile.time_s[outside]), float(profile.time_s[inside_row])
        length, azimuth, _ = geodesy.inverse(
            profile.lat[outside], profile.lon[outside], profile.lat[inside_row], profile.lon[inside_row]
        )
        steps = max(1, round(abs(t1 - t0)))
        share = np.arange(steps + 1) / steps
        lat, lon, _ = geodesy.direct(
            profile.lat[outside], profile.lon[outside], azimuth, np.asarray(length) * share
        )
        hit = int(np.argmax(station.inside(area, lat, lon)))
        return t0 + (t1 - t0) * share[hit]

    enter = float(profile.time_s[0]) if first == 0 else edge(first - 1, first)
    leave = float(profile.time_s[-1]) if last == profile.time_s.size - 1 else edge(last + 1, last)
    return enter, leave


def inside_length(area, way: LeadLine) -> float:
    """Length of the line inside the area, loop included [m], sampled every kilometre."""
    lat, lon, along = geodesy.densify(way.line.lat, way.line.lon, 1000.0)
    inside = station.inside(area, lat, lon)
    return float(np.diff(along)[inside[:-1] & inside[1:]].sum())
