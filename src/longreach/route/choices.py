"""Really different routes between two points: round closed airspace on other sides.

What is found. Every route here is made of two halves, each the shortest between its ends, and bends only
round corners of closed airspace (it is taut: pulling it tight does not shorten it, so it is the shortest of
all routes that pass on the same sides). All such routes are listed in order of length; one is kept where it
parts from each kept before it by a stated distance, has closed airspace between, and is sound: no stretch of
it up to a stated length could be flown shorter, so that it is no best route with a loop round some island
(I. Abraham, D. Delling, A. V. Goldberg, R. F. Werneck, Alternative routes in road networks, SEA 2010). The
first is the shortest of all, with its lower bound. Of the others it is proved that they are lawful, and that
none of the same kind was passed over; a route that makes two detours, each on another side, is not of that
kind and may be shorter than one listed. `docs/route-choices.md` says more.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from longreach.errors import InputError, RouteError
from longreach.geodesy import EARTH_RADIUS, Floats, densify, direct, inverse, path_length
from longreach.route.plane import Plane, position, unit
from longreach.route.prepared import Prepared
from longreach.route.result import Route
from longreach.route.search import DECIMALS, Point, _exits, _frozen, _ray, shortest
from longreach.units import NAUTICAL_MILE, checked_position

LEAST_APART = 20 * NAUTICAL_MILE  # m; and at least this share of the best route:
APART = 0.02
SOUND = (0.25, 0.1)  # stretches, as shares of the best route; the second where too few pass the first
LONGEST = 2.0  # times the best route
STEP = 20e3  # m between points at which two routes are compared
MOST_TRIED = 3_000  # candidates looked at before the search is given up, which is then said
STRAIGHT_ON = 1e-4  # deg; a turn smaller than this is none
MOST_CHOICES = 20


@dataclass(frozen=True, slots=True)
class Side:
    """A closure that lies between a route and the best one.

    hand : "left" or "right": where the alternative leaves it; the best leaves it on the other hand
    share : of its boundary, how much lies between the two (1: all of it)
    """

    id: str
    name: str
    hand: str
    share: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of several routes.

    route : as `shortest` gives it. Its lower bound is that of the best route, whichever side it takes
    extra_m : how much longer than the best
    apart_m : greatest distance from the shorter route here that it stays nearest to; 0 for the best
    sound_m : no stretch of it up to this length could be flown shorter; the whole of the best
    sides : what lies between it and the best, most of it first
    """

    route: Route
    extra_m: float
    apart_m: float
    sound_m: float
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Different routes, the shortest first.

    apart_m : routes that part less than this did not count as different
    complete : whether every candidate up to the last route kept was looked at
    exhausted : whether there are no more to find within the length limit
    """

    routes: tuple[Alternative, ...]
    apart_m: float
    longest_m: float
    complete: bool
    exhausted: bool


def alternatives(
    prepared: Prepared,
    origin: Point,
    destination: Point,
    k: int = 3,
    *,
    apart_m: float | None = None,
    longest: float = LONGEST,
) -> Alternatives:
    """At most k different lawful routes from origin to destination (lat, lon) [deg], the shortest first.

    Parameters
    ----------
    k : 1 to 20, the best counted
    apart_m : how far [m] a route must part from those kept, at its widest, to count; default 5 % of the best
        route and 20 nm at least
    longest : no route longer than this many times the best

    Where there is no route, the one answer says why. Raises: InputError for k out of range.
    """
    if not 1 <= k <= MOST_CHOICES:
        raise InputError(f"{k} alternatives; the best and others together are 1 to {MOST_CHOICES}")
    a, b = checked_position(*origin), checked_position(*destination)
    best = shortest(prepared, a, b)
    apart = max(LEAST_APART, APART * best.length_m) if apart_m is None else float(apart_m)
    first = Alternative(best, 0.0, 0.0, best.length_m, ())
    furthest = longest * best.length_m
    if not best.feasible or k == 1 or a == b:
        return Alternatives((first,), apart, furthest, True, not best.feasible or a == b)
    candidates = _Candidates(prepared, a, b, best, furthest)
    kept: list[_Kept] = []
    spare: list[list[_Candidate]] = [[] for _ in SOUND]
    complete = True
    for tried, one in enumerate(candidates):
        if tried == MOST_TRIED or len(kept) == k - 1:
            complete = len(kept) == k - 1
            break
        level = candidates.soundness(one)
        if level == 0:
            _keep(prepared, one, level, best, apart, kept)
        elif level is not None:
            spare[level].append(one)
    enough = len(kept) == k - 1
    for level in range(1, len(SOUND)):
        for one in spare[level]:
            if len(kept) < k - 1:
                _keep(prepared, one, level, best, apart, kept)
    found = [first]
    for each in sorted(kept, key=lambda each: each.one.length_m):
        route = _route(prepared, each.one, best)
        stretch = SOUND[each.level] * best.length_m
        found.append(Alternative(route, route.length_m - best.length_m, each.parted, stretch, each.sides))
    return Alternatives(tuple(found), apart, furthest, complete, complete and not enough)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A chain of two shortest halves that meet on its leg from vertex `joint` to the next."""

    lat: Floats
    lon: Floats
    joint: int
    on_ring: tuple[bool, ...]  # of each leg, whether it is an edge of a ring
    length_m: float


