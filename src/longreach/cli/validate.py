"""`longreach validate FILE`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._output import Json, emit
from longreach.errors import InputError
from longreach.units import HOUR

app = typer.Typer(**PLAIN)


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(help="A mission file (TOML).")],
    as_json: Json = False,
) -> None:
    """Check a mission file and report every fault in it."""
    from longreach import mission

    try:
        read = mission.load(file)
    except InputError as error:
        if not as_json:
            raise
        keys = ("file", "line", "key", "what", "hint")
        faults = [{key: getattr(fault, key) for key in keys} for fault in error.faults]
        emit({"schema": "longreach.validate/1", "status": "error", "faults": faults, "assumptions": []})
        raise typer.Exit(2) from None
    if as_json:
        emit(
            {
                "schema": "longreach.validate/1",
                "status": "ok",
                "faults": [],
                "assumptions": list(read.assumptions),
            }
        )
        return
    print(f"{file}: no faults")
    print(f"  {read.name}")
    for flight in read.flights:
        route = f"{flight.origin.code} to {flight.destination.code}"
        print(f"  {flight.id}: {flight.count} × {flight.aircraft}, {route}")
    if read.station:
        print(f"  on station: {read.station.name}, {read.station.time_s / HOUR:g} h")
    print(f"  partners: {len(read.partners)}, tanker bases: {len(read.tankers)}")
    for words in read.assumptions:
        print(f"  assumed: {words}")
