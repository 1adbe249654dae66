"""What the words of a statement can mean: every admissible reading as an interval, with how it was taken.

Numbers, times and lengths are read by the ledger's readers. A reading is `as_printed`, or it is a `slip`: the
same figure in another unit, admitted only to say so where the printed unit cannot be right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from longreach.check.claim import Statement
from longreach.errors import Fault, InputError
from longreach.ledger.dates import read_when
from longreach.ledger.numbers import Count, read_count, read_duration
from longreach.units import NAUTICAL_MILE, POUND, STATUTE_MILE

_KM = 1000.0
_SPEED = {"mph": STATUTE_MILE, "kt": NAUTICAL_MILE, "kts": NAUTICAL_MILE, "knot": NAUTICAL_MILE, "km/h": _KM}
_MASS = {
    "lb": POUND,
    "pound": POUND,
    "kg": 1.0,
    "t": 1000.0,
    "tonne": 1000.0,
    "kilogram": 1.0,
    "ton": 2000 * POUND,
}
_LENGTH = {
    "nm": ("nautical miles", NAUTICAL_MILE), "nmi": ("nautical miles", NAUTICAL_MILE),
    "nautical mile": ("nautical miles", NAUTICAL_MILE), "sm": ("statute miles", STATUTE_MILE),
    "statute mile": ("statute miles", STATUTE_MILE), "mi": ("statute miles", STATUTE_MILE),
    "km": ("kilometres", _KM), "kilometre": ("kilometres", _KM), "kilometer": ("kilometres", _KM),
}  # fmt: skip
_UNITS = {"nautical miles": NAUTICAL_MILE, "statute miles": STATUTE_MILE, "kilometres": _KM}


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take a statement.

    lo, hi : bounds in SI (m, s, m/s, kg, or a number; times in seconds from 1970 UTC); None is open
    best : the printed figure itself in the same unit, or None
    role : of a time, what of the flight it is: departure, landing, on station, whole flight; of a speed,
        flight or part
    unit : the unit taken, as words
    how : the reading in plain words
    slip : True for the same figure in a unit that was not printed
    days : of a time given as local days, how many; 0 where it is not
    """

    lo: float | None
    hi: float | None
    how: str
    role: str = ""
    unit: str = ""
    best: float | None = None
    slip: bool = False
    days: int = 0


def of(statement: Statement, reported: date | None, offset_h: float | None) -> tuple[Reading, ...]:
    """Every reading of a statement, those as printed first; () where it holds nothing to reckon with.

    Raises: InputError where the words cannot be read.
    """
    kind, words = statement.kind, statement.words
    if kind in ("departure", "landing", "on station"):
        return tuple(_times(words, kind, reported, offset_h))
    if kind == "day":
        roles = ("on station", "departure", "landing", "whole flight")
        return tuple(each for role in roles for each in _times(words, role, reported, offset_h))
    if kind in ("duration", "time on station"):
        return _unique(Reading(q.lo, q.hi, q.reading, unit="hours") for q in _durations(words))
    if kind == "distance":
        return _lengths(words)
    if kind == "kept out":
        return (
            _lengths(words)
            if re.search(r"\d|mile|two|ten|twenty|thirty|forty|fifty|sixty|hundred", words)
            else ()
        )
    if kind == "speed":
        return _speeds(words, statement.scope)
    if kind in ("refuellings", "count"):
        return _unique(
            Reading(c.lo, c.hi, c.reading, best=c.best) for c in read_count(words, kind.rstrip("s"))
        )
    if kind in ("payload", "fuel loaded", "fuel left"):
        return _masses(words)
    if kind in ("nonstop", "unrefuelled"):
        if words not in ("yes", "no"):
            raise InputError(Fault(f"{words!r} is not yes or no"))
        return (Reading(float(words == "yes"), None, words),)
    return ()


