"""The best flight between two places: path, levels and Mach together, lawful, with how good it can be.

1. The shortest lawful path round everything closed throughout (`route`), which also says where there is none.
2. The really different paths through the wind (`paths.cheapest`), time-limited closures kept while in force.
3. Each that could be best is flown as a whole (`flight.flown`); the cheapest is measured against the
   raw boundaries, on the ellipsoid and at its own times and levels. A path that fails there is not answered.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach import route
from longreach.errors import Fault, InputError
from longreach.fuel.reserves import final_reserve
from longreach.geodesy import Floats, distance, path_length
from longreach.route.boundary import NOISE
from longreach.route.result import Cure, Shortfall
from longreach.route.timed import windows_of
from longreach.trajectory import bound as bounds
from longreach.trajectory import flight as flights
from longreach.trajectory import mesh, paths
from longreach.trajectory.flight import Flight, Load, Plan, Weights
from longreach.trajectory.result import Appointment, Bound, Crossed, Trajectory, Way
from longreach.world.winds import WindError, WindField, still

if TYPE_CHECKING:
    from longreach.route import Prepared
    from longreach.world.aircraft import Aircraft
    from longreach.world.airspace import Closure

OBJECTIVES = ("time", "fuel", "cost")
CLOSE_CALL = 1.004  # paths whose reckoned cost is within this of the best are flown whole and compared
MOST_FLOWN = 4
PUNCTUAL = 30.0  # s, how near a required time must be met
MOST_HELD = 5  # flights that are early from which circling is tried
HOLD_BEFORE = (5e3, 45e3, 95e3)  # m before the place where it circles
SLACK = 120.0  # s added to the windows of a closure that a flight broke by its own clock
EXTREME = 6.0  # kg/s; weights of time looked at for a required time run to 5 sinh of this
Point = tuple[float, float]
LOAD = Load()


@dataclass(frozen=True, slots=True)
class Request:
    """A flight asked for.

    closures : everything closed, whatever its times and levels
    points : (lat, lon) [deg] from the first to the last, those between passed in order
    departure : take-off, UTC
    objective : "time" | "fuel" | "cost"; cost_index in kg of fuel a minute, for "cost"
    mach : one Mach number for the cruise, None: chosen
    rule : "semicircular" | "block" (see `levels`)
    required : (index into points, UTC): pass there at that time
    """

    closures: tuple[Closure, ...]
    points: tuple[Point, ...]
    aircraft: Aircraft
    field: WindField
    departure: datetime
    objective: str = "fuel"
    cost_index: float = 0.0
    load: Load = LOAD
    rule: str = "semicircular"
    mach: float | None = None
    elevations_m: tuple[float, float] = (0.0, 0.0)
    required: tuple[int, datetime] | None = None
    prove: bool = False

    def weights(self) -> Weights:
        """The cost in seconds for "time", in kg of fuel for the others."""
        if self.objective == "time":
            return Weights(1.0, 1e-7)
        return Weights(self.cost_index / 60.0 if self.objective == "cost" else 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class _World:
    """Closures sorted by what they ask: those that hold throughout, and those of some times or levels."""

    always: tuple[Closure, ...]
    some: tuple[Closure, ...]
    limited: tuple[paths.Limited, ...]
    prepared: Prepared


def optimise(
    closures: Iterable[Closure],
    points: Sequence[Point],
    aircraft: Aircraft,
    field: WindField,
    departure: datetime,
    *,
    objective: str = "fuel",
    cost_index: float = 0.0,
    load: Load | None = None,
    rule: str = "semicircular",
    mach: float | None = None,
    elevations_m: tuple[float, float] = (0.0, 0.0),
    required: tuple[int, datetime] | None = None,
    compare_still: bool = True,
    prove: bool = False,
) -> Trajectory:
    """The best flight through the points in order, by time, fuel or cost.

    Parameters
    ----------
    closures : closed areas; those with level bands or windows bind at those levels and times only
    points : two or more (lat, lon) [deg]
    field : the wind; it must hold every place, level and time the flight may come to
    departure : take-off, with a zone
    cost_index : kg of fuel a minute, what time is worth for objective "cost"
    required : (index of a point, time): a required time there; slowing down, speeding up or circling
    prove : whether a second look on a mesh twice as fine, and turned, is taken (`Bound.finer`)
    compare_still : whether the same flight in still air on the shortest path is reckoned too

    Raises: InputError for bad arguments, WindError where the wind field ends, FuelError for a type without a
    model. "Not feasible" is an answer with its shortfalls.
    """
    began = time.perf_counter()
    request = Request(
        tuple(closures), tuple(points), aircraft, field, departure, objective, cost_index,
        load or LOAD, rule, mach, elevations_m, required, prove,
    )  # fmt: skip
    _check(request)
    aircraft.require_model()
    world = _sorted(request)
    _warm(request)
    prepare_ms = (time.perf_counter() - began) * 1e3
    try:
        return _solve(request, world, prepare_ms, compare_still)
    except paths.WindRefused as refused:
        code, lat, lon, level, when = refused.place
        raise WindError(field.refusal(code, lat, lon, level, when)) from refused


_warmed: set[str] = set()


def _warm(request: Request) -> None:
    """Have the mesh, the aircraft's tables and the compiled kernels loaded before the question whose time is told."""
    mesh.mesh()
    plan = Plan(request.aircraft, still().grid(), 0.0, LOAD, Weights(0.0, 1.0), request.rule, request.mach)
    flights.table_for(plan, flights.SHORT)
    if not _warmed:
        _warmed.add("kernels")
        lat, lon = np.array([0.0, 0.0]), np.array([0.0, 6.0])
        net = route.prepare(()).outer
        # At any Mach number: the lowest levels, which are looked at here, may allow none of those asked for.
        plan = replace(plan, mach=None)
        table = flights.table_for(plan, flights.SHORT)[1].at_levels(np.arange(3))
        mass = 1.2 * request.aircraft.operating_empty_mass_kg
        paths.cheapest(paths.Setting(net, (), plan.grid, 0.0, table, (mass, mass), 0.0, 1.0), lat, lon)
        flights.flown(plan, lat, lon)


