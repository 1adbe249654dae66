"""Ten long-haul legs against openap-top in one run: five in a wind it can represent, five round closures.

Both optimise fuel in cruise from the same mass with the same OpenAP model, limits and freedom of level (openap-top:
any height, climbing only; ours: steps of 500 ft up, as an aircraft may fly), and both answers are flown by one
referee (`openap_model`). openap-top has 40 nodes, where it is quickest and, as tried, no worse than with its default.

The wind is what openap-top makes of the January mean: its own quadratic, which both then fly in. Apart from that,
the same legs in the January mean itself and in the wind of a day, where it cannot follow. Round closures
openap-top has no input for airspace: it is given the closed area as a cost grid added to the fuel, its only way,
from its own unconstrained answer.

With them two things of ours alone: the quickest paths through air that turns as one body, whose times are known
in closed form, and ten whole flights with a second look and the check apart.

Run: python -m benchmarks trajectory (python benchmarks/bench_trajectory.py zermelo|whole|legs|real for a part).
Needs the extra `openap`. Results: benchmarks/results/trajectory.json and the table of docs/trajectory-measured.md.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import sys
import tempfile
import time
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import openap_model as model
from longreach import route, trajectory
from longreach.geodesy import WGS84_A, WGS84_F, densify, distance, path_length
from longreach.route.obstacles import unit
from longreach.trajectory import _flight_kernels as kernels
from longreach.trajectory import paths
from longreach.trajectory import table as product_table
from longreach.trajectory.flight import _track
from longreach.units import FOOT, NAUTICAL_MILE
from longreach.world import aircraft, airports, airspace, atmosphere, winds

RESULTS = Path(__file__).parent / "results" / "trajectory.json"
NODES = 40
ITERATIONS = 1000  # of its solver; its default is 3,000
MASS = 0.85  # of the greatest take-off mass
SHARE = 0.002  # by which ours may burn more
FASTER = 100.0
GRID_WEIGHT = 20.0  # kg a second inside a closure; found by trying 5, 20 and 100
DEPART = datetime(2026, 1, 15, 12, tzinfo=UTC)
WINDY = [
    ("KJFK", "EGLL", "B789"), ("EGLL", "OMDB", "B77W"), ("SBGR", "LPPT", "A332"), ("OMDB", "WSSS", "B789"),
    ("VHHH", "YSSY", "A332"),
]  # fmt: skip
CLOSED = [
    ("EGLL", "OMDB", "B77W", "IQ,SY", 50.0), ("EGLL", "VIDP", "B789", "IR,AF,PK", 50.0),
    ("EHAM", "VABB", "B789", "IR,IQ,SY", 25.0), ("KJFK", "OEJN", "B789", "FR,ES,PT", 25.0),
    ("WSSS", "LFPG", "B789", "IR,AF,PK", 25.0),
]  # fmt: skip


def quietly(call: Any, *arguments: Any, **named: Any) -> tuple[Any, list[str]]:
    """A call with what it prints kept back, and its warnings."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        answer = call(*arguments, **named)
    return answer, sorted({str(one.message) for one in caught})


# ------------------------------------------------------------------------------------ the peer


