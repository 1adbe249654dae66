"""Dates as tables write them, read into a day or an instant.

    2020-01-02   2020-01-02 13:45   2020-01-02T13:45:00Z   20200102   02 January 2020   02-Jan-2020
    January 2, 2020   02-01-2020   02/01/2020   2020-01   2020

A date of three numbers that does not begin with the year says its order only where one is above 12: `order` decides,
and `order_of` finds it for a whole column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
            "august aug", "september sep sept", "october oct", "november nov", "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_DAY_WORD = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s/-]+([A-Za-z]{3,9})\.?,?[\s/-]+(\d{4})")
_WORD_DAY = re.compile(r"([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_THREE = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ]+(\d\d):(\d\d)(?::(\d\d))?)?")
_MONTH = re.compile(r"(\d{4})-(\d\d)")
_YEAR = re.compile(r"(\d{4})")
AMBIGUOUS = "may be day-month or month-day"


@lru_cache(maxsize=8192)
def read_span(text: str, order: str | None = None) -> tuple[datetime, datetime, bool]:
    """First instant, first instant after, and whether the zone is known (then both are UTC).

    Raises: ValueError saying what is wrong.

    >>> read_span("02 January 2020")[:2]
    (datetime.datetime(2020, 1, 2, 0, 0), datetime.datetime(2020, 1, 3, 0, 0))
    """
    text = text.strip()
    try:
        if found := _ISO.fullmatch(text):
            return _clocked(
                date(int(found[1]), int(found[2]), int(found[3])), found[4], found[5], found[6], found[7]
            )
        if found := _THREE.fullmatch(text):
            first, second = int(found[1]), int(found[3])
            if first > 12:
                order = "dmy"
            elif second > 12:
                order = "mdy"
            elif order is None and first != second:
                raise ValueError(f"{text!r} {AMBIGUOUS}")
            day, month = (second, first) if order == "mdy" else (first, second)
            return _clocked(date(int(found[4]), month, day), found[5], found[6], found[7], None)
        if found := _DAY_WORD.fullmatch(text):
            return _days(date(int(found[3]), _month(found[2]), int(found[1])), 1)
        if found := _WORD_DAY.fullmatch(text):
            return _days(date(int(found[3]), _month(found[1]), int(found[2])), 1)
        if found := _COMPACT.fullmatch(text):
            return _days(date(int(found[1]), int(found[2]), int(found[3])), 1)
        if found := _MONTH.fullmatch(text):
            year, month = int(found[1]), int(found[2])
            begin = datetime(year, month, 1)
            return begin, datetime(year + month // 12, month % 12 + 1, 1), False
        if found := _YEAR.fullmatch(text):
            return datetime(int(found[1]), 1, 1), datetime(int(found[1]) + 1, 1, 1), False
    except (ValueError, OverflowError) as error:
        if AMBIGUOUS in str(error):
            raise
        raise ValueError(f"{text[:40]!r} is not a day that exists") from None
    raise ValueError(f"{text[:40]!r} is not a date we can read")


def order_of(texts: Iterable[str]) -> str | None:
    """`dmy` or `mdy` where a column of dates says so, by one that can only be read one way.

    Raises: ValueError where some can only be the one and some only the other.

    >>> order_of(["02/01/2020", "13/01/2020"])
    'dmy'
    """
    seen = set()
    for text in texts:
        found = _THREE.fullmatch(text.strip())
        if found and int(found[1]) > 12 >= int(found[3]):
            seen.add("dmy")
        elif found and int(found[3]) > 12 >= int(found[1]):
            seen.add("mdy")
    if len(seen) > 1:
        raise ValueError("some dates can only be day-month, others only month-day")
    return seen.pop() if seen else None


def iso(instant: datetime, known: bool) -> str:
    """An instant as records write it: with Z where the zone is known.

    >>> iso(datetime(2020, 12, 10), False)
    '2020-12-10T00:00:00'
    """
    return instant.isoformat(timespec="seconds") + ("Z" if known else "")


def _month(word: str) -> int:
    return MONTHS.get(word.lower(), 0)


def _days(day: date, days: int) -> tuple[datetime, datetime, bool]:
    begin = datetime(day.year, day.month, day.day)
    return begin, begin + timedelta(days=days), False


def _clocked(
    day: date, hour: str | None, minute: str | None, second: str | None, zone: str | None
) -> tuple[datetime, datetime, bool]:
    if hour is None or minute is None:
        return _days(day, 1)
    if (hour, minute, second or "00", zone) == ("00", "00", "00", None):
        return _days(day, 1)  # midnight without a zone is how programs write a day
    begin = datetime(day.year, day.month, day.day, int(hour), int(minute), int(second or 0))
    if zone:
        if zone != "Z":
            sign = 1 if zone[0] == "+" else -1
            digits = zone[1:].replace(":", "")
            begin -= sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        begin = begin.replace(tzinfo=UTC).replace(tzinfo=None)
    span = timedelta(seconds=1) if second else timedelta(minutes=1)
    return begin, begin + span, bool(zone)
