"""What a track shows: legs between landings, gaps and what could be reached in them, orbits, aircraft together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from longreach import geodesy
from longreach.check.tracks.gate import GAP_S
from longreach.check.tracks.model import Track
from longreach.geodesy import Floats
from longreach.units import FOOT, KNOT, NAUTICAL_MILE

PARKED_S = 30 * 60.0
MOVING = 40.0 * KNOT
TURNS_OF_AN_ORBIT = 2.0  # whole turns within the window
ORBIT_WINDOW_S = 3600.0
ORBIT_REACH = 60.0 * NAUTICAL_MILE
TOGETHER_M = 5.0 * NAUTICAL_MILE
TOGETHER_UP_M = 1000.0 * FOOT
TOGETHER_S = 300.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without positions: from and to where, the mean speed it needs, and what could be reached in it.

    needed_mps : to bridge it on the geodesic; feasible : at no more than the fastest speed given
    ring_lat, ring_lon : the edge of where the aircraft can have been (an ellipse on the ground), () where it
        cannot be drawn
    """

    start_s: float
    end_s: float
    start: tuple[float, float]
    end: tuple[float, float]
    length_m: float
    needed_mps: float
    feasible: bool
    ring_lat: Floats
    ring_lon: Floats


@dataclass(frozen=True, slots=True)
class Orbit:
    """Two whole turns and more in one place."""

    start_s: float
    end_s: float
    lat: float
    lon: float
    turns: float


@dataclass(frozen=True, slots=True)
class Together:
    """Two aircraft within 5 nm and 1,000 ft for more than five minutes: a join-up or a refuelling."""

    one: str
    other: str
    start_s: float
    end_s: float
    lat: float
    lon: float
    nearest_m: float
    height_known: bool


def legs(track: Track) -> tuple[Track, ...]:
    """The flights in a track: cut where the file says a new leg begins, and where it stood for half an hour."""
    count = len(track.time_s)
    if count < 2:
        return (track,)
    step = np.diff(track.time_s)
    length = geodesy.distance(track.lat[:-1], track.lon[:-1], track.lat[1:], track.lon[1:])
    stood = (step > PARKED_S) & (length / np.maximum(step, 1.0) < MOVING)
    cut = np.zeros(count, bool)
    cut[1:] = stood | track.new_leg[1:]
    numbers = np.cumsum(cut)
    found = []
    for number in range(int(numbers[-1]) + 1):
        rows = numbers == number
        leg = track.where(rows)
        if rows.sum() >= 2 and leg.length_m > 10.0 * NAUTICAL_MILE:
            found.append(leg)
    return tuple(found)


def gaps(track: Track, fastest_mps: float, longest_s: float = GAP_S) -> tuple[Gap, ...]:
    """Every time of more than `longest_s` without a position."""
    found = []
    step = np.diff(track.time_s)
    for i in np.nonzero(step > longest_s)[0]:
        a, b = (float(track.lat[i]), float(track.lon[i])), (float(track.lat[i + 1]), float(track.lon[i + 1]))
        length = float(geodesy.distance(*a, *b))
        needed = length / float(step[i])
        ring = (
            reachable(a, b, fastest_mps * float(step[i]))
            if needed <= fastest_mps
            else (np.empty(0), np.empty(0))
        )
        found.append(
            Gap(
                float(track.time_s[i]),
                float(track.time_s[i + 1]),
                a,
                b,
                length,
                needed,
                needed <= fastest_mps,
                *ring,
            )
        )
    return tuple(found)


def reachable(a: tuple[float, float], b: tuple[float, float], reach_m: float) -> tuple[Floats, Floats]:
    """Edge of the points p with a to p to b no longer than `reach_m` [m]: 72 points round the middle of a and b.

    Found by bisection along geodesics from the middle, on which the sum of both distances grows. Empty where the
    reach passes a quarter of the globe and the edge is no simple ring.
    """
    if reach_m > 9_000_000.0:
        return np.empty(0), np.empty(0)
    length, azimuth, _ = geodesy.inverse(*a, *b)
    lat, lon, onward = geodesy.direct(*a, float(azimuth), float(length) / 2.0)
    bearings = float(onward) + np.arange(72) * 5.0
    low, high = np.zeros(72), np.full(72, reach_m)
    for _ in range(40):
        middle = (low + high) / 2.0
        p_lat, p_lon, _ = geodesy.direct(float(lat), float(lon), bearings, middle)
        total = geodesy.distance(*a, p_lat, p_lon) + geodesy.distance(*b, p_lat, p_lon)
        inside = total <= reach_m
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    ring = geodesy.direct(float(lat), float(lon), bearings, low)
    return ring[0], ring[1]