class Peer:
    """openap-top on one leg."""

    def __init__(self, origin: Any, destination: Any, code: str) -> None:
        from openap import top

        self.ends = (origin.lat, origin.lon), (destination.lat, destination.lon)
        self.top, _ = quietly(top.Cruise, code, *self.ends, m0=MASS)
        self.top.setup(nodes=NODES, max_iteration=ITERATIONS)

    def wind(self, field: Any) -> model.Wind:
        """Give it the field; returns the wind it flies in, as east and north at places."""
        import pandas as pd

        (a, b), (c, d) = self.ends
        lat = np.arange(min(a, c) - 5, max(a, c) + 5.1, 2.5)
        lon = np.arange(min(b, d) - 5, max(b, d) + 5.1, 2.5)
        height = np.arange(8_000.0, 13_001.0, 1_000.0)
        when = np.arange(0.0, 16 * 3600.0, 4 * 3600.0)
        lats, lons, heights, times = (
            each.ravel() for each in np.meshgrid(lat, lon, height, when, indexing="ij")
        )
        found = field.at(lats, lons, heights, field.seconds(DEPART) + times)
        frame = pd.DataFrame(
            {
                "latitude": lats,
                "longitude": lons,
                "h": heights,
                "ts": times,
                "u": found.u_mps,
                "v": found.v_mps,
            }
        )
        quietly(self.top.enable_wind, frame)
        fitted = self.top.wind

        def wind(lat: Any, lon: Any, height: Any, when: Any) -> tuple[Any, Any]:
            # it adds u and v along x and y of its plane: turn them to east and north there
            x, y = self.top.proj(lon, lat)
            u, v = fitted.calc_u(x, y, height, when), fitted.calc_v(x, y, height, when)
            x1, y1 = self.top.proj(lon, lat + 0.01)
            x0, y0 = self.top.proj(lon, lat - 0.01)
            north = np.arctan2(x1 - x0, y1 - y0)  # of true north from its y axis
            return u * np.cos(north) - v * np.sin(north), u * np.sin(north) + v * np.cos(north)

        return wind

    def solve(self, **options: Any) -> dict[str, Any]:
        """Its answer with its time and what it says of itself."""
        began = time.process_time()
        try:
            frame, said = quietly(self.top.trajectory, **options, return_failed=True)
            status = self.top.solver.stats()["return_status"]
        except Exception as error:  # a peer's fault is a result here
            return {
                "cpu_s": time.process_time() - began,
                "status": f"{type(error).__name__}: {error}"[:160],
                "frame": None,
            }
        return {
            "cpu_s": time.process_time() - began,
            "status": status,
            "iterations": self.top.solver.stats()["iter_count"],
            "said": said,
            "frame": frame,
            "claimed_kg": float(frame.mass.iloc[0] - frame.mass.iloc[-1]),
        }

    def with_grid(self, closures: Any, base: Any) -> dict[str, Any]:
        """Its answer with the closed area as a cost grid, from its answer without."""
        from openap import top

        (a, b), (c, d) = self.ends
        lat = np.arange(min(a, c) - 12, max(a, c) + 12.1, 1.0)
        lon = np.arange(min(b, d) - 12, max(b, d) + 12.1, 1.0)
        height = np.linspace(4_000.0, 14_000.0, 8)
        prepared = route.prepare(closures)
        from longreach.trajectory._path_kernels import in_the_open

        lats, lons = (each.ravel() for each in np.meshgrid(lat, lon, indexing="ij"))
        inside = in_the_open(prepared.outer, unit(lats, lons))[0].astype(float).reshape(lat.size, lon.size)
        # CasADi takes the first axis fastest
        values = np.broadcast_to(inside.T[None], (height.size, lon.size, lat.size))
        values = np.transpose(values, (0, 2, 1)).ravel()
        began = time.process_time()
        grid, _ = quietly(top.tools.construct_interpolant, lon, lat, height, values, shape="bspline")

        def objective(x: Any, u: Any, dt: Any, **named: Any) -> Any:
            return self.top.obj_fuel(x, u, dt, **named) + GRID_WEIGHT * self.top.obj_grid_cost(
                x, u, dt, **named
            )

        found = self.solve(objective=objective, interpolant=grid, n_dim=3, initial_guess=base)
        found["cpu_s"] = time.process_time() - began
        return found


# ------------------------------------------------------------------------------------ ours


