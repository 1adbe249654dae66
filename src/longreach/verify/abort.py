"""The abort rule once more: at every moment, with nothing more taken on, some field is in lawful reach."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.geodesy import Floats
from longreach.units import MINUTE
from longreach.verify.case import Case
from longreach.verify.findings import Findings
from longreach.verify.fuel import BALANCE, ON_BOARD
from longreach.verify.limits import Point, Shut
from longreach.verify.performance import HOLDING_HEIGHT, REFERENCE_LEVEL, Cruise, Model, air, ground_speed
from longreach.verify.track import Track, seconds, stamp
from longreach.verify.ways import Ways
from longreach.verify.wind import Air
from longreach.world.atmosphere import GRAVITY

OFTEN, EVERY = 5 * MINUTE, 20 * MINUTE  # s between moments held against geodesics, and proved by lawful ways
TIGHTEST = 12  # moments with the least fuel left over, also proved
MARGIN_SHARE, MARGIN = (
    0.02,
    200.0,
)  # of a stated least margin, and kg, that it may exceed the greatest possible
SHARE, FLOOR = 0.01, 150.0  # of the fuel needed, and kg: between this reckoning and the planner's
DOUBT_SHARE = 0.9  # of the margin for doubt as reckoned here that must be there


@dataclass(frozen=True, slots=True)
class _Flight:
    """One flight's means to get away: still-air cruise, holding, doubt."""

    track: Track
    model: Model
    cruise: Cruise
    dry_kg: float
    mach: float
    final_s: float
    air: Air
    sigma: float
    shut: tuple[Shut, ...]

    def closed(self, field: Point, moment: Any, air_m: Any) -> np.ndarray[Any, Any]:
        """(n,) whether a field is shut to the flight at the end of still-air ways begun at `moment`."""
        arrival = np.asarray(moment, float) + np.asarray(air_m, float) / float(np.median(self.cruise.tas_mps))
        found = np.zeros(arrival.shape, bool)
        for each in self.shut:
            if each.base == field.code:
                found |= each.holds(self.track.document["operator"], arrival)
        return found

    def trip(self, mass: Any, altitude_m: Any, air_m: Any) -> Floats:
        """Fuel to climb to the best level and cruise a still-air distance from a mass [kg].

        altitude_m : None leaves the climb out, for the least it can take
        """
        mass = np.asarray(mass, float)
        lifted = mass
        if altitude_m is not None and not self.model.hourly:
            level = np.interp(mass, self.cruise.mass_kg, self.cruise.level_m)
            rise = np.maximum(level - np.asarray(altitude_m, float), 0.0)
            temperature, _, sound = air(level)
            work = mass * GRAVITY * rise / (self.mach * sound)
            lifted = mass - self.model.flow_per_thrust(temperature, self.mach) * work
        return mass - self.cruise.mass_after(lifted, air_m)

    def holding(self, mass: Any, elevation_m: float) -> Floats:
        """Final reserve at a landing mass [kg]."""
        low = self.model.aircraft.operating_empty_mass_kg
        grid = np.linspace(low, self.model.aircraft.max_inflight_mass_kg, 24)
        return np.interp(mass, grid, self.model.holding_flow(grid, elevation_m)) * self.final_s

    def air_factor(self, lat: Floats, lon: Floats, place: Point, moment: Any) -> Floats:
        """Still-air metres for each metre over the ground on the geodesic to a place, at its mean.

        The wind is that at 35,000 ft, or the type's ceiling if that is lower, as it is at `moment`.
        """
        if self.air.calm:
            return np.ones(lat.shape)
        length, start, _ = geodesy.inverse(lat, lon, place.lat, place.lon)
        total = np.zeros(lat.shape)
        speed = float(np.median(self.cruise.tas_mps))
        level = min(REFERENCE_LEVEL, self.model.aircraft.ceiling_m)
        parts = (0.0625, 0.1875, 0.3125, 0.4375, 0.5625, 0.6875, 0.8125, 0.9375)
        for part in parts:
            at_lat, at_lon, course = geodesy.direct(lat, lon, start, length * part)
            wind = self.air.on_course(at_lat, at_lon, level, moment, course)
            total += speed / ground_speed(speed, course, *wind)
        return np.where(np.isnan(total), np.inf, total / len(parts))


