"""A type's figures fitted to documented flights, with what the data can and cannot carry.

A flight fixes a burn: from a take-off mass, over a time in the air (or a still-air distance), so much fuel.
One flight fixes one figure, and several flights fix several only where they differ enough to tell the
figures apart. `fit` refuses to fit more, and says which figures the flights leave open.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from longreach.errors import Fault, FuelError, InputError
from longreach.fuel.profile import Profile, Segment, fly
from longreach.geodesy import direct
from longreach.units import HOUR
from longreach.world.aircraft import Aircraft

Floats = np.ndarray[Any, np.dtype[np.float64]]

# The figures that may be fitted, and the digits kept: a catalogue holds what a reader can copy.
FREE = {"drag_zero_lift": 5, "tsfc_ref": 9, "oswald": 3}
LOOSEST = 0.25  # 95 % half-width of a fitted figure over its value, beyond which it is not fitted at all
MODEL_ERROR_PCT = 2.0  # 95 %; what the form of the model leaves even where the flights agree. Our judgement
_STEP = 0.01  # of a figure, for the slope of the burn


@dataclass(frozen=True, slots=True)
class Flight:
    """A documented flight.

    Parameters
    ----------
    name : what it was
    takeoff_kg, burn_kg : mass at take-off; fuel burnt from take-off to landing
    time_s : time in the air; it fixes the air flown through, whatever the wind
    air_distance_m : still-air distance, where the time is not known
    ground_distance_m : distance over the ground, to see which wind the flight asks for; not fitted
    payload_kg : what is carried beside fuel
    error_pct : 95 % half-width of the burn as reported
    used : False keeps the flight as a check that the fit does not see
    source, aircraft : where it is documented, and the code of the type that flew it; "" where not stated
    """

    name: str
    takeoff_kg: float
    burn_kg: float
    time_s: float | None = None
    air_distance_m: float | None = None
    ground_distance_m: float | None = None
    payload_kg: float = 0.0
    error_pct: float = 3.0
    used: bool = True
    source: str = ""
    aircraft: str = ""


@dataclass(frozen=True, slots=True)
class Flown:
    """A flight beside the model: burn over reported - 1 [%], and the wind that time and distance ask for."""

    flight: Flight
    burn_kg: float
    off_pct: float
    alone_off_pct: (
        float | None
    )  # with the figures fitted to all other flights; None where that is not possible
    air_distance_m: float
    tailwind_mps: float | None


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a fit found.

    aircraft : the type with the fitted figures and the band (planning factor untouched)
    figures : name -> (before, after, 95 % half-width of the figure [%]), SI
    band_pct : 95 % half-width of the burn of another flight, planning factor apart
    spare : flights used less figures fitted: with 0 the residuals are 0 by construction
    """

    aircraft: Aircraft
    figures: dict[str, tuple[float, float, float]]
    flights: tuple[Flown, ...]
    band_pct: float
    spare: int


def line(distance_m: float, start: float = 0.0) -> tuple[Floats, Floats]:
    """A line along the equator, with vertices every 3,000 km, from `start` to `start` + distance [m]."""
    along = np.append(np.arange(0.0, distance_m, 3.0e6), distance_m) + start
    lat, lon, _ = direct(0.0, 0.0, 90.0, along)
    return lat, lon


def still_air(
    aircraft: Aircraft, takeoff_kg: float, distance_m: float, payload_kg: float = 0.0, factor: float = 1.0
) -> Profile:
    """The flight of a still-air distance [m] from sea level to sea level."""
    lat, lon = line(distance_m)
    zero_fuel = aircraft.operating_empty_mass_kg + payload_kg
    return fly(aircraft, [Segment(lat, lon)], takeoff_kg, zero_fuel_mass_kg=zero_fuel, factor=factor)


def still_air_hours(
    aircraft: Aircraft, takeoff_kg: float, hours: float, payload_kg: float = 0.0, factor: float = 1.0
) -> Profile:
    """The still-air flight that lasts so many hours."""
    distance = hours * HOUR * aircraft.cruise_mach * 295.0
    for _ in range(8):
        profile = still_air(aircraft, takeoff_kg, distance, payload_kg, factor)
        if profile.failure is not None and profile.failure.code != "fuel":
            return profile
        if abs(profile.duration_s / (hours * HOUR) - 1.0) < 2e-5:
            return profile
        distance *= hours * HOUR / profile.duration_s
    return still_air(aircraft, takeoff_kg, distance, payload_kg, factor)


def flown(aircraft: Aircraft, flight: Flight, factor: float = 1.0) -> Profile:
    """The model's flight beside a documented one, in still air for its time (or its still-air distance)."""
    if flight.time_s is not None:
        return still_air_hours(aircraft, flight.takeoff_kg, flight.time_s / HOUR, flight.payload_kg, factor)
    if flight.air_distance_m is None:
        raise FuelError(f"{flight.name}: neither a time nor a still-air distance is known")
    return still_air(aircraft, flight.takeoff_kg, flight.air_distance_m, flight.payload_kg, factor)