def _check(request: Request) -> None:
    faults = []
    if request.objective not in OBJECTIVES:
        faults.append(Fault(f"objective {request.objective!r} is not one of {', '.join(OBJECTIVES)}"))
    if request.departure.tzinfo is None:
        faults.append(Fault(f"departure {request.departure.isoformat()} has no zone", hint="end it in Z"))
    if not 0.0 <= request.cost_index <= 1000.0:
        faults.append(Fault(f"cost index {request.cost_index:g} is outside 0 to 1,000 kg a minute"))
    if len(request.points) < 2:
        faults.append(Fault(f"{len(request.points)} point; a flight needs two at least"))
    if request.load.payload_kg < 0.0 or (request.load.fuel_kg or 0.0) < 0.0:
        faults.append(Fault("payload and fuel must be 0 kg or more"))
    if request.required is not None and not 1 <= request.required[0] < len(request.points):
        faults.append(Fault("a required time is at a point after the first"))
    if faults:
        raise InputError(faults)
    flights.flight_levels(request.rule, request.aircraft.ceiling_m)


def _sorted(request: Request, *, hard: frozenset[str] = frozenset(), slack: float = 0.0) -> _World:
    """Closures sorted; `hard` ids are kept as if they held throughout, windows are widened by `slack` [s]."""
    departure, field = request.departure, request.field
    length = sum(float(distance(*a, *b)) for a, b in zip(request.points, request.points[1:], strict=False))
    latest = departure + timedelta(seconds=3.0 * length / 150.0 + 6 * 3600.0)
    always, some, limited = [], [], []
    for closure in request.closures:
        bands = closure.floor_m is not None or closure.ceiling_m is not None
        windows = [
            (begin, end)
            for begin, end in windows_of(closure)
            if (end is None or end >= departure) and (begin is None or begin <= latest)
        ]
        if not windows or (
            closure.floor_m is not None and closure.floor_m > request.aircraft.ceiling_m + 1.0
        ):
            continue
        whole = any(
            (begin is None or begin <= departure) and (end is None or end >= latest) for begin, end in windows
        )
        if closure.id in hard or (whole and not bands):
            always.append(closure)
            continue
        some.append(closure)
        seconds = tuple(
            (
                -math.inf if begin is None else _clock(field, departure, begin) - slack,
                math.inf if end is None else _clock(field, departure, end) + slack,
            )
            for begin, end in windows
        )
        limited.append(
            paths.Limited(
                closure.id,
                route.prepare([closure]).outer,
                -math.inf if closure.floor_m is None else closure.floor_m,
                math.inf if closure.ceiling_m is None else closure.ceiling_m,
                seconds,
            )
        )
    return _World(tuple(always), tuple(some), tuple(limited), route.prepare(always))


