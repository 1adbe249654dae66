from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from checker import judge
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapes import circle

from longreach import geodesy, route
from longreach.errors import InputError
from longreach.route.timed import in_force, stretch, timed

NOON = datetime(2020, 12, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
A, B = (0.0, 0.0), (0.0, 40.0)  # 4,453 km along the equator
SPEED = 250.0  # m/s: 900 km in an hour
QUICK = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def disc(lon, begin=None, end=None, lat=0.0, name="disc", radius=200e3):
    """A disc on the equator closed between two hours after noon."""
    window = (None if begin is None else NOON + begin * HOUR, None if end is None else NOON + end * HOUR)
    return replace(circle(lat, lon, radius, 20e3, name), valid=(window,))


def test_what_is_in_force_by_level_and_time():
    low = replace(disc(10, 1, 2, name="low"), ceiling_m=6000.0)
    high = replace(disc(10, None, 3, name="high"), floor_m=6000.0)
    always = replace(circle(1, 1, 1e5, name="always"), floor_m=3000.0, ceiling_m=9000.0)
    every = (low, high, always)

    def ids(**limits):
        return [closure.id for closure in in_force(every, **limits)]

    assert ids() == ["low", "high", "always"]
    assert ids(level_m=6000.0) == ["low", "high", "always"]  # a limit itself is closed
    assert ids(level_m=5999.0) == ["low", "always"]
    assert ids(level_m=10_000.0) == ["high"]
    assert ids(window=(NOON + 2.5 * HOUR, None)) == ["high", "always"]
    assert ids(window=(NOON + 2 * HOUR, NOON + 2 * HOUR)) == ["low", "high", "always"]
    assert ids(level_m=5999.0, window=(NOON + 4 * HOUR, None)) == ["always"]


def test_a_closure_that_has_ended_or_not_begun_is_flown_through():
    # at 20 east after 2 h 28 min
    for shut in (disc(20, None, 2), disc(20, 3, None), disc(20, 3, 9)):
        found = timed([shut], [A, B], departure=NOON, ground_speed=SPEED)
        assert found.route.length_m == pytest.approx(found.route.great_circle_m, abs=0.01)
        assert found.added == () and found.rounds == 1
        (crossing,) = found.crossed
        middle = NOON + timedelta(seconds=float(geodesy.distance(*A, 0, 20)) / SPEED)
        assert crossing.enter < middle < crossing.leave
        half = timedelta(seconds=220e3 / SPEED)
        assert abs(crossing.enter - (middle - half)) < timedelta(seconds=10)
        assert abs(crossing.leave - (middle + half)) < timedelta(seconds=10)


def test_a_closure_in_force_at_the_time_of_passage_is_kept():
    found = timed([disc(20, 2, 3)], [A, B], departure=NOON, ground_speed=SPEED)
    assert found.added == ("disc",) and found.rounds == 2 and not found.crossed
    plain = route.shortest(route.prepare([disc(20)]), A, B)
    assert found.route.length_m == pytest.approx(plain.length_m, abs=0.01)
    assert found.route.lower_bound_m == pytest.approx(found.route.great_circle_m, abs=0.01)
    assert found.arrival == NOON + timedelta(seconds=found.route.length_m / SPEED)


def test_a_detour_can_make_another_closure_bind():
    """Round the first disc the second, on the way round, is reached in its window."""
    first = disc(20, 2, 3, lat=-1.0, name="first", radius=300e3)
    second = disc(22, 2, 3, lat=2.6, name="second", radius=100e3)
    found = timed([first, second], [A, B], departure=NOON, ground_speed=SPEED)
    assert found.added == ("first", "second") and found.rounds == 3
    assert all(v.least_m >= -1e-3 for v in judge([first, second], found.route.lat, found.route.lon))


def test_levels_are_left_out_and_those_in_force_for_ever_are_not_added():
    above = replace(disc(20), floor_m=12_000.0)
    found = timed([above], [A, B], departure=NOON, ground_speed=SPEED, level_m=10_000.0)
    assert found.always == () and found.route.length_m == pytest.approx(found.route.great_circle_m)
    begun = disc(20, -5, None)
    found = timed([begun], [A, B], departure=NOON, ground_speed=SPEED)
    assert found.always == ("disc",) and found.rounds == 1 and found.added == ()


def test_an_end_closed_at_departure_is_an_answer():
    found = timed([disc(0, -1, 1)], [A, B], departure=NOON, ground_speed=SPEED)
    assert not found.route.feasible and found.added == ("disc",) and found.arrival is None
    assert "disc" in found.route.shortfalls[0].what
    assert timed([disc(0, -1, 1)], [A, B], departure=NOON + 2 * HOUR, ground_speed=SPEED).route.feasible


def test_faults_come_together():
    with pytest.raises(InputError) as caught:
        timed([], [A, B], departure=datetime(2020, 12, 10), ground_speed=5.0)
    assert len(caught.value.faults) == 2


@QUICK
@given(begin=st.floats(-1, 5), length=st.floats(0, 5), lon=st.floats(3, 37), speed=st.floats(100, 400))
def test_no_closure_is_broken_while_it_is_in_force(begin, length, lon, speed):
    shut = [disc(lon, begin, begin + length, name="one"), disc(20, 0.5, 2.5, lat=2.0, name="two")]
    found = timed(shut, [A, B], departure=NOON, ground_speed=speed)
    if not found.route.feasible:
        return
    lat, lon, along = geodesy.densify(found.route.lat, found.route.lon, 2e3)
    for closure in shut:
        ((start, end),) = closure.valid
        when = [NOON + timedelta(seconds=float(s) / speed) for s in along]
        far = geodesy.distance(lat, lon, closure.lines[0].lat[0], closure.lines[0].lon[0])
        inside = far < closure.lines[0].offset_m + closure.stand_off_m - 1e-2
        assert not any(held and start <= t <= end for held, t in zip(inside, when, strict=True))


def test_a_stretch_has_the_length_asked_for():
    found = route.shortest(route.prepare([disc(20)]), A, B)
    lat, lon = stretch(found, 500e3, 3e6)
    assert geodesy.path_length(lat, lon) == pytest.approx(2.5e6, abs=0.01)
    lat, lon = stretch(found, 0.0, found.length_m)
    assert geodesy.path_length(lat, lon) == pytest.approx(found.length_m, abs=0.01)
    assert (lat[0], lon[0]) == pytest.approx(A) and (lat[-1], lon[-1]) == pytest.approx(B)
