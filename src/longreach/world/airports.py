"""Places by ICAO code, IATA code or "lat,lon" text.

Positions, elevations and time zones come from the `airportsdata` package (MIT licence, compiled from
public sources); runway lengths for some fields from OurAirports (public domain) and the sources named in
`data/runways.csv`. Length only: nothing here speaks of pavement strength, opening hours or leave to land.

One look-up is a byte search in the package's own CSV file (about 2 ms), so no cache is needed; the
whole table is parsed only to search it or to suggest a code.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources, util
from pathlib import Path

from longreach.errors import DataError, Fault, InputError
from longreach.units import FOOT, parse_position

SOURCE = "airportsdata (MIT licence)"


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the earth that a flight may leave from, go to or land at.

    Parameters
    ----------
    code : ICAO code, or "lat,lon" text to six decimals for a bare position
    name : airport name, or the same text
    lat, lon : degrees, WGS84, lon in [-180, 180)
    elevation_m : of the field; 0 for a bare position
    country : ISO alpha-2, "" for a bare position
    tz : IANA time zone, "" for a bare position
    runway_m : the longest runway where it is known, else None
    iata, city : "" where there is none
    """

    code: str
    name: str
    lat: float
    lon: float
    elevation_m: float
    country: str
    tz: str
    runway_m: float | None
    iata: str = ""
    city: str = ""

    @property
    def is_airport(self) -> bool:
        """False for a bare position."""
        return bool(self.country)


def find(text: str) -> Place:
    """The place an ICAO code, an IATA code or "lat,lon" text stands for; case does not matter.

    Raises: InputError with a suggestion where no airport has that code, UnitError where the position
    is off the globe.

    >>> find("bad").name
    'Barksdale Afb Airport'
    >>> find("-33.9,151.2").lat
    -33.9
    """
    point = parse_position(text)
    if point is not None:
        return position(*point)
    code = text.strip().upper()
    row = _row(code)
    if row is None:
        raise InputError(_unknown(text.strip()))
    return _place(row)


def position(lat: float, lon: float, name: str | None = None) -> Place:
    """A bare position as a Place; its code is the position to six decimals.

    >>> position(26.0, 51.9).code
    '26,51.9'
    """
    code = f"{_short(lat)},{_short(lon)}"
    return Place(code, name or code, lat, lon, 0.0, "", "", None)


def note(text: str) -> str | None:
    """What else a code may stand for, in one sentence, or None.

    A three-letter code can be an airport, a city with several airports and the local (FAA) identifier
    of another field at once; Longreach reads it as the airport and this says so.

    >>> note("TYO") is None
    True
    """
    code = text.strip().upper()
    row = _row(code)
    if row is None or len(code) != 3:
        return None
    others = [
        f"the local identifier of {place.code} ({place.name})"
        for place, local in _all()
        if local == code and place.code != row["icao"]
    ]
    city = [airport for airport in _cities().get(code, ()) if airport != code]
    if city:
        others.append(f"the city code of {', '.join(city)}")
    if not others:
        return None
    return f"{code} is read as the IATA code of {row['icao']}; it is also {' and '.join(others)}"


def every() -> Iterator[Place]:
    """All airports, in the order of their ICAO codes (28 thousand; the first call takes about 0.3 s)."""
    return (place for place, _ in _all())


def search(words: str, country: str | None = None) -> list[Place]:
    """Airports whose code, name or city holds every word, the best known first.

    Case, accents and the abbreviations AFB and AB do not matter.

    >>> [place.code for place in search("barksdale afb")]
    ['KBAD']
    """
    wanted = _plain(words).split()
    found = [
        place
        for place in every()
        if (country is None or place.country == country.upper())
        and all(word in _plain(f"{place.code} {place.iata} {place.name} {place.city}") for word in wanted)
    ]
    return sorted(found, key=lambda place: (place.runway_m is None, not place.iata, place.code))


def with_runway() -> tuple[Place, ...]:
    """The airports whose runway length is known, in the order of their codes."""
    return tuple(find(code) for code in sorted(_runways()))


def runway_source(code: str) -> str | None:
    """Where the runway length of an ICAO code comes from, or None where none is known.

    >>> runway_source("KBAD")
    'OurAirports (public domain)'
    """
    if code not in _runways():
        return None
    source = _runways()[code][1]
    return "OurAirports (public domain)" if source == "ourairports" else source


def data_identity() -> dict[str, str]:
    """Name, version and SHA-256 of the table the places come from."""
    import hashlib
    from importlib.metadata import version

    digest = hashlib.sha256(_table() + _runways_file())
    return {
        "name": "airportsdata + OurAirports runways",
        "version": version("airportsdata"),
        "sha256": digest.hexdigest(),
    }


@cache
def _folder() -> Path:
    """Folder of airportsdata, found without importing it."""
    spec = util.find_spec("airportsdata")
    if spec is None or spec.origin is None:
        raise DataError("the airport table (package airportsdata) is not installed; pip install airportsdata")
    return Path(spec.origin).parent


