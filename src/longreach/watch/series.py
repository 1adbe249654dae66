"""Series of counts: events of the ledger or dates of a table, counted in periods that end on the day of the watch.

An event whose day is not known to within a period belongs to no one period; it is left out of the counts and
told. Periods are counted back from the day of the watch, so the last one is whole.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from longreach.errors import Fault, InputError
from longreach.ledger.dates import read_when
from longreach.ledger.evidence import Evidence
from longreach.ledger.listed import days_of
from longreach.ledger.records import Event

COLUMNS = ("date", "event_date", "date_start", "day", "start")
LARGEST_TABLE = 256 * 2**20  # bytes, unpacked
Days = tuple[date, date]  # first and last day on which it may have been


@dataclass(frozen=True, slots=True)
class Counts:
    """How many events there were in each period.

    starts : (n,) first day of each period, each `period_days` long, without a gap
    counts : (n,) events
    left_out : events within the whole span that could not be put into one period
    """

    name: str
    period_days: int
    starts: tuple[date, ...]
    counts: NDArray[np.int64]
    left_out: int

    @property
    def end(self) -> date:
        """The last day of the last period."""
        return self.starts[-1] + timedelta(days=self.period_days - 1)


def events_of_ledger(evidence: Evidence, series: str = "") -> list[Event]:
    """A series' events, or every incident of the ledger. Raises: InputError where there is no such series."""
    if series:
        if series not in evidence.events:
            raise InputError(
                Fault(f"the ledger holds no event {series!r}", hint="see `longreach ledger list event`")
            )
        return evidence.parts_of(series)
    wholes = {link.to for link in evidence.links if link.relation == "part of"}
    return [e for e in evidence.events.values() if e.type == "incident" and e.id not in wholes]


def of_ledger(evidence: Evidence, series: str = "") -> list[Days]:
    """The days of a series' events, or of every incident of the ledger."""
    found = (days_of(event, evidence) for event in events_of_ledger(evidence, series))
    return [days for days in found if days is not None]


def of_table(path: Path, column: str | None = None) -> list[Days]:
    """The days of a CSV table, one event a row; plain or gzip.

    Parameters
    ----------
    column : the column that holds the day; default the first of COLUMNS that the table has

    Raises: InputError naming the file and each row (up to ten) whose day cannot be read.
    """
    stream = io.StringIO(_text(path))
    rows = csv.reader(stream)
    try:
        header = next(rows, [])
        names = [name.strip().casefold() for name in header]
        wanted = [column.casefold()] if column else [name for name in COLUMNS if name in names]
        if not wanted or wanted[0] not in names:
            what = f"has no column {column!r}" if column else "has no column of dates"
            raise InputError(
                Fault(
                    what,
                    file=str(path),
                    line=1,
                    hint=f"columns: {', '.join(header[:20])}; name one with --column",
                )
            )
        at = names.index(wanted[0])
        found: list[Days] = []
        faults: list[Fault] = []
        for row in rows:
            if not row or (len(row) > at and row[at].startswith("#")):
                continue  # an empty line, or the row of HXL tags
            text = row[at].strip()[:10] if len(row) > at else ""
            try:
                when = read_when(text)[0]
            except InputError:
                faults.append(
                    Fault(f"{text!r} is not a day", file=str(path), line=rows.line_num, key=header[at])
                )
                continue
            if when.earliest is None or when.latest is None:
                faults.append(Fault(f"{text!r} is open", file=str(path), line=rows.line_num, key=header[at]))
                continue
            found.append((when.earliest, when.latest))
    except csv.Error as error:
        raise InputError(Fault(f"is not CSV: {error}", file=str(path), line=rows.line_num)) from error
    if faults:
        more = [Fault(f"and {len(faults) - 10:,} more", file=str(path))] if len(faults) > 10 else []
        raise InputError([*faults[:10], *more])
    if not found:
        raise InputError(Fault("holds no row", file=str(path)))
    return found


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(LARGEST_TABLE + 1)
    except (OSError, EOFError) as error:
        raise InputError(Fault(f"cannot read: {error}", file=str(path))) from error
    if len(data) > LARGEST_TABLE:
        raise InputError(Fault(f"is larger than {LARGEST_TABLE // 2**20} MiB", file=str(path)))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(Fault("is not UTF-8 text", file=str(path))) from error


def count(name: str, days: Sequence[Days], period_days: int, at: date, first: date | None = None) -> Counts:
    """Count events in periods that end on `at`.

    Parameters
    ----------
    first : the day from which the series is kept; default the day of its first event

    Raises: InputError where not one whole period lies between.
    """
    known = [each for each in days if each[0] <= at]
    start = first or min((each[0] for each in known), default=None)
    if start is None:
        raise InputError(Fault(f"{name}: there is no event up to {at.isoformat()}"))
    number = ((at - start).days + 1) // period_days
    if number < 1:
        raise InputError(
            Fault(f"{name}: from {start.isoformat()} to {at.isoformat()} there is no whole period of {period_days} days",
                  hint="take a shorter period")
        )  # fmt: skip
    begin = at - timedelta(days=number * period_days - 1)
    counts = np.zeros(number, dtype=np.int64)
    left_out = 0
    for earliest, latest in known:
        a, b = (earliest - begin).days // period_days, (latest - begin).days // period_days
        if b < 0:
            continue
        if a == b and a < number:
            counts[a] += 1
        elif (latest - earliest).days < period_days and 0 <= a + (b - a) // 2 < number:
            counts[((earliest - begin).days + (latest - begin).days) // 2 // period_days] += (
                1  # by its middle
            )
        else:
            left_out += 1
    starts = tuple(begin + timedelta(days=n * period_days) for n in range(number))
    return Counts(name, period_days, starts, counts, left_out)