def _unique(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    found: list[Reading] = []
    for each in readings:
        if not any((each.lo, each.hi, each.role, each.unit) == (k.lo, k.hi, k.role, k.unit) for k in found):
            found.append(each)
    return tuple(found)


_CLOCK = re.compile(
    r"(\d+)\s*(?:h|hours?|:)\s*(?:and\s+)?(\d{1,2})?\s*(?:m|min|minutes?)?(?:\s*(\d{1,2})\s*s)?\.?"
)


@dataclass(frozen=True, slots=True)
class _Span:
    lo: float
    hi: float | None
    reading: str


def _durations(words: str) -> list[_Span]:
    """Hours and minutes ("19 h 16 min", "36:13") to the minute, decimal hours, or the ledger's words."""
    match = _CLOCK.fullmatch(words.strip())
    if match and match[2]:
        if int(match[2]) > 59:
            raise InputError(Fault(f"{words!r}: minutes end before 60"))
        seconds = 3600.0 * int(match[1]) + 60.0 * int(match[2]) + float(match[3] or 0)
        half = 0.5 if match[3] else 30.0
        return [
            _Span(
                seconds - half,
                seconds + half,
                f"{int(match[1])} h {int(match[2])} min, to the {'second' if match[3] else 'minute'}",
            )
        ]
    short = re.sub(r"(?<=\d)\s*h\b", " hours", words)
    return [_Span(q.lo, q.hi, q.reading) for q in read_duration(short)]


def _times(words: str, role: str, reported: date | None, offset_h: float | None) -> list[Reading]:
    """A moment with its zone is exact to what is printed; a day is a day of whoever spoke."""
    found = []
    for part in [words]:
        ends = [piece.strip() for piece in part.split("/")] if re.match(r"\d{4}-\d\d-\d\dT", part) else []
        if ends:
            stamps = [_stamp(piece, offset_h) for piece in ends]
            found.append(Reading(stamps[0][0], stamps[-1][1], f"{words} ({role})", role=role))
            continue
        for when in read_when(words, reported):
            low, high = when.utc(offset_h)
            found.append(
                Reading(
                    low.replace(tzinfo=UTC).timestamp() if low else None,
                    high.replace(tzinfo=UTC).timestamp() if high else None,
                    f"{when.span}, {when.reading}",
                    role=role,
                    days=when.days or 0,
                )
            )
    return found


def _stamp(text: str, offset_h: float | None) -> tuple[float, float]:
    """First and last instant of a printed moment; without a zone, in any zone there is."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise InputError(Fault(f"{text!r} is no time", hint="write 2020-12-10T09:00Z")) from error
    grain = 1.0 if re.search(r"T\d\d:?\d\d:?\d\d", text) else 60.0
    if moment.tzinfo:
        start = moment.timestamp()
        return start, start + grain
    local = moment.replace(tzinfo=UTC).timestamp()
    if offset_h is not None:
        return local - 3600.0 * offset_h, local - 3600.0 * offset_h + grain
    return local - 14 * 3600.0, local + 12 * 3600.0 + grain


def _counts(words: str) -> tuple[Count, ...]:
    return read_count(re.sub(r"(?<=\d)(?=(?:nm|km|sm|mi|lb|kg|t|kt|mph)\b)", " ", words))


def _scaled(count: Count, factor: float, unit: str, slip: bool = False, role: str = "") -> Reading:
    said = " (not the unit printed)" if slip else ""
    low, high = count.lo, count.hi
    if high is not None and low == high:  # a measured quantity is known to the last figure printed
        digits = re.search(r"\d[\d,]*(?:\.(\d+))?", count.words)
        half = 0.5 * 10.0 ** -len(digits[1] or "") if digits else 0.5
        low, high = low - half, high + half
    return Reading(
        low * factor, None if high is None else high * factor, f"{count.reading} {unit}{said}",
        role=role, unit=unit, best=None if count.best is None else count.best * factor, slip=slip,
    )  # fmt: skip


def _lengths(words: str) -> tuple[Reading, ...]:
    """ "miles" are statute or nautical; any other printed unit is itself, and the other two are slips."""
    found = []
    for count in _counts(words):
        unit = count.unit
        if unit in ("mile", ""):
            printed = ["statute miles", "nautical miles"] if unit == "mile" else list(_UNITS)
        else:
            match = next(
                (_LENGTH[u] for u in (unit, " ".join(unit.split()[:2]), unit.split()[0]) if u in _LENGTH),
                None,
            )
            if match is None:
                raise InputError(
                    Fault(f"{words!r}: {unit!r} is no unit of length", hint="miles, nm, sm or km")
                )
            printed = [match[0]]
        found += [_scaled(count, _UNITS[name], name) for name in printed]
        found += [
            _scaled(count, factor, name, slip=True) for name, factor in _UNITS.items() if name not in printed
        ]
    return _unique(sorted(found, key=lambda r: r.slip))


def _speeds(words: str, scope: str) -> tuple[Reading, ...]:
    """A mean speed is of the whole flight or, as records often are, of a part of it."""
    found = []
    roles = ("flight", "part") if scope == "flight" else ("part",)
    for count in _counts(
        words.replace("miles per hour", "mph").replace("knots", "kt").replace("kph", "km/h")
    ):
        unit = count.unit.split()[0] if count.unit else ""
        unit = "km/h" if unit.startswith("km") else unit
        if unit not in _SPEED:
            raise InputError(Fault(f"{words!r} gives no unit of speed", hint="mph, kt or km/h"))
        for role in roles:
            found.append(_scaled(count, _SPEED[unit] / 3600.0, unit, role=role))
            for other, factor in (("mph", STATUTE_MILE), ("kt", NAUTICAL_MILE), ("km/h", _KM)):
                if factor != _SPEED[unit]:
                    found.append(_scaled(count, factor / 3600.0, other, slip=True, role=role))
    return _unique(sorted(found, key=lambda r: (r.slip, r.role != "flight")))


def _masses(words: str) -> tuple[Reading, ...]:
    found = []
    for count in _counts(words):
        unit = count.unit.split()[0] if count.unit else ""
        if unit not in _MASS:
            raise InputError(Fault(f"{words!r} gives no unit of mass", hint="kg, t, lb"))
        found.append(_scaled(count, _MASS[unit], unit))
    return _unique(found)
