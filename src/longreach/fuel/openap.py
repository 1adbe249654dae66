"""An airliner type made from OpenAP's data: its litres turned into kilograms, its limits checked, its burn anchored.

OpenAP (TU Delft, LGPL-3.0; extra `openap`) describes some thirty airliners by a drag polar and a fuel flow
per thrust. Taken as it is it burns 16 to 18 % too much on the two documented flights of nineteen hours and more,
cannot reach the range in its own data file on others, and gives the tanks in litres. Here its polar and thrust
become a type of ours, its fuel flow is fitted to our form of consumption (the residual is kept), and the
zero-lift drag is fitted again: to documented flights where the type has some, else to the range in OpenAP's own
file wherever OpenAP falls short of it. What was done, and how far each step moved the answer, is in `Adapted`.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import metadata
from typing import Any

import numpy as np

from longreach.errors import Fault, FuelError, InputError, MissingExtra
from longreach.fuel import _kernels as kernels
from longreach.fuel import calibrate, documented, payload_range, performance
from longreach.units import FOOT, KNOT, NAUTICAL_MILE
from longreach.world import aircraft as catalogue
from longreach.world.aircraft import SCHEMA, Aircraft, from_document
from longreach.world.atmosphere import temperature

DENSITY = 0.804  # kg/L, Jet A-1 at 15 °C: the middle of 0.775 to 0.840 (ASTM D1655, DEF STAN 91-091)
PASSENGER_KG = 100.0  # with bags; ICAO and airlines use 95 to 105
_RESERVES = payload_range.Reserves(0.05, 1800.0, 200.0 * NAUTICAL_MILE)  # of a published range, as usual
_LEVELS = 2000.0 * FOOT  # between levels of the comparison, from FL290 up
_MACHS = (-0.04, -0.02, 0.0)  # from the cruise Mach
_MOST_CL = 0.62
_DRAG_RISE = 0.04  # drag-divergence Mach over cruise Mach
_LAPSE = 0.49  # high bypass, Mattingly eq. 2.54, as in the catalogue
_SHORT_BAND = 12.0  # band at least, of a type anchored to a range [%]
_RAW_BAND = 20.0  # band of a type that nothing anchors [%]


@dataclass(frozen=True, slots=True)
class Residual:
    """One figure of OpenAP, or reported, beside ours; `off_pct` is ours over theirs - 1."""

    what: str
    theirs: float
    ours: float
    unit: str

    @property
    def off_pct(self) -> float:
        return 100.0 * (self.ours / self.theirs - 1.0)


@dataclass(frozen=True, slots=True)
class Adapted:
    """A type made from OpenAP.

    aircraft, document : the type, and the same as a catalogue file's values
    version : OpenAP's
    raw : OpenAP's own polar and fuel flow in our form, before the drag was fitted again
    flow_rms_pct, flow_worst_pct, flow_points : our form of consumption beside OpenAP's fuel flow, `raw`
    residuals : figures checked, in words
    anchor : "flights" | "range" | "none"
    notes : what was found and done, in words
    """

    aircraft: Aircraft
    document: dict[str, Any]
    version: str
    raw: Aircraft
    flow_rms_pct: float
    flow_worst_pct: float
    flow_points: int
    residuals: tuple[Residual, ...]
    anchor: str
    notes: tuple[str, ...]


def _package() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import openap
    except ImportError:
        raise MissingExtra("OpenAP is not installed: pip install 'longreach[openap]'") from None
    return openap


def types() -> tuple[str, ...]:
    """ICAO codes of the types that OpenAP has a polar for, in capital letters."""
    openap = _package()
    return tuple(code.upper() for code in openap.prop.available_aircraft() if _has_polar(openap, code))


def _has_polar(openap: Any, code: str) -> bool:
    try:
        openap.Drag(code)
    except ValueError:
        return False
    return True


def adapt(code: str) -> Adapted:
    """The type of an ICAO code, made from OpenAP's data with its default engine.

    Raises: MissingExtra without OpenAP; InputError where OpenAP has no such type, or no polar for it;
    FuelError where its figures contradict one another (no level can be flown).
    """
    import difflib

    openap = _package()
    known = types()
    wanted = code.strip().upper()
    if wanted not in known:
        close = difflib.get_close_matches(wanted, known, 3, 0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"it has {', '.join(known)}"
        raise InputError(Fault(f"OpenAP has no drag polar for {code!r}", hint=hint))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _adapt(openap, wanted)


def _adapt(openap: Any, code: str) -> Adapted:
    version = metadata.version("openap")
    source = f"OpenAP {version} (TU Delft), aircraft and drag polar files of {code}"
    given = openap.prop.aircraft(code)
    polar = openap.Drag(code).polar["clean"]
    engine = openap.prop.engine(given["engine"]["default"])
    document = _document(code, given, polar, engine, source)
    raw = from_document(document)
    points = _flows(openap, code, given, raw)
    tsfc, exponent, miss = _consumption(raw, points)
    raw = replace(raw, tsfc_ref=tsfc, tsfc_mach_exponent=exponent)
    notes = [
        f"tanks of {given['mfc']:,.0f} litres are {raw.max_fuel_kg:,.0f} kg at {DENSITY} kg/L",
        f"fuel flow in our form of consumption: {len(points)} level states, off by {100 * float(np.sqrt(np.mean(miss**2))):.1f} % "
        f"(root mean square), {100 * float(np.abs(miss).max()):.1f} % at worst",
    ]
    limits, limit_notes = _limits(openap, code, given, raw)
    notes += limit_notes
    final, anchor, residuals, words, band = _anchored(openap, raw, given)
    notes += words
    final = replace(final, band_pct=band)
    document = _finished(document, final, raw, anchor, words, source, residuals)
    return Adapted(
        from_document(document), document, version, raw,
        100.0 * float(np.sqrt(np.mean(miss**2))), 100.0 * float(np.abs(miss).max()), len(points),
        (*limits, *residuals), anchor, tuple(notes),
    )  # fmt: skip


def _document(
    code: str, given: Mapping[str, Any], polar: Mapping[str, Any], engine: Mapping[str, Any], source: str
) -> dict[str, Any]:
    """A catalogue file's values from OpenAP's, consumption still to be fitted."""
    area, span = float(given["wing"]["area"]), float(given["wing"]["span"])
    oswald = 1.0 / (math.pi * float(polar["k"]) * span**2 / area)
    mach = float(given["cruise"]["mach"])
    number = int(given["engine"]["number"])

    def found(value: float) -> dict[str, Any]:
        return {"value": value, "trust": "found", "source": source}

    def ours(value: float, why: str, trust: str = "assumed") -> dict[str, Any]:
        return {"value": value, "trust": trust, "source": why}

    return {
        "schema": SCHEMA,
        "code": f"OpenAP {code}",
        "name": f"{given['aircraft']} (from OpenAP)",
        "kind": "polar",
        "judged": True,
        "reason": "",
        "aliases": [],
        "roles": ["airliner"],
        "engines": f"{number} x {given['engine']['default']}",
        "receives": "",
        "gives": [],
        "band_reason": "",
        "factor_reason": "airliners in ordinary service burn 3 to 5 % more than a new, clean aircraft",
        "figures": {
            "operating_empty_mass_kg": found(float(given["oew"])),
            "max_takeoff_mass_kg": found(float(given["mtow"])),
            "max_inflight_mass_kg": ours(float(given["mtow"]), "taken equal to the maximum take-off mass"),
            "max_fuel_kg": ours(
                round(float(given["mfc"]) * DENSITY, 1), f"{given['mfc']:g} litres at {DENSITY} kg/L; {source}", "computed"
            ),
            "wing_area_m2": found(area),
            "span_m": found(span),
            "oswald": ours(round(oswald, 4), f"from k = {polar['k']:g} and the aspect ratio; {source}", "computed"),
            "drag_zero_lift": found(float(polar["cd0"])),
            "mach_drag_divergence": ours(round(mach + _DRAG_RISE, 3), "0.04 over the cruise Mach; our assumption"),
            "lift_limit": ours(_MOST_CL, "usual cruise lift limit of a swept wing short of buffet; our assumption"),
            "tsfc_ref_g_per_kn_s": ours(15.0, "to be fitted", "computed"),
            "tsfc_mach_exponent": ours(0.0, "to be fitted", "computed"),
            "thrust_sea_level_kn": found(round(number * float(engine["max_thrust"]) / 1000.0, 3)),
            "thrust_lapse": ours(
                _LAPSE, "Mattingly, Heiser and Pratt, Aircraft Engine Design, 2nd ed., eq. 2.54 (high bypass)"
            ),
            "climb_cas_kt": ours(300.0 if mach >= 0.8 else 280.0, "typical climb speed of the class"),
            "cruise_mach": found(mach),
            "ceiling_m": found(float(given["ceiling"])),
            "planning_factor": ours(1.04, "see factor_reason"),
            "band_pct": ours(_RAW_BAND, "see band_reason"),
        },
        "calibration": [],
    }  # fmt: skip


def _flows(openap: Any, code: str, given: Mapping[str, Any], raw: Aircraft) -> np.ndarray[Any, Any]:
    """(n, 4): OpenAP's fuel flow over our drag [kg/(N s)], temperature, Mach and flow at level states it can fly."""
    flow = openap.FuelFlow(code)
    a = performance.parameters(raw, 1.0)
    rows = []
    low, high = raw.operating_empty_mass_kg, raw.max_takeoff_mass_kg
    for mass in np.linspace(low + 0.1 * (high - low), high, 6):
        for level in np.arange(29000.0 * FOOT, raw.ceiling_m + 1.0, _LEVELS):
            for step in _MACHS:
                mach = raw.cruise_mach + step
                t, p, sound = kernels.air(level)
                lift, drag = kernels.lift_drag(a, mass, p, mach)
                if lift > _MOST_CL or drag > kernels.thrust_limit(a, p, mach):
                    continue
                burn = float(flow.enroute(mass, mach * sound / KNOT, level / FOOT))
                rows.append((burn / drag, t, mach, burn))
    table = np.array(rows).reshape(-1, 4)
    if len(table) < 12 or not (table[:, 3] > 0.0).all():
        what = f"OpenAP's figures of {code} leave {len(table)} level states from FL290 up that it can fly"
        raise FuelError(f"{what}, or a fuel flow that is not positive: not adapted")
    return table