def reckoned(aircraft: Aircraft, flight: Flight, factor: float = 1.0) -> Profile:
    """The same with tanks and masses that never end, so that a burn far off the mark is a burn all the same.

    Raises: FuelError where thrust, lift or ceiling do not let the type fly it.
    """
    boundless = replace(
        aircraft,
        operating_empty_mass_kg=min(
            aircraft.operating_empty_mass_kg, 0.5 * (flight.takeoff_kg - flight.burn_kg)
        ),
        max_fuel_kg=1e7,
        max_takeoff_mass_kg=max(aircraft.max_takeoff_mass_kg, flight.takeoff_kg),
        max_inflight_mass_kg=max(aircraft.max_inflight_mass_kg, flight.takeoff_kg),
    )
    profile = flown(boundless, replace(flight, payload_kg=0.0), factor)
    if profile.failure is not None and profile.failure.code != "fuel":
        raise FuelError(f"{flight.name}: {aircraft.code} cannot fly it: {profile.failure}")
    return profile


def _burn(aircraft: Aircraft, flight: Flight) -> float:
    return reckoned(aircraft, flight).burn_kg


def fit(aircraft: Aircraft, flights: Sequence[Flight], free: Sequence[str] = ("drag_zero_lift",)) -> Fitted:
    """Fit figures of a type to the burns of documented flights, weighted by their errors, factor 1.00.

    Parameters
    ----------
    aircraft : the type to start from; its masses, wing and thrust are taken as they are
    flights : at least one used per figure
    free : which figures to fit, of `FREE`

    The band is 1.96 times the root of the mean reported variance, the variance that the fitted figures leave
    in the burn, and MODEL_ERROR_PCT, the first two widened where the residuals are larger than the reported
    errors allow.

    Raises: InputError where the flights cannot carry that many figures, saying which; FuelError where the
    type cannot fly one of them (mass, thrust, ceiling).
    """
    used = [each for each in flights if each.used]
    _checked(aircraft, used, free)
    if len(used) < len(free):
        figures = "figure" if len(free) == 1 else "figures"
        have = f"{len(used)} flight{'' if len(used) == 1 else 's'}" if used else "no flight"
        raise InputError(
            Fault(
                f"{have} cannot fix {len(free)} {figures} ({', '.join(free)}): at most one figure per flight",
                hint=f"fit {free[0]} alone" if used and len(free) > 1 else "add flights",
            )
        )
    before, values, spread, slopes = _solve(aircraft, used, free)
    after = _with(aircraft, free, values)
    sigma = np.array([each.error_pct / 196.0 for each in used])
    miss = np.array([math.log(_burn(after, each) / each.burn_kg) for each in used])
    spare = len(used) - len(free)
    wide = max(1.0, math.sqrt(float(np.sum((miss / sigma) ** 2)) / spare)) if spare else 1.0
    left = float(np.max(np.einsum("ij,jk,ik->i", slopes, spread, slopes)))
    band = 196.0 * math.sqrt(wide**2 * (float(np.mean(sigma**2)) + left) + (MODEL_ERROR_PCT / 196.0) ** 2)
    band = round(band, 1)
    rows = [_row(aircraft, after, each, used, free) for each in flights]
    return Fitted(
        replace(after, band_pct=band),
        {
            name: (old, new, 196.0 * wide * math.sqrt(spread[n, n]))
            for n, (name, old, new) in enumerate(zip(free, before, values, strict=True))
        },
        tuple(rows),
        band,
        spare,
    )


def _checked(aircraft: Aircraft, used: Sequence[Flight], free: Sequence[str]) -> None:
    aircraft.require_model()
    faults = []
    if aircraft.kind != "polar":
        faults.append(
            Fault(f"{aircraft.code} has no drag polar (kind {aircraft.kind!r}); only a polar is fitted")
        )
    unknown = [name for name in free if name not in FREE]
    if unknown or not free or len(set(free)) < len(free):
        what = (
            f"{', '.join(unknown)} cannot be fitted" if unknown else f"{list(free)} is not a list of figures"
        )
        faults.append(Fault(what, hint=f"figures that can: {', '.join(FREE)}"))
    for each in used:
        low, high = aircraft.operating_empty_mass_kg, aircraft.max_inflight_mass_kg
        if not low + each.payload_kg + each.burn_kg <= each.takeoff_kg * 1.0001 <= high * 1.0002:
            faults.append(
                Fault(
                    f"{each.name}: take-off at {each.takeoff_kg:,.0f} kg does not fit the {low:,.0f} kg empty of "
                    f"{aircraft.code}, {each.payload_kg:,.0f} kg of payload, {each.burn_kg:,.0f} kg burnt and the "
                    f"{high:,.0f} kg it may weigh in flight",
                    hint="mend the flight's masses or the type's",
                )
            )
    if faults:
        raise InputError(faults)


