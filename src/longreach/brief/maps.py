"""A whole plan on the globe and on a map of its region."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.brief import names
from longreach.brief.globe import (
    Area,
    Line,
    Mark,
    closed_area,
    globe_view,
    legend_of,
    map_view,
    svg,
)
from longreach.brief.projection import View, enclosing_cap
from longreach.brief.reading import Flight, Plan, moment
from longreach.brief.story import (
    Contact,
    by_number,
    closure_name,
    nearest_clearance,
    partner_name,
    turning_time,
)
from longreach.brief.story import contacts as contacts_of
from longreach.errors import DataError, InputError
from longreach.geodesy import EARTH_RADIUS
from longreach.page import words
from longreach.units import NAUTICAL_MILE

NEAR = 150_000.0  # m beyond the stand-off: farther approaches are not marked on the map
ONE_GLOBE = 78.0  # deg: a wider cap is shown on two globes


def closures_of(plan: Plan) -> tuple[list[Any], list[str]]:
    """The closed areas of the mission as `Closure` values, and what could not be drawn and why."""
    from longreach.world import airspace
    from longreach.world.closures.geojson import parse_closures

    drawn: list[Any] = []
    notes: list[str] = list(plan.notes)
    codes, rule = plan.closed_codes(), plan.airspace_rule()
    if codes:
        try:
            drawn += airspace.closures(codes, belt=rule["belt"], territorial_sea_m=rule["territorial_sea_m"],
                                       stand_off_m=rule["stand_off_m"])  # fmt: skip
        except (InputError, DataError) as error:
            notes.append(f"National airspace is not drawn: {error}")
    if plan.closures.get("features"):
        try:
            drawn += parse_closures(plan.closures, stand_off_m=rule["stand_off_m"]).closures
        except InputError as error:
            notes.append(f"The user's closures are not drawn: {error}")
    return drawn, notes


def picture(plan: Plan, size: float = 720.0) -> str:
    """The globe of a plan as an SVG file of its own; the first of two where it takes two.

    Raises: InputError where the plan has neither a flight nor a place to show.
    """
    closures, _ = closures_of(plan)
    found = mission_globes(plan, closures, contacts_of(plan), size, standalone=True)
    if not found:
        raise InputError("the plan has no flight, no base and no closed area to draw")
    return found[0]


def mission_globes(
    plan: Plan,
    closures: Sequence[Any],
    contacts: Sequence[Contact],
    size: float = 540.0,
    *,
    standalone: bool = False,
) -> list[str]:
    """The whole mission on one globe, or on two where one cannot show it: outbound, then return."""
    lead = plan.lead
    if lead is None:
        return _closed_only(plan, closures, size, standalone)
    cap = enclosing_cap(lead.lat[::10], lead.lon[::10])
    if cap[2] <= ONE_GLOBE:
        return [_globe(plan, closures, contacts, cap, size, "globe", "The whole flight", standalone)]
    half = int(np.searchsorted(lead.time_s, turning_time(plan, lead) or lead.time_s[lead.time_s.size // 2]))
    parts = (
        (slice(0, half + 1, 10), "First part of the flight"),
        (slice(half, None, 10), "Second part of the flight"),
    )
    caps = [enclosing_cap(lead.lat[part], lead.lon[part]) for part, _ in parts]
    return [
        _globe(plan, closures, contacts, cap, size, f"globe{n}", title, standalone)
        for n, (cap, (_, title)) in enumerate(zip(caps, parts, strict=True), 1)
    ]


def region_map(plan: Plan, closures: Sequence[Any], contacts: Sequence[Contact], width: float = 640.0,
               height: float = 540.0) -> str:  # fmt: skip
    """A flat map of where the flight is for: the station, or else the closest approach; "" where neither."""
    lead = plan.lead
    cap = region_cap(plan)
    if cap is None:
        return ""
    view = map_view(cap, width, height)
    reach_m = 1.6 * EARTH_RADIUS * max(width, height) / 2 / view.radius_px
    areas = [
        closed_area(closure, 0.8 * EARTH_RADIUS / view.radius_px, (view.lat, view.lon), reach_m)
        for closure in closures
        if _within(closure, view, reach_m)
    ]
    station = station_area(plan, lead)
    marks = [*bases(plan, region=True), *contact_marks(contacts), *join_marks(plan), *closest_marks(plan)]
    marks += [*no_return_marks(plan), *equal_time_marks(plan)]
    lines = tracks(plan, contacts, arrows=2)
    what = plan.station_name() or "the closest approach"
    title = f"The region: {what}"
    if lead is None:
        marks += [Mark(a, o, name, name, "square", "lead", rank=0) for name, a, o in _mission_places(plan)]
    shown = [mark for mark in marks if view.point(mark.lat, mark.lon) is not None]
    styles = [line for line in lines if _seen(view, line)]
    description = f"Flat map round {what}. {_described(areas, shown)}"
    return svg(view, title=title, description=description, areas=[*areas, *station], lines=styles, marks=marks,
               land=_land(view, reach_m, {closure.id for closure in closures}),
               legend=legend_of(styles, [*areas, *station], shown, _stand_off(plan)), scale_bar=True,
               ident="region")  # fmt: skip


def region_cap(plan: Plan) -> tuple[float, float, float] | None:
    """Centre and radius [deg] of the region: the station or else the closest approach; None where neither."""
    points = _region_points(plan, plan.lead) if plan.lead is not None else _asked_points(plan)
    if not points:
        return None
    lat, lon, radius = enclosing_cap([p[0] for p in points], [p[1] for p in points])
    return lat, lon, float(np.clip(radius * 1.15, 2.5, 12.0))


def _globe(plan: Plan, closures: Sequence[Any], contacts: Sequence[Contact], cap: tuple[float, float, float],
           size: float, ident: str, title: str, standalone: bool) -> str:  # fmt: skip
    view = globe_view(cap, size, size)
    tolerance = EARTH_RADIUS / view.radius_px
    areas = [closed_area(closure, tolerance) for closure in closures]
    if len(areas) > 12:
        areas = [Area(a.rings, "", a.title, a.style, a.limit, a.holds_pole) for a in areas]
    lead = plan.lead
    station = station_area(plan, lead) if lead is not None else []
    marks = [*bases(plan, region=False), *contact_marks(contacts), *no_return_marks(plan)]
    marks += equal_time_marks(plan)
    lines = tracks(plan, contacts, arrows=2)
    shown = [mark for mark in marks if view.point(mark.lat, mark.lon) is not None]
    description = f"{title} on a globe. {_described(areas, shown)}"
    return svg(view, title=title, description=description, areas=[*areas, *station], lines=lines, marks=marks,
               legend=legend_of(lines, [*areas, *station], shown, _stand_off(plan)), ident=ident,
               standalone=standalone)  # fmt: skip


def _closed_only(plan: Plan, closures: Sequence[Any], size: float, standalone: bool) -> list[str]:
    """What stands in the way of a mission that has no flight: closed areas, station and bases."""
    places = _mission_places(plan)
    shape = plan.station_shape()
    if shape is not None:
        places.append((plan.station_name() or "station", *shape[0]))
    if not places and not closures:
        return []
    lat = [place[1] for place in places] or [float(np.mean(r.lat)) for c in closures for r in c.rings]
    lon = [place[2] for place in places] or [float(np.mean(r.lon)) for c in closures for r in c.rings]
    cap = enclosing_cap(lat, lon)
    view = globe_view((cap[0], cap[1], max(cap[2], 6.0)), size, size)
    areas = [closed_area(closure, EARTH_RADIUS / view.radius_px) for closure in closures]
    station = station_area(plan, None)
    marks = [Mark(a, o, name, name, "square", "lead", rank=0) for name, a, o in places]
    key = legend_of([], [*areas, *station], marks, _stand_off(plan))
    return [svg(view, title="What was asked", areas=[*areas, *station], marks=marks,
                description=f"The places of the mission and the closed airspace. {_described(areas, marks)}",
                legend=key, ident="globe", standalone=standalone)]  # fmt: skip


def tracks(plan: Plan, contacts: Sequence[Contact], arrows: int) -> list[Line]:
    """Every flown line: the lead's outbound and return apart, and its refuellings on top."""
    lines = []
    for flight in plan.flights:
        title = f"{flight.id}: {flight.count} × {flight.aircraft}, {flight.origin} to {flight.destination}"
        if flight.role != "lead":
            lines.append(Line(flight.lat, flight.lon, flight.role, title, flight=flight.id))
            continue
        turn = turning_time(plan, flight)
        split = flight.time_s.size - 1 if turn is None else int(np.searchsorted(flight.time_s, turn))
        out, back = slice(None, split + 1), slice(split, None)
        lines.append(Line(flight.lat[out], flight.lon[out], "out", f"{title}, outbound", arrows, flight.id))
        if split < flight.time_s.size - 1:
            lines.append(
                Line(flight.lat[back], flight.lon[back], "back", f"{title}, return", arrows, flight.id)
            )
    for contact in contacts:
        receiver = plan.flight(contact.receiver)
        if receiver is not None:
            during = (receiver.time_s >= contact.start_s) & (receiver.time_s <= contact.end_s)
            if np.count_nonzero(during) > 1:
                lines.append(Line(receiver.lat[during], receiver.lon[during], "refuel", contact.title))
    return lines


