"""A plan's flights as a BlueSky scenario (`.scn`): points, levels and Mach numbers, each aircraft by name.

What is asked of BlueSky is kinematics alone. It is given points, levels and Mach numbers, and finds where
the aircraft is and when. It knows neither a B-52 nor a KC-135 and would silently fly a 747 in their place,
so its performance model is switched off: fuel, thrust and ceilings are not compared. `longreach.export.flown`
has it fly the scenario and holds what was flown against the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.errors import Fault, InputError
from longreach.export.result import Carried, File
from longreach.export.table import Table
from longreach.units import FOOT, KNOT, NAUTICAL_MILE

STEP_S = 2  # the simulation's step: at 5 s BlueSky overshoots every rate of climb and averages 3/4 of it
TURN_BACK_DEG = 90.0  # from here on a turn counts as turning back
BANK_DEG = 25.0  # in turns, BlueSky's own; fighters bank more
FIGHTER_BANK_DEG = 45.0
FIGHTERS = ("F-15E", "F-15SA", "F-16C", "Mirage 2000-5", "Rafale", "Typhoon")
LEAD_IN = 5.0 * NAUTICAL_MILE  # where a point without a speed is put in after the start
LEVEL_TOLERANCE_FT = 150.0  # levels between two points may leave the straight line by this
MACH_TOLERANCE = 0.004  # a point is added where the Mach number has moved by this
TRACK_TOLERANCE_DEG = 45.0  # BlueSky holds a point for passed once its bearing has swung 90 deg: near a pole
LEAST_SPACING = 1.0 * NAUTICAL_MILE  # points in line nearer than this would fall within one or two steps


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a scenario: where, with which speed and level from there on, and the plan's time."""

    name: str
    lat: float
    lon: float
    altitude_ft: float
    mach: float
    time_s: float  # the plan's, since the piece began
    vertex: int | None  # index in the flight's route, or None: put in for a change of level, speed or track
    turn_deg: float  # change of track there, 0 to 180
    over: bool  # flown over, since a turn that begins before the point does not fit its legs


@dataclass(frozen=True, slots=True)
class Piece:
    """What one aircraft of the scenario flies: a flight from its top of climb to its top of descent.

    A flight that holds over a point is flown in pieces, because a plan's hold stands still.
    """

    aircraft: str  # its name in the scenario
    flight: str
    aircraft_type: str
    bank_deg: float
    start_s: int  # on the scenario's clock
    points: tuple[Point, ...]
    rows: tuple[tuple[float, float, float, float], ...]  # plan: seconds since the start, lat, lon, gs [m/s]
    left_out: int  # vertices too near their neighbours, and in line with them


@dataclass(frozen=True, slots=True)
class Scenario:
    text: str
    pieces: tuple[Piece, ...]
    last_s: int  # no aircraft is due later on the scenario's clock


def _seconds(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC).timestamp()


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}.00"


def _speed_of_sound(altitude_ft: float) -> float:
    """ISA, m/s; the same sums as any atmosphere up to 20 km."""
    return float(np.sqrt(1.4 * 287.05287 * max(288.15 - 0.0065 * altitude_ft * FOOT, 216.65)))


