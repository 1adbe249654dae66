"""NOTAM text into GeoJSON features: tolerant of how it is wrapped, strict about what is left out.

Format: ICAO Doc 8126 and PANS-AIM (Doc 10066): items Q, A to G. The area comes from item E where it draws
one, else from the circle of item Q (which encloses the area: an over-estimate), else from the outline of the
FIR where the user has given one; else the NOTAM is reported and nothing is drawn. The raw text is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from longreach.units import FOOT
from longreach.world.closures.positions import geometries, shapes_in

_ID = r"[A-Z]\d{1,5}/\d{2}"
_HEADER = re.compile(
    rf"(?m)^[ \t]*+\(?[ \t]*+(?:[A-Z]{{4}}[ \t]++)?(?P<id>{_ID})[ \t]*+(?:\n[ \t]*+)?(?=(?P<kind>NOTAM[NRC])\b|Q\))"
)
_BARE = re.compile(r"(?m)^[ \t]*+\(?[ \t]*+(?=Q\)\s*[A-Z]{4}\s*/)")
_PART = re.compile(r"\b(?:END\s+)?PART\s+(\d+)\s+OF\s+(\d+)\b\.?")
_LEVEL = r"(?:SFC|GND|MSL|UNL(?:TD|IMITED)?|FL\s*\d{1,3}|\d{1,3}(?:,\d{3})+\s*(?:FT|M)\b.{0,8}|\d+\s*(?:FT|M)\b.{0,8})"
AIRSPACE_SUBJECTS = ("QR", "QW", "QAF", "QAX", "QAD", "QAT", "QAC", "QAE", "QAO")
OVER = {
    "CN": "cancelled",
    "AK": "resumed normal operation",
    "CD": "deactivated",
    "HV": "work completed",
    "CC": "completed",
}


@dataclass(frozen=True, slots=True)
class Notam:
    """One NOTAM as read; text fields are as written, None where the item is missing.

    line : 1-based line of its first character; kind : NOTAMN, NOTAMR or NOTAMC, or None
    refers_to : the NOTAM it replaces or cancels
    centre, radius_nm : the circle of item Q; 999 nm is the whole FIR
    """

    id: str
    line: int
    raw: str
    kind: str | None
    refers_to: str | None
    q: tuple[str, ...]
    items: Mapping[str, str]
    centre: tuple[float, float] | None
    radius_nm: float | None
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Found:
    """What text gave: GeoJSON features, and of how many messages; each message is a feature or is ignored."""

    features: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    ignored: tuple[str, ...]
    messages: int


def read_notams(text: str) -> tuple[Notam, ...]:
    """Every NOTAM in a text, in order; parts of one are joined. Empty where there is none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    matches = sorted([*_HEADER.finditer(text), *_BARE.finditer(text)], key=lambda match: match.start())
    starts: dict[int, re.Match[str]] = {}
    awaits_q = False  # a header's own item Q is no start of another NOTAM
    for match in matches:
        if match.re is _HEADER or not awaits_q:
            starts[match.start()] = match
        awaits_q = match.re is _HEADER
    edges = [*sorted(starts), len(text)]
    found: list[Notam] = []
    at: dict[str, int] = {}
    for number, (start, end) in enumerate(pairwise(edges), start=1):
        notam = _read_one(text[start:end].strip(), starts[start], text.count("\n", 0, start) + 1, number)
        twin = at.get(notam.id)
        if (
            twin is not None
            and _PART.search(notam.items.get("E", ""))
            and _PART.search(found[twin].items.get("E", ""))
        ):
            found[twin] = _joined(found[twin], notam)
        else:
            at[notam.id] = len(found)
            found.append(notam)
    return tuple(_whole(notam) for notam in found)


