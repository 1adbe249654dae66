"""`longreach ledger export`"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import Where, open_ledger, read_view, say
from longreach.cli._output import Json, emit
from longreach.errors import Fault, InputError

app = typer.Typer(**PLAIN)
FORMATS = ("jsonl", "csv", "geojson", "imported", "claimreview", "report")


@app.command()
def export(
    format: Annotated[str, typer.Argument(help="jsonl, csv, geojson, imported, claimreview or report.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File, or folder for csv; stdout when left out.")
    ] = None,
    batch: Annotated[str | None, typer.Option("--batch", help="For `imported`: which import.")] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Texts too whose rights forbid passing on: for your own use.")
    ] = False,
    as_of: Annotated[str | None, typer.Option("--as-of", help="What was known at that date or time.")] = None,
    ledger: Where = None,
    as_json: Json = False,
) -> None:
    """Write what the ledger holds; say what stays out because its rights forbid it.

    jsonl, csv and geojson read back without loss (`longreach ledger import`); imported is the layout a table came
    in; claimreview is schema.org's; report is one page to print.
    """
    from longreach.document import write_atomically

    if format not in FORMATS:
        raise InputError(Fault(f"there is no format {format!r}", hint=", ".join(FORMATS)))
    if as_json and output is None:
        raise InputError(Fault("--json tells of files written", hint="say where with -o"))
    view = open_ledger(ledger).as_of(as_of) if as_of else read_view(ledger)
    if format == "imported":
        from longreach.ledger.exports import imported

        data, rows, closed = imported.write(view, imported.find_batch(view, batch), private=private)
        sentence = f"{rows:,} rows" + (f"; {closed:,} rows left out for their rights" if closed else "")
        files = {"": data}
    else:
        from longreach.ledger.exports import claimreview, own, release
        from longreach.ledger.exports import report as one_page

        released = release(view, private=private, replaced=format in ("jsonl", "csv", "geojson"))
        sentence = f"{len(released.items):,} records; {released.sentence()}"
        if format == "csv":
            files = own.csv_tables(view, released)
        elif format == "claimreview":
            data, reviews = claimreview.write(released, view.title)
            sentence = f"{reviews:,} claims with a credibility; {released.sentence()}"
            files = {"": data}
        elif format == "report":
            files = {"": one_page.write(view, released)}
        else:
            files = {"": (own.jsonl if format == "jsonl" else own.geojson)(view, released)}
    if output is None:
        if format == "csv":
            raise InputError(Fault("csv is several tables", hint="say which folder with -o"))
        sys.stdout.flush()
        sys.stdout.buffer.write(files[""])
        sys.stdout.buffer.flush()
        say(sentence)
        return
    if format == "csv":
        from longreach.cli._output import writable_folder

        folder = writable_folder(output)
        for name, data in files.items():
            write_atomically(folder / name, data)
    else:
        write_atomically(output, files[""])
    if as_json:
        emit({
            "schema": "longreach.ledger.export/1", "format": format, "output": str(output),
            "files": [name for name in files if name] or [str(output)], "said": sentence, "private": private,
        })  # fmt: skip
    else:
        print(f"{output}: {sentence}")
