"""The Sun against astral, against the almanac, and against geometry."""

import datetime as dt

import numpy as np
import pytest
from astral import Observer
from astral.sun import elevation as astral_elevation

from longreach.world import sun


def seconds(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


def test_agrees_with_astral_within_two_hundredths_of_a_degree():
    # astral's own formula loses figures within a degree of a pole; the poles have a test of their own
    random = np.random.default_rng(20201210)
    count = 500
    time = np.round(random.uniform(seconds("1950-01-01T00:00Z"), seconds("2100-01-01T00:00Z"), count))
    lat, lon = random.uniform(-89.0, 89.0, count), random.uniform(-180.0, 180.0, count)
    expected = [
        astral_elevation(Observer(a, o), dt.datetime.fromtimestamp(t, dt.UTC), with_refraction=False)
        for a, o, t in zip(lat, lon, time, strict=True)
    ]
    assert np.abs(sun.elevation(time, lat, lon) - expected).max() < 0.02


def test_meeus_example_25a():
    # Meeus, Astronomical Algorithms, example 25.a: 1992 October 13, 0h TD: declination -7.78507 deg.
    # The elevation at the north pole is the declination.
    assert sun.elevation(seconds("1992-10-13T00:00Z"), 90.0, 0.0) == pytest.approx(-7.78507, abs=0.002)


@pytest.mark.parametrize("lon", [-180.0, -77.0, 0.0, 93.0])
def test_elevation_at_a_pole_does_not_depend_on_longitude(lon):
    time = seconds("2020-06-21T05:00Z")
    assert sun.elevation(time, 90.0, lon) == pytest.approx(
        23.436, abs=0.005
    )  # the obliquity, at the solstice
    assert sun.elevation(time, -90.0, lon) == pytest.approx(-23.436, abs=0.005)


def test_a_day_and_a_turn_of_the_earth_are_the_same():
    time = seconds("2020-12-10T10:00Z")
    hour = np.arange(24) * 3600.0
    moved = sun.elevation(time + hour, 20.0, 50.0 - np.arange(24) * 15.0)
    assert np.abs(moved - moved[0]).max() < 0.15  # the Sun's declination moves by 0.1 deg a day in December


def test_broadcasts_over_time_and_position():
    times = seconds("2020-12-10T10:00Z") + np.arange(5) * 60.0
    assert sun.elevation(times, 26.0, 51.9).shape == (5,)
    assert sun.elevation(times[:, None], np.array([0.0, 10.0]), 0.0).shape == (5, 2)
    assert sun.elevation(0.0, 0.0, 0.0).shape == ()


def test_light_changes_at_the_published_limits():
    just = np.array([sun.SUNSET, sun.CIVIL, sun.NAUTICAL])
    assert sun.light(just + 1e-6).tolist() == [0, 1, 2]
    assert sun.light(just - 1e-6).tolist() == [1, 2, 3]


def test_sunset_comes_later_aloft():
    # 40,000 ft: a horizon 3.5 deg down
    assert sun.dip(12192.0) == pytest.approx(3.54, abs=0.01)
    assert sun.light(-3.0) == 1
    assert sun.light(-3.0, 12192.0) == 0
    assert sun.dip(np.array([0.0, -100.0])).tolist() == [0.0, 0.0]


def test_one_flight_may_meet_two_sunrises():
    # standing still at the equator for two days: two sunrises, found by scanning minute by minute
    time = seconds("2020-12-10T12:00Z") + np.arange(2 * 1440) * 60.0
    day = sun.light(sun.elevation(time, 0.0, 0.0)) == 0
    assert int((day[1:] & ~day[:-1]).sum()) == 2
