"""Where to fly: the cheapest lawful paths through a wind, all the way round the globe where need be.

First a search on a mesh over all that could pay, forward from the origin and backward from the destination.
Each point's two costs together are the cost of the best path through it; their local minima half way
are the really different ways there are, among them the right side of every obstacle and the right ocean.
Then each way is refined in a tube round it: stations across, offsets on each, dynamic programming over them
with every edge tested against the closed airspace, finer and finer down to 100 m. The shortest lawful path
always competes. Mass and time along the way are held as first reckoned; `optimise` reckons them anew.

Costs are those of level flight at the best level and Mach number for the place, the wind and the mass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from longreach.geodesy import EARTH_RADIUS, Floats, densify
from longreach.route.obstacles import position, unit
from longreach.trajectory import _path_kernels as kernels
from longreach.trajectory import mesh
from longreach.trajectory.table import Table

STATIONS = 25  # places along the way at which costs are tabulated for the mass there
WIND_AXIS = np.arange(-130.0, 131.0, 10.0)  # m/s
LOCAL_MINIMUM = 1.03  # ways through the mesh that cost up to this times the best are looked at
MOST_WAYS = 4
NEAR = 300e3  # m; shorter paths are flown straight
PASSES = (  # spacing of the stations [m], step across [m], steps to each side, most repeats
    (160e3, 25e3, 6, 4),
    (80e3, 7e3, 6, 3),
    (50e3, 1.8e3, 6, 3),
    (50e3, 400.0, 6, 2),
    (50e3, 100.0, 5, 1),
)
ALL = -1  # every level allowed, as a bit mask


@dataclass(frozen=True, slots=True)
class Limited:
    """A closure that holds at some levels or times only.

    net : its rings; low_m, high_m : its level band; windows : (from, to) on the wind field's clock [s]
    """

    id: str
    net: Any
    low_m: float
    high_m: float
    windows: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a path search knows.

    net : rings of what is closed throughout (`Prepared.outer`); limited : what is closed at times or levels
    grid : the wind (`WindField.grid()`); began : departure on the field's clock [s]
    table : fuel flows at the few levels the path search looks at
    mass_kg : (start, end) as first reckoned; per_second, per_kg : the weights of the cost
    """

    net: Any
    limited: tuple[Limited, ...]
    grid: Any
    began: float
    table: Table
    mass_kg: tuple[float, float]
    per_second: float
    per_kg: float
    cuts: int = mesh.CUTS  # of the mesh: how fine it is


@dataclass(frozen=True, slots=True)
class Path:
    """A chain of points: lat, lon [deg], its cost in the search's terms, when each is passed [s, field's clock]."""

    lat: Floats
    lon: Floats
    cost: float
    when: Floats


class WindRefused(Exception):
    """The wind field does not hold a place, level or time that was asked: (code, lat, lon, level_m, time)."""

    def __init__(self, code: int, lat: float, lon: float, level_m: float, when: float) -> None:
        super().__init__(code, lat, lon, level_m, when)
        self.place = (code, lat, lon, level_m, when)


@dataclass(frozen=True, slots=True)
class _Costs:
    gain: Floats  # (stations, levels, winds) metres for a unit of cost
    speed_made: Floats
    typical: Floats  # (levels,) true airspeed
    time_share: float  # of the cost
    ln_p: Floats
    best_gain: float  # in still air half way
    best_speed: float

    def at(self, place: Floats) -> tuple[Floats, Floats]:
        """Tables at fractional stations."""
        i = np.clip(place.astype(int), 0, STATIONS - 2)
        f = (place - i)[:, None, None]
        gain, speed = (
            np.ascontiguousarray(each[i] * (1.0 - f) + each[i + 1] * f)
            for each in (self.gain, self.speed_made)
        )
        return gain, speed


