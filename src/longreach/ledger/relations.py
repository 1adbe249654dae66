"""Claims against each other: which repeat, corroborate, stand in tension, contradict or correct one another.

Two claims are set against each other where they are about one event, or about one subject, predicate and
object. What they say of it is compared aspect by aspect: does it hold at all (stance), how many (counts of
one unit), when (times of one role). Words that limit a claim ("may", "larger", "imminent", "in the zone")
are its scope. A clash between claims of different scope is a tension, for both may be true; it becomes a
contradiction only where the scope is the same.

Numbers of different units are never compared: attacks are not rockets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from longreach.errors import InputError
from longreach.ledger.chains import independent, root_of
from longreach.ledger.dates import When, read_when
from longreach.ledger.evidence import Evidence, day_of
from longreach.ledger.numbers import Count as Reading
from longreach.ledger.numbers import read_count, singular, span
from longreach.ledger.records import Claim, Count, Time

RELATIONS = ("repeats", "corroborates", "in tension", "contradicts", "corrects")
DENIALS = ("denies",)
OPPOSING = re.compile(r"\bno (?:\w+ )?(?:evidence|sign|indication|intelligence|intel|proof|plan)\b", re.I)
# Words that limit what a statement covers: degree, nearness, certainty, kind. Own list, from reading reports.
_LIMITS = (
    "larger", "large", "major", "bigger", "wider", "broader", "imminent", "immediate", "specific", "credible",
    "direct", "planned", "planning", "possible", "potential", "may", "might", "could", "appears", "appeared",
    "likely", "apparently", "reportedly", "corroborating", "confirmed", "known", "deadly", "lethal", "successful",
    "attempted", "some", "most", "many", "several", "mainly", "only", "preparations", "efforts", "rocket", "worse",
)  # fmt: skip
_LIMIT = re.compile(rf"\b({'|'.join(_LIMITS)})\b", re.I)


@dataclass(frozen=True, slots=True)
class Relation:
    """What holds between two claims, with the reason and the words that let both be true.

    a, b : ids of the claims; for "corrects", b is corrected by a
    aspect : stance, or the unit counted, or "time"
    scope : the words that one has and the other has not
    recorded : a link of the ledger says so; else it was found
    """

    a: str
    b: str
    relation: str
    aspect: str
    why: str
    scope: tuple[str, ...] = ()
    recorded: bool = False


def limits(claim: Claim, evidence: Evidence) -> tuple[str, ...]:
    """The words that limit a claim, in the order of its text: coded hedges, scope of its counts, own list."""
    words = [word.casefold() for word in claim.hedges]
    words += [found.casefold() for found in _LIMIT.findall(f"{claim.text} {claim.reading}")]
    words += [count.scope for count in evidence.counts(claim.id) if count.scope]
    return tuple(dict.fromkeys(words))


def count_readings(count: Count) -> tuple[Reading, ...]:
    """Every admissible reading of a count: of its words where they can be read, else of its bounds.

    Bounds that were coded hold against wider words: a reading that lies outside them is left out.
    """
    unit = unit_of(count)
    lo, hi = 0.0 if count.lo is None else count.lo, count.hi
    if count.exclusive and float(lo).is_integer() and (hi is None or float(hi).is_integer()):
        lo = lo if count.lo is None else lo + 1
        hi = hi if hi is None else hi - 1
    bounds = Reading(lo, hi, count.best, lo == hi, unit, count.text, f"as coded, {span(lo, hi)}")
    if not count.text:
        return (bounds,)
    try:
        readings = read_count(count.text, unit)
    except InputError:
        return (bounds,)
    if count.lo is None and count.hi is None:
        return readings
    return tuple(reading for reading in readings if reading.overlaps(bounds)) or (bounds,)


def unit_of(count: Count) -> str:
    """The unit of a count, singular: "attacks" and "attack" are one unit."""
    words = count.unit.casefold().split()
    return " ".join([*words[:-1], singular(words[-1])]) if words else ""


def printed(count: Count) -> float | None:
    """The figure printed for a count, whatever hedge stands before it: 90 in "nearly 90", 50 in "more than 50"."""
    found = re.search(r"\d[\d,]*(?:\.\d+)?", count.text)
    if found:
        return float(found[0].replace(",", ""))
    if count.text:
        try:
            reading = read_count(count.text)[0]
        except InputError:
            return count.best
        return reading.best if reading.best is not None else (reading.lo or reading.hi)
    if count.best is not None:
        return count.best
    return count.lo if count.lo is not None else count.hi


def time_readings(time: Time, said: str) -> tuple[When, ...]:
    """Every admissible reading of a time: of its words where they can be read, else of its bounds."""
    day = day_of(said)
    for words in (time.text, time.edtf):
        if words:
            try:
                return read_when(words, day)
            except InputError:
                continue
    first = day_of(time.start_earliest)
    last = day_of(time.end_latest) or day_of(time.start_latest)
    return (When(first, last, "", "as coded"),)


def relate(a: Claim, b: Claim, evidence: Evidence) -> list[Relation]:
    """What holds between two claims, aspect by aspect; empty where they cannot be set against each other."""
    ours, theirs = ({event.id for event in evidence.events_of(claim.id)} for claim in (a, b))
    if ours and theirs and not ours & theirs:
        return []  # the same words of two different events
    same_thing = _proposition(a) == _proposition(b) != ""
    if not same_thing and not ours & theirs:
        return []
    counts, times = list(_counts(a, b, evidence)), list(_times(a, b, evidence))
    out = [*counts, *times]
    counted = evidence.counts(a.id) and evidence.counts(b.id)
    if same_thing and (counts or not counted):  # where both are numbers, numbers that can be compared
        out = [*_stance(a, b, evidence), *out]
    return _together([_ordered(each, a, b, evidence) for each in out])


def _together(found: list[Relation]) -> list[Relation]:
    """Several aspects in which two claims agree as one relation; each clash stays by itself."""
    agree = [each for each in found if each.relation in ("repeats", "corroborates")]
    clash = [each for each in found if each not in agree]
    if len(agree) > 1:
        first = agree[0]
        why = "; ".join(dict.fromkeys(part for each in agree for part in each.why.split("; ")))
        agree = [Relation(first.a, first.b, first.relation, ", ".join(each.aspect for each in agree), why)]
    return clash + agree


def _proposition(claim: Claim) -> str:
    parts = (claim.subject, claim.predicate, claim.object)
    if not (claim.subject and claim.predicate):
        return ""
    return " | ".join(" ".join(part.casefold().split()) for part in parts)


def denied(claim: Claim) -> bool:
    """Whether a claim says that it is not so: by its stance, or because it finds no sign of it."""
    return claim.stance in DENIALS or bool(OPPOSING.search(claim.text or claim.paraphrase))


def _stance(a: Claim, b: Claim, evidence: Evidence) -> list[Relation]:
    if denied(a) != denied(b):
        words_a, words_b = limits(a, evidence), limits(b, evidence)
        if set(words_a) != set(words_b):
            only_a = [word for word in words_a if word not in words_b]
            only_b = [word for word in words_b if word not in words_a]
            scope = tuple(
                f"{claim.id}: {', '.join(words)}" for claim, words in ((a, only_a), (b, only_b)) if words
            )
            return [Relation(a.id, b.id, "in tension", "stance",
                             "one says so and one denies it, of different scope, so both may be true", scope)]  # fmt: skip
        return [
            Relation(a.id, b.id, "contradicts", "stance", "one says so and one denies it, of the same scope")
        ]
    return [_agreement(a, b, "stance", "both deny it" if denied(a) else "both say so", evidence)]


def _agreement(a: Claim, b: Claim, aspect: str, why: str, evidence: Evidence) -> Relation:
    apart = independent(a, b, evidence)
    if apart:
        return Relation(a.id, b.id, "corroborates", aspect, f"{why}; independent roots")
    if apart is None:
        open_ = [claim.id for claim in (a, b) if not root_of(claim, evidence).named_origin]
        root = f"where {' and '.join(open_)} has it from is not said"
    elif root_of(a, evidence).entity == root_of(b, evidence).entity:
        root = f"both from {evidence.name(root_of(a, evidence).entity)}"
    elif root_of(a, evidence).organisation == root_of(b, evidence).organisation:
        root = f"both from {evidence.name(root_of(a, evidence).organisation)}"
    else:
        root = "one has it from the other's origin"
    return Relation(a.id, b.id, "repeats", aspect, f"{why}; {root}")


def _counts(a: Claim, b: Claim, evidence: Evidence) -> Iterator[Relation]:
    for one in _with_sums(evidence.counts(a.id)):
        for two in _with_sums(evidence.counts(b.id)):
            if unit_of(one) != unit_of(two) or one.role != two.role or bool(one.ordinal) != bool(two.ordinal):
                continue
            if one.ordinal:
                continue  # an Nth is tested against the list of events, not against another Nth
            ones, twos = count_readings(one), count_readings(two)
            spans = f"{a.id} {ones[0].span}, {b.id} {twos[0].span} {one.unit}"
            scopes = tuple(
                f"{claim.id}: {count.scope}" for claim, count in ((a, one), (b, two)) if count.scope
            )
            if _is_part(one, evidence.counts(a.id)) != _is_part(two, evidence.counts(b.id)):
                continue  # a part against a whole; the sum of the parts is compared instead
            same_scope = _plain(one.scope) == _plain(two.scope) and _same_window(one, two, evidence)
            if any(x.overlaps(y) for x in ones for y in twos):
                if same_scope:
                    yield _agreement(a, b, one.unit, f"one number can satisfy both: {spans}", evidence)
            elif same_scope:
                yield Relation(a.id, b.id, "contradicts", one.unit, f"no number satisfies both: {spans}")
            else:
                yield Relation(a.id, b.id, "in tension", one.unit,
                               f"no number satisfies both, but the scope differs: {spans}", scopes)  # fmt: skip


def _with_sums(counts: Sequence[Count]) -> list[Count]:
    """The counts of a claim and, where it counts one unit in several places, their sum."""
    from dataclasses import replace

    out = list(counts)
    units: dict[str, list[Count]] = {}
    for count in counts:
        if count.scope and not count.ordinal:
            units.setdefault(unit_of(count), []).append(count)
    for parts in units.values():
        if len(parts) > 1:
            lo = sum(part.lo or 0.0 for part in parts)
            hi = None if any(part.hi is None for part in parts) else sum(part.hi or 0.0 for part in parts)
            out.append(replace(parts[0], lo=lo, hi=hi, best=None, scope="", text="",
                               basis=f"sum of {', '.join(part.scope for part in parts)}"))  # fmt: skip
    return out


def _is_part(count: Count, beside: Sequence[Count]) -> bool:
    """Whether a count is one of several of one unit that its claim gives for different places."""
    return bool(count.scope) and sum(unit_of(c) == unit_of(count) and bool(c.scope) for c in beside) > 1


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _same_window(one: Count, two: Count, evidence: Evidence) -> bool:
    def bounds(count: Count) -> tuple[str, str]:
        time = evidence.get(count.window) if count.window else None
        return (time.start_earliest[:10], time.end_latest[:10]) if isinstance(time, Time) else ("", "")

    return bounds(one) == bounds(two)


def _times(a: Claim, b: Claim, evidence: Evidence) -> Iterator[Relation]:
    said = {claim.id: evidence.published(claim) for claim in (a, b)}
    for one in evidence.times(a.id):
        for two in evidence.times(b.id):
            if one.role != two.role or one.role in ("window", "statement"):
                continue
            ones, twos = time_readings(one, said[a.id]), time_readings(two, said[b.id])
            spans = f"{a.id} {ones[0].span}, {b.id} {twos[0].span}"
            if any(_overlap(x, y) for x in ones for y in twos):
                yield _agreement(a, b, f"time of {one.role}", f"one day can satisfy both: {spans}", evidence)
            else:
                yield Relation(
                    a.id, b.id, "contradicts", f"time of {one.role}", f"no day satisfies both: {spans}"
                )


def _overlap(x: When, y: When) -> bool:
    return not (
        (x.latest is not None and y.earliest is not None and x.latest < y.earliest)
        or (y.latest is not None and x.earliest is not None and y.latest < x.earliest)
    )


def _ordered(relation: Relation, a: Claim, b: Claim, evidence: Evidence) -> Relation:
    """A later claim that contradicts an earlier one by the very same publisher corrects it."""
    if relation.relation != "contradicts" or evidence.source_of(a) != evidence.source_of(b):
        return relation
    when_a, when_b = evidence.published(a), evidence.published(b)
    if a.report == b.report or not when_a or not when_b or when_a == when_b:
        return relation
    later, earlier = (a, b) if when_a > when_b else (b, a)
    return Relation(later.id, earlier.id, "corrects", relation.aspect,
                    f"the same publisher, later; {relation.why}", relation.scope)  # fmt: skip


def recorded(evidence: Evidence) -> list[Relation]:
    """The relations between claims that the ledger's links record."""
    return [
        Relation(link.from_, link.to, link.relation, "recorded", link.reason or "recorded by hand",
                 (link.scope,) if link.scope else (), True)
        for link in evidence.links
        if link.from_ in evidence.claims and link.to in evidence.claims
    ]  # fmt: skip


