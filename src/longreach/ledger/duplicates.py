"""Records that may be the same thing, proposed with reasons. Nothing is merged: a person links them.

Events are compared where their days come within a day of each other and their places overlap; reports by address,
saved text and title. Each reason for adds to a score, each reason against takes from it. Pairs that a link already
calls `same`, `different`, `maybe same` or `part of` are not proposed again.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from longreach.ledger.view import View

DAY_S = 86400.0
NEAR_DAYS = 1.0
LEAST = 3.0  # score from which a pair is proposed
MOST_IN_CELL = 3000  # events of one day and cell that are compared pair by pair
_WORD = re.compile(r"\w{4,}")
_COMMON_WORDS = """with from that this were they have after near attack attacks town city district province"""
_COMMON = frozenset(_COMMON_WORDS.split(" "))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be the same, how strongly, and why."""

    kind: str
    first: str
    second: str
    score: float
    reasons: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of an event from its claims, as far as comparing needs it."""

    id: str
    type: str
    title: str
    begin: float  # days
    end: float
    spread: float  # width of the interval, days
    lat: float | None
    lon: float | None
    radius_m: float
    counts: tuple[tuple[str, float, float], ...]
    batch: str
    source: str
    urls: tuple[str, ...]
    words: frozenset[str]


def propose(view: View, *, batch: str | None = None, least: float = LEAST) -> list[Pair]:
    """Pairs of events and of reports that may be the same, the likeliest first.

    batch : only pairs with a record of that import
    """
    judged = _judged(view)
    pairs = [*_reports(view, batch), *_events(view, batch)]
    found = [
        pair for pair in pairs if pair.score >= least and frozenset((pair.first, pair.second)) not in judged
    ]
    return sorted(found, key=lambda pair: (-pair.score, pair.first, pair.second))


def _judged(view: View) -> set[frozenset[str]]:
    rows = view.database.execute(
        "select owner, other from record where kind='link' and status='live'"
        " and sub in ('same','different','maybe same','part of')"
    )
    return {frozenset((view.current(a), view.current(b))) for a, b in rows if a and b}


def _reports(view: View, batch: str | None) -> Iterator[Pair]:
    """Reports with the same address, the same saved text, or the same title of the same source and day."""
    groups: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    rows = view.database.execute(
        "select id, batch, json from record where kind='report' and status='live' order by seq"
    )
    for id, of, text in rows:
        document = json.loads(text)
        if "row" in document:  # rows of one table share titles and addresses without being one report
            continue
        keys = {
            "the same address": _address(document.get("url", "")),
            "the same saved text": document.get("text_sha256") or document.get("text", ""),
            "the same title, source and day": "|".join(
                (
                    document.get("title", "").lower(),
                    document.get("source", ""),
                    document.get("published", "")[:10],
                )
            )
            if document.get("title") and document.get("published")
            else "",
        }
        for reason, key in keys.items():
            if key:
                groups[reason, key].append((id, of))
    scores: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (reason, _), members in groups.items():
        for n, (first, first_batch) in enumerate(members[:50]):
            for second, second_batch in members[n + 1 : 50]:
                if batch is None or batch in (first_batch, second_batch):
                    scores[first, second].append(reason)
    for (first, second), reasons in scores.items():
        yield Pair("report", first, second, 3.0 * len(reasons), tuple(reasons), ())


def _address(url: str) -> str:
    """An address without what does not change the page."""
    return (
        re.sub(r"^https?://(www\.|m\.)?", "", url.strip().lower()).split("#")[0].split("?utm_")[0].rstrip("/")
    )


def _events(view: View, batch: str | None) -> Iterator[Pair]:
    """Events close in time and place, compared pair by pair within a day and a cell of the map."""
    seen = list(_seen(view))
    cells: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for n, event in enumerate(seen):
        for cell in _cells(event):
            cells[cell].append(n)
    done: set[tuple[int, int]] = set()
    for members in cells.values():
        for at, n in enumerate(members[:MOST_IN_CELL]):
            a = seen[n]
            for m in members[at + 1 : MOST_IN_CELL]:
                b = seen[m]
                if batch is not None and batch not in (a.batch, b.batch):
                    continue
                if a.batch and a.batch == b.batch and a.source == b.source:
                    continue  # a data set's own rows are told apart by whoever made it
                if (n, m) in done or (m, n) in done:
                    continue
                done.add((n, m))
                pair = compare(a, b)
                if pair is not None:
                    yield pair


def _cells(event: Seen) -> Iterable[tuple[int, int, int]]:
    """Day and one-degree cell of an event with the neighbours, so that what is near is in one of them."""
    if event.spread > 40:
        return
    for day in range(math.floor(event.begin - NEAR_DAYS), math.ceil(event.end + NEAR_DAYS) + 1):
        if event.lat is None or event.lon is None:
            yield day, 999, 999
        elif event.radius_m <= 200_000:
            lat, lon = math.floor(event.lat), math.floor(event.lon)
            wide = 1 if abs(event.lat) < 60 else 3
            for y in (lat - 1, lat, lat + 1):
                for x in range(lon - wide, lon + wide + 1):
                    yield day, y, (x + 180) % 360


def compare(a: Seen, b: Seen) -> Pair | None:
    """What speaks for two events being one, and what against; None where they are too far apart."""
    reasons: list[str] = []
    against: list[str] = []
    score = 0.0
    if a.type != b.type:
        return None
    gap = max(a.begin, b.begin) - min(a.end, b.end)
    if gap > NEAR_DAYS:
        return None
    if gap < 0:
        exact = max(a.spread, b.spread) <= 1.01
        score += 1.5 if exact else 0.5
        reasons.append("on the same day" if exact else "their times overlap")
    else:
        against.append("on days next to each other")
    if a.lat is not None and b.lat is not None and a.lon is not None and b.lon is not None:
        apart = _apart(a.lat, a.lon, b.lat, b.lon)
        reach = a.radius_m + b.radius_m
        if apart > max(reach, 20_000.0):
            return None
        near = apart <= 5_000.0
        score += 1.5 if near and max(a.radius_m, b.radius_m) <= 25_000 else 0.5
        reasons.append(
            f"{apart / 1000:.0f} km apart, each known to {a.radius_m / 1000:.0f} and {b.radius_m / 1000:.0f} km"
        )
    shared = a.words & b.words
    if shared and len(shared) >= 0.5 * min(len(a.words), len(b.words)):
        score += 1.0
        reasons.append(f"the titles share {', '.join(sorted(shared)[:4])}")
    for unit, lo, hi in a.counts:
        for other, low, high in b.counts:
            if unit == other:
                if max(lo, low) <= min(hi, high):
                    score += 1.0 if lo or low else 0.25
                    reasons.append(f"the counts of {unit} agree")
                else:
                    score -= 1.0
                    against.append(f"the counts of {unit} do not: {lo:g} to {hi:g}, {low:g} to {high:g}")
    if set(a.urls) & set(b.urls):
        score += 2.0
        reasons.append("the same address")
    return Pair(
        "event", a.id, b.id, round(score, 2), tuple(dict.fromkeys(reasons)), tuple(dict.fromkeys(against))
    )


def _apart(lat: float, lon: float, lat2: float, lon2: float) -> float:
    """Distance on the sphere [m]: only to shortlist."""
    y, x = math.radians(lat2 - lat), math.radians(lon2 - lon)
    h = (
        math.sin(y / 2) ** 2
        + math.cos(math.radians(lat)) * math.cos(math.radians(lat2)) * math.sin(x / 2) ** 2
    )
    return 2 * 6371008.8 * math.asin(math.sqrt(min(1.0, h)))


def _seen(view: View) -> Iterator[Seen]:
    """Every event that a claim gives a time."""
    rows = view.database.execute(
        "select id, kind, owner, other, batch, json from record where status='live'"
        " and kind in ('event','link','time','place','count','claim','report') order by seq"
    )
    events: list[tuple[str, str, Any]] = []
    about: dict[str, list[str]] = defaultdict(list)
    parts: dict[str, list[Any]] = defaultdict(list)
    claims: dict[str, str] = {}
    reports: dict[str, Any] = {}
    for id, kind, owner, other, of, text in rows:
        if kind == "event":
            events.append((id, of, json.loads(text)))
        elif kind == "link":
            about[view.current(other) if "~" in other else other].append(owner)
        elif kind == "claim":
            claims[id] = owner
        elif kind == "report":
            reports[id] = json.loads(text)
        else:
            parts[owner].append(json.loads(text))
    for id, of, document in events:
        mine = [part for claim in about.get(id, ()) for part in parts.get(claim, ())]
        times = [each for each in mine if each["kind"] == "time"]
        spans = [span for each in times if (span := _span(each))]
        if not spans:
            continue
        place: dict[str, Any] = next((each for each in mine if each["kind"] == "place" and "lat" in each), {})
        counts = tuple(
            (each["unit"], each.get("lo", each.get("best", 0)), each.get("hi", each.get("best", math.inf)))
            for each in mine
            if each["kind"] == "count" and not each.get("ordinal")
        )
        from_reports = [reports[claims[claim]] for claim in about.get(id, ()) if claims.get(claim) in reports]
        begin, end = min(s[0] for s in spans), max(s[1] for s in spans)
        title = document.get("title", "")
        yield Seen(
            id, document["type"], title, begin, end, end - begin, place.get("lat"), place.get("lon"),
            float(place.get("radius_m", 10_000.0)), counts, of,
            from_reports[0].get("source", "") if from_reports else "",
            tuple(filter(None, (_address(each.get("url", "")) for each in from_reports))),
            frozenset(word for word in _WORD.findall(title.lower()) if word not in _COMMON and not word.isdigit()),
        )  # fmt: skip


def _span(time: Any) -> tuple[float, float] | None:
    first = time.get("start_earliest") or time.get("end_earliest")
    last = time.get("end_latest") or time.get("start_latest")
    if not first or not last:
        return None
    return _days(first), _days(last)


def _days(instant: str) -> float:
    moment = datetime.fromisoformat(instant.rstrip("Z"))
    return (moment - datetime(1970, 1, 1)).total_seconds() / DAY_S
