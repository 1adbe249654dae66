"""Words of number against intervals worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longreach.errors import InputError
from longreach.ledger.numbers import grain, read_count, read_distance, read_duration, span

CASES = [
    # words, lo, hi, unit
    ("more than 50 rocket attacks in the past year on bases", 51, None, "rocket attack"),
    ("over 50", 51, None, ""),
    ("nearly 90 deadly rocket attacks", 85, 89, "deadly rocket attack"),
    ("almost 1,200 rockets", 1150, 1199, "rocket"),
    ("at least eight rockets", 8, None, "rocket"),
    ("no fewer than 3 drones", 3, None, "drone"),
    ("fewer than 10 attacks", 0, 9, "attack"),
    ("up to 20", 0, 20, ""),
    ("no more than five people", 0, 5, "people"),
    ("around 30 rockets", 25, 35, "rocket"),
    ("10 or so rockets", 5, 15, "rocket"),
    ("about eight", 7, 9, ""),
    ("50-odd attacks", 50, 59, "attack"),
    ("4 to 7 rockets", 4, 7, "rocket"),
    ("between four and seven rockets", 4, 7, "rocket"),
    ("4 or 5", 4, 5, ""),
    ("twenty-one 107 mm rockets", 21, 21, "107 mm rocket"),
    ("a dozen attacks", 12, 12, "attack"),
    ("no evidence", 0, 0, "evidence"),
    ("36 aircraft", 36, 36, "aircraft"),
    ("several casualties", 3, 9, "casualty"),
    ("dozens of rockets", 24, None, "rocket"),
    ("30 or more", 30, None, ""),
    ("36-hour", 35.5, 36.5, "hour"),
    ("about two hours", 1.5, 2.5, "hour"),
    ("nearly two hours", 1.5, 2, "hour"),
]


@pytest.mark.parametrize(("words", "lo", "hi", "unit"), CASES, ids=lambda each: str(each))
def test_the_first_reading_is_the_one_worked_by_hand(words, lo, hi, unit):
    reading = read_count(words)[0]
    assert (reading.lo, reading.hi, reading.unit) == (lo, hi, unit)
    assert reading.words == words
    assert reading.reading


def test_a_round_number_is_kept_as_printed_and_as_rounded():
    exact, rounded = read_count("90 attacks")
    assert (exact.lo, exact.hi, exact.exact) == (90, 90, True)
    assert (rounded.lo, rounded.hi, rounded.exact) == (85, 95, False)
    assert len(read_count("exactly 90 attacks")) == 1
    assert len(read_count("93 attacks")) == 1


def test_two_counts_are_not_a_range():
    assert read_count("4 and 3 rockets")[0].hi == 4


@pytest.mark.parametrize("words", ["", "rockets", "lots", "-4", "the 90s", "nearly"])
def test_words_without_a_number_are_refused_with_a_way_out(words):
    with pytest.raises(InputError, match="no number can be read"):
        read_count(words)


def test_miles_are_kept_as_statute_and_nautical():
    statute, nautical = read_distance("about 60 miles")
    assert statute.lo == pytest.approx(55 * 1609.344)
    assert nautical.hi == pytest.approx(65 * 1852.0)
    assert len(read_distance("60 nautical miles")) == 1
    with pytest.raises(InputError, match="no unit of length"):
        read_distance("about 60 rockets")


def test_a_duration_needs_a_unit_of_time():
    (found,) = read_duration("nearly three weeks")
    assert found.lo == 2.5 * 7 * 86400 and found.hi == 3 * 7 * 86400
    with pytest.raises(InputError, match="no unit of time"):
        read_duration("36 rockets")


@given(st.integers(1, 10**6))
def test_every_reading_of_a_bare_number_holds_the_number(value):
    assert all(r.lo <= value <= r.hi for r in read_count(f"{value} rockets"))
    assert read_count(f"more than {value} rockets")[0].lo == value + 1
    assert read_count(f"nearly {value} rockets")[0].hi < value or value == 0
    assert value % grain(value) == 0


@given(st.text(max_size=40))
def test_no_text_makes_it_stumble(text):
    try:
        readings = read_count(text)
    except InputError:
        return
    assert readings and all(r.hi is None or r.lo <= r.hi for r in readings)


def test_a_span_says_where_it_ends():
    assert span(None, 9) == "not more than 9"
    assert span(None, None) == "any number"
