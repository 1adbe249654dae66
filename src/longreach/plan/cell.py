"""A cell of several types: one flight paces it, the others fly in its rows with fuel of their own.

The pace is that of the type with the shortest legs; Mach, ceiling, levels and climbs are what all of them can keep.
It chooses the contacts, as if so many of its own type were flying as want the fuel of the whole cell. Each of the
others then takes what its own model and margins ask at the same contacts, group after group. What they took, and what
they could not keep up with, goes back into the pace until all fits.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from longreach.fuel import refuelling
from longreach.fuel.beside import CHANGE, Take, fly_beside
from longreach.geodesy import Floats
from longreach.mission.model import LeadFlight, Mission
from longreach.plan.detachment import apart
from longreach.plan.lead import Contact, LeadPlan, LeadPlanner, Pace, _Flown, aborts_along
from longreach.plan.shortfall import Shortfall
from longreach.plan.tankers import Demand, Given
from longreach.units import FOOT

Planner = Callable[[Mission, LeadFlight, Pace | None], LeadPlanner]

PACES = 24  # times the pace is set anew before the cell is said not to settle
ROUNDS = 14  # flights of one of the others tried until its margins hold with little to spare
AIMED = 20.0  # kg of slack that is aimed at, at the tightest moment of a leg
LITTLE = 30.0  # kg by which fuels need not be moved any more
CARRIED = 0.92  # of a kilogram more at the start of a leg, what is left of it at the end
CLIMBS = 1.03  # of the thrust there is: rows a minute apart tell up to so much more of a climb than it takes
SMALL = 500.0  # kg: a contact that would give less is left to the rest of the cell
LEAST = 1.0  # kg: a pace that takes less at a contact is not the one to choose contacts by
TOO_HIGH = 1.1  # times the thrust or lift it has, where a stretch of its own meets the cell too high for it
STRETCHES = 4  # times a stretch of its own is flown with the mass then known
SAME_MASS = 400.0  # kg between that mass and the one it was flown with
SHORTER = 1.1  # of what another lacks on a leg, that the pace leaves out of its own tanks
MOST_SPARE = 0.35  # of its tanks, at most
LESS = 0.95  # of what was lacked before: what is left has to be less
LEAST_SHARE = 0.02  # of what one that paces takes, that each of the others is reckoned with at least
_LEG = "kg"  # unit of a shortfall that another pace may cure: somebody's legs are too long
ROOM = 1.03  # times what one took, that it is given time for the next time
HEAVIER = 1.5  # of the thrust or lift lacked, that the pace is loaded with; and a hundredth more
FEWER = 0.9  # of the weight that was reckoned with: less is worth choosing contacts anew once
STEP = 1.15  # times the load, at most, from one pace to the next
HEAVIEST = 6.0  # times its own mass
LOWEST = 12_000.0 * FOOT
LOWER = 2000.0 * FOOT  # the ceiling comes down by, where no load helps


@dataclass(frozen=True, slots=True)
class _Behind:
    """The pace asks more thrust or lift of one of the others than it has: how many times as much, climbing or level."""

    climb: float
    level: float
    above_m: float


def planned(
    mission: Mission, flight: LeadFlight, make: Callable[..., LeadPlanner]
) -> tuple[LeadPlan, ...] | tuple[Shortfall, ...]:
    """The plan of a flight, of all of its cell where there are several types in it; or why there is none.

    make : a planner of a mission's flight, `pace` apart
    """
    if flight.members:
        return _cell(mission, flight, lambda seen, each, pace: make(seen, each, pace=pace))
    found = make(mission, flight).plan()
    return (found,) if isinstance(found, LeadPlan) else found


def with_others(given: Sequence[Given]) -> list[Given]:
    """What is given at every contact, the others of a cell behind the flight that paces it, in order of contacts."""
    found: list[Given] = []
    for number, group in itertools.groupby(given, key=lambda each: each.demand.number):
        own = list(group)
        found += own
        lead, contact = own[0].demand.lead, own[0].demand.contact
        for other in lead.others:
            taken = [each for each in other.contacts if each.candidate == contact.candidate]
            for each in own if taken else ():
                letter = chr(ord("a") + len([one for one in found if one.demand.number == number]))
                given_kg = taken[0].onload_kg * other.flight.count / contact.tankers
                found.append(Given(Demand(other, number, taken[0]), each.flight, given_kg, letter))
    return found


def _cell(
    mission: Mission, flight: LeadFlight, make: Planner
) -> tuple[LeadPlan, ...] | tuple[Shortfall, ...]:
    """The plans of a flight and its members, in the mission's order; or why there are none.

    make : a planner of a flight of a mission, at a pace
    """
    group = (flight, *flight.members)
    kinds = [mission.aircraft(each.aircraft) for each in group]
    ceiling = min(kind.ceiling_m for kind in kinds)
    if flight.ceiling_m is not None:
        ceiling = min(ceiling, flight.ceiling_m)
    alone = [make(_with(mission, flight, each), each, None) for each in group]
    legs = [_reach(planner) for planner in alone]
    why: tuple[Shortfall, ...] = ()
    whole = [k for k, each in enumerate(group) if each.detachment is None]
    for first in sorted(whole, key=lambda k: legs[k]):
        found = _paced(mission, flight, group, first, alone, ceiling, make)
        if isinstance(found[0], LeadPlan):
            return found
        found = tuple(each.told() for each in found if isinstance(each, Shortfall))
        why = why if why and why[0].unit == _LEG and why[0].by > 0.0 else found
        if found[0].unit != _LEG:
            break  # it is not for another's sake that this one cannot
    return tuple(replace(each, unit="") if each.unit == _LEG and not each.by else each for each in why)


def _reach(planner: LeadPlanner) -> float:
    """Still-air distance from full tanks to the reserve, with its margin for doubt [m]."""
    table, margin = planner.table, max(planner.z * planner.sigma, planner.mission.reserves.contingency)
    usable = max(0.0, planner.capacity - planner.reserve) / (1.0 + margin)
    full = min(planner.dry + planner.reserve + usable, table.heaviest_kg)
    return float(np.nan_to_num(table.distance(full, planner.dry + planner.reserve)))


def _with(mission: Mission, flight: LeadFlight, instead: LeadFlight) -> Mission:
    """The mission with another flight of the cell in the place of its first."""
    return replace(mission, flights=tuple(instead if each is flight else each for each in mission.flights))


def _paced(
    mission: Mission,
    flight: LeadFlight,
    group: tuple[LeadFlight, ...],
    first: int,
    alone: list[LeadPlanner],
    ceiling_m: float,
    make: Planner,
) -> tuple[LeadPlan, ...] | tuple[Shortfall, ...]:
    """The cell at the pace of one of its flights."""
    rest = [k for k in range(len(group)) if k != first]
    own = alone[first]
    shares = tuple(_burn(alone[k]) / _burn(own) for k in rest)
    weight = group[first].count + sum(group[k].count * each for k, each in zip(rest, shares, strict=True))
    masses = [alone[k].dry + 0.85 * alone[k].capacity for k in rest]
    kinds = [mission.aircraft(group[k].aircraft) for k in rest]
    others = tuple(zip(kinds, [group[k].count for k in rest], masses, strict=True))
    parted = [each.detachment for each in group if each.detachment is not None]
    partings = tuple(sorted({name for each in parted for name in (each.leave, each.rejoin) if name}))
    pace = Pace(1.0, ceiling_m, weight, others, shares, partings=partings)
    lightened = False
    shorts: list[float] = []
    lacking: Shortfall | None = None  # the first leg that was too long for one of the others
    for _ in range(PACES):
        lead = make(_with(mission, flight, group[first]), group[first], pace).plan()
        if not isinstance(lead, LeadPlan):
            lower = _lower(pace, LOWER)
            if lacking is not None:
                return (lacking,)  # no shorter legs can be had
            if lead[0].unit != "N" or pace.load == 1.0 or lower is None:
                return lead
            pace = replace(lower, load=max(1.0, pace.load / STEP))  # so laden it cannot climb there itself
            continue
        if any(contact.onload_kg < LEAST for contact in lead.contacts):
            what = f"flight {flight.id}: {own.flight.id} would pace the cell to a contact at which it takes nothing"
            text = "plan the types as flights of their own"
            return (Shortfall(what, flight.origin.code, 0.0, _LEG, None, None, text),)
        kept: list[LeadPlan] = []
        behind: _Behind | None = None
        short = 0.0
        for k in rest:
            found = _kept(alone[k], lead, len(kept))
            if isinstance(found, Shortfall) and found.unit == _LEG and found.by > 0.0:
                lacking = lacking or found
                short = found.by / pace.share[len(kept)]
                break
            if isinstance(found, Shortfall):
                key = f"flights.{mission.flights.index(flight)}.members.{k - 1}."
                return (replace(found, key_path=key + found.key_path) if found.key_path else found,)
            if isinstance(found, _Behind):
                behind = found
                break
            kept.append(found)
        if short:
            if shorts and short > LESS * shorts[-1]:
                break  # shorter legs are no help
            shorts.append(short)
            pace = replace(pace, spare_kg=pace.spare_kg + SHORTER * short + LITTLE)
            if pace.spare_kg > MOST_SPARE * own.capacity or group[first].takeoff_fuel != "needed":
                break
            continue
        if behind is not None:
            slower = _slower(pace, behind, own.aircraft.kind == "hourly")
            if slower is None:
                break
            pace = slower
            continue
        brisk = _brisk(pace, lead)
        if brisk is not None:
            pace = brisk
            continue
        after = _after(pace, lead, kept, may_lighten=not lightened)
        if after is None:
            return _in_order(flight, group, first, rest, lead, kept)
        lightened |= after.weight < pace.weight
        pace = after
    return (
        lacking
        or Shortfall(
            f"flight {flight.id}: no pace was found that all of its cell can keep", flight.origin.code, 0.0, "",
            None, None, "plan the types as flights of their own, or lower the flight's mach or ceiling",
        ),
    )  # fmt: skip


def _burn(planner: LeadPlanner) -> float:
    """Fuel for a still-air metre half full [kg/m]."""
    table = planner.table
    return float(np.interp(planner.dry + 0.5 * planner.capacity, table.mass_kg, table.fuel_per_m))


def _slower(pace: Pace, behind: _Behind, hourly: bool) -> Pace | None:
    """The pace eased for one that falls behind; None where it cannot be eased any more.

    hourly : of the pace: its levels follow the ceiling alone, no load
    """
    if behind.above_m > 0.0 or (hourly and behind.level > 1.0):
        return _lower(pace, max(behind.above_m, LOWER))
    share = max(behind.climb, behind.level)
    load = pace.load * min(1.0 + HEAVIER * (share - 1.0) + 0.01, STEP)
    return replace(pace, load=load) if load < HEAVIEST else None


def _brisk(pace: Pace, lead: LeadPlan) -> Pace | None:
    """The pace with less time for fuel to flow, where all of the cell together take longer than a contact may last."""
    longest = lead.planner.mission.refuelling.longest_flow_s
    most = 0.0
    for contact in lead.contacts:
        between = CHANGE * len(contact.turns)
        most = max(most, contact.end_s - contact.start_s - refuelling.SETTLE - refuelling.PART - between)
    if most <= longest + 5.0:
        return None
    return replace(pace, flow_s=0.98 * (pace.flow_s or longest) * longest / most)


def _lower(pace: Pace, by_m: float) -> Pace | None:
    """The pace under a lower ceiling, in whole thousands of feet; None where none is left."""
    lower = math.floor((pace.ceiling_m - by_m) / FOOT / 1000.0 + 1e-6) * 1000.0 * FOOT
    return replace(pace, ceiling_m=lower) if lower > LOWEST else None


def _after(pace: Pace, lead: LeadPlan, kept: list[LeadPlan], *, may_lighten: bool) -> Pace | None:
    """The pace with what the others took put into it; None where all of that fits as it is."""
    asked = dict(pace.asked_kg)
    total, own, over, fits = 0.0, 0.0, 0.0, True
    for contact in lead.contacts:
        takes = [_taken(each, contact) for each in kept]
        given = pace.onloads(contact.candidate, contact.onload_kg)
        fits &= all(take <= give + 1.0 for take, give in zip(takes, given, strict=True))
        if not fits or contact.candidate not in asked:
            asked[contact.candidate] = tuple(ROOM * take for take in takes)
        whole = lead.flight.count * contact.onload_kg + _others(contact, kept)
        if whole > _offload(lead, contact) + 1.0:
            over = max(over, whole / contact.onload_kg)
        total, own = total + whole, own + contact.onload_kg
    if not own:
        return None
    weight = total / own
    if over:
        weight = max(weight, min(1.005 * over, 1.5 * pace.weight))
    elif fits and not (may_lighten and weight < FEWER * pace.weight):
        return None
    elif fits:
        return replace(pace, weight=weight, asked_kg=tuple(sorted(asked.items())))
    shares = tuple(
        max(LEAST_SHARE, ROOM * sum(_taken(each, contact) for contact in lead.contacts) / own)
        for each in kept
    )
    return replace(
        pace, weight=max(weight, pace.weight) if not may_lighten else weight, share=shares,
        asked_kg=tuple(sorted(asked.items())),
    )  # fmt: skip


def _taken(plan: LeadPlan, contact: Contact) -> float:
    """What one aircraft of a plan takes at a contact of the flight that paces it [kg]."""
    return next((own.onload_kg for own in plan.contacts if own.candidate == contact.candidate), 0.0)


def _offload(lead: LeadPlan, contact: Contact) -> float:
    """The most that a contact's tankers can give in all [kg]."""
    offers = lead.planner.offers
    bases = offers.base[contact.candidate]
    option = next(
        o for o in np.flatnonzero(bases >= 0) if offers.draws(int(bases[o]), contact.tankers) == contact.draws
    )
    return float(offers.offload_kg[contact.candidate, option, contact.tankers])


