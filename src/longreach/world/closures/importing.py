"""Closure files of every kind made into one GeoJSON file of ours, with an account of all that was in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from longreach.errors import Fault, InputError
from longreach.world.closures.fir import NOT_NATIONAL, fir_feature, fir_geometries, read_fir
from longreach.world.closures.geojson import NOT_APPLIED, USED, ClosureFile, parse_closures, to_geojson
from longreach.world.closures.notam import Found, notam_features
from longreach.world.closures.sigmet import sigmet_features
from longreach.world.closures.source import Lines, parse_json, read_text

FORMATS = ("auto", "geojson", "notam", "sigmet")
KEPT = tuple(
    key for key in (*USED, *NOT_APPLIED) if key not in ("id", "edge", "radius_nm", "radius_m", "pole")
)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What one file gave: `messages` features, NOTAM or SIGMET; each is in `closed` or in `ignored`."""

    file: str
    format: str
    messages: int
    closed: int
    ignored: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """One closure document made of several files, and the account of each."""

    document: dict[str, Any]
    closures: int
    files: tuple[ReadFile, ...]


def import_closures(
    paths: Sequence[Path],
    *,
    format: str = "auto",
    fir: Path | None = None,
    fir_ids: Iterable[str] = (),
    on: date | None = None,
) -> Imported:
    """Closures from GeoJSON, NOTAM and SIGMET files and from a FIR file, as one GeoJSON document.

    Parameters
    ----------
    format : "auto" (each file by its content) | "geojson" | "notam" | "sigmet"
    fir : GeoJSON file of FIR outlines, for messages that close a whole FIR and for `fir_ids`
    fir_ids : FIRs to close as they are
    on : the day SIGMET validities fall near

    Raises: InputError with the faults of every file, or where nothing in them closes airspace.
    """
    if format not in FORMATS:
        raise InputError(Fault(f"format {format!r} is not one of {', '.join(FORMATS)}"))
    fir_ids = list(fir_ids)
    if fir_ids and fir is None:
        raise InputError(
            Fault(f"FIR {', '.join(fir_ids)} asked for without a file of outlines", hint="give --fir FILE")
        )
    outlines = fir_geometries(fir) if fir is not None else {}
    faults: list[Fault] = []
    files: list[ReadFile] = []
    features: list[dict[str, Any]] = []
    taken: dict[str, int] = {}
    closed = 0
    for path in paths:
        try:
            read, own, count = _read(path, format, outlines, on)
        except InputError as error:
            faults += error.faults
            continue
        renamed = _own_ids(own, taken)
        files.append(
            ReadFile(
                read.file, read.format, read.messages, read.closed, read.ignored, (*read.warnings, *renamed)
            )
        )
        features += own
        closed += count
    if fir_ids and fir is not None:
        try:
            found = read_fir(fir, fir_ids)
            shapes = {id_: outlines[id_] for id_ in dict.fromkeys(id_.strip().upper() for id_ in fir_ids)}
            originals = [
                fir_feature(id_, shape, fir.name) for id_, list_ in shapes.items() for shape in list_
            ]
            own = _merged(found, originals, [])
            renamed = _own_ids(own, taken)
            files.append(
                ReadFile(
                    str(fir),
                    "fir",
                    found.features,
                    found.features,
                    (),
                    (NOT_NATIONAL, *_without_fir_note(found), *renamed),
                )
            )
            features += own
            closed += len(found.closures)
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    if not closed:
        why = [Fault(reason, file=read.file) for read in files for reason in read.ignored]
        raise InputError([Fault("nothing in these files closes airspace; nothing is written"), *why])
    return Imported({"type": "FeatureCollection", "features": features}, closed, tuple(files))


def _without_fir_note(found: ClosureFile) -> list[str]:
    return [warning for warning in found.warnings if not warning.endswith("not its national airspace")]


