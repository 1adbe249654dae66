"""The plan document read into values that can be drawn: times as seconds, tracks as arrays.

The one place in this room that knows the keys of the document. What the contract requires is required
here, what it leaves open may be absent; every fault found is reported at once, by key path.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.document import PLAN_SCHEMA
from longreach.errors import Fault, InputError, UnitError
from longreach.geodesy import Floats
from longreach.units import NAUTICAL_MILE, parse_length, parse_position

Point = tuple[float, float]  # lat, lon [deg]
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_COLUMNS = ("lat", "lon", "altitude_ft", "gs_kt", "fuel_kg")
_MORE_COLUMNS = ("tas_kt", "wind_u_mps", "wind_v_mps")


@dataclass(frozen=True, slots=True)
class Vertex:
    """A named point of a flight's route."""

    name: str
    lat: float
    lon: float
    kind: str


@dataclass(frozen=True, slots=True)
class Flight:
    """One flight; arrays are (n,) rows of its track, times in seconds from 1970 UTC, fuel per aircraft."""

    id: str
    role: str
    operator: str
    aircraft: str
    count: int
    origin: str
    destination: str
    takeoff_s: float
    landing_s: float
    route: tuple[Vertex, ...]
    time_s: Floats
    lat: Floats
    lon: Floats
    altitude_ft: Floats
    gs_kt: Floats
    fuel_kg: Floats
    phase: tuple[str, ...]
    fuel: Mapping[str, float]
    tas_kt: Floats | None = None  # these three where the track has them
    wind_u_mps: Floats | None = None
    wind_v_mps: Floats | None = None
    tailwind_kt: float | None = None  # these where the plan says what the wind did
    still_air_s: float | None = None
    time_sigma: tuple[tuple[float, float], ...] = ()  # (seconds since take-off, one sigma of that time [s])
    formation: Formation | None = None
    spare_of: str = ""
    cell: Cell | None = None  # of a flight with further types beside it
    cell_of: str = ""
    detached: Detached | None = None  # of part of a cell that leaves it

    @property
    def duration_s(self) -> float:
        """Take-off to landing [s]."""
        return self.landing_s - self.takeoff_s

    @property
    def length_m(self) -> float:
        """Length of the flown line [m]."""
        return geodesy.path_length(self.lat, self.lon)

    def sigma_s(self, time_s: float) -> float:
        """One sigma of a time of this flight since its take-off, from the wind alone [s]; 0 where it is not stated."""
        if not self.time_sigma:
            return 0.0
        at, sigma = np.array(self.time_sigma).T
        return float(np.interp(time_s - self.takeoff_s, at, sigma))


@dataclass(frozen=True, slots=True)
class Cell:
    """The flights that fly beside one as a cell of several types: its Mach number, and whose range sets the pace."""

    members: tuple[str, ...]
    mach: float
    paced_by: str


@dataclass(frozen=True, slots=True)
class Detached:
    """Where and when part of a cell leaves it and is back; `rejoin_s` None where it lands elsewhere."""

    leave: str
    leave_s: float
    rejoin: str
    rejoin_s: float | None
    hold_s: float


@dataclass(frozen=True, slots=True)
class Station:
    area: str
    enter_s: float
    leave_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class Refuelling:
    """One contact between a receiver flight and a tanker flight; fuel per aircraft [kg]."""

    id: str
    receiver: str
    tanker_flight: str
    tanker_type: str
    tanker_base: str
    start_s: float
    end_s: float
    start: Point
    end: Point
    altitude_ft: float
    onload_kg: float
    receivers: int
    offload_kg: float
    tankers: int
    fuel_before_kg: float
    fuel_after_kg: float
    abort_base: str
    abort_needed_kg: float
    abort_available_kg: float
    abort_margin_kg: float
    rendezvous: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Join:
    flight: str
    partner_of: str
    join_s: float
    leave_s: float
    join: Point
    leave: Point


@dataclass(frozen=True, slots=True)
class Member:
    """One aircraft of a formation: its place behind the first and below its level, and its own fuel [kg]."""

    position: int
    cell: int
    behind_nm: float
    below_ft: float
    burn_factor: float
    takeoff_kg: float
    onload_kg: float
    burn_kg: float
    landing_kg: float


