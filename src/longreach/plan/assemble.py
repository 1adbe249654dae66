"""The plan document (longreach.plan/1) from flights: rounding, clock times and units happen here, once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from longreach import __version__, geodesy, route, timeline
from longreach.document import PLAN_SCHEMA
from longreach.fuel.profile import PHASES
from longreach.mission.model import Mission
from longreach.plan.flights import Flight, Transfer, overflown_intervals
from longreach.plan.lead import LeadPlan
from longreach.plan.partners import Join
from longreach.plan.rendezvous import rendezvous
from longreach.plan.shortfall import Shortfall
from longreach.plan.tankers import Assignment, Given
from longreach.plan.winds import assumed, winds_document
from longreach.plan.windward import account
from longreach.units import FOOT, KNOT, NAUTICAL_MILE
from longreach.world import airports, airspace, sun
from longreach.world.airports import Place
from longreach.world.airspace import Closure
from longreach.world.winds import WindField

COLUMNS = [
    "time_utc",
    "lat",
    "lon",
    "altitude_ft",
    "tas_kt",
    "gs_kt",
    "wind_u_mps",
    "wind_v_mps",
    "mass_kg",
    "fuel_kg",
    "phase",
]
ASSUMED = [
    "A contact: 5 min together before fuel flows, then every boom at once, 2 min after.",
    "Tankers wait 30 min at the control point and give at most 95 % of what the fuel model allows.",
    "The abort rule holds at the end of each contact with that contact's onload at zero, and at every moment between; "
    "staying on the planned route to the destination counts as a way out.",
]
RELAYED = (
    "Where a tanker refuels a tanker, all of a team leave one base on one way, in time to be in company where each "
    "gives: those that give to a tanker do not wait, give to one or to two in turn and go home. One that has given may "
    "be met on its way home by a tanker that waits for it there. Any of them could reach an open field, or its base, had "
    "it been given nothing."
)
LIGHT_WORDS = ("day", "civil twilight", "nautical twilight", "night")
LIMITS = [
    "Turns are flown on the spot: no turn radius, bank or overshoot.",
    "One standard atmosphere (ISA): no temperature deviation, no weather, no turbulence.",
    "Coasts and borders are Natural Earth at 1:10 million, de facto; straight baselines, agreed sea boundaries and "
    "flight information regions are not in it.",
    "Opening hours, leave to overfly or land, pavement and parking of the fields named are not known here.",
    "Fuel is modelled from public figures with the stated error band, not taken from flight manuals.",
]


class Clock:
    """Seconds from the lead's take-off to UTC text."""

    def __init__(self, zero: datetime) -> None:
        self.zero = zero.astimezone(UTC)

    def text(self, seconds: float) -> str:
        return (self.zero + timedelta(seconds=round(seconds))).strftime("%Y-%m-%dT%H:%M:%SZ")

    def texts(self, seconds: np.ndarray) -> list[str]:
        start = np.datetime64(self.zero.replace(tzinfo=None), "s")
        stamps = start + np.rint(seconds).astype("timedelta64[s]")
        return [f"{stamp}Z" for stamp in np.datetime_as_string(stamps).tolist()]


def clock_for(mission: Mission, lead: LeadPlan) -> Clock:
    """The clock that puts the mission's anchor at its time."""
    before = {"takeoff": 0.0, "earliest": 0.0, "landing": lead.profile.duration_s}
    if mission.clock.anchor == "on_station":
        assert lead.station_s is not None
        before["on_station"] = lead.station_s[0]
    return Clock(mission.clock.time_utc - timedelta(seconds=round(before[mission.clock.anchor])))


