"""Whether what a mission file says can be: across keys, across sections, against the catalogue."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from longreach.errors import Fault, InputError
from longreach.locate import KeyPath
from longreach.mission import shape
from longreach.mission.model import During
from longreach.units import FOOT, NAUTICAL_MILE
from longreach.world.aircraft import Aircraft

Point = tuple[float, float]
Types = dict[str, Aircraft | None]  # by the name the file gives; None where it cannot be read

WIDEST_POLYGON = 1500.0 * NAUTICAL_MILE  # from its middle; beyond it "inside" stops being obvious


class Report(Protocol):
    """Takes a fault at a key path."""

    def __call__(self, key: KeyPath, what: str, hint: str | None = None) -> None: ...


def check(
    sections: dict[str, Any], folder: Path, report: Report, report_elsewhere: Callable[[Fault], None]
) -> None:
    """Report every contradiction among the sections that could be read.

    sections : by name; a list of (position, section) for the arrays, None where absent or misshapen;
        "<name> given" says whether the file has that table at all
    folder : the mission file's, for the files it names: closures, aircraft
    report_elsewhere : takes faults of those files, which name the file they are in
    """
    flights = sections["flights"]
    _ids(sections, report)
    types = _types(sections, folder, report, report_elsewhere)
    _judged(sections, types, report)
    if sections["station"] is not None:
        _station(sections["station"], report)
    for place, flight in flights:
        _flight(("flights", place), flight, types, place == 0 and sections["station given"], report)
    if clock := sections["clock"]:
        _clock(clock, sections, report)
    if sections["airspace"] is not None:
        _airspace(sections["airspace"], folder, report, report_elsewhere)
    for place, partner in sections["partners"]:
        _partner(("partners", place), partner, sections, report)
    _escorts(sections, report)
    if sections["order"] is not None:
        _order(sections, report)
    lead = next((flight for place, flight in flights if place == 0), None)
    for place, tanker in sections["tankers"]:
        _tanker(("tankers", place), tanker, lead, types, report)
        _buddy(("tankers", place, "buddy"), tanker, [flight.origin for _, flight in flights], report)
    _abort(sections, report)
    _refuelling(sections, report)
    if sections["winds"] is not None:
        _winds(sections["winds"], folder, report, report_elsewhere)


def _buddy(key: KeyPath, tanker: shape.TankerSection, origins: list[Any], report: Report) -> None:
    if tanker.buddy and origins and tanker.base.code not in {place.code for place in origins}:
        fields = ", ".join(dict.fromkeys(place.code for place in origins))
        what = f"a buddy leaves with a flight, and none leaves from {tanker.base.code}"
        report(key, what, f"base it at {fields}, or take `buddy` out")


def _ids(sections: dict[str, Any], report: Report) -> None:
    first: dict[str, str] = {}
    for name in ("flights", "partners", "tankers"):
        for place, section in sections[name]:
            here = f"{name}.{place}"
            if section.id in first:
                report((name, place, "id"), f"{section.id!r} is already the id of {first[section.id]}")
            first.setdefault(section.id, here)
    for place, flight in sections["flights"]:
        for n, member in enumerate(flight.members):
            if member.id in first:
                key = ("flights", place, "members", n, "id")
                report(key, f"{member.id!r} is already the id of {first[member.id]}")
            first.setdefault(member.id, f"flights.{place}.members.{n}")


def _named(sections: dict[str, Any]) -> list[tuple[KeyPath, Any]]:
    """Every section that names an aircraft type, with its key path: members of a cell among them."""
    found: list[tuple[KeyPath, Any]] = []
    for name in ("flights", "partners", "tankers"):
        for place, section in sections[name]:
            found.append(((name, place), section))
            members = section.members if name == "flights" else []
            found += [((name, place, "members", n), member) for n, member in enumerate(members)]
    return found


def _types(
    sections: dict[str, Any], folder: Path, report: Report, report_elsewhere: Callable[[Fault], None]
) -> Types:
    """The aircraft type of each name in the file; None where it is a file that cannot be read, as reported."""
    from longreach.world import aircraft

    types: Types = {}
    codes: dict[str, str] = {}
    for key, section in _named(sections):
        if section.aircraft in types:
            continue
        types[section.aircraft] = None
        try:
            found = aircraft.load(section.aircraft, folder)
        except InputError as error:
            for fault in error.faults:
                report_elsewhere(fault)
            continue
        types[section.aircraft] = found
        if found.file and codes.setdefault(found.code, section.aircraft) != section.aircraft:
            what = f"{section.aircraft} and {codes[found.code]} both call their type {found.code!r}"
            report((*key, "aircraft"), what, "give each type a code of its own")
    return types


def _judged(sections: dict[str, Any], types: Types, report: Report) -> None:
    for key, section in _named(sections):
        type_ = types[section.aircraft]
        if type_ is not None and not type_.judged:
            what = f"{type_.code} is not judged: no data ({type_.reason})"
            hint = "name a type that stands in for it; `longreach aircraft list` shows those with a model"
            report((*key, "aircraft"), what, hint)


# -- station ----------------------------------------------------------------------------------------

_SHAPES = {
    "circle": ("centre", "radius"),
    "polygon": ("polygon",),
    "orbit": ("centre", "axis", "leg", "width"),
}


def _station(station: shape.StationSection, report: Report) -> None:
    given = {key for keys in _SHAPES.values() for key in keys if getattr(station, key) is not None}
    if not given:
        what = "has a time but no area"
        report(("station",), what, "state centre and radius, a polygon, or centre, axis, leg and width")
        return
    if station.polygon is not None and given != {"polygon"}:
        others = ", ".join(sorted(given - {"polygon"}))
        report(("station", "polygon"), f"the area is stated twice: polygon and {others}", "keep one")
        return
    kind = station.shape or _shape_of(given)
    if kind is None:
        report(
            ("station",), f"the area is not clear from {', '.join(sorted(given))}", 'state shape = "circle"'
        )
        return
    for key in _SHAPES[kind]:
        if key not in given:
            report(("station", key), f"is required for a {kind}")
    for key in sorted(given - set(_SHAPES[kind])):
        report(("station", key), f"is not used by a {kind}", "take it out or change the shape")
    if station.polygon is not None:
        _polygon(("station", "polygon"), station.polygon, report)
    if station.leg is not None and station.width is not None and station.width > station.leg:
        report(("station", "width"), "is more than the leg", "the leg is the long side of the racetrack")


def _shape_of(given: set[str]) -> str | None:
    """The one shape that could use all that is given."""
    fits = [kind for kind, keys in _SHAPES.items() if given <= set(keys)]
    return fits[0] if len(fits) == 1 else None


def middle(points: Sequence[Point]) -> Point:
    """Middle of (lat, lon) points: the mean of their unit vectors, in degrees.

    >>> lat, lon = middle([(0.0, 179.0), (0.0, -179.0)])
    >>> round(lat, 9), round(abs(lon), 9)
    (0.0, 180.0)
    """
    x, y, z = (sum(part) for part in zip(*(_unit(point) for point in points), strict=True))
    lat = math.degrees(math.atan2(z, math.hypot(x, y)))
    return lat, (math.degrees(math.atan2(y, x)) + 180.0) % 360.0 - 180.0


def _unit(point: Point) -> tuple[float, float, float]:
    lat, lon = math.radians(point[0]), math.radians(point[1])
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def _gnomonic(points: Sequence[Point], centre: Point) -> list[Point]:
    """(east, north) of points in the plane that touches the sphere at `centre`, in earth radii.

    Great circles are straight lines there (Snyder, Map Projections, 1987, section 22). A geodesic differs
    from the great circle by far less than matters to whether two edges of an area cross.
    """
    lat0, lon0 = math.radians(centre[0]), math.radians(centre[1])
    plane = []
    for lat, lon in points:
        phi, delta = math.radians(lat), math.radians(lon) - lon0
        depth = math.sin(lat0) * math.sin(phi) + math.cos(lat0) * math.cos(phi) * math.cos(delta)
        east = math.cos(phi) * math.sin(delta)
        north = math.cos(lat0) * math.sin(phi) - math.sin(lat0) * math.cos(phi) * math.cos(delta)
        plane.append((east / depth, north / depth))
    return plane


def _polygon(key: KeyPath, points: Sequence[Point], report: Report) -> None:
    if len(points) > 1 and points[0] == points[-1]:
        points = points[:-1]  # closing the ring is a habit from GeoJSON and changes nothing
    for place, point in enumerate(points):
        if point in points[:place]:
            report((*key, place), f"is the same point as number {points.index(point) + 1}")
            return
    if len(points) < 3:
        report(key, f"has {len(points)} different points; an area needs at least 3")
        return
    centre = middle(points)
    x, y, z = _unit(centre)
    nearest = min(a * x + b * y + c * z for a, b, c in map(_unit, points))
    if nearest < math.cos(WIDEST_POLYGON / 6371008.8):
        report(key, "reaches more than 1,500 nm from its middle, so its inside is not clear")
        return
    plane = _gnomonic(points, centre)
    count = len(plane)
    for one in range(count):
        for two in range(one + 2, count - (one == 0)):
            if _cross(plane[one], plane[one + 1], plane[two], plane[(two + 1) % count]):
                edges = f"edge {one + 1}-{one + 2} crosses edge {two + 1}-{(two + 1) % count + 1}"
                report(
                    (*key, two), f"the polygon crosses itself: {edges}", "list the corners in order round it"
                )
                return
    double_area = sum(
        plane[n][0] * plane[(n + 1) % count][1] - plane[(n + 1) % count][0] * plane[n][1]
        for n in range(count)
    )
    if abs(double_area) < 1e-12:  # half a square 6 m wide
        report(key, "its corners lie on one line, so it has no inside")


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the straight pieces a-b and c-d have a point in common."""

    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    def on(p: Point, q: Point, r: Point) -> bool:
        return min(p[0], q[0]) <= r[0] <= max(p[0], q[0]) and min(p[1], q[1]) <= r[1] <= max(p[1], q[1])

    one, two, three, four = side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)
    if one * two < 0.0 and three * four < 0.0:
        return True
    touches = ((one, a, b, c), (two, a, b, d), (three, c, d, a), (four, c, d, b))
    return any(value == 0.0 and on(p, q, r) for value, p, q, r in touches)