@dataclass(frozen=True, slots=True)
class Formation:
    cells: int
    length_nm: float
    depth_ft: float
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Escort:
    """Who was asked to be with a flight in a part of it: `kind` always, at_least or exactly, and who is."""

    id: str
    partner_of: str
    kind: str
    wanted: float
    overlap_s: float
    start_s: float
    end_s: float
    flights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """One flight against the order: when it is ready, when it takes off, what is left between."""

    flight: str
    base: str
    ready_s: float
    takeoff_s: float
    slack_s: float


@dataclass(frozen=True, slots=True)
class Order:
    """How soon: what governs, the way from the order to the station, and every flight's slack."""

    given_s: float
    governs: str
    slack_s: float
    earliest_takeoff_s: float
    path: tuple[tuple[str, float], ...]
    flights: tuple[Ready, ...]


@dataclass(frozen=True, slots=True)
class Overflight:
    flight: str
    state: str
    enter_s: float
    leave_s: float


@dataclass(frozen=True, slots=True)
class Clearance:
    """How near one flight comes to one closed area [m, from its boundary]."""

    id: str
    flight: str
    stand_off_m: float
    closest_m: float
    closest: Point
    closest_s: float


@dataclass(frozen=True, slots=True)
class Check:
    id: str
    ok: bool
    value: float | str | None
    limit: float | str | None
    unit: str
    note: str


@dataclass(frozen=True, slots=True)
class Shortfall:
    what: str
    where: str
    by: float | None
    unit: str
    cure: str
    cure_key: str
    cure_value: str


@dataclass(frozen=True, slots=True)
class Light:
    flight: str
    kind: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class CrewDay:
    flight: str
    report_s: float
    release_s: float
    duty_s: float


@dataclass(frozen=True, slots=True)
class WayOut:
    """At one moment: the least fuel that reaches a field with reserve, nothing more taken on, and which field."""

    flight: str
    time_s: float
    required_kg: float
    base: str


@dataclass(frozen=True, slots=True)
class NoReturn:
    """A spell in which a base is within reach, nothing more taken on; where it ends is the point of no return to it."""

    flight: str
    base: str
    from_s: float
    until_s: float
    where: Point
    back: bool = False


@dataclass(frozen=True, slots=True)
class EqualTime:
    """Where two neighbouring bases are as far as each other in time."""

    flight: str
    time_s: float
    where: Point
    bases: tuple[str, ...]
    way_min: float


