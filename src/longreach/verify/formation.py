"""Checks of formations, aircraft by aircraft, and of the air spares that fly with them and turn back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.units import FOOT, NAUTICAL_MILE
from longreach.verify.case import Case
from longreach.verify.findings import Findings
from longreach.verify.fuel import one_cell, together
from longreach.verify.limits import Flight, Point
from longreach.verify.performance import Model, air
from longreach.verify.track import HOLD, Track, seconds, stamp

FACTOR = 0.003  # of the leader's burn, stated from reckoned again
ACCOUNT = 2.0  # kg
SAME = 1.0  # kg, between the fuel of a spare and of the flight it is a spare of, at take-off
BESIDE, HEIGHT = 1.0, 2000.0  # nm, ft
LATE = 1.02  # times the length of a contact
CIRCLED = 3.0  # s, of time circled, from rounding to whole seconds
STATION_LATE = 60.0  # s after the station is left
NEAR_FOR = 660.0  # s after leaving and before being back, in which a detachment is near its cell
SEPARATE, SEPARATE_FT = 4.9, 990.0  # nm and ft, one of which lies between them else
TURNED = 0.3  # nm, from the point at which spares are to turn back


def formations(case: Case, findings: Findings) -> None:
    """Every aircraft of a formation: its place as the mission has it, its burn reckoned again, its own account."""
    faults: list[str] = []
    worst = 0.0
    for flight in case.limits.flights:
        track = case.tracks.get(flight.id)
        if track is None or flight.formation is None:
            continue
        stated = track.document.get("formation")
        try:
            if stated is None:
                raise KeyError("formation")
            rows = stated["aircraft"]
            if len(rows) != flight.count:
                faults.append(
                    f"flight {flight.id}: formation has {len(rows)} aircraft, the flight {flight.count}"
                )
                continue
            worst = max(worst, _formation(case, flight, track, stated, rows, faults))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            faults.append(f"flight {flight.id}: its formation cannot be read: {error!r}")
    findings.at_most(
        "formation", worst, FACTOR, "of the burn", "each aircraft's burn in formation reckoned again", faults
    )


def _formation(
    case: Case,
    flight: Flight,
    track: Track,
    stated: dict[str, Any],
    rows: list[dict[str, Any]],
    faults: list[str],
) -> float:
    formation = flight.formation
    assert formation is not None
    model = case.models[track.aircraft]
    worst = behind = 0.0
    most = max(float(row["burn_factor"]) for row in rows)
    if abs(most - float(stated["burn_factor"])) > 1e-9:
        faults.append(
            f"flight {flight.id}: burn_factor is {stated['burn_factor']}, its aircraft's most {most}"
        )
    burnt = np.concatenate([[0.0], np.cumsum(case.model(track).track_burn(track))])
    ends = [seconds(e["end_utc"]) for e in case.document["refuellings"] if e["receiver"] == track.id]
    marks = np.interp([track.time_s[0], *sorted(ends), track.time_s[-1]], track.time_s, burnt)
    legs = np.diff(marks)
    account = track.document["fuel"]
    for k in range(flight.ahead + len(rows)):
        name = f"flight {flight.id}, aircraft {k + 1}"
        within = k % formation.cell
        if k:
            behind += formation.spacing_m if within else formation.cell_spacing_m
        if k < flight.ahead:
            continue
        row = rows[k - flight.ahead]
        below = within * formation.step_m
        place = (k + 1, k // formation.cell + 1, behind / NAUTICAL_MILE, below / FOOT)
        told = (row["position"], row["cell"], float(row["behind_nm"]), float(row["below_ft"]))
        if place[:2] != told[:2] or abs(place[2] - told[2]) > 0.01 or abs(place[3] - told[3]) > 1.0:
            faults.append(f"{name}: its place is {told}, the mission's formation gives {place}")
        own = 1.0 if k == 0 else (1.0 + formation.station_keeping) * _lower(model, flight, below)
        off = abs(float(row["burn_factor"]) - own)
        worst = max(worst, off)
        if off > FACTOR:
            faults.append(f"{name}: burn_factor is {row['burn_factor']}, reckoned again {own:.4f}")
        left = row["takeoff_kg"] + row["onload_kg"] - row["burn_kg"] - row["landing_kg"]
        if abs(left) > ACCOUNT:
            faults.append(f"{name}: takeoff + onload - burn is {left:,.0f} kg off landing")
        share = float(row["burn_factor"]) / most
        allowed = ACCOUNT + 0.003 * account["burn_kg"]
        if abs(row["burn_kg"] - account["burn_kg"] * share) > allowed:
            faults.append(
                f"{name}: burn_kg is {row['burn_kg']:,.0f}, {account['burn_kg'] * share:,.0f} by its factor"
            )
        landing = account["landing_kg"] + float(legs[-1]) * (1.0 - share)
        if row["landing_kg"] > landing + ACCOUNT + 0.003 * float(legs[-1]):
            faults.append(
                f"{name}: lands with {row['landing_kg']:,.0f} kg, no more than {landing:,.0f} can be left"
            )
        if (
            row["landing_kg"] < account["reserve_kg"] - 1.0
            or abs(row["takeoff_kg"] - account["takeoff_kg"]) > SAME
        ):
            faults.append(f"{name}: take-off or landing fuel is not within the flight's")
    return worst


def _lower(model: Model, flight: Flight, below_m: float) -> float:
    """Fuel flow below the level of least fuel over that at it, at one airspeed: the most at three masses."""
    if below_m <= 0.0 or model.hourly:
        return 1.0
    a = model.aircraft
    cruise = model.cruise(a.max_inflight_mass_kg, flight.mach, flight.ceiling_m)
    mach = flight.mach or a.cruise_mach
    mass = a.operating_empty_mass_kg + np.array([0.25, 0.5, 0.75]) * (
        a.max_inflight_mass_kg - a.operating_empty_mass_kg
    )
    # the level at each mass is a step; it is the nearest grid mass's
    level = cruise.level_m[np.abs(cruise.mass_kg[:, None] - mass).argmin(axis=0)]
    flow = []
    for height in (level, level - below_m):
        temperature, pressure, sound = air(height)
        at = mach * air(level)[2] / sound
        flow.append(model.flow_per_thrust(temperature, at) * model.drag(mass, pressure, at))
    ratio = flow[1] / flow[0]
    return max(1.0, float(ratio[np.isfinite(ratio)].max(initial=1.0)))


def spares(case: Case, findings: Findings) -> None:
    """Air spares take off with their flight as heavy as it, stay beside it to the named point, and go home."""
    faults: list[str] = []
    worst = 0.0
    for track in case.tracks.values():
        asked = case.asked(track) if "spare_of" in track.document else None
        lead = case.tracks.get(track.document.get("spare_of", ""))
        if asked is None or lead is None:
            continue
        if abs(track.fuel_kg[0] - lead.fuel_kg[0]) > SAME:
            faults.append(
                f"flight {track.id} takes off with {track.fuel_kg[0]:,.0f} kg, flight {lead.id} with {lead.fuel_kg[0]:,.0f}"
            )
        point = asked.via[-1] if asked.via else asked.origin
        turned = [vertex for vertex in track.document["route"] if vertex["kind"] == "leave"]
        if len(turned) != 1:
            faults.append(f"flight {track.id}: {len(turned)} points at which it turns back")
            continue
        off = (
            float(geodesy.distance(turned[0]["lat"], turned[0]["lon"], point.lat, point.lon)) / NAUTICAL_MILE
        )
        if off > TURNED:
            faults.append(f"flight {track.id} turns back {off:,.1f} nm from {asked.spares_until}")
        near = geodesy.distance(track.lat, track.lon, turned[0]["lat"], turned[0]["lon"])
        when = float(track.time_s[int(np.argmin(near))])
        apart, fault = together(track, lead, max(track.time_s[0], lead.time_s[0]), when, BESIDE, HEIGHT)
        worst = max(worst, apart)
        if fault:
            faults.append(fault)
        if track.time_s[0] != lead.time_s[0]:
            faults.append(f"flight {track.id} does not take off with flight {lead.id}")
    findings.at_most(
        "spares", worst, BESIDE, "nm", "air spares from their flight until they turn back", faults
    )


def cells(case: Case, findings: Findings) -> None:
    """The aircraft of a cell of several types fly as one, and have time to take fuel one group after the other."""
    faults: list[str] = []
    worst = 0.0
    for flight in case.limits.flights:
        track, first = case.tracks.get(flight.id), case.tracks.get(flight.cell_of)
        if track is None or first is None:
            continue
        if track.document.get("cell_of") != flight.cell_of:
            faults.append(
                f"flight {flight.id} is said to be of {track.document.get('cell_of')!r}, it is of {flight.cell_of}"
            )
        if flight.apart is not None:
            try:
                worst = max(worst, _apart(case, flight, track, first, faults))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                faults.append(f"flight {flight.id}: what it flies apart cannot be read: {error!r}")
            continue
        if "detached" in track.document:
            faults.append(f"flight {flight.id} is said to leave its cell, the mission has it stay")
        for what, one, two in (
            ("take off", track.time_s[0], first.time_s[0]),
            ("land", track.time_s[-1], first.time_s[-1]),
        ):
            if one != two:
                faults.append(
                    f"flight {flight.id} does not {what} with {first.id}, {abs(one - two):.0f} s apart"
                )
        start, end = max(track.time_s[0], first.time_s[0]), min(track.time_s[-1], first.time_s[-1])
        worst = max(worst, _beside(track, first, start, end, faults))
    for flight in case.limits.flights:
        track = case.tracks.get(flight.id)
        members = [each.id for each in case.limits.flights if each.cell_of == flight.id]
        if track is not None and members:
            faults.extend(
                f"flight {flight.id}: {fault}" for fault in _told(track.document.get("cell"), flight, members)
            )
    faults.extend(_turns(case))
    findings.at_most("cells", worst, BESIDE, "nm", "aircraft of a cell from one another", faults)


def _beside(track: Track, first: Track, start: float, end: float, faults: list[str]) -> float:
    """Greatest distance of a flight from its cell between two moments [nm]."""
    apart, fault = together(track, first, start, end, BESIDE, HEIGHT)
    if fault:
        faults.append(f"{fault}: they are of one cell")
    return apart


def _apart(case: Case, flight: Flight, track: Track, first: Track, faults: list[str]) -> float:
    """A detachment: beside its cell but for its own stretch, which begins and ends where the mission says."""
    asked, told = flight.apart, track.document["detached"]
    assert asked is not None
    name = f"flight {flight.id}"
    leave, back = seconds(told["leave"]["time_utc"]), None
    if track.time_s[0] != first.time_s[0]:
        faults.append(f"{name} does not take off with {first.id}")
    worst = _beside(track, first, track.time_s[0], leave, faults)
    faults.extend(f"{name}: {fault}" for fault in _left(case, flight, track, first, leave))
    if asked.rejoin:
        back = seconds(told["rejoin"]["time_utc"])
        if not leave < back < track.time_s[-1]:
            faults.append(f"{name} is not back between leaving its cell and landing")
            return worst
        worst = max(worst, _beside(track, first, back, track.time_s[-1], faults))
        if track.time_s[-1] != first.time_s[-1]:
            faults.append(f"{name} does not land with {first.id}")
        if asked.rejoins_at is not None:
            faults.extend(_at(name, track, back, asked.rejoins_at, "is back", asked.rejoin))
    elif told["rejoin"] is not None:
        faults.append(f"{name} is said to be back, the mission has it land elsewhere")
    until = track.time_s[-1] if back is None else back
    inside = (track.time_s >= leave) & (track.time_s < until)
    circled = float(np.append(track.step_s, 0.0)[inside & (track.phase == HOLD)].sum())
    if circled < asked.hold_s - CIRCLED:
        faults.append(
            f"{name} circles {circled / 60:.0f} min on its own, hold asks for {asked.hold_s / 60:.0f}"
        )
    if abs(circled - float(told["hold_s"])) > CIRCLED:
        faults.append(f"{name}: hold_s is {told['hold_s']}, its rows circle {circled:.0f} s")
    faults.extend(f"{name} {fault}" for fault in _separate(track, first, leave, back))
    return worst


def _left(case: Case, flight: Flight, track: Track, first: Track, leave: float) -> list[str]:
    """Whether a detachment leaves where it is to."""
    asked = flight.apart
    assert asked is not None
    if asked.leaves_at is not None:
        return _at("it", track, leave, asked.leaves_at, "leaves", asked.leave)
    if asked.leave == "station":
        station = case.document["station"]
        spell = (seconds(station["enter_utc"]), seconds(station["leave_utc"])) if station else (0, 0)
        return (
            []
            if spell[0] <= leave <= spell[1] + STATION_LATE
            else ["it does not leave at the end of the station"]
        )
    cell = {each.id for each in case.limits.flights if flight.cell_of in (each.id, each.cell_of)}
    ends = sorted({seconds(e["end_utc"]) for e in case.document["refuellings"] if e["receiver"] in cell})
    number = int(asked.leave.removeprefix("R"))
    if len(ends) < number or abs(ends[number - 1] - leave) > 1:
        return [f"it does not leave at the end of contact {number} of its cell"]
    return []


def _at(name: str, track: Track, moment: float, point: Point, what: str, where: str) -> list[str]:
    lat, lon = track.position(np.array([float(moment)]))
    off = float(geodesy.distance(lat[0], lon[0], point.lat, point.lon)) / NAUTICAL_MILE
    return [f"{name} {what} {off:,.1f} nm from {where}"] if off > TURNED else []


def _separate(track: Track, first: Track, leave: float, back: float | None) -> list[str]:
    """Where it comes near its cell at its level while it is on its own, leaving and rejoining apart."""
    end = min(track.time_s[-1], first.time_s[-1]) if back is None else back - NEAR_FOR
    moments = np.arange(leave + NEAR_FOR, end, 15.0)
    if not moments.size:
        return []
    far = geodesy.distance(*track.position(moments), *first.position(moments)) / NAUTICAL_MILE
    high = np.abs(track.value(moments, track.altitude_m) - first.value(moments, first.altitude_m)) / FOOT
    near = np.flatnonzero((far < SEPARATE) & (high < SEPARATE_FT))
    if not near.size:
        return []
    k = int(near[np.argmin(far[near])])
    return [
        f"is {far[k]:.1f} nm from {first.id} and {high[k]:,.0f} ft over or under it at {stamp(moments[k])}"
    ]


def _told(told: Any, flight: Flight, members: list[str]) -> list[str]:
    """Where what the plan says of a cell is not what the mission asks for."""
    if not isinstance(told, dict):
        return ["the plan says nothing of its cell"]
    faults = []
    if told.get("members") != members:
        faults.append(f"its cell is said to be {told.get('members')}, the mission has {members}")
    mach = told.get("mach")
    if flight.mach is not None and (not isinstance(mach, int | float) or abs(mach - flight.mach) > 0.001):
        faults.append(f"its cell is said to fly at M{mach}, the slowest flies at M{flight.mach:.3g}")
    if told.get("paced_by") not in (flight.id, *members):
        faults.append(f"its cell is said to be paced by {told.get('paced_by')!r}, which is not of it")
    return faults


def _turns(case: Case) -> list[str]:
    """Contacts too short for all of a cell to take fuel in turn from the booms and hoses there."""
    faults = []
    rows = case.document["refuellings"]
    for entry in rows:
        beside = [
            other
            for other in rows
            if other["tanker_flight"] == entry["tanker_flight"]
            and other["start_utc"] == entry["start_utc"]
            and one_cell(case, other["receiver"], entry["receiver"])
        ]
        if len(beside) < 2 or beside[0] is not entry:
            continue
        flow = sum(_flow(case, each) for each in beside)
        lasts = seconds(entry["end_utc"]) - seconds(entry["start_utc"])
        if flow > lasts * LATE:
            faults.append(
                f"refuelling {entry['id']}: fuel for {' and '.join(each['receiver'] for each in beside)} in turn "
                f"flows {flow / 60:.0f} min, the contact lasts {lasts / 60:.0f}"
            )
    return faults


def _flow(case: Case, entry: dict[str, Any]) -> float:
    """Seconds in which each of one group takes its fuel, one boom or hose a tanker."""
    receiver, tanker = case.tracks.get(entry["receiver"]), case.tracks.get(entry["tanker_flight"])
    if receiver is None or tanker is None:
        return 0.0
    give = case.models[tanker.aircraft].aircraft.refuelling
    take = case.models[receiver.aircraft].aircraft.refuelling
    gives = give.drogue_rate if take.receives == "probe" and give.drogue_rate else give.transfer_rate
    rate = min(gives or math.inf, take.receive_rate or math.inf)
    # tankers of several flights side by side at one contact share its receivers
    side = sum(
        other["tankers"]
        for other in case.document["refuellings"]
        if other["receiver"] == entry["receiver"] and other["start_utc"] == entry["start_utc"]
    )
    taken = sum(
        other["onload_kg"]
        for other in case.document["refuellings"]
        if other["receiver"] == entry["receiver"] and other["start_utc"] == entry["start_utc"]
    )
    return taken * math.ceil(entry["receivers"] / max(side, 1)) / rate
