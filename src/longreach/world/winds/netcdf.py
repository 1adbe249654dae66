"""NetCDF 3 and 4 (ERA5 of the old and the new Climate Data Store, GFS, reanalyses): h5py or SciPy, by magic bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from longreach.errors import Fault, InputError, MissingExtra
from longreach.geodesy import Floats
from longreach.world.winds.slabs import NAMES, Slab, Slabs

WINDS: dict[str, tuple[str, ...]] = {
    "u": ("u", "ugrd", "uwnd", "ua", "eastward_wind", "u_component_of_wind", "u-component_of_wind_isobaric"),
    "v": ("v", "vgrd", "vwnd", "va", "northward_wind", "v_component_of_wind", "v-component_of_wind_isobaric"),
    "t": ("t", "tmp", "air", "ta", "air_temperature", "temperature", "temperature_isobaric"),
}
STANDARD = {"u": "eastward_wind", "v": "northward_wind", "t": "air_temperature"}
AXES: dict[str, tuple[str, ...]] = {
    "time": ("time", "valid_time", "initial_time0_hours", "validity_time"),
    "step": ("step", "forecast_period", "forecast_time0", "lead_time", "leadtime"),
    "level": (
        "level", "lev", "plev", "pressure_level", "pressure", "air_pressure", "isobaric", "isobaric1", "isobaricinhpa",
        "isobaricinpa", "lv_isbl0",
    ),
    "lat": ("latitude", "lat", "g0_lat_1", "g0_lat_2", "y"),
    "lon": ("longitude", "lon", "g0_lon_2", "g0_lon_3", "x"),
    "member": ("number", "member", "ensemble", "realization"),
    "expver": ("expver",),
}  # fmt: skip
HECTOPASCALS = {"hpa", "mb", "mbar", "millibar", "millibars", "hectopascal", "hectopascals"}
PASCALS = {"pa", "pascal", "pascals"}
METRES_PER_SECOND = {
    "m/s",
    "m s-1",
    "m s**-1",
    "ms-1",
    "m.s-1",
    "meter/second",
    "meters/second",
    "m sec-1",
    "m/sec",
}
KELVIN = {"k", "kelvin", "degk"}
SECONDS = {
    "second": 1.0,
    "sec": 1.0,
    "s": 1.0,
    "minute": 60.0,
    "min": 60.0,
    "hour": 3600.0,
    "hr": 3600.0,
    "h": 3600.0,
    "day": 86400.0,
    "d": 86400.0,
}


SINCE = re.compile(  # hours since 1900-01-01 00:00:0.0
    r"\s*(\w+?)s?\s+since\s+(\d{1,4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d*)?)?)?\s*(?:Z|UTC|\+?0?0?:?00)?\s*"
)


class _Variable:
    """One variable: dimensions, attributes, values unpacked on reading."""

    def __init__(
        self,
        name: str,
        dimensions: tuple[str, ...],
        shape: tuple[int, ...],
        attributes: dict[str, Any],
        raw: Callable[[Any], Any],
    ) -> None:
        self.name, self.dimensions, self.shape, self.attributes, self._raw = (
            name,
            dimensions,
            shape,
            attributes,
            raw,
        )

    def text(self, key: str) -> str:
        value = self.attributes.get(key, "")
        value = value.item() if isinstance(value, np.ndarray) and value.size == 1 else value
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

    def number(self, key: str) -> float | None:
        value = self.attributes.get(key)
        try:
            return None if value is None else float(np.asarray(value).ravel()[0])
        except (TypeError, ValueError):
            return None

    def values(self, where: Any = ()) -> Any:
        """float64 values at an index, packing undone, fill values NaN."""
        raw = np.asarray(self._raw(where))
        found = raw.astype(float)
        for key in ("_FillValue", "missing_value"):
            fill = self.number(key)
            if fill is not None:
                found[found == fill] = np.nan
        found[np.abs(found) > 1e19] = np.nan
        scale, offset = self.number("scale_factor"), self.number("add_offset")
        return found * (1.0 if scale is None else scale) + (0.0 if offset is None else offset)


def read(
    file: Path,
    spacing: float,
    levels_pa: Sequence[float] | None,
    progress: Callable[[str, float | None], None],
    *,
    alone: bool = True,
    steady: bool = False,
) -> Slabs:
    """Every u, v and t on pressure levels in one file; arguments and errors as `grib.read`.

    alone : whether the file must hold both u and v, since no other is read with it
    steady : whether a time that is not stated may stand for every time
    """
    with file.open("rb") as stream:
        magic = stream.read(4)
    try:
        if magic == b"\x89HDF":
            return _read_hdf(file, spacing, levels_pa, progress, alone, steady)
        from scipy.io import netcdf_file

        with netcdf_file(file, "r", mmap=False) as data:
            variables = {
                name: _Variable(
                    name, tuple(each.dimensions), tuple(each.shape), dict(each._attributes), each.__getitem__
                )
                for name, each in data.variables.items()
            }
            return _slabs(file, variables, spacing, levels_pa, progress, alone, steady)
    except (OSError, ValueError, TypeError, IndexError, EOFError) as error:
        raise InputError(
            Fault(f"cannot be read as NetCDF: {error}; is it cut short?", file=str(file))
        ) from error


def _read_hdf(
    file: Path,
    spacing: float,
    levels_pa: Sequence[float] | None,
    progress: Callable[[str, float | None], None],
    alone: bool,
    steady: bool,
) -> Slabs:
    try:
        import h5py
    except ModuleNotFoundError as error:
        raise MissingExtra("reading NetCDF 4 needs h5py: pip install 'longreach[grib]'") from error
    with h5py.File(file, "r") as data:
        sets = {name: each for name, each in data.items() if isinstance(each, h5py.Dataset)}
        by_reference = {each.ref: name for name, each in sets.items()}
        variables = {}
        for name, each in sets.items():
            dimensions = tuple(_dimension(data, each, k, by_reference) for k in range(each.ndim))
            variables[name] = _Variable(name, dimensions, each.shape, dict(each.attrs), each.__getitem__)
        return _slabs(file, variables, spacing, levels_pa, progress, alone, steady)


def _dimension(data: Any, each: Any, k: int, by_reference: dict[Any, str]) -> str:
    """Name of a dataset's k-th dimension, by the dimension scale attached to it; its own where it is a scale."""
    listed = each.attrs.get("DIMENSION_LIST")
    if listed is not None and len(listed[k]):
        return str(data[listed[k][0]].name).lstrip("/")
    return str(each.name).lstrip("/") if each.ndim == 1 else f"dimension {k}"


