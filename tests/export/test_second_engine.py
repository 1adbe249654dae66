"""Our plans flown by a second engine: distances, passing times and the end, by BlueSky's own Earth and clock."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longreach import geodesy
from longreach.errors import InputError, MissingExtra
from longreach.export.flown import compare, faults, interpreter, run
from longreach.export.scenario import STEP_S, scenario
from longreach.units import FOOT, HOUR, KNOT, MINUTE, NAUTICAL_MILE

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
NOT_RUN = "not run: BlueSky is not installed (pip install 'longreach[fly]')"

CORNER = 1.0  # nm by which a cut corner may come nearer to closed airspace than its stand-off


# ---------------------------------------------------------------------------------------------------------
# The scenario writer, always


def synthetic(vertices: list[tuple[float, float]], *, hold_at: int | None = None) -> dict[str, Any]:
    """A plan of one flight along `vertices` at 240 m/s, FL100 climbing to FL350 on the second leg."""
    start = datetime.fromisoformat("2020-12-10T00:00:00+00:00")
    rows: list[list[Any]] = []
    clock, step = 0.0, 240.0 * 60.0
    last = len(vertices) - 1

    def row(lat: float, lon: float, phase: str, level: float) -> None:
        stamp = (start + timedelta(seconds=round(clock))).isoformat().replace("+00:00", "Z")
        rows.append([stamp, round(lat, 6), round(lon, 6), level, 240.0 / KNOT, 240.0 / KNOT, phase])

    for number, (here, there) in enumerate(pairwise(vertices)):
        if number == hold_at:
            for _ in range(10):
                row(*here, "hold", 35000.0)
                clock += 60.0
        lat, lon, along = geodesy.densify([here[0], there[0]], [here[1], there[1]], step)
        for i in range(len(lat) - 1):
            first, final = number == 0 and i < 2, number == last - 1 and i >= len(lat) - 3
            level = 10000.0 if number == 0 else min(35000.0, 10000.0 + 2500.0 * i) if number == 1 else 35000.0
            row(lat[i], lon[i], "climb" if first else "descent" if final else "cruise", level)
            clock += (along[i + 1] - along[i]) / 240.0
    row(*vertices[-1], "descent", 0.0)
    route = [
        {"name": f"V{i}", "lat": round(lat, 6), "lon": round(lon, 6), "kind": "via"}
        for i, (lat, lon) in enumerate(vertices)
    ]
    columns = ["time_utc", "lat", "lon", "altitude_ft", "tas_kt", "gs_kt", "phase"]
    flight = {"id": "lead", "aircraft": "B-52H", "route": route, "track": {"columns": columns, "rows": rows}}
    return {"flights": [flight], "data": {"winds": {"source": "still", "u_mps": 0.0, "v_mps": 0.0}}}


# Over the antimeridian, a bend of some 40 degrees, a turn back, and home.
WAY = [(50.0, 170.0), (52.0, 178.0), (52.0, -172.0), (46.0, -165.0), (52.5, -172.5), (51.0, 179.0)]


def test_a_scenario_says_what_the_plan_says() -> None:
    made = scenario(synthetic(WAY))
    (piece,) = made.pieces
    assert [p.vertex for p in piece.points if p.vertex is not None] == [1, 2, 3, 4]
    assert [p.vertex for p in piece.points if p.over and p.vertex is not None] == [3]
    lines = [line.partition(">") for line in made.text.splitlines()]
    clocks = [clock for clock, _, _ in lines]
    assert clocks == sorted(clocks)
    commands = [command for _, _, command in lines]
    defined = [c.split(" ")[1].split(",")[0] for c in commands if c.startswith("DEFWPT")]
    added = [c.split(",")[1] for c in commands if c.startswith("ADDWPT ")]
    assert len(set(defined)) == len(defined) == len(added) and set(defined) == set(added)
    # The first point carries no speed, which BlueSky would turn into a calibrated airspeed.
    assert next(c for c in commands if c.startswith("ADDWPT ")).count(",") == 2
    # The climb of the second leg is there with its ends, and flown straight from level to level.
    levels = [p.altitude_ft for p in piece.points]
    assert 10000.0 in levels and 35000.0 in levels
    assert f"SWTOC {piece.aircraft},OFF" in commands
    assert commands.index(f"SPD {piece.aircraft},M{piece.points[0].mach:.4f}") < commands.index(
        f"VNAV {piece.aircraft},ON"
    )
    over = commands.index(f"ADDWPTMODE {piece.aircraft},FLYOVER")
    turn_back = next(p for p in piece.points if p.vertex == 3)
    assert commands[over + 1].startswith(f"ADDWPT {piece.aircraft},{turn_back.name},")


def test_a_hold_parts_a_flight_in_two() -> None:
    plan = synthetic(WAY, hold_at=2)
    made = scenario(plan)
    before, after = made.pieces
    assert after.start_s - before.start_s >= before.points[-1].time_s + 10 * MINUTE
    assert after.start_s % STEP_S == 0
    assert (before.points[-1].lat, before.points[-1].lon) == (after.points[0].lat, after.points[0].lon)


def test_winds_are_written_or_flown_as_ground_speeds() -> None:
    plan = synthetic(WAY)
    plan["data"]["winds"] = {"source": "constant", "u_mps": 10.0 * KNOT, "v_mps": 0.0}
    assert "WIND 0,0,,270.000,10.0000" in scenario(plan).text
    still = scenario(synthetic(WAY)).pieces[0]
    plan["data"]["winds"] = {"source": "file"}
    for row in plan["flights"][0]["track"]["rows"]:
        row[5] *= 1.1  # ground speed
    made = scenario(plan)
    assert "WIND" not in made.text
    for windy, calm in zip(made.pieces[0].points, still.points, strict=True):
        assert windy.mach == pytest.approx(1.1 * calm.mach, rel=1e-9)
    with pytest.raises(InputError, match="no flight"):
        scenario({"flights": [], "data": plan["data"]})


def log_of(piece: Any, slower: float = 1.0, aside_m: float = 0.0) -> np.ndarray:
    """A log as if the plan's rows had been flown, slower by a factor, beside the line."""
    rows = np.array(piece.rows)
    step = np.arange(0.0, rows[-1, 0] * slower + 60.0, STEP_S)
    at = np.minimum(step / slower, rows[-1, 0])
    lon = np.interp(at, rows[:, 0], np.unwrap(rows[:, 2], period=360.0))
    lat = np.interp(at, rows[:, 0], rows[:, 1]) + np.degrees(aside_m / geodesy.EARTH_RADIUS)
    times = np.array([p.time_s for p in piece.points]) * slower
    active = np.searchsorted(times, step, side="left").clip(1, len(times))
    level = np.interp(at, [p.time_s for p in piece.points], [p.altitude_ft * FOOT for p in piece.points])
    return np.stack(
        [step + piece.start_s, lat, geodesy.wrap_longitude(lon), level, step * 240.0, active], axis=-1
    )


