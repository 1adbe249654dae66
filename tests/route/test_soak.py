"""The long proof: random closure sets and pairs, every route judged. Run by `make soak`."""

import numpy as np
import pytest
from checker import judge

from longreach import route
from longreach.units import NAUTICAL_MILE
from longreach.world import airspace

SETS, PAIRS = 200, 500
JUDGED = 40  # routes of each set given to the independent judge; the solver measures every one of them


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(SETS))
def test_random_routes_are_lawful_and_within_their_bracket(seed):
    random = np.random.default_rng(seed)
    codes = [state.code for state in airspace.states() if len(state.code) == 2 and state.code != "AQ"]
    closures = airspace.closures(
        list(random.choice(codes, int(random.integers(1, 9)), replace=False)),
        belt=str(random.choice(["nearest", "plain"])),
        stand_off_m=float(random.choice([0.0, 5.0, 25.0, 60.0])) * NAUTICAL_MILE,
    )
    prepared = route.prepare(closures, disk=False)
    middles = [
        (float(line.lat.mean()), float(line.lon.mean()))
        for closure in closures
        for line in [max(closure.lines, key=lambda line: line.lat.size)]
    ]
    judged = 0
    for _ in range(PAIRS):
        lat, lon = middles[int(random.integers(len(middles)))]
        spread = float(random.choice([2.0, 10.0, 50.0]))
        ends = [
            (
                float(np.clip(lat + random.normal(0, spread), -89.9, 89.9)),
                float((lon + random.normal(0, spread) + 180) % 360 - 180),
            )
            for _ in range(2)
        ]
        found = route.shortest(prepared, *ends)
        if not found.feasible:
            assert found.shortfalls
            continue
        assert found.great_circle_m - 1e-6 <= found.lower_bound_m <= found.length_m
        if found.length_m < 9e6:
            assert found.gap_ppm <= 200.0
        if found.gap_ppm > 0 and judged < JUDGED:
            judged += 1
            assert all(verdict.least_m >= -1e-3 for verdict in judge(closures, found.lat, found.lon))
            back = route.shortest(prepared, *ends[::-1])
            assert back.length_m == pytest.approx(found.length_m, rel=2e-4)
