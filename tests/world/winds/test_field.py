"""Wind at a point: exact where it must be, equal to SciPy elsewhere, and a refusal outside."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from longreach.errors import DataError, FuelError
from longreach.world import atmosphere, winds
from longreach.world.winds import WindError
from longreach.world.winds import _kernels as kernels

TIME = np.array([0.0, 10800.0, 32400.0])
LEVELS = np.array([15000.0, 20000.0, 30000.0, 50000.0, 85000.0])
LAT = np.arange(-60.0, 61.0, 2.5)
LON = np.arange(0.0, 360.0, 2.5)


def random_field(rng, lat=LAT, lon=LON):
    shape = (TIME.size, LEVELS.size, lat.size, lon.size)
    u, v, d = (rng.normal(0.0, 25.0, shape).astype(np.float32) for _ in range(3))
    return u, v, d


def altitude_of(pressure):
    """Pressure altitude by bisection on the atmosphere: not the kernel's own formula."""
    low, high = np.full(np.shape(pressure), -1000.0), np.full(np.shape(pressure), 20000.0)
    for _ in range(60):
        middle = (low + high) / 2.0
        above = atmosphere.pressure(middle) > pressure
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2.0


def test_exact_at_the_nodes():
    u, v, d = random_field(np.random.default_rng(1))
    field = winds.gridded(TIME, LEVELS, LAT, LON, u, v, d)
    for t, p, y, x in [(0, 0, 0, 0), (2, 4, 48, 143), (1, 2, 20, 77), (2, 0, 48, 0)]:
        wind = field.at(LAT[y], LON[x], altitude_of(LEVELS[p]), TIME[t])
        assert wind.u_mps == pytest.approx(u[t, p, y, x], abs=1e-5)
        assert wind.v_mps == pytest.approx(v[t, p, y, x], abs=1e-5)
        assert wind.deviation_k == pytest.approx(d[t, p, y, x], abs=1e-5)


def test_exact_for_a_field_linear_in_its_axes():
    lon = np.arange(-100.0, 100.0, 4.0)  # not round the globe: longitude cannot be linear there
    t, p, y, x = np.meshgrid(TIME, np.log(LEVELS), LAT, lon, indexing="ij")

    def wind(t, p, y, x):
        return 3.0 + t / 3600.0 - 4.0 * (p - 10.0) + 0.2 * y - 0.1 * x, 0.15 * x - 0.3 * y + 2.0 * (p - 10.0)

    field = winds.gridded(TIME, LEVELS, LAT, lon, *wind(t, p, y, x))
    rng = np.random.default_rng(2)
    n = 5000
    t = rng.uniform(0.0, TIME[-1], n)
    pressure = np.exp(rng.uniform(*np.log(LEVELS[[0, -1]]), n))
    y, x = rng.uniform(-60.0, 60.0, n), rng.uniform(lon[0], lon[-1], n)
    got = field.at(y, x, altitude_of(pressure), t)
    u, v = wind(t, np.log(pressure), y, x)
    # float32 values of up to 60 m/s are known to 4e-6
    np.testing.assert_allclose(got.u_mps, u, atol=1e-5, rtol=0)
    np.testing.assert_allclose(got.v_mps, v, atol=1e-5, rtol=0)


def test_equal_to_scipy_on_random_points():
    rng = np.random.default_rng(3)
    u, v, d = random_field(rng)
    field = winds.gridded(TIME, LEVELS, LAT, LON, u, v, d)
    n = 20000
    t = rng.uniform(0.0, TIME[-1], n)
    pressure = np.exp(rng.uniform(*np.log(LEVELS[[0, -1]]), n))
    y, x = rng.uniform(-60.0, 60.0, n), rng.uniform(-720.0, 720.0, n)
    got = field.at(y, x, altitude_of(pressure), t)
    closed = np.append(LON, 360.0)
    for mine, array in ((got.u_mps, u), (got.v_mps, v), (got.deviation_k, d)):
        values = np.concatenate([array, array[..., :1]], axis=-1).astype(float)
        peer = RegularGridInterpolator((TIME, np.log(LEVELS), LAT, closed), values)
        np.testing.assert_allclose(mine, peer(np.stack([t, np.log(pressure), y, x % 360.0], -1)), atol=1e-5)