def _flight(case: Case, track: Track) -> _Flight:
    model, asked, limits = case.model(track), case.asked(track), case.limits
    cruise = case.cruise(track)
    return _Flight(
        track, model, cruise, case.zero_fuel_mass(track),
        asked.mach if asked and asked.mach else model.aircraft.cruise_mach,
        limits.final_reserve_s, case.air,
        math.hypot(model.aircraft.band_pct / 100.0 / 1.96, limits.wind_sigma_mps / float(np.median(cruise.tas_mps))),
        limits.shut,
    )  # fmt: skip


def _doubt(case: Case) -> float:
    """Sigmas to be kept in hand, one-sided."""
    return NormalDist().inv_cdf(min(max(case.limits.doubt, 0.5), 0.9999))


def _receivers(case: Case) -> list[Track]:
    ids = {entry["receiver"] for entry in case.document["refuellings"]}
    return [track for track in case.tracks.values() if track.id in ids]


def _fields(case: Case, track: Track) -> dict[str, Point]:
    """Where a flight that takes fuel may go if it gets none: the abort bases and where it is to land."""
    fields = {field.code: field for field in case.limits.abort_bases}
    own = case.destination(track)
    if own is not None:
        fields.setdefault(own.code, own)
    return fields


def everywhere(case: Case, findings: Findings) -> None:
    """All along a refuelled flight and at the ends of every contact, a field is in lawful reach.

    Every five minutes the fuel is held against the nearest fields by geodesic, which nothing beats; every
    twenty minutes, at contacts and at the tightest moments a lawful way is found.
    """
    receivers = _receivers(case)
    if not receivers:
        return
    faults: list[str] = []
    least = math.inf
    ways = Ways.round(case.closures)
    for track in receivers:
        spare, fault = _moments(case, track, ways)
        least = min(least, spare)
        faults.extend(fault)
    faults.extend(_landings_where_shut(case))
    findings.at_least(
        "abort.everywhere", least, -FLOOR, "kg",
        "least fuel over what a lawful way to a field and its reserve take, nothing more taken on", faults,
    )  # fmt: skip


def _landings_where_shut(case: Case) -> list[str]:
    """Flights, tankers, partners and spares with the rest, that land at a base just then shut to their operator."""
    faults = []
    for track in case.tracks.values():
        code, operator = track.document["destination"], track.document["operator"]
        landing = float(track.time_s[-1])
        if any(each.base == code and bool(each.holds(operator, landing)) for each in case.limits.shut):
            faults.append(
                f"flight {track.id} lands at {code} at {stamp(landing)}, when it is shut to {operator}"
            )
    return faults


