import itertools
import math

import pytest
from shapes import circle, polygon

from longreach import geodesy, route
from longreach.errors import InputError
from longreach.route.fees import Fee, cheapest, inside_m

A, B = (0.0, -12.0), (0.0, 12.0)
WEST = polygon([(-10, -6), (-10, -4), (14, -4), (14, -6)], name="west")
EAST = polygon([(-14, 4), (-14, 6), (10, 6), (10, 4)], 20e3, "east")
HARD = circle(4.0, 0.0, 300e3, name="hard")
EVERY = [WEST, EAST, HARD]


def length_without(*ids):
    return route.shortest(route.prepare([one for one in EVERY if one.id not in ids]), A, B).length_m


@pytest.mark.parametrize("west", [0.0, 50e3, 5e6])
@pytest.mark.parametrize("east", [0.0, 200e3, 5e6])
def test_fees_for_leave_are_exact(west, east):
    fees = {"west": Fee(west), "east": Fee(east)}
    found = cheapest(EVERY, fees, A, B)
    every = [
        length_without(*bought) + sum(fees[name].leave_m for name in bought)
        for count in range(3)
        for bought in itertools.combinations(fees, count)
    ]
    assert found.cost_m == pytest.approx(min(every), abs=1.0)
    assert found.least_cost_m <= found.cost_m <= found.least_cost_m * 1.0003
    assert found.cost_m == pytest.approx(
        found.route.length_m + sum(one.leave_m + one.share_m for one in found.paid), abs=1e-6
    )
    assert 1 <= found.solved <= 4


def test_dearer_leave_never_makes_a_route_cheaper_and_in_the_end_none_is_bought():
    costs = [cheapest(EVERY, {"west": Fee(leave)}, A, B) for leave in (0.0, 1e5, 3e5, 1e6, 1e7)]
    values = [one.cost_m for one in costs]
    assert values == sorted(values)
    assert costs[0].paid and not costs[-1].paid
    assert values[-1] == pytest.approx(length_without(), abs=1.0)


def test_a_share_of_what_is_flown_inside_is_bracketed():
    found = cheapest([WEST], {"west": Fee(0.0, 0.25)}, A, B)
    (paid,) = found.paid
    across = float(geodesy.distance(0.0, -6.0, 0.0, -4.0))
    assert paid.inside_m == pytest.approx(across, abs=2e3) and paid.share_m == 0.25 * paid.inside_m
    assert found.least_cost_m <= found.route.great_circle_m <= found.cost_m
    assert found.cost_m == pytest.approx(found.route.great_circle_m + 0.25 * across, abs=1e3)
    dear = cheapest([WEST], {"west": Fee(0.0, 1e3)}, A, B)
    assert not dear.paid and dear.cost_m == dear.route.length_m


def test_inside_a_circle():
    disc = circle(0.0, 0.0, 150e3, 50e3, "disc")
    straight = route.shortest(route.prepare([]), A, B)
    assert inside_m(disc, straight) == pytest.approx(300e3, abs=2e3)


def test_no_way_even_with_leave():
    round_it = circle(*A, 100e3, name="shut")
    found = cheapest([round_it, WEST], {"west": Fee(0.0)}, A, B)
    assert not found.route.feasible and math.isinf(found.cost_m)


def test_faults_come_together():
    with pytest.raises(InputError) as caught:
        cheapest(EVERY, {"XX": Fee(0.0), "west": Fee(-1.0)}, A, B)
    assert len(caught.value.faults) == 2
    with pytest.raises(InputError, match="8 is the most"):
        discs = [circle(40.0, lon, 1e4, name=f"d{lon}") for lon in range(9)]
        cheapest(discs, {disc.id: Fee(1.0) for disc in discs}, A, B)
