"""Checks of fuel: the sum of the burn, limits, refuellings, tankers, reserves."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.geodesy import Floats
from longreach.units import FOOT, MINUTE, NAUTICAL_MILE
from longreach.verify.case import Case
from longreach.verify.findings import Findings
from longreach.verify.limits import Tankers
from longreach.verify.track import Track, seconds

BALANCE = 1.0  # kg
BURN_SHARE, BURN_FLOOR = 0.0025, 80.0  # of the burn so far, kg
STRETCH = 20 * MINUTE
STRETCH_SHARE, STRETCH_FLOOR = 0.03, 60.0
MASS = 2.0  # kg, mass less fuel less zero-fuel mass
ON_BOARD = 150.0  # kg, a refuelling's figures against the track's rows
TOGETHER, TOGETHER_HEIGHT = 0.5, 1000.0  # nm, ft, in contact
BUDDY_APART = 20.0  # min between the take-offs of a buddy and its receivers
BESIDES = 12 * MINUTE  # of a contact in which no fuel need flow: joining, settling, parting
TURN = 2 * MINUTE  # more of it for each further group of a cell that takes fuel in turn
LEVEL = 30.0  # m, over or under the block of levels at which a type refuels
RATE = 1.02  # times the gear's transfer rate
RESERVE = 0.98  # of the reserve computed here: a landing mass may be reckoned differently


def transferred(case: Case, track: Track) -> tuple[Floats, Floats, list[tuple[float, float, float]]]:
    """Least and most fuel a flight has taken on (given: negative) by each row [kg], and the contacts.

    Within a contact the flow may start late and stop early, so any part of it may have passed.
    contacts : (start, end, amount taken on), seconds and kg
    """
    contacts: list[tuple[float, float, float]] = []
    for entry in case.document["refuellings"]:
        start, end = seconds(entry["start_utc"]), seconds(entry["end_utc"])
        if entry["receiver"] == track.id:
            contacts.append((start, end, entry["onload_kg"]))
        if entry["tanker_flight"] == track.id:
            contacts.append((start, end, -entry["offload_kg"]))
    low, high = np.zeros(track.time_s.size), np.zeros(track.time_s.size)
    for begun, ended, amount in contacts:
        done = np.where(track.time_s >= ended, amount, 0.0)
        open_ = (track.time_s > begun) & (track.time_s < ended)
        low += done + np.where(open_, min(amount, 0.0), 0.0)
        high += done + np.where(open_, max(amount, 0.0), 0.0)
    return low, high, contacts


def burn(case: Case, findings: Findings) -> None:
    """Each flight's burn summed again along its rows; mass is zero-fuel mass and fuel; the account closes."""
    mass_faults: list[str] = []
    balance_faults: list[str] = []
    burn_faults: list[str] = []
    worst_mass = worst_balance = worst_burn = 0.0
    for track in case.tracks.values():
        account = track.document["fuel"]
        dry = case.zero_fuel_mass(track)
        off = np.abs(track.mass_kg - track.fuel_kg - dry)
        row = int(np.argmax(off))
        worst_mass = max(worst_mass, float(off[row]))
        if off[row] > MASS:
            mass_faults.append(
                f"{track.where(row)}: mass {track.mass_kg[row]:,.0f} kg is not {dry:,.0f} kg without fuel and "
                f"{track.fuel_kg[row]:,.0f} kg of fuel ({off[row]:,.0f} kg apart)"
            )

        left = (
            account["takeoff_kg"]
            + account["onload_kg"]
            - account["offload_kg"]
            - account["burn_kg"]
            - account["landing_kg"]
        )
        worst_balance = max(worst_balance, abs(left))
        if abs(left) > BALANCE:
            balance_faults.append(
                f"flight {track.id}: takeoff + onload - offload - burn is {left:,.1f} kg off landing"
            )
        for row, key in ((0, "takeoff_kg"), (-1, "landing_kg")):
            off_row = abs(float(track.fuel_kg[row]) - account[key])
            worst_balance = max(worst_balance, off_row)
            if off_row > BALANCE:
                where = track.where(row % track.time_s.size)
                balance_faults.append(
                    f"{where} has {track.fuel_kg[row]:,.0f} kg, fuel.{key} is {account[key]:,.0f}"
                )
        low, high, contacts = transferred(case, track)
        for key, amount in (
            ("onload_kg", math.fsum(c[2] for c in contacts if c[2] > 0)),
            ("offload_kg", -math.fsum(c[2] for c in contacts if c[2] < 0)),
        ):
            off_key = abs(amount - account[key])
            worst_balance = max(worst_balance, off_key)
            if off_key > BALANCE:
                balance_faults.append(
                    f"flight {track.id}: fuel.{key} is {account[key]:,.0f} kg, its refuellings give {amount:,.0f}"
                )

        own = np.concatenate([[0.0], np.cumsum(case.model(track).track_burn(track))])
        gone = float(track.fuel_kg[0]) - track.fuel_kg
        least, most = gone + low, gone + high
        excess = np.maximum(least - own, own - most)
        allowed = BURN_SHARE * own + BURN_FLOOR
        excess = np.where(np.isnan(excess), np.inf, excess)
        row = int(np.argmax(excess - allowed))
        worst_burn = max(worst_burn, float(np.nanmax(excess / allowed)))
        if excess[row] > allowed[row]:
            burn_faults.append(
                f"{track.where(row)}: the rows have burnt {(least[row] + most[row]) / 2:,.0f} kg since take-off, "
                f"summed again {own[row]:,.0f} kg, allowed {allowed[row]:,.0f} kg apart"
            )
        else:
            burn_faults.extend(_stretches(track, least, most, own))
        total = abs(account["burn_kg"] - own[-1])
        if total > allowed[-1]:
            burn_faults.append(
                f"flight {track.id}: fuel.burn_kg is {account['burn_kg']:,.0f}, summed again {own[-1]:,.0f} kg"
            )
    findings.at_most("fuel.mass", worst_mass, MASS, "kg", "mass from zero-fuel mass and fuel", mass_faults)
    findings.at_most(
        "fuel.balance", worst_balance, BALANCE, "kg",
        "takeoff + onload - offload - burn from landing, and account from rows", balance_faults,
    )  # fmt: skip
    findings.at_most(
        "fuel.burn", worst_burn, 1.0, "of allowed",
        f"burn summed again along the rows; allowed {BURN_SHARE:.2%} and {BURN_FLOOR:.0f} kg", burn_faults,
    )  # fmt: skip