def _moments(case: Case, track: Track, ways: Ways) -> tuple[float, list[str]]:
    flight = _flight(case, track)
    spans: list[tuple[int, int, float]] = []
    for entry in sorted(case.document["refuellings"], key=lambda each: each["start_utc"]):
        if entry["receiver"] != track.id:
            continue
        start, end, amount = seconds(entry["start_utc"]), seconds(entry["end_utc"]), entry["onload_kg"]
        if spans and start < spans[-1][1]:  # tankers side by side serve one contact
            start, end, amount = spans[-1][0], max(end, spans[-1][1]), amount + spans.pop()[2]
        spans.append((start, end, amount))
    moment = np.union1d(np.arange(track.time_s[0], track.time_s[-1], OFTEN), [s for s, _, _ in spans])
    for start, end, _ in spans:
        moment = moment[(moment <= start) | (moment >= end)]
    fuel = track.value(moment, track.fuel_kg)
    # At the end of a contact, as if it had given nothing.
    moment = np.append(moment, [end for _, end, _ in spans])
    fuel = np.append(fuel, [float(track.value(end, track.fuel_kg)) - amount for _, end, amount in spans])
    lat, lon = track.position(moment)
    mass, altitude = flight.dry_kg + fuel, track.value(moment, track.altitude_m)

    asked = case.asked(track)
    fields = list(_fields(case, track).values())
    planned = np.full(moment.size, -np.inf)
    home = asked.destination if asked else case.destination(track)
    if home is not None and not flight.closed(home, track.time_s[-1], 0.0):
        # Going on along the planned line is open as long as its end is.
        along = np.concatenate([[0.0], np.cumsum(track.tas_mps[:-1] * track.step_s)])
        left = along[-1] - track.value(moment, along)
        planned = _spare(flight, mass, None, left, home)
    away = [
        geodesy.distance(lat, lon, field.lat, field.lon) * flight.air_factor(lat, lon, field, moment)
        for field in fields
    ]
    shape = (len(fields), moment.size)
    pairs = list(zip(away, fields, strict=True))
    spares = np.array([_spare(flight, mass, altitude, air_m, field) for air_m, field in pairs]).reshape(shape)
    bounds = np.array([_spare(flight, mass, None, air_m, field) for air_m, field in pairs]).reshape(shape)
    for rank, (air_m, field) in enumerate(
        pairs
    ):  # a field that is shut when the flight gets there is no field
        shut = flight.closed(field, moment, air_m)
        spares[rank, shut] = bounds[rank, shut] = -np.inf
    most = np.maximum(planned, bounds.max(axis=0, initial=-np.inf))
    faults = []
    stated = track.document["fuel"]["min_margin_kg"]
    if stated > most.min() + MARGIN_SHARE * abs(stated) + MARGIN:
        tight = int(np.argmin(most))
        faults.append(
            f"{track.where(track.row_at(moment[tight]))}: no more than {most[tight]:,.0f} kg are left over at any field, "
            f"fuel.min_margin_kg is {stated:,.0f}"
        )

    # Those to be proved: one in four, contacts, and the tightest.
    chosen = np.zeros(moment.size, bool)
    chosen[:: round(EVERY / OFTEN)] = True
    chosen[moment.size - len(spans) :] = True
    chosen[np.argsort(most)[:TIGHTEST]] = True
    chosen |= most < 0.0
    k = np.flatnonzero(chosen)
    spare = _lawful(
        flight, ways, fields, spares[:, k], planned[k], lat[k], lon[k], mass[k], altitude[k], moment[k]
    )
    bad = np.flatnonzero(spare < -FLOOR)
    faults.extend(
        f"{track.where(track.row_at(moment[k[i]]))}: {fuel[k[i]]:,.0f} kg with nothing more taken on reach no field "
        f"lawfully with its reserve" + (f"; short by {-spare[i]:,.0f} kg" if np.isfinite(spare[i]) else "")
        for i in bad[:3]
    )
    return float(spare.min()), faults


def _lawful(
    flight: _Flight, ways: Ways, fields: list[Point], spares: Floats, planned: Floats,
    lat: Floats, lon: Floats, mass: Floats, altitude: Floats, moment: Floats,
) -> Floats:  # fmt: skip
    """(n,) fuel left over at a field reached lawfully: the planned line, a clear geodesic, or a way round."""
    spare = planned.copy()
    reached = spare >= 0.0
    order = np.argsort(-spares, axis=0)
    for rank in order:
        todo = np.flatnonzero(~reached & (spares[rank, np.arange(lat.size)] >= -FLOOR))
        if not todo.size:
            continue
        field = rank[todo]
        clear = ways.clear(
            lat[todo], lon[todo],
            np.array([fields[k].lat for k in field]), np.array([fields[k].lon for k in field]),
        )  # fmt: skip
        won = todo[clear]
        spare[won] = np.maximum(spare[won], spares[field[clear], won])
        reached[won] = True
    for k in np.flatnonzero(~reached):
        if spare[k] < -FLOOR:
            found = _round_about(
                flight, ways, fields, spares[:, k], (lat[k], lon[k]), mass[k], altitude[k], moment[k]
            )
            spare[k] = max(spare[k], found)
    return spare


def _spare(flight: _Flight, mass: Floats, altitude: Floats | None, air_m: Floats, field: Point) -> Floats:
    """Fuel left over after a way to a field and its final reserve [kg]."""
    after = mass - flight.trip(mass, altitude, air_m)
    return after - flight.dry_kg - flight.holding(after, field.elevation_m + HOLDING_HEIGHT)


