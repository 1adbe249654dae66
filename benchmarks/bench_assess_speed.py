"""How long the audit takes, in a process of its own. Run: python benchmarks/bench_assess_speed.py

200 pseudo-flights on a five-year daily series with the power beside it, kernels compiled before, and once from
nothing (no kernel cache) as a new machine has it. Prints CPU and wall seconds; writes
benchmarks/results/assess_speed.json; exits 1 over 60 s.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "assess_speed.json"
BUDGET_S = 60.0


def once(flights: int) -> dict[str, float]:
    """CPU and wall seconds of audit and power together."""
    import numpy as np

    from longreach.assess import audit, power
    from longreach.assess.series import from_counts
    from longreach.assess.trigger import Trigger
    from longreach.assess.worlds import STANDARD, simulate

    series = from_counts(date(2015, 1, 1), simulate(STANDARD["LGCP 139"], 1826, np.random.default_rng(4)))
    wall, cpu = time.perf_counter(), time.process_time()
    found = audit.run(series, Trigger(), np.random.default_rng(1), flights=flights)
    audited = time.perf_counter() - wall, time.process_time() - cpu
    assert found is not None and found.tests > 150
    power.run(series, found, np.random.default_rng(2), flights=flights)
    return {
        "audit_wall_s": round(audited[0], 2),
        "audit_cpu_s": round(audited[1], 2),
        "with_power_wall_s": round(time.perf_counter() - wall, 2),
        "with_power_cpu_s": round(time.process_time() - cpu, 2),
    }


def main() -> int:
    if sys.argv[1:] == ["--cold"]:
        print(json.dumps(once(1)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, __file__, "--cold"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "NUMBA_CACHE_DIR": folder},
        )
    cold = json.loads(done.stdout)
    once(1)
    rows = {"one flight": once(1), "three flights stacked": once(3), "one flight, nothing compiled": cold}
    for name, row in rows.items():
        print(
            f"{name:30} audit of 200 {row['audit_wall_s']:6.2f} s ({row['audit_cpu_s']:.2f} s of CPU), with power "
            f"{row['with_power_wall_s']:6.2f} s   budget {BUDGET_S:.0f} s"
        )
    RESULTS.write_text(
        json.dumps({"date": f"{datetime.now(UTC):%Y-%m-%d}", "rows": rows}, indent=1) + "\n", "utf-8"
    )
    return int(max(row["audit_wall_s"] for row in rows.values()) > BUDGET_S)


if __name__ == "__main__":
    sys.exit(main())
