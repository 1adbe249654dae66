import math

import numpy as np
import pytest
from shapes import circle, polygon

from longreach import geodesy, route
from longreach.errors import InputError
from longreach.route.prices import closure_prices, narrowest, stand_off_prices
from longreach.units import NAUTICAL_MILE
from longreach.world import airspace

A, B = (0.5, -12.0), (0.5, 12.0)
# two blocks with a strait of 1.2 degrees of latitude (72 nm) between them, and a disc out of the way
SOUTH = polygon([(-14, -1), (-14, 1), (0.0, 1), (0.0, -1)], name="south")
NORTH = polygon([(1.2, -1), (1.2, 1), (8, 1), (8, -1)], name="north")
ASIDE = circle(40.0, 60.0, 500e3, name="aside")
ACROSS = polygon([(-15, -6), (-15, -5), (4, -5), (4, -6)], name="across")


def test_a_price_is_the_route_with_less_the_route_without():
    closures = [SOUTH, NORTH, ASIDE, ACROSS]
    whole, prices = closure_prices(closures, A, B)
    assert {price.id for price in prices} == {"south", "north", "aside", "across"}
    for price in prices:
        others = [closure for closure in closures if closure.id != price.id]
        without = route.shortest(route.prepare(others), A, B)
        assert price.price_m == pytest.approx(whole.length_m - without.length_m, abs=0.5)
        assert 0.0 <= price.least_m <= price.price_m <= price.most_m
        if price.without is not None:
            assert price.without.lower_bound_m <= whole.length_m  # opening never lengthens
    assert prices[0].id == "across" and prices[0].price_m > 50e3
    aside = next(price for price in prices if price.id == "aside")
    assert aside.price_m == 0.0 and aside.without is None


def test_the_founding_case_what_iran_iraq_and_syria_cost():
    closures = airspace.closures("IR,IQ,SY", belt="plain", atlas="plain", stand_off_m=50 * NAUTICAL_MILE)
    whole, prices = closure_prices(closures, (32.5018, -93.6627), (26.5, 51.5))
    assert whole.feasible and whole.length_m / 1e3 == pytest.approx(12_782.6, abs=0.5)
    for price in prices:
        rest = [closure for closure in closures if closure.id != price.id]
        alone = route.shortest(route.prepare(rest), (32.5018, -93.6627), (26.5, 51.5))
        assert price.price_m == pytest.approx(whole.length_m - alone.length_m, abs=0.5)
        assert price.price_m <= whole.length_m - whole.great_circle_m + 1.0


def test_what_would_open_the_way():
    ring = [
        circle(lat, lon, 330e3, name=f"d{i}")
        for i, (lat, lon) in enumerate(((0, 5), (5, 0), (0, -5), (-5, 0)))
    ]
    corners = [
        circle(lat, lon, 330e3, name=f"c{i}")
        for i, (lat, lon) in enumerate(((4, 4), (4, -4), (-4, 4), (-4, -4)))
    ]
    whole, prices = closure_prices([*ring, *corners], (0.0, 0.0), (0.0, 20.0))
    assert not whole.feasible
    opening = {price.id: price.price_m for price in prices}
    assert math.isinf(opening["d0"]) and prices[0].without.feasible
    assert all(math.isinf(value) or math.isnan(value) for value in opening.values())


def test_a_strait_shuts_where_the_stand_offs_of_its_shores_meet():
    found = stand_off_prices([SOUTH, NORTH], A, B, stand_offs_m=[0.0, 20e3, 50e3, 90e3, 120e3])
    assert found.lower_bound_m[0] <= found.length_m[0]
    assert np.all(np.diff(found.length_m) > -1.0)  # wider is never shorter
    (passage,) = found.passages
    half = 0.5 * float(geodesy.distance(0.0, 0.0, 1.2, 0.0))
    assert passage.open_m <= half + 100 and passage.shut_m >= half - 250
    assert passage.shut_m - passage.open_m <= 0.1 * NAUTICAL_MILE + 1e-6
    assert passage.between == ("north", "south")
    assert passage.width_m == pytest.approx(2 * half, rel=2e-3)
    assert 0.0 < passage.lat < 1.2 and abs(passage.lon) < 1.1
    assert passage.extra_m > 100e3
    single = route.shortest(route.prepare([circle_less(closure, 20e3) for closure in (SOUTH, NORTH)]), A, B)
    assert found.length_m[1] == pytest.approx(single.length_m, abs=0.01)


def circle_less(closure, stand_off_m):
    from dataclasses import replace

    return replace(closure, stand_off_m=stand_off_m)


def test_the_largest_stand_off_is_where_an_end_is_reached():
    disc = circle(0.0, 0.0, 300e3, 10e3, "disc")
    a, b = (0.0, -8.0), (0.0, 9.0)
    found = stand_off_prices([disc], a, b)
    room = float(geodesy.distance(0, 0, 0, 8)) - 300e3
    assert room - 0.5 * NAUTICAL_MILE <= found.largest_m <= room + 1.0
    assert found.stand_off_m[0] == 0.0 and 10e3 in found.stand_off_m
    assert found.stand_off_m[-1] <= found.largest_m
    assert np.isfinite(found.length_m).all() and not found.passages
    turned = np.diff(found.length_m) / np.diff(found.stand_off_m)
    assert np.all(turned > 0)


def test_closures_with_a_margin_of_their_own_keep_it():
    own = circle(30.0, 0.0, 100e3, 77e3, "own")
    found = stand_off_prices([SOUTH, NORTH, own], A, B, stand_offs_m=[0.0])
    assert found.fixed == ("own",)


def test_nothing_closed_has_no_price():
    whole, prices = closure_prices([], A, B)
    assert whole.feasible and prices == ()
    found = stand_off_prices([], A, B, stand_offs_m=[0.0, 1e5])
    assert np.all(found.length_m == found.length_m[0]) and not found.passages


def test_a_stand_off_out_of_range_is_refused():
    with pytest.raises(InputError, match="between 0 and 2,000 nm"):
        stand_off_prices([SOUTH], A, B, stand_offs_m=[-1.0, 5e7])


def test_no_narrows_in_the_open():
    found = route.shortest(route.prepare([ASIDE]), A, B)
    assert np.isnan(narrowest([ASIDE], found, 50e3)[2])
    assert narrowest([], found, 50e3)[3] == ()
