"""A path flown: levels, Mach numbers and fuel for it, then the flight itself, integrated into rows.

`flown` chooses the level and the Mach number of every stretch (dynamic programming over real flight levels),
finds the take-off mass that lands with the reserve, and flies the result through the wind with the
aircraft's own formulas. What cannot be flown comes back as shortfalls, never as a clamped figure.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from longreach.fuel import _kernels as fuel_kernels
from longreach.fuel import performance
from longreach.fuel.reserves import Reserve, final_reserve
from longreach.geodesy import Floats, densify, inverse
from longreach.route.obstacles import unit
from longreach.route.result import Cure, Shortfall
from longreach.trajectory import _flight_kernels as kernels
from longreach.trajectory.levels import eastbound, eastward, flight_levels
from longreach.trajectory.paths import Limited, WindRefused
from longreach.trajectory.table import Table, of_aircraft
from longreach.units import FOOT
from longreach.world.aircraft import Aircraft

STRETCH = 30e3  # m; level and Mach are chosen for stretches of about this length
NODE = 10e3  # m between the points where the track is sampled
SHORT = 700e3  # m; shorter paths look at low levels and low Mach numbers too
LOWEST_LONG = 200  # flight level; longer paths look at none below
NUISANCE_KG, NUISANCE_S = (
    25.0,
    10.0,
)  # charged for a change of level, so that none is made for nothing; our choice
CLOSE = 2.0  # kg to which the take-off mass is found
PHASES = ("climb", "cruise", "descent", "refuel", "station", "hold")

_LIMITS = {
    fuel_kernels.FUEL_OUT: ("fuel runs out", "kg"),
    fuel_kernels.THRUST_SHORT: ("thrust is short of drag", "N"),
    fuel_kernels.BUFFET: ("lift coefficient over the buffet limit", "1"),
    fuel_kernels.TOO_HIGH: ("level above the ceiling", "m"),
    fuel_kernels.WIND: ("wind too strong to hold the track", "m/s"),
    fuel_kernels.LATE_LEVEL: ("the level told is not reached in time", "m"),
    fuel_kernels.TOO_SHORT: ("the path ends before the descent does", "m"),
}


RESERVE = Reserve(1800.0, 0.05)  # half an hour of holding and 5 % of the trip


@dataclass(frozen=True, slots=True)
class Load:
    """What is carried and what must be left.

    payload_kg : on top of the operating empty mass
    fuel_kg : at take-off; None: the least that lands with the reserve
    reserve : final reserve and contingency
    """

    payload_kg: float = 0.0
    fuel_kg: float | None = None
    reserve: Reserve = RESERVE


@dataclass(frozen=True, slots=True)
class Weights:
    """The cost: per_second * time + per_kg * fuel. Time alone has a trace of fuel, to decide between equals."""

    per_second: float
    per_kg: float
    until_m: float = math.inf  # of the path; beyond it time weighs
    after: float = 0.0

    @property
    def nuisance(self) -> float:
        """What a change of level is charged beyond its fuel."""
        return NUISANCE_KG * self.per_kg + NUISANCE_S * max(0.0, self.per_second)

    def along(self, middle_m: Floats) -> Floats:
        """Weight of time in each stretch, by the place of its middle."""
        return np.where(middle_m < self.until_m, self.per_second, self.after)


@dataclass(frozen=True, slots=True)
class Step:
    """A level held from a place on: where, when [s since take-off], flight level, Mach number at its start."""

    along_m: float
    lat: float
    lon: float
    time_s: float
    level: int
    mach: float


@dataclass(frozen=True, slots=True)
class Flight:
    """A path as flown. Arrays (n,), read-only; row i holds from time_s[i] on, `gs_mps` at that moment.

    time_s since take-off, along_m, lat, lon [deg], altitude_m (pressure altitude), tas_mps, gs_mps, u_mps, v_mps,
    deviation_k (temperature less standard), mach, mass_kg, burnt_kg, phase (index into PHASES).
    trip_kg : fuel burnt; reserve_kg : required at the landing; contingency_kg : part of it
    shortfalls : why it cannot be flown; empty where it can
    """

    time_s: Floats
    along_m: Floats
    lat: Floats
    lon: Floats
    altitude_m: Floats
    tas_mps: Floats
    gs_mps: Floats
    u_mps: Floats
    v_mps: Floats
    deviation_k: Floats
    mach: Floats
    mass_kg: Floats
    burnt_kg: Floats
    phase: Any
    steps: tuple[Step, ...]
    duration_s: float
    trip_kg: float
    takeoff_mass_kg: float
    landing_mass_kg: float
    zero_fuel_mass_kg: float
    reserve_kg: float
    contingency_kg: float
    hold_s: float
    cost: float
    shortfalls: tuple[Shortfall, ...]

    @property
    def feasible(self) -> bool:
        return not self.shortfalls


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a flight along some path depends on but the path itself.

    grid : wind; began : take-off on its clock [s]; rule : level rule; mach : a fixed Mach number or None
    hold : (m along, s) circling on the way; limited : closures of some levels or times
    """

    aircraft: Aircraft
    grid: Any
    began: float
    load: Load
    weights: Weights
    rule: str = "semicircular"
    mach: float | None = None
    origin_elevation_m: float = 0.0
    destination_elevation_m: float = 0.0
    limited: tuple[Limited, ...] = ()
    hold: tuple[float, float] | None = None


