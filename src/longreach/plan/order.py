"""How soon: an order given, each flight ready some time after it, and what keeps the lead waiting.

Every flight takes off at its own time before or after the lead's, fixed by where they meet. The lead can leave
when, of all of them, the one that is ready last for its own take-off is ready: that one governs, the others
have slack.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from longreach.mission.model import Mission
from longreach.plan.flights import Flight
from longreach.plan.partners import Join
from longreach.plan.shortfall import Shortfall
from longreach.units import HOUR, MINUTE

if TYPE_CHECKING:
    from longreach.plan.assemble import Clock


@dataclass(frozen=True, slots=True)
class Ready:
    """One flight against the order; all in whole seconds, `slack_s` negative where it is late."""

    flight: Flight
    entry: str
    ready_s: float
    slack_s: float


def entry_of(mission: Mission, flight: Flight) -> str:
    """The id in the mission file of what a flight comes from."""
    if flight.role == "tanker":
        own = [
            entry.id
            for entry in mission.tankers
            if entry.base.code == flight.origin.code
            and mission.aircraft(entry.aircraft).code == flight.aircraft.code
        ]
        order = mission.order
        assert order is not None
        return min(own, key=lambda id: order.ready(id, flight.origin.code)) if own else flight.id
    return str(flight.more.get("partner", flight.more.get("spare_of", flight.more.get("cell_of", flight.id))))


def readiness(mission: Mission, flights: Sequence[Flight], clock: Clock) -> list[Ready]:
    """Every flight against the order, the one that governs first."""
    order = mission.order
    assert order is not None
    given_s = (order.given_utc - clock.zero).total_seconds()
    found = []
    for flight in flights:
        entry = entry_of(mission, flight)
        ready = order.ready(entry, flight.origin.code)
        found.append(Ready(flight, entry, ready, math.floor(round(flight.takeoff_s) - given_s - ready)))
    return sorted(found, key=lambda each: each.slack_s)


def order_document(
    mission: Mission,
    found: Sequence[Ready],
    joins: Sequence[Join],
    contacts: Sequence[dict[str, Any]],
    on_station_s: float | None,
    clock: Clock,
) -> dict[str, Any]:
    """The plan's account of the order: what governs, the way from the order to the station, everybody's slack."""
    order = mission.order
    assert order is not None
    first = found[0]
    given_s = (order.given_utc - clock.zero).total_seconds()
    lead = next(each for each in found if each.flight.role == "lead")
    path: list[tuple[str, float]] = [
        ("order", given_s),
        (f"{first.flight.id} ready at {first.flight.origin.code}", given_s + first.ready_s),
        (f"{first.flight.id} takes off", first.flight.takeoff_s),
    ]
    if first is not lead:
        path += [
            (f"{join.flight} joins {join.lead}", join.join_s)
            for join in joins
            if join.flight == first.flight.id
        ]
    document: dict[str, Any] = {
        "given_utc": clock.text(given_s),
        "governs": first.flight.id,
        "slack_s": first.slack_s,
        "earliest_takeoff_utc": clock.text(lead.flight.takeoff_s - first.slack_s),
        "earliest_on_station_utc": None
        if on_station_s is None
        else clock.text(round(on_station_s) - first.slack_s),
        "flights": [
            {
                "flight": each.flight.id,
                "entry": each.entry,
                "base": each.flight.origin.code,
                "ready_utc": clock.text(given_s + each.ready_s),
                "takeoff_utc": clock.text(each.flight.takeoff_s),
                "slack_s": each.slack_s,
            }
            for each in found
        ],
    }
    steps = [{"what": what, "time_utc": clock.text(at)} for what, at in path]
    steps += [
        {"what": f"{row['id']} with {row['receiver']}", "time_utc": row["start_utc"]}
        for row in contacts
        if row["tanker_flight"] == first.flight.id
    ]
    if on_station_s is not None and (first is lead or on_station_s > path[-1][1]):
        steps.append({"what": f"{lead.flight.id} on station", "time_utc": clock.text(on_station_s)})
    document["path"] = steps
    return document


def late(mission: Mission, found: Sequence[Ready], clock: Clock) -> tuple[Shortfall, ...]:
    """Why the clock time asked for is too soon, by how much, and the cures."""
    first = found[0]
    if first.slack_s >= 0.0:
        return ()
    order = mission.order
    assert order is not None
    lacking = -first.slack_s
    ready = clock.text((order.given_utc - clock.zero).total_seconds() + first.ready_s)
    others = [each for each in found if each.slack_s < 0.0]
    what = (
        f"the order leaves too little time: {first.flight.id} is ready at {ready} and would have to take off at "
        f"{clock.text(first.flight.takeoff_s)}"
    )
    if len(others) > 1:
        what += f" ({len(others) - 1} more are late, by less)"
    later = mission.clock.time_utc + timedelta(seconds=math.ceil(lacking / MINUTE) * MINUTE)
    value = later.strftime("%Y-%m-%dT%H:%M:%SZ")
    words = f"{mission.clock.anchor.replace('_', ' ')} at {value}, {hours(lacking)} later"
    sooner: list[tuple[str, Any, str]] = []
    if len({each.entry for each in others}) == 1 and first.ready_s > lacking:
        left = hours(math.floor((first.ready_s - lacking) / MINUTE) * MINUTE)
        sooner.append((f"order.readiness.{first.entry}", left, f"{first.entry} ready in {left}"))
    return (
        Shortfall(
            what, first.flight.origin.code, lacking / MINUTE, "min", "clock.time", value, words, tuple(sooner)
        ),
    )


def hours(seconds: float) -> str:
    """A duration as the mission file writes it, in whole minutes upward.

    >>> hours(5400.0), hours(61.0)
    ('1 h 30 min', '2 min')
    """
    minutes = math.ceil(seconds / MINUTE)
    whole, rest = divmod(minutes, round(HOUR / MINUTE))
    return " ".join(([f"{whole} h"] if whole else []) + ([f"{rest} min"] if rest or not whole else []))
