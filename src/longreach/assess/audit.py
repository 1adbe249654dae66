"""The audit: the test tried on flights that cannot have done anything, in the user's own series.

Pseudo-flights are ordered by the trigger rule, each is tested as the real ones will be, and the share of "declines"
is put beside the nominal 5 %. A series holds only so many rises, so that many pseudo-flights share an episode: the
interval counts an episode as one trial, which is the least that can be said for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from longreach.assess.baseline import before_after
from longreach.assess.estimate import LEVEL, Outlook, comparable, judge_all, outlook, p_ingarch
from longreach.assess.flights import Flight, Treatment
from longreach.assess.rank import Judged, rank
from longreach.assess.series import Days, Series
from longreach.assess.shares import wilson
from longreach.assess.trigger import Trigger, episodes, pseudo_flights

PSEUDO_FLIGHTS = 200
LARGEST_RATE = 0.08  # above it the verdict is withheld
FEWEST_EPISODES = 3

Report = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class PseudoFlight:
    """One day of order on which nothing flew, judged like a flight."""

    judged: Judged
    outlook: Outlook
    episode: int


@dataclass(frozen=True, slots=True)
class Audit:
    """How often the test finds a decline where there is none.

    Parameters
    ----------
    flights : flights in each pseudo-test: as many as are really tested, or 1 where the series holds too few rises
    tests : number of pseudo-tests
    episodes : separate rises they fall into
    days : distinct days of order
    primary, called, naive : share of "declines" of the primary, of primary and check together, of before/after
    low, high : 90 % interval of `primary` as if it came from one trial an episode
    naive_ratio : total after over total before at the pseudo-flights
    pool : the pseudo-flights, one a distinct day
    weights : how often each was drawn
    """

    flights: int
    tests: int
    episodes: int
    days: int
    primary: float
    called: float
    naive: float
    low: float
    high: float
    naive_ratio: float | None
    pool: tuple[PseudoFlight, ...]
    weights: tuple[int, ...]

    @property
    def calibrated(self) -> bool:
        """Whether the achieved rate lets a verdict be given."""
        return self.primary <= LARGEST_RATE


def as_treatment(series: Series, day: int, gap: int) -> Treatment:
    """A day of order as a treatment."""
    when = series.when(day)
    return Treatment(Flight(f"pseudo {when}", when, when, when), (), int(day), gap)


def run(
    series: Series,
    trigger: Trigger | None,
    rng: Generator,
    *,
    real: Sequence[Treatment] = (),
    flights: int = 1,
    gap: int = 0,
    window: int = 28,
    past_only: bool = False,
    number: int = PSEUDO_FLIGHTS,
    report: Report | None = None,
) -> Audit | None:
    """The audit of a series; None where the rule orders a flight in fewer than three separate episodes.

    Parameters
    ----------
    trigger : the rule; None for flights of a calendar, which come on days at random
    real : the real treatments; a pseudo-flight whose follow-up shares a day with theirs is left out, for it would show
        what they did (that looks ahead, and is done for the audit alone)
    flights : how many flights are tested together
    """
    drawn = _orders(series, trigger, rng, real, gap, window, number)
    days, weights = np.unique(drawn, return_counts=True)
    pool: list[PseudoFlight] = []
    kept: list[int] = []
    for row, day in enumerate(days):
        if report:
            report("audit: pseudo-flights in this series", row / days.size)
        treatment = as_treatment(series, int(day), gap)
        judged = judge_all(series, [treatment], real, window, past_only)[0]
        if comparable(judged):
            pool.append(PseudoFlight(judged, outlook(series, treatment, window, rng), 0))
            kept.append(int(weights[row]))
    numbered = episodes(np.array([one.judged.treatment.order for one in pool], np.int64), window)
    pool = [PseudoFlight(one.judged, one.outlook, int(n)) for one, n in zip(pool, numbered, strict=True)]
    separate = int(numbered[-1]) + 1 if pool else 0
    if separate < FEWEST_EPISODES:
        return None
    together = flights if flights <= separate // 2 else 1
    sets = draw_sets(pool, kept, together, sum(kept), rng)
    single = [before_after(one.outlook.before, one.judged.observed) <= LEVEL for one in pool]
    primary, called = [], []
    for row, members in enumerate(sets):
        if report:
            report("audit: tests", row / len(sets))
        together_judged = [pool[n].judged for n in members]
        declines = rank(together_judged, rng).p_decline <= LEVEL
        observed = [one.observed for one in together_judged]
        check = p_ingarch([pool[n].outlook for n in members], observed, rng)
        primary.append(declines)
        called.append(declines and check <= LEVEL)
    share = np.array(kept) / sum(kept)
    before = sum(weight * one.outlook.before for one, weight in zip(pool, kept, strict=True))
    after = sum(weight * one.judged.observed for one, weight in zip(pool, kept, strict=True))
    low, high = wilson(float(np.mean(primary)), separate)
    return Audit(
        together,
        len(sets),
        separate,
        len(pool),
        float(np.mean(primary)),
        float(np.mean(called)),
        float(np.dot(share, single)),
        low,
        high,
        after / before if before else None,
        tuple(pool),
        tuple(kept),
    )


def _orders(
    series: Series,
    trigger: Trigger | None,
    rng: Generator,
    real: Sequence[Treatment],
    gap: int,
    window: int,
    number: int,
) -> Days:
    last = series.days - gap - window - 1
    if trigger is None:
        drawn = np.sort(rng.integers(365, max(last, 366), number))
    else:
        drawn = pseudo_flights(series.counts, trigger, number, rng, window)
    allowed = drawn <= last
    for one in real:
        first, last = one.order + one.gap + 1, one.order + one.gap + window
        allowed &= (drawn + gap + window < first) | (drawn > last)
    return drawn[allowed]


def draw_sets(
    pool: Sequence[PseudoFlight], weights: Sequence[int], together: int, number: int, rng: Generator
) -> list[tuple[int, ...]]:
    """`number` sets of `together` pseudo-flights from different episodes; singles are the draws themselves."""
    if together == 1:
        return [(n,) for n, weight in enumerate(weights) for _ in range(weight)]
    episode = np.array([one.episode for one in pool])
    chance = np.array(weights, float)
    sets = []
    for _ in range(number):
        chosen = rng.choice(int(episode.max()) + 1, together, replace=False)
        members = []
        for one in np.sort(chosen):
            rows = np.flatnonzero(episode == one)
            members.append(int(rng.choice(rows, p=chance[rows] / chance[rows].sum())))
        sets.append(tuple(members))
    return sets
