"""The log folded into an indexed view: what is held now, or was held at an instant, in SQLite.

The view is made from the log and can always be made again; it holds nothing of its own. Records keep the very
bytes of the log. A record is `live`, `replaced` (a link `replaces` points at it) or `dropped` (a tombstone); only
live ones are seen unless asked for.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from longreach.errors import DataError, Fault, InputError
from longreach.ledger import records
from longreach.ledger.log import SCHEMA, Damage, Line, Tail, tail_of
from longreach.ledger.records import Claim, Count, Event, Link, Place, Record, Time

TABLES = """
create table record(seq integer primary key, id text unique, kind text, sub text, owner text, other text,
    time text, author text, json text, batch text, status text);
create table gone(id text primary key, seq integer, time text, author text, reason text, by text) without rowid;
create table batch(id text primary key, seq integer, time text, author text, status text, json text) without rowid;
create table meta(name text primary key, value text) without rowid;
create index by_kind on record(kind, sub);
create index by_owner on record(owner);
create index by_other on record(other);
create index by_batch on record(batch);
"""
# Which field of a record is its owner (what it hangs on), and which its kind within the kind.
_OWNER = {"report": "source", "claim": "report", "link": "from", "time": "of", "place": "of", "count": "of"}
_SUB = {"entity": "type", "event": "type", "link": "relation", "claim": "topic", "count": "unit"}
_SUB_DEFAULT = {"entity": "other"}


@dataclass(frozen=True, slots=True)
class Held:
    """A record with what the log knows of it: when it came in, by whom, and whether it still counts."""

    record: Record
    seq: int
    time: str
    author: str
    batch: str
    status: str  # live, replaced, dropped
    gone_time: str = ""
    gone_by: str = ""  # the record that replaces it, or the author of the tombstone
    gone_reason: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """One import: what came from which file, in which layout."""

    id: str
    seq: int
    time: str
    author: str
    status: str  # live, undone
    info: dict[str, Any]


class View:
    """What a ledger holds. Made by `Ledger.view()` or `Ledger.as_of()`, or with `View.of(lines)`."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database

    def close(self) -> None:
        """Let go of the view; it is let go of by itself when nothing uses it any more."""
        self.database.close()

    def __del__(self) -> None:
        self.close()

    @classmethod
    def of(cls, lines: Iterable[Line], title: str = "") -> View:
        """The view of some lines of a log, in memory."""
        database = empty(":memory:")
        fold(database, lines)
        return cls(database)

    # -- one record ---------------------------------------------------------------------------------------
    def find(self, id: str) -> Record | None:
        """The live record of that name, or None."""
        row = self.database.execute("select json from record where id=? and status='live'", (id,)).fetchone()
        return _record(row[0]) if row else None

    def get(self, id: str) -> Record:
        """The live record of that name.

        Raises: InputError where there is none, saying what is like it or what became of it.
        """
        found = self.find(id)
        if found is not None:
            return found
        raise InputError(Fault(self._why_not(id)))

    def held(self, id: str) -> Held:
        """A record, live or not, with when and by whom it came in and what became of it."""
        row = self.database.execute(
            "select r.json, r.seq, r.time, r.author, r.batch, r.status, g.time, g.by, g.reason "
            "from record r left join gone g on g.id = r.id where r.id=?",
            (id,),
        ).fetchone()
        if row is None:
            raise InputError(Fault(self._why_not(id)))
        return Held(_record(row[0]), *row[1:6], *(each or "" for each in row[6:]))

    def current(self, id: str) -> str:
        """The name of the record that now stands for `id`: itself, or what replaced it."""
        seen = set()
        while id not in seen:
            seen.add(id)
            row = self.database.execute(
                "select g.by from record r join gone g on g.id = r.id where r.id=? and r.status='replaced'",
                (id,),
            ).fetchone()
            if row is None:
                return id
            id = row[0]
        return id

    def _why_not(self, id: str) -> str:
        row = self.database.execute("select status from record where id=?", (id,)).fetchone()
        if row and row[0] == "replaced":
            return f"{id} was replaced by {self.current(id)}"
        if row:
            gone = self.database.execute("select time, author, reason from gone where id=?", (id,)).fetchone()
            return f"{id} was dropped on {gone[0][:10]} by {gone[1]}: {gone[2]}"
        import difflib

        names = [
            row[0] for row in self.database.execute("select id from record where status='live' limit 20000")
        ]
        near = difflib.get_close_matches(id, names, n=1)
        return f"the ledger holds no record {id!r}" + (f"; did you mean {near[0]}?" if near else "")

    # -- many records -------------------------------------------------------------------------------------
    def all(self, kind: str, sub: str | None = None) -> Iterator[Any]:
        """Live records of a kind in the order they came in; `sub` is the type of an entity or event, the
        relation of a link, the topic of a claim, the unit of a count."""
        where, values = ("", ()) if sub is None else (" and sub=?", (sub,))
        query = f"select json from record where kind=? and status='live'{where} order by seq"
        for (text,) in self.database.execute(query, (kind, *values)):
            yield _record(text)

    def count(self, kind: str, sub: str | None = None) -> int:
        """How many live records there are of a kind."""
        where, values = ("", ()) if sub is None else (" and sub=?", (sub,))
        query = f"select count(*) from record where kind=? and status='live'{where}"
        return int(self.database.execute(query, (kind, *values)).fetchone()[0])

    def _hanging(self, on: str, kind: str) -> list[Any]:
        """Live records of a kind that hang on `on`, or on what it replaced."""
        names = [on]
        for name in names:
            names += [
                row[0]
                for row in self.database.execute(
                    "select g.id from gone g join record r on r.id = g.id where g.by=? and r.status='replaced'",
                    (name,),
                )
                if row[0] not in names
            ]
        marks = ",".join("?" * len(names))
        query = f"select json from record where owner in ({marks}) and kind=? and status='live' order by seq"
        return [_record(text) for (text,) in self.database.execute(query, (*names, kind))]

    def times(self, claim: str) -> list[Time]:
        """The times that hang on a claim."""
        return self._hanging(claim, "time")

    def places(self, claim: str) -> list[Place]:
        """The places that hang on a claim."""
        return self._hanging(claim, "place")

    def counts(self, claim: str) -> list[Count]:
        """The counts that hang on a claim."""
        return self._hanging(claim, "count")

    def claims(self, report: str) -> list[Claim]:
        """The claims of a report."""
        return self._hanging(report, "claim")

    def links(
        self, *, from_: str | None = None, to: str | None = None, relation: str | None = None
    ) -> list[Link]:
        """Live links, by either end or by relation; ends that were replaced are followed."""
        where, values = ["kind='link'", "status='live'"], []
        for column, value in (("owner", from_), ("other", to), ("sub", relation)):
            if value is not None:
                where.append(f"{column}=?")
                values.append(value)
        query = f"select json from record where {' and '.join(where)} order by seq"
        return [_record(text) for (text,) in self.database.execute(query, values)]

    def claims_of(self, event: str) -> list[tuple[Claim, Link]]:
        """The claims about an event, with the link that says so."""
        found = []
        for link in self.links(to=event):
            record = self.find(self.current(link.from_))
            if isinstance(record, Claim):
                found.append((record, link))
        return found

    def events_of(self, claim: str) -> list[tuple[Event, Link]]:
        """The events a claim is about, with the link that says so."""
        found = []
        for link in self.links(from_=claim):
            record = self.find(self.current(link.to))
            if isinstance(record, Event):
                found.append((record, link))
        return found

    def batches(self) -> list[Batch]:
        """The imports, in the order they came in."""
        rows = self.database.execute("select id, seq, time, author, status, json from batch order by seq")
        return [Batch(row[0], row[1], row[2], row[3], row[4], json.loads(row[5])) for row in rows]

    # -- the whole ----------------------------------------------------------------------------------------
    @property
    def tail(self) -> Tail:
        """The end of the log this view was made from."""
        meta = dict(self.database.execute("select name, value from meta"))
        if "seq" not in meta:
            return Tail()
        return Tail(int(meta["size"]), int(meta["seq"]), meta["time"], meta["hash"], meta["op"])

    @property
    def title(self) -> str:
        """What the ledger is called."""
        row = self.database.execute("select value from meta where name='title'").fetchone()
        return row[0] if row else ""

    def lines(self) -> Iterator[str]:
        """The live records as the log has them, one JSON text each, in the order they came in."""
        for (text,) in self.database.execute("select json from record where status='live' order by seq"):
            yield text

    def sha256(self) -> str:
        """Hash of what is held: of the live records, one line each. Equal states have equal hashes."""
        digest = hashlib.sha256()
        for text in self.lines():
            digest.update(text.encode())
            digest.update(b"\n")
        return digest.hexdigest()