_tables: OrderedDict[Any, tuple[Any, Table]] = OrderedDict()
KEPT = 16  # tables


def levels_for(plan: Plan, length_m: float) -> tuple[Any, bool]:
    """Flight levels that a path of that length is planned with; whether the wind field ends below some of them."""
    from longreach.world.winds._kernels import ln_pressure

    levels = flight_levels(plan.rule, plan.aircraft.ceiling_m)
    every = length_m < SHORT or bool(plan.limited)
    if not every and (levels >= LOWEST_LONG).any():
        levels = levels[levels >= LOWEST_LONG]
    if plan.grid.uniform:
        return levels, False
    held = np.array([ln_pressure(fl * 100.0 * FOOT) >= plan.grid.ln_p[0] - 1e-9 for fl in levels])
    return (levels[held], not bool(held.all())) if held.any() else (levels, False)


def table_for(plan: Plan, length_m: float) -> tuple[Any, Table]:
    """Flight levels and table that a path of that length is planned with; kept for the next time."""
    levels, _ = levels_for(plan, length_m)
    low = length_m < SHORT
    aircraft = plan.aircraft
    key = (performance.parameters(aircraft).tobytes(), plan.mach, low, levels.tobytes())
    known = _tables.get(key)
    if known is None:
        known = levels, of_aircraft(aircraft, levels * 100.0 * FOOT, mach=plan.mach, low=low)
        if len(_tables) >= KEPT:
            _tables.popitem(last=False)
        _tables[key] = known
    return known


@dataclass(frozen=True, slots=True)
class _Track:
    """A path cut up: nodes for the flight, stretches for the plan."""

    node_x: Floats
    points: Floats
    is_vertex: Any
    x: Floats  # ends of the stretches
    middle: Floats
    east: Any  # whether each stretch counts as eastbound
    a: Floats  # ends of the stretches as unit vectors
    b: Floats

    @property
    def length(self) -> float:
        return float(self.node_x[-1])


def _track(lat: Floats, lon: Floats) -> _Track:
    fine_lat, fine_lon, along = densify(lat, lon, NODE)
    keep = np.append(True, np.diff(along) > 1e-6)
    fine_lat, fine_lon, along = fine_lat[keep], fine_lon[keep], along[keep]
    points = np.ascontiguousarray(unit(fine_lat, fine_lon))
    corners = np.concatenate([[0.0], np.cumsum(inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])[0])])
    is_vertex = np.zeros(along.size, np.bool_)
    is_vertex[np.clip(np.searchsorted(along, corners - 1e-3), 0, along.size - 1)] = True
    pieces = max(4, math.ceil(along[-1] / STRETCH))
    x = np.linspace(0.0, along[-1], pieces + 1)
    ends = np.stack([np.interp(x, along, points[:, axis]) for axis in range(3)], axis=1)
    ends /= np.linalg.norm(ends, axis=1)[:, None]
    end_lat = np.interp(x, along, fine_lat)
    chord = np.diff(ends, axis=0)
    east_axis = np.stack([-ends[:-1, 1], ends[:-1, 0], np.zeros(pieces)], axis=1)
    eastness = (chord * east_axis).sum(axis=1)
    northness = np.diff(end_lat)
    track = np.degrees(
        np.arctan2(eastness, np.where(np.abs(northness) > 1e-12, np.radians(northness), 1e-12))
    )
    return _Track(
        along, points, is_vertex, x, 0.5 * (x[:-1] + x[1:]), eastward(track, np.diff(x)), ends[:-1], ends[1:]
    )


