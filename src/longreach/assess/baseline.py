"""The second check (D), a year-long negative-binomial baseline, and the naive comparison that must not be believed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from longreach.assess.series import Counts

YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class YearLong:
    """Negative-binomial expectation of a follow-up: its mean, and its size (inf: Poisson)."""

    expected: float
    size: float

    def p_decline(self, observed: int) -> float:
        """One-sided p of so few incidents."""
        from scipy.stats import nbinom, poisson

        if math.isinf(self.size):
            return float(poisson.cdf(observed, self.expected))
        return float(nbinom.cdf(observed, self.size, self.size / (self.size + self.expected)))

    def totals(self, rng: Generator, draws: int) -> Counts:
        """Follow-up totals drawn from it, (draws,)."""
        rate: Any = self.expected
        if not math.isinf(self.size):
            rate = rng.gamma(self.size, self.expected / self.size, draws)
        return rng.poisson(rate, draws).astype(np.int64)


def year_long(counts: Counts, window: int) -> YearLong:
    """The baseline of the year before the order.

    Parameters
    ----------
    counts : every day up to the order, as known then; at least one incident in the last year

    The mean is that of the last 365 days; the dispersion comes, by moments, from the whole history cut into
    windows of the same length.
    """
    expected = float(counts[-YEAR_DAYS:].mean()) * window
    whole = counts.size // window
    totals = counts[counts.size - whole * window :].reshape(whole, window).sum(axis=1)
    mean = float(totals.mean())
    extra = (float(totals.var(ddof=1)) - mean) / mean**2 if whole > 1 and mean > 0 else 0.0
    return YearLong(expected, 1 / extra if extra > 1e-6 else math.inf)


def before_after(before: int, after: int) -> float:
    """One-sided p of the naive test: `after` against `before`, both Poisson with one rate (exact binomial).

    Published as evidence again and again. With flights ordered after a rise it "finds" a fall where there is none.

    >>> round(before_after(10, 2), 4)
    0.0193
    """
    from scipy.stats import binom

    return float(binom.cdf(after, before + after, 0.5)) if before + after else 1.0


def ratio(before: float, after: float) -> float | None:
    """The naive after/before ratio; None where nothing came before."""
    return after / before if before > 0 else None


def window_before(counts: Counts, order: int, window: int) -> int:
    """Incidents in the `window` days up to and with `order`."""
    return int(np.sum(counts[max(order - window + 1, 0) : order + 1]))