@pytest.mark.parametrize("turn", ["lat", "lon180", "levels", "time", "all", "shuffled"])
def test_the_direction_of_the_axes_makes_no_difference(turn):
    rng = np.random.default_rng(4)
    u, v, d = random_field(rng)
    plain = winds.gridded(TIME, LEVELS, LAT, LON, u, v, d)
    axes, arrays = [TIME, LEVELS, LAT, LON], [u, v, d]
    if turn in ("lat", "all"):
        axes[2], arrays = axes[2][::-1], [each[:, :, ::-1] for each in arrays]
    if turn in ("levels", "all"):
        axes[1], arrays = axes[1][::-1], [each[:, ::-1] for each in arrays]
    if turn == "time":
        axes[0], arrays = axes[0][::-1], [each[::-1] for each in arrays]
    if turn in ("lon180", "all"):
        axes[3], arrays = np.arange(-180.0, 180.0, 2.5), [np.roll(each, 72, axis=3) for each in arrays]
    if turn == "shuffled":
        order = rng.permutation(LON.size)
        axes[3], arrays = LON[order], [each[..., order] for each in arrays]
    other = winds.gridded(*axes, *arrays)
    n = 2000
    where = (
        rng.uniform(-60, 60, n),
        rng.uniform(-200, 400, n),
        rng.uniform(2000, 13000, n),
        rng.uniform(0, 32400, n),
    )
    for mine, theirs in zip(plain.at(*where), other.at(*where), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-9)


def test_no_step_where_the_longitudes_begin():
    u, v, d = random_field(np.random.default_rng(5))
    field = winds.gridded(TIME, LEVELS, LAT, LON, u, v, d)
    for meridian in (0.0, 360.0, -180.0, 180.0, 357.5):
        west, east = (field.at(33.3, meridian + e, 9000.0, 4000.0).u_mps for e in (-1e-9, 1e-9))
        assert west == pytest.approx(east, abs=1e-6)
    here, west = (field.at(33.3, lon, 9000.0, 0.0).u_mps for lon in (0.0, -1e-13))
    assert here == pytest.approx(west, abs=1e-9)


def vector(lat, lon, u, v):
    """The wind as a vector of space."""
    phi, lam = np.radians(lat), np.radians(lon)
    east = np.stack([-np.sin(lam), np.cos(lam), np.zeros_like(lam)], -1)
    north = np.stack([-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)], -1)
    return np.asarray(u)[..., None] * east + np.asarray(v)[..., None] * north


@pytest.mark.parametrize("pole", [90.0, -90.0])
@pytest.mark.parametrize("rows", ["at the pole", "short of it"])
def test_a_wind_straight_over_the_pole_stays_itself(pole, rows):
    """A stream of 30 m/s along the meridian of 40 E over the pole, seen from every side."""
    lat = np.arange(-90.0, 90.1, 2.0) if rows == "at the pole" else np.arange(-89.0, 89.1, 2.0)
    lon = np.arange(0.0, 360.0, 4.0)
    stream = np.array([math.cos(math.radians(40.0)), math.sin(math.radians(40.0)), 0.0]) * 30.0
    y, x = np.meshgrid(lat, lon, indexing="ij")
    east = np.stack([-np.sin(np.radians(x)), np.cos(np.radians(x)), 0 * x], -1)
    phi, lam = np.radians(y), np.radians(x)
    north = np.stack([-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)], -1)
    field = winds.gridded(
        [0.0], [25000.0], lat, lon, (east @ stream)[None, None], (north @ stream)[None, None], steady=True
    )
    h = float(altitude_of(25000.0))
    angle = np.random.default_rng(6).uniform(0.0, 360.0, 400)
    for off in (0.0, 1e-7, 0.3, 0.9, 1.0, 1.9):
        at = np.full(angle.size, math.copysign(90.0 - off, pole))
        wind = field.at(at, angle, h)
        found = vector(at, angle, wind.u_mps, wind.v_mps)
        # between rows the meridians turn by 4 deg: (0.07 rad)^2 / 8 of 30 m/s
        np.testing.assert_allclose(found[..., :2], np.broadcast_to(stream[:2], (400, 2)), atol=0.08)


def test_across_the_pole_and_its_first_row_there_is_no_jump():
    rng = np.random.default_rng(7)
    lat = np.arange(-90.0, 90.1, 2.5)
    u, v, d = random_field(rng, lat)
    field = winds.gridded(TIME, LEVELS, lat, LON, u, v, d)
    for angle in rng.uniform(0.0, 180.0, 50):
        near, far = (field.at(90.0 - 1e-7, angle + turn, 10000.0, 100.0) for turn in (0.0, 180.0))
        np.testing.assert_allclose(
            vector(90.0, angle, near.u_mps, near.v_mps),
            vector(90.0, angle + 180.0, far.u_mps, far.v_mps),
            atol=1e-4,
        )
        above, below = (field.at(87.5 + e, angle, 10000.0, 100.0) for e in (1e-9, -1e-9))
        assert above.u_mps == pytest.approx(below.u_mps, abs=1e-5)


