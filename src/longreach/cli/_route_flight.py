"""What `longreach route --aircraft` asks and says: the flight along the route, in wind."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach.cli._output import colour, table
from longreach.cli._route_choices import parse_time
from longreach.errors import Fault, InputError, LongreachError, UnitError
from longreach.units import (
    FOOT,
    KNOT,
    NAUTICAL_MILE,
    parse_duration,
    parse_mach,
    parse_mass,
)

if TYPE_CHECKING:
    from longreach.trajectory import Flight, Trajectory
    from longreach.world.aircraft import Aircraft
    from longreach.world.airports import Place
    from longreach.world.airspace import Closure
    from longreach.world.winds import WindField

TRACK = (
    "time_s", "lat", "lon", "along_nm", "altitude_ft", "mach", "tas_kt", "gs_kt", "wind_u_mps", "wind_v_mps",
    "isa_deviation_k", "mass_kg", "fuel_kg", "phase",
)  # fmt: skip
ACTIONS = {"hold": "at its slowest still early, so hold"}
CONTINGENCY = 0.05  # of the trip fuel
LONGEST = timedelta(days=3)  # of a flight, for the months a climatology must hold


@dataclass(frozen=True, slots=True)
class Options:
    """The words of the command line that ask for a flight, as given."""

    aircraft: str | None
    winds: str | None
    depart: str | None
    objective: str | None
    cost_index: float | None
    payload: str | None
    fuel: str | None
    reserve: str | None
    levels: str | None
    mach: str | None
    on_time: Sequence[str]
    prove: bool = True

    @property
    def asked(self) -> bool:
        """Whether a flight is asked for."""
        return self.aircraft is not None


class Ask:
    """A flight asked for on the command line, and every fault in how it was asked."""

    def __init__(self, options: Options, others: dict[str, bool], places: Sequence[Place]) -> None:
        self.faults: list[Fault] = []
        self.options = options
        if not options.asked:
            given = [
                ("--winds", options.winds), ("--depart", options.depart), ("--objective", options.objective),
                ("--cost-index", options.cost_index), ("--payload", options.payload), ("--fuel", options.fuel),
                ("--reserve", options.reserve), ("--levels", options.levels), ("--mach", options.mach),
                ("--pass-at", options.on_time or None), ("--no-prove", None if options.prove else True),
            ]  # fmt: skip
            self.faults += [
                Fault("needs --aircraft", key=key, hint="--aircraft 787-9")
                for key, value in given
                if value is not None
            ]
            return
        for key, wanted in others.items():
            if wanted:
                self.faults.append(Fault("does not go with --aircraft", key=key))
        self.aircraft = self._aircraft(str(options.aircraft))
        self.departure = self._departure(options.depart)
        self.payload_kg = self._read(parse_mass, options.payload or "0 kg", "--payload")
        self.fuel_kg = self._read(parse_mass, options.fuel, "--fuel")
        self.reserve_s = self._read(parse_duration, options.reserve or "30 min", "--reserve")
        self.mach = self._read(parse_mach, options.mach, "--mach")
        self.objective = options.objective or ("cost" if options.cost_index is not None else "fuel")
        self._check_objective()
        self.rule = options.levels or "semicircular"
        if self.rule not in ("semicircular", "block"):
            self.faults.append(Fault(f"{self.rule!r} is not semicircular or block", key="--levels"))
        self.required = self._required(options.on_time, places)
        self.field = self._field(options.winds or "climatology")

    def _check_objective(self) -> None:
        index = self.options.cost_index
        if self.objective not in ("time", "fuel", "cost"):
            self.faults.append(Fault(f"{self.objective!r} is not time, fuel or cost", key="--objective"))
        elif self.objective == "cost" and index is None:
            hint = "kg of fuel a minute, for example --cost-index 40"
            self.faults.append(Fault("needs --cost-index", key="--objective cost", hint=hint))
        elif self.objective != "cost" and index is not None:
            self.faults.append(Fault("goes with --objective cost", key="--cost-index"))
        if index is not None and not 0.0 <= index <= 1000.0:
            self.faults.append(Fault(f"{index:g} is outside 0 to 1,000 kg a minute", key="--cost-index"))

    def _read(self, parse: Callable[[str], Any], text: str | None, key: str) -> Any:
        if text is None:
            return None
        try:
            return parse(text)
        except UnitError as error:
            self.faults.append(Fault(str(error), key=key))
        except InputError as error:
            self.faults.extend(error.faults)
        return None

    def _aircraft(self, code: str) -> Aircraft | None:
        from longreach.world import aircraft

        try:
            found = aircraft.load(code)
            found.require_model()
        except InputError as error:
            self.faults.extend(error.faults)
            return None
        except LongreachError as error:
            self.faults.append(Fault(str(error), key="--aircraft"))
            return None
        return found

    def _departure(self, text: str | None) -> datetime | None:
        if text is None:
            hint = "--depart 2026-01-15T18:00Z"
            self.faults.append(Fault("needs --depart, the time of take-off", key="--aircraft", hint=hint))
            return None
        try:
            return parse_time(text)
        except InputError:
            self.faults.append(
                Fault(
                    f"{text!r} is not a time with a zone",
                    key="--depart",
                    hint="write for example 2026-01-15T18:00Z",
                )
            )
            return None

    def _required(self, texts: Sequence[str], places: Sequence[Place]) -> tuple[int, datetime] | None:
        if len(texts) > 1:
            self.faults.append(Fault("one required time at a time", key="--pass-at"))
            return None
        if not texts or not places:
            return None
        name, _, when = texts[0].partition("=")
        if not when:
            name, when = places[-1].code, name
        moment = None
        try:
            moment = parse_time(when)
        except InputError:
            self.faults.append(
                Fault(
                    f"{texts[0]!r} is not PLACE=TIME", key="--pass-at",
                    hint=f"for example --pass-at {places[-1].code}=2026-01-16T07:30Z",
                )
            )  # fmt: skip
            return None
        from longreach.world import airports

        try:
            wanted = airports.find(name)
        except LongreachError as error:
            self.faults.append(Fault(str(error), key="--pass-at"))
            return None
        for index in range(1, len(places)):
            if places[index].code == wanted.code:
                if self.departure is not None and moment <= self.departure:
                    self.faults.append(Fault("is not after the departure", key="--pass-at"))
                return index, moment
        self.faults.append(Fault(f"{name} is neither a --via place nor the destination", key="--pass-at"))
        return None

    def _field(self, text: str) -> WindField | None:
        from longreach.world import winds

        if text == "still":
            return winds.still()
        if text == "climatology":
            if self.departure is None:
                return None
            return winds.climatology(self.departure, self.departure + LONGEST)
        if not Path(text).exists():
            self.faults.append(
                Fault(
                    "there is no such file", file=text, key="--winds",
                    hint="climatology, still, or a pack made by longreach winds import",
                )
            )  # fmt: skip
            return None
        try:
            return winds.read(text)
        except InputError as error:
            self.faults.extend(error.faults)
        except LongreachError as error:
            self.faults.append(Fault(str(error), file=text))
        return None

    def solve(self, closures: Sequence[Closure], places: Sequence[Place]) -> Trajectory:
        """The best flight."""
        from longreach import trajectory
        from longreach.fuel.reserves import Reserve

        assert self.aircraft is not None and self.field is not None and self.departure is not None
        return trajectory.optimise(
            closures,
            [(place.lat, place.lon) for place in places],
            self.aircraft,
            self.field,
            self.departure,
            objective=self.objective,
            cost_index=self.options.cost_index or 0.0,
            load=trajectory.Load(self.payload_kg, self.fuel_kg, Reserve(self.reserve_s, CONTINGENCY)),
            rule=self.rule,
            mach=self.mach,
            elevations_m=(places[0].elevation_m, places[-1].elevation_m),
            required=self.required,
            prove=self.options.prove,
        )


def _utc(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _spread_s(found: Trajectory, field: WindField) -> float:
    """One sigma of the time in the air [s], from the field's spread of the mean along-track wind."""
    flight = found.flight
    if flight is None or not field.sigma_mps or not flight.duration_s > 0.0:
        return 0.0
    return float(flight.duration_s * field.sigma_mps / (flight.along_m[-1] / flight.duration_s))