def _start(field: WindField, departure: datetime) -> float:
    """The departure on the field's clock [s]; a steady field's clock starts with the flight."""
    return 0.0 if field.steady or field.uniform else field.seconds(departure)


def _clock(field: WindField, departure: datetime, when: datetime) -> float:
    return _start(field, departure) + (when - departure).total_seconds()


def _solve(request: Request, world: _World, prepare_ms: float, compare_still: bool) -> Trajectory:
    began = time.perf_counter()
    shortest = route.via(world.prepared, list(request.points))
    if not shortest.feasible:
        return _none(request, world, shortest, prepare_ms, began)
    hard: set[str] = set()
    slack = 0.0
    notes: list[str] = []
    for _ in range(6):
        found = _best(request, world)
        broken = _broken(request, world, found)
        if not broken:
            break
        if slack < 2 * SLACK:  # its own clock differs a little from the search's: be wider
            slack += SLACK
            world = _sorted(request, hard=frozenset(hard), slack=slack)
        else:
            hard |= set(broken)
            notes.append(f"{', '.join(sorted(broken))} kept as if in force at all times and levels")
            world = _sorted(request, hard=frozenset(hard), slack=slack)
            shortest = route.via(world.prepared, list(request.points))
            if not shortest.feasible:
                return _none(request, world, shortest, prepare_ms, began)
    else:
        raise route_error(request, broken)
    if not found.covered:
        notes.append("the wind field ends within what could pay: no way outside it was looked at")
    if flights.levels_for(found.plan, shortest.length_m)[1]:
        notes.append("the wind field ends below the ceiling: no level above it was looked at")
    elapsed = (time.perf_counter() - began) * 1e3
    compared = _in_still_air(request, shortest) if compare_still else None
    return _answer(request, world, shortest, found, compared, tuple(notes), prepare_ms, elapsed)


def route_error(request: Request, broken: Sequence[str]) -> Exception:
    """The solver's own check failed and goes on failing."""
    from longreach.errors import RouteError

    return RouteError(
        f"the flight found breaks {', '.join(broken)}: the solver cannot stand behind it; please report this"
    )


@dataclass(frozen=True, slots=True)
class _Found:
    lat: Floats
    lon: Floats
    flight: Flight
    plan: Plan
    ways: tuple[Way, ...]
    appointment: Appointment | None
    corners: tuple[float, ...]  # m along at each point of the request
    slowed: bool
    finer: float | None
    covered: bool


def _plan(request: Request, world: _World, weights: Weights | None = None) -> Plan:
    return Plan(
        request.aircraft, request.field.grid(), _start(request.field, request.departure), request.load,
        weights or request.weights(), request.rule, request.mach, *request.elevations_m, world.limited,
    )  # fmt: skip


