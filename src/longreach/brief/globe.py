"""The world and the region as SVG: closed areas, stand-off, tracks, bases, labels that do not collide.

`route_map` is for anyone with a path and closures; `mission_globes` and `region_map` draw a whole plan.
All of it is plain SVG with a title and a description; no script, no outside request, and the same input
gives the same bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from longreach import geodesy
from longreach.brief.names import airport_name
from longreach.brief.projection import (
    View,
    clip_ring,
    enclosing_cap,
    line_path,
    line_runs,
    many_lines_path,
    ring_path,
    whole_path,
)
from longreach.geodesy import EARTH_RADIUS, Floats
from longreach.page.charts import text_width
from longreach.page.shell import figure_style
from longreach.units import NAUTICAL_MILE

Ring = tuple[Any, Any]  # lat, lon arrays [deg]


@dataclass(frozen=True, slots=True)
class Area:
    """A filled area: rings by even-odd rule, and the limit of its stand-off if there is one."""

    rings: tuple[Ring, ...]
    label: str
    title: str
    style: str = "closed"
    limit: tuple[Ring, ...] = ()
    holds_pole: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn track. style: out | back | tanker | partner | refuel; flight: the id it belongs to."""

    lat: Floats
    lon: Floats
    style: str
    title: str
    arrows: int = 0
    flight: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled point. shape: square | triangle | diamond | number | dot | ring."""

    lat: float
    lon: float
    label: str
    title: str
    shape: str
    style: str
    inner: str = ""
    rank: int = 1


@dataclass(frozen=True, slots=True)
class Name:
    """A word on the backdrop at a pixel, drawn only where there is room."""

    x: float
    y: float
    text: str


def svg(
    view: View,
    *,
    title: str,
    description: str,
    areas: Sequence[Area] = (),
    lines: Sequence[Line] = (),
    marks: Sequence[Mark] = (),
    land: Sequence[Area] | None = None,
    legend: Sequence[tuple[str, str]] = (),
    scale_bar: bool = False,
    standalone: bool = False,
    ident: str = "map",
    wind: str = "",
    note: str = "",
) -> str:
    """The picture of one view as an SVG element.

    Parameters
    ----------
    wind : path of wind arrows, under the lines (`wind_path`)
    ident : begins every id inside, unique on its page
    land : backdrop; the shipped Natural Earth 1:110m outline where None
    legend : (style, words) for a key under the picture
    note : one line under the key
    standalone : with its own style sheet and namespace, for a file of its own
    """
    key_rows = _legend_rows(legend, view.width)
    height = view.height + 22 * (len(key_rows) + bool(note)) + (10 if key_rows or note else 0)
    head = f'<svg class="fig" viewBox="0 0 {view.width:g} {height:g}" role="img" aria-labelledby="{ident}-t {ident}-d"'
    if standalone:
        head += f' xmlns="http://www.w3.org/2000/svg" width="{view.width:g}" height="{height:g}"'
    out = [
        head + ">",
        f'<title id="{ident}-t">{escape(title)}</title>',
        f'<desc id="{ident}-d">{escape(description)}</desc>',
    ]
    if standalone:
        out.append(f"<style>{figure_style('longreach.brief', 'map.css')}</style>")
    rounded = 0 if view.shows_disc else 6
    out.append(
        f'<defs><clipPath id="{ident}-c"><rect width="{view.width:g}" height="{view.height:g}" rx="{rounded}"/></clipPath>'
        f"{_hatching(ident)}</defs>"
    )
    out.append(f'<g clip-path="url(#{ident}-c)">')
    out.append(f'<path class="sea" d="{whole_path(view)}"/>')
    out += _backdrop(view, land)
    for area in areas:
        out += _area(view, area, ident)
    if wind:
        out.append(f'<path class="wind" d="{wind}"/>')
    out += _lines(view, lines)
    backdrop = [
        Name(*at, area.label.upper())
        for area in land or ()
        if area.label and (at := _label_place(view, area)) is not None
    ]
    out += _marks_and_labels(view, areas, lines, marks, backdrop, scale_bar)
    if scale_bar:
        out.append(_scale_bar(view))
    out.append("</g>")
    if view.shows_disc:
        x, y = view.middle
        out.append(f'<circle class="limb" cx="{x:g}" cy="{y:g}" r="{view.radius_px:g}"/>')
    else:
        out.append(
            f'<rect class="limb" x=".6" y=".6" width="{view.width - 1.2:g}" height="{view.height - 1.2:g}" rx="6"/>'
        )
    for row, entries in enumerate(key_rows):
        for x, style, words in entries:
            out.append(_key(x, view.height + 22 + 22 * row, style, words, ident))
    if note:
        out.append(f'<text x="4" y="{height - 10:g}" style="font-size:11px">{escape(note)}</text>')
    out.append("</svg>")
    return "".join(out)


def route_map(
    path_lat: ArrayLike,
    path_lon: ArrayLike,
    closures: Iterable[Any] = (),
    title: str = "Route",
    *,
    stand_off_note: str = "",
    wind: Wind | None = None,
    note: str = "",
) -> str:
    """A standalone SVG of one route and the closed areas it goes round.

    Parameters
    ----------
    wind : gives wind toward east and north [m/s] at places, for arrows, with the words for the key
    path_lat, path_lon : (n,) vertices joined by geodesics, degrees; may be empty (no route)
    closures : `longreach.world.airspace.Closure` values
    title : one line, also the picture's accessible name
    note : one line under the key
    """
    closures = list(closures)
    lat, lon, _ = geodesy.densify(path_lat, path_lon, 50_000.0)
    if lat.size:
        centre = enclosing_cap(lat, lon)
    elif closures:
        points = [np.array(_pair(part), float) for c in closures for part in c.rings]
        centre = enclosing_cap(np.concatenate([p[0] for p in points]), np.concatenate([p[1] for p in points]))
    else:
        centre = (0.0, 0.0, 90.0)
    view = globe_view(centre, 760, 640)
    tolerance = EARTH_RADIUS / view.radius_px
    areas = [closed_area(closure, tolerance) for closure in closures]
    lines, marks = [], []
    if lat.size:
        lines = [Line(lat, lon, "out", title, arrows=1)]
        ends = [("from", lat[0], lon[0]), ("to", lat[-1], lon[-1])]
        marks = [Mark(a, o, name, name, "square", "lead", rank=0) for name, a, o in ends]
    length = geodesy.path_length(lat, lon) / NAUTICAL_MILE
    names = ", ".join(area.label for area in areas) or "none"
    what = f"A route of {length:,.0f} nm" if lat.size else "No route"
    legend = [("out", "route")] if lat.size else []
    if areas:
        legend.append(("closed", "closed airspace"))
    if any(area.limit for area in areas):
        legend.append(("limit", stand_off_note or "limit of the stand-off"))
    arrows = ""
    if wind is not None:
        arrows = wind_path(view, wind)
        legend.append(("wind", wind.words))
    return svg(view, title=title, description=f"{what}. Closed: {names}.", areas=areas, lines=lines, marks=marks,
               legend=legend, standalone=True, ident="route", wind=arrows, note=note)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wind:
    """Wind to be drawn: at (lat, lon) arrays it gives u, v [m/s]; NaN where there is none to draw."""

    at: Callable[[Floats, Floats], tuple[Floats, Floats]]
    words: str


ARROW_EVERY = 34.0  # px between wind arrows
ARROW_PX = 0.42  # px of an arrow for each m/s


def wind_path(view: View, wind: Wind) -> str:
    """SVG path of arrows that point where the wind blows to, longer where it is stronger."""
    lat, lon = (
        each.ravel() for each in np.meshgrid(np.arange(-88.0, 89.0, 2.0), np.arange(-180.0, 180.0, 2.0))
    )
    seen = view.turn(lat, lon)
    pixels = view.place(seen)
    shown = (
        (seen[:, 2] > 0.15)
        & (pixels > 8.0).all(axis=1)
        & (pixels < [view.width - 8, view.height - 8]).all(axis=1)
    )
    lat, lon, pixels = lat[shown], lon[shown], pixels[shown]
    cells = np.floor(pixels / ARROW_EVERY).astype(int)
    off = np.hypot(*(pixels / ARROW_EVERY - cells - 0.5).T)
    order = np.lexsort((off, cells[:, 1], cells[:, 0]))
    first = np.append(True, (np.diff(cells[order], axis=0) != 0).any(axis=1))
    chosen = order[first]
    lat, lon, pixels = lat[chosen], lon[chosen], pixels[chosen]
    u, v = wind.at(lat, lon)
    speed = np.hypot(u, v)
    good = np.isfinite(speed) & (speed > 2.0)
    ahead_lat, ahead_lon, _ = geodesy.direct(
        lat[good], lon[good], np.degrees(np.arctan2(u[good], v[good])), 20e3
    )
    way = view.place(view.turn(ahead_lat, ahead_lon)) - pixels[good]
    way /= np.maximum(np.hypot(*way.T)[:, None], 1e-9)
    half = 0.5 * ARROW_PX * speed[good][:, None] * way
    out = []
    for (x0, y0), (x1, y1), (dx, dy) in zip(pixels[good] - half, pixels[good] + half, way, strict=True):
        back_x, back_y, side_x, side_y = x1 - 4 * dx, y1 - 4 * dy, -2.4 * dy, 2.4 * dx
        out.append(
            f"M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}M{back_x + side_x:.1f} {back_y + side_y:.1f}"
            f"L{x1:.1f} {y1:.1f}L{back_x - side_x:.1f} {back_y - side_y:.1f}"
        )
    return "".join(out)


def globe_view(cap: tuple[float, float, float], width: float, height: float) -> View:
    """A globe that shows a cap (lat, lon, radius [deg]): the whole disc, or nearer where the cap is small."""
    lat, lon, radius = cap
    half = min(width, height) / 2
    shown = max(math.sin(math.radians(min(radius, 90.0))), 0.02)
    near = 0.42 * min(width, height) / shown
    scale = near if near > 0.51 * math.hypot(width, height) else half - 4
    return View("globe", lat, lon, round(scale, 2), width, height)


def map_view(cap: tuple[float, float, float], width: float, height: float) -> View:
    """A flat map on which a cap (lat, lon, radius [deg]) fills the smaller side but for a margin."""
    lat, lon, radius = cap
    reach = 2.0 * math.tan(math.radians(radius) / 2.0)
    return View("map", lat, lon, round(0.44 * min(width, height) / reach, 2), width, height)


def closed_area(closure: Any, tolerance_m: float, around: tuple[float, float] | None = None,
                reach_m: float | None = None) -> Area:  # fmt: skip
    """A `Closure` as an area to draw, with the limit its stand-off sets.

    Parameters
    ----------
    tolerance_m : drawn lines may be this far off
    around, reach_m : draw only what lies within `reach_m` of this point (lat, lon), and most exactly there
    """
    limit = limit_rings(closure, tolerance_m, around, reach_m) if closure.stand_off_m else ()
    title = f"{closure.name}: closed airspace ({closure.id})"
    if closure.stand_off_m:
        title += f", stand-off {closure.stand_off_m / NAUTICAL_MILE:g} nm"
    rings, holds_pole = tuple(map(_pair, closure.rings)), closure.holds_north_pole
    if any(
        line.offset_m > 0.0 for line in closure.lines
    ):  # a plain belt or a circle reaches beyond its lines
        rings, holds_pole = _reach(closure, 0.0, tolerance_m, around, reach_m)
    return Area(rings, closure.name, title, "closed", limit, holds_pole)


def limit_rings(closure: Any, tolerance_m: float, around: tuple[float, float] | None = None,
                reach_m: float | None = None) -> tuple[Ring, ...]:  # fmt: skip
    """Rings round all that is nearer to a closure's boundary than its stand-off allows, for drawing.

    Buffers in a stereographic plane at the middle of the closure (or at `around`), at the plane's own scale
    along the line; the drawn width is within about 2 % of true.
    """
    return _reach(closure, closure.stand_off_m, tolerance_m, around, reach_m)[0]


def _reach(
    closure: Any,
    stand_off_m: float,
    tolerance_m: float,
    around: tuple[float, float] | None,
    reach_m: float | None,
) -> tuple[tuple[Ring, ...], bool]:
    """The rings of a closure widened by its offsets and a stand-off, and whether they hold the north pole."""
    import shapely

    pieces = [(np.asarray(a, float), np.asarray(o, float), 0.0, True) for a, o in map(_pair, closure.rings)]
    pieces += [(np.asarray(l.lat, float), np.asarray(l.lon, float), l.offset_m, False) for l in closure.lines]  # noqa: E741
    if not pieces:
        return (), False
    if around is None:
        vectors = geodesy.unit_vectors(
            np.concatenate([piece[0] for piece in pieces]), np.concatenate([piece[1] for piece in pieces])
        ).mean(axis=0)
        around = (
            float(np.degrees(np.arctan2(vectors[2], np.hypot(vectors[0], vectors[1])))),
            float(np.degrees(np.arctan2(vectors[1], vectors[0]))),
        )
    plane = View("map", around[0], around[1], EARTH_RADIUS, 0.0, 0.0)
    bounds: tuple[tuple[int, float, float], ...] = ()
    if reach_m is not None:
        bounds = ((0, -reach_m, 1.0), (0, reach_m, -1.0), (1, -reach_m, 1.0), (1, reach_m, -1.0))
    shells, bands = [], []
    for lat, lon, offset_m, is_ring in pieces:
        flat = plane.place(plane.turn(lat, lon))
        if is_ring:
            flat = clip_ring(flat, bounds)
            if len(flat) >= 3:
                shells.append(
                    shapely.simplify(shapely.linearrings(flat), tolerance_m, preserve_topology=False)
                )
            continue
        line = shapely.linestrings(flat)
        if reach_m is not None:
            line = shapely.clip_by_rect(line, -reach_m, -reach_m, reach_m, reach_m)
        if not shapely.is_empty(line):
            line = shapely.simplify(line, tolerance_m, preserve_topology=False)
            bands += _bands(line, max(offset_m + stand_off_m, 1.0))
    if shells:
        bands.append(shapely.build_area(shapely.node(shapely.geometrycollections(shells))))
    whole = shapely.simplify(shapely.union_all(bands), tolerance_m / 2)
    rings = []
    for polygon in shapely.get_parts(whole):
        for ring in [shapely.get_exterior_ring(polygon), *shapely.get_rings(polygon)[1:]]:
            rings.append(_from_plane(plane, shapely.get_coordinates(ring)))
    pole = plane.place(plane.turn([90.0], [0.0]))[0]
    return tuple(rings), bool(shapely.intersects_xy(whole, *pole))


def _bands(line: Any, width_m: float) -> list[Any]:
    """All within a distance of a line of the stereographic plane, as polygons whose union it is.

    The plane's scale grows away from its middle, by 1 + (r / 2R)^2 (Snyder 1987, chapter 21, the sphere); the line
    is taken in runs over which it grows by 2 % at most, each widened at its own scale.
    """
    import shapely

    out = []
    for part in shapely.get_parts(line):
        points = shapely.get_coordinates(part)
        scale = 1.0 + (points**2).sum(axis=1) / (2.0 * EARTH_RADIUS) ** 2
        level = np.floor(np.log(scale) / 0.02).astype(int)
        starts = np.concatenate([[0], np.flatnonzero(np.diff(level)) + 1, [len(points)]])
        for first, last in pairwise(starts.tolist()):
            run = slice(first, min(last + 1, len(points)))  # and on to the next run
            if run.stop - first > 1:
                width = width_m * float(scale[run].mean())
                out.append(shapely.buffer(shapely.linestrings(points[run]), width, quad_segs=6))
    return out


def _pair(ring: Any) -> Ring:
    return ring.lat, ring.lon


def _from_plane(plane: View, flat: Floats) -> Ring:
    """Latitude and longitude of points of a stereographic plane whose unit is the metre."""
    x, y = flat[:, 0] / EARTH_RADIUS / 2.0, -flat[:, 1] / EARTH_RADIUS / 2.0
    square = x * x + y * y
    right, up, toward = 2 * x / (1 + square), 2 * y / (1 + square), (1 - square) / (1 + square)
    phi = math.radians(plane.lat)
    axis = toward * math.cos(phi) - up * math.sin(phi)
    north = toward * math.sin(phi) + up * math.cos(phi)
    lat = np.degrees(np.arcsin(np.clip(north, -1.0, 1.0)))
    lon = np.degrees(np.arctan2(right, axis)) + plane.lon
    return lat, geodesy.wrap_longitude(lon)


@cache
def _world_land() -> tuple[tuple[Ring, ...], Floats, Floats]:
    """Land rings, and State borders as vectors and starts, of the shipped 1:110m outline."""
    text = (resources.files("longreach.world") / "data" / "land-110m.json").read_text(encoding="utf8")
    data = json.loads(text)

    def pairs(flat: list[int]) -> Ring:
        points = np.array(flat, float).reshape(-1, 2) / 100.0
        points.flags.writeable = False
        return points[:, 0], points[:, 1]

    return tuple(map(pairs, data["land"])), *_gathered([pairs(border) for border in data["borders"]])


@cache
def _graticule(step: int) -> tuple[Floats, Floats]:
    """Meridians and parallels every `step` degrees; only every sixth meridian runs on to the poles."""
    lines = []
    for lon in range(-180, 180, step):
        reach = np.arange(-90.0, 90.01, 2.0) if lon % 90 == 0 else np.arange(-75.0, 75.01, 2.0)
        lines.append((reach, np.full(reach.size, float(lon))))
    around = np.arange(-180.0, 180.01, 2.0)
    lines += [(np.full(around.size, float(lat)), around) for lat in range(-75, 76, step)]
    return _gathered(lines)


def _gathered(lines: Sequence[Ring]) -> tuple[Floats, Floats]:
    """All lines as one array of unit vectors, and where each begins."""
    starts = np.concatenate([[0], np.cumsum([len(lat) for lat, _ in lines])]).astype(float)
    vectors = geodesy.unit_vectors(
        np.concatenate([lat for lat, _ in lines]), np.concatenate([lon for _, lon in lines])
    )
    vectors.flags.writeable = starts.flags.writeable = False
    return vectors, starts


def _backdrop(view: View, land: Sequence[Area] | None) -> list[str]:
    step = 15 if view.shows_disc else 5 if view.radius_px < 4000 else 3
    graticule = f'<path class="grat" d="{many_lines_path(view, *_graticule(step))}"/>'
    if land is None:
        rings, borders, starts = _world_land()
        return [
            f'<path class="land" fill-rule="evenodd" d="{ring_path(view, rings)}"/>',
            graticule,
            f'<path class="border" d="{many_lines_path(view, borders, starts, 0.6)}"/>',
        ]
    out = [graticule]
    for area in land:
        path = ring_path(view, area.rings, holds_pole=area.holds_pole)
        if path:
            out.append(f'<path class="land coast" fill-rule="evenodd" d="{path}"/>')
    return out


def _area(view: View, area: Area, ident: str) -> list[str]:
    out = []
    path = ring_path(view, area.rings, holds_pole=area.holds_pole)
    title = f"<title>{escape(area.title)}</title>"
    if path:
        fill = f' fill="url(#{ident}-h)"' if area.style == "closed" else ""
        out.append(f'<path class="{area.style}"{fill} fill-rule="evenodd" d="{path}">{title}</path>')
    limit = "".join(line_path(view, *ring) for ring in area.limit)
    if limit:
        out.append(f'<path class="limit" d="{limit}"/>')
    return out


def _lines(view: View, lines: Sequence[Line]) -> list[str]:
    out = []
    order = {"refuel": 2, "tanker": 0, "partner": 1, "out": 3, "back": 4}
    drawn = sorted(lines, key=lambda line: order.get(line.style, 5))
    for line in drawn:
        path = line_path(view, line.lat, line.lon)
        if not path:
            continue
        title = f"<title>{escape(line.title)}</title>"
        if line.style == "out":
            out.append(f'<path class="track case" d="{path}"/>')
        out.append(f'<path class="track {line.style}" d="{path}">{title}</path>')
    for line in drawn:
        if line.arrows:
            out += _arrows(view, line)
    return out


def _arrows(view: View, line: Line) -> list[str]:
    """Arrow heads along a line, at even spacing of the part that is seen."""
    out = []
    for run in line_runs(view, line.lat, line.lon):
        step = np.hypot(*np.diff(run, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(step)])
        if along[-1] < 60:
            continue
        for k in range(line.arrows):
            at = along[-1] * (k + (0.62 if line.style == "back" else 0.5)) / line.arrows
            index = min(int(np.searchsorted(along, at)), len(run) - 1)
            before = max(index - 3, 0)
            (x0, y0), (x1, y1) = run[before], run[index]
            if math.hypot(x1 - x0, y1 - y0) < 1e-6 or not (0 < x1 < view.width and 0 < y1 < view.height):
                continue
            turn = math.degrees(math.atan2(y1 - y0, x1 - x0))
            out.append(
                f'<path class="arrow {line.style}" transform="translate({x1:.1f} {y1:.1f}) rotate({turn:.0f})" '
                'd="M7 0L-6 6L-3 0L-6 -6Z"/>'
            )
    return out


_SHAPES = {
    "square": "M-4.5 -4.5H4.5V4.5H-4.5Z",
    "triangle": "M0 -6L5.6 4.4H-5.6Z",
    "diamond": "M0 -6.4L6.4 0L0 6.4L-6.4 0Z",
    "dot": "M-4 0A4 4 0 1 1 4 0A4 4 0 1 1 -4 0Z",
    "ring": "M-4.4 0A4.4 4.4 0 1 1 4.4 0A4.4 4.4 0 1 1 -4.4 0Z",
    "number": "M-8.5 0A8.5 8.5 0 1 1 8.5 0A8.5 8.5 0 1 1 -8.5 0Z",
}


def _marks_and_labels(
    view: View,
    areas: Sequence[Area],
    lines: Sequence[Line],
    marks: Sequence[Mark],
    names: Sequence[Name],
    scale_bar: bool,
) -> list[str]:
    """Symbols, then labels set where they hide least: never over another label if it can be helped."""
    seen = [(mark, at) for mark in marks if (at := view.point(mark.lat, mark.lon))]
    out, shapes = [], []
    crowd = [run for line in lines for run in line_runs(view, line.lat, line.lon)]
    dots = np.concatenate([_sampled(run) for run in crowd]) if crowd else np.zeros((0, 2))
    taken: list[tuple[float, float, float, float]] = []
    if scale_bar:
        taken.append((0.0, view.height - 42.0, view.width / 4.5 + 30.0, view.height))
    for mark, (x, y) in seen:
        size = 9.5 if mark.shape == "number" else 6.5
        taken.append((x - size, y - size, x + size, y + size))
        inner = f'<text class="in" y="4">{escape(mark.inner)}</text>' if mark.inner else ""
        shapes.append(
            f'<g transform="translate({x:.1f} {y:.1f})"><title>{escape(mark.title)}</title>'
            f'<path class="mark {mark.style}" d="{_SHAPES[mark.shape]}"/>{inner}</g>'
        )
    texts = []
    for mark, (x, y) in sorted(seen, key=lambda item: item[0].rank):
        if mark.label:
            texts += _label(view, mark.label, x, y, taken, dots)
    for area in areas:
        at = _label_place(view, area)
        if area.label and area.style == "closed" and at:
            width = text_width(area.label, 14)
            box = (at[0] - width / 2, at[1] - 11, at[0] + width / 2, at[1] + 4)
            if not _overlap(box, taken) and box[0] > 0 and box[2] < view.width:
                taken.append(box)
                texts.append(
                    f'<text class="closedname halo" x="{at[0]:.1f}" y="{at[1]:.1f}">{escape(area.label)}</text>'
                )
    for name in names:
        spot = (name.x, name.y)
        width = text_width(name.text, 12) * 1.25
        box = (spot[0] - width / 2, spot[1] - 9, spot[0] + width / 2, spot[1] + 4)
        if box[0] > 4 and box[2] < view.width - 4 and not _overlap(box, taken):
            taken.append(box)
            out.append(f'<text class="place" x="{spot[0]:.1f}" y="{spot[1]:.1f}">{escape(name.text)}</text>')
    return out + shapes + texts


def _label(
    view: View, text: str, x: float, y: float, taken: list[tuple[float, float, float, float]], dots: Floats
) -> list[str]:
    """One label beside its point, at the place of least cost, with a leader line where it must stand off."""
    width, up, down = text_width(text, 13), 11.0, 4.0
    best: tuple[float, float, float, str] | None = None
    for ring, away in enumerate((11.0, 26.0, 44.0, 64.0)):
        for turn, (dx, dy) in enumerate(
            ((1, 0), (-1, 0), (0.7, -0.8), (0.7, 0.8), (-0.7, -0.8), (-0.7, 0.8), (0, -1), (0, 1))
        ):
            px, py = x + dx * away, y + dy * away + 4
            left = px if dx > 0 else px - width if dx < 0 else px - width / 2
            box = (left - 2, py - up - 1, left + width + 2, py + down)
            cost = 22.0 * ring + 1.5 * turn + 400.0 * _overlap(box, taken)
            cost += 6.0 * np.count_nonzero(
                (dots[:, 0] > box[0]) & (dots[:, 0] < box[2]) & (dots[:, 1] > box[1]) & (dots[:, 1] < box[3])
            )
            if box[0] < 3 or box[2] > view.width - 3 or box[1] < 3 or box[3] > view.height - 3:
                cost += 5000.0
            if best is None or cost < best[0]:
                best = (float(cost), left, py, "")
        if best is not None and best[0] < 22.0 * (ring + 1):
            break
    assert best is not None
    _, left, py, _ = best
    taken.append((left - 2, py - up - 1, left + width + 2, py + down))
    out = []
    near_x = min(max(x, left), left + width)
    near_y = min(max(y, py - up), py + down)
    if math.hypot(near_x - x, near_y - y) > 15:
        out.append(f'<path class="leader" d="M{x:.1f} {y:.1f}L{near_x:.1f} {near_y:.1f}"/>')
    out.append(f'<text class="halo" x="{left:.1f}" y="{py:.1f}">{escape(text)}</text>')
    return out


def _sampled(run: Floats) -> Floats:
    """Points every few pixels along a run, to weigh what a label would cover."""
    step = np.hypot(*np.diff(run, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(step)])
    at = np.arange(0.0, along[-1], 8.0)
    return np.stack([np.interp(at, along, run[:, 0]), np.interp(at, along, run[:, 1])], axis=-1)


def _overlap(box: tuple[float, ...], taken: Sequence[tuple[float, ...]]) -> int:
    return sum(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken)


def _label_place(view: View, area: Area) -> tuple[float, float] | None:
    """Where an area's name fits: the widest level run inside its largest part, in pixels."""
    import shapely

    best = None
    for lat, lon in area.rings:
        lat, lon = np.asarray(lat, float), np.asarray(lon, float)
        seen = view.turn(lat, lon)
        if lat.size < 4 or (seen[:, 2] < 0.05).any():
            continue
        pixels = view.place(seen)
        if np.ptp(pixels[:, 0]) < text_width(area.label, 14) or np.ptp(pixels[:, 1]) < 14:
            continue
        frame = ((0, 6.0, 1.0), (0, view.width - 6.0, -1.0), (1, 14.0, 1.0), (1, view.height - 6.0, -1.0))
        pixels = clip_ring(pixels, frame)
        if len(pixels) < 4:
            continue
        area_px = 0.5 * abs(
            np.dot(pixels[:, 0], np.roll(pixels[:, 1], -1)) - np.dot(pixels[:, 1], np.roll(pixels[:, 0], -1))
        )
        if best is None or area_px > best[0]:
            best = (area_px, pixels)
    if best is None or best[0] < 1.1 * 14 * text_width(area.label, 14):
        return None
    polygon = shapely.make_valid(shapely.simplify(shapely.polygons(best[1]), 1.0))
    x0, y0, x1, y1 = shapely.bounds(polygon)
    found: tuple[float, float, float] | None = None
    for y in np.linspace(y0, y1, 21)[2:-2]:
        for part in shapely.get_parts(shapely.intersection(polygon, shapely.linestrings([[x0, y], [x1, y]]))):
            span = shapely.bounds(part)
            length = span[2] - span[0]
            score = length - 0.4 * abs(y - (y0 + y1) / 2)
            if found is None or score > found[0]:
                found = (score, (span[0] + span[2]) / 2, y + 4)
    return (float(found[1]), float(found[2])) if found else None


