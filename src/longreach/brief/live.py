"""The plan as data for the live view: finished figures and words; the browser only draws.

Lines and rings are whole thousandths of a degree (about 100 m): latitude, longitude, then differences, with
longitudes that run on past 180. Times are seconds from 1970 UTC.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import datetime, tzinfo
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from longreach.brief import maps, names, story
from longreach.brief.globe import Area, Mark, closed_area
from longreach.brief.projection import enclosing_cap
from longreach.brief.reading import Flight, Plan
from longreach.geodesy import Floats
from longreach.page import words

FINE = 900.0  # m: drawn lines of closed areas may be this far off ...
MOST_VERTICES = 30_000  # ... unless there would be more than about this many of them
SUN_STEP = 1200.0  # s between the instants at which the Sun's place is given
CLOSE_ZOOM = 2.6  # nearer than this, marks of the region show


def data(plan: Plan, closures: Sequence[Any], contacts: Sequence[story.Contact]) -> dict[str, Any] | None:
    """What the live view needs of a plan; None where nothing flies."""
    lead = plan.lead
    if lead is None:
        return None
    begin = min(flight.takeoff_s for flight in plan.flights)
    end = max(flight.landing_s for flight in plan.flights)
    base = float(lead.lon[0])
    times = np.arange(begin, end + SUN_STEP, SUN_STEP)
    sun_lat, sun_lon = _overhead(times)
    stay = plan.station
    areas, tolerance = _areas(closures)
    return {
        "name": plan.name,
        "begin": int(begin),
        "end": int(end),
        "first": int((stay.enter_s + stay.leave_s) / 2 if stay is not None else (begin + end) / 2),
        "zones": [
            {"name": name, "offsets": _offsets(zone, begin, end)} for name, zone in story.zones(plan)
        ],
        "flights": [_flight(plan, flight, base) for flight in plan.flights],
        "tracks": _tracks(plan, contacts, base),
        "closed": [_closed(area, tolerance) for area in areas],
        "station": _station(plan, lead),
        "contacts": [_contact(plan, contact, base) for contact in contacts],
        "marks": _marks(plan, contacts, areas),
        "views": _views(plan, lead),
        "events": _events(plan, lead, contacts),
        "sun": {"begin": int(begin), "step": SUN_STEP, "lat": np.round(sun_lat, 3).tolist(),
                "lon": np.round(np.unwrap(sun_lon, period=360.0), 3).tolist()},
    }  # fmt: skip


def text(found: dict[str, Any]) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


@cache
def coarse_land() -> str:
    """The small outline of the world, as JSON."""
    return (resources.files("longreach.world") / "data" / "land-110m.json").read_text("utf8").strip()


def _overhead(times: Floats) -> tuple[Floats, Floats]:
    from longreach.world import sun

    return sun.overhead(times)


def _offsets(zone: tzinfo, begin: float, end: float) -> list[list[Any]]:
    """From when which offset from UTC holds: seconds, minutes, words."""
    out: list[list[Any]] = []
    for time_s in np.arange(begin, end + 1800.0, 1800.0).tolist():
        at = datetime.fromtimestamp(round(time_s), zone)
        offset = at.utcoffset()
        minutes = round(offset.total_seconds() / 60.0) if offset else 0
        if not out or out[-1][1] != minutes:
            out.append([0 if not out else round(time_s), minutes, words.zone_offset(at)])
    return out


def unwrapped(lon: Floats, base: float) -> Floats:
    """Longitudes [deg] that run on past 180, the first within half a turn of `base`."""
    run = np.unwrap(np.asarray(lon, float), period=360.0)
    return np.asarray(run + 360.0 * np.round((base - run[0]) / 360.0))


def coded(lat: Floats, lon: Floats) -> list[int]:
    """A line as whole thousandths of a degree: lat, lon, then differences; standing points left out."""
    points = np.rint(np.stack([lat, lon], axis=-1) * 1000.0).astype(int)
    if len(points) > 2:
        points = points[np.concatenate([[True], (np.diff(points, axis=0) != 0).any(axis=1)])]
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), int))
    return [int(value) for value in steps.ravel()]


def _flight(plan: Plan, flight: Flight, base: float) -> dict[str, Any]:
    overflown = [item for item in plan.overflight if item.flight == flight.id]
    changes = [
        row for row in range(len(flight.phase)) if row == 0 or flight.phase[row] != flight.phase[row - 1]
    ]
    number = f"{flight.count} × " if flight.count > 1 else ""
    lon = unwrapped(flight.lon, base)
    return {
        "id": flight.id,
        "role": flight.role,
        "layer": {"lead": "lead", "tanker": "tankers"}.get(flight.role, "partners"),
        "name": f"{number}{flight.aircraft} {flight.id}",
        "what": f"{flight.id}: {flight.count} × {flight.aircraft}, {flight.origin} to {flight.destination}",
        "t": flight.time_s.astype(int).tolist(),
        "lat": np.round(flight.lat, 4).tolist(),
        "lon": np.round(lon, 4).tolist(),
        "alt": np.rint(flight.altitude_ft).astype(int).tolist(),
        "gs": np.rint(flight.gs_kt).astype(int).tolist(),
        "fuel": np.rint(flight.fuel_kg).astype(int).tolist(),
        "phase": [[row, flight.phase[row]] for row in changes],
        "over": [[int(i.enter_s), int(i.leave_s), names.state_name(i.state)] for i in overflown],
        "light": [[int(i.start_s), int(i.end_s), i.kind] for i in plan.light if i.flight == flight.id],
    }


def _tracks(plan: Plan, contacts: Sequence[story.Contact], base: float) -> list[dict[str, Any]]:
    out = []
    near = base
    for line in maps.tracks(plan, contacts, arrows=0):
        if line.style == "refuel":
            continue
        lon = unwrapped(line.lon, near if line.style == "back" else base)
        near = float(lon[-1])
        out.append(
            {"kind": line.style, "flight": line.flight, "text": line.title, "line": coded(line.lat, lon)}
        )
    return out


def _areas(closures: Sequence[Any]) -> tuple[list[Area], float]:
    """The closed areas drawn finely, or coarser where there are very many vertices, and how finely [m]."""
    many = sum(len(ring.lat) for closure in closures for ring in closure.rings)
    tolerance = FINE * max(1.0, many / MOST_VERTICES)
    return [closed_area(closure, tolerance) for closure in closures], tolerance


def _closed(area: Area, tolerance_m: float) -> dict[str, Any]:
    return {
        "text": area.title,
        "rings": _rings(area, tolerance_m),
        "limit": [_ring(*r, tolerance_m) for r in area.limit],
    }


def _rings(area: Area, tolerance_m: float = FINE) -> list[list[int]]:
    return [
        _ring(np.asarray(lat, float), np.asarray(lon, float), tolerance_m)
        for lat, lon in area.rings
        if len(lat) > 3
    ]


def _ring(lat: Floats, lon: Floats, tolerance_m: float = FINE) -> list[int]:
    """A closed ring, thinned, unrolled, and closed over the pole it goes round."""
    import shapely

    lat, lon = np.asarray(lat, float), np.asarray(lon, float)
    if lat[0] != lat[-1] or lon[0] != lon[-1]:
        lat, lon = np.append(lat, lat[0]), np.append(lon, lon[0])
    run = unwrapped(lon, float(lon[0]))
    if abs(run[-1] - run[0]) > 180.0:
        pole = math.copysign(90.0, float(np.mean(lat)))
        lat = np.concatenate([lat, [pole, pole, lat[0]]])
        run = np.concatenate([run, [run[-1], run[0], run[0]]])
    line = shapely.linestrings(np.stack([run, lat], axis=-1))
    thin = shapely.get_coordinates(shapely.simplify(line, 0.5 * tolerance_m / 111_200.0))
    return coded(thin[:, 1], thin[:, 0])


def _station(plan: Plan, lead: Flight) -> dict[str, Any] | None:
    for area in maps.station_area(plan, lead):
        return {"text": area.title, "rings": _rings(area)}
    return None


def _contact(plan: Plan, contact: story.Contact, base: float) -> dict[str, Any]:
    receiver = plan.flight(contact.receiver)
    line: list[int] = []
    if receiver is not None:
        lon = unwrapped(receiver.lon, base)
        during = (receiver.time_s >= contact.start_s) & (receiver.time_s <= contact.end_s)
        line = coded(receiver.lat[during], lon[during])
    return {"title": contact.title, "line": line}


def _marks(plan: Plan, contacts: Sequence[story.Contact], areas: Sequence[Area]) -> list[dict[str, Any]]:
    """Fields, contacts, join-ups and closest approaches, each with what to say of it."""
    out = []
    world = {mark.title: mark for mark in maps.bases(plan, region=False) if mark.shape != "ring"}
    for mark in maps.bases(plan, region=True):
        at = [("position", words.position(mark.lat, mark.lon))]
        out.append(_mark(world.get(mark.title, mark), "fields", mark.title not in world, at))
    for mark, group in zip(maps.contact_marks(contacts), story.by_number(contacts), strict=True):
        rows = [("at", words.position(*group[0].start))]
        for contact in group:
            last = max(contact.records, key=lambda record: record.end_s)
            whose = f", {contact.receiver}" if len(group) > 1 else ""
            fuel = f"{words.tonnes(contact.fuel_before_kg)}, {words.tonnes(contact.fuel_after_kg)}"
            rows.append((f"fuel before, after{whose}", fuel))
            spare = f"{last.abort_base}, {words.tonnes(last.abort_margin_kg)} to spare"
            rows.append((f"if it fails{whose}", spare))
        out.append(_mark(mark, "contacts", False, rows, group[0].start_s))
    for mark, join in zip(maps.join_marks(plan), plan.joins, strict=True):
        rows = [("together", words.duration(join.leave_s - join.join_s)), ("at", words.position(*join.join))]
        out.append(_mark(mark, "joins", True, rows, join.join_s))
    leads = {flight.id for flight in plan.role("lead")}
    when = {row.closest: row.closest_s for row in plan.airspace if row.flight in leads}
    for mark in maps.closest_marks(plan):
        where = words.position(mark.lat, mark.lon)
        out.append(_mark(mark, "closest", True, [("at", where)], when.get((mark.lat, mark.lon))))
    if len(areas) <= 12:
        out += [_mark(name, "closed", False, []) for area in areas if (name := _name(area)) is not None]
    return out


def _name(area: Area) -> Mark | None:
    """A closed area's name, inside its largest part."""
    import shapely

    best: tuple[float, Any] | None = None
    for lat, lon in area.rings:
        ring = np.stack([unwrapped(lon, float(lon[0])), np.asarray(lat, float)], axis=-1)
        if len(ring) > 3 and np.ptp(ring[:, 0]) < 300.0:
            part = shapely.make_valid(shapely.polygons(ring))
            if best is None or part.area > best[0]:
                best = (part.area, part)
    if best is None:
        return None
    spot = shapely.point_on_surface(best[1])
    return Mark(float(spot.y), float(spot.x), area.label, area.title, "none", "name", rank=4)


