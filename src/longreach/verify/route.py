"""A route document re-checked by code that did not make it: its path, the airspace it keeps, the flight along it.

The document carries its question (`asked`); limits are taken from there, never from its own results. Clearances
are measured by `clearance`, the flight is summed again by `trajectory`. Whether a shorter or cheaper one exists
is not asked here: that is what the document's bound and second look say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from longreach.errors import Fault, InputError, LongreachError
from longreach.geodesy import Floats, distance, inverse
from longreach.units import FOOT, KNOT, NAUTICAL_MILE
from longreach.verify import clearance, trajectory
from longreach.verify.findings import Check, Findings
from longreach.verify.performance import Model, air
from longreach.verify.track import seconds
from longreach.verify.wind import find_pack
from longreach.world import aircraft as catalogue
from longreach.world import airspace, winds
from longreach.world.airspace import Closure
from longreach.world.closures import parse_closures
from longreach.world.winds import WindField

ENDS_M = 20.0  # m, path from the places asked: what their printing to six decimals leaves
LENGTH = 1e-6  # share, stated length from that of the path's geodesics
KEEP_M = 1.0  # m, by which a stand-off may be cut by rounding of the vertices
AGREE_M, AGREE = 100.0, 2e-4  # stated from measured clearance
ON_PATH_M = 3.0  # m, flown rows from the path
ROWS_S = 60.5  # s, most between two rows
WIND = 0.02  # m/s and K, stated from interpolated
SPEED = 0.05  # kt
SUM_KG, SUM_S = 1.0, 1.0  # stated totals from the rows
LONGEST = timedelta(days=3)  # for the months of a climatology


@dataclass(frozen=True, slots=True)
class _Flight:
    """The flight of a document: what was asked and what was flown, as numbers."""

    document: dict[str, Any]
    asked: trajectory.Asked
    flown: trajectory.Flown
    columns: dict[str, Floats]
    departure: datetime


def examine(
    document: dict[str, Any], *, folders: tuple[Path, ...] = (), winds_pack: Path | None = None
) -> tuple[Check, ...]:
    """Checks of a route document of `longreach route --json` or `-o`, in a fixed order.

    folders : where a wind pack named in it is looked for; winds_pack : that pack, where it lies elsewhere

    Raises: InputError where it is not shaped as a route, does not carry what was asked, was made with other
    airspace data or another wind pack, or its aircraft cannot be read; every fault at once.
    """
    from longreach.verify.shape import require_route

    require_route(document)
    if document["status"] == "error" or "asked" not in document:
        raise InputError(
            Fault(
                "the document does not carry what the route was to keep, so it cannot be judged", key="asked",
                hint="keep one with longreach route FROM TO -o FILE; rows of a batch and answers to --permit, --level, --at "
                "and --fee do not carry it",
            )
        )  # fmt: skip
    findings = Findings()
    closures = _closures(document["asked"])
    if document["status"] == "infeasible":
        findings.yes(
            "status", [], "says there is none, and why; that is not proved again: the search is not repeated here"
        )  # fmt: skip
        return tuple(findings.checks)
    flight = _flight(document, closures, folders, winds_pack) if "trajectory" in document else None
    path = np.array(document["path"], float)
    with np.errstate(all="ignore"):  # absurd figures give infinities, and those fail
        _ends(document, path, findings)
        _lengths(document, path, findings)
        _clearances(document, closures, path, flight is not None, findings)
        if flight is not None:
            _flown(flight, path, findings)
    return tuple(findings.checks)


def _closures(asked: dict[str, Any]) -> tuple[Closure, ...]:
    installed = airspace.pack_identity()
    faults = [
        Fault(
            f"the route was made with {asked['airspace'][key]!r}, installed is {getattr(installed, key)!r}",
            key=f"asked.airspace.{key}", hint="install the Longreach that made the route, or ask for it again",
        )
        for key in ("name", "version", "sha256")
        if asked["airspace"][key] != getattr(installed, key)
    ]  # fmt: skip
    national: tuple[Closure, ...] = ()
    own: tuple[Closure, ...] = ()
    try:
        if asked["closed"]:
            national = airspace.closures(
                asked["closed"], belt=asked["belt"], atlas=asked["atlas"],
                territorial_sea_m=asked["territorial_sea_nm"] * NAUTICAL_MILE,
                stand_off_m=asked["stand_off_nm"] * NAUTICAL_MILE,
            )  # fmt: skip
        if asked["closures"]["features"]:
            own = parse_closures(
                asked["closures"], stand_off_m=asked["stand_off_nm"] * NAUTICAL_MILE
            ).closures
    except InputError as error:
        faults += [Fault(one.what, key=f"asked.{one.key}" if one.key else "asked") for one in error.faults]
    if faults:
        raise InputError(faults)
    return (*national, *own)


def _ends(document: dict[str, Any], path: Floats, findings: Findings) -> None:
    """The path begins and ends where it was asked to, and passes what lies between in order."""
    places, after, worst, faults = document["asked"]["places"], 0, 0.0, []
    for k, place in enumerate(places):
        if k == len(places) - 1:
            after, off = len(path) - 1, float(distance(path[-1, 0], path[-1, 1], place["lat"], place["lon"]))
        elif k == 0:
            off = float(distance(path[0, 0], path[0, 1], place["lat"], place["lon"]))
        else:
            far = distance(path[after:, 0], path[after:, 1], place["lat"], place["lon"])
            near = int(np.argmin(far))
            off, after = float(far[near]), after + near
        worst = max(worst, off)
        if not off <= ENDS_M:
            faults.append(f"{place['code']} is passed at {off:,.0f} m")
    findings.at_most("path.ends", worst, ENDS_M, "m", "places asked from the path", faults)


def _lengths(document: dict[str, Any], path: Floats, findings: Findings) -> None:
    length = float(inverse(path[:-1, 0], path[:-1, 1], path[1:, 0], path[1:, 1])[0].sum()) / NAUTICAL_MILE
    at = np.array([[place["lat"], place["lon"]] for place in document["asked"]["places"]])
    direct = float(distance(at[:-1, 0], at[:-1, 1], at[1:, 0], at[1:, 1]).sum()) / NAUTICAL_MILE
    faults = []
    for key, value in (("length_nm", length), ("great_circle_nm", direct)):
        if abs(document[key] - value) > LENGTH * value + 1e-4:
            faults.append(f"{key} is {document[key]:,.4f}, measured {value:,.4f}")
    if document["lower_bound_nm"] > length * (1 + 1e-9) + 1e-4:
        faults.append(f"lower_bound_nm {document['lower_bound_nm']:,.4f} is over the length {length:,.4f}")
    findings.yes("path.length", faults, f"{length:,.1f} nm by geodesics")


def _clearances(
    document: dict[str, Any], closures: tuple[Closure, ...], path: Floats, flown: bool, findings: Findings
) -> None:
    """Every closure that holds at all times and levels, or, for a path that is not flown, every one."""
    stated = {row["id"]: row for row in document["closest"]}
    wrong: list[str] = []
    for closure in closures:
        limited = closure.floor_m is not None or closure.ceiling_m is not None or closure.valid is not None
        row = stated.pop(closure.id, None)
        if flown and limited and row is None:
            continue  # by the flight's own clock and altitude
        found = clearance.closest(clearance.prepare(closure), path[:, 0], path[:, 1])
        limit = closure.stand_off_m
        at = f"{found.clearance_m / NAUTICAL_MILE:,.3f} nm by {found.lat:.3f},{found.lon:.3f}"
        findings.at_least(
            f"airspace.{closure.id}", found.clearance_m / NAUTICAL_MILE, (limit - KEEP_M) / NAUTICAL_MILE, "nm",
            f"{closure.name}: nearest {at}",
            [f"passed at {at}; the stand-off is {limit / NAUTICAL_MILE:g} nm"]
            if found.clearance_m < limit - KEEP_M
            else [],
        )  # fmt: skip
        if row is None:
            wrong.append(f"closest has no row for {closure.id}")
        elif abs(row["nm"] * NAUTICAL_MILE - found.clearance_m) > AGREE_M + AGREE * abs(found.clearance_m):
            wrong.append(
                f"closest says {row['nm']:.3f} nm of {closure.id}, measured {found.clearance_m / NAUTICAL_MILE:.3f}"
            )
    wrong += [f"closest has a row for {id}, which was not asked for" for id in stated]
    findings.yes("airspace.stated", wrong, "stated closest approaches are those measured")


def _flight(
    document: dict[str, Any], closures: tuple[Closure, ...], folders: tuple[Path, ...], pack: Path | None
) -> _Flight:
    flight = document["trajectory"]
    faults: list[Fault] = []
    if "asked" not in flight or "track" not in flight or "arrival_utc" not in flight:
        raise InputError(Fault("the flight does not carry what it was to keep", key="trajectory.asked"))
    asked = flight["asked"]
    kind = None
    try:
        kind = catalogue.from_document(asked["aircraft"])
        kind.require_model()
    except InputError as error:
        faults += [
            Fault(one.what, key=f"trajectory.asked.aircraft.{one.key or ''}".rstrip(".")) for one in error.faults
        ]  # fmt: skip
    except LongreachError as error:
        faults.append(Fault(str(error), key="trajectory.asked.aircraft"))
    departure, field = None, None
    try:
        departure = datetime.fromtimestamp(seconds(flight["departure_utc"]), tz=UTC)
        seconds(flight["arrival_utc"])
    except ValueError as error:
        faults.append(Fault(f"no moment: {error}", key="trajectory.departure_utc"))
    if departure is not None:
        try:
            field = _field(flight, departure, folders, pack)
        except InputError as error:
            faults += error.faults
    if faults or kind is None or departure is None or field is None:
        raise InputError(faults)
    rows = flight["track"]["rows"]
    names = flight["track"]["columns"]
    columns = {
        name: np.array([row[k] for row in rows], float) for k, name in enumerate(names) if name != "phase"
    }
    flown = trajectory.Flown(
        columns["time_s"], columns["lat"], columns["lon"], columns["along_nm"] * NAUTICAL_MILE,
        columns["altitude_ft"] * FOOT, columns["mach"], columns["tas_kt"] * KNOT, columns["mass_kg"],
        [row[names.index("phase")] for row in rows], kind.operating_empty_mass_kg + asked["payload_kg"],
    )  # fmt: skip
    steady = field.steady or field.uniform
    bound = tuple(
        one for one in closures if one.floor_m is not None or one.ceiling_m is not None or one.valid is not None
    )  # fmt: skip
    limits = trajectory.Asked(
        kind, field, bound, departure.timestamp(), 0.0 if steady else field.seconds(departure),
        asked["final_reserve_s"], asked["contingency_pct"] / 100.0, flight["levels"],
        document["asked"]["places"][-1]["elevation_ft"] * FOOT,
    )  # fmt: skip
    return _Flight(flight, limits, flown, columns, departure)


def _field(
    flight: dict[str, Any], departure: datetime, folders: tuple[Path, ...], pack: Path | None
) -> WindField:
    """The wind the flight was planned in, read again.

    Raises: InputError where the pack is not at hand or is another than the flight's.
    """
    stated = flight["winds"]
    if stated["source"] == "still":
        return winds.still()
    if stated["source"] == "climatology":
        field = winds.climatology(departure, departure + LONGEST)
        cure = "install the Longreach that made the route, or ask for it again"
    elif stated["source"] == "file":
        field = winds.read(find_pack(stated.get("file") or "", folders, pack, "trajectory.winds.file"))
        cure = "give the pack the flight was made with: --winds PACK"
    else:
        raise InputError(Fault(f"winds of source {stated['source']!r}", key="trajectory.winds.source"))
    if (stated.get("sha256") or "") != field.sha256:
        raise InputError(
            Fault(
                f"the flight was made with winds of sha256 {stated.get('sha256')!r}, those at hand have {field.sha256!r}",
                key="trajectory.winds.sha256", hint=cure,
            )
        )  # fmt: skip
    return field


def _flown(flight: _Flight, path: Floats, findings: Findings) -> None:
    flown, asked, document = flight.flown, flight.asked, flight.document
    shape = trajectory.geometry(flown)
    if (np.diff(flown.time_s) < -1e-9).any() or flown.time_s[0] != 0.0:
        findings.yes("flight.rows", shape or ["times do not begin at nought"], "")
        return
    gap = float(np.diff(flown.time_s).max())
    if gap > ROWS_S:
        shape.append(f"two rows are {gap:.0f} s apart")
    off = _off_path(flown, path)
    if not off <= ON_PATH_M:
        shape.append(f"the rows stray {off:,.0f} m from the path")
    findings.yes("flight.rows", shape, f"{flown.time_s.size} rows along the path")
    findings.yes("flight.wind", _air(flight), "wind, temperature and airspeed are those of the field")
    findings.yes("flight.sums", trajectory.sums(flown, asked), "time and fuel between rows, summed again")
    limits = trajectory.limits(flown, asked)
    findings.yes("flight.limits", limits, "masses, tanks, thrust, lift, ceiling, Mach number, reserve")
    if asked.rule == "semicircular":
        findings.yes("flight.levels", trajectory.levels(flown), "levels by the direction of flight")
    if asked.closures:
        kept = trajectory.closed(flown, asked)
        findings.yes("flight.closures", kept, "closures of some times or levels, while in force")
    findings.yes("flight.asked", _asked(flight), "payload, fuel, Mach number and required time as asked")
    findings.yes("flight.stated", _stated(flight, document), "stated totals are those of the rows")


def _off_path(flown: trajectory.Flown, path: Floats) -> float:
    """How far the rows lie from the path [m]: each vertex is a row, and the rows' own length is the path's."""
    corner = [float(distance(flown.lat, flown.lon, lat, lon).min()) for lat, lon in path]
    length = float(inverse(path[:-1, 0], path[:-1, 1], path[1:, 0], path[1:, 1])[0].sum())
    rows = float(inverse(flown.lat[:-1], flown.lon[:-1], flown.lat[1:], flown.lon[1:])[0].sum())
    return max(*corner, abs(rows - length))


def _air(flight: _Flight) -> list[str]:
    flown, columns = flight.flown, flight.columns
    u, v, deviation = trajectory.wind_at(
        flight.asked.field, flown.lat, flown.lon, flown.altitude_m, flight.asked.field_s + flown.time_s
    )
    temperature, _, _ = air(flown.altitude_m)
    tas = flown.mach * np.sqrt(1.4 * 287.05287 * (temperature + deviation)) / KNOT
    faults = []
    for name, found, limit in (
        ("wind_u_mps", u, WIND), ("wind_v_mps", v, WIND), ("isa_deviation_k", deviation, WIND), ("tas_kt", tas, SPEED),
    ):  # fmt: skip
        off = np.abs(columns[name] - found)
        worst = int(np.argmax(np.where(np.isfinite(off), off, math.inf)))
        if not off[worst] <= limit:
            faults.append(f"row {worst}: {name} is {columns[name][worst]:.3f}, found {found[worst]:.3f}")
    return faults


def _asked(flight: _Flight) -> list[str]:
    asked, columns, flown = flight.document["asked"], flight.columns, flight.flown
    faults = []
    fuel = float(columns["fuel_kg"][0])
    if asked["fuel_kg"] is not None and abs(fuel - asked["fuel_kg"]) > SUM_KG:
        faults.append(f"takes off with {fuel:,.0f} kg of fuel, asked {asked['fuel_kg']:,.0f} kg")
    off = np.abs(columns["mass_kg"] - columns["fuel_kg"] - flown.zero_fuel_mass_kg)
    if off.max() > SUM_KG:
        faults.append(f"row {int(np.argmax(off))}: mass less fuel is not the zero-fuel mass")
    if asked["mach"] is not None:
        level = np.array(flown.phase) == "cruise"
        if level.any() and np.abs(flown.mach[level] - asked["mach"]).max() > 1e-4:
            faults.append(f"cruises at another Mach number than {asked['mach']:g}")
    due, kept = asked.get("required_time"), flight.document.get("required_time")
    if due is not None:
        if kept is None:
            faults.append("a required time was asked and none is answered")
        else:
            along = columns["along_nm"]
            first = int(np.searchsorted(along, kept["along_nm"] - 2e-3))  # rows and place to 0.001 nm
            first = min(first, along.size - 1)
            passed = flight.departure.timestamp() + float(flown.time_s[first])
            early = float(flown.time_s[first] - flown.time_s[max(first - 1, 0)])
            miss = passed - seconds(due["utc"])
            if not -60.0 <= miss <= 60.0 + early:
                faults.append(f"the required time {due['utc']} is missed by {miss:,.0f} s")
    return faults


def _stated(flight: _Flight, document: dict[str, Any]) -> list[str]:
    columns, flown = flight.columns, flight.flown
    trip = float(columns["mass_kg"][0] - columns["mass_kg"][-1])
    model = Model(flight.asked.aircraft)
    reserve = flight.asked.contingency * trip + model.final_reserve(
        float(columns["mass_kg"][-1]), flight.asked.reserve_s, flight.asked.destination_elevation_m
    )
    arrival = seconds(document["arrival_utc"]) - flight.departure.timestamp()
    faults = []
    for name, stated, found, limit in (
        ("duration_s", document["duration_s"], float(flown.time_s[-1]), SUM_S),
        ("arrival_utc", arrival, float(flown.time_s[-1]), SUM_S),
        ("trip_fuel_kg", document["trip_fuel_kg"], trip, SUM_KG),
        ("takeoff_mass_kg", document["takeoff_mass_kg"], float(columns["mass_kg"][0]), SUM_KG),
        ("takeoff_fuel_kg", document["takeoff_fuel_kg"], float(columns["fuel_kg"][0]), SUM_KG),
        ("landing_fuel_kg", document["landing_fuel_kg"], float(columns["fuel_kg"][-1]), SUM_KG),
        ("zero_fuel_mass_kg", document["zero_fuel_mass_kg"], flown.zero_fuel_mass_kg, SUM_KG),
        ("reserve_kg", document["reserve_kg"], reserve, 0.005 * reserve + 10.0),
    ):
        if not abs(stated - found) <= limit:
            faults.append(f"{name} is {stated:,.1f}, found {found:,.1f}")
    return faults
