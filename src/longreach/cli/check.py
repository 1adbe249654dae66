"""`longreach check CLAIM.toml...`"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from longreach.cli import PLAIN
from longreach.cli._output import Json, Progress, colour, emit, shows_colour

app = typer.Typer(**PLAIN)


@app.command()
def check(
    claims: Annotated[
        list[Path] | None, typer.Argument(metavar="CLAIM.toml", help="Claim files; several are told in turn.")
    ] = None,
    track: Annotated[
        list[Path] | None,
        typer.Option("--track", metavar="FILE", help="A track of the flight; may be repeated."),
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="FILE.html", help="Write a page of one claim.")
    ] = None,
    table: Annotated[
        Path | None, typer.Option("--table", metavar="FILE.md", help="Write a table of all the claims given.")
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option("--ledger", metavar="FILE", help="Take the claims of --event from a ledger instead."),
    ] = None,
    event: Annotated[str, typer.Option("--event", metavar="ID", help="A flight of the ledger.")] = "",
    aircraft: Annotated[str, typer.Option("--aircraft", metavar="TYPE", help="Of the ledger's flight.")] = "",
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE.toml", help="Keep the claim file made from the ledger."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the reckoning of chance.")] = 0,
    as_json: Json = False,
) -> None:
    """Say whether a flight could have happened as reported.

    Exit code 0 where it could have, or cannot be tested; 1 where it is contradicted; 2 bad input.
    """
    from longreach import check as checking
    from longreach.check import document
    from longreach.errors import Fault, InputError

    claims = claims or []
    if bool(claims) == bool(ledger) or bool(ledger) != bool(event):
        raise InputError(
            Fault("give claim files, or --ledger with --event", hint="longreach check examples/claims/*.toml")
        )
    if (track or page) and len(claims) > 1:
        raise InputError(Fault("--track and --page go with one claim", hint="check them one after another"))
    read = [checking.load(path) for path in claims]
    if ledger:
        from longreach.check.from_ledger import text
        from longreach.document import write_atomically

        made = text(ledger, event, aircraft)
        if save:
            write_atomically(save, made.encode())
        read = [checking.parse(made, f"{ledger}:{event}")]
    judged: list[Any] = []
    with Progress() as progress:
        for number, claim in enumerate(read):
            progress(claim.title[:60], number / len(read))
            judged.append(checking.judge(claim, tracks=_tracks(track), seed=seed))
    if page:
        from longreach.check.page import render
        from longreach.document import write_atomically

        write_atomically(page, render(judged[0]).encode())
    if table:
        from longreach.check.history import markdown
        from longreach.document import write_atomically

        write_atomically(table, markdown(judged).encode())
    if as_json:
        documents = [document.of(each) for each in judged]
        emit(documents[0] if len(documents) == 1 else {"schema": document.SCHEMA_MANY, "checks": documents})
    else:
        from longreach.check.terminal import report

        width = min(shutil.get_terminal_size((100, 24)).columns, 110)
        paint = colour if shows_colour(sys.stdout) else None
        print(("\n" + "-" * width + "\n").join(report(each, width, paint) for each in judged))
        for written in (page, table):
            if written:
                print(f"wrote {written}")
    if any(each.contradicted for each in judged):
        raise typer.Exit(1)


def _tracks(paths: list[Path] | None) -> tuple[Any, ...]:
    if not paths:
        return ()
    from longreach.check.tracks import read

    return tuple(found for path in paths for found in read(path))
