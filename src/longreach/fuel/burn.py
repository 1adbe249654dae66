"""Cruise fuel in microseconds: cumulative still-air range and time over mass, integrated once.

R(m) is the still-air distance flown while mass falls from m to the operating empty mass at the best
level for each mass; the mass after a distance d is R^-1(R(m) - d). The fuel that lifts the aircraft from
one best level to the next is in it; the climb from the field and the last descent are not: `profile.fly`
has them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from longreach.errors import FuelError
from longreach.fuel import _kernels as kernels
from longreach.fuel import performance
from longreach.world.aircraft import Aircraft

Floats = np.ndarray[Any, np.dtype[np.float64]]

_CELLS = 1500


class CruiseTable:
    """Distance, time and mass along a cruise, for one type, Mach, ceiling and planning factor.

    Parameters
    ----------
    aircraft : Aircraft with a model
    mach : cruise Mach, default the type's
    ceiling_m : highest level allowed [m], default the type's
    altitude_m : fly this one level [m] instead of the best level at each mass
    factor : planning factor, default the type's
    level_step_m : levels are its multiples from 10,000 ft up, default 1,000 ft

    Attributes (read-only arrays, ascending in mass, one value a grid point)
    ----------
    mass_kg, level_m, tas_mps, fuel_per_m : the grid [kg], level [m], true airspeed [m/s], burn [kg/m]
    reach_m, endurance_s : still-air distance and time in which mass falls from here to mass_kg[0]

    The grid runs from the operating empty mass to the heaviest mass at which any level can be held, at
    most the greatest in-flight mass; questions outside it answer NaN, never a clamped figure.
    Accuracy: within 0.1 % of burn of direct integration (tests/fuel/test_burn.py).

    Raises: FuelError where the type has no model or no level can be held at the operating empty mass.
    """

    __slots__ = (
        "aircraft", "altitude_m", "ceiling_m", "endurance_s", "factor", "fuel_per_m", "level_m",
        "level_step_m", "mach", "mass_kg", "parameters", "reach_m", "tas_mps",
    )  # fmt: skip

    def __init__(
        self,
        aircraft: Aircraft,
        mach: float | None = None,
        ceiling_m: float | None = None,
        factor: float | None = None,
        altitude_m: float | None = None,
        level_step_m: float = performance.LEVEL_STEP,
    ) -> None:
        self.aircraft = aircraft
        self.mach = aircraft.cruise_mach if mach is None else float(mach)
        self.ceiling_m = aircraft.ceiling_m if ceiling_m is None else float(ceiling_m)
        self.altitude_m = altitude_m
        self.level_step_m = float(level_step_m)
        self.parameters = performance.parameters(aircraft, factor)
        self.factor = float(self.parameters[kernels.FACTOR])
        performance.check_mach(aircraft, self.mach)
        empty, most = aircraft.operating_empty_mass_kg, aircraft.max_inflight_mass_kg
        fixed = math.nan if altitude_m is None else float(altitude_m)

        def at(mass: Floats) -> tuple[Floats, Floats, Floats]:
            return kernels.cruise_grid(
                self.parameters, mass, self.mach, self.ceiling_m, self.level_step_m, fixed
            )

        fine = np.linspace(empty, most, 2 * _CELLS + 1)
        level, tas, rate = at(fine)
        usable = int(np.argmax(np.isnan(rate))) if np.isnan(rate).any() else fine.size
        if usable < 3:
            raise FuelError(
                f"{aircraft.code}: no level can be held at M{self.mach:.3f} even at the operating empty mass"
            )
        usable -= 1 - usable % 2  # an odd count: whole cells with their midpoints
        fine, level, tas, rate = fine[:usable], level[:usable], tas[:usable], rate[:usable]
        step = fine[1] - fine[0]
        # Simpson over each cell for distance (1/rate) and time (1/(rate tas)), less what step climbs take.
        cruising = 1.0 - self._lifting(fine, level)
        reach, endurance = cruising / rate, cruising / (rate * tas)
        self.mass_kg = fine[::2].copy()
        self.level_m, self.tas_mps, self.fuel_per_m = level[::2].copy(), tas[::2].copy(), rate[::2].copy()
        self.reach_m = _cumulative(reach, step)
        self.endurance_s = _cumulative(endurance, step)
        for array in (
            self.mass_kg, self.level_m, self.tas_mps, self.fuel_per_m, self.reach_m, self.endurance_s,
        ):  # fmt: skip
            array.setflags(write=False)

    def _lifting(self, mass: Floats, level: Floats) -> Floats:
        """Share of the fuel burnt at each mass that goes into step climbs, m g dh c / V, evened out between them."""
        steps = np.flatnonzero(level[:-1] > level[1:] + 1.0)  # a lighter aircraft flies higher
        if steps.size < 2:
            return np.zeros(mass.size)
        at = mass[steps]
        rise = level[steps] - level[steps + 1]
        tsfc = np.array(
            [kernels.tsfc(self.parameters, kernels.air(float(h))[0], self.mach) for h in level[steps]]
        )
        speed = np.array([self.mach * kernels.air(float(h))[2] for h in level[steps]])
        lift = at * kernels.G * rise * tsfc / speed
        # Each step's fuel is spread over the mass burnt between it and the step before it.
        share = lift[:-1] / np.diff(at)
        cell = np.searchsorted(at, mass, "right") - 1
        inside = (cell >= 0) & (cell < share.size)
        return np.where(inside, share[np.clip(cell, 0, share.size - 1)], 0.0)

    @property
    def heaviest_kg(self) -> float:
        """Heaviest mass [kg] the table answers for."""
        return float(self.mass_kg[-1])

    def arrays(self) -> tuple[Floats, Floats, Floats]:
        """(mass_kg, reach_m, endurance_s) for kernels; see `_kernels.table_mass_after`."""
        return self.mass_kg, self.reach_m, self.endurance_s

    def reach_index(self) -> tuple[np.ndarray, float]:
        """For kernels that ask for the mass at a reach: (index, step) of `_ladder_kernels.mass_at`."""
        from longreach.fuel import _ladder_kernels as ladder

        count = 2 * self.reach_m.size
        step = float(self.reach_m[-1] - self.reach_m[0]) / (count - 1)
        return ladder.reach_index(self.reach_m, step, count), step

    def mass_after(self, mass_kg: ArrayLike, air_distance_m: ArrayLike) -> Floats:
        """Mass [kg] after a still-air distance [m]; broadcasts; NaN where the fuel does not last."""
        start = self._at(self.reach_m, mass_kg)
        return self._mass(start - np.asarray(air_distance_m, float))

    def mass_before(self, mass_kg: ArrayLike, air_distance_m: ArrayLike) -> Floats:
        """Mass [kg] before a still-air distance [m] that ends at `mass_kg`; NaN where too heavy to fly."""
        end = self._at(self.reach_m, mass_kg)
        return self._mass(end + np.asarray(air_distance_m, float))

    def distance(self, mass_from_kg: ArrayLike, mass_to_kg: ArrayLike) -> Floats:
        """Still-air distance [m] flown while mass falls from one to the other; NaN outside the grid."""
        return self._at(self.reach_m, mass_from_kg) - self._at(self.reach_m, mass_to_kg)

    def time(self, mass_from_kg: ArrayLike, mass_to_kg: ArrayLike) -> Floats:
        """Time [s] flown while mass falls from one to the other; NaN outside the grid."""
        return self._at(self.endurance_s, mass_from_kg) - self._at(self.endurance_s, mass_to_kg)

    def level(self, mass_kg: ArrayLike) -> Floats:
        """Level [m] flown at a mass (that of the nearest lighter grid point)."""
        mass = np.asarray(mass_kg, float)
        index = np.clip(np.searchsorted(self.mass_kg, mass, "right") - 1, 0, self.mass_kg.size - 1)
        inside = (mass >= self.mass_kg[0]) & (mass <= self.mass_kg[-1])
        return np.where(inside, self.level_m[index], np.nan)

    def flow(self, mass_kg: ArrayLike) -> Floats:
        """Fuel flow [kg/s] in cruise at a mass."""
        return self._at(self.fuel_per_m * self.tas_mps, mass_kg)

    def _at(self, values: Floats, mass_kg: ArrayLike) -> Floats:
        return _interpolate(np.asarray(mass_kg, float), self.mass_kg, values)

    def _mass(self, reach: Floats) -> Floats:
        return _interpolate(reach, self.reach_m, self.mass_kg)


def _interpolate(x: Floats, xs: Floats, ys: Floats) -> Floats:
    """ys at x, NaN outside xs; a rounding error (1e-9 of the span) beyond an end is the end."""
    slack = 1e-9 * (xs[-1] - xs[0])
    x = np.where((x < xs[0]) & (x >= xs[0] - slack), xs[0], x)
    x = np.where((x > xs[-1]) & (x <= xs[-1] + slack), xs[-1], x)
    return np.interp(x, xs, ys, left=np.nan, right=np.nan)


def _cumulative(values: Floats, step: float) -> Floats:
    """Simpson's rule over cells of two steps: integral from the first point to every second point."""
    cells = (values[:-2:2] + 4.0 * values[1::2] + values[2::2]) * (step / 3.0)
    return np.concatenate([[0.0], np.cumsum(cells)])
