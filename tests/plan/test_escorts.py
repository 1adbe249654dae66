"""Escorts, parts of the flight and readiness, planned whole: counts, cures that cure, and how soon to the second."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from longreach import mission
from longreach.plan import plan
from longreach.plan.proof import applied
from longreach.verify import verify

pytestmark = pytest.mark.xdist_group("plans")

HEAD = """
schema = "longreach.mission/1"
name = "over the Gulf"
[clock]
anchor = "on_station"
time = 2020-12-10T09:00:00Z
[station]
name = "Gulf"
centre = [26.35, 51.35]
radius = "30 nm"
time = "90 min"
[[flights]]
id = "lead"
aircraft = "C-17A"
operator = "US"
from = "OKAS"
to = "OKAS"
outbound_via = [{ at = [28.2, 49.2], name = "north" }]
return_via = [{ at = [27.2, 50.2], name = "south" }, { at = [28.2, 49.2], name = "north" }]
[winds]
source = "still"
spread = "10 kt"
"""
BAHRAIN = """
[[partners]]
id = "bahrain"
operator = "BH"
aircraft = "F-16C"
count = 2
from = "OBBS"
may_fly = ["BH", "QA"]
"""
QATAR = """
[[partners]]
id = "qatar"
operator = "QA"
aircraft = "Mirage 2000-5"
count = 2
from = "OTBH"
may_fly = ["QA"]
"""
SAUDI = """
[[partners]]
id = "saudi"
operator = "SA"
aircraft = "F-15SA"
from = "OEDR"
may_fly = ["SA", "BH", "QA"]
together = "10 min"
"""
ORDER = """
[order]
given = 2020-12-10T01:00:00Z
ready = "2 h"
[order.readiness]
lead = "4 h"
"""


def planned(text: str) -> dict[str, Any]:
    return plan(mission.parse(text))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_gap_in_the_cover_is_said_and_every_cure_cures() -> None:
    """Two pairs are a minute short of an hour and a half; another pair is enough, and so is each cure named."""
    cover = '[[escort]]\nid = "cap"\nalways = 2\noverlap = "4 min"\n'
    text = HEAD + cover + BAHRAIN + QATAR
    document = planned(text)
    assert document["status"] == "infeasible"
    (row,) = document["shortfalls"]
    assert row["unit"] == "min" and 1.0 < row["by"] < 3.0
    assert "escort cap: nobody can be with lead from" in row["what"]
    cures = [row["cure"], *row.get("other_cures", [])]
    assert cures[0]["key_path"] == "partners.0.available" and cures[0]["value"] == 4
    assert {cure["key_path"] for cure in cures} > {"partners.0.available", "escort.0.overlap"}
    for cure in (cures[0], cures[-1]):
        cured = planned(applied(text, {cure["key_path"]: cure["value"]}))
        assert cured["status"] == "feasible", cure
        assert verify(cured).ok
    assert verify(document).ok


@pytest.mark.parametrize(
    ("wanted", "flown"),
    [("at_least = 2", {"saudi", "qatar"}), ("exactly = 1", {"saudi"})],
)
def test_partners_are_counted(wanted: str, flown: set[str]) -> None:
    """Two of three can: Bahrain has no leave. At least two fly both, exactly one flies the one that is up least."""
    counted = f'[[escort]]\nid = "visit"\n{wanted}\nduring = "station"\n'
    partners = BAHRAIN.replace('["BH", "QA"]', '["BH"]') + QATAR + SAUDI
    partners = partners.replace('may_fly = ["BH"]', 'may_fly = ["BH"]\ntogether = "80 min"')
    partners = partners.replace('may_fly = ["QA"]', 'may_fly = ["QA"]\ntogether = "10 min"')
    document = planned(HEAD + counted + partners)
    assert document["status"] == "feasible"
    assert {f["id"] for f in document["flights"] if f["role"] == "partner"} == flown
    assert set(document["escorts"][0]["flights"]) == flown
    for join in document["joins"]:
        assert document["station"]["enter_utc"] <= join["join_utc"] < join["leave_utc"]
        assert join["leave_utc"] <= document["station"]["leave_utc"]
    assert verify(document).ok


def test_too_few_partners_say_what_they_lack() -> None:
    counted = '[[escort]]\nid = "visit"\nat_least = 2\n'
    partners = BAHRAIN.replace('may_fly = ["BH", "QA"]', 'may_fly = ["BH"]\ntogether = "80 min"') + SAUDI
    text = HEAD + counted + partners
    document = planned(text)
    assert document["status"] == "infeasible"
    (row,) = document["shortfalls"]
    assert "1 of 2 partners can join; partner bahrain:" in row["what"] and row["by"] > 0.0
    assert row["cure"]["value"] is not None
    assert planned(applied(text, {row["cure"]["key_path"]: row["cure"]["value"]}))["status"] == "feasible"


def test_leave_of_another_state_is_named() -> None:
    """The loop crosses Qatar every quarter of an hour: twenty minutes together want less of them, or its leave."""
    partner = BAHRAIN.replace(
        'may_fly = ["BH", "QA"]', 'may_fly = ["BH"]\ntogether = "20 min"\nduring = "station"'
    )
    document = planned(HEAD + partner)
    assert document["status"] == "infeasible" and verify(document).ok
    (row,) = document["shortfalls"]
    assert row["unit"] == "min" and 5.0 < row["by"] < 15.0
    cures = {cure["key_path"]: cure["value"] for cure in (row["cure"], *row["other_cures"])}
    assert cures["partners.0.may_fly"] == ["BH", "QA"] and "partners.0.together" in cures
    for key, value in cures.items():
        cured = planned(applied(HEAD + partner, {key: value}))
        assert cured["status"] == "feasible" and verify(cured).ok, key


def test_the_earliest_is_the_earliest_to_the_minute() -> None:
    """As soon as possible is feasible as a clock time too; a minute sooner it lacks that minute."""
    soonest = planned(
        HEAD.replace('anchor = "on_station"\ntime = 2020-12-10T09:00:00Z', 'anchor = "earliest"')
        + SAUDI
        + ORDER
    )
    assert soonest["status"] == "feasible" and verify(soonest).ok
    order = soonest["order"]
    assert order["governs"] == "lead" and order["slack_s"] == 0
    enter = moment(soonest["station"]["enter_utc"])
    assert order["earliest_on_station_utc"] == soonest["station"]["enter_utc"]

    def at(when: datetime) -> dict[str, Any]:
        return planned(HEAD.replace("2020-12-10T09:00:00Z", f"{when:%Y-%m-%dT%H:%M:%SZ}") + SAUDI + ORDER)

    assert at(enter)["status"] == "feasible"
    late = at(enter - timedelta(minutes=1))
    assert late["status"] == "infeasible" and verify(late).ok
    (row,) = late["shortfalls"]
    assert row["by"] == pytest.approx(1.0, abs=0.05) and row["cure"]["key_path"] == "clock.time"
    assert moment(row["cure"]["value"]) - enter <= timedelta(minutes=1)


def test_what_governs_is_what_is_ready_last_for_its_own_take_off() -> None:
    text = HEAD.replace('anchor = "on_station"\ntime = 2020-12-10T09:00:00Z', 'anchor = "earliest"')
    document = planned(text + SAUDI + ORDER.replace('lead = "4 h"', 'lead = "4 h"\nOEDR = "9 h"'))
    order = document["order"]
    assert order["governs"] == "saudi" and order["slack_s"] == 0
    assert [row["flight"] for row in order["flights"]] == ["saudi", "lead"]
    lead = next(flight for flight in document["flights"] if flight["id"] == "lead")
    ready = moment("2020-12-10T05:00:00Z")
    assert order["flights"][1]["slack_s"] == (moment(lead["takeoff_utc"]) - ready).total_seconds()
    assert [step["what"] for step in order["path"]][:2] == ["order", "saudi ready at OEDR"]


@pytest.mark.parametrize("base", ["25.7, 52.0", "25.72, 52.01"])
def test_a_base_under_the_line_leaves_room_to_climb(base: str) -> None:
    """The lead passes over the partner's base, or a mile beside it, at its level, and the partner joins it there."""
    over = HEAD.replace("OKAS", "OMAM").replace(
        'outbound_via = [{ at = [28.2, 49.2], name = "north" }]',
        "outbound_via = [[24.9, 52.9], [25.7, 52.0]]",
    )
    over = over.replace(
        '[{ at = [27.2, 50.2], name = "south" }, { at = [28.2, 49.2], name = "north" }]', "[[24.9, 52.9]]"
    )
    partner = SAUDI.replace('"OEDR"', f"[{base}]").replace('"QA"]', '"QA", "AE"]')
    document = plan(mission.parse(over + partner))
    assert document["status"] == "feasible", document["shortfalls"]
    assert verify(document).ok
    (join,) = document["joins"]
    assert (join["join"]["lat"], join["join"]["lon"]) == (25.7, 52.0)
    (flight,) = [each for each in document["flights"] if each["id"] == "saudi"]
    assert len(flight["route"]) < 40  # out and back once or a few times, not a mile a hundred times
