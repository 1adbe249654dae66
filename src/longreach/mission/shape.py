"""The shape of a mission file: which keys there are and how each value is written.

Pydantic stands at this edge alone. Every field turns its text into SI at once; a value that cannot be
read raises with what is wrong and a way out. `json_schema` describes the same shape to editors.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from longreach.errors import InputError, LongreachError, UnitError
from longreach.mission.model import During, Via
from longreach.units import (
    FOOT,
    HOUR,
    KNOT,
    NAUTICAL_MILE,
    checked_position,
    parse_angle,
    parse_duration,
    parse_length,
    parse_level,
    parse_mach,
    parse_mass,
    parse_speed,
)
from longreach.world import airports
from longreach.world.airports import Place

LONGEST_STAND_OFF = 2000.0 * NAUTICAL_MILE
POINTS = 200  # of one list of positions
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")


def bad(what: str, hint: str | None = None) -> PydanticCustomError:
    """An error for one field: what is wrong, and a way out."""
    return PydanticCustomError("longreach", "{what}", {"what": what, "hint": hint or ""})


def shown(value: object) -> str:
    """A value quoted for a message, cut to a readable length."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, dt.date | dt.time):
        text = value.isoformat()
    else:
        text = repr(value) if isinstance(value, str | int | float) else kind(value)
    return text if len(text) <= 60 else f"{text[:50]}… ({len(text)} characters)"


def kind(value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return "text"
    return "a number" if isinstance(value, int | float) and not isinstance(value, bool) else shown(value)


@dataclass(frozen=True, eq=False)
class Reads:
    """How one kind of field is read from TOML, and the JSON Schema that describes what is written there."""

    read: Callable[[object], Any]
    schema: dict[str, Any]
    longest: int = 100  # characters of text; a longer one is not worth quoting back

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def _read(self, value: object) -> Any:
        if isinstance(value, str) and len(value) > self.longest:
            raise bad(f"is {len(value):,} characters long; at most {self.longest:,}")
        return self.read(value)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: Any) -> dict[str, Any]:
        return dict(self.schema)


# -- values -----------------------------------------------------------------------------------------


def _quantity(
    parse: Callable[[object], float], low: float, high: float, limits: str, kind: str, examples: list[str]
) -> Reads:
    """Text with a unit, read into SI, within [low, high]; `limits` says that range in the user's units."""

    def read(value: object) -> float:
        try:
            number = parse(value)
        except UnitError as error:
            raise bad(str(error)) from None
        if not low <= number <= high:
            raise bad(f"{shown(value)} is outside {limits}")
        return number

    schema = {"type": "string", "description": f"{kind}, {limits}", "examples": examples}
    return Reads(read, schema)


def _percent(value: object) -> float:
    match = re.fullmatch(r"\s*([+-]?\d+(?:\.\d+)?)\s*%\s*", value) if isinstance(value, str) else None
    if not match:
        raise UnitError(f"{shown(value)} is not a percentage; write it as text, for example '5 %'")
    return float(match[1]) / 100.0


def _whole(low: int, high: int) -> Reads:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise bad(f"{shown(value)} is not a whole number", "write it without quotes, for example 2")
        if not low <= value <= high:
            raise bad(f"{shown(value)} is outside {low} to {high}")
        return value

    schema = {"type": "integer", "minimum": low, "maximum": high}
    return Reads(read, schema)


def _yes_or_no() -> Reads:
    def read(value: object) -> bool:
        if not isinstance(value, bool):
            raise bad(f"{shown(value)} is not true or false", "write true or false, without quotes")
        return value

    return Reads(read, {"type": "boolean"})


def _text(longest: int) -> Reads:
    def read(value: object) -> str:
        if not isinstance(value, str):
            raise bad(f"{shown(value)} is not text", 'write it in quotes, "…"')
        if not value.strip():
            raise bad("is empty text")
        return value

    schema = {"type": "string", "minLength": 1, "maxLength": longest}
    return Reads(read, schema, longest)


