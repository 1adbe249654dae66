"""The words: headline, ties, names, consents."""

import doctest

from longreach.brief import story
from longreach.brief.reading import read


def test_examples_in_the_docstrings_hold():
    result = doctest.testmod(story)
    assert result.attempted >= 1
    assert result.failed == 0


def test_partners_of_one_state_are_told_apart_by_aircraft(feasible):
    assert story.partner_name(read(feasible), "qatar") == "Qatar"
    next(flight for flight in feasible["flights"] if flight["id"] == "qatar")["operator"] = "US"
    assert story.partner_name(read(feasible), "qatar") == "Mirage 2000-5"


def test_equal_clearances_go_to_the_area_named_first(feasible):
    for row in feasible["airspace"]:
        row["closest_nm"] = 52.41 if row["id"] == "IR" else 52.40
    assert story.nearest_clearance(read(feasible)).id == "IR"
    feasible["airspace"][1]["closest_nm"] = 51.0
    assert story.nearest_clearance(read(feasible)).id == "IQ"


def test_tankers_at_one_place_and_time_are_one_contact(feasible):
    second = {**feasible["refuellings"][0], "id": "R1b", "tanker_flight": "tanker-2", "tanker_base": "LEMO"}
    feasible["refuellings"].append(second)
    first, *others = story.contacts(read(feasible))
    assert len(first.records) == 2
    assert first.onload_kg == 140000.0
    assert first.bases == ["LPLA", "LEMO"]
    assert [contact.number for contact in others] == [2, 3]


def test_who_must_say_yes(feasible):
    plan = read(feasible)
    lead = plan.lead
    assert story.consent(plan, lead, "US").startswith("own State")
    assert story.consent(plan, lead, "EG") == (
        "diplomatic clearance for State aircraft of the United States of America"
    )
    feasible["data"]["aircraft"]["B-52H"]["roles"] = ["airliner"]
    assert "civil flight" in story.consent(read(feasible), lead, "EG")
    feasible["data"]["aircraft"] = {}
    assert "does not say" in story.consent(read(feasible), lead, "EG")


def test_a_flight_that_does_not_come_home_has_no_return(feasible):
    plan = read(feasible)
    assert story.turning_time(plan, plan.lead) == plan.station.leave_s
    feasible["station"] = None
    half = len(feasible["flights"][0]["track"]["rows"]) // 2
    feasible["flights"][0]["track"]["rows"] = feasible["flights"][0]["track"]["rows"][:half]
    plan = read(feasible)
    assert story.turning_time(plan, plan.lead) is None
