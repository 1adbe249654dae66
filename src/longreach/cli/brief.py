"""`longreach brief PLAN`"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._output import Json, Progress, emit, writable_folder
from longreach.errors import InputError

app = typer.Typer(**PLAIN)


@app.command()
def brief(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="plan.json or the folder that holds it.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Where to; default: beside the plan.")
    ] = None,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Also brief.pdf (A4 pack) and kneeboard.pdf (A5 cards).")
    ] = False,
    firs: Annotated[
        Path | None,
        typer.Option(
            "--firs", metavar="FILE", help="GeoJSON of FIR outlines: adds the regions entered, with times."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a plan's documents again: brief.html, and with --pdf the pack and the kneeboard cards.

    A bluesky.json beside the plan (`longreach export PLAN --fly`) is shown in them.
    """
    from longreach import brief as documents
    from longreach.document import read_plan, write_atomically
    from longreach.world.closures.fir import fir_geometries

    document = read_plan(plan)
    folder = plan if plan.is_dir() else plan.parent
    target = writable_folder(output or folder)
    more = documents.more(flown=folder / "bluesky.json", firs=fir_geometries(firs) if firs else None)
    try:
        with Progress() as progress:
            progress("page")
            files = {"brief.html": documents.render(document, more).encode()}
            if pdf:
                progress("PDF")
                files |= documents.pdf_files(document, more)
    except InputError as error:
        name = str(plan / "plan.json" if plan.is_dir() else plan)
        raise InputError([replace(fault, file=fault.file or name) for fault in error.faults]) from error
    for name, data in files.items():
        write_atomically(target / name, data)
    if as_json:
        emit({
            "schema": "longreach.brief/1",
            "folder": str(target),
            "files": [{"name": name, "bytes": len(data)} for name, data in files.items()],
        })  # fmt: skip
        return
    for name in files:
        print(f"wrote {target / name}")
