"""Every example planned whole and compared with its golden summary; the founding mission held to the record."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from longreach import geodesy
from longreach.document import to_bytes
from longreach.units import HOUR, NAUTICAL_MILE

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
FOUNDING = ROOT / "examples" / "gulf-2020-12-10.toml"
GOLDEN = ROOT / "tests" / "golden"

# How far a figure may be from its golden value before the difference has to be looked at.
TOLERANCES = {
    "h": 0.05,  # durations
    "kg": 300.0,
    "nm": 1.0,  # lengths
    "closest_nm": 0.1,
    "place_nm": 10.0,
    "s": 300.0,  # clock times
}

pytestmark = pytest.mark.xdist_group("plans")


def seconds(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp()


def summary(document: dict[str, Any]) -> dict[str, Any]:
    """The figures of a plan that a reader would compare."""

    def place(at: dict[str, float]) -> list[float]:
        return [round(at["lat"], 2), round(at["lon"], 2)]

    return {
        "status": document["status"],
        "flights": [
            {
                "id": flight["id"],
                "aircraft": f"{flight['count']} {flight['aircraft']}",
                "takeoff_utc": flight["takeoff_utc"],
                "hours_h": round((seconds(flight["landing_utc"]) - seconds(flight["takeoff_utc"])) / HOUR, 3),
                **{
                    key: round(flight["fuel"][key])
                    for key in ("takeoff_kg", "onload_kg", "offload_kg", "burn_kg", "landing_kg")
                },
                "States": [state for state, _ in itertools.groupby(overflown(document, flight["id"]))],
            }
            for flight in document["flights"]
        ],
        "refuellings": [
            {
                "base": f"{row['tankers']} {row['tanker_type']} of {row['tanker_base']}",
                "start_utc": row["start_utc"],
                "place": place(row["start"]),
                "onload_kg": round(row["onload_kg"]),
                "abort": row["abort"]["base"],
            }
            for row in document["refuellings"]
        ],
        "joins": [
            {
                "flight": row["flight"],
                "join_utc": row["join_utc"],
                "leave_utc": row["leave_utc"],
                "place": place(row["join"]),
            }
            for row in document["joins"]
        ],
        "station": document["station"] and {"duration_s": document["station"]["duration_s"]},
        "closest": {
            f"{row['flight']} {row['id']}": {"closest_nm": row["closest_nm"]} for row in document["airspace"]
        },
        "optimality": document["optimality"],
        "shortfalls": [
            {"what": row["what"], "by": row["by"], "unit": row["unit"], "cure": row["cure"]}
            for row in document["shortfalls"]
        ],
    }


def overflown(document: dict[str, Any], flight: str) -> list[str]:
    return [row["state"] for row in document["overflight"] if row["flight"] == flight]


def differences(told: Any, golden: Any, path: str = "") -> list[str]:
    """Where two summaries differ by more than the tolerance of the figure's unit, in words."""
    if isinstance(golden, dict) and isinstance(told, dict):
        found = [f"{path}: keys {sorted(set(told) ^ set(golden))}"] if set(told) != set(golden) else []
        for key in told.keys() & golden.keys():
            found += differences(told[key], golden[key], f"{path}.{key}")
        return found
    if path.endswith(".place") and isinstance(golden, list) and isinstance(told, list):
        apart = float(geodesy.distance(*told, *golden)) / NAUTICAL_MILE
        return [f"{path}: {apart:.1f} nm from {golden}"] if apart > TOLERANCES["place_nm"] else []
    if isinstance(golden, list) and isinstance(told, list):
        if len(told) != len(golden):
            return [f"{path}: {told} was {golden}"]
        return [
            text
            for k, (a, b) in enumerate(zip(told, golden, strict=True))
            for text in differences(a, b, f"{path}.{k}")
        ]
    if path.endswith("_utc") and isinstance(golden, str) and isinstance(told, str):
        apart = abs(seconds(told) - seconds(golden))
        return [f"{path}: {told} was {golden}"] if apart > TOLERANCES["s"] else []
    if isinstance(golden, float | int) and isinstance(told, float | int) and not isinstance(golden, bool):
        name = path.rsplit(".", 1)[-1]
        unit = name if name in TOLERANCES else name.rsplit("_", 1)[-1]
        allowed = TOLERANCES.get(unit, 0.01 * abs(golden) if name == "by" else 0.0)
        return [f"{path}: {told} was {golden}"] if abs(told - golden) > allowed else []
    return [] if told == golden else [f"{path}: {told!r} was {golden!r}"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_give_what_they_gave(path: Path, planned, update_golden: bool) -> None:
    told = summary(planned(path.read_text("utf-8")))
    golden = GOLDEN / f"{path.stem}.json"
    if update_golden:
        golden.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
        return
    assert not differences(told, json.loads(golden.read_text("utf-8")))


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == {path.stem for path in EXAMPLES}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_sound(path: Path, planned, sound) -> None:
    sound(planned(path.read_text("utf-8")))


def test_a_difference_is_seen() -> None:
    golden = json.loads((GOLDEN / f"{FOUNDING.stem}.json").read_text("utf-8"))
    told = json.loads(json.dumps(golden))
    assert not differences(told, golden)
    told["flights"][0]["burn_kg"] += 301
    told["refuellings"][0]["place"][0] += 0.2
    told["joins"][0]["join_utc"] = told["joins"][0]["leave_utc"]
    told["status"] = "infeasible"
    assert len(differences(told, golden)) == 4


# -- the founding mission -------------------------------------------------------------------------------


def test_the_founding_mission_is_the_flight_on_record(planned) -> None:
    document = planned(FOUNDING.read_text("utf-8"))
    assert document["status"] == "feasible"
    lead = document["flights"][0]
    hours = (seconds(lead["landing_utc"]) - seconds(lead["takeoff_utc"])) / HOUR
    assert 33.0 <= hours <= 38.0
    assert (lead["origin"], lead["destination"], lead["count"]) == ("KBAD", "KBAD", 2)
    assert document["station"]["duration_s"] >= 2 * HOUR
    nations = {flight["operator"] for flight in document["flights"] if flight["role"] == "partner"}
    assert nations == {"SA", "QA", "BH"}
    assert {row["flight"] for row in document["joins"]} == {"saudi", "qatar", "bahrain"}
    least = {"saudi": 1800, "qatar": 1200, "bahrain": 1200}
    for row in document["joins"]:
        assert seconds(row["leave_utc"]) - seconds(row["join_utc"]) >= least[row["flight"]]


def test_the_founding_mission_keeps_clear_of_what_is_closed(planned) -> None:
    document = planned(FOUNDING.read_text("utf-8"))
    rows = [row for row in document["airspace"] if row["flight"] == "lead"]
    closed = set(tomllib.loads(document["mission"]["text"])["airspace"]["closed"])
    assert "IR" in closed and {row["id"] for row in rows} == closed
    assert all(row["stand_off_nm"] == 25.0 and row["closest_nm"] >= 25.0 for row in rows)
    assert not closed & {row["state"] for row in document["overflight"]}
    for row in (row for row in document["overflight"] if row["flight"] == "saudi"):
        assert row["state"] in {"SA", "BH", "QA"}


def test_the_founding_mission_can_always_divert(planned) -> None:
    document = planned(FOUNDING.read_text("utf-8"))
    assert document["refuellings"]
    assert all(row["abort"]["margin_kg"] >= 0.0 for row in document["refuellings"])
    found = document["optimality"]
    assert 1 <= found["tanker_sorties_bound"] <= found["tanker_sorties"]


def test_two_runs_give_the_same_bytes() -> None:
    """In two fresh processes with different hash seeds: nothing hangs on the order of a set."""
    code = (
        "import sys, hashlib; from longreach import mission; from longreach.plan import plan;"
        "from longreach.document import to_bytes;"
        f"print(hashlib.sha256(to_bytes(plan(mission.load({str(FOUNDING)!r})))).hexdigest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


def test_a_second_run_in_one_process_gives_the_same_bytes() -> None:
    from longreach import mission
    from longreach.plan import plan

    found = mission.load(ROOT / "examples" / "hel-nrt-2022.toml")
    assert to_bytes(plan(found)) == to_bytes(plan(found))


# -- the command line -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("stem", "code"), [("gulf-2020-12-10", 0), ("gulf-no-tankers", 1)])
def test_the_command_line_in_a_fresh_process(stem: str, code: int, planned, tmp_path: Path) -> None:
    path = ROOT / "examples" / f"{stem}.toml"
    done = subprocess.run(
        [sys.executable, "-m", "longreach", "plan", str(path), "-o", str(tmp_path / "out"), "--json"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    written = (tmp_path / "out" / "plan.json").read_bytes()
    assert json.loads(done.stdout) == json.loads(written)
    assert written == to_bytes(planned(path.read_text("utf-8")))
    assert (tmp_path / "out" / "brief.html").stat().st_size > 10_000
    checked = subprocess.run(
        [sys.executable, "-m", "longreach", "verify", str(tmp_path / "out")], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
