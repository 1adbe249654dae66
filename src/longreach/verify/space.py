"""Checks of where flights are: closed airspace, the States overflown, the station, join-ups, distances."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.geodesy import Floats
from longreach.units import NAUTICAL_MILE
from longreach.verify import clearance
from longreach.verify.case import Case
from longreach.verify.escorts import part_of
from longreach.verify.findings import Findings
from longreach.verify.fuel import at_points, together
from longreach.verify.limits import Area, Flight
from longreach.verify.track import Track, seconds, stamp

AGREE, AGREE_FAR = 0.05, 2e-4  # nm, and of the distance: stated from measured clearance
# On the far side of the globe the point nearest by the chord is not always that nearest over the ellipsoid.
OPPOSITE, AGREE_OPPOSITE = 5_000.0, 1e-3  # nm, from where on, and then of the distance
KEEP = 0.01  # nm, by which a stand-off may be cut: the lines themselves are rounded to 0.1 m
ON_TRACK = 0.3  # nm, stated closest position from the track at its time
STAND_OFF = 0.001  # nm
EDGE = 0.05  # nm, outside an area by rounding
BORDER = 0.05  # nm, into airspace a partner may not use, by rounding
WITHIN = 60.0  # s, overflight times
SAMPLE = 60.0  # s between the rows of a track, at most
BRIEF = 120.0  # s, overflights shorter than this may be left out
MOSTLY = 0.8  # of an overflight stated, that is found over that State
JOINED, JOINED_HEIGHT = 1.0, 2000.0  # nm, ft
LENGTH = 0.5  # nm, stated route length from that of its legs
FORCED = 1.0  # nm, a forced contact's start from its place
PROMISE = 0.995  # of the ladder's fuel on the line chosen: a line that promises less has to be planned whole
BOUGHT = 5.0  # kg, all flights together: rows are rounded


def closed(case: Case, findings: Findings) -> None:
    """Clearance of every bound flight from every closure, measured again and compared with the plan's rows.

    Closed airspace binds every flight; partners are bound by may_fly besides.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    stated: list[str] = []
    for row in case.document["airspace"]:
        key = (row["id"], row["flight"])
        if key in rows:
            stated.append(f"airspace has two rows for {row['id']} and flight {row['flight']}")
        rows[key] = row
    worst_apart = 0.0
    for closure in case.closures:
        faults: list[str] = []
        least = math.inf
        name = ""
        limit = closure.stand_off_m / NAUTICAL_MILE
        boundary = clearance.prepare(closure)
        for track in case.tracks.values():
            row = rows.pop((closure.id, track.id), None)
            found = _closest(boundary, closure, track)
            if found is None:
                if row is not None:
                    worst_apart = max(worst_apart, _compare(row, boundary, track, None, limit, stated))
                continue
            if found.clearance_m / NAUTICAL_MILE < least:
                least, name = found.clearance_m / NAUTICAL_MILE, track.id
            nm = found.clearance_m / NAUTICAL_MILE
            if nm < limit - KEEP:
                at = track.where(int(found.along))
                where = f"{nm:.1f} nm" if nm >= 0 else f"{-nm:.1f} nm inside its boundary"
                faults.append(
                    f"{at} {limit - nm:.1f} nm inside the stand-off of {closure.id}: {where}, limit {limit:g}"
                )
            if row is None:
                stated.append(f"airspace has no row for {closure.id} and flight {track.id}")
            else:
                worst_apart = max(worst_apart, _compare(row, boundary, track, found, limit, stated))
        if math.isinf(least):
            continue
        findings.at_least(
            f"airspace.{closure.id}", least, limit - KEEP, "nm",
            f"{closure.name}: flight {name} comes nearest", faults,
        )  # fmt: skip
    stated.extend(
        f"airspace has a row for {id} and flight {flight}, which is no closure or no flight of the plan"
        for id, flight in rows
    )
    findings.at_most(
        "airspace.stated", worst_apart, 1.0, "of allowed",
        f"stated closest approaches from measured; allowed {AGREE:g} nm", stated,
    )  # fmt: skip


