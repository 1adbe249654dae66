"""Nearest belts against brute force: distances to finely sampled coasts, sharing no code with the build.

The belts are made one-sided: all of the true belt is inside, and at most 50 m more on the 12 nm arcs and
100 m more on median lines (docs/airspace.md). Coasts are sampled every 100 m or less, which lengthens a
distance of 1 km or more by at most 1.3 m.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial import cKDTree

from longreach.geodesy import densify, direct, inverse
from longreach.world import airspace

BELT = 22224.0
SLACK = 3.0  # m: sampling (1.3) and the chord for the arc (0.01)
ARC_TOO_BIG, MEDIAN_TOO_BIG = 50.0, 100.0

# name: south, west, north, east, points
SEAS = {
    "gulf": (24.0, 47.5, 30.5, 57.5, 4000),
    "hormuz": (25.8, 55.8, 27.2, 57.2, 4000),
    "baltic": (54.0, 14.0, 61.0, 30.0, 4000),
    "indonesia": (-10.0, 117.0, 2.0, 132.0, 4000),
    "fiji": (-19.0, 176.0, -15.0, 182.0, 3000),
    "bering": (63.0, 186.0, 68.0, 194.0, 3000),
    "kerch": (44.5, 35.5, 46.5, 38.0, 3000),
    "adriatic": (43.0, 12.0, 46.0, 16.0, 4000),
    "caribbean": (12.0, -64.0, 19.0, -60.0, 4000),
}
FAR = 1e7  # m


def positions(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Earth-centred positions on WGS84 [m]."""
    phi, lam = np.radians(lat), np.radians(lon)
    n = 6378137.0 / np.sqrt(1 - 0.00669437999014 * np.sin(phi) ** 2)
    return np.stack(
        [n * np.cos(phi) * np.cos(lam), n * np.cos(phi) * np.sin(lam), n * 0.99330562000986 * np.sin(phi)], 1
    )


def sampled(line: airspace.BoundaryLine, step: float = 100.0) -> np.ndarray:
    """Positions along the geodesics of a line, no more than `step` [m] apart."""
    lat, lon, _ = densify(line.lat, line.lon, step)
    return positions(lat, lon)


