"""Power: how small a fall the test would have seen, printed before what it did see.

Falls are put into the user's own series at the pseudo-flights of the audit: each incident of a follow-up is left out
with the probability of the fall, and the test runs again on what is left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.random import Generator

from longreach.assess.audit import Audit, Report, as_treatment, draw_sets
from longreach.assess.estimate import LEVEL, judge_all, p_ingarch
from longreach.assess.flights import Treatment
from longreach.assess.rank import Judged, rank
from longreach.assess.series import Series, from_counts
from longreach.assess.shares import wilson
from longreach.assess.trigger import Trigger, order
from longreach.assess.worlds import World, simulate

FALLS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
ENOUGH = 0.8  # power that counts as "would have been seen"
TRIES = 100
MOST_FLIGHTS = 400
START = date(2000, 1, 1)  # of simulated series


@dataclass(frozen=True, slots=True)
class Seen:
    """How often a fall was found: by the primary, by primary and check, in how many tries."""

    fall: float
    primary: float
    called: float
    tries: int

    def interval(self) -> tuple[float, float]:
        """90 % Wilson interval of `called`."""
        return wilson(self.called, self.tries)


@dataclass(frozen=True, slots=True)
class Power:
    """The power of a test of so many flights in one series.

    Parameters
    ----------
    flights : flights tested together
    seen : for each fall tried, how often it was found
    smallest_fall : smallest fall found with a power of 80 %; None where even a fall to nothing is not
    flights_needed : for a fall (0.3, 0.5), how many flights it would take in a series like this; None: no number
    """

    flights: int
    seen: tuple[Seen, ...]
    smallest_fall: float | None
    flights_needed: dict[float, int | None]

    def of(self, fall: float) -> float:
        """Power for a fall, between those tried by straight lines."""
        return float(
            np.interp(
                fall, [0.0, *(one.fall for one in self.seen)], [LEVEL, *(one.called for one in self.seen)]
            )
        )


def run(
    series: Series,
    audit: Audit,
    rng: Generator,
    *,
    real: Sequence[Treatment] = (),
    flights: int = 1,
    window: int = 28,
    past_only: bool = False,
    falls: Sequence[float] = FALLS,
    tries: int = TRIES,
    report: Report | None = None,
) -> Power:
    """The power of a test of `flights` flights (as many of them as the series' own rises allow)."""
    together = flights if flights <= audit.episodes // 2 else max(audit.episodes // 2, 1)
    weights = list(audit.weights)
    sets: list[tuple[int, ...]]
    if together == 1:
        chance = np.array(weights) / sum(weights)
        sets = [(int(n),) for n in rng.choice(len(weights), tries, p=chance)]
    else:
        sets = draw_sets(audit.pool, weights, together, tries, rng)
    seen = []
    for step, fall in enumerate(falls):
        if report:
            report("power: falls put into this series", step / len(falls))
        primary = called = 0
        for members in sets:
            tested = [audit.pool[n].judged.treatment for n in members]
            counts = series.counts.copy()
            for one in tested:
                after = slice(one.order + one.gap + 1, one.order + one.gap + 1 + window)
                counts[after] = rng.binomial(counts[after], 1 - fall)
            judged = judge_all(series.with_counts(counts), tested, real, window, past_only)
            if min(one.dates.size for one in judged) == 0:
                continue
            if rank(judged, rng, 1000).p_decline <= LEVEL:
                primary += 1
                observed = [one.observed for one in judged]
                called += p_ingarch([audit.pool[n].outlook for n in members], observed, rng) <= LEVEL
        seen.append(Seen(fall, primary / tries, called / tries, tries))
    power = [one.called for one in seen]
    smallest = None
    if max(power) >= ENOUGH:
        first = next(n for n, value in enumerate(power) if value >= ENOUGH)
        if first == 0:
            smallest = falls[0]
        else:
            share = (ENOUGH - power[first - 1]) / (power[first] - power[first - 1])
            smallest = falls[first - 1] + share * (falls[first] - falls[first - 1])
    needed = {fall: flights_needed([one.judged for one in audit.pool], fall) for fall in (0.3, 0.5)}
    return Power(together, tuple(seen), smallest, needed)


def flights_needed(judged: Sequence[Judged], fall: float) -> int | None:
    """Flights, with follow-ups of their own, for a power of 80 % of the primary; None where no number would do.

    Normal approximation: the shift that the fall makes on the square-root scale against the spread of the placebo
    misses over the flights and over the separate placebo follow-ups. The latter do not grow with the flights.
    """
    shifts, spreads, spreads_after, windows = [], [], [], []
    for one in judged:
        root = np.sqrt(one.placebo_observed + 0.375)
        # mean and variance of the root of a thinned count, to first order
        left = np.sqrt((1 - fall) * one.placebo_observed + 0.375)
        shifts.append(float(np.mean(root - left)))
        spreads.append(float(np.var(one.placebo_misses)))
        thinned = one.placebo_misses + left - root
        spreads_after.append(float(np.var(thinned)) + 0.25 * fall)
        windows.append(one.windows)
    shift, spread, after = np.mean(shifts), float(np.mean(spreads)), float(np.mean(spreads_after))
    separate = float(np.mean(windows))
    for flights in range(1, MOST_FLIGHTS + 1):
        need = 1.645 * math.sqrt(spread * (1 / flights + 1 / separate)) + 0.842 * math.sqrt(
            after / flights + spread / separate
        )
        if shift >= need:
            return flights
    return None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A simulated series in which flights were ordered by the rule, and those of them that are tested."""

    series: Series
    tested: tuple[Treatment, ...]


def draw(
    world: World,
    trigger: Trigger,
    rng: Generator,
    *,
    flights: int = 1,
    fall: float = 0.0,
    years: float = 5.0,
    window: int = 28,
) -> Drawn | None:
    """A series of a simulated world with `flights` flights that each take `fall` off their follow-up.

    One flight: one of those that the rule orders within `years`, at random, the only one that is flown. Several:
    all that the rule orders, until so many have been ordered, and a year after; the rule sees what each has done.
    None where the rule orders none.
    """
    days = round(years * 365.25)
    if flights == 1:
        counts = simulate(world, days, rng)
        orders = order(counts, trigger, rng, window)[1]
        if not orders.size:
            return None
        chosen = orders[int(rng.integers(orders.size))][None]
        after = slice(int(chosen[0]) + 1, int(chosen[0]) + 1 + window)
        counts[after] = rng.binomial(counts[after], 1 - fall)
    else:
        counts = simulate(world, 60 * 366, rng)
        counts, orders = order(counts, trigger, rng, window, fall)
        if orders.size < flights:
            return None
        chosen = orders[:flights]
        counts = counts[: int(chosen[-1]) + window + 366]
    series = from_counts(START, counts)
    return Drawn(series, tuple(as_treatment(series, int(day), 0) for day in chosen))
