"""`longreach ledger duplicates`"""

from __future__ import annotations

from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import Where, clean, read_view
from longreach.cli._output import Json, emit

app = typer.Typer(**{**PLAIN, "no_args_is_help": False})
_LIMIT = 20


@app.command()
def duplicates(
    batch: Annotated[
        str | None, typer.Option("--batch", help="Only pairs with a record of this import.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", help="At most so many pairs; 0 for all.")] = _LIMIT,
    ledger: Where = None,
    as_json: Json = False,
) -> None:
    """Propose records that may be the same thing, with reasons for and against. Nothing is merged.

    `longreach ledger add link --from A --to B --relation same` (or different) settles a pair.
    """
    from longreach.errors import Fault, InputError
    from longreach.ledger.duplicates import propose

    view = read_view(ledger)
    known = [each.id for each in view.batches()]
    if batch is not None and batch not in known:
        raise InputError(
            Fault(f"there is no import {batch!r}", hint=f"imports: {', '.join(known) or 'none'}")
        )
    pairs = propose(view, batch=batch)
    shown = pairs[:limit] if limit else pairs
    if as_json:
        emit({
            "schema": "longreach.ledger.duplicates/1", "found": len(pairs),
            "pairs": [
                {"kind": p.kind, "first": p.first, "second": p.second, "score": p.score, "reasons": list(p.reasons),
                 "against": list(p.against)} for p in shown
            ],
        })  # fmt: skip
        return
    for pair in shown:
        print(f"{pair.first}  {pair.second}  (score {pair.score:g})")
        for id in (pair.first, pair.second):
            record = view.get(id)
            print(f"  {id}: {clean(getattr(record, 'title', ''))}")
        print(f"  for: {clean('; '.join(pair.reasons))}")
        if pair.against:
            print(f"  against: {clean('; '.join(pair.against))}")
    if len(pairs) > len(shown):
        print(f"and {len(pairs) - len(shown):,} more; --limit 0 shows all")
    if pairs:
        print("Settle one with `longreach ledger add link --from A --to B --relation same` or `different`.")
    else:
        print("nothing looks like the same thing twice")
