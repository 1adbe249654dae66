"""Writers killed at random moments while they write to one ledger: is anything lost that was acknowledged?

Run: python benchmarks/ledger_kills.py [KILLS] [SEED]. Prints one JSON document; exits 1 when anything was lost.

Each writer is a process that adds records, one, a few or many at a time, and tells its parent through a pipe after
each call has returned. The parent kills it with SIGKILL after a random time, reads what was told, and checks that
the ledger still holds all of it, word for word. Half of the writers write in small pieces, so that many kills fall in
the middle of a line. Now and then two writers are killed at once, and now and then
the view in the cache is deleted. At the end every line is checked with hashlib and json alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from longreach.ledger import Ledger
from longreach.ledger.records import Entity
from longreach.ledger.store import forget


def in_pieces(channel: int, draw: random.Random) -> None:
    """Let this process write a little at a time, so that a kill often finds it in the middle of a line."""
    write = os.write

    def some(number: int, data: bytes) -> int:
        if number == channel:
            return write(number, data)
        time.sleep(0.00002)
        return write(number, data[: draw.randrange(1, 200)])

    os.write = some  # type: ignore[assignment]


def write_on(path: Path, channel: int, name: str, seed: int) -> None:
    """Add records until killed, telling of each change once it is acknowledged."""
    draw = random.Random(seed)
    if draw.random() < 0.5:
        in_pieces(channel, draw)
    book = Ledger(path)
    n = 0
    while True:
        many = draw.choice((1, 1, 1, 3, 40, 400))
        new = [Entity(id=f"{name}-{n + k}", name="x" * draw.randrange(1, 300)) for k in range(many)]
        n += many
        book.add(new, author=name)
        told = "".join(f"{record.id} {len(record.name)}\n" for record in new)
        os.write(channel, told.encode() + b".\n")


def kill_once(path: Path, at: int, draw: random.Random) -> list[tuple[str, int]]:
    """Start one writer or two, kill them, and return what they had been told was kept."""
    children = []
    for k in range(2 if draw.random() < 0.2 else 1):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            try:
                write_on(path, writer, f"w{at}-{k}", draw.randrange(2**32) + k)
            finally:
                os._exit(1)
        os.close(writer)
        children.append((child, reader))
    time.sleep(draw.uniform(0.0, 0.06))
    for child, _ in children:
        os.kill(child, signal.SIGKILL)
    told: list[tuple[str, int]] = []
    for child, reader in children:
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            raise SystemExit(f"writer {at} ended by itself with {os.WEXITSTATUS(status)}")
        data = b""
        while piece := os.read(reader, 1 << 20):
            data += piece
        os.close(reader)
        whole = data[: data.rfind(b".\n")] if b".\n" in data else b""
        told += [
            (a, int(b))
            for a, b in (line.split() for line in whole.decode().split("\n") if line not in ("", "."))
        ]
    return told


def chain_holds(data: bytes) -> int:
    """Check each line with hashlib and json alone; how many there are."""
    before = "0" * 64
    lines = data.split(b"\n")
    assert lines.pop() == b""
    for n, line in enumerate(lines, 1):
        document = json.loads(line)
        body = line[: line.rindex(b',"hash":"')]
        assert document["seq"] == n and document["prev_hash"] == before
        assert hashlib.sha256(body).hexdigest() == document["hash"]
        before = document["hash"]
    return len(lines)


def run(kills: int, seed: int, folder: Path) -> dict[str, object]:
    """`kills` rounds in a folder; what was acknowledged, lost and set aside."""
    os.environ["LONGREACH_CACHE"] = str(folder / "cache")
    draw = random.Random(seed)
    path = folder / "ledger.jsonl"
    notices: list[str] = []
    book = Ledger.create(path, title="killed", author="test", notice=notices.append)
    acknowledged: dict[str, int] = {}
    lost: list[str] = []
    torn = abandoned = 0
    for at in range(kills):
        told = kill_once(path, at, draw)
        acknowledged.update(told)
        if draw.random() < 0.02:
            forget(path)
        reading = book.read()
        torn += reading.damage is not None and reading.damage.torn
        if reading.damage is not None and not reading.damage.torn:
            raise SystemExit(f"after kill {at}: {reading.damage}")
        abandoned += reading.view.tail.op == "part"
        for name, length in told:
            record = reading.view.find(name)
            if not isinstance(record, Entity) or len(record.name) != length:
                lost.append(name)
        reading.view.database.close()
        if draw.random() < 0.5:  # half of the time the next writer puts it right, half of the time this
            book.add([Entity(id=f"parent-{at}", name="p")], author="parent")
            acknowledged[f"parent-{at}"] = 1
    book.add([Entity(id="last", name="l")], author="parent")
    forget(path)
    view = book.view()
    lost += [
        name for name, length in acknowledged.items() if len(getattr(view.find(name), "name", "")) != length
    ]
    return {
        "kills": kills,
        "seed": seed,
        "acknowledged": len(acknowledged),
        "lost": sorted(set(lost)),
        "torn_ends": torn,
        "changes_cut_short": abandoned,
        "kept_aside": len(list(folder.glob("*.torn-*"))),
        "lines": chain_holds(path.read_bytes()),
    }


def main() -> int:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        found = run(kills, seed, Path(folder))
    print(json.dumps(found))
    return int(bool(found["lost"]))


if __name__ == "__main__":
    sys.exit(main())
