"""Coordinates as people and programs write them: signs or letters, degrees, minutes, seconds, commas."""

from __future__ import annotations

import re

_PART = r"\d{1,3}(?:[.,]\d+)?"
_ANGLE = re.compile(
    rf"^\s*([NSEWnsew+-])?\s*({_PART})\s*(?:[°ºd:\s]\s*({_PART})\s*(?:['′’:\s]\s*({_PART})\s*(?:[\"″”]|'')?)?"
    rf"\s*['′’]?)?\s*°?\s*([NSEWnsew])?\s*$"
)


def angle(text: str) -> tuple[float, str]:
    """Degrees, and the axis its letter names: "lat", "lon" or "" where there is no letter.

    Raises: ValueError for anything that is no angle, or whose minutes or seconds reach 60.

    >>> angle("N53° 53' 55.87\\""), angle("-78.5"), angle("46 20.5 S")
    ((53.898852777777776, 'lat'), (-78.5, ''), (-46.34166666666667, 'lat'))
    """
    match = _ANGLE.match(text)
    if not match:
        raise ValueError(f"{text!r} is not an angle")
    before, degrees, minutes, seconds, after = match.groups()
    letter = next((part for part in (before, after) if part and part in "NSEWnsew"), "").upper()
    parts = [float(part.replace(",", ".")) if part else 0.0 for part in (degrees, minutes, seconds)]
    if parts[1] >= 60.0 or parts[2] >= 60.0:
        raise ValueError(f"{text!r}: minutes and seconds end before 60")
    value = parts[0] + parts[1] / 60.0 + parts[2] / 3600.0
    negative = before == "-" or letter in ("S", "W")
    axis = "lat" if letter in ("N", "S") and letter else "lon" if letter else ""
    return (-value if negative else value), axis


def number(text: str | None) -> float:
    """A decimal number, with a point or a comma.

    >>> number(" -78,25 ")
    -78.25
    """
    if text is None or not re.fullmatch(r"\s*[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?\s*", text):
        raise ValueError(f"{text!r} is not a number")
    return float(text.strip().replace(",", "."))
