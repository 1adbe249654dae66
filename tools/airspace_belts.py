"""Nearest belts: for each State its land and the water within 12 nm that is nearer to it than to another.

One-sided: the computed belt holds the true one. Each 60 km of coast is buffered in its own azimuthal
equidistant plane, where distances from the middle are true and others too long by at most rho^2/6R^2, with a
radius grown by that and by the sagitta of the buffer's arcs. Median lines come from a Voronoi diagram of the
densified coasts in a conformal plane; the others' cells are shrunk by GROW before they are cut away.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict, deque

import numpy as np
import shapely
from pyproj import Proj
from scipy.spatial import Voronoi, cKDTree

from longreach.geodesy import Floats, densify, direct, inverse
from longreach.world.airspace import Ring, _side, _stitch
from longreach.world.atlas import SEA, Atlas, Layer

BELT = 22224.0  # m
CELL = 50e3  # m, edge of the shortlist's cubes; longer than two belts
SAMPLE = 2000.0  # m, longest step of the coast's samples
CHUNK = 60e3  # m, coast buffered in one plane
ARC_SEGMENTS = 32  # of a buffer's quarter circle
EARTH = 6371e3
GROW = 30.0  # m, belts overlap by twice this along a median
SLACK = 5.0  # m: half a diagonal of the grid (2.2) and a plane chord for a geodesic edge (2)
SIMPLIFY = 36.0  # m, what simplification may add
LONGEST_EDGE = 15e3  # m, that simplification may make


def ecef(lat: Floats, lon: Floats) -> Floats:
    """(n, 3) positions on the ellipsoid [m]."""
    phi, lam = np.radians(lat), np.radians(lon)
    f = 1 / 298.257223563
    e2 = f * (2 - f)
    n = 6378137.0 / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    return np.stack(
        [n * np.cos(phi) * np.cos(lam), n * np.cos(phi) * np.sin(lam), n * (1 - e2) * np.sin(phi)], axis=1
    )


def cell_of(points: Floats) -> np.ndarray:
    """(n,) integer key of the cube that holds each point."""
    k = np.floor(points / CELL).astype(np.int64) + 200
    return (k[:, 0] * 1000 + k[:, 1]) * 1000 + k[:, 2]


NEIGHBOURS = np.array(
    [(i * 1000 + j) * 1000 + k for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)], dtype=np.int64
)


def dilate(cells: np.ndarray) -> np.ndarray:
    return np.unique((cells[:, None] + NEIGHBOURS[None, :]).ravel())


def components(cells: np.ndarray) -> dict[int, int]:
    """Component number of each cell, cells joined where they touch, numbered in order of the lowest key."""
    todo = set(cells.tolist())
    out: dict[int, int] = {}
    for cell in sorted(todo):
        if cell in out:
            continue
        number = len(set(out.values())) if not out else max(out.values()) + 1
        queue = deque([cell])
        out[cell] = number
        while queue:
            at = queue.popleft()
            for step in NEIGHBOURS.tolist():
                near = at + step
                if near in todo and near not in out:
                    out[near] = number
                    queue.append(near)
    return out


class World:
    """All arcs of the atlas, sampled: vertices and points no more than SAMPLE apart."""

    def __init__(self, atlas: Atlas) -> None:
        self.pieces = atlas.pieces
        layers = [atlas.layer("land"), atlas.layer("islets")]
        self.layer = Layer(
            start=np.concatenate([layers[0].start, layers[1].start[1:] + layers[0].start[-1]]),
            **{
                name: np.concatenate([getattr(layer, name) for layer in layers])
                for name in ("lat", "lon", "left", "right", "line_only")
            },
        )
        n_arcs = self.layer.left.size
        self.islet_arc = np.arange(n_arcs) >= layers[0].left.size
        lats, lons, sizes = [], [], []
        for i in range(n_arcs):
            lat, lon, _ = densify(*self.arc(i), SAMPLE)
            lats.append(lat)
            lons.append(lon)
            sizes.append(lat.size)
        self.start = np.concatenate([[0], np.cumsum(sizes)])
        self.lat, self.lon = np.concatenate(lats), np.concatenate(lons)
        self.arc_of = np.repeat(np.arange(n_arcs), sizes)
        self.xyz = ecef(self.lat, self.lon)
        self.cell = cell_of(self.xyz)
        self.cells_of_piece: dict[int, np.ndarray] = {}
        for p in range(len(self.pieces)):
            mine = (self.layer.left == p) | (self.layer.right == p)
            self.cells_of_piece[p] = np.unique(self.cell[mine[self.arc_of]])
        self.rings_of_piece: dict[int, tuple[Ring, ...]] = {}

    def arc(self, i: int) -> tuple[Floats, Floats]:
        part = slice(self.layer.start[i], self.layer.start[i + 1])
        return self.layer.lat[part], self.layer.lon[part]

    def rings(self, owned: np.ndarray) -> tuple[Ring, ...]:
        one = _side(owned, self.layer.left) != _side(owned, self.layer.right)
        return _stitch(self.layer, np.nonzero(one & ~self.layer.line_only)[0])

    def has_coast(self, owned: np.ndarray) -> bool:
        """Whether any boundary of the pieces owned is a sea's."""
        one = _side(owned, self.layer.left) != _side(owned, self.layer.right)
        return bool((one & ((self.layer.left == SEA) | (self.layer.right == SEA))).any())

    def piece_rings(self, p: int) -> tuple[Ring, ...]:
        if p not in self.rings_of_piece:
            owned = np.zeros(len(self.pieces) + 1, bool)
            owned[p] = True
            self.rings_of_piece[p] = self.rings(owned)
        return self.rings_of_piece[p]


