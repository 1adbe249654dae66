"""Records say what they take, come back from JSON as they were, and name all that is wrong at once."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longreach.errors import InputError
from longreach.ledger import records
from longreach.ledger.records import (
    Assessment,
    Claim,
    Count,
    Entity,
    Event,
    Link,
    Place,
    Rating,
    Report,
    Step,
    Time,
)

ONE_OF_EACH = [
    Entity(
        id="ZH", name="Zero Hedge", type="aggregator", aliases=("ZH",), party=False, anonymous=True,
        reliability=(Rating("C", "Iran", "2020-12-10", "ana"), Rating("D")),
    ),
    Report(
        id="R", source="ZH", title="t", url="u", published="2020-12-10T09:25", retrieved="2026-01-01", text="x",
        text_sha256="0" * 64, rights="withhold", row=("a", 1, 2.5, None, True, {"type": "Point"}),
        columns=("a", "b", "c", "d", "e", "f"),
    ),
    Claim(
        id="C", report="R", text="a planned going on", span=(0, 18), reading="planning", chain=(Step("ZH"), Step("A", "quotes")),
        hedges=("may",), stance="opines", reliability="C", credibility=3,
    ),
    Event(id="F", type="flight", title="second", trigger="triggered"),
    Link(id="L", from_="C", to="F", relation="maybe same", p=0.5, scope="larger, imminent"),
    Time(
        id="T", of="C", role="departure", start_earliest="2020-12-09T00:00:00Z", start_latest="2020-12-10T00:00:00Z",
        end_latest="2020-12-11T00:00:00Z", zone="UTC", edtf="2020-12-09/2020-12-10", text="on Thursday",
    ),
    Place(id="P", of="C", lat=33.3, lon=-180.0, radius_m=0.0, rings=(((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.0, 0.0)),)),
    Count(id="N", of="C", unit="attacks", lo=51, exclusive=False, ordinal=True, window="T", text="more than 50"),
    Assessment(
        id="A", statement="s", likelihood="likely", confidence="low", for_=("C",), against=("C2",), about=("F",),
        author="ana", date="2020-12-10",
    ),
]  # fmt: skip


@pytest.mark.parametrize("record", ONE_OF_EACH, ids=lambda each: each.kind)
def test_a_record_comes_back_from_json_as_it_was(record):
    text = json.dumps(records.to_json(record))
    assert records.from_json(json.loads(text)) == record


def test_there_are_nine_kinds_and_each_field_says_what_it_holds():
    assert len(records.KINDS) == 9 == len(ONE_OF_EACH)
    for kind in records.KINDS:
        assert all(spec.help for spec in records.fields_of(kind).values())


BAD = [
    ({"kind": "incident"}, "kind"),
    ({"kind": "entity", "id": "a b", "name": "x"}, "id"),
    ({"kind": "entity", "id": "a"}, "name"),
    ({"kind": "entity", "id": "a", "name": "x", "colour": "red"}, "colour"),
    ({"kind": "entity", "id": "a", "name": 3}, "name"),
    ({"kind": "entity", "id": "a", "name": "\ud800"}, "name"),
    ({"kind": "entity", "id": "a", "name": "x", "reliability": [{"letter": "G"}]}, "reliability"),
    ({"kind": "entity", "id": "a", "name": "x", "party": "yes"}, "party"),
    ({"kind": "claim", "id": "a", "report": "r"}, "text"),
    ({"kind": "claim", "id": "a", "report": "r", "text": "x", "credibility": 7}, "credibility"),
    ({"kind": "claim", "id": "a", "report": "r", "text": "x", "span": [5, 5]}, "span"),
    ({"kind": "claim", "id": "a", "report": "r", "text": "x", "chain": [["NYT", "invents"]]}, "chain"),
    ({"kind": "time", "id": "a", "of": "c"}, "text"),
    ({"kind": "time", "id": "a", "of": "c", "start_earliest": "2020-02-30T00:00:00"}, "start_earliest"),
    ({"kind": "time", "id": "a", "of": "c", "start_earliest": "2020-02-03T00:00:00Z"}, "start_earliest"),
    (
        {"kind": "time", "id": "a", "of": "c", "start_earliest": "2020-02-03T00:00:00", "end_latest": "2020-02-02T00:00:00"},
        "end_latest",
    ),
    ({"kind": "place", "id": "a", "of": "c", "lat": 91, "lon": 0}, "lat"),
    ({"kind": "place", "id": "a", "of": "c", "lat": 1}, "lon"),
    ({"kind": "place", "id": "a", "of": "c", "name": "x", "radius_m": 5}, "radius_m"),
    ({"kind": "place", "id": "a", "of": "c", "rings": [[[0, 0], [1, 1]]]}, "rings"),
    ({"kind": "count", "id": "a", "of": "c", "unit": "rockets", "lo": 9, "hi": 8}, "hi"),
    ({"kind": "count", "id": "a", "of": "c", "unit": "rockets", "lo": float("nan")}, "lo"),
    ({"kind": "count", "id": "a", "of": "c", "unit": "rockets", "lo": True}, "lo"),
    ({"kind": "link", "id": "a", "from": "x", "to": "x", "relation": "same"}, "to"),
    ({"kind": "link", "id": "a", "from": "x", "to": "y", "relation": "same", "p": 0.5}, "p"),
    ({"kind": "link", "id": "a", "from": "x", "to": "y", "relation": "replaces"}, "reason"),
    ({"kind": "event", "id": "a", "type": "incident", "title": "x", "trigger": "scheduled"}, "trigger"),
    ({"kind": "assessment", "id": "a", "statement": "x", "author": "y", "date": "2020-13"}, "date"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "field"), BAD, ids=lambda each: str(each)[:60])
def test_what_is_wrong_is_named_by_its_field(document, field):
    with pytest.raises(InputError) as caught:
        records.from_json(document)
    assert [fault.key.split(".")[-1] for fault in caught.value.faults] == [field]


def test_all_faults_of_a_record_are_told_at_once():
    with pytest.raises(InputError) as caught:
        records.from_json({"kind": "place", "id": "", "of": "c d", "lat": 99, "lon": 999})
    assert {fault.key.split(".")[-1] for fault in caught.value.faults} == {"id", "of", "lat", "lon"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda more: st.lists(more) | st.dictionaries(st.text(), more),
)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(records.KINDS)).flatmap(
        lambda kind: st.fixed_dictionaries(
            {"kind": st.just(kind)}, optional=dict.fromkeys(records.fields_of(kind), JSON)
        )
    )
)
def test_any_json_is_a_record_or_a_list_of_faults(document):
    record, faults = records.build(document)
    assert (record is None) == bool(faults)
    if record is not None:
        assert records.from_json(records.to_json(record)) == record


def test_the_ranges_of_likelihood_words_meet_without_gaps():
    ranges = list(records.LIKELIHOOD.values())
    assert all(a[1] == b[0] for a, b in itertools.pairwise(ranges))
    assert ranges[0][0] == 1 and ranges[-1][1] == 99
