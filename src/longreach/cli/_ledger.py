"""What the verbs that read or write a ledger share: which one is meant, who writes, how records are shown."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longreach.errors import Fault, InputError

if TYPE_CHECKING:
    from longreach.ledger import Ledger, View

Where = Annotated[
    Path | None,
    typer.Option("--ledger", "-l", help="The ledger (default: LONGREACH_LEDGER, or ledger.jsonl here)."),
]
Author = Annotated[
    str | None,
    typer.Option("--author", help="Who writes (default: LONGREACH_AUTHOR, or the name of the account)."),
]
DEFAULT = "ledger.jsonl"


def say(text: str) -> None:
    """A remark on stderr."""
    print(f"longreach: {text}", file=sys.stderr, flush=True)


def ledger_path(given: Path | None) -> Path:
    """The ledger that is meant."""
    return given or Path(os.environ.get("LONGREACH_LEDGER") or DEFAULT)


def open_ledger(given: Path | None) -> Ledger:
    """The ledger that is meant; what is put right on the way is told on stderr."""
    from longreach.ledger import Ledger

    return Ledger(ledger_path(given), notice=say)


def read_view(given: Path | None) -> View:
    """What the ledger holds now; where it is damaged, what stands before the damage, which is told on stderr."""
    book = open_ledger(given)
    reading = book.read()
    if reading.damage:
        from longreach.ledger import DamagedLedger

        if reading.damage.torn:
            say(f"{book.path}: {reading.damage}; the next change sets it aside")
        else:
            say(f"{DamagedLedger(book.path, reading.damage)}")
    return reading.view


def author_name(given: str | None) -> str:
    """Who writes.

    Raises: InputError where that is not known.
    """
    import getpass

    name = given or os.environ.get("LONGREACH_AUTHOR")
    if name:
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise InputError(Fault("who writes is not known", hint="say --author NAME")) from None


def clean(text: object) -> str:
    """Text for a terminal: no control characters, on one line."""
    return "".join(
        " "
        if each in "\n\t\r"
        else "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(each) in ("Cc", "Cs")
        else each
        for each in str(text)
    )


def width(text: str) -> int:
    """Columns that a text takes on a terminal: wide characters two, combining ones none."""
    return sum(
        0 if unicodedata.combining(each) or unicodedata.category(each) in ("Mn", "Me", "Cf")
        else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in text
    )  # fmt: skip


def cut(text: str, columns: int) -> str:
    """`text` in at most so many columns, three dots where it was longer."""
    if width(text) <= columns:
        return text
    kept, used = "", 0
    for each in text:
        used += width(each)
        if used > columns - 3:
            break
        kept += each
    return kept.rstrip() + "..."


def columns(rows: Sequence[Sequence[object]], right: Sequence[int] = (), heading: bool = True) -> None:
    """Print rows under a heading in columns; the widest gives way so that lines fit the terminal.

    Where stdout is not a terminal nothing is cut.
    """
    cells = [[clean(cell) for cell in row] for row in rows]
    if not cells:
        return
    widths = [max(width(row[n]) for row in cells) for n in range(len(cells[0]))]
    if sys.stdout.isatty():
        room = shutil.get_terminal_size().columns - 2 * (len(widths) - 1)
        while sum(widths) > room and max(widths) > 12:
            widths[widths.index(max(widths))] -= 1
    from longreach.cli._output import colour

    for at, row in enumerate(cells):
        parts = []
        for n, cell in enumerate(row):
            shown = cut(cell, widths[n])
            gap = " " * (widths[n] - width(shown))
            parts.append(gap + shown if n in right else shown + gap)
        line = "  ".join(parts).rstrip()
        print(colour(line, "1") if heading and at == 0 else line)