# -- flights ----------------------------------------------------------------------------------------


def _flight(key: KeyPath, flight: shape.FlightSection, types: Types, stays: bool, report: Report) -> None:
    if stays and flight.via is not None:
        report((*key, "via"), "is for flights without a station", "write outbound_via and return_via")
    if not stays:
        for name in ("outbound_via", "return_via"):
            if getattr(flight, name) is not None:
                what = "needs a [station], which the first flight alone visits"
                report((*key, name), what, "write via")
    points = [*(flight.via or ()), *(flight.outbound_via or ()), *(flight.return_via or ())]
    if flight.formation is not None and flight.count + len(flight.members) < 2:
        report((*key, "formation"), "is of one aircraft", "take it out or state count")
    if flight.air_spares is not None and flight.air_spares.until not in point_names(flight):
        known = point_names(flight)
        hint = shape.did_you_mean(flight.air_spares.until, known) or "give a via point that name"
        report((*key, "air_spares", "until"), f"{flight.air_spares.until!r} is no via point of it", hint)
    if not stays and not points and flight.origin == flight.destination:
        report((*key, "to"), "is where the flight comes from, and it goes nowhere between", "add via points")
    type_ = types[flight.aircraft]
    if type_ is not None and type_.judged:  # else said already
        _limits(key, flight, type_, report)
    for n, member in enumerate(flight.members):
        kind = types[member.aircraft]
        _detachment((*key, "members", n), flight, member, stays, report)
        if kind is not None and kind.judged:
            _member((*key, "members", n), flight, member, kind, report)


