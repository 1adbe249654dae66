"""The climatology: its harmonics against SciPy's, its grid, its seasons, and the source it was fitted to."""

import math
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from longreach.geodesy import densify, inverse
from longreach.units import KNOT
from longreach.world import winds
from longreach.world.winds.climatology import coefficients, table
from longreach.world.winds.harmonics import analysis, synthesis

DATA = os.environ.get("LONGREACH_DATA")
LEVEL_200 = 11784.07  # m, pressure altitude of 200 hPa
MIDDLE = datetime(2021, 1, 16, 12, tzinfo=UTC)  # of January


def harmonic(n, m, lat, lon, sine):
    """Real spherical harmonic of mean square 1, from SciPy's complex one, in its own phase."""
    from scipy.special import sph_harm_y

    y = sph_harm_y(n, m, np.radians(90.0 - lat), np.radians(lon))
    y = (y.imag if sine else y.real) * math.sqrt(4 * math.pi) * (-1) ** m
    return y * (math.sqrt(2.0) if m else 1.0)


@pytest.mark.parametrize(
    ("n", "m", "sine"),
    [(1, 0, False), (1, 1, True), (5, 3, False), (12, 7, True), (24, 24, False), (24, 0, False)],
)
@pytest.mark.parametrize("part", [0, 1])
def test_each_harmonic_is_the_slope_of_the_one_scipy_has(n, m, sine, part):
    lat, lon = np.array([-80.0, -31.0, 0.5, 47.0, 88.0]), np.array([0.0, 17.0, 123.0, 271.0])
    given = np.zeros((2, n + 1, n + 1, 2))
    given[part, m, n, int(sine)] = 1.0
    u, v = synthesis(given, lat, lon)
    y, x = np.meshgrid(lat, lon, indexing="ij")
    e = 1e-4
    north = (harmonic(n, m, y + e, x, sine) - harmonic(n, m, y - e, x, sine)) / math.radians(2 * e)
    east = (
        (harmonic(n, m, y, x + e, sine) - harmonic(n, m, y, x - e, sine))
        / math.radians(2 * e)
        / np.cos(np.radians(y))
    )
    scale = math.sqrt(n * (n + 1))
    expected = (-north, east) if part == 0 else (east, north)
    np.testing.assert_allclose(u, expected[0] / scale, atol=1e-6)
    np.testing.assert_allclose(v, expected[1] / scale, atol=1e-6)


def test_what_is_made_of_harmonics_is_found_again():
    rng = np.random.default_rng(1)
    given = np.zeros((2, 9, 9, 2))
    for m in range(9):
        given[:, m, max(m, 1) :] = rng.normal(size=(2, 9 - max(m, 1), 2))
    given[:, 0, :, 1] = 0.0
    lat, lon = np.arange(-88.0, 89.0, 4.0), np.arange(0.0, 360.0, 10.0)
    np.testing.assert_allclose(analysis(*synthesis(given, lat, lon), lat, lon, 8), given, atol=1e-10)


def test_the_nodes_of_the_field_are_the_table():
    field = winds.climatology(MIDDLE, MIDDLE + timedelta(days=1))
    u, v = synthesis(coefficients(1), np.array([50.0]), np.array([-65.0]))
    wind = field.at(50.0, -65.0, LEVEL_200, field.seconds(MIDDLE))
    assert wind.u_mps == pytest.approx(u[0, 0], abs=1e-3)
    assert wind.v_mps == pytest.approx(v[0, 0], abs=1e-3)
    # half way between two nodes a straight line is not the harmonics themselves, but near
    u, v = synthesis(coefficients(1), np.array([36.25]), np.array([138.75]))
    assert field.at(36.25, 138.75, LEVEL_200, field.seconds(MIDDLE)).u_mps == pytest.approx(u[0, 0], rel=0.02)


def test_levels_and_seasons():
    july = datetime(2021, 7, 16, 12, tzinfo=UTC)
    field = winds.climatology(MIDDLE, july)
    at_200 = field.at(35.0, 140.0, LEVEL_200, field.seconds(MIDDLE)).u_mps
    assert 55.0 < at_200 < 80.0  # the winter jet off Japan
    assert field.at(35.0, 140.0, LEVEL_200, field.seconds(july)).u_mps < 20.0
    assert field.at(35.0, 140.0, 5574.44, field.seconds(MIDDLE)).u_mps == pytest.approx(
        0.46 * at_200, rel=1e-3
    )
    assert abs(field.at(35.0, 140.0, -400.0, field.seconds(MIDDLE)).u_mps) < 3.0
    assert not field.has_temperature
    assert field.sigma_mps == pytest.approx(15.0 * KNOT)


def test_the_turn_of_the_year_and_the_range():
    field = winds.climatology(datetime(2020, 12, 31, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC))
    assert field.first_utc == datetime(2020, 12, 16, 12, tzinfo=UTC)
    assert field.last_utc == MIDDLE
    with pytest.raises(winds.WindError, match="2020-12-16"):
        field.at(0.0, 0.0, 10000.0, field.seconds(datetime(2021, 2, 1, tzinfo=UTC)))


def test_barksdale_to_the_gulf_in_january():
    """+37 kt in the long-term mean itself, bilinear between its nodes."""
    field = winds.climatology(MIDDLE, MIDDLE + timedelta(days=1))
    lat, lon, along = densify([32.5018, 29.0], [-93.6627, 48.0], 12260000.0 / 200)
    _, course, _ = inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])
    wind = field.at(lat[:-1], lon[:-1], LEVEL_200, field.seconds(MIDDLE))
    tail = wind.u_mps * np.sin(np.radians(course)) + wind.v_mps * np.cos(np.radians(course))
    assert along[-1] > 1.2e7
    assert tail.mean() / KNOT == pytest.approx(37.0, abs=1.0)


@pytest.mark.skipif(DATA is None, reason="not run: LONGREACH_DATA names no folder of real winds")
def test_the_source_it_was_fitted_to():
    import h5py

    with h5py.File(Path(DATA) / "winds" / "ncep_ltm_uwnd_200hPa_monthly.nc") as file:
        lat, lon, source_u = file["latitude"][...], file["longitude"][...], file["uwnd"][...]
    with h5py.File(Path(DATA) / "winds" / "ncep_ltm_vwnd_200hPa_monthly.nc") as file:
        source_v = file["vwnd"][...]
    weight = np.clip(np.cos(np.radians(lat)), 0, None)[:, None] * np.ones(lon.size)
    for month in (1, 4, 7, 10):
        middle = datetime(2021, month, 1, tzinfo=UTC) + timedelta(days=15)
        field = winds.climatology(middle, middle + timedelta(days=1))
        at = field.time_s[int(np.argmin(np.abs(field.time_s - field.seconds(middle))))]
        wind = field.at(lat[:, None], lon, LEVEL_200, at)
        off = (wind.u_mps - source_u[month - 1]) ** 2 + (wind.v_mps - source_v[month - 1]) ** 2
        assert math.sqrt((weight * off).sum() / weight.sum()) <= table()["fit_error_mps"]["rms"] + 0.02
