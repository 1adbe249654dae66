"""What a plan says, in words: the headline, the figures that matter, who must say yes.

Shared by the page and the terminal summary, so that both tell the same story.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.brief import names
from longreach.brief.reading import (
    Clearance,
    Flight,
    Margins,
    NoReturn,
    Optimality,
    Plan,
    Point,
    Refuelling,
    Vertex,
    moment,
)
from longreach.page import words
from longreach.units import NAUTICAL_MILE, POUND

MOST_TOLD = 3  # flights beside the first that are told one by one
PROVED_PCT = 0.005  # a gap that prints as 0.00 %


@dataclass(frozen=True, slots=True)
class Contact:
    """One refuelling of one receiver flight, by one or more tanker flights at once.

    number : the same for all flights of a cell, which take fuel of the same tankers at the same time
    """

    number: int
    receiver: str
    records: tuple[Refuelling, ...]

    @property
    def start_s(self) -> float:
        return min(record.start_s for record in self.records)

    @property
    def end_s(self) -> float:
        return max(record.end_s for record in self.records)

    @property
    def start(self) -> Point:
        return min(self.records, key=lambda record: record.start_s).start

    @property
    def end(self) -> Point:
        return max(self.records, key=lambda record: record.end_s).end

    @property
    def onload_kg(self) -> float:
        """Taken on by each receiver, in all."""
        return sum(record.onload_kg for record in self.records)

    @property
    def fuel_before_kg(self) -> float:
        return min(self.records, key=lambda record: record.start_s).fuel_before_kg

    @property
    def fuel_after_kg(self) -> float:
        return max(self.records, key=lambda record: record.end_s).fuel_after_kg

    @property
    def tankers(self) -> int:
        return sum(record.tankers for record in self.records)

    @property
    def bases(self) -> list[str]:
        return list(dict.fromkeys(record.tanker_base for record in self.records))

    @property
    def title(self) -> str:
        return (
            f"Refuelling {self.number}, {moment(self.start_s):%H:%M} to {moment(self.end_s):%H:%M} UTC: "
            f"{words.mass(self.onload_kg)} to each aircraft of {self.receiver}, "
            f"tankers from {words.listed(self.bases)}"
        )

    def shares_tankers(self, other: Contact) -> bool:
        """Whether the same tankers give to both of them at the same time."""
        return any(
            one.tanker_flight == two.tanker_flight and one.start_s < two.end_s and two.start_s < one.end_s
            for one in self.records
            for two in other.records
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure: what, how much, and what to hold it against."""

    label: str
    value: str
    note: str = ""


def contacts(plan: Plan) -> list[Contact]:
    """The leads' refuellings in order of time; tanker flights that serve at the same time make one contact."""
    groups: list[list[Refuelling]] = []
    relayed = {record.id for record in transfers(plan)}
    for record in sorted(plan.refuellings, key=lambda r: (r.start_s, r.end_s, r.id)):
        if record.id in relayed:
            continue
        for group in groups:
            if group[0].receiver == record.receiver and record.start_s < max(r.end_s for r in group):
                group.append(record)
                break
        else:
            groups.append([record])
    found: list[Contact] = []
    for group in groups:
        contact = Contact(1, group[0].receiver, tuple(group))
        same = next((each for each in found if each.shares_tankers(contact)), None)
        number = same.number if same else 1 + max((each.number for each in found), default=0)
        found.append(replace(contact, number=number))
    return sorted(found, key=lambda contact: contact.number)


def by_number(found: Sequence[Contact]) -> list[list[Contact]]:
    """Contacts that have one number, in the order of numbers: more than one of a cell of several flights."""
    groups: dict[int, list[Contact]] = {}
    for contact in found:
        groups.setdefault(contact.number, []).append(contact)
    return [groups[number] for number in sorted(groups)]


def transfers(plan: Plan) -> list[Refuelling]:
    """Refuellings of tankers by tankers, in order of time."""
    tankers = {flight.id for flight in plan.role("tanker")}
    found = [record for record in plan.refuellings if record.receiver in tankers]
    return sorted(found, key=lambda record: (record.start_s, record.id))


