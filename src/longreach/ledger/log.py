"""The log: one file, one JSON line for each change, each line bound to the one before it by its hash.

    {"seq":7,"time":"2020-12-10T14:25:00.000000Z","author":"ana","op":"add","record":{...},
     "prev_hash":"<64 hex>","hash":"<64 hex>"}

`hash` is the SHA-256 of the line's own bytes up to `,"hash":`; `prev_hash` is the hash of the line before (64
zeros for the first). So every byte of the file is covered: change one anywhere and a line no longer has the
hash it states, or no longer ends as a line does.

Lines are only ever added. Operations:

    init      the first line: what this ledger is
    add       a record; with `part` lines before it, the last of several records that come in together
    part      a record of a change that is not whole yet; it counts once `add`, `import` or `drop` follows
    import    the end of an import: its batch, its file, its columns
    drop      a tombstone: a record, or a whole batch, is no longer held, and why
    abandon   the `part` lines before it never became whole (their writer was stopped)

A change is one write and one fsync, and is acknowledged after that. A writer stopped in the middle leaves at most
an unfinished last line and `part` lines without an end: nothing that was acknowledged, nothing that counts.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from longreach.errors import Fault, InputError

SCHEMA = "longreach.ledger/1"
OPS = ("init", "add", "part", "import", "drop", "abandon")
NO_HASH = "0" * 64
LONGEST_LINE = 16 * 2**20  # bytes; a record with its text
CLOCK_SLIP = timedelta(seconds=2)  # a clock set back by less than this is taken as standing still

_HEAD = re.compile(
    rb'\{"seq":([1-9][0-9]{0,15}),"time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)",'
    rb'"author":("(?:[^"\\\x00-\x1f]|\\.)*"),"op":"([a-z]+)","record":'
)
_TAIL = re.compile(rb',"prev_hash":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}')
_TAIL_LENGTH = len(',"prev_hash":""') + 64 + len(',"hash":""}') + 64
HASH_PART = len(',"hash":""}') + 64


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log. `record` is the JSON text of the record, `offset` where the line begins."""

    seq: int
    time: str
    author: str
    op: str
    record: str
    prev_hash: str
    hash: str
    offset: int
    length: int  # bytes, the line end with it


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with the log from `line` on; what stands before it is whole.

    torn : the last line is unfinished, as a writer leaves it that was stopped: nothing acknowledged is lost.
    """

    line: int
    offset: int
    what: str
    torn: bool = False

    def __str__(self) -> str:
        return f"line {self.line}, byte {self.offset}: {self.what}"


@dataclass(frozen=True, slots=True)
class Tail:
    """Where a log ends: its size in bytes, its last line's number, time, hash and operation."""

    size: int = 0
    seq: int = 0
    time: str = ""
    hash: str = NO_HASH
    op: str = ""


def now() -> datetime:
    """The instant of this machine's clock."""
    return datetime.now(UTC)


