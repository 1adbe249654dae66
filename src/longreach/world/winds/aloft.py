"""The air a flight is planned in: a field on the plan's clock, and what a planner takes off the tailwind."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from longreach.geodesy import Floats
from longreach.world.winds.field import Wind, WindField


@dataclass(frozen=True, slots=True)
class Aloft:
    """A wind field as one flight meets it.

    field : the wind
    start_s : time on the field's axis at the flight's second 0 [s]; of no matter to a steady field
    headwind_mps : taken off the wind along every track [m/s], for reliability and bias; negative adds to it
    """

    field: WindField
    start_s: float = 0.0
    headwind_mps: float = 0.0

    @property
    def calm(self) -> bool:
        """Whether a flight meets no wind at all, anywhere."""
        return self.field.uniform and not self.field.values[..., :2].any() and self.headwind_mps == 0.0

    def later(self, seconds: float) -> Aloft:
        """The same air for a flight whose second 0 is so much later."""
        return replace(self, start_s=self.start_s + seconds)

    def met(
        self, lat: ArrayLike, lon: ArrayLike, track: ArrayLike, altitude_m: ArrayLike, time_s: ArrayLike
    ) -> Wind:
        """The wind planned with on tracks [deg] at pressure altitudes and seconds of the flight.

        Raises: WindError outside the field.
        """
        wind = self.field.at(lat, lon, altitude_m, self.start_s + np.asarray(time_s, float))
        if self.headwind_mps == 0.0:
            return wind
        turn = np.radians(np.asarray(track, float))
        return Wind(
            wind.u_mps - self.headwind_mps * np.sin(turn),
            wind.v_mps - self.headwind_mps * np.cos(turn),
            wind.deviation_k,
        )

    def factors(
        self,
        lat: ArrayLike,
        lon: ArrayLike,
        track: ArrayLike,
        altitude_m: float,
        time_s: ArrayLike,
        tas_mps: float,
    ) -> Floats:
        """Still-air metres per metre over the ground, by the wind triangle; times are brought inside the field's.

        An estimate for choosing among ways; what is flown is integrated and refuses a time outside.
        """
        if self.calm:
            return np.ones(np.broadcast_shapes(np.shape(lat), np.shape(track)))
        time = np.asarray(time_s, float)
        if not self.field.steady:
            low, high = self.field.time_s[[0, -1]] - self.start_s
            time = np.clip(time, low, high)
        wind = self.met(lat, lon, track, altitude_m, time)
        turn = np.radians(np.asarray(track, float))
        along = wind.u_mps * np.sin(turn) + wind.v_mps * np.cos(turn)
        across = wind.u_mps * np.cos(turn) - wind.v_mps * np.sin(turn)
        ground = np.sqrt(np.maximum(tas_mps**2 - across**2, 1.0)) + along
        return tas_mps / np.maximum(ground, 1.0)


def equivalent_headwind(sigma_mps: float, reliability: float, bias_mps: float = 0.0) -> float:
    """What is taken off the tailwind so that a share of days is no worse, a user's bias included [m/s].

    reliability : share of days, 0.5 to 0.999; bias_mps : added to the tailwind everywhere

    >>> round(equivalent_headwind(10.0, 0.85), 2)
    10.36
    """
    from statistics import NormalDist

    return NormalDist().inv_cdf(reliability) * sigma_mps - bias_mps
