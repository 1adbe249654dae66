"""Many routes over one set of closures: a matrix of lengths, and the best order through points.

What one point sees (its fan) and its distance to every ring corner (its tree) serve every route that begins
there, so a matrix of n points costs n fans and n trees instead of n squared searches.
"""

from __future__ import annotations

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
    _closer,
    _exits,
    _frozen,
    _lower_bound,
    _ray,
    _through_the_eye,
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
    lower_bounds_m : (n, n), no lawful path is shorter
    shut : (point, why) for each point that lies inside closed airspace or its stand-off
    """

    lat: Floats
    lon: Floats
    lengths_m: Floats
    lower_bounds_m: Floats
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
    lengths, bounds = _lengths(prepared, stops, exits)
    return Matrix(
        lat=_frozen([stop[0] for stop in stops]),
        lon=_frozen([stop[1] for stop in stops]),
        lengths_m=_frozen(lengths),
        lower_bounds_m=_frozen(bounds),
        shut=tuple(shut),
        prepare_ms=prepared.prepare_ms,
        elapsed_ms=(time.perf_counter() - began) * 1e3,
    )


class _Seen:
    """What a set of points sees and reaches over one set of rings."""

    def __init__(self, net: Any, rays: Sequence[Any], plain: Sequence[bool], *, relaxed: bool) -> None:
        self.net, self.rays, self.plain, self.relaxed = net, rays, plain, relaxed
        self.fans: list[tuple[Any, Floats]] = []

    def fan(self, number: int) -> tuple[Any, Floats]:
        from longreach.route import _tree_kernels as kernels

        if not self.plain[number]:
            return np.empty(0, np.int32), np.empty(0)
        x, y, z, lon = self.rays[number]
        nodes, metres = kernels.fan(self.net, x, y, z, lon, np.inf, self.relaxed)
        return nodes, metres

    def tree(self, number: int) -> Any:
        from longreach.route import _tree_kernels as kernels

        nodes, metres = self.fans[number]
        return kernels.tree(self.net, nodes, metres)[0] if self.plain[number] else None

    def length(self, i: int, j: int, reach: Any) -> float:
        """Length [m] from point i, whose distances to the nodes are `reach`, to point j; -1 where the points
        are too nearly antipodal to say."""
        from longreach.route import _tree_kernels as kernels

        straight = float(kernels.direct_line(self.net, *self.rays[i], *self.rays[j]))
        if straight < np.inf:
            return straight
        nodes, metres = self.fans[j]
        return float((reach[nodes] + metres).min()) if nodes.size else np.inf


def _lengths(
    prepared: Prepared, stops: Sequence[Point], exits: Sequence[Sequence[Point]]
) -> tuple[Floats, Floats]:
    """(n, n) lengths and lower bounds [m]; the upper triangle is computed and copied."""
    count = len(stops)
    lengths, bounds = np.full((count, count), np.inf), np.full((count, count), np.inf)
    plain = [exit == [stop] for exit, stop in zip(exits, stops, strict=True)]
    rays = [_ray(stop) for stop in stops]
    outer = _Seen(prepared.outer, rays, plain, relaxed=False)
    inner = _Seen(prepared.inner, rays, plain, relaxed=True)

    def row(i: int) -> None:
        lengths[i, i] = bounds[i, i] = 0.0 if exits[i] else np.inf
        if not exits[i]:
            return
        far, near = outer.tree(i), inner.tree(i)
        for j in range(i + 1, count):
            if not exits[j]:
                continue
            if stops[i] == stops[j]:
                lengths[i, j] = bounds[i, j] = 0.0
                continue
            great_circle = float(distance(*stops[i], *stops[j]))
            if plain[i] and plain[j] and great_circle < NEARLY_ANTIPODAL:
                length, lower = outer.length(i, j, far), inner.length(i, j, near) - 0.01
                lower = min(max(lower, great_circle), length)
                settled = length <= lower * (1 + prepared.largest_gap)
                if min(length, lower) >= 0.0 and (settled or lower == np.inf):
                    lengths[i, j], bounds[i, j] = length, lower
                    continue
            lengths[i, j], bounds[i, j] = _single(prepared, stops[i], stops[j], exits[i], exits[j])

    with ThreadPoolExecutor(2) as pool:
        outer.fans = list(pool.map(outer.fan, range(count)))
        inner.fans = list(pool.map(inner.fan, range(count)))
        list(pool.map(row, range(count)))
    return np.minimum(lengths, lengths.T), np.minimum(bounds, bounds.T)


def _single(
    prepared: Prepared, a: Point, b: Point, starts: Sequence[Point], ends: Sequence[Point]
) -> tuple[float, float]:
    """Length and lower bound [m] by the steps of a single call, without its reasons where there is no way."""
    found = _best(prepared, a, b, starts, ends) or _through_the_eye(prepared, a, b)
    if found is None:
        return np.inf, np.inf
    lat, lon, length = found
    lower = min(max(_lower_bound(prepared, a, b, length), float(distance(*a, *b))), length)
    if length > lower * (1 + prepared.largest_gap):
        _, _, length, lower = _closer(prepared, a, b, lat, lon, length, lower)
    return length, lower


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
    found_all = matrix(prepared, places)
    total, order = _best_order(found_all.lengths_m)
    if not np.isfinite(total):
        return via(prepared, places), tuple(range(len(stops)))
    found = via(prepared, [places[0], *(stops[k] for k in order), places[-1]])
    lower = min(_best_order(found_all.lower_bounds_m)[0], found.length_m)
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
