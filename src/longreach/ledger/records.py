"""The nine kinds of record a ledger holds, with their fields, their checks and their JSON form.

    entity       who says or does something: a source, an official, a State, a group, a data set
    report       one publication by one source: an article, a statement, a row of a data set
    claim        one thing one report says, with the chain of sources behind it
    event        a thing that is claimed to have happened; holds no facts of its own
    link         an adjudication: this claim is about that event, this claim contradicts that one
    time         when, as four instants: earliest and latest start, earliest and latest end
    place        where: a point with a radius, an outline, or only a name
    count        how many: an interval with its unit, its scope and its window
    assessment   a judgement: likelihood and, apart from it, confidence

Times, places and counts hang on a claim (`of`) and keep the wording they were read from. Records are never
edited: what was coded wrongly is replaced by a new record and a link `replaces` (see docs/ledger.md).

Every field says here what it holds, so that the command line, the forms and the tables are made from one
description. The JSON form is the fields that hold something, after `kind` and `id`.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from longreach.errors import Fault, InputError

ENTITY_TYPES = (
    "agency", "aggregator", "armed group", "data set", "government", "military", "militia channel", "news",
    "official", "organisation", "person", "sensor", "other",
)  # fmt: skip
RELIABILITY = {
    "A": "completely reliable",
    "B": "usually reliable",
    "C": "fairly reliable",
    "D": "not usually reliable",
    "E": "unreliable",
    "F": "reliability cannot be judged",
}
CREDIBILITY = {
    1: "confirmed by other independent sources",
    2: "probably true",
    3: "possibly true",
    4: "doubtful",
    5: "improbable",
    6: "truth cannot be judged",
}
# Words of ICD 203 with their ranges in per cent.
LIKELIHOOD = {
    "almost no chance": (1, 5),
    "very unlikely": (5, 20),
    "unlikely": (20, 45),
    "roughly even chance": (45, 55),
    "likely": (55, 80),
    "very likely": (80, 95),
    "almost certain": (95, 99),
}
CONFIDENCE = ("low", "moderate", "high")
STEPS = ("publishes", "quotes", "paraphrases", "cites", "names as anonymous", "is told by")
STANCES = ("asserts", "denies", "alleges", "believes", "vows", "opines")
EVENT_TYPES = ("incident", "flight", "statement", "decision", "anniversary")
TRIGGERS = ("scheduled", "triggered")
RIGHTS = ("free", "quote", "withhold", "closed")
TO_EVENT = ("same", "maybe same", "part of")
TO_CLAIM = ("repeats", "corroborates", "in tension", "contradicts", "corrects", "retracts")
TO_OWN_KIND = ("same", "maybe same", "different", "part of", "replaces")
RELATIONS = tuple(dict.fromkeys((*TO_EVENT, *TO_CLAIM, *TO_OWN_KIND)))
UNKNOWN_ZONE = "unknown"

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~-]{0,79}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?)?)?")
LONGEST_TEXT = 1_000_000  # characters in one field


@dataclass(frozen=True, slots=True)
class Field:
    """What one field of a record holds: its form, what it means, and which values it takes."""

    form: str  # text, id, ref, refs, number, bool, instant, date, or the name of a nested form
    help: str
    required: bool = False
    choices: tuple[Any, ...] = ()
    refs: tuple[str, ...] = ()  # the kinds of record a reference may point at
    low: float | None = None
    high: float | None = None


def _holds(form: str, help: str, default: Any = None, **more: Any) -> Any:
    if form in ("text", "id", "ref", "instant", "date") and default is None:
        default = ""
    if form in ("refs", "texts", "chain", "reliability", "rings"):
        default = ()
    return field(default=default, metadata={"field": Field(form, help, **more)})


@dataclass(frozen=True, slots=True)
class Rating:
    """How reliable a source was judged, on which topic, when and by whom; A-F of the Admiralty scale."""

    letter: str
    topic: str = ""
    date: str = ""
    coder: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One source of a chain and what it does with the next one: ZH *cites* NYT *names as anonymous* A."""

    source: str
    relation: str = "cites"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Who says or does something. Two anonymous officials are two entities until a report says otherwise."""

    kind: ClassVar[str] = "entity"
    id: str = _holds("id", "short name used by other records", required=True)
    name: str = _holds("text", "name", required=True)
    type: str = _holds("text", "what it is", "other", choices=ENTITY_TYPES)
    aliases: tuple[str, ...] = _holds("texts", "other names")
    party: bool | None = _holds("bool", "party to the conflict? (unknown when left out)")
    anonymous: bool | None = _holds("bool", "not named by whoever quotes it?")
    reliability: tuple[Rating, ...] = _holds("reliability", "A-F, with topic, date and coder")
    note: str = _holds("text", "remark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One publication by one source."""

    kind: ClassVar[str] = "report"
    id: str = _holds("id", "short name used by other records", required=True)
    source: str = _holds("ref", "the entity that published it", required=True, refs=("entity",))
    title: str = _holds("text", "title or first words")
    url: str = _holds("text", "address")
    archive: str = _holds("text", "where a copy is kept")
    published: str = _holds("date", "when it was published, as far as known (2020-12-10T09:25)")
    zone: str = _holds("text", "time zone of `published`: UTC, +03:00, Asia/Baghdad; unknown when left out")
    retrieved: str = _holds("date", "when we read it")
    text: str = _holds("text", "the saved text")
    text_sha256: str = _holds("text", "SHA-256 of the saved text")
    rights: str = _holds(
        "text",
        "free: all may be passed on; quote: claims' words, not the text; withhold: no words; closed: nothing of it",
        "quote",
        choices=RIGHTS,
    )
    licence: str = _holds("text", "licence and attribution")
    row: tuple[Any, ...] | None = _holds("row", "the imported row as it was, cell by cell")
    columns: tuple[str, ...] | None = _holds("row", "names of the cells where they differ from the import's")
    note: str = _holds("text", "remark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing one report says. A quotation and its content are two claims."""

    kind: ClassVar[str] = "claim"
    id: str = _holds("id", "short name used by other records", required=True)
    report: str = _holds("ref", "the report that says it", required=True, refs=("report",))
    text: str = _holds("text", "the words as printed")
    span: tuple[int, int] | None = _holds("span", "first and last+1 character in the report's text")
    reading: str = _holds("text", "how a corrupt or unclear text is read, by `coder`")
    paraphrase: str = _holds("text", "what is said, in our words")
    topic: str = _holds("text", "what it is about: flight, incident, count, attribution, statement ...")
    subject: str = _holds("text", "who or what (an entity's id, or words)")
    predicate: str = _holds("text", "does or is")
    object: str = _holds("text", "to whom or what (an entity's id, or words)")
    chain: tuple[Step, ...] = _holds(
        "chain", "sources from the reader's end: ZH>NYT>Pentagon", refs=("entity",)
    )
    hedges: tuple[str, ...] = _holds("texts", "hedging words: may, appeared")
    stance: str = _holds("text", "what the last source of the chain does", "asserts", choices=STANCES)
    reliability: str = _holds("text", "A-F for this chain", choices=tuple(RELIABILITY))
    credibility: int | None = _holds("number", "1-6", choices=tuple(CREDIBILITY))
    override: str = _holds("text", "reason for a credibility better than the chain allows")
    coder: str = _holds("text", "who coded it")
    note: str = _holds("text", "remark, ambiguity to keep")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A thing claimed to have happened. What is known of it hangs on the claims linked to it."""

    kind: ClassVar[str] = "event"
    id: str = _holds("id", "short name used by other records", required=True)
    type: str = _holds("text", "what it is", required=True, choices=EVENT_TYPES)
    title: str = _holds("text", "what to call it", required=True)
    trigger: str = _holds(
        "text", "of a flight: fixed in a calendar, or ordered after something", choices=TRIGGERS
    )
    note: str = _holds("text", "remark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An adjudication between two records, with who made it and why."""

    kind: ClassVar[str] = "link"
    id: str = _holds("id", "short name", required=True)
    from_: str = _holds("ref", "a claim (or a record of the kind of `to`)", required=True, refs=("*",))
    to: str = _holds(
        "ref", "a claim, an event, or a record of the kind of `from`", required=True, refs=("*",)
    )
    relation: str = _holds("text", "what holds between them", required=True, choices=RELATIONS)
    p: float | None = _holds("number", "probability, for `maybe same`", low=0.0, high=1.0)
    scope: str = _holds("text", "the words that let both be true")
    coder: str = _holds("text", "who judged it")
    reason: str = _holds("text", "why")


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """When: four instants, each a bound; a bound that is not known is left out.

    A start lies in [start_earliest, start_latest), an end in [end_earliest, end_latest); equal bounds are an
    exact instant. With a zone the instants are UTC and end in Z. With zone "unknown" they are clock time at a
    place whose zone was not said, and end in nothing: as UTC they may be 14 h earlier or 12 h later.
    """

    kind: ClassVar[str] = "time"
    id: str = _holds("id", "short name", required=True)
    of: str = _holds("ref", "the claim it belongs to", required=True, refs=("claim",))
    role: str = _holds("text", "of what: event, departure, on station, return, window, statement", "event")
    start_earliest: str = _holds("instant", "2020-12-09T00:00:00Z")
    start_latest: str = _holds("instant", "see above")
    end_earliest: str = _holds("instant", "see above")
    end_latest: str = _holds("instant", "see above")
    zone: str = _holds("text", "UTC, +03:00, Asia/Baghdad or unknown", UNKNOWN_ZONE)
    edtf: str = _holds("text", "the date in Extended Date/Time Format: 2020-11~, 2020-12-09/2020-12-11")
    text: str = _holds("text", "the words as printed: on Thursday")
    basis: str = _holds("text", "how the words were read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where: a point that is good to `radius_m`, an outline, or only a name."""

    kind: ClassVar[str] = "place"
    id: str = _holds("id", "short name", required=True)
    of: str = _holds("ref", "the claim it belongs to", required=True, refs=("claim",))
    role: str = _holds("text", "of what: event, base, route, station", "event")
    name: str = _holds("text", "name as printed")
    lat: float | None = _holds("number", "latitude, degrees", low=-90.0, high=90.0)
    lon: float | None = _holds("number", "longitude, degrees", low=-180.0, high=180.0)
    radius_m: float | None = _holds("number", "the true place lies within this of the point, metres", low=0.0)
    rings: tuple[tuple[tuple[float, float], ...], ...] = _holds("rings", "outline: closed rings of lat, lon")
    precision: str = _holds("text", "precision class of the source: UCDP where_prec 3")
    gazetteer: str = _holds("text", "reference in a gazetteer: geonames:98182")
    text: str = _holds("text", "the words as printed, where they are more than a name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many: an interval; a bound that is not known is left out (more than 50: lo 51, no hi)."""

    kind: ClassVar[str] = "count"
    id: str = _holds("id", "short name", required=True)
    of: str = _holds("ref", "the claim it belongs to", required=True, refs=("claim",))
    unit: str = _holds("text", "what is counted: attacks, rockets, aircraft, hours, killed", required=True)
    role: str = _holds("text", "which count of several: killed on side A")
    lo: float | None = _holds("number", "at least")
    hi: float | None = _holds("number", "at most")
    best: float | None = _holds("number", "the source's own best figure")
    exclusive: bool | None = _holds("bool", "are lo and hi themselves excluded? (more than 36 hours)")
    ordinal: bool | None = _holds("bool", "an Nth rather than a number of?")
    window: str = _holds("ref", "the time over which it was counted", refs=("time",))
    scope: str = _holds("text", "what is inside and outside the count")
    text: str = _holds("text", "the words as printed: more than 50")
    basis: str = _holds("text", "how the words were read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A judgement. Likelihood says how probable, confidence how well founded; never both in one sentence."""

    kind: ClassVar[str] = "assessment"
    id: str = _holds("id", "short name", required=True)
    statement: str = _holds("text", "what is judged", required=True)
    likelihood: str = _holds("text", "word of ICD 203", choices=tuple(LIKELIHOOD))
    confidence: str = _holds("text", "how well founded", choices=CONFIDENCE)
    for_: tuple[str, ...] = _holds("refs", "claims that speak for it", refs=("claim",))
    against: tuple[str, ...] = _holds("refs", "claims that speak against it", refs=("claim",))
    about: tuple[str, ...] = _holds("refs", "events it is about", refs=("event",))
    author: str = _holds("text", "who judges", required=True)
    date: str = _holds("date", "when", required=True)
    expires: str = _holds("date", "when it is to be judged again")
    note: str = _holds("text", "remark, what would change our mind")


Record = Entity | Report | Claim | Event | Link | Time | Place | Count | Assessment
R = TypeVar("R", bound=Record)
KINDS: dict[str, type[Any]] = {
    each.kind: each for each in (Entity, Report, Claim, Event, Link, Time, Place, Count, Assessment)
}
ALSO_CALLED = {"source": "entity", "actor": "entity", "incident": "event", "flight": "event"}
_WORDS = {*KINDS, *ALSO_CALLED}


def kind_named(word: str) -> str:
    """The kind of record a word stands for, one or several: `source` and `actors` are entities.

    Raises: InputError naming the nine kinds.
    """
    one = {"entities": "entity"}.get(
        word, word.removesuffix("s") if word.removesuffix("s") in _WORDS else word
    )
    kind = ALSO_CALLED.get(one, one)
    if kind not in KINDS:
        raise InputError(Fault(f"there is no record of kind {word!r}", hint=f"kinds: {', '.join(KINDS)}"))
    return kind


def article(kind: str) -> str:
    """`kind` with its article.

    >>> article("entity"), article("claim")
    ('an entity', 'a claim')
    """
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def fields_of(kind: str) -> dict[str, Field]:
    """Name in JSON -> what the field holds, in order, `id` first."""
    return {json_name(each.name): each.metadata["field"] for each in dataclasses.fields(KINDS[kind])}


def json_name(attribute: str) -> str:
    """`from_` and `for_` are words of Python; in JSON they are `from` and `for`."""
    return attribute.rstrip("_")


def _attribute(name: str) -> str:
    return name + "_" if name in ("from", "for") else name


def relations_between(source: str, target: str) -> tuple[str, ...]:
    """The relations a link may state between two kinds of record.

    >>> relations_between("claim", "event")
    ('same', 'maybe same', 'part of')
    """
    if (source, target) == ("claim", "event"):
        return TO_EVENT
    if source != target:
        return ()
    return (*TO_CLAIM, "replaces") if source == "claim" else TO_OWN_KIND


def refers_to(record: Record) -> list[tuple[str, str, tuple[str, ...]]]:
    """Every id a record points at: (field, id, kinds it may be)."""
    found: list[tuple[str, str, tuple[str, ...]]] = []
    for name, spec in _REFERENCES[record.kind]:
        value = getattr(record, _attribute(name))
        if not value:
            continue
        if spec.form == "ref":
            found.append((name, value, spec.refs))
        elif spec.form == "refs":
            found += [(name, each, spec.refs) for each in value]
        else:
            found += [(name, step.source, spec.refs) for step in value]
    return found


def to_json(record: Record) -> dict[str, Any]:
    """The JSON form: kind, id, and every field that holds something other than its default.

    >>> to_json(Entity(id="ZH", name="Zero Hedge", type="aggregator"))
    {'kind': 'entity', 'id': 'ZH', 'name': 'Zero Hedge', 'type': 'aggregator'}
    """
    document: dict[str, Any] = {"kind": record.kind}
    for attribute, name, form, default in _JSON[record.kind]:
        value = getattr(record, attribute)
        if value == default:
            continue
        document[name] = _plain(form, value)
    return document


def _plain(form: str, value: Any) -> Any:
    if form == "chain":
        return [[step.source, step.relation] for step in value]
    if form == "reliability":
        return [{k: v for k, v in dataclasses.asdict(rating).items() if v} for rating in value]
    if form == "rings":
        return [[[lat, lon] for lat, lon in ring] for ring in value]
    return list(value) if isinstance(value, tuple) else value


def from_json(document: Mapping[str, Any], *, file: str | None = None, line: int | None = None) -> Record:
    """The record a JSON object stands for, checked.

    Raises: InputError with every fault: unknown or missing fields, wrong types, values out of their range.
    """
    record, faults = build(document)
    if faults:
        raise InputError([dataclasses.replace(fault, file=file, line=line) for fault in faults])
    assert record is not None
    return record


def build(document: Mapping[str, Any]) -> tuple[Record | None, list[Fault]]:
    """The record, or the faults that keep it from being one."""
    if not isinstance(document, Mapping):
        return None, [Fault("a record is an object")]
    kind = document.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        return None, [Fault(f"kind is {_short(kind)}", key="kind", hint=f"kinds: {', '.join(KINDS)}")]
    specs = _SPECS[kind]
    where = f"{kind} {document['id']}" if isinstance(document.get("id"), str) else kind
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for name, value in document.items():
        if name == "kind":
            continue
        spec = specs.get(name)
        if spec is None:
            faults.append(Fault("no such field", key=f"{where}.{name}", hint=f"fields: {', '.join(specs)}"))
            continue
        if value is None:
            continue
        try:
            values[_attribute(name)] = _read(spec, value)
        except ValueError as error:
            faults.append(Fault(str(error), key=f"{where}.{name}"))
    if faults:
        return None, faults
    record = KINDS[kind](**values)
    faults = check(record)
    return (None, faults) if faults else (record, [])


def check(record: Record) -> list[Fault]:
    """Every fault of a record taken alone; what it points at is checked when it is added to a ledger."""
    wrongs: list[tuple[str, str]] = []
    for attribute, name, spec in _CHECKS[record.kind]:
        value = getattr(record, attribute)
        if value is None or value == "" or value == ():
            if spec.required:
                wrongs.append((name, f"is missing: {spec.help}"))
        elif spec.form == "text" and not spec.choices:
            if (len(value) > LONGEST_TEXT or not value.isascii()) and (wrong := _bad_text(value)):
                wrongs.append((name, wrong))
        elif wrong := wrong_value(spec, value):
            wrongs.append((name, wrong))
    wrongs = wrongs or _JOINT[record.kind](record)
    if not wrongs:
        return []
    where = f"{record.kind} {record.id}" if record.id else record.kind
    return [Fault(what, key=f"{where}.{name}") for name, what in wrongs]


def _read(spec: Field, value: Any) -> Any:
    """A JSON value in the Python type of its field; ValueError says what it should be."""
    form = spec.form
    if form in ("text", "id", "ref", "instant", "date"):
        if not isinstance(value, str):
            raise ValueError(f"is {_short(value)}, not text")
        return value
    if form == "number":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"is {_short(value)}, not a number")
        return value
    if form == "bool":
        if not isinstance(value, bool):
            raise ValueError(f"is {_short(value)}, not true or false")
        return value
    if not isinstance(value, list | tuple):
        raise ValueError(f"is {_short(value)}, not a list")
    if form in ("refs", "texts"):
        if not all(isinstance(each, str) for each in value):
            raise ValueError("is not a list of texts")
        return tuple(value)
    if form == "chain":
        return tuple(_step(each) for each in value)
    if form == "reliability":
        return tuple(_rating(each) for each in value)
    if form == "rings":
        try:
            return tuple(tuple((float(lat), float(lon)) for lat, lon in ring) for ring in value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError("is not a list of rings of [lat, lon]") from None
    if form == "span" and (len(value) != 2 or not all(type(each) is int for each in value)):
        raise ValueError("is not two whole numbers")
    return tuple(value)


def _step(value: Any) -> Step:
    if isinstance(value, str):
        return Step(value)
    if isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(each, str) for each in value):
        return Step(value[0], value[1])
    raise ValueError(f"holds {_short(value)}, not [source, relation]")


def _rating(value: Any) -> Rating:
    if isinstance(value, str):
        return Rating(value)
    known = {each.name for each in dataclasses.fields(Rating)}
    if (
        isinstance(value, Mapping)
        and "letter" in value
        and set(value) <= known
        and all(isinstance(each, str) for each in value.values())
    ):
        return Rating(**value)
    raise ValueError(f"holds {_short(value)}, not an object of {', '.join(sorted(known))}")


def wrong_value(spec: Field, value: Any) -> str | None:
    """What is wrong with a value of the right type for a field, or None."""
    form = spec.form
    if spec.choices:
        if value in spec.choices:
            return None
        return f"is {_short(value)}; it can be {', '.join(str(each) for each in spec.choices)}"
    if form == "text":
        return _bad_text(value)
    if form in ("id", "ref"):
        return None if ID.fullmatch(value) else _bad_id(value)
    if form == "number":
        if not math.isfinite(value):
            return f"is {value}, not a number"
        if spec.low is not None and value < spec.low:
            return f"is {value}; it is at least {spec.low:g}"
        if spec.high is not None and value > spec.high:
            return f"is {value}; it is at most {spec.high:g}"
        return None
    if form == "instant":
        return None if _INSTANT.fullmatch(value) and _is_date(value) else _bad_instant(value)
    if form == "date":
        if _DATE.fullmatch(value) and _is_date(value):
            return None
        return f"is {_short(value)}, not a date such as 2020-12, 2020-12-10 or 2020-12-10T09:25Z"
    if form == "texts":
        return next((wrong for each in value if (wrong := _bad_text(each))), None)
    if form == "refs":
        return next((_bad_id(each) for each in value if not ID.fullmatch(each)), None)
    if form == "chain":
        for step in value:
            if not ID.fullmatch(step.source):
                return _bad_id(step.source)
            if step.relation not in STEPS:
                return f"holds the relation {_short(step.relation)}; it can be {', '.join(STEPS)}"
    elif form == "reliability":
        for rating in value:
            if rating.letter not in RELIABILITY:
                return f"holds the letter {_short(rating.letter)}; it can be {', '.join(RELIABILITY)}"
            if rating.date and not (_DATE.fullmatch(rating.date) and _is_date(rating.date)):
                return f"holds the date {_short(rating.date)}"
            if wrong := _bad_text(rating.topic + rating.coder):
                return wrong
    elif form == "rings":
        return _bad_rings(value)
    elif form == "row":
        return _bad_row(value)
    return None


def _bad_text(value: str) -> str | None:
    if len(value) > LONGEST_TEXT:
        return f"is {len(value):,} characters long; the limit is {LONGEST_TEXT:,}"
    if value.isascii():
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return "holds half a surrogate pair, which is not a character"
    return None


def _bad_row(cells: tuple[Any, ...]) -> str | None:
    for cell in cells:
        if isinstance(cell, str):
            if (len(cell) > LONGEST_TEXT or not cell.isascii()) and (wrong := _bad_text(cell)):
                return wrong
        elif not (cell is None or isinstance(cell, int | float | bool | list | dict)):
            return f"holds {_short(cell)}"
    return None


def _bad_id(value: str) -> str:
    return f"is {_short(value)}; a name is letters, digits and . _ : ~ -, at most 80, and begins with a letter or digit"


def _bad_instant(value: str) -> str:
    return f"is {_short(value)}, not an instant such as 2020-12-10T00:00:00Z"


def _bad_rings(rings: Any) -> str | None:
    for ring in rings:
        if len(ring) < 4 or ring[0] != ring[-1]:
            return "holds a ring that is not closed (four points or more, the last equal to the first)"
        if not all(-90 <= lat <= 90 and -180 <= lon <= 180 for lat, lon in ring):
            return "holds a point outside latitude -90..90, longitude -180..180"
    return None


def _is_date(value: str) -> bool:
    """Whether the day and the clock exist; `value` has the right shape."""
    try:
        datetime.fromisoformat(value if len(value) >= 10 else (value + "-01-01")[:10])
    except ValueError:
        return False
    return True


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _nothing(record: Any) -> list[tuple[str, str]]:
    return []


def _check_report(report: Report) -> list[tuple[str, str]]:
    faults = []
    if report.text_sha256 and not re.fullmatch(r"[0-9a-f]{64}", report.text_sha256):
        faults.append(("text_sha256", "is not 64 hexadecimal digits"))
    if report.columns is not None and (report.row is None or len(report.columns) != len(report.row)):
        faults.append(("columns", "does not name the cells of the row one by one"))
    return faults


def _check_claim(claim: Claim) -> list[tuple[str, str]]:
    if claim.span is not None and not 0 <= claim.span[0] < claim.span[1]:
        return [("span", f"is {claim.span[0]}..{claim.span[1]}; it runs from a character to a later one")]
    if not (claim.text or claim.paraphrase):
        return [("text", "is missing, and so is paraphrase: say what is claimed")]
    return []


def _check_event(event: Event) -> list[tuple[str, str]]:
    return [("trigger", "is for flights")] if event.trigger and event.type != "flight" else []


def _check_link(link: Link) -> list[tuple[str, str]]:
    faults = []
    if link.from_ == link.to:
        faults.append(("to", "is the record itself"))
    if link.p is not None and link.relation != "maybe same":
        faults.append(("p", f"is for `maybe same`, not for `{link.relation}`"))
    if link.relation == "replaces" and not link.reason:
        faults.append(("reason", "is missing: say why the record is replaced"))
    return faults


def _check_time(time: Time) -> list[tuple[str, str]]:
    given = [
        (name, value)
        for name in ("start_earliest", "start_latest", "end_earliest", "end_latest")
        if (value := getattr(time, name))
    ]
    if not given and not (time.text or time.edtf):
        return [("text", "is missing, and so is every bound: a time says something")]
    known = time.zone not in ("", UNKNOWN_ZONE)
    for name, value in given:
        if value.endswith("Z") != known:
            return [(name, "ends in Z, but zone is unknown" if not known else "is UTC here: it ends in Z")]
    faults = []
    for first, then in (
        ("start_earliest", "start_latest"),
        ("end_earliest", "end_latest"),
        ("start_earliest", "end_latest"),
    ):
        a, b = getattr(time, first), getattr(time, then)
        if a and b and a > b:
            faults.append((then, f"is {b}, before {first} {a}"))
    return faults


def _check_place(place: Place) -> list[tuple[str, str]]:
    if (place.lat is None) != (place.lon is None):
        return [("lon" if place.lon is None else "lat", "is missing: a point has both")]
    if place.radius_m is not None and place.lat is None:
        return [("radius_m", "is given without a point")]
    if place.lat is None and not (place.rings or place.name or place.text):
        return [("name", "is missing, and so are point and outline: a place says something")]
    return []


def _check_count(count: Count) -> list[tuple[str, str]]:
    if count.lo is None and count.hi is None and count.best is None and not count.text:
        return [("lo", "is missing, and so are hi, best and text: a count says something")]
    faults = []
    if count.lo is not None and count.hi is not None and count.lo > count.hi:
        faults.append(("hi", f"is {count.hi:g}, less than lo {count.lo:g}"))
    return faults


_JOINT: dict[str, Any] = {
    "entity": _nothing,
    "report": _check_report,
    "claim": _check_claim,
    "event": _check_event,
    "link": _check_link,
    "time": _check_time,
    "place": _check_place,
    "count": _check_count,
    "assessment": _nothing,
}
_SPECS = {kind: fields_of(kind) for kind in KINDS}
_REFERENCES = {
    kind: [(name, spec) for name, spec in specs.items() if spec.refs] for kind, specs in _SPECS.items()
}
_JSON = {
    kind: [
        (each.name, json_name(each.name), each.metadata["field"].form, each.default)
        for each in dataclasses.fields(cls)
    ]
    for kind, cls in KINDS.items()
}
_CHECKS = {
    kind: [(each.name, json_name(each.name), each.metadata["field"]) for each in dataclasses.fields(cls)]
    for kind, cls in KINDS.items()
}