def polygons(rings: list[np.ndarray]) -> shapely.Geometry:
    """Even-odd area of closed (n, 2) rings in a plane."""
    shapes = []
    for ring in rings:
        if len(np.unique(ring, axis=0)) < 3:
            continue
        shape = shapely.Polygon(ring)
        shapes.append(shape if shape.is_valid else shapely.make_valid(shape))
    shapes = [s for s in shapes if s.area > 0]
    if not shapes:
        return shapely.Polygon()
    inner = shapely.point_on_surface(shapes)
    depth = np.zeros(len(shapes), int)
    tree = shapely.STRtree(shapes)
    point, shape = tree.query(inner, predicate="within")
    for p, s in zip(point, shape, strict=True):
        if p != s and shapes[s].area > shapes[p].area:
            depth[p] += 1
    land = shapely.Polygon()
    for level in range(depth.max() + 1):
        at = shapely.union_all([s for s, d in zip(shapes, depth, strict=True) if d == level])
        land = land.union(at) if level % 2 == 0 else land.difference(at)
    return land


def offset(line: np.ndarray, radius: float) -> shapely.Geometry:
    """All within `radius` of a line in a plane, segment by segment.

    Buffering the whole line is four times as fast and up to 40 m short: GEOS first drops its shallow bends.
    """
    segments = shapely.linestrings(np.stack([line[:-1], line[1:]], axis=1))
    return shapely.union_all(shapely.buffer(segments, radius, quad_segs=ARC_SEGMENTS))


def buffers(world: World, arcs: np.ndarray, plane: Proj) -> list[shapely.Geometry]:
    """Each stretch of coast grown by the belt, in its own plane, then carried into `plane`."""
    radius = (BELT + SLACK) / math.cos(math.pi / 4 / ARC_SEGMENTS)
    out = []
    for i in arcs:
        part = slice(world.start[i], world.start[i + 1])
        lat, lon, xyz = world.lat[part], world.lon[part], world.xyz[part]
        along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(xyz, axis=0), axis=1))])
        pieces = max(1, math.ceil(along[-1] / CHUNK))
        bounds = np.searchsorted(along, np.linspace(0.0, along[-1], pieces + 1))
        bounds[0], bounds[-1] = 0, lat.size - 1
        for a, b in itertools.pairwise(bounds):
            if b <= a:
                continue
            middle = (a + b) // 2
            rho, azimuth, _ = inverse(lat[middle], lon[middle], lat[a : b + 1], lon[a : b + 1])
            line = np.stack([rho * np.sin(np.radians(azimuth)), rho * np.cos(np.radians(azimuth))], axis=1)
            reach = float(rho.max()) + BELT
            grown = offset(line, radius * (1 + reach**2 / (6 * EARTH**2)))
            moved = []
            for ring in [grown.exterior, *grown.interiors]:  # a ring-shaped stretch may hold open sea
                xy = np.asarray(ring.coords)
                la, lo, _ = direct(
                    lat[middle], lon[middle], np.degrees(np.arctan2(xy[:, 0], xy[:, 1])), np.hypot(*xy.T)
                )
                moved.append(np.stack(plane(lo, la), axis=1))
            shape = shapely.Polygon(moved[0], moved[1:])
            out.append(shape if shape.is_valid else shapely.make_valid(shape))
    return out


