"""A plan in which tankers refuel tankers verifies; told otherwise than it was flown, it does not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from longreach.verify import verify
from plan_documents import flight_of, with_mission

EXAMPLE = Path(__file__).parents[2] / "examples" / "black-buck-1982.toml"
Plan = dict[str, Any]
pytestmark = pytest.mark.xdist_group("plans")


@pytest.fixture(scope="module")
def relayed() -> Plan:
    from longreach import mission
    from longreach.plan import plan

    return plan(mission.load(EXAMPLE))


def transfers(plan: Plan) -> list[dict[str, Any]]:
    return [entry for entry in plan["refuellings"] if entry["receiver"] != "vulcan"]


def test_it_verifies(relayed: Plan) -> None:
    report = verify(relayed)
    assert relayed["status"] == "feasible" and report.ok and not report.residuals


def told_to_give_more(plan: Plan) -> None:
    transfers(plan)[0]["onload_kg"] += 900.0
    transfers(plan)[0]["offload_kg"] += 900.0


def gives_more_than_is_taken(plan: Plan) -> None:
    transfers(plan)[0]["offload_kg"] += 60.0


def transfer_left_out(plan: Plan) -> None:
    plan["refuellings"].remove(transfers(plan)[0])


def helper_left_out(plan: Plan) -> None:
    gone = transfers(plan)[0]["tanker_flight"]
    plan["flights"] = [entry for entry in plan["flights"] if entry["id"] != gone]


def helpers_exchanged(plan: Plan) -> None:
    one, two = transfers(plan)[0], transfers(plan)[-1]
    one["tanker_flight"], two["tanker_flight"] = two["tanker_flight"], one["tanker_flight"]


def transfer_an_hour_late(plan: Plan) -> None:
    for key in ("start_utc", "end_utc"):
        moved = datetime.fromisoformat(transfers(plan)[0][key]) + timedelta(hours=1)
        transfers(plan)[0][key] = moved.strftime("%Y-%m-%dT%H:%M:%SZ")


def hasty_transfer(plan: Plan) -> None:
    start = datetime.fromisoformat(transfers(plan)[0]["start_utc"]) + timedelta(minutes=4)
    transfers(plan)[0]["end_utc"] = start.strftime("%Y-%m-%dT%H:%M:%SZ")


def two_at_once(plan: Plan) -> None:
    again = copy.deepcopy(transfers(plan)[0])
    again["id"] = "again"
    plan["refuellings"].append(again)


def homeward(plan: Plan) -> dict[str, Any]:
    """The transfer to a tanker that has given already."""
    return next(
        entry
        for entry in transfers(plan)
        if any(
            other["tanker_flight"] == entry["receiver"] and other["end_utc"] <= entry["start_utc"]
            for other in plan["refuellings"]
        )
    )


def in_turn(plan: Plan) -> list[dict[str, Any]]:
    """Both transfers of a tanker that serves two, in order of time."""
    for entry in transfers(plan):
        both = [other for other in transfers(plan) if other["tanker_flight"] == entry["tanker_flight"]]
        if len(both) > 1:
            return sorted(both, key=lambda other: other["start_utc"])
    raise AssertionError("no tanker gives twice")


def both_at_a_time(plan: Plan) -> None:
    one, two = in_turn(plan)
    one["end_utc"] = two["end_utc"]


def gives_its_fuel_to_one_and_again_to_another(plan: Plan) -> None:
    one, two = in_turn(plan)
    for entry in (one, two):
        both = one["offload_kg"] + two["offload_kg"]
        entry["onload_kg"] = entry["offload_kg"] = both


def meeting_left_out(plan: Plan) -> None:
    plan["refuellings"].remove(homeward(plan))


def met_by_nobody(plan: Plan) -> None:
    gone = homeward(plan)["tanker_flight"]
    plan["flights"] = [entry for entry in plan["flights"] if entry["id"] != gone]
    plan["optimality"]["tanker_sorties"] -= 1


def met_before_it_gave(plan: Plan) -> None:
    entry = homeward(plan)
    for key in ("start_utc", "end_utc"):
        moved = datetime.fromisoformat(entry[key]) - timedelta(hours=4)
        entry[key] = moved.strftime("%Y-%m-%dT%H:%M:%SZ")


def nowhere_to_go_till_it_is_met(plan: Plan) -> None:
    """The only field in reach until then is closed to it; the word of the mission is in the plan."""
    text = plan["mission"]["text"]
    assert 'bases = ["FHAW", "SBGL"]' in text
    text = text.replace('bases = ["FHAW", "SBGL"]', 'bases = ["FHAW"]')
    with_mission(plan, text)


def abort_where_nobody_said(plan: Plan) -> None:
    transfers(plan)[0]["abort"]["base"] = "SAWH"


def abort_for_less_than_it_takes(plan: Plan) -> None:
    abort = transfers(plan)[0]["abort"]
    abort["fuel_needed_kg"] -= 3000.0
    abort["margin_kg"] += 3000.0


def abort_with_the_onload(plan: Plan) -> None:
    abort = transfers(plan)[0]["abort"]
    abort["fuel_available_kg"] += transfers(plan)[0]["onload_kg"]
    abort["margin_kg"] += transfers(plan)[0]["onload_kg"]


def margin_it_never_has(plan: Plan) -> None:
    flight_of(plan, transfers(plan)[0]["receiver"])["fuel"]["min_margin_kg"] += 1500.0


def transfer_not_in_the_account(plan: Plan) -> None:
    account = flight_of(plan, transfers(plan)[0]["receiver"])["fuel"]
    account["onload_kg"] -= 500.0
    account["burn_kg"] -= 500.0


def one_sortie_less(plan: Plan) -> None:
    plan["optimality"]["tanker_sorties"] -= 1


def forbidden(plan: Plan) -> None:
    text = plan["mission"]["text"]
    assert "relay = true" in text
    text = text.replace("relay = true", "relay = false")
    with_mission(plan, text)


def too_few(plan: Plan) -> None:
    text = plan["mission"]["text"].replace("available = 18", "available = 12")
    with_mission(plan, text)


def by_boom(plan: Plan) -> None:
    """As if the Victor took fuel by boom: the catalogue's word in the plan, which verification reads."""
    plan["data"]["aircraft"]["Victor K.2"]["receives"] = "boom"


