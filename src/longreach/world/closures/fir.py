"""FIR outlines from the user's own file, by id. A FIR is not national airspace, and every reading says so."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from longreach.errors import Fault, InputError
from longreach.world.closures.geojson import ClosureFile, parse_closures
from longreach.world.closures.source import Lines, parse_json, read_text

NOT_NATIONAL = "a FIR is where a State provides air traffic service, not its national airspace"


def fir_geometries(path: Path | str) -> dict[str, list[dict[str, Any]]]:
    """The geometries of a FIR file by id, in the file's order; an id may have several.

    The file is a GeoJSON FeatureCollection whose features carry the FIR's location indicator as the
    property `id` (as the VATSIM boundary file has it) or as their own id.

    Raises: InputError where it is no such file.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for id_, feature in _features(Path(path)):
        found.setdefault(id_, []).append(feature["geometry"])
    return found


def _features(path: Path) -> list[tuple[str, dict[str, Any]]]:
    text = read_text(path, "FIR file")
    document = parse_json(text, str(path))
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise InputError(Fault("is not a GeoJSON FeatureCollection", file=str(path), line=1))
    if document.get("crs") is not None:  # let the closure reader judge it
        parse_closures({"type": "FeatureCollection", "features": [], "crs": document["crs"]}, file=str(path))
    found, faults, lines = [], [], Lines(text)
    for number, feature in enumerate(features):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        id_ = properties.get("id") if isinstance(properties, dict) else None
        id_ = id_ if id_ is not None else feature.get("id") if isinstance(feature, dict) else None
        if not isinstance(id_, str) or not id_.strip():
            line = lines.of(("features", number))
            faults.append(Fault(f"feature {number + 1} has no id, so it is no FIR outline", str(path), line,
                                f"features.{number}", 'it belongs in the property "id"'))  # fmt: skip
        elif not isinstance(feature.get("geometry"), dict):
            line = lines.of(("features", number))
            faults.append(
                Fault(f"feature {number + 1} {id_!r} has no geometry", str(path), line, f"features.{number}")
            )
        else:
            found.append((id_.strip().upper(), feature))
    if faults:
        raise InputError(faults)
    return found


def read_fir(path: Path | str, ids: Iterable[str], stand_off_m: float = 0.0) -> ClosureFile:
    """The outlines of the FIRs named, as closures at all levels and times.

    Rings that cross themselves are mended with a warning that names the FIR; an id that comes twice in
    the file gives two closures, both in force.

    Raises: InputError for a file that is none, and for every id that is not in it, with the nearest ones.
    """
    path = Path(path)
    wanted = list(dict.fromkeys(id_.strip().upper() for id_ in ids))
    known = _features(path)
    names = {id_ for id_, _ in known}
    faults = [
        Fault(f"there is no FIR {id_!r} in it", str(path), hint=_near(id_, names))
        for id_ in wanted
        if id_ not in names
    ]
    if faults:
        raise InputError(faults)
    features = [
        fir_feature(id_, feature["geometry"], path.name) for w in wanted for id_, feature in known if id_ == w
    ]
    return parse_closures(
        {"type": "FeatureCollection", "features": features},
        stand_off_m=stand_off_m,
        repair_all=True,
        file=str(path),
    )


def fir_feature(id_: str, geometry: dict[str, Any], file_name: str) -> dict[str, Any]:
    """A FIR's outline as a feature of the closure schema."""
    properties = {
        "name": f"FIR {id_}",
        "kind": "fir",
        "source": f"{file_name}, FIR outline",
        "geometry_source": "fir",
    }
    return {"type": "Feature", "id": id_, "properties": properties, "geometry": geometry}


def _near(id_: str, names: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(id_, sorted(names), n=3, cutoff=0.5)
    return f"did you mean {', '.join(close)}?" if close else None