@dataclass(frozen=True, slots=True)
class Option:
    """Where to go from a contact that gave nothing."""

    base: str
    way_min: float
    left_kg: float
    spare_kg: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The choice at the end of a refuelling whose fuel was not had."""

    flight: str
    refuelling: str
    time_s: float
    fuel_kg: float
    decide_by_s: float
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Margins:
    """How sure the plan is, and the plan of fewest sorties without a margin: sorties and its chance, or None."""

    asked_pct: float
    chance_pct: float
    tightest_s: float
    tightest_base: str
    least_sorties: float | None
    least_chance_pct: float | None


@dataclass(frozen=True, slots=True)
class Optimality:
    tanker_sorties: float
    tanker_sorties_bound: float
    route_m: float
    route_bound_m: float
    fuel_bought_kg: float | None = None
    ladder_fuel_kg: float | None = None
    gap_pct: float | None = None
    candidates: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole document, ready to draw. `mission` is the parsed mission file, {} where it cannot be read."""

    name: str
    feasible: bool
    version: str
    seed: int
    file_sha256: str
    mission: Mapping[str, Any]
    mission_text: str
    closures: Mapping[str, Any]
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    data: Mapping[str, Any]
    flights: tuple[Flight, ...]
    station: Station | None
    refuellings: tuple[Refuelling, ...]
    joins: tuple[Join, ...]
    overflight: tuple[Overflight, ...]
    airspace: tuple[Clearance, ...]
    optimality: Optimality | None
    checks: tuple[Check, ...]
    shortfalls: tuple[Shortfall, ...]
    light: tuple[Light, ...] = ()
    crew: tuple[CrewDay, ...] = ()
    ways_out: tuple[WayOut, ...] = ()
    no_return: tuple[NoReturn, ...] = ()
    equal_times: tuple[EqualTime, ...] = ()
    decisions: tuple[Decision, ...] = ()
    margins: Margins | None = None
    limits: tuple[str, ...] = ()
    escorts: tuple[Escort, ...] = ()
    order: Order | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def lead(self) -> Flight | None:
        """The first lead flight, or None where nothing flies."""
        return next((flight for flight in self.flights if flight.role == "lead"), None)

    def role(self, role: str) -> tuple[Flight, ...]:
        """The flights of one role, in the document's order."""
        return tuple(flight for flight in self.flights if flight.role == role)

    def flight(self, id: str) -> Flight | None:
        """A flight by its id."""
        return next((flight for flight in self.flights if flight.id == id), None)

    def required_kg(self, flight: Flight) -> Floats | None:
        """Least fuel [kg] at each row of a flight's track by the plan's own line; None where it has none.

        Straight between the moments the plan states.
        """
        stated = [each for each in self.ways_out if each.flight == flight.id]
        if len(stated) < 2:
            return None
        times = np.array([each.time_s for each in stated])
        required = np.array([each.required_kg for each in stated])
        return np.asarray(np.interp(flight.time_s, times, required))

    def closed_codes(self) -> list[str] | str:
        """What the mission closes: State codes, or "ALL"."""
        closed = _table(self.mission, "airspace").get("closed", [])
        if isinstance(closed, str):
            return "ALL" if closed.upper() == "ALL" else [closed]
        return [code for code in closed if isinstance(code, str)] if isinstance(closed, list) else []

    def airspace_rule(self) -> dict[str, Any]:
        """stand_off_m, territorial_sea_m and belt of the mission, with the documented defaults."""
        table = _table(self.mission, "airspace")
        belt = table.get("belt", "nearest")
        return {
            "stand_off_m": _length(table.get("stand_off"), 0.0),
            "territorial_sea_m": _length(table.get("territorial_sea"), 12 * NAUTICAL_MILE),
            "belt": belt if belt in ("nearest", "plain") else "nearest",
        }

    def station_shape(self) -> tuple[Point, float, tuple[Point, ...]] | None:
        """Centre, radius [m] (0 for a polygon) and corners of the station; None where there is none."""
        table = _table(self.mission, "station")
        corners = tuple(point for item in _list(table.get("polygon")) if (point := _place(item)))
        if corners:
            vectors = geodesy.unit_vectors(*np.array(corners).T).mean(axis=0)
            centre = np.degrees([np.arctan2(vectors[2], np.hypot(*vectors[:2])), np.arctan2(*vectors[1::-1])])
            return (float(centre[0]), float(centre[1])), 0.0, corners
        point = _place(table.get("centre"))
        if point is None:
            return None
        radius = _length(table.get("radius"), 0.0) or _length(table.get("leg"), 0.0) / 2
        return point, radius, ()

    def station_name(self) -> str:
        """The station's name, from the plan or else the mission; "" where there is none."""
        if self.station is not None:
            return self.station.area
        name = _table(self.mission, "station").get("name")
        return name if isinstance(name, str) else ""

    def abort_bases(self) -> list[str]:
        """Where the lead flights may go if a refuelling fails, as written in the mission."""
        return [base for base in _list(_table(self.mission, "abort").get("bases")) if isinstance(base, str)]


