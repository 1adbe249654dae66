"""The second fuel model against the planner's kernels, and against figures worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from longreach.fuel import performance as planner
from longreach.fuel.burn import CruiseTable
from longreach.fuel.reserves import final_reserve
from longreach.verify.performance import Model, air, ground_speed
from longreach.world import aircraft

POLAR = ["B-52H", "KC-135R", "787-9", "C-17A"]


def test_standard_atmosphere() -> None:
    """ICAO Doc 7488: 35,000 ft is 218.81 K, 238.42 hPa; 11,000 m 216.65 K, 226.32 hPa."""
    temperature, pressure, sound = air(np.array([10668.0, 11000.0, 0.0]))
    assert temperature == pytest.approx([218.808, 216.65, 288.15], abs=0.01)
    assert pressure == pytest.approx([23842.0, 22632.0, 101325.0], rel=2e-4)
    assert sound[2] == pytest.approx(340.294, abs=0.001)
    assert np.isnan(air(25_000.0)[0])


@pytest.mark.parametrize("code", POLAR)
def test_level_flow_is_the_kernels(code: str) -> None:
    kind = aircraft.load(code)
    model = Model(kind)
    mass = kind.operating_empty_mass_kg + 0.3 * kind.max_fuel_kg
    for altitude in (6000.0, 9000.0, 10_500.0):
        temperature, pressure, _ = air(altitude)
        own = model.flow_per_thrust(temperature, kind.cruise_mach) * model.drag(
            mass, pressure, kind.cruise_mach
        )
        assert float(own) == pytest.approx(planner.fuel_flow(kind, mass, altitude), rel=1e-6)


@pytest.mark.parametrize("code", [*POLAR, "F-15SA"])
def test_cruise_and_reserve_are_the_planners(code: str) -> None:
    kind = aircraft.load(code)
    model, table = Model(kind), CruiseTable(kind)
    cruise = model.cruise(kind.max_inflight_mass_kg)
    mass = kind.operating_empty_mass_kg + 0.5 * kind.max_fuel_kg
    far = 1.0e6 if kind.kind == "hourly" else 3.0e6
    burnt, theirs = mass - float(cruise.mass_after(mass, far)), mass - float(table.mass_after(mass, far))
    assert burnt == pytest.approx(theirs, rel=0.01)
    back = float(cruise.mass_before(mass - burnt, far))
    assert back == pytest.approx(mass, rel=1e-6)
    light = kind.operating_empty_mass_kg * 1.05
    own = float(model.holding_flow(light, 457.2)[0]) * 1800.0
    assert own == pytest.approx(float(final_reserve(kind, light, 1800.0)), rel=0.002)


def test_flight_past_the_last_drop_is_a_shortfall_in_kilograms() -> None:
    model = Model(aircraft.load("B-52H"))
    cruise = model.cruise(200_000.0)
    empty = model.aircraft.operating_empty_mass_kg
    near, beyond = (float(cruise.mass_after(empty + 5000.0, d)) for d in (1.5e6, 1.7e6))
    assert near < empty
    assert beyond < near - 500.0


def test_wind_triangle() -> None:
    """Due east at 200 m/s: a 30 m/s wind from the west adds itself, one from the south costs its root."""
    assert float(ground_speed(200.0, 90.0, 30.0, 0.0)) == pytest.approx(230.0)
    assert float(ground_speed(200.0, 90.0, 0.0, 30.0)) == pytest.approx((200.0**2 - 30.0**2) ** 0.5)
    assert np.isnan(ground_speed(20.0, 90.0, 0.0, 30.0))
