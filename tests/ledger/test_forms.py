"""Entering records by hand: words by field, a happening as a whole, TOML and CSV forms."""

from __future__ import annotations

import pytest

from longreach.errors import InputError
from longreach.ledger.duplicates import propose
from longreach.ledger.forms import from_words, happening, read_form, template
from longreach.ledger.records import Link, Step

EMBASSY = {
    "title": "Rockets on the embassy", "date": "20 December 2020", "place": "Green Zone", "lat": "33.3", "lon": "44.4",
    "source": "Malay Mail", "chain": "Malay Mail>Iraqi military", "unit": "rockets", "count_lo": "8",
    "text": "at least eight rockets", "credibility": "3", "reliability": "C",
}  # fmt: skip


def test_a_happening_becomes_all_its_records(book):
    added = book.add(happening("incident", EMBASSY, book.view(), "ana"), author="ana")
    assert [record.kind for record in added] == [
        "entity", "entity", "report", "claim", "time", "place", "count", "event", "link",
    ]  # fmt: skip
    view = book.view()
    (claim, link), *_ = view.claims_of("incident-2020-12-20")
    assert claim.chain == (Step("source:malay-mail"), Step("source:iraqi-military"))
    assert (claim.text, claim.credibility, claim.reliability, link.relation) == (
        "at least eight rockets",
        3,
        "C",
        "same",
    )
    assert (view.counts(claim.id)[0].lo, view.counts(claim.id)[0].hi) == (8, None)
    assert view.get("incident-2020-12-20.r").row is None
    again = happening("incident", {**EMBASSY, "source": "malay mail"}, view, "ana")
    assert [record.kind for record in again].count("entity") == 0 and again[-1].to == "incident-2020-12-20-2"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"date": "32 December 2020"}, "not a day that exists"), ({"title": ""}, "incident.title: is missing"),
        ({"lat": "95"}, "outside -90 to 90"), ({"unit": "", "count": "3"}, "what is counted"), ({"colour": "red"}, "no such field"),
        ({"credibility": "9"}, "it can be 1, 2, 3"), ({"zone": "CET"}, "offset such as"),
        ({"report": "R9"}, "holds no such record"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_happening_is_said(book, change, said):
    with pytest.raises(InputError, match=said):
        book.add(happening("incident", {**EMBASSY, **change}, book.view(), "ana"), author="ana")
    assert book.view().count("event") == 0


def test_words_by_field_become_a_record():
    claim = from_words(
        "claim", {"report": "R", "text": "x", "chain": "ZH>NYT", "hedges": "may; might", "span": "3-9"}
    )
    assert (
        claim.chain == (Step("ZH"), Step("NYT")) and claim.hedges == ("may", "might") and claim.span == (3, 9)
    )
    entity = from_words(
        "entity", {"name": "A", "party": "yes", "reliability": '[{"letter": "B", "topic": "Iran"}]'}
    )
    assert entity.party is True and entity.reliability[0].topic == "Iran" and entity.id == ""
    with pytest.raises(InputError) as caught:
        from_words("count", {"of": "C", "unit": "rockets", "lo": "many", "colour": "red"})
    assert len(caught.value.faults) == 2


TOML = """
[[entity]]
id = "NYT"
name = "New York Times"
party = false
[[report]]
id = "R1"
source = "NYT"
published = 2020-12-10
[[claim]]
id = "C1"
report = "R1"
text = "on a 36-hour mission"
chain = [["NYT", "cites"]]
[[flight]]
title = "second flight"
date = "2020-12-10"
report = "R1"
chain = "NYT"
[[flight]]
title = "third flight"
date = "2020-12-10"
source = "NYT"
"""


def test_a_toml_form_with_many_records(book, tmp_path):
    path = tmp_path / "form.toml"
    path.write_text(TOML)
    book.add(read_form(path, book.view(), "ana"), author="ana")
    view = book.view()
    assert view.get("R1").published == "2020-12-10" and view.count("event", "flight") == 2
    assert {event.id for event in view.all("event")} == {"flight-2020-12-10", "flight-2020-12-10-2"}


def test_a_csv_form_and_its_faults_by_line(book, tmp_path):
    path = tmp_path / "form.csv"
    path.write_text("kind,id,name,type\nentity,A,Army,military\nentity,B,,news\nwar,C,x,\nentity,D,x,paper\n")
    with pytest.raises(InputError) as caught:
        read_form(path, book.view(), "ana")
    assert [fault.line for fault in caught.value.faults] == [3, 4, 5]
    path.write_text(
        "title,date,source,unit,count\nRockets,2020-12-20,AFP,rockets,4\nRockets,2020-12-21,AFP,rockets,2\n"
    )
    book.add(read_form(path, book.view(), "ana"), author="ana")
    assert book.view().count("event", "incident") == 2 and book.view().count("entity") == 1


def test_the_empty_form_names_every_field_and_is_toml():
    import tomllib

    from longreach.ledger import records

    found = tomllib.loads(template())
    for kind in records.KINDS:
        assert set(records.fields_of(kind)) - {"row", "columns"} == set(found[kind][0])


def test_what_may_be_the_same_is_proposed_with_reasons_until_it_is_settled(book):
    second = {
        "title": "Embassy in Baghdad hit by rockets", "date": "2020-12-20", "lat": "33.31", "lon": "44.39", "unit": "rockets",
        "count": "21", "source": "The Media Express",
    }  # fmt: skip
    for words in (
        EMBASSY,
        second,
        {**second, "date": "2020-11-17"},
        {**second, "lat": "36.3", "lon": "43.1"},
    ):
        book.add(happening("incident", words, book.view(), "ana"), author="ana")
    (pair,) = propose(book.view())
    assert (pair.first, pair.second) == ("incident-2020-12-20", "incident-2020-12-20-2")
    text = "; ".join(pair.reasons)
    assert "same day" in text and "1 km apart" in text and "counts of rockets agree" in text
    before = book.view().sha256()
    assert book.view().sha256() == before  # proposing changes nothing
    book.add(
        [Link(id="d", from_=pair.first, to=pair.second, relation="different", reason="two salvoes")],
        author="ana",
    )
    assert propose(book.view()) == []
