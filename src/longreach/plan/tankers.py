"""Which tankers fly where: every contact of every lead shared out among sorties, exactly.

A column is a sortie: a base's tankers, and the contacts one aircraft serves on its way, in order. It may be
flown if the fuel model lets it give what each contact asks, come home with reserve and margin, be in time for
the next contact and keep the crew day. A set partition chooses columns so that every contact has the number of
tankers its ladder was planned with, no base gives more than it has (with a turn time: at any moment), and the
sorties, then the fuel they burn, are fewest; HiGHS proves it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from longreach import geodesy
from longreach.fuel.refuelling import CLIMB_SHARE, OFFLOAD_SHARE, Pool, serves
from longreach.mission.model import Mission, TankerBase
from longreach.plan.flights import Flight, Stop, spare_flight, tanker_flight
from longreach.plan.lead import Contact, LeadPlan
from longreach.plan.shortfall import Shortfall
from longreach.plan.teams import team_flights
from longreach.route import Prepared
from longreach.units import HOUR

MOST_STOPS = 3  # contacts one sortie serves
LONGEST_WAIT = 6.0 * HOUR  # between two contacts of one sortie
MOST_COLUMNS = 20_000
SORTIE = 1e7  # kg: what a sortie weighs against the fuel burnt
TOO_FEW = "sorties"  # unit of the shortfall where there are not enough tankers
TRIES = 6  # columns that fail when flown whole before the search is given up


@dataclass(frozen=True, slots=True)
class Demand:
    """A contact that wants `tankers` aircraft, each giving `offload_kg`."""

    lead: LeadPlan
    number: int
    contact: Contact

    @property
    def offload_kg(self) -> float:
        taken = self.contact.onload_kg * self.lead.flight.count + self.contact.others_kg
        return taken / self.contact.tankers


@dataclass(frozen=True, slots=True)
class Column:
    """A sortie that may be flown: whose, which demands in order, what it burns, when it is away [s]."""

    entry: int
    demands: tuple[int, ...]
    burn_kg: float
    takeoff_s: float
    landing_s: float


@dataclass(frozen=True, slots=True)
class Given:
    """Fuel given at one contact by one tanker flight, per tanker."""

    demand: Demand
    flight: Flight
    offload_kg: float
    letter: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """The tanker flights, spares among them, what they give, and how well the choice is proved.

    sorties, bound : flown by the contacts shared out, and the solver's proved least for them
    columns, rounds : sorties chosen among; times the choice was made until all could be flown whole
    """

    flights: tuple[Flight, ...]
    given: tuple[Given, ...]
    columns: int
    sorties: int
    bound: int
    burn_kg: float
    burn_bound_kg: float
    rounds: int


def assign(
    mission: Mission,
    leads: Sequence[LeadPlan],
    prepared: Prepared,
    takeoff_utc: datetime,
    progress: Callable[[str], None],
) -> Assignment | tuple[Shortfall, ...]:
    """Tankers for every contact of the leads, flown whole; or why there are none.

    Teams in which tankers refuel tankers are as their ladder chose them; the others share what is left.
    """
    demands, number = [], 0
    asked, of_teams = mission, list[Flight]()
    flown_from: dict[str, list[Flight]] = {}
    met: list[Given] = []
    for lead in leads:
        if lead.keeps_to:
            continue  # it takes fuel at the contacts of the flight that paces its cell
        for contact in lead.contacts:
            number += 1
            demand = Demand(lead, number, contact)
            if contact.team is None:
                demands.append(demand)
                continue
            progress(f"team of tankers {number}")
            entry = lead.entries[contact.pool]
            team = team_flights(mission, entry, lead, contact, number, prepared, takeoff_utc)
            if isinstance(team, Shortfall):
                return (team,)
            of_teams += team
            flown_from.setdefault(entry.id, []).extend(team)
            for k in range(contact.team.roots):
                letter = team[k].id.removeprefix(f"tanker-{number}")
                met.append(Given(demand, team[k], demand.offload_kg, letter))
            mission = _without(mission, entry.id, sum(flight.count for flight in team))
    for entry in asked.tankers:
        away = _most_away(flown_from.get(entry.id, []), entry)
        if away > entry.available:
            return (_away_at_once(entry, away),)
    if not demands:
        return Assignment(tuple(of_teams), tuple(met), 0, 0, 0, 0.0, 0.0, 0)
    columns = _columns(mission, demands)
    failed: list[Shortfall] = []
    for attempt in range(TRIES):
        chosen = _partition(mission, demands, columns)
        if chosen is None:
            return tuple(failed) or (_too_few(mission, demands),)
        picked, bound, burn_bound = chosen
        flown = _flown(mission, demands, picked, prepared)
        if not isinstance(flown, _Failed):
            flights, given = flown
            sorties = sum(count for _, count in picked)
            burn = sum(column.burn_kg * count for column, count in picked)
            return Assignment(
                (*of_teams, *flights),
                (*met, *given),
                len(columns),
                sorties,
                bound,
                burn,
                min(burn_bound, burn),
                attempt + 1,
            )
        failed.append(flown.why)
        if len(flown.column.demands) == 1 and not any(len(column.demands) > 1 for column, _ in picked):
            break  # no choice of sorties helps: the contacts themselves have to ask for less
        columns = [column for column in columns if column is not flown.column]
    return (failed[-1],)


def _most_away(flights: Sequence[Flight], entry: TankerBase) -> int:
    """Aircraft of a base that are in the air or being turned round at one moment, at most; without a turn time
    none flies twice."""
    if entry.turn_time_s is None:
        return sum(flight.count for flight in flights)
    spells = [(f.takeoff_s, f.landing_s + entry.turn_time_s, f.count) for f in flights]
    return max((sum(n for a, b, n in spells if a <= moment < b) for moment, _, _ in spells), default=0)


def _away_at_once(entry: TankerBase, away: int) -> Shortfall:
    return Shortfall(
        f"{away} tankers of {entry.base.code} would be away at once, {entry.available} are there",
        entry.base.code,
        float(away - entry.available),
        TOO_FEW,
        None,
        None,
        "more tankers, or a shorter turn time",
    )


def _without(mission: Mission, entry_id: str, sorties: int) -> Mission:
    return replace(
        mission,
        tankers=tuple(
            replace(entry, available=max(0, entry.available - sorties)) if entry.id == entry_id else entry
            for entry in mission.tankers
        ),
    )


def _too_few(mission: Mission, demands: Sequence[Demand]) -> Shortfall:
    wanted = sum(demand.contact.tankers for demand in demands)
    return Shortfall(
        f"{wanted} tankers are wanted at {len(demands)} contacts, and no choice of bases has them in time",
        mission.tankers[0].base.code,
        float(wanted),
        TOO_FEW,
        None,
        None,
        "more tankers, or a shorter turn time",
    )


# -- columns ------------------------------------------------------------------------------------------


def _pool_of(demand: Demand, entry: TankerBase) -> Pool | None:
    """That base's tankers as the demand's lead sees them, where they can fly the contact as it was planned."""
    lead = demand.lead
    for pool, own in zip(lead.pools, lead.entries, strict=True):
        if own.id == entry.id:
            had, asked = pool.pairing, demand.contact.pairing
            return replace(pool, pairing=asked) if serves(had, asked) else None
    return None


def _columns(mission: Mission, demands: Sequence[Demand]) -> list[Column]:
    """Every sortie that may be flown, single contacts first."""
    order = sorted(range(len(demands)), key=lambda d: demands[d].contact.start_s)
    found: list[Column] = []
    for e, entry in enumerate(mission.tankers):
        if entry.available < 1:
            continue
        front: list[tuple[int, ...]] = [()]
        for _ in range(MOST_STOPS):
            longer = []
            for before in front:
                for d in order:
                    if before and demands[d].contact.start_s <= demands[before[-1]].contact.end_s:
                        continue
                    if len(found) >= MOST_COLUMNS:
                        return found
                    column = _column(mission, demands, e, (*before, d))
                    if column is not None:
                        found.append(column)
                        longer.append((*before, d))
            front = longer
    return found


def _column(mission: Mission, demands: Sequence[Demand], e: int, path: tuple[int, ...]) -> Column | None:
    """One sortie by the cruise tables, backward from the landing with reserve and margin; None if it cannot be."""
    entry = mission.tankers[e]
    stops = [demands[d] for d in path]
    pools = [_pool_of(stop, entry) for stop in stops]
    first, last = pools[0], pools[-1]
    if first is None or last is None or any(pool is None for pool in pools):
        return None
    table, dry = first.table, first.tanker.operating_empty_mass_kg
    tas = float(np.median(table.tas_mps))
    out = float(first.out_m[stops[0].contact.candidate])
    back = float(last.back_m[stops[-1].contact.candidate])
    if not (math.isfinite(out) and math.isfinite(back)):
        return None
    gaps = []
    for one, two in itertools.pairwise(stops):
        lat, lon, _ = one.lead.way.line.at(one.contact.start_m + one.contact.length_m)
        to_lat, to_lon, _ = two.lead.way.line.at(two.contact.start_m)
        length = float(geodesy.distance(lat[0], lon[0], to_lat[0], to_lon[0]))
        wait = two.contact.start_s - one.contact.end_s - length / tas
        if not 0.0 <= wait <= LONGEST_WAIT:
            return None
        gaps.append((length, wait))
    takeoff_s = stops[0].contact.start_s - first.early_s - out / tas
    landing_s = stops[-1].contact.end_s + back / tas
    if landing_s - takeoff_s > first.longest_s:
        return None

    def needed(margin: float) -> float:
        """Mass wanted at take-off [kg]."""
        mass = float(table.mass_before(dry + first.reserve_kg + margin, back))
        for k in range(len(stops) - 1, -1, -1):
            contact = stops[k].contact
            if not math.isfinite(mass):
                return math.nan
            mass += stops[k].offload_kg / OFFLOAD_SHARE
            mass += first.contact_burn(min(mass, first.heaviest_kg), contact.end_s - contact.start_s)
            if k:
                length, wait = gaps[k - 1]
                mass += wait * float(table.flow(min(mass, table.heaviest_kg)))
                mass = float(table.mass_before(mass, length))
        if not math.isfinite(mass):
            return math.nan
        mass += first.early_s * float(table.flow(min(mass, table.heaviest_kg)))
        return float(table.mass_before(mass, out)) / (1.0 - CLIMB_SHARE)

    given = sum(stop.offload_kg for stop in stops)
    planned = len(path) == 1 and e in _planned(mission, stops[0])  # what the ladder drew on fits, to rounding
    margin, mass = 0.0, math.nan
    for _ in range(4):
        mass = needed(margin)
        if not math.isfinite(mass):
            if not planned:
                return None
            mass = first.heaviest_kg  # flown whole, it tells how much less has to be asked of it
            break
        margin = first.doubt_z * first.relative_sigma * max(0.0, mass - given - dry - first.reserve_kg)
    if mass > first.heaviest_kg and not planned:
        return None
    return Column(e, path, mass - given - dry - first.reserve_kg, takeoff_s, landing_s)


def _planned(mission: Mission, demand: Demand) -> list[int]:
    """Entries that the ladder itself drew on."""
    ids = [entry.id for entry in mission.tankers]
    return [ids.index(demand.lead.entries[pool].id) for pool, _ in demand.contact.draws]


# -- the set partition --------------------------------------------------------------------------------


def _partition(
    mission: Mission, demands: Sequence[Demand], columns: Sequence[Column]
) -> tuple[list[tuple[Column, int]], int, float] | None:
    """(columns and how many fly each, proved least sorties, proved least burn with those); None if none fits."""
    import highspy

    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("threads", 1)
    for k, column in enumerate(columns):
        most = min(demands[d].contact.tankers for d in column.demands)
        solver.addVar(0.0, float(most))
        solver.changeColCost(k, SORTIE + column.burn_kg)
        solver.changeColIntegrality(k, highspy.HighsVarType.kInteger)

    def row(low: float, high: float, members: list[int]) -> None:
        solver.addRow(low, high, len(members), np.array(members, np.int32), np.ones(len(members)))

    for d, demand in enumerate(demands):
        members = [k for k, column in enumerate(columns) if d in column.demands]
        if not members:
            return None
        row(float(demand.contact.tankers), float(demand.contact.tankers), members)
    for e, entry in enumerate(mission.tankers):
        own = [k for k, column in enumerate(columns) if column.entry == e]
        if not own:
            continue
        if entry.turn_time_s is None:
            row(0.0, float(entry.available), own)
            continue
        for moment in sorted({columns[k].takeoff_s for k in own}):
            away = [
                k for k in own if columns[k].takeoff_s <= moment < columns[k].landing_s + entry.turn_time_s
            ]
            row(0.0, float(entry.available), away)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    count = [round(value) for value in solver.getSolution().col_value]
    picked = [(column, n) for column, n in zip(columns, count, strict=True) if n]
    bound = float(solver.getInfo().mip_dual_bound)
    least = math.floor(bound / SORTIE + 1e-6)
    return picked, int(least), bound - least * SORTIE


# -- flown --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Failed:
    column: Column
    why: Shortfall


def _flown(
    mission: Mission, demands: Sequence[Demand], picked: Sequence[tuple[Column, int]], prepared: Prepared
) -> tuple[tuple[Flight, ...], tuple[Given, ...]] | _Failed:
    """The chosen sorties as flights, in the order of their contacts, each followed by its spares."""
    picked = sorted(picked, key=lambda pair: (pair[0].demands[0], pair[0].entry, pair[0].demands))
    flights: list[Flight] = []
    given: list[Given] = []
    taken: dict[int, int] = {}
    names: set[str] = set()
    for column, count in picked:
        entry = mission.tankers[column.entry]
        stops = tuple(
            Stop(demands[d].lead, demands[d].number, demands[d].contact, demands[d].offload_kg)
            for d in column.demands
        )
        pool = _pool_of(demands[column.demands[0]], entry)
        assert pool is not None
        name = f"tanker-{stops[0].number}"
        letter = ord("b")
        while name in names:
            name = f"tanker-{stops[0].number}{chr(letter)}"
            letter += 1
        names.add(name)
        flight = tanker_flight(mission, entry, pool, stops, count, name, prepared)
        if isinstance(flight, Shortfall):
            return _Failed(column, flight)
        flights.append(flight)
        for d in column.demands:
            place = taken.get(d, 0)
            taken[d] = place + 1
            given.append(
                Given(demands[d], flight, demands[d].offload_kg, "" if not place else chr(97 + place))
            )
        if entry.airborne_spares:
            spare = spare_flight(mission, entry, pool, stops, flight, prepared)
            if isinstance(spare, Shortfall):
                return _Failed(column, spare)
            flights.append(spare)
    given.sort(key=lambda each: (each.demand.number, each.letter))
    return tuple(flights), tuple(given)


def drawn(leads: Sequence[LeadPlan]) -> dict[str, int]:
    """Sorties that the ladders of leads draw on, by tanker entry."""
    used: dict[str, int] = {}
    for lead in leads:
        for contact in () if lead.keeps_to else lead.contacts:
            for pool, count in contact.draws:  # of a team every sortie
                used[lead.entries[pool].id] = used.get(lead.entries[pool].id, 0) + count
    return used


def left_over(mission: Mission, leads: Sequence[LeadPlan]) -> Mission:
    """The mission with what the ladders of earlier leads draw on taken from its tankers."""
    used = drawn(leads)
    return replace(
        mission,
        tankers=tuple(
            replace(entry, available=max(0, entry.available - used.get(entry.id, 0)))
            for entry in mission.tankers
        ),
    )


def turned_round(mission: Mission) -> Mission:
    """The mission as a ladder may see it first: aircraft with a turn time fly twice."""
    return replace(
        mission,
        tankers=tuple(
            entry if entry.turn_time_s is None else replace(entry, available=2 * entry.available)
            for entry in mission.tankers
        ),
    )