def field_of(wind: model.Wind, ends: Any) -> Any:
    """The peer's wind as a gridded field of ours, fine enough that nothing is lost between nodes."""
    (a, b), (c, d) = ends
    lat = np.arange(max(-90.0, min(a, c) - 25), min(90.0, max(a, c) + 25.1), 1.0)
    lon = np.arange(min(b, d) - 35, max(b, d) + 35.1, 1.0)
    height = np.arange(5_500.0, 14_001.0, 500.0)
    when = np.arange(0.0, 20 * 3600.0 + 1, 2 * 3600.0)
    times, heights, lats, lons = (each.ravel() for each in np.meshgrid(when, height, lat, lon, indexing="ij"))
    u, v = wind(lats, lons, heights, times)
    shape = (when.size, height.size, lat.size, lon.size)
    u, v = (np.clip(each, -120.0, 120.0).reshape(shape) for each in (u, v))
    return winds.gridded(
        when, atmosphere.pressure(height), lat, lon, u, v, epoch=DEPART, name="its quadratic"
    )


def ours(table: Any, prepared: Any, a: Any, b: Any, mass: float, grid: Any, began: float) -> dict[str, Any]:
    """The leanest cruise from a to b: path, then levels and Mach, twice, as `trajectory` does within a flight."""
    started = time.process_time()
    shortest = route.shortest(prepared, a, b)
    if not shortest.feasible:
        return {"cpu_s": time.process_time() - started, "status": shortest.shortfalls[0].what}
    i = int(np.argmin(np.abs(table.mass_kg - 0.9 * mass)))
    rate = np.nanmin(table.flow[i] / table.speed) / table.mass_kg[i]
    end = mass * math.exp(-rate * shortest.length_m)
    best = []
    for m in (mass, end):
        k = int(np.argmin(np.abs(table.mass_kg - m)))
        best.append(np.unravel_index(np.nanargmin(table.flow[k] / table.speed), table.speed.shape)[0])
    coarse = np.arange(max(0, min(best) - 6), min(table.level_m.size, max(best) + 7), 4)
    for attempt in range(2):
        setting = paths.Setting(
            prepared.outer, (), grid, began, table.at_levels(coarse), (mass, end), 0.0, 1.0
        )
        if attempt == 0:
            found = paths.cheapest(setting, shortest.lat, shortest.lon)
        answers = [levels(table, way, mass, grid, began, end) for way in found[: 1 + attempt]]
        answer = min(answers, key=lambda one: one["fuel_kg"])
        end = mass - answer["fuel_kg"]
    return {**answer, "cpu_s": time.process_time() - started, "status": "solved", "ways": len(found)}


def levels(table: Any, way: Any, mass: float, grid: Any, began: float, end: float) -> dict[str, Any]:
    """Levels and Mach numbers along a path, starting and ending at whatever level is best."""
    track = _track(way.lat, way.lon)
    n, length, height = track.middle.size, track.length, table.level_m
    worth = (end / mass) ** (1.0 - track.x / length)
    when = began + np.interp(track.x, [0.0, length], [0.0, float(way.when[-1]) - began])
    along, across2, warm = (np.empty((n, height.size)) for _ in range(3))
    nothing = np.zeros(height.size)
    everywhere = np.ones((n, height.size), np.bool_)
    for _ in range(2):
        refused = kernels.track_winds(
            grid,
            track.middle,
            0.5 * (when[:-1] + when[1:]),
            height,
            track.node_x,
            track.points,
            along,
            across2,
            warm,
        )
        assert refused[0] == 0, refused
        _, way_k, number, masses, clocks, end_m, end_t = kernels.plan_levels(
            track.x, along, across2, warm, everywhere, height, table.mass_kg, table.flow, table.speed, table.mach,
            table.lift, 0.0, mass, nothing, np.full(height.size, mass), nothing, nothing, nothing, nothing, worth,
            np.zeros(n), 1.0, float(table.mass_kg[0]), False,
        )  # fmt: skip
        worth = kernels.worth_of_fuel(
            track.x,
            way_k,
            number,
            masses,
            along,
            across2,
            warm,
            table.flow,
            table.speed,
            table.mass_kg,
            table.mach,
        )
        when = began + clocks
    return {
        "fuel_kg": mass - float(end_m), "time_s": float(end_t), "track": track, "level": way_k, "mach": number,
        "lat": way.lat, "lon": way.lon,
    }  # fmt: skip


