"""The kernels against plain twins, other libraries and the equations they solve."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom

from longreach.assess import _kernels, ingarch
from longreach.assess.forecast import design, fit, forecast
from longreach.assess.series import from_counts
from longreach.assess.trigger import Trigger, order
from longreach.assess.worlds import STANDARD, World, simulate
from longreach.errors import InputError

from .conftest import START


def test_orders_come_where_the_rule_read_aloud_puts_them(clustered):
    counts = clustered.counts
    rule = Trigger(chance=1.0, longest_delay_days=1)  # no lottery: each rise orders a flight on the next day
    sums = [int(counts[max(day - 13, 0) : day + 1].sum()) for day in range(counts.size)]
    expected, free = [], 0
    above_before = True
    for day in range(365, counts.size):
        past = np.sort(sums[13:day])
        above = sums[day] > past[int(np.ceil(0.93 * past.size)) - 1]
        if above and not above_before and day + 1 >= free and day + 1 + 28 < counts.size:
            expected.append(day + 1)
            free = day + 1 + 28
        above_before = above
    found = order(counts, rule, np.random.default_rng(1))[1]
    assert found.tolist() == expected
    assert len(expected) > 3


def test_a_fall_thins_the_follow_ups_and_nothing_else(clustered):
    left, days = order(clustered.counts, Trigger(), np.random.default_rng(2), fall=1.0)
    after = np.zeros(left.size, bool)
    for day in days:
        after[day + 1 : day + 29] = True
    assert left[after].sum() == 0
    assert (left[~after] == clustered.counts[~after]).all()


def test_the_fit_solves_its_equations(clustered):
    plan = design(clustered)
    usable = np.ones(clustered.days, bool)
    beta = fit(clustered, plan, usable)
    rows = np.isfinite(plan.outcome)
    rows[:112] = False
    x, y = plan.features[rows], plan.outcome[rows]
    mu = forecast(plan, beta)[rows]
    spread = max(((y - mu) ** 2 - mu).sum() / (mu**2).sum(), 1e-3)
    score = x.T @ ((y - mu) / (1 + spread * mu))
    score[1:] -= 30.0 * (beta[1:] - np.array([0.2, 0.35, 0.35]))
    scale = np.abs(x).T @ np.abs((y - mu) / (1 + spread * mu))
    assert np.abs(score / scale).max() < 1e-4


def test_the_ingarch_likelihood_is_that_of_scipy():
    counts = np.array([0, 2, 1, 0, 5, 3, 0, 0, 1], np.int64)
    rates = [counts.mean()]
    for day in range(1, counts.size):
        rates.append(0.2 + 0.3 * counts[day - 1] + 0.5 * rates[-1])
    size = 1.7
    rates = np.array(rates)
    full = nbinom.logpmf(counts, size, size / (size + rates)).sum()
    constant = -sum(np.log(np.arange(1, c + 1)).sum() for c in counts)  # log of 1 / count!
    assert _kernels.ingarch_loss(counts, 0.2, 0.3, 0.5, size) * -counts.size == pytest.approx(full - constant)


def test_ingarch_is_recovered_from_its_own_series():
    rng = np.random.default_rng(3)
    rate, counts = 2.0, []
    for _ in range(6000):
        counts.append(rng.negative_binomial(4.0, 4.0 / (4.0 + rate)))
        rate = 0.2 + 0.25 * counts[-1] + 0.65 * rate
    found = ingarch.fit(np.array(counts, np.int64))
    assert found.alpha == pytest.approx(0.25, abs=0.05)
    assert found.alpha + found.beta == pytest.approx(0.9, abs=0.05)
    assert found.size == pytest.approx(4.0, rel=0.2)


def test_simulated_totals_have_the_mean_of_the_recursion():
    model = ingarch.Ingarch(0.1, 0.3, 0.6, 2.0)
    counts = np.array([3, 0, 4, 2], np.int64)
    rate = float(counts.mean())
    for count in counts:
        rate = 0.1 + 0.3 * count + 0.6 * rate
    expected = 0.0
    for day in range(2 + 28):
        expected += rate if day >= 2 else 0.0
        rate = 0.1 + 0.9 * rate
    totals = model.totals(counts, 2, 28, np.random.default_rng(1), 40000)
    assert totals.mean() == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("name", STANDARD)
def test_worlds_have_their_rate(name):
    counts = simulate(STANDARD[name], 40000, np.random.default_rng(8))
    assert counts.mean() * 365.25 == pytest.approx(STANDARD[name].rate_per_year, rel=0.12)


def test_hawkes_breeds_as_many_as_it_says():
    # variance over mean of long windows of a Hawkes process: 1 / (1 - branching)^2
    counts = simulate(World("hawkes", 400, branching=0.6), 200 * 400, np.random.default_rng(5))
    totals = counts.reshape(400, 200).sum(axis=1)
    assert totals.var() / totals.mean() == pytest.approx(6.25, rel=0.25)


def test_a_world_out_of_range_is_refused_by_name():
    with pytest.raises(InputError, match=r"branching.*0\.95"):
        World("hawkes", 100, branching=1.0)
    with pytest.raises(InputError, match="no world 'calm'"):
        World("calm", 100)


def test_forecasts_do_not_see_their_own_future(clustered):
    later = clustered.counts.copy()
    later[1000:] = 9
    other = from_counts(START, later)
    first, second = design(clustered), design(other)
    assert (first.features[:1000] == second.features[:1000]).all()
    assert (first.level[:1000] == second.level[:1000]).all()
