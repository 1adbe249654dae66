"""Day counts: uncertain days, what was known when, files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from longreach.assess.read import Selection, read_flights, read_series
from longreach.assess.series import Incident, from_counts, from_incidents
from longreach.errors import InputError

DAY = date(2020, 1, 1)


def days(*numbers: int) -> list[date]:
    return [date.fromordinal(DAY.toordinal() + n) for n in numbers]


def test_trailing_counts_only_what_was_known_on_the_day():
    at = days(0, 3, 3, 10)
    told = days(5, 3, 40, 11)
    series = from_incidents(
        [Incident(a, a, k) for a, k in zip(at, told, strict=True)], start=DAY, end=days(30)[0]
    )
    for window in (1, 4, 7, 28):
        plain = [
            sum(
                day - window < (a - DAY).days <= day and (k - DAY).days <= day
                for a, k in zip(at, told, strict=True)
            )
            for day in range(31)
        ]
        assert series.trailing(window).tolist() == plain


def test_known_by_leaves_out_what_came_later():
    series = from_incidents([Incident(DAY, DAY, days(9)[0])], start=DAY, end=days(20)[0])
    assert series.known_by(8).sum() == 0
    assert series.known_by(9).sum() == 1


def test_uncertain_days_are_dropped_or_spread_and_it_is_said():
    month = Incident(DAY, days(30)[0], None, 50)
    close = Incident(DAY, days(3)[0], None, 40)
    dropped = from_incidents([month, close], start=DAY, end=days(30)[0])
    assert dropped.counts.sum() == 40
    assert dropped.counts[4:].sum() == 0
    assert (dropped.counts[:4] > 0).all()
    assert any("50 incidents were dropped" in note for note in dropped.notes)
    spread = from_incidents([month, close], start=DAY, end=days(30)[0], uncertain="spread")
    assert spread.counts.sum() == 90
    assert spread.counts[15:].sum() > 10
    assert any("90 incidents" in note and "at random" in note for note in spread.notes)


def test_an_empty_series_is_an_error_without_days_watched():
    with pytest.raises(InputError, match="empty"):
        from_incidents([])


def write(folder: Path, text: str) -> Path:
    path = folder / "file.csv"
    path.write_text(text, "utf-8")
    return path


def test_days_without_a_row_are_not_zero(tmp_path):
    path = write(tmp_path, "date,count\n2020-01-01,1\n2020-01-02,0\n2020-01-05,2\n")
    with pytest.raises(InputError, match="2 days have no row, the first 2020-01-03"):
        read_series(path, Selection())
    series = read_series(path, Selection(zero_days=True))
    assert series.counts.tolist() == [1, 0, 0, 0, 2]
    assert any("taken as zero" in note for note in series.notes)


def test_every_bad_row_is_named_with_its_line(tmp_path):
    path = write(tmp_path, "date,count\n2020-01-01,1\n2020-13-02,0\n2020-01-02,-3\n2020-01-01,2\n")
    with pytest.raises(InputError) as error:
        read_series(path, Selection())
    assert [fault.line for fault in error.value.faults] == [3, 4, 5]


def test_incidents_with_known_days_and_selection(tmp_path):
    path = write(
        tmp_path,
        "earliest,latest,known,place\n2020-01-01,2020-01-01,2020-01-04,Kirkuk\n2020-01-02,2020-01-02,,Basra\n",
    )
    series = read_series(path, Selection(where=(("place", "kirkuk"),), end=date(2020, 1, 10)))
    assert series.counts.sum() == 1
    assert series.known.tolist() == [3]
    with pytest.raises(InputError, match="no column 'town'"):
        read_series(path, Selection(where=(("town", "x"),)))


def test_flights_are_read_and_bad_ones_named(tmp_path):
    path = write(
        tmp_path, "flight,earliest,latest,ordered,occasion\nA,2020-01-03,2020-01-05,2020-01-01,scheduled\n"
    )
    (flight,) = read_flights(path)
    assert (flight.order, flight.occasion) == (DAY, "scheduled")
    path = write(tmp_path, "flight,earliest,latest,occasion\nA,2020-01-03,2020-01-01,\nB,2020-01-03,x,\n")
    with pytest.raises(InputError) as error:
        read_flights(path)
    assert [fault.line for fault in error.value.faults] == [2, 3]


def test_ucdp_is_read_by_the_ledgers_importer(real_data):
    series = read_series(
        real_data / "ucdp_ged_iraq_1989_2018_hdx.csv.gz",
        Selection(start=date(2004, 1, 1), end=date(2018, 12, 31)),
    )
    assert series.days == 5479
    assert 6500 < series.counts.sum() < 7473
    assert any("lethal events only" in note for note in series.notes)
    dropped = next(note for note in series.notes if "were dropped" in note)
    assert dropped.startswith("148 ")  # the rows known to the month or worse, as the file's codes 4 and 5 say


def test_counts_must_be_whole():
    with pytest.raises(InputError):
        from_counts(DAY, np.array([0.5, 1]))