def _read_one(raw: str, header: re.Match[str], line: int, number: int) -> Notam:
    named = header.re is _HEADER
    body = raw.lstrip("( \t")
    if body.count(")") - len(re.findall(r"(?:^|\s)[QA-G]\)", body)) > body.count("("):
        body = body.rstrip().removesuffix(")")
    items = dict(_items(body))
    kind = re.search(rf"\b(NOTAM[NRC])\b(?:\s+({_ID}))?", body[: body.find("Q)")] if "Q)" in body else body)
    q = tuple(part.strip() for part in "".join(items.get("Q", "").split()).split("/"))
    centre, radius, notes = None, None, []
    place = re.fullmatch(r"(\d{2})(\d{2})([NS])(\d{3})(\d{2})([EW])(\d{1,3})?", q[7]) if len(q) > 7 else None
    if place:
        lat = int(place[1]) + int(place[2]) / 60.0
        lon = int(place[4]) + int(place[5]) / 60.0
        if lat <= 90.0 and lon <= 180.0 and int(place[2]) < 60 and int(place[5]) < 60:
            centre = (-lat if place[3] == "S" else lat, -lon if place[6] == "W" else lon)
            radius = float(place[7]) if place[7] else None
    if centre is None and len(q) > 7 and q[7]:
        notes.append(f"item Q position {q[7]!r} cannot be read")
    return Notam(
        id=header["id"] if named else f"NOTAM-{number}",
        line=line,
        raw=raw,
        kind=kind[1] if kind else None,
        refers_to=kind[2] if kind else None,
        q=q,
        items=items,
        centre=centre,
        radius_nm=radius,
        notes=tuple(notes),
    )


def _items(body: str) -> Iterator[tuple[str, str]]:
    """Items Q, A to G in their order; in item E only a level opens item F or G."""
    at, letters = 0, "QABCDEFG"
    marks: list[tuple[str, int, int]] = []
    for letter in letters:
        level = rf"(?=\s*{_LEVEL})" if letter in "FG" else ""
        hits = list(re.finditer(rf"(?:^|(?<=\s)|(?<=\)))({letter})\){level}", body[at:]))
        if hits:
            hit = hits[-1] if letter in "FG" else hits[0]
            marks.append((letter, at + hit.start(), at + hit.end()))
            at += hit.end()
    for (letter, _, end), (_, start, _) in pairwise([*marks, ("", len(body), 0)]):
        yield letter, body[end:start].strip()


def _joined(one: Notam, two: Notam) -> Notam:
    pair = sorted((one, two), key=lambda notam: int(_PART.search(notam.items["E"])[1]))  # type: ignore[index]
    first = replace(pair[0], raw=f"{one.raw}\n\n{two.raw}", line=one.line)
    text = "\n".join(notam.items["E"] for notam in pair)
    return replace(first, items={**pair[1].items, **first.items, "E": text})


def _whole(notam: Notam) -> Notam:
    """The NOTAM without its part markers; a missing part is noted."""
    text = notam.items.get("E", "")
    parts = [(int(n), int(m)) for n, m in _PART.findall(text)]
    if not parts:
        return notam
    missing = sorted(set(range(1, min(max(m for _, m in parts), 99) + 1)) - {n for n, _ in parts})
    notes = notam.notes
    if missing:
        notes = (*notes, f"part {', '.join(map(str, missing))} of {parts[0][1]} is missing")
    return replace(notam, items={**notam.items, "E": _PART.sub(" ", text).strip()}, notes=notes)


def notam_features(text: str, firs: Mapping[str, Sequence[dict[str, Any]]] | None = None) -> Found:
    """The NOTAMs of a text as GeoJSON features in the closure schema.

    Parameters
    ----------
    firs : geometries by FIR id, for NOTAMs that close a whole FIR

    Every NOTAM gives at least one feature or is in `ignored` with its reason.
    """
    notams = read_notams(text)
    replaced = {notam.refers_to: notam.id for notam in notams if notam.refers_to}
    features: list[dict[str, Any]] = []
    warnings: list[str] = []
    ignored: list[str] = []
    for notam in notams:
        label = f"NOTAM {notam.id} (line {notam.line})"
        warnings += [f"{label}: {note}" for note in notam.notes]
        reason = _out_of_force(notam, replaced)
        if reason:
            ignored.append(f"{label}: {reason}")
            continue
        said: list[str] = []
        drawn, source, why = _drawn(notam, firs or {}, said)
        if not drawn:
            ignored.append(f"{label}: nothing drawn; {'; '.join([*said, why])}")
            continue
        properties = _properties(notam, source, said)
        for index, (geometry, radius) in enumerate(drawn):
            own = dict(properties)
            if radius is not None:
                own["radius_nm"] = radius
            id_ = notam.id if index == 0 else f"{notam.id}.{index + 1}"
            features.append({"type": "Feature", "id": id_, "properties": own, "geometry": geometry})
        warnings += [f"{label}: {words}" for words in said]
    return Found(tuple(features), tuple(warnings), tuple(ignored), len(notams))


