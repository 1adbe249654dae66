"""The claim as a system of bounds, and which statements can be true together.

Four moments (take-off, arrival on station, leaving it, landing) and the differences between them. Each statement
adds bounds in one of its readings; physics adds how fast, how far and how long the type can fly. Every bound is of
the form "this moment less that one is at most so much", so whether all can hold is a shortest-path question
(a cycle of negative length is a contradiction), exact and quick enough to try every subset.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

from longreach.check.claim import Claim, Place, Statement
from longreach.check.envelope import Envelope
from longreach.check.readings import Reading
from longreach.check.ways import Closed, Ways
from longreach.units import NAUTICAL_MILE

ZERO, TAKEOFF, ARRIVE, LEAVE, LAND = range(5)  # ZERO is the epoch: absolute times are differences to it
TURN_ROUND_S = 20 * 60.0  # the least time on the ground at a stop
LONGEST_S = 60 * 86400.0  # no flight is longer
MUCH_FASTER = 1.35  # over a part of a flight an aircraft may be kept so much faster than for hours
MOST_COMBINATIONS = 20_000
FLIGHT_PARTS = ("origin", "turn", "destination", "via")


@dataclass(frozen=True, slots=True)
class Winds:
    """Along-track wind [m/s] that a leg can count on at most, out and back."""

    out_mps: float
    back_mps: float


@dataclass(frozen=True, slots=True)
class Edge:
    """later - earlier <= bound [s], and what it comes from."""

    later: int
    earlier: int
    bound: float
    why: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A bound that no moment can meet: said in figures.

    by_s : seconds missing; nan where it is not a matter of time
    """

    words: str
    by_s: float = math.nan


