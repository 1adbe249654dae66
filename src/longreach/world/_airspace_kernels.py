"""Point in rings by counting crossings of the meridian from the point to the north pole.

Segments are geodesics no longer than some tens of kilometres (or great circles: the two differ by
millimetres there), given as flat arrays and listed by the one-degree longitude columns they touch.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

COLUMNS = 360


@numba.njit(cache=True)
def _short_way(degrees: float) -> float:
    if degrees >= 180.0:
        return degrees - 360.0
    if degrees < -180.0:
        return degrees + 360.0
    return degrees


@numba.njit(cache=True)
def _crossing_latitude(lat1: float, a: float, lat2: float, b: float) -> float:
    """Latitude [rad] where the great circle (lat1, a)-(lat2, b) meets longitude 0; a and b on either side."""
    numerator = math.sin(lat1) * math.cos(lat2) * math.sin(b) - math.cos(lat1) * math.sin(lat2) * math.sin(a)
    denominator = math.cos(lat1) * math.cos(lat2) * math.sin(b - a)
    if denominator < 0.0:
        numerator, denominator = -numerator, -denominator
    return math.atan2(numerator, denominator)


@numba.njit(cache=True)
def column_index(lon1: Any, lon2: Any) -> Any:
    """Segments by longitude column: (first (361,), members) with column k holding first[k]:first[k+1]."""
    n = lon1.size
    low = np.empty(n, np.int64)
    span = np.empty(n, np.int64)
    counts = np.zeros(COLUMNS + 1, np.int64)
    for i in range(n):
        step = (lon2[i] - lon1[i] + 180.0) % 360.0 - 180.0
        west = lon1[i] if step >= 0.0 else lon1[i] + step
        first = math.floor(west + 180.0 - 1e-9)
        last = math.floor(west + abs(step) + 180.0 + 1e-9)
        low[i] = first
        span[i] = last - first + 1
        for k in range(first, last + 1):
            counts[k % COLUMNS] += 1
    first_of = np.zeros(COLUMNS + 1, np.int64)
    for k in range(COLUMNS):
        first_of[k + 1] = first_of[k] + counts[k]
    at = first_of[:-1].copy()
    members = np.empty(first_of[-1], np.int64)
    for i in range(n):
        for k in range(low[i], low[i] + span[i]):
            c = k % COLUMNS
            members[at[c]] = i
            at[c] += 1
    return first_of, members


@numba.njit(cache=True)
def pieces_holding(
    lat: Any, lon: Any, lat1: Any, lon1: Any, lat2: Any, lon2: Any,
    left: Any, right: Any, n_pieces: int, first_of: Any, members: Any,
) -> Any:  # fmt: skip
    """(n,) lowest index of the areas that hold each point, -1 for none; none of them holds the north pole."""
    out = np.full(lat.size, -1, np.int64)
    odd = np.zeros(n_pieces, np.bool_)
    touched = np.empty(n_pieces, np.int64)
    last_touch = np.full(n_pieces, -1, np.int64)
    for p in range(lat.size):
        n_touched = 0
        column = math.floor(lon[p] + 180.0) % COLUMNS
        phi = math.radians(lat[p])
        for m in range(first_of[column], first_of[column + 1]):
            i = members[m]
            if lat1[i] < lat[p] - 1.0 and lat2[i] < lat[p] - 1.0:
                continue  # an edge of 150 km bulges by less than 0.1 degrees up to 87 degrees of latitude
            a = _short_way(lon1[i] - lon[p])
            b = _short_way(lon2[i] - lon[p])
            if (a <= 0.0) == (b <= 0.0) or abs(a - b) >= 180.0:
                continue
            low, high = min(lat1[i], lat2[i]), max(lat1[i], lat2[i])
            if abs(a - b) < 1.0 and (high < lat[p] - 0.01 or low > lat[p] + 0.01):
                if high < lat[p]:  # a segment of 1 degree bulges by less than 0.0011 degrees
                    continue
            elif (
                _crossing_latitude(
                    math.radians(lat1[i]), math.radians(a), math.radians(lat2[i]), math.radians(b)
                )
                <= phi
            ):
                continue
            for piece in (left[i], right[i]):
                if piece >= 0:
                    odd[piece] = not odd[piece]
                    if last_touch[piece] != p:
                        last_touch[piece] = p
                        touched[n_touched] = piece
                        n_touched += 1
        for t in range(n_touched):
            if odd[touched[t]]:
                if out[p] < 0 or touched[t] < out[p]:
                    out[p] = touched[t]
                odd[touched[t]] = False
    return out
