"""How tanker and receivers find each other: the points, the orbit and the times of a rendezvous.

The geometry is that of turns of 25 degrees of bank at the refuelling airspeed, both at the control point when the
contact begins. The plan's own line holds at that point: turns are flown on the spot there.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from longreach.plan.lead import Contact, LeadPlan
from longreach.units import NAUTICAL_MILE

G = 9.80665
BANK_DEG = 25.0
INITIAL = 70.0 * NAUTICAL_MILE  # the receivers' initial point before the control point, along their line
TRAIL = 1.0 * NAUTICAL_MILE  # receivers behind the tanker as it rolls out
ANCHOR_LEG = 50.0 * NAUTICAL_MILE


def geometry(kind: str, tas_mps: float) -> dict[str, float]:
    """Offset, turn range and time of the last turn for an airspeed [m, m, s].

    Point parallel: the tanker flies toward the receivers one turn's width beside their track; it turns when the
    range is such that it rolls out `TRAIL` ahead of them. Others: the offset is the width of its orbit.

    >>> {key: round(value) for key, value in geometry("point parallel", 215.0).items()}
    {'offset_m': 20217, 'turn_range_m': 39221, 'turn_s': 148}
    """
    radius = tas_mps**2 / (G * math.tan(math.radians(BANK_DEG)))
    turn_s = math.pi * radius / tas_mps
    along = tas_mps * turn_s + TRAIL
    return {
        "offset_m": 2.0 * radius,
        "turn_range_m": math.hypot(along, 2.0 * radius) if kind == "point parallel" else 0.0,
        "turn_s": turn_s,
    }


def rendezvous(
    kind: str, lead: LeadPlan, contact: Contact, on_station_s: float, clock: Any
) -> dict[str, Any]:
    """The rendezvous of a contact for the plan document.

    on_station_s : when the tanker is at the control point, on the lead's clock
    """
    told = geometry(kind, contact.pairing.tas_mps)
    initial_m = max(0.0, contact.start_m - INITIAL)
    lat, lon, track = lead.way.line.at([contact.start_m, initial_m])
    initial_s = float(np.interp(initial_m, lead.profile.along_m, lead.profile.time_s))
    found: dict[str, Any] = {
        "kind": kind,
        "control_point": _spot(lat[0], lon[0]),
        "control_utc": clock.text(contact.start_s),
        "initial_point": _spot(lat[1], lon[1]),
        "initial_utc": clock.text(initial_s),
        "tanker_utc": clock.text(on_station_s),
        "inbound_deg": round(float(track[0]) % 360.0, 1),
    }
    if kind == "point parallel":
        found |= {
            "offset_nm": round(told["offset_m"] / NAUTICAL_MILE, 1),
            "turn_range_nm": round(told["turn_range_m"] / NAUTICAL_MILE, 1),
            "turn_utc": clock.text(contact.start_s - told["turn_s"]),
        }
    elif kind == "anchor":
        found |= {
            "leg_nm": round(ANCHOR_LEG / NAUTICAL_MILE, 1),
            "width_nm": round(told["offset_m"] / NAUTICAL_MILE, 1),
        }
    return found


def _spot(lat: float, lon: float) -> dict[str, float]:
    return {"lat": round(float(lat), 6), "lon": round((float(lon) + 180.0) % 360.0 - 180.0, 6)}
