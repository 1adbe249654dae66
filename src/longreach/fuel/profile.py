"""A whole flight along a line of geodesics, integrated into rows: climb, cruise, refuelling, descent.

The line is given in segments. In each the aircraft flies a level of its own choosing (`altitude_m`
None: the best for its mass, climbing in steps as it gets lighter) or one it is told to, takes or gives
fuel evenly over a stretch, and may circle at the end. The answer is rows at whole seconds, at most 60 s
apart, with a row at every vertex, segment end, transfer end and change of phase. A flight that cannot
be done is an answer too: `Profile.failure`.

How time becomes whole seconds: events (vertices, transfers, changes of phase) fall on fractions of a
second; each is moved to the nearest whole second, and the seconds between two events are stretched
evenly to fit. Positions, masses and levels of a row belong to the row's own second. The speeds that
rows imply therefore differ from the true airspeed column by at most half a second per event interval.
Events nearer to one another than a second (vertices a few hundred metres apart) move by up to 1.5 s, and
what still finds no second of its own has no row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from longreach.errors import Fault, FuelError, InputError
from longreach.fuel import _kernels as kernels
from longreach.fuel import performance
from longreach.geodesy import direct, inverse, unit_vectors, wrap_longitude
from longreach.world import winds
from longreach.world.aircraft import Aircraft
from longreach.world.winds import Aloft, WindError

Floats = np.ndarray[Any, np.dtype[np.float64]]

PHASES = ("climb", "cruise", "descent", "refuel", "station", "hold")
KINDS = ("cruise", "refuel", "station", "hold", "accompany")
_NODE_SPACING = 20_000.0  # m between the points where the track over the ground is sampled
_LATEST = 1.5  # s by which a row may be moved where events crowd; vertices nearer than that share a row

_FAILURES = {
    kernels.FUEL_OUT: ("fuel runs out", "kg"),
    kernels.THRUST_SHORT: ("thrust is short of drag", "N"),
    kernels.BUFFET: ("lift coefficient over the buffet limit", "1"),
    kernels.TOO_HIGH: ("level above the ceiling", "m"),
    kernels.TANK_FULL: ("tanks overfilled", "kg"),
    kernels.TOO_HEAVY: ("over the greatest mass in flight", "kg"),
    kernels.WIND: ("wind too strong to hold the track", "m/s"),
    kernels.LATE_LEVEL: ("the level told is not reached in time", "m"),
    kernels.TOO_SHORT: ("the line ends before the descent does", "m"),
    kernels.NO_LEVEL: ("no level from 10,000 ft up can be held at this mass", "kg"),
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the line flown in one way.

    Parameters
    ----------
    lat, lon : (n,) float [deg], n >= 1, joined by geodesics; the first point is the last of the segment
        before. One point is a place to circle (`hold_s`).
    kind : "cruise" | "refuel" | "station" | "hold" | "accompany"
    mach : Mach number; None is the type's refuelling Mach in "refuel" and its cruise Mach elsewhere
    altitude_m : level to be held from the first point to the last [m]; None is the best level. The change to
        it is made in the "cruise" segment before it, where there is room
    fuel_taken_kg : fuel taken on (positive) or given (negative), spread evenly from `flow_from_m` to
        `flow_to_m` along this segment (None: its start, its end), or over `hold_s` if it has no length
    hold_s : time spent circling at the last point [s]; in "station" and "refuel" at the segment's Mach, in
        "hold" at the Mach given, else at the speed of least flow
    duration_s : time in which the segment's line is flown (not circled): the airspeed follows from it.
        For aircraft that keep another's clock; None is the Mach number's own time
    """

    lat: Floats
    lon: Floats
    kind: str = "cruise"
    mach: float | None = None
    altitude_m: float | None = None
    fuel_taken_kg: float = 0.0
    flow_from_m: float | None = None
    flow_to_m: float | None = None
    hold_s: float = 0.0
    duration_s: float | None = None

    def __post_init__(self) -> None:
        for name in ("lat", "lon"):
            array = np.array(getattr(self, name), float).ravel()
            array.setflags(write=False)
            object.__setattr__(self, name, array)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the flight cannot be done: what, where along the line, when, by how much, in which unit."""

    # "fuel" | "thrust" | "buffet" | "ceiling" | "tank" | "mass" | "wind" | "level" | "short" | "no_level"
    code: str
    what: str
    lat: float
    lon: float
    along_m: float
    time_s: float
    by: float
    unit: str
    segment: int

    def __str__(self) -> str:
        amount = f" by {self.by:,.0f} {self.unit}" if abs(self.by) >= 10 else f" by {self.by:.3g} {self.unit}"
        return (
            f"{self.what}{amount if self.by else ''} at {self.lat:.3f}, {self.lon:.3f}, "
            f"{self.along_m / 1852:,.0f} nm along, {self.time_s / 3600:.2f} h after take-off"
        )


_CODES = {
    kernels.FUEL_OUT: "fuel", kernels.THRUST_SHORT: "thrust", kernels.BUFFET: "buffet",
    kernels.TOO_HIGH: "ceiling", kernels.TANK_FULL: "tank", kernels.TOO_HEAVY: "mass", kernels.WIND: "wind",
    kernels.LATE_LEVEL: "level",
    kernels.TOO_SHORT: "short", kernels.NO_LEVEL: "no_level",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """A flight in rows. All arrays (n,), read-only; row i holds from time_s[i] to time_s[i + 1].

    time_s since take-off (whole seconds), lat, lon [deg], along_m [m], altitude_m (pressure altitude),
    tas_mps at the row, gs_mps the mean to the next row (0 at the last), wind u, v [m/s], mass_kg, fuel_kg
    (mass less zero-fuel mass), phase (index into PHASES), segment (index).
    vertex_time_s, vertex_row: one array per segment, one value per vertex (first arrival; the row at or after).
    segment_start_s, segment_end_s: (segments,), the end after circling. NaN where not reached.
    burn_kg, onload_kg, offload_kg, takeoff_kg, landing_kg: takeoff + onload - offload - burn = landing.
    least_fuel_kg: the least fuel on board (negative: how much is missing to the end of the line).
    On failure the rows stop where the failure is.
    """

    time_s: Floats
    lat: Floats
    lon: Floats
    along_m: Floats
    altitude_m: Floats
    tas_mps: Floats
    gs_mps: Floats
    u_mps: Floats
    v_mps: Floats
    mass_kg: Floats
    fuel_kg: Floats
    phase: np.ndarray[Any, np.dtype[np.int64]]
    segment: np.ndarray[Any, np.dtype[np.int64]]
    burnt_kg: Floats
    vertex_time_s: tuple[Floats, ...] = field(repr=False)
    vertex_row: tuple[np.ndarray[Any, np.dtype[np.int64]], ...] = field(repr=False)
    segment_start_s: Floats
    segment_end_s: Floats
    takeoff_kg: float
    landing_kg: float
    zero_fuel_kg: float
    burn_kg: float
    onload_kg: float
    offload_kg: float
    duration_s: float
    length_m: float
    least_fuel_kg: float
    factor: float
    failure: Failure | None

    def phase_names(self) -> list[str]:
        """Phase of every row in words."""
        return [PHASES[i] for i in self.phase]

    def at(self, time_s: float) -> tuple[float, float]:
        """(mass_kg, altitude_m) at a time within the flight, linear between rows; FuelError outside it."""
        if not self.time_s[0] <= time_s <= self.time_s[-1]:
            raise FuelError(f"{time_s:g} s is outside the flight, 0 to {self.time_s[-1]:g} s")
        return (
            float(np.interp(time_s, self.time_s, self.mass_kg)),
            float(np.interp(time_s, self.time_s, self.altitude_m)),
        )


def _checked(aircraft: Aircraft, segments: Sequence[Segment]) -> None:
    faults = []
    if not segments:
        faults.append(Fault("no segments: nothing to fly"))
    for i, s in enumerate(segments):
        key = f"segments.{i}"
        if s.lat.size != s.lon.size or s.lat.size < 1:
            faults.append(Fault(f"has {s.lat.size} latitudes and {s.lon.size} longitudes", key=key))
            continue
        if not (np.isfinite(s.lat).all() and np.isfinite(s.lon).all() and (np.abs(s.lat) <= 90).all()):
            faults.append(Fault("has a position that is not on the globe", key=key))
        if s.kind not in KINDS:
            faults.append(Fault(f"kind {s.kind!r} is not one of {', '.join(KINDS)}", key=key))
        if i and segments[i - 1].lat.size:
            before = segments[i - 1]
            east = abs(math.remainder(s.lon[0] - before.lon[-1], 360.0))
            if abs(s.lat[0] - before.lat[-1]) > 1e-7 or (east > 1e-7 and abs(s.lat[0]) < 89.9999999):
                faults.append(Fault("does not start where the segment before it ends", key=key))
        if not (math.isfinite(s.hold_s) and s.hold_s >= 0.0):
            faults.append(Fault(f"hold_s {s.hold_s!r} must be a time of 0 s or more", key=key))
        if not math.isfinite(s.fuel_taken_kg):
            faults.append(Fault(f"fuel_taken_kg {s.fuel_taken_kg!r} must be a number", key=key))
        if s.duration_s is not None and not s.duration_s > 0.0:
            faults.append(Fault(f"duration_s {s.duration_s!r} must be more than 0 s", key=key))
        if s.altitude_m is not None and not -500.0 <= s.altitude_m <= 20000.0:
            faults.append(Fault(f"altitude {s.altitude_m:g} m is outside -500 to 20,000 m", key=key))
        if s.mach is not None:
            try:
                performance.check_mach(aircraft, s.mach)
            except FuelError as error:
                faults.append(Fault(str(error), key=key))
    if faults:
        raise InputError(faults)


def fly(
    aircraft: Aircraft,
    segments: Sequence[Segment],
    takeoff_mass_kg: float,
    *,
    zero_fuel_mass_kg: float | None = None,
    origin_elevation_m: float = 0.0,
    destination_elevation_m: float = 0.0,
    aloft: Aloft | None = None,
    factor: float | None = None,
    ceiling_m: float | None = None,
    level_step_m: float = performance.LEVEL_STEP,
    start_altitude_m: float | None = None,
    land: bool = True,
) -> Profile:
    """Fly a line of segments and return the rows.

    Parameters
    ----------
    aircraft : type with a fuel model
    segments : in order; they join end to start
    takeoff_mass_kg : mass at the first point
    zero_fuel_mass_kg : operating empty mass + payload, default the operating empty mass
    origin_elevation_m, destination_elevation_m : where the climb starts and the descent ends, -400 to 5,000 m
    aloft : the wind and temperature it flies through, second 0 being this flight's take-off; None is still air
    factor : planning factor in place of the type's
    ceiling_m : highest level the aircraft may choose (levels told are held whatever it is, up to the type's)
    level_step_m : chosen levels are its multiples from 10,000 ft up; 1,000 ft by default
    start_altitude_m : start in the air at this level instead of taking off
    land : descend to the destination; False ends the line at level

    Fuel and mass limits at take-off (tanks, greatest take-off mass) and on the way (fuel, tanks, mass in
    flight, thrust, buffet, ceiling) come back as `Profile.failure`. With fuel short the flight is
    reckoned to the end all the same, so that `failure.by` and `least_fuel_kg` say how much is missing.

    Not modelled: the energy of changing speed between segments (under 110 kg for 250 t and M0.05, and it
    comes back), ground roll and taxi.

    Raises: InputError for bad segments, FuelError for impossible arguments.
    """
    _checked(aircraft, segments)
    a = performance.parameters(aircraft, factor)
    empty = aircraft.operating_empty_mass_kg
    zero_fuel = empty if zero_fuel_mass_kg is None else float(zero_fuel_mass_kg)
    if not zero_fuel >= empty - 0.5:
        raise FuelError(
            f"{aircraft.code}: zero-fuel mass {zero_fuel:,.0f} kg is under the empty {empty:,.0f} kg"
        )
    if not takeoff_mass_kg >= zero_fuel - 0.5:
        raise FuelError(
            f"{aircraft.code}: take-off mass {takeoff_mass_kg:,.0f} kg < zero-fuel mass {zero_fuel:,.0f} kg"
        )
    for name, elevation in (("origin", origin_elevation_m), ("destination", destination_elevation_m)):
        if not -500.0 <= elevation <= 5000.0:
            raise FuelError(f"{name} elevation {elevation:g} m is outside -500 to 5,000 m")
    if not level_step_m >= 10.0:
        raise FuelError(f"level step {level_step_m:g} m is under 10 m")
    cap = aircraft.ceiling_m if ceiling_m is None else float(ceiling_m)

    aloft = Aloft(winds.still()) if aloft is None else aloft
    line = _Line(segments)
    n = len(segments)
    kind = np.array([KINDS.index(s.kind) for s in segments], np.int64)
    mach = np.array([_mach(aircraft, s) for s in segments])
    altitude = np.array([math.nan if s.altitude_m is None else s.altitude_m for s in segments])
    fuel = np.array([s.fuel_taken_kg for s in segments], float)
    hold = np.array([s.hold_s for s in segments], float)
    hold_mach = np.array([_hold_mach(aircraft, s) for s in segments])
    flow_from, flow_to, gs = np.empty(n), np.empty(n), np.zeros(n)
    for i, s in enumerate(segments):
        x0, x1 = line.start[i], line.end[i]
        low = 0.0 if s.flow_from_m is None else s.flow_from_m
        high = x1 - x0 if s.flow_to_m is None else s.flow_to_m
        if s.fuel_taken_kg and not -1e-6 <= low <= high <= x1 - x0 + 1e-6:
            raise FuelError(
                f"segment {i}: fuel flows from {low:,.0f} to {high:,.0f} m, outside its {x1 - x0:,.0f} m"
            )
        if s.fuel_taken_kg and high <= low and not s.hold_s:
            raise FuelError(
                f"segment {i}: {s.fuel_taken_kg:,.0f} kg to transfer but no length or time for it"
            )
        flow_from[i], flow_to[i] = x0 + low, min(x0 + high, x1)
        if s.duration_s is not None and x1 > x0:
            gs[i] = (x1 - x0) / s.duration_s
    length = float(line.end[-1])
    most_rows = int(length / 1800.0 + hold.sum() / 60.0) + 6 * line.x.size + 30 * n + 2000
    rows = np.empty((most_rows, 12))
    code, excess, n_rows, out_row, vertex_time, seg_start, seg_end, state = kernels.fly(
        a, line.node_x, line.node_east, line.node_north, line.place, line.x, line.segment, line.start, line.end,
        kind, mach, altitude, fuel, flow_from, flow_to, hold, hold_mach, gs,
        aloft.field.grid(), float(aloft.start_s), float(aloft.headwind_mps),
        float(takeoff_mass_kg), zero_fuel, aircraft.max_fuel_kg, float(origin_elevation_m),
        float(destination_elevation_m), cap, float(level_step_m), bool(land),
        math.nan if start_altitude_m is None else float(start_altitude_m), rows,
    )  # fmt: skip
    if code == kernels.ROWS_FULL:
        raise FuelError(
            f"the flight needs more than {most_rows} rows: it is slower than 30 m/s over the ground"
        )
    rows = rows[:n_rows]
    time_end, x_end, h_end, _, burnt, taken, given, out_x, out_t, least = (float(v) for v in state)

    if code == kernels.NO_WIND:
        lat_out, lon_out = line.positions(np.array([x_end]))
        where = float(lat_out[0]), float(lon_out[0]), h_end, aloft.start_s + time_end
        raise WindError(aloft.field.refusal(int(excess), *where))
    failure_at: tuple[int, float, float, float, int] | None = None
    if code != kernels.OK:
        failure_at = (code, excess, x_end, time_end, int(rows[-1, 8]))
    if not math.isnan(out_x) and (failure_at is None or out_t <= failure_at[3]):
        failure_at = (kernels.FUEL_OUT, -least, out_x, out_t, int(rows[min(out_row, n_rows - 1), 8]))
        rows = rows[: max(1, out_row)]
    takeoff_fuel = takeoff_mass_kg - zero_fuel
    if takeoff_fuel > aircraft.max_fuel_kg + 1.0:
        failure_at = (kernels.TANK_FULL, takeoff_fuel - aircraft.max_fuel_kg, 0.0, 0.0, 0)
    limit = aircraft.max_takeoff_mass_kg if start_altitude_m is None else aircraft.max_inflight_mass_kg
    if takeoff_mass_kg > limit + 1.0:
        failure_at = (kernels.TOO_HEAVY, takeoff_mass_kg - limit, 0.0, 0.0, 0)

    warped, out_times, columns = _whole_seconds(rows)
    along = columns[0]
    lat, lon = line.positions(along)
    failure = None
    if failure_at is not None:
        f_code, f_by, f_x, f_t, f_segment = failure_at
        f_lat, f_lon = line.positions(np.array([f_x]))
        what, unit = _FAILURES[f_code]
        failure = Failure(
            _CODES[f_code], what, float(f_lat[0]), float(f_lon[0]), f_x, f_t, float(f_by), unit, f_segment
        )

    dt = np.diff(out_times)
    dx = np.diff(along)
    gs_out = np.append(np.where(dt > 0, dx / np.maximum(dt, 1e-9), 0.0), 0.0)

    def to_whole(times: Floats) -> Floats:
        known = ~np.isnan(times)
        out = np.full(times.shape, math.nan)
        out[known] = np.rint(np.interp(times[known], rows[:, 0], warped))
        return out

    vertex_times, vertex_rows = [], []
    whole_vertex = to_whole(np.where(vertex_time > rows[-1, 0] + 1e-6, math.nan, vertex_time))
    for i in range(n):
        own = whole_vertex[line.segment == i]
        vertex_times.append(_read_only(own))
        found = np.searchsorted(out_times, np.nan_to_num(own, nan=-1.0))
        vertex_rows.append(np.where(np.isnan(own), -1, found))
    met = aloft.met(lat, lon, line.track(along), columns[1], out_times)
    mass = columns[2]
    phase = columns[4].astype(np.int64)
    return Profile(
        time_s=_read_only(out_times),
        lat=_read_only(lat),
        lon=_read_only(lon),
        along_m=_read_only(along),
        altitude_m=_read_only(columns[1]),
        tas_mps=_read_only(columns[3]),
        gs_mps=_read_only(gs_out),
        u_mps=_read_only(met.u_mps),
        v_mps=_read_only(met.v_mps),
        mass_kg=_read_only(mass),
        fuel_kg=_read_only(mass - zero_fuel),
        phase=_read_only(phase),
        segment=_read_only(columns[5].astype(np.int64)),
        burnt_kg=_read_only(columns[6]),
        vertex_time_s=tuple(vertex_times),
        vertex_row=tuple(_read_only(v) for v in vertex_rows),
        segment_start_s=_read_only(to_whole(np.where(seg_start > rows[-1, 0] + 1e-6, math.nan, seg_start))),
        segment_end_s=_read_only(to_whole(np.where(seg_end > rows[-1, 0] + 1e-6, math.nan, seg_end))),
        takeoff_kg=float(takeoff_mass_kg),
        landing_kg=float(takeoff_mass_kg + taken - given - burnt),
        zero_fuel_kg=zero_fuel,
        burn_kg=burnt,
        onload_kg=taken,
        offload_kg=given,
        duration_s=float(out_times[-1]),
        length_m=length,
        least_fuel_kg=least,
        factor=float(a[kernels.FACTOR]),
        failure=failure,
    )


def _mach(aircraft: Aircraft, segment: Segment) -> float:
    if segment.mach is not None:
        return segment.mach
    if segment.kind == "refuel" and aircraft.refuelling.mach is not None:
        return aircraft.refuelling.mach
    return aircraft.cruise_mach


def _hold_mach(aircraft: Aircraft, segment: Segment) -> float:
    """Mach number of the circling; NaN is the speed of least flow at that mass and level."""
    if segment.kind in ("station", "refuel"):
        return _mach(aircraft, segment)
    return segment.mach if segment.kind == "hold" and segment.mach is not None else math.nan


def _read_only(array: Any) -> Any:
    array.setflags(write=False)
    return array


def _whole_seconds(rows: Floats) -> tuple[Floats, Floats, list[Floats]]:
    """Rows moved to whole seconds: (kernel rows' warped times, row times, columns at those times).

    Columns: along, altitude, mass, tas, phase, segment, burnt. Event rows keep their own values; the rows
    between are read off at their second. The last row is an event.
    """
    exact = rows[:, 0]
    event = rows[:, 7] > 0.5
    event[0] = event[-1] = True
    at = np.flatnonzero(event)
    whole = np.rint(exact[at])
    if (np.diff(whole) < 1.0).any():
        last = -1.0
        for i in range(whole.size):
            if whole[i] <= last:
                whole[i] = last + 1.0
            if whole[i] - exact[at[i]] <= _LATEST or i == whole.size - 1:
                last = whole[i]
            else:
                event[at[i]] = False
        at, whole = at[event[at]], whole[event[at]]
    warped = np.interp(exact, exact[at], whole)
    warped[at] = whole
    times = np.rint(warped)
    # Between two events rows may end up on one second or on an event's second: drop those.
    keep = np.append(True, np.diff(times) > 0) | event
    clash = np.flatnonzero(keep[:-1] & ~event[:-1] & (times[:-1] >= times[1:]))
    keep[clash] = False
    times, kept = times[keep], rows[keep]
    columns = []
    for column in (1, 2, 3, 4, 6, 8, 9):
        if column in (6, 8):
            columns.append(kept[:, column].copy())
            continue
        values = np.interp(times, warped, rows[:, column])
        on_event = event[keep]
        values[on_event] = kept[on_event, column]
        columns.append(values)
    # A stretched gap may reach 61 s where an interval is just over a minute: put a row in the middle.
    gaps = np.flatnonzero(np.diff(times) > 60.0)
    if gaps.size:
        extra = np.rint(0.5 * (times[gaps] + times[gaps + 1]))
        where = gaps + 1
        within = columns[5][gaps] == columns[5][gaps + 1]
        phase = columns[4]
        sloping = np.isin(phase[gaps], (PHASES.index("climb"), PHASES.index("descent")))
        within &= sloping | (phase[gaps] == phase[gaps + 1])
        for k, column in enumerate((1, 2, 3, 4, 6, 8, 9)):
            if column in (6, 8):
                middle = columns[k][gaps]
            elif column == 4:  # the airspeed may jump where a segment or level flight ends
                middle = np.where(within, np.interp(extra, times, columns[k]), columns[k][gaps])
            else:
                middle = np.interp(extra, times, columns[k])
            columns[k] = np.insert(columns[k], where, middle)
        times = np.insert(times, where, extra)
    return warped, times, columns


class _Line:
    """The chain of geodesics: vertices, legs, and the track sampled every 20 km."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        lat = np.concatenate([s.lat for s in segments])
        lon = wrap_longitude(np.concatenate([s.lon for s in segments]))
        self.segment = np.repeat(np.arange(len(segments)), [s.lat.size for s in segments])
        joins = np.flatnonzero(np.diff(self.segment) > 0)
        length, azimuth, _ = inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])
        length = np.array(length, float)
        length[joins] = 0.0  # the first point of a segment is the last of the one before
        self.lat, self.lon = lat, lon
        self.x = np.concatenate([[0.0], np.cumsum(length)])
        self.azimuth, self.length = np.asarray(azimuth), length
        first = np.searchsorted(self.segment, np.arange(len(segments)), "left")
        last = np.searchsorted(self.segment, np.arange(len(segments)), "right") - 1
        self.start, self.end = self.x[first].copy(), self.x[last].copy()
        legs = np.flatnonzero(length > 0.0)
        if legs.size == 0:
            self.node_x = np.array([0.0, 1.0])
            self.node_east, self.node_north = np.zeros(2), np.ones(2)
            self.place = np.ascontiguousarray(unit_vectors(lat[[0, -1]], lon[[0, -1]]))
            self._legs = legs
            return
        pieces = np.maximum(1, np.ceil(length[legs] / _NODE_SPACING)).astype(int)
        # Nodes at both ends of every leg, so that the turn at a vertex is not smeared over 20 km.
        leg = np.repeat(legs, pieces + 1)
        part = np.arange(leg.size) - np.repeat(np.cumsum(pieces + 1) - (pieces + 1), pieces + 1)
        share = part / np.repeat(pieces, pieces + 1)
        along = share * length[leg]
        node_lat, node_lon, track = direct(lat[leg], lon[leg], self.azimuth[leg], along)
        self.place = np.ascontiguousarray(unit_vectors(node_lat, node_lon))
        track = np.where(part == 0, self.azimuth[leg], track)
        self.node_x = np.where(part == np.repeat(pieces, pieces + 1), self.x[leg + 1], self.x[leg] + along)
        self.node_east, self.node_north = np.sin(np.radians(track)), np.cos(np.radians(track))
        self._legs = legs

    def track(self, along: Floats) -> Floats:
        """Track [deg] at distances along the line: of the leg that begins there where two meet."""
        along = np.asarray(along, float)
        if self._legs.size == 0:
            return np.zeros(along.shape)
        starts = self.x[self._legs]
        leg = self._legs[np.clip(np.searchsorted(starts, along + 1e-3, "right") - 1, 0, self._legs.size - 1)]
        return direct(
            self.lat[leg],
            self.lon[leg],
            self.azimuth[leg],
            np.clip(along - self.x[leg], 0.0, self.length[leg]),
        )[2]

    def positions(self, along: Floats) -> tuple[Floats, Floats]:
        """(lat, lon) at distances along the line; vertices bit for bit."""
        along = np.asarray(along, float)
        if self._legs.size == 0:
            return np.full(along.shape, self.lat[0]), np.full(along.shape, self.lon[0])
        starts = self.x[self._legs]
        leg = self._legs[np.clip(np.searchsorted(starts, along, "right") - 1, 0, self._legs.size - 1)]
        offset = np.clip(along - self.x[leg], 0.0, self.length[leg])
        lat, lon, _ = direct(self.lat[leg], self.lon[leg], self.azimuth[leg], offset)
        at_start, at_end = offset < 1e-6, offset > self.length[leg] - 1e-6
        lat = np.where(at_start, self.lat[leg], np.where(at_end, self.lat[leg + 1], lat))
        lon = np.where(at_start, self.lon[leg], np.where(at_end, self.lon[leg + 1], lon))
        return lat, lon
