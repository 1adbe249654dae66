"""Who is with the lead when, and how soon all of it could be flown: lines of text, rows, and a picture."""

from __future__ import annotations

from html import escape

from longreach.brief import names
from longreach.brief.reading import Escort, Flight, Plan, moment
from longreach.page import words
from longreach.page.charts import TimeAxis, figure

_WIDTH, _LEFT, _RIGHT = 1000.0, 190.0, 20.0
_COUNT, _ROW = 64.0, 26.0  # pixels high: the count, one flight


def escort_lines(plan: Plan) -> list[str]:
    """One sentence for each escort the mission asks for."""
    return [_escort(plan, escort) for escort in plan.escorts]


def _escort(plan: Plan, escort: Escort) -> str:
    when = f"{words.day_and_time(moment(escort.start_s))} to {moment(escort.end_s):%H:%M} UTC"
    wanted = round(escort.wanted)
    flights = [flight for id in escort.flights if (flight := plan.flight(id)) is not None]
    if escort.kind == "always":
        what = "one aircraft" if wanted == 1 else f"{wanted} aircraft"
        said = f"{escort.id}: at least {what} with the {escort.partner_of} at every moment from {when}"
        states = [names.state_name(flight.operator) for flight in flights]
        each = [f"{states.count(state)} of {state}" for state in dict.fromkeys(states)]
        said += f"; {words.count(len(flights), 'sortie')}: {words.listed(each)}" if each else "; nobody"
        if escort.overlap_s:
            said += f"; a relief counts after {words.duration(escort.overlap_s)} in company"
        return f"{said}."
    asked = {"at_least": "at least", "exactly": "exactly"}.get(escort.kind, escort.kind)
    return (
        f"{escort.id}: {asked} {words.count(wanted, 'partner')} between {when}; "
        f"{words.listed(list(escort.flights)) or 'nobody'}."
    )


def order_lines(plan: Plan) -> list[str]:
    """What governs, by how much it could be sooner or is late, and the way from the order to there."""
    order = plan.order
    if order is None:
        return []
    first = f"Ordered {words.day_and_time(moment(order.given_s))} UTC; {order.governs} governs"
    if order.slack_s < 0:
        first += f" and is {words.duration(-order.slack_s)} late"
    elif order.slack_s >= 60:
        first += f"; all of it could be {words.duration(order.slack_s)} sooner"
    else:
        first += ": no flight could be sooner"
    others = [row for row in order.flights if row.flight != order.governs]
    if others:
        first += f"; next is {others[0].flight} with {_slack(others[0].slack_s)} to spare"
    steps = [f"{what} {moment(at):%a %H:%M}" for what, at in order.path]
    way = " → ".join(steps)
    return [f"{first}.", f"{way[:1].upper()}{way[1:]}."]


def ready_rows(plan: Plan) -> list[list[str]]:
    """Each flight: when it is ready, when it takes off, what is left between; the one that governs first."""
    if plan.order is None:
        return []
    return [
        [
            row.flight,
            row.base,
            words.day_and_time(moment(row.ready_s)),
            words.day_and_time(moment(row.takeoff_s)),
            _slack(row.slack_s),
        ]
        for row in plan.order.flights
    ]


def _slack(seconds: float) -> str:
    return f"{words.duration(-seconds)} late" if seconds < 0 else words.duration(seconds)


