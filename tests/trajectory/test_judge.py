"""The check must see what is wrong: each figure bent by little more than its tolerance is named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from longreach import trajectory
from longreach.world import aircraft, airspace, winds

from .judge import judged

DEPART = datetime(2026, 1, 15, 18, tzinfo=UTC)
TYPE = aircraft.load("787-9")


@pytest.fixture(scope="module")
def flight():
    field = winds.climatology(DEPART, DEPART + timedelta(days=2))
    closures = airspace.closures("IS", stand_off_m=185_200.0)
    found = trajectory.optimise(
        closures,
        [(40.64, -73.78), (60.3, 25.0)],
        TYPE,
        field,
        DEPART,
        load=trajectory.Load(20e3),
        compare_still=False,
    )
    return found, field, closures


def bent(found, **changes):
    return replace(found, flight=replace(found.flight, **changes))


def test_a_sound_flight_passes(flight):
    assert judged(flight[0], TYPE, *flight[1:]) == []


def test_each_lie_is_seen(flight):
    found, field, closures = flight
    f = found.flight
    lies = {
        "off its distance": {"lat": f.lat + 2e-3 * (f.time_s > 9000) * (f.time_s < 9100)},
        "by our sum": {"time_s": f.time_s * 1.002},
        "kg burnt": {"mass_kg": f.mass_kg[0] - 1.01 * (f.mass_kg[0] - f.mass_kg)},
        "wrong way": {"altitude_m": f.altitude_m + 304.8 * (f.phase == 1)},
        "no cruising level": {"altitude_m": f.altitude_m + 152.4 * (f.phase == 1)},
        "reserve": {"zero_fuel_mass_kg": f.zero_fuel_mass_kg + 900.0},
        "fuel at take-off": {"zero_fuel_mass_kg": 80e3},
        "Mach number": {"mach": f.mach + 0.2 * (f.phase == 1)},
        "more thrust than there is": {"mass_kg": f.mass_kg * np.where(f.time_s < 1500.0, 1.25, 1.0)},
        "buffet": {"mass_kg": f.mass_kg + 120e3},
    }
    for word, change in lies.items():
        said = judged(bent(found, **change), TYPE, field, closures)
        assert any(word in one for one in said), (word, said)


def test_closures_are_measured(flight):
    found, field, _ = flight
    nearer = airspace.closures("IS", stand_off_m=222_240.0)
    assert any("IS" in one for one in judged(found, TYPE, field, nearer))


def test_the_wind_counts(flight):
    found, _, closures = flight
    assert any("by our sum" in one for one in judged(found, TYPE, winds.still(), closures))
