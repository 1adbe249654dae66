"""What the aircraft can do at one moment: fuel flow, best level, ceiling, speed to hold at.

`parameters` packs an Aircraft into the flat vector the kernels take. The other functions are checked
wrappers: outside the envelope they raise FuelError naming the limit and the figure.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from longreach.errors import FuelError
from longreach.fuel import _kernels as kernels
from longreach.units import FOOT
from longreach.world.aircraft import Aircraft
from longreach.world.atmosphere import temperature

Floats = np.ndarray[Any, np.dtype[np.float64]]

LEVEL_STEP = 1000.0 * FOOT  # m
_REFERENCE_LEVEL = 35000.0 * FOOT

LIMITS = {
    kernels.BUFFET: ("lift coefficient over the buffet limit", "1"),
    kernels.THRUST_SHORT: ("drag over the thrust there is", "N"),
    kernels.TOO_HIGH: ("above the ceiling", "m"),
}


def parameters(aircraft: Aircraft, factor: float | None = None) -> Floats:
    """Flat float64 vector for the kernels, read-only. `factor` replaces the type's planning factor.

    Raises: FuelError "not judged: no data" for a type without a model, or for a factor outside 0.5 to 2.
    """
    aircraft.require_model()
    factor = aircraft.planning_factor if factor is None else float(factor)
    if not 0.5 <= factor <= 2.0:
        raise FuelError(f"planning factor {factor:g} is outside 0.5 to 2")
    a = np.full(kernels.N_PARAMETERS, math.nan)
    a[kernels.FACTOR] = factor
    a[kernels.LOAD] = aircraft.level_load
    a[kernels.M_REF] = aircraft.cruise_mach
    a[kernels.CEILING] = aircraft.ceiling_m
    a[kernels.M_MIN] = aircraft.operating_empty_mass_kg
    a[kernels.M_MAX] = aircraft.max_inflight_mass_kg
    if aircraft.kind == "hourly":
        a[kernels.KIND] = kernels.HOURLY
        a[kernels.BURN_CRUISE] = aircraft.cruise_burn
        a[kernels.BURN_CLIMB] = aircraft.climb_burn
        a[kernels.BURN_HOLD] = aircraft.hold_burn
        a[kernels.LEVEL] = aircraft.cruise_level_m
        a[kernels.CLIMB_CAS] = 300.0 * kernels.KT
    else:
        a[kernels.KIND] = kernels.POLAR
        a[kernels.S] = aircraft.wing_area_m2
        a[kernels.K] = aircraft.induced
        a[kernels.CD0] = aircraft.drag_zero_lift
        a[kernels.MDD] = aircraft.mach_drag_divergence
        a[kernels.C_REF] = aircraft.tsfc_ref
        a[kernels.T_REF] = float(temperature(_REFERENCE_LEVEL))
        a[kernels.N_EXP] = aircraft.tsfc_mach_exponent
        a[kernels.THRUST] = aircraft.thrust_sea_level
        a[kernels.LAPSE] = aircraft.thrust_lapse
        a[kernels.CL_MAX] = aircraft.lift_limit
        a[kernels.CLIMB_CAS] = aircraft.climb_cas_mps
    a.setflags(write=False)
    return a


def _check_mass(aircraft: Aircraft, mass: float) -> None:
    low, high = 0.999 * aircraft.operating_empty_mass_kg, aircraft.max_inflight_mass_kg + 1.0
    if not low <= mass <= high:
        raise FuelError(
            f"{aircraft.code}: mass {mass:,.0f} kg is outside {aircraft.operating_empty_mass_kg:,.0f} "
            f"(operating empty) to {aircraft.max_inflight_mass_kg:,.0f} kg (most in flight)"
        )


def fuel_flow(
    aircraft: Aircraft,
    mass_kg: float,
    altitude_m: float,
    mach: float | None = None,
    factor: float | None = None,
) -> float:
    """Fuel flow [kg/s] in level flight, all engines, planning factor included.

    Valid: operating empty to most in-flight mass, 0 m to the ceiling, M0.3 to the drag rise + 0.05.
    Raises: FuelError outside, naming the limit and by how much.
    """
    mach = aircraft.cruise_mach if mach is None else mach
    a = parameters(aircraft, factor)
    _check_mass(aircraft, mass_kg)
    check_mach(aircraft, mach)
    if altitude_m < -500.0:
        raise FuelError(f"{aircraft.code}: altitude {altitude_m:,.0f} m is below -500 m")
    code, excess = kernels.envelope(a, mass_kg, altitude_m, mach)
    if code != kernels.OK:
        words, unit = LIMITS[code]
        raise FuelError(
            f"{aircraft.code}: {words} by {excess:,.4g} {unit if unit != '1' else ''}".rstrip()
            + f" at {mass_kg:,.0f} kg, {altitude_m / FOOT:,.0f} ft, M{mach:.3f}"
        )
    return float(kernels.level_flow(a, mass_kg, altitude_m, mach))


def check_mach(aircraft: Aircraft, mach: float) -> None:
    """Raises FuelError for a Mach outside 0.3 to the drag-divergence Mach + 0.05 (hourly: 0.3 to 0.95)."""
    high = 0.95 if aircraft.mach_drag_divergence is None else aircraft.mach_drag_divergence + 0.05
    if not 0.3 <= mach <= high:
        raise FuelError(f"{aircraft.code}: M{mach:g} is outside M0.30 to M{high:.2f}, where the model holds")


def best_level(
    aircraft: Aircraft,
    mass_kg: float,
    mach: float | None = None,
    ceiling_m: float | None = None,
    level_step_m: float = LEVEL_STEP,
    factor: float | None = None,
) -> float:
    """Level [m] of least fuel per still-air metre among multiples of the step from 10,000 ft up.

    Within ceiling, lift limit and thrust with 300 ft/min of climb in hand. FuelError where none is left.
    """
    mach = aircraft.cruise_mach if mach is None else mach
    a = parameters(aircraft, factor)
    _check_mass(aircraft, mass_kg)
    check_mach(aircraft, mach)
    cap = aircraft.ceiling_m if ceiling_m is None else ceiling_m
    level, _ = kernels.best_level(a, mass_kg, mach, cap, level_step_m)
    if math.isnan(level):
        raise FuelError(
            f"{aircraft.code}: no level from 10,000 ft to {min(cap, aircraft.ceiling_m) / FOOT:,.0f} ft "
            f"can be held at {mass_kg:,.0f} kg, M{mach:.3f} (lift limit, or thrust with 300 ft/min in hand)"
        )
    return float(level)


def highest_level(aircraft: Aircraft, mass_kg: float, mach: float | None = None) -> float:
    """Highest pressure altitude [m], to a metre, that can be held with 300 ft/min of climb in hand."""
    mach = aircraft.cruise_mach if mach is None else mach
    a = parameters(aircraft)
    _check_mass(aircraft, mass_kg)
    check_mach(aircraft, mach)
    low, high = 0.0, aircraft.ceiling_m
    if kernels.level_ok(a, mass_kg, high, mach):
        return high
    if not kernels.level_ok(a, mass_kg, low, mach):
        raise FuelError(f"{aircraft.code}: cannot hold any level at {mass_kg:,.0f} kg, M{mach:.3f}")
    while high - low > 0.5:
        middle = 0.5 * (low + high)
        if kernels.level_ok(a, mass_kg, middle, mach):
            low = middle
        else:
            high = middle
    return low


def holding_flow(aircraft: Aircraft, mass_kg: float, altitude_m: float, factor: float | None = None) -> float:
    """Fuel flow [kg/s] circling at the speed of least flow; FuelError where it cannot hold there."""
    a = parameters(aircraft, factor)
    _check_mass(aircraft, mass_kg)
    flow = float(kernels.hold_flow(a, mass_kg, altitude_m))
    if math.isnan(flow):
        raise FuelError(f"{aircraft.code}: cannot hold at {altitude_m / FOOT:,.0f} ft and {mass_kg:,.0f} kg")
    return flow
