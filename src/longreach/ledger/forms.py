"""Records entered by hand: one from words by field, one happening with all that belongs to it, or many from a form.

A TOML form has a table for each record (`[[claim]]`, `[[entity]]`) or happening (`[[incident]]`, `[[flight]]`). A CSV
form has a column `kind` and a column for each field used; or the columns of a happening. What a happening can say is
HAPPENING; it becomes an event, a claim about it, the report that makes the claim, its time, place and count.
"""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from longreach.errors import Fault, InputError
from longreach.ledger import records
from longreach.ledger.imports import mapping
from longreach.ledger.imports.incident import name_of, records_of
from longreach.ledger.imports.own import from_word
from longreach.ledger.imports.tables import decode, read_file
from longreach.ledger.records import EVENT_TYPES, Claim, Entity, Field, Link, Record, Report, Step
from longreach.ledger.view import View

# What a happening says, with what is asked for first; lists of choices as in the records.
HAPPENING: dict[str, Field] = {
    "title": Field("text", "what to call it", required=True),
    "date": Field("text", "day or time, as 2020-12-20, 20 December 2020, 2020-12-20T18:30Z", required=True),
    "end": Field("text", "day or time of the end, where it is not the same"),
    "zone": Field("text", "of those times: UTC, +03:00 or unknown"),
    "place": Field("text", "name of the place"),
    "lat": Field("number", "latitude, degrees"),
    "lon": Field("number", "longitude, degrees"),
    "radius_m": Field("number", "how good the point is, metres"),
    "source": Field("text", "who reports it: an entity's id, or a name", required=True),
    "url": Field("text", "address of the report"),
    "chain": Field("text", "who is behind it, from the reader's end: NYT>Pentagon"),
    "text": Field("text", "the words as printed"),
    "unit": Field("text", "what is counted: rockets, attacks, aircraft, killed"),
    "count": Field("number", "how many"),
    "count_lo": Field("number", "at least so many"),
    "count_hi": Field("number", "at most so many"),
    "subject": Field("text", "who did it"),
    "object": Field("text", "to whom or what"),
    "reliability": Field("text", "A-F", choices=tuple(records.RELIABILITY)),
    "credibility": Field("number", "1-6", choices=tuple(records.CREDIBILITY)),
    "note": Field("text", "remark"),
    "id": Field("id", "name of the event; made from its date when left out"),
    "report": Field("ref", "the report's id, where it is in the ledger already"),
}


def from_words(kind: str, words: Mapping[str, str]) -> Record:
    """One record from a word for each field, as given on the command line.

    Raises: InputError with every fault.
    """
    document: dict[str, Any] = {"kind": kind}
    faults: list[Fault] = []
    specs = records.fields_of(kind)
    for name, word in words.items():
        if name not in specs:
            faults.append(Fault("no such field", key=f"{kind}.{name}", hint=f"fields: {', '.join(specs)}"))
        elif word != "":
            try:
                document[name] = from_word(specs[name], word, name)
            except ValueError as error:
                faults.append(Fault(str(error), key=kind))
    if faults:
        raise InputError(faults)
    named = bool(document.get("id"))
    record, faults = records.build(document if named else {**document, "id": "new"})
    if record is None:
        raise InputError(
            [dataclasses.replace(f, key=f.key and f.key.replace(f"{kind} new.", f"{kind}.")) for f in faults]
        )
    return record if named else dataclasses.replace(record, id="")  # the ledger gives it a name


def happening(
    type: str, words: Mapping[str, str], view: View, coder: str, taken: Iterable[str] = ()
) -> list[Record]:
    """The records one happening becomes; sources that the ledger does not hold come with them.

    Raises: InputError with what is wrong.
    """
    faults = [
        Fault("no such field", key=f"{type}.{name}", hint=f"fields: {', '.join(HAPPENING)}")
        for name in words
        if name not in HAPPENING
    ]
    given = {name: word.strip() for name, word in words.items() if word.strip() != ""}
    faults += [
        Fault(f"is missing: {spec.help}", key=f"{type}.{name}")
        for name, spec in HAPPENING.items()
        if spec.required and name not in given and not (name == "source" and "report" in given)
    ]
    for name, spec in HAPPENING.items():
        if spec.choices and name in given and given[name] not in map(str, spec.choices):
            allowed = ", ".join(map(str, spec.choices))
            faults.append(Fault(f"is {given[name]!r}; it can be {allowed}", key=f"{type}.{name}"))
    if "count" in given and "unit" not in given:
        faults.append(Fault("is missing: what is counted?", key=f"{type}.unit"))
    if faults:
        raise InputError(faults)
    columns = {name: name for name in mapping.PARTS if name in HAPPENING and name not in ("source", "id")}
    columns.pop("url", None)
    profile = mapping.Profile(
        name=type,
        columns=columns,
        event=type,
        unit=given.get("unit", "attacks"),
        zone=given.get("zone", "unknown"),
    )
    try:
        mapping.check(profile)
        incident = mapping.read({**given, "url": ""}, profile, "x")
    except ValueError as error:
        raise InputError(Fault(str(error), key=type)) from None
    key = given.get("id") or _free(f"{type}-{incident.edtf[:10]}", view, set(taken))
    new: list[Record] = []
    names = [each.strip() for each in given.get("chain", given.get("source", "")).split(">") if each.strip()]
    chain = [_entity(name, view, new) for name in names]
    source = _entity(given["source"], view, new) if "source" in given else chain[0] if chain else ""
    incident = dataclasses.replace(incident, key=key, publisher=source, url=given.get("url", ""), behind=())
    for record in records_of(incident, (), None, coder):
        if isinstance(record, Report):
            if "report" in given:
                continue
            record = dataclasses.replace(record, row=None)
        elif isinstance(record, Claim):
            record = dataclasses.replace(
                record,
                chain=tuple(Step(each) for each in chain),
                report=given.get("report", record.report),
                reliability=given.get("reliability", ""),
                credibility=int(given["credibility"]) if "credibility" in given else None,
            )
        elif isinstance(record, Link):
            record = dataclasses.replace(record, reason="entered as one happening")
        new.append(record)
    if found := [fault for record in new for fault in records.check(record)]:
        raise InputError(found)
    return new


