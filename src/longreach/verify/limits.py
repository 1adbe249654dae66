"""What the mission file asks for, read a second time and apart from the planner.

The limits a plan is held to come from the text of the mission, never from the plan's own results. This
reader knows only what verification needs; whatever in the text it cannot read is an InputError by key path,
since a limit that cannot be read cannot be kept.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from longreach import units
from longreach.errors import Fault, InputError, LongreachError
from longreach.world import airports

DEFAULT_TERRITORIAL_SEA = 12 * units.NAUTICAL_MILE
LONGEST_FLOW = 45 * units.MINUTE
SHORTEST_TURN = 5 * units.MINUTE  # with the lead, of a partner that takes turns and says no time of its own
CLIMATE_SPREAD = 15.0 * units.KNOT  # of the climatology, where the mission states none


@dataclass(frozen=True, slots=True)
class Point:
    """A place of the mission: its code or "lat,lon", degrees, field elevation [m]."""

    code: str
    lat: float
    lon: float
    elevation_m: float


@dataclass(frozen=True, slots=True)
class Area:
    """Where the lead stays for at least `time_s`; lengths in metres, angles in degrees true."""

    name: str
    shape: str
    time_s: float
    lat: float = math.nan
    lon: float = math.nan
    radius_m: float = math.nan
    polygon: tuple[tuple[float, float], ...] = ()
    axis_deg: float = math.nan
    leg_m: float = math.nan
    width_m: float = math.nan


@dataclass(frozen=True, slots=True)
class During:
    """A part of the first flight: "station", "stretch" (names of points) or "time" (seconds since 1970)."""

    kind: str
    start: str | None = None
    end: str | None = None
    start_s: float = -math.inf
    end_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Escort:
    """Who must be with the first flight in a part of it: `kind` is "always", "at_least" or "exactly"."""

    id: str
    during: During
    kind: str
    wanted: int
    overlap_s: float
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """When the order is given, and the seconds from it until each flight or base is ready."""

    given_s: int
    ready_s: float
    readiness: tuple[tuple[str, float], ...]

    def ready(self, id: str, base: str) -> float:
        """Seconds from the order until a flight of that entry can take off; its id goes before its base."""
        for name in (id, base):
            for known, ready in self.readiness:
                if known == name:
                    return ready
        return self.ready_s


@dataclass(frozen=True, slots=True)
class Formation:
    """How a flight's aircraft fly together: in cells, in trail [m], each a step lower [m]; wingmen's extra burn."""

    cell: int
    spacing_m: float
    cell_spacing_m: float
    step_m: float
    station_keeping: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """What part of a cell flies on its own: from `leave` through its own points, to `rejoin` or, "", another field."""

    leave: str
    via: tuple[Point, ...]
    hold_s: float
    rejoin: str
    leaves_at: Point | None
    rejoins_at: Point | None


@dataclass(frozen=True, slots=True)
class Flight:
    """A lead or partner flight as asked for.

    cell_of : of further aircraft of a cell, the flight they belong to; ahead : aircraft of its formation before them
    """

    id: str
    role: str
    aircraft: str
    count: int
    operator: str
    origin: Point
    destination: Point
    payload_kg: float = 0.0
    via: tuple[Point, ...] = ()
    mach: float | None = None
    ceiling_m: float | None = None
    takeoff_fuel: str = "needed"
    takeoff_fuel_kg: float | None = None
    may_fly: tuple[str, ...] = ()
    together_s: float = 0.0
    via_names: tuple[str, ...] = ()
    available: int = 0
    turn_s: float | None = None
    during: During | None = None
    formation: Formation | None = None
    spares: int = 0
    spares_until: str = ""
    cell_of: str = ""
    ahead: int = 0
    apart: Stretch | None = None


@dataclass(frozen=True, slots=True)
class Tankers:
    """Tankers of one type at one base."""

    id: str
    aircraft: str
    base: Point
    available: int
    max_takeoff_kg: float = math.inf
    airborne_spares: int = 0
    turn_time_s: float | None = None
    crew_day_s: float = math.inf
    buddy: bool = False


@dataclass(frozen=True, slots=True)
class Shut:
    """When an abort base may not be used, and by whom; times in seconds since 1970, () for every operator."""

    base: str
    to: tuple[str, ...]
    since_s: float
    until_s: float
    daily_s: tuple[float, float] | None

    def holds(self, operator: str, moment: Any) -> Any:
        """Whether an arrival of that operator finds it shut; moment may be an array."""
        import numpy as np

        moment = np.asarray(moment, float)
        if self.to and operator not in self.to:
            return np.zeros(moment.shape, bool)
        inside = (moment > self.since_s) & (moment < self.until_s)
        if self.daily_s is None:
            return inside
        opens, closes = self.daily_s[1], self.daily_s[0]
        hour = np.mod(moment, 86_400.0)
        by_day = (hour > closes) & (hour < opens) if closes < opens else (hour > closes) | (hour < opens)
        return inside & by_day


@dataclass(frozen=True, slots=True)
class Limits:
    """All that a plan must keep. SI; speeds in m/s, wind toward east and north."""

    name: str
    seed: int
    anchor: str
    anchor_s: int
    station: Area | None
    flights: tuple[Flight, ...]
    partners: tuple[Flight, ...]
    tankers: tuple[Tankers, ...]
    relay: bool
    closed: tuple[str, ...]
    stand_off_m: float
    territorial_sea_m: float
    belt: str
    atlas: str
    own_closures: bool
    abort_bases: tuple[Point, ...]
    shut: tuple[Shut, ...]
    longest_flow_s: float
    most_onload_kg: float
    contacts_over: tuple[str, ...] | None
    contacts_not_over: tuple[str, ...]
    forced: tuple[tuple[str, Point], ...]
    forbidden: tuple[Area, ...]
    rendezvous: str
    final_reserve_s: float
    contingency: float
    doubt: float
    wind_source: str
    wind_u_mps: float
    wind_v_mps: float
    wind_sigma_mps: float
    wind_reliability: float
    wind_bias_mps: float
    wind_pack: str | None
    report_before_s: float
    release_after_s: float
    escorts: tuple[Escort, ...] = ()
    order: Order | None = None

    def relayed(self, id: str) -> bool:
        """Whether a partner may fly several sorties, in turn with others."""
        return any(escort.kind == "always" and id in escort.by for escort in self.escorts)

    def free(self, id: str) -> bool:
        """Whether a partner may also not fly at all."""
        return any(id in escort.by for escort in self.escorts)


def read(text: str) -> Limits:
    """The limits in a mission file's text.

    Raises: InputError naming every key that cannot be read.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(Fault(f"is not TOML: {error}", key="mission.text")) from error
    reader = _Reader()
    limits = reader.limits(table)
    if reader.faults:
        raise InputError(reader.faults)
    return limits