def _out_of_force(notam: Notam, replaced: Mapping[str, str]) -> str | None:
    if notam.kind == "NOTAMC":
        return f"cancels {notam.refers_to or 'another NOTAM'}, closes nothing itself"
    if replaced.get(notam.id, notam.id) != notam.id:
        return f"replaced or cancelled by {replaced[notam.id]}"
    code = notam.q[1] if len(notam.q) > 1 else ""
    if re.fullmatch(r"Q[A-Z]{4}", code):
        if not code.startswith(AIRSPACE_SUBJECTS):
            return f"{code} is not about closed airspace"
        if code[3:] in OVER:
            return f"{code}: {OVER[code[3:]]}"
    return None


def _drawn(
    notam: Notam, firs: Mapping[str, Sequence[dict[str, Any]]], said: list[str]
) -> tuple[list[tuple[dict[str, Any], float | None]], str, str]:
    """Geometries with their radius, where they are from, and why there are none."""
    shapes = shapes_in(notam.items.get("E", ""))
    whole = not shapes.troubles and not any("is missing" in note for note in notam.notes)
    if not shapes.empty and whole and sound(shapes, said):
        return geometries(shapes), "item_e", ""
    for trouble in shapes.troubles:
        said.append(f"item E: {trouble}")
    if notam.centre is not None and notam.radius_nm and notam.radius_nm < 999.0:
        said.append(f"taken from item Q: a circle of {notam.radius_nm:g} nm, which encloses the area "
                    "and is larger than it")  # fmt: skip
        lat, lon = notam.centre
        return [({"type": "Point", "coordinates": [lon, lat]}, notam.radius_nm)], "q_circle", ""
    ids = firs_named(notam.items.get("E", ""), notam.items.get("A", ""), notam.q[0] if notam.q else "")
    known = [id_ for id_ in ids if id_ in firs]
    if known:
        said.append(f"taken as the whole of FIR {', '.join(known)}, which may be more than is meant; "
                    "a FIR is not national airspace")  # fmt: skip
        return [(shape, None) for id_ in known for shape in firs[id_]], "fir", ""
    if not shapes.empty and sound(shapes, []):
        said.append(
            "item Q has no circle to fall back on; what item E does draw is taken, and may be too small"
        )
        return geometries(shapes), "item_e", ""
    if ids:
        return [], "none", f"it is about FIR {', '.join(ids)}: give its outline with --fir"
    return [], "none", "no position, circle or FIR in it"


def sound(shapes: Any, said: list[str]) -> bool:
    """Whether the outlines make rings; if not, why is said."""
    from longreach.errors import InputError
    from longreach.world.closures.geojson import parse_closures

    for geometry, radius in geometries(shapes):
        try:
            feature = {"type": "Feature", "properties": {"radius_nm": radius}, "geometry": geometry}
            parse_closures(feature)
        except InputError as error:
            said.append(f"item E: {error.faults[0].what.removeprefix('feature 1: ')}")
            return False
    return True


def firs_named(text: str, *fields: str) -> list[str]:
    """FIR location indicators that a text names ("TEHRAN FIR (OIIX)", "OIIX FIR"), then those in `fields`."""
    text = " ".join(text.upper().split())
    found = re.findall(r"\bFIRS?(?:/UIRS?)?\s*\(\s*([A-Z]{4})\s*\)", text)
    found += re.findall(r"\(\s*([A-Z]{4})\s*\)\s*(?:FIR|UIR)\b", text)
    found += [code for code in re.findall(r"\b([A-Z]{4})\s+(?:FIR|UIR)\b", text) if code not in _WORDS]
    if not found:
        found = [
            code for part in fields for code in re.findall(r"\b[A-Z]{4}\b", part.upper()) if code != "ZZXX"
        ]
    return list(dict.fromkeys(found))


_WORDS = {
    "THIS",
    "THAT",
    "WITH",
    "OVER",
    "ANKA",
    "BAKU",
    "OSLO",
    "RIGA",
    "SANA",
    "KIEV",
    "LIMA",
    "ROME",
    "ACRA",
}


