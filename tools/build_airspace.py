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
import math
import tomllib
from collections import defaultdict
from pathlib import Path

import numpy as np
import shapely

from longreach.world.airspace import owned
from longreach.world.atlas import SEA, Atlas, write_pack

DATA = Path(__file__).parent.parent / "src" / "longreach" / "world" / "data"
SOURCE_SHA256 = "3bc6f1d367a9bcec479841bae0e76092f512838411d0cef124e92eec4db45f79"
COLUMNS = 99999  # steps of the source's grid round the globe; column 0 is both -180 and 180


def to_grid(grid: dict, lat: np.ndarray, lon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nearest column and row of positions in degrees."""
    column = np.round((lon - grid["lon0"]) / grid["lon_step"]).astype(np.int64) % grid["columns"]
    return column, np.round((lat - grid["lat0"]) / grid["lat_step"]).astype(np.int64)


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
        self.specks: dict[str, list[np.ndarray]] = defaultdict(list)  # islands collapsed by the grid
        self.speck_holes: dict[bytes, str] = {}  # first vertex of a collapsed enclave: who lies round it
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
                        if hole:
                            self.speck_holes[ring[0].tobytes()] = name
                        else:
                            self.specks[name].append(ring)
                        continue
                    rings.append(ring[keep])
            self.areas.append((name, geometry.get("id", ""), rings))

    def degrees(self, ring: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """lat, lon of integer vertices."""
        return self.lat0 + ring[:, 1] * self.lat_step, self.lon0 + ring[:, 0] * 360.0 / COLUMNS

    def fine_grid(self) -> dict:
        """The source's grid divided by powers of two: its vertices lie on it bit for bit; steps of 3.1 m."""
        grid = self.grid()
        return {"columns": COLUMNS * 128, "lon0": grid["lon0"], "lon_step": grid["lon_step"] / 128,
                "lat0": grid["lat0"], "lat_step": grid["lat_step"] / 64}  # fmt: skip

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


def take(rings: list[np.ndarray], source: Source, spec: dict) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Rings of an area parted by one override: (the piece's, what is left)."""
    if "boxes" in spec:
        mine, rest = [], []
        for ring in rings:
            lat, lon = source.degrees(ring)
            inside = any(
                s <= lat.min() and lat.max() <= n and w <= lon.min() and lon.max() <= e
                for s, w, n, e in spec["boxes"]
            )
            (mine if inside else rest).append(ring)
        return mine, rest
    if "cut" in spec:
        return cut(rings, source, spec)
    return rings, []


def cut(rings: list[np.ndarray], source: Source, spec: dict) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Cut one ring in two along a line whose ends are moved to the nearest vertices of the ring."""
    line = np.array(spec["cut"])

    def nearest(ring: np.ndarray, point: np.ndarray) -> tuple[float, int]:
        lat, lon = source.degrees(ring)
        away = np.hypot(lat - point[0], (lon - point[1]) * np.cos(np.radians(point[0])))
        return float(away.min()), int(away.argmin())

    which = min(range(len(rings)), key=lambda k: nearest(rings[k], line[0])[0])
    ring = rings[which]
    (d0, i), (d1, j) = nearest(ring, line[0]), nearest(ring, line[-1])
    if max(d0, d1) > 0.02:
        raise SystemExit(f"{spec['id']}: the cut does not begin and end at the boundary")
    middle = np.stack(
        [
            np.round((line[1:-1, 1] - source.lon0) / source.lon_step),
            np.round((line[1:-1, 0] - source.lat0) / source.lat_step),
        ],
        axis=1,
    ).astype(np.int64)
    rolled = np.roll(ring, -i, axis=0)
    k = (j - i) % len(ring)
    halves = [
        np.concatenate([rolled[: k + 1], middle[::-1]]),
        np.concatenate([rolled[k:], rolled[:1], middle]),
    ]
    lat, lon = source.degrees(halves[0])
    first = shapely.Polygon(np.stack([lon, lat], axis=1)).contains(shapely.Point(spec["keep"][::-1]))
    mine, rest = halves if first else halves[::-1]
    return [mine], [*rings[:which], rest, *rings[which + 1 :]]


def divide(source: Source) -> tuple[list[dict], list[list[np.ndarray]]]:
    """Pieces (header entries) and their rings: Natural Earth's areas parted by overrides.toml."""
    with (DATA / "areas.csv").open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream))
    by_number = {row["numeric"]: row for row in table if row["numeric"]}
    by_alias = {alias: row for row in table for alias in [row["name"], *row["aliases"].split("|")] if alias}
    by_code = {row["alpha2"]: row for row in table}
    overrides = defaultdict(list)
    for spec in tomllib.loads((DATA / "overrides.toml").read_text(encoding="utf-8"))["piece"]:
        overrides[spec["area"]].append(spec)
    pieces, rings = [], []
    for name, number, area_rings in source.areas:
        ashmore = name == "Ashmore and Cartier Is."  # carries Australia's number in the source
        row = by_number[number] if number and not ashmore else by_alias[name]
        code = row["alpha2"]
        plain = "AU" if ashmore else code
        left = area_rings
        for spec in overrides.pop(name, []):
            mine, left = take(left, source, spec)
            if not mine:
                raise SystemExit(f"{spec['id']}: nothing of {name} was taken")
            pieces.append({
                "id": spec["id"], "name": by_code[spec["id"]]["name"], "area": name, "plain_owner": plain,
                "owners": spec["owners"], "note": spec.get("note", ""), "trust": "Natural Earth 4.1.0",
            })  # fmt: skip
            rings.append(mine)
        if left or not area_rings:
            pieces.append({
                "id": code, "name": row["name"], "area": name, "plain_owner": plain, "owners": [plain],
                "note": "", "trust": "Natural Earth 4.1.0",
            })  # fmt: skip
            rings.append(left)
    if overrides:
        raise SystemExit(f"overrides.toml names areas Natural Earth lacks: {sorted(overrides)}")
    return pieces, rings


