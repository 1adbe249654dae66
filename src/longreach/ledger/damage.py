"""A log checked to its last byte: every damage found, located and, where it can be proved, put right.

Each line states its own hash, so a changed byte can be found exactly: the one change that gives the line the hash it
states (or that the next line states for it) is tried out. What is found so is proved, not guessed: SHA-256 agrees.
Nothing is ever thrown away: bytes taken out of the log go to a file beside it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from longreach.errors import Fault, InputError
from longreach.ledger import log
from longreach.ledger.log import HASH_PART, Damage, Line, Tail, scan, tail_of
from longreach.ledger.store import Ledger, index_file, set_aside
from longreach.ledger.view import View, empty, fold

MOST_HASHED = 2_000_000_000  # bytes hashed in looking for the byte; after that only the lines are named
MARKS = (
    b'{"seq":', b',"time":"', b'Z","author":"', b'","op":"', b'","record":{', b'},"prev_hash":"', b'","hash":"', b'"}\n',
)  # fmt: skip


@dataclass(slots=True)
class Purse:
    """How much may still be hashed in looking for a byte, shared by all damages of one log."""

    left: int = MOST_HASHED

    def pays(self, bytes_hashed: int) -> bool:
        """Take so much out, if there is so much."""
        if bytes_hashed > self.left:
            return False
        self.left -= bytes_hashed
        return True


@dataclass(frozen=True, slots=True)
class Edit:
    """One byte changed, added or lost: where in the file, what stands there, what has to."""

    offset: int
    found: bytes
    should_be: bytes

    def __str__(self) -> str:
        if not self.found:
            return f"byte {self.offset}: {self.should_be!r} is missing there"
        if not self.should_be:
            return f"byte {self.offset}: {self.found!r} was put in there"
        return f"byte {self.offset}: {self.found!r} should be {self.should_be!r}"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One damage, the bytes of the log that it concerns, and the edit that would mend it where there is one."""

    damage: Damage
    start: int
    end: int
    edit: Edit | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a whole log is like."""

    lines: int  # whole, from the first on
    size: int
    tail: Tail  # the end of what is whole
    wrong: tuple[Wrong, ...]
    later: int  # lines after the first damage that have the hash they state
    unfinished: int  # `part` lines at the end whose change never became whole
    records: int
    state_sha256: str
    index: str  # "agrees", "none", "differs" or "witness": what the view in the cache says
    head: bool | None = None  # whether the last hash is the one the user gave


def verify(book: Ledger, *, head: str | None = None, effort: int = MOST_HASHED) -> Checked:
    """Check every byte of a log.

    `head` is a hash noted earlier (`longreach ledger verify` prints it): is it still one of the log's?
    """
    data = log.read_bytes(book.path)
    wrong = tuple(find_all(data, effort))
    whole = wrong[0].damage.offset if wrong else len(data)
    database = empty(":memory:")
    lines = list(scan(data[:whole]))
    damage = fold(database, lines)
    if damage is not None:
        wrong = (Wrong(damage, damage.offset, damage.offset, None), *wrong)
    view = View(database)
    good = [line for line in lines if isinstance(line, Line)]
    unfinished = 0
    for line in reversed(good):
        if line.op != "part":
            break
        unfinished += 1
    later = sum(1 for _ in _sound(data, wrong[0].end)) if wrong else 0
    reading = book.read()
    witness = reading.damage is not None and not wrong
    if witness and reading.damage is not None:
        wrong = (Wrong(reading.damage, len(data), len(data), None),)
    index = "none"
    if index_file(book.path).exists():
        index = "witness" if witness else "agrees" if reading.view.sha256() == view.sha256() else "differs"
    return Checked(
        len(good), len(data), view.tail, wrong, later, unfinished,
        sum(view.count(kind) for kind in _kinds()), view.sha256(), index,
        None if head is None else any(line.hash.startswith(head.lower()) for line in good),
    )  # fmt: skip


def _kinds() -> tuple[str, ...]:
    from longreach.ledger.records import KINDS

    return tuple(KINDS)


def find_all(data: bytes, effort: int = MOST_HASHED) -> Iterator[Wrong]:
    """Every damage of a log, in order. After one the search goes on with the next line that is sound.

    effort : how many bytes may be hashed in looking for single bytes; lines are named without
    """
    tail, purse = Tail(), Purse(effort)
    while True:
        tail, damage = _walk(data, tail)
        if damage is None:
            return
        found = _explain(data, damage, tail, purse)
        yield found
        if damage.torn:
            return
        after = next(_sound(data, found.end), None)
        if after is None:
            return
        tail = Tail(after.offset, after.seq - 1, "", after.prev_hash)


def _walk(data: bytes, tail: Tail) -> tuple[Tail, Damage | None]:
    """From `tail` on: where what is whole ends, and the damage that ends it."""
    last: Line | None = None
    damage = None
    for line in scan(data[tail.size :], tail=tail):
        if isinstance(line, Damage):
            damage = line
        else:
            last = line
    return (tail if last is None else tail_of(last)), damage


def _sound(data: bytes, start: int) -> Iterator[Line]:
    """Lines from `start` on that have the hash they state, whatever they follow."""
    at = start
    while at < len(data):
        end = data.find(b"\n", at)
        if end < 0:
            return
        line = log.lone_line(data[at : end + 1], at)
        if line is not None:
            yield line
        at = end + 1


def _explain(data: bytes, damage: Damage, tail: Tail, purse: Purse) -> Wrong:
    """A damage with the bytes it concerns and the one byte that makes it, where it is one byte."""
    start = damage.offset
    newline = data.find(b"\n", start)
    end = len(data) if newline < 0 else newline + 1
    if damage.torn:
        edit = Edit(len(data), b"", b"\n") if "line end is missing" in damage.what else None
        return Wrong(damage, start, len(data), edit)
    # The line as it stands; a line end that is gone (two lines in one); a line end put in (one line in two).
    line = data[start:end]
    for edit in (_lost_end(line, tail), _inside(line, data, end, tail, purse)):
        if edit is not None:
            return Wrong(damage, start, end, Edit(start + edit.offset, edit.found, edit.should_be))
    second = data.find(b"\n", end)
    if second >= 0:
        joined = data[start : second + 1]
        edit = _put_in_end(joined, len(line) - 1, tail)
        if edit is not None:
            return Wrong(damage, start, second + 1, Edit(start + edit.offset, edit.found, edit.should_be))
    return Wrong(damage, start, end, None)


def _fits(line: bytes, tail: Tail) -> bool:
    """Whether `line`, with its line end, is sound and follows `tail`."""
    found = log.lone_line(line, 0)
    return found is not None and found.seq == tail.seq + 1 and found.prev_hash == tail.hash


def _lost_end(line: bytes, tail: Tail) -> Edit | None:
    """Two lines in one: their line end was changed or lost."""
    at = line.find(b'"}', 0)
    while at >= 0:
        end = at + 2
        if line[end : end + 1] != b"\n" and _fits(line[:end] + b"\n", tail):
            if line[end : end + 1] == b"{":
                return Edit(end, b"", b"\n")
            return Edit(end, line[end : end + 1], b"\n")
        at = line.find(b'"}', at + 1)
    return None


def _inside(line: bytes, data: bytes, end: int, tail: Tail, purse: Purse) -> Edit | None:
    """The one byte changed, added or lost inside a line."""
    newline = data.find(b"\n", end)
    after = log.lone_line(data[end : newline + 1], end) if newline >= 0 else None
    wanted = set()
    if after is not None and after.seq == tail.seq + 2:
        wanted.add(after.prev_hash)
    stated = line[-67:-3]
    if len(stated) == 64 and all(each in b"0123456789abcdef" for each in stated):
        wanted.add(stated.decode())
    # the stated hash itself, or the fixed marks around it
    for more in (0, 1, -1):
        body = line[: max(len(line) - HASH_PART - 1 + more, 0)]
        right = body + log.hash_mark(hashlib.sha256(body).hexdigest())
        edit = _difference(line, right)
        if edit is not None and _fits(right, tail):
            return edit
    if sum(mark in line for mark in MARKS) < len(MARKS) - 1:
        return None  # more than one byte of it is wrong
    for edit in _search(line, wanted, purse):
        mended = line[: edit.offset] + edit.should_be + line[edit.offset + len(edit.found) :]
        if _fits(mended, tail):
            return edit
    return None


def _search(line: bytes, wanted: set[str], purse: Purse) -> Iterator[Edit]:
    """One-byte edits after which the line's body has one of the hashes `wanted`: likely ones first."""
    targets = {bytes.fromhex(each) for each in wanted}
    length = len(line) - HASH_PART - 1
    cost = length * (length // 2 + 64)  # a hash takes whole blocks of 64 bytes
    if length <= 0:
        return
    body, sha256 = line[:length], hashlib.sha256
    letters = sorted(
        (bytes((each,)) for each in range(256)), key=lambda each: (not 32 <= each[0] < 127, each)
    )
    flipped = [[bytes((each ^ 1 << bit,)) for bit in range(8)] for each in range(256)]

    def tried(skip: int, end: int, flips: bool) -> Iterator[Edit]:
        prefix = sha256()
        for n in range(end):
            rest = body[n + skip :]
            for each in flipped[body[n]] if flips else letters:
                trial = prefix.copy()
                trial.update(each + rest)
                if trial.digest() in targets:
                    yield Edit(n, body[n : n + skip], each)
            prefix.update(body[n : n + 1])

    if purse.pays(8 * cost):
        yield from tried(1, length, True)  # one bit of the byte at n was flipped
    if purse.pays(length * length):
        for n in range(length):  # the byte at n was put in
            if sha256(body[:n] + body[n + 1 :]).digest() in targets:
                yield Edit(n, body[n : n + 1], b"")
    if purse.pays(256 * cost):
        yield from tried(1, length, False)  # the byte at n was another
    if purse.pays(256 * cost):
        yield from tried(0, length + 1, False)  # a byte was lost before n


def _difference(found: bytes, right: bytes) -> Edit | None:
    """The one byte by which two lines differ; None where it is not one."""
    pairs = zip(found, right, strict=False)
    n = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(found), len(right)))
    for edit in (
        Edit(n, found[n : n + 1], right[n : n + 1]),
        Edit(n, b"", right[n : n + 1]),
        Edit(n, found[n : n + 1], b""),
    ):
        if edit.found != edit.should_be and (
            found[:n] + edit.should_be + found[n + len(edit.found) :] == right
        ):
            return edit
    return None


