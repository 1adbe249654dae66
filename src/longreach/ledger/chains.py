"""Chains of sources: who said it first, how many independent roots there are, and how far that can be believed.

A chain runs from the reader to the root: Zero Hedge cites the New York Times, which names an official as
anonymous. Three papers that quote one official are one source. So roots are counted, never reports, and
counted as an interval: at least the organisations that are named as origin, at most every origin there may
be. Two anonymous officials are two nodes, but of one ministry they are one organisation; an aggregator, or
any report that does not say where it has it from, adds nothing that is certain.

The digit of credibility is capped by the roots: 1, confirmed by other independent sources, needs two that
are certain. A better digit wants a reason in the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from longreach.errors import Fault
from longreach.ledger.evidence import Evidence
from longreach.ledger.records import CREDIBILITY, Claim, Step

PUBLISHERS = ("aggregator", "news", "data set")  # at the end of a chain: where it has it from is not said


@dataclass(frozen=True, slots=True)
class Root:
    """The far end of a chain.

    entity : who is last in the chain (two names of one entity are one)
    organisation : what the entity is part of, itself if nothing
    named_origin : the chain ends with one who can know, not with a publisher
    party : the entity, or what it is part of, is party to the conflict (None: not judged)
    anonymous : not named by whoever quotes it
    """

    entity: str
    organisation: str
    named_origin: bool
    party: bool | None
    anonymous: bool


@dataclass(frozen=True, slots=True)
class Roots:
    """How many independent roots some claims have: at least and at most, and which."""

    at_least: int
    at_most: int
    roots: tuple[Root, ...]

    @property
    def number(self) -> str:
        return f"{self.at_least}" if self.at_least == self.at_most else f"{self.at_least} to {self.at_most}"

    @property
    def only_parties(self) -> bool:
        """Every origin that is named is a party to the conflict."""
        named = [root for root in self.roots if root.named_origin]
        return bool(named) and all(root.party for root in named)


def chain_of(claim: Claim, evidence: Evidence) -> tuple[Step, ...]:
    """The chain as coded, beginning with whoever published the report."""
    source = evidence.source_of(claim)
    steps = claim.chain
    if source and (not steps or _one(steps[0].source, evidence) != _one(source, evidence)):
        return (Step(source, "publishes" if not steps else "cites"), *steps)
    return steps


def chain_text(claim: Claim, evidence: Evidence) -> str:
    """A chain in one line: "Zero Hedge > New York Times > senior military official A (anonymous)"."""
    parts = []
    for step in chain_of(claim, evidence):
        entity = evidence.entities.get(step.source)
        anonymous = entity is not None and entity.anonymous and "anonymous" not in entity.name
        parts.append(evidence.name(step.source) + (" (anonymous)" if anonymous else ""))
    return " > ".join(parts)


def root_of(claim: Claim, evidence: Evidence) -> Root:
    """The far end of a claim's chain."""
    steps = chain_of(claim, evidence)
    last = _one(steps[-1].source, evidence) if steps else ""
    entity = evidence.entities.get(last)
    line = _upwards(last, evidence)
    judged = [e.party for e in (evidence.entities.get(each) for each in line) if e and e.party is not None]
    return Root(
        last,
        line[-1],
        entity is not None and entity.type not in PUBLISHERS,
        True if any(judged) else (False if judged else None),
        bool(entity and entity.anonymous),
    )


def _one(id: str, evidence: Evidence) -> str:
    """The one name of an entity that links say is the same under several."""
    seen = {id}
    names = [id]
    for name in names:
        found = [link.to for link in evidence.links_from(name, "same")]
        found += [link.from_ for link in evidence.links_to(name, "same")]
        for other in found:
            if other in evidence.entities and other not in seen:
                seen.add(other)
                names.append(other)
    return min(seen)


def _upwards(id: str, evidence: Evidence) -> list[str]:
    """An entity and what it is part of, the greatest last."""
    line = [id]
    while True:
        above = [link.to for link in evidence.links_from(line[-1], "part of") if link.to in evidence.entities]
        above = [_one(each, evidence) for each in above]
        if not above or above[0] in line:
            return line
        line.append(above[0])


def count_roots(claims: Iterable[Claim], evidence: Evidence) -> Roots:
    """The independent roots of claims that say the same."""
    roots = tuple(dict.fromkeys(root_of(claim, evidence) for claim in claims))
    named = [root for root in roots if root.named_origin]
    at_least = len({root.organisation for root in named}) or (1 if roots else 0)
    return Roots(at_least, max(len({root.entity for root in roots}), at_least), roots)


