"""The guess of the widest way: worked by hand on rings of discs and polygons, and what it is for."""

from dataclasses import replace

import numpy as np
import pytest
from shapes import circle, regular

from longreach import geodesy, route
from longreach.route.widest import passage
from longreach.units import NAUTICAL_MILE


def ring(radius_m, count, disc_m, lat=10.0, lon=20.0, stand_off_m=300e3, without=()):
    """Discs in a ring about a point."""
    azimuth = np.arange(count) * 360.0 / count
    lats, lons, _ = geodesy.direct(lat, lon, azimuth, radius_m)
    return [
        circle(float(lats[i]), float(lons[i]), disc_m, stand_off_m, f"disc {i}")
        for i in range(count)
        if i not in without
    ]


def gap(discs, i, j):
    (a,), (b,) = discs[i].lines, discs[j].lines
    return float(geodesy.distance(a.lat[0], a.lon[0], b.lat[0], b.lon[0])) - a.offset_m - b.offset_m


def test_between_discs_in_a_ring_it_is_half_the_widest_gap():
    discs = ring(1000e3, 9, 200e3)
    widest = max(gap(discs, i, (i + 1) % 9) for i in range(9))
    assert passage(discs, (10.0, 20.0), (10.0, 60.0)) == pytest.approx(widest / 2, abs=50.0)
    assert passage(discs, (10.0, 60.0), (10.0, 20.0)) == pytest.approx(widest / 2, abs=50.0)


def test_a_closure_keeps_its_own_smaller_stand_off():
    discs = ring(1000e3, 9, 200e3)
    discs[4] = replace(discs[4], stand_off_m=0.0)
    widest = max(gap(discs, 3, 4), gap(discs, 4, 5))
    assert passage(discs, (10.0, 20.0), (10.0, 60.0)) == pytest.approx(widest, abs=50.0)


def test_a_gap_wider_than_both_stand_offs_need_is_no_passage():
    discs = ring(1000e3, 9, 200e3, without=(4,))
    assert passage(discs, (10.0, 20.0), (10.0, 60.0)) == float("inf")


def test_open_sea_between_is_no_passage():
    assert passage([regular(0.0, 0.0, 300e3, 8, 50e3)], (20.0, 20.0), (-20.0, -20.0)) == float("inf")


@pytest.mark.parametrize("corners", [5, 8])
def test_the_largest_stand_off_between_polygons_is_found_from_the_guess(corners):
    shapes = []
    azimuth = np.arange(6) * 60.0 + 7.0
    lats, lons, _ = geodesy.direct(-30.0, 100.0, azimuth, 900e3)
    for i in range(6):
        shapes.append(regular(float(lats[i]), float(lons[i]), 330e3, corners, 200e3, f"p{i}", turn=11.0 * i))
    prepared = route.prepare(shapes, disk=False)
    a, b = (-30.0, 100.0), (-60.0, 20.0)
    found = route.shortest(prepared, a, b)
    assert not found.feasible
    cure = found.shortfalls[0].cure
    value = float(cure.value.split()[0]) * NAUTICAL_MILE

    def at(stand_off):
        return route.shortest(
            route.prepare([replace(one, stand_off_m=stand_off) for one in shapes], disk=False), a, b
        )

    assert at(value).feasible
    assert not at(value + 0.6 * NAUTICAL_MILE).feasible
    assert passage(shapes, a, b) == pytest.approx(value, abs=0.6 * NAUTICAL_MILE)
