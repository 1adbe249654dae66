"""Build the airspace pack from the npm package world-atlas 2.0.2 (Natural Earth 4.1.0, 1:10m).

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python tools/build_airspace.py package/countries-10m.json

Offline and deterministic: the same input gives the same bytes. docs/airspace.md tells what it does and
how long it takes.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from longreach.world.atlas import SEA, write_pack

DATA = Path(__file__).parent.parent / "src" / "longreach" / "world" / "data"
SOURCE_SHA256 = "3bc6f1d367a9bcec479841bae0e76092f512838411d0cef124e92eec4db45f79"
COLUMNS = 99999  # steps of the source's grid round the globe; column 0 is both -180 and 180


class Source:
    """countries-10m.json with rings as integer (n, 2) column, row, not closed, no vertex twice in a row."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if digest != SOURCE_SHA256:
            raise SystemExit(f"{path}: SHA-256 is {digest}, not that of world-atlas 2.0.2 ({SOURCE_SHA256})")
        topology = json.loads(data)
        (self.lon_step, self.lat_step) = topology["transform"]["scale"]
        (self.lon0, self.lat0) = topology["transform"]["translate"]
        arcs = [np.cumsum(np.array(arc), axis=0) for arc in topology["arcs"]]
        self.areas: list[tuple[str, str, list[np.ndarray]]] = []
        self.specks: dict[str, list[np.ndarray]] = defaultdict(list)
        for geometry in topology["objects"]["countries"]["geometries"]:
            name = geometry["properties"]["name"]
            rings = []
            polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
            for polygon in polygons:
                for hole, indices in enumerate(polygon):
                    ring = np.concatenate([arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices])
                    ring[:, 0] %= COLUMNS
                    keep = np.any(ring != np.roll(ring, 1, axis=0), axis=1)
                    if len(np.unique(ring, axis=0)) < 3:
                        if not hole:
                            self.specks[name].append(np.unique(ring, axis=0))
                        continue
                    rings.append(ring[keep])
            self.areas.append((name, geometry.get("id", ""), rings))

    def grid(self) -> dict:
        return {"columns": COLUMNS, "lon0": self.lon0, "lon_step": 360.0 / COLUMNS,
                "lat0": self.lat0, "lat_step": self.lat_step}  # fmt: skip


def unseam(ring_segments: np.ndarray) -> np.ndarray:
    """Segments (m, 2) of vertex keys of one piece, with those along the antimeridian that cancel removed.

    The source cuts Chukotka, Wrangel and Fiji at 180 degrees; the two sides of a cut do not share vertices.
    """
    column, row = ring_segments // 100000, ring_segments % 100000
    on_seam = (column == 0).all(axis=1) & (row[:, 0] != row[:, 1])
    if not on_seam.any():
        return ring_segments
    cuts = np.unique(row[on_seam])
    parity: dict[int, int] = defaultdict(int)
    for low, high in np.sort(row[on_seam], axis=1):
        first, last = np.searchsorted(cuts, [low, high])
        for k in range(first, last):
            parity[k] += 1
    left = [(int(cuts[k]), int(cuts[k + 1])) for k, count in sorted(parity.items()) if count % 2]
    return np.concatenate([ring_segments[~on_seam], np.array(left, dtype=np.int64).reshape(-1, 2)])


