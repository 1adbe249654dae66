"""Routes at random: none unlawful, none shorter than its own lower bound or the great circle, and laws that hold
whatever is closed.

The long proof is 200 random sets of closures with 500 random pairs each (`make soak`); a small part of it runs
with the tests. By hand, for instance the third to the sixth set only:

    python tests/route/test_soak_routes.py --first 2 --sets 4 --pairs 500

Each set has one seed, so a failure names all that is needed to see it again.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.route_cases import disc  # noqa: E402
from benchmarks.route_judge import GEOD, Judge, cut, path_length  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results" / "route_soak.json"
KEPT = ROOT / "out" / "route_soak.jsonl"
SEED = 71_000
NM = 1852.0
SETS, PAIRS = 200, 500
LAW_EVERY, LAW_PAIRS = 5, 50  # 40 sets with 50 pairs each: 2,000 routes held against the laws
SAME = 0.05  # m; there and back again
SHOWN = 20  # failures printed


def random_polygon(rng, name, stand_off):
    """A star-shaped polygon of geodesic edges anywhere on the globe, poles and antimeridian included."""
    from longreach.world.airspace import BoundaryLine, Closure, Ring

    lat0, lon0 = random_points(rng, 1)
    corners = int(rng.integers(3, 13))
    size = float(np.exp(rng.uniform(np.log(10e3), np.log(900e3))))
    azimuth = (np.arange(corners) + rng.uniform(0, 0.6, corners)) * 360.0 / corners
    radius = size * rng.uniform(0.4, 1.0, corners)
    lon, lat, _ = GEOD.fwd(np.full(corners, lon0[0]), np.full(corners, lat0[0]), azimuth, radius)
    lat, lon = cut(np.append(lat, lat[0]), np.append(lon, lon[0]), 100e3)
    lat, lon = np.round(lat, 9), np.round((lon + 180.0) % 360.0 - 180.0, 9)
    lat[-1], lon[-1] = lat[0], lon[0]
    if np.abs(lat).max() > 89.9:  # a corner next to a pole has no certain longitude
        return random_polygon(rng, name, stand_off)
    for array in (lat, lon):
        array.flags.writeable = False
    return Closure(
        name, name, "user", (Ring(lat, lon),), (BoundaryLine(lat, lon, 0.0),), stand_off,
        holds_pole(lat, lon), "random",
    )  # fmt: skip


def holds_pole(lat, lon):
    """Whether the ring goes round the north pole: it winds once, and lies on the pole's side."""
    turn = (np.diff(lon) + 180.0) % 360.0 - 180.0
    return abs(turn.sum()) > 180.0 and lat.mean() > 0


def random_points(rng, number):
    return np.degrees(np.arcsin(rng.uniform(-1, 1, number))), rng.uniform(-180, 180, number)


@dataclasses.dataclass(frozen=True)
class World:
    """What one seed closes."""

    seed: int
    states: tuple[str, ...]
    belt: str
    stand_off: float
    closures: tuple
    extra: object  # one closure more, for the laws

    def __str__(self):
        own = len(self.closures) - len(self.states)
        shown = ",".join(self.states[:6]) + (",…" if len(self.states) > 6 else "")
        return (
            f"seed {self.seed}: {len(self.states)} States ({shown}) {self.belt}, {own} own, "
            f"{self.stand_off / NM:.0f} nm"
        )


def world(seed, most_states=30):
    """1 to 30 States, none to 8 circles and polygons, stand-off 0 to 150 nm (none in a fifth of all)."""
    from longreach.world import airspace

    rng = np.random.default_rng(seed)
    codes = [one.id for one in airspace.closures("ALL")]
    number = round(float(np.exp(rng.uniform(0, np.log(most_states)))))
    states = tuple(sorted(rng.choice(codes, number, replace=False)))
    belt = "plain" if rng.random() < 0.5 else "nearest"
    stand_off = 0.0 if rng.random() < 0.2 else float(rng.uniform(0, 150)) * NM
    closures = list(airspace.closures(states, belt=belt, stand_off_m=stand_off))
    for k in range(int(rng.integers(0, 9))):
        closures.append(random_shape(rng, f"own-{k}", stand_off))
    return World(seed, states, belt, stand_off, tuple(closures), random_shape(rng, "extra", stand_off))


