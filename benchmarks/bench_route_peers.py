"""Our routes beside those of other planners: the same problems, the same judge, one run.

    python benchmarks/bench_route_peers.py [--batch 40] [--limit 60] [--only ours,h3-4]

Each planner works on each closure set in a process of its own with a limit of processor time, so that one that hangs or dies
does not stop the run; what it has answered by then counts, the rest is a failure. Peers that need polygons get
ours (the outer rings, which hold the closed area), as fine as they can stand; the time to make them is not
theirs. Legality is what benchmarks/route_judge.py finds on the raw borders. The table is printed and kept in
benchmarks/results/route_peers.json.

Planners: `ours`; pyvisgraph and extremitypathfinder on longitude and latitude (their vertices joined by
geodesics, and "as drawn", along their straight lines); shapely + networkx, a visibility graph in one
azimuthal equidistant plane about the middle of the route; A* over a lattice of half a degree with sixteen
neighbours; A* over H3 cells of resolution 3 and 4; the last three also with their path pulled taut.
"""

from __future__ import annotations

import argparse
import heapq
import importlib.util
import itertools
import json
import math
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import route_cases as cases
from benchmarks.route_judge import GEOD, Judge, cut, path_length

RESULTS = Path(__file__).parent / "results" / "route_peers.json"
PATIENCE = 60  # seconds by the clock to one of processor time: what hangs is ended too
LAST_CALL = 3.0  # s a process gets to end after its time
Point = tuple[float, float]
Answer = dict[str, list[Point] | None]  # label -> path [(lat, lon)], None where there is none
Planner = Callable[[cases.ClosureSet], Callable[[Point, Point], Answer]]


# Ours -------------------------------------------------------------------------------------------------


def ours(chosen: cases.ClosureSet) -> Callable[[Point, Point], Answer]:
    from longreach import route

    prepared = route.prepare(cases.closures_of(chosen), disk=False)

    def plan(a: Point, b: Point) -> Answer:
        found = route.shortest(prepared, a, b)
        return {"ours": list(zip(found.lat.tolist(), found.lon.tolist(), strict=True)) or None}

    return plan


# Obstacles for the planners that need polygons ----------------------------------------------------------


POLYGON_PLANNERS = {
    "pyvisgraph": 600,
    "extremitypathfinder": 1200,
    "shapely-networkx": 700,
}  # vertices at most
GRAINS = (500.0, 1e3, 2e3, 5e3, 10e3, 20e3)  # m, tried in turn
_rings: dict[str, list[Any]] = {}  # planner -> closed rings of (lat, lon), set in the planner's process


def obstacle_rings(chosen: cases.ClosureSet) -> dict[str, tuple[float, list[Any]]]:
    """For each planner that needs polygons the grain [m] and closed rings of [lat, lon] that hold the closed
    area: the finest with as many vertices as it can stand, or else the coarsest."""
    from longreach import route
    from longreach.route.plane import position

    closures = cases.closures_of(chosen)
    found: dict[str, tuple[float, list[Any]]] = {}
    for grain in GRAINS:
        net = route.prepare(closures, grain_m=grain, disk=False).outer
        lat, lon = position(net.vert)
        rings, seen = [], np.zeros(lat.size, bool)
        for i in range(lat.size):
            if seen[i]:
                continue
            chain = [i]
            while net.nxt[chain[-1]] != i:
                chain.append(int(net.nxt[chain[-1]]))
            seen[chain] = True
            rings.append(np.stack([lat[chain], lon[chain]], axis=1).tolist())
        for planner, most in POLYGON_PLANNERS.items():
            if planner not in found and (lat.size <= most or grain == GRAINS[-1]):
                found[planner] = grain, rings
        if len(found) == len(POLYGON_PLANNERS):
            break
    return found


