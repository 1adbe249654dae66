"""Several aircraft as one flight: cells in trail, stacked downward, each with a burn of its own.

A wingman burns more than the leader by what keeping station takes, and by flying below the leader's level.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from longreach.errors import FuelError
from longreach.fuel import performance
from longreach.mission.model import LeadFlight
from longreach.world.aircraft import Aircraft
from longreach.world.atmosphere import speed_of_sound

SHARES = (0.25, 0.5, 0.75)  # of the way from empty to the greatest mass, at which a lower level is priced


@dataclass(frozen=True, slots=True)
class Place:
    """One aircraft's place: which cell, how far behind the first aircraft and below its level, and its burn.

    burn : times the leader's
    """

    position: int
    cell: int
    behind_m: float
    below_m: float
    burn: float


def places(kind: Aircraft, flight: LeadFlight) -> tuple[Place, ...]:
    """Every aircraft's place in a flight's formation, the leader first; of a member of a cell behind those ahead of it."""
    formation = flight.formation
    assert formation is not None
    found, behind = [], 0.0
    for k in range(flight.ahead + flight.count):
        cell, within = divmod(k, formation.cell)
        if k:
            behind += formation.spacing_m if within else formation.cell_spacing_m
        if k < flight.ahead:
            continue
        below = within * formation.step_m
        burn = 1.0 if k == 0 else (1.0 + formation.station_keeping) * lower(kind, flight, below)
        found.append(Place(k + 1, cell + 1, behind, below, burn))
    return tuple(found)


def lower(kind: Aircraft, flight: LeadFlight, below_m: float) -> float:
    """Fuel flow so far below the best level over that at it, airspeed the same; the most at three masses, >= 1.

    1 for types that burn by the hour: their figures know no level.
    """
    if below_m <= 0.0 or kind.kind == "hourly":
        return 1.0
    worst = 1.0
    low, high = kind.operating_empty_mass_kg, kind.max_inflight_mass_kg
    mach = kind.cruise_mach if flight.mach is None else flight.mach
    for share in SHARES:
        mass = low + share * (high - low)
        try:
            level = performance.best_level(kind, mass, mach, flight.ceiling_m)
            slower = mach * float(speed_of_sound(level)) / float(speed_of_sound(level - below_m))
            at = performance.fuel_flow(kind, mass, level, mach)
            worst = max(worst, performance.fuel_flow(kind, mass, level - below_m, slower) / at)
        except FuelError:
            continue  # that heavy it holds no level
    return worst


def thirstiest(kind: Aircraft, flight: LeadFlight) -> Aircraft:
    """The type as the aircraft of the formation that burns the most flies it."""
    if flight.formation is None:
        return kind
    most = max(place.burn for place in places(kind, flight))
    return replace(kind, planning_factor=kind.planning_factor * most)
