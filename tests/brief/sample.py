"""A made-up plan document in the exact shape of the contract, to draw without running the planner.

Two B-52s from Barksdale to the Gulf and back, three tanker flights, three partners. The tracks are
real geodesics; the fuel is a straight burn rate, so nothing here may be read as a result.
"""

from __future__ import annotations

import copy
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.document import sha256
from longreach.units import KNOT, NAUTICAL_MILE

MISSION = """schema = "longreach.mission/1"
name = "Two B-52s, Barksdale to the Gulf and back"
[clock]
anchor = "on_station"
time = 2020-12-10T09:00:00Z
[station]
name = "Central Gulf"
shape = "circle"
centre = [26.0, 51.9]
radius = "25 nm"
time = "2 h"
[[flights]]
id = "lead"
aircraft = "B-52H"
count = 2
operator = "US"
from = "KBAD"
to = "KBAD"
[airspace]
closed = ["IR", "IQ", "SY"]
stand_off = "50 nm"
[[partners]]
id = "saudi"
operator = "SA"
aircraft = "F-15SA"
count = 2
from = "OEDR"
may_fly = ["SA", "BH", "QA"]
together = "30 min"
[abort]
bases = ["LPLA", "LEMO", "OTBH"]
[reserves]
final = "30 min"
[winds]
source = "still"
"""

OUT = [
    ("KBAD", 32.501933, -93.662628, "departure"),
    ("Newfoundland", 47.0, -52.0, "via"),
    ("R1 start", 42.2, -24.0, "refuel_start"),
    ("R1 end", 39.9, -17.9, "refuel_end"),
    ("Gibraltar", 36.0, -6.5, "via"),
    ("Sicily", 37.2, 11.0, "via"),
    ("Nile delta", 31.6, 31.0, "via"),
    ("northern Red Sea", 28.2, 34.2, "via"),
    ("T1", 27.6, 46.4, "turn"),
    ("Gulf W", 27.2, 50.3, "join"),
    ("Station N", 26.3, 51.7, "station"),
]
BACK = [
    ("Station out", 25.9, 51.6, "station"),
    ("leave", 26.2, 49.0, "leave"),
    ("T2", 27.4, 45.0, "turn"),
    ("northern Red Sea", 28.2, 34.2, "via"),
    ("Nile delta", 31.6, 31.0, "via"),
    ("R2 start", 34.0, 22.0, "refuel_start"),
    ("R2 end", 36.2, 14.8, "refuel_end"),
    ("Gibraltar", 36.0, -6.5, "via"),
    ("R3 start", 38.6, -16.0, "refuel_start"),
    ("R3 end", 40.5, -22.4, "refuel_end"),
    ("Newfoundland", 46.0, -53.0, "via"),
    ("KBAD", 32.501933, -93.662628, "arrival"),
]
COLUMNS = ["time_utc", "lat", "lon", "altitude_ft", "tas_kt", "gs_kt", "wind_u_mps", "wind_v_mps",
           "mass_kg", "fuel_kg", "phase"]  # fmt: skip


def _stamp(start: datetime, seconds: float) -> str:
    return (start + timedelta(seconds=round(seconds))).strftime("%Y-%m-%dT%H:%M:%SZ")