@cache
def _table() -> bytes:
    try:
        return (_folder() / "airports.csv").read_bytes()
    except OSError as error:
        raise DataError(f"cannot read the airport table: {error}; reinstall airportsdata") from error


@cache
def _header() -> list[str]:
    return next(csv.reader([_table()[:1000].decode("utf8").splitlines()[0]]))


@lru_cache(maxsize=1000)
def _row(code: str) -> dict[str, str] | None:
    """The table's row for an upper-case ICAO or IATA code."""
    if not re.fullmatch(r"[A-Z0-9]{3,4}", code):
        return None
    table = _table()
    mark = f'\n"{code}","' if len(code) == 4 else f'","{code}","'
    at = -1
    while (at := table.find(mark.encode(), at + 1)) >= 0:
        start = at + 1 if len(code) == 4 else table.rfind(b"\n", 0, at) + 1
        end = table.find(b"\n", start)
        line = table[start : end if end >= 0 else len(table)].decode("utf8")
        row = dict(zip(_header(), next(csv.reader([line])), strict=True))
        if code in (row["icao"], row["iata"]):
            return row
    return None


def _place(row: dict[str, str]) -> Place:
    return Place(
        code=row["icao"],
        name=row["name"],
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        elevation_m=round(float(row["elevation"]) * FOOT, 2),
        country=row["country"],
        tz=row["tz"],
        runway_m=_runways()[row["icao"]][0] if row["icao"] in _runways() else None,
        iata=row["iata"],
        city=row["city"],
    )


@cache
def _all() -> tuple[tuple[Place, str], ...]:
    rows = csv.DictReader(_table().decode("utf8").splitlines())
    return tuple((_place(row), row["lid"]) for row in rows)


def _runways_file() -> bytes:
    return (resources.files("longreach.world") / "data" / "runways.csv").read_bytes()


@cache
def _runways() -> dict[str, tuple[float, str]]:
    """Longest runway [m] and its source, by ICAO code."""
    lines = [line for line in _runways_file().decode("utf8").splitlines() if not line.startswith("#")]
    return {
        row["icao"]: (round(float(row["length_ft"]) * FOOT, 2), row["source"])
        for row in csv.DictReader(lines)
    }


@cache
def _cities() -> dict[str, tuple[str, ...]]:
    """IATA codes of the airports of each city that has a code of its own ("LON")."""
    cities: dict[str, list[str]] = {}
    with (_folder() / "iata_macs.csv").open(encoding="utf8", newline="") as stream:
        for row in csv.DictReader(stream):
            cities.setdefault(row["City Code"], []).append(row["Airport Code"])
    return {code: tuple(airports) for code, airports in cities.items()}


def _unknown(text: str) -> Fault:
    """Why `text` is no place, with the nearest codes or names."""
    code = text.upper()
    if code in _cities():
        airports = _either(list(_cities()[code]))
        return Fault(f"{code} is a city with several airports", hint=f"name one: {airports}")
    if re.fullmatch(r"[A-Z0-9]{3,4}", code):
        near = _near(code)
        names = [f"{known} ({_codes()[known].name})" for known in near]
        what = f"no airport has the code {text!r}"
    else:
        names = [f"{place.code} ({place.name})" for place in search(text)[:3]] if len(text) >= 3 else []
        what = f"{text!r} is not a place; write an ICAO or IATA code or 'lat,lon'"
    return Fault(what, hint=f"did you mean {_either(names)}?" if names else None)


def _near(code: str) -> list[str]:
    """At most three codes that differ from `code` by two letters swapped or one letter changed.

    Swaps come first, then fields with a known runway, then those that airlines use.
    """
    swapped = {code[:n] + code[n + 1] + code[n] + code[n + 2 :] for n in range(len(code) - 1)}
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    changed = {code[:n] + letter + code[n + 1 :] for n in range(len(code)) for letter in letters}
    known = [near for near in sorted(swapped | changed) if near in _codes()]
    places = {near: _codes()[near] for near in known}
    known.sort(key=lambda n: (n not in swapped, places[n].runway_m is None, not places[n].iata, n))
    return known[:3]


@cache
def _codes() -> dict[str, Place]:
    return {code: place for place in every() for code in (place.code, place.iata) if code}


def _either(options: list[str]) -> str:
    return options[0] if len(options) == 1 else f"{', '.join(options[:-1])} or {options[-1]}"


def _plain(text: str) -> str:
    """Lower case, no accents, AFB and AB in full, so that names meet."""
    import unicodedata

    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    bare = re.sub(r"\bafb\b", "air force base", bare)
    return re.sub(r"\bab\b", "air base", bare)


def _short(value: float) -> str:
    return f"{round(value, 6) + 0.0:.6f}".rstrip("0").rstrip(".")
