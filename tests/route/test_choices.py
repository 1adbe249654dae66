import numpy as np
import pytest
from checker import judge
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapes import circle, polygon

from longreach import geodesy, route
from longreach.errors import InputError
from longreach.route.choices import alternatives, sides_between
from longreach.units import NAUTICAL_MILE
from longreach.world import airspace

QUICK = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def assert_sound(found, closures, a, b):
    """Sorted, apart, lawful by the independent checker, with the figures they claim."""
    first = found.routes[0]
    assert first.extra_m == 0.0 and not first.sides
    lengths = [one.route.length_m for one in found.routes]
    assert lengths == sorted(lengths) and max(lengths) <= found.longest_m + 1.0
    for one in found.routes:
        assert (one.route.lat[0], one.route.lon[0]) == a and (one.route.lat[-1], one.route.lon[-1]) == b
        assert one.route.length_m == pytest.approx(
            geodesy.path_length(one.route.lat, one.route.lon), abs=1e-6
        )
        assert one.extra_m == pytest.approx(one.route.length_m - lengths[0], abs=1e-6)
        assert one.route.lower_bound_m == first.route.lower_bound_m <= lengths[0]
        assert all(verdict.least_m >= -1e-3 for verdict in judge(closures, one.route.lat, one.route.lon))
    for one in found.routes[1:]:
        assert one.apart_m >= found.apart_m and one.sides
        lat, lon, _ = geodesy.densify(one.route.lat, one.route.lon, 50e3)
        other_lat, other_lon, _ = geodesy.densify(first.route.lat, first.route.lon, 50e3)
        widest = max(
            geodesy.distance(p, q, other_lat, other_lon).min() for p, q in zip(lat, lon, strict=True)
        )
        assert widest >= found.apart_m - 30e3


# Three discs on the prime meridian: two gaps between them and a way round each end.
DISCS = [circle(lat, 0.0, 500e3, 0.0, f"at{lat}") for lat in (-12, 0, 12)]
BLOCKS = {
    "gap south": polygon([(-9, -0.4), (-9, 0.4), (-3, 0.4), (-3, -0.4)], name="s"),
    "gap north": polygon([(3, -0.4), (3, 0.4), (9, 0.4), (9, -0.4)], name="n"),
    "far south": polygon([(-60, -0.4), (-60, 0.4), (-13, 0.4), (-13, -0.4)], name="fs"),
    "far north": polygon([(13, -0.4), (13, 0.4), (60, 0.4), (60, -0.4)], name="fn"),
}


def test_every_gap_in_a_wall_is_a_choice_and_none_is_shorter_with_the_others_shut():
    a, b = (-1.0, -20.0), (2.0, 20.0)
    found = alternatives(route.prepare(DISCS), a, b, 6)
    assert_sound(found, DISCS, a, b)
    assert found.complete and found.exhausted
    lengths = []
    for open_one in BLOCKS:
        shut = [block for name, block in BLOCKS.items() if name != open_one]
        lengths.append(route.shortest(route.prepare([*DISCS, *shut]), a, b).length_m)
    assert [one.route.length_m for one in found.routes] == pytest.approx(sorted(lengths), rel=2e-5)


def test_what_lies_between_is_named_with_its_hand():
    a, b = (-1.0, -20.0), (2.0, 20.0)
    found = alternatives(route.prepare(DISCS), a, b, 6)
    by_way = {
        round(float(one.route.lat[np.argmin(np.abs(one.route.lon))])): {
            (side.id, side.hand) for side in one.sides
        }
        for one in found.routes
    }
    sides = list(by_way.values())
    assert sides[0] == set()  # the best passes north of the middle disc
    assert {("at0", "left")} in sides  # south of it, leaving it on the left
    assert {("at12", "right")} in sides
    assert {("at0", "left"), ("at-12", "left")} in sides
    assert all(side.share == 1.0 for one in found.routes for side in one.sides)


def test_one_disc_can_be_passed_on_either_hand_and_no_other_way():
    a, b = (0.0, -15.0), (0.5, 15.0)
    disc = [circle(0.0, 0.0, 600e3, 20e3, "disc")]
    found = alternatives(route.prepare(disc), a, b, 5)
    assert_sound(found, disc, a, b)
    assert len(found.routes) == 2 and found.exhausted
    north, south = found.routes
    assert north.route.lat[1:-1].min() > 0 > south.route.lat[1:-1].max()
    (side,) = south.sides
    assert (side.id, side.hand, side.share) == ("disc", "left", 1.0)
    back = alternatives(route.prepare(disc), b, a, 5)
    assert [one.route.length_m for one in back.routes] == pytest.approx(
        [one.route.length_m for one in found.routes], abs=0.1
    )
    assert back.routes[1].sides[0].hand == "right"


