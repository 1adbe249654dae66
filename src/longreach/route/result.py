"""What a route solver answers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from longreach.geodesy import Floats
from longreach.route.boundary import Closest


@dataclass(frozen=True, slots=True)
class Cure:
    """The smallest change that would mend a shortfall.

    key_path : in the mission file, "" where no single key does it
    value : what to write there
    text : the same for a reader
    """

    key_path: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why there is no route: what fails, where, by how much [unit], and what would cure it."""

    what: str
    where: str
    by: float
    unit: str
    cure: Cure | None


def _none() -> Floats:
    empty = np.empty(0)
    empty.flags.writeable = False
    return empty


@dataclass(frozen=True, slots=True)
class Route:
    """The shortest lawful path between two points, with a proof of how short it could be.

    lat, lon : (n,) vertices [deg], both ends as given, the rest rounded to 7 decimals; joined by geodesics.
        Empty where there is no route.
    length_m : along those geodesics on WGS84; inf where there is none
    great_circle_m : of the direct geodesic(s) [m]
    lower_bound_m : no lawful path is shorter (closed areas less than 50 m apart count as touching)
    closest : closest approach to each closure
    shortfalls : why there is none
    prepare_ms, elapsed_ms : time spent on the closures, and on this question alone
    """

    feasible: bool
    lat: Floats
    lon: Floats
    length_m: float
    great_circle_m: float
    lower_bound_m: float
    closest: tuple[Closest, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    prepare_ms: float = 0.0
    elapsed_ms: float = 0.0
    via: tuple[int, ...] = field(default=())

    @property
    def gap_ppm(self) -> float:
        """How far the length may exceed the shortest possible, in parts per million."""
        if not self.feasible or self.lower_bound_m <= 0:
            return 0.0
        return max(0.0, (self.length_m / self.lower_bound_m - 1) * 1e6)
