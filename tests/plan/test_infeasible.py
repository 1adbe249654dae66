"""The founding mission made impossible in many ways: each says what, where and by how much, and its cures work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from longreach import mission
from longreach.errors import InputError
from longreach.plan.proof import applied

FOUNDING = (Path(__file__).parents[2] / "examples" / "gulf-2020-12-10.toml").read_text("utf-8")

pytestmark = pytest.mark.xdist_group("plans")


def edited(change: Callable[[Any], None]) -> str:
    document = tomlkit.parse(FOUNDING)
    change(document)
    return tomlkit.dumps(document)


def no_tankers(m: Any) -> None:
    del m["tankers"]
    del m["abort"]


def one_tanker(m: Any) -> None:
    while len(m["tankers"]) > 1:
        del m["tankers"][1]
    m["tankers"][0]["available"] = 1


def two_tankers(m: Any) -> None:
    while len(m["tankers"]) > 2:
        del m["tankers"][2]
    for entry in m["tankers"]:
        entry["available"] = 1


def into_a_closed_state(m: Any) -> None:
    m["flights"][0]["to"] = "ORBI"


def from_a_closed_state(m: Any) -> None:
    m["airspace"]["closed"].append("US")


def station_in_a_closed_state(m: Any) -> None:
    m["airspace"]["closed"].append("QA")


def too_long_together(m: Any) -> None:
    m["partners"][0]["together"] = "6 h"


def stand_off_too_wide(m: Any) -> None:
    m["airspace"]["stand_off"] = "150 nm"


def too_long_on_station(m: Any) -> None:
    m["station"]["time"] = "30 h"


def too_much_payload(m: Any) -> None:
    two_tankers(m)
    m["flights"][0]["payload"] = "10 t"


# what is said, and the key the cure turns; None where no one number cures it
VARIANTS = {
    no_tankers: ("not enough fuel", None),
    one_tanker: ("no choice of refuellings", "tankers.0.available"),
    two_tankers: ("no choice of refuellings", "tankers.1.available"),
    into_a_closed_state: ("inside the closed airspace of Iraq", None),
    from_a_closed_state: ("inside the closed airspace of United States", None),
    station_in_a_closed_state: ("too near Qatar", None),
    too_long_together: ("not long enough in one stretch", "partners.0.together"),
    stand_off_too_wide: ("too near Iran", "airspace.stand_off"),
    too_long_on_station: ("no choice of refuellings", "station.time"),
    too_much_payload: ("no choice of refuellings", "tankers.1.available"),
}


@pytest.mark.parametrize("change", VARIANTS, ids=lambda change: change.__name__)
def test_what_cannot_be_flown_says_why_and_what_cures_it(change, planned, sound) -> None:
    said, key = VARIANTS[change]
    text = edited(change)
    document = planned(text)
    assert document["status"] == "infeasible"
    sound(document)
    first = document["shortfalls"][0]
    assert said in first["what"]
    assert first["where"] and first["by"] > 0.0 and first["unit"]
    assert first["cure"]["text"]
    cures = {
        row["cure"]["key_path"]: row["cure"]["value"]
        for row in document["shortfalls"]
        if row["cure"] and row["cure"]["value"] is not None
    }
    assert set(cures) == ({key} if key else set())
    if cures:
        cured = planned(applied(text, cures))
        assert cured["status"] == "feasible"
        sound(cured)


def test_a_partner_shut_out_of_its_own_state_is_refused_with_the_file() -> None:
    def change(m: Any) -> None:
        m["partners"][0]["may_fly"] = ["BH", "QA"]

    with pytest.raises(InputError, match="OEDR lies in SA, whose airspace may_fly does not list"):
        mission.parse(edited(change))


def test_cures_are_put_where_their_paths_say() -> None:
    text = applied(FOUNDING, {"tankers.0.available": 9, "winds.spread": "5 kt", "new.table.key": [1, 2]})
    told = tomlkit.parse(text).unwrap()
    assert told["tankers"][0]["available"] == 9
    assert told["winds"]["spread"] == "5 kt"
    assert told["new"] == {"table": {"key": [1, 2]}}
    assert told["tankers"][1:] == tomlkit.parse(FOUNDING).unwrap()["tankers"][1:]


def test_relays_that_are_forbidden_are_the_cure(planned, sound) -> None:
    """Ascension to Stanley and back with tankers that may not refuel one another."""
    text = (Path(__file__).parents[2] / "examples" / "black-buck-1982.toml").read_text("utf-8")
    document = planned(text.replace("relay = true", "relay = false"))
    sound(document)
    assert document["status"] == "infeasible" and not document["refuellings"]
    (row,) = document["shortfalls"]
    assert (row["cure"]["key_path"], row["cure"]["value"]) == ("refuelling.relay", True)
    assert planned(applied(document["mission"]["text"], {"refuelling.relay": True}))["status"] == "feasible"


@pytest.mark.parametrize(
    ("seed", "key"), [(236, "tankers.0.available"), (365, "tankers.0.available"), (312, "tankers.1")]
)
def test_the_cure_of_a_random_mission_is_the_smallest(
    seed: int, key: str, random_missions, planned, sound
) -> None:
    """With it the mission is feasible; with one tanker less than it asks for it is not."""
    text = random_missions.long_haul_text(seed)
    plan = planned(text)
    sound(plan)
    told = {
        row["cure"]["key_path"]: row["cure"]["value"]
        for row in plan["shortfalls"]
        if row["cure"] and row["cure"]["key_path"] and row["cure"]["value"] is not None
    }
    assert key in told
    cured = planned(applied(text, told))
    sound(cured)
    assert cured["status"] == "feasible"
    value = told[key]
    less = {**value, "available": value["available"] - 1} if isinstance(value, dict) else value - 1
    if isinstance(less, dict) and not less["available"]:
        return  # without any there is no such base, and that is the mission itself
    assert planned(applied(text, {**told, key: less}))["status"] == "infeasible"
