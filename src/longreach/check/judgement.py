"""The verdict on a claim, in fixed words, with the figures it stands on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from longreach.check import chance, envelope, readings, slips
from longreach.check.claim import Claim, Place, Statement
from longreach.check.readings import Reading
from longreach.check.system import ARRIVE, LAND, LEAVE, TAKEOFF, ZERO, System, Winds
from longreach.check.ways import Ways, tail_wind
from longreach.units import KNOT, NAUTICAL_MILE

VERDICTS = (
    "contradicted",
    "consistent but uncorroborated",
    "consistent and partly observed",
    "observed end to end",
    "cannot be tested",
)
_OTHER = {
    "aircraft": "a faster or farther type", "via": "another way", "origin": "another base", "destination": "another landing",
    "turn": "another area", "closed": "leave to fly through",
}  # fmt: skip
SIGMAS = 2.0  # of wind allowed for before a claim is called contradicted


@dataclass(frozen=True, slots=True)
class Conflict:
    """A smallest set of claims that cannot all be true as printed.

    ids : the claims; words : what in figures; rivals : they say different things of the same matter
    cures : for each claim, what it would have to say for the others to hold
    """

    ids: tuple[str, ...]
    words: tuple[str, ...]
    rivals: bool
    cures: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """How one statement was taken: the reading that holds with the rest, and those that do not."""

    id: str
    kind: str
    words: str
    source: str
    verdict: str  # holds | breaks | only another reading holds | a unit slip | not tested
    holds: tuple[str, ...]
    breaks: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Speed:
    """A ground speed that the claim needs along one way [m/s].

    length_m, time_s, needed_mps : as printed: between the middles of the places, in the time printed
    least_mps : the least that any admissible reading needs
    """

    way: str
    length_m: float
    time_s: float
    needed_mps: float
    least_mps: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything the check says of a claim."""

    claim: Claim
    verdict: str
    sentence: str
    taken: tuple[Taken, ...]
    conflicts: tuple[Conflict, ...]
    speeds: tuple[Speed, ...]
    usual_mps: float | None
    fastest_mps: float | None
    wind: str
    refuellings_at_least: int | None
    lengths_nm: Mapping[str, float]
    times: Mapping[str, tuple[float | None, float | None]]
    partners: Mapping[str, str]
    possible: float | None
    decided_by: str
    slips: tuple[str, ...]
    notes: tuple[str, ...]
    missing: tuple[str, ...]
    track: Any = None
    matches: tuple[Any, ...] = field(default=())

    @property
    def contradicted(self) -> bool:
        return self.verdict == "contradicted"


def judge(
    claim: Claim, *, tracks: Sequence[Any] = (), winds: Any = None, samples: int = 4000, seed: int = 0
) -> Judgement:
    """The verdict on a claim.

    tracks : of the flight first, then of others with it (`longreach.check.tracks.read`)
    winds : a wind field of the date, or None for the climatology
    samples, seed : of the reckoning of how likely such a flight was possible
    """
    system, wind_words, sigma = build(claim, winds)
    missing = _missing(system)
    found = _standing(system)
    conflicts = _conflicts(system)
    tested = bool(system.envelope.judged or conflicts or claim.of("distance") or claim.of("speed"))
    if found is None:
        verdict = "contradicted"
    elif not tested or missing:
        verdict = "cannot be tested"
    else:
        verdict = "consistent but uncorroborated"
    kept, chosen = found or (system.ids(), {})
    slipped = slips.find(system)
    seen: Any = None
    matched: tuple[Any, ...] = ()
    if tracks:
        from longreach.check.tracks import match

        fastest = (system.envelope.fastest_mps or 260.0) + max(
            system.winds.out_mps, system.winds.back_mps, 0.0
        )
        codes = tuple(
            dict.fromkeys((*claim.closed, *(code for s in claim.of("kept out") for code in s.closed)))
        )
        seen = match.observe(tracks, codes, fastest)
        matched, extent = match.matches(claim, seen, dict(system.readings))
        against = [each for each in matched if each.verdict == "spoken against"]
        if verdict == "consistent but uncorroborated" and extent and not against:
            verdict = "observed end to end" if extent == "end to end" else "consistent and partly observed"
        elif verdict != "contradicted" and against:
            verdict = "contradicted"
    taken = tuple(_taken(system, each, kept, chosen, conflicts, slipped) for each in claim.statements)
    speeds = _speeds(system, chosen)
    possible, decided = (
        chance.possible(system, chosen, kept, sigma, samples, seed)
        if found and system.envelope.judged and speeds
        else (None, "")
    )
    at_least = _refuellings(system, kept, chosen)
    return Judgement(
        claim=claim,
        verdict=verdict,
        sentence=_sentence(claim, verdict, conflicts, speeds, system, at_least, missing, matched),
        taken=taken,
        conflicts=conflicts,
        speeds=speeds,
        usual_mps=system.envelope.cruise_mps,
        fastest_mps=system.envelope.fastest_mps,
        wind=wind_words,
        refuellings_at_least=at_least,
        lengths_nm=_lengths(system, chosen),
        times=_times(system, kept, chosen) if found else {},
        partners=_partners(system, kept, chosen),
        possible=possible,
        decided_by=decided,
        slips=tuple(slip.words for slip in slipped),
        notes=_notes(system, claim),
        missing=missing,
        track=seen,
        matches=matched,
    )


