"""Formations and air spares: planned aircraft by aircraft, and every way to cheat with them is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from longreach import mission
from longreach.plan import plan
from longreach.verify import examine, verify
from plan_documents import edited, flight_of

Plan = dict[str, Any]
CELLS = Path(__file__).with_name("cells.toml")
pytestmark = pytest.mark.xdist_group("plans")


@cache
def _planned() -> Plan:
    return plan(mission.load(CELLS))


@pytest.fixture
def cells() -> Plan:
    return copy.deepcopy(_planned())


def test_cells_verify_and_their_accounts_are_the_flights(cells: Plan) -> None:
    report = verify(cells)
    assert report.ok and report.feasible and {"formation", "spares"} <= {check.id for check in report.checks}
    flight = flight_of(cells, "buff")
    rows = flight["formation"]["aircraft"]
    assert [row["cell"] for row in rows] == [1, 1, 1, 2, 2, 2, 3]
    assert [row["below_ft"] for row in rows] == [0, 500, 1000, 0, 500, 1000, 0]
    assert [row["behind_nm"] for row in rows] == [0, 1, 2, 7, 8, 9, 14]
    assert rows[0]["burn_factor"] == 1.0 and rows[3]["burn_factor"] == 1.04
    assert 1.04 < rows[1]["burn_factor"] < rows[2]["burn_factor"] < 1.06
    for row in rows:
        assert abs(row["takeoff_kg"] + row["onload_kg"] - row["burn_kg"] - row["landing_kg"]) < 0.5
        assert row["burn_kg"] / rows[0]["burn_kg"] == pytest.approx(row["burn_factor"], abs=2e-4)
    assert min(row["landing_kg"] for row in rows) == pytest.approx(flight["fuel"]["landing_kg"], abs=0.2)


def test_a_formation_burns_what_its_thirstiest_burns() -> None:
    """The same flight of one aircraft: the leader's burn is that, for it flies what a lone one would, but heavier."""
    text = CELLS.read_text("utf-8")
    lone = text.replace("count = 7", "count = 1").replace("air_spares", "# air_spares")
    alone = plan(mission.parse(lone.replace("formation =", "# formation =")))["flights"][0]
    leader = flight_of(_planned(), "buff")["formation"]["aircraft"][0]
    assert leader["burn_kg"] == pytest.approx(alone["fuel"]["burn_kg"], rel=0.02)
    assert leader["burn_kg"] > alone["fuel"]["burn_kg"]


def test_spares_that_go_too_far_are_told_where_to_turn_back() -> None:
    text = CELLS.read_text("utf-8").replace('"EGVA"', '"KPSM"').replace("43.0, -60.0", "43.0, -69.0")
    text = text.replace('name = "Sable Island" }]', 'name = "Maine" }]').replace("Sable Island", "Maine")
    document = plan(mission.parse(text))
    assert document["status"] == "infeasible" and verify(document).ok
    (row,) = document["shortfalls"]
    assert row["what"].startswith("flight buff-spare:") and row["by"] > 0.0
    assert row["cure"]["key_path"] == "flights.0.air_spares.until" and row["cure"]["value"] == "Carolinas"


def thirstier_hushed_up(document: Plan) -> None:
    formation = flight_of(document, "buff")["formation"]
    for row in formation["aircraft"]:
        row["burn_factor"] = min(row["burn_factor"], 1.02)
    formation["burn_factor"] = 1.02


def last_aircraft_flattered(document: Plan) -> None:
    row = flight_of(document, "buff")["formation"]["aircraft"][2]
    row["burn_kg"] -= 1500.0
    row["landing_kg"] += 1500.0


def account_off(document: Plan) -> None:
    flight_of(document, "buff")["formation"]["aircraft"][1]["landing_kg"] += 100.0


def nearer_together(document: Plan) -> None:
    flight_of(document, "buff")["formation"]["aircraft"][4]["behind_nm"] = 3.0


def one_aircraft_less(document: Plan) -> None:
    flight_of(document, "buff")["formation"]["aircraft"].pop()


def formation_left_out(document: Plan) -> None:
    del flight_of(document, "buff")["formation"]


def more_for_station_keeping(document: Plan) -> None:
    edited(document, "4 %", "6 %")


def spare_left_out(document: Plan) -> None:
    for key, name in (("flights", "id"), ("overflight", "flight"), ("airspace", "flight"), ("light", "flight"),
                      ("crew", "flight")):  # fmt: skip
        document[key] = [entry for entry in document[key] if entry.get(name) != "buff-spare"]


def spare_turned_back_too_soon(document: Plan) -> None:
    edited(
        document, 'air_spares = { count = 1, until = "Sable Island" }', "air_spares = { until = 'Carolinas' }"
    )


def spare_of_nobody(document: Plan) -> None:
    flight_of(document, "buff-spare")["spare_of"] = "other"


def two_spares_asked(document: Plan) -> None:
    edited(document, "air_spares = { count = 1", "air_spares = { count = 2")


def spare_takes_off_light(document: Plan) -> None:
    spare = flight_of(document, "buff-spare")
    for row in spare["track"]["rows"]:
        row[8] -= 3000.0
        row[9] -= 3000.0
    spare["fuel"]["takeoff_kg"] -= 3000.0
    spare["fuel"]["landing_kg"] -= 3000.0


CHEATS = [
    (thirstier_hushed_up, "formation", "burn_factor is 1.02, reckoned again 1.04"),
    (thirstier_hushed_up, "fuel.burn", "flight buff"),
    (last_aircraft_flattered, "formation", "by its factor"),
    (account_off, "formation", "off landing"),
    (nearer_together, "formation", "its place is"),
    (one_aircraft_less, "formation", "formation has 6 aircraft, the flight 7"),
    (formation_left_out, "formation", "its formation cannot be read"),
    (more_for_station_keeping, "formation", "reckoned again 1.06"),
    (spare_left_out, "mission.flights", "flight buff-spare is not in the plan"),
    (spare_turned_back_too_soon, "spares", "from Carolinas"),
    (spare_of_nobody, "mission.flights", "flight buff-spare (lead) is not in the mission"),
    (two_spares_asked, "mission.flights", "flight buff-spare is 1 aircraft, the mission asks for 2"),
    (spare_takes_off_light, "spares", "takes off with"),
]


@pytest.mark.parametrize(
    ("change", "check", "words"), CHEATS, ids=[f"{c[0].__name__}-{c[1]}" for c in CHEATS]
)
def test_cheating_is_caught(cells: Plan, change: Callable[[Plan], None], check: str, words: str) -> None:
    change(cells)
    report = examine(cells)
    failed = {entry.id for entry in report.checks if not entry.ok}
    assert check in failed, failed
    assert any(line.startswith(f"{check}:") and words in line for line in report.residuals), report.residuals
    assert not verify(cells).ok
