"""From latitude and longitude to a picture: a globe seen from far away, or a flat map of a region.

Both are drawn from unit vectors of the sphere, so the antimeridian and the poles need no special case.
The globe is orthographic: what lies beyond the horizon is cut along it. The map is stereographic, true
in angle; its scale holds at the centre and grows by 1 % at 11.5 degrees from it (Snyder, Map Projections:
A Working Manual, USGS Professional Paper 1395, 1987, chapters 20 and 21). Pictures only: no figure is
measured here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from longreach.geodesy import EARTH_RADIUS, Floats, unit_vectors

_ARC_STEP = np.radians(3.0)


@dataclass(frozen=True, slots=True)
class View:
    """Where to look at the earth from, and how large.

    Parameters
    ----------
    kind : "globe" (orthographic) or "map" (stereographic)
    lat, lon : the middle of the picture, degrees
    radius_px : pixels to one earth radius, at the middle
    width, height : of the picture, pixels
    """

    kind: str
    lat: float
    lon: float
    radius_px: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """Pixel coordinates of the centre."""
        return self.width / 2, self.height / 2

    @property
    def shows_disc(self) -> bool:
        """True where the whole globe fits in the picture."""
        return self.kind == "globe" and self.radius_px <= min(self.width, self.height) / 2

    def pixels(self, metres: float) -> float:
        """Length in the picture, at its centre, of a length on the ground [m]."""
        return metres / EARTH_RADIUS * self.radius_px

    def turn(self, lat: ArrayLike, lon: ArrayLike) -> Floats:
        """(n, 3) unit vectors as seen from here: right, up, toward the eye."""
        return self.rotate(unit_vectors(lat, lon))

    def rotate(self, vectors: Floats) -> Floats:
        """The same of (n, 3) unit vectors of the earth."""
        phi, lam = np.radians(self.lat), np.radians(self.lon)
        right = [-np.sin(lam), np.cos(lam), 0.0]
        up = [-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)]
        toward = [np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)]
        seen: Floats = vectors @ np.array([right, up, toward]).T
        return seen

    def place(self, seen: Floats) -> Floats:
        """(n, 2) pixels of (n, 3) turned vectors; nothing is cut."""
        scale = np.full(len(seen), self.radius_px)
        if self.kind == "map":
            scale = scale * 2.0 / np.maximum(1.0 + seen[:, 2], 0.02)
        x, y = self.middle
        return np.stack([x + seen[:, 0] * scale, y - seen[:, 1] * scale], axis=-1)

    def point(self, lat: float, lon: float) -> tuple[float, float] | None:
        """Pixels of one point, or None where it is beyond the horizon or out of the picture."""
        seen = self.turn([lat], [lon])
        if (self.kind == "globe" and seen[0, 2] <= 0.0) or seen[0, 2] <= -0.9:
            return None
        x, y = self.place(seen)[0]
        return (float(x), float(y)) if 0 <= x <= self.width and 0 <= y <= self.height else None


def ring_path(view: View, rings: Iterable[tuple[ArrayLike, ArrayLike]], *, holds_pole: bool = False) -> str:
    """SVG path data of the area inside rings, by even-odd rule; "" where none of it is seen.

    Parameters
    ----------
    rings : (lat, lon) pairs of arrays in degrees, closed or not
    holds_pole : the north pole is inside
    """
    parts: list[str] = []
    behind = holds_pole
    for lat_deg, lon_deg in rings:
        lat, lon = np.asarray(lat_deg, float), np.asarray(lon_deg, float)
        if lat.size < 3:
            continue
        seen = view.turn(lat, lon)
        if view.kind == "globe" and (seen[:, 2] <= 0.0).all():  # wholly hidden: the disc is all in or all out
            behind ^= _crosses_north(lat, lon, view.lat, view.lon)
            continue
        behind ^= _crosses_north(lat, lon, -view.lat, view.lon + 180.0)
        if view.kind == "globe":
            seen = _cut_ring(seen)
        pixels = view.place(seen)
        if _could_show(view, pixels):
            parts.append(_closed(_inside(view, pixels)))
    path = "".join(parts)
    if behind:  # the far point lies inside: what the rings bound on the picture is the outside
        path += _whole(view)
    return path


def _could_show(view: View, pixels: Floats) -> bool:
    """False for a ring that lies beside the picture or is smaller than half a pixel."""
    x0, y0 = pixels.min(axis=0)
    x1, y1 = pixels.max(axis=0)
    beside = x1 < -1.0 or x0 > view.width + 1.0 or y1 < -1.0 or y0 > view.height + 1.0
    return not beside and bool(max(x1 - x0, y1 - y0) >= 0.5)


def line_path(view: View, lat: ArrayLike, lon: ArrayLike, tolerance: float = 0.4) -> str:
    """SVG path data of an open line, cut at the horizon; "" where none of it is seen."""
    return "".join(_drawn(_thin(run, tolerance)) for run in line_runs(view, lat, lon))


def many_lines_path(view: View, vectors: Floats, starts: Floats, tolerance: float = 1.0) -> str:
    """SVG path data of many open lines at once.

    Parameters
    ----------
    vectors : (n, 3) unit vectors of all lines, one after another
    starts : (m + 1,) line i has vectors[starts[i]:starts[i + 1]]
    """
    seen = view.rotate(vectors)
    pixels = view.place(seen)
    near = (seen[:, 2] > 0.0) & _near(view, pixels)
    some = np.logical_or.reduceat(near, starts[:-1].astype(int))
    path = []
    for line in np.flatnonzero(some):
        for run in _runs(view, seen[int(starts[line]) : int(starts[line + 1])]):
            path.append(_drawn(_thin(run, tolerance)))
    return "".join(path)


def line_runs(view: View, lat: ArrayLike, lon: ArrayLike) -> list[Floats]:
    """(k, 2) pixel runs of an open line: on this side of the horizon and near the picture."""
    return _runs(view, view.turn(np.asarray(lat, float), np.asarray(lon, float)))


def _runs(view: View, seen: Floats) -> list[Floats]:
    if len(seen) < 2:
        return []
    if view.kind == "globe":
        seen = _with_crossings(seen, closed=False)
        shown = seen[:, 2] >= -1e-12
    else:
        shown = seen[:, 2] > -0.8
    pixels = view.place(seen)
    near = _near(view, pixels)
    keep = shown & near
    keep |= shown & (np.append(keep[1:], False) | np.append(False, keep[:-1]))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], keep.astype(int), [0]])))
    return [pixels[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]


def _near(view: View, pixels: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which pixels lie in the picture or within a fifth of its size beside it."""
    margin = 0.2 * max(view.width, view.height)
    x, y = pixels[:, 0], pixels[:, 1]
    return (x > -margin) & (x < view.width + margin) & (y > -margin) & (y < view.height + margin)