def document(found: Trajectory, ask: Ask) -> dict[str, Any]:
    """The key `trajectory` of the route's document."""
    flight, field, aircraft = found.flight, ask.field, ask.aircraft
    assert field is not None and aircraft is not None
    head: dict[str, Any] = {
        "aircraft": aircraft.code,
        "objective": found.objective,
        "cost_index_kg_per_min": found.cost_index if found.objective == "cost" else None,
        "departure_utc": _utc(found.departure),
        "winds": {
            "source": field.source,
            "name": field.name,
            "file": Path(ask.options.winds).name if field.source == "file" and ask.options.winds else None,
            "sha256": field.sha256 or None,
            "sigma_kt": round(field.sigma_mps / KNOT, 2),
            "first_utc": None if field.steady or field.uniform else _utc(field.first_utc),
            "last_utc": None if field.steady or field.uniform else _utc(field.last_utc),
        },
        "levels": ask.rule,
        "asked": {
            "aircraft": aircraft.document(),
            "payload_kg": ask.payload_kg,
            "fuel_kg": ask.fuel_kg,
            "final_reserve_s": ask.reserve_s,
            "contingency_pct": CONTINGENCY * 100.0,
            "mach": ask.mach,
            "required_time": ask.required and {"place": ask.required[0], "utc": _utc(ask.required[1])},
        },
        "notes": list(found.notes),
    }
    if flight is None or not flight.time_s.size:
        return head
    spread = _spread_s(found, field)
    rate = flight.trip_kg / flight.duration_s
    head |= {
        "arrival_utc": _utc(found.departure + timedelta(seconds=round(flight.duration_s))),
        "duration_s": round(flight.duration_s, 1),
        "duration_sigma_s": round(spread, 1),
        "trip_fuel_kg": round(flight.trip_kg, 1),
        "trip_fuel_wind_sigma_kg": round(spread * rate, 1),
        "fuel_band_pct": aircraft.band_pct,
        "takeoff_mass_kg": round(flight.takeoff_mass_kg, 1),
        "takeoff_fuel_kg": round(flight.takeoff_mass_kg - flight.zero_fuel_mass_kg, 1),
        "landing_fuel_kg": round(flight.landing_mass_kg - flight.zero_fuel_mass_kg, 1),
        "zero_fuel_mass_kg": round(flight.zero_fuel_mass_kg, 1),
        "reserve_kg": round(flight.reserve_kg, 1),
        "slowed_to_fit_tanks": found.slowed_to_fit,
        "steps": [
            {
                "time_s": round(step.time_s, 1), "along_nm": round(step.along_m / NAUTICAL_MILE, 2),
                "lat": round(step.lat, 6), "lon": round(step.lon, 6), "level": step.level, "mach": step.mach,
            }
            for step in flight.steps
        ],
        "ways": [
            {
                "length_nm": round(way.length_m / NAUTICAL_MILE, 3), "duration_s": _finite(way.duration_s),
                "trip_fuel_kg": _finite(way.trip_kg), "cost": _finite(way.cost), "chosen": way.chosen,
            }
            for way in found.ways
        ],
        "crossed": [
            {"id": one.id, "enter_utc": _utc(one.enter), "leave_utc": _utc(one.leave), "why": one.why}
            for one in found.crossed
        ],
        "bound": found.bound
        and {
            "cost": round(flight.cost, 3), "no_less_than": round(found.bound.lower, 3),
            "gap_pct": round(100.0 * found.bound.gap, 3),
            "finer_mesh_pct": round(100.0 * found.bound.finer, 4),
        },
        "required_time": found.appointment
        and {
            "along_nm": round(found.appointment.along_m / NAUTICAL_MILE, 3),
            "required_utc": _utc(found.appointment.required), "passed_utc": _utc(found.appointment.passed),
            "free_utc": _utc(found.appointment.free), "action": found.appointment.action,
            "hold_s": round(found.appointment.hold_s, 1),
        },
        "still_air": _still(found),
        "track": {"columns": list(TRACK), "rows": rows(flight)},
    }  # fmt: skip
    return head


