"""`longreach ledger example DIR`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._output import Json, emit, writable_folder

app = typer.Typer(**{**PLAIN, "no_args_is_help": False})


@app.command()
def example(
    folder: Annotated[Path, typer.Argument(help="Folder for ledger.jsonl and watch.toml.")],
    as_json: Json = False,
) -> None:
    """Make the ledger of the founding report, to look at and to learn from."""
    from longreach.ledger import founding

    log, watch = founding.write(writable_folder(folder))
    made = founding.all_records()
    kinds: dict[str, int] = {}
    for record in made:
        kinds[record.kind] = kinds.get(record.kind, 0) + 1
    if as_json:
        emit(
            {
                "schema": "longreach.ledger.example/1",
                "ledger": str(log),
                "watch": str(watch),
                "records": kinds,
            }
        )
        return
    print(f"{log}: {founding.title()}, {len(made)} records")
    print(f"{watch}: what to watch for")
    where = f"--ledger {log}"
    print("\nLook at it with")
    for verb in ("ledger show", "ledger relate", "ledger reconcile", "ledger chains"):
        print(f"  longreach {verb} {where}")
    print(f"  longreach watch {where} --list {watch} --at 2020-12-10 -o {folder}")
    print(f"  longreach check {where} --event F2 --aircraft B-52H")
