"""A flown line: points along it, stretches of it, and the wind triangle against a step-by-step sum."""

from __future__ import annotations

import math

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from longreach import geodesy
from longreach.line import Line, air_distance
from longreach.world import winds
from longreach.world.winds import Aloft

# over the antimeridian, over the pole, and along the equator
LINES = {
    "antimeridian": ([52.0, 55.0, 50.0, 35.0], [160.0, 178.0, -170.0, -140.0]),
    "pole": ([70.0, 89.9, 72.0], [25.0, -150.0, -155.0]),
    "equator": ([0.0, 0.0, 0.0], [-10.0, 5.0, 20.0]),
}


@pytest.fixture(params=LINES)
def line(request) -> Line:
    lat, lon = LINES[request.param]
    return Line.through(np.array(lat), np.array(lon))


def test_lengths_are_those_of_geographiclib(line: Line) -> None:
    total = 0.0
    for k in range(line.azimuth.size):
        inverse = Geodesic.WGS84.Inverse(line.lat[k], line.lon[k], line.lat[k + 1], line.lon[k + 1])
        total += inverse["s12"]
        assert line.along_m[k + 1] == pytest.approx(total, abs=0.01)
    assert line.length_m == pytest.approx(total, abs=0.01)


def test_points_lie_on_the_leg_they_should(line: Line) -> None:
    for share in (0.0, 0.1, 0.37, 0.5, 0.81, 1.0):
        along = share * line.length_m
        lat, lon, track = (float(x[0]) for x in line.at(along))
        leg = min(int(np.searchsorted(line.along_m, along, side="right")) - 1, line.azimuth.size - 1)
        there = Geodesic.WGS84.Direct(
            line.lat[leg], line.lon[leg], line.azimuth[leg], along - line.along_m[leg]
        )
        assert Geodesic.WGS84.Inverse(lat, lon, there["lat2"], there["lon2"])["s12"] < 0.01
        assert math.cos(math.radians(track - there["azi2"])) > 0.999999
        assert -180.0 <= lon < 180.0


def test_vertices_come_back_at_their_distances(line: Line) -> None:
    lat, lon, _ = line.at(line.along_m)
    assert geodesy.distance(lat, lon, line.lat, line.lon).max() < 0.01


def test_a_stretch_is_as_long_as_its_ends_are_apart(line: Line) -> None:
    for start, end in ((0.0, 1.0), (0.2, 0.9), (0.45, 0.46), (0.0, 0.5)):
        a, b = start * line.length_m, end * line.length_m
        lat, lon = line.between(a, b)
        assert geodesy.path_length(lat, lon) == pytest.approx(b - a, abs=0.05)
        inner = line.lat[(line.along_m > a + 0.5) & (line.along_m < b - 0.5)]
        assert lat.size == inner.size + 2


def test_a_vertex_flown_twice_counts_once() -> None:
    line = Line.through(np.array([10.0, 10.0, 20.0, 20.0]), np.array([5.0, 5.0, 5.0, 5.0]))
    assert line.lat.tolist() == [10.0, 20.0]
    assert not line.lat.flags.writeable and not line.along_m.flags.writeable


def test_no_line_through_one_place_is_lost() -> None:
    line = Line.through(np.array([10.0, 10.0]), np.array([5.0, 5.0]))
    assert line.length_m == 0.0 and line.lat.size == 2


# -- wind -----------------------------------------------------------------------------------------------


def flown(track_deg: float, tas: float, u: float, v: float) -> float:
    """Ground speed on a track, found the long way: the heading whose drift cancels the wind across."""
    track = math.radians(track_deg)
    along = u * math.sin(track) + v * math.cos(track)
    across = u * math.cos(track) - v * math.sin(track)
    correction = math.asin(-across / tas)
    return tas * math.cos(correction) + along


def factor_on(track: float, tas: float, u: float, v: float) -> float:
    return Aloft(winds.constant(u, v)).factors(0.0, 0.0, track, 10000.0, 0.0, tas).item()


@settings(max_examples=100, derandomize=True)
@given(st.floats(0.0, 360.0), st.floats(150.0, 280.0), st.floats(0.0, 60.0), st.floats(0.0, 360.0))
def test_the_wind_triangle(track: float, tas: float, speed: float, toward: float) -> None:
    u, v = speed * math.sin(math.radians(toward)), speed * math.cos(math.radians(toward))
    factor = factor_on(track, tas, u, v)
    assert factor == pytest.approx(tas / flown(track, tas, u, v), rel=1e-6)


def test_head_wind_tail_wind_and_none() -> None:
    assert factor_on(90.0, 200.0, 0.0, 0.0) == 1.0
    assert factor_on(90.0, 200.0, 50.0, 0.0) == pytest.approx(200.0 / 250.0)
    assert factor_on(90.0, 200.0, -50.0, 0.0) == pytest.approx(200.0 / 150.0)
    assert factor_on(90.0, 250.0, 0.0, 70.0) == pytest.approx(250.0 / 240.0)


@pytest.mark.parametrize(("u", "v"), [(30.0, 0.0), (0.0, -25.0), (-20.0, 15.0)])
def test_air_distance_is_the_sum_of_small_steps(line: Line, u: float, v: float) -> None:
    tas = 230.0
    along, air = air_distance(line, tas, Aloft(winds.constant(u, v)))
    steps = np.linspace(0.0, line.length_m, 20_001)
    _, _, track = line.at((steps[1:] + steps[:-1]) / 2.0)
    total = sum(
        (b - a) * tas / flown(t, tas, u, v) for a, b, t in zip(steps[:-1], steps[1:], track, strict=True)
    )
    # beside the pole the track turns half round within one step
    assert air[-1] == pytest.approx(total, rel=1e-3 if line.lat.max() > 89.0 else 2e-5)
    assert np.isin(line.along_m, along).all()
    assert (np.diff(air) > 0.0).all()


def test_in_still_air_the_air_moves_with_the_ground(line: Line) -> None:
    along, air = air_distance(line, 230.0, Aloft(winds.still()))
    assert (along == air).all() and along is not air
