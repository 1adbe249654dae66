"""Closures that hold at some levels and at some times only.

A route's passage times depend on the route, so which closures bind is not known before it is found. The
route is solved with those in force at all times; its passage times at the ground speed given are compared
with the windows of the others; those it would break are added, for the whole flight, and it is solved again.
The answer keeps every closure while it is in force, and is the shortest round those it was made to keep.
A route that slips through before a window opens, bending for that, might be shorter: the lower bound is
that of the closures in force at all times, so it holds for such routes too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from longreach.errors import Fault, InputError
from longreach.geodesy import Floats, direct, inverse
from longreach.route.boundary import NOISE
from longreach.route.prepared import prepare
from longreach.route.result import Route
from longreach.route.search import Point, clearances, via

if TYPE_CHECKING:
    from longreach.world.airspace import Closure

Window = tuple[datetime | None, datetime | None]
SLOWEST, FASTEST = 10.0, 1000.0  # m/s


def in_force(
    closures: Iterable[Closure], *, level_m: float | None = None, window: Window | None = None
) -> tuple[Closure, ...]:
    """The closures that may bind a flight at a level within a time window.

    Parameters
    ----------
    level_m : pressure altitude [m]; floors and ceilings count as closed. None: every level
    window : UTC (from, to), None for an open end; ends count. None: every time
    """
    return tuple(
        closure
        for closure in closures
        if (level_m is None or _holds_level(closure, level_m))
        and (window is None or any(_overlap(window, one) for one in windows_of(closure)))
    )


def _holds_level(closure: Closure, level_m: float) -> bool:
    above = closure.floor_m is None or level_m >= closure.floor_m
    return above and (closure.ceiling_m is None or level_m <= closure.ceiling_m)


def windows_of(closure: Closure) -> tuple[Window, ...]:
    """When a closure holds; one window open at both ends where it always does."""
    return closure.valid if closure.valid is not None else ((None, None),)


def _overlap(one: Window, other: Window) -> bool:
    (a, b), (c, d) = one, other
    return not ((b is not None and c is not None and b < c) or (d is not None and a is not None and d < a))


@dataclass(frozen=True, slots=True)
class Crossing:
    """A closure a route passes through while it is not in force: when it is within the stand-off."""

    id: str
    enter: datetime
    leave: datetime


@dataclass(frozen=True, slots=True)
class TimedRoute:
    """A route whose passage times were compared with the windows of the closures.

    route : the shortest round `enforced`; its lower bound holds for every route of that departure and speed
    departure, arrival : UTC
    always : ids in force at all times (at that level)
    added : ids with windows that had to be kept, as if in force throughout, in the order found
    crossed : those passed through out of their windows
    rounds : how often it was solved
    """

    route: Route
    departure: datetime
    arrival: datetime | None
    always: tuple[str, ...]
    added: tuple[str, ...]
    crossed: tuple[Crossing, ...]
    rounds: int


def timed(
    closures: Iterable[Closure],
    points: Sequence[Point],
    *,
    departure: datetime,
    ground_speed: float,
    level_m: float | None = None,
) -> TimedRoute:
    """The shortest route through (lat, lon) points in order that keeps every closure while it is in force.

    Parameters
    ----------
    departure : when the first point is left, with a zone
    ground_speed : m/s, 10 to 1,000, held all the way
    level_m : pressure altitude [m] held all the way; None: closures hold whatever their levels

    Where a closure with windows leaves no way, the route is not feasible though a later or earlier departure
    may find one. Raises: InputError for a departure without a zone or a speed out of range.
    """
    faults = []
    if departure.tzinfo is None:
        faults.append(
            Fault(f"departure {departure.isoformat()} has no zone", hint=f"{departure.isoformat()}Z")
        )
    if not SLOWEST <= ground_speed <= FASTEST:
        faults.append(
            Fault(f"ground speed is {ground_speed:g} m/s; it must lie between {SLOWEST:g} and {FASTEST:g}")
        )
    if faults:
        raise InputError(faults)
    there = in_force(closures, level_m=level_m)
    always = tuple(closure for closure in there if _always(closure, departure))
    open_ones = [closure for closure in there if closure not in always]
    enforced, added = list(always), []
    found = via(prepare(enforced), points)
    lower, rounds = found.lower_bound_m, 1
    while found.feasible:
        broken = [one for one in open_ones if _breaks(one, found, departure, ground_speed)]
        if not broken:
            break
        added += broken
        open_ones = [one for one in open_ones if one not in broken]
        enforced += broken
        found = via(prepare(enforced), points)
        rounds += 1
    if found.feasible:
        found = replace(found, lower_bound_m=min(lower, found.length_m))
    return TimedRoute(
        route=found,
        departure=departure,
        arrival=departure + timedelta(seconds=found.length_m / ground_speed) if found.feasible else None,
        always=tuple(closure.id for closure in always),
        added=tuple(closure.id for closure in added),
        crossed=_crossed(open_ones, found, departure, ground_speed) if found.feasible else (),
        rounds=rounds,
    )


def _always(closure: Closure, departure: datetime) -> bool:
    """Whether it is in force from the departure on, for ever."""
    return any((begin is None or begin <= departure) and end is None for begin, end in windows_of(closure))


def _breaks(closure: Closure, route: Route, departure: datetime, speed: float) -> bool:
    """Whether the route comes within the stand-off while the closure is in force."""
    for begin, end in windows_of(closure):
        low = 0.0 if begin is None else (begin - departure).total_seconds() * speed
        high = route.length_m if end is None else (end - departure).total_seconds() * speed
        if high < 0.0 or low > route.length_m:
            continue
        lat, lon = stretch(route, max(0.0, low), min(route.length_m, high))
        (closest,) = clearances([closure], lat, lon)
        if closest.clearance_m < closure.stand_off_m - NOISE:
            return True
    return False


def stretch(route: Route, low: float, high: float) -> tuple[Floats, Floats]:
    """Vertices of the part of a route between two distances [m] along it, 0 <= low <= high <= its length."""
    leg, azimuth, _ = inverse(route.lat[:-1], route.lon[:-1], route.lat[1:], route.lon[1:])
    at = np.concatenate([[0.0], np.cumsum(leg)])
    lats, lons = [], []
    for where in (low, high):
        k = int(np.clip(np.searchsorted(at, where, side="right") - 1, 0, leg.size - 1))
        lat, lon, _ = direct(route.lat[k], route.lon[k], azimuth[k], min(where - at[k], leg[k]))
        lats.append(float(lat))
        lons.append(float(lon))
    inner = (at > low) & (at < high)
    return (
        np.concatenate([lats[:1], route.lat[inner], lats[1:]]),
        np.concatenate([lons[:1], route.lon[inner], lons[1:]]),
    )


def _crossed(
    closures: Sequence[Closure], route: Route, departure: datetime, speed: float
) -> tuple[Crossing, ...]:
    """Where the route is within the stand-off of closures that are not in force then."""
    found = []
    for closure in closures:
        (closest,) = clearances([closure], route.lat, route.lon)
        if closest.clearance_m >= closure.stand_off_m - NOISE:
            continue
        enter, leave = _first_and_last(closure, route)
        found.append(
            Crossing(
                closure.id,
                departure + timedelta(seconds=enter / speed),
                departure + timedelta(seconds=leave / speed),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.enter, one.id)))


def _first_and_last(closure: Closure, route: Route) -> tuple[float, float]:
    """Distances along the route [m], to 1 km, between which it comes within the stand-off."""

    def free(low: float, high: float) -> bool:
        (closest,) = clearances([closure], *stretch(route, low, high))
        return closest.clearance_m >= closure.stand_off_m - NOISE

    ends = []
    for backwards in (False, True):
        low, high = 0.0, route.length_m  # free up to `low`, not up to `high` (from the end: the other way)
        while high - low > 1e3:
            middle = 0.5 * (low + high)
            clear = free(route.length_m - middle, route.length_m) if backwards else free(0.0, middle)
            low, high = (middle, high) if clear else (low, middle)
        ends.append(route.length_m - low if backwards else low)
    return ends[0], ends[1]
