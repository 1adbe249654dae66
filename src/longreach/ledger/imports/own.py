"""A ledger's own exports read back: JSON lines, a folder of CSV tables, GeoJSON with its records.

Records come in with the names, the imports and the order they had. A record that is held already and is the same is
counted; one that differs is kept aside, and so is one that points at a record that does not come in.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longreach.errors import Fault, InputError
from longreach.ledger import records
from longreach.ledger.exports.own import SCHEMA, read_jsonl
from longreach.ledger.imports.tables import BadRow, decode, read_file
from longreach.ledger.log import compact
from longreach.ledger.records import Record
from longreach.ledger.view import View


@dataclass(frozen=True, slots=True)
class Own:
    """Records to come in, by the import they belong to; what does not come in; how many are held already."""

    heading: dict[str, Any]
    groups: tuple[tuple[dict[str, Any] | None, tuple[Record, ...]], ...]
    bad: tuple[BadRow, ...]
    rows: int
    unchanged: int


Entry = tuple[int, int, Any]  # number of the row, its line, the document or the error


def recognise(path: Path) -> Iterator[Entry] | None:
    """The documents of an own export, or None where this is none."""
    if path.is_dir():
        if not any((path / f"{kind}.csv").is_file() for kind in records.KINDS):
            raise InputError(
                Fault("is a folder without tables of a ledger (entity.csv, claim.csv ...)", file=str(path))
            )
        return _from_folder(path)
    if not path.is_file():
        return None
    with open(path, "rb") as stream:
        start = stream.read(4096)
    packed = start[:2] == b"\x1f\x8b"
    if not packed and SCHEMA.encode() not in start and b"FeatureCollection" not in start:
        return None
    text, _, _ = decode(read_file(path), None, path)
    first = text.lstrip()[:400]
    if first.startswith('{"schema":') and SCHEMA in first:
        return ((n, n, document) for n, document in read_jsonl(text))
    if '"FeatureCollection"' in first and f'"longreach":{{"schema":"{SCHEMA}"' in text:
        try:
            member = json.loads(text)["longreach"]
            items = member.pop("items")
            if not isinstance(items, list):
                raise TypeError
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise InputError(Fault("is a damaged GeoJSON export of a ledger", file=str(path))) from None
        return ((n, 1, each) for n, each in enumerate([member, *items]))
    return None


def _from_folder(folder: Path) -> Iterator[Entry]:
    """The documents of a folder of tables, in their order."""
    found: list[tuple[int, str, int, int, Any]] = []
    imports: dict[str, Any] = {}
    for number, line, row in _table(folder / "imports.csv"):
        try:
            imports[row["batch"]] = json.loads(row["info"])
        except (ValueError, KeyError, TypeError, RecursionError):
            found.append((0, "", number, line, ValueError("imports.csv: cannot be read")))
    for kind in records.KINDS:
        for number, line, row in _table(folder / f"{kind}.csv"):
            if isinstance(row, Exception):
                found.append((10**9, "", number, line, ValueError(f"{kind}.csv: {row}")))
                continue
            try:
                order = int(row.pop("order", "") or 10**9)
                batch = row.pop("batch", "") or ""
                found.append((order, batch, number, line, from_cells(kind, row)))
            except ValueError as error:
                found.append((10**9, "", number, line, ValueError(f"{kind}.csv: {error}")))
    now = ""
    for _, batch, number, line, document in sorted(found, key=lambda each: each[0]):
        if batch != now and not isinstance(document, Exception):
            now = batch
            yield 0, line, {"import": imports.get(batch, {"batch": batch}) if batch else None}
        yield number, line, document


def _table(path: Path) -> Iterator[tuple[int, int, Any]]:
    if not path.is_file():
        return
    text, _, _ = decode(read_file(path), None, path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = next(reader)
        for number, cells in enumerate(reader, 1):
            if not cells:
                continue
            if len(cells) != len(names):
                yield number, reader.line_num, ValueError(f"has {len(cells)} cells, not {len(names)}")
            else:
                yield number, reader.line_num, dict(zip(names, cells, strict=True))
    except (csv.Error, StopIteration) as error:
        raise InputError(Fault(f"is not a table: {error}", file=str(path), line=reader.line_num)) from None


def from_cells(kind: str, row: Mapping[str, str]) -> dict[str, Any]:
    """The JSON form of a record whose fields are cells of a table: an empty cell is a field left out.

    Chains may be written ZH>NYT>Pentagon, lists of words and names with `;` between.
    """
    specs = records.fields_of(kind)
    document: dict[str, Any] = {"kind": kind}
    for name, cell in row.items():
        spec = specs.get(name)
        if spec is None:
            raise ValueError(f"{name} is no field of {records.article(kind)}; fields: {', '.join(specs)}")
        if cell is None or cell == "":
            continue
        document[name] = from_word(spec, cell, name)
    return document


def from_word(spec: records.Field, cell: str, name: str) -> Any:
    """One field's value from one word or cell. ValueError where it cannot be read."""
    if spec.form in ("text", "id", "ref", "instant", "date"):
        return cell
    text = cell.strip()
    if spec.form == "bool":
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if text.lower() not in known:
            raise ValueError(f"{name} is {cell[:40]!r}; it can be true or false")
        return known[text.lower()]
    if spec.form == "number":
        try:
            return int(text) if text.lstrip("+-").isdigit() else float(text)
        except ValueError:
            raise ValueError(f"{name} is {cell[:40]!r}, not a number") from None
    if text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError(f"{name} is {cell[:40]!r}, which is not JSON") from None
    if spec.form == "chain":
        return [[each.strip(), "cites"] for each in text.split(">")]
    if spec.form == "span":
        first, _, last = text.partition("-")
        if not (first.isdigit() and last.isdigit()):
            raise ValueError(f"{name} is {cell[:40]!r}, not two numbers such as 120-164")
        return [int(first), int(last)]
    return [each.strip() for each in text.split(";") if each.strip()]


