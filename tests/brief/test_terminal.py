"""The summary fits the terminal and cannot drive it."""

import re

import pytest

from longreach import brief


@pytest.mark.parametrize("width", [40, 72, 100])
def test_summary_fits_its_width(feasible, width):
    for line in brief.summary(feasible, width).splitlines():
        assert len(line) <= width


def test_summary_tells_the_story(feasible):
    text = re.sub(r"\s+", " ", brief.summary(feasible, 100))
    assert text.startswith("FEASIBLE Two B-52s")
    for words in ("34 h 11 min", "abort to LICZ, 4.1 t to spare", "Mirage 2000-5 of OTBH, together 45 min",
                  "Iran 52.4 nm (97 km), stand-off 50.0 nm", "Checks: all 3 met.", "Not for navigation"):  # fmt: skip
        assert words in text, words


def test_summary_says_how_tanker_and_receivers_meet(feasible):
    """Once where all tankers of a contact are met alike, else of each; nothing where the plan does not say."""
    assert " met " not in brief.summary(feasible, 100)
    first = feasible["refuellings"][0]
    other = {**first, "id": f"{first['id']}b", "tanker_type": "KC-46A"}
    feasible["refuellings"].insert(1, other)

    def told():
        return re.sub(r"\s+", " ", brief.summary(feasible, 100))

    who = f"from {first['tankers']} × {first['tanker_type']} of {first['tanker_base']}"
    for kind, words in (("en route", "met en route"), ("point parallel", "met point parallel"),
                        ("anchor", "met at an anchor"), ("buddy", "buddy, leaving with them")):  # fmt: skip
        first["rendezvous"] = other["rendezvous"] = {"kind": kind}
        assert f"{who} and {other['tankers']} × KC-46A of {other['tanker_base']}, {words}; abort" in told()
    first["rendezvous"] = {"kind": "en route"}
    assert f"{who} (met en route) and" in told() and "(buddy, leaving with them); abort" in told()


def test_infeasible_summary_gives_the_cure(infeasible):
    text = brief.summary(infeasible, 100)
    assert text.startswith("NOT FEASIBLE")
    assert "cure: Lower stand_off to 31 nm" in text
    assert "Checks not met: 1 of 1" in text


def test_colour_only_when_asked(feasible):
    assert "\033" not in brief.summary(feasible, 80)
    assert "\033[1;32mFEASIBLE" in brief.summary(feasible, 80, colour=True)


def test_control_characters_of_a_document_do_not_reach_the_terminal(infeasible):
    infeasible["mission"]["name"] = "x\033]0;owned\007"
    infeasible["shortfalls"][0]["what"] = "y\033[2Jz"
    text = brief.summary(infeasible, 80)
    assert "\033" not in text
    assert "\007" not in text
