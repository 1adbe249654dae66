"""What there is to say of a State's airspace: areas, lengths, islands, neighbours, disputes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from longreach.geodesy import path_length
from longreach.units import NAUTICAL_MILE
from longreach.world import airspace
from longreach.world.airspace import TERRITORIAL_SEA, Closure, Ring, State
from longreach.world.atlas import Piece, shipped


@dataclass(frozen=True, slots=True)
class Facts:
    """Figures of one State's airspace under one law.

    land_m2, airspace_m2 : area on the ellipsoid [m2]; airspace_m2 is None for a plain belt, which has no
        polygon of its own
    boundary_m : length of the boundary lines [m] (of a plain belt: coast and land borders)
    islands : separate pieces of land, the mainland among them
    neighbours : codes of the States across a land border
    seaward : codes of the States whose sea meets its own (nearest belts only)
    disputed : pieces it owns together with others, or holds for none
    pieces : every piece of the atlas that is its own
    """

    state: State
    closure: Closure
    land_m2: float
    airspace_m2: float | None
    boundary_m: float
    islands: int
    neighbours: tuple[str, ...]
    seaward: tuple[str, ...]
    disputed: tuple[Piece, ...]
    pieces: tuple[Piece, ...]
    statement: str


def facts(
    code: str,
    *,
    belt: str = "nearest",
    atlas: str = "default",
    territorial_sea_m: float = TERRITORIAL_SEA,
    stand_off_m: float = 0.0,
) -> Facts:
    """Figures of the airspace of one State; arguments and errors as `airspace.closures`."""
    state = airspace.resolve(code)
    (closure,) = airspace.closures(
        [state.code], belt=belt, atlas=atlas, territorial_sea_m=territorial_sea_m, stand_off_m=stand_off_m
    )
    (land,) = airspace.closures([state.code], belt="plain", atlas=atlas)
    pack = shipped()
    mine = airspace.owned(pack.pieces, state.code, atlas)
    pieces = tuple(piece for piece, own in zip(pack.pieces, mine, strict=False) if own)
    layer = pack.layer("land")
    across = {
        int(right if mine[left] else left)
        for left, right in zip(layer.left.tolist(), layer.right.tolist(), strict=True)
        if left >= 0 and right >= 0 and mine[left] != mine[right]
    }
    neighbours = {
        pack.pieces[k].owners[0] if atlas == "default" else pack.pieces[k].plain_owner for k in across
    }
    land_m2, islands = _area(land.rings)
    return Facts(
        state=state,
        closure=closure,
        land_m2=land_m2,
        airspace_m2=_area(closure.rings)[0] if belt == "nearest" else None,
        boundary_m=sum(path_length(line.lat, line.lon) for line in closure.lines),
        islands=islands,
        neighbours=tuple(sorted(neighbours - {state.code})),
        seaward=_seaward(state.code, closure) if belt == "nearest" and atlas == "default" else (),
        disputed=tuple(piece for piece in pieces if len(piece.owners) > 1) if atlas == "default" else (),
        pieces=pieces,
        statement=airspace.border_statement(atlas),
    )


def _area(rings: tuple[Ring, ...]) -> tuple[float, int]:
    """Area [m2] inside an odd number of rings, and how many rings lie inside an even number of others."""
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    total, outer = 0.0, 0
    for k, ring in enumerate(rings):
        size = abs(geod.polygon_area_perimeter(ring.lon, ring.lat)[0])
        depth = sum(_holds(other, ring) for j, other in enumerate(rings) if j != k)
        total += size if depth % 2 == 0 else -size
        outer += depth % 2 == 0
    return total, outer


def _holds(ring: Ring, other: Ring) -> bool:
    """Whether `ring` goes round `other`, judged at the middle of other's first edge."""
    lat = (other.lat[0] + other.lat[1]) / 2
    if not ring.lat.min() - 1.0 < lat < ring.lat.max() + 1.0 and abs(lat) < 60.0:
        return False
    lon = other.lon[0] + ((other.lon[1] - other.lon[0] + 180.0) % 360.0 - 180.0) / 2
    east = (ring.lon - lon + 180.0) % 360.0 - 180.0
    a, b = east[:-1], east[1:]
    k = np.nonzero(((a <= 0.0) != (b <= 0.0)) & (np.abs(a - b) < 180.0))[0]
    crossing = ring.lat[k] + (ring.lat[k + 1] - ring.lat[k]) * a[k] / (a[k] - b[k])
    return bool(np.count_nonzero(crossing > lat) % 2)


def _seaward(code: str, closure: Closure) -> tuple[str, ...]:
    """States whose airspace begins within 0.2 nm of the belt's edge, land neighbours included."""
    from longreach.geodesy import densify, direct, inverse

    found: set[str] = set()
    for ring in closure.rings:
        lat, lon, _ = densify(ring.lat, ring.lon, 2.0 * NAUTICAL_MILE)
        _, azimuth, _ = inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])
        for turn in (90.0, -90.0):
            out_lat, out_lon, _ = direct(lat[:-1], lon[:-1], azimuth + turn, 0.2 * NAUTICAL_MILE)
            found.update(airspace.overflown(out_lat, out_lon).tolist())
    return tuple(sorted(found - {code, ""}))
