"""Every byte of a log is vouched for: a change is found, placed and, where it is one byte, put right."""

from __future__ import annotations

import random

import pytest

from longreach.ledger import Ledger
from longreach.ledger.damage import find_all, repair, verify
from longreach.ledger.records import Claim, Entity, Report, Step


@pytest.fixture
def small(book):
    """A ledger of eight lines with what is hard to find one's way in: quotes, brackets, letters of two bytes."""
    book.add(
        [
            Entity(id="NYT", name="New York Times"),
            Report(id="R", source="NYT", title='a "title"}'),
            Claim(id="C", report="R", text='hé"}lló\n{"seq":3}', chain=(Step("NYT"),)),
        ],
        author='an "á"',
    )
    for n in range(4):
        book.add([Entity(id=f"e{n}", name="aa" * n + "x")], author="ben")
    return book


def edits(data: bytes, draw: random.Random, many: int):
    """Random one-byte edits: where, what was done, and the bytes after it."""
    for _ in range(many):
        at = draw.randrange(len(data))
        do = draw.choice(("change", "change", "change", "lose", "put in"))
        if do == "change":
            new = draw.choice([each for each in range(256) if each != data[at]])
            yield at, do, data[:at] + bytes((new,)) + data[at + 1 :]
        elif do == "lose":
            yield at, do, data[:at] + data[at + 1 :]
        else:
            yield at, do, data[:at] + bytes((draw.randrange(256),)) + data[at:]


def placed_and_mended(good: bytes, draw: random.Random, many: int) -> None:
    for at, do, bad in edits(good, draw, many):
        found = list(find_all(bad))
        assert found, (at, do)
        line = good[:at].count(b"\n") + 1
        # a byte put in at the beginning of a line may as well stand at the end of the one before
        assert found[0].damage.line == line, (at, do, found)
        edit = found[0].edit
        assert edit is not None, (at, do, found)
        assert bad[: edit.offset] + edit.should_be + bad[edit.offset + len(edit.found) :] == good
        if do == "change":
            assert edit.offset == at


def test_a_one_byte_edit_anywhere_is_found_placed_and_mended(small):
    placed_and_mended(small.path.read_bytes(), random.Random(1), 40)


@pytest.mark.soak
def test_every_byte_of_a_log_changed_in_turn(small):
    good = small.path.read_bytes()
    for at in range(len(good)):
        for new in {good[at] ^ 1, good[at] ^ 0x20, 10, 34, 0} - {good[at]}:
            bad = good[:at] + bytes((new,)) + good[at + 1 :]
            found = next(find_all(bad))
            assert found.edit is not None and found.edit.offset == at
            assert found.edit.should_be == good[at : at + 1]
    placed_and_mended(good, random.Random(2), 3000)


def test_several_edits_are_all_named(small):
    lines = small.path.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"New York", b"Old York")
    lines[5] = lines[5].replace(b'"ben"', b'"bet"')
    found = list(find_all(b"".join(lines)))
    assert [each.damage.line for each in found] == [2, 6]
    assert found[0].edit is None and found[1].edit is not None


@pytest.mark.parametrize("change", ["drop", "swap", "twice", "forged"])
def test_lines_lost_moved_doubled_or_written_anew_are_found(small, change):
    from longreach.ledger.log import write_line

    lines = small.path.read_bytes().splitlines(keepends=True)
    if change == "drop":
        del lines[4]
    elif change == "swap":
        lines[4], lines[5] = lines[5], lines[4]
    elif change == "twice":
        lines.insert(5, lines[4])
    else:  # a line changed and given a new, right hash: the next one does not follow it
        line, _ = write_line(5, "2026-01-01T00:00:00.000000Z", "ben", "add", '{"kind":"entity"}', "0" * 64)
        lines[4] = line
    found = list(find_all(b"".join(lines)))
    assert found and found[0].damage.line in (5, 6) and found[0].edit is None
    small.path.write_bytes(b"".join(lines))
    assert not repair(small).whole and small.path.read_bytes() == b"".join(lines)


def test_repair_puts_one_byte_right_and_keeps_the_log_as_it_was(small):
    good = small.path.read_bytes()
    bad = good.replace(b'"id":"e1"', b'"id":"e7"')
    small.path.write_bytes(bad)
    assert verify(small).wrong != ()
    done = repair(small)
    assert done.whole and small.path.read_bytes() == good
    assert small.path.with_name("ledger.jsonl.before-repair").read_bytes() == bad
    assert small.view().get("e1")


def test_repair_takes_lines_from_a_copy_where_their_hashes_belong(small, tmp_path):
    good = small.path.read_bytes()
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(good)
    lines = good.splitlines(keepends=True)
    for bad in (
        b"".join([*lines[:3], b"rubbish\n", *lines[5:]]),  # a line destroyed, one lost
        b"".join([*lines[:3], b"rub", *lines[6:]]),
        b"".join(lines[:4]),  # the end lost: only the view in the cache knows
    ):
        small.path.write_bytes(bad)
        repair(small, copy=copy)
        if len(bad) < len(good) and bad == b"".join(lines[:4]):
            assert not repair(small).whole  # nothing to go on from inside the log
        else:
            assert small.path.read_bytes() == good
    other = Ledger.create(tmp_path / "other.jsonl", title="other", author="x")
    small.path.write_bytes(b"".join([*lines[:3], b"rubbish\n", *lines[5:]]))
    assert not repair(small, copy=other.path).whole


def test_repair_ends_the_log_before_the_damage_only_when_told_to(small):
    good = small.path.read_bytes()
    lines = good.splitlines(keepends=True)
    bad = b"".join([*lines[:5], b"rubbish\n", *lines[6:]])
    small.path.write_bytes(bad)
    assert not repair(small).whole and small.path.read_bytes() == bad
    done = repair(small, accept=True)
    assert done.whole and small.path.read_bytes() == b"".join(lines[:5])
    aside = small.path.with_name("ledger.jsonl.after-line-5")
    assert b"".join(lines[:5]) + aside.read_bytes() == bad
    small.add([Entity(id="new", name="n")], author="ana")
    assert small.view().get("new")


def test_a_hash_noted_earlier_tells_a_log_written_anew(small, tmp_path):
    head = verify(small).tail.hash
    small.add([Entity(id="more", name="n")], author="ana")
    assert verify(small, head=head).head is True
    forged = Ledger.create(tmp_path / "forged.jsonl", title="test", author="ana")
    forged.add([Entity(id="NYT", name="New York Times")], author="ana")
    assert verify(forged, head=head).head is False
