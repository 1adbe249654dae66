"""The bound lies under times known in closed form and under every flight found; in still air it is near."""

import numpy as np
import pytest

from longreach import trajectory
from longreach.geodesy import WGS84_A, distance
from longreach.trajectory import bound, table
from longreach.world import aircraft, airspace, winds

from .test_optimise import DEPART, JFK, LHR, LOAD, NRT, SFO, TYPE
from .test_zermelo import LEVEL, closed_form, turning

FLOWS = table.of_aircraft(aircraft.load("787-9"), LEVEL, mach=0.85)
SPEED = float(FLOWS.speed[0, 0])


def quickest(field, a, b, cost):
    asked = bound.Question(field.grid(), 0.0, cost, FLOWS, 1.0, 1e-9, 150e3, cost)
    return bound.lower(asked, a, b, float(distance(*a, *b)))


@pytest.mark.parametrize(
    ("a", "b", "speed", "near"),
    [
        ((35.0, 140.0), (37.0, -122.0), 60.0, 0.9),
        ((37.0, -122.0), (35.0, 140.0), 60.0, 0.7),
        ((64.0, -21.0), (61.0, -150.0), 80.0, 0.6),
    ],
)
def test_under_the_closed_form(a, b, speed, near):
    field, omega = turning(speed)
    known = closed_form(a, b, SPEED, omega)
    assert near * known < quickest(field, a, b, known) <= known


@pytest.mark.parametrize("wind", [0.0, 30.0])
def test_along_a_wind_that_blows_from_one_place_to_the_other(wind):
    """On the equator with the wind at the back: the time is the length over the ground speed; no flight is quicker."""
    a, b = (0.0, 10.0), (0.0, 70.0)
    lat, lon = np.arange(-90.0, 90.1, 5.0), np.arange(-180.0, 180.0, 5.0)
    u = np.full((1, 2, lat.size, lon.size), wind)
    field = winds.gridded([0.0], [15_000.0, 60_000.0], lat, lon, u, 0 * u, steady=True)
    known = WGS84_A * np.radians(60.0) / (SPEED + wind)
    assert known * 0.97 < quickest(field, a, b, known) <= known * (1 + 1e-6)


@pytest.mark.parametrize(
    ("a", "b", "objective"), [(JFK, LHR, "fuel"), (NRT, SFO, "time"), (SFO, NRT, "cost")]
)
def test_under_every_flight(a, b, objective, january):
    options = {"objective": objective, "load": LOAD, "compare_still": False, "prove": True}
    options |= {"cost_index": 40.0} if objective == "cost" else {}
    calm = trajectory.optimise([], [a, b], TYPE, winds.still(), DEPART, **options).bound
    assert 0.0 < calm.gap < 0.08
    blown = trajectory.optimise([], [a, b], TYPE, january, DEPART, **options).bound
    assert 0.0 < blown.gap < 0.4


def test_round_a_closure_the_shortest_lawful_length_counts():
    closed = airspace.closures("FR,ES,PT", stand_off_m=46_300.0)
    found = trajectory.optimise(
        closed, [LHR, (14.7, -17.5)], TYPE, winds.still(), DEPART, load=LOAD, compare_still=False, prove=True
    )
    free = trajectory.optimise(
        [], [LHR, (14.7, -17.5)], TYPE, winds.still(), DEPART, load=LOAD, compare_still=False, prove=True
    )
    assert free.bound.lower < found.bound.lower < found.flight.trip_kg


def test_without_a_look_there_is_none():
    found = trajectory.optimise([], [JFK, LHR], TYPE, winds.still(), DEPART, load=LOAD, compare_still=False)
    assert found.bound is None
