"""Wind at a point: linear in time, ln p, latitude and longitude, on one flat array of values.

A field comes as one `Grid`: flat arrays and a few numbers, which any other kernel may take as an argument.
Values are [time, level, latitude, longitude, (u, v, dT)], float32, one after the other. Outside the grid
the answer is a code, never a held or extended value.

At the poles east and north have no meaning. In the last row of cells the pole's wind is one vector; it is
turned into the east and north of the point's own meridian before it is mixed with the row beside it, so
that a flight over the pole meets no jump.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

(OK, TIME, LEVEL, LATITUDE, LONGITUDE, MISSING) = range(6)

P0 = 101325.0
_EXPONENT = 9.80665 / (287.05287 * 0.0065)
_LN_P0 = math.log(P0)
_LN_TROPOPAUSE = math.log(P0 * (216.65 / 288.15) ** _EXPONENT)
_DECAY = 9.80665 / (287.05287 * 216.65)
_POLE = 89.9999999
_END = 1e-9  # how far past an end of an axis still counts as the end, in its own unit


class Grid(NamedTuple):
    """A field for kernels. Axes ascend; `values` is flat, [time, level, lat, lon, 3], float32.

    time : (nt,) s; ln_p : (nl,) ln Pa; lat : (ny,) deg; lon : (nx,) deg, where `cyclic` its last is its first
    plus 360. steady : one time that stands for all. One level stands for itself alone unless `uniform`, which
    is one wind at every place, level and time (still air is such a one).
    """

    time: np.ndarray
    ln_p: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    values: np.ndarray
    steady: bool
    uniform: bool


@njit(cache=True)
def ln_pressure(h):
    """Natural logarithm of the pressure in Pa at pressure altitude h [m]: the vertical axis of a field."""
    if h < 11000.0:
        return _LN_P0 + _EXPONENT * math.log(1.0 - 0.0065 * h / 288.15)
    return _LN_TROPOPAUSE - (h - 11000.0) * _DECAY


@njit(cache=True, inline="always")
def _cell(axis, x):
    """The interval of an ascending axis that holds x: index, share of the way; index -1 outside it."""
    n = axis.size
    first, last = axis[0], axis[n - 1]
    if not (first - _END <= x <= last + _END):
        return -1, 0.0
    if n == 1:
        return 0, 0.0
    i = int((x - first) / (last - first) * (n - 1))
    i = min(max(i, 0), n - 2)
    while i > 0 and axis[i] > x:
        i -= 1
    while i < n - 2 and axis[i + 1] <= x:
        i += 1
    w = (x - axis[i]) / (axis[i + 1] - axis[i])
    return i, min(max(w, 0.0), 1.0)


@njit(cache=True)
def wind(grid, time, ln_p, lat, lon):
    """(code, u, v, dT) at a time [s from the field's epoch], ln p [ln Pa], latitude and longitude [deg].

    u, v blow toward east and north [m/s]; dT is the temperature less the standard atmosphere's [K]. Where the
    code is not OK they are NaN. At a pole itself east and north are those of the meridian `lon`.
    """
    nan = math.nan
    value = grid.values
    if grid.uniform:
        return OK, float(value[0]), float(value[1]), float(value[2])
    if grid.steady:
        it, wt = 0, 0.0
    else:
        it, wt = _cell(grid.time, time)
        if it < 0:
            return TIME, nan, nan, nan
    ip, wp = _cell(grid.ln_p, ln_p)
    if ip < 0:
        return LEVEL, nan, nan, nan
    iy, wy = _cell(grid.lat, lat)
    if iy < 0:
        return LATITUDE, nan, nan, nan
    first = grid.lon[0]
    x = lon - first
    if not 0.0 <= x < 360.0:
        x -= 360.0 * math.floor(x / 360.0)
    nx = grid.lon.size
    if x > grid.lon[nx - 1] - first and x > 360.0 - _END:
        x = 0.0  # a hair west of the first meridian
    ix, wx = _cell(grid.lon, first + x)
    if ix < 0:
        return LONGITUDE, nan, nan, nan
    ny = grid.lat.size
    dy = 3 * nx
    dp = dy * ny
    dt = dp * grid.ln_p.size
    base = it * dt + ip * dp + iy * dy + 3 * ix
    u = v = d = 0.0
    # A weight of nought is not looked at: it may lie beyond the last node, or be missing for a good reason.
    for a in range(2):
        ft = wt if a else 1.0 - wt
        if ft == 0.0:
            continue
        for b in range(2):
            fp = ft * (wp if b else 1.0 - wp)
            if fp == 0.0:
                continue
            k = base + a * dt + b * dp
            for c in range(2):
                f = fp * (wy if c else 1.0 - wy)
                if f == 0.0:
                    continue
                j = k + c * dy
                if wx == 0.0:
                    ru, rv, rd = float(value[j]), float(value[j + 1]), float(value[j + 2])
                else:
                    ru = value[j] * (1.0 - wx) + value[j + 3] * wx
                    rv = value[j + 1] * (1.0 - wx) + value[j + 4] * wx
                    rd = value[j + 2] * (1.0 - wx) + value[j + 5] * wx
                    row = grid.lat[iy + c]
                    if row > _POLE or row < -_POLE:
                        turn = math.radians(first + x - grid.lon[ix])
                        if row < 0.0:
                            turn = -turn
                        cos, sin = math.cos(turn), math.sin(turn)
                        ru = value[j] * cos + value[j + 1] * sin
                        rv = value[j + 1] * cos - value[j] * sin
                u += f * ru
                v += f * rv
                d += f * rd
    if not (u == u and v == v and d == d):
        return MISSING, nan, nan, nan
    return OK, u, v, d


@njit(cache=True)
def wind_many(grid, time, ln_p, lat, lon, u, v, dt):
    """`wind` at (n,) points into u, v, dt. Returns the code and index of the first that failed: (OK, -1) if none."""
    code, at = OK, -1
    for i in range(lat.size):
        c, u[i], v[i], dt[i] = wind(grid, time[i], ln_p[i], lat[i], lon[i])
        if c != OK and at < 0:
            code, at = c, i
    return code, at
