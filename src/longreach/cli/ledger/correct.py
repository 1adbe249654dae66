"""`longreach ledger correct`"""

from __future__ import annotations

from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import Author, Where, author_name, open_ledger
from longreach.cli._output import Json, emit
from longreach.errors import Fault, InputError

app = typer.Typer(**PLAIN)


@app.command()
def correct(
    id: Annotated[str, typer.Argument(help="Name of the record.")],
    changes: Annotated[
        list[str], typer.Option("--set", help="FIELD=VALUE; FIELD= empties it. Repeat for more.")
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the log.")],
    ledger: Where = None,
    author: Author = None,
    as_json: Json = False,
) -> None:
    """Put a new record in the place of one that was coded wrongly; the old one stays in the log.

    Where a paper corrects itself, that is a claim of its own and a link `corrects`, not this.
    """
    from longreach.ledger import records
    from longreach.ledger.credibility import refuse_too_credible
    from longreach.ledger.imports.own import from_word

    book, who = open_ledger(ledger), author_name(author)
    document = records.to_json(book.view().get(id))
    specs = records.fields_of(document["kind"])
    for change in changes:
        name, mark, word = change.partition("=")
        if not mark or name not in specs or name == "id":
            hint = f"fields: {', '.join(each for each in specs if each != 'id')}"
            raise InputError(
                Fault(f"--set {change!r} names no field of {records.article(document['kind'])}", hint=hint)
            )
        document.pop(name, None)
        if word:
            try:
                document[name] = from_word(specs[name], word, name)
            except ValueError as error:
                raise InputError(Fault(str(error), key=id)) from None
    made = records.from_json(document)
    refuse_too_credible([made], book.view())
    new = book.correct(id, made, reason, author=who)
    if as_json:
        emit({"schema": "longreach.ledger.correct/1", "replaced": id, "record": records.to_json(new)})
    else:
        print(f"{id} is replaced by {new.id}")
