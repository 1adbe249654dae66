"""Part of a cell that leaves it, flies a stretch of its own, and is back at a stated point; or lands elsewhere.

Until it leaves, and from where it is back, it flies in the rows of the flight that paces the cell. Between it flies
through its own points at the cell's Mach number and at levels of its own, and circles at the last of them for what
time is to spare: the cell does not wait for it.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from longreach import geodesy, route
from longreach.fuel.profile import Profile, Segment, fly
from longreach.geodesy import Floats
from longreach.line import Line, Mark
from longreach.plan.flights import STEEP
from longreach.plan.geometry import Detached, LeadLine
from longreach.plan.lead import Contact, LeadPlan, LeadPlanner
from longreach.plan.partners import lengthened
from longreach.plan.shortfall import Shortfall
from longreach.units import FOOT, MINUTE, NAUTICAL_MILE

CLOSE = 10 * MINUTE  # round leaving and rejoining, in which the two are near one another
APART, ABOVE = 5.0 * NAUTICAL_MILE, 1000.0 * FOOT  # else: so far from the cell, or so much over or under it
ROUNDS = 12  # flights of the stretch until it is back to the second
HOLD_KEY = "hold"
FULLER = 0.85, 0.97  # of full tanks, tried where the cell's own part of them does not do
LONGER, MORE = 10, 20.0 * NAUTICAL_MILE  # times the way to a field is lengthened before it is left as it is
ON_TIME = 0.4  # s
AT_LEVEL = 30.0  # m off the cell's level where it is back


@dataclass(frozen=True, slots=True)
class Own:
    """The whole flight of a detachment: the cell's plan in its rows and on its line, but for the fuel.

    beside : (n,) bool, rows from which it flies beside the cell
    """

    plan: LeadPlan
    beside: np.ndarray

    @property
    def detached(self) -> Detached:
        assert self.plan.way.detached is not None
        return self.plan.way.detached


def apart(planner: LeadPlanner, lead: LeadPlan, mass_kg: float | None) -> Own | Shortfall:
    """The rows and the line of a detachment that weighs so much where it leaves; or why it cannot be back.

    planner : of the detachment; lead : that paces the cell
    mass_kg : None where it is not known yet: then its tanks are nearly as full as those of the lead, or nearly full
    """
    flight, profile = planner.flight, lead.profile
    asked = flight.detachment
    assert asked is not None
    left = _leaves(planner, lead)
    if isinstance(left, Shortfall):
        return left
    first, leave_m = left
    key = f"flight {flight.id}"
    last, rejoin_m = profile.time_s.size - 1, lead.way.length_m
    if asked.rejoin:
        back = [mark.along_m for mark in _marks(lead, asked.rejoin) if mark.along_m > leave_m + 1.0]
        if not back:
            what = f"{key}: the cell passes {asked.rejoin} before {asked.leave}, where it leaves"
            return Shortfall(what, asked.rejoin, 0.0, "", None, None, "rejoin at a later point")
        rejoin_m = back[0]
        last = int(np.argmin(np.abs(profile.along_m - rejoin_m)))
    for contact in lead.contacts:
        for row, where in ((first, asked.leave), (last, asked.rejoin)):
            if where and contact.start_s + 1.0 < profile.time_s[row] < contact.end_s - 1.0:
                what = f"{key}: the cell is in contact with a tanker at {where}"
                return Shortfall(what, where, 0.0, "", None, None, "leave or rejoin at another point")
    start = float(profile.lat[first]), float(profile.lon[first])
    end = (flight.destination.lat, flight.destination.lon)
    if asked.rejoin:
        end = float(profile.lat[last]), float(profile.lon[last])
    points = [start, *((via.lat, via.lon) for via in asked.via), end]
    found = [route.shortest(planner.prepared, a, b) for a, b in itertools.pairwise(points)]
    for leg in found:
        if not leg.feasible:
            return Shortfall.of_route(leg.shortfalls[0], flight.id)
    legs = [(leg.lat, leg.lon) for leg in found]
    full = float(profile.fuel_kg[first]) / lead.planner.capacity
    masses = [planner.dry + share * planner.capacity for share in (0.9 * full, *FULLER)]
    flown: tuple[Profile, float, int] | Shortfall | None = None
    straight = legs[-1]
    for number in range(1, LONGER + 1):
        for mass in masses if mass_kg is None else [mass_kg]:
            flown = _stretch(planner, lead, first, last, legs, mass)
            if not (isinstance(flown, Shortfall) and flown.unit == "kg"):
                break
        if asked.rejoin or not _steep(flown):
            break
        # a field so near leaves no room to come down: the last of the way is flown back and forth
        legs[-1] = lengthened(straight, geodesy.path_length(*straight) + number * MORE, at_start=False)
    assert flown is not None
    if isinstance(flown, Shortfall):
        return flown
    own, hold_s, cut = flown
    rows, beside = _joined(profile, own, first, last, cut)
    line = _line(lead, legs, leave_m, rejoin_m, bool(asked.rejoin), planner)
    moved = float(rows.along_m[-1]) - lead.way.length_m if asked.rejoin else 0.0
    detached = Detached(
        asked.leave,
        asked.rejoin,
        float(profile.time_s[first]),
        float(profile.time_s[last]) if asked.rejoin else None,
        hold_s,
    )
    near = _too_near(profile, rows, detached)
    if near is not None:
        moment, metres = near
        return Shortfall(
            f"{key}: on its own it comes within {metres / NAUTICAL_MILE:.1f} nm of the cell at its level",
            f"{moment / MINUTE:.0f} min after take-off", (APART - metres) / NAUTICAL_MILE, "nm",
            None, None, "send it another way, or let it rejoin elsewhere",
        )  # fmt: skip
    contacts = tuple(
        replace(contact, start_m=contact.start_m + (moved if contact.start_s > detached.leave_s else 0.0))
        for contact in lead.contacts
        if _beside(contact, detached)
    )
    station_s = lead.station_s
    if station_s is not None and not _whole(station_s, detached):
        station_s = None
    way_flown = replace(line, detached=detached)
    plan = replace(lead, profile=rows, way=way_flown, contacts=contacts, station_s=station_s)
    return Own(plan, beside)


def _beside(contact: Contact, detached: Detached) -> bool:
    return _whole((contact.start_s, contact.end_s), detached)


def _whole(spell: tuple[float, float], detached: Detached) -> bool:
    """Whether it is with the cell for the whole of a spell."""
    after = detached.rejoin_s is not None and spell[0] >= detached.rejoin_s - 1.0
    return spell[1] <= detached.leave_s + 1.0 or after


def _marks(lead: LeadPlan, name: str) -> list[Mark]:
    return [mark for mark in lead.way.marks if mark.kind == "via" and mark.name == name]


def _leaves(planner: LeadPlanner, lead: LeadPlan) -> tuple[int, float] | Shortfall:
    """The row and the place along the line at which it leaves: a via point, the end of a contact, or of the station."""
    flight = planner.flight
    asked = flight.detachment
    assert asked is not None
    along: float | None = None
    if numbered := re.fullmatch(r"R(\d+)", asked.leave):
        number = int(numbered[1])
        if number > len(lead.contacts):
            return Shortfall(
                f"flight {flight.id}: it is to leave after contact {number}, the cell has {len(lead.contacts)}",
                asked.leave, float(number - len(lead.contacts)), "contacts", None, None, "leave at a via point",
            )  # fmt: skip
        contact = lead.contacts[number - 1]
        row = int(np.argmin(np.abs(lead.profile.time_s - contact.end_s)))
        return row, float(lead.profile.along_m[row])
    if asked.leave == "station":
        along = lead.way.loop_m[1] if lead.way.loop_m is not None else None
    else:
        along = next((mark.along_m for mark in _marks(lead, asked.leave)), None)
    assert along is not None  # the mission file was checked
    row = int(np.argmin(np.abs(lead.profile.along_m - along)))
    # where it circles, the last row there
    same = np.flatnonzero(np.abs(lead.profile.along_m - lead.profile.along_m[row]) < 0.5)
    return int(same[-1]), along


def _stretch(
    planner: LeadPlanner,
    lead: LeadPlan,
    first: int,
    last: int,
    legs: list[tuple[Floats, Floats]],
    mass_kg: float,
) -> tuple[Profile, float, int] | Shortfall:
    """The stretch of its own flown, what is circled in it [s], and its row at which it is back (its last, if it lands)."""
    flight, profile = planner.flight, lead.profile
    asked = flight.detachment
    assert asked is not None
    mach = planner.table.mach
    # it circles at the last of its own points; without any, where it rejoins
    out, home = (legs[:-1], legs[-1]) if asked.via else (legs, None)
    lat, lon = _chained(out)
    wanted = float(profile.time_s[last] - profile.time_s[first])
    hold, ceiling = asked.hold_s, planner.ceiling_m
    level = float(profile.altitude_m[last])
    own: Profile | None = None
    for _ in range(ROUNDS):
        segments = [Segment(lat, lon, "cruise", mach, hold_s=hold)]
        if home is not None:
            segments.append(Segment(*home, "cruise", mach))
        if asked.rejoin:
            after = min(last + 1, profile.time_s.size - 1)
            segments.append(
                Segment(
                    profile.lat[[last, after]],
                    profile.lon[[last, after]],
                    "accompany",
                    None,
                    level,
                    duration_s=float(profile.time_s[after] - profile.time_s[last]),
                )
            )
        own = fly(
            planner.aircraft,
            segments,
            mass_kg,
            zero_fuel_mass_kg=planner.dry,
            destination_elevation_m=flight.destination.elevation_m,
            aloft=planner.aloft.later(float(profile.time_s[first])),
            ceiling_m=ceiling,
            start_altitude_m=float(profile.altitude_m[first]),
            land=not asked.rejoin,
        )
        if (
            own.failure is not None
            and own.failure.code == "level"
            and (ceiling is None or ceiling > level + 1.0)
        ):
            ceiling = level  # no room to come down to the cell's level: it stays no higher
            continue
        if own.failure is not None:
            return Shortfall(
                f"flight {flight.id}: on its own stretch {own.failure.what}", f"{own.failure.lat:.3f},{own.failure.lon:.3f}",
                own.failure.by, own.failure.unit, None, None, "give it another way, or less to carry",
            )  # fmt: skip
        if not asked.rejoin:
            return own, hold, own.time_s.size - 1
        back = float(own.segment_start_s[-1])
        if abs(back - wanted) <= ON_TIME:
            cut = int(np.searchsorted(own.time_s, back))
            off = float(own.altitude_m[cut]) - level
            if abs(off) <= AT_LEVEL:
                return own, hold, cut
            if ceiling is None or ceiling > level + 1.0:
                ceiling = level  # its way back leaves no room to come down: it stays no higher than it has to be there
                continue
            return Shortfall(
                f"flight {flight.id}: it would be back at {asked.rejoin} off the cell's level", asked.rejoin,
                abs(off) / FOOT, "ft", None, None, "rejoin at another point, or give it a longer way back",
            )  # fmt: skip
        if hold + wanted - back < asked.hold_s:
            late = back - hold + asked.hold_s - wanted
            if late > 1.0:
                return Shortfall(
                    f"flight {flight.id}: it would be back at {asked.rejoin} too late", asked.rejoin,
                    late / MINUTE, "min", *_in_time(asked.hold_s, late),
                )  # fmt: skip
        hold = max(0.0, hold + wanted - back)
    return Shortfall(
        f"flight {flight.id}: its own stretch does not end at {asked.rejoin} when the cell is there",
        asked.rejoin, 0.0, "", None, None, "rejoin at another point",
    )  # fmt: skip


def _in_time(hold_s: float, late_s: float) -> tuple[str | None, str | None, str]:
    """The cure for one that is late: less to circle, where that is enough. The key is that of its own table."""
    if hold_s >= late_s + MINUTE:
        kept = f"{(hold_s - late_s) // MINUTE:.0f} min"
        return HOLD_KEY, kept, f"circle {kept} instead of {hold_s / MINUTE:.0f} min"
    return None, None, "leave earlier, rejoin later, or give it a shorter way"


def _joined(profile: Profile, own: Profile, first: int, last: int, cut: int) -> tuple[Profile, np.ndarray]:
    """The cell's rows to where it leaves, its own, and the cell's from where it is back; and which are beside it.

    Fuel and mass are left as they are: they are reckoned anew over all rows.
    """
    rejoins = own.failure is None and cut < own.time_s.size - 1
    tail = slice(last, None) if rejoins else slice(0, 0)
    began, leaves_m = profile.time_s[first], profile.along_m[first]
    ends_m = leaves_m + own.along_m[cut]
    stop = cut if rejoins else cut + 1

    def rows(name: str, head_shift: float = 0.0, tail_shift: float = 0.0) -> Any:
        one, two = getattr(profile, name), getattr(own, name)
        parts = [one[:first], two[:stop] + two.dtype.type(head_shift), one[tail] + one.dtype.type(tail_shift)]
        whole = np.concatenate(parts)
        whole.setflags(write=False)
        return whole

    same = ("lat", "lon", "altitude_m", "tas_mps", "gs_mps", "u_mps", "v_mps", "mass_kg", "fuel_kg", "phase",
            "segment", "burnt_kg")  # fmt: skip
    time = rows("time_s", float(began))
    along = rows("along_m", float(leaves_m), float(ends_m - profile.along_m[last]) if rejoins else 0.0)
    beside = np.ones(time.size, bool)
    beside[first : first + stop] = False
    return replace(
        profile,
        **{name: rows(name) for name in same},
        time_s=time,
        along_m=along,
        vertex_time_s=(),
        vertex_row=(),
        duration_s=float(time[-1]),
        length_m=float(along[-1]),
    ), beside


def _chained(legs: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Legs that join end to start as one line."""
    first, *later = legs
    return (
        np.concatenate([first[0], *(lat[1:] for lat, _ in later)]),
        np.concatenate([first[1], *(lon[1:] for _, lon in later)]),
    )


