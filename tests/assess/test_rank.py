"""The primary test: its rank, its interval, and what it may and may not look at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from longreach.assess.audit import as_treatment
from longreach.assess.estimate import judge_all
from longreach.assess.power import draw, flights_needed
from longreach.assess.rank import Judged, effect, rank
from longreach.assess.series import from_counts
from longreach.assess.trap import future_screen, show
from longreach.assess.trigger import Trigger, episodes, pseudo_flights
from longreach.assess.worlds import STANDARD

from .conftest import START


def judged(miss: float, placebo: list[float], windows: int = 20) -> Judged:
    """One flight with an expectation of 9 everywhere."""
    misses = np.array(placebo)
    observed = (np.sqrt(9.375) + misses) ** 2 - 0.375
    return Judged(
        as_treatment(from_counts(START, [0] * 900), 500, 0),
        9.0,
        round(float((np.sqrt(9.375) + miss) ** 2 - 0.375)),
        miss,
        np.arange(400, 400 + misses.size),
        np.full(misses.size, 9.0),
        observed,
        misses,
        windows,
        0.5,
    )


def test_the_rank_by_hand():
    # 2 of 40 placebo misses at or below: share 0.05; 20 windows: (20 x 0.05 + 0.5) / 20.5
    placebo = [-2.0, -1.5, *np.linspace(-1, 1, 38)]
    found = rank([judged(-1.5, placebo)], np.random.default_rng(0))
    assert found.p_decline == pytest.approx(1.5 / 20.5)
    assert found.p_increase == pytest.approx((20 * 39 / 40 + 0.5) / 20.5)


def test_the_interval_ends_below_one_exactly_where_the_test_rejects():
    rng = np.random.default_rng(3)
    placebo = list(rng.normal(0, 0.7, 400))
    for miss in (-1.7, -1.0, 0.0, 1.0):
        one = judged(miss, placebo, 40)
        ranked = rank([one], rng)
        size = effect([one], ranked, rng)
        assert size.low <= size.factor <= size.high
        assert (size.high < 1) == (ranked.p_decline <= 0.05)


def test_the_interval_holds_the_true_factor():
    held = tried = 0
    rng = np.random.default_rng(11)
    for _ in range(80):
        drawn = draw(STANDARD["Poisson 139"], Trigger(), rng, fall=0.5)
        one = judge_all(drawn.series, drawn.tested)
        size = effect(one, rank(one, rng), rng)
        tried += 1
        held += size.low <= 0.5 <= size.high
    assert held / tried > 0.8  # nominal 0.9; 80 tries


def test_past_only_does_not_move_when_the_future_changes(clustered):
    day = int(pseudo_flights(clustered.counts, Trigger(), 5, np.random.default_rng(1))[-1])
    changed = clustered.counts.copy()
    changed[day + 29 :] = 7
    tested = as_treatment(clustered, day, 0)
    before = judge_all(clustered, [tested], past_only=True)[0]
    after = judge_all(from_counts(START, changed), [tested], past_only=True)[0]
    assert before.dates.tolist() == after.dates.tolist()
    assert (before.placebo_misses == after.placebo_misses).all()
    assert before.dates.max() + 28 <= day


def test_placebo_dates_are_chosen_by_their_own_past(clustered):
    day = int(pseudo_flights(clustered.counts, Trigger(), 5, np.random.default_rng(1))[0])
    tested = as_treatment(clustered, day, 0)
    chosen = judge_all(clustered, [tested])[0].dates
    assert day < 1470
    for cut in (1480, 1650):
        changed = clustered.counts.copy()
        changed[cut + 1 :] = np.random.default_rng(cut).poisson(2.0, changed.size - cut - 1)
        again = judge_all(from_counts(START, changed), [tested])[0].dates
        assert again[again <= cut].tolist() == chosen[chosen <= cut].tolist()


def test_the_trap_looks_into_the_future_and_ours_does_not(clustered):
    keep = future_screen(clustered, Trigger(), 28, np.random.default_rng(1))
    assert 0.4 < keep.mean() < 1.0


def test_a_stack_of_one_kind_of_miss_is_no_surprise():
    rng = np.random.default_rng(5)
    several = [judged(float(miss), list(rng.normal(0, 0.7, 300))) for miss in rng.normal(0, 0.7, 6)]
    assert rank(several, rng).p_decline > 0.05
    lower = [replace(one, miss=one.miss - 1.5) for one in several]
    assert rank(lower, rng).p_decline < 0.05


def test_more_flights_are_needed_for_a_smaller_fall():
    rng = np.random.default_rng(6)
    many = [judged(0.0, list(rng.normal(0, 0.6, 400)), 60)]
    half, third = flights_needed(many, 0.5), flights_needed(many, 0.3)
    assert half is not None and third is not None
    assert half < third


def test_episodes_begin_four_weeks_after_the_last_began():
    assert episodes(np.array([0, 10, 27, 28, 60, 61])).tolist() == [0, 0, 0, 1, 2, 2]


@pytest.mark.parametrize(("name", "naive"), [("NB 139", 0.2), ("LGCP 139", 0.12)])
def test_where_nothing_happened_ours_finds_little_and_before_after_much(name, naive):
    found = show(STANDARD[name], count=250, seed=7)
    assert found.tested > 200
    assert found.rank <= 0.09  # nominal 0.05, one in a thousand for 200 tests at 0.05
    assert found.naive >= naive
    assert found.screened_increase >= found.rank_increase
    assert found.screened_shift > found.shift


def test_a_real_fall_is_found():
    assert show(STANDARD["LGCP 139"], count=100, fall=0.8, seed=3).rank > 0.4


@pytest.mark.soak
def test_no_world_gives_more_than_six_and_a_half_in_a_hundred():
    from benchmarks import bench_assess_errors

    for name in STANDARD:
        found = bench_assess_errors.simulated(name, 1000)
        assert found["share"]["primary"] <= 0.065, name
