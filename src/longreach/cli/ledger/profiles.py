"""`longreach ledger profiles`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import columns
from longreach.cli._output import Json, emit

app = typer.Typer(
    **{**PLAIN, "no_args_is_help": False}, help="Show and keep the ways columns of other tables are read."
)
Name = Annotated[str, typer.Argument(help="Name of the profile.")]


@app.callback(invoke_without_command=True)
def list_(context: typer.Context, as_json: Json = False) -> None:
    """List the profiles kept; `show`, `keep` and `remove` do more."""
    if context.invoked_subcommand:
        return
    from longreach.ledger.imports import mapping

    found = [mapping.load(name) for name in mapping.known()]
    if as_json:
        emit({
            "schema": "longreach.ledger.profiles/1",
            "profiles": [{"name": each.name, "event": each.event, "columns": each.columns} for each in found],
        })  # fmt: skip
    elif not found:
        print(
            "no profile is kept; `longreach ledger import FILE --map date=COLUMN ... --save-profile NAME` keeps one"
        )
    else:
        rows = [("name", "a row is", "columns")]
        rows += [(p.name, p.event, ", ".join(f"{k}={v}" for k, v in p.columns.items())) for p in found]
        columns(rows)


@app.command()
def show(name: Name) -> None:
    """Print a profile as TOML; to write one by hand start from this."""
    from longreach.ledger.imports import mapping

    print(mapping.write(mapping.load(name)), end="")


@app.command()
def keep(file: Annotated[Path, typer.Argument(help="TOML file; its name becomes the profile's.")]) -> None:
    """Keep a profile written by hand."""
    from longreach.ledger.imports import mapping

    kept = mapping.load(str(file) if file.suffix == ".toml" else f"{file}.toml")
    print(f"{kept.name}: kept in {mapping.save(kept)}")


@app.command()
def remove(name: Name) -> None:
    """Forget a profile."""
    from longreach.ledger.imports import mapping

    mapping.remove(name)
    print(f"{name}: forgotten")


@app.command()
def parts() -> None:
    """List what a column can hold."""
    from longreach.ledger.imports import mapping

    columns([("part", "holds"), *mapping.PARTS.items()])
