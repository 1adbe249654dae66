"""Boundary lines of closures cut into chunks, and which of them can matter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach.geodesy import WGS84_A, WGS84_F, Floats, direct, inverse
from longreach.route.plane import unit

if TYPE_CHECKING:
    from longreach.world.airspace import Closure

CHUNK = 200e3  # m, at most
STEP = 12e3  # m, between vertices of a chunk
WORTH_CULLING = 6000  # vertices of a boundary, from which leaving out its hidden part pays


@dataclass(frozen=True, slots=True)
class Chunks:
    """Boundary cut into chunks: chunk i holds vertices start[i]:stop[i] of `u`; `reach` [m] is how far the
    closed area and its stand-off go beyond it."""

    u: Floats
    lat: Floats
    lon: Floats
    start: Any
    stop: Any
    reach: Floats


def chunks(closures: Iterable[Closure]) -> Chunks:
    """The boundary of all closures in chunks of at most CHUNK, with no step longer than STEP."""
    lines = [(line, closure.stand_off_m) for closure in closures for line in closure.lines]
    if not lines:
        nothing, none = np.empty(0), np.empty(0, np.int64)
        return Chunks(np.empty((0, 3)), nothing, nothing, none, none, nothing)
    lat = np.concatenate([np.asarray(line.lat, float) for line, _ in lines])
    lon = np.concatenate([np.asarray(line.lon, float) for line, _ in lines])
    owner = np.repeat(np.arange(len(lines)), [np.size(line.lat) for line, _ in lines])
    reach_of = np.array([line.offset_m + stand_off for line, stand_off in lines])
    lat, lon, owner = refined(lat, lon, owner, STEP)
    step = np.append(0.0, chords(lat, lon))
    begins = np.append(True, owner[1:] != owner[:-1])
    step[begins] = 0.0
    along = np.cumsum(step)
    along -= along[begins][np.cumsum(begins) - 1]
    number = (along / CHUNK).astype(np.int64)
    last_of_line = np.append(begins[1:], True)
    starts = begins | np.append(False, number[1:] != number[:-1])
    starts &= ~last_of_line | begins  # a lone last vertex belongs to the chunk before it
    first = np.flatnonzero(starts)
    stop = np.append(first[1:], lat.size)
    shared = np.append(~begins[first[1:]], False)  # a chunk ends on the first vertex of the next
    return Chunks(unit(lat, lon), lat, lon, first, stop + shared, reach_of[owner[first]])


def chords(lat: Floats, lon: Floats) -> Floats:
    """Roughly the lengths [m] of the steps along (n,) vertices: a times the chords of U."""
    return WGS84_A * np.linalg.norm(np.diff(unit(lat, lon), axis=0), axis=1)


def refined(lat: Floats, lon: Floats, owner: Any, longest: float) -> tuple[Floats, Floats, Any]:
    """Vertices of several lines, run together, with points added so that no step within a line is much
    longer than `longest` [m]; an edge gets the same points whichever way round it runs."""
    step = chords(lat, lon)
    long = np.flatnonzero((step > longest) & (owner[1:] == owner[:-1]))
    if long.size == 0:
        return lat, lon, owner
    turned = (lat[long] > lat[long + 1]) | ((lat[long] == lat[long + 1]) & (lon[long] > lon[long + 1]))
    a, b = np.where(turned, long + 1, long), np.where(turned, long, long + 1)
    length, azimuth, _ = inverse(lat[a], lon[a], lat[b], lon[b])
    pieces = np.ceil(length / longest).astype(np.int64)
    edge = np.repeat(np.arange(long.size), pieces - 1)
    k = np.arange(edge.size) - np.repeat(np.cumsum(pieces - 1) - (pieces - 1), pieces - 1) + 1
    k = np.where(turned[edge], pieces[edge] - k, k)
    new_lat, new_lon, _ = direct(lat[a][edge], lon[a][edge], azimuth[edge], length[edge] * k / pieces[edge])
    where = long[edge] + 1
    return (
        np.insert(lat, where, new_lat),
        np.insert(lon, where, new_lon),
        np.insert(owner, where, owner[long[edge]]),
    )


def outermost(parts: Chunks) -> Chunks:
    """The chunks without the boundary that hardly can show at the edge of what it closes.

    A point of a boundary shows at the edge of its offset R only where an empty disc of radius R touches it,
    that is where a triangle of the Delaunay triangulation at it has a circumscribed circle that large. (On
    the sphere the triangulation is the convex hull of the points.) Deep in fjords and lakes none is. Vertices
    stand for segments and the radius is taken 3 % smaller. A sieve for a first sketch, not a proof.
    """
    from scipy.spatial import ConvexHull

    index, owner = spread(parts.start, parts.stop)
    shows = np.ones(parts.lat.size, bool)
    for reach in np.unique(parts.reach):
        members = np.unique(index[parts.reach[owner] == reach])
        if members.size < WORTH_CULLING or reach < STEP:
            continue
        hull = ConvexHull(parts.u[members])
        radius = np.arccos(np.clip(-hull.equations[:, 3], -1, 1))
        outer = np.zeros(members.size, bool)
        outer[hull.simplices[radius >= 0.97 * reach / WGS84_A].ravel()] = True
        shows[members] = outer
    kept = shows[index]
    same = owner[1:] == owner[:-1]
    near = kept.copy()  # a segment shows where either end does; and few long runs beat many short ones
    for _ in range(6):
        wider = near.copy()
        wider[1:] |= near[:-1] & same
        wider[:-1] |= near[1:] & same
        near = wider
    begins = near & ~np.append(False, near[:-1] & same)
    ends = near & ~np.append(near[1:] & same, False)
    first, last = np.flatnonzero(begins), np.flatnonzero(ends)
    long = last > first
    first, last = first[long], last[long]
    return replace(parts, start=index[first], stop=index[last] + 1, reach=parts.reach[owner[first]])


def near_ellipse(parts: Chunks, a: Floats, b: Floats, length: float) -> Chunks:
    """The chunks that can matter to a path from a to b (unit vectors) no longer than `length` [m]."""
    if parts.lat.size == 0:
        return parts
    index, owner = spread(parts.start, parts.stop)
    u = parts.u[index]
    arcs = sum(2 * np.arcsin(np.minimum(1, np.linalg.norm(u - end, axis=1) / 2)) for end in (a, b))
    beyond = arcs * WGS84_A * (1 - WGS84_F) - length - 2 * parts.reach[owner]
    least = np.full(parts.start.size, np.inf)
    np.minimum.at(least, owner, beyond)
    return taken(parts, np.flatnonzero(least < 2e3 + CHUNK / 5))


def taken(parts: Chunks, which: Any) -> Chunks:
    return replace(parts, start=parts.start[which], stop=parts.stop[which], reach=parts.reach[which])


def spread(start: Any, stop: Any) -> tuple[Any, Any]:
    """Flat vertex indices of the chunks and the chunk each belongs to."""
    size = stop - start
    owner = np.repeat(np.arange(start.size), size)
    within = np.arange(owner.size) - np.repeat(np.cumsum(size) - size, size)
    return start[owner] + within, owner
