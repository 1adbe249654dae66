"""What the verbs share: results as text or JSON on stdout, progress on stderr, paths that are written."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from longreach.errors import Fault, InputError

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


def emit(document: Mapping[str, Any]) -> None:
    """Print one JSON document on one line."""
    from longreach.document import to_bytes

    sys.stdout.write(to_bytes(document).decode())


def table(rows: Sequence[Sequence[object]], right: Sequence[int] = ()) -> None:
    """Print rows in columns two spaces apart; the columns numbered in `right` are set to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    if not cells:
        return
    widths = [max(len(row[n]) for row in cells) for n in range(len(cells[0]))]
    for row in cells:
        padded = [
            cell.rjust(width) if n in right else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(padded).rstrip())


def colour(text: str, code: str, stream: TextIO | None = None) -> str:
    """`text` in a terminal colour ("32" green, "31" red, "1" bold) where the stream shows colours.

    NO_COLOR (no-color.org) and TERM=dumb switch it off; a file or a pipe never gets any.
    """
    return f"\033[{code}m{text}\033[0m" if shows_colour(stream or sys.stdout) else text


def shows_colour(stream: TextIO) -> bool:
    """Whether a stream is a terminal on which colours are welcome."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Progress:
    """Stages of long work on one line of stderr; silent unless stderr is a terminal.

    >>> progress = Progress()
    >>> progress("closures")  # prints nothing in a test
    """

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._began = time.monotonic()

    def __call__(self, stage: str, part: float | None = None) -> None:
        """Show a stage, and how much of it is done (0..1) where that is known."""
        if self._live:
            done = "" if part is None else f" {part:4.0%}"
            sys.stderr.write(f"\r\033[K{time.monotonic() - self._began:5.1f} s  {stage}{done}")
            sys.stderr.flush()

    def close(self) -> None:
        """Clear the line."""
        if self._live:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def writable_folder(folder: Path) -> Path:
    """`folder`, which may not exist yet; InputError where something else stands there."""
    if folder.exists() and not folder.is_dir():
        raise InputError(Fault("is a file; give a folder for the results", file=str(folder)))
    return folder