def flown(plan: Plan, lat: Floats, lon: Floats) -> Flight:
    """The flight along a chain of geodesics that costs least by its weights.

    Raises: WindRefused where the wind field ends; FuelError for a type without a model.
    """
    track = _track(np.asarray(lat, float), np.asarray(lon, float))
    levels, table = table_for(plan, track.length)
    aircraft, load = plan.aircraft, plan.load
    zero_fuel = aircraft.operating_empty_mass_kg + load.payload_kg
    found: Flight | None = None
    if load.fuel_kg is not None:
        return _one(plan, track, levels, table, zero_fuel + load.fuel_kg, zero_fuel, None)[0]
    mass = _first_guess(table, zero_fuel, track.length, aircraft)
    ceiling = min(aircraft.max_takeoff_mass_kg, zero_fuel + aircraft.max_fuel_kg)
    memory: Any = None
    tried: list[tuple[float, float]] = []
    roomy: tuple[float, Flight] | None = None
    for _ in range(12):
        mass = min(mass, ceiling)
        flight, memory = _one(plan, track, levels, table, mass, zero_fuel, memory)
        if flight.shortfalls and flight.landing_mass_kg != flight.landing_mass_kg:
            found = found or flight
            if mass < 0.75 * ceiling:  # perhaps too light a guess to end at
                mass = min(ceiling, 1.1 * mass)
                continue
            # too heavy to hold a level perhaps: the fuel is more than it need be
            if tried or mass <= 1.02 * zero_fuel:
                break
            mass = 0.5 * (mass + zero_fuel)
            continue
        spare = flight.landing_mass_kg - zero_fuel - flight.reserve_kg
        tried.append((mass, spare))
        found = flight
        if abs(spare) <= CLOSE:
            break
        if spare > 0.0 and not flight.shortfalls and (roomy is None or spare < roomy[0]):
            roomy = spare, flight
        if spare < 0.0 and mass >= ceiling - 1e-6:
            break
        slope = 0.75
        if len(tried) > 1 and abs(tried[-1][0] - tried[-2][0]) > 1.0:
            slope = (tried[-1][1] - tried[-2][1]) / (tried[-1][0] - tried[-2][0])
            slope = min(1.0, max(0.3, slope))
        mass = mass - spare / slope + (0.3 * CLOSE if abs(spare) < 50.0 else 0.0)
    else:
        if roomy is not None:  # a change of level made the landing jump: the least that is enough
            found = roomy[1]
    assert found is not None
    return _judged(plan, found, ceiling)


def _judged(plan: Plan, flight: Flight, ceiling: float) -> Flight:
    """The flight with a shortfall where its fuel does not reach."""
    short = flight.reserve_kg - (flight.landing_mass_kg - flight.zero_fuel_mass_kg)
    if flight.shortfalls or not short > 5.0:
        return flight
    aircraft = plan.aircraft
    tanks = flight.zero_fuel_mass_kg + aircraft.max_fuel_kg <= aircraft.max_takeoff_mass_kg
    limit = "the tanks hold" if tanks else "the greatest take-off mass allows"
    cure = None
    if plan.load.payload_kg > 0.0 and not tanks:
        cure = Cure("", "", f"carry about {1.2 * short:,.0f} kg less payload, or land on the way")
    else:
        cure = Cure("", "", "land on the way, or take fuel on in the air (longreach plan)")
    one = Shortfall(
        f"{aircraft.code}: the flight and its reserve need {short:,.0f} kg more fuel than {limit}",
        "the landing",
        short,
        "kg",
        cure,
    )
    return replace(flight, shortfalls=(one,))