def _best(request: Request, world: _World) -> _Found:
    """The cheapest flight over the really different ways."""
    plan = _plan(request, world)
    chains, covered = _chains(request, world, plan)
    finer = None
    if request.prove:
        again, _ = _chains(request, world, plan, mesh.FINER)
        finer = again[0][0] / chains[0][0] - 1.0
        chains = sorted([*chains, *again[:1]], key=lambda one: one[0]) if finer < -1e-6 else chains
    flown: list[tuple[float, int, Any]] = []
    for k, (cost, lat, lon) in enumerate(chains[:MOST_FLOWN]):
        if k and cost > chains[0][0] * CLOSE_CALL:
            break
        flight = flights.flown(plan, lat, lon)
        flown.append((flight.cost if flight.feasible else math.inf, k, flight))
    _, best, flight = min(flown, key=lambda one: (one[0], one[1]))
    _, lat, lon = chains[best]
    ways = []
    for k, (_, way_lat, way_lon) in enumerate(chains):
        given = next((one[2] for one in flown if one[1] == k), None)
        if given is None:
            given = flights.flown(plan, way_lat, way_lon)
        ways.append(
            Way(
                path_length(way_lat, way_lon), given.duration_s, given.trip_kg,
                given.cost if given.feasible else math.inf, k == best,
            )
        )  # fmt: skip
    ways.sort(key=lambda way: (not way.chosen, way.cost))
    slowed = False
    if not flight.feasible and request.objective == "time" and request.load.fuel_kg is None:
        flight, plan, slowed = _slowed_to_fit(plan, lat, lon, flight)
    corners = _corners(request, lat, lon)
    appointment = None
    if request.required is not None:
        flight, plan, appointment = _on_time(request, plan, lat, lon, flight, corners)
    return _Found(lat, lon, flight, plan, tuple(ways), appointment, corners, slowed, finer, covered)


def _chains(
    request: Request, world: _World, plan: Plan, cuts: int = mesh.CUTS
) -> tuple[list[tuple[float, Floats, Floats]], bool]:
    """(cost, lat, lon) of whole paths, the cheapest first: for each leg its ways, alternatives one at a time.

    And whether the wind field covered all that could pay.
    """
    clock = plan.began
    legs: list[tuple[paths.Path, ...]] = []
    straight = [
        route.shortest(world.prepared, a, b) for a, b in zip(request.points, request.points[1:], strict=False)
    ]
    total = sum(one.length_m for one in straight)
    masses = _masses(request, plan, total)
    flown, whole = 0.0, True
    for leg in straight:
        share0, share1 = flown / max(total, 1.0), (flown + leg.length_m) / max(total, 1.0)
        setting = paths.Setting(
            world.prepared.outer,
            world.limited,
            plan.grid,
            clock,
            _coarse(plan, total, masses),
            (masses[0] * (masses[1] / masses[0]) ** share0, masses[0] * (masses[1] / masses[0]) ** share1),
            plan.weights.per_second,
            plan.weights.per_kg,
            cuts,
        )
        ways, covered = paths.look(setting, leg.lat, leg.lon)
        whole &= covered
        lawful = [way for way in ways if _lawful(world, way.lat, way.lon)]
        if not lawful:
            lawful = [paths.Path(leg.lat, leg.lon, math.inf, np.full(leg.lat.size, clock))]
        legs.append(tuple(lawful))
        end = float(lawful[0].when[-1])
        clock = end if math.isfinite(end) else clock + leg.length_m / 230.0
        flown += leg.length_m
    best = [ways[0] for ways in legs]
    chains = [_joined(best)]
    for k, ways in enumerate(legs):
        for other in ways[1:]:
            chains.append(_joined([*best[:k], other, *best[k + 1 :]]))
    chains.sort(key=lambda one: one[0])
    return chains, whole


def _joined(ways: Sequence[paths.Path]) -> tuple[float, Floats, Floats]:
    lat = np.concatenate([ways[0].lat[:1], *(way.lat[1:] for way in ways)])
    lon = np.concatenate([ways[0].lon[:1], *(way.lon[1:] for way in ways)])
    return sum(way.cost for way in ways), np.round(lat, 7), np.round(lon, 7)


