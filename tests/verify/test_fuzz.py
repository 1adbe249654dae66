"""Whatever a document holds, verification answers or says what is wrong with it: no other exception."""

from __future__ import annotations

import copy
import math
import random
from typing import Any

import pytest

from longreach.errors import InputError
from longreach.verify import verify

VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 1e9, -1e9, 1e300, math.nan, math.inf, "", "x", "KBAD", "12,34", [], {}, [1, 2], {"a": 1},
    "2020-12-10T09:00:00Z", "2021-02-30T00:00:00Z", "lead", "tanker-1", "saudi", 0.5, 180.0, -180.0, 90.0,
]  # fmt: skip


def nodes(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += nodes(inner, (*path, key))
    elif isinstance(value, list):
        step = 1 if len(value) < 20 else 17
        for index in range(0, len(value), step):
            found += nodes(value[index], (*path, index))
    return found


def mutated(plan: dict[str, Any], paths: list[tuple[Any, ...]], rng: random.Random) -> dict[str, Any]:
    plan = copy.deepcopy(plan)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        path = rng.choice(paths)
        holder: Any = plan
        try:
            for key in path[:-1]:
                holder = holder[key]
            old = holder[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
        kind = rng.random()
        if kind < 0.15:
            del holder[path[-1]]
        elif kind < 0.45 and isinstance(old, int | float) and not isinstance(old, bool):
            holder[path[-1]] = old * rng.choice([-1, 0, 0.5, 2, 1000]) + rng.choice([0, 1, -1, 90])
        elif kind < 0.6 and isinstance(old, list) and len(old) > 1:
            i, j = rng.randrange(len(old)), rng.randrange(len(old))
            old[i], old[j] = old[j], old[i]
        elif kind < 0.7 and isinstance(old, list) and old:
            old.append(copy.deepcopy(rng.choice(old)))
        elif kind < 0.8 and isinstance(old, list):
            del old[rng.randrange(len(old) + 1) :]
        elif kind < 0.9 and isinstance(old, str) and len(old) > 3:
            at = rng.randrange(len(old))
            holder[path[-1]] = old[:at] + rng.choice(["", "9", '"', "\n", "="]) + old[at + 1 :]
        else:
            holder[path[-1]] = copy.deepcopy(rng.choice(VALUES))
    return plan


def run(plan: dict[str, Any], count: int, seed: int) -> tuple[int, int]:
    rng = random.Random(seed)
    paths = nodes(plan)
    answered = refused = 0
    for _ in range(count):
        changed = mutated(plan, paths, rng)
        try:
            report = verify(changed)
        except InputError as error:
            assert error.faults and all(fault.what for fault in error.faults)
            refused += 1
            continue
        answered += 1
        assert report.ok == (not any(check.id == "claims" and not check.ok for check in report.checks))
        if not report.ok:
            assert report.residuals
    return answered, refused


def test_no_document_breaks_it(tour_plan: dict[str, Any]) -> None:
    answered, refused = run(tour_plan, 80, 1)
    assert answered > 10 and refused > 10


@pytest.mark.soak
def test_no_document_breaks_it_for_long(tour_plan: dict[str, Any], hop_plan: dict[str, Any]) -> None:
    run(tour_plan, 4000, 2)
    run(hop_plan, 1000, 3)