def turning_time(plan: Plan, lead: Flight) -> float | None:
    """When outbound ends [s]: leaving the station, else the farthest point of a flight that comes home.

    None where the flight does not return to where it began.
    """
    if plan.station is not None:
        return plan.station.leave_s
    home = float(geodesy.distance(lead.lat[0], lead.lon[0], lead.lat[-1], lead.lon[-1]))
    away = geodesy.distance(lead.lat[0], lead.lon[0], lead.lat, lead.lon)
    if home > 0.25 * float(away.max()):
        return None
    return float(lead.time_s[int(np.argmax(away))])


def headline(plan: Plan) -> str:
    """The result in one sentence."""
    lead = plan.lead
    if not plan.feasible:
        if plan.shortfalls:
            return f"Not feasible as asked: {_lower_first(plan.shortfalls[0].what).rstrip('.')}."
        failed = [check.id for check in plan.checks if not check.ok]
        return f"Not feasible as asked: {words.listed(failed) or 'no reason is given'}."
    if lead is None:
        return "The plan is marked feasible but holds no lead flight."
    who = _aircraft(lead)
    if lead.cell is not None:
        number: dict[str, int] = {}
        for each in (lead, *(flight for flight in plan.flights if flight.id in lead.cell.members)):
            number[each.aircraft] = number.get(each.aircraft, 0) + each.count
        group = [words.count(many, kind + "s" * (many > 1), kind + "s") for kind, many in number.items()]
        who = words.listed(group)
        who = who[0].upper() + who[1:]
    place = _from_to(lead)
    if plan.station is not None:
        place = f"from {names.airport_name(lead.origin)}"
        place += f" to {'their' if lead.count > 1 or lead.cell else 'its'} station, {plan.station.area},"
        place += (
            " and back"
            if lead.origin == lead.destination
            else f" and on to {names.airport_name(lead.destination)}"
        )
    text = f"{who} can fly {place} without landing in {words.duration(lead.duration_s)}{plus_minus(lead.sigma_s(lead.landing_s))}"
    found = [contact for contact in contacts(plan) if contact.receiver == lead.id]
    if found:
        text += f", refuelled {_times(len(found))} in the air"
        if not others(plan):  # whose tankers they are is told with them
            text += f" by {words.count(_sorties(plan), 'tanker sortie')}"
    nearest = nearest_clearance(plan)
    if nearest is not None:
        text += f", never nearer to {closure_name(plan, nearest.id)} than {_nm(nearest.closest_m)}"
    return text + "."


def others(plan: Plan) -> list[Flight]:
    """The lead flights of the plan beside its first; neither spares nor the others of a cell."""
    return [
        each for each in plan.role("lead") if each is not plan.lead and not (each.spare_of or each.cell_of)
    ]


def flying_too(plan: Plan) -> str:
    """The lead flights of the plan beside its first, in a sentence or two; "" without any."""
    rest = others(plan)
    if not rest or not plan.feasible:
        return ""
    said = []
    for each in rest[:MOST_TOLD]:
        met = len([contact for contact in contacts(plan) if contact.receiver == each.id])
        said.append(
            f"{each.id} ({_lower_first(_aircraft(each))}) {_from_to(each)} in {words.duration(each.duration_s)}"
            + (f", refuelled {_times(met)}" if met else "")
        )
    if len(rest) > MOST_TOLD:
        said.append(words.count(len(rest) - MOST_TOLD, "more flight"))
    sorties = _sorties(plan)
    in_all = words.sentence(f"{words.count(sorties, 'tanker sortie')} in all") if sorties else ""
    return f"In the same plan: {'; '.join(said)}. {in_all}".rstrip()


def _sorties(plan: Plan) -> int:
    """Tankers that take off, spares apart."""
    return sum(flight.count for flight in plan.role("tanker") if not flight.spare_of)


def _from_to(flight: Flight) -> str:
    place = f"from {names.airport_name(flight.origin)}"
    if flight.origin == flight.destination:
        return place + " out and back"
    return f"{place} to {names.airport_name(flight.destination)}"


