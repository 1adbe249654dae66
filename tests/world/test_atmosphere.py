"""The standard atmosphere against the tables of ICAO Doc 7488/3."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longreach.errors import FuelError
from longreach.units import FOOT, KNOT
from longreach.world import atmosphere


@pytest.mark.parametrize(
    ("altitude_m", "kelvin", "hectopascal", "kg_per_m3"),
    # ICAO Doc 7488/3, table 4, geopotential altitude.
    [
        (0.0, 288.15, 1013.25, 1.2250),
        (5000.0, 255.65, 540.20, 0.73612),
        (11000.0, 216.65, 226.32, 0.36392),
        (15000.0, 216.65, 120.446, 0.19367),
        (20000.0, 216.65, 54.749, 0.088035),
    ],
)
def test_tables(altitude_m: float, kelvin: float, hectopascal: float, kg_per_m3: float) -> None:
    assert atmosphere.temperature(altitude_m) == pytest.approx(kelvin, abs=0.005)
    assert atmosphere.pressure(altitude_m) / 100 == pytest.approx(hectopascal, rel=3e-5)
    assert atmosphere.density(altitude_m) == pytest.approx(kg_per_m3, rel=3e-5)


def test_sound_at_sea_level_and_above_the_tropopause() -> None:
    assert atmosphere.speed_of_sound(0.0) == pytest.approx(340.294, abs=1e-3)
    assert atmosphere.speed_of_sound(12000.0) == pytest.approx(295.069, abs=1e-3)


def test_calibrated_airspeed_by_hand() -> None:
    # 300 KCAS is 154.33 m/s: q_c = 1013.25 ((1 + 0.2 (154.33/340.29)^2)^3.5 - 1) = 153.53 hPa; over 300.9 hPa at
    # 30,000 ft that is 0.5102, and sqrt(5 (1.5102^(1/3.5) - 1)) = 0.7906.
    assert atmosphere.mach_from_cas(300 * KNOT, 30000 * FOOT) == pytest.approx(0.7906, abs=0.0002)
    # At sea level calibrated and true airspeed are one.
    assert atmosphere.mach_from_cas(200.0, 0.0) * 340.294 == pytest.approx(200.0, rel=1e-6)


@settings(derandomize=True)
@given(st.floats(60.0, 170.0), st.floats(-500.0, 15000.0))
def test_cas_and_mach_are_inverse(cas: float, altitude_m: float) -> None:
    mach = atmosphere.mach_from_cas(cas, altitude_m)
    assert atmosphere.cas_from_mach(mach, altitude_m) == pytest.approx(cas, rel=1e-9)


def test_outside_the_range_is_refused() -> None:
    for altitude in (-1001.0, 20001.0, float("nan"), np.array([0.0, 25000.0])):
        with pytest.raises(FuelError, match="outside the atmosphere"):
            atmosphere.pressure(altitude)
