"""What closed boundaries reach, drawn and measured, against brute force; and what sight lines leave out unseen."""

import itertools

import numpy as np
import pytest

from longreach import route
from longreach.geodesy import densify, direct, distance
from longreach.route import _kernels as kernels
from longreach.route import graph, obstacles
from longreach.route.chunks import chunks
from longreach.route.offset import Segments, widened
from longreach.route.plane import Plane, position, unit
from longreach.world import airspace
from longreach.world.airspace import BoundaryLine, Closure

GRAIN = 50.0


def wiggle(seed, reach, vertices=60):
    """A closure that is one random bent line, of kinks shallow and deep, somewhere on the globe."""
    rng = np.random.default_rng(seed)
    lat, lon = [float(rng.uniform(-75, 75))], [float(rng.uniform(-180, 180))]
    azimuth = rng.uniform(0, 360)
    for _ in range(vertices):
        azimuth += rng.choice([2.0, 40.0]) * rng.normal()
        y, x, azimuth = direct(
            lat[-1], lon[-1], azimuth, float(np.exp(rng.uniform(np.log(500), np.log(30e3))))
        )
        lat.append(float(y))
        lon.append(float(x))
    line = BoundaryLine(np.array(lat), np.array(lon), reach)
    return Closure("w", "w", "user", (), (line,), 0.0, False, "test")


def from_line(closure, lat, lon):
    """Distances [m] from points to a closure's line, by PROJ to points of it every 100 m."""
    line = closure.lines[0]
    y, x, _ = densify(line.lat, line.lon, 100.0)
    return np.array([distance(p, q, y, x).min() for p, q in zip(lat, lon, strict=True)])


def edge_points(geometry, plane, number, rng):
    import shapely

    rings = shapely.get_rings(shapely.get_parts(geometry))
    points = [
        shapely.get_coordinates(shapely.line_interpolate_point(ring, rng.random(number), normalized=True))
        for ring in rings
    ]
    return position(plane.back(np.concatenate(points)))


@pytest.mark.parametrize(("seed", "reach"), [(1, 92_600.0), (2, 22_224.0), (3, 2_000.0), (4, 250_000.0)])
def test_the_edge_lies_within_a_grain_of_the_true_one_and_on_its_own_side(seed, reach):
    closure = wiggle(seed, reach)
    parts = chunks([closure])
    plane = Plane.about(unit(closure.lines[0].lat[0], closure.lines[0].lon[0]))
    outer, inner = widened(parts, [], (GRAIN, -GRAIN), GRAIN, plane)
    rng = np.random.default_rng(seed)
    for shape, side in ((outer, 1.0), (inner, -1.0)):
        beyond = from_line(closure, *edge_points(shape, plane, 30, rng)) - reach
        assert (beyond < side * GRAIN + 1.5).all()  # never too far
        assert (beyond > side * GRAIN - 0.6 * GRAIN).all()  # and hardly anything lacking


def test_the_nearest_segment_is_the_one_brute_force_finds():
    closures = [wiggle(7, 30_000.0), wiggle(8, 5_000.0)]
    segments = Segments.of(chunks(closures))
    rng = np.random.default_rng(0)
    line = closures[0].lines[0]
    lat, lon, _ = direct(rng.choice(line.lat, 60), rng.choice(line.lon, 60), rng.uniform(0, 360, 60), 40e3)
    _, beyond = segments.nearest(unit(lat, lon))
    brute = np.minimum(
        from_line(closures[0], lat, lon) - 30_000.0, from_line(closures[1], lat, lon) - 5_000.0
    )
    assert np.abs(beyond - brute).max() < 0.5


def test_corners_left_out_unseen_had_no_sight_line():
    """Balls, shut ways and first-order azimuths only spare work: tried without them the lines are the same."""
    closures = airspace.closures("GR,TR,NO", stand_off_m=0.0)
    prepared = route.prepare(closures, disk=False, grain_m=200.0)
    net = prepared.outer
    n = net.node.size
    assert net.shut.any()
    rng = np.random.default_rng(5)
    hint = np.full(1, -1)
    for k in rng.choice(n, 25, replace=False):
        v = int(net.node[k])
        found = []
        for j in range(n):
            w = int(net.node[j])
            if j == k:
                continue
            line = kernels.line(*net.vert[v], net.lon[v], *net.vert[w], net.lon[w])
            if not line[0]:
                continue
            if w not in (net.nxt[v], net.prv[v]):
                leave, arrive = kernels.tangent(line, 0.0), kernels.tangent(line, line[2])
                back = tuple(-one for one in arrive)
                if not kernels._supports(net, v, *leave) or kernels._dives(net, v, *leave):
                    continue
                if not kernels._supports(net, w, *arrive) or kernels._dives(net, w, *back):
                    continue
            if kernels.clear(net, line, *net.vert[w], v, net.prv[v], w, net.prv[w], hint):
                found.append(j)
        assert net.graph_to[net.graph_start[k] : net.graph_start[k + 1]].tolist() == found


def test_shallow_corners_go_and_deep_ones_stay():
    plane = Plane.about(unit(10.0, 20.0))
    square = np.array([[0, 0], [50e3, 0], [100e3, 0], [100e3, 100e3], [50e3, 100e3], [0, 100e3]], float)
    dented = square.copy()
    dented[1, 1], dented[4, 1] = 0.4, 100e3 - 300.0  # 0.4 m and 300 m inwards
    u = plane.back(dented)
    kept = obstacles.without_shallow(u, 0.6 / 6.378e6)
    assert len(kept) in (4, 5) and any(np.allclose(one, u[4]) for one in kept)
    assert not any(np.allclose(one, u[1], atol=1e-12, rtol=0) for one in kept)


def test_balls_hold_their_points():
    rng = np.random.default_rng(3)
    points = rng.normal(size=(203, 3))
    points /= np.linalg.norm(points, axis=1)[:, None]
    ball, begin = kernels.balls(points)
    size = 1
    for low, high in itertools.pairwise(begin):
        size *= kernels.FAN
        for i in range(high - low):
            some = points[i * size : (i + 1) * size]
            assert (np.linalg.norm(some - ball[low + i, :3], axis=1) <= ball[low + i, 3]).all()
    assert high - low == 1


def test_a_set_without_boundary_is_open():
    assert graph.with_sight_lines(route.prepare([], disk=False).outer, relaxed=False).graph_to.size == 0