def standfirst(plan: Plan) -> str:
    """The second paragraph: what was asked and what the figures rest on."""
    parts = []
    if not plan.feasible:
        for shortfall in plan.shortfalls[:1]:
            if shortfall.by is not None:
                parts.append(f"It misses by {words.figure(shortfall.by, shortfall.unit)}.")
            if shortfall.cure:
                parts.append(f"What would cure it: {words.sentence(shortfall.cure)}")
        if len(plan.shortfalls) > 1:
            parts.append(f"{words.count(len(plan.shortfalls) - 1, 'more shortfall')} below.".capitalize())
        return " ".join(parts)
    if too := flying_too(plan):
        parts.append(too)
    if plan.station is not None:
        parts.append(
            f"On station for {words.duration(plan.station.duration_s)} from "
            f"{words.day_and_time(moment(plan.station.enter_s))} UTC."
        )
    if plan.joins:
        operators = list(dict.fromkeys(
            the_state(f.operator) for j in plan.joins if (f := plan.flight(j.flight)) is not None
        ))  # fmt: skip
        parts.append(f"Joined by aircraft of {words.listed(operators)}.")
    good = sum(check.ok for check in plan.checks)
    parts.append(f"{good} of {len(plan.checks)} checks met.")
    lead = plan.lead
    if lead is not None:
        which = "each" if lead.count > 1 else "the"
        more = words.mass(lead.fuel["min_margin_kg"])
        parts.append(f"At the tightest moment {which} {lead.aircraft} has {more} more fuel than it must.")
    return " ".join(parts)


def plus_minus(sigma_s: float) -> str:
    """ " ± 12 min", one sigma of a time; nothing where it is under half a minute or not stated."""
    minutes = round(sigma_s / 60.0)
    return f" ± {minutes} min" if minutes else ""


def late(plan: Plan, flight_id: str, time_s: float) -> str:
    """ " ± 12 min" for a moment of a flight of the plan."""
    flight = plan.flight(flight_id)
    return plus_minus(flight.sigma_s(time_s)) if flight is not None else ""


def _wind_figure(lead: Flight) -> list[Figure]:
    """The mean tailwind and the time against still air, where the plan says so and there is wind."""
    if lead.still_air_s is None or lead.tailwind_kt is None:
        return []
    saved = lead.still_air_s - lead.duration_s
    if abs(saved) < 60.0 and abs(lead.tailwind_kt) < 1.0:
        return []
    word = "tailwind" if lead.tailwind_kt >= 0.0 else "headwind"
    than = f"{words.duration(abs(saved))} {'less' if saved > 0 else 'more'} than in still air"
    unsure = plus_minus(lead.sigma_s(lead.landing_s))
    note = than + ("; ± is one sigma" if unsure else "")
    return [Figure("Mean wind", f"{abs(lead.tailwind_kt):.0f} kt {word}", note)]


def key_figures(plan: Plan) -> list[Figure]:
    """The figures a reader asks for first; empty where nothing flies."""
    lead = plan.lead
    if lead is None:
        return []
    each = ", each" if lead.count > 1 else ""
    if lead.cell is not None:  # the others of its cell have figures of their own
        each = f", each of {lead.id}" if lead.count > 1 else f" by {lead.id}"
    figures = [
        Figure("In the air", words.duration(lead.duration_s) + plus_minus(lead.sigma_s(lead.landing_s)),
               f"{words.day_and_time(moment(lead.takeoff_s))} to {words.day_and_time(moment(lead.landing_s))} UTC"),
        *_wind_figure(lead),
        Figure("Flown", f"{words.number(lead.length_m / NAUTICAL_MILE)} nm",
               f"{words.number(lead.length_m / 1000)} km" + _route_bound(plan)),
        Figure(f"Fuel burnt{each}", words.tonnes(lead.fuel["burn_kg"]),
               f"{words.number(round(lead.fuel['burn_kg'] / POUND, -2))} lb, ±{lead.fuel['band_pct']:g} % (95 %)"),
    ]  # fmt: skip
    found = [contact for contact in contacts(plan) if contact.receiver == lead.id]
    if found:
        figures.append(
            Figure(
                "Refuellings",
                str(len(found)),
                f"{words.mass(lead.fuel['onload_kg'])} taken on{each}",
            )
        )
    if plan.optimality is not None and (plan.optimality.tanker_sorties or found):
        bound = plan.optimality.tanker_sorties_bound
        kind = "plan of such teams on this line" if transfers(plan) else "plan on this line"
        figures.append(Figure("Tanker sorties", words.number(plan.optimality.tanker_sorties),
                              f"bound: no {kind} needs fewer than {bound:g}; spares apart"))  # fmt: skip
        figures.extend(_fuel_bought(plan.optimality))
    if plan.margins is not None:
        figures.extend(_sure(plan.margins, plan.optimality))
    nearest = nearest_clearance(plan)
    if nearest is not None:
        limit = f"stand-off {_nm(nearest.stand_off_m)}" if nearest.stand_off_m else "no stand-off asked"
        figures.append(Figure(f"Nearest to {closure_name(plan, nearest.id)}", _nm(nearest.closest_m), limit))  # fmt: skip
    if plan.station is not None:
        figures.append(Figure("On station", words.duration(plan.station.duration_s), plan.station.area))
    if plan.joins:
        flights = {join.flight for join in plan.joins}
        states = {f.operator for f in plan.flights if f.id in flights}
        figures.append(
            Figure("Partners joined", str(len(flights)), words.listed(sorted(map(names.state_name, states))))
        )
    figures.append(Figure("Least fuel margin", words.tonnes(lead.fuel["min_margin_kg"]),
                          f"{words.number(round(lead.fuel['min_margin_kg'] / POUND, -1))} lb above what is required"))  # fmt: skip
    return figures