def _detachment(
    key: KeyPath, flight: shape.FlightSection, member: shape.MemberSection, stays: bool, report: Report
) -> None:
    """A stretch of its own that begins and ends at points there are."""
    known = point_names(flight)
    others = [name for name in ("via", "hold", "rejoin") if getattr(member, name)]
    others += ["to"] if member.destination is not None else []
    if member.leave is None:
        for name in others:
            report((*key, name), "is of a member that leaves its cell", "state leave, or take it out")
        return
    ends = [name for name in others if name in ("rejoin", "to")]
    if len(ends) != 1:
        what = (
            "says neither where it is back nor where it lands"
            if not ends
            else "both rejoins and lands elsewhere"
        )
        report((*key, "leave"), what, "state one of rejoin and to")
    named = "a via point of its flight, R1 for the end of the first contact, or station"
    contact = re.fullmatch(r"R[1-9]\d?", member.leave) is not None
    if not (member.leave in known or contact or (member.leave == "station" and stays)):
        hint = shape.did_you_mean(member.leave, known) or f"write {named}"
        report((*key, "leave"), f"{member.leave!r} is no point at which its cell can be left", hint)
    if member.rejoin is not None:
        if member.rejoin not in known:
            hint = shape.did_you_mean(member.rejoin, known) or "give a via point of the flight that name"
            report((*key, "rejoin"), f"{member.rejoin!r} is no via point of its flight", hint)
        elif member.leave in known and member.rejoin not in known[known.index(member.leave) + 1 :]:
            report(
                (*key, "rejoin"), f"{member.rejoin!r} does not come after {member.leave!r}", "swap the two"
            )


