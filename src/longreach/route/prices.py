"""What each closure costs, and what each mile of stand-off costs.

The price of a closure is how much longer the shortest route is with it than without it, everything else
closed as it is. Prices do not add up: where either of two States bars the way, opening one alone gains
nothing and each has the price 0; where opening either frees the whole way, each has the whole price.

With stand-off the shortest route grows steadily, at a metre a metre for each radian it turns through, until
a passage shuts; there it jumps to another way round. Where it jumps is narrowed down to 0.1 nm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from longreach.errors import Fault, InputError
from longreach.geodesy import Floats, densify, distance, inverse
from longreach.route import cache
from longreach.route.chunks import refined
from longreach.route.explain import largest_stand_off
from longreach.route.plane import unit
from longreach.route.prepared import prepare
from longreach.route.result import Route
from longreach.route.search import Point, shortest
from longreach.units import NAUTICAL_MILE, checked_position

if TYPE_CHECKING:
    from longreach.world.airspace import Closure

LARGEST_STAND_OFF = 2000.0 * NAUTICAL_MILE  # m
PASSAGE_WIDTH = 0.1 * NAUTICAL_MILE  # m; how closely the stand-off that shuts a passage is found
LEAST_JUMP = 1.0 * NAUTICAL_MILE  # m; a shut passage that costs less is not told
STEPS = 8  # of stand-off at which the length is told
MOST_SHUT = 6  # passages looked for

Told = Callable[[str], None]


def _quiet(_: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one closure costs.

    price_m : the route with it less the route without it; inf where there is a way only without it, nan
        where there is none either way
    least_m, most_m : bracket of the price, from the lower bounds of the two routes
    without : the shortest route with this closure alone opened; None where the price is 0 because no path
        that touches it could be shorter than the route (which needs no route to prove)
    """

    id: str
    name: str
    price_m: float
    least_m: float
    most_m: float
    without: Route | None


def closure_prices(
    closures: Iterable[Closure], origin: Point, destination: Point, *, told: Told = _quiet
) -> tuple[Route, tuple[Price, ...]]:
    """The shortest route and the price of each closure, the dearest first.

    told : called with a word on each route asked for.
    """
    chosen = tuple(closures)
    a, b = checked_position(*origin), checked_position(*destination)
    told("with all closed")
    whole = shortest(prepare(chosen), a, b)
    found = []
    for closure in chosen:
        if whole.feasible and _least_by(closure, a, b) >= whole.length_m:
            found.append(Price(closure.id, closure.name, 0.0, 0.0, 0.0, None))
            continue
        told(f"without {closure.id}")
        others = tuple(one for one in chosen if one is not closure)
        without = shortest(prepare(others), a, b)
        found.append(_price(closure, whole, without))
    order = sorted(found, key=lambda price: (-np.nan_to_num(price.price_m, nan=-1.0, posinf=1e12), price.id))
    return whole, tuple(order)


def _price(closure: Closure, whole: Route, without: Route) -> Price:
    if not without.feasible:
        price = least = most = float("nan")
    elif not whole.feasible:
        price = least = most = float("inf")
    else:
        price = max(0.0, whole.length_m - without.length_m)
        least = max(0.0, whole.lower_bound_m - without.length_m)
        most = max(0.0, whole.length_m - without.lower_bound_m)
    return Price(closure.id, closure.name, price, least, most, without)


def _least_by(closure: Closure, a: Point, b: Point) -> float:
    """No path from a to b by way of the closure or its stand-off is shorter than this [m]."""
    least = np.inf
    for line in closure.lines:
        lat, lon, _ = refined(
            np.asarray(line.lat, float), np.asarray(line.lon, float), np.zeros(np.size(line.lat)), 50e3
        )
        by_way = distance(*a, lat, lon) + distance(lat, lon, *b)
        # from any point within reach of the line to the nearest of its vertices, there and back
        least = min(least, float(by_way.min()) - 2 * (line.offset_m + closure.stand_off_m + 26e3))
    return least


