"""The shortest lawful path: legal by another's measure, as short as the authorities say, and its laws."""

import json
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from checker import judge
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapes import circle, polygon, regular

from longreach import geodesy, route
from longreach.units import NAUTICAL_MILE
from longreach.world import airspace

CASES = json.loads((Path(__file__).parents[1] / "authorities" / "routing_cases.json").read_text())["cases"]
QUICK = settings(
    max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
SAMPLING = 5.0  # m by which the judge's own sampling may be off (see checker.py)


def closures_of(case):
    stand_off = case["margin_nm"] * NAUTICAL_MILE
    found = (
        list(
            airspace.closures(
                case["closed"],
                belt="plain",
                atlas="plain",
                territorial_sea_m=case["territorial_sea_nm"] * NAUTICAL_MILE,
                stand_off_m=stand_off,
            )
        )
        if case["closed"]
        else []
    )
    for disc in case.get("closed_circles", []):
        lon, lat = disc["center"]
        found.append(circle(lat, lon, disc["radius_km"] * 1000.0, stand_off))
    return found


def assert_sound(found, closures, a, b):
    """Everything a feasible route promises."""
    assert found.feasible and not found.shortfalls
    assert (found.lat[0], found.lon[0]) == a and (found.lat[-1], found.lon[-1]) == b
    assert found.length_m == pytest.approx(geodesy.path_length(found.lat, found.lon), abs=1e-6)
    assert found.great_circle_m - 1e-6 <= found.lower_bound_m <= found.length_m
    assert np.array_equal(found.lat[1:-1], np.round(found.lat[1:-1], 7))
    for verdict, closest in zip(judge(closures, found.lat, found.lon), found.closest, strict=True):
        assert verdict.least_m >= -1e-3, verdict
        assert closest.id == verdict.id
        # nowhere does the judge find the line nearer than the solver says, beyond rounding of long geodesics
        assert closest.clearance_m <= verdict.clearance_m + 0.05 + 2e-4 * max(
            0.0, verdict.clearance_m - 100e3
        )
        assert closest.clearance_m >= verdict.clearance_m - SAMPLING - 1e-4 * abs(verdict.clearance_m)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_open_cases(case):
    closures = closures_of(case)
    prepared = route.prepare(closures)
    a, b = tuple(case["origin"][::-1]), tuple(case["dest"][::-1])
    found = route.shortest(prepared, a, b)
    assert_sound(found, closures, a, b)
    reference = case["reference"]
    assert found.length_m / 1e3 <= 1.0001 * reference["upper_km"]
    assert found.length_m / 1e3 >= reference["lower_km"]
    assert found.lower_bound_m / 1e3 <= reference["upper_km"]
    assert found.gap_ppm <= 200.0


def test_the_polar_circle_has_the_length_clairaut_gives():
    case = next(case for case in CASES if case["id"] == "syd-eze-cap60")
    prepared = route.prepare(closures_of(case))
    found = route.shortest(prepared, tuple(case["origin"][::-1]), tuple(case["dest"][::-1]))
    assert found.lower_bound_m <= 11_922_427.9 <= found.length_m
    assert found.length_m == pytest.approx(11_922_427.9, rel=5e-6)


def test_round_a_disc_on_the_equator_the_length_is_two_tangents_and_an_arc():
    radius, reach = 300e3, 1500e3
    a, b = (0.0, -reach / 111319.4907932), (0.0, reach / 111319.4907932)
    found = route.shortest(route.prepare([circle(0.0, 0.0, radius)]), a, b)
    # on a sphere of the local radius: tangents acos(cos c / cos r), arc sin r times the angle left
    sphere = 6_378_137.0 * math.sqrt(1 - 0.00669437999014)  # mean curvature at the equator
    c, r = reach / sphere, radius / sphere
    tangent = math.acos(math.cos(c) / math.cos(r))
    arc = (math.pi - 2 * math.acos(math.tan(r) / math.tan(c))) * math.sin(r)
    assert found.length_m == pytest.approx(sphere * (2 * tangent + arc), rel=2e-4)


def test_nothing_closed_is_the_geodesic():
    found = route.shortest(route.prepare([]), (60.3172, 24.9633), (35.7647, 140.386))
    assert found.length_m == found.great_circle_m == found.lower_bound_m
    assert found.length_m / 1e3 == pytest.approx(7849.0097, abs=1e-4)
    assert found.lat.size == 2 and found.gap_ppm == 0.0


def test_the_same_place_twice_is_a_route_of_no_length():
    found = route.shortest(route.prepare([circle(10, 10, 1e5)]), (0.0, 0.0), (0.0, 0.0))
    assert found.feasible and found.length_m == 0.0 and found.gap_ppm == 0.0


def brute(corners, a, b):
    """Least length round one convex polygon: over every chain of its corners either way, by plain search."""
    lat, lon = corners
    best = math.inf
    n = lat.size
    for first in range(n):
        for count in range(1, n):
            for way in (1, -1):
                chain = [(first + way * k) % n for k in range(count)]
                path_lat = np.concatenate([[a[0]], lat[chain], [b[0]]])
                path_lon = np.concatenate([[a[1]], lon[chain], [b[1]]])
                length = geodesy.path_length(path_lat, path_lon)
                if length < best and _outside(corners, path_lat, path_lon):
                    best = length
    return best


def _outside(corners, path_lat, path_lon):
    """No leg comes nearer to the polygon's centre than its edges do, on the leg's own bearing of it."""
    import shapely

    centre = corners[0].mean(), corners[1].mean()
    _, azimuth, _ = geodesy.inverse(*centre, *corners)
    distance = geodesy.distance(*centre, *corners)
    shape = shapely.Polygon(
        np.stack([distance * np.sin(np.radians(azimuth)), distance * np.cos(np.radians(azimuth))], 1)
    )
    lat, lon, _ = geodesy.densify(path_lat, path_lon, 2e3)
    far, bearing, _ = geodesy.inverse(*centre, lat, lon)
    xy = np.stack([far * np.sin(np.radians(bearing)), far * np.cos(np.radians(bearing))], 1)
    return not shapely.intersects_xy(shape.buffer(-200.0), xy[:, 0], xy[:, 1]).any()


@pytest.mark.parametrize("seed", range(4))
def test_one_small_polygon_against_brute_force(seed):
    rng = np.random.default_rng(seed)
    centre = (float(rng.uniform(-50, 50)), float(rng.uniform(-180, 180)))
    shape = regular(*centre, 150e3, 5, turn=float(rng.uniform(0, 90)))
    lat, lon, _ = geodesy.direct(*centre, [float(rng.uniform(0, 360))], 400e3)
    a = (float(lat[0]), float(lon[0]))
    _, back, _ = geodesy.inverse(*centre, *a)
    lat, lon, _ = geodesy.direct(*centre, [float(back) + 180.0 + float(rng.uniform(-10, 10))], 420e3)
    b = (float(lat[0]), float(lon[0]))
    keep = geodesy.distance(*centre, shape.rings[0].lat, shape.rings[0].lon) > 149.9e3
    corners = shape.rings[0].lat[keep][:-1], shape.rings[0].lon[keep][:-1]
    found = route.shortest(route.prepare([shape]), a, b)
    assert_sound(found, [shape], a, b)
    truth = brute(corners, a, b)
    assert truth - 1.0 <= found.length_m <= truth * 1.0003
    assert found.lower_bound_m <= truth + 1.0


longitudes = st.floats(-180, 179.999)


@QUICK
@given(
    lon=longitudes,
    lat=st.sampled_from([0.0, 45.0, 70.0, 88.0, 90.0, -89.5]),
    radius=st.sampled_from([2e3, 60e3, 400e3]),
    bearing=st.floats(0, 360),
    bend=st.floats(-20, 20),
)
def test_discs_anywhere(lon, lat, radius, bearing, bend):
    """Across the antimeridian, over and round the poles, past islands of two kilometres."""
    disc = circle(lat, lon, radius, 10e3)
    far = 2.5 * radius + 60e3
    p, q, _ = geodesy.direct(lat, lon, [bearing, bearing + 180 + bend], far)
    a, b = (float(p[0]), float(q[0])), (float(p[1]), float(q[1]))
    prepared = route.prepare([disc], disk=False)
    found = route.shortest(prepared, a, b)
    assert_sound(found, [disc], a, b)
    back = route.shortest(prepared, b, a)
    assert back.length_m == pytest.approx(found.length_m, abs=0.05)


@QUICK
@given(st.integers(0, 10_000))
def test_more_closed_or_wider_is_never_shorter_and_the_world_may_turn(seed):
    rng = np.random.default_rng(seed)
    discs = [
        circle(
            float(rng.uniform(-60, 60)),
            float(rng.uniform(-60, 60)),
            float(rng.uniform(2e5, 1e6)),
            0.0,
            f"c{i}",
        )
        for i in range(4)
    ]
    a, b = (float(rng.uniform(-60, 60)), -75.0), (float(rng.uniform(-60, 60)), 75.0)
    found = route.shortest(route.prepare(discs, disk=False), a, b)
    assert found.feasible
    fewer = route.shortest(route.prepare(discs[:3], disk=False), a, b)
    assert fewer.length_m <= found.length_m * (1 + found.gap_ppm * 1e-6) + 0.01
    assert fewer.lower_bound_m <= found.length_m
    wider = [replace(disc, stand_off_m=50e3) for disc in discs]
    if all(
        geodesy.distance(*end, disc.lines[0].lat[0], disc.lines[0].lon[0]) > disc.lines[0].offset_m + 51e3
        for end in (a, b)
        for disc in discs
    ):
        assert route.shortest(route.prepare(wider, disk=False), a, b).length_m >= found.lower_bound_m
    turned = [
        circle(disc.lines[0].lat[0], (disc.lines[0].lon[0] + 270) % 360 - 180, disc.lines[0].offset_m)
        for disc in discs
    ]
    again = route.shortest(route.prepare(turned, disk=False), (a[0], a[1] + 90), ((b[0], b[1] + 90)))
    assert again.length_m == pytest.approx(found.length_m, rel=3e-5)


def test_a_pole_inside_an_obstacle_and_a_route_round_it():
    cap = polygon([(75.0, lon) for lon in range(-180, 180, 30)], 20e3, "cap", holds_north_pole=True)
    a, b = (70.0, 0.0), (70.0, 175.0)
    found = route.shortest(route.prepare([cap]), a, b)
    assert_sound(found, [cap], a, b)
    assert found.length_m > 1.1 * found.great_circle_m


def test_nearly_antipodal_ends_find_the_open_side():
    a, b = (0.0, 0.0), (0.3, 179.7)
    free = route.shortest(route.prepare([]), a, b)
    assert free.length_m == pytest.approx(free.great_circle_m, rel=1e-9)
    bar = circle(80.0, 90.0, 2.0e6)
    found = route.shortest(route.prepare([bar]), a, b)
    assert_sound(found, [bar], a, b)
    assert found.length_m <= 1.004 * free.great_circle_m  # the other way round costs little


def test_an_end_inside_is_an_answer():
    disc = circle(20.0, 20.0, 100e3, 50e3, "disc")
    lat, lon, _ = geodesy.direct(20.0, 20.0, 90.0, 130e3)
    found = route.shortest(route.prepare([disc]), (float(lat), float(lon)), (0.0, 0.0))
    assert not found.feasible and math.isinf(found.length_m) and found.lat.size == 0
    (shortfall,) = found.shortfalls
    assert "disc" in shortfall.what and "origin" in shortfall.what
    assert shortfall.by == pytest.approx(20e3 / NAUTICAL_MILE, abs=0.01) and shortfall.unit == "nm"
    assert shortfall.cure.value == "16.1 nm"
    eased = replace(disc, stand_off_m=16.1 * NAUTICAL_MILE)
    assert route.shortest(route.prepare([eased]), (float(lat), float(lon)), (0.0, 0.0)).feasible


def test_an_end_exactly_at_the_stand_off_is_lawful():
    disc = circle(20.0, 20.0, 100e3, 50e3)
    lat, lon, _ = geodesy.direct(20.0, 20.0, 90.0, 150e3)
    a = (float(lat), float(lon))
    found = route.shortest(route.prepare([disc]), a, (20.0, 15.0))
    assert_sound(found, [disc], a, (20.0, 15.0))
    shape = polygon([(0, 0), (0, 4), (4, 4), (4, 0)])
    found = route.shortest(route.prepare([shape]), (0.0, 0.0), (5.0, 5.0))  # on a corner
    assert found.feasible and found.closest[0].clearance_m == pytest.approx(0.0, abs=1e-3)


def test_a_ring_of_discs_names_itself_and_the_stand_off_that_lets_one_out():
    azimuth = np.arange(0, 360, 45.0)
    lat, lon, _ = geodesy.direct(10.0, 10.0, azimuth, 500e3)
    gap = float(geodesy.distance(lat[0], lon[0], lat[1], lon[1])) - 2 * 150e3
    discs = [
        circle(float(p), float(q), 150e3, 60e3, f"d{i}")
        for i, (p, q) in enumerate(zip(lat, lon, strict=True))
    ]
    found = route.shortest(route.prepare(discs), (10.0, 10.0), (40.0, 10.0))
    assert not found.feasible
    (shortfall,) = found.shortfalls
    assert "origin" in shortfall.what and all(f"d{i}" in shortfall.what for i in range(8))
    widest = max(
        float(geodesy.distance(p, q, r, s)) - 2 * 150e3
        for (p, q), (r, s) in pairwise([*zip(lat, lon, strict=True), (lat[0], lon[0])])
    )
    value = float(shortfall.cure.value.removesuffix(" nm")) * NAUTICAL_MILE
    assert gap / 2 - 2000 <= value <= widest / 2
    eased = [replace(disc, stand_off_m=value) for disc in discs]
    assert route.shortest(route.prepare(eased), (10.0, 10.0), (40.0, 10.0)).feasible


def test_enclave_lesotho_cannot_be_left_while_south_africa_is_closed():
    closures = airspace.closures("ZA", belt="plain")
    found = route.shortest(route.prepare(closures), (-29.5, 28.2), (-15.4, 28.3))
    assert not found.feasible
    (shortfall,) = found.shortfalls
    assert "ZA" in shortfall.what and "no stand-off" in shortfall.cure.text
    inside = route.shortest(route.prepare(closures), (-29.5, 28.2), (-29.9, 28.6))
    assert_sound(inside, closures, (-29.5, 28.2), (-29.9, 28.6))


def test_two_open_neighbours_between_closed_ones_touch_along_a_border_only():
    """From Laos to Cambodia between Thailand and Vietnam, both closed, no stand-off."""
    closures = airspace.closures("TH,VN", belt="plain", territorial_sea_m=0.0)
    a, b = (19.5, 103.0), (12.5, 105.0)
    found = route.shortest(route.prepare(closures), a, b)
    assert_sound(found, closures, a, b)
    assert found.length_m > found.great_circle_m


def test_a_gap_of_half_a_kilometre_is_used():
    left = polygon([(-8, -6), (-8, -0.0023), (8, -0.0023), (8, -6)], name="left")
    right = polygon([(-8, 0.0023), (-8, 6), (8, 6), (8, 0.0023)], name="right")
    a, b = (-9.0, 0.3), (9.0, -0.3)
    found = route.shortest(route.prepare([left, right]), a, b)
    assert_sound(found, [left, right], a, b)
    assert found.length_m < 1.01 * found.great_circle_m


def test_via_points_are_kept_in_order():
    closures = airspace.closures("IR,IQ,SY", belt="plain", stand_off_m=50 * NAUTICAL_MILE)
    prepared = route.prepare(closures)
    points = [(32.5018, -93.6627), (36.0, -6.5), (28.2, 34.2), (26.5, 51.5)]
    found = route.via(prepared, points)
    assert found.feasible
    for k, point in zip(found.via, points[1:-1], strict=True):
        assert (found.lat[k], found.lon[k]) == point
    legs = [route.shortest(prepared, p, q) for p, q in pairwise(points)]
    assert found.length_m == pytest.approx(sum(leg.length_m for leg in legs), rel=1e-12)
    lengths = route.many(prepared, points[0], [p[0] for p in points[1:]], [p[1] for p in points[1:]])
    single = [route.shortest(prepared, points[0], p).length_m for p in points[1:]]
    assert lengths == pytest.approx(single, abs=0.05)


def test_many_has_no_length_where_there_is_no_way():
    disc = circle(0.0, 0.0, 100e3)
    lengths = route.many(route.prepare([disc]), (5.0, 5.0), [0.0, 10.0], [0.0, 10.0])
    assert math.isinf(lengths[0]) and lengths[1] == pytest.approx(
        float(geodesy.distance(5, 5, 10, 10)), abs=0.01
    )


def test_clearances_of_a_line_that_cuts_in_are_negative():
    square = polygon([(0, 0), (0, 4), (4, 4), (4, 0)])
    (found,) = route.clearances([square], [2.0, 2.0], [-5.0, 9.0])
    assert found.clearance_m == pytest.approx(-float(geodesy.distance(2, 2, 4, 2)), rel=0.01)
    (found,) = route.clearances([circle(0, 0, 50e3)], [-5.0, 5.0], [1.0, 1.0])
    assert found.clearance_m == pytest.approx(float(geodesy.distance(0, 1, 0, 0)) - 50e3, abs=0.01)


def test_a_torn_or_foreign_cache_file_is_as_good_as_none(tmp_path, monkeypatch):
    from longreach.route import cache
    from longreach.route import prepared as module

    monkeypatch.setenv("LONGREACH_CACHE", str(tmp_path))
    disc = [circle(3.0, 3.0, 123e3)]
    first = route.shortest(route.prepare(disc), (0.0, 0.0), (6.0, 6.0))
    (file,) = cache.folder().glob("*.bin")
    for damage in (b"", file.read_bytes()[:500], b"x" * 5000, file.read_bytes()[:-1] + b"?"):
        file.write_bytes(damage)
        module._recent.clear()
        prepared = route.prepare(disc)
        assert not prepared.from_cache
        assert np.array_equal(route.shortest(prepared, (0.0, 0.0), (6.0, 6.0)).lat, first.lat)
    module._recent.clear()
    assert route.prepare(disc).from_cache


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path, monkeypatch):
    from longreach.route import prepared as module

    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("LONGREACH_CACHE", str(tmp_path / "file"))
    module._recent.clear()
    assert route.shortest(route.prepare([circle(3.0, 3.0, 123e3)]), (0.0, 0.0), (6.0, 6.0)).feasible


def test_a_direct_line_short_of_the_antipode_is_found():
    """19,895 km, where Vincenty's iteration does not settle: found at random, it was answered by a detour of 21 km."""
    a, b = (-30.9539317, -19.1588226), (30.0984164, 161.5134816)
    found = route.shortest(
        route.prepare(airspace.closures("AX,GA,TD", belt="plain", stand_off_m=39 * 1852.0)), a, b
    )
    assert found.feasible and found.length_m == pytest.approx(found.great_circle_m, abs=1.0)
    assert found.gap_ppm < 1.0