def _lawful(world: _World, lat: Floats, lon: Floats) -> bool:
    """Whether a path keeps every closure that holds throughout, measured on the raw boundaries."""
    lat, lon = np.round(lat, 7), np.round(lon, 7)
    return all(
        one.clearance_m >= closure.stand_off_m - NOISE
        for one, closure in zip(route.clearances(world.always, lat, lon), world.always, strict=True)
    )


def _masses(request: Request, plan: Plan, length: float) -> tuple[float, float]:
    """Take-off and landing mass as first reckoned."""
    zero_fuel = request.aircraft.operating_empty_mass_kg + request.load.payload_kg
    _, table = flights.table_for(plan, length)
    start = flights._first_guess(table, zero_fuel, length, request.aircraft)
    end = 1.03 * zero_fuel
    if request.load.fuel_kg is not None:
        start, end = zero_fuel + request.load.fuel_kg, end * (zero_fuel + request.load.fuel_kg) / start
    return max(start, end * 1.0001), min(max(end, zero_fuel), start)


def _coarse(plan: Plan, length: float, masses: tuple[float, float]) -> Any:
    """The table at the few levels the path search looks at: round the best in still air, 2,000 ft apart."""
    levels, table = flights.table_for(plan, length)
    weights = plan.weights
    best = []
    for mass in np.linspace(*masses, 4):
        i = int(np.argmin(np.abs(table.mass_kg - mass)))
        gain = table.speed / (weights.per_second + weights.per_kg * table.flow[i])
        if np.isfinite(gain).any():
            best.append(int(np.nanargmax(np.nanmax(np.where(np.isfinite(gain), gain, -1.0), axis=1))))
    if not best:
        best = [levels.size - 1]
    low, high = levels[min(best)] - 40, levels[max(best)] + 20
    if plan.limited:
        low = LOWEST_AROUND
    wanted = np.flatnonzero((levels >= low) & (levels <= high))
    if wanted.size == 0:
        wanted = np.array([best[0]])
    step = 2 if wanted.size <= 16 else 3
    chosen = wanted[::-1][::step][::-1]
    machs = np.arange(table.mach.size)
    return table.at_levels(np.ascontiguousarray(chosen)).at_machs(machs)


LOWEST_AROUND = 150  # flight level; how low a path is looked for under or over a closure


def _corners(request: Request, lat: Floats, lon: Floats) -> tuple[float, ...]:
    """Distance along the path [m] at which each point of the request is passed."""
    leg = distance(lat[:-1], lon[:-1], lat[1:], lon[1:])
    along = np.concatenate([[0.0], np.cumsum(leg)])
    found, after = [0.0], 0
    for point in request.points[1:-1]:
        off = distance(lat[after:], lon[after:], point[0], point[1])
        after += int(np.argmin(off))
        found.append(float(along[after]))
    return (*found, float(along[-1]))


def _slowed_to_fit(plan: Plan, lat: Floats, lon: Floats, fast: Flight) -> tuple[Flight, Plan, bool]:
    """The quickest flight whose fuel the tanks hold, where flat out they do not."""
    lean_plan = replace(plan, weights=Weights(0.0, 1.0))
    lean = flights.flown(lean_plan, lat, lon)
    if not lean.feasible:
        return fast, plan, False
    low, high = 0.0, 20.0  # kg/s that time is worth: low fits, high does not
    best, best_plan = lean, lean_plan
    for _ in range(14):
        middle = 0.5 * (low + high) if low > 0.0 else 0.1 * high
        tried = replace(plan, weights=Weights(middle, 1.0))
        flight = flights.flown(tried, lat, lon)
        if flight.feasible:
            low = middle
            if flight.duration_s < best.duration_s:
                best, best_plan = flight, tried
        else:
            high = middle
        if high - low < 0.01 * high:
            break
    return best, best_plan, True


