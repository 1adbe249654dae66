import itertools
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapes import circle, polygon

from longreach import geodesy, route
from longreach.errors import InputError
from longreach.route.matrix import _best_order, matrix, via_any_order
from longreach.world import airspace

QUICK = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
WALL = [
    polygon([(-10, -1), (-10, 1), (10, 1), (10, -1)], 20e3, "wall"),
    circle(20.0, 10.0, 400e3, 0.0, "disc"),
]
PLACES = [(0.0, -5.0), (0.0, 5.0), (15.0, 0.0), (-14.0, 3.0), (24.5, 10.0), (40.0, -100.0), (-1.0, 179.0)]


def test_a_matrix_is_what_single_calls_say():
    prepared = route.prepare(WALL)
    found = matrix(prepared, PLACES)
    assert not found.shut
    assert np.array_equal(found.lengths_m, found.lengths_m.T)
    assert not found.lengths_m.diagonal().any()
    for i, j in itertools.combinations(range(len(PLACES)), 2):
        single = route.shortest(prepared, PLACES[i], PLACES[j]).length_m
        assert found.lengths_m[i, j] == pytest.approx(single, rel=1e-6, abs=0.01)
        back = route.shortest(prepared, PLACES[j], PLACES[i]).length_m
        assert found.lengths_m[j, i] == pytest.approx(back, rel=1e-6, abs=0.01)


@QUICK
@given(st.integers(0, 10_000))
def test_a_matrix_of_random_points_keeps_the_triangle_inequality(seed):
    rng = np.random.default_rng(seed)
    discs = [
        circle(
            float(rng.uniform(-50, 50)),
            float(rng.uniform(-180, 179)),
            float(rng.uniform(1e5, 1.5e6)),
            5e3,
            f"d{i}",
        )
        for i in range(5)
    ]
    prepared = route.prepare(discs, disk=False)
    points = [(float(rng.uniform(-80, 80)), float(rng.uniform(-180, 179))) for _ in range(8)]
    found = matrix(prepared, points)
    shut = {number for number, _ in found.shut}
    for number, point in enumerate(points):
        inside = any(
            geodesy.distance(*point, disc.lines[0].lat[0], disc.lines[0].lon[0])
            < disc.lines[0].offset_m + disc.stand_off_m - 1e-3
            for disc in discs
        )
        assert (number in shut) == inside
        assert np.isinf(found.lengths_m[number]).all() == inside
    free = [i for i in range(len(points)) if i not in shut]
    for i, j, k in itertools.permutations(free, 3):
        through = found.lengths_m[i, k] + found.lengths_m[k, j]
        assert found.lengths_m[i, j] <= through * (1 + 3e-4) + 1.0  # the rings' own grain apart
        if np.isfinite(found.lengths_m[i, j]):
            assert found.lengths_m[i, j] >= geodesy.distance(*points[i], *points[j]) - 0.01


def test_ends_on_the_edge_in_the_closed_and_shut_in():
    disc = circle(20.0, 20.0, 100e3, 50e3, "disc")
    lat, lon, _ = geodesy.direct(20.0, 20.0, 90.0, 150e3)
    edge = (float(lat), float(lon))
    points = [edge, (20.0, 20.0), (20.0, 15.0), edge]
    prepared = route.prepare([disc])
    found = matrix(prepared, points)
    ((number, why),) = found.shut
    assert number == 1 and "disc" in why[0].what and "point" in why[0].what
    assert np.isinf(found.lengths_m[1]).all()
    assert found.lengths_m[0, 3] == 0.0
    single = route.shortest(prepared, edge, (20.0, 15.0)).length_m
    assert found.lengths_m[0, 2] == pytest.approx(single, abs=0.01)


def test_too_many_points_are_refused():
    with pytest.raises(InputError, match="2,000 at most"):
        matrix(route.prepare([]), [(0.0, 0.0)] * 2001)
    with pytest.raises(InputError, match="12 is the most"):
        via_any_order(route.prepare([]), (0.0, 0.0), [(1.0, 1.0)] * 13, (0.0, 0.0))


def test_the_empty_matrix_and_nothing_between():
    assert matrix(route.prepare([]), []).lengths_m.shape == (0, 0)
    found, order = via_any_order(route.prepare([]), (0.0, 0.0), [], (0.0, 1.0))
    assert order == () and found.length_m == pytest.approx(111_319.49, abs=0.01)


@pytest.mark.parametrize("seed", range(6))
def test_the_order_against_every_permutation(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 7))
    lengths = rng.uniform(1, 10, (n + 2, n + 2))
    lengths = lengths + lengths.T
    if seed == 5:
        lengths[1, 2] = lengths[2, 1] = np.inf
    total, order = _best_order(lengths)

    def along(middle):
        chain = [0, *(k + 1 for k in middle), n + 1]
        return sum(lengths[i, j] for i, j in itertools.pairwise(chain))

    assert total == pytest.approx(min(along(p) for p in itertools.permutations(range(n))), rel=1e-12)
    assert along(order) == pytest.approx(total, rel=1e-12)


def test_any_order_over_closed_airspace_is_the_best_of_all_orders():
    closures = airspace.closures("IR,IQ,SY", belt="plain", stand_off_m=92_600.0)
    prepared = route.prepare(closures)
    a, b = (32.5018, -93.6627), (26.5, 51.5)
    stops = [(28.2, 34.2), (36.0, -6.5), (45.0, 15.0), (12.5, 47.0)]
    found, order = via_any_order(prepared, a, stops, b)
    every = {
        p: route.via(prepared, [a, *(stops[k] for k in p), b]).length_m
        for p in itertools.permutations(range(len(stops)))
    }
    assert found.length_m == pytest.approx(min(every.values()), abs=0.01)
    assert every[order] == pytest.approx(found.length_m, abs=0.01)
    assert found.lower_bound_m <= found.length_m <= found.lower_bound_m * 1.0002
    assert [(found.lat[i], found.lon[i]) for i in found.via] == [stops[k] for k in order]


def test_a_stop_in_closed_airspace_is_an_answer():
    found, order = via_any_order(route.prepare(WALL), (0.0, -5.0), [(20.0, 10.0), (1.0, 30.0)], (0.0, 5.0))
    assert not found.feasible and math.isinf(found.length_m) and order == (0, 1)
    assert any("disc" in shortfall.what for shortfall in found.shortfalls)
