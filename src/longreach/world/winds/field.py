"""A wind field: axes, values, what it is and where it comes from; and the wind at a point."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from longreach.errors import DataError, LongreachError
from longreach.geodesy import Floats
from longreach.world import atmosphere

FLIGHT_LEVEL = 30.48  # m
STRONGEST = 250.0  # m/s; no wind on record in the air we fly in comes near it
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class WindError(LongreachError):
    """A place, level or time that a wind field does not hold."""


class Wind(NamedTuple):
    """Wind at points: u toward east, v toward north [m/s]; temperature less the standard's [K]."""

    u_mps: Floats
    v_mps: Floats
    deviation_k: Floats


@dataclass(frozen=True, slots=True)
class WindField:
    """Wind and temperature over time, pressure, latitude and longitude; between the nodes linear.

    source : "still" | "constant" | "climatology" | "file"
    name : what it is, for people
    epoch : zero of the time axis, UTC
    time_s : (nt,) s from `epoch`, ascending
    pressure_pa : (nl,) Pa, ascending: the highest level first. Between levels linear in ln p
    lat : (ny,) deg, ascending; lon : (nx,) deg, ascending; round the globe the last is the first plus 360
    values : (nt, nl, ny, nx, 3) float32: u, v [m/s], temperature less the standard atmosphere's [K]
    steady : one time that stands for every time
    has_temperature : False where the third value is nought for want of a source
    sigma_mps : one sigma of the mean along-track wind of a long leg about this field's, stated by its maker
    sha256 : of the file or table it comes from, "" where there is none
    notes : what was assumed or altered on the way here, for the plan and the brief

    The arrays are read-only. `grid()` is the same field for a kernel: see `_kernels.wind`.
    """

    source: str
    name: str
    epoch: datetime
    time_s: Floats
    pressure_pa: Floats
    lat: Floats
    lon: Floats
    values: np.ndarray[Any, np.dtype[np.float32]]
    steady: bool = False
    uniform: bool = False
    has_temperature: bool = False
    sigma_mps: float = 0.0
    sha256: str = ""
    notes: tuple[str, ...] = ()

    @property
    def cyclic(self) -> bool:
        """Whether the field goes round the globe."""
        return bool(abs(self.lon[-1] - self.lon[0] - 360.0) < 1e-6)

    @property
    def first_utc(self) -> datetime:
        return self.epoch + timedelta(seconds=float(self.time_s[0]))

    @property
    def last_utc(self) -> datetime:
        return self.epoch + timedelta(seconds=float(self.time_s[-1]))

    def seconds(self, when: datetime) -> float:
        """A UTC time on the field's own axis [s from its epoch]."""
        if when.tzinfo is None:
            raise WindError(f"{when.isoformat()} has no time zone; give UTC, for example 2026-01-15T18:00Z")
        return (when - self.epoch).total_seconds()

    def held_at(self, when: datetime) -> WindField:
        """The field as it is at one moment, held for every time. Raises: WindError outside its times."""
        if self.steady or self.uniform:
            return self
        seconds = self.seconds(when)
        if not self.time_s[0] <= seconds <= self.time_s[-1]:
            raise WindError(
                f"{self.name} holds winds from {_utc(self.first_utc)} to {_utc(self.last_utc)}; {_utc(when)} is outside"
            )
        k = int(np.clip(np.searchsorted(self.time_s, seconds, "right") - 1, 0, max(self.time_s.size - 2, 0)))
        values = self.values[k : k + 1]
        if self.time_s.size > 1:
            w = np.float32((seconds - self.time_s[k]) / (self.time_s[k + 1] - self.time_s[k]))
            values = values * (1 - w) + self.values[k + 1 : k + 2] * w
        return replace(self, epoch=when, time_s=_fixed(np.array([0.0])), values=_fixed(values), steady=True)

    def grid(self) -> Any:
        """The field as a kernel takes it: `_kernels.Grid`. No copy of the values is made."""
        from longreach.world.winds._kernels import Grid

        return Grid(
            self.time_s,
            np.log(self.pressure_pa),
            self.lat,
            self.lon,
            self.values.reshape(-1),
            self.steady or self.uniform,
            self.uniform,
        )

    def at(self, lat: ArrayLike, lon: ArrayLike, altitude_m: ArrayLike, time_s: ArrayLike = 0.0) -> Wind:
        """Wind at points.

        Parameters
        ----------
        lat, lon : degrees; any longitude
        altitude_m : pressure altitude, -1,000 to 20,000 m
        time_s : s from `epoch` (see `seconds`); not looked at where the field is steady
        All broadcast; each answer has the common shape.

        Raises: WindError outside the field's times, levels, latitudes or longitudes, or where a value is
        missing, naming the first such point and the range; FuelError outside the atmosphere served.

        >>> still().at(51.5, -0.5, 10000.0).u_mps.item()
        0.0
        """
        from longreach.world.winds import _kernels as kernels

        lat, lon, altitude, time = np.broadcast_arrays(
            *(np.asarray(each, float) for each in (lat, lon, altitude_m, time_s))
        )
        ln_p = np.log(atmosphere.pressure(altitude))
        flat = [np.ascontiguousarray(each, float).ravel() for each in (time, ln_p, lat, lon)]
        if not all(np.isfinite(each).all() for each in flat):
            raise WindError("a latitude, longitude, altitude or time is not a number")
        if np.abs(flat[2]).max(initial=0.0) > 90.0:
            raise WindError("a latitude is outside -90 to 90 deg")
        time, ln_p, y, x = flat
        u, v, dt = (np.empty(y.size) for _ in range(3))
        code, at = kernels.wind_many(self.grid(), time, ln_p, y, x, u, v, dt)
        if code != kernels.OK:
            raise WindError(
                self.refusal(
                    code,
                    float(y[at]),
                    float(x[at]),
                    float(altitude.ravel()[at]),
                    float(time[at]),
                )
            )
        return Wind(u.reshape(lat.shape), v.reshape(lat.shape), dt.reshape(lat.shape))

    def refusal(self, code: int, lat: float, lon: float, altitude_m: float, time_s: float) -> str:
        """A kernel's code in words: what was asked, what the field holds, a way out."""
        from longreach.world.winds import _kernels as kernels

        level = (
            f"FL{altitude_m / FLIGHT_LEVEL:03.0f} ({float(atmosphere.pressure(altitude_m)) / 100.0:.0f} hPa)"
        )
        if code == kernels.TIME:
            when = self.epoch + timedelta(seconds=time_s)
            cure = "Take a file that covers the whole flight"
            if self.time_s.size == 1:
                cure += ", or import it with --steady to take its one time for every time"
            return (
                f"{self.name} holds winds from {_utc(self.first_utc)} to {_utc(self.last_utc)}; {_utc(when)} is "
                f"outside. {cure}"
            )
        if code == kernels.LEVEL:
            top, bottom = self.pressure_pa[0] / 100.0, self.pressure_pa[-1] / 100.0
            return (
                f"{self.name} holds levels from {bottom:g} to {top:g} hPa; {level} is outside. Import the missing "
                "levels too, or say what lies under the lowest: longreach winds import --below hold|calm"
            )
        if code == kernels.MISSING:
            return f"{self.name} has no value at {lat:.4f}, {lon:.4f}, {level}: it is missing in the source"
        return (
            f"{self.name} covers {self.lat[0]:g} to {self.lat[-1]:g} deg latitude and {self.lon[0]:g} to "
            f"{self.lon[-1]:g} deg longitude; {lat:.4f}, {lon:.4f} is outside. Take a file that covers the route"
        )


