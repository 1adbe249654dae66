"""Corridors of permission through closed airspace.

Inside a corridor the closures it names do not bind, nor does their stand-off; everywhere else they do. A
closure with a corridor through it becomes a closure again: its stand-off drawn in, the corridor cut out, no
stand-off left to keep. It is drawn from outside and the corridor from inside, so that what is open is never
more than was permitted; about 0.1 nm on each side is lost.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from longreach.errors import Fault, InputError
from longreach.geodesy import EARTH_RADIUS, Floats
from longreach.route.plane import Plane, position
from longreach.route.prepared import prepare
from longreach.units import NAUTICAL_MILE
from longreach.world.airspace import BoundaryLine, Closure, Ring

EDGE = 5e3  # m; longest edge of what is drawn
GRAIN = 50.0  # m
LIMITS = ("floor", "ceiling", "valid")


@dataclass(frozen=True, slots=True)
class Corridor:
    """Where closures do not bind.

    through : ids of the closures it leads through; none means all
    area : its shape, as if it were a closure
    """

    id: str
    through: tuple[str, ...]
    area: Closure


def read_corridors(path: Path | str) -> tuple[Corridor, ...]:
    """The corridors in a GeoJSON file: features with the action "permit", or none.

    A feature has the shapes of a closure (a LineString with `radius_nm` is a corridor on both sides of it) and
    `through`, the id or list of ids of the closures it leads through.

    Raises: InputError with every fault in the file. A permission bounded in level or time is refused,
    because the bounds would not be kept.
    """
    from longreach.world.closures import parse_closures
    from longreach.world.closures.source import Lines, parse_json, read_text

    path = Path(path)
    text = read_text(path, "GeoJSON file")
    document = parse_json(text, str(path))
    lines = Lines(text)
    faults: list[Fault] = []
    through: list[tuple[str, ...]] = []

    def taken(feature: Any, keys: tuple[str | int, ...]) -> Any:
        """The feature as the reader of closures takes it; what is ours is kept or found at fault."""
        properties = feature.get("properties") if isinstance(feature, Mapping) else None
        if not isinstance(properties, Mapping):
            through.append(())
            return feature
        rest = dict(properties)
        named = rest.pop("through", [])
        named = [named] if isinstance(named, str) else named
        at = (*keys, "properties")

        def fault(what: str, key: str, hint: str | None = None) -> None:
            place = ".".join(str(part) for part in (*at, key))
            faults.append(Fault(what, file=str(path), line=lines.of((*at, key)), key=place, hint=hint))

        if not isinstance(named, Sequence) or not all(isinstance(one, str) for one in named):
            fault(f"through {named!r} is not an id or a list of ids", "through", '"through": ["IR"]')
            named = []
        through.append(tuple(named))
        if rest.pop("action", "permit") != "permit":
            fault(f'action {properties["action"]!r} is not "permit"', "action", "closures go to --closures")
        for key in LIMITS:
            if rest.pop(key, None) is not None:
                fault(f"{key}: a permission bounded in level or time is not applied", key,
                      "leave the corridor out of the file when it does not hold")  # fmt: skip
        return {**feature, "properties": rest}

    if isinstance(document, Mapping) and isinstance(document.get("features"), list):
        features = [taken(one, ("features", n)) for n, one in enumerate(document["features"])]
        document = {**document, "features": features}
    else:
        document = taken(document, ())
    try:
        found = parse_closures(document, file=str(path), line=lines.of)
    except InputError as error:
        faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    if not found.closures:
        raise InputError(Fault("holds no corridor", file=str(path), hint="leave the file out"))
    return tuple(
        Corridor(area.id, through[number - 1], replace(area, stand_off_m=0.0))
        for area, number in zip(found.closures, found.numbers, strict=True)
    )


def permit(closures: Iterable[Closure], corridors: Iterable[Corridor]) -> tuple[Closure, ...]:
    """The closures with the corridors cut out of those they lead through.

    The others come back as they are; one that lies wholly in a corridor does not come back. Clearances of a
    closure that was cut are measured to the edge of what stays closed, its stand-off in it.

    Raises: InputError for each corridor that names a closure that is not there.
    """
    chosen, ways = tuple(closures), tuple(corridors)
    ids = [closure.id for closure in chosen]
    faults = []
    for way in ways:
        for name in way.through:
            if name not in ids:
                close = difflib.get_close_matches(name, ids, n=1)
                hint = f"did you mean {close[0]}?" if close else f"closed: {', '.join(ids) or 'nothing'}"
                faults.append(
                    Fault(f"corridor {way.id} leads through {name!r}, which is not closed", hint=hint)
                )
    if faults:
        raise InputError(faults)
    result = []
    for closure in chosen:
        mine = [way for way in ways if not way.through or closure.id in way.through]
        left = _cut(closure, mine) if mine else closure
        if left is not None:
            result.append(left)
    return tuple(result)


def _cut(closure: Closure, ways: Sequence[Corridor]) -> Closure | None:
    import shapely

    body = prepare([closure], grain_m=GRAIN)
    if body.room_m <= 0:
        raise InputError(f"{closure.id} and its stand-off leave nothing open: a corridor has nowhere to lead")
    plane = Plane.about(-body.open_point)
    closed = _area(body.outer, plane)
    for way in ways:
        closed = _only_areas(
            shapely.difference(closed, _area(prepare([way.area], grain_m=GRAIN).inner, plane))
        )
    if shapely.is_empty(closed):
        return None
    rings = [
        _ring(plane, shapely.get_coordinates(ring)) for ring in shapely.get_rings(shapely.get_parts(closed))
    ]
    names = ", ".join(way.id for way in ways)
    stand_off = f" and {closure.stand_off_m / NAUTICAL_MILE:g} nm round it" if closure.stand_off_m > 0 else ""
    north = plane.to(np.array([[0.0, 0.0, 1.0]]))[0]
    return replace(
        closure,
        name=f"{closure.name}{stand_off}, less {names}",
        kind="user",
        rings=tuple(rings),
        lines=tuple(BoundaryLine(ring.lat, ring.lon, 0.0) for ring in rings),
        stand_off_m=0.0,
        holds_north_pole=bool(shapely.intersects_xy(closed, *north)),
        source=f"{closure.source}; permitted: {'; '.join(way.area.source for way in ways)}",
    )


def _area(net: Any, plane: Plane) -> Any:
    """What the rings of a net hold, in a plane."""
    import shapely

    lines, seen = [], np.zeros(len(net.vert), bool)
    for first in range(len(net.vert)):
        if seen[first]:
            continue
        chain, at = [], first
        while not seen[at]:
            seen[at] = True
            chain.append(at)
            at = int(net.nxt[at])
        lines.append(shapely.LinearRing(plane.to(_fine(net.vert[chain]))))
    if not lines:
        return shapely.Polygon()
    return _only_areas(shapely.make_valid(shapely.build_area(shapely.union_all(lines))))


def _fine(ring: Floats) -> Floats:
    """A ring of unit vectors with its arcs cut so that none is longer than EDGE."""
    step = np.roll(ring, -1, axis=0) - ring
    pieces = np.maximum(1, np.ceil(np.linalg.norm(step, axis=1) * EARTH_RADIUS / EDGE)).astype(int)
    owner = np.repeat(np.arange(len(ring)), pieces)
    part = np.arange(owner.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    points = ring[owner] + step[owner] * (part / pieces[owner])[:, None]
    return np.asarray(points / np.linalg.norm(points, axis=1)[:, None])


def _only_areas(geometry: Any) -> Any:
    import shapely

    parts = shapely.get_parts(geometry)
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon" and part.area > 0])


def _ring(plane: Plane, xy: Floats) -> Ring:
    lat, lon = position(plane.back(xy))
    lat[-1], lon[-1] = lat[0], lon[0]
    lat.flags.writeable = lon.flags.writeable = False
    return Ring(lat, lon)