def flat_polygons(rings: list[Any], middle: float) -> list[Any]:
    """Rings as shapely polygons of (longitude less `middle`, latitude), cut at the window's edge."""
    import shapely

    window = shapely.box(-179.9, -89.9, 179.9, 89.9)
    parts = []
    for ring in rings:
        x = (ring[:, 1] - middle + 180.0) % 360.0 - 180.0
        step = (np.diff(np.append(x, x[0])) + 180.0) % 360.0 - 180.0
        x = x[0] + np.concatenate([[0.0], np.cumsum(step)])
        y = np.append(ring[:, 0], ring[0, 0])
        if abs(step.sum()) > 180.0:  # round a pole; the inside is on the left
            pole = 90.0 if step.sum() > 0 else -90.0
            x, y = np.append(x, [x[-1], x[0]]), np.append(y, [pole, pole])
        elif float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) < 0:
            continue  # a hole
        shape = shapely.make_valid(shapely.Polygon(np.stack([x, y], axis=1)))
        parts += [
            shapely.transform(shape, lambda xy, by=by: xy + np.array([by, 0.0]))
            for by in (-360.0, 0.0, 360.0)
        ]
    whole = shapely.intersection(shapely.union_all(parts), window)
    found = [
        shapely.Polygon(part.exterior) for part in shapely.get_parts(whole) if part.geom_type == "Polygon"
    ]
    return [part for part in found if part.area > 1e-6]


def flat_answers(name: str, paths: list[list[Point]]) -> Answer:
    """The shortest of the windows' paths, its vertices joined by geodesics and along its straight lines."""
    if not paths:
        return {f"{name}, geodesics": None, f"{name}, as drawn": None}

    def drawn(path: list[Point]) -> list[Point]:
        fine: list[Point] = [path[0]]
        for (lat1, lon1), (lat2, lon2) in itertools.pairwise(path):
            across = (lon2 - lon1 + 180.0) % 360.0 - 180.0
            n = max(1, math.ceil(max(abs(across), abs(lat2 - lat1)) / 0.05))
            fine += [(lat1 + (lat2 - lat1) * k / n, lon1 + across * k / n) for k in range(1, n + 1)]
        return fine

    best = min(paths, key=lambda path: path_length(*np.array(path).T))
    best_drawn = min(map(drawn, paths), key=lambda path: path_length(*np.array(path).T))
    return {f"{name}, geodesics": best, f"{name}, as drawn": best_drawn}


def windows(a: Point, b: Point) -> Iterator[float]:
    """Window middles in which the straight line between the ends is the short way or the only one."""
    for middle in (0.0, 180.0):
        if abs(wrapped(b[1] - middle) - wrapped(a[1] - middle)) <= 180.0:
            yield middle


def wrapped(lon: float) -> float:
    return (lon + 180.0) % 360.0 - 180.0


def pyvisgraph(chosen: cases.ClosureSet) -> Callable[[Point, Point], Answer]:
    if importlib.util.find_spec("tqdm") is None:  # its progress bar, which we would turn off
        sys.modules["tqdm"] = types.ModuleType("tqdm")
        sys.modules["tqdm"].tqdm = lambda items, **_: items  # type: ignore[attr-defined]
    import pyvisgraph as vg

    rings = _rings["pyvisgraph"]
    graphs = {}
    for middle in (0.0, 180.0):
        graph = vg.VisGraph()
        polygons = [
            [vg.Point(float(x), float(y)) for x, y in np.asarray(shape.exterior.coords)[:-1]]
            for shape in flat_polygons(rings, middle)
        ]
        graph.build(polygons, status=False)
        graphs[middle] = graph

    def plan(a: Point, b: Point) -> Answer:
        paths = []
        for middle in windows(a, b):
            ends = [vg.Point(wrapped(lon - middle), lat) for lat, lon in (a, b)]
            found = graphs[middle].shortest_path(*ends)
            paths.append([(p.y, wrapped(p.x + middle)) for p in found])
        return flat_answers("pyvisgraph", paths)

    return plan


def extremitypathfinder(chosen: cases.ClosureSet) -> Callable[[Point, Point], Answer]:
    from extremitypathfinder import PolygonEnvironment
    from shapely.geometry.polygon import orient

    rings = _rings["extremitypathfinder"]
    frames = {}
    for middle in (0.0, 180.0):
        frame = PolygonEnvironment()
        holes = [list(orient(shape, -1).exterior.coords)[:-1] for shape in flat_polygons(rings, middle)]
        frame.store([(-180.0, -90.0), (180.0, -90.0), (180.0, 90.0), (-180.0, 90.0)], holes, validate=False)
        frame.prepare()
        frames[middle] = frame

    def plan(a: Point, b: Point) -> Answer:
        paths = []
        for middle in windows(a, b):
            ends = [(wrapped(lon - middle), lat) for lat, lon in (a, b)]
            found, length = frames[middle].find_shortest_path(*ends)
            if length is not None:
                paths.append([(float(y), wrapped(float(x) + middle)) for x, y in found])
        return flat_answers("extremitypathfinder", paths)

    return plan