def take(entries: Iterator[Entry], view: View) -> Own:
    """Sort out which records come in."""
    heading: dict[str, Any] = {}
    groups: list[tuple[dict[str, Any] | None, list[tuple[Record, Entry]]]] = [(None, [])]
    bad: list[BadRow] = []
    rows = unchanged = 0
    coming: dict[str, Entry] = {}
    for entry in entries:
        number, line, document = entry
        if isinstance(document, Exception):
            rows += 1
            bad.append(BadRow(number, line, str(document), ""))
            continue
        if isinstance(document, dict) and document.get("schema") == SCHEMA:
            heading = document
            continue
        if isinstance(document, dict) and set(document) == {"import"}:
            info = document["import"]
            groups.append((info if isinstance(info, dict) else None, []))
            continue
        rows += 1
        raw = _raw(document)
        record, faults = records.build(document)
        if record is None:
            reason = "; ".join(f"{fault.key}: {fault.what}" for fault in faults[:5])
            bad.append(BadRow(number, line, reason, raw))
        elif not record.id:
            bad.append(BadRow(number, line, "has no id", raw))
        elif record.id in coming:
            bad.append(BadRow(number, line, f"{record.id} comes twice", raw))
        else:
            held = view.database.execute(
                "select json, status from record where id=?", (record.id,)
            ).fetchone()
            if held and held[1] != "dropped":
                if held[0] == compact(records.to_json(record)):
                    unchanged += 1
                else:
                    what = f"{record.id} is held already and differs; `longreach ledger correct` replaces a record"
                    bad.append(BadRow(number, line, what, raw))
                continue
            coming[record.id] = entry
            groups[-1][1].append((record, entry))
    kept = _complete(groups, coming, view, bad)
    bad.sort(key=lambda each: (each.number, each.line))
    return Own(heading, kept, tuple(bad), rows, unchanged)


def _complete(
    groups: Sequence[tuple[dict[str, Any] | None, list[tuple[Record, Entry]]]],
    coming: dict[str, Entry], view: View, bad: list[BadRow],
) -> tuple[tuple[dict[str, Any] | None, tuple[Record, ...]], ...]:  # fmt: skip
    """The groups without records that point at nothing; leaving one out may leave out others."""
    held = {row[0] for row in view.database.execute("select id from record where status != 'dropped'")}
    names = set(coming)
    changed = True
    while changed:
        changed = False
        for _, members in groups:
            for record, (number, line, document) in members:
                if record.id not in names:
                    continue
                lost = next(
                    (id for _, id, _ in records.refers_to(record) if id not in names and id not in held), None
                )
                if lost is not None:
                    names.discard(record.id)
                    changed = True
                    bad.append(
                        BadRow(
                            number,
                            line,
                            f"{record.id} points at {lost}, which does not come in",
                            _raw(document),
                        )
                    )
    return tuple(
        (info, kept)
        for info, members in groups
        if (kept := tuple(record for record, _ in members if record.id in names))
    )


def _raw(document: Any) -> str:
    try:
        return compact(document)
    except (ValueError, RecursionError):
        return repr(document)