def _closest(boundary: clearance.Boundary, closure: Any, track: Track) -> clearance.Closest | None:
    """Closest approach of the part of a track during which the closure is in force; None if never."""
    if closure.floor_m is None and closure.ceiling_m is None and not closure.valid:
        return clearance.closest(boundary, track.lat, track.lon)
    best: clearance.Closest | None = None
    for run in clearance.in_force(closure, track):
        found = clearance.closest(boundary, track.lat[run], track.lon[run])
        if best is None or found.clearance_m < best.clearance_m:
            best = clearance.Closest(found.clearance_m, found.lat, found.lon, found.along + run.start)
    return best


def whole_m(boundary: clearance.Boundary, track: Track) -> float:
    """Least clearance of a whole track, level bands and times aside [m]."""
    return clearance.closest(boundary, track.lat, track.lon).clearance_m


def _compare(
    row: dict[str, Any],
    boundary: clearance.Boundary,
    track: Track,
    found: clearance.Closest | None,
    limit: float,
    faults: list[str],
) -> float:
    """The plan's row against the measurement; the difference as a share of what is allowed."""
    name = f"flight {track.id}, {row['id']}"
    if abs(row["stand_off_nm"] - limit) > STAND_OFF:
        faults.append(f"{name}: stand_off_nm is {row['stand_off_nm']:g}, the mission's is {limit:g}")
    moment = seconds(row["closest_utc"])
    if not track.time_s[0] <= moment <= track.time_s[-1]:
        faults.append(f"{name}: closest_utc {row['closest_utc']} is not within the flight")
        return 0.0
    spot = np.array([row["closest"]["lat"]], float), np.array([row["closest"]["lon"]], float)
    off = float(geodesy.distance(*track.position(np.array([float(moment)])), *spot)[0]) / NAUTICAL_MILE
    if off > ON_TRACK:
        faults.append(
            f"{name}: at {row['closest_utc']} the flight is {off:,.1f} nm from the stated closest position"
        )
    share = AGREE_FAR if abs(row["closest_nm"]) < OPPOSITE else AGREE_OPPOSITE
    allowed = AGREE + share * abs(row["closest_nm"])
    here = float(boundary.signed(*spot)[0]) / NAUTICAL_MILE
    if abs(here - row["closest_nm"]) > allowed:
        faults.append(
            f"{name}: the stated closest position is at {here:.2f} nm, closest_nm is {row['closest_nm']:.2f}"
        )
    if found is None:
        return 0.0
    apart = abs(found.clearance_m / NAUTICAL_MILE - row["closest_nm"])
    if apart > allowed and found.clearance_m != whole_m(boundary, track):
        # A closure with a level band or times may be measured along the whole line, too.
        apart = min(apart, abs(whole_m(boundary, track) / NAUTICAL_MILE - row["closest_nm"]))
    if apart > allowed:
        faults.append(
            f"{name}: measured {found.clearance_m / NAUTICAL_MILE:.2f} nm at {track.where(int(found.along))}, "
            f"closest_nm is {row['closest_nm']:.2f}"
        )
    return apart / allowed


def partners(case: Case, findings: Findings) -> None:
    """Partners stay over the high seas and the States they may use."""
    from longreach.world import airspace

    faults: list[str] = []
    deepest = 0.0
    for track in case.tracks.values():
        flight = case.asked(track)
        if flight is None or track.role != "partner":
            continue
        lat, lon, along = geodesy.densify(track.lat, track.lon, 2000.0)
        row = np.searchsorted(np.concatenate([[0.0], np.cumsum(track.length_m)]), along, side="right") - 1
        over = airspace.overflown(lat, lon)
        for code in sorted(set(over.tolist()) - {"", *flight.may_fly}):
            there = np.flatnonzero(over == code)
            boundary = clearance.prepare(airspace.closures([code])[0])
            depth = -boundary.signed(lat[there], lon[there]) / NAUTICAL_MILE
            worst = int(np.argmax(depth))
            deepest = max(deepest, float(depth[worst]))
            if depth[worst] > BORDER:
                faults.append(
                    f"{track.where(int(min(row[there[worst]], track.time_s.size - 1)))} is {depth[worst]:.1f} nm inside "
                    f"{code}, which flight {track.id} may not use"
                )
    findings.at_most(
        "partners.may_fly", deepest, BORDER, "nm", "deepest into airspace a partner may not use", faults
    )