class _Node:
    """A value of the document and the path to it; collects faults instead of failing at the first."""

    def __init__(self, value: Any, path: str, faults: list[Fault]) -> None:
        self.value, self.path, self.faults = value, path, faults

    def fault(self, key: str, what: str) -> None:
        self.faults.append(Fault(what, key=f"{self.path}.{key}".lstrip(".")))

    def raw(
        self, key: str, kinds: type | tuple[type, ...], kind: str, default: Any, needed: bool = True
    ) -> Any:
        value = self.value.get(key) if isinstance(self.value, Mapping) else None
        if value is None and not needed:
            return default
        if isinstance(value, bool) and kinds is not bool:
            value = None
        if not isinstance(value, kinds):
            self.fault(key, f"is not {kind}")
            return default
        return value

    def text(self, key: str, default: str | None = None) -> str:
        return str(self.raw(key, str, "text", default or "", default is None))

    def real(self, key: str) -> float:
        return float(self.raw(key, (int, float), "a number", 0.0))

    def whole(self, key: str) -> int:
        value = self.real(key)
        if not math.isfinite(value):
            self.fault(key, "is not a whole number")
            return 0
        return int(value)

    def time(self, key: str) -> float:
        value = self.text(key)
        if not _TIME.fullmatch(value):
            self.fault(key, "is not a time such as 2020-12-10T09:00:00Z")
            return 0.0
        try:
            return seconds(value)
        except ValueError:
            self.fault(key, "is no moment of the calendar")
            return 0.0

    def point(self, key: str) -> Point:
        node = self.node(key)
        return node.real("lat"), node.real("lon")

    def node(self, key: str) -> _Node:
        return _Node(self.raw(key, dict, "an object", {}), f"{self.path}.{key}".lstrip("."), self.faults)

    def items(self, key: str, needed: bool = True) -> list[_Node]:
        values = self.raw(key, list, "a list", [], needed)
        path = f"{self.path}.{key}".lstrip(".")
        return [_Node(value, f"{path}.{index}", self.faults) for index, value in enumerate(values)]