def points_of(answer: dict[str, Any], table: Any) -> tuple[Any, Any, Any, Any]:
    """Ends of our stretches with their heights, a climb made in the first 10 km after a step."""
    from longreach.route.obstacles import position

    track = answer["track"]
    lat, lon, height, mach = [], [], [], []

    def add(x: float, h: float, m: float) -> None:
        k = min(max(int(np.searchsorted(track.node_x, x)), 1), track.node_x.size - 1)
        w = (x - track.node_x[k - 1]) / (track.node_x[k] - track.node_x[k - 1])
        p = track.points[k - 1] * (1 - w) + track.points[k] * w
        at = position(p / np.linalg.norm(p))
        lat.append(float(at[0]))
        lon.append(float(at[1]))
        height.append(h)
        mach.append(m)

    before = None
    for k in range(track.x.size - 1):
        h, m = float(table.level_m[answer["level"][k]]), float(answer["mach"][k])
        if before is not None and h != before:
            add(float(track.x[k]), before, m)
            add(float(track.x[k]) + 10e3, h, m)
        else:
            add(float(track.x[k]), h, m)
        before = h
    add(float(track.x[-1]), float(before), mach[-1])
    return np.array(lat), np.array(lon), np.array(height), np.array(mach[:-1])


# ------------------------------------------------------------------------------------ the run


def inside_nm(closures: Any, lat: Any, lon: Any) -> float:
    """Length of a path within the stand-off of closures [nm], by points every 2 km."""
    if not closures:
        return 0.0
    lat, lon, along = densify(lat, lon, 2_000.0)
    within = np.zeros(lat.size, bool)
    for k in range(lat.size):
        near = route.clearances(closures, lat[k : k + 1], lon[k : k + 1])
        within[k] = any(
            one.clearance_m < closure.stand_off_m - 1.0 for one, closure in zip(near, closures, strict=True)
        )
    step = np.append(np.diff(along), 0.0)
    return float(step[within].sum()) / NAUTICAL_MILE


def leg(kind: model.Type, table: Any, row: tuple[Any, ...], january: Any) -> dict[str, Any]:
    """One leg by both, judged by the referee."""
    origin, destination = airports.find(row[0]), airports.find(row[1])
    a, b = (origin.lat, origin.lon), (destination.lat, destination.lon)
    mass = MASS * kind.data["mtow"]
    closures = airspace.closures(row[3], stand_off_m=row[4] * NAUTICAL_MILE) if len(row) > 3 else ()
    peer = Peer(origin, destination, kind.code)
    wind: model.Wind = lambda *_: (0.0, 0.0)  # noqa: E731
    field = winds.still()
    if not closures:
        wind = peer.wind(january)
        field = field_of(wind, (a, b))
    prepared = route.prepare(closures)
    best = None
    for _ in range(3):  # ours is quick: the best of three, the first warms the caches
        answer = ours(table, prepared, a, b, mass, field.grid(), 0.0)
        if best is None or answer["cpu_s"] < best["cpu_s"]:
            best = answer
    assert best is not None and best["status"] == "solved", best
    mine = model.referee(kind, *points_of(best, table), mass, wind)
    base = peer.solve(objective="fuel")
    asked = base
    if closures:
        asked = peer.with_grid(closures, base["frame"]) if base["frame"] is not None else base
        asked["cpu_s"] += base["cpu_s"]
    found: dict[str, Any] = {
        "leg": f"{row[0]}-{row[1]}", "type": kind.code, "closed": row[3] if closures else "",
        "stand_off_nm": row[4] if closures else None, "great_circle_nm": float(distance(*a, *b)) / NAUTICAL_MILE,
        "shortest_nm": route.shortest(prepared, a, b).length_m / NAUTICAL_MILE,
        "ours": {
            "cpu_s": best["cpu_s"], "fuel_kg": mine.fuel_kg, "own_sum_kg": best["fuel_kg"], "time_s": mine.time_s,
            "nm": path_length(best["lat"], best["lon"]) / NAUTICAL_MILE, "limits_broken": mine.broken,
            "inside_nm": inside_nm(closures, best["lat"], best["lon"]), "ways": best["ways"],
        },
        "peer": {"cpu_s": asked["cpu_s"], "status": asked["status"], "iterations": asked.get("iterations")},
    }  # fmt: skip
    frame = asked["frame"]
    if frame is not None:
        lat, lon = frame.latitude.to_numpy(), frame.longitude.to_numpy()
        ruled = model.referee(kind, lat, lon, frame.h.to_numpy(), frame.mach.to_numpy()[:-1], mass, wind)
        reached = float(distance(lat[-1], lon[-1], *b))
        found["peer"] |= {
            "fuel_kg": ruled.fuel_kg, "claimed_kg": asked["claimed_kg"], "time_s": ruled.time_s,
            "nm": path_length(lat, lon) / NAUTICAL_MILE, "limits_broken": ruled.broken,
            "inside_nm": inside_nm(closures, lat, lon), "ends_off_nm": reached / NAUTICAL_MILE,
        }  # fmt: skip
        if not closures:
            found["jet"] = jet(kind, table, prepared, a, b, mass, january, frame)
    return found