def random_shape(rng, name, stand_off):
    if rng.random() < 0.5:
        return random_polygon(rng, name, stand_off)
    lat, lon = random_points(rng, 1)
    return disc(
        float(lat[0]), float(lon[0]), float(np.exp(rng.uniform(np.log(2e3), np.log(800e3)))), stand_off, name
    )


def random_pairs(rng, judge, closures, number):
    """Pairs of places [deg], half of them anywhere, half near boundaries; most ends open, a few not."""
    border = [line for closure in closures for line in closure.lines]
    lat, lon = random_points(rng, 6 * number)
    close = rng.random(lat.size) < 0.5
    for i in np.flatnonzero(close):
        line = border[int(rng.integers(len(border)))]
        k = int(rng.integers(np.size(line.lat)))
        away = (
            line.offset_m + closures[0].stand_off_m + float(np.exp(rng.uniform(np.log(100.0), np.log(800e3))))
        )
        lon[i], lat[i], _ = GEOD.fwd(float(line.lon[k]), float(line.lat[k]), rng.uniform(0, 360), away)
    lat, lon = np.round(lat, 7), np.round((lon + 180.0) % 360.0 - 180.0, 7)
    lawful = judge.open(lat, lon)
    kept = np.flatnonzero(lawful | (rng.random(lat.size) < 0.01))
    kept = kept[: 2 * number] if kept.size >= 2 * number else np.resize(kept, 2 * number)
    ends = [(float(lat[i]), float(lon[i])) for i in kept]
    return list(zip(ends[::2], ends[1::2], strict=True)), lawful[kept].reshape(-1, 2)


class Sheltered:
    """Which places are joined for certain: a lattice whose steps are each shorter than the room at their ends.

    It shows an answer of 'no way' to be wrong where a wide passage exists; it cannot show it to be right.
    """

    def __init__(self, judge, step=0.5):
        from benchmarks.route_judge import ecef
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components
        from scipy.spatial import cKDTree

        rows = np.arange(-90 + step / 2, 90, step)
        lat = np.concatenate([np.full(max(8, int(720 * np.cos(np.radians(row)))), row) for row in rows])
        lon = np.concatenate(
            [
                np.linspace(-180, 180, max(8, int(720 * np.cos(np.radians(row)))), endpoint=False)
                for row in rows
            ]
        )
        room = judge.clearance(lat, lon, 0.0)[0]
        wide = (room > 15e3) & ~judge.inside(lat, lon)
        self.room, self.tree = room[wide], cKDTree(ecef(lat[wide], lon[wide]))
        self.lat, self.lon = lat[wide], lon[wide]
        pairs = self.tree.query_pairs(90e3, output_type="ndarray")
        p, q = pairs[:, 0], pairs[:, 1]
        length = GEOD.inv(self.lon[p], self.lat[p], self.lon[q], self.lat[q])[2]
        sure = length < self.room[p] + self.room[q]
        ones = np.ones(int(sure.sum()))
        graph = coo_matrix((ones, (p[sure], q[sure])), shape=(self.lat.size, self.lat.size))
        self.part = connected_components(graph, directed=False)[1]
        self.judge = judge

    def joined(self, a, b):
        parts = []
        for end in (a, b):
            room = self.judge.clearance(np.array([end[0]]), np.array([end[1]]), 0.0)[0][0]
            d = GEOD.inv(np.full(self.lat.size, end[1]), np.full(self.lat.size, end[0]), self.lon, self.lat)[
                2
            ]
            parts.append(set(self.part[d < np.maximum(room, self.room)].tolist()))
        return bool(parts[0] & parts[1])


