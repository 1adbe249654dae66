"""Random missions all over the globe: what is called feasible verifies, what is not says why, nothing breaks."""

from __future__ import annotations

import copy
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUICK = range(10)
SOAK = range(1000, 3000)


@pytest.mark.xdist_group("plans")
@pytest.mark.parametrize("seed", QUICK)
def test_a_random_mission(seed: int, random_missions, planned, sound) -> None:
    sound(planned(random_missions.mission_text(seed, quick=True)))


@pytest.mark.xdist_group("plans")
@pytest.mark.parametrize("seed", [30, 50, 120, 131, 171, 194])
def test_a_long_haul_that_was_called_infeasible_once(seed: int, random_missions, planned, sound) -> None:
    """Two guarded moments in one second, a line left for another, a high field, a base below, rounds that idle."""
    document = planned(random_missions.long_haul_text(seed))
    sound(document)
    assert document["status"] == "feasible"


@pytest.mark.xdist_group("plans")
@pytest.mark.parametrize("seed", [1584, 1790, 1968, 2218, 2414, 2613])
def test_a_plan_that_verification_refused_once(seed: int, random_missions, planned, sound) -> None:
    """Two events in one second, a climb's last row cut short, a coast left on each round, a base under the line."""
    document = planned(random_missions.soak_text(seed))
    assert document["status"] == "feasible", document["shortfalls"]
    sound(document)


@pytest.mark.xdist_group("plans")
def test_a_contact_only_to_know_the_fuel_anew_gives_something(random_missions, planned, sound) -> None:
    """At 99 % doubt a contact resets what the burn may have been wrong by; one that gives nothing is none."""
    document = planned(random_missions.soak_text(1036))
    assert document["status"] == "feasible" and document["refuellings"]
    sound(document)


@pytest.mark.parametrize(("seed", "relayed"), [(200, False), (204, False), (203, True), (367, False)])
def test_a_random_relay(seed: int, relayed: bool, random_missions, planned, sound) -> None:
    """Two of them were called infeasible once; the bound was over the fewest, or a far tanker was not sized."""
    document = planned(random_missions.relay_text(seed))
    sound(document)
    assert document["status"] == "feasible"
    takers = {row["receiver"] for row in document["refuellings"]} - {"lead"}
    assert bool(takers) == relayed


@pytest.mark.xdist_group("plans")
def test_teams_save_sorties_where_the_mission_asks_for_them(random_missions, planned, sound) -> None:
    """Seven tankers that fly straight, or four of which one refuels another: the bound is true of both."""
    text = random_missions.relay_text(78)
    assert "relay = true" in text
    asked, silent, forbidden = (
        planned(text.replace("relay = true", line)) for line in ("relay = true", "", "relay = false")
    )
    for document in (asked, silent, forbidden):
        sound(document)
        assert document["status"] == "feasible"
    told = [each["optimality"] for each in (asked, silent, forbidden)]
    assert told[0]["tanker_sorties"] < told[1]["tanker_sorties"] == told[2]["tanker_sorties"]
    assert told[1]["tanker_sorties_bound"] <= told[0]["tanker_sorties"]
    assert silent["flights"] == forbidden["flights"] and "lines" not in told[1]
    assert {row["receiver"] for row in asked["refuellings"]} > {"lead"}
    assert {row["receiver"] for row in silent["refuellings"]} == {"lead"}
    straight, teams = told[0]["lines"]
    assert (straight["chosen"], teams["chosen"]) == (False, True)
    assert straight["tanker_sorties"] == told[1]["tanker_sorties"]
    assert teams["line"] == "as given, tankers refuelled"


@pytest.mark.xdist_group("plans")
def test_teams_are_tried_where_a_ladder_without_them_does_not_hold(random_missions, planned, sound) -> None:
    text = random_missions.relay_text(27)
    assert planned(text.replace("relay = true", ""))["status"] == "infeasible"
    document = planned(text)
    sound(document)
    assert document["status"] == "feasible"
    assert {row["receiver"] for row in document["refuellings"]} > {"lead"}


@pytest.mark.xdist_group("plans")
@pytest.mark.parametrize(("seed", "contacts"), [(10, 1), (35, 1), (31, 1), (63, 1), (4, 0)])
def test_a_random_cell(seed: int, contacts: int, random_missions, planned, sound) -> None:
    """Polar and hourly types, refuelled or not; 63 was asked for more at a contact's end than it needed there."""
    document = planned(random_missions.cell_text(seed))
    sound(document)
    assert document["status"] == "feasible"
    assert len({row["start_utc"] for row in document["refuellings"]}) == contacts


