"""A track: where an aircraft said it was, as a table of columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from longreach import geodesy
from longreach.geodesy import Floats


@dataclass(frozen=True, slots=True)
class Track:
    """One aircraft's positions in order of the file. Arrays are (n,), read-only; NaN where a value is missing.

    time_s : seconds from 1970 UTC
    lat, lon : degrees; altitude_m : pressure altitude where the format says so; gs_mps, course_deg as reported
    on_ground, new_leg : as reported, False where the format does not say
    notes : what was taken to be so in reading (units of time, of height), and rows that were left out
    """

    id: str
    callsign: str
    aircraft: str
    source: str
    format: str
    time_s: Floats
    lat: Floats
    lon: Floats
    altitude_m: Floats
    gs_mps: Floats
    course_deg: Floats
    on_ground: np.ndarray
    new_leg: np.ndarray
    notes: tuple[str, ...]

    @property
    def placed(self) -> np.ndarray:
        """Rows with a time and a position."""
        return np.isfinite(self.time_s) & np.isfinite(self.lat) & np.isfinite(self.lon)

    def where(self, mask: np.ndarray) -> Track:
        """The rows of a mask."""
        return make(
            self.id, self.callsign, self.aircraft, self.source, self.format, self.time_s[mask], self.lat[mask],
            self.lon[mask], self.altitude_m[mask], self.gs_mps[mask], self.course_deg[mask], self.on_ground[mask],
            self.new_leg[mask], self.notes,
        )  # fmt: skip

    @property
    def length_m(self) -> float:
        """Along the positions [m]."""
        placed = self.placed
        return geodesy.path_length(self.lat[placed], self.lon[placed])


def make(
    id: str, callsign: str, aircraft: str, source: str, format: str, time_s, lat, lon, altitude_m=None, gs_mps=None,
    course_deg=None, on_ground=None, new_leg=None, notes: tuple[str, ...] = (),
) -> Track:  # fmt: skip
    """A track from columns, missing ones filled with NaN or False; the arrays are set read-only."""
    count = len(time_s)

    def floats(values) -> Floats:
        out = np.full(count, np.nan) if values is None else np.array(values, float)
        out.flags.writeable = False
        return out

    def flags(values) -> np.ndarray:
        out = np.zeros(count, bool) if values is None else np.array(values, bool)
        out.flags.writeable = False
        return out

    return Track(
        id, callsign, aircraft, source, format, floats(time_s), floats(lat), floats(lon), floats(altitude_m),
        floats(gs_mps), floats(course_deg), flags(on_ground), flags(new_leg), notes,
    )  # fmt: skip