def islets() -> tuple[list[dict], list[np.ndarray]]:
    """Islets Natural Earth lacks: header entries and closed (25, 2) rings of lat, lon round each disc."""
    from longreach.geodesy import direct

    pieces, rings = [], []
    with (DATA / "islets.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            pieces.append({
                "id": row["id"], "name": row["name"], "area": "", "plain_owner": "",
                "owners": row["owners"].split("|"), "note": row["source"], "trust": row["trust"],
            })  # fmt: skip
            azimuth = np.linspace(0.0, 360.0, 25)
            radius = float(row["radius_m"]) / math.cos(math.pi / 24)  # the polygon holds the disc
            lat, lon, _ = direct(float(row["lat"]), float(row["lon"]), azimuth, radius)
            rings.append(np.stack([lat, lon], axis=1))
    return pieces, rings


def belts(atlas: Atlas, grid: dict) -> tuple[dict, dict]:
    """Belt rings of every code, each ring stored once: (layer, {atlas: {code: ring numbers}}).

    A code missing under "plain" has the same belt as in the default atlas; one missing there too has no sea
    and so no belt but its land. Antarctica is one of those: no State's sea is recognised there.
    """
    from airspace_belts import World, belt, dilate

    world = World(atlas)
    islet_cells = np.concatenate([world.cells_of_piece[p] for p, x in enumerate(atlas.pieces) if not x.area])
    islet_zone = dilate(dilate(islet_cells))
    codes = sorted(
        {code for piece in atlas.pieces for code in (piece.id, *piece.owners, piece.plain_owner)} - {""}
    )
    numbers: dict[bytes, int] = {}
    arcs: list[tuple] = []
    members: dict[str, dict[str, list[int]]] = {"default": {}, "plain": {}}

    def put(ring: np.ndarray) -> int | None:
        column, row = to_grid(grid, ring[:, 0], ring[:, 1])
        keep = np.concatenate([[True], (np.diff(column) != 0) | (np.diff(row) != 0)])
        column, row = column[keep], row[keep]
        if len(column) < 4:
            return None
        key = np.stack([column, row]).tobytes()
        if key not in numbers:
            numbers[key] = len(arcs)
            arcs.append((column, row, 0, SEA, False))
        return numbers[key]

    for code in codes:
        default, plain = owned(atlas.pieces, code, "default"), owned(atlas.pieces, code, "plain")
        for name, mine in (("default", default), ("plain", plain)):
            if not mine.any() or code == "AQ" or not world.has_coast(mine):
                continue
            if name == "plain" and (default == plain).all():
                cells = np.concatenate([world.cells_of_piece[p] for p in np.nonzero(mine)[0]])
                if not np.isin(cells, islet_zone).any():
                    continue
            found = [put(ring) for ring in belt(world, mine, name == "default")]
            members[name][code] = [number for number in found if number is not None]
    return {"grid": grid, "arcs": arcs}, members


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("countries", type=Path, help="countries-10m.json of world-atlas 2.0.2")
    parser.add_argument("-o", "--output", type=Path, default=DATA / "airspace.pack")
    parser.add_argument("--land-only", action="store_true", help="leave the belts out (for trying things)")
    arguments = parser.parse_args()
    source = Source(arguments.countries)
    pieces, rings = divide(source)
    arcs = topology(rings)
    plain_index = {p["area"]: k for k, p in enumerate(pieces) if p["id"] == p["plain_owner"]}
    for index, piece in enumerate(pieces):
        if piece["id"] != piece["plain_owner"]:
            continue
        for speck in source.specks.pop(piece["area"], []):
            round_it = [source.speck_holes[v.tobytes()] for v in speck if v.tobytes() in source.speck_holes]
            other = plain_index[round_it[0]] if round_it else SEA
            ends = np.unique(speck, axis=0)[[0, -1]]
            arcs.append((ends[:, 0], ends[:, 1], index, other, True))
    if source.specks:
        raise SystemExit(f"specks of {sorted(source.specks)} belong to no piece")
    fine = source.fine_grid()
    islet_pieces, islet_rings = islets()
    islet_arcs = []
    for ring in islet_rings:
        column, row = to_grid(fine, ring[:, 0], ring[:, 1])
        islet_arcs.append((column, row, len(pieces) + len(islet_arcs), SEA, False))
    header = {
        "name": "longreach-airspace",
        "version": "1",
        "statement": "borders: Natural Earth 4.1.0, de facto; islets and overrides by Longreach",
        "pieces": pieces + islet_pieces,
    }
    layers = {
        "land": {"grid": source.grid(), "arcs": arcs},
        "islets": {"grid": fine, "arcs": islet_arcs},
    }
    write_pack(arguments.output, header, layers)
    if not arguments.land_only:
        rings, members = belts(Atlas(arguments.output), fine)
        write_pack(arguments.output, {**header, "belts": members}, {**layers, "belts": rings})
    print(f"{arguments.output}: {arguments.output.stat().st_size:,} bytes, {len(arcs)} arcs, "
          f"{sum(len(arc[0]) for arc in arcs):,} vertices")  # fmt: skip


if __name__ == "__main__":
    main()
