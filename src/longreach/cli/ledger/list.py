"""`longreach ledger list`"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import Where, columns, open_ledger, read_view
from longreach.cli._output import Json, emit
from longreach.errors import Fault, InputError
from longreach.ledger import View, records
from longreach.ledger.reading import count_words, place_words, span_words

app = typer.Typer(**PLAIN)
_LIMIT = 50


@app.command("list")
def list_(
    kind: Annotated[
        str, typer.Argument(help="entity, report, claim, event (or incident, flight ...), link, time ...")
    ],
    having: Annotated[str | None, typer.Option("--having", help="Only with this text in them.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="At most so many lines; 0 for all.")] = _LIMIT,
    as_of: Annotated[str | None, typer.Option("--as-of", help="As known at that date or time.")] = None,
    ledger: Where = None,
    as_json: Json = False,
) -> None:
    """List records of one kind."""
    if limit < 0:
        raise InputError(Fault(f"--limit is {limit}; it is 0 or more"))
    one = kind.removesuffix("s")
    sub = one if one in records.EVENT_TYPES else None
    kind = records.kind_named(kind) if sub is None else "event"
    view = open_ledger(ledger).as_of(as_of) if as_of else read_view(ledger)
    found = list(view.all(kind, sub))
    if having:
        word = having.lower()
        found = [
            record
            for record in found
            if any(word in str(v).lower() for v in records.to_json(record).values())
        ]
    if as_json:
        emit({
            "schema": "longreach.ledger.list/1", "kind": kind, "found": len(found),
            "records": [records.to_json(record) for record in (found[:limit] if limit else found)],
        })  # fmt: skip
    else:
        heads, row = ROWS[kind]
        shown = found[:limit] if limit else found
        if shown:
            columns([heads, *(row(view, record) for record in shown)])
        if len(found) > len(shown):
            print(f"and {len(found) - len(shown):,} more; --limit 0 shows all, --having WORD fewer")
    if not found:
        if not as_json:
            print(f"no {kind}" + (f" with {having!r} in it" if having else ""))
        raise typer.Exit(1)


def _claim(view: View, claim: Any) -> tuple[object, ...]:
    code = f"{claim.reliability or '-'}{claim.credibility or '-'}"
    return claim.id, code, ">".join(step.source for step in claim.chain), claim.paraphrase or claim.text


def _event(view: View, event: Any) -> tuple[object, ...]:
    claims = view.claims_of(event.id)
    times = [time for claim, _ in claims for time in view.times(claim.id)]
    counts = [count for claim, _ in claims for count in view.counts(claim.id)]
    when = "; ".join(dict.fromkeys(span_words(time) for time in times))
    many = "; ".join(dict.fromkeys(count_words(count) for count in counts))
    return event.id, event.type, when, many, len(claims), event.title


def _party(entity: Any) -> str:
    return "" if entity.party is None else "party" if entity.party else "no party"


ROWS: dict[str, tuple[tuple[str, ...], Callable[[View, Any], tuple[object, ...]]]] = {
    "entity": (
        ("id", "type", "A-F", "party", "name"),
        lambda view, e: (e.id, e.type, "".join(rating.letter for rating in e.reliability), _party(e), e.name),
    ),
    "report": (
        ("id", "source", "published", "rights", "title"),
        lambda view, r: (r.id, r.source, r.published, r.rights, r.title or r.url),
    ),
    "claim": (("id", "code", "chain", "says"), _claim),
    "event": (("id", "type", "when", "how many", "claims", "title"), _event),
    "link": (
        ("id", "from", "relation", "to", "reason"),
        lambda view, k: (k.id, k.from_, k.relation, k.to, k.scope or k.reason),
    ),
    "time": (
        ("id", "of", "role", "when", "words"),
        lambda view, t: (t.id, t.of, t.role, span_words(t), t.text),
    ),
    "place": (("id", "of", "role", "where"), lambda view, p: (p.id, p.of, p.role, place_words(p))),
    "count": (
        ("id", "of", "how many", "words", "scope"),
        lambda view, n: (n.id, n.of, count_words(n), n.text, n.scope),
    ),
    "assessment": (
        ("id", "date", "likelihood", "confidence", "statement"),
        lambda view, a: (a.id, a.date, a.likelihood, a.confidence, a.statement),
    ),
}
