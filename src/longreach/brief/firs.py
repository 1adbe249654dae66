"""Flight information regions entered, from the user's own outlines; none ship with Longreach.

The edges of a region are straight in latitude and longitude, as GeoJSON draws them and as most limits run.
Tracks are looked at every ten seconds between their rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.brief.reading import Flight, Plan, spans
from longreach.geodesy import Floats

STEP = 10.0  # s


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay of one flight in one region [s from 1970]."""

    flight: str
    fir: str
    enter_s: float
    leave_s: float


def entered(plan: Plan, geometries: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[Visit, ...]:
    """Every stay of every flight in every region, in order of time.

    Parameters
    ----------
    geometries : GeoJSON geometries by the region's id, as `world.closures.fir.fir_geometries` reads them
    """
    import shapely
    from shapely.geometry import shape

    shapes = {id: shapely.union_all([shapely.make_valid(shape(each)) for each in parts])
              for id, parts in geometries.items()}  # fmt: skip
    visits = []
    for flight in plan.flights:
        time_s, lat, lon = _looked_at(flight)
        for id, area in shapes.items():
            shapely.prepare(area)
            inside = np.zeros(lat.size, bool)
            for turn in (-360.0, 0.0, 360.0):  # outlines may run on past the date line
                inside |= shapely.intersects_xy(area, lon + turn, lat)
            visits += [Visit(flight.id, id, float(time_s[a]), float(time_s[b])) for a, b in spans(inside)]
    return tuple(sorted(visits, key=lambda visit: (visit.enter_s, visit.flight, visit.fir)))


def _looked_at(flight: Flight) -> tuple[Floats, Floats, Floats]:
    """Times and points of a track, no more than a step apart."""
    parts = np.maximum(np.ceil(np.diff(flight.time_s) / STEP), 1).astype(int)
    row = np.repeat(np.arange(parts.size), parts)
    share = (np.arange(row.size) - np.repeat(np.cumsum(parts) - parts, parts)) / parts[row]
    vectors = geodesy.unit_vectors(flight.lat, flight.lon)
    mixed = vectors[row] + (vectors[row + 1] - vectors[row]) * share[:, None]
    mixed = np.concatenate([mixed, vectors[-1:]])
    time_s = flight.time_s[row] + (flight.time_s[row + 1] - flight.time_s[row]) * share
    lat = np.degrees(np.arctan2(mixed[:, 2], np.hypot(mixed[:, 0], mixed[:, 1])))
    lon = np.degrees(np.arctan2(mixed[:, 1], mixed[:, 0]))
    return np.append(time_s, flight.time_s[-1]), lat, lon