def build(claim: Claim, winds: Any = None) -> tuple[System, str, float]:
    """The system of a claim; the wind in words; one sigma of a leg's wind [m/s]."""
    taken = {each.id: readings.of(each, claim.reported, claim.offset_h) for each in claim.statements}
    when = _when(claim, taken)
    out = [p for p in (claim.origin, *claim.via, claim.turn or claim.destination) if p]
    back = [p for p in (claim.turn, *claim.stops, claim.destination) if p] if claim.turn else []
    mean_out, sigma = tail_wind(out, when, winds)
    mean_back, _ = tail_wind(back, when, winds)
    # Out and back share the weather but not its sign: each leg is allowed two sigmas, a round trip 1.4 on each.
    allowed = SIGMAS * sigma / (math.sqrt(2.0) if back else 1.0)
    system = System(
        claim,
        envelope.of(claim.aircraft),
        taken,
        Ways(),
        Winds(mean_out + allowed, mean_back + allowed),
        {each.id: envelope.of(each.aircraft) for each in claim.of("partner") if each.aircraft},
    )
    source = (
        "the file given"
        if winds is not None
        else (f"climatology of {when:%B}" if when else "climatology of all seasons, no date being known")
    )
    legs = f"{mean_out / KNOT:+.0f} kt out" + (f", {mean_back / KNOT:+.0f} kt back" if back else "")
    words = f"{legs} ({source}; one sigma {sigma / KNOT:.0f} kt a leg, {SIGMAS:g} allowed for)"
    return system, words, sigma


def _when(claim: Claim, taken: Mapping[str, Sequence[Reading]]) -> datetime | None:
    for kind in ("departure", "on station", "day", "landing"):
        for each in claim.of(kind):
            for reading in taken[each.id]:
                if (
                    reading.lo is not None
                    and reading.hi is not None
                    and reading.hi - reading.lo < 40 * 86400.0
                ):
                    return datetime.fromtimestamp((reading.lo + reading.hi) / 2.0, UTC)
    if claim.reported:
        return datetime(claim.reported.year, claim.reported.month, claim.reported.day, tzinfo=UTC)
    return None


def _standing(system: System) -> tuple[tuple[str, ...], dict[str, Reading]] | None:
    """One of every group of rivals, all places, and readings in which they hold; as printed, then with slips."""
    for slips_too in (False, True):
        for selection in system.selections():
            chosen = system.consistent(selection, slips_too)
            if chosen is not None:
                return selection, chosen
    return None


def _conflicts(system: System) -> tuple[Conflict, ...]:
    groups = system.groups()
    found = []
    for ids in system.smallest_conflicts():
        ordered = tuple(id for id in system.ids() if id in ids)
        rivals = any(len(set(group) & ids) > 1 for group in groups)
        found.append(Conflict(ordered, _why(system, ordered), rivals, _cures(system, ordered)))
    return tuple(found)


def _why(system: System, ids: Sequence[str]) -> tuple[str, ...]:
    """What fails in the reading that comes nearest to holding."""
    best: tuple[float, tuple[str, ...]] | None = None
    for chosen in system.choices(ids):
        good, matrix, failures = system.holds(ids, chosen)
        if good:
            return ()
        short = -min((matrix[n][n] for n in range(5)), default=0.0)
        words = tuple(failure.words for failure in failures)
        if short > 1e-6:
            words += (f"{_hours(short)} are missing", *_speed_words(system, ids, chosen))
        penalty = short + 1e9 * len(failures)
        if best is None or penalty < best[0]:
            best = penalty, words
    return best[1] if best else ()


