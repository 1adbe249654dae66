"""Formations and air spares in words and rows."""

from __future__ import annotations

from longreach.brief.reading import Flight, Plan, moment
from longreach.page import words


def lines(plan: Plan) -> list[str]:
    """One sentence for each flight that flies in formation, and one for each flight of spares."""
    out = []
    for flight in plan.flights:
        if flight.cell is not None:
            out.append(_cell(flight, plan))
        if flight.detached is not None:
            out.append(_detached(flight))
        if flight.formation is not None:
            out.append(_formation(flight))
        if flight.spare_of:
            out.append(_spare(flight))
    return out


def _cell(flight: Flight, plan: Plan) -> str:
    cell = flight.cell
    assert cell is not None
    group = [flight, *(each for each in plan.flights if each.id in cell.members)]
    who = words.listed([f"{each.count} × {each.aircraft} ({each.id})" for each in group])
    takers = {row.receiver for row in plan.refuellings} & {each.id for each in group}
    said = (
        f"{flight.id}: {who} fly as one cell at M{cell.mach:.2f}, at levels and climbs that all of them keep"
    )
    if len({each.aircraft for each in group}) > 1:
        said += f"; {cell.paced_by} has the shortest legs and sets the pace"
    if len(takers) > 1:
        said += "; at a contact the groups take fuel one after the other"
    return f"{said}. Fuel is told group by group."


def _detached(flight: Flight) -> str:
    """When it leaves its cell, where it goes, and when it is back."""
    apart = flight.detached
    assert apart is not None
    names = [vertex.name for vertex in flight.route]
    first = names.index(apart.leave) if apart.leave in names else 0
    last = names.index(apart.rejoin) if apart.rejoin in names else len(names)
    own = [vertex.name for vertex in flight.route[first + 1 : last] if vertex.kind == "via" and vertex.name]
    where = f"after contact {apart.leave[1:]}" if apart.leave[1:].isdigit() else f"at {apart.leave}"
    if apart.leave == "station":
        where = "at the end of the station"
    said = f"{flight.id} leaves {flight.cell_of} {where}, {words.day_and_time(moment(apart.leave_s))} UTC"
    if own:
        said += f", flies by {words.listed(own)}"
    if apart.hold_s >= 60.0:
        said += f", circles {words.duration(apart.hold_s)} {'there' if own else 'where it rejoins'}"
    if apart.rejoin_s is not None:
        return f"{said}, and is back at {apart.rejoin}, {words.day_and_time(moment(apart.rejoin_s))} UTC."
    return f"{said}, and lands at {flight.destination}, {words.day_and_time(moment(flight.landing_s))} UTC."


def _formation(flight: Flight) -> str:
    formation = flight.formation
    assert formation is not None and formation.members
    first, worst = formation.members[0], max(formation.members, key=lambda each: each.burn_factor)
    if flight.cell_of and len(formation.members) == 1:
        return (
            f"{flight.id}: aircraft {first.position} of the cell, {first.behind_nm:g} nm behind its leader and "
            f"{words.number(first.below_ft)} ft below; {100.0 * (first.burn_factor - 1.0):.1f} % more burn to keep its place."
        )
    said = (
        f"{flight.id}: {flight.count} × {flight.aircraft} in {words.count(formation.cells, 'cell')}, "
        f"{formation.length_nm:g} nm from first to last, {words.number(formation.depth_ft)} ft deep"
    )
    if worst.burn_factor > first.burn_factor:
        more = 100.0 * (worst.burn_factor / first.burn_factor - 1.0)
        said += (
            f"; aircraft {worst.position} burns {more:.1f} % more than the leader and lands with "
            f"{words.mass(worst.landing_kg)}, the leader with {words.mass(first.landing_kg)}"
        )
    return f"{said}. All figures of this flight are those of the aircraft that burns the most."


def _spare(flight: Flight) -> str:
    turned = next((vertex.name for vertex in flight.route if vertex.kind == "leave"), "")
    return (
        f"{flight.id}: {flight.count} × {flight.aircraft} with {flight.spare_of} "
        f"{f'as far as {turned}' if turned else 'all the way'}, back at "
        f"{flight.destination} {words.day_and_time(moment(flight.landing_s))} UTC with "
        f"{words.mass(flight.fuel['landing_kg'])} if not needed."
    )


def rows(plan: Plan) -> list[list[str]]:
    """Aircraft by aircraft: its place and its fuel."""
    return [
        [
            f"{flight.id} {each.position}",
            str(each.cell),
            f"{each.behind_nm:g} nm",
            f"{words.number(each.below_ft)} ft",
            f"{100.0 * (each.burn_factor - 1.0):+.1f} %",
            words.tonnes(each.takeoff_kg),
            words.tonnes(each.onload_kg) if flight.fuel["onload_kg"] else "",
            words.tonnes(each.burn_kg),
            words.tonnes(each.landing_kg),
        ]
        for flight in plan.flights
        if flight.formation is not None
        for each in flight.formation.members
    ]


HEADS = ("Aircraft", "Cell", "Behind", "Below", "Burn", "Take-off", "Taken on", "Burnt", "Landing")
