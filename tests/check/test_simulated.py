"""True flights with honest rounding are never contradicted; gross lies always are, and are named."""

from __future__ import annotations

import importlib.util
import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from longreach.check import judge, parse


def _load():
    spec = importlib.util.spec_from_file_location("check_simulated", Path(__file__).with_name("simulated.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


simulated = _load()


def true_ones(seeds: range) -> list[str]:
    wrong = []
    for seed in seeds:
        told = simulated.true_flight(random.Random(seed))
        found = judge(parse(told.text), samples=50)
        if found.verdict == "contradicted" or any(not conflict.rivals for conflict in found.conflicts):
            wrong.append(f"{seed}: {found.sentence}\n{told.text}")
    return wrong


def lies(seeds: range) -> tuple[list[str], Counter, Counter]:
    """Those not caught; by kind, how many were told and how many named in a smallest inconsistent set."""
    missed, told_of, named = [], Counter(), Counter()
    for seed in seeds:
        kind = simulated.LIES[seed % len(simulated.LIES)]
        told = simulated.true_flight(random.Random(10_000 + seed), kind)
        found = judge(parse(told.text), samples=50)
        told_of[kind] += 1
        if not found.conflicts:
            missed.append(f"{seed} {kind}: {found.sentence}\n{told.text}")
            continue
        smallest = min(len(conflict.ids) for conflict in found.conflicts)
        if any(set(told.lie) & set(c.ids) for c in found.conflicts if len(c.ids) == smallest):
            named[kind] += 1
    return missed, told_of, named


def test_some_true_flights_are_not_contradicted() -> None:
    assert true_ones(range(60)) == []


def test_some_lies_are_caught_and_named() -> None:
    missed, told, named = lies(range(60))
    assert missed == []
    assert sum(named.values()) >= 0.95 * sum(told.values()), (told, named)


@pytest.mark.soak
def test_a_thousand_true_flights_are_not_contradicted() -> None:
    wrong = true_ones(range(1000))
    print(f"\n1000 true flights, {len(wrong)} contradicted")
    assert wrong == []


@pytest.mark.soak
def test_a_thousand_lies_are_caught_and_named() -> None:
    missed, told, named = lies(range(1000))
    print(f"\n1000 lies, {len(missed)} missed; told {dict(told)}; named in a smallest set {dict(named)}")
    assert missed == []
    assert sum(named.values()) >= 950
