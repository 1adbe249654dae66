"""Where the Sun stands: elevation, and what light that makes, vectorised over time and position.

The low-accuracy solar position of Meeus, Astronomical Algorithms (2nd ed. 1998), chapter 25, as NOAA's
Global Monitoring Laboratory uses it in its solar calculator: good to about 0.01 deg for 1950 to 2050. The
difference between Universal and Terrestrial Time (about a minute, 0.0007 deg of the Sun's path) is
neglected. Elevations are geometric: of the Sun's centre, without refraction.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from longreach import geodesy
from longreach.geodesy import EARTH_RADIUS, Floats

LIGHTS = ("day", "civil", "nautical", "night")

# Geometric elevations [deg] at which one light gives way to the next, for an eye at sea level. Sunset is
# when the upper limb touches the horizon: 34' of refraction and 16' of radius below it (Meeus, chapter 15).
SUNSET = -0.8333
CIVIL = -6.0
NAUTICAL = -12.0

_J2000 = 946_728_000.0  # 2000-01-01T12:00:00Z in POSIX seconds
_CENTURY = 36525.0 * 86400.0


def elevation(time_s: ArrayLike, lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Geometric elevation of the Sun's centre above the horizontal [deg].

    Parameters
    ----------
    time_s : POSIX seconds (UTC); 1950 to 2100 keeps the stated accuracy within 0.02 deg
    lat, lon : degrees; all three broadcast

    Source: Meeus (1998), chapters 25 and 13; NOAA GML, "Solar Calculation Details".

    >>> equinox_noon = 1_584_705_000.0  # 2020-03-20T11:50:00Z, eight hours after the equinox
    >>> round(float(elevation(equinox_noon, 0.0, 4.4)), 1)
    89.8
    """
    time = np.asarray(time_s, float)
    declination, equation_of_time = _sun(time)
    # true solar time as an angle: 0 at local midnight, 180 at local noon
    solar = (time % 86400.0) / 240.0 + np.asarray(lon, float) + equation_of_time
    hour_angle = np.radians(solar - 180.0)
    phi = np.radians(np.asarray(lat, float))
    sine = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour_angle)
    return np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0)))


def overhead(time_s: ArrayLike) -> tuple[Floats, Floats]:
    """Where the Sun stands in the zenith: latitude and longitude [deg], longitude in [-180, 180).

    Parameters
    ----------
    time_s : POSIX seconds (UTC), as for `elevation`

    >>> lat, lon = overhead(1_584_705_000.0)  # 2020-03-20T11:50:00Z
    >>> round(float(elevation(1_584_705_000.0, lat, lon)), 4)
    90.0
    """
    time = np.asarray(time_s, float)
    declination, equation_of_time = _sun(time)
    solar_at_greenwich = (time % 86400.0) / 240.0 + equation_of_time
    return np.degrees(declination), geodesy.wrap_longitude(180.0 - solar_at_greenwich)


def _sun(time: Floats) -> tuple[Floats, Floats]:
    """Declination [rad] and equation of time [deg of hour angle]; letters as in Meeus, chapter 25."""
    t = (time - _J2000) / _CENTURY
    mean_longitude = np.radians((280.46646 + t * (36000.76983 + 0.0003032 * t)) % 360.0)
    anomaly = np.radians((357.52911 + t * (35999.05029 - 0.0001537 * t)) % 360.0)
    e = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    centre = (
        (1.914602 - t * (0.004817 + 0.000014 * t)) * np.sin(anomaly)
        + (0.019993 - 0.000101 * t) * np.sin(2.0 * anomaly)
        + 0.000289 * np.sin(3.0 * anomaly)
    )
    node = np.radians(125.04 - 1934.136 * t)
    apparent = mean_longitude + np.radians(centre - 0.00569 - 0.00478 * np.sin(node))
    mean_obliquity = 23.0 + (26.0 + (21.448 - t * (46.815 + t * (0.00059 - 0.001813 * t))) / 60.0) / 60.0
    obliquity = np.radians(mean_obliquity + 0.00256 * np.cos(node))
    declination = np.arcsin(np.sin(obliquity) * np.sin(apparent))
    y = np.tan(obliquity / 2.0) ** 2
    equation_of_time = (
        y * np.sin(2.0 * mean_longitude)
        - 2.0 * e * np.sin(anomaly)
        + 4.0 * e * y * np.sin(anomaly) * np.cos(2.0 * mean_longitude)
        - 0.5 * y**2 * np.sin(4.0 * mean_longitude)
        - 1.25 * e**2 * np.sin(2.0 * anomaly)
    )
    return declination, np.degrees(equation_of_time)


def dip(height_m: ArrayLike) -> Floats:
    """How far the horizon lies below the horizontal for an eye at a height [deg]; no refraction.

    arccos(R / (R + h)) on the mean sphere; the refraction a sextant table has in it (a factor of about
    0.92) is left out, because it differs from day to day aloft. Below 0 m there is none.

    >>> round(float(dip(12192.0)), 2)  # 40,000 ft
    3.54
    """
    height = np.maximum(np.asarray(height_m, float), 0.0)
    return np.degrees(np.arccos(EARTH_RADIUS / (EARTH_RADIUS + height)))


def light(elevation_deg: ArrayLike, height_m: ArrayLike = 0.0) -> np.ndarray:
    """The light at a solar elevation: 0 day, 1 civil twilight, 2 nautical twilight, 3 night (see LIGHTS).

    Parameters
    ----------
    elevation_deg : geometric elevation of the Sun's centre
    height_m : of the eye; the dip of the horizon moves every limit down, so that sunset aloft comes later

    >>> [LIGHTS[i] for i in light([10.0, -3.0, -8.0, -30.0])]
    ['day', 'civil', 'nautical', 'night']
    """
    lowered = np.asarray(elevation_deg, float) + dip(height_m)
    return (
        (lowered < SUNSET).astype(np.int8)
        + (lowered < CIVIL).astype(np.int8)
        + (lowered < NAUTICAL).astype(np.int8)
    )
