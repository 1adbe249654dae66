"""The primary test: the forecast's miss after the flight, ranked among its misses at other dates of high forecast.

A flight ordered after a rise is followed by a fall in any case (regression toward the mean), and the forecast knows
that. What it does not know, how far it is usually off, is read from other dates at which things stood as high. Those
dates are chosen by their own past alone; nothing that happened after them decides whether they count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from longreach.assess.flights import Treatment
from longreach.assess.forecast import Design, Mask, fit, forecast
from longreach.assess.series import Days, Series
from longreach.assess.trigger import episodes
from longreach.geodesy import Floats

BURN_IN_DAYS = 365  # no placebo date before so many days of the series are past
AS_HIGH = 0.6  # a placebo date's level is at least this share of the flight's
FEWEST_WINDOWS = 10  # separate placebo follow-ups without which there is no p-value
DRAWS = 4000  # of a stack of flights
BLOCK_DAYS = 28
_ANSCOMBE = 0.375  # sqrt(count + 3/8) has nearly constant variance for Poisson counts (Anscombe 1948)


@dataclass(frozen=True, slots=True)
class Judged:
    """One treatment against its placebo dates.

    Parameters
    ----------
    expected : forecast of the follow-up count
    observed : the follow-up count
    miss : of the forecast, on the square-root scale; below 0 where fewer came than expected
    dates : (n,) days of the placebo dates
    placebo_expected, placebo_observed, placebo_misses : (n,) the same figures there
    windows : how many placebo follow-ups fit in without overlapping
    as_high : share of the placebo dates at which things stood at least as high
    """

    treatment: Treatment
    expected: float
    observed: int
    miss: float
    dates: Days
    placebo_expected: Floats
    placebo_observed: Floats
    placebo_misses: Floats
    windows: int
    as_high: float


def _root(count: ArrayLike) -> Floats:
    return np.sqrt(np.asarray(count, float) + _ANSCOMBE)


def _after(days: int, treatments: Sequence[Treatment], window: int) -> Mask:
    """The days on which the past may hold a flight's effect."""
    out = np.zeros(days, bool)
    for one in treatments:
        out[one.order : one.order + one.gap + window] = True
    return out


def judge(
    series: Series,
    treatment: Treatment,
    others: Sequence[Treatment],
    plan: Design,
    *,
    past_only: bool = False,
    screen: Mask | None = None,
) -> Judged:
    """Forecast, miss and placebo dates of one treatment.

    Parameters
    ----------
    others : every treatment of the series; dates in their follow-ups have a past that may hold an effect
    plan : `forecast.design` of the series with the treatment's gap
    past_only : coefficients and placebo dates from follow-ups complete when the flight was ordered, no others
    screen : dates to keep besides; looks into the future and exists to show what that does
    """
    clean = ~_after(series.days, others, plan.window)
    order = treatment.order
    expected = forecast(plan, fit(series, plan, clean, order if past_only else None))
    level = plan.level
    pool = clean & np.isfinite(plan.outcome) & (level >= AS_HIGH * level[order])
    pool[:BURN_IN_DAYS] = False
    pool[order] = False
    if past_only:
        pool[max(order - plan.gap - plan.window + 1, 0) :] = False
    if screen is not None:
        pool &= screen
    dates = np.flatnonzero(pool)
    misses = _root(plan.outcome[dates]) - _root(expected[dates])
    separate = episodes(dates, plan.window)
    return Judged(
        treatment,
        float(expected[order]),
        int(plan.outcome[order]),
        float(_root(plan.outcome[order]) - _root(expected[order])),
        dates,
        expected[dates],
        plan.outcome[dates],
        misses,
        int(separate[-1]) + 1 if dates.size else 0,
        float(np.mean(level[dates] >= level[order])) if dates.size else 0.0,
    )


@dataclass(frozen=True, slots=True)
class Ranked:
    """Where the miss of one or several flights lies among what the same forecast does elsewhere.

    Parameters
    ----------
    p_decline : one-sided, small where fewer incidents came than at comparable dates; calibrated by the audit
    p_increase : the other side; NOT calibrated on series that drift
    statistic : the miss, or the mean of the flights' misses less that of their placebo dates
    placebo : the same statistic at placebo dates; read-only
    misses : (draws, flights) placebo misses behind it
    centre : (draws,) what was taken off each draw
    """

    p_decline: float
    p_increase: float
    statistic: float
    placebo: Floats
    misses: Floats
    centre: Floats