def still() -> WindField:
    """No wind anywhere."""
    return _uniform("still", "still air", 0.0, 0.0)


def constant(u_mps: float, v_mps: float, deviation_k: float = 0.0) -> WindField:
    """One wind everywhere, toward east and north [m/s], and one temperature deviation [K].

    >>> constant(10.0, 0.0).at(90.0, 0.0, 0.0).u_mps.item()
    10.0
    """
    if not math.hypot(u_mps, v_mps) <= STRONGEST:
        raise WindError(f"a wind of ({u_mps:g}, {v_mps:g}) m/s is not a number up to {STRONGEST:g} m/s")
    return _uniform("constant", "one wind everywhere", u_mps, v_mps, deviation_k)


def _uniform(source: str, name: str, u: float, v: float, deviation: float = 0.0) -> WindField:
    values = np.array([u, v, deviation], np.float32).reshape(1, 1, 1, 1, 3)
    nought, pressure = _fixed(np.array([0.0])), _fixed(np.array([20000.0]))
    return WindField(
        source, name, EPOCH, nought, pressure, nought, nought, _fixed(values), steady=True, uniform=True
    )


def gridded(
    time_s: ArrayLike,
    pressure_pa: ArrayLike,
    lat: ArrayLike,
    lon: ArrayLike,
    u_mps: ArrayLike,
    v_mps: ArrayLike,
    deviation_k: ArrayLike | None = None,
    *,
    epoch: datetime = EPOCH,
    source: str = "file",
    name: str = "the wind field",
    steady: bool = False,
    sigma_mps: float = 0.0,
    sha256: str = "",
    notes: Sequence[str] = (),
) -> WindField:
    """A field from arrays (nt, nl, ny, nx) on any monotonic axes.

    Levels and latitudes may run either way; longitudes are degrees in any range. A grid round the globe is
    closed with its first meridian, and where its last row lies within one and a half rows of a pole a row for
    the pole is made: the mean vector of the row beside it. A row at the pole becomes one vector, the mean of
    its own where its values agree and else that of the row beside it. NaN is a missing value.

    Raises: DataError for axes that do not rise or fall throughout, shapes that do not fit, winds over 250 m/s.
    """
    t, p, y, x = (np.array(each, float, ndmin=1) for each in (time_s, pressure_pa, lat, lon))
    u, v = np.asarray(u_mps, np.float32), np.asarray(v_mps, np.float32)
    d = np.zeros_like(u) if deviation_k is None else np.asarray(deviation_k, np.float32)
    shape = (t.size, p.size, y.size, x.size)
    for what, array in (("u", u), ("v", v), ("temperature", d)):
        if array.shape != shape:
            raise DataError(f"{name}: {what} has shape {array.shape}, the axes {shape}")
    values = np.stack([u, v, d], axis=-1)
    if y.size < 2 or x.size < 2:
        raise DataError(f"{name}: a grid needs two latitudes and two longitudes at least")
    if steady and t.size != 1:
        raise DataError(f"{name}: a steady field has one time, not {t.size}")
    t, values = _ascending(t, values, 0, "times", name)
    p, values = _ascending(p, values, 1, "levels", name)
    y, values = _ascending(y, values, 2, "latitudes", name)
    x, values = _eastward(x, values, name)
    if not (p[0] > 0.0 and np.abs(y).max() <= 90.0 + 1e-6):
        raise DataError(f"{name}: a level is not above 0 Pa, or a latitude is outside -90 to 90 deg")
    y = np.clip(y, -90.0, 90.0)
    with np.errstate(invalid="ignore"):
        if (np.abs(values[..., :2]) > STRONGEST).any():
            raise DataError(
                f"{name}: a wind component of {float(np.nanmax(np.abs(values[..., :2]))):g} m/s; {STRONGEST:g} m/s is "
                "the most believed. Is it in m/s, and are missing values marked as such?"
            )
    widest = float(np.diff(x).max())
    if abs(x[-1] - x[0] - 360.0) > 1e-6 and x[0] + 360.0 - x[-1] <= 1.01 * widest:
        x = np.append(x, x[0] + 360.0)
        values = np.concatenate([values, values[:, :, :, :1]], axis=3)
    if abs(x[-1] - x[0] - 360.0) < 1e-6:
        y, values = _polar_rows(y, values, x)
    return WindField(
        source,
        name,
        epoch,
        _fixed(t),
        _fixed(p),
        _fixed(y),
        _fixed(x),
        _fixed(np.ascontiguousarray(values, np.float32)),
        steady=steady,
        has_temperature=deviation_k is not None,
        sigma_mps=sigma_mps,
        sha256=sha256,
        notes=tuple(notes),
    )


