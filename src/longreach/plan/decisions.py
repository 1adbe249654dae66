"""Ways out as a crew would have them: points of no return, equal-time points, the decision at each contact.

A base is within reach at a moment when the fuel then on board, with nothing more taken on, flies the lawful way
there, holds the final reserve, keeps the margin for doubt, and finds the base open. All times are seconds of the
lead's flight.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from longreach import geodesy, route
from longreach.geodesy import Floats
from longreach.plan.lead import LeadPlan, LeadPlanner, mean_factor
from longreach.units import MINUTE, NAUTICAL_MILE
from longreach.world.airports import Place

if TYPE_CHECKING:
    from longreach.plan.assemble import Clock

EVERY = 20 * MINUTE  # moments at which every base is asked for; edges between are found to half a minute
HALVINGS = 6
MOST_OPTIONS = 4  # bases named for one decision
SECANTS = 3
WAITING = 1.25  # of the cruise flow at the best level: lower and slower, beside the tanker


@dataclass(frozen=True, slots=True)
class Reach:
    """A spell in which a base is within reach: the point of no return to it is where it ends."""

    base: str
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class EqualTime:
    """Where two neighbouring bases are as far as each other in time."""

    time_s: float
    along_m: float
    bases: tuple[str, str]
    way_s: float


@dataclass(frozen=True, slots=True)
class Option:
    """A base to go to from a contact that gave nothing: when it is reached and with how much fuel."""

    base: str
    way_s: float
    left_kg: float
    spare_kg: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The choice at the end of a contact, its onload not had; the best option may wait until `until_s`."""

    contact: int
    time_s: float
    fuel_kg: float
    until_s: float
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class WaysOut:
    """All of it for one lead; `turn_back` is the last spell in which it can go back where it came from."""

    reaches: tuple[Reach, ...]
    turn_back: Reach | None
    equal_times: tuple[EqualTime, ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class _States:
    """The flight at moments: places, fuel with nothing more taken on, burn since fuel was last known."""

    time_s: Floats
    lat: Floats
    lon: Floats
    altitude_m: Floats
    fuel_kg: Floats
    since_kg: Floats

    def at(self, chosen: ArrayLike) -> _States:
        """Some of them."""
        k = np.asarray(chosen)
        return _States(
            self.time_s[k],
            self.lat[k],
            self.lon[k],
            self.altitude_m[k],
            self.fuel_kg[k],
            self.since_kg[k],
        )


def ways_out(lead: LeadPlan) -> WaysOut:
    """The ways out of a lead that is refuelled."""
    planner = lead.planner
    origin = lead.flight.origin
    fields = {place.code: place for place in planner.mission.abort_bases}
    fields.setdefault(origin.code, origin)
    fields.setdefault(lead.flight.destination.code, lead.flight.destination)
    end = float(lead.profile.time_s[-1])
    times = np.unique(np.append(np.arange(0.0, end, EVERY), end - 1.0))
    for contact in lead.contacts:
        times = times[(times <= contact.start_s) | (times > contact.end_s)]
    # on both sides of a contact: what it gave must not hide where a base was out of reach before
    edges = [t for contact in lead.contacts for t in (contact.start_s, contact.end_s + 1.0)]
    if lead.keeps_to or lead.others:
        # others of its cell take fuel while it flies on: before its own turn at the tanker, and after it
        edges += [contact.end_s - 1.0 for contact in lead.contacts]
        edges += [contact.turns[0][0] for contact in lead.contacts if lead.keeps_to]
    states = _states(lead, np.unique(np.append(times, edges)))
    reaches = [
        reach
        for place in fields.values()
        for reach in _spells(planner, lead, place, states)
        if reach.until_s - reach.from_s >= MINUTE
    ]
    named = {place.code for place in planner.mission.abort_bases}
    back = [reach for reach in reaches if reach.base == origin.code and reach.from_s <= MINUTE]
    return WaysOut(
        tuple(reach for reach in reaches if reach.base in named),
        back[0] if back else None,
        tuple(_equal_times(planner, lead, fields)),
        tuple(_decision(planner, lead, fields, k) for k in range(len(lead.contacts))),
    )


def _states(lead: LeadPlan, times: Floats) -> _States:
    profile = lead.profile
    lat, lon, _ = lead.way.line.at(np.interp(times, profile.time_s, profile.along_m))
    known = np.array([0.0, *(contact.end_s for contact in lead.contacts)])
    # fuel is known again from the second after a contact's end on
    last = np.maximum(np.searchsorted(known, times - 0.5, side="right") - 1, 0)
    burnt = np.interp(times, profile.time_s, profile.burnt_kg)
    return _States(
        times,
        lat,
        lon,
        np.interp(times, profile.time_s, profile.altitude_m),
        np.interp(times, profile.time_s, profile.fuel_kg),
        burnt - np.interp(known[last], profile.time_s, profile.burnt_kg),
    )


def _air(planner: LeadPlanner, place: Place, states: _States, ground_m: Floats) -> Floats:
    """Still-air lengths of ways of `ground_m` from the flight's places to a field."""
    if planner.aloft.calm:
        return ground_m
    return ground_m * mean_factor(
        planner.aloft, states.lat, states.lon, place, planner.level_m, states.time_s, planner.tas
    )


def _spare(planner: LeadPlanner, place: Place, states: _States, air_m: Floats) -> tuple[Floats, Floats]:
    """Fuel over what the way, the reserve and doubt ask, and fuel left there [kg]; -inf where shut or too far."""
    need = planner.fuel_to_field(planner.dry + states.fuel_kg, states.altitude_m, air_m, place.code)
    burning = states.since_kg + np.where(np.isfinite(need), np.maximum(0.0, need - planner.reserve), 0.0)
    doubt = planner.z * planner.sigma * burning
    opened = planner.openings.is_open(place.code, states.time_s + air_m / planner.tas)
    spare = np.where(opened & np.isfinite(need), states.fuel_kg - need - doubt, -np.inf)
    with np.errstate(invalid="ignore"):
        after = planner.alone.mass_after(
            planner.dry + states.fuel_kg - _climb(planner, states), np.where(np.isfinite(air_m), air_m, 0.0)
        )
    return spare, after - planner.dry


def _climb(planner: LeadPlanner, states: _States) -> Floats:
    from longreach.fuel.reserves import climb_fuel

    return climb_fuel(planner.alone, planner.dry + states.fuel_kg, states.altitude_m)


def _within(planner: LeadPlanner, place: Place, states: _States) -> np.ndarray:
    """(n,) whether the field is within reach; lawful ways are asked for only where the geodesic would do."""
    straight = np.asarray(geodesy.distance(states.lat, states.lon, place.lat, place.lon))
    good = _spare(planner, place, states, _air(planner, place, states, straight))[0] >= 0.0
    k = np.flatnonzero(good)
    if k.size:
        some = states.at(k)
        ground = np.asarray(route.many(planner.prepared, (place.lat, place.lon), some.lat, some.lon))
        good[k] = _spare(planner, place, some, _air(planner, place, some, ground))[0] >= 0.0
    return good


def _spells(planner: LeadPlanner, lead: LeadPlan, place: Place, states: _States) -> list[Reach]:
    """Spells in which a field is within reach, their edges halved until they are known to half a minute."""
    within = _within(planner, place, states)
    change = np.flatnonzero(within[1:] != within[:-1])
    low, high = states.time_s[change].copy(), states.time_s[change + 1].copy()
    for _ in range(HALVINGS):
        if not change.size:
            break
        middle = np.round((low + high) / 2.0)
        held = _within(planner, place, _states(lead, middle)) == within[change]
        low, high = np.where(held, middle, low), np.where(held, high, middle)
    # the side of each edge on which the field is within reach
    edge = np.where(within[change], low, high)
    result = []
    for k, (spell, group) in enumerate(itertools.groupby(range(within.size), key=lambda i: within[i])):
        rows = list(group)
        if spell:
            start = states.time_s[0] if rows[0] == 0 else edge[k - 1]
            end = states.time_s[-1] if rows[-1] == within.size - 1 else edge[k]
            result.append(Reach(place.code, float(start), float(end)))
    return result


def _equal_times(planner: LeadPlanner, lead: LeadPlan, fields: dict[str, Place]) -> list[EqualTime]:
    """Between each two neighbours in the row of nearest bases, where both are equally far in time."""
    aborts, profile = planner.aborts, lead.profile

    def way(code: str, along: float) -> float:
        place = fields[code]
        left = float(aborts.air_m[-1] - np.interp(along, aborts.along_m, aborts.air_m))
        moment = np.array([np.interp(along, profile.along_m, profile.time_s)])
        states = _states(lead, moment)
        found = route.shortest(
            planner.prepared, (float(states.lat[0]), float(states.lon[0])), (place.lat, place.lon), why=False
        )
        air = np.inf
        if found.feasible:
            air = float(_air(planner, place, states, np.array([found.length_m]))[0])
        return min(air, left) if code == lead.flight.destination.code else air

    result = []
    for k, (one, two) in enumerate(itertools.pairwise(aborts.base)):
        if one == two or one not in fields or two not in fields:
            continue
        low, high = float(aborts.along_m[k]), float(aborts.along_m[k + 1])
        below, above = (way(one, along) - way(two, along) for along in (low, high))
        if not (np.isfinite(below) and np.isfinite(above) and below <= 0.0 <= above):
            continue  # one of them opened or shut here, or the way changed its side
        for _ in range(SECANTS):
            at = low + (high - low) * (-below / (above - below) if above > below else 0.5)
            here = way(one, at) - way(two, at)
            if abs(here) < 0.05 * NAUTICAL_MILE:
                break
            low, below, high, above = (at, here, high, above) if here < 0.0 else (low, below, at, here)
        moment = float(np.interp(at, profile.along_m, profile.time_s))
        seconds = max(way(one, at), way(two, at)) / planner.tas
        result.append(EqualTime(moment, at, (one, two), seconds))
    return result


def _decision(planner: LeadPlanner, lead: LeadPlan, fields: dict[str, Place], k: int) -> Decision:
    """What can be done at the end of contact k if it gave nothing."""
    contact = lead.contacts[k]
    known = lead.contacts[k - 1].end_s if k else 0.0
    burnt = np.interp([known, contact.end_s], lead.profile.time_s, lead.profile.burnt_kg)
    end = lead.way.line.at(contact.start_m + contact.length_m)
    states = _States(
        np.array([contact.end_s]),
        end[0],
        end[1],
        np.array([contact.pairing.altitude_m]),
        np.array([contact.abort_available_kg]),
        np.array([burnt[1] - burnt[0]]),
    )
    options = []
    for code in [place.code for place in planner.mission.abort_bases]:
        place = fields[code]
        straight = np.asarray(geodesy.distance(end[0], end[1], place.lat, place.lon))
        if _spare(planner, place, states, _air(planner, place, states, straight))[0][0] < 0.0:
            continue
        ground = np.asarray(route.many(planner.prepared, (place.lat, place.lon), end[0], end[1]))
        air = _air(planner, place, states, ground)
        spare, left = _spare(planner, place, states, air)
        if spare[0] >= 0.0:
            options.append(Option(code, float(air[0]) / planner.tas, float(left[0]), float(spare[0])))
    options.sort(key=lambda option: (option.way_s, option.base))
    waits = [(option.spare_kg / _waiting_flow(planner, states), option) for option in options]
    until = contact.end_s
    for wait, option in waits:
        place = fields[option.base]
        shut = not planner.openings.is_open(place.code, contact.end_s + wait + option.way_s)[0]
        until = max(until, contact.end_s if shut else contact.end_s + wait)
    return Decision(k, contact.end_s, contact.abort_available_kg, until, tuple(options[:MOST_OPTIONS]))


def _waiting_flow(planner: LeadPlanner, states: _States) -> float:
    """Fuel flow [kg/s] while waiting beside the tanker, at cruise; doubt grows with what is burnt too."""
    mass = planner.dry + float(states.fuel_kg[0])
    return float(planner.alone.flow(mass)) * (1.0 + planner.z * planner.sigma) * WAITING


def document(
    ways: WaysOut, lead: LeadPlan, clock: Clock, refuellings: list[dict[str, Any]]
) -> dict[str, Any]:
    """A row of `aborts` in the plan document; a contact by several tanker flights has the id of the first."""
    ids = {row["end_utc"]: row["id"] for row in reversed(refuellings) if row["receiver"] == lead.flight.id}

    def spell(reach: Reach) -> dict[str, Any]:
        return {
            "base": reach.base,
            "from_utc": clock.text(np.ceil(reach.from_s)),
            "until_utc": clock.text(np.floor(reach.until_s)),
            **_spot(lead, reach.until_s),
        }

    return {
        "flight": lead.flight.id,
        "turn_back": None if ways.turn_back is None else spell(ways.turn_back),
        "reach": [spell(reach) for reach in ways.reaches],
        "equal_time": [
            {
                "time_utc": clock.text(each.time_s),
                **_spot(lead, each.time_s),
                "bases": list(each.bases),
                "way_min": round(each.way_s / MINUTE, 1),
            }
            for each in ways.equal_times
        ],
        "decisions": [
            {
                "refuelling": ids.get(clock.text(each.time_s), ""),
                "time_utc": clock.text(each.time_s),
                "fuel_kg": round(each.fuel_kg, 1),
                "decide_by_utc": clock.text(np.floor(each.until_s)),
                "options": [
                    {
                        "base": option.base,
                        "way_min": round(option.way_s / MINUTE, 1),
                        "arrive_utc": clock.text(each.time_s + option.way_s),
                        "left_kg": round(option.left_kg, 1),
                        "spare_kg": round(option.spare_kg, 1),
                    }
                    for option in each.options
                ],
            }
            for each in ways.decisions
        ],
    }


def _spot(lead: LeadPlan, moment: float) -> dict[str, float]:
    profile = lead.profile
    lat, lon, _ = lead.way.line.at(np.interp(moment, profile.time_s, profile.along_m))
    return {"lat": round(float(lat[0]), 6), "lon": round(float(geodesy.wrap_longitude(lon)[0]), 6)}