def proof(seed, pairs, law_pairs, most_states=30):
    """Everything one set is asked. Returns counts, times and a list of failures (text)."""
    from longreach import route
    from longreach.errors import LongreachError

    here = world(seed, most_states)
    rng = np.random.default_rng([seed, 1])
    counts: Counter = Counter(sets=1)
    failures: list[str] = []
    began = time.perf_counter()
    judge = Judge(here.closures)
    asked, lawful = random_pairs(rng, judge, here.closures, pairs)
    spent = {"judge": time.perf_counter() - began}
    began = time.perf_counter()
    prepared = route.prepare(here.closures, disk=False)
    spent["prepare"] = time.perf_counter() - began
    began = time.perf_counter()
    found, elapsed = [], []

    def failed(why, a, b, more=""):
        failures.append(f"{here}: {a} -> {b}: {why} {more}".strip())

    for a, b in asked:
        try:
            found.append(route.shortest(prepared, a, b))
            elapsed.append(found[-1].elapsed_ms)
        except LongreachError as error:
            found.append(None)
            failed(f"refused: {error}", a, b)
    spent["routes"] = time.perf_counter() - began
    counts["routes"] = len(asked)
    began = time.perf_counter()
    yes = [i for i, one in enumerate(found) if one is not None and one.feasible]
    verdicts = judge.judge([(found[i].lat, found[i].lon) for i in yes]) if yes else []
    gaps = []
    for i, verdict in zip(yes, verdicts, strict=True):
        one, (a, b) = found[i], asked[i]
        counts["feasible"] += 1
        counts["bent"] += one.lat.size > 2
        gaps.append(one.gap_ppm)
        if not verdict.legal:
            failed("unlawful", a, b, str(verdict))
        direct = GEOD.inv(a[1], a[0], b[1], b[0])[2]
        length = path_length(one.lat, one.lon)
        if (one.lat[0], one.lon[0]) != a or (one.lat[-1], one.lon[-1]) != b:
            failed("other ends", a, b)
        if abs(length - one.length_m) > 1e-3:
            failed(f"says {one.length_m:.4f} m, measures {length:.4f} m", a, b)
        if length < one.lower_bound_m - 1e-3 or length < direct - 1e-3:
            failed(
                f"{length:.3f} m is under its bound {one.lower_bound_m:.3f} or the geodesic {direct:.3f}",
                a,
                b,
            )
        if not lawful[i].all():
            failed("an end the judge finds closed", a, b)
    no = [i for i, one in enumerate(found) if one is not None and not one.feasible]
    shelter = None
    for i in no:
        counts["infeasible"] += 1
        if not found[i].shortfalls:
            failed("no route and no reason", *asked[i])
        if not lawful[i].all():
            counts["closed end"] += 1
            continue
        counts["enclosed"] += 1
        shelter = shelter or Sheltered(judge)
        if shelter.joined(*asked[i]):
            failed("no route, but there is one", *asked[i], found[i].shortfalls[0].what)
    # a direct line that is lawful is the answer
    straight = judge.judge([([a[0], b[0]], [a[1], b[1]]) for a, b in asked])
    for i in yes:
        counts["direct"] += straight[i].legal
        if straight[i].legal and found[i].length_m > found[i].great_circle_m * (1 + 200e-6) + 10.0:
            failed(f"a detour of {found[i].length_m - found[i].great_circle_m:.1f} m with the direct line open",
                   *asked[i], str(straight[i]))  # fmt: skip
    spent["judge"] += time.perf_counter() - began
    began = time.perf_counter()
    if law_pairs:
        laws(here, prepared, [(asked[i], found[i]) for i in yes[:law_pairs]], counts, failed)
    spent["laws"] = time.perf_counter() - began
    return {
        "world": str(here),
        "counts": dict(counts),
        "failures": failures,
        "spent": spent,
        "gap_max": max(gaps, default=0.0),
        "widest": _where(max(yes, key=lambda i: found[i].gap_ppm, default=None), asked, found),
        "slowest": _where(
            max((i for i in range(len(found)) if found[i]), key=lambda i: found[i].elapsed_ms, default=None),
            asked,
            found,
        ),
        "over_200": int(sum(gap > 200 for gap in gaps)),
        "elapsed": [round(ms, 3) for ms in elapsed],
    }


def _where(i, asked, found):
    """One question with what was answered, to be looked at again."""
    if i is None:
        return None
    one = found[i]
    return {
        "from": asked[i][0],
        "to": asked[i][1],
        "km": round(one.length_m / 1e3, 1) if one.feasible else None,
        "gap_ppm": round(one.gap_ppm, 1),
        "ms": round(one.elapsed_ms),
        "why": [shortfall.what for shortfall in one.shortfalls],
    }


