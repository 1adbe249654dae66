"""An aircraft that flies in another's rows: its fuel is what its own flight of that line would burn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from longreach import geodesy
from longreach.fuel import performance
from longreach.fuel.beside import Take, fly_beside, pair_cell
from longreach.fuel.performance import LEVEL_STEP
from longreach.fuel.profile import PHASES, Segment, fly
from longreach.fuel.refuelling import pair
from longreach.world.aircraft import load

TYPES = ("B-52H", "B-1B", "C-17A", "787-9", "KC-135R", "F-15E")


def line(metres: float) -> tuple[np.ndarray, np.ndarray]:
    lat, lon, _ = geodesy.direct(30.0, -40.0, 60.0, np.array([0.0, metres]))
    return lat, lon


def flown(code: str, *, load_on_levels: float = 1.0):
    kind = load(code)
    own = replace(kind, level_load=load_on_levels)
    metres = 1.2e6 if kind.kind == "hourly" else 4e6
    fuel = min(kind.max_fuel_kg, kind.max_takeoff_mass_kg - kind.operating_empty_mass_kg) * 0.8
    return kind, fly(own, [Segment(*line(metres))], kind.operating_empty_mass_kg + fuel)


@pytest.mark.parametrize("code", TYPES)
def test_in_its_own_rows_it_burns_what_it_burnt(code: str) -> None:
    """The rows are a minute apart, the flight was integrated every few seconds: 0.1 % and 30 kg between them."""
    kind, alone = flown(code)
    found = fly_beside(kind, alone, np.zeros(alone.time_s.size), alone.takeoff_kg, alone.zero_fuel_kg)
    assert found.profile.failure is None
    assert found.profile.burn_kg == pytest.approx(alone.burn_kg, rel=1e-3, abs=30.0)
    assert np.abs(found.profile.fuel_kg - alone.fuel_kg).max() < 0.001 * alone.burn_kg + 40.0
    assert max(found.level, found.climb) <= 1.05 and found.lift <= 1.0 and found.above_m == 0.0


def test_fuel_taken_on_is_on_board_from_then_on() -> None:
    kind, alone = flown("B-52H")
    calm = np.zeros(alone.time_s.size)
    take = Take(3600.0, 4800.0, 9000.0)
    dry = fly_beside(kind, alone, calm, alone.takeoff_kg, alone.zero_fuel_kg).profile
    wet = fly_beside(kind, alone, calm, alone.takeoff_kg, alone.zero_fuel_kg, (take,)).profile
    more = wet.fuel_kg - dry.fuel_kg
    assert more[alone.time_s <= 3600.0].max() == 0.0
    after = more[(alone.time_s >= 4800.0) & (alone.phase == PHASES.index("cruise"))]
    assert 8850.0 < after[0] < 9000.0 and (np.diff(after) < 1e-6).all()  # heavier it burns more
    assert wet.onload_kg == 9000.0
    left = wet.takeoff_kg + wet.onload_kg - wet.burn_kg - wet.landing_kg
    assert abs(left) < 1e-3


def test_what_cannot_be_flown_is_said() -> None:
    """A heavily laden C-17A in the rows of a light 787-9 wants more thrust or lift than there is."""
    _, light = flown("787-9")
    kind = load("C-17A")
    calm = np.zeros(light.time_s.size)
    found = fly_beside(kind, light, calm, kind.max_takeoff_mass_kg, kind.operating_empty_mass_kg)
    assert max(found.level, found.climb, found.lift) > 1.02
    short = fly_beside(kind, light, calm, kind.operating_empty_mass_kg + 4000.0, kind.operating_empty_mass_kg)
    assert short.profile.failure is not None and short.profile.failure.code == "fuel"
    full = fly_beside(
        kind,
        light,
        calm,
        kind.max_takeoff_mass_kg,
        kind.operating_empty_mass_kg,
        (Take(9000.0, 9600.0, 8e4),),
    )
    assert full.profile.failure is not None and full.profile.failure.code in ("tank", "mass")


def test_a_load_takes_levels_and_climbs_of_a_heavier_aircraft() -> None:
    kind, alone = flown("B-52H")
    _, laden = flown("B-52H", load_on_levels=1.3)
    assert laden.altitude_m.max() < alone.altitude_m.max()
    mass = 0.65 * kind.max_takeoff_mass_kg
    heavier = performance.best_level(kind, 1.3 * mass)
    assert performance.best_level(replace(kind, level_load=1.3), mass) == heavier
    assert performance.best_level(kind, mass) >= heavier + LEVEL_STEP

    def minutes_to(profile, feet: float) -> float:
        return float(np.interp(feet * 0.3048, profile.altitude_m[:20], profile.time_s[:20])) / 60.0

    assert minutes_to(laden, 25_000.0) > minutes_to(alone, 25_000.0) + 1.0
    assert laden.burn_kg > alone.burn_kg


def test_a_pairing_of_a_cell_is_one_that_all_can_hold() -> None:
    tanker = load("KC-135R")
    buff, bone = load("B-52H"), load("B-1B")
    one = pair_cell([(buff, 150_000.0)], tanker)
    assert one == pair(buff, tanker, 150_000.0)
    both = pair_cell([(buff, 150_000.0), (bone, 150_000.0)], tanker)
    other = pair(bone, tanker, 150_000.0)
    assert not isinstance(both, str) and not isinstance(one, str) and not isinstance(other, str)
    assert both.altitude_m == min(one.altitude_m, other.altitude_m)
    assert both.mach == min(one.mach, other.mach) and both.rate_kgps == one.rate_kgps
    why = pair_cell([(bone, 200_000.0), (load("F-16C"), 15_000.0)], tanker)
    assert isinstance(why, str) and "no level suits all of the cell" in why