def overflight(case: Case, findings: Findings) -> None:
    """The States overflown, sampled again every five seconds round each change."""
    from longreach.world import airspace

    faults: list[str] = []
    stated: dict[str, list[tuple[str, int, int]]] = {id: [] for id in case.tracks}
    for index, entry in enumerate(case.document["overflight"]):
        if entry["flight"] not in stated:
            faults.append(f"overflight.{index}: flight {entry['flight']} is not in the plan")
        elif "state" in entry:
            stated[entry["flight"]].append(
                (entry["state"], seconds(entry["enter_utc"]), seconds(entry["leave_utc"]))
            )
    tracks = list(case.tracks.values())
    if tracks:
        over = airspace.overflown(
            np.concatenate([track.lat for track in tracks]), np.concatenate([track.lon for track in tracks])
        )
        parts = np.split(over, np.cumsum([track.lat.size for track in tracks])[:-1])
        for track, codes in zip(tracks, parts, strict=True):
            faults.extend(_overflight(track, codes, stated[track.id]))
    count = sum(len(rows) for rows in stated.values())
    findings.yes("overflight", faults, f"{count} overflights agree with an own sampling within a minute")


def _overflight(track: Track, codes: Any, stated: list[tuple[str, int, int]]) -> list[str]:
    from longreach.world import airspace

    changes = np.flatnonzero(codes[1:] != codes[:-1])
    fine = np.concatenate(
        [np.arange(track.time_s[k], track.time_s[k + 1], 5.0) for k in changes] or [np.zeros(0)]
    )
    moments = np.union1d(track.time_s, fine)
    over = np.empty(moments.size, codes.dtype)
    own_row = np.isin(moments, track.time_s)
    over[own_row] = codes
    if (~own_row).any():
        over[~own_row] = airspace.overflown(*track.position(moments[~own_row]))
    edges = np.concatenate([[0], np.flatnonzero(over[1:] != over[:-1]) + 1, [over.size]])
    runs = [
        (str(over[a]), float(moments[a]), float(moments[min(b, moments.size - 1)]))
        for a, b in itertools.pairwise(edges)
        if over[a]
    ]
    faults = []
    for code, enter, leave in runs:
        if leave - enter <= BRIEF:
            continue
        # rows a minute apart do not see a State left for another for less than that
        said = sum(
            max(0.0, min(end, leave) - max(start, enter))
            for s, start, end in stated
            if s == code or end - start <= SAMPLE
        )
        if leave - enter - said > 2 * WITHIN:
            faults.append(
                f"flight {track.id} is over {code} from {stamp(enter)} to {stamp(leave)}; overflight does not say so"
            )
    for code, start, end in stated:
        pieces = [
            (max(start, enter), min(end, leave))
            for c, enter, leave in runs
            if c == code and leave > start and enter < end
        ]
        inside = sum(leave - enter for enter, leave in pieces)
        # a coast may be left for a moment on each round of a loop: no one absence may be long
        marks = np.array([start, *itertools.chain.from_iterable(pieces), end], float)
        away = float(np.diff(marks)[::2].max())
        if end < start or away > 2 * WITHIN + BRIEF or inside < (end - start) * MOSTLY - BRIEF:
            faults.append(
                f"flight {track.id} is stated over {code} from {stamp(start)} to {stamp(end)}, found there for "
                f"{inside:.0f} s of it, {away:.0f} s away at a time"
            )
    return faults


