"""What a careful reader would stumble over, found in the coded records by rule.

Each rule looks at records alone: it knows no event, no name and no figure of any one report. What it finds
is a Caution: which records, what is wrong or open, and what would settle it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from longreach.errors import InputError
from longreach.ledger import chains
from longreach.ledger.dates import When, day_span
from longreach.ledger.evidence import Evidence
from longreach.ledger.numbers import read_distance, read_duration, singular, span
from longreach.ledger.records import Claim, Count, Time
from longreach.ledger.relations import (
    Relation,
    all_relations,
    count_readings,
    printed,
    supporting,
    time_readings,
    unit_of,
)

KINDS = {
    "does not fit": "a duration is longer than the time it is said to lie in",
    "damaged text": "the words as printed are not whole",
    "in tension": "claims that oppose each other but may both be true",
    "contradiction": "claims that cannot both be true",
    "open scope": "it is not said whether something is inside a count",
    "same number, other scope": "one number stands for different things",
    "counts differ": "one event, several figures",
    "dates differ": "one event, several days",
    "party to the conflict": "a figure or date rests on a party alone",
    "no figure": "a distance or length in words only",
    "ordered route": "places in an order that can be checked against flight",
    "too credible": "a better digit than the sources allow",
    "overridden": "a better digit than the sources allow, with a reason given",
}
_TIME_UNITS = ("hour", "minute", "day")
_ENOUGH_ALIKE = 3  # claims of one number that count the same thing: more say nothing new
_LENGTH_UNITS = ("mile", "km", "nm", "kilometre", "nautical mile", "statute mile")


@dataclass(frozen=True, slots=True)
class Caution:
    """One thing to be careful about.

    kind : a key of KINDS
    records : ids of the claims and events concerned
    text : what was found, with the figures
    settle : what would settle it, "" where nothing is open
    party : it concerns figures of a party to the conflict
    """

    kind: str
    records: tuple[str, ...]
    text: str
    settle: str = ""
    party: bool = False


def find(evidence: Evidence, relations: Sequence[Relation] | None = None) -> list[Caution]:
    """Every caution of a ledger, in the order of KINDS."""
    known = all_relations(evidence) if relations is None else relations
    rules: tuple[Callable[[Evidence, Sequence[Relation]], Iterable[Caution]], ...] = (
        _does_not_fit, _damaged, _opposed, _open_scope, _same_number, _counts_differ, _dates_differ,
        _no_figure, _ordered_route, _credibility,
    )  # fmt: skip
    found = [caution for rule in rules for caution in rule(evidence, known)]
    order = list(KINDS)
    return sorted(found, key=lambda caution: order.index(caution.kind))


def _quoted(text: str) -> str:
    return f'"{text}"'


def _times_of_event(event: str, evidence: Evidence) -> Iterator[tuple[Claim, Time, tuple[When, ...]]]:
    for claim in evidence.claims_of(event):
        published = evidence.published(claim)
        for time in evidence.times(claim.id):
            yield claim, time, time_readings(time, published)


def _does_not_fit(evidence: Evidence, relations: Sequence[Relation]) -> Iterator[Caution]:
    for event in evidence.events:
        durations = [
            (claim, count)
            for claim in evidence.claims_of(event)
            for count in evidence.counts(claim.id)
            if unit_of(count) in _TIME_UNITS and not count.ordinal
        ]
        if not durations:
            continue
        claim, longest = max(durations, key=lambda pair: _seconds(pair[1]))
        seconds = _seconds(longest)
        for other, time, readings in _times_of_event(event, evidence):
            spans = [(reading.days or 0) * 86400.0 for reading in readings]
            if time.role != "event" or not spans or any(s == 0 or s >= seconds for s in spans):
                continue
            words = time.text or time.edtf or readings[0].span
            roles = [
                f"{t.role} {r[0].span}"
                for _, t, r in _times_of_event(event, evidence)
                if t.role in ("departure", "on station", "return")
            ]
            yield Caution(
                "does not fit", (event, other.id, claim.id),
                f"{_quoted(words)} is {max(spans) / 3600:.0f} h long ({readings[0].reading}), but {claim.id} says it "
                f"lasted {_quoted(longest.text or span(longest.lo, longest.hi))}: it can be the day of "
                f"departure, of presence or of return, not of all three" + (f"; known apart: {', '.join(roles)}" if roles else ""),
                "the time of departure, of presence and of return, each by itself",
            )  # fmt: skip


def _seconds(count: Count) -> float:
    """The least time a count of hours, minutes or days can mean."""
    words = count.text if count.text and re.search(r"hour|minute|day", count.text) else ""
    try:
        return read_duration(
            words or f"{(count.lo if count.lo is not None else count.hi or 0):g} {count.unit}"
        )[0].lo
    except InputError:
        per = {"hour": 3600.0, "minute": 60.0, "day": 86400.0}[unit_of(count)]
        return (count.lo or 0.0) * per


# Signs that words as printed are not whole. Own rules, from what copying and translating do to a sentence.
_DAMAGE = (
    (re.compile(r"\b(\w+) \1\b(?<!had had)(?<!that that)", re.I), "a word is printed twice: {0}"),
    (
        re.compile(r"\b(?:an?|the|some|any) ['\"“‘]?(?:\w+ed|\w+en) (?:going|being|coming|taking|making|under ?way)\b", re.I),
        "after {0} a noun is missing or a word is wrong",
    ),
    (re.compile(r"\b(?:an?|the) ['\"“‘]?(?:of|to|in|on|at|and|or|is|was|were|are|has|have|had)\b", re.I),
     "after the article in {0} a noun is missing"),
    (re.compile(r"�|Ã.|â€."), "characters were lost in copying: {0}"),
)  # fmt: skip


def damage(text: str) -> list[str]:
    """What shows that a printed text is not whole; empty where nothing does.

    >>> damage("US analysts had detected a 'planned going on', which may include rocket strikes")
    ["after 'a 'planned going' a noun is missing or a word is wrong"]
    >>> damage("US analysts had detected planning going on")
    []
    """
    found = []
    for pattern, what in _DAMAGE:
        hit = pattern.search(text)
        if hit:
            found.append(what.format(f"'{hit[0]}'"))
    opened, closed = text.count("“"), text.count("”")
    if opened != closed:
        found.append(f"{'a closing' if opened > closed else 'an opening'} quotation mark is missing")
    elif text.count('"') % 2:
        found.append("a quotation mark has no partner")
    if text.count("(") != text.count(")"):
        found.append("a bracket has no partner")
    return found


def _damaged(evidence: Evidence, relations: Sequence[Relation]) -> Iterator[Caution]:
    for claim in evidence.claims.values():
        if not claim.text:
            continue
        found = damage(claim.text)
        if not found:
            continue
        read = f"; read by {claim.coder or 'the coder'} as {_quoted(claim.reading)}" if claim.reading else ""
        yield Caution(
            "damaged text", (claim.id,), f"{_quoted(claim.text)}: {'; '.join(found)}{read}",
            "the text of the source it was copied from",
        )  # fmt: skip


def _opposed(evidence: Evidence, relations: Sequence[Relation]) -> Iterator[Caution]:
    for relation in relations:
        if relation.recorded or relation.relation not in ("in tension", "contradicts"):
            continue
        a, b = evidence.claims[relation.a], evidence.claims[relation.b]
        roots = chains.count_roots((a, b), evidence)
        if relation.relation == "in tension":
            scope = f" Scope: {'; '.join(relation.scope)}." if relation.scope else ""
            yield Caution(
                "in tension", (a.id, b.id),
                f"{relation.why}.{scope} {_two_anonymous(a, b, evidence)}Independent roots: {roots.number}",
                "what exactly each of them meant to cover",
            )  # fmt: skip
        elif relation.aspect == "stance":
            yield Caution(
                "contradiction", (a.id, b.id), f"{relation.why}. Independent roots: {roots.number}",
                "a source of another root",
            )  # fmt: skip


def _two_anonymous(a: Claim, b: Claim, evidence: Evidence) -> str:
    one, two = chains.root_of(a, evidence), chains.root_of(b, evidence)
    if one.anonymous and two.anonymous and one.entity != two.entity:
        return "Both are anonymous; they are kept as two. "
    return ""


_JOINT = re.compile(r"\b(as well as|in addition to|along with|together with|plus|besides)\b(.*)", re.I)
_SAID = re.compile(
    r"\b(including|not including|excluding|not counting|apart from|besides those|of which)\b", re.I
)


def _open_scope(evidence: Evidence, relations: Sequence[Relation]) -> Iterator[Caution]:
    for claim in evidence.claims.values():
        for count in evidence.counts(claim.id):
            if count.ordinal:
                continue
            words = count.scope or claim.text or claim.paraphrase
            found = _JOINT.search(words)
            if not found or _SAID.search(words):
                continue
            readings = count_readings(count)
            rest = found[2].strip(" .,;")
            yield Caution(
                "open scope", (claim.id,),
                f"{_quoted(count.text or readings[0].span)} {count.unit}, {_quoted(found[1] + ' ' + rest)}: two readings, "
                f"with that inside the number ({readings[0].span} in all) or beside it ({readings[0].span} and some more)",
                f"whether {rest} is inside the {printed(count) or 0:g}",
            )  # fmt: skip


def _window(count: Count, evidence: Evidence) -> tuple[str, str]:
    time = evidence.get(count.window) if count.window else None
    if not isinstance(time, Time):
        return "", ""
    return time.start_earliest[:10], (time.end_latest or time.start_latest)[:10]


def _window_words(count: Count, evidence: Evidence) -> str:
    first, last = _window(count, evidence)
    time = evidence.get(count.window) if count.window else None
    words = time.text if isinstance(time, Time) and time.text else ""
    return words or (f"{first or 'some day'} to {last or 'some day'}" if first or last else "no period given")


def _same_number(evidence: Evidence, relations: Sequence[Relation]) -> Iterator[Caution]:
    counts = [
        (claim, count, value)
        for claim in evidence.claims.values()
        for count in evidence.counts(claim.id)
        if not count.ordinal
        and unit_of(count) not in (*_TIME_UNITS, *_LENGTH_UNITS)
        and (value := printed(count)) is not None
        and value >= 10  # small numbers meet by chance
    ]
    by_value: dict[float, dict[object, list[tuple[Claim, Count]]]] = {}
    for claim, count, value in counts:
        meant = (unit_of(count), count.scope.casefold(), _window(count, evidence))
        alike = by_value.setdefault(value, {}).setdefault(meant, [])
        if len(alike) < _ENOUGH_ALIKE:
            alike.append((claim, count))
    for value, kinds in by_value.items():
        pairs = (pair for x, y in combinations(kinds.values(), 2) for pair in product(x, y))
        for (a, one), (b, two) in pairs:
            ours, theirs = ({event.id for event in evidence.events_of(claim.id)} for claim in (a, b))
            if a.report == b.report or ours & theirs:
                continue
            differs = []
            if unit_of(one) != unit_of(two):
                differs.append(f"unit ({one.unit}; {two.unit})")
            if one.scope.casefold() != two.scope.casefold():
                differs.append(f"scope ({one.scope or 'not given'}; {two.scope or 'not given'})")
            if _window(one, evidence) != _window(two, evidence):
                differs.append(f"period ({_window_words(one, evidence)}; {_window_words(two, evidence)})")
            if differs and _comparable(one, two):
                yield Caution(
                    "same number, other scope", (a.id, b.id),
                    f"both print {value:g} ({_quoted(one.text or one.unit)}; {_quoted(two.text or two.unit)}), but differ in "
                    f"{', '.join(differs)}: one may be the other misread, and they are not to be added",
                    f"the origin of the number {value:g} and what it counts",
                )  # fmt: skip


def _comparable(one: Count, two: Count) -> bool:
    """Whether two counts are of things alike enough to be taken for each other: a word of unit or scope is shared."""
    words = [
        {singular(word) for word in re.findall(r"[a-z]{4,}", f"{count.unit} {count.scope}".casefold())}
        for count in (one, two)
    ]
    return bool(words[0] & words[1])


def _counts_differ(evidence: Evidence, relations: Sequence[Relation]) -> Iterator[Caution]:
    for event in evidence.events.values():
        units: dict[tuple[str, str], list[tuple[Claim, Count]]] = {}
        for claim in evidence.claims_of(event.id):
            for count in evidence.counts(claim.id):
                if not count.ordinal:
                    units.setdefault((unit_of(count), count.role), []).append((claim, count))
        for (unit, _), group in units.items():
            claims = list(dict.fromkeys(claim.id for claim, _ in group))
            figures = {printed(count) for _, count in group}
            if len(claims) < 2 or len(figures) < 2:
                continue
            values = sorted(_figures(group))
            if len(values) < 2:
                continue
            said = "; ".join(
                f"{claim.id} {_quoted(count.text or span(count.lo, count.hi))}"
                + (f" {count.scope}" if count.scope else "")
                + f" ({_who(claim, evidence)})"
                for claim, count in group
            )
            parties = [
                c.id for c in dict.fromkeys(claim for claim, _ in group) if chains.root_of(c, evidence).party
            ]
            yield Caution(
                "counts differ", (event.id, *claims),
                f"{event.title}: {span(values[0], values[-1])} {unit}s in all, of one event: {said}"
                + (f"; of a party to the conflict: {', '.join(parties)}" if parties else ""),
                f"a count of {unit}s by someone who saw the place", bool(parties),
            )  # fmt: skip


def _figures(group: Sequence[tuple[Claim, Count]]) -> set[float]:
    """The figures printed in all: where one claim gives several places apart, their sum stands for them."""
    found: set[float] = set()
    parts: dict[str, list[float]] = {}
    for claim, count in group:
        value = printed(count)
        if value is None:
            continue
        if count.scope:
            parts.setdefault(claim.id, []).append(value)
        else:
            found.add(value)
    return found | {sum(values) for values in parts.values()}


def _who(claim: Claim, evidence: Evidence) -> str:
    root = chains.root_of(claim, evidence)
    return evidence.name(root.entity) + (", party to the conflict" if root.party else "")


def _dates_differ(evidence: Evidence, relations: Sequence[Relation]) -> Iterator[Caution]:
    clashes: dict[str, list[Relation]] = {}
    for relation in relations:
        if relation.relation in ("contradicts", "corrects") and relation.aspect.startswith("time of"):
            shared = [e.id for e in evidence.events_of(relation.a)]
            for event in shared:
                if any(e.id == event for e in evidence.events_of(relation.b)):
                    clashes.setdefault(event, []).append(relation)
    for event, found in clashes.items():
        claims = list(dict.fromkeys(name for relation in found for name in (relation.a, relation.b)))
        roles = {relation.aspect.removeprefix("time of ") for relation in found}
        readings = [
            (claim, time, r[0])
            for claim, time, r in _times_of_event(event, evidence)
            if claim.id in claims and time.role in roles
        ]
        first = min((r.earliest for *_, r in readings if r.earliest), default=None)
        last = max((r.latest for *_, r in readings if r.latest), default=None)
        said = "; ".join(f"{claim.id} {r.span} ({_who(claim, evidence)})" for claim, _, r in readings)
        parties = [claim.id for claim, *_ in readings if chains.root_of(claim, evidence).party]
        yield Caution(
            "dates differ", (event, *claims),
            f"{evidence.events[event].title}: some day of {day_span(first, last)}: {said}"
            + (f"; of a party to the conflict: {', '.join(dict.fromkeys(parties))}" if parties else ""),
            "a report with the local time, or a picture that can be dated", bool(parties),
        )  # fmt: skip


_VAGUE_DISTANCE = re.compile(
    r"\b(well (?:outside|clear|away|off|beyond|short)|far (?:from|outside|off|away)|close to|near to|just (?:off|outside)|"
    r"a (?:safe|short|long) distance|not far from|on the edge of)\b",
    re.I,
)  # fmt: skip


def _no_figure(evidence: Evidence, relations: Sequence[Relation]) -> Iterator[Caution]:
    for claim in evidence.claims.values():
        words = claim.text or claim.paraphrase
        found = _VAGUE_DISTANCE.search(words)
        if not found or any(unit_of(c) in _LENGTH_UNITS for c in evidence.counts(claim.id)):
            continue
        other = list(_figures_nearby(claim, evidence))
        near = f"; nearest figure in the ledger: {'; '.join(other)}" if other else ""
        yield Caution(
            "no figure", (claim.id,),
            f"{_quoted(found[0])} gives no distance{near}",
            "a distance in nautical miles, or a track, to test against the stand-off",
        )  # fmt: skip


def _figures_nearby(claim: Claim, evidence: Evidence) -> Iterator[str]:
    """Distances said of the same event, or of others of its series."""
    own = [event.id for event in evidence.events_of(claim.id)]
    events = list(own)
    for event in own:
        for whole in evidence.wholes_of(event):
            events += [part.id for part in evidence.parts_of(whole.id)]
    for event in dict.fromkeys(events):
        for other in evidence.claims_of(event):
            for count in evidence.counts(other.id):
                if unit_of(count) not in _LENGTH_UNITS:
                    continue
                words = (
                    count.text
                    if "mile" in count.text or "km" in count.text
                    else f"{count.text or count.lo} {count.unit}"
                )
                try:
                    readings = read_distance(words)
                except InputError:
                    continue
                spans = " or ".join(f"{q.lo / 1852:.0f}-{(q.hi or q.lo) / 1852:.0f} nm" for q in readings)
                yield f"{other.id} {_quoted(words)} of {event}, {spans} ({readings[0].reading.split(':')[0]}; miles of either kind)"


@dataclass(frozen=True, slots=True)
class Constraint:
    """One place of a claimed route, in its order, with how it was passed."""

    order: int
    place: str
    how: str


_HOW = re.compile(
    r"\b(across|over|via|through|along|round|around|past|off|(?:anti-?|counter-?)?clockwise(?: round)?|"
    r"(?:north|south|east|west) to (?:north|south|east|west)|northbound|southbound|eastbound|westbound)\b",
    re.I,
)  # fmt: skip


def route_constraints(claim: Claim, evidence: Evidence) -> tuple[Constraint, ...]:
    """The places of a claim coded with the role `route`, in order, with the words of direction beside each."""
    out = []
    for n, place in enumerate((p for p in evidence.places(claim.id) if p.role == "route"), 1):
        words = place.text or place.name
        hows = [found.casefold() for found in _HOW.findall(words)]
        out.append(Constraint(n, place.name or place.text, ", ".join(dict.fromkeys(hows)) or "over"))
    return tuple(out)


def _ordered_route(evidence: Evidence, relations: Sequence[Relation]) -> Iterator[Caution]:
    for claim in evidence.claims.values():
        found = route_constraints(claim, evidence)
        if len(found) < 2:
            continue
        steps = ", ".join(f"{c.order} {c.how} {c.place}" for c in found)
        events = [event.id for event in evidence.events_of(claim.id)]
        yield Caution(
            "ordered route", (claim.id, *events), f"{len(found)} places in order: {steps}",
            "a track, or a flight check with these places in this order",
        )  # fmt: skip


def _credibility(evidence: Evidence, relations: Sequence[Relation]) -> Iterator[Caution]:
    for claim in evidence.claims.values():
        if claim.credibility is None:
            continue
        judged = chains.judge(claim, supporting(claim, evidence, relations), evidence)
        if judged.too_good or judged.overridden:
            kind = "too credible" if judged.too_good else "overridden"
            reason = f"; reason given: {judged.override}" if judged.overridden else ""
            yield Caution(
                kind, (claim.id,),
                f"coded {claim.reliability}{judged.digit}, {judged.best} at best: {judged.why}{reason}",
                "a claim of another root that says the same",
            )  # fmt: skip