def _others(contact: Contact, kept: list[LeadPlan]) -> float:
    return sum(each.flight.count * _taken(each, contact) for each in kept)


def _in_order(
    flight: LeadFlight,
    group: tuple[LeadFlight, ...],
    first: int,
    rest: list[int],
    lead: LeadPlan,
    kept: list[LeadPlan],
) -> tuple[LeadPlan, ...]:
    contacts = tuple(replace(contact, others_kg=_others(contact, kept)) for contact in lead.contacts)
    kept = [replace(each, keeps_to=lead.flight.id) for each in kept]
    plans = {first: replace(lead, contacts=contacts, others=tuple(kept))}
    plans |= dict(zip(rest, kept, strict=True))
    return tuple(plans[k] for k in range(len(group)))


# -- one of the others --------------------------------------------------------------------------------


class _Kept(_Flown):
    """One of the others flown in the rows of the flight that paces it, with what it takes at its contacts."""

    def __init__(
        self,
        planner: LeadPlanner,
        lead: LeadPlan,
        place: int,
        contacts: tuple[Contact, ...],
        takeoff_kg: float,
        onloads: list[float],
        deviation_k: Floats,
        keeps: np.ndarray | None,
    ) -> None:
        self.planner, self.way, self.chosen = planner, lead.way, lead.chosen
        takes = tuple(
            Take(*contact.turns[place], onload) for contact, onload in zip(contacts, onloads, strict=True)
        )
        self.flown = fly_beside(
            planner.aircraft, lead.profile, deviation_k, planner.dry + takeoff_kg, planner.dry, takes, keeps
        )
        self.profile = self.flown.profile
        self.contacts = [
            self._contact(contact, onload, contact.turns[place])
            for contact, onload in zip(contacts, onloads, strict=True)
        ]
        self._guard()

    def _contact(self, contact: Contact, onload_kg: float, turn: tuple[float, float]) -> Contact:
        planner, profile = self.planner, self.profile
        before, after = np.interp([contact.start_s, contact.end_s], profile.time_s, profile.fuel_kg)
        distance, base = planner.aborts.at(contact.start_m + contact.length_m)
        mass = planner.dry + float(after) - onload_kg
        return replace(
            contact,
            onload_kg=onload_kg,
            before_kg=float(before),
            after_kg=float(after),
            abort_base=base,
            abort_needed_kg=float(planner.fuel_to_field(mass, contact.pairing.altitude_m, distance, base)),
            turns=(turn,),
        )


