"""How far a type goes with how much payload, and what it burns at which mass: the data of its picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from longreach.errors import FuelError
from longreach.fuel import performance
from longreach.fuel.burn import CruiseTable
from longreach.fuel.calibrate import still_air
from longreach.units import FOOT, MINUTE
from longreach.world.aircraft import Aircraft

Floats = np.ndarray[Any, np.dtype[np.float64]]

HOLD_LEVEL = 1500.0 * FOOT  # ICAO Annex 6 Part I, 4.3.6.3 e)
LONGEST = 8.0e7  # m; twice round the Earth
_POINTS = 9  # payloads of a curve, its corners apart


@dataclass(frozen=True, slots=True)
class Reserves:
    """Fuel that is to be left: a share of the trip, holding at 1,500 ft [s], a diversion [m] at the trip's burn."""

    contingency: float = 0.05
    hold_s: float = 30.0 * MINUTE
    diversion_m: float = 0.0


def spare(
    aircraft: Aircraft, payload_kg: float, distance_m: float, reserves: Reserves, factor: float | None = None
) -> float:
    """Fuel [kg] left over the reserves after a still-air distance, taking off as heavy as mass and tanks allow.

    Raises: FuelError where the type cannot fly the profile at all (thrust, lift, ceiling).
    """
    factor = aircraft.planning_factor if factor is None else factor
    dry = aircraft.operating_empty_mass_kg + payload_kg
    takeoff = min(aircraft.max_takeoff_mass_kg, dry + aircraft.max_fuel_kg)
    flown = still_air(aircraft, takeoff, distance_m, payload_kg, factor)
    if flown.failure is not None and flown.failure.code != "fuel":
        raise FuelError(f"{aircraft.code}: {flown.failure}")
    weight = min(max(flown.landing_kg, dry), aircraft.max_inflight_mass_kg)
    hold = performance.holding_flow(aircraft, weight, HOLD_LEVEL, factor) * reserves.hold_s
    diversion = flown.burn_kg * reserves.diversion_m / distance_m
    return flown.landing_kg - dry - reserves.contingency * flown.burn_kg - hold - diversion


def reach(aircraft: Aircraft, payload_kg: float, reserves: Reserves, factor: float | None = None) -> float:
    """Still-air distance [m] after which the reserves are just left, to 500 m; 0 where there is no fuel for any."""
    from scipy.optimize import brentq

    def left(distance_m: float) -> float:
        return spare(aircraft, payload_kg, distance_m, reserves, factor)

    low, high = 5e5, LONGEST
    if left(low) <= 0.0:
        return 0.0
    if left(high) >= 0.0:
        raise FuelError(
            f"{aircraft.code}: flies further than {high / 1852:,.0f} nm, which no figure here is for"
        )
    return float(brentq(left, low, high, xtol=500.0))


@dataclass(frozen=True, slots=True)
class PayloadRange:
    """Range [m] at payloads [kg] from 0 up, with its planning factor; `low_m` and `high_m` at the ends of its band.

    full_tanks_kg : most payload with full tanks, None where the tanks always limit
    most_payload_known : False where the zero-fuel limit is not known and the curve ends where fuel does
    """

    payload_kg: Floats
    range_m: Floats
    low_m: Floats
    high_m: Floats
    full_tanks_kg: float | None
    most_payload_known: bool
    reserves: Reserves


def payload_range(aircraft: Aircraft, reserves: Reserves | None = None) -> PayloadRange:
    """The payload-range curve of a type, from an empty hold to its zero-fuel limit (or to no fuel at all).

    Raises: FuelError for a type without a model.
    """
    aircraft.require_model()
    reserves = Reserves() if reserves is None else reserves
    empty = aircraft.operating_empty_mass_kg
    known = aircraft.max_zero_fuel_mass_kg is not None
    most = (aircraft.max_zero_fuel_mass_kg or aircraft.max_takeoff_mass_kg) - empty
    full = aircraft.max_takeoff_mass_kg - empty - aircraft.max_fuel_kg
    corners = [0.0, most, *([full] if 0.0 < full < most else [])]
    loads = np.unique(np.concatenate([corners, np.linspace(0.0, most, _POINTS)]))
    wide = aircraft.band_pct / 100.0

    def along(factor: float) -> Floats:
        return np.array([reach(aircraft, float(load), reserves, factor) for load in loads])

    middle = aircraft.planning_factor
    return PayloadRange(
        loads, along(middle), along(min(2.0, middle * (1.0 + wide))), along(max(0.5, middle * (1.0 - wide))),
        full if 0.0 < full < most else None, known, reserves,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flows:
    """Fuel flow [kg/s] over mass [kg] in level cruise: at the best level, and held at levels [m]; NaN where not flown."""

    mass_kg: Floats
    best: Floats
    best_level_m: Floats
    levels_m: tuple[float, ...]
    held: tuple[Floats, ...]


def flows(aircraft: Aircraft, points: int = 49) -> Flows:
    """Fuel flow over mass of a type at its cruise Mach, planning factor included.

    Raises: FuelError for a type without a model.
    """
    cruise = CruiseTable(aircraft)
    mass = np.linspace(float(cruise.mass_kg[0]), cruise.heaviest_kg, points)
    spread = np.unique(cruise.level(mass)[np.isfinite(cruise.level(mass))])
    low, high = float(spread[0]), float(spread[-1])
    step = max(4000.0, 1000.0 * math.ceil((high - low) / FOOT / 4000.0 - 1e-6)) * FOOT
    count = 1 + math.floor((high - low) / step + 0.5)
    levels = tuple(float(low + n * step) for n in range(count)) if aircraft.kind == "polar" else ()
    held = {level: np.array([_held(aircraft, float(m), level) for m in mass]) for level in levels}
    flown = {level: flow for level, flow in held.items() if np.isfinite(flow).any()}
    return Flows(mass, cruise.flow(mass), cruise.level(mass), tuple(flown), tuple(flown.values()))


def _held(aircraft: Aircraft, mass_kg: float, level_m: float) -> float:
    try:
        return performance.fuel_flow(aircraft, mass_kg, level_m)
    except FuelError:
        return math.nan
