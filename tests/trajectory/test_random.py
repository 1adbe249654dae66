"""Random flights under the judge: a few each time, 2,000 in `make soak`."""

import pytest

from . import random_flights


@pytest.mark.parametrize("seed", [1, 4, 7, 10, 16, 21, 34, 40])
def test_a_random_flight_is_what_it_says(seed):
    case = random_flights.case(seed)
    assert case is None or case.faults == [], case.said


@pytest.mark.parametrize("seed", [101608, 100818])
def test_times_that_were_missed_once(seed):
    """Circling without a speed of least flow in hand; a change of level that made the time jump past the one required."""
    case = random_flights.case(seed)
    assert case.faults == [] and case.found.appointment.action == "hold"


@pytest.mark.soak
def test_two_thousand_random_flights():
    feasible, wrong = 0, []
    for seed in range(100_000, 102_000):
        case = random_flights.case(seed)
        if case is None:
            continue
        feasible += case.found.feasible
        if case.faults:
            wrong.append((case.said, case.faults))
            print(wrong[-1], flush=True)
        if seed % 100 == 99:
            print(f"{seed - 99_999} flights, {feasible} feasible, {len(wrong)} wrong", flush=True)
    assert not wrong, f"{len(wrong)} of {feasible} feasible flights are not what they say: {wrong[:3]}"
    assert feasible > 700
