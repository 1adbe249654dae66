"""Figures as readers say them."""

import doctest
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longreach.page import words


def test_examples_in_the_docstrings_hold():
    result = doctest.testmod(words)
    assert result.attempted >= 12
    assert result.failed == 0


@pytest.mark.parametrize(
    ("lat", "lon", "text"),
    [
        (0.0, 0.0, "00°00'N 000°00'E"),
        (89.9999, -179.9999, "90°00'N 180°00'W"),
        (-33.946, 151.177, "33°57'S 151°11'E"),
        (59.995, -0.995, "60°00'N 001°00'W"),
    ],
)
def test_position_carries_into_degrees(lat, lon, text):
    assert words.position(lat, lon) == text


@given(st.integers(0, 200 * 3600))
def test_duration_is_within_half_a_minute(seconds):
    text = words.duration(seconds)
    hours, _, minutes = text.rpartition(" h ")
    back = int(hours or 0) * 3600 + int(minutes.removesuffix(" min")) * 60
    assert abs(back - seconds) <= 30


def test_small_negative_is_not_minus_zero():
    assert words.number(-0.001, 1) == "0.0"
    assert words.tonnes(-18500.0) == "−18.5 t"


def test_month_and_weekday_do_not_follow_the_locale():
    assert words.day_and_time(datetime(2021, 5, 1, 7, 3, tzinfo=UTC)) == "Sat 1 May 07:03"
