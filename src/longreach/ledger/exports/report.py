"""The ledger on one page to print: what happened, when, how many, who says so, and what stays out.

Totals are given with and without what comes from parties to the conflict, and never across units.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from longreach.ledger.exports.rights import Released
from longreach.ledger.reading import count_words, place_words, span_words
from longreach.ledger.records import TO_EVENT, Claim, Count, Entity, Event, Link, Place, Record, Time
from longreach.ledger.view import View

MOST_EVENTS = 60
MOST_CLAIMS = 60


def write(view: View, released: Released) -> bytes:
    """The page. Only what may leave is on it."""
    from markupsafe import Markup, escape

    from longreach import __version__
    from longreach.page import Column, page, table, words

    held = [item.record for item in released.items if item.live]
    by_id = {record.id: record for record in held}
    parts: dict[str, list[Record]] = {}
    about: dict[str, list[Claim]] = {}
    for record in held:
        if isinstance(record, Time | Place | Count):
            parts.setdefault(view.current(record.of), []).append(record)
        elif isinstance(record, Link) and record.relation in TO_EVENT:
            claim = by_id.get(view.current(record.from_))
            if isinstance(claim, Claim):
                about.setdefault(view.current(record.to), []).append(claim)
    events = [record for record in held if isinstance(record, Event)]
    claims = [record for record in held if isinstance(record, Claim)]
    entities = {record.id: record for record in held if isinstance(record, Entity)}
    first = sorted(
        _first(parts, about.get(event.id, ())) for event in events if _first(parts, about.get(event.id, ()))
    )
    days = [words.date(datetime.fromisoformat(each[:10])) for each in (first[0], first[-1])] if first else []
    span = "" if not days else f" from {days[0]} to {days[1]}" if days[0] != days[1] else f" of {days[0]}"
    told = words.count(len(events), "event")
    said = words.count(len(claims), "claim")
    heading = f"{told[0].upper()}{told[1:]}{span}, {said} from {words.count(len({c.report for c in claims}), 'report')}"
    out = [
        Markup('<div class="lede"><h1>{}</h1><p class="standfirst">{}</p></div>').format(
            heading,
            "What is claimed, not what is so: each line says who says it, and how far they are believed.",
        )
    ]
    events.sort(key=lambda event: _first(parts, about.get(event.id, ())) or "9999")
    rows = [_event_row(event, about.get(event.id, ()), parts, entities) for event in events[:MOST_EVENTS]]
    if rows:
        more = f"The first {MOST_EVENTS} of {len(events):,}, by date." if len(events) > MOST_EVENTS else ""
        heads = ["When", "What", "Where", "How many", "Claims"]
        out.append(
            Markup("<section><h2>Events</h2>{}</section>").format(
                table(heads, rows, label="Events", caption=more)
            )
        )
    totals = _totals(claims, parts, entities)
    if totals:
        columns: list[str | Column] = [
            "Counted",
            Column("Claims", "number"),
            "Least to most",
            "Without parties to the conflict",
        ]
        caption = "Sums of what single claims say; the same thing may be counted in several claims. Units are never added up."
        out.append(
            Markup("<section><h2>Counts</h2>{}</section>").format(
                table(columns, totals, label="Counts", caption=caption)
            )
        )
    rows = [
        (
            claim.id,
            claim.paraphrase or claim.text,
            " > ".join(
                entities[step.source].name if step.source in entities else step.source for step in claim.chain
            ),
            f"{claim.reliability or '–'}{claim.credibility or '–'}",
            claim.stance,
        )
        for claim in claims[:MOST_CLAIMS]
    ]
    if rows:
        more = f"The first {MOST_CLAIMS} of {len(claims):,}. " if len(claims) > MOST_CLAIMS else ""
        caption = f"{more}Code: reliability A-F of the source, credibility 1-6 of what it says, – not coded."
        heads = ["Claim", "Says", "Chain, from the reader's end", "Code", "Stance"]
        out.append(
            Markup("<section><h2>Claims</h2>{}</section>").format(
                table(heads, rows, label="Claims", caption=caption)
            )
        )
    tail = view.tail
    out.append(
        Markup(
            "<section><h2>How this page was made</h2><p>{}</p><p>{}</p>"
            '<p class="hash">Log: line {}, hash {}.<br>State: {}.</p></section>'
        ).format(
            f"It shows what was known on {tail.time[:10]} at {tail.time[11:16]} UTC.",
            words.sentence(released.sentence()),
            tail.seq, tail.hash, view.sha256(),
        )
    )  # fmt: skip
    return page(
        title=view.title or "Ledger",
        kicker="ledger",
        main=str(escape(Markup("").join(out))),
        version=__version__,
        style=".data tbody th{white-space:normal;min-width:8.5rem}.data td{max-width:34rem}",
    ).encode()


def _first(parts: dict[str, list[Record]], claims: Sequence[Claim]) -> str:
    """The earliest instant at which an event may have begun, or ""."""
    found = [
        part.start_earliest
        for claim in claims
        for part in parts.get(claim.id, ())
        if isinstance(part, Time) and part.start_earliest
    ]
    return min(found, default="")


def _event_row(
    event: Event, claims: Sequence[Claim], parts: dict[str, list[Record]], entities: dict[str, Entity]
) -> tuple[Any, ...]:
    mine = [part for claim in claims for part in parts.get(claim.id, ())]
    when = dict.fromkeys(
        span_words(part) for part in mine if isinstance(part, Time) and part.role != "window"
    )
    where = dict.fromkeys(part.name or place_words(part) for part in mine if isinstance(part, Place))
    many = dict.fromkeys(count_words(part) for part in mine if isinstance(part, Count))
    said = f"{len(claims)}"
    if any(_party(claim, entities) for claim in claims):
        said += ", of a party"
    return "; ".join(when) or "not known", event.title, "; ".join(where), "; ".join(many), said


def _party(claim: Claim, entities: dict[str, Entity]) -> bool:
    """Whether the last source of a claim's chain is party to the conflict."""
    last = entities.get(claim.chain[-1].source) if claim.chain else None
    return bool(last and last.party)


def _totals(
    claims: Sequence[Claim], parts: dict[str, list[Record]], entities: dict[str, Entity]
) -> list[tuple[str, str, str, str]]:
    """Unit, how many claims, the sum from least to most, and the same without parties to the conflict."""
    counts: dict[str, list[tuple[Count, bool]]] = {}
    for claim in claims:
        for part in parts.get(claim.id, ()):
            if isinstance(part, Count) and not part.ordinal:
                counts.setdefault(part.unit, []).append((part, _party(claim, entities)))
    return [
        (unit, f"{len(found):,}", _sum([c for c, _ in found]), _sum([c for c, party in found if not party]))
        for unit, found in sorted(counts.items())
    ]


def _sum(counts: Sequence[Count]) -> str:
    if not counts:
        return "none"
    lo = sum(c.lo if c.lo is not None else c.best or 0 for c in counts)
    highs = [c.hi if c.hi is not None else c.best if c.lo is None else None for c in counts]
    hi = None if any(high is None for high in highs) else sum(high for high in highs if high is not None)
    if hi is None:
        return f"{lo:,g} or more"
    return f"{lo:,g}" if lo == hi else f"{lo:,g} to {hi:,g}"