def _read(
    path: Path, format: str, outlines: Mapping[str, Sequence[dict[str, Any]]], on: date | None
) -> tuple[ReadFile, list[dict[str, Any]], int]:
    text = read_text(path, "closure file")
    if not text.strip():
        raise InputError(Fault("is empty", file=str(path), line=1))
    kind = _format_of(text, path) if format == "auto" else format
    if kind == "geojson":
        document = parse_json(text, str(path))
        found = parse_closures(document, file=str(path), line=Lines(text).of)
        if not found.features:
            raise InputError(Fault("holds no features, so it closes nothing", file=str(path), line=1))
        originals = _features_of(document)
        more: list[str] = []
        features = _merged(found, originals, more)
        closed = found.features - len(found.ignored)
        warnings = (*found.warnings, *more)
        return (
            ReadFile(str(path), kind, found.features, closed, found.ignored, warnings),
            features,
            len(found.closures),
        )
    messages: Found = (
        notam_features(text, outlines) if kind == "notam" else sigmet_features(text, outlines, on)
    )
    if not messages.messages:
        raise InputError(Fault(f"holds no {kind.upper()}", file=str(path), line=1))
    document = {"type": "FeatureCollection", "features": list(messages.features)}
    found = parse_closures(document, repair_all=True, file=str(path))
    warnings = (*messages.warnings, *_without_fir_note(found))
    closed = messages.messages - len(messages.ignored)
    read = ReadFile(str(path), kind, messages.messages, closed, messages.ignored, warnings)
    return read, _merged(found, list(messages.features), []), len(found.closures)


def _format_of(text: str, path: Path) -> str:
    if text.lstrip()[:1] in "{[":
        return "geojson"
    if re.search(r"(?m)^[ \t(]*Q\)\s*[A-Z]{4}", text) or re.search(
        r"\b[A-Z]\d{4}/\d{2}\s+NOTAM[NRC]\b", text
    ):
        return "notam"
    if re.search(r"\b(?:SIGMET|AIRMET)\b", text):
        return "sigmet"
    raise InputError(
        Fault(
            "is neither GeoJSON nor NOTAM nor SIGMET text",
            file=str(path),
            line=1,
            hint="say which with --format",
        )
    )


def _features_of(document: Any) -> list[dict[str, Any]]:
    """The features of a document that has been read without a fault."""
    if document["type"] == "FeatureCollection":
        return [
            f if f["type"] == "Feature" else {"type": "Feature", "geometry": f} for f in document["features"]
        ]
    return [document if document["type"] == "Feature" else {"type": "Feature", "geometry": document}]


def _merged(found: ClosureFile, originals: list[dict[str, Any]], warnings: list[str]) -> list[dict[str, Any]]:
    """The closures as features, with what the originals said beside; and the features set aside, as they were."""
    ready = to_geojson(found.closures)["features"]
    out: dict[int, list[dict[str, Any]]] = {}
    for feature, number in zip(ready, found.numbers, strict=True):
        given = originals[number - 1].get("properties") or {}
        own = feature["properties"]
        if not {"margin_nm", "margin_m"} & {key for key, value in given.items() if value is not None}:
            own = {key: value for key, value in own.items() if not key.startswith("margin")}
        for key in KEPT:
            if given.get(key) is None or key in (
                "name",
                "floor",
                "ceiling",
                "valid",
                "action",
                "margin_nm",
                "margin_m",
            ):
                continue
            if _writable(given[key]):
                own[key] = given[key]
            else:
                warnings.append(f"feature {number}: {key!r} cannot be written as JSON; left out")
        out.setdefault(number, []).append({**feature, "properties": own})
    for number in sorted(set(range(1, found.features + 1)) - set(found.numbers)):
        if _writable(originals[number - 1]):
            out[number] = [dict(originals[number - 1])]
        else:
            warnings.append(f"feature {number}: cannot be written as JSON; left out")
    return [feature for number in sorted(out) for feature in out[number]]


def _writable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return False
    return True


def _own_ids(features: list[dict[str, Any]], taken: dict[str, int]) -> list[str]:
    """Ids made unique across files; what was renamed."""
    renamed = []
    for feature in features:
        id_ = feature.get("id")
        if not isinstance(id_, str):
            continue
        own, count = id_, 1
        while own in taken:
            count += 1
            own = f"{id_}-{count}"
        if own != id_:
            renamed.append(f"id {id_!r} is taken by an earlier file; called {own!r} here")
            feature["id"] = own
        taken[own] = 1
    return renamed