def test_a_wall_with_a_pole_and_the_antimeridian():
    a, b = (80.0, 170.0), (70.0, -20.0)
    cap = [circle(88.0, 100.0, 500e3, 0.0, "cap"), circle(75.0, 179.9, 200e3, 0.0, "strait")]
    found = alternatives(route.prepare(cap), a, b, 3)
    assert_sound(found, cap, a, b)
    assert len(found.routes) >= 2


def test_no_closures_no_choice():
    found = alternatives(route.prepare([]), (0.0, 0.0), (10.0, 10.0), 3)
    assert len(found.routes) == 1 and found.exhausted


def test_no_route_is_the_one_answer():
    disc = circle(0.0, 0.0, 600e3, 0.0, "disc")
    found = alternatives(route.prepare([disc]), (0.0, 0.0), (10.0, 10.0), 3)
    (only,) = found.routes
    assert not only.route.feasible and "disc" in only.route.shortfalls[0].what


@pytest.mark.parametrize("k", [0, -1, 21])
def test_how_many_is_bounded(k):
    with pytest.raises(InputError, match="1 to 20"):
        alternatives(route.prepare([]), (0.0, 0.0), (1.0, 1.0), k)


@QUICK
@given(st.integers(0, 10_000))
def test_random_discs(seed):
    rng = np.random.default_rng(seed)
    discs = [
        circle(
            float(rng.uniform(-40, 40)),
            float(rng.uniform(-30, 30)),
            float(rng.uniform(2e5, 9e5)),
            10e3,
            f"d{i}",
        )
        for i in range(6)
    ]
    a, b = (float(rng.uniform(-30, 30)), -55.0), (float(rng.uniform(-30, 30)), 55.0)
    found = alternatives(route.prepare(discs, disk=False), a, b, 4)
    assert_sound(found, discs, a, b)
    again = alternatives(route.prepare(discs, disk=False), a, b, 2)
    assert [one.route.length_m for one in again.routes] == [one.route.length_m for one in found.routes][
        : len(again.routes)
    ] or len(found.routes) > 2
    wider = alternatives(route.prepare(discs, disk=False), a, b, 4, apart_m=2000e3)
    assert len(wider.routes) <= len(found.routes)


def test_sides_between_a_route_and_itself():
    prepared = route.prepare(DISCS)
    best = route.shortest(prepared, (-1.0, -20.0), (2.0, 20.0))
    assert sides_between(prepared, (best.lat, best.lon), (best.lat, best.lon)) == ()


def test_lakenheath_to_tripoli_1986_east_about_or_by_gibraltar():
    """France, Spain and Portugal refused: the F-111s flew round by Gibraltar. East about is shorter."""
    closures = airspace.closures("FR,ES,PT", belt="plain", atlas="plain")
    a, b = (52.4093, 0.561), (32.6635, 13.159)
    found = alternatives(route.prepare(closures), a, b, 3)
    assert_sound(found, closures, a, b)
    best, gibraltar = found.routes[0], found.routes[-1]
    assert best.route.length_m / 1e3 == pytest.approx(2495.3, abs=30)
    assert {side.id for side in gibraltar.sides} == {"FR", "ES", "PT"}
    assert all(side.hand == "left" for side in gibraltar.sides)
    lat, lon, _ = geodesy.densify(gibraltar.route.lat, gibraltar.route.lon, 10e3)
    off_trafalgar = (np.abs(lon + 6.1) < 0.2) & (lat < 40)
    assert off_trafalgar.any() and np.all((lat[off_trafalgar] > 35.3) & (lat[off_trafalgar] < 36.1))
    assert 700 < gibraltar.extra_m / NAUTICAL_MILE < 950


def test_helsinki_to_tokyo_with_russia_closed_north_about_or_south_about():
    closures = airspace.closures("RU")
    a, b = (60.3172, 24.9633), (35.7647, 140.386)
    found = alternatives(route.prepare(closures), a, b, 2)
    assert_sound(found, closures, a, b)
    north, south = found.routes
    lat, lon, _ = geodesy.densify(north.route.lat, north.route.lon, 20e3)
    assert lat.max() > 80  # over the Arctic and out by the Bering Strait
    assert np.abs(lon[(lat > 65.5) & (lat < 66.2) & (np.abs(lon) > 90)] + 168.5).max() < 2
    assert (
        geodesy.densify(south.route.lat, south.route.lon, 20e3)[0].max() < 65
        and south.apart_m > 1500 * NAUTICAL_MILE
    )
    assert south.sides[0].id == "RU" and south.sides[0].hand == "left" and south.sides[0].share > 0.9
    assert 30 < south.extra_m / NAUTICAL_MILE < 120