CHEATS: list[tuple[Callable[[Plan], None], str, str]] = [
    (told_to_give_more, "fuel.balance", "its refuellings give"),
    (gives_more_than_is_taken, "refuelling.transfer", "off offload"),
    (transfer_left_out, "fuel.balance", ""),
    (helper_left_out, "refuelling.together", "is not in the plan"),
    (helpers_exchanged, "refuelling.together", "flight tanker-"),
    (transfer_an_hour_late, "refuelling.together", ""),
    (hasty_transfer, "refuelling.gear", "min at"),
    (two_at_once, "refuelling.together", "overlap"),
    (abort_where_nobody_said, "abort.contacts", "is no abort base"),
    (abort_for_less_than_it_takes, "abort.contacts", "the geodesic to"),
    (abort_with_the_onload, "abort.contacts", "without its onload"),
    (margin_it_never_has, "abort.everywhere", "min_margin_kg"),
    (transfer_not_in_the_account, "fuel.balance", ""),
    (one_sortie_less, "optimality", ""),
    (forbidden, "tankers", "lets no tanker refuel a tanker"),
    (too_few, "tankers", "take off from FHAW"),
    (by_boom, "refuelling.gear", "takes by boom"),
    (both_at_a_time, "refuelling.together", "overlap"),
    (gives_its_fuel_to_one_and_again_to_another, "fuel.balance", "its refuellings give"),
    (meeting_left_out, "fuel.balance", ""),
    (met_by_nobody, "refuelling.together", "is not in the plan"),
    (met_before_it_gave, "refuelling.together", ""),
    (nowhere_to_go_till_it_is_met, "abort.everywhere", "reach no field"),
]


@pytest.mark.parametrize(
    ("cheat", "check", "words"), CHEATS, ids=lambda part: getattr(part, "__name__", None)
)
def test_cheats_are_caught(relayed: Plan, cheat: Callable[[Plan], None], check: str, words: str) -> None:
    plan = copy.deepcopy(relayed)
    cheat(plan)
    report = verify(plan)
    assert not report.ok
    assert check in {entry.id for entry in report.checks if not entry.ok}
    assert any(line.startswith(f"{check}:") and words in line for line in report.residuals), report.residuals


def test_a_taker_that_could_not_get_home_is_found(relayed: Plan) -> None:
    """Its fuel before the transfer lowered by what it has to spare and more: it would have to be given fuel."""
    plan = copy.deepcopy(relayed)
    record = min(transfers(plan), key=lambda entry: entry["abort"]["margin_kg"])
    taker = flight_of(plan, record["receiver"])
    less = record["abort"]["margin_kg"] + 6000.0
    names = taker["track"]["columns"]
    for row in taker["track"]["rows"]:
        if row[names.index("time_utc")] <= record["end_utc"]:
            for name in ("fuel_kg", "mass_kg"):
                row[names.index(name)] -= less
    report = verify(plan)
    assert not report.ok
    words = f"flight {taker['id']}"
    assert any(line.startswith("abort.everywhere:") and words in line for line in report.residuals)
