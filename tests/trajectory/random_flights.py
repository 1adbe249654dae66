"""Random flights: any ends, types, winds, closures, objectives; what comes out is handed to the judge."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from longreach import trajectory
from longreach.errors import FuelError
from longreach.fuel.reserves import Reserve
from longreach.geodesy import direct, distance
from longreach.world import aircraft, airspace, winds
from longreach.world.airspace import BoundaryLine, Closure, Ring

from .judge import judged

STATES = [
    "IR,IQ,SY",
    "RU,UA,BY",
    "AF,PK,IN",
    "FR,ES,PT",
    "IS",
    "TR,EG",
    "JP",
    "BR",
]  # few, so that they stay prepared


def types():
    return [one for one in aircraft.catalogue() if one.judged and one.kind != "none"]


def box(rng, lat, lon, departure, number):
    """A four-sided closure near a place, with levels or times more often than not."""
    half_lat, half_lon = rng.uniform(0.5, 6.0), rng.uniform(0.5, 8.0)
    south, north = np.clip([lat - half_lat, lat + half_lat], -80.0, 80.0)
    west, east = lon - half_lon, lon + half_lon
    lats = np.array([south, south, north, north, south])
    lons = (np.array([west, east, east, west, west]) + 180.0) % 360.0 - 180.0
    more = {}
    if rng.random() < 0.4:
        floor = float(rng.choice([0.0, 3000.0, 9000.0, 11000.0]))
        more["floor_m"], more["ceiling_m"] = floor, floor + float(rng.choice([1500.0, 4000.0, 12000.0]))
    if rng.random() < 0.5:
        begin = departure + timedelta(hours=float(rng.uniform(-6.0, 10.0)))
        more["valid"] = ((begin, begin + timedelta(hours=float(rng.uniform(1.0, 8.0)))),)
    return Closure(
        f"BOX{number}", "box", "user", (Ring(lats, lons),), (BoundaryLine(lats, lons, 0.0),),
        float(rng.choice([0.0, 9_260.0, 46_300.0])), False, "random", **more,
    )  # fmt: skip


def weather(rng, departure):
    """Still air, one wind, the mean of the month, or random waves that move, with warm and cold places."""
    kind = rng.integers(0, 4)
    if kind == 0:
        return winds.still()
    if kind == 1:
        speed, turn = rng.uniform(0.0, 50.0), rng.uniform(0.0, 2 * np.pi)
        return winds.constant(speed * np.cos(turn), speed * np.sin(turn), float(rng.uniform(-10.0, 12.0)))
    if kind == 2:
        return winds.climatology(departure, departure + timedelta(days=3))
    lat, lon = np.arange(-90.0, 90.1, 5.0), np.arange(-180.0, 180.0, 5.0)
    pressure, when = np.array([10e3, 20e3, 30e3, 50e3, 110e3]), np.arange(0.0, 73.0, 12.0) * 3600.0
    t, p, y, x = np.meshgrid(when, pressure, np.radians(lat), np.radians(lon), indexing="ij")
    strength = rng.uniform(10.0, 60.0) * np.exp(-(((np.log(p / 25e3)) / 0.8) ** 2))
    phase = rng.uniform(0, 2 * np.pi, 3)
    waves = rng.integers(1, 5)
    u = strength * np.cos(y) * (0.5 + np.cos(waves * x - t / 4e4 + phase[0]) * np.sin(3 * y + phase[1]))
    v = 0.5 * strength * np.cos(y) * np.sin(waves * x - t / 4e4 + phase[2])
    warm = 10.0 * np.cos(2 * y) * np.cos(x + phase[0])
    return winds.gridded(when, pressure, lat, lon, u, v, warm, epoch=departure, name="random waves")


@dataclass
class Case:
    found: object
    faults: list
    said: str


def case(seed):
    """One flight and what the judge says of it; None where the question itself is refused."""
    rng = np.random.default_rng(seed)
    kind = types()[rng.integers(len(types()))]
    departure = datetime(
        2026, int(rng.integers(1, 13)), int(rng.integers(1, 28)), int(rng.integers(24)), tzinfo=UTC
    )
    lat, lon = float(np.degrees(np.arcsin(rng.uniform(-0.97, 0.97)))), float(rng.uniform(-180.0, 180.0))
    far = float(rng.choice([rng.uniform(2e5, 1e6), rng.uniform(1e6, 6e6), rng.uniform(5e6, 15e6)]))
    b = direct(lat, lon, float(rng.uniform(0.0, 360.0)), far)
    a, b = (lat, lon), (float(b[0]), float(b[1]))
    closures = []
    if rng.random() < 0.35:
        closures += airspace.closures(str(rng.choice(STATES)), stand_off_m=46_300.0)
    for number in range(int(rng.integers(0, 3))):
        share = rng.uniform(0.2, 0.8)
        p = direct(*a, _bearing(a, b), float(distance(*a, *b)) * share)
        closures.append(box(rng, float(p[0]), float(p[1]), departure, number))
    field = weather(rng, departure)
    objective = str(rng.choice(["time", "fuel", "cost"]))
    rule = str(rng.choice(["semicircular", "block"]))
    most = (kind.max_zero_fuel_mass_kg or 0.8 * kind.max_takeoff_mass_kg) - kind.operating_empty_mass_kg
    reserve = Reserve(float(rng.choice([900.0, 1800.0, 2700.0])), float(rng.choice([0.0, 0.03, 0.05])))
    load = trajectory.Load(
        float(rng.uniform(0.0, max(0.0, min(most, 0.25 * kind.max_takeoff_mass_kg)))), None, reserve
    )
    elevations = (float(rng.uniform(0, 1500)), float(rng.uniform(0, 1500)))
    required = None
    if rng.random() < 0.2:
        required = 1, departure + timedelta(seconds=far / 230.0 * float(rng.uniform(0.9, 1.3)) + 1200.0)
    said = f"seed {seed}: {kind.code} {a} {b} {objective} {rule} {field.name} {[c.id for c in closures]}"
    try:
        found = trajectory.optimise(
            closures, [a, b], kind, field, departure, objective=objective, load=load, rule=rule,
            cost_index=float(rng.uniform(0.0, 120.0)) if objective == "cost" else 0.0, elevations_m=elevations,
            required=required, compare_still=False,
        )  # fmt: skip
    except FuelError:
        return None
    wrong = []
    if found.feasible:
        wrong = judged(
            found, kind, field, closures, reserve_s=reserve.final_s, contingency=reserve.contingency, rule=rule,
            elevation=elevations[1],
        )  # fmt: skip
        if required and abs((found.appointment.passed - required[1]).total_seconds()) > 60.0:
            wrong.append(f"required time missed: {found.appointment}")
    elif not found.shortfalls:
        wrong.append("infeasible without a reason")
    return Case(found, wrong, said)


def _bearing(a, b):
    from longreach.geodesy import inverse

    return float(inverse(*a, *b)[1])
