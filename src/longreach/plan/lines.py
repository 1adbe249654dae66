"""Which line the lead flies: as given, bent towards a tanker base or a track, or round a closure's other side.

A longer way with tankers in better reach may save a sortie, or fuel. The whole plan on a line takes a second; its
ladder alone, among fewer candidates, less than a tenth of that, and with what flying the line held has taught it
says nearly what the plan will. So each line's ladder is chosen, and planned whole is only what promises a sortie
less, or noticeably less fuel, than the line held does by the same reckoning. A line that turns out better is held
instead, and what is left is tried as bends of that one, until nothing promises more or as many plans have been
made as are allowed: then that is said.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from longreach import geodesy, route
from longreach.mission.model import Mission, RefuellingTrack
from longreach.plan import places
from longreach.plan.lead import LeadPlan, LeadPlanner, Promise
from longreach.plan.places import Bend
from longreach.route import Prepared
from longreach.route.choices import alternatives
from longreach.units import NAUTICAL_MILE

NOTICEABLE = 0.005  # of the fuel: what a line must promise to save before it is planned whole
MOST_LINES = 16  # ladders chosen in search of a better line
MOST_PLANS = 4  # made whole in that search
MOST_PLANS_FAILED = 2  # as many where the line as given has no plan
MOST_SIDES = 3  # ways between two points, the shortest counted
LONGEST = 1.25  # times the shortest: no side of a leg is longer
NEARER, FARTHER = 0.25, 0.75  # of the way to a base, looked at where half of it has saved something
ON_SIDE = 1.01  # of its length: a route through one point of another side that is longer has left it
STEP = 50e3  # m between the points of two ways compared
NAMED = 3  # closures told of in a side's name

Bends = tuple[Bend | RefuellingTrack, ...]
Place = tuple[float, float]  # lat, lon
Plan = Any  # (leads, their tankers, what is missing) as `_on_line` gives them


@dataclass(frozen=True, slots=True)
class Lines:
    """The best of the lines tried.

    rows : every line looked at, for the plan document; empty where there was nothing to choose
    settled : False where something that promises more was left for want of plans; None where nothing was searched
    left : how many lines that was
    """

    found: Plan
    rows: tuple[dict[str, Any], ...] = ()
    settled: bool | None = None
    left: int = 0


@dataclass(slots=True)
class _Line:
    """A line looked at: its ladder's promise where one was asked for, its plan where one was made."""

    name: str
    bends: Bends
    promise: Promise | None = None
    found: Plan | None = None

    @property
    def lead(self) -> LeadPlan | None:
        leads = [] if self.found is None else self.found[0]
        return leads[0] if leads and isinstance(leads[0], LeadPlan) else None

    def row(self, *, chosen: bool) -> dict[str, Any]:
        row = {} if self.found is None else places.tried_row(self.found)
        told = self.promise
        if not row.get("route_nm") and told is not None:
            row["route_nm"] = round(told.route_m / NAUTICAL_MILE, 1)
        return {
            "line": self.name,
            "route_nm": row.get("route_nm"),
            "tanker_sorties": row.get("tanker_sorties"),
            "fuel_bought_kg": row.get("fuel_bought_kg"),
            "chosen": chosen,
            "planned": self.found is not None,
            "ladder_sorties": None if told is None else told.sorties,
            "ladder_fuel_kg": None if told is None else round(told.fuel_kg, 1),
        }


def best_line(
    mission: Mission,
    planned: Callable[[Bends, Mapping[str, int]], Plan],
    planner: Callable[[Bends, Sequence[Place]], LeadPlanner],
    prepared: Prepared,
    progress: Callable[[str], None],
) -> Lines:
    """The plan on the best line: fewest sorties, then least fuel.

    planned : everything planned whole with the first flight's line so bent; with teams of tankers for flights of
        those ids, in fewer sorties than those
    planner : the first flight's on a line so bent, one that promises: it looks closely about some places

    What the mission names (tracks off the line, `detours`) is planned whole come what may; the rest is searched
    for where `detours` is not stated, no tanker of the plan refuels another, and the flight is of one type.
    """
    rules = mission.refuelling
    forced: Bends = tuple(track for track in rules.tracks if track.must)

    def without_teams(bends: Bends) -> Plan:
        return planned(bends, {})

    held = _Line("as given", forced, found=without_teams(forced))
    lines = {held.name: held}
    if not mission.tankers or _needs_none(held.found):
        return Lines(held.found)
    if held.lead is not None:
        line = held.lead.way.line
        asked: list[Bend | RefuellingTrack] = [
            track for track in rules.tracks if not track.must and not places.on_line(track, line)
        ]
        asked += [bend for _, bend in places.towards_bases(mission, line)[: rules.detours or 0]]
        for bend in asked:
            tried = _Line(f"by {bend.name}", (*forced, bend))
            progress(tried.name)
            lines[tried.name] = tried
            tried.found = without_teams(tried.bends)
            if places.merit(tried.found) < places.merit(held.found):
                held = tried
    settled, left = None, 0
    if rules.detours is None and not _relayed(held) and not mission.flights[0].members:
        held, left = _searched(mission, lines, held, without_teams, planner, prepared, progress)
        settled = left == 0
    sorties = _saved_by_teams(mission, held, progress)
    if sorties:
        tried = _Line(f"{held.name}, tankers refuelled", held.bends, found=planned(held.bends, sorties))
        if not places.merit(tried.found)[0]:
            lines[tried.name] = tried
        if places.merit(tried.found) < places.merit(held.found):
            held = tried
    rows = [tried.row(chosen=tried is held) for tried in lines.values()]
    return Lines(held.found, tuple(rows) if len(rows) > 1 else (), settled, left)