def _one_of(*options: str) -> Reads:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in options:
            raise bad(f"{shown(value)} is not one of {', '.join(options)}", did_you_mean(value, options))
        return value

    return Reads(read, {"enum": list(options)})


def nearest(value: object, options: Sequence[str]) -> str | None:
    """The option nearest to a misspelt one, or None.

    >>> nearest("standoff", ["stand_off", "belt"])
    'stand_off'
    """
    import difflib

    if not isinstance(value, str):
        return None
    near = difflib.get_close_matches(value.lower(), [option.lower() for option in options], n=1, cutoff=0.6)
    return next((option for option in options if near and option.lower() == near[0]), None)


def did_you_mean(value: object, options: Sequence[str]) -> str | None:
    """`nearest` as a hint."""
    near = nearest(value, options)
    return f"did you mean {near}?" if near else None


def _id(value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise bad(f"{shown(value)} is not an id", "letters, digits, '-', '_' and '.', 40 at most")
    return value


def _moment(value: object) -> dt.datetime:
    example = "write it without quotes as 2020-12-10T10:00:00Z"
    if not isinstance(value, dt.datetime):
        raise bad(f"{shown(value)} is not a date with a time and a zone", example)
    if value.tzinfo is None:
        raise bad(f"{shown(value)} has no zone, so it could be any of 24 hours", example)
    if value.microsecond:
        raise bad(f"{shown(value)} has parts of a second; times are whole seconds")
    if not 1950 <= value.year <= 2100:
        raise bad(f"{shown(value)} is outside the years 1950 to 2100")
    return value.astimezone(dt.UTC)


def _pair(value: object) -> tuple[float, float] | None:
    """[lat, lon], or None where it is not a list of two numbers."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    if any(isinstance(part, bool) or not isinstance(part, int | float) for part in value):
        return None
    if not all(math.isfinite(part) for part in value):
        return None
    return float(value[0]), float(value[1])


def _place(value: object) -> Place:
    try:
        pair = _pair(value)
        if pair is not None:
            return airports.position(*checked_position(*pair))
        if isinstance(value, str):
            return airports.find(value)
    except InputError as error:
        fault = error.faults[0]
        raise bad(fault.what, fault.hint) from None
    except UnitError as error:
        raise bad(str(error)) from None
    raise bad(f"{shown(value)} is not a place", 'write "KBAD", "32.5,-93.66" or [32.5, -93.66]')


def _point(value: object) -> tuple[float, float]:
    place = _place(value)
    return place.lat, place.lon


def _via(value: object) -> Via:
    if isinstance(value, dict):
        extra = [key for key in value if key not in ("at", "name")]
        if extra:
            raise bad(f"{extra[0]!r} is not a key of a via point", 'write { at = [28.2, 34.2], name = "…" }')
        if "at" not in value:
            raise bad("a via point needs `at`", 'write { at = [28.2, 34.2], name = "…" }')
        place, name = _place(value["at"]), value.get("name")
        if name is not None and (not isinstance(name, str) or not 0 < len(name.strip()) <= 80):
            raise bad(f"{shown(name)} is not a name of 1 to 80 characters")
        return Via(name or place.name, place.lat, place.lon)
    place = _place(value)
    return Via(place.name, place.lat, place.lon)


def _during(value: object) -> During:
    example = 'write "station", { from = "…", to = "…" } or { after = …, before = … }'
    if value == "station":
        return During("station")
    if not isinstance(value, dict) or not value:
        raise bad(f"{shown(value)} is no part of a flight", example)
    for kind, keys in (("stretch", ("from", "to")), ("time", ("after", "before"))):
        if set(value) <= set(keys):
            ends: list[Any] = [value.get(key) for key in keys]
            if kind == "time":
                ends = [None if end is None else _moment(end) for end in ends]
                if None not in ends and ends[0] >= ends[1]:
                    raise bad("ends before it begins: `before` is not after `after`")
            for end in ends:
                if kind == "stretch" and end is not None and (not isinstance(end, str) or not end.strip()):
                    raise bad(f"{shown(end)} is not the name of a point", example)
            return During(kind, *ends)
    raise bad(f"{', '.join(sorted(map(str, value)))} say no part of a flight", example)


def _state(value: object) -> str:
    from longreach.world import airspace

    if isinstance(value, bool) or not isinstance(value, str | int):
        raise bad(f"{shown(value)} is not the code of a State", 'write it as text, for example "IR"')
    try:
        return airspace.resolve(str(value)).code
    except InputError as error:
        fault = error.faults[0]
        raise bad(fault.what, fault.hint) from None
    except LongreachError as error:
        raise bad(str(error)) from None


def _closed(value: object) -> str:
    return "ALL" if value == "ALL" else _state(value)


def _aircraft(value: object) -> str:
    from longreach.world import aircraft

    if not isinstance(value, str):
        raise bad(f"{shown(value)} is not an aircraft type", 'write it as text, for example "B-52H"')
    if value.lower().endswith(".toml"):
        return value  # a file beside the mission; sense.py reads it
    try:
        return aircraft.load(value).code
    except InputError as error:
        fault = error.faults[0]
        raise bad(fault.what, fault.hint) from None


def _mach(value: object) -> float | None:
    if value == "best":
        return None
    try:
        mach = parse_mach(value)
    except UnitError as error:
        raise bad(str(error)) from None
    if not 0.2 <= mach <= 2.5:
        raise bad(f"{shown(value)} is outside M0.2 to M2.5")
    return mach


def _takeoff_fuel(value: object) -> str | float:
    if value in ("needed", "full"):
        return str(value)
    try:
        mass = parse_mass(value)
    except UnitError as error:
        raise bad(f"{shown(value)} is neither needed, full nor a mass", "for example '120 t'") from error
    if not 0.0 < mass <= 300_000.0:
        raise bad(f"{shown(value)} is outside 0 t to 300 t")
    return mass


def _choice(read: Callable[[object], Any], description: str, *examples: object) -> Reads:
    """A field written in one of several ways that `read` turns into a value."""
    return Reads(read, {"description": description, "examples": list(examples)})


_NM = NAUTICAL_MILE
_PLACE = 'ICAO or IATA code, "lat,lon" text or [lat, lon] in degrees'
_STATE = "State: ISO 3166 alpha-2, alpha-3 or numeric code, or its name"

PlaceField = Annotated[Place, _choice(_place, _PLACE, "KBAD", "32.5,-93.66", [32.5, -93.66])]
PointField = Annotated[tuple[float, float], _choice(_point, _PLACE, [26.0, 51.9], "26.0,51.9")]
ViaField = Annotated[
    Via,
    _choice(
        _via,
        f"{_PLACE}, or a table with `at` and `name`",
        "36.0,-6.5",
        {"at": [28.2, 34.2], "name": "northern Red Sea"},
    ),
]
StateField = Annotated[str, _choice(_state, _STATE, "IR")]
ClosedField = Annotated[str, _choice(_closed, f"{_STATE}, or ALL", "IR", "ALL")]
AircraftField = Annotated[str, _choice(_aircraft, "type, see `longreach aircraft list`", "B-52H", "KC-135R")]
IdField = Annotated[str, Reads(_id, {"type": "string", "pattern": f"^{_ID.pattern}$"})]
MachField = Annotated[
    float | None, _choice(_mach, 'Mach number, or "best": the published long-range cruise', "best", "M0.77")
]
TakeoffFuelField = Annotated[
    str | float, _choice(_takeoff_fuel, '"needed", "full" or a mass per aircraft', "needed", "full", "120 t")
]
MomentField = Annotated[
    dt.datetime,
    Reads(_moment, {"type": "string", "format": "date-time", "description": "date and time with a zone"}),
]
DistanceField = Annotated[
    float, _quantity(parse_length, 0.0, LONGEST_STAND_OFF, "0 nm to 2,000 nm", "distance", ["50 nm"])
]
SeaField = Annotated[
    float, _quantity(parse_length, 0.0, 200.0 * _NM, "0 nm to 200 nm", "distance", ["12 nm"])
]
SizeField = Annotated[
    float, _quantity(parse_length, _NM, 1000.0 * _NM, "1 nm to 1,000 nm", "distance", ["25 nm", "40 km"])
]
BearingField = Annotated[
    float, _quantity(parse_angle, 0.0, 360.0, "0 deg to 360 deg", "true bearing", ["320 deg"])
]
PayloadField = Annotated[
    float, _quantity(parse_mass, 0.0, 200_000.0, "0 t to 200 t", "mass per aircraft", ["18 t"])
]
CeilingField = Annotated[
    float,
    _quantity(parse_level, 5000.0 * FOOT, 70000.0 * FOOT, "FL50 to FL700", "pressure altitude", ["FL450"]),
]
StayField = Annotated[
    float, _quantity(parse_duration, 60.0, 72.0 * HOUR, "1 min to 72 h", "duration", ["2 h", "1 h 30 min"])
]
CrewField = Annotated[
    float, _quantity(parse_duration, 0.0, 12.0 * HOUR, "0 min to 12 h", "duration", ["2 h"])
]
HoldField = Annotated[
    float, _quantity(parse_duration, 0.0, 3.0 * HOUR, "0 min to 3 h", "duration", ["30 min"])
]
DuringField = Annotated[
    During,
    _choice(
        _during,
        'part of the first flight: "station", from one named point of its route to another, or between two moments',
        "station",
        {"from": "head of the Gulf", "to": "west of Qatar"},
    ),
]
TurnField = Annotated[
    float, _quantity(parse_duration, 0.0, 48.0 * HOUR, "0 min to 48 h", "duration", ["1 h 30 min"])
]
WaitField = Annotated[
    float, _quantity(parse_duration, 0.0, 12 * HOUR, "0 min to 12 h", "duration", ["20 min"])
]
OverlapField = Annotated[float, _quantity(parse_duration, 0.0, HOUR, "0 min to 1 h", "duration", ["5 min"])]
ReadyField = Annotated[
    float, _quantity(parse_duration, 0.0, 30.0 * 24.0 * HOUR, "0 min to 30 d", "duration", ["24 h"])
]
SpacingField = Annotated[
    float, _quantity(parse_length, 0.0, 50.0 * _NM, "0 nm to 50 nm", "distance in trail", ["1 nm"])
]
StepField = Annotated[
    float,
    _quantity(parse_length, 0.0, 2000.0 * FOOT, "0 ft to 2,000 ft", "height", ["500 ft"]),
]
KeepingField = Annotated[
    float, _quantity(_percent, 0.0, 0.2, "0 % to 20 %", "percentage of the leader's burn", ["4.5 %"])
]
SpeedField = Annotated[
    float, _quantity(parse_speed, 0.0, 250.0 * KNOT, "0 kt to 250 kt", "wind speed", ["30 kt"])
]
SpreadField = Annotated[
    float, _quantity(parse_speed, 0.0, 100.0 * KNOT, "0 kt to 100 kt", "wind speed", ["15 kt"])
]
BiasField = Annotated[
    float, _quantity(parse_speed, -100.0 * KNOT, 100.0 * KNOT, "-100 kt to 100 kt", "wind speed", ["-5 kt"])
]
ReliabilityField = Annotated[
    float, _quantity(_percent, 0.5, 0.999, "50 % to 99.9 %", "percentage of days", ["85 %"])
]
ContingencyField = Annotated[float, _quantity(_percent, 0.0, 0.5, "0 % to 50 %", "percentage", ["5 %"])]
DoubtField = Annotated[float, _quantity(_percent, 0.5, 0.999, "50 % to 99.9 %", "percentage", ["95 %"])]
FlowField = Annotated[
    float, _quantity(parse_duration, 60.0, 3.0 * HOUR, "1 min to 3 h", "duration", ["30 min"])
]
FieldMassField = Annotated[
    float, _quantity(parse_mass, 5_000.0, 400_000.0, "5 t to 400 t", "take-off mass", ["300 klb", "140 t"])
]
TurnRoundField = Annotated[
    float, _quantity(parse_duration, 30.0 * 60.0, 48.0 * HOUR, "30 min to 48 h", "duration", ["5 h"])
]
CrewDayField = Annotated[
    float, _quantity(parse_duration, HOUR, 48.0 * HOUR, "1 h to 48 h", "duration", ["16 h"])
]
OnloadField = Annotated[
    float, _quantity(parse_mass, 500.0, 200_000.0, "0.5 t to 200 t", "mass per aircraft", ["50 t", "120 klb"])
]


def _hours(value: object) -> tuple[int, int]:
    """Two times of the day in seconds after midnight UTC; the second may be on the next day."""
    match = (
        re.fullmatch(r"\s*(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)\s*", value) if isinstance(value, str) else None
    )
    if not match:
        raise bad(f"{shown(value)} is not a part of the day", 'write it in UTC, for example "22:00-05:00"')
    hour, minute, to_hour, to_minute = (int(part) for part in match.groups())
    if hour > 23 or to_hour > 24 or minute > 59 or to_minute > 59 or to_hour * 60 + to_minute > 1440:
        raise bad(f"{shown(value)} is no part of a day", "hours 00 to 24, minutes 00 to 59")
    since, until = (hour * 60 + minute) * 60, (to_hour * 60 + to_minute) * 60
    if since == until:
        raise bad(f"{shown(value)} has no length", "leave `daily` out for the whole day")
    return since, until


HoursField = Annotated[
    tuple[int, int], _choice(_hours, "part of every day, UTC; may pass midnight", "22:00-05:00")
]


# -- sections ---------------------------------------------------------------------------------------


class Section(BaseModel):
    """A table of the mission file; a key it does not know is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ClockSection(Section):
    """Exactly one anchor in time."""

    anchor: Annotated[str, _one_of("takeoff", "on_station", "landing", "earliest")]
    time: MomentField | None = None


class StationSection(Section):
    """An area in which the first flight stays."""

    name: Annotated[str, _text(80)] = "station"
    shape: Annotated[str, _one_of("circle", "polygon", "orbit")] | None = None
    centre: PointField | None = None
    radius: SizeField | None = None
    polygon: Annotated[list[PointField], Field(max_length=POINTS)] | None = None
    axis: BearingField | None = None
    leg: SizeField | None = None
    width: SizeField | None = None
    time: StayField


class FormationSection(Section):
    """How the aircraft of a flight fly together."""

    cell: Annotated[int, _whole(1, 12)] | None = None
    spacing: SpacingField | None = None
    cell_spacing: SpacingField | None = None
    step: StepField | None = None
    station_keeping: KeepingField | None = None


class AirSparesSection(Section):
    """Aircraft that take off with the flight and turn back at a point of its route if they are not needed."""

    count: Annotated[int, _whole(1, 20)] = 1
    until: Annotated[str, _text(80)]


class MemberSection(Section):
    """Further aircraft of a flight's cell, of another type or load; they keep beside it, or leave it for a while."""

    id: IdField
    aircraft: AircraftField
    count: Annotated[int, _whole(1, 99)] = 1
    payload: PayloadField | None = None
    leave: Annotated[str, _text(80)] | None = None
    via: Annotated[list[ViaField], Field(max_length=POINTS)] = []
    hold: WaitField | None = None
    rejoin: Annotated[str, _text(80)] | None = None
    destination: PlaceField | None = Field(default=None, alias="to")


class FlightSection(Section):
    """A flight to be planned from end to end; the first is the one that is refuelled and joined."""

    id: IdField
    aircraft: AircraftField
    count: Annotated[int, _whole(1, 99)] = 1
    operator: StateField
    origin: PlaceField = Field(alias="from")
    destination: PlaceField = Field(alias="to")
    payload: PayloadField | None = None
    via: Annotated[list[ViaField], Field(max_length=POINTS)] | None = None
    outbound_via: Annotated[list[ViaField], Field(max_length=POINTS)] | None = None
    return_via: Annotated[list[ViaField], Field(max_length=POINTS)] | None = None
    mach: MachField = None
    ceiling: CeilingField | None = None
    takeoff_fuel: TakeoffFuelField = "needed"
    formation: FormationSection | None = None
    air_spares: AirSparesSection | None = None
    members: Annotated[list[MemberSection], Field(max_length=8)] = []


class AirspaceSection(Section):
    """What may not be flown through, and how far from it to stay."""

    closed: Annotated[list[ClosedField], Field(max_length=300)] = []
    stand_off: DistanceField | None = None
    territorial_sea: SeaField | None = None
    belt: Annotated[str, _one_of("nearest", "plain")] = "nearest"
    atlas: Annotated[str, _one_of("default", "plain")] = "default"
    closures: Annotated[str, _text(1000)] | None = None


class PartnerSection(Section):
    """Aircraft that meet the first flight, stay with it and go home."""

    id: IdField
    operator: StateField
    aircraft: AircraftField
    count: Annotated[int, _whole(1, 99)] = 1
    origin: PlaceField = Field(alias="from")
    destination: PlaceField | None = Field(default=None, alias="to")
    may_fly: Annotated[list[StateField], Field(max_length=300)]
    together: StayField | None = None
    during: DuringField | None = None
    available: Annotated[int, _whole(1, 200)] | None = None
    turn: TurnField | None = None


class EscortSection(Section):
    """Who must be with the first flight in a part of it: exactly one of always, at_least and exactly."""

    id: IdField
    during: DuringField | None = None
    always: Annotated[int, _whole(1, 99)] | None = None
    at_least: Annotated[int, _whole(1, 20)] | None = None
    exactly: Annotated[int, _whole(0, 20)] | None = None
    overlap: OverlapField | None = None
    by: Annotated[list[IdField], Field(min_length=1, max_length=20)] | None = None


class TankerSection(Section):
    """Tankers of one type at one base."""

    id: IdField
    operator: StateField
    aircraft: AircraftField
    base: PlaceField
    available: Annotated[int, _whole(1, 200)]
    max_takeoff_mass: FieldMassField | None = None
    ground_spares: Annotated[int, _whole(0, 50)] = 0
    airborne_spares: Annotated[int, _whole(0, 10)] = 0
    turn_time: TurnRoundField | None = None
    crew_day: CrewDayField | None = None
    buddy: Annotated[bool, _yes_or_no()] = False


class ShutSection(Section):
    """An abort base that is shut: to whom (default everyone), between which dates, or at which hours."""

    base: PlaceField
    to: Annotated[list[StateField], Field(min_length=1, max_length=300)] | None = None
    since: MomentField | None = Field(default=None, alias="from")
    until: MomentField | None = None
    daily: HoursField | None = None
    why: Annotated[str, _text(200)] | None = None


class AbortSection(Section):
    """Fields open to flights that count on tankers if a refuelling fails, and when they are not."""

    bases: Annotated[list[PlaceField], Field(max_length=POINTS)]
    closed: Annotated[list[ShutSection], Field(max_length=POINTS)] = []


class TrackSection(Section):
    """A place for a contact: a track from one point to another, or an anchor."""

    name: Annotated[str, _text(80)]
    start: PointField | None = Field(default=None, alias="from")
    end: PointField | None = Field(default=None, alias="to")
    anchor: PointField | None = None
    must: Annotated[bool, _yes_or_no()] = False


class ForbiddenSection(Section):
    """An area in which no contact may be."""

    name: Annotated[str, _text(80)]
    centre: PointField | None = None
    radius: SizeField | None = None
    polygon: Annotated[list[PointField], Field(max_length=POINTS)] | None = None


class RefuellingSection(Section):
    """How contacts are planned, and where."""

    longest_flow: FlowField | None = None
    most_onload: OnloadField | None = None
    relay: Annotated[bool, _yes_or_no()] | None = None
    over: Annotated[list[StateField], Field(max_length=300)] | None = None
    not_over: Annotated[list[StateField], Field(max_length=300)] = []
    rendezvous: Annotated[str, _one_of("en route", "point parallel", "anchor")] | None = None
    detours: Annotated[int, _whole(0, 10)] | None = None
    tracks: Annotated[list[TrackSection], Field(max_length=50)] = []
    forbidden: Annotated[list[ForbiddenSection], Field(max_length=50)] = []


class ReservesSection(Section):
    """Fuel that must be left."""

    final: HoldField | None = None
    contingency: ContingencyField | None = None
    doubt: DoubtField | None = None


class WindsSection(Section):
    """The wind the plan assumes: the mean of the month unless another is named; there is no silent still air."""

    source: Annotated[str, _one_of("climatology", "still", "constant", "file")] = "climatology"
    pack: Annotated[str, _text(1000)] | None = None
    origin: BearingField | None = Field(default=None, alias="from")
    speed: SpeedField | None = None
    spread: SpreadField | None = None
    reliability: ReliabilityField | None = None
    bias: BiasField | None = None


class OrderSection(Section):
    """When the order is given, and how long each flight then takes until it can take off."""

    given: MomentField
    ready: ReadyField | None = None
    readiness: dict[str, ReadyField] = {}


class CrewSection(Section):
    """The crew day round the flight."""

    report_before: CrewField | None = None
    release_after: CrewField | None = None


class MissionFile(Section):
    """A Longreach mission file."""

    schema_name: Literal["longreach.mission/1"] = Field(alias="schema")
    name: Annotated[str, _text(200)]
    description: Annotated[str, _text(5000)] | None = None
    seed: Annotated[int, _whole(0, 2**63 - 1)] = 0
    clock: ClockSection
    station: StationSection | None = None
    flights: Annotated[list[FlightSection], Field(min_length=1, max_length=20)]
    airspace: AirspaceSection | None = None
    partners: Annotated[list[PartnerSection], Field(max_length=20)] = []
    escort: Annotated[list[EscortSection], Field(max_length=20)] = []
    tankers: Annotated[list[TankerSection], Field(max_length=50)] = []
    refuelling: RefuellingSection | None = None
    abort: AbortSection | None = None
    reserves: ReservesSection | None = None
    winds: WindsSection | None = None
    crew: CrewSection | None = None
    order: OrderSection | None = None


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the mission file, for editors and other programs."""
    schema = _without_null(MissionFile.model_json_schema(by_alias=True))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:longreach:schema:mission:1",
        **schema,
    }


def _without_null(schema: Any) -> Any:
    """The schema without the nulls that stand for "absent" in Python: TOML has none."""
    if isinstance(schema, list):
        return [_without_null(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {
        key: _without_null(value)
        for key, value in schema.items()
        if not (key == "default" and value is None) and not (key == "title" and isinstance(value, str))
    }
    options = schema.get("anyOf")
    if options and {"type": "null"} in options:
        others = [option for option in options if option != {"type": "null"}]
        if len(others) == 1:
            del schema["anyOf"]
            schema |= others[0]
    return schema
