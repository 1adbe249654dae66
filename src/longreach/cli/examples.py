"""`longreach examples list` and `longreach examples copy NAME`"""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._output import Json, emit, table
from longreach.document import write_atomically
from longreach.errors import DataError, Fault, InputError

app = typer.Typer(**PLAIN, help="List the missions that come with Longreach, or copy one to start from.")


def folder() -> Path:
    """Where the examples are: inside the installed package, or beside the source of a checkout."""
    package = Path(__file__).parents[1]
    for place in (package / "examples", package.parents[1] / "examples"):
        if place.is_dir():
            return place
    raise DataError("the examples are missing from this installation; reinstall longreach")


def _examples() -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder().glob("*.toml"))}


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the examples."""
    titles = {name: tomllib.loads(path.read_text("utf-8"))["name"] for name, path in _examples().items()}
    if as_json:
        emit({"schema": "longreach.examples/1", "examples": titles})
    else:
        table(list(titles.items()))


@app.command()
def copy(
    name: Annotated[str, typer.Argument(help="An example, as `longreach examples list` names it.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File or existing folder to write to; default NAME.toml here."),
    ] = None,
) -> None:
    """Copy an example, with the closures file it names, as a mission of your own."""
    examples = _examples()
    name = name.removesuffix(".toml")
    if name not in examples:
        near = difflib.get_close_matches(name, examples, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(examples)}"
        raise InputError(Fault(f"there is no example {name!r}", hint=hint))
    source = examples[name]
    target = output or Path(f"{name}.toml")
    if target.is_dir():
        target = target / f"{name}.toml"
    closures = tomllib.loads(source.read_text("utf-8")).get("airspace", {}).get("closures")
    copies = {target: source}
    if closures:
        copies[target.parent / closures] = source.parent / closures
    taken = [str(path) for path in copies if path.exists()]
    if taken:
        raise InputError([Fault("is already there", file=path, hint="choose another -o") for path in taken])
    for path, original in copies.items():
        write_atomically(path, original.read_bytes())
        print(path)