def test_outside_is_refused_with_the_range():
    u, v, d = random_field(np.random.default_rng(8), lon=np.arange(170.0, 211.0, 2.5))
    field = winds.gridded(
        TIME, LEVELS, LAT, np.arange(170.0, 211.0, 2.5), u, v, d, epoch=datetime(2026, 1, 15, 18, tzinfo=UTC),
        name="gfs.pack",
    )  # fmt: skip
    inside = {"lat": 0.0, "lon": -170.0, "altitude_m": 10000.0, "time_s": 0.0}
    field.at(**inside)
    for change, words in [
        ({"time_s": 32400.1}, "2026-01-15T18:00Z to 2026-01-16T03:00Z"),
        ({"time_s": -1.0}, "2026-01-15T17:59Z"),
        ({"altitude_m": 100.0}, "850 to 150 hPa"),
        ({"altitude_m": 14000.0}, "FL459"),
        ({"lat": 60.1}, "-60 to 60 deg latitude"),
        ({"lon": 169.0}, "170 to 210"),
        ({"lon": 211.0}, "170 to 210"),
    ]:
        with pytest.raises(WindError, match=r"gfs\.pack") as error:
            field.at(**{**inside, **change})
        assert words in str(error.value)
    with pytest.raises(FuelError):
        field.at(0.0, 180.0, 25000.0)
    with pytest.raises(WindError, match="not a number"):
        field.at(math.nan, 180.0, 10000.0)
    with pytest.raises(WindError, match="no time zone"):
        field.seconds(datetime(2026, 1, 15))


def test_a_missing_value_is_refused_only_where_it_counts():
    u, v, d = random_field(np.random.default_rng(9))
    u[0, 4, 20, 30] = math.nan
    field = winds.gridded(TIME, LEVELS, LAT, LON, u, v, d)
    at_850 = float(altitude_of(85000.0)) + 1.0
    with pytest.raises(WindError, match="missing in the source"):
        field.at(LAT[20] + 0.1, LON[30], at_850, 0.0)
    field.at(LAT[20] + 0.1, LON[30], float(altitude_of(50000.0)) + 1.0, 0.0)
    assert math.isfinite(field.at(LAT[21] + 0.1, LON[30], at_850, 0.0).u_mps)


def test_one_wind_holds_everywhere_and_at_all_times():
    field = winds.constant(12.5, -3.25, 4.0)
    wind = field.at([90.0, -33.0], [0.0, 500.0], [0.0, 20000.0], [-1e9, 1e9])
    assert wind.u_mps.tolist() == [12.5, 12.5]
    assert wind.v_mps.tolist() == [-3.25, -3.25]
    assert wind.deviation_k.tolist() == [4.0, 4.0]
    assert winds.still().at(0.0, 0.0, 0.0).u_mps == 0.0
    with pytest.raises(WindError, match="250 m/s"):
        winds.constant(math.nan, 0.0)


def test_arrays_that_do_not_fit_are_refused():
    u, v, d = random_field(np.random.default_rng(10))
    with pytest.raises(DataError, match="shape"):
        winds.gridded(TIME, LEVELS, LAT, LON[:-1], u, v, d)
    with pytest.raises(DataError, match="neither rise nor fall"):
        winds.gridded([0.0, 0.0, 1.0], LEVELS, LAT, LON, u, v, d)
    with pytest.raises(DataError, match="occurs twice"):
        winds.gridded(TIME, LEVELS, LAT, np.where(LON == 5.0, 2.5, LON), u, v, d)
    with pytest.raises(DataError, match="250 m/s"):
        winds.gridded(TIME, LEVELS, LAT, LON, u * 100.0, v, d)


def test_another_kernel_can_call_it():
    from numba import njit

    @njit
    def mean_tailwind(grid, lat, lon, ln_p):
        total = 0.0
        for i in range(lat.size):
            code, u, _, _ = kernels.wind(grid, 0.0, ln_p, lat[i], lon[i])
            if code != kernels.OK:
                return math.nan
            total += u
        return total / lat.size

    u, v, d = random_field(np.random.default_rng(11))
    field = winds.gridded(TIME, LEVELS, LAT, LON, u, v, d)
    lat, lon = np.linspace(-50, 50, 20), np.linspace(0, 300, 20)
    mean = mean_tailwind(field.grid(), lat, lon, kernels.ln_pressure(9000.0))
    assert mean == pytest.approx(float(field.at(lat, lon, 9000.0).u_mps.mean()), abs=1e-6)