def _round_about(
    flight: _Flight, ways: Ways, fields: list[Point], spares: Floats, start: tuple[float, float],
    mass: float, altitude: float, moment: float,
) -> float:  # fmt: skip
    """The most fuel left over at any field that is reached round the closed areas; -inf where none is found."""
    best = -math.inf
    for k in np.argsort(-spares):
        if spares[k] < max(best, -FLOOR):
            break
        field = fields[k]
        factor = float(flight.air_factor(np.array([start[0]]), np.array([start[1]]), field, moment)[0])
        low, high = 0.0, 20_000_000.0
        while high - low > 1_000.0:  # the longest way the fuel allows
            middle = (low + high) / 2.0
            left = _spare(flight, np.array([mass]), np.array([altitude]), np.array([middle * factor]), field)
            low, high = (middle, high) if float(left[0]) >= -FLOOR else (low, middle)
        length = ways.find(start, (field.lat, field.lon), low)
        if length is not None:
            left = _spare(flight, np.array([mass]), np.array([altitude]), np.array([length * factor]), field)
            best = max(best, float(left[0]))
    return best


def contacts(case: Case, findings: Findings) -> None:
    """What each refuelling says of its abort: the account, a field of the mission, no less fuel than it takes."""
    if not case.document["refuellings"]:
        return
    faults: list[str] = []
    least = math.inf
    for entry in case.document["refuellings"]:
        name, abort = f"refuelling {entry['id']}", entry["abort"]
        track = case.tracks.get(entry["receiver"])
        if track is None:
            continue
        if abort["base"] is None or abort["fuel_needed_kg"] is None or abort["margin_kg"] is None:
            faults.append(f"{name}: no abort base is in reach")
            continue
        needed, available = abort["fuel_needed_kg"], abort["fuel_available_kg"]
        least = min(least, abort["margin_kg"])
        if abs(available - needed - abort["margin_kg"]) > BALANCE:
            faults.append(
                f"{name}: abort.margin_kg is {abort['margin_kg']:,.0f}, available less needed "
                f"{available - needed:,.0f}"
            )
        if abort["margin_kg"] < -BALANCE:
            faults.append(f"{name}: the abort to {abort['base']} is {-abort['margin_kg']:,.0f} kg short")
        end = seconds(entry["end_utc"])
        taken = sum(  # tankers side by side serve one contact: all of it fails
            other["onload_kg"]
            for other in case.document["refuellings"]
            if other["receiver"] == entry["receiver"]
            and seconds(other["start_utc"]) < end
            and seconds(other["end_utc"]) > seconds(entry["start_utc"])
        )
        aboard = float(track.value(end, track.fuel_kg)) - taken
        if abs(aboard - available) > ON_BOARD:
            faults.append(
                f"{name}: abort.fuel_available_kg is {available:,.0f}, at {stamp(end)} without its onload there "
                f"are {aboard:,.0f}"
            )
        field = _fields(case, track).get(abort["base"])
        if field is None:
            faults.append(f"{name}: {abort['base']} is no abort base of the mission")
            continue
        flight = _flight(case, track)
        lat, lon = track.position(np.array([float(end)]))
        length = geodesy.distance(lat, lon, field.lat, field.lon) * flight.air_factor(lat, lon, field, end)
        if flight.closed(field, float(end), length)[0]:
            faults.append(
                f"{name}: {field.code} is shut to {track.document['operator']} at the arrival there"
            )
        own = aboard - float(_spare(flight, np.array([flight.dry_kg + aboard]), None, length, field)[0])
        if needed < own * (1.0 - SHARE) - FLOOR:
            faults.append(
                f"{name}: abort.fuel_needed_kg is {needed:,.0f}, the geodesic to {field.code} and the reserve "
                f"alone take {own:,.0f}"
            )
    findings.at_least(
        "abort.contacts", 0.0 if math.isinf(least) else least, -BALANCE, "kg",
        "least abort margin stated at a contact, its account and its fuel reckoned again", faults,
    )  # fmt: skip


