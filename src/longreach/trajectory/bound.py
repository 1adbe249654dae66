"""What no flight can do better than: a bound under the cost of every level flight between two places in a wind.

Seen from the destination, a flight at true airspeed V comes nearer by no more than V + w a second, w being the
wind's part toward the destination where it is. So every ring of distance round the destination costs at least its
width over the best there: the level, Mach number and place in it with the most metres toward the destination for
a unit of cost, at a mass no greater than the flight can have there. Places that no better flight can pass, because what
it costs to come there and to go on is more than the flight found, do not count. Where a detour is forced, the
shortest lawful length in the strongest wind at its back is the other bound; the greater of the two is taken.

Winds are looked at on the mesh (110 km), at every level of the table and every time the field has during the
flight; a place counts with the strongest of itself and its 36 neighbours. Climb and descent, the rule of levels and
what a change of level takes are left out: they only add.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from longreach.geodesy import EARTH_RADIUS, Floats, distance
from longreach.route.obstacles import position, unit
from longreach.trajectory import _path_kernels as kernels
from longreach.trajectory import mesh
from longreach.trajectory.table import Table

RING = 50e3  # m, width of a ring
AXIS = np.arange(
    -130.0, 251.0, 10.0
)  # m/s, winds toward the place; metres for a unit of cost are convex in them
CLOSE = 600e3  # m from the place, where any wind counts as wind toward it
ROUNDS = 4  # times that places out of reach are struck off


@dataclass(frozen=True, slots=True)
class Question:
    """What the bound is of.

    grid, began : the wind and the take-off on its clock; lasts_s : how long a better flight may take
    table : fuel flows at every level; per_second, per_kg : the weights of the cost
    landing_kg : no flight lands lighter; cost : of the flight found
    """

    grid: Any
    began: float
    lasts_s: float
    table: Table
    per_second: float
    per_kg: float
    landing_kg: float
    cost: float


def lower(asked: Question, a: tuple[float, float], b: tuple[float, float], shortest_m: float) -> float:
    """No level flight from a to b by a path of at least `shortest_m` costs less.

    Where the wind field does not hold a place, level or time, the wind there counts as the strongest it holds.
    """
    points, near = mesh.mesh()
    lat, lon = position(points)
    far = [distance(lat, lon, *place) for place in (a, b)]
    (from_a, to_b), strength, warm = _winds(asked, points, (-_toward(points, a), _toward(points, b)))
    for wind, away in zip((from_a, to_b), far, strict=True):
        wind[away < CLOSE] = strength[away < CLOSE]  # where the direction changes from one point to the next
    from_a, to_b = _spread(from_a, near), _spread(to_b, near)
    gains = _Gains(asked)
    alive = np.ones(len(points), bool)
    direct, total = float(distance(*a, *b)), 0.0
    for _ in range(ROUNDS):
        onward, cost_b = _rings(gains, far[1], to_b, alive, warm, asked.landing_kg, grow=True)
        _, cost_a = _rings(gains, far[0], from_a, alive, warm, asked.landing_kg, grow=False)
        total = float(np.interp(direct, onward, cost_b))
        passing = np.interp(far[0], onward, cost_a) + np.interp(far[1], onward, cost_b)
        # half a spacing of the mesh: a place stands for those round it
        slack = 2.0 * mesh.spacing(mesh.CUTS) * EARTH_RADIUS * float(np.max(np.diff(cost_b))) / RING
        alive = passing <= asked.cost + slack
        if not alive.any():
            break
    strongest = float(strength[alive].max()) if alive.any() else float(strength.max())
    return max(total, _straight(gains, shortest_m, strongest, warm, asked.landing_kg))


class _Gains:
    """Most metres for a unit of cost, and for a kg of fuel, at each mass, level and wind toward the place."""

    def __init__(self, asked: Question) -> None:
        table = asked.table
        self.mass = table.mass_kg
        shape = (table.mass_kg.size, table.level_m.size, AXIS.size)
        self.cost, self.fuel, speed = np.empty(shape), np.empty(shape), np.empty(shape)
        worth = np.ones(table.mass_kg.size)
        last = table.mass_kg[-1] * (1.0 - 1e-9)
        for per_second, per_kg, out in (
            (asked.per_second, asked.per_kg, self.cost),
            (0.0, 1.0, self.fuel),
        ):
            kernels.gain_tables(
                table.flow, table.speed, table.mass_kg, np.minimum(table.mass_kg, last), worth, AXIS, per_second,
                per_kg, out, speed,
            )  # fmt: skip
        # a mass between two of the table counts as the lighter, which flies farther on a kg
        self.cost = np.maximum.accumulate(self.cost[::-1], axis=0)[::-1]
        self.fuel = np.maximum.accumulate(self.fuel[::-1], axis=0)[::-1]
        self.hurried = asked.per_second > 0.0

    def best(self, kind: Floats, mass_kg: float, wind: Floats, warm: float) -> float:
        """The most at that mass or any greater, over (n, levels) winds toward the place.

        Taken a step of mass lower: the table leaves a level out at the last mass before it can no longer be held.
        """
        i = min(max(int(np.searchsorted(self.mass, mass_kg, side="right")) - 2, 0), self.mass.size - 1)
        most = 0.0
        for level in range(wind.shape[1]):
            w = float(wind[:, level].max()) if wind.size else AXIS[0]
            most = max(most, float(np.interp(w, AXIS, kind[i, level])))
        return most * (warm if self.hurried and kind is self.cost else 1.0)


def _rings(
    gains: _Gains, far: Floats, wind: Floats, alive: Any, warm: float, landing_kg: float, *, grow: bool
) -> tuple[Floats, Floats]:
    """(distances, least cost from there to the place), ring by ring outward; `grow`: mass grows with the way still to go."""
    edges = np.arange(0.0, math.pi * EARTH_RADIUS + 2 * RING, RING)
    half = mesh.spacing(mesh.CUTS) * EARTH_RADIUS
    order = np.argsort(far)
    sorted_far = far[order]
    cost = np.zeros(edges.size)
    mass = landing_kg
    everywhere = wind.max(axis=0, keepdims=True)
    for k in range(edges.size - 1):
        low, high = np.searchsorted(sorted_far, [edges[k] - half, edges[k + 1] + half])
        inside = order[low:high]
        inside = inside[alive[inside]]
        there = wind[inside] if inside.size else everywhere
        cost[k + 1] = cost[k] + RING / max(gains.best(gains.cost, mass, there, warm), 1e-12)
        if grow:
            mass = min(mass + RING / max(gains.best(gains.fuel, mass, there, warm), 1e-12), gains.mass[-1])
    return edges, cost


def _straight(gains: _Gains, length_m: float, strongest: float, warm: float, landing_kg: float) -> float:
    """The least cost of that many metres with the strongest wind at the back of each."""
    wind = np.full((1, gains.cost.shape[1]), strongest)
    mass, total, left = landing_kg, 0.0, length_m
    while left > 0.0:
        step = min(RING, left)
        total += step / max(gains.best(gains.cost, mass, wind, warm), 1e-12)
        mass = min(mass + step / max(gains.best(gains.fuel, mass, wind, warm), 1e-12), gains.mass[-1])
        left -= step
    return total


def _toward(points: Floats, place: tuple[float, float]) -> Floats:
    """(n, 3) unit vectors along the ground toward a place."""
    target = unit(np.array([place[0]]), np.array([place[1]]))[0]
    along = target[None, :] - points * (points @ target)[:, None]
    return along / np.maximum(np.linalg.norm(along, axis=1)[:, None], 1e-12)


def _winds(asked: Question, points: Floats, along: tuple[Floats, ...]) -> tuple[list[Floats], Floats, float]:
    """(n, levels) strongest wind along each of the directions, and in any, at any time of the flight; greatest warmth.

    A warm day's airspeed and fuel flow are those of the standard times its warmth, sqrt(T / T_isa): winds over that
    are winds beside the standard's airspeed.
    """
    from longreach.world.winds._kernels import ln_pressure

    table, grid = asked.table, asked.grid
    ln_p = np.array([ln_pressure(h) for h in table.level_m])
    n, levels = len(points), ln_p.size
    values = grid.values.reshape(-1, 3)
    most = 1.1 * math.sqrt(float(np.nanmax(values[:, 0] ** 2 + values[:, 1] ** 2)))
    toward = [np.full((n, levels), -most) for _ in along]
    strength, warm = np.zeros((n, levels)), 1.0
    for when in _times(asked):
        out, warmth = np.zeros((n, levels, 3), np.float32), np.ones((n, levels), np.float32)
        codes, refused = np.zeros(n, np.int64), np.zeros(n, np.int64)
        kernels.winds_at(grid, points, ln_p, np.full(n, when), out, warmth, codes, refused)
        beyond = codes != 0
        for k, direction in enumerate(along):
            part = np.einsum("nlk,nk->nl", out, direction) / warmth
            part[beyond] = most
            np.maximum(toward[k], part, out=toward[k])
        size = np.sqrt((out.astype(float) ** 2).sum(axis=2)) / warmth
        size[beyond] = most
        np.maximum(strength, size, out=strength)
        warm = max(warm, float(warmth.max()))
    return toward, strength, warm


def _times(asked: Question) -> Floats:
    """Times of the field at which the wind is looked at: its nodes round the flight, between which it is straight."""
    times = asked.grid.time
    if asked.grid.uniform or asked.grid.steady or times.size == 1:
        return np.array([asked.began])
    end = asked.began + asked.lasts_s
    first = max(int(np.searchsorted(times, asked.began, side="right")) - 1, 0)
    last = min(int(np.searchsorted(times, end)), times.size - 1)
    return times[first : last + 1]


def _spread(values: Floats, near: Any) -> Floats:
    """The most of a place and its neighbours."""
    return np.maximum(values, values[near].max(axis=1))
