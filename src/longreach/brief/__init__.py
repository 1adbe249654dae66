"""The brief: a plan document turned into a page and a summary that a stranger understands.

Works on the plan document alone, plus the shipped airspace (to draw the closed areas) and the airport
table (names and local clocks). Nothing is computed here that decides anything: every figure is the plan's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longreach.errors import Fault, InputError

FLOWN_SCHEMA = "longreach.flown/1"

__all__ = ["More", "more", "pdf_files", "picture", "render", "route_map", "summary"]


@dataclass(frozen=True, slots=True)
class More:
    """What may be shown beside the plan itself.

    flown : a `longreach.flown/1` document, how a second engine flew the plan
    firs : GeoJSON geometries of flight information regions by id, from the user's own file
    """

    flown: Mapping[str, Any] | None = None
    firs: Mapping[str, Any] | None = None


def more(*, flown: Path | None = None, firs: Mapping[str, Any] | None = None) -> More:
    """What lies beside a plan, read: `flown` is a file that need not be there.

    Raises: InputError where the file is there and cannot be read.
    """
    found = None
    if flown is not None and flown.is_file():
        try:
            found = json.loads(flown.read_bytes())
        except (OSError, ValueError) as error:
            raise InputError(
                Fault(
                    f"cannot be read: {error}",
                    file=str(flown),
                    hint="remove it, or fly the plan again: longreach export PLAN --fly",
                )
            ) from error
        if not isinstance(found, dict) or found.get("schema") != FLOWN_SCHEMA:
            raise InputError(
                Fault(
                    f"is not {FLOWN_SCHEMA!r}",
                    file=str(flown),
                    hint="remove it, or fly the plan again: longreach export PLAN --fly",
                )
            )
    return More(found, firs)


def render(document: Mapping[str, Any], beside: More = More()) -> str:
    """One self-contained HTML page; see `longreach.brief.page.render`."""
    from longreach.brief import page

    return page.render(document, beside)


def pdf_files(document: Mapping[str, Any], beside: More = More()) -> dict[str, bytes]:
    """The A4 pack and the A5 cards by file name; see `longreach.brief.pdf.render`."""
    from longreach.brief import pdf

    return pdf.render(document, beside)


def summary(document: Mapping[str, Any], width: int | None = None, colour: bool = False) -> str:
    """The plan in a screenful of text; see `longreach.brief.terminal.summary`."""
    from longreach.brief import terminal

    return terminal.summary(document, width, colour)


def picture(document: Mapping[str, Any], size: float = 720.0) -> str:
    """A standalone SVG of a whole plan on the globe; see `longreach.brief.maps.picture`."""
    from longreach.brief import maps, reading

    return maps.picture(reading.read(document), size)


def route_map(path_lat: Any, path_lon: Any, closures: Iterable[Any] = (), title: str = "Route") -> str:
    """A standalone SVG of one route; see `longreach.brief.globe.route_map`."""
    from longreach.brief import globe

    return globe.route_map(path_lat, path_lon, closures, title)
