"""Longreach as a Python library: frozen results that say what the command line says."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest

import longreach
from longreach.errors import InputError

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "hel-nrt-2022.toml"


@pytest.fixture(scope="module")
def plan() -> longreach.Plan:
    return longreach.load(EXAMPLE).plan()


def test_importing_longreach_loads_nothing_heavy() -> None:
    code = "import sys, longreach; print([m for m in ('numpy', 'numba', 'pydantic', 'shapely') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_plan_is_the_document_the_command_writes(plan, tmp_path) -> None:
    from longreach import cli

    code = cli.main(["plan", str(EXAMPLE), "-o", str(tmp_path / "out"), "--no-brief"])
    assert code == 0
    assert (tmp_path / "out" / "plan.json").read_bytes() == plan.data
    assert longreach.open_plan(tmp_path / "out") == plan


def test_results_are_frozen(plan) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.data = b""
    changed = plan.document
    changed["status"] = "infeasible"
    assert plan.document["status"] == "feasible" and plan.feasible


def test_a_text_is_a_mission_and_its_faults_are_said() -> None:
    assert longreach.load(EXAMPLE.read_text()).mission.sha256 == longreach.load(EXAMPLE).mission.sha256
    with pytest.raises(InputError, match="clock"):
        longreach.load('schema = "longreach.mission/1"\nname = "x"\n')


def test_rows_become_a_frame(plan) -> None:
    frame = plan.to_frame()
    flights = plan.document["flights"]
    assert len(frame) == sum(len(flight["track"]["rows"]) for flight in flights)
    assert frame.time_utc.iloc[0].isoformat() == flights[0]["takeoff_utc"].replace("Z", "+00:00")
    assert frame.fuel_kg.iloc[-1] == flights[0]["track"]["rows"][-1][9]
    with pytest.raises(InputError, match="it has ay73"):
        plan.to_frame("nobody")


def test_a_notebook_shows_a_picture_without_a_script(plan) -> None:
    shown = plan._repr_html_()
    assert "<svg" in shown and "<script" not in shown and "13 h 06 min" in shown.replace("\u00a0", " ")
    assert "Helsinki" in repr(plan)


def test_a_mission_that_cannot_be_flown_is_shown_too() -> None:
    short = longreach.load(ROOT / "examples" / "gulf-no-tankers.toml").plan()
    assert not short.feasible and short.document["shortfalls"]
    assert "<svg" in short._repr_html_() and "Not feasible" in repr(short)
    json.dumps(short.document)