def whole_path(view: View) -> str:
    """SVG path data of everything the picture can show: the disc of the globe, or the frame."""
    return _whole(view)


def _whole(view: View) -> str:
    if view.kind == "globe":
        (x, y), r = view.middle, view.radius_px
        half = f"A{r:.1f} {r:.1f} 0 1 1"
        return f"M{x - r:.1f} {y:.1f}{half} {x + r:.1f} {y:.1f}{half} {x - r:.1f} {y:.1f}Z"
    m = 0.5 * max(view.width, view.height)
    return f"M{-m:.0f} {-m:.0f}H{view.width + m:.0f}V{view.height + m:.0f}H{-m:.0f}Z"


def _cut_ring(seen: Floats) -> Floats:
    """A ring, partly in front, with what is behind the horizon pushed out to it."""
    if (seen[:, 2] >= 0.0).all():
        return seen
    seen = _with_crossings(seen, closed=True)
    hidden = seen[:, 2] < 0.0
    out = seen.copy()
    length = np.hypot(out[:, 0], out[:, 1])
    limb = hidden | (np.abs(seen[:, 2]) < 1e-12)
    out[limb] /= np.where(length[limb] > 1e-12, length[limb], 1.0)[:, None]
    # Along the horizon the ring must follow the circle, not the chord.
    after = np.roll(np.arange(len(out)), -1)
    angle = np.arctan2(out[:, 1], out[:, 0])
    sweep = (angle[after] - angle + np.pi) % (2 * np.pi) - np.pi
    steps = np.where(limb & limb[after], np.ceil(np.abs(sweep) / _ARC_STEP), 1).astype(int)
    steps = np.maximum(steps, 1)
    owner = np.repeat(np.arange(len(out)), steps)
    part = (np.arange(owner.size) - np.repeat(np.cumsum(steps) - steps, steps)) / steps[owner]
    bend = angle[owner] + part * sweep[owner]
    arc = np.stack([np.cos(bend), np.sin(bend), np.zeros(owner.size)], axis=-1)
    return np.where((part > 0)[:, None], arc, out[owner])


