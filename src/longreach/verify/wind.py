"""The wind of the mission read once more, between the field's nodes by plain NumPy, apart from the planner's kernel.

Near a pole the corners are mixed as vectors of space and turned into east and north at the point.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from longreach.errors import Fault, InputError
from longreach.geodesy import Floats
from longreach.verify.limits import Limits
from longreach.world import winds
from longreach.world.atmosphere import HIGHEST, LOWEST, pressure
from longreach.world.winds import WindField

POLAR = 90.0 - 1e-6


@dataclass(frozen=True, slots=True)
class Air:
    """The wind the mission asks for: its field, and what its reliability and bias take off the tailwind [m/s]."""

    field: WindField
    headwind_mps: float

    @property
    def calm(self) -> bool:
        """No wind anywhere."""
        return self.field.uniform and not self.field.values[..., :2].any() and self.headwind_mps == 0.0

    def at(self, lat: Any, lon: Any, altitude_m: Any, time_s: Any) -> tuple[Floats, Floats, Floats]:
        """u, v [m/s] and temperature deviation [K] of the field alone; time in seconds since 1970. NaN outside it."""
        lat, lon, altitude, time = np.broadcast_arrays(
            *(np.asarray(each, float) for each in (lat, lon, altitude_m, time_s))
        )
        field = self.field
        if field.uniform:
            value = field.values.reshape(3).astype(float)
            return np.full(lat.shape, value[0]), np.full(lat.shape, value[1]), np.full(lat.shape, value[2])
        height = np.where((altitude >= LOWEST) & (altitude <= HIGHEST), altitude, np.nan)
        ln_p = np.log(pressure(np.nan_to_num(height)))
        own = np.zeros(lat.shape) if field.steady else time - field.epoch.timestamp()
        east = field.lon[0] + (lon - field.lon[0]) % 360.0
        places = [
            _between(axis, x)
            for axis, x in (
                (field.time_s, own), (np.log(field.pressure_pa), ln_p), (field.lat, lat), (field.lon, east),
            )
        ]  # fmt: skip
        inside = np.isfinite(height) & np.logical_and.reduce([place[2] for place in places])
        out = np.zeros((*lat.shape, 3))
        space = np.zeros((*lat.shape, 3))
        row = places[2][0]
        polar = (np.abs(field.lat[row]) > POLAR) | (
            np.abs(field.lat[np.minimum(row + 1, field.lat.size - 1)]) > POLAR
        )
        for corner in np.ndindex(2, 2, 2, 2):
            index = tuple(
                np.minimum(place[0] + step, axis.size - 1)
                for place, step, axis in zip(
                    places, corner, (field.time_s, field.pressure_pa, field.lat, field.lon), strict=True
                )
            )
            weight = np.prod(
                [place[1] if step else 1.0 - place[1] for place, step in zip(places, corner, strict=True)],
                axis=0,
            )
            value = field.values[index].astype(float)
            value = np.where(weight[..., None] > 0.0, value, 0.0)
            out += weight[..., None] * value
            if polar.any():
                up, over = _axes(field.lat[index[2]], field.lon[index[3]])
                space += weight[..., None] * (value[..., :1] * over + value[..., 1:2] * up)
        if polar.any():
            up, over = _axes(lat, lon)
            out[..., 0] = np.where(polar, (space * over).sum(-1), out[..., 0])
            out[..., 1] = np.where(polar, (space * up).sum(-1), out[..., 1])
        out[~inside] = np.nan
        return out[..., 0], out[..., 1], out[..., 2]

    def on_course(
        self, lat: Any, lon: Any, altitude_m: Any, time_s: Any, course_deg: Any
    ) -> tuple[Floats, Floats]:
        """u, v [m/s] planned with on a course: the field's less the headwind the mission asks for."""
        u, v, _ = self.at(lat, lon, altitude_m, time_s)
        turn = np.radians(course_deg)
        return u - self.headwind_mps * np.sin(turn), v - self.headwind_mps * np.cos(turn)


def _between(axis: Floats, x: Floats) -> tuple[Any, Floats, Any]:
    """Index of the node below, share of the way to the next, and whether x lies within the axis."""
    if axis.size == 1:
        return np.zeros(x.shape, int), np.zeros(x.shape), np.ones(x.shape, bool)
    k = np.clip(np.searchsorted(axis, x, side="right") - 1, 0, axis.size - 2)
    share = (x - axis[k]) / (axis[k + 1] - axis[k])
    return k, np.clip(share, 0.0, 1.0), (share > -1e-6) & (share < 1.0 + 1e-6)


def _axes(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """North and east as vectors of space."""
    phi, lam = np.radians(lat), np.radians(lon)
    north = np.stack([-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)], axis=-1)
    return north, np.stack([-np.sin(lam), np.cos(lam), np.zeros_like(lam)], axis=-1)


def open_air(limits: Limits, stated: dict[str, Any], folders: tuple[Path, ...], pack: Path | None) -> Air:
    """The wind the mission asks for.

    stated : data.winds of the plan; folders : where a pack named by the mission is looked for; pack : the user's own
    answer to that

    Raises: InputError where the pack is not found, cannot be read or is not the one the plan was made with, or the
    shipped climatology is another.
    """
    headwind = NormalDist().inv_cdf(limits.wind_reliability) * limits.wind_sigma_mps - limits.wind_bias_mps
    if limits.wind_source == "constant":
        return Air(winds.constant(limits.wind_u_mps, limits.wind_v_mps), headwind)
    if limits.wind_source not in ("climatology", "file"):
        return Air(winds.still(), headwind)
    if limits.wind_source == "climatology":
        when = datetime.fromtimestamp(limits.anchor_s, UTC)
        field = winds.climatology(when, when + timedelta(seconds=1)).held_at(when)
        cure = "install the Longreach that made the plan, or plan the mission again"
    else:
        field = winds.read(find_pack(limits.wind_pack or "", folders, pack, "data.winds"))
        cure = "give the pack the plan was made with: --winds PACK"
    if stated.get("sha256") != field.sha256:
        what = f"the plan was made with winds of sha256 {stated.get('sha256')!r}, those at hand have {field.sha256!r}"
        raise InputError(Fault(what, key="data.winds.sha256", hint=cure))
    return Air(field, headwind)


def find_pack(name: str, folders: tuple[Path, ...], pack: Path | None, key: str) -> Path:
    """Where a wind pack lies: the user's own answer, else beside one of the folders' files.

    Raises: InputError, at the key path given, where it is nowhere.
    """
    if pack is not None:
        return pack
    for folder in folders:
        for path in (folder / name, folder / Path(name).name):
            if path.is_file():
                return path
    raise InputError(
        Fault(
            f"the wind pack {name!r} is not at hand",
            key=key,
            hint="give it with --winds PACK",
        )
    )
