"""The clock and the tanks as SVG: who is where when, and how much fuel is left above the least allowed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, tzinfo
from html import escape
from itertools import pairwise

import numpy as np

from longreach.brief.reading import Flight, Plan, moment, spans
from longreach.brief.story import Contact, tank_limit_kg
from longreach.geodesy import Floats
from longreach.page.charts import area_between, clock_ticks, day_labels, figure, hours_step, path_through
from longreach.page.words import duration, mass, month, tonnes
from longreach.units import POUND

Scale = Callable[[float], float]  # seconds from 1970 to pixels
Axis = Callable[[Floats], Floats]
_WIDTH = 1000.0
_LEFT, _RIGHT = 168.0, 16.0


def timeline(
    plan: Plan, contacts: list[Contact], zones: list[tuple[str, tzinfo]], ident: str = "time"
) -> str:
    """One bar per flight on a UTC axis, with phases, contacts, joins and station; "" where nothing flies.

    Parameters
    ----------
    zones : (name, time zone) for further axes in local time
    """
    lead = plan.lead
    if lead is None:
        return ""
    tankers = sorted(plan.role("tanker"), key=lambda flight: _counted(flight.id))
    flights = [*plan.role("lead"), *tankers, *plan.role("partner")]
    begin = min(flight.takeoff_s for flight in flights)
    end = max(flight.landing_s for flight in flights)
    pad = 0.012 * (end - begin)
    begin, end = begin - pad, end + pad

    def x(time_s: float) -> float:
        return _LEFT + (time_s - begin) / (end - begin) * (_WIDTH - _LEFT - _RIGHT)

    top, out = 46.0, []
    tops: dict[str, float] = {}
    y = top
    for index, flight in enumerate(flights):
        if index and flight.role != flights[index - 1].role:
            y += 10.0
        tops[flight.id] = y
        y += 38.0 if flight.role == "lead" else 24.0
    bottom = y + 4.0
    height = bottom + 30.0 * len(zones) + 4.0
    step = hours_step(end - begin)
    ticks = clock_ticks(begin, end, step, UTC)
    for tick in ticks:
        at = x(tick.timestamp())
        out.append(f'<path class="rule" d="M{at:.1f} {top - 8}V{bottom}"/>')
        out.append(f'<text class="small num mid" x="{at:.1f}" y="{top - 13}">{tick:%H:%M}</text>')
    out.append(f'<text class="small strong end" x="{_LEFT - 12}" y="{top - 13}">UTC</text>')
    out += day_labels(begin, end, UTC, x, 14.0)
    for flight in flights:
        out += _bar(plan, flight, contacts, x, tops[flight.id])
    for join in plan.joins:
        if join.flight in tops and join.partner_of in tops:
            from_y, to_y = tops[join.partner_of] + 26, tops[join.flight] + 4
            for time_s in (join.join_s, join.leave_s):
                at = x(time_s)
                out.append(f'<path class="leader" stroke-dasharray="2 2" d="M{at:.1f} {from_y}V{to_y}"/>')
    for row, (name, zone) in enumerate(zones):
        axis = bottom + 8 + 30.0 * row
        out.append(f'<path class="axis" d="M{_LEFT} {axis}H{_WIDTH - _RIGHT}"/>')
        out.append(f'<text class="small end" x="{_LEFT - 12}" y="{axis + 16}">{escape(name)}</text>')
        for tick in clock_ticks(begin, end, max(step, 6) if end - begin > 54000 else step, zone):
            at = x(tick.timestamp())
            label = f"{tick.day} {month(tick)}" if tick.hour == 0 else f"{tick:%H:%M}"
            strong = " strong" if tick.hour == 0 else ""
            out.append(f'<path class="axis" d="M{at:.1f} {axis}v4"/>')
            out.append(f'<text class="small num mid{strong}" x="{at:.1f}" y="{axis + 16}">{label}</text>')
    description = (
        f"{len(flights)} flights from {moment(begin + pad):%d %b %H:%M} to {moment(end - pad):%d %b %H:%M} UTC. "
        "The same times are in the tables below."
    )
    scale = {
        "begin": begin,
        "end": end,
        "left": _LEFT,
        "right": _WIDTH - _RIGHT,
        "top": top - 8,
        "bottom": bottom,
    }
    return figure(ident, _WIDTH, height, "Timeline of every aircraft", description, out, attributes=scale)


def fuel_ladder(plan: Plan, contacts: list[Contact], ident: str = "fuel") -> str:
    """Fuel on board of one lead aircraft against time, above the least it must have; "" without a lead."""
    lead = plan.lead
    if lead is None:
        return ""
    contacts = [contact for contact in contacts if contact.receiver == lead.id]
    height, top, bottom = 380.0, 26.0, 338.0
    begin, end = lead.time_s[0], lead.time_s[-1]
    required = required_kg(plan, lead)
    limit = tank_limit_kg(plan, lead.aircraft)
    most = max(float(lead.fuel_kg.max()), limit or 0.0, float(required.max()))
    step_t = next(s for s in (1, 2, 5, 10, 20, 25, 50, 100) if most / 1000.0 / s <= 8) if most < 8e5 else 100
    ceiling = math.ceil(most / 1000.0 / step_t + 0.15) * step_t * 1000.0

    def x(time_s: Floats | float) -> Floats:
        return np.asarray(
            _LEFT - 88 + (np.asarray(time_s) - begin) / (end - begin) * (_WIDTH - _LEFT + 88 - 74)
        )

    def y(kg: Floats | float) -> Floats:
        return np.asarray(bottom - np.asarray(kg) / ceiling * (bottom - top))

    left, right = float(x(begin)), float(x(end))
    out = []
    for tonne in range(0, int(ceiling / 1000) + 1, step_t):
        at = float(y(tonne * 1000.0))
        out.append(f'<path class="rule" d="M{left:.1f} {at:.1f}H{right:.1f}"/>')
        out.append(f'<text class="small num end" x="{left - 8:.1f}" y="{at + 4:.1f}">{tonne} t</text>')
        klb = tonne / POUND
        out.append(f'<text class="small num quiet" x="{right + 8:.1f}" y="{at + 4:.1f}">{klb:.0f} klb</text>')
    hours = hours_step(float(end - begin))
    for tick in clock_ticks(float(begin), float(end), hours, UTC):
        at = float(x(tick.timestamp()))
        out.append(f'<path class="axis" d="M{at:.1f} {bottom}v5"/>')
        out.append(f'<text class="small num mid" x="{at:.1f}" y="{bottom + 18}">{tick:%H:%M}</text>')
    out += day_labels(float(begin), float(end), UTC, lambda t: float(x(t)), bottom + 33.0)
    out.append(f'<path class="axis" d="M{left:.1f} {bottom}H{right:.1f}"/>')
    if limit:
        at = float(y(limit))
        out.append(f'<path class="tanklimit" d="M{left:.1f} {at:.1f}H{right:.1f}"/>')
        out.append(
            f'<text class="small quiet end halo" x="{right - 4:.1f}" y="{at - 5:.1f}">tanks full, {tonnes(limit)}</text>'
        )
    out.append(f'<path class="below" d="{_area(x, y, lead.time_s, required, np.zeros(required.size))}"/>')
    half = band_kg(plan, lead)
    out.append(
        f'<path class="band" d="{_area(x, y, lead.time_s, lead.fuel_kg + half, lead.fuel_kg - half)}"/>'
    )
    breaks = [int(np.searchsorted(lead.time_s, c.end_s, side="right")) for c in contacts]
    for first, last in pairwise([0, *breaks, required.size]):
        if last - first > 1:
            out.append(
                f'<path class="least" d="{_line(x, y, lead.time_s[first:last], required[first:last])}"/>'
            )
    way_out = plan.required_kg(lead)
    if way_out is not None:
        out.append(f'<path class="wayout" d="{_line(x, y, lead.time_s, way_out)}"/>')
    out.append(f'<path class="onboard" d="{_line(x, y, lead.time_s, lead.fuel_kg)}"/>')
    said: list[tuple[float, float, float, float]] = []  # left, right, top, bottom of what is written
    for contact in contacts:
        first, last = np.searchsorted(lead.time_s, [contact.start_s, contact.end_s + 0.5])
        part = slice(int(first), max(int(last), int(first) + 2))
        out.append(f'<path class="taking" d="{_line(x, y, lead.time_s[part], lead.fuel_kg[part])}"/>')
        at_x, at_y = float(x(contact.end_s)), float(y(contact.fuel_after_kg))
        out.append(
            f'<g transform="translate({at_x:.1f} {at_y - 15:.1f})"><title>{escape(contact.title)}</title>'
            f'<circle class="mark contact" r="8.5"/><text class="in" y="4">{contact.number}</text></g>'
        )
        out.append(
            f'<text class="small halo" x="{at_x + 12:.1f}" y="{at_y - 11:.1f}">+{tonnes(contact.onload_kg)}</text>'
        )
        said.append((at_x - 9.0, at_x + 64.0, at_y - 26.0, at_y - 6.0))
    head, tail = (lead.fuel_kg[part] for part in (x(lead.time_s) < left + 105, x(lead.time_s) > right - 95))
    begun = _clear(said, left + 8.0, left + 105.0, float(y(head.max())) - 8.0)
    out.append(
        f'<text class="small strong halo" x="{left + 8:.1f}" y="{begun:.1f}">'
        f"take-off {tonnes(float(lead.fuel_kg[0]))}</text>"
    )
    ended = _clear(said, right - 95.0, right, float(y(tail.max())) - 10.0)
    out.append(
        f'<text class="small strong halo end" x="{right - 4:.1f}" y="{ended:.1f}">'
        f"landing {tonnes(float(lead.fuel_kg[-1]))}</text>"
    )
    floor = float(lead.fuel_kg.min())
    description = (
        f"Fuel on board one {lead.aircraft}: {mass(float(lead.fuel_kg[0]))} at take-off, never less than {mass(floor)}, "
        f"{mass(float(lead.fuel_kg[-1]))} at landing, with {len(contacts)} refuellings. "
        f"Least margin {mass(lead.fuel['min_margin_kg'])}."
    )
    scale = {"begin": begin, "end": end, "left": left, "right": right, "top": top, "bottom": bottom}
    return figure(
        ident, _WIDTH, height, "Fuel ladder of the lead aircraft", description, out, attributes=scale
    )


def _clear(said: list[tuple[float, float, float, float]], left: float, right: float, foot: float) -> float:
    """Where a line of text may stand: at its foot, or higher where something is written there."""
    for x0, x1, top, bottom in sorted(said, key=lambda box: -box[3]):
        if x0 < right and left < x1 and foot - 14.0 < bottom and top < foot:
            foot = top - 3.0
    return foot


def required_kg(plan: Plan, flight: Flight) -> Floats:
    """Least fuel [kg] at each row: to fly on to the next contact, fail there and land with reserve.

    The fuel line lowered by the margin the plan states at the end of the next contact, and after the last
    contact by what is left above the reserve.
    """
    required = flight.fuel_kg - (flight.fuel["landing_kg"] - flight.fuel["reserve_kg"])
    records = sorted((r for r in plan.refuellings if r.receiver == flight.id), key=lambda r: -r.end_s)
    for record in records:
        before = flight.time_s <= record.end_s
        taken = np.where(flight.time_s >= record.start_s, flight.fuel_kg - record.fuel_before_kg, 0.0)
        burn_in_contact = record.fuel_before_kg + record.onload_kg - record.fuel_after_kg
        share = np.clip((flight.time_s - record.start_s) / max(record.end_s - record.start_s, 1.0), 0.0, 1.0)
        without = np.where(
            flight.time_s >= record.start_s, flight.fuel_kg - taken - burn_in_contact * share, flight.fuel_kg
        )
        required = np.where(before, without - record.abort_margin_kg, required)
    return np.maximum(required, 0.0)


def band_kg(plan: Plan, flight: Flight) -> Floats:
    """Half-width [kg] of the fuel on board from the error of the burn since take-off or the last contact."""
    burnt = np.concatenate([[0.0], np.cumsum(np.maximum(-np.diff(flight.fuel_kg), 0.0))])
    for record in plan.refuellings:
        if record.receiver == flight.id:
            after = flight.time_s >= record.end_s
            if after.any():
                burnt = np.where(after, burnt - burnt[int(np.argmax(after))], burnt)
    return np.asarray(np.maximum(burnt, 0.0) * flight.fuel["band_pct"] / 100.0)


def _counted(name: str) -> tuple[str | int, ...]:
    """A name by which to sort as one counts: tanker-2, tanker-10, tanker-10b."""
    return tuple(int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name))


def _bar(plan: Plan, flight: Flight, contacts: list[Contact], x: Scale, top: float) -> list[str]:
    lead = flight.role == "lead"
    high = 22.0 if lead else 14.0
    label = f"{flight.aircraft} ×{flight.count}" if flight.count > 1 else flight.aircraft
    bases = [(each.aircraft, each.origin) for each in plan.role(flight.role)]
    where = flight.id if lead or len(set(bases)) < len(bases) else flight.origin  # what tells them apart
    out = [
        f'<text class="small end" x="{_LEFT - 12}" y="{top + (18 if lead else 14)}">'
        f'<tspan class="strong">{escape(label)}</tspan><tspan class="quiet" dx="5">{escape(where)}</tspan></text>'
    ]
    style = {"lead": "bar-lead", "tanker": "bar-tanker", "partner": "bar-partner"}.get(
        flight.role, "bar-lead"
    )
    start, end = x(flight.takeoff_s), x(flight.landing_s)
    title = (
        f"{flight.id}: {label}, {flight.origin} {moment(flight.takeoff_s):%d %b %H:%M} to {flight.destination} "
        f"{moment(flight.landing_s):%d %b %H:%M} UTC, {duration(flight.duration_s)}"
    )
    out.append(
        f'<rect class="{style}" x="{start:.1f}" y="{top + 3}" width="{max(end - start, 2):.1f}" height="{high}" rx="2">'
        f"<title>{escape(title)}</title></rect>"
    )
    for phase, name in (
        ("climb", "soft"),
        ("descent", "soft"),
        ("refuel", "taking"),
        ("station", "atstation"),
        ("hold", "atstation"),
    ):
        found = spans(p == phase for p in flight.phase)
        if phase in (
            "climb",
            "descent",
        ):  # the first climb and the last descent; steps between are not marked
            found = found[:1] if phase == "climb" else found[-1:]
        for first, last in found:
            a, b = x(flight.time_s[first]), x(flight.time_s[min(last + 1, flight.time_s.size - 1)])
            if lead or phase == "refuel":
                out.append(
                    f'<rect class="bar-{name}" x="{a:.1f}" y="{top + 3}" width="{max(b - a, 1.5):.1f}" height="{high}">'
                    f"<title>{phase}, {moment(float(flight.time_s[first])):%H:%M} UTC</title></rect>"
                )
    if not lead:
        for join in plan.joins:
            if join.flight == flight.id:
                a, b = x(join.join_s), x(join.leave_s)
                out.append(
                    f'<rect class="bar-together" x="{a:.1f}" y="{top + 3}" width="{max(b - a, 2):.1f}" height="{high}">'
                    f"<title>together with {escape(join.partner_of)}</title></rect>"
                )
        return out
    if plan.station is not None and "station" not in flight.phase and flight is plan.lead:
        a, b = x(plan.station.enter_s), x(plan.station.leave_s)
        out.append(
            f'<rect class="bar-atstation" x="{a:.1f}" y="{top + 3}" width="{max(b - a, 2):.1f}" height="{high}"/>'
        )
    for light in plan.light:
        if light.flight == flight.id and light.kind != "day":
            a, b = x(light.start_s), x(light.end_s)
            shade = "night" if light.kind == "night" else "dusk"
            out.append(
                f'<rect class="bar-{shade}" x="{a:.1f}" y="{top + 3 + high + 1}" width="{max(b - a, 1):.1f}" height="6">'
                f"<title>{escape(light.kind)} at the aircraft</title></rect>"
            )
    for contact in contacts:
        if contact.receiver == flight.id:
            at = (x(contact.start_s) + x(contact.end_s)) / 2
            out.append(
                f'<text class="small strong mid inbar" x="{at:.1f}" y="{top + 18}">{contact.number}'
                f"<title>{escape(contact.title)}</title></text>"
            )
    if plan.station is not None and flight is plan.lead:
        at = (x(plan.station.enter_s) + x(plan.station.leave_s)) / 2
        if x(plan.station.leave_s) - x(plan.station.enter_s) > 44:
            out.append(f'<text class="small strong mid ondark" x="{at:.1f}" y="{top + 18}">station</text>')
    return out


def _line(x: Axis, y: Axis, time_s: Floats, kg: Floats) -> str:
    return path_through(np.stack([x(time_s), y(kg)], axis=-1))


def _area(x: Axis, y: Axis, time_s: Floats, upper: Floats, lower: Floats) -> str:
    top = np.stack([x(time_s), y(upper)], axis=-1)
    return area_between(top, np.stack([x(time_s), y(np.maximum(lower, 0.0))], axis=-1))
