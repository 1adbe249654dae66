"""Closures made ready to be asked for routes."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach.geodesy import Floats
from longreach.route import cache, chunks, obstacles
from longreach.route.boundary import Boundary
from longreach.route.often import Often
from longreach.route.plane import Plane, position

if TYPE_CHECKING:
    from longreach.world.airspace import Closure

LARGEST_GAP = 180e-6  # of a bracket, as a rule
PRECISION_PPM = (5.0, 180.0)  # what may be asked for
KEPT = 8  # prepared sets kept in the process


@dataclass(frozen=True, slots=True)
class Prepared:
    """A set of closures with its obstacle rings and sight lines; made by `prepare`.

    outer, inner : `_kernels.Net` of rings that hold the closed area and of rings that it holds
    boundary : raw boundaries, for measuring clearances
    open_point : unit vector of a point far from everything closed
    room_m : how far [m]; <= 0 where nothing is open
    grain_m : how closely the rings follow the true offset
    from_cache : whether the rings came from the disk or memory
    largest_gap : between a route and its bound, beyond which the boundary is followed more closely near it
    outer_ends, inner_ends : ends asked about often, and what is known of them
    """

    closures: tuple[Closure, ...]
    key: str
    outer: Any
    inner: Any
    boundary: Boundary
    open_point: Floats
    room_m: float
    grain_m: float
    prepare_ms: float
    from_cache: bool
    largest_gap: float = LARGEST_GAP
    outer_ends: Often = field(default_factory=lambda: Often(relaxed=False), repr=False, compare=False)
    inner_ends: Often = field(default_factory=lambda: Often(relaxed=True), repr=False, compare=False)


_recent: OrderedDict[str, Prepared] = OrderedDict()
_lock = threading.Lock()


def default_grain(closures: Iterable[Closure]) -> float:
    """How closely to follow boundaries [m]: 50 m for a few States, coarser for a continent."""
    vertices = sum(np.size(line.lat) for closure in closures for line in closure.lines)
    return 50.0 if vertices < 8_000 else 100.0 if vertices < 100_000 else 200.0


def prepare(
    closures: Iterable[Closure],
    *,
    grain_m: float | None = None,
    precision_ppm: float = PRECISION_PPM[1],
    disk: bool = True,
) -> Prepared:
    """Obstacle rings and sight lines of a set of closures, from the cache where they are known.

    Parameters
    ----------
    closures : any number, in any order; none means that everything is open
    grain_m : how closely [m] rings follow the true offset; default by size
    precision_ppm : how wide a bracket may be before route and bound are made again with a finer grain, down to
        2 m, near that route; 5 to 180
    disk : whether to use the disk cache
    """
    least, most = PRECISION_PPM
    if not least <= precision_ppm <= most:
        raise ValueError(f"precision_ppm is {precision_ppm:g}; {least:g} to {most:g}")
    began = time.perf_counter()
    chosen = tuple(closures)
    grain = default_grain(chosen) if grain_m is None else float(grain_m)
    name = cache.key(chosen, grain)
    with _lock:
        known = _recent.get(name)
        if known is not None:
            _recent.move_to_end(name)
    if known is not None:
        return _as_asked(known, began, precision_ppm, from_cache=True)
    boundary = Boundary.of(chosen)
    kept = cache.load(name) if disk else None
    if kept is not None:
        outer, inner = _unpack(kept, "outer_"), _unpack(kept, "inner_")
        open_point, room = kept["open_point"], float(kept["room"])
    else:
        outer, inner, open_point, room = _make(chosen, boundary, grain)
        if disk:
            extra = {"open_point": open_point, "room": np.array(room)}
            cache.save(name, {**_pack(outer, "outer_"), **_pack(inner, "inner_"), **extra})
    prepared = Prepared(chosen, name, outer, inner, boundary, open_point, room, grain, 0.0, kept is not None)
    _warm(prepared)
    with _lock:
        _recent[name] = prepared
        while len(_recent) > KEPT:
            _recent.popitem(last=False)
    return _as_asked(prepared, began, precision_ppm, from_cache=kept is not None)


def _warm(prepared: Prepared) -> None:
    """Have the compiled kernels loaded before the first question, whose time is told."""
    from longreach.route.search import shortest

    if prepared.room_m > 0:
        lat, lon = position(prepared.open_point)
        shortest(prepared, (float(lat), float(lon)), (float(lat) + (0.01 if lat < 0 else -0.01), float(lon)))


def _as_asked(prepared: Prepared, began: float, precision_ppm: float, *, from_cache: bool) -> Prepared:
    spent = (time.perf_counter() - began) * 1e3
    return replace(prepared, prepare_ms=spent, from_cache=from_cache, largest_gap=precision_ppm * 1e-6)


def _make(closures: Sequence[Closure], boundary: Boundary, grain: float) -> tuple[Any, Any, Floats, float]:
    from longreach.route import graph

    parts = chunks.chunks(closures)

    def inside(lat: Any, lon: Any) -> Any:
        return boundary.inside(lat, lon).any(axis=1)

    plane, room = obstacles.choose_plane(parts, inside)
    open_point = -plane.centre
    if room <= 0:
        empty = obstacles.Rings(np.empty((0, 3)), np.zeros(1, np.int64))
        outer = inner = graph.index(empty, open_point)
        return outer, inner, open_point, room
    rings = obstacles.build(closures, parts, plane, grain)
    outer, inner = (graph.index(ring, open_point) for ring in rings)
    return (
        graph.with_sight_lines(outer, relaxed=False),
        graph.with_sight_lines(inner, relaxed=True),
        open_point,
        room,
    )


def _pack(net: Any, prefix: str) -> dict[str, Any]:
    return {prefix + field: getattr(net, field) for field in net._fields}


def _unpack(arrays: dict[str, Any], prefix: str) -> Any:
    from longreach.route._kernels import Net

    return Net(*(arrays[prefix + field] for field in Net._fields))


def closer(prepared: Prepared, a: Floats, b: Floats, length: float, grain_m: float) -> Prepared:
    """The same closures followed more closely where a path from a to b (unit vectors) of at most `length` [m]
    can come; what lies elsewhere is left out. For one question, and not kept."""
    from longreach.route import graph

    plane = Plane.about(-prepared.open_point)
    parts = chunks.chunks(prepared.closures)
    parts = chunks.near_ellipse(parts, a, b, length)
    window = _window(plane, a, b, length + 2 * float(parts.reach.max(initial=0.0)))
    rings = obstacles.build(prepared.closures, parts, plane, grain_m, window)
    outer, inner = (graph.index(ring, prepared.open_point) for ring in rings)
    return replace(
        prepared,
        outer=graph.with_sight_lines(outer, relaxed=False),
        inner=graph.with_sight_lines(inner, relaxed=True),
        grain_m=grain_m,
        outer_ends=Often(relaxed=False),
        inner_ends=Often(relaxed=True),
    )


def _window(plane: Plane, a: Floats, b: Floats, length: float) -> tuple[float, float, float, float] | None:
    """A rectangle of the plane that holds every path from a to b of at most `length` [m]; None where it would be
    most of the globe."""
    reach = 0.55 * length / 6.35e6 + 0.01
    if reach > 1.2:
        return None
    middle = (a + b) / np.linalg.norm(a + b)
    around = Plane.about(middle)
    turn = np.radians(np.arange(0.0, 360.0, 3.0))
    rim = (
        np.cos(reach) * middle
        + np.sin(reach) * np.cos(turn)[:, None] * around.east
        + np.sin(reach) * np.sin(turn)[:, None] * around.north
    )
    if float(np.arccos(np.clip(-plane.centre @ middle, -1, 1))) < reach + 0.02:  # holds the point at infinity
        return None
    xy = plane.to(rim)
    low, high = xy.min(axis=0), xy.max(axis=0)
    slack = 0.01 * (high - low)
    return (*(low - slack), *(high + slack))