def _fly(
    vertices: list[tuple[str, float, float, str]],
    start: datetime,
    speed_kt: float,
    fuel_kg: float,
    burn_kg_s: float,
    level_ft: float,
    onload_kg: dict[str, float] | float = 0.0,
    empty_kg: float = 80000.0,
    orbit_s: float = 0.0,
) -> tuple[list[list[Any]], dict[str, float]]:
    """Rows of a track at 60 s, and the time [s from start] of each named vertex."""
    rows: list[list[Any]] = []
    when: dict[str, float] = {}
    time, speed, phase = 0.0, speed_kt * KNOT, "climb"
    total = geodesy.path_length([v[1] for v in vertices], [v[2] for v in vertices]) / speed + orbit_s

    def put(lat: float, lon: float, phase: str) -> None:
        climb = min(1.0, time / 1500.0, max(0.0, (total - time) / 1500.0))
        rows.append(
            [_stamp(start, time), round(lat, 6), round(float(geodesy.wrap_longitude(lon)), 6),
             round(level_ft * climb), round(speed_kt), round(speed_kt), 0.0, 0.0,
             round(empty_kg + fuel_kg, 1), round(fuel_kg, 1), phase]
        )  # fmt: skip

    for here, there in itertools.pairwise(vertices):
        when.setdefault(here[0], time)
        refuelling = here[3] == "refuel_start"
        if here[0] == "Station N":
            for step in range(int(orbit_s // 60)):
                angle = 2 * np.pi * step / 40
                put(26.1 + 0.2 * np.cos(angle), 51.65 + 0.22 * np.sin(angle), "station")
                time += 60.0
                fuel_kg -= burn_kg_s * 60.0
            when["Station out"] = time
        length = float(geodesy.distance(here[1], here[2], there[1], there[2]))
        azimuth = float(geodesy.inverse(here[1], here[2], there[1], there[2])[1])
        steps = max(1, int(np.ceil(length / speed / 60.0)))
        taken = onload_kg.get(here[0], 0.0) if isinstance(onload_kg, dict) else onload_kg
        lat, lon, _ = geodesy.direct(here[1], here[2], azimuth, np.arange(steps) * length / steps)
        for k in range(steps):
            phase = "climb" if time < 1500 else "descent" if total - time < 1500 else "cruise"
            put(float(lat[k]), float(lon[k]), "refuel" if refuelling else phase)
            time += length / steps / speed
            fuel_kg += (taken if refuelling else 0.0) / steps - burn_kg_s * length / steps / speed
    when[vertices[-1][0] + " (end)"] = time
    put(vertices[-1][1], vertices[-1][2], "descent")
    return rows, when


def _flight(
    id: str, role: str, operator: str, aircraft: str, count: int, vertices: list[Any], rows: list[list[Any]],
    onload: float = 0.0, offload: float = 0.0, reserve: float = 6000.0,
) -> dict[str, Any]:  # fmt: skip
    burn = rows[0][9] + onload - offload - rows[-1][9]
    return {
        "id": id, "role": role, "operator": operator, "aircraft": aircraft, "count": count,
        "origin": vertices[0][0], "destination": vertices[-1][0],
        "takeoff_utc": rows[0][0], "landing_utc": rows[-1][0],
        "route": [{"name": n, "lat": a, "lon": o, "kind": k} for n, a, o, k in vertices],
        "track": {"columns": COLUMNS, "rows": rows},
        "fuel": {"takeoff_kg": rows[0][9], "landing_kg": rows[-1][9], "burn_kg": round(burn, 1),
                 "onload_kg": onload, "offload_kg": offload, "reserve_kg": reserve,
                 "min_margin_kg": 4100.0, "band_pct": 6.0},
    }  # fmt: skip


def feasible() -> dict[str, Any]:
    """The whole plan document, feasible."""
    start = datetime(2020, 12, 9, 16, 40, tzinfo=UTC)
    onloads = {"R1": 70000.0, "R2": 70000.0, "R3": 50000.0}
    rows, when = _fly(
        OUT + BACK,
        start,
        455.0,
        132000.0,
        2.42,
        35000.0,
        onload_kg={f"{name} start": onload for name, onload in onloads.items()},
        empty_kg=84000.0,
        orbit_s=7200.0,
    )
    lead = _flight("lead", "lead", "US", "B-52H", 2, OUT + BACK, rows, onload=sum(onloads.values()))
    flights = [lead]
    refuellings, joins = [], []
    by_name = {v[0]: v for v in OUT + BACK}
    bases = {"R1": ("LPLA", 38.7618, -27.0908), "R2": ("LEMO", 37.1749, -5.61594),
             "R3": ("LPLA", 38.7618, -27.0908)}  # fmt: skip
    for number, (name, base) in enumerate(bases.items(), 1):
        onload = onloads[name]
        first, last = by_name[f"{name} start"], by_name[f"{name} end"]
        begin, end = when[f"{name} start"], when[f"{name} end"]
        track = [
            (base[0], base[1], base[2], "departure"),
            (f"{name} start", first[1], first[2], "refuel_start"),
            (f"{name} end", last[1], last[2], "refuel_end"),
            (base[0], base[1], base[2], "arrival"),
        ]
        there = float(geodesy.distance(base[1], base[2], first[1], first[2])) / (455 * KNOT)
        tanker_rows, _ = _fly(
            track, start + timedelta(seconds=begin - there), 455.0, 86000.0, 1.6, 33000.0, onload_kg=-onload
        )
        flights.append(
            _flight(f"tanker-{number}", "tanker", "US", "KC-135R", 2, track, tanker_rows, offload=onload)
        )
        after = next(row[9] for row in rows if row[0] >= _stamp(start, end))
        before = next(row[9] for row in rows if row[0] >= _stamp(start, begin))
        refuellings.append({
            "id": name, "receiver": "lead", "tanker_flight": f"tanker-{number}", "tanker_type": "KC-135R",
            "tanker_base": base[0], "start_utc": _stamp(start, begin), "end_utc": _stamp(start, end),
            "start": {"lat": first[1], "lon": first[2]}, "end": {"lat": last[1], "lon": last[2]},
            "altitude_ft": 30000, "onload_kg": onload, "receivers": 2, "offload_kg": onload, "tankers": 2,
            "fuel_before_kg": before, "fuel_after_kg": after,
            "abort": {"base": "LPLA" if number != 2 else "LICZ", "fuel_needed_kg": round(after - onload) - 4100,
                      "fuel_available_kg": round(after - onload), "margin_kg": 4100},
        })  # fmt: skip
    for name, operator, aircraft, base, offset in (
        ("saudi", "SA", "F-15SA", ("OEDR", 26.2654, 50.152), 0),
        ("bahrain", "BH", "F-16C", ("OBBI", 26.2708, 50.6336), 600),
        ("qatar", "QA", "Mirage 2000-5", ("OTBH", 25.1173, 51.315), 1500),
    ):
        joined, left = when["Station N"] + offset, when["Station N"] + offset + 2700
        at = [next(row for row in rows if row[0] >= _stamp(start, moment)) for moment in (joined, left)]
        track = [
            (base[0], base[1], base[2], "departure"), ("join", at[0][1], at[0][2], "join"),
            ("turn", 26.45, 51.4, "turn"), ("leave", at[1][1], at[1][2], "leave"),
            (base[0], base[1], base[2], "arrival"),
        ]  # fmt: skip
        there = float(geodesy.distance(base[1], base[2], at[0][1], at[0][2])) / (430 * KNOT)
        partner_rows, _ = _fly(
            track, start + timedelta(seconds=joined - there), 430.0, 6200.0, 0.9, 30000.0, empty_kg=17000.0
        )
        flights.append(_flight(name, "partner", operator, aircraft, 2, track, partner_rows, reserve=900.0))
        joins.append({"flight": name, "with": "lead", "join_utc": at[0][0], "leave_utc": at[1][0],
                      "join": {"lat": at[0][1], "lon": at[0][2]},
                      "leave": {"lat": at[1][1], "lon": at[1][2]}})  # fmt: skip
    enter, leave = when["Station N"], when["Station out"]
    lats, lons = np.array([r[1] for r in rows]), np.array([r[2] for r in rows])
    route_nm = geodesy.path_length(lats, lons) / NAUTICAL_MILE
    station_row = next(row for row in rows if row[0] >= _stamp(start, enter))

    def span(state: str, first: float, last: float, flight: str = "lead") -> dict[str, str]:
        return {"flight": flight, "state": state, "enter_utc": _stamp(start, first),
                "leave_utc": _stamp(start, last)}  # fmt: skip

    red_sea = when["northern Red Sea"]
    return {
        "schema": "longreach.plan/1", "status": "feasible", "longreach_version": "0.1.0", "seed": 1,
        "mission": {"name": "Two B-52s, Barksdale to the Gulf and back",
                    "file_sha256": sha256(MISSION.encode()), "text": MISSION},
        "closures": {"type": "FeatureCollection", "features": []},
        "assumptions": ["Still air: no wind is applied; the spread of 15 kt enters the margin for doubt.",
                        "Both aircraft fly as one formation; fuel is per aircraft."],
        "warnings": ["KC-135R: error band widened to 8 % (fit on two points)."],
        "data": {
            "airspace": {"name": "national airspace pack", "version": "1", "sha256": "ab" * 32},
            "aircraft": {
                "B-52H": {"name": "Boeing B-52H", "roles": ["bomber"], "figures": {"max_fuel_lb": {
                    "value": 312197.0, "trust": "found", "source": "USAF fact sheet"}}},
                "KC-135R": {"roles": ["tanker"]}, "F-15SA": {"roles": ["fighter"]}, "F-16C": {"roles": ["fighter"]},
                "Mirage 2000-5": {"roles": ["fighter"]},
            },
            "winds": {"source": "still", "valid_utc": None, "sigma_kt": 15.0}, "airports": {},
        },
        "flights": flights,
        "station": {"area": "Central Gulf", "enter_utc": _stamp(start, enter), "leave_utc": _stamp(start, leave),
                    "duration_s": round(leave - enter)},
        "refuellings": refuellings, "joins": joins,
        "overflight": [
            span("US", 0, 4.2 * 3600), span("CA", 4.2 * 3600, 6.1 * 3600),
            span("EG", red_sea - 2600, red_sea), span("SA", red_sea + 600, when["Gulf W"]),
            span("QA", when["Station N"], when["Station N"] + 900, "saudi"),
        ],
        "airspace": [
            {"id": "IR", "flight": "lead", "stand_off_nm": 50.0, "closest_nm": 52.4,
             "closest": {"lat": 26.3, "lon": 51.9}, "closest_utc": station_row[0]},
            {"id": "IQ", "flight": "lead", "stand_off_nm": 50.0, "closest_nm": 98.7,
             "closest": {"lat": 27.6, "lon": 46.4}, "closest_utc": _stamp(start, when["T1"])},
            {"id": "SY", "flight": "lead", "stand_off_nm": 50.0, "closest_nm": 214.0,
             "closest": {"lat": 31.6, "lon": 31.0}, "closest_utc": _stamp(start, when["Nile delta"])},
        ],
        "optimality": {"tanker_sorties": 6, "tanker_sorties_bound": 4, "route_nm": round(route_nm, 1),
                       "route_bound_nm": round(route_nm - 3.1, 1)},
        "checks": [
            {"id": "clearance.IR", "ok": True, "value": 52.4, "limit": 50.0, "unit": "nm", "note": "lead"},
            {"id": "fuel.balance", "ok": True, "value": 0.3, "limit": 1.0, "unit": "kg", "note": "every flight"},
            {"id": "station.time", "ok": True, "value": 7200, "limit": 7200, "unit": "s", "note": ""},
        ],
        "shortfalls": [],
        "crew": [{"flight": "lead", "report_utc": _stamp(start, -7200), "release_utc": _stamp(
            start, when["KBAD (end)"] + 3600), "duty_s": round(when["KBAD (end)"] + 10800)}],
        "light": [
            {"flight": "lead", "kind": "day", "start_utc": _stamp(start, 0), "end_utc": _stamp(start, 5.1 * 3600)},
            {"flight": "lead", "kind": "civil twilight", "start_utc": _stamp(start, 5.1 * 3600),
             "end_utc": _stamp(start, 5.5 * 3600)},
            {"flight": "lead", "kind": "night", "start_utc": _stamp(start, 5.5 * 3600),
             "end_utc": _stamp(start, 12.4 * 3600)},
            {"flight": "lead", "kind": "day", "start_utc": _stamp(start, 12.4 * 3600),
             "end_utc": _stamp(start, 21.9 * 3600)},
            {"flight": "lead", "kind": "night", "start_utc": _stamp(start, 21.9 * 3600),
             "end_utc": _stamp(start, when["KBAD (end)"])},
        ],
    }  # fmt: skip


def infeasible() -> dict[str, Any]:
    """The same mission with no way to the station: no flights, only shortfalls."""
    document = copy.deepcopy(feasible())
    document.update(
        status="infeasible", flights=[], station=None, refuellings=[], joins=[], overflight=[], airspace=[],
        optimality=None, crew=[], light=[],
        checks=[{"id": "route.station", "ok": False, "value": 31.0, "limit": 50.0, "unit": "nm",
                 "note": "the station reaches into the stand-off"}],
        shortfalls=[{"what": "The station lies inside the stand-off of Iran", "where": "26.000, 51.900",
                     "by": 19.0, "unit": "nm",
                     "cure": {"key_path": "airspace.stand_off", "value": "31 nm",
                              "text": "Lower stand_off to 31 nm, the largest that still works."}}],
    )  # fmt: skip
    return document
