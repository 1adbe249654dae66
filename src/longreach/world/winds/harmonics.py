"""Vector spherical harmonics: a wind over the whole sphere from a few hundred numbers, right at the poles too.

    u = sum (-r dP/dphi + d (dY/dlambda)/cos(phi)) / sqrt(n (n + 1)),   v with r and d changed over

with Y = P_nm(sin phi) (a cos(m lambda) + b sin(m lambda)), P fully normalised to mean square 1 on the sphere.
`r` turns (stream function), `d` diverges (velocity potential). So scaled a coefficient is a wind in m/s: the
mean square of u and v together over the sphere is the sum of the squares. Source of the recurrences: Holmes and
Featherstone, Journal of Geodesy 76 (2002), 279-299; of the form: Adams and Swarztrauber, SPHEREPACK 3.0 (1999).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from longreach.geodesy import Floats

NEAR_POLE = 89.99  # deg; a row at the pole is taken here, 1 km from it: 1/cos(phi) has no value there


def legendre(degree: int, lat: Floats) -> Floats:
    """(degree + 2, degree + 2, k) normalised P[m, n] at latitudes [deg]; one degree more than asked, for slopes."""
    x, c = np.sin(np.radians(lat)), np.cos(np.radians(lat))
    top = degree + 1
    p = np.zeros((top + 1, top + 1, lat.size))
    p[0, 0] = 1.0
    for m in range(1, top + 1):
        p[m, m] = p[m - 1, m - 1] * c * np.sqrt((2 * m + 1) / (2 * m) * (2.0 if m == 1 else 1.0))
    for m in range(top):
        p[m, m + 1] = np.sqrt(2 * m + 3) * x * p[m, m]
        for n in range(m + 2, top + 1):
            a = np.sqrt((4 * n * n - 1) / (n * n - m * m))
            b = np.sqrt(((n - 1) ** 2 - m * m) / (4 * (n - 1) ** 2 - 1))
            p[m, n] = a * (x * p[m, n - 1] - b * p[m, n - 2])
    return p


def slopes(degree: int, lat: Floats) -> tuple[Floats, Floats]:
    """dP/dphi and m P / cos(phi), each over sqrt(n (n + 1)): (degree + 1, degree + 1, k) by m and n."""
    lat = np.clip(np.asarray(lat, float), -NEAR_POLE, NEAR_POLE)
    p = legendre(degree, lat)
    c = np.cos(np.radians(lat))
    north = np.zeros((degree + 1, degree + 1, lat.size))
    east = np.zeros_like(north)
    for m in range(degree + 1):
        for n in range(max(m, 1), degree + 1):
            scale = 1.0 / (c * np.sqrt(n * (n + 1.0)))
            below = np.sqrt((n * n - m * m) / (4.0 * n * n - 1.0)) * p[m, n - 1] if n > m else 0.0
            above = np.sqrt(((n + 1.0) ** 2 - m * m) / (4.0 * (n + 1.0) ** 2 - 1.0)) * p[m, n + 1]
            north[m, n] = ((n + 1.0) * below - n * above) * scale
            east[m, n] = m * p[m, n] * scale
    return north, east


def synthesis(coefficients: Floats, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """u and v [m/s], (..., lat, lon), of coefficients (..., 2, degree + 1, degree + 1, 2).

    The axes of the coefficients: turning and diverging part; order m; degree n; cosine and sine.
    """
    degree = coefficients.shape[-2] - 1
    north, east = slopes(degree, np.asarray(lat, float))
    r, d = coefficients[..., 0, :, :, :], coefficients[..., 1, :, :, :]
    r_north, r_east = (np.einsum("...mnc,mnk->...mkc", r, part) for part in (north, east))
    d_north, d_east = (np.einsum("...mnc,mnk->...mkc", d, part) for part in (north, east))
    # d/dlambda of a cos + b sin is m (b cos - a sin): m is in `east` already
    turned = np.array([1.0, -1.0])
    u = -r_north + d_east[..., ::-1] * turned
    v = d_north + r_east[..., ::-1] * turned
    angle = np.radians(np.asarray(lon, float)) * np.arange(degree + 1)[:, None]
    waves = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return tuple(np.einsum("...mkc,mlc->...kl", part, waves) for part in (u, v))


def analysis(u: Any, v: Any, lat: Floats, lon: Floats, degree: int) -> Floats:
    """Coefficients (2, degree + 1, degree + 1, 2) of a wind (lat, lon) on evenly spaced longitudes.

    Least squares order by order, each row weighted with the cosine of its latitude; rows at the poles, where
    east and north mean nothing, are left out.
    """
    lat, lon = np.asarray(lat, float), np.asarray(lon, float)
    keep = np.abs(lat) < NEAR_POLE
    weight = np.sqrt(np.cos(np.radians(lat[keep])))
    north, east = slopes(degree, lat[keep])
    angle = np.radians(lon) * np.arange(degree + 1)[:, None]
    share = np.where(np.arange(degree + 1) == 0, 1.0, 2.0)[:, None] / lon.size
    parts = [
        np.asarray(wind, float)[keep] @ (wave * share).T
        for wind in (u, v)
        for wave in (np.cos(angle), np.sin(angle))
    ]
    u_cos, u_sin, v_cos, v_sin = (part * weight[:, None] for part in parts)
    out = np.zeros((2, degree + 1, degree + 1, 2))
    for m in range(degree + 1):
        low = max(m, 1)
        a, b = north[m, low:].T * weight[:, None], east[m, low:].T * weight[:, None]
        o = np.zeros_like(a)
        # unknowns: r cosine, r sine, d cosine, d sine
        rows = np.block([[-a, o, o, b], [o, -a, -b, o], [o, b, a, o], [-b, o, o, a]])
        found = np.linalg.lstsq(
            rows, np.concatenate([u_cos[:, m], u_sin[:, m], v_cos[:, m], v_sin[:, m]]), rcond=None
        )[0]
        found = found.reshape(2, 2, -1)
        out[:, m, low:, 0], out[:, m, low:, 1] = found[:, 0], found[:, 1]
    return out
