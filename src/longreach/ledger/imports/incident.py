"""One imported row in the ledger's own terms, and the records made of it.

An `Incident` is what UCDP, ACLED and mapped tables have in common. It becomes a report (the row), a claim (what the
row says), a time, a place and counts on that claim, and an event the claim is linked to. A machine-coded row
(GDELT) is a report and a claim only: nothing says that it happened.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from longreach.ledger.records import Claim, Count, Entity, Event, Link, Place, Record, Report, Step, Time

_KEEP = re.compile(r"[^A-Za-z0-9._:-]+")


@dataclass(frozen=True, slots=True)
class Number:
    """A count of an incident."""

    unit: str
    lo: float | None = None
    hi: float | None = None
    best: float | None = None
    role: str = ""
    scope: str = ""
    text: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What one row says. Instants are as records write them; `event` is None where nothing vouches for it."""

    key: str
    publisher: str  # entity id of who publishes the row
    title: str
    paraphrase: str
    event: str | None = "incident"
    topic: str = "incident"
    text: str = ""
    url: str = ""
    published: str = ""
    subject: str = ""
    object: str = ""
    behind: tuple[tuple[str, str], ...] = ()  # names of the sources behind it, and what they are
    start: str = ""
    end: str = ""
    zone: str = "unknown"
    edtf: str = ""
    when: str = ""
    when_basis: str = ""
    lat: float | None = None
    lon: float | None = None
    radius_m: float | None = None
    place: str = ""
    precision: str = ""
    numbers: tuple[Number, ...] = ()
    rights: str = "quote"
    licence: str = ""
    note: str = ""
    remarks: tuple[str, ...] = ()  # what had to be read in a way worth telling, counted over the file


def name_of(words: str, prefix: str = "") -> str:
    """A record's name made of words: ASCII letters and digits, cut to 60, told apart by a hash where cut.

    >>> name_of("Agence France Presse", "source:")
    'source:agence-france-presse'
    """
    slug = _KEEP.sub("-", words.strip().lower()).strip("-.:_")
    plain = slug and slug == _KEEP.sub("-", slug) and len(slug) <= 60 and words.isascii()
    if plain:
        return prefix + slug
    digest = hashlib.sha256(words.strip().encode("utf-8", "replace")).hexdigest()[:8]
    return f"{prefix}{slug[:50]}-{digest}" if slug else f"{prefix}x-{digest}"


def records_of(
    incident: Incident, row: tuple[Any, ...], columns: tuple[str, ...] | None, coder: str
) -> Iterator[Record]:
    """The records one row becomes; the entities it names are left to the caller."""
    key = incident.key
    claim = f"{key}.c"
    yield Report(
        id=f"{key}.r", source=incident.publisher, title=incident.title, url=incident.url,
        published=incident.published, rights=incident.rights, licence=incident.licence, row=row, columns=columns,
    )  # fmt: skip
    chain = [Step(incident.publisher, "cites")]
    chain += [Step(name_of(name, "source:"), "cites") for name, _ in incident.behind]
    yield Claim(
        id=claim, report=f"{key}.r", text=incident.text, paraphrase=incident.paraphrase, topic=incident.topic,
        subject=incident.subject, object=incident.object, chain=tuple(chain), coder=coder, note=incident.note,
    )  # fmt: skip
    if incident.start or incident.end or incident.when:
        yield Time(
            id=f"{key}.t", of=claim, start_earliest=incident.start, start_latest=incident.end,
            end_earliest=incident.start, end_latest=incident.end, zone=incident.zone, edtf=incident.edtf,
            text=incident.when, basis=incident.when_basis,
        )  # fmt: skip
    if incident.lat is not None or incident.place:
        yield Place(
            id=f"{key}.p", of=claim, name=incident.place, lat=incident.lat, lon=incident.lon,
            radius_m=incident.radius_m, precision=incident.precision,
        )  # fmt: skip
    for n, number in enumerate(incident.numbers, 1):
        yield Count(
            id=f"{key}.n" if n == 1 else f"{key}.n{n}", of=claim, unit=number.unit, role=number.role,
            lo=number.lo, hi=number.hi, best=number.best, scope=number.scope, text=number.text, basis=number.basis,
        )  # fmt: skip
    if incident.event:
        yield Event(id=key, type=incident.event, title=incident.title)
        yield Link(id=f"{key}.l", from_=claim, to=key, relation="same", coder=coder, reason="as imported")


def sources_behind(incident: Incident) -> Iterator[Entity]:
    """The entities a row's chain names."""
    for name, type in incident.behind:
        yield Entity(id=name_of(name, "source:"), name=name.strip(), type=type)