def all_relations(evidence: Evidence) -> list[Relation]:
    """Every relation found between the claims of a ledger, then those recorded.

    Claims are grouped by event and by proposition first, so that only claims that can be set against each
    other are: of a ledger of 100,000 rows with one claim an event this compares none.
    """
    pairs: dict[tuple[str, str], None] = {}
    groups: list[list[str]] = [[claim.id for claim in evidence.claims_of(event)] for event in evidence.events]
    propositions: dict[str, list[str]] = {}
    for claim in evidence.claims.values():
        key = _proposition(claim)
        if key:
            propositions.setdefault(key, []).append(claim.id)
    groups += list(propositions.values())
    for group in groups:
        for a, b in combinations(dict.fromkeys(group), 2):
            pairs.setdefault((a, b) if (b, a) not in pairs else (b, a))
    found = []
    for a, b in pairs:
        found += relate(evidence.claims[a], evidence.claims[b], evidence)
    return [*found, *recorded(evidence)]


def supporting(claim: Claim, evidence: Evidence, relations: Sequence[Relation]) -> list[Claim]:
    """The claims that repeat or corroborate a claim."""
    names = [
        other
        for relation in relations
        if relation.relation in ("repeats", "corroborates") and claim.id in (relation.a, relation.b)
        for other in (relation.a, relation.b)
        if other != claim.id
    ]
    return [evidence.claims[name] for name in dict.fromkeys(names) if name in evidence.claims]
