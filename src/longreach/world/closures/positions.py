"""Shapes written into text: positions, outlines, circles and corridors in NOTAM and SIGMET.

Positions come as 2730N05130E, 273000N 0513000E, 27-30-00N/051-30-00E, N2730 E05130, 27.5N 51.5E and the
like. A run of three or more is an outline, one with a radius a circle, two or more with a width or a
distance a corridor. What bends (arcs, coasts, borders) is not guessed: the caller is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from longreach.units import NAUTICAL_MILE

_MINUTES = r"[ ]?[°º][ ]?\d{1,2}(?:\.\d+)?(?:[ ]?['’′][ ]?(?:\d{1,2}(?:\.\d+)?[ ]?[\"”″'’]{0,2})?)?"
_LAT = rf"(?:\d{{1,2}}{_MINUTES}|\d{{2}}-\d{{2}}(?:-\d{{2}})?(?:\.\d+)?|\d{{6}}(?:\.\d+)?|\d{{4}}(?:\.\d+)?|\d{{1,2}}(?:\.\d+)?)"
_LON = rf"(?:\d{{1,3}}{_MINUTES}|\d{{3}}-\d{{2}}(?:-\d{{2}})?(?:\.\d+)?|\d{{7}}(?:\.\d+)?|\d{{5}}(?:\.\d+)?|\d{{1,3}}(?:\.\d+)?)"
_AFTER = re.compile(rf"(?<![\dA-Z.])({_LAT})\s?([NS])[\s,/]*({_LON})\s?([EW])(?![A-Z\d])")
_BEFORE = re.compile(rf"(?<![A-Z\d])([NS])\s?({_LAT})[\s,/]*([EW])\s?({_LON})(?![\d])")
_NUMBER = r"(\d{1,4}(?:\.\d+)?)\s?(NM|NAUTICAL MILES?|KM|KILOMET(?:ER|RE)S?|M|METERS?|METRES?)\b"
_TOKEN = r"@(\d+)@"
_WORDS = r"(?:[\s,(:-]+[A-Z.]+){0,7}?[\s,(:=-]*"
_CIRCLE = re.compile(rf"{_NUMBER}({_WORDS}){_TOKEN}")
_CIRCLE_AFTER = re.compile(
    rf"{_TOKEN}((?:[\s,():-]+[A-Z]+){{0,5}}?[\s,():-]*\bRAD(?:IUS)?\b[\s,:=]*(?:OF\s+)?){_NUMBER}"
)
_ROUND = re.compile(r"\b(?:RADIUS|RAD|RADII|WI|WITHIN|WTN|CIRCLE|CIRCULAR|AROUND)\b")
_CORRIDOR = re.compile(
    r"\bEITHER SIDE\b|\bBOTH SIDES\b|\bEACH SIDE\b|\bLINE\b|\bWID\b|\bWIDE\b|\bTRACK\b|\bROUTE\b"
)
_HALF = re.compile(r"\bWID\b|\bWIDE\b|\bWIDTH\b")
_BENT = re.compile(
    r"\b(?:ARC|CLOCKWISE|ANTICLOCKWISE|COUNTERCLOCKWISE|CW|CCW|BORDERS?|BOUNDAR(?:Y|IES)|BDRY|FRONTIER|COAST(?:LINE)?|"
    r"RIVER|SHORE(?:LINE)?|FIR BDR|ALONG)\b"
)
_JOINED = re.compile(
    r"(?:[\s,;:.\-–—/()+]|\b(?:TO|THEN|THENCE|AND|BACK|DIRECT|POINTS?|PT|PSN|A?ND|STRAIGHT|LINES?|"
    r"GREAT CIRCLE|BEGINNING|ORIGIN|OF)\b|\b[0-9]{1,2}[.)]|\b[A-Z][.)])*"
)


@dataclass(frozen=True, slots=True)
class Shapes:
    """What a text draws. Positions are (lat, lon) in degrees.

    outlines : rings, not yet closed; circles : (lat, lon, radius_nm); corridors : (positions, reach_nm)
    troubles : what could not be drawn; where there is one the shapes are not the whole
    """

    outlines: tuple[tuple[tuple[float, float], ...], ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()
    corridors: tuple[tuple[tuple[tuple[float, float], ...], float], ...] = ()
    troubles: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.outlines or self.circles or self.corridors)


def shapes_in(text: str) -> Shapes:
    """The outlines, circles and corridors that a text in capitals draws.

    >>> shapes_in("WI 30NM OF 3320N04415E").circles
    ((33.333333333333336, 44.25, 30.0),)
    """
    text = " ".join(text.upper().split())
    troubles: list[str] = []
    tokens, points = _tokenised(text, troubles)
    used: set[int] = set()
    circles: list[tuple[float, float, float]] = []
    corridors: list[tuple[tuple[tuple[float, float], ...], float]] = []
    runs = _runs(tokens, troubles)
    run_of = {k: run for run in runs for k in run}
    for match in _CIRCLE.finditer(tokens):
        k, distance, words = int(match[4]), _miles(match[1], match[2]), match[3]
        before = tokens[max(0, match.start() - 30) : match.start()]
        run = run_of[k]
        if _CORRIDOR.search(words) and len(run) >= 2 and run[0] == k:
            half = 0.5 if _HALF.search(words) else 1.0
            corridors.append((tuple(points[i] for i in run), distance * half))
            used.update(run)
        elif _ROUND.search(words) or _ROUND.search(before.rpartition("@")[2]):
            if len(run) >= 3 and run[0] == k and not re.search(r"\bRAD(?:IUS)?\b|\bCENT", words):
                troubles.append(f"{match[1]} {match[2]} round an outline is not drawn")
            elif distance > 0.0:
                circles.append((*points[k], distance))
                used.add(k)
    for match in _CIRCLE_AFTER.finditer(tokens):
        k = int(match[1])
        if k not in used and _miles(match[3], match[4]) > 0.0:
            circles.append((*points[k], _miles(match[3], match[4])))
            used.add(k)
    outlines = []
    for run in runs:
        rest = [k for k in run if k not in used]
        if len(rest) < len(run):
            if len(rest) >= 3:
                troubles.append("an outline and a circle share positions")
            continue
        ring = [points[k] for k in rest]
        if len(set(ring)) >= 3:
            outlines.append(tuple(ring))
        else:
            troubles.append(f"{len(ring)} position{'s' * (len(ring) != 1)} without a radius or outline")
    return Shapes(tuple(outlines), tuple(circles), tuple(corridors), tuple(troubles))


def _tokenised(text: str, troubles: list[str]) -> tuple[str, list[tuple[float, float]]]:
    """The text with each position replaced by @0@, @1@ ..., and the positions."""
    points: list[tuple[float, float]] = []
    suffix = len(_AFTER.findall(text)) >= len(_BEFORE.findall(text))

    def token(match: re.Match[str]) -> str:
        lat, ns, lon, ew = match.groups() if suffix else (match[2], match[1], match[4], match[3])
        at = _degrees(lat, 2), _degrees(lon, 3)
        if at[0] is None or at[1] is None or at[0] > 90.0 or at[1] > 180.0:
            troubles.append(f"{match[0]} is not a position")
            return " NOPOSITION "
        points.append((-at[0] if ns == "S" else at[0], -at[1] if ew == "W" else at[1]))
        return f"@{len(points) - 1}@"

    return (_AFTER if suffix else _BEFORE).sub(token, text), points


def _degrees(text: str, digits: int) -> float | None:
    """Degrees from DD, DDMM, DDMMSS (with decimals), DD-MM-SS, DD°MM'SS" or decimal degrees; None if not so."""
    if re.search(r"[°º-]", text):
        parts = [float(part) for part in re.findall(r"\d+(?:\.\d+)?", text)]
    else:
        whole, _, fraction = text.partition(".")
        if len(whole) <= digits:
            return float(text)
        parts = [float(whole[:digits]), *(float(whole[k : k + 2]) for k in range(digits, len(whole), 2))]
        if fraction:
            parts[-1] += float(f"0.{fraction}")
    if any(part >= 60.0 for part in parts[1:]):
        return None
    return sum(part / 60.0**k for k, part in enumerate(parts))


