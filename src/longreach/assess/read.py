"""Series and flights from files and from the ledger."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from longreach.assess.flights import OCCASIONS, Flight
from longreach.assess.series import Incident, Series, from_counts, from_incidents
from longreach.errors import Fault, InputError

MOST_FAULTS = 8
LONGEST_YEARS = 200
ACTOR_COLUMNS = ("side_a", "side_b", "dyad_name", "actor1", "actor2", "actor", "subject", "object")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which incidents make the series.

    Parameters
    ----------
    where : column and value that a row must have, whatever the case ("adm_1", "Kirkuk"); all must hold
    start, end : first and last day watched; by default those of the incidents
    uncertain : "drop" or "spread", see `series.from_incidents`
    zero_days : in a file of day counts, days without a row are days without incidents
    known_on_day : every incident is taken as known on its day, whatever the record says
    reporting_changes : days on which reporting is known to have changed
    as_of : of a ledger: only what it held at that instant
    """

    where: tuple[tuple[str, str], ...] = ()
    start: date | None = None
    end: date | None = None
    uncertain: str = "drop"
    zero_days: bool = False
    known_on_day: bool = False
    seed: int = 0
    kind: str = "incidents"
    reporting_changes: tuple[date, ...] = ()
    as_of: str | None = None
    words: Mapping[str, Any] = field(default_factory=dict)


def day(text: str) -> date:
    """A day as files and options write it, "2020-12-10"; ValueError otherwise."""
    return date.fromisoformat(text.strip()[:10])


def read_series(path: Path, chosen: Selection) -> Series:
    """The series of a file: UCDP, ACLED, a list of incidents or day counts.

    A list of incidents has a column `date`, or `earliest` and `latest`, and may have `known` (the day on which the
    incident became known), `count`, and any others to select by. Day counts have `date` and `count` and no other
    column, one row a day.

    Raises: InputError naming file and line.
    """
    rows, columns = _rows(path)
    if set(columns) == {"date", "count"}:
        return _narrow(_day_counts(path, rows, chosen), chosen)
    if "date" in columns or {"earliest", "latest"} <= set(columns):
        incidents = _own_incidents(path, rows, columns, chosen)
        words = _words(path, chosen)
    else:
        incidents, words = _imported(path, chosen)
    return from_incidents(
        incidents, start=chosen.start, end=chosen.end, uncertain=chosen.uncertain, seed=chosen.seed, **words
    )


