"""A mission file read whole: every fault of its text, shape and sense at once, or a Mission."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from longreach.document import sha256
from longreach.errors import Fault, InputError
from longreach.locate import KeyPath, key_lines, line_of
from longreach.mission import shape
from longreach.mission.model import (
    AirspaceRules,
    AirSpares,
    Clock,
    Crew,
    Detachment,
    During,
    Escort,
    Forbidden,
    Formation,
    LeadFlight,
    Mission,
    Order,
    PartnerFlight,
    Refuelling,
    RefuellingTrack,
    Reserves,
    Shut,
    Station,
    TankerBase,
    Winds,
)
from longreach.mission.sense import check
from longreach.toml import decoded, parsed, read_bytes
from longreach.units import FOOT, HOUR, KNOT, MINUTE, NAUTICAL_MILE
from longreach.world.aircraft import Aircraft
from longreach.world.aircraft import load as load_type
from longreach.world.winds.climatology import SIGMA

MOST_FAULTS = 50  # printed; the rest are counted
MOST_ROWS = 50  # of one array of tables; shape.py allows no more

# What stands where the file says nothing. Each is named among the mission's assumptions.
TERRITORIAL_SEA = 12.0 * NAUTICAL_MILE  # UN Convention on the Law of the Sea, article 3
FINAL_RESERVE = 30.0 * MINUTE  # ICAO Annex 6 Part I, 4.3.6.3 e): turbine aeroplanes, 1,500 ft
CONTINGENCY = 0.05  # ICAO Annex 6 Part I, 4.3.6.3 c)
DOUBT = 0.95
REPORT_BEFORE = 2.0 * HOUR
RELEASE_AFTER = 1.0 * HOUR
LONGEST_FLOW = (
    45.0 * MINUTE
)  # of fuel in one contact; published contacts of big receivers last 30 to 60 min in all
OVERLAP = 5.0 * MINUTE
SHORTEST_TURN = 5.0 * MINUTE  # with the lead, of a partner that takes turns and says no time of its own
CELL = 3
SPACING = 1.0 * NAUTICAL_MILE  # cells in echelon, 1 to 2 nm and 500 ft steps: docs/planning.md
CELL_SPACING = 5.0 * NAUTICAL_MILE
STEP = 500.0 * FOOT
STATION_KEEPING = 0.045  # 1.15 / 1.10: planning factors in formation and in clean cruise, docs/planning.md

S = TypeVar("S", bound=BaseModel)


def load(path: Path | str) -> Mission:
    """The mission in the file at `path`.

    Raises: InputError with every fault found: the file cannot be read, is larger than 1 MB, is not UTF-8
    TOML, or says something that cannot be.
    """
    hint = "`longreach examples list` shows the missions that come with Longreach"
    data = read_bytes(Path(path), "a mission file", hint)
    return _parse(data, str(path))


def parse(text: str, file: str | None = None) -> Mission:
    """The mission in a text; `file` is the path to name in faults and to resolve `closures` against.

    Raises: InputError with every fault found.
    """
    return _parse(text.encode("utf-8", "surrogatepass"), file)


def _parse(data: bytes, file: str | None) -> Mission:
    text = decoded(data, file, "start one with `longreach examples copy gulf-2020-12-10`")
    values = parsed(text, file)
    lines = key_lines(text)
    faults: list[Fault] = []

    def report(key: KeyPath, what: str, hint: str | None = None) -> None:
        path = ".".join(str(part)[:60] for part in key)
        faults.append(Fault(what, file=file, line=line_of(lines, key) or 1, key=path or None, hint=hint))

    sections = _shaped(values, report)
    folder = Path(file).parent if file else Path()
    other: list[Fault] = []  # faults of the files the mission names
    check(sections, folder, report, other.append)
    if faults or other:
        faults.sort(key=lambda fault: fault.line or 0)
        faults += other
        if len(faults) > MOST_FAULTS:
            more = len(faults) - MOST_FAULTS
            faults = [*faults[:MOST_FAULTS], Fault(f"and {more:,} more faults", file=file)]
        raise InputError(faults)
    return _mission(shape.MissionFile.model_validate(values), text, sha256(data), file, folder)


# -- shape ------------------------------------------------------------------------------------------


def _shaped(values: dict[str, Any], report: Callable[..., None]) -> dict[str, Any]:
    """The sections of the file that have the right shape, by name; faults of the others go to `report`."""
    try:
        shape.MissionFile.model_validate(values)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        for each in errors:
            _report_shape(each, errors, report)
    known = _keys_at(())
    misspelt = {shape.nearest(key, known) for key in values if key not in known}
    sections: dict[str, Any] = {}
    for name, model, many in _SECTIONS:
        raw = values.get(name)
        if many:
            rows = raw[:MOST_ROWS] if isinstance(raw, list) else []
            sections[name] = [(n, section) for n, row in enumerate(rows) if (section := _try(model, row))]
        else:
            sections[name] = _try(model, raw) if raw is not None else None
        sections[f"{name} given"] = raw is not None or name in misspelt
    return sections


_SECTIONS: tuple[tuple[str, type[BaseModel], bool], ...] = (
    ("clock", shape.ClockSection, False),
    ("station", shape.StationSection, False),
    ("flights", shape.FlightSection, True),
    ("airspace", shape.AirspaceSection, False),
    ("partners", shape.PartnerSection, True),
    ("escort", shape.EscortSection, True),
    ("tankers", shape.TankerSection, True),
    ("refuelling", shape.RefuellingSection, False),
    ("abort", shape.AbortSection, False),
    ("winds", shape.WindsSection, False),
    ("order", shape.OrderSection, False),
)


def _try(model: type[S], raw: object) -> S | None:
    try:
        return model.model_validate(raw)
    except ValidationError:
        return None


def _keys_at(path: KeyPath) -> list[str]:
    """The keys the file may hold at a path; [] where nothing is known of it."""
    model: type[BaseModel] | None = shape.MissionFile
    for part in path:
        if isinstance(part, int) or model is None:
            continue
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        model = _model_in(fields[part].annotation) if part in fields else None
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        if found := _model_in(part):
            return found
    return None


def _report_shape(error: Any, errors: list[Any], report: Callable[..., None]) -> None:
    path: KeyPath = error["loc"]
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    last = str(path[-1]) if path else ""
    if kind == "longreach":
        report(path, context["what"], context["hint"] or None)
    elif kind == "missing":
        keys = _keys_at(path[:-1])
        if not any(
            other["type"] == "extra_forbidden"
            and other["loc"][:-1] == path[:-1]
            and shape.nearest(other["loc"][-1], keys) == last
            for other in errors
        ):
            report(path, "is required" if path != ("flights",) else "there is no flight", _MISSING.get(path))
    elif kind == "extra_forbidden":
        hint = shape.did_you_mean(last, _keys_at(path[:-1])) or _belongs(last, path[:-1])
        report(path, "is not a key of " + (_section(path[:-1]) or "the mission file"), hint)
    elif kind == "literal_error":
        report(
            path, f"{shape.shown(value)} is not a format this version reads", f"write {context['expected']}"
        )
    elif kind in ("model_type", "dict_type"):
        hint = f"write [{last}]" if isinstance(value, list) and len(path) == 1 else None
        report(path, f"must be a table, not {shape.kind(value)}", hint)
    elif kind == "list_type":
        hint = f"write [[{last}]]" if isinstance(value, dict) else "write it in brackets, [ … ]"
        report(path, f"must be a list, not {shape.kind(value)}", hint)
    elif kind == "too_long":
        report(path, f"has {context['actual_length']:,} entries; at most {context['max_length']}")
    elif kind == "too_short":
        report(path, "is empty; at least one is needed")
    else:
        report(path, error["msg"])


_MISSING: dict[KeyPath, str] = {
    ("schema",): 'write schema = "longreach.mission/1"',
    ("flights",): "write [[flights]] with id, aircraft, operator, from and to",
    ("clock",): "write [clock] with anchor and time",
}


def _section(path: KeyPath) -> str:
    names = [str(part) for part in path if isinstance(part, str)]
    return f"[{names[0]}]" if names else ""


def _belongs(key: str, path: KeyPath) -> str | None:
    """Where a key that is in the wrong table belongs."""
    homes = [name for name, _, many in _SECTIONS if key in _keys_at((name, 0) if many else (name,))]
    homes = [name for name in homes if (name,) != path[:1]]
    if len(homes) == 1:
        return f"{key} belongs in [{homes[0]}]"
    known = _keys_at(path)
    return f"known: {', '.join(known)}" if known and len(known) <= 16 else None


# -- the mission ------------------------------------------------------------------------------------


def _mission(given: shape.MissionFile, text: str, digest: str, file: str | None, folder: Path) -> Mission:
    notes: list[str] = []

    def default(value: Any, instead: Any, words: str) -> Any:
        """`value`, or the default, which is then among the assumptions."""
        if value is not None:
            return value
        notes.append(words)
        return instead

    sections = (given.flights, given.partners, given.tankers)
    named = {section.aircraft for rows in sections for section in rows}
    named |= {member.aircraft for flight in given.flights for member in flight.members}
    types = {name: load_type(name, folder) for name in sorted(named)}
    flights = tuple(_lead(flight, types, default) for flight in given.flights)
    airspace = given.airspace or shape.AirspaceSection()
    order = _order(given.order, default) if given.order else None
    reserves = given.reserves or shape.ReservesSection()
    refuelling = given.refuelling or shape.RefuellingSection()
    crew = given.crew or shape.CrewSection()
    rules = AirspaceRules(
        closed=tuple(airspace.closed),
        stand_off_m=default(airspace.stand_off, 0.0, "stand-off not stated: 0 nm")
        if _closes(airspace)
        else 0.0,
        territorial_sea_m=default(
            airspace.territorial_sea, TERRITORIAL_SEA, "territorial sea not stated: 12 nm (UNCLOS, article 3)"
        )
        if airspace.closed
        else TERRITORIAL_SEA,
        belt=airspace.belt,
        atlas=airspace.atlas,
        closures_file=folder / airspace.closures if airspace.closures else None,
    )
    if not _closes(airspace):
        notes.append("no airspace is closed: every State is taken to have given leave to cross it")
    return Mission(
        name=given.name,
        description=given.description or "",
        seed=given.seed,
        clock=_clock(given.clock, order, flights[0]),
        station=_station(given.station) if given.station else None,
        flights=flights,
        partners=tuple(_partner(partner, types[partner.aircraft].code) for partner in given.partners),
        escorts=tuple(_escort(escort, given.partners, default) for escort in given.escort),
        order=order,
        tankers=tuple(
            TankerBase(
                each.id,
                types[each.aircraft].code,
                each.operator,
                each.base,
                each.available,
                max_takeoff_kg=each.max_takeoff_mass,
                ground_spares=each.ground_spares,
                airborne_spares=each.airborne_spares,
                turn_time_s=each.turn_time,
                crew_day_s=each.crew_day,
                buddy=each.buddy,
            )
            for each in given.tankers
        ),
        airspace=rules,
        abort_bases=tuple(given.abort.bases) if given.abort else (),
        shut=tuple(_shut(each) for each in given.abort.closed) if given.abort else (),
        refuelling=Refuelling(
            default(
                refuelling.longest_flow, LONGEST_FLOW, "longest flow of fuel not stated: 45 min a contact"
            )
            if given.tankers
            else LONGEST_FLOW,
            refuelling.most_onload,
            relay=refuelling.relay,
            over=None if refuelling.over is None else tuple(refuelling.over),
            not_over=tuple(refuelling.not_over),
            tracks=tuple(
                RefuellingTrack(each.name, each.start or each.anchor or (0.0, 0.0), each.end, each.must)
                for each in refuelling.tracks
            ),
            detours=refuelling.detours,
            forbidden=tuple(_forbidden(each) for each in refuelling.forbidden),
            rendezvous=default(refuelling.rendezvous, "en route", "rendezvous not stated: en route")
            if given.tankers
            else "en route",
        ),
        reserves=Reserves(
            final_s=default(reserves.final, FINAL_RESERVE, "final reserve not stated: 30 min of holding"),
            contingency=default(reserves.contingency, CONTINGENCY, "contingency fuel not stated: 5 %"),
            doubt=default(reserves.doubt, DOUBT, "margin for doubt not stated: 95 %"),
        ),
        winds=_winds(given.winds or shape.WindsSection(), given.winds is None, folder, default),
        crew=Crew(
            default(crew.report_before, REPORT_BEFORE, "crew report not stated: 2 h before take-off"),
            default(crew.release_after, RELEASE_AFTER, "crew release not stated: 1 h after landing"),
        ),
        assumptions=tuple(notes),
        text=text,
        sha256=digest,
        file=file,
        types=tuple(each for each in types.values() if each.file),
    )


def _shut(entry: shape.ShutSection) -> Shut:
    return Shut(
        entry.base.code, tuple(entry.to or ()), entry.since, entry.until, entry.daily, entry.why or ""
    )


def _closes(airspace: shape.AirspaceSection) -> bool:
    return bool(airspace.closed or airspace.closures)


def _lead(
    flight: shape.FlightSection, types: dict[str, Aircraft], default: Callable[[Any, Any, str], Any]
) -> LeadFlight:
    fuel = flight.takeoff_fuel
    lead = LeadFlight(
        id=flight.id,
        aircraft=types[flight.aircraft].code,
        count=flight.count,
        operator=flight.operator,
        origin=flight.origin,
        destination=flight.destination,
        payload_kg=default(flight.payload, 0.0, f"payload of {flight.id} not stated: 0 t"),
        outbound_via=tuple(flight.outbound_via or flight.via or ()),
        return_via=tuple(flight.return_via or ()),
        mach=flight.mach,
        ceiling_m=flight.ceiling,
        takeoff_fuel="given" if isinstance(fuel, float) else fuel,
        takeoff_fuel_kg=fuel if isinstance(fuel, float) else None,
        formation=_formation(flight.id, flight.formation, default) if flight.formation else None,
        air_spares=AirSpares(flight.air_spares.count, flight.air_spares.until) if flight.air_spares else None,
    )
    if not flight.members:
        return lead
    kinds = [types[name] for name in (flight.aircraft, *(each.aircraft for each in flight.members))]
    slowest = min(kinds, key=lambda kind: kind.cruise_mach)
    if lead.mach is None:
        lead = replace(lead, mach=slowest.cruise_mach)
        words = f"the cell {flight.id} flies at M{slowest.cruise_mach:.3g}, the long-range cruise of its slowest, the"
        default(None, None, f"{words} {slowest.code}")
    members, ahead = [], lead.count
    for each in flight.members:
        members.append(
            replace(
                lead,
                id=each.id,
                aircraft=types[each.aircraft].code,
                count=each.count,
                payload_kg=default(each.payload, 0.0, f"payload of {each.id} not stated: 0 t"),
                takeoff_fuel="full" if fuel == "full" else "needed",
                takeoff_fuel_kg=None,
                air_spares=None,
                cell_of=flight.id,
                ahead=ahead,
                destination=each.destination or lead.destination,
                detachment=Detachment(each.leave, tuple(each.via), each.hold or 0.0, each.rejoin or "")
                if each.leave
                else None,
            )
        )
        ahead += each.count
    return replace(lead, members=tuple(members))


def _formation(id: str, given: shape.FormationSection, default: Callable[[Any, Any, str], Any]) -> Formation:
    what = f"of {id} not stated"
    return Formation(
        cell=default(given.cell, CELL, f"aircraft in a cell {what}: {CELL}"),
        spacing_m=default(given.spacing, SPACING, f"spacing in trail {what}: 1 nm"),
        cell_spacing_m=default(given.cell_spacing, CELL_SPACING, f"spacing of cells {what}: 5 nm"),
        step_m=default(given.step, STEP, f"stack step {what}: 500 ft, each below the one ahead"),
        station_keeping=default(
            given.station_keeping,
            STATION_KEEPING,
            f"fuel to keep station {what}: 4.5 % of the leader's burn",
        ),
    )


def _clock(given: shape.ClockSection, order: Order | None, first: LeadFlight) -> Clock:
    if given.time is not None:
        return Clock(given.anchor, given.time)
    assert order is not None  # sense.py has seen to it
    return Clock(given.anchor, order.given_utc + timedelta(seconds=order.ready(first.id, first.origin.code)))


def _order(given: shape.OrderSection, default: Callable[[Any, Any, str], Any]) -> Order:
    return Order(
        given.given,
        default(given.ready, 0.0, "readiness not stated: 0 min from the order to take-off"),
        tuple(sorted(given.readiness.items())),
    )


def _escort(
    given: shape.EscortSection,
    partners: Sequence[shape.PartnerSection],
    default: Callable[[Any, Any, str], Any],
) -> Escort:
    kind = next(kind for kind in ("always", "at_least", "exactly") if getattr(given, kind) is not None)
    overlap = 0.0
    if kind == "always":
        overlap = default(given.overlap, OVERLAP, f"overlap of reliefs of {given.id} not stated: 5 min")
    by = tuple(given.by) if given.by is not None else tuple(partner.id for partner in partners)
    during = given.during or During("station")
    return Escort(given.id, during, kind, getattr(given, kind), overlap, by)


def _partner(partner: shape.PartnerSection, code: str) -> PartnerFlight:
    return PartnerFlight(
        id=partner.id,
        aircraft=code,
        count=partner.count,
        operator=partner.operator,
        origin=partner.origin,
        destination=partner.destination or partner.origin,
        may_fly=tuple(partner.may_fly),
        together_s=SHORTEST_TURN if partner.together is None else partner.together,
        available=partner.count if partner.available is None else partner.available,
        turn_s=partner.turn,
        during=partner.during,
    )


def _forbidden(area: shape.ForbiddenSection) -> Forbidden:
    from longreach.mission.sense import middle

    lat, lon = area.centre if area.centre is not None else middle(area.polygon or [])
    return Forbidden(area.name, lat, lon, area.radius, tuple(area.polygon or ()))


def _station(station: shape.StationSection) -> Station:
    from longreach.mission.sense import middle

    kind = station.shape or (
        "polygon" if station.polygon else "orbit" if station.axis is not None else "circle"
    )
    lat, lon = station.centre if station.centre is not None else middle(station.polygon or [])
    return Station(
        name=station.name,
        shape=kind,
        lat=lat,
        lon=lon,
        time_s=station.time,
        radius_m=station.radius,
        polygon=tuple(station.polygon or ()),
        axis_deg=station.axis,
        leg_m=station.leg,
        width_m=station.width,
    )


def _winds(
    winds: shape.WindsSection, absent: bool, folder: Path, default: Callable[[Any, Any, str], Any]
) -> Winds:
    if absent:
        default(None, None, "winds not stated: the mean wind of the month")
    usual = SIGMA if winds.source == "climatology" else 0.0
    words = f"spread of the wind not stated: {usual / KNOT:.0f} kt"
    if winds.source == "climatology":
        words += ", one sigma of a long leg about the mean of the month"
    sigma = default(winds.spread, usual, words)
    blows_from = math.radians(winds.origin or 0.0)
    speed = winds.speed or 0.0
    return Winds(
        winds.source,
        u_mps=-speed * math.sin(blows_from) + 0.0,
        v_mps=-speed * math.cos(blows_from) + 0.0,
        sigma_mps=sigma,
        pack=folder / winds.pack if winds.pack else None,
        reliability=0.5 if winds.reliability is None else winds.reliability,
        bias_mps=winds.bias or 0.0,
    )
