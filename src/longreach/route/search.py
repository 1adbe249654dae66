"""Questions asked of prepared closures: the shortest lawful path, and why there is none."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from longreach.errors import RouteError
from longreach.geodesy import Floats, direct, distance, path_length, wrap_longitude
from longreach.route.boundary import Boundary, Closest
from longreach.route.plane import position, unit
from longreach.route.prepared import Prepared, closer
from longreach.route.result import Route, Shortfall
from longreach.units import checked_position

if TYPE_CHECKING:
    from longreach.world.airspace import Closure

DECIMALS = 7  # of a printed vertex: 1 cm
PART = 256  # points that one thread asks for at once: starting one takes as long as some fifty
NEARLY_ANTIPODAL = (
    19_750e3  # m; from 19,780 km on the kernels find no geodesic, further on there are several shortest
)
FINEST_GRAIN = 2.0  # m
LONGEST_REFINED = 9_000e3  # m; no passage too narrow for the outer rings is looked for on a longer way
Point = tuple[float, float]


def shortest(prepared: Prepared, origin: Point, destination: Point, *, why: bool = True) -> Route:
    """The shortest path from origin to destination (lat, lon) [deg] outside everything closed.

    The path is measured against the raw boundaries before it is returned. Where there is none the route is
    not feasible and its shortfalls say why: an end inside, or closures all round it.

    why : False where it is enough to know that there is none: what would open a way can take seconds to find

    Raises: UnitError where an end is off the globe; RouteError where the solver's own check fails.
    """
    began = time.perf_counter()
    a, b = checked_position(*origin), checked_position(*destination)
    great_circle = float(distance(*a, *b))
    shortfalls: list[Shortfall] = []
    starts = _exits(prepared, a, "origin", shortfalls)
    ends = _exits(prepared, b, "destination", shortfalls)
    if shortfalls:
        return _no_route(prepared, great_circle, tuple(shortfalls), began)
    found = _best(prepared, a, b, starts, ends)
    if found is None:
        found = _through_the_eye(prepared, a, b)
    if found is None:
        from longreach.route.explain import enclosed

        return _no_route(prepared, great_circle, enclosed(prepared, a, b) if why else (), began)
    lat, lon, length = found
    lower = min(max(_lower_bound(prepared, a, b, length), great_circle), length)
    if length > lower * (1 + prepared.largest_gap):
        lat, lon, length, lower = _closer(prepared, a, b, lat, lon, length, lower)
    closest = prepared.boundary.measure(lat, lon)
    if not prepared.boundary.lawful(closest):
        worst = min(closest, key=lambda one: one.clearance_m)
        raise RouteError(
            f"the path found passes {worst.clearance_m:.1f} m from {worst.id} at "
            f"{worst.lat:.4f},{worst.lon:.4f}: the solver cannot stand behind it; please report this"
        )
    return Route(
        feasible=True,
        lat=_frozen(lat),
        lon=_frozen(lon),
        length_m=length,
        great_circle_m=great_circle,
        lower_bound_m=lower,
        closest=closest,
        prepare_ms=prepared.prepare_ms,
        elapsed_ms=(time.perf_counter() - began) * 1e3,
    )


def _closer(
    prepared: Prepared, a: Point, b: Point, lat: Floats, lon: Floats, length: float, lower: float
) -> tuple[Floats, Floats, float, float]:
    """Path and bound again, with the boundary followed more closely near the path, until they agree."""
    grain = prepared.grain_m
    great_circle = float(distance(*a, *b))
    if great_circle > NEARLY_ANTIPODAL:  # the bound counts such lines as in sight: no grain would help
        return lat, lon, length, lower
    for _ in range(3):
        gap = length / lower - 1
        if gap <= prepared.largest_gap or grain <= FINEST_GRAIN:
            break
        grain = max(FINEST_GRAIN, grain * min(0.5, 0.5 * prepared.largest_gap / gap))
        local = closer(prepared, unit(*a), unit(*b), length, grain)
        starts, ends = _exits(local, a, "origin", []), _exits(local, b, "destination", [])
        found = _best(local, a, b, starts, ends) if starts and ends else None
        if found is not None and found[2] < length and _is_lawful(prepared, found[0], found[1]):
            lat, lon, length = found
        lower = min(length, max(lower, _lower_bound(local, a, b, length), great_circle))
    return lat, lon, length, lower


def _is_lawful(prepared: Prepared, lat: Floats, lon: Floats) -> bool:
    return prepared.boundary.lawful(prepared.boundary.measure(lat, lon))


def _through_the_eye(prepared: Prepared, a: Point, b: Point) -> tuple[Floats, Floats, float] | None:
    """A path through a passage too narrow for the outer rings but open in the inner ones, looked for with
    the boundary followed ever more closely."""

    if prepared.room_m <= 0:
        return None
    least, _ = prepared.inner_ends.search(prepared.inner, _ray(a), _ray(b), np.inf)
    if not np.isfinite(least) or least > LONGEST_REFINED:
        return None
    grain = prepared.grain_m
    while grain > FINEST_GRAIN:
        grain = max(FINEST_GRAIN, grain / 4)
        local = closer(prepared, unit(*a), unit(*b), 1.01 * least + 50e3, grain)
        starts, ends = _exits(local, a, "origin", []), _exits(local, b, "destination", [])
        found = _best(local, a, b, starts, ends) if starts and ends else None
        if found is not None and _is_lawful(prepared, found[0], found[1]):
            return found
    return None


def _no_route(
    prepared: Prepared, great_circle: float, shortfalls: tuple[Shortfall, ...], began: float
) -> Route:
    nothing = _frozen(np.empty(0))
    return Route(
        feasible=False,
        lat=nothing,
        lon=nothing,
        length_m=np.inf,
        great_circle_m=great_circle,
        lower_bound_m=np.inf,
        shortfalls=shortfalls,
        prepare_ms=prepared.prepare_ms,
        elapsed_ms=(time.perf_counter() - began) * 1e3,
    )


def _frozen(values: ArrayLike) -> Floats:
    array = np.array(values, float)
    array.flags.writeable = False
    return array


def _ray(point: Point) -> tuple[float, float, float, float]:
    u = unit(*point)
    return float(u[0]), float(u[1]), float(u[2]), float(np.radians(wrap_longitude(point[1])))


def _exits(prepared: Prepared, point: Point, role: str, shortfalls: list[Shortfall]) -> list[Point]:
    """Where a path from `point` may begin: itself, or points just outside the outer rings where it lies
    in the sliver between the law and them. Adds a shortfall for each closure it is inside."""
    from longreach.route import _kernels as kernels
    from longreach.route.explain import inside_of

    if prepared.room_m > 0 and not kernels.holds(prepared.outer, *_ray(point)[:3]):
        return [point]
    found = inside_of(prepared, point, role)
    if found:
        shortfalls.extend(found)
        return []
    boundary = prepared.boundary
    azimuth = np.arange(0.0, 360.0, 10.0)
    exits: list[Point] = []
    for reach in prepared.grain_m * np.array([0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0]):
        lat, lon, _ = direct(point[0], point[1], azimuth, reach)
        for where in zip(np.round(lat, DECIMALS).tolist(), np.round(lon, DECIMALS).tolist(), strict=True):
            if kernels.holds(prepared.outer, *_ray(where)[:3]):
                continue
            if boundary.lawful(boundary.measure([point[0], where[0]], [point[1], where[1]])):
                exits.append(where)
        if len(exits) >= 3:
            break
    return exits or [point]


def _best(
    prepared: Prepared, a: Point, b: Point, starts: Sequence[Point], ends: Sequence[Point]
) -> tuple[Floats, Floats, float] | None:
    """The shortest chain a - start - ... - end - b: (lat, lon, metres), or None."""
    best: tuple[Floats, Floats, float] | None = None
    for start in starts:
        for end in ends:
            chain = _chain(prepared, start, end)
            if chain is None:
                continue
            lat, lon = chain
            if start != a:
                lat, lon = np.append(a[0], lat), np.append(a[1], lon)
            if end != b:
                lat, lon = np.append(lat, b[0]), np.append(lon, b[1])
            length = path_length(lat, lon)
            if best is None or length < best[2]:
                best = lat, lon, length
    return best


def _chain(prepared: Prepared, a: Point, b: Point) -> tuple[Floats, Floats] | None:
    """Vertices of the shortest path clear of the outer rings."""

    if a == b:
        return np.array([a[0], b[0]]), np.array([a[1], b[1]])
    far = float(distance(*a, *b)) > NEARLY_ANTIPODAL
    best = _antipodal(prepared, a, b) if far else None
    limit = path_length(*best) if best is not None else np.inf
    length, nodes = prepared.outer_ends.search(prepared.outer, _ray(a), _ray(b), limit)
    if not np.isfinite(length):
        return best
    lat, lon = position(prepared.outer.vert[prepared.outer.node[nodes]])
    return (
        np.concatenate([[a[0]], np.round(lat, DECIMALS), [b[0]]]),
        np.concatenate([[a[1]], np.round(lon, DECIMALS), [b[1]]]),
    )


def _antipodal(prepared: Prepared, a: Point, b: Point) -> tuple[Floats, Floats] | None:
    """The shortest clear geodesic between nearly antipodal points, of the several there may be.

    Each is found by its middle point: on the circle half-way, the length by way of a point is least just
    where the two halves join smoothly. The middle stays in the path, so that its legs are unambiguous.
    """
    from longreach.route import _kernels as kernels

    half = float(distance(*a, *b)) / 2
    azimuth = np.arange(0.0, 360.0, 0.25)

    def by_way(angles: Any) -> Any:
        lat, lon, _ = direct(a[0], a[1], angles, half)
        return half + distance(lat, lon, b[0], b[1]), lat, lon

    length, _, _ = by_way(azimuth)
    low = np.flatnonzero((length <= np.roll(length, 1)) & (length <= np.roll(length, -1)))
    order = np.argsort(length)
    seeds = dict.fromkeys([*low[np.argsort(length[low])].tolist(), *order[::8].tolist()])
    for seed in seeds:
        fine = azimuth[seed] + np.linspace(-0.25, 0.25, 41)
        fine_length, lat, lon = by_way(fine)
        middle = int(np.argmin(fine_length))
        via = (round(float(lat[middle]), DECIMALS), round(float(lon[middle]), DECIMALS))
        hint = np.full(1, -1)
        legs = [(_ray(a), _ray(via)), (_ray(via), _ray(b))]
        if all(
            kernels.clear(prepared.outer, kernels.line(*p, *q), *q[:3], -1, -1, -1, -1, hint) for p, q in legs
        ):
            return np.array([a[0], via[0], b[0]]), np.array([a[1], via[1], b[1]])
    return None


def _lower_bound(prepared: Prepared, a: Point, b: Point, length: float) -> float:

    if a == b:
        return 0.0
    limit = length * (1 + 1e-9) + 1.0
    lower, _ = prepared.inner_ends.search(prepared.inner, _ray(a), _ray(b), limit)
    # the kernel's lengths and rounding: a millimetre a leg
    return min(length, (lower if np.isfinite(lower) else length) - 0.01)


def via(prepared: Prepared, points: Iterable[Point]) -> Route:
    """The shortest lawful path through (lat, lon) points in their order; `Route.via` says where they are.

    A lower bound of the whole is the sum of the legs' bounds, since the points are fixed.
    """
    stops = list(points)
    if len(stops) < 2:
        raise ValueError("a route needs two points at least")
    legs = [shortest(prepared, p, q) for p, q in itertools.pairwise(stops)]
    if len(legs) == 1:
        return legs[0]
    elapsed = sum(leg.elapsed_ms for leg in legs)
    great_circle = sum(leg.great_circle_m for leg in legs)
    if not all(leg.feasible for leg in legs):
        unique = dict.fromkeys(shortfall for leg in legs for shortfall in leg.shortfalls)
        nothing = _frozen(np.empty(0))
        return Route(
            False, nothing, nothing, np.inf, great_circle, np.inf, (), tuple(unique),
            prepared.prepare_ms, elapsed,
        )  # fmt: skip
    lat = np.concatenate([legs[0].lat, *(leg.lat[1:] for leg in legs[1:])])
    lon = np.concatenate([legs[0].lon, *(leg.lon[1:] for leg in legs[1:])])
    at = np.cumsum([leg.lat.size - 1 for leg in legs])[:-1]
    return Route(
        feasible=True,
        lat=_frozen(lat),
        lon=_frozen(lon),
        length_m=sum(leg.length_m for leg in legs),
        great_circle_m=great_circle,
        lower_bound_m=sum(leg.lower_bound_m for leg in legs),
        closest=tuple(
            min(each, key=lambda one: one.clearance_m)
            for each in zip(*(leg.closest for leg in legs), strict=True)
        ),
        prepare_ms=prepared.prepare_ms,
        elapsed_ms=elapsed,
        via=tuple(int(i) for i in at),
    )


def many(prepared: Prepared, origin: Point, lats: ArrayLike, lons: ArrayLike) -> Floats:
    """(n,) lengths [m] of the shortest lawful paths from one origin to (n,) points; inf where there is none.

    The solver's own lengths (within a millimetre or two); no path is returned or measured again.
    """
    from longreach.route import _kernels as kernels

    lat, lon = np.atleast_1d(np.asarray(lats, float)), np.atleast_1d(np.asarray(lons, float))
    points = [checked_position(float(p), float(q)) for p, q in zip(lat, lon, strict=True)]
    a = checked_position(*origin)
    unlawful: list[Shortfall] = []
    starts = _exits(prepared, a, "origin", unlawful)
    start, open_start = _ray(a), starts == [a]
    rays = np.column_stack([unit(lat, lon), np.radians(wrap_longitude(lon))]).tolist()
    straight = np.atleast_1d(distance(*a, lat, lon)).tolist()

    def one(k: int) -> float:
        if unlawful:
            return np.inf
        b, ray = points[k], tuple(rays[k])
        plain = open_start and a != b and straight[k] < NEARLY_ANTIPODAL
        if plain and not kernels.holds(prepared.outer, *ray[:3]):
            return float(prepared.outer_ends.search(prepared.outer, start, ray, np.inf)[0])
        if prepared.boundary.ids and prepared.boundary.inside(lat[k : k + 1], lon[k : k + 1])[0].any():
            return np.inf  # how deep, and in which closure, nobody asks
        bad: list[Shortfall] = []
        ends = _exits(prepared, b, "destination", bad)
        best = None if bad else _best(prepared, a, b, starts, ends)
        return np.inf if best is None else best[2]

    parts = [range(k, min(k + PART, len(points))) for k in range(0, len(points), PART)]
    if len(parts) < 2:  # a thread costs more than a few points
        return np.array([one(k) for k in range(len(points))], float)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda part: [one(k) for k in part], parts))
    return np.array(list(itertools.chain.from_iterable(found)), float)


def clearances(closures: Iterable[Closure], lats: ArrayLike, lons: ArrayLike) -> tuple[Closest, ...]:
    """Closest approach to each closure of a flown chain of geodesics through (n,) points [deg]."""
    return _boundary_of(tuple(closures)).measure(lats, lons)


_boundaries: dict[tuple[int, ...], tuple[tuple[Any, ...], Boundary]] = {}


def _boundary_of(closures: tuple[Closure, ...]) -> Boundary:
    key = tuple(id(closure) for closure in closures)
    known = _boundaries.get(key)
    if known is None:
        if len(_boundaries) >= 8:
            _boundaries.pop(next(iter(_boundaries)))
        known = _boundaries[key] = (closures, Boundary.of(closures))  # keeps them alive, so ids stay theirs
    return known[1]
