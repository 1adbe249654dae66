"""Fields as files hold them, one for each variable, time and level, put together into a wind field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from longreach.errors import Fault, InputError
from longreach.geodesy import Floats
from longreach.world import atmosphere
from longreach.world.winds.field import WindField, gridded

NAMES = {"u": "u (eastward wind)", "v": "v (northward wind)", "t": "t (temperature)"}
GROUND = 110_000.0  # Pa; what is said of the air under the lowest level reaches down to here
LOWEST_HELD = 85_000.0  # Pa; a lowest level from here down may stand for all under it unless told otherwise
TOP = 5_400.0  # Pa, under the 20 km that pressure altitudes are served to
BELOW = ("auto", "hold", "calm", "none")


@dataclass(frozen=True, slots=True)
class Slab:
    """One variable ("u", "v", "t") at one moment and level: (lat, lon) float32, NaN where missing."""

    name: str
    time_s: float  # s since 1970
    pressure_pa: float
    values: Any
    file: str


@dataclass(frozen=True, slots=True)
class Slabs:
    """What was read of one or more files on one grid. thinning : (RMS, most) left out, by variable [m/s, K]."""

    lat: Floats
    lon: Floats
    slabs: tuple[Slab, ...]
    source: str
    thinning: dict[str, tuple[float, float]]
    notes: tuple[str, ...] = ()


def field_of(read: Slabs, *, name: str, below: str = "auto", steady: bool = False) -> WindField:
    """The field of all slabs; u and v, and t where there is any, at every time and level that one of them has.

    below : what lies under the lowest level: "hold" its wind, "calm" straight to still air, "none" nothing;
        "auto" is hold where the lowest level is 850 hPa or lower, else none
    steady : one time that stands for all

    Raises: InputError naming the variable, level and time that is missing or there twice.
    """
    have: dict[tuple[str, float, float], Slab] = {}
    for slab in read.slabs:
        key = (slab.name, slab.time_s, slab.pressure_pa)
        twin = have.get(key)
        if twin is not None and not np.array_equal(twin.values, slab.values, equal_nan=True):
            raise InputError(
                Fault(
                    f"holds {_what(key)} twice with different values (also in {twin.file})", file=slab.file,
                    hint="give one run and one ensemble member",
                )
            )  # fmt: skip
        have[key] = slab
    files = ", ".join(dict.fromkeys(slab.file for slab in read.slabs)) or None
    for variable in ("u", "v"):
        if not any(key[0] == variable for key in have):
            raise InputError(Fault(f"no {NAMES[variable]} on pressure levels", file=files))
    times = sorted({key[1] for key in have})
    levels = sorted({key[2] for key in have})
    warm = any(key[0] == "t" for key in have)
    faults = [
        Fault(f"{_what((variable, time, level))} is missing", file=files)
        for variable in ("u", "v", *(["t"] if warm else []))
        for time in times
        for level in levels
        if (variable, time, level) not in have
    ]
    if faults:
        hint = "import levels and times that all variables have: --levels"
        raise InputError(
            [
                *faults[:20],
                *([Fault(f"{len(faults) - 20} more like these")] if len(faults) > 20 else []),
                Fault(hint),
            ]
        )
    notes = list(read.notes)
    high = [level for level in levels if level < TOP]
    if len(high) > 1:
        notes.append(
            f"levels above {max(high) / 100:g} hPa are left out: pressure altitudes are served to 20,000 m"
        )
        levels = [level for level in levels if level >= max(high)]
    if len(levels) < 2:
        raise InputError(
            Fault(
                f"one level only, {levels[0] / 100:g} hPa; winds between levels need two at least", file=files
            )
        )
    if len(times) > 1 and steady:
        raise InputError(Fault(f"holds {len(times)} times; --steady is for one", file=files))

    def stacked(variable: str) -> Any:
        return np.stack(
            [np.stack([have[variable, time, level].values for level in levels]) for time in times]
        )

    u, v = stacked("u"), stacked("v")
    deviation = stacked("t") - _standard(np.array(levels))[None, :, None, None] if warm else None
    lowest = levels[-1]
    how = below if below != "auto" else "hold" if lowest >= LOWEST_HELD else "none"
    if how != "none" and lowest < GROUND:
        levels.append(GROUND)
        ground = u[:, -1:], v[:, -1:]
        if how == "calm":
            ground = np.zeros_like(ground[0]), np.zeros_like(ground[1])
        u, v = (np.concatenate([wind, last], axis=1) for wind, last in zip((u, v), ground, strict=True))
        if deviation is not None:
            deviation = np.concatenate([deviation, deviation[:, -1:]], axis=1)
        notes.append(
            f"under {lowest / 100:g} hPa the wind of that level is taken (assumed)"
            if how == "hold"
            else f"under {lowest / 100:g} hPa the wind falls to still air at {GROUND / 100:g} hPa (assumed)"
        )
    if steady:
        notes.append("one time, taken for every time (asked for)")
    epoch = datetime.fromtimestamp(times[0], UTC)
    return gridded(
        np.array(times) - times[0], levels, read.lat, read.lon, u, v, deviation,
        epoch=epoch, source="file", name=name, steady=steady, notes=notes,
    )  # fmt: skip


def merged(parts: Sequence[Slabs]) -> Slabs:
    """Several files on one grid as one. Raises: InputError where a grid differs."""
    first = parts[0]
    for part in parts[1:]:
        same = part.lat.shape == first.lat.shape and part.lon.shape == first.lon.shape
        if not (
            same
            and np.allclose(part.lat, first.lat, atol=1e-3)
            and np.allclose(part.lon % 360, first.lon % 360, atol=1e-3)
        ):
            raise InputError(
                Fault(
                    f"its grid of {part.lat.size} x {part.lon.size} points is not that of {first.slabs[0].file}",
                    file=part.slabs[0].file,
                )
            )
    thinning: dict[str, tuple[float, float]] = {}
    for part in parts:
        for name, (rms, most) in part.thinning.items():
            one = thinning.get(name, (0.0, 0.0))
            thinning[name] = (max(rms, one[0]), max(most, one[1]))
    return Slabs(
        first.lat,
        first.lon,
        tuple(slab for part in parts for slab in part.slabs),
        "; ".join(dict.fromkeys(part.source for part in parts)),
        thinning,
        tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _standard(pressure_pa: Floats) -> Floats:
    """Standard temperature [K] at pressures, above 20 km that of the stratosphere's foot; inverse of the ISA."""
    low, high = np.full(pressure_pa.shape, atmosphere.LOWEST), np.full(pressure_pa.shape, atmosphere.HIGHEST)
    for _ in range(50):
        middle = (low + high) / 2.0
        above = atmosphere.pressure(middle) > pressure_pa
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return atmosphere.temperature((low + high) / 2.0)


def _what(key: tuple[str, float, float]) -> str:
    when = datetime.fromtimestamp(key[1], UTC).strftime("%Y-%m-%dT%H:%MZ")
    return f"{NAMES[key[0]]} at {key[2] / 100:g} hPa, {when}"
