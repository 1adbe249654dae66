"""When no fuel ladder exists: what is missing, where, and the smallest change that would cure it.

Cures are tried on the ladder in order of how little they ask: full tanks, tankers that refuel tankers, more tankers
at a base that has some, less payload, less time on station, an abort base where tankers stand, tankers where the
flight may land. The first that works is proposed; `proof.py` flies it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach import geodesy
from longreach.fuel import ladder as rungs
from longreach.fuel.ladder import Guard, Guarded, Offers, Receiver
from longreach.mission.model import TankerBase
from longreach.plan.shortfall import Shortfall
from longreach.units import HOUR, NAUTICAL_MILE
from longreach.world.airports import Place

if TYPE_CHECKING:
    from longreach.plan.lead import LeadPlanner

MOST_EXTRA = 8  # tankers more at one base that are tried
ELSEWHERE = 6  # fields tried as a base for tankers, nearest to where the fuel runs short first


@dataclass(frozen=True, slots=True)
class Cure:
    """One change of the mission file; `key_path` None where it is advice without a number."""

    key_path: str | None
    value: Any
    text: str
    extra: int = 0  # tanker sorties more


@dataclass(frozen=True, slots=True)
class Case:
    """A ladder that does not exist: what a cure is tried on. `given` is the take-off fuel if the mission fixes it."""

    planner: LeadPlanner
    receiver: Receiver
    guard: Guard
    offers: Offers
    given: float | None

    def works(self, **changes: Any) -> bool:
        """Whether there would be a ladder with another receiver, guard or offers."""
        now = replace(self, **changes)
        receiver = now.receiver
        if now.given is not None:
            receiver = replace(receiver, takeoff_capacity_kg=now.given)
        guarded = Guarded(receiver, now.guard, now.offers, extra_kg=self.planner.missed_kg)
        return rungs.fewest_kept(receiver, guarded, now.offers) is not None


def fuel_shortfall(
    planner: LeadPlanner, receiver: Receiver, guard: Guard, offers: Offers, given: float | None
) -> tuple[Shortfall, ...]:
    """Why the flight cannot be fuelled; told whole, with the first single change of the mission file that helps."""
    flight, case = planner.flight, Case(planner, receiver, guard, offers, given)
    what = f"flight {flight.id}: no choice of refuellings keeps it safe all the way"
    short, where = _missing(case)
    if not offers.air_end_m.size or not offers.available:
        what = f"flight {flight.id}: not enough fuel to reach {flight.destination.code} with its reserves"
    rows = [Shortfall(what, where, short, "kg", told_by=lambda: _told(case, what, where, short))]
    rows += [
        Shortfall(why, "tankers", 0.0, "", None, None, "name a tanker type whose gear fits")
        for why in planner.refused
    ]
    return tuple(rows)


def _told(case: Case, what: str, where: str, short_kg: float) -> Shortfall:
    """The shortfall with the first cure that works."""
    tries: tuple[Callable[[Case], Cure | None], ...] = (
        _full_tanks,
        _let_relay,
        _more_tankers,
        _less_payload,
        _less_station,
        _abort_base,
        lambda case: _tankers_elsewhere(case, where),
    )
    found = next((cure for attempt in tries if (cure := attempt(case))), None)
    found = found or _another_base(case.planner, where)
    lacks_fuel = short_kg > 0.0 or not found.extra
    by, unit = (short_kg, "kg") if lacks_fuel else (float(found.extra), "tanker sorties")
    return Shortfall(what, where, by, unit, found.key_path, found.value, found.text)


def _missing(case: Case) -> tuple[float, str]:
    """Fuel lacking per aircraft after the last contact that can be had, and where the flight then is."""
    planner, receiver = case.planner, case.receiver
    start = receiver.takeoff_capacity_kg if case.given is None else case.given
    guarded = Guarded(receiver, case.guard, case.offers, extra_kg=planner.missed_kg)
    short, candidate = rungs.lacking(receiver, guarded, case.offers, start)
    along = 0.0 if candidate is None else float(planner.candidate_m[candidate])
    if not np.isfinite(short):
        # no load of fuel would do: what the way takes, its far part at the burn of the heaviest aircraft
        table, dry = receiver.table, receiver.zero_fuel_mass_kg
        here = np.interp(along, planner.aborts.along_m, case.guard.air_m)
        left = float(case.guard.air_m[-1] - here)
        home = float(np.interp(dry + receiver.reserve_kg, table.mass_kg, table.reach_m))
        known = min(left, float(table.reach_m[-1]) - home)
        burn = float(np.interp(home + known, table.reach_m, table.mass_kg)) - dry - receiver.reserve_kg
        burn += (left - known) * float(table.fuel_per_m[-1])
        margin = max(receiver.contingency, receiver.doubt_z * receiver.relative_sigma)
        carried = start if candidate is None else receiver.capacity_kg
        short = receiver.reserve_kg + burn * (1.0 + margin) - carried
    lat, lon, _ = planner.way.line.at(along + _range_left(planner, receiver, along, start))
    return max(0.0, short), f"{float(lat[0]):.1f},{float(lon[0]):.1f}"


def _range_left(planner: LeadPlanner, receiver: Receiver, along: float, start: float) -> float:
    """How far beyond take-off the tanks alone carry the flight; 0 from a contact on."""
    if along > 0.0:
        return 0.0
    dry = receiver.zero_fuel_mass_kg
    reach = float(receiver.table.distance(dry + start, dry + receiver.reserve_kg))
    return min(reach, planner.way.length_m) if np.isfinite(reach) else 0.0


def _full_tanks(case: Case) -> Cure | None:
    """Taking off with all it can carry instead of the fuel asked for."""
    planner, full = case.planner, case.receiver.takeoff_capacity_kg
    if case.given is None or case.given > full - 100.0 or not case.works(given=None):
        return None
    index = planner.mission.flights.index(planner.flight)
    return Cure(f"flights.{index}.takeoff_fuel", "full", "take off with full tanks")


def _let_relay(case: Case) -> Cure | None:
    """Tankers that refuel tankers, where the mission forbids it."""
    planner = case.planner
    if planner.mission.refuelling.relay is not False or not planner.pools:
        return None
    offers, teams = planner.with_teams(case.offers, planner.share)
    if not teams or not case.works(offers=offers):
        return None
    return Cure("refuelling.relay", True, "let tankers refuel tankers")


def _more_tankers(case: Case) -> Cure | None:
    """How many tankers one base would need, the fewest of all bases."""
    planner, offers = case.planner, case.offers
    options = []
    for k in range(len(offers.available)):
        for extra in range(1, MOST_EXTRA + 1):
            available = list(offers.available)
            available[k] += extra
            if case.works(offers=replace(offers, available=tuple(available))):
                options.append((extra, k))
                break
    if not options:
        return None
    extra, k = min(options)
    entry = planner.bases[k]
    index = planner.mission.tankers.index(entry)
    value = entry.available + planner.drawn.get(entry.id, 0) + extra
    words = f"{extra} more {entry.aircraft} at {entry.base.code} ({value} in all)"
    return Cure(f"tankers.{index}.available", value, words, extra)


def _less_payload(case: Case) -> Cure | None:
    """The largest payload with which the flight works, to 100 kg."""
    planner, receiver = case.planner, case.receiver
    payload = planner.flight.payload_kg
    if payload <= 0.0:
        return None

    def works(kept: float) -> bool:
        cut = payload - kept
        lighter = replace(
            receiver,
            zero_fuel_mass_kg=receiver.zero_fuel_mass_kg - cut,
            capacity_kg=min(planner.aircraft.max_fuel_kg, receiver.capacity_kg + cut),
            takeoff_capacity_kg=min(planner.aircraft.max_fuel_kg, receiver.takeoff_capacity_kg + cut),
        )
        return case.works(receiver=lighter)

    if not works(0.0):
        return None
    low, high = 0.0, payload
    while high - low > 100.0:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if works(middle) else (low, middle)
    kept = np.floor(low / 100.0) / 10.0
    index = planner.mission.flights.index(planner.flight)
    return Cure(f"flights.{index}.payload", f"{kept:g} t", f"carry at most {kept:g} t of payload")


def _less_station(case: Case) -> Cure | None:
    """The longest time on station with which the flight works, to 5 minutes."""
    planner, guard, offers = case.planner, case.guard, case.offers
    area, loop = planner.area, planner.way.loop_m
    if area is None or loop is None:
        return None
    begun, middle_air, ended = np.interp(
        [loop[0], sum(loop) / 2.0, loop[1]], planner.aborts.along_m, guard.air_m
    )
    flown = float(ended - begun)

    def works(share: float) -> bool:
        cut = flown * (1.0 - share)
        air = np.maximum.accumulate(np.where(guard.air_m > middle_air, guard.air_m - cut, guard.air_m))
        later = offers.air_start_m > middle_air
        nearer = replace(
            offers,
            air_start_m=np.where(later, offers.air_start_m - cut, offers.air_start_m),
            air_end_m=np.where(later, offers.air_end_m - cut, offers.air_end_m),
        )
        return case.works(guard=replace(guard, air_m=air), offers=nearer)

    if not works(0.0):
        return None
    low, high = 0.0, 1.0
    while (high - low) * area.time_s > 300.0:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if works(middle) else (low, middle)
    minutes = int(low * area.time_s / 60.0)
    if minutes < 1:
        return None
    words = f"stay {minutes} min on station instead of {area.time_s / HOUR:.3g} h"
    return Cure("station.time", f"{minutes} min", words)


def _abort_base(case: Case) -> Cure | None:
    """One field more to land at, among those the mission names for something else."""
    planner, mission = case.planner, case.planner.mission
    named = {base.code for base in mission.abort_bases}
    places = {entry.base.code: entry.base for entry in mission.tankers}
    places |= {planner.flight.origin.code: planner.flight.origin}
    for code, place in places.items():
        if code in named:
            continue
        nearer = planner.abort_distances((place,))
        best = np.minimum(case.guard.abort_air_m, nearer)
        if case.works(guard=replace(case.guard, abort_air_m=best)):
            value = [*(base.code for base in mission.abort_bases), code]
            return Cure("abort.bases", value, f"open {code} to it as an abort base")
    return None


def _tankers_elsewhere(case: Case, where: str) -> Cure | None:
    """Tankers of a type the mission has at a field it names for something else, the fewest that do."""
    planner, mission = case.planner, case.planner.mission
    if not mission.tankers or not planner.pools:
        return None
    best = max(
        range(len(planner.pools)), key=lambda k: float(planner.pools[k].most_offload(0.0).max(initial=0.0))
    )
    like = planner.bases[best]
    taken = {entry.base.code for entry in mission.tankers}
    fields: dict[str, Place] = {base.code: base for base in mission.abort_bases if base.code not in taken}
    for place in (planner.flight.origin, planner.flight.destination):
        if place.code not in taken:
            fields.setdefault(place.code, place)
    lat, lon = (float(part) for part in where.split(","))
    near = sorted(fields.values(), key=lambda place: float(geodesy.distance(lat, lon, place.lat, place.lon)))
    options: list[tuple[int, str]] = []
    for place in near[:ELSEWHERE]:
        entry = TankerBase("more", like.aircraft, like.operator, place, MOST_EXTRA)
        trial = copy.copy(planner)
        trial.mission = replace(mission, tankers=(*mission.tankers, entry))
        offers = trial.offers_like(case.offers)
        for count in range(1, MOST_EXTRA + 1):
            if options and count >= min(options)[0]:
                break
            fewer = replace(offers, available=(*offers.available[:-1], count))
            if case.works(offers=fewer):
                options.append((count, place.code))
                break
    if not options:
        return None
    count, code = min(options)
    identity = next(f"more-{k}" for k in range(1, 99) if all(e.id != f"more-{k}" for e in mission.tankers))
    value = {
        "id": identity,
        "operator": like.operator,
        "aircraft": like.aircraft,
        "base": code,
        "available": count,
    }
    return Cure(
        f"tankers.{len(mission.tankers)}", value, f"base {count} {like.aircraft} at {code} too", count
    )


def _another_base(planner: LeadPlanner, where: str) -> Cure:
    """No change of a number helps: where a tanker base would have to be."""
    if not planner.mission.tankers:
        text = f"its tanks carry it as far as {where}: add [[tankers]] and [abort] bases along the way there and back"
        return Cure(None, None, text)
    nearest = ""
    if planner.bases and "," in where:
        lat, lon = (float(x) for x in where.split(","))
        distance = [
            float(geodesy.distance(lat, lon, entry.base.lat, entry.base.lon)) / NAUTICAL_MILE
            for entry in planner.bases
        ]
        k = int(np.argmin(distance))
        nearest = f" (the nearest named, {planner.bases[k].base.code}, is {distance[k]:,.0f} nm away)"
    return Cure(None, None, f"add a tanker base and an abort base nearer to {where}{nearest}")