def _sure(found: Margins, best: Optimality | None) -> list[Figure]:
    """How likely fuel suffices at the tightest moment, and the plan of fewest sorties beside it."""
    note = (
        f"at the tightest moment, {words.day_and_time(moment(found.tightest_s))}; {found.asked_pct:g} % asked"
    )
    figures = [Figure("Chance fuel lasts", f"{found.chance_pct:.1f} %", note)]
    if found.least_sorties is not None and found.least_chance_pct is not None:
        fewer = best is None or found.least_sorties < best.tanker_sorties
        sorties = f"{words.number(found.least_sorties)} sortie{'' if found.least_sorties == 1 else 's'}"
        note = "fewest that can be flown" if fewer else "no fewer can be flown; with less fuel"
        figures.append(
            Figure("With no margin", sorties, f"{note}: a chance of {found.least_chance_pct:.0f} %")
        )
    return figures


def points_of_no_return(plan: Plan) -> list[NoReturn]:
    """Turning back, then the last moment to reach each base whose spell ends while the flight goes on.

    A base that comes into reach again after its spell is told of each time.
    """
    found = []
    for row in plan.no_return:
        flight = plan.flight(row.flight)
        over = flight is not None and row.until_s >= flight.landing_s - 60.0
        if not over and (row.back or not any(each.back and each.base == row.base and each.until_s == row.until_s
                                             for each in plan.no_return)):  # fmt: skip
            found.append(row)
    return found


def choice(plan: Plan, contact: Contact) -> str:
    """What to do at the end of a contact that gave nothing: where to, how long, with what left, and until when."""
    ids = {record.id for record in contact.records}
    found = next((each for each in plan.decisions if each.refuelling in ids), None)
    if found is None or not found.options:
        return ""
    ways = [
        f"{option.base} in {option.way_min:.0f} min with {words.tonnes(option.left_kg)} left"
        for option in found.options
    ]
    by = f"{moment(found.decide_by_s):%H:%M:%S}" if found.decide_by_s > found.time_s else "at once"
    return f"{'; or '.join(ways)}; decide {'by ' if by != 'at once' else ''}{by}"


def _fuel_bought(best: Optimality) -> list[Figure]:
    """What receivers and tankers take together, and how near the choice of contacts is to the least."""
    if best.fuel_bought_kg is None:
        return []
    if best.gap_pct is None or best.candidates is None or best.ladder_fuel_kg is None:
        return [Figure("Fuel bought", words.tonnes(best.fuel_bought_kg), "tankers' own included")]
    among = f"{words.number(best.candidates)} candidate contacts"
    proof = f"proved least for {among}"
    if best.gap_pct >= PROVED_PCT:
        proof = f"at most {words.number(best.gap_pct, 2)} % over the least for {among}"
    proof = (
        f"{words.tonnes(best.ladder_fuel_kg)} as the ladder reckons with what flying it has taught, {proof}"
    )
    return [Figure("Fuel bought", words.tonnes(best.fuel_bought_kg), f"tankers' own included; {proof}")]


MEETINGS = {
    "point parallel": "met point parallel",
    "en route": "met en route",
    "anchor": "met at an anchor",
    "buddy": "buddy, leaving with them",
}