def _steep(flown: tuple[Profile, float, int] | Shortfall | None) -> bool:
    """Whether the way down at the end is steeper than it can be flown."""
    if not isinstance(flown, tuple):
        return isinstance(flown, Shortfall) and flown.unit == "m"
    rate = np.diff(flown[0].altitude_m) / np.diff(flown[0].time_s)
    return bool(rate.min(initial=0.0) < -STEEP)


def _line(
    lead: LeadPlan,
    legs: list[tuple[Floats, Floats]],
    leave_m: float,
    rejoin_m: float,
    rejoins: bool,
    planner: LeadPlanner,
) -> LeadLine:
    """The line it flies in all, with its points named."""
    flight, line = planner.flight, lead.way.line
    asked = flight.detachment
    assert asked is not None
    before, after = line.between(0.0, leave_m), line.between(rejoin_m, lead.way.length_m)
    own = _chained(legs)
    length_m = geodesy.path_length(*own)
    lat, lon = [before[0], own[0][1:]], [before[1], own[1][1:]]
    if rejoins:
        lat, lon = [*lat, after[0][1:]], [*lon, after[1][1:]]
    whole = Line.through(np.concatenate(lat), np.concatenate(lon))
    added = leave_m + length_m - rejoin_m
    marks = [mark for mark in lead.way.marks if mark.along_m < leave_m - 1.0]
    marks.append(Mark(leave_m, "leave", asked.leave))
    searched = leave_m
    for via in asked.via:
        near = geodesy.distance(whole.lat, whole.lon, via.lat, via.lon)
        hits = whole.along_m[(near < 10.0) & (whole.along_m >= searched - 1.0)]
        if hits.size:
            searched = float(hits[0])
            marks.append(Mark(searched, "via", via.name))
    if rejoins:
        marks.append(Mark(rejoin_m + added, "join", asked.rejoin))
        marks += [
            replace(mark, along_m=mark.along_m + added)
            for mark in lead.way.marks
            if mark.along_m > rejoin_m + 1.0
        ]
    else:
        marks.append(Mark(whole.length_m, "arrival", flight.destination.code))
    loop = lead.way.loop_m
    if loop is not None:
        loop = loop if loop[1] <= leave_m + 1.0 else (loop[0] + added, loop[1] + added)
        if (loop[0] < leave_m - 1.0 and loop[1] > leave_m + 1.0) or (
            loop[0] >= leave_m and loop[0] < leave_m + length_m - 1.0
        ):
            loop = None
    length = whole.length_m
    return LeadLine(whole, tuple(marks), loop, length, length, 0.0)


