"""The quickest or leanest flight through the wind: path, levels and Mach together, round closed airspace.

>>> from datetime import UTC, datetime
>>> from longreach import trajectory
>>> from longreach.world import aircraft, winds
>>> found = trajectory.optimise(
...     [], [(40.64, -73.78), (51.47, -0.46)], aircraft.load("787-9"), winds.still(),
...     datetime(2026, 1, 15, 18, tzinfo=UTC), objective="fuel")
>>> found.feasible, found.flight.steps[0].level
(True, 410)
"""

from longreach.trajectory.flight import Flight, Load, Step, Weights
from longreach.trajectory.result import Appointment, Bound, Crossed, Trajectory, Way
from longreach.trajectory.solve import Request, optimise

__all__ = [
    "Appointment",
    "Bound",
    "Crossed",
    "Flight",
    "Load",
    "Request",
    "Step",
    "Trajectory",
    "Way",
    "Weights",
    "optimise",
]