def bases(plan: Plan, *, region: bool) -> list[Mark]:
    """Origin, destination, tanker bases, abort bases; partner bases only on the map of the region."""
    marks: dict[str, Mark] = {}
    for flight in plan.flights:
        for code, row in ((flight.origin, 0), (flight.destination, -1)):
            if code in marks or (flight.role == "partner" and not region):
                continue
            shape, style, rank = {"lead": ("square", "lead", 0), "tanker": ("triangle", "tanker", 1)}.get(
                flight.role, ("square", "partner", 1)
            )
            name = names.airport_name(code)
            label = code if region or flight.role == "tanker" else name if len(name) < 22 else code
            marks[code] = Mark(
                float(flight.lat[row]),
                float(flight.lon[row]),
                label,
                f"{name} ({code})",
                shape,
                style,
                rank=rank,
            )
    for code, lat, lon in _abort_places(plan):
        if code not in marks:
            name = names.airport_name(code)
            marks[code] = Mark(lat, lon, code, f"abort base: {name} ({code})", "ring", "abort", rank=3)
    return list(marks.values())


def _abort_places(plan: Plan) -> list[tuple[str, float, float]]:
    used = [record.abort_base for record in plan.refuellings]
    return [found for code in dict.fromkeys([*used, *plan.abort_bases()]) if (found := place(plan, code))]


