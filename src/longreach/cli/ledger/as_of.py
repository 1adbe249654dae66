"""`longreach ledger as-of`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import Where, open_ledger
from longreach.cli._output import Json
from longreach.cli.ledger.show import summary

app = typer.Typer(**PLAIN)


@app.command("as-of")
def as_of(
    when: Annotated[
        str, typer.Argument(help="2020-12-10 (end of that day, UTC), 2020-12-10T09:25Z, or line:120.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write the records as they stood, one JSON text a line."),
    ] = None,
    ledger: Where = None,
    as_json: Json = False,
) -> None:
    """Show what was known at an instant: exactly that, whatever was added, corrected or dropped since."""
    from longreach.errors import Fault, InputError

    book = open_ledger(ledger)
    line = when.removeprefix("line:") if when.startswith("line:") else None
    if line is not None and not line.isdigit():
        raise InputError(Fault(f"{when!r} is not a line", hint="write for example line:120"))
    view = book.as_of(int(line) if line is not None else when)
    if output is not None:
        from longreach.document import write_atomically

        write_atomically(output, "".join(f"{each}\n" for each in view.lines()).encode())
    summary(view, as_json)
    if not as_json:
        print(f"\nstate {view.sha256()}" + (f", written to {output}" if output else ""))
