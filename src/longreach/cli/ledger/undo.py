"""`longreach ledger undo`"""

from __future__ import annotations

from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import Author, Where, author_name, open_ledger
from longreach.cli._output import Json, emit

app = typer.Typer(**PLAIN)


@app.command()
def undo(
    batch: Annotated[str, typer.Argument(help="The batch, as `ledger import` and `ledger show` name it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "import undone",
    ledger: Where = None,
    author: Author = None,
    as_json: Json = False,
) -> None:
    """Put a tombstone on all that one import brought in. What others hang on stays; the lines stay in the log."""
    dropped, kept = open_ledger(ledger).undo(batch, reason, author=author_name(author))
    if as_json:
        emit({"schema": "longreach.ledger.undo/1", "batch": batch, "dropped": dropped, "kept": kept})
        return
    print(f"{batch}: {dropped:,} records dropped")
    if kept:
        names = ", ".join(kept[:8]) + (f" and {len(kept) - 8:,} more" if len(kept) > 8 else "")
        print(f"  kept, because records outside the batch hang on them: {names}")
