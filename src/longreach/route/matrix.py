"""Many routes over one set of closures: a matrix of lengths, and the best order through points.

What one point sees (its fan) and its distance to every ring corner (its tree) serve every route that begins
there, so a matrix of n points costs n fans and n trees instead of n squared searches.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from longreach.errors import Fault, InputError
from longreach.geodesy import Floats, distance
from longreach.route.prepared import Prepared
from longreach.route.result import Route, Shortfall
from longreach.route.search import (
    NEARLY_ANTIPODAL,
    Point,
    _best,
    _exits,
    _frozen,
    _lower_bound,
    _ray,
    via,
)
from longreach.units import checked_position

MOST_POINTS = 2000  # of a matrix: 32 MB of lengths
MOST_ANY_ORDER = 12  # points whose order may be free


@dataclass(frozen=True, slots=True)
class Matrix:
    """Lengths of the shortest lawful paths between points.

    lat, lon : (n,) the points [deg]
    lengths_m : (n, n), symmetric, zero on the diagonal; inf where there is no way. Each is the length a
        single call gives, within a millimetre or two a leg
    shut : (point, why) for each point that lies inside closed airspace or its stand-off
    """

    lat: Floats
    lon: Floats
    lengths_m: Floats
    shut: tuple[tuple[int, tuple[Shortfall, ...]], ...]
    prepare_ms: float
    elapsed_ms: float


def matrix(prepared: Prepared, points: Iterable[Point]) -> Matrix:
    """Lengths of the shortest lawful paths between all pairs of (lat, lon) points [deg].

    Raises: UnitError where a point is off the globe; InputError beyond 2,000 points.
    """
    began = time.perf_counter()
    stops = [checked_position(*point) for point in points]
    if len(stops) > MOST_POINTS:
        raise InputError(
            Fault(f"{len(stops):,} points; a matrix takes {MOST_POINTS:,} at most",
                  hint="`--batch` takes any number of pairs")
        )  # fmt: skip
    shut: list[tuple[int, tuple[Shortfall, ...]]] = []
    exits: list[list[Point]] = []
    for number, stop in enumerate(stops):
        why: list[Shortfall] = []
        exits.append(_exits(prepared, stop, "point", why))
        if why:
            shut.append((number, tuple(why)))
    return Matrix(
        lat=_frozen([stop[0] for stop in stops]),
        lon=_frozen([stop[1] for stop in stops]),
        lengths_m=_frozen(_lengths(prepared, stops, exits)),
        shut=tuple(shut),
        prepare_ms=prepared.prepare_ms,
        elapsed_ms=(time.perf_counter() - began) * 1e3,
    )


def _lengths(prepared: Prepared, stops: Sequence[Point], exits: Sequence[Sequence[Point]]) -> Floats:
    """(n, n) lengths [m]; the upper triangle is computed and copied."""
    from longreach.route import _tree_kernels as kernels

    net, count = prepared.outer, len(stops)
    lengths = np.full((count, count), np.inf)
    plain = [exit == [stop] for exit, stop in zip(exits, stops, strict=True)]
    rays = [_ray(stop) for stop in stops]

    def fan(number: int) -> tuple[Any, Floats]:
        if not plain[number]:
            return np.empty(0, np.int32), np.empty(0)
        nodes, metres = kernels.fan(net, *rays[number], np.inf)
        return nodes, metres

    def row(i: int) -> None:
        lengths[i, i] = 0.0 if exits[i] else np.inf
        if not exits[i]:
            return
        reach = kernels.tree(net, *fans[i])[0] if plain[i] else None
        for j in range(i + 1, count):
            if not exits[j]:
                continue
            lengths[i, j] = _length(prepared, i, j, stops, exits, plain, rays, reach, fans[j])

    with ThreadPoolExecutor(2) as pool:
        fans = list(pool.map(fan, range(count)))
        list(pool.map(row, range(count)))
    return np.minimum(lengths, lengths.T)


def _length(
    prepared: Prepared, i: int, j: int, stops: Sequence[Point], exits: Sequence[Sequence[Point]],
    plain: Sequence[bool], rays: Sequence[Any], reach: Any, fan: tuple[Any, Floats],
) -> float:  # fmt: skip
    """Length from point i, whose distances to the nodes are `reach`, to point j, which sees `fan`."""
    from longreach.route import _tree_kernels as kernels

    a, b = stops[i], stops[j]
    if a == b:
        return 0.0
    if plain[i] and plain[j] and float(distance(*a, *b)) < NEARLY_ANTIPODAL:
        straight = float(kernels.direct_line(prepared.outer, *rays[i], *rays[j]))
        if 0.0 <= straight < np.inf:
            return straight
        if straight == np.inf:
            nodes, metres = fan
            return float((reach[nodes] + metres).min()) if nodes.size else np.inf
    found = _best(prepared, a, b, exits[i], exits[j])
    return np.inf if found is None else found[2]


def via_any_order(
    prepared: Prepared, origin: Point, points: Iterable[Point], destination: Point
) -> tuple[Route, tuple[int, ...]]:
    """The shortest lawful path from origin to destination through all points, in whatever order is best.

    Exact: a dynamic programme over the subsets of points on their matrix of lawful lengths (M. Held and
    R. M. Karp, A dynamic programming approach to sequencing problems, J. SIAM 10, 1962). The lower bound
    is the same programme on the matrix of lower bounds, so it holds for every order.

    Returns: the route and the order, as indices into `points`. Where there is no way, what `via` says of the
    points in the order given.

    Raises: InputError beyond 12 points; UnitError where a point is off the globe.
    """
    began = time.perf_counter()
    stops = [checked_position(*point) for point in points]
    if len(stops) > MOST_ANY_ORDER:
        raise InputError(
            Fault(f"{len(stops)} points in any order; {MOST_ANY_ORDER} is the most",
                  hint="give some of them in order")
        )  # fmt: skip
    places = [checked_position(*origin), *stops, checked_position(*destination)]
    lengths = matrix(prepared, places).lengths_m
    total, order = _best_order(lengths)
    if not np.isfinite(total):
        return via(prepared, places), tuple(range(len(stops)))
    found = via(prepared, [places[0], *(stops[k] for k in order), places[-1]])
    lower = found.lower_bound_m
    if len(stops) > 1:
        bounds = lengths.copy()
        for i, j in itertools.combinations(range(len(places)), 2):
            least = float(distance(*places[i], *places[j]))
            bound = _lower_bound(prepared, places[i], places[j], float(lengths[i, j]))
            bounds[i, j] = bounds[j, i] = min(max(bound, least), lengths[i, j])
        lower = min(_best_order(bounds)[0], found.length_m)
    elapsed = (time.perf_counter() - began) * 1e3
    return replace(found, lower_bound_m=lower, elapsed_ms=elapsed), order


def _best_order(lengths: Floats) -> tuple[float, tuple[int, ...]]:
    """Least length from the first row through all the middle ones to the last, and the order of the middle
    (from 0); of equal orders the first in dictionary order of their reversal."""
    count = len(lengths) - 2
    if count == 0:
        return float(lengths[0, 1]), ()
    middle = lengths[1:-1, 1:-1]
    least = np.full((1 << count, count), np.inf)  # least[s, k]: through the set s, now at k
    before = np.full((1 << count, count), -1)
    for k in range(count):
        least[1 << k, k] = lengths[0, 1 + k]
    for chosen in range(1, 1 << count):
        for k in range(count):
            if not chosen >> k & 1 or chosen == 1 << k:
                continue
            ways = least[chosen ^ (1 << k)] + middle[:, k]
            before[chosen, k] = int(np.argmin(ways))
            least[chosen, k] = ways[before[chosen, k]]
    chosen = (1 << count) - 1
    ends = least[chosen] + lengths[1:-1, -1]
    k = int(np.argmin(ends))
    total, order = float(ends[k]), [k]
    while len(order) < count:
        chosen, k = chosen ^ (1 << k), int(before[chosen, k])
        order.append(k)
    return total, tuple(reversed(order))