def timeline(plan: Plan, ident: str = "company") -> str:
    """The partners' flights on one clock and how many are with the lead; "" where fewer than two join."""
    joins = sorted((j for j in plan.joins if plan.flight(j.flight)), key=lambda j: (j.join_s, j.flight))
    if len(joins) < 2:
        return ""
    flights = [flight for join in joins if (flight := plan.flight(join.flight)) is not None]
    begin = min([flight.takeoff_s for flight in flights] + [escort.start_s for escort in plan.escorts])
    end = max([flight.landing_s for flight in flights] + [escort.end_s for escort in plan.escorts])
    pad = 0.02 * (end - begin)
    x = TimeAxis(begin - pad, end + pad, _LEFT, _WIDTH - _RIGHT)
    top = 30.0
    bottom = top + _COUNT + 22.0 + _ROW * len(joins)
    out = x.draw(bottom, top=top - 8.0)
    out += _count(plan, x, top)
    for row, (join, flight) in enumerate(zip(joins, flights, strict=True)):
        y = top + _COUNT + 18.0 + _ROW * row
        out += _bar(flight, x, y)
        a, b = x(join.join_s), x(join.leave_s)
        out.append(
            f'<rect class="bar-together" x="{a:.1f}" y="{y:.1f}" width="{max(b - a, 1.5):.1f}" height="16">'
            f"<title>{escape(join.flight)} with {escape(join.partner_of)} {moment(join.join_s):%H:%M} to "
            f"{moment(join.leave_s):%H:%M} UTC</title></rect>"
        )
    spans = "; ".join(f"{j.flight} {moment(j.join_s):%H:%M} to {moment(j.leave_s):%H:%M}" for j in joins)
    return figure(
        ident, _WIDTH, bottom + 28.0, "Who is with the lead when", f"With the lead, UTC: {spans}.", out
    )


def _bar(flight: Flight, x: TimeAxis, y: float) -> list[str]:
    label = f"{flight.aircraft} ×{flight.count}" if flight.count > 1 else flight.aircraft
    a, b = x(flight.takeoff_s), x(flight.landing_s)
    return [
        f'<text class="small end" x="{_LEFT - 12}" y="{y + 12:.1f}"><tspan class="strong">{escape(label)}</tspan>'
        f'<tspan class="quiet" dx="5">{escape(flight.id)}</tspan></text>',
        f'<rect class="bar-partner" x="{a:.1f}" y="{y:.1f}" width="{max(b - a, 2.0):.1f}" height="16" rx="2">'
        f"<title>{escape(flight.id)}: {escape(flight.origin)} {moment(flight.takeoff_s):%H:%M} to "
        f"{escape(flight.destination)} {moment(flight.landing_s):%H:%M} UTC</title></rect>",
    ]


def _count(plan: Plan, x: TimeAxis, top: float) -> list[str]:
    """How many partner aircraft are with the lead, as steps, and how many are asked for."""
    changes: dict[float, int] = {}
    for join in plan.joins:
        flight = plan.flight(join.flight)
        if flight is not None:
            changes[join.join_s] = changes.get(join.join_s, 0) + flight.count
            changes[join.leave_s] = changes.get(join.leave_s, 0) - flight.count
    steps, there = [], 0
    for when in sorted(changes):
        there += changes[when]
        steps.append((when, there))
    always = [escort for escort in plan.escorts if escort.kind == "always"]
    most = max([n for _, n in steps] + [round(escort.wanted) for escort in always] + [1])
    bottom, high = top + _COUNT, _COUNT - 8.0

    def y(number: float) -> float:
        return bottom - number / most * high

    path = f"M{x(steps[0][0]):.1f} {bottom:.1f}"
    for (when, number), (until, _) in zip(steps, [*steps[1:], steps[-1]], strict=True):
        path += f"V{y(number):.1f}H{x(until):.1f}" if until > when else f"V{bottom:.1f}"
    out = [f'<path class="bar-together" d="{path}Z"/>']
    out += [
        f'<text class="small num end" x="{_LEFT - 12}" y="{y(number) + 4:.1f}">{number}</text>'
        for number in sorted({0, *(round(escort.wanted) for escort in always), most})
    ]
    for escort in always:
        a, b, at = x(escort.start_s), x(escort.end_s), y(escort.wanted)
        out.append(f'<path class="least" d="M{a:.1f} {at:.1f}H{b:.1f}"/>')
        out.append(
            f'<text class="small halo" x="{a + 4:.1f}" y="{at - 5:.1f}">asked: {round(escort.wanted)}</text>'
        )
    return out
