"""Series: periods that end on the day, days in doubt left out, tables read or refused; rates put together."""

import gzip
import os
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from longreach.errors import InputError
from longreach.watch import alarms, series

D = date


def test_periods_end_on_the_day_of_the_watch():
    days = [(D(2021, 1, 1), D(2021, 1, 1)), (D(2021, 1, 9), D(2021, 1, 9)), (D(2021, 1, 15), D(2021, 1, 15))]
    found = series.count("x", days, 7, D(2021, 1, 14))
    assert found.starts == (D(2021, 1, 1), D(2021, 1, 8)) and found.end == D(2021, 1, 14)
    assert found.counts.tolist() == [1, 1] and found.left_out == 0


def test_an_event_whose_day_is_in_doubt_goes_to_its_middle_or_is_left_out():
    days = [
        (D(2021, 1, 1), D(2021, 1, 1)),
        (D(2021, 1, 6), D(2021, 1, 9)),  # across two weeks, shorter than one: by its middle
        (D(2021, 1, 1), D(2021, 1, 31)),  # known to the month: in no week
    ]
    found = series.count("x", days, 7, D(2021, 1, 28))
    assert found.counts.sum() == 2 and found.left_out == 1


def test_too_short_a_span_is_refused():
    with pytest.raises(InputError, match="no whole period"):
        series.count("x", [(D(2021, 1, 1), D(2021, 1, 1))], 30, D(2021, 1, 10))
    with pytest.raises(InputError, match="no event"):
        series.count("x", [], 7, D(2021, 1, 10))


def test_a_table_plain_or_packed(tmp_path):
    text = "id,date,what\n1,2021-01-03,a\n\n2,2021-01-04,b\n"
    plain, packed = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_text(text)
    packed.write_bytes(gzip.compress(text.encode()))
    assert series.of_table(plain) == series.of_table(packed) == [(D(2021, 1, 3),) * 2, (D(2021, 1, 4),) * 2]


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("id,what\n1,a\n", None, "has no column of dates"),
        ("id,date\n1,2021-01-01\n", "when", "no column 'when'"),
        ("id,date\n1,2021-13-01\n", None, "is not a day"),
        ("id,date\n", None, "holds no row"),
        ("", None, "has no column"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path, text, column, words):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        series.of_table(path, column)


def test_rows_that_cannot_be_read_are_named_ten_at_most(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("date\n" + "x\n" * 30)
    with pytest.raises(InputError) as caught:
        series.of_table(path)
    assert len(caught.value.faults) == 11 and ":2: " in str(caught.value) and "20 more" in str(caught.value)


def made(counts, period=7):
    starts = tuple(D(2015, 1, 1) + timedelta(days=period * n) for n in range(len(counts)))
    return series.Counts("made", period, starts, np.array(counts), 0)


def test_a_jump_rings_and_its_absence_does_not():
    random = np.random.default_rng(4)
    quiet = random.negative_binomial(10 / 2, 1 / 3, 120)
    counts = [*quiet, 60, 70]
    rang = alarms.measure(made(counts), 52.0, np.random.default_rng(1))
    assert all(alarm.rang and alarm.rang[-1] == made(counts).starts[-1] for alarm in rang.alarms)
    calm = alarms.measure(made([*quiet, 10, 10]), 52.0, np.random.default_rng(1))
    assert not any(alarm.rang and alarm.rang[-1] == calm.counts.starts[-1] for alarm in calm.alarms)
    assert rang.once_in > calm.once_in


def test_too_few_periods_are_refused():
    with pytest.raises(InputError, match="too few"):
        alarms.measure(made([1] * 12), 52.0, np.random.default_rng(1))


def test_what_is_to_be_expected_holds_about_as_often_as_it_says():
    random = np.random.default_rng(9)
    expected = alarms.expect(random.negative_binomial(20 / 7, 1 / 8, 500))
    assert expected.tried == 488
    assert 0.74 < expected.held / expected.tried < 0.92
    assert alarms.expect(np.array([3] * 20)) is None  # too few to say how such forecasts did


@pytest.mark.skipif("LONGREACH_DATA" not in os.environ, reason="not run: LONGREACH_DATA names no data")
def test_a_real_series_is_over_dispersed_and_has_a_memory():
    path = Path(os.environ["LONGREACH_DATA"]) / "ledger" / "ucdp_ged_iraq_1989_2018_hdx.csv.gz"
    days = series.of_table(path)
    assert len(days) == 7473
    found = alarms.measure(series.count("ucdp", days, 28, D(2017, 12, 31)), 13.0, np.random.default_rng(1))
    assert found.baseline.ratio > 4 and found.baseline.memory
    for alarm in found.alarms:
        assert alarm.chart.poisson_run_length < 0.5 * alarm.chart.run_length
