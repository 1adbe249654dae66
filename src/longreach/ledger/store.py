"""A ledger on disk: the log, who may write to it, and the view kept of it in the user's cache folder.

    book = Ledger.create(Path("ledger.jsonl"), title="Gulf, winter 2020-21", author="ana")
    book.add([Entity(id="NYT", name="New York Times", type="news")], author="ana")
    book.view().get("NYT")

Several processes may read and write at once. What a call to `add`, `correct` or `drop` has returned from is on
the disk. The view in the cache (`LONGREACH_CACHE` overrides the folder) only saves time: where it is missing,
old, damaged or cannot be written, the log is folded again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import itertools
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from longreach.errors import Fault, InputError
from longreach.ledger import log, records
from longreach.ledger.log import Damage, Line, Tail, compact, scan
from longreach.ledger.records import Link, Record
from longreach.ledger.view import TABLES, View, empty, fold

INDEX_VERSION = "1"
Notice = Callable[[str], None]
# First letters of the names given to records that come without one.
PREFIX = {
    "entity": "s", "report": "r", "claim": "c", "event": "e", "link": "l", "time": "t", "place": "p",
    "count": "n", "assessment": "a",
}  # fmt: skip


class DamagedLedger(InputError):
    """A log that was changed or cut: it can be read up to the damage, and not written to."""

    def __init__(self, path: Path, damage: Damage) -> None:
        self.damage = damage
        hint = f"see `longreach ledger verify --ledger {path}`; everything before it still reads"
        super().__init__(
            Fault(f"byte {damage.offset}: {damage.what}", file=str(path), line=damage.line, hint=hint)
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """A view and, where the log is not whole, what is wrong after what the view holds."""

    view: View
    damage: Damage | None


@dataclass(frozen=True, slots=True)
class Group:
    """Records that come in together; `info` where they are an import, `checked` where `records.check` was run."""

    records: tuple[Record, ...]
    info: Mapping[str, Any] | None = None
    checked: bool = False


class Ledger:
    """One log and what may be done with it. `notice` hears what was set aside or put right on the way."""

    def __init__(self, path: Path, notice: Notice | None = None) -> None:
        self.path = path
        self.notice: Notice = notice or (lambda text: None)

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        title: str,
        author: str,
        clock: datetime | None = None,
        notice: Notice | None = None,
    ) -> Ledger:
        """A new ledger. Raises: InputError where the file is there already or cannot be written."""
        _check_words(title=title, author=author)
        log.create(path, title, author, clock=clock)
        with contextlib.suppress(OSError):
            forget(path)
        return cls(path, notice)

    # -- reading ------------------------------------------------------------------------------------------
    def read(self) -> Reading:
        """All that is held now; a log that is not whole is read up to its damage, which is told.

        The view stays what it is, whatever is written after.
        """
        with self._open("rb") as stream, log.locked(stream, shared=True):
            reading = self._refresh(stream)
            reading.view.database.execute("begin")
            reading.view.database.execute("select count(*) from meta").fetchone()
            return reading

    def view(self) -> View:
        """All that is held now.

        Raises: DamagedLedger where a line was changed or cut; a torn end, of which nothing was
        acknowledged, is only told to `notice`.
        """
        return self._whole(self.read())

    def as_of(self, when: str | int) -> View:
        """What was held at an instant (`2020-12-10` is the end of that day, UTC) or after line number `when`.

        Byte for byte what `view()` gave then: both are the fold of the same lines.
        """
        return self._whole(self.read_as_of(when))

    def read_as_of(self, when: str | int) -> Reading:
        """`as_of` with the damage beside it."""
        lines = self.lines()
        if isinstance(when, int):
            within = _until(lines, lambda line: line.seq <= when)
        else:
            last = moment(when)
            within = _until(lines, lambda line: line.time <= last)
        database = empty(":memory:")
        damage = fold(database, within)
        return Reading(View(database), damage)

    def lines(self) -> Iterator[Line | Damage]:
        """The lines of the log in order; a Damage ends it."""
        return scan(log.read_bytes(self.path))

    def _whole(self, reading: Reading) -> View:
        if reading.damage and not reading.damage.torn:
            raise DamagedLedger(self.path, reading.damage)
        if reading.damage:
            self.notice(f"{self.path}: {reading.damage}; the next change sets it aside")
        return reading.view

    # -- writing ------------------------------------------------------------------------------------------
    def add(self, new: Iterable[Record], *, author: str, clock: datetime | None = None) -> tuple[Record, ...]:
        """Add records, all or none, and return them as they are held (a record without id gets one).

        Raises: InputError with every fault: names already taken, references to nothing; nothing is added then.
        """
        return self._change([Group(tuple(new))], author, clock)[1]

    def add_batch(
        self, new: Iterable[Record], info: Mapping[str, Any], *, author: str, clock: datetime | None = None
    ) -> tuple[str, tuple[Record, ...]]:
        """Add the records of one import, all or none, and return the batch's name with them.

        `info` says what the import was; its `batch` is the stem of the name, which gets a number.
        """
        names, added = self._change([Group(tuple(new), info)], author, clock)
        return names[0], added

    def add_groups(
        self, groups: Sequence[Group], *, author: str, clock: datetime | None = None
    ) -> tuple[list[str], tuple[Record, ...]]:
        """Add several groups of records in one write, such as a ledger's own export; the batches' names."""
        return self._change(groups, author, clock)

    def correct(
        self, old: str, new: Record, reason: str, *, author: str, clock: datetime | None = None
    ) -> Record:
        """Put `new` in the place of the record `old`, which stays in the log. Its name becomes old~2, old~3 ...

        Raises: InputError where `old` is not held, is of another kind, or no reason is given.
        """
        if not new.id or new.id == old:
            stem, _, number = old.rpartition("~")
            new = dataclasses.replace(
                new, id=f"{stem}~{int(number) + 1}" if stem and number.isdigit() else f"{old}~2"
            )
        link = Link(
            id=f"{new.id}.replaces", from_=new.id, to=old, relation="replaces", coder=author, reason=reason
        )
        return self.add([new, link], author=author, clock=clock)[0]

    def drop(
        self, ids: Sequence[str], reason: str, *, author: str, with_parts: bool = False,
        clock: datetime | None = None,
    ) -> tuple[str, ...]:  # fmt: skip
        """Put a tombstone on records and return the names of all that are dropped.

        Raises: InputError where one is not held, or where others hang on it and `with_parts` is not given.
        """
        _check_words(author=author, reason=reason)
        with self._writing() as (stream, view):
            for id in ids:
                view.get(id)
            going = list(dict.fromkeys(ids))
            hanging = _hang_on(view, going)
            if hanging and not with_parts:
                names = ", ".join(hanging[:8]) + (f" and {len(hanging) - 8} more" if len(hanging) > 8 else "")
                raise InputError(
                    Fault(f"{names} hang on {', '.join(ids)}", hint="drop them too with --with-parts")
                )
            going += hanging
            self._append(stream, view, [("drop", compact({"ids": going, "reason": reason}))], author, clock)
            return tuple(going)

    def undo(
        self, batch: str, reason: str, *, author: str, clock: datetime | None = None
    ) -> tuple[int, list[str]]:
        """Put a tombstone on all records of an import that nothing outside it uses.

        Returns how many are dropped, and the names of those kept because others hang on them.
        """
        _check_words(author=author, reason=reason)
        with self._writing() as (stream, view):
            known = {each.id: each for each in view.batches()}
            if batch not in known:
                hint = f"imports: {', '.join(known)}" if known else "nothing was imported"
                raise InputError(Fault(f"there is no import {batch!r}", hint=hint))
            if known[batch].status != "live":
                raise InputError(Fault(f"the import {batch} was undone already"))
            kept = _used_outside(view, batch)
            held = view.database.execute(
                "select count(*) from record where batch=? and status='live'", (batch,)
            ).fetchone()[0]
            document = {"batch": batch, "reason": reason, **({"kept": kept} if kept else {})}
            self._append(stream, view, [("drop", compact(document))], author, clock)
            return int(held) - len(kept), kept

    def _change(
        self, groups: Sequence[Group], author: str, clock: datetime | None
    ) -> tuple[list[str], tuple[Record, ...]]:
        _check_words(author=author)
        with self._writing() as (stream, view):
            named = _name(view, [record for group in groups for record in group.records])
            faults = _faults(view, named, checked=all(group.checked for group in groups))
            if faults:
                raise InputError(faults)
            taken = {batch.id for batch in view.batches()}
            names: list[str] = []
            lines: list[tuple[str, str]] = []
            at = 0
            for group in groups:
                own = named[at : at + len(group.records)]
                at += len(own)
                lines += [("part", compact(records.to_json(record))) for record in own]
                if group.info is not None:
                    name = _batch_name(str(group.info.get("batch", "import")), taken)
                    taken.add(name)
                    names.append(name)
                    lines.append(("import", compact({**group.info, "batch": name, "records": len(own)})))
                elif own:
                    lines[-1] = ("add", lines[-1][1])
            if lines:
                self._append(stream, view, lines, author, clock)
            return names, tuple(named)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[tuple[IO[bytes], View]]:
        """The log open and locked for writing, its torn end set aside, with the view of all of it."""
        with self._open("r+b") as stream, log.locked(stream):
            reading = self._refresh(stream)
            if reading.damage:
                if not reading.damage.torn:
                    raise DamagedLedger(self.path, reading.damage)
                self.notice(f"{self.path}: {set_aside(self.path, stream, reading.damage)}")
                reading = self._refresh(stream)
                if reading.damage:  # pragma: no cover
                    raise DamagedLedger(self.path, reading.damage)
            yield stream, reading.view

    def _append(
        self,
        stream: IO[bytes],
        view: View,
        lines: Sequence[tuple[str, str]],
        author: str,
        clock: datetime | None,
    ) -> None:
        try:
            _, added = log.add_lines(stream, view.tail, lines, author, clock)
        except OSError as error:
            raise InputError(
                Fault(f"nothing was added: {error.strerror or error}", file=str(self.path))
            ) from error
        # On the disk from here on: whatever happens to the view below, the change is made.
        with contextlib.suppress(sqlite3.Error):
            fold(view.database, added)
            _remember(view.database, stream)

    # -- the view in the cache ----------------------------------------------------------------------------
    def _open(self, mode: str) -> IO[bytes]:
        try:
            return open(self.path, mode, buffering=0)
        except OSError as error:
            hint = "make one with `longreach ledger init`" if isinstance(error, FileNotFoundError) else None
            what = f"cannot {'read' if mode == 'rb' else 'write'}: {error.strerror or error}"
            raise InputError(Fault(what, file=str(self.path), hint=hint)) from error

    def _refresh(self, stream: IO[bytes]) -> Reading:
        """The view brought up to the log, which is locked."""
        database = None
        try:
            database = _cached(self.path)
            return self._bring_up(database, stream)
        except (sqlite3.Error, OSError):
            if database is not None:
                database.close()
        return self._bring_up(empty(":memory:"), stream)

    def _bring_up(self, database: sqlite3.Connection, stream: IO[bytes]) -> Reading:
        view = View(database)
        if _remembered(database, stream):
            return Reading(view, None)
        tail = view.tail
        stream.seek(0)
        lines = scan(stream.readall())  # type: ignore[attr-defined]
        known: Damage | None = None
        if tail.seq and _another(database, stream):
            self.notice(f"{self.path}: another ledger than the one last read here")
            with contextlib.closing(database):
                forget(self.path)
            return self._refresh(stream)
        if tail.seq:
            last: Line | Damage | None = None
            for last in lines:
                if isinstance(last, Damage) or last.seq == tail.seq:
                    break
            if isinstance(last, Damage) or last is None or last.seq != tail.seq or last.hash != tail.hash:
                known = last if isinstance(last, Damage) and not last.torn else _cut(last, tail)
        if known is not None:  # not the log this view was made of: leave the view as a witness
            database.close()
            memory = empty(":memory:")
            stream.seek(0)
            found = fold(memory, scan(stream.readall()))  # type: ignore[attr-defined]
            return Reading(View(memory), found if found and not found.torn else known)
        damage = fold(database, lines)
        if damage is None:
            _remember(database, stream)
        return Reading(view, damage)


def _another(database: sqlite3.Connection, stream: IO[bytes]) -> bool:
    """Whether the log begins with a whole first line that is not the one the view was made from."""
    stream.seek(0)
    first = next(scan(stream.read(1 << 16)), None)
    row = database.execute("select value from meta where name='first'").fetchone()
    return isinstance(first, Line) and row is not None and row[0] != first.hash


def _cut(last: Line | Damage | None, tail: Tail) -> Damage:
    """What is said of a log that no longer holds what was read from it before."""
    seq = 0 if last is None else last.line - 1 if isinstance(last, Damage) else last.seq
    what = f"when it was last read here, line {tail.seq} had the hash {tail.hash[:16]}..."
    if seq < tail.seq:
        return Damage(
            seq + 1,
            0 if last is None else last.offset,
            f"{what}; now the log ends before it: lines were cut off",
        )
    return Damage(
        tail.seq, last.offset if last else 0, f"{what}; now it is another: the log was written anew"
    )


def index_file(path: Path) -> Path:
    """Where the view of the log at `path` is kept."""
    given = os.environ.get("LONGREACH_CACHE")
    if given:
        folder = Path(given)
    else:
        import platformdirs

        folder = Path(platformdirs.user_cache_dir("longreach"))
    name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:32]
    return folder / "ledger" / f"{name}-{INDEX_VERSION}.sqlite"


def _cached(path: Path) -> sqlite3.Connection:
    """The view kept of a log, empty where there is none yet."""
    file = index_file(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(2):
        try:
            database = sqlite3.connect(file, isolation_level=None, timeout=10.0, check_same_thread=False)
            database.execute("pragma journal_mode=wal")
            database.execute("pragma synchronous=off")
            database.execute("begin immediate")
            if not database.execute("select 1 from sqlite_master where name='meta'").fetchone():
                for statement in TABLES.split(";"):
                    database.execute(statement)
            database.execute("commit")
            return database
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:  # not a database, or a broken one
            forget(path)
    raise sqlite3.OperationalError("no view can be kept")


def forget(path: Path) -> None:
    """Throw the view kept of a log away; it is made again when it is needed."""
    file = index_file(path)
    for each in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        each.unlink(missing_ok=True)


def _stat(stream: IO[bytes]) -> str:
    found = os.fstat(stream.fileno())
    return f"{found.st_dev},{found.st_ino},{found.st_size},{found.st_mtime_ns},{found.st_ctime_ns}"


def _remember(database: sqlite3.Connection, stream: IO[bytes]) -> None:
    database.execute("insert or replace into meta values('stat',?)", (_stat(stream),))


def _remembered(database: sqlite3.Connection, stream: IO[bytes]) -> bool:
    row = database.execute("select value from meta where name='stat'").fetchone()
    return row is not None and row[0] == _stat(stream)


def moment(when: str) -> str:
    """The last instant, as the log writes it, that a date or time of the user takes in.

    >>> moment("2020-12-10")
    '2020-12-10T23:59:59.999999Z'
    >>> moment("2020-12-10T09:25Z")
    '2020-12-10T09:25:59.999999Z'

    Raises: InputError where it is neither.
    """
    try:
        if len(when) == 10:
            day = date.fromisoformat(when)
            return log.stamp(datetime(day.year, day.month, day.day, 23, 59, 59, 999999, tzinfo=UTC))
        found = datetime.fromisoformat(when)
        clock = when[11:].rstrip("Z").split("+")[0].split("-")[0]
        if len(when) < 16 or ("T" not in when and " " not in when):
            raise ValueError
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        if len(clock) <= 5:
            found += timedelta(seconds=59, microseconds=999999)
        elif "." not in clock:
            found += timedelta(microseconds=999999)
        return log.stamp(found)
    except (ValueError, OverflowError):
        raise InputError(
            Fault(f"{when!r} is not a date or a time", hint="write 2020-12-10 or 2020-12-10T09:25Z (UTC)")
        ) from None


def set_aside(path: Path, stream: IO[bytes], damage: Damage) -> str:
    """Move a torn end out of a log that is open and locked; says what was done. Nothing is thrown away.

    An end that is whole but for its line end gets it; any other goes to a file beside the log.
    """
    stream.seek(damage.offset)
    torn = stream.readall()  # type: ignore[attr-defined]
    if "line end is missing" in damage.what:
        stream.write(b"\n")
        os.fsync(stream.fileno())
        return f"line {damage.line} got back its missing line end"
    number = 1
    while True:
        aside = path.with_name(f"{path.name}.torn-{damage.line}" + (f"-{number}" if number > 1 else ""))
        try:
            with open(aside, "xb") as kept:
                kept.write(torn)
                kept.flush()
                os.fsync(kept.fileno())
            break
        except FileExistsError:
            number += 1
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise InputError(
                Fault(f"cannot set the torn end of the log aside: {error.strerror or error}", file=str(aside))
            ) from error
    os.ftruncate(stream.fileno(), damage.offset)
    os.fsync(stream.fileno())
    return f"an unfinished last line ({len(torn):,} bytes, never acknowledged) was moved to {aside.name}"


def _until(lines: Iterable[Line | Damage], within: Callable[[Line], bool]) -> Iterator[Line | Damage]:
    for line in lines:
        if isinstance(line, Line) and not within(line):
            return
        yield line


def _check_words(**words: str) -> None:
    for name, value in words.items():
        if not value.strip():
            raise InputError(Fault("is empty", key=name))
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InputError(
                Fault("holds half a surrogate pair, which is not a character", key=name)
            ) from None
        if len(value) > 10_000:
            raise InputError(Fault(f"is {len(value):,} characters long; the limit is 10,000", key=name))


def _name(view: View, new: Iterable[Record]) -> list[Record]:
    """The records with a name for each that has none."""
    found = list(new)
    taken = {record.id for record in found}
    for n, record in enumerate(found):
        if record.id:
            continue
        number = view.database.execute("select count(*) from record where kind=?", (record.kind,)).fetchone()[
            0
        ]
        while True:
            number += 1
            id = f"{PREFIX[record.kind]}{number}"
            if id not in taken and not _known(view, [id]):
                break
        taken.add(id)
        found[n] = dataclasses.replace(record, id=id)
    return found


def _batch_name(stem: str, taken: set[str]) -> str:
    """`stem` with the first number free; a name that has one keeps it where nothing else does."""
    if re.fullmatch(r".+-[0-9]+", stem) and stem not in taken:
        return stem
    stem = re.sub(r"-[0-9]+$", "", stem)
    return next(name for n in itertools.count(1) if (name := f"{stem}-{n}") not in taken)


def _known(view: View, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Kind and status of the names that the ledger has."""
    found: dict[str, tuple[str, str]] = {}
    names = list(ids)
    for at in range(0, len(names), 500):
        some = names[at : at + 500]
        query = f"select id, kind, status from record where id in ({','.join('?' * len(some))})"
        found.update((id, (kind, status)) for id, kind, status in view.database.execute(query, some))
    return found


