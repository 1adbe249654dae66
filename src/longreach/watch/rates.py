"""Counts against their own baseline: three alarms with a false-alarm rate that is kept.

Counts of incidents are over-dispersed: their variance is several times their mean, and an alarm set by a
Poisson law rings many times as often as it says. So the baseline is a negative binomial law with the
variance-to-mean ratio of the series itself (a Poisson law where that is not above one), and the limits are
set so that, with nothing changed, one false alarm comes in the stated number of periods on average.

    single    one period's count against the tail of the law
    EWMA      exponentially weighted moving average, for a small rise that lasts (Roberts 1959)
    CUSUM     cumulative sum of what exceeds the mean by half a standard deviation (Page 1954)

EWMA and CUSUM are followed from the mean upwards only: they look for a rise. Their run length comes from a
Markov chain over the chart's own states (Brook and Evans 1972). A baseline of finite length leaves its mean
and ratio in doubt; the limits are set for the false-alarm rate averaged over that doubt, which is drawn by
making the baseline anew from its own fit. Counts are taken as independent; the lag-1 autocorrelation is told
beside, for where they are not the alarms come oftener than stated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longreach.errors import Fault, InputError

Floats = NDArray[np.float64]

LEAST_BASELINE = 12  # periods
DRAWS = 100  # of the baseline's doubt
EWMA_WEIGHT = 0.2
SLACK = 0.5  # standard deviations above the mean from which CUSUM adds up
_CELLS = 64  # of the Markov chain of an EWMA
_STEPS = 256  # of the lattice of a CUSUM, at most


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a series does when nothing has changed.

    periods : how many counts it rests on
    mean : counts a period, > 0
    ratio : variance over mean, >= 1 (1 is Poisson)
    autocorrelation : of neighbouring periods
    """

    periods: int
    mean: float
    ratio: float
    autocorrelation: float

    @property
    def deviation(self) -> float:
        return math.sqrt(self.mean * self.ratio)

    @property
    def memory(self) -> bool:
        """Neighbouring periods are more alike than chance allows (two standard errors)."""
        return self.autocorrelation > 2.0 / math.sqrt(self.periods)


def fit(counts: Sequence[int] | NDArray[np.int64]) -> Baseline:
    """The baseline of a series of counts by the method of moments.

    Raises: InputError with fewer than LEAST_BASELINE periods, a negative count, or nothing but noughts.

    >>> baseline = fit([0, 4, 9, 1, 2, 12, 0, 3, 5, 8, 0, 4])
    >>> round(baseline.mean, 2), round(baseline.ratio, 2)
    (4.0, 3.82)
    """
    values = np.asarray(counts, dtype=np.float64)
    if values.size < LEAST_BASELINE:
        raise InputError(
            Fault(f"a baseline of {values.size} periods is too short; the least is {LEAST_BASELINE}",
                  hint="take a longer baseline or shorter periods")
        )  # fmt: skip
    if values.min() < 0:
        raise InputError(Fault("a count is negative"))
    mean = float(values.mean())
    if mean == 0:
        raise InputError(Fault("the baseline holds no event at all, so nothing can be said of its rate",
                               hint="take a longer baseline or longer periods"))  # fmt: skip
    spread = values - mean
    total = float(spread @ spread)
    ratio = total / (values.size - 1) / mean
    lag = float(spread[1:] @ spread[:-1]) / total if total > 0 else 0.0
    return Baseline(int(values.size), mean, max(1.0, ratio), lag)


def cumulative(mean: float, ratio: float, size: int) -> Floats:
    """P(X <= 0), P(X <= 1), ... P(X <= size - 1) of the law with that mean and variance/mean ratio."""
    from scipy.special import betainc, pdtr

    values = np.arange(size, dtype=np.float64)
    if ratio <= 1.0 + 1e-9:
        return np.asarray(pdtr(values, mean))
    return np.asarray(betainc(mean / (ratio - 1.0), values + 1.0, 1.0 / ratio))


def simulate(
    mean: float, ratio: float, shape: tuple[int, ...], random: np.random.Generator
) -> NDArray[np.int64]:
    """Independent counts of that mean and variance/mean ratio."""
    if ratio <= 1.0 + 1e-9:
        return random.poisson(mean, shape)
    return random.negative_binomial(mean / (ratio - 1.0), 1.0 / ratio, shape)


