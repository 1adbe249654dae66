"""Small plans built by hand, without the planner: a hop, and a tour of the western Gulf with everything in it.

The rows come from `fuel.profile.fly`, the rest is written out here in the plainest way, so that a clean
verification says that two accounts of the same flight agree.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from longreach import __version__, geodesy
from longreach.document import PLAN_SCHEMA, sha256
from longreach.fuel.profile import PHASES, Segment, fly
from longreach.fuel.reserves import Reserve, final_reserve, fuel_to_divert
from longreach.units import FOOT, KNOT, NAUTICAL_MILE
from longreach.verify import clearance, examine
from longreach.world import aircraft, airports, airspace, winds
from longreach.world.winds import Aloft

NM = NAUTICAL_MILE
COLUMNS = [
    "time_utc", "lat", "lon", "altitude_ft", "tas_kt", "gs_kt", "wind_u_mps", "wind_v_mps", "mass_kg", "fuel_kg",
    "phase",
]  # fmt: skip

HOP = """
schema = "longreach.mission/1"
name = "Barksdale to Minot"
[clock]
anchor = "takeoff"
time = 2020-11-20T12:00:00Z
[[flights]]
id = "lead"
aircraft = "B52H"
count = 1
operator = "US"
from = "KBAD"
to = "KMIB"
[airspace]
closed = ["CUB"]
stand_off = "50 nm"
[reserves]
final = "30 min"
contingency = "5 %"
[winds]
source = "constant"
from = "270 deg"
speed = "30 kt"
spread = "15 kt"
"""

TOUR = """
schema = "longreach.mission/1"
name = "Tour of the western Gulf"
[clock]
anchor = "on_station"
time = 2020-12-10T09:00:00Z
[station]
name = "West Gulf"
shape = "circle"
centre = [26.6, 50.6]
radius = "25 nm"
time = "30 min"
[[flights]]
id = "lead"
aircraft = "B-52H"
count = 2
operator = "US"
from = "OTBH"
to = "OTBH"
payload = "5 t"
outbound_via = [{ at = [27.0, 44.0], name = "west" }]
[airspace]
closed = ["IR", "YE"]
stand_off = "40 nm"
[[partners]]
id = "saudi"
operator = "SA"
aircraft = "F-15SA"
count = 2
from = "OEDR"
may_fly = ["SA", "BH", "QA"]
together = "20 min"
[[tankers]]
id = "udeid"
operator = "US"
aircraft = "KC-135R"
base = "OTBH"
available = 2
[abort]
bases = ["OTBH", "OEDR"]
[winds]
source = "still"
spread = "15 kt"
[crew]
report_before = "2 h"
release_after = "1 h"
"""


def utc(moment: float) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=round(moment))).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )


def spot(lat: float, lon: float) -> dict[str, float]:
    return {"lat": round(float(lat), 6), "lon": round(float(geodesy.wrap_longitude(lon)), 6)}


def flight(
    profile: Any, kind: Any, start: float, route: list[dict[str, Any]], reserve: float, **entry: Any
) -> dict[str, Any]:
    """One flight of the contract from an integrated profile."""
    time = start + profile.time_s
    lat, lon = np.round(profile.lat, 6), np.round(profile.lon, 6)
    speed = np.append(geodesy.distance(lat[:-1], lon[:-1], lat[1:], lon[1:]) / np.diff(time), 0.0) / KNOT
    rows = [
        [
            utc(time[k]), float(lat[k]), float(lon[k]), round(float(profile.altitude_m[k]) / FOOT, 1),
            round(float(profile.tas_mps[k]) / KNOT, 2), round(float(speed[k]), 2),
            round(float(profile.u_mps[k]), 3), round(float(profile.v_mps[k]), 3),
            round(float(profile.mass_kg[k]), 1), round(float(profile.fuel_kg[k]), 1), PHASES[profile.phase[k]],
        ]
        for k in range(time.size)
    ]  # fmt: skip
    takeoff, landing = rows[0][9], rows[-1][9]
    onload, offload = round(profile.onload_kg, 1), round(profile.offload_kg, 1)
    return {
        **entry, "aircraft": kind.code, "takeoff_utc": rows[0][0], "landing_utc": rows[-1][0], "route": route,
        "track": {"columns": COLUMNS, "rows": rows},
        "fuel": {
            "takeoff_kg": takeoff, "landing_kg": landing, "burn_kg": round(takeoff + onload - offload - landing, 1),
            "onload_kg": onload, "offload_kg": offload, "reserve_kg": round(reserve, 1),
            "min_margin_kg": round(min(landing, min(row[9] for row in rows)) - reserve, 1), "band_pct": kind.band_pct,
        },
    }  # fmt: skip


def vertex(point: tuple[float, float], kind: str, name: str = "") -> dict[str, Any]:
    return {"name": name, **spot(*point), "kind": kind}


def shell(text: str, types: list[str], fields: list[str], source: str, sigma: float) -> dict[str, Any]:
    identity = airspace.pack_identity()
    return {
        "schema": PLAN_SCHEMA, "status": "infeasible", "longreach_version": __version__, "seed": 0,
        "mission": {
            "name": text.split('name = "')[1].split('"')[0], "file_sha256": sha256(text.encode()), "text": text,
        },
        "closures": {"type": "FeatureCollection", "features": []}, "assumptions": [], "warnings": [],
        "data": {
            "airspace": {"name": identity.name, "version": identity.version, "sha256": identity.sha256},
            "aircraft": {code: aircraft.load(code).document() for code in types},
            "winds": {"source": source, "valid_utc": None, "sigma_kt": sigma},
            "airports": {code: spot(airports.find(code).lat, airports.find(code).lon) for code in fields},
        },
        "flights": [], "station": None, "refuellings": [], "joins": [], "overflight": [], "airspace": [],
        "optimality": None, "checks": [], "shortfalls": [],
    }  # fmt: skip


def finish(document: dict[str, Any], closed: list[str], stand_off_nm: float) -> dict[str, Any]:
    """Airspace rows, overflights, checks and status."""
    closures = airspace.closures(closed, stand_off_m=stand_off_nm * NM)
    for entry in document["flights"]:
        rows = entry["track"]["rows"]
        time = np.array([datetime.fromisoformat(row[0]).timestamp() for row in rows])
        lat, lon = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
        fine_lat, fine_lon, _ = geodesy.densify(lat, lon, 200.0)
        along = np.concatenate([[0.0], np.cumsum(geodesy.distance(lat[:-1], lon[:-1], lat[1:], lon[1:]))])
        fine_along = np.concatenate(
            [[0.0], np.cumsum(geodesy.distance(fine_lat[:-1], fine_lon[:-1], fine_lat[1:], fine_lon[1:]))]
        )
        fine_time = np.interp(fine_along, along, time)
        here = clearance.geocentric(fine_lat, fine_lon)
        for closure in closures:
            # Points of the boundary 100 m apart against points of the track 200 m apart.
            least, spots = np.inf, (0, 0.0, 0.0, 0.0)
            for line in closure.lines:
                edge = np.stack(geodesy.densify(line.lat, line.lon, 100.0)[:2], axis=-1)
                chord, nearest = cKDTree(clearance.geocentric(edge[:, 0], edge[:, 1])).query(here)
                j = int(np.argmin(chord))
                if chord[j] - line.offset_m < least:
                    least = float(chord[j]) - line.offset_m
                    spots = (j, *edge[nearest[j]], line.offset_m)
            j, edge_lat, edge_lon, offset = spots
            d = float(geodesy.distance(fine_lat[j], fine_lon[j], edge_lat, edge_lon)) - offset
            document["airspace"].append(
                {
                    "id": closure.id, "flight": entry["id"], "stand_off_nm": stand_off_nm,
                    "closest_nm": round(d / NM, 3), "closest": spot(fine_lat[j], fine_lon[j]),
                    "closest_utc": utc(fine_time[j]),
                }
            )  # fmt: skip
        over = airspace.overflown(fine_lat, fine_lon)
        start = 0
        for k in range(1, over.size + 1):
            if k == over.size or over[k] != over[start]:
                if over[start]:
                    document["overflight"].append(
                        {
                            "flight": entry["id"], "state": str(over[start]), "enter_utc": utc(fine_time[start]),
                            "leave_utc": utc(fine_time[min(k, over.size - 1)]),
                        }
                    )  # fmt: skip
                start = k
    report = examine(document)
    document["checks"] = report.document()
    document["status"] = "feasible" if report.feasible else "infeasible"
    return document


def hop() -> dict[str, Any]:
    """One B-52H, unrefuelled, Barksdale to Minot in a west wind; about 2.3 h."""
    return copy.deepcopy(_hop())


def tour() -> dict[str, Any]:
    """Two B-52Hs: refuelled once, half an hour on station with two F-15SAs, and home."""
    return copy.deepcopy(_tour())


@cache
def _hop() -> dict[str, Any]:
    document = shell(HOP, ["B-52H"], ["KBAD", "KMIB"], "constant", 15.0)
    kind = aircraft.load("B-52H")
    a, b = airports.find("KBAD"), airports.find("KMIB")
    u = 30.0 * KNOT
    profile = fly(
        kind, [Segment([a.lat, b.lat], [a.lon, b.lon])], kind.operating_empty_mass_kg + 40_000.0,
        origin_elevation_m=a.elevation_m, destination_elevation_m=b.elevation_m, aloft=Aloft(winds.constant(u, 0.0)),
    )  # fmt: skip
    assert profile.failure is None
    reserve = float(final_reserve(kind, kind.operating_empty_mass_kg * 1.03, 1800.0, b.elevation_m))
    start = datetime(2020, 11, 20, 12, tzinfo=UTC).timestamp()
    route = [vertex((a.lat, a.lon), "departure", "KBAD"), vertex((b.lat, b.lon), "arrival", "KMIB")]
    document["flights"] = [
        flight(profile, kind, start, route, reserve, id="lead", role="lead", operator="US", count=1,
               origin="KBAD", destination="KMIB")
    ]  # fmt: skip
    length = float(geodesy.distance(a.lat, a.lon, b.lat, b.lon)) / NM
    document["optimality"] = {
        "tanker_sorties": 0, "tanker_sorties_bound": 0,
        "route_nm": round(length, 3), "route_bound_nm": round(length - 0.001, 3),
    }  # fmt: skip
    return finish(document, ["CU"], 50.0)


@cache
def _tour() -> dict[str, Any]:
    document = shell(TOUR, ["B-52H", "KC-135R", "F-15SA"], ["OTBH", "OEDR"], "still", 15.0)
    lead, tanker, partner = (aircraft.load(code) for code in ("B-52H", "KC-135R", "F-15SA"))
    base, dhahran = airports.find("OTBH"), airports.find("OEDR")
    home = (base.lat, base.lon)
    level, mach = 27_000 * FOOT, 0.72
    start_at, west = (24.6, 47.5), (27.0, 44.0)
    away = float(geodesy.inverse(*start_at, *west)[1])
    end_at = tuple(float(x) for x in geodesy.direct(*start_at, away, 250_000.0)[:2])
    south = (24.2, 50.0)
    centre, radius = (26.6, 50.6), 20.0 * NM
    ring = [tuple(map(float, geodesy.direct(*centre, az, radius)[:2])) for az in range(270, 270 + 721, 45)]

    def line(*points: tuple[float, float], **more: Any) -> Segment:
        return Segment([p[0] for p in points], [p[1] for p in points], **more)

    onload = 15_000.0
    refuel = {
        "kind": "refuel",
        "mach": mach,
        "altitude_m": level,
        "flow_from_m": 60_000.0,
        "flow_to_m": 230_000.0,
    }
    segments = [
        line(home, start_at), line(start_at, end_at, fuel_taken_kg=onload, **refuel), line(end_at, west, ring[0]),
        line(*ring, kind="station", altitude_m=29_000 * FOOT), line(ring[-1], south, home),
    ]  # fmt: skip
    dry = lead.operating_empty_mass_kg + 5_000.0
    flown = fly(
        lead, segments, dry + 35_000.0, zero_fuel_mass_kg=dry,
        origin_elevation_m=base.elevation_m, destination_elevation_m=base.elevation_m,
    )  # fmt: skip
    assert flown.failure is None, flown.failure
    enter, leave = float(flown.segment_start_s[3]), float(flown.segment_end_s[3])
    zero = datetime(2020, 12, 10, 9, tzinfo=UTC).timestamp() - enter
    contact = float(flown.segment_start_s[1]), float(flown.segment_end_s[1])
    reserve = float(final_reserve(lead, dry * 1.03, 1800.0, base.elevation_m))
    route = [
        vertex(home, "departure", "OTBH"), vertex(start_at, "refuel_start", "R1"), vertex(end_at, "refuel_end", "R1"),
        vertex(west, "via", "west"), *(vertex(p, "station") for p in ring), vertex(south, "turn"), vertex(home, "arrival", "OTBH"),
    ]  # fmt: skip
    document["flights"].append(
        flight(flown, lead, zero, route, reserve, id="lead", role="lead", operator="US", count=2,
               origin="OTBH", destination="OTBH")
    )  # fmt: skip
    # Along the way more is needed than at the end; how much is left for verification to find.
    document["flights"][0]["fuel"]["min_margin_kg"] = 20_000.0
    document["station"] = {
        "area": "West Gulf", "enter_utc": utc(zero + enter), "leave_utc": utc(zero + leave), "duration_s": leave - enter,
    }  # fmt: skip

    # The tanker: one, giving 30 t in all, waits at the control point to be on time.
    gives = -2 * onload
    tanker_dry = tanker.operating_empty_mass_kg
    sortie = fly(
        tanker,
        [line(home, start_at), line(start_at, end_at, fuel_taken_kg=gives, **refuel), line(end_at, home)],
        tanker_dry + 60_000.0, origin_elevation_m=base.elevation_m, destination_elevation_m=base.elevation_m,
    )  # fmt: skip
    assert sortie.failure is None, sortie.failure
    tanker_start = zero + contact[0] - float(sortie.segment_start_s[1])
    tanker_reserve = float(final_reserve(tanker, tanker_dry * 1.05, 1800.0, base.elevation_m))
    tanker_route = [
        vertex(home, "departure", "OTBH"), vertex(start_at, "refuel_start", "R1"), vertex(end_at, "refuel_end", "R1"),
        vertex(home, "arrival", "OTBH"),
    ]  # fmt: skip
    document["flights"].append(
        flight(sortie, tanker, tanker_start, tanker_route, tanker_reserve, id="tanker-1", role="tanker",
               operator="US", count=1, origin="OTBH", destination="OTBH")
    )  # fmt: skip
    before, after = (float(np.interp(t, flown.time_s, flown.fuel_kg)) for t in contact)
    from longreach.fuel.burn import CruiseTable

    far = float(geodesy.distance(*end_at, *home))
    needed = float(fuel_to_divert(CruiseTable(lead), dry + after - onload, level, far, Reserve(1800.0)))
    document["refuellings"] = [
        {
            "id": "R1", "receiver": "lead", "tanker_flight": "tanker-1", "tanker_type": "KC-135R",
            "tanker_base": "OTBH", "start_utc": utc(zero + contact[0]), "end_utc": utc(zero + contact[1]),
            "start": spot(*start_at), "end": spot(*end_at), "altitude_ft": round(level / FOOT, 1),
            "onload_kg": onload, "receivers": 2, "offload_kg": 2 * onload, "tankers": 1,
            "fuel_before_kg": round(before, 1), "fuel_after_kg": round(after, 1),
            "abort": {
                "base": "OTBH", "fuel_needed_kg": round(needed, 1), "fuel_available_kg": round(after - onload, 1),
                "margin_kg": round(round(after - onload, 1) - round(needed, 1), 1),
            },
        }
    ]  # fmt: skip

    # The partner: out to the first corner of the station, alongside until half way round, home.
    first = int(np.flatnonzero(flown.time_s == enter)[0])
    last = int(np.flatnonzero(flown.time_s >= enter + 1500.0)[0])
    beside = [
        Segment(
            flown.lat[k : k + 2], flown.lon[k : k + 2], "accompany", None, float(flown.altitude_m[first]),
            duration_s=float(flown.time_s[k + 1] - flown.time_s[k]),
        )
        for k in range(first, last)
    ]  # fmt: skip
    field = (dhahran.lat, dhahran.lon)
    start_here = (26.9, 48.6)
    here, there = (
        (float(flown.lat[first]), float(flown.lon[first])),
        (float(flown.lat[last]), float(flown.lon[last])),
    )
    escort = fly(
        partner, [line(field, start_here, here), *beside, line(there, (26.9, 49.2), field)],
        partner.operating_empty_mass_kg + 9_500.0,
        origin_elevation_m=dhahran.elevation_m, destination_elevation_m=dhahran.elevation_m,
    )  # fmt: skip
    assert escort.failure is None, escort.failure
    partner_start = zero + enter - float(escort.segment_start_s[1])
    partner_reserve = float(
        final_reserve(partner, partner.operating_empty_mass_kg * 1.05, 1800.0, dhahran.elevation_m)
    )
    corners = [k for k in range(first, last) if flown.time_s[k] in flown.vertex_time_s[3]]
    partner_route = [
        vertex(field, "departure", "OEDR"), vertex(start_here, "turn"), vertex(here, "join"),
        *(vertex((float(flown.lat[k]), float(flown.lon[k])), "turn") for k in corners if k > first),
        vertex(there, "leave"), vertex((26.9, 49.2), "turn"), vertex(field, "arrival", "OEDR"),
    ]  # fmt: skip
    document["flights"].append(
        flight(escort, partner, partner_start, partner_route, partner_reserve, id="saudi", role="partner",
               operator="SA", count=2, origin="OEDR", destination="OEDR")
    )  # fmt: skip
    document["joins"] = [
        {
            "flight": "saudi", "with": "lead", "join_utc": utc(zero + enter),
            "leave_utc": utc(zero + float(flown.time_s[last])), "join": spot(*here), "leave": spot(*there),
        }
    ]  # fmt: skip
    rows = document["flights"][0]["track"]["rows"]
    moving = [k for k in range(len(rows) - 1) if rows[k][10] != "station"]
    length = sum(float(geodesy.distance(*rows[k][1:3], *rows[k + 1][1:3])) for k in moving) / NM
    tanker_fuel = next(entry["fuel"] for entry in document["flights"] if entry["role"] == "tanker")
    document["optimality"] = {
        "tanker_sorties": 1, "tanker_sorties_bound": 1,
        "route_nm": round(length, 3), "route_bound_nm": round(length * 0.9, 3),
        "fuel_bought_kg": 2 * rows[0][9] + tanker_fuel["takeoff_kg"] - tanker_fuel["landing_kg"],
        "ladder_fuel_kg": 100_000.0, "ladder_fuel_bound_kg": 99_000.0, "ladder_gap_pct": 1.0,
    }  # fmt: skip
    document["crew"] = [
        {
            "flight": entry["id"], "report_utc": utc(datetime.fromisoformat(entry["takeoff_utc"]).timestamp() - 7200),
            "release_utc": utc(datetime.fromisoformat(entry["landing_utc"]).timestamp() + 3600),
            "duty_s": datetime.fromisoformat(entry["landing_utc"]).timestamp()
            - datetime.fromisoformat(entry["takeoff_utc"]).timestamp() + 10800,
        }
        for entry in document["flights"]
    ]  # fmt: skip
    return finish(document, ["IR", "YE"], 40.0)
