"""Where things stand on a day: everything the board and the page show, put together once."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from longreach.errors import InputError
from longreach.ledger import cautions, chains, listed
from longreach.ledger.dates import day
from longreach.ledger.evidence import Evidence
from longreach.ledger.numbers import span
from longreach.ledger.records import Count
from longreach.ledger.relations import Relation, all_relations, count_readings
from longreach.watch import alarms, anniversaries, board, forecasts, series
from longreach.watch.anniversaries import CalendarTest, Return
from longreach.watch.lists import Indicator, Remembered, WatchList

AHEAD = 120  # days: later returns are not on the board
VOW_DAYS, WARNING_DAYS = 90, 30  # how long a vow and a warning stay on a board made from the ledger alone


@dataclass(frozen=True, slots=True)
class Derived:
    """The rate that one claim of number gives, as an interval."""

    claim: str
    words: str
    text: str


@dataclass(frozen=True, slots=True)
class Coming:
    """A return of a day, and whether earlier returns were busier."""

    back: Return
    test: CalendarTest | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything on a day. `rate_note` says why there is no rate; `total` is of the ledger's events counted."""

    title: str
    feared: str
    at: date
    made_from_ledger: bool
    board: board.Board
    coming: tuple[Coming, ...]
    rates: alarms.Rates | None
    rate_note: str
    total: chains.Total | None
    derived: tuple[Derived, ...]
    forecasts: tuple[forecasts.Forecast, ...]
    relations: tuple[Relation, ...]
    cautions: tuple[cautions.Caution, ...]
    numbers: listed.Result
    evidence: Evidence


def from_ledger(evidence: Evidence, at: date) -> WatchList:
    """A watch list made from the ledger alone: each vow and each warning is an indicator.

    They stay VOW_DAYS and WARNING_DAYS from the day of their report.
    """
    made = []
    for claim in evidence.claims.values():
        said = evidence.said_on(claim)
        kind = "vow" if claim.stance == "vows" else "warning" if claim.topic == "assessment" else ""
        if not kind or claim.stance == "denies" or said is None or said > at:
            continue
        days = VOW_DAYS if kind == "vow" else WARNING_DAYS
        against = [
            other.id
            for other in evidence.claims.values()
            if other.stance == "denies"
            and (other.subject, other.predicate, other.object)
            == (claim.subject, claim.predicate, claim.object)
        ]
        made.append(
            Indicator(
                claim.id, f"{kind.capitalize()}: {evidence.words(claim)}", evidence.words(claim), (claim.id,),
                tuple(against), lead_days=(0, days), expires=said + timedelta(days=days),
            )
        )  # fmt: skip
    return WatchList("Vows and warnings in the ledger", "", tuple(made))


def stand(
    evidence: Evidence,
    watch: WatchList | None,
    at: date,
    random: np.random.Generator,
    *,
    table: tuple[str, Sequence[series.Days]] | None = None,
    period_days: int | None = None,
    run_length: float | None = None,
) -> Standing:
    """Put together where things stand.

    Parameters
    ----------
    watch : the watch list; None makes one from the ledger
    table : name and days of a fuller series than the ledger's
    period_days, run_length : in the place of those of the watch list

    Reports published after `at` are left aside.
    """
    evidence = evidence.published_by(at)
    given = watch or from_ledger(evidence, at)
    numbers = listed.reconcile(evidence)
    relations = tuple(all_relations(evidence))
    plan = given.rate
    period = period_days or (plan.period_days if plan else 7)
    length = run_length or (plan.run_length_periods if plan else 52.0)
    rates, note, total = None, "", None
    days: Sequence[series.Days] = ()
    if table is not None:
        days = table[1]
        rates = alarms.measure(series.count(table[0], days, period, at), length, random)
    else:
        name = plan.series if plan else ""
        note = _why_no_rate(name, numbers)
        if not note:
            try:
                days = series.of_ledger(evidence, name)
                total = chains.total((e.id for e in series.events_of_ledger(evidence, name)), evidence)
                rates = alarms.measure(
                    series.count(name or "incidents of the ledger", days, period, at), length, random
                )
            except InputError as error:
                note = f"no rate: {error}"
    exact = sorted(a for a, b in days if a == b and a <= at)
    coming = []
    for back in _returns(given, evidence, at):
        test = None
        if exact:
            test = anniversaries.calendar_test(exact, exact[0], at, back.remembered.date)
        coming.append(Coming(back, test))
    return Standing(
        given.title or "What is watched",
        given.feared,
        at,
        watch is None,
        board.make(given, evidence, at),
        tuple(coming),
        rates,
        note,
        total,
        tuple(_derived(evidence, period, at)),
        tuple(forecasts.forecasts(evidence, given.outcomes, at)),
        relations,
        tuple(cautions.find(evidence, relations)),
        numbers,
        evidence,
    )


def _returns(watch: WatchList, evidence: Evidence, at: date) -> list[Return]:
    """The returns within AHEAD days: of the watch list, and of the ledger's events of that type."""
    days = list(watch.anniversaries)
    found = [back for each in days if (back := anniversaries.next_return(each, at))]
    known = {back.on for back in found}
    for event in evidence.events.values():
        if event.type != "anniversary":
            continue
        for time in itertools.chain.from_iterable(
            evidence.times(claim.id) for claim in evidence.claims_of(event.id)
        ):
            bounds = listed.bounds_of(time)
            if time.role == "anniversary" and bounds and bounds[0] >= at and bounds[0] not in known:
                known.add(bounds[0])
                found.append(
                    Return(Remembered(event.title, bounds[0], event.id), bounds[0], 0, (bounds[0] - at).days)
                )
    return sorted((back for back in found if back.days_ahead <= AHEAD), key=lambda back: back.on)


def _why_no_rate(name: str, numbers: listed.Result) -> str:
    """Why no rate is told from the ledger's own list: a claim counts more than it holds."""
    for tested in numbers.tested:
        finding = tested.finding
        if tested.series == name and name and not finding.event and finding.tested:
            held, claimed = finding.tested[0], finding.claimed
            if not all(each.lo == each.hi and each.outcome == "holds" for each in finding.tested):
                return (
                    f"no rate from the ledger's own list: {tested.claim} counts {claimed} and {name} lists {held.hi}. "
                    "Give a fuller series with --series FILE.csv"
                )
    return ""


def _derived(evidence: Evidence, period_days: int, at: date) -> list[Derived]:
    """What each claim of a number over a period comes to in the periods of the watch."""
    out = []
    for claim in evidence.claims.values():
        said = evidence.said_on(claim)
        if said is not None and said > at:
            continue
        for count in evidence.counts(claim.id):
            window = _window(count, evidence)
            if count.ordinal or window is None:
                continue
            reading = count_readings(count)[0]
            days = (window[1] - window[0]).days + 1
            lo = round(reading.lo / days * period_days, 1)
            hi = None if reading.hi is None else round(reading.hi / days * period_days, 1)
            out.append(
                Derived(
                    claim.id,
                    f"{count.text} {count.unit}".strip(),
                    f"{span(lo, hi)} in {period_days} days, from {reading.span} in the {days:,} days "
                    f"{day(window[0])} to {day(window[1])}",
                )
            )
    return out


def _window(count: Count, evidence: Evidence) -> tuple[date, date] | None:
    from longreach.ledger.records import Time

    time = evidence.get(count.window) if count.window else None
    return listed.bounds_of(time) if isinstance(time, Time) else None
