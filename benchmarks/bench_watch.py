"""How often the alarms of the watch ring with nothing changed, beside a plain Poisson alarm.

Run: python benchmarks/bench_watch.py [SERIES]. Prints one line a figure with its budget; exits 1 when one is
missed. The limits are set by a Markov chain; here series are simulated and the alarms counted, so that the
figure does not share the algorithm. Counts are negative binomial with variance over mean 8, without memory.

known: the law is given, so only the setting of the limits is tried.
fitted: each series is fitted on its own baseline of two years of weeks, its alarms are set from that, and
they then watch the same law; the run length is all weeks watched over all alarms.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np

from longreach.watch import rates
from longreach.watch import series as series_of

RATIO = 8.0
STATED = 52.0  # weeks: one false alarm a year
BASELINE = 104  # weeks
WATCHED = 2000  # weeks of each series
TOLERANCE = 0.20


def alarms(limit: float, chart: rates.Chart, counts: np.ndarray, reference: float, kind: str) -> np.ndarray:
    """Alarms of many series at once, each begun anew after it rang; a twin of `follow` in plain NumPy."""
    rung = np.zeros(counts.shape[0], dtype=int)
    rest = reference if kind == "EWMA" else 0.0
    value = np.full(counts.shape[0], rest)
    for column in counts.T:
        if kind == "single":
            value = column.astype(float)
            rang = value >= limit
        elif kind == "EWMA":
            value = np.maximum(reference, 0.8 * value + 0.2 * column)
            rang = value > limit
        else:
            value = np.maximum(0.0, value + column - reference)
            rang = value > limit
        rung += rang
        value = np.where(rang, rest, value)
    return rung


def main(series: int = 150) -> int:
    missed = 0
    random = np.random.default_rng(20201210)
    for mean in (3.8, 10.7, 30.0):
        law = rates.Baseline(BASELINE, mean, RATIO, 0.0)
        charts = rates.design(law, STATED, random, known=True)
        watched = rates.simulate(mean, RATIO, (series, WATCHED), random)
        for chart in charts:
            found = watched.size / alarms(chart.limit, chart, watched, chart.reference, chart.kind).sum()
            ok = abs(found / chart.run_length - 1) <= TOLERANCE
            missed += not ok
            print(
                f"{'ok  ' if ok else 'MISS'} known  {mean:5.1f}/week {chart.kind:6}  set {chart.run_length:6.1f} weeks, "
                f"found {found:6.1f} ({found / chart.run_length - 1:+.0%}, within {TOLERANCE:.0%})"
            )
        began = time.process_time()
        total: dict[str, list[int]] = {chart.kind: [] for chart in charts}
        plain: dict[str, list[int]] = {chart.kind: [] for chart in charts}
        stated: dict[str, list[float]] = {chart.kind: [] for chart in charts}
        as_true: dict[str, int] = dict.fromkeys(total, 0)
        for row in rates.simulate(mean, RATIO, (series, BASELINE), random):
            baseline = rates.fit(row)
            counts = rates.simulate(mean, RATIO, (1, WATCHED), random)
            for chart in rates.design(baseline, STATED, random, known=True):
                as_true[chart.kind] += int(
                    alarms(chart.limit, chart, counts, chart.reference, chart.kind).sum()
                )
            for chart in rates.design(baseline, STATED, random):
                total[chart.kind].append(
                    int(alarms(chart.limit, chart, counts, chart.reference, chart.kind).sum())
                )
                stated[chart.kind].append(1.0 / chart.run_length)
                plain[chart.kind].append(
                    int(alarms(chart.poisson_limit, chart, counts, chart.poisson_reference, chart.kind).sum())
                )
        spent = (time.process_time() - began) / series
        for kind in total:
            weeks = series * WATCHED
            found = weeks / max(1, sum(total[kind]))
            aim = 1.0 / float(np.mean(stated[kind]))
            ok = abs(found / aim - 1) <= TOLERANCE
            missed += not ok
            poisson = weeks / max(1, sum(plain[kind]))
            each = np.array(total[kind]) / WATCHED * 52
            print(
                f"{'ok  ' if ok else 'MISS'} fitted {mean:5.1f}/week {kind:6}  set {aim:6.1f} weeks, found {found:6.1f} "
                f"({found / aim - 1:+.0%}, within {TOLERANCE:.0%}); a year, half of the series "
                f"{np.quantile(each, 0.25):.2f}-{np.quantile(each, 0.75):.2f} alarms; fit taken as true "
                f"{weeks / max(1, as_true[kind]):.1f} weeks; plain Poisson {poisson:.1f} weeks"
            )
        print(
            f"     {mean:5.1f}/week: {spent:.2f} s of processor to set the alarms of one series and watch it"
        )
    real(random)
    return 1 if missed else 0


def real(random: np.random.Generator) -> None:
    """How often the alarms ring on a real series, each quarter watched from the two years before it.

    A real series changes, so these are not false alarms alone; the point is what a Poisson alarm does beside.
    """
    folder = os.environ.get("LONGREACH_DATA")
    if not folder:
        print("     real series: not run, LONGREACH_DATA names no data")
        return
    days = series_of.of_table(Path(folder) / "ledger" / "ucdp_ged_iraq_1989_2018_hdx.csv.gz")
    counts = series_of.count("UCDP Iraq", days, 7, date(2017, 12, 31), date(2004, 1, 1)).counts
    rang: dict[str, list[int]] = {}
    weeks = 0
    for at in range(BASELINE, counts.size - 13 + 1, 13):
        baseline = rates.fit(counts[at - BASELINE : at])
        quarter = counts[None, at : at + 13]
        weeks += 13
        for chart in rates.design(baseline, STATED, random):
            ours = int(alarms(chart.limit, chart, quarter, chart.reference, chart.kind).sum())
            plain = int(
                alarms(chart.poisson_limit, chart, quarter, chart.poisson_reference, chart.kind).sum()
            )
            rang.setdefault(chart.kind, [0, 0])
            rang[chart.kind][0] += ours
            rang[chart.kind][1] += plain
    for kind, (ours, plain) in rang.items():
        print(
            f"     UCDP Iraq, weeks of 2006-17, {kind:6} rang {ours / weeks * 52:.1f} times a year, "
            f"plain Poisson {plain / weeks * 52:.1f}; set to 1"
        )


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in sys.argv[1:])))