def station(case: Case, findings: Findings) -> None:
    """The lead is inside the mission's area from enter to leave, for as long as asked."""
    area, stated, lead = case.limits.station, case.document["station"], case.lead()
    if area is None:
        if stated is not None:
            findings.yes("station", ["the plan has a station, the mission asks for none"], "")
        return
    if stated is None or lead is None:
        findings.yes(
            "station", [f"the mission asks for {area.time_s:.0f} s on station, the plan has none"], ""
        )
        return
    faults = []
    enter, leave = seconds(stated["enter_utc"]), seconds(stated["leave_utc"])
    if abs(leave - enter - stated["duration_s"]) > 1.0:
        faults.append(f"duration_s is {stated['duration_s']:.0f}, enter to leave are {leave - enter} s")
    if stated["area"] != area.name:
        faults.append(f"area is {stated['area']!r}, the mission's {area.name!r}")
    if not lead.time_s[0] <= enter <= leave <= lead.time_s[-1]:
        faults.append(f"{stamp(enter)} to {stamp(leave)} is not within flight {lead.id}")
    else:
        moments = lead.time_s[(lead.time_s >= enter) & (lead.time_s <= leave)]
        moments = np.union1d(moments, [enter, leave])
        moments = np.union1d(moments, (moments[1:] + moments[:-1]) / 2.0)
        out = outside(area, *lead.position(moments)) / NAUTICAL_MILE
        worst = int(np.argmax(out))
        if out[worst] > EDGE:
            faults.append(
                f"{lead.where(lead.row_at(moments[worst]))} is {out[worst]:.1f} nm outside {area.name}"
            )
    for vertex in lead.document["route"]:
        if vertex["kind"] == "station":
            out = outside(area, np.array([float(vertex["lat"])]), np.array([float(vertex["lon"])]))
            if out[0] > EDGE * NAUTICAL_MILE:
                faults.append(
                    f"route vertex at {vertex['lat']:.3f}, {vertex['lon']:.3f} is said to be on station"
                )
    findings.at_least(
        "station", float(leave - enter), area.time_s - 1.0, "s", f"on station in {area.name}", faults
    )


def outside(area: Area, lat: Floats, lon: Floats) -> Floats:
    """How far points lie outside the area [m], 0 inside.

    A circle is all within its radius; an orbit all within its width of the leg; a polygon's edges are geodesics.
    """
    if area.shape == "circle":
        return np.maximum(geodesy.distance(area.lat, area.lon, lat, lon) - area.radius_m, 0.0)
    if area.shape == "orbit":
        end_lat, end_lon, _ = geodesy.direct(
            area.lat, area.lon, [area.axis_deg, area.axis_deg + 180.0], area.leg_m / 2.0
        )
        leg = clearance.lines_only(end_lat, end_lon)
        return np.maximum(leg.exact(lat, lon) - area.width_m, 0.0)
    corners = np.array(area.polygon, float)
    ring = clearance.ring_only(corners[:, 0], corners[:, 1])
    return np.maximum(ring.signed(lat, lon), 0.0)


def joins(case: Case, findings: Findings) -> None:
    """Every partner is beside the lead from join to leave, for as long as the mission asks."""
    faults: list[str] = []
    worst = 0.0
    lead = case.lead()
    entries: dict[str, list[dict[str, Any]]] = {}
    for entry in case.document["joins"]:
        entries.setdefault(entry["flight"], []).append(entry)
    flown: list[tuple[str, Flight]] = []
    for flight in case.limits.partners:
        sorties = case.sorties(flight)
        flown.extend((track.id, flight) for track in sorties)
        if not sorties and not case.limits.free(flight.id):
            flown.append((flight.id, flight))
    for id, flight in flown:
        track = case.tracks.get(id)
        if not entries.get(id):
            faults.append(f"flight {id} joins nobody")
            continue
        longest = 0.0
        span = part_of(case, flight.during) if flight.during else None
        for entry in entries[id]:
            join, leave = seconds(entry["join_utc"]), seconds(entry["leave_utc"])
            if track is None or lead is None or entry["with"] != lead.id:
                faults.append(f"flight {id} joins flight {entry['with']}, not the plan's lead")
                continue
            if leave <= join:
                faults.append(f"flight {id}: leave_utc is not after join_utc")
                continue
            if span is not None and not span[0] - 1.0 <= join <= leave <= span[1] + 1.0:
                faults.append(
                    f"flight {id} is with the lead from {stamp(join)} to {stamp(leave)}, asked for between "
                    f"{stamp(span[0])} and {stamp(span[1])}"
                )
            longest = max(longest, leave - join)
            apart, fault = together(track, lead, join, leave, JOINED, JOINED_HEIGHT)
            worst = max(worst, apart)
            if fault:
                faults.append(fault)
            for beside in (track, lead):
                faults.extend(at_points(entry, beside, "join", "leave"))
        if longest < flight.together_s - 1.0:
            faults.append(
                f"flight {id} is with the lead for {longest / 60:.1f} min, the mission asks for "
                f"{flight.together_s / 60:.1f}"
            )
    known = {id for id, _ in flown}
    faults.extend(f"joins names flight {id}, no partner of the mission" for id in entries if id not in known)
    findings.at_most("joins", worst, JOINED, "nm", "partners from the lead while together", faults)


