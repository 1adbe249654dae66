"""Whether a list of events agrees with what was said about their number.

A claim "this was the Nth in that period" is tested against the list under every admissible reading of the
period and on every day the events may have had. The answer is one of three:

    agrees       it holds under every reading, whatever the days
    disagrees    it holds under none; how many entries are missing or extra, and where they must lie
    cannot tell  it holds under some readings or for some days only; which ones

A claim "N in that period" is tested likewise. There a list that is shorter than the claim proves nothing
unless it is said to be complete.

Where one claim finds an entry missing, another that agrees narrows down where: the entry cannot lie inside
a window whose number is right already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from longreach.ledger.dates import day, day_span
from longreach.ledger.numbers import Count
from longreach.ledger.ordinals import Ordinal, Window

AGREES, DISAGREES, CANNOT_TELL = "agrees", "disagrees", "cannot tell"
LONGEST_DOUBT = 92  # days an event's date may be in doubt and still be tried day by day
FRESH = 7  # days after an event within which its report may count back from itself


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a list: the days on which it may have begun, both admitted."""

    id: str
    earliest: date
    latest: date
    title: str = ""

    def days(self) -> Iterator[date]:
        for n in range((self.latest - self.earliest).days + 1):
            yield self.earliest + timedelta(days=n)

    def __str__(self) -> str:
        return f"{self.id} ({day_span(self.earliest, self.latest)})"


