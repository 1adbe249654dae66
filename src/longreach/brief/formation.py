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
        if flight.formation is not None:
            out.append(_formation(flight))
        if flight.spare_of:
            out.append(_spare(flight))
    return out


def _cell(flight: Flight, plan: Plan) -> str:
    cell = flight.cell
    assert cell is not None
    group = [flight, *(each for each in plan.flights if each.id in cell.members)]
    who = " and ".join(f"{each.count} × {each.aircraft} ({each.id})" for each in group)
    taken = any(row.receiver in (flight.id, *cell.members) for row in plan.refuellings)
    return (
        f"{flight.id}: {who} fly as one cell at M{cell.mach:.2f}, at levels and climbs that all of them keep. "
        f"{cell.paced_by} has the shortest legs and sets the pace"
        f"{'; at a contact the groups take fuel one after the other' if taken else ''}. Fuel is told type by type."
    )


def _formation(flight: Flight) -> str:
    formation = flight.formation
    assert formation is not None and formation.members
    first, worst = formation.members[0], max(formation.members, key=lambda each: each.burn_factor)
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
