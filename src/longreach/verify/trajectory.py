"""A flight along a route in wind, checked by code that did not make it.

Takes the flown rows as numbers and asks again what they claim: that they lie along geodesics, that the air and
the wind give the times between them, that the model burns the fuel, that thrust, lift, ceiling, Mach, masses
and tanks are kept, that cruising levels are for the direction of flight, and that every closure is kept
while it is in force. Wind is interpolated here in plain NumPy from the field's arrays; geodesics are
PROJ's; fuel is `performance.Model`, clearance `clearance.closest`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach.geodesy import Floats, direct, inverse
from longreach.units import FOOT
from longreach.verify import clearance
from longreach.verify.performance import IDLE, Model, air

if TYPE_CHECKING:
    from longreach.world.aircraft import Aircraft
    from longreach.world.airspace import Closure
    from longreach.world.winds import WindField

ON_PATH = 2.0  # m, how far rows may lie from their distance along
PARTS = 6  # pieces an interval is cut into for the sums
TIME_SHARE, TIME_S = 0.004, 1.0  # of an interval: time by our sum against the rows'
TOTAL_SHARE = 5e-4  # of the whole flight's time
BURN_SHARE = {"cruise": 0.004, "hold": 0.01}  # of an interval's burn, in level flight
BURN_TOTAL = 0.004  # of the whole flight's burn, climb and descent with their schedules included
MINUTE = 60.0  # s
SNAP = 0.6  # m, by which the last step of a climb is rounded to its level
KEPT_M = 0.5  # m that a clearance measured here may be under the stand-off: what measuring leaves open
SPELL = (
    370_400.0 + 60_000.0
)  # m; a level for the other direction is held no longer (200 nm and two stretches)


@dataclass(frozen=True, slots=True)
class Flown:
    """Rows of a flight as numbers: arrays (n,) in SI, phases as words, times since take-off."""

    time_s: Floats
    lat: Floats
    lon: Floats
    along_m: Floats
    altitude_m: Floats
    mach: Floats
    tas_mps: Floats
    mass_kg: Floats
    phase: Sequence[str]
    zero_fuel_mass_kg: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What the flight was to keep. Windows of closures are compared with `departure_s` + time since take-off.

    departure_s : take-off in seconds since 1970; field_s : the same on the wind field's clock
    reserve_s, contingency : final reserve and share of the trip fuel; rule : level rule
    """

    aircraft: Aircraft
    field: WindField
    closures: Sequence[Closure]
    departure_s: float
    field_s: float
    reserve_s: float
    contingency: float
    rule: str
    destination_elevation_m: float = 0.0


def faults(flown: Flown, asked: Asked) -> list[str]:
    """What is wrong with a flight said to be feasible; empty where nothing is."""
    found: list[str] = []
    found += geometry(flown)
    found += sums(flown, asked)
    found += limits(flown, asked)
    if asked.rule == "semicircular":
        found += levels(flown)
    found += closed(flown, asked)
    return found


def wind_at(
    field: WindField, lat: Floats, lon: Floats, altitude_m: Floats, when: Floats
) -> tuple[Floats, Floats, Floats]:
    """u, v [m/s] and temperature deviation [K] at (n,) points: linear in each axis, ln p in the vertical."""
    values = np.asarray(field.values, float)
    n = np.asarray(lat).size
    if field.uniform:
        return tuple(np.full(n, values.reshape(-1, 3)[0, k]) for k in range(3))  # type: ignore[return-value]
    _, pressure, _ = air(altitude_m)

    def cell(axis: Floats, x: Floats) -> tuple[Any, Floats]:
        if axis.size == 1:
            return np.zeros(x.size, int), np.zeros(x.size)
        i = np.clip(np.searchsorted(axis, x, side="right") - 1, 0, axis.size - 2)
        return i, (x - axis[i]) / (axis[i + 1] - axis[i])

    turned = field.lon[0] + (np.asarray(lon, float) - field.lon[0]) % 360.0
    axes = [
        cell(np.asarray(field.time_s), np.zeros(n) if field.steady else when),
        cell(np.log(np.asarray(field.pressure_pa)), np.log(pressure)),
        cell(np.asarray(field.lat), np.asarray(lat, float)),
        cell(np.asarray(field.lon), turned),
    ]
    u, v, d = np.zeros(n), np.zeros(n), np.zeros(n)
    for corner in range(16):
        weight = np.ones(n)
        index = []
        for axis, (i, f) in enumerate(axes):
            upper = corner >> axis & 1
            weight = weight * (f if upper else 1.0 - f)
            index.append(np.minimum(i + upper, values.shape[axis] - 1))
        node = values[tuple(index)]
        there = weight != 0.0
        east, north = node[:, 0].copy(), node[:, 1].copy()
        row = np.asarray(field.lat)[index[2]]
        pole = np.abs(row) > 89.9999999  # a pole's vector, seen from the point's own meridian
        turn = np.radians(turned - np.asarray(field.lon)[index[3]]) * np.sign(row)
        cos, sin = np.cos(turn), np.sin(turn)
        east, north = (
            np.where(pole, east * cos + north * sin, east),
            np.where(pole, north * cos - east * sin, north),
        )
        u[there] += (weight * east)[there]
        v[there] += (weight * north)[there]
        d[there] += (weight * node[:, 2])[there]
    return u, v, d


