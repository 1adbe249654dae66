"""`longreach ledger page`"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._evidence import AsOf, evidence_of
from longreach.cli._ledger import Where, read_view
from longreach.cli._output import Json, emit
from longreach.cli.ledger.read import day_given

app = typer.Typer(**{**PLAIN, "no_args_is_help": False})


@app.command()
def page(
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")] = Path("ledger.html"),
    ledger: Where = None,
    at: Annotated[
        str | None,
        typer.Option("--at", help="Only reports up to that day; default the last change."),
    ] = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Write the ledger's page: timeline, map, claims and chains."""
    import numpy as np

    from longreach import __version__
    from longreach.document import write_atomically
    from longreach.watch.lists import WatchList
    from longreach.watch.page import render_ledger
    from longreach.watch.standing import stand

    evidence = evidence_of(ledger, as_of)
    view = read_view(ledger)
    day = day_given(at, "--at") or date.fromisoformat(view.tail.time[:10])
    standing = stand(evidence, WatchList(title=view.title), day, np.random.default_rng(1))
    write_atomically(output, render_ledger(standing, __version__).encode())
    if as_json:
        emit({"schema": "longreach.ledger.page/1", "page": str(output)})
    else:
        print(output)
