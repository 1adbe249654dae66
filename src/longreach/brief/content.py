"""What a pack holds: the plan's figures in words and rows, the same for the page and for the PDF.

Plain text and lists only, ready for JSON; how it is set is the business of `page` and `pdf`.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from itertools import pairwise
from typing import Any

from longreach import geodesy
from longreach.brief import More, company, firs, formation, globe, maps, names, navlog, story
from longreach.brief.reading import Check, Flight, Plan, moment
from longreach.page import words
from longreach.units import FOOT, KNOT

GLOSSARY = (
    (
        "Abort base, way out",
        "A field where the receiver can land if a refuelling fails, with reserve still on board.",
    ),
    (
        "Belt, national airspace",
        "A State's land and the water within 12 nm that is nearer to it than to any other.",
    ),
    ("Bound", "A figure no plan can beat, proved; the distance to it is how much could at most be gained."),
    ("Contact", "The time during which fuel flows from tanker to receiver."),
    (
        "Equal-time point",
        "Where two fields are equally far through the air; past it there is no sense in turning to the first.",
    ),
    ("FL350", "Flight level: 35,000 ft of pressure altitude on the standard atmosphere."),
    ("Margin", "Fuel on board less fuel required at that moment, after the margin for doubt."),
    ("nm", "Nautical mile, 1,852 m exactly. One knot (kt) is one nautical mile an hour."),
    ("Offload, onload", "Fuel given by a tanker, fuel taken on by a receiver."),
    ("Reserve", "Fuel that must be left at landing: final reserve, contingency and the margin for doubt."),
    ("Sortie", "One take-off of one aircraft."),
    ("Stand-off", "The least distance to be kept from the boundary of a closed area."),
    ("Station", "The area in which the flight is asked to stay for a time."),
    ("UTC", "Coordinated universal time, the clock of aviation. All times are UTC unless a place is named."),
)

CAUTION = (
    "For analysis, exercise and education. Not for navigation. Made from public data; every figure carries its "
    "source and error."
)

DECISION_RULE = (
    "The nearest way out at every moment, nothing more taken on, and what to do if a contact fails. Where it "
    "changes from one field to another, both are equally far through the air: the equal-time point between them."
)

FIR_RULE = (
    "Outlines from the user's own file. In a flight information region a flight plan and contact with its air "
    "traffic services are asked for; over the high seas no State's leave is needed, and State aircraft fly with "
    "due regard for others (Chicago Convention, Articles 12 and 3(d))."
)
FLOWN_HEADS = (
    "Flight", "Planned", "Flown", "Late at the end", "Late at most, at a point", "Cross-track at most", "End off by",
)  # fmt: skip

CONSENT_RULE = (
    "State aircraft (military, customs, police) may not fly over another State without its authorisation: "
    "Convention on International Civil Aviation (Chicago, 1944), Article 3(c). Civil flights: Articles 5 and 6."
)

LIMITS = (
    "It is made from public data for analysis, exercise and education. It is not for navigation and not for filing.",
    "Weather, icing, turbulence, notices to airmen, air traffic flow and runway condition are not considered; "
    "winds only as stated under assumptions.",
    "Whether a State would say yes is not known; the brief only says whom to ask.",
    "Flight information regions are a different thing from national airspace and are not drawn.",
    "Aircraft performance is fitted to published figures. The error band beside each fuel figure is the measure "
    "of that doubt; loads, stores, age and formation change it.",
    "Borders follow the named source. They take no side in any dispute.",
    "Frequencies, call signs and rendezvous procedures are left to the crew.",
)


def pack(plan: Plan, plan_sha256: str, beside: More) -> dict[str, Any]:
    """Everything a pack says, as text and rows.

    Parameters
    ----------
    plan_sha256 : of the plan document, printed so that a pack can be held against its plan
    """
    lead = plan.lead
    contacts = story.contacts(plan)
    zones = story.zones(plan)
    near = _airspace(plan)
    return {
        "name": plan.name,
        "feasible": plan.feasible,
        "status": "Feasible: every check met" if plan.feasible else "Not feasible",
        "caution": CAUTION,
        "headline": story.headline(plan),
        "standfirst": story.standfirst(plan),
        "when": _when(plan),
        "version": plan.version,
        "plan_sha256": plan_sha256,
        "data_dates": _data_dates(plan),
        "lead": None if lead is None else {"aircraft": lead.aircraft, "count": lead.count, "id": lead.id,
                                           "cell": lead.cell is not None,
                                           "band_pct": lead.fuel["band_pct"]},
        "figures": [{"label": f.label, "value": f.value, "note": f.note} for f in story.key_figures(plan)],
        "shortfalls": [_shortfall(item) for item in plan.shortfalls],
        "contacts": [_contact(plan, contact, zones) for contact in contacts],
        "joins": [_join(plan, join) for join in plan.joins],
        "formation": formation.lines(plan),
        "formation_heads": list(formation.HEADS),
        "formation_rows": formation.rows(plan),
        "escorts": company.escort_lines(plan),
        "order": company.order_lines(plan),
        "ready_rows": company.ready_rows(plan),
        "decisions": _by_flight(plan, _decisions(plan, contacts)),
        "alternates": _alternates(plan),
        "airspace": [row for row in near if row["near"]],
        "airspace_rest": [row for row in near if not row["near"]],
        "borders": _borders(plan),
        "overflight": _overflight(plan),
        "consents": _consents(plan),
        "firs": _firs(plan, beside),
        "fir_rule": FIR_RULE,
        "flown_heads": list(FLOWN_HEADS),
        "flown": _flown(beside, plan_sha256),
        "schedule": [_schedule(plan, flight, zones) for flight in _by_takeoff(plan)],
        "logs": [navlog.log(plan, flight) for flight in plan.flights],
        "magnetic": _magnetic(plan),
        "winds": _winds(plan),
        "wind_rows": _wind_rows(plan, contacts),
        "crew": [_crew(plan, day) for day in plan.crew],
        "light": _light(plan, zones),
        "light_total": _light_total(plan),
        "checks": [_check(check) for check in sorted(plan.checks, key=lambda check: check.ok)],
        "failed": sum(not check.ok for check in plan.checks),
        "assumptions": list(plan.assumptions),
        "warnings": list(plan.warnings),
        "limits": [*LIMITS, *plan.limits],
        "data": _data(plan, plan_sha256),
        "types": _types(plan),
        "sources": _sources(plan),
        "glossary": [list(entry) for entry in GLOSSARY],
        "consent_rule": CONSENT_RULE,
        "decision_rule": DECISION_RULE,
        "mission_text": plan.mission_text,
    }  # fmt: skip


def _firs(plan: Plan, beside: More) -> list[dict[str, Any]]:
    """Flight information regions entered, from the user's outlines; [] without any."""
    if not beside.firs:
        return []
    leads = {flight.id for flight in plan.role("lead")}
    return [
        {
            "fir": visit.fir,
            "lead": visit.flight in leads,
            "flight": visit.flight,
            "enter": _stamp(visit.enter_s),
            "leave": _stamp(visit.leave_s),
            "inside": words.duration(visit.leave_s - visit.enter_s),
        }
        for visit in firs.entered(plan, beside.firs)
    ]