def _scale_bar(view: View) -> str:
    """A bar of a round number of nautical miles, with kilometres beneath."""
    target = view.width / 4.5
    lengths = (2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
    nm = max((n for n in lengths if view.pixels(n * NAUTICAL_MILE) <= target), default=1)
    px = view.pixels(nm * NAUTICAL_MILE)
    x, y = 14.0, view.height - 16.0
    text = f"{nm} nm = {nm * 1.852:.0f} km"
    wide = max(px, text_width(text, 11))
    return (
        f'<g><rect x="{x - 7}" y="{y - 20}" width="{wide + 14:.1f}" height="29" rx="3" fill="var(--paper)" fill-opacity=".8"/>'
        f'<path class="axis" d="M{x} {y - 3}V{y + 3}H{x + px:.1f}V{y - 3}"/>'
        f'<text class="small" x="{x}" y="{y - 7}">{text}</text></g>'
    )


def _legend_rows(legend: Sequence[tuple[str, str]], width: float) -> list[list[tuple[float, str, str]]]:
    rows: list[list[tuple[float, str, str]]] = []
    x = width + 1
    for style, words in legend:
        need = 36 + text_width(words, 12) + 16
        if x + need > width or not rows:
            rows.append([])
            x = 4.0
        rows[-1].append((x, style, words))
        x += need
    return rows


def _key(x: float, y: float, style: str, words: str, ident: str) -> str:
    """One entry of the key: the symbol as drawn, then the words."""
    if style in ("closed", "station"):
        fill = f' fill="url(#{ident}-h)"' if style == "closed" else ""
        symbol = f'<rect class="{style}"{fill} x="{x}" y="{y - 10}" width="26" height="11"/>'
    elif style.startswith("mark:"):
        _, shape, kind = style.split(":")
        inner = '<text class="in" y="4">1</text>' if shape == "number" else ""
        symbol = f'<g transform="translate({x + 13} {y - 4.5})"><path class="mark {kind}" d="{_SHAPES[shape]}"/>{inner}</g>'
    else:
        kind = "limit" if style == "limit" else f"track {style}"
        symbol = f'<path class="{kind}" d="M{x} {y - 4.5}H{x + 26}"/>'
    return f'{symbol}<text x="{x + 33}" y="{y}" style="font-size:12px">{escape(words)}</text>'


def key_picture(entries: Sequence[tuple[str, str]], ident: str, width: float = 900.0) -> str:
    """A key of its own, one row or more; decoration for the eye, the words are text."""
    rows = _legend_rows(entries, width)
    out = [
        f'<svg class="fig" viewBox="0 0 {width:g} {22 * len(rows) + 8}" role="img" aria-label="Key of the map"><defs>',
        _hatching(ident),
        "</defs>",
    ]
    for row, each in enumerate(rows):
        out += [_key(x, 18 + 22 * row, style, words, ident) for x, style, words in each]
    return "".join([*out, "</svg>"])


def _hatching(ident: str) -> str:
    return (
        f'<pattern id="{ident}-h" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="wash" width="6" height="6"/>'
        '<path class="hatch" d="M0 0V6"/></pattern>'
    )


def place_label(code: str) -> str:
    """How a base is named on a map: its code and, short enough, its name."""
    name = airport_name(code)
    return code if name == code or len(name) > 26 else f"{name} ({code})"


def legend_of(
    lines: Sequence[Line], areas: Sequence[Area], marks: Sequence[Mark], stand_off: str
) -> list[tuple[str, str]]:
    """The key for what is really on a map, in a fixed order."""
    kinds = {(mark.shape, mark.style) for mark in marks}
    styles = {line.style for line in lines}
    if ("number", "contact") in kinds:
        styles.discard("refuel")
    entries: Mapping[str, str] = {"out": "lead, outbound", "back": "lead, return", "refuel": "refuelling",
                                  "tanker": "tankers", "partner": "partners"}  # fmt: skip
    if "back" not in styles:
        entries = {**entries, "out": "lead"}
    key = [(style, words) for style, words in entries.items() if style in styles]
    if any(area.style == "closed" for area in areas):
        key.append(("closed", "closed airspace"))
    if any(area.limit for area in areas):
        key.append(("limit", f"stand-off, {stand_off}" if stand_off else "stand-off"))
    if any(area.style == "station" for area in areas):
        key.append(("station", "station"))
    shapes = {("number", "contact"): "refuelling", ("diamond", "partner"): "join-up", ("triangle", "tanker"): "tanker base",
              ("square", "partner"): "partner base", ("ring", "abort"): "abort base",
              ("dot", "near"): "closest approach", ("dot", "noreturn"): "point of no return",
              ("dot", "equal"): "equal-time point"}  # fmt: skip
    key += [
        (f"mark:{shape}:{style}", words)
        for (shape, style), words in shapes.items()
        if (shape, style) in kinds
    ]
    return key
