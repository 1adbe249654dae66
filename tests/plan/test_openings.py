"""Abort bases that are shut: to whom, from when, at what hour; and a plan that goes elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from longreach import mission
from longreach.mission.model import Shut
from longreach.plan.openings import EITHER_SIDE, Openings

FOUNDING = (Path(__file__).parents[2] / "examples" / "gulf-2020-12-10.toml").read_text("utf-8")
ZERO = datetime(2020, 12, 10, 12, tzinfo=UTC)


def opened(shut: Shut, *hours: float) -> list[bool]:
    found = Openings((shut,), ZERO.timestamp()).is_open("OTBH", np.array(hours) * 3600.0)
    return [bool(each) for each in found]


def test_shut_to_a_state_is_shut_to_it_alone() -> None:
    read = mission.parse(FOUNDING + '[[abort.closed]]\nbase = "OTBH"\nto = ["US"]\n')
    assert not Openings.of(read, "US", ZERO).is_open("OTBH", 0.0).any()
    assert Openings.of(read, "QA", ZERO).is_open("OTBH", 0.0).all()
    assert Openings.of(read, "US", ZERO).is_open("OEPS", 0.0).all()


def test_shut_between_two_dates_with_half_an_hour_either_side() -> None:
    shut = Shut("OTBH", since=ZERO + timedelta(hours=2), until=ZERO + timedelta(hours=4))
    edge = EITHER_SIDE / 3600.0
    assert opened(shut, 0.0, 1.99 - edge, 2.01 - edge, 3.0, 3.99 + edge, 4.01 + edge) == [
        True, True, False, False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize("day", [0, 1, 7])
def test_shut_every_night_past_midnight(day: int) -> None:
    shut = Shut("OTBH", daily_s=(22 * 3600, 5 * 3600))
    clock = [21.4, 21.6, 23.0, 24.0, 28.0, 29.4, 29.6, 36.0]  # hours of the day; zero is at noon
    hours = [24.0 * day + hour - 12.0 for hour in clock]
    assert opened(shut, *hours) == [True, False, False, False, False, False, True, True]


def test_the_plan_goes_where_it_is_open(planned, sound) -> None:
    """OEPS, the abort base of the first contact, shut to the US; then shut at the hour of the arrival there."""
    usual = planned(FOUNDING)
    contact = usual["refuellings"][0]
    base = contact["abort"]["base"]
    day = contact["end_utc"][:10]
    for words in ('to = ["US"]', f"from = {day}T00:00:00Z\nuntil = {day}T23:59:00Z"):
        plan = planned(FOUNDING + f'[[abort.closed]]\nbase = "{base}"\n{words}\n')
        sound(plan)
        assert plan["status"] == "feasible"
        assert all(row["abort"]["base"] != base for row in plan["refuellings"] if row["end_utc"][:10] == day)
    early = planned(FOUNDING + f'[[abort.closed]]\nbase = "{base}"\nuntil = 2020-12-09T00:00:00Z\n')
    assert early["refuellings"] == usual["refuellings"]


def home_shut_to(flight) -> str:
    """The founding mission with the base a flight leaves from shut to its operator."""
    text, base = FOUNDING, flight["origin"]
    if f'"{base}"' not in FOUNDING[FOUNDING.index("[abort]") :]:
        text = text.replace("bases = [", f'bases = ["{base}", ', 1)
    return text + f'[[abort.closed]]\nbase = "{base}"\nto = ["{flight["operator"]}"]\n'


def test_a_tanker_that_could_not_land_again_is_not_sent(planned, sound) -> None:
    """The base of the last contact's tanker shut to its operator: others come, or the plan says what is missing."""
    usual = planned(FOUNDING)
    tanker = next(flight for flight in usual["flights"] if flight["role"] == "tanker")
    plan = planned(home_shut_to(tanker))
    sound(plan)
    assert plan["refuellings"]
    assert all(row["tanker_base"] != tanker["origin"] for row in plan["refuellings"])


def test_a_partner_that_could_not_land_again_says_so(planned, sound) -> None:
    usual = planned(FOUNDING)
    partner = next(flight for flight in usual["flights"] if flight["role"] == "partner")
    plan = planned(home_shut_to(partner))
    sound(plan)
    told = [row["what"] for row in plan["shortfalls"]]
    assert (
        f"partner {partner['id']}: {partner['origin']} is shut to {partner['operator']} when it lands" in told
    )


@pytest.mark.parametrize(
    ("cap", "kg"), [('most_onload = "30 t"', 30_000.0), ('longest_flow = "12 min"', None)]
)
def test_a_contact_keeps_to_its_caps(planned, sound, cap: str, kg: float | None) -> None:
    plan = planned(FOUNDING + f"[refuelling]\n{cap}\n")
    sound(plan)
    usual = planned(FOUNDING)
    assert plan["status"] == "feasible"
    assert len(plan["refuellings"]) >= len(usual["refuellings"])
    if kg is not None:
        assert max(row["onload_kg"] for row in plan["refuellings"]) <= kg + 1.0
        assert max(row["onload_kg"] for row in usual["refuellings"]) > kg
