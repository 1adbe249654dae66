"""Words of time into intervals of days, with the reading shown: "on Thursday", "last month", "weeks away".

Words are read against the day on which they were said. A day is a local calendar day of whoever spoke;
where their zone is not known, the interval in UTC is widened by the zones there are (UTC-12 to UTC+14).
Where words admit more than one reading, all are returned, the likeliest first.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from longreach.errors import Fault, InputError
from longreach.ledger.numbers import number, read_count

_MONTHS = {name.casefold(): n for n, name in enumerate(calendar.month_name) if n}
_MONTHS |= {name.casefold(): n for n, name in enumerate(calendar.month_abbr) if n} | {"sept": 9}
_DAYS = {name.casefold(): n for n, name in enumerate(calendar.day_name)}
_MONTH = r"(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_DAY_NAME = r"(?P<weekday>" + "|".join(_DAYS) + ")"
_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)  # the zones there are: UTC+14 and UTC-12


@dataclass(frozen=True, slots=True)
class When:
    """One reading of words of time.

    earliest, latest : first and last local calendar day, both admitted; None is open
    words : what was read
    reading : how it was taken, in plain words
    """

    earliest: date | None
    latest: date | None
    words: str
    reading: str

    @property
    def days(self) -> int | None:
        """How many days the interval holds; None where an end is open."""
        if self.earliest is None or self.latest is None:
            return None
        return (self.latest - self.earliest).days + 1

    def utc(self, offset_h: float | None) -> tuple[datetime | None, datetime | None]:
        """First and last instant in UTC (naive); `offset_h` is local less UTC, None where it is unknown.

        >>> when = When(date(2020, 12, 10), date(2020, 12, 10), "", "")
        >>> [f"{at:%d %H:%M}" for at in when.utc(None)]
        ['09 10:00', '11 12:00']
        """
        east = _EAST if offset_h is None else timedelta(hours=offset_h)
        west = _WEST if offset_h is None else -timedelta(hours=offset_h)
        first = None if self.earliest is None else datetime.combine(self.earliest, time.min) - east
        last = (
            None
            if self.latest is None
            else datetime.combine(self.latest + timedelta(days=1), time.min) + west
        )
        return first, last

    @property
    def span(self) -> str:
        return day_span(self.earliest, self.latest)


def day_span(earliest: date | None, latest: date | None) -> str:
    """An interval of days in words.

    >>> day_span(date(2020, 12, 9), date(2020, 12, 11)), day_span(None, date(2020, 12, 10))
    ('9 Dec 2020 to 11 Dec 2020', 'up to 10 Dec 2020')
    """
    if earliest is None and latest is None:
        return "any time"
    if earliest is None:
        return f"up to {day(latest)}"
    if latest is None:
        return f"from {day(earliest)} on"
    return day(earliest) if earliest == latest else f"{day(earliest)} to {day(latest)}"


def day(value: date | None) -> str:
    """A day as printed everywhere: "9 Dec 2020"."""
    return "" if value is None else f"{value.day} {calendar.month_abbr[value.month]} {value.year}"


def month_of(year: int, month: int) -> tuple[date, date]:
    """First and last day of a month; months beyond 1..12 carry into the year."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def months_back(said: date, months: int) -> date:
    """The same day of the month, `months` earlier; the last day of a month that is too short."""
    first, last = month_of(said.year, said.month - months)
    return min(first + timedelta(days=said.day - 1), last)


def read_when(
    words: str, said: date | None = None, anchors: Mapping[str, date] | None = None
) -> tuple[When, ...]:
    """Every reading of words of time, said on the day `said`.

    Parameters
    ----------
    words : "on Thursday", "last month", "2020-11~", "7 (or 8) Jan", "since Oct 2019", "weeks away"
    said : day of publication or statement, local to whoever spoke; needed for words relative to it
    anchors : days of events that words may refer to, by name ("two days after the strike")

    Raises: InputError where no reading is known, or where words need `said` and it is not given.

    >>> [w.span for w in read_when("on Thursday", date(2020, 12, 10))]
    ['10 Dec 2020', '3 Dec 2020']
    >>> [w.span for w in read_when("late last month", date(2020, 12, 10))]
    ['21 Nov 2020 to 30 Nov 2020']
    """
    text = " ".join(words.replace("’", "'").split()).strip(" '\"").removesuffix(",")
    for pattern, read in _RULES:
        found = pattern.fullmatch(text)
        if found:
            out = read(found, _Said(said, words, anchors or {}))
            if out:
                return tuple(replace(when, words=words) for when in out)
    raise InputError(
        Fault(
            f"no time can be read in {words!r}",
            hint='write it as 2020-12-10, 2020-12-09/2020-12-11, 2020-11~, "10 December 2020", "on Thursday", '
            '"last month", "over the past year", "since October 2019", "weeks away"',
        )
    )


