"""Times, places and counts as a reader would say them, with their bounds kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from longreach.ledger.records import UNKNOWN_ZONE, Count, Place, Time


def span_words(time: Time) -> str:
    """When, in a few words; an interval where it is one.

    >>> span_words(Time(id="t", of="c", start_earliest="2020-12-10T00:00:00", end_latest="2020-12-11T00:00:00"))
    '2020-12-10'
    """
    first = time.start_earliest or time.end_earliest
    last = time.end_latest or time.start_latest
    zone = "" if time.zone in ("", UNKNOWN_ZONE) else " UTC"
    if not first and not last:
        return f'"{time.text}"' if time.text else time.edtf
    if not first:
        return f"before {_clock(last, end=True)}{zone}"
    if not last:
        return f"from {_clock(first)}{zone}"
    begin, end = _clock(first), _clock(last, end=True)
    if begin == end:
        return begin + (zone if "T" in begin or " " in begin else "")
    return f"{begin} to {end}{zone if ' ' in begin + end else ''}"


def _clock(instant: str, *, end: bool = False) -> str:
    """A day where the instant is midnight (an end at midnight is the day before), else day and time."""
    moment = datetime.fromisoformat(instant.rstrip("Z"))
    if moment.time() == datetime.min.time():
        if end:
            moment -= timedelta(days=1)
        return moment.date().isoformat()
    return moment.strftime("%Y-%m-%d %H:%M" if not moment.second else "%Y-%m-%d %H:%M:%S")


def count_words(count: Count) -> str:
    """How many, in a few words.

    >>> count_words(Count(id="n", of="c", unit="attacks", lo=51))
    'at least 51 attacks'
    """
    lo, hi, best = count.lo, count.hi, count.best
    if count.ordinal and lo is not None:
        return f"number {lo:g} of {count.unit}"
    if lo is None and hi is None:
        return f"{best:,g} {count.unit}" if best is not None else f'"{count.text}" {count.unit}'
    if lo == hi and lo is not None:
        return f"{_figure(lo)} {count.unit}"
    if hi is None and lo is not None:
        return f"{'more than' if count.exclusive else 'at least'} {_figure(lo)} {count.unit}"
    if lo is None and hi is not None:
        return f"{'fewer than' if count.exclusive else 'at most'} {_figure(hi)} {count.unit}"
    assert lo is not None and hi is not None
    middle = f" (best {_figure(best)})" if best is not None and best not in (lo, hi) else ""
    return f"{_figure(lo)} to {_figure(hi)} {count.unit}{middle}"


def _figure(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,g}"


def place_words(place: Place) -> str:
    """Where, in a few words.

    >>> place_words(Place(id="p", of="c", name="Green Zone", lat=33.3, lon=44.4, radius_m=5000.0))
    'Green Zone, 33.3000 44.4000, within 5 km'
    """
    parts = [place.name or place.text]
    if place.lat is not None and place.lon is not None:
        parts.append(f"{place.lat:.4f} {place.lon:.4f}")
    if place.radius_m is not None:
        parts.append(
            f"within {place.radius_m / 1000:,.0f} km"
            if place.radius_m >= 1000
            else f"within {place.radius_m:,.0f} m"
        )
    if place.rings:
        parts.append(f"outline of {sum(len(ring) for ring in place.rings)} points")
    return ", ".join(part for part in parts if part)