def doubt(baseline: Baseline, random: np.random.Generator, draws: int = DRAWS) -> list[tuple[float, float]]:
    """(mean, ratio) pairs the series may have in truth.

    The baseline is made anew from its own fit and fitted; what the truth is to the baseline, the baseline is
    to that (the pivot of the bootstrap: Davison and Hinkley 1997, section 5.2.1, on the scale of logarithms).
    Short baselines of clustered counts mostly show too little spread; so their truths are drawn wider.
    """
    made = simulate(baseline.mean, baseline.ratio, (draws, baseline.periods), random)
    means = made.mean(axis=1)
    ratios = np.maximum(1.0, made.var(axis=1, ddof=1) / np.maximum(means, 1e-12))
    return [
        (baseline.mean**2 / float(mean), max(1.0, baseline.ratio**2 / float(ratio)))
        for mean, ratio in zip(means, ratios, strict=True)
        if mean > 0
    ]


@dataclass(frozen=True, slots=True)
class Chart:
    """One alarm: when it rings, and how seldom it does so with nothing changed.

    kind : "single", "EWMA" or "CUSUM"
    limit : the count (single: at or above; EWMA: average above; CUSUM: sum above) at which it rings
    reference : what EWMA starts from, what CUSUM takes off each count
    run_length : mean periods between false alarms, as set; never below what was asked
    poisson_limit, poisson_reference : the same alarm as a Poisson law of the same mean would set it
    poisson_run_length : what that alarm's run length is in truth
    """

    kind: str
    limit: float
    reference: float
    run_length: float
    poisson_limit: float
    poisson_reference: float
    poisson_run_length: float


def _single_rate(limit: int, laws: Sequence[Floats]) -> float:
    return float(np.mean([1.0 - law[limit - 1] if limit - 1 < law.size else 0.0 for law in laws]))


def _ewma_run_length(law: Floats, mean: float, limit: float) -> float:
    """Mean run length of the EWMA reflected at `mean`, from `mean`, alarm above mean + limit."""
    width = limit / _CELLS
    middle = (np.arange(_CELLS) + 0.5) * width
    middle[0] = 0.0  # the chart rests at the mean itself
    edges = np.arange(1, _CELLS + 1) * width
    counts = mean + (edges[None, :] - (1.0 - EWMA_WEIGHT) * middle[:, None]) / EWMA_WEIGHT
    below = _at(law, counts)
    move = np.diff(below, axis=1, prepend=0.0)
    return _expected(move)


def _cusum_run_length(law: Floats, reference: float, steps: int, step: float) -> float:
    """Mean run length of the CUSUM on a lattice of `step`, alarm above `steps` steps."""
    here = np.arange(steps + 1) * step
    # The sum is at most t after a count x <= reference + t - here.
    counts = reference + here[None, :] - here[:, None] + 1e-9
    below = _at(law, counts)
    move = np.diff(below, axis=1, prepend=0.0)
    return _expected(move)


def _at(law: Floats, counts: Floats) -> Floats:
    index = np.floor(counts).astype(np.int64)
    return np.where(index < 0, 0.0, law[np.clip(index, 0, law.size - 1)])


def _expected(move: Floats) -> float:
    """Mean steps to leave the states, from the first."""
    size = move.shape[0]
    try:
        return float(np.linalg.solve(np.eye(size) - move, np.ones(size))[0])
    except np.linalg.LinAlgError:
        return math.inf


def _least(works: Callable[[int], bool], most: int) -> int:
    """The least whole number from 1 to `most` for which `works` is true; it is true from there on."""
    low, high = 1, 8
    while high < most and not works(high):
        low, high = high + 1, high * 2
    high = min(high, most)
    while low < high:
        middle = (low + high) // 2
        if works(middle):
            high = middle
        else:
            low = middle + 1
    return low


def design(
    baseline: Baseline, run_length: float, random: np.random.Generator, *, known: bool = False
) -> tuple[Chart, ...]:
    """The three alarms, set so that a false one comes once in `run_length` periods on average.

    Parameters
    ----------
    run_length : mean periods between false alarms, 5 to 100,000
    known : take the baseline's mean and ratio as exact, without the doubt of its length

    Raises: InputError for a run length out of range.
    """
    if not 5 <= run_length <= 100_000:
        raise InputError(Fault(f"a false alarm once in {run_length:g} periods; the range is 5 to 100,000"))
    truths = [(baseline.mean, baseline.ratio)] if known else doubt(baseline, random)
    size = int(max(m + 60.0 * math.sqrt(m * r) + 40.0 * r for m, r in truths)) + 50
    laws = [cumulative(m, r, size) for m, r in truths]
    poisson = [cumulative(baseline.mean, 1.0, size)]
    return tuple(
        make(baseline, run_length, laws, poisson) for make in (_single_chart, _ewma_chart, _cusum_chart)
    )