class _Reader:
    """Reads key by key and gathers what cannot be read."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def get(self, table: Any, key: str, path: str, read: Callable[[Any], Any], default: Any = ...) -> Any:
        value = table.get(key) if isinstance(table, dict) else None
        if value is None:
            if default is ...:
                self.faults.append(Fault("is missing", key=f"mission.text: {path}.{key}".replace(" .", " ")))
                return _FALLBACK.get(read)
            return default
        try:
            return read(value)
        except LongreachError as error:
            what = str(error)
        except (TypeError, ValueError, AttributeError, KeyError, OverflowError) as error:
            what = f"cannot be read: {error}"
        self.faults.append(Fault(what, key=f"mission.text: {path}.{key}".replace(" .", " ")))
        return _FALLBACK.get(read) if default is ... else default

    def tables(self, table: Any, key: str) -> list[tuple[str, dict[str, Any]]]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.faults.append(Fault("is not a list of tables", key=f"mission.text: {key}"))
            return []
        return [(f"{key}.{index}", entry) for index, entry in enumerate(value)]

    def limits(self, table: dict[str, Any]) -> Limits:
        clock, airspace, reserves = (self.table(table, key) for key in ("clock", "airspace", "reserves"))
        winds, crew, abort = (self.table(table, key) for key in ("winds", "crew", "abort"))
        refuelling = self.table(table, "refuelling")
        source = self.get(winds, "source", "winds", _text, "climatology")
        speed = self.get(winds, "speed", "winds", units.parse_speed, 0.0) if source == "constant" else 0.0
        blows_from = math.radians(self.get(winds, "from", "winds", units.parse_angle, 0.0))
        return Limits(
            name=self.get(table, "name", "", _text),
            seed=self.get(table, "seed", "", _integer, 0),
            anchor=self.get(clock, "anchor", "clock", _text),
            anchor_s=self.anchor_s(clock, table),
            station=self.area(table["station"]) if "station" in table else None,
            flights=tuple(
                flight
                for path, entry in self.tables(table, "flights")
                for flight in self.cell(path, entry, self.flight(path, entry, "lead"))
            ),
            partners=tuple(
                self.flight(path, entry, "partner") for path, entry in self.tables(table, "partners")
            ),
            tankers=tuple(self.tanker(path, entry) for path, entry in self.tables(table, "tankers")),
            relay=self.get(self.table(table, "refuelling"), "relay", "refuelling", _truth, True),
            closed=self.get(airspace, "closed", "airspace", _codes, ()),
            stand_off_m=self.get(airspace, "stand_off", "airspace", units.parse_length, 0.0),
            territorial_sea_m=self.get(
                airspace, "territorial_sea", "airspace", units.parse_length, DEFAULT_TERRITORIAL_SEA
            ),
            belt=self.get(airspace, "belt", "airspace", _text, "nearest"),
            atlas=self.get(airspace, "atlas", "airspace", _text, "default"),
            own_closures=self.get(airspace, "closures", "airspace", _text, None) is not None,
            abort_bases=self.get(abort, "bases", "abort", _points, ()),
            shut=tuple(
                self.shut(f"abort.{path}", entry)
                for path, entry in (self.tables(abort, "closed") if isinstance(abort, dict) else ())
            ),
            longest_flow_s=self.get(
                refuelling, "longest_flow", "refuelling", units.parse_duration, LONGEST_FLOW
            ),
            most_onload_kg=self.get(refuelling, "most_onload", "refuelling", units.parse_mass, math.inf),
            rendezvous=self.get(refuelling, "rendezvous", "refuelling", _text, "en route"),
            contacts_over=self.get(refuelling, "over", "refuelling", _codes, None),
            contacts_not_over=self.get(refuelling, "not_over", "refuelling", _codes, ()),
            forced=tuple(
                (
                    self.get(entry, "name", path, _text),
                    self.get(entry, "anchor" if "anchor" in entry else "from", path, _point),
                )
                for path, entry in (self.tables(refuelling, "tracks") if isinstance(refuelling, dict) else ())
                if entry.get("must") is True
            ),
            forbidden=tuple(
                self.area({**entry, "time": "1 h"})
                for _, entry in (self.tables(refuelling, "forbidden") if isinstance(refuelling, dict) else ())
            ),
            final_reserve_s=self.get(reserves, "final", "reserves", units.parse_duration, 1800.0),
            contingency=self.get(reserves, "contingency", "reserves", _share, 0.05),
            doubt=self.get(reserves, "doubt", "reserves", _share, 0.95),
            wind_source=source,
            wind_u_mps=-speed * math.sin(blows_from) + 0.0,
            wind_v_mps=-speed * math.cos(blows_from) + 0.0,
            wind_sigma_mps=self.get(
                winds,
                "spread",
                "winds",
                units.parse_speed,
                CLIMATE_SPREAD if source == "climatology" else 0.0,
            ),
            wind_reliability=min(max(self.get(winds, "reliability", "winds", _share, 0.5), 0.5), 0.999),
            wind_bias_mps=self.get(winds, "bias", "winds", units.parse_speed, 0.0),
            wind_pack=self.get(winds, "pack", "winds", _text, None),
            report_before_s=self.get(crew, "report_before", "crew", units.parse_duration, 7200.0),
            release_after_s=self.get(crew, "release_after", "crew", units.parse_duration, 3600.0),
            escorts=tuple(self.escort(path, entry, table) for path, entry in self.tables(table, "escort")),
            order=self.order(table["order"]) if "order" in table else None,
        )

    def table(self, table: dict[str, Any], key: str) -> dict[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.faults.append(Fault("is not a table", key=f"mission.text: {key}"))
        return {}

    def area(self, station: Any) -> Area:
        given = station if isinstance(station, dict) else {}
        usual = "polygon" if "polygon" in given else "orbit" if "axis" in given else "circle"
        shape = self.get(station, "shape", "station", _text, usual)
        area: dict[str, Any] = {
            "name": self.get(station, "name", "station", _text, "station"),
            "shape": shape,
            "time_s": self.get(station, "time", "station", units.parse_duration),
        }
        if shape == "polygon":
            area["polygon"] = self.get(station, "polygon", "station", _corners)
        elif shape in ("circle", "orbit"):
            centre = self.get(station, "centre", "station", _point)
            if centre is not None:
                area |= {"lat": centre.lat, "lon": centre.lon}
            if shape == "circle":
                area["radius_m"] = self.get(station, "radius", "station", units.parse_length)
            else:
                area["axis_deg"] = self.get(station, "axis", "station", units.parse_angle)
                area["leg_m"] = self.get(station, "leg", "station", units.parse_length)
                area["width_m"] = self.get(station, "width", "station", units.parse_length)
        else:
            self.faults.append(
                Fault(f"{shape!r} is not circle, polygon or orbit", key="mission.text: station.shape")
            )
        return Area(**area)

    def flight(self, path: str, entry: dict[str, Any], role: str) -> Flight:
        origin = self.get(entry, "from", path, _point)
        via = tuple(
            point
            for key in ("outbound_via", "via", "return_via")
            for point in self.get(entry, key, path, _points, ())
        )
        fuel = self.get(entry, "takeoff_fuel", path, _text, "needed")
        given = None
        if fuel not in ("needed", "full"):
            given, fuel = self.get(entry, "takeoff_fuel", path, units.parse_mass), "given"
        mach = self.get(entry, "mach", path, _text, "best")
        names = tuple(
            name
            for key in ("outbound_via", "via", "return_via")
            for name in self.get(entry, key, path, _names, ())
        )
        count = self.get(entry, "count", path, _integer, 1)
        spares = self.table(entry, "air_spares")
        return Flight(
            id=self.get(entry, "id", path, _text),
            role=role,
            aircraft=self.get(entry, "aircraft", path, _text),
            count=self.get(entry, "count", path, _integer, 1),
            operator=self.get(entry, "operator", path, _state),
            origin=origin,
            destination=self.get(entry, "to", path, _point, origin),
            payload_kg=self.get(entry, "payload", path, units.parse_mass, 0.0),
            via=via,
            mach=None if mach == "best" else self.get(entry, "mach", path, units.parse_mach),
            ceiling_m=self.get(entry, "ceiling", path, units.parse_level, None),
            takeoff_fuel=fuel,
            takeoff_fuel_kg=given,
            may_fly=self.get(entry, "may_fly", path, _codes, ()),
            together_s=self.get(entry, "together", path, units.parse_duration, SHORTEST_TURN),
            via_names=names,
            available=self.get(entry, "available", path, _integer, count),
            turn_s=self.get(entry, "turn", path, units.parse_duration, None),
            during=self.get(entry, "during", path, _during, None),
            formation=self.formation(path, entry["formation"]) if "formation" in entry else None,
            spares=self.get(spares, "count", f"{path}.air_spares", _integer, 1) if spares else 0,
            spares_until=self.get(spares, "until", f"{path}.air_spares", _text) if spares else "",
        )

    def cell(self, path: str, entry: dict[str, Any], flight: Flight) -> list[Flight]:
        """A flight and the further aircraft of its cell, which go where it goes."""
        found = [flight]
        for inner, member in self.tables(entry, "members"):
            where = f"{path}.{inner}"
            apart = self.stretch(where, member, flight) if "leave" in member else None
            via = flight.via
            if apart is not None:
                # what it flies beside the cell is held by being beside it
                names = flight.via_names
                later = names.index(apart.rejoin) if apart.rejoin in names else len(names)
                via = (*apart.via, *flight.via[later:])
            found.append(
                replace(
                    flight,
                    id=self.get(member, "id", where, _text),
                    aircraft=self.get(member, "aircraft", where, _text),
                    count=self.get(member, "count", where, _integer, 1),
                    payload_kg=self.get(member, "payload", where, units.parse_mass, 0.0),
                    takeoff_fuel="full" if flight.takeoff_fuel == "full" else "needed",
                    takeoff_fuel_kg=None,
                    spares=0,
                    spares_until="",
                    cell_of=flight.id,
                    destination=self.get(member, "to", where, _point, flight.destination),
                    via=via,
                    via_names=(),
                    apart=apart,
                    ahead=sum(each.count for each in found),
                )
            )
        return found

    def stretch(self, path: str, member: dict[str, Any], flight: Flight) -> Stretch:
        """What a member of a cell flies on its own."""
        leave = self.get(member, "leave", path, _text)
        rejoin = self.get(member, "rejoin", path, _text, "")
        named = dict(zip(flight.via_names, flight.via, strict=False))
        return Stretch(
            leave=leave,
            via=self.get(member, "via", path, _points, ()),
            hold_s=self.get(member, "hold", path, units.parse_duration, 0.0),
            rejoin=rejoin,
            leaves_at=named.get(leave),
            rejoins_at=named.get(rejoin),
        )

    def formation(self, path: str, entry: Any) -> Formation:
        path = f"{path}.formation"
        return Formation(
            cell=max(1, self.get(entry, "cell", path, _integer, 3)),
            spacing_m=self.get(entry, "spacing", path, units.parse_length, units.NAUTICAL_MILE),
            cell_spacing_m=self.get(entry, "cell_spacing", path, units.parse_length, 5 * units.NAUTICAL_MILE),
            step_m=self.get(entry, "step", path, units.parse_length, 500 * units.FOOT),
            station_keeping=self.get(entry, "station_keeping", path, _share, 0.045),
        )

    def escort(self, path: str, entry: dict[str, Any], table: dict[str, Any]) -> Escort:
        kind = next((kind for kind in ("always", "at_least", "exactly") if kind in entry), "")
        if not kind:
            self.faults.append(Fault("says nothing of how many", key=f"mission.text: {path}"))
        usual = 300.0 if kind == "always" else 0.0
        partners = [str(each.get("id")) for _, each in self.tables(table, "partners")]
        return Escort(
            id=self.get(entry, "id", path, _text),
            during=self.get(entry, "during", path, _during, During("station")),
            kind=kind,
            wanted=self.get(entry, kind, path, _integer, 0),
            overlap_s=self.get(entry, "overlap", path, units.parse_duration, usual),
            by=self.get(entry, "by", path, _texts, tuple(partners)),
        )

    def anchor_s(self, clock: dict[str, Any], table: dict[str, Any]) -> int:
        """The mission's clock time; with the anchor "earliest" the moment the first flight is ready."""
        flights = table.get("flights")
        if clock.get("anchor") != "earliest" or not isinstance(table.get("order"), dict) or not flights:
            return int(self.get(clock, "time", "clock", _moment))
        order, first = self.order(table["order"]), self.flight("flights.0", flights[0], "lead")
        return order.given_s + round(order.ready(first.id, first.origin.code))

    def order(self, order: Any) -> Order:
        readiness = self.get(order, "readiness", "order", dict, {})
        return Order(
            given_s=self.get(order, "given", "order", _moment),
            ready_s=self.get(order, "ready", "order", units.parse_duration, 0.0),
            readiness=tuple(
                (str(name), self.get(readiness, name, "order.readiness", units.parse_duration, 0.0))
                for name in readiness
            ),
        )

    def shut(self, path: str, entry: dict[str, Any]) -> Shut:
        base = self.get(entry, "base", path, _point)
        return Shut(
            base=base.code,
            to=self.get(entry, "to", path, _codes, ()),
            since_s=self.get(entry, "from", path, _moment, -math.inf),
            until_s=self.get(entry, "until", path, _moment, math.inf),
            daily_s=self.get(entry, "daily", path, _hours, None),
        )

    def tanker(self, path: str, entry: dict[str, Any]) -> Tankers:
        return Tankers(
            id=self.get(entry, "id", path, _text),
            aircraft=self.get(entry, "aircraft", path, _text),
            base=self.get(entry, "base", path, _point),
            available=self.get(entry, "available", path, _integer, 1),
            max_takeoff_kg=self.get(entry, "max_takeoff_mass", path, units.parse_mass, math.inf),
            airborne_spares=self.get(entry, "airborne_spares", path, _integer, 0),
            turn_time_s=self.get(entry, "turn_time", path, units.parse_duration, None),
            crew_day_s=self.get(entry, "crew_day", path, units.parse_duration, math.inf),
            buddy=self.get(entry, "buddy", path, _truth, False),
        )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is not a whole number")
    return value


