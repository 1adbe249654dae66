"""Words of time against days worked out with a calendar."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longreach.errors import InputError
from longreach.ledger.dates import When, months_back, read_when

SAID = date(2020, 12, 10)  # a Thursday

CASES = [
    # words, first, last (ISO, "" open), number of readings
    ("on Thursday", "2020-12-10", "2020-12-10", 2),
    ("last Thursday", "2020-12-03", "2020-12-03", 2),
    ("Wednesday", "2020-12-09", "2020-12-09", 1),
    ("next Friday", "2020-12-11", "2020-12-11", 1),
    ("last month", "2020-11-01", "2020-11-30", 1),
    ("late last month", "2020-11-21", "2020-11-30", 1),
    ("mid-November", "2020-11-11", "2020-11-20", 1),
    ("this year", "2020-01-01", "2020-12-10", 1),
    ("last year", "2019-01-01", "2019-12-31", 1),
    ("over the past year", "2019-12-10", "2020-12-10", 2),
    ("in the past 60 days", "2020-10-11", "2020-12-10", 1),
    ("within a month", "2020-11-10", "2020-12-10", 1),
    ("weeks away", "2020-12-24", "2021-02-04", 1),
    ("three weeks away", "2020-12-28", "2021-01-03", 1),
    ("two days after the strike", "2020-11-29", "2020-11-29", 1),
    ("since October 2019", "2019-10-01", "2020-12-10", 1),
    ("in January", "2020-01-01", "2020-01-31", 1),
    ("November 21", "2020-11-21", "2020-11-21", 1),
    ("21 Nov. 2019", "2019-11-21", "2019-11-21", 1),
    ("25 December", "2019-12-25", "2019-12-25", 1),
    ("7 (or 8) Jan 2021", "2021-01-07", "2021-01-07", 2),
    ("yesterday", "2020-12-09", "2020-12-09", 1),
    ("overnight", "2020-12-09", "2020-12-10", 1),
    ("before Thursday", "", "2020-12-09", 2),
    ("2020-12-09/2020-12-11", "2020-12-09", "2020-12-11", 1),
    ("../2020-12-10", "", "2020-12-10", 1),
    ("2020-11~", "2020-10-17", "2020-12-15", 1),
    ("2020", "2020-01-01", "2020-12-31", 1),
    ("three days ago", "2020-12-07", "2020-12-07", 1),
]


@pytest.mark.parametrize(("words", "first", "last", "number"), CASES, ids=lambda each: str(each))
def test_the_first_reading_is_the_one_worked_by_hand(words, first, last, number):
    readings = read_when(words, SAID, {"the strike": date(2020, 11, 27)})
    assert len(readings) == number
    assert (str(readings[0].earliest or ""), str(readings[0].latest or "")) == (first, last)
    assert all(each.words == words and each.reading for each in readings)


@pytest.mark.parametrize(
    "words", ["", "soon", "2020-13", "30 February", "on Blursday", "two days after the fair"]
)
def test_words_that_cannot_be_read_are_refused(words):
    with pytest.raises(InputError):
        read_when(words, SAID, {"the strike": date(2020, 11, 27)})


def test_relative_words_need_the_day_they_were_said():
    with pytest.raises(InputError, match="the day it was said"):
        read_when("on Thursday")


def test_an_unknown_zone_widens_the_day_by_the_zones_there_are():
    day = When(SAID, SAID, "", "")
    assert day.utc(None) == (datetime(2020, 12, 9, 10), datetime(2020, 12, 11, 12))
    assert day.utc(3) == (datetime(2020, 12, 9, 21), datetime(2020, 12, 10, 21))
    assert When(None, SAID, "", "").utc(0) == (None, datetime(2020, 12, 11))


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 6))
def test_a_weekday_is_that_weekday_and_not_more_than_a_week_ago(said, weekday):
    name = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][weekday]
    at = read_when(f"on {name}", said)[0].earliest
    assert at.weekday() == weekday
    assert timedelta(0) <= said - at < timedelta(days=7)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 40))
def test_months_back_lands_on_the_same_day_or_the_month_s_last(said, months):
    at = months_back(said, months)
    assert (said.year * 12 + said.month) - (at.year * 12 + at.month) == months
    assert at.day == said.day or (at + timedelta(days=1)).day == 1


@given(st.text(max_size=30))
def test_no_text_makes_it_stumble(text):
    try:
        readings = read_when(text, SAID)
    except InputError:
        return
    assert readings