def place(plan: Plan, code: str) -> tuple[str, float, float] | None:
    """Code and position of a base: the document's own, else the airport table's."""
    from longreach.errors import UnitError
    from longreach.world import airports

    table = plan.data.get("airports")
    entry = table.get(code) if isinstance(table, dict) else None
    if isinstance(entry, dict) and isinstance(entry.get("lat"), int | float):
        return code, float(entry["lat"]), float(entry["lon"])
    try:
        place = airports.find(code)
    except (InputError, UnitError, DataError):
        return None
    return code, place.lat, place.lon


def _mission_places(plan: Plan) -> list[tuple[str, float, float]]:
    """Origins and destinations the mission asks for."""
    found: dict[str, tuple[str, float, float]] = {}
    flights = plan.mission.get("flights")
    for flight in flights if isinstance(flights, list) else []:
        for key in ("from", "to"):
            code = flight.get(key) if isinstance(flight, dict) else None
            if isinstance(code, str) and (spot := place(plan, code)):
                found[code] = (names.airport_name(code), spot[1], spot[2])
    return list(found.values())


def contact_marks(contacts: Sequence[Contact]) -> list[Mark]:
    """The middle of each refuelling, with its number; one for all flights of a cell."""
    return [
        Mark(
            *_middle(each[0].start, each[0].end), "", "; ".join(contact.title for contact in each), "number",
            "contact", str(each[0].number),
        )
        for each in by_number(contacts)
    ]  # fmt: skip