def _ascending(axis: Floats, values: Any, along: int, what: str, name: str) -> tuple[Floats, Any]:
    steps = np.diff(axis)
    if not np.isfinite(axis).all() or not ((steps > 0.0).all() or (steps < 0.0).all()):
        raise DataError(f"{name}: the {what} neither rise nor fall throughout")
    if steps.size and steps[0] < 0.0:
        return axis[::-1].copy(), np.flip(values, along)
    return axis, values


def _eastward(lon: Floats, values: Any, name: str) -> tuple[Floats, Any]:
    """Longitudes ascending by less than a turn, from any order and range; the widest gap is outside the field."""
    if not np.isfinite(lon).all():
        raise DataError(f"{name}: a longitude is not a number")
    if abs(abs(lon[-1] - lon[0]) - 360.0) < 1e-6:  # closed already
        lon, values = lon[:-1], values[:, :, :, :-1]
    turned = lon % 360.0
    order = np.argsort(turned, kind="stable")
    gaps = np.diff(np.append(turned[order], turned[order[0]] + 360.0))
    if (gaps <= 1e-9).any():
        raise DataError(f"{name}: a longitude occurs twice")
    start = (
        (int(np.argmax(gaps > gaps.max() - 1e-6)) + 1) % lon.size if gaps.max() > 1.5 * np.median(gaps) else 0
    )
    order = np.roll(order, -start)
    east = turned[order]
    east[np.arange(lon.size) >= lon.size - start] += 360.0 if start else 0.0
    if east[0] > 180.0:
        east -= 360.0
    if (order == np.arange(lon.size)).all():
        return east, values
    return east, np.take(values, order, axis=3)