@dataclass(frozen=True, slots=True)
class _Said:
    given: date | None
    words: str
    anchors: Mapping[str, date]

    @property
    def on(self) -> date:
        if self.given is None:
            raise InputError(
                Fault(f"{self.words!r} is relative to the day it was said, which is not known",
                      hint="give the report's date of publication")
            )  # fmt: skip
        return self.given


_Read = Callable[[re.Match[str], _Said], "list[When]"]


def _one(earliest: date | None, latest: date | None, reading: str) -> list[When]:
    return [When(earliest, latest, "", reading)]


def _valid(year: int, month: int, day_: int) -> date:
    try:
        return date(year, month, day_)
    except ValueError as error:
        raise InputError(Fault(f"there is no day {year:04d}-{month:02d}-{day_:02d}")) from error


def _iso(found: re.Match[str], said: _Said) -> list[When]:
    year, month, day_ = int(found["y"]), found["m"], found["d"]
    about, doubt = found["mark"] in ("~", "%"), found["mark"] in ("?", "%")
    if day_:
        first = last = _valid(year, int(month), int(day_))
        margin = timedelta(days=1)
    elif month:
        if not 1 <= int(month) <= 12:
            raise InputError(Fault(f"there is no month {month} in {said.words!r}"))
        first, last = month_of(year, int(month))
        margin = timedelta(days=15)
    else:
        first, last = date(year, 1, 1), date(year, 12, 31)
        margin = timedelta(days=183)
    said_so = ", marked as doubtful" if doubt else ""
    if about:
        return _one(first - margin, last + margin, f"about then, so {margin.days} days either side{said_so}")
    return _one(first, last, f"as printed{said_so}")


def _pair(found: re.Match[str], said: _Said) -> list[When]:
    first = None if found["a"] in ("", "..") else read_when(found["a"], said.given)[0].earliest
    last = None if found["b"] in ("", "..") else read_when(found["b"], said.given)[0].latest
    if first and last and last < first:
        raise InputError(Fault(f"{said.words!r} ends before it begins"))
    return _one(first, last, "an interval, as printed")


def _or(found: re.Match[str], said: _Said) -> list[When]:
    tail = found["tail"] or ""
    out = []
    for which in ("a", "b"):
        for when in read_when(f"{found[which]} {tail}".strip(), said.given):
            out.append(replace(when, reading=f"{when.reading}; one of two days named"))
    return out


def _year_for(month: int, said: _Said) -> tuple[int, str]:
    on = said.on
    year = on.year if month <= on.month else on.year - 1
    return year, f"the latest {calendar.month_name[month]} before {day(on)}"


def _calendar(found: re.Match[str], said: _Said) -> list[When]:
    groups = found.groupdict()
    month = _MONTHS[found["month"].casefold()]
    year, how = (int(groups["y"]), "as printed") if groups.get("y") else _year_for(month, said)
    part = groups.get("part")
    if groups.get("d"):
        at = _valid(year, month, int(groups["d"]))
        if not groups.get("y") and said.given and at > said.on:
            at, how = _valid(year - 1, month, int(groups["d"])), f"the latest such day before {day(said.on)}"
        return _one(at, at, how)
    return [_part(month_of(year, month), part, how)]


def _part(bounds: tuple[date, date], part: str | None, how: str) -> When:
    first, last = bounds
    whole = (last - first).days + 1
    third = whole // 3
    name = (part or "").casefold().rstrip("-")
    if name in ("early", "earlier"):
        return When(first, first + timedelta(days=third - 1), "", f"{how}, its first third")
    if name in ("mid", "middle"):
        return When(
            first + timedelta(days=third), last - timedelta(days=third), "", f"{how}, its middle third"
        )
    if name in ("late", "later"):
        return When(first + timedelta(days=2 * third), last, "", f"{how}, its last third")
    return When(first, last, "", how)