def geometry(flown: Flown) -> list[str]:
    length = inverse(flown.lat[:-1], flown.lon[:-1], flown.lat[1:], flown.lon[1:])[0]
    off = np.abs(length - np.diff(flown.along_m))
    found = []
    worst = int(np.argmax(off))
    if off[worst] > ON_PATH + 1e-5 * length[worst]:
        found.append(f"row {worst}: {off[worst]:.1f} m off its distance along")
    if (np.diff(flown.time_s) < -1e-9).any():
        found.append("times run backward")
    return found


def sums(flown: Flown, asked: Asked) -> list[str]:
    """Time from airspeed and wind, fuel from the model, each over the intervals between rows."""
    model = Model(asked.aircraft)
    n = flown.time_s.size - 1
    step = np.diff(flown.time_s)
    length, azimuth, _ = inverse(flown.lat[:-1], flown.lon[:-1], flown.lat[1:], flown.lon[1:])
    phase = np.array(flown.phase[:-1])
    moving = (phase == "climb") | (phase == "descent")
    same = moving & (np.array(flown.phase[1:]) == phase)
    h1, h2 = flown.altitude_m[:-1], flown.altitude_m[1:]
    m1, m2 = flown.mach[:-1], np.where(same, flown.mach[1:], flown.mach[:-1])
    mass = 0.5 * (flown.mass_kg[:-1] + flown.mass_kg[1:])
    seconds, burn = np.zeros(n), np.zeros(n)
    safe = np.maximum(step, 1e-9)
    for k in range(PARTS):
        w = (k + 0.5) / PARTS
        lat, lon, bearing = direct(flown.lat[:-1], flown.lon[:-1], azimuth, length * w)
        height = h1 * (1.0 - w) + h2 * w
        mach = m1 * (1.0 - w) + m2 * w
        temperature, pressure, _ = air(height)
        u, v, deviation = wind_at(asked.field, lat, lon, height, asked.field_s + flown.time_s[:-1] + step * w)
        warm = np.sqrt((temperature + deviation) / temperature)
        speed = mach * np.sqrt(1.4 * 287.05287 * (temperature + deviation))
        turn = np.radians(bearing)
        along = u * np.sin(turn) + v * np.cos(turn)
        across = u * np.cos(turn) - v * np.sin(turn)
        ground = along + np.sqrt(np.maximum(speed**2 - across**2, 1.0))
        seconds += np.where(phase == "hold", step, length / np.maximum(ground, 1.0)) / PARTS
        if model.hourly:
            a = asked.aircraft
            assert a.climb_burn is not None and a.hold_burn is not None and a.cruise_burn is not None
            low = (phase == "descent") | (phase == "hold")
            rate = np.where(phase == "climb", a.climb_burn, np.where(low, a.hold_burn, a.cruise_burn))
            burn += rate * a.planning_factor * step * warm / PARTS
            continue
        s1, s2 = m1 * np.sqrt(1.4 * 287.05287 * air(h1)[0]), m2 * np.sqrt(1.4 * 287.05287 * air(h2)[0])
        climb = np.where(moving, (h2 - h1) / safe, 0.0)
        faster = np.where(same, (s2 - s1) / safe, 0.0)
        thrust = model.drag(mass, pressure, mach) + mass * (9.80665 * climb / (speed / warm) + faster)
        thrust = np.where(moving, np.maximum(thrust, IDLE * model.most_thrust(pressure, mach)), thrust)
        burn += model.flow_per_thrust(temperature, mach) * warm * thrust * step / PARTS
    found = []
    off = np.abs(seconds - step) - (TIME_SHARE * step + TIME_S + np.where(moving, 0.05 * step, 0.0))
    worst = int(np.argmax(off))
    if off[worst] > 0.0:
        found.append(
            f"row {worst} ({phase[worst]}): {step[worst]:.2f} s to the next, by our sum {seconds[worst]:.2f} s"
        )
    level = phase == "cruise"
    total, ours = float(step[level].sum()), float(seconds[level].sum())
    if abs(total - ours) > TOTAL_SHARE * total + 2.0:
        found.append(f"{total:.1f} s in cruise, by our sum {ours:.1f} s")
    spent = flown.mass_kg[:-1] - flown.mass_kg[1:]
    for name, share in BURN_SHARE.items():
        chosen = phase == name
        if not chosen.any():
            continue
        off = np.abs(burn - spent) - (share * burn + 0.5)
        off[~chosen] = -1.0
        worst = int(np.argmax(off))
        if off[worst] > 0.0:
            found.append(
                f"row {worst} ({name}): {spent[worst]:.2f} kg burnt to the next, by our sum {burn[worst]:.2f} kg"
            )
    if abs(burn.sum() - spent.sum()) > BURN_TOTAL * burn.sum() + 30.0:
        found.append(f"{spent.sum():,.0f} kg burnt, by our sum {burn.sum():,.0f} kg")
    return found