def _single_chart(b: Baseline, run_length: float, laws: Sequence[Floats], poisson: Sequence[Floats]) -> Chart:
    def limit_for(of: Sequence[Floats]) -> int:
        return _least(lambda c: _single_rate(c, of) <= 1.0 / run_length, laws[0].size)

    limit, plain = limit_for(laws), limit_for(poisson)
    return Chart("single", limit, b.mean, _length(_single_rate(limit, laws)), plain, b.mean,
                 _length(_single_rate(plain, laws)))  # fmt: skip


def _length(rate: float) -> float:
    return math.inf if rate <= 0 else 1.0 / rate


def _ewma_chart(b: Baseline, run_length: float, laws: Sequence[Floats], poisson: Sequence[Floats]) -> Chart:
    fine = b.deviation / 200.0

    def rate(steps: int, of: Sequence[Floats]) -> float:
        return float(np.mean([1.0 / _ewma_run_length(law, b.mean, steps * fine) for law in of]))

    def limit_for(of: Sequence[Floats]) -> int:
        return _least(lambda s: rate(s, of) <= 1.0 / run_length, 4096)

    limit, plain = limit_for(laws), limit_for(poisson)
    return Chart("EWMA", b.mean + limit * fine, b.mean, _length(rate(limit, laws)), b.mean + plain * fine, b.mean,
                 _length(rate(plain, laws)))  # fmt: skip


def _cusum_chart(b: Baseline, run_length: float, laws: Sequence[Floats], poisson: Sequence[Floats]) -> Chart:
    highest = 12.0 * b.deviation
    step = 1.0
    while highest / step < _STEPS / 4 and step > 1 / 16:
        step /= 2.0
    while highest / step > _STEPS:
        step *= 2.0
    reference = max(step, round((b.mean + SLACK * b.deviation) / step) * step)
    sharp = max(
        step, round((b.mean + SLACK * math.sqrt(b.mean)) / step) * step
    )  # as a Poisson law would set it

    def rate(steps: int, of: Sequence[Floats], k: float) -> float:
        return float(np.mean([1.0 / _cusum_run_length(law, k, steps, step) for law in of]))

    def limit_for(of: Sequence[Floats], k: float) -> int:
        return _least(lambda s: rate(s, of, k) <= 1.0 / run_length, _STEPS * 4)

    limit, plain = limit_for(laws, reference), limit_for(poisson, sharp)
    return Chart("CUSUM", limit * step, reference, _length(rate(limit, laws, reference)), plain * step, sharp,
                 _length(rate(plain, laws, sharp)))  # fmt: skip


def follow(chart: Chart, counts: Sequence[int] | NDArray[np.int64]) -> Floats:
    """The chart's own value after each count: the count, the average or the sum. Begun anew after an alarm."""
    out = np.empty(len(counts))
    value = chart.reference if chart.kind == "EWMA" else 0.0
    for n, count in enumerate(counts):
        value = after(chart, value, float(count))
        out[n] = value
        if rings(chart, value):
            value = chart.reference if chart.kind == "EWMA" else 0.0
    return out


def after(chart: Chart, value: float, count: float) -> float:
    """The chart's value after one more count."""
    if chart.kind == "EWMA":
        return max(chart.reference, (1.0 - EWMA_WEIGHT) * value + EWMA_WEIGHT * count)
    if chart.kind == "CUSUM":
        return max(0.0, value + count - chart.reference)
    return count


def rings(chart: Chart, value: float) -> bool:
    """Whether a value of the chart is an alarm."""
    return value >= chart.limit if chart.kind == "single" else value > chart.limit


def tail(baseline: Baseline, count: int, random: np.random.Generator) -> tuple[float, float]:
    """How often a period would hold `count` or more with nothing changed: by the baseline with its doubt, and
    by a Poisson law of the same mean."""
    if count <= 0:
        return 1.0, 1.0
    laws = [cumulative(mean, ratio, count) for mean, ratio in doubt(baseline, random)]
    plain = cumulative(baseline.mean, 1.0, count)
    return float(np.mean([1.0 - law[-1] for law in laws])), float(1.0 - plain[-1])