def _mark(mark: Mark, layer: str, local: bool, rows: Sequence[tuple[str, str]],
          time_s: float | None = None) -> dict[str, Any]:  # fmt: skip
    return {"lat": round(mark.lat, 4), "lon": round(mark.lon, 4), "label": mark.label, "title": mark.title,
            "shape": mark.shape, "style": mark.style, "inner": mark.inner, "rank": mark.rank, "layer": layer,
            "local": local, "rows": [list(row) for row in rows],
            "t": None if time_s is None else int(time_s)}  # fmt: skip


def _views(plan: Plan, lead: Flight) -> dict[str, Any]:
    cap = enclosing_cap(lead.lat[::10], lead.lon[::10])
    lon = unwrapped(lead.lon, float(lead.lon[0]))
    whole = {
        "lat": round(cap[0], 3), "lon": round(cap[1], 3), "radius": round(cap[2] + 3.0, 2),
        "bounds": [[round(float(lon.min()), 2), round(max(float(lead.lat.min()), -84.0), 2)],
                   [round(float(lon.max()), 2), round(min(float(lead.lat.max()), 84.0), 2)]],
    }  # fmt: skip
    views: dict[str, Any] = {"whole": whole, "labelZoom": CLOSE_ZOOM}
    region = maps.region_cap(plan)
    if region is not None:
        views["region"] = {
            "lat": round(region[0], 3),
            "lon": round(region[1], 3),
            "radius": round(1.4 * region[2], 2),
        }
    return views


def _events(plan: Plan, lead: Flight, contacts: Sequence[story.Contact]) -> list[dict[str, Any]]:
    """What happens when, to step through."""
    found = [(lead.takeoff_s, "take-off"), (lead.landing_s, "landing")]
    found += [(contact.start_s, f"refuelling {contact.number}") for contact in contacts]
    found += [(join.join_s, f"{story.partner_name(plan, join.flight)} joins") for join in plan.joins]
    if plan.station is not None:
        found += [(plan.station.enter_s, "on station"), (plan.station.leave_s, "off station")]
    leads = {flight.id for flight in plan.role("lead")}
    found += [(row.closest_s, f"closest to {story.closure_name(plan, row.id)}") for row in plan.airspace
              if row.flight in leads]  # fmt: skip
    return [{"t": int(time_s), "label": label} for time_s, label in sorted(set(found))]