def _consumption(raw: Aircraft, points: np.ndarray[Any, Any]) -> tuple[float, float, np.ndarray[Any, Any]]:
    """(c_ref [kg/(N s)], Mach exponent 0 to 1.2, logarithmic residuals) of c_ref sqrt(T/T_ref) (M/M_ref)^n."""
    reference = float(temperature(35000.0 * FOOT))
    target = np.log(points[:, 0]) - 0.5 * np.log(points[:, 1] / reference)
    speed = np.log(points[:, 2] / raw.cruise_mach)
    slope, _ = np.polyfit(speed, target, 1)
    slope = round(min(1.2, max(0.0, float(slope))), 2)
    level = float(np.mean(target - slope * speed))
    return round(math.exp(level), 9), slope, target - slope * speed - level


def _limits(
    openap: Any, code: str, given: Mapping[str, Any], raw: Aircraft
) -> tuple[list[Residual], list[str]]:
    """Thrust in cruise beside OpenAP's own, and the levels that thrust, lift and ceiling allow."""
    level = float(given["cruise"]["height"])
    _, p, sound = kernels.air(level)
    a = performance.parameters(raw, 1.0)
    theirs = float(openap.Thrust(code).cruise(raw.cruise_mach * sound / KNOT, level / FOOT))
    ours = float(kernels.thrust_limit(a, p, raw.cruise_mach))
    rows = [
        Residual(
            f"most thrust at {level / FOOT:,.0f} ft, M{raw.cruise_mach:g}",
            theirs / 1000.0,
            ours / 1000.0,
            "kN",
        )
    ]
    notes = []
    for words, mass in (
        ("the greatest take-off mass", raw.max_takeoff_mass_kg),
        ("the middle of its masses", 0.5 * (raw.operating_empty_mass_kg + raw.max_takeoff_mass_kg)),
    ):
        try:
            high = performance.highest_level(raw, mass)
        except FuelError:
            notes.append(f"at {words}, {mass:,.0f} kg, it holds no level at M{raw.cruise_mach:g}")
            continue
        bound = "its ceiling" if high >= raw.ceiling_m - 1.0 else "lift or thrust"
        notes.append(f"at {words}, {mass:,.0f} kg, it holds FL{high / FOOT / 100:.0f} at most ({bound})")
    return rows, notes


