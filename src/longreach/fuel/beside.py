"""What an aircraft burns that keeps beside another: in its rows, by its own fuel model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from longreach.errors import FuelError
from longreach.fuel import performance
from longreach.fuel._beside_kernels import beside
from longreach.fuel.profile import PHASES, Failure, Profile
from longreach.fuel.refuelling import Pairing, pair
from longreach.geodesy import Floats
from longreach.units import FOOT, MINUTE
from longreach.world.aircraft import Aircraft
from longreach.world.atmosphere import speed_of_sound

CHANGE = 2 * MINUTE  # from one group of a cell to the next at the tanker, within a contact
CLIMB = PHASES.index("climb")
SHORT = 20.0  # s: events are moved to whole seconds, so that a stretch so short says nothing of thrust


@dataclass(frozen=True, slots=True)
class Take:
    """Fuel taken on evenly from one moment to another [s, kg per aircraft]."""

    from_s: float
    to_s: float
    onload_kg: float


@dataclass(frozen=True, slots=True)
class Beside:
    """The flight in another's rows, and the most it asks of what the type has.

    level, climb : thrust on the level and in climbs, lift: over what there is; more than 1 cannot be flown
    above_m : metres over its ceiling, 0 if none
    """

    profile: Profile
    level: float
    climb: float
    lift: float
    above_m: float


def fly_beside(
    aircraft: Aircraft,
    lead: Profile,
    deviation_k: Floats,
    takeoff_mass_kg: float,
    zero_fuel_mass_kg: float,
    takes: tuple[Take, ...] = (),
    keeps: np.ndarray | None = None,
) -> Beside:
    """Fly `aircraft` in every row of `lead`, at its levels, airspeeds and times.

    deviation_k : (n,) temperature over the standard's at the rows
    keeps : (n,) bool, rows that are another's, where thrust and lift are looked at; default all
    Tanks, masses and fuel that do not do come back as the profile's failure.
    """
    taken = np.zeros(lead.time_s.size)
    for take in takes:
        share = np.clip((lead.time_s - take.from_s) / max(take.to_s - take.from_s, 1.0), 0.0, 1.0)
        taken += take.onload_kg * share
    mass, burnt, thrust, lift = beside(
        performance.parameters(aircraft),
        lead.time_s,
        lead.altitude_m,
        lead.tas_mps,
        np.ascontiguousarray(deviation_k),
        lead.phase,
        taken,
        float(takeoff_mass_kg),
    )
    step = np.append(np.diff(lead.time_s), 0.0)
    climbing = lead.phase == CLIMB
    level = np.append(np.abs(np.diff(lead.altitude_m)) < 1.0, False)
    # where a climb ends speed is gathered at once: its last stretch says nothing of thrust
    ends = np.append(lead.phase[1:] != CLIMB, True)
    long = (step >= SHORT) & (True if keeps is None else keeps)
    fuel = mass - zero_fuel_mass_kg
    for array in (mass, burnt, fuel):
        array.setflags(write=False)
    profile = replace(
        lead,
        mass_kg=mass,
        fuel_kg=fuel,
        burnt_kg=burnt,
        takeoff_kg=float(takeoff_mass_kg),
        landing_kg=float(mass[-1]),
        zero_fuel_kg=float(zero_fuel_mass_kg),
        burn_kg=float(burnt[-1]),
        onload_kg=float(taken[-1]),
        offload_kg=0.0,
        least_fuel_kg=float(fuel.min()),
        factor=aircraft.planning_factor,
        failure=None,
    )
    return Beside(
        replace(profile, failure=_failure(aircraft, profile)),
        float(thrust[long & level].max(initial=0.0)),
        float(thrust[long & climbing & ~ends].max(initial=0.0)),
        float(lift[long & level].max(initial=0.0)),
        max(0.0, float(lead.altitude_m.max()) - aircraft.ceiling_m),
    )


def _failure(aircraft: Aircraft, profile: Profile) -> Failure | None:
    """The first limit of fuel or mass that is broken, if any."""
    mass, fuel = profile.mass_kg, profile.fuel_kg
    limits = (
        ("mass", "over the greatest take-off mass", mass[:1] - aircraft.max_takeoff_mass_kg),
        ("tank", "tanks overfilled", fuel - aircraft.max_fuel_kg),
        ("mass", "over the greatest mass in flight", mass - aircraft.max_inflight_mass_kg),
        ("fuel", "fuel runs out", -fuel),
    )
    found = [
        (int(np.argmax(over > 1.0)), code, what, float(over.max()))
        for code, what, over in limits
        if (over > 1.0).any()
    ]
    if not found:
        return None
    row, code, what, by = min(found)
    return Failure(
        code, what, float(profile.lat[row]), float(profile.lon[row]), float(profile.along_m[row]),
        float(profile.time_s[row]), by, "kg", int(profile.segment[row]),
    )  # fmt: skip


def pair_cell(receivers: list[tuple[Aircraft, float]], tanker: Aircraft) -> Pairing | str:
    """The pairing of the first receiver at a Mach and level that every other, at its mass [kg], holds too.

    Or why there is none. Alone it is `refuelling.pair`.
    """
    found = [pair(kind, tanker, mass) for kind, mass in receivers]
    first = found[0]
    for each in found:
        if isinstance(each, str):
            return each
    pairings = [each for each in found if isinstance(each, Pairing)]
    assert isinstance(first, Pairing)
    mach, level = min(each.mach for each in pairings), min(each.altitude_m for each in pairings)
    if len(receivers) == 1:
        return first
    for kind, mass in receivers:
        low = max(kind.refuelling.level_low_m or 0.0, tanker.refuelling.level_low_m or 0.0)
        try:
            top = performance.highest_level(kind, mass, mach)
        except FuelError as error:
            return str(error)
        if level < low - 1.0 or level > top:
            least = min(zip(pairings, receivers, strict=True), key=lambda each: each[0].altitude_m)[1][0]
            why = f"below FL{low / FOOT / 100:.0f}" if level < low else f"above FL{top / FOOT / 100:.0f}"
            return (
                f"no level suits all of the cell at M{mach:.2f}: {least.code} takes fuel at FL{level / FOOT / 100:.0f} "
                f"at most, {kind.code} none {why}"
            )
    return Pairing(mach, level, mach * float(speed_of_sound(level)), first.rate_kgps)
