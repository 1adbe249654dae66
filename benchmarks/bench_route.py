"""How fast lawful routes are found, and how close to the best they are. Run: python benchmarks/bench_route.py

One line a figure with its budget; exits 1 when a budget is missed. Kernels are compiled before anything is
timed; "cold" means without the cache of prepared closures, the best of three. Wall time and, beside it, processor
time, which tells a slow machine from a busy one. The figures are kept in benchmarks/results/route.json;
`python benchmarks/route_report.py` puts them into docs/routing-measured.md.

    --quick   leaves out all States
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from longreach import route
from longreach.route import _kernels as kernels
from longreach.route import cache
from longreach.route import prepared as store
from longreach.route.plane import unit
from longreach.units import NAUTICAL_MILE
from longreach.world import airports, airspace

RESULTS = Path(__file__).parent / "results" / "route.json"
CASES = Path(__file__).parents[1] / "tests" / "authorities" / "routing_cases.json"
FIELDS = [
    *("KJFK", "KLAX", "EGLL", "LFPG", "EDDF", "RJTT", "VHHH", "WSSS", "OMDB", "VIDP", "ZBAA", "FAOR"),
    *("SBGR", "YSSY", "EFHK", "UAAA", "OERK", "LTFM", "CYYZ", "PANC", "NZAA", "FACT", "HKJK", "DNMM"),
    *("VTBS", "WMKK", "VABB", "OTHH", "LEMD", "LIRF", "ENGM", "ESSA", "EPWA", "KBAD"),
]
ALL = "--all-states"  # only they, as the benchmark calls itself
CLOSED_15 = "IR,IQ,SY,AF,UA,BY,KP,LY,SD,YE,SO,ML,RU,PK,VE"

figures: list[dict[str, Any]] = []


def tell(what: str, value: float, unit: str, budget: float | None, busy_s: float | None = None) -> None:
    at_least = unit.endswith("/s")
    met = budget is None or (value >= budget if at_least else value <= budget)
    figures.append({"what": what, "value": round(value, 4), "unit": unit, "budget": budget, "met": met})
    if busy_s is not None:
        figures[-1]["processor_s"] = round(busy_s, 4)
    limit = "" if budget is None else f"  (budget {'at least ' if at_least else ''}{budget:g} {unit})"
    busy = "" if busy_s is None else f"  processor {busy_s:.4f} s"
    print(f"{what:58} {value:10.2f} {unit:6}{limit}{busy}{'' if met else '  MISSED'}", flush=True)


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    wall, busy = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - wall, time.process_time() - busy


def closures(codes: str, stand_off_nm: float, belt: str = "nearest") -> tuple[Any, ...]:
    return airspace.closures(codes, belt=belt, stand_off_m=stand_off_nm * NAUTICAL_MILE)


def cold_and_cached(
    name: str, codes: str, stand_off_nm: float, cold_s: float, cached_ms: float | None
) -> Any:
    chosen = closures(codes, stand_off_nm)
    runs = []
    for _ in range(3):
        shutil.rmtree(cache.folder(), ignore_errors=True)
        store._recent.clear()
        runs.append(timed(lambda: route.prepare(chosen)))
    prepared, wall, busy = min(runs, key=lambda run: run[1])
    tell(f"{name}, {stand_off_nm:g} nm: prepared cold", wall, "s", cold_s, busy)
    store._recent.clear()
    _, wall, busy = timed(lambda: route.prepare(chosen))
    tell(f"{name}, {stand_off_nm:g} nm: from the cache", wall * 1e3, "ms", cached_ms, busy)
    return prepared


def pairs(count: int) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    random = np.random.default_rng(11)
    places = {code: airports.find(code) for code in FIELDS}
    chosen = [random.choice(FIELDS, 2, replace=False) for _ in range(count)]
    return [((places[a].lat, places[a].lon), (places[b].lat, places[b].lon)) for a, b in chosen]


def scattered(count: int) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Pairs of places anywhere on the globe, each met once: nothing is known of either end."""
    random = np.random.default_rng(12)
    lat = np.degrees(np.arcsin(random.uniform(-1, 1, 2 * count))).tolist()
    lon = random.uniform(-180, 180, 2 * count).tolist()
    places = list(zip(lat, lon, strict=True))
    return list(zip(places[::2], places[1::2], strict=True))


def in_batch(name: str, prepared: Any, asked: list[Any], budget: float | None) -> None:
    _, wall, busy = timed(
        lambda: list(ThreadPoolExecutor(2).map(lambda ends: route.shortest(prepared, *ends), asked))
    )
    tell(name, len(asked) / wall, "/s", budget, busy)


def queries(name: str, prepared: Any, asked: list[Any]) -> None:
    found, spent = [], []
    for ends in asked:
        began = time.thread_time()
        found.append(route.shortest(prepared, *ends))
        spent.append(time.thread_time() - began)
    spans = np.array([one.elapsed_ms for one in found])
    gaps = np.array([one.gap_ppm for one in found if one.feasible])
    tell(f"{name}: one route, median", float(np.median(spans)), "ms", 5.0, float(np.median(spent)))
    p95, p95_busy = float(np.percentile(spans, 95)), float(np.percentile(spent, 95))
    tell(f"{name}: one route, 95th percentile", p95, "ms", 30.0, p95_busy)
    tell(f"{name}: gap of the bracket, largest of {gaps.size}", float(gaps.max()), "ppm", 200.0)
    in_batch(f"{name}: in batch on two cores, 600 routes between 34 airports", prepared, asked * 3, 1000.0)
    lawful = [ends for ends in scattered(1200) if not any(_closed(prepared, end) for end in ends)][:600]
    in_batch(f"{name}: the same, 600 routes between places each met once", prepared, lawful, 1000.0)


