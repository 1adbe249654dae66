"""`longreach route FROM TO`"""

from __future__ import annotations

import csv
import itertools
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from longreach.cli import PLAIN
from longreach.cli import _route_choices as choice
from longreach.cli import _route_flight as flown
from longreach.cli._map import map_fault, write_map
from longreach.cli._output import Json, Progress, colour, emit, table
from longreach.document import ROUTE_SCHEMA, to_bytes, write_atomically
from longreach.errors import Fault, InputError, LongreachError, UnitError
from longreach.units import FOOT, NAUTICAL_MILE, parse_length

if TYPE_CHECKING:
    from longreach.route import Prepared, Route
    from longreach.world.airports import Place
    from longreach.world.airspace import Closure

app = typer.Typer(**PLAIN)

WINDOW = 64  # rows of a batch under way at once
SHOWN = 12  # closest approaches shown to a reader


@app.command()
def route(
    origin: Annotated[
        str | None, typer.Argument(metavar="FROM", help="ICAO or IATA code, or lat,lon.")
    ] = None,
    destination: Annotated[str | None, typer.Argument(metavar="TO", help="The same.")] = None,
    via: Annotated[
        list[str] | None, typer.Option("--via", metavar="PLACE", help="Pass here; may be repeated, in order.")
    ] = None,
    closed: Annotated[
        str | None, typer.Option("--closed", metavar="CODES", help="Closed States: IR,IQ or ALL.")
    ] = None,
    closures: Annotated[
        Path | None, typer.Option("--closures", metavar="FILE", help="Your own closures (GeoJSON).")
    ] = None,
    stand_off: Annotated[
        str, typer.Option("--stand-off", metavar="LENGTH", help="Kept from everything closed.")
    ] = "0nm",
    territorial_sea: Annotated[
        str, typer.Option("--territorial-sea", metavar="LENGTH", help="Width of the territorial sea.")
    ] = "12nm",
    belt: Annotated[
        str, typer.Option("--belt", metavar="nearest|plain", help="Reading of that sea.")
    ] = "nearest",
    atlas: Annotated[
        str,
        typer.Option("--atlas", metavar="default|plain", help="Borders: corrected, or Natural Earth as is."),
    ] = "default",
    as_json: Json = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE.json", help="Keep the document here, for longreach verify."
        ),
    ] = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", metavar="FILE.csv", help="Many routes: columns from,to.")
    ] = None,
    map_file: Annotated[
        Path | None, typer.Option("--map", metavar="FILE.svg", help="Draw the route here (.svg or .html).")
    ] = None,
    alternatives: Annotated[
        int, typer.Option("--alternatives", metavar="K", help="K different routes, the best among them.")
    ] = 1,
    prices: Annotated[
        bool, typer.Option("--prices", help="What each closure and each mile of stand-off costs.")
    ] = False,
    any_order: Annotated[
        bool, typer.Option("--any-order", help="Pass the --via places in the order that is shortest.")
    ] = False,
    permit: Annotated[
        Path | None,
        typer.Option("--permit", metavar="FILE", help="Corridors open through closures (GeoJSON)."),
    ] = None,
    level: Annotated[
        str | None, typer.Option("--level", metavar="FL350", help="Only closures that hold at this level.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="Departure (2020-12-10T10:00Z): closures while in force."),
    ] = None,
    speed: Annotated[
        str | None, typer.Option("--speed", metavar="450kt", help="Ground speed; goes with --at.")
    ] = None,
    fee: Annotated[
        list[str] | None,
        typer.Option(
            "--fee", metavar="XX=50nm", help="Closed, but open at this price, or XX=25% of what is flown."
        ),
    ] = None,
    matrix: Annotated[
        Path | None,
        typer.Option("--matrix", metavar="FILE.csv", help="Lengths between all places of a file."),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option("--precision", metavar="50ppm", help="Width of the proof; 180ppm by default."),
    ] = None,
    aircraft: Annotated[
        str | None,
        typer.Option("--aircraft", metavar="TYPE", help="Fly it: path, levels and Mach in wind."),
    ] = None,
    winds: Annotated[
        str | None,
        typer.Option("--winds", metavar="FILE|climatology|still", help="Winds; the month's mean by default."),
    ] = None,
    depart: Annotated[
        str | None, typer.Option("--depart", metavar="TIME", help="Take-off (2026-01-15T18:00Z).")
    ] = None,
    objective: Annotated[
        str | None,
        typer.Option("--objective", metavar="time|fuel|cost", help="What is least: fuel by default."),
    ] = None,
    cost_index: Annotated[
        float | None, typer.Option("--cost-index", metavar="N", help="Worth of a minute in kg of fuel.")
    ] = None,
    payload: Annotated[
        str | None, typer.Option("--payload", metavar="MASS", help="Carried: 20t. None by default.")
    ] = None,
    fuel: Annotated[
        str | None, typer.Option("--fuel", metavar="MASS", help="Fuel at take-off; by default what it takes.")
    ] = None,
    reserve: Annotated[
        str | None, typer.Option("--reserve", metavar="TIME", help="Final reserve; 30 min by default.")
    ] = None,
    levels: Annotated[
        str | None, typer.Option("--levels", metavar="semicircular|block", help="Cruising levels allowed.")
    ] = None,
    mach: Annotated[
        str | None, typer.Option("--mach", metavar="M0.84", help="One Mach number; chosen by default.")
    ] = None,
    pass_at: Annotated[
        list[str] | None,
        typer.Option("--pass-at", metavar="[PLACE=]TIME", help="Required time at a place, or the arrival."),
    ] = None,
    prove: Annotated[
        bool,
        typer.Option(
            "--prove/--no-prove", help="A second look on a mesh twice as fine, and turned; on by default."
        ),
    ] = True,
) -> None:
    """Find the shortest lawful route between two places, with a proof of how short it could be.

    Exit code 0 for a route, 1 where there is none (and why), 2 for bad input. A batch prints one JSON line
    for each row, a matrix CSV or one JSON document.
    """
    began = time.perf_counter()
    asked = _Asked(origin, destination, via or [], batch or matrix, map_file, output)
    ask = choice.Ask(
        alternatives, prices, any_order, permit, level, at, speed, fee or [], matrix, batch, via or []
    )  # fmt: skip
    shut = _Shut(closed, closures, stand_off, territorial_sea, belt, atlas, asked.faults)
    chosen, warnings = shut.closures, shut.warnings
    asked.faults += ask.faults
    precision_ppm = choice.parse_precision(precision, asked.faults)
    if precision is not None and (at is not None or fee):
        asked.faults.append(Fault("is for a route without times and fees", key="--precision"))
    flight = flown.Ask(
        flown.Options(
            aircraft, winds, depart, objective, cost_index, payload, fuel, reserve, levels, mach, pass_at or [], prove,
        ),
        {
            "--batch": batch is not None, "--matrix": matrix is not None, "--alternatives": alternatives > 1,
            "--prices": prices, "--any-order": any_order, "--level": level is not None, "--at": at is not None,
            "--speed": speed is not None, "--fee": bool(fee), "--precision": precision is not None,
        },
        asked.places,
    )  # fmt: skip
    asked.faults += flight.faults
    if not asked.faults:
        chosen, told = ask.bound(chosen, asked.faults)
        warnings += told
    if asked.faults:
        raise InputError(asked.faults)
    for warning in warnings:
        print(f"longreach: {warning}", file=sys.stderr)

    from longreach import route as solver

    altered = permit is not None or level is not None or at is not None or bool(fee)
    if flight.options.asked:
        _fly(flight, chosen, asked, None if altered else shut, atlas, map_file, output, as_json)
        return
    with Progress() as progress:
        progress("closures")
        points = [(place.lat, place.lon) for place in asked.places]
        timed = ask.timed(chosen, points) if ask.departure else None
        priced = ask.cheapest(chosen, points) if ask.fees else None
        if timed is not None:
            chosen = ask.kept(chosen, timed)
        elif priced is not None:
            chosen = ask.unpaid(chosen, priced)
        prepared = solver.prepare(chosen, precision_ppm=precision_ppm)
        prepare_ms = (time.perf_counter() - began) * 1e3
        if matrix is not None:
            code = choice.print_matrix(matrix, prepared, prepare_ms, _place, as_json, progress)
            raise typer.Exit(code)
        if batch is not None:
            code = _batch(batch, prepared, prepare_ms, progress)
            raise typer.Exit(code)
        progress("route")
        if any_order:
            found, order = solver.via_any_order(prepared, points[0], points[1:-1], points[-1])
            asked.reorder(order)
        else:
            given = timed or priced
            found = given.route if given is not None else solver.via(prepared, points)
        more = ask.more(prepared, chosen, points, found, progress)
    if precision is not None and found.gap_ppm > precision_ppm:
        print(
            f"longreach: the gap is {found.gap_ppm:.0f} ppm: {precision_ppm:g} could not be had near this route",
            file=sys.stderr,
        )
    if map_file is not None:
        _draw(map_file, found, chosen, asked.places, atlas)
    if as_json or output is not None:
        order_of = {"order": [place.code for place in asked.places]} if any_order else {}
        question = {} if altered else shut.document(asked.places)
        document = {**_document(found, prepare_ms), **order_of, **more.document(timed, priced), **question}
        _keep(document, output, as_json)
    if not as_json:
        _print(found, asked.places, prepared.closures, prepare_ms, map_file)
        more.print(timed, priced)
    if not found.feasible:
        raise typer.Exit(1)


