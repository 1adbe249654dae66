"""Escorts and readiness: a plan with sorties that take turns verifies, and every way to cheat with it is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from longreach.verify import examine, verify
from plan_documents import edited, later

Plan = dict[str, Any]
pytestmark = pytest.mark.xdist_group("plans")


@cache
def _planned() -> Plan:
    from longreach import mission
    from longreach.plan import plan

    return plan(mission.load(Path(__file__).with_name("turns.toml")))


@pytest.fixture
def turns() -> Plan:
    return copy.deepcopy(_planned())


def of(plan: Plan, key: str, id: str) -> dict[str, Any]:
    name = "flight" if key == "joins" else "id"
    return next(entry for entry in plan[key] if entry[name] == id)


def test_sorties_that_take_turns_verify(turns: Plan) -> None:
    report = verify(turns)
    assert report.ok and report.feasible and not report.residuals
    assert {"escorts", "escorts.aircraft", "order.readiness"} <= {check.id for check in report.checks}
    assert len(turns["escorts"][0]["flights"]) == 4


def leave_early(plan: Plan) -> None:
    join = of(plan, "joins", "qatar-1")
    join["leave_utc"] = later(join["leave_utc"], -360)


def relief_late(plan: Plan) -> None:
    join = of(plan, "joins", "qatar-2")
    join["join_utc"] = later(join["join_utc"], 300)


def relief_left_out(plan: Plan) -> None:
    for key, name in (("joins", "flight"), ("flights", "id"), ("overflight", "flight"), ("airspace", "flight"),
                      ("light", "flight"), ("crew", "flight")):  # fmt: skip
        plan[key] = [entry for entry in plan[key] if entry.get(name) != "qatar-2"]
    plan["escorts"][0]["flights"].remove("qatar-2")


def more_asked_for(plan: Plan) -> None:
    edited(plan, "always = 1", "always = 2")


def longer_overlap(plan: Plan) -> None:
    edited(plan, 'overlap = "4 min"', 'overlap = "9 min"')


def never_turned_round(plan: Plan) -> None:
    edited(plan, 'turn = "10 min"\n', "")


def turned_round_slowly(plan: Plan) -> None:
    edited(plan, 'turn = "10 min"', 'turn = "3 h"')


def another_partners_sortie(plan: Plan) -> None:
    of(plan, "flights", "qatar-2")["partner"] = "bahrain"


def a_sortie_of_one_who_flies_once(plan: Plan) -> None:
    of(plan, "flights", "saudi")["partner"] = "saudi"


def sorties_of_nobody(plan: Plan) -> None:
    del of(plan, "flights", "qatar-2")["partner"]


def elsewhere_asked_for(plan: Plan) -> None:
    edited(plan, '{ from = "north", to = "south" }', '{ from = "south" }')


def no_row(plan: Plan) -> None:
    plan["escorts"] = []


def another_stretch_stated(plan: Plan) -> None:
    plan["escorts"][0]["end_utc"] = later(plan["escorts"][0]["end_utc"], -600)


def flights_flattered(plan: Plan) -> None:
    plan["escorts"][0]["flights"].append("saudi")


def fewer_stated(plan: Plan) -> None:
    plan["escorts"][0]["wanted"] = 0


def ordered_later(plan: Plan) -> None:
    edited(plan, "given = 2020-12-10T01:00:00Z", "given = 2020-12-10T02:00:00Z")


def ordered_sooner(plan: Plan) -> None:
    edited(plan, "given = 2020-12-10T01:00:00Z", "given = 2020-12-10T00:00:00Z")


def slower_to_be_ready(plan: Plan) -> None:
    edited(plan, 'OBBS = "90 min"', 'OBBS = "6 h"')


def slack_flattered(plan: Plan) -> None:
    plan["order"]["flights"][-1]["slack_s"] += 600


def another_governs(plan: Plan) -> None:
    plan["order"]["governs"] = "saudi"


def order_hushed_up(plan: Plan) -> None:
    del plan["order"]


CHEATS = [
    (leave_early, "escorts", "0 aircraft are with the lead at"),
    (relief_late, "escorts", "0 aircraft are with the lead at"),
    (relief_left_out, "escorts", "0 aircraft are with the lead at"),
    (more_asked_for, "escorts", "1 aircraft are with the lead at"),
    (longer_overlap, "escorts", "0 aircraft are with the lead at"),
    (never_turned_round, "escorts.aircraft", "partner bahrain has 2 aircraft away"),
    (turned_round_slowly, "escorts.aircraft", "partner bahrain has 2 aircraft away"),
    (another_partners_sortie, "mission.flights", "flight qatar-2 is Mirage 2000-5, the mission asks for F-16C"),
    (a_sortie_of_one_who_flies_once, "mission.flights", "flight saudi (partner) is not in the mission"),
    (sorties_of_nobody, "mission.flights", "flight qatar-2 (partner) is not in the mission"),
    (elsewhere_asked_for, "joins", "asked for between"),
    (no_row, "escorts", "escort cap is not among the plan's escorts"),
    (another_stretch_stated, "escorts", "end_utc is"),
    (flights_flattered, "escorts", "serving are"),
    (fewer_stated, "escorts", "not those of the mission"),
    (ordered_later, "order.readiness", "it is ready at"),
    (ordered_sooner, "order.readiness", "as soon as possible"),
    (slower_to_be_ready, "order.readiness", "flight bahrain-1 takes off at"),
    (slack_flattered, "order.readiness", "slack_s of the flights"),
    (another_governs, "order.readiness", "does not govern"),
    (order_hushed_up, "order.readiness", "order cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "check", "words"), CHEATS, ids=[cheat[0].__name__ for cheat in CHEATS])
def test_cheating_is_caught(turns: Plan, change: Callable[[Plan], None], check: str, words: str) -> None:
    change(turns)
    report = examine(turns)
    failed = {entry.id for entry in report.checks if not entry.ok}
    assert check in failed, failed
    assert any(line.startswith(f"{check}:") and words in line for line in report.residuals), report.residuals
    assert not verify(turns).ok


def test_no_document_breaks_it(turns: Plan) -> None:
    """What is said of escorts, the order and join-ups may hold anything: verification answers or names the fault."""
    import random

    from longreach.errors import InputError

    rng = random.Random(11)
    values = [None, True, -1, 1e300, float("nan"), "", "x", "lead", [], {}, [1], "2021-02-30T00:00:00Z"]
    for _ in range(60):
        plan = copy.deepcopy(turns)
        holder: Any = plan[rng.choice(["escorts", "order", "joins"])]
        while True:
            key = rng.choice(list(holder) if isinstance(holder, dict) else list(range(len(holder))))
            if not isinstance(holder[key], dict | list) or not holder[key] or rng.random() < 0.2:
                break
            holder = holder[key]
        holder[key] = rng.choice(values)
        try:
            assert verify(plan).checks
        except InputError as error:
            assert error.faults
