"""The stand-off measured again on the line each file carries, as its reader will fly it.

The measuring is verification's (`longreach.verify.clearance`), on the closures of the plan, which are held to be
in force at every time and level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.export.result import Carried
from longreach.geodesy import Floats
from longreach.units import NAUTICAL_MILE

_STEP_RAD = np.radians(0.1)  # of a great circle on the sphere: 6 nm, straight to a metre


@dataclass(frozen=True, slots=True)
class Passage:
    """How near the line of one flight in one file comes to one closed area."""

    closure: str
    flight: str
    closest_nm: float
    stand_off_nm: float
    lat: float
    lon: float

    @property
    def kept(self) -> bool:
        return self.closest_nm >= self.stand_off_nm - 1e-6


class Measure:
    """Closures of one plan, measured against any number of lines; equal lines are measured once."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        from longreach.verify.case import open_case
        from longreach.verify.clearance import prepare
        from longreach.verify.shape import require_plan

        require_plan(document)
        case = open_case(dict(document), in_wind=False)
        self._closures = [(closure, prepare(closure)) for closure in case.closures]
        self._known: dict[tuple[str, bytes, bytes], tuple[Passage, ...]] = {}

    def passages(self, carried: Carried) -> tuple[Passage, ...]:
        """One for each closure, in their order."""
        from longreach.verify.clearance import closest

        lat, lon = flown(carried)
        key = (carried.flight, lat.tobytes(), lon.tobytes())
        if key not in self._known:
            found = []
            for closure, boundary in self._closures:
                nearest = closest(boundary, lat, lon)
                found.append(
                    Passage(
                        closure.id, carried.flight, nearest.clearance_m / NAUTICAL_MILE,
                        closure.stand_off_m / NAUTICAL_MILE, nearest.lat, nearest.lon,
                    )
                )  # fmt: skip
            self._known[key] = tuple(found)
        return self._known[key]


def flown(carried: Carried) -> tuple[Floats, Floats]:
    """The line as geodesics: as it is, or a chain of short ones along the sphere's great circles."""
    lat, lon = np.asarray(carried.lat, float), np.asarray(carried.lon, float)
    if carried.joined == "geodesic" or lat.size < 2:
        return lat, lon
    points = geodesy.unit_vectors(lat, lon)
    pieces = []
    for a, b in pairwise(points):
        angle = float(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b))
        count = max(1, int(np.ceil(angle / _STEP_RAD)))
        part = np.arange(count)[:, None] / count
        if count == 1:
            pieces.append(a[None, :])
        else:
            pieces.append((np.sin((1 - part) * angle) * a + np.sin(part * angle) * b) / np.sin(angle))
    line = np.concatenate([*pieces, points[-1:]])
    return (
        np.degrees(np.arctan2(line[:, 2], np.hypot(line[:, 0], line[:, 1]))),
        np.degrees(np.arctan2(line[:, 1], line[:, 0])),
    )
