"""The quickest path where it is known in closed form: a wind that turns the air round the axis as one body.

In the frame of the turning air there is no wind, so the quickest air path is a geodesic of the ellipsoid there:
the time T solves  distance(A, B turned back by omega T) = V T.
"""

import numpy as np
import pytest

from longreach import route
from longreach.geodesy import WGS84_A, WGS84_F, distance
from longreach.trajectory import paths, table
from longreach.units import FOOT
from longreach.world import aircraft
from longreach.world.winds import gridded

LEVEL = np.array([350.0]) * 100 * FOOT


def turning(speed):
    """Air turning eastward as one body, `speed` [m/s] at the equator; and its rate [rad/s]."""
    lat, lon = np.arange(-90.0, 90.1, 2.0), np.arange(-180.0, 180.0, 2.0)
    e2 = WGS84_F * (2 - WGS84_F)
    phi = np.radians(lat)
    omega = speed / WGS84_A
    east = omega * WGS84_A / np.sqrt(1 - e2 * np.sin(phi) ** 2) * np.cos(phi)
    u = np.broadcast_to(east[None, None, :, None], (1, 2, lat.size, lon.size))
    return gridded([0.0], [15000.0, 60000.0], lat, lon, u, 0 * u, steady=True), omega


def closed_form(a, b, speed, omega):
    seconds = float(distance(*a, *b)) / speed
    for _ in range(200):
        seconds = float(distance(*a, b[0], b[1] - np.degrees(omega * seconds))) / speed
    return seconds


@pytest.mark.parametrize(
    ("a", "b", "speed"),
    [
        ((35.0, 140.0), (37.0, -122.0), 60.0),
        ((37.0, -122.0), (35.0, 140.0), 60.0),
        ((0.0, 10.0), (50.0, 150.0), 60.0),
        ((60.0, 25.0), (-33.0, 151.0), 40.0),
        ((64.0, -21.0), (61.0, -150.0), 80.0),
        ((-34.0, 18.0), (-34.0, 151.0), 70.0),
    ],
)
def test_the_quickest_path_is_the_geodesic_of_the_turning_air(a, b, speed):
    field, omega = turning(speed)
    flows = table.of_aircraft(aircraft.load("787-9"), LEVEL, mach=0.85)
    prepared = route.prepare([])
    shortest = route.shortest(prepared, a, b)
    setting = paths.Setting(prepared.outer, (), field.grid(), 0.0, flows, (215e3, 165e3), 1.0, 1e-9)
    best = paths.cheapest(setting, shortest.lat, shortest.lon)[0]
    known = closed_form(a, b, float(flows.speed[0, 0]), omega)
    direct = paths.cost_of(setting, shortest.lat, shortest.lon)
    assert best.when[-1] == pytest.approx(known, rel=2e-4)
    assert direct.when[-1] > known  # what the wind makes of the great circle is longer
