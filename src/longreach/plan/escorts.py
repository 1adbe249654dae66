"""Escorts: which partners are with the lead in a part of its flight, and by which sorties.

"Always" is a cover: sorties from one or several bases that take turns, so few as can be (`cover.choose`), each
flown whole. Join and leave points are rows of the lead's own flight, so they follow its station clock. "At
least" and "exactly" count the partners that join in that part, each for its own time.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from longreach import timeline
from longreach.mission.model import Escort, Mission
from longreach.plan import cover
from longreach.plan.cover import Candidate, Chosen, Fleet
from longreach.plan.flights import Flight
from longreach.plan.lead import LeadPlan
from longreach.plan.partners import (
    Cure,
    Join,
    Reach,
    account,
    clear_of_turns,
    joined,
    leave_of_others,
    other_bases,
    partner_flight,
    span_of,
)
from longreach.plan.shortfall import Shortfall
from longreach.units import MINUTE
from longreach.world.airspace import Closure

GRID = 5.0 * MINUTE  # between the join and leave moments of which every pair is a candidate
ROUND = 20.0 * MINUTE  # before and after the stretch in which a sortie may join or leave
ROUNDS = 12  # choices flown before it is said that none holds
TRIALS = 4  # the same of a change that may be a cure
MORE_AIRCRAFT = 12  # sorties' worth of them, tried beside those at a base
MOST_CURES = 4  # found before the search for more is given up


@dataclass(frozen=True, slots=True)
class Escorted:
    """What one escort comes to: flights, their join-ups, and its rows of the document."""

    flights: tuple[Flight, ...] = ()
    joins: tuple[Join, ...] = ()
    document: dict[str, Any] | None = None
    shortfalls: tuple[Shortfall, ...] = ()
    warnings: tuple[str, ...] = field(default=())


def escorted(
    mission: Mission,
    escort: Escort,
    lead: LeadPlan,
    codes: np.ndarray,
    closures: tuple[Closure, ...],
    zero_s: float,
    text: Callable[[float], str],
) -> Escorted:
    """The partners of one escort planned.

    codes : (n,) State over which each of the lead's rows lies, "" over the high seas
    zero_s : the lead's take-off, seconds since 1970; text : a time after it as the document writes it
    """
    span = span_of(lead, escort.during, zero_s)
    if isinstance(span, Shortfall):
        return Escorted(shortfalls=(replace(span, what=f"escort {escort.id}: {span.what}"),))
    assert span is not None
    document = {
        "id": escort.id,
        "with": lead.flight.id,
        "kind": escort.kind,
        "wanted": escort.wanted,
        "overlap_s": round(escort.overlap_s),
        "start_utc": text(span[0]),
        "end_utc": text(span[1]),
    }
    partners = [next(each for each in mission.partners if each.id == id) for id in escort.by]
    if escort.kind == "always":
        reaches = [
            Reach(mission, partner, lead, codes, closures, (span[0] - ROUND, span[1] + ROUND))
            for partner in partners
        ]
        return _always(escort, reaches, span, document, text)
    reaches = [Reach(mission, partner, lead, codes, closures, span) for partner in partners]
    return _counted(escort, reaches, document)


# -- at least, exactly --------------------------------------------------------------------------------


def _counted(escort: Escort, reaches: Sequence[Reach], document: dict[str, Any]) -> Escorted:
    found = [partner_flight(reach, cured=False) for reach in reaches]
    able = [each for each in found if not isinstance(each, Shortfall)]
    short = [each for each in found if isinstance(each, Shortfall)]
    if len(able) < escort.wanted:
        again = [
            partner_flight(reach)
            for reach, each in zip(reaches, found, strict=True)
            if isinstance(each, Shortfall)
        ]
        short = [each for each in again if isinstance(each, Shortfall)]
    if escort.kind == "exactly":
        able.sort(key=lambda pair: (pair[0].count * pair[0].profile.duration_s, pair[0].id))
        able = sorted(able[: escort.wanted], key=lambda pair: escort.by.index(pair[0].id))
    row = document | {"flights": [flight.id for flight, _ in able]}
    flights, joins = tuple(f for f, _ in able), tuple(j for _, j in able)
    if len(able) >= escort.wanted:
        left = (
            [f"escort {escort.id} is met without it: {each.what}" for each in short]
            if escort.kind == "at_least"
            else []
        )
        return Escorted(flights, joins, row, (), tuple(left))
    lacking = escort.wanted - len(able)
    short.sort(key=lambda each: not each.key_path)
    what = f"escort {escort.id}: {len(able)} of {escort.wanted} partners can join"
    if not lacking:
        return Escorted(flights, joins, row)
    rows = [replace(each, what=f"{what}; {each.what}") for each in short[:lacking]]
    return Escorted(flights, joins, row, tuple(rows))


# -- always -------------------------------------------------------------------------------------------


def _always(
    escort: Escort,
    reaches: Sequence[Reach],
    span: tuple[float, float],
    document: dict[str, Any],
    text: Callable[[float], str],
) -> Escorted:
    fleets = [Fleet(reach.partner.available, reach.partner.turn_s) for reach in reaches]
    tried = _flown(escort, reaches, fleets, span)
    if isinstance(tried, Shortfall):
        return Escorted(shortfalls=(tried,))
    chosen, flown = tried
    flights = tuple(flight for flight, _ in flown)
    joins = tuple(join for _, join in flown)
    row = document | {
        "flights": [flight.id for flight in flights],
        "sorties": len(flights),
        "aircraft_sorties": sum(flight.count for flight in flights),
    }
    if not chosen.gaps:
        return Escorted(flights, joins, row)
    return Escorted(flights, joins, row, (_gap(escort, reaches, fleets, span, chosen, text),))


def _flown(
    escort: Escort,
    reaches: Sequence[Reach],
    fleets: Sequence[Fleet],
    span: tuple[float, float],
    rounds: int = ROUNDS,
    *,
    trial: bool = False,
) -> tuple[Chosen, list[tuple[Flight, Join]]] | Shortfall:
    """The sorties chosen and each flown whole; what a flight teaches goes into the next choice.

    trial : as for `cover.choose`
    """
    crews = [_Crew(reach) for reach in reaches]
    last = "no sorties"
    for _ in range(rounds):
        candidates = [each for k, crew in enumerate(crews) for each in crew.candidates(k, span)]
        chosen = cover.choose(candidates, fleets, *span, escort.wanted, escort.overlap_s, trial=trial)
        flown: list[tuple[Flight, Join]] = []
        actual: list[Candidate] = []
        numbers = [0] * len(reaches)
        good = True
        for k in chosen.chosen:
            each, crew = candidates[k], crews[candidates[k].fleet]
            numbers[each.fleet] += 1
            found = crew.fly(each, f"{crew.reach.partner.id}-{numbers[each.fleet]}")
            if isinstance(found, Shortfall):
                last, good = found.what, False
                continue
            flown.append((replace(found[0], more={"partner": crew.reach.partner.id}), found[1]))
            actual.append(replace(each, takeoff_s=found[0].takeoff_s, landing_s=found[0].landing_s))
        if good and cover.flyable(actual, fleets):
            return chosen, flown
    return Shortfall(f"escort {escort.id}: no choice of sorties could be flown; {last}", escort.id, 0.0, "")


class _Crew:
    """One partner's sorties as they are reckoned, and what flying them has taught."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self.known = account(reach)
        self.fuel_kg = reach.full - reach.reserve
        self.early_s = self.late_s = 0.0  # by which flights have left earlier and landed later than reckoned
        self.refused: set[tuple[int, int]] = set()
        profile = reach.lead.profile
        beside = reach.followable()
        self.rows = np.flatnonzero(beside & reach.steady & clear_of_turns(profile))
        self.run = np.cumsum(np.append(True, ~beside[1:] | ~beside[:-1]))[
            self.rows
        ]  # one number: all the way
        self.when = profile.time_s[self.rows]
        self.lat, self.lon = profile.lat[self.rows], profile.lon[self.rows]

    def candidates(self, fleet: int, span: tuple[float, float]) -> Iterator[Candidate]:
        """The longest sorties from every row and to every row, and every pair of a coarse grid."""
        reach, known, when = self.reach, self.known, self.when
        if known is None or not when.size:
            return
        out_s, out_kg = known.leg(known.climb, reach.legs.lengths(reach.origin, self.lat, self.lon))
        home_s, home_kg = known.leg(known.descent, reach.legs.lengths(reach.destination, self.lat, self.lon))
        together = when[None, :] - when[:, None]
        burn = out_kg[:, None] + together * known.beside_kgps + home_kg[None, :]
        fits = (self.run[:, None] == self.run[None, :]) & (together >= max(reach.partner.together_s, 1.0))
        fits &= burn * (1.0 + reach.margin) <= self.fuel_kg
        fits &= (when[:, None] < span[1]) & (when[None, :] > span[0])
        keep = np.zeros(fits.shape, bool)
        some = fits.any(axis=1)
        keep[some, fits.shape[1] - 1 - np.argmax(fits[some][:, ::-1], axis=1)] = True
        some = fits.any(axis=0)
        keep[np.argmax(fits[:, some], axis=0), some] = True
        grid = np.searchsorted(when, np.arange(when[0], when[-1] + GRID, GRID)).clip(0, when.size - 1)
        edges = [int(np.searchsorted(when, span[0], "right")) - 1, int(np.searchsorted(when, span[1]))]
        grid = np.unique([*grid, *(k for k in edges if 0 <= k < when.size)])
        pairs = np.zeros(fits.shape, bool)
        pairs[np.ix_(grid, grid)] = True
        for i, j in np.argwhere(fits & (keep | pairs)).tolist():
            key = int(self.rows[i]), int(self.rows[j])
            if key not in self.refused:
                yield Candidate(
                    fleet,
                    reach.partner.count,
                    float(when[i]),
                    float(when[j]),
                    float(when[i] - out_s[i] - self.early_s),
                    float(when[j] + home_s[j] + self.late_s),
                    key,
                )

    def lacking_kg(self) -> float:
        """Fuel each of its aircraft lacks for the sortie that takes the least; inf where no way leads there."""
        reach, known, when = self.reach, self.known, self.when
        if known is None or not when.size:
            return math.inf
        _, out_kg = known.leg(known.climb, reach.legs.lengths(reach.origin, self.lat, self.lon))
        _, home_kg = known.leg(known.descent, reach.legs.lengths(reach.destination, self.lat, self.lon))
        least = float((out_kg + home_kg).min()) + reach.partner.together_s * known.beside_kgps
        return least * (1.0 + reach.margin) - self.fuel_kg

    def fly(self, each: Candidate, id: str) -> tuple[Flight, Join] | Shortfall:
        """A sortie flown whole; what it lacked or took longer for is remembered."""
        found = joined(self.reach, timeline.JoinUp(*each.key, 0.0, 0.0, 0.0), id, self.known)
        if isinstance(found, Shortfall):
            self.refused.add(each.key)
            if found.unit == "kg":
                self.fuel_kg -= found.by / 2.0
            return found
        flight, _ = found
        self.early_s = max(self.early_s, each.takeoff_s - flight.takeoff_s + self.early_s)
        self.late_s = max(self.late_s, flight.landing_s - each.landing_s + self.late_s)
        return found