def independent(a: Claim, b: Claim, evidence: Evidence) -> bool | None:
    """Whether two claims have independent roots; None where an origin is not named, so that it is not known."""
    one, two = root_of(a, evidence), root_of(b, evidence)
    if one.entity == two.entity or one.organisation == two.organisation:
        return False
    if not (one.named_origin and two.named_origin):
        return None
    in_a = {_one(step.source, evidence) for step in chain_of(a, evidence)}
    in_b = {_one(step.source, evidence) for step in chain_of(b, evidence)}
    return one.entity not in in_b and two.entity not in in_a


def is_quotation(claim: Claim) -> bool:
    """Whether what is claimed is that somebody said it: coded with "said" as predicate and quoted in the chain."""
    return claim.predicate.casefold() in ("said", "stated", "announced") and any(
        step.relation == "quotes" for step in claim.chain
    )


def manner(claim: Claim) -> str:
    """How the words came through: "quoted" or "paraphrased", by the last step of the chain that says; "" where
    none does."""
    for step in reversed(claim.chain[:-1]):
        if step.relation in ("quotes", "paraphrases"):
            return "quoted" if step.relation == "quotes" else "paraphrased"
    return ""


def ceiling(roots: Roots, *, quotation: bool = False) -> tuple[int, str]:
    """The best digit of credibility that roots allow, and why.

    >>> ceiling(Roots(1, 3, ()))[0], ceiling(Roots(2, 2, ()))[0]
    (2, 1)
    """
    if quotation:
        return 1, "a quotation: that it was said, not that it is so"
    if roots.at_least >= 2:
        return 1, f"{roots.number} independent roots"
    if roots.at_most >= 2:
        return 2, f"{roots.number} independent roots; two must be certain for a 1"
    return 2, "one root"


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim's digit beside the best its chain allows."""

    claim: str
    digit: int | None
    best: int
    why: str
    roots: Roots
    override: str

    @property
    def too_good(self) -> bool:
        """Better than the ceiling, and no reason given."""
        return self.digit is not None and self.digit < self.best and not self.override

    @property
    def overridden(self) -> bool:
        return self.digit is not None and self.digit < self.best and bool(self.override)


def judge(claim: Claim, supporting: Sequence[Claim], evidence: Evidence) -> Judged:
    """A claim's digit against its ceiling; `supporting` are the claims that say the same."""
    roots = count_roots([claim, *supporting], evidence)
    best, why = ceiling(roots, quotation=is_quotation(claim))
    return Judged(claim.id, claim.credibility, best, why, roots, claim.override)


def check_credibility(claim: Claim, supporting: Sequence[Claim], evidence: Evidence) -> Fault | None:
    """What is wrong with the digit of a claim about to be recorded; None where nothing is."""
    judged = judge(claim, supporting, evidence)
    if not judged.too_good:
        return None
    return Fault(
        f"credibility {judged.digit} ({CREDIBILITY[judged.digit or 6]}) is better than its sources allow: "
        f"{judged.best} at best ({judged.why})",
        key=f"claim {claim.id}.credibility",
        hint="lower it, enter another independent source first, or give the reason in `override`",
    )


@dataclass(frozen=True, slots=True)
class Total:
    """A number of events with and without those for which every origin that is named is a party to the conflict.

    origin_not_named : of those without, the events for which no origin is named at all
    """

    all: int
    without_parties: int
    origin_not_named: int

    def __str__(self) -> str:
        text = f"{self.all:,}, of which {self.without_parties:,} do not rest on parties to the conflict alone"
        return text + (
            f" ({self.origin_not_named:,} with no origin named at all)" if self.origin_not_named else ""
        )


def total(events: Iterable[str], evidence: Evidence) -> Total:
    """How many of some events there are, with and without those that rest on parties alone.

    Only claims that say so in their own right count, not allegations, beliefs, vows and opinions.
    """
    count = without = open_ = 0
    for event in events:
        claims = [claim for claim in evidence.claims_of(event) if claim.stance == "asserts"]
        roots = count_roots(claims, evidence)
        count += 1
        if not roots.only_parties:
            without += 1
            open_ += not any(root.named_origin for root in roots.roots)
    return Total(count, without, open_)