def no_return_marks(plan: Plan) -> list[Mark]:
    """Where the lead can last turn back to where it came from; on the map of the region no more is marked."""
    marks = []
    for row in plan.no_return:
        if row.back:
            at = moment(row.until_s)
            title = f"point of no return to {row.base}: {at:%H:%M} UTC, {words.position(*row.where)}"
            lat, lon = row.where
            marks.append(Mark(lat, lon, f"no return {row.base}", title, "dot", "noreturn", rank=2))
    return marks


def equal_time_marks(plan: Plan) -> list[Mark]:
    """Equal-time points, without a label of their own."""
    return [
        Mark(
            row.where[0],
            row.where[1],
            "",
            f"equal time to {' and '.join(row.bases)}: {moment(row.time_s):%H:%M} UTC, {row.way_min:.0f} min",
            "dot",
            "equal",
        )
        for row in plan.equal_times
    ]


def _middle(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    length, azimuth, _ = geodesy.inverse(*start, *end)
    lat, lon, _ = geodesy.direct(*start, azimuth, length / 2)
    return float(lat), float(lon)


def join_marks(plan: Plan) -> list[Mark]:
    """Where each partner joins."""
    marks = []
    for join in plan.joins:
        who = partner_name(plan, join.flight)
        at = moment(join.join_s)
        label = f"{who} joins {at:%H:%M}"
        title = f"{join.flight} joins at {at:%H:%M} UTC, leaves at {moment(join.leave_s):%H:%M} UTC"
        marks.append(Mark(*join.join, label, title, "diamond", "partner", rank=2))
    return marks


def closest_marks(plan: Plan) -> list[Mark]:
    """The lead's closest approaches that are near the limit."""
    leads = {flight.id for flight in plan.role("lead")}
    nearest = nearest_clearance(plan)
    marks = []
    for row in plan.airspace:
        if row.flight in leads and (row is nearest or row.closest_m < row.stand_off_m + NEAR):
            nm = row.closest_m / NAUTICAL_MILE
            name = closure_name(plan, row.id)
            label = f"{nm:.0f} nm to {name}"
            title = (
                f"closest approach to {name}: {nm:.1f} nm; stand-off {row.stand_off_m / NAUTICAL_MILE:g} nm"
            )
            marks.append(Mark(*row.closest, label, title, "dot", "near", rank=2))
    return marks


def _region_points(plan: Plan, lead: Flight) -> list[tuple[float, float]]:
    if plan.station is not None:
        first, last = np.searchsorted(lead.time_s, [plan.station.enter_s, plan.station.leave_s])
        first = min(int(first), lead.time_s.size - 1)
        part = slice(first, max(int(last), first) + 1)
        cap = enclosing_cap(lead.lat[part], lead.lon[part])
        centre = (cap[0], cap[1])
        points = list(zip(lead.lat[part].tolist(), lead.lon[part].tolist(), strict=True))
    else:
        nearest = nearest_clearance(plan)
        if nearest is None:
            return []
        centre = nearest.closest
        lat, lon, _ = geodesy.direct(*centre, np.arange(0.0, 360.0, 30.0), 600_000.0)
        points = list(zip(lat.tolist(), lon.tolist(), strict=True))
    extra = [point for join in plan.joins for point in (join.join, join.leave)]
    extra += [(float(f.lat[0]), float(f.lon[0])) for f in plan.role("partner")]
    nearest = nearest_clearance(plan)
    extra += [nearest.closest] if nearest is not None else []
    points += [p for p in extra if float(geodesy.distance(*centre, *p)) < 700_000.0]
    return points


def _asked_points(plan: Plan) -> list[tuple[float, float]]:
    """Round the station of a mission that has no flight; nothing where it has no station."""
    shape = plan.station_shape()
    if shape is None:
        return []
    lat, lon, _ = geodesy.direct(*shape[0], np.arange(0.0, 360.0, 30.0), max(300_000.0, 1.5 * shape[1]))
    return list(zip(lat.tolist(), lon.tolist(), strict=True))


def station_area(plan: Plan, lead: Flight | None) -> list[Area]:
    """The station as asked for; a polygon or a circle, or nothing where the mission has none."""
    shape = plan.station_shape()
    if shape is None:
        return []
    (lat, lon), radius, corners = shape
    name = plan.station_name() or "station"
    if corners:
        ring: tuple[Any, Any] = tuple(np.array([*corners, corners[0]], float).T)
        ring = geodesy.densify(ring[0], ring[1], 20_000.0)[:2]
    elif radius > 0:
        a, o, _ = geodesy.direct(lat, lon, np.arange(0.0, 361.0, 5.0), radius)
        ring = (a, o)
    else:
        return []
    return [Area((ring,), name, f"station: {name}", "station")]


def _stand_off(plan: Plan) -> str:
    nm = plan.airspace_rule()["stand_off_m"] / NAUTICAL_MILE
    return f"{nm:g} nm" if nm else ""


def _described(areas: Sequence[Area], marks: Sequence[Mark]) -> str:
    closed = [area.label or area.title for area in areas if area.style == "closed"]
    text = (
        f"Closed: {words.listed(closed)}. "
        if 0 < len(closed) <= 12
        else f"{len(closed)} areas closed. "
        if closed
        else ""
    )
    named = [mark.title for mark in marks]
    return text + (f"Marked: {'; '.join(named)}." if named else "")


def _seen(view: View, line: Line) -> bool:
    pixels = view.place(view.turn(line.lat, line.lon))
    return bool(
        (
            (pixels[:, 0] > 0)
            & (pixels[:, 0] < view.width)
            & (pixels[:, 1] > 0)
            & (pixels[:, 1] < view.height)
        ).any()
    )


def _within(closure: Any, view: View, reach_m: float) -> bool:
    """True where any of a closure comes within reach of the middle of the view, or holds it."""
    parts = [*closure.rings, *closure.lines]
    lat = np.concatenate([part.lat for part in parts])
    lon = np.concatenate([part.lon for part in parts])
    seen = view.turn(lat, lon)
    return bool((seen[:, 2] > math.cos(min(1.5 * reach_m / EARTH_RADIUS + 0.02, math.pi))).any())


def _land(view: View, reach_m: float, closed: set[str]) -> list[Area] | None:
    """Land of the States in reach, as the airspace pack has it; None (the coarse outline) without a pack."""
    from longreach.world import airspace, atlas

    try:
        pack = atlas.shipped()
        layer = pack.layer("land")
        near = np.abs(layer.lat - view.lat) < math.degrees(reach_m / EARTH_RADIUS)
        near[near] = view.turn(layer.lat[near], layer.lon[near])[:, 2] > math.cos(
            min(reach_m / EARTH_RADIUS, math.pi)
        )
        arcs = np.flatnonzero(np.add.reduceat(near.astype(int), layer.start[:-1]))
        pieces = {int(p) for p in (*layer.left[arcs], *layer.right[arcs]) if p >= 0}
        codes = sorted({pack.pieces[p].owners[0] for p in pieces if pack.pieces[p].owners})
        known = {state.code for state in airspace.states()}
        land = airspace.closures([code for code in codes if code in known], belt="plain")
    except (DataError, InputError, KeyError):
        return None
    return [
        Area(tuple((ring.lat, ring.lon) for ring in closure.rings), "" if closure.id in closed else closure.name,
             closure.name, "land", (), closure.holds_north_pole)
        for closure in land
    ]  # fmt: skip