def optimality(case: Case, findings: Findings) -> None:
    """Sorties and distance stated are those of the plan; bounds do not exceed them."""
    stated, lead = case.document["optimality"], case.lead()
    if stated is None:
        return
    faults = []
    sorties = sum(
        track.count
        for track in case.tracks.values()
        if track.role == "tanker" and track.document.get("spare_of") is None
    )
    if stated["tanker_sorties"] != sorties:
        faults.append(f"tanker_sorties is {stated['tanker_sorties']}, {sorties} tankers take off in the plan")
    if stated["tanker_sorties_bound"] > sorties:
        faults.append(f"tanker_sorties_bound {stated['tanker_sorties_bound']:g} is over the {sorties} flown")
    off = 0.0
    if lead is not None:
        flown = _route_length(lead) / NAUTICAL_MILE
        off = abs(stated["route_nm"] - flown)
        if off > LENGTH:
            faults.append(
                f"route_nm is {stated['route_nm']:,.1f}, flight {lead.id} flies {flown:,.1f} nm, orbit apart"
            )
        if stated["route_bound_nm"] > stated["route_nm"] * (1.0 + 1e-9):
            faults.append(
                f"route_bound_nm {stated['route_bound_nm']:,.1f} is over route_nm {stated['route_nm']:,.1f}"
            )
    faults.extend(_fuel_bought(case, stated))
    faults.extend(_lines(stated))
    findings.yes("optimality", faults, f"{sorties} tanker sorties; route_nm is flown, within {off:.1f} nm")


def places(case: Case, findings: Findings) -> None:
    """Contacts are where the mission lets them be: over its States, out of its forbidden areas, on forced tracks."""
    from longreach.world import airspace

    limits = case.limits
    if limits.contacts_over is None and not (limits.contacts_not_over or limits.forced or limits.forbidden):
        return
    faults: list[str] = []
    starts = []
    for entry in case.document["refuellings"]:
        track = case.tracks.get(entry["receiver"])
        if track is None:
            continue
        moment = np.arange(seconds(entry["start_utc"]), seconds(entry["end_utc"]) + 1.0, 30.0)
        lat, lon = track.position(moment)
        starts.append((float(lat[0]), float(lon[0])))
        over = set(np.unique(airspace.overflown(lat, lon)).tolist()) - {""}
        allowed = limits.contacts_over
        bad = sorted(
            (over - set(allowed) if allowed is not None else set()) | (over & set(limits.contacts_not_over))
        )
        if bad:
            faults.append(f"refuelling {entry['id']} is over {', '.join(bad)}, where the mission allows none")
        for area in limits.forbidden:
            if (outside(area, lat, lon) <= 0.0).any():
                faults.append(f"refuelling {entry['id']} is in the forbidden area {area.name}")
    for name, point in limits.forced:
        near = [float(geodesy.distance(*start, point.lat, point.lon)) for start in starts]
        if min(near, default=np.inf) > FORCED * NAUTICAL_MILE:
            faults.append(f"no contact begins at {name}, where the mission wants one")
    findings.yes("refuelling.places", faults, "contacts are where the mission allows and wants them")