def orbits(track: Track) -> tuple[Orbit, ...]:
    """Stretches of at least two whole turns within an hour that stay within 60 nm."""
    if len(track.time_s) < 20:
        return ()
    thin = _thinned(track, 20.0)
    length, course, _ = geodesy.inverse(thin.lat[:-1], thin.lon[:-1], thin.lat[1:], thin.lon[1:])
    turn = (np.diff(course) + 180.0) % 360.0 - 180.0
    turn[(length[1:] < 200.0) | (length[:-1] < 200.0) | (np.abs(turn) > 120.0)] = 0.0
    total = np.concatenate([[0.0, 0.0], np.cumsum(turn)])  # turned since the beginning, at each point
    found: list[Orbit] = []
    i = 0
    while i < len(total) - 1:
        end = int(np.searchsorted(thin.time_s, thin.time_s[i] + ORBIT_WINDOW_S, side="right")) - 1
        window = slice(i, end + 1)
        turned = np.abs(total[window] - total[i])
        if turned.size < 3 or turned.max() < 360.0 * TURNS_OF_AN_ORBIT:
            i += 1
            continue
        last = i + int(np.argmax(turned >= 360.0 * TURNS_OF_AN_ORBIT))
        while (
            last + 1 < len(total)
            and thin.time_s[last + 1] - thin.time_s[last] < GAP_S
            and abs(total[last + 1] - total[i]) > abs(total[last] - total[i])
        ):
            last += 1
        centre = geodesy.unit_vectors(thin.lat[i : last + 1], thin.lon[i : last + 1]).mean(axis=0)
        lat, lon = (
            float(np.degrees(np.arctan2(centre[2], np.hypot(*centre[:2])))),
            float(np.degrees(np.arctan2(centre[1], centre[0]))),
        )
        if geodesy.distance(lat, lon, thin.lat[i : last + 1], thin.lon[i : last + 1]).max() <= ORBIT_REACH:
            found.append(
                Orbit(
                    float(thin.time_s[i]),
                    float(thin.time_s[last]),
                    lat,
                    lon,
                    float(abs(total[last] - total[i]) / 360.0),
                )
            )
            i = last + 1
        else:
            i += 1
    return tuple(found)


def _thinned(track: Track, seconds: float) -> Track:
    """Every so many seconds a row, the first of each."""
    _, first = np.unique(np.floor(track.time_s / seconds), return_index=True)
    mask = np.zeros(len(track.time_s), bool)
    mask[first] = True
    return track.where(mask)


def together(one: Track, other: Track) -> tuple[Together, ...]:
    """When two aircraft were close for more than five minutes, at steps of 15 s, not across gaps of ten minutes."""
    start, end = max(one.time_s[0], other.time_s[0]), min(one.time_s[-1], other.time_s[-1])
    if end - start < TOGETHER_S:
        return ()
    clock = np.arange(start, end, 15.0)
    places = []
    seen = np.ones(clock.size, bool)
    for track in (one, other):
        lon = np.interp(clock, track.time_s, np.unwrap(track.lon, period=360.0))
        known = np.isfinite(track.altitude_m)
        height = (
            np.interp(clock, track.time_s[known], track.altitude_m[known])
            if known.any()
            else np.full(clock.size, np.nan)
        )
        places.append((np.interp(clock, track.time_s, track.lat), geodesy.wrap_longitude(lon), height))
        after = np.clip(np.searchsorted(track.time_s, clock), 1, len(track.time_s) - 1)
        seen &= track.time_s[after] - track.time_s[after - 1] < GAP_S
    apart = geodesy.distance(places[0][0], places[0][1], places[1][0], places[1][1])
    up = np.abs(places[0][2] - places[1][2])
    close = seen & (apart <= TOGETHER_M) & ~(up > TOGETHER_UP_M)
    found = []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], close.astype(int), [0]])))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if clock[last - 1] - clock[first] < TOGETHER_S:
            continue
        middle = (first + last - 1) // 2
        part = slice(first, last)
        found.append(
            Together(
                one.callsign or one.id,
                other.callsign or other.id,
                float(clock[first]),
                float(clock[last - 1]),
                float(places[0][0][middle]),
                float(places[0][1][middle]),
                float(apart[part].min()),
                bool(np.isfinite(up[part]).all()),
            )
        )
    return tuple(found)
