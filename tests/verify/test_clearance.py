"""The clearance of a flown line against brute force, and ways found round closed areas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from longreach import geodesy
from longreach.verify import clearance
from longreach.verify.ways import Ways
from longreach.world.airspace import BoundaryLine, Closure, Ring

NM = 1852.0


def closed(
    corners: list[tuple[float, float]], *, offset: float = 0.0, stand_off: float = 0.0, pole: bool = False
) -> Closure:
    ring = np.array([*corners, corners[0]], float)
    return Closure(
        id="X", name="X", kind="user", rings=(Ring(ring[:, 0], ring[:, 1]),),
        lines=(BoundaryLine(ring[:, 0], ring[:, 1], offset),), stand_off_m=stand_off, holds_north_pole=pole, source="test",
    )  # fmt: skip


def brute(closure: Closure, lat: Any, lon: Any) -> float:
    """Points of the line 250 m apart against boundary points 250 m apart, the nearest pair by geodesic."""
    lat, lon, _ = geodesy.densify(lat, lon, 250.0)
    line = closure.lines[0]
    edge_lat, edge_lon, _ = geodesy.densify(line.lat, line.lon, 250.0)
    chord, near = cKDTree(clearance.geocentric(edge_lat, edge_lon)).query(clearance.geocentric(lat, lon))
    k = int(np.argmin(chord))
    return float(geodesy.distance(lat[k], lon[k], edge_lat[near[k]], edge_lon[near[k]])) - line.offset_m


SQUARE = [(30.0, 50.0), (30.0, 53.0), (33.0, 53.0), (33.0, 50.0)]


def test_a_line_past_a_corner() -> None:
    """Along the equator past a point on the meridian: the distance is the meridian arc, known in closed form."""
    corner = closed([(1.0, 10.0), (2.0, 9.5), (2.0, 10.5)])
    found = clearance.closest(clearance.prepare(corner), np.array([0.0, 0.0]), np.array([5.0, 15.0]))
    # WGS84 meridian arc of the first degree of latitude: 110,574.4 m (NIMA TR8350.2 series).
    assert found.clearance_m == pytest.approx(110_574.4, abs=6.0)
    assert found.lon == pytest.approx(10.0, abs=0.02)
    assert found.along == pytest.approx(0.5, abs=0.002)


def test_inside_is_negative_and_deepest() -> None:
    found = clearance.closest(
        clearance.prepare(closed(SQUARE)), np.array([31.5, 31.5]), np.array([49.0, 54.0])
    )
    middle = clearance.closest(clearance.prepare(closed(SQUARE)), np.array([31.5]), np.array([51.5]))
    assert found.clearance_m == pytest.approx(middle.clearance_m, abs=300.0)
    assert -146_000 < middle.clearance_m < -140_000


def test_line_wholly_inside() -> None:
    found = clearance.closest(
        clearance.prepare(closed(SQUARE)), np.array([31.0, 31.5]), np.array([51.0, 51.5])
    )
    assert found.clearance_m < -90_000


def test_offset_is_taken_off() -> None:
    plain = clearance.closest(
        clearance.prepare(closed(SQUARE)), np.array([28.0, 29.0]), np.array([49.0, 55.0])
    )
    wider = clearance.closest(
        clearance.prepare(closed(SQUARE, offset=22_224.0)), np.array([28.0, 29.0]), np.array([49.0, 55.0])
    )
    assert plain.clearance_m - wider.clearance_m == pytest.approx(22_224.0, abs=10.0)


@pytest.mark.parametrize("turn", [0.0, 128.5, 179.0])
def test_parity_over_the_antimeridian_and_the_pole(turn: float) -> None:
    box = closed([(60.0, turn - 2.0), (60.0, turn + 2.0), (62.0, turn + 2.0), (62.0, turn - 2.0)])
    boundary = clearance.prepare(box)
    lat = np.array([61.0, 61.0, 59.0, 63.0])
    lon = geodesy.wrap_longitude(np.array([turn, turn + 3.0, turn, turn]))
    assert boundary.inside(lat, lon).tolist() == [True, False, False, False]
    cap = closed([(70.0, lon) for lon in range(-180, 180, 10)], pole=True)
    assert clearance.prepare(cap).inside(np.array([80.0, 89.9, 60.0]), np.array([turn, 5.0, turn])).tolist() == [
        True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_inside_agrees_with_every_edge_held_against_every_point(seed: int) -> None:
    """Ragged rings anywhere, over the date line too; points also on the meridians of corners and at 180 degrees."""
    rng = np.random.default_rng(seed)
    count, turn = int(rng.integers(5, 40)), float(rng.choice([0.0, 60.0, 179.5, -180.0]))
    angle = np.linspace(0.0, 2.0 * math.pi, count, endpoint=False)
    far = rng.uniform(2.0, 40.0, count)
    lat = rng.uniform(-40.0, 40.0) + far * np.sin(angle)
    lon = geodesy.wrap_longitude(turn + 1.5 * far * np.cos(angle))
    boundary = clearance.prepare(closed(list(zip(lat.tolist(), lon.tolist(), strict=True))))
    corner = rng.integers(0, count, 60)
    at_lat = np.concatenate(
        [rng.uniform(-89.0, 89.0, 200), lat[corner] + rng.uniform(-9.0, 9.0, 60), [0.0, 0.0]]
    )
    at_lat = np.clip(at_lat, -89.9, 89.9)
    at_lon = np.concatenate([rng.uniform(-180.0, 180.0, 200), lon[corner], [180.0, -180.0]])
    told = boundary.inside(at_lat, at_lon)
    ends = zip(boundary.ring_lat1, boundary.ring_lon1, boundary.ring_lat2, boundary.ring_lon2, strict=True)
    edges = [tuple(map(float, end)) for end in ends]
    for k, (y, x) in enumerate(zip(at_lat.tolist(), at_lon.tolist(), strict=True)):
        odd = False
        for lat1, lon1, lat2, lon2 in edges:
            a, b = ((end - x + 180.0) % 360.0 - 180.0 for end in (lon1, lon2))
            if (a < 0.0) == (b < 0.0) or abs(b - a) >= 180.0:
                continue
            share = math.sin(math.radians(b - a))
            north = math.tan(math.radians(lat1)) * math.sin(math.radians(b))
            north -= math.tan(math.radians(lat2)) * math.sin(math.radians(a))
            odd ^= math.degrees(math.atan(north / share)) > y
        assert told[k] == odd, f"{y},{x}"


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.floats(-6.0, 6.0), st.floats(-6.0, 6.0)), min_size=2, max_size=5),
    st.floats(-180.0, 180.0),
    st.floats(-70.0, 70.0),
)
def test_closest_agrees_with_brute_force(path: list[tuple[float, float]], east: float, north: float) -> None:
    shape = [(north - 1.0, east - 1.0), (north - 0.5, east + 1.5), (north + 1.2, east + 0.3)]
    closure = closed([(a, float(geodesy.wrap_longitude(b))) for a, b in shape])
    lat = np.array([north + a for a, _ in path])
    lon = geodesy.wrap_longitude(np.array([east + b for _, b in path]))
    boundary = clearance.prepare(closure)
    found = clearance.closest(boundary, lat, lon)
    slow = brute(closure, lat, lon)
    if found.clearance_m > 0.0:
        assert found.clearance_m == pytest.approx(slow, abs=max(15.0, 250.0**2 / max(slow, 1.0) + 10.0))
    else:
        fine_lat, fine_lon, _ = geodesy.densify(lat, lon, 250.0)
        assert slow < 300.0 or boundary.inside(lat[:1], lon[:1])[0]
        assert found.clearance_m == pytest.approx(float(boundary.signed(fine_lat, fine_lon).min()), abs=150.0)


# -- ways round -------------------------------------------------------------------------------------


def test_clear_geodesic_is_taken() -> None:
    ways = Ways.round((closed(SQUARE, stand_off=20 * NM),))
    length = ways.find((20.0, 40.0), (25.0, 60.0), 1e7)
    assert length == pytest.approx(float(geodesy.distance(20.0, 40.0, 25.0, 60.0)))


def test_way_round_a_square_is_lawful_and_near_the_shortest() -> None:
    """West to east past a square: the shortest way bends at the offset of two corners."""
    stand_off = 50_000.0
    ways = Ways.round((closed(SQUARE, stand_off=stand_off),))
    start, end = (31.3, 45.0), (31.3, 58.0)
    direct = float(geodesy.distance(*start, *end))
    found = ways.find(start, end, 1.4 * direct)
    assert found is not None
    # No way can be shorter than round the bare corners on the nearer side.
    south = sum(
        float(geodesy.distance(*a, *b))
        for a, b in [(start, (30.0, 50.0)), ((30.0, 50.0), (30.0, 53.0)), ((30.0, 53.0), end)]
    )
    # Round circles of the stand-off about the two corners: tangents, a straight piece, arcs (plane, 0.3 %).
    assert south < found < 1.03 * (south + stand_off * 0.35)


def test_no_way_out_of_an_enclosure() -> None:
    outer = [(30.0, 50.0), (30.0, 53.0), (33.0, 53.0), (33.0, 50.0)]
    wall = Closure(
        id="W", name="W", kind="user", rings=(), stand_off_m=20_000.0, holds_north_pole=False, source="test",
        lines=(BoundaryLine(np.array([p[0] for p in [*outer, outer[0]]]), np.array([p[1] for p in [*outer, outer[0]]]), 0.0),),
    )  # fmt: skip
    ways = Ways.round((wall,))
    assert ways.find((31.5, 51.5), (25.0, 60.0), 3e6) is None
    assert ways.find((31.5, 51.5), (31.7, 51.8), 3e6) is not None


def test_longest_is_kept() -> None:
    ways = Ways.round((closed(SQUARE, stand_off=50_000.0),))
    direct = float(geodesy.distance(31.3, 45.0, 31.3, 58.0))
    assert ways.find((31.3, 45.0), (31.3, 58.0), direct * 1.001) is None
    assert ways.find((31.3, 45.0), (31.3, 58.0), direct * 0.9) is None


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.floats(27.0, 36.0), st.floats(46.0, 57.0), st.floats(27.0, 36.0), st.floats(46.0, 57.0))
def test_clear_agrees_with_the_measurement(a: float, b: float, c: float, d: float) -> None:
    closure = closed(SQUARE, stand_off=30_000.0)
    boundary = clearance.prepare(closure)
    found = clearance.closest(boundary, np.array([a, c]), np.array([b, d])).clearance_m
    if math.isclose(found, 30_000.0, abs_tol=60.0):
        return
    ways = Ways.round((closure,))
    assert bool(ways.clear(*(np.array([x]) for x in (a, b, c, d)))[0]) == (found > 30_000.0)