def _put_in_end(joined: bytes, at: int, tail: Tail) -> Edit | None:
    """One line in two: a byte of it was made a line end, or one was put in, at `at`."""
    if _fits(joined[:at] + joined[at + 1 :], tail):
        return Edit(at, b"\n", b"")
    for each in range(256):
        if _fits(joined[:at] + bytes((each,)) + joined[at + 1 :], tail):
            return Edit(at, b"\n", bytes((each,)))
    return None


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair did, line by line, and whether the log is whole now."""

    done: tuple[str, ...]
    whole: bool


def repair(
    book: Ledger, *, copy: Path | None = None, accept: bool = False, effort: int = MOST_HASHED
) -> Repaired:
    """Put a log right where that can be proved.

    A torn end goes to a file beside the log. A line with one changed byte gets it back. With `copy`, another copy of
    the same log, lines are taken from there where their hash is the one that belongs. With `accept`, what stands
    after the first damage that stays goes to a file beside the log, and the log ends before it; and a log that
    is shorter than it was when last read is taken as it is.

    Raises: InputError where the log cannot be written.
    """
    done: list[str] = []
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(open(book.path, "r+b", buffering=0))
        except OSError as error:
            raise InputError(
                Fault(f"cannot write: {error.strerror or error}", file=str(book.path))
            ) from error
        stack.enter_context(log.locked(stream))
        data = stream.readall()
        other = log.read_bytes(copy) if copy else b""
        mended, found = _mend(data, other, done, effort)
        if mended != data:
            kept = _keep(book.path, "before-repair", data)
            done.append(f"the log as it was is kept in {kept.name}")
            _rewrite(book.path, stream, mended)
        if found is not None and found.damage.torn:
            done.append(set_aside(book.path, stream, found.damage))
            found = None
        elif found is not None and accept:
            kept = _keep(book.path, f"after-line-{found.damage.line - 1}", mended[found.start :])
            os.ftruncate(stream.fileno(), found.start)
            os.fsync(stream.fileno())
            done.append(
                f"line {found.damage.line} and all after it ({len(mended) - found.start:,} bytes) were moved to {kept.name}"
            )
            found = None
    reading = book.read()
    if reading.damage is not None and found is None and accept:
        from longreach.ledger.store import forget

        forget(book.path)
        done.append("the log is taken as it is; what was last read of it is forgotten")
        reading = book.read()
    return Repaired(tuple(done), reading.damage is None)


def _mend(
    data: bytes, other: bytes, done: list[str], effort: int = MOST_HASHED
) -> tuple[bytes, Wrong | None]:
    """The log with what can be proved put right, and the first damage that stays."""
    tail, purse = Tail(), Purse(effort)
    while True:
        tail, damage = _walk(data, tail)
        if damage is None:
            return data, None
        found = _explain(data, damage, tail, purse)
        if damage.torn:
            return data, found
        if found.edit is not None:
            edit = found.edit
            data = data[: edit.offset] + edit.should_be + data[edit.offset + len(edit.found) :]
            done.append(f"line {damage.line}, {edit}: put right, the line has its hash again")
            continue
        taken = _from_copy(other, tail, data, found)
        if taken is None:
            return data, found
        piece, until, lines = taken
        data = data[: found.start] + piece + data[until:]
        done.append(f"line {damage.line}: {lines} line{'s' * (lines != 1)} taken from the copy, hashes agree")


def _from_copy(other: bytes, tail: Tail, data: bytes, found: Wrong) -> tuple[bytes, int, int] | None:
    """Lines of a copy that follow `tail` and lead to a sound line of the log after the damage, or to its end."""
    if not other:
        return None
    sound = {line.prev_hash: line.offset for line in _sound(data, found.end)}
    started, lines = None, 0
    for line in scan(other):
        if isinstance(line, Damage):
            break
        if started is None:
            if line.prev_hash == tail.hash and line.seq == tail.seq + 1:
                started = line.offset
            else:
                continue
        lines += 1
        end = tail_of(line).size
        if line.hash in sound:
            return other[started:end], sound[line.hash], lines
    if started is None or sound:
        return None
    return other[started:end], len(data), lines


def _keep(path: Path, what: str, data: bytes) -> Path:
    """Write bytes to a new file beside the log."""
    number = 1
    while True:
        kept = path.with_name(f"{path.name}.{what}" + (f"-{number}" if number > 1 else ""))
        try:
            with open(kept, "xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            return kept
        except FileExistsError:
            number += 1
        except OSError as error:
            kept.unlink(missing_ok=True)
            raise InputError(Fault(f"cannot write: {error.strerror or error}", file=str(kept))) from error


def _rewrite(path: Path, stream: object, data: bytes) -> None:
    """Write the log anew in its place, held open and locked; the file as it was is kept already."""
    number = stream.fileno()  # type: ignore[attr-defined]
    os.lseek(number, 0, os.SEEK_SET)
    view = memoryview(data)
    while view:
        view = view[os.write(number, view) :]
    os.ftruncate(number, len(data))
    os.fsync(number)