def _kept(planner: LeadPlanner, lead: LeadPlan, place: int) -> LeadPlan | Shortfall | _Behind:
    """One of the others beside the pace, with no more fuel than its margins ask; or why it cannot keep beside it.

    place : which of the others it is
    """
    room = _room(planner, lead, place)
    if planner.flight.detachment is None:
        return _in_rows(planner, lead, place, room, None)
    mass: float | None = None
    found: LeadPlan | Shortfall | _Behind | None = None
    for _ in range(STRETCHES):
        own = apart(planner, lead, mass)
        if isinstance(own, Shortfall):
            # at the ends of its stretch it has to be at the cell's level
            return _Behind(1.0, TOO_HIGH, 0.0) if own.unit in ("N", "1") else own
        found = _in_rows(planner, own.plan, place, room, own.beside)
        if not isinstance(found, LeadPlan):
            break
        weighed = float(np.interp(own.detached.leave_s, found.profile.time_s, found.profile.mass_kg))
        if mass is not None and abs(weighed - mass) < SAME_MASS:
            break
        mass = weighed
    assert found is not None
    return found


def _in_rows(
    planner: LeadPlanner, lead: LeadPlan, place: int, room: dict[int, float], keeps: np.ndarray | None
) -> LeadPlan | Shortfall | _Behind:
    """A flight in rows that are known; `keeps`: those that are another's, None for all."""
    profile, flight = lead.profile, planner.flight
    planner.way = lead.way
    planner.aborts = aborts_along(
        planner.mission, flight.destination, lead.way, planner.prepared,
        tuple(planner.mission.abort_bases) if planner.refuelled else (),
        planner.tas, planner.aloft, planner.level_m, planner.openings,
    )  # fmt: skip
    met = planner.aloft.met(
        profile.lat, profile.lon, lead.way.line.at(profile.along_m)[2], profile.altitude_m, profile.time_s
    )
    deviation = np.nan_to_num(np.broadcast_to(np.asarray(met.deviation_k, float), profile.time_s.shape))
    found: _Kept | Shortfall | int = 0
    for most in (room, {}):  # within what the tankers there have; else they have to be more
        for leaves_out in (
            True,
            False,
        ):  # a contact of no use by its fuel may be of use for the doubt it ends
            contacts = lead.contacts
            while True:
                found = _least(planner, lead, place, contacts, most, deviation, keeps, leaves_out=leaves_out)
                if not isinstance(found, int):
                    break
                contacts = (*contacts[:found], *contacts[found + 1 :])
            if isinstance(found, _Kept) or len(contacts) == len(lead.contacts):
                break
        if isinstance(found, _Kept):
            break
    assert not isinstance(found, int)
    if isinstance(found, Shortfall):
        return found
    flown = found.flown
    level = max(flown.level, flown.lift)
    if flown.climb > CLIMBS or level > 1.0 or flown.above_m > 1.0:
        return _Behind(flown.climb, level, flown.above_m)
    return replace(
        lead,
        flight=flight,
        aircraft=planner.aircraft,
        table=planner.table,
        profile=found.profile,
        contacts=tuple(found.contacts),
        reserve_kg=planner.reserve,
        margin_kg=float((found.guard_fuel - found.guard_needed).min()),
        doubt_slack_kg=float(found.guard_slack.min()),
        candidates=0,
        pools=(),
        entries=(),
        guard_s=found.guard_s,
        guard_needed_kg=found.guard_needed,
        guard_fuel_kg=found.guard_fuel,
        guard_sigma_kg=found.guard_sigma,
        guard_base=found.guard_base,
        relative_sigma=planner.sigma,
        planner=planner,
    )