def _polar_rows(lat: Floats, values: Any, lon: Floats) -> tuple[Floats, Any]:
    """One vector at each pole the grid reaches or nearly reaches."""
    step = float(np.diff(lat).max())
    values = np.array(values, np.float32)
    for north in (False, True):
        end = -1 if north else 0
        pole = 90.0 if north else -90.0
        short = abs(pole - lat[end])
        if short > 1.5 * step:
            continue
        at_pole = short < 1e-6
        beside = (-2 if north else 1) if at_pole else end
        row, spread = _one_vector(values[:, :, beside], lon, north)
        if at_pole:
            own, spread = _one_vector(values[:, :, end], lon, north)
            row[..., :2] = np.where(spread[..., None, None] < 1.0, own[..., :2], row[..., :2])
            row[..., 2] = own[..., 2]
            values[:, :, end] = row
            lat = lat.copy()
            lat[end] = pole
        elif north:
            lat, values = np.append(lat, pole), np.concatenate([values, row[:, :, None]], axis=2)
        else:
            lat, values = np.append(pole, lat), np.concatenate([row[:, :, None], values], axis=2)
    return lat, values


def _one_vector(row: Any, lon: Floats, north: bool) -> tuple[Any, Any]:
    """A row's mean vector in each meridian's east and north, and how far its values were from that [m/s]."""
    turn = np.radians(lon) if north else -np.radians(lon)
    cos, sin = np.cos(turn), np.sin(turn)
    u, v = row[..., 0].astype(float), row[..., 1].astype(float)
    # on the meridian of 0: the same vector seen from there
    east = (u * cos - v * sin)[..., :-1].mean(axis=-1, keepdims=True)
    up = (v * cos + u * sin)[..., :-1].mean(axis=-1, keepdims=True)
    out = np.empty_like(row)
    out[..., 0], out[..., 1] = east * cos + up * sin, up * cos - east * sin
    out[..., 2] = row[..., :-1, 2].mean(axis=-1, keepdims=True)
    off = np.hypot(out[..., 0] - u, out[..., 1] - v).max(axis=-1)
    return out, off


def _fixed(array: Any) -> Any:
    array.setflags(write=False)
    return array


def _utc(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%MZ")