def _anchored(
    openap: Any, raw: Aircraft, given: Mapping[str, Any]
) -> tuple[Aircraft, str, list[Residual], list[str], float]:
    """The type with its drag fitted again, how, the residuals, words about it, and its band."""
    flights = _documented(raw)
    if flights:
        before = []
        for each in flights:
            burnt = each.burn_kg / 1000.0
            before += [
                Residual(
                    f"{each.name}: burn, OpenAP itself", burnt, _own_burn(openap, raw, each) / 1000.0, "t"
                ),
                Residual(
                    f"{each.name}: burn, OpenAP's polar within our limits",
                    burnt,
                    calibrate.reckoned(raw, each).burn_kg / 1000.0,
                    "t",
                ),
            ]
        fitted = calibrate.fit(raw, flights)
        after = [
            Residual(
                f"{row.flight.name}: burn, {'fitted' if row.flight.used else 'check, not fitted'}",
                row.flight.burn_kg / 1000.0, row.burn_kg / 1000.0, "t",
            )
            for row in fitted.flights
        ]  # fmt: skip
        old, new, _ = fitted.figures["drag_zero_lift"]
        words = [
            f"zero-lift drag fitted to {sum(each.used for each in flights)} documented flight(s): {old:.4f} to {new:.4f}"
        ]
        return fitted.aircraft, "flights", [*before, *after], words, fitted.band_pct
    return to_range(raw, given)