@dataclass(slots=True)
class System:
    """Everything needed to ask whether a set of claims can hold. `readings` by statement id."""

    claim: Claim
    envelope: Envelope
    readings: Mapping[str, tuple[Reading, ...]]
    ways: Ways
    winds: Winds
    partners: Mapping[str, Envelope]
    _lengths: dict[Any, tuple[float, float]] = field(default_factory=dict)

    # -- what there is to claim

    def ids(self) -> tuple[str, ...]:
        """Everything that can be left out: places of the flight, and statements."""
        claim = self.claim
        parts = [part for part in FLIGHT_PARTS if getattr(claim, part)]
        if self.envelope.judged:
            parts.append("aircraft")
        if claim.closed:
            parts.append("closed")
        return (*parts, *(each.id for each in claim.statements if self._counts(each)))

    def _counts(self, statement: Statement) -> bool:
        return bool(self.readings.get(statement.id)) or statement.kind in ("partner", "kept out")

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Rival statements: of one kind and scope, from different sources; one of them must hold."""
        found: dict[tuple[str, str, str], list[str]] = {}
        for each in self.claim.statements:
            if each.id in self.ids():
                rival = each.kind in ("refuellings", "duration", "distance", "speed", "departure", "landing", "day",
                                      "time on station", "count", "fuel loaded", "fuel left", "payload")  # fmt: skip
                key = (each.kind, each.scope, "" if rival else each.id)
                found.setdefault(key, []).append(each.id)

        def open_ended(id: str) -> bool:
            return any(reading.lo is None or reading.hi is None for reading in self.readings.get(id, ())[:1])

        return tuple(tuple(sorted(group, key=open_ended)) for group in found.values())

    # -- geometry

    def closed_of(self, kept: frozenset[str], chosen: Mapping[str, Reading]) -> tuple[Closed, ...]:
        out = [Closed(self.claim.closed)] if "closed" in kept else []
        for each in self.claim.of("kept out"):
            if each.id in kept:
                reading = chosen.get(each.id)
                out.append(Closed(each.closed, round(reading.lo or 0.0, 1) if reading else 0.0))
        return tuple(out)

    def chains(self, kept: frozenset[str], with_via: bool) -> tuple[list[Place], list[Place]]:
        """Places out to the turn and back, as far as they are kept; of a one-way flight all in the first."""
        claim = self.claim
        via = list(claim.via) if with_via else []
        stops = list(claim.stops)
        origin = [claim.origin] if claim.origin and "origin" in kept else []
        turn = [claim.turn] if claim.turn and "turn" in kept else []
        destination = [claim.destination] if claim.destination and "destination" in kept else []
        if claim.turn:
            home = via[::-1] if claim.home_same else []
            return [*origin, *via, *turn], [*turn, *home, *stops, *destination]
        return [*origin, *via, *stops, *destination], []

    def lengths(self, kept: frozenset[str], chosen: Mapping[str, Reading]) -> tuple[float, float]:
        """Least lengths [m] out and back of what is kept."""
        closed = self.closed_of(kept, chosen)
        key = (kept & set(FLIGHT_PARTS), closed)
        if key not in self._lengths:
            out, back = self.chains(kept, "via" in kept)
            self._lengths[key] = self.ways.chain(out, closed), self.ways.chain(back, closed)
        return self._lengths[key]

    # -- bounds

    def edges(self, kept: frozenset[str], chosen: Mapping[str, Reading]) -> tuple[list[Edge], list[Failure]]:
        """Bounds between the moments, and failures that are no matter of time."""
        claim, envelope = self.claim, self.envelope
        failures: list[Failure] = []
        edges = [
            Edge(TAKEOFF, ARRIVE, 0.0, "a flight runs forward"),
            Edge(ARRIVE, LEAVE, 0.0, "a flight runs forward"),
            Edge(LEAVE, LAND, 0.0, "a flight runs forward"),
            Edge(LAND, TAKEOFF, LONGEST_S, "no flight is so long"),
        ]
        out, back = self.lengths(kept, chosen)
        if not math.isfinite(out + back):
            far = self.closed_of(kept, chosen)
            failures.append(
                Failure(f"no way stays out of {', '.join(c for each in far for c in each.codes)} as said")
            )
            return edges, failures
        total = out + back
        fewest, most = self.refuellings(kept, chosen)
        if fewest > most:
            failures.append(Failure(f"at least {fewest:.0f} refuellings and at most {most:.0f}"))
        fastest = math.inf
        if envelope.judged and "aircraft" in kept and envelope.fastest_mps:
            fast_out = envelope.fastest_mps + self.winds.out_mps
            fast_back = envelope.fastest_mps + self.winds.back_mps
            fastest = max(fast_out, fast_back)
            stops = TURN_ROUND_S * len(claim.stops)
            edges.append(
                Edge(
                    TAKEOFF,
                    ARRIVE,
                    -(out / fast_out + (0.0 if claim.turn else stops)),
                    self._needs(out, fast_out),
                )
            )
            edges.append(
                Edge(
                    LEAVE,
                    LAND,
                    -(back / fast_back + (stops if claim.turn else 0.0)),
                    self._needs(back, fast_back),
                )
            )
            if not claim.turn:
                edges.append(Edge(LAND, ARRIVE, 0.0, "it lands where it arrives"))
            failures += self._fuel(kept, chosen, edges, total)
        durations = [chosen[s.id] for s in claim.of("duration") if s.id in kept and s.id in chosen]
        for each in claim.statements:
            if each.id not in kept:
                continue
            reading = chosen.get(each.id)
            if each.kind == "partner":
                failures += self._partner(each, kept, chosen)
                continue
            if reading is None:
                continue
            if each.kind in ("departure", "landing", "on station", "day"):
                edges += _moment(reading, each.id)
            elif each.kind == "duration":
                edges += _between(TAKEOFF, LAND, reading, each.id)
            elif each.kind == "time on station":
                edges += _between(ARRIVE, LEAVE, reading, each.id)
            elif each.kind == "distance":
                failures += self._distance(each, reading, kept, chosen, edges, (out, back), fastest)
            elif each.kind == "speed":
                failures += self._speed(reading, edges, total, fastest, each.id, bool(durations))
            elif each.kind in ("payload", "fuel loaded") and envelope.judged and "aircraft" in kept:
                limit = envelope.max_fuel_kg if each.kind == "fuel loaded" else envelope.max_payload_kg
                if limit is not None and reading.lo is not None and reading.lo > limit * 1.02:
                    said = f"{each.kind} {reading.lo / 1000:.1f} t"
                    failures.append(
                        Failure(f"{said}; a {envelope.code} carries at most {limit / 1000:.1f} t")
                    )
        return edges, failures

    def _needs(self, length: float, speed: float) -> str:
        return f"{length / NAUTICAL_MILE:,.0f} nm at {speed * 3600 / NAUTICAL_MILE:.0f} kt at most"

    def refuellings(self, kept: frozenset[str], chosen: Mapping[str, Reading]) -> tuple[float, float]:
        """How many refuellings the claims allow: at least and at most."""
        low, high = 0.0, math.inf if self.envelope.takes_fuel or "aircraft" not in kept else 0.0
        for each in self.claim.statements:
            reading = chosen.get(each.id)
            if each.id not in kept or reading is None:
                continue
            if each.kind == "unrefuelled" and reading.lo == 1.0:
                high = min(high, 0.0)
            if each.kind == "refuellings":
                low = max(low, reading.lo or 0.0)
                high = min(high, math.inf if reading.hi is None else reading.hi)
        return low, high

    def _fuel(
        self, kept: frozenset[str], chosen: Mapping[str, Reading], edges: list[Edge], total: float
    ) -> list[Failure]:
        """How far and how long fuel lasts, where the report says that there was no landing on the way."""
        nonstop = any(
            s.id in kept and chosen[s.id].lo == 1.0 for s in self.claim.of("nonstop") if s.id in chosen
        )
        _, high = self.refuellings(kept, chosen)
        if not nonstop and not self.claim.of("unrefuelled"):
            return []
        if self.claim.stops or not math.isfinite(high):
            return []
        range_m, endurance = self.envelope.range_m, self.envelope.endurance_s
        if range_m is None or endurance is None:
            return []
        wind = self.winds.out_mps
        if self.claim.turn:
            wind = (self.winds.out_mps + self.winds.back_mps) / 2.0
        helped = range_m * (1.0 + max(0.0, wind) / (self.envelope.cruise_mps or 1.0))
        edges.append(
            Edge(
                LAND,
                TAKEOFF,
                endurance * (high + 1),
                f"fuel for {endurance * (high + 1) / 3600:.1f} h at most",
            )
        )
        if total > helped * (high + 1):
            return [
                Failure(
                    f"{total / NAUTICAL_MILE:,.0f} nm at least; full tanks and {high:.0f} refuellings reach "
                    f"{helped * (high + 1) / NAUTICAL_MILE:,.0f} nm at most"
                )
            ]
        return []

    def _distance(
        self, each: Statement, reading: Reading, kept: frozenset[str], chosen: Mapping[str, Reading],
        edges: list[Edge], lengths: tuple[float, float], fastest: float,
    ) -> list[Failure]:  # fmt: skip
        out, back = lengths
        total = out + back
        bare = frozenset(part for part in kept if part in ("origin", "turn", "destination"))
        direct = self.lengths(bare, {})
        low = reading.lo or 0.0
        high = math.inf if reading.hi is None else reading.hi
        if each.scope in ("flown", "one way"):
            least = total if each.scope == "flown" else (out if self.claim.turn else total)
            found = []
            if high < least * (1.0 - 1e-4):
                found.append(
                    Failure(f"{_span(reading)} is below the least way, {_in(least, reading)}" + (
                        ", the great circle" if not self.closed_of(kept, chosen) and "via" not in kept else ""))
                )  # fmt: skip
            if math.isfinite(fastest):
                first, last = (TAKEOFF, LAND) if each.scope == "flown" else (TAKEOFF, ARRIVE)
                edges.append(
                    Edge(
                        first,
                        last,
                        -low / fastest,
                        f"{_in(low, reading)} flown at {fastest * 3600 / NAUTICAL_MILE:.0f} kt at most",
                    )
                )
            return found
        ends = {"origin", "turn" if self.claim.turn else "destination"}
        if each.scope != "one way" and self.claim.turn:
            ends.add("destination")
        if not ends <= kept:
            return []  # with an end left out there is nothing to hold it against
        if each.scope == "between":
            whole = sum(direct)
            if not _near(reading, whole, 0.015):
                return [Failure(f"{_span(reading)} is not the distance, {_in(whole, reading)}")]
            return []
        if not self.closed_of(kept, chosen) and "via" not in kept:
            return []
        extra, part = (
            (out - direct[0], " one way") if each.scope == "detour one way" else (total - sum(direct), "")
        )
        if high < extra * 0.97:
            return [
                Failure(
                    f"a detour of {_span(reading)}{part} is below the least there is, {_in(extra, reading)}"
                )
            ]
        return []

    def _speed(
        self, reading: Reading, edges: list[Edge], total: float, fastest: float, id: str, timed: bool
    ) -> list[Failure]:
        low = reading.lo or 0.0
        high = math.inf if reading.hi is None else reading.hi
        if low > fastest * (MUCH_FASTER if reading.role == "part" else 1.0):
            most = f"{fastest * 3600 / NAUTICAL_MILE:.0f} kt"
            return [
                Failure(
                    f"a mean of {low * 3600 / NAUTICAL_MILE:.0f} kt; the type with the wind does {most} at most"
                )
            ]
        if reading.role == "part" or not low:
            return []
        if math.isfinite(high):
            edges.append(
                Edge(
                    TAKEOFF,
                    LAND,
                    -total / high,
                    f"{total / NAUTICAL_MILE:,.0f} nm at a mean of {high * 3600 / NAUTICAL_MILE:.0f} kt ({id})",
                )
            )
        if self.claim.via and total > 0.0 and timed:
            # With the way known, a mean speed fixes the time: the way is taken to be at most a tenth longer.
            edges.append(
                Edge(
                    LAND,
                    TAKEOFF,
                    total * 1.1 / low,
                    f"the way named at a mean of {low * 3600 / NAUTICAL_MILE:.0f} kt ({id})",
                )
            )
        return []

    def _partner(self, each: Statement, kept: frozenset[str], chosen: Mapping[str, Reading]) -> list[Failure]:
        """Whether a partner's fuel takes it from its base to the area and home, and its take-off lets it be in time."""
        envelope = self.partners.get(each.id)
        if each.place is None or self.claim.turn is None or "turn" not in kept:
            return []
        length = self.ways.length(each.place, self.claim.turn, self.closed_of(kept, chosen))
        if not math.isfinite(length):
            return [Failure(f"no way leads from {each.place.name} to the area and stays out as said")]
        if envelope is None or not envelope.judged or envelope.range_m is None:
            return []
        if 2.0 * length > envelope.range_m and (each.unrefuelled or not envelope.takes_fuel):
            return [
                Failure(
                    f"{envelope.code} from {each.place.name}: {2 * length / NAUTICAL_MILE:,.0f} nm there and back, its fuel "
                    f"reaches {envelope.range_m / NAUTICAL_MILE:,.0f} nm at most"
                )
            ]
        return []

    # -- asking

    def holds(
        self, kept: Iterable[str], chosen: Mapping[str, Reading]
    ) -> tuple[bool, list[list[float]], list[Failure]]:
        """Whether claims can be true together in the readings chosen; the closed matrix of bounds with them."""
        kept = frozenset(kept)
        edges, failures = self.edges(kept, chosen)
        matrix = closure(edges)
        good = not failures and all(matrix[n][n] >= -1e-6 for n in range(5))
        return good, matrix, failures

    def choices(self, kept: Iterable[str], slips: bool = False) -> Iterable[dict[str, Reading]]:
        """Every combination of readings of the statements kept, those as printed first."""
        names = [id for id in kept if self.readings.get(id)]
        options = [
            [r for r in self.readings[name] if slips or not r.slip] or list(self.readings[name])
            for name in names
        ]
        for count, combination in enumerate(product(*options)):
            if count >= MOST_COMBINATIONS:
                return
            yield dict(zip(names, combination, strict=True))

    def consistent(self, kept: Iterable[str], slips: bool = False) -> dict[str, Reading] | None:
        """Readings in which all of `kept` can be true, or None."""
        kept = tuple(kept)
        for chosen in self.choices(kept, slips):
            if self.holds(kept, chosen)[0]:
                return chosen
        return None

    def selections(self) -> Iterable[tuple[str, ...]]:
        """Sets of claims with one of every group of rivals, the first-named first; beside them all the places."""
        groups = self.groups()
        rest = [id for id in self.ids() if not any(id in group for group in groups)]
        for count, chosen in enumerate(product(*groups)):
            if count >= 256:
                return
            yield (*rest, *chosen)

    def smallest_conflicts(
        self, ids: Sequence[str] | None = None, largest: int = 6, most: int = 12
    ) -> list[frozenset[str]]:
        """The smallest sets of claims that cannot all be true in any reading as printed, smallest first."""
        ids = tuple(ids or self.ids())
        if self.consistent(ids) is not None:
            return []
        found: list[frozenset[str]] = []
        # Only what some shrunk conflict holds can be in a small one: begin with those.
        core = self._shrunk(ids)
        for size in range(1, min(largest, len(ids)) + 1):
            for subset in combinations(ids, size):
                chosen = frozenset(subset)
                if any(known <= chosen for known in found):
                    continue
                if self.consistent(subset) is None:
                    found.append(chosen)
                    if len(found) >= most:
                        return found
            if found and size >= len(min(found, key=len)) + 1:
                break
        return found or [core]

    def _shrunk(self, ids: Sequence[str]) -> frozenset[str]:
        """One set from which nothing can be left out and which still cannot hold."""
        kept = list(ids)
        for id in ids:
            fewer = [each for each in kept if each != id]
            if fewer and self.consistent(fewer) is None:
                kept = fewer
        return frozenset(kept)