def _gap(
    escort: Escort,
    reaches: Sequence[Reach],
    fleets: Sequence[Fleet],
    span: tuple[float, float],
    chosen: Chosen,
    text: Callable[[float], str],
) -> Shortfall:
    """When nobody, or too few, can be there, and the single changes that would cure it."""
    start, end, lacking = max(chosen.gaps, key=lambda gap: (gap[1] - gap[0]) * gap[2])
    there = escort.wanted - lacking
    what = (
        f"escort {escort.id}: {'nobody' if there == 0 else f'only {there} aircraft'} can be with "
        f"{reaches[0].lead.flight.id} from {text(start)} to {text(end)}"
    )
    why = {_why(reach, (start, end)) for reach in reaches}
    if len(chosen.gaps) > 1:
        what += f", the longest of {len(chosen.gaps)} gaps"
    what += f": {'; '.join(sorted(why))}"
    cures = list(itertools.islice(_cures(escort, reaches, fleets, span), MOST_CURES))
    key, value, words = cures[0] if cures else (None, None, "let more partners serve, or base them nearer")
    return Shortfall(
        what, text(start), float(chosen.missing_s) / 60.0, "min", key, value, words, tuple(cures[1:])
    )


def _why(reach: Reach, gap: tuple[float, float]) -> str:
    """What keeps one partner from being there in a gap."""
    time = reach.lead.profile.time_s
    rows = (time >= gap[0]) & (time <= gap[1])
    if any(start < gap[1] and end > gap[0] for start, end in reach.taken):
        return "nobody joins while the lead is refuelled"
    if rows.any() and not reach.allowed[rows].all():
        states = sorted({*np.unique(reach.codes[rows & ~reach.allowed]).tolist()} - {""})
        return f"{reach.partner.id} may not fly in {', '.join(states)}"
    if rows.any() and not reach.followable()[rows].any():
        return f"the lead flies where {reach.partner.id} cannot stay beside it"
    crew = _Crew(reach)
    if crew.known is None:
        return f"{reach.partner.id} cannot fly at the lead's level and speed"
    short = crew.lacking_kg()
    if short > 0.0:
        far = (
            "has no lawful way to the lead"
            if math.isinf(short)
            else f"lacks {short:,.0f} kg for the shortest sortie"
        )
        return f"{reach.partner.id} {far}"
    return f"{reach.partner.id} has no more sorties that reach it"


