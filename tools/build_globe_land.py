"""Build the land outlines drawn behind the maps: land-110m.json and land-50m.json.gz in world/data.

Source: Natural Earth 1:110m and 1:50m (public domain) as packed in npm `world-atlas` 2.0.2 (Michael Bostock,
ISC). Land rings come from land-*.json, State borders from the arcs that two States share in
countries-*.json. Vertices are kept as whole hundredths of a degree, flat lat, lon, lat, lon …; in the finer
one each after the first as its difference to the one before, and gzipped. Rings with fewer than four vertices
are dropped. The picture is a backdrop: no figure is taken from it.

    npm pack world-atlas@2.0.2
    python tools/build_globe_land.py world-atlas-2.0.2.tgz
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import tarfile
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

PACKAGE_SHA256 = "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97"
FOLDER = Path(__file__).parents[1] / "src/longreach/world/data"
Point = tuple[int, int]


def arcs_of(topology: dict[str, Any]) -> list[list[Point]]:
    """Arcs of a TopoJSON topology as (lat, lon) in hundredths of a degree, running repeats removed."""
    (step_x, step_y), (start_x, start_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for deltas in topology["arcs"]:
        x = y = 0
        points: list[Point] = []
        for dx, dy in deltas:
            x, y = x + dx, y + dy
            point = (round((y * step_y + start_y) * 100), round((x * step_x + start_x) * 100))
            if not points or points[-1] != point:
                points.append(point)
        arcs.append(points)
    return arcs


def rings_of(geometry: dict[str, Any]) -> list[list[int]]:
    """Every ring of a geometry, as lists of arc numbers (negative: reversed, ones' complement)."""
    if geometry["type"] == "GeometryCollection":
        return [ring for part in geometry["geometries"] for ring in rings_of(part)]
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    return [ring for polygon in polygons for ring in polygon]


def joined(ring: list[int], arcs: list[list[Point]]) -> list[Point]:
    """The points of a ring, shared arc ends once."""
    points: list[Point] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points and points[-1] == arc[0] else arc
    return points


def flat(points: list[Point]) -> list[int]:
    return [value for point in points for value in point]


def differences(points: list[Point]) -> list[int]:
    out = list(points[0])
    for before, after in pairwise(points):
        out += [after[0] - before[0], after[1] - before[1]]
    return out


def build(package: Path) -> dict[str, bytes]:
    """The bytes of each data file; raises SystemExit where the package is not the one named above."""
    if hashlib.sha256(package.read_bytes()).hexdigest() != PACKAGE_SHA256:
        raise SystemExit(f"{package} is not world-atlas 2.0.2 (SHA-256 differs)")
    with tarfile.open(package) as archive:

        def topology(name: str) -> dict[str, Any]:
            member = archive.extractfile(f"package/{name}")
            assert member is not None
            content: dict[str, Any] = json.load(member)
            return content

        coarse = outline(topology("land-110m.json"), topology("countries-110m.json"), "1:110m", flat)
        fine = outline(topology("land-50m.json"), topology("countries-50m.json"), "1:50m", differences)
    return {"land-110m.json": coarse, "land-50m.json.gz": gzip.compress(fine, 9, mtime=0)}


def outline(
    land: dict[str, Any], countries: dict[str, Any], scale: str, written: Callable[[list[Point]], list[int]]
) -> bytes:
    """Land rings and the borders that two States share, as JSON."""
    land_arcs, country_arcs = arcs_of(land), arcs_of(countries)
    rings = [joined(ring, land_arcs) for ring in rings_of(land["objects"]["land"])]
    uses = Counter(
        arc if arc >= 0 else ~arc for ring in rings_of(countries["objects"]["countries"]) for arc in ring
    )
    borders = [country_arcs[arc] for arc, count in sorted(uses.items()) if count == 2]
    unit = "hundredths of a degree; lat, lon, lat, lon …"
    if written is differences:
        unit += " each after the first as its difference to the one before"
    document = {
        "source": f"Natural Earth {scale}, public domain, from npm world-atlas 2.0.2 (ISC)",
        "unit": unit,
        "land": [written(ring) for ring in rings if len(ring) >= 4],
        "borders": [written(border) for border in borders if len(border) >= 2],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    for name, content in build(Path(sys.argv[1])).items():
        (FOLDER / name).write_bytes(content)
        print(f"{FOLDER / name}: {len(content)} bytes")
