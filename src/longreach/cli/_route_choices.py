"""What `longreach route` says of choices: alternatives, prices, times of passage, a matrix."""

from __future__ import annotations

import contextlib
import csv
import io
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longreach.cli._output import Progress, emit, table
from longreach.errors import Fault, InputError, LongreachError, UnitError
from longreach.units import NAUTICAL_MILE, parse_length, parse_level, parse_speed

if TYPE_CHECKING:
    from longreach.route import Prepared, Route
    from longreach.route.choices import Alternatives
    from longreach.route.fees import Fee, PricedRoute
    from longreach.route.prices import Price, StandOffPrices
    from longreach.route.timed import TimedRoute
    from longreach.world.airports import Place
    from longreach.world.airspace import Closure

MATRIX_SCHEMA = "longreach.matrix/1"
MOST_CHOICES = 20
SHOWN = 4  # closures named between two routes


def nm(metres: float, digits: int = 3) -> float | None:
    """Nautical miles for a document; None where there is no such length."""
    return round(metres / NAUTICAL_MILE, digits) if math.isfinite(metres) else None


def parse_precision(text: str | None, faults: list[Fault]) -> float:
    """Parts per million from "50ppm"; a fault is added where it is none."""
    from longreach.route.prepared import PRECISION_PPM

    least, most = PRECISION_PPM
    if text is None:
        return most
    try:
        value = float(text.strip().removesuffix("ppm"))
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        hint = f"{least:g}ppm to {most:g}ppm"
        faults.append(Fault(f"{text!r} is no precision", key="--precision", hint=hint))
        return most
    return value