def test_the_comparison_sees_what_is_wrong() -> None:
    piece = scenario(synthetic(WAY)).pieces[0]
    same = compare(piece, log_of(piece))
    # The rows' clock is whole seconds.
    assert max(abs(p.late_s) for p in same.passings) < 2.0
    assert max(p.off_m for p in same.passings) < 300.0
    assert abs(same.flown_m / same.planned_m - 1) < 1e-4
    assert faults(same) == []

    late = compare(piece, log_of(piece, slower=1.05))
    assert late.passings[-1].late_s == pytest.approx(0.05 * piece.points[-1].time_s, abs=2.0)
    assert any("late" in fault for fault in faults(late))

    beside = compare(piece, log_of(piece, aside_m=4 * NAUTICAL_MILE))
    assert any("ends" in fault for fault in faults(beside))

    longer = replace(same, flown_m=same.flown_m * 1.01 + same.turn_backs * 30e3)
    assert any("longer" in fault for fault in faults(longer))


# ---------------------------------------------------------------------------------------------------------
# Flown


def installed() -> bool:
    try:
        return bool(interpreter())
    except MissingExtra:
        return False


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """BlueSky's own HOME, kept for the module: its first start reads navigation data into a cache there."""
    return tmp_path_factory.mktemp("bluesky")


