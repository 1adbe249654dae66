"""How long the airspace pack takes to load and to answer. Run: python benchmarks/bench_airspace.py

Prints one line a figure with its budget; exits 1 when a budget is missed. Kernels compiled, one core.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from longreach.world import airspace, atlas


def best(work: Callable[[], object], times: int = 7) -> float:
    """Shortest of several runs [s]."""
    spans = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        spans.append(time.perf_counter() - begun)
    return min(spans)


def load(*layers: str) -> None:
    """The pack from the disk with some of its layers."""
    pack = atlas.Atlas()
    for name in layers:
        pack.layer(name)


def main() -> int:
    random = np.random.default_rng(1)
    lat = np.degrees(np.arcsin(random.uniform(-1.0, 1.0, 5000)))
    lon = random.uniform(-180.0, 180.0, 5000)
    airspace.overflown(lat, lon)
    figures = [
        ("load the pack for nearest belts", best(lambda: load("belts")), 0.050),
        ("load the pack for plain belts", best(lambda: load("land", "islets")), 0.050),
        ("closures of Iran, nearest", best(lambda: airspace.closures("IR")), 0.005),
        ("closures of Iran, plain", best(lambda: airspace.closures("IR", belt="plain")), 0.005),
        ("closures of Russia, nearest", best(lambda: airspace.closures("RU")), 0.005),
        ("closures of all States, nearest", best(lambda: airspace.closures("ALL")), 0.2),
        ("overflown, 5,000 points over the world", best(lambda: airspace.overflown(lat, lon)), 0.2),
    ]
    for what, took, budget in figures:
        print(f"{what:40} {1e3 * took:9.2f} ms  (budget {1e3 * budget:.0f} ms)")
    return int(any(took > budget for _, took, budget in figures))


if __name__ == "__main__":
    sys.exit(main())