def shapely_networkx(chosen: cases.ClosureSet) -> Callable[[Point, Point], Answer]:
    import networkx
    import shapely
    from pyproj import CRS, Transformer

    rings = _rings["shapely-networkx"]

    def plan(a: Point, b: Point) -> Answer:
        azimuth, _, length = GEOD.inv(a[1], a[0], b[1], b[0])
        lon0, lat0, _ = GEOD.fwd(a[1], a[0], azimuth, length / 2)
        plane = CRS.from_proj4(f"+proj=aeqd +lat_0={lat0} +lon_0={lon0} +ellps=WGS84")
        to = Transformer.from_crs("EPSG:4326", plane, always_xy=True)
        shapes = []
        for ring in rings:
            lat, lon = cut(np.append(ring[:, 0], ring[0, 0]), np.append(ring[:, 1], ring[0, 1]), 80e3)
            xy = np.stack(to.transform(lon, lat), axis=1)
            if np.isfinite(xy).all() and float(np.sum(xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1])) > 0:
                shapes.append(shapely.make_valid(shapely.Polygon(xy)))
        whole = shapely.union_all(shapes)
        parts = [part for part in shapely.get_parts(whole) if part.geom_type == "Polygon"]
        nodes = [np.stack(to.transform([a[1], b[1]], [a[0], b[0]]), axis=1)]
        for part in parts:
            xy = np.asarray(shapely.geometry.polygon.orient(part).exterior.coords)[:-1]
            before, after = xy - np.roll(xy, 1, 0), np.roll(xy, -1, 0) - xy
            nodes.append(xy[before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0] > 0])
        at = np.concatenate(nodes)
        i, j = np.triu_indices(len(at), 1)
        lines = shapely.linestrings(np.stack([at[i], at[j]], axis=1))
        eroded = np.array([part.buffer(-5.0) for part in parts], object)
        hit = shapely.STRtree(lines).query(eroded, predicate="intersects")[1] if parts else np.empty(0, int)
        clear = np.ones(len(lines), bool)
        clear[hit] = False
        back = Transformer.from_crs(plane, "EPSG:4326", always_xy=True)
        lon, lat = back.transform(at[:, 0], at[:, 1])
        weight = GEOD.inv(lon[i[clear]], lat[i[clear]], lon[j[clear]], lat[j[clear]])[2]
        graph = networkx.Graph()
        graph.add_nodes_from((0, 1))
        graph.add_weighted_edges_from(zip(i[clear].tolist(), j[clear].tolist(), weight.tolist(), strict=True))
        try:
            chain = networkx.dijkstra_path(graph, 0, 1)
        except networkx.NetworkXNoPath:
            return {"shapely + networkx": None}
        inner = [(float(lat[k]), float(lon[k])) for k in chain[1:-1]]
        return {"shapely + networkx": [a, *inner, b]}

    return plan


# Grids --------------------------------------------------------------------------------------------------


