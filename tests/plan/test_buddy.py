"""A buddy: a tanker that leaves with the receivers, flies their line beside them and fills them after the climb."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from longreach import mission
from longreach.errors import InputError
from longreach.verify import verify

TEXT = Path(__file__).with_name("buddy.toml").read_text("utf-8")

pytestmark = pytest.mark.xdist_group("plans")


def contact(plan: dict[str, Any]) -> dict[str, Any]:
    return plan["refuellings"][0]


def test_it_leaves_with_them_and_meets_them_after_the_climb(planned, sound) -> None:
    plan = planned(TEXT)
    sound(plan)
    assert plan["status"] == "feasible"
    told = contact(plan)["rendezvous"]
    assert told["kind"] == "buddy" and abs(told["apart_min"]) < 5.0
    tanker = next(flight for flight in plan["flights"] if flight["role"] == "tanker")
    assert tanker["origin"] == tanker["destination"] == plan["flights"][0]["origin"] and tanker["buddy"]
    # it waits a minute, not half an hour
    assert told["tanker_utc"][:16] == told["control_utc"][:14] + f"{int(told['control_utc'][14:16]) - 1:02}"


def test_without_the_wait_it_burns_less(planned) -> None:
    usual = planned(TEXT.replace("buddy = true\n", ""))
    assert contact(usual)["rendezvous"]["kind"] == "en route"
    burnt = [
        next(flight for flight in plan["flights"] if flight["role"] == "tanker")["fuel"]["burn_kg"]
        for plan in (planned(TEXT), usual)
    ]
    assert burnt[0] < burnt[1]


def test_one_that_is_based_elsewhere_is_refused_with_its_line() -> None:
    text = TEXT.replace('base = "KBAD"', 'base = "KMIA"')
    with pytest.raises(
        InputError, match=r"a buddy leaves with a flight, and none leaves from KMIA"
    ) as caught:
        mission.parse(text)
    assert "base it at KBAD" in str(caught.value)


def beside_itself(plan: dict[str, Any]) -> None:
    tanker = next(flight for flight in plan["flights"] if flight["role"] == "tanker")
    lat = tanker["track"]["columns"].index("lat")
    tanker["track"]["rows"][12][lat] += 0.1


def later_than_told(plan: dict[str, Any]) -> None:
    contact(plan)["rendezvous"]["apart_min"] += 3.0


def of_another_kind(plan: dict[str, Any]) -> None:
    contact(plan)["rendezvous"]["kind"] = "en route"


def never_asked_for(plan: dict[str, Any]) -> None:
    plan["mission"]["text"] = plan["mission"]["text"].replace("buddy = true\n", "")


@pytest.mark.parametrize(
    ("cheat", "words"),
    [
        (beside_itself, "nm off the receivers' line"),
        (later_than_told, "the take-offs are"),
        (of_another_kind, "the rendezvous is en route, the mission asks for buddy"),
        (never_asked_for, "the rendezvous is buddy, the mission asks for en route"),
    ],
)
def test_cheats_are_caught(cheat, words: str, planned) -> None:
    plan = copy.deepcopy(planned(TEXT))
    assert verify(plan).ok
    cheat(plan)
    report = verify(plan)
    assert not report.ok
    assert any(words in line for line in report.residuals), report.residuals
