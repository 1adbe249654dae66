"""Cells of several types: planned as one, told type by type, and every way to cheat with them is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longreach import mission
from longreach.plan import plan
from longreach.verify import examine, verify
from plan_documents import edited, flight_of

Plan = dict[str, Any]
MIXED, SPLIT = (Path(__file__).with_name(f"{name}.toml") for name in ("mixed", "split"))
pytestmark = pytest.mark.xdist_group("plans")


@cache
def _planned() -> Plan:
    return plan(mission.load(MIXED))


@pytest.fixture
def mixed() -> Plan:
    return copy.deepcopy(_planned())


def test_a_cell_of_two_types_verifies(mixed: Plan) -> None:
    report = verify(mixed)
    assert report.ok and report.feasible and {"cells", "formation"} <= {check.id for check in report.checks}
    buff, moose = flight_of(mixed, "buff"), flight_of(mixed, "moose")
    assert [row[:7] for row in buff["track"]["rows"]] == [row[:7] for row in moose["track"]["rows"]]
    assert buff["cell"] == {"members": ["moose"], "mach": 0.76, "paced_by": "moose"}
    assert moose["cell_of"] == "buff" and "cell" not in moose
    places = [row["position"] for flight in (buff, moose) for row in flight["formation"]["aircraft"]]
    assert places == [1, 2, 3, 4]
    assert [row["below_ft"] for row in moose["formation"]["aircraft"]] == [1000, 1500]


def test_every_type_takes_its_own_fuel_at_the_same_contacts(mixed: Plan) -> None:
    rows = mixed["refuellings"]
    assert [(row["id"], row["receiver"]) for row in rows[:2]] == [("R1", "moose"), ("R1b", "buff")]
    assert (
        rows[0]["start_utc"] == rows[1]["start_utc"] and rows[0]["tanker_flight"] == rows[1]["tanker_flight"]
    )
    assert rows[0]["onload_kg"] != pytest.approx(rows[1]["onload_kg"], rel=0.05)
    for id in ("buff", "moose"):
        told = [each for each in mixed["aborts"] if each["flight"] == id]
        assert len(told) == 1 and len(told[0]["decisions"]) == 4
    taken: dict[str, float] = {}
    for row in rows:
        taken[row["tanker_flight"]] = taken.get(row["tanker_flight"], 0.0) + row["offload_kg"]
    for id, given in taken.items():
        assert flight_of(mixed, id)["fuel"]["offload_kg"] == pytest.approx(given, abs=1.0)


def test_the_slowest_governs(mixed: Plan) -> None:
    """The C-17A's long-range cruise is M0.76, the B-52H's M0.77; no cruise row is faster."""
    rows = [row for row in flight_of(mixed, "buff")["track"]["rows"] if row[-1] == "cruise"]
    high = [row for row in rows if row[3] > 36_100]
    assert high and max(row[4] for row in high) < 0.762 * 573.6


def test_alone_each_type_burns_less(mixed: Plan) -> None:
    """In a cell nobody flies his own levels at his own speed: as flights of their own both burn less."""
    text = MIXED.read_text("utf-8")
    start, end = text.index("[[flights.members]]"), text.index("[[tankers]]")
    alone = plan(mission.parse(text[:start] + text[end:]))
    assert alone["status"] == "feasible"
    buff = alone["flights"][0]["fuel"]["burn_kg"]
    assert buff < flight_of(mixed, "buff")["fuel"]["burn_kg"]


def test_what_a_cell_asks_is_refused_where_it_cannot_be() -> None:
    from longreach.errors import InputError

    text = MIXED.read_text("utf-8")
    for old, new, words in (
        ('id = "moose"', 'id = "buff"', "is already the id of flights.0"),
        ('aircraft = "C-17A"', 'aircraft = "787-9"', "cannot be refuelled in the air"),
        ('payload = "20 t"', 'payload = "150 t"', "that C-17A can carry"),
        ('payload = "5 t"', 'payload = "5 t"\nmach = "M0.94"', "asked of its cell"),
    ):
        with pytest.raises(InputError, match=words):
            mission.parse(text.replace(old, new, 1))


def test_one_that_cannot_keep_beside_is_named() -> None:
    """A Falcon has no tanks for the ocean, whatever the others have; the plan says which and by how much."""
    text = MIXED.read_text("utf-8").replace('aircraft = "C-17A"', 'aircraft = "F-16C"')
    document = plan(mission.parse(text.replace('payload = "20 t"', 'payload = "0 t"')))
    assert document["status"] == "infeasible" and verify(document).ok
    assert document["shortfalls"][0]["what"].startswith("flight moose: ")


# -- part of a cell on its own --------------------------------------------------------------------------


@cache
def _split() -> Plan:
    return plan(mission.load(SPLIT))


@pytest.fixture
def split() -> Plan:
    return copy.deepcopy(_split())


def test_part_of_a_cell_leaves_it_and_is_back(split: Plan) -> None:
    report = verify(split)
    assert report.ok and report.feasible
    buff, apart = flight_of(split, "buff"), flight_of(split, "biscay")
    told = apart["detached"]
    assert (told["leave"]["name"], told["rejoin"]["name"]) == ("Santa Maria", "Terceira")
    assert told["hold_s"] >= 1200
    rows = {row[0]: row for row in buff["track"]["rows"]}
    leave, back = told["leave"]["time_utc"], told["rejoin"]["time_utc"]
    for row in apart["track"]["rows"]:
        if row[0] <= leave or row[0] >= back:
            assert row[:6] == rows[row[0]][:6] or row[0] in (leave, back)
    own = [row for row in apart["track"]["rows"] if leave < row[0] < back]
    assert max(row[1] for row in own) == pytest.approx(45.5, abs=0.01)
    assert {row["id"][:2] for row in split["refuellings"] if row["receiver"] == "biscay"} == {"R1"}


def test_it_waits_for_the_cell_and_never_the_cell_for_it(split: Plan) -> None:
    """A longer way leaves less to circle, until it would be late: then the plan says by how much, and what would do."""
    text = SPLIT.read_text("utf-8")
    longer = plan(mission.parse(text.replace("[45.5, -6.0]", "[47.5, -6.0]")))
    assert longer["status"] == "feasible"
    assert longer["flights"][0]["landing_utc"] == flight_of(split, "buff")["landing_utc"]
    assert (
        flight_of(longer, "biscay")["detached"]["hold_s"]
        < flight_of(split, "biscay")["detached"]["hold_s"] - 600
    )
    late = plan(mission.parse(text.replace('hold = "20 min"', 'hold = "3 h"')))
    row = late["shortfalls"][0]
    assert late["status"] == "infeasible" and "would be back at Terceira too late" in row["what"]
    assert row["unit"] == "min" and 30.0 < row["by"] < 60.0
    assert row["cure"]["key_path"] == "flights.0.members.0.hold"
    assert "not enough alone" not in row["cure"]["text"]  # it was planned with, and is feasible


def test_it_may_land_elsewhere_or_leave_after_a_contact() -> None:
    text = SPLIT.read_text("utf-8")
    elsewhere = plan(mission.parse(text.replace('rejoin = "Terceira"', 'to = "EGVA"')))
    assert elsewhere["status"] == "feasible" and verify(elsewhere).ok
    apart = flight_of(elsewhere, "biscay")
    assert apart["destination"] == "EGVA" and apart["detached"]["rejoin"] is None
    assert apart["landing_utc"] < flight_of(elsewhere, "buff")["landing_utc"]
    after = text.replace('leave = "Santa Maria"', 'leave = "R1"').replace(
        'rejoin = "Terceira"', 'to = "CYQX"'
    )
    after = after.replace("[45.5, -6.0]", "[45.0, -45.0]")
    contact = plan(mission.parse(after))
    assert contact["status"] == "feasible" and verify(contact).ok
    assert (
        flight_of(contact, "biscay")["detached"]["leave"]["time_utc"] == contact["refuellings"][0]["end_utc"]
    )


STATION = """schema = "longreach.mission/1"
name = "Two types over the Gulf of Mexico, one of which goes on to Miami"
[clock]
anchor = "on_station"
time = 2020-12-10T12:00:00Z
[station]
name = "Campeche"
centre = [23.5, -91.5]
radius = "60 nm"
time = "1 h"
[order]
given = 2020-12-10T06:00:00Z
ready = "1 h"
[order.readiness]
buff = "2 h"
[[flights]]
id = "buff"
aircraft = "B-52H"
count = 2
operator = "US"
from = "KBAD"
to = "KBAD"
[[flights.members]]
id = "on"
aircraft = "KC-10A"
leave = "station"
to = "KMIA"
[winds]
source = "still"
"""


def test_it_may_leave_the_station_and_is_ready_with_its_cell() -> None:
    document = plan(mission.parse(STATION))
    assert document["status"] == "feasible" and verify(document).ok
    on, station = flight_of(document, "on"), document["station"]
    assert station["enter_utc"] <= on["detached"]["leave"]["time_utc"] <= station["leave_utc"]
    assert on["destination"] == "KMIA"
    rows = {row["flight"]: row for row in document["order"]["flights"]}
    assert rows["on"]["entry"] == "buff" and rows["on"]["slack_s"] == rows["buff"]["slack_s"]


def test_a_field_beside_where_it_leaves_gives_it_room_to_come_down() -> None:
    near = STATION.replace("[23.5, -91.5]", "[25.9, -82.5]").replace("60 nm", "50 nm")
    document = plan(mission.parse(near))
    assert document["status"] == "feasible"
    way = [row for row in flight_of(document, "on")["track"]["rows"] if row[-1] == "descent"]
    assert len(way) > 15  # Miami is 130 nm off: it flies part of that twice


def test_what_a_stretch_asks_is_refused_where_it_cannot_be() -> None:
    from longreach.errors import InputError

    text = SPLIT.read_text("utf-8")
    for old, new, words in (
        ('leave = "Santa Maria"', 'leave = "Santa Marta"', "did you mean Santa Maria"),
        ('rejoin = "Terceira"', 'rejoin = "Santa Maria"', "does not come after"),
        ('rejoin = "Terceira"\n', "", "neither where it is back nor where it lands"),
        ('leave = "Santa Maria"\n', "", "is of a member that leaves its cell"),
        ('hold = "20 min"', 'hold = "20"', "has no unit"),
    ):
        with pytest.raises(InputError, match=words):
            mission.parse(text.replace(old, new, 1))


# -- cheats -------------------------------------------------------------------------------------------


def not_of_it(document: Plan) -> None:
    flight_of(document, "moose")["cell_of"] = "other"


def no_word_of_it(document: Plan) -> None:
    del flight_of(document, "buff")["cell"]


def faster_than_the_slowest(document: Plan) -> None:
    flight_of(document, "buff")["cell"]["mach"] = 0.77


def paced_by_nobody(document: Plan) -> None:
    flight_of(document, "buff")["cell"]["paced_by"] = "tanker-1"


def left_out(document: Plan) -> None:
    document["flights"] = [each for each in document["flights"] if each["id"] != "moose"]


def one_fewer(document: Plan) -> None:
    flight_of(document, "moose")["count"] = 1


def burns_as_the_other(document: Plan) -> None:
    """The C-17A told to burn less than it does, its fuel made to fit."""
    flight = flight_of(document, "moose")
    rows = flight["track"]["rows"]
    gain = np.linspace(0.0, 6000.0, len(rows))
    for row, more in zip(rows, gain, strict=True):
        row[8], row[9] = round(row[8] + more, 1), round(row[9] + more, 1)
    flight["fuel"]["landing_kg"] += 6000.0
    flight["fuel"]["burn_kg"] -= 6000.0


def another_way(document: Plan) -> None:
    """One type half a degree off the other for two hours."""
    for row in flight_of(document, "moose")["track"]["rows"][200:320]:
        row[1] += 0.5


def another_level(document: Plan) -> None:
    for row in flight_of(document, "moose")["track"]["rows"][300:400]:
        row[3] -= 3000.0


def no_time_for_both(document: Plan) -> None:
    """A contact as long as one of the two groups needs: the other's fuel has no time to flow."""
    first = document["refuellings"][0]
    rows = [row[0] for row in flight_of(document, "moose")["track"]["rows"]]
    tanker = {row[0] for row in flight_of(document, first["tanker_flight"])["track"]["rows"]}
    inside = [t for t in rows if first["start_utc"] < t < first["end_utc"] and t in tanker]
    assert inside
    for row in document["refuellings"][:2]:
        row["end_utc"] = inside[2]