@pytest.mark.xdist_group("plans")
@pytest.mark.parametrize(("seed", "back"), [(0, True), (10, False), (48, False), (33, True)])
def test_a_random_cell_that_parts(seed: int, back: bool, random_missions, planned, sound) -> None:
    document = planned(random_missions.split_text(seed))
    sound(document)
    assert document["status"] == "feasible"
    apart = [flight for flight in document["flights"] if "detached" in flight]
    assert len(apart) == 1 and (apart[0]["detached"]["rejoin"] is not None) == back


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["cell", "split"])
def test_two_hundred_random_cells(kind: str, random_missions, sound, soak) -> None:
    text = getattr(random_missions, f"{kind}_text")
    rows = soak.run(range(1000, 1200), ROOT / "build" / "soak" / f"random-{kind}s.jsonl", text, sound)
    print(f"\n{soak.told(rows)}")
    broken = [f"{row['seed']}: {row['broken']}" for row in rows if "broken" in row]
    assert not broken, "\n".join(broken)
    assert sum(row["outcome"] == "feasible" for row in rows) > (80 if kind == "cell" else 50)


@pytest.mark.soak
def test_five_hundred_random_relays(random_missions, sound, soak) -> None:
    rows = soak.run(
        range(1000, 1500), ROOT / "build" / "soak" / "random-relays.jsonl", random_missions.relay_text, sound
    )
    print(f"\n{soak.told(rows)}")
    broken = [f"{row['seed']}: {row['broken']}" for row in rows if "broken" in row]
    assert not broken, "\n".join(broken)
    assert sum(row["outcome"] == "feasible" for row in rows) > 100


def test_a_seed_is_a_mission(random_missions) -> None:
    texts = [random_missions.mission_text(seed) for seed in range(50)]
    assert texts == [random_missions.mission_text(seed) for seed in range(50)]
    assert len(set(texts)) == 50


def test_an_aircraft_with_nowhere_to_go_is_found(planned, soundness) -> None:
    """The judge of the long proof can say no: the founding plan with its abort bases moved to New Zealand."""
    assert_never_dry = soundness.assert_never_dry
    founding = planned((ROOT / "examples" / "gulf-2020-12-10.toml").read_text("utf-8"))
    lead = founding["flights"][0]
    assert_never_dry(founding, lead)
    plan = copy.deepcopy(founding)
    text = plan["mission"]["text"]
    start = text.index("bases = [", text.index("[abort]"))
    plan["mission"]["text"] = text[:start] + 'bases = ["NZAA"]' + text[text.index("\n", start) :]
    with pytest.raises(AssertionError, match="the nearest base is"):
        assert_never_dry(plan, lead)
    lead["track"]["rows"][5][9], kept = -1.0, lead["track"]["rows"][5][9]
    with pytest.raises(AssertionError, match="runs dry"):
        assert_never_dry(founding, lead)
    lead["track"]["rows"][5][9] = kept


@pytest.mark.soak
def test_two_thousand_random_missions(random_missions, sound, soak) -> None:
    rows = soak.run(SOAK, ROOT / "build" / "soak" / "random-missions.jsonl", random_missions.soak_text, sound)
    print(f"\n{soak.told(rows)}")
    broken = [f"{row['seed']}: {row['broken']}" for row in rows if "broken" in row]
    assert not broken, "\n".join(broken)
    uncured = [row["seed"] for row in rows if row.get("cures") and not row.get("cured")]
    assert not uncured
    assert sum(row["outcome"] == "feasible" for row in rows) > 200


@pytest.mark.soak
def test_a_hundred_and_fifty_missions_in_company(random_missions, sound, soak) -> None:
    from longreach import mission
    from longreach.plan import plan

    outcomes: Counter[str] = Counter()
    broken: list[str] = []
    for seed in range(150):
        try:
            document = plan(mission.parse(random_missions.company_text(seed)))
            sound(document)
        except Exception as error:
            broken.append(f"{seed}: {type(error).__name__}: {str(error)[:300]}")
            continue
        outcomes[soak.outcome(document)] += 1
    print(f"\n150 missions in company: {outcomes.most_common(12)}")
    assert not broken, "\n".join(broken)
    assert outcomes["feasible"] > 40