def rank(judged: Sequence[Judged], rng: Generator, draws: int = DRAWS) -> Ranked:
    """The rank of one miss among its placebo misses; of several, that of their mean.

    Placebo follow-ups overlap: n dates are worth only so many separate windows w. With the share s of the dates at or
    below the flight, p = (w s + 1/2) / (w + 1/2); were all windows separate and few, (w s + 1) / (w + 1) would be due.
    For several flights each draw takes one placebo date a flight, and the mean of the placebo dates is itself drawn
    with its error: a series holds only so many separate follow-ups, and how well they fix what is usual is part of
    the doubt.
    """
    if len(judged) == 1:
        misses = judged[0].placebo_misses[:, None]
        centre = np.zeros(misses.shape[0])
        statistic = judged[0].miss
    else:
        misses, centre = _draws(judged, rng, draws)
        statistic = float(np.mean([one.miss - one.placebo_misses.mean() for one in judged]))
    placebo = misses.mean(axis=1) - centre
    tiny = 1e-9  # equal counts at equal forecasts are ties, whatever the last digit says
    windows = judged[0].windows if len(judged) == 1 else draws
    return Ranked(
        _share(np.mean(placebo <= statistic + tiny), windows),
        _share(np.mean(placebo >= statistic - tiny), windows),
        statistic,
        placebo,
        misses,
        centre,
    )


def _share(share: float | np.floating, windows: int) -> float:
    return float((windows * share + 0.5) / (windows + 0.5))


def _draws(judged: Sequence[Judged], rng: Generator, draws: int) -> tuple[Floats, Floats]:
    """Placebo misses (draws, flights), and the mean of the placebo dates with its own error, (draws,).

    The error comes from sums over 4-week blocks: neighbouring dates share most of their follow-ups.
    """
    blocks = 1 + max(int(one.dates[-1]) // BLOCK_DAYS for one in judged)
    pull = np.zeros(blocks)  # what each block does to the mean over the flights
    used = np.zeros(blocks, bool)
    misses = np.empty((draws, len(judged)))
    for column, one in enumerate(judged):
        block = one.dates // BLOCK_DAYS
        apart = one.placebo_misses - one.placebo_misses.mean()
        pull += np.bincount(block, apart, blocks) / (one.dates.size * len(judged))
        used[block] = True
        misses[:, column] = rng.choice(one.placebo_misses, draws)
    present = int(used.sum())
    error = float(np.sqrt(np.sum(pull**2) * present / max(present - 1, 1)))
    usual = float(np.mean([one.placebo_misses.mean() for one in judged]))
    return misses, usual + error * rng.standard_normal(draws)


@dataclass(frozen=True, slots=True)
class Effect:
    """By what factor the flights changed the count, as far as the placebo dates let one say.

    Parameters
    ----------
    factor : the factor at which the observed miss would be in the middle of the placebo misses
    low, high : 90 % interval, 5 % on either side; `high` < 1 if and only if p_decline <= 0.05
    """

    factor: float
    low: float
    high: float


LARGEST_FACTOR = 5.0


def effect(judged: Sequence[Judged], ranked: Ranked, rng: Generator) -> Effect:
    """The factors that the rank test does not reject, from placebo counts thinned or added to by each.

    A factor below 1 leaves every incident in with that probability; one above 1 adds incidents at a Poisson rate.
    The factor is looked for between 0 and 5; ends that lie beyond are given as 0 and 5.
    """
    rows = rng.choice(ranked.placebo.size, min(ranked.placebo.size, 1000), replace=False)
    misses, centre = ranked.misses[rows], ranked.centre[rows]
    expected = np.array([one.expected for one in judged])
    without = np.maximum(_root(expected) + misses, np.sqrt(_ANSCOMBE)) ** 2 - _ANSCOMBE
    whole = np.floor(without + rng.random(without.shape)).astype(np.int64)
    extra = rng.poisson((LARGEST_FACTOR - 1) * np.broadcast_to(expected, whole.shape))
    cell = np.arange(whole.size)
    owner = np.concatenate([np.repeat(cell, whole.ravel()), np.repeat(cell, extra.ravel())])
    mark = np.concatenate(
        [rng.random(int(whole.sum())), 1 + (LARGEST_FACTOR - 1) * rng.random(int(extra.sum()))]
    )
    shift = np.mean([one.placebo_misses.mean() for one in judged]) if len(judged) > 1 else 0.0
    compared = ranked.statistic + shift
    windows = judged[0].windows if len(judged) == 1 else ranked.placebo.size

    def below(factor: float) -> float:
        """Share of draws, with this factor at work, whose statistic is at or under the observed one."""
        counts = np.bincount(owner[mark < factor], minlength=whole.size).reshape(whole.shape)
        drawn = (_root(counts) - _root(expected)).mean(axis=1) - centre + shift
        return _share(np.mean(drawn <= compared + 1e-9), windows)

    def solve(level: float) -> float:
        return _bisect(below, level)

    factor, low, high = solve(0.5), solve(0.95), solve(0.05)
    if ranked.p_decline <= 0.05:
        high = min(high, 0.999)
    else:
        high = max(high, 1.0)
    return Effect(factor, low, high)


def _bisect(share: Callable[[float], float], level: float) -> float:
    """The factor at which a falling share passes `level`, 0 or 5 where it does not in between."""
    low, high = 0.0, LARGEST_FACTOR
    if share(low) <= level:
        return low
    if share(high) > level:
        return high
    for _ in range(24):
        middle = (low + high) / 2
        if share(middle) > level:
            low = middle
        else:
            high = middle
    return (low + high) / 2
