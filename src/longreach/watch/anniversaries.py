"""Days that come round again: when next, and whether their returns were busier than other days of the year."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from longreach.watch.lists import Remembered

HALF_WIDTH = 7  # days either side of the day
ENOUGH_YEARS = 5


@dataclass(frozen=True, slots=True)
class Return:
    """The next return of a day.

    number : which anniversary it is
    days_ahead : from the day of the watch; 0 on the day itself
    """

    remembered: Remembered
    on: date
    number: int
    days_ahead: int


def on_year(day: date, year: int) -> date:
    """The same day in another year; 29 February is kept on the 28th where there is none.

    >>> on_year(date(2020, 2, 29), 2021)
    datetime.date(2021, 2, 28)
    """
    if day.month == 2 and day.day == 29 and not calendar.isleap(year):
        return date(year, 2, 28)
    return day.replace(year=year)


def next_return(remembered: Remembered, at: date) -> Return | None:
    """The next anniversary on or after `at`; None before the day itself has been."""
    if at < remembered.date:
        return None
    year = at.year if on_year(remembered.date, at.year) >= at else at.year + 1
    if year == remembered.date.year:
        year += 1
    on = on_year(remembered.date, year)
    return Return(remembered, on, year - remembered.date.year, (on - at).days)


@dataclass(frozen=True, slots=True)
class CalendarTest:
    """Whether events gathered round a day of the year.

    years : returns of the day that the series covers whole
    near : events within HALF_WIDTH days of a return, a year
    elsewhere : the same mean round every other day of the year
    share : of the days of the year with as many events round them, or more (a permutation p)
    """

    years: int
    near: float
    elsewhere: float
    share: float

    @property
    def enough(self) -> bool:
        return self.years >= ENOUGH_YEARS


def calendar_test(
    days: Sequence[date], first: date, last: date, day: date, half_width: int = HALF_WIDTH
) -> CalendarTest | None:
    """Compare the surroundings of a day's returns with those of every other day of the year.

    Parameters
    ----------
    days : days of events
    first, last : the span that the series covers
    day : the day whose returns are tested; only returns after it count

    None where the series covers no return whole.
    """
    daily = np.zeros((last - first).days + 1)
    for each in days:
        if first <= each <= last:
            daily[(each - first).days] += 1
    sums = np.concatenate([[0.0], np.cumsum(daily)])

    def near(month_day: date) -> tuple[float, int]:
        total, years = 0.0, 0
        for year in range(first.year, last.year + 1):
            on = on_year(month_day, year)
            a, b = (on - first).days - half_width, (on - first).days + half_width + 1
            if on > day and a >= 0 and b <= daily.size:
                total += sums[b] - sums[a]
                years += 1
        return (total / years if years else 0.0), years

    own, years = near(day)
    if years == 0:
        return None
    others = []
    for n in range(365):
        other = date(2001, 1, 1) + timedelta(days=n)
        if (other.month, other.day) == (day.month, day.day):
            continue
        value, number = near(other)
        if number:
            others.append(value)
    values = np.array(others)
    share = (1 + int((values >= own - 1e-9).sum())) / (values.size + 1)
    return CalendarTest(years, own, float(values.mean()) if values.size else 0.0, share)
