"""SIGMET and AIRMET text into GeoJSON features (WMO Doc 306, Annex 3 template, appendix 6).

Drawn are outlines (WI N4730 E01200 - ...), circles (WI 100NM OF ...), corridors (WI 30NM OF LINE ...) and,
with the user's FIR file, ENTIRE FIR. What is said with lines and sides ("N OF N4530") is taken as the whole
FIR, or reported. A SIGMET gives day and hour only: month and year come from the caller, else it is left in
force at all times. Movement is not applied.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from longreach.world.closures.notam import Found
from longreach.world.closures.positions import Shapes, geometries, shapes_in

_NAMED = re.compile(
    r"\b(?P<unit>[A-Z]{4})\s+(?P<kind>SIGMET|AIRMET)\s+(?P<number>[A-Z0-9 ]{1,12}?)\s+VALID\b"
)
_VALID = re.compile(r"\bVALID\s+(\d{2})(\d{2})(\d{2})\s*/\s*(\d{2})(\d{2})(\d{2})\b")
_SIDES = re.compile(r"\b(?:N|S|E|W|NE|NW|SE|SW)\s+OF\b(?!\s*(?:FIR|TC))")


def sigmet_features(
    text: str, firs: Mapping[str, Sequence[dict[str, Any]]] | None = None, on: date | None = None
) -> Found:
    """The SIGMETs of a text as GeoJSON features in the closure schema.

    Parameters
    ----------
    firs : geometries by FIR id, for "ENTIRE FIR"
    on : the day the first validity falls near, for month and year

    Every message gives at least one feature or is in `ignored` with its reason.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    features: list[dict[str, Any]] = []
    warnings: list[str] = []
    ignored: list[str] = []
    messages = [(match.start(), match[0]) for match in re.finditer(r"[^=]+", text) if match[0].strip()]
    taken: dict[str, int] = {}
    count = 0
    for start, raw in messages:
        start += len(raw) - len(raw.lstrip())
        line = text.count("\n", 0, start) + 1
        flat = " ".join(raw.upper().split())
        named = _NAMED.search(flat)
        if not named:
            if re.search(r"\b(?:SIGMET|AIRMET)\b", flat):
                count += 1
                ignored.append(f"SIGMET (line {line}): its name and validity cannot be read")
            else:
                warnings.append(f"line {line}: text that is no SIGMET is not used ({flat[:30]!r})")
            continue
        count += 1
        id_ = f"{named['unit']} {named['kind']} {named['number']}"
        taken[id_] = taken.get(id_, 0) + 1
        own_id = id_ if taken[id_] == 1 else f"{id_}-{taken[id_]}"
        label = f"{id_} (line {line})"
        body = flat[named.end() :]
        if re.search(r"\bCNL\s+(?:SIGMET|AIRMET)\b", body):
            ignored.append(f"{label}: cancels another, closes nothing itself")
            continue
        said: list[str] = []
        drawn, source, why = _drawn(body, named["unit"], firs or {}, said)
        if not drawn:
            ignored.append(f"{label}: nothing drawn; {'; '.join([*said, why])}")
            continue
        properties = _properties(id_, flat, raw.strip(), source, on, said)
        for index, (geometry, radius) in enumerate(drawn):
            own = properties if radius is None else {**properties, "radius_nm": radius}
            part = own_id if index == 0 else f"{own_id}.{index + 1}"
            features.append({"type": "Feature", "id": part, "properties": own, "geometry": geometry})
        warnings += [f"{label}: {words}" for words in said]
    return Found(tuple(features), tuple(warnings), tuple(ignored), count)


def _drawn(
    body: str, unit: str, firs: Mapping[str, Sequence[dict[str, Any]]], said: list[str]
) -> tuple[list[tuple[dict[str, Any], float | None]], str, str]:
    from longreach.world.closures.notam import sound

    sided = _SIDES.search(body)
    shapes = Shapes() if sided or re.search(r"\bENTIRE\s+(?:FIR|UIR|CTA)\b", body) else shapes_in(body)
    if sided:
        said.append(f"{sided[0]!r} cuts the FIR by a line, which is not drawn")
    if not shapes.empty and sound(shapes, said):
        said += [trouble for trouble in shapes.troubles if "without a radius" not in trouble]
        return geometries(shapes), "text", ""
    # The FIR is the one the text is about ("LOVV WIEN FIR"), else the one it is addressed to.
    about = re.search(r"-\s*([A-Z]{4})\s", body)
    id_ = next((code for code in (about[1] if about else None, unit) if code in firs), None)
    if id_ is None:
        wanted = about[1] if about else unit
        return [], "none", f"it is about FIR {wanted}: give its outline with --fir"
    said.append(
        f"taken as the whole of FIR {id_}, which may be more than is meant; a FIR is not national airspace"
    )
    return [(shape, None) for shape in firs[id_]], "fir", ""


