"""The real shows of force in Iraq. Run: LONGREACH_DATA=FOLDER python benchmarks/bench_assess_cells.py

Low passes by tactical aircraft, Iraq 2006 and 2007-08, from the R package geocausal (MIT). Quarter-degree cells from
latitude 0, longitude 0 with 150 incidents or more; past-only controls beside THE TRAP, controls screened by their
future. Twice: events with an air strike in the following week left out as in the prototype (a filter on the future
itself), and not left out. Writes benchmarks/results/assess_cells.json; exits 1 where a past-only ratio is more than
0.01 from the prototype's 1.011 and 1.009, or the trap is not the higher.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from longreach.assess.cells import Recipe, compare, read_points

RESULTS = Path(__file__).parent / "results" / "assess_cells.json"
PROTOTYPE = {"2006": (1.011, 1.061), "2007-08": (1.009, 1.029)}
SUFFIX = {"2006": "_2006", "2007-08": ""}


def main() -> int:
    named = os.environ.get("LONGREACH_DATA")
    if not named:
        print("not run: LONGREACH_DATA does not name the folder of real files")
        return 0
    folder = Path(named) / "ledger"
    rows, missed = [], 0
    for period, suffix in SUFFIX.items():
        strikes = read_points(folder / f"geocausal_iraq_airstrikes{suffix}.csv.gz")
        incidents = read_points(folder / f"geocausal_iraq_insurgencies{suffix}.csv.gz")
        for ahead in (7, 0):
            for screened in (False, True):
                found = compare(
                    incidents,
                    strikes.of(["SOF"]),
                    strikes.of(["Airstrike"]),
                    Recipe(exclude_ahead_days=ahead),
                    np.random.default_rng(1),
                    screened=screened,
                    resamples=1000,
                )
                rows.append({"period": period, **asdict(found)})
                print(
                    f"{period:8} strikes after left out: {'yes' if ahead else 'no ':3} controls "
                    f"{'screened by future' if screened else 'past-only         '} ratio {found.ratio:.3f} "
                    f"[{found.low_95:.3f}, {found.high_95:.3f}]  {found.events} events, before {found.before_events:.1f} / "
                    f"{found.before_controls:.1f}, naive {found.naive:.3f}"
                )
                if ahead and not screened:
                    missed += abs(found.ratio - PROTOTYPE[period][0]) > 0.01
                if screened:
                    missed += found.ratio <= rows[-2]["ratio"]
    document = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "prototype": PROTOTYPE, "rows": rows}
    RESULTS.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
