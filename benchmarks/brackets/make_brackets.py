"""Lower and upper bounds of reference quality for the routing problems. Run (some ten minutes on two cores):

    nice python benchmarks/brackets/make_brackets.py

The upper bound is the length of a lawful path, kept with it: the judge of benchmarks/route_judge.py, which
shares nothing with the solver, measures its clearance, and PROJ its length, so it proves itself. The lower
bound is the solver's own, on rings that follow the boundary five times more closely than by default
(GRAIN). What it rests on is audited here by the judge: points every kilometre along the inner rings must all be
closed, along the outer ones all be open. That the shortest path round the inner rings is found is the
solver's word; the open cases, bracketed by another solver, and the peers, none of whose lawful paths may be
shorter, test it from outside.
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

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks import route_cases as cases
from benchmarks.route_judge import Judge, cut, path_length

SEED = 20261122
PAIRS = 200  # over fifteen closed States, half of them with the direct line blocked
SMALL_PAIRS = 8  # over each small set, all with the direct line blocked
GRAIN = 10.0  # m
AUDIT = 40_000  # points on rings, at most, of each kind and set


def airports() -> tuple[Any, Any, list[str]]:
    """Every airport with an IATA code: latitudes, longitudes [deg], codes, by code."""
    import airportsdata

    table = airportsdata.load("IATA")
    codes = sorted(code for code in table if table[code]["lat"] or table[code]["lon"])
    return (
        np.array([table[code]["lat"] for code in codes], float),
        np.array([table[code]["lon"] for code in codes], float),
        codes,
    )


def spread(lat: Any, lon: Any, rng: np.random.Generator) -> Any:
    """Airport numbers at random, each part of the world as often as it is large: the airport nearest to
    the next random point of the globe, so that dense networks do not crowd out the rest."""
    from benchmarks.route_judge import ecef
    from scipy.spatial import cKDTree

    tree = cKDTree(ecef(lat, lon))
    while True:
        u = rng.normal(size=3)
        u /= np.linalg.norm(u)
        yield int(tree.query(6.37e6 * u)[1])


def draw(
    judge: Judge, number: int, rng: np.random.Generator, near: float | None, blocked: bool
) -> list[tuple[str, tuple[float, float], tuple[float, float]]]:
    """Airport pairs with both ends open, at least 500 km apart; with `near` [m], within that distance of
    the closed boundary; with `blocked`, the direct line closed."""
    lat, lon, codes = airports()
    lat, lon = np.round(lat, 5), np.round(lon, 5)
    if near is not None:
        close = judge.clearance(lat, lon, 0.0)[0] < near
        lat, lon = lat[close], lon[close]
        codes = [code for code, keep in zip(codes, close, strict=True) if keep]
    is_open = judge.open(lat, lon)
    lat, lon = lat[is_open], lon[is_open]
    codes = [code for code, keep in zip(codes, is_open, strict=True) if keep]
    chosen = spread(lat, lon, rng)
    found: list[tuple[str, tuple[float, float], tuple[float, float]]] = []
    while len(found) < number:
        i, j = next(chosen), next(chosen)
        a, b = (float(lat[i]), float(lon[i])), (float(lat[j]), float(lon[j]))
        if path_length([a[0], b[0]], [a[1], b[1]]) < 500e3:
            continue
        if blocked and judge.judge([([a[0], b[0]], [a[1], b[1]])])[0].legal:
            continue
        name = f"{codes[i]}-{codes[j]}"
        if name not in {one[0] for one in found}:
            found.append((name, a, b))
    return found


def ring_points(net: Any, most: int) -> tuple[Any, Any]:
    """Points along the rings of a net, every kilometre and at most `most` in all [deg]."""
    from longreach.route.plane import position

    if len(net.vert) == 0:
        return np.empty(0), np.empty(0)
    lat, lon = position(net.vert)
    lats, lons = [], []
    for i, j in enumerate(net.nxt):
        y, x = cut([lat[i], lat[j]], [lon[i], lon[j]], 1e3)
        lats.append(y[:-1])
        lons.append(x[:-1])
    lat, lon = np.concatenate(lats), np.concatenate(lons)
    keep = slice(None, None, max(1, -(-lat.size // most)))
    return lat[keep], lon[keep]


def audit(prepared: Any, judge: Judge) -> dict[str, int]:
    """How many ring points were looked at and how many were on the wrong side of the law."""
    inner_lat, inner_lon = ring_points(prepared.inner, AUDIT)
    outer_lat, outer_lon = ring_points(prepared.outer, AUDIT)
    return {
        "inner_points": int(inner_lat.size),
        "inner_open": int(judge.open(inner_lat, inner_lon).sum()) if inner_lat.size else 0,
        "outer_points": int(outer_lat.size),
        "outer_closed": int((~judge.open(outer_lat, outer_lon)).sum()) if outer_lat.size else 0,
    }


def solve(
    chosen: cases.ClosureSet, pairs: Any, grain: float, rng: np.random.Generator
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One set with its audit, and its problems with their brackets. `pairs`: given, or how many to draw."""
    from longreach import route

    began = time.perf_counter()
    closures = cases.closures_of(chosen)
    judge = Judge(closures)
    if isinstance(pairs, int):
        if chosen.name == cases.FIFTEEN.name:
            drawn = draw(judge, pairs // 2, rng, None, False) + draw(
                judge, pairs - pairs // 2, rng, None, True
            )
        else:
            drawn = draw(judge, pairs, rng, 2500e3, True)
        pairs = [(f"{chosen.name}:{name}", a, b) for name, a, b in drawn]
    prepared = route.prepare(closures, grain_m=grain, disk=False)
    problems = []
    routes = [(name, route.shortest(prepared, a, b)) for name, a, b in pairs]
    feasible = [(name, found) for name, found in routes if found.feasible]
    verdicts = dict(
        zip(
            [name for name, _ in feasible],
            judge.judge([(found.lat, found.lon) for _, found in feasible]),
            strict=True,
        )
    )
    for (name, a, b), (_, found) in zip(pairs, routes, strict=True):
        if not found.feasible:
            cases.progress(f"  {name}: no route ({found.shortfalls[0].what}); left out")
            continue
        if not verdicts[name].legal:
            raise SystemExit(f"{name}: the judge finds the path unlawful: {verdicts[name]}")
        upper = path_length(found.lat, found.lon)
        problems.append(
            {
                "id": name,
                "set": chosen.name,
                "origin": list(a),
                "destination": list(b),
                "great_circle_m": round(found.great_circle_m, 3),
                "lower_m": round(found.lower_bound_m - 5e-4, 3),
                "upper_m": round(upper + 5e-4, 3),
                "clearance_to_spare_m": round(verdicts[name].least_m, 1),
                "path": [[lat, lon] for lat, lon in zip(found.lat.tolist(), found.lon.tolist(), strict=True)],
            }
        )
    about = {
        "name": chosen.name,
        "states": list(chosen.states),
        "stand_off_nm": chosen.stand_off_nm,
        "circles": [list(one) for one in chosen.circles],
        "closures_sha256": cases.fingerprint(closures),
        "grain_m": grain,
        "audit": audit(prepared, judge),
    }
    gaps = [1e6 * (one["upper_m"] / one["lower_m"] - 1) for one in problems]
    cases.progress(
        f"{chosen.name}: {len(problems)} problems, bracket median {np.median(gaps):.1f} max {max(gaps):.1f} ppm, "
        f"audit {about['audit']}, {time.perf_counter() - began:.0f} s"
    )
    return about, problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=cases.BRACKETS)
    parser.add_argument("--grain", type=float, default=GRAIN, help="m")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--small-pairs", type=int, default=SMALL_PAIRS)
    asked = parser.parse_args()
    from longreach.world import airspace

    rng = np.random.default_rng(SEED)
    sets, problems = [], []
    todo: list[tuple[cases.ClosureSet, Any]] = [(cases.FIFTEEN, asked.pairs)]
    todo += [(chosen, asked.small_pairs) for chosen in cases.SMALL]
    todo += [(one.closed, [(one.id, one.origin, one.destination)]) for one in cases.open_cases()]
    for chosen, pairs in todo:
        about, found = solve(chosen, pairs, asked.grain, rng)
        sets.append(about)
        problems.extend(found)
    pack = airspace.pack_identity()
    document = {
        "about": "Brackets of the shortest lawful length, plain belts of 12 nm, plain atlas. Method: see make_brackets.py.",
        "made": datetime.now(UTC).strftime("%Y-%m-%d"),
        "seed": SEED,
        "atlas": {"name": pack.name, "version": pack.version, "sha256": pack.sha256},
        "sets": sets,
        "problems": problems,
    }
    text = json.dumps(document, indent=None, separators=(",", ":"))
    text = text.replace('{"id":', '\n{"id":').replace('{"name":', '\n{"name":')
    asked.output.write_text(text + "\n")
    wrong = sum(one["audit"]["inner_open"] + one["audit"]["outer_closed"] for one in sets)
    cases.progress(
        f"{len(problems)} problems in {asked.output}; {wrong} ring points on the wrong side of the law"
    )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
