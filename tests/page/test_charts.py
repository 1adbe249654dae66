"""Charts: values land where the axis says, ticks are round, every picture has its words."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longreach.page import charts


def at(*date):
    return datetime(*date, tzinfo=UTC).timestamp()


def test_axes_put_ends_at_ends():
    x = charts.TimeAxis(at(2020, 1, 1), at(2021, 1, 1), 50.0, 950.0)
    y = charts.ValueAxis(0.0, 10.0, bottom=200.0, top=20.0)
    assert (x(at(2020, 1, 1)), x(at(2021, 1, 1))) == (50.0, 950.0)
    assert (y(0.0), y(5.0), y(10.0)) == (200.0, 110.0, 20.0)
    assert y([0.0, 10.0]) == pytest.approx([200.0, 20.0])


@pytest.mark.parametrize(
    ("end", "first", "second"),
    [
        (at(2020, 1, 1, 12), (2020, 1, 1, 0), (2020, 1, 1, 1)),
        (at(2020, 1, 10), (2020, 1, 1, 0), (2020, 1, 2, 0)),
        (at(2020, 3, 20), (2020, 1, 6, 0), (2020, 1, 13, 0)),
        (at(2021, 6, 1), (2020, 1, 1, 0), (2020, 4, 1, 0)),
        (at(2040, 1, 1), (2020, 1, 1, 0), (2022, 1, 1, 0)),
    ],
)
def test_ticks_stand_at_whole_steps_of_the_calendar(end, first, second):
    ticks = charts.TimeAxis(at(2020, 1, 1), end, 0.0, 900.0).ticks()
    assert ticks[0] == datetime(*first, tzinfo=UTC)
    assert ticks[1] == datetime(*second, tzinfo=UTC)


def test_ticks_of_a_local_clock_stay_on_the_hour_through_summer_time():
    zone = ZoneInfo("America/Chicago")
    ticks = charts.clock_ticks(at(2020, 10, 31), at(2020, 11, 3), 6.0, zone)
    assert {tick.hour for tick in ticks} == {0, 6, 12, 18}


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 12))
def test_round_ticks_lie_inside_and_are_not_too_many(low, span, most):
    ticks = charts.round_ticks(low, low + span, most)
    slack = 1e-9 * max(abs(low), span)
    assert len(ticks) <= most + 2
    assert all(low - slack <= tick <= low + span + slack for tick in ticks)
    gaps = np.diff(ticks)
    assert np.allclose(gaps, gaps[:1] if gaps.size else 0.0, rtol=1e-6, atol=slack)


def numbers(path):
    return [float(n) for n in re.findall(r"-?\d+\.?\d*", path)]


def test_a_step_line_holds_each_value_to_the_next_edge():
    (path,) = charts.steps([0.0, 10.0, 20.0], [5.0, 7.0])
    d = re.search(r' d="([^"]*)"', path)[1]
    assert numbers(d) == [0, 5, 10, 5, 10, 7, 20, 7]
    with pytest.raises(ValueError, match="one more edge"):
        charts.steps([0.0, 1.0], [1.0, 2.0])


def test_a_curve_breaks_where_nothing_is_known():
    (path,) = charts.curve([0, 10, 20, 30, 40], [1, 2, np.nan, 4, 5])
    assert path.count("M") == 2


def test_a_figure_is_xml_with_a_name_and_a_description():
    x = charts.TimeAxis(at(2020, 1, 1), at(2021, 1, 1), 60.0, 980.0)
    y = charts.ValueAxis(0.0, 12.0, bottom=200.0, top=20.0)
    parts = [
        *x.draw(200.0, top=20.0),
        *y.draw(60.0, 980.0, "a week"),
        *x.events([(at(2020, 12, 10), "flight & back")], 20.0, 200.0),
        *charts.band(x([at(2020, 2, 1), at(2020, 8, 1)]), y([4, 6]), y([1, 2])),
        *charts.bars(x([at(2020, 2, 1), at(2020, 3, 1), at(2020, 4, 1)]), y([3, 0]), y(0.0), "s2"),
        *charts.interval(400.0, 30.0, 90.0, 60.0, "s3", "<between>"),
        *charts.interval_across(100.0, 300.0, 500.0, None, "s4"),
        *charts.legend(
            60.0, 236.0, [("curve", "s1", "rate"), ("shade", "s1", "95 %"), ("dot", "s3", "found")]
        ),
    ]
    made = charts.figure("f", 1000, 240, "Rate <1>", "It rises.", parts, standalone=True)
    root = ElementTree.fromstring(made)
    space = "{http://www.w3.org/2000/svg}"
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == ["f-t", "f-d"]
    assert root.find(f"{space}title").text == "Rate <1>"
    assert root.find(f"{space}desc").text == "It rises."
    assert len(root.findall(f"{space}rect[@class='bars s2']")) == 1
    assert made == charts.figure("f", 1000, 240, "Rate <1>", "It rises.", parts, standalone=True)
