"""A plan flown by a second engine: BlueSky runs our scenario, and what it flew is held against the plan.

BlueSky has its own Earth, clock, atmosphere, autopilot and turns. It is a program of its own (GPL) and runs in
a process and a HOME of its own: the Python named by LONGREACH_BLUESKY_PYTHON, or this one where BlueSky is
installed beside Longreach. Position and time only, never fuel.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.document import sha256, to_bytes
from longreach.errors import LongreachError, MissingExtra
from longreach.export.scenario import TURN_BACK_DEG, Piece, Point, Scenario, scenario
from longreach.units import FOOT, HOUR, MINUTE, NAUTICAL_MILE

SCHEMA = "longreach.flown/1"
BLUESKY_EARTH_RADIUS = 6371000.0  # m: BlueSky moves aircraft on this sphere

# What a flown plan may differ by. Plans turn on the spot; at 25 degrees of bank and 450 kt half a circle is
# 20 nm, 2 min 40 s, and a right angle half of that.
DISTANCE_SHARE = 0.004
DISTANCE_LEAST = 3.0 * NAUTICAL_MILE
DISTANCE_PER_TURN_BACK = 20.0 * NAUTICAL_MILE
TIME_BEFORE_TURNS = 1.0 * MINUTE
TIME_WITH_TURNS = 2.0 * MINUTE
TIME_PER_TURN_BACK = 1.5 * MINUTE
END_OFF = 3.0 * NAUTICAL_MILE
LONGEST_RUN_S = 3600.0


@dataclass(frozen=True, slots=True)
class Passing:
    """How BlueSky passed one point."""

    point: Point
    late_s: float  # BlueSky's time less the plan's
    sphere_s: float  # of which BlueSky's spherical Earth explains this much
    off_m: float  # closest distance to the point
    high_ft: float  # BlueSky's level there less the plan's
    turn_backs: int  # up to it


@dataclass(frozen=True, slots=True)
class Comparison:
    piece: Piece
    planned_m: float  # along the plan's rows, WGS84
    flown_m: float  # along BlueSky's track, WGS84
    bluesky_m: float  # what BlueSky counts itself, on its sphere
    aside_m: float  # farthest from the planned line, turns included
    passings: tuple[Passing, ...]

    @property
    def turn_backs(self) -> int:
        return self.passings[-1].turn_backs

    @property
    def flown_s(self) -> float:
        return self.piece.rows[-1][0]


def _ecef(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """(n, 3) points of the WGS84 ellipsoid [m]."""
    a, f = 6378137.0, 1 / 298.257223563
    phi, lam = np.radians(lat), np.radians(lon)
    normal = a / np.sqrt(1 - f * (2 - f) * np.sin(phi) ** 2)
    return np.stack(
        [
            normal * np.cos(phi) * np.cos(lam),
            normal * np.cos(phi) * np.sin(lam),
            normal * (1 - f) ** 2 * np.sin(phi),
        ],
        axis=-1,
    )


def _spherical(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Lengths between successive points on BlueSky's sphere [m], haversine."""
    phi, lam = np.radians(lat), np.radians(lon)
    h = np.sin(np.diff(phi) / 2) ** 2 + np.cos(phi[1:]) * np.cos(phi[:-1]) * np.sin(np.diff(lam) / 2) ** 2
    return 2 * BLUESKY_EARTH_RADIUS * np.arcsin(np.sqrt(h))


