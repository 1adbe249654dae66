"""`longreach ledger drop`"""

from __future__ import annotations

from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import Author, Where, author_name, open_ledger
from longreach.cli._output import Json, emit

app = typer.Typer(**PLAIN)


@app.command()
def drop(
    ids: Annotated[list[str], typer.Argument(help="Names of the records.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the log.")],
    with_parts: Annotated[bool, typer.Option("--with-parts", help="And all that hangs on them.")] = False,
    ledger: Where = None,
    author: Author = None,
    as_json: Json = False,
) -> None:
    """Put a tombstone on records. Their lines stay in the log, and `as-of` still shows what was known before."""
    gone = open_ledger(ledger).drop(ids, reason, author=author_name(author), with_parts=with_parts)
    if as_json:
        emit({"schema": "longreach.ledger.drop/1", "dropped": list(gone), "reason": reason})
    else:
        print(f"dropped: {', '.join(gone)}")
