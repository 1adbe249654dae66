"""The pictures of the page: events on a time line, places with how well they are known, counts with their limits."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html import escape
from importlib import resources

import numpy as np

from longreach import geodesy
from longreach.geodesy import Floats
from longreach.ledger.dates import day, day_span
from longreach.ledger.evidence import Evidence
from longreach.ledger.listed import OF_EVENT, bounds_of, days_of
from longreach.page import charts
from longreach.page.words import count, sentence
from longreach.watch.alarms import Rates
from longreach.watch.standing import Coming

MOST_EVENTS = 60  # on the time line
MOST_PLACES = 400  # on the map
WIDEST_M = 600_000.0  # a place known no better than this is listed and not drawn
_SERIES = {"flight": "s1", "incident": "s6", "statement": "s4", "decision": "s5", "anniversary": "s3"}
_NAMES = {"flight": "flight", "incident": "incident", "statement": "statement", "decision": "decision",
          "anniversary": "anniversary"}  # fmt: skip


def _seconds(at: date) -> float:
    return datetime(at.year, at.month, at.day, tzinfo=UTC).timestamp()


def timeline(evidence: Evidence, at: date, coming: Sequence[Coming]) -> tuple[str, str]:
    """Events with the days they may have had, and what was left out; ("", note) where there is none.

    The thick bar is what the claims leave together; thin lines under it are what each claim says, where they
    differ.
    """
    wholes = {link.to for link in evidence.links if link.relation == "part of"}
    rows = []
    unknown = 0
    for event in evidence.events.values():
        if event.id in wholes or event.type == "anniversary":
            continue
        days = days_of(event, evidence)
        if days is None:
            unknown += bool(evidence.claims_of(event.id))
            continue
        said = []
        for claim in evidence.claims_of(event.id):
            for time in evidence.times(claim.id):
                bounds = bounds_of(time)
                if time.role in OF_EVENT and bounds:
                    said.append((claim.id, time.role, bounds))
        rows.append((days, event, said))
    rows.sort(key=lambda row: (row[0], row[1].id))
    note = f"{sentence(count(unknown, 'event') + ' without a day, not drawn')} " if unknown else ""
    if len(rows) > MOST_EVENTS:
        note += f"The latest {MOST_EVENTS} of {len(rows):,} events are drawn. "
        rows = rows[-MOST_EVENTS:]
    if not rows:
        return "", note + "No event has a day."
    returns = [each.back for each in coming]
    begin = min(row[0][0] for row in rows)
    end = max([row[0][1] for row in rows] + [at] + [back.on for back in returns])
    pad = max(timedelta(days=3), (end - begin) * 0.02)
    left, right, top = 372.0, 984.0, 44.0
    axis = charts.TimeAxis(_seconds(begin - pad), _seconds(end + pad), left, right)
    height = 24.0
    bottom = top + height * len(rows) + 6
    marks = [(_seconds(at), f"as of {day(at)}")]
    parts = axis.draw(bottom, top=top - 6, apart=70.0)
    for n, (days, event, said) in enumerate(rows):
        y = top + height * n + 10
        style = _SERIES[event.type]
        a, b = axis(_seconds(days[0])), axis(_seconds(days[1] + timedelta(days=1)))
        differ = len({bounds for _, _, bounds in said}) > 1
        words = f"{event.id}: {event.title}, {day_span(*days)}"
        if differ:
            words += "; " + "; ".join(f"{claim} {role} {day_span(*bounds)}" for claim, role, bounds in said)
        parts.append(
            f'<rect class="bars {style}" x="{a:.1f}" y="{y - 6:.1f}" width="{max(b - a, 3.5):.1f}" height="11" rx="1.5">'
            f"<title>{escape(words)}</title></rect>"
        )
        if differ:
            spells = dict.fromkeys(bounds for _, _, bounds in said)
            for k, (first, last) in enumerate(spells):
                x1, x2 = axis(_seconds(first)), axis(_seconds(last + timedelta(days=1)))
                parts.append(f'<path class="axis" d="M{x1:.1f} {y + 7 + 2 * k:.1f}H{max(x2, x1 + 2):.1f}"/>')
        parts.append(charts.text(left - 124, y + 4, _short(event.title, 36), "small end"))
        parts.append(charts.text(left - 12, y + 4, _brief_span(*days), "small num end quiet"))
    parts += axis.events(marks, top - 30, bottom)
    for back in returns:
        x = axis(_seconds(back.on))
        parts.append(f'<path class="event" d="M{x:.1f} {top - 6:.1f}V{bottom:.1f}"/>')
        parts.append(
            f'<circle class="dot s3" cx="{x:.1f}" cy="{bottom:.1f}" r="4"><title>'
            f"{escape(f'{back.remembered.name}, {day(back.on)}')}</title></circle>"
        )
    kinds = dict.fromkeys(event.type for _, event, _ in rows)
    entries = [("bars", _SERIES[kind], _NAMES[kind]) for kind in kinds]
    if returns:
        entries.append(("dot", "s3", "day that comes round"))
    parts += charts.legend(left, bottom + 44, entries, right)
    figure = charts.figure(
        "timeline", 1000, bottom + 56, "Events in time", f"{len(rows)} events from {day(begin)} to {day(end)}, each as "
        "the days it may have had.", parts,
    )  # fmt: skip
    return figure, note


def article(noun: str) -> str:
    """The noun with "a" or "an".

    >>> article("incident"), article("flight")
    ('an incident', 'a flight')
    """
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _short(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1].rstrip(" ,") + "…"


def _brief_span(first: date, last: date) -> str:
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}-{day(last)}"
    return f"{day(first).rsplit(' ', 1)[0]} - {day(last)}"


@dataclass(frozen=True, slots=True)
class _Spot:
    lat: float
    lon: float
    radius_m: float
    name: str
    kind: str
    claims: tuple[str, ...]


def world_map(evidence: Evidence) -> tuple[str, str]:
    """Places of events with the circle within which each lies, and what was left out."""
    spots: dict[tuple[float, float, float, str], _Spot] = {}
    wide: dict[str, None] = {}
    unplaced = 0
    for claim in evidence.claims.values():
        events = evidence.events_of(claim.id)
        kind = events[0].type if events else "statement"
        for place in evidence.places(claim.id):
            if place.role == "base":
                continue
            if place.lat is None or place.lon is None:
                unplaced += 1
                continue
            radius = place.radius_m or 0.0
            if radius > WIDEST_M:
                wide[place.name] = None
                continue
            key = (place.lat, place.lon, radius, kind)
            before = spots.get(key)
            claims = (*before.claims, claim.id) if before else (claim.id,)
            spots[key] = _Spot(place.lat, place.lon, radius, place.name, kind, claims)
    note = "A circle is how well a place is known: it lies somewhere inside. "
    if unplaced:
        note += f"{unplaced:,} places with a name alone are not drawn. "
    if wide:
        note += f"Known too roughly to draw: {', '.join(list(wide)[:8])}. "
    drawn = sorted(spots.values(), key=lambda spot: -spot.radius_m)
    if len(drawn) > MOST_PLACES:
        note += f"The {MOST_PLACES} best known of {len(drawn):,} places are drawn. "
        drawn = drawn[-MOST_PLACES:]
    if not drawn:
        return "", note + "No claim has a place with a position."
    return _draw(drawn), note


def _draw(spots: Sequence[_Spot]) -> str:
    """A plate carrée of the region, true in scale along its middle parallel."""
    reach = [max(spot.radius_m, 40_000.0) / 111_000.0 for spot in spots]
    south = min(s.lat - r for s, r in zip(spots, reach, strict=True))
    north = max(s.lat + r for s, r in zip(spots, reach, strict=True))
    middle = (south + north) / 2
    squeeze = max(0.2, math.cos(math.radians(middle)))
    west = min(s.lon - r / squeeze for s, r in zip(spots, reach, strict=True))
    east = max(s.lon + r / squeeze for s, r in zip(spots, reach, strict=True))
    width, most = 1000.0, 620.0
    span_x, span_y = max((east - west) * squeeze, 1.0) * 1.06, max(north - south, 1.0) * 1.06
    scale = min(width / span_x, most / span_y)
    height = min(most, max(300.0, scale * span_y))
    centre = (west + east) / 2

    def pixels(lat: Floats, lon: Floats) -> Floats:
        away = (np.asarray(lon) - centre + 180.0) % 360.0 - 180.0
        return np.stack(
            [width / 2 + away * squeeze * scale, height / 2 - (np.asarray(lat) - middle) * scale], axis=-1
        )

    parts = [
        f'<defs><clipPath id="map-c"><rect width="{width:g}" height="{height:g}"/></clipPath></defs>',
        f'<g clip-path="url(#map-c)"><rect class="sea" width="{width:g}" height="{height:g}"/>',
    ]
    land, borders = _outlines()
    for lat, lon in land:  # a line that jumps from one edge of the world to the other is far from here
        at = pixels(lat, lon)
        if _near(at, width, height) and np.abs(np.diff(at[:, 0])).max() < 180 * squeeze * scale:
            parts.append(f'<path class="land" d="{_path(at)}Z"/>')
    for lat, lon in borders:
        at = pixels(lat, lon)
        if _near(at, width, height) and np.abs(np.diff(at[:, 0])).max() < 180 * squeeze * scale:
            parts.append(f'<path class="border" d="{_path(at)}"/>')
    taken: list[tuple[float, float, float, float]] = []
    labels: list[str] = []
    named: set[tuple[str, float, float]] = set()
    for spot in spots:
        style = _SERIES[spot.kind]
        claims = ", ".join(spot.claims[:12]) + (" …" if len(spot.claims) > 12 else "")
        title = f"{spot.name or 'place'}: {claims}; known to {spot.radius_m / 1000:,.0f} km"
        if spot.radius_m > 0:
            bearing = np.linspace(0.0, 360.0, 73)
            lat, lon, _ = geodesy.direct(
                np.full(73, spot.lat), np.full(73, spot.lon), bearing, np.full(73, spot.radius_m)
            )
            circle = pixels(lat, lon)
            parts.append(
                f'<path class="shade {style}" d="{_path(circle)}Z"><title>{escape(title)}</title></path>'
                f'<path class="curve thin {style}" d="{_path(circle)}Z"/>'
            )
        x, y = pixels(np.array([spot.lat]), np.array([spot.lon]))[0]
        parts.append(
            f'<circle class="dot {style}" cx="{x:.1f}" cy="{y:.1f}" r="3.4"><title>{escape(title)}</title></circle>'
        )
        if len(spots) <= 25 and spot.name and (spot.name, x, y) not in named:
            named.add((spot.name, x, y))
            labels += _label(spot.name, x, y, width, height, taken)
    parts += [*labels, "</g>"]
    kinds = dict.fromkeys(spot.kind for spot in spots)
    parts += charts.legend(
        8, height + 22, [("dot", _SERIES[kind], f"of a claim on {article(_NAMES[kind])}") for kind in kinds]
    )
    return charts.figure(
        "map", width, height + 34, "Where it is claimed to have been",
        f"{len(spots)} places, each with the circle within which it lies.", parts,
    )  # fmt: skip


def _label(
    name: str, x: float, y: float, width: float, height: float, taken: list[tuple[float, float, float, float]]
) -> list[str]:
    """A label beside a dot where there is room; none where there is not (the title of the dot has the name)."""
    wide = charts.text_width(name, 11.0)
    for dx, dy, end in (
        (8, 4, False),
        (-8, 4, True),
        (8, -8, False),
        (8, 16, False),
        (-8, -8, True),
        (-8, 16, True),
    ):
        left = x + dx - (wide if end else 0.0)
        box = (left, y + dy - 10, left + wide, y + dy + 3)
        inside = box[0] > 2 and box[2] < width - 2 and box[1] > 2 and box[3] < height - 2
        if inside and not any(
            box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken
        ):
            taken.append(box)
            return [charts.text(x + dx, y + dy, name, f"small halo{' end' if end else ''}")]
    return []


def _near(at: Floats, width: float, height: float) -> bool:
    return bool(
        at[:, 0].max() > -50
        and at[:, 0].min() < width + 50
        and at[:, 1].max() > -50
        and at[:, 1].min() < height + 50
    )


def _path(at: Floats) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in at.tolist())


@cache
def _outlines() -> tuple[list[tuple[Floats, Floats]], list[tuple[Floats, Floats]]]:
    """Land and State borders of the shipped 1:110m outline, as (lat, lon) lines."""
    data = json.loads((resources.files("longreach.world") / "data" / "land-110m.json").read_text("utf-8"))

    def pairs(flat: list[int]) -> tuple[Floats, Floats]:
        points = np.array(flat, float).reshape(-1, 2) / 100.0
        return points[:, 0], points[:, 1]

    return [pairs(each) for each in data["land"]], [pairs(each) for each in data["borders"]]


def rate_chart(rates: Rates) -> str:
    """Counts by period with the mean, the limit and the limit a Poisson law would set; alarms marked."""
    counts = rates.counts
    shown = min(counts.counts.size, rates.watched + rates.baseline.periods)
    values = counts.counts[-shown:].astype(float)
    starts = counts.starts[-shown:]
    edges = np.array([_seconds(each) for each in starts] + [_seconds(counts.end + timedelta(days=1))])
    single = next(alarm for alarm in rates.alarms if alarm.chart.kind == "single")
    ewma = next(alarm for alarm in rates.alarms if alarm.chart.kind == "EWMA")
    top_value = max(float(values.max()), single.chart.limit) * 1.08
    x = charts.TimeAxis(float(edges[0]), float(edges[-1]), 56.0, 984.0)
    y = charts.ValueAxis(0.0, top_value, 236.0, 26.0)
    parts = [*y.draw(56.0, 984.0, f"events in {counts.period_days} days"), *x.draw(236.0)]
    parts += charts.bars(x(edges), y(values), 236.0, "s1", 0.6)
    watched = edges[-rates.watched - 1 :]
    limit, plain = float(single.chart.limit), float(single.chart.poisson_limit)
    across = x(np.array([watched[0], watched[-1]]))
    parts += charts.curve(across, y(np.array([limit, limit])), "s6")
    parts += [f'<path class="curve s6 thin dashed" d="M{across[0]:.1f} {y(plain):.1f}H{across[1]:.1f}"/>']
    parts += charts.curve(x((watched[:-1] + watched[1:]) / 2), y(ewma.values), "s3")
    mean = y(rates.baseline.mean)
    parts.append(f'<path class="event" d="M56 {mean:.1f}H984"/>')
    for alarm in rates.alarms:
        for first in alarm.rang:
            at = x(_seconds(first) + counts.period_days * 43200.0)
            parts.append(
                f'<circle class="dot s6" cx="{at:.1f}" cy="16" r="4"><title>{escape(alarm.chart.kind)} '
                f"{escape(day(first))}</title></circle>"
            )
    parts += charts.legend(
        56, 282,
        [("bars", "s1", "events"), ("event", "", "mean of the baseline"), ("curve", "s6", "limit of the alarm"),
         ("curve", "s6 thin dashed", "limit by a Poisson law"), ("curve", "s3", "EWMA"), ("dot", "s6", "alarm")],
        984,
    )  # fmt: skip
    return charts.figure(
        "rate", 1000, 306, f"Events in {counts.period_days} days", f"{counts.name}: {int(values[-1])} in the last period, "
        f"limit {limit:.0f}, baseline {rates.baseline.mean:.1f}.", parts,
    )  # fmt: skip
