"""Lawful ways of the verification held against points set close along them: no side of a boundary is missed."""

from __future__ import annotations

import numpy as np
import pytest

from longreach import geodesy
from longreach.verify import clearance
from longreach.verify.ways import SHORTEST, Ways
from longreach.world import airspace

GEODESICS = 40
STEP = 2_000.0  # m between the points looked at


@pytest.mark.parametrize("state", ["IQ", "CL", "FJ"])
def test_a_geodesic_through_closed_airspace_is_never_clear(state: str) -> None:
    """Without a stand-off only the side tells: once one crossed a whole State and was called clear."""
    closures = airspace.closures((state,), stand_off_m=0.0)
    boundary, ways = clearance.prepare(closures[0]), Ways.round(closures)
    rng = np.random.default_rng([20201210, len(state), ord(state[0])])
    near = rng.integers(0, boundary.ring_lat1.size, GEODESICS)

    def around() -> tuple[np.ndarray, np.ndarray]:
        lat = np.clip(boundary.ring_lat1[near] + rng.normal(0.0, 4.0, GEODESICS), -85.0, 85.0)
        return lat, geodesy.wrap_longitude(boundary.ring_lon1[near] + rng.normal(0.0, 5.0, GEODESICS))

    (lat1, lon1), (lat2, lon2) = around(), around()
    clear = ways.clear(lat1, lon1, lat2, lon2)
    crossing = 0
    for k in range(GEODESICS):
        length, azimuth, _ = geodesy.inverse(lat1[k], lon1[k], lat2[k], lon2[k])
        along = np.linspace(0.0, float(length), max(2, int(float(length) / STEP)))
        lat, lon, _ = geodesy.direct(
            np.full(along.size, lat1[k]),
            np.full(along.size, lon1[k]),
            np.full(along.size, float(azimuth)),
            along,
        )
        inside = boundary.inside(lat, lon)
        crossing += bool(inside.any())
        assert not (clear[k] and inside.any()), f"{lat1[k]},{lon1[k]} to {lat2[k]},{lon2[k]}"
        measured = clearance.closest(boundary, np.array([lat1[k], lat2[k]]), np.array([lon1[k], lon2[k]]))
        assert (measured.clearance_m < 0.0) >= bool(inside.any())
        if not clear[k] and not inside.any():
            assert measured.clearance_m < SHORTEST
    assert 5 < crossing < GEODESICS - 5