def _member(
    key: KeyPath, flight: shape.FlightSection, member: shape.MemberSection, kind: Aircraft, report: Report
) -> None:
    """Further aircraft of a cell: their load, and whether they can fly as the cell is told to."""
    most = kind.max_takeoff_mass_kg
    if kind.max_zero_fuel_mass_kg is not None:
        most = kind.max_zero_fuel_mass_kg
    room, payload = most - kind.operating_empty_mass_kg, member.payload or 0.0
    if payload > room:
        report((*key, "payload"), f"{_t(payload)} is more than the {_t(room)} that {kind.code} can carry")
    fastest = 0.95 if kind.mach_drag_divergence is None else kind.mach_drag_divergence + 0.05
    if flight.mach is not None and flight.mach > fastest:
        what = f"{kind.code} cannot fly at the M{flight.mach:.2f} asked of its cell: M{fastest:.2f} at most"
        report((*key, "aircraft"), what, "lower the flight's mach, or leave it out: the slowest governs")


def _limits(key: KeyPath, flight: shape.FlightSection, type_: Aircraft, report: Report) -> None:
    """Payload, fuel and ceiling against the catalogue; a figure it does not know is not judged."""
    empty, payload = type_.operating_empty_mass_kg, flight.payload or 0.0
    if type_.max_zero_fuel_mass_kg is not None:
        most, limit = type_.max_zero_fuel_mass_kg - empty, "its zero-fuel mass allows"
    else:
        most, limit = type_.max_takeoff_mass_kg - empty, "its take-off mass allows without any fuel"
    if payload > most:
        report((*key, "payload"), f"{_t(payload)} is more than the {_t(most)} that {limit} ({type_.code})")
    fuel = flight.takeoff_fuel
    if isinstance(fuel, float):
        room = type_.max_takeoff_mass_kg - empty - payload
        if fuel > type_.max_fuel_kg:
            report((*key, "takeoff_fuel"), f"{_t(fuel)} is more than its tanks hold, {_t(type_.max_fuel_kg)}")
        elif fuel > room >= 0.0:
            what = f"{_t(fuel)} is more than its take-off mass leaves for fuel, {_t(room)}"
            report((*key, "takeoff_fuel"), what, 'take off with less and refuel, or write "needed"')
    if flight.ceiling is not None and flight.ceiling > type_.ceiling_m:
        levels = f"FL{flight.ceiling / FOOT / 100:.0f} is above the ceiling of {type_.code}"
        report((*key, "ceiling"), f"{levels}, FL{math.floor(type_.ceiling_m / FOOT / 100)}")


def _t(mass: float) -> str:
    return f"{mass / 1000.0:.1f} t"


def _clock(clock: shape.ClockSection, sections: dict[str, Any], report: Report) -> None:
    if clock.anchor == "on_station" and not sections["station given"]:
        report(
            ("clock", "anchor"), "is on_station, but there is no [station]", "anchor on takeoff or landing"
        )
    if clock.anchor == "earliest":
        if not sections["order given"]:
            report(("clock", "anchor"), "is earliest, but there is no [order] to reckon from",
                   "write [order] with given = 2020-12-09T06:00:00Z and ready")  # fmt: skip
        if clock.time is not None:
            report(("clock", "time"), "is not used with the anchor earliest", "take it out")
    elif clock.time is None:
        report(("clock", "time"), "is required", "write it without quotes as 2020-12-10T10:00:00Z")


def _order(sections: dict[str, Any], report: Report) -> None:
    """Readiness is stated of flights and bases there are."""
    known: set[str] = set()
    for name in ("flights", "partners", "tankers"):
        for _, section in sections[name]:
            known.add(section.id)
            place = section.base if name == "tankers" else section.origin
            known.add(place.code)
    for name in sections["order"].readiness:
        if name not in known:
            what = f"{name!r} is no flight, tanker or partner of the mission, nor one of their bases"
            report(("order", "readiness", name), what, shape.did_you_mean(name, sorted(known)))