def flight_document(flight: Flight, clock: Clock, sigma_mps: float, turn_s: float | None) -> dict[str, Any]:
    """One flight of the contract; the last two as `windward.account` takes them, on this flight's own clock."""
    profile = flight.profile
    lat = np.round(profile.lat, 6)
    lon = np.round(geodesy.wrap_longitude(np.round(profile.lon, 6)), 6)
    lon[lon >= 180.0] = -180.0
    seconds = flight.takeoff_s + profile.time_s
    length = geodesy.distance(lat[:-1], lon[:-1], lat[1:], lon[1:])
    speed = np.append(length / np.diff(profile.time_s), 0.0) / KNOT
    speed[-1] = speed[-2]
    names = PHASES
    rows = [
        [when, *values, names[phase]]
        for when, values, phase in zip(
            clock.texts(seconds),
            zip(
                lat.tolist(),
                lon.tolist(),
                np.round(profile.altitude_m / FOOT, 1).tolist(),
                np.round(profile.tas_mps / KNOT, 2).tolist(),
                np.round(speed, 2).tolist(),
                np.round(profile.u_mps, 3).tolist(),
                np.round(profile.v_mps, 3).tolist(),
                np.round(profile.mass_kg, 1).tolist(),
                np.round(profile.fuel_kg, 1).tolist(),
                strict=True,
            ),
            profile.phase.tolist(),
            strict=True,
        )
    ]
    takeoff = round(profile.takeoff_kg - profile.zero_fuel_kg, 1)
    landing = round(profile.landing_kg - profile.zero_fuel_kg, 1)
    onload, offload = round(profile.onload_kg, 1), round(profile.offload_kg, 1)
    return {
        "id": flight.id,
        "role": flight.role,
        "operator": flight.operator,
        "aircraft": flight.aircraft.code,
        "count": flight.count,
        "origin": flight.origin.code,
        "destination": flight.destination.code,
        "takeoff_utc": rows[0][0],
        "landing_utc": rows[-1][0],
        "route": [
            {"name": v.name, "lat": round(v.lat, 6), "lon": _longitude(v.lon), "kind": v.kind}
            for v in flight.vertices
        ],
        "track": {"columns": COLUMNS, "rows": rows},
        "fuel": {
            "takeoff_kg": takeoff,
            "landing_kg": landing,
            "burn_kg": round(takeoff + onload - offload - landing, 1),
            "onload_kg": onload,
            "offload_kg": offload,
            "reserve_kg": round(flight.reserve_kg, 1),
            "min_margin_kg": round(flight.margin_kg, 1),
            "band_pct": flight.aircraft.band_pct,
        },
        "wind": account(profile, sigma_mps, turn_s),
        **flight.more,
    }


def _longitude(lon: float) -> float:
    value = round((lon + 180.0) % 360.0 - 180.0, 6)
    return -180.0 if value >= 180.0 else value


def refuelling_document(given: Given, clock: Clock, kind: str) -> dict[str, Any]:
    """One refuelling of the contract: what one tanker flight gives to one receiver flight."""
    lead, contact, tanker = given.demand.lead, given.demand.contact, given.flight
    start, end = (
        lead.way.line.at(along)[:2] for along in (contact.start_m, contact.start_m + contact.length_m)
    )
    holds = tanker.profile.time_s[tanker.profile.phase == PHASES.index("hold")]
    before = holds[tanker.takeoff_s + holds <= contact.start_s]
    waits = _first_of_last_run(before, tanker.profile.time_s)
    on_station_s = contact.start_s if waits is None else tanker.takeoff_s + waits
    needed, available = round(contact.abort_needed_kg, 1), round(contact.abort_available_kg, 1)
    onload = round(contact.onload_kg * tanker.count / contact.tankers, 1)
    return {
        "id": f"R{given.demand.number}{given.letter}",
        "receiver": lead.flight.id,
        "tanker_flight": tanker.id,
        "tanker_type": tanker.aircraft.code,
        "tanker_base": tanker.origin.code,
        "start_utc": clock.text(contact.start_s),
        "end_utc": clock.text(contact.end_s),
        "start": {"lat": round(float(start[0][0]), 6), "lon": _longitude(float(start[1][0]))},
        "end": {"lat": round(float(end[0][0]), 6), "lon": _longitude(float(end[1][0]))},
        "altitude_ft": round(contact.pairing.altitude_m / FOOT, 1),
        "onload_kg": onload,
        "receivers": lead.flight.count,
        "offload_kg": round(onload * lead.flight.count / tanker.count, 1),
        "tankers": tanker.count,
        "fuel_before_kg": round(contact.before_kg, 1),
        "fuel_after_kg": round(contact.after_kg, 1),
        "abort": {
            "base": contact.abort_base,
            "fuel_needed_kg": needed,
            "fuel_available_kg": available,
            "margin_kg": round(available - needed, 1),
        },
        "rendezvous": rendezvous(kind, lead, contact, on_station_s, clock)
        if not tanker.more.get("buddy")
        else rendezvous("buddy", lead, contact, on_station_s, clock)
        | {"apart_min": round(tanker.takeoff_s / 60.0, 1)},
    }