def _fuel_bought(case: Case, stated: dict[str, Any]) -> list[str]:
    """The fuel bought is that of the tracks; the ladder's bound is not over its figure, and its gap is theirs."""
    faults: list[str] = []
    if "fuel_bought_kg" in stated:
        bought = 0.0
        for track in case.tracks.values():
            if track.role in ("lead", "tanker"):
                left = float(track.fuel_kg[-1]) if track.role == "tanker" else 0.0
                bought += track.count * (float(track.fuel_kg[0]) - left)
        if abs(bought - stated["fuel_bought_kg"]) > BOUGHT:
            faults.append(
                f"fuel_bought_kg is {stated['fuel_bought_kg']:,.0f}, the flights take {bought:,.0f}"
            )
    if {"ladder_fuel_kg", "ladder_fuel_bound_kg", "ladder_gap_pct"} <= stated.keys():
        fuel, bound = stated["ladder_fuel_kg"], stated["ladder_fuel_bound_kg"]
        if bound > fuel:
            faults.append(f"ladder_fuel_bound_kg {bound:,.0f} is over ladder_fuel_kg {fuel:,.0f}")
        gap = 100.0 * (fuel - bound) / fuel if fuel else 0.0
        if abs(gap - stated["ladder_gap_pct"]) > 0.001:
            faults.append(
                f"ladder_gap_pct is {stated['ladder_gap_pct']:g}, fuel and bound are {gap:.4f} % apart"
            )
    return faults


def _lines(stated: dict[str, Any]) -> list[str]:
    """Of the lines tried one was chosen, none is better, and its figures are the plan's."""
    lines = stated.get("lines")
    if not isinstance(lines, list) or not lines:
        return []
    try:
        merits = [
            (row["tanker_sorties"], row["fuel_bought_kg"])
            for row in lines
            if row["tanker_sorties"] is not None
        ]
        chosen = [row for row in lines if row["chosen"]]
    except (KeyError, TypeError) as error:
        return [f"lines cannot be read: {error!r}"]
    if len(chosen) != 1:
        return [f"{len(chosen)} of the lines tried are said to be chosen"]
    own = chosen[0]
    faults = []
    if merits and (own["tanker_sorties"], own["fuel_bought_kg"]) != min(merits):
        faults.append(f"the line {own['line']!r} was chosen, another is better")
    if own["tanker_sorties"] not in (None, stated["tanker_sorties"]):
        faults.append(
            f"the line chosen has {own['tanker_sorties']} sorties, the plan {stated['tanker_sorties']}"
        )
    if own["route_nm"] is not None and abs(own["route_nm"] - stated["route_nm"]) > LENGTH:
        faults.append(
            f"the line chosen is {own['route_nm']:,.1f} nm long, route_nm {stated['route_nm']:,.1f}"
        )
    if stated.get("lines_settled") is True:
        faults += _promising(lines, own)
    return faults


def _promising(lines: list[dict[str, Any]], own: dict[str, Any]) -> list[str]:
    """Lines not planned whole that promise a sortie less than the one chosen, or noticeably less fuel."""
    sorties, fuel = own.get("ladder_sorties"), own.get("ladder_fuel_kg")
    if sorties is None or fuel is None:
        return []
    left = [
        row["line"]
        for row in lines
        if row.get("planned") is False
        and row.get("ladder_sorties") is not None
        and (row["ladder_sorties"], row["ladder_fuel_kg"]) < (sorties, PROMISE * fuel)
    ]
    return [f"lines_settled, but {name!r} promises more and was not planned" for name in left]


def _route_length(track: Track) -> float:
    """Length of a flight's route [m], legs between station vertices left out."""
    vertices = track.document["route"]
    lat, lon = (np.array([vertex[key] for vertex in vertices], float) for key in ("lat", "lon"))
    orbit = np.array([vertex["kind"] == "station" for vertex in vertices])
    legs = geodesy.distance(lat[:-1], lon[:-1], lat[1:], lon[1:])
    return float(legs[~(orbit[:-1] & orbit[1:])].sum())
