"""What the plan says of ways out and of margins: points of no return, equal times, decisions, chances."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.units import MINUTE
from longreach.verify.abort import DOUBT_SHARE, FLOOR, SHARE, _doubt, _Flight, _flight, _spare
from longreach.verify.case import Case
from longreach.verify.findings import Findings
from longreach.verify.limits import Point
from longreach.verify.track import Track, seconds, stamp
from longreach.verify.ways import Ways

QUICKER, LATE = 0.02, 1.0  # of a way's time, and minutes, between this reckoning and the plan's
EQUAL = 4.0  # minutes between two ways said to take equally long, where both are clear geodesics
PLACE = 0.5  # nm, a stated place from the track at its time
SIGMA_SHARE = 0.95  # of the sigma reckoned here
CHANCE = 1.0  # per cent by which a chance stated may exceed that reckoned here
BEST_FLOW = 0.85  # of the holding flow at 1,500 ft: no aircraft waits on less


def points(case: Case, findings: Findings) -> None:
    """`aborts` of the plan: every base said to be within reach is so by geodesic, open, and in the time said.

    Nothing is ever nearer than the geodesic, so a point of no return placed too late is found. One placed too
    early is on the safe side.
    """
    entries = case.document.get("aborts")
    if not isinstance(entries, list) or not entries:
        return
    faults: list[str] = []
    ways = Ways.round(case.closures)
    for index, entry in enumerate(entries):
        try:
            track = case.tracks[entry["flight"]]
            _Entry(case, track, ways, faults).check(entry)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            faults.append(f"aborts.{index} cannot be read: {error!r}")
    findings.yes(
        "abort.points", faults, "points of no return, equal-time points and decisions reckoned again"
    )


class _Entry:
    """One flight's ways out under examination."""

    def __init__(self, case: Case, track: Track, ways: Ways, faults: list[str]) -> None:
        self.case, self.track, self.ways, self.faults = case, track, ways, faults
        self.flight: _Flight = _flight(case, track)
        asked = case.asked(track)
        self.bases = {field.code: field for field in case.limits.abort_bases}
        self.fields = dict(self.bases)
        for place in (asked.origin, asked.destination) if asked else ():
            self.fields.setdefault(place.code, place)
        self.origin = asked.origin.code if asked else ""
        # several tanker flights side by side are one contact, with what all of them give
        self.contacts: dict[str, dict[str, Any]] = {}
        self.contact_of: dict[str, str] = {}
        for entry in case.document["refuellings"]:
            if entry["receiver"] != track.id:
                continue
            key = entry["end_utc"]
            self.contact_of[entry["id"]] = key
            known = self.contacts.setdefault(key, {"end_utc": key, "onload_kg": 0.0})
            known["onload_kg"] += entry["onload_kg"]
        self.burnt = np.concatenate([[0.0], np.cumsum(self.flight.model.track_burn(track))])
        self.known: dict[tuple[str, float], float] = {}
        self.speed = float(np.median(self.flight.cruise.tas_mps))

    def check(self, entry: dict[str, Any]) -> None:
        self.measure(entry)
        back = entry["turn_back"]
        if back is not None:
            if back["base"] != self.origin:
                self.say(f"turns back to {back['base']}, it came from {self.origin}")
            self.reach(back, self.fields)
        for row in entry["reach"]:
            self.reach(row, self.bases)
        for row in entry["equal_time"]:
            self.equal(row)
        named = [row["refuelling"] for row in entry["decisions"]]
        if sorted(self.contact_of.get(id, id) for id in named) != sorted(self.contacts):
            self.say(
                f"decisions are told for {', '.join(named)}, its refuellings are {', '.join(self.contact_of)}"
            )
        for row in entry["decisions"]:
            if row["refuelling"] in self.contact_of:
                self.decision(row)

    def measure(self, entry: dict[str, Any]) -> None:
        """The ways asked for below, all those to one field at once."""
        moments: dict[str, set[float]] = {}
        for row in [*entry["reach"], *([entry["turn_back"]] if entry["turn_back"] else [])]:
            begin, end = seconds(row["from_utc"]), seconds(row["until_utc"])
            moments.setdefault(row["base"], set()).update((float(begin), (begin + end) / 2.0, float(end)))
        for row in entry["equal_time"]:
            for base in row["bases"]:
                moments.setdefault(base, set()).add(float(seconds(row["time_utc"])))
        for base, asked in moments.items():
            inside = sorted(m for m in asked if self.track.time_s[0] <= m <= self.track.time_s[-1])
            if base not in self.fields or not inside:
                continue
            field, at = self.fields[base], np.array(inside)
            lat, lon = self.track.position(at)
            air_m = geodesy.distance(lat, lon, field.lat, field.lon) * self.flight.air_factor(
                lat, lon, field, at
            )
            self.known.update(zip(((base, m) for m in inside), air_m.tolist(), strict=True))

    def say(self, words: str) -> None:
        self.faults.append(f"flight {self.track.id}: {words}")

    def state(self, moment: float) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], float]:
        """Place and fuel at a moment."""
        lat, lon = self.track.position(np.array([moment]))
        return lat, lon, float(self.track.value(moment, self.track.fuel_kg))

    def way(self, field: Point, lat: Any, lon: Any, moment: float) -> float:
        """Still-air length of the geodesic to a field [m]."""
        key = (field.code, float(moment))
        if key not in self.known:
            length = geodesy.distance(lat, lon, field.lat, field.lon)
            self.known[key] = float((length * self.flight.air_factor(lat, lon, field, moment))[0])
        return self.known[key]

    def over(self, field: Point, lat: Any, lon: Any, fuel: float, moment: float) -> float:
        """Fuel over what the geodesic, the reserve and the margin for doubt take [kg], as favourably as can be."""
        air_m = self.way(field, lat, lon, moment)
        mass = np.array([self.flight.dry_kg + fuel])
        spare = float(_spare(self.flight, mass, None, np.array([air_m]), field)[0])
        ends = [seconds(entry["end_utc"]) for entry in self.contacts.values()]
        known = max([end for end in ends if end < moment], default=self.track.time_s[0])
        since = float(self.track.value(moment, self.burnt) - self.track.value(known, self.burnt))
        trip = float(self.flight.trip(mass, None, np.array([air_m]))[0])
        return spare - DOUBT_SHARE * _doubt(self.case) * self.flight.sigma * (since + max(trip, 0.0))

    def placed(self, row: dict[str, Any], moment: float) -> None:
        lat, lon, _ = self.state(moment)
        off = float(geodesy.distance(lat, lon, row["lat"], row["lon"])[0]) / 1852.0
        if off > PLACE:
            self.say(f"is {off:,.1f} nm from the place told for {stamp(moment)}")

    def reach(self, row: dict[str, Any], fields: dict[str, Point]) -> None:
        base, begin, end = row["base"], seconds(row["from_utc"]), seconds(row["until_utc"])
        field = fields.get(base)
        if field is None:
            return self.say(f"{base} is no abort base of the mission")
        if not self.track.time_s[0] <= begin <= end <= self.track.time_s[-1]:
            return self.say(f"the spell in which {base} is within reach is not within the flight")
        self.placed(row, end)
        for moment in (begin, (begin + end) / 2.0, end):
            lat, lon, fuel = self.state(moment)
            over = self.over(field, lat, lon, fuel, moment)
            if over < -FLOOR - SHARE * fuel:
                self.say(
                    f"{base} is told within reach at {stamp(moment)}; the geodesic leaves it {-over:,.0f} kg short"
                )
                break
            if self.flight.closed(field, moment, self.way(field, lat, lon, moment)):
                self.say(f"{base} is told within reach at {stamp(moment)}, but shut at the arrival there")
                break
        return None

    def equal(self, row: dict[str, Any]) -> None:
        moment, told = float(seconds(row["time_utc"])), float(row["way_min"])
        self.placed(row, moment)
        lat, lon, _ = self.state(moment)
        minutes, clear = [], True
        for base in row["bases"]:
            field = self.fields.get(base)
            if field is None:
                return self.say(f"{base}, told for an equal-time point, is no field of the mission")
            minutes.append(self.way(field, lat, lon, moment) / self.speed / MINUTE)
            clear &= bool(self.ways.clear(lat, lon, np.array([field.lat]), np.array([field.lon]))[0])
        for base, own in zip(row["bases"], minutes, strict=True):
            if told < own * (1.0 - QUICKER) - LATE:
                self.say(
                    f"{base} is told {told:.0f} min away at {stamp(moment)}, the geodesic takes {own:.0f}"
                )
        # the destination may also be reached along the planned line, which is no geodesic
        if (
            clear
            and self.track.document["destination"] not in row["bases"]
            and abs(minutes[0] - minutes[1]) > EQUAL
        ):
            self.say(
                f"{' and '.join(row['bases'])} are told equally far at {stamp(moment)}: "
                f"{minutes[0]:.0f} and {minutes[1]:.0f} min"
            )
        return None

    def decision(self, row: dict[str, Any]) -> None:
        contact = self.contacts[self.contact_of[row["refuelling"]]]
        name, end = f"at {row['refuelling']}", float(seconds(contact["end_utc"]))
        if seconds(row["time_utc"]) != end:
            self.say(
                f"{name} the decision is told for {row['time_utc']}, the contact ends {contact['end_utc']}"
            )
        lat, lon, aboard = self.state(end)
        fuel = aboard - contact["onload_kg"]
        if abs(row["fuel_kg"] - fuel) > FLOOR:
            self.say(
                f"{name} {row['fuel_kg']:,.0f} kg are told on board without its onload, there are {fuel:,.0f}"
            )
        most = -math.inf
        for option in row["options"]:
            field = self.bases.get(option["base"])
            if field is None:
                self.say(f"{name} {option['base']} is no abort base of the mission")
                continue
            air_m = self.way(field, lat, lon, end)
            own = air_m / self.speed / MINUTE
            if option["way_min"] < own * (1.0 - QUICKER) - LATE:
                self.say(
                    f"{name} {field.code} is told {option['way_min']:.0f} min away, the geodesic takes {own:.0f}"
                )
            arrival = end + option["way_min"] * MINUTE
            if abs(seconds(option["arrive_utc"]) - arrival) > MINUTE:
                self.say(f"{name} the arrival at {field.code} is not its time on the way after the contact")
            mass = np.array([self.flight.dry_kg + fuel])
            left = fuel - float(self.flight.trip(mass, None, np.array([air_m]))[0])
            if option["left_kg"] > left + FLOOR + SHARE * fuel:
                self.say(
                    f"{name} {option['left_kg']:,.0f} kg are told left at {field.code}, no more than {left:,.0f} can be"
                )
            over = self.over(field, lat, lon, fuel, end)
            if option["spare_kg"] > over + FLOOR + SHARE * fuel:
                self.say(
                    f"{name} {option['spare_kg']:,.0f} kg are told to spare at {field.code}, no more than {over:,.0f} are"
                )
            if self.flight.closed(field, end, air_m):
                self.say(f"{name} {field.code} is shut at the arrival there")
            most = max(most, over)
        wait = seconds(row["decide_by_utc"]) - end
        flow = (
            float(self.flight.holding(self.flight.dry_kg + fuel, 0.0)) / self.flight.final_s
            if self.flight.final_s
            else 0.0
        )
        if wait < 0.0 or (wait > 0.0 and wait * flow * BEST_FLOW > max(most, 0.0) + FLOOR + SHARE * fuel):
            self.say(
                f"{name} it is told to decide by {row['decide_by_utc']}: {max(most, 0.0):,.0f} kg to spare last less"
            )


