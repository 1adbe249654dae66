"""The ledger on disk: what is added is held, corrected and dropped by new lines, and read as it was then."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest

from longreach.errors import InputError
from longreach.ledger import DamagedLedger, Ledger
from longreach.ledger.records import Claim, Entity, Event, Link, Report, Step, Time


def at(day: int) -> datetime:
    return datetime(2020, 12, day, 12, tzinfo=UTC)


def entity(n: int, name: str = "x") -> Entity:
    return Entity(id=f"e{n}", name=name)


FIRST = [
    Entity(id="NYT", name="New York Times", type="news"),
    Report(id="R1", source="NYT", title="B-52s"),
    Claim(id="C1", report="R1", text="on Thursday", chain=(Step("NYT"),)),
    Time(id="C1.t", of="C1", text="on Thursday"),
    Event(id="F1", type="flight", title="second flight"),
    Link(id="L1", from_="C1", to="F1", relation="same"),
]


def test_what_is_added_is_held(book):
    book.add(FIRST, author="ana", clock=at(2))
    view = book.view()
    assert [view.get(each.id) for each in FIRST] == FIRST
    assert view.times("C1") == [FIRST[3]]
    assert view.events_of("C1") == [(FIRST[4], FIRST[5])]
    assert view.claims_of("F1") == [(FIRST[2], FIRST[5])]


def test_as_of_gives_the_state_of_then(book):
    book.add(FIRST[:3], author="ana", clock=at(2))
    then = book.view().sha256(), list(book.view().lines())
    book.add(FIRST[3:], author="ana", clock=at(4))
    book.drop(["C1.t"], "not said", author="ben", clock=at(6))
    assert (book.as_of("2020-12-03").sha256(), list(book.as_of("2020-12-03").lines())) == then
    assert book.as_of("2020-12-01").find("NYT") is None
    assert book.as_of("2020-12-05").find("C1.t") == FIRST[3]
    assert book.as_of("2020-12-06").find("C1.t") is None
    assert book.as_of(4).sha256() == then[0]


def test_a_correction_is_a_new_record(book):
    book.add(FIRST, author="ana", clock=at(2))
    new = book.correct(
        "C1", Claim(id="", report="R1", text="on Wednesday"), "misread", author="ben", clock=at(3)
    )
    view = book.view()
    assert new.id == "C1~2" and view.current("C1") == "C1~2"
    assert view.find("C1") is None and view.held("C1").gone_reason == "misread"
    assert view.times("C1~2") == [FIRST[3]]
    assert [claim.id for claim, _ in view.claims_of("F1")] == ["C1~2"]
    assert book.as_of("2020-12-02").get("C1") == FIRST[2]


def test_references_to_nothing_are_refused_all_at_once(book):
    with pytest.raises(InputError) as caught:
        book.add(
            [Report(id="R", source="NYT"), Claim(id="C", report="R9", text="x")], author="ana", clock=at(2)
        )
    assert len(caught.value.faults) == 2
    assert book.view().tail.seq == 1


def test_the_log_can_be_checked_with_nothing_of_ours(book):
    book.add(FIRST, author='an "á" a', clock=at(2))
    book.drop(["L1"], "wrong \\ flight", author="ben", clock=at(3))
    before = "0" * 64
    for n, line in enumerate(book.path.read_bytes().splitlines(), 1):
        document = json.loads(line)
        assert list(document) == ["seq", "time", "author", "op", "record", "prev_hash", "hash"]
        assert (document["seq"], document["prev_hash"]) == (n, before)
        before = hashlib.sha256(line[: line.rindex(b',"hash":"')]).hexdigest()
        assert document["hash"] == before
    assert n == 8
    assert document["time"] == "2020-12-03T12:00:00.000000Z"


def test_a_change_of_several_records_comes_in_whole_or_not_at_all(book):
    book.add(FIRST, author="ana", clock=at(2))
    lines = book.path.read_bytes().splitlines(keepends=True)
    held = book.as_of(1).sha256()
    for cut in range(2, len(lines)):
        book.path.write_bytes(b"".join(lines[:cut]))
        again = Ledger(book.path)
        assert again.as_of(10**6).sha256() == held
    book.path.write_bytes(b"".join(lines[:4]))
    again = Ledger(book.path)
    with pytest.raises(DamagedLedger, match="cut off"):  # what was read here before is no longer there
        again.view()
    moved = book.path.rename(book.path.with_name("moved.jsonl"))
    again = Ledger(moved)
    again.add(FIRST, author="ana", clock=at(4))
    assert [json.loads(line)["op"] for line in moved.read_bytes().splitlines()][4] == "abandon"
    assert again.view().get("L1") == FIRST[-1]


@pytest.mark.parametrize("cut", [1, 2, 40, 100, 150])
def test_a_torn_end_is_set_aside_and_nothing_else_is_lost(book, notices, cut):
    book.add([entity(1)], author="ana", clock=at(2))
    whole = book.path.read_bytes()
    book.add([entity(2)], author="ana", clock=at(3))
    line = book.path.read_bytes()[len(whole) :]
    book.path.write_bytes(whole + line[:-cut])
    fresh = Ledger(book.path.rename(book.path.with_name("torn.jsonl")), notice=notices.append)
    assert fresh.view().get("e1") == entity(1)
    assert "unfinished" in notices[-1] or "line end" in notices[-1]
    fresh.add([entity(3)], author="ana", clock=at(4))
    assert fresh.view().get("e1") and fresh.view().get("e3")
    aside = list(fresh.path.parent.glob("torn.jsonl.torn-*"))
    if cut == 1:  # the line was whole but for its end: it is held, not set aside
        assert fresh.view().get("e2") and not aside
    else:
        assert aside[0].read_bytes() == line[:-cut]


def test_an_edited_line_stops_writing_and_not_reading_what_stands_before(book):
    for n in range(6):
        book.add([entity(n)], author="ana", clock=at(2))
    data = book.path.read_bytes()
    book.path.write_bytes(data.replace(b'"id":"e3"', b'"id":"e9"'))
    book.path.rename(book.path.with_name("x.jsonl"))
    fresh = Ledger(book.path.with_name("x.jsonl"))
    reading = fresh.read()
    assert reading.damage is not None and reading.damage.line == 5
    assert reading.damage.offset == sum(len(line) for line in data.splitlines(keepends=True)[:4])
    assert [record.id for record in reading.view.all("entity")] == ["e0", "e1", "e2"]
    with pytest.raises(DamagedLedger, match="changed after it was written"):
        fresh.add([entity(7)], author="ana", clock=at(3))
    assert fresh.path.read_bytes() == data.replace(b'"id":"e3"', b'"id":"e9"')


def test_an_edit_is_found_though_the_view_was_kept(book):
    for n in range(4):
        book.add([entity(n)], author="ana", clock=at(2))
    book.view()
    data = book.path.read_bytes()
    book.path.write_bytes(data.replace(b'"id":"e1"', b'"id":"e8"'))
    reading = Ledger(book.path).read()
    assert reading.damage is not None and reading.damage.line == 3


def test_lines_cut_off_at_the_end_are_missed(book):
    for n in range(4):
        book.add([entity(n)], author="ana", clock=at(2))
    lines = book.path.read_bytes().splitlines(keepends=True)
    book.path.write_bytes(b"".join(lines[:3]))
    with pytest.raises(DamagedLedger, match="cut off"):
        Ledger(book.path).view()
    assert [record.id for record in Ledger(book.path).read().view.all("entity")] == ["e0", "e1"]


WRITER = """
import sys
from pathlib import Path
from longreach.ledger import Ledger
from longreach.ledger.records import Entity
book = Ledger(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    book.add([Entity(id=f"{sys.argv[2]}{n}", name="n"), Entity(id=f"{sys.argv[2]}{n}b", name="n")], author=sys.argv[2])
"""


def test_two_writers_at_once_lose_nothing_and_keep_the_chain(book):
    path = Ledger.create(book.path.with_name("two.jsonl"), title="two", author="t").path
    running = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, "40"]) for name in ("a", "b")]
    assert [each.wait() for each in running] == [0, 0]
    view = Ledger(path).view()
    assert view.count("entity") == 160
    authors = [line.author for line in Ledger(path).lines()]
    assert authors.count("a") == authors.count("b") == 80


def test_threads_of_one_process_wait_for_each_other(book):
    path = Ledger.create(book.path.with_name("threads.jsonl"), title="t", author="t").path

    def write(name: str) -> None:
        own = Ledger(path)
        for n in range(15):
            own.add([Entity(id=f"{name}{n}", name="n")], author=name)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Ledger(path).view().count("entity") == 45


FULL = """
import resource, sys
from pathlib import Path
from longreach.errors import InputError
from longreach.ledger import Ledger
from longreach.ledger.records import Entity
path = Path(sys.argv[1])
book = Ledger(path)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
kept = 0
try:
    for n in range(200):
        book.add([Entity(id=f"e{n}", name="x" * 100), Entity(id=f"f{n}", name="y" * 100)], author="t")
        kept = n + 1
except InputError as error:
    print(kept, error)
"""


def test_a_full_disk_loses_nothing_that_was_acknowledged(book, tmp_path):
    path = Ledger.create(tmp_path / "full.jsonl", title="full", author="t").path
    # the cache has no room either: it is outside the limit only because it stays in memory
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), "20000"],
        capture_output=True,
        text=True,
        env={**os.environ, "LONGREACH_CACHE": str(tmp_path / "no" / "cache")},
        check=True,
    )
    kept, _, said = done.stdout.partition(" ")
    assert "nothing was added" in said and 10 < int(kept) < 200
    assert path.stat().st_size <= 20000
    view = Ledger(path).view()  # whole: what could not be written was taken back
    assert view.count("entity") == 2 * int(kept)
    Ledger(path).add([entity(999)], author="t")


def test_a_cache_that_cannot_be_written_only_costs_time(book, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("LONGREACH_CACHE", str(tmp_path / "file"))
    book.add([entity(1)], author="ana", clock=at(2))
    assert book.view().get("e1") == entity(1)


def test_a_broken_view_in_the_cache_is_made_again(book):
    from longreach.ledger.store import index_file

    book.add([entity(1)], author="ana", clock=at(2))
    for garbage in (b"", b"not a database at all" * 1000, index_file(book.path).read_bytes()[:3000]):
        for name in ("", "-wal", "-shm"):
            file = index_file(book.path).with_name(index_file(book.path).name + name)
            file.unlink(missing_ok=True)
        index_file(book.path).write_bytes(garbage)
        assert Ledger(book.path).view().get("e1") == entity(1)


def test_a_clock_set_back_is_refused_and_a_slip_is_not(book):
    book.add([entity(1)], author="ana", clock=at(5))
    with pytest.raises(InputError, match="set the clock"):
        book.add([entity(2)], author="ana", clock=at(4))
    book.add([entity(2)], author="ana", clock=datetime(2020, 12, 5, 11, 59, 59, tzinfo=UTC))
    assert book.view().tail.time == "2020-12-05T12:00:00.000000Z"


def test_a_name_can_come_back_after_a_tombstone_and_not_before(book):
    book.add([entity(1)], author="ana", clock=at(2))
    with pytest.raises(InputError, match="taken"):
        book.add([entity(1, "other")], author="ana", clock=at(2))
    book.drop(["e1"], "not needed", author="ana", clock=at(3))
    book.add([entity(1, "other")], author="ana", clock=at(4))
    assert book.view().get("e1").name == "other"
    assert book.as_of("2020-12-02").get("e1").name == "x"


def test_what_others_hang_on_is_dropped_with_them_or_not_at_all(book):
    book.add(FIRST, author="ana", clock=at(2))
    with pytest.raises(InputError, match=r"C1.*hang on R1"):
        book.drop(["R1"], "wrong", author="ana", clock=at(3))
    gone = book.drop(["R1"], "wrong", author="ana", with_parts=True, clock=at(3))
    assert set(gone) == {"R1", "C1", "C1.t", "L1"}
    with pytest.raises(InputError, match="hang on NYT"):
        book.add([Report(id="R2", source="NYT")], author="ana", clock=at(4))
        book.drop(["NYT"], "wrong", author="ana", clock=at(4))


def test_undo_keeps_what_others_use(book):
    name, _ = book.add_batch(FIRST[:2], {"batch": "table"}, author="ana", clock=at(2))
    book.add([Report(id="R9", source="NYT")], author="ana", clock=at(3))
    assert book.undo(name, "wrong file", author="ana", clock=at(4)) == (1, ["NYT"])
    assert book.view().find("R1") is None and book.view().get("NYT")
    with pytest.raises(InputError, match="undone already"):
        book.undo(name, "again", author="ana", clock=at(5))


def test_a_view_stays_what_it_is_while_others_write(book):
    book.add([entity(1)], author="ana", clock=at(2))
    view = book.view()
    state = view.sha256()
    Ledger(book.path).add([entity(2)], author="ben", clock=at(3))
    assert view.sha256() == state and view.find("e2") is None
    assert book.view().get("e2")