def _weekday(found: re.Match[str], said: _Said) -> list[When]:
    on, name = said.on, found["weekday"].casefold()
    back = (on.weekday() - _DAYS[name]) % 7
    nearest = on - timedelta(days=back)
    before = nearest - timedelta(days=7)
    title = name.capitalize()
    which = (found.groupdict().get("which") or "").casefold()
    if which == "next":
        at = nearest + timedelta(days=7)
        return _one(at, at, f"the {title} after {day(on)}")
    if back == 0:
        same = When(on, on, "", f"the day of publication, a {title}")
        week = When(before, before, "", f"the {title} a week before publication")
        return [week, same] if which == "last" else [same, week]
    out = [When(nearest, nearest, "", f"the {title} before {day(on)}")]
    if which == "last":
        out.append(When(before, before, "", f"the {title} of the week before"))
    return out


def _near_day(found: re.Match[str], said: _Said) -> list[When]:
    on, word = said.on, found[0].casefold()
    first = {"today": 0, "yesterday": -1, "tomorrow": 1, "overnight": -1, "last night": -1}[word]
    start = on + timedelta(days=first)
    if word in ("overnight", "last night"):
        return _one(start, on, "the night before the day it was said")
    return _one(start, start, "the day it was said" if first == 0 else f"{word}, seen from {day(on)}")


def _this_or_last(found: re.Match[str], said: _Said) -> list[When]:
    on, which, unit = said.on, found["which"].casefold(), found["unit"].casefold()
    shift = {"this": 0, "last": -1, "next": 1}[which]
    if unit == "week":
        monday = on - timedelta(days=on.weekday()) + timedelta(weeks=shift)
        bounds = (monday, monday + timedelta(days=6))
    elif unit == "month":
        bounds = month_of(on.year, on.month + shift)
    else:
        bounds = (date(on.year + shift, 1, 1), date(on.year + shift, 12, 31))
    if shift == 0:
        bounds = (bounds[0], on)
        return _one(*bounds, f"the calendar {unit} so far, to {day(on)}")
    if shift < 0 and not found["part"] and unit == "week":
        return [
            When(*bounds, "", "the calendar week before, from Monday"),
            When(on - timedelta(days=7), on, "", f"the seven days to {day(on)}"),
        ]
    return [_part(bounds, found["part"], f"the calendar {unit} {'before' if shift < 0 else 'after'}")]


def length_before(said: date, count: float, unit: str) -> date:
    """The day that lies `count` units before `said`; calendar months and years are kept."""
    if unit in ("month", "year"):
        return months_back(said, round(count * (12 if unit == "year" else 1)))
    return said - timedelta(days=round(count * {"day": 1, "week": 7, "fortnight": 14}[unit]))


def _trailing(found: re.Match[str], said: _Said) -> list[When]:
    on, unit = said.on, found["unit"].casefold()
    counts = read_count(found["n"]) if found["n"] else ()
    count = counts[0].best if counts and counts[0].best is not None else (counts[0].lo if counts else 1.0)
    first = length_before(on, count, unit)
    out = _one(
        first, on, f"the {count:g} {unit}{'s' if count != 1 else ''} to {day(on)}; the end was not printed"
    )
    if unit == "year" and count == 1:
        out.append(When(date(on.year, 1, 1), on, "", f"the calendar year so far, to {day(on)}"))
    return out


def _ago(found: re.Match[str], said: _Said) -> list[When]:
    on, unit = said.on, found["unit"].casefold()
    count = read_count(found["n"])[0]
    plural = unit if count.lo == count.hi == 1 else f"{unit}s"
    last = length_before(on, count.lo, unit)
    first = last if count.hi is None else length_before(on, count.hi, unit)
    slack = timedelta(days={"day": 0, "week": 3, "fortnight": 7, "month": 15, "year": 182}[unit])
    how = f"{found['n']} {plural} before {day(on)}, to the nearest {unit}"
    return _one(first - slack, min(last + slack, on), how)


def _ahead(found: re.Match[str], said: _Said) -> list[When]:
    on, unit = said.on, found["unit"].casefold()
    step = {"day": 1, "week": 7, "month": 30, "year": 365}[unit]
    lo, hi = {"day": (2, 13), "week": (2, 8), "month": (2, 11), "year": (2, 10)}[unit]
    if found.groupdict().get("n"):
        value = number(found["n"])
        if value is None:
            return []
        lo = hi = int(value)
        slack = step // 2
        first = on + timedelta(days=lo * step - slack)
        return _one(
            first,
            on + timedelta(days=hi * step + slack),
            f"{lo} {unit}s after {day(on)}, to the nearest {unit}",
        )
    return _one(
        on + timedelta(days=lo * step), on + timedelta(days=hi * step),
        f"{lo} to {hi} {unit}s after {day(on)}; no figure was printed",
    )  # fmt: skip


