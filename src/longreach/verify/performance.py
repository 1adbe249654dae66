"""Fuel flow once more: the published model in plain NumPy, apart from the planner's kernels.

Drag polar with a compressibility rise (Mason, Configuration Aerodynamics), thrust lapse (Mattingly, Heiser
and Pratt, Aircraft Engine Design, 2nd ed., eq. 2.54) and fuel per thrust growing with the root of the air's
temperature and a power of the Mach number. Climb and descent are not flown again by the planner's schedule:
the thrust is what the change of height and speed between two rows asks for, by the balance of energy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from longreach.errors import FuelError
from longreach.geodesy import Floats
from longreach.units import FOOT
from longreach.verify.track import CLIMB, DESCENT, HOLD, Track
from longreach.world.aircraft import Aircraft
from longreach.world.atmosphere import (
    GAMMA,
    GAS_CONSTANT,
    GRAVITY,
    HIGHEST,
    LAPSE_RATE,
    LOWEST,
    SEA_LEVEL_PRESSURE,
    SEA_LEVEL_TEMPERATURE,
    TROPOPAUSE,
)

REFERENCE_LEVEL = 35000.0 * FOOT
IDLE = 0.08  # least fuel flow as a share of that at full thrust; docs/fuel.md
CLIMB_IN_HAND = 300.0 * FOOT / 60.0  # m/s of climb that a chosen level leaves
HOLDING_HEIGHT = 1500.0 * FOOT
LOWEST_CRUISE = 10_000.0 * FOOT
LEVEL_STEP = 1000.0 * FOOT
LOW_SPEED_LIFT = 1.1
_ONSET = (0.1 / 80.0) ** (1.0 / 3.0)  # drag divergence less critical Mach


def air(altitude_m: Any, deviation_k: Any = 0.0) -> tuple[Floats, Floats, Floats]:
    """Temperature [K], pressure [Pa], speed of sound [m/s] of the standard atmosphere, or warmer by a deviation.

    Outside the -1,000 to 20,000 m served all three are NaN: such rows fail on their altitude.
    """
    h = np.asarray(altitude_m, float)
    h = np.where((h >= LOWEST) & (h <= HIGHEST), h, np.nan)
    temperature = SEA_LEVEL_TEMPERATURE - LAPSE_RATE * np.minimum(h, TROPOPAUSE)
    power = GRAVITY / (GAS_CONSTANT * LAPSE_RATE)
    pressure = SEA_LEVEL_PRESSURE * (temperature / SEA_LEVEL_TEMPERATURE) ** power
    pressure = pressure * np.exp(-GRAVITY * np.maximum(h - TROPOPAUSE, 0.0) / (GAS_CONSTANT * temperature))
    temperature = temperature + deviation_k
    return temperature, pressure, np.sqrt(GAMMA * GAS_CONSTANT * temperature)


@dataclass(frozen=True, slots=True)
class Model:
    """One type with its parameters in SI, taken from the plan's data.aircraft."""

    aircraft: Aircraft

    @property
    def hourly(self) -> bool:
        """True where fuel is a rate by the hour, not a drag polar."""
        return self.aircraft.kind == "hourly"

    @property
    def fastest_mach(self) -> float:
        """Highest Mach number the model holds at."""
        divergence = self.aircraft.mach_drag_divergence
        return 0.95 if divergence is None else divergence + 0.05

    def lift(self, mass: Any, pressure: Any, mach: Any) -> Floats:
        """Lift coefficient in level flight."""
        return mass * GRAVITY / (0.7 * pressure * mach**2 * self.aircraft.wing_area_m2)

    def lift_limit(self, mach: Any) -> Floats:
        """Most lift: the cruise limit at the cruise Mach and above, rising to 1.1 at M0.4."""
        a = self.aircraft
        assert a.lift_limit is not None
        part = np.clip((a.cruise_mach - np.asarray(mach)) / (a.cruise_mach - 0.4), 0.0, 1.0)
        return a.lift_limit + max(0.0, LOW_SPEED_LIFT - a.lift_limit) * part

    def drag(self, mass: Any, pressure: Any, mach: Any) -> Floats:
        """Drag [N] in level flight."""
        a = self.aircraft
        assert a.mach_drag_divergence is not None and a.drag_zero_lift is not None and a.wing_area_m2
        lift = self.lift(mass, pressure, mach)
        critical = a.mach_drag_divergence - 0.1 * (lift - 0.45) - _ONSET
        coefficient = a.drag_zero_lift + a.induced * lift**2 + 20.0 * np.maximum(0.0, mach - critical) ** 4
        return coefficient * 0.7 * pressure * np.asarray(mach) ** 2 * a.wing_area_m2

    def most_thrust(self, pressure: Any, mach: Any) -> Floats:
        """Thrust there is [N], all engines."""
        a = self.aircraft
        assert a.thrust_sea_level is not None and a.thrust_lapse is not None
        ram = (1.0 + 0.2 * np.asarray(mach) ** 2) ** 3.5
        return (
            a.thrust_sea_level * pressure / SEA_LEVEL_PRESSURE * ram * (1.0 - a.thrust_lapse * np.sqrt(mach))
        )

    def flow_per_thrust(self, temperature: Any, mach: Any) -> Floats:
        """Fuel flow for each newton [kg/(N s)], planning factor included."""
        a = self.aircraft
        assert a.tsfc_ref is not None and a.tsfc_mach_exponent is not None
        reference = float(air(REFERENCE_LEVEL)[0])
        return (
            a.planning_factor
            * a.tsfc_ref
            * np.sqrt(temperature / reference)
            * (np.asarray(mach) / a.cruise_mach) ** a.tsfc_mach_exponent
        )

    def track_burn(self, track: Track) -> Floats:
        """(n-1,) fuel burnt between the rows of a track [kg], from its mass, altitude and airspeed.

        Level rows keep their own airspeed to the next row. Where a climb or descent runs on, airspeed is
        taken as linear between rows and the thrust as what the energy gained asks for, not below idle.
        """
        step, phase = track.step_s, track.phase[:-1]
        a = self.aircraft
        if self.hourly:
            assert a.climb_burn is not None and a.hold_burn is not None and a.cruise_burn is not None
            low = (phase == DESCENT) | (phase == HOLD)
            rate = np.where(phase == CLIMB, a.climb_burn, np.where(low, a.hold_burn, a.cruise_burn))
            return rate * a.planning_factor * step
        h1, h2 = track.altitude_m[:-1], track.altitude_m[1:]
        v1, v2 = track.tas_mps[:-1], track.tas_mps[1:]
        warm1, warm2 = track.deviation_k[:-1], track.deviation_k[1:]
        moving = ((phase == CLIMB) | (phase == DESCENT)) & (np.abs(h2 - h1) > 1.0)
        # The row after a climb may already have another phase's speed; only within the phase is it a trend.
        same = moving & (track.phase[1:] == phase)
        v2 = np.where(same, v2, v1)
        mass = (track.mass_kg[:-1] + track.mass_kg[1:]) / 2.0
        safe = np.maximum(step, 1e-9)
        burn = np.zeros(step.size)
        parts = 4
        for k in range(parts):
            w = (k + 0.5) / parts
            temperature, pressure, sound = air(h1 * (1.0 - w) + h2 * w, warm1 * (1.0 - w) + warm2 * w)
            speed = np.maximum(v1 * (1.0 - w) + v2 * w, 1.0)
            mach = speed / sound
            climb = np.where(moving, (h2 - h1) / safe, 0.0)
            faster = np.where(same, (v2 - v1) / safe, 0.0)
            thrust = self.drag(mass, pressure, mach) + mass * (GRAVITY * climb / speed + faster)
            thrust = np.where(moving, np.maximum(thrust, IDLE * self.most_thrust(pressure, mach)), thrust)
            burn += self.flow_per_thrust(temperature, mach) * thrust * step / parts
        return burn

    def holding_flow(self, mass: Any, altitude_m: float) -> Floats:
        """(n,) least fuel flow circling [kg/s], over M0.30 to the cruise Mach within 90 % of the lift limit."""
        a = self.aircraft
        mass = np.atleast_1d(np.asarray(mass, float))
        if self.hourly:
            assert a.hold_burn is not None
            return np.full(mass.size, a.hold_burn * a.planning_factor)
        temperature, pressure, _ = air(altitude_m)
        mach = np.arange(0.30, a.cruise_mach + 1e-9, 0.004)
        drag = self.drag(mass[:, None], pressure, mach)
        allowed = self.lift(mass[:, None], pressure, mach) <= 0.9 * self.lift_limit(mach)
        flow = np.where(allowed, self.flow_per_thrust(temperature, mach) * drag, np.inf)
        return np.asarray(flow.min(axis=1))

    def final_reserve(self, zero_fuel_mass: float, seconds: float, elevation_m: float) -> float:
        """Fuel [kg] for holding at 1,500 ft above the field, at the mass of landing with just that."""
        reserve = 0.0
        for _ in range(4):
            flow = self.holding_flow(zero_fuel_mass + reserve, elevation_m + HOLDING_HEIGHT)
            reserve = float(flow[0]) * seconds
        return reserve

    def cruise(self, heaviest: float, mach: float | None = None, ceiling_m: float | None = None) -> Cruise:
        """Still-air cruise from the heaviest mass down, each mass at the level of least fuel per metre."""
        a = self.aircraft
        mach = a.cruise_mach if mach is None else mach
        top = min(a.ceiling_m, a.ceiling_m if ceiling_m is None else ceiling_m)
        mass = np.linspace(a.operating_empty_mass_kg, max(heaviest, a.operating_empty_mass_kg * 1.01), 160)
        if self.hourly:
            assert a.cruise_burn is not None and a.cruise_level_m is not None
            levels = np.full(mass.size, min(top, a.cruise_level_m))
            speed = mach * air(levels)[2]
            per_metre = a.cruise_burn * a.planning_factor / speed
        else:
            level = np.arange(LOWEST_CRUISE, top + 1.0, LEVEL_STEP)
            temperature, pressure, sound = air(level[:, None])
            drag = self.drag(mass[None, :], pressure, mach)
            needed = drag + mass[None, :] * GRAVITY * CLIMB_IN_HAND / (mach * sound)
            rate = self.flow_per_thrust(temperature, mach) * drag / (mach * sound)
            barred = (self.lift(mass[None, :], pressure, mach) > self.lift_limit(mach)) | (
                needed > self.most_thrust(pressure, mach)
            )
            rate = np.where(barred, np.inf, rate)
            best = np.argmin(rate, axis=0) if level.size else np.zeros(mass.size, int)
            if not level.size:
                raise FuelError(f"{a.code}: no cruising level below {top:.0f} m")
            per_metre = rate[best, np.arange(mass.size)]
            levels = level[best]
            speed = mach * air(levels)[2]
        good = np.isfinite(per_metre)
        if not good.any():
            raise FuelError(f"{a.code}: no level can be held at M{mach:.2f}")
        mass, per_metre, levels, speed = mass[good], per_metre[good], levels[good], speed[good]
        reach = np.concatenate([[0.0], np.cumsum(np.diff(mass) / ((per_metre[1:] + per_metre[:-1]) / 2.0))])
        return Cruise(mass, reach, levels, speed)