def _first_guess(table: Table, zero_fuel: float, length: float, aircraft: Aircraft) -> float:
    """Take-off mass by a constant share of mass burnt for each metre of still air (Breguet)."""
    middle = int(np.argmin(np.abs(table.mass_kg - 1.15 * zero_fuel)))
    rate = np.nanmin(table.flow[middle] / table.speed) / table.mass_kg[middle]
    if not np.isfinite(rate):
        rate = 5e-8
    landing = 1.03 * zero_fuel
    return float(min(landing * math.exp(rate * length * 1.05), aircraft.max_takeoff_mass_kg))


def _allowed(plan: Plan, track: _Track, levels: Any, table: Table, when: Floats) -> Any:
    """(stretches, levels): whether each level may be flown in each stretch, by rule and limited closures."""
    allowed = np.ones((track.middle.size, levels.size), np.bool_)
    if plan.rule == "semicircular":
        for k, level in enumerate(levels):
            allowed[:, k] = track.east == eastbound(int(level))
    for one in plan.limited:
        from longreach.trajectory._path_kernels import crossing

        met = np.zeros(len(track.a), np.bool_)
        crossing(one.net, np.ascontiguousarray(track.a), np.ascontiguousarray(track.b), met)
        if not met.any():
            continue
        held = (table.level_m >= one.low_m - 1.0) & (table.level_m <= one.high_m + 1.0)
        for low, high in one.windows:
            inside = met & (when[1:] >= low) & (when[:-1] <= high)
            allowed[np.ix_(inside, held)] = False
    return allowed


