"""What is drawn is what is seen: rings cut at the horizon, lines that stay on the disc."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longreach import geodesy
from longreach.brief.projection import View, enclosing_cap, line_runs, ring_path

lats = st.floats(-85.0, 85.0)
lons = st.floats(-180.0, 179.9)


def cap_ring(lat, lon, radius_deg, points=180):
    """A circle on the sphere, counter-clockwise or not does not matter."""
    phi, lam, r = np.radians([lat, lon, radius_deg])
    turn = np.linspace(0, 2 * np.pi, points)
    ring_lat = np.arcsin(np.sin(phi) * np.cos(r) + np.cos(phi) * np.sin(r) * np.cos(turn))
    east = np.arctan2(np.sin(turn) * np.sin(r) * np.cos(phi), np.cos(r) - np.sin(phi) * np.sin(ring_lat))
    return np.degrees(ring_lat), geodesy.wrap_longitude(np.degrees(lam + east))


def polygons(path):
    """Rings of path data made of M, l, z and whole-disc arcs."""
    rings = []
    for part in re.findall(r"M[^Mz]*z", path):
        numbers = [float(x) for x in re.findall(r"-?\d+(?:\.\d+)?", part)]
        first, steps = np.array(numbers[:2]), np.array(numbers[2:]).reshape(-1, 2)
        rings.append(np.concatenate([[first], first + np.cumsum(steps, axis=0)]))
    return rings


def covered(path, view, points):
    """Even-odd rule by hand: for each point, how many ring edges a ray to the right crosses."""
    inside = np.zeros(len(points), int)
    if "A" in path:
        inside += 1
    for ring in polygons(path):
        a, b = ring, np.roll(ring, -1, axis=0)
        for k, (x, y) in enumerate(points):
            straddles = (a[:, 1] > y) != (b[:, 1] > y)
            span = np.where(straddles, b[:, 1] - a[:, 1], 1.0)
            inside[k] += np.count_nonzero(
                straddles & (a[:, 0] + (y - a[:, 1]) / span * (b[:, 0] - a[:, 0]) > x)
            )
    return inside % 2 == 1


@settings(max_examples=60, deadline=None)
@given(lats, lons, lats, lons, st.floats(4.0, 86.0))
def test_globe_fills_exactly_the_seen_part_of_a_cap(view_lat, view_lon, lat, lon, radius):
    view = View("globe", view_lat, view_lon, 300.0, 640.0, 640.0)
    ring_lat, ring_lon = cap_ring(lat, lon, radius)
    holds_pole = 90.0 - lat < radius
    path = ring_path(view, [(ring_lat, ring_lon)], holds_pole=holds_pole)
    grid = np.linspace(-0.93, 0.93, 14)
    right, up = (part.ravel() for part in np.meshgrid(grid, grid))
    on_disc = right**2 + up**2 < 0.9
    right, up = right[on_disc], up[on_disc]
    toward = np.sqrt(1 - right**2 - up**2)
    centre = view.turn([lat], [lon])[0]
    angle = np.degrees(np.arccos(np.clip(np.stack([right, up, toward], axis=-1) @ centre, -1, 1)))
    clear = np.abs(angle - radius) > 1.5  # a point on the very edge may fall either way
    pixels = np.stack([320 + 300 * right, 320 - 300 * up], axis=-1)[clear]
    assert (covered(path, view, pixels) == (angle[clear] < radius)).all()


@settings(max_examples=60, deadline=None)
@given(lats, lons, st.lists(st.tuples(lats, lons), min_size=2, max_size=6))
def test_lines_never_leave_the_disc(view_lat, view_lon, points):
    view = View("globe", view_lat, view_lon, 300.0, 640.0, 640.0)
    lat, lon, _ = geodesy.densify([p[0] for p in points], [p[1] for p in points], 200_000.0)
    seen = view.turn(lat, lon)[:, 2] > 0.02
    runs = line_runs(view, lat, lon)
    for run in runs:
        assert (np.hypot(run[:, 0] - 320, run[:, 1] - 320) <= 300.001).all()
    assert sum(len(run) for run in runs) >= np.count_nonzero(seen[:-1] & seen[1:])


def test_ring_wholly_behind_draws_nothing():
    view = View("globe", 0.0, 0.0, 300.0, 640.0, 640.0)
    assert ring_path(view, [cap_ring(10.0, 170.0, 30.0)]) == ""


def test_map_scale_is_true_at_the_middle():
    view = View("map", 26.0, 51.9, 3000.0, 640.0, 540.0)
    lat, lon, _ = geodesy.direct(26.0, 51.9, 90.0, 50_000.0)
    x, y = view.place(view.turn([lat], [lon]))[0]
    assert np.hypot(x - 320, y - 270) == pytest.approx(view.pixels(50_000.0), rel=0.004)


def test_map_is_whole_across_the_antimeridian():
    view = View("map", 0.0, 180.0, 3000.0, 640.0, 540.0)
    (run,) = line_runs(view, [0.0, 0.0, 0.0], [178.0, -180.0, -178.0])
    assert np.diff(run[:, 0]) == pytest.approx([104.7, 104.7], abs=0.2)


@settings(max_examples=60, deadline=None)
@given(lats, lons, st.floats(1.0, 85.0))
def test_enclosing_cap_is_near_the_least(lat, lon, radius):
    _, _, found = enclosing_cap(*cap_ring(lat, lon, radius))
    assert radius - 1e-6 <= found <= 1.03 * radius + 0.2


def test_ring_paths_stay_parseable_when_a_ring_shrinks_to_nothing():
    view = View("globe", 0.0, 0.0, 300.0, 640.0, 640.0)
    tiny = (np.array([1.0, 1.00001, 1.0, 1.0]), np.array([1.0, 1.0, 1.00001, 1.0]))
    path = ring_path(view, [tiny, cap_ring(0.0, 0.0, 20.0)])
    assert "lz" not in path
    assert len(polygons(path)) == 1
