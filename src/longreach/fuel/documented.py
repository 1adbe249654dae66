"""Documented flights from a CSV or TOML file: one row (one [[flights]] table) per flight, units in the names.

    name,takeoff_t,burn_t,airborne_h,ground_km,payload_t,error_pct,use,source
    QF7879 JFK-SYD 2019,233,95,19.267,16200,3.6,3,fit,a newspaper of the day

Masses end in _kg, _t or _lb; distances in _nm, _km or _mi (statute miles); times in _h or _min. Every fault is
reported at once, with its line.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from longreach.errors import Fault, InputError
from longreach.fuel.calibrate import Flight
from longreach.locate import KeyPath, key_lines, line_of
from longreach.toml import decoded, parsed, read_bytes
from longreach.units import HOUR, MINUTE, NAUTICAL_MILE, POUND, STATUTE_MILE

MOST = 500  # flights of one file
_MASS = {"_kg": 1.0, "_t": 1000.0, "_lb": POUND}
_LENGTH = {"_nm": NAUTICAL_MILE, "_km": 1000.0, "_mi": STATUTE_MILE}
_TIME = {"_h": HOUR, "_min": MINUTE}
# What a file may give: the quantity, its units, its least and greatest in SI.
_QUANTITIES: dict[str, tuple[dict[str, float], float, float]] = {
    "takeoff": (_MASS, 1e3, 7e5),
    "burn": (_MASS, 10.0, 4e5),
    "loaded": (_MASS, 10.0, 4e5),
    "left": (_MASS, 0.0, 2e5),
    "payload": (_MASS, 0.0, 3e5),
    "airborne": (_TIME, 600.0, 1.5e6),
    "block": (_TIME, 600.0, 1.5e6),
    "taxi": (_TIME, 0.0, 2.0 * HOUR),
    "air": (_LENGTH, 5e4, 6e7),
    "ground": (_LENGTH, 5e4, 6e7),
    "error": ({"_pct": 1.0}, 0.1, 50.0),
}
COLUMNS = (
    "name",
    "aircraft",
    "use",
    "source",
    *(q + unit for q, (units, _, _) in _QUANTITIES.items() for unit in units),
)
_EXAMPLE = "for example name,takeoff_t,burn_t,airborne_h"


def read_flights(path: Path | str) -> tuple[Flight, ...]:
    """The documented flights of a file (.csv or .toml).

    A row gives `takeoff` (mass at take-off), `burn` (or `loaded` and `left`: fuel on board before and after)
    and one of `airborne` (time in the air), `block` with `taxi` (time from gate to gate and the taxi in it) or
    `air` (still-air distance). `ground` (distance flown over the ground), `payload`, `error_pct` (95 % half-width
    of the burn, 3 % where absent), `aircraft`, `use` ("fit" or "check") and `source` may stand beside them.

    Raises: InputError with every fault of the file.
    """
    path = Path(path)
    data = read_bytes(path, "a file of flights")
    text = decoded(data, str(path), _EXAMPLE)
    ending = path.suffix.lower()
    if ending not in (".csv", ".toml"):
        raise InputError(
            Fault(f"ends in {ending or 'nothing'}; flights are a .csv or .toml file", file=str(path))
        )
    faults: list[Fault] = []
    rows = _csv_rows(text, str(path), faults) if ending == ".csv" else _toml_rows(text, str(path), faults)
    flights = [_flight(row, where, str(path), faults) for row, where in rows]
    if not rows and not faults:
        faults.append(Fault("holds no flight", file=str(path), line=1, hint=_EXAMPLE))
    names: dict[str, int] = {}
    for flight, (_, where) in zip(flights, rows, strict=True):
        if flight is not None and names.setdefault(flight.name, where("name")) != where("name"):
            what = f"{flight.name!r} is already the flight of line {names[flight.name]}"
            faults.append(Fault(what, file=str(path), line=where("name"), key="name"))
    if faults:
        raise InputError(sorted(faults, key=lambda fault: fault.line or 0))
    return tuple(flight for flight in flights if flight is not None)


@cache
def shipped_flights() -> tuple[Flight, ...]:
    """The documented flights that come with Longreach, each with the code of its type and its source."""
    with resources.as_file(resources.files("longreach.world") / "data" / "flights.toml") as path:
        return read_flights(path)


Row = tuple[Mapping[str, Any], Callable[[str], int]]  # values, and the line of a column


def _csv_rows(text: str, file: str, faults: list[Fault]) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    header: list[str] | None = None
    try:
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                _known(header, lambda _, line=line: line, file, faults)  # type: ignore[misc]
                for name in {name for name in header if header.count(name) > 1}:
                    faults.append(Fault(f"column {name!r} stands twice", file=file, line=line))
                continue
            if len(cells) != len(header):
                what = f"has {len(cells)} cells, the header has {len(header)}"
                faults.append(Fault(what, file=file, line=line, hint="quote a cell that holds a comma"))
                continue
            values = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}
            rows.append((values, lambda _, line=line: line))  # type: ignore[misc]
            if len(rows) > MOST:
                raise InputError(Fault(f"holds more than {MOST} flights", file=file, line=line))
    except csv.Error as error:
        faults.append(Fault(f"is not CSV: {error}", file=file, line=reader.line_num))
    return rows


def _toml_rows(text: str, file: str, faults: list[Fault]) -> list[Row]:
    values = parsed(text, file)
    lines = key_lines(text)
    tables = values.get("flights")
    for key in values:
        if key != "flights":
            hint = "write [[flights]] before each flight"
            faults.append(
                Fault(
                    "is not a key of a file of flights",
                    file=file,
                    line=line_of(lines, (key,)),
                    key=key,
                    hint=hint,
                )
            )
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        if tables is not None:
            faults.append(
                Fault("must be a list of tables", file=file, line=line_of(lines, ("flights",)), key="flights")
            )
        return []
    if len(tables) > MOST:
        raise InputError(Fault(f"holds more than {MOST} flights", file=file))
    rows: list[Row] = []
    for n, table in enumerate(tables):

        def where(name: str, n: int = n) -> int:
            path: KeyPath = ("flights", n, name)
            return line_of(lines, path) or 1

        _known(list(table), where, file, faults)
        rows.append((table, where))
    return rows


def _known(names: list[str], where: Callable[[str], int], file: str, faults: list[Fault]) -> None:
    for name in names:
        if name in COLUMNS:
            continue
        base = [column for column in COLUMNS if column.startswith(f"{name}_")]
        close = difflib.get_close_matches(name, COLUMNS, 1)
        hint = (
            f"state its unit: {', '.join(base)}" if base else f"did you mean {close[0]}?" if close else None
        )
        known = "name, aircraft, use, source, " + ", ".join(f"{q}_…" for q in _QUANTITIES)
        faults.append(
            Fault(
                "is not a column of a file of flights",
                file=file,
                line=where(name),
                key=name,
                hint=hint or f"known: {known}",
            )
        )


def _flight(
    row: Mapping[str, Any], where: Callable[[str], int], file: str, faults: list[Fault]
) -> Flight | None:
    before = len(faults)

    def fault(name: str, what: str, hint: str | None = None) -> None:
        column = next((each for each in row if each == name or each.startswith(f"{name}_")), name)
        faults.append(Fault(what, file=file, line=where(column), key=column, hint=hint))

    def quantity(base: str) -> float | None:
        units, low, high = _QUANTITIES[base]
        given = [base + unit for unit in units if row.get(base + unit) not in (None, "")]
        if not given:
            return None
        if len(given) > 1:
            fault(given[1], f"{base} is given twice: {' and '.join(given)}", "keep one")
            return None
        raw = row[given[0]]
        try:
            number = float(raw) if not isinstance(raw, bool) else float("nan")
        except (TypeError, ValueError):
            number = float("nan")
        if number != number:
            fault(
                given[0],
                f"{raw!r} is not a number",
                "write for example 233.5; the unit is in the column's name",
            )
            return None
        unit = given[0].removeprefix(base)
        if not low <= number * units[unit] <= high:
            least, most = low / units[unit], high / units[unit]
            fault(given[0], f"{number:,g} is outside {least:,.4g} to {most:,.4g} {unit[1:]}")
            return None
        return number * units[unit]

    q = {base: quantity(base) for base in _QUANTITIES}
    name = str(row.get("name") or "")
    if not name:
        fault("name", "a flight has no name")
    use = row.get("use", "fit")
    if use not in ("fit", "check"):
        fault("use", f"{use!r} is neither fit nor check")
    burn = q["burn"]
    if burn is None and q["loaded"] is not None and q["left"] is not None:
        burn = q["loaded"] - q["left"]
        if burn <= 0.0:
            fault("left", f"{name}: more fuel is left than was loaded")
    elif burn is not None and (q["loaded"] is not None or q["left"] is not None):
        fault("burn", f"{name}: burn stands beside loaded or left", "give burn alone, or loaded and left")
    if len(faults) == before:  # do not call missing what is there but wrong
        if q["takeoff"] is None:
            fault(
                "takeoff",
                f"{name}: the mass at take-off is missing",
                "add takeoff_t, takeoff_kg or takeoff_lb",
            )
        if burn is None:
            fault("burn", f"{name}: the fuel burnt is missing", "add burn_t, or loaded_t and left_t")
    time = q["airborne"]
    if q["block"] is not None:
        if time is not None:
            fault("block", f"{name}: both airborne and block time are given", "keep the time in the air")
        elif q["taxi"] is None:
            fault("block", f"{name}: a block time includes taxi", "state it: taxi_min")
        else:
            time = q["block"] - q["taxi"]
    if time is None and q["air"] is None and len(faults) == before:
        hint = "add airborne_h, block_h with taxi_min, or air_nm (a distance over the ground alone does not fix the burn)"
        fault("airborne", f"{name}: neither a time in the air nor a still-air distance is given", hint)
    if len(faults) > before:
        return None
    assert q["takeoff"] is not None and burn is not None
    return Flight(
        name, q["takeoff"], burn, time, q["air"], q["ground"], q["payload"] or 0.0,
        q["error"] if q["error"] is not None else 3.0, use == "fit", str(row.get("source") or ""),
        str(row.get("aircraft") or ""),
    )  # fmt: skip
