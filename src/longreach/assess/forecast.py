"""The forecast of a follow-up count from what was known when the flight was ordered.

A log-linear regression of the incidents of the follow-up on the incident rates of the last 7, 28 and 112 days. Each
date is forecast from its own past. The four coefficients come from the whole series (dates whose past may hold an
effect left out) or, strictly past-only, from follow-ups that were complete, and as they were known, at the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from longreach.assess import _kernels
from longreach.assess.flights import WINDOW_DAYS
from longreach.assess.series import Series
from longreach.geodesy import Floats

Mask = np.ndarray[Any, np.dtype[np.bool_]]

LOOK_BACK = (7, 28, 112)  # days
LONGEST = max(LOOK_BACK)
# With little history the coefficients stay near "the follow-up goes on as the last weeks and months did"; the same
# fixed weights make the level by which placebo dates are chosen.
PRIOR = (0.2, 0.35, 0.35)
RIDGE = 30.0  # weight of that, in incidents per unit of squared log rate


@dataclass(frozen=True, slots=True)
class Design:
    """What the forecast of every date rests on.

    Parameters
    ----------
    features : (days, 4) one, and the logs of three trailing rates, as known on the day
    outcome : (days,) incidents of the follow-up of each date; NaN where the series ends before it does
    gap, window : the follow-up of day t is t + gap + 1 .. t + gap + window
    """

    features: Floats
    outcome: Floats
    gap: int
    window: int

    @property
    def level(self) -> Floats:
        """How high things stand on each day, from its own past with fixed weights, (days,)."""
        return np.exp(self.features[:, 1:] @ np.array(PRIOR))


def design(series: Series, gap: int = 0, window: int = WINDOW_DAYS) -> Design:
    """Features and follow-ups of every day of a series."""
    days = series.days
    features = np.ones((days, 1 + len(LOOK_BACK)))
    past = np.arange(1, days + 1)
    for column, span in enumerate(LOOK_BACK, 1):
        seen = series.trailing(span)
        features[:, column] = np.log((seen + 1.0) / np.minimum(past, span))
    total = np.concatenate([[0], np.cumsum(series.counts)])
    outcome = np.full(days, np.nan)
    complete = days - gap - window
    if complete > 0:
        begin = np.arange(complete) + gap + 1
        outcome[:complete] = total[begin + window] - total[begin]
    return Design(features, outcome, gap, window)


def fit(series: Series, design: Design, usable: Mask, order: int | None = None) -> Floats:
    """Coefficients from the usable dates, (4,); with `order`, from what was complete and known on that day."""
    outcome = design.outcome
    rows = usable & np.isfinite(outcome)
    rows[:LONGEST] = False
    if order is not None:
        last = max(order - design.gap - design.window + 1, 0)
        rows[last:] = False
        if series.known is not None and last:
            total = np.concatenate([[0], np.cumsum(series.known_by(order))])
            begin = np.arange(last) + design.gap + 1
            outcome = np.full(series.days, np.nan)
            outcome[:last] = total[begin + design.window] - total[begin]
    prior = np.array([np.log(design.window), *PRIOR])
    return _kernels.fit(design.features, outcome, rows, RIDGE, prior)


def forecast(design: Design, coefficients: Floats) -> Floats:
    """Expected incidents in the follow-up of every day, each from that day's own past, (days,)."""
    return np.exp(np.clip(design.features @ coefficients, -20.0, 20.0))
