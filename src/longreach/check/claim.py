"""The claim file: what somebody reports of one flight, statement by statement, each with its source.

TOML, described in docs/check.md. Words are kept as printed ("36-hour", "on Thursday", "14,000 miles"); what they
can mean is worked out in `readings`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from longreach import toml
from longreach.errors import Fault, InputError, LongreachError, UnitError
from longreach.locate import key_lines, line_of

SCHEMA = "longreach.claim/1"
# What a statement can be about, and what its words must hold.
KINDS = {
    "departure": "a time",
    "landing": "a time",
    "on station": "a time at which the aircraft was there",
    "day": "a time that the report gives without saying what of the flight",
    "duration": "a length of time from take-off to landing",
    "time on station": "a length of time",
    "distance": "a length",
    "speed": "a mean speed over the ground",
    "refuellings": "a number",
    "nonstop": "yes or no",
    "unrefuelled": "yes or no",
    "kept out": "how far from closed airspace",
    "partner": "who joined",
    "count": "a number of aircraft",
    "payload": "a mass",
    "fuel loaded": "a mass",
    "fuel left": "a mass",
}
SCOPES = {
    "distance": ("flown", "between", "one way", "detour", "detour one way"),
    "speed": ("flight", "part"),
}
_KEYS = {
    "id", "kind", "words", "scope", "source", "text", "closed", "from", "aircraft", "operator", "departure",
    "unrefuelled", "note",
}  # fmt: skip
_FLIGHT = {"aircraft", "count", "origin", "destination", "turn", "via", "closed", "stops", "home"}


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the report: lat, lon in degrees; the true place lies within `within_m`."""

    name: str
    lat: float
    lon: float
    within_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing the report says.

    kind, words : see KINDS; the words as printed
    scope : of a distance or speed, see SCOPES; "" for the rest
    closed : State codes of a `kept out`
    place, aircraft, operator, departure, unrefuelled : of a partner: base, type, nation, take-off words, and
        whether the report says that it took no fuel in the air
    """

    id: str
    kind: str
    words: str
    scope: str = ""
    source: str = ""
    text: str = ""
    closed: tuple[str, ...] = ()
    place: Place | None = None
    aircraft: str = ""
    operator: str = ""
    departure: str = ""
    unrefuelled: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim file, checked.

    reported : local day of the report, against which words like "on Thursday" are read; None where not given
    offset_h : local time of the report less UTC; None where it is unknown
    turn : where an out-and-back flight went; None for a flight from one place to another
    home_same : it came home by the way it went, as far as the report says
    closed : States closed to this flight by the record (not a claim of the report but its frame)
    """

    title: str
    reported: date | None
    offset_h: float | None
    aircraft: str
    count: int | None
    origin: Place | None
    destination: Place | None
    turn: Place | None
    via: tuple[Place, ...]
    stops: tuple[Place, ...]
    home_same: bool
    closed: tuple[str, ...]
    statements: tuple[Statement, ...]
    sources: Mapping[str, str]
    note: str
    file: str
    sha256: str

    def of(self, kind: str) -> tuple[Statement, ...]:
        """The statements of one kind, in the file's order."""
        return tuple(each for each in self.statements if each.kind == kind)


def load(path: Path | str) -> Claim:
    """The claim in a file.

    Raises: InputError with every fault, each with its line.
    """
    data = toml.read_bytes(Path(path), "a claim file", "see docs/check.md, or copy one of examples/claims")
    return parse(toml.decoded(data, str(path)), str(path))


def parse(text: str, file: str = "claim") -> Claim:
    """The claim in a text; `file` is the name used in messages."""
    return _Reader(text, file).claim()


