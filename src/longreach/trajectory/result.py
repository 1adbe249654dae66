"""What the trajectory optimiser answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from longreach.geodesy import Floats
from longreach.route.boundary import Closest
from longreach.route.result import Shortfall
from longreach.trajectory.flight import Flight


@dataclass(frozen=True, slots=True)
class Way:
    """One of the really different ways that were flown and compared.

    length_m : of its path; duration_s, trip_kg, cost : as flown (inf where it cannot be flown)
    chosen : whether it is the answer
    """

    length_m: float
    duration_s: float
    trip_kg: float
    cost: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class Appointment:
    """A required time at a place of the path.

    along_m : the place; required, passed : UTC
    action : "on time" | "slow down" | "speed up" | "hold" | "too late" | "not met": what is done for it
    hold_s : time spent circling there; free : when it would be passed without the appointment, UTC
    """

    along_m: float
    required: datetime
    passed: datetime
    action: str
    hold_s: float
    free: datetime


@dataclass(frozen=True, slots=True)
class Bound:
    """How far from the best possible the answer can be. Of level flight both: climb and descent only add.

    lower : no flight by a lawful path costs less (see `bound`); in s for "time", else kg of fuel
    gap : the cost over it, less 1
    finer : cost of the best path that a second, independent look found (a mesh twice as fine, turned), over the
        cost of the answer's path, less 1. Below 0 the second look found better, and that is the answer
    """

    lower: float
    gap: float
    finer: float


@dataclass(frozen=True, slots=True)
class Crossed:
    """A closure of some levels or times that the flight passes through lawfully: when, and why it may."""

    id: str
    enter: datetime
    leave: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Trajectory:
    """The best flight found between two places round closed airspace through the wind.

    lat, lon : (n,) vertices of the path [deg], joined by geodesics; empty where there is no lawful path
    flight : as flown, None where there is no lawful path
    still : the same aircraft and objective on the shortest lawful path in still air, None where not reckoned
    ways : the really different ways compared, the answer first
    closest : closest approach to each closure that holds throughout
    """

    feasible: bool
    lat: Floats
    lon: Floats
    length_m: float
    great_circle_m: float
    shortest_m: float
    lower_bound_m: float
    flight: Flight | None
    still: Flight | None
    ways: tuple[Way, ...]
    closest: tuple[Closest, ...]
    crossed: tuple[Crossed, ...]
    appointment: Appointment | None
    bound: Bound | None
    departure: datetime
    objective: str
    cost_index: float
    slowed_to_fit: bool
    notes: tuple[str, ...]
    shortfalls: tuple[Shortfall, ...]
    prepare_ms: float
    elapsed_ms: float