def _one(
    plan: Plan, track: _Track, levels: Any, table: Table, mass: float, zero_fuel: float, memory: Any
) -> tuple[Flight, Any]:
    """Plan and fly from one take-off mass. `memory` holds times and worths of a flight much like it."""
    aircraft = plan.aircraft
    a = performance.parameters(aircraft)
    n, length = track.middle.size, track.length
    if memory is None:
        slow = float(np.nanmax(np.where(np.isfinite(table.flow).any(axis=0), table.speed, np.nan)))
        seconds = plan.began + track.x / (0.97 * slow)
        worth = (zero_fuel * 1.03 / mass) ** (1.0 - track.x / length)
        landing = 1.03 * zero_fuel
    else:
        seconds, worth, landing = memory
    height = table.level_m
    cruise = plan.mach if plan.mach is not None else aircraft.cruise_mach
    top_cas = min(fuel_kernels.DESCENT_CAS, max(float(a[fuel_kernels.CLIMB_CAS]), 200.0 * fuel_kernels.KT))
    code, start_x, start_m, start_t = kernels.climb_out(
        a, mass, plan.origin_elevation_m, height, cruise, plan.grid, plan.began, track.node_x, track.points
    )
    _refuse(code, track, height, plan)
    planned = None
    for _ in range(3 if memory is None else 1):
        code, end_d, end_fuel, end_t, line_h, line_x = kernels.descent_in(
            a, max(landing, float(a[fuel_kernels.M_MIN])), plan.destination_elevation_m, height, cruise,
            plan.grid, plan.began, float(seconds[-1]), track.node_x, track.points, top_cas,
        )  # fmt: skip
        _refuse(code, track, height, plan)
        along, across2, warm = (np.empty((n, height.size)) for _ in range(3))
        refused = kernels.track_winds(
            plan.grid, track.middle, 0.5 * (seconds[:-1] + seconds[1:]), height, track.node_x, track.points,
            along, across2, warm,
        )  # fmt: skip
        if refused[0]:
            raise _wind_refused(refused, track, height, 0.5 * (seconds[:-1] + seconds[1:]))
        allowed = _allowed(plan, track, levels, table, seconds)
        planned = kernels.plan_levels(
            track.x, along, across2, warm, allowed, height, table.mass_kg, table.flow, table.speed, table.mach,
            table.lift, plan.weights.nuisance, mass, start_x, start_m, start_t, end_d, end_fuel, end_t, worth,
            plan.weights.along(track.middle), plan.weights.per_kg, 1.01 * float(table.mass_kg[0]), True,
        )  # fmt: skip
        if planned[0] >= kernels.NEVER:
            break
        _, way, number, masses, clocks, end_m, end_clock = planned
        landing = float(end_m)
        seconds = _filled(track.x, clocks, float(end_clock), plan.began)
        worth = kernels.worth_of_fuel(
            track.x,
            way,
            number,
            masses,
            along,
            across2,
            warm,
            table.flow,
            table.speed,
            table.mass_kg,
            table.mach,
        )
    if planned is None or planned[0] >= kernels.NEVER:
        return _unflown(plan, track, table, mass, zero_fuel, start_x, end_d), (seconds, worth, landing)
    plan_x, plan_h, plan_mach = _legs(track, planned[1], planned[2], height, cruise)
    hold_at, hold_s = plan.hold if plan.hold is not None else (math.nan, 0.0)
    rows = np.empty(
        (int(length / 600.0 / 20.0 + 3 * len(plan_x)) + int(hold_s / 50.0) + 2000, kernels.COLUMNS)
    )
    for _ in range(2):
        code, excess, used, end = kernels.fly(
            a, track.node_x, track.points, track.is_vertex, plan_x, plan_h, plan_mach, plan.grid, plan.began,
            mass, zero_fuel, plan.origin_elevation_m, plan.destination_elevation_m, line_h, line_x, False, True,
            hold_at, hold_s, top_cas, rows,
        )  # fmt: skip
        if code >= kernels.WIND_REFUSED:
            row = rows[max(0, used - 1)]
            raise WindRefused(
                code - kernels.WIND_REFUSED, row[kernels.R_LAT], row[kernels.R_LON], float(excess),
                plan.began + float(end[0]),
            )  # fmt: skip
        if code != fuel_kernels.OK or abs(float(end[0]) + plan.began - float(seconds[-1])) < 60.0:
            break
        seconds = seconds + (float(end[0]) + plan.began - float(seconds[-1])) * (track.x / length)
        code, _, _, _, line_h, line_x = kernels.descent_in(
            a, max(landing, float(a[fuel_kernels.M_MIN])), plan.destination_elevation_m, height, float(plan_mach[-1]),
            plan.grid, plan.began, float(seconds[-1]), track.node_x, track.points, top_cas,
        )  # fmt: skip
        _refuse(code, track, height, plan)
    flight = _flight(plan, rows[:used].copy(), code, float(excess), end, mass, zero_fuel)
    return flight, (seconds, worth, landing)


def _refuse(code: int, track: _Track, height: Floats, plan: Plan) -> None:
    if code >= kernels.WIND_REFUSED:
        from longreach.route.obstacles import position

        lat, lon = position(track.points[0])
        raise WindRefused(
            code - kernels.WIND_REFUSED, float(lat), float(lon), plan.origin_elevation_m, plan.began
        )


def _wind_refused(refused: Any, track: _Track, height: Floats, when: Floats) -> WindRefused:
    from longreach.route.obstacles import position

    code, i, k = refused
    at = int(np.searchsorted(track.node_x, track.middle[i]))
    lat, lon = position(track.points[min(at, len(track.points) - 1)])
    return WindRefused(code - kernels.WIND_REFUSED, float(lat), float(lon), float(height[k]), float(when[i]))


def _filled(x: Floats, clocks: Floats, end: float, began: float) -> Floats:
    """Times at the ends of the stretches where the plan knows some of them."""
    known = np.isfinite(clocks)
    known[0] = known[-1] = False
    at = np.concatenate([[x[0]], x[known], [x[-1]]])
    when = np.concatenate([[0.0], clocks[known], [end]])
    return began + np.interp(x, at, np.maximum.accumulate(when))