class _Reader:
    """Walks the values of a claim file and gathers every fault."""

    def __init__(self, text: str, file: str) -> None:
        self.values = toml.parsed(text, file)
        self.lines = key_lines(text)
        self.text, self.file = text, file
        self.faults: list[Fault] = []

    def fault(self, path: tuple[str | int, ...], what: str, hint: str | None = None) -> None:
        key = ".".join(str(part) for part in path) or None
        self.faults.append(
            Fault(what, file=self.file, line=line_of(self.lines, path) or 1, key=key, hint=hint)
        )

    def get(
        self,
        table: Any,
        path: tuple[str | int, ...],
        key: str,
        read: Callable[[Any], Any],
        default: Any = None,
    ) -> Any:
        """A value read by `read`, its fault noted; the default where the key is missing."""
        if not isinstance(table, Mapping) or key not in table:
            return default
        try:
            return read(table[key])
        except InputError as error:
            for fault in error.faults:
                self.fault((*path, key), fault.what, fault.hint)
        except (UnitError, LongreachError, ValueError) as error:
            self.fault((*path, key), str(error))
        return default

    def known(self, table: Mapping[str, Any], path: tuple[str | int, ...], keys: set[str]) -> None:
        for key in table:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(keys))}"
                self.fault((*path, key), f"{key!r} is no key here", hint)

    def claim(self) -> Claim:
        values = self.values
        self.known(
            values, (), {"schema", "title", "reported", "utc_offset", "note", "flight", "says", "sources"}
        )
        if values.get("schema") != SCHEMA:
            self.fault(("schema",), f"is {values.get('schema')!r}; this version reads {SCHEMA!r}")
        title = self.get(values, (), "title", _text, "")
        if not title:
            self.fault(("title",), "a claim needs a title")
        flight = values.get("flight")
        if not isinstance(flight, dict):
            self.fault(("flight",), "a claim needs a [flight] table", "aircraft, origin, turn or destination")
            flight = {}
        self.known(flight, ("flight",), _FLIGHT)
        at: tuple[str | int, ...] = ("flight",)
        origin, destination, turn = (
            self.get(flight, at, key, _place) for key in ("origin", "destination", "turn")
        )
        if not flight.get("origin") and not flight.get("turn") and not flight.get("destination"):
            self.fault(at, "names no place, so nothing can be reckoned", "give origin, turn or destination")
        reported = self.get(values, (), "reported", _day)
        sources = self.get(values, (), "sources", _table_of_text, {})
        statements = []
        says = values.get("says", [])
        if not isinstance(says, list) or not all(isinstance(each, dict) for each in says):
            self.fault(("says",), "must be [[says]] tables, one for each statement")
            says = []
        for index, entry in enumerate(says[:200]):
            found = self.statement(entry, index, reported)
            if found:
                statements.append(found)
        if len(says) > 200:
            self.fault(("says",), f"holds {len(says)} statements; at most 200 of one flight")
        ids = [each.id for each in statements]
        for index, id in enumerate(ids):
            if id in ids[:index]:
                self.fault(("says", index, "id"), f"{id!r} is the id of two statements")
        claim = Claim(
            title=title,
            reported=reported,
            offset_h=self.get(values, (), "utc_offset", _offset),
            aircraft=self.get(flight, at, "aircraft", _text, ""),
            count=self.get(flight, at, "count", _positive),
            origin=origin,
            destination=destination,
            turn=turn,
            via=self.get(flight, at, "via", _places, ()),
            stops=self.get(flight, at, "stops", _places, ()),
            home_same=self.get(flight, at, "home", _home, False),
            closed=self.get(flight, at, "closed", _codes, ()),
            statements=tuple(statements),
            sources=sources,
            note=self.get(values, (), "note", _text, ""),
            file=self.file,
            sha256=_hash(self.text),
        )
        if self.faults:
            raise InputError(self.faults)
        return claim

    def statement(self, entry: dict[str, Any], index: int, reported: date | None) -> Statement | None:
        from longreach.check import readings

        path: tuple[str | int, ...] = ("says", index)
        self.known(entry, path, _KEYS)
        kind = self.get(entry, path, "kind", _text, "")
        if kind not in KINDS:
            near = difflib.get_close_matches(kind, KINDS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(KINDS)}"
            self.fault((*path, "kind"), f"{kind!r} is no kind of statement", hint)
            return None
        raw = entry.get("words", True if kind in ("nonstop", "unrefuelled") else "")
        words = "yes" if raw is True else "no" if raw is False else str(raw).strip()
        if not words and kind not in ("partner", "kept out"):
            self.fault((*path, "words"), f"a {kind} needs its words", f"{KINDS[kind]}, as printed")
        scope = self.get(entry, path, "scope", _text, SCOPES.get(kind, ("",))[0])
        if kind in SCOPES and scope not in SCOPES[kind]:
            self.fault(
                (*path, "scope"), f"{scope!r} is no scope of a {kind}", f"known: {', '.join(SCOPES[kind])}"
            )
        made = Statement(
            id=self.get(entry, path, "id", _text, f"{kind.replace(' ', '-')}-{index + 1}"),
            kind=kind,
            words=words,
            scope=scope if kind in SCOPES else "",
            source=self.get(entry, path, "source", _text, ""),
            text=self.get(entry, path, "text", _text, ""),
            closed=self.get(entry, path, "closed", _codes, ()),
            place=self.get(entry, path, "from", _place),
            aircraft=self.get(entry, path, "aircraft", _text, ""),
            operator=self.get(entry, path, "operator", _text, ""),
            departure=self.get(entry, path, "departure", _text, ""),
            unrefuelled=self.get(entry, path, "unrefuelled", _truth, False),
            note=self.get(entry, path, "note", _text, ""),
        )
        if kind == "kept out" and not made.closed:
            self.fault((*path, "closed"), "says out of which States", 'closed = ["IR"]')
        if words and not self.faults:
            try:
                readings.of(made, reported, None)
            except InputError as error:
                for fault in error.faults:
                    self.fault((*path, "words"), fault.what, fault.hint)
        return made