def a_place_twice(document: Plan) -> None:
    for row, place in zip(flight_of(document, "moose")["formation"]["aircraft"], (1, 2), strict=True):
        row["position"] = place


def more_for_one(document: Plan) -> None:
    """The tanker gives one group a tonne more than it gave in all."""
    document["refuellings"][1]["onload_kg"] += 500.0
    document["refuellings"][1]["offload_kg"] += 1000.0


def of_another_type(document: Plan) -> None:
    edited(document, 'aircraft = "C-17A"', 'aircraft = "B-2A"')


def slower_asked(document: Plan) -> None:
    edited(document, 'payload = "5 t"\nvia', 'payload = "5 t"\nmach = "M0.70"\nvia')


def heavier_asked(document: Plan) -> None:
    edited(document, 'payload = "20 t"', 'payload = "24 t"')


CHEATS: list[tuple[Callable[[Plan], None], set[str]]] = [
    (not_of_it, {"cells"}),
    (no_word_of_it, {"cells"}),
    (faster_than_the_slowest, {"cells"}),
    (paced_by_nobody, {"cells"}),
    (left_out, {"mission.flights"}),
    (one_fewer, {"mission.flights"}),
    (burns_as_the_other, {"fuel.burn"}),
    (another_way, {"cells"}),
    (another_level, {"cells"}),
    (no_time_for_both, {"cells"}),
    (a_place_twice, {"formation"}),
    (more_for_one, {"fuel.balance"}),
    (of_another_type, {"mission.flights"}),
    (slower_asked, {"track.envelope"}),
    (heavier_asked, {"fuel.mass"}),
]