def _legs(track: _Track, way: Any, number: Floats, height: Floats, cruise: float) -> tuple[Any, Any, Any]:
    """Level and Mach from where on; a Mach number is kept where it changes by less than 0.001."""
    chosen = np.flatnonzero(way >= 0)
    xs: list[float] = []
    hs: list[float] = []
    ms: list[float] = []
    last = np.nan
    for k in chosen:
        h = float(height[way[k]])
        m = float(number[k]) if number[k] == number[k] else np.nan
        if m != m:
            m = last if last == last else np.nan
        if xs and hs[-1] == h and (m != m or abs(m - ms[-1]) < 0.001):
            continue
        xs.append(float(track.x[k]))
        hs.append(h)
        ms.append(m)
        last = m
    known = [m for m in ms if m == m]
    first = known[0] if known else cruise
    ms = [first if m != m else m for m in ms]
    return np.array(xs), np.array(hs), np.array(ms)


def _unflown(
    plan: Plan, track: _Track, table: Table, mass: float, zero_fuel: float, start_x: Floats, end_d: Floats
) -> Flight:
    """A flight for which no plan of levels exists, with why."""
    aircraft = plan.aircraft
    flow = np.array([
        [np.interp(mass, table.mass_kg, table.flow[:, k, j]) for j in range(table.mach.size)]
        for k in range(table.level_m.size)
    ])  # fmt: skip
    reached = np.isfinite(flow).any(axis=1)
    fits = start_x + end_d < track.length
    if not (reached & np.isfinite(start_x)).any():
        text = f"{aircraft.code}: no level can be held at {mass:,.0f} kg (buffet, thrust or ceiling)"
        one = Shortfall(text, "the climb", mass, "kg", Cure("", "", "take off lighter"))
    elif not (reached & fits).any():
        text = (
            f"the path of {track.length / 1852:,.0f} nm is too short to climb to FL{table.level_m[0] / FOOT / 100:03.0f} "
            "and descend again"
        )
        need = float(np.min(np.where(np.isfinite(start_x), start_x, np.inf) + end_d))
        one = Shortfall(text, "the path", (need - track.length) / 1852.0, "nm", None)
    elif _first_guess(table, 0.7 * zero_fuel, track.length, aircraft) > 0.9 * mass:
        text = f"{aircraft.code}: the fuel of {mass - zero_fuel:,.0f} kg runs out long before {track.length / 1852:,.0f} nm"
        one = Shortfall(
            text,
            "the cruise",
            mass - zero_fuel,
            "kg",
            Cure("", "", "land on the way, or take fuel on in the air"),
        )
    else:
        text = f"{aircraft.code}: no lawful level can be held all the way at {mass:,.0f} kg at take-off"
        one = Shortfall(text, "the cruise", 0.0, "kg", Cure("", "", "try another level rule or less mass"))
    return _as_flight(
        np.zeros((0, kernels.COLUMNS)), duration_s=math.nan, trip_kg=math.nan,
        takeoff_mass_kg=mass, landing_mass_kg=math.nan, zero_fuel_mass_kg=zero_fuel, reserve_kg=math.nan,
        contingency_kg=math.nan, hold_s=0.0, cost=math.inf,
        shortfalls=tuple(_overloaded(aircraft, mass, zero_fuel)) or (one,),
    )  # fmt: skip


def _as_flight(rows: Floats, **others: Any) -> Flight:
    """A flight of the kernel's rows; its other figures by name."""
    columns = {
        "time_s": kernels.R_TIME, "along_m": kernels.R_ALONG, "lat": kernels.R_LAT, "lon": kernels.R_LON,
        "altitude_m": kernels.R_HEIGHT, "tas_mps": kernels.R_TAS, "gs_mps": kernels.R_GS, "u_mps": kernels.R_U,
        "v_mps": kernels.R_V, "deviation_k": kernels.R_DEVIATION, "mach": kernels.R_MACH,
        "mass_kg": kernels.R_MASS, "burnt_kg": kernels.R_BURNT,
    }  # fmt: skip
    arrays: dict[str, Any] = {name: np.ascontiguousarray(rows[:, at]) for name, at in columns.items()}
    arrays["phase"] = rows[:, kernels.R_PHASE].astype(np.int64)
    for each in arrays.values():
        each.setflags(write=False)
    return Flight(**arrays, steps=_steps(rows), **others)