def _stretches(track: Track, least: Floats, most: Floats, own: Floats) -> list[str]:
    """Burn over every twenty minutes, so that errors of both signs cannot hide in the sum."""
    later = np.searchsorted(track.time_s, track.time_s + STRETCH)
    start = np.flatnonzero(later < track.time_s.size)
    end = later[start]
    sure = (least[start] == most[start]) & (least[end] == most[end])
    start, end = start[sure], end[sure]
    if not start.size:
        return []
    apart = np.abs((least[end] - least[start]) - (own[end] - own[start]))
    excess = apart - STRETCH_SHARE * (own[end] - own[start]) - STRETCH_FLOOR
    worst = int(np.argmax(excess))
    if excess[worst] <= 0.0:
        return []
    row, to = int(start[worst]), int(end[worst])
    return [
        f"{track.where(row)}: the next {STRETCH / MINUTE:.0f} min burn {least[to] - least[row]:,.0f} kg in the rows, "
        f"summed again {own[to] - own[row]:,.0f} kg"
    ]


def limits(case: Case, findings: Findings) -> None:
    """Fuel within the tanks, masses within the type's, take-off fuel as the mission asks."""
    faults: list[str] = []
    for track in case.tracks.values():
        a = case.models[track.aircraft].aircraft
        asked = case.asked(track)
        least, most = int(np.argmin(track.fuel_kg)), int(np.argmax(track.fuel_kg))
        heavy = int(np.argmax(track.mass_kg))
        if track.fuel_kg[least] < -0.5:
            faults.append(f"{track.where(least)} has {track.fuel_kg[least]:,.0f} kg of fuel")
        if track.fuel_kg[most] > a.max_fuel_kg + 1.0:
            faults.append(
                f"{track.where(most)} has {track.fuel_kg[most]:,.0f} kg of fuel, tanks hold {a.max_fuel_kg:,.0f}"
            )
        if track.mass_kg[0] > a.max_takeoff_mass_kg + 1.0:
            faults.append(
                f"{track.where(0)} takes off at {track.mass_kg[0]:,.0f} kg, limit {a.max_takeoff_mass_kg:,.0f}"
            )
        if track.mass_kg[heavy] > a.max_inflight_mass_kg + 1.0:
            faults.append(
                f"{track.where(heavy)} flies at {track.mass_kg[heavy]:,.0f} kg, limit {a.max_inflight_mass_kg:,.0f}"
            )
        dry = case.zero_fuel_mass(track)
        if a.max_zero_fuel_mass_kg is not None and dry > a.max_zero_fuel_mass_kg + 1.0:
            faults.append(
                f"flight {track.id}: {dry:,.0f} kg without fuel, limit {a.max_zero_fuel_mass_kg:,.0f}"
            )
        if asked and asked.takeoff_fuel == "given" and asked.takeoff_fuel_kg is not None:
            off = track.fuel_kg[0] - asked.takeoff_fuel_kg
            if abs(off) > 10.0:
                faults.append(
                    f"{track.where(0)} has {track.fuel_kg[0]:,.0f} kg, the mission gives {asked.takeoff_fuel_kg:,.0f}"
                )
        if asked and asked.takeoff_fuel == "full":
            full = min(a.max_fuel_kg, a.max_takeoff_mass_kg - dry)
            if abs(track.fuel_kg[0] - full) > 10.0:
                faults.append(f"{track.where(0)} has {track.fuel_kg[0]:,.0f} kg, full is {full:,.0f}")
        if abs(track.document["fuel"]["band_pct"] - a.band_pct) > 0.01:
            faults.append(
                f"flight {track.id}: fuel.band_pct is {track.document['fuel']['band_pct']:g}, the type's {a.band_pct:g}"
            )
    findings.yes("fuel.limits", faults, "fuel within the tanks, masses within each type's limits")