def _on_time(
    request: Request, plan: Plan, lat: Floats, lon: Floats, free: Flight, corners: tuple[float, ...]
) -> tuple[Flight, Plan, Appointment]:
    """The flight that passes a place at a required time: by speed where that does, else by circling there."""
    assert request.required is not None
    index, required = request.required
    along = corners[index]
    wanted = (required - request.departure).total_seconds()
    when = flights.passed(free, along) if free.time_s.size else math.nan

    def answer(
        flight: Flight, kept: Plan, action: str, hold: float = 0.0
    ) -> tuple[Flight, Plan, Appointment]:
        passed_s = flights.passed(flight, along)
        at = request.departure + timedelta(seconds=passed_s)
        late = passed_s - wanted
        if action == "too late" and flight.feasible:
            flight = replace(
                flight,
                shortfalls=(
                    Shortfall(
                        f"the required time {required:%Y-%m-%dT%H:%M:%SZ} cannot be kept: {late / 60:,.1f} min late at "
                        "the greatest speed",
                        f"{along / 1852:,.0f} nm along", late, "s",
                        Cure("", "", f"take off {late / 60:,.0f} min earlier"),
                    ),
                ),
            )  # fmt: skip
        free_at = request.departure + timedelta(seconds=when if when == when else 0.0)
        return flight, kept, Appointment(along, required, at, action, hold, free_at)

    if when != when or not free.feasible:
        return answer(free, plan, "too late") if free.time_s.size else (
            free, plan, Appointment(along, required, required, "too late", 0.0, required)
        )  # fmt: skip
    if abs(when - wanted) <= PUNCTUAL:
        return answer(free, plan, "on time")
    kg_s = plan.weights.per_second / plan.weights.per_kg
    after = min(kg_s, 5.0 * math.sinh(EXTREME))

    def at_weight(s: float) -> tuple[Flight, Plan]:
        worth = 5.0 * math.sinh(s)
        tried = replace(plan, weights=Weights(worth, 1.0, along + 1.0, after))
        return flights.flown(tried, lat, lon), tried

    early = when < wanted
    neutral = math.asinh(after / 5.0)
    low, high = (-EXTREME, neutral) if early else (neutral, EXTREME)  # slower, faster
    extreme, kept = at_weight(low if early else high)
    reached = flights.passed(extreme, along) if extreme.feasible else math.nan
    if not early and not reached <= wanted + PUNCTUAL:
        return answer(extreme if extreme.feasible else free, kept if extreme.feasible else plan, "too late")
    early_ones: list[tuple[float, Flight, Plan]] = []  # in time, by when they pass

    def keep(flight: Flight, tried: Plan) -> float:
        if not flight.feasible:
            return math.nan
        passed = flights.passed(flight, along)
        if passed <= wanted + 0.2 * PUNCTUAL:
            early_ones.append((passed, flight, tried))
        return passed

    keep(free, plan)
    keep(extreme, kept)
    if not early and reached > wanted:  # within what counts as punctual
        early_ones.append((reached, extreme, kept))
    if early and reached == reached and reached < wanted - PUNCTUAL:
        low = high  # slow as it can be it is still early: circle for the rest, at the speed wanted
    for _ in range(16):
        if high - low < 1e-4:
            break
        middle = 0.5 * (low + high)
        flight, tried = at_weight(middle)
        if not flight.feasible:
            high, low = (middle, low) if not early else (high, middle)
            continue
        reached = keep(flight, tried)
        if abs(reached - wanted) <= 0.2 * PUNCTUAL:
            return answer(flight, tried, "slow down" if early else "speed up")
        if reached <= wanted:
            high = middle
        else:
            low = middle
    # A change of level can make the time jump past the one required: circle for what is left then. The fuel for
    # that makes the flight heavier, which may jump again: then from the flight that is a little earlier.
    early_ones.sort(key=lambda one: -one[0])
    for passed, flight, tried in early_ones[:MOST_HELD]:
        if wanted - passed <= PUNCTUAL:
            return answer(flight, tried, "slow down" if early else "speed up")
        held = _held(tried, lat, lon, along, flight, wanted)
        if held is not None:
            return answer(*held[:2], "hold", held[2])
    off = min((wanted - passed for passed, _, _ in early_ones), default=wanted - when)
    missed = Shortfall(
        f"the required time {required:%Y-%m-%dT%H:%M:%SZ} is not met to {PUNCTUAL:.0f} s by speed or by circling; the nearest "
        f"found is {off / 60:,.1f} min early",
        f"{along / 1852:,.0f} nm along", off, "s", Cure("", "", "ask for another time, or none"),
    )  # fmt: skip
    return answer(replace(free, shortfalls=(missed,)), plan, "not met")


