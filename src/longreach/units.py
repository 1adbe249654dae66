"""Units: SI inside, aviation units at the edges, converted once, here.

Quantities in files and on the command line are text that carries its unit ("50 nm", "FL350",
"40 t", "1 h 30 min"). A bare number is refused: 50 what?
"""

from __future__ import annotations

import math
import re

from longreach.errors import UnitError

NAUTICAL_MILE = 1852.0  # m, exact (BIPM, SI Brochure 8th ed., table 8)
STATUTE_MILE = 1609.344  # m, exact
FOOT = 0.3048  # m, exact
KNOT = NAUTICAL_MILE / 3600.0  # m/s
POUND = 0.45359237  # kg, exact
SHORT_TON = 2000.0 * POUND
HOUR = 3600.0
MINUTE = 60.0

_LENGTH = {
    "m": 1.0, "km": 1000.0, "nm": NAUTICAL_MILE, "nmi": NAUTICAL_MILE, "mi": STATUTE_MILE,
    "sm": STATUTE_MILE, "ft": FOOT,
}  # fmt: skip
_MASS = {
    "kg": 1.0, "t": 1000.0, "lb": POUND, "lbs": POUND, "klb": 1000.0 * POUND,
}  # fmt: skip
_SPEED = {
    "kt": KNOT, "kts": KNOT, "m/s": 1.0, "km/h": 1.0 / 3.6, "mph": STATUTE_MILE / 3600.0,
}  # fmt: skip
_TIME = {
    "s": 1.0, "sec": 1.0, "min": MINUTE, "h": HOUR, "hr": HOUR, "hours": HOUR, "hour": HOUR,
    "d": 86400.0, "day": 86400.0, "days": 86400.0,
}  # fmt: skip
_MASS_RATE = {"kg/min": 1.0 / 60.0, "lb/min": POUND / 60.0, "kg/h": 1.0 / 3600.0, "lb/h": POUND / 3600.0,
              "t/h": 1000.0 / 3600.0, "kg/s": 1.0}  # fmt: skip
_ANGLE = {"deg": 1.0, "°": 1.0}

_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[+-]?\.\d+"
_QUANTITY = re.compile(rf"\s*({_NUMBER})\s*([a-zA-Z/°%]+)\s*")


def _quantity(text: object, table: dict[str, float], kind: str, example: str) -> float:
    if isinstance(text, bool) or not isinstance(text, str):
        raise UnitError(f"{text!r} is not a {kind} with a unit; write it as text, for example {example!r}")
    match = _QUANTITY.fullmatch(text)
    if not match:
        if re.fullmatch(rf"\s*(?:{_NUMBER})\s*", text):
            raise UnitError(f"{text!r} has no unit; write for example {example!r}")
        raise UnitError(f"{text!r} is not a {kind}; write for example {example!r}")
    factor = table.get(match[2]) or table.get(match[2].lower())
    if factor is None:
        units = ", ".join(table)
        raise UnitError(f"{text!r}: {match[2]!r} is not a unit of {kind} (known: {units})")
    return float(match[1].replace(",", "")) * factor


def parse_length(text: object) -> float:
    """Length in metres from text such as "50 nm", "12.5 km", "900 ft".

    >>> parse_length("50 nm")
    92600.0
    """
    return _quantity(text, _LENGTH, "length", "50 nm")


def parse_mass(text: object) -> float:
    """Mass in kilograms from text such as "40 t", "15,000 lb", "900 kg".

    >>> parse_mass("40 t")
    40000.0
    """
    return _quantity(text, _MASS, "mass", "40 t")


def parse_speed(text: object) -> float:
    """Speed in m/s from text such as "450 kt", "240 m/s".

    >>> round(parse_speed("450 kt"), 3)
    231.5
    """
    return _quantity(text, _SPEED, "speed", "450 kt")


def parse_mass_rate(text: object) -> float:
    """Fuel flow in kg/s from text such as "2,700 kg/min", "6000 lb/min", "4.5 t/h"."""
    return _quantity(text, _MASS_RATE, "fuel flow", "2,700 kg/min")


def parse_angle(text: object) -> float:
    """Angle in degrees from text such as "270 deg".

    >>> parse_angle("270 deg")
    270.0
    """
    return _quantity(text, _ANGLE, "angle", "270 deg")


def parse_duration(text: object) -> float:
    """Duration in seconds from text such as "2 h", "1 h 30 min", "45 min".

    >>> parse_duration("1 h 30 min")
    5400.0
    """
    if isinstance(text, bool) or not isinstance(text, str):
        raise UnitError(f"{text!r} is not a duration with a unit; write it as text, for example '2 h'")
    clock = re.fullmatch(r"\s*(\d+):([0-5]\d)(?::([0-5]\d))?\s*", text)
    if clock:
        raise UnitError(f"{text!r} could be hours:minutes or minutes:seconds; write for example '2 h 30 min'")
    parts = list(_QUANTITY.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text:
        return _quantity(text, _TIME, "duration", "2 h")
    values = [_quantity(part[0], _TIME, "duration", "2 h") for part in parts]
    if len(values) > 1 and any(value < 0 for value in values):
        raise UnitError(f"{text!r}: a duration in parts cannot hold a minus sign")
    return math.fsum(values)


def parse_level(text: object) -> float:
    """Pressure altitude in metres from text such as "FL350", "35,000 ft".

    >>> round(parse_level("FL350"), 1)
    10668.0
    """
    if isinstance(text, str):
        match = re.fullmatch(r"\s*FL\s*(\d{1,3})\s*", text, re.IGNORECASE)
        if match:
            return int(match[1]) * 100.0 * FOOT
    return _quantity(text, {"ft": FOOT, "m": 1.0}, "level", "FL350")


def parse_mach(text: object) -> float:
    """Mach number from text such as "M0.77" or "M.77".

    >>> parse_mach("M.77")
    0.77
    """
    match = re.fullmatch(r"\s*[Mm]\s*(\d?\.\d+)\s*", text) if isinstance(text, str) else None
    if not match:
        raise UnitError(f"{text!r} is not a Mach number; write for example 'M0.77' or 'best'")
    return float(match[1])


def parse_position(text: object) -> tuple[float, float] | None:
    """(lat, lon) in degrees from "32.5,-93.66", or None where the text is not a pair of numbers.

    Raises: UnitError where it is a pair but off the globe (lat outside -90..90, lon outside -180..360).

    >>> parse_position("32.5,-93.66")
    (32.5, -93.66)
    """
    if not isinstance(text, str):
        return None
    match = re.fullmatch(r"\s*([+-]?\d+(?:\.\d*)?)\s*,\s*([+-]?\d+(?:\.\d*)?)\s*", text)
    if not match:
        return None
    return checked_position(float(match[1]), float(match[2]))


def checked_position(lat: float, lon: float) -> tuple[float, float]:
    """(lat, lon) with longitude wrapped into [-180, 180); UnitError when off the globe."""
    if not (math.isfinite(lat) and -90.0 <= lat <= 90.0):
        raise UnitError(f"latitude {lat:g} is outside -90 to 90 degrees (order is latitude, longitude)")
    if not (math.isfinite(lon) and -180.0 <= lon <= 360.0):
        raise UnitError(f"longitude {lon:g} is outside -180 to 360 degrees")
    return lat, lon if -180.0 <= lon < 180.0 else (lon + 180.0) % 360.0 - 180.0
