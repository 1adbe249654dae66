"""How often tests find a decline where nothing happened. Run: python benchmarks/bench_assess_errors.py [--count N]

Seven simulated worlds without effect and, where LONGREACH_DATA names the folder with ledger/ucdp_ged_iraq_*.csv.gz,
the real UCDP series of Iraq 2004-2018 (the country and its six busiest provinces), flights ordered after a rise by
the same rule. One test a replication. Beside ours stand the tests in use: before/after (exact Poisson), before/after
with negative binomial and HAC errors, an interrupted time series with trend, placebo dates drawn uniformly. Writes
benchmarks/results/assess_errors.json; exits 1 when the primary finds more than 6.5 % in any row.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from longreach.assess import baseline, fitness
from longreach.assess.audit import as_treatment
from longreach.assess.estimate import comparable, judge_all, outlook, p_ingarch
from longreach.assess.flights import Treatment
from longreach.assess.power import draw
from longreach.assess.rank import rank
from longreach.assess.series import Series, from_counts
from longreach.assess.trigger import Trigger, order
from longreach.assess.worlds import STANDARD

RESULTS = Path(__file__).parent / "results" / "assess_errors.json"
LARGEST = 0.065
SEED = 9
WINDOW = 28
PROVINCES = ("Nīnawá province", "Baghdād province", "Al Anbār province", "Şalāḩ ad Dīn province",
             "Diyālá province", "Kirkūk province")  # fmt: skip

# name in the results: what it is, for the table
TESTS = {
    "naive": "A before/after, exact Poisson",
    "before_after_nb_hac": "B before/after, NB, HAC errors",
    "interrupted": "C interrupted time series, trend, NB, HAC",
    "uniform": "E placebo dates drawn uniformly",
    "year_long": "D year-long baseline, NB",
    "ingarch": "I NB-INGARCH, simulated forward",
    "primary": "H rank among placebo misses",
    "past_only": "H, strictly past-only",
    "called": "H and I agree: a decline is called",
    "increase": "H, the other side (an increase)",
}


def hac_tests(series: Series, order_day: int) -> tuple[bool, bool]:
    """B and C: 28 days before against 28 after, and a year before with trend and step; p one-sided <= 0.05."""
    import statsmodels.api as sm
    from scipy.stats import norm

    def decline(counts: np.ndarray, columns: np.ndarray, step: int) -> bool:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                family = sm.families.NegativeBinomial(alpha=1.0)
                found = sm.GLM(counts, columns, family=family).fit(cov_type="HAC", cov_kwds={"maxlags": 7})
            z = found.params[step] / found.bse[step]
        except (ValueError, np.linalg.LinAlgError):
            return False
        return bool(np.isfinite(z) and norm.cdf(z) <= 0.05)

    short = series.counts[order_day - WINDOW + 1 : order_day + WINDOW + 1]
    after = np.arange(short.size) >= WINDOW
    if not short[~after].sum() or not short[after].sum():
        both = bool(short[~after].sum())
        b = both and baseline.before_after(int(short[~after].sum()), 0) <= 0.05
    else:
        b = decline(short, np.column_stack([np.ones(short.size), after]), 1)
    long = series.counts[order_day - 365 + 1 : order_day + WINDOW + 1]
    after = np.arange(long.size) >= 365
    trend = (np.arange(long.size) - 365) / 365
    if not long[after].sum():
        return b, b
    return b, decline(long, np.column_stack([np.ones(long.size), trend, after]), 2)


def uniform(series: Series, order_day: int, rng: np.random.Generator) -> bool:
    """E: the after/before ratio among the ratios at 999 dates drawn uniformly."""
    total = np.concatenate([[0], np.cumsum(series.counts)])
    days = np.append(rng.integers(WINDOW, series.days - WINDOW - 1, 999), order_day)
    before = total[days + 1] - total[days + 1 - WINDOW]
    after = total[days + 1 + WINDOW] - total[days + 1]
    ratio = np.log((after + 0.5) / (before + 0.5))
    return bool(np.mean(ratio <= ratio[-1]) <= 0.05)


def one(series: Series, treatment: Treatment, rng: np.random.Generator) -> dict[str, bool] | None:
    """Every test on one flight; None where the series is unfit or has too few comparable dates."""
    if fitness.unfit(series):
        return None
    judged = judge_all(series, [treatment])
    if not comparable(judged[0]):
        return None
    ranked = rank(judged, rng)
    past = judge_all(series, [treatment], past_only=True)
    view = outlook(series, treatment, WINDOW, rng)
    observed = judged[0].observed
    check = p_ingarch([view], [observed], rng) <= 0.05
    b, c = hac_tests(series, treatment.order)
    return {
        "naive": baseline.before_after(view.before, observed) <= 0.05,
        "before_after_nb_hac": b,
        "interrupted": c,
        "uniform": uniform(series, treatment.order, rng),
        "year_long": view.year.p_decline(observed) <= 0.05,
        "ingarch": check,
        "primary": ranked.p_decline <= 0.05,
        "past_only": comparable(past[0]) and rank(past, rng).p_decline <= 0.05,
        "called": ranked.p_decline <= 0.05 and check,
        "increase": ranked.p_increase <= 0.05,
    }


def row(found: list[dict[str, bool]], untested: int, no_flight: int) -> dict[str, Any]:
    shares = {name: float(np.mean([each[name] for each in found])) for name in TESTS}
    return {"tests": len(found), "unfit": untested, "no_flight": no_flight, "share": shares}


def simulated(name: str, count: int) -> dict[str, Any]:
    """`count` tests of one world."""
    rng = np.random.default_rng([SEED, list(STANDARD).index(name)])
    found: list[dict[str, bool]] = []
    untested = no_flight = 0
    while len(found) < count:
        drawn = draw(STANDARD[name], Trigger(), rng)
        if drawn is None:
            no_flight += 1
            continue
        tests = one(drawn.series, drawn.tested[0], rng)
        if tests is None:
            untested += 1
        else:
            found.append(tests)
    return row(found, untested, no_flight)


def iraq(folder: Path) -> list[Series]:
    """UCDP 2004-2018 by day: the country and six provinces; days known to a week or better, by their first day."""
    from benchmarks.assess_data import iraq_series

    return iraq_series(folder, PROVINCES)


def real(series: list[Series], count: int) -> dict[str, Any]:
    """`count` tests on random five-year windows of real series."""
    rng = np.random.default_rng([SEED, 99])
    found: list[dict[str, bool]] = []
    untested = no_flight = 0
    while len(found) < count:
        whole = series[int(rng.integers(len(series)))]
        begin = int(rng.integers(whole.days - 1826))
        part = from_counts(whole.when(begin), whole.counts[begin : begin + 1826])
        orders = order(part.counts, Trigger(), rng)[1]
        if not orders.size:
            no_flight += 1
            continue
        day = int(orders[int(rng.integers(orders.size))])
        tests = one(part, as_treatment(part, day, 0), rng)
        if tests is None:
            untested += 1
        else:
            found.append(tests)
    return row(found, untested, no_flight)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="replications a world")
    count = parser.parse_args().count
    began = time.perf_counter()
    rows = {}
    for name in STANDARD:
        rows[name] = simulated(name, count)
        say(name, rows[name])
    folder = os.environ.get("LONGREACH_DATA")
    if folder:
        rows["real Iraq"] = real(iraq(Path(folder)), count)
        say("real Iraq", rows["real Iraq"])
    else:
        print("real Iraq: not run, LONGREACH_DATA is not set")
    document = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "count": count,
        "tests": TESTS,
        "rows": rows,
        "seconds": round(time.perf_counter() - began),
    }
    RESULTS.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    worst = max(each["share"]["primary"] for each in rows.values())
    print(f"largest share of the primary: {100 * worst:.1f} % (at most {100 * LARGEST:.1f} %)")
    return int(worst > LARGEST)


def say(name: str, found: dict[str, Any]) -> None:
    shares = "  ".join(f"{test} {100 * share:.1f}" for test, share in found["share"].items())
    print(
        f"{name:12} {found['tests']:5} tests, {found['unfit']} unfit, {found['no_flight']} without flight: {shares}",
        flush=True,
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