def _searched(
    mission: Mission,
    lines: dict[str, _Line],
    held: _Line,
    planned: Callable[[Bends], Plan],
    planner: Callable[[Bends, Sequence[Place]], LeadPlanner],
    prepared: Prepared,
    progress: Callable[[str], None],
) -> tuple[_Line, int]:
    """The best line after others have been looked at, and how many that promise more were left."""
    progress("other lines")
    first = planner(held.bends, _about(held))
    loop_m = first.first_loop_m
    if held.lead is not None and held.lead.way.loop_m is not None:
        loop_m = held.lead.way.loop_m[1] - held.lead.way.loop_m[0]
    way = first.line(loop_m)
    if isinstance(way, tuple):
        return held, 0
    taught = None if held.lead is None else held.lead.taught
    held.promise = first.promise(way, taught)
    pool = [*_sides(mission, prepared), *(bend for _, bend in places.towards_bases(mission, way.line))]
    most, plans = MOST_PLANS if not places.merit(held.found)[0] else MOST_PLANS_FAILED, 0
    while True:
        for bend in pool:
            tried = _with(held, bend)
            if tried.name not in lines and len(lines) < MOST_LINES:
                lines[tried.name] = tried
                tried.promise = planner(tried.bends, [*_about(held), *places_of(tried.bends)]).promise_over(
                    loop_m, taught
                )
        worth = [tried for tried in lines.values() if tried.found is None and _better(tried, held)]
        if not worth or plans == most:
            return held, len(worth)
        best = min(worth, key=_promised)
        progress(best.name)
        best.found = planned(best.bends)
        plans += 1
        if places.merit(best.found) < places.merit(held.found):
            gained = [bend for bend in best.bends if bend not in held.bends]
            held = best
            pool = [
                bend for bend in pool if bend.group not in {g.group for g in gained if isinstance(g, Bend)}
            ]
            for share in (NEARER, FARTHER):
                pool += [
                    Bend(f"{bend.name} ({share:.0%} of the way)", bend.point, bend.group)
                    for _, bend in places.towards_bases(mission, way.line, share=share)
                    if any(isinstance(each, Bend) and each.name == bend.name for each in gained)
                ]


def _about(held: _Line) -> list[Place]:
    """Where the line held has its contacts, and is bent."""
    contacts = () if held.lead is None else held.lead.contacts
    way = None if held.lead is None else held.lead.way.line
    found = [] if way is None else [way.at(contact.start_m) for contact in contacts]
    return [(float(lat[0]), float(lon[0])) for lat, lon, _ in found] + places_of(held.bends)


def places_of(bends: Bends) -> list[Place]:
    """The points that bends lead through; those of tracks begin them."""
    return [bend.point if isinstance(bend, Bend) else bend.start for bend in bends]


def _with(held: _Line, bend: Bend) -> _Line:
    """The line held with one bend more, or in the place of one of its group."""
    kept = [each for each in held.bends if not (isinstance(each, Bend) and each.group == bend.group)]
    bends = (*kept, bend)
    return _Line("by " + " and ".join(each.name for each in bends), bends)


def _promised(line: _Line) -> tuple[int, float]:
    assert line.promise is not None
    return line.promise.sorties, line.promise.fuel_kg


def _better(tried: _Line, held: _Line) -> bool:
    """Whether a line promises a sortie less than the one held, or noticeably less fuel."""
    if tried.promise is None or held.promise is None:
        return tried.promise is not None
    one, two = tried.promise, held.promise
    return (one.sorties, one.fuel_kg) < (two.sorties, two.fuel_kg * (1.0 - NOTICEABLE))


def _needs_none(found: Plan) -> bool:
    return found[1] is not None and found[1].sorties == 0 and not found[1].given and not found[2]


def _saved_by_teams(mission: Mission, held: _Line, progress: Callable[[str], None]) -> dict[str, int]:
    """Sorties of each flight that teams of tankers may save some of, where the mission asks for that, by its id."""
    if not mission.refuelling.relay or held.found is None:
        return {}
    progress("whether tankers that refuel tankers save a sortie")
    found = {}
    for lead in held.found[0]:
        sorties = sum(contact.sorties for contact in lead.contacts)
        if not (lead.others or lead.keeps_to) and lead.planner.teams_save(sorties):
            found[lead.flight.id] = sorties
    return found


def _relayed(held: _Line) -> bool:
    return held.lead is not None and any(contact.team is not None for contact in held.lead.contacts)


def _sides(mission: Mission, prepared: Prepared) -> list[Bend]:
    """A point on each other way round closed airspace between two stops of the first flight."""
    if not prepared.closures:
        return []
    stops = places.stops_of(mission.flights[0], mission.station)
    found: list[Bend] = []
    for leg, (one, two) in enumerate(itertools.pairwise(stops)):
        ways = alternatives(prepared, one, two, MOST_SIDES, longest=LONGEST).routes
        best = ways[0].route
        for other in ways[1:]:
            lat, lon, _ = geodesy.densify(other.route.lat, other.route.lon, STEP)
            near_lat, near_lon, _ = geodesy.densify(best.lat, best.lon, STEP)
            apart = [
                float(geodesy.distance(a, b, near_lat, near_lon).min()) for a, b in zip(lat, lon, strict=True)
            ]
            k = int(np.argmax(apart))
            point = (round(float(lat[k]), 7), round(float(lon[k]), 7))
            through = route.via(prepared, [one, point, two])
            if through.feasible and through.length_m <= ON_SIDE * other.route.length_m:
                passed = " and ".join(f"{side.id} on the {side.hand}" for side in other.sides[:NAMED])
                found.append(Bend(f"a way with {passed}", point, f"leg {leg}", leg))
    return found