def laws(here, prepared, sample, counts, failed):
    """There and back is the same; more closed or a wider berth is never shorter; the world may turn."""
    from longreach import route

    more = route.prepare((*here.closures, here.extra), disk=False)
    wider = route.prepare([wide(closure, 7.5 * NM) for closure in here.closures], disk=False)
    turned = route.prepare([spun(closure, 90.0) for closure in here.closures], disk=False)
    for (a, b), one in sample:
        counts["laws"] += 1
        back = route.shortest(prepared, b, a)
        if not back.feasible:
            failed("no way back", a, b)
        elif abs(back.length_m - one.length_m) > SAME and not overlap(one, back, 0.0):
            failed(f"there {one.length_m:.2f}, back {back.length_m:.2f} m", a, b)
        elif abs(back.length_m - one.length_m) > SAME:
            counts["back differs within the bracket"] += 1
        for name, other in (("one more closed", more), ("a wider stand-off", wider)):
            longer = route.shortest(other, a, b)
            if longer.feasible and longer.length_m < one.lower_bound_m - SAME:
                failed(f"{name}: {longer.length_m:.2f} m, before at least {one.lower_bound_m:.2f}", a, b)
        spin = route.shortest(turned, (a[0], turn(a[1], 90.0)), (b[0], turn(b[1], 90.0)))
        if not spin.feasible:
            failed("no way in the world turned by 90 degrees", a, b)
        elif not overlap(one, spin, SAME):
            failed(f"{one.length_m:.2f} m, in the world turned by 90 degrees {spin.length_m:.2f}", a, b)


def overlap(one, other, slack):
    return max(one.lower_bound_m, other.lower_bound_m) <= min(one.length_m, other.length_m) + slack


def turn(lon, angle):
    return float(np.round((lon + angle + 180.0) % 360.0 - 180.0, 9))


def wide(closure, more):
    return dataclasses.replace(closure, stand_off_m=closure.stand_off_m + more)


def spun(closure, angle):
    """The closure with every longitude moved on by `angle` [deg]."""

    def moved(one):
        lon = (np.asarray(one.lon, float) + angle + 180.0) % 360.0 - 180.0
        lon.flags.writeable = False
        return dataclasses.replace(one, lon=lon)

    return dataclasses.replace(
        closure, rings=tuple(map(moved, closure.rings)), lines=tuple(map(moved, closure.lines))
    )


def totals(results):
    """Many sets in one document."""
    counts: Counter = Counter()
    for one in results:
        counts.update(one["counts"])
    elapsed = np.concatenate([one["elapsed"] for one in results])
    return {
        "made": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "counts": dict(counts),
        "query_ms": {str(q): round(float(np.percentile(elapsed, q)), 3) for q in (50, 95, 99, 100)},
        "widest_bracket_ppm": round(max(one["gap_max"] for one in results), 1),
        "brackets_over_200_ppm": sum(one["over_200"] for one in results),
        "seconds": {
            key: round(sum(one["spent"][key] for one in results))
            for key in ("prepare", "routes", "judge", "laws")
        },
        "failures": [text for one in results for text in one["failures"]],
    }


def summary(results):
    """The same for people."""
    all_of = totals(results)
    lines = [
        ", ".join(f"{value:,} {key}" for key, value in all_of["counts"].items()),
        "query ms: " + ", ".join(f"{q} % {ms:,.2f}" for q, ms in all_of["query_ms"].items()),
        f"own bracket at most {all_of['widest_bracket_ppm']:.0f} ppm, over 200 ppm: "
        f"{all_of['brackets_over_200_ppm']:,} routes",
        "seconds: " + ", ".join(f"{key} {value:,}" for key, value in all_of["seconds"].items()),
        f"{len(all_of['failures']):,} failures",
        *all_of["failures"][:SHOWN],
    ]
    return "\n".join(lines)


def keep(results):
    """Write the totals beside the results of the benchmarks."""
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(totals(results), indent=1, ensure_ascii=False) + "\n", "utf-8")