def dense(world: World, points: np.ndarray, others: cKDTree, far: float) -> tuple[Floats, Floats]:
    """Coast points for the Voronoi diagram: sampled more finely the nearer the other coast is.

    points : indices of samples; a segment joins a sample to the next of its arc where both are in `points`.
    """
    chosen = np.zeros(world.lat.size + 1, bool)
    chosen[points] = True
    follows = chosen[points + 1] & (
        world.arc_of[np.minimum(points + 1, world.lat.size - 1)] == world.arc_of[points]
    )
    a = points[follows]
    middle = (world.xyz[a] + world.xyz[a + 1]) / 2
    length = np.linalg.norm(world.xyz[a + 1] - world.xyz[a], axis=1)
    away, _ = others.query(middle, distance_upper_bound=far)
    step = np.clip(0.06 * (away - SAMPLE / 2), 25.0, 1500.0)
    pieces = np.maximum(1, np.ceil(length / step)).astype(int)
    seg = np.repeat(np.arange(a.size), pieces)
    part = (np.arange(seg.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[seg]
    dlon = (world.lon[a + 1] - world.lon[a] + 180.0) % 360.0 - 180.0
    lat = world.lat[a][seg] + part * (world.lat[a + 1] - world.lat[a])[seg]
    lon = world.lon[a][seg] + part * dlon[seg]
    return np.concatenate([lat, world.lat[points]]), np.concatenate([lon, world.lon[points]])


def others_cells(world: World, own: np.ndarray, other: np.ndarray, plane: Proj) -> shapely.Geometry:
    """Union of the Voronoi cells of the others' coast samples (`own`, `other`: sample indices)."""
    own_tree, other_tree = cKDTree(world.xyz[own]), cKDTree(world.xyz[other])
    reach = 2 * BELT + 200.0
    to_own, _ = own_tree.query(world.xyz[other], distance_upper_bound=reach + SAMPLE)
    other = other[np.isfinite(to_own)]
    if not other.size:
        return shapely.Polygon()
    other_tree = cKDTree(world.xyz[other])
    to_other, _ = other_tree.query(world.xyz[own])
    near = own[to_other < reach + SAMPLE]
    middle = own[(to_other >= reach + SAMPLE) & (to_other < 70e3)]
    far = own[to_other >= 70e3][::4]
    o_lat, o_lon = dense(world, other, cKDTree(world.xyz[near]), np.inf)
    n_lat, n_lon = dense(world, near, other_tree, np.inf)
    own_lat = np.concatenate([n_lat, world.lat[middle], world.lat[far]])
    own_lon = np.concatenate([n_lon, world.lon[middle], world.lon[far]])
    own_xy = np.unique(np.stack(plane(own_lon, own_lat), axis=1), axis=0)
    other_xy = np.unique(np.stack(plane(o_lon, o_lat), axis=1), axis=0)
    shared = np.intersect1d(as_complex(own_xy), as_complex(other_xy))
    # where the nearest coast is the very end of the common border, the water is as near to both: both close it
    other_xy = other_xy[~np.isin(as_complex(other_xy), shared)]
    if not other_xy.size or not own_xy.size:
        return shapely.Polygon()
    centre = other_xy.mean(axis=0)
    extent = 3 * max(np.abs(own_xy - centre).max(), np.abs(other_xy - centre).max(), 3e5)
    turn = np.linspace(0, 2 * np.pi, 17)[:-1]
    ring = centre + extent * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    seeds = np.concatenate([other_xy, own_xy, ring])
    diagram = Voronoi(seeds - centre)
    cells = []
    for k in range(len(other_xy)):
        region = diagram.regions[diagram.point_region[k]]
        if len(region) > 2 and -1 not in region:
            cells.append(shapely.Polygon(diagram.vertices[region] + centre))
    cells = [c if c.is_valid else c.buffer(0) for c in cells]
    return shapely.union_all(cells)


def as_complex(xy: np.ndarray) -> np.ndarray:
    return xy[:, 0] + 1j * xy[:, 1]


def grow_simpler(ring: np.ndarray, fixed: np.ndarray, inside_left: bool, most: float) -> np.ndarray:
    """Fewer vertices round a slightly larger area: nothing is lost, nothing gained beyond `most` [m].

    A reflex vertex goes where the notch it makes is shallow; an edge between two convex vertices goes where
    its neighbours, made longer, meet close above it. `fixed` vertices stay. ring : closed (n, 2) in a plane.
    """
    sign = 1.0 if inside_left else -1.0
    x, y = ring[:-1, 0].tolist(), ring[:-1, 1].tolist()
    n = len(x)
    alive, still = [True] * n, fixed.tolist()
    before = [(k - 1) % n for k in range(n)]
    after = [(k + 1) % n for k in range(n)]
    grown = [0.0] * n  # bound on what was added at the edge that leaves each vertex
    count = n

    def turn(a: int, b: int, c: int) -> float:
        return sign * ((x[b] - x[a]) * (y[c] - y[b]) - (y[b] - y[a]) * (x[c] - x[b]))

    stages = [most / 16, most / 8, most / 4, most / 2, most]  # the cheap ones first
    while stages and count > 6:
        limit = stages[0]
        changed = False
        for b in range(n):
            if not alive[b] or still[b] or count <= 6:
                continue
            a, c = before[b], after[b]
            if turn(a, b, c) <= 0.0:  # reflex or straight
                length = math.hypot(x[c] - x[a], y[c] - y[a])
                if not 0.0 < length < LONGEST_EDGE:
                    continue
                depth = abs((x[c] - x[a]) * (y[b] - y[a]) - (y[c] - y[a]) * (x[b] - x[a])) / length
                total = depth + max(grown[a], grown[b])
                if total > limit:
                    continue
                grown[a] = total
            else:
                d = after[c]
                if still[c] or d == a or turn(b, c, d) <= 0.0:
                    continue
                ux, uy, vx, vy = x[b] - x[a], y[b] - y[a], x[c] - x[d], y[c] - y[d]
                cross = ux * vy - uy * vx
                if sign * cross >= 0.0 and abs(cross) < 1e-9:
                    continue
                t = ((x[d] - x[a]) * vy - (y[d] - y[a]) * vx) / cross
                w = ((x[d] - x[a]) * uy - (y[d] - y[a]) * ux) / cross
                if not (t > 1.0 and w > 1.0):
                    continue  # the two edges do not meet beyond b and c
                px, py = x[a] + t * ux, y[a] + t * uy
                length = math.hypot(x[c] - x[b], y[c] - y[b])
                if length == 0.0:
                    continue
                height = abs((x[c] - x[b]) * (py - y[b]) - (y[c] - y[b]) * (px - x[b])) / length
                total = height + grown[b]
                if total > limit or math.hypot(px - x[a], py - y[a]) > LONGEST_EDGE:
                    continue
                x[b], y[b] = px, py
                grown[a], grown[b] = max(grown[a], total), max(grown[c], total)
                b, c = c, d  # the old c is the vertex that goes
                a = before[b]
            alive[b] = False
            after[a], before[c] = c, a
            count -= 1
            changed = True
        if not changed:
            stages.pop(0)
    kept = [k for k in range(n) if alive[k]]
    points = np.array([[x[k], y[k]] for k in kept])
    return np.concatenate([points, points[:1]])


def belt(world: World, owned: np.ndarray, with_islets: bool) -> list[np.ndarray]:
    """Closed (n, 2) lat, lon rings of the nearest belt of the pieces owned."""
    layer = world.layer
    usable = np.ones(layer.left.size, bool) if with_islets else ~world.islet_arc
    own_left, own_right = _side(owned, layer.left), _side(owned, layer.right)
    boundary = (own_left != own_right) & usable
    coast = boundary & ((layer.left == SEA) | (layer.right == SEA))
    others_coast = ~own_left & ~own_right & ((layer.left == SEA) | (layer.right == SEA)) & usable
    rings = world.rings(owned)
    if not rings and not coast.any():
        return []
    own_samples = np.nonzero(boundary[world.arc_of])[0]
    part_of = components(np.unique(world.cell[own_samples]))
    groups: dict[int, list[Ring]] = defaultdict(list)
    for ring in rings:
        groups[part_of[int(cell_of(ecef(ring.lat[:1], ring.lon[:1]))[0])]].append(ring)
    coast_of: dict[int, list[int]] = defaultdict(list)
    for i in np.nonzero(coast)[0]:
        coast_of[part_of[int(world.cell[world.start[i]])]].append(i)
    result = []
    for group in sorted(set(groups) | set(coast_of)):
        if not coast_of[group]:
            result.extend(np.stack([ring.lat, ring.lon], axis=1) for ring in groups[group])
            continue
        result.extend(
            group_belt(world, owned, groups[group], np.array(coast_of[group]), others_coast, with_islets)
        )
    return result


def group_belt(
    world: World,
    owned: np.ndarray,
    rings: list[Ring],
    coast: np.ndarray,
    others_coast: np.ndarray,
    with_islets: bool,
) -> list[np.ndarray]:
    is_mine = np.zeros(world.layer.left.size, bool)
    is_mine[coast] = True
    own = np.nonzero(is_mine[world.arc_of])[0]
    middle = world.xyz[own].mean(axis=0)
    lat0 = math.degrees(math.asin(middle[2] / np.linalg.norm(middle)))
    lon0 = math.degrees(math.atan2(middle[1], middle[0]))
    plane = Proj(proj="stere", lat_0=round(lat0, 1), lon_0=round(lon0, 1), ellps="WGS84")
    native_xy, native_at = [np.array([np.nan + 0j])], [np.full((1, 2), np.nan)]  # never matched

    def project(ring: Ring) -> np.ndarray:
        xy = np.stack(plane(ring.lon, ring.lat), axis=1)
        native_xy.append(as_complex(xy))
        native_at.append(np.stack([ring.lat, ring.lon], axis=1))
        return xy

    land = polygons([project(ring) for ring in rings])
    zone = dilate(np.unique(world.cell[own]))
    other = np.nonzero(others_coast[world.arc_of] & np.isin(world.cell, zone))[0]
    near_pieces = [
        p
        for p in range(len(world.pieces))
        if not owned[p]
        and (with_islets or world.pieces[p].area)
        and np.isin(world.cells_of_piece[p], zone).any()
    ]
    other_land = shapely.union_all(
        [polygons([project(ring) for ring in world.piece_rings(p)]) for p in near_pieces]
    )
    water = shapely.union_all(buffers(world, coast, plane))
    if other.size:
        cells = others_cells(world, own, other, plane)
        if not cells.is_empty:
            scale = (
                1
                / math.cos(
                    math.atan(
                        np.abs(as_complex(np.stack(plane(world.lon[own], world.lat[own]), 1))).max()
                        / (2 * EARTH)
                    )
                )
                ** 2
            )
            water = water.difference(cells.buffer(-GROW * scale, join_style="mitre"))
    keys, where = np.unique(np.concatenate(native_xy), return_index=True)  # NaN sorts last
    places = np.concatenate(native_at)[where]

    def native(xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        at = np.minimum(np.searchsorted(keys, as_complex(xy)), keys.size - 1)
        return keys[at] == as_complex(xy), places[at]

    def simpler(shape: shapely.Polygon) -> shapely.Geometry:
        rings = []
        for k, ring in enumerate([shape.exterior, *shape.interiors]):
            xy = np.asarray(ring.coords)
            if k and shapely.Polygon(xy).area < 1e5 and not other_land.intersects(shapely.Polygon(xy)):
                continue  # a sliver between two stretches of coast
            rings.append((xy, native(xy)[0][:-1], ring.is_ccw != bool(k)))
        for most in (SIMPLIFY, SIMPLIFY / 2, SIMPLIFY / 4, SIMPLIFY / 8):
            shells = [grow_simpler(*ring, most) for ring in rings]
            out = shapely.Polygon(shells[0], shells[1:])
            if out.is_valid:
                return out
            mended = shapely.make_valid(out)
            if mended.covers(shape.buffer(-0.01)):
                return mended
        return shape

    whole = water.union(land)
    whole = shapely.union_all([simpler(p) for p in shapely.get_parts(whole) if p.geom_type == "Polygon"])
    if near_pieces:
        whole = whole.difference(other_land)
    out = []
    for shape in shapely.get_parts(whole):
        if shape.geom_type != "Polygon" or shape.is_empty:
            continue
        for ring in [shape.exterior, *shape.interiors]:
            xy = np.asarray(ring.coords)
            exact, place = native(xy)
            lon, lat = plane(xy[:, 0], xy[:, 1], inverse=True)
            out.append(np.where(exact[:, None], place, np.stack([lat, lon], axis=1)))
    return out