def _escorts(sections: dict[str, Any], report: Report) -> None:
    partners = {partner.id: partner for _, partner in sections["partners"]}
    kinds = ("always", "at_least", "exactly")
    served: dict[str, str] = {}
    for place, escort in sections["escort"]:
        key: KeyPath = ("escort", place)
        if any(other.id == escort.id for k, other in sections["escort"] if k < place):
            report((*key, "id"), f"{escort.id!r} is the id of another escort")
        given = [kind for kind in kinds if getattr(escort, kind) is not None]
        if len(given) != 1:
            said = "says nothing of how many" if not given else f"asks for {' and '.join(given)} at once"
            report(key, said, "write one of always, at_least and exactly")
            continue
        if escort.overlap is not None and given != ["always"]:
            report((*key, "overlap"), f"is not used with {given[0]}", "take it out or write always")
        _during((*key, "during"), escort.during or During("station"), sections, report)
        by = list(partners) if escort.by is None else escort.by
        if not by:
            report(key, "there are no [[partners]] to serve it")
        for number, id in enumerate(by):
            where: KeyPath = (*key, "by", number) if escort.by is not None else (*key, "by")
            if id not in partners:
                report(where, f"{id!r} is no partner of the mission", shape.did_you_mean(id, list(partners)))
            elif id in by[:number]:
                report(where, f"{id!r} is listed twice")
            elif id in served:
                report(where, f"{id!r} serves {served[id]} already", "a partner serves one escort")
            elif escort.by is None and partners[id].during is not None:
                report(where, f"{id!r} has a `during` of its own", "list those that serve, or take it out")
            served.setdefault(id, escort.id)
        here = [partners[id] for id in by if id in partners]
        if given == ["always"]:
            for partner in here:
                if partner.during is not None:
                    report((*key, "by"), f"{partner.id!r} has a `during` of its own", "the escort says when")
            there = sum(partner.available or partner.count for partner in here)
            if here and escort.always > there:
                what = f"asks for {escort.always} aircraft at once, its partners have {there}"
                report((*key, "always"), what, "state `available` of a partner, or ask for fewer")
        elif getattr(escort, given[0]) > len(by) > 0:
            what = f"asks for {getattr(escort, given[0])} partners, {len(by)} may serve"
            report((*key, given[0]), what, f"at most {len(by)}")


def _during(key: KeyPath, during: During, sections: dict[str, Any], report: Report) -> None:
    """A part of the first flight that there is."""
    if during.kind == "station" and not sections["station given"]:
        report(key, "is the station, but there is no [station]", 'write { from = "…", to = "…" }')
    flights = [flight for place, flight in sections["flights"] if place == 0]
    if during.kind != "stretch" or not flights:
        return
    known = point_names(flights[0])
    for end in (during.start, during.end):
        if end is not None and end not in known:
            hint = shape.did_you_mean(end, known) or (
                f"named are: {', '.join(known)}"
                if 0 < len(known) <= 8
                else 'give the point a name: { at = …, name = "…" }'
            )
            report(key, f"{end!r} is no via point of the first flight", hint)


def point_names(flight: shape.FlightSection) -> list[str]:
    """The names of a flight's via points, in order."""
    points = [*(flight.via or ()), *(flight.outbound_via or ()), *(flight.return_via or ())]
    return list(dict.fromkeys(point.name for point in points))


def _partner(key: KeyPath, partner: shape.PartnerSection, sections: dict[str, Any], report: Report) -> None:
    relays = any(
        escort.always is not None and (escort.by is None or partner.id in escort.by)
        for _, escort in sections["escort"]
    )
    if partner.together is None and not relays:
        report((*key, "together"), "is required", 'how long is it with the lead? for example "30 min"')
    if partner.during is not None:
        _during((*key, "during"), partner.during, sections, report)
    if partner.available is not None and partner.available < partner.count:
        report((*key, "available"), f"is {partner.available}, but a sortie takes {partner.count}")
    if not relays:
        for name in ("available", "turn"):
            if getattr(partner, name) is not None:
                what = "is for partners that take turns, and no [[escort]] with `always` names this one"
                report((*key, name), what, "take it out or write [[escort]]")
    for name, place in (("from", partner.origin), ("to", partner.destination)):
        if place is None or not place.country or place.country in partner.may_fly:
            continue
        what = f"{place.code} lies in {place.country}, whose airspace may_fly does not list"
        report((*key, name), what, f'add "{place.country}" to may_fly')