def _faults(view: View, new: Sequence[Record], *, checked: bool = False) -> list[Fault]:
    """Why records cannot be added: what is wrong in them, names taken, references to nothing."""
    faults: list[Fault] = []
    coming: dict[str, str] = {}
    taken = _known(view, [record.id for record in new])
    for record in new:
        if not checked:
            faults += records.check(record)
        before = taken.get(record.id)
        if record.id in coming or (before and before[1] != "dropped"):
            faults.append(Fault("the name is taken already", key=f"{record.kind} {record.id}.id"))
        coming[record.id] = record.kind
    references = [(record, records.refers_to(record)) for record in new]
    known = _known(view, {id for _, found in references for _, id, _ in found if id not in coming})
    for record, found in references:
        for name, id, kinds in found:
            kind = coming.get(id)
            if kind is None:
                there = known.get(id)
                if there is None or there[1] == "dropped":
                    why = "the ledger holds no such record" if there is None else "that record was dropped"
                    faults.append(Fault(f"is {id!r}: {why}", key=f"{record.kind} {record.id}.{name}"))
                    continue
                kind = there[0]
                replaces = isinstance(record, Link) and record.relation == "replaces" and name == "to"
                if replaces and there[1] != "live":
                    what = f"is {id!r}, which {view.current(id)} replaced already"
                    faults.append(Fault(what, key=f"link {record.id}.to"))
            if kinds != ("*",) and kind not in kinds:
                what = f"is {id!r}, a {kind}; it has to be a {' or '.join(kinds)}"
                faults.append(Fault(what, key=f"{record.kind} {record.id}.{name}"))
        if isinstance(record, Link):
            ends = [coming.get(id) or (known.get(id) or ("",))[0] for id in (record.from_, record.to)]
            if all(ends) and record.relation not in records.relations_between(ends[0], ends[1]):
                may = ", ".join(records.relations_between(ends[0], ends[1])) or "nothing"
                faults.append(
                    Fault(
                        f"is {record.relation!r}; from a {ends[0]} to a {ends[1]} it can be {may}",
                        key=f"link {record.id}.relation",
                    )
                )
    return faults


