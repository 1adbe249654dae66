"""`longreach ledger read WORDS`"""

from __future__ import annotations

import contextlib
from datetime import date
from typing import Annotated, Any

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import columns
from longreach.cli._output import Json, emit
from longreach.errors import Fault, InputError

app = typer.Typer(**{**PLAIN, "no_args_is_help": True})


def day_given(text: str | None, option: str) -> date | None:
    """A day given as an option. Raises: InputError."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(Fault(f"{option} is {text!r}, not a day such as 2020-12-10")) from None


@app.command()
def read(
    words: Annotated[list[str], typer.Argument(help='"more than 50", "on Thursday", "third in six weeks".')],
    said: Annotated[str | None, typer.Option("--said", help="Day on which the words were said.")] = None,
    as_json: Json = False,
) -> None:
    """Read words into an interval, and show every admissible reading."""
    text = " ".join(words)
    rows = _readings(text, day_given(said, "--said"))
    if as_json:
        emit({"schema": "longreach.ledger.read/1", "words": text, "said": said, "readings": rows})
        return
    columns([("as", "interval", "reading"), *((row["as"], row["interval"], row["reading"]) for row in rows)])


def _readings(text: str, said: date | None) -> list[dict[str, Any]]:
    from longreach.ledger.dates import day, read_when
    from longreach.ledger.numbers import read_count, read_distance
    from longreach.ledger.ordinals import read_ordinals

    rows: list[dict[str, Any]] = []
    failed: list[InputError] = []
    try:
        for ordinal in read_ordinals(text, said):
            for window in ordinal.windows:
                first = window.first or (window.starts(said)[0] if said else None)
                start = day(first)
                rows.append({"as": f"the {ordinal.nth}th" if ordinal.nth > 3 else
                             f"the {ordinal.nth}{['', 'st', 'nd', 'rd'][ordinal.nth]}",
                             "interval": f"from {start}" if start else "", "reading": window.reading})  # fmt: skip
    except InputError as error:
        failed.append(error)
    if not rows:
        try:
            for when in read_when(text, said):
                rows.append({"as": "time", "interval": when.span, "reading": when.reading,
                             "earliest": when.earliest.isoformat() if when.earliest else None,
                             "latest": when.latest.isoformat() if when.latest else None})  # fmt: skip
        except InputError as error:
            failed.append(error)
    if not rows:
        try:
            for count in read_count(text):
                rows.append({"as": count.unit or "number", "interval": count.span, "reading": count.reading,
                             "lo": count.lo, "hi": count.hi})  # fmt: skip
        except InputError as error:
            failed.append(error)
        with contextlib.suppress(InputError):
            for q in read_distance(text):
                hi = q.lo if q.hi is None else q.hi
                rows.append({"as": "distance", "interval": f"{q.lo / 1000:.0f}-{hi / 1000:.0f} km",
                             "reading": q.reading, "lo_m": q.lo, "hi_m": q.hi})  # fmt: skip
    if not rows:
        needs = next((each for each in failed if "the day it was said" in str(each)), None)
        raise needs or InputError(
            Fault(
                f"nothing can be read in {text!r}",
                hint='a number ("more than 50"), a time ("on Thursday" with --said 2020-12-10), an Nth ("third in six weeks")',
            )
        )
    return rows
