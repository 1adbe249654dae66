"""`longreach ledger init`"""

from __future__ import annotations

from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import Author, Where, author_name, ledger_path
from longreach.cli._output import Json, emit

app = typer.Typer(**{**PLAIN, "no_args_is_help": False})


@app.command()
def init(
    title: Annotated[str, typer.Argument(help="What the ledger is about.")] = "",
    ledger: Where = None,
    author: Author = None,
    as_json: Json = False,
) -> None:
    """Start a new, empty ledger."""
    from longreach.ledger import Ledger

    path = ledger_path(ledger)
    Ledger.create(path, title=title or path.stem, author=author_name(author))
    if as_json:
        emit({"schema": "longreach.ledger.init/1", "ledger": str(path), "title": title or path.stem})
    else:
        print(f"{path}: an empty ledger. Add to it with `longreach ledger add` or `longreach ledger import`.")