def clearances(mission_text: str, log: np.ndarray) -> list[Any]:
    """Closest approach of a flown track to each State closed by a mission."""
    from longreach import mission, route
    from longreach.world import airspace

    rules = mission.parse(mission_text).airspace
    closures = airspace.closures(
        rules.closed,
        belt=rules.belt,
        atlas=rules.atlas,
        territorial_sea_m=rules.territorial_sea_m,
        stand_off_m=rules.stand_off_m,
    )
    every = max(1, 10 // STEP_S)  # ten seconds are 1.3 nm, and the track between is straight
    return list(route.clearances(closures, log[::every, 1], log[::every, 2]))


@pytest.mark.soak
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_flown_as_planned(example: Path, home: Path, planned) -> None:
    still = example.read_text().replace(
        'source = "climatology"', 'source = "still"'
    )  # one wind is all it is given
    hold_against_bluesky(example.stem, planned(still), home)


@pytest.mark.soak
def test_a_plan_in_wind_is_flown_as_planned(home: Path, planned) -> None:
    text = (ROOT / "examples" / "london-sydney-1989.toml").read_text()
    windy = text.replace('source = "still"', 'source = "constant"\nfrom = "250 deg"\nspeed = "30 kt"')
    assert windy != text
    hold_against_bluesky("london-sydney-1989, wind 250 degrees 30 kt", planned(windy), home)


def hold_against_bluesky(name: str, plan: dict[str, Any], home: Path) -> None:
    if not installed():
        pytest.skip(NOT_RUN)
    if plan["status"] != "feasible":
        pytest.skip("infeasible on purpose: there is nothing to fly")
    made = scenario(plan)
    start = time.monotonic()
    logs = run(made, home)
    took = time.monotonic() - start
    print(f"\n{name}: {len(made.pieces)} aircraft flown by BlueSky in {took:.0f} s")
    found = []
    for piece in made.pieces:
        comparison = compare(piece, logs[piece.aircraft])
        report(comparison)
        found += faults(comparison)
        found += trespasses(plan, piece, logs[piece.aircraft])
    assert found == []


def trespasses(plan: dict[str, Any], piece: Any, log: np.ndarray) -> list[str]:
    """Closures that the flown track, with its turns, comes nearer to than the stand-off."""
    planned = {row["id"]: row for row in plan["airspace"] if row["flight"] == piece.flight}
    found = []
    for closest in clearances(plan["mission"]["text"], log):
        row, nm = planned[closest.id], closest.clearance_m / NAUTICAL_MILE
        if nm < row["stand_off_nm"] + 25.0:
            print(
                f"  {piece.flight:10s} {closest.id} passed at {nm:.2f} nm, planned {row['closest_nm']:.2f}"
                f" on the whole flight, stand-off {row['stand_off_nm']:.0f}"
            )
        if nm < row["stand_off_nm"] - CORNER:
            found.append(f"{piece.flight}: {nm:.2f} nm from {closest.id}, stand-off {row['stand_off_nm']}")
    return found


def report(comparison: Any) -> None:
    """One line of figures a piece."""
    late = np.array([p.late_s for p in comparison.passings])
    sphere = np.array([p.sphere_s for p in comparison.passings])
    off = np.array([p.off_m for p in comparison.passings]) / NAUTICAL_MILE
    print(
        f"  {comparison.piece.flight:10s} {comparison.flown_s / HOUR:5.2f} h"
        f" {comparison.planned_m / NAUTICAL_MILE:8.1f} nm"
        f" {100 * (comparison.flown_m / comparison.planned_m - 1):+7.3f} %"
        f" | points {len(comparison.passings)}, turn-backs {comparison.turn_backs}"
        f" | end {late[-1]:+.0f} s late, {sphere[-1]:+.0f} s by the sphere, {off[-1]:.2f} nm off"
        f" | at most {np.abs(late - sphere).max():.0f} s, {off.max():.2f} nm"
    )