def _properties(
    id_: str, flat: str, raw: str, source: str, on: date | None, said: list[str]
) -> dict[str, Any]:
    properties: dict[str, Any] = {"name": id_, "kind": "danger", "action": "avoid"}
    floor, ceiling = _levels(flat, said)
    if floor is not None:
        properties["floor"] = floor
    if ceiling is not None:
        properties["ceiling"] = ceiling
    window = _window(flat, on, said)
    if window:
        properties["valid"] = [window]
    if re.search(r"\bMOV\s+(?!LTL|SLW)[NSEW]", flat):
        said.append("it moves; only where it was is closed")
    return {**properties, "source": {"title": id_}, "geometry_source": source, "raw": raw}


def _levels(flat: str, said: list[str]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Floor and ceiling of SFC/FL120, FL250/370, 4000/9000FT, TOP FL450, ABV FL300, BLW FL100."""

    def level(text: str, unit: str) -> dict[str, Any]:
        feet = unit == "FT"
        return {"value": int(text), "ref": "ft_amsl" if feet else "FL"}

    match = re.search(r"\bSFC/(FL)?(\d{3,5})(FT|M)?\b", flat)
    if match and match[3] != "M":
        return None, level(match[2], match[3] or "FL")
    match = re.search(r"\bFL(\d{3})/(?:FL)?(\d{3})\b", flat)
    if match and int(match[1]) < int(match[2]):
        return level(match[1], "FL"), level(match[2], "FL")
    match = re.search(r"\b(\d{4,5})/(\d{4,5})FT\b", flat)
    if match and int(match[1]) < int(match[2]):
        return level(match[1], "FT"), level(match[2], "FT")
    match = re.search(r"\b(?:TOPS?\s+(?:TO\s+)?|BLW\s+)FL(\d{3})\b", flat)
    if match and not re.search(r"\bTOPS?\s+ABV\b", flat):
        return None, level(match[1], "FL")
    match = re.search(r"(?<!TOP )(?<!TOPS )\bABV\s+FL(\d{3})\b", flat)
    if match:
        return level(match[1], "FL"), None
    if re.search(r"\bFL\d{3}|\d+(?:FT|M)\b", flat) and not re.search(r"\bTOPS?\s+ABV\b", flat):
        said.append("its levels cannot be read as a band; taken as closed at all levels")
    return None, None


def _window(flat: str, on: date | None, said: list[str]) -> list[str] | None:
    match = _VALID.search(flat)
    if not match:
        said.append("its validity cannot be read; left in force at all times")
        return None
    if on is None:
        said.append(f"{match[0]} has no month or year; left in force at all times (give --date)")
        return None
    moments = []
    base = on
    for day, hour, minute in (match.groups()[:3], match.groups()[3:]):
        try:
            moment = _nearest(base, int(day), int(hour), int(minute))
        except (ValueError, OverflowError):
            said.append(f"{match[0]} is not a validity; left in force at all times")
            return None
        moments.append(moment)
        base = moment.date()
    if moments[1] <= moments[0]:
        said.append(f"{match[0]} ends before it begins; left in force at all times")
        return None
    return [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in moments]


def _nearest(base: date, day: int, hour: int, minute: int) -> datetime:
    """The date with that day of the month nearest to `base`."""
    found = []
    for months in (-1, 0, 1):
        year, month = divmod(base.year * 12 + base.month - 1 + months, 12)
        if 1 <= day <= calendar.monthrange(year, month + 1)[1]:
            found.append(date(year, month + 1, day))
    if not found or hour > 24 or minute > 59:
        raise ValueError
    nearest = min(found, key=lambda moment: abs((moment - base).days))
    return datetime(nearest.year, nearest.month, nearest.day, tzinfo=UTC) + timedelta(
        hours=hour, minutes=minute
    )
