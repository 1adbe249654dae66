"""How often a real fall is found. Run: python benchmarks/bench_assess_power.py [--count N]

Falls put into simulated worlds after flights ordered by the rule: one flight in a five-year series, and flights
stacked until ten have been ordered (each seen by the rule that orders the next) with a year after them. Shares with
95 % Wilson intervals; the rows without a fall are false positives. Writes benchmarks/results/assess_power.json; exits
1 when one flight at 139 a year, clustered, fall 80 %, is found in less than half of the cases.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from longreach.assess.estimate import comparable, judge_all, outlook, p_ingarch
from longreach.assess.power import draw
from longreach.assess.rank import rank
from longreach.assess.shares import wilson
from longreach.assess.trigger import Trigger
from longreach.assess.worlds import STANDARD

RESULTS = Path(__file__).parent / "results" / "assess_power.json"
SEED = 10
WINDOW = 28

# world, flights, fall
CASES = (
    ("LGCP 139", 1, 0.3),
    ("LGCP 139", 1, 0.5),
    ("LGCP 139", 1, 0.8),
    ("LGCP 51", 1, 0.5),
    ("LGCP 51", 1, 0.8),
    ("LGCP 730", 1, 0.5),
    ("Poisson 139", 1, 0.5),
    ("Hawkes 139", 1, 0.8),
    ("Poisson 139", 10, 0.0),
    ("NB 139", 10, 0.0),
    ("LGCP 51", 10, 0.0),
    ("LGCP 139", 10, 0.0),
    ("LGCP 730", 10, 0.0),
    ("slow 139", 10, 0.0),
    ("Hawkes 139", 10, 0.0),
    ("LGCP 139", 10, 0.3),
    ("LGCP 139", 10, 0.5),
    ("LGCP 51", 10, 0.5),
    ("LGCP 730", 10, 0.5),
    ("LGCP 139", 4, 0.5),
)


def measure(case: tuple[str, int, float], count: int) -> dict[str, Any]:
    """The share of `count` tests that find a decline; a series with too few comparable dates finds none."""
    name, flights, fall = case
    rng = np.random.default_rng([SEED, CASES.index(case)])
    tests = primary = past_only = called = untested = 0
    days = []
    while tests < count:
        drawn = draw(STANDARD[name], Trigger(), rng, flights=flights, fall=fall)
        if drawn is None:
            continue
        tests += 1
        days.append(drawn.series.days)
        judged = [one for one in judge_all(drawn.series, drawn.tested) if comparable(one)]
        if judged:
            if rank(judged, rng, 1000).p_decline <= 0.05:
                primary += 1
                views = [outlook(drawn.series, one.treatment, WINDOW, rng) for one in judged]
                called += p_ingarch(views, [one.observed for one in judged], rng) <= 0.05
        else:
            untested += 1
        judged = [one for one in judge_all(drawn.series, drawn.tested, past_only=True) if comparable(one)]
        past_only += bool(judged) and rank(judged, rng, 1000).p_decline <= 0.05
    share = {"primary": primary / count, "called": called / count, "past_only": past_only / count}
    return {
        "world": name,
        "flights": flights,
        "fall": fall,
        "tests": count,
        "untested": untested,
        "median_years": round(float(np.median(days)) / 365.25, 1),
        "share": share,
        "interval_95": {test: wilson(value, count, 1.96) for test, value in share.items()},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="replications a row")
    parser.add_argument(
        "--rows", default=f"0-{len(CASES) - 1}", help="only these, such as 3-5; the others are kept"
    )
    given = parser.parse_args()
    first, _, last = given.rows.partition("-")
    began = time.perf_counter()
    held = json.loads(RESULTS.read_text("utf-8"))["rows"] if RESULTS.exists() else []
    kept = {(row["world"], row["flights"], row["fall"]): row for row in held if row["tests"] == given.count}
    for case in CASES[int(first) : int(last or first) + 1]:
        found = kept[case] = measure(case, given.count)
        low, high = found["interval_95"]["primary"]
        print(
            f"{found['world']:12} {found['flights']:2} flights  fall {found['fall']:3.0%}: primary "
            f"{100 * found['share']['primary']:5.1f} % [{100 * low:.1f}, {100 * high:.1f}]  called "
            f"{100 * found['share']['called']:5.1f} %  past-only {100 * found['share']['past_only']:5.1f} %",
            flush=True,
        )
        document = {
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "count": given.count,
            "rows": [kept[each] for each in CASES if each in kept],
            "seconds": round(time.perf_counter() - began),
        }
        RESULTS.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    one = kept.get(("LGCP 139", 1, 0.8))
    return int(one is not None and one["share"]["primary"] < 0.5)


if __name__ == "__main__":
    sys.exit(main())
