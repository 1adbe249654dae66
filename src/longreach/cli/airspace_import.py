"""`longreach airspace import`"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from longreach.cli._output import Json, emit
from longreach.errors import Fault, InputError


def import_(
    files: Annotated[list[Path] | None, typer.Argument(help="GeoJSON, NOTAM or SIGMET files.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The GeoJSON file to write.")] = None,
    format: Annotated[str, typer.Option("--format", help="auto, geojson, notam or sigmet.")] = "auto",
    fir: Annotated[Path | None, typer.Option("--fir", help="GeoJSON file of FIR outlines.")] = None,
    fir_ids: Annotated[
        str | None, typer.Option("--fir-id", help="FIRs of that file to close whole, such as OIIX,ORBB.")
    ] = None,
    day: Annotated[
        str | None, typer.Option("--date", help="Day of the SIGMETs, such as 2020-12-10, for month and year.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make one closure file of GeoJSON, NOTAM and SIGMET files and FIR outlines."""
    from longreach.document import to_bytes, write_atomically
    from longreach.world.closures.importing import import_closures

    if output is None:
        raise InputError(Fault("no file to write", hint="say where with -o closures.geojson"))
    if not files and not fir_ids:
        raise InputError(
            Fault("no file to read", hint="name GeoJSON, NOTAM or SIGMET files, or --fir with --fir-id")
        )
    try:
        on = date.fromisoformat(day) if day else None
    except ValueError:
        raise InputError(Fault(f"--date {day!r} is not a day", hint="write for example 2020-12-10")) from None
    found = import_closures(
        files or [],
        format=format,
        fir=fir,
        fir_ids=[i for i in (fir_ids or "").split(",") if i.strip()],
        on=on,
    )
    write_atomically(output, to_bytes(found.document))
    if as_json:
        emit({
            "schema": "longreach.import/1", "output": str(output), "closures": found.closures,
            "files": [
                {"file": read.file, "format": read.format, "read": read.messages, "closed": read.closed,
                 "ignored": list(read.ignored), "warnings": list(read.warnings)}
                for read in found.files
            ],
        })  # fmt: skip
        return
    words = {"geojson": "feature", "notam": "NOTAM", "sigmet": "SIGMET", "fir": "FIR outline"}
    for read in found.files:
        plural = "s" if read.format in ("geojson", "fir") and read.messages != 1 else ""
        print(f"{read.file}: {read.messages} {words[read.format]}{plural} read, {read.closed} closed, "
              f"{len(read.ignored)} set aside")  # fmt: skip
        for line in read.ignored:
            print(f"  set aside  {line}")
        for line in read.warnings:
            print(f"  note       {line}")
    print(f"{output}: {found.closures} closure{'s' * (found.closures != 1)}")
