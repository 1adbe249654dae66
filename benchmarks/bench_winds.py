"""Wind at points along tracks, beside SciPy, and how long a day's pack takes to load.

Run: python benchmarks/bench_winds.py. One line a figure with its budget; exits 1 when one is missed. Times are
CPU seconds of one thread, the best of several.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from longreach.geodesy import direct
from longreach.world import winds
from longreach.world.winds import _kernels as kernels
from longreach.world.winds import pack

ALONG = 10.0e6  # points a second along tracks, at least
LOAD_S = 0.100
RUNS = 7


def best(work: Callable[[], object]) -> float:
    """CPU seconds of the quickest of several runs."""
    times = []
    for _ in range(RUNS):
        since = time.process_time()
        work()
        times.append(time.process_time() - since)
    return min(times)


def day(rng: np.random.Generator) -> winds.WindField:
    """A day of three-hourly winds on 1 deg and ten levels."""
    shape = (9, 10, 181, 360)
    u, v, d = (rng.normal(0.0, 20.0, shape).astype(np.float32) for _ in range(3))
    levels = np.array([150, 200, 225, 250, 300, 350, 400, 500, 700, 1000]) * 100.0
    return winds.gridded(
        np.arange(9) * 10800.0, levels, np.arange(-90.0, 91.0), np.arange(0.0, 360.0), u, v, d,
        epoch=datetime(2026, 1, 15, tzinfo=UTC),
    )  # fmt: skip


def line(what: str, figure: str, budget: str, kept: bool | None) -> bool:
    """Print one figure; whether it keeps its budget."""
    verdict = "" if kept is None else "   kept" if kept else "   MISSED"
    print(f"{what:48s} {figure:>14s}   {budget}{verdict}", flush=True)
    return kept is not False


def main() -> int:
    """Time it, print the lines."""
    rng = np.random.default_rng(1)
    field = day(rng)
    grid = field.grid()
    flights, steps = 500, 2000
    start = rng.uniform(-50, 60, flights), rng.uniform(-180, 180, flights), rng.uniform(0, 360, flights)
    length = np.linspace(0.0, 9.0e6, steps)
    lat, lon, _ = direct(*(each[:, None] for each in start), length[None, :])
    lat, lon = lat.ravel(), lon.ravel()
    seconds = np.tile(np.linspace(0.0, 12 * 3600.0, steps), flights)
    ln_p = np.repeat(np.log(rng.uniform(18000.0, 35000.0, flights)), steps)
    n = lat.size
    u, v, d = np.empty(n), np.empty(n), np.empty(n)
    kernels.wind_many(grid, seconds, ln_p, lat, lon, u, v, d)
    rate = n / best(lambda: kernels.wind_many(grid, seconds, ln_p, lat, lon, u, v, d))
    kept = line(
        "along tracks, u v and temperature", f"{rate / 1e6:.1f} M/s", "at least 10 M/s", rate >= ALONG
    )
    order = rng.permutation(n)
    mixed = [np.ascontiguousarray(each[order]) for each in (seconds, ln_p, lat, lon)]
    rate = n / best(lambda: kernels.wind_many(grid, *mixed, u, v, d))
    line("the same points in random order", f"{rate / 1e6:.1f} M/s", "", None)

    from scipy.interpolate import RegularGridInterpolator

    few = 100_000
    peer = RegularGridInterpolator(
        (field.time_s, np.log(field.pressure_pa), field.lat, field.lon), field.values
    )
    points = np.stack([seconds[:few], ln_p[:few], lat[:few], lon[:few] % 360.0], axis=-1)
    since = time.process_time()
    answers = peer(points)
    line(
        "SciPy RegularGridInterpolator, along tracks",
        f"{few / (time.process_time() - since) / 1e6:.2f} M/s",
        "",
        None,
    )
    kernels.wind_many(grid, seconds, ln_p, lat, lon, u, v, d)
    calm = np.abs(lat[:few]) < 89.0  # in the cells at the poles we mix vectors, SciPy components
    apart = np.abs(np.stack([u, v, d], -1)[:few] - answers)[calm].max()
    kept &= line(
        "largest difference from SciPy, poles apart", f"{apart:.1e}", "at most 1e-5", bool(apart <= 1e-5)
    )

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "day.pack"
        pack.write(path, field, {"made_from": "noise", "files": [], "thinning": None})
        took = best(lambda: winds.read(path))
        size = path.stat().st_size / 1e6
    kept &= line(
        f"a day on 1 deg, 10 levels ({size:.0f} MB), loaded",
        f"{1000 * took:.0f} ms",
        "at most 100 ms",
        took <= LOAD_S,
    )
    when = datetime(2026, 1, 15, tzinfo=UTC)
    line(
        "the climatology of a month, made",
        f"{1000 * best(lambda: winds.climatology(when, when)):.0f} ms",
        "",
        None,
    )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
