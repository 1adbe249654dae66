"""The board as lines of text, each with how far it is set in."""

from __future__ import annotations

import math
from collections.abc import Iterator

from longreach.ledger.dates import day
from longreach.ledger.scales import likelihood
from longreach.watch.alarms import LEVEL, Rates
from longreach.watch.anniversaries import ENOUGH_YEARS, HALF_WIDTH
from longreach.watch.board import CONTESTED, EXPIRED, NOT_SEEN, SEEN, Row
from longreach.watch.forecasts import ENOUGH, Forecast
from longreach.watch.standing import Coming, Standing

# (style, indent, text): style is head, seen, contested, quiet, alarm or plain
Line = tuple[str, int, str]


def lines(standing: Standing) -> Iterator[Line]:
    """Everything on the board, from the answer to the detail."""
    yield ("head", 0, f"{standing.title}, on {day(standing.at)}")
    if standing.feared:
        yield ("plain", 0, f"feared: {standing.feared}")
    yield ("plain", 0, summary(standing))
    yield from _board(standing)
    yield from _coming(standing)
    yield from _rates(standing)
    yield from _forecasts(standing)
    yield ("head", 0, "what would change our mind")
    found = open_questions(standing)
    if not found:
        yield ("quiet", 2, "nothing open was found")
    for settle, kind, records in found:
        yield ("plain", 2, f"{settle} ({kind}: {records})")


def open_questions(standing: Standing) -> list[tuple[str, str, str]]:
    """What would settle something, why it is open, and of which records; alike ones together."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for caution in standing.cautions:
        if caution.settle:
            grouped.setdefault((caution.settle, caution.kind), []).append(" ".join(caution.records))
    return [(settle, kind, "; ".join(records)) for (settle, kind), records in grouped.items()]


def summary(standing: Standing) -> str:
    """The board in one sentence."""
    board = standing.board
    seen, contested = board.number(SEEN), board.number(CONTESTED)
    text = f"{_many(seen, 'indicator')} seen and {contested} contested"
    if seen + contested:
        text += f", on {board.roots} independent root{'s' if board.roots != '1' else ''}"
    rest = [f"{board.number(state)} {state}" for state in (NOT_SEEN, EXPIRED) if board.number(state)]
    if rest:
        text += f"; {', '.join(rest)}"
    rates = standing.rates
    if rates is not None:
        rang = [
            alarm.chart.kind
            for alarm in rates.alarms
            if alarm.rang and alarm.rang[-1] == rates.counts.starts[-1]
        ]
        text += f"; alarm now: {', '.join(rang)}" if rang else "; no alarm rings now"
    return text


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _board(standing: Standing) -> Iterator[Line]:
    board = standing.board
    source = "made from the ledger's vows and warnings" if standing.made_from_ledger else "of the watch list"
    yield ("head", 0, f"indicators, {source}")
    group = -1
    for row in board.rows:
        if row.group != group:
            group = row.group
            name = ", ".join(
                dict.fromkeys(root for each in board.rows if each.group == group for root in each.roots)
            )
            yield ("quiet", 2, f"root {group}: {name}" if group else "no claim yet")
        yield (
            {SEEN: "seen", CONTESTED: "contested"}.get(row.state, "quiet"), 4,
            f"{row.state:9}  {row.indicator.name} ({row_evidence(row)}; {expiry(row)}; {record(row)})",
        )  # fmt: skip
    if board.log_odds is not None and board.number(SEEN):
        yield ("plain", 2, f"the strongest of each root together: {odds(board.log_odds)}")
    elif board.number(SEEN):
        yield ("plain", 2, "a checklist: no sum is made, for not every indicator seen has its record entered")


def row_evidence(row: Row) -> str:
    """The claims of a row: "C16, against it C17; only of a party to the conflict"."""
    text = ", ".join(row.claims) or "no claim"
    if row.against:
        text += f", against it {', '.join(row.against)}"
    if row.only_party:
        text += "; only of a party to the conflict"
    if row.indicator.direction == "lowers":
        text += "; speaks against"
    return text


def expiry(row: Row) -> str:
    if row.indicator.expires is None:
        return "does not expire"
    if row.days_left < 0:
        return f"expired {day(row.indicator.expires)}"
    return f"until {day(row.indicator.expires)}"


def record(row: Row) -> str:
    """An indicator's base rate and weight, or that there is none."""
    before, otherwise = row.indicator.seen_before, row.indicator.seen_otherwise
    if before is None or otherwise is None:
        return "no base rate entered"
    text = f"seen {before.seen} of {before.of} times before it, {otherwise.seen} of {otherwise.of} otherwise"
    return text + (f": {odds(row.log_odds)}" if row.log_odds is not None else "")


def odds(log_odds: float) -> str:
    """A weight as log-odds and as the factor on the odds."""
    return f"log-odds {log_odds:+.2f}, odds x {math.exp(log_odds):.2g}"


def _coming(standing: Standing) -> Iterator[Line]:
    yield ("head", 0, "days that come round")
    if not standing.coming:
        yield ("quiet", 2, "none within 120 days")
    for coming in standing.coming:
        yield ("plain", 2, coming_text(coming))