def _hash(text: str) -> str:
    from longreach.document import sha256

    return sha256(text.encode())


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 4000:
        raise InputError(Fault(f"{str(value)[:40]!r} is not text of at most 4,000 characters"))
    return value.strip()


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError(Fault(f"{value!r} is not true or false"))
    return value


def _home(value: Any) -> bool:
    if value not in ("same way", "free"):
        raise InputError(Fault(f"{value!r} is no way home", hint='"same way" or "free"'))
    return value == "same way"


def _positive(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1000:
        raise InputError(Fault(f"{value!r} is not a number of aircraft from 1 to 1,000"))
    return value


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raise InputError(Fault(f"{value!r} is not a day", hint="write 2020-12-10, without quotes"))


def _offset(value: Any) -> float:
    if isinstance(value, str) and (match := re.fullmatch(r"([+-])(\d\d):(\d\d)", value)):
        hours = int(match[2]) + int(match[3]) / 60.0
        if hours <= 14.0:
            return hours if match[1] == "+" else -hours
    raise InputError(
        Fault(f"{value!r} is no offset from UTC", hint='write "-06:00"; leave it out where unknown')
    )


def _codes(value: Any) -> tuple[str, ...]:
    from longreach.world import airspace

    if not isinstance(value, list):
        raise InputError(Fault(f"{value!r} is not a list of States", hint='write ["IR", "IQ"]'))
    return tuple("ALL" if code == "ALL" else airspace.resolve(str(code)).code for code in value)


def _table_of_text(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise InputError(Fault("must be a table of texts", hint='[sources] then nyt = "New York Times, …"'))
    return dict(value)


def _places(value: Any) -> tuple[Place, ...]:
    if not isinstance(value, list) or len(value) > 60:
        raise InputError(Fault("must be a list of at most 60 places"))
    return tuple(_place(each) for each in value)


def _place(value: Any) -> Place:
    """A code, "lat,lon" text, [lat, lon], or a table of `at`, `within` and `name`."""
    from longreach.units import checked_position, parse_length
    from longreach.world import airports

    if isinstance(value, dict):
        extra = sorted(set(value) - {"at", "within", "name"})
        if extra or "at" not in value:
            raise InputError(
                Fault(
                    f"{extra[0]!r} is no key of a place" if extra else "a place needs `at`",
                    hint='write { at = [26.5, 51.5], within = "150 nm", name = "the Gulf" }',
                )
            )
        place = _place(value["at"])
        within = parse_length(value["within"]) if "within" in value else 0.0
        if not 0.0 <= within <= 5_000_000.0:
            raise InputError(Fault(f"within {value['within']!r} is not 0 nm to 2,700 nm"))
        return Place(str(value.get("name", place.name)), place.lat, place.lon, within)
    if isinstance(value, list):
        if len(value) != 2 or not all(isinstance(n, int | float) and not isinstance(n, bool) for n in value):
            raise InputError(Fault(f"{value!r} is not [lat, lon]"))
        lat, lon = checked_position(float(value[0]), float(value[1]))
        return Place(f"{lat:g},{lon:g}", lat, lon)
    if isinstance(value, str):
        found = airports.find(value)
        return Place(found.code, found.lat, found.lon)
    raise InputError(
        Fault(f"{value!r} is no place", hint='a code, "lat,lon", [lat, lon] or a table with `at`')
    )


DAY = timedelta(days=1)