def limits(flown: Flown, asked: Asked) -> list[str]:
    a = asked.aircraft
    model = Model(a)
    found = []
    takeoff, landing = float(flown.mass_kg[0]), float(flown.mass_kg[-1])
    dry = flown.zero_fuel_mass_kg
    for what, value, limit in (
        ("take-off mass", takeoff, a.max_takeoff_mass_kg),
        ("fuel at take-off", takeoff - dry, a.max_fuel_kg),
        ("zero-fuel mass", dry, a.max_zero_fuel_mass_kg or math.inf),
        ("altitude", float(flown.altitude_m.max()), a.ceiling_m),
        ("Mach number", float(flown.mach.max()), model.fastest_mach),
    ):
        if value > limit * (1 + 1e-6) + 0.5 * (limit > 2.0):
            found.append(f"{what} {value:,.2f} is over {limit:,.2f}")
    need = asked.contingency * (takeoff - landing) + model.final_reserve(
        dry, asked.reserve_s, asked.destination_elevation_m
    )
    if landing - dry < 0.995 * need - 10.0:
        found.append(f"lands with {landing - dry:,.0f} kg; the reserve is {need:,.0f} kg")
    if model.hourly:
        return found
    phase = np.array(flown.phase)
    level = (phase == "cruise") | (phase == "hold")
    _, pressure, _ = air(flown.altitude_m)
    lift = model.lift(flown.mass_kg, pressure, flown.mach)
    over = np.where(level, lift - 1.0005 * model.lift_limit(flown.mach), -1.0)
    if over.max() > 0.0:
        worst = int(np.argmax(over))
        found.append(
            f"row {worst}: lift coefficient {lift[worst]:.3f} is over the buffet limit by {over[worst]:.4f}"
        )
    drag, most = model.drag(flown.mass_kg, pressure, flown.mach), model.most_thrust(pressure, flown.mach)
    over = np.where(level, drag - 1.0005 * most, -1.0)
    if over.max() > 0.0:
        worst = int(np.argmax(over))
        found.append(f"row {worst}: drag {drag[worst]:,.0f} N is over the thrust {most[worst]:,.0f} N")
    climbing = (phase[:-1] == "climb") & (phase[1:] == "climb")
    if climbing.any():
        step = np.maximum(np.diff(flown.time_s), 1e-9)
        height = 0.5 * (flown.altitude_m[:-1] + flown.altitude_m[1:])
        _, pressure, _ = air(height)
        mach = 0.5 * (flown.mach[:-1] + flown.mach[1:])
        mass = 0.5 * (flown.mass_kg[:-1] + flown.mass_kg[1:])
        speed = flown.mach * air(flown.altitude_m)[2]
        middle = mach * air(height)[2]
        rise = np.maximum(np.diff(flown.altitude_m) - SNAP, 0.0) / step
        faster = np.where(step > 1.0, np.diff(speed) / step, 0.0)
        asks = model.drag(mass, pressure, mach) + mass * (9.80665 * rise / middle + faster)
        most = model.most_thrust(pressure, mach)
        # the work of a minute: at the kinks of a climb's schedule a row is a few percent off either way
        asked_work = np.concatenate([[0.0], np.cumsum(np.where(climbing, asks * step, 0.0))])
        most_work = np.concatenate([[0.0], np.cumsum(np.where(climbing, most * step, 0.0))])
        for i in np.flatnonzero(climbing):
            j = i
            while j < climbing.size and climbing[j] and flown.time_s[j] - flown.time_s[i] < MINUTE:
                j += 1
            asks_now, most_now = asked_work[j] - asked_work[i], most_work[j] - most_work[i]
            if flown.time_s[j] - flown.time_s[i] >= MINUTE and asks_now > 1.03 * most_now:
                found.append(
                    f"row {i}: the climb asks for {asks_now / most_now - 1.0:.1%} more thrust than there is, over a minute"
                )
                break
    return found