def _finite(value: float) -> float | None:
    return round(value, 1) if math.isfinite(value) else None


def _still(found: Trajectory) -> dict[str, Any] | None:
    still, flight = found.still, found.flight
    if still is None or flight is None or not still.feasible:
        return None
    return {
        "length_nm": round(found.shortest_m / NAUTICAL_MILE, 3),
        "duration_s": round(still.duration_s, 1),
        "trip_fuel_kg": round(still.trip_kg, 1),
        "wind_costs_s": round(flight.duration_s - still.duration_s, 1),
        "wind_costs_kg": round(flight.trip_kg - still.trip_kg, 1),
    }


def rows(flight: Flight) -> list[list[Any]]:
    """The flight's rows as TRACK names them."""
    from longreach.geodesy import wrap_longitude
    from longreach.trajectory.flight import PHASES

    lon = wrap_longitude(flight.lon)
    return [
        [
            round(float(flight.time_s[i]), 2), round(float(flight.lat[i]), 7), round(float(lon[i]), 7),
            round(float(flight.along_m[i]) / NAUTICAL_MILE, 4), round(float(flight.altitude_m[i]) / FOOT, 2),
            round(float(flight.mach[i]), 5), round(float(flight.tas_mps[i]) / KNOT, 3),
            round(float(flight.gs_mps[i]) / KNOT, 3), round(float(flight.u_mps[i]), 3),
            round(float(flight.v_mps[i]), 3), round(float(flight.deviation_k[i]), 3),
            round(float(flight.mass_kg[i]), 2),
            round(float(flight.mass_kg[i]) - flight.zero_fuel_mass_kg, 2), PHASES[int(flight.phase[i])],
        ]
        for i in range(flight.time_s.size)
    ]  # fmt: skip


