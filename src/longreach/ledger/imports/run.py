"""An import from a file to the ledger: which layout it is, what goes in, what is kept aside and why.

Rows that cannot go in are written to a file beside the ledger with their number, line and reason before anything is
added; the rest goes in as one batch, all or none, which `undo` takes back. A row that is held already and is the same
is counted; one that has changed is kept aside, or with `update` put in the place of the old one.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from longreach.document import sha256, write_atomically
from longreach.errors import Fault, InputError
from longreach.ledger import records
from longreach.ledger.imports import acled, dates, gdelt, mapping, own, tables, ucdp
from longreach.ledger.imports.incident import Incident, records_of, sources_behind
from longreach.ledger.imports.mapping import Profile
from longreach.ledger.imports.tables import BadRow, Row, Table
from longreach.ledger.log import compact
from longreach.ledger.records import Entity, Link, Record, Report
from longreach.ledger.store import Group, Ledger
from longreach.ledger.view import View

LAYOUTS: tuple[Any, ...] = (ucdp, acled, gdelt)
Progress = Callable[[str, float | None], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. rows = taken + unchanged + updated + len(bad)."""

    file: str
    layout: str
    batch: str
    rows: int
    taken: int
    unchanged: int
    updated: int
    bad: tuple[BadRow, ...]
    records: int
    remarks: dict[str, int]
    aside: Path | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user says about a file."""

    layout: str = "auto"
    profile: Profile | None = None
    dates: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    update: bool = False


def import_file(
    book: Ledger, path: Path, choices: Choices, *, author: str, progress: Progress | None = None,
    clock: datetime | None = None,
) -> Imported:  # fmt: skip
    """Bring the rows of one file into a ledger.

    Raises: InputError where the file cannot be read, is of no known layout, or the ledger cannot be written.
    """
    tell = progress or (lambda stage, part: None)
    tell("reading", None)
    entries = own.recognise(path) if choices.profile is None and choices.layout in ("auto", "own") else None
    if entries is not None:
        return _take_own(book, path, own.take(entries, book.view()), author, clock)
    if choices.layout == "own":
        raise InputError(Fault("is not an export of a ledger", file=str(path)))
    data = tables.read_file(path)
    table, layout, heading = _table(data, path, choices)
    return _take(book, path, data, table, layout, heading, choices, author, tell, clock)


def read_incidents(
    path: Path, choices: Choices
) -> tuple[list[tuple[Row, Mapping[str, Any], Incident]], list[BadRow]]:
    """The rows of a UCDP, ACLED or mapped file as incidents, without a ledger: row, cells by name, incident.

    What cannot be read comes beside them, with its reason.

    Raises: InputError where the file cannot be read or is of no layout that holds incidents.
    """
    data = tables.read_file(path)
    table, layout, _ = _table(data, path, choices)
    if layout == gdelt.NAME:
        raise InputError(Fault("holds machine-coded reports (GDELT), not incidents", file=str(path)))
    order = _order(table, layout, choices, path)
    found: list[tuple[Row, Mapping[str, Any], Incident]] = []
    bad: list[BadRow] = []
    for row in table.rows:
        if isinstance(row, BadRow):
            bad.append(row)
            continue
        cells = dict(zip(row.columns or table.columns, row.cells, strict=False))
        try:
            found.append((row, cells, _read(cells, layout, choices, order, row)))
        except ValueError as error:
            bad.append(BadRow(row.number, row.line, str(error), ""))
    return found, bad


def _table(data: bytes, path: Path, choices: Choices) -> tuple[Table, str, bool]:
    """The rows of a file, its layout, and whether its first row is a heading."""
    text, encoding, mark = tables.decode(data, choices.encoding, path)
    if text.lstrip()[:1] in ("{", "["):
        table = tables.read_geojson(tables.parse_json(text, path), path)
    else:
        table = tables.read_delimited(text, path, delimiter=choices.delimiter)
    form = {
        **table.form,
        "encoding": encoding,
        "mark": mark,
        "gzip": data is not None and path.suffix == ".gz",
    }
    table = dataclasses.replace(table, form=form)
    first = next((row.cells for row in table.rows if isinstance(row, Row)), ())
    if choices.profile is not None:
        missing = [name for name in choices.profile.columns.values() if name not in table.columns]
        if missing:
            hint = f"it has {', '.join(map(str, table.columns[:30]))}"
            raise InputError(
                Fault(f"has no column {', '.join(map(repr, missing))}", file=str(path), hint=hint)
            )
        return _fitted(table, True), "mapped", True
    for layout in LAYOUTS:
        if choices.layout not in ("auto", layout.NAME):
            continue
        found = layout.recognise(table.columns, first)
        if found:
            columns, heading = found
            if not heading:  # what was taken for a heading is the first row
                rows = [Row(1, 1, table.columns)]
                rows += [dataclasses.replace(row, number=row.number + 1) for row in table.rows]  # type: ignore[misc]
                table = Table(columns, tuple(rows), table.form)
            else:
                table = dataclasses.replace(
                    table, form={**table.form, "heading": list(table.columns)}, columns=columns
                )
            return _fitted(table, heading), layout.NAME, heading
    kinds = ", ".join(layout.NAME for layout in LAYOUTS)
    what = (
        "is not in a layout we know" if choices.layout == "auto" else f"is not in the layout {choices.layout}"
    )
    shown = ", ".join(str(name)[:30] for name in table.columns[:12])
    raise InputError(
        Fault(
            f"{what} ({kinds}); its columns are {shown}", file=str(path),
            hint="say which column is which: --map date=COLUMN --map lat=COLUMN ...",
        )
    )  # fmt: skip


def _fitted(table: Table, heading: bool) -> Table:
    """Rows of the right number of cells, a row of HXL tags under the heading taken out and kept in the form."""
    first = table.rows[0] if table.rows else None
    if heading and isinstance(first, Row) and not table.form.get("geojson"):
        tags = [str(cell).strip() for cell in first.cells]
        if any(tags) and all(tag.startswith("#") for tag in tags if tag):
            rows = tuple(dataclasses.replace(row, number=row.number - 1) for row in table.rows[1:])
            table = Table(table.columns, rows, {**table.form, "hxl": list(first.cells)})
    if table.form.get("geojson"):
        return table
    return tables.fit(table, len(table.columns))


def _take(
    book: Ledger, path: Path, data: bytes, table: Table, layout: str, heading: bool, choices: Choices,
    author: str, tell: Progress, clock: datetime | None,
) -> Imported:  # fmt: skip
    order = _order(table, layout, choices, path)
    view = book.view()
    bad: list[BadRow] = []
    new: list[Record] = []
    dropped: list[str] = []
    remarks: Counter[str] = Counter()
    entities: dict[str, Entity] = {}
    first_seen: dict[str, tuple[int, tuple[Any, ...]]] = {}
    taken = unchanged = updated = 0
    who = mapping.publisher(choices.profile) if choices.profile else _module(layout).PUBLISHER
    total = len(table.rows)
    for n, row in enumerate(table.rows):
        if not n % 2000:
            tell(f"{path.name}: row {n:,} of {total:,}", n / total)
        if isinstance(row, BadRow):
            bad.append(row)
            continue
        names = row.columns or table.columns
        try:
            incident = _read(dict(zip(names, row.cells, strict=True)), layout, choices, order, row)
            if incident.key in first_seen:
                number, cells = first_seen[incident.key]
                same = cells == row.cells
                if choices.profile is None or "id" in choices.profile.columns or not same:
                    raise ValueError(
                        f"is the same as row {number}"
                        if same
                        else f"has the id of row {number} but other values"
                    )
                incident = _again(incident, first_seen)
            made = list(records_of(incident, row.cells, row.columns, author))
            if faults := [fault for record in made for fault in records.check(record)]:
                raise ValueError("; ".join(f"{fault.key} {fault.what}" for fault in faults[:3]))
            first_seen[incident.key] = (row.number, row.cells)
            change = _held(view, incident, row)
            if change == "same":
                unchanged += 1
                continue
            if change == "other" and not choices.update:
                raise ValueError(
                    "differs from the row of this id that is held (--update puts it in its place)"
                )
            if change == "other":
                made, gone = _instead(view, incident, row, author)
                dropped += gone
                updated += 1
            else:
                taken += 1
        except ValueError as error:
            bad.append(BadRow(row.number, row.line, str(error), tables.raw_text(row, table.form)))
            continue
        for remark in incident.remarks:
            remarks[remark] += 1
        for entity in sources_behind(incident):
            entities.setdefault(entity.id, entity)
        new += made
    fresh = [each for each in (who, *entities.values()) if new and view.find(each.id) is None]
    info = {
        "batch": choices.profile.name if choices.profile else layout,
        "file": path.name,
        "file_sha256": sha256(data),
        "layout": layout,
        "columns": list(table.columns),
        "heading": heading,
        "form": table.form,
        "rows": total,
        "taken": taken,
        "updated": updated,
        "unchanged": unchanged,
        "kept_aside": len(bad),
    }
    if choices.profile:
        info["profile"] = {"name": choices.profile.name, "columns": choices.profile.columns}
    aside = keep_aside(book.path, path, bad) if bad else None
    batch = ""
    if new:
        tell(f"{path.name}: writing {len(new):,} records", None)
        try:
            named, _ = book.add_groups(
                [Group((*fresh, *new), info, checked=True)], author=author, clock=clock
            )
            batch = named[0]
            if dropped:
                book.drop(dropped, f"no longer in {path.name}", author=author, with_parts=True, clock=clock)
        except BaseException:
            if aside:
                aside.unlink(missing_ok=True)
            raise
    return Imported(
        str(path), layout, batch, total, taken, unchanged, updated, tuple(bad), len(new) and len(new) + len(fresh),
        dict(remarks), aside,
    )  # fmt: skip


def _take_own(book: Ledger, path: Path, found: own.Own, author: str, clock: datetime | None) -> Imported:
    loose = {
        "batch": "own", "file": path.name, "layout": "own", "rows": found.rows, "kept_aside": len(found.bad),
        "state_sha256": found.heading.get("state_sha256"),
    }  # fmt: skip
    aside = keep_aside(book.path, path, list(found.bad)) if found.bad else None
    groups = [Group(new, info if info is not None else loose, checked=True) for info, new in found.groups]
    names: list[str] = []
    try:
        if groups:
            names, _ = book.add_groups(groups, author=author, clock=clock)
    except BaseException:
        if aside:
            aside.unlink(missing_ok=True)
        raise
    taken = sum(len(group.records) for group in groups)
    return Imported(
        str(path), "own", ", ".join(names), found.rows, taken, found.unchanged, 0, found.bad, taken, {}, aside
    )


def _module(layout: str) -> Any:
    return next(each for each in LAYOUTS if layout == each.NAME)


def _read(row: Mapping[str, Any], layout: str, choices: Choices, order: str | None, at: Row) -> Incident:
    if choices.profile is not None:
        digest = hashlib.sha256(
            compact([str(cell) for cell in at.cells]).encode("utf-8", "replace")
        ).hexdigest()
        return mapping.read(row, choices.profile, digest[:12], order)
    if layout == acled.NAME:
        return acled.read(row, order)
    found: Incident = _module(layout).read(row)
    return found


def _order(table: Table, layout: str, choices: Choices, path: Path) -> str | None:
    """dmy or mdy for the dates of three numbers in a table; None where there are none.

    Raises: InputError where most could be either, none tells, and the user has not said.
    """
    if choices.dates:
        return choices.dates
    if choices.profile is not None:
        if choices.profile.dates:
            return choices.profile.dates
        parts = [choices.profile.columns[part] for part in ("date", "end") if part in choices.profile.columns]
    elif layout == acled.NAME:
        parts = ["event_date"]
    else:
        return None
    texts = [
        str(row.cells[names.index(part)])
        for row in table.rows
        if isinstance(row, Row)
        for names in (row.columns or table.columns,)
        for part in parts
        if part in names
    ]
    try:
        found = dates.order_of(texts)
    except ValueError:  # both kinds in one column: what could be either is kept aside, row by row
        return None
    if found is None:
        unsure = [text for text in texts if _ambiguous(text)]
        if len(unsure) * 2 > len(texts):
            what = f"holds dates such as {unsure[0]!r}, which {dates.AMBIGUOUS}, and none that tells"
            raise InputError(Fault(what, file=str(path), hint="say --dates dmy or --dates mdy"))
    return found


def _ambiguous(text: str) -> bool:
    try:
        dates.read_span(text)
    except ValueError as error:
        return dates.AMBIGUOUS in str(error)
    return False


def _again(incident: Incident, seen: Mapping[str, Any]) -> Incident:
    """A row without an id that is equal to an earlier one: two things may have happened; both are kept."""
    number = 2
    while f"{incident.key}-{number}" in seen:
        number += 1
    remark = "equal to an earlier row and without an id: both kept"
    return dataclasses.replace(incident, key=f"{incident.key}-{number}", remarks=(*incident.remarks, remark))


def _held(view: View, incident: Incident, row: Row) -> str:
    """ "" where the row is new, "same" where it is held as it is, "other" where it has changed."""
    report = view.find(view.current(f"{incident.key}.r"))
    if not isinstance(report, Report):
        return ""
    return "same" if json.loads(compact(report.row)) == json.loads(compact(row.cells)) else "other"


def _instead(view: View, incident: Incident, row: Row, author: str) -> tuple[list[Record], list[str]]:
    """The records of a changed row with the links that put them in the place of the old ones, and the names
    of old ones that nothing takes the place of."""
    old_key = view.current(f"{incident.key}.r")[:-2]
    stem, _, number = old_key.rpartition("~")
    key = f"{stem}~{int(number) + 1}" if stem and number.isdigit() else f"{old_key}~2"
    new = list(records_of(dataclasses.replace(incident, key=key), row.cells, row.columns, author))
    suffixes = {record.id[len(key) :] for record in new}
    links: list[Record] = []
    for record in new:
        old = old_key + record.id[len(key) :]
        if view.find(old) is not None:
            links.append(
                Link(
                    id=f"{record.id}.replaces", from_=record.id, to=old, relation="replaces", coder=author,
                    reason="the row changed in a later release",
                )
            )  # fmt: skip
    rows = view.database.execute(
        "select id from record where status='live' and (id=? or id like ? escape '\\')",
        (old_key, old_key.replace("_", "\\_") + ".%"),
    )
    gone = [id for (id,) in rows if id[len(old_key) :] not in suffixes and not id.endswith(".replaces")]
    return [*new, *links], gone


def keep_aside(ledger: Path, path: Path, bad: Sequence[BadRow]) -> Path:
    """Write the rows that do not go in to a new file beside the ledger: number, line, reason, the row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("row", "line", "reason", "as_it_was"))
    for each in bad:
        writer.writerow((each.number, each.line, each.reason, each.raw))
    stem = f"{ledger.stem}.aside-{path.name.removesuffix('.gz').removesuffix('.csv')}"
    number = 1
    while True:
        aside = ledger.with_name(f"{stem}.csv" if number == 1 else f"{stem}-{number}.csv")
        if not aside.exists():
            break
        number += 1
    write_atomically(aside, out.getvalue().encode("utf-8", "surrogateescape"))
    return aside


__all__ = ["Choices", "Group", "Imported", "import_file", "keep_aside"]