def stamp(instant: datetime) -> str:
    """An instant as the log writes it: UTC, microseconds.

    >>> stamp(datetime(2020, 12, 10, 9, 25, tzinfo=UTC))
    '2020-12-10T09:25:00.000000Z'
    """
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def compact(document: Any) -> str:
    """JSON on one line, no spaces, keys in their own order, no NaN."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write_line(seq: int, time: str, author: str, op: str, record: str, prev_hash: str) -> tuple[bytes, str]:
    """The bytes of one line, with its newline, and its hash."""
    head = (
        f'{{"seq":{seq},"time":"{time}","author":{compact(author)},"op":"{op}","record":{record},'
        f'"prev_hash":"{prev_hash}"'
    ).encode()
    digest = hashlib.sha256(head).hexdigest()
    return head + f',"hash":"{digest}"}}\n'.encode(), digest


def scan(data: bytes, *, tail: Tail | None = None) -> Iterator[Line | Damage]:
    """The lines of `data` in order, checked; a Damage ends it.

    `tail` is where an earlier scan stopped: `data` then begins at that byte.
    """
    tail = tail or Tail()
    seq, prev, time, base = tail.seq, tail.hash, tail.time, tail.size
    at, end = 0, len(data)
    sha256 = hashlib.sha256
    while at < end:
        newline = data.find(b"\n", at)
        stop = end if newline < 0 else newline
        line = data[at:stop]
        head, tail_match = _HEAD.match(line), _TAIL.fullmatch(line, max(0, len(line) - _TAIL_LENGTH))
        if newline < 0 and not tail_match:
            yield Damage(seq + 1, base + at, "the last line is unfinished", torn=True)
            return
        if not head or not tail_match or head.end() > len(line) - _TAIL_LENGTH:
            yield Damage(seq + 1, base + at, "is not a line of a ledger")
            return
        stated = tail_match[2].decode()
        if sha256(line[: len(line) - HASH_PART]).hexdigest() != stated:
            yield Damage(
                seq + 1, base + at, "does not have the hash it states: it was changed after it was written"
            )
            return
        if tail_match[1].decode() != prev:
            what = "does not follow the line before it: lines are missing, added or out of order"
            yield Damage(seq + 1, base + at, what)
            return
        if newline < 0:
            yield Damage(seq + 1, base + at, "the last line is whole but its line end is missing", torn=True)
            return
        found_time, op = head[2].decode(), head[4].decode()
        if int(head[1]) != seq + 1 or found_time < time or op not in OPS:
            yield Damage(seq + 1, base + at, "has a number, a time or an operation out of order")
            return
        try:
            record = line[head.end() : len(line) - _TAIL_LENGTH].decode()
            author = json.loads(head[3])
        except ValueError:
            yield Damage(seq + 1, base + at, "is not UTF-8 text")
            return
        prev_hash = prev
        seq, prev, time = seq + 1, stated, found_time
        yield Line(seq, time, author, op, record, prev_hash, stated, base + at, stop + 1 - at)
        at = stop + 1


def lone_line(data: bytes, offset: int) -> Line | None:
    """The line that `data` is, its line end with it, where it has the hash it states; whatever it follows."""
    if not data.endswith(b"\n"):
        return None
    line = data[:-1]
    head, end = _HEAD.match(line), _TAIL.fullmatch(line, max(0, len(line) - _TAIL_LENGTH))
    if not head or not end or head.end() > len(line) - _TAIL_LENGTH:
        return None
    if hashlib.sha256(line[: len(line) - HASH_PART]).hexdigest() != end[2].decode():
        return None
    try:
        record = line[head.end() : len(line) - _TAIL_LENGTH].decode()
        author = json.loads(head[3])
    except ValueError:
        return None
    return Line(
        int(head[1]),
        head[2].decode(),
        author,
        head[4].decode(),
        record,
        end[1].decode(),
        end[2].decode(),
        offset,
        len(data),
    )


def hash_mark(digest: str) -> bytes:
    """What follows the body of a line: its hash and its line end."""
    return f',"hash":"{digest}"}}\n'.encode()


def tail_of(line: Line) -> Tail:
    """The end of a log whose last line is `line`."""
    return Tail(line.offset + line.length, line.seq, line.time, line.hash, line.op)


def read_bytes(path: Path, start: int = 0) -> bytes:
    """The log's bytes from `start` on, not in the middle of another's write.

    Raises: InputError where there is no such file or it cannot be read.
    """
    try:
        with open(path, "rb") as stream, locked(stream, shared=True):
            stream.seek(start)
            return stream.read()
    except OSError as error:
        raise _cannot("read", path, error) from error


def _cannot(do: str, path: Path, error: OSError) -> InputError:
    hint = "make one with `longreach ledger init`" if isinstance(error, FileNotFoundError) else None
    return InputError(Fault(f"cannot {do}: {error.strerror or error}", file=str(path), hint=hint))


@contextlib.contextmanager
def locked(stream: IO[Any], *, shared: bool = False) -> Iterator[None]:
    """Hold the file's lock: one writer, or several readers. Others wait."""
    try:
        import fcntl
    except ImportError as error:  # pragma: no cover
        raise InputError("a ledger needs a system with file locks (Linux, macOS)") from error
    fcntl.flock(stream.fileno(), fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(stream.fileno(), fcntl.LOCK_UN)


def create(path: Path, title: str, author: str, *, clock: datetime | None = None) -> None:
    """A new log with its first line.

    Raises: InputError where the file exists already or cannot be written.
    """
    record = compact({"schema": SCHEMA, "title": title})
    line, _ = write_line(1, stamp(clock or now()), author, "init", record, NO_HASH)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb") as stream, locked(stream):
            try:
                _write(stream, line, 0)
            except OSError:
                path.unlink(missing_ok=True)
                raise
        _sync_folder(path.parent)
    except FileExistsError as error:
        raise InputError(
            Fault("is there already", file=str(path), hint="add to it, or give another name")
        ) from error
    except OSError as error:
        raise _cannot("write", path, error) from error


def add_lines(
    stream: IO[bytes],
    tail: Tail,
    changes: Sequence[tuple[str, str]],
    author: str,
    clock: datetime | None = None,
) -> tuple[Tail, list[Line]]:
    """Append (op, record) lines to a log held open and locked for writing; its new end, and the lines.

    Returns only once the lines are on the disk. Where they cannot be written nothing of them stays.

    Raises: OSError from the disk; InputError where the clock stands before the last line.
    """
    time = stamp(clock or now())
    if time < tail.time:
        behind = datetime.fromisoformat(tail.time) - datetime.fromisoformat(time)
        if behind > CLOCK_SLIP:
            raise InputError(
                Fault(
                    f"the clock says {time[:19]}Z, but the last line was written at {tail.time[:19]}Z",
                    file=str(getattr(stream, "name", "")) or None,
                    hint="set the clock of this machine: lines are kept in the order of their times",
                )
            )
        time = tail.time
    seq, prev, op = tail.seq, tail.hash, tail.op
    data: list[bytes] = []
    lines: list[Line] = []
    at = tail.size
    if op == "part":  # left by a writer that was stopped
        changes = [
            ("abandon", compact({"reason": "the writer was stopped before the change was whole"})),
            *changes,
        ]
    for op, record in changes:
        seq += 1
        before = prev
        line, prev = write_line(seq, time, author, op, record, before)
        if len(line) > LONGEST_LINE:
            raise InputError(f"a record makes a line of {len(line):,} bytes; the limit is {LONGEST_LINE:,}")
        lines.append(Line(seq, time, author, op, record, before, prev, at, len(line)))
        data.append(line)
        at += len(line)
    _write(stream, b"".join(data), tail.size)
    return Tail(at, seq, time, prev, op), lines


def _write(stream: IO[bytes], data: bytes, size: int) -> None:
    """Write at the end and wait for the disk; on any failure cut the file back to `size`."""
    number = stream.fileno()
    try:
        os.lseek(number, size, os.SEEK_SET)
        view = memoryview(data)
        while view:
            view = view[os.write(number, view) :]
        os.fsync(number)
    except BaseException:
        with contextlib.suppress(OSError):
            os.ftruncate(number, size)
            os.fsync(number)
        raise


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