def compare(piece: Piece, log: np.ndarray) -> Comparison:
    """One piece's plan against its log, columns as `fly` writes them.

    A point is passed where the flown line is nearest to it, between the moment the autopilot took up the
    point before and the moment it took up the point after.
    """
    time, lat, lon, altitude, counted, active = log.T
    flown = _ecef(lat, lon)
    rows = np.array(piece.rows)
    plan_legs = geodesy.distance(rows[:-1, 1], rows[:-1, 2], rows[1:, 1], rows[1:, 2])
    # The plan's speed over BlueSky's sphere instead of the ellipsoid: the time this alone accounts for.
    excess = _spherical(rows[:, 1], rows[:, 2]) - plan_legs
    sphere = np.append(0.0, np.cumsum(excess * np.diff(rows[:, 0]) / np.maximum(plan_legs, 1e-9)))

    turn_backs = 0
    passings = []
    where = 0.0
    for number, point in enumerate(piece.points):
        if number == 0:
            continue
        # The lead-in is number 0 of BlueSky's route, so a point has the same number in both.
        begin = int(np.argmax(active >= number - 1)) if number > 1 else 0
        after = np.nonzero(active > number + 1)[0]
        end = int(after[0]) if after.size and number < len(piece.points) - 1 else len(time) - 1
        start, step = flown[begin:end], np.diff(flown[begin : end + 1], axis=0)
        target = _ecef(np.array(point.lat), np.array(point.lon))
        part = np.clip(
            np.einsum("ij,ij->i", target - start, step) / np.maximum((step**2).sum(1), 1e-9), 0.0, 1.0
        )
        off = np.linalg.norm(start + part[:, None] * step - target, axis=1)
        best = int(off.argmin())
        moment = time[begin + best] + part[best] * (time[begin + best + 1] - time[begin + best])
        where = begin + best + part[best]
        turn_backs += point.turn_deg >= TURN_BACK_DEG
        passings.append(
            Passing(
                point,
                float(moment - piece.start_s - point.time_s),
                float(np.interp(point.time_s, rows[:, 0], sphere)),
                float(off[best]),
                float(np.interp(moment, time, altitude) / FOOT - point.altitude_ft),
                turn_backs,
            )
        )
    along = np.append(0.0, np.cumsum(geodesy.distance(lat[:-1], lon[:-1], lat[1:], lon[1:])))
    index = np.arange(len(time))
    return Comparison(
        piece,
        float(plan_legs.sum()),
        float(np.interp(where, index, along)),
        float(np.interp(where, index, counted)),
        _aside(rows[:, 1], rows[:, 2], flown[: int(np.ceil(where)) + 1]),
        tuple(passings),
    )


def _aside(lat: np.ndarray, lon: np.ndarray, flown: np.ndarray) -> float:
    """Greatest distance [m] from (n, 3) flown points to the line of the plan's rows, 60 s apart at most."""
    from scipy.spatial import cKDTree

    line = _ecef(*geodesy.densify(lat, lon, 2000.0)[:2])
    if len(line) < 2 or not len(flown):
        return 0.0
    start, step = line[:-1], np.diff(line, axis=0)
    _, near = cKDTree((line[:-1] + line[1:]) / 2).query(flown, k=min(4, len(start)))
    near = near.reshape(len(flown), -1)
    way = flown[:, None, :] - start[near]
    part = np.clip((way * step[near]).sum(-1) / np.maximum((step[near] ** 2).sum(-1), 1e-9), 0.0, 1.0)
    return float(np.linalg.norm(way - part[..., None] * step[near], axis=-1).min(axis=1).max())


def faults(comparison: Comparison) -> list[str]:
    """Where a flown piece leaves what a plan may differ by; [] where it does not."""
    name = f"{comparison.piece.flight} ({comparison.piece.aircraft})"
    found = []
    excess = comparison.flown_m - comparison.planned_m
    allowed = max(DISTANCE_SHARE * comparison.planned_m, DISTANCE_LEAST)
    if not -allowed <= excess <= allowed + comparison.turn_backs * DISTANCE_PER_TURN_BACK:
        found.append(f"{name}: {excess / NAUTICAL_MILE:.1f} nm longer")
    for passing in comparison.passings:
        late = passing.late_s - passing.sphere_s
        allowed = (
            TIME_WITH_TURNS + passing.turn_backs * TIME_PER_TURN_BACK
            if passing.turn_backs
            else TIME_BEFORE_TURNS
        )
        if abs(late) > allowed:
            found.append(f"{name}: {late:.0f} s late at {passing.point.name} (limit {allowed:.0f})")
    if comparison.passings[-1].off_m > END_OFF:
        found.append(f"{name}: ends {comparison.passings[-1].off_m / NAUTICAL_MILE:.1f} nm off")
    return found


