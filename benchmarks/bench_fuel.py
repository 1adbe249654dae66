"""How long the fuel model takes: table, question, whole flight. Run: python benchmarks/bench_fuel.py

Prints one line a figure with its budget; exits 1 when a budget is missed. One core, kernels compiled.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from longreach.fuel import reserves
from longreach.fuel.burn import CruiseTable
from longreach.fuel.profile import Segment, fly
from longreach.units import FOOT, POUND
from longreach.world import aircraft as catalogue

OUT_LAT = [32.5018, 40.5, 36.0, 37.4, 34.0, 31.8]
OUT_LON = [-93.6627, -68.0, -7.5, 11.0, 22.0, 29.5]
IN_LAT = [28.2, 26.5, 27.5, 29.2, 25.2]
IN_LON = [33.8, 37.5, 44.0, 48.6, 51.9]


def gulf_and_back() -> list[Segment]:
    """Barksdale to the Gulf and back, two refuellings, two hours circling: 36 hours."""
    lat, lon = (OUT_LAT + IN_LAT)[::-1], (OUT_LON + IN_LON)[::-1]
    level = 28000 * FOOT
    return [
        Segment(OUT_LAT, OUT_LON),
        Segment([31.8, 28.2], [29.5, 33.8], "refuel", altitude_m=level, fuel_taken_kg=90000.0),
        Segment(IN_LAT, IN_LON),
        Segment([25.2], [51.9], "station", hold_s=7200.0),
        Segment(lat[:8], lon[:8]),
        Segment(lat[7:9], lon[7:9], "refuel", altitude_m=level, fuel_taken_kg=70000.0),
        Segment(lat[8:], lon[8:]),
    ]


def best_of(work: Callable[[], object], repeat: int = 7) -> float:
    """Seconds of the quickest run, the first one left out."""
    work()
    times = []
    for _ in range(repeat):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def main() -> int:
    b52 = catalogue.load("B-52H")
    segments = gulf_and_back()
    table = CruiseTable(b52)
    masses = np.linspace(100000.0, 220000.0, 100000)
    reserve = reserves.Reserve(1800.0, 0.05)
    rows = fly(b52, segments, 488000 * POUND).time_s.size
    figures = [
        ("cruise table built", best_of(lambda: CruiseTable(b52)), 0.02),
        ("100,000 masses after a distance", best_of(lambda: table.mass_after(masses, 3.0e6)), 0.02),
        (
            "100,000 diversions",
            best_of(lambda: reserves.fuel_to_divert(table, masses, 8500.0, 1.0e6, reserve)),
            0.1,
        ),
        (f"36 h flight, {rows:,} rows", best_of(lambda: fly(b52, segments, 488000 * POUND)), 0.05),
    ]
    missed = 0
    for what, seconds, budget in figures:
        missed += seconds > budget
        print(
            f"{what:34} {1000 * seconds:8.2f} ms   budget {1000 * budget:6.1f} ms  {'ok' if seconds <= budget else 'OVER'}"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
