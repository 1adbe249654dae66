"""A claim file made from the ledger: everything that is claimed of one flight, each with its source chain.

The ledger never sees a plan or a check; this reads it. Only what the records hold is written: times, counts of
hours, aircraft and refuellings, and places with their radius. What a claim says in words alone stays in the ledger.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from longreach.errors import Fault, InputError
from longreach.units import NAUTICAL_MILE

_TIMES = {
    "departure": "departure",
    "on station": "on station",
    "return": "landing",
    "landing": "landing",
    "arrival": "landing",
    "": "day",
}
_HOURS = {"": "duration", "on station": "time on station"}


def text(ledger: Path, event: str, aircraft: str = "") -> str:
    """The claim file of an event of type flight.

    aircraft : the type, where no claim gives one that the catalogue knows
    Raises: InputError for a ledger that cannot be read or an event that is no flight.
    """
    from longreach.ledger import Ledger

    view = Ledger(ledger).view()
    found: Any = view.find(event)
    if found is None or getattr(found, "type", "") != "flight":
        flights = [each.id for each in view.all("event") if each.type == "flight"]
        raise InputError(
            Fault(
                f"{event!r} is no flight of this ledger",
                file=str(ledger),
                hint=f"flights: {', '.join(flights[:20])}",
            )
        )
    says: list[dict[str, str]] = []
    sources: dict[str, str] = {}
    origin = turn = None
    via: list[Any] = []
    reported = None
    count = None
    for claim, _ in view.claims_of(event):
        report = view.find(claim.report)
        sources[claim.id] = _chain(view, claim, report)
        published = getattr(report, "published", None)
        if published and (reported is None or str(published)[:10] < reported):
            reported = str(published)[:10]
        for place in view.places(claim.id):
            if place.lat is None or place.lon is None:
                continue
            if place.role in ("base", "origin") and origin is None:
                origin = place
            elif place.role in ("station", "turn") or (place.role in ("", "event") and turn is None):
                turn = place if turn is None or (place.radius_m or 0) < (turn.radius_m or 0) else turn
            elif place.role == "route" and (place.radius_m or 0) <= 500_000:
                via.append(place)
        for time in view.times(claim.id):
            kind = _TIMES.get("" if time.role == "event" else time.role)
            words = _interval(time)
            if kind and words:
                says.append(
                    {"id": time.id, "kind": kind, "words": words, "source": claim.id, "text": time.text or ""}
                )
        for number in view.counts(claim.id):
            if number.ordinal:
                continue
            if number.unit == "hours" and number.role in _HOURS:
                says.append(
                    {
                        "id": number.id,
                        "kind": _HOURS[number.role],
                        "words": _words(number),
                        "source": claim.id,
                    }
                )
            elif number.unit == "refuellings":
                says.append(
                    {"id": number.id, "kind": "refuellings", "words": _words(number), "source": claim.id}
                )
            elif number.unit == "aircraft" and count is None and number.best is not None:
                count = int(number.best)
    if origin is None and turn is None:
        raise InputError(
            Fault(
                f"no claim of {event} gives a place with a position",
                file=str(ledger),
                hint="add places with role base or station",
            )
        )
    lines = [
        f"# Made from the ledger's claims of {event}; words as printed where they can be read.",
        "# No claim gives a landing: it is taken to have come home to where it left." if origin else "",
        'schema = "longreach.claim/1"',
        f"title = {_quoted(found.title)}",
        *([f"reported = {reported}"] if reported and len(reported) == 10 else []),
        "",
        "[sources]",
        *(f"{_quoted(id)} = {_quoted(words)}" for id, words in sources.items()),
        "",
        "[flight]",
        *([f"aircraft = {_quoted(aircraft)}"] if aircraft else []),
        *([f"count = {count}"] if count else []),
        *([f"origin = {_place(origin)}", f"destination = {_place(origin)}"] if origin else []),
        *([f"turn = {_place(turn)}"] if turn else []),
        *(["via = [", *(f"  {_place(place)}," for place in via), "]"] if via else []),
    ]
    for each in says:
        lines += ["", "[[says]]", *(f"{key} = {_quoted(value)}" for key, value in each.items() if value)]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _place(place: Any) -> str:
    within = (
        f', within = "{max(1.0, (place.radius_m or 0.0) / NAUTICAL_MILE):.0f} nm"' if place.radius_m else ""
    )
    return f"{{ at = [{place.lat:.5f}, {place.lon:.5f}]{within}, name = {_quoted(place.name or '')} }}"


def _interval(time: Any) -> str:
    """Local days from the earliest start to the last day that is possible; a latest bound is the first instant that is not."""
    first, last = time.start_earliest, time.start_latest or time.end_latest
    if not first or not last:
        return ""
    start, end = (datetime.fromisoformat(str(value).rstrip("Z")) for value in (first, last))
    final = end - timedelta(seconds=1)
    return f"{start:%Y-%m-%d}" if start.date() == final.date() else f"{start:%Y-%m-%d}/{final:%Y-%m-%d}"


def _words(number: Any) -> str:
    unit = f" {number.unit}"
    if number.hi is None:
        return f"at least {number.lo:g}{unit}"
    if number.best is not None and number.text and number.text[0].isdigit():
        return str(number.text)
    return f"{number.lo:g} to {number.hi:g}{unit}" if number.hi > number.lo else f"{number.lo:g}{unit}"


def _chain(view: Any, claim: Any, report: Any) -> str:
    """The report and the chain of sources behind the claim, in words."""
    names = []
    for step in claim.chain:
        entity = view.find(step.source)
        names.append(f"{getattr(entity, 'name', step.source)} ({step.relation})")
    title = getattr(report, "title", "") or getattr(report, "id", "")
    return f"{title}{': ' + ' > '.join(names) if names else ''}"