def _axis_of(variables: dict[str, _Variable], dimension: str) -> str | None:
    """What a dimension is, by its name or its coordinate's standard name."""
    for kind, names in AXES.items():
        if dimension.lower() in names:
            return kind
    variable = variables.get(dimension)
    standard = variable.text("standard_name") if variable else ""
    known = {
        "latitude": "lat",
        "longitude": "lon",
        "air_pressure": "level",
        "time": "time",
        "realization": "member",
    }
    return known.get(standard)


def _slabs(
    file: Path,
    variables: dict[str, _Variable],
    spacing: float,
    levels_pa: Sequence[float] | None,
    progress: Callable[[str, float | None], None],
    alone: bool,
    steady: bool,
) -> Slabs:
    from longreach.world.winds._grib_child import thinner

    found: dict[str, _Variable] = {}
    for name, names in WINDS.items():
        for variable in variables.values():
            if len(variable.shape) >= 2 and (
                variable.name.lower() in names or variable.text("standard_name") == STANDARD[name]
            ):
                found[name] = variable
                break
    for name in ("u", "v"):
        if name not in found and (alone or not found):
            shown = ", ".join(sorted(each.name for each in variables.values() if len(each.shape) >= 2)[:12])
            raise InputError(
                Fault(
                    f"no {NAMES[name]}; it holds {shown or 'no gridded variable'}", file=str(file),
                    hint="where it lies in a file of its own, give both" if found else None,
                )
            )  # fmt: skip
    notes: list[str] = []
    slabs: list[Slab] = []
    lat = lon = None
    thinning: dict[str, tuple[float, float]] = {}
    for order, (name, variable) in enumerate(found.items()):
        _units(file, name, variable, notes)
        axes = [_axis_of(variables, dimension) for dimension in variable.dimensions]
        unknown = [
            d
            for d, kind, size in zip(variable.dimensions, axes, variable.shape, strict=True)
            if kind is None and size > 1
        ]
        if unknown:
            raise InputError(
                Fault(
                    f"{variable.name} has a dimension {unknown[0]!r} that is none of time, level, latitude, longitude",
                    file=str(file),
                )
            )
        for needed in ("lat", "lon"):
            if needed not in axes:
                raise InputError(
                    Fault(
                        f"{variable.name} has no {'latitude' if needed == 'lat' else 'longitude'} axis",
                        file=str(file),
                    )
                )
        size = {kind: n for kind, n in zip(axes, variable.shape, strict=True) if kind}
        if size.get("member", 1) > 1:
            raise InputError(
                Fault(f"{variable.name} holds {size['member']} ensemble members; give one", file=str(file))
            )
        own_lat, own_lon = (_axis(file, variables, variable, axes, kind) for kind in ("lat", "lon"))
        stride = thinner(own_lat, own_lon, spacing)
        if isinstance(stride, str):
            raise InputError(Fault(stride, file=str(file)))
        times = _times(file, variables, variable, axes, steady, notes)
        levels = _levels(file, variables, variable, axes, notes)
        total = len(times) * levels.size
        for k, (moment, index) in enumerate(times):
            for j, level in enumerate(levels):
                if levels_pa is not None and not any(abs(level - each) < 0.5 for each in levels_pa):
                    continue
                where: list[Any] = []
                for kind, n in zip(axes, variable.shape, strict=True):
                    if kind in ("time", "step"):
                        where.append(index[kind])
                    elif kind == "level":
                        where.append(j)
                    elif kind in ("lat", "lon"):
                        where.append(slice(None))
                    else:
                        where.append(slice(None) if kind == "expver" and n > 1 else 0)
                values = variable.values(tuple(where))
                left = [kind for kind, place in zip(axes, where, strict=True) if isinstance(place, slice)]
                if (
                    "expver" in left
                ):  # final and preliminary parts of a month of ERA5: one of them is empty at a time
                    parts = np.moveaxis(values, left.index("expver"), 0)
                    values = parts[0]
                    for part in parts[1:]:
                        values = np.where(np.isnan(values), part, values)
                    left.remove("expver")
                if left == ["lon", "lat"]:
                    values = values.T
                values, off = _thinned(values, own_lat, stride)
                if off is not None:
                    one = thinning.get(name, (0.0, 0.0))
                    thinning[name] = (max(one[0], off[0]), max(one[1], off[1]))
                slabs.append(Slab(name, moment, float(level), values.astype(np.float32), str(file)))
            progress(f"reading {file.name}", (order + (k + 1) * levels.size / total) / len(found))
        lat, lon = own_lat[::stride], own_lon[::stride]
    if not slabs:
        asked, held = (
            ", ".join(f"{p / 100:g}" for p in found_levels) for found_levels in (levels_pa or (), levels)
        )
        raise InputError(Fault(f"no wind at {asked} hPa; it holds {held} hPa", file=str(file)))
    assert lat is not None and lon is not None
    return Slabs(lat, lon, tuple(slabs), f"NetCDF, {file.name}", thinning, tuple(dict.fromkeys(notes)))