def _with_crossings(seen: Floats, *, closed: bool) -> Floats:
    """The same chain with a vertex added wherever it crosses the horizon."""
    after = np.roll(seen, -1, axis=0)
    crosses = (seen[:, 2] > 0) != (after[:, 2] > 0)
    if not closed:
        crosses[-1] = False
    where = np.flatnonzero(crosses)
    if where.size == 0:
        return seen
    a, b = seen[where], after[where]
    share = a[:, 2] / (a[:, 2] - b[:, 2])
    cut = a + share[:, None] * (b - a)
    cut[:, 2] = 0.0
    cut /= np.hypot(cut[:, 0], cut[:, 1])[:, None]
    return np.insert(seen, where + 1, cut, axis=0)


def _inside(view: View, pixels: Floats) -> Floats:
    """A ring cut (Sutherland and Hodgman 1974) to the picture with a margin, so that files stay small."""
    margin = 0.05 * max(view.width, view.height)
    bounds = (
        (0, -margin, 1.0),
        (0, view.width + margin, -1.0),
        (1, -margin, 1.0),
        (1, view.height + margin, -1.0),
    )
    return clip_ring(pixels, bounds)


def clip_ring(points: Floats, bounds: Iterable[tuple[int, float, float]]) -> Floats:
    """(m, 2) ring cut to half planes (axis, bound, sign): sign * (value - bound) >= 0 stays."""
    for axis, bound, sign in bounds:
        if len(points) == 0:
            break
        depth = sign * (points[:, axis] - bound)
        inside = depth >= 0.0
        if inside.all():
            continue
        after, depth_after = np.roll(points, -1, axis=0), np.roll(depth, -1)
        crosses = inside != np.roll(inside, -1)
        span = np.where(crosses, depth - depth_after, 1.0)
        cut = points + (depth / span)[:, None] * (after - points)
        both = np.stack([points, cut], axis=1).reshape(-1, 2)
        points = both[np.stack([inside, crosses], axis=1).ravel()]
    return points


def _closed(pixels: Floats) -> str:
    points = _thin(pixels, 0.5)
    if len(points) < 3:
        return ""
    path = _drawn(points)
    return path and path + "z"


def _drawn(points: Floats) -> str:
    """Path data through points rounded to a tenth of a pixel, by steps, so that files stay small."""
    tenths = np.rint(points * 10.0).astype(int)
    steps = np.diff(tenths, axis=0)
    steps = steps[steps.any(axis=1)]
    if len(steps) == 0:
        return ""
    x, y = tenths[0].tolist()
    return f"M{x / 10:g} {y / 10:g}l" + " ".join(f"{dx / 10:g} {dy / 10:g}" for dx, dy in steps.tolist())


def _thin(points: Floats, tolerance: float) -> Floats:
    """Without vertices that fall into the same square of side `tolerance` as the one before; ends stay."""
    if len(points) < 3:
        return points
    cell = np.floor(points / tolerance)
    keep = np.concatenate([[True], (cell[1:] != cell[:-1]).any(axis=1)])
    keep[-1] = True
    return points[keep]


def _crosses_north(lat: Floats, lon: Floats, at_lat: float, at_lon: float) -> bool:
    """True where the meridian from a point to the north pole crosses the ring an odd number of times."""
    east = (lon - at_lon + 180.0) % 360.0 - 180.0
    east_after, lat_after = np.roll(east, -1), np.roll(lat, -1)
    short_way = np.abs(east_after - east) < 180.0
    straddles = ((east < 0) != (east_after < 0)) & short_way
    span = np.where(straddles, east_after - east, 1.0)
    crossing = lat - east / span * (lat_after - lat)
    return bool(np.count_nonzero(straddles & (crossing > at_lat)) % 2)


def enclosing_cap(lat: ArrayLike, lon: ArrayLike) -> tuple[float, float, float]:
    """Centre (lat, lon) and radius, degrees, of a small circle that holds all points, near the smallest.

    Badoiu and Clarkson's step toward the farthest point, on the sphere; within about 1 % of the least.
    """
    vectors = unit_vectors(np.ravel(lat), np.ravel(lon))
    centre = vectors.mean(axis=0)
    if np.linalg.norm(centre) < 1e-6:
        centre = vectors[0] + 1e-3
    centre /= np.linalg.norm(centre)
    for step in range(1, 120):
        farthest = vectors[int(np.argmin(vectors @ centre))]
        centre = centre + (farthest - centre) / (step + 1)
        centre /= np.linalg.norm(centre)
    radius = np.degrees(np.arccos(np.clip((vectors @ centre).min(), -1.0, 1.0)))
    lat0 = np.degrees(np.arcsin(np.clip(centre[2], -1.0, 1.0)))
    return float(lat0), float(np.degrees(np.arctan2(centre[1], centre[0]))), float(radius)