def _closed(prepared: Any, place: tuple[float, float]) -> bool:
    return bool(kernels.holds(prepared.outer, *unit(*place)))


def no_way() -> None:
    """How long it takes to say that an end is shut in, by what, and at which stand-off it would not be."""
    canada = route.prepare(closures("CA", 78))
    found, wall, busy = timed(lambda: route.shortest(canada, (59.5, -86.0), (45.0, -30.0)))
    assert not found.feasible
    tell("no way out of Hudson Bay with 78 nm, asked first", wall * 1e3, "ms", None, busy)
    chosen = closures("ES,MA,PT,DZ,TN,LY,EG,IL,LB,SY,TR,GR,AL,ME,HR,SI,IT,FR,MC,MT,CY,BA,GI", 25)
    prepared = route.prepare(chosen)
    for what, place in (("asked first", (34.5, 22.9)), ("asked again", (34.4, 22.5))):
        found, wall, busy = timed(lambda place=place: route.shortest(prepared, place, (45.0, -30.0)))
        assert not found.feasible
        tell(f"no way out of the Mediterranean, 23 States, {what}", wall * 1e3, "ms", None, busy)


def known_brackets() -> None:
    worst, widest, finest = 0.0, 0.0, 0.0
    for case in json.loads(CASES.read_text())["cases"]:
        if not case["closed"]:
            continue
        chosen = airspace.closures(
            case["closed"], belt="plain", atlas="plain", stand_off_m=case["margin_nm"] * NAUTICAL_MILE,
            territorial_sea_m=case["territorial_sea_nm"] * NAUTICAL_MILE,
        )  # fmt: skip
        ends = tuple(case["origin"][::-1]), tuple(case["dest"][::-1])
        found = route.shortest(route.prepare(chosen), *ends)
        finest = max(finest, route.shortest(route.prepare(chosen, precision_ppm=50.0), *ends).gap_ppm)
        worst = max(worst, (found.length_m / 1e3 / case["reference"]["upper_km"] - 1) * 1e6)
        widest = max(widest, found.gap_ppm)
    tell("known cases: longest over the upper reference bound", worst, "ppm", 100.0)
    tell("known cases: widest bracket", widest, "ppm", 200.0)
    tell("known cases: widest bracket with 50 ppm asked for", finest, "ppm", 50.0)


def finer(asked: list[Any]) -> None:
    """Brackets of 50 ppm asked for, over fifteen States."""
    prepared = route.prepare(closures(CLOSED_15, 25.0), precision_ppm=50.0)
    found = [route.shortest(prepared, *ends) for ends in asked]
    spans = np.array([one.elapsed_ms for one in found])
    gaps = np.array([one.gap_ppm for one in found])
    tell(f"fifteen States, 50 ppm asked for: largest gap of {gaps.size}", float(gaps.max()), "ppm", 50.0)
    tell("fifteen States, 50 ppm asked for: one route, median", float(np.median(spans)), "ms", None)
    tell("fifteen States, 50 ppm asked for: one route, longest", float(spans.max()), "ms", None)


def all_states() -> int:
    """All States closed, in a process of its own for its memory; ends with its figures as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LONGREACH_CACHE"] = folder
        route.prepare(closures("CH,AT", 5.0))
        everything, wall, busy = timed(lambda: route.prepare(closures("ALL", 0.0)))
        tell("all States: prepared cold", wall, "s", 60.0, busy)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        tell("all States: memory", peak, "MB", 1024.0)
        seas = [(0.0, -30.0), (40.0, -40.0), (-50.0, -100.0), (60.0, -25.0), (30.0, -150.0), (-40.0, 100.0)]
        spans, spent = [], []
        for a, b in itertools.permutations(seas, 2):
            began = time.thread_time()
            spans.append(route.shortest(everything, a, b).elapsed_ms)
            spent.append(time.thread_time() - began)
        tell("all States: one route, longest of 30", max(spans), "ms", 300.0, max(spent))
    print(json.dumps(figures))
    return 0


def main() -> int:
    if ALL in sys.argv[1:]:
        return all_states()
    quick = "--quick" in sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LONGREACH_CACHE"] = folder
        warm = route.prepare(closures("CH,AT", 5.0))
        route.shortest(warm, (40.0, 0.0), (50.0, 20.0))
        three = cold_and_cached("IR IQ SY", "IR,IQ,SY", 50.0, 0.5, None)
        cold_and_cached("five States", "IR,IQ,SY,AF,PK", 30.0, 0.5, None)
        russia = cold_and_cached("RU", "RU", 0.0, 3.0, 100.0)
        cold_and_cached("RU", "RU", 25.0, 3.0, 100.0)
        asked = pairs(200)
        queries("IR IQ SY", three, asked)
        queries("RU", russia, asked)
        queries("fifteen States, 25 nm", route.prepare(closures(CLOSED_15, 25.0)), asked)
        no_way()
        finer(asked)
        known_brackets()
        if not quick:
            alone = subprocess.run(
                [sys.executable, __file__, ALL], stdout=subprocess.PIPE, text=True, check=True
            )
            *lines, last = alone.stdout.splitlines()
            print("\n".join(lines), flush=True)
            figures.extend(json.loads(last))
    RESULTS.parent.mkdir(exist_ok=True)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    RESULTS.write_text(
        json.dumps(
            {
                "date_utc": datetime.now(UTC).isoformat(timespec="seconds"),
                "cores": os.cpu_count(),
                "load": load,
                "figures": figures,
            },
            indent=1,
        )
        + "\n"
    )
    return int(not all(figure["met"] for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