def read(document: Mapping[str, Any]) -> Plan:
    """The plan document as a Plan.

    Raises: InputError listing every key that is missing or of the wrong kind.
    """
    faults: list[Fault] = []
    root = _Node(document, "", faults)
    if root.text("schema") != PLAN_SCHEMA:
        raise InputError(Fault(f"is not {PLAN_SCHEMA!r}", key="schema"))
    mission = root.node("mission")
    text = mission.text("text")
    parsed, notes = _parse_mission(text)
    stay = root.node("station") if document.get("station") is not None else None
    best = root.node("optimality") if document.get("optimality") is not None else None
    status = root.text("status")
    if status not in ("feasible", "infeasible"):
        root.fault("status", "is neither feasible nor infeasible")
    plan = Plan(
        name=mission.text("name"),
        feasible=status == "feasible",
        version=root.text("longreach_version"),
        seed=int(root.real("seed")),
        file_sha256=mission.text("file_sha256"),
        mission=parsed,
        mission_text=text,
        closures=root.raw("closures", dict, "an object", {}, needed=False),
        assumptions=_texts(root, "assumptions"),
        warnings=_texts(root, "warnings"),
        data=root.raw("data", dict, "an object", {}),
        flights=tuple(_flight(node) for node in root.items("flights")),
        station=None if stay is None else Station(
            stay.text("area"), stay.time("enter_utc"), stay.time("leave_utc"), stay.real("duration_s")
        ),
        refuellings=tuple(_refuelling(node) for node in root.items("refuellings")),
        joins=tuple(
            Join(node.text("flight"), node.text("with"), node.time("join_utc"), node.time("leave_utc"),
                 node.point("join"), node.point("leave"))
            for node in root.items("joins")
        ),
        overflight=tuple(
            Overflight(node.text("flight"), node.text("state", "") or node.text("fir", "?"),
                       node.time("enter_utc"), node.time("leave_utc"))
            for node in root.items("overflight")
        ),
        airspace=tuple(
            Clearance(node.text("id"), node.text("flight"), node.real("stand_off_nm") * NAUTICAL_MILE,
                      node.real("closest_nm") * NAUTICAL_MILE, node.point("closest"), node.time("closest_utc"))
            for node in root.items("airspace")
        ),
        optimality=None if best is None else Optimality(
            best.real("tanker_sorties"), best.real("tanker_sorties_bound"),
            best.real("route_nm") * NAUTICAL_MILE, best.real("route_bound_nm") * NAUTICAL_MILE,
            *(best.real(key) if key in (document["optimality"] or ()) else None
              for key in ("fuel_bought_kg", "ladder_fuel_kg", "ladder_gap_pct", "candidates")),
        ),
        checks=tuple(
            Check(node.text("id"), bool(node.raw("ok", bool, "true or false", False)), _scalar(node, "value"),
                  _scalar(node, "limit"), node.text("unit", ""), node.text("note", ""))
            for node in root.items("checks")
        ),
        shortfalls=tuple(_shortfall(node) for node in root.items("shortfalls")),
        light=tuple(
            Light(node.text("flight"), node.text("kind"), node.time("start_utc"), node.time("end_utc"))
            for node in root.items("light", needed=False)
        ),
        crew=tuple(
            CrewDay(node.text("flight"), node.time("report_utc"), node.time("release_utc"), node.real("duty_s"))
            for node in root.items("crew", needed=False)
        ),
        ways_out=tuple(
            WayOut(node.text("flight"), node.time("time_utc"), node.real("required_kg"), node.text("base"))
            for node in root.items("guard", needed=False)
        ),
        no_return=tuple(
            NoReturn(node.text("flight"), each.text("base"), each.time("from_utc"), each.time("until_utc"),
                     _at(each), back)
            for node in root.items("aborts", needed=False)
            for rows, back in ((_turn_back(node), True), (node.items("reach", needed=False), False))
            for each in rows
        ),
        equal_times=tuple(
            EqualTime(node.text("flight"), each.time("time_utc"), _at(each), _texts(each, "bases"),
                      each.real("way_min"))
            for node in root.items("aborts", needed=False)
            for each in node.items("equal_time", needed=False)
        ),
        decisions=tuple(
            Decision(node.text("flight"), each.text("refuelling"), each.time("time_utc"), each.real("fuel_kg"),
                     each.time("decide_by_utc"),
                     tuple(Option(o.text("base"), o.real("way_min"), o.real("left_kg"), o.real("spare_kg"))
                           for o in each.items("options")))
            for node in root.items("aborts", needed=False)
            for each in node.items("decisions", needed=False)
        ),
        margins=_margins(root, document),
        limits=_texts(root, "limits", needed=False),
        escorts=tuple(
            Escort(node.text("id"), node.text("with"), node.text("kind"), node.real("wanted"),
                   node.real("overlap_s"), node.time("start_utc"), node.time("end_utc"), _texts(node, "flights"))
            for node in root.items("escorts", needed=False)
        ),
        order=_order(root.node("order")) if isinstance(document.get("order"), Mapping) else None,
        notes=notes,
    )  # fmt: skip
    if faults:
        raise InputError(faults)
    return plan


def _at(node: _Node) -> Point:
    return node.real("lat"), node.real("lon")


def _turn_back(node: _Node) -> list[_Node]:
    value = node.value.get("turn_back") if isinstance(node.value, Mapping) else None
    return [node.node("turn_back")] if value is not None else []


def _margins(root: _Node, document: Mapping[str, Any]) -> Margins | None:
    if document.get("margins") is None:
        return None
    node = root.node("margins")
    tight = node.node("tightest")
    least = node.node("minimum") if document["margins"].get("minimum") is not None else None
    return Margins(
        node.real("asked_pct"),
        node.real("chance_pct"),
        tight.time("time_utc"),
        tight.text("base"),
        least.real("tanker_sorties") if least else None,
        least.real("chance_pct") if least else None,
    )


