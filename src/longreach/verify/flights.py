"""Checks of the mission's terms and of each flown line by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from longreach import geodesy
from longreach.document import sha256
from longreach.geodesy import Floats
from longreach.units import FOOT, KNOT, NAUTICAL_MILE
from longreach.verify import clearance
from longreach.verify.case import Case
from longreach.verify.findings import Findings
from longreach.verify.limits import Flight
from longreach.verify.performance import air, ground_speed
from longreach.verify.track import CLIMB, DESCENT, HOLD, STATION, Track, seconds, stamp

LONGEST_STEP = 60.0  # s between rows
UNBROKEN = 6 * 3600.0  # s between rows, beyond which there is no line to speak of
AT_FIELD = 0.1  # nm, first and last row from the airport
FIELD_HEIGHT = 300.0  # m, first and last row from the field's elevation
SPEED = 0.6  # kt, stated from flown ground speed
ROUNDED = 1.5  # s, by which events may be moved to whole seconds
CROWDED = 1.0  # s more, where two events fall into one second and one of them gives way
TRIANGLE = 2.0  # kt, flown ground speed from airspeed and wind
TRIANGLE_SUM = 0.002  # of the distance, over a whole flight
STEEP_SUM = 0.02  # of the distance in climbs and descents, where airspeed bends between rows
ON_ROUTE = 0.15  # nm
WIND = 0.01  # m/s, one wind everywhere
FIELD_WIND = 0.1  # m/s, a field's: rows are rounded and take-offs are found to two seconds
CLIMB_RATE = {False: 6000.0, True: 20000.0}  # ft/min, by hourly types (fighters)
TEN_THOUSAND = 10_000.0 * FOOT  # m, up to which the speed of climbs is held to 250 kt
GATHERED = 12_000.0 * FOOT  # m, where it has the speed of the climb
WHOLE_ROW = 59.0  # s, of a row that no event cuts short
DESCENT_RATE = {False: 6000.0, True: 20000.0}


def mission(case: Case, findings: Findings, mission_text: str | None) -> None:
    """The plan is of this mission: text, flights, winds, closures."""
    document, limits = case.document, case.limits
    text, stated = document["mission"]["text"], document["mission"]["file_sha256"]
    faults = []
    if sha256(text.encode()) != stated:
        faults.append(f"mission.text has sha256 {sha256(text.encode())}, the plan states {stated}")
    if mission_text is not None and sha256(mission_text.encode()) != stated:
        faults.append(
            f"the mission file has sha256 {sha256(mission_text.encode())}, the plan states {stated}"
        )
    if document["mission"]["name"] != limits.name:
        faults.append(f"mission.name is {document['mission']['name']!r}, the text says {limits.name!r}")
    findings.yes("mission.file", faults, "the mission's text is the file the plan was made from")

    faults = [*_asked(case, limits.flights, "lead"), *_asked(case, limits.partners, "partner")]
    faults.extend(
        f"flight {track.id} ({track.role}) is not in the mission"
        for track in case.tracks.values()
        if track.role != "tanker" and case.asked(track) is None
    )
    findings.yes(
        "mission.flights", faults,
        f"{len(limits.flights)} lead and {len(limits.partners)} partner flights are those asked for",
    )  # fmt: skip

    winds = document["data"]["winds"]
    faults = []
    if winds["source"] != limits.wind_source:
        faults.append(
            f"data.winds.source is {winds['source']!r}, the mission asks for {limits.wind_source!r}"
        )
    if abs(winds["sigma_kt"] - limits.wind_sigma_mps / KNOT) > 0.01:
        faults.append(
            f"data.winds.sigma_kt is {winds['sigma_kt']:g}, the mission states {limits.wind_sigma_mps / KNOT:g}"
        )
    allowed = WIND if case.air.field.uniform and not case.air.headwind_mps else FIELD_WIND
    worst = 0.0
    for track in case.tracks.values():
        off, u, v = _wind_off(case, track)
        if np.isnan(off).any():
            row = int(np.argmax(np.isnan(off)))
            worst = float("inf")
            faults.append(
                f"{track.where(row)} lies outside the times, levels or places the mission's wind covers"
            )
            continue
        row = int(np.argmax(off))
        worst = max(worst, float(off[row]))
        if off[row] > allowed:
            faults.append(
                f"{track.where(row)} has wind ({track.u_mps[row]:.2f}, {track.v_mps[row]:.2f}) m/s, "
                f"the mission's is ({u[row]:.2f}, {v[row]:.2f})"
            )
    findings.at_most("mission.winds", worst, allowed, "m/s", "every row carries the mission's wind", faults)

    count = len(document["closures"]["features"])
    faults = []
    if limits.own_closures and not count:
        faults.append("the mission names a closures file, the plan's closures are empty")
    if count and not limits.own_closures:
        faults.append(f"the plan holds {count} closures, the mission names no closures file")
    findings.yes("mission.closures", faults, f"{count} closures of the user's in force")


def _wind_off(case: Case, track: Track) -> tuple[Floats, Floats, Floats]:
    """(n,) how far each row's wind is from the mission's [m/s], and the mission's u and v.

    With a headwind taken off along the track a row where the track turns may have that of either leg, and one with
    another in the same second that of a leg too short for rows of its own: any course.
    """
    air = case.air
    u, v, _ = air.at(track.lat, track.lon, track.altitude_m, track.time_s)
    if not air.headwind_mps:
        return np.hypot(track.u_mps - u, track.v_mps - v), u, v
    _, start, end = geodesy.inverse(track.lat[:-1], track.lon[:-1], track.lat[1:], track.lon[1:])
    moving = np.flatnonzero(track.length_m > 1.0)
    if not moving.size:
        return np.hypot(track.u_mps - u, track.v_mps - v), u, v
    rows = np.arange(track.time_s.size)
    after = moving[np.minimum(np.searchsorted(moving, rows), moving.size - 1)]
    before = moving[np.maximum(np.searchsorted(moving, rows) - 1, 0)]
    choices = []
    for course in (start[after], end[before]):
        turn = np.radians(course)
        choices.append((u - air.headwind_mps * np.sin(turn), v - air.headwind_mps * np.cos(turn)))
    offs = [np.hypot(track.u_mps - a, track.v_mps - b) for a, b in choices]
    off = np.minimum(*offs)
    crowded = np.append(track.step_s <= 1.0, False) | np.append(False, track.step_s <= 1.0)
    any_course = np.abs(np.hypot(track.u_mps - u, track.v_mps - v) - air.headwind_mps)
    return np.where(crowded, np.minimum(off, any_course), off), *choices[0]


def _asked(case: Case, wanted: tuple[Flight, ...], role: str) -> list[str]:
    faults: list[str] = []
    for flight, track in _flown(case, wanted, role, faults):
        document = track.document
        if track.role != role:
            faults.append(f"flight {track.id} is a {track.role}, the mission asks for a {role}")
        if not case.same_type(flight.aircraft, track.aircraft):
            faults.append(f"flight {track.id} is {track.aircraft}, the mission asks for {flight.aircraft}")
        if track.count != flight.count:
            faults.append(f"flight {track.id} is {track.count} aircraft, the mission asks for {flight.count}")
        if document["operator"] != flight.operator:
            faults.append(
                f"flight {track.id} is of {document['operator']}, the mission asks for {flight.operator}"
            )
        for key, point in (("origin", flight.origin), ("destination", flight.destination)):
            if document[key] != point.code:
                faults.append(
                    f"flight {track.id}: {key} is {document[key]}, the mission asks for {point.code}"
                )
    return faults


def _flown(
    case: Case, wanted: tuple[Flight, ...], role: str, faults: list[str]
) -> list[tuple[Flight, Track]]:
    """Each flight asked for with what stands for it in the plan; partners that take turns may have any number."""
    pairs: list[tuple[Flight, Track]] = []
    for flight in wanted:
        if role == "partner" and case.limits.relayed(flight.id):
            pairs.extend((flight, track) for track in case.sorties(flight))
        elif flight.id in case.tracks:
            pairs.append((flight, case.tracks[flight.id]))
            spare = case.tracks.get(f"{flight.id}-spare") if flight.spares else None
            told = case.asked(spare) if spare is not None else None
            if spare is not None and told is not None:
                pairs.append((told, spare))
            elif flight.spares:
                faults.append(f"flight {flight.id}-spare is not in the plan")
        elif role != "partner" or not case.limits.free(flight.id):
            faults.append(f"flight {flight.id} is not in the plan")
    return pairs


def times(case: Case, findings: Findings) -> None:
    """Rows run forward, close enough together, from take-off to landing, with a row at every event."""
    faults = []
    longest = 0.0
    for track in case.tracks.values():
        step = track.step_s
        bad = np.flatnonzero(step <= 0.0)
        if bad.size:
            faults.append(f"{track.where(int(bad[0]) + 1)} is not after the row before it")
        longest = max(longest, float(step.max()))
        late = int(np.argmax(step))
        if step[late] > LONGEST_STEP:
            faults.append(f"{track.where(late)}: {step[late]:.0f} s to the next row")
        for row, key in ((0, "takeoff_utc"), (-1, "landing_utc")):
            if track.time_s[row] != seconds(track.document[key]):
                which = "first" if row == 0 else "last"
                faults.append(
                    f"flight {track.id}: {which} row is at {stamp(track.time_s[row])}, {key} {track.document[key]}"
                )
    for flight, moment, what in _events(case):
        flown = case.tracks.get(flight)
        if flown is not None and not np.any(flown.time_s == moment):
            faults.append(f"flight {flight} has no row at {stamp(moment)} ({what})")
    findings.at_most("track.times", longest, LONGEST_STEP, "s", "longest time between rows", faults)


def run_forward(case: Case) -> bool:
    """Whether the rows of every flight are a line in time at all; nothing else can be judged where not."""
    return all(bool(np.all((t.step_s > 0.0) & (t.step_s <= UNBROKEN))) for t in case.tracks.values())


def _events(case: Case) -> list[tuple[str, int, str]]:
    """(flight, moment, what) of every event that must have a row."""
    events: list[tuple[str, int, str]] = []
    for entry in case.document["refuellings"]:
        for key in ("start_utc", "end_utc"):
            events.extend(
                (entry[f], seconds(entry[key]), f"{entry['id']} {key}") for f in ("receiver", "tanker_flight")
            )
    for entry in case.document["joins"]:
        for key in ("join_utc", "leave_utc"):
            events.extend(
                (entry[f], seconds(entry[key]), f"{key} of {entry['flight']}") for f in ("flight", "with")
            )
    return events


def ends(case: Case, findings: Findings) -> None:
    """Flights begin and end at their airports, on the ground."""
    from longreach.errors import LongreachError
    from longreach.world import airports

    faults = []
    worst = 0.0
    for track in case.tracks.values():
        for row, key in ((0, "origin"), (-1, "destination")):
            code = track.document[key]
            try:
                place = airports.find(code)
            except LongreachError as error:
                faults.append(f"flight {track.id}: {key}: {error}")
                continue
            off = (
                float(geodesy.distance(track.lat[row], track.lon[row], place.lat, place.lon)) / NAUTICAL_MILE
            )
            worst = max(worst, off)
            where = track.where(row % track.time_s.size)
            if off > AT_FIELD:
                faults.append(f"{where} is {off:.1f} nm from {code}")
            high = float(track.altitude_m[row]) - place.elevation_m
            if abs(high) > FIELD_HEIGHT:
                faults.append(f"{where} is {high / FOOT:,.0f} ft above {code}")
    findings.at_most("track.ends", worst, AT_FIELD, "nm", "first and last rows from their airports", faults)


def fields(case: Case, findings: Findings) -> None:
    """The airports listed are where the airport table has them."""
    from longreach.errors import LongreachError
    from longreach.world import airports

    faults: list[str] = []
    worst = 0.0
    for code, entry in case.document["data"]["airports"].items():
        try:
            place = airports.find(code)
        except LongreachError as error:
            faults.append(f"data.airports.{code}: {error}")
            continue
        off = float(geodesy.distance(entry["lat"], entry["lon"], place.lat, place.lon)) / NAUTICAL_MILE
        worst = max(worst, off)
        if off > AT_FIELD:
            faults.append(f"data.airports.{code} is {off:.1f} nm from where the airport is")
        runway = None if place.runway_m is None else place.runway_m / FOOT
        for key, known in (("elevation_ft", place.elevation_m / FOOT), ("runway_ft", runway)):
            stated = entry.get(key)
            if isinstance(stated, int | float) and (known is None or abs(stated - known) > 2.0):
                faults.append(f"data.airports.{code}.{key} is {stated:g}, the airport table has {known}")
    findings.at_most(
        "data.airports", worst, AT_FIELD, "nm", "airports from their place in the airport table", faults
    )


def light(case: Case, findings: Findings) -> None:
    """Day, twilight and night, where the plan states them, at the middle of each spell."""
    from longreach.world import sun

    spells = case.document.get("light")
    if not isinstance(spells, list) or not spells:
        return
    words = dict(zip(sun.LIGHTS, ("day", "civil twilight", "nautical twilight", "night"), strict=True))
    faults: list[str] = []
    for index, spell in enumerate(spells):
        try:
            track = case.tracks[spell["flight"]]
            start, end, kind = seconds(spell["start_utc"]), seconds(spell["end_utc"]), spell["kind"]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            faults.append(f"light.{index} cannot be read: {error!r}")
            continue
        if not track.time_s[0] - 60.0 <= start <= end <= track.time_s[-1] + 60.0:
            faults.append(f"light.{index} is not within flight {track.id}")
            continue
        middle = np.array([(start + end) / 2.0])
        lat, lon = track.position(middle)
        found = sun.light(sun.elevation(middle, lat, lon), track.value(middle, track.altitude_m))
        name = words[sun.LIGHTS[int(found[0])]]
        if end - start > 2 * LONGEST_STEP and name != kind:
            faults.append(f"flight {track.id} at {stamp(middle[0])}: light is said to be {kind}, is {name}")
    findings.yes("light", faults, f"{len(spells)} spells of day, twilight and night hold at their middle")


def speeds(case: Case, findings: Findings) -> None:
    """The stated ground speed is the flown one, and follows from airspeed and wind."""
    faults: list[str] = []
    triangle: list[str] = []
    worst = worst_triangle = 0.0
    for track in case.tracks.values():
        step = np.maximum(track.step_s, 1e-3)
        flown = track.length_m / step
        rounding = 0.3 / step / KNOT  # positions are rounded to 0.1 m
        off = np.maximum(np.abs(flown - track.gs_mps[:-1]) / KNOT - rounding, 0.0)
        row = int(np.argmax(off))
        worst = max(worst, float(off[row]))
        if off[row] > SPEED:
            faults.append(
                f"{track.where(row)} states {track.gs_mps[row] / KNOT:.1f} kt over the ground, flown are "
                f"{flown[row] / KNOT:.1f}"
            )
        u, v = (track.u_mps[:-1] + track.u_mps[1:]) / 2, (track.v_mps[:-1] + track.v_mps[1:]) / 2
        if case.air.headwind_mps:  # a row where the track turns carries the headwind of the next course
            u, v = (
                (one + two) / 2
                for one, two in zip(
                    _planned(case, track, slice(None, -1)), _planned(case, track, slice(1, None)), strict=True
                )
            )
        here = ground_speed(track.tas_mps[:-1], track.course_deg, u, v)
        there = ground_speed(track.tas_mps[1:], track.course_deg, u, v)
        circling = (track.phase[:-1] == STATION) | (track.phase[:-1] == HOLD)
        # In level flight a row's airspeed holds to the next row; in climbs and descents it changes on the way.
        level = (np.abs(np.diff(track.altitude_m)) < 1.0) & ~circling
        then = np.where(level, here, there)
        low, high = np.where(circling, 0.0, np.minimum(here, then)), np.maximum(here, then)
        off = np.maximum(np.maximum(low - flown, flown - high), 0.0) / KNOT
        # a stretch flown in a tenth of a second and given a whole one looks slow: go by the faster speed
        moved = np.where(_beside(step <= 1.0), ROUNDED + CROWDED, ROUNDED)
        allowed = TRIANGLE + np.maximum(flown, high) / KNOT * moved / step
        excess = np.where(np.isnan(off), np.inf, off - allowed)
        row = int(np.argmax(excess))
        worst_triangle = max(worst_triangle, float(np.nan_to_num(off, nan=999.0).max()))
        if excess[row] > 0.0:
            triangle.append(
                f"{track.where(row)}: {flown[row] / KNOT:.1f} kt over the ground, airspeed and wind give "
                f"{low[row] / KNOT:.1f} to {high[row] / KNOT:.1f}"
            )
            continue
        even = np.where(circling, flown, (here + there) / 2.0)
        drift = np.cumsum((flown - even) * step)
        far = np.cumsum(flown * step)
        steep = (track.phase[:-1] == CLIMB) | (track.phase[:-1] == DESCENT)
        bent = STEEP_SUM * np.cumsum(np.where(steep, flown * step, 0.0))
        excess = np.abs(drift) - (2 * ROUNDED * float(flown.max()) + TRIANGLE_SUM * far + bent)
        row = int(np.argmax(excess))
        if excess[row] > 0.0:
            triangle.append(
                f"{track.where(row + 1)}: {far[row] / NAUTICAL_MILE:.1f} nm flown since take-off, airspeed and wind "
                f"give {(far[row] - drift[row]) / NAUTICAL_MILE:.1f}"
            )
    findings.at_most(
        "track.ground_speed",
        worst,
        SPEED,
        "kt",
        "stated ground speed from flown, rounding of positions apart",
        faults,
    )
    findings.yes("track.wind_triangle", triangle,
                 f"ground speed follows from airspeed and wind; largest difference {worst_triangle:.1f} kt, "
                 "from rounding to whole seconds")  # fmt: skip


def _beside(marked: np.ndarray) -> np.ndarray:
    """(n,) True next to a marked step."""
    found = np.zeros(marked.size, bool)
    found[1:] |= marked[:-1]
    found[:-1] |= marked[1:]
    return found


def _planned(case: Case, track: Track, rows: slice) -> tuple[Floats, Floats]:
    """The mission's wind at the starts or the ends of the steps, on each step's own course."""
    return case.air.on_course(
        track.lat[rows], track.lon[rows], track.altitude_m[rows], track.time_s[rows], track.course_deg
    )


def envelope(case: Case, findings: Findings) -> None:
    """Speed, level, lift, thrust and rates of climb are the type's."""
    faults: list[str] = []
    for track in case.tracks.values():
        model, asked = case.models[track.aircraft], case.asked(track)
        ceiling = model.aircraft.ceiling_m
        if asked and asked.ceiling_m is not None:
            ceiling = min(ceiling, asked.ceiling_m)
        _, pressure, sound = air(track.altitude_m, track.deviation_k)
        mach = track.tas_mps / sound
        level = np.append(np.abs(np.diff(track.altitude_m)) < 1.0, False)

        def worst(bad: Any, words: str, track: Track = track) -> None:
            rows = np.flatnonzero(bad)
            if rows.size:
                faults.append(f"{track.where(int(rows[0]))} {words}")

        worst(track.altitude_m > ceiling + 30.0, f"is above the ceiling of {ceiling / FOOT:,.0f} ft")
        worst(~np.isfinite(mach), "is at an altitude outside the atmosphere served")
        worst(mach > model.fastest_mach + 0.005, f"is faster than M{model.fastest_mach:.2f}")
        if asked and asked.mach is not None:
            cruise = (track.phase == 1) & level & (mach > asked.mach + 0.01)
            worst(cruise, f"is faster than the mission's M{asked.mach:.2f}")
        step = np.maximum(track.step_s, 1.0)
        rate = np.diff(track.altitude_m) / step / FOOT * 60.0
        # Rows are whole seconds: a short interval may state up to twice the rate it flew.
        most = CLIMB_RATE[model.hourly] * (1.0 + 1.0 / step)
        worst(np.append(rate > most, False), f"climbs faster than {CLIMB_RATE[model.hourly]:,.0f} ft/min")
        worst(
            np.append(rate < -most, False), f"descends faster than {DESCENT_RATE[model.hourly]:,.0f} ft/min"
        )
        if model.hourly:
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            lift = model.lift(track.mass_kg, pressure, np.maximum(mach, 0.05))
            worst(
                level & ~(lift <= 1.01 * model.lift_limit(mach)),
                "is too slow or too high for its mass (lift limit)",
            )
            drag = model.drag(track.mass_kg, pressure, np.maximum(mach, 0.05))
            thrust = model.most_thrust(pressure, mach)
            worst(level & ~(drag <= 1.01 * thrust), "needs more thrust than there is")
            climb = np.append(rate * FOOT / 60.0, 0.0)
            faster = np.append(np.diff(track.tas_mps) / step, 0.0)
            needed = drag + track.mass_kg * (9.80665 * climb / np.maximum(track.tas_mps, 30.0) + faster)
            # at the level-off speed is gathered at once: a short or last row says nothing of thrust, nor does the
            # one before it where the last is cut short
            last = track.phase[1:] != CLIMB
            short = (step < 20.0) | last
            short[:-1] |= (step[1:] < WHOLE_ROW) & last[1:]
            short = np.append(short, True)
            over = np.where(np.append(step, 0.0) > 0.0, (needed - 1.06 * thrust) * np.append(step, 0.0), 0.0)
            # from 10,000 ft it gathers speed over some rows, told in the next of each: these are taken together
            crossing = (track.altitude_m[:-1] < TEN_THOUSAND) & (track.altitude_m[1:] >= TEN_THOUSAND)
            for k in np.flatnonzero(crossing):
                done = k + int(np.argmax(track.altitude_m[k:] >= GATHERED)) + 1
                around = slice(max(0, k - 1), max(done, k + 3))
                over[around] = over[around].sum()
            worst(
                (track.phase == CLIMB) & ~short & (over > 0.0),
                "climbs with more thrust than there is",
            )
    findings.yes(
        "track.envelope", faults, "speed, level, lift, thrust and rates of climb within each type's envelope"
    )