class Ask:
    """What was asked beside the route itself, and every fault in how it was asked."""

    def __init__(
        self, alternatives: int, prices: bool, any_order: bool, permit: Path | None, level: str | None,
        at: str | None, speed: str | None, fees: Sequence[str], matrix: Path | None, batch: Path | None, via: Sequence[str],
    ) -> None:  # fmt: skip
        self.faults: list[Fault] = []
        self.alternatives, self.prices, self.permit = alternatives, prices, permit
        self.level_m = self._read(parse_level, level, "--level")
        self.departure = self._read(parse_time, at, "--at")
        self.speed = self._read(parse_speed, speed, "--speed")
        self.fees = self._fees(fees)
        if fees and (at is not None or via):
            self.faults.append(Fault("is for a route without --via and without times", key="--fee"))
        if (at is None) != (speed is None):
            given, other = ("--at", "--speed") if speed is None else ("--speed", "--at")
            hint = f"{other} {'450kt' if speed is None else '2020-12-10T10:00Z'}"
            self.faults.append(Fault(f"needs {other}", key=given, hint=hint))
        if not 1 <= alternatives <= MOST_CHOICES:
            self.faults.append(
                Fault(f"{alternatives} alternatives; 1 to {MOST_CHOICES}", key="--alternatives")
            )
        if any_order and not via:
            self.faults.append(Fault("no --via places to put in order", key="--any-order"))
        if any_order and at is not None:
            self.faults.append(Fault("an order is not looked for with times", key="--any-order"))
        for key, wanted in (("--alternatives", alternatives > 1), ("--prices", prices)):
            if wanted and via:
                self.faults.append(Fault("is for a route without --via", key=key))
        if matrix is not None and batch is not None:
            self.faults.append(Fault("either --matrix or --batch", key="--matrix"))
        for key, wanted in (
            ("--alternatives", alternatives > 1),
            ("--prices", prices),
            ("--any-order", any_order),
            ("--at", at is not None),
            ("--fee", bool(fees)),
        ):
            if wanted and (matrix is not None or batch is not None):
                self.faults.append(Fault("is for one route, not for a batch or matrix", key=key))

    def _fees(self, texts: Sequence[str]) -> dict[str, Fee]:
        """Fees by the id of what they are for, from "RU=50nm" and "RU=25%"."""
        from longreach.route.fees import Fee
        from longreach.world.airspace import resolve

        found: dict[str, Fee] = {}
        for text in texts:
            name, _, price = (part.strip() for part in text.partition("="))
            try:
                if not name or not price:
                    raise UnitError(f"{text!r} is not a fee; write for example 'RU=50nm' or 'RU=25%'")
                with contextlib.suppress(InputError):  # an id of the user's own
                    name = resolve(name).code
                before = found.get(name, Fee())
                if price.endswith("%"):
                    found[name] = replace(before, share=_share(price))
                else:
                    found[name] = replace(before, leave_m=parse_length(price))
            except UnitError as error:
                self.faults.append(Fault(str(error), key="--fee"))
        return found

    def cheapest(self, closures: tuple[Closure, ...], points: list[tuple[float, float]]) -> PricedRoute:
        """The cheapest route with the fees."""
        from longreach.route.fees import cheapest

        return cheapest(closures, self.fees, points[0], points[-1])

    def unpaid(self, closures: tuple[Closure, ...], found: PricedRoute) -> tuple[Closure, ...]:
        """The closures the cheapest route has no leave to enter."""
        paid = {one.id for one in found.paid}
        return tuple(one for one in closures if one.id not in paid)

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

    def bound(
        self, closures: tuple[Closure, ...], faults: list[Fault]
    ) -> tuple[tuple[Closure, ...], tuple[str, ...]]:
        """The closures that hold at the level, with the corridors cut out, and what to say of it."""
        from longreach.route.timed import in_force

        there = in_force(closures, level_m=self.level_m)
        said = []
        left = [closure.id for closure in closures if closure not in there]
        if left:
            said.append(f"not in force at that level: {', '.join(left)}")
        if self.departure is None:
            windows = [closure.id for closure in there if closure.valid is not None]
            if windows:
                said.append(f"without --at held to be closed at all times: {', '.join(windows)}")
        if self.permit is not None:
            from longreach.route.corridors import permit, read_corridors

            try:
                there = permit(there, read_corridors(self.permit))
            except InputError as error:
                faults.extend(error.faults)
        return there, tuple(said)

    def timed(self, closures: tuple[Closure, ...], points: list[tuple[float, float]]) -> TimedRoute:
        """The route with its times of passage."""
        from longreach.route.timed import timed

        return timed(
            closures, points, departure=self.departure, ground_speed=self.speed, level_m=self.level_m
        )

    def kept(self, closures: tuple[Closure, ...], found: TimedRoute) -> tuple[Closure, ...]:
        """The closures the route was made to keep, in the order it was made to."""
        ids = (*found.always, *found.added)
        return tuple(sorted((one for one in closures if one.id in ids), key=lambda one: ids.index(one.id)))

    def more(
        self, prepared: Prepared, closures: tuple[Closure, ...], points: list[tuple[float, float]],
        route: Route, progress: Progress,
    ) -> More:  # fmt: skip
        """The answers to what was asked beside the route."""
        others = None
        if self.alternatives > 1:
            from longreach.route.choices import alternatives

            progress("alternatives")
            others = alternatives(prepared, points[0], points[-1], self.alternatives)
        paid, curve = None, None
        if self.prices:
            from longreach.route.prices import closure_prices, stand_off_prices

            def told(what: str) -> None:
                progress(f"prices: {what}")

            _, paid = closure_prices(closures, points[0], points[-1], told=told)
            curve = stand_off_prices(closures, points[0], points[-1], told=told)
        return More(self.alternatives, others, paid, curve)


@dataclass(frozen=True, slots=True)
class More:
    """The answers to what was asked beside the route."""

    asked: int
    alternatives: Alternatives | None
    prices: tuple[Price, ...] | None
    curve: StandOffPrices | None

    def document(self, timed: TimedRoute | None, priced: PricedRoute | None) -> dict[str, Any]:
        """Their keys in the route's document."""
        found: dict[str, Any] = timed_document(timed) if timed is not None else {}
        if priced is not None:
            found.update(fees_document(priced))
        if self.alternatives is not None:
            found.update(alternatives_document(self.alternatives))
        if self.prices is not None and self.curve is not None:
            found.update(prices_document(self.prices, self.curve))
        return found

    def print(self, timed: TimedRoute | None, priced: PricedRoute | None) -> None:
        """Them for a reader."""
        if timed is not None:
            print_timed(timed)
        if priced is not None:
            print_fees(priced)
        if self.alternatives is not None and self.alternatives.routes[0].route.feasible:
            print_alternatives(self.alternatives, self.asked)
        if self.prices is not None and self.curve is not None:
            print_prices(self.prices, self.curve)


