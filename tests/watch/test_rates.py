"""The laws against scipy, the limits against simulated series, the charts against plain loops."""

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from longreach.errors import InputError
from longreach.watch import rates
from longreach.watch.rates import Baseline, Chart


@pytest.mark.parametrize(("mean", "ratio"), [(0.3, 1.0), (3.8, 1.0), (3.8, 8.0), (10.7, 3.0), (200.0, 12.0)])
def test_the_law_is_the_negative_binomial_of_that_mean_and_ratio(mean, ratio):
    law = rates.cumulative(mean, ratio, 400)
    twin = poisson(mean) if ratio == 1 else nbinom(mean / (ratio - 1), 1 / ratio)
    assert np.allclose(law, twin.cdf(np.arange(400)), atol=1e-12)
    made = rates.simulate(mean, ratio, (200_000,), np.random.default_rng(3))
    assert made.mean() == pytest.approx(mean, rel=0.03)
    assert made.var() / made.mean() == pytest.approx(ratio, rel=0.06)


def test_the_fit_is_by_moments():
    counts = [3, 0, 8, 1, 1, 20, 0, 4, 2, 2, 9, 5]
    baseline = rates.fit(counts)
    assert baseline.mean == pytest.approx(np.mean(counts))
    assert baseline.ratio == pytest.approx(np.var(counts, ddof=1) / np.mean(counts))
    assert baseline.autocorrelation == pytest.approx(
        np.sum((np.array(counts[1:]) - np.mean(counts)) * (np.array(counts[:-1]) - np.mean(counts)))
        / np.sum((np.array(counts) - np.mean(counts)) ** 2)
    )
    assert rates.fit([2] * 12).ratio == 1.0  # never below Poisson


@pytest.mark.parametrize(
    ("counts", "words"),
    [([1] * 11, "too short"), ([0] * 20, "no event at all"), ([1] * 12 + [-1], "negative")],
)
def test_a_baseline_that_cannot_be_used_is_refused(counts, words):
    with pytest.raises(InputError, match=words):
        rates.fit(counts)


@pytest.mark.parametrize("length", [0, 4.9, 1e6, float("nan")])
def test_a_run_length_out_of_range_is_refused(length):
    with pytest.raises(InputError, match="the range is"):
        rates.design(Baseline(50, 4.0, 2.0, 0.0), length, np.random.default_rng(1))


def mean_run(chart, limit, reference, mean, ratio, random, paths=1500, most=700):
    """Mean periods to the first alarm of many simulated series, counted one by one."""
    value = np.full(paths, reference if chart.kind == "EWMA" else 0.0)
    length = np.zeros(paths)
    alive = np.ones(paths, bool)
    for _ in range(most):
        if not alive.any():
            break
        counts = rates.simulate(mean, ratio, (paths,), random)
        if chart.kind == "single":
            rang = counts >= limit
        elif chart.kind == "EWMA":
            value = np.maximum(reference, value + 0.2 * (counts - value))
            rang = value > limit
        else:
            value = np.maximum(0.0, value + counts - reference)
            rang = value > limit
        length += alive
        alive &= ~rang
    assert not alive.any()
    return length.mean()


@pytest.mark.parametrize(("mean", "ratio"), [(3.8, 8.0), (10.7, 8.0), (30.0, 1.0)])
def test_a_false_alarm_comes_as_seldom_as_stated(mean, ratio):
    random = np.random.default_rng(7)
    charts = rates.design(Baseline(104, mean, ratio, 0.0), 40.0, random, known=True)
    assert [chart.kind for chart in charts] == ["single", "EWMA", "CUSUM"]
    for chart in charts:
        assert chart.run_length >= 40.0
        found = mean_run(chart, chart.limit, chart.reference, mean, ratio, random)
        assert found == pytest.approx(chart.run_length, rel=0.10), chart.kind  # 3 % standard error
        plain = mean_run(chart, chart.poisson_limit, chart.poisson_reference, mean, ratio, random)
        assert plain == pytest.approx(chart.poisson_run_length, rel=0.10), chart.kind
        assert ratio == 1.0 or plain < 0.35 * found  # a Poisson alarm rings three times as often, and more


def test_a_short_baseline_sets_wider_limits():
    random = np.random.default_rng(5)
    short = rates.design(Baseline(26, 10.0, 8.0, 0.0), 52.0, random)
    long = rates.design(Baseline(2000, 10.0, 8.0, 0.0), 52.0, random)
    for a, b in zip(short, long, strict=True):
        assert a.limit > b.limit


def test_the_charts_follow_their_recursions():
    counts = [5, 9, 0, 14, 20, 3]
    single = Chart("single", 14, 0.0, 0, 0, 0, 0)
    assert [rates.rings(single, v) for v in rates.follow(single, counts)] == [
        False,
        False,
        False,
        True,
        True,
        False,
    ]
    cusum = Chart("CUSUM", 15.0, 6.0, 0, 0, 0, 0)
    # 0, 3, 0, 8, 22 rings and begins anew, 0
    assert rates.follow(cusum, counts).tolist() == [0, 3, 0, 8, 22, 0]
    ewma = Chart("EWMA", 100.0, 6.0, 0, 0, 0, 0)
    values, level = [], 6.0
    for count in counts:
        level = max(6.0, 0.8 * level + 0.2 * count)
        values.append(level)
    assert rates.follow(ewma, counts).tolist() == pytest.approx(values)


def test_a_rise_is_seen_by_the_slow_charts():
    random = np.random.default_rng(11)
    baseline = Baseline(104, 10.0, 4.0, 0.0)
    _, ewma, cusum = rates.design(baseline, 52.0, random, known=True)
    risen = rates.simulate(20.0, 4.0, (300, 30), random)
    for chart in (ewma, cusum):
        first = [
            next((n for n, v in enumerate(rates.follow(chart, row)) if rates.rings(chart, v)), 30)
            for row in risen
        ]
        assert np.mean(first) < 5.0


def test_the_tail_is_wider_than_a_poisson_law_says():
    wide, plain = rates.tail(Baseline(104, 10.0, 8.0, 0.0), 25, np.random.default_rng(1))
    assert plain < 1e-4 < wide < 0.15
    assert rates.tail(Baseline(104, 10.0, 8.0, 0.0), 0, np.random.default_rng(1)) == (1.0, 1.0)


@pytest.mark.soak
def test_the_benchmark_of_run_lengths_holds():
    from benchmarks import bench_watch

    assert bench_watch.main(150) == 0