def route(case: Case, findings: Findings) -> None:
    """Every vertex is flown in order, rows stay on the legs, the mission's via points are passed."""
    faults: list[str] = []
    worst = 0.0
    for track in case.tracks.values():
        vertices = track.document["route"]
        lat = np.array([vertex["lat"] for vertex in vertices], float)
        lon = np.array([vertex["lon"] for vertex in vertices], float)
        spots = clearance.geocentric(lat, lon)
        rows = clearance.geocentric(track.lat, track.lon)
        at = [0]
        for k, spot in enumerate(spots):
            near = np.flatnonzero(
                np.sum((rows[at[-1] :] - spot) ** 2, axis=1) <= (ON_ROUTE * NAUTICAL_MILE) ** 2
            )
            if not near.size:
                off = np.sqrt(np.sum((rows[at[-1] :] - spot) ** 2, axis=1).min()) / NAUTICAL_MILE
                faults.append(
                    f"flight {track.id}: vertex {k} ({vertices[k]['name'] or vertices[k]['kind']}) is passed at "
                    f"{off:,.1f} nm, or out of order"
                )
                break
            run = near[
                : 1 + np.argmax(np.diff(near, append=near[-1] + 2) > 1)
            ]  # the first rows in a row so near
            off = np.sum((rows[at[-1] + run] - spot) ** 2, axis=1)
            at.append(at[-1] + int(run[int(np.argmin(off))]))
        else:
            off, row = _off_route(track, lat, lon, np.array(at[1:]))
            worst = max(worst, off)
            if off > ON_ROUTE:
                faults.append(f"{track.where(row)} is {off:.2f} nm off the route")
            if at[-1] != track.time_s.size - 1 and vertices[-1]["kind"] == "arrival":
                last = int(track.time_s.size - 1)
                if np.sum((rows[last] - spots[-1]) ** 2) > (ON_ROUTE * NAUTICAL_MILE) ** 2:
                    faults.append(f"flight {track.id}: the last row is not the last vertex")
        asked = case.asked(track)
        first = 0
        for point in asked.via if asked else ():
            off = geodesy.distance(lat[first:], lon[first:], point.lat, point.lon)
            hit = np.flatnonzero(off <= ON_ROUTE * NAUTICAL_MILE)
            if not hit.size:
                faults.append(f"flight {track.id}: via point {point.code} is not on the route in its order")
                break
            first += int(hit[0])
    findings.at_most("track.route", worst, ON_ROUTE, "nm", "rows from the route's legs", faults)


