"""When no fuel ladder exists: what is missing, where, and the smallest change that would cure it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from longreach.fuel import ladder as rungs
from longreach.fuel.ladder import Guarded, Offers, Receiver
from longreach.plan.shortfall import Shortfall
from longreach.units import HOUR, NAUTICAL_MILE

if TYPE_CHECKING:
    from longreach.plan.lead import LeadPlanner


def fuel_shortfall(
    planner: LeadPlanner, receiver: Receiver, guarded: Guarded, offers: Offers, given: float | None
) -> tuple[Shortfall, ...]:
    """Why the flight cannot be fuelled, with the first single change of the mission file that helps."""
    flight = planner.flight
    what = f"flight {flight.id}: no choice of refuellings keeps it safe all the way"
    short, where = _missing(planner, receiver, guarded, offers, given)
    if not offers.air_end_m.size or not offers.available:
        what = f"flight {flight.id}: not enough fuel to reach {flight.destination.code} with its reserves"
    found = _more_tankers(planner, receiver, guarded, offers) or _less_payload(planner, receiver, offers)
    found = found or _less_station(planner, receiver, offers) or _another_base(planner, where)
    key, value, text = found
    rows = [Shortfall(what, where, short, "kg", key, value, text)]
    rows += [
        Shortfall(why, "tankers", 0.0, "", None, None, "name a tanker type whose gear fits")
        for why in planner.refused
    ]
    return tuple(rows)


def _missing(
    planner: LeadPlanner, receiver: Receiver, guarded: Guarded, offers: Offers, given: float | None
) -> tuple[float, str]:
    """Fuel lacking per aircraft after the last contact that can be had, and where the flight then is."""
    start = receiver.takeoff_capacity_kg if given is None else given
    short, candidate = rungs.lacking(receiver, guarded, offers, start)
    along = 0.0 if candidate is None else float(planner.candidate_m[candidate])
    if not np.isfinite(short):
        # no load of fuel would do: say by how much burn, at the lightest end, the way is too long
        table, dry = receiver.table, receiver.zero_fuel_mass_kg
        home = np.interp(dry + receiver.reserve_kg, table.mass_kg, table.reach_m)
        from_here = planner.aborts.air_m[-1] - np.interp(along, planner.aborts.along_m, planner.aborts.air_m)
        beyond = max(0.0, float(from_here - (table.reach_m[-1] - home)))
        short = beyond * float(table.fuel_per_m[-1])
    lat, lon, _ = planner.way.line.at(along + _range_left(planner, receiver, along, start))
    return max(0.0, short), f"{float(lat[0]):.1f},{float(lon[0]):.1f}"


def _range_left(planner: LeadPlanner, receiver: Receiver, along: float, start: float) -> float:
    """How far beyond take-off the tanks alone carry the flight; 0 from a contact on."""
    if along > 0.0:
        return 0.0
    dry = receiver.zero_fuel_mass_kg
    reach = float(receiver.table.distance(dry + start, dry + receiver.reserve_kg))
    return min(reach, planner.way.length_m) if np.isfinite(reach) else 0.0


def _more_tankers(planner, receiver, guarded, offers):
    """How many tankers one base would need, the fewest of all bases."""
    if not offers.available:
        return None
    options = []
    for k in range(len(offers.available)):
        for extra in range(1, 9):
            available = list(offers.available)
            available[k] += extra
            if rungs.fewest_kept(receiver, guarded, replace(offers, available=tuple(available))) is not None:
                options.append((extra, k))
                break
    if not options:
        return None
    extra, k = min(options)
    entry = planner.bases[k]
    index = planner.mission.tankers.index(entry)
    value = entry.available + extra
    return (
        f"tankers.{index}.available",
        value,
        f"{extra} more {entry.aircraft} at {entry.base.code} ({value} in all)",
    )


def _less_payload(planner, receiver, offers):
    """The largest payload with which the flight works, to 100 kg."""
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
        again = Guarded(lighter, planner.guard, offers)
        return rungs.fewest_kept(lighter, again, offers) is not None

    if not works(0.0):
        return None
    low, high = 0.0, payload
    while high - low > 100.0:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if works(middle) else (low, middle)
    kept = np.floor(low / 100.0) / 10.0
    index = planner.mission.flights.index(planner.flight)
    return f"flights.{index}.payload", f"{kept:g} t", f"carry at most {kept:g} t of payload"


def _less_station(planner, receiver, offers):
    """The longest time on station with which the flight works, to 5 minutes."""
    area, loop = planner.area, planner.way.loop_m
    if area is None or loop is None:
        return None
    flown = float(np.interp(loop[1], planner.aborts.along_m, planner.aborts.air_m)) - float(
        np.interp(loop[0], planner.aborts.along_m, planner.aborts.air_m)
    )
    middle_air = float(np.interp(sum(loop) / 2.0, planner.aborts.along_m, planner.aborts.air_m))

    def works(share: float) -> bool:
        cut = flown * (1.0 - share)
        air = np.where(planner.guard.air_m > middle_air, planner.guard.air_m - cut, planner.guard.air_m)
        air = np.maximum.accumulate(air)
        later = offers.air_start_m > middle_air
        nearer = replace(
            offers,
            air_start_m=np.where(later, offers.air_start_m - cut, offers.air_start_m),
            air_end_m=np.where(later, offers.air_end_m - cut, offers.air_end_m),
        )
        again = Guarded(receiver, replace(planner.guard, air_m=air), nearer)
        return rungs.fewest_kept(receiver, again, nearer) is not None

    if not works(0.0):
        return None
    low, high = 0.0, 1.0
    while (high - low) * area.time_s > 300.0:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if works(middle) else (low, middle)
    minutes = int(low * area.time_s / 60.0)
    return (
        "station.time",
        f"{minutes} min",
        f"stay {minutes} min on station instead of {area.time_s / HOUR:.3g} h",
    )


def _another_base(planner, where: str):
    """No change of a number helps: where a tanker base would have to be."""
    if not planner.mission.tankers:
        text = f"its tanks carry it as far as {where}: add [[tankers]] and [abort] bases along the way there and back"
        return None, None, text
    nearest = ""
    if planner.bases:
        from longreach import geodesy

        if "," in where:
            lat, lon = (float(x) for x in where.split(","))
            distance = [
                float(geodesy.distance(lat, lon, entry.base.lat, entry.base.lon)) / NAUTICAL_MILE
                for entry in planner.bases
            ]
            k = int(np.argmin(distance))
            nearest = f" (the nearest named, {planner.bases[k].base.code}, is {distance[k]:,.0f} nm away)"
    return None, None, f"add a tanker base and an abort base nearer to {where}{nearest}"
