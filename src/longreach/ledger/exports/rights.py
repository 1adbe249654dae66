"""What may leave: records with the texts taken out whose rights forbid it.

    free       everything
    quote      the report's saved text and the imported row stay here; the words of its claims leave
    withhold   no words of it leave: neither text nor row nor the words of its claims; what we coded does
    closed     nothing of it leaves: no report, claim, time, place, count, and no event known from it alone

`private` lets everything out, for a copy of one's own; the export then says so.
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from longreach.ledger import records
from longreach.ledger.records import Claim, Link, Record, Report
from longreach.ledger.view import View

TEXTS = {"quote": ("text", "row", "columns"), "withhold": ("text", "row", "columns")}


@dataclass(frozen=True, slots=True)
class Item:
    """A record that leaves, with the batch it came in and whether it still counts."""

    record: Record
    batch: str
    live: bool


@dataclass(frozen=True, slots=True)
class Released:
    """What leaves, in the order it came in, and what stays."""

    items: tuple[Item, ...]
    private: bool
    left_out: dict[str, int] = field(default_factory=dict)  # what -> how many

    def sentence(self) -> str:
        """What stays out, in words."""
        if self.private:
            return "everything is in it, texts whose rights forbid passing on too: for your own use"
        if not self.left_out:
            return "nothing had to stay out"
        return "left out for their rights: " + ", ".join(f"{n:,} {what}" for what, n in self.left_out.items())


def release(view: View, *, private: bool = False, replaced: bool = False) -> Released:
    """The live records that may leave (with `replaced` those replaced too, so that corrections read back)."""
    query = "select json, batch, status from record where status != 'dropped' order by seq"
    every = [
        Item(records.from_json(json.loads(text)), batch, state == "live")
        for text, batch, state in view.database.execute(query)
    ]
    # a link to what is not there says nothing
    held = [
        item
        for item in every
        if replaced or (item.live and getattr(item.record, "relation", "") != "replaces")
    ]
    if private:
        return Released(tuple(held), True)
    rights = {item.record.id: item.record.rights for item in every if isinstance(item.record, Report)}
    closed = _closed(every)
    left: Counter[str] = Counter()
    kept = []
    for item in held:
        record = item.record
        if record.id in closed:
            left[f"{record.kind} records"] += 1
            continue
        for name in _forbidden(record, rights):
            left[f"{record.kind} {name}s"] += 1
            record = dataclasses.replace(record, **{name: _EMPTY[name]})  # type: ignore[arg-type]
        if isinstance(record, Claim) and not (record.text or record.paraphrase):
            record = dataclasses.replace(record, paraphrase="(words withheld)")
        if isinstance(record, Report) and record.row is None and record.columns is not None:
            record = dataclasses.replace(record, columns=None)
        kept.append(Item(record, item.batch, item.live))
    return Released(tuple(kept), False, dict(sorted(left.items())))


_EMPTY: dict[str, object] = {"text": "", "row": None, "reading": "", "span": None}


def _forbidden(record: Record, rights: dict[str, str]) -> Iterator[str]:
    """The fields of a record that may not leave."""
    if isinstance(record, Report) and record.rights in ("quote", "withhold"):
        if record.text:
            yield "text"
        if record.row is not None:
            yield "row"
    elif isinstance(record, Claim) and rights.get(record.report) == "withhold":
        for name in ("text", "reading", "span"):
            if getattr(record, name):
                yield name


def _closed(every: list[Item]) -> set[str]:
    """Names of all that is closed: closed reports, all that hangs on them, events known from them alone."""
    closed = {
        item.record.id for item in every if isinstance(item.record, Report) and item.record.rights == "closed"
    }
    if not closed:
        return closed
    vouched: dict[str, set[str]] = {}
    for item in every:
        if isinstance(item.record, Link) and item.record.relation in records.TO_EVENT:
            vouched.setdefault(item.record.to, set()).add(item.record.from_)
    kinds = {item.record.id: item.record.kind for item in every}
    while True:
        before = len(closed)
        for item in every:
            record = item.record
            if record.id in closed:
                continue
            if any(id in closed for _, id, _ in records.refers_to(record)):
                closed.add(record.id)
            elif record.kind == "event":
                claims = {id for id in vouched.get(record.id, ()) if kinds.get(id) == "claim"}
                if claims and claims <= closed:
                    closed.add(record.id)
        if len(closed) == before:
            return closed
