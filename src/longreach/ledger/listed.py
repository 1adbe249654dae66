"""Every claim of number in a ledger, tested against the events that the ledger lists.

A series is an event that others are part of. "The Nth" is tested on the series of the event it is said of;
"N in a period" on the series its claim is about.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from longreach.errors import InputError
from longreach.ledger.dates import month_of, read_when
from longreach.ledger.evidence import Evidence, day_of, instant_of
from longreach.ledger.numbers import singular
from longreach.ledger.ordinals import read_ordinals
from longreach.ledger.reconcile import (
    CANNOT_TELL,
    Change,
    Entry,
    Finding,
    narrow,
    reconcile_count,
    reconcile_ordinal,
    single_changes,
)
from longreach.ledger.records import Claim, Count, Event, Time
from longreach.ledger.relations import count_readings, unit_of

OF_EVENT = ("event", "departure", "on station", "return")


@dataclass(frozen=True, slots=True)
class Tested:
    """One claim of number and what became of it."""

    claim: str
    series: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Result:
    """Every claim of number tested, and what single entry would mend a series that disagrees."""

    tested: tuple[Tested, ...]
    changes: dict[str, tuple[Change, ...]]


def days_of(event: Event, evidence: Evidence) -> tuple[date, date] | None:
    """First and last day on which an event may have begun or gone on, from the claims about it.

    Claims that agree narrow it down, claims that do not widen it; the day of departure and that over the
    region are parts of one event. None where no claim bounds it on both sides.
    """
    by_role: dict[str, list[tuple[date, date]]] = {}
    for claim in evidence.claims_of(event.id):
        for time in evidence.times(claim.id):
            bounds = bounds_of(time)
            if time.role in OF_EVENT and bounds:
                by_role.setdefault(time.role, []).append(bounds)
    if not by_role:
        return None
    spans = []
    for found in by_role.values():
        first, last = max(a for a, _ in found), min(b for _, b in found)
        if first > last:  # they do not agree
            first, last = min(a for a, _ in found), max(b for _, b in found)
        spans.append((first, last))
    return min(a for a, _ in spans), max(b for _, b in spans)


def bounds_of(time: Time) -> tuple[date, date] | None:
    """First and last day of a time as coded, both admitted; None where it is open."""
    first = instant_of(time.start_earliest or time.end_earliest)
    last = instant_of(time.end_latest or time.start_latest)
    if first is None or last is None:
        return None
    if last > first:
        last -= timedelta(microseconds=1)
    return first.date(), last.date()


def entries_of(series: Event, evidence: Evidence) -> tuple[list[Entry], list[str]]:
    """The entries of a series in the order of their days, and the events whose day is not known."""
    entries, unknown = [], []
    for event in evidence.parts_of(series.id):
        days = days_of(event, evidence)
        if days is None:
            unknown.append(event.id)
        else:
            entries.append(Entry(event.id, *days, event.title))
    return sorted(entries, key=lambda entry: (entry.earliest, entry.latest)), unknown


def reconcile(evidence: Evidence, complete: Collection[str] = ()) -> Result:
    """Test every claim of number of a ledger.

    Parameters
    ----------
    complete : ids of series that are said to list every event of their kind
    """
    nth: dict[str, list[tuple[str, Count, Event]]] = {}
    tested: list[Tested] = []
    for claim in evidence.claims.values():
        for count in evidence.counts(claim.id):
            if count.ordinal:
                found = [(e, s) for e in evidence.events_of(claim.id) for s in evidence.wholes_of(e.id)]
                if found:
                    event, series = found[0]
                    nth.setdefault(series.id, []).append((claim.id, count, event))
                else:
                    tested.append(_without_list(claim.id, count, "it is about no event of a series"))
            elif count.window:
                tested.append(_count(claim, count, evidence, complete))
    changes: dict[str, tuple[Change, ...]] = {}
    ordinals: list[Tested] = []
    known = (
        _named_days(evidence) if any("since" in c.text for each in nth.values() for _, c, _ in each) else {}
    )
    for id, claims in nth.items():
        entries, _ = entries_of(evidence.events[id], evidence)

        def test(
            list_: Sequence[Entry], claims: Sequence[tuple[str, Count, Event]] = claims
        ) -> list[Finding]:
            return [f for _, f in _ordinals(claims, list_, evidence, known)]

        pairs = _ordinals(claims, entries, evidence, known)
        findings = narrow([finding for _, finding in pairs])
        ordinals += [Tested(claim, id, finding) for (claim, _), finding in zip(pairs, findings, strict=True)]
        found_changes = single_changes(entries, findings, test)
        if found_changes:
            changes[id] = found_changes
    return Result((*ordinals, *tested), changes)


def _ordinals(
    claims: Sequence[tuple[str, Count, Event]],
    entries: Sequence[Entry],
    evidence: Evidence,
    known: Mapping[str, date],
) -> list[tuple[str, Finding]]:
    out = []
    for id, count, event in claims:
        claim = evidence.claims[id]
        exact = evidence.said_on(claim)
        try:
            read = read_ordinals(count.text, exact or _about(claim, evidence), known)
        except InputError as error:
            out.append((id, Finding(count.text, "", event.id, CANNOT_TELL, str(error), ())))
            continue
        out += [(id, reconcile_ordinal(ordinal, event.id, entries, exact)) for ordinal in read]
    return out


def _named_days(evidence: Evidence) -> dict[str, date]:
    """The events whose day is known, by title and id: "since the killing of X" may mean one of them."""
    found = {}
    for event in evidence.events.values():
        days = days_of(event, evidence)
        if days is not None and days[0] == days[1]:
            found[event.title] = found[event.id] = days[0]
    return found


def _about(claim: Claim, evidence: Evidence) -> date | None:
    """The last day of the month or year in which a claim was published, where no more is known: enough to
    know which year "this year" is."""
    published = evidence.published(claim)
    if len(published) == 7:
        return month_of(int(published[:4]), int(published[5:]))[1]
    return date(int(published), 12, 31) if len(published) == 4 else None


def _without_list(claim: str, count: Count, why: str) -> Tested:
    return Tested(claim, "", Finding(count.text or unit_of(count), "", "", CANNOT_TELL, why, ()))


def _count(claim: Claim, count: Count, evidence: Evidence, complete: Collection[str]) -> Tested:
    words = f"{count.text} {count.unit}".strip()
    series = next((e for e in evidence.events_of(claim.id) if evidence.parts_of(e.id)), None)
    readings = count_readings(count)
    if series is None:
        return Tested(claim.id, "", Finding(words, readings[0].span, "", CANNOT_TELL,
                                            f"the ledger lists no series of {count.unit}", ()))  # fmt: skip
    parts = evidence.parts_of(series.id)
    noun = singular(unit_of(count).split(" ")[-1])
    named = {singular(word) for word in series.title.split()} | {part.type for part in parts}
    if noun not in named:
        why = f"{series.id} lists {series.title}, not {count.unit}; units are not turned into each other"
        return Tested(claim.id, series.id, Finding(words, readings[0].span, "", CANNOT_TELL, why, ()))
    entries, unknown = entries_of(series, evidence)
    finding = reconcile_count(
        readings, _windows(count, claim, evidence), entries, words=words, complete=series.id in complete
    )
    if unknown:
        finding = replace(finding, why=f"{finding.why}; the day of {', '.join(unknown)} is not known")
    return Tested(claim.id, series.id, finding)


def _windows(count: Count, claim: Claim, evidence: Evidence) -> list[tuple[date | None, date | None, str]]:
    """Every admissible reading of the period over which something was counted."""
    time = evidence.get(count.window)
    if not isinstance(time, Time):
        return []
    said = evidence.said_on(claim)
    if time.text:
        try:
            return [(when.earliest, when.latest, when.reading) for when in read_when(time.text, said)]
        except InputError:
            pass
    first, last = day_of(time.start_earliest), instant_of(time.end_latest)
    end = (last - timedelta(microseconds=1)).date() if last else None
    return [(first, end, "as coded")]
