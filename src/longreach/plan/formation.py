"""A formation told aircraft by aircraft, and the air spares that fly with it as far as a named point.

The flight is planned as the aircraft that burns the most (`fuel.formation`). The others leave each contact with
the same fuel as it does, having taken on less by what they saved.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach import geodesy, route
from longreach.fuel.formation import places
from longreach.fuel.profile import Segment, fly
from longreach.mission.model import Mission
from longreach.plan.flights import Flight, Vertex, turns
from longreach.plan.geometry import Detached
from longreach.plan.lead import LeadPlan, doubt_z, relative_sigma
from longreach.plan.shortfall import Shortfall
from longreach.route import Prepared
from longreach.units import FOOT, NAUTICAL_MILE

if TYPE_CHECKING:
    from longreach.plan.assemble import Clock

CLEAR = 150.0 * NAUTICAL_MILE  # from where spares turn back to the first contact: they are not refuelled


def told(mission: Mission, lead: LeadPlan, flight: Flight, clock: Clock) -> Flight:
    """A lead flight with its formation, and the cell it belongs to, in the document, where it has them."""
    more = flight.more
    if lead.flight.cell_of:
        more = more | {"cell_of": lead.flight.cell_of}
    if lead.way.detached is not None:
        more = more | {"detached": detached_document(lead, lead.way.detached, clock)}
    if lead.flight.members:
        assert lead.flight.mach is not None
        more = more | {
            "cell": {
                "members": [each.id for each in lead.flight.members],
                "mach": round(lead.flight.mach, 3),
                "paced_by": lead.keeps_to or lead.flight.id,
            }
        }
    if lead.flight.formation is not None:
        more = more | {"formation": formation_document(mission, lead)}
    return replace(flight, more=more)


def detached_document(lead: LeadPlan, detached: Detached, clock: Clock) -> dict[str, Any]:
    """The `detached` of a flight in the document: where and when it leaves its cell, and is back."""

    def point(name: str, moment: float) -> dict[str, Any]:
        row = int(np.argmin(np.abs(lead.profile.time_s - moment)))
        lat, lon = float(lead.profile.lat[row]), float(geodesy.wrap_longitude(lead.profile.lon[row]))
        return {"name": name, "time_utc": clock.text(moment), "lat": round(lat, 6), "lon": round(lon, 6)}

    return {
        "leave": point(detached.leave, detached.leave_s),
        "rejoin": None if detached.rejoin_s is None else point(detached.rejoin, detached.rejoin_s),
        "hold_s": round(detached.hold_s),
    }


def formation_document(mission: Mission, lead: LeadPlan) -> dict[str, Any]:
    """The `formation` of a flight in the document: where each aircraft flies, and its own fuel."""
    flight = lead.flight
    assert flight.formation is not None
    found = places(mission.aircraft(flight.aircraft), flight)
    most = max(place.burn for place in found)
    profile = lead.profile
    ends = [0.0, *(contact.end_s for contact in lead.contacts), profile.duration_s]
    burnt = np.diff(np.interp(ends, profile.time_s, profile.burnt_kg))
    takeoff = profile.takeoff_kg - profile.zero_fuel_kg
    landing = profile.landing_kg - profile.zero_fuel_kg
    rows = []
    for place in found:
        saved = burnt * (1.0 - place.burn / most)
        rows.append(
            {
                "position": place.position,
                "cell": place.cell,
                "behind_nm": round(place.behind_m / NAUTICAL_MILE, 2),
                "below_ft": round(place.below_m / FOOT),
                "burn_factor": round(place.burn, 4),
                "takeoff_kg": round(takeoff, 1),
                "onload_kg": round(profile.onload_kg - float(saved[:-1].sum()), 1),
                "burn_kg": round(profile.burn_kg - float(saved.sum()), 1),
                "landing_kg": round(landing + float(saved[-1]), 1),
            }
        )
    return {
        "cells": found[-1].cell,
        "length_nm": round(found[-1].behind_m / NAUTICAL_MILE, 2),
        "depth_ft": round(max(place.below_m for place in found) / FOOT),
        "station_keeping_pct": round(100.0 * flight.formation.station_keeping, 2),
        "burn_factor": round(most, 4),
        "aircraft": rows,
    }


# -- air spares ---------------------------------------------------------------------------------------


def spare_flight(mission: Mission, lead: LeadPlan, prepared: Prepared) -> Flight | Shortfall:
    """The spares of a lead flight: with it from take-off to a named point, and home again by a lawful way."""
    flight, kind, line = lead.flight, lead.aircraft, lead.way.line
    assert flight.air_spares is not None
    id = f"{flight.id}-spare"
    marks = [mark for mark in lead.way.marks if mark.kind == "via"]
    named = [mark for mark in marks if mark.name == flight.air_spares.until]
    place = mission.flights.index(flight)
    key = f"flights.{place}.air_spares.until"
    at = named[0].along_m

    def earlier(what: str, where: str, by: float, unit: str, most_m: float) -> Shortfall:
        before = [mark.name for mark in marks if mark.along_m < most_m - 1.0 and mark.along_m < at]
        return Shortfall(
            f"flight {id}: {what}", where, by, unit,
            key if before else None, before[-1] if before else None,
            f"turn back at {before[-1]}" if before else "let the spares turn back at a via point nearer to the start",
        )  # fmt: skip

    if lead.contacts and at > lead.contacts[0].start_m - CLEAR:
        lacking = at - (lead.contacts[0].start_m - CLEAR)
        what = (
            f"turns back at {flight.air_spares.until}, which lies too near to the first contact or beyond it"
        )
        return earlier(what, flight.air_spares.until, lacking / NAUTICAL_MILE, "nm", at - lacking)
    lat, lon = line.between(0.0, at)
    home = route.shortest(prepared, (float(lat[-1]), float(lon[-1])), (flight.origin.lat, flight.origin.lon))
    if not home.feasible:
        return Shortfall.of_route(home.shortfalls[0], id)
    mach = lead.table.mach
    flown = fly(
        kind,
        [Segment(lat, lon, "cruise", mach), Segment(home.lat, home.lon, "cruise", mach)],
        lead.profile.takeoff_kg,
        zero_fuel_mass_kg=lead.profile.zero_fuel_kg,
        origin_elevation_m=flight.origin.elevation_m,
        destination_elevation_m=flight.origin.elevation_m,
        aloft=lead.aloft,
        ceiling_m=flight.ceiling_m,
    )
    if flown.failure is not None:
        where = f"{flown.failure.lat:.3f},{flown.failure.lon:.3f}"
        return earlier(flown.failure.what, where, flown.failure.by, flown.failure.unit, at)
    tas = float(np.median(lead.table.tas_mps))
    doubt = max(doubt_z(mission) * relative_sigma(kind, mission, tas), mission.reserves.contingency)
    left = flown.landing_kg - flown.zero_fuel_kg - lead.reserve_kg
    if left < doubt * flown.burn_kg:
        short = doubt * flown.burn_kg - left
        return earlier("would land with too little fuel", flight.origin.code, short, "kg", at)
    vertices = (
        Vertex(flight.origin.code, flight.origin.lat, flight.origin.lon, "departure"),
        *turns(lat, lon),
        Vertex(flight.air_spares.until, float(lat[-1]), float(lon[-1]), "leave"),
        *turns(home.lat, home.lon),
        Vertex(flight.origin.code, flight.origin.lat, flight.origin.lon, "arrival"),
    )
    return Flight(
        id, "lead", flight.operator, kind, flight.air_spares.count, flight.origin, flight.origin, 0.0, flown,
        vertices, lead.reserve_kg, left, more={"spare_of": flight.id},
    )  # fmt: skip