def jet(
    kind: model.Type, table: Any, prepared: Any, a: Any, b: Any, mass: float, january: Any, frame: Any
) -> dict[str, float]:
    """The same leg in the real mean wind: ours made for it, the peer's made for its quadratic."""
    start = january.seconds(DEPART)

    def wind(lat: Any, lon: Any, height: Any, when: Any) -> tuple[Any, Any]:
        found = january.at(lat, lon, height, start + when)
        return found.u_mps, found.v_mps

    answer = ours(table, prepared, a, b, mass, january.grid(), start)
    mine = model.referee(kind, *points_of(answer, table), mass, wind)
    theirs = model.referee(
        kind, frame.latitude.to_numpy(), frame.longitude.to_numpy(), frame.h.to_numpy(),
        frame.mach.to_numpy()[:-1], mass, wind,
    )  # fmt: skip
    return {"ours_kg": mine.fuel_kg, "peer_kg": theirs.fuel_kg, "cpu_s": answer["cpu_s"]}


def verdict(one: dict[str, Any]) -> str:
    """What is wrong with the peer's answer, or how it compares."""
    peer, mine = one["peer"], one["ours"]
    if "fuel_kg" not in peer:
        return f"no answer: {peer['status']}"
    faults = []
    if peer["status"] != "Solve_Succeeded":
        faults.append(f"failed ({peer['status']})")
    if peer["inside_nm"] > 0.5:
        faults.append(f"{peer['inside_nm']:,.0f} nm inside the closure")
    if peer["ends_off_nm"] > 1.0:
        faults.append(f"ends {peer['ends_off_nm']:,.0f} nm off")
    return "; ".join(faults) or f"ours {100 * (mine['fuel_kg'] / peer['fuel_kg'] - 1):+.2f} % fuel"


REAL = "gfs.t12z.pgrbf120.2p5deg.grib2"  # NCEP's forecast for 15 January 2011, 12 UTC, 2.5 deg


def real_field() -> Any:
    """The winds of a day as the product imports them, held for the whole flight; None without the file.

    Without its temperature: both sides fly in the standard atmosphere.
    """
    folder = os.environ.get("LONGREACH_DATA")
    file = Path(folder, "winds", REAL) if folder else None
    if file is None or not file.exists():
        return None
    from longreach.world.winds.importing import import_files

    with tempfile.TemporaryDirectory() as scratch:
        field = import_files([file], Path(scratch) / "gfs.pack", steady=True).field
    return winds.gridded(
        field.time_s, field.pressure_pa, field.lat, field.lon, field.values[..., 0], field.values[..., 1],
        epoch=field.epoch, name=REAL, steady=True,
    )  # fmt: skip


