"""What every plan document must keep to, whatever the mission."""

from __future__ import annotations

import copy
import itertools
import json
import tomllib
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from jsonschema import Draft202012Validator

from longreach import geodesy
from longreach.document import to_bytes
from longreach.verify import verify
from longreach.world import airports


@cache
def validator() -> Draft202012Validator:
    folder = resources.files("longreach") / "schemas"
    return Draft202012Validator(json.loads((folder / "plan.schema.json").read_bytes()))


def seconds(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp()


def assert_sound(document: dict[str, Any]) -> None:
    """Schema, status, balance of fuel, times, tracks, refuellings, and the verification as read back."""
    again = json.loads(to_bytes(document))
    thin = copy.deepcopy(again)  # a row of a track is like any other, and there are thousands
    for flight in thin["flights"]:
        flight["track"]["rows"] = flight["track"]["rows"][:5] + flight["track"]["rows"][-5:]
    faults = sorted(f"{error.json_path}: {error.message[:200]}" for error in validator().iter_errors(thin))
    assert not faults, faults[:5]
    ok = all(check["ok"] for check in document["checks"])
    assert (document["status"] == "feasible") == (ok and not document["shortfalls"])
    assert document["checks"]
    if document["status"] == "infeasible":
        assert document["shortfalls"]
        for row in document["shortfalls"]:
            assert row["what"] and (row["by"] is None or row["by"] >= 0.0), row
    for flight in document["flights"]:
        assert_flight(flight)
    by_id = {flight["id"]: flight for flight in document["flights"]}
    assert len(by_id) == len(document["flights"])
    for row in document["refuellings"]:
        together = [one for one in document["refuellings"] if same_contact(one, row)]
        assert_refuelling(row, by_id, sum(one["onload_kg"] for one in together))
    if document["status"] == "feasible":
        assert_complete(document, by_id)
        for flight in document["flights"]:
            assert_never_dry(document, flight)
    report = verify(again)
    assert report.ok, report


def assert_flight(flight: dict[str, Any]) -> None:
    fuel = flight["fuel"]
    left = fuel["takeoff_kg"] + fuel["onload_kg"] - fuel["offload_kg"] - fuel["burn_kg"]
    assert abs(left - fuel["landing_kg"]) <= 1.0
    assert fuel["burn_kg"] > 0.0
    columns, rows = flight["track"]["columns"], flight["track"]["rows"]
    at = {name: k for k, name in enumerate(columns)}
    times = [seconds(row[at["time_utc"]]) for row in rows]
    assert all(0.0 < b - a <= 60.0 for a, b in itertools.pairwise(times)), flight["id"]
    assert rows[0][at["time_utc"]] == flight["takeoff_utc"]
    assert rows[-1][at["time_utc"]] == flight["landing_utc"]
    assert all(row[at["fuel_kg"]] >= 0.0 for row in rows)
    assert all(-180.0 <= row[at["lon"]] < 180.0 for row in rows)
    dry = rows[0][at["mass_kg"]] - rows[0][at["fuel_kg"]]
    assert all(abs(row[at["mass_kg"]] - row[at["fuel_kg"]] - dry) < 0.3 for row in rows)
    assert abs(rows[0][at["fuel_kg"]] - fuel["takeoff_kg"]) <= 1.0
    assert abs(rows[-1][at["fuel_kg"]] - fuel["landing_kg"]) <= 1.0
    assert flight["route"][0]["kind"] == "departure" and flight["route"][-1]["kind"] == "arrival"


def same_contact(one: dict[str, Any], two: dict[str, Any]) -> bool:
    """Whether two rows tell of one contact, its tankers of several flights."""
    return (one["receiver"], one["start_utc"]) == (two["receiver"], two["start_utc"])


def assert_refuelling(row: dict[str, Any], flights: dict[str, Any], taken_kg: float) -> None:
    """taken_kg : by a receiver in the contact, of all tankers together"""
    assert row["tankers"] <= flights[row["tanker_flight"]]["count"]
    assert abs(row["onload_kg"] * row["receivers"] - row["offload_kg"] * row["tankers"]) <= 1.0
    assert row["onload_kg"] > 0.0
    assert seconds(row["start_utc"]) < seconds(row["end_utc"])
    abort = row["abort"]
    assert abs(abort["fuel_available_kg"] - abort["fuel_needed_kg"] - abort["margin_kg"]) <= 0.2
    assert abs(abort["fuel_available_kg"] - (row["fuel_after_kg"] - taken_kg)) <= 1.0
    for end, (moment, side) in itertools.product(
        (flights[row["receiver"]], flights[row["tanker_flight"]]),
        (("start", "start_utc"), ("end", "end_utc")),
    ):
        times = [line[0] for line in end["track"]["rows"]]
        assert row[side] in times, f"{end['id']} has no row at the {moment} of {row['id']}"


def assert_complete(document: dict[str, Any], flights: dict[str, Any]) -> None:
    """What a feasible plan must hold beside being verified."""
    for row in document["refuellings"]:
        assert row["abort"]["margin_kg"] >= 0.0
    for row in document["airspace"]:
        assert row["closest_nm"] >= row["stand_off_nm"] - 0.001, row
    for flight in flights.values():
        assert flight["fuel"]["landing_kg"] >= flight["fuel"]["reserve_kg"] - 1.0
        assert flight["fuel"]["min_margin_kg"] >= 0.0
    found = document["optimality"]
    assert found["tanker_sorties"] >= found["tanker_sorties_bound"]
    assert found["tanker_sorties"] == sum(
        f["count"] for f in flights.values() if f["role"] == "tanker" and "spare_of" not in f
    )
    assert found["route_nm"] >= found["route_bound_nm"] - 0.001
    lead = next(flight for flight in document["flights"] if flight["role"] == "lead")
    taken = sum(r["onload_kg"] for r in document["refuellings"] if r["receiver"] == lead["id"])
    assert abs(taken - lead["fuel"]["onload_kg"]) <= 1.0 + 0.1 * len(document["refuellings"])


IN_CELL = 0.70  # as much of it for one in a cell of several types: in another's rows it burns more than it would alone
NEARLY = 0.85  # of the fuel that a straight way takes in still air, at the burn of the plan's own rows


def assert_never_dry(document: dict[str, Any], flight: dict[str, Any]) -> None:
    """At every row of the flight, nothing more taken on, a base is within reach by what the rows themselves burn.

    No fuel model is asked: burn per metre through the air is read off this flight's own cruise and drawn as a straight
    line over mass. Ways are straight and without wind, so that it errs on the side of the plan; it finds aircraft
    that have nowhere to go, whatever planner and verification think of it.
    """
    at = {name: k for k, name in enumerate(flight["track"]["columns"])}
    rows = flight["track"]["rows"]
    assert min(row[at["fuel_kg"]] for row in rows) > 0.0, f"{flight['id']} runs dry"
    contacts = [row for row in document["refuellings"] if row["receiver"] == flight["id"]]
    if not contacts:
        return
    times = np.array([seconds(row[at["time_utc"]]) for row in rows])
    column = {
        name: np.array([row[at[name]] for row in rows], float)
        for name in ("mass_kg", "fuel_kg", "tas_kt", "lat", "lon")
    }
    phase = [row[at["phase"]] for row in rows]
    air_m = column["tas_kt"][:-1] * 0.514444 * np.diff(times)
    burn = -np.diff(column["mass_kg"])
    cruise = (
        np.array([a == b == "cruise" for a, b in itertools.pairwise(phase)]) & (air_m > 0.0) & (burn > 0.0)
    )
    if cruise.sum() < 20:
        return
    slope, level = np.polyfit(column["mass_kg"][:-1][cruise], (burn / np.maximum(air_m, 1.0))[cruise], 1)
    dry = float(column["mass_kg"][0] - column["fuel_kg"][0])
    asked = tomllib.loads(document["mission"]["text"])
    places = [
        airports.find(base) if isinstance(base, str) else airports.position(*base)
        for base in asked["abort"]["bases"]
    ]
    end = flight["route"][-1]
    ends = {}  # what all tankers of one contact give, by its end
    for row in contacts:
        ends[seconds(row["end_utc"])] = ends.get(seconds(row["end_utc"]), 0.0) + row["onload_kg"]
    starts = {seconds(row["start_utc"]) for row in contacts}
    last = max(ends)
    taken = np.zeros(times.size)
    for moment, amount in ends.items():
        taken[times == moment] += amount
    inside = np.zeros(times.size, bool)
    for row in contacts:
        inside |= (times > seconds(row["start_utc"])) & (times < seconds(row["end_utc"]))
    assert starts
    held = (times <= last) & ~inside
    fuel = (column["fuel_kg"] - taken)[held]
    far = [(p.lat, p.lon) for p in places] + [(end["lat"], end["lon"])]
    metres = np.min(
        [geodesy.distance(column["lat"][held], column["lon"][held], *place) for place in far], axis=0
    )
    # dm/dx = level + slope m, from the mass now down to the field
    mass = dry + fuel
    rate = slope if abs(slope) > 1e-15 else 1e-15
    left = (mass + level / rate) * np.exp(-rate * metres) - level / rate
    cell = {each.get("cell_of") for each in document["flights"]}
    nearly = IN_CELL if flight.get("cell_of") or flight["id"] in cell else NEARLY
    need = nearly * (mass - left) + nearly * flight["fuel"]["reserve_kg"]
    worst = int(np.argmin(fuel - need))
    assert fuel[worst] >= need[worst], (
        f"{flight['id']} has {fuel[worst]:,.0f} kg at {rows[int(np.flatnonzero(held)[worst])][0]}, the nearest base is "
        f"{metres[worst] / 1852:,.0f} nm away and takes {need[worst]:,.0f}"
    )
