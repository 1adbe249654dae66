"""`longreach ledger import`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import Author, Where, author_name, clean, open_ledger, say
from longreach.cli._output import Json, Progress, emit
from longreach.errors import Fault, InputError

app = typer.Typer(**PLAIN)
_SHOWN = 10  # bad rows shown


@app.command("import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(help="CSV, TSV, GeoJSON (gzip or not), or an export of a ledger.")
    ],
    layout: Annotated[str, typer.Option("--layout", help="auto, ucdp, acled, gdelt, own.")] = "auto",
    maps: Annotated[
        list[str] | None,
        typer.Option("--map", help="Which column holds what: --map date=Datum --map lat=Breite."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="A mapping kept by name, or its TOML file.")
    ] = None,
    save_profile: Annotated[
        str | None, typer.Option("--save-profile", help="Keep the mapping under this name.")
    ] = None,
    event: Annotated[
        str, typer.Option("--event", help="With --map: what a row is, or none (a report only).")
    ] = "incident",
    unit: Annotated[str, typer.Option("--unit", help="With --map: what `count` counts.")] = "attacks",
    zone: Annotated[str, typer.Option("--zone", help="With --map: UTC, +03:00 or unknown.")] = "unknown",
    rights: Annotated[
        str, typer.Option("--rights", help="With --map: free, quote, withhold or closed.")
    ] = "quote",
    publisher: Annotated[str, typer.Option("--publisher", help="With --map: who made the table.")] = "",
    dates: Annotated[
        str | None, typer.Option("--dates", help="Dates of three numbers are dmy or mdy.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="If not UTF-8: latin-1, cp1256 ...")
    ] = None,
    delimiter: Annotated[str | None, typer.Option("--delimiter", help="If not found by itself.")] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Put changed rows in the place of those held.")
    ] = False,
    ledger: Where = None,
    author: Author = None,
    as_json: Json = False,
) -> None:
    """Bring in the rows of files of other programs, or a ledger's own export.

    Rows that cannot go in are kept in a file beside the ledger, with number and reason; the rest goes in as one
    batch, which `longreach ledger undo` takes back.
    """
    from longreach.ledger.imports import Choices, import_file, mapping

    if layout not in ("auto", "ucdp", "acled", "gdelt", "own"):
        raise InputError(Fault(f"--layout is {layout!r}", hint="auto, ucdp, acled, gdelt or own"))
    if dates not in (None, "dmy", "mdy"):
        raise InputError(Fault(f"--dates is {dates!r}", hint="dmy or mdy"))
    if delimiter is not None:
        delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter)
        if len(delimiter) != 1:
            raise InputError(Fault(f"--delimiter is {delimiter!r}", hint="one character, or tab"))
    chosen = mapping.load(profile) if profile else None
    if maps:
        if chosen:
            raise InputError(Fault("--map and --profile say the same thing twice", hint="give one of them"))
        chosen = mapping.check(
            mapping.Profile(
                name=save_profile or "table", columns=_columns(maps), publisher=publisher, event=event, unit=unit,
                zone=zone, rights=rights, dates=dates or "",
            )
        )  # fmt: skip
    if save_profile:
        if chosen is None:
            raise InputError(Fault("--save-profile has nothing to keep", hint="give the columns with --map"))
        say(f"the mapping is kept in {mapping.save(chosen)}")
    choices = Choices(layout, chosen, dates, encoding, delimiter, update)
    book, who = open_ledger(ledger), author_name(author)
    failed = False
    for file in files:
        with Progress() as progress:
            found = import_file(book, file, choices, author=who, progress=progress)
        failed = failed or bool(found.bad)
        if as_json:
            emit({
                "schema": "longreach.ledger.import/1", "file": found.file, "layout": found.layout,
                "batch": found.batch or None, "rows": found.rows, "taken": found.taken,
                "unchanged": found.unchanged, "updated": found.updated, "records": found.records,
                "remarks": found.remarks, "kept_aside": str(found.aside) if found.aside else None,
                "bad_rows": [{"row": row.number, "line": row.line, "reason": row.reason} for row in found.bad],
            })  # fmt: skip
            continue
        print(_sentence(found.file, found.rows, found.taken, found.unchanged, found.updated, found.layout))
        if found.batch:
            print(
                f"  {found.records:,} records, batch {found.batch} (`longreach ledger undo {found.batch}` takes it back)"
            )
        for remark, times in found.remarks.items():
            print(f"  note: {times:,} {'rows' if times != 1 else 'row'}: {remark}")
        if found.bad:
            print(f"  {len(found.bad):,} not taken, kept in {found.aside}:")
            for row in found.bad[:_SHOWN]:
                print(f"    row {row.number} (line {row.line}): {clean(row.reason)}")
            if len(found.bad) > _SHOWN:
                print(f"    and {len(found.bad) - _SHOWN:,} more")
    if failed:
        raise typer.Exit(2)


def _sentence(file: str, rows: int, taken: int, unchanged: int, updated: int, layout: str) -> str:
    parts = [f"{taken:,} taken"]
    if unchanged:
        parts.append(f"{unchanged:,} held already and the same")
    if updated:
        parts.append(f"{updated:,} put in the place of earlier ones")
    things = "records" if layout == "own" else "rows"
    return f"{file}: {rows:,} {things} ({layout}), {', '.join(parts)}"


def _columns(maps: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in maps:
        part, mark, column = each.partition("=")
        if not mark or not column:
            raise InputError(Fault(f"--map {each!r} does not say a column", hint="write --map date=Datum"))
        found[part.strip()] = column
    return found
