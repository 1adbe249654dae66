"""A mission planned: route, fuel, refuelling, join-ups, schedule, verified, as a plan document.

This is where the stages meet. `plan` never raises for a mission that cannot be flown: that is an answer,
with what is missing and the smallest change that would cure it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from longreach.errors import Fault, InputError
from longreach.mission.model import Mission

if TYPE_CHECKING:
    from datetime import datetime

    from longreach.plan.lines import Bends, Lines
    from longreach.route import Prepared
    from longreach.world.airspace import Closure
    from longreach.world.winds import Aloft, WindField

Progress = Callable[[str], None]
WIDE_BAND_PCT = 10.0  # error bands from here on are said as warnings
TAKEOFFS = 6  # takes-off tried until the wind met and the hour agree
SMALLER_SHARES = (0.9, 0.8)  # of a tanker's offload, tried where its own flight, integrated, cannot give more
TEAM_SHARES = (
    0.935,
    0.92,
)  # tried before them behind a team of tankers, where a little less may save a sortie


def _quiet(_: str) -> None:
    return None


def plan(mission: Mission, *, progress: Progress = _quiet) -> dict[str, Any]:
    """The plan document of a mission, verified; status "infeasible" with its shortfalls where there is none.

    progress : called with a few words as each stage starts

    Raises: InputError where the user's closures cannot be read. Deterministic: one mission, one document.
    """
    document = _solve(mission, progress)
    if document["status"] == "infeasible":
        from longreach.plan.proof import proven

        progress("trying the cures")
        document["shortfalls"] = proven(mission, document["shortfalls"], lambda cured: _solve(cured, _quiet))
        solution = next(check for check in document["checks"] if check["id"] == "solution")
        if not solution["ok"]:
            solution["value"] = len(document["shortfalls"])
    return document


def _solve(mission: Mission, progress: Progress) -> dict[str, Any]:
    """The plan document with cures as each stage proposes them."""
    from longreach import route
    from longreach.plan import assemble, decisions, margins
    from longreach.plan.cell import with_others
    from longreach.plan.order import late, order_document
    from longreach.plan.winds import field_of

    progress("closed airspace")
    closures, geojson, warnings = _closures(mission)
    progress("winds")
    field = field_of(mission)
    document = assemble.shell(mission, geojson, warnings, field)
    prepared = route.prepare(closures)
    flown = _soon_enough(mission, field, prepared, closures, progress)
    leads, assignment, shortfalls, lines = flown.leads, flown.assignment, flown.shortfalls, flown.lines
    types = [each.aircraft for wanted in mission.flights for each in (wanted, *wanted.members)]
    types += [partner.aircraft for partner in mission.partners]
    types += [entry.aircraft for entry in mission.tankers]
    _data(document, mission, types)
    if leads and leads[0].flight is mission.flights[0]:
        lead, clock, flights, company = leads[0], flown.clock, flown.flights, flown.company
        tankers = assignment.flights if assignment is not None else ()
        by_id = {flight.id: flight for flight in tankers}
        refuellings = [
            assemble.refuelling_document(given, clock, mission.refuelling.rendezvous)
            for given in (with_others(assignment.given) if assignment is not None else ())
        ]
        refuellings += [
            assemble.transfer_document(transfer, by_id[transfer.giver], clock)
            for flight in tankers
            for transfer in flight.takes
        ]
        if any(flight.takes for flight in tankers):
            document["assumptions"].append(assemble.RELAYED)
        shortfalls += company.shortfalls
        document["warnings"] += company.warnings
        if mission.escorts:
            document["escorts"] = company.rows
        progress("airspace, light and crews")
        turn = None if lead.station_s is None else sum(lead.station_s) / 2.0
        document["flights"] = [
            assemble.flight_document(
                flight,
                clock,
                mission.winds.sigma_mps,
                turn if flight.role == "lead" and "spare_of" not in flight.more else None,
            )
            for flight in flights
        ]
        if lead.station_s is not None:
            assert mission.station is not None
            enter, leave = (round(seconds) for seconds in lead.station_s)
            document["station"] = {
                "area": mission.station.name,
                "enter_utc": clock.text(enter),
                "leave_utc": clock.text(leave),
                "duration_s": leave - enter,
            }
        document["refuellings"] = refuellings
        document["joins"] = assemble.joins_document(company.joins, clock)
        if flown.ready:
            enter_s = None if lead.station_s is None else lead.station_s[0]
            document["order"] = order_document(
                mission, flown.ready, company.joins, refuellings, enter_s, clock
            )
            if mission.clock.anchor != "earliest":
                shortfalls += late(mission, flown.ready, clock)
        document["overflight"] = assemble.overflight_rows(flights, clock)
        document["airspace"] = assemble.airspace_rows(flights, closures, clock)
        document["optimality"] = assemble.optimality(leads, flights, assignment)
        if lines.rows:
            document["optimality"]["lines"] = list(lines.rows)
        if lines.settled is not None:
            document["optimality"]["lines_settled"] = lines.settled
        if lines.left:
            document["warnings"].append(
                f"{lines.left} other lines promise fewer sorties or less fuel and were not planned whole "
                "(optimality.lines); state them as via points, or refuelling.detours"
            )
        document["crew"] = assemble.crew_rows(mission, flights, clock)
        document["light"] = assemble.light_rows(flights, clock)
        document["guard"] = [
            row for each in leads if each is lead or each.contacts for row in assemble.guard_rows(each, clock)
        ]
        refuelled = [each for each in leads if each.contacts]
        if refuelled:
            progress("ways out")
            document["aborts"] = [
                decisions.document(decisions.ways_out(each), each, clock, refuellings) for each in refuelled
            ]
        if lead.contacts:
            single = len(refuelled) == 1 and not (lead.others or lead.keeps_to)
            least = margins.without_margin(lead, progress) if single else None
            sorties = document["optimality"][
                "tanker_sorties"
            ]  # fewer than the contacts ask for where one serves two
            if least is not None and sum(contact.sorties for contact in least.contacts) > sorties:
                least = None
            document["margins"] = margins.document(lead, least, mission.reserves.doubt, clock)
            if least is not None:
                # tankers of a type whose burn is known badly give more than a tenth over the plan's without a margin
                fewest = sum(contact.sorties for contact in least.contacts)
                over = max(0, lead.sorties_bound - fewest)
                document["optimality"]["tanker_sorties_bound"] -= over
    document["shortfalls"] = assemble.shortfall_rows(shortfalls)
    progress("verifying")
    return _verified(document, mission)


class _Flown(NamedTuple):
    """All flights on one clock; `ready` is the flights against the order, the one that governs first."""

    leads: list[Any]
    assignment: Any
    shortfalls: list[Any]
    lines: Lines
    clock: Any
    flights: list[Any]
    company: _Company
    ready: list[Any]


def _soon_enough(
    mission: Mission, field: WindField, prepared: Prepared, closures: tuple[Closure, ...], progress: Progress
) -> _Flown:
    """The lead, the tankers and the partners; with the anchor "earliest" on the first clock the order allows.

    Where nothing hangs on the hour all flights keep their times to one another, and the clock is moved once;
    else all is planned again until no more than two seconds are left.
    """
    from longreach.plan import assemble
    from longreach.plan.flights import ON_TIME, Flight, lead_flight
    from longreach.plan.formation import spare_flight, told
    from longreach.plan.openings import hangs_on_the_clock
    from longreach.plan.order import readiness
    from longreach.plan.shortfall import Shortfall

    asked, again = mission, True
    timeless = (field.steady or field.uniform) and not hangs_on_the_clock(mission)
    for _ in range(TAKEOFFS):
        if again:
            leads, assignment, shortfalls, lines = _in_clock_time(asked, field, prepared, closures, progress)
        if not leads or leads[0].flight is not mission.flights[0]:
            return _Flown(leads, assignment, shortfalls, lines, None, [], _Company([], [], [], [], []), [])
        clock = assemble.clock_for(asked, leads[0])
        company = _company(asked, leads[0], closures, clock, progress)
        tankers = assignment.flights if assignment is not None else ()
        flown = [lead_flight(entry, 0.0) for entry in leads]
        flights = [told(mission, entry, flight, clock) for entry, flight in zip(leads, flown, strict=True)]
        spares = [
            spare_flight(mission, entry, prepared) for entry in leads if entry.flight.air_spares is not None
        ]
        flights += [flight for flight in spares if isinstance(flight, Flight)]
        flights += [*tankers, *company.flights]
        ready = readiness(mission, flights, clock) if mission.order is not None else []
        if mission.clock.anchor != "earliest" or abs(ready[0].slack_s) <= (0.0 if timeless else ON_TIME):
            break
        again = not timeless
        moved = timedelta(seconds=ready[0].slack_s)
        asked = replace(asked, clock=replace(asked.clock, time_utc=clock.zero - moved))
    missing = [*shortfalls, *(each for each in spares if isinstance(each, Shortfall))]
    return _Flown(leads, assignment, missing, lines, clock, flights, company, ready)


class _Company(NamedTuple):
    """Who is with the lead: flights, join-ups, rows of the escorts, what is missing, warnings."""

    flights: list[Any]
    joins: list[Any]
    rows: list[dict[str, Any]]
    shortfalls: list[Any]
    warnings: list[str]


def _company(
    mission: Mission, lead: Any, closures: tuple[Closure, ...], clock: Any, progress: Progress
) -> _Company:
    """The partners planned beside a lead: those of an escort together, the others one by one."""
    from longreach.plan.escorts import escorted
    from longreach.plan.partners import Reach, partner_flight, span_of
    from longreach.plan.shortfall import Shortfall
    from longreach.world import airspace

    found = _Company([], [], [], [], [])
    if not mission.partners:
        return found
    codes = airspace.overflown(lead.profile.lat, lead.profile.lon)
    zero_s = clock.zero.timestamp()
    serving = {id for escort in mission.escorts for id in escort.by}
    for partner in mission.partners:
        if partner.id in serving:
            continue
        progress(f"join-up of {partner.id}")
        span = span_of(lead, partner.during, zero_s)
        if isinstance(span, Shortfall):
            found.shortfalls.append(replace(span, what=f"partner {partner.id}: {span.what}"))
            continue
        joined = partner_flight(Reach(mission, partner, lead, codes, closures, span))
        if isinstance(joined, Shortfall):
            found.shortfalls.append(joined)
            continue
        found.flights.append(joined[0])
        found.joins.append(joined[1])
    for escort in mission.escorts:
        progress(f"escort {escort.id}")
        each = escorted(mission, escort, lead, codes, closures, zero_s, clock.text)
        found.flights.extend(each.flights)
        found.joins.extend(each.joins)
        found.shortfalls.extend(each.shortfalls)
        found.warnings.extend(each.warnings)
        if each.document is not None:
            found.rows.append(each.document)
    return found


def _in_clock_time(
    mission: Mission, field: WindField, prepared: Prepared, closures: tuple[Closure, ...], progress: Progress
):
    """The lead flights, their tankers and what is missing, in the wind of the hours in which they are flown.

    Where the wind changes with time and the mission is anchored on something later than the take-off, the
    take-off and the wind are found together: first in the wind of the anchor's moment, held, then anew until
    the take-off moves by no more than two seconds.
    """
    from longreach.plan import assemble
    from longreach.plan.flights import ON_TIME
    from longreach.plan.openings import hangs_on_the_clock, timed
    from longreach.plan.winds import aloft_of

    takeoff = mission.clock.time_utc
    timeless = (field.steady or field.uniform) and not hangs_on_the_clock(mission)
    if timeless or mission.clock.anchor in ("takeoff", "earliest"):
        return _leads(mission, aloft_of(mission, field, takeoff), prepared, closures, progress, takeoff)
    held = field if field.steady or field.uniform else field.held_at(takeoff)
    at_any_hour = replace(mission, shut=tuple(each for each in mission.shut if not timed(each)))
    found = _leads(at_any_hour, aloft_of(mission, held, takeoff), prepared, closures, progress, takeoff)
    for _ in range(TAKEOFFS):
        leads = found[0]
        if not leads or leads[0].flight is not mission.flights[0]:
            break
        zero = assemble.clock_for(mission, leads[0]).zero
        if abs((zero - takeoff).total_seconds()) <= ON_TIME:
            break
        takeoff = zero
        found = _leads(mission, aloft_of(mission, field, takeoff), prepared, closures, progress, takeoff)
    return found


def _leads(
    mission: Mission,
    aloft: Aloft,
    prepared: Prepared,
    closures: tuple[Closure, ...],
    progress: Progress,
    takeoff_utc: datetime,
):
    """The lead flights, their tankers, what is missing, and the lines tried: on the best of them."""
    from longreach.plan.lead import LeadPlanner
    from longreach.plan.lines import best_line

    def planned(bends: Bends, fewer: Mapping[str, int]) -> Any:
        return _on_line(mission, bends, fewer, aloft, prepared, closures, progress, takeoff_utc)

    def planner(bends: Bends, about: Sequence[tuple[float, float]]) -> LeadPlanner:
        return LeadPlanner(
            mission,
            mission.flights[0],
            prepared,
            closures,
            aloft,
            _quiet,
            refuelled=bool(mission.tankers),
            takeoff_utc=takeoff_utc,
            bend=bends,
            about=about,
        )

    lines = best_line(mission, planned, planner, prepared, progress)
    leads, assignment, shortfalls = lines.found
    return leads, assignment, [each.told() for each in shortfalls], lines


def _on_line(
    mission: Mission,
    bends: Bends,
    fewer: Mapping[str, int],
    aloft: Aloft,
    prepared: Prepared,
    closures: tuple[Closure, ...],
    progress: Progress,
    takeoff_utc: datetime,
):
    """The lead flights that can be, the tankers they meet, and what is missing.

    fewer : flights planned with teams of tankers, in fewer sorties than those
    """
    from longreach.fuel.refuelling import OFFLOAD_SHARE
    from longreach.plan import tankers
    from longreach.plan.cell import planned
    from longreach.plan.lead import LeadPlan, LeadPlanner
    from longreach.plan.shortfall import Shortfall

    sighted, wants_less = [mission], False
    lacking: tuple[Shortfall, ...] = ()
    if any(entry.turn_time_s is not None for entry in mission.tankers):
        sighted.insert(0, tankers.turned_round(mission))
    # later flights first see every tanker, since one sortie may serve two of them; then what others leave
    views = list(itertools.product(sighted, (False, True) if mission.flights[1:] else (True,)))
    leads: list[LeadPlan] = []
    shortfalls: list[Shortfall] = []
    for view, share in itertools.product(views, (OFFLOAD_SHARE, *TEAM_SHARES, *SMALLER_SHARES)):
        seen, apart = view
        by_team = any(contact.team for each in leads for contact in each.contacts)
        if (share != OFFLOAD_SHARE and not wants_less) or (share in TEAM_SHARES and not by_team):
            continue
        leads, shortfalls, wants_less = [], [], False
        for wanted in mission.flights:
            make = partial(
                LeadPlanner,
                prepared=prepared,
                closures=closures,
                aloft=aloft,
                progress=progress,
                refuelled=bool(mission.tankers),
                takeoff_utc=takeoff_utc,
                share=share,
                bend=bends if wanted is mission.flights[0] else (),
                drawn=tankers.drawn(leads) if apart else {},
                fewer_than=fewer.get(wanted.id),
            )
            offered = tankers.left_over(seen, leads) if apart else seen
            found = planned(offered, wanted, make)
            leads.extend(each for each in found if isinstance(each, LeadPlan))
            shortfalls.extend(each for each in found if isinstance(each, Shortfall))
        if shortfalls and view != views[-1]:
            continue
        progress("tankers")
        assignment = tankers.assign(mission, leads, prepared, takeoff_utc, progress)
        if isinstance(assignment, tankers.Assignment):
            return leads, assignment, shortfalls
        if shortfalls:
            return leads, None, [*shortfalls, *assignment]
        wants_less = assignment[0].unit != tankers.TOO_FEW
        lacking = assignment
    return leads, None, [*shortfalls, *lacking]


def _closures(mission: Mission):
    """Closures in force, the user's as GeoJSON, and warnings from reading them."""
    from longreach.world import airspace

    rules = mission.airspace
    warnings: list[str] = []
    found = list(
        airspace.closures(
            rules.closed,
            belt=rules.belt,
            atlas=rules.atlas,
            territorial_sea_m=rules.territorial_sea_m,
            stand_off_m=rules.stand_off_m,
        )
    )
    geojson: dict[str, Any] = {"type": "FeatureCollection", "features": []}
    if rules.closures_file is not None:
        from longreach.world.closures import read_closures, to_geojson

        own = read_closures(rules.closures_file, stand_off_m=rules.stand_off_m)
        national = {closure.id for closure in found}
        clash = [closure.id for closure in own.closures if closure.id in national]
        if clash:
            raise InputError(
                Fault(
                    f"closure id {clash[0]!r} is that of a State the mission closes",
                    file=str(rules.closures_file),
                    hint="give the feature another id",
                )
            )
        warnings += [*own.warnings, *(f"not used: {text}" for text in own.ignored)]
        geojson = to_geojson(own.closures)
        found += own.closures
        warnings += [
            f"closure {closure.id}: its level band or hours are not used; it counts as closed always"
            for closure in own.closures
            if closure.floor_m is not None or closure.ceiling_m is not None or closure.valid is not None
        ]
    return tuple(found), geojson, warnings


