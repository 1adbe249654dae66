"""The watch list: what is watched, read from a TOML file and checked against the ledger."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from longreach.errors import Fault, InputError

DIRECTIONS = ("raises", "lowers")


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many times."""

    seen: int
    of: int


@dataclass(frozen=True, slots=True)
class Indicator:
    """Something that can be seen before what is feared happens.

    observable : what exactly would be seen
    claims, against : claims that it was seen; claims that deny it
    direction : "raises" or "lowers" the chance
    lead_days : least and greatest time before the event
    seen_before : of the times that were followed by the event, how often it was seen
    seen_otherwise : of the times that were not, how often it was seen (its base rate)
    expires : after this day it says nothing any more
    """

    id: str
    name: str
    observable: str
    claims: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    direction: str = "raises"
    lead_days: tuple[int, int] | None = None
    seen_before: Share | None = None
    seen_otherwise: Share | None = None
    expires: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A day whose return is watched."""

    name: str
    date: date
    event: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an assessment that gave a likelihood."""

    assessment: str
    came_true: bool
    on: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class RatePlan:
    """Which counts are watched, and how often a false alarm may ring."""

    series: str = ""
    period_days: int = 7
    run_length_periods: float = 52.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class WatchList:
    """Everything that is watched."""

    title: str = ""
    feared: str = ""
    indicators: tuple[Indicator, ...] = ()
    anniversaries: tuple[Remembered, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    rate: RatePlan | None = None


_INDICATOR = {
    "id", "name", "observable", "claims", "against", "direction", "lead_days", "seen_before", "seen_otherwise",
    "expires", "note",
}  # fmt: skip
_KEYS = {
    "": {"title", "feared", "indicator", "anniversary", "outcome", "rate"},
    "indicator": _INDICATOR,
    "anniversary": {"name", "date", "event", "source"},
    "outcome": {"assessment", "came_true", "on", "source"},
    "rate": {"series", "period_days", "run_length_periods", "note"},
}


def read_list(path: Path) -> WatchList:
    """The watch list in a file. Claims that the ledger does not hold are not seen.

    Raises: InputError with every fault in it.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(Fault(f"cannot read: {error.strerror}", file=str(path))) from error
    except UnicodeDecodeError as error:
        raise InputError(Fault("is not UTF-8 text", file=str(path))) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(Fault(f"is not TOML: {error}", file=str(path))) from error
    faults: list[Fault] = []
    made = _Reader(str(path), faults).watch_list(document)
    if faults:
        raise InputError(faults)
    return made


class _Reader:
    """One pass over the document that collects every fault."""

    def __init__(self, file: str, faults: list[Fault]) -> None:
        self.file, self.faults = file, faults

    def fault(self, key: str, what: str, hint: str | None = None) -> None:
        self.faults.append(Fault(what, file=self.file, key=key, hint=hint))

    def watch_list(self, document: Mapping[str, Any]) -> WatchList:
        self.keys("", document)
        rows = {name: self.tables(document, name) for name in ("indicator", "anniversary", "outcome")}
        rate = document.get("rate")
        if rate is not None and not isinstance(rate, dict):
            self.fault("rate", "is not a table")
            rate = None
        indicators = tuple(self.indicator(f"indicator.{n}", row) for n, row in enumerate(rows["indicator"]))
        names = [each.id for each in indicators]
        for name in {each for each in names if each and names.count(each) > 1}:
            self.fault("indicator", f"two have the id {name!r}")
        return WatchList(
            self.text("title", document, "title"),
            self.text("feared", document, "feared"),
            indicators,
            tuple(self.anniversary(f"anniversary.{n}", row) for n, row in enumerate(rows["anniversary"])),
            tuple(self.outcome(f"outcome.{n}", row) for n, row in enumerate(rows["outcome"])),
            self.rate(rate) if rate is not None else None,
        )

    def keys(self, table: str, row: Mapping[str, Any], where: str = "") -> None:
        for key in row:
            if key not in _KEYS[table]:
                self.fault(
                    f"{where or table}.{key}".lstrip("."),
                    "no such key",
                    f"keys: {', '.join(sorted(_KEYS[table]))}",
                )

    def tables(self, document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
        rows = document.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self.fault(name, f"is not a list of tables; write [[{name}]]")
            return []
        for n, row in enumerate(rows):
            self.keys(name, row, f"{name}.{n}")
        return rows

    def text(self, where: str, row: Mapping[str, Any], key: str, required: bool = False) -> str:
        value = row.get(key, "")
        if not isinstance(value, str):
            self.fault(where, f"is {value!r}, not text")
            return ""
        if required and not value:
            self.fault(where, "is missing")
        return value

    def day(self, where: str, row: Mapping[str, Any], key: str, required: bool = False) -> date | None:
        value = row.get(key)
        if isinstance(value, date):
            return date(value.year, value.month, value.day)
        if value is None:
            if required:
                self.fault(where, "is missing")
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.fault(where, f"is {value!r}, not a day such as 2020-12-10")
            return None

    def names(self, where: str, row: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = row.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.fault(where, "is not a list of claims")
            return ()
        return tuple(value)

    def share(self, where: str, row: Mapping[str, Any], key: str) -> Share | None:
        value = row.get(key)
        if value is None:
            return None
        good = isinstance(value, list) and len(value) == 2 and all(type(each) is int for each in value)
        if not good or not 0 <= value[0] <= value[1] or value[1] < 1:
            self.fault(where, f"is {value!r}, not [seen, of] such as [4, 6]")
            return None
        return Share(value[0], value[1])

    def indicator(self, where: str, row: Mapping[str, Any]) -> Indicator:
        lead = row.get("lead_days")
        if lead is not None:
            good = isinstance(lead, list) and len(lead) == 2 and all(type(each) is int for each in lead)
            if not good or not 0 <= lead[0] <= lead[1]:
                self.fault(f"{where}.lead_days", f"is {lead!r}, not [least, greatest] such as [0, 30]")
                lead = None
        direction = row.get("direction", "raises")
        if direction not in DIRECTIONS:
            self.fault(f"{where}.direction", f"is {direction!r}; it can be {' or '.join(DIRECTIONS)}")
        before = self.share(f"{where}.seen_before", row, "seen_before")
        otherwise = self.share(f"{where}.seen_otherwise", row, "seen_otherwise")
        if ("seen_before" in row) != ("seen_otherwise" in row):
            self.fault(
                where, "seen_before and seen_otherwise go together: one without the other weighs nothing"
            )
        return Indicator(
            self.text(f"{where}.id", row, "id", True),
            self.text(f"{where}.name", row, "name", True),
            self.text(f"{where}.observable", row, "observable", True),
            self.names(f"{where}.claims", row, "claims"),
            self.names(f"{where}.against", row, "against"),
            str(direction),
            (lead[0], lead[1]) if lead else None,
            before,
            otherwise,
            self.day(f"{where}.expires", row, "expires", True),
            self.text(f"{where}.note", row, "note"),
        )

    def anniversary(self, where: str, row: Mapping[str, Any]) -> Remembered:
        return Remembered(
            self.text(f"{where}.name", row, "name", True),
            self.day(f"{where}.date", row, "date", True) or date.min,
            self.text(f"{where}.event", row, "event"),
            self.text(f"{where}.source", row, "source"),
        )

    def outcome(self, where: str, row: Mapping[str, Any]) -> Outcome:
        came = row.get("came_true")
        if not isinstance(came, bool):
            self.fault(f"{where}.came_true", f"is {came!r}, not true or false")
            came = False
        return Outcome(
            self.text(f"{where}.assessment", row, "assessment", True),
            came,
            self.day(f"{where}.on", row, "on"),
            self.text(f"{where}.source", row, "source"),
        )

    def rate(self, row: Mapping[str, Any]) -> RatePlan:
        self.keys("rate", row)
        days, length = row.get("period_days", 7), row.get("run_length_periods", 52)
        if type(days) is not int or not 1 <= days <= 366:
            self.fault("rate.period_days", f"is {days!r}; it is a whole number from 1 to 366")
            days = 7
        if isinstance(length, bool) or not isinstance(length, int | float) or not 5 <= length <= 100_000:
            self.fault("rate.run_length_periods", f"is {length!r}; it is a number from 5 to 100,000")
            length = 52
        return RatePlan(
            self.text("rate.series", row, "series"), days, float(length), self.text("rate.note", row, "note")
        )