def closure(edges: Sequence[Edge]) -> list[list[float]]:
    """Tightest bounds implied between the five moments: m[i][j] >= t_j - t_i... as t_i - t_j <= m[i][j]."""
    size = 5
    m = [[0.0 if i == j else math.inf for j in range(size)] for i in range(size)]
    for edge in edges:
        if edge.bound < m[edge.later][edge.earlier]:
            m[edge.later][edge.earlier] = edge.bound
    for k in range(size):
        row_k = m[k]
        for i in range(size):
            through = m[i][k]
            if through == math.inf:
                continue
            row = m[i]
            for j in range(size):
                if through + row_k[j] < row[j]:
                    row[j] = through + row_k[j]
    return m


def _between(first: int, last: int, reading: Reading, why: str) -> list[Edge]:
    edges = []
    if reading.hi is not None:
        edges.append(Edge(last, first, reading.hi, why))
    if reading.lo is not None:
        edges.append(Edge(first, last, -reading.lo, why))
    return edges


def _moment(reading: Reading, why: str) -> list[Edge]:
    """Bounds of absolute time: of one moment; of presence (some moment on station); of the whole flight."""
    first, last = {
        "departure": (TAKEOFF, TAKEOFF), "landing": (LAND, LAND),
        "on station": (LEAVE, ARRIVE),  # it left after the interval began and arrived before it ended
        "whole flight": (TAKEOFF, LAND),
    }[reading.role]  # fmt: skip
    edges = []
    if reading.lo is not None:
        edges.append(Edge(ZERO, first, -reading.lo, why))
    if reading.hi is not None:
        edges.append(Edge(last, ZERO, reading.hi, why))
    if reading.role == "whole flight" and reading.days:
        # In whichever zone, a day is 24 hours long, though an unknown zone makes the interval in UTC longer.
        edges.append(Edge(LAND, TAKEOFF, reading.days * 86400.0, why))
    return edges


def _near(reading: Reading, value: float, share: float) -> bool:
    """Whether a reading admits a value, allowing for a share of it (positions of fields, ways chosen)."""
    low = (reading.lo or 0.0) - share * value
    high = math.inf if reading.hi is None else reading.hi + share * value
    return low <= value <= high


_SCALE = {"statute miles": (1609.344, "statute miles"), "kilometres": (1000.0, "km")}


def _in(metres: float, reading: Reading) -> str:
    scale, unit = _SCALE.get(reading.unit, (NAUTICAL_MILE, "nm"))
    return f"{metres / scale:,.0f} {unit}"


def _span(reading: Reading) -> str:
    scale, unit = _SCALE.get(reading.unit, (NAUTICAL_MILE, "nm"))
    low = 0.0 if reading.lo is None else reading.lo / scale
    if reading.hi is None:
        return f"{low:,.0f} {unit} or more"
    return (
        f"{low:,.0f} to {reading.hi / scale:,.0f} {unit}"
        if reading.hi > (reading.lo or 0.0)
        else f"{low:,.0f} {unit}"
    )
