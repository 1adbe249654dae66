"""What a type can do at most: speed, range and endurance, as bounds for a flight somebody else flew.

A claim is only contradicted beyond these, so they err on the fast and far side, and say by how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from longreach.errors import LongreachError
from longreach.units import KNOT, NAUTICAL_MILE
from longreach.world import aircraft as catalogue
from longreach.world.aircraft import Aircraft

SPEED_OF_SOUND_ALOFT = 295.07  # m/s, ISA above 11 km
FASTER_MACH = 0.03  # over the published cruise, for a whole flight: jets are rarely kept faster for hours
SLOWEST_SHARE = 0.8  # of cruise speed: below it an aircraft flies no farther, and rarely longer


@dataclass(frozen=True, slots=True)
class Envelope:
    """Bounds of one type; None where the catalogue has no trustworthy model of it ("not judged: no data").

    cruise_mps, fastest_mps : true airspeed published for cruise, and the most taken to be kept for hours
    range_m : still-air distance from full tanks to none, burn at the low end of its band, no payload
    endurance_s : the same in time, at the speed that burns least per hour
    takes_fuel : can be refuelled in the air
    judged, note : whether it is, and what the bounds stand on
    """

    code: str
    name: str
    cruise_mps: float | None
    fastest_mps: float | None
    range_m: float | None
    endurance_s: float | None
    takes_fuel: bool
    judged: bool
    max_fuel_kg: float | None
    max_payload_kg: float | None
    band_pct: float | None
    note: str


@lru_cache(maxsize=64)
def of(code: str) -> Envelope:
    """The envelope of a type by its name; one that says "not judged" for a name that is unknown or has no model."""
    if not code:
        return _unknown("", "", "the aircraft is not stated")
    try:
        type_ = catalogue.load(code)
    except LongreachError:
        return _unknown(code, code, f"not judged: no data on {code}")
    if not type_.judged or type_.kind == "none":
        return _unknown(type_.code, type_.name, f"not judged: no data ({type_.reason})", type_)
    fastest = (type_.cruise_mach + FASTER_MACH) * SPEED_OF_SOUND_ALOFT
    cruise = type_.cruise_mach * SPEED_OF_SOUND_ALOFT
    distance, time = _reach(type_)
    note = (
        f"{type_.code}: cruise Mach {type_.cruise_mach:g} ({cruise / KNOT:.0f} kt), at most {fastest / KNOT:.0f} kt for hours; "
        f"{distance / NAUTICAL_MILE:,.0f} nm in still air from full tanks to none, burn {type_.band_pct:g} % below the reckoning"
    )
    return Envelope(
        type_.code, type_.name, cruise, fastest, distance, time, type_.refuelling.receives is not None, True,
        type_.max_fuel_kg, type_.max_takeoff_mass_kg - type_.operating_empty_mass_kg, type_.band_pct, note,
    )  # fmt: skip


def _unknown(code: str, name: str, note: str, type_: Aircraft | None = None) -> Envelope:
    """No bounds; a type the catalogue knows without a model still says whether it can be refuelled."""
    takes = type_ is None or type_.refuelling.receives is not None
    return Envelope(code, name, None, None, None, None, takes, False, None, None, None, note)


def _reach(type_: Aircraft) -> tuple[float, float]:
    """Still-air distance [m] and time [s] from the fullest tanks to empty ones.

    The planning factor stands for what slows usual flights; a bound leaves it out. The burn is taken at the low
    end of its 95 % band.
    """
    low = 1.0 - type_.band_pct / 100.0
    fuel = min(type_.max_fuel_kg, type_.max_inflight_mass_kg - type_.operating_empty_mass_kg)
    full = type_.operating_empty_mass_kg + fuel
    if type_.kind == "hourly":
        assert type_.cruise_burn is not None
        slow = min(type_.cruise_burn, type_.hold_burn or type_.cruise_burn)
        cruise = type_.cruise_mach * SPEED_OF_SOUND_ALOFT
        return fuel / (type_.cruise_burn * low) * cruise, fuel / (slow * low)
    from longreach.fuel.burn import CruiseTable

    table = CruiseTable(type_, factor=1.0)
    heavy = min(full, table.heaviest_kg)
    distance = float(table.distance(heavy, type_.operating_empty_mass_kg)) / low
    masses = np.linspace(type_.operating_empty_mass_kg, heavy, 24)
    flows = np.array([_least_flow(type_, float(mass)) for mass in masses])
    time = float(np.trapezoid(1.0 / flows, masses)) / low
    return distance * full / heavy if heavy < full else distance, max(
        time, distance / (type_.cruise_mach * SPEED_OF_SOUND_ALOFT)
    )


def _least_flow(type_: Aircraft, mass: float) -> float:
    """The least fuel flow [kg/s] with which the type stays up at a mass, at the better of three levels."""
    from longreach.errors import FuelError
    from longreach.fuel.performance import holding_flow

    flows = []
    for level in (3000.0, 6000.0, 9000.0):
        try:
            flows.append(holding_flow(type_, mass, level, 1.0))
        except FuelError:
            continue
    return min(flows)