def reserves(case: Case, findings: Findings) -> None:
    """Every flight lands with its final reserve, reckoned again, and states a margin it has."""
    faults: list[str] = []
    least = math.inf
    for track in case.tracks.values():
        account = track.document["fuel"]
        model, place = case.model(track), case.destination(track)
        dry = case.zero_fuel_mass(track)
        own = model.final_reserve(dry, case.limits.final_reserve_s, place.elevation_m if place else 0.0)
        spare = account["landing_kg"] - account["reserve_kg"]
        least = min(least, spare)
        if account["reserve_kg"] < RESERVE * own - 1.0:
            faults.append(
                f"flight {track.id}: fuel.reserve_kg is {account['reserve_kg']:,.0f}, "
                f"{case.limits.final_reserve_s / 60:.0f} min of holding take {own:,.0f} kg"
            )
        if spare < -BALANCE:
            faults.append(
                f"flight {track.id} lands with {account['landing_kg']:,.0f} kg, {-spare:,.0f} kg short of its "
                f"reserve of {account['reserve_kg']:,.0f}"
            )
        if account["min_margin_kg"] < -BALANCE:
            faults.append(f"flight {track.id}: fuel.min_margin_kg is {account['min_margin_kg']:,.0f}")
        most = min(spare, float((track.fuel_kg - account["reserve_kg"]).min()))
        if account["min_margin_kg"] > most + ON_BOARD:
            faults.append(
                f"flight {track.id}: fuel.min_margin_kg is {account['min_margin_kg']:,.0f}, no more than "
                f"{most:,.0f} kg are ever left over"
            )
    findings.at_least(
        "fuel.reserve",
        0.0 if math.isinf(least) else least,
        -BALANCE,
        "kg",
        "least landing fuel over the final reserve",
        faults,
    )


