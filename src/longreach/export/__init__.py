"""A plan as files that other programs read: pure functions from one table, each with what it could not hold.

`export(document, formats)` gives the files, their losses and the stand-off measured again on each file's own
line. The same plan gives the same bytes.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from longreach.errors import Fault, InputError, MissingExtra
from longreach.export.result import File

# Format -> module, function and what it is for; in the order they are written.
FORMATS = {
    "geojson": ("geojson", "files", "GeoJSON, lines cut at the antimeridian: QGIS, web maps, Python"),
    "kml": ("kml", "files", "KML with gx:Track: Google Earth, with its time slider"),
    "kmz": ("kml", "zipped", "the same, zipped"),
    "czml": ("czml", "files", "CZML: Cesium"),
    "gpx": ("gpx", "files", "GPX 1.1, routes and tracks: nearly every map program"),
    "fpl": ("fpl", "files", "ICAO flight plan message, not for filing"),
    "fms": ("simulators", "xplane", "X-Plane 11/12 flight plan"),
    "pln": ("simulators", "msfs", "Microsoft Flight Simulator 2020 flight plan"),
    "lnmpln": ("simulators", "little_navmap", "Little Navmap flight plan"),
    "scn": ("scenario", "files", "BlueSky scenario"),
    "ics": ("ics", "files", "iCalendar of all events"),
    "csv": ("tables", "comma_separated", "CSV of the track and of the events"),
    "parquet": ("tables", "geoparquet", "GeoParquet 1.1 of the track: DuckDB, pandas"),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """One file as written, with its losses and where its line breaks the stand-off the plan keeps.

    closest : for each closure and flight the file's line passes, {id, flight, closest_nm, stand_off_nm, lat, lon}
    """

    format: str
    file: File
    closest: tuple[dict[str, Any], ...]
    broken: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "file": self.file.name,
            "bytes": len(self.file.data),
            "losses": list(self.file.losses),
            "closest": list(self.closest),
            "stand_off_broken": list(self.broken),
        }


def formats(wanted: Iterable[str]) -> tuple[str, ...]:
    """Names of formats, `all` among them, in the order they are written.

    Raises: InputError for a name that is none, saying which there are.
    """
    import difflib

    names = [name.strip().lower() for each in wanted for name in each.split(",") if name.strip()]
    faults = []
    for name in names:
        if name != "all" and name not in FORMATS:
            near = difflib.get_close_matches(name, FORMATS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: all, {', '.join(FORMATS)}"
            faults.append(Fault(f"{name!r} is no format of export", key="format", hint=hint))
    if faults:
        raise InputError(faults)
    return tuple(name for name in FORMATS if "all" in names or name in names)


def export(
    document: Mapping[str, Any], wanted: Iterable[str], *, progress: Callable[[str], None] | None = None
) -> tuple[Exported, ...]:
    """The files of a plan in the wanted formats (`all` for every one).

    Raises: InputError for an unknown format, a document that is no plan or a plan without flights;
    MissingExtra naming what to install.
    """
    from longreach.export import table as tables
    from longreach.export.standoff import Measure

    names = formats(wanted)
    table = tables.read(document)
    measure = Measure(document)
    found = []
    for name in names:
        if progress:
            progress(name)
        module, function, _ = FORMATS[name]
        try:
            files: tuple[File, ...] = getattr(
                importlib.import_module(f"longreach.export.{module}"), function
            )(table)
        except ModuleNotFoundError as error:
            if error.name and error.name.startswith("longreach"):
                raise
            raise MissingExtra(
                f"the {name} export needs {error.name}: pip install 'longreach[export]'"
            ) from error
        for file in files:
            closest: list[dict[str, Any]] = []
            broken = []
            for carried in file.carried:
                for passage in measure.passages(carried):
                    closest.append(
                        {
                            "id": passage.closure,
                            "flight": passage.flight,
                            "closest_nm": round(passage.closest_nm, 3),
                            "stand_off_nm": round(passage.stand_off_nm, 3),
                            "lat": round(passage.lat, 6),
                            "lon": round(passage.lon, 6),
                        }
                    )
                    if not passage.kept:
                        broken.append(
                            f"{passage.flight} passes {passage.closure} at {passage.closest_nm:.2f} nm, "
                            f"stand-off is {passage.stand_off_nm:.2f} nm"
                        )
            found.append(Exported(name, file, tuple(closest), tuple(broken)))
    return tuple(found)