def _costs(setting: Setting) -> _Costs:
    from longreach.world.winds._kernels import ln_pressure

    table = setting.table
    share = np.linspace(0.0, 1.0, STATIONS)
    m0, m1 = setting.mass_kg
    mass = m0 * (m1 / m0) ** share
    gain, speed = (np.empty((STATIONS, table.level_m.size, WIND_AXIS.size)) for _ in range(2))
    kernels.gain_tables(
        table.flow, table.speed, table.mass_kg, mass, m1 / mass, WIND_AXIS, setting.per_second,
        setting.per_kg, gain, speed,
    )  # fmt: skip
    still = STATIONS // 2, slice(None), WIND_AXIS.size // 2
    best = int(np.argmax(gain[still]))
    g, v = float(gain[still][best]), float(speed[still][best])
    typical = np.where(speed[still] > 1.0, speed[still], table.speed[:, -1])
    time_share = min(1.0, max(0.0, setting.per_second * g / v)) if v > 0.0 else 0.0
    ln_p = np.array([ln_pressure(h) for h in table.level_m])
    return _Costs(gain, speed, typical, time_share, ln_p, g, max(v, 50.0))


def _winds(
    setting: Setting, points: Floats, when: Floats, ln_p: Floats, *, strict: bool
) -> tuple[Any, Any, Any]:
    """Winds, warmth and which points the field does not hold.

    Raises: WindRefused for a time or level it does not hold, and where `strict` for a place too.
    """
    from longreach.world.winds import _kernels as wind_kernels

    out = np.zeros((len(points), ln_p.size, 3), np.float32)
    warmth = np.ones((len(points), ln_p.size), np.float32)
    codes, level = np.zeros(len(points), np.int64), np.zeros(len(points), np.int64)
    kernels.winds_at(setting.grid, points, ln_p, when, out, warmth, codes, level)
    beyond = codes != wind_kernels.OK
    grave = beyond if strict else (codes == wind_kernels.TIME) | (codes == wind_kernels.LEVEL)
    if grave.any():
        i = int(np.argmax(grave))
        lat, lon = position(points[i])
        height = float(setting.table.level_m[level[i]])
        raise WindRefused(int(codes[i]), float(lat), float(lon), height, float(when[i]))
    return out, warmth, beyond


def _groups(setting: Setting) -> tuple[Any, Any, Any]:
    """Limited closures as arrays: level bits, windows from and to (a row each, padded)."""
    bits = np.zeros(len(setting.limited), np.int64)
    widest = max([len(one.windows) for one in setting.limited], default=0)
    begin = np.full((len(setting.limited), max(1, widest)), math.inf)
    end = np.full_like(begin, -math.inf)
    for g, one in enumerate(setting.limited):
        for k, level in enumerate(setting.table.level_m):
            if one.low_m - 1.0 <= level <= one.high_m + 1.0:
                bits[g] |= 1 << k
        for n, (low, high) in enumerate(one.windows):
            begin[g, n], end[g, n] = low, high
    return bits, begin, end


def _masks(setting: Setting, a: Floats, b: Floats) -> Any:
    """(n,) bits of the limited closures each geodesic a - b meets."""
    masks = np.zeros(len(a), np.int64)
    for g, one in enumerate(setting.limited):
        met = np.zeros(len(a), np.bool_)
        kernels.crossing(one.net, a, b, met)
        masks |= met.astype(np.int64) << g
    return masks


def _closed(setting: Setting) -> bool:
    return len(setting.net.vert) > 0


def cost_of(setting: Setting, lat: Floats, lon: Floats, spacing_m: float = 50e3) -> Path:
    """A chain of geodesics flown as it is: its cost (inf where a limited closure forbids it) and times."""
    return _cost_of(setting, _costs(setting), lat, lon, spacing_m)


def _cost_of(setting: Setting, costs: _Costs, lat: Floats, lon: Floats, spacing_m: float = 50e3) -> Path:
    fine_lat, fine_lon, along = densify(lat, lon, spacing_m)
    points = unit(fine_lat, fine_lon)
    total = max(1.0, float(along[-1]))
    share = along / total
    guess = total / costs.best_speed
    for _ in range(2):
        when = setting.began + share * guess
        _, when, cost = _tube(setting, costs, points[:, None, :], share, when, 1, obstacles=False)
        if not math.isfinite(cost):
            return Path(lat, lon, math.inf, np.full(len(lat), math.inf))
        guess = float(when[-1]) - setting.began
        share = (when - setting.began) / max(guess, 1.0)
    at = np.searchsorted(along, np.concatenate([[0.0], np.cumsum(_lengths(lat, lon))]) - 1.0)
    return Path(lat, lon, cost, when[np.minimum(at, when.size - 1)])