def margins(case: Case, findings: Findings) -> None:
    """`margins` of the plan: the level asked is the mission's, the chance no greater than the fuel allows."""
    stated = case.document.get("margins")
    if not isinstance(stated, dict):
        return
    faults: list[str] = []
    try:
        _margins(case, stated, faults.append)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        faults.append(f"margins cannot be read: {error!r}")
    findings.yes(
        "margins", faults, "the chance at the tightest moment, and the plan of fewest sorties beside it"
    )


def _margins(case: Case, stated: dict[str, Any], say: Callable[[str], None]) -> None:
    if abs(stated["asked_pct"] - 100.0 * case.limits.doubt) > 0.06:
        say(f"asked_pct is {stated['asked_pct']:g}, reserves.doubt {100.0 * case.limits.doubt:g}")
    if stated["chance_pct"] < stated["asked_pct"] - CHANCE:
        say(
            f"the chance told, {stated['chance_pct']:g} %, is less than the {stated['asked_pct']:g} % asked for"
        )
    tight, track = stated["tightest"], case.tracks[stated["flight"]]
    entry = _Entry(case, track, Ways.round(()), [])
    moment = float(seconds(tight["time_utc"]))
    field = entry.fields.get(tight["base"])
    if field is None or not track.time_s[0] <= moment <= track.time_s[-1]:
        say(
            f"the tightest moment names {tight['base']} at {tight['time_utc']}: no field or moment of the flight"
        )
        return
    lat, lon, fuel = entry.state(moment)
    for contact in entry.contacts.values():
        if seconds(contact["end_utc"]) == moment:
            fuel -= contact["onload_kg"]
    if abs(fuel - tight["fuel_kg"]) > FLOOR:
        say(f"{tight['fuel_kg']:,.0f} kg are told on board at {tight['time_utc']}, there are {fuel:,.0f}")
    told = NormalDist().cdf((tight["fuel_kg"] - tight["required_kg"]) / max(tight["sigma_kg"], 1.0))
    if stated["chance_pct"] > 100.0 * told + 0.1:
        say(f"chance_pct is {stated['chance_pct']:g}, its own figures give {100.0 * told:.1f}")
    # Where the geodesic alone leaves fewer sigmas than are told, the chance is overstated.
    air_m = entry.way(field, lat, lon, moment)
    mass = np.array([entry.flight.dry_kg + fuel])
    altitude = np.array([float(track.value(moment, track.altitude_m))])
    spare = float(_spare(entry.flight, mass, altitude, np.array([air_m]), field)[0])
    trip = float(entry.flight.trip(mass, altitude, np.array([air_m]))[0])
    ends = [seconds(contact["end_utc"]) for contact in entry.contacts.values()]
    known = max([end for end in ends if end < moment], default=track.time_s[0])
    since = float(track.value(moment, entry.burnt) - track.value(known, entry.burnt))
    sigma = entry.flight.sigma * (since + max(trip, 0.0))
    most = NormalDist().cdf(min((spare + FLOOR + SHARE * fuel) / max(SIGMA_SHARE * sigma, 1.0), 9.0))
    if stated["chance_pct"] > 100.0 * most + CHANCE:
        say(f"chance_pct is {stated['chance_pct']:g}, no more than {100.0 * most:.1f} % at {tight['base']}")
    least = stated["minimum"]
    if least is None:
        return
    found = case.document["optimality"]
    if found is not None:
        low, high = found["tanker_sorties_bound"], found["tanker_sorties"]
        if not low <= least["tanker_sorties"] <= high:
            say(
                f"the fewest sorties without a margin are told as {least['tanker_sorties']}, outside {low} to {high}"
            )
    if not 0.0 <= least["chance_pct"] <= 100.0:
        say(f"minimum.chance_pct is {least['chance_pct']:g}")
