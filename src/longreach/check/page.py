"""A judgement as one self-contained page: verdict, map, speeds, time line, claims that hold and break, sources."""

from __future__ import annotations

import html
from typing import Any

import numpy as np

from longreach import __version__, geodesy, page
from longreach.brief import globe
from longreach.brief.globe import Area, Line, Mark
from longreach.brief.projection import enclosing_cap
from longreach.check.claim import Place
from longreach.check.judgement import Judgement
from longreach.check.terminal import hours, moment
from longreach.check.tracks.match import utc
from longreach.page import charts
from longreach.page.charts import TimeAxis, ValueAxis
from longreach.page.tables import Row, table
from longreach.units import KNOT, NAUTICAL_MILE

_STYLE = """
.verdict { display: inline-block; padding: .15em .6em; border-radius: .3em; font-weight: 600; border: 2px solid currentColor }
"""


def render(judgement: Judgement) -> str:
    """The page of one judgement."""
    claim = judgement.claim
    headline, _, rest = judgement.sentence.rstrip(".").partition(";")
    if rest:
        rest += "."
    else:
        headline, _, rest = judgement.sentence.rstrip(".").partition(". ")
    parts = [
        f"<h1>{html.escape(headline)}.</h1>",
        f'<p><span class="verdict">{html.escape(judgement.verdict)}</span> Claim file SHA-256 '
        f"<code>{claim.sha256[:16]}</code>.</p>",
        f"<p>{html.escape(page.words.sentence(rest.strip()))}</p>" if rest else "",
        _section("The way", _map(judgement) + _lengths(judgement)),
        _section("Speed needed against speed possible", _speeds(judgement)),
    ]
    timeline = _timeline(judgement)
    if timeline:
        parts.append(_section("When, by each reading", timeline))
    parts.append(_section("What is said, and how it holds", _statements(judgement)))
    if judgement.conflicts:
        parts.append(_section("What cannot be true together", _conflicts(judgement)))
    if judgement.slips:
        parts.append(_section("Units and rounding", _items(judgement.slips)))
    if judgement.track is not None:
        parts.append(_section("What the tracks show", _tracks(judgement)))
    parts.append(_section("Notes and assumptions", _items(_assumptions(judgement))))
    parts.append(_section("Sources", _sources(judgement)))
    return page.page(
        title=claim.title, main="".join(parts), kicker="Check of a report", version=__version__,
        notice="Geometry never confirms a report; it contradicts it or leaves it standing.", style=_STYLE,
    )  # fmt: skip


def _section(title: str, body: str) -> str:
    return f"<section><h2>{html.escape(title)}</h2>{body}</section>"


def _items(lines: tuple[str, ...]) -> str:
    return "<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in lines) + "</ul>"