@dataclass(frozen=True, slots=True)
class _Kept:
    one: _Candidate
    level: int
    points: Floats
    parted: float
    sides: tuple[Side, ...]


def _keep(
    prepared: Prepared, one: _Candidate, level: int, best: Route, apart: float, kept: list[_Kept]
) -> None:
    """Add a candidate to those kept, if it differs from each of them."""
    points = _points(one.lat, one.lon)
    others = [_points(best.lat, best.lon), *(each.points for each in kept)]
    parted = min(_parted(points, other) for other in others)
    if parted < apart or _crosses_itself(prepared, points):
        return
    sides = sides_between(prepared, (best.lat, best.lon), (one.lat, one.lon))
    if sides:
        kept.append(_Kept(one, level, points, parted, sides))


def _route(prepared: Prepared, one: _Candidate, best: Route) -> Route:
    """A chain found, measured against the raw boundaries."""
    began = time.perf_counter()
    closest = prepared.boundary.measure(one.lat, one.lon)
    if not prepared.boundary.lawful(closest):
        worst = min(closest, key=lambda each: each.clearance_m)
        raise RouteError(
            f"an alternative passes {worst.clearance_m:.1f} m from {worst.id} at "
            f"{worst.lat:.4f},{worst.lon:.4f}: the solver cannot stand behind it; please report this"
        )
    return replace(
        best,
        lat=_frozen(one.lat),
        lon=_frozen(one.lon),
        length_m=path_length(one.lat, one.lon),
        closest=closest,
        elapsed_ms=(time.perf_counter() - began) * 1e3,
    )