def _off_route(track: Track, lat: Floats, lon: Floats, at: Floats) -> tuple[float, int]:
    """Farthest row from its leg [nm], and which; circling rows apart."""
    leg = np.clip(np.searchsorted(at, np.arange(track.time_s.size), side="right") - 1, 0, lat.size - 2)
    rows = np.flatnonzero((track.phase != STATION) & (track.phase != HOLD))
    if not rows.size:
        return 0.0, 0
    leg = leg[rows]
    a = geodesy.distance(lat[leg], lon[leg], track.lat[rows], track.lon[rows])
    b = geodesy.distance(track.lat[rows], track.lon[rows], lat[leg + 1], lon[leg + 1])
    whole = geodesy.distance(lat[leg], lon[leg], lat[leg + 1], lon[leg + 1])
    extra = np.maximum(a + b - whole, 0.0)
    # A detour through a point x off the leg adds x^2 (1/a + 1/b) / 2; near an end it is the distance itself.
    shorter = np.minimum(a, b)
    off = np.where(
        shorter < 2000.0,
        np.minimum(shorter, extra),
        np.sqrt(2.0 * extra / (1.0 / np.maximum(a, 1.0) + 1.0 / np.maximum(b, 1.0))),
    )
    row = int(np.argmax(off))
    return float(off[row]) / NAUTICAL_MILE, int(rows[row])


