"""`longreach ledger verify`"""

from __future__ import annotations

from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import Where, open_ledger
from longreach.cli._output import Json, colour, emit

app = typer.Typer(**{**PLAIN, "no_args_is_help": False})


@app.command()
def verify(
    head: Annotated[
        str | None, typer.Option("--head", help="A hash noted earlier: is it still in the log?")
    ] = None,
    ledger: Where = None,
    as_json: Json = False,
) -> None:
    """Check every line of the log; say where it was changed, and by which byte where that can be proved.

    Exit code 0 where the log is whole, 1 where it is not.
    """
    from longreach.ledger import damage

    book = open_ledger(ledger)
    book.notice = lambda text: None
    found = damage.verify(book, head=head)
    whole = not found.wrong and found.head is not False
    if as_json:
        emit({
            "schema": "longreach.ledger.verify/1", "ledger": str(book.path), "whole": whole, "lines": found.lines,
            "bytes": found.size, "records": found.records, "head": found.tail.hash, "known_at": found.tail.time,
            "state_sha256": found.state_sha256, "head_found": found.head, "unfinished": found.unfinished,
            "sound_lines_after": found.later,
            "damage": [
                {
                    "line": each.damage.line, "byte": each.damage.offset, "what": each.damage.what,
                    "torn": each.damage.torn,
                    "edit": {
                        "byte": each.edit.offset, "found": each.edit.found.decode("latin-1"),
                        "should_be": each.edit.should_be.decode("latin-1"),
                    } if each.edit else None,
                }
                for each in found.wrong
            ],
        })  # fmt: skip
    else:
        word = colour("whole", "32") if not found.wrong else colour("damaged", "31")
        print(f"{book.path}: {word}, {found.lines:,} lines in order, {found.records:,} records held")
        print(f"  head   {found.tail.hash}  (line {found.tail.seq}, {found.tail.time[:19]}Z)")
        print(f"  state  {found.state_sha256}")
        if found.head is not None:
            print(f"  {'holds' if found.head else colour('does not hold', '31')} the hash given")
        if found.unfinished:
            print(
                f"  {found.unfinished} lines at the end belong to a change that never became whole; they do not count"
            )
        for each in found.wrong:
            print(f"  {each.damage}")
            if each.edit:
                print(f"    {each.edit}: that gives the line its hash again")
        if found.later:
            print(f"  {found.later:,} lines after the first damage have the hash they state")
        if found.wrong:
            torn = all(each.damage.torn for each in found.wrong)
            proved = all(each.damage.torn or each.edit for each in found.wrong)
            what = (
                "`longreach ledger repair` sets the unfinished end aside; nothing acknowledged is lost"
                if torn
                else "`longreach ledger repair` puts it right"
                if proved
                else "`longreach ledger repair --copy FILE` takes lines from another copy of this ledger"
            )
            print(f"  {what}")
    if not whole:
        raise typer.Exit(1)
