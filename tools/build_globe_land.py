"""Build the small land outline drawn behind the globe: src/longreach/world/data/land-110m.json.

Source: Natural Earth 1:110m (public domain) as packed in npm `world-atlas` 2.0.2 (Michael Bostock, ISC).
Land rings come from land-110m.json, State borders from the arcs that two States share in
countries-110m.json. Vertices are kept as whole hundredths of a degree, flat lat, lon, lat, lon …;
rings with fewer than four vertices are dropped. The picture is a backdrop: no figure is taken from it.

    npm pack world-atlas@2.0.2
    python tools/build_globe_land.py world-atlas-2.0.2.tgz
"""

from __future__ import annotations

import hashlib
import json
import sys
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

PACKAGE_SHA256 = "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97"
TARGET = Path(__file__).parents[1] / "src/longreach/world/data/land-110m.json"
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


def build(package: Path) -> bytes:
    """The bytes of the data file; raises SystemExit where the package is not the one named above."""
    if hashlib.sha256(package.read_bytes()).hexdigest() != PACKAGE_SHA256:
        raise SystemExit(f"{package} is not world-atlas 2.0.2 (SHA-256 differs)")
    with tarfile.open(package) as archive:

        def topology(name: str) -> dict[str, Any]:
            member = archive.extractfile(f"package/{name}")
            assert member is not None
            content: dict[str, Any] = json.load(member)
            return content

        land, countries = topology("land-110m.json"), topology("countries-110m.json")
    land_arcs, country_arcs = arcs_of(land), arcs_of(countries)
    rings = [joined(ring, land_arcs) for ring in rings_of(land["objects"]["land"])]
    uses = Counter(
        arc if arc >= 0 else ~arc for ring in rings_of(countries["objects"]["countries"]) for arc in ring
    )
    borders = [country_arcs[arc] for arc, count in sorted(uses.items()) if count == 2]
    document = {
        "source": "Natural Earth 1:110m, public domain, from npm world-atlas 2.0.2 (ISC)",
        "unit": "hundredths of a degree; lat, lon, lat, lon …",
        "land": [flat(ring) for ring in rings if len(ring) >= 4],
        "borders": [flat(border) for border in borders if len(border) >= 2],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    TARGET.write_bytes(build(Path(sys.argv[1])))
    print(f"{TARGET}: {TARGET.stat().st_size} bytes")