def contacts(case: Case, findings: Findings) -> None:
    """Receiver and tanker are at one place, level and time while in contact; figures match their rows."""
    faults: list[str] = []
    transfer: list[str] = []
    gear: list[str] = []
    worst = worst_transfer = 0.0
    for entry in case.document["refuellings"]:
        name = f"refuelling {entry['id']}"
        start, end = seconds(entry["start_utc"]), seconds(entry["end_utc"])
        receiver, tanker = case.tracks.get(entry["receiver"]), case.tracks.get(entry["tanker_flight"])
        if receiver is None or tanker is None:
            missing = entry["receiver"] if receiver is None else entry["tanker_flight"]
            faults.append(f"{name}: flight {missing} is not in the plan")
            continue
        if end <= start:
            faults.append(f"{name}: end_utc is not after start_utc")
            continue
        if tanker.role != "tanker":
            faults.append(f"{name}: flight {tanker.id} is a {tanker.role}, not a tanker")
        apart, fault = together(receiver, tanker, start, end, TOGETHER, TOGETHER_HEIGHT)
        worst = max(worst, apart)
        if fault:
            faults.append(f"{name}: {fault}")
        faults.extend(f"{name}: {fault}" for fault in at_points(entry, receiver, "start", "end"))
        inside = (receiver.time_s >= start) & (receiver.time_s <= end)
        high = np.abs(receiver.altitude_m[inside] / FOOT - entry["altitude_ft"])
        if high.size and high.max() > 300.0:
            row = int(np.flatnonzero(inside)[int(np.argmax(high))])
            faults.append(f"{name}: {receiver.where(row)} is {high.max():,.0f} ft from its altitude_ft")

        gap = abs(entry["onload_kg"] * entry["receivers"] - entry["offload_kg"] * entry["tankers"])
        worst_transfer = max(worst_transfer, gap)
        if gap > BALANCE * max(entry["receivers"], entry["tankers"]):
            transfer.append(f"{name}: onload x receivers is {gap:,.0f} kg off offload x tankers")
        for key, track in (("receivers", receiver), ("tankers", tanker)):
            if entry[key] != track.count:
                transfer.append(f"{name}: {key} is {entry[key]}, flight {track.id} is {track.count} aircraft")
        for key, moment in (("fuel_before_kg", start), ("fuel_after_kg", end)):
            aboard = float(receiver.value(moment, receiver.fuel_kg))
            if abs(entry[key] - aboard) > ON_BOARD:
                transfer.append(
                    f"{name}: {key} is {entry[key]:,.0f}, {receiver.where(receiver.row_at(moment))} has {aboard:,.0f} kg"
                )
        gear.extend(f"{name}: {fault}" for fault in _gear(case, entry, receiver, tanker, end - start))
    for track in case.tracks.values():
        spans = sorted(
            (seconds(e["start_utc"]), seconds(e["end_utc"]), e["id"], e["receiver"])
            for e in case.document["refuellings"]
            if track.id in (e["receiver"], e["tanker_flight"])
        )
        for (begin, end, one, whose), (start, until, two, of) in itertools.pairwise(spans):
            # Several tankers may serve one receiver flight side by side, never one tanker two; of a cell each in turn.
            turns = whose != of and (begin, end) == (start, until) and one_cell(case, whose, of)
            if start < end and track.role == "tanker" and not turns:
                faults.append(f"refuellings {one} and {two} of flight {track.id} overlap")
    findings.at_most(
        "refuelling.together", worst, TOGETHER, "nm", "receiver from tanker while in contact", faults
    )
    findings.at_most(
        "refuelling.transfer",
        worst_transfer,
        2 * BALANCE,
        "kg",
        "given from taken, and figures from rows",
        transfer,
    )
    gear.extend(_caps(case))
    findings.yes(
        "refuelling.gear",
        gear,
        "boom meets boom, hose meets probe, within transfer rates and the mission's caps",
    )