def _runs(tokens: str, troubles: list[str]) -> list[list[int]]:
    """Positions that follow one another with nothing but commas and the like between them."""
    runs: list[list[int]] = []
    end = 0
    for match in re.finditer(_TOKEN, tokens):
        gap = tokens[end : match.start()]
        if "NOPOSITION" in gap and runs:
            pass  # already in the troubles
        elif runs and _BENT.search(gap) and len(gap) < 200:
            bend = _BENT.search(gap)
            troubles.append(f"a line follows {bend[0].lower() if bend else 'a bend'}, which is not drawn")
        if runs and _JOINED.fullmatch(gap):
            runs[-1].append(int(match[1]))
        else:
            runs.append([int(match[1])])
        end = match.end()
    return runs


def _miles(number: str, unit: str) -> float:
    if unit.startswith(("NM", "NAUTICAL")):
        return float(number)
    return float(number) * (1000.0 if unit.startswith("K") else 1.0) / NAUTICAL_MILE


def geometries(shapes: Shapes) -> list[tuple[dict[str, Any], float | None]]:
    """GeoJSON geometries of the shapes with their radius_nm: all outlines in one, then circles and corridors."""
    found: list[tuple[dict[str, Any], float | None]] = []
    rings = [
        [[[lon, lat] for lat, lon in (*ring, *(ring[:1] if ring[0] != ring[-1] else ()))]]
        for ring in shapes.outlines
    ]
    if len(rings) == 1:
        found.append(({"type": "Polygon", "coordinates": rings[0]}, None))
    elif rings:
        found.append(({"type": "MultiPolygon", "coordinates": rings}, None))
    for lat, lon, radius in shapes.circles:
        found.append(({"type": "Point", "coordinates": [lon, lat]}, radius))
    for line, reach in shapes.corridors:
        found.append(({"type": "LineString", "coordinates": [[lon, lat] for lat, lon in line]}, reach))
    return found