def topology(pieces: list[list[np.ndarray]]) -> list[tuple]:
    """Arcs [(column, row, left, right, line_only)] of pieces given as rings of integer vertices."""
    users: dict[tuple[int, int], list[int]] = defaultdict(list)
    spikes: list[tuple[int, int, int]] = []
    for index, rings in enumerate(pieces):
        if not rings:
            continue
        keys = [ring[:, 0] * 100000 + ring[:, 1] for ring in rings]
        segments = np.concatenate([np.stack([key, np.roll(key, -1)], axis=1) for key in keys])
        segments = np.sort(unseam(segments), axis=1)
        unique, counts = np.unique(segments, axis=0, return_counts=True)
        for (a, b), count in zip(unique.tolist(), counts.tolist(), strict=True):
            if count % 2:
                users[a, b].append(index)
            else:
                spikes.append((a, b, index))
    neighbours: dict[int, list[int]] = defaultdict(list)
    for a, b in users:
        neighbours[a].append(b)
        neighbours[b].append(a)
    sides = {}
    for segment, who in users.items():
        if len(who) > 2:
            raise SystemExit(f"segment {segment} is used by {len(who)} pieces")
        sides[segment] = (who[0], who[1] if len(who) == 2 else SEA)

    def label(a: int, b: int) -> tuple[int, int]:
        return sides[(a, b) if a < b else (b, a)]

    arcs = []
    done: set[tuple[int, int]] = set()

    def walk(a: int, b: int) -> list[int]:
        run = [a, b]
        done.add((a, b) if a < b else (b, a))
        while len(neighbours[run[-1]]) == 2:
            c, d = neighbours[run[-1]]
            onward = c if d == run[-2] else d
            key = (run[-1], onward) if run[-1] < onward else (onward, run[-1])
            if key in done or label(*key) != label(run[-2], run[-1]):
                break
            done.add(key)
            run.append(onward)
        return run

    def emit(run: list[int], left: int, right: int, line_only: bool) -> None:
        for first in range(0, len(run) - 1, 60000):
            part = np.array(run[first : first + 60001], dtype=np.int64)
            arcs.append((part // 100000, part % 100000, left, right, line_only))

    def node(v: int) -> bool:
        around = neighbours[v]
        return len(around) != 2 or label(v, around[0]) != label(v, around[1])

    for a, b in users:  # first the runs between nodes, then the closed ones
        for start, onward in ((a, b), (b, a)):
            if (a, b) not in done and node(start):
                emit(walk(start, onward), *label(a, b), False)
    for a, b in users:
        if (a, b) not in done:
            emit(walk(a, b), *label(a, b), False)
    for a, b, index in spikes:
        if (a, b) not in users:
            emit([a, b], index, SEA, True)
    return arcs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("countries", type=Path, help="countries-10m.json of world-atlas 2.0.2")
    parser.add_argument("-o", "--output", type=Path, default=DATA / "airspace.pack")
    arguments = parser.parse_args()
    source = Source(arguments.countries)
    with (DATA / "areas.csv").open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream))
    by_number = {row["numeric"]: row for row in table if row["numeric"]}
    by_alias = {alias: row for row in table for alias in [row["name"], *row["aliases"].split("|")] if alias}
    pieces, rings = [], []
    for name, number, area_rings in source.areas:
        ashmore = name == "Ashmore and Cartier Is."
        row = by_number[number] if number and not ashmore else by_alias[name]
        code = row["alpha2"]
        plain = "AU" if ashmore else code
        pieces.append({"id": code, "name": row["name"], "area": name, "plain_owner": plain,
                       "owners": [plain], "note": "", "trust": "Natural Earth 4.1.0"})  # fmt: skip
        rings.append(area_rings)
    arcs = topology(rings)
    for index, (name, _, _) in enumerate(source.areas):
        for speck in source.specks[name]:
            ends = speck[[0, -1]]
            arcs.append((ends[:, 0], ends[:, 1], index, SEA, True))
    header = {
        "name": "longreach-airspace",
        "version": "1",
        "statement": "borders: Natural Earth 4.1.0, de facto",
        "pieces": pieces,
    }
    write_pack(arguments.output, header, {"land": {"grid": source.grid(), "arcs": arcs}})
    print(f"{arguments.output}: {arguments.output.stat().st_size:,} bytes, {len(arcs)} arcs, "
          f"{sum(len(arc[0]) for arc in arcs):,} vertices")  # fmt: skip


if __name__ == "__main__":
    main()