def _flown(beside: More, plan_sha256: str) -> dict[str, Any] | None:
    """How a second engine flew the plan, in sentences; None where none did."""
    if beside.flown is None:
        return None
    engine = str(beside.flown.get("engine", "a second engine"))
    if beside.flown.get("plan_sha256") != plan_sha256:
        return {"engine": engine, "note": "Its report beside this plan is of another plan and is not shown.",
                "rows": [], "faults": []}  # fmt: skip
    pieces = beside.flown.get("pieces")
    return {
        "engine": engine,
        "note": words.sentence(str(beside.flown.get("note", ""))),
        "rows": [
            [
                str(piece.get("flight", "")),
                f"{piece.get('planned_nm', 0.0):,.1f} nm",
                f"{piece.get('flown_nm', 0.0):,.1f} nm ({piece.get('distance_pct', 0.0):+.3f} %)",
                f"{piece.get('late_at_end_s', 0.0):+.0f} s",
                f"{piece.get('late_at_most_s', 0.0):.0f} s",
                f"{piece.get('cross_track_nm', 0.0):.1f} nm",
                f"{piece.get('end_off_nm', 0.0):.2f} nm",
            ]
            for piece in (pieces if isinstance(pieces, list) else [])
            if isinstance(piece, dict)
        ],
        "faults": [str(each) for each in beside.flown.get("faults") or []],
    }