def _documented(raw: Aircraft) -> list[calibrate.Flight]:
    code = raw.code.removeprefix("OpenAP ")
    try:
        own = catalogue.load(code).code
    except InputError:
        return []
    return [each for each in documented.shipped_flights() if each.aircraft == own]


def _own_burn(openap: Any, raw: Aircraft, flight: calibrate.Flight) -> float:
    """Burn [kg] by OpenAP alone: its fuel flow at its own best level, every quarter of an hour, no limit looked at."""
    flow = openap.FuelFlow(raw.code.removeprefix("OpenAP "))
    levels = np.arange(29000.0 * FOOT, raw.ceiling_m + 1.0, 1000.0 * FOOT)
    speed = raw.cruise_mach * np.array([kernels.air(level)[2] for level in levels])
    mass, left = flight.takeoff_kg, float(flight.time_s or 0.0)
    while left > 0.0:
        step = min(900.0, left)
        rates = np.array(
            [float(flow.enroute(mass, v / KNOT, h / FOOT)) for v, h in zip(speed, levels, strict=True)]
        )
        mass -= step * rates[np.argmin(rates / speed)]
        left -= step
    return flight.takeoff_kg - mass


def to_range(
    raw: Aircraft, given: Mapping[str, Any]
) -> tuple[Aircraft, str, list[Residual], list[str], float]:
    """Fit the drag to the range in OpenAP's own file where the model falls short of it.

    The file does not say with which payload: the middle of its two cabins is taken, and the spread between them
    goes into the band.
    """
    distance = 1000.0 * float(given["cruise"]["range"])
    seats = [float(given["pax"]["low"]), float(given["pax"]["high"])]
    loads = [PASSENGER_KG * each for each in (0.5 * sum(seats), *seats)]
    reach = payload_range.reach(raw, loads[0], _RESERVES, 1.0)
    words = (
        f"{distance / 1852:,.0f} nm with {loads[0] / 1000:.1f} t of payload, 5 %, 30 min and 200 nm in hand"
    )
    before = Residual(
        f"range in OpenAP's file ({words}), OpenAP as it is", distance / 1852.0, reach / 1852.0, "nm"
    )
    if reach >= distance:
        note = (
            f"reaches the range in OpenAP's file ({words}): drag left as it is, and nothing else anchors it"
        )
        return raw, "none", [before], [note], _RAW_BAND
    drags = [_drag_for(raw, load, distance) for load in loads]
    final = replace(raw, drag_zero_lift=round(drags[0], 5))
    after = Residual(
        f"range in OpenAP's file ({words}), drag fitted",
        distance / 1852.0,
        payload_range.reach(final, loads[0], _RESERVES, 1.0) / 1852.0,
        "nm",
    )
    mass = 0.5 * (raw.operating_empty_mass_kg + raw.max_takeoff_mass_kg)
    flows = [_cruise_flow(replace(raw, drag_zero_lift=drag), mass) for drag in drags]
    spread = 50.0 * abs(flows[2] - flows[1]) / flows[0]
    band = round(math.hypot(spread, _SHORT_BAND), 1)
    note = (
        f"falls short of the range in OpenAP's file: zero-lift drag {raw.drag_zero_lift:.4f} to "
        f"{final.drag_zero_lift:.4f}; with the smaller and the larger cabin {drags[1]:.4f} and {drags[2]:.4f}"
    )
    return final, "range", [before, after], [note], band