def _kinds_asked(case: Case, tanker: Track) -> set[str]:
    """How the tankers of a flight's base and type may meet the receivers."""
    pools = [
        pool
        for pool in case.limits.tankers
        if pool.base.code == tanker.document["origin"] and case.same_type(pool.aircraft, tanker.aircraft)
    ]
    return {"buddy" if pool.buddy else case.limits.rendezvous for pool in pools} or {case.limits.rendezvous}


def _beside_from_the_start(told: dict[str, Any], receiver: Track, tanker: Track, met: float) -> list[str]:
    """What is wrong with a buddy: it leaves from the receivers' field at about their time and flies their line."""
    faults = []
    if tanker.document["origin"] != receiver.document["origin"]:
        faults.append(f"a buddy of {receiver.id} leaves from {tanker.document['origin']}")
    apart = float(tanker.time_s[0] - receiver.time_s[0]) / 60.0
    if abs(apart) > BUDDY_APART:
        faults.append(f"a buddy leaves {abs(apart):.0f} min from the receivers, at most {BUDDY_APART:.0f}")
    if not isinstance(told.get("apart_min"), int | float) or abs(told["apart_min"] - apart) > 0.1:
        faults.append(f"apart_min is {told.get('apart_min')}, the take-offs are {apart:.1f} min apart")
    lat, lon = receiver.position(np.arange(receiver.time_s[0], met + 5.0, 5.0))
    before = tanker.time_s <= met
    for row in np.flatnonzero(before):
        off = float(geodesy.distance(tanker.lat[row], tanker.lon[row], lat, lon).min()) / NAUTICAL_MILE
        if off > 2.0 * TOGETHER:
            faults.append(f"{tanker.where(int(row))} is {off:.1f} nm off the receivers' line")
            break
    return faults


def rendezvous(case: Case, findings: Findings) -> None:
    """The rendezvous stated: its points on the receivers' track at their times, the tanker there, its turn reckoned again."""
    entries = [entry for entry in case.document["refuellings"] if isinstance(entry.get("rendezvous"), dict)]
    if not entries:
        return
    faults: list[str] = []
    worst = 0.0
    for entry in entries:
        name, told = f"refuelling {entry['id']}", entry["rendezvous"]
        receiver, tanker = case.tracks.get(entry["receiver"]), case.tracks.get(entry["tanker_flight"])
        if receiver is None or tanker is None:
            continue
        try:
            points = [
                (point, seconds(told[f"{point}_utc"]), told[f"{point}_point"])
                for point in ("control", "initial")
            ]
            there = seconds(told["tanker_utc"])
            spots = [(float(spot["lat"]), float(spot["lon"])) for _, _, spot in points]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            faults.append(f"{name}: rendezvous cannot be read: {error!r}")
            continue
        for (point, moment, _), spot in zip(points, spots, strict=True):
            lat, lon = receiver.position(np.array([float(moment)]))
            off = float(geodesy.distance(lat[0], lon[0], *spot)) / NAUTICAL_MILE
            worst = max(worst, off)
            if off > TOGETHER:
                faults.append(
                    f"{name}: flight {receiver.id} is {off:.1f} nm from the {point} point at its time"
                )
        if abs(points[0][1] - seconds(entry["start_utc"])) > 1:
            faults.append(f"{name}: control_utc is not the start of the contact")
        lat, lon = tanker.position(np.array([float(there)]))
        off = float(geodesy.distance(lat[0], lon[0], *spots[0])) / NAUTICAL_MILE
        if off > 2.0 * TOGETHER or there > points[0][1]:
            faults.append(f"{name}: flight {tanker.id} is {off:.1f} nm from the control point at tanker_utc")
        asked = _kinds_asked(case, tanker)
        if told.get("kind") not in asked:
            faults.append(
                f"{name}: the rendezvous is {told.get('kind')}, the mission asks for {' or '.join(sorted(asked))}"
            )
        elif told["kind"] == "buddy":
            faults.extend(
                f"{name}: {fault}" for fault in _beside_from_the_start(told, receiver, tanker, points[0][1])
            )
        faults.extend(f"{name}: {fault}" for fault in _turn(told, tanker, points[0][1]))
    findings.at_most(
        "refuelling.rendezvous",
        worst,
        TOGETHER,
        "nm",
        "receivers from the stated points at their times",
        faults,
    )