@dataclass(frozen=True, slots=True)
class Tested:
    """A claim under one reading of its window.

    start, end : the widest window tried
    lo, hi : fewest and most entries that lie in it up to the event, over the days in doubt
    outcome : "holds", "fails", or "may hold" (for some days or lengths only)
    condition : for what it holds, where that is not always
    inside : entries that lie in the window for certain or may do so
    settled : where the claim holds, the days within which its number then leaves no room for another entry
    """

    reading: str
    start: date
    end: date
    lo: int
    hi: int
    outcome: str
    condition: str
    inside: tuple[str, ...]
    settled: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one claim of number.

    by : entries missing (below nought) or extra (above nought) under the reading nearest to the claim
    where : the spells of days in which a missing entry must lie; one of `entries` is extra
    """

    words: str
    claimed: str
    event: str
    verdict: str
    why: str
    tested: tuple[Tested, ...]
    by: int = 0
    where: tuple[tuple[date, date], ...] = ()
    entries: tuple[str, ...] = ()


def reconcile_ordinal(
    claim: Ordinal, event: str, series: Sequence[Entry], said: date | None = None
) -> Finding:
    """Test "the Nth in a period" about one entry of a series.

    Parameters
    ----------
    event : id of the entry that is said to be the Nth
    series : every entry of the list, in any order
    said : day of publication; windows are counted back from it as well where it is at most FRESH days later

    Entries after the event do not count; entries that may be earlier or later count as in doubt.
    """
    this = next((entry for entry in series if entry.id == event), None)
    if this is None:
        return Finding(claim.words, _nth(claim.nth), event, CANNOT_TELL,
                       f"{event} is not an entry of the list", ())  # fmt: skip
    if (this.latest - this.earliest).days > LONGEST_DOUBT:
        return Finding(claim.words, _nth(claim.nth), event, CANNOT_TELL,
                       f"the day of {this} is too uncertain to count from", ())  # fmt: skip
    others = [entry for entry in series if entry.id != event]
    tested = tuple(
        _try(claim, window, this, others, said)
        for window in claim.windows
        if window.anchor == "event"
        or (
            said is not None
            and timedelta(0) <= said - this.earliest
            and said - this.latest <= timedelta(FRESH)
        )
    )
    return _verdict(claim, this, others, _merged(tested))


def _nth(nth: int) -> str:
    ending = "th" if 10 <= nth % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(nth % 10, "th")
    return f"{nth}{ending}"


def _try(claim: Ordinal, window: Window, this: Entry, others: Sequence[Entry], said: date | None) -> Tested:
    """Count the entries for every day the event may have had and every length the window may have."""
    lo, hi = len(others) + 1, 0
    holding: list[int] = []  # lengths for which it may hold, in days
    settled_from: date | None = None
    always, ever = True, False
    good_days: set[date] = set()
    start_seen, end_seen = None, None
    may_be_in: set[str] = set()
    for on in this.days():
        anchor = max(said, on) if window.anchor == "report" and said else on
        sure_for_some_length, may_for_some_length = False, False
        for start in window.starts(anchor):
            low, high = (1, 1) if start <= on else (0, 0)
            for entry in others:
                last = min(entry.latest, on)
                may = entry.earliest <= on and last >= start
                sure = start <= entry.earliest and entry.latest <= on
                low += sure
                high += may
                if may:
                    may_be_in.add(entry.id)
            lo, hi = min(lo, low), max(hi, high)
            start_seen = start if start_seen is None else min(start_seen, start)
            end_seen = anchor if end_seen is None else max(end_seen, anchor)
            if low <= claim.nth <= high:
                may_for_some_length = True
                holding.append((anchor - start).days)
                if low == high:
                    sure_for_some_length = True
                settled_from = start if settled_from is None else max(settled_from, start)
            if not window.vague and not low == high == claim.nth:
                always = False
        if window.vague:
            always = always and sure_for_some_length
        if may_for_some_length:
            ever = True
            good_days.add(on)
    assert start_seen is not None and end_seen is not None
    outcome = "holds" if always else "may hold" if ever else "fails"
    condition = ""
    if window.vague and ever:
        condition = f"if the length is {min(holding)} to {max(holding)} days"
    if outcome == "may hold":
        days = sorted(good_days)
        if len(days) < (this.latest - this.earliest).days + 1:
            condition = f"if {this.id} was on {_some_days(days)}"
        elif not window.vague:
            doubtful = [e for e in others if e.id in may_be_in and e.earliest < e.latest]
            condition = "depending on the day of " + ", ".join(str(e) for e in doubtful) if doubtful else ""
    settled = (settled_from, this.earliest) if outcome == "holds" and settled_from else None
    return Tested(window.reading, start_seen, end_seen, lo, hi, outcome, condition,
                  (*(e.id for e in others if e.id in may_be_in), this.id), settled)  # fmt: skip


def _some_days(days: Sequence[date]) -> str:
    return " or ".join(day(each) for each in days[:3]) + (" or later" if len(days) > 3 else "")


def _merged(tested: Sequence[Tested]) -> tuple[Tested, ...]:
    """Readings that gave the very same result as one already kept are left out, the first one kept."""
    kept: list[Tested] = []
    seen = set()
    for each in tested:
        result = (each.start, each.end, each.lo, each.hi, each.outcome)
        if result not in seen:
            seen.add(result)
            kept.append(each)
    return tuple(kept)


def _verdict(claim: Ordinal, this: Entry, others: Sequence[Entry], tested: tuple[Tested, ...]) -> Finding:
    nth = _nth(claim.nth)
    outcomes = {each.outcome for each in tested}
    if outcomes == {"holds"}:
        conditions = sorted({each.condition for each in tested if each.condition})
        number = len(tested)
        readings = "the one reading" if number == 1 else f"each of {number} readings"
        why = f"{', '.join(tested[0].inside)} lie in the period; holds under {readings}"
        if conditions:
            why += f", {conditions[0]}"
        return Finding(claim.words, nth, this.id, AGREES, why, tested)
    if outcomes == {"fails"}:
        return _disagrees(claim, this, others, tested)
    good = [each for each in tested if each.outcome == "holds"]
    may = [each for each in tested if each.outcome == "may hold"]
    bad = [each for each in tested if each.outcome == "fails"]
    parts = []
    if good:
        parts.append("holds with " + "; ".join(each.reading for each in good))
    parts += [f"holds with {each.reading} {each.condition}".rstrip() for each in may]
    if bad:
        parts.append("fails with " + "; ".join(f"{each.reading} ({_number(each)})" for each in bad))
    return Finding(claim.words, nth, this.id, CANNOT_TELL, "; ".join(parts), tested)


def _number(tested: Tested) -> str:
    return f"{tested.lo}" if tested.lo == tested.hi else f"{tested.lo} to {tested.hi}"


def _disagrees(claim: Ordinal, this: Entry, others: Sequence[Entry], tested: tuple[Tested, ...]) -> Finding:
    nth = _nth(claim.nth)

    def miss(each: Tested) -> int:
        return each.hi - claim.nth if each.hi < claim.nth else each.lo - claim.nth

    best = min(tested, key=lambda each: (abs(miss(each)), tested.index(each)))
    by = miss(best)
    if by < 0:
        where = _gaps(best.start, min(best.end, this.latest), ())
        return Finding(
            claim.words, nth, this.id, DISAGREES,
            f"the list holds {_number(best)} with {best.reading}; {-by} more "
            f"{'entry is' if by == -1 else 'entries are'} missing between {day(best.start)} and "
            f"{day(this.latest)}, or the claim counts otherwise",
            tested, by, where,
        )  # fmt: skip
    inside = tuple(each for each in best.inside if each != this.id)
    return Finding(
        claim.words, nth, this.id, DISAGREES,
        f"the list holds {_number(best)} with {best.reading}; {by} of {', '.join(inside)} "
        f"{'is' if by == 1 else 'are'} extra, or the claim counts otherwise",
        tested, by, (), inside,
    )  # fmt: skip


def _gaps(start: date, end: date, closed: Sequence[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
    """The days from start to end that lie in none of the closed spells."""
    left = [(start, end)]
    for first, last in sorted(closed):
        cut = []
        for a, b in left:
            if last < a or first > b:
                cut.append((a, b))
                continue
            if a < first:
                cut.append((a, first - timedelta(days=1)))
            if last < b:
                cut.append((last + timedelta(days=1), b))
        left = cut
    return tuple(left)


def narrow(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The same findings, with what the agreeing ones say about the others.

    A missing entry cannot lie in a window whose number agrees; an extra one cannot be the entry of such a
    window alone.
    """
    agreed = [
        (spell, {i for t in f.tested for i in t.inside})
        for f in findings
        if f.verdict == AGREES and (spell := _settled(f)) is not None
    ]
    out = []
    for finding in findings:
        if finding.verdict != DISAGREES:
            out.append(finding)
            continue
        why, where, entries = finding.why, finding.where, finding.entries
        if finding.by < 0 and where:
            spells = [spell for spell, _ in agreed]
            narrowed = tuple(gap for a, b in where for gap in _gaps(a, b, spells))
            if narrowed and narrowed != where:
                where = narrowed
                why += f"; the claims that agree leave {_spells(where)} for it"
        elif finding.by > 0 and entries:
            settled = set().union(*(inside for _, inside in agreed)) if agreed else set()
            doubtful = tuple(each for each in entries if each not in settled)
            if doubtful and doubtful != entries:
                entries = doubtful
                why += f"; the claims that agree leave {', '.join(doubtful)}"
        out.append(
            Finding(finding.words, finding.claimed, finding.event, finding.verdict, why, finding.tested,
                    finding.by, where, entries)
        )  # fmt: skip
    return tuple(out)


