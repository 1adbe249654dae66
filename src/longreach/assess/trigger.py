"""The trigger rule, and pseudo-flights that it orders in a series where nothing flew.

Real flights are ordered after incidents rise. A test is only as good as its answers to flights ordered the same way
that could not have done anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from longreach.assess import _kernels
from longreach.assess.flights import WINDOW_DAYS
from longreach.assess.series import Counts, Days
from longreach.errors import Fault, InputError


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a flight is ordered.

    Parameters
    ----------
    span_days : length of the trailing sum that is looked at
    percentile : of all its own earlier values; an order may follow when the sum rises above it, 50..99.9
    chance : probability that it then does
    longest_delay_days : the order comes 1 to this many days later, uniformly
    history_days : no order before so many days of the series are past
    """

    span_days: int = 14
    percentile: float = 93.0
    chance: float = 0.6
    longest_delay_days: int = 5
    history_days: int = 365

    def __post_init__(self) -> None:
        for key, low, high in (
            ("span_days", 1, 365),
            ("percentile", 50, 99.9),
            ("chance", 0.01, 1),
            ("longest_delay_days", 1, 60),
            ("history_days", 140, 100000),
        ):
            value = getattr(self, key)
            if not low <= value <= high:
                raise InputError(Fault(f"is {value:g}; it must be {low:g} to {high:g}", key=f"trigger.{key}"))

    def __str__(self) -> str:
        return (
            f"ordered 1 to {self.longest_delay_days} days after the last {self.span_days} days rise above the "
            f"level that {self.percentile:g} % of their history lie under, {100 * self.chance:g} % of the times they do"
        )


def order(
    counts: Counts, trigger: Trigger, rng: Generator, window: int = WINDOW_DAYS, fall: float = 0.0
) -> tuple[Counts, Days]:
    """Counts after the flights, and the days on which these were ordered.

    With `fall` above 0 each incident in the `window` days after an order is left out with that probability, and
    the trigger sees what is left: how a flight that works would show.
    """
    left = counts.copy()
    days = _kernels.order_flights(
        left,
        trigger.span_days,
        trigger.percentile / 100,
        trigger.chance,
        trigger.longest_delay_days,
        trigger.history_days,
        window,
        fall,
        int(rng.integers(2**31)),
    )
    return left, days


def pseudo_flights(
    counts: Counts, trigger: Trigger, number: int, rng: Generator, window: int = WINDOW_DAYS
) -> Days:
    """`number` days on which the rule would have ordered a flight, from as many lotteries as it takes.

    Sorted, with repeats: a series holds only so many rises. Empty where the rule never orders one.
    """
    found: list[int] = []
    for _ in range(20 * number):
        found.extend(int(day) for day in order(counts, trigger, rng, window)[1])
        if len(found) >= number:
            return np.sort(rng.choice(np.array(found), number, replace=False))
    return np.array(sorted(found), np.int64)


def episodes(days: Days, window: int = WINDOW_DAYS) -> Days:
    """For sorted days, the number of the episode each belongs to: a new one starts `window` days after the last began.

    >>> episodes(np.array([3, 5, 40, 41, 90]))
    array([0, 0, 1, 1, 2])
    """
    out = np.zeros(days.size, np.int64)
    began = None
    for row, day in enumerate(days):
        if began is None or day - began >= window:
            out[row] = out[row - 1] + 1 if row else 0
            began = day
        else:
            out[row] = out[row - 1]
    return out
