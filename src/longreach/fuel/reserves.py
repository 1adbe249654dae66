"""Reserves and the fuel to get away: final reserve, contingency, and what a diversion takes.

Definitions after ICAO Annex 6 Part I, 4.3.6: contingency fuel is a share of trip fuel; final reserve
fuel is holding at 1,500 ft above the field at landing mass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from longreach.errors import FuelError
from longreach.fuel import _kernels as kernels
from longreach.fuel import performance
from longreach.fuel.burn import CruiseTable
from longreach.units import FOOT
from longreach.world.aircraft import Aircraft

Floats = np.ndarray[Any, np.dtype[np.float64]]

HOLDING_HEIGHT = 1500.0 * FOOT  # m above the field


@dataclass(frozen=True, slots=True)
class Reserve:
    """What must be left: `final_s` of holding at 1,500 ft, and `contingency` (0.05 is 5 %) of trip fuel."""

    final_s: float
    contingency: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.final_s <= 6 * 3600.0:
            raise FuelError(f"final reserve of {self.final_s:g} s is outside 0 to 6 h")
        if not 0.0 <= self.contingency <= 1.0:
            raise FuelError(f"contingency of {self.contingency:g} is outside 0 to 1 (0.05 is 5 %)")


@lru_cache(maxsize=64)
def _holding_table(parameters: bytes, altitude_m: float) -> tuple[Floats, Floats]:
    a = np.frombuffer(parameters)
    mass = np.linspace(a[kernels.M_MIN], a[kernels.M_MAX], 200)
    flow = kernels.hold_flow_many(a, mass, altitude_m)
    for array in (mass, flow):
        array.setflags(write=False)
    return mass, flow


def final_reserve(
    aircraft: Aircraft,
    landing_mass_kg: ArrayLike,
    seconds: float,
    elevation_m: float = 0.0,
    factor: float | None = None,
) -> Floats:
    """Fuel [kg] to hold for `seconds` at 1,500 ft above the field at `landing_mass_kg`; broadcasts.

    The landing mass is taken as constant, which asks for slightly more than is burnt. NaN outside the
    operating empty to the greatest in-flight mass.
    """
    a = performance.parameters(aircraft, factor)
    mass, flow = _holding_table(a.tobytes(), round(elevation_m + HOLDING_HEIGHT, 1))
    return np.interp(np.asarray(landing_mass_kg, float), mass, flow, left=np.nan, right=np.nan) * seconds


def climb_fuel(table: CruiseTable, mass_kg: ArrayLike, altitude_m: ArrayLike) -> Floats:
    """Fuel [kg] to lift the aircraft from a level to its best level, over what level cruise costs.

    The work m g dh done at the cruise TSFC and speed; 0 where it is already as high.
    """
    mass = np.asarray(mass_kg, float)
    if table.aircraft.kind == "hourly":
        return np.zeros(np.broadcast_shapes(mass.shape, np.shape(altitude_m)))
    rise = np.maximum(table.level(mass) - np.asarray(altitude_m, float), 0.0)
    a = table.parameters
    tsfc = float(kernels.tsfc(a, 220.0, table.mach))
    speed = table.mach * 297.0
    return tsfc * mass * kernels.G * rise / speed


def fuel_to_divert(
    table: CruiseTable,
    mass_kg: ArrayLike,
    altitude_m: ArrayLike,
    distance_m: ArrayLike,
    reserve: Reserve,
    elevation_m: float = 0.0,
) -> Floats:
    """Fuel [kg] needed on board at `mass_kg` to fly a still-air distance, land, and keep the reserve.

    Climb to the best level, cruise overhead, contingency on that, final reserve at the mass then left. The
    descent is reckoned as cruise, a few hundred kg more than it burns. All arguments broadcast.

    NaN where the distance cannot be flown down to the operating empty mass. In a wind, pass
    distance x TAS / ground speed.
    """
    mass = np.asarray(mass_kg, float)
    climb = climb_fuel(table, mass, altitude_m)
    after = table.mass_after(mass - climb, distance_m)
    trip = mass - after
    return trip * (1.0 + reserve.contingency) + final_reserve(
        table.aircraft, after, reserve.final_s, elevation_m, table.factor
    )


def reachable_distance(
    table: CruiseTable,
    mass_kg: float,
    fuel_kg: float,
    altitude_m: float,
    reserve: Reserve,
    elevation_m: float = 0.0,
) -> float:
    """Longest still-air distance [m] a diversion can have with `fuel_kg` on board; 0 where not even 0 m.

    Inverse of `fuel_to_divert`, by bisection to 1 m.
    """
    floor = float(table.mass_kg[0])

    def short(distance: float) -> bool:
        need = float(fuel_to_divert(table, mass_kg, altitude_m, distance, reserve, elevation_m))
        return math.isnan(need) or need > fuel_kg

    if short(0.0):
        return 0.0
    low, high = 0.0, float(table.distance(mass_kg, floor))
    if math.isnan(high):
        raise FuelError(f"{table.aircraft.code}: no level can be held at {mass_kg:,.0f} kg")
    while high - low > 1.0:
        middle = 0.5 * (low + high)
        if short(middle):
            high = middle
        else:
            low = middle
    return low
