"""Random missions all over the globe: what is called feasible verifies, what is not says why, nothing breaks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from longreach.plan.proof import applied

ROOT = Path(__file__).parents[2]
QUICK = range(10)
SOAK = range(1000, 3000)
CURED = ()


@pytest.mark.xdist_group("plans")
@pytest.mark.parametrize("seed", QUICK)
def test_a_random_mission(seed: int, random_missions, planned, sound) -> None:
    sound(planned(random_missions.mission_text(seed, quick=True)))


@pytest.mark.xdist_group("plans")
@pytest.mark.parametrize(("seed", "relayed"), [(204, False), (203, True)])
def test_a_random_relay(seed: int, relayed: bool, random_missions, planned, sound) -> None:
    """Two that were called infeasible while tankers a long way out were not flown often enough to be sized."""
    document = planned(random_missions.relay_text(seed))
    sound(document)
    assert document["status"] == "feasible"
    takers = {row["receiver"] for row in document["refuellings"]} - {"lead"}
    assert bool(takers) == relayed


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


@pytest.mark.xdist_group("plans")
@pytest.mark.parametrize("seed", CURED)
def test_a_cure_stated_cures(seed: int, random_missions, planned, sound, soak) -> None:
    """Random missions that cannot be flown, each with a cure: put into the file, it makes them feasible."""
    text = random_missions.mission_text(seed, quick=True)
    document = planned(text)
    told = soak.cures(document)
    assert document["status"] == "infeasible" and told
    cured = planned(applied(text, told))
    assert cured["status"] == "feasible"
    sound(cured)


@pytest.mark.soak
def test_two_thousand_random_missions(random_missions, sound, soak) -> None:
    rows = soak.run(
        SOAK, ROOT / "build" / "soak" / "random-missions.jsonl", random_missions.mission_text, sound
    )
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
