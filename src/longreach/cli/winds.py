"""`longreach winds import | show | at`"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from longreach.cli import PLAIN
from longreach.cli._output import Json, Progress, emit
from longreach.errors import Fault, InputError, UnitError

app = typer.Typer(**PLAIN, help="Make a wind pack from weather files, and look at winds.")

Level = Annotated[str, typer.Option("--level", help="Flight level or height, such as FL340.")]
Time = Annotated[str | None, typer.Option("--time", help="UTC, such as 2026-01-15T18:00Z.")]


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="GRIB 1 or 2, NetCDF 3 or 4.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="PACK", help="The wind pack to write.")],
    grid: Annotated[
        str | None,
        typer.Option("--grid", help="Thin to this spacing, such as '1 deg'; what is lost is stated."),
    ] = None,
    levels: Annotated[
        str | None, typer.Option("--levels", help="Keep these levels only, in hPa: 500,400,300,250,200,150.")
    ] = None,
    below: Annotated[
        str,
        typer.Option(
            "--below",
            help="Under the lowest level: hold its wind, calm, none (auto: hold from 850 hPa down).",
        ),
    ] = "auto",
    steady: Annotated[bool, typer.Option("--steady", help="Take a file of one time for every time.")] = False,
    as_json: Json = False,
) -> None:
    """Read weather files (GFS, ECMWF, ERA5 and the like), join their times and levels, write one wind pack."""
    from longreach.units import parse_angle
    from longreach.world.winds.importing import import_files
    from longreach.world.winds.slabs import BELOW

    if below not in BELOW:
        raise InputError(Fault(f"--below {below!r} is not known", hint=f"one of {', '.join(BELOW)}"))
    try:
        spacing = 0.0 if grid is None else parse_angle(grid if "deg" in grid else f"{grid} deg")
    except UnitError as error:
        raise InputError(Fault(f"--grid: {error}")) from error
    if grid is not None and not 0.0 < spacing <= 10.0:
        raise InputError(Fault(f"--grid {grid!r} is outside 0 to 10 deg"))
    with Progress() as progress:
        made = import_files(
            files, output, spacing_deg=spacing, levels_pa=_levels(levels), below=below, steady=steady,
            progress=progress,
        )  # fmt: skip
    if as_json:
        emit({"schema": "longreach.winds-import/1", "output": str(output), **_about(made.field, made.header)})
        return
    _print(made.field, made.header)
    print(f"wrote {output}, {output.stat().st_size / 1e6:.1f} MB")


@app.command()
def show(
    pack: Annotated[
        Path | None, typer.Argument(metavar="PACK", help="A wind pack; without one, the climatology.")
    ] = None,
    level: Level = "FL340",
    time: Time = None,
    svg: Annotated[Path | None, typer.Option("--svg", help="Write the picture as an SVG file too.")] = None,
    as_json: Json = False,
) -> None:
    """Print what a wind pack holds, and a picture of one level at one time."""
    from longreach.world.winds import picture

    field, header = _field(pack, time)
    when = _moment(time) if time else field.first_utc
    height = _height(level)
    if as_json:
        emit({"schema": "longreach.winds-show/1", **_about(field, header)})
        return
    _print(field, header)
    print()
    print(picture.text(field, height, when))
    if svg is not None:
        from longreach.document import write_atomically

        write_atomically(svg, picture.svg(field, height, when).encode())
        print(f"wrote {svg}")


@app.command()
def at(
    place: Annotated[str, typer.Argument(help="An airport, or lat,lon.")],
    pack: Annotated[
        Path | None, typer.Argument(metavar="PACK", help="A wind pack; without one, the climatology.")
    ] = None,
    level: Level = "FL340",
    time: Time = None,
    as_json: Json = False,
) -> None:
    """Print the wind over a place at a level and time."""
    from longreach.units import KNOT
    from longreach.world import airports, atmosphere

    point, height = airports.find(place.strip()), _height(level)
    field, _ = _field(pack, time)
    when = _moment(time) if time else field.first_utc
    wind = field.at(point.lat, point.lon, height, field.seconds(when))
    u, v, deviation = (float(each) for each in wind)
    speed, blows_from = math.hypot(u, v), math.degrees(math.atan2(-u, -v)) % 360.0
    if as_json:
        emit({
            "schema": "longreach.winds-at/1", "winds": field.name, "source": field.source,
            "lat": point.lat, "lon": point.lon, "altitude_ft": round(height / 0.3048, 1), "time_utc": _stamp(when),
            "from_deg": round(blows_from, 1), "speed_kt": round(speed / KNOT, 1), "u_mps": round(u, 3),
            "v_mps": round(v, 3), "temperature_deviation_k": round(deviation, 2) if field.has_temperature else None,
            "sigma_kt": round(field.sigma_mps / KNOT, 1) if field.sigma_mps else None,
        })  # fmt: skip
        return
    print(f"{point.code}, {level}, {_stamp(when)}, {field.name}")
    print(f"wind         from {blows_from:03.0f} deg at {speed / KNOT:.0f} kt (u {u:+.1f}, v {v:+.1f} m/s)")
    if field.has_temperature:
        kelvin = float(atmosphere.temperature(height)) + deviation
        print(f"temperature  {kelvin - 273.15:.0f} C, {deviation:+.0f} K from the standard")
    if field.sigma_mps:
        words = "one sigma of a long leg's mean; a day differs far more at one point"
        print(f"spread       {field.sigma_mps / KNOT:.0f} kt, {words}")


def _field(pack: Path | None, time: str | None) -> tuple[Any, dict[str, Any] | None]:
    if pack is not None:
        from longreach.world.winds.pack import read

        found = read(pack)
        return found.field, found.header
    from longreach.world.winds import climatology

    if time is None:
        raise InputError(
            Fault("the climatology needs a date", hint="say when, for example --time 2026-01-15T18:00Z")
        )
    when = _moment(time)
    return climatology(when, when + timedelta(seconds=1)), None


def _moment(text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            Fault(f"--time {text!r} is no moment", hint="write for example 2026-01-15T18:00Z")
        ) from None
    if when.tzinfo is None:
        raise InputError(Fault(f"--time {text!r} has no zone", hint=f"for UTC write {text}Z"))
    return when.astimezone(UTC)


def _height(level: str) -> float:
    from longreach.units import parse_level

    try:
        return parse_level(level)
    except UnitError as error:
        raise InputError(Fault(f"--level: {error}")) from error


def _levels(text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        found = [float(part) * 100.0 for part in text.split(",")]
    except ValueError:
        raise InputError(
            Fault(f"--levels {text!r} is no list of pressures", hint="for example 300,250,200")
        ) from None
    if not all(1_000.0 <= level <= 110_000.0 for level in found):
        raise InputError(
            Fault(f"--levels {text!r}: a level is outside 10 to 1,100 hPa", hint="write them in hPa")
        )
    return found


def _stamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _about(field: Any, header: dict[str, Any] | None) -> dict[str, Any]:
    lat, lon = field.lat, field.lon
    step = field.time_s[1:] - field.time_s[:-1]
    return {
        "name": field.name,
        "source": field.source,
        "sha256": field.sha256,
        "made_from": header["made_from"] if header else None,
        "files": header["files"] if header else [],
        "from_utc": _stamp(field.first_utc),
        "to_utc": _stamp(field.last_utc),
        "times": int(field.time_s.size),
        "longest_step_s": float(step.max()) if step.size else None,
        "steady": field.steady,
        "levels_hpa": [round(float(p) / 100.0, 3) for p in field.pressure_pa[::-1]],
        "lat_from_deg": float(lat[0]),
        "lat_to_deg": float(lat[-1]),
        "lon_from_deg": float(lon[0]),
        "lon_to_deg": float(lon[-1]),
        "round_the_globe": field.cyclic,
        "rows": int(lat.size),
        "columns": int(lon.size - field.cyclic),
        "temperature": field.has_temperature,
        "thinning": header["thinning"] if header else None,
        "notes": list(field.notes),
    }


def _print(field: Any, header: dict[str, Any] | None) -> None:
    about = _about(field, header)
    print(f"{about['name']}: {about['made_from'] or about['source']}")
    where = (
        "round the globe"
        if field.cyclic
        else f"longitude {about['lon_from_deg']:g} to {about['lon_to_deg']:g} deg"
    )
    print(
        f"grid      {about['rows']} x {about['columns']}, latitude {field.lat[0]:g} to {field.lat[-1]:g} deg, {where}"
    )
    print("levels    " + ", ".join(f"{level:g}" for level in about["levels_hpa"]) + " hPa")
    if field.steady:
        print(f"time      {about['from_utc']}, taken for every time")
    elif field.time_s.size == 1:
        print(f"time      {about['from_utc']} alone")
    else:
        steps = about["longest_step_s"] / 3600.0
        every = f"at most {steps:g} h apart" if steps < 100 else "one for each month"
        print(f"times     {about['times']}, {about['from_utc']} to {about['to_utc']}, {every}")
    print("holds     u, v" + (", temperature" if field.has_temperature else "; no temperature"))
    thin = about["thinning"]
    if thin:
        print(
            f"thinned   to {thin['spacing_deg']:g} deg; left out {thin['vector_rms_mps']:.2f} m/s RMS of the wind vector, "
            f"at most {thin['component_most_mps']:.1f} m/s of a component (poles apart)"
        )
    for note in about["notes"]:
        print(f"note      {note}")
    for file in about["files"]:
        print(f"file      {file['name']}, {file['bytes'] / 1e6:.1f} MB, sha256 {file['sha256'][:16]}")
    print(f"sha256    {about['sha256']}")