def _turn(told: dict[str, Any], tanker: Track, start: int) -> list[str]:
    """Offset, range and time of a point parallel's last turn, from the airspeed in contact and 25 degrees of bank."""
    if told.get("kind") != "point parallel":
        return []
    speed = float(tanker.value(float(start) + 60.0, tanker.tas_mps))
    diameter = 2.0 * speed**2 / (9.80665 * math.tan(math.radians(25.0))) / NAUTICAL_MILE
    half_turn = math.pi * diameter * NAUTICAL_MILE / 2.0 / speed
    away = math.hypot(speed * half_turn / NAUTICAL_MILE + 1.0, diameter)
    faults = []
    for key, mine in (("offset_nm", diameter), ("turn_range_nm", away)):
        stated = told.get(key)
        if not isinstance(stated, int | float) or abs(stated - mine) > 0.05 * mine:
            faults.append(f"{key} is {stated}, at {speed / 0.514444:.0f} kt it is {mine:.1f}")
    try:
        early = start - seconds(told["turn_utc"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return [*faults, "turn_utc cannot be read"]
    if abs(early - half_turn) > 0.05 * half_turn + 2.0:
        faults.append(f"the turn begins {early} s before the contact, a half turn takes {half_turn:.0f} s")
    return faults


def _caps(case: Case) -> list[str]:
    """Where one receiver takes more in one contact than the mission allows, or for longer."""
    faults = []
    for entry in case.document["refuellings"]:
        start, end = seconds(entry["start_utc"]), seconds(entry["end_utc"])
        taken = sum(  # tankers side by side serve one contact
            other["onload_kg"]
            for other in case.document["refuellings"]
            if other["receiver"] == entry["receiver"]
            and seconds(other["start_utc"]) < end
            and seconds(other["end_utc"]) > start
        )
        most, longest = case.limits.most_onload_kg, case.limits.longest_flow_s
        if taken > most + BALANCE:
            faults.append(
                f"refuelling {entry['id']}: {taken:,.0f} kg in one contact, refuelling.most_onload is {most:,.0f}"
            )
        groups = {
            other["receiver"]
            for other in case.document["refuellings"]
            if other["start_utc"] == entry["start_utc"]
            and one_cell(case, other["receiver"], entry["receiver"])
        }
        if end - start > longest + BESIDES + TURN * (len(groups) - 1):
            faults.append(
                f"refuelling {entry['id']}: in contact for {(end - start) / MINUTE:.0f} min, "
                f"refuelling.longest_flow is {longest / MINUTE:.0f}"
            )
    return faults


def one_cell(case: Case, one: str, two: str) -> bool:
    """Whether two flights are of one cell."""
    of = {flight.id: flight.cell_of or flight.id for flight in case.limits.flights}
    return one in of and of[one] == of.get(two)


def _gear(case: Case, entry: dict[str, Any], receiver: Track, tanker: Track, contact_s: float) -> list[str]:
    give = case.models[tanker.aircraft].aircraft.refuelling
    take = case.models[receiver.aircraft].aircraft.refuelling
    if not (
        (take.receives == "boom" and "boom" in give.gives)
        or (take.receives == "probe" and "drogue" in give.gives)
    ):
        return [
            f"{tanker.aircraft} gives by {' and '.join(give.gives) or 'nothing'}, "
            f"{receiver.aircraft} takes by {take.receives or 'nothing'}"
        ]
    faults = []
    by_hose = take.receives == "probe" and give.drogue_rate
    gives = give.drogue_rate if by_hose else give.transfer_rate
    rate = min(gives or math.inf, take.receive_rate or math.inf)
    rounds = math.ceil(entry["receivers"] / entry["tankers"])
    needed = entry["onload_kg"] * rounds / rate
    if needed > contact_s * RATE:
        faults.append(
            f"{entry['onload_kg']:,.0f} kg to each of {entry['receivers']} from {entry['tankers']} take "
            f"{needed / 60:.0f} min at {rate * 60:,.0f} kg/min, contact lasts {contact_s / 60:.0f}"
        )
    for track, block in ((receiver, take), (tanker, give)):
        low, high = block.level_low_m or 0.0, block.level_high_m or math.inf
        level = entry["altitude_ft"] * FOOT
        if not low - LEVEL <= level <= high + LEVEL:
            faults.append(
                f"in contact at {entry['altitude_ft']:,.0f} ft, {track.aircraft} refuels at {low / FOOT:,.0f} to "
                f"{high / FOOT:,.0f} ft"
            )
    if entry["tanker_type"] != tanker.aircraft:
        faults.append(f"tanker_type is {entry['tanker_type']}, flight {tanker.id} is {tanker.aircraft}")
    if entry["tanker_base"] != tanker.document["origin"]:
        faults.append(
            f"tanker_base is {entry['tanker_base']}, flight {tanker.id} leaves {tanker.document['origin']}"
        )
    return faults


def together(
    one: Track, two: Track, start: float, end: float, nm: float, feet: float
) -> tuple[float, str | None]:
    """Greatest distance [nm] of two flights from start to end, and what is wrong if it is too much."""
    for track in (one, two):
        if start < track.time_s[0] or end > track.time_s[-1]:
            return math.inf, f"flight {track.id} is not in the air all that time"
    moments = np.unique(
        np.concatenate([t.time_s[(t.time_s >= start) & (t.time_s <= end)] for t in (one, two)])
    )
    moments = np.union1d(moments, [start, end])
    moments = np.union1d(moments, (moments[1:] + moments[:-1]) / 2.0)
    apart = geodesy.distance(*one.position(moments), *two.position(moments)) / NAUTICAL_MILE
    height = np.abs(one.value(moments, one.altitude_m) - two.value(moments, two.altitude_m)) / FOOT
    worst, high = int(np.argmax(apart)), int(np.argmax(height))
    if apart[worst] > nm:
        return float(apart[worst]), (
            f"{one.where(one.row_at(moments[worst]))} is {apart[worst]:,.1f} nm from flight {two.id}, limit {nm:g}"
        )
    if height[high] > feet:
        return float(apart[worst]), (
            f"{one.where(one.row_at(moments[high]))} is {height[high]:,.0f} ft from flight {two.id}, limit {feet:,.0f}"
        )
    return float(apart[worst]), None


def at_points(entry: dict[str, Any], track: Track, first: str, last: str) -> list[str]:
    """Whether the stated positions of an event are the track's at its times."""
    faults = []
    for key in (first, last):
        moment = seconds(entry[f"{key}_utc"])
        if not track.time_s[0] <= moment <= track.time_s[-1]:
            continue
        lat, lon = track.position(np.array([float(moment)]))
        off = float(geodesy.distance(lat, lon, entry[key]["lat"], entry[key]["lon"])[0]) / NAUTICAL_MILE
        if off > 0.15:
            faults.append(f"{track.where(track.row_at(moment))} is {off:,.1f} nm from the stated {key}")
    return faults


def tankers(case: Case, findings: Findings) -> None:
    """Tankers come from the mission's bases, no more than there are, keep each base's limits, and land where they may."""
    faults: list[str] = []
    away: dict[str, list[tuple[float, float, int]]] = {}
    serving = {entry["tanker_flight"] for entry in case.document["refuellings"]}
    taking = {entry["receiver"] for entry in case.document["refuellings"]}
    total = 0
    for track in case.tracks.values():
        if track.role != "tanker":
            continue
        origin, of = track.document["origin"], track.document.get("spare_of")
        if track.document["destination"] != origin:
            faults.append(f"flight {track.id} leaves {origin} and lands at {track.document['destination']}")
        pools = [
            pool
            for pool in case.limits.tankers
            if pool.base.code == origin and case.same_type(pool.aircraft, track.aircraft)
        ]
        if not pools:
            faults.append(f"flight {track.id}: the mission has no {track.aircraft} at {origin}")
            continue
        faults.extend(_base_limits(case, track, pools))
        if of is not None:
            faults.extend(_spare(case, track, of, pools))
            continue
        total += track.count
        if track.id not in serving:
            faults.append(f"flight {track.id} refuels nobody")
        if not case.limits.relay and track.id in taking:
            faults.append(f"flight {track.id} takes fuel, the mission lets no tanker refuel a tanker")
        key = f"{track.aircraft} take off from {origin}"
        turns = [pool.turn_time_s for pool in pools]
        turn = (
            math.inf
            if any(each is None for each in turns)
            else max(each for each in turns if each is not None)
        )
        away.setdefault(key, []).append((float(track.time_s[0]), float(track.time_s[-1]) + turn, track.count))
    for key, spells in away.items():
        kind, origin = key.split(" take off from ")
        there = sum(
            pool.available
            for pool in case.limits.tankers
            if pool.base.code == origin and case.same_type(pool.aircraft, kind)
        )
        # aircraft away or being turned round at the take-off of each flight
        count = max(
            sum(number for start, end, number in spells if start <= moment < end) for moment, _, _ in spells
        )
        if count > there:
            faults.append(f"{count} {key}, the mission has {there}")
    findings.yes("tankers", faults, f"{total} tankers from the mission's bases")


def _base_limits(case: Case, track: Track, pools: list[Tankers]) -> list[str]:
    """Take-off mass and crew day of a tanker flight against what its base allows."""
    faults = []
    most = max(pool.max_takeoff_kg for pool in pools)
    if track.mass_kg[0] > most + BALANCE:
        faults.append(
            f"flight {track.id} takes off with {track.mass_kg[0]:,.0f} kg, "
            f"max_takeoff_mass at {pools[0].base.code} is {most:,.0f}"
        )
    duty = (
        float(track.time_s[-1] - track.time_s[0]) + case.limits.report_before_s + case.limits.release_after_s
    )
    longest = max(pool.crew_day_s for pool in pools)
    if duty > longest + 60.0:
        faults.append(
            f"flight {track.id}: a crew day of {duty / 3600:.1f} h, crew_day at {pools[0].base.code} is "
            f"{longest / 3600:g} h"
        )
    return faults


def _spare(case: Case, track: Track, of: Any, pools: list[Tankers]) -> list[str]:
    """An airborne spare: beside a tanker flight of its base, no more than the mission has, giving nothing."""
    beside = case.tracks.get(of) if isinstance(of, str) else None
    if beside is None or beside.role != "tanker" or "spare_of" in beside.document:
        return [f"flight {track.id}: spare_of names {of!r}, no tanker flight"]
    faults = []
    if beside.document["origin"] != track.document["origin"]:
        faults.append(f"flight {track.id} is to be a spare of {of}, which leaves another base")
    others = sum(other.count for other in case.tracks.values() if other.document.get("spare_of") == of)
    most = max(pool.airborne_spares for pool in pools)
    if others > most:
        faults.append(f"{others} airborne spares beside {of}, the mission has {most}")
    if any(entry["tanker_flight"] == track.id for entry in case.document["refuellings"]):
        faults.append(f"flight {track.id} is a spare and refuels someone: it is a sortie")
    if track.fuel_kg[0] < beside.fuel_kg[0] - ON_BOARD:
        faults.append(
            f"flight {track.id} takes off with less fuel than {of}, in whose place it may have to give"
        )
    return faults
