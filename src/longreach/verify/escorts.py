"""Checks of who is with the lead when, of the aircraft that takes, and of how soon all of it could be flown."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.units import NAUTICAL_MILE
from longreach.verify.case import Case
from longreach.verify.findings import Findings
from longreach.verify.limits import During, Escort
from longreach.verify.track import Track, seconds, stamp

PASSED = 0.15  # nm, from a named point where the lead passes it
ROUNDED = 2.0  # s, by which stated moments may differ from those found
SOONEST = 60.0  # s, that the least slack of a plan "as soon as possible" may be


def part_of(case: Case, during: During) -> tuple[float, float] | None:
    """A part of the lead's flight, in seconds since 1970; None where the plan has no such part."""
    lead = case.lead()
    if lead is None:
        return None
    begin, end = float(lead.time_s[0]), float(lead.time_s[-1])
    if during.kind == "station":
        stated = case.document["station"]
        return (seconds(stated["enter_utc"]), seconds(stated["leave_utc"])) if stated else None
    if during.kind == "time":
        return max(begin, during.start_s), min(end, during.end_s)
    passed = _passed(case, lead)
    first = -1
    if during.start is not None:
        found = [k for k, (name, _) in enumerate(passed) if name == during.start]
        if not found:
            return None
        first, begin = found[0], passed[found[0]][1]
    if during.end is not None:
        later = [moment for name, moment in passed[first + 1 :] if name == during.end]
        if not later:
            return None
        end = later[0]
    return begin, end


def _passed(case: Case, lead: Track) -> list[tuple[str, float]]:
    """The named points of the lead's route in their order, and when it passes each."""
    flight = case.limits.flights[0]
    result = []
    row = 0
    for name, point in zip(flight.via_names, flight.via, strict=True):
        off = geodesy.distance(lead.lat[row:], lead.lon[row:], point.lat, point.lon) / NAUTICAL_MILE
        near = np.flatnonzero(off <= PASSED)
        if near.size:
            row += int(near[0])
            result.append((name, float(lead.time_s[row])))
    return result


def together(case: Case) -> dict[str, list[tuple[int, int]]]:
    """When each partner flight is with the lead, as stated; `joins` holds whether it is beside it then."""
    lead = case.lead()
    stated: dict[str, list[tuple[int, int]]] = {}
    for entry in case.document["joins"]:
        if lead is not None and entry["with"] == lead.id:
            stated.setdefault(entry["flight"], []).append(
                (seconds(entry["join_utc"]), seconds(entry["leave_utc"]))
            )
    return stated


def company(case: Case, findings: Findings) -> None:
    """Every second of each escort's part of the flight: as many aircraft as asked, each relief in time."""
    faults: list[str] = []
    missing = 0.0
    stated = case.document.get("escorts")
    rows = (
        {str(row.get("id")): row for row in stated if isinstance(row, dict)}
        if isinstance(stated, list)
        else {}
    )
    for escort in case.limits.escorts:
        name = f"escort {escort.id}"
        span = part_of(case, escort.during)
        if span is None or span[1] <= span[0]:
            faults.append(f"{name}: the plan has no such part of the flight")
            continue
        if escort.kind == "always":
            missing += _always(case, escort, span, faults)
        else:
            _counted(case, escort, span, faults)
        if escort.id not in rows:
            faults.append(f"{name} is not among the plan's escorts")
            continue
        _stated(case, escort, span, rows[escort.id], faults)
    findings.at_most(
        "escorts", missing, 0.0, "s", "time in which fewer aircraft are with the lead than asked", faults
    )


def _always(case: Case, escort: Escort, span: tuple[float, float], faults: list[str]) -> float:
    """Seconds with too few."""
    begin, end = math.ceil(span[0]), math.floor(span[1])
    there = np.zeros(end - begin, int)  # one for each second that begins at begin + k
    flights = together(case)
    for track in _serving(case, escort):
        for join, leave in flights.get(track.id, []):
            first = join if join <= span[0] else join + escort.overlap_s
            a, b = max(0, math.ceil(first) - begin), max(0, leave - begin)
            there[a:b] += track.count
    short = np.flatnonzero(there < escort.wanted)
    if short.size:
        faults.append(
            f"escort {escort.id}: {there[short[0]]} aircraft are with the lead at {stamp(begin + short[0])}, "
            f"{escort.wanted} asked; {short.size} s in all"
        )
    return float(short.size)


def _serving(case: Case, escort: Escort) -> list[Track]:
    tracks = []
    for track in case.tracks.values():
        asked = case.asked(track)
        if track.role == "partner" and asked is not None and asked.id in escort.by:
            tracks.append(track)
    return tracks