def _lengths(lat: Floats, lon: Floats) -> Floats:
    from longreach.geodesy import distance

    return distance(lat[:-1], lon[:-1], lat[1:], lon[1:])


def _tube(
    setting: Setting, costs: _Costs, lattice: Floats, place: Floats, when: Floats, reach: int, *,
    obstacles: bool = True,
) -> tuple[Any, Any, float]:  # fmt: skip
    """The cheapest chain through a lattice (k, j, 3); place (k,) 0..1 along, when (k,) s. `search_tube`'s answer."""
    k, m = lattice.shape[:2]
    flat = np.ascontiguousarray(lattice.reshape(-1, 3))
    winds, warmth, beyond = _winds(setting, flat, np.repeat(when, m), costs.ln_p, strict=not obstacles)
    middle = 0.5 * (place[:-1] + place[1:]) * (STATIONS - 1)
    gain, speed = costs.at(np.append(middle, middle[-1]))
    closed = obstacles and _closed(setting)
    inside, safe = np.zeros(k * m, np.bool_), np.full(k * m, 10.0)
    if closed:
        inside, safe = kernels.in_the_open(setting.net, flat)
        inside[m // 2] = inside[(k - 1) * m + m // 2] = False
    inside |= beyond
    masks = np.zeros((0, 0, 0), np.int64)
    if setting.limited:
        a = np.broadcast_to(lattice[:-1, :, None, :], (k - 1, m, m, 3)).reshape(-1, 3)
        b = np.broadcast_to(lattice[1:, None, :, :], (k - 1, m, m, 3)).reshape(-1, 3)
        masks = _masks(setting, np.ascontiguousarray(a), np.ascontiguousarray(b)).reshape(k - 1, m, m)
    return kernels.search_tube(
        lattice, winds.reshape(k, m, -1, 3), warmth.reshape(k, m, -1), masks, gain, speed, WIND_AXIS[0],
        WIND_AXIS[1] - WIND_AXIS[0], costs.typical, costs.time_share, ALL, setting.net, closed,
        inside.reshape(k, m), safe.reshape(k, m), *_groups(setting), setting.began, reach,
    )  # fmt: skip


def cheapest(setting: Setting, shortest_lat: Floats, shortest_lon: Floats) -> tuple[Path, ...]:
    """`look`, the paths alone."""
    return look(setting, shortest_lat, shortest_lon)[0]


def look(setting: Setting, shortest_lat: Floats, shortest_lon: Floats) -> tuple[tuple[Path, ...], bool]:
    """The really different lawful paths between two points, the cheapest first; whether the wind covered all.

    shortest_lat, shortest_lon : the shortest lawful path, which always competes, or a path round everything
    that is closed at some time or level where that is all there is.
    Where the wind field ends within what could pay, the second answer is False and nothing is looked for beyond.
    Raises: WindRefused where it does not hold the shortest path, a time or a level.
    """
    costs = _costs(setting)
    plain = _cost_of(setting, costs, shortest_lat, shortest_lon)
    length = float(_lengths(shortest_lat, shortest_lon).sum())
    if length < NEAR:
        return (plain,), True
    ways, covered = _ways(setting, costs, plain, length)
    found = [plain]
    for way in (*ways, (shortest_lat, shortest_lon)):
        refined = _refined(setting, costs, way, plain)
        if refined is not None:
            found.append(refined)
    found.sort(key=lambda one: one.cost)
    apart: list[Path] = []
    for one in found:
        if math.isfinite(one.cost) and all(_apart(one, other) > 100e3 for other in apart):
            apart.append(one)
    return tuple(apart) if apart else (plain,), covered


def _apart(one: Path, other: Path) -> float:
    """Greatest distance [m] of the points of a path from another, on the sphere."""
    from scipy.spatial import cKDTree

    a = unit(*densify(one.lat, one.lon, 50e3)[:2])
    b = unit(*densify(other.lat, other.lon, 20e3)[:2])
    return float(cKDTree(b).query(a)[0].max()) * EARTH_RADIUS


def _ways(
    setting: Setting, costs: _Costs, plain: Path, length: float
) -> tuple[list[tuple[Floats, Floats]], bool]:
    """Paths through the mesh, the cheapest and the other local minima half way; whether the wind covered all."""
    from longreach.geodesy import distance

    closed = _closed(setting)
    lat, lon, _ = densify(plain.lat, plain.lon, 0.6 * mesh.spacing(setting.cuts) * EARTH_RADIUS)
    extra = unit(lat, lon)
    if closed:
        inside, _ = kernels.in_the_open(setting.net, extra)
        extra = extra[~inside]
    if len(extra) < 2:
        return [], True
    # ends where the path first and last is in the open
    every, _ = mesh.mesh(setting.cuts)
    origin, goal = extra[0], extra[-1]
    least = 1.0 / float(costs.gain.max(axis=(0, 1))[_strongest(setting)])
    ceiling = plain.cost if math.isfinite(plain.cost) else 2.0 * length / costs.best_gain
    far = (np.arccos(np.clip(every @ origin, -1, 1)) + np.arccos(np.clip(every @ goal, -1, 1))) * 6.35e6
    wanted = far * least <= ceiling * 1.001
    points, start, head, tail = mesh.graph(wanted, extra, setting.cuts)
    o, g = 0, len(extra) - 1
    from_o = np.arccos(np.clip(points @ origin, -1, 1))
    from_g = np.arccos(np.clip(points @ goal, -1, 1))
    share = from_o / np.maximum(from_o + from_g, 1e-9)
    duration = float(plain.when[-1]) - setting.began
    if not math.isfinite(duration):
        duration = length / costs.best_speed
    winds, warmth, beyond = _winds(
        setting, points, setting.began + share * duration, costs.ln_p, strict=False
    )
    inside, safe = np.zeros(len(points), np.bool_), np.full(len(points), 10.0)
    if closed:
        inside, safe = kernels.in_the_open(setting.net, points)
    inside |= beyond
    masks = np.zeros(0, np.int64)
    if setting.limited:
        masks = _masks(setting, points[tail], points[head])
    shared = (
        costs.gain, costs.speed_made, share * (STATIONS - 1), WIND_AXIS[0], WIND_AXIS[1] - WIND_AXIS[0],
        costs.typical, costs.time_share, ALL, setting.net, closed, inside, safe, *_groups(setting),
        setting.began,
    )  # fmt: skip
    limit = ceiling * 1.01
    forward, _, came = kernels.search_mesh(
        points, winds, warmth, start, head, masks, o, -1, False, limit, least, *shared
    )
    if not np.isfinite(forward[g]):
        return [], not bool(beyond.any())
    # backward the clock is not known: limited closures are left to the forward half
    back, _, on = kernels.search_mesh(
        points, winds, warmth, start, head, np.zeros(0, np.int64), g, -1, True, LOCAL_MINIMUM * forward[g],
        least, *shared,
    )  # fmt: skip
    ways = [_chain(came, g)[::-1]]
    if not setting.limited:
        through = np.where(np.isfinite(forward) & np.isfinite(back), forward + back, np.inf)
        waist = np.flatnonzero(
            (through <= LOCAL_MINIMUM * forward[g])
            & (np.abs(np.where(np.isfinite(through), forward, 0.0) / through - 0.5) < 0.12)
        )
        for i in waist[np.argsort(through[waist], kind="stable")]:
            near = head[start[i] : start[i + 1]]
            if through[i] > through[near].min() * (1 + 1e-9):
                continue
            way = _chain(came, i)[::-1] + _chain(on, i)[1:]
            if all(
                np.min(np.arccos(np.clip(points[w] @ points[i], -1, 1))) * EARTH_RADIUS > 150e3 for w in ways
            ):
                ways.append(way)
            if len(ways) >= MOST_WAYS:
                break
    found = []
    for way in ways:
        lat, lon = position(points[way])
        if float(distance(lat[0], lon[0], plain.lat[0], plain.lon[0])) > 0.01:
            lat, lon = np.append(plain.lat[0], lat), np.append(plain.lon[0], lon)
        if float(distance(lat[-1], lon[-1], plain.lat[-1], plain.lon[-1])) > 0.01:
            lat, lon = np.append(lat, plain.lat[-1]), np.append(lon, plain.lon[-1])
        lat[0], lon[0], lat[-1], lon[-1] = plain.lat[0], plain.lon[0], plain.lat[-1], plain.lon[-1]
        found.append((lat, lon))
    return found, not bool(beyond.any())


def _strongest(setting: Setting) -> int:
    """Index in WIND_AXIS of a wind at least as strong as any of the field."""
    values = setting.grid.values.reshape(-1, 3)
    u, v = values[:, 0], values[:, 1]
    most = math.sqrt(float(np.nanmax(u * u + v * v))) if values.size else 0.0
    most *= 1.0 + 0.1 / 2  # a warm day's airspeed, 10 % of temperature
    return min(int(np.searchsorted(WIND_AXIS, most)), WIND_AXIS.size - 1)


def _chain(came: Any, node: int) -> list[int]:
    chain = []
    while node >= 0:
        chain.append(int(node))
        node = int(came[node])
    return chain


def _refined(setting: Setting, costs: _Costs, way: tuple[Floats, Floats], plain: Path) -> Path | None:
    """The cheapest path in the tubes round a way; None where no tube holds one."""
    lat, lon = way
    length = float(_lengths(lat, lon).sum())
    duration = float(plain.when[-1]) - setting.began
    if not math.isfinite(duration):
        duration = length / costs.best_speed
    best: Path | None = None
    for spacing, step, half, repeats in PASSES:
        for _ in range(repeats):
            pieces = max(6, math.ceil(length / spacing))
            if pieces < 6:
                break
            centre = _resampled(lat, lon, pieces)
            lattice = _lattice(centre, step, half)
            place = np.linspace(0.0, 1.0, pieces + 1)
            way_j, when, cost = _tube(
                setting, costs, lattice, place, setting.began + place * duration, 2 * half
            )
            if way_j[0] < 0:
                break
            chain = lattice[np.arange(pieces + 1), way_j]
            new_lat, new_lon = position(chain)
            new_lat[0], new_lon[0], new_lat[-1], new_lon[-1] = way[0][0], way[1][0], way[0][-1], way[1][-1]
            lat, lon = new_lat, new_lon
            duration = float(when[-1]) - setting.began
            length = float(_lengths(lat, lon).sum())
            best = Path(lat, lon, cost, when)
            if not ((way_j == 0) | (way_j == 2 * half)).any():
                break
    if best is None:
        return None
    # the sums of the last pass, on the same points as every other path's
    return _cost_of(setting, costs, best.lat, best.lon)


def _resampled(lat: Floats, lon: Floats, pieces: int) -> Floats:
    """(pieces + 1, 3) unit vectors evenly along a chain of geodesics."""
    fine_lat, fine_lon, along = densify(lat, lon, 20e3)
    points = unit(fine_lat, fine_lon)
    where = np.linspace(0.0, along[-1], pieces + 1)
    keep = np.append(True, np.diff(along) > 0)
    sampled = np.stack([np.interp(where, along[keep], points[keep, axis]) for axis in range(3)], axis=1)
    return sampled / np.linalg.norm(sampled, axis=1)[:, None]


def _lattice(centre: Floats, step: float, half: int) -> Floats:
    """(k, 2 half + 1, 3) points across a chain at each of its points; the ends stay where they are."""
    chord = np.empty_like(centre)
    chord[1:-1] = centre[2:] - centre[:-2]
    chord[0], chord[-1] = centre[1] - centre[0], centre[-1] - centre[-2]
    across = np.cross(centre, chord)
    across /= np.maximum(np.linalg.norm(across, axis=1)[:, None], 1e-12)
    angle = np.arange(-half, half + 1) * step / EARTH_RADIUS
    lattice = (
        centre[:, None, :] * np.cos(angle)[None, :, None] + across[:, None, :] * np.sin(angle)[None, :, None]
    )
    lattice[0], lattice[-1] = centre[0], centre[-1]
    return np.ascontiguousarray(lattice)