def _keep(document: dict[str, Any], output: Path | None, as_json: bool) -> None:
    """The document where it was asked for: in a file, on stdout, or both."""
    if output is not None:
        write_atomically(output, to_bytes(document))
    if as_json:
        emit(document)


def _fly(
    flight: flown.Ask, closures: tuple[Closure, ...], asked: _Asked, shut: _Shut | None, atlas: str,
    map_file: Path | None, output: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Answer with a flight. shut : what is closed as asked; None where it was altered since."""
    from longreach.route import Route

    places = asked.places
    with Progress() as progress:
        progress("flight")
        found = flight.solve(closures, places)
    yes = found.feasible
    as_route = Route(
        yes, found.lat, found.lon, found.length_m, found.great_circle_m, found.lower_bound_m,
        found.closest if yes else (), found.shortfalls, found.prepare_ms, found.elapsed_ms,
    )  # fmt: skip
    if map_file is not None:
        _draw(map_file, as_route, closures, places, atlas, flown.wind_on_map(found, flight))
    if as_json or output is not None:
        document = _document(as_route, found.prepare_ms)
        if not yes:
            document["path"] = []
        document |= shut.document(places) if shut is not None else {}
        _keep({**document, "trajectory": flown.document(found, flight)}, output, as_json)
    if as_json:
        pass
    elif yes:
        kept = {one.id for one in found.closest}
        _print(as_route, places, tuple(one for one in closures if one.id in kept), found.prepare_ms, map_file)
        flown.say(found, flight)
    else:
        print(" to ".join(place.code for place in places) + ":", end=" ")
        flown.refuse(found)
    if not yes:
        raise typer.Exit(1)


class _Asked:
    """The places asked for, and every fault in how they were asked."""

    def __init__(
        self, origin: str | None, destination: str | None, via: list[str], batch: Path | None,
        map_file: Path | None, output: Path | None,
    ) -> None:  # fmt: skip
        self.faults: list[Fault] = []
        self.places: list[Place] = []
        if batch is not None:
            if origin is not None or via:
                self.faults.append(
                    Fault("a batch or matrix takes its places from the file, not from the line")
                )
            if map_file is not None:
                self.faults.append(Fault("a batch or matrix draws no map", hint="leave out --map"))
            if output is not None:
                self.faults.append(Fault("a batch or matrix prints its answer", hint="leave out -o"))
            return
        if origin is None or destination is None:
            missing = "FROM and TO" if origin is None else "TO"
            self.faults.append(Fault(f"{missing} missing", hint="longreach route KBAD 26.5,51.5 --closed IR"))
            return
        for text in (origin, *via, destination):
            try:
                self.places.append(_place(text))
            except InputError as error:
                self.faults.extend(error.faults)
        if map_file is not None and (fault := map_fault(map_file)) is not None:
            self.faults.append(fault)

    def reorder(self, order: Sequence[int]) -> None:
        """The places with those between the ends in another order."""
        first, *middle, last = self.places
        self.places = [first, *(middle[k] for k in order), last]


def _place(text: str) -> Place:
    from longreach.world import airports

    try:
        return airports.find(text)
    except UnitError as error:
        raise InputError(str(error)) from error


class _Shut:
    """Everything closed as asked on the line, and what to say about it; faults are added to the list."""

    def __init__(
        self, closed: str | None, file: Path | None, stand_off: str, territorial_sea: str, belt: str, atlas: str,
        faults: list[Fault],
    ) -> None:  # fmt: skip
        from longreach.world import airspace

        self.belt, self.atlas = belt, atlas
        self.warnings: tuple[str, ...] = ()
        self._national: tuple[Closure, ...] = ()
        self._own: tuple[Closure, ...] = ()
        lengths = []
        for option, text in (("--stand-off", stand_off), ("--territorial-sea", territorial_sea)):
            try:
                lengths.append(parse_length(text))
            except UnitError as error:
                faults.append(Fault(str(error), key=option))
        if len(lengths) < 2:
            return
        self._stand_off_m, self._sea_m = lengths
        try:
            self._national = airspace.closures(
                closed if closed else [],
                belt=belt,
                atlas=atlas,
                territorial_sea_m=self._sea_m,
                stand_off_m=self._stand_off_m,
            )
        except InputError as error:
            faults.extend(error.faults)
        if file is not None:
            from longreach.world.closures import read_closures

            try:
                read = read_closures(file, max(0.0, self._stand_off_m))
                self._own, self.warnings = read.closures, (*read.warnings, *read.ignored)
            except InputError as error:
                faults.extend(error.faults)

    @property
    def closures(self) -> tuple[Closure, ...]:
        """The States' and the user's."""
        return (*self._national, *self._own)

    def document(self, places: Sequence[Place]) -> dict[str, Any]:
        """The key `asked` of the document: what the route was to keep, for `longreach verify`."""
        from longreach.world import airspace
        from longreach.world.closures import to_geojson

        pack = airspace.pack_identity()
        return {
            "asked": {
                "places": [
                    {
                        "code": place.code, "lat": place.lat, "lon": _wrapped(place.lon),
                        "elevation_ft": round(place.elevation_m / FOOT, 1),
                    }
                    for place in places
                ],
                "closed": [closure.id for closure in self._national],
                "stand_off_nm": self._stand_off_m / NAUTICAL_MILE,
                "territorial_sea_nm": self._sea_m / NAUTICAL_MILE,
                "belt": self.belt,
                "atlas": self.atlas,
                "closures": to_geojson(self._own),
                "airspace": {"name": pack.name, "version": pack.version, "sha256": pack.sha256},
            }
        }  # fmt: skip


def _nm(metres: float, digits: int = 4) -> float | None:
    return round(metres / NAUTICAL_MILE, digits) if metres < float("inf") else None


def _document(found: Route, prepare_ms: float) -> dict[str, Any]:
    yes = found.feasible
    return {
        "schema": ROUTE_SCHEMA,
        "status": "feasible" if yes else "infeasible",
        "length_nm": _nm(found.length_m, 6) if yes else None,
        "great_circle_nm": _nm(found.great_circle_m, 6) if yes else None,
        "lower_bound_nm": _nm(found.lower_bound_m, 6) if yes else None,
        "gap_ppm": round(found.gap_ppm, 3) if yes else None,
        "path": [[lat, lon] for lat, lon in zip(found.lat.tolist(), found.lon.tolist(), strict=True)],
        "closest": [
            {
                "id": one.id,
                "nm": round(one.clearance_m / NAUTICAL_MILE, 5),
                "lat": round(one.lat, 6),
                "lon": _wrapped(round(one.lon, 6)),
            }
            for one in found.closest
        ],
        "prepare_ms": round(prepare_ms, 3),
        "elapsed_ms": round(found.elapsed_ms, 3),
        "shortfalls": [_shortfall(one) for one in found.shortfalls],
    }


def _wrapped(lon: float) -> float:
    return lon - 360.0 if lon >= 180.0 else lon


def _shortfall(one: Any) -> dict[str, Any]:
    cure = one.cure
    return {
        "what": one.what,
        "where": one.where,
        "by": one.by,
        "unit": one.unit,
        "cure": cure and {"key_path": cure.key_path or None, "value": cure.value, "text": cure.text},
    }


def _print(
    found: Route,
    places: list[Place],
    closures: tuple[Closure, ...],
    prepare_ms: float,
    map_file: Path | None,
) -> None:
    names = " to ".join(place.code for place in places)
    if not found.feasible:
        print(f"{names}: {colour('no lawful route', '31')}")
        for one in found.shortfalls:
            print(f"  {one.what} (at {one.where})")
            if one.cure:
                print(f"    {one.cure.text}")
        print(f"great circle {found.great_circle_m / NAUTICAL_MILE:,.1f} nm, for comparison")
        return
    length, direct = found.length_m / NAUTICAL_MILE, found.great_circle_m / NAUTICAL_MILE
    more = length - direct
    share = f" (+{more / direct:.2%})" if direct > 0 and more > 0.05 else ""
    lower = found.lower_bound_m / NAUTICAL_MILE
    rows = [
        ("distance", f"{length:,.1f} nm"),
        ("great circle", f"{direct:,.1f} nm"),
        ("detour", f"{more:,.1f} nm{share}"),
        ("no shorter than", f"{lower:,.1f} nm (gap {found.gap_ppm:.1f} ppm)"),
        ("time", f"{found.elapsed_ms:.1f} ms, {prepare_ms:,.0f} ms to get ready"),
    ]
    print(f"{names}: {colour('lawful', '32')}, {len(found.lat)} vertices")
    table([("  " + name, value) for name, value in rows])
    if found.closest:
        print("closest approach")
        near = sorted(zip(found.closest, closures, strict=True), key=lambda pair: pair[0].clearance_m)
        table(
            [
                (
                    f"  {one.id}",
                    closure.name,
                    f"{one.clearance_m / NAUTICAL_MILE:,.2f} nm",
                    f"(stand-off {closure.stand_off_m / NAUTICAL_MILE:g} nm)",
                    f"at {one.lat:.3f},{one.lon:.3f}",
                )
                for one, closure in near[:SHOWN]
            ],
            right=(2,),
        )
        if len(near) > SHOWN:
            print(f"  and {len(near) - SHOWN} more, farther off")
    if map_file is not None:
        print(f"wrote {map_file}")


def _draw(
    file: Path, found: Route, closures: tuple[Closure, ...], places: list[Place], atlas: str, wind: Any = None
) -> None:
    title = " to ".join(place.code for place in places)
    write_map(file, found.lat, found.lon, closures, title, atlas, wind)


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows of a batch file with their 1-based numbers, the header apart; blank lines are not rows."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            number = 0
            for cells in csv.reader(stream, skipinitialspace=True):
                cells = [cell.strip() for cell in cells]
                if not any(cells):
                    continue
                if number == 0 and [cell.lower() for cell in cells[:2]] == ["from", "to"]:
                    continue
                number += 1
                yield number, cells
    except OSError as error:
        raise InputError(Fault(f"cannot read: {error.strerror}", file=str(file))) from error
    except UnicodeDecodeError as error:
        raise InputError(Fault("is not UTF-8 text, so not a CSV file", file=str(file))) from error
    except csv.Error as error:
        raise InputError(Fault(f"is not CSV: {error}", file=str(file))) from error


def _batch(file: Path, prepared: Prepared, prepare_ms: float, progress: Progress) -> int:
    """Answer every row in order, one JSON line each; returns the exit code."""
    from concurrent.futures import ThreadPoolExecutor

    began = time.perf_counter()
    count = {"feasible": 0, "infeasible": 0, "error": 0}
    rows = _rows(file)
    with ThreadPoolExecutor(2) as pool:
        answer = _answer(prepared, prepare_ms)
        while window := list(itertools.islice(rows, WINDOW)):
            for document in pool.map(answer, window):
                count[document["status"]] += 1
                emit(document)
            progress(f"{sum(count.values()):,} routes")
    total = sum(count.values())
    if not total:
        raise InputError(Fault("holds no rows", file=str(file), hint="columns: from,to"))
    seconds = time.perf_counter() - began
    progress.close()
    print(
        f"{total:,} rows in {seconds:.2f} s ({total / max(seconds, 1e-9):,.0f}/s): {count['feasible']:,} feasible, "
        f"{count['infeasible']:,} infeasible, {count['error']:,} bad",
        file=sys.stderr,
    )
    return 2 if count["error"] else 1 if count["infeasible"] else 0


def _answer(prepared: Prepared, prepare_ms: float) -> Callable[[tuple[int, list[str]]], dict[str, Any]]:
    from longreach import route as solver

    known: dict[str, Place] = {}

    def place(text: str) -> Place:
        found = known.get(text)
        if found is None:
            found = _place(text)
            if len(known) < 100_000:
                known[text] = found
        return found

    def one(row: tuple[int, list[str]]) -> dict[str, Any]:
        number, cells = row
        ends = ([*cells, "", ""])[:2]
        head = {"schema": ROUTE_SCHEMA, "row": number, "from": ends[0], "to": ends[1]}
        try:
            if len(cells) != 2 or not all(cells):
                raise InputError(
                    Fault(f"{len([c for c in cells if c])} filled columns; a row has two, from and to",
                          hint='write a position in quotes: "26.5,51.5"')
                )  # fmt: skip
            a, b = place(ends[0]), place(ends[1])
            found = solver.shortest(prepared, (a.lat, a.lon), (b.lat, b.lon))
        except LongreachError as error:
            return {**head, "status": "error", "error": str(error)}
        document = _document(found, prepare_ms)
        del document["schema"]
        return {**head, **document}

    return one