def _cures(
    escort: Escort, reaches: Sequence[Reach], fleets: Sequence[Fleet], span: tuple[float, float]
) -> Iterator[Cure]:
    """Single changes of the mission that make the cover whole, each tried by choosing and flying again."""

    def whole(reaches: Sequence[Reach], fleets: Sequence[Fleet], overlap_s: float | None = None) -> bool:
        asked = escort if overlap_s is None else replace(escort, overlap_s=overlap_s)
        tried = _flown(asked, reaches, fleets, span, TRIALS, trial=True)
        return not isinstance(tried, Shortfall) and not tried[0].gaps

    for k, (reach, fleet) in enumerate(zip(reaches, fleets, strict=True)):
        count = reach.partner.count

        def more(there: int, k: int = k, fleet: Fleet = fleet) -> bool:
            return whole(reaches, [*fleets[:k], replace(fleet, available=there), *fleets[k + 1 :]])

        if more(fleet.available + MORE_AIRCRAFT * count):
            fails, works = 0, MORE_AIRCRAFT
            while works - fails > 1:
                middle = (works + fails) // 2
                fails, works = (fails, middle) if more(fleet.available + middle * count) else (middle, works)
            there = fleet.available + works * count
            words = f"{there - fleet.available} more {reach.kind.code} at {reach.partner.origin.code} ({there} in all)"
            yield f"partners.{reach.index}.available", there, words
    for k, reach in enumerate(reaches):

        def with_it(changed: Reach, k: int = k) -> bool:
            return whole([*reaches[:k], changed, *reaches[k + 1 :]], fleets)

        yield from leave_of_others(reach, with_it)
        yield from other_bases(reach, with_it, 2)
    if escort.overlap_s > 0.0:
        least = next(
            (
                m
                for m in (4, 3, 2, 1, 0)
                if m * MINUTE < escort.overlap_s and whole(reaches, fleets, m * MINUTE)
            ),
            None,
        )
        if least is not None:
            place = [each.id for each in reaches[0].mission.escorts].index(escort.id)
            yield f"escort.{place}.overlap", f"{least} min", f"reliefs that overlap by {least} min"