def _speed_words(system: System, ids: Sequence[str], chosen: Mapping[str, Reading]) -> tuple[str, ...]:
    speed = needed(system, ids, chosen)
    fastest = system.envelope.fastest_mps
    if speed is None or not fastest or "aircraft" not in ids:
        return ()
    allowed = fastest + max(system.winds.out_mps, system.winds.back_mps if system.claim.turn else -math.inf)
    if speed <= allowed:
        return ()
    return (
        f"would need {speed / KNOT:.0f} kt; {(speed - allowed) / KNOT:.0f} kt too fast, wind allowed for",
    )


def needed(system: System, ids: Sequence[str], chosen: Mapping[str, Reading]) -> float | None:
    """Mean ground speed [m/s] that the claims kept need at least, or None where they fix no time."""
    kept = frozenset(ids) - {"aircraft"}
    edges, _ = system.edges(kept, chosen)
    from longreach.check.system import closure

    matrix = closure(edges)
    longest = matrix[LAND][TAKEOFF]
    out, back = system.lengths(frozenset(ids), chosen)
    waiting = -matrix[ARRIVE][LEAVE] if system.claim.turn else 0.0
    if not math.isfinite(out + back) or longest >= 59 * 86400.0 or longest - waiting <= 0.0:
        return None
    return (out + back) / (longest - waiting)


def _cures(system: System, ids: Sequence[str]) -> dict[str, str]:
    """What each claim of a conflict would have to say for the others to stand; reckoned without it."""
    cures = {}
    for id in ids:
        statement = next((each for each in system.claim.statements if each.id == id), None)
        others = tuple(each for each in ids if each != id)
        chosen = system.consistent(others)
        if chosen is None:
            continue
        _, matrix, _ = system.holds(others, chosen)
        if statement is None:
            words = _OTHER.get(id, "")
            if words:
                cures[id] = words
        elif statement.kind in ("duration", "time on station"):
            first, last = (TAKEOFF, LAND) if statement.kind == "duration" else (ARRIVE, LEAVE)
            cures[id] = _range_words(-matrix[first][last], matrix[last][first])
        elif statement.kind in ("distance", "speed"):
            cures[id] = slips.right_figure(system, statement, others, chosen)
        elif statement.kind == "kept out":
            cures[id] = "a smaller distance from it, or leave to enter"
    return {id: words for id, words in cures.items() if words}


def _range_words(low: float, high: float) -> str:
    if math.isfinite(high) and high < 59 * 86400.0:
        return f"{_hours(max(low, 0.0))} to {_hours(high)}"
    return f"{_hours(max(low, 0.0))} or more"


