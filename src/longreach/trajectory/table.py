"""What an aircraft burns in level flight, as a table the optimisers read: (mass, level, Mach) -> kg/s.

Any source of fuel flows can fill one; `of_aircraft` does it from the types of the catalogue. Combinations
that may not be flown (ceiling, buffet, thrust with 300 ft/min of climb in hand) are NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from longreach.errors import FuelError
from longreach.fuel import performance
from longreach.geodesy import Floats
from longreach.world.aircraft import Aircraft
from longreach.world.atmosphere import mach_from_cas

MASSES = 241  # fine, because a level is left out from the last mass on at which it can be held
LIGHTEST = 0.6  # of the operating empty mass: so that a flight short of fuel can say by how much
MACH_STEP = 0.005
SLOWEST = 0.18  # below the cruise Mach number, where the range of Mach numbers begins
SLOWEST_LOW = 0.35  # where it begins on short flights, at low levels
FASTEST_CAS = 1.1  # of the climb's calibrated airspeed: the most flown; stands in for a V_MO, our assumption


@dataclass(frozen=True, slots=True)
class Table:
    """Fuel flow of level flight.

    mass_kg (m,), level_m (l,), mach (k,) : ascending, evenly spaced but for the levels
    flow (m, l, k) kg/s, NaN where it may not be flown; speed (l, k) true airspeed in ISA [m/s]
    lift : fuel that lifting a kg by a metre costs beyond level flight [kg]
    """

    mass_kg: Floats
    level_m: Floats
    mach: Floats
    flow: Floats
    speed: Floats
    lift: float

    def at_levels(self, wanted: Any) -> Table:
        """The same table with only the levels whose indices are given."""
        return Table(
            self.mass_kg,
            np.ascontiguousarray(self.level_m[wanted]),
            self.mach,
            np.ascontiguousarray(self.flow[:, wanted]),
            np.ascontiguousarray(self.speed[wanted]),
            self.lift,
        )

    def at_machs(self, wanted: Any) -> Table:
        """The same table with only the Mach numbers whose indices are given."""
        return Table(
            self.mass_kg,
            self.level_m,
            np.ascontiguousarray(self.mach[wanted]),
            np.ascontiguousarray(self.flow[:, :, wanted]),
            np.ascontiguousarray(self.speed[:, wanted]),
            self.lift,
        )


def mach_range(aircraft: Aircraft, *, low: bool = False) -> Floats:
    """Mach numbers considered: 0.18 below the cruise Mach up to drag divergence; hourly types: cruise alone.

    low : from M0.35 on, for low levels
    """
    if aircraft.kind == "hourly" or aircraft.mach_drag_divergence is None:
        return np.array([aircraft.cruise_mach])
    least = SLOWEST_LOW if low else max(SLOWEST_LOW, aircraft.cruise_mach - SLOWEST)
    most = max(aircraft.mach_drag_divergence, aircraft.cruise_mach)
    return float(least) + MACH_STEP * np.arange(round((most - least) / MACH_STEP) + 1, dtype=float)


def of_aircraft(
    aircraft: Aircraft,
    level_m: Floats,
    *,
    mach: float | None = None,
    low: bool = False,
    factor: float | None = None,
) -> Table:
    """Table of a type of the catalogue at the levels given [m].

    mach : this Mach number alone; low : see `mach_range`. Raises: FuelError for a type without a model or a Mach out of range.
    """
    from longreach.fuel import _kernels as fuel_kernels
    from longreach.trajectory._flight_kernels import flow_table

    a = performance.parameters(aircraft, factor)
    if mach is not None:
        performance.check_mach(aircraft, mach)
        numbers = np.array([float(mach)])
    else:
        numbers = mach_range(aircraft, low=low)
    mass = np.linspace(
        LIGHTEST * aircraft.operating_empty_mass_kg, 1.002 * aircraft.max_inflight_mass_kg, MASSES
    )
    flow, speed = flow_table(a, mass, np.ascontiguousarray(level_m, float), numbers, True)
    if aircraft.climb_cas_mps is not None:
        fastest = mach_from_cas(FASTEST_CAS * aircraft.climb_cas_mps, np.asarray(level_m, float))
        flow[:, numbers[None, :] > fastest[:, None] + 1e-9] = np.nan
    if not np.isfinite(flow).any():
        raise FuelError(f"{aircraft.code}: no level of those given can be held at any mass")
    if aircraft.kind == "hourly":
        lift = 0.0
    else:
        tsfc = float(fuel_kernels.tsfc(a, 220.0, aircraft.cruise_mach))
        lift = tsfc * fuel_kernels.G / (aircraft.cruise_mach * 297.0)
    return Table(mass, np.array(level_m, float), numbers, flow, speed, lift)
