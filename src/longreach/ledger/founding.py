"""The founding report as a ledger: 25 claims of one page, and what other reports said of the same things.

The records are coded in `data/founding.toml`, in a form that is quick to write: times, counts and places stand
inside their claim, words are read into bounds here, and the events a claim is about are named beside it. What
the program then finds in them (chains, tensions, traps, agreements) is found by rule, not written there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from longreach.errors import Fault, InputError
from longreach.ledger import records
from longreach.ledger.dates import read_when
from longreach.ledger.evidence import day_of
from longreach.ledger.numbers import read_count
from longreach.ledger.records import Link, Record
from longreach.ledger.store import Ledger

WATCH_LIST = "watch.toml"


@dataclass(frozen=True, slots=True)
class Entered:
    """Records that came in together, and when."""

    clock: datetime
    records: tuple[Record, ...]


def title() -> str:
    """What the example is called."""
    return str(_document()["title"])


def entered() -> list[Entered]:
    """The records of the example in the order they came in, each report on the day it was published."""
    document = _document()
    coder = document["coder"]
    first: list[Record] = []
    for row in document["entity"]:
        first += _entity(row, coder)
    events = {row["id"]: row for row in document["event"]}
    known: set[str] = set()
    parts: list[tuple[str, list[Record]]] = []
    report: dict[str, Any] | None = None
    claims_of = _claims_by_report()
    for report in document["report"]:
        made: list[Record] = [records.from_json({"kind": "report", **_only(report, "entered")})]
        for claim in claims_of[report["id"]]:
            for event in claim.get("about", ()):
                made += _event(event, events, known)
            made += _claim(claim, report, coder)
        parts.append((report.get("entered") or report["published"], made))
    for row in document["assessment"]:
        parts.append((row["entered"], [records.from_json({"kind": "assessment", **_only(row, "entered")})]))
    # Two records a day at most: the order of the file decides.
    ordered = sorted(enumerate(parts), key=lambda each: (each[1][0][:10], each[0]))
    out: list[Entered] = []
    for n, (_, (day, made)) in enumerate(ordered):
        clock = datetime.fromisoformat(day[:10]).replace(tzinfo=UTC) + timedelta(hours=12, seconds=n)
        if n == 0:
            out.append(Entered(clock - timedelta(seconds=1), tuple(first)))
        out.append(Entered(clock, tuple(made)))
    return out


def all_records() -> list[Record]:
    """Every record of the example."""
    return [record for part in entered() for record in part.records]


def write(folder: Path) -> tuple[Path, Path]:
    """Write the example's ledger and its watch list into a folder; the same bytes each time.

    Raises: InputError where either is there already or the folder cannot be written.
    """
    from longreach.document import write_atomically

    log, watch = folder / "ledger.jsonl", folder / WATCH_LIST
    taken = [str(path) for path in (log, watch) if path.exists()]
    if taken:
        raise InputError(
            [Fault("is already there", file=path, hint="choose another folder") for path in taken]
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(Fault(f"cannot make the folder: {error.strerror}", file=str(folder))) from error
    parts = entered()
    author = str(_document()["coder"])
    book = Ledger.create(log, title=title(), author=author, clock=parts[0].clock - timedelta(seconds=1))
    for part in parts:
        book.add(part.records, author=author, clock=part.clock)
    write_atomically(watch, _text(WATCH_LIST).encode())
    return log, watch


def _text(name: str) -> str:
    return (resources.files("longreach.ledger") / "data" / name).read_text("utf-8")


def _document() -> dict[str, Any]:
    return tomllib.loads(_text("founding.toml"))


def _claims_by_report() -> dict[str, list[dict[str, Any]]]:
    """The claims under each report: in the file they stand after their report."""
    found: dict[str, list[dict[str, Any]]] = {}
    document = _document()
    claims = iter(document["claim"])
    lines = _text("founding.toml").splitlines()
    current, kind = "", ""
    for line in lines:
        if line in ("[[report]]", "[[claim]]"):
            kind = line
        elif kind == "[[report]]" and line.startswith("id = "):
            current, kind = line.split('"')[1], ""
            found[current] = []
        elif kind == "[[claim]]" and line.startswith("id = "):
            found[current].append(next(claims))
            kind = ""
    return found


def _only(row: Mapping[str, Any], *without: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in without}


def _entity(row: Mapping[str, Any], coder: str) -> Iterator[Record]:
    fields = _only(row, "part_of", "reliability")
    if "reliability" in row:
        fields["reliability"] = [{"letter": row["reliability"], "coder": coder}]
    yield records.from_json({"kind": "entity", **fields})
    if "part_of" in row:
        yield Link(
            id=f"{row['id']}.part", from_=row["id"], to=row["part_of"], relation="part of", coder=coder
        )


def _event(id: str, events: Mapping[str, Mapping[str, Any]], known: set[str]) -> Iterator[Record]:
    """An event that a claim is about, with what it is part of, the first time it is named."""
    if id in known:
        return
    known.add(id)
    row = events[id]
    if "part_of" in row:
        yield from _event(row["part_of"], events, known)
    yield records.from_json({"kind": "event", **_only(row, "part_of")})
    if "part_of" in row:
        yield Link(id=f"{id}.part", from_=id, to=row["part_of"], relation="part of")


def _claim(row: Mapping[str, Any], report: Mapping[str, Any], coder: str) -> Iterator[Record]:
    id = row["id"]
    fields = _only(row, "about", "time", "count", "place")
    fields |= {"report": report["id"], "coder": coder}
    yield records.from_json({"kind": "claim", **fields})
    for n, event in enumerate(row.get("about", ()), 1):
        yield Link(id=f"{id}.about{n}", from_=id, to=event, relation="same", coder=coder)
    for n, time in enumerate(row.get("time", ()), 1):
        yield _time(f"{id}.time{n}", id, time, report["published"])
    for n, count in enumerate(row.get("count", ()), 1):
        window = count.get("window")
        if window:
            yield _time(f"{id}.window{n}", id, {"role": "window", **window}, report["published"])
        yield _count(f"{id}.count{n}", id, count, f"{id}.window{n}" if window else "")
    for n, place in enumerate(row.get("place", ()), 1):
        yield records.from_json({"kind": "place", "id": f"{id}.place{n}", "of": id, **place})


def _time(id: str, of: str, row: Mapping[str, Any], published: str) -> Record:
    """A time with its bounds read from `day`, or from its words against the day of publication."""
    readings = read_when(row.get("day") or row["text"], day_of(published))
    first, last = readings[0].earliest, readings[0].latest
    basis = row.get("basis") or (readings[0].reading if not row.get("day") else "bounded by the coder")
    document: dict[str, Any] = {
        "kind": "time", "id": id, "of": of, "role": row.get("role", "event"), "text": row.get("text", ""),
        "edtf": row.get("day", ""), "basis": basis,
    }  # fmt: skip
    if first:
        document["start_earliest"] = _midnight(first)
    if last:
        document["end_latest"] = _midnight(last + timedelta(days=1))
        if row.get("role") != "window":
            document["start_latest"] = _midnight(last + timedelta(days=1))
    return records.from_json({key: value for key, value in document.items() if value != ""})


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00"


def _count(id: str, of: str, row: Mapping[str, Any], window: str) -> Record:
    document = {"kind": "count", "id": id, "of": of, **_only(row, "window")}
    if window:
        document["window"] = window
    if "lo" not in row:
        reading = read_count(row["text"], row["unit"])[0]
        document |= {"lo": reading.lo, "hi": reading.hi, "best": reading.best, "basis": reading.reading}
    return records.from_json({key: value for key, value in document.items() if value is not None})