def _room(planner: LeadPlanner, lead: LeadPlan, place: int) -> dict[int, float]:
    """What one aircraft of the others can take at each candidate that is a contact, of what its tankers can give."""
    pace = lead.planner.pace
    assert pace is not None
    whole = sum(count * share for (_, count, _), share in zip(pace.others, pace.share, strict=True))
    room = {}
    for contact in lead.contacts:
        left = _offload(lead, contact)
        left -= lead.flight.count * contact.onload_kg
        room[contact.candidate] = max(0.0, left) * pace.share[place] / whole
    return room


def _least(
    planner: LeadPlanner,
    lead: LeadPlan,
    place: int,
    contacts: tuple[Contact, ...],
    room: dict[int, float],
    deviation_k: Floats,
    keeps: np.ndarray | None,
    *,
    leaves_out: bool,
) -> _Kept | Shortfall | int:
    """Flown from full tanks down to what every margin asks; or the contact it has no use for, where that is asked.

    Each leg is set by the fuel at its start alone, so all of them are brought down at once. Where a contact cannot
    give what the leg after it wants, more is taken before it.
    """
    flight, full = planner.flight, planner.takeoff_fuel_limit
    given = {"full": full, "given": flight.takeoff_fuel_kg}.get(flight.takeoff_fuel)
    takeoff = full if given is None else given
    onloads = [0.0] * len(contacts)
    most = [takeoff, *[planner.capacity] * len(contacts)]
    best: _Kept | None = None
    before: list[tuple[float, float]] = []
    for number in range(ROUNDS):
        flown = _Kept(planner, lead, place, contacts, takeoff, onloads, deviation_k, keeps)
        if number == 0 and contacts:  # full after every contact: what is burnt on the way is not known yet
            aboard = takeoff
            for k, contact in enumerate(flown.contacts):
                used = aboard - contact.abort_available_kg if k == 0 else flown.after[k - 1] - flown.after[k]
                onloads[k] = max(0.0, planner.capacity - (aboard - used))
                aboard = planner.capacity
            continue
        slack = flown.slack_by_leg(len(contacts) + 1)
        works = slack.min() >= 0.0 and flown.profile.failure is None
        if works:
            best = flown
        fuels = [takeoff, *flown.after]
        legs = list(zip(fuels, slack.tolist(), strict=True))
        slopes = [_slope(*now, *was) for now, was in zip(legs, before or legs, strict=True)]
        need = [fuel - (left - AIMED) / slope for (fuel, left), slope in zip(legs, slopes, strict=True)]
        before = legs
        for k in range(len(contacts) - 1, -1, -1):
            lacking = need[k + 1] - room.get(contacts[k].candidate, math.inf)
            lacking -= flown.contacts[k].abort_available_kg
            if lacking > fuels[k] * -1.0 and math.isfinite(lacking):
                need[k] = max(need[k], fuels[k] + lacking / CARRIED)
        for k in range(len(need)):
            if need[k] > most[k] + 1.0 and (number > 3 or fuels[k] >= most[k] - 200.0):
                return _too_long(planner, lead, contacts, k, need[k] - most[k])
        aim = [takeoff if given is not None else min(need[0], full)]
        taken = []
        moved = aim[0] - takeoff
        for k, contact in enumerate(flown.contacts):
            arrives = contact.abort_available_kg + CARRIED * moved
            if leaves_out and number > 1 and need[k + 1] - arrives < SMALL:
                return k
            aim.append(min(max(need[k + 1], arrives + 0.5 * SMALL), planner.capacity))
            moved = aim[-1] - contact.after_kg
            taken.append(aim[-1] - arrives)
        steps = [abs(a - b) for a, b in zip([aim[0], *taken], [takeoff, *onloads], strict=True)]
        takeoff, onloads = aim[0], taken
        if works and max(steps) < LITTLE:
            break
    return _too_long(planner, lead, contacts, 0, 0.0) if best is None else best


