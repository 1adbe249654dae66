"""Whole flights: what must hold of every one of them, and what each option must change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from longreach import route, trajectory
from longreach.errors import FuelError, InputError
from longreach.geodesy import distance
from longreach.world import aircraft, airspace, winds
from longreach.world.airspace import BoundaryLine, Closure, Ring
from longreach.world.winds import WindError

from .judge import judged

DEPART = datetime(2026, 1, 15, 18, tzinfo=UTC)
JFK, LHR, NRT, SFO = (40.64, -73.78), (51.47, -0.46), (35.76, 140.39), (37.62, -122.38)
TYPE = aircraft.load("787-9")
LOAD = trajectory.Load(20_000.0)


def fly(a, b, field=None, closures=(), **options):
    options = {"objective": "fuel", "load": LOAD, "compare_still": False, **options}
    return trajectory.optimise(closures, [a, b], TYPE, field or winds.still(), DEPART, **options)


def box(south, west, north, east, **more):
    """A closure with geodesic sides."""
    lat = np.array([south, south, north, north, south], float)
    lon = np.array([west, east, east, west, west], float)
    for each in (lat, lon):
        each.setflags(write=False)
    return Closure(
        "BOX", "box", "user", (Ring(lat, lon),), (BoundaryLine(lat, lon, 0.0),), 0.0, False, "test", **more
    )  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (JFK, LHR), (NRT, SFO), ((-17.7, 177.4), (21.3, -157.9)), ((60.3, 24.9), (61.2, -150.0)),
        ((70.0, 20.0), (70.0, -160.0)), ((-33.9, 151.2), (-34.8, -58.5)),
    ],
)  # fmt: skip
def test_in_still_air_the_path_is_the_shortest(a, b):
    found = fly(a, b, objective="time")
    shortest = route.shortest(route.prepare([]), a, b)
    assert found.length_m == pytest.approx(shortest.length_m, rel=1e-5)
    assert judged(found, TYPE, winds.still(), []) == []


def test_in_still_air_the_path_round_a_closure_is_the_shortest():
    closures = airspace.closures("IR,IQ,SY", stand_off_m=92_600.0)
    a, b = (55.0, 37.0), (23.0, 58.0)
    found = fly(a, b, closures=closures)
    shortest = route.shortest(route.prepare(closures), a, b)
    assert found.length_m == pytest.approx(shortest.length_m, rel=1e-4)
    assert judged(found, TYPE, winds.still(), closures) == []


def test_a_flight_through_the_mean_wind_is_what_it_says(january):
    for objective, index in (("time", 0.0), ("fuel", 0.0), ("cost", 60.0)):
        found = fly(NRT, SFO, january, objective=objective, cost_index=index)
        assert found.feasible
        assert judged(found, TYPE, january, []) == []


def test_the_objectives_trade_time_for_fuel(january):
    lean = fly(JFK, NRT, january)
    both = fly(JFK, NRT, january, objective="cost", cost_index=60.0)
    quick = fly(JFK, NRT, january, objective="time")
    assert quick.flight.duration_s < both.flight.duration_s < lean.flight.duration_s
    assert lean.flight.trip_kg < both.flight.trip_kg < quick.flight.trip_kg


def test_the_path_through_wind_beats_the_shortest_and_every_way_compared(january):
    found = fly(NRT, SFO, january, compare_still=True)
    assert len(found.ways) >= 2
    assert all(found.flight.cost <= way.cost * (1 + 1e-9) for way in found.ways)
    assert found.length_m > 1.005 * found.shortest_m
    assert found.flight.duration_s < found.still.duration_s


def test_a_tail_wind_never_slows():
    still = fly(JFK, (40.64, -20.0), objective="time").flight
    for speed in (10.0, 30.0, 60.0):
        tail = fly(JFK, (40.64, -20.0), winds.constant(speed, 0.0), objective="time").flight
        assert tail.duration_s < still.duration_s
        still = tail


def test_a_wind_turned_round_and_a_flight_turned_round_are_the_same():
    # level flight alone is the same both ways; climb and descent are not, so the path search is compared
    from longreach.trajectory import paths, table

    flows = table.of_aircraft(TYPE, np.array([10668.0]), mach=0.85)
    costs = []
    for (a, b), wind in (((JFK, LHR), (30.0, 10.0)), ((LHR, JFK), (-30.0, -10.0))):
        shortest = route.shortest(route.prepare([]), a, b)
        grid = winds.constant(*wind).grid()
        net = route.prepare([]).outer
        setting = paths.Setting(net, (), grid, 0.0, flows, (200e3, 200e3), 1.0, 1e-9)
        costs.append(paths.cheapest(setting, shortest.lat, shortest.lon)[0].cost)
    assert costs[0] == pytest.approx(costs[1], rel=2e-4)


def test_turning_the_globe_changes_nothing():
    first = fly(JFK, LHR, winds.constant(25.0, -10.0)).flight
    for turn in (106.0, 180.0):
        turned = fly(
            (JFK[0], JFK[1] + turn - 360.0 * (JFK[1] + turn >= 180)),
            (LHR[0], (LHR[1] + turn + 180.0) % 360.0 - 180.0),
            winds.constant(25.0, -10.0),
        ).flight
        assert turned.duration_s == pytest.approx(first.duration_s, rel=3e-4)
        assert turned.trip_kg == pytest.approx(first.trip_kg, rel=5e-4)


def test_a_closure_is_left_on_the_side_the_wind_is_on():
    # air that turns about a point north of the way: the box in the middle is symmetric, the wind is not
    lat, lon = np.arange(-90.0, 90.1, 2.5), np.arange(-180.0, 180.0, 2.5)
    u = np.zeros((1, 2, lat.size, lon.size))
    u[..., (lat > 2.0) & (lat < 25.0), :] = 40.0
    u[..., (lat < -2.0) & (lat > -25.0), :] = -40.0
    field = winds.gridded([0.0], [10_000.0, 101_325.0], lat, lon, u, 0 * u, steady=True)
    closure = box(-8.0, -4.0, 8.0, 4.0)
    east = fly((0.0, -25.0), (0.0, 25.0), field, [closure], objective="time")
    west = fly((0.0, 25.0), (0.0, -25.0), field, [closure], objective="time")
    assert east.lat[np.argmin(np.abs(east.lon))] > 7.9
    assert west.lat[np.argmin(np.abs(west.lon))] < -7.9
    for found in (east, west):
        assert judged(found, TYPE, field, [closure]) == []


def test_a_closure_may_be_passed_after_it_ends():
    a, b = (0.0, -30.0), (0.0, 30.0)
    free = fly(a, b)
    midway = DEPART + timedelta(seconds=free.flight.duration_s / 2)
    for hours, passes in ((-1.5, True), (1.5, False)):
        closure = box(-12.0, -4.0, 12.0, 4.0, valid=((None, midway + timedelta(hours=hours)),))
        found = fly(a, b, closures=[closure])
        assert judged(found, TYPE, winds.still(), [closure]) == []
        assert bool(found.crossed) is passes
        if passes:
            assert found.crossed[0].why == "while not in force"
            assert found.length_m == pytest.approx(free.length_m, rel=1e-4)
        else:
            assert found.length_m > 1.02 * free.length_m


def test_a_closure_of_some_levels_is_passed_over_or_under():
    closure = box(-20.0, -4.0, 20.0, 4.0, floor_m=0.0, ceiling_m=11_000.0)
    found = fly((0.0, -30.0), (0.0, 30.0), closures=[closure])
    assert found.crossed and found.crossed[0].why == "over it"
    assert found.length_m == pytest.approx(float(distance(0.0, -30.0, 0.0, 30.0)), rel=1e-4)
    assert judged(found, TYPE, winds.still(), [closure]) == []


@pytest.mark.parametrize(
    ("minutes", "action"),
    [(0.0, "on time"), (6.0, "slow down"), (-3.0, "speed up"), (90.0, "hold"), (-90.0, "too late")],
)
def test_a_required_time_is_kept_or_said_not_to_be(minutes, action):
    free = fly(JFK, LHR)
    wanted = DEPART + timedelta(seconds=free.flight.duration_s + 60.0 * minutes)
    found = fly(JFK, LHR, required=(1, wanted))
    assert found.appointment.action == action
    if action == "too late":
        assert not found.feasible and "late" in found.shortfalls[0].what
        return
    assert abs((found.appointment.passed - wanted).total_seconds()) <= 45.0
    assert judged(found, TYPE, winds.still(), []) == []


def test_a_time_at_a_place_on_the_way():
    options = {"load": LOAD, "compare_still": False}
    points = [JFK, (48.0, -40.0), LHR]
    free = trajectory.optimise([], points, TYPE, winds.still(), DEPART, **options)
    late = trajectory.optimise(
        [], points, TYPE, winds.still(), DEPART,
        required=(1, DEPART + timedelta(hours=5)), **options,
    )  # fmt: skip
    assert free.feasible and late.appointment.action == "hold" and late.appointment.hold_s > 600.0
    assert abs((late.appointment.passed - late.appointment.required).total_seconds()) <= 45.0
    assert judged(late, TYPE, winds.still(), []) == []


def test_limits_are_answers_not_clamps(january):
    far = fly((1.36, 103.99), (40.64, -73.78), january, load=trajectory.Load(60_000.0))
    assert not far.feasible and far.shortfalls[0].unit == "kg" and far.shortfalls[0].by > 1000.0
    heavy = fly(JFK, LHR, load=trajectory.Load(20_000.0, 200_000.0))
    assert not heavy.feasible and any("over" in one.what for one in heavy.shortfalls)
    light = fly(JFK, LHR, load=trajectory.Load(20_000.0, 20_000.0))
    assert not light.feasible


def test_flat_out_is_slowed_until_the_tanks_reach(january):
    found = fly((1.36, 103.99), (40.64, -73.78), january, objective="time", load=trajectory.Load(10_000.0))
    assert found.feasible
    assert found.slowed_to_fit
    assert judged(found, TYPE, january, []) == []


def test_wind_outside_its_field_is_an_error():
    lat, lon = np.arange(20.0, 60.1, 2.5), np.arange(-90.0, 10.1, 2.5)
    zero = np.zeros((2, 3, lat.size, lon.size))
    field = winds.gridded(
        [0.0, 21_600.0], [15_000.0, 30_000.0, 101_325.0], lat, lon, zero, zero, epoch=DEPART, name="a field"
    )
    assert fly(JFK, (51.0, -10.0), field).feasible
    with pytest.raises(WindError, match="a field"):
        fly(JFK, NRT, field)
    with pytest.raises(WindError, match="a field"):
        trajectory.optimise([], [JFK, LHR], TYPE, field, DEPART + timedelta(days=2), load=LOAD)


def test_bad_questions():
    with pytest.raises(InputError, match="objective"):
        fly(JFK, LHR, objective="comfort")
    with pytest.raises(InputError, match="no zone"):
        trajectory.optimise([], [JFK, LHR], TYPE, winds.still(), DEPART.replace(tzinfo=None))
    with pytest.raises(InputError, match="cost index"):
        fly(JFK, LHR, objective="cost", cost_index=-1.0)
    with pytest.raises(FuelError, match="not judged"):
        trajectory.optimise([], [JFK, LHR], replace(TYPE, judged=False, reason="none"), winds.still(), DEPART)


def test_a_closed_end_is_an_answer():
    found = fly((35.7, 51.4), LHR, closures=airspace.closures("IR"))
    assert not found.feasible and found.flight is None and "Iran" in found.shortfalls[0].what


def test_a_field_that_ends_is_said_to_end():
    lat, lon = np.arange(25.0, 62.6, 2.5), np.arange(-90.0, 15.1, 2.5)
    u = np.zeros((1, 3, lat.size, lon.size))
    u[...] = 30.0 * np.exp(-(((lat - 45.0) / 8.0) ** 2))[None, None, :, None]
    field = winds.gridded(
        [0.0], [20_000.0, 30_000.0, 110_000.0], lat, lon, u, 0 * u, steady=True, name="a part of the globe"
    )
    found = fly(JFK, LHR, field)
    assert found.feasible and judged(found, TYPE, field, []) == []
    assert any("ends below the ceiling" in note for note in found.notes)
    assert max(step.level for step in found.flight.steps) < 390  # 200 hPa
    wide = winds.gridded(
        [0.0],
        [20_000.0, 30_000.0, 110_000.0],
        lat[6:],
        lon,
        u[:, :, 6:],
        0 * u[:, :, 6:],
        steady=True,
        name="less",
    )
    assert any("no way outside it" in note for note in fly(JFK, LHR, wide).notes)


def test_a_pack_is_flown_as_its_field(tmp_path):
    from longreach.world.winds import pack

    lat, lon = np.arange(-90.0, 90.1, 5.0), np.arange(0.0, 360.0, 5.0)
    u = np.broadcast_to(40.0 * np.cos(np.radians(lat))[None, None, :, None], (2, 3, lat.size, lon.size))
    field = winds.gridded(
        [0.0, 172_800.0],
        [10_000.0, 30_000.0, 110_000.0],
        lat,
        lon,
        u,
        0.1 * u,
        0.1 * u,
        epoch=DEPART,
        name="two days",
    )
    pack.write(tmp_path / "w.pack", field, {})
    read = winds.read(tmp_path / "w.pack")
    found = fly(NRT, SFO, read)
    assert found.feasible and judged(found, TYPE, read, []) == []
    assert found.flight.duration_s == pytest.approx(fly(NRT, SFO, field).flight.duration_s, rel=1e-4)
