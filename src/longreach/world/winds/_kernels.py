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
_ONE = np.uint64(1)
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
    i = 0
    if n > 16:
        i = int((x - first) / (last - first) * (n - 1))
        i = min(max(i, 0), n - 2)
        while i > 0 and axis[i] > x:
            i -= 1
    while i < n - 2 and axis[i + 1] <= x:
        i += 1
    w = (x - axis[i]) / (axis[i + 1] - axis[i])
    if w >= 1.0:
        return i + 1, 0.0
    return i, max(w, 0.0)


@njit(cache=True, inline="always")
def _level(value, base, step_y, step_x, wy, wx):
    """(u, v, dT) at one time and level. Unsigned indices: a negative one, counted from the end, need not be thought of."""
    k = np.uint64(base)
    e, m, g = np.uint64(base + step_x), np.uint64(base + step_y), np.uint64(base + step_y + step_x)
    w00, w01, w10, w11 = (1.0 - wy) * (1.0 - wx), (1.0 - wy) * wx, wy * (1.0 - wx), wy * wx
    u = (w00 * value[k] + w01 * value[e]) + (w10 * value[m] + w11 * value[g])
    k, e, m, g = k + _ONE, e + _ONE, m + _ONE, g + _ONE
    v = (w00 * value[k] + w01 * value[e]) + (w10 * value[m] + w11 * value[g])
    k, e, m, g = k + _ONE, e + _ONE, m + _ONE, g + _ONE
    d = (w00 * value[k] + w01 * value[e]) + (w10 * value[m] + w11 * value[g])
    return u, v, d


@njit(cache=True)
def _at_pole(value, base, steps, shares, lat, turn):
    """(u, v, dT) in a cell that touches a pole. turn : the point's meridian less that of the cell's west side [rad]."""
    step_t, step_p, step_y, step_x = steps
    wt, wp, wy, wx = shares
    u = v = d = 0.0
    for a in range(2 if step_t else 1):
        for b in range(2 if step_p else 1):
            for c in range(2 if step_y else 1):
                f = (wt if a else 1.0 - wt) * (wp if b else 1.0 - wp) * (wy if c else 1.0 - wy)
                j = base + a * step_t + b * step_p + c * step_y
                ru = value[j] * (1.0 - wx) + value[j + step_x] * wx
                rv = value[j + 1] * (1.0 - wx) + value[j + 1 + step_x] * wx
                rd = value[j + 2] * (1.0 - wx) + value[j + 2 + step_x] * wx
                south = lat < -_POLE
                if (c == 0 and south) or (c == 1 and not south) or lat > _POLE:
                    angle = -turn if south else turn
                    cos, sin = math.cos(angle), math.sin(angle)
                    ru = value[j] * cos + value[j + 1] * sin
                    rv = value[j + 1] * cos - value[j] * sin
                u += f * ru
                v += f * rv
                d += f * rd
    return u, v, d


@njit(cache=True)
def _between(times, levels, lats, lons, value, steady, time, ln_p, lat, lon):
    """`wind` on the parts of a grid that is not uniform: arrays of their own are cheaper to pass than a grid of them."""
    nan = math.nan
    if steady:
        it, wt = 0, 0.0
    else:
        it, wt = _cell(times, time)
        if it < 0:
            return TIME, nan, nan, nan
    ip, wp = _cell(levels, ln_p)
    if ip < 0:
        return LEVEL, nan, nan, nan
    iy, wy = _cell(lats, lat)
    if iy < 0:
        return LATITUDE, nan, nan, nan
    first = lons[0]
    x = lon - first
    if not 0.0 <= x < 360.0:
        x -= 360.0 * math.floor(x / 360.0)
    nx = lons.size
    if x > lons[nx - 1] - first and x > 360.0 - _END:
        x = 0.0  # a hair west of the first meridian
    ix, wx = _cell(lons, first + x)
    if ix < 0:
        return LONGITUDE, nan, nan, nan
    ny = lats.size
    dy = 3 * nx
    dp = dy * ny
    dt = dp * levels.size
    base = it * dt + ip * dp + iy * dy + 3 * ix
    # A weight of nought takes the same node again: the next may lie beyond the end, or be missing for a good reason.
    step_t = dt if wt > 0.0 else 0
    step_p = dp if wp > 0.0 else 0
    step_y = dy if wy > 0.0 else 0
    step_x = 3 if wx > 0.0 else 0
    if lats[iy] < -_POLE or lats[iy] > _POLE or (step_y > 0 and lats[iy + 1] > _POLE):
        turn = math.radians(first + x - lons[ix])
        u, v, d = _at_pole(value, base, (step_t, step_p, step_y, step_x), (wt, wp, wy, wx), lats[iy], turn)
    else:
        low_low = _level(value, base, step_y, step_x, wy, wx)
        low_high = _level(value, base + step_p, step_y, step_x, wy, wx)
        high_low = _level(value, base + step_t, step_y, step_x, wy, wx)
        high_high = _level(value, base + step_t + step_p, step_y, step_x, wy, wx)
        t0, p0 = 1.0 - wt, 1.0 - wp
        u = t0 * (p0 * low_low[0] + wp * low_high[0]) + wt * (p0 * high_low[0] + wp * high_high[0])
        v = t0 * (p0 * low_low[1] + wp * low_high[1]) + wt * (p0 * high_low[1] + wp * high_high[1])
        d = t0 * (p0 * low_low[2] + wp * low_high[2]) + wt * (p0 * high_low[2] + wp * high_high[2])
    if not (u == u and v == v and d == d):
        return MISSING, nan, nan, nan
    return OK, u, v, d


@njit(cache=True)
def wind(grid, time, ln_p, lat, lon):
    """(code, u, v, dT) at a time [s from the field's epoch], ln p [ln Pa], latitude and longitude [deg].

    u, v blow toward east and north [m/s]; dT is the temperature less the standard atmosphere's [K]. Where the
    code is not OK they are NaN. At a pole itself east and north are those of the meridian `lon`.
    """
    if grid.uniform:
        return OK, float(grid.values[0]), float(grid.values[1]), float(grid.values[2])
    return _between(grid.time, grid.ln_p, grid.lat, grid.lon, grid.values, grid.steady, time, ln_p, lat, lon)


@njit(cache=True)
def wind_many(grid, time, ln_p, lat, lon, u, v, dt):
    """`wind` at (n,) points into u, v, dt. Returns the code and index of the first that failed: (OK, -1) if none."""
    code, at = OK, -1
    if grid.uniform:
        for i in range(lat.size):
            _, u[i], v[i], dt[i] = wind(grid, time[i], ln_p[i], lat[i], lon[i])
        return code, at
    times, levels, lats, lons, value, steady = (
        grid.time,
        grid.ln_p,
        grid.lat,
        grid.lon,
        grid.values,
        grid.steady,
    )
    for i in range(lat.size):
        c, u[i], v[i], dt[i] = _between(
            times, levels, lats, lons, value, steady, time[i], ln_p[i], lat[i], lon[i]
        )
        if c != OK and at < 0:
            code, at = c, i
    return code, at