def _first_of_last_run(times: np.ndarray, rows: np.ndarray) -> float | None:
    """The first of the last unbroken run of row times; None where there is none."""
    if not times.size:
        return None
    index = np.searchsorted(rows, times)
    breaks = np.flatnonzero(np.diff(index) > 1)
    return float(times[breaks[-1] + 1] if breaks.size else times[0])


def transfer_document(transfer: Transfer, tanker: Flight, clock: Clock) -> dict[str, Any]:
    """One refuelling of tankers by tankers, in the words of the contract."""
    onload = round(transfer.onload_kg, 1)
    needed, available = round(transfer.needed_kg, 1), round(transfer.available_kg, 1)
    return {
        "id": transfer.id,
        "receiver": transfer.receiver,
        "tanker_flight": transfer.giver,
        "tanker_type": tanker.aircraft.code,
        "tanker_base": tanker.origin.code,
        "start_utc": clock.text(transfer.start_s),
        "end_utc": clock.text(transfer.end_s),
        "start": {"lat": round(transfer.start[0], 6), "lon": _longitude(transfer.start[1])},
        "end": {"lat": round(transfer.end[0], 6), "lon": _longitude(transfer.end[1])},
        "altitude_ft": round(transfer.pairing.altitude_m / FOOT, 1),
        "onload_kg": onload,
        "receivers": transfer.count,
        "offload_kg": onload,
        "tankers": tanker.count,
        "fuel_before_kg": round(transfer.before_kg, 1),
        "fuel_after_kg": round(transfer.after_kg, 1),
        "abort": {
            "base": transfer.abort_base,
            "fuel_needed_kg": needed,
            "fuel_available_kg": available,
            "margin_kg": round(available - needed, 1),
        },
    }


def airspace_rows(
    flights: Sequence[Flight], closures: tuple[Closure, ...], clock: Clock
) -> list[dict[str, Any]]:
    """Closest approach of every flight to every closure that binds it, on the rows as printed."""
    rows = []
    for flight in flights:
        profile = flight.profile
        lat, lon = np.round(profile.lat, 6), np.round(profile.lon, 6)
        for closure, closest in zip(closures, route.clearances(closures, lat, lon), strict=True):
            rows.append(
                {
                    "id": closure.id,
                    "flight": flight.id,
                    "stand_off_nm": round(closure.stand_off_m / NAUTICAL_MILE, 3),
                    "closest_nm": round(closest.clearance_m / NAUTICAL_MILE, 3),
                    "closest": {"lat": round(closest.lat, 6), "lon": _longitude(closest.lon)},
                    "closest_utc": clock.text(flight.takeoff_s + _time_at(flight, closest.lat, closest.lon)),
                }
            )
    return rows


def _time_at(flight: Flight, lat: float, lon: float) -> float:
    """Seconds of the flight at which it passes a point of its own line; the first time if it does so often."""
    profile = flight.profile
    near = geodesy.distance(profile.lat, profile.lon, lat, lon)
    reach = np.append(np.diff(profile.along_m), 0.0)
    # the point lies in the row interval whose ends are together as far from it as they are apart
    beyond = near[:-1] + near[1:] - reach[:-1]
    k = int(np.argmin(np.round(beyond, 0)))
    share = near[k] / max(near[k] + near[k + 1], 1e-9)
    return float(profile.time_s[k] + share * (profile.time_s[k + 1] - profile.time_s[k]))


