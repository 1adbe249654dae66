"""What routing costs as more is closed: time to prepare, time a query, memory. Run (some minutes):

    python studies/route_cost.py [--sets 3]

Closes 1, 10, 100 and all States and areas (all but Antarctica; default atlas, nearest belts, 25 nm), the fewer
ones chosen at random three times over. Each set is worked in a process of its own, so that the peak memory is
its own; 200 queries each (40 with all closed, where many are made again with a finer grain near them) between open places
at random, half of them near closed airspace. Times are the processor's (of both
threads that prepare a set together). Writes
docs/pictures/route-cost.svg and benchmarks/results/route_cost.json and prints a table for docs/routing-measured.md.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

NM = 1852.0
SEED = 4
COUNTS = (1, 10, 100, 0)  # 0: all
QUERIES, QUERIES_ALL = 200, 40
STAND_OFF = 25 * NM
PICTURE = ROOT / "docs" / "pictures" / "route-cost.svg"
RESULTS = ROOT / "benchmarks" / "results" / "route_cost.json"


def codes_of(number: int, draw: int) -> list[str]:
    """The States of one draw: the first ones of a random order, so that larger sets hold the smaller."""
    from longreach.world import airspace

    codes = sorted(one.id for one in airspace.closures("ALL"))
    order = np.random.default_rng([SEED, draw]).permutation(len(codes))
    return [codes[i] for i in order[: number or len(codes)]]


def measure(number: int, draw: int) -> dict[str, Any]:
    """Figures of one set; run in a fresh process."""
    from benchmarks.route_judge import GEOD, Judge

    from longreach import route
    from longreach.world import airspace

    codes = codes_of(number, draw)
    closures = airspace.closures(codes, stand_off_m=STAND_OFF)
    route.prepare(airspace.closures("MT", stand_off_m=10 * NM), disk=False)  # kernels compiled and loaded
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, busy = time.perf_counter(), time.process_time()
    prepared = route.prepare(closures, disk=False)
    prepare_s, prepare_cpu_s = time.perf_counter() - began, time.process_time() - busy
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rng = np.random.default_rng([SEED, draw, 1])
    judge = Judge(closures)
    lat = np.degrees(np.arcsin(rng.uniform(-1, 1, 20 * QUERIES)))
    lon = rng.uniform(-180, 180, lat.size)
    border = [line for closure in closures for line in closure.lines]
    for i in range(0, lat.size, 2):
        line = border[int(rng.integers(len(border)))]
        k = int(rng.integers(np.size(line.lat)))
        away = float(rng.uniform(STAND_OFF, 1000e3))
        lon[i], lat[i], _ = GEOD.fwd(float(line.lon[k]), float(line.lat[k]), rng.uniform(0, 360), away)
    is_open = np.flatnonzero(judge.open(lat, lon, 1e3))[: 2 * (QUERIES if number else QUERIES_ALL)]
    print(f"{len(codes)} closed: prepared in {prepare_s:.1f} s", file=sys.stderr, flush=True)
    spent, bent, no_way = [], 0, 0
    for i, j in zip(is_open[::2], is_open[1::2], strict=False):
        a, b = (float(lat[i]), float(lon[i])), (float(lat[j]), float(lon[j]))
        if not np.isfinite(route.many(prepared, a, [b[0]], [b[1]])[0]):
            no_way += 1  # shut in: to say why takes longer than a search and is not timed here
            continue
        began, together = (
            time.thread_time(),
            time.process_time(),
        )  # the second is coarse, but counts all threads
        found = route.shortest(prepared, a, b)
        alone, together = time.thread_time() - began, time.process_time() - together
        spent.append(1e3 * (together if together > 0.05 else alone))
        bent += found.lat.size > 2
    return {
        "closed": len(codes),
        "draw": draw,
        "boundary_vertices": int(sum(np.size(line.lat) for line in border)),
        "grain_m": prepared.grain_m,
        "corners": int(prepared.outer.node.size),
        "prepare_s": round(prepare_s, 3),
        "prepare_cpu_s": round(prepare_cpu_s, 3),
        "query_median_ms": round(float(np.median(spent)), 3),
        "query_p95_ms": round(float(np.percentile(spent, 95)), 3),
        "queries": len(spent),
        "bent": bent,
        "no_way": no_way,
        "memory_before_mb": round(before),
        "memory_prepared_mb": round(max(after, before)),
    }


def panel(x: float, title: str, unit: str, rows: list[dict[str, Any]], keys: dict[str, str]) -> list[str]:
    """One log-log panel: a dot for each set, a line through the medians."""
    left, top, width, height = x + 62.0, 58.0, 210.0, 220.0
    values = [max(row[key], 1e-3) for row in rows for key in keys]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    most = math.log10(max(row["closed"] for row in rows))

    def at(closed: float, value: float) -> tuple[float, float]:
        return (
            left + width * math.log10(closed) / most,
            top + height * (1 - (math.log10(max(value, 1e-3)) - low) / (high - low)),
        )

    out = [f'<text x="{left:.0f}" y="34" class="title">{title}</text>']
    for power in range(low, high + 1):
        y = at(1, 10.0**power)[1]
        out.append(f'<path d="M{left:.1f} {y:.1f}h{width:.0f}" class="grid"/>')
        out.append(f'<text x="{left - 8:.1f}" y="{y + 4:.1f}" class="end">{10.0**power:,g} {unit}</text>')
    for closed in sorted({row["closed"] for row in rows}):
        tick = at(closed, 10.0**low)
        out.append(f'<path d="M{tick[0]:.1f} {top:.0f}v{height:.0f}" class="grid"/>')
        out.append(f'<text x="{tick[0]:.1f}" y="{top + height + 18:.1f}" class="mid">{closed}</text>')
    for style, (key, label) in enumerate(keys.items()):
        line = []
        for closed in sorted({row["closed"] for row in rows}):
            here = [row[key] for row in rows if row["closed"] == closed]
            line.append("{:.1f} {:.1f}".format(*at(closed, float(np.median(here)))))
            for value in here:
                cx, cy = at(closed, value)
                out.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="3" class="s{style}"/>')
        out.append(f'<path d="M{" L".join(line)}" class="l{style}"/>')
        y = top + height + 58 + 16 * style
        out.append(f'<path d="M{left:.0f} {y - 4:.0f}h22" class="l{style}"/>')
        out.append(f'<text x="{left + 28:.0f}" y="{y:.0f}">{label}</text>')
    out.append(
        f'<text x="{left + width / 2:.0f}" y="{top + height + 36:.0f}" class="mid">States and areas closed</text>'
    )
    return out


def picture(rows: list[dict[str, Any]], made: str) -> str:
    """The three panels as SVG."""
    body = [
        *panel(0, "To prepare a set", "s", rows, {"prepare_cpu_s": "no cache"}),
        *panel(300, "To answer a query", "ms", rows, {"query_median_ms": "median", "query_p95_ms": "95 %"}),
        *panel(600, "Memory of the process", "MB", rows,
               {"memory_prepared_mb": "peak, prepared", "memory_before_mb": "before"}),
    ]  # fmt: skip
    style = (
        "text{font:12px sans-serif;fill:#333}.title{font-size:14px;font-weight:bold}.end{text-anchor:end}"
        ".mid{text-anchor:middle}.grid{stroke:#ddd;fill:none}.s0{fill:#0b5cad}.s1{fill:#c2571a}"
        ".l0{stroke:#0b5cad;fill:none;stroke-width:2}.l1{stroke:#c2571a;fill:none;stroke-width:2;stroke-dasharray:5 3}"
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 380" role="img" '
        'aria-label="Cost of routing against the number of closed States">\n'
        f'<style>{style}</style>\n<rect width="900" height="380" fill="#fff"/>\n'
        + "\n".join(body)
        + f'\n<text x="62" y="372" fill="#777">nearest belts, 25 nm; processor time; a dot a set, lines through the medians; {made}'
        "</text>\n</svg>\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", type=int, default=3, help="random sets of each size")
    parser.add_argument("--one", nargs=2, type=int, metavar=("NUMBER", "DRAW"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measure(*asked.one)))
        return 0
    rows = []
    for number in COUNTS:
        for draw in range(asked.sets if number else 1):
            done = subprocess.run(
                [sys.executable, __file__, "--one", str(number), str(draw)],
                check=True, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            rows.append(json.loads(done.stdout))
            print(rows[-1], file=sys.stderr, flush=True)
    made = datetime.now(UTC).strftime("%Y-%m-%d")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    PICTURE.write_text(picture(rows, made))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"made": made, "machine": machine, "rows": rows}, indent=1) + "\n")
    print(f"{made}, {machine}\n")
    print(
        "| closed | boundary vertices | corners | prepare, processor s | query, processor ms, median | p95 | peak MB |\n"
        "|---|---|---|---|---|---|---|"
    )
    for row in rows:
        print(
            f"| {row['closed']} | {row['boundary_vertices']:,} | {row['corners']:,} | {row['prepare_cpu_s']:.2f} "
            f"| {row['query_median_ms']:.2f} | {row['query_p95_ms']:.1f} | {row['memory_prepared_mb']} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