def _tanker(
    key: KeyPath,
    tanker: shape.TankerSection,
    lead: shape.FlightSection | None,
    types: Types,
    report: Report,
) -> None:
    from longreach.world import aircraft

    type_ = types[tanker.aircraft]
    if type_ is None or not type_.judged:
        return  # said already
    gear = type_.refuelling
    if not gear.gives:
        others = [each.code for each in aircraft.catalogue() if each.refuelling.gives]
        report((*key, "aircraft"), f"{type_.code} is not a tanker", f"known tankers: {', '.join(others)}")
        return
    _field_limits(key, tanker, type_, report)
    names = [] if lead is None else [lead.aircraft, *(member.aircraft for member in lead.members)]
    for receiving in [types[name] for name in dict.fromkeys(names)]:
        if receiving is None:
            continue
        receiver = receiving.refuelling
        if receiver.receives is None:
            what = f"there is a tanker, but {receiving.code} cannot be refuelled in the air"
            report((*key, "aircraft"), what)
        elif not gear.can_refuel(receiver):
            gives = " and ".join(gear.gives)
            what = f"{type_.code} gives fuel by {gives}, but {receiving.code} takes it by {receiver.receives}"
            fit = [each.code for each in aircraft.catalogue() if each.refuelling.can_refuel(receiver)]
            report((*key, "aircraft"), what, f"tankers that fit: {', '.join(fit)}")


def _field_limits(key: KeyPath, tanker: shape.TankerSection, type_: Aircraft, report: Report) -> None:
    """The take-off mass a field allows against the type's own."""
    mass = tanker.max_takeoff_mass
    if mass is None:
        return
    if mass > type_.max_takeoff_mass_kg + 0.5:
        what = f"{_t(mass)} is more than {type_.code} may take off with anywhere, {_t(type_.max_takeoff_mass_kg)}"
        report((*key, "max_takeoff_mass"), what, "leave it out where the field sets no limit")
    elif mass <= type_.operating_empty_mass_kg:
        what = f"{_t(mass)} leaves no fuel: {type_.code} weighs {_t(type_.operating_empty_mass_kg)} empty"
        report((*key, "max_takeoff_mass"), what)


def _abort(sections: dict[str, Any], report: Report) -> None:
    if sections["tankers"] and not sections["abort given"]:
        what = "is required where there are tankers: where can the flight land if a refuelling fails?"
        report(("abort",), what, 'write [abort] with bases = ["…"]')
    abort = sections["abort"]
    if abort is None:
        return
    if sections["tankers"] and not abort.bases:
        report(("abort", "bases"), "is empty, but there are tankers", "name the fields that are open")
    for place, base in enumerate(abort.bases):
        if base in abort.bases[:place]:
            report(("abort", "bases", place), f"{base.code} is listed twice")
    codes = [base.code for base in abort.bases]
    operators = {
        flight.operator for name in ("flights", "tankers", "partners") for _, flight in sections[name]
    }
    for place, shut in enumerate(abort.closed):
        key = ("abort", "closed", place)
        if shut.base.code not in codes:
            what = f"{shut.base.code} is none of abort.bases, so it is open to nobody as it is"
            report((*key, "base"), what, shape.did_you_mean(shut.base.code, codes) or "take it out")
        if shut.to and operators and not operators & set(shut.to):
            what = f"shuts {shut.base.code} to {', '.join(shut.to)} alone: no flight, tanker or partner is theirs"
            report((*key, "to"), what, f"operators here: {', '.join(sorted(operators))}")
        if shut.since and shut.until and shut.until <= shut.since:
            report((*key, "until"), "is not after `from`", "swap the two")


def _refuelling(sections: dict[str, Any], report: Report) -> None:
    if sections["refuelling"] is not None and not sections["tankers given"]:
        report(("refuelling",), "has no effect: there are no tankers", "take it out, or add [[tankers]]")
    if sections["refuelling"] is not None:
        _places(sections["refuelling"], sections["airspace"], report)