def _with(aircraft: Aircraft, free: Sequence[str], values: Sequence[float]) -> Aircraft:
    changed: dict[str, Any] = dict(zip(free, values, strict=True))
    return replace(aircraft, **changed)


def _values(aircraft: Aircraft, free: Sequence[str]) -> list[float]:
    return [float(getattr(aircraft, name)) for name in free]


def _solve(
    aircraft: Aircraft, used: Sequence[Flight], free: Sequence[str]
) -> tuple[list[float], list[float], Floats, Floats]:
    """Figures before, figures after, their covariance (of logarithms) and the slopes of ln burn.

    Raises: InputError where the slopes cannot tell the figures apart.
    """
    before = _values(aircraft, free)
    target = np.log([each.burn_kg for each in used])
    weight = np.array([196.0 / each.error_pct for each in used])
    logs = np.log(before)
    slopes = np.empty((len(used), len(free)))
    spread = np.empty((len(free), len(free)))
    for turn in range(12):
        here = _with(aircraft, free, list(np.exp(logs)))
        miss = np.log([_burn(here, each) for each in used]) - target
        for n in range(len(free)):
            up, down = logs.copy(), logs.copy()
            up[n] += _STEP
            down[n] -= _STEP
            more = np.log([_burn(_with(aircraft, free, list(np.exp(up))), each) for each in used])
            less = np.log([_burn(_with(aircraft, free, list(np.exp(down))), each) for each in used])
            slopes[:, n] = (more - less) / (2.0 * _STEP)
        if turn == 0:
            _told_apart(slopes, weight, free, len(used))
        spread = np.linalg.inv((slopes * weight[:, None] ** 2).T @ slopes)
        step = -spread @ (slopes.T @ (weight**2 * miss))
        logs = logs + np.clip(step, -0.3, 0.3)
        if np.max(np.abs(step)) < 2e-6:
            break
    else:
        what = (
            f"the fit of {', '.join(free)} does not settle; the flights contradict the type's other figures"
        )
        raise InputError(Fault(what, hint="look at its masses, wing and engine"))
    values = [_rounded(value, FREE[name]) for name, value in zip(free, np.exp(logs).tolist(), strict=True)]
    return before, values, spread, slopes


def _rounded(value: float, digits: int) -> float:
    return round(value, digits)


def _told_apart(slopes: Floats, weight: Floats, free: Sequence[str], flights: int) -> None:
    """InputError where the flights leave a figure, or a mix of two, open by more than LOOSEST."""
    _, size, ways = np.linalg.svd(slopes * weight[:, None], full_matrices=False)
    loose = [n for n, s in enumerate(size) if 1.96 / max(s, 1e-12) > LOOSEST]
    if not loose:
        return
    way = ways[loose[-1]]
    mixed = [name for name, part in zip(free, way, strict=True) if abs(part) > 0.2]
    open_pct = 196.0 / max(float(size[loose[-1]]), 1e-12)
    amount = f"±{open_pct:,.0f} %" if open_pct < 1000.0 else "any amount"
    if len(mixed) > 1:
        what = (
            f"the {flights} flights do not tell {' and '.join(mixed)} apart: changed together they may be off by "
            f"{amount} (limit ±{100 * LOOSEST:.0f} %)"
        )
        hint = f"take {mixed[-1]} as given and fit {mixed[0]}; or add flights of other mass, level or length"
    else:
        what = f"the {flights} flights leave {mixed[0]} open by {amount} (limit ±{100 * LOOSEST:.0f} %)"
        hint = "add flights, or flights with smaller errors"
    raise InputError(Fault(what, hint=hint))


def _row(
    before: Aircraft, after: Aircraft, flight: Flight, used: Sequence[Flight], free: Sequence[str]
) -> Flown:
    profile = reckoned(after, flight)
    alone = None
    others = [each for each in used if each is not flight]
    if flight.used and len(others) >= len(free):
        try:
            _, values, _, _ = _solve(before, others, free)
            alone = 100.0 * (_burn(_with(before, free, values), flight) / flight.burn_kg - 1.0)
        except InputError:
            alone = None  # the others cannot tell the figures apart
    tailwind = None
    if flight.time_s is not None and flight.ground_distance_m is not None:
        tailwind = (flight.ground_distance_m - profile.length_m) / flight.time_s
    return Flown(
        flight,
        profile.burn_kg,
        100.0 * (profile.burn_kg / flight.burn_kg - 1.0),
        alone,
        profile.length_m,
        tailwind,
    )