def _settled(finding: Finding) -> tuple[date, date] | None:
    """The days that every reading of an agreeing claim leaves no room in."""
    spells = [each.settled for each in finding.tested if each.settled]
    if len(spells) != len(finding.tested):
        return None
    first, last = max(spell[0] for spell in spells), min(spell[1] for spell in spells)
    return (first, last) if first <= last else None


def _spells(where: Sequence[tuple[date, date]]) -> str:
    return " and ".join(day_span(a, b) for a, b in where)


def reconcile_count(
    readings: Sequence[Count],
    windows: Sequence[tuple[date | None, date | None, str]],
    entries: Sequence[Entry],
    *,
    words: str = "",
    complete: bool = False,
) -> Finding:
    """Test "N in a period" against the entries enumerated.

    Parameters
    ----------
    readings : what the number may be (every admissible reading)
    windows : first day, last day and reading of the period, every admissible one
    complete : the list claims to hold every event of the kind
    """
    tested, outcomes = [], []
    claimed = " or ".join(dict.fromkeys(reading.span for reading in readings))
    for first, last, how in windows:
        start, end = first or date.min, last or date.max
        sure = [e for e in entries if start <= e.earliest and e.latest <= end]
        may = [e for e in entries if e.latest >= start and e.earliest <= end]
        for reading in readings:
            top = reading.hi if reading.hi is not None else float("inf")
            if len(sure) > top:
                outcome = "fails"
            elif len(may) < reading.lo:
                outcome = "fails" if complete else "may hold"
            elif reading.lo <= len(sure) and len(may) <= top and complete:
                outcome = "holds"
            else:
                outcome = "may hold"
            outcomes.append(outcome)
            tested.append(Tested(f"{reading.reading}; {how}", start, end, len(sure), len(may), outcome, "",
                                 tuple(e.id for e in may)))  # fmt: skip
    some = tested[0] if tested else None
    if some is None:
        return Finding(words, claimed, "", CANNOT_TELL, "the claim has no number or no period", ())
    held = _number(some)
    if set(outcomes) == {"holds"}:
        return Finding(
            words, claimed, "", AGREES, f"the list, said to be complete, holds {held}", tuple(tested)
        )
    if set(outcomes) == {"fails"}:
        short = all(t.hi < r.lo for t in tested for r in readings)
        by = some.hi - round(readings[0].lo) if short else some.lo - round(readings[0].hi or 0)
        what = "entries are missing" if by < 0 else "entries are extra, or are not what the claim counts"
        return Finding(words, claimed, "", DISAGREES, f"the list holds {held} of {claimed}; {abs(by)} {what}",
                       tuple(tested), by, ((some.start, some.end),) if by < 0 else (),
                       some.inside if by > 0 else ())  # fmt: skip
    if not complete:
        return Finding(
            words, claimed, "", CANNOT_TELL,
            f"the list holds {held} of {claimed} and is not said to be complete", tuple(tested),
        )  # fmt: skip
    return Finding(
        words, claimed, "", CANNOT_TELL, f"the list holds {held}; it depends on the reading", tuple(tested)
    )