class _Candidates:
    """Taut chains (lat, lon) of two shortest halves, shortest first, without the best itself.

    Each directed sight line u-v gives the chain shortest(a, u), u-v, shortest(v, b): any chain with a point
    that both halves reach by their shortest ways runs along such a line.
    """

    def __init__(self, prepared: Prepared, a: Point, b: Point, best: Route, furthest: float) -> None:
        from longreach.route import _tree_kernels as kernels

        net = prepared.outer
        self.net = net
        self.ends = a, b
        self.start, self.end = _exit(prepared, a, best, 1), _exit(prepared, b, best, -2)
        self.best_m = best.length_m
        fan_a = kernels.fan(net, *_ray(self.start), furthest, False)
        fan_b = kernels.fan(net, *_ray(self.end), furthest, False)
        self.from_a, self.came_a = kernels.tree(net, *fan_a)
        self.from_b, self.came_b = kernels.tree(net, *fan_b)
        self.lat, self.lon = (np.round(x, DECIMALS) for x in position(net.vert[net.node]))
        tail = np.repeat(np.arange(net.node.size), np.diff(net.graph_start))
        u = np.concatenate([tail, np.full(fan_a[0].size, -1), fan_b[0]])
        v = np.concatenate([net.graph_to, fan_a[0], np.full(fan_b[0].size, -1)])
        metres = np.concatenate([net.graph_m, fan_a[1], fan_b[1]])
        before = np.where(u >= 0, self.from_a[u], 0.0) if u.size else np.empty(0)
        after = np.where(v >= 0, self.from_b[v], 0.0) if v.size else np.empty(0)
        total = before + metres + after
        chosen = np.flatnonzero(total <= furthest)
        chosen = chosen[np.lexsort((v[chosen], u[chosen], total[chosen]))]
        self.u, self.v = u[chosen], v[chosen]
        self.best = tuple(np.round(best.lat, DECIMALS).tolist()), tuple(np.round(best.lon, DECIMALS).tolist())

    def __iter__(self) -> Iterator[_Candidate]:
        seen: set[tuple[int, ...]] = set()
        for first in range(0, self.u.size, 4096):
            u, v = self.u[first : first + 4096], self.v[first : first + 4096]
            taut = self._taut_at(u, self.came_a, u, v, forward=True)
            taut &= self._taut_at(v, self.came_b, u, v, forward=False)
            for i in np.flatnonzero(taut).tolist():
                nodes = (*reversed(_chain(self.came_a, int(u[i]))), *_chain(self.came_b, int(v[i])))
                if nodes in seen or len(set(nodes)) < len(nodes):
                    continue
                seen.add(nodes)
                lat, lon = self._vertices(nodes)
                if (tuple(lat.tolist()), tuple(lon.tolist())) != self.best:
                    yield self._candidate(lat, lon, nodes, nodes.index(int(u[i])) if u[i] >= 0 else -1)

    def _candidate(self, lat: Floats, lon: Floats, nodes: Sequence[int], joint: int) -> _Candidate:
        """The chain with what is needed to test it; `joint` counts in `nodes`."""
        vertex = self.net.node[list(nodes)]
        along = (self.net.nxt[vertex[:-1]] == vertex[1:]) | (self.net.prv[vertex[:-1]] == vertex[1:])
        before = 1 + (self.start != self.ends[0])
        after = 1 + (self.end != self.ends[1])
        on_ring = (*[False] * before, *along.tolist(), *[False] * after)
        return _Candidate(lat, lon, joint + before, on_ring, path_length(lat, lon))

    def soundness(self, one: _Candidate) -> int | None:
        """Index in SOUND of the longest stretch such that no part of the chain up to it could be flown
        shorter; None where there is none.

        Both halves are shortest already, so only stretches that hold an end of the joint leg need asking:
        those that hold its start, those that hold its end, and those that hold both.
        """
        leg = inverse(one.lat[:-1], one.lon[:-1], one.lat[1:], one.lon[1:])[0]
        at = np.concatenate([[0.0], np.cumsum(leg)])
        u, v = float(at[one.joint]), float(at[one.joint + 1])
        sound = None
        for level in reversed(range(len(SOUND))):  # short stretches are quickly asked and fail most
            far = SOUND[level] * self.best_m
            windows = [(u - far, min(u + far, v)), (max(v - far, u), v + far)]
            if v - u < far:
                windows.append((v - far, u + far))
            if not all(self._shortest_between(one, at, *window) for window in windows):
                break
            sound = level
        return sound

    def _shortest_between(self, one: _Candidate, at: Floats, low: float, high: float) -> bool:
        """Whether the chain from `low` to `high` [m along it], or a little more of it, is as short as can be."""
        from longreach.route import _kernels as kernels

        begin, p = self._in_the_open(one, at, low, -1)
        finish, q = self._in_the_open(one, at, high, 1)
        length = finish - begin
        found, _ = kernels.search(self.net, *_ray(p), *_ray(q), length * (1 + 1e-6) + 10.0, False)
        return bool(length * (1 - 1e-6) - 10.0 <= found < np.inf)

    def _in_the_open(self, one: _Candidate, at: Floats, along: float, way: int) -> tuple[float, Point]:
        """The point `along` [m] the chain, or the next one in that direction that lies on no ring."""
        last = len(one.on_ring) - 1
        leg = int(np.clip(np.searchsorted(at, along, side="right") - 1, 0, last))
        where = float(along)
        while 0 <= leg <= last:
            low, high = float(at[leg]) + 1e3, float(at[leg + 1]) - 1e3
            if not one.on_ring[leg] and low < high and (where < high if way > 0 else where > low):
                where = min(max(where, low), high)
                azimuth = inverse(one.lat[leg], one.lon[leg], one.lat[leg + 1], one.lon[leg + 1])[1]
                lat, lon, _ = direct(one.lat[leg], one.lon[leg], azimuth, where - at[leg])
                return where, (float(lat), float(lon))
            leg += way
        return (float(at[-1]), self.end) if way > 0 else (0.0, self.start)

    def _vertices(self, nodes: Sequence[int]) -> tuple[Floats, Floats]:
        index = list(nodes)
        chain = []
        for axis, of_node in ((0, self.lat), (1, self.lon)):
            head = (
                [self.ends[0][axis], self.start[axis]] if self.start != self.ends[0] else [self.start[axis]]
            )
            tail = [self.end[axis], self.ends[1][axis]] if self.end != self.ends[1] else [self.end[axis]]
            chain.append(np.concatenate([head, of_node[index], tail]))
        return chain[0], chain[1]

    def _taut_at(self, at: Any, came: Any, u: Any, v: Any, *, forward: bool) -> Any:
        """Whether each chain bends round the corner `at` and not away from it (-1: an end, nothing to ask)."""
        taut = np.ones(at.size, bool)
        asked = np.flatnonzero(at >= 0)
        if asked.size == 0:
            return taut
        node = at[asked]
        near = came[node]  # the next node towards that half's end
        taut[asked[near == -2]] = False
        ends = (self.start, self.end) if forward else (self.end, self.start)
        behind = self._where(near, ends[0])
        ahead = self._where((v if forward else u)[asked], ends[1])
        here = self.lat[node], self.lon[node]
        inward = inverse(*behind, *here)[2]
        outward = inverse(*here, *ahead)[1]
        turn = (outward - inward + 180.0) % 360.0 - 180.0
        side_in, side_out = np.zeros(node.size), np.zeros(node.size)
        for neighbour in (self.net.prv, self.net.nxt):
            lat, lon = position(self.net.vert[neighbour[self.net.node[node]]])
            bearing = inverse(*position(self.net.vert[self.net.node[node]]), lat, lon)[1]
            side_in += np.sin(np.radians(bearing - inward))
            side_out += np.sin(np.radians(bearing - outward))
        round_it = (np.sign(turn) == np.sign(side_in)) & (np.sign(turn) == np.sign(side_out))
        taut[asked] &= ((np.abs(turn) < STRAIGHT_ON) | round_it) & (np.abs(turn) < 179.9)
        return taut

    def _where(self, nodes: Any, end: Point) -> tuple[Floats, Floats]:
        return (
            np.where(nodes >= 0, self.lat[nodes], end[0]),
            np.where(nodes >= 0, self.lon[nodes], end[1]),
        )