def _slope(fuel: float, slack: float, fuel_before: float, slack_before: float) -> float:
    """Slack gained for each kilogram at the start of a leg, from two flights of it."""
    if abs(fuel - fuel_before) < 20.0 or not math.isfinite(slack - slack_before):
        return 0.8 if slack < 0.0 else 1.0
    return min(max((slack - slack_before) / (fuel - fuel_before), 0.3), 1.0)


def _too_long(
    planner: LeadPlanner, lead: LeadPlan, contacts: tuple[Contact, ...], leg: int, by_kg: float
) -> Shortfall:
    """A leg of the cell that one of its aircraft cannot fly with all the fuel it can carry."""
    start = "take-off" if leg == 0 else f"contact {leg}"
    along = 0.0 if leg == 0 else contacts[leg - 1].start_m + contacts[leg - 1].length_m
    lat, lon, _ = lead.way.line.at(along)
    flight = planner.flight
    if by_kg > planner.capacity:
        by_kg = 0.0  # no amount would do: it is out of reach of every field
    return Shortfall(
        f"flight {flight.id}: with all the fuel {planner.aircraft.code} can carry from {start} on it cannot keep "
        f"beside {lead.flight.id}", f"{float(lat[0]):.3f},{float(lon[0]):.3f}", by_kg, _LEG, None, None,
        "tankers nearer to the line, or a flight of its own for it",
    )  # fmt: skip
