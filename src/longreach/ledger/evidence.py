"""What a ledger holds, indexed for the questions asked of claims: what hangs on what, who says it, how many.

Made from live records alone (a view, or any records), so that every rule of this room works on the same
footing and can be tried on a handful of records without a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from longreach.ledger import records
from longreach.ledger.records import (
    Assessment,
    Claim,
    Count,
    Entity,
    Event,
    Link,
    Place,
    Record,
    Report,
    Time,
)

if TYPE_CHECKING:
    from longreach.ledger.view import View


@dataclass(frozen=True, slots=True)
class Evidence:
    """Live records by kind and by what they hang on; ends that were replaced are followed."""

    entities: dict[str, Entity] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    assessments: dict[str, Assessment] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    _times: dict[str, list[Time]] = field(default_factory=dict)
    _places: dict[str, list[Place]] = field(default_factory=dict)
    _counts: dict[str, list[Count]] = field(default_factory=dict)
    _by_id: dict[str, Record] = field(default_factory=dict)
    _from: dict[str, list[Link]] = field(default_factory=dict)
    _to: dict[str, list[Link]] = field(default_factory=dict)
    current: Callable[[str], str] = lambda id: id

    @classmethod
    def of(cls, held: Iterable[Record], current: Callable[[str], str] = lambda id: id) -> Evidence:
        """Index live records; `current` gives the record that now stands for a name."""
        found = cls(current=current)
        homes: dict[str, dict[str, Any]] = {
            "entity": found.entities, "report": found.reports, "claim": found.claims,
            "event": found.events, "assessment": found.assessments,
        }  # fmt: skip
        hanging: dict[str, dict[str, list[Any]]] = {
            "time": found._times, "place": found._places, "count": found._counts,
        }  # fmt: skip
        links = []
        for record in held:
            found._by_id[record.id] = record
            if record.kind in homes:
                homes[record.kind][record.id] = record
            elif isinstance(record, Link):
                links.append(record)
            else:
                hanging[record.kind].setdefault(current(record.of), []).append(record)  # type: ignore[union-attr]
        for link in links:
            found._from.setdefault(current(link.from_), []).append(link)
            found._to.setdefault(current(link.to), []).append(link)
        object.__setattr__(found, "links", tuple(links))
        return found

    @classmethod
    def of_view(cls, view: View) -> Evidence:
        """Everything a view holds."""
        return cls.of((record for kind in records.KINDS for record in view.all(kind)), view.current)

    def published_by(self, at: date) -> Evidence:
        """What reports published up to a day say; a report whose day is not known is kept."""
        late = {report.id for report in self.reports.values() if _after(report.published, at)}
        gone = {claim.id for claim in self.claims.values() if claim.report in late}
        kept = [
            record
            for record in self._by_id.values()
            if record.id not in gone
            and not (isinstance(record, Link) and {record.from_, record.to} & gone)
            and getattr(record, "of", None) not in gone
        ]
        return Evidence.of(kept, self.current)

    def all_records(self) -> list[Record]:
        """Everything, in the order it came in."""
        return list(self._by_id.values())

    def get(self, id: str) -> Record | None:
        return self._by_id.get(id)

    def times(self, of: str) -> list[Time]:
        return self._times.get(of, [])

    def places(self, claim: str) -> list[Place]:
        return self._places.get(claim, [])

    def counts(self, claim: str) -> list[Count]:
        return self._counts.get(claim, [])

    def links_from(self, id: str, *relations: str) -> list[Link]:
        return [link for link in self._from.get(id, []) if not relations or link.relation in relations]

    def links_to(self, id: str, *relations: str) -> list[Link]:
        return [link for link in self._to.get(id, []) if not relations or link.relation in relations]

    def events_of(self, claim: str, *relations: str) -> list[Event]:
        """The events a claim is about (`same` unless other relations are named)."""
        links = self.links_from(claim, *(relations or ("same",)))
        return [self.events[link.to] for link in links if link.to in self.events]

    def claims_of(self, event: str, *relations: str) -> list[Claim]:
        """The claims about an event (`same` unless other relations are named)."""
        links = self.links_to(event, *(relations or ("same",)))
        return [self.claims[link.from_] for link in links if link.from_ in self.claims]

    def parts_of(self, event: str) -> list[Event]:
        """The events that are part of an event: the flights of a series."""
        links = self.links_to(event, "part of")
        return [self.events[link.from_] for link in links if link.from_ in self.events]

    def wholes_of(self, event: str) -> list[Event]:
        """The events that an event is part of."""
        links = self.links_from(event, "part of")
        return [self.events[link.to] for link in links if link.to in self.events]

    def said_on(self, claim: Claim) -> date | None:
        """The local calendar day on which a claim's report was published; None where it is not known to the day."""
        report = self.reports.get(claim.report)
        return day_of(report.published) if report else None

    def published(self, claim: Claim) -> str:
        """When a claim's report was published, as recorded; "" where that is not known."""
        report = self.reports.get(claim.report)
        return report.published if report else ""

    def source_of(self, claim: Claim) -> str:
        """The entity that published a claim's report."""
        report = self.reports.get(claim.report)
        return report.source if report else ""

    def name(self, id: str) -> str:
        """The name of an entity, or the words themselves."""
        entity = self.entities.get(id)
        return entity.name if entity else id

    def words(self, claim: Claim) -> str:
        """A claim in one line."""
        return claim.paraphrase or claim.text


def _after(published: str, at: date) -> bool:
    """Whether a date as records hold it (a day, a month or a year) lies wholly after a day."""
    return bool(published) and published[:10] > at.isoformat()[: min(len(published), 10)]


def day_of(text: str) -> date | None:
    """The day of a date or instant as records hold it; None where it is not known to the day.

    >>> day_of("2020-12-10T09:25"), day_of("2020-12")
    (datetime.date(2020, 12, 10), None)
    """
    return date.fromisoformat(text[:10]) if len(text) >= 10 else None


def instant_of(text: str) -> datetime | None:
    """An instant as records hold it, without its zone; None where it is empty."""
    return datetime.fromisoformat(text.removesuffix("Z")) if text else None
