"""A mission as the planner sees it: frozen values in SI, places resolved, defaults filled in and named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from longreach.world.aircraft import Aircraft, load
from longreach.world.airports import Place


@dataclass(frozen=True, slots=True)
class Clock:
    """The one moment the schedule hangs on.

    anchor : "takeoff" | "on_station" | "landing" of the first flight; "earliest": as soon as the order allows
    time_utc : aware, UTC; with "earliest" the moment the first flight is ready, from which the search begins
    """

    anchor: str
    time_utc: datetime


@dataclass(frozen=True, slots=True)
class Station:
    """An area in which the first flight stays.

    shape : "circle" (lat, lon, radius_m) | "polygon" (polygon) | "orbit" (lat, lon, axis_deg, leg_m, width_m)
    lat, lon : centre in degrees; of a polygon the mean of its vertices as unit vectors
    polygon : (lat, lon) vertices, not closed, joined by geodesics; () for the other shapes
    axis_deg : true bearing of an orbit's long side
    leg_m : length of an orbit's straight legs; width_m : distance between them
    time_s : least time inside
    """

    name: str
    shape: str
    lat: float
    lon: float
    time_s: float
    radius_m: float | None = None
    polygon: tuple[tuple[float, float], ...] = ()
    axis_deg: float | None = None
    leg_m: float | None = None
    width_m: float | None = None


@dataclass(frozen=True, slots=True)
class Via:
    """A point the route passes, in order."""

    name: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class During:
    """A part of the first flight.

    kind : "station" | "stretch" (between named points of its route) | "time" (between two moments)
    start, end : a point's name or a moment, by kind; None is the flight's own start or end
    """

    kind: str
    start: str | datetime | None = None
    end: str | datetime | None = None


@dataclass(frozen=True, slots=True)
class Formation:
    """How the aircraft of a flight fly together.

    cell : aircraft in a cell; spacing_m : in trail, from one aircraft of a cell to the next
    cell_spacing_m : from the last aircraft of a cell to the first of the next
    step_m : each aircraft of a cell flies so far below the one ahead
    station_keeping : part more fuel than the leader's burn that every other aircraft takes to keep its place
    """

    cell: int
    spacing_m: float
    cell_spacing_m: float
    step_m: float
    station_keeping: float


@dataclass(frozen=True, slots=True)
class AirSpares:
    """Aircraft that take off with a flight and turn back at a named point of its route."""

    count: int
    until: str


@dataclass(frozen=True, slots=True)
class Detachment:
    """A stretch that part of a cell flies on its own.

    leave : a via point of the cell's flight, "R2" for the end of its second contact, or "station" for the end of that
    via : its own points; hold_s : circled at the last of them at least
    rejoin : a later via point of the cell's flight, "" where it goes to a destination of its own instead
    """

    leave: str
    via: tuple[Via, ...] = ()
    hold_s: float = 0.0
    rejoin: str = ""


@dataclass(frozen=True, slots=True)
class LeadFlight:
    """A flight to be planned from end to end; `count` aircraft fly it together.

    outbound_via, return_via : before and after the station; without a station all are in outbound_via
    mach : None for the type's published long-range cruise ("best"), of a cell the slowest of its types'
    ceiling_m : pressure altitude never to be exceeded, None for the type's own
    takeoff_fuel : "needed" | "full" | "given"; takeoff_fuel_kg is set for "given" only, per aircraft
    payload_kg : per aircraft
    members : further aircraft of the same cell, each group a flight of its own that keeps beside this one
    cell_of : of a member the id of that flight, else ""
    ahead : aircraft of the same formation before its first
    detachment : of a member that flies a stretch on its own
    """

    id: str
    aircraft: str
    count: int
    operator: str
    origin: Place
    destination: Place
    payload_kg: float = 0.0
    outbound_via: tuple[Via, ...] = ()
    return_via: tuple[Via, ...] = ()
    mach: float | None = None
    ceiling_m: float | None = None
    takeoff_fuel: str = "needed"
    takeoff_fuel_kg: float | None = None
    formation: Formation | None = None
    air_spares: AirSpares | None = None
    members: tuple[LeadFlight, ...] = ()
    cell_of: str = ""
    ahead: int = 0
    detachment: Detachment | None = None


@dataclass(frozen=True, slots=True)
class PartnerFlight:
    """Aircraft that meet the first flight, stay `together_s` at least, and go home.

    may_fly : ISO alpha-2 codes of the national airspaces it may use; the high seas are always open
    available : aircraft at its base, of which `count` make a sortie
    turn_s : from landing to the next take-off of the same aircraft; None: each flies once
    during : the part of the first flight in which it joins; None is all of it
    """

    id: str
    aircraft: str
    count: int
    operator: str
    origin: Place
    destination: Place
    may_fly: tuple[str, ...]
    together_s: float
    available: int
    turn_s: float | None = None
    during: During | None = None


@dataclass(frozen=True, slots=True)
class Escort:
    """Who must be with the first flight in a part of it.

    kind : "always" (`wanted` aircraft at every moment, by sorties that take turns) | "at_least" | "exactly"
        (`wanted` partners join in that part)
    overlap_s : time for which a relief is there before it counts
    by : ids of the partners that may serve
    """

    id: str
    during: During
    kind: str
    wanted: int
    overlap_s: float
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """When the order is given, and how long each flight then takes until it can take off.

    ready_s : of all that `readiness` does not name
    readiness : (flight, tanker or partner id, or the code of a base; seconds)
    """

    given_utc: datetime
    ready_s: float
    readiness: tuple[tuple[str, float], ...] = ()

    def ready(self, id: str, base: str) -> float:
        """Seconds from the order until a flight of that entry can take off; its id goes before its base."""
        stated = dict(self.readiness)
        return stated.get(id, stated.get(base, self.ready_s))


@dataclass(frozen=True, slots=True)
class TankerBase:
    """Tankers of one type at one base.

    available : aircraft that may fly, spares apart; with a turn time each may fly again
    max_takeoff_kg : what the field allows, None for the type's own greatest take-off mass
    ground_spares : stand by on the ground; airborne_spares : fly beside every formation of this entry and go home
    turn_time_s : from landing to the next take-off of the same aircraft; None: each flies once
    crew_day_s : the longest crew day, report to release; None for no limit
    buddy : they leave with the flight, from its own field, and fly its line beside it to the contact
    """

    id: str
    aircraft: str
    operator: str
    base: Place
    available: int
    max_takeoff_kg: float | None = None
    ground_spares: int = 0
    airborne_spares: int = 0
    turn_time_s: float | None = None
    crew_day_s: float | None = None
    buddy: bool = False


@dataclass(frozen=True, slots=True)
class RefuellingTrack:
    """A place for a contact that the user names: from start to end, or an anchor (end is None); degrees.

    must : a contact has to be there; the line bends to it. Otherwise it is tried
    """

    name: str
    start: tuple[float, float]
    end: tuple[float, float] | None = None
    must: bool = False


@dataclass(frozen=True, slots=True)
class Forbidden:
    """An area in which no contact may be: a circle, or a polygon of (lat, lon) corners."""

    name: str
    lat: float
    lon: float
    radius_m: float | None = None
    polygon: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Shut:
    """A spell in which an abort base may not be used.

    base : its code; to : operators it is shut to, () for everyone; since, until : aware, UTC, None for no end
    daily_s : (from, to) seconds after midnight UTC of every day, the second less where it is past midnight
    """

    base: str
    to: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    daily_s: tuple[int, int] | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Refuelling:
    """How contacts are planned.

    longest_flow_s : fuel flowing in one contact, at most
    most_onload_kg : what one receiver takes in one contact, at most; None for no limit but tanks and time
    relay : whether a tanker may refuel a tanker: True wherever it saves a sortie, None where nothing else works
    over : States over which contacts may be, beside the high seas; None for every State that is not closed
    not_over : States over which none may be
    tracks, forbidden : places for contacts, and areas without any
    rendezvous : how tanker and receivers meet: "en route" | "point parallel" | "anchor"
    detours : bends of the line towards tanker bases that are planned whole; None to have lines looked for
    """

    longest_flow_s: float
    most_onload_kg: float | None = None
    relay: bool | None = None
    over: tuple[str, ...] | None = None
    not_over: tuple[str, ...] = ()
    tracks: tuple[RefuellingTrack, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    rendezvous: str = "en route"
    detours: int | None = None


@dataclass(frozen=True, slots=True)
class AirspaceRules:
    """What is closed, to every flight of the mission.

    closed : ISO alpha-2 codes (as `airspace.resolve` gives them), or ("ALL",); what `airspace.closures` takes
    closures_file : the user's GeoJSON, resolved against the mission file's folder, or None
    """

    closed: tuple[str, ...]
    stand_off_m: float
    territorial_sea_m: float
    belt: str
    atlas: str
    closures_file: Path | None


@dataclass(frozen=True, slots=True)
class Reserves:
    """Fuel that must be left.

    final_s : holding at 1,500 ft above the field at landing mass
    contingency : part of the trip fuel since the last refuelling, 0..1
    doubt : chance with which each fuel state must be met given the burn's error band, 0.5..0.999
    """

    final_s: float
    contingency: float
    doubt: float


@dataclass(frozen=True, slots=True)
class Winds:
    """The wind the plan assumes.

    source : "climatology" | "still" | "constant" | "file"
    u_mps toward east, v_mps toward north : of a constant wind, else 0
    sigma_mps : one sigma of a leg's mean along-track wind
    pack : the wind pack of source "file", resolved against the mission file's folder
    reliability : share of days on which the wind along a leg is no worse than planned; 0.5 is the mean
    bias_mps : added to the tailwind everywhere; negative plans a stronger headwind
    """

    source: str
    u_mps: float = 0.0
    v_mps: float = 0.0
    sigma_mps: float = 0.0
    pack: Path | None = None
    reliability: float = 0.5
    bias_mps: float = 0.0


@dataclass(frozen=True, slots=True)
class Crew:
    """The crew day: from `report_before_s` before take-off to `release_after_s` after landing."""

    report_before_s: float
    release_after_s: float


@dataclass(frozen=True, slots=True)
class Mission:
    """One mission file, checked.

    text, sha256, file : the file as read, its hash, and its path as given (None for bare text)
    flights : at least one; the first is the lead that is refuelled, joined and anchored
    assumptions : each default taken and each choice made for the user, in words
    types : the aircraft types the file names by a file of their own; the others are the catalogue's
    """

    name: str
    description: str
    seed: int
    clock: Clock
    station: Station | None
    flights: tuple[LeadFlight, ...]
    partners: tuple[PartnerFlight, ...]
    tankers: tuple[TankerBase, ...]
    airspace: AirspaceRules
    abort_bases: tuple[Place, ...]
    reserves: Reserves
    winds: Winds
    crew: Crew
    refuelling: Refuelling
    shut: tuple[Shut, ...]
    assumptions: tuple[str, ...]
    text: str
    sha256: str
    file: str | None
    types: tuple[Aircraft, ...] = ()
    escorts: tuple[Escort, ...] = ()
    order: Order | None = None

    def aircraft(self, code: str) -> Aircraft:
        """The type of that code, from the mission's own files or the catalogue; InputError where there is none."""
        own = {each.code: each for each in self.types}
        return own[code] if code in own else load(code)