def parse_time(text: str) -> datetime:
    """A UTC time from text such as "2020-12-10T10:00Z". Raises: InputError without date, time or zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or "T" not in text.upper().replace(" ", "T"):
        raise InputError(
            Fault(
                f"{text!r} is not a time with a zone", key="--at", hint="write for example 2020-12-10T10:00Z"
            )
        )
    return found


# ------------------------------------------------------------------------------------ alternatives


def alternatives_document(found: Alternatives) -> dict[str, Any]:
    """The choices after the best, and what counted as one."""
    return {
        "alternatives": [
            {
                "length_nm": nm(one.route.length_m, 6),
                "extra_nm": nm(one.extra_m, 6),
                "apart_nm": nm(one.apart_m),
                "sound_nm": nm(one.sound_m),
                "between": [
                    {"id": side.id, "name": side.name, "hand": side.hand, "share": round(side.share, 3)}
                    for side in one.sides
                ],
                "path": [[p, q] for p, q in zip(one.route.lat.tolist(), one.route.lon.tolist(), strict=True)],
                "closest": [
                    {"id": c.id, "nm": nm(c.clearance_m, 5), "lat": round(c.lat, 6), "lon": round(c.lon, 6)}
                    for c in one.route.closest
                ],
            }
            for one in found.routes[1:]
        ],
        "alternatives_apart_nm": nm(found.apart_m),
        "alternatives_longest_nm": nm(found.longest_m),
        "alternatives_complete": found.complete,
    }


def print_alternatives(found: Alternatives, asked: int) -> None:
    """The choices as a table."""
    print("choices")
    rows = [("  1", f"{found.routes[0].route.length_m / NAUTICAL_MILE:,.1f} nm", "", "the shortest")]
    for number, one in enumerate(found.routes[1:], start=2):
        by_hand: dict[str, list[str]] = {}
        for side in one.sides[:SHOWN]:
            part = "" if side.share > 0.98 else " in part" if side.share < 0.5 else " for the most part"
            by_hand.setdefault(side.hand, []).append(f"{side.name}{part}")
        said = "; ".join(f"{', '.join(names)} on the {hand}" for hand, names in by_hand.items())
        more = len(one.sides) - SHOWN
        said += f" and {more} more" if more > 0 else ""
        rows.append(
            (
                f"  {number}",
                f"{one.route.length_m / NAUTICAL_MILE:,.1f} nm",
                f"+{one.extra_m / NAUTICAL_MILE:,.1f} nm",
                f"leaves {said}; {one.apart_m / NAUTICAL_MILE:,.0f} nm apart",
            )
        )
    table(rows, right=(1, 2))
    if len(found.routes) < asked:
        longest = found.longest_m / NAUTICAL_MILE
        print(
            f"  no other within {longest:,.0f} nm parts by {found.apart_m / NAUTICAL_MILE:,.0f} nm or more"
            if found.complete
            else "  the search for others was given up after 3,000 candidates"
        )


# ------------------------------------------------------------------------------------ prices


def prices_document(prices: Sequence[Price], curve: StandOffPrices) -> dict[str, Any]:
    """Prices of the closures and of the stand-off."""
    return {
        "prices": {
            "closures": [
                {
                    "id": price.id,
                    "name": price.name,
                    "opens_the_way": math.isinf(price.price_m),
                    "price_nm": nm(price.price_m, 6),
                    "least_nm": nm(price.least_m, 6),
                    "most_nm": nm(price.most_m, 6),
                }
                for price in prices
            ],
            "stand_off": [
                {"stand_off_nm": nm(at), "length_nm": nm(length, 6), "lower_bound_nm": nm(lower, 6)}
                for at, length, lower in zip(
                    curve.stand_off_m.tolist(),
                    curve.length_m.tolist(),
                    curve.lower_bound_m.tolist(),
                    strict=True,
                )
            ],
            "largest_stand_off_nm": None if curve.largest_m is None else nm(curve.largest_m),
            "passages": [
                {
                    "open_nm": nm(passage.open_m),
                    "shut_nm": nm(passage.shut_m),
                    "extra_nm": nm(passage.extra_m),
                    "lat": _known(passage.lat),
                    "lon": _known(passage.lon),
                    "width_nm": nm(passage.width_m),
                    "between": list(passage.between),
                }
                for passage in curve.passages
            ],
        }
    }


def _known(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None


def print_prices(prices: Sequence[Price], curve: StandOffPrices) -> None:
    """Prices as tables."""
    if prices:
        print("what each closure costs")
    rows, free = [], []
    for price in prices:
        if math.isnan(price.price_m):
            rows.append((f"  {price.id}", price.name, "", "no way without it either"))
        elif math.isinf(price.price_m):
            length = price.without.length_m / NAUTICAL_MILE if price.without is not None else math.nan
            rows.append((f"  {price.id}", price.name, "", f"opening it opens a way of {length:,.1f} nm"))
        elif price.price_m < 0.05 * NAUTICAL_MILE:
            free.append(price.id)
        else:
            rows.append((f"  {price.id}", price.name, f"{price.price_m / NAUTICAL_MILE:,.1f} nm", ""))
    table(rows, right=(2,))
    if free:
        print(f"  opening one of {', '.join(free)} alone would save nothing")
    print("what the stand-off costs")
    first = curve.length_m[0]
    table(
        [
            (
                f"  {at / NAUTICAL_MILE:,.1f} nm",
                f"{length / NAUTICAL_MILE:,.1f} nm" if math.isfinite(length) else "no way",
                f"+{(length - first) / NAUTICAL_MILE:,.1f} nm"
                if math.isfinite(length) and length > first
                else "",
            )
            for at, length in zip(curve.stand_off_m.tolist(), curve.length_m.tolist(), strict=True)
        ],
        right=(0, 1, 2),
    )
    for passage in curve.passages:
        where = f" at {passage.lat:.2f},{passage.lon:.2f}" if math.isfinite(passage.lat) else ""
        names = f" between {' and '.join(passage.between)}" if passage.between else ""
        cost = (
            f"+{passage.extra_m / NAUTICAL_MILE:,.1f} nm"
            if math.isfinite(passage.extra_m)
            else "no other way"
        )
        print(f"  at {passage.shut_m / NAUTICAL_MILE:,.1f} nm the passage{names}{where} shuts: {cost}")
    if curve.largest_m is None:
        print("  no way even without a stand-off")
    else:
        print(f"  the largest at which there is a way: {curve.largest_m / NAUTICAL_MILE:,.1f} nm")
    if curve.fixed:
        print(f"  with a distance of their own, kept: {', '.join(curve.fixed)}")


# ------------------------------------------------------------------------------------ times


def timed_document(found: TimedRoute) -> dict[str, Any]:
    """What was in force when."""
    return {
        "timed": {
            "departure_utc": stamp(found.departure),
            "arrival_utc": stamp(found.arrival) if found.arrival else None,
            "always": list(found.always),
            "added": list(found.added),
            "crossed": [
                {"id": one.id, "enter_utc": stamp(one.enter), "leave_utc": stamp(one.leave)}
                for one in found.crossed
            ],
            "rounds": found.rounds,
        }
    }


def stamp(moment: datetime) -> str:
    """UTC in whole seconds, ending in Z."""
    from datetime import UTC

    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def print_timed(found: TimedRoute) -> None:
    """What was in force when, for a reader."""
    if found.arrival is None:
        if found.added:
            print(
                f"  {', '.join(found.added)} taken as closed throughout; at another time there may be a way"
            )
        return
    print(f"leaves {stamp(found.departure)}, arrives {stamp(found.arrival)}")
    if found.added:
        print(f"  in force at the time of passage, so kept: {', '.join(found.added)}")
    for one in found.crossed:
        print(f"  {one.id} is passed while open, {stamp(one.enter)} to {stamp(one.leave)}")


# ------------------------------------------------------------------------------------ fees


def _share(text: str) -> float:
    try:
        return float(text.removesuffix("%")) / 100.0
    except ValueError:
        raise UnitError(f"{text!r} is not a share; write for example '25%'") from None


def fees_document(found: PricedRoute) -> dict[str, Any]:
    """What the route costs with its fees."""
    return {
        "cost_nm": nm(found.cost_m, 6),
        "least_cost_nm": nm(found.least_cost_m, 6),
        "fees": [
            {
                "id": one.id,
                "leave_nm": nm(one.leave_m, 6),
                "inside_nm": nm(one.inside_m),
                "share_nm": nm(one.share_m),
            }
            for one in found.paid
        ],
    }


def print_fees(found: PricedRoute) -> None:
    """The same for a reader."""
    if not found.route.feasible:
        return
    cost, least = found.cost_m / NAUTICAL_MILE, found.least_cost_m / NAUTICAL_MILE
    print(f"costs as much as {cost:,.1f} nm flown; no route costs less than {least:,.1f} nm")
    for one in found.paid:
        inside = f", {one.share_m / NAUTICAL_MILE:,.1f} nm for {one.inside_m / NAUTICAL_MILE:,.0f} nm inside"
        print(f"  {one.id}: {one.leave_m / NAUTICAL_MILE:,.1f} nm for leave{inside if one.share_m else ''}")
    if not found.paid:
        print("  no leave is worth its fee")


# ------------------------------------------------------------------------------------ a matrix


def print_matrix(
    file: Path, prepared: Prepared, prepare_ms: float, place: Callable[[str], Place], as_json: bool,
    progress: Progress,
) -> int:  # fmt: skip
    """Lengths between all places of a file as CSV or JSON; bad rows are told and left out. The exit code."""
    from longreach.route.matrix import matrix

    places: list[Place] = []
    bad: list[dict[str, Any]] = []
    for number, text in _places(file):
        try:
            places.append(place(text))
        except LongreachError as error:
            bad.append({"row": number, "place": text, "error": str(error)})
    if not places and not bad:
        raise InputError(
            Fault("holds no places", file=str(file), hint="one ICAO or IATA code or lat,lon a row")
        )
    progress(f"{len(places):,} places")
    found = matrix(prepared, [(one.lat, one.lon) for one in places])
    progress.close()
    names = [one.code for one in places]
    shut = [{"place": names[number], "why": [one.what for one in why]} for number, why in found.shut]
    if as_json:
        emit(
            {
                "schema": MATRIX_SCHEMA,
                "places": [{"code": one.code, "lat": one.lat, "lon": one.lon} for one in places],
                "length_nm": [[nm(value, 6) for value in row] for row in found.lengths_m.tolist()],
                "lower_bound_nm": [[nm(value, 6) for value in row] for row in found.lower_bounds_m.tolist()],
                "shut": shut,
                "bad": bad,
                "prepare_ms": round(prepare_ms, 3),
                "elapsed_ms": round(found.elapsed_ms, 3),
            }
        )
    else:
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["nm", *names])
        for name, row in zip(names, found.lengths_m.tolist(), strict=True):
            writer.writerow([name, *("" if nm(value) is None else f"{nm(value):.3f}" for value in row)])
        sys.stdout.write(stream.getvalue())
    for one in bad:
        print(f"longreach: {file}: row {one['row']}: {one['error']}", file=sys.stderr)
    for each in shut:
        print(f"longreach: {each['place']}: {'; '.join(each['why'])}", file=sys.stderr)
    missing = sum(not math.isfinite(value) for row in found.lengths_m.tolist() for value in row)
    print(
        f"{len(places):,} places, {len(places) * (len(places) - 1) // 2:,} routes in {found.elapsed_ms / 1e3:.2f} s, "
        f"{len(bad):,} bad rows",
        file=sys.stderr,
    )
    return 2 if bad else 1 if missing else 0


def _places(file: Path) -> list[tuple[int, str]]:
    """(row, place) of a file with one place a row: a code, or a latitude and a longitude."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        rows = [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), skipinitialspace=True)
        ]
    except OSError as error:
        raise InputError(Fault(f"cannot read: {error.strerror}", file=str(file))) from error
    except UnicodeDecodeError as error:
        raise InputError(Fault("is not UTF-8 text, so not a CSV file", file=str(file))) from error
    except csv.Error as error:
        raise InputError(Fault(f"is not CSV: {error}", file=str(file))) from error
    found: list[str] = []
    for cells in rows:
        if not any(cells):
            continue
        if not found and cells[0].lower() in ("place", "code", "airport", "icao", "iata", "lat"):
            continue
        found.append(",".join(cells).rstrip(","))
    return list(enumerate(found, start=1))
