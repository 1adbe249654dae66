"""Claims of number against lists: by hand, against a plain count of whole worlds, and with entries taken away."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longreach.errors import InputError
from longreach.ledger.numbers import read_count
from longreach.ledger.ordinals import Ordinal, Window, read_ordinals
from longreach.ledger.reconcile import (
    AGREES,
    CANNOT_TELL,
    DISAGREES,
    Entry,
    narrow,
    reconcile_count,
    reconcile_ordinal,
    single_changes,
)

D = date


def on(id, *days):
    return Entry(id, days[0], days[-1])


SERIES = [on("A", D(2021, 1, 5)), on("B", D(2021, 2, 1)), on("C", D(2021, 2, 20)), on("E", D(2021, 4, 2))]


SAID = D(2021, 4, 10)


def verdict(words, event, said=SAID, series=SERIES):
    return [reconcile_ordinal(each, event, series, said) for each in read_ordinals(words, said)]


@pytest.mark.parametrize(
    ("words", "event", "expected"),
    [
        ("second within a month", "B", AGREES),
        ("second in three weeks", "B", DISAGREES),  # 27 days
        ("third in seven weeks", "C", AGREES),  # 46 days
        ("third this year", "C", AGREES),
        ("fourth of 2021", "E", AGREES),
        ("third of 2021", "E", DISAGREES),
        ("fifth of 2021", "E", DISAGREES),
        ("first of 2020", "E", DISAGREES),
        ("third since 10 January 2021", "E", AGREES),
        ("third since January 2021", "E", CANNOT_TELL),  # from the first of the month, or from the last
        ("fourth in recent months", "E", AGREES),
        ("second in recent weeks", "C", AGREES),
        ("fourth under Biden", "E", DISAGREES),  # from 20 January on: three
        ("third under Biden", "E", AGREES),
    ],
)
def test_claims_worked_by_hand(words, event, expected):
    (finding,) = verdict(words, event)
    assert finding.verdict == expected, finding.why


def test_it_says_how_many_are_missing_and_where():
    (finding,) = verdict("sixth of 2021", "E")
    assert finding.by == -2
    assert finding.where == ((D(2021, 1, 1), D(2021, 4, 2)),)
    assert "2 more entries are missing" in finding.why


def test_it_says_which_entries_one_of_which_is_extra():
    (finding,) = verdict("second of 2021", "C")
    assert finding.by == 1
    assert finding.entries == ("A", "B")


def test_a_day_in_doubt_that_matters_is_told():
    series = [on("A", D(2021, 1, 30), D(2021, 2, 3)), on("B", D(2021, 3, 2))]
    (finding,) = verdict("second in 30 days", "B", series=series, said=None)
    assert finding.verdict == CANNOT_TELL
    assert "A (30 Jan 2021 to 3 Feb 2021)" in finding.why
    (finding,) = verdict("second in 40 days", "B", series=series, said=None)
    assert finding.verdict == AGREES


def test_what_agrees_narrows_down_where_the_missing_entry_lies():
    series = [on("A", D(2021, 1, 5)), on("B", D(2021, 2, 1)), on("E", D(2021, 4, 2))]
    findings = narrow(
        [
            *verdict("second within a month", "B", series=series),
            *verdict("fourth of 2021", "E", series=series),
        ]
    )
    assert findings[0].verdict == AGREES
    assert findings[1].where == ((D(2021, 1, 1), D(2021, 1, 1)), (D(2021, 2, 2), D(2021, 4, 2)))


def test_an_event_that_is_not_listed_cannot_be_told():
    (finding,) = verdict("second within a month", "Z")
    assert finding.verdict == CANNOT_TELL


@pytest.mark.parametrize("words", ["a flight", "second flight", "third under Cromwell", "second in a blink"])
def test_words_without_nth_or_period_are_refused(words):
    with pytest.raises(InputError):
        read_ordinals(words, D(2021, 4, 10))


def test_this_year_needs_a_date():
    with pytest.raises(InputError, match="the day it was said"):
        read_ordinals("fourth this year")


def world_counts(series, event, window_days):
    """The number of each possible world, counted plainly: every entry on every day it may have had."""
    others = [e for e in series if e.id != event.id]
    found = set()
    for day in event.days():
        for days in product(*(list(e.days()) for e in others)):
            found.add(1 + sum(day - timedelta(days=window_days) <= d <= day for d in days))
    return found


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 2)), min_size=1, max_size=5),
    st.integers(0, 4),
    st.integers(1, 5),
    st.integers(1, 40),
)
def test_the_verdict_is_that_of_every_world_counted_one_by_one(spans, which, nth, length):
    start = D(2021, 1, 1)
    series = [
        Entry(str(n), start + timedelta(days=a), start + timedelta(days=a + w))
        for n, (a, w) in enumerate(spans)
    ]
    event = series[which % len(series)]
    window = Window(None, (length, length), False, "event", "test")
    finding = reconcile_ordinal(Ordinal(nth, "test", (window,)), event.id, series)
    counts = world_counts(series, event, length)
    if counts == {nth}:
        assert finding.verdict == AGREES
    if nth not in counts:
        # Bounds taken entry by entry may admit a world that no single choice of days makes; never the reverse.
        assert finding.verdict != AGREES
    if finding.verdict == DISAGREES:
        assert nth not in counts
    if finding.verdict == AGREES:
        assert counts == {nth}


def claims_of(series):
    said = D(2021, 4, 10)
    words = [("second within a month", "B"), ("third in seven weeks", "C"), ("fourth of 2021", "E")]
    return [
        reconcile_ordinal(o, event, series, said) for text, event in words for o in read_ordinals(text, said)
    ]


def test_a_missing_entry_is_found_by_trying_one_more():
    series = [each for each in SERIES if each.id != "A"]
    findings = narrow(claims_of(series))
    (change,) = single_changes(series, findings, claims_of)
    assert change.kind == "add"
    assert change.first <= D(2021, 1, 5) <= change.last


def test_a_claim_that_cannot_be_told_does_not_hide_the_change():
    def with_open(series):
        doubtful = read_ordinals("third since January 2021", SAID)[0]
        return [*claims_of(series), reconcile_ordinal(doubtful, "Z", series, SAID)]

    series = [each for each in SERIES if each.id != "A"]
    (change,) = single_changes(series, narrow(with_open(series)), with_open)
    assert change.kind == "add"


def test_an_extra_entry_is_found_by_trying_one_less():
    series = [*SERIES, on("X", D(2021, 3, 10))]
    findings = narrow(claims_of(series))
    assert [f.verdict for f in findings] == [AGREES, AGREES, DISAGREES]
    changes = single_changes(series, findings, claims_of)
    assert {change.entry for change in changes} == {"X"}


def test_a_list_not_said_to_be_complete_cannot_refute_a_greater_number():
    window = [(D(2021, 1, 1), D(2021, 12, 31), "2021")]
    more = read_count("more than 50 attacks")
    assert reconcile_count(more, window, SERIES).verdict == CANNOT_TELL
    finding = reconcile_count(more, window, SERIES, complete=True)
    assert finding.verdict == DISAGREES and finding.by == 4 - 51
    assert reconcile_count(read_count("two attacks"), window, SERIES).verdict == DISAGREES
    assert reconcile_count(read_count("four attacks"), window, SERIES, complete=True).verdict == AGREES
    assert reconcile_count(read_count("four attacks"), window, SERIES).verdict == CANNOT_TELL
