"""Ends asked about often: other work, the same answers."""

import itertools

import numpy as np
import pytest
from shapes import circle, regular

from longreach import route
from longreach.route import often

DISCS = [
    circle(float(lat), float(lon), radius, 10e3, f"disc {lat} {lon}")
    for (lat, lon), radius in zip(
        itertools.product((-50, -15, 20, 55, 80), (-150, -75, 0, 70, 140)),
        itertools.cycle((9e5, 5e5, 12e5)),
        strict=False,
    )
] + [regular(0.0, 35.0, 7e5, 7, 20e3, "heptagon")]


@pytest.fixture(scope="module")
def prepared():
    return route.prepare(DISCS, disk=False)


def places(count, seed=3):
    rng = np.random.default_rng(seed)
    return [
        (float(np.degrees(np.arcsin(rng.uniform(-1, 1)))), float(rng.uniform(-180, 180)))
        for _ in range(count)
    ]


def test_known_ways_give_the_same_routes(prepared, monkeypatch):
    here = places(12)
    pairs = list(itertools.permutations(here, 2))
    monkeypatch.setattr(often, "OFTEN", 10**9)
    lazy = [route.shortest(prepared, a, b) for a, b in pairs]
    assert not prepared.outer_ends.trees
    monkeypatch.setattr(often, "OFTEN", 2)
    known = [route.shortest(prepared, a, b) for a, b in pairs + pairs][len(pairs) :]
    assert len(prepared.outer_ends.trees) >= 5 and len(prepared.inner_ends.trees) >= 5
    assert sum(one.lat.size > 2 for one in lazy) > 30
    for one, other in zip(lazy, known, strict=True):
        assert one.feasible == other.feasible
        if one.feasible:
            assert np.array_equal(one.lat, other.lat) and np.array_equal(one.lon, other.lon)
            assert other.lower_bound_m == pytest.approx(one.lower_bound_m, abs=1e-6)


def test_from_near_the_antipode_the_bound_still_holds(prepared, monkeypatch):
    monkeypatch.setattr(often, "OFTEN", 1)
    for lat, lon in places(10, seed=8):
        there = (-lat + 0.3, (lon + 360.0) % 360.0 - 180.0)
        for _ in range(3):
            one = route.shortest(prepared, (lat, lon), there)
            if one.feasible:
                assert (
                    one.great_circle_m - 1e-6 <= one.lower_bound_m <= one.length_m <= one.lower_bound_m * 1.01
                )


def test_what_is_kept_is_bounded(prepared, monkeypatch):
    monkeypatch.setattr(often, "OFTEN", 1)
    ends = often.Often(relaxed=False)
    monkeypatch.setattr(often, "LARGEST", 45 * prepared.outer.node.size)  # a tree is 13 to 14 bytes a corner
    monkeypatch.setattr(often, "MOST_COUNTED", 10)
    from longreach.route.search import _ray

    for a, b in itertools.pairwise(places(60)):
        for _ in range(3):
            ends.search(prepared.outer, _ray(a), _ray(b), np.inf)
    assert 1 <= len(ends.trees) <= 3
    assert ends.held == sum(tree.size for tree in ends.trees.values())
    assert len(ends.met) <= 12