def _data(document: dict[str, Any], mission: Mission, types: list[str]) -> None:
    """Aircraft parameters and fields used, and what was assumed about them."""
    from longreach.plan.assemble import place_document

    for code in dict.fromkeys(types):
        kind = mission.aircraft(code)
        document["data"]["aircraft"][code] = kind.document()
        if kind.band_pct >= WIDE_BAND_PCT:
            document["warnings"].append(
                f"{code}: burn is known to {kind.band_pct:g} % only ({kind.band_reason})"
            )
    places = [place for lead in mission.flights for place in (lead.origin, lead.destination)]
    places += [place for partner in mission.partners for place in (partner.origin, partner.destination)]
    places += [*mission.abort_bases, *(entry.base for entry in mission.tankers)]
    for place in places:
        document["data"]["airports"][place.code] = place_document(place)


def _verified(document: dict[str, Any], mission: Mission) -> dict[str, Any]:
    """The document with its verification inside, and its status true to it."""
    from longreach.verify import examine

    missing = len(document["shortfalls"])
    report = examine(document, winds_pack=mission.winds.pack)
    document["checks"] = report.document()
    document["checks"].append(
        {
            "id": "solution",
            "ok": missing == 0,
            "value": missing,
            "limit": 0,
            "unit": "shortfalls",
            "note": "the planner found all that the mission asks for" if not missing else "see shortfalls",
        }
    )
    if not missing and not report.feasible:
        for check in report.checks:
            if not check.ok:
                document["shortfalls"].append(
                    {
                        "what": f"verification: {check.note}",
                        "where": check.id,
                        "by": None,
                        "unit": check.unit,
                        "cure": None,
                    }
                )
    document["status"] = "infeasible" if document["shortfalls"] else "feasible"
    return document
