"""The ledger's figures: imports, folds, as-of, an edited byte, killed writers. Run: python benchmarks/bench_ledger.py

Real files are read from the folder LONGREACH_DATA names; without it their lines say "not run". Times are of this
process (CPU and wall), the best of a few runs. Exits 1 when a budget is missed.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from longreach.ledger import Ledger
from longreach.ledger.damage import find_all
from longreach.ledger.exports import imported, own, release
from longreach.ledger.imports import Choices, import_file
from longreach.ledger.records import Claim, Entity, Event, Link, Report, Step, Time
from longreach.ledger.store import forget

failed = False


def timed(work: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """Least CPU and wall seconds of several runs."""
    spans = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        spans.append((time.process_time() - cpu, time.perf_counter() - wall))
    return min(cpu for cpu, _ in spans), min(wall for _, wall in spans)


def say(what: str, figure: str, good: bool | None = None) -> None:
    """One line of the result, and whether its budget is met."""
    global failed
    failed = failed or good is False
    print(f"{what:58} {figure}{'' if good is None else '   ok' if good else '   MISSED'}", flush=True)


def seconds(found: tuple[float, float], budget: float) -> tuple[str, bool]:
    """CPU and wall time against a budget of wall time."""
    return f"{found[0]:7.2f} s CPU {found[1]:7.2f} s wall  (budget {budget:g} s)", found[1] <= budget


def real_files(folder: Path) -> None:
    """The UCDP files: none lost, how long, and whether what comes out is what went in."""
    given = os.environ.get("LONGREACH_DATA")
    for name, rows in (("ucdp_ged_iraq_1989_2018_hdx.csv.gz", 7473), ("ucdp_ged_v23_1_car_400.geojson", 400)):
        path = Path(given) / "ledger" / name if given else None
        if path is None or not path.is_file():
            say(f"import of {name}", "not run: LONGREACH_DATA names no folder with it")
            continue
        taken: list[int] = []
        books: list[Ledger] = []

        def work(path: Path = path, taken: list[int] = taken, books: list[Ledger] = books) -> None:
            book = Ledger.create(folder / f"{path.name}-{len(books)}.jsonl", title="bench", author="bench")
            taken.append(import_file(book, path, Choices(), author="bench").taken)
            books.append(book)

        say(f"import of {name}, {rows:,} rows", *seconds(timed(work), 3.0))
        say("  rows taken", f"{min(taken):,} of {rows:,}", min(taken) == rows)
        view = books[-1].view()
        out, _, _ = imported.write(view, imported.find_batch(view, None))
        raw = path.read_bytes()
        if name.endswith(".gz"):
            say("  exported in its own layout", "equal byte for byte", out == gzip.decompress(raw))
        else:
            say("  exported in its own layout", "equal as a document", json.loads(out) == json.loads(raw))
        released = release(view, replaced=True)
        for form, data in (("jsonl", own.jsonl(view, released)), ("geojson", own.geojson(view, released))):
            file = folder / f"{name}.out.{form}"
            file.write_bytes(data)
            again = Ledger.create(folder / f"{name}-{form}.jsonl", title="bench", author="bench")
            import_file(again, file, Choices(), author="bench")
            say(
                f"  own {form} read back into an empty ledger",
                "equal state",
                again.view().sha256() == view.sha256(),
            )


def many(folder: Path) -> Ledger:
    """A ledger of 100,000 records."""
    book = Ledger.create(folder / "many.jsonl", title="many", author="bench")
    new: list[object] = [Entity(id="NYT", name="New York Times")]
    for n in range(20_000):
        new += [
            Report(id=f"r{n}", source="NYT", title=f"report {n}"),
            Claim(id=f"c{n}", report=f"r{n}", text="rockets on a base", chain=(Step("NYT"),)),
            Time(
                id=f"t{n}", of=f"c{n}", start_earliest="2020-12-10T00:00:00", end_latest="2020-12-11T00:00:00"
            ),
            Event(id=f"e{n}", type="incident", title=f"incident {n}"),
            Link(id=f"k{n}", from_=f"c{n}", to=f"e{n}", relation="same"),
        ]
    book.add_batch(new[:100_000], {"batch": "many"}, author="bench")  # type: ignore[arg-type]
    return book


def folds(book: Ledger) -> None:
    """Folding the whole log, opening it with a view in the cache, as-of twice."""

    def fold() -> None:
        forget(book.path)
        book.view()

    say("fold of 100,000 records into a new view", *seconds(timed(fold), 2.0))
    say("  opened again, the view in the cache", f"{1e3 * timed(book.view)[1]:7.2f} ms wall")
    say("as-of, 100,000 records", *seconds(timed(lambda: book.as_of("2999-01-01")), 2.0))
    hashes = {book.as_of(50_000 + 1).sha256() for _ in range(2)} | {book.as_of("2999-01-01").sha256()}
    hashes |= {book.view().sha256()}
    say("  twice the same instant, and now", "equal hashes", len(hashes) == 2)


def edited(folder: Path, edits: int = 200) -> None:
    """One byte changed, lost or put in at random: found, and placed to the byte."""
    book = Ledger.create(folder / "small.jsonl", title="small", author="bench")
    for n in range(60):
        book.add([Entity(id=f"e{n}", name="ž" * (n + 1))], author="bench")
    good = book.path.read_bytes()
    draw = random.Random(5)
    line = byte = 0
    for _ in range(edits):
        at, do = draw.randrange(len(good)), draw.randrange(3)
        new = bytes((good[at] ^ draw.randrange(1, 256),))
        bad = good[:at] + (new if do == 0 else b"" if do == 1 else new + good[at : at + 1]) + good[at + 1 :]
        found = next(find_all(bad), None)
        line += found is not None and found.damage.line == good[:at].count(b"\n") + 1
        if found is not None and found.edit is not None:
            edit = found.edit
            byte += bad[: edit.offset] + edit.should_be + bad[edit.offset + len(edit.found) :] == good
    say(
        "one byte changed, lost or put in, at random", f"{line} of {edits} found in their line", line == edits
    )
    say("  placed to the byte and mended", f"{byte} of {edits}", byte == edits)


def killed(folder: Path) -> None:
    """Writers killed while they write."""
    import ledger_kills

    kills = int(os.environ.get("LONGREACH_KILLS", "200"))
    folder = folder / "kills"
    folder.mkdir()
    found = ledger_kills.run(kills, 1, folder)
    lost = found["lost"]
    assert isinstance(lost, list)
    say(
        f"{kills:,} SIGKILLs at random moments (LONGREACH_KILLS sets how many)",
        f"{len(lost)} acknowledged lost",
        not lost,
    )
    told, torn, short = (found[name] for name in ("acknowledged", "torn_ends", "changes_cut_short"))
    say("  acknowledged; ends torn; changes cut short", f"{told}; {torn}; {short}")


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["LONGREACH_CACHE"] = str(folder / "cache")
        real_files(folder)
        folds(many(folder))
        edited(folder)
        killed(folder)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