def tankers_met(contact: Contact) -> str:
    """Which tankers a contact is with and how they meet, as "1 × KC-135R of LPLA, met en route".

    The way of meeting is said once where it is that of all of them, and not where the plan does not say.
    """
    who = [f"{each.tankers} × {each.tanker_type} of {each.tanker_base}" for each in contact.records]
    how = [MEETINGS.get(str(each.rendezvous.get("kind")), "") for each in contact.records]
    if len(set(how)) > 1:
        return words.listed([f"{one} ({two})" if two else one for one, two in zip(who, how, strict=True)])
    return words.listed(who) + (f", {how[0]}" if how[0] else "")


def rendezvous(record: Refuelling) -> str:
    """How tanker and receivers meet, in one line; "" where the plan does not say."""
    told = record.rendezvous
    try:
        text = (
            f"{told['kind']}; tanker there {told['tanker_utc'][11:16]}, receivers at their initial point "
            f"{words.position(told['initial_point']['lat'], told['initial_point']['lon'])} at "
            f"{told['initial_utc'][11:16]}, together {told['control_utc'][11:16]} UTC, track {told['inbound_deg']:.0f}°"
        )
        if "turn_range_nm" in told:
            text += (
                f"; offset {told['offset_nm']:.1f} nm, the tanker turns at {told['turn_range_nm']:.1f} nm, "
                f"{told['turn_utc'][11:19]}"
            )
        if "apart_min" in told:
            apart = round(told["apart_min"])
            when = f"{abs(apart)} min {'before' if apart < 0 else 'after'} them" if apart else "with them"
            text += f"; the tanker leaves {when} and flies their line"
        if "leg_nm" in told:
            text += f"; orbit {told['leg_nm']:.0f} by {told['width_nm']:.1f} nm"
    except (KeyError, TypeError, ValueError):
        return ""
    return text


def nearest_clearance(plan: Plan) -> Clearance | None:
    """The tightest clearance of a lead flight: least room above the stand-off.

    Where several are as tight (to 0.05 nm), the one the mission names first.
    """
    leads = {flight.id for flight in plan.role("lead")}
    rows = [row for row in plan.airspace if row.flight in leads]
    if not rows:
        return None
    least = min(row.closest_m - row.stand_off_m for row in rows)
    tied = [row for row in rows if row.closest_m - row.stand_off_m <= least + 0.05 * NAUTICAL_MILE]
    codes = plan.closed_codes()
    asked = codes if isinstance(codes, list) else []
    return min(tied, key=lambda row: asked.index(row.id) if row.id in asked else len(asked))


def closure_name(plan: Plan, id: str) -> str:
    """A closed area's name: the State's, or what the user's file calls it."""
    for feature in plan.closures.get("features", []):
        properties = feature.get("properties") or {} if isinstance(feature, dict) else {}
        if isinstance(feature, dict) and id in (
            feature.get("id"),
            properties.get("id"),
            properties.get("name"),
        ):
            return str(properties.get("name") or id)
    return names.state_name(id)


def aircraft_data(plan: Plan, type: str) -> dict[str, Any]:
    """What the plan carries about a type; {} where nothing."""
    table = plan.data.get("aircraft")
    found = table.get(type) if isinstance(table, dict) else None
    return found if isinstance(found, dict) else {}


def tank_limit_kg(plan: Plan, type: str) -> float | None:
    """Most fuel one aircraft of a type can hold, or None where the plan does not say."""
    data = aircraft_data(plan, type)
    figures = data.get("figures") if isinstance(data.get("figures"), dict) else data
    for key, factor in (("max_fuel_kg", 1.0), ("max_fuel_lb", POUND), ("max_fuel_t", 1000.0)):
        value = figures.get(key) if isinstance(figures, dict) else None
        value = value.get("value") if isinstance(value, dict) else value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value) * factor
    return None


def is_state_aircraft(plan: Plan, type: str) -> bool | None:
    """True for military types, False for airliners, None where the plan does not say."""
    roles = aircraft_data(plan, type).get("roles")
    if not isinstance(roles, list) or not roles:
        return None
    return "airliner" not in roles and "freighter" not in roles


def consent(plan: Plan, flight: Flight | None, state: str) -> str:
    """Who must say yes before this flight enters a State."""
    if flight is None:
        return "to be asked"
    if flight.operator == state:
        return "own State: its air traffic services"
    military = is_state_aircraft(plan, flight.aircraft)
    if military is None:
        return "depends on whether the aircraft is a State aircraft, which the plan does not say"
    if military:
        return f"diplomatic clearance for State aircraft of {the_state(flight.operator)}"
    return "overflight right or permit for a civil flight, and its air traffic services"