def cruise_rows(flight: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Track rows from the first after the climb-out to the start of the last descent, both included."""
    track = flight["track"]
    rows = [dict(zip(track["columns"], row, strict=True)) for row in track["rows"]]
    first = next(i for i, row in enumerate(rows) if row["phase"] != "climb")
    last = max(i for i, (a, b) in enumerate(pairwise(rows), 1) if a["phase"] != "descent" == b["phase"])
    return rows[first : last + 1]


def _vertices(flight: Mapping[str, Any], rows: list[dict[str, Any]]) -> dict[int, int]:
    """Row index -> route index, for the vertices flown within `rows`, found in the order flown."""
    track = flight["track"]
    at = {name: track["columns"].index(name) for name in ("time_utc", "lat", "lon")}
    times = {row["time_utc"]: i for i, row in enumerate(rows)}
    found: dict[int, int] = {}
    start = 0
    for number, vertex in enumerate(flight["route"]):
        for i in range(start, len(track["rows"])):
            row = track["rows"][i]
            # A row says where it is with six decimals, some 0.1 m.
            same = abs(row[at["lat"]] - vertex["lat"]) < 3e-6 and abs(row[at["lon"]] - vertex["lon"]) < 3e-6
            if same:
                start = i + 1
                if row[at["time_utc"]] in times:
                    found[times[row[at["time_utc"]]]] = number
                break
        else:
            raise InputError(
                Fault(
                    f"no row of flight {flight['id']} lies at {vertex['lat']}, {vertex['lon']}",
                    key=f"flights.{flight['id']}.route.{number}",
                )
            )
    return found


def _moved_on(rows: list[dict[str, Any]], bearings: np.ndarray, last: int, i: int) -> bool:
    """Whether level, speed or track have left what a straight leg from row `last` past row `i` would hold."""
    levels = np.array([row["altitude_ft"] for row in rows[last : i + 2]])
    times = np.array([_seconds(row["time_utc"]) for row in rows[last : i + 2]])
    straight = np.interp(times, times[[0, -1]], levels[[0, -1]])
    return bool(
        np.abs(straight - levels).max() > LEVEL_TOLERANCE_FT
        or abs(rows[i]["mach"] - rows[last]["mach"]) > MACH_TOLERANCE
        or abs((bearings[i] - bearings[last] + 180.0) % 360.0 - 180.0) > TRACK_TOLERANCE_DEG
    )


def _kept(rows: list[dict[str, Any]], vertices: dict[int, int], bearings: np.ndarray) -> list[int]:
    """Indices of the rows that become points: vertices, and where level, speed or track has moved on."""
    kept = [0]
    for i in range(1, len(rows)):
        if i in vertices or i == len(rows) - 1 or _moved_on(rows, bearings, kept[-1], i):
            kept.append(i)
    return kept


def _piece(
    flight: Mapping[str, Any],
    aircraft: str,
    rows: list[dict[str, Any]],
    vertices: dict[int, int],
    start_s: int,
) -> Piece:
    lat, lon = (np.array([row[key] for row in rows]) for key in ("lat", "lon"))
    _, bearing, _ = geodesy.inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])
    bearings = np.append(bearing, bearing[-1])
    kept = _kept(rows, vertices, bearings)
    left_out = 0
    chosen = [0]
    for n, i in enumerate(kept[1:-1], 1):
        legs = geodesy.inverse(
            lat[[chosen[-1], i]], lon[[chosen[-1], i]], lat[[i, kept[n + 1]]], lon[[i, kept[n + 1]]]
        )
        turn = abs((legs[1][1] - legs[2][0] + 180.0) % 360.0 - 180.0)
        if legs[0].min() < LEAST_SPACING and turn < 2.0:
            left_out += i in vertices
        else:
            chosen.append(i)
    chosen.append(kept[-1])
    if float(geodesy.distance(*(axis[chosen[k]] for k in (-2, -1) for axis in (lat, lon)))) < LEAST_SPACING:
        del chosen[-2]  # the end counts more than a point just before it
    legs = geodesy.inverse(lat[chosen[:-1]], lon[chosen[:-1]], lat[chosen[1:]], lon[chosen[1:]])
    turns = np.abs((legs[1][1:] - legs[2][:-1] + 180.0) % 360.0 - 180.0)
    bank = FIGHTER_BANK_DEG if flight["aircraft"] in FIGHTERS else BANK_DEG
    over = _flown_over(legs[0], turns, np.array([rows[i]["tas_kt"] * KNOT for i in chosen]), bank)
    began = _seconds(rows[0]["time_utc"])
    points = tuple(
        Point(
            name=f"{aircraft}{number:03d}X",
            lat=rows[i]["lat"],
            lon=rows[i]["lon"],
            altitude_ft=rows[i]["altitude_ft"],
            mach=rows[i]["mach"],
            time_s=_seconds(rows[i]["time_utc"]) - began,
            vertex=vertices.get(i),
            turn_deg=float(turns[number - 1]) if 0 < number < len(chosen) - 1 else 0.0,
            over=bool(over[number]),
        )
        for number, i in enumerate(chosen)
    )
    return Piece(
        aircraft=aircraft,
        flight=flight["id"],
        aircraft_type=flight["aircraft"],
        bank_deg=bank,
        start_s=start_s,
        points=points,
        rows=tuple((_seconds(r["time_utc"]) - began, r["lat"], r["lon"], r["gs_kt"] * KNOT) for r in rows),
        left_out=left_out,
    )


def _flown_over(legs: np.ndarray, turns: np.ndarray, speeds: np.ndarray, bank_deg: float) -> np.ndarray:
    """Which points are flown over: the last, turn-backs, and turns that would begin too early for their legs.

    A turn by `turn` degrees at radius R, cut so that it ends on the next leg, begins R tan(turn / 2)
    before the point. BlueSky cuts every corner unless told otherwise, a reversal by an endless distance.
    """
    radius = speeds**2 / (9.80665 * np.tan(np.radians(bank_deg)))
    lead = np.zeros(len(speeds))
    lead[1:-1] = radius[1:-1] * np.tan(np.radians(np.minimum(turns, 179.0)) / 2)
    over = np.zeros(len(speeds), bool)
    over[1:-1] = turns >= TURN_BACK_DEG
    over[-1] = True
    for n in np.argsort(-lead):  # the widest turns give way first
        if 0 < n < len(speeds) - 1:
            ahead, behind = (0.0 if over[k] else lead[k] for k in (n + 1, n - 1))
            over[n] |= lead[n] + behind > legs[n - 1] or lead[n] + ahead > legs[n]
    return over


def _commands(piece: Piece) -> list[str]:
    first, second = piece.points[:2]
    leg, heading, _ = geodesy.inverse(first.lat, first.lon, second.lat, second.lon)
    # BlueSky turns the Mach number of its first point into a calibrated airspeed. So its first point is one
    # without a speed, some way along the first leg, and the Mach number selected beforehand stays.
    share = min(0.5, LEAD_IN / float(leg))
    lat, lon, _ = geodesy.direct(first.lat, first.lon, heading, share * leg)
    level = first.altitude_ft + share * (second.altitude_ft - first.altitude_ft)
    at, name = _clock(piece.start_s), piece.aircraft
    lines = [f"00:00:00.00>DEFWPT {p.name},{p.lat:.6f},{p.lon:.6f},FIX" for p in piece.points[1:]]
    lines += [
        f"00:00:00.00>DEFWPT {first.name},{float(lat):.6f},{float(lon):.6f},FIX",
        f"{at}>CRE {name},{piece.aircraft_type.replace(' ', '')},{first.lat:.6f},{first.lon:.6f},{float(heading):.3f},"
        f"{first.altitude_ft:.0f},M{first.mach:.4f}",
        # Climb and descend along the straight line from level to level, neither early nor late.
        f"{at}>SWTOC {name},OFF",
        f"{at}>SWTOD {name},OFF",
        f"{at}>BANK {name},{piece.bank_deg:.0f}",
        f"{at}>ADDWPT {name},{first.name},{level:.0f}",
    ]
    mode = "FLYBY"
    for point in piece.points[1:]:
        if mode != (mode := "FLYOVER" if point.over else "FLYBY"):
            lines.append(f"{at}>ADDWPTMODE {name},{mode}")
        lines.append(f"{at}>ADDWPT {name},{point.name},{point.altitude_ft:.0f},M{point.mach:.4f}")
    return [*lines, f"{at}>SPD {name},M{first.mach:.4f}", f"{at}>LNAV {name},ON", f"{at}>VNAV {name},ON"]


def scenario(plan: Mapping[str, Any]) -> Scenario:
    """The flights of a feasible plan as a BlueSky scenario.

    In any wind but a constant one, which BlueSky has as one command, each aircraft is given its ground speed
    as if the air were still: then places and times can be held against the plan, airspeeds cannot.

    Raises: InputError for a plan without flights.
    """
    if not plan["flights"]:
        raise InputError(Fault("the plan holds no flight: an infeasible plan cannot be flown", key="flights"))
    winds = plan["data"]["winds"]
    lines = ["00:00:00.00>PERF UNLIMITED", "00:00:00.00>CDMETHOD OFF", f"00:00:00.00>DT {STEP_S}"]
    in_air = winds["source"] in ("still", "constant")
    if winds["source"] == "constant":
        east, north = winds["u_mps"], winds["v_mps"]
        blows_from = np.degrees(np.arctan2(-east, -north)) % 360.0
        lines.append(f"00:00:00.00>WIND 0,0,,{blows_from:.3f},{np.hypot(east, north) / KNOT:.4f}")

    flown = [(flight, cruise_rows(flight)) for flight in plan["flights"]]
    epoch = min(_seconds(rows[0]["time_utc"]) for _, rows in flown)
    pieces = []
    for number, (flight, rows) in enumerate(flown):
        for row in rows:
            speed = row["tas_kt"] if in_air or row["gs_kt"] == 0.0 else row["gs_kt"]
            row["mach"] = speed * KNOT / _speed_of_sound(row["altitude_ft"])
        vertices = _vertices(flight, rows)
        bounds = [0]  # a piece ends where a hold begins and the next starts where it ends
        for i in range(1, len(rows)):
            if (rows[i]["phase"] == "hold") != (rows[i - 1]["phase"] == "hold"):
                bounds.append(i)
        bounds.append(len(rows) - 1)
        part = 0
        for a, b in pairwise(bounds):
            if rows[a]["phase"] == "hold" or b == a:
                continue
            start_s = -int(-(_seconds(rows[a]["time_utc"]) - epoch) // STEP_S) * STEP_S
            inside = {i - a: vertex for i, vertex in vertices.items() if a <= i <= b}
            name = f"LR{chr(ord('A') + number % 26)}{number // 26 or ''}{chr(ord('P') + part)}"
            piece = _piece(flight, name, rows[a : b + 1], inside, start_s)
            pieces.append(piece)
            lines += _commands(piece)
            part += 1
    last_s = max(piece.start_s + int(piece.rows[-1][0]) for piece in pieces)
    # BlueSky reads a scenario in the order of its clock; lines of one second keep theirs.
    lines.sort(key=lambda line: line.partition(">")[0].rjust(12))
    return Scenario("\n".join(lines) + "\n", tuple(pieces), last_s)


def files(table: Table) -> tuple[File, ...]:
    """plan.scn, all flights; BlueSky's commands with the plan's points by name."""
    made = scenario(table.document)
    winds = table.document["data"]["winds"]["source"]
    losses = [
        "fuel, mass and performance: BlueSky has no model of most types here; switch its performance off",
        "flights begin at their top of climb and end at their top of descent",
    ]
    if winds not in ("still", "constant"):
        losses.append(f"winds ({winds}): speeds are ground speeds in still air")
    cut = sum(piece.left_out for piece in made.pieces)
    if cut:
        losses.append(f"{cut} route points in line with neighbours less than 1 nm away are left out")
    carried = tuple(
        Carried(
            piece.flight,
            np.round([point.lat for point in piece.points], 6),
            np.round([point.lon for point in piece.points], 6),
            "sphere",
        )
        for piece in made.pieces
    )
    return (File("plan.scn", made.text.encode(), tuple(losses), carried),)
