"""Documented flights beside the model: hours case by case in still air and on the monthly mean wind, and fuel.

    python -m benchmarks documented_flights          # run, print, keep the lines
    python benchmarks/bench_documented_flights.py --write   # also write docs/aircraft-measured.md

Each leg of documented_flights.toml is flown on the model's own best path (through the points the record names, round
what was closed to it) at the type's cruise Mach number, in still air and on the climatology. Nothing of the model
was fitted to any of these times. Fuel is that of the flights shipped with the catalogue: those a fit used apart from
those it did not.
"""

from __future__ import annotations

import csv
import sys
import tomllib
import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

from longreach import trajectory
from longreach.errors import MissingExtra
from longreach.fuel import calibrate
from longreach.fuel.documented import shipped_flights
from longreach.units import HOUR, NAUTICAL_MILE
from longreach.world import aircraft as catalogue
from longreach.world import airspace, winds
from longreach.world.aircraft import Aircraft

FOLDER = Path(__file__).parent
LEGS = FOLDER / "documented_flights.toml"
PAGE = FOLDER.parent / "docs" / "aircraft-measured.md"
LIMIT_PCT = 8.0


@dataclass(frozen=True)
class Leg:
    """A leg flown: hours reported (in the air), in still air and on the climatology; lengths [nm]."""

    given: dict[str, Any]
    reported_h: float
    still_h: float
    windy_h: float
    model_nm: float
    worst_month_pct: float | None

    @property
    def still_pct(self) -> float:
        return 100.0 * (self.still_h / self.reported_h - 1.0)

    @property
    def windy_pct(self) -> float:
        return 100.0 * (self.windy_h / self.reported_h - 1.0)


@cache
def type_of(code: str) -> Aircraft | None:
    """The type; one of OpenAP's made on the spot, None where OpenAP is not installed."""
    if not code.startswith("OpenAP "):
        return catalogue.load(code)
    from longreach.fuel.openap import adapt

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return adapt(code.removeprefix("OpenAP ")).aircraft
    except MissingExtra:
        return None


def fly(given: dict[str, Any], type_: Aircraft, departure: datetime, field: Any) -> tuple[float, float]:
    """(hours, path [nm]) of the best flight at the type's cruise Mach number."""
    points = [given["from"], *given.get("via", []), given["to"]]
    closed = airspace.closures(given["closed"]) if "closed" in given else ()
    found = trajectory.optimise(
        closed, [tuple(point) for point in points], type_, field, departure,
        objective="fuel", mach=type_.cruise_mach, compare_still=False,
    )  # fmt: skip
    if found.flight is None:
        raise SystemExit(f"{given['id']}: {'; '.join(str(each.what) for each in found.shortfalls)}")
    return found.flight.duration_s / HOUR, found.length_m / NAUTICAL_MILE


def measure(given: dict[str, Any]) -> Leg | None:
    type_ = type_of(given["aircraft"])
    if type_ is None:
        return None
    reported = given["hours"] - given.get("taxi_min", 0.0) / 60.0
    if (given["kind"] == "block") != ("taxi_min" in given):
        raise SystemExit(f"{given['id']}: a block time needs taxi_min, a time in the air none")
    departures = [given["departure"]] if "departure" in given else [noon(day) for day in given["months"]]
    windy = [
        fly(given, type_, at, winds.climatology(at - timedelta(hours=1), at + timedelta(hours=40)))
        for at in departures
    ]
    still, _ = fly(given, type_, departures[0], winds.still())
    spread = [100.0 * (hours / reported - 1.0) for hours, _ in windy]
    worst = max(spread, key=abs) if len(windy) > 1 else None
    return Leg(given, reported, still, fmean(h for h, _ in windy), fmean(nm for _, nm in windy), worst)


def noon(day: date) -> datetime:
    """Noon UTC in the middle of a month given by its first day, else of that day."""
    middle = day.replace(day=15) if day.day == 1 else day
    return datetime(middle.year, middle.month, middle.day, 12, tzinfo=UTC)


def rounds(legs: list[Leg]) -> list[tuple[str, float, float, float, float]]:
    """(name, reported h, model h, off %, worst single leg %) of the pairs flown both ways, on the climatology."""
    rows = []
    for name in dict.fromkeys(leg.given["round"] for leg in legs if "round" in leg.given):
        pair = [leg for leg in legs if leg.given.get("round") == name]
        reported, model = sum(leg.reported_h for leg in pair), sum(leg.windy_h for leg in pair)
        worst = max((leg.windy_pct for leg in pair), key=abs)
        rows.append((name, reported, model, 100.0 * (model / reported - 1.0), worst))
    return rows


