"""OpenAP's own fuel model as a table for our optimiser, and a referee that flies any trajectory with it.

Both sides of the comparison use openap.FuelFlow with wave drag, as openap-top does, and the limits of
openap-top's cruise: 95 % of the cruise thrust over drag, 80 % of the lift its thrust allows over the weight,
M0.5 to M_MO, the ceiling of the type. The referee sums fuel along geodesics in steps, with the vertical speed
a change of height asks for; it knows neither optimiser.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from longreach.geodesy import direct, inverse
from longreach.trajectory.table import Table
from longreach.units import FOOT, KNOT

FPM = FOOT / 60.0
LEVELS_FT = np.arange(20_000.0, 43_001.0, 500.0)
MASSES = 321  # fine: a level is left out from the last mass on at which the limits allow it


@dataclass(frozen=True)
class Type:
    """One OpenAP type: its data, fuel flow, drag and thrust."""

    code: str
    data: Any
    flow: Any
    drag: Any
    thrust: Any

    def burn(self, mass: Any, tas: Any, height: Any, vertical: Any) -> Any:
        """Fuel flow [kg/s] from SI."""
        return self.flow.enroute(
            np.asarray(mass, float), np.asarray(tas, float) / KNOT, np.asarray(height, float) / FOOT,
            np.asarray(vertical, float) / FPM,
        )  # fmt: skip


def load(code: str) -> Type:
    """A type by its ICAO code; openap's warnings about its experimental wave drag are left out."""
    import openap

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Type(
            code,
            openap.prop.aircraft(code),
            openap.FuelFlow(code, wave_drag=True),
            openap.Drag(code, wave_drag=True),
            openap.Thrust(code),
        )


def sound(height: Any) -> Any:
    """Speed of sound [m/s] in OpenAP's standard atmosphere."""
    from openap import aero

    return aero.vsound(np.asarray(height, float))


def allowed(kind: Type, mass: Any, tas: Any, height: Any) -> Any:
    """openap-top's limits of thrust and lift in cruise."""
    from openap import aero

    kt, ft = tas / KNOT, height / FOOT
    most = kind.thrust.cruise(kt, ft)
    enough = 0.95 * most >= kind.drag.clean(mass, kt, ft)
    pressure = 0.5 * aero.density(height) * tas**2 * kind.data["wing"]["area"]
    polar = kind.drag.polar["clean"]
    lift = np.sqrt(np.maximum(1e-10, (0.9 * most / pressure - polar["cd0"]) / polar["k"]))
    return enough & (0.8 * lift * pressure >= mass * 9.80665)


def table(kind: Type) -> Table:
    """The type's fuel flows at 500 ft steps for our optimiser."""
    levels = LEVELS_FT[kind.data["limits"]["ceiling"] + 0.5 >= LEVELS_FT * FOOT] * FOOT
    machs = np.arange(0.5, kind.data["mmo"] + 1e-9, 0.005)
    masses = np.linspace(kind.data["oew"], kind.data["mtow"], MASSES)
    mass, level, mach = (each.ravel() for each in np.meshgrid(masses, levels, machs, indexing="ij"))
    tas = mach * sound(level)
    flow = np.asarray(kind.burn(mass, tas, level, np.zeros(mass.size)), float)
    flow[~allowed(kind, mass, tas, level)] = np.nan
    speed = machs[None, :] * sound(levels)[:, None]
    m, h, v = 0.5 * (masses[0] + masses[-1]), 11_000.0, 240.0
    rise = 200.0 * FPM
    more = float(np.ravel(kind.burn([m], [v], [h], [rise]))[0] - np.ravel(kind.burn([m], [v], [h], [0.0]))[0])
    return Table(
        masses, levels, machs, flow.reshape(masses.size, levels.size, machs.size), speed, more / (m * rise)
    )


Wind = Callable[[Any, Any, Any, Any], tuple[Any, Any]]  # (lat, lon, height, time) -> u, v


@dataclass(frozen=True)
class Ruling:
    """What a trajectory burns and takes by the referee, and the most that it breaks a limit by."""

    fuel_kg: float
    time_s: float
    broken: int  # intervals outside the limits of thrust or lift
    lat: Any
    lon: Any


def referee(
    kind: Type, lat: Any, lon: Any, height: Any, mach: Any, mass: float, wind: Wind, parts: int = 4
) -> Ruling:
    """Fly points (n,) joined by geodesics, height running straight between them, mach (n - 1,) of each interval."""
    lat, lon, height = (np.asarray(each, float) for each in (lat, lon, height))
    length, azimuth, _ = inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])
    clock, start, broken = 0.0, mass, 0
    for i in range(length.size):
        if length[i] < 1.0:
            continue
        for k in range(parts):
            w = (k + 0.5) / parts
            at_lat, at_lon, bearing = direct(lat[i], lon[i], azimuth[i], length[i] * w)
            h = height[i] * (1 - w) + height[i + 1] * w
            u, v = wind(at_lat, at_lon, h, clock)
            turn = np.radians(float(bearing))
            along = float(u) * np.sin(turn) + float(v) * np.cos(turn)
            across = float(u) * np.cos(turn) - float(v) * np.sin(turn)
            tas = float(mach[i]) * float(sound(h))
            ground = along + np.sqrt(max(1.0, tas**2 - across**2))
            seconds = length[i] / parts / ground
            rise = (height[i + 1] - height[i]) / parts / seconds
            flow = float(np.ravel(kind.burn([mass], [tas], [h], [rise]))[0])
            mass -= flow * seconds
            clock += seconds
        broken += not bool(np.ravel(allowed(kind, np.array([mass]), np.array([tas]), np.array([h])))[0])
    return Ruling(start - mass, clock, broken, lat, lon)
