"""Fuel flow, levels and the cruise table, against plain NumPy twins and properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longreach.errors import FuelError
from longreach.fuel import _kernels as kernels
from longreach.fuel import performance, reserves
from longreach.fuel.burn import CruiseTable
from longreach.units import FOOT, HOUR, NAUTICAL_MILE, POUND
from longreach.world import aircraft as catalogue
from longreach.world import atmosphere
from longreach.world.aircraft import Aircraft

POLAR = [a.code for a in catalogue.catalogue() if a.kind == "polar"]
B52 = catalogue.load("B-52H")


def twin_flow(a: Aircraft, mass: float, altitude: float, mach: float, factor: float) -> float:
    """Fuel flow written out once more, from the formulas in docs/fuel.md."""
    assert (
        a.wing_area_m2
        and a.span_m
        and a.oswald
        and a.drag_zero_lift
        and a.mach_drag_divergence
        and a.tsfc_ref
    )
    assert a.tsfc_mach_exponent is not None
    q = 0.7 * float(atmosphere.pressure(altitude)) * mach**2
    lift = mass * 9.80665 / (q * a.wing_area_m2)
    drag = a.drag_zero_lift + lift**2 / (math.pi * a.oswald * a.span_m**2 / a.wing_area_m2)
    critical = a.mach_drag_divergence - 0.1 * (lift - 0.45) - (0.1 / 80.0) ** (1.0 / 3.0)
    drag += 20.0 * max(0.0, mach - critical) ** 4
    warmth = math.sqrt(float(atmosphere.temperature(altitude)) / float(atmosphere.temperature(35000 * FOOT)))
    return (
        factor
        * a.tsfc_ref
        * warmth
        * (mach / a.cruise_mach) ** a.tsfc_mach_exponent
        * drag
        * q
        * a.wing_area_m2
    )


@pytest.mark.parametrize("code", POLAR)
def test_fuel_flow_is_the_formula(code: str) -> None:
    a = catalogue.load(code)
    for share, level in ((0.1, 0.9), (0.5, 0.8), (0.9, 0.6)):
        mass = a.operating_empty_mass_kg + share * (a.max_takeoff_mass_kg - a.operating_empty_mass_kg)
        altitude = level * min(a.ceiling_m, performance.highest_level(a, mass))
        assert performance.fuel_flow(a, mass, altitude, factor=1.07) == pytest.approx(
            twin_flow(a, mass, altitude, a.cruise_mach, 1.07), rel=1e-6
        )


def test_the_kernel_air_is_the_standard_atmosphere() -> None:
    for h in np.linspace(-400.0, 20000.0, 103):
        t, p, sound = kernels.air(float(h))
        assert t == pytest.approx(float(atmosphere.temperature(h)), rel=1e-12)
        assert p == pytest.approx(float(atmosphere.pressure(h)), rel=1e-12)
        assert sound == pytest.approx(float(atmosphere.speed_of_sound(h)), rel=1e-12)
        assert kernels.cas_to_mach(120.0, p) == pytest.approx(
            float(atmosphere.mach_from_cas(120.0, h)), rel=1e-6
        )


def test_b52_cruise_burn_by_hand() -> None:
    # 300,000 lb at FL380, M0.77: p 20,646 Pa, q = 0.7 p M^2 = 8,569 Pa; CL = 1,334,466 N / (8,569 x 371.61) = 0.4191;
    # CD = 0.01398 + 0.04377 CL^2 = 0.02167, and M_crit = 0.82 + 0.0031 - 0.1077 = 0.7154 adds 20 x 0.0546^4 = 0.00018;
    # drag 69,570 N; TSFC 2.2661e-5 x sqrt(216.65 / 218.81) = 2.2549e-5; flow 1.569 kg/s = 12,450 lb/h.
    flow = performance.fuel_flow(B52, 300000 * POUND, 38000 * FOOT, 0.77, factor=1.0)
    assert flow * HOUR / POUND == pytest.approx(12450, rel=0.002)


@pytest.mark.parametrize(
    ("mass_lb", "level_ft", "mach", "words"),
    [
        (488000, 45000, 0.77, "buffet|thrust"),
        (300000, 52000, 0.77, "ceiling"),
        (500000, 30000, 0.77, "outside .*most in flight"),
        (150000, 30000, 0.77, "operating empty"),
        (300000, 30000, 0.95, "M0.30 to M0.87"),
        (300000, 30000, 0.10, "M0.30 to M0.87"),
        (300000, 30000, 0.30, "buffet"),
    ],
)
def test_outside_the_envelope_names_the_limit(
    mass_lb: float, level_ft: float, mach: float, words: str
) -> None:
    with pytest.raises(FuelError, match=words):
        performance.fuel_flow(B52, mass_lb * POUND, level_ft * FOOT, mach)


def test_the_factor_is_checked() -> None:
    with pytest.raises(FuelError, match="planning factor"):
        performance.parameters(B52, 0.0)
    with pytest.raises(FuelError, match="planning factor"):
        performance.parameters(B52, float("nan"))


@pytest.mark.parametrize("code", POLAR)
def test_the_best_level_is_the_best_of_all_allowed(code: str) -> None:
    a = catalogue.load(code)
    vector = performance.parameters(a)
    for mass in np.linspace(a.operating_empty_mass_kg, a.max_takeoff_mass_kg * 0.98, 7):
        level = performance.best_level(a, float(mass))
        assert abs(level / (1000 * FOOT) - round(level / (1000 * FOOT))) < 1e-9
        rates = {}
        for step in range(10, round(a.ceiling_m / FOOT / 1000) + 1):
            h = step * 1000 * FOOT
            if h <= a.ceiling_m and kernels.level_ok(vector, float(mass), h, a.cruise_mach):
                speed = a.cruise_mach * float(atmosphere.speed_of_sound(h))
                rates[step] = kernels.level_flow(vector, float(mass), h, a.cruise_mach) / speed
        assert round(level / FOOT / 1000) == min(rates, key=rates.__getitem__)


def test_levels_in_steps_and_under_a_ceiling() -> None:
    level = performance.best_level(B52, 300000 * POUND, level_step_m=2000 * FOOT, ceiling_m=39900 * FOOT)
    assert level == pytest.approx(38000 * FOOT)
    with pytest.raises(FuelError, match="no level from 10,000 ft"):
        performance.best_level(B52, 300000 * POUND, ceiling_m=9000 * FOOT)


@pytest.mark.parametrize("code", POLAR)
def test_ceiling_rises_as_fuel_burns(code: str) -> None:
    a = catalogue.load(code)
    masses = np.linspace(a.operating_empty_mass_kg, a.max_takeoff_mass_kg, 6)
    ceilings = [performance.highest_level(a, float(m)) for m in masses]
    assert ceilings == sorted(ceilings, reverse=True)
    assert ceilings[-1] > 15000 * FOOT  # at greatest mass it still cruises


@pytest.mark.parametrize("code", ["B-52H", "KC-135R", "787-9", "F-15SA"])
def test_the_table_agrees_with_step_integration(code: str) -> None:
    """Mass after a distance against fine steps of the same rates, each step climb paid when it comes: 0.1 %."""
    a = catalogue.load(code)
    table = CruiseTable(a)
    start = (
        0.97 * table.heaviest_kg if a.kind == "polar" else a.operating_empty_mass_kg + 0.97 * a.max_fuel_kg
    )
    for distance in (0.5e6, 1.5e6) if a.kind == "hourly" else (3.0e6, 8.0e6):
        mass, n = start, 4000
        dx = distance / n
        was = math.inf
        for _ in range(n):
            level, rate = kernels.best_level(table.parameters, mass, table.mach, table.ceiling_m, 304.8)
            if level > was and a.kind == "polar":
                warmth, _, sound = kernels.air(was)
                work = mass * 9.80665 * (level - was)
                mass -= work * kernels.tsfc(table.parameters, warmth, table.mach) / (table.mach * sound)
            was = level
            half = kernels.best_level(
                table.parameters, mass - 0.5 * rate * dx, table.mach, table.ceiling_m, 304.8
            )[1]  # fmt: skip
            mass -= half * dx
        assert table.mass_after(start, distance) == pytest.approx(mass, abs=0.001 * (start - mass))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.floats(0.3, 1.0), st.floats(0.0, 4.0e6), st.floats(0.0, 4.0e6))
def test_distances_add_and_invert(share: float, one: float, two: float) -> None:
    table = CruiseTable(B52)
    start = table.mass_kg[0] + share * (table.heaviest_kg - table.mass_kg[0])
    both = table.mass_after(start, one + two)
    stepwise = table.mass_after(table.mass_after(start, one), two)
    if math.isnan(both):
        assert math.isnan(stepwise)
        return
    assert both == pytest.approx(stepwise, abs=1e-3)
    assert both <= start + 1e-6
    assert table.mass_before(both, one + two) == pytest.approx(start, abs=1e-3)
    assert table.distance(start, both) == pytest.approx(one + two, abs=1.0)
    assert table.time(start, both) == pytest.approx(
        (one + two) / 227.6, rel=0.02, abs=0.01
    )  # M0.77 near the tropopause


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.floats(0.05, 0.9), st.floats(0.01, 0.1), st.floats(1e5, 5e6))
def test_heavier_at_the_start_is_heavier_at_the_end(share: float, more: float, distance: float) -> None:
    """The rule the refuelling search stands on: more fuel at the start is never less at the end."""
    table = CruiseTable(B52)
    span = table.heaviest_kg - table.mass_kg[0]
    light = table.mass_after(table.mass_kg[0] + share * span, distance)
    heavy = table.mass_after(table.mass_kg[0] + (share + more) * span, distance)
    assert math.isnan(light) or heavy > light


def test_more_drag_or_factor_burns_more() -> None:
    from dataclasses import replace

    start, distance = 200000.0, 6.0e6
    plain = CruiseTable(B52, factor=1.0).mass_after(start, distance)
    draggy = CruiseTable(replace(B52, drag_zero_lift=1.1 * 0.01398), factor=1.0).mass_after(start, distance)
    careful = CruiseTable(B52, factor=1.1).mass_after(start, distance)
    low = CruiseTable(B52, factor=1.0, ceiling_m=25000 * FOOT).mass_after(start, distance)
    assert draggy < plain and careful < plain and low < draggy


def test_no_answer_outside_the_grid() -> None:
    table = CruiseTable(B52)
    assert math.isnan(table.mass_after(200000.0, 40.0e6))
    assert math.isnan(table.mass_after(300000.0, 1.0))
    assert math.isnan(table.mass_before(220000.0, 5.0e6))
    assert math.isnan(table.distance(200000.0, 50000.0))
    assert np.isnan(table.level([10.0, 1e6])).all()
    for array in table.arrays():
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0


def test_the_kernel_form_is_the_table() -> None:
    table = CruiseTable(B52)
    mass, reach, _ = table.arrays()
    for start, distance in ((200000.0, 3.0e6), (110000.0, 1.0e5), (110000.0, 4.0e7)):
        assert kernels.table_mass_after(mass, reach, start, distance) == pytest.approx(
            float(table.mass_after(start, distance)), abs=1e-6, nan_ok=True
        )


def test_a_fixed_level_costs_more_than_the_best() -> None:
    fixed = CruiseTable(B52, altitude_m=28000 * FOOT, mach=0.72)
    assert (fixed.level_m == 28000 * FOOT).all()
    assert fixed.mass_after(150000.0, 1e6) < CruiseTable(B52).mass_after(150000.0, 1e6)


def test_impossible_tables_are_refused() -> None:
    with pytest.raises(FuelError, match="no level can be held"):
        CruiseTable(B52, ceiling_m=5000 * FOOT)
    with pytest.raises(FuelError, match=r"outside M0\.30"):
        CruiseTable(B52, mach=1.2)
    with pytest.raises(FuelError, match="not judged: no data"):
        CruiseTable(catalogue.load("E-3"))


# --- reserves


def test_final_reserve_is_holding_at_least_speed() -> None:
    mass = 90000.0
    flows = []
    vector = performance.parameters(B52)
    for mach in np.arange(0.3, 0.7, 0.001):
        p = kernels.air(1500 * FOOT)[1]
        if kernels.lift_drag(vector, mass, p, mach)[0] <= 0.9 * kernels.lift_limit(vector, mach):
            flows.append(kernels.level_flow(vector, mass, 1500 * FOOT, mach))
    assert reserves.final_reserve(B52, mass, 1800.0) == pytest.approx(1800.0 * min(flows), rel=2e-3)
    assert np.isnan(reserves.final_reserve(B52, 10000.0, 1800.0))


def test_fuel_to_divert_adds_up_and_inverts() -> None:
    table = CruiseTable(B52)
    reserve = reserves.Reserve(final_s=1800.0, contingency=0.05)
    mass, distance = 110000.0, 1000 * NAUTICAL_MILE
    level = float(table.level(mass))
    need = float(reserves.fuel_to_divert(table, mass, level, distance, reserve))
    after = float(table.mass_after(mass, distance))
    hold = float(reserves.final_reserve(B52, after, 1800.0))
    assert need == pytest.approx(1.05 * (mass - after) + hold, rel=1e-9)
    low = float(reserves.fuel_to_divert(table, mass, 26000 * FOOT, distance, reserve))
    assert 200.0 < low - need < 900.0  # some 20,000 ft of climb for 110 t
    reach = reserves.reachable_distance(table, mass, need, level, reserve)
    assert reach == pytest.approx(distance, abs=2.0)
    assert reserves.reachable_distance(table, mass, 1000.0, level, reserve) == 0.0
    assert np.isnan(reserves.fuel_to_divert(table, mass, level, 30.0e6, reserve))


def test_hourly_types_have_endurance() -> None:
    eagle = catalogue.load("F-15SA")
    table = CruiseTable(eagle)
    full = eagle.operating_empty_mass_kg + eagle.max_fuel_kg
    assert eagle.cruise_burn is not None and eagle.hold_burn is not None
    assert table.time(full, eagle.operating_empty_mass_kg) == pytest.approx(
        eagle.max_fuel_kg / eagle.cruise_burn
    )
    need = reserves.fuel_to_divert(table, full, 9144.0, 0.0, reserves.Reserve(1800.0))
    assert need == pytest.approx(1800.0 * eagle.hold_burn)


def test_reserves_out_of_range_are_refused() -> None:
    with pytest.raises(FuelError, match="final reserve"):
        reserves.Reserve(-1.0)
    with pytest.raises(FuelError, match="contingency"):
        reserves.Reserve(1800.0, contingency=5.0)