def optimality(
    leads: Sequence[LeadPlan], flights: Sequence[Flight], assignment: Assignment | None
) -> dict[str, Any]:
    """How near the plan is to the best there is: route, sorties, fuel bought, each with its bound.

    The fuel bought is what the receivers take off with and the tankers do not bring home. The ladder's own
    figure is that of its cruise tables, which the flown plan follows within its corrections.
    """
    lead = leads[0]
    refuelled = [each for each in leads if each.candidates]
    found: dict[str, Any] = {
        "tanker_sorties": sum(
            flight.count for flight in flights if flight.role == "tanker" and "spare_of" not in flight.more
        ),
        "tanker_sorties_bound": sum(each.sorties_bound for each in leads),
        "route_nm": round(lead.way.route_m / NAUTICAL_MILE, 3),
        "route_bound_nm": round(lead.way.bound_m / NAUTICAL_MILE - 0.0005, 3),
    }
    if refuelled:
        taken = {"lead": 0.0, "tanker": 0.0}
        for flight in flights:
            profile = flight.profile
            if flight.role == "lead":
                taken["lead"] += flight.count * float(profile.fuel_kg[0])
            elif flight.role == "tanker":
                taken["tanker"] += flight.count * float(profile.fuel_kg[0] - profile.fuel_kg[-1])
        found["fuel_bought_kg"] = round(sum(taken.values()), 1)
    # What a team burns is no straight line in what it gives, so no least is proved where one takes part.
    # Nor of a cell of several types, whose ladder is that of one of them with the weight of all.
    whole = not any(each.others or contact.team for each in refuelled for contact in each.contacts)
    if refuelled and whole:
        bought = sum(each.chosen.bought_kg for each in refuelled)
        bound = sum(each.chosen.bound_kg for each in refuelled)
        found |= {
            "ladder_fuel_kg": round(bought, 1),
            "ladder_fuel_bound_kg": round(bound - 0.05, 1),
            "ladder_gap_pct": round(100.0 * max(0.0, bought - bound) / bought, 4) if bought else 0.0,
            "ladder_cell_kg": round(max(each.chosen.cell_kg for each in refuelled), 3),
            "candidates": sum(each.candidates for each in refuelled),
            "settled": all(each.settled for each in refuelled),
        }
    if assignment is not None and assignment.columns:
        found["assignment"] = {
            "columns": assignment.columns,
            "sorties": assignment.sorties,
            "sorties_bound": assignment.bound,
            "burn_kg": round(assignment.burn_kg, 1),
            "burn_bound_kg": round(assignment.burn_bound_kg - 0.05, 1),
            "rounds": assignment.rounds,
        }
        found["tanker_sorties_bound"] = min(found["tanker_sorties_bound"], found["tanker_sorties"])
    return found


def overflight_rows(flights: Sequence[Flight], clock: Clock) -> list[dict[str, Any]]:
    """Every national airspace entered, flight by flight."""
    return [
        {
            "flight": flight.id,
            "state": state,
            "enter_utc": clock.text(flight.takeoff_s + enter),
            "leave_utc": clock.text(flight.takeoff_s + leave),
        }
        for flight in flights
        for state, enter, leave in overflown_intervals(flight.profile)
    ]


def light_rows(flights: Sequence[Flight], clock: Clock) -> list[dict[str, Any]]:
    """Day, twilight and night along each lead's and partner's track."""
    rows = []
    for flight in flights:
        if flight.role == "tanker":
            continue
        profile = flight.profile
        when = clock.zero.timestamp() + np.rint(flight.takeoff_s + profile.time_s)
        light = sun.light(sun.elevation(when, profile.lat, profile.lon), profile.altitude_m)
        kinds = [LIGHT_WORDS[k] for k in light.tolist()]
        for spell in timeline.spells((flight.takeoff_s + profile.time_s).tolist(), kinds):
            rows.append(
                {
                    "flight": flight.id,
                    "kind": spell.kind,
                    "start_utc": clock.text(spell.start_s),
                    "end_utc": clock.text(spell.end_s),
                }
            )
    return rows