def real() -> list[dict[str, Any]]:
    """The five windy legs in the wind of a day, which a quadratic cannot follow: both answers flown in that wind."""
    field = real_field()
    if field is None:
        print(f"the wind of a day: not run (LONGREACH_DATA has no winds/{REAL})")
        return []

    def wind(lat: Any, lon: Any, height: Any, when: Any) -> tuple[Any, Any]:
        found = field.at(lat, lon, height)
        return found.u_mps, found.v_mps

    prepared, found = route.prepare([]), []
    for origin, destination, code in WINDY:
        kind = model.load(code)
        table = model.table(kind)
        ends = airports.find(origin), airports.find(destination)
        a, b = ((one.lat, one.lon) for one in ends)
        mass = MASS * kind.data["mtow"]
        answers = [ours(table, prepared, a, b, mass, field.grid(), 0.0) for _ in range(3)]
        mine = model.referee(kind, *points_of(answers[0], table), mass, wind)
        peer = Peer(*ends, code)
        fitted = peer.wind(field)
        asked = peer.solve(objective="fuel")
        one: dict[str, Any] = {
            "leg": f"{origin}-{destination}", "type": code, "cpu_s": min(each["cpu_s"] for each in answers),
            "ours_kg": mine.fuel_kg, "ours_nm": path_length(answers[0]["lat"], answers[0]["lon"]) / NAUTICAL_MILE,
            "limits_broken": mine.broken, "peer_cpu_s": asked["cpu_s"], "status": asked["status"],
        }  # fmt: skip
        frame = asked["frame"]
        if frame is not None:
            lat, lon, height = frame.latitude.to_numpy(), frame.longitude.to_numpy(), frame.h.to_numpy()
            theirs = model.referee(kind, lat, lon, height, frame.mach.to_numpy()[:-1], mass, wind)
            at = np.array([fitted(*place) for place in zip(lat, lon, height, frame.ts, strict=True)])
            there = np.stack(wind(lat, lon, height, 0.0), axis=1)
            one |= {
                "peer_kg": theirs.fuel_kg, "peer_nm": path_length(lat, lon) / NAUTICAL_MILE,
                "wind_off_mps": float(np.sqrt(((at - there) ** 2).sum(axis=1).mean())),
            }  # fmt: skip
        found.append(one)
        print(
            f"{one['leg']} {code} in the wind of a day: ours {one['ours_kg']:,.0f} kg in {one['cpu_s']:.3f} s, openap-top "
            f"{one.get('peer_kg', math.nan):,.0f} kg in {one['peer_cpu_s']:.1f} s ({one['status']}), its wind off by "
            f"{one.get('wind_off_mps', math.nan):.0f} m/s",
            flush=True,
        )
    return found


# ------------------------------------------------------------------------------------ alone

TURNING = [
    ((35.0, 140.0), (37.0, -122.0), 60.0), ((37.0, -122.0), (35.0, 140.0), 60.0), ((0.0, 10.0), (50.0, 150.0), 60.0),
    ((60.0, 25.0), (-33.0, 151.0), 40.0), ((64.0, -21.0), (61.0, -150.0), 80.0), ((-34.0, 18.0), (-34.0, 151.0), 70.0),
    ((1.0, 104.0), (41.0, -74.0), 50.0), ((41.0, -74.0), (1.0, 104.0), 50.0),
]  # fmt: skip