def _clock(seconds: float) -> str:
    minutes = round(abs(seconds) / 60.0)
    return f"{'-' if seconds < -30.0 else ''}{minutes // 60} h {minutes % 60:02d} min"


def say(found: Trajectory, ask: Ask) -> None:
    """The flight for a reader."""
    flight, field, aircraft = found.flight, ask.field, ask.aircraft
    assert flight is not None and field is not None and aircraft is not None
    spread = _spread_s(found, field)
    rate = flight.trip_kg / max(flight.duration_s, 1.0)
    wanted = {"time": "quickest", "fuel": "leanest", "cost": f"cost index {found.cost_index:g} kg/min"}
    arrival = found.departure + timedelta(seconds=round(flight.duration_s))
    print(f"flight of a {aircraft.code}, {wanted[found.objective]}, winds: {field.name}")
    give_time = f"{_clock(flight.duration_s)}" + (
        f" +- {_clock(spread)} (one sigma of the wind of the day; {_clock(flight.duration_s + 1.036 * spread)} keeps 85 % of days)"
        if spread
        else ""
    )
    fuel = f"{flight.trip_kg:,.0f} kg"
    band = math.hypot(aircraft.band_pct / 100.0 * flight.trip_kg, 1.96 * spread * rate)
    lines = [
        ("  take-off", f"{_utc(found.departure)}  {flight.takeoff_mass_kg:,.0f} kg"),
        ("  landing", f"{_utc(arrival)}  {flight.landing_mass_kg:,.0f} kg"),
        ("  time", give_time),
        ("  trip fuel", f"{fuel} +- {band:,.0f} kg (95 %: the type's band and the wind)"),
        (
            "  reserve",
            f"{flight.reserve_kg:,.0f} kg, of it contingency {flight.contingency_kg:,.0f} kg; lands with "
            f"{flight.landing_mass_kg - flight.zero_fuel_mass_kg:,.0f} kg",
        ),
    ]
    if found.still is not None and found.still.feasible:
        slower, more = flight.duration_s - found.still.duration_s, flight.trip_kg - found.still.trip_kg
        lines.append(
            (
                "  in still air",
                f"{_clock(found.still.duration_s)}, {found.still.trip_kg:,.0f} kg by the shortest path: the wind "
                f"{'costs' if slower > 0 else 'saves'} {_clock(abs(slower))} and "
                f"{'' if (slower > 0) == (more > 0) else 'costs ' if more > 0 else 'saves '}{abs(more):,.0f} kg",
            )
        )
    if found.bound is not None:
        finer, bound = found.bound.finer, found.bound
        what = f"no better path, the same to {100.0 * finer:.3f} %" if finer >= 0.0 else (
            f"this path, {-100.0 * finer:.3f} % better than the first"
        )  # fmt: skip
        lines.append(("  second look", f"on a mesh twice as fine: {what}"))
        least = {"time": _clock(bound.lower), "fuel": f"{bound.lower:,.0f} kg"}.get(found.objective)
        over = (
            f"no lawful flight under {least}"
            if least
            else f"none under {100.0 / (1.0 + bound.gap):.0f} % of its cost"
        )
        lines.append(
            ("  proved", f"{over} (this one {100.0 * bound.gap:.0f} % over it; a loose bound in strong wind)")
        )
    if found.slowed_to_fit:
        lines.append(("  speed", "flat out the tanks would not reach: slowed until they do"))
    if found.appointment is not None:
        due = found.appointment
        what = ACTIONS.get(due.action, due.action)
        held = f", {due.hold_s / 60:,.1f} min" if due.hold_s else ""
        lines.append(
            (
                "  required time",
                f"{_utc(due.required)}: {what}{held}; passed {_utc(due.passed)}, else {_utc(due.free)}",
            )
        )
    table(lines)
    print("levels")
    table(
        [
            (
                f"  FL{step.level:03d}", f"M{step.mach:.3f}", f"from {_clock(step.time_s)}",
                f"{step.along_m / NAUTICAL_MILE:,.0f} nm", f"at {step.lat:.3f},{step.lon:.3f}",
            )
            for step in flight.steps
        ],
        right=(3,),
    )  # fmt: skip
    if len(found.ways) > 1:
        print("ways compared")
        table(
            [
                (
                    "  flown" if way.chosen else "  not", f"{way.length_m / NAUTICAL_MILE:,.0f} nm",
                    _clock(way.duration_s) if math.isfinite(way.duration_s) else "-",
                    f"{way.trip_kg:,.0f} kg" if math.isfinite(way.trip_kg) else "-",
                )
                for way in found.ways
            ],
            right=(1, 2, 3),
        )  # fmt: skip
    for one in found.crossed:
        print(f"passes {one.id} {one.why}: {_utc(one.enter)} to {_utc(one.leave)}")
    for note in found.notes:
        print(note)


