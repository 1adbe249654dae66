"""The schedule: join-ups solved on the lead's moving route, crew days, light along the track."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from longreach import geodesy
from longreach.geodesy import Floats

LONGEST_SEARCH = 400  # exact legs worked out before a join-up is given up; a few do where nothing is closed


@dataclass(frozen=True, slots=True)
class LeadTrack:
    """The lead's flown rows, as a join-up needs them; time in seconds from the lead's take-off.

    steady : (n,) bool, level and neither refuelling nor climbing: a partner may fly alongside
    allowed : (n,) bool, over the high seas or a State the partner may fly in
    """

    time_s: Floats
    lat: Floats
    lon: Floats
    altitude_m: Floats
    steady: np.ndarray
    allowed: np.ndarray


@dataclass(frozen=True, slots=True)
class JoinUp:
    """Where a partner meets the lead and leaves it: indices into the lead's rows, and its legs [m]."""

    start: int
    end: int
    out_m: float
    home_m: float
    airborne_s: float


@dataclass(frozen=True, slots=True)
class NoJoin:
    """Why no join-up exists: the constraint, and how far the best try was from it."""

    what: str
    by: float
    unit: str
    best: JoinUp | None = None


def windows(track: LeadTrack, together_s: float) -> list[tuple[int, int]]:
    """Row pairs (start, end) at least `together_s` apart between which a partner may fly alongside.

    For every row that can start one, the earliest end.
    """
    good = track.steady & track.allowed
    # last row of the unbroken good run each row belongs to
    last = np.zeros(good.size, int)
    run_end = -1
    for k in range(good.size - 1, -1, -1):
        run_end = (run_end if run_end >= 0 else k) if good[k] else -1
        last[k] = run_end
    result = []
    for start in np.nonzero(good)[0]:
        end = int(np.searchsorted(track.time_s, track.time_s[start] + together_s - 1e-6))
        if end < good.size and end <= last[start]:
            result.append((int(start), end))
    return result


def solve_join(
    track: LeadTrack,
    together_s: float,
    origin: tuple[float, float],
    destination: tuple[float, float],
    speed_mps: float,
    longest_s: float,
    lawful: Callable[[tuple[float, float], tuple[float, float]], float],
    taken: Sequence[tuple[float, float]] = (),
    bounds: Callable[[tuple[float, float], Floats, Floats], Floats] | None = None,
) -> JoinUp | NoJoin:
    """The join-up with the least time in the air for the partner.

    speed_mps : the partner's ground speed between its bases and the lead
    longest_s : how long it can stay airborne with its reserve kept
    lawful : length of the shortest lawful route between two points [m], inf where there is none
    taken : time intervals [s] of the lead (refuellings) in which nobody joins

    bounds : lengths from a point to many [m], inf where there is no way, never longer than `lawful`; asked
        again after a try that was longer than its bound. None: geodesics

    Tries are taken in the order of their bounds and the search ends when no untried one can be better: the
    answer is the best of all windows.
    """
    pairs = [
        (start, end)
        for start, end in windows(track, together_s)
        if not any(track.time_s[start] < b and track.time_s[end] > a for a, b in taken)
    ]
    if not pairs:
        if not (track.steady & track.allowed).any():
            return NoJoin("the lead never flies level where this partner may fly", 0.0, "min")
        return NoJoin(
            "the lead is not long enough in one stretch where this partner may fly",
            (together_s - _longest_stretch(track, taken)) / 60.0,
            "min",
        )
    start, end = np.array(pairs).T
    alongside = track.time_s[end] - track.time_s[start]

    out = geodesy.distance(origin[0], origin[1], track.lat[start], track.lon[start])
    home = geodesy.distance(track.lat[end], track.lon[end], destination[0], destination[1])
    floor, tried = (out + home) / speed_mps + alongside, np.zeros(start.size, bool)
    best: JoinUp | None = None
    for _ in range(LONGEST_SEARCH):
        k = int(np.argmin(np.where(tried, np.inf, floor)))
        if tried[k] or floor[k] > longest_s or (best is not None and floor[k] >= best.airborne_s):
            break
        tried[k] = True
        s, e = int(start[k]), int(end[k])
        out_m = lawful(origin, (float(track.lat[s]), float(track.lon[s])))
        home_m = lawful((float(track.lat[e]), float(track.lon[e])), destination)
        total = (out_m + home_m) / speed_mps + float(alongside[k])
        if np.isfinite(total) and (best is None or total < best.airborne_s):
            best = JoinUp(s, e, out_m, home_m, total)
        if bounds is not None and total > floor[k] + 1.0:
            within = ~tried & (floor <= longest_s) & (floor < (np.inf if best is None else best.airborne_s))
            if within.any():
                out = bounds(origin, track.lat[start[within]], track.lon[start[within]])
                home = bounds(destination, track.lat[end[within]], track.lon[end[within]])
                floor[within] = (out + home) / speed_mps + alongside[within]
    if best is None and np.isfinite(floor.min()) and floor.min() > longest_s:
        return NoJoin("it cannot stay airborne long enough", (float(floor.min()) - longest_s) / 60.0, "min")
    if best is None:
        return NoJoin("no lawful route from its base to the lead and home", 0.0, "nm")
    if best.airborne_s > longest_s:
        return NoJoin(
            "it cannot stay airborne long enough", (best.airborne_s - longest_s) / 60.0, "min", best
        )
    return best


def _longest_stretch(track: LeadTrack, taken: Sequence[tuple[float, float]]) -> float:
    """The longest time [s] a partner could fly alongside in one stretch, clear of what is taken."""
    longest = 0.0
    for start, end in windows(track, 0.0):
        since = float(track.time_s[start])
        until = min([a for a, b in taken if since < b], default=np.inf)
        while end + 1 < track.time_s.size and track.steady[end + 1] and track.allowed[end + 1]:
            if track.time_s[end + 1] > until:
                break
            end += 1
        longest = max(longest, float(track.time_s[end]) - since)
    return longest


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of time of one kind."""

    kind: str
    start_s: float
    end_s: float


def spells(time_s: Sequence[float], kinds: Sequence[str]) -> list[Spell]:
    """Runs of equal `kinds` over rows; each run lasts until the next row of another kind."""
    result: list[Spell] = []
    for k, kind in enumerate(kinds):
        if result and result[-1].kind == kind:
            continue
        if result:
            result[-1] = Spell(result[-1].kind, result[-1].start_s, time_s[k])
        result.append(Spell(kind, time_s[k], time_s[-1]))
    return result