def zermelo() -> list[dict[str, Any]]:
    """The quickest paths through air that turns round the axis as one body, against their closed form.

    In the frame of the air they are geodesics: the time T solves distance(A, B turned back by omega T) = V T.
    """
    flows = product_table.of_aircraft(aircraft.load("787-9"), np.array([350.0]) * 100 * FOOT, mach=0.85)
    speed = float(flows.speed[0, 0])
    lat, lon = np.arange(-90.0, 90.1, 2.0), np.arange(-180.0, 180.0, 2.0)
    prepared, found = route.prepare([]), []
    for a, b, fastest in TURNING:
        omega = fastest / WGS84_A
        phi = np.radians(lat)
        east = omega * WGS84_A / np.sqrt(1 - WGS84_F * (2 - WGS84_F) * np.sin(phi) ** 2) * np.cos(phi)
        u = np.broadcast_to(east[None, None, :, None], (1, 2, lat.size, lon.size))
        field = winds.gridded([0.0], [15_000.0, 60_000.0], lat, lon, u, 0 * u, steady=True)
        shortest = route.shortest(prepared, a, b)
        setting = paths.Setting(prepared.outer, (), field.grid(), 0.0, flows, (215e3, 165e3), 1.0, 1e-9)
        began = time.process_time()
        best = paths.cheapest(setting, shortest.lat, shortest.lon)[0]
        spent = time.process_time() - began
        direct_s = float(paths.cost_of(setting, shortest.lat, shortest.lon).when[-1])
        known = float(distance(*a, *b)) / speed
        for _ in range(300):
            known = float(distance(*a, b[0], b[1] - np.degrees(omega * known))) / speed
        one = {
            "from": a, "to": b, "wind_mps": fastest, "known_s": known, "found_s": float(best.when[-1]),
            "off_ppm": (float(best.when[-1]) / known - 1) * 1e6, "great_circle_pct": (direct_s / known - 1) * 100,
            "cpu_s": spent,
        }  # fmt: skip
        found.append(one)
        print(
            f"turning air {a} to {b}: {one['off_ppm']:+.0f} ppm of the closed form (the great circle "
            f"{one['great_circle_pct']:+.2f} %), {spent:.3f} s",
            flush=True,
        )
    return found


WHOLE = [
    ("KJFK", "RJAA", "", "fuel"), ("RJAA", "KSFO", "", "time"), ("KSFO", "RJAA", "", "fuel"), ("WSSS", "KJFK", "", "fuel"),
    ("EGLL", "OMDB", "IQ,SY", "fuel"), ("EGLL", "VIDP", "IR,AF,PK", "fuel"), ("EFHK", "RJAA", "RU,BY,UA", "fuel"),
    ("WSSS", "LFPG", "IR,AF,PK", "time"), ("FAOR", "YSSY", "", "fuel"), ("SCEL", "YSSY", "", "time"),
]  # fmt: skip


