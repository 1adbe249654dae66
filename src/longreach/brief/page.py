"""The plan document as one HTML page: no script, no outside request, the same bytes each time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.brief import charts, globe, live, maps, names, script, story
from longreach.brief.reading import Check, Flight, Plan, moment, read
from longreach.document import sha256, to_bytes
from longreach.page import environment, style_sheet, words
from longreach.units import NAUTICAL_MILE

GLOSSARY = (
    ("Abort base", "A field where the receiver can land if a refuelling fails, with reserve still on board."),
    (
        "Belt, national airspace",
        "A State's land and the water within 12 nm that is nearer to it than to any other.",
    ),
    ("Bound", "A figure no plan can beat, proved; the distance to it is how much could at most be gained."),
    ("Contact", "The time during which fuel flows from tanker to receiver."),
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

LAYERS = (
    ("closed", "closed airspace"),
    ("standoff", "stand-off"),
    ("lead", "lead"),
    ("tankers", "tankers"),
    ("partners", "partners"),
    ("refuelling", "refuelling tracks"),
    ("contacts", "refuelling numbers"),
    ("joins", "join-ups"),
    ("fields", "fields"),
    ("closest", "closest approaches"),
    ("station", "station"),
    ("night", "night"),
    ("borders", "borders"),
    ("labels", "labels"),
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


def render(document: Mapping[str, Any]) -> str:
    """The brief of a plan document, one self-contained HTML page.

    Parameters
    ----------
    document : plan.json as read; unknown keys are ignored, optional ones may be absent

    Raises: InputError listing every key that is missing or wrong.
    """
    plan = read(document)
    template = environment("longreach.brief").get_template("brief.html.jinja")
    return str(template.render(_content(plan, sha256(to_bytes(document)))))


def _content(plan: Plan, plan_sha256: str) -> dict[str, Any]:
    from markupsafe import Markup, escape

    lead = plan.lead
    contacts = story.contacts(plan)
    zones = story.zones(plan)
    closures, drawing_notes = maps.closures_of(plan)
    airspace = _airspace(plan)
    found = live.data(plan, closures, contacts)
    program = script.bundle() if found else ""
    return {
        "plan": plan,
        "lead": lead,
        "live": Markup(live.text(found)) if found else "",
        "live_key": Markup(_live_key(plan)) if found else "",
        "layers": LAYERS,
        "coarse_land": Markup(live.coarse_land()),
        "fine_land": script.packed("longreach.world", "data", "land-50m.json.gz") if found else "",
        "vendored": script.vendored() if found else {},
        "script": Markup(program),
        "licence": script.licence(),
        "policy": (
            f"default-src 'none'; script-src '{script.digest(program)}' blob:; worker-src blob: data:; connect-src blob:; "
            "style-src 'unsafe-inline'; img-src data: blob:"
            if found
            else "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        ),
        "title": plan.name,
        "kicker": "flight brief" + (f" · {when}" if (when := _when(plan)) else ""),
        "version": plan.version,
        "notice": "Not for navigation, not for filing.",
        "style": Markup(style_sheet("longreach.brief", "map.css", "brief.css", "live.css")),
        "headline": story.headline(plan),
        "standfirst": story.standfirst(plan),
        "figures": story.key_figures(plan),
        "globes": [Markup(svg) for svg in maps.mission_globes(plan, closures, contacts)],
        "region": Markup(maps.region_map(plan, closures, contacts)),
        "timeline": Markup(charts.timeline(plan, contacts, zones)),
        "ladder": Markup(charts.fuel_ladder(plan, contacts)),
        "contacts": [_contact(plan, contact, zones) for contact in contacts],
        "joins": [_join(plan, join) for join in plan.joins],
        "airspace": [row for row in airspace if row["near"]],
        "airspace_rest": [row for row in airspace if not row["near"]],
        "borders": _borders(plan),
        "overflight": _overflight(plan),
        "consents": _consents(plan),
        "schedule": [_schedule(plan, flight, zones) for flight in _by_takeoff(plan)],
        "logs": [{"flight": flight, "rows": _log(flight)} for flight in plan.flights],
        "crew": [_crew(day) for day in plan.crew],
        "light": _light(plan),
        "checks": [_check(check) for check in sorted(plan.checks, key=lambda check: check.ok)],
        "failed": sum(not check.ok for check in plan.checks),
        "shortfalls": [_shortfall(item) for item in plan.shortfalls],
        "zones": zones,
        "drawing_notes": drawing_notes,
        "winds": _winds(plan),
        "data": _data(plan, plan_sha256),
        "types": _types(plan),
        "sources": _sources(plan),
        "limits": LIMITS,
        "glossary": GLOSSARY,
        "mission_text": escape(plan.mission_text),
    }


def _when(plan: Plan) -> str:
    lead = plan.lead
    return words.date(moment(lead.takeoff_s)) if lead is not None else ""


def _stamp(time_s: float, date: bool = True) -> str:
    at = moment(time_s)
    return f"{at.day} {words.month(at)} {at:%H:%M}" if date else f"{at:%H:%M}"


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
        "each": contact.records[0].receivers > 1,
        "when": f"{_stamp(contact.start_s)} to {_stamp(contact.end_s, date=False)} UTC, {minutes}",
        "after": words.duration(contact.start_s - receiver.takeoff_s) if receiver else "",
        "local": [f"{_local(contact.start_s, zone)} {name}" for name, zone in zones[:1]],
        "from": words.position(*contact.start),
        "to": words.position(*contact.end),
        "length": words.nautical(length),
        "level": words.level(first.altitude_ft),
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
        "join": f"{_stamp(join.join_s)} UTC",
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
            "when": _stamp(row.closest_s),
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
        "duration": words.duration(flight.duration_s),
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


def _log(flight: Flight) -> list[dict[str, Any]]:
    """The navigation log: one row for each vertex, with the leg that leads to it."""
    points = story.nearest_vertex_row(flight)
    skipped = _loops(points)
    along = np.concatenate(
        [[0.0], np.cumsum(geodesy.distance(flight.lat[:-1], flight.lon[:-1], flight.lat[1:], flight.lon[1:]))]
    )
    rows: list[dict[str, Any]] = []
    before = points[0]
    passed = 0
    for index, (vertex, at) in enumerate(points):
        if index in skipped:
            passed += 1
            continue
        row: dict[str, Any] = {
            "name": vertex.name or vertex.kind,
            "kind": vertex.kind.replace("_", " "),
            "where": words.position(vertex.lat, vertex.lon),
            "time": _stamp(flight.time_s[at]),
            "level": words.level(float(flight.altitude_ft[at])),
            "speed": f"{flight.gs_kt[at]:.0f}",
            "fuel": f"{flight.fuel_kg[at] / 1000:.1f}",
            "passed": words.count(passed, "point") if passed else "",
            "track": "",
            "leg": "",
            "leg_time": "",
            "total": f"{along[at] / NAUTICAL_MILE:,.0f}",
        }
        if index:
            row["track"] = words.whole_degrees(
                float(geodesy.inverse(before[0].lat, before[0].lon, vertex.lat, vertex.lon)[1])
            )
            row["leg"] = f"{(along[at] - along[before[1]]) / NAUTICAL_MILE:,.0f}"
            row["leg_time"] = _clock(float(flight.time_s[at] - flight.time_s[before[1]]))
        if passed:
            row["track"] = ""
        rows.append(row)
        before, passed = (vertex, at), 0
    return rows


def _loops(points: list[tuple[Any, int]]) -> set[int]:
    """Unnamed turn and station points between two like them, closer than 15 nm: the log counts them only."""

    def plain(index: int) -> bool:
        vertex = points[index][0]
        return vertex.kind in ("turn", "station") and vertex.name in ("", vertex.kind)

    def close(index: int) -> bool:
        a, b = points[index][0], points[index + 1][0]
        return float(geodesy.distance(a.lat, a.lon, b.lat, b.lon)) < 15 * NAUTICAL_MILE

    return {
        index
        for index in range(1, len(points) - 1)
        if plain(index - 1) and plain(index) and plain(index + 1) and close(index - 1) and close(index)
    }


def _clock(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60.0), 60)
    return f"{hours}:{minutes:02d}"


def _crew(day: Any) -> dict[str, str]:
    return {"flight": day.flight, "report": _stamp(day.report_s), "release": _stamp(day.release_s),
            "duty": words.duration(day.duty_s)}  # fmt: skip


def _light(plan: Plan) -> list[dict[str, str]]:
    """Day, twilight and night met by the lead, added up."""
    total: dict[str, float] = {}
    lead = plan.lead
    for spell in plan.light:
        if lead is not None and spell.flight == lead.id:
            total[spell.kind] = total.get(spell.kind, 0.0) + spell.end_s - spell.start_s
    return [{"kind": kind, "time": words.duration(seconds)} for kind, seconds in total.items()]


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
    winds = plan.data.get("winds")
    winds = winds if isinstance(winds, dict) else {}
    text = f"Winds: {winds.get('source', 'not stated')}"
    if winds.get("valid_utc"):
        text += f", valid {winds['valid_utc']}"
    if isinstance(winds.get("sigma_kt"), int | float):
        text += f"; one sigma of the leg-mean wind along the track {winds['sigma_kt']:g} kt"
    return text + "."


def _data(plan: Plan, plan_sha256: str) -> list[tuple[str, str, str]]:
    rows = [
        ("this plan", f"Longreach {plan.version}, seed {plan.seed}", plan_sha256),
        ("mission file", plan.name, plan.file_sha256),
    ]
    for key in ("airspace", "airports"):
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


def _live_key(plan: Plan) -> str:
    """The key under the live map, as the pictures have it, with the aircraft and the night."""
    entries = [("out", "lead, outbound"), ("back", "lead, return")]
    if plan.role("tanker"):
        entries += [("tanker", "tankers"), ("refuel", "refuelling")]
    if plan.role("partner"):
        entries.append(("partner", "partners"))
    if plan.airspace:
        entries += [("closed", "closed airspace"), ("limit", "stand-off")]
    if plan.station is not None:
        entries.append(("station", "station"))
    return globe.key_picture(entries, "live-key")
