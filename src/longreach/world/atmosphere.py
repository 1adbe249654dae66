"""The International Standard Atmosphere on pressure altitude, sea level to 20 km.

Source: ICAO Doc 7488/3, Manual of the ICAO Standard Atmosphere (the same as ISO 2533:1975).
Altitudes are geopotential pressure altitudes [m], the thing an altimeter set to 1013.25 hPa shows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from longreach.errors import FuelError

Floats = np.ndarray[Any, np.dtype[np.float64]]

GRAVITY = 9.80665  # m/s2
GAS_CONSTANT = 287.05287  # J/(kg K), dry air
GAMMA = 1.4
SEA_LEVEL_TEMPERATURE = 288.15  # K
SEA_LEVEL_PRESSURE = 101325.0  # Pa
LAPSE_RATE = 0.0065  # K/m
TROPOPAUSE = 11000.0  # m
LOWEST, HIGHEST = -1000.0, 20000.0  # m, range served
_EXPONENT = GRAVITY / (GAS_CONSTANT * LAPSE_RATE)
_TROPOPAUSE_TEMPERATURE = SEA_LEVEL_TEMPERATURE - LAPSE_RATE * TROPOPAUSE
_SEA_LEVEL_SOUND = float(np.sqrt(GAMMA * GAS_CONSTANT * SEA_LEVEL_TEMPERATURE))


def _checked(altitude: ArrayLike) -> Floats:
    h = np.asarray(altitude, float)
    if not np.all((h >= LOWEST) & (h <= HIGHEST)):
        bad = float(h.ravel()[~((h >= LOWEST) & (h <= HIGHEST)).ravel()][0])
        raise FuelError(f"pressure altitude {bad:g} m is outside the atmosphere served, -1,000 to 20,000 m")
    return h


def temperature(altitude: ArrayLike) -> Floats:
    """Air temperature [K] at pressure altitude [m]; FuelError outside -1,000 to 20,000 m.

    >>> round(float(temperature(10668.0)), 2)
    218.81
    """
    return np.maximum(SEA_LEVEL_TEMPERATURE - LAPSE_RATE * _checked(altitude), _TROPOPAUSE_TEMPERATURE)


def pressure(altitude: ArrayLike) -> Floats:
    """Static pressure [Pa] at pressure altitude [m]; FuelError outside -1,000 to 20,000 m.

    >>> round(float(pressure(11000.0)))
    22632
    """
    h = _checked(altitude)
    below = np.minimum(h, TROPOPAUSE)
    ratio = (1.0 - LAPSE_RATE * below / SEA_LEVEL_TEMPERATURE) ** _EXPONENT
    above = np.exp(-GRAVITY * np.maximum(h - TROPOPAUSE, 0.0) / (GAS_CONSTANT * _TROPOPAUSE_TEMPERATURE))
    return SEA_LEVEL_PRESSURE * ratio * above


def density(altitude: ArrayLike) -> Floats:
    """Air density [kg/m3] at pressure altitude [m]."""
    return pressure(altitude) / (GAS_CONSTANT * temperature(altitude))


def speed_of_sound(altitude: ArrayLike) -> Floats:
    """Speed of sound [m/s] at pressure altitude [m].

    >>> round(float(speed_of_sound(0.0)), 2)
    340.29
    """
    return np.sqrt(GAMMA * GAS_CONSTANT * temperature(altitude))


def mach_from_cas(calibrated_airspeed: ArrayLike, altitude: ArrayLike) -> Floats:
    """Mach number at a calibrated airspeed [m/s] and pressure altitude [m]; subsonic.

    Impact pressure is the same at both: q_c = p0[(1 + 0.2(CAS/a0)^2)^3.5 - 1].
    """
    ratio = (1.0 + 0.2 * (np.asarray(calibrated_airspeed, float) / _SEA_LEVEL_SOUND) ** 2) ** 3.5 - 1.0
    impact = SEA_LEVEL_PRESSURE * ratio
    return np.sqrt(5.0 * ((impact / pressure(altitude) + 1.0) ** (1.0 / 3.5) - 1.0))


def cas_from_mach(mach: ArrayLike, altitude: ArrayLike) -> Floats:
    """Calibrated airspeed [m/s] at a Mach number and pressure altitude [m]; subsonic."""
    impact = pressure(altitude) * ((1.0 + 0.2 * np.asarray(mach, float) ** 2) ** 3.5 - 1.0)
    return _SEA_LEVEL_SOUND * np.sqrt(5.0 * ((impact / SEA_LEVEL_PRESSURE + 1.0) ** (1.0 / 3.5) - 1.0))
