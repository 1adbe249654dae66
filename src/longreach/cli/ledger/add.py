"""`longreach ledger add KIND`, with a flag for each field, or by questions; or `--form FILE` for many at once."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from longreach.cli import PLAIN
from longreach.cli._ledger import Author, Where, author_name, open_ledger
from longreach.cli._output import Json, emit
from longreach.errors import Fault, InputError
from longreach.ledger import Ledger, records
from longreach.ledger.credibility import refuse_too_credible
from longreach.ledger.forms import HAPPENING, from_words, happening, read_form, template
from longreach.ledger.imports.dates import read_span
from longreach.ledger.imports.own import from_word
from longreach.ledger.records import EVENT_TYPES, Field, Record

app = typer.Typer(**PLAIN, help="Add a record, by flags or by questions, or many from a TOML or CSV form.")
KINDS = ("incident", "flight", "statement", "decision", "anniversary", *records.KINDS, "source")
_NOT_ASKED = ("row", "columns", "rings", "span", "text_sha256")


@app.callback(invoke_without_command=True)
def add(
    context: typer.Context,
    form: Annotated[Path | None, typer.Option("--form", help="TOML or CSV form with many records.")] = None,
    empty_form: Annotated[bool, typer.Option("--empty-form", help="Print a TOML form to fill in.")] = False,
    ledger: Where = None,
    author: Author = None,
    as_json: Json = False,
) -> None:
    """Add records. A happening (incident, flight ...) is added with its claim, report, time, place and count."""
    if context.invoked_subcommand:
        return
    if empty_form:
        print(template(), end="")
        return
    if form is None:
        raise InputError(Fault("nothing to add", hint="say what (`ledger add incident`), or --form FILE"))
    book, who = open_ledger(ledger), author_name(author)
    _write(book, read_form(form, book.view(), who), who, as_json)


def _write(book: Ledger, new: Iterable[Record], who: str, as_json: bool) -> None:
    """Add records whose digits of credibility their chains allow."""
    made = list(new)
    refuse_too_credible(made, book.view())
    _tell(book.add(made, author=who), as_json)


def _tell(added: tuple[Record, ...], as_json: bool) -> None:
    if as_json:
        emit({"schema": "longreach.ledger.add/1", "records": [records.to_json(record) for record in added]})
        return
    for record in added:
        print(f"{record.kind} {record.id}")


def _add(kind: str, words: dict[str, str], ledger: Path | None, author: str | None, as_json: bool) -> None:
    book, who = open_ledger(ledger), author_name(author)
    whole = kind in EVENT_TYPES
    specs = HAPPENING if whole else records.fields_of(records.kind_named(kind))
    if not words:
        if not sys.stdin.isatty():
            missing = ", ".join(
                f"--{name.replace('_', '-')}"
                for name, spec in specs.items()
                if spec.required and name != "id"
            )
            raise InputError(
                Fault(
                    f"nothing is said of the {kind}",
                    hint=f"it needs {missing}; at a terminal it is asked for",
                )
            )
        words = _ask(kind, specs)
    if whole:
        new = happening(kind, words, book.view(), who)
    else:
        new = [from_words(records.kind_named(kind), words)]
    _write(book, new, who, as_json)


def _ask(kind: str, specs: dict[str, Field]) -> dict[str, str]:
    """The fields one by one; Enter leaves one out, a wrong answer is asked for again."""
    print(f"A new {kind}. Enter leaves a field out; Ctrl-C stops and adds nothing.", file=sys.stderr)
    words: dict[str, str] = {}
    for name, spec in specs.items():
        if name in _NOT_ASKED:
            continue
        choices = f" [{', '.join(map(str, spec.choices))}]" if spec.choices else ""
        needed = spec.required and name != "id"
        while True:
            print(f"{name}{' *' if needed else ''}: {spec.help}{choices}", file=sys.stderr)
            word = str(typer.prompt(">", default="", show_default=False, prompt_suffix=" ", err=True)).strip()
            wrong = _wrong(spec, word, name, needed)
            if wrong is None:
                break
            print(f"  {wrong}", file=sys.stderr)
        if word:
            words[name] = word
    return words


def _wrong(spec: Field, word: str, name: str, needed: bool) -> str | None:
    if not word:
        return "is needed" if needed else None
    try:
        value = from_word(spec, word, name)
        if name in ("date", "end") and spec.form == "text":
            read_span(word)
    except ValueError as error:
        return str(error)
    return records.wrong_value(spec, value)


def _command(kind: str) -> Callable[..., None]:
    """A command with an option for every field of a kind."""
    whole = kind in EVENT_TYPES
    specs = HAPPENING if whole else records.fields_of(records.kind_named(kind))
    parameters = []
    for name, spec in specs.items():
        choices = f" ({', '.join(map(str, spec.choices))})" if spec.choices else ""
        # `from`, `for` and `object` are no names for a parameter of ours; the option has the field's own
        option = typer.Option(f"--{name.replace('_', '-')}", help=spec.help + choices)
        parameters.append((f"field_{name}", Annotated[str | None, option], None))
    shared: list[tuple[str, Any, Any]] = [
        ("ledger", Where, None),
        ("author", Author, None),
        ("as_json", Json, False),
    ]

    def command(**given: Any) -> None:
        words = {
            name.removeprefix("field_"): value
            for name, value in given.items()
            if name.startswith("field_") and value is not None
        }
        _add(kind, words, given["ledger"], given["author"], given["as_json"])

    every = [*parameters, *shared]
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, annotation=a, default=d) for n, a, d in every]
    )
    command.__annotations__ = {name: annotation for name, annotation, _ in every}
    own = "" if whole else records.kind_named(kind)
    meaning = (records.KINDS[own].__doc__ or "").split(".")[0] if own else ""
    command.__doc__ = (
        f"Add {records.article(own)}. {meaning}."
        if own
        else f"Add {records.article(kind)} with its claim, report, time, place and count."
    )
    return command


for _kind in KINDS:
    app.command(_kind)(_command(_kind))
