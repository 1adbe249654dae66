"""A flight in rows: the mass account, the rows' own promises, winds, transfers, and honest failure."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longreach.errors import FuelError, InputError
from longreach.fuel import reserves
from longreach.fuel.burn import CruiseTable
from longreach.fuel.profile import Profile, Segment, fly
from longreach.geodesy import densify, direct, distance, inverse
from longreach.units import FOOT, NAUTICAL_MILE, POUND
from longreach.world import aircraft as catalogue
from longreach.world import atmosphere, winds

B52 = catalogue.load("B-52H")
KC135 = catalogue.load("KC-135R")
EAGLE = catalogue.load("F-15SA")
FL280 = 28000 * FOOT

OUT_LAT = [32.5018, 40.5, 36.0, 37.4, 34.0, 31.8]
OUT_LON = [-93.6627, -68.0, -7.5, 11.0, 22.0, 29.5]
IN_LAT = [28.2, 26.5, 27.5, 29.2, 25.2]
IN_LON = [33.8, 37.5, 44.0, 48.6, 51.9]


def blowing(u: float, v: float = 0.0) -> winds.Aloft:
    return winds.Aloft(winds.constant(u, v))


def gulf_and_back() -> list[Segment]:
    """Barksdale to the Gulf and back, two refuellings, two hours circling: 36 hours."""
    lat, lon = OUT_LAT + IN_LAT, OUT_LON + IN_LON
    back_lat, back_lon = lat[::-1], lon[::-1]
    return [
        Segment(OUT_LAT, OUT_LON),
        Segment([31.8, 28.2], [29.5, 33.8], "refuel", altitude_m=FL280, fuel_taken_kg=90000.0),
        Segment(IN_LAT, IN_LON),
        Segment([25.2], [51.9], "station", hold_s=7200.0),
        Segment(back_lat[:8], back_lon[:8]),
        Segment(back_lat[7:9], back_lon[7:9], "refuel", altitude_m=FL280, fuel_taken_kg=70000.0),
        Segment(back_lat[8:], back_lon[8:]),
    ]


def check_rows(profile: Profile, segments: list[Segment]) -> None:
    """What every profile promises, whatever was flown."""
    t = profile.time_s
    assert (t == np.rint(t)).all() and (np.diff(t) >= 1.0).all() and (np.diff(t) <= 60.0).all()
    assert t[0] == 0.0 and profile.along_m[0] == 0.0
    assert (np.diff(profile.along_m) >= -1e-6).all()
    assert np.isfinite(profile.mass_kg).all() and (profile.fuel_kg >= -1e-6).all()
    assert profile.fuel_kg == pytest.approx(profile.mass_kg - profile.zero_fuel_kg)
    assert profile.mass_kg[0] == profile.takeoff_kg
    account = profile.takeoff_kg + profile.onload_kg - profile.offload_kg - profile.burn_kg
    assert profile.landing_kg == pytest.approx(account, abs=1e-6)
    if profile.failure is None:
        assert profile.mass_kg[-1] == pytest.approx(profile.landing_kg, abs=1e-3)
        assert profile.onload_kg == pytest.approx(sum(max(s.fuel_taken_kg, 0) for s in segments), abs=1e-3)
        assert profile.offload_kg == pytest.approx(sum(max(-s.fuel_taken_kg, 0) for s in segments), abs=1e-3)
        for segment, rows, times in zip(segments, profile.vertex_row, profile.vertex_time_s, strict=True):
            assert (rows >= 0).all()
            assert (profile.time_s[rows] == times).all()
            # a vertex is there bit for bit
            assert (profile.lat[rows] == segment.lat).all()
            assert np.allclose(np.remainder(profile.lon[rows] - segment.lon + 180, 360), 180, atol=1e-12)
    # ground speed is what the positions say
    gone = distance(profile.lat[:-1], profile.lon[:-1], profile.lat[1:], profile.lon[1:])
    straight = np.abs(gone - np.diff(profile.along_m)) < 1.0
    assert straight.all()
    assert profile.gs_mps[:-1] == pytest.approx(np.diff(profile.along_m) / np.diff(t))


def test_36_hours_with_two_refuellings() -> None:
    segments = gulf_and_back()
    profile = fly(B52, segments, 488000 * POUND)
    assert profile.failure is None
    check_rows(profile, segments)
    assert 35.0 < profile.duration_s / 3600 < 37.0
    names = profile.phase_names()
    assert set(names) == {"climb", "cruise", "descent", "refuel", "station"}
    assert names[0] == "climb" and names[-2] == "descent"
    assert profile.altitude_m[0] == 0.0 and profile.altitude_m[-1] == 0.0
    # the whole contact is flown at its level, and the fuel arrives evenly over it
    contact = np.flatnonzero(profile.segment == 1)
    assert (np.abs(profile.altitude_m[contact] - FL280) < 0.01).all()
    assert {names[i] for i in contact} == {"refuel"}
    got = profile.mass_kg + profile.burnt_kg
    middle = contact[len(contact) // 2]
    share = (profile.along_m[middle] - profile.along_m[contact[0]]) / (
        profile.along_m[contact[-1] + 1] - profile.along_m[contact[0]]
    )
    assert got[middle] - got[contact[0]] == pytest.approx(share * 90000.0, rel=0.01)
    # two hours at one place
    assert profile.segment_end_s[3] - profile.segment_start_s[3] == 7200.0
    there = profile.segment == 3
    assert np.ptp(profile.lat[there]) == 0.0 and (profile.tas_mps[there] > 200.0).all()


def test_it_is_fast_enough() -> None:
    segments = gulf_and_back()
    fly(B52, segments, 488000 * POUND)
    best = math.inf
    for _ in range(5):
        began = time.perf_counter()
        fly(B52, segments, 488000 * POUND)
        best = min(best, time.perf_counter() - began)
    assert best < 0.05


def test_burn_summed_again_from_the_rows() -> None:
    """An account of our own from the rows alone: thrust from the energy gained, between rows by the trapezium."""
    profile = fly(B52, gulf_and_back(), 488000 * POUND, factor=1.07)
    a = B52
    assert (
        a.wing_area_m2 and a.tsfc_ref and a.tsfc_mach_exponent and a.drag_zero_lift and a.mach_drag_divergence
    )
    assert a.thrust_sea_level and a.thrust_lapse
    v, h, m, dt = profile.tas_mps, profile.altitude_m, profile.mass_kg, np.diff(profile.time_s)
    pressure, warmth = atmosphere.pressure(h), atmosphere.temperature(h)
    mach = v / atmosphere.speed_of_sound(h)
    q = 0.7 * pressure * mach**2
    lift = m * 9.80665 / (q * a.wing_area_m2)
    rise = np.maximum(0.0, mach - (a.mach_drag_divergence - 0.1 * (lift - 0.45) - (0.1 / 80) ** (1 / 3)))
    drag = q * a.wing_area_m2 * (a.drag_zero_lift + a.induced * lift**2 + 20 * rise**4)
    tsfc = a.tsfc_ref * 1.07 * np.sqrt(warmth / float(atmosphere.temperature(35000 * FOOT)))
    tsfc = tsfc * (mach / a.cruise_mach) ** a.tsfc_mach_exponent
    most = (
        a.thrust_sea_level
        * pressure
        / 101325
        * (1 + 0.2 * mach**2) ** 3.5
        * (1 - a.thrust_lapse * np.sqrt(mach))
    )

    def mean(x):
        return 0.5 * (x[:-1] + x[1:])

    level = np.abs(np.diff(h)) < 1.0
    gained = mean(m) * (9.80665 * np.diff(h) + np.where(level, 0.0, np.diff(0.5 * v**2))) / (mean(v) * dt)
    thrust = np.maximum(mean(drag) + gained, 0.08 * mean(most))
    total = float(np.sum(mean(tsfc) * thrust * dt))
    assert total == pytest.approx(profile.burn_kg, rel=0.003)


def test_still_air_cruise_agrees_with_the_table() -> None:
    """Between two points of a cruise, step climbs included, the flight and the table agree to 0.2 %."""
    lat, lon = densify([0.0, 0.0], [0.0, 80.0], 1e6)[:2]
    profile = fly(B52, [Segment(lat, lon)], 480000 * POUND, land=False)
    table = CruiseTable(B52)
    first = np.flatnonzero(np.array(profile.phase_names()) == "cruise")[5]
    start, end = profile.mass_kg[first], profile.mass_kg[-1]
    gone = profile.along_m[-1] - profile.along_m[first]
    assert start - table.mass_after(start, gone) == pytest.approx(start - end, rel=0.002)


@pytest.mark.parametrize(("u", "v"), [(30.0, 0.0), (-25.0, 10.0), (0.0, -40.0)])
def test_the_wind_triangle(u: float, v: float) -> None:
    segments = [Segment([30.0, 55.0, 60.0], [-40.0, -10.0, 40.0], altitude_m=35000 * FOOT)]
    profile = fly(B52, segments, 420000 * POUND, aloft=blowing(u, v))
    check_rows(profile, segments)
    level = np.array(profile.phase_names()) == "cruise"
    level[-1] = False
    rows = np.flatnonzero(level)
    _, track, _ = inverse(profile.lat[rows], profile.lon[rows], profile.lat[rows + 1], profile.lon[rows + 1])
    gs = profile.gs_mps[rows]
    east, north = gs * np.sin(np.radians(track)) - u, gs * np.cos(np.radians(track)) - v
    long = profile.time_s[rows + 1] - profile.time_s[rows] > 30.0
    # half a second of rounding in an interval of 1,000 s or more
    assert np.hypot(east, north)[long] == pytest.approx(profile.tas_mps[rows][long], rel=2e-3)


def test_a_tailwind_is_quicker_and_leaner_and_a_round_trip_is_not() -> None:
    there = Segment([0.0, 0.0], [0.0, 40.0])
    back = Segment([0.0, 0.0], [40.0, 0.0])
    still = fly(B52, [there], 420000 * POUND)
    tail = fly(B52, [there], 420000 * POUND, aloft=blowing(25.0))
    head = fly(B52, [there], 420000 * POUND, aloft=blowing(-25.0))
    assert tail.burn_kg < still.burn_kg < head.burn_kg
    assert tail.duration_s < still.duration_s < head.duration_s
    both = fly(B52, [there, back], 420000 * POUND)
    windy = fly(B52, [there, back], 420000 * POUND, aloft=blowing(25.0))
    assert windy.duration_s > both.duration_s


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.floats(-60, 60), st.floats(-180, 180), st.floats(0, 360), st.floats(3e5, 9e6), st.floats(0.72, 1.0),
    st.floats(-30, 30), st.floats(-30, 30), st.floats(0, 2500), st.floats(0, 2500),
)  # fmt: skip
def test_any_flight_keeps_its_promises(lat, lon, track, length, share, u, v, up, down) -> None:
    """Any place and direction, the antimeridian and the poles included."""
    lats, lons, _ = direct(lat, lon, track, np.linspace(0.0, length, 4))
    segments = [Segment(lats, lons)]
    mass = share * B52.max_takeoff_mass_kg
    profile = fly(
        B52, segments, mass, aloft=blowing(u, v), origin_elevation_m=up, destination_elevation_m=down
    )  # fmt: skip
    assert profile.failure is None
    check_rows(profile, segments)
    assert profile.altitude_m[0] == up and profile.altitude_m[-1] == pytest.approx(down, abs=0.01)
    assert (profile.altitude_m <= B52.ceiling_m + 0.5).all()
    assert (np.diff(profile.burnt_kg) > 0).all()


def test_over_the_pole() -> None:
    segments = [Segment([78.0, 78.0], [20.0, -160.0], altitude_m=35000 * FOOT)]
    profile = fly(B52, segments, 400000 * POUND)
    check_rows(profile, segments)
    assert profile.lat.max() > 89.9


def test_a_flight_reversed_in_still_air_takes_as_long() -> None:
    one = fly(B52, [Segment([10.0, 50.0], [170.0, -150.0])], 420000 * POUND)
    other = fly(B52, [Segment([50.0, 10.0], [-150.0, 170.0])], 420000 * POUND)
    assert one.duration_s == pytest.approx(other.duration_s, abs=2.0)
    assert one.burn_kg == pytest.approx(other.burn_kg, rel=1e-4)


def test_fuel_taken_part_of_the_way_is_bounded_by_rows() -> None:
    lat, lon = [0.0, 0.0], [20.0, 23.0]
    take = Segment(
        lat, lon, "refuel", altitude_m=FL280, fuel_taken_kg=20000.0, flow_from_m=80e3, flow_to_m=250e3
    )
    segments = [Segment([0.0, 0.0], [0.0, 20.0]), take, Segment([0.0, 0.0], [23.0, 40.0])]
    profile = fly(B52, segments, 350000 * POUND)
    check_rows(profile, segments)
    start = profile.along_m[profile.vertex_row[1][0]]
    for offset in (80e3, 250e3):
        assert np.abs(profile.along_m - (start + offset)).min() < 1e-3
    got = profile.mass_kg + profile.burnt_kg - profile.takeoff_kg
    at = np.interp([start + 80e3, start + 250e3], profile.along_m, got)
    assert at == pytest.approx([0.0, 20000.0], abs=1.0)


def test_a_tanker_gives_what_its_receiver_takes() -> None:
    lat, lon = densify([25.1, 28.2], [51.3, 33.8], 4e5)[:2]
    with_receiver = Segment([28.2, 31.8], [33.8, 29.5], "accompany", 0.72, FL280, fuel_taken_kg=-30000.0)
    home = Segment([31.8, 25.1], [29.5, 51.3])
    segments = [Segment(lat, lon), with_receiver, home]
    profile = fly(KC135, segments, KC135.operating_empty_mass_kg + 85000.0)
    check_rows(profile, segments)
    assert profile.failure is None and profile.offload_kg == pytest.approx(30000.0, abs=1e-6)
    heavy = fly(KC135, [segments[0], Segment([28.2, 31.8], [33.8, 29.5], "accompany", 0.72, FL280), home],
                KC135.operating_empty_mass_kg + 85000.0)  # fmt: skip
    assert heavy.burn_kg > profile.burn_kg


def test_the_same_segment_takes_tanker_and_receiver_as_long() -> None:
    """Same line, Mach and level: what joins them is that they need the same time, whatever they weigh."""
    lat, lon = [28.2, 31.8], [33.8, 29.5]
    times = []
    for a, mass in ((B52, 150000.0), (KC135, 110000.0)):
        profile = fly(a, [Segment(lat, lon, "accompany", 0.72, FL280)], mass, start_altitude_m=FL280, land=False,
                      aloft=blowing(18.0, -9.0))  # fmt: skip
        times.append(profile.duration_s)
    assert times[0] == times[1]


def test_a_segment_flown_in_a_time_given() -> None:
    segments = [
        Segment([26.27, 27.5], [50.15, 49.0]),
        Segment([27.5, 25.2], [49.0, 51.9], "accompany", altitude_m=34000 * FOOT, duration_s=1800.0),
        Segment([25.2, 26.27], [51.9, 50.15]),
    ]
    profile = fly(EAGLE, segments, EAGLE.operating_empty_mass_kg + EAGLE.max_fuel_kg, aloft=blowing(20.0))
    check_rows(profile, segments)
    assert profile.segment_end_s[1] - profile.segment_start_s[1] == pytest.approx(1800.0, abs=1.0)


def test_a_hold_burns_by_the_minute() -> None:
    there, back = Segment([0.0, 0.0], [0.0, 20.0]), Segment([0.0, 0.0], [20.0, 40.0])
    hold = Segment([0.0], [20.0], "hold", hold_s=3600.0)
    with_hold = fly(B52, [there, hold, back], 400000 * POUND)
    without = fly(B52, [there, back], 400000 * POUND)
    assert with_hold.duration_s - without.duration_s == pytest.approx(3600.0, abs=30.0)
    assert "hold" in with_hold.phase_names()
    assert 4000.0 < with_hold.burn_kg - without.burn_kg < 9000.0


def test_circling_at_a_mach_given_is_flown_at_it() -> None:
    there, back = Segment([0.0, 0.0], [0.0, 20.0]), Segment([0.0, 0.0], [20.0, 40.0])
    burns = {}
    for mach in (None, 0.77):
        hold = Segment([0.0], [20.0], "hold", mach, hold_s=3600.0)
        profile = fly(B52, [there, hold, back], 400000 * POUND)
        rows = np.array(profile.phase_names()) == "hold"
        burns[mach] = profile.burn_kg
        sound = atmosphere.speed_of_sound(profile.altitude_m[rows])
        flown = profile.tas_mps[rows] / sound
        assert (flown < 0.76).all() if mach is None else flown == pytest.approx(0.77)
    assert burns[None] < burns[0.77]


def test_an_hourly_type_burns_cruise_on_station_and_less_in_a_hold() -> None:
    there, back = Segment([0.0, 0.0], [0.0, 4.0]), Segment([0.0, 0.0], [4.0, 0.0])
    full = EAGLE.operating_empty_mass_kg + EAGLE.max_fuel_kg
    plain = fly(EAGLE, [there, back], full).burn_kg
    assert EAGLE.cruise_burn and EAGLE.hold_burn
    for kind, rate in (("station", EAGLE.cruise_burn), ("hold", EAGLE.hold_burn)):
        profile = fly(EAGLE, [there, Segment([0.0], [4.0], kind, hold_s=1800.0), back], full)
        assert profile.burn_kg - plain == pytest.approx(1800.0 * rate, abs=3.0)


def test_levels_step_up_and_keep_under_the_ceiling_given() -> None:
    lat, lon = densify([0.0, 0.0], [0.0, 80.0], 1e6)[:2]
    profile = fly(B52, [Segment(lat, lon)], 480000 * POUND, ceiling_m=37500 * FOOT)
    cruise = np.array(profile.phase_names()) == "cruise"
    levels = np.unique(np.round(profile.altitude_m[cruise] / FOOT))
    assert levels.max() == 37000 and levels.size > 2
    assert (np.abs(levels % 1000) < 1e-6).all()
    assert (np.diff(profile.altitude_m[cruise]) >= -0.01).all()
    even = fly(B52, [Segment(lat, lon)], 480000 * POUND, level_step_m=2000 * FOOT)
    cruise = np.array(even.phase_names()) == "cruise"
    assert set(np.round(even.altitude_m[cruise] / FOOT) % 2000) == {0.0}


def test_a_short_hop_climbs_and_comes_down() -> None:
    segments = [Segment([50.0, 51.5], [0.0, 0.0])]
    profile = fly(KC135, segments, KC135.operating_empty_mass_kg + 30000.0)
    assert profile.failure is None
    check_rows(profile, segments)
    assert profile.altitude_m[-1] == 0.0 and profile.altitude_m.max() < 35000 * FOOT


def test_diversion_fuel_covers_the_flight_it_stands_for() -> None:
    """fuel_to_divert against the flight flown out: never less, and at most 900 kg more over 500 to 2,000 nm."""
    table = CruiseTable(B52)
    nothing = reserves.Reserve(final_s=0.0)
    for nm in (300, 1000, 2000):
        lat, lon, _ = direct(40.0, -30.0, 80.0, np.array([0.0, nm * NAUTICAL_MILE]))
        flown = fly(B52, [Segment(lat, lon)], 120000.0, start_altitude_m=FL280)
        assert flown.failure is None
        need = float(reserves.fuel_to_divert(table, 120000.0, FL280, nm * NAUTICAL_MILE, nothing))
        assert 0.0 < need - flown.burn_kg < 1500.0


def test_vertices_nearer_than_a_second_do_not_slow_the_clock() -> None:
    """200 vertices 100 m apart, 0.4 s each: the clock stays within 1.5 s of a line with none of them."""
    lat, lon, _ = direct(
        0.0, 0.0, 90.0, np.concatenate([[0.0, 5e5], 5e5 + 100.0 * np.arange(1, 201), [1.5e6]])
    )
    dense = fly(B52, [Segment(lat, lon)], 400000 * POUND)
    plain = fly(B52, [Segment(lat[[0, -1]], lon[[0, -1]])], 400000 * POUND)
    assert dense.duration_s == pytest.approx(plain.duration_s, abs=2.0)
    apart = np.interp(dense.along_m, plain.along_m, plain.time_s) - dense.time_s
    assert np.abs(apart).max() <= 2.5
    assert (np.diff(dense.time_s) >= 1.0).all()
    fast = dense.gs_mps[:-1][np.diff(dense.time_s) > 5.0]
    assert (fast[10:] < 260.0).all()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_asked_the_account_closes(seed: int) -> None:
    """Random segments of every kind, sense or none: an answer or a failure, never a broken row."""
    rng = np.random.default_rng(seed)
    types = [a for a in catalogue.catalogue() if a.judged]
    flown = 0
    for _ in range(150):
        a = types[rng.integers(len(types))]
        fastest = min(0.85, (a.mach_drag_divergence or 0.85) + 0.05)
        segments = []
        here = (rng.uniform(-90, 90), rng.uniform(-180, 180))
        for _ in range(rng.integers(1, 6)):
            lat, lon = [here[0]], [here[1]]
            for _ in range(rng.integers(0, 5)):
                there = direct(lat[-1], lon[-1], rng.uniform(0, 360), 10 ** rng.uniform(-1, 6.5))
                lat.append(float(there[0]))
                lon.append(float(there[1]))
            here = (lat[-1], lon[-1])
            fuel = float(rng.normal() * 10000) if rng.random() < 0.3 else 0.0
            hold = 300.0 if len(lat) == 1 or rng.random() < 0.3 else 0.0
            segments.append(
                Segment(
                    lat,
                    lon,
                    ("cruise", "cruise", "refuel", "station", "hold", "accompany")[rng.integers(6)],
                    None if rng.random() < 0.6 else rng.uniform(0.3, fastest),
                    None if rng.random() < 0.6 else rng.uniform(3000, 13000),
                    fuel,
                    hold_s=hold,
                    duration_s=None if rng.random() < 0.9 else 10 ** rng.uniform(1, 4.5),
                )
            )
        most = min(a.max_takeoff_mass_kg, a.operating_empty_mass_kg + a.max_fuel_kg)
        profile = fly(
            a, segments, rng.uniform(0.5 * (a.operating_empty_mass_kg + most), most),
            aloft=blowing(rng.normal() * 20, rng.normal() * 20), land=bool(rng.random() < 0.6),
        )  # fmt: skip
        t = profile.time_s
        assert (t == np.rint(t)).all() and (np.diff(t) >= 1.0).all() and (np.diff(t) <= 60.0).all()
        assert (profile.fuel_kg >= -1e-6).all() and np.isfinite(profile.lat + profile.lon).all()
        account = profile.takeoff_kg + profile.onload_kg - profile.offload_kg - profile.burn_kg
        assert profile.landing_kg == pytest.approx(account, abs=1e-6)
        assert (np.diff(profile.burnt_kg) >= 0.0).all()
        if profile.failure is None:
            flown += 1
            assert profile.mass_kg[-1] == pytest.approx(profile.landing_kg, abs=1e-3)
        else:
            assert profile.failure.by >= 0.0 and str(profile.failure)
    assert flown > 10


# --- what cannot be flown


def test_fuel_running_out_says_where_and_how_much() -> None:
    segment = Segment([0.0, 0.0, 0.0], [0.0, 70.0, 140.0])
    short = fly(B52, [segment], B52.operating_empty_mass_kg + 80000.0)
    assert short.failure is not None and short.failure.code == "fuel" and short.failure.unit == "kg"
    assert (short.fuel_kg >= 0.0).all() and short.fuel_kg[-1] < 500.0
    assert short.failure.along_m == pytest.approx(short.along_m[-1], abs=30e3)
    assert 0.0 < short.failure.lon < 140.0 and "fuel runs out by" in str(short.failure)
    # what it says is missing is about what is missing: carrying it costs some more
    more = fly(B52, [segment], B52.operating_empty_mass_kg + 80000.0 + 3.0 * short.failure.by)
    assert more.failure is None
    less = fly(B52, [segment], B52.operating_empty_mass_kg + 80000.0 + 0.9 * short.failure.by)
    assert less.failure is not None


@pytest.mark.parametrize(
    ("code", "mass_lb", "kwargs"),
    [
        ("mass", 489000, {}),
        ("tank", 489000 - 40000, {"zero_fuel_mass_kg": 185000 * POUND}),
    ],
)
def test_limits_at_takeoff(code: str, mass_lb: float, kwargs: dict) -> None:
    a = B52 if code == "mass" else catalogue.load("KC-135R")
    mass = mass_lb * POUND if code == "mass" else a.operating_empty_mass_kg + a.max_fuel_kg + 500.0
    profile = fly(a, [Segment([0.0, 0.0], [0.0, 20.0])], mass)
    assert profile.failure is not None
    assert profile.failure.code in (code, "mass")
    assert profile.failure.by > 0.0


def test_overfilling_and_overloading_in_the_air() -> None:
    there = Segment([0.0, 0.0], [0.0, 20.0])
    take = Segment([0.0, 0.0], [20.0, 24.0], "refuel", altitude_m=FL280, fuel_taken_kg=60000.0)
    heavy = fly(B52, [there, take], 488000 * POUND, land=False)
    assert heavy.failure is not None and heavy.failure.code in ("mass", "buffet", "thrust", "tank")
    lancer = catalogue.load("B-1B")  # full tanks and no load are well under its greatest mass
    take = Segment([0.0, 0.0], [20.0, 24.0], "refuel", altitude_m=22000 * FOOT, fuel_taken_kg=60000.0)
    light = fly(lancer, [there, take], lancer.operating_empty_mass_kg + 100000.0, land=False)
    assert light.failure is not None and light.failure.code == "tank" and light.failure.segment == 1


def test_levels_that_cannot_be_held() -> None:
    for level, codes in ((46000 * FOOT, {"thrust", "buffet"}), (15500.0, {"ceiling", "thrust"})):
        profile = fly(B52, [Segment([0.0, 0.0], [0.0, 20.0], altitude_m=level)], 480000 * POUND)
        assert profile.failure is not None and profile.failure.code in codes
    low = fly(B52, [Segment([0.0, 0.0], [0.0, 20.0])], 480000 * POUND, ceiling_m=8000 * FOOT)
    assert low.failure is not None and low.failure.code == "no_level"


def test_a_contact_too_soon_after_takeoff() -> None:
    segments = [
        Segment([0.0, 0.0], [0.0, 0.5]),
        Segment([0.0, 0.0], [0.5, 4.0], "refuel", altitude_m=FL280, fuel_taken_kg=5000.0),
    ]
    profile = fly(B52, segments, 400000 * POUND, land=False)
    assert profile.failure is not None and profile.failure.code == "level" and profile.failure.unit == "m"


def test_a_wind_that_cannot_be_flown_against() -> None:
    profile = fly(B52, [Segment([0.0, 0.0], [0.0, 20.0])], 400000 * POUND, aloft=blowing(0.0, 120.0))
    assert profile.failure is not None and profile.failure.code == "wind"


def test_no_room_to_come_down() -> None:
    segments = [Segment([0.0, 0.0], [0.0, 10.0]), Segment([0.0, 0.0], [10.0, 12.0], "station")]
    profile = fly(B52, segments, 400000 * POUND)
    assert profile.failure is not None and profile.failure.code == "short"


def test_bad_segments_are_named_all_at_once() -> None:
    segments = [
        Segment([0.0, 0.0], [0.0, 10.0]),
        Segment([1.0, 0.0], [10.0, 20.0], "loiter", hold_s=-1.0),
        Segment([0.0, float("nan")], [20.0, 30.0], mach=1.4, altitude_m=30000.0, fuel_taken_kg=float("inf")),
        Segment([0.0], [40.0], duration_s=0.0),
    ]
    with pytest.raises(InputError) as caught:
        fly(B52, segments, 400000 * POUND)
    text = str(caught.value)
    for words in (
        "loiter",
        "does not start",
        "hold_s",
        "globe",
        "M1.4",
        "altitude",
        "must be a number",
        "duration_s",
    ):
        assert words in text
    with pytest.raises(InputError, match="nothing to fly"):
        fly(B52, [], 400000 * POUND)


def test_impossible_arguments_are_refused() -> None:
    segment = Segment([0.0, 0.0], [0.0, 10.0])
    for kwargs, words in (
        ({"zero_fuel_mass_kg": 1000.0}, "under the empty"),
        ({"zero_fuel_mass_kg": 200000.0}, "zero-fuel mass"),
        ({"origin_elevation_m": 9000.0}, "elevation"),
        ({"level_step_m": 0.0}, "level step"),
        ({"factor": 9.0}, "planning factor"),
    ):
        with pytest.raises(FuelError, match=words):
            fly(B52, [segment], 180000.0, **kwargs)
    with pytest.raises(FuelError, match="not judged: no data"):
        fly(catalogue.load("E-3"), [segment], 180000.0)
    with pytest.raises(FuelError, match="no length or time"):
        fly(B52, [segment, Segment([0.0], [10.0], "refuel", fuel_taken_kg=5.0)], 180000.0)


def test_two_runs_are_the_same_to_the_bit() -> None:
    one, two = (fly(B52, gulf_and_back(), 488000 * POUND, aloft=blowing(12.0)) for _ in range(2))
    for name in ("time_s", "lat", "lon", "altitude_m", "tas_mps", "gs_mps", "mass_kg"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