def _record(text: str) -> Any:
    try:
        return records.from_json(json.loads(text))
    except (InputError, ValueError, RecursionError) as error:
        raise DataError(f"the ledger holds a record this version cannot read: {error}") from error


def empty(where: str) -> sqlite3.Connection:
    """A new database with the tables of a view."""
    # any thread may let go of a view: rubbish is collected in whichever runs at the time
    database = sqlite3.connect(where, isolation_level=None, check_same_thread=False)
    database.execute("pragma synchronous=off")  # it can always be made again
    database.executescript(TABLES)
    return database


def fold(database: sqlite3.Connection, lines: Iterable[Line | Damage]) -> Damage | None:
    """Bring lines that follow the view's tail into it, all or none; the Damage that ended them, or None."""
    database.execute("begin")
    try:
        damage = _Fold(database).run(lines)
        database.execute("commit")
    except BaseException:
        database.execute("rollback")
        raise
    return damage


class _Fold:
    """One pass over lines. Records wait in `rows` until something has to see them in the tables."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        self.rows: list[tuple[Any, ...]] = []
        self.pending: list[tuple[Any, ...]] = []
        self.replaces: list[tuple[Line, dict[str, Any]]] = []

    def run(self, lines: Iterable[Line | Damage]) -> Damage | None:
        damage, last, pending, loads = None, None, self.pending, json.loads
        for line in lines:
            if isinstance(line, Damage):
                damage = line
                break
            try:
                document = loads(line.record)
                if line.op in ("part", "add"):
                    pending.append(_row(line, document))
                    if document["kind"] == "link" and document["relation"] == "replaces":
                        self.replaces.append((line, document))
                    if line.op == "add":
                        self._take("")
                else:
                    self._other(line, document)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                damage = Damage(line.seq, line.offset, "is in its place, but what it holds cannot be read")
                break
            last = line
        self._flush()
        if last is not None:
            self._meta(**dataclasses.asdict(tail_of(last)))
        return damage

    def _take(self, batch: str) -> None:
        """The change that waits is whole: its records count."""
        self.rows += [(*row, batch, "live") for row in self.pending]
        self.pending.clear()
        if self.replaces:
            self._flush()
        for line, document in self.replaces:
            self._gone(
                line, str(document["to"]), "replaced", str(document["from"]), str(document.get("reason", ""))
            )
        self.replaces.clear()
        if len(self.rows) > 20_000:
            self._flush()

    def _other(self, line: Line, document: dict[str, Any]) -> None:
        execute = self.database.execute
        if line.op == "import":
            self._take(document["batch"])
            execute(
                "insert or replace into batch values(?,?,?,?,'live',?)",
                (str(document["batch"]), line.seq, line.time, line.author, line.record),
            )
        elif line.op == "drop":
            self._flush()
            reason = str(document["reason"])
            names = [str(each) for each in document.get("ids", ())]
            if "batch" in document:
                kept = set(document.get("kept", ()))
                found = execute("select id from record where batch=? and status='live'", (document["batch"],))
                names += [row[0] for row in found if row[0] not in kept]
                execute("update batch set status='undone' where id=?", (document["batch"],))
            for name in names:
                self._gone(line, name, "dropped", line.author, reason)
        elif line.op == "abandon":
            self.pending.clear()
            self.replaces.clear()
        elif line.op == "init":
            if document["schema"] != SCHEMA:
                raise ValueError
            self._meta(title=str(document.get("title", "")), first=line.hash)

    def _gone(self, line: Line, id: str, status: str, by: str, reason: str) -> None:
        self.database.execute("update record set status=? where id=?", (status, id))
        self.database.execute(
            "insert or replace into gone values(?,?,?,?,?,?)",
            (id, line.seq, line.time, line.author, reason, by),
        )

    def _flush(self) -> None:
        if self.rows:
            self.database.executemany(
                "insert or replace into record values(?,?,?,?,?,?,?,?,?,?,?)", self.rows
            )
            self.rows.clear()

    def _meta(self, **values: object) -> None:
        self.database.executemany(
            "insert or replace into meta values(?,?)", [(name, str(value)) for name, value in values.items()]
        )


def _row(line: Line, document: dict[str, Any]) -> tuple[Any, ...]:
    kind, id = document["kind"], document["id"]
    if kind not in records.KINDS or not isinstance(id, str) or not records.ID.fullmatch(id):
        raise ValueError
    sub = document.get(_SUB.get(kind, ""), _SUB_DEFAULT.get(kind))
    owner = document.get(_OWNER.get(kind, ""))
    other = document.get("to") if kind == "link" else None
    for each in (sub, owner, other):
        if not (each is None or isinstance(each, str)):
            raise ValueError
    return (line.seq, id, kind, sub, owner, other, line.time, line.author, line.record)
