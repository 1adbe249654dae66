"""Numbers, times and positions as a reader would say them: nautical and metric, UTC and local.

Everything here takes SI values and turns them into text for people, in one style for every page and
the terminal.
"""

from __future__ import annotations

import math
from datetime import datetime

from longreach.units import NAUTICAL_MILE, POUND

MINUS = "\N{MINUS SIGN}"


def number(value: float, places: int = 0) -> str:
    """Thousands by commas and a true minus sign.

    >>> number(-12345.678, 1)
    '−12,345.7'
    """
    text = f"{abs(value):,.{places}f}"
    return f"{MINUS}{text}" if value < 0 and float(text.replace(",", "")) else text


def nautical(metres: float) -> str:
    """Nautical miles with metric beside them, one decimal below 1,000 nm.

    >>> nautical(92600.0)
    '50.0 nm (93 km)'
    """
    nm, km = metres / NAUTICAL_MILE, metres / 1000.0
    return f"{number(nm, 1 if abs(nm) < 1000 else 0)} nm ({number(km, 1 if abs(km) < 10 else 0)} km)"


def tonnes(kg: float) -> str:
    """Tonnes to a tenth, kilograms below one tonne.

    >>> tonnes(62000.0), tonnes(310.0)
    ('62.0 t', '310 kg')
    """
    return f"{number(kg / 1000.0, 1)} t" if abs(kg) >= 999.5 else f"{number(kg)} kg"


def mass(kg: float) -> str:
    """Metric mass with pounds beside it.

    >>> mass(62000.0)
    '62.0 t (136,700 lb)'
    """
    pounds = kg / POUND
    step = 100 if abs(pounds) >= 10000 else 10
    return f"{tonnes(kg)} ({number(round(pounds / step) * step)} lb)"


def duration(seconds: float) -> str:
    """Hours and minutes.

    >>> duration(129720.0), duration(1500.0)
    ('36 h 02 min', '25 min')
    """
    sign = MINUS if seconds < 0 else ""
    hours, minutes = divmod(round(abs(seconds) / 60.0), 60)
    return f"{sign}{hours} h {minutes:02d} min" if hours else f"{sign}{minutes} min"


def day_and_time(moment: datetime) -> str:
    """Weekday, date and time, without the zone.

    >>> day_and_time(datetime(2020, 12, 10, 9, 5))
    'Thu 10 Dec 09:05'
    """
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return f"{days[moment.weekday()]} {moment.day} {month(moment)} {moment:%H:%M}"


def date(moment: datetime) -> str:
    """Day, month and year."""
    return f"{moment.day} {month(moment)} {moment.year}"


def month(moment: datetime) -> str:
    """Three letters of the month, the same whatever the reader's locale."""
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return names[moment.month - 1]


def zone_offset(moment: datetime) -> str:
    """UTC offset of an aware time.

    >>> from datetime import timedelta, timezone
    >>> zone_offset(datetime(2020, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30))))
    'UTC+5:30'
    """
    offset = moment.utcoffset()
    minutes = round(offset.total_seconds() / 60) if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02d}' if rest else ''}".replace("-", MINUS)


def position(lat: float, lon: float) -> str:
    """Degrees and whole minutes, rounded once so that 59.6' carries.

    >>> position(36.9999, -6.5), position(-0.2, 180.0)
    ("37°00'N 006°30'W", "00°12'S 180°00'E")
    """

    def part(value: float, width: int, names: str) -> str:
        degrees, minutes = divmod(round(abs(value) * 60.0), 60)
        return f"{degrees:0{width}d}°{minutes:02d}'{names[value < 0]}"

    return f"{part(lat, 2, 'NS')} {part(lon, 3, 'EW')}"


def level(altitude_ft: float) -> str:
    """Flight level above 5,000 ft, else feet.

    >>> level(34996.0), level(541.0)
    ('FL350', '540 ft')
    """
    if altitude_ft >= 5000.0:
        return f"FL{round(altitude_ft / 100.0):03d}"
    return f"{number(round(altitude_ft / 10.0) * 10)} ft"


def listed(words: list[str]) -> str:
    """A list in a sentence.

    >>> listed(["Iran", "Iraq", "Syria"])
    'Iran, Iraq and Syria'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def count(many: int, one: str, more: str | None = None) -> str:
    """A counted noun, small numbers in words.

    >>> count(1, "tanker"), count(6, "tanker sortie"), count(14, "refuelling")
    ('one tanker', 'six tanker sorties', '14 refuellings')
    """
    small = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
             "twelve")  # fmt: skip
    text = small[many] if 0 <= many < len(small) else number(many)
    return f"{text} {one if many == 1 else more or one + 's'}"


def sentence(text: str) -> str:
    """The same text with a capital at the start and a full stop at the end."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")


def figure(value: float, unit: str) -> str:
    """A check's value with its unit, as precise as is worth reading."""
    if unit in ("s", "sec") and abs(value) >= 120:
        return duration(value)
    if unit == "kg":
        return mass(value) if abs(value) >= 1000 else f"{number(value, 1)} kg"
    magnitude = abs(value)
    places = 0 if magnitude >= 1000 or value == int(value) else 1 if magnitude >= 10 else 3
    if value == 1.0 and unit.endswith("s") and len(unit) > 3:  # one fault, not one faults
        unit = unit[:-1]
    text = number(value, places)
    if places == 3:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {unit}".rstrip()


def whole_degrees(azimuth: float) -> str:
    """A true track in three figures, 360 for north.

    >>> whole_degrees(359.7), whole_degrees(45.2)
    ('360°', '045°')
    """
    return f"{math.floor(azimuth + 0.5) % 360 or 360:03d}°"
