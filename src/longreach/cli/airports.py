"""`longreach airports show|search|list`"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from longreach.cli import PLAIN
from longreach.cli._output import Json, emit, table
from longreach.units import FOOT
from longreach.world import airports
from longreach.world.airports import Place

app = typer.Typer(**PLAIN, help="Look up airports, their positions and runways.")

_LIMIT = 40


def _document(place: Place) -> dict[str, Any]:
    return {
        "icao": place.code,
        "iata": place.iata,
        "name": place.name,
        "city": place.city,
        "country": place.country,
        "lat": place.lat,
        "lon": place.lon,
        "elevation_ft": round(place.elevation_m / FOOT, 1),
        "tz": place.tz,
        "runway_ft": round(place.runway_m / FOOT) if place.runway_m else None,
    }


def _runway(place: Place) -> str:
    return f"{place.runway_m / FOOT:,.0f} ft" if place.runway_m else "not known"


def _rows(places: list[Place]) -> list[tuple[str, ...]]:
    return [
        (p.code, p.iata, p.country, f"{p.lat:.4f}", f"{p.lon:.4f}", p.name, f"runway {_runway(p)}")
        for p in places
    ]


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="ICAO or IATA code, or lat,lon.")],
    as_json: Json = False,
) -> None:
    """Show one airport."""
    place = airports.find(code)
    note, runway = airports.note(code), airports.runway_source(place.code)
    if as_json:
        source = airports.data_identity()
        document = _document(place) if place.is_airport else {"lat": place.lat, "lon": place.lon}
        emit(
            {
                "schema": "longreach.airport/1",
                **document,
                "note": note,
                "source": source,
                "runway_source": runway,
            }
        )
        return
    if not place.is_airport:
        print(f"{place.code}: a bare position")
        return
    table(
        [
            ("name", place.name),
            ("codes", f"{place.code} (ICAO)" + (f", {place.iata} (IATA)" if place.iata else "")),
            ("where", ", ".join(part for part in (place.city, place.country) if part)),
            ("position", f"{place.lat:.6f}, {place.lon:.6f}"),
            ("elevation", f"{place.elevation_m / FOOT:,.0f} ft"),
            ("time zone", place.tz),
            ("runway", f"{_runway(place)} (length only; strength, hours and leave to land are not known)"),
            ("source", airports.SOURCE + (f"; runway: {runway}" if runway else "")),
        ]
    )
    if note:
        print(note)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="Words of the name, the city or the code.")],
    country: Annotated[str | None, typer.Option("--country", help="ISO alpha-2 code.")] = None,
    as_json: Json = False,
) -> None:
    """Search airports by name or city."""
    found = airports.search(" ".join(words), country)
    if as_json:
        emit({"schema": "longreach.airports/1", "airports": [_document(place) for place in found]})
    else:
        table(_rows(found[:_LIMIT]), right=(3, 4))
        if len(found) > _LIMIT:
            print(f"and {len(found) - _LIMIT:,} more; add a word or --country")
    if not found:
        if not as_json:
            print("no airport matches", file=sys.stderr)
        raise typer.Exit(1)


@app.command("list")
def list_(
    country: Annotated[
        str | None, typer.Option("--country", help="ISO alpha-2 code: every airport there.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the airports whose runway length is known, or all of one country."""
    places = airports.search("", country) if country else list(airports.with_runway())
    if as_json:
        emit({"schema": "longreach.airports/1", "airports": [_document(place) for place in places]})
    else:
        table(_rows(places), right=(3, 4))