def _thinned(values: Any, lat: Floats, stride: int) -> tuple[Any, tuple[float, float] | None]:
    from longreach.world.winds._grib_child import left_out

    if stride == 1:
        return values, None
    kept = np.ascontiguousarray(values[::stride, ::stride])
    off = left_out(values, kept, lat, stride)
    return kept, (float(np.sqrt((off**2).mean())), float(off.max())) if off.size else (0.0, 0.0)


def _axis(
    file: Path, variables: dict[str, _Variable], variable: _Variable, axes: Sequence[str | None], kind: str
) -> Floats:
    dimension = variable.dimensions[axes.index(kind)]
    if dimension not in variables:
        raise InputError(Fault(f"its dimension {dimension!r} has no coordinate values", file=str(file)))
    return np.atleast_1d(variables[dimension].values())


def _levels(
    file: Path,
    variables: dict[str, _Variable],
    variable: _Variable,
    axes: Sequence[str | None],
    notes: list[str],
) -> Floats:
    if "level" in axes:
        coordinate = variables.get(variable.dimensions[axes.index("level")])
    else:
        coordinate = next(
            (each for each in variables.values() if each.name.lower() in AXES["level"] and not each.shape),
            None,
        )
    if coordinate is None:
        raise InputError(Fault(f"{variable.name} is on no pressure level", file=str(file)))
    level = np.atleast_1d(coordinate.values())
    unit = coordinate.text("units").strip().lower()
    if unit in PASCALS:
        return level
    if unit in HECTOPASCALS:
        return level * 100.0
    if unit:
        raise InputError(
            Fault(f"its levels ({coordinate.name}) are in {unit!r}; hPa or Pa is needed", file=str(file))
        )
    guess = "Pa" if level.max() > 2000.0 else "hPa"
    notes.append(f"the unit of the levels is not stated: taken as {guess} from their size")
    return level if guess == "Pa" else level * 100.0


