"""The flown lines of a plan document as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.geodesy import Floats
from longreach.units import FOOT, KNOT

CLIMB, CRUISE, DESCENT, REFUEL, STATION, HOLD = range(6)
PHASES = {"climb": CLIMB, "cruise": CRUISE, "descent": DESCENT, "refuel": REFUEL, "station": STATION,
          "hold": HOLD}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Track:
    """One flight of the plan. All arrays (n,), rows in the document's own order.

    time_s : whole seconds since 1970; altitude_m : pressure altitude; u, v : wind toward east and north
    length_m : (n-1,) geodesic to the next row; course_deg : (n-1,) its azimuth half way
    deviation_k : temperature less the standard atmosphere's, of the mission's wind field; 0 until it is read
    """

    id: str
    role: str
    aircraft: str
    count: int
    document: dict[str, Any]
    time_s: Floats
    lat: Floats
    lon: Floats
    altitude_m: Floats
    tas_mps: Floats
    gs_mps: Floats
    u_mps: Floats
    v_mps: Floats
    mass_kg: Floats
    fuel_kg: Floats
    phase: np.ndarray[Any, np.dtype[np.int64]]
    length_m: Floats
    course_deg: Floats
    deviation_k: Floats

    @property
    def step_s(self) -> Floats:
        """(n-1,) seconds to the next row."""
        return np.diff(self.time_s)

    def where(self, row: int) -> str:
        """ "flight lead: row 1214 (2020-12-10T09:14:00Z)": rows count from 0, as in the document."""
        return f"flight {self.id}: row {row} ({stamp(self.time_s[row])})"

    def row_at(self, time_s: float) -> int:
        """The row nearest to a moment."""
        return int(np.argmin(np.abs(self.time_s - time_s)))

    def position(self, time_s: Floats) -> tuple[Floats, Floats]:
        """Positions at moments within the flight, along the geodesic between rows at even speed."""
        time_s = np.asarray(time_s, float)
        leg = np.clip(np.searchsorted(self.time_s, time_s, side="right") - 1, 0, self.time_s.size - 2)
        step = np.maximum(self.time_s[leg + 1] - self.time_s[leg], 1e-9)
        part = np.clip((time_s - self.time_s[leg]) / step, 0.0, 1.0)
        _, azimuth, _ = geodesy.inverse(self.lat[leg], self.lon[leg], self.lat[leg + 1], self.lon[leg + 1])
        lat, lon, _ = geodesy.direct(self.lat[leg], self.lon[leg], azimuth, part * self.length_m[leg])
        exact = part == 0.0
        lat[exact], lon[exact] = self.lat[leg][exact], self.lon[leg][exact]
        return lat, lon

    def value(self, time_s: Floats | float, column: Floats) -> Floats:
        """A column at moments, linear between rows."""
        return np.asarray(np.interp(time_s, self.time_s, column))


def seconds(text: str) -> int:
    """Seconds since 1970 of "2020-12-10T09:14:00Z".

    >>> seconds("1970-01-02T00:00:00Z")
    86400
    """
    return int(datetime.fromisoformat(text).timestamp())


def stamp(time_s: float) -> str:
    """The moment as text.

    >>> stamp(86400)
    '1970-01-02T00:00:00Z'
    """
    return datetime.fromtimestamp(int(time_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(flight: dict[str, Any]) -> Track:
    """A flight of the document, whose shape has been checked.

    Raises: ValueError where a time names no moment of the calendar ("2020-02-31").
    """
    columns = flight["track"]["columns"]
    cells = dict(
        zip(columns[:11], zip(*(row[:11] for row in flight["track"]["rows"]), strict=True), strict=True)
    )
    time_s = np.array([text[:-1] for text in cells["time_utc"]], dtype="datetime64[s]").astype(float)
    number = {name: np.array(cells[name], float) for name in columns[1:10]}
    lat, lon = number["lat"], number["lon"]
    length, start, end = geodesy.inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])
    turn = (end - start + 180.0) % 360.0 - 180.0
    track = Track(
        id=flight["id"], role=flight["role"], aircraft=flight["aircraft"], count=flight["count"],
        document=flight,
        time_s=time_s, lat=lat, lon=lon, altitude_m=number["altitude_ft"] * FOOT,
        tas_mps=number["tas_kt"] * KNOT, gs_mps=number["gs_kt"] * KNOT,
        u_mps=number["wind_u_mps"], v_mps=number["wind_v_mps"],
        mass_kg=number["mass_kg"], fuel_kg=number["fuel_kg"],
        phase=np.array([PHASES[name] for name in cells["phase"]]),
        length_m=length, course_deg=(start + turn / 2.0) % 360.0, deviation_k=np.zeros(lat.size),
    )  # fmt: skip
    for name in ("time_s", "lat", "lon", "altitude_m", "tas_mps", "gs_mps", "u_mps", "v_mps", "mass_kg",
                 "fuel_kg", "phase", "length_m", "course_deg"):  # fmt: skip
        getattr(track, name).flags.writeable = False
    return track