def whole() -> list[dict[str, Any]]:
    """Whole flights of the product on the January mean: time taken, the second look, the check apart."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from trajectory.judge import judged

    kind = aircraft.load("787-9")
    field = winds.climatology(DEPART, DEPART + timedelta(days=2))
    found = []
    for origin, destination, closed, objective in WHOLE:
        a, b = airports.find(origin), airports.find(destination)
        closures = airspace.closures(closed, stand_off_m=25 * NAUTICAL_MILE) if closed else ()
        ends = [(a.lat, a.lon), (b.lat, b.lon)]
        load = trajectory.Load(15_000.0)
        options: dict[str, Any] = {"objective": objective, "load": load, "compare_still": False}
        times = []
        for _ in range(3):
            began = time.process_time()
            flight = trajectory.optimise(closures, ends, kind, field, DEPART, **options)
            times.append(time.process_time() - began)
        proved = trajectory.optimise(closures, ends, kind, field, DEPART, prove=True, **options)
        assert proved.bound is not None
        faults = judged(flight, kind, field, closures)
        one = {
            "leg": f"{origin}-{destination}", "closed": closed, "objective": objective, "nm": flight.length_m / NAUTICAL_MILE,
            "shortest_nm": flight.shortest_m / NAUTICAL_MILE, "ways": len(flight.ways), "cpu_s": min(times),
            "second_look_pct": 100 * proved.bound.finer, "bound_gap_pct": 100 * proved.bound.gap, "faults": faults,
        }  # fmt: skip
        found.append(one)
        print(
            f"{one['leg']} {objective}: {one['nm']:,.0f} nm (shortest {one['shortest_nm']:,.0f}), {one['cpu_s']:.3f} s, second "
            f"look {one['second_look_pct']:+.4f} %, {len(faults)} faults",
            flush=True,
        )
    return found


def keep(part: str, found: Any) -> None:
    """One part of the results, the others left as they are."""
    document = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    document[part] = found
    document[f"{part}_date_utc"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    RESULTS.write_text(json.dumps(dict(sorted(document.items())), indent=1) + "\n", "utf-8")


def legs() -> tuple[list[dict[str, Any]], list[str]]:
    """The ten legs beside openap-top, and the figures missed."""
    january = winds.climatology(DEPART, DEPART + timedelta(days=2))
    kinds: dict[str, tuple[model.Type, Any]] = {}
    found, missed = [], []
    for row in [*WINDY, *CLOSED]:
        if row[2] not in kinds:
            kind = model.load(row[2])
            kinds[row[2]] = kind, model.table(kind)
        one = leg(*kinds[row[2]], row, january)
        found.append(one)
        keep("legs", found)
        mine, peer = one["ours"], one["peer"]
        times = peer["cpu_s"] / mine["cpu_s"]
        print(
            f"{one['leg']} {one['type']} {one['closed'] or 'wind'}: ours {mine['fuel_kg']:,.0f} kg {mine['nm']:,.0f} nm in "
            f"{mine['cpu_s']:.3f} s, openap-top {peer.get('fuel_kg', math.nan):,.0f} kg {peer.get('nm', math.nan):,.0f} nm in "
            f"{peer['cpu_s']:.1f} s ({times:,.0f} x): {verdict(one)}",
            flush=True,
        )
        sound_answer = "fuel_kg" in peer and peer["inside_nm"] <= 0.5 and peer["status"] == "Solve_Succeeded"
        if sound_answer and mine["fuel_kg"] > peer["fuel_kg"] * (1 + SHARE):
            missed.append(
                f"{one['leg']}: ours burns {100 * (mine['fuel_kg'] / peer['fuel_kg'] - 1):.2f} % more"
            )
        if (
            times < FASTER and peer["status"] == "Solve_Succeeded"
        ):  # a quick failure is no answer to be faster than
            missed.append(f"{one['leg']}: {times:.0f} times faster only")
        if mine["inside_nm"] > 0.0 or mine["limits_broken"]:
            missed.append(f"{one['leg']}: ours breaks a closure or a limit")
    return found, missed


def main(parts: list[str]) -> int:
    """The parts named (all without a name): zermelo, whole, legs, real. Returns 1 where a figure is missed."""
    missed: list[str] = []
    if not parts or "zermelo" in parts:
        turning = zermelo()
        keep("zermelo", turning)
        missed += [
            f"{one['from']}: {one['off_ppm']:.0f} ppm" for one in turning if abs(one["off_ppm"]) > 1000.0
        ]
    if not parts or "whole" in parts:
        flights = whole()
        keep("whole", flights)
        missed += [f"{one['leg']}: {one['faults']}" for one in flights if one["faults"]]
    if not parts or "legs" in parts:
        _, late = legs()
        missed += late
    if not parts or "real" in parts:
        day = real()
        if day:
            keep("real", day)
        missed += [
            f"{one['leg']} in the wind of a day: ours burns more, or breaks a limit"
            for one in day
            if one["limits_broken"] or one["ours_kg"] > one.get("peer_kg", math.inf) * (1 + SHARE)
        ]
    for one in missed:
        print(f"missed: {one}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