def code():
    """What the results depend on: the solver, the judge and this file."""
    digest = hashlib.sha256()
    for path in sorted(
        [*(ROOT / "src/longreach/route").glob("*.py"), ROOT / "benchmarks/route_judge.py", Path(__file__)]
    ):
        if path.name not in (
            "explain.py",
            "choices.py",
            "prices.py",
            "matrix.py",
            "widest.py",
        ):  # no part in the shortest route
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def done_before(into, pairs):
    """Results kept in a file of JSON lines by the same code, by set; a torn last line counts as absent."""
    kept = {}
    for text in into.read_text("utf-8").splitlines() if into.exists() else ():
        try:
            one = json.loads(text)
        except ValueError:
            continue
        if one.get("code") == code() and one["counts"]["routes"] == pairs:
            kept[one["set"]] = one
    return kept


def run(first, sets, pairs, step=1, into=None):
    """One JSON line a set on the standard output, or added to a file; sets in the file are not run again."""
    known = done_before(into, pairs) if into else {}
    for k in range(first, first + sets, step):
        if k in known:
            continue
        result = proof(SEED + k, pairs, LAW_PAIRS if k % LAW_EVERY == 0 else 0)
        line = json.dumps({"set": k, "code": code(), **result})
        if into is None:
            print(line, flush=True)
            continue
        into.parent.mkdir(parents=True, exist_ok=True)
        with into.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


@pytest.mark.parametrize("seed", range(6))
def test_routes_at_random(seed):
    """A small part of the long proof: fewer States at a time, fifty pairs, the laws on every fifth set."""
    result = proof(1_000 + seed, 50, 8 if seed % 3 == 0 else 0, most_states=6)
    assert not result["failures"], "\n".join(result["failures"][:SHOWN])
    assert result["counts"]["feasible"] >= 20
    assert result["over_200"] == 0


@pytest.mark.soak
def test_a_hundred_thousand_routes():
    """Two processes (LONGREACH_SOAK_PROCESSES) share the sets; what was stopped goes on where it was
    (out/route_soak.jsonl)."""
    sets = int(os.environ.get("LONGREACH_SOAK_SETS", SETS))
    processes = int(os.environ.get("LONGREACH_SOAK_PROCESSES", 2))
    began = time.perf_counter()
    workers = [
        subprocess.Popen(
            [
                sys.executable,
                __file__,
                "--first",
                str(k),
                "--sets",
                str(sets - k),
                "--step",
                str(processes),
                "--into",
                str(KEPT),
            ]
        )
        for k in range(processes)
    ]
    told = set()
    while True:
        running = [worker for worker in workers if worker.poll() is None]
        known = done_before(KEPT, PAIRS)
        for k in sorted(set(known) - told):
            told.add(k)
            print(
                f"{len(told):4}/{sets} {time.perf_counter() - began:7.0f} s  {len(known[k]['failures'])} failures  "
                f"{known[k]['world']}",
                flush=True,
            )
        if not running:
            break
        time.sleep(2.0)
    assert not any(worker.wait() for worker in workers)
    results = [known[k] for k in range(sets)]
    print(summary(results), flush=True)
    keep(results)
    all_of = totals(results)
    assert all_of["counts"]["sets"] == sets and all_of["counts"]["routes"] == sets * PAIRS
    assert not all_of["failures"], "\n".join(all_of["failures"][:SHOWN])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--sets", type=int, default=SETS)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument(
        "--into", type=Path, help="add the lines to this file, and leave out the sets it holds"
    )
    parser.add_argument("--summary", type=Path, nargs="+", help="sum up files of JSON lines instead")
    parser.add_argument("--keep", action="store_true", help=f"and write {RESULTS.name}")
    asked = parser.parse_args()
    if asked.summary:
        known = {}  # a set that two runs made counts once
        for path in asked.summary:
            known.update((one["set"], one) for one in map(json.loads, path.read_text().splitlines()))
        results = [known[k] for k in sorted(known)]
        print(summary(results))
        if asked.keep:
            keep(results)
        return int(bool(totals(results)["failures"]))
    run(asked.first, asked.sets, asked.pairs, asked.step, asked.into)
    return 0


if __name__ == "__main__":
    sys.exit(main())
