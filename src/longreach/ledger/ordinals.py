"""Claims of the form "the Nth in a period", brought into a form that a list of events can be tested against.

"Second within a month", "third in six weeks", "fourth this year, second under Biden", "first since May": each
names a number and a window that ends with the event itself. A window may be read in more than one way (a
month has 28 to 31 days; it may be counted to the event or to the report), and a vague one ("recent months")
is a range of lengths of which one is enough. Both are kept apart: alternative readings must all hold before
a claim is said to agree; of a vague length it is said which lengths make it hold.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from longreach.errors import Fault, InputError
from longreach.ledger.dates import day, day_span, months_back, read_when
from longreach.ledger.numbers import number, ordinal

# First day in office, for "under Biden": Constitution of the United States, amendment XX, and the
# inaugurations as held. A ledger's own named periods come before these.
IN_OFFICE = {
    "bush": date(2001, 1, 20),
    "obama": date(2009, 1, 20),
    "trump": date(2017, 1, 20),
    "biden": date(2021, 1, 20),
}
RECENT = {"day": (2, 14), "week": (2, 8), "month": (2, 6), "year": (2, 5)}  # "recent months": two to six


@dataclass(frozen=True, slots=True)
class Window:
    """One reading of the period of an ordinal claim.

    Parameters
    ----------
    first : first day, for a window fixed in the calendar; None where it is counted back from its end
    days : least and greatest length in days, for a window counted back
    months : the length in calendar months, where that is the reading (days is then not used)
    vague : one length between the two is enough (else every length must do)
    anchor : "event" or "report": the day from which it is counted back
    reading : in plain words
    """

    first: date | None
    days: tuple[int, int] | None
    vague: bool
    anchor: str
    reading: str
    months: int | None = None

    def starts(self, end: date) -> list[date]:
        """First days the window may have when it is counted back from `end`, the shortest window first."""
        if self.first is not None:
            return [self.first]
        if self.months is not None:
            return [months_back(end, self.months)]
        assert self.days is not None
        return [end - timedelta(days=length) for length in range(self.days[0], self.days[1] + 1)]


@dataclass(frozen=True, slots=True)
class Ordinal:
    """The Nth of something in a period, with every admissible reading of the period."""

    nth: int
    words: str
    windows: tuple[Window, ...]


_NTH = r"(?P<nth>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\d+(?:st|nd|rd|th))"
_UNIT = r"(?P<unit>day|week|fortnight|month|year)s?"
_N = r"(?P<n>\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirty|sixty|ninety)"
_ENDS = r"(?=$|[,;.)]| and | near | to | by | over )"
_PERIODS = (
    ("length", re.compile(rf"\b(?:with)?in (?:the (?:past|last) |as many as |just |only |less than |under )?"
                          rf"{_N}[- ]?{_UNIT}\b", re.I)),
    ("length", re.compile(rf"\b(?:over|during|in) the (?:past|last) (?:{_N} )?{_UNIT}\b", re.I)),
    ("recent", re.compile(rf"\b(?:in|of|over) (?:the )?(?:recent|past few|last few|past several) {_UNIT}\b", re.I)),
    ("this", re.compile(r"\bth(?:is|e current) (?P<unit>week|month|year)\b|\bso far this (?P<unit2>week|month|year)\b", re.I)),
    ("year", re.compile(r"\b(?:of|in) (?P<year>(?:19|20)\d\d)\b", re.I)),
    ("under", re.compile(r"\bunder (?:President |the )?(?P<who>[A-Z][a-z]+)\b(?: administration)?")),
    ("since", re.compile(rf"\bsince (?P<since>.+?){_ENDS}", re.I)),
)  # fmt: skip
_JOINTS = re.compile(r",\s*(?:and\s+)?(?:the\s+)?|\s+and\s+(?:the\s+)?", re.I)


def read_ordinals(
    words: str,
    said: date | None = None,
    periods: Mapping[str, date] | None = None,
) -> tuple[Ordinal, ...]:
    """Every "Nth in a period" in some words.

    Parameters
    ----------
    words : "third of 2021 and sixth in recent months"
    said : day of publication
    periods : first days of periods by name, for "under X" and "since X"; they come before IN_OFFICE

    Raises: InputError where an Nth has no period, or a period that is not understood.

    >>> [(o.nth, [w.reading for w in o.windows]) for o in read_ordinals("third of 2021", date(2021, 1, 29))]
    [(3, ['the calendar year 2021'])]
    >>> [o.nth for o in read_ordinals("fourth this year, second under Biden", date(2021, 3, 8))]
    [4, 2]
    """
    text = " ".join(words.replace("’", "'").split())
    heads = list(re.finditer(rf"\b{_NTH}\b", text, re.I))
    if not heads:
        raise InputError(Fault(f"{words!r} names no Nth", hint='such as "second within a month"'))
    out = []
    for n, head in enumerate(heads):
        end = heads[n + 1].start() if n + 1 < len(heads) else len(text)
        part = (
            _JOINTS.sub(" ", text[head.start() : end].rstrip(" ,"))
            if n + 1 < len(heads)
            else text[head.start() :]
        )
        nth = ordinal(head["nth"])
        assert nth is not None
        windows = _windows(part, said, periods or {})
        if windows:
            out.append(Ordinal(nth, re.sub(r"\s+and$", "", part.strip(" ,.;")), windows))
    if not out:
        raise InputError(
            Fault(
                f"no period can be read in {words!r}",
                hint='known: "within a month", "in six weeks", "of 2021", "this year", "in recent months", '
                '"under Biden", "since May 2020"',
            )
        )
    return tuple(out)


def _windows(text: str, said: date | None, periods: Mapping[str, date]) -> tuple[Window, ...]:
    for kind, pattern in _PERIODS:
        found = pattern.search(text)
        if not found:
            continue
        groups = found.groupdict()
        unit = (groups.get("unit") or groups.get("unit2") or "").casefold()
        if kind == "length":
            return _lengths(groups.get("n") or "one", unit)
        if kind == "recent":
            lo, hi = RECENT[unit]
            per = {"day": (1, 1), "week": (7, 7), "month": (30, 31), "year": (365, 366)}[unit]
            how = f"some length from {lo} to {hi} {unit}s, counted back from"
            return tuple(
                Window(None, (lo * per[0], hi * per[1]), True, anchor, f"{how} the {anchor}")
                for anchor in ("event", "report")
            )
        if kind == "this":
            return (_this(unit, said, text),)
        if kind == "year":
            year = int(found["year"])
            return (Window(date(year, 1, 1), None, False, "event", f"the calendar year {year}"),)
        if kind == "under":
            who = found["who"]
            known = {name.casefold(): at for name, at in periods.items()}
            start = known.get(who.casefold()) or IN_OFFICE.get(who.casefold())
            if start is None:
                names = ", ".join([*periods, *(name.capitalize() for name in IN_OFFICE)])
                raise InputError(
                    Fault(f"when the time of {who!r} began is not known", hint=f"known: {names}")
                )
            return (Window(start, None, False, "event", f"since {who} took office on {day(start)}"),)
        return _since(found["since"], text[found.start("since") :], said, periods)
    return ()


def _lengths(word: str, unit: str) -> tuple[Window, ...]:
    count = number(word)
    if count is None or count < 1:
        raise InputError(Fault(f"no length can be read in {word!r}"))
    n = int(count)
    plural = f"{n} {unit}" if n == 1 else f"{n} {unit}s"
    out = []
    for anchor in ("event", "report"):
        back = f"counted back from the {anchor}"
        if unit in ("month", "year"):
            months = n * (12 if unit == "year" else 1)
            out.append(Window(None, None, False, anchor, f"{plural} of the calendar, {back}", months))
            days = 30 * n if unit == "month" else 365 * n
            out.append(Window(None, (days, days), False, anchor, f"{days} days, {back}"))
        else:
            days = n * {"day": 1, "week": 7, "fortnight": 14}[unit]
            out.append(Window(None, (days, days), False, anchor, f"{plural}, {days} days, {back}"
                              if unit != "day" else f"{plural}, {back}"))  # fmt: skip
    return tuple(out)


def _this(unit: str, said: date | None, text: str) -> Window:
    if said is None:
        raise InputError(
            Fault(f"{text!r} is relative to the day it was said, which is not known",
                  hint="give the report's date of publication")
        )  # fmt: skip
    first = {
        "year": date(said.year, 1, 1),
        "month": said.replace(day=1),
        "week": said - timedelta(days=said.weekday()),
    }[unit]
    name = {"year": f"{said.year}", "month": f"{calendar.month_name[said.month]} {said.year}"}.get(unit, "")
    return Window(first, None, False, "event", f"the calendar {unit} {name or 'of the report'}".strip())


def _since(words: str, rest: str, said: date | None, periods: Mapping[str, date]) -> tuple[Window, ...]:
    """Windows from a day or from something with a name; `rest` is all that follows "since"."""
    plain = rest.casefold().removeprefix("the ")
    for name in sorted(periods, key=len, reverse=True):
        if plain.startswith(name.casefold()):
            return (Window(periods[name], None, False, "event", f"since {name}, {day(periods[name])}"),)
    out = []
    for when in read_when(words, said, periods):
        if when.earliest is None:
            continue
        how = f"since {words}, read as {day_span(when.earliest, when.latest)}"
        if when.latest in (None, when.earliest):
            out.append(Window(when.earliest, None, False, "event", how))
        else:
            for first, edge in ((when.earliest, "its first day"), (when.latest, "its last day")):
                out.append(Window(first, None, False, "event", f"{how}, from {edge}"))
    return tuple(out)