@dataclass(frozen=True, slots=True)
class Cruise:
    """How far each mass reaches in still air: `reach_m[i]` flies from mass_kg[i] down to mass_kg[0]."""

    mass_kg: Floats
    reach_m: Floats
    level_m: Floats
    tas_mps: Floats

    def mass_after(self, mass: Any, distance_m: Any) -> Floats:
        """Mass left after a still-air distance; below the lightest mass it goes on at the last slope.

        The last slope makes the shortfall of a flight that cannot get there a number.
        """
        x = np.interp(mass, self.mass_kg, self.reach_m) - np.asarray(distance_m, float)
        slope = (self.mass_kg[1] - self.mass_kg[0]) / (self.reach_m[1] - self.reach_m[0])
        return np.where(x >= 0.0, np.interp(x, self.reach_m, self.mass_kg), self.mass_kg[0] + x * slope)

    def mass_before(self, mass: Any, distance_m: Any) -> Floats:
        """Mass from which the distance ends at `mass`; inf where no mass does."""
        x = np.interp(mass, self.mass_kg, self.reach_m) + np.asarray(distance_m, float)
        return np.where(x <= self.reach_m[-1], np.interp(x, self.reach_m, self.mass_kg), np.inf)


def ground_speed(tas: Any, course_deg: Any, u: Any, v: Any) -> Floats:
    """Speed over the ground on a course [deg true] by the wind triangle [m/s]; NaN where the wind is stronger."""
    turn = np.radians(course_deg)
    along = u * np.sin(turn) + v * np.cos(turn)
    across = u * np.cos(turn) - v * np.sin(turn)
    left = np.asarray(tas, float) ** 2 - across**2
    return np.where(left >= 0.0, along + np.sqrt(np.maximum(left, 0.0)), np.nan)
