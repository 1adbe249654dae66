"""UCDP Georeferenced Event Dataset: the 49 columns of 23.1, the 46 properties of its GeoJSON, the 45 of HDX.

Only events that killed someone are in it: rows say nothing of attacks that killed nobody. `number_of_sources` -1 means
that the number was not recorded, not that there was none. Layouts: UCDP GED codebook 23.1 for the columns; the HDX
export adds a row of HXL tags under its heading; some candidate releases come without a heading.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from longreach.ledger.imports.dates import iso, read_span
from longreach.ledger.imports.incident import Incident, Number
from longreach.ledger.records import Entity

NAME = "ucdp"
PUBLISHER = Entity(
    id="UCDP",
    name="Uppsala Conflict Data Program, Georeferenced Event Dataset",
    type="data set",
    note="codes news and other reports; lethal events only",
)
LICENCE = "CC BY 4.0; cite Sundberg and Melander 2013"


def columns_of(words: str) -> tuple[str, ...]:
    """Names of columns, written one after the other."""
    return tuple(words.split())


COLUMNS_49 = columns_of(
    """id relid year active_year code_status type_of_violence conflict_dset_id conflict_new_id
    conflict_name dyad_dset_id dyad_new_id dyad_name side_a_dset_id side_a_new_id side_a side_b_dset_id
    side_b_new_id side_b number_of_sources source_article source_office source_date source_headline
    source_original where_prec where_coordinates where_description adm_1 adm_2 latitude longitude
    geom_wkt priogrid_gid country country_id region event_clarity date_prec date_start date_end deaths_a
    deaths_b deaths_civilians deaths_unknown best high low gwnoa gwnob"""
)
COLUMNS_45 = columns_of(
    """id year active_year start_year end_year type_of_violence conflict_new_id conflict_name dyad_new_id
    dyad_name side_a_new_id gwnoa side_a side_b_new_id gwnob side_b number_of_sources source_article
    source_office source_date source_headline source_original where_prec where_coordinates adm_1 adm_2
    latitude longitude geom_wkt priogrid_gid country country_id iso3 region event_clarity date_prec
    date_start date_end deaths_a deaths_b deaths_civilians deaths_unknown low best high"""
)
COLUMNS_46 = tuple(name for name in COLUMNS_49 if name not in ("latitude", "longitude", "geom_wkt"))
NEEDED = {
    "id",
    "type_of_violence",
    "date_start",
    "date_end",
    "date_prec",
    "where_prec",
    "best",
    "high",
    "low",
}
VIOLENCE = {"1": "state-based conflict", "2": "non-state conflict", "3": "one-sided violence"}
# The radius we draw and search with for each where_prec. The codebook says 25 km for class 2; the others name an
# area (district, province, line, country), and the radius is our stand-in for it, not a measurement.
WHERE = {
    "1": ("exact place", 5_000.0),
    "2": ("within about 25 km of the point", 25_000.0),
    "3": ("somewhere in the district", 50_000.0),
    "4": ("somewhere in the province", 150_000.0),
    "5": ("along a line or in a loose area", 100_000.0),
    "6": ("somewhere in the country", 500_000.0),
    "7": ("in international waters or airspace", 500_000.0),
}
WHEN = {
    "1": "the day is known",
    "2": "within two to six days",
    "3": "within the week",
    "4": "within the month",
    "5": "within more than a month",
}


def recognise(columns: tuple[str, ...], first: tuple[Any, ...]) -> tuple[tuple[str, ...], bool] | None:
    """The columns and whether the first row is a heading; None where this is no UCDP file."""
    names = tuple(str(name).strip() for name in columns)
    if set(names) >= NEEDED:
        return names, True
    for known in (COLUMNS_49, COLUMNS_46, COLUMNS_45):
        if len(columns) == len(known) and _looks_like(dict(zip(known, names, strict=True))):
            return known, False
    return None


def _looks_like(row: Mapping[str, str]) -> bool:
    return (
        row["id"].isdigit()
        and row["type_of_violence"] in VIOLENCE
        and row["date_prec"] in WHEN
        and row["where_prec"] in WHERE
        and row["date_start"][:4].isdigit()
    )


def read(row: Mapping[str, Any]) -> Incident:
    """One row of whichever layout. ValueError says what is wrong with it."""
    id = _text(row, "id")
    if not (id.isascii() and id.isdigit()) or len(id) > 20:
        raise ValueError(f"id is {id[:40]!r}, not a number")
    start, _, _ = _day(row, "date_start")
    last, end, _ = _day(row, "date_end")
    if last < start:
        raise ValueError(f"date_end {_text(row, 'date_end')} is before date_start {_text(row, 'date_start')}")
    precision = _choice(row, "date_prec", WHEN)
    where = _choice(row, "where_prec", WHERE)
    lat, lon = _point(row)
    count, remark = _killed(row)
    a, b = _text(row, "side_a"), _text(row, "side_b")
    dyad = _text(row, "dyad_name") or f"{a} - {b}"
    place = _text(row, "where_coordinates") or _text(row, "country")
    days = _text(row, "date_start")[:10], (end - timedelta(days=1)).date().isoformat()
    offices = list(
        dict.fromkeys(each.strip() for each in _text(row, "source_office").split(";") if each.strip())
    )
    notes = []
    if len(offices) > 1:
        notes.append(f"sources: {'; '.join(offices)}")
    if original := _text(row, "source_original").strip():
        notes.append(f"original source as named by UCDP: {original}")
    if (number := _text(row, "number_of_sources")) not in ("", "-1"):
        notes.append(f"number of sources: {number}")
    violence = VIOLENCE.get(_text(row, "type_of_violence"))
    if violence is None:
        raise ValueError(f"type_of_violence is {_text(row, 'type_of_violence')[:20]!r}, not 1, 2 or 3")
    return Incident(
        key=f"ucdp-{id}",
        publisher=PUBLISHER.id,
        title=f"{dyad}, {place}",
        paraphrase=f"{violence}: {dyad}; {count.best:g} killed by UCDP's best figure",
        subject=a,
        object=b,
        behind=((offices[0], "news"),) if len(offices) == 1 else (),
        start=iso(start, False),
        end=iso(end, False),
        edtf=days[0] if days[0] == days[1] else "/".join(days),
        when_basis=f"UCDP date_prec {precision}: {WHEN[precision]}",
        lat=lat,
        lon=lon,
        radius_m=None if lat is None else WHERE[where][1],
        place=place,
        precision=f"UCDP where_prec {where}: {WHERE[where][0]}",
        numbers=(count,),
        rights="free",
        licence=LICENCE,
        note="; ".join(notes),
        remarks=(remark,) if remark else (),
    )


def _killed(row: Mapping[str, Any]) -> tuple[Number, str]:
    low, best, high = (_whole(row, name) for name in ("low", "best", "high"))
    lo, hi = min(low, best, high), max(low, best, high)
    basis = remark = ""
    if not low <= best <= high:
        basis = f"UCDP gives low {low}, best {best}, high {high}, out of order; read as the interval that holds all three"
        remark = "low, best and high are out of order; read as the interval that holds all three"
    return Number(unit="killed", lo=lo, hi=hi, best=best, basis=basis), remark


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else "" if value is None else str(value)


def _whole(row: Mapping[str, Any], name: str) -> int:
    text = _text(row, name).strip()
    try:
        value = int(text[:-2] if text.endswith(".0") else text)
    except ValueError:
        raise ValueError(f"{name} is {text[:40]!r}, not a whole number") from None
    if not 0 <= value <= 10**8:
        raise ValueError(f"{name} is {value}, outside 0 to 100,000,000")
    return value


def _choice(row: Mapping[str, Any], name: str, known: Mapping[str, Any]) -> str:
    value = _text(row, name).strip()
    if value not in known:
        raise ValueError(f"{name} is {value[:20]!r}; it can be {', '.join(known)}")
    return value


def _day(row: Mapping[str, Any], name: str) -> tuple[Any, Any, bool]:
    try:
        return read_span(_text(row, name))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _point(row: Mapping[str, Any]) -> tuple[float | None, float | None]:
    geometry = row.get("geometry")
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        found = geometry.get("coordinates")
        if not (isinstance(found, list) and len(found) >= 2):
            raise ValueError("geometry is a point without coordinates")
        lon, lat = found[:2]
    else:
        lat, lon = row.get("latitude", ""), row.get("longitude", "")
        if lat in ("", None) and lon in ("", None):
            return None, None
    return number(lat, "latitude", 90.0), number(lon, "longitude", 180.0)


def number(value: Any, name: str, most: float) -> float:
    """A finite number within -most..most. ValueError names it."""
    try:
        if isinstance(value, bool):
            raise ValueError
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} is {str(value)[:40]!r}, not a number") from None
    if not -most <= found <= most:
        raise ValueError(f"{name} is {found:g}, outside {-most:g} to {most:g}")
    return found
