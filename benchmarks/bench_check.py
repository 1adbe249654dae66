"""How fast a track is read and gated, and a claim is judged. Run: python -m benchmarks check"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from longreach.check import judge, load
from longreach.check.tracks import gate, reading, shape

ROOT = Path(__file__).parents[1]
POINTS = 100_000
BUDGET_S = 1.0  # of reading and gating so many points


def trace(points: int) -> bytes:
    """A readsb trace of that many points, a second apart, round the globe at 450 kt with a little noise."""
    rng = np.random.default_rng(1)
    at = np.arange(points) * 450 * 1852 / 3600 / 111_319.5
    lon = (at + 180.0) % 360.0 - 180.0
    lat = 5.0 + rng.normal(0, 1e-6, points)
    rows = [
        [
            float(k),
            float(lat[k]),
            float(lon[k]),
            35000,
            450.0,
            90.0,
            0,
            0,
            None,
            "adsb_icao",
            None,
            None,
            None,
            None,
        ]
        for k in range(points)
    ]
    return json.dumps({"icao": "abc123", "timestamp": 1_600_000_000.0, "trace": rows}).encode()


def main() -> int:
    data = trace(POINTS)
    best = float("inf")
    for _ in range(5):
        since = time.perf_counter()
        (track,) = reading.parse(data, "bench")
        found = gate.examine(track)
        best = min(best, time.perf_counter() - since)
    print(
        f"{POINTS:,} points read and gated: {best:.3f} s, verdict {found.verdict} (budget {BUDGET_S:.0f} s)"
    )
    since = time.perf_counter()
    clean = gate.cleaned(track)
    for leg in shape.legs(clean):
        shape.gaps(leg, 260.0)
        shape.orbits(leg)
    print(f"cleaned, cut into legs, searched for gaps and orbits: {time.perf_counter() - since:.3f} s")
    claims = sorted((ROOT / "examples" / "claims").glob("*.toml"))
    for path in claims:
        judge(load(path), samples=200)  # kernels and closures ready
    since = time.perf_counter()
    for path in claims:
        judge(load(path))
    print(f"{len(claims)} documented flights judged, closures ready: {time.perf_counter() - since:.2f} s")
    return int(best > BUDGET_S)


if __name__ == "__main__":
    sys.exit(main())
