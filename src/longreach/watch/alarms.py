"""The alarms of a series: its baseline, what each chart shows now, when it rang, and what is to be expected next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from longreach.errors import Fault, InputError
from longreach.watch import rates
from longreach.watch.rates import Baseline, Chart
from longreach.watch.series import Counts

LONGEST_BASELINE = 156  # periods: three years of weeks
WATCHED = 13  # periods: a quarter of weeks
LEVEL = 0.80  # of the interval of what is to be expected
LEAST_BACKTEST = 20  # periods
LONGEST_BACKTEST = 520  # periods


@dataclass(frozen=True, slots=True)
class Alarm:
    """One chart followed over the watched periods.

    values : (n,) of the chart; poisson_values : of the chart a Poisson law would set
    rang, poisson_rang : first days of the periods in which each rang
    """

    chart: Chart
    values: NDArray[np.float64]
    rang: tuple[date, ...]
    poisson_rang: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the next period is to hold, with how well such intervals held so far.

    lo, hi : of an interval that should hold LEVEL of the time, from the negative binomial law
    held, tried : in past periods, each forecast from those before it
    """

    lo: int
    hi: int
    held: int
    tried: int


@dataclass(frozen=True, slots=True)
class Rates:
    """A series against its baseline."""

    counts: Counts
    watched: int
    baseline: Baseline
    alarms: tuple[Alarm, ...]
    once_in: float
    poisson_once_in: float
    expected: Expected | None


def measure(
    counts: Counts, run_length: float, random: np.random.Generator, *, watched: int = WATCHED,
    longest: int = LONGEST_BASELINE,
) -> Rates:  # fmt: skip
    """Fit the periods before the last `watched`, set the alarms from them and follow the last ones.

    Raises: InputError where too few periods are left for a baseline.
    """
    number = counts.counts.size
    watched = min(watched, max(1, number - rates.LEAST_BASELINE))
    if number - watched < rates.LEAST_BASELINE:
        raise InputError(
            Fault(
                f"{counts.name}: {number} periods of {counts.period_days} days are too few; "
                f"{rates.LEAST_BASELINE + 1} are the least",
                hint="take shorter periods or a longer series",
            )
        )
    before = counts.counts[max(0, number - watched - longest) : number - watched]
    if not before.any():
        raise InputError(
            Fault(
                f"{counts.name}: the {before.size} periods before the last {watched} hold no event, so they give no rate",
                hint="take longer periods, or an earlier day",
            )
        )
    baseline = rates.fit(before)
    last = counts.counts[number - watched :]
    starts = counts.starts[number - watched :]
    alarms = []
    for chart in rates.design(baseline, run_length, random):
        values = rates.follow(chart, last)
        plain = Chart(chart.kind, chart.poisson_limit, chart.poisson_reference, 0.0, 0.0, 0.0, 0.0)
        poisson = rates.follow(plain, last)
        alarms.append(
            Alarm(
                chart,
                values,
                tuple(day for day, v in zip(starts, values, strict=True) if rates.rings(chart, v)),
                tuple(day for day, v in zip(starts, poisson, strict=True) if rates.rings(plain, v)),
            )
        )
    tail, poisson_tail = rates.tail(baseline, int(last[-1]), random)
    return Rates(
        counts,
        watched,
        baseline,
        tuple(alarms),
        _once(tail),
        _once(poisson_tail),
        expect(counts.counts, longest),
    )


def _once(probability: float) -> float:
    return float("inf") if probability <= 0 else 1.0 / probability


def expect(counts: NDArray[np.int64], longest: int = LONGEST_BASELINE) -> Expected | None:
    """What the next period is to hold, and how such intervals did; None where too few periods were forecast."""
    held = tried = 0
    for n in range(max(rates.LEAST_BASELINE, counts.size - LONGEST_BACKTEST), counts.size):
        interval = _interval(counts[max(0, n - longest) : n])
        if interval is not None:
            tried += 1
            held += interval[0] <= counts[n] <= interval[1]
    now = _interval(counts[-longest:])
    if now is None or tried < LEAST_BACKTEST:
        return None
    return Expected(now[0], now[1], held, tried)


def _interval(counts: NDArray[np.int64]) -> tuple[int, int] | None:
    try:
        baseline = rates.fit(counts)
    except InputError:
        return None
    top = int(baseline.mean + 12 * baseline.deviation) + 20
    law = rates.cumulative(baseline.mean, baseline.ratio, top)
    lo = int(np.searchsorted(law, (1 - LEVEL) / 2))
    hi = int(np.searchsorted(law, 1 - (1 - LEVEL) / 2))
    return lo, hi
