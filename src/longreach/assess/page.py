"""The page of an assessment: the answer, the series with its flights, the forecast fan, the placebo distribution."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from longreach import __version__
from longreach.assess import anchors, document, story
from longreach.assess.answer import UNFIT, Assessment, Group
from longreach.assess.rank import Judged
from longreach.assess.rate import RateOnly, quiet
from longreach.assess.series import Series
from longreach.geodesy import Floats
from longreach.page import charts
from longreach.page.shell import page
from longreach.page.tables import Column, table

WIDTH = 1000.0
LEFT, RIGHT = 56.0, 984.0
MOST_FANS = 6
STYLE = (
    ".verdict{font-size:1.12rem}.works tbody th{white-space:normal;width:32%}"
    ".fans{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:18px}"
)


def render(found: Assessment) -> str:
    """The page as HTML, one file, no script."""
    one = found.group
    parts = [_head(story.HEADLINES[found.verdict], story.paragraph(found), found)]
    parts.append(_section("The series and the flights", series_chart(found), _series_words(found.series)))
    if one.audit is not None:
        words = "How often the test finds a decline where nothing flew, in this very series, before any result is shown."
        parts.append(_section("Audit first", "", words, _paragraph(story.audit_line(one))))
    if one.power is not None:
        parts.append(_section("What could have been seen", power_chart(one), story.power_line(one.power)))
    if one.estimates is not None:
        parts.append(_fans(found, one))
        parts.append(
            _section(
                "The miss among the misses at other dates",
                placebo_chart(one),
                "Each bar counts placebo dates (or draws of one a flight): how far the same forecast was off there. Left is "
                "fewer than forecast. A decline is called where the flights stand in the left 5 % and the check agrees.",
                _results(one),
            )
        )
    if found.placebo is not None:
        parts.append(_natural(found.placebo))
    parts.append(_assumptions(document.assumptions(found), [*found.flags, *one.left_out]))
    parts.append(_literature())
    title = f"{found.series.kind} {found.series.place}".strip()
    return page(title=title, main="".join(parts), kicker="assess", version=__version__, style=STYLE)


def render_rate(found: RateOnly, flights: int, quiet_days: int | None) -> str:
    """The page where only a rate is known."""
    rows = [
        [one.words, *(story.percent(each.called) for each in one.seen), *_needed(one.flights_needed)]
        for one in found.stand_ins
    ]
    heads: list[str | Column] = [
        "Stand-in for the series",
        *(
            Column(f"fall {100 * each.fall:g} %" if each.fall else "no fall (error)", "number")
            for each in found.stand_ins[0].seen
        ),
        Column("flights for a fall of 30 %", "number"),
        Column("of 50 %", "number"),
    ]
    power = table(
        heads,
        rows,
        caption=f"Share of {found.stand_ins[0].seen[0].tries} simulated series in which a decline is called, "
        f"{found.flights} follow-ups of {found.window} days.",
    )
    more = ""
    if quiet_days is not None:
        chance = story.percent(quiet(found.rate_per_year, quiet_days))
        more = _paragraph(
            f"{quiet_days} days without an incident come about by chance in {chance} of cases at this rate, without any effect "
            "(and more often where incidents cluster)."
        )
    parts = [
        _lede("Cannot tell", story.rate_paragraph(found)),
        _section(
            "What could have been seen",
            "",
            f"{flights} flights, {found.flights} follow-ups that do not overlap, {found.expected:.1f} incidents expected in each.",
            str(power) + more,
        ),
        _literature(),
    ]
    title = f"{found.rate_per_year:g} incidents a year"
    return page(title=title, main="".join(parts), kicker="assess", version=__version__, style=STYLE)


def _needed(needed: dict[float, int | None]) -> list[str]:
    return ["no number" if one is None else f"about {one}" for one in needed.values()]


def _lede(headline: str, words: str, more: str = "") -> str:
    from markupsafe import escape

    return f'<div class="lede"><h1>{escape(headline)}</h1><p class="standfirst verdict">{escape(words)}</p>{more}</div>'


def _head(headline: str, words: str, found: Assessment) -> str:
    one = found.group
    figures = []
    if one.estimates is not None and one.effect is not None:
        high = f"{one.effect.high:.2f}" if one.effect.high < 5 else "> 5"
        figures = [
            ("Counted after", f"{one.observed}", f"forecast {one.expected:.1f}"),
            ("Factor", f"{one.effect.factor:.2f}", f"90 % interval {one.effect.low:.2f} to {high}"),
            ("By chance", story.percent(one.estimates.p_primary), "so far below the forecast, rank test"),
            ("Check", story.percent(one.estimates.p_ingarch), "the same, simulated forward"),
        ]
    cells = "".join(
        f'<div><dt>{name}</dt><dd><span class="value">{value}</span><span class="note">{note}</span></dd></div>'
        for name, value, note in figures
    )
    more = _paragraph(story.increase_line(one)) if story.increase_line(one) else ""
    return _lede(headline, words, more + (f'<dl class="figures">{cells}</dl>' if cells else ""))


def _section(title: str, figure: str, words: str = "", more: str = "") -> str:
    from markupsafe import escape

    shown = f'<figure><div class="scroll" tabindex="0" role="group" aria-label="{escape(title)}">{figure}</div></figure>'
    return f"<section><h2>{escape(title)}</h2>{_paragraph(words, 'deck') if words else ''}{shown if figure else ''}{more}</section>"


def _paragraph(words: str, style: str = "deck") -> str:
    from markupsafe import escape

    return f'<p class="{style}">{escape(words)}</p>'


def _seconds(series: Series, index: float) -> float:
    start = datetime(series.start.year, series.start.month, series.start.day, tzinfo=UTC).timestamp()
    return start + 86400.0 * index


def _series_words(series: Series) -> str:
    knowledge = (
        "each counted from the day it became known"
        if series.known is not None
        else "taken as known on their day"
    )
    return (
        f"{int(series.counts.sum()):,} {series.kind}, {series.start} to {series.end}, {series.rate_per_year:.0f} a year; "
        f"{knowledge}."
    )


def series_chart(found: Assessment) -> str:
    """Counts by week, or by four weeks where there are many years, with the flights as marks."""
    series = found.series
    if series.days < 2:
        return ""
    step = 7 if series.days <= 5 * 366 else 28
    whole = max(series.days // step, 1)
    totals = series.counts[: whole * step].reshape(whole, -1).sum(axis=1)
    x = charts.TimeAxis(_seconds(series, 0), _seconds(series, series.days), LEFT, RIGHT)
    y = charts.ValueAxis(0.0, max(float(totals.max()), 1.0) * 1.12, 228.0, 40.0)
    unit = "incidents a week" if step == 7 else "incidents in four weeks"
    edges = [x(_seconds(series, step * n)) for n in range(whole + 1)]
    parts = [*y.draw(LEFT, RIGHT, unit), *x.draw(228.0)]
    parts += charts.bars(edges, y(totals), 228.0, "s1", 0.4)
    for one in found.flights:
        at = x(_seconds(series, series.index(one.latest)))
        if LEFT <= at <= RIGHT:
            style = "s2" if one.occasion == "triggered" else "s3"
            parts.append(
                f'<path class="whisker {style}" d="M{at:.1f} 40V228"><title>{_safe(one.id)}, {one.earliest} to {one.latest}, '
                f"{one.occasion}</title></path>"
            )
    entries = [("bars", "s1", unit), ("curve", "s2", "flight, triggered")]
    if any(one.occasion == "scheduled" for one in found.flights):
        entries.append(("curve", "s3", "flight, of a calendar"))
    parts += charts.legend(LEFT, 268.0, entries, WIDTH)
    words = f"{unit.capitalize()} from {series.start} to {series.end}, {len(found.flights)} flights marked."
    return charts.figure("series", WIDTH, 284.0, "The series and the flights", words, parts)


def _safe(words: str) -> str:
    from html import escape

    return escape(words)


def fan(series: Series, one: Judged, window: int) -> Floats:
    """Quantiles (5, 25, 50, 75, 95 %) of the cumulative count that was to be expected, (5, window + 1).

    The placebo follow-ups, each scaled by the ratio of the forecasts.
    """
    total = np.concatenate([[0], np.cumsum(series.counts)])
    begin = one.dates + one.treatment.gap + 1
    paths = total[begin[:, None] + np.arange(window + 1)] - total[begin][:, None]
    scaled = paths * (one.expected / one.placebo_expected)[:, None]
    return np.quantile(scaled, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)


def _fans(found: Assessment, group: Group) -> str:
    assert group.estimates is not None
    judged = group.estimates.judged
    figures = [_fan_chart(found, one, n) for n, one in enumerate(judged[:MOST_FANS])]
    more = f" The first {MOST_FANS} of {len(judged)} are shown." if len(judged) > MOST_FANS else ""
    words = (
        "Incidents added up through the follow-up, against what the placebo dates let one expect: the middle half, and nine "
        f"tenths of them, in the wider band.{more}"
    )
    from markupsafe import escape

    cells = "".join(f"<figure>{one}</figure>" for one in figures)
    return f'<section><h2>Forecast and what came</h2><p class="deck">{escape(words)}</p><div class="fans">{cells}</div></section>'


def _fan_chart(found: Assessment, one: Judged, number: int) -> str:
    series, window = found.series, found.window
    bands = fan(series, one, window)
    begin = one.treatment.order + one.treatment.gap + 1
    came = np.concatenate([[0], np.cumsum(series.counts[begin : begin + window])])
    x = charts.ValueAxis(0.0, float(window), 40.0, 412.0)
    y = charts.ValueAxis(0.0, max(float(bands[-1].max()), float(came.max()), 1.0) * 1.08, 208.0, 36.0)
    days = np.arange(window + 1)
    parts = [*y.draw(40.0, 412.0)]
    parts += charts.band(x(days), y(bands[4]), y(bands[0]), "s1")
    parts += charts.band(x(days), y(bands[3]), y(bands[1]), "s1")
    parts += charts.curve(x(days), y(bands[2]), "s1")
    parts += charts.steps(np.append(x(days), 412.0), y(came), "s2")
    parts.append('<path class="axis" d="M40 208H412"/>')
    for tick in range(0, window + 1, 7):
        parts.append(charts.text(x(float(tick)), 226.0, f"{tick}", "small num mid"))
    parts.append(charts.text(226.0, 244.0, "days after the flight", "small quiet mid"))
    name = one.treatment.flight.id + (
        f" with {', '.join(one.treatment.within)}" if one.treatment.within else ""
    )
    parts.append(
        charts.text(40.0, 18.0, f"{name}: {one.observed} came, {one.expected:.1f} forecast", "strong")
    )
    words = f"{one.observed} incidents in {window} days, {bands[0][-1]:.1f} to {bands[4][-1]:.1f} expected in nine of ten cases."
    return charts.figure(f"fan{number}", 424.0, 252.0, f"Forecast and count after {name}", words, parts)


def placebo_chart(group: Group) -> str:
    """The distribution of the placebo statistic, the flights' own marked."""
    assert group.estimates is not None
    ranked = group.estimates.ranked
    low = min(float(ranked.placebo.min()), ranked.statistic)
    high = max(float(ranked.placebo.max()), ranked.statistic)
    pad = 0.04 * (high - low) + 1e-6
    edges = np.linspace(low - pad, high + pad, 41)
    heights = np.histogram(ranked.placebo, edges)[0] / ranked.placebo.size
    x = charts.ValueAxis(edges[0], edges[-1], LEFT, RIGHT)
    y = charts.ValueAxis(0.0, float(heights.max()) * 1.2, 208.0, 40.0)
    cut = float(np.quantile(ranked.placebo, 0.05))
    left = edges[1:] <= cut
    parts = [*y.draw(LEFT, RIGHT, "share of placebo dates")]
    parts += charts.bars(x(edges), y(np.where(left, 0, heights)), 208.0, "s1")
    parts += charts.bars(x(edges), y(np.where(left, heights, 0)), 208.0, "s6")
    parts.append(f'<path class="axis" d="M{LEFT} 208H{RIGHT}"/>')
    for tick in x.ticks(90.0):
        parts.append(charts.text(x(tick), 226.0, f"{tick:.10g}", "small num mid"))
    at = x(ranked.statistic)
    parts.append(f'<path class="event" d="M{at:.1f} 40V208"/>')
    end = at > 0.75 * RIGHT
    parts.append(
        charts.text(at + (-6 if end else 6), 52.0, "the flights", f"strong halo{' end' if end else ''}")
    )
    parts.append(
        charts.text(
            (LEFT + RIGHT) / 2,
            246.0,
            "fewer than forecast  –  miss on the square-root scale  –  more",
            "small quiet mid",
        )
    )
    words = f"The flights' miss is {ranked.statistic:.2f}; {story.percent(group.estimates.p_primary)} of placebo misses lie lower."
    return charts.figure("placebo", WIDTH, 256.0, "Placebo distribution", words, parts)