def _chain(came: Any, node: int) -> list[int]:
    """Nodes from `node` back to where the tree began."""
    chain = []
    while node >= 0:
        chain.append(node)
        node = int(came[node])
    return chain


def _exit(prepared: Prepared, point: Point, best: Route, at: int) -> Point:
    """Where the search from an end begins: itself, or the exit from its sliver that the best route took."""
    exits = _exits(prepared, point, "end", [])
    taken = float(best.lat[at]), float(best.lon[at])
    return point if exits == [point] else taken if taken in exits else exits[0]


def _points(lat: Floats, lon: Floats) -> Floats:
    fine_lat, fine_lon, _ = densify(lat, lon, STEP)
    return unit(fine_lat, fine_lon)


def _parted(points: Floats, other: Floats) -> float:
    """The greatest distance [m] of (n, 3) points from the nearest of other points."""
    from scipy.spatial import cKDTree

    chord = float(cKDTree(other).query(points)[0].max())
    return 2 * EARTH_RADIUS * float(np.arcsin(min(1.0, chord / 2)))


def _crosses_itself(prepared: Prepared, points: Floats) -> bool:
    import shapely

    return not shapely.is_simple(shapely.LineString(_plane(prepared).to(points)))


def _plane(prepared: Prepared) -> Plane:
    return Plane.about(-prepared.open_point)


def sides_between(
    prepared: Prepared, best: tuple[Floats, Floats], other: tuple[Floats, Floats]
) -> tuple[Side, ...]:
    """The closures that lie between two routes with the same ends.

    Out by one and back by the other is a closed line; what it winds round, counted against the point of the
    globe farthest from both, lies between them.
    """
    out = densify(*best, STEP / 4)[:2]
    back = densify(*other, STEP / 4)[:2]
    loop = np.concatenate([unit(*out), unit(*back)[::-1][1:]])
    far = _farthest(loop)
    plane = Plane.about(-far)
    xy = plane.to(loop)
    found = []
    for closure in prepared.closures:
        lat = np.concatenate([np.asarray(line.lat, float) for line in closure.lines])
        lon = np.concatenate([np.asarray(line.lon, float) for line in closure.lines])
        sample = np.unique(np.linspace(0, lat.size - 1, 200).astype(int))
        turns = _winding(xy, plane.to(unit(lat[sample], lon[sample])))
        between = np.count_nonzero(turns)
        if between:
            # out by the best and back by the other is counter-clockwise round what the best has on its left
            hand = "right" if turns.sum() > 0 else "left"
            found.append(Side(closure.id, closure.name, hand, float(between / sample.size)))
    return tuple(sorted(found, key=lambda side: (-side.share, side.id)))


def _farthest(points: Floats) -> Floats:
    """The point of the globe, of 2,000 spread over it, farthest from all of `points`."""
    from scipy.spatial import cKDTree

    k = np.arange(2000) + 0.5
    z = 1 - 2 * k / k.size
    lon = np.pi * (1 + 5**0.5) * k
    spread = np.stack([np.sqrt(1 - z * z) * np.cos(lon), np.sqrt(1 - z * z) * np.sin(lon), z], axis=1)
    return np.asarray(spread[int(np.argmax(cKDTree(points).query(spread)[0]))], float)


def _winding(loop: Floats, points: Floats) -> Any:
    """How often the closed plane line (n, 2) goes round each of (m, 2) points, counter-clockwise counted."""
    turns = np.zeros(len(points), np.int64)
    x1, y1 = loop[:-1, 0], loop[:-1, 1]
    x2, y2 = loop[1:, 0], loop[1:, 1]
    for i, (x, y) in enumerate(points):
        up, down = (y1 <= y) & (y2 > y), (y1 > y) & (y2 <= y)
        left = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
        turns[i] = np.count_nonzero(up & (left > 0)) - np.count_nonzero(down & (left < 0))
    return turns
