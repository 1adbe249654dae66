"""Tanker refuels tanker, told and drawn: who gives what to whom, how far out, and what is left to turn back on."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from longreach import geodesy
from longreach.brief import story
from longreach.brief.reading import Plan, Refuelling, moment
from longreach.page import words
from longreach.page.charts import figure
from longreach.units import NAUTICAL_MILE

_WIDTH, _LEFT, _RIGHT = 1000.0, 168.0, 90.0
_ROW, _HEAD = 21.0, 30.0


@dataclass(frozen=True, slots=True)
class Lane:
    """One tanker flight of a team: what it gives, and on which lane of the drawing; depth in the tree.

    gives : in order of time; to a lead only those of the contact the lane stands under
    """

    flight: str
    depth: int
    gives: tuple[Refuelling, ...]


def teams(plan: Plan) -> list[tuple[story.Contact, list[Lane]]]:
    """Every contact of a lead with the tankers behind it, those that meet the lead first; [] without relays."""
    transfers = story.transfers(plan)
    if not transfers:
        return []
    told: set[str] = set()

    def behind(flight: str, to_lead: tuple[Refuelling, ...], depth: int) -> list[Lane]:
        if flight in told and not to_lead:  # it gives twice and has its lane
            return []
        told.add(flight)
        own = tuple(each for each in transfers if each.tanker_flight == flight)
        lanes = [Lane(flight, depth, (*own, *to_lead))]
        for each in transfers:
            if each.receiver == flight:
                lanes += behind(each.tanker_flight, (), depth + 1)
        return lanes

    return [
        (contact, [lane for record in contact.records for lane in behind(record.tanker_flight, (record,), 0)])
        for contact in story.contacts(plan)
    ]


def homeward(plan: Plan, record: Refuelling) -> bool:
    """Whether a tanker takes this on its way home: it has given before."""
    return any(
        each.tanker_flight == record.receiver and each.end_s <= record.start_s for each in plan.refuellings
    )


def lines(plan: Plan, contact: story.Contact) -> list[str]:
    """The tree behind one contact in words, a line for each transfer, set in by its depth."""
    lanes = next((lanes for found, lanes in teams(plan) if found == contact), [])
    depth = {lane.flight: lane.depth for lane in lanes}
    said = []
    for lane in lanes:
        for record in story.transfers(plan):
            if record.receiver == lane.flight and record.tanker_flight in depth:
                where = f"{words.nautical(_away(plan, record))} out"
                said.append(
                    f"{'   ' * lane.depth}{moment(record.start_s):%H:%M}  {record.receiver} takes "
                    f"{words.tonnes(record.onload_kg)} from {record.tanker_flight}, {where}"
                    f"{' on its way home' if homeward(plan, record) else ''}; "
                    f"abort to {record.abort_base}, {words.tonnes(record.abort_margin_kg)} to spare"
                )
    return said


def rows(plan: Plan) -> list[tuple[str, ...]]:
    """The table under the drawing: one row a transfer between tankers, in order of time."""
    return [
        (
            record.id,
            f"{moment(record.start_s):%H:%M} to {moment(record.end_s):%H:%M}",
            f"{words.nautical(_away(plan, record))}{', homeward' if homeward(plan, record) else ''}, "
            f"{words.position(*record.start)}",
            record.tanker_flight,
            record.receiver,
            words.mass(record.onload_kg),
            f"{words.tonnes(record.fuel_before_kg)}, {words.tonnes(record.fuel_after_kg)}",
            f"{record.abort_base}, {words.mass(record.abort_margin_kg)}",
        )
        for record in story.transfers(plan)
    ]


def chart(plan: Plan, ident: str = "relays") -> str:
    """One lane a tanker against the distance from its base, an arrow for every transfer; "" without relays."""
    found = teams(plan)
    if not found:
        return ""
    everyone = [record for _, lanes in found for lane in lanes for record in lane.gives]
    farthest = max(_away(plan, record) for record in everyone) / NAUTICAL_MILE
    step = next(s for s in (50, 100, 200, 250, 500, 1000, 2500) if farthest / s <= 8)
    end = (int(farthest / step) + 1) * step

    def x(record: Refuelling) -> float:
        return _LEFT + _away(plan, record) / NAUTICAL_MILE / end * (_WIDTH - _LEFT - _RIGHT)

    top, y = 34.0, 34.0
    place: dict[str, float] = {}
    heads: list[tuple[float, story.Contact]] = []
    for contact, lanes in found:
        heads.append((y + _HEAD - 9.0, contact))
        y += _HEAD
        for lane in lanes:
            place[lane.flight] = y + _ROW / 2.0
            y += _ROW
    bottom = y + 8.0
    out = []
    for tick in range(0, end + 1, step):
        at = _LEFT + tick / end * (_WIDTH - _LEFT - _RIGHT)
        out.append(f'<path class="rule" d="M{at:.1f} {top}V{bottom}"/>')
        out.append(f'<text class="small num mid" x="{at:.1f}" y="{top - 9}">{tick:,}</text>')
    out.append(f'<text class="small strong end" x="{_LEFT - 12}" y="{top - 9}">nm from base</text>')
    for head, contact in heads:
        out.append(
            f'<text class="small strong" x="12" y="{head:.1f}">Refuelling {contact.number}, '
            f"{moment(contact.start_s):%H:%M}</text>"
        )
    for (_, lanes), (head, _) in zip(found, heads, strict=True):
        for lane in lanes:
            lane_y, many = place[lane.flight], lane.gives[0].tankers
            label = f"{many} × {lane.flight}" if many > 1 else lane.flight
            out.append(
                f'<text class="small end" x="{_LEFT - 12}" y="{lane_y + 4:.1f}">{escape(label)}</text>'
            )
            title = "; ".join(
                f"{each.tanker_flight} gives {words.mass(each.offload_kg)} to {each.receiver}"
                for each in lane.gives
            )
            far = max(x(each) for each in lane.gives)
            out.append(
                f'<path class="relay-way" d="M{_LEFT:.1f} {lane_y:.1f}H{far:.1f}"><title>{escape(title)}</title></path>'
            )
            for record in lane.gives:
                out += _given(plan, record, x(record), lane_y, place.get(record.receiver, head - 4.0))
            out.append(
                f'<text class="small halo" x="{far + 6:.1f}" y="{lane_y + 4:.1f}">'
                f"{escape(_amounts(plan, lane))}</text>"
            )
    sorties = sum({record.tanker_flight: record.tankers for record in everyone}.values())
    description = (
        f"{sorties} tanker sorties behind {len(found)} refuellings; {len(story.transfers(plan))} transfers from "
        "tanker to tanker. The same figures are in the table below."
    )
    return figure(ident, _WIDTH, bottom + 6.0, "Who refuels whom", description, out)


def _given(plan: Plan, record: Refuelling, at: float, y: float, to_y: float) -> list[str]:
    """The arrow of one transfer, broken where the taker is on its way home."""
    kind = "relay-gives relay-home" if homeward(plan, record) else "relay-gives"
    down = to_y > y
    tip, foot = (to_y - 0.5, to_y - 7.0) if down else (to_y + 0.5, to_y + 7.0)
    return [
        f'<path class="{kind}" d="M{at:.1f} {y:.1f}V{to_y + (-5.0 if down else 5.0):.1f}"/>',
        f'<path class="relay-head" d="M{at - 3.6:.1f} {foot:.1f}h7.2L{at:.1f} {tip:.1f}z"/>',
    ]


def _amounts(plan: Plan, lane: Lane) -> str:
    """What a tanker gives, and whom where that is not the lane its arrow leads to alone."""
    gives = sorted(lane.gives, key=lambda record: record.start_s)
    if len(gives) == 1 and not lane.depth:
        return f"{words.tonnes(gives[0].offload_kg)} to {gives[0].receiver}"
    said = " and ".join(words.tonnes(record.offload_kg) for record in gives)
    return f"{said}, on its way home" if homeward(plan, gives[0]) else said


def _away(plan: Plan, record: Refuelling) -> float:
    """How far from the giver's base a contact starts [m]."""
    flight = plan.flight(record.tanker_flight)
    if flight is None:
        return 0.0
    return float(geodesy.distance(float(flight.lat[0]), float(flight.lon[0]), *record.start))