def _entity(word: str, view: View, new: list[Record]) -> str:
    """The id of the source meant: one held by that id or name, or a new one."""
    if isinstance(view.find(word) if records.ID.fullmatch(word) else None, Entity):
        return word
    for record in (*view.all("entity"), *new):
        if isinstance(record, Entity) and word.lower() in (
            record.name.lower(),
            *map(str.lower, record.aliases),
        ):
            return record.id
    made = Entity(id=name_of(word, "source:"), name=word)
    if view.find(made.id) is None and made.id not in {record.id for record in new}:
        new.append(made)
    return made.id


def _free(stem: str, view: View, taken: set[str]) -> str:
    number, name = 1, stem
    while name in taken or view.database.execute("select 1 from record where id=?", (name,)).fetchone():
        number += 1
        name = f"{stem}-{number}"
    return name


def read_form(path: Path, view: View, coder: str) -> list[Record]:
    """All records of a form.

    Raises: InputError with every fault, by line (CSV) or by table (TOML).
    """
    text, _, _ = decode(read_file(path), None, path)
    entries = _toml(text, path) if path.suffix.lower() == ".toml" else _csv(text, path)
    new: list[Record] = []
    faults: list[Fault] = []
    for line, where, kind, words in entries:
        try:
            if kind in EVENT_TYPES:
                made = happening(kind, words, view, coder, {record.id for record in new})
                known = {record.id for record in new if record.kind == "entity"}
                new += [record for record in made if record.id not in known]
            else:
                new.append(from_words(records.kind_named(kind), words))
        except InputError as error:
            faults += [
                dataclasses.replace(fault, file=str(path), line=line, key=_joined(where, fault.key))
                for fault in error.faults
            ]
    if faults:
        raise InputError(faults)
    if not new:
        raise InputError(Fault("holds no record", file=str(path)))
    return new


def _joined(where: str, key: str | None) -> str | None:
    return ".".join(each for each in (where, key) if each) or None


Entries = Sequence[tuple[int | None, str, str, Mapping[str, str]]]


def _toml(text: str, path: Path) -> Entries:
    import tomllib

    from longreach.ledger.log import compact

    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(Fault(f"is not TOML: {error}", file=str(path))) from error
    found: list[tuple[int | None, str, str, Mapping[str, str]]] = []
    for kind, entries in document.items():
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise InputError(
                Fault("is not a list of tables", file=str(path), key=kind, hint=f"write [[{kind}]]")
            )
        for n, entry in enumerate(entries):
            words = {}
            for name, value in entry.items():
                if isinstance(value, str):
                    words[name] = value
                elif isinstance(value, bool):
                    words[name] = "true" if value else "false"
                elif isinstance(value, int | float):
                    words[name] = repr(value)
                elif hasattr(value, "isoformat"):
                    words[name] = value.isoformat().replace("+00:00", "Z")
                else:
                    words[name] = compact(value)
            found.append((None, f"{kind}.{n}", kind, words))
    return found


def _csv(text: str, path: Path) -> Entries:
    reader = csv.reader(
        io.StringIO(text, newline=""), strict=True, delimiter=max(",;\t", key=text.split("\n", 1)[0].count)
    )
    found: list[tuple[int | None, str, str, Mapping[str, str]]] = []
    try:
        names = [name.strip() for name in next(reader)]
        line = reader.line_num + 1
        for cells in reader:
            at, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                raise InputError(Fault(f"has {len(cells)} cells, not {len(names)}", file=str(path), line=at))
            row = {name: cell for name, cell in zip(names, cells, strict=True) if cell.strip() != ""}
            kind = row.pop("kind", "").strip() or _kind_of(path, names)
            found.append((at, "", kind, row))
    except (csv.Error, StopIteration) as error:
        raise InputError(Fault(f"is not a table: {error}", file=str(path), line=reader.line_num)) from None
    return found


def _kind_of(path: Path, names: Sequence[str]) -> str:
    """The kind of a row that does not say: the file's name (claim.csv), or an incident where it has such columns."""
    stem = path.stem.lower().rstrip("s")
    if stem in records.KINDS or stem in records.ALSO_CALLED or stem in EVENT_TYPES:
        return stem
    if {"title", "date"} <= set(names):
        return "incident"
    raise InputError(
        Fault("has no column `kind`", file=str(path), line=1, hint="entity, report, claim, incident ...")
    )


def template() -> str:
    """A TOML form to fill in."""
    lines = [
        "# A form for `longreach ledger add --form FILE`. Remove what you do not need; repeat [[...]] for more.",
        "# One happening: it becomes an event, a claim, a report, a time, a place and a count.",
        "[[incident]]",
    ]
    lines += [f'{name} = ""  # {spec.help}' for name, spec in HAPPENING.items()]
    for kind in records.KINDS:
        lines += ["", f"[[{kind}]]"]
        for name, spec in records.fields_of(kind).items():
            if name in ("row", "columns"):
                continue
            choices = f": {', '.join(map(str, spec.choices))}" if spec.choices else ""
            lines.append(f'{name} = ""  # {spec.help}{choices}')
    return "\n".join(lines) + "\n"
