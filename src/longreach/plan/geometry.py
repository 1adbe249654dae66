"""The lead's flown line: the lawful route out, the loop on station, the lawful route back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from longreach import geodesy, route, station
from longreach.line import Line, Mark
from longreach.mission.model import LeadFlight, Station
from longreach.plan.shortfall import Shortfall
from longreach.route import Prepared
from longreach.units import NAUTICAL_MILE
from longreach.world.airspace import Closure


@dataclass(frozen=True, slots=True)
class Detached:
    """Where and when part of a cell leaves it and is back; seconds from the cell's take-off.

    rejoin_s : None where it lands elsewhere; hold_s : circled in between, in all
    """

    leave: str
    rejoin: str
    leave_s: float
    rejoin_s: float | None
    hold_s: float


@dataclass(frozen=True, slots=True)
class LeadLine:
    """Where a lead flight goes.

    marks : origin, via points, station, destination; the vertices between are turns
    loop_m : (from, to) distances along the line of the station loop, None without a station
    route_m, bound_m : length and proved lower bound of the route, the loop apart
    detached : of part of a cell, the stretch of its own
    """

    line: Line
    marks: tuple[Mark, ...]
    loop_m: tuple[float, float] | None
    route_m: float
    bound_m: float
    gap_ppm: float
    detached: Detached | None = None

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
            return _closed_points(flight, points, names, closures) or tuple(
                Shortfall.of_route(s, flight.id) for s in found.shortfalls
            )
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
    if not (out.feasible and back.feasible):
        points = [*out_points, *back_points[1:]]
        names = [*out_names, *(via.name for via in flight.return_via), flight.destination.code]
        return _closed_points(flight, points, names, closures) or tuple(
            Shortfall.of_route(s, flight.id)
            for found in (out, back)
            if not found.feasible
            for s in found.shortfalls
        )
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


def _closed_points(
    flight: LeadFlight, points: list[tuple[float, float]], names: list[str], closures: tuple[Closure, ...]
) -> tuple[Shortfall, ...]:
    """The named points that lie too near a closure, each once, with the largest stand-off that clears it."""
    result: dict[tuple[str, str], Shortfall] = {}
    for (lat, lon), name in zip(points, names, strict=True):
        clearances = route.clearances(closures, np.array([lat]), np.array([lon]))
        for closure, closest in zip(closures, clearances, strict=True):
            short = closure.stand_off_m - closest.clearance_m
            if short <= 0.0 or (name, closure.id) in result:
                continue
            works = math.floor(closest.clearance_m / NAUTICAL_MILE * 10.0) / 10.0
            deep = closest.clearance_m < 0.0
            result[name, closure.id] = Shortfall(
                what=f"flight {flight.id}: {name} lies "
                + (f"{-closest.clearance_m / NAUTICAL_MILE:.1f} nm inside " if deep else "too near ")
                + f"the closed airspace of {closure.name} ({closure.id})",
                where=f"{lat:.4f},{lon:.4f}",
                by=short / NAUTICAL_MILE,
                unit="nm",
                key_path=None if deep else "airspace.stand_off",
                value=None if deep else f"{works:g} nm",
                text=f"choose another place, or open {closure.id}"
                if deep
                else f"{works:g} nm is the largest stand-off that clears {name}",
            )
    return tuple(result.values())


def _loop_shortfall(
    area: Station, pattern: station.Loop, closures: tuple[Closure, ...]
) -> tuple[Shortfall, ...]:
    ring_lat = np.append(pattern.lat, pattern.lat[0])
    ring_lon = np.append(pattern.lon, pattern.lon[0])
    result = []
    for closure, closest in zip(closures, route.clearances(closures, ring_lat, ring_lon), strict=True):
        if closest.clearance_m >= closure.stand_off_m:
            continue
        works = math.floor(max(0.0, closest.clearance_m) / NAUTICAL_MILE * 10.0) / 10.0
        result.append(
            Shortfall(
                what=f"the station loop of {area.name} comes too near {closure.name} ({closure.id})",
                where=f"{closest.lat:.3f},{closest.lon:.3f}",
                by=(closure.stand_off_m - closest.clearance_m) / NAUTICAL_MILE,
                unit="nm",
                key_path="airspace.stand_off" if works > 0.0 else None,
                value=f"{works:g} nm" if works > 0.0 else None,
                text=f"{works:g} nm is the largest stand-off the loop keeps; or move the station away"
                if works > 0.0
                else "move the station away",
            )
        )
    return tuple(result)
