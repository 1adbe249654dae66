"""Whether a series can be tested at all: rules applied before anything is estimated, each with its reason.

An unfit series gets no p-value. A break that may be a change of reporting rather than of violence is flagged.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from longreach.assess.rank import BURN_IN_DAYS
from longreach.assess.series import Counts, Series

FEWEST_DAYS = 2 * BURN_IN_DAYS  # a year to learn from, and a year of placebo dates
FEWEST_INCIDENTS = 30
LONGEST_SILENCE_DAYS = 60  # a silence no longer than this passes at any rate
SILENCE_TIMES = 40  # nor one shorter than this many mean intervals
LARGEST_DRIFT = 12.0  # busiest year over quietest
STEP = 3.0  # a change of level between years that is flagged


def unfit(series: Series) -> tuple[str, ...]:
    """Why the series cannot be tested, one sentence a reason; empty where it can.

    >>> from datetime import date
    >>> from longreach.assess.series import from_counts
    >>> unfit(from_counts(date(2020, 1, 1), [0, 1, 0]))[0]
    'The series has 3 days; it takes 730: a year to learn from and a year of placebo dates.'
    """
    if series.days < FEWEST_DAYS:
        return (
            f"The series has {series.days:,} days; it takes {FEWEST_DAYS}: a year to learn from and a year of "
            "placebo dates.",
        )
    total = int(series.counts.sum())
    if not total:
        return (f"All {series.days:,} days are zero: there is nothing that could fall.",)
    if total < FEWEST_INCIDENTS:
        return (f"The series holds {total} incidents; it takes {FEWEST_INCIDENTS}.",)
    reasons = []
    length, first = longest_silence(series.counts)
    allowed = max(LONGEST_SILENCE_DAYS, SILENCE_TIMES * series.days / total)
    if length > allowed:
        reasons.append(
            f"No incident from {series.when(first)} to {series.when(first + length - 1)}, {length} days, where one "
            f"comes every {series.days / total:.1f} days on average (allowed: {allowed:.0f} days). That looks like a "
            "gap in the record, not like peace: cut the series there, or name the years that were watched."
        )
    years = yearly_means(series.counts)
    drift = math.inf if min(years) == 0 else max(years) / min(years)
    if not reasons and drift > LARGEST_DRIFT:
        reasons.append(
            f"The series is not stationary: its busiest year has {_times(drift)} the incidents of its quietest "
            f"(allowed: {LARGEST_DRIFT:g} times), so dates of one tell nothing of the other. Take a stretch of one level."
        )
    return tuple(reasons)


def _times(drift: float) -> str:
    return "infinitely many times" if math.isinf(drift) else f"{drift:.0f} times"


def longest_silence(counts: Counts) -> tuple[int, int]:
    """Length and first day of the longest run of zeros.

    >>> longest_silence(np.array([1, 0, 0, 2, 0]))
    (2, 1)
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (counts == 0).astype(int), [0]])))
    if not edges.size:
        return 0, 0
    lengths = edges[1::2] - edges[::2]
    longest = int(np.argmax(lengths))
    return int(lengths[longest]), int(edges[::2][longest])


def yearly_means(counts: Counts) -> list[float]:
    """Mean count a day of the successive years, the days left over joined to the last."""
    whole = max(counts.size // 365, 1)
    return [float(part.mean()) for part in np.split(counts, [365 * year for year in range(1, whole)])]


def flags(series: Series) -> tuple[str, ...]:
    """What looks like a change of reporting or of regime: flagged, not judged."""
    out = []
    years = yearly_means(series.counts)
    for number, (before, after) in enumerate(pairwise(years), 1):
        low, high = min(before, after), max(before, after)
        if high > STEP * max(low, 1e-9):
            word = "rises" if after > before else "falls"
            out.append(
                f"The level {word} more than {STEP:g}-fold about {series.when(365 * number)}: a change of what happened or "
                "of what was reported; the counts cannot say which."
            )
    return tuple(out)
