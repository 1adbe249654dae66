"""`longreach schema NAME`"""

from __future__ import annotations

import sys
from importlib import resources
from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.errors import Fault, InputError

app = typer.Typer(**PLAIN)


@app.command()
def schema(name: Annotated[str, typer.Argument(help="mission, plan or route.")]) -> None:
    """Print the JSON Schema of a file format."""
    folder = resources.files("longreach") / "schemas"
    files = {entry.name.removesuffix(".schema.json"): entry for entry in folder.iterdir()}
    if name not in files:
        raise InputError(Fault(f"there is no schema {name!r}", hint=f"known: {', '.join(sorted(files))}"))
    sys.stdout.write(files[name].read_text("utf-8"))
