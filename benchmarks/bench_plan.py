"""The founding mission planned whole, verified: in a new process, by stage, and the very first time.

Run: python benchmarks/bench_plan.py. Prints one line a figure with its budget; exits 1 when one is missed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
MISSION = ROOT / "examples" / "gulf-2020-12-10.toml"
NEW_PROCESS_S = 6.0  # with caches warm
WARM_S = 2.0  # in a process that has planned it before
RUNS = 5


def in_a_new_process(environment: dict[str, str]) -> float:
    """Wall time [s] of `longreach plan` from the start of its process to the end."""
    with tempfile.TemporaryDirectory() as folder:
        since = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "longreach", "plan", str(MISSION), "-o", folder, "--no-brief"],
            check=True,
            capture_output=True,
            env={**os.environ, **environment},
        )
        return time.perf_counter() - since


def by_stage() -> tuple[list[float], dict[str, float]]:
    """Wall times [s] of whole plans in this process, and of the stages of the last."""
    from longreach import mission
    from longreach.plan import plan

    found = mission.load(MISSION)
    plan(found)
    totals: list[float] = []
    stages: dict[str, float] = {}
    for _ in range(RUNS):
        marks: list[tuple[str, float]] = []
        since = time.perf_counter()
        plan(found, progress=lambda stage, marks=marks: marks.append((stage, time.perf_counter())))
        end = time.perf_counter()
        totals.append(end - since)
        stages = {}
        for (stage, start), stop in zip(marks, [*(t for _, t in marks[1:]), end], strict=True):
            stages[stage] = stages.get(stage, 0.0) + stop - start
    return totals, stages


def line(what: str, seconds: float, budget: float | None) -> bool:
    """Print one figure; whether it keeps its budget."""
    kept = budget is None or seconds <= budget
    limit = "" if budget is None else f"   budget {budget:.0f} s   {'kept' if kept else 'MISSED'}"
    print(f"{what:48s} {seconds:7.2f} s{limit}", flush=True)
    return kept


def main() -> int:
    """Time it, print the lines."""
    in_a_new_process({})  # caches made
    new = statistics.median(in_a_new_process({}) for _ in range(RUNS))
    kept = line(f"new process, caches warm (median of {RUNS})", new, NEW_PROCESS_S)
    totals, stages = by_stage()
    kept &= line(f"warm, same process (median of {RUNS})", statistics.median(totals), WARM_S)
    for stage, seconds in stages.items():
        line(f"  {stage}", seconds, None)
    with tempfile.TemporaryDirectory() as folder:
        first = in_a_new_process(
            {"LONGREACH_CACHE": f"{folder}/longreach", "NUMBA_CACHE_DIR": f"{folder}/numba"}
        )
    line("very first run: no caches, kernels compiled", first, None)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
