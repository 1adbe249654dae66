"""The judge itself: right where the answer is known by hand, and not to be fooled."""

import numpy as np
import pytest
from benchmarks.route_cases import disc
from benchmarks.route_judge import GEOD, Judge, cut
from hypothesis import given, settings
from hypothesis import strategies as st

from longreach.world.airspace import BoundaryLine, Closure, Ring

NM = 1852.0


def polygon(points, stand_off=0.0, offset=0.0, pole=False):
    lat, lon = (np.array([p[k] for p in (*points, points[0])], float) for k in (0, 1))
    lat, lon = cut(lat, lon, 100e3)
    lon = (lon + 180.0) % 360.0 - 180.0
    line = BoundaryLine(lat, lon, offset)
    return Closure("p", "p", "user", (Ring(lat, lon),), (line,), stand_off, pole, "test")


def one(closures, lat, lon):
    return Judge(closures).judge([(np.array(lat, float), np.array(lon, float))])[0]


def test_past_a_disc_the_clearance_is_the_distance_less_the_radius():
    # a meridian 200 km east of the centre on the equator, radius 150 km and 40 km kept: 10 km to spare
    lon, _, _ = GEOD.fwd(0.0, 0.0, 90.0, 200e3)
    verdict = one([disc(0, 0, 150e3, 40e3, "d")], [-5, 5], [lon, lon])
    assert verdict.legal and verdict.least_m >= 10e3
    close = one([disc(0, 0, 150e3, 49.99e3, "d")], [-5, 5], [lon, lon])
    assert close.legal and close.least_m == pytest.approx(10.0, abs=1.0)
    assert not one([disc(0, 0, 150e3, 50.001e3, "d")], [-5, 5], [lon, lon]).legal


def test_a_chord_through_a_disc_is_as_long_as_pythagoras_says():
    d, r = 30e3, 50e3
    lon, _, _ = GEOD.fwd(0.0, 0.0, 90.0, d)
    verdict = one([disc(0, 0, r, 0.0, "d")], [-3, 3], [lon, lon])
    assert not verdict.legal
    assert d - r - 1.0 <= verdict.least_m <= -10e3
    assert verdict.illegal_m == pytest.approx(2 * (r**2 - d**2) ** 0.5, abs=60.0)


@pytest.mark.parametrize("shift", [5.0, 50.0, 500.0])
@pytest.mark.parametrize("stand_off", [0.0, 3e3, 40e3])
def test_a_line_moved_inward_is_caught(shift, stand_off):
    square = polygon([(0, 0), (0, 4), (4, 4), (4, 0)], stand_off)
    # along the west edge, which is a meridian: just outside and just inside
    for sign, legal in ((1, True), (-1, False)):
        lon, _, _ = GEOD.fwd(0.0, 2.0, 270.0, stand_off + sign * shift)
        verdict = one([square], [1.98, 2.02], [lon, lon])
        assert verdict.legal is legal, verdict


def test_a_corner_of_two_hundred_metres_is_seen():
    square = polygon([(0, 0), (0, 4), (4, 4), (4, 0)])
    # cuts the north-west corner off: 200 m inside along each side
    s = 200.0 / 110.6e3
    verdict = one([square], [4 - 10 * s - s, 4 + 10 * s - s], [-10 * s, 10 * s])
    assert not verdict.legal
    assert verdict.illegal_m == pytest.approx(200 * 2**0.5, rel=0.15)


def test_deep_inside_and_far_from_every_boundary_is_still_inside():
    big = polygon([(-30, -30), (-30, 30), (30, 30), (30, -30)])
    verdict = one([big], [0, 1], [0, 1])
    assert not verdict.legal and verdict.least_m < -1000e3
    crossing = one([big], [0, 0], [-60, 60])
    assert crossing.illegal_m == pytest.approx(60 * 111_319.49, rel=0.002)


def test_antimeridian_and_poles():
    box = polygon([(-20, 175), (-20, -175), (-10, -175), (-10, 175)])
    judge = Judge([box])
    assert judge.inside([-15, -15, -15, -15], [179, -179, 174, -174]).tolist() == [True, True, False, False]
    cap = polygon([(80, 0), (80, 90), (80, 180), (80, -90)], pole=True)
    judge = Judge([cap])
    assert judge.inside([90, 86, 70], [0, 45, 45]).tolist() == [True, True, False]
    verdict = one([cap], [70, 70], [0, 180])
    assert not verdict.legal


def test_a_hole_is_outside():
    outer = polygon([(0, 0), (0, 10), (10, 10), (10, 0)])
    inner = polygon([(4, 4), (4, 6), (6, 6), (6, 4)])
    both = Closure("h", "h", "user", outer.rings + inner.rings, outer.lines + inner.lines, 0.0, False, "test")
    judge = Judge([both])
    assert judge.inside([5, 2], [5, 5]).tolist() == [False, True]
    assert judge.judge([(np.array([4.5, 5.5]), np.array([4.5, 5.5]))])[0].legal
    assert not judge.judge([(np.array([5.0, 5.0]), np.array([5.0, 15.0]))])[0].legal


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.floats(-80, 80), st.floats(-180, 179), st.floats(1e3, 900e3), st.floats(0, 360), st.floats(0.01, 2.0)
)
def test_against_plain_sampling_every_hundred_metres(lat, lon, radius, bearing, share):
    """One disc and a line past it: the least distance by brute force."""
    lon1, lat1, _ = GEOD.fwd(lon, lat, bearing, share * radius)
    ends_lon, ends_lat, _ = GEOD.fwd([lon1] * 2, [lat1] * 2, [bearing + 90, bearing - 90], [1.5e6] * 2)
    verdict = one([disc(lat, lon, radius, 0.0, "d")], ends_lat, ends_lon)
    fine_lat, fine_lon = cut(ends_lat, ends_lon, 100.0)
    _, _, d = GEOD.inv(fine_lon, fine_lat, np.full(fine_lon.size, lon), np.full(fine_lon.size, lat))
    least = d.min() - radius
    if abs(least) > 1.0:
        assert verdict.legal == (least > 0)
    if least < -1.0:
        assert verdict.illegal_m == pytest.approx((d < radius).sum() * 100.0, abs=300.0)