def _hang_on(view: View, ids: Sequence[str]) -> list[str]:
    """Live records that point at any of `ids`, and those that point at them, and so on; not `ids` themselves."""
    going = list(dict.fromkeys(ids))
    gone = set(going)
    at = 0
    rows: list[tuple[str, list[str]]] | None = None
    while at < len(going):
        id = going[at]
        at += 1
        direct = view.database.execute(
            "select id from record where status='live' and (owner=? or other=?)", (id, id)
        ).fetchall()
        if rows is None:  # references inside a record: chains, windows, evidence
            rows = list(_inner_references(view))
        for (other,) in [*direct, *((name,) for name, held in rows if id in held)]:
            if other not in gone:
                gone.add(other)
                going.append(other)
    return going[len(set(ids)) :]


def _inner_references(view: View) -> Iterator[tuple[str, list[str]]]:
    """References that are not a record's owner: chains of claims, windows of counts, evidence."""
    query = (
        "select json from record where status='live' and (kind='assessment' or kind='claim' and json like '%\"chain\":%'"
        " or kind='count' and json like '%\"window\":%')"
    )
    for (text,) in view.database.execute(query):
        record, _ = records.build(json.loads(text))
        if record is not None:
            yield record.id, [id for _, id, _ in records.refers_to(record)]


def _used_outside(view: View, batch: str) -> list[str]:
    """Records of a batch that live records outside it hang on, with what those need in turn."""
    own = {
        row[0]
        for row in view.database.execute("select id from record where batch=? and status='live'", (batch,))
    }
    needs: dict[str, list[str]] = {}
    queue: list[str] = []
    for id, text in view.database.execute("select id, json from record where status='live'"):
        record, _ = records.build(json.loads(text))
        if record is None:
            continue
        refs = [ref for _, ref, _ in records.refers_to(record) if ref in own]
        if id in own:
            needs[id] = refs
        else:
            queue += refs
    kept: list[str] = []
    for id in queue:
        if id not in kept:
            kept.append(id)
            queue += needs.get(id, [])
    return sorted(kept)