def _moment(value: Any) -> int:
    """Seconds since 1970 of an aware time."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError(f"{value} is not a time with a zone")
    return round(value.astimezone(UTC).timestamp())


def _hours(value: Any) -> tuple[float, float]:
    """Seconds after midnight of "22:00-05:00"."""
    one, two = _text(value).split("-")
    since, until = (
        sum(int(part) * unit for part, unit in zip(t.split(":"), (3600, 60), strict=True)) for t in (one, two)
    )
    return float(since), float(until)


def _share(value: Any) -> float:
    text = _text(value).strip()
    if not text.endswith("%"):
        raise units.UnitError(f"{value!r} is not a percentage; write for example '5 %'")
    return float(text[:-1]) / 100.0


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is not true or false")
    return value


def _point(value: Any) -> Point:
    if isinstance(value, dict):
        return _point(value["at"])
    if isinstance(value, list):
        lat, lon = value
        value = airports.position(*units.checked_position(float(lat), float(lon)))
    else:
        value = airports.find(_text(value))
    return Point(value.code, value.lat, value.lon, value.elevation_m)


def _points(value: Any) -> tuple[Point, ...]:
    return tuple(_point(entry) for entry in value)


def _names(value: Any) -> tuple[str, ...]:
    """The names of points: as given, or their codes."""
    return tuple(
        str(entry["name"]) if isinstance(entry, dict) and entry.get("name") else _point(entry).code
        for entry in value
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(entry) for entry in value)


def _during(value: Any) -> During:
    if value == "station":
        return During("station")
    if "after" in value or "before" in value:
        start = _moment(value["after"]) if "after" in value else -math.inf
        return During(
            "time", start_s=start, end_s=_moment(value["before"]) if "before" in value else math.inf
        )
    return During("stretch", value.get("from"), value.get("to"))


def _corners(value: Any) -> tuple[tuple[float, float], ...]:
    return tuple((point.lat, point.lon) for point in _points(value))


def _state(value: Any) -> str:
    from longreach.world import airspace

    return airspace.resolve(str(value)).code


def _codes(value: Any) -> tuple[str, ...]:
    """Codes as the atlas has them, "ALL" written out."""
    from longreach.world import airspace

    return airspace.codes_of(value if isinstance(value, str) else [str(entry) for entry in value])


_NOWHERE = Point("", 0.0, 0.0, 0.0)
_FALLBACK: dict[Any, Any] = {
    _text: "",
    _state: "",
    _integer: 0,
    _moment: 0,
    _point: _NOWHERE,
    _corners: (),
}