@pytest.mark.parametrize(("cheat", "caught"), CHEATS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_named_cheat_is_caught(mixed: Plan, cheat: Callable[[Plan], None], caught: set[str]) -> None:
    cheat(mixed)
    failed = {check.id for check in examine(mixed).checks if not check.ok}
    assert caught <= failed, failed


def back_too_soon(document: Plan) -> None:
    """Said to be back half an hour before it is."""
    rows = [row[0] for row in flight_of(document, "biscay")["track"]["rows"]]
    told = flight_of(document, "biscay")["detached"]["rejoin"]
    told["time_utc"] = rows[rows.index(told["time_utc"]) - 30]


def leaves_late(document: Plan) -> None:
    rows = [row[0] for row in flight_of(document, "biscay")["track"]["rows"]]
    told = flight_of(document, "biscay")["detached"]["leave"]
    told["time_utc"] = rows[rows.index(told["time_utc"]) + 40]


def said_to_stay(document: Plan) -> None:
    del flight_of(document, "biscay")["detached"]


def never_back(document: Plan) -> None:
    flight_of(document, "biscay")["detached"]["rejoin"] = None


def circles_less(document: Plan) -> None:
    edited(document, 'hold = "20 min"', 'hold = "4 h"')


def told_to_circle_more(document: Plan) -> None:
    flight_of(document, "biscay")["detached"]["hold_s"] += 600


def another_point_asked(document: Plan) -> None:
    edited(document, "[45.5, -6.0]", "[44.5, -6.0]")


def another_leaving_asked(document: Plan) -> None:
    edited(document, "[37.0, -22.0]", "[37.0, -24.0]")


def another_meeting_asked(document: Plan) -> None:
    edited(document, 'rejoin = "Terceira"', 'rejoin = "Gibraltar"')


def takes_fuel_while_away(document: Plan) -> None:
    """Its fuel raised on its own stretch, where no tanker is."""
    flight = flight_of(document, "biscay")
    told = flight["detached"]
    for row in flight["track"]["rows"]:
        if row[0] > told["leave"]["time_utc"]:
            row[8], row[9] = round(row[8] + 3000.0, 1), round(row[9] + 3000.0, 1)
    flight["fuel"]["landing_kg"] += 3000.0
    flight["fuel"]["burn_kg"] -= 3000.0


SPLIT_CHEATS: list[tuple[Callable[[Plan], None], set[str]]] = [
    (back_too_soon, {"cells"}),
    (leaves_late, {"cells"}),
    (said_to_stay, {"cells"}),
    (never_back, {"cells"}),
    (circles_less, {"cells"}),
    (told_to_circle_more, {"cells"}),
    (another_point_asked, {"track.route"}),
    (another_leaving_asked, {"cells"}),
    (another_meeting_asked, {"cells"}),
    (takes_fuel_while_away, {"fuel.burn"}),
]


@pytest.mark.parametrize(("cheat", "caught"), SPLIT_CHEATS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_named_cheat_with_a_stretch_is_caught(
    split: Plan, cheat: Callable[[Plan], None], caught: set[str]
) -> None:
    cheat(split)
    failed = {check.id for check in examine(split).checks if not check.ok}
    assert caught <= failed, failed


def test_a_detachment_that_keeps_near_its_cell_is_found(split: Plan) -> None:
    """The cell's own rows given to the detachment's stretch, two miles off: lawful, timely, and not separated."""
    cell, apart = flight_of(split, "buff"), flight_of(split, "biscay")
    told = apart["detached"]
    rows = {row[0]: row for row in cell["track"]["rows"]}
    for row in apart["track"]["rows"]:
        beside = rows.get(row[0])
        if beside is not None and told["leave"]["time_utc"] < row[0] < told["rejoin"]["time_utc"]:
            row[1], row[2], row[3] = beside[1] + 0.03, beside[2], beside[3]
    failed = [check for check in examine(split).checks if not check.ok and check.id == "cells"]
    assert failed and "over or under it at" in failed[0].note