def _places(section: shape.RefuellingSection, airspace: shape.AirspaceSection | None, report: Report) -> None:
    """Where contacts may be: States, tracks, areas."""
    closed = set(airspace.closed) if airspace is not None else set()
    for name in ("over", "not_over"):
        codes = getattr(section, name) or []
        for place, code in enumerate(codes):
            if code in codes[:place]:
                report(("refuelling", name, place), f"{code} is listed twice")
            elif name == "over" and code in section.not_over:
                report(("refuelling", name, place), f"{code} is in not_over too", "keep one")
            elif name == "over" and code in closed:
                report(
                    ("refuelling", name, place), f"{code} is closed airspace", "take it out of one of the two"
                )
    names: list[str] = []
    for place, track in enumerate(section.tracks):
        key: KeyPath = ("refuelling", "tracks", place)
        if track.name in names:
            report((*key, "name"), f"{track.name!r} is already the name of a track")
        names.append(track.name)
        if track.anchor is not None and (track.start is not None or track.end is not None):
            report(key, "is both an anchor and a track", "keep anchor, or from and to")
        elif track.anchor is None and (track.start is None or track.end is None):
            report(key, "needs from and to, or anchor", 'for example anchor = "36.0,-7.5"')
        elif track.start is not None and track.start == track.end:
            report((*key, "to"), "is where the track begins", "write anchor for a single place")
    for place, area in enumerate(section.forbidden):
        key = ("refuelling", "forbidden", place)
        circle = area.centre is not None, area.radius is not None
        if area.polygon is not None and any(circle):
            report(key, "is stated twice: polygon and circle", "keep one")
        elif area.polygon is None and not all(circle):
            report(key, "needs centre and radius, or a polygon")
        elif area.polygon is not None:
            _polygon((*key, "polygon"), area.polygon, report)


# -- airspace and winds -----------------------------------------------------------------------------


def _airspace(
    section: shape.AirspaceSection, folder: Path, report: Report, report_elsewhere: Callable[[Fault], None]
) -> None:
    for place, code in enumerate(section.closed):
        if code in section.closed[:place]:
            report(("airspace", "closed", place), f"{code} is listed twice")
    if "ALL" in section.closed and len(set(section.closed)) > 1:
        report(("airspace", "closed"), "ALL holds every State already", "leave the others out")
    sea = section.territorial_sea
    if sea is not None and section.belt == "nearest" and abs(sea - 12.0 * NAUTICAL_MILE) > 1e-6:
        what = f"nearest belts are shipped for 12 nm, not for {sea / NAUTICAL_MILE:g} nm"
        report(("airspace", "territorial_sea"), what, 'write belt = "plain"')
    if not section.closed and section.closures is None and section.stand_off is not None:
        report(("airspace", "stand_off"), "keeps away from nothing: no State and no area is closed")
    if section.closures is None:
        return
    path = folder / section.closures
    if not path.is_file():
        report(
            ("airspace", "closures"), f"there is no file {path}", "the path is relative to the mission file"
        )
        return
    from longreach.world.closures import read_closures

    try:
        read_closures(path, section.stand_off or 0.0)
    except InputError as error:
        for fault in error.faults:
            report_elsewhere(fault)


def _winds(
    winds: shape.WindsSection, folder: Path, report: Report, report_elsewhere: Callable[[Fault], None]
) -> None:
    given = {"from": winds.origin is not None, "speed": winds.speed is not None}
    for name, present in given.items():
        if winds.source != "constant" and present:
            where = {"still": "in still air", "file": "with a wind pack"}.get(
                winds.source, "with the mean of the month"
            )
            report(("winds", name), f"is not used {where}", 'take it out or write source = "constant"')
        if winds.source == "constant" and not present:
            report(("winds", name), "is required for a constant wind", 'for example from = "270 deg"')
    if winds.source != "file" and winds.pack is not None:
        report(("winds", "pack"), f'is not used with source = "{winds.source}"', 'write source = "file"')
    spread = winds.spread
    if winds.reliability is not None and (spread == 0.0 if winds.source == "climatology" else not spread):
        what = "has no effect: the spread of the wind is 0 kt"
        report(("winds", "reliability"), what, 'state a spread, for example spread = "15 kt"')
    if winds.source != "file":
        return
    if winds.pack is None:
        report(("winds", "pack"), "is required for winds from a file", 'for example pack = "gfs.pack"')
        return
    path = folder / winds.pack
    if not path.is_file():
        report(("winds", "pack"), f"there is no file {path}", "the path is relative to the mission file")
        return
    from longreach.world.winds import pack

    try:
        pack.read(path)
    except InputError as error:
        for fault in error.faults:
            report_elsewhere(fault)