def _hours(seconds: float) -> str:
    if seconds >= 72 * 3600.0:
        return f"{seconds / 86400.0:.1f} days"
    hours, minutes = divmod(round(seconds / 60.0), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def _taken(
    system: System, each: Statement, kept: Sequence[str], chosen: Mapping[str, Reading],
    conflicts: Sequence[Conflict], slipped: Sequence[slips.Slip],
) -> Taken:  # fmt: skip
    """Each reading of a statement tried with all else that stands."""
    known = system.readings.get(each.id, ())
    if not known and each.kind not in ("partner", "kept out"):
        return Taken(each.id, each.kind, each.words, each.source, "not tested", (), (), each.note)
    others = [id for id in kept if id != each.id and not _rival(system, id, each.id)]
    if not known:
        good = system.consistent([*others, each.id], slips=True) is not None
        return Taken(
            each.id, each.kind, each.words, each.source, "holds" if good else "breaks", (), (), each.note
        )
    holds: list[str] = []
    breaks: list[str] = []
    slip_holds = False
    fixed = {id: reading for id, reading in chosen.items() if id in others}
    for reading in known:
        good = system.holds([*others, each.id], {**fixed, each.id: reading})[0]
        if not good:
            trial = replace_readings(system, each.id, reading)
            good = trial.consistent([*others, each.id], slips=True) is not None
        if reading.slip:
            slip_holds |= good
            continue
        said = f"{reading.role}: {reading.how}" if each.kind == "day" else reading.how
        (holds if good else breaks).append(said)
    if holds:
        verdict = "holds" if not breaks else "holds in some readings"
    elif slip_holds and any(slip.id == each.id and slip.unit for slip in slipped):
        verdict = "a unit slip"
    else:
        verdict = "breaks"
    return Taken(each.id, each.kind, each.words, each.source, verdict, tuple(holds), tuple(breaks), each.note)


def replace_readings(system: System, id: str, reading: Reading) -> System:
    """The same system with one reading of one statement."""
    return replace(system, readings={**system.readings, id: (replace(reading, slip=False),)})


def _rival(system: System, one: str, other: str) -> bool:
    return one != other and any(one in group and other in group for group in system.groups())


def _speeds(system: System, chosen: Mapping[str, Reading]) -> tuple[Speed, ...]:
    """Needed by the shortest way, by the way that the report names, and by that way out and home."""
    claim = system.claim
    time = _printed_time(system, chosen)
    ids = system.ids()
    places = ("origin", "turn", "destination", "via", "closed")
    direct = [id for id in ids if id != "via"]
    nowhere = (
        claim.turn is None and claim.origin and claim.destination and _same(claim.origin, claim.destination)
    )
    closed_ids = {"closed", *(each.id for each in claim.of("kept out"))}
    ways = [] if nowhere else [("direct", [id for id in direct if id not in closed_ids], False)]
    if closed_ids & set(ids) and not nowhere:
        ways.append(("by the shortest lawful way", direct, False))
    if claim.via:
        ways.append(("by the way named", list(ids), False))
        if (
            claim.turn
            and claim.origin
            and claim.destination
            and not claim.home_same
            and _same(claim.origin, claim.destination)
        ):
            ways.append(("by the way named out and home", list(ids), True))
    found = []
    for words, kept, both in ways:
        standing = frozenset(id for id in kept if id in chosen or id in places or id in closed_ids)
        least = needed(system, tuple(standing), chosen)
        closed = system.closed_of(standing, chosen)
        out, back = (
            system.ways.chain([replace(place, within_m=0.0) for place in chain], closed)
            for chain in system.chains(standing, "via" in standing)
        )
        length = 2.0 * out if both else out + back
        if time is None or least is None or not math.isfinite(length):
            continue
        if both:
            out_bound, back_bound = system.lengths(standing, chosen)
            least *= 2.0 * out_bound / (out_bound + back_bound)
        found.append(Speed(words, length, time, length / time, least))
    named = max((speed.length_m for speed in found), default=0.0)
    return tuple(
        speed for speed in found if speed.length_m > 0.2 * named
    )  # round the world, "direct" means nothing


def _same(one: Place, other: Place) -> bool:
    return abs(one.lat - other.lat) < 1.0 and abs(one.lon - other.lon) < 1.0


def _printed_time(system: System, chosen: Mapping[str, Reading]) -> float | None:
    """The time under way [s] as printed: the duration, or take-off to landing, less the time on station."""

    def middle(reading: Reading) -> float | None:
        if reading.best is not None:
            return reading.best
        ends = [end for end in (reading.lo, reading.hi) if end is not None]
        return sum(ends) / len(ends) if ends else None

    def first(kind: str) -> float | None:
        return next((middle(chosen[s.id]) for s in system.claim.of(kind) if s.id in chosen), None)

    duration = first("duration")
    if duration is None:
        start, end = first("departure"), first("landing")
        exact = [
            s
            for kind in ("departure", "landing")
            for s in system.claim.of(kind)
            if s.id in chosen and not chosen[s.id].days
        ]
        duration = end - start if start is not None and end is not None and len(exact) == 2 else None
    if duration is None:
        return None
    waiting = (first("time on station") or 0.0) if system.claim.turn else 0.0
    return duration - waiting - 1200.0 * len(system.claim.stops) if duration > waiting else None


def _refuellings(system: System, kept: Sequence[str], chosen: Mapping[str, Reading]) -> int | None:
    """Fewest refuellings that carry the shortest way: a bound, never what was needed."""
    range_m = system.envelope.range_m
    if range_m is None or system.claim.stops:
        return None
    out, back = system.lengths(frozenset(id for id in kept if id != "via"), chosen)
    if not math.isfinite(out + back):
        return None
    return max(0, math.ceil((out + back) / range_m) - 1)


def _lengths(system: System, chosen: Mapping[str, Reading]) -> dict[str, float]:
    ids = frozenset(system.ids())
    bare = ids & {"origin", "turn", "destination"}
    found = {"great circle": sum(system.lengths(bare, {})) / NAUTICAL_MILE}
    if system.claim.closed or system.claim.of("kept out"):
        lawful = sum(system.lengths(ids - {"via"}, chosen)) / NAUTICAL_MILE
        if math.isfinite(lawful):
            found["least lawful way"] = lawful
    if system.claim.via:
        named = sum(system.lengths(ids, chosen)) / NAUTICAL_MILE
        if math.isfinite(named):
            found["way named"] = named
    return found


def _times(
    system: System, kept: Sequence[str], chosen: Mapping[str, Reading]
) -> dict[str, tuple[float | None, float | None]]:
    """Earliest and latest moment [s from 1970] of each event, None where the claims leave it open."""
    _, matrix, _ = system.holds(kept, chosen)
    found = {}
    for name, at in (("take-off", TAKEOFF), ("arrives", ARRIVE), ("leaves", LEAVE), ("landing", LAND)):
        if at in (ARRIVE, LEAVE) and not system.claim.turn:
            continue
        early, late = -matrix[ZERO][at], matrix[at][ZERO]
        found[name] = (early if math.isfinite(early) else None, late if math.isfinite(late) else None)
    return found


def _partners(system: System, kept: Sequence[str], chosen: Mapping[str, Reading]) -> dict[str, str]:
    found = {}
    for each in system.claim.of("partner"):
        what = " ".join(part for part in (each.operator, each.aircraft) if part) or each.words
        if each.place is None or system.claim.turn is None:
            found[each.id] = f"{what}: not tested, the base is not stated"
            continue
        length = system.ways.length(each.place, system.claim.turn, system.closed_of(frozenset(kept), chosen))
        if not math.isfinite(length):
            found[each.id] = f"{what}: no lawful way from {each.place.name}"
            continue
        far = f"{what} from {each.place.name}: at least {length / NAUTICAL_MILE:,.0f} nm to the area"
        bounds = system.partners.get(each.id)
        if bounds is None or bounds.range_m is None:
            found[each.id] = f"{far}; fuel not judged"
        else:
            share = 2.0 * length / bounds.range_m
            found[each.id] = f"{far}, there and back {share:.0%} of what its fuel reaches at most"
    return found


def _missing(system: System) -> tuple[str, ...]:
    """Claims without which nothing can be said."""
    claim = system.claim
    found = []
    if not claim.origin and not claim.destination:
        found.append("where it took off or landed")
    if not (claim.turn or (claim.origin and claim.destination)):
        found.append("where it went")
    timed = any(claim.of(kind) for kind in ("duration", "departure", "landing", "day", "on station"))
    if not timed and not claim.of("distance") and not claim.of("speed") and not claim.of("kept out"):
        found.append("how long it took, or how far it was")
    return tuple(found)


def _notes(system: System, claim: Claim) -> tuple[str, ...]:
    notes = [system.envelope.note]
    for each in claim.of("kept out"):
        if not system.readings.get(each.id):
            notes.append(
                f"{each.words!r} gives no distance: the way is only kept outside {', '.join(each.closed)}"
            )
    for each in claim.of("partner"):
        bounds = system.partners.get(each.id)
        if bounds is not None:
            notes.append(bounds.note)
    notes.append("No track is no evidence of no flight: many military aircraft do not report their place.")
    return tuple(dict.fromkeys(note for note in notes if note))


def _sentence(
    claim: Claim, verdict: str, conflicts: Sequence[Conflict], speeds: Sequence[Speed], system: System,
    at_least: int | None, missing: Sequence[str], matched: Sequence[Any],
) -> str:  # fmt: skip
    if verdict == "cannot be tested":
        why = f"it does not say {', nor '.join(missing)}" if missing else system.envelope.note
        return f"This cannot be tested: {why}."
    against = [each for each in matched if each.verdict == "spoken against"]
    if against:
        return f"The track speaks against it: {'; '.join(f'{each.id}: {each.words}' for each in against)}."
    if verdict == "contradicted":
        worst = min(conflicts, key=lambda c: (c.rivals, len(c.ids))) if conflicts else None
        return f"This cannot have happened as reported: {'; '.join(worst.words) if worst else 'its claims exclude each other'}."
    parts = ["This could have happened as reported"]
    if not system.envelope.judged:
        parts[0] += ", as far as distances and times go"
        parts.append(
            f"speed and fuel are {system.envelope.note}" if claim.aircraft else "the aircraft is not stated"
        )
    if speeds and system.envelope.cruise_mps:
        said = " or ".join(f"{speed.needed_mps / KNOT:.0f} kt {speed.way}" for speed in speeds)
        parts.append(
            f"it needs a mean of {said}, where a {system.envelope.code} cruises at {system.envelope.cruise_mps / KNOT:.0f} kt"
        )
    if at_least:
        parts.append(f"it needs refuelling (at least {at_least}: a bound, not what was used)")
    seen = [each.id for each in matched if each.verdict == "seen"]
    end = f" The track bears out {', '.join(seen)}." if seen else " Nothing here corroborates it."
    return "; ".join(parts) + "." + end
