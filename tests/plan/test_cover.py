"""Cover of a stretch by sorties that take turns, against every choice there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from longreach.plan.cover import Candidate, Chosen, Fleet, choose


def in_company(
    candidates: list[Candidate], chosen: tuple[int, ...], start: float, overlap: float, at: float
) -> int:
    """Aircraft that count at a moment, by the rule as a planner would say it."""
    total = 0
    for k in chosen:
        each = candidates[k]
        first = each.join_s <= start
        if each.join_s + (0.0 if first else overlap) <= at < each.leave_s:
            total += each.aircraft
    return total


def open_s(
    candidates: list[Candidate],
    chosen: tuple[int, ...],
    span: tuple[float, float],
    wanted: int,
    overlap: float,
) -> float:
    """Aircraft-seconds lacking, minute by minute (all times are whole minutes)."""
    moments = np.arange(span[0], span[1], 60.0)
    return sum(60.0 * max(0, wanted - in_company(candidates, chosen, span[0], overlap, at)) for at in moments)


def flyable(candidates: list[Candidate], chosen: tuple[int, ...], fleets: list[Fleet]) -> bool:
    """Aircraft given out one by one, each sortie in the order of take-off."""
    for index, fleet in enumerate(fleets):
        free = [-np.inf] * fleet.available  # when each aircraft can next take off
        for k in sorted(
            (k for k in chosen if candidates[k].fleet == index), key=lambda k: candidates[k].takeoff_s
        ):
            each = candidates[k]
            ready = sorted(n for n, at in enumerate(free) if at <= each.takeoff_s)
            if len(ready) < each.aircraft:
                return False
            for n in ready[: each.aircraft]:
                free[n] = np.inf if fleet.turn_s is None else each.landing_s + fleet.turn_s
    return True


def best_of_all(
    candidates: list[Candidate],
    fleets: list[Fleet],
    span: tuple[float, float],
    wanted: int,
    overlap: float,
    most: int,
) -> tuple[float, int, float]:
    """(aircraft-seconds open, sorties, aircraft-seconds in the air), the least there is, by trying all."""
    best = (np.inf, 0, 0.0)
    for size in range(most + 1):
        for chosen in itertools.combinations_with_replacement(range(len(candidates)), size):
            if flyable(candidates, chosen, fleets):
                rank = (
                    open_s(candidates, chosen, span, wanted, overlap),
                    size,
                    sum(candidates[k].air_s for k in chosen),
                )
                best = min(best, rank)
    return best


def case(seed: int) -> tuple[list[Candidate], list[Fleet], tuple[float, float], int, float]:
    rng = np.random.default_rng([7, seed])
    span = (600.0 * rng.integers(1, 4), 0.0)
    span = (span[0], span[0] + 600.0 * rng.integers(3, 9))
    fleets = [
        Fleet(
            int(rng.integers(1, 4)),
            None if rng.uniform() < 0.4 else 600.0 * float(rng.integers(0, 3)),
        )
        for _ in range(int(rng.integers(1, 4)))
    ]
    candidates = []
    for _ in range(int(rng.integers(3, 9))):
        fleet = int(rng.integers(0, len(fleets)))
        join = span[0] + 300.0 * float(rng.integers(-2, 14))
        leave = join + 300.0 * float(rng.integers(1, 10))
        out, home = 300.0 * rng.integers(1, 4, 2)
        count = int(rng.integers(1, 1 + fleets[fleet].available))
        candidates.append(Candidate(fleet, count, join, leave, join - out, leave + home))
    return candidates, fleets, span, int(rng.integers(1, 3)), 300.0 * float(rng.integers(0, 2))


def judged(found: Chosen, problem: tuple) -> tuple[float, int, float]:
    candidates, fleets, span, wanted, overlap = problem
    assert flyable(candidates, found.chosen, fleets)
    missing = open_s(candidates, found.chosen, span, wanted, overlap)
    assert missing == pytest.approx(sum((b - a) * n for a, b, n in found.gaps))
    return missing, len(found.chosen), sum(candidates[k].air_s for k in found.chosen)


@pytest.mark.parametrize("block", range(8))
def test_no_choice_at_all_is_better(block: int) -> None:
    """300 small cases: as little left open, as few sorties and as little time in the air as the best of all."""
    for seed in range(block, 300, 8):
        problem = case(seed)
        candidates, fleets, span, wanted, overlap = problem
        found = judged(choose(candidates, fleets, span[0], span[1], wanted, overlap), problem)
        whole = best_of_all(candidates, fleets, span, wanted, overlap, 4)
        if found[1] <= 4 or whole[0] < found[0]:
            assert found == pytest.approx(whole), seed


def test_a_relief_counts_when_it_has_been_there_for_the_overlap() -> None:
    fleet = [Fleet(2, None)]
    first = Candidate(0, 1, 0.0, 1800.0, -600.0, 2400.0)
    late = Candidate(0, 1, 1800.0, 3600.0, 1200.0, 4200.0)
    soon = Candidate(0, 1, 1500.0, 3600.0, 900.0, 4200.0)
    assert choose([first, late], fleet, 0.0, 3600.0, 1, 0.0).gaps == ()
    assert choose([first, late], fleet, 0.0, 3600.0, 1, 300.0).gaps == ((1800.0, 2100.0, 1),)
    assert choose([first, soon], fleet, 0.0, 3600.0, 1, 300.0).gaps == ()


def test_one_aircraft_flies_again_after_its_turn() -> None:
    sorties = [Candidate(0, 1, 0.0, 600.0, 0.0, 600.0), Candidate(0, 1, 600.0, 1200.0, 600.0, 1200.0)]
    assert choose(sorties, [Fleet(1, 0.0)], 0.0, 1200.0, 1, 0.0).gaps == ()
    assert choose(sorties, [Fleet(1, 60.0)], 0.0, 1200.0, 1, 0.0).missing_s == 600.0
    assert choose(sorties, [Fleet(1, None)], 0.0, 1200.0, 1, 0.0).missing_s == 600.0


def test_nobody_at_all() -> None:
    assert choose([], [Fleet(1, None)], 0.0, 600.0, 2, 0.0) == Chosen((), ((0.0, 600.0, 2),))
