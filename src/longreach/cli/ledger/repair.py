"""`longreach ledger repair`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import Where, open_ledger
from longreach.cli._output import Json, emit

app = typer.Typer(**{**PLAIN, "no_args_is_help": False})


@app.command()
def repair(
    copy: Annotated[
        Path | None, typer.Option("--copy", help="Another copy of this ledger to take lines from.")
    ] = None,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept-loss", help="End the log before the damage; what follows goes to a file beside it."
        ),
    ] = False,
    ledger: Where = None,
    as_json: Json = False,
) -> None:
    """Put a damaged log right where that can be proved; nothing is thrown away.

    Exit code 0 where the log is whole afterwards, 1 where it is not.
    """
    from longreach.ledger import damage

    book = open_ledger(ledger)
    found = damage.repair(book, copy=copy, accept=accept)
    if as_json:
        emit({
            "schema": "longreach.ledger.repair/1", "ledger": str(book.path), "whole": found.whole,
            "done": list(found.done),
        })  # fmt: skip
    else:
        for each in found.done:
            print(each)
        if found.whole:
            print(f"{book.path}: whole" + ("" if found.done else "; nothing had to be done"))
        else:
            print(
                f"{book.path}: still damaged, see `longreach ledger verify`; --copy FILE or --accept-loss go on from here"
            )
    if not found.whole:
        raise typer.Exit(1)