def fuel() -> list[tuple[str, str, bool, float, float, float]]:
    """(flight, type, used in the fit, reported t, model t, allowed t), planning factor 1.00."""
    rows = []
    for flight in shipped_flights():
        type_ = catalogue.load(flight.aircraft)
        burn = calibrate.reckoned(type_, flight).burn_kg / 1000.0
        reported = flight.burn_kg / 1000.0
        rows.append((flight.name, type_.code, flight.used, reported, burn, type_.band_pct / 100.0 * reported))
    return rows


def hours(value: float) -> str:
    whole = round(value * 60.0)
    return f"{whole // 60} h {whole % 60:02d}"


def table(heads: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def times_table(legs: list[Leg]) -> str:
    rows = [
        [
            leg.given["id"], leg.given["aircraft"], hours(leg.reported_h) + (" *" if leg.given["kind"] == "block" else ""),
            hours(leg.still_h), f"{leg.still_pct:+.1f} %", hours(leg.windy_h),
            f"{leg.windy_pct:+.1f} %" + ("" if abs(leg.windy_pct) <= LIMIT_PCT else " **outside**"),
            f"{leg.given['track_nm']:,}" if "track_nm" in leg.given else "", f"{leg.model_nm:,.0f}",
        ]
        for leg in legs
    ]  # fmt: skip
    heads = [
        "leg",
        "type",
        "reported, in the air",
        "still air",
        "off",
        "monthly wind",
        "off",
        "flown nm",
        "model nm",
    ]
    return table(heads, rows)


def rounds_table(legs: list[Leg]) -> str:
    rows = [
        [name, hours(reported), hours(model), f"{off:+.1f} %", f"{worst:+.1f} %"]
        for name, reported, model, off, worst in rounds(legs)
    ]
    return table(["round trip", "reported", "model", "off", "worse of its legs"], rows)


def fuel_table(used: bool) -> str:
    rows = [
        [name, code, f"{reported:,.1f} t", f"{model:,.1f} t", f"{100 * (model / reported - 1):+.1f} %", f"±{allowed:,.1f} t"]
        for name, code, fitted, reported, model, allowed in fuel()
        if fitted is used
    ]  # fmt: skip
    return table(["flight", "type", "reported", "model", "off", "band"], rows)


def ledger(use: str) -> str:
    """The rows of studies/fit_aircraft.csv of one use, as a table."""
    with (FOLDER.parent / "studies" / "fit_aircraft.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if row["use"].startswith(use)]
    heads = ["type", "figure", "published", "model", "off"]
    cells = [
        [row["code"], row["what"], f"{float(row['published']):,g} {row['unit']}".strip(),
         f"{float(row['model']):,.6g} {row['unit']}".strip(), f"{float(row['off_pct']):+.1f} %"]
        for row in rows
    ]  # fmt: skip
    if use == "check":
        heads.append("allowed")
        for cell, row in zip(cells, rows, strict=True):
            cell.append(f"±{float(row['allowed']):,g} {row['unit']}".strip())
    return table(heads, cells)


def openap_table() -> str:
    """OpenAP's types beside what anchors them; "" where OpenAP is not installed."""
    from longreach.errors import FuelError
    from longreach.fuel import openap

    try:
        codes = openap.types()
    except MissingExtra:
        return ""
    rows = []
    for code in codes:
        try:
            made = openap.adapt(code)
        except FuelError as error:
            rows.append([code, f"nothing: {str(error).split(', or')[0]}: not adapted", "", "", "", ""])
            continue
        first = next(row for row in made.residuals if "OpenAP" in row.what and row.unit in ("nm", "t"))
        kind = {"flights": "documented flights", "range": "its range file", "none": "nothing"}[made.anchor]
        words = "burn" if first.unit == "t" else "range"
        rows.append(
            [code, kind, f"{words} {first.off_pct:+.1f} %", f"{made.raw.drag_zero_lift:.4f} to "
             f"{made.aircraft.drag_zero_lift:.4f}", f"{made.flow_rms_pct:.1f} %", f"±{made.aircraft.band_pct:g} %"]
        )  # fmt: skip
    heads = [
        "type",
        "anchored to",
        "OpenAP as it is",
        "zero-lift drag",
        "fuel flow in our form (RMS)",
        "band",
    ]
    return table(heads, rows)


def anchor_table() -> str:
    """The anchor to a range file alone, on the types whose flights are known; "" where OpenAP is not installed."""
    from longreach.fuel import openap

    try:
        library = openap._package()
    except MissingExtra:
        return ""
    rows = []
    for code in ("B789", "B744"):
        raw = openap.adapt(code).raw
        by_file, *_ = openap.to_range(raw, library.prop.aircraft(code))
        own = catalogue.load(code).code
        for flight in shipped_flights():
            if flight.aircraft == own:
                burn = calibrate.reckoned(by_file, flight).burn_kg
                off = 100.0 * (burn / flight.burn_kg - 1.0)
                rows.append(
                    [
                        code,
                        flight.name,
                        f"{flight.burn_kg / 1000:.1f} t",
                        f"{burn / 1000:.1f} t",
                        f"{off:+.1f} %",
                    ]
                )
    return table(["type", "flight, not used", "reported", "anchored to the range file alone", "off"], rows)


def page(legs: list[Leg]) -> str:
    inside = sum(abs(leg.windy_pct) <= LIMIT_PCT for leg in legs)
    still = sum(abs(leg.still_pct) <= LIMIT_PCT for leg in legs)
    mean = fmean(abs(leg.windy_pct) for leg in legs)
    calm = fmean(abs(leg.still_pct) for leg in legs)
    bias = fmean(leg.windy_pct for leg in legs)
    return f"""# Aircraft measured

What the catalogue says, beside what was flown. `python benchmarks/bench_documented_flights.py --write` makes this page;
`python studies/fit_aircraft.py` the fits and checks it quotes. Points that a fit used stand apart from points it did
not.

## Hours of documented flights

{inside} of {len(legs)} legs lie within {LIMIT_PCT:g} % of the reported time on the monthly mean wind, {still} in still air; the
mean difference is {mean:.1f} % ({calm:.1f} % in still air), with its sign {bias:+.1f} %: the model flies the least path, airlines
do not. No figure of the model was fitted to any of these times: the type's cruise Mach number, the atmosphere and the wind
make them. The path is the model's own (least fuel), through the points the record names and round what was closed. Times
marked * are from gate to gate less a taxi allowance (`benchmarks/documented_flights.toml` states it with each source).

{times_table(legs)}

A monthly mean is not the day's wind: its spread over a long leg is 15 kt (one sigma), 3 % of a jet's speed. Airlines
fly 1 to 4 % further than the least path (the column "flown" where it is known). Doha to Khartoum was told as "under
four hours" from gate to gate, for an A320 or an A330, read here as 3 h 48: a bound more than a time, and the one leg
outside.

Out and home again the wind's error largely cancels:

{rounds_table(legs)}

## Fuel of documented flights

Planning factor 1.00, the reported hours in still air. Used in a fit:

{fuel_table(True)}

Not used in any fit:

{fuel_table(False)}

## Every fit

{ledger("fit")}

## Every figure that no fit used

{ledger("check")}

## OpenAP's types

`longreach aircraft openap CODE` makes a type of OpenAP's data (extra `openap`) with its residuals. "OpenAP as it is" is
the burn of the documented flight by OpenAP itself, or the range that its drag and fuel flow reach within our limits of
thrust, lift and ceiling, against the range in its own file. A range says nothing of payload and reserves: the middle
cabin at 100 kg a seat, 5 %, 30 min and 200 nm are taken.

{openap_table()}

How good such an anchor is shows on the types whose flights are known:

{anchor_table()}
"""


def main() -> int:
    given = tomllib.loads(LEGS.read_text("utf-8"))["leg"]
    legs = []
    for each in given:
        leg = measure(each)
        if leg is None:
            print(f"{each['id']}: not run: OpenAP is not installed")
            continue
        legs.append(leg)
        worst = "" if leg.worst_month_pct is None else f", worst month {leg.worst_month_pct:+.1f} %"
        print(
            f"{each['id']:52} {hours(leg.reported_h)} reported; still {leg.still_pct:+5.1f} %, "
            f"climatology {leg.windy_pct:+5.1f} %{worst}",
            flush=True,
        )
    outside = [leg for leg in legs if abs(leg.windy_pct) > LIMIT_PCT]
    print(f"{len(legs) - len(outside)} of {len(legs)} legs within {LIMIT_PCT:g} % on the climatology")
    closer = True
    for name, _, _, off, worst in rounds(legs):
        closer &= abs(off) <= abs(worst)
        print(f"round trip {name}: {off:+.1f} %, worse leg {worst:+.1f} %")
    short = False
    for name, code, used, reported, model, allowed in fuel():
        short |= abs(model - reported) > allowed
        print(
            f"fuel {name} ({code}, {'fit' if used else 'check'}): {model:.1f} v {reported:.1f} t ±{allowed:.1f}"
        )
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(legs), "utf-8")
        print(f"written: {PAGE.relative_to(FOLDER.parent)}")
    return int(bool(outside) or not closer or short)


if __name__ == "__main__":
    sys.exit(main())