@dataclass(frozen=True, slots=True)
class Change:
    """One entry more or less that would make every claim agree, found by trying it.

    kind : "add" or "remove"
    first, last : days on which the entry would have to lie, for "add"
    entry : the entry, for "remove"
    """

    kind: str
    first: date | None
    last: date | None
    entry: str

    def __str__(self) -> str:
        if self.kind == "remove":
            return f"without {self.entry} every claim that can be told would agree"
        return (
            f"with one more entry on some day of {day_span(self.first, self.last)} every claim that can be told "
            "would agree"
        )


Tests = Callable[[Sequence[Entry]], Sequence[Finding]]


def single_changes(series: Sequence[Entry], findings: Sequence[Finding], test: Tests) -> tuple[Change, ...]:
    """Every single entry whose coming or going makes all claims agree that can be told.

    Parameters
    ----------
    test : the claims of `findings` tested against another list, in the same order

    Only days that every disagreeing claim leaves open are tried.
    """
    wrong = [finding for finding in findings if finding.verdict == DISAGREES]
    if not wrong:
        return ()
    bound = {finding.event for finding in findings}

    def mended(changed: Sequence[Entry]) -> bool:
        return all(
            new.verdict == AGREES
            for old, new in zip(findings, test(changed), strict=True)
            if old.verdict != CANNOT_TELL
        )

    out = []
    if all(finding.by < 0 for finding in wrong):
        open_days = set.intersection(*({d for a, b in f.where for d in _days(a, b)} for f in wrong))
        good = [d for d in sorted(open_days) if mended([*series, Entry("?", d, d)])]
        for first, last in _runs(good):
            out.append(Change("add", first, last, ""))
    for entry in series:
        extra = entry.id not in bound and any(f.by > 0 for f in wrong)
        if extra and mended([each for each in series if each.id != entry.id]):
            out.append(Change("remove", None, None, entry.id))
    return tuple(out)


def _days(first: date, last: date) -> Iterator[date]:
    return Entry("", first, last).days()


def _runs(days: Sequence[date]) -> list[tuple[date, date]]:
    """Neighbouring days joined into spells."""
    out: list[tuple[date, date]] = []
    for each in days:
        if out and each - out[-1][1] == timedelta(days=1):
            out[-1] = (out[-1][0], each)
        else:
            out.append((each, each))
    return out
