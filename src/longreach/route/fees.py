"""Closures that may be overflown at a price.

The cost of a route is its length, plus, for each closure it needs leave to enter, a fee for the leave (in
metres flown) and a share of what is flown inside (0.25: each mile inside counts as a mile and a quarter).
Every choice of leaves bought is solved, closed where none was bought. Fees for leave alone are thus exact.
With a share the path of each choice is the shortest, not the cheapest, so the cost is bracketed: no route
costs less than the least, over the choices, of the shortest length and the fees for leave.
`docs/decisions/overflight-fees.md` says why no finer bound is given.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longreach.errors import Fault, InputError
from longreach.geodesy import densify, path_length
from longreach.route.boundary import NOISE, Boundary
from longreach.route.prepared import prepare
from longreach.route.result import Route
from longreach.route.search import Point, clearances, shortest
from longreach.units import checked_position

if TYPE_CHECKING:
    from longreach.world.airspace import Closure

MOST_FEES = 8  # closures with a fee: 256 choices
STEP = 1e3  # m; how finely a path inside a closure is measured


@dataclass(frozen=True, slots=True)
class Fee:
    """leave_m : for entering at all [m flown], >= 0; share : of each metre inside, >= 0."""

    leave_m: float = 0.0
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Paid:
    """A fee paid: for which closure, for the leave and for the metres flown inside it [m flown]."""

    id: str
    leave_m: float
    inside_m: float
    share_m: float


@dataclass(frozen=True, slots=True)
class PricedRoute:
    """The cheapest route found.

    route : its lower bound is that of its length, with the leaves it has
    cost_m : length and fees [m flown]; inf where there is no way
    least_cost_m : no route costs less
    paid : fees, by id
    solved : choices of leaves that were solved, of the 2^n there are
    """

    route: Route
    cost_m: float
    least_cost_m: float
    paid: tuple[Paid, ...]
    solved: int


def cheapest(
    closures: Iterable[Closure], fees: Mapping[str, Fee], origin: Point, destination: Point
) -> PricedRoute:
    """The cheapest lawful route where the closures named in `fees` may be entered at a fee.

    Raises: InputError for a fee on what is not closed, a negative fee, or more than eight.
    """
    chosen = tuple(closures)
    a, b = checked_position(*origin), checked_position(*destination)
    _check(chosen, fees)
    named = [one for one in chosen if one.id in fees]
    best: tuple[float, Route, tuple[Paid, ...]] | None = None
    shut: Route | None = None
    least, solved = math.inf, 0
    unbound = shortest(prepare([one for one in chosen if one.id not in fees]), a, b).lower_bound_m
    choices = [bought for count in range(len(named) + 1) for bought in itertools.combinations(named, count)]
    choices.sort(key=lambda bought: sum(fees[one.id].leave_m for one in bought))
    for bought in choices:
        leave = sum(fees[one.id].leave_m for one in bought)
        if best is not None and unbound + leave >= best[0]:
            least = min(least, unbound + leave)
            continue
        route = shortest(prepare([one for one in chosen if one not in bought]), a, b)
        solved += 1
        shut = shut or route
        least = min(least, route.lower_bound_m + leave)
        if not route.feasible:
            continue
        paid = tuple(filter(None, (_paid(one, fees[one.id], route) for one in bought)))
        cost = route.length_m + sum(one.leave_m + one.share_m for one in paid)
        if best is None or cost < best[0]:
            best = cost, route, paid
    if best is None:
        assert shut is not None
        return PricedRoute(shut, math.inf, math.inf, (), solved)
    return PricedRoute(best[1], best[0], min(least, best[0]), best[2], solved)


def _check(closures: tuple[Closure, ...], fees: Mapping[str, Fee]) -> None:
    ids = [closure.id for closure in closures]
    faults = []
    for name, fee in fees.items():
        if name not in ids:
            faults.append(
                Fault(f"a fee for {name}, which is not closed", hint=f"--closed {','.join([*ids, name])}")
            )
        if not (0.0 <= fee.leave_m < math.inf and 0.0 <= fee.share < math.inf):
            faults.append(Fault(f"the fee for {name} is less than nothing, or no number"))
    if len(fees) > MOST_FEES:
        faults.append(Fault(f"{len(fees)} closures with a fee; {MOST_FEES} is the most"))
    if faults:
        raise InputError(faults)


def _paid(closure: Closure, fee: Fee, route: Route) -> Paid | None:
    """What the route owes for a closure; None where it needs no leave."""
    (closest,) = clearances([closure], route.lat, route.lon)
    if closest.clearance_m >= closure.stand_off_m - NOISE:
        return None
    inside = inside_m(closure, route) if fee.share > 0 else 0.0
    return Paid(closure.id, fee.leave_m, inside, fee.share * inside)


def inside_m(closure: Closure, route: Route) -> float:
    """Metres of the route inside a closed area, its stand-off not counted; to 1 km at each edge crossed."""
    boundary = Boundary.of([closure])
    lat, lon, _ = densify(route.lat, route.lon, STEP)
    total = 0.0
    for k in range(0, lat.size - 1, 64):  # a block that comes near is looked at piece by piece
        part = slice(k, k + 65)
        if boundary.measure(lat[part], lon[part])[0].clearance_m >= 0.0:
            continue
        for p in range(k, min(k + 64, lat.size - 1)):
            piece = slice(p, p + 2)
            middle = 0.5 * (lat[p] + lat[p + 1]), lon[p]
            if boundary.measure([middle[0]], [middle[1]])[0].clearance_m < 0.0:
                total += path_length(lat[piece], lon[piece])
    return total