def levels(flown: Flown) -> list[str]:
    """Cruising levels against the direction of flight, short spells apart."""
    phase = np.array(flown.phase)
    length, azimuth, _ = inverse(flown.lat[:-1], flown.lon[:-1], flown.lat[1:], flown.lon[1:])
    level = np.round(flown.altitude_m[:-1] / FOOT / 100.0, 2)
    found = []
    wrong_m = 0.0
    for i in range(length.size):
        if phase[i] != "cruise":
            continue
        thousands = level[i] / 10.0
        if abs(thousands - round(thousands)) > 1e-3:
            found.append(f"row {i}: FL{level[i]:g} is no cruising level")
            break
        whole = round(thousands)
        east = azimuth[i] % 360.0 < 180.0
        fits = (whole % 2 == 1) == east if whole <= 41 else ((whole - 41) % 4 == 0) == east and whole % 2 == 1
        if length[i] > 0.5:
            wrong_m = 0.0 if fits else wrong_m + float(length[i])
        if wrong_m > SPELL:
            found.append(f"row {i}: FL{level[i]:.0f} is held the wrong way for {wrong_m / 1852:,.0f} nm")
            break
    return found


def closed(flown: Flown, asked: Asked) -> list[str]:
    found = []
    low = np.minimum(flown.altitude_m[:-1], flown.altitude_m[1:])
    high = np.maximum(flown.altitude_m[:-1], flown.altitude_m[1:])
    since = asked.departure_s + flown.time_s
    for closure in asked.closures:
        held = np.ones(low.size, bool)
        if closure.floor_m is not None:
            held &= high >= closure.floor_m
        if closure.ceiling_m is not None:
            held &= low <= closure.ceiling_m
        if closure.valid is not None:
            timely = np.zeros(low.size, bool)
            for begin, end in closure.valid:
                start = -math.inf if begin is None else begin.timestamp()
                stop = math.inf if end is None else end.timestamp()
                timely |= (since[1:] >= start) & (since[:-1] <= stop)
            held &= timely
        edges = np.flatnonzero(np.diff(np.concatenate([[0], held.astype(int), [0]])))
        boundary = clearance.prepare(closure)
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            part = slice(int(first), int(last) + 1)
            near = clearance.closest(boundary, flown.lat[part], flown.lon[part])
            if near.clearance_m < closure.stand_off_m - KEPT_M:
                found.append(
                    f"{closure.id}: passed at {near.clearance_m:,.1f} m by {near.lat:.4f},{near.lon:.4f}; the "
                    f"stand-off is {closure.stand_off_m:,.0f} m"
                )
                break
    return found