def _properties(notam: Notam, source: str, said: list[str]) -> dict[str, Any]:
    floor, ceiling = _levels(notam, said)
    properties: dict[str, Any] = {
        "name": f"NOTAM {notam.id}" + (f" {notam.q[0]}" if notam.q and notam.q[0] else ""),
        "kind": {"QRP": "prohibited", "QRR": "restricted", "QRD": "danger"}.get(
            notam.q[1][:3] if len(notam.q) > 1 else "",
            "conflict_advisory" if source == "fir" else "restricted",
        ),
        "action": "avoid",
    }
    if floor is not None:
        properties["floor"] = floor
    if ceiling is not None:
        properties["ceiling"] = ceiling
    properties["valid"] = [[_moment(notam, "B", said), _moment(notam, "C", said)]]
    if properties["valid"] == [[None, None]]:
        del properties["valid"]
    if notam.items.get("D"):
        properties["schedule"] = " ".join(notam.items["D"].split())
    properties["source"] = {"title": f"NOTAM {notam.id}"}
    properties["geometry_source"] = source
    properties["raw"] = notam.raw
    return properties


def _levels(notam: Notam, said: list[str]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Floor and ceiling from items F and G, else from item Q."""
    found: list[dict[str, Any] | None] = []
    for letter, index in (("F", 5), ("G", 6)):
        text = " ".join(notam.items.get(letter, "").split()).upper()
        level = level_of(text)
        if text and level is None:
            said.append(f"item {letter} {text[:20]!r} cannot be read as a level; taken as unlimited")
        if not text and len(notam.q) > index and re.fullmatch(r"\d{3}", notam.q[index]):
            level = {"value": int(notam.q[index]), "ref": "FL"}
        end = "SFC" if letter == "F" else "UNL"
        if level is not None and (level["ref"] in ("SFC", "UNL") or level.get("value") in (0, 999)):
            if level["ref"] in ("SFC", "UNL") and level["ref"] != end:
                said.append(f"item {letter} {text!r} bounds nothing; taken as unlimited")
            level = None
        found.append(level)
    floor, ceiling = found
    if floor and ceiling and _feet(floor) >= _feet(ceiling):
        said.append("its lower limit is not below its upper limit; taken as closed at all levels")
        return None, None
    return floor, ceiling


def _feet(level: Mapping[str, Any]) -> float:
    value = float(level["value"]) * (100.0 if level["ref"] == "FL" else 1.0)
    return value + (29_032.0 if level["ref"] == "ft_agl" else 0.0)


def level_of(text: str) -> dict[str, Any] | None:
    """A level of items F and G ("SFC", "FL245", "4000FT AMSL", "300M AGL") in the closure schema, or None.

    >>> level_of("4000FT AMSL")
    {'value': 4000, 'ref': 'ft_amsl'}
    """
    text = text.strip().upper()
    if re.match(r"(?:SFC|GND|MSL)\b", text):
        return {"ref": "SFC"}
    if re.match(r"UNL", text):
        return {"ref": "UNL"}
    match = re.match(r"FL\s*(\d{1,3})\b", text)
    if match:
        return {"value": int(match[1]), "ref": "FL"}
    match = re.match(r"(\d{1,3}(?:,\d{3})+|\d{1,6})\s*(FT|M)\b\s*(AMSL|MSL|AGL|GND|ASFC|SFC|ALT)?", text)
    if not match:
        return None
    value: float = int(match[1].replace(",", ""))
    if match[2] == "M":
        value = round(value / FOOT, 1)
    return {"value": value, "ref": "ft_agl" if match[3] in ("AGL", "GND", "ASFC", "SFC") else "ft_amsl"}


def _moment(notam: Notam, letter: str, said: list[str]) -> str | None:
    """Item B or C as ISO UTC; None for an open end (PERM, an estimate, or what cannot be read)."""
    text = " ".join(notam.items.get(letter, "").upper().split())
    if not text or re.match(r"(?:PERM|UFN|WIE)\b", text):
        if not text:
            said.append(f"has no item {letter}; taken as {'already begun' if letter == 'B' else 'not ended'}")
        return None
    match = re.match(r"(\d{10})\s*(EST)?", text)
    try:
        if match is None:
            raise ValueError
        digits = match[1]
        midnight = digits[6:] == "2400"
        moment = datetime.strptime(
            "20" + (digits[:6] + "0000" if midnight else digits), "%Y%m%d%H%M"
        ).replace(tzinfo=UTC)
        moment += timedelta(days=midnight)
    except (ValueError, OverflowError):
        said.append(f"item {letter} {text[:20]!r} is not a time YYMMDDhhmm; taken as open")
        return None
    if match[2]:
        said.append(
            f"its end {moment:%Y-%m-%d %H:%MZ} is an estimate; in force until cancelled, so left open"
        )
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