def _counted(case: Case, escort: Escort, span: tuple[float, float], faults: list[str]) -> None:
    flights = together(case)
    able = set()
    for track in _serving(case, escort):
        asked = case.asked(track)
        assert asked is not None
        for join, leave in flights.get(track.id, []):
            within = span[0] - ROUNDED <= join <= leave <= span[1] + ROUNDED
            if within and leave - join >= asked.together_s - 1.0:
                able.add(asked.id)
    many = len(able)
    if many < escort.wanted or (escort.kind == "exactly" and len(_serving(case, escort)) != escort.wanted):
        faults.append(
            f"escort {escort.id}: {many} partners join, the mission asks for {escort.kind.replace('_', ' ')} "
            f"{escort.wanted}"
        )


def _stated(
    case: Case, escort: Escort, span: tuple[float, float], row: dict[str, Any], faults: list[str]
) -> None:
    """The plan's row of an escort against the mission and the flights."""
    name = f"escorts {escort.id}"
    try:
        ends = (seconds(row["start_utc"]), seconds(row["end_utc"]))
        flights = [str(id) for id in row["flights"]]
        said = (row["kind"], row["wanted"], float(row["overlap_s"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        faults.append(f"{name} cannot be read: {error!r}")
        return
    if said != (escort.kind, escort.wanted, round(escort.overlap_s)):
        faults.append(f"{name}: kind, wanted and overlap_s are {said}, not those of the mission")
    for own, told, what in zip(span, ends, ("start_utc", "end_utc"), strict=True):
        if abs(own - told) > ROUNDED:
            faults.append(f"{name}: {what} is {stamp(told)}, found {stamp(own)}")
    serving = sorted(track.id for track in _serving(case, escort))
    if sorted(flights) != serving:
        faults.append(f"{name}: flights are {', '.join(flights) or 'none'}; serving are {', '.join(serving)}")


def aircraft(case: Case, findings: Findings) -> None:
    """No partner has more aircraft away than it has; one that has landed flies again after its turn, or never."""
    faults: list[str] = []
    count = 0
    for partner in case.limits.partners:
        if not case.limits.relayed(partner.id):
            continue
        events: list[tuple[float, int]] = []
        for track in case.sorties(partner):
            count += 1
            events.append((float(track.time_s[0]), track.count))
            if partner.turn_s is not None:
                events.append((float(track.time_s[-1]) + partner.turn_s, -track.count))
        away = most = 0
        when = 0.0
        for moment, change in sorted(events):  # one that is ready again goes before one that leaves
            away += change
            if away > most:
                most, when = away, moment
        if most > partner.available:
            faults.append(
                f"partner {partner.id} has {most} aircraft away at {stamp(when)}, the mission has "
                f"{partner.available} at {partner.origin.code}"
            )
    findings.yes("escorts.aircraft", faults, f"{count} sorties are flown by the aircraft there are")


def order(case: Case, findings: Findings) -> None:
    """No flight takes off before it is ready; "earliest" leaves no slack; the plan's account of it is true."""
    limits = case.limits.order
    assert limits is not None
    faults: list[str] = []
    slack: dict[str, float] = {}
    for track in case.tracks.values():
        ready = min(limits.ready(id, track.document["origin"]) for id in _entries(case, track))
        slack[track.id] = float(track.time_s[0]) - limits.given_s - ready
        if slack[track.id] < 0.0:
            faults.append(
                f"flight {track.id} takes off at {stamp(track.time_s[0])}, it is ready at "
                f"{stamp(limits.given_s + ready)}"
            )
    least = min(slack.values())
    if case.limits.anchor == "earliest" and least > SOONEST:
        faults.append(
            f"the plan is asked for as soon as possible, all its flights have {least:.0f} s or more to spare"
        )
    stated = case.document.get("order")
    try:
        if stated is None:
            raise KeyError("order")
        rows = {row["flight"]: float(row["slack_s"]) for row in stated["flights"]}
        if set(rows) != set(slack) or any(abs(rows[id] - slack[id]) > ROUNDED for id in rows):
            faults.append("order: slack_s of the flights is not that found")
        if (
            abs(float(stated["slack_s"]) - least) > ROUNDED
            or slack.get(stated["governs"], math.inf) > least + ROUNDED
        ):
            faults.append(
                f"order: {stated['governs']} with {stated['slack_s']} s does not govern; {least:.0f} s are least"
            )
        lead = case.lead()
        if (
            lead is not None
            and abs(seconds(stated["earliest_takeoff_utc"]) - lead.time_s[0] + least) > ROUNDED
        ):
            faults.append("order: earliest_takeoff_utc is not the take-off less the least slack")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        faults.append(f"order cannot be read: {error!r}")
    findings.at_least(
        "order.readiness", least, 0.0, "s", "least time from a flight's being ready to its take-off", faults
    )


def _entries(case: Case, track: Track) -> list[str]:
    """The ids in the mission of what a flight can come from."""
    asked = case.asked(track)
    if track.role != "tanker":
        return [(asked.cell_of or asked.id) if asked else track.id]
    origin = track.document["origin"]
    own = [
        pool.id
        for pool in case.limits.tankers
        if pool.base.code == origin and case.same_type(pool.aircraft, track.aircraft)
    ]
    return own or [track.id]