def doubt(case: Case, findings: Findings) -> None:
    """At landing the margin for doubt and the contingency are there over the final reserve."""
    faults: list[str] = []
    least = math.inf
    z = _doubt(case)
    for track in case.tracks.values():
        flight = _flight(case, track)
        ends = [seconds(e["end_utc"]) for e in case.document["refuellings"] if e["receiver"] == track.id]
        burnt = np.concatenate([[0.0], np.cumsum(flight.model.track_burn(track))])
        since = burnt[-1] - float(track.value(max(ends), burnt) if ends else 0.0)
        share = z * flight.sigma
        if track.role == "lead":
            share = max(share, case.limits.contingency)
        account = track.document["fuel"]
        wanted = DOUBT_SHARE * share * since
        spare = account["landing_kg"] - account["reserve_kg"] - wanted
        least = min(least, spare)
        if spare < -FLOOR:
            faults.append(
                f"flight {track.id} lands with {account['landing_kg'] - account['reserve_kg']:,.0f} kg over its "
                f"reserve; doubt and contingency ask for {wanted:,.0f}"
            )
    findings.at_least(
        "fuel.doubt", least, -FLOOR, "kg",
        "least landing fuel over reserve, contingency and margin for doubt", faults,
    )  # fmt: skip


def guard(case: Case, findings: Findings) -> None:
    """The line of fuel required, where the plan draws one: never under the geodesic's, never over the fuel."""
    entries = case.document.get("guard")
    if not isinstance(entries, list) or not entries:
        return
    faults: list[str] = []
    flights: dict[str, _Flight] = {}
    rows: dict[tuple[str, str], list[tuple[float, float]]] = {}
    fields = {field.code: field for field in case.limits.abort_bases}
    for index, entry in enumerate(entries):
        try:
            track = case.tracks[entry["flight"]]
            moment, required = float(seconds(entry["time_utc"])), float(entry["required_kg"])
            base = str(entry["base"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            faults.append(f"guard.{index} cannot be read: {error!r}")
            continue
        if not track.time_s[0] <= moment <= track.time_s[-1]:
            faults.append(f"guard.{index} is not within flight {track.id}")
            continue
        rows.setdefault((track.id, base), []).append((moment, required))
    least = math.inf
    for (id, base), pairs in rows.items():
        track = case.tracks[id]
        asked = case.asked(track)
        field = fields.get(base) or (asked.destination if asked and asked.destination.code == base else None)
        if field is None:
            faults.append(f"flight {id}: the line of fuel required names {base}, no field of the mission")
            continue
        flight = flights.setdefault(id, _flight(case, track))
        moment, required = np.array(pairs).T
        fuel = track.value(moment, track.fuel_kg)
        # At the end of a contact the line is drawn as if it had given nothing.
        for entry in case.document["refuellings"]:
            if entry["receiver"] == id:
                fuel = np.where(moment == seconds(entry["end_utc"]), fuel - entry["onload_kg"], fuel)
        lat, lon = track.position(moment)
        air_m = geodesy.distance(lat, lon, field.lat, field.lon) * flight.air_factor(lat, lon, field, moment)
        own = fuel - _spare(flight, flight.dry_kg + fuel, None, air_m, field)
        least = min(least, float((fuel - required).min()))
        for bad, words in (
            (
                flight.closed(field, moment, air_m) & (moment < track.time_s[-1]),
                "{base}, which is shut to it at the arrival there",
            ),
            (
                required < own * (1.0 - SHARE) - FLOOR,
                "the geodesic to {base} and the reserve alone take {own:,.0f} kg",
            ),
            (required > fuel + FLOOR, "{fuel:,.0f} kg are on board"),
        ):
            k = int(np.argmax(bad))
            if bad[k]:
                faults.append(
                    f"{track.where(track.row_at(moment[k]))}: the line of fuel required says {required[k]:,.0f} kg to "
                    + words.format(base=base, own=own[k], fuel=fuel[k])
                )
    findings.at_least(
        "abort.line", 0.0 if math.isinf(least) else least, -FLOOR, "kg",
        "least fuel on board over the plan's line of fuel required", faults,
    )  # fmt: skip