def _rows(path: Path) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    """Rows of a comma-separated file with their lines, and its columns in lower case."""
    from longreach.ledger.imports import tables

    text, _, _ = tables.decode(tables.read_file(path), None, path)
    if text.lstrip()[:1] in ("{", "["):
        return [], []
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=text.split("\n", 1)[0].count))
    try:
        columns = [name.strip().lower() for name in next(reader)]
        rows = [
            (reader.line_num, dict(zip(columns, cells, strict=False)))
            for cells in reader
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        raise InputError(Fault(f"cannot be read as a table: {error}", file=str(path))) from error
    return rows, columns


def _words(path: Path, chosen: Selection, **more: Any) -> dict[str, Any]:
    notes = [f"Reporting is said to have changed on {when}." for when in chosen.reporting_changes]
    place = ", ".join(value for name, value in chosen.where if name.lower() not in ACTOR_COLUMNS)
    return {
        "kind": chosen.kind,
        "place": place,
        "actors": tuple(value for name, value in chosen.where if name.lower() in ACTOR_COLUMNS),
        "sources": (path.name,),
        "notes": tuple(notes),
        **more,
        **chosen.words,
    }


def _day_counts(path: Path, rows: Sequence[tuple[int, dict[str, str]]], chosen: Selection) -> Series:
    faults = []
    counts: dict[date, int] = {}
    for line, cells in rows:
        try:
            when = day(cells["date"])
            number = int(cells["count"])
            if number < 0:
                raise ValueError(number)
        except (ValueError, KeyError):
            faults.append(
                Fault(
                    f"{cells.get('date', '')!r}, {cells.get('count', '')!r}: a day as 2020-12-10 and a whole number of "
                    "0 or more are needed",
                    file=str(path),
                    line=line,
                )
            )
            continue
        if when in counts:
            faults.append(Fault(f"{when} comes twice", file=str(path), line=line))
        counts[when] = number
    _raise(faults)
    if not counts:
        raise InputError(Fault("holds no day", file=str(path)))
    first, last = min(counts), max(counts)
    if (last - first).days > LONGEST_YEARS * 366:
        raise InputError(Fault(f"runs from {first} to {last}: a date is wrong", file=str(path)))
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    missing = [when for when in every if when not in counts]
    if missing and not chosen.zero_days:
        raise InputError(
            Fault(
                f"{len(missing):,} days have no row, the first {missing[0]}: a day nobody watched is not a day without "
                "incidents",
                file=str(path),
                hint="--zero-days if those days were watched and quiet; otherwise cut the series there",
            )
        )
    words = _words(path, chosen)
    if missing:
        words["notes"] += (f"{len(missing):,} days without a row are taken as zero.",)
    return from_counts(first, [counts.get(when, 0) for when in every], **words)


def _narrow(series: Series, chosen: Selection) -> Series:
    """The days between the first and the last day watched."""
    first, last = chosen.start or series.start, chosen.end or series.end
    if first < series.start or last > series.end or last < first:
        raise InputError(Fault(f"{first} to {last} is wanted; the series has {series.start} to {series.end}"))
    part = series.counts[series.index(first) : series.index(last) + 1]
    return from_counts(
        first,
        part,
        kind=series.kind,
        place=series.place,
        sources=series.sources,
        notes=series.notes,
    )


def _own_incidents(
    path: Path, rows: Sequence[tuple[int, dict[str, str]]], columns: Sequence[str], chosen: Selection
) -> list[Incident]:
    _known_columns(path, columns, chosen)
    faults, out = [], []
    for line, cells in rows:
        if not _selected(cells, chosen):
            continue
        try:
            first = day(cells.get("earliest") or cells.get("date") or "")
            last = day(cells.get("latest") or cells.get("date") or str(first))
            known = cells.get("known", "").strip()
            number = int(cells.get("count", "").strip() or 1)
            if last < first or number < 0 or number > 1_000_000:
                raise ValueError
            told = day(known) if known and not chosen.known_on_day else None
            out.append(Incident(first, last, told, number))
        except ValueError:
            shown = ", ".join(
                f"{name} {cells[name]!r}"
                for name in ("date", "earliest", "latest", "known", "count")
                if name in cells
            )
            faults.append(
                Fault(
                    f"{shown}: days as 2020-12-10, earliest before latest, are needed",
                    file=str(path),
                    line=line,
                )
            )
    _raise(faults)
    return out


def _imported(path: Path, chosen: Selection) -> tuple[list[Incident], dict[str, Any]]:
    """Incidents of a UCDP or ACLED file, read by the ledger's own importer."""
    from longreach.ledger.imports import Choices, read_incidents

    try:
        found, bad = read_incidents(path, Choices())
    except InputError as error:
        hint = "a series has the columns date,count; or date; or earliest,latest; or those of UCDP or ACLED"
        raise InputError([replace(fault, hint=hint) for fault in error.faults]) from error
    if bad:
        raise InputError(
            [Fault(each.reason, file=str(path), line=each.line) for each in bad[:MOST_FAULTS]]
            + (
                [Fault(f"and {len(bad) - MOST_FAULTS} more rows like it", file=str(path))]
                if len(bad) > MOST_FAULTS
                else []
            )
        )
    if found:
        _known_columns(path, [str(name).lower() for name in found[0][1]], chosen)
    incidents = []
    for _, cells, one in found:
        if _selected({str(name).lower(): str(value) for name, value in cells.items()}, chosen):
            first = datetime.fromisoformat(one.start).date()
            last = (datetime.fromisoformat(one.end) - timedelta(seconds=1)).date()
            incidents.append(Incident(first, max(first, last)))
    publisher = found[0][2].publisher if found else ""
    words = _words(path, chosen, sources=(path.name, publisher))
    if publisher.upper() == "UCDP":
        words["notes"] += ("UCDP counts lethal events only: an attack that killed nobody is not in it.",)
    unsourced = [cells.get("number_of_sources") == "-1" for _, cells, _ in found]
    if unsourced and 0 < np.mean(unsourced) < 1:
        words["notes"] += (
            f"{np.mean(unsourced):.0%} of the rows come from before UCDP noted its number of sources: its coding changed "
            "within this file.",
        )
    return incidents, words


def _known_columns(path: Path, columns: Iterable[str], chosen: Selection) -> None:
    there = set(columns)
    wrong = [name for name, _ in chosen.where if name.lower() not in there]
    _raise(
        [
            Fault(
                f"has no column {name!r} to select by",
                file=str(path),
                hint=f"it has {', '.join(sorted(there)[:30])}",
            )
            for name in wrong
        ]
    )


def _selected(cells: Mapping[str, str], chosen: Selection) -> bool:
    return all(
        cells.get(name.lower(), "").strip().casefold() == value.strip().casefold()
        for name, value in chosen.where
    )


def _raise(faults: Sequence[Fault]) -> None:
    if faults:
        more = len(faults) - MOST_FAULTS
        shown = list(faults[:MOST_FAULTS])
        if more > 0:
            shown.append(Fault(f"and {more} more", file=faults[0].file))
        raise InputError(shown)


def series_from_ledger(view: Any, name: str, chosen: Selection) -> Series:
    """The series of a ledger's incidents: the interval over all claims about each, and when it came into the log.

    `where` selects by `place`, `title`, `subject`, `object` or `topic`; a value is found anywhere in the text.
    """
    fields = ("place", "title", "subject", "object", "topic")
    wrong = [key for key, _ in chosen.where if key not in fields]
    _raise(
        [
            Fault(f"incidents of a ledger are not selected by {key!r}", hint=f"known: {', '.join(fields)}")
            for key in wrong
        ]
    )
    incidents = []
    undated = 0
    for event in view.all("event", "incident"):
        claims = [claim for claim, link in view.claims_of(event.id) if link.relation == "same"]
        text = {
            "title": event.title,
            "place": " ".join(place.name for claim in claims for place in view.places(claim.id)),
            **{
                key: " ".join(getattr(claim, key) for claim in claims)
                for key in ("subject", "object", "topic")
            },
        }
        if not all(value.casefold() in text[key].casefold() for key, value in chosen.where):
            continue
        spans = [span for claim in claims for time in view.times(claim.id) if (span := _span(time))]
        if not spans:
            undated += 1
            continue
        known = None if chosen.known_on_day else day(view.held(event.id).time)
        incidents.append(Incident(min(one[0] for one in spans), max(one[1] for one in spans), known))
    words = _words(Path(name), chosen)
    if undated:
        words["notes"] += (f"{undated} incidents without a time were left out.",)
    return from_incidents(
        incidents, start=chosen.start, end=chosen.end, uncertain=chosen.uncertain, seed=chosen.seed, **words
    )


def _span(time: Any) -> tuple[date, date] | None:
    """First and last day on which something may have begun; None where a time says neither."""
    first, last = time.start_earliest or time.end_earliest, time.start_latest or time.end_latest
    if not first or not last:
        return None
    begin = datetime.fromisoformat(first)
    end = datetime.fromisoformat(last)
    if end > begin:
        end -= timedelta(seconds=1)
    return begin.date(), max(begin.date(), end.date())


def read_flights(path: Path) -> tuple[Flight, ...]:
    """Flights of a file with the columns `flight` (or `flight_id`), `earliest` and `latest` (or `date_from`, `date_to`,
    or one `date`), and if known `ordered` and `occasion` (triggered, scheduled).

    Raises: InputError naming file and line.
    """
    rows, columns = _rows(path)
    faults, out = [], []
    if not {"date", "earliest", "date_from", "date_best"} & set(columns):
        raise InputError(
            Fault(
                "has no dates of flights",
                file=str(path),
                line=1,
                hint="columns: flight, earliest, latest, ordered, occasion",
            )
        )
    for number, (line, cells) in enumerate(rows, 1):
        get = {name: value.strip() for name, value in cells.items() if value and value.strip()}.get
        try:
            first = day(get("earliest") or get("date_from") or get("date") or get("date_best") or "")
            last = day(get("latest") or get("date_to") or get("date") or get("date_best") or "")
            ordered = get("ordered")
            out.append(
                Flight(
                    get("flight") or get("flight_id") or f"F{number}",
                    first,
                    last,
                    day(ordered) if ordered else None,
                    (get("occasion") or OCCASIONS[0]).lower(),
                )
            )
        except ValueError:
            faults.append(
                Fault(
                    "the days of the flight cannot be read: write them as 2020-12-10",
                    file=str(path),
                    line=line,
                )
            )
        except InputError as error:
            faults.extend(
                Fault(fault.what, file=str(path), line=line, hint=fault.hint) for fault in error.faults
            )
    _raise(faults)
    if not out:
        raise InputError(Fault("holds no flight", file=str(path)))
    return tuple(out)


def flights_from_ledger(view: Any) -> tuple[Flight, ...]:
    """The flights of a ledger: the interval over all times of each, triggered or scheduled as the ledger says.

    Raises: InputError where it holds no flight with a time.
    """
    out = []
    for event in view.all("event", "flight"):
        claims = [claim for claim, link in view.claims_of(event.id) if link.relation == "same"]
        spans = [span for claim in claims for time in view.times(claim.id) if (span := _span(time))]
        if spans:
            first, last = min(one[0] for one in spans), max(one[1] for one in spans)
            out.append(Flight(event.id, first, last, None, event.trigger or OCCASIONS[0]))
    if not out:
        raise InputError(Fault("the ledger holds no flight with a time"))
    return tuple(out)