@dataclass(frozen=True, slots=True)
class Passage:
    """A way that shuts as the stand-off grows.

    open_m, shut_m : stand-offs [m] at which it is open and shut, 0.1 nm apart or less
    extra_m : how much longer the route becomes there; inf where no other way is left
    lat, lon, width_m : where it is narrowest along the route, and how wide there (nan where it is not found)
    between : the closures on either side
    before, after : the routes on either side of the change
    """

    open_m: float
    shut_m: float
    extra_m: float
    lat: float
    lon: float
    width_m: float
    between: tuple[str, ...]
    before: Route
    after: Route


@dataclass(frozen=True, slots=True)
class StandOffPrices:
    """Length as a function of stand-off.

    stand_off_m, length_m : (n,) stand-offs and lengths of the shortest routes [m], inf where there is none
    lower_bound_m : (n,) no lawful path is shorter
    largest_m : the largest stand-off at which there is a route, to 0.5 nm and on the safe side; None where
        there is none even at 0
    passages : what shuts in between, at the smallest stand-off first
    fixed : ids of closures that keep a stand-off of their own
    """

    stand_off_m: Floats
    length_m: Floats
    lower_bound_m: Floats
    largest_m: float | None
    passages: tuple[Passage, ...]
    fixed: tuple[str, ...]


def stand_off_prices(
    closures: Iterable[Closure],
    origin: Point,
    destination: Point,
    *,
    stand_offs_m: Sequence[float] | None = None,
    told: Told = _quiet,
) -> StandOffPrices:
    """Length of the shortest route against the stand-off kept from the closures.

    Parameters
    ----------
    closures : those that carry the stand-off most of them carry get the others in turn; the rest keep theirs
    stand_offs_m : at which to tell the length [m], 0 to 2,000 nm; default nine from 0 to twice what they
        carry now, 100 nm at least, and not beyond the largest at which there is a route

    Raises: InputError for a stand-off out of range.
    """
    chosen = tuple(closures)
    a, b = checked_position(*origin), checked_position(*destination)
    carried = Counter(closure.stand_off_m for closure in chosen)
    now = max(carried, key=lambda value: (carried[value], value)) if chosen else 0.0
    asked = None if stand_offs_m is None else sorted({float(value) for value in stand_offs_m})
    wrong = [value for value in asked or [] if not 0.0 <= value <= LARGEST_STAND_OFF]
    if wrong:
        raise InputError(
            [Fault(f"stand-off is {value / NAUTICAL_MILE:g} nm; it must lie between 0 and 2,000 nm")
             for value in wrong]
        )  # fmt: skip
    fixed = tuple(closure.id for closure in chosen if closure.stand_off_m != now)

    def with_stand_off(value: float) -> tuple[Closure, ...]:
        return tuple(
            replace(closure, stand_off_m=value) if closure.stand_off_m == now else closure
            for closure in chosen
        )

    known: dict[float, Route] = {}

    def ask(value: float) -> Route:
        if value not in known:
            told(f"at {value / NAUTICAL_MILE:.1f} nm")
            known[value] = shortest(prepare(with_stand_off(value), disk=False), a, b)
        return known[value]

    top = max(2 * now, 100 * NAUTICAL_MILE) if asked is None else asked[-1] if asked else 0.0
    told("the largest stand-off")
    largest = _largest(with_stand_off, a, b)
    if asked is None:
        end = min(top, largest) if largest is not None else 0.0
        asked = [end * step / STEPS for step in range(STEPS + 1)] if end > 0 else [0.0]
        asked = sorted({*asked, min(now, end)})
    routes = [ask(value) for value in asked]
    passages: list[Passage] = []
    for low, high in pairwise(asked):
        _passages(with_stand_off, ask, low, high, passages)
    values = np.array(asked)
    lengths = np.array([route.length_m for route in routes])
    bounds = np.array([route.lower_bound_m for route in routes])
    for array in (values, lengths, bounds):
        array.flags.writeable = False
    return StandOffPrices(values, lengths, bounds, largest, tuple(passages), fixed)


def _largest(with_stand_off: Callable[[float], tuple[Closure, ...]], a: Point, b: Point) -> float | None:
    from longreach.route.boundary import Boundary

    closures = with_stand_off(LARGEST_STAND_OFF)
    if not closures:
        return LARGEST_STAND_OFF
    return largest_stand_off(closures, Boundary.of(closures), cache.key(closures), a, b, LARGEST_STAND_OFF)