def inside(closure: airspace.Closure, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Even-odd by the meridian to the north, in plain numpy."""
    odd = np.zeros(lat.size, bool)
    for ring in closure.rings:
        if ring.lat.max() < lat.min():
            continue
        for k in range(lat.size):
            east = (ring.lon - lon[k] + 180.0) % 360.0 - 180.0
            a, b = east[:-1], east[1:]
            cross = np.nonzero(((a <= 0.0) != (b <= 0.0)) & (np.abs(a - b) < 180.0))[0]
            at = ring.lat[cross] + np.diff(ring.lat)[cross] * a[cross] / (a[cross] - b[cross])
            odd[k] ^= bool(np.count_nonzero(at > lat[k]) % 2)
    return odd


@pytest.fixture(scope="module")
def shores() -> dict[str, tuple[airspace.Closure, airspace.Closure, list[airspace.BoundaryLine]]]:
    """Per State: nearest closure, plain closure, coast lines."""
    nearest = airspace.closures("ALL")
    plain = airspace.closures("ALL", belt="plain")
    return {
        n.id: (n, p, [line for line in p.lines if line.offset_m > 0.0])
        for n, p in zip(nearest, plain, strict=True)
    }


def close_to(line: airspace.BoundaryLine, south: float, west: float, north: float, east: float) -> bool:
    lon = (line.lon - (west + east) / 2 + 180.0) % 360.0 - 180.0
    return bool(
        line.lat.max() > south - 0.6
        and line.lat.min() < north + 0.6
        and (np.abs(lon) < (east - west) / 2 + 1.2).any()
    )


@pytest.mark.parametrize("name", SEAS)
def test_belts_agree_with_distances_to_every_coast(name: str, shores: dict) -> None:
    south, west, north, east, count = SEAS[name]
    random = np.random.default_rng(20201210)
    lat = np.degrees(
        np.arcsin(random.uniform(math.sin(math.radians(south)), math.sin(math.radians(north)), count))
    )
    lon = (random.uniform(west, east, count) + 180.0) % 360.0 - 180.0
    at = positions(lat, lon)
    away: dict[str, np.ndarray] = {}
    for code, (_, _, coast) in shores.items():
        lines = [line for line in coast if close_to(line, south, west, north, east)]
        if lines:
            tree = cKDTree(np.concatenate([sampled(line) for line in lines]))
            away[code] = np.minimum(tree.query(at, distance_upper_bound=4 * BELT)[0], FAR)
    states = list(away)
    on_land = {code: airspace.holds(closures[1], lat, lon) for code, closures in shores.items()}
    dry = np.any(list(on_land.values()), axis=0)
    checked = 0
    for code in states:
        held = airspace.holds(shores[code][0], lat, lon)
        rival = np.min([away[other] for other in states if other != code] or [np.full(count, FAR)], axis=0)
        # water nearer to it than to all others and within its sea is its own, without exception
        own = ~dry & (away[code] <= BELT - SLACK) & (away[code] <= rival - 2 * SLACK)
        assert held[own].all(), f"{code}: {np.count_nonzero(own & ~held)} points of its sea are missing"
        # what it holds beyond its land is within tolerance of its sea
        water = held & ~dry
        assert (away[code][water] <= BELT + ARC_TOO_BIG).all()
        assert ((away[code] - rival)[water] <= 2 * MEDIAN_TOO_BIG).all()
        # all of its land, none of another's unless both claim it
        assert held[on_land[code]].all()
        others = dry & ~on_land[code]
        assert not held[others].any(), f"{code} reaches over land that is not its own"
        checked += int(own.sum())
    assert checked > 100


def test_holds_agrees_with_a_plain_count_of_crossings(shores: dict) -> None:
    random = np.random.default_rng(7)
    for code, box in (("FJ", (-19, 176, -15, 182)), ("IR", (25, 44, 40, 63)), ("RU", (60, 170, 72, 192))):
        lat, lon = random.uniform(box[0], box[2], 150), random.uniform(box[1], box[3], 150)
        lon = (lon + 180.0) % 360.0 - 180.0
        for closure in shores[code][:2]:
            # the twin joins vertices by straight lines in lat, lon: they part from geodesics by < 30 m
            assert (airspace.holds(closure, lat, lon) == inside(closure, lat, lon)).all()


@pytest.mark.parametrize("code", ["IR", "JP", "NO", "GR", "CL"])
def test_the_edge_of_a_belt_is_never_inside_twelve_miles(code: str, shores: dict) -> None:
    """Vertices and middles of edges: at least 12 nm from the coast, or as near to another State."""
    (belt,) = airspace.closures(code)
    (plain,) = airspace.closures(code, belt="plain")
    coast = cKDTree(np.concatenate([sampled(line) for line in plain.lines if line.offset_m > 0.0]))
    random = np.random.default_rng(12)
    lat = np.concatenate([ring.lat[:-1] for ring in belt.rings])
    lon = np.concatenate([ring.lon[:-1] for ring in belt.rings])
    next_lat = np.concatenate([ring.lat[1:] for ring in belt.rings])
    next_lon = np.concatenate([ring.lon[1:] for ring in belt.rings])
    pick = random.choice(lat.size, min(1500, lat.size), replace=False)
    lat, lon, next_lat, next_lon = lat[pick], lon[pick], next_lat[pick], next_lon[pick]
    length, azimuth, _ = inverse(lat, lon, next_lat, next_lon)
    middle_lat, middle_lon, _ = direct(lat, lon, azimuth, length / 2)
    lat, lon = np.concatenate([lat, middle_lat]), np.concatenate([lon, middle_lon])
    away = coast.query(positions(lat, lon))[0]
    # on the 12 nm arcs (nobody else within 24 nm): between 12 nm and 50 m more
    elsewhere = [closures[1] for other, closures in shores.items() if other != code]
    rivals = [
        sampled(line, 2000.0)
        for closure in elsewhere
        for line in closure.lines
        if line.offset_m > 0.0 and close_to(line, lat.min(), -180.0, lat.max(), 180.0)
    ]
    rival = cKDTree(np.concatenate(rivals)).query(positions(lat, lon))[0]
    alone = rival > BELT + 3000.0
    inland = [sampled(line, 400.0) for line in plain.lines if line.offset_m == 0.0] or [np.zeros((1, 3))]
    sea = cKDTree(np.concatenate(inland)).query(positions(lat, lon))[0] > 3000.0
    arcs = alone & sea
    assert np.count_nonzero(arcs) > 100
    assert away[arcs].min() >= BELT - 0.5
    assert away[arcs].max() <= BELT + ARC_TOO_BIG + 1.0


def test_the_quoins_close_the_narrowest_strait() -> None:
    """Between Larak and Great Quoin no water is free with the islets; without them a lane of 2 nm is."""
    lat = np.linspace(26.36, 26.86, 400)  # the mainland of Oman's tip to Larak
    lon = np.linspace(56.48, 56.37, 400)

    def free(atlas: str) -> float:
        closed = np.zeros(lat.size, bool)
        for closure in airspace.closures("IR,OM,AE", atlas=atlas):
            closed |= airspace.holds(closure, lat, lon)
        step = math.hypot((lat[1] - lat[0]) * 60.0, (lon[1] - lon[0]) * 60.0 * math.cos(math.radians(26.6)))
        return float(np.count_nonzero(~closed) * step)

    assert free("default") == 0.0
    assert 1.0 < free("plain") < 4.0


def test_a_disputed_island_closes_with_either_claimant() -> None:
    abu_musa = ([25.873], [55.03])
    for code, atlas, expected in (
        ("IR", "default", True),
        ("AE", "default", True),
        ("IR", "plain", True),
        ("AE", "plain", False),
    ):
        (closure,) = airspace.closures(code, atlas=atlas)
        assert airspace.holds(closure, *abu_musa)[0] == expected
    assert airspace.overflown(*abu_musa).tolist() == ["IR"]


def test_crimea_golan_and_sahara_close_with_either_claimant() -> None:
    for lat, lon, pair in ((45.2, 34.2, "RU UA"), (33.0, 35.78, "IL SY"), (25.0, -14.0, "MA EH")):
        for code in pair.split():
            assert airspace.holds(airspace.closures(code)[0], [lat], [lon])[0], (code, lat, lon)