def _held(
    plan: Plan, lat: Floats, lon: Floats, along: float, flight: Flight, wanted: float
) -> tuple[Flight, Plan, float] | None:
    """The flight that circles shortly before a place to pass it at the time wanted [s], and for how long; None: none does."""
    cruise = np.flatnonzero(flight.phase == 1)
    if cruise.size == 0:
        return None
    last = min(along, float(flight.along_m[cruise[-1]]))  # before the last descent
    for before in HOLD_BEFORE:  # elsewhere where a level is being changed there
        left = wanted - flights.passed(flight, along)
        for _ in range(6):  # the fuel for it makes it heavier, which moves the time a little
            holding = replace(plan, hold=(last - before, left))
            held = flights.flown(holding, lat, lon)
            if not held.feasible:
                break
            off = wanted - flights.passed(held, along)
            if abs(off) <= 0.3 * PUNCTUAL:
                return held, holding, left
            left += off
            if left <= 0.0:
                break
    return None


def _in_still_air(request: Request, shortest: Any) -> Flight:
    """The same flight on the shortest lawful path with no wind."""
    plan = Plan(
        request.aircraft, still().grid(), 0.0, request.load, request.weights(), request.rule, request.mach,
        *request.elevations_m,
    )  # fmt: skip
    flight = flights.flown(plan, shortest.lat, shortest.lon)
    if not flight.feasible and request.objective == "time" and request.load.fuel_kg is None:
        flight, _, _ = _slowed_to_fit(plan, shortest.lat, shortest.lon, flight)
    return flight


