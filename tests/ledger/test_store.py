"""The ledger on disk: what is added is held, corrected and dropped by new lines, and read as it was then."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from longreach.errors import InputError
from longreach.ledger import Ledger
from longreach.ledger.records import Claim, Entity, Event, Link, Report, Step, Time


@pytest.fixture
def book(tmp_path, monkeypatch):
    monkeypatch.setenv("LONGREACH_CACHE", str(tmp_path / "cache"))
    return Ledger.create(tmp_path / "ledger.jsonl", title="test", author="ana", clock=at(1))


def at(day: int) -> datetime:
    return datetime(2020, 12, day, 12, tzinfo=UTC)


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
