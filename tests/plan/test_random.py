"""Random missions all over the globe: what is called feasible verifies, what is not says why, nothing breaks."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest

QUICK = range(10)
SOAK = range(1000, 1500)


def outcome(document: dict) -> str:
    """Feasible, or the first reason in general words."""
    if document["status"] == "feasible":
        return "feasible"
    what = document["shortfalls"][0]["what"]
    what = re.sub(r"^(flight|partner|tankers) [\w-]+: ", "", what)
    what = re.sub(r"\b[A-Z]{4}\b|[-+]?\d[\d,.]*", "#", what)
    return re.sub(r"(of|by|from|near|airspace of) [A-Z][\w .'()-]+", r"\1 …", what)[:90]


@pytest.mark.xdist_group("plans")
@pytest.mark.parametrize("seed", QUICK)
def test_a_random_mission(seed: int, random_missions, planned, sound) -> None:
    sound(planned(random_missions.mission_text(seed, quick=True)))


def test_a_seed_is_a_mission(random_missions) -> None:
    texts = [random_missions.mission_text(seed) for seed in range(50)]
    assert texts == [random_missions.mission_text(seed) for seed in range(50)]
    assert len(set(texts)) == 50


@pytest.mark.soak
def test_five_hundred_random_missions(random_missions, sound) -> None:
    from longreach import mission
    from longreach.plan import plan

    outcomes: Counter[str] = Counter()
    times: list[tuple[float, int]] = []
    broken: list[str] = []
    for seed in SOAK:
        since = time.perf_counter()
        try:
            text = random_missions.mission_text(seed)
            if seed % 2:
                text = random_missions.with_company(text, seed)
            document = plan(mission.parse(text))
            times.append((time.perf_counter() - since, seed))
            sound(document)
        except Exception as error:  # one broken mission must not hide the others
            broken.append(f"{seed}: {type(error).__name__}: {str(error)[:300]}")
            outcomes["broken"] += 1
            continue
        outcomes[outcome(document)] += 1
    print(f"\n{len(SOAK)} random missions")
    for what, count in outcomes.most_common():
        print(f"{count:5d}  {what}")
    times.sort(reverse=True)
    print("slowest: " + ", ".join(f"{seconds:.1f} s (seed {seed})" for seconds, seed in times[:5]))
    print(f"median {times[len(times) // 2][0]:.2f} s")
    assert not broken, "\n".join(broken)
    assert outcomes["feasible"] > 20


@pytest.mark.soak
def test_a_hundred_and_fifty_missions_in_company(random_missions, sound) -> None:
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
        outcomes[outcome(document)] += 1
    print(f"\n150 missions in company: {outcomes.most_common(12)}")
    assert not broken, "\n".join(broken)
    assert outcomes["feasible"] > 40