def crew_rows(mission: Mission, flights: Sequence[Flight], clock: Clock) -> list[dict[str, Any]]:
    """The crew day of every flight."""
    crew = mission.crew
    return [
        {
            "flight": flight.id,
            "report_utc": clock.text(flight.takeoff_s - crew.report_before_s),
            "release_utc": clock.text(flight.landing_s + crew.release_after_s),
            "duty_s": round(flight.profile.duration_s + crew.report_before_s + crew.release_after_s),
        }
        for flight in flights
    ]


def joins_document(joins: Iterable[Join], clock: Clock) -> list[dict[str, Any]]:
    """The join-ups of the contract."""
    return [
        {
            "flight": join.flight,
            "with": join.lead,
            "join_utc": clock.text(join.join_s),
            "leave_utc": clock.text(join.leave_s),
            "join": {"lat": round(join.join[0], 6), "lon": _longitude(join.join[1])},
            "leave": {"lat": round(join.leave[0], 6), "lon": _longitude(join.leave[1])},
        }
        for join in joins
    ]


def shell(
    mission: Mission, closures_geojson: dict[str, Any], warnings: Sequence[str], field: WindField
) -> dict[str, Any]:
    """The document with everything that does not depend on a solution."""
    identity = airspace.pack_identity()
    return {
        "schema": PLAN_SCHEMA,
        "status": "infeasible",
        "longreach_version": __version__,
        "seed": mission.seed,
        "mission": {"name": mission.name, "file_sha256": mission.sha256, "text": mission.text},
        "closures": closures_geojson,
        "assumptions": [
            *mission.assumptions,
            *assumed(mission),
            *(ASSUMED if mission.tankers else []),
            *(["Partners take off with full tanks."] if mission.partners else []),
            *(["Later flights take off with the first."] if mission.flights[1:] else []),
        ],
        "warnings": list(warnings),
        "data": {
            "airspace": {
                "name": identity.name,
                "version": identity.version,
                "sha256": identity.sha256,
                "borders": airspace.border_statement(mission.airspace.atlas),
            },
            "aircraft": {},
            "winds": winds_document(mission, field),
            "airports": {},
            "sources": [airspace.border_statement(mission.airspace.atlas), f"airports: {airports.SOURCE}"],
        },
        "flights": [],
        "station": None,
        "refuellings": [],
        "joins": [],
        "overflight": [],
        "airspace": [],
        "optimality": None,
        "checks": [],
        "shortfalls": [],
        "crew": [],
        "light": [],
        "guard": [],
        "limits": LIMITS,
    }


def place_document(place: Place) -> dict[str, Any]:
    """A field of data.airports."""
    return {
        "name": place.name,
        "lat": place.lat,
        "lon": place.lon,
        "elevation_ft": round(place.elevation_m / FOOT, 1),
        "country": place.country,
        "tz": place.tz,
        "runway_ft": None if place.runway_m is None else round(place.runway_m / FOOT),
    }


def guard_rows(lead: LeadPlan, clock: Clock) -> list[dict[str, Any]]:
    """Fuel required along the lead's flight: what must be on board to reach the best field and hold there.

    Of moments within one second the tighter counts: the end of a contact, as if it had given nothing.
    """
    rows: dict[str, dict[str, Any]] = {}
    spare: dict[str, float] = {}
    found = zip(lead.guard_s, lead.guard_fuel_kg, lead.guard_needed_kg, lead.guard_base, strict=True)
    for when, fuel, need, base in found:
        stamp = clock.text(when)
        if not np.isfinite(need) or spare.get(stamp, np.inf) <= fuel - need:
            continue
        spare[stamp] = float(fuel - need)
        rows[stamp] = {
            "flight": lead.flight.id,
            "time_utc": stamp,
            "required_kg": round(float(need), 1),
            "base": base,
        }
    return list(rows.values())


def shortfall_rows(shortfalls: Iterable[Shortfall]) -> list[dict[str, Any]]:
    return [shortfall.document() for shortfall in shortfalls]