def seconds(text: str) -> float:
    """Seconds from 1970 of a UTC time such as 2020-12-10T09:00:00Z."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()


def moment(time_s: float) -> datetime:
    """The aware UTC time of seconds from 1970."""
    return datetime.fromtimestamp(round(time_s), UTC)


def _order(node: _Node) -> Order:
    return Order(
        node.time("given_utc"), node.text("governs"), node.real("slack_s"), node.time("earliest_takeoff_utc"),
        tuple((step.text("what"), step.time("time_utc")) for step in node.items("path")),
        tuple(
            Ready(row.text("flight"), row.text("base"), row.time("ready_utc"), row.time("takeoff_utc"),
                  row.real("slack_s"))
            for row in node.items("flights")
        ),
    )  # fmt: skip


def _within(node: _Node, key: str) -> Any:
    return node.value.get(key) if isinstance(node.value, Mapping) else None


def _formation(node: _Node) -> Formation:
    return Formation(
        node.whole("cells"), node.real("length_nm"), node.real("depth_ft"),
        tuple(
            Member(row.whole("position"), row.whole("cell"), row.real("behind_nm"), row.real("below_ft"),
                   row.real("burn_factor"), row.real("takeoff_kg"), row.real("onload_kg"), row.real("burn_kg"),
                   row.real("landing_kg"))
            for row in node.items("aircraft")
        ),
    )  # fmt: skip


def _cell(node: _Node) -> Cell:
    members = node.raw("members", list, "a list", [])
    return Cell(tuple(str(each) for each in members), node.real("mach"), node.text("paced_by"))


def _detached(node: _Node) -> Detached:
    leave = node.node("leave")
    back = node.node("rejoin") if isinstance(_within(node, "rejoin"), Mapping) else None
    return Detached(
        leave.text("name"), leave.time("time_utc"), "" if back is None else back.text("name"),
        None if back is None else back.time("time_utc"), node.real("hold_s"),
    )  # fmt: skip


def _flight(node: _Node) -> Flight:
    track = node.node("track")
    columns = [str(name) for name in track.raw("columns", list, "a list", [])]
    rows = track.raw("rows", list, "a list", [])
    missing = [name for name in ("time_utc", "phase", *_COLUMNS) if name not in columns]
    if missing:
        track.fault("columns", f"lacks {', '.join(missing)}")
        columns, rows = ["time_utc", "phase", *_COLUMNS], []
    if len(rows) < 2:
        track.fault("rows", "has fewer than two rows")
        rows = [["1970-01-01T00:00:00Z", "cruise", *[0.0] * len(_COLUMNS)]] * 2
        columns = ["time_utc", "phase", *_COLUMNS]
    at = {name: index for index, name in enumerate(columns)}
    try:
        time_s = np.array([row[at["time_utc"]][:-1] for row in rows], "datetime64[s]").astype(float)
        wanted = [*_COLUMNS, *(name for name in _MORE_COLUMNS if name in at)]
        values: dict[str, Any] = {name: np.array([row[at[name]] for row in rows], float) for name in wanted}
        phase = tuple(str(row[at["phase"]]) for row in rows)
    except (TypeError, ValueError, IndexError, KeyError):
        track.fault("rows", "holds a row that does not fit its columns")
        time_s, phase = np.zeros(2), ("cruise", "cruise")
        values = {name: np.zeros(2) for name in _COLUMNS}
    for array in (time_s, *values.values()):
        array.flags.writeable = False
    fuel = node.node("fuel")
    wind: dict[str, Any] = {}
    did = node.value.get("wind") if isinstance(node.value, Mapping) else None
    try:
        wind = (
            {
                "tailwind_kt": float(did["tailwind_kt"]),
                "still_air_s": float(did["still_air_s"]),
                "time_sigma": tuple((float(at), float(sigma)) for at, sigma in did["time_sigma"]),
            }
            if did is not None
            else {}
        )
    except (TypeError, ValueError, KeyError):
        node.fault("wind", "is not what a plan says of the wind")
        wind = {}
    return Flight(
        id=node.text("id"),
        role=node.text("role"),
        operator=node.text("operator"),
        aircraft=node.text("aircraft"),
        count=int(node.real("count")),
        origin=node.text("origin"),
        destination=node.text("destination"),
        takeoff_s=node.time("takeoff_utc"),
        landing_s=node.time("landing_utc"),
        route=tuple(
            Vertex(item.text("name", ""), item.real("lat"), item.real("lon"), item.text("kind", "via"))
            for item in node.items("route")
        ),
        time_s=time_s,
        phase=phase,
        fuel={key: fuel.real(key) for key in ("takeoff_kg", "landing_kg", "burn_kg", "onload_kg", "offload_kg",
                                              "reserve_kg", "min_margin_kg", "band_pct")},
        formation=_formation(node.node("formation")) if isinstance(_within(node, "formation"), Mapping) else None,
        spare_of=node.text("spare_of", ""),
        cell=_cell(node.node("cell")) if isinstance(_within(node, "cell"), Mapping) else None,
        cell_of=node.text("cell_of", ""),
        detached=_detached(node.node("detached")) if isinstance(_within(node, "detached"), Mapping) else None,
        **values,
        **wind,
    )  # fmt: skip


def _refuelling(node: _Node) -> Refuelling:
    abort = node.node("abort")
    return Refuelling(
        id=node.text("id"),
        receiver=node.text("receiver"),
        tanker_flight=node.text("tanker_flight"),
        tanker_type=node.text("tanker_type"),
        tanker_base=node.text("tanker_base"),
        start_s=node.time("start_utc"),
        end_s=node.time("end_utc"),
        start=node.point("start"),
        end=node.point("end"),
        altitude_ft=node.real("altitude_ft"),
        onload_kg=node.real("onload_kg"),
        receivers=int(node.real("receivers")),
        offload_kg=node.real("offload_kg"),
        tankers=int(node.real("tankers")),
        fuel_before_kg=node.real("fuel_before_kg"),
        fuel_after_kg=node.real("fuel_after_kg"),
        abort_base=abort.text("base"),
        abort_needed_kg=abort.real("fuel_needed_kg"),
        abort_available_kg=abort.real("fuel_available_kg"),
        abort_margin_kg=abort.real("margin_kg"),
        rendezvous=node.raw("rendezvous", dict, "an object", {}, needed=False),
    )


def _shortfall(node: _Node) -> Shortfall:
    cure = node.value.get("cure") if isinstance(node.value, Mapping) else None
    if isinstance(cure, str):
        cure = {"text": cure}
    cure = cure if isinstance(cure, Mapping) else {}
    by = node.value.get("by") if isinstance(node.value, Mapping) else None
    return Shortfall(
        what=node.text("what"),
        where=_plain(node.value.get("where")) if isinstance(node.value, Mapping) else "",
        by=float(by) if isinstance(by, int | float) and not isinstance(by, bool) else None,
        unit=node.text("unit", ""),
        cure=_plain(cure.get("text")),
        cure_key=_plain(cure.get("key_path")),
        cure_value=_plain(cure.get("value")),
    )


def _plain(value: Any) -> str:
    """Text of a free-form value: "" for nothing, a position as lat, lon."""
    if value is None:
        return ""
    if isinstance(value, Mapping) and {"lat", "lon"} <= value.keys():
        return f"{value['lat']}, {value['lon']}"
    if isinstance(value, bool):  # as the mission file writes it
        return "true" if value else "false"
    return str(value)


def _scalar(node: _Node, key: str) -> float | str | None:
    value = node.value.get(key) if isinstance(node.value, Mapping) else None
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return str(value)


def _texts(node: _Node, key: str, needed: bool = True) -> tuple[str, ...]:
    return tuple(_plain(value) for value in node.raw(key, list, "a list", [], needed))


def _parse_mission(text: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    try:
        return tomllib.loads(text), ()
    except tomllib.TOMLDecodeError as error:
        return {}, (f"The mission text in the plan cannot be read ({error}); closed areas are not drawn.",)


def _table(mission: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = mission.get(key)
    return table if isinstance(table, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _length(value: Any, default: float) -> float:
    """Length in metres of mission text; the documented default where it is absent or unreadable."""
    if value is None:
        return default
    try:
        return parse_length(value)
    except UnitError:
        return default


def _place(value: Any) -> Point | None:
    if isinstance(value, str):
        try:
            return parse_position(value)
        except UnitError:
            return None
    if isinstance(value, list) and len(value) == 2 and all(isinstance(x, int | float) for x in value):
        return float(value[0]), float(value[1])
    return None


def spans(flags: Iterable[bool]) -> list[tuple[int, int]]:
    """First and last index of each run of True."""
    mask = np.concatenate([[False], np.asarray(list(flags), bool), [False]])
    edges = np.flatnonzero(mask[1:] != mask[:-1])
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
