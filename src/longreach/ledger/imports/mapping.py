"""Any other table: which column holds what, kept as a profile by name.

    date = "Datum"          lat = "Breite"        lon = "Länge"        title = "Ereignis"

A profile is a TOML file in the user's configuration folder (`LONGREACH_CONFIG` overrides it), so that the next file of
the same sender needs its name only. What a profile may say is PARTS.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from longreach.errors import Fault, InputError
from longreach.ledger.imports.dates import iso, read_span
from longreach.ledger.imports.incident import Incident, Number, name_of
from longreach.ledger.imports.ucdp import number
from longreach.ledger.records import EVENT_TYPES, RIGHTS, Entity

# What a column can hold.
PARTS = {
    "id": "the row's own name or number",
    "date": "day or instant; of the start where `end` is given too",
    "end": "day or instant of the end",
    "lat": "latitude, degrees",
    "lon": "longitude, degrees",
    "radius_m": "how good the point is, metres",
    "place": "name of the place",
    "title": "what to call it",
    "text": "the words as printed",
    "source": "who reported it",
    "url": "address of the report",
    "count": "a number of `unit`",
    "count_lo": "at least so many",
    "count_hi": "at most so many",
    "subject": "who did it",
    "object": "to whom or what",
    "note": "remark",
}
ORDERS = ("dmy", "mdy")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_ZONE = re.compile(r"([+-])(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class Profile:
    """How a table is read. `columns` is part -> name of the column that holds it."""

    name: str
    columns: dict[str, str]
    publisher: str = ""  # who made the table; its name where left out
    event: str = "incident"  # kind of event a row is, or "none": a report only
    unit: str = "attacks"
    dates: str = ""  # dmy or mdy, where a date of three numbers could be either
    zone: str = "unknown"  # UTC, +03:00 or unknown
    rights: str = "quote"
    licence: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def check(profile: Profile, file: str | None = None) -> Profile:
    """The profile, or InputError with all that is wrong in it."""
    faults = []

    def wrong(key: str, what: str, hint: str | None = None) -> None:
        faults.append(Fault(what, file=file, key=key, hint=hint))

    if not _NAME.fullmatch(profile.name):
        wrong("name", f"is {profile.name!r}; letters, digits, _ and -, at most 40")
    for part in profile.columns:
        if part not in PARTS:
            wrong(f"columns.{part}", "is nothing a column can hold", f"known: {', '.join(PARTS)}")
    if "date" not in profile.columns:
        wrong("columns.date", "is missing: which column holds the date?")
    if ("lat" in profile.columns) != ("lon" in profile.columns):
        wrong("columns.lat", "and lon come together")
    if profile.event not in (*EVENT_TYPES, "none"):
        wrong("event", f"is {profile.event!r}; it can be {', '.join(EVENT_TYPES)} or none")
    if profile.dates not in ("", *ORDERS):
        wrong("dates", f"is {profile.dates!r}; it can be dmy or mdy")
    if profile.rights not in RIGHTS:
        wrong("rights", f"is {profile.rights!r}; it can be {', '.join(RIGHTS)}")
    if profile.zone not in ("unknown", "UTC") and not _ZONE.fullmatch(profile.zone):
        wrong("zone", f"is {profile.zone!r}; it can be UTC, an offset such as +03:00, or unknown")
    for name in profile.extra:
        wrong(
            name,
            "is nothing a profile says",
            "name, publisher, event, unit, dates, zone, rights, licence, columns",
        )
    if faults:
        raise InputError(faults)
    return profile


def publisher(profile: Profile) -> Entity:
    """Who made the table."""
    words = profile.publisher or profile.name
    return Entity(id=name_of(words, "source:"), name=words, type="other")


def read(row: Mapping[str, Any], profile: Profile, key: str, order: str | None = None) -> Incident:
    """One row. `key` names it where the profile has no `id` column. ValueError says what is wrong."""

    def get(part: str) -> str:
        column = profile.columns.get(part)
        value = row.get(column) if column else None
        return "" if value is None else str(value).strip()

    id = get("id")
    prefix = f"{profile.name}-"
    start, end, known = _span(get("date"), profile, order, profile.columns["date"])
    if get("end"):
        last, end, _ = _span(get("end"), profile, order, profile.columns["end"])
        if last < start:
            raise ValueError(
                f"{profile.columns['end']} {get('end')} is before {profile.columns['date']} {get('date')}"
            )
    lat = lon = radius = None
    if get("lat") or get("lon"):
        lat = number(get("lat"), profile.columns["lat"], 90.0)
        lon = number(get("lon"), profile.columns["lon"], 180.0)
        if get("radius_m"):
            radius = number(get("radius_m"), profile.columns["radius_m"], 2.1e7)
            if radius < 0:
                raise ValueError(f"{profile.columns['radius_m']} is {radius:g}, less than 0")
    numbers: tuple[Number, ...] = ()
    if any(get(part) for part in ("count", "count_lo", "count_hi")):
        best, lo, hi = (
            _count(get(part), profile.columns.get(part, part)) for part in ("count", "count_lo", "count_hi")
        )
        if lo is not None and hi is not None and lo > hi:
            raise ValueError(
                f"{profile.columns['count_lo']} {lo:g} is more than {profile.columns['count_hi']} {hi:g}"
            )
        if best is not None and lo is None and hi is None:
            lo = hi = best
        numbers = (Number(unit=profile.unit, lo=lo, hi=hi, best=best, text=get("count")),)
    title = get("title") or get("text")[:80] or get("place") or f"row {key}"
    first, until = start.date().isoformat(), (end - timedelta(seconds=1)).date().isoformat()
    return Incident(
        key=name_of(id, prefix) if id else prefix + key,
        publisher=publisher(profile).id,
        event=None if profile.event == "none" else profile.event,
        topic="incident" if profile.event == "none" else profile.event,
        title=title,
        paraphrase=title,
        text=get("text"),
        url=get("url"),
        subject=get("subject"),
        object=get("object"),
        behind=((get("source"), "other"),) if get("source") else (),
        start=iso(start, known),
        end=iso(end, known),
        zone=profile.zone if known and profile.zone != "unknown" else "UTC" if known else "unknown",
        edtf=first if first == until else f"{first}/{until}",
        when=get("date"),
        lat=lat,
        lon=lon,
        radius_m=radius,
        place=get("place"),
        numbers=numbers,
        rights=profile.rights,
        licence=profile.licence,
        note=get("note"),
    )


def _span(text: str, profile: Profile, order: str | None, column: str) -> tuple[datetime, datetime, bool]:
    if not text:
        raise ValueError(f"{column} is empty")
    try:
        start, end, known = read_span(text, profile.dates or order)
    except ValueError as error:
        raise ValueError(f"{column}: {error}") from None
    if known or profile.zone == "unknown":
        return start, end, known
    found = _ZONE.fullmatch(profile.zone)
    offset = timedelta(0)
    if found:
        offset = timedelta(hours=int(found[2]), minutes=int(found[3])) * (1 if found[1] == "+" else -1)
        timezone(offset)  # ValueError where there is no such offset
    try:
        return start - offset, end - offset, True
    except OverflowError:
        raise ValueError(f"{column}: {text[:40]!r} is not a day that exists") from None


def _count(text: str, column: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text.replace(",", "")) if re.fullmatch(r"\d{1,3}(,\d{3})+", text) else float(text)
    except ValueError:
        raise ValueError(f"{column} is {text[:40]!r}, not a number") from None
    if not 0 <= value <= 1e12:
        raise ValueError(f"{column} is {value:g}, outside 0 to 1e12")
    return int(value) if value == int(value) else value


# -- profiles on disk -----------------------------------------------------------------------------------------


def folder() -> Path:
    """Where profiles are kept."""
    given = os.environ.get("LONGREACH_CONFIG")
    if given:
        return Path(given) / "ledger-profiles"
    import platformdirs

    return Path(platformdirs.user_config_dir("longreach")) / "ledger-profiles"


def known() -> list[str]:
    """The names of the profiles kept."""
    return sorted(path.stem for path in folder().glob("*.toml"))


def parse(text: str, name: str, file: str | None = None) -> Profile:
    """The profile a TOML text holds."""
    import tomllib

    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(Fault(f"is not TOML: {error}", file=file)) from error
    columns = found.pop("columns", {})
    words = {
        key: found.pop(key)
        for key in ("publisher", "event", "unit", "dates", "zone", "rights", "licence")
        if key in found
    }
    found.pop("name", None)
    if not isinstance(columns, dict) or not all(
        isinstance(each, str) for each in (*columns.values(), *words.values())
    ):
        raise InputError(Fault("holds something that is not text where text is meant", file=file))
    return check(Profile(name=name, columns=columns, extra=found, **words), file)


def load(name: str) -> Profile:
    """A profile kept by name, or the file of that path.

    Raises: InputError where there is none, or what is wrong in it.
    """
    path = Path(name) if name.endswith(".toml") else folder() / f"{name}.toml"
    if not name.endswith(".toml") and not _NAME.fullmatch(name):
        raise InputError(
            Fault(f"{name!r} is not the name of a profile", hint=f"kept: {', '.join(known()) or 'none'}")
        )
    try:
        return parse(path.read_text("utf-8"), path.stem, str(path))
    except FileNotFoundError:
        raise InputError(
            Fault(
                f"there is no profile {name!r}", hint=f"kept: {', '.join(known()) or 'none'}; --map makes one"
            )
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Fault(f"cannot read: {error}", file=str(path))) from error


def write(profile: Profile) -> str:
    """A profile as TOML."""
    import tomlkit

    document = tomlkit.document()
    for name in ("publisher", "event", "unit", "dates", "zone", "rights", "licence"):
        if getattr(profile, name) != Profile.__dataclass_fields__[name].default:
            document[name] = getattr(profile, name)
    document["columns"] = dict(profile.columns)
    return tomlkit.dumps(document)


def save(profile: Profile) -> Path:
    """Keep a profile by its name, over one of the same name; returns its file."""
    from longreach.document import write_atomically

    check(profile)
    path = folder() / f"{profile.name}.toml"
    write_atomically(path, write(profile).encode())
    return path


def remove(name: str) -> None:
    """Forget a profile. InputError where there is none."""
    load(name)
    (folder() / f"{name}.toml").unlink()