def refuse(found: Trajectory) -> None:
    """Why the flight cannot be flown."""
    print(colour("no flight", "31"))
    for one in found.shortfalls:
        print(f"  {one.what} (at {one.where})")
        if one.cure:
            print(f"    {one.cure.text}")


def wind_on_map(found: Trajectory, ask: Ask) -> Any:
    """The wind for the picture: half way through the flight at its middle level; None in still air."""
    from longreach.brief.globe import Wind
    from longreach.world import winds

    flight, field = found.flight, ask.field
    if field is None or field.source == "still" or flight is None or not flight.time_s.size:
        return None
    middle = flight.time_s.size // 2
    height, seconds = float(flight.altitude_m[middle]), float(flight.time_s[middle])
    when = 0.0 if field.steady or field.uniform else field.seconds(found.departure) + seconds

    def at(lat: Any, lon: Any) -> tuple[Any, Any]:
        try:
            there = field.at(lat, lon, height, when)
        except winds.WindError:  # the field ends within the picture: ask place by place
            there_u, there_v = np.full(lat.size, np.nan), np.full(lat.size, np.nan)
            for k in range(lat.size):
                with contextlib.suppress(winds.WindError):
                    one = field.at(lat[k : k + 1], lon[k : k + 1], height, when)
                    there_u[k], there_v[k] = one.u_mps[0], one.v_mps[0]
            return there_u, there_v
        return there.u_mps, there.v_mps

    moment = found.departure + timedelta(seconds=seconds)
    return Wind(at, f"wind at FL{height / FOOT / 100:03.0f}, {moment:%d %b %H:%MZ}")
