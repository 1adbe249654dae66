"""The lead's flown line: the lawful route out, the loop on station, the lawful route back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from longreach import geodesy, route, station
from longreach.line import Line, Mark
from longreach.mission.model import LeadFlight, Station
from longreach.plan.shortfall import Shortfall
from longreach.route import Prepared
from longreach.world.airspace import Closure


@dataclass(frozen=True, slots=True)
class LeadLine:
    """Where a lead flight goes.

    marks : origin, via points, station, destination; the vertices between are turns
    loop_m : (from, to) distances along the line of the station loop, None without a station
    route_m, bound_m : length and proved lower bound of the route, the loop apart
    """

    line: Line
    marks: tuple[Mark, ...]
    loop_m: tuple[float, float] | None
    route_m: float
    bound_m: float
    gap_ppm: float

    @property
    def length_m(self) -> float:
        return self.line.length_m


def lead_line(
    flight: LeadFlight,
    area: Station | None,
    prepared: Prepared,
    closures: tuple[Closure, ...],
    loop_length_m: float,
) -> LeadLine | tuple[Shortfall, ...]:
    """The line of a flight that loops on station for `loop_length_m`; shortfalls where no lawful one exists."""
    start = (flight.origin.lat, flight.origin.lon)
    end = (flight.destination.lat, flight.destination.lon)
    out_points = [start, *((via.lat, via.lon) for via in flight.outbound_via)]
    out_names = [flight.origin.code, *(via.name for via in flight.outbound_via)]
    if area is None:
        points = [*out_points, *((via.lat, via.lon) for via in flight.return_via), end]
        names = [*out_names, *(via.name for via in flight.return_via), flight.destination.code]
        found = route.via(prepared, points)
        if not found.feasible:
            return tuple(Shortfall.of_route(s, flight.id) for s in found.shortfalls)
        line = Line.through(found.lat, found.lon)
        return LeadLine(
            line, _marks(line, points, names), None, line.length_m, found.lower_bound_m, found.gap_ppm
        )
    pattern = station.loop(area)
    near = _loop_shortfall(area, pattern, closures)
    if near:
        return near
    first = int(np.argmin(geodesy.distance(out_points[-1][0], out_points[-1][1], pattern.lat, pattern.lon)))
    loop_lat, loop_lon = station.flown_loop(pattern, first, loop_length_m)
    out = route.via(prepared, [*out_points, (float(loop_lat[0]), float(loop_lon[0]))])
    back_points = [
        (float(loop_lat[-1]), float(loop_lon[-1])),
        *((via.lat, via.lon) for via in flight.return_via),
        end,
    ]
    back = route.via(prepared, back_points)
    bad = [
        Shortfall.of_route(s, flight.id)
        for found in (out, back)
        if not found.feasible
        for s in found.shortfalls
    ]
    if bad:
        return tuple(bad)
    line = Line.through(
        np.concatenate([out.lat, loop_lat[1:], back.lat[1:]]),
        np.concatenate([out.lon, loop_lon[1:], back.lon[1:]]),
    )
    out_m = geodesy.path_length(out.lat, out.lon)
    loop_m = geodesy.path_length(loop_lat, loop_lon)
    marks = _marks(line, out_points, out_names)
    marks += (Mark(out_m, "station", area.name),)
    later = _marks(
        line,
        back_points[1:],
        [*(via.name for via in flight.return_via), flight.destination.code],
        after_m=out_m + loop_m,
    )
    return LeadLine(
        line,
        (*marks, Mark(out_m + loop_m, "station", area.name), *later),
        (out_m, out_m + loop_m),
        line.length_m - loop_m,
        out.lower_bound_m + back.lower_bound_m,
        max(out.gap_ppm, back.gap_ppm),
    )


def _marks(
    line: Line, points: list[tuple[float, float]], names: list[str], after_m: float = 0.0
) -> tuple[Mark, ...]:
    """The named points on the line, in order."""
    marks, search = [], int(np.searchsorted(line.along_m, after_m - 1.0))
    last = len(points) - 1
    for k, ((lat, lon), name) in enumerate(zip(points, names, strict=True)):
        gap = np.abs(line.lat[search:] - lat) + np.abs((line.lon[search:] - lon + 180.0) % 360.0 - 180.0)
        hits = np.nonzero(gap < 1e-6)[0]
        if not hits.size:
            continue
        index = (
            line.lat.size - 1
            if k == last and after_m + len(points) > 1 and hits[-1] == gap.size - 1
            else search + int(hits[0])
        )
        kind = "via"
        if index == 0:
            kind = "departure"
        elif index == line.lat.size - 1:
            kind = "arrival"
        marks.append(Mark(float(line.along_m[index]), kind, name))
        search = index
    return tuple(marks)


def _loop_shortfall(
    area: Station, pattern: station.Loop, closures: tuple[Closure, ...]
) -> tuple[Shortfall, ...]:
    ring_lat = np.append(pattern.lat, pattern.lat[0])
    ring_lon = np.append(pattern.lon, pattern.lon[0])
    limits = {closure.id: closure.stand_off_m for closure in closures}
    result = []
    for closest in route.clearances(closures, ring_lat, ring_lon):
        limit = limits[closest.id]
        if closest.clearance_m < limit:
            result.append(
                Shortfall(
                    what=f"the station loop of {area.name} comes too near {closest.id}",
                    where=f"{closest.lat:.3f},{closest.lon:.3f}",
                    by=(limit - closest.clearance_m) / 1852.0,
                    unit="nm",
                    key_path="airspace.stand_off",
                    value=f"{max(0.0, closest.clearance_m) // 185.2 / 10:g} nm",
                    text=f"lower the stand-off to {max(0.0, closest.clearance_m) // 185.2 / 10:g} nm, "
                    "or move the station's centre away",
                )
            )
    return tuple(result)