def power_chart(group: Group) -> str:
    """The chance to call a decline against the size of the fall."""
    assert group.power is not None
    seen = group.power.seen
    x = charts.ValueAxis(0.0, 1.0, LEFT, RIGHT)
    y = charts.ValueAxis(0.0, 1.0, 208.0, 40.0)
    falls = np.array([one.fall for one in seen])
    called = np.array([one.called for one in seen])
    ends = np.clip(np.array([one.interval() for one in seen]), 0, 1)
    parts = [f'<path class="axis" d="M{LEFT} 208H{RIGHT}"/>']
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        parts.append(f'<path class="rule" d="M{LEFT} {y(tick):.1f}H{RIGHT}"/>')
        parts.append(charts.text(LEFT - 8, y(tick) + 4, f"{tick:.0%}", "small num end"))
        parts.append(charts.text(x(tick), 226.0, f"{tick:.0%}", "small num mid"))
    parts += charts.band(x(falls), y(ends[:, 1]), y(ends[:, 0]), "s3")
    parts += charts.curve(x(falls), y(called), "s3")
    parts.append(f'<path class="event" d="M{LEFT} {y(0.8):.1f}H{RIGHT}"/>')
    parts.append(charts.text(RIGHT - 4, y(0.8) - 6, "seen in 80 % of cases", "small halo end"))
    parts.append(charts.text(LEFT, 28.0, "chance that a decline is called", "small quiet"))
    parts.append(charts.text((LEFT + RIGHT) / 2, 246.0, "true fall", "small quiet mid"))
    words = "; ".join(f"fall {one.fall:.0%}: {one.called:.0%}" for one in seen)
    return charts.figure("power", WIDTH, 256.0, "Power", words, parts)