def _map(judgement: Judgement) -> str:
    claim = judgement.claim
    out = [p for p in (claim.origin, *claim.via, claim.turn) if p] if claim.turn else []
    home = list(claim.via[::-1]) if claim.home_same else []
    back = [p for p in (claim.turn, *home, *claim.stops, claim.destination) if p]
    chain = out or [p for p in (claim.origin, *claim.via, *claim.stops, claim.destination) if p]
    lines: list[Line] = []
    points: list[tuple[float, float]] = [(p.lat, p.lon) for p in chain]
    for style, places in (("out", chain), ("back", back if claim.turn else [])):
        if len(places) > 1:
            lat, lon, _ = geodesy.densify([p.lat for p in places], [p.lon for p in places], 50_000.0)
            lines.append(Line(lat, lon, style, "as claimed", arrows=1))
    areas: list[Area] = []
    seen = judgement.track
    if seen is not None:
        for track, legs in zip(seen.tracks, seen.legs, strict=True):
            for leg in legs:
                step = max(1, len(leg.lat) // 600)
                lines.append(
                    Line(leg.lat[::step], leg.lon[::step], "partner", track.callsign or track.id, arrows=0)
                )
                points += list(zip(leg.lat[::step].tolist(), leg.lon[::step].tolist(), strict=True))
        for gaps in seen.gaps:
            for gap in gaps:
                if gap.ring_lat.size:
                    ring = (
                        np.append(gap.ring_lat, gap.ring_lat[0]),
                        np.append(gap.ring_lon, gap.ring_lon[0]),
                    )
                    areas.append(Area((ring,), "", "where the aircraft can have been in a gap", "station"))
    if not points:
        return "<p>No place is named that could be drawn.</p>"
    lat, lon = np.array(points).T
    cap = enclosing_cap(lat, lon)
    view = globe.globe_view(cap, 760, 560)
    areas = [*_closed(judgement, view), *areas]
    marks = [
        Mark(
            place.lat,
            place.lon,
            place.name,
            place.name,
            "square" if k in (0, len(chain) - 1) else "dot",
            "lead",
            rank=int(k not in (0, len(chain) - 1)),
        )
        for k, place in enumerate(_once(chain))
    ]
    legend = [("out", "way claimed")]
    if claim.turn and back:
        legend.append(("back", "way home"))
    if seen is not None:
        legend.append(("partner", "track"))
        if any(gap.ring_lat.size for gaps in seen.gaps for gap in gaps):
            legend.append(("station", "where it can have been in a gap"))
    if any(area.style == "closed" for area in areas):
        legend.append(("closed", "kept out of"))
    what = f"The way claimed through {', '.join(place.name for place in _once(chain))}."
    from longreach.page.shell import figure_style

    return f"<style>{figure_style('longreach.brief', 'map.css')}</style>" + globe.svg(
        view,
        title="The way claimed",
        description=what,
        areas=areas,
        lines=lines,
        marks=marks,
        legend=legend,
        ident="way",
    )


def _once(places: list[Place]) -> list[Place]:
    return list(dict.fromkeys(places))


def _closed(judgement: Judgement, view: Any) -> list[Area]:
    from longreach.world import airspace

    codes = dict.fromkeys(
        (*judgement.claim.closed, *(c for s in judgement.claim.of("kept out") for c in s.closed))
    )
    if not codes or "ALL" in codes:
        return []
    tolerance = geodesy.EARTH_RADIUS / view.radius_px
    return [globe.closed_area(closure, tolerance) for closure in airspace.closures(list(codes))]


def _lengths(judgement: Judgement) -> str:
    rows = [
        (name, f"{value:,.0f} nm", f"{value * 1.852:,.0f} km", f"{value * 1.150779:,.0f} statute miles")
        for name, value in judgement.lengths_nm.items()
    ]
    return str(
        table(["Length at least", "Nautical", "Metric", "Statute"], rows, label="Least lengths of the way")
    )


def _speeds(judgement: Judgement) -> str:
    """Bars of speed needed, as printed and at least, against what the type does with and without the wind."""
    if not judgement.speeds or judgement.usual_mps is None or judgement.fastest_mps is None:
        return (
            "<p>The claim fixes no time, or the type is not judged: no speed can be set against another.</p>"
        )
    top = max([judgement.fastest_mps, *(s.needed_mps for s in judgement.speeds)]) / KNOT * 1.3
    x = ValueAxis(0.0, top, 260.0, 960.0)
    height = 56.0 + 34.0 * len(judgement.speeds)
    parts = []
    for tick in x.ticks(90.0):
        parts.append(f'<path class="rule" d="M{x(tick):.1f} 30V{height - 26:.1f}"/>')
        parts.append(charts.text(x(tick), height - 8.0, f"{tick:.0f} kt", "small num mid"))
    for k, speed in enumerate(judgement.speeds):
        y = 46.0 + 34.0 * k
        parts.append(charts.text(10.0, y + 5.0, speed.way, "small"))
        least, needed = speed.least_mps / KNOT, speed.needed_mps / KNOT
        tip = f"at least {least:.0f} kt, as printed {needed:.0f} kt"
        parts += charts.interval_across(y, x(least), x(needed), x(needed), "s1", tip)
        parts.append(
            charts.text(
                x(speed.needed_mps / KNOT) + 9.0, y - 6.0, f"{speed.needed_mps / KNOT:.0f} kt", "small halo"
            )
        )
    for value, words in (
        (judgement.usual_mps / KNOT, "cruise"),
        (judgement.fastest_mps / KNOT, "fastest for hours"),
    ):
        parts.append(f'<path class="event" d="M{x(value):.1f} 18V{height - 26:.1f}"/>')
        end = words == "cruise"
        parts.append(
            charts.text(
                x(value) + (-5 if end else 5),
                14.0,
                f"{words} {value:.0f} kt",
                f"small halo{' end' if end else ''}",
            )
        )
    said = "; ".join(f"{s.way} {s.needed_mps / KNOT:.0f} kt" for s in judgement.speeds)
    picture = charts.figure(
        "speed",
        1000,
        height,
        "Speed needed",
        f"Needed: {said}. Cruise {judgement.usual_mps / KNOT:.0f} kt.",
        parts,
    )
    chance = ""
    if judgement.possible is not None:
        share = judgement.possible
        words = "over 99 %" if share > 0.99 else "under 1 %" if share < 0.01 else f"{share:.0%}"
        decided = html.escape(judgement.decided_by)
        chance = f"<p>Chance that a flight as claimed was possible: {words}. What decides it: {decided}.</p>"
    fuel = ""
    if judgement.refuellings_at_least is not None:
        fuel = f"<p>Refuellings: at least {judgement.refuellings_at_least}. That is a bound, never what was needed.</p>"
    key = "The dot is the speed as printed, the line reaches to the least of any admissible reading."
    return f"{picture}<p>{key} Wind: {html.escape(judgement.wind)}.</p>{chance}{fuel}"


def _timeline(judgement: Judgement) -> str:
    """Every reading of a time as an interval, and the earliest and latest that all claims leave."""
    from longreach.check import readings

    rows: list[tuple[str, float, float, str]] = []
    for each in judgement.claim.statements:
        if each.kind in ("departure", "landing", "on station", "day"):
            taken = next(t for t in judgement.taken if t.id == each.id)
            for reading in readings.of(each, judgement.claim.reported, judgement.claim.offset_h):
                if reading.lo is None or reading.hi is None:
                    continue
                said = f"{reading.role}: {reading.how}" if each.kind == "day" else reading.how
                rows.append(
                    (
                        f"{each.id}: {reading.role}",
                        reading.lo,
                        reading.hi,
                        "s2" if said in taken.breaks else "s1",
                    )
                )
    for name, (early, late) in judgement.times.items():
        if early is not None and late is not None:
            rows.append((f"left for {name}", early, late, "s3"))
    if not rows:
        return ""
    low, high = min(r[1] for r in rows), max(r[2] for r in rows)
    pad = (high - low) * 0.03 + 1800.0
    x = TimeAxis(low - pad, high + pad, 260.0, 985.0)
    height = 40.0 + 22.0 * len(rows)
    parts = [*x.draw(height - 28.0, top=10.0)]
    for k, (words, first, last, style) in enumerate(rows):
        y = 22.0 + 22.0 * k
        parts.append(charts.text(10.0, y + 4.0, words, "small"))
        parts += charts.interval_across(
            y, x(first), x(last), None, style, f"{moment(first)} to {moment(last)} UTC"
        )
    parts += charts.legend(
        270.0,
        height + 18.0,
        [("whisker", "s1", "holds"), ("whisker", "s2", "breaks"), ("whisker", "s3", "what all claims leave")],
    )
    described = f"{len(rows)} intervals between {moment(low)} and {moment(high)} UTC."
    return charts.figure("when", 1000, height + 28.0, "Times by each reading", described, parts)


def _statements(judgement: Judgement) -> str:
    rows = []
    for taken in judgement.taken:
        source = judgement.claim.sources.get(taken.source, taken.source)
        detail = "; ".join([*(f"holds: {h}" for h in taken.holds), *(f"breaks: {b}" for b in taken.breaks)])
        rows.append(
            Row(
                [taken.id, taken.kind, taken.words, taken.verdict, detail or taken.note, source],
                bad=taken.verdict == "breaks",
            )
        )
    return str(
        table(
            ["Claim", "Of", "Words", "Verdict", "Readings", "Source"],
            rows,
            label="Statements and how they hold",
        )
    )


def _conflicts(judgement: Judgement) -> str:
    rows = []
    for conflict in judgement.conflicts:
        cures = "; ".join(f"{id}: {words}" for id, words in conflict.cures.items())
        kind = "sources differ" if conflict.rivals else "cannot all be true"
        rows.append(
            Row([", ".join(conflict.ids), kind, "; ".join(conflict.words), cures], bad=not conflict.rivals)
        )
    return str(
        table(
            ["Claims", "", "Why", "What each would have to be"],
            rows,
            label="Smallest sets that cannot be true together",
        )
    )


def _tracks(judgement: Judgement) -> str:
    seen = judgement.track
    out = []
    rows = [
        Row(
            [
                track.callsign or track.id,
                gate.verdict,
                f"{gate.placed:,} of {gate.points:,}",
                "; ".join(f.words for f in gate.findings) or "nothing found",
            ],
            bad=not gate.fit,
        )
        for track, gate in zip(seen.tracks, seen.gates, strict=True)
    ]
    out.append(
        str(table(["Track", "Gate", "Rows with a place", "Findings"], rows, label="Quality of the tracks"))
    )
    gaps = [
        Row(
            [
                utc(gap.start_s),
                hours(gap.end_s - gap.start_s),
                f"{gap.length_m / NAUTICAL_MILE:,.0f} nm",
                f"{gap.needed_mps / KNOT:.0f} kt",
                "possible" if gap.feasible else "too fast",
            ],
            bad=not gap.feasible,
        )
        for each in seen.gaps
        for gap in each
    ]
    if gaps:
        out.append(
            str(
                table(
                    ["Gap from (UTC)", "Lasts", "Far", "Speed needed", ""], gaps, label="Gaps in the tracks"
                )
            )
        )
    if seen.approaches:
        near = [
            (
                a.closure,
                f"{a.closest_m / NAUTICAL_MILE:,.1f} nm",
                utc(a.time_s),
                f"{a.least_m / NAUTICAL_MILE:,.1f} nm" if a.least_m > -9e8 else "anything",
            )
            for a in seen.approaches
        ]
        out.append(
            str(table(["Closed area", "Nearest", "At (UTC)", "Gaps allow"], near, label="Closest approaches"))
        )
    if judgement.matches:
        rows = [Row([m.id, m.verdict, m.words], bad=m.verdict == "spoken against") for m in judgement.matches]
        out.append(str(table(["Claim", "By the track", ""], rows, label="The track against the claim")))
    return "".join(out)


def _assumptions(judgement: Judgement) -> tuple[str, ...]:
    return (
        *judgement.notes,
        "Wind: " + judgement.wind,
        "A type is taken to be kept at most Mach 0.03 above its published cruise for hours.",
        "Ways are geodesics between the places named; the turn area and areas on the way may be entered anywhere.",
    )


def _sources(judgement: Judgement) -> str:
    sources = judgement.claim.sources
    if not sources:
        return "<p>The claim file names no source.</p>"
    return str(table(["Short", "Source"], list(sources.items()), label="Sources of the claim"))