def haversine(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    p, q = math.radians(lat1), math.radians(lat2)
    h = math.sin((q - p) / 2) ** 2 + math.cos(p) * math.cos(q) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * 6371008.8 * math.asin(min(1.0, math.sqrt(h)))


def a_star(start: Any, goal: Any, place: Any, neighbours: Any) -> list[Any] | None:
    """The usual A* with the great circle as its guide."""
    target = place(goal)
    best = {start: 0.0}
    came: dict[Any, Any] = {}
    queue = [(haversine(*place(start), *target), start)]
    done = set()
    while queue:
        _, node = heapq.heappop(queue)
        if node == goal:
            chain = [node]
            while chain[-1] != start:
                chain.append(came[chain[-1]])
            return chain[::-1]
        if node in done:
            continue
        done.add(node)
        here = place(node)
        for other in neighbours(node):
            there = place(other)
            cost = best[node] + haversine(*here, *there)
            if cost < best.get(other, math.inf):
                best[other] = cost
                came[other] = node
                heapq.heappush(queue, (cost + haversine(*there, *target), other))
    return None


def pulled(path: list[Point], judge: Judge) -> list[Point]:
    """The path with every vertex left out that a straight leg, open at points every 10 km, can do without."""

    def free(p: Point, q: Point) -> bool:
        lat, lon = cut([p[0], q[0]], [p[1], q[1]], 10e3)
        return bool(judge.open(lat, lon).all())

    taut, i = [path[0]], 0
    while i < len(path) - 1:
        low, high = i + 1, len(path) - 1
        if not free(path[i], path[high]):
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if free(path[i], path[middle]) else (low, middle)
            high = low
        taut.append(path[high])
        i = high
    return taut


def grid_answers(name: str, path: list[Point] | None, judge: Judge) -> Answer:
    return {name: path, f"{name}, pulled": pulled(path, judge) if path else None}


def lattice(chosen: cases.ClosureSet) -> Callable[[Point, Point], Answer]:
    judge = Judge(cases.closures_of(chosen))
    rows, columns, step = 359, 720, 0.5
    lat = np.repeat(-89.5 + step * np.arange(rows), columns)
    lon = np.tile(-180.0 + step * np.arange(columns), rows)
    free = judge.open(lat, lon)
    moves = [(r, c) for r in range(-2, 3) for c in range(-2, 3) if math.gcd(r, c) == 1]

    def place(node: Any) -> Point:
        return node if isinstance(node, tuple) else (float(lat[node]), float(lon[node]))

    def plan(a: Point, b: Point) -> Answer:
        near = {}
        for end in (a, b):
            d = (
                GEOD.inv(np.full(lat.size, end[1]), np.full(lat.size, end[0]), lon, lat)[2]
                if free.any()
                else lat
            )
            d[~free] = np.inf
            near[end] = [int(k) for k in np.argsort(d)[:16] if d[k] < 150e3]
        exits = set(near[b])

        def neighbours(node: Any) -> Iterator[Any]:
            if isinstance(node, tuple):
                yield from near[node]
                return
            r, c = divmod(node, columns)
            for dr, dc in moves:
                if 0 <= r + dr < rows:
                    other = (r + dr) * columns + (c + dc) % columns
                    if free[other]:
                        yield other
            if node in exits:
                yield b

        chain = a_star(a, b, place, neighbours)
        return grid_answers("lattice 0.5 deg", [place(node) for node in chain] if chain else None, judge)

    return plan


def h3_cells(resolution: int) -> Planner:
    def prepare(chosen: cases.ClosureSet) -> Callable[[Point, Point], Answer]:
        import h3

        judge = Judge(cases.closures_of(chosen))
        cells = [cell for base in h3.get_res0_cells() for cell in h3.cell_to_children(base, resolution)]
        where = {cell: h3.cell_to_latlng(cell) for cell in cells}
        centres = np.array(list(where.values()))
        free = {cell for cell, is_open in zip(cells, judge.open(*centres.T), strict=True) if is_open}

        def plan(a: Point, b: Point) -> Answer:
            start, goal = (h3.latlng_to_cell(*end, resolution) for end in (a, b))

            def neighbours(cell: str) -> Iterator[str]:
                return (one for one in h3.grid_ring(cell, 1) if one in free or one == goal)

            chain = a_star(start, goal, where.__getitem__, neighbours)
            path = [a, *(where[cell] for cell in chain[1:-1]), b] if chain else None
            return grid_answers(f"H3 resolution {resolution}", path, judge)

        return plan

    return prepare


PLANNERS: dict[str, Planner] = {
    "ours": ours,
    "shapely-networkx": shapely_networkx,
    "pyvisgraph": pyvisgraph,
    "extremitypathfinder": extremitypathfinder,
    "lattice": lattice,
    "h3-3": h3_cells(3),
    "h3-4": h3_cells(4),
}


# The run ------------------------------------------------------------------------------------------------


def work(planner: str, path: Path) -> int:
    """One planner on the problems in a file: JSON lines on the standard output. Ended by the system when its
    processor time is over; all times told are processor time."""
    asked = json.loads(path.read_text())
    limit = math.ceil(asked["limit_s"])
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
    chosen = cases.ClosureSet(
        asked["name"], tuple(asked["states"]), asked["stand_off_nm"], tuple(map(tuple, asked["circles"]))
    )
    _rings[planner] = [np.array(ring) for ring in asked["rings"]]
    began = time.process_time()
    plan = PLANNERS[planner](chosen)
    print(json.dumps({"build_s": time.process_time() - began}), flush=True)
    for problem in asked["problems"]:
        began, here = time.process_time(), time.thread_time()  # the first is coarse where there are threads
        try:
            found, error = plan(tuple(problem["origin"]), tuple(problem["destination"])), None
        except Exception as fault:  # whatever a peer throws is its answer
            found, error = {}, f"{type(fault).__name__}: {fault}"
        alone, together = time.thread_time() - here, time.process_time() - began
        seconds = together if together > 0.05 else alone
        print(
            json.dumps({"id": problem["id"], "query_s": seconds, "found": found, "error": error}), flush=True
        )
    return 0


def ask(
    planner: str, chosen: cases.ClosureSet, problems: list[cases.Problem], rings: list[Any], limit: float
) -> dict[str, Any]:
    """What a planner answers in `limit` seconds of processor time, in a process of its own."""
    asked = {
        "limit_s": limit,
        "name": chosen.name,
        "states": chosen.states,
        "stand_off_nm": chosen.stand_off_nm,
        "circles": chosen.circles,
        "rings": rings,
        "problems": [{"id": p.id, "origin": p.origin, "destination": p.destination} for p in problems],
    }
    with tempfile.TemporaryDirectory() as folder:
        questions, answers = Path(folder) / "asked.json", Path(folder) / "answers.jsonl"
        questions.write_text(json.dumps(asked))
        with answers.open("w") as stream, (Path(folder) / "errors").open("w+") as errors:
            process = subprocess.Popen(
                [sys.executable, __file__, "--work", planner, str(questions)], stdout=stream, stderr=errors
            )
            try:
                code = process.wait(PATIENCE * limit)
                ended = "" if code == 0 else f"ended with {code}"
                if code in (-signal.SIGXCPU, -signal.SIGKILL):
                    ended = f"out of time ({limit:g} s)"
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(LAST_CALL)
                ended = f"out of time ({PATIENCE * limit:g} s by the clock)"
            errors.seek(0)
            said = errors.read().strip().splitlines()
        lines = [json.loads(line) for line in answers.read_text().splitlines() if line.endswith("}")]
    build = lines[0]["build_s"] if lines else None
    if ended and said and "out of time" not in ended:
        ended += f": {said[-1][:200]}"
    return {"build_s": build, "ended": ended, "answers": lines[1:]}


def labels_of(planner: str) -> list[str]:
    return {
        "ours": ["ours"],
        "shapely-networkx": ["shapely + networkx"],
        "pyvisgraph": ["pyvisgraph, geodesics", "pyvisgraph, as drawn"],
        "extremitypathfinder": ["extremitypathfinder, geodesics", "extremitypathfinder, as drawn"],
        "lattice": ["lattice 0.5 deg", "lattice 0.5 deg, pulled"],
        "h3-3": ["H3 resolution 3", "H3 resolution 3, pulled"],
        "h3-4": ["H3 resolution 4", "H3 resolution 4, pulled"],
    }[planner]


def rows_of(
    planner: str,
    chosen: cases.ClosureSet,
    problems: list[cases.Problem],
    answer: dict[str, Any],
    judge: Judge,
) -> list[dict[str, Any]]:
    """One row for each problem and label, judged."""
    got = {one["id"]: one for one in answer["answers"]}
    rows = []
    for problem in problems:
        one = got.get(problem.id)
        for label in labels_of(planner):
            path = one["found"].get(label) if one else None
            row: dict[str, Any] = {
                "planner": label,
                "set": chosen.name,
                "problem": problem.id,
                "grain_m": answer["grain_m"],
                "build_s": answer["build_s"],
                "query_s": one["query_s"] if one else None,
                "error": (one["error"] if one else answer["ended"] or "no answer"),
            }
            if path is None:
                row["verdict"] = "failed"
                row["error"] = row["error"] or "no path"
            else:
                lat, lon = np.array(path, float).T
                verdict = judge.judge([(lat, lon)])[0]
                length = path_length(lat, lon)
                row["verdict"] = "legal" if verdict.legal else "illegal"
                row["illegal_km"] = verdict.illegal_m / 1e3
                row["gap_percent"] = 100 * (length / problem.upper_m - 1)
                if verdict.legal and length < problem.lower_m:
                    row["beats_the_bracket_m"] = problem.lower_m - length
            rows.append(row)
    return rows


def spread(values: list[float], form: str) -> str:
    return f"{np.median(values):{form}} / {max(values):{form}}" if values else "-"


def table(rows: list[dict[str, Any]]) -> str:
    """The rows of one kind of problem, one line a planner."""
    head = (
        "| planner | legal | illegal | failed | longest illegal km | gap of legal ones %, median / max "
        "| build, processor s, median / max | query, processor ms, median / max |\n|---|---|---|---|---|---|---|---|"
    )
    lines = [head]
    for label in dict.fromkeys(row["planner"] for row in rows):
        mine = [row for row in rows if row["planner"] == label]
        kinds = {
            kind: [row for row in mine if row["verdict"] == kind] for kind in ("legal", "illegal", "failed")
        }
        builds = list({row["set"]: row["build_s"] for row in mine if row["build_s"] is not None}.values())
        queries = [1e3 * row["query_s"] for row in mine if row["query_s"] is not None]
        worst = max((row["illegal_km"] for row in kinds["illegal"]), default=0.0)
        lines.append(
            f"| {label} | {len(kinds['legal'])} | {len(kinds['illegal'])} | {len(kinds['failed'])} | {worst:,.0f} "
            f"| {spread([row['gap_percent'] for row in kinds['legal']], '.4f')} | {spread(builds, '.2f')} "
            f"| {spread(queries, ',.1f')} |"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--batch", type=int, default=40, help="how many of the 200 pairs over fifteen States")
    parser.add_argument(
        "--limit", type=float, default=60.0, help="seconds of processor time for one planner on one set"
    )
    parser.add_argument("--only", default=",".join(PLANNERS), help="planners, comma-separated")
    parser.add_argument("--sets", default="", help="sets, comma-separated; all of them by default")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    parser.add_argument("--work", nargs=2, metavar=("PLANNER", "FILE"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        return work(asked.work[0], Path(asked.work[1]))
    chosen_planners = asked.only.split(",")
    unknown = [name for name in chosen_planners if name not in PLANNERS]
    if unknown:
        parser.error(f"unknown planners {', '.join(unknown)}; known: {', '.join(PLANNERS)}")
    gathered = cases.by_set(cases.bracketed())
    names = [chosen.name for chosen in gathered]
    if asked.sets and not set(asked.sets.split(",")) <= set(names):
        parser.error(f"--sets {asked.sets}; known: {', '.join(names)}")
    rows = []
    for chosen, all_problems in gathered.items():
        if asked.sets and chosen.name not in asked.sets.split(","):
            continue
        problems = all_problems
        if chosen.name == "fifteen":  # half of the file's have the direct line blocked, the second half
            half = len(problems) // 2
            problems = problems[: asked.batch // 2] + problems[half : half + asked.batch - asked.batch // 2]
        judge = Judge(cases.closures_of(chosen))
        polygons = obstacle_rings(chosen) if POLYGON_PLANNERS.keys() & set(chosen_planners) else {}
        for planner in chosen_planners:
            began = time.perf_counter()
            grain, rings = polygons.get(planner, (None, []))
            answer = ask(planner, chosen, problems, rings, asked.limit)
            answer["grain_m"] = grain
            found = rows_of(planner, chosen, problems, answer, judge)
            rows += found
            verdicts = [row["verdict"] for row in found]
            cases.progress(
                f"{chosen.name:24} {planner:20} {time.perf_counter() - began:6.1f} s  "
                + ", ".join(f"{verdicts.count(kind)} {kind}" for kind in ("legal", "illegal", "failed"))
                + (f"  ({answer['ended']})" if answer["ended"] else "")
            )
    named = [row for row in rows if row["set"] != "fifteen"]
    batch = [row for row in rows if row["set"] == "fifteen"]
    tables = {}
    for title, some in (
        ("named cases and small sets", named),
        ("airport pairs, fifteen States closed", batch),
    ):
        if some:
            tables[title] = table(some)
            print(f"\n{title}\n\n{tables[title]}")
    beaten = [row for row in rows if "beats_the_bracket_m" in row]
    for row in beaten:
        print(
            f"{row['planner']} on {row['problem']}: lawful and {row['beats_the_bracket_m']:.1f} m under the lower bound"
        )
    asked.output.parent.mkdir(exist_ok=True)
    document = {
        "made": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "command": " ".join(["python", "benchmarks/bench_route_peers.py", *sys.argv[1:]]),
        "bracket_file_made": cases.brackets()["made"],
        "tables": tables,
        "rows": rows,
    }
    asked.output.write_text(json.dumps(document, indent=1) + "\n")
    bad = [row for row in rows if row["planner"] == "ours" and row["verdict"] != "legal"]
    return int(bool(bad or beaten))


if __name__ == "__main__":
    sys.exit(main())