def coming_text(coming: Coming) -> str:
    """A return and what earlier returns were like."""
    back = coming.back
    when = "today" if back.days_ahead == 0 else f"in {_many(back.days_ahead, 'day')}"
    text = f"{day(back.on)}, {when}: {back.remembered.name}"
    if back.number:
        text += f", {_nth(back.number)} anniversary"
    test = coming.test
    if test is None:
        return text + "; the series covers no earlier return, so nothing is known of it"
    text += (
        f"; {test.near:.1f} events within {HALF_WIDTH} days of it a year, {test.elsewhere:.1f} round other days; "
        f"{test.share:.0%} of the days of the year have as many"
    )
    if not test.enough:
        text += f" (only {_many(test.years, 'year')}: fewer than {ENOUGH_YEARS} prove nothing)"
    return text


def _nth(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _rates(standing: Standing) -> Iterator[Line]:
    yield ("head", 0, "rates")
    for derived in standing.derived:
        yield ("plain", 2, f'{derived.claim} "{derived.words}": {derived.text}')
    if standing.rate_note:
        yield ("plain", 2, standing.rate_note)
    if standing.rates is not None:
        for style, text in rate_lines(standing.rates):
            yield (style, 2, text)
        if standing.total is not None:
            yield ("plain", 2, f"events: {standing.total}")


def rate_lines(rates: Rates) -> Iterator[tuple[str, str]]:
    """A series against its baseline, in sentences."""
    counts, base = rates.counts, rates.baseline
    last = int(counts.counts[-1])
    unit = (
        "week"
        if counts.period_days == 7
        else "day"
        if counts.period_days == 1
        else f"{counts.period_days} days"
    )
    yield (
        "plain",
        f"{counts.name}: {last} in the {unit} to {day(counts.end)}; baseline {base.mean:.1f} a {unit} over {base.periods} "
        f"periods, variance/mean {base.ratio:.1f}",
    )
    yield (
        "plain",
        f"as many or more come once in {_once(rates.once_in)} periods with nothing changed "
        f"(a Poisson law would say once in {_once(rates.poisson_once_in)})",
    )
    if counts.left_out:
        yield ("quiet", f"{counts.left_out:,} events left out: their day is not known to within a period")
    for alarm in rates.alarms:
        chart = alarm.chart
        now = bool(alarm.rang) and alarm.rang[-1] == counts.starts[-1]
        state = (
            "ALARM now"
            if now
            else f"rang {len(alarm.rang)} times of {rates.watched}"
            if alarm.rang
            else "quiet"
        )
        value = f"{alarm.values[-1]:.1f} against {chart.limit:.1f}"
        yield (
            "alarm" if now else "plain",
            f"{chart.kind}: {state} ({value}; one false alarm in {_once(chart.run_length)} periods). "
            f"A plain Poisson alarm {_rang(len(alarm.poisson_rang))}; it would ring falsely once in "
            f"{_once(chart.poisson_run_length)}",
        )
    if base.memory:
        yield (
            "plain",
            f"neighbouring periods are alike (lag-1 autocorrelation {base.autocorrelation:.2f}): alarms, false ones too, "
            "come oftener than stated and in runs",
        )
    expected = rates.expected
    if expected is not None:
        yield (
            "plain",
            f"next {unit}: {expected.lo} to {expected.hi} with {LEVEL:.0%}, by its own law; such intervals held "
            f"{expected.held} of {expected.tried} times ({expected.held / expected.tried:.0%})",
        )
    else:
        yield ("quiet", "no forecast: too few periods to say how such forecasts did")


def _rang(number: int) -> str:
    return {0: "never rang", 1: "rang once", 2: "rang twice"}.get(number, f"rang {number} times")


def _once(periods: float) -> str:
    if not math.isfinite(periods) or periods >= 1e6:
        return "more than a million"
    return f"{periods:,.0f}" if periods >= 10 else f"{periods:.1f}"


def _forecasts(standing: Standing) -> Iterator[Line]:
    if not standing.forecasts:
        return
    yield ("head", 0, "forecasts")
    for forecast in standing.forecasts:
        for text in forecast_lines(forecast):
            yield ("plain", 2, text)


def forecast_lines(forecast: Forecast) -> Iterator[str]:
    """A forecast with its author's record; confidence in a sentence of its own."""
    each, record_ = forecast.assessment, forecast.calibration
    state = " (expired)" if forecast.expired else ""
    yield f"{each.id}: {each.statement}{state}"
    if forecast.shown:
        yield f"  {each.author}, {each.date}: {likelihood(each.likelihood)}."
        yield (
            f"  Of {record_.resolved} resolved forecasts of the author {record_.came_true} came true; Brier score "
            f"{record_.brier:.2f}, {record_.brier_base:.2f} by always giving that share."
        )
        for word in record_.words:
            verdict = {True: "as it says", False: "not as it says", None: "too few to tell"}[word.within]
            yield f"  {word.likelihood}: {word.came_true} of {word.of} came true, {verdict}."
    else:
        yield (
            f"  The likelihood is withheld: its author has {_many(record_.resolved, 'other resolved forecast')}, and "
            f"{ENOUGH} are needed to say what the words are worth."
        )
    if each.confidence:
        yield f"  Confidence, which is another matter: {each.confidence}."
    if forecast.outcome is not None:
        came = "It came true" if forecast.outcome.came_true else "It did not come true"
        on = f" on {day(forecast.outcome.on)}" if forecast.outcome.on else ""
        yield f"  {came}{on}{f' ({forecast.outcome.source})' if forecast.outcome.source else ''}."
