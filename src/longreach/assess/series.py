"""A day-count series: how many incidents of one kind on each day, and when each of them became known.

A series counts a day with nothing as zero only because somebody watched that day; days nobody watched are an
error, never a zero. Incidents whose day is uncertain are placed at random within their interval (seeded) or
dropped, and the series says how many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from longreach.errors import Fault, InputError

Counts = np.ndarray[Any, np.dtype[np.int64]]
Days = np.ndarray[Any, np.dtype[np.int64]]

EXACT_ENOUGH_DAYS = (
    7  # an interval no longer than this is placed within itself even where long ones are dropped
)


@dataclass(frozen=True, slots=True)
class Series:
    """Counts of successive days, and the incidents behind them.

    Parameters
    ----------
    start : the first day
    counts : (days,) incidents a day; read-only
    kind, place, actors, sources : what is counted, in words
    day : (incidents,) index of each incident's day, 0 = `start`; read-only
    known : (incidents,) index of the day on which each became known, or None where that is not recorded
    notes : what was assumed, dropped, spread or looks odd; one sentence each
    """

    start: date
    counts: Counts
    day: Days
    known: Days | None = None
    kind: str = "incidents"
    place: str = ""
    actors: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for values in (self.counts, self.day, self.known):
            if values is not None:
                values.setflags(write=False)

    @property
    def days(self) -> int:
        """Number of days."""
        return int(self.counts.size)

    @property
    def end(self) -> date:
        """The last day."""
        return self.start + timedelta(days=self.days - 1)

    @property
    def rate_per_year(self) -> float:
        """Mean number of incidents a year; 0 for a series without a day."""
        return float(self.counts.mean()) * 365.25 if self.days else 0.0

    def index(self, when: date) -> int:
        """Index of a day; outside 0..days-1 where it lies outside the series."""
        return (when - self.start).days

    def when(self, index: int) -> date:
        """The day of an index."""
        return self.start + timedelta(days=int(index))

    def trailing(self, window: int) -> Counts:
        """Incidents of the last `window` days up to and with each day, as far as they were known on that day.

        >>> from_counts(date(2020, 1, 1), [1, 0, 2, 0]).trailing(2)
        array([1, 1, 2, 2])
        """
        if self.known is None:
            total = np.concatenate([[0], np.cumsum(self.counts)])
            ends = np.arange(1, self.days + 1)
            return total[ends] - total[np.maximum(ends - window, 0)]
        begins = np.maximum(self.known, self.day)
        ends = self.day + window
        seen = begins < np.minimum(ends, self.days)
        change = np.zeros(self.days + 1, np.int64)
        np.add.at(change, begins[seen], 1)
        np.add.at(change, np.minimum(ends[seen], self.days), -1)
        return np.cumsum(change)[: self.days]

    def known_by(self, index: int) -> Counts:
        """Counts of the days 0..index as they were known on day `index`."""
        if self.known is None:
            return self.counts[: index + 1].copy()
        seen = (self.known <= index) & (self.day <= index)
        return np.bincount(self.day[seen], minlength=index + 1).astype(np.int64)[: index + 1]

    def with_counts(self, counts: Counts) -> Series:
        """The same days with other counts, all known on their day."""
        return replace(self, counts=counts, day=np.repeat(np.arange(counts.size), counts), known=None)


def from_counts(start: date, counts: Sequence[int] | Counts, **words: Any) -> Series:
    """A series from counts of successive days, known on the day.

    Raises: InputError where a count is negative or not whole.
    """
    given = np.asarray(counts)
    whole = given.astype(np.int64)
    if given.ndim != 1 or not np.array_equal(whole, given) or (whole < 0).any():
        raise InputError(Fault("counts are whole numbers of 0 or more, one for each day"))
    return Series(start, whole, np.repeat(np.arange(whole.size), whole), **words)


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as a file or the ledger gives it: the interval its day lies in, and when it became known."""

    earliest: date
    latest: date
    known: date | None = None
    number: int = 1


def from_incidents(
    incidents: Sequence[Incident],
    *,
    start: date | None = None,
    end: date | None = None,
    uncertain: str = "drop",
    seed: int = 0,
    **words: Any,
) -> Series:
    """A series from incidents with uncertain days.

    Parameters
    ----------
    start, end : first and last day watched; by default those of the incidents
    uncertain : "drop" leaves out intervals longer than a week, "spread" places those too at random within
        themselves. Intervals of up to a week are always placed so.

    Raises: InputError where there is no incident and no start and end, or end is before start.
    """
    if uncertain not in ("drop", "spread"):
        raise InputError(
            Fault(f"{uncertain!r} is no treatment of uncertain days", hint="known: drop, spread")
        )
    if not incidents and (start is None or end is None):
        raise InputError(Fault("the series is empty: no incident, and no first and last day watched"))
    first = start or min(one.earliest for one in incidents)
    last = end or max(one.latest for one in incidents)
    if last < first:
        raise InputError(Fault(f"the last day, {last}, is before the first, {first}"))
    rng = np.random.default_rng(seed)
    length = (last - first).days + 1
    at: list[int] = []
    known: list[int] = []
    placed = dropped = outside = without = 0
    for one in incidents:
        width = (one.latest - one.earliest).days
        if width >= EXACT_ENOUGH_DAYS and uncertain == "drop":
            dropped += one.number
            continue
        for _ in range(one.number):
            day = (one.earliest - first).days + (int(rng.integers(width + 1)) if width else 0)
            if not 0 <= day < length:
                outside += 1
                continue
            placed += width > 0
            without += one.known is None
            at.append(day)
            known.append(day if one.known is None else max((one.known - first).days, day))
    notes = list(words.pop("notes", ()))
    if placed:
        how = "of any length" if uncertain == "spread" else f"of up to {EXACT_ENOUGH_DAYS} days"
        notes.append(
            f"{placed:,} incidents with an uncertain day were placed at random within intervals {how}."
        )
    if dropped:
        notes.append(f"{dropped:,} incidents were dropped: their day is uncertain by more than a week.")
    if outside:
        notes.append(f"{outside:,} incidents lie outside {first} to {last} and were left out.")
    if without:
        notes.append(
            "When incidents became known is not recorded: each is taken as known on its day."
            if without == len(at)
            else f"{without:,} incidents have no date of becoming known and are taken as known on their day."
        )
    days = np.array(at, np.int64)
    return Series(
        first,
        np.bincount(days, minlength=length).astype(np.int64),
        days,
        None if without == len(at) else np.array(known, np.int64),
        notes=tuple(notes),
        **words,
    )