def _spells(closure: Closure, flight: Flight, departure: datetime) -> list[slice]:
    """Stretches of rows during which a closure of some times or levels holds for the flight."""
    low = -math.inf if closure.floor_m is None else closure.floor_m
    high = math.inf if closure.ceiling_m is None else closure.ceiling_m
    held = np.zeros(flight.time_s.size, bool)
    altitude = flight.altitude_m
    # a row counts with the way to the next, whose levels lie between the two
    top = np.maximum(altitude, np.append(altitude[1:], altitude[-1]))
    bottom = np.minimum(altitude, np.append(altitude[1:], altitude[-1]))
    leaves = np.append(flight.time_s[1:], flight.time_s[-1])
    for begin, end in windows_of(closure):
        since = -math.inf if begin is None else (begin - departure).total_seconds()
        until = math.inf if end is None else (end - departure).total_seconds()
        held |= (leaves >= since) & (flight.time_s <= until) & (top >= low - 0.5) & (bottom <= high + 0.5)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], held.astype(int), [0]])))
    return [slice(int(a), int(b) + 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _broken(request: Request, world: _World, found: _Found) -> list[str]:
    """Closures of some times or levels that the flight breaks by its own clock and levels."""
    flight = found.flight
    if not flight.time_s.size:
        return []
    broken = []
    for closure in world.some:
        for spell in _spells(closure, flight, request.departure):
            lat, lon = flight.lat[spell], flight.lon[spell]
            if lat.size == 1:
                lat, lon = np.repeat(lat, 2), np.repeat(lon, 2)
            (closest,) = route.clearances([closure], lat, lon)
            if closest.clearance_m < closure.stand_off_m - NOISE:
                broken.append(closure.id)
                break
    return broken


def _crossed(request: Request, world: _World, found: _Found) -> tuple[Crossed, ...]:
    """Closures that the path passes through while they do not hold for it."""
    flight = found.flight
    if not flight.time_s.size:
        return ()
    crossed = []
    for closure, one in zip(world.some, world.limited, strict=True):
        (closest,) = route.clearances([closure], found.lat, found.lon)
        if closest.clearance_m >= closure.stand_off_m - NOISE:
            continue
        from longreach.route.obstacles import unit
        from longreach.trajectory._path_kernels import crossing

        u = unit(flight.lat, flight.lon)
        met = np.zeros(len(u) - 1, np.bool_)
        crossing(one.net, np.ascontiguousarray(u[:-1]), np.ascontiguousarray(u[1:]), met)
        inside = np.flatnonzero(met)
        if inside.size == 0:
            continue
        enter, leave = float(flight.time_s[inside[0]]), float(flight.time_s[inside[-1] + 1])
        low, high = one.low_m, one.high_m
        levels = flight.altitude_m[inside[0] : inside[-1] + 2]
        why = "over it" if levels.min() > high else "under it" if levels.max() < low else "while not in force"
        crossed.append(
            Crossed(
                closure.id,
                request.departure + timedelta(seconds=enter),
                request.departure + timedelta(seconds=leave),
                why,
            )
        )
    return tuple(crossed)


def _none(request: Request, world: _World, shortest: Any, prepare_ms: float, began: float) -> Trajectory:
    nothing = np.empty(0)
    return Trajectory(
        False, nothing, nothing, math.inf, shortest.great_circle_m, math.inf, math.inf, None, None, (), (), (),
        None, None, request.departure, request.objective, request.cost_index, False, (), shortest.shortfalls,
        prepare_ms, (time.perf_counter() - began) * 1e3,
    )  # fmt: skip


def _answer(
    request: Request, world: _World, shortest: Any, found: _Found, compared: Flight | None,
    notes: tuple[str, ...], prepare_ms: float, elapsed: float,
) -> Trajectory:  # fmt: skip
    flight = found.flight
    return Trajectory(
        feasible=flight.feasible,
        lat=found.lat,
        lon=found.lon,
        length_m=path_length(found.lat, found.lon),
        great_circle_m=shortest.great_circle_m,
        shortest_m=shortest.length_m,
        lower_bound_m=shortest.lower_bound_m,
        flight=flight,
        still=compared,
        ways=found.ways,
        closest=route.clearances(world.always, found.lat, found.lon),
        crossed=_crossed(request, world, found),
        appointment=found.appointment,
        bound=_bound(request, found, shortest),
        departure=request.departure,
        objective=request.objective,
        cost_index=request.cost_index,
        slowed_to_fit=found.slowed,
        notes=notes,
        shortfalls=flight.shortfalls,
        prepare_ms=prepare_ms,
        elapsed_ms=elapsed,
    )


def _bound(request: Request, found: _Found, shortest: Any) -> Bound | None:
    """How good the flight is; None where it was not asked, or where a required time is what made it."""
    if not found.flight.feasible or not request.prove or found.finer is None or request.required is not None:
        return None
    flight = found.flight
    plan = _plan(request, _World((), (), (), route.prepare(())))
    table = flights.table_for(plan, shortest.length_m)[1]
    weights = request.weights()
    dry = flight.zero_fuel_mass_kg
    landing = dry + float(
        final_reserve(request.aircraft, dry, request.load.reserve.final_s, plan.destination_elevation_m)
    )
    cost = weights.per_second * flight.duration_s + weights.per_kg * flight.trip_kg
    asked = bounds.Question(
        plan.grid, plan.began, 1.5 * flight.duration_s, table, weights.per_second, weights.per_kg, landing, cost
    )  # fmt: skip
    points = request.points
    lower = 0.0
    for a, b in itertools.pairwise(points):
        length = shortest.lower_bound_m if len(points) == 2 else float(distance(*a, *b))
        lower += bounds.lower(asked, a, b, length)
    return Bound(lower, cost / lower - 1.0, found.finer)