def _results(one: Group) -> str:
    assert one.estimates is not None and one.audit is not None
    found = one.estimates
    naive = document.baseline.ratio(one.before, one.observed)
    rows: list[list[Any]] = [
        [
            "H, rank among placebo misses (primary)",
            f"{found.p_primary:.3f}",
            story.percent(one.audit.primary),
        ],
        ["I, NB-INGARCH simulated forward (check)", f"{found.p_ingarch:.3f}", ""],
        ["D, year-long baseline", f"{found.p_year_long:.3f}", ""],
    ]
    tests = table(
        [
            "Estimator",
            Column("p, one-sided", "number"),
            Column("finds a decline at pseudo-flights", "number"),
        ],
        rows,
        label="Estimators",
    )
    ratios = table(
        ["Plain before/after, never to be read alone", Column("factor", "number")],
        [
            ["after these flights", "–" if naive is None else f"{naive:.2f}"],
            [
                "after pseudo-flights in the same series",
                "–" if one.audit.naive_ratio is None else f"{one.audit.naive_ratio:.2f}",
            ],
        ],
        label="Naive factor and its placebo counterpart",
    )
    flights = table(
        ["Flight", Column("came", "number"), Column("forecast", "number"), Column("placebo dates", "number"),
         Column("separate follow-ups", "number"), Column("of them as high", "number")],
        [
            [each.treatment.flight.id, each.observed, f"{each.expected:.1f}", each.dates.size, each.windows, f"{each.as_high:.0%}"]
            for each in found.judged
        ],
        caption="Support: few placebo dates as high means that the flight stands at the edge of what the series knows.",
    )  # fmt: skip
    return f"{tests}{ratios}{flights}"


def _natural(one: Group) -> str:
    words = f"Flights of a calendar, which nothing triggered, tested the same way: {one.verdict}. {' '.join(one.reasons)}"
    effect = _paragraph(story.effect_line(one)) if one.effect and one.verdict != UNFIT else ""
    return _section("Natural placebo", "", words, effect)


def _assumptions(assumed: list[str], flagged: list[str]) -> str:
    from markupsafe import escape

    items = "".join(f"<li>{escape(one)}</li>" for one in [*flagged, *assumed])
    return f"<section><h2>What was assumed</h2><ul>{items}</ul></section>"


def _literature() -> str:
    rows = [[one.study, one.finding, one.read] for one in anchors.ANCHORS]
    made = table(["Study", "Finding", "Read"], rows, label="Published work", style="works")
    return _section("What published work says", "", anchors.PRIOR, str(made))