def _overloaded(aircraft: Aircraft, mass: float, zero_fuel: float) -> list[Shortfall]:
    """Masses at take-off over their limits."""
    over = [
        (mass - aircraft.max_takeoff_mass_kg, "take-off mass over the greatest"),
        (mass - zero_fuel - aircraft.max_fuel_kg, "take-off fuel over what the tanks hold"),
        (zero_fuel - (aircraft.max_zero_fuel_mass_kg or math.inf), "zero-fuel mass over the greatest"),
    ]
    return [
        Shortfall(f"{aircraft.code}: {what}", "take-off", by, "kg", Cure("", "", "load less"))
        for by, what in over
        if by > 0.5
    ]


def _flight(
    plan: Plan, rows: Floats, code: int, excess: float, end: Floats, mass: float, zero_fuel: float
) -> Flight:
    aircraft, load = plan.aircraft, plan.load
    landing, trip, duration = float(end[3]), float(end[4]), float(end[0])
    contingency = load.reserve.contingency * trip
    final = float(
        final_reserve(
            aircraft,
            min(max(landing, aircraft.operating_empty_mass_kg), aircraft.max_inflight_mass_kg),
            load.reserve.final_s,
            plan.destination_elevation_m,
        )
    )
    faults: list[Shortfall] = []
    last = rows[-1]
    where = (
        f"{last[kernels.R_LAT]:.3f},{last[kernels.R_LON]:.3f}, {last[kernels.R_ALONG] / 1852:,.0f} nm along"
    )
    if code != fuel_kernels.OK:
        what, unit_ = _LIMITS.get(code, ("the flight cannot be integrated", ""))
        faults.append(Shortfall(f"{aircraft.code}: {what}", where, excess, unit_, None))
    faults += _overloaded(aircraft, mass, zero_fuel)
    if load.fuel_kg is not None and code == fuel_kernels.OK:
        short = final + contingency - (landing - zero_fuel)
        if short > 0.5:
            faults.append(
                Shortfall(
                    f"{aircraft.code}: lands with {landing - zero_fuel:,.0f} kg, {short:,.0f} kg under the reserve",
                    "the landing",
                    short,
                    "kg",
                    Cure("", "", f"take off with {1.4 * short:,.0f} kg more fuel"),
                )
            )
    weights = plan.weights
    return _as_flight(
        rows, duration_s=duration, trip_kg=trip, takeoff_mass_kg=mass,
        landing_mass_kg=landing, zero_fuel_mass_kg=zero_fuel, reserve_kg=final + contingency,
        contingency_kg=contingency, hold_s=plan.hold[1] if plan.hold else 0.0,
        cost=weights.per_second * duration + weights.per_kg * trip, shortfalls=tuple(faults),
    )  # fmt: skip


def _steps(rows: Floats) -> tuple[Step, ...]:
    """Levels held in cruise, in order."""
    steps: list[Step] = []
    for row in rows:
        if int(row[kernels.R_PHASE]) != fuel_kernels.CRUISE_PHASE:
            continue
        level = round(row[kernels.R_HEIGHT] / FOOT / 100.0)
        if steps and steps[-1].level == level:
            continue
        steps.append(
            Step(
                float(row[kernels.R_ALONG]), float(row[kernels.R_LAT]), float(row[kernels.R_LON]),
                float(row[kernels.R_TIME]), int(level), round(float(row[kernels.R_MACH]), 3),
            )
        )  # fmt: skip
    return tuple(steps)


def passed(flight: Flight, along_m: float) -> float:
    """Time since take-off [s] at which a place along the path is first reached."""
    k = int(np.searchsorted(flight.along_m, along_m - 1e-3))
    if k == 0 or k == flight.along_m.size:
        return float(flight.time_s[min(k, flight.along_m.size - 1)])
    x0, x1 = flight.along_m[k - 1], flight.along_m[k]
    share = min(1.0, float((along_m - x0) / (x1 - x0)))
    return float(flight.time_s[k - 1] + share * (flight.time_s[k] - flight.time_s[k - 1]))