def _times(
    file: Path,
    variables: dict[str, _Variable],
    variable: _Variable,
    axes: Sequence[str | None],
    steady: bool,
    notes: list[str],
) -> list[tuple[float, dict[str, int]]]:
    """(moment [s since 1970], index by axis) of every time, run and step added up."""
    base: list[float] = []
    names = (
        [variable.dimensions[axes.index("time")]]
        if "time" in axes
        else [
            name
            for name in (*AXES["time"], "forecast_reference_time")
            if name in variables and np.prod(variables[name].shape) == 1
        ]
    )
    undated = steady and bool(names) and names[0] in variables and not variables[names[0]].text("units")
    if undated and np.prod(variables[names[0]].shape) == 1 and "step" not in axes:
        notes.append("the file does not state its time")
        return [(0.0, {"time": 0})]
    if names and names[0] in variables:
        base = [
            _moment(file, variables[names[0]], value)
            for value in np.atleast_1d(variables[names[0]].values()).ravel()
        ]
    if not base:
        raise InputError(Fault(f"{variable.name} has no time", file=str(file)))
    if "step" not in axes:
        return [(moment, {"time": k}) for k, moment in enumerate(base)]
    step = variables[variable.dimensions[axes.index("step")]]
    unit = step.text("units").strip().lower().rstrip("s") or step.text("dtype").strip().lower()
    seconds = SECONDS.get(unit)
    if seconds is None:
        raise InputError(
            Fault(f"the unit {step.text('units')!r} of its forecast steps is not known", file=str(file))
        )
    return [
        (moment + float(value) * seconds, {"time": k, "step": j})
        for k, moment in enumerate(base)
        for j, value in enumerate(np.atleast_1d(step.values()))
    ]


def _moment(file: Path, variable: _Variable, value: float) -> float:
    units, calendar = variable.text("units"), variable.text("calendar").lower() or "standard"
    match = SINCE.fullmatch(units)
    unit = match[1].lower() if match else ""
    scale = SECONDS.get(unit) or SECONDS.get(unit.rstrip("s"))
    if match is None or scale is None:
        raise InputError(
            Fault(
                f"its times are in {units!r}; 'hours since 1900-01-01' and the like are understood",
                file=str(file), hint=None if units else "a mean of one time without a date: --steady",
            )
        )  # fmt: skip
    if calendar not in ("standard", "gregorian", "proleptic_gregorian"):
        raise InputError(
            Fault(f"its calendar is {calendar!r}; only the Gregorian is understood", file=str(file))
        )
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[1:])
    try:
        start = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return (start + timedelta(seconds=float(value) * scale)).timestamp()
    except (ValueError, OverflowError) as error:
        raise InputError(Fault(f"time {value:g} {units!r} is no moment: {error}", file=str(file))) from error


def _units(file: Path, name: str, variable: _Variable, notes: list[str]) -> None:
    unit = variable.text("units").strip().lower()
    known = KELVIN if name == "t" else METRES_PER_SECOND
    if not unit:
        notes.append(f"the unit of {variable.name} is not stated: taken as {'K' if name == 't' else 'm/s'}")
    elif unit not in known:
        raise InputError(
            Fault(
                f"{variable.name} is in {unit!r}; {'K' if name == 't' else 'm/s'} is needed", file=str(file)
            )
        )