def _offset(found: re.Match[str], said: _Said) -> list[When]:
    value, unit = number(found["n"]), found["unit"].casefold()
    name = found["anchor"].casefold()
    known = {key.casefold(): at for key, at in said.anchors.items()}
    if value is None:
        return []
    if name not in known:
        raise InputError(
            Fault(f"{said.words!r} needs the day of {found['anchor']!r}",
                  hint=f"known: {', '.join(known) or 'none'}")
        )  # fmt: skip
    days = timedelta(days=round(value * {"day": 1, "week": 7}[unit]))
    at = known[name] + (days if found["side"].casefold() == "after" else -days)
    return _one(at, at, f"{found['n']} {unit}s {found['side']} {day(known[name])}")


def _open(found: re.Match[str], said: _Said) -> list[When]:
    side = found["side"].casefold()
    out = []
    for inner in read_when(found["rest"], said.given, said.anchors):
        if side == "since":
            last = said.given
            out.append(When(inner.earliest, last, "", f"from {inner.span} to the day it was said"))
        elif side in ("before", "until", "by", "up to"):
            strictly = side == "before" and inner.earliest is not None
            end = inner.earliest - timedelta(days=1) if strictly and inner.earliest else inner.latest
            out.append(When(None, end, "", f"{'before' if strictly else 'not after'} {inner.span}"))
        else:
            out.append(When(inner.earliest, None, "", f"after {inner.span}"))
    return out


_UNIT = r"(?P<unit>day|week|fortnight|month|year)s?"
_N = r"(?P<n>[\w-]+?)"
_ISO = r"(?P<y>\d{4})(?:-(?P<m>\d{2})(?:-(?P<d>\d{2}))?)?(?P<mark>[~?%])?"
_PARTS = r"(?:(?P<part>early|mid|middle|late|later|earlier)[- ](?:in )?)?"


def _rule(pattern: str, read: _Read) -> tuple[re.Pattern[str], _Read]:
    return re.compile(pattern, re.I), read


_RULES = (
    _rule(rf"(?:on )?{_ISO}(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?", _iso),
    _rule(r"(?P<a>\d{4}[-\d~?%]*|\.\.|)(?:/)(?P<b>\d{4}[-\d~?%]*|\.\.|)", _pair),
    _rule(r"(?P<a>\d{4}-\d\d-\d\d|)\.\.(?P<b>\d{4}-\d\d-\d\d|)", _pair),
    _rule(r"(?:on )?(?P<a>\d{1,2}) \(?or (?P<b>\d{1,2})\)? (?P<tail>[a-z]+\.?(?: \d{4})?)", _or),
    _rule(
        rf"(?:on )?(?:the )?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? (?P<y>\d{{4}}))?",
        _calendar,
    ),
    _rule(rf"(?:on )?{_MONTH} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y>\d{{4}}))?", _calendar),
    _rule(rf"(?:in |during )?{_PARTS}{_MONTH}(?:,? (?P<y>\d{{4}}))?", _calendar),
    _rule(
        rf"(?:on )?(?:(?P<which>last|next) )?{_DAY_NAME}(?: (?:morning|afternoon|evening|night))?", _weekday
    ),
    _rule(r"today|yesterday|tomorrow|overnight|last night", _near_day),
    _rule(rf"(?:in )?{_PARTS}(?P<which>this|last|next) (?P<unit>week|month|year)", _this_or_last),
    _rule(rf"(?:over|in|within|during|for)? ?the (?:past|last) (?:{_N} )?{_UNIT}", _trailing),
    _rule(rf"within (?P<n>[\w-]+?) {_UNIT}", _trailing),
    _rule(rf"{_N} {_UNIT} ago", _ago),
    _rule(r"(?:(?P<n>[\w-]+?) )?(?P<unit>day|week|month|year)s? (?:away|from now|ahead)", _ahead),
    _rule(r"in the coming (?P<unit>day|week|month|year)s", _ahead),
    _rule(rf"{_N} (?P<unit>day|week)s? (?P<side>after|before) (?P<anchor>.+)", _offset),
    _rule(r"(?P<side>since|before|until|by|up to|after) (?P<rest>.+)", _open),
)
