"""Where only a yearly total is known: no test is possible, but what one could have seen can be said.

Series are simulated at that rate, unclustered (the best case) and clustered as incidents are, flights are ordered in
them by the rule, and falls are put in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from longreach.assess.answer import CANNOT_TELL, SEED
from longreach.assess.estimate import LEVEL, comparable, judge_all, outlook, p_ingarch
from longreach.assess.flights import WINDOW_DAYS
from longreach.assess.power import ENOUGH, Seen, draw, flights_needed
from longreach.assess.rank import rank
from longreach.assess.trigger import Trigger
from longreach.assess.worlds import YEAR, World
from longreach.errors import Fault, InputError

FALLS = (0.0, 0.3, 0.5, 0.8, 1.0)
TRIES = 400


@dataclass(frozen=True, slots=True)
class StandIn:
    """The power of a test in one simulated world; `seen[0]` has no fall: how often it would be wrong."""

    words: str
    world: World
    seen: tuple[Seen, ...]
    flights_needed: dict[float, int | None]


@dataclass(frozen=True, slots=True)
class RateOnly:
    """What can be said of `flights` follow-ups at a rate without a series: the verdict is "cannot tell"."""

    rate_per_year: float
    flights: int
    window: int
    expected: float
    stand_ins: tuple[StandIn, ...]
    seed: int

    verdict = CANNOT_TELL


def quiet(rate_per_year: float, days: float) -> float:
    """Probability that `days` days pass without an incident although nothing has changed (Poisson: a lower bound).

    >>> round(quiet(50, 10), 2)
    0.25
    """
    return math.exp(-rate_per_year * days / YEAR)


def stand_ins(rate_per_year: float) -> tuple[tuple[str, World], ...]:
    """The worlds that stand in for the series that is not there."""
    return (
        ("unclustered (Poisson), the best case", World("poisson", rate_per_year)),
        ("clustered, a rate that wanders with a memory of a month", World("cox", rate_per_year)),
    )


def assess_rate(
    rate_per_year: float,
    flights: int,
    *,
    window: int = WINDOW_DAYS,
    trigger: Trigger | None = None,
    seed: int = SEED,
    tries: int = TRIES,
    falls: Sequence[float] = FALLS,
    report: Callable[[str, float], None] | None = None,
) -> RateOnly:
    """The power of a test of `flights` separate follow-ups (1..50) at a rate (1..100,000 a year)."""
    if not 1 <= rate_per_year <= 1e5:
        raise InputError(Fault(f"a rate of {rate_per_year:g} a year; it must be 1 to 100,000"))
    if not 1 <= flights <= 50:
        raise InputError(Fault(f"{flights} follow-ups; it must be 1 to 50"))
    found = []
    worlds = stand_ins(rate_per_year)
    for number, (words, world) in enumerate(worlds):
        seen, needed = [], {0.3: 0, 0.5: 0}
        samples: dict[float, list[int | None]] = {fall: [] for fall in needed}
        for step, fall in enumerate(falls):
            rng = np.random.default_rng([seed, number, step])
            primary = called = done = 0
            while done < tries:
                if report and done % 20 == 0:
                    report(f"power: {words}", (step + done / tries) / len(falls))
                drawn = draw(world, trigger or Trigger(), rng, flights=flights, fall=fall, window=window)
                if drawn is None:
                    continue
                done += 1
                judged = [one for one in judge_all(drawn.series, drawn.tested, (), window) if comparable(one)]
                if not judged:
                    continue
                if fall == 0 and done <= 50:
                    for size in samples:
                        samples[size].append(flights_needed(judged, size))
                if rank(judged, rng, 1000).p_decline <= LEVEL:
                    primary += 1
                    views = [outlook(drawn.series, one.treatment, window, rng) for one in judged]
                    called += p_ingarch(views, [one.observed for one in judged], rng) <= LEVEL
            seen.append(Seen(fall, primary / tries, called / tries, tries))
        found.append(StandIn(words, world, tuple(seen), {fall: _median(samples[fall]) for fall in samples}))
    return RateOnly(rate_per_year, flights, window, rate_per_year * window / YEAR, tuple(found), seed)


def _median(values: Sequence[int | None]) -> int | None:
    """The median of numbers of flights, "no number" counting as more than any."""
    if not values:
        return None
    middle = sorted(math.inf if one is None else one for one in values)[len(values) // 2]
    return None if math.isinf(middle) else int(middle)


__all__ = ["ENOUGH", "RateOnly", "StandIn", "assess_rate", "quiet"]