def _by_flight(plan: Plan, rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Points of decision flight by flight, in the order of the plan; a title where there is more than one."""
    flights = list(dict.fromkeys(row["flight"] for row in rows))
    flights.sort(key=lambda id: next((n for n, each in enumerate(plan.flights) if each.id == id), 0))
    found = []
    for id in flights:
        flight = plan.flight(id)
        what = f"{id}: {flight.count} × {flight.aircraft}" if flight is not None else id
        own = [row for row in rows if row["flight"] == id]
        found.append({"title": what if len(flights) > 1 else "", "rows": own})
    return found


def _decisions(plan: Plan, contacts: list[story.Contact]) -> list[dict[str, str]]:
    """Points of decision in order of time: where the way out changes, and what to do if a contact fails.

    The way out is the field the plan names as the nearest through the air at that moment, by a lawful way; where
    it changes from one to another is the equal-time point between them.
    """
    found: list[tuple[float, int, dict[str, str]]] = [
        (row.until_s, 2, _no_return(plan, row)) for row in story.points_of_no_return(plan)
    ]
    found += [(row.time_s, 0, _equal_time(plan, row)) for row in plan.equal_times]
    told = {row.flight for row in plan.equal_times}
    for flight in plan.flights:
        stated = [each for each in plan.ways_out if each.flight == flight.id and flight.id not in told]
        if len(stated) < 2:
            continue
        begins = [n for n, each in enumerate(stated) if n == 0 or each.base != stated[n - 1].base]
        for number, first in enumerate(begins):
            last = begins[number + 1] if number + 1 < len(begins) else len(stated)
            part = stated[first:last]
            spare = [float(_fuel_at(flight, each.time_s)) - each.required_kg for each in part]
            tightest = int(min(range(len(part)), key=lambda n: spare[n]))
            until = stated[last].time_s if last < len(stated) else flight.landing_s
            row = int(min(max((flight.time_s <= part[0].time_s).sum() - 1, 0), flight.lat.size - 1))
            found.append((part[0].time_s, 0, {
                "flight": flight.id,
                "kind": "way out",
                "when": _span(part[0].time_s, until),
                "after": words.duration(part[0].time_s - flight.takeoff_s),
                "where": words.position(float(flight.lat[row]), float(flight.lon[row])),
                "what": f"nearest way out: {globe.place_label(part[0].base)}",
                "base": part[0].base,
                "needed": words.mass(part[tightest].required_kg),
                "margin": words.mass(spare[tightest]),
                "tightest": f"{_stamp(part[tightest].time_s)}",
            }))  # fmt: skip
    for contact in contacts:
        receiver = plan.flight(contact.receiver)
        last_record = max(contact.records, key=lambda record: record.end_s)
        found.append((contact.end_s, 1, {
            "flight": contact.receiver,
            "kind": "contact",
            "when": f"by {_stamp(contact.end_s)}",
            "after": words.duration(contact.end_s - receiver.takeoff_s) if receiver else "",
            "where": words.position(*contact.end),
            "what": f"if nothing is taken on at contact {contact.number}: "
                    + (story.choice(plan, contact)
                       or f"divert to {globe.place_label(last_record.abort_base)} with "
                          f"{words.mass(last_record.abort_available_kg)}"),
            "base": last_record.abort_base,
            "needed": words.mass(last_record.abort_needed_kg),
            "margin": words.mass(last_record.abort_margin_kg),
            "tightest": _stamp(contact.end_s),
        }))  # fmt: skip
    return [row for _, _, row in sorted(found, key=lambda item: (item[0], item[1]))]


def _no_return(plan: Plan, row: Any) -> dict[str, str]:
    flight = plan.flight(row.flight)
    place = globe.place_label(row.base)
    words_ = (
        f"point of no return: last moment to turn back to {place}"
        if row.back
        else f"last moment to reach {place}"
    )
    return {
        "flight": row.flight,
        "kind": "no return",
        "when": f"by {_stamp(row.until_s)}",
        "after": words.duration(row.until_s - flight.takeoff_s) if flight else "",
        "where": words.position(*row.where),
        "what": words_,
        "base": row.base,
        "needed": words.mass(float(_fuel_at(flight, row.until_s))) if flight else "",
        "margin": "nothing over reserve and doubt",
        "tightest": _stamp(row.until_s),
    }


def _equal_time(plan: Plan, row: Any) -> dict[str, str]:
    flight = plan.flight(row.flight)
    one, two = (globe.place_label(base) for base in row.bases)
    needed = next(
        (each for each in plan.ways_out if each.flight == row.flight and each.time_s >= row.time_s), None
    )
    spare = float(_fuel_at(flight, needed.time_s)) - needed.required_kg if needed and flight else None
    return {
        "flight": row.flight,
        "kind": "way out",
        "when": _stamp(row.time_s),
        "after": words.duration(row.time_s - flight.takeoff_s) if flight else "",
        "where": words.position(*row.where),
        "what": f"equal time: {one} behind, {two} ahead, {row.way_min:.0f} min to either",
        "base": row.bases[-1],
        "needed": words.mass(needed.required_kg) if needed else "",
        "margin": words.mass(spare) if spare is not None else "",
        "tightest": _stamp(row.time_s),
    }


def _fuel_at(flight: Flight, time_s: float) -> Any:
    import numpy as np

    return np.interp(time_s, flight.time_s, flight.fuel_kg)


def _alternates(plan: Plan) -> list[dict[str, str]]:
    """Every field the plan names as a way out, with what the plan knows of it and when it serves."""
    used: dict[str, list[tuple[float, float, float]]] = {}
    for flight in plan.flights:
        stated = [each for each in plan.ways_out if each.flight == flight.id]
        for n, each in enumerate(stated):
            until = stated[n + 1].time_s if n + 1 < len(stated) else flight.landing_s
            margin = float(_fuel_at(flight, each.time_s)) - each.required_kg
            used.setdefault(each.base, []).append((each.time_s, until, margin))
    for record in plan.refuellings:
        used.setdefault(record.abort_base, []).append((record.end_s, record.end_s, record.abort_margin_kg))
    out = []
    for code, spells in sorted(used.items(), key=lambda item: min(item[1])):
        entry = plan.data.get("airports", {})
        entry = entry.get(code) if isinstance(entry, dict) else None
        entry = entry if isinstance(entry, dict) else {}
        place = maps.place(plan, code)
        runway, height = entry.get("runway_ft"), entry.get("elevation_ft")
        served: list[tuple[float, float]] = []
        for begin, end, _ in sorted(spells):
            if served and begin - served[-1][1] < 60.0:
                served[-1] = (served[-1][0], max(served[-1][1], end))
            else:
                served.append((begin, end))
        out.append({
            "name": globe.place_label(code),
            "code": code,
            "where": words.position(place[1], place[2]) if place else "",
            "runway": f"{words.number(runway)} ft ({words.number(round(runway * FOOT, -1))} m)"
                      if isinstance(runway, int | float) else "not known",
            "elevation": f"{words.number(height)} ft ({words.number(height * FOOT)} m)"
                         if isinstance(height, int | float) else "not known",
            "serves": "; ".join(_span(a, b) if b > a else f"contact ending {_stamp(a)}"
                                for a, b in served),
            "margin": words.mass(min(margin for *_, margin in spells)),
        })  # fmt: skip
    return out


def _wind_rows(plan: Plan, contacts: list[story.Contact]) -> list[dict[str, str]]:
    """The lead's mean wind between take-off, contacts, station and landing; [] where the plan carries none."""
    lead = plan.lead
    if lead is None:
        return []
    marks = [(lead.takeoff_s, "take-off"), (lead.landing_s, "landing")]
    marks += [(c.end_s, f"contact {c.number}") for c in contacts if c.receiver == lead.id]
    if plan.station is not None:
        marks += [(plan.station.enter_s, "on station"), (plan.station.leave_s, "off station")]
    marks.sort()
    out = []
    for (begin, begin_name), (end, end_name) in pairwise(marks):
        first, last = (int((lead.time_s < time_s).sum()) for time_s in (begin, end))
        last = min(last, lead.time_s.size - 1)
        mean = navlog.mean_wind(lead, first, last)
        if mean is None:
            return []
        tail = mean[2] / KNOT
        help_ = f"{abs(tail):.0f} kt {'tail' if tail >= 0 else 'head'}wind" if abs(tail) >= 0.5 else "none"
        levels = lead.altitude_ft[first : last + 1]
        out.append({
            "part": f"{begin_name} to {end_name}",
            "when": _span(begin, end),
            "levels": f"{words.level(float(levels.min()))} to {words.level(float(levels.max()))}",
            "wind": navlog.wind_text(lead, first, last).split(",")[0],
            "along": help_,
            "along_metric": f"{abs(mean[2]):.0f} m/s" if abs(tail) >= 0.5 else "",
        })  # fmt: skip
    return out


def _magnetic(plan: Plan) -> str:
    """Which magnetic model the logs use, in a sentence."""
    lead = plan.lead
    if lead is None:
        return ""
    model = navlog.magnetic_model(moment(lead.takeoff_s))
    if model is None:
        return "No magnetic tracks: the World Magnetic Models at hand hold from 2010 to 2029, and the flight is outside."
    return (
        f"Magnetic tracks by the World Magnetic Model ({model.replace('_', ' ')}; NOAA/NCEI and BGS, by way of "
        "pygeomag) at the date and level flown; none near the magnetic poles, where it does not hold."
    )


def _data_dates(plan: Plan) -> str:
    """Which data the plan stands on, in one line: airspace, airports, winds and their dates."""
    parts = []
    for key in ("airspace", "airports"):
        entry = plan.data.get(key)
        if isinstance(entry, dict) and isinstance(entry.get("version"), str):
            parts.append(f"{entry.get('name', key)} {entry['version']}")
    winds = plan.data.get("winds")
    if isinstance(winds, dict):
        parts.append(f"winds: {_wind_name(winds)}")
    return "; ".join(parts)


def _when(plan: Plan) -> str:
    lead = plan.lead
    return words.date(moment(lead.takeoff_s)) if lead is not None else ""


def _stamp(time_s: float, date: bool = True) -> str:
    at = moment(time_s)
    return f"{at.day} {words.month(at)} {at:%H:%M}" if date else f"{at:%H:%M}"


def _span(begin_s: float, end_s: float) -> str:
    """From one time to another, the date said once where it is the same."""
    return f"{_stamp(begin_s)} to {_stamp(end_s, date=moment(begin_s).date() != moment(end_s).date())}"


def _local(time_s: float, zone: tzinfo | None) -> str:
    if zone is None:
        return ""
    at = datetime.fromtimestamp(round(time_s), zone)
    return f"{at.day} {words.month(at)} {at:%H:%M} ({words.zone_offset(at)})"


def _contact(plan: Plan, contact: story.Contact, zones: list[tuple[str, tzinfo]]) -> dict[str, Any]:
    first, last = contact.records[0], max(contact.records, key=lambda record: record.end_s)
    receiver = plan.flight(contact.receiver)
    length = float(geodesy.distance(*contact.start, *contact.end))
    minutes = words.duration(contact.end_s - contact.start_s)
    return {
        "number": contact.number,
        "for": contact.receiver if len(plan.role("lead")) > 1 else "",
        "each": contact.records[0].receivers > 1,
        "when": f"{_stamp(contact.start_s)} to {_stamp(contact.end_s, date=False)} UTC, {minutes}",
        "after": words.duration(contact.start_s - receiver.takeoff_s)
        + story.late(plan, contact.receiver, contact.start_s)
        if receiver
        else "",
        "local": [f"{_local(contact.start_s, zone)} {name}" for name, zone in zones[:1]],
        "from": words.position(*contact.start),
        "to": words.position(*contact.end),
        "length": words.nautical(length),
        "level": words.level(first.altitude_ft),
        "rendezvous": story.rendezvous(first),
        "receiver": f"{contact.receiver}: {receiver.count} × {receiver.aircraft}"
        if receiver
        else contact.receiver,
        "onload": words.mass(contact.onload_kg),
        "before": words.mass(contact.fuel_before_kg),
        "after_fuel": words.mass(contact.fuel_after_kg),
        "tankers": [
            {
                "flight": record.tanker_flight,
                "what": f"{record.tankers} × {record.tanker_type} from {globe.place_label(record.tanker_base)}",
                "offload": words.mass(record.offload_kg),
                "total": words.tonnes(record.offload_kg * record.tankers) if record.tankers > 1 else "",
            }
            for record in contact.records
        ],
        "abort": {
            "base": globe.place_label(last.abort_base),
            "needed": words.mass(last.abort_needed_kg),
            "available": words.mass(last.abort_available_kg),
            "margin": words.mass(last.abort_margin_kg),
            "ok": last.abort_margin_kg >= 0.0,
        },
    }


def _join(plan: Plan, join: Any) -> dict[str, Any]:
    flight = plan.flight(join.flight)
    zone = names.airport_zone(flight.origin) if flight else None
    return {
        "name": story.partner_name(plan, join.flight),
        "what": f"{names.state_name(flight.operator)}, {flight.count} × {flight.aircraft} from {globe.place_label(flight.origin)}"
        if flight
        else "",
        "id": join.flight,
        "takeoff": f"{_stamp(flight.takeoff_s)} UTC" if flight else "",
        "join": f"{_stamp(join.join_s)} UTC{story.late(plan, join.partner_of, join.join_s)}",
        "join_local": f"{_local(join.join_s, zone)} at {flight.origin}" if flight and zone else "",
        "join_at": words.position(*join.join),
        "leave": f"{_stamp(join.leave_s)} UTC",
        "leave_at": words.position(*join.leave),
        "together": words.duration(join.leave_s - join.join_s),
        "landing": f"{_stamp(flight.landing_s)} UTC, {globe.place_label(flight.destination)}"
        if flight
        else "",
        "left": words.mass(flight.fuel["landing_kg"]) if flight else "",
        "reserve": words.mass(flight.fuel["reserve_kg"]) if flight else "",
        "margin": words.mass(flight.fuel["min_margin_kg"]) if flight else "",
    }


def _airspace(plan: Plan) -> list[dict[str, Any]]:
    leads = {flight.id for flight in plan.role("lead")}
    rows = sorted(plan.airspace, key=lambda row: (row.closest_m - row.stand_off_m, row.id, row.flight))
    return [
        {
            "name": story.closure_name(plan, row.id),
            "id": row.id,
            "flight": row.flight,
            "closest": words.nautical(row.closest_m),
            "stand_off": words.nautical(row.stand_off_m),
            "room": words.nautical(row.closest_m - row.stand_off_m),
            "where": words.position(*row.closest),
            "when": _stamp(row.closest_s) + story.late(plan, row.flight, row.closest_s),
            "ok": row.closest_m >= row.stand_off_m,
            "near": row.flight in leads or row.closest_m < row.stand_off_m + maps.NEAR,
            "share": round(min(100.0, 100.0 * row.stand_off_m / max(row.closest_m, row.stand_off_m, 1.0)), 1),
        }
        for row in rows
    ]


def _borders(plan: Plan) -> str:
    from longreach.world import airspace

    identity = plan.data.get("airspace")
    identity = identity if isinstance(identity, dict) else {}
    text = words.sentence(airspace.border_statement())
    return f"{text} Pack: {identity.get('name', '?')} {identity.get('version', '')}".rstrip() + "."


def _overflight(plan: Plan) -> list[dict[str, Any]]:
    out = []
    for item in sorted(plan.overflight, key=lambda item: (item.enter_s, item.flight)):
        out.append(
            {
                "state": names.state_name(item.state),
                "code": item.state,
                "flight": item.flight,
                "enter": _stamp(item.enter_s),
                "leave": _stamp(item.leave_s),
                "inside": words.duration(item.leave_s - item.enter_s),
            }
        )
    return out


def _consents(plan: Plan) -> list[dict[str, Any]]:
    """One row for each State and operator: whose yes, for which flights, first entry to last exit."""
    groups: dict[tuple[str, str], dict[str, list[Any]]] = {}
    for item in sorted(plan.overflight, key=lambda item: item.enter_s):
        flight = plan.flight(item.flight)
        key = (item.state, flight.operator if flight else "")
        groups.setdefault(key, {}).setdefault(item.flight, []).append(item)
    out = []
    for (state, operator), flights in groups.items():
        any_flight = plan.flight(next(iter(flights)))
        out.append(
            {
                "state": names.state_name(state),
                "code": state,
                "own": state == operator,
                "consent": story.consent(plan, any_flight, state),
                "flights": [
                    {
                        "id": id,
                        "visits": [
                            f"{_stamp(enter)} to {_stamp(leave, date=False)}"
                            for enter, leave in _visits(items)
                        ],
                        "inside": words.duration(sum(item.leave_s - item.enter_s for item in items)),
                    }
                    for id, items in flights.items()
                ],
            }
        )
    return sorted(out, key=lambda row: row["own"])


def _visits(items: list[Any]) -> list[tuple[float, float]]:
    """First entry and last exit [s] of each visit; less than half an hour outside does not end one."""
    out: list[tuple[float, float]] = []
    for item in items:
        if out and item.enter_s - out[-1][1] < 1800.0:
            out[-1] = (out[-1][0], max(out[-1][1], item.leave_s))
        else:
            out.append((item.enter_s, item.leave_s))
    return out


def _by_takeoff(plan: Plan) -> list[Flight]:
    order = {"lead": 0, "tanker": 1, "partner": 2}
    return sorted(plan.flights, key=lambda flight: (order.get(flight.role, 3), flight.takeoff_s, flight.id))


def _schedule(plan: Plan, flight: Flight, zones: list[tuple[str, tzinfo]]) -> dict[str, Any]:
    return {
        "id": flight.id,
        "role": flight.role,
        "what": f"{flight.count} × {flight.aircraft}",
        "operator": names.state_name(flight.operator),
        "origin": globe.place_label(flight.origin),
        "destination": globe.place_label(flight.destination),
        "takeoff": _stamp(flight.takeoff_s),
        "takeoff_local": _local(flight.takeoff_s, names.airport_zone(flight.origin)),
        "landing": _stamp(flight.landing_s),
        "landing_local": _local(flight.landing_s, names.airport_zone(flight.destination)),
        "duration": words.duration(flight.duration_s) + story.plus_minus(flight.sigma_s(flight.landing_s)),
        "distance": words.nautical(flight.length_m),
        "fuel": [
            ("at take-off", words.mass(flight.fuel["takeoff_kg"])),
            ("taken on", words.mass(flight.fuel["onload_kg"]) if flight.fuel["onload_kg"] else ""),
            ("given", words.mass(flight.fuel["offload_kg"]) if flight.fuel["offload_kg"] else ""),
            ("burnt", f"{words.mass(flight.fuel['burn_kg'])} ±{flight.fuel['band_pct']:g} %"),
            ("at landing", words.mass(flight.fuel["landing_kg"])),
            ("reserve", words.mass(flight.fuel["reserve_kg"])),
            ("least margin", words.mass(flight.fuel["min_margin_kg"])),
        ],
    }


def _crew(plan: Plan, day: Any) -> dict[str, str]:
    """A crew's day, in UTC and by the clock of the field it begins at."""
    flight = plan.flight(day.flight)
    zone = names.airport_zone(flight.origin) if flight else None
    return {
        "flight": day.flight,
        "report": _stamp(day.report_s),
        "report_local": _local(day.report_s, zone),
        "release": _stamp(day.release_s),
        "release_local": _local(day.release_s, names.airport_zone(flight.destination) if flight else None),
        "duty": words.duration(day.duty_s),
    }


def _light(plan: Plan, zones: list[tuple[str, tzinfo]]) -> list[dict[str, str]]:
    """Each spell of day, twilight and night that the lead flies through."""
    lead = plan.lead
    zone = zones[0][1] if zones else None
    return [
        {
            "kind": spell.kind,
            "from": _stamp(spell.start_s),
            "to": _stamp(spell.end_s),
            "local": _local(spell.start_s, zone),
            "time": words.duration(spell.end_s - spell.start_s),
        }
        for spell in plan.light
        if lead is not None and spell.flight == lead.id
    ]


def _light_total(plan: Plan) -> str:
    """Day, twilight and night met by the lead, added up."""
    total: dict[str, float] = {}
    lead = plan.lead
    for spell in plan.light:
        if lead is not None and spell.flight == lead.id:
            total[spell.kind] = total.get(spell.kind, 0.0) + spell.end_s - spell.start_s
    return ", ".join(f"{kind} {words.duration(seconds)}" for kind, seconds in total.items())


def _check(check: Check) -> dict[str, Any]:
    def shown(value: float | str | None) -> str:
        if value is None:
            return ""
        return value if isinstance(value, str) else words.figure(value, check.unit)

    return {
        "ok": check.ok,
        "id": check.id,
        "value": shown(check.value),
        "limit": shown(check.limit),
        "note": check.note,
    }


def _shortfall(item: Any) -> dict[str, str]:
    return {
        "what": words.sentence(item.what),
        "where": item.where,
        "by": "" if item.by is None else words.figure(item.by, item.unit),
        "cure": words.sentence(item.cure),
        "setting": f"{item.cure_key} = {item.cure_value}"
        if item.cure_key and item.cure_value
        else item.cure_key,
    }


def _winds(plan: Plan) -> str:
    """Which wind the plan was made with, when it holds and how sure it is, in sentences."""
    winds = plan.data.get("winds")
    winds = winds if isinstance(winds, dict) else {}
    text = f"Winds: {_wind_name(winds)}"
    if isinstance(winds.get("sigma_kt"), int | float):
        text += f"; one sigma of the leg-mean wind along the track {winds['sigma_kt']:g} kt"
    text += "."
    if isinstance(winds.get("headwind_kt"), int | float) and winds["headwind_kt"]:
        text += f" Beyond it, {winds['headwind_kt']:.1f} kt of headwind all along every track"
        if isinstance(winds.get("reliability_pct"), int | float):
            text += f", for {winds['reliability_pct']:g} % of days"
        text += "."
    notes = winds.get("notes")
    return " ".join(
        [text, *(words.sentence(str(note)) for note in (notes if isinstance(notes, list) else []))]
    )


def _wind_name(winds: dict[str, Any]) -> str:
    """The source of the wind by name, with what it is valid for."""
    source = str(winds.get("source", "not stated"))
    name = winds.get("name") or winds.get("pack")
    text = {"still": "still air", "climatology": "monthly mean"}.get(source, source)
    if isinstance(name, str) and name:
        text += f" ({name})"
    first, last = winds.get("valid_utc"), winds.get("valid_to_utc")
    if first:
        text += f", valid {first}" + (f" to {last}" if last and last != first else "")
    return text


def _data(plan: Plan, plan_sha256: str) -> list[tuple[str, str, str]]:
    rows = [
        ("this plan", f"Longreach {plan.version}, seed {plan.seed}", plan_sha256),
        ("mission file", plan.name, plan.file_sha256),
    ]
    for key in ("airspace", "airports", "winds"):
        entry = plan.data.get(key)
        if isinstance(entry, dict) and isinstance(entry.get("sha256"), str):
            rows.append((key, f"{entry.get('name', '')} {entry.get('version', '')}".strip(), entry["sha256"]))
    return rows


def _types(plan: Plan) -> list[dict[str, Any]]:
    """For each type in the plan: its error band's reason and its figures with source and trust."""
    out = []
    table = plan.data.get("aircraft")
    for code, data in table.items() if isinstance(table, dict) else ():
        if not isinstance(data, dict):
            continue
        figures = data.get("figures")
        out.append(
            {
                "code": code,
                "name": str(data.get("name") or code),
                "band": str(data.get("band_reason") or ""),
                "factor": str(data.get("factor_reason") or ""),
                "figures": [
                    (
                        name.replace("_", " "),
                        str(entry.get("value")),
                        str(entry.get("trust", "")),
                        str(entry.get("source", "")),
                    )
                    for name, entry in (figures.items() if isinstance(figures, dict) else ())
                    if isinstance(entry, dict)
                ],
                "source": str(data.get("source") or ""),
            }
        )
    return out


def _sources(plan: Plan) -> list[str]:
    rows = plan.data.get("sources")
    out = []
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            parts = [
                str(row[key])
                for key in ("name", "version", "licence", "source", "url", "date")
                if row.get(key)
            ]
            out.append(", ".join(parts))
        else:
            out.append(str(row))
    return out