def _passages(
    with_stand_off: Callable[[float], tuple[Closure, ...]], ask: Callable[[float], Route],
    low: float, high: float, found: list[Passage],
) -> None:  # fmt: skip
    """Add the passages that shut between two stand-offs, by narrowing down where the length grows too fast."""
    before, after = ask(low), ask(high)
    if not before.feasible or len(found) >= MOST_SHUT:
        return
    grown = after.length_m - before.length_m
    steady = 1.1 * max(_turning(before), _turning(after)) * (high - low)
    if grown <= steady + 0.5 * LEAST_JUMP:
        return
    if high - low <= PASSAGE_WIDTH and grown < LEAST_JUMP:
        return
    lat, lon, width, between = narrowest(with_stand_off(low), before, high)
    if high - low > PASSAGE_WIDTH:
        # a passage shuts where the stand-offs of both its sides meet, so half its width is a good guess
        guess = [0.5 * width - 0.45 * PASSAGE_WIDTH, 0.5 * width + 0.45 * PASSAGE_WIDTH]
        if not (low < guess[0] and guess[1] < high):
            guess = [0.5 * (low + high)]
        for begin, end in pairwise([low, *guess, high]):
            _passages(with_stand_off, ask, begin, end, found)
        return
    found.append(Passage(low, high, grown, lat, lon, width, between, before, after))


def _turning(route: Route) -> float:
    """How much a route turns in all [rad]; 0 where there is none."""
    if route.lat.size < 3:
        return 0.0
    _, begin, end = inverse(route.lat[:-1], route.lon[:-1], route.lat[1:], route.lon[1:])
    turn = (begin[1:] - end[:-1] + 180.0) % 360.0 - 180.0
    return float(np.radians(np.abs(turn)).sum())


def narrowest(
    closures: Sequence[Closure], route: Route, stand_off_m: float
) -> tuple[float, float, float, tuple[str, ...]]:
    """Where a route passes between closed areas that leave it least room: (lat, lon, width [m], ids).

    A place counts where closed areas lie within about `stand_off_m` [m] on two sides of it, more than a right
    angle apart; nan and no ids where there is none.
    """
    from scipy.spatial import cKDTree

    lats, lons, offs, owners = [], [], [], []
    for number, closure in enumerate(closures):
        for line in closure.lines:
            lat, lon, _ = refined(
                np.asarray(line.lat, float), np.asarray(line.lon, float), np.zeros(np.size(line.lat)), 2e3
            )
            lats.append(lat)
            lons.append(lon)
            offs.append(np.full(lat.size, line.offset_m))
            owners.append(np.full(lat.size, number))
    nothing = (float("nan"), float("nan"), float("nan"), ())
    if not lats:
        return nothing
    border_lat, border_lon = np.concatenate(lats), np.concatenate(lons)
    off, owner = np.concatenate(offs), np.concatenate(owners)
    tree = cKDTree(unit(border_lat, border_lon))
    lat, lon, _ = densify(route.lat, route.lon, 5e3)
    reach = 1.02 * stand_off_m + 6e3
    near = tree.query_ball_point(unit(lat, lon), (reach + float(off.max())) / 6.35e6)
    best: tuple[float, float, float, tuple[str, ...]] = nothing
    for i, several in enumerate(near):
        if len(several) < 2:
            continue
        j = np.array(several)
        far, azimuth, _ = inverse(lat[i], lon[i], border_lat[j], border_lon[j])
        room = far - off[j]
        first = int(np.argmin(room))
        opposite = np.cos(np.radians(azimuth - azimuth[first])) < 0
        if not opposite.any():
            continue
        second = int(np.flatnonzero(opposite)[np.argmin(room[opposite])])
        width = float(room[first] + room[second])
        if room[second] <= reach and (np.isnan(best[2]) or width < best[2]):
            ids = dict.fromkeys(closures[owner[j[k]]].id for k in (first, second))
            best = float(lat[i]), float(lon[i]), width, tuple(sorted(ids))
    return best