def _drag_for(raw: Aircraft, load_kg: float, distance_m: float) -> float:
    """Zero-lift drag with which the distance is just reached; FuelError where none believable does it."""
    from scipy.optimize import brentq

    high = float(raw.drag_zero_lift or 0.0)
    low = max(0.006, 0.35 * high)

    def spare(drag: float) -> float:
        return payload_range.spare(replace(raw, drag_zero_lift=drag), load_kg, distance_m, _RESERVES, 1.0)

    if spare(low) < 0.0:
        raise FuelError(
            f"{raw.code}: no believable drag reaches {distance_m / 1852:,.0f} nm with {load_kg / 1000:.1f} t of payload; "
            "its masses, tanks and range contradict one another: not adapted"
        )
    if spare(high) >= 0.0:
        return high
    return float(brentq(spare, low, high, xtol=1e-6))


def _cruise_flow(aircraft: Aircraft, mass: float) -> float:
    return performance.fuel_flow(aircraft, mass, performance.best_level(aircraft, mass), factor=1.0)


_ANCHORS = {
    "flights": "drag fitted to documented flights",
    "range": "drag fitted to the range in OpenAP's own file, of which payload and reserves are not known",
    "none": "OpenAP's drag as it is; no documented flight and no contradiction to fit it to",
}


def _finished(
    document: dict[str, Any], final: Aircraft, raw: Aircraft, anchor: str, words: list[str], source: str,
    residuals: list[Residual],
) -> dict[str, Any]:  # fmt: skip
    figures = dict(document["figures"])
    assert final.tsfc_ref is not None
    figures["tsfc_ref_g_per_kn_s"] = {
        "value": round(final.tsfc_ref * 1e6, 3), "trust": "computed", "source": f"fitted to the fuel flow of {source}",
    }  # fmt: skip
    figures["tsfc_mach_exponent"] = {
        "value": final.tsfc_mach_exponent, "trust": "computed", "source": f"fitted to the fuel flow of {source}",
    }  # fmt: skip
    if anchor != "none":
        figures["drag_zero_lift"] = {
            "value": final.drag_zero_lift, "trust": "computed", "source": f"{_ANCHORS[anchor]}; OpenAP has {raw.drag_zero_lift:g}",
        }  # fmt: skip
    figures["band_pct"] = {"value": final.band_pct, "trust": "assumed", "source": "see band_reason"}
    rows = [
        {
            "use": "fit" if row.what.endswith("fitted") and "not fitted" not in row.what else "check",
            "what": row.what, "source": source, "published": round(row.theirs, 3), "unit": row.unit,
            "off_pct": round(row.off_pct, 2),
        }
        for row in residuals
    ]  # fmt: skip
    return {
        **document,
        "band_reason": f"{_ANCHORS[anchor]}; {'; '.join(words)}",
        "figures": figures,
        "calibration": rows,
    }
