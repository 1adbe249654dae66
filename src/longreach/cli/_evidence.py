"""What the verbs that judge claims share: the ledger's evidence, and paragraphs that fit the terminal."""

from __future__ import annotations

import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longreach.cli._ledger import clean, ledger_path, open_ledger, read_view
from longreach.errors import Fault, InputError

if TYPE_CHECKING:
    from longreach.ledger.evidence import Evidence

AsOf = Annotated[str | None, typer.Option("--as-of", help="Only what was known then (2020-12-10).")]


def evidence_of(ledger: Path | None, as_of: str | None = None) -> Evidence:
    """What the ledger holds, or held at an instant, indexed for the rules.

    Raises: InputError where not one line of it can be read.
    """
    from longreach.ledger.evidence import Evidence

    view = open_ledger(ledger).as_of(as_of) if as_of else read_view(ledger)
    if view.tail.seq == 0 and not as_of:
        raise InputError(Fault("holds no line of a ledger that can be read", file=str(ledger_path(ledger))))
    return Evidence.of_view(view)


def paragraph(text: str, indent: int = 0) -> None:
    """Print text on stdout, folded to the terminal; not folded where stdout is a file."""
    words = clean(text)
    if not sys.stdout.isatty():
        print(" " * indent + words)
        return
    width = max(40, min(shutil.get_terminal_size().columns, 110))
    print(textwrap.fill(words, width, initial_indent=" " * indent, subsequent_indent=" " * indent))