def _too_near(cell: Profile, own: Profile, detached: Detached) -> tuple[float, float] | None:
    """A moment at which it is near the cell and at its level while it is on its own, and how near [m]."""
    end = detached.rejoin_s if detached.rejoin_s is not None else float(own.time_s[-1]) + CLOSE
    end = min(end - CLOSE, float(cell.time_s[-1]), float(own.time_s[-1]))
    moments = np.arange(detached.leave_s + CLOSE, end, 20.0)
    if not moments.size:
        return None

    def at(profile: Profile) -> tuple[Floats, Floats, Floats]:
        row = np.clip(np.searchsorted(profile.time_s, moments, side="right") - 1, 0, profile.time_s.size - 2)
        part = (moments - profile.time_s[row]) / np.diff(profile.time_s)[row]
        length, azimuth, _ = geodesy.inverse(
            profile.lat[row], profile.lon[row], profile.lat[row + 1], profile.lon[row + 1]
        )
        lat, lon, _ = geodesy.direct(profile.lat[row], profile.lon[row], azimuth, length * part)
        return lat, lon, np.interp(moments, profile.time_s, profile.altitude_m)

    one, two = at(cell), at(own)
    far = np.asarray(geodesy.distance(one[0], one[1], two[0], two[1]))
    near = (far < APART) & (np.abs(one[2] - two[2]) < ABOVE)
    if not near.any():
        return None
    k = int(np.argmin(np.where(near, far, np.inf)))
    return float(moments[k]), float(far[k])