def clock(case: Case, findings: Findings) -> None:
    """The mission's clock time is met."""
    limits, lead, station = case.limits, case.lead(), case.document["station"]
    moment: float | None = None
    if limits.anchor == "earliest":
        return  # `order.readiness` says whether it is
    if limits.anchor == "on_station":
        moment = seconds(station["enter_utc"]) if station else None
    elif lead is not None:
        moment = float(lead.time_s[0] if limits.anchor == "takeoff" else lead.time_s[-1])
    if moment is None:
        findings.yes("clock", [f"the plan has nothing at the mission's clock anchor, {limits.anchor}"], "")
        return
    off = abs(moment - limits.anchor_s)
    faults = []
    if off > 60.0:
        faults.append(f"{limits.anchor} is at {stamp(moment)}, the mission asks for {stamp(limits.anchor_s)}")
    findings.at_most("clock", off, 60.0, "s", f"{limits.anchor} from the time asked for", faults)


def crew(case: Case, findings: Findings) -> None:
    """Crew days, where the plan states them, run from report to release of their flight."""
    entries = case.document.get("crew")
    if not isinstance(entries, list):
        return
    before, after = case.limits.report_before_s, case.limits.release_after_s
    faults = []
    for index, entry in enumerate(entries):
        try:
            track = case.tracks[entry["flight"]]
            report, release = seconds(entry["report_utc"]), seconds(entry["release_utc"])
            duty = float(entry["duty_s"])
        except (KeyError, TypeError, ValueError) as error:
            faults.append(f"crew.{index} cannot be read: {error!r}")
            continue
        if abs(track.time_s[0] - report - before) > 60.0:
            faults.append(
                f"flight {track.id}: report at {stamp(report)} is not {before / 3600:g} h before take-off"
            )
        if abs(release - track.time_s[-1] - after) > 60.0:
            faults.append(
                f"flight {track.id}: release at {stamp(release)} is not {after / 3600:g} h after landing"
            )
        if abs(release - report - duty) > 60.0:
            faults.append(
                f"flight {track.id}: crew day of {duty:.0f} s is {release - report} s from report to release"
            )
    findings.yes("crew", faults, "crew days run from report to release")
