"""`longreach ledger show`"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import Where, clean, columns, open_ledger, read_view
from longreach.cli._output import Json, colour, emit, table
from longreach.ledger import View, records
from longreach.ledger.reading import count_words, place_words, span_words

app = typer.Typer(**{**PLAIN, "no_args_is_help": False})


@app.command()
def show(
    id: Annotated[
        str | None, typer.Argument(help="Name of a record; the whole ledger when left out.")
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="As known at that date or time.")] = None,
    ledger: Where = None,
    as_json: Json = False,
) -> None:
    """Show the ledger in a few lines, or one record with all that hangs on it and its history."""
    view = open_ledger(ledger).as_of(as_of) if as_of else read_view(ledger)
    if id is None:
        summary(view, as_json)
    else:
        _one(view, id, as_json)


def summary(view: View, as_json: bool) -> None:
    """The ledger in a few lines."""
    tail = view.tail
    counts = {kind: view.count(kind) for kind in records.KINDS}
    batches = view.batches()
    if as_json:
        emit({
            "schema": "longreach.ledger.show/1", "title": view.title, "lines": tail.seq, "head": tail.hash,
            "known_at": tail.time, "state_sha256": view.sha256(), "records": counts,
            "imports": [
                {"batch": b.id, "file": b.info.get("file"), "time": b.time, "author": b.author, "status": b.status,
                 "records": b.info.get("records")} for b in batches
            ],
        })  # fmt: skip
        return
    if not tail.seq:
        print("nothing was known then: the ledger begins later")
        return
    print(colour(clean(view.title or "a ledger"), "1"))
    print(f"{tail.seq:,} lines, the last of {tail.time[:16].replace('T', ' ')} UTC, head {tail.hash[:16]}")
    rows: list[tuple[str, str, str]] = []
    for kind, many in counts.items():
        if many:
            subs = view.database.execute(
                "select sub, count(*) from record where kind=? and status='live' group by sub order by 2 desc, 1",
                (kind,),
            ).fetchall()
            named = [f"{n:,} {sub}" for sub, n in subs if sub]
            more = ", ".join(named[:5]) + (f" and {len(named) - 5} more" if len(named) > 5 else "")
            rows.append(
                (kind, f"{many:,}", more if kind in ("entity", "event", "link", "count", "claim") else "")
            )
    if rows:
        print()
        columns([("kind", "held", "of which"), *rows], right=(1,))
    else:
        print("nothing in it yet")
    if batches:
        print()
        columns(
            [("import", "when", "by", "records", "file", "")]
            + [
                (b.id, b.time[:10], b.author, f"{b.info.get('records', 0):,}", str(b.info.get("file", "")),
                 "undone" if b.status != "live" else "")
                for b in batches
            ],
            right=(3,),
        )  # fmt: skip


def _one(view: View, id: str, as_json: bool) -> None:
    held = view.held(id)
    record = held.record
    document = records.to_json(record)
    hanging = _hanging(view, record)
    if as_json:
        emit({
            "schema": "longreach.ledger.record/1", "record": document, "line": held.seq, "time": held.time,
            "author": held.author, "batch": held.batch or None, "status": held.status,
            "gone": {"time": held.gone_time, "by": held.gone_by, "reason": held.gone_reason} if held.gone_time else None,
            "hanging": [records.to_json(each) for each in hanging],
        })  # fmt: skip
        return
    status = "" if held.status == "live" else f"  {colour(held.status, '31')}"
    print(colour(f"{record.kind} {record.id}", "1") + status)
    names = {name: spec.form for name, spec in records.fields_of(record.kind).items()}
    rows = [
        (name, clean(_value(view, names[name], value)))
        for name, value in document.items()
        if name not in ("kind", "id")
    ]
    table([(f"  {name}", value) for name, value in rows])
    if hanging:
        print()
        columns(
            [("", "id", "says"), *((each.kind, each.id, _says(view, each, record.id)) for each in hanging)],
            heading=False,
        )
    print()
    print(f"line {held.seq} of {held.time[:16].replace('T', ' ')} UTC, by {clean(held.author)}"
          + (f", import {held.batch}" if held.batch else ""))  # fmt: skip
    if held.status == "replaced":
        print(f"replaced by {held.gone_by} on {held.gone_time[:10]}: {clean(held.gone_reason)}")
    elif held.status == "dropped":
        print(f"dropped by {clean(held.gone_by)} on {held.gone_time[:10]}: {clean(held.gone_reason)}")


def _hanging(view: View, record: Any) -> list[Any]:
    found: list[Any] = []
    if record.kind == "entity":
        for report in view.all("report"):
            if report.source == record.id:
                found.append(report)
    elif record.kind == "report":
        found += view.claims(record.id)
    elif record.kind == "event":
        for claim, _ in view.claims_of(record.id):
            found += [claim, *view.times(claim.id), *view.places(claim.id), *view.counts(claim.id)]
    elif record.kind == "claim":
        found += [*view.times(record.id), *view.places(record.id), *view.counts(record.id)]
    return [*found, *view.links(from_=record.id), *view.links(to=record.id)]


def _value(view: View, form: str, value: Any) -> str:
    if form == "ref":
        other = view.find(view.current(value))
        name = getattr(other, "name", "") or getattr(other, "title", "")
        return f"{value} ({name})" if name else str(value)
    if form == "chain":
        return " > ".join(
            f"{source} {relation}" if n < len(value) - 1 else source
            for n, (source, relation) in enumerate(value)
        )
    if form in ("texts", "refs"):
        return ", ".join(value)
    if form == "row":
        return f"{len(value)} cells"
    return str(value)


def _says(view: View, record: Any, of: str) -> str:
    if record.kind == "time":
        return f"{record.role}: {span_words(record)}" + (f'  "{record.text}"' if record.text else "")
    if record.kind == "place":
        return f"{record.role}: {place_words(record)}"
    if record.kind == "count":
        return count_words(record) + (f"  ({record.scope})" if record.scope else "")
    if record.kind == "link":
        away = record.to if record.from_ == of else record.from_
        other = view.find(view.current(away))
        name = getattr(other, "title", "") or getattr(other, "paraphrase", "") or getattr(other, "text", "")
        arrow = f"{record.relation} {away}" if record.from_ == of else f"{away} {record.relation} this"
        return arrow + (f" ({name})" if name else "")
    return str(
        getattr(record, "paraphrase", "") or getattr(record, "title", "") or getattr(record, "text", "")
    )