def partner_name(plan: Plan, id: str) -> str:
    """What to call a partner flight: its State, or its aircraft where the State does not tell it apart."""
    flight = plan.flight(id)
    if flight is None:
        return id
    same = [f for f in plan.flights if f.role != "tanker" and f.operator == flight.operator]
    return names.state_name(flight.operator) if len(same) == 1 else flight.aircraft


def the_state(code: str) -> str:
    """A State's name within a sentence.

    >>> the_state("US"), the_state("QA")
    ('the United States of America', 'Qatar')
    """
    name = names.state_name(code)
    return (
        f"the {name}"
        if name.startswith(("United ", "Netherlands", "Philippines", "Bahamas", "Maldives"))
        else name
    )


def nearest_vertex_row(flight: Flight) -> list[tuple[Vertex, int]]:
    """Each vertex of the route with the index of the track row that passes it, in order."""
    out, first = [], 0
    for vertex in flight.route:
        rest = slice(first, None)
        gap = geodesy.unit_vectors(flight.lat[rest], flight.lon[rest]) @ geodesy.unit_vectors(
            vertex.lat, vertex.lon
        )
        close = np.flatnonzero(gap > gap.max() - 1e-9)
        first += int(close[0]) if vertex.kind != "arrival" else len(gap) - 1
        out.append((vertex, first))
    return out


def zones(plan: Plan) -> list[tuple[str, tzinfo]]:
    """Local clocks worth showing: at the origin, and at the base nearest to the station."""
    lead = plan.lead
    if lead is None:
        return []
    out: list[tuple[str, tzinfo]] = []
    home = names.airport_zone(lead.origin)
    if home is not None:
        out.append((f"at {lead.origin}", home))
    there = station_clock(plan)
    if there is not None and all(there[1] != zone for _, zone in out):
        out.append(there)
    elif plan.station is None and lead.destination != lead.origin:
        zone = names.airport_zone(lead.destination)
        if zone is not None and all(zone != known for _, known in out):
            out.append((f"at {lead.destination}", zone))
    return out


def station_clock(plan: Plan) -> tuple[str, tzinfo] | None:
    """The clock at the station: that of the plan's base nearest to it, named as such."""
    lead = plan.lead
    if lead is None or plan.station is None:
        return None
    index = int(np.searchsorted(lead.time_s, plan.station.enter_s))
    index = min(index, lead.lat.size - 1)
    best: tuple[float, str] | None = None
    for flight in plan.flights:
        for code, row in ((flight.origin, 0), (flight.destination, -1)):
            away = float(geodesy.distance(lead.lat[index], lead.lon[index], flight.lat[row], flight.lon[row]))
            if names.airport_zone(code) is not None and (best is None or (away, code) < best):
                best = (away, code)
    if best is None or best[0] > 1500_000.0:
        return None
    zone = names.airport_zone(best[1])
    return (f"station, by {best[1]}", zone) if zone is not None else None


def _route_bound(plan: Plan) -> str:
    best = plan.optimality
    if best is None or best.route_m <= 0:
        return ""
    over = best.route_m - best.route_bound_m
    return f"; route at most {words.number(max(over, 0.0) / NAUTICAL_MILE, 1)} nm over the bound"


def _aircraft(flight: Flight) -> str:
    kind = f"{flight.aircraft}" + ("s" if flight.count > 1 else "")
    text = words.count(flight.count, kind, kind)
    return text[0].upper() + text[1:]


def _times(many: int) -> str:
    return {1: "once", 2: "twice"}.get(many, words.count(many, "time"))


def _nm(metres: float) -> str:
    nm = metres / NAUTICAL_MILE
    return f"{words.number(nm, 1)} nm" if abs(nm) < 1000 else f"{words.number(nm)} nm"


def _lower_first(text: str) -> str:
    """Lower case at the start unless the first word is a name or a code."""
    first = text.split(" ", 1)[0]
    plain = first.lower() in {"the", "a", "an", "no", "not", "every", "one", "two", "each", "this", "that", "there",
                              "fuel", "station", "route", "tanker", "tankers", "partner", "take-off", "landing"}  # fmt: skip
    return text[0].lower() + text[1:] if plain else text