def interpreter() -> str:
    """A Python that has BlueSky: LONGREACH_BLUESKY_PYTHON, or this one.

    Raises: MissingExtra where there is none.
    """
    given = os.environ.get("LONGREACH_BLUESKY_PYTHON")
    if given:
        return given
    if util.find_spec("bluesky"):
        return sys.executable
    raise MissingExtra(
        "BlueSky is not installed: pip install 'longreach[fly]', or put it in an environment of its own and "
        "name that Python in LONGREACH_BLUESKY_PYTHON"
    )


def run(made: Scenario, home: Path) -> dict[str, np.ndarray]:
    """Logs by aircraft of BlueSky's flight of a scenario, in a process whose HOME is `home`.

    Raises: LongreachError with the last words of a BlueSky that failed or took more than an hour.
    """
    text, log = home / "plan.scn", home / "log.npz"
    text.write_text(made.text)
    driver = home / "fly.py"  # away from our modules, some of which have names of the standard library
    driver.write_text(Path(__file__).with_name("_bluesky.py").read_text())
    try:
        done = subprocess.run(
            [interpreter(), str(driver), str(text), str(log), str(made.last_s)],
            cwd=home,
            env={"HOME": str(home), "PATH": os.environ.get("PATH", "")},
            capture_output=True,
            text=True,
            timeout=LONGEST_RUN_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LongreachError(f"BlueSky could not fly the plan: {error}") from error
    if done.returncode:
        raise LongreachError(f"BlueSky could not fly the plan:\n{done.stderr.strip()[-2000:]}")
    with np.load(log) as arrays:
        return dict(arrays)


def fly(document: Mapping[str, Any], *, flights: tuple[str, ...] = ()) -> dict[str, Any]:
    """Have BlueSky fly a plan's flights (by id; () for the lead alone) and report how they differ.

    Returns a `longreach.flown/1` document: for each piece planned and flown distance, lateness at the end and
    at most, cross-track, turn-backs, and `faults` that are beyond what turning on the spot explains.
    """
    wanted = flights or (document["flights"][0]["id"],)
    chosen = {**document, "flights": [f for f in document["flights"] if f["id"] in wanted]}
    made = scenario(chosen)
    with tempfile.TemporaryDirectory(prefix="longreach-bluesky-") as home:
        logs = run(made, Path(home))
    pieces = [compare(piece, logs[piece.aircraft]) for piece in made.pieces]
    return {
        "schema": SCHEMA,
        "engine": "BlueSky",
        "plan_sha256": sha256(to_bytes(document)),
        "flights": list(wanted),
        "pieces": [_report(piece) for piece in pieces],
        "faults": [fault for piece in pieces for fault in faults(piece)],
        "note": "position and time only, never fuel; BlueSky flies a sphere, and its turns have a radius",
    }


def _report(comparison: Comparison) -> dict[str, Any]:
    late = np.array([passing.late_s for passing in comparison.passings])
    sphere = np.array([passing.sphere_s for passing in comparison.passings])
    off = np.array([passing.off_m for passing in comparison.passings]) / NAUTICAL_MILE
    return {
        "flight": comparison.piece.flight,
        "points": len(comparison.passings),
        "hours": round(comparison.flown_s / HOUR, 3),
        "planned_nm": round(comparison.planned_m / NAUTICAL_MILE, 3),
        "flown_nm": round(comparison.flown_m / NAUTICAL_MILE, 3),
        "distance_pct": round(100.0 * (comparison.flown_m / comparison.planned_m - 1.0), 4),
        "late_at_end_s": round(float(late[-1]), 1),
        "late_by_sphere_s": round(float(sphere[-1]), 1),
        "late_at_most_s": round(float(np.abs(late - sphere).max()), 1),
        "off_point_nm": round(float(off.max()), 3),
        "end_off_nm": round(float(off[-1]), 3),
        "cross_track_nm": round(comparison.aside_m / NAUTICAL_MILE, 3),
        "turn_backs": int(comparison.turn_backs),
    }
