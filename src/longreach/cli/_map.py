"""The map files of the command line: an SVG, or a page that holds it and says what it rests on."""

from __future__ import annotations

import html
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longreach.document import write_atomically
from longreach.errors import Fault, InputError

if TYPE_CHECKING:
    from longreach.world.airspace import Closure


def map_fault(file: Path) -> Fault | None:
    """What is wrong with the name of a map file, if anything."""
    if file.suffix.lower() in (".svg", ".html", ".htm"):
        return None
    return Fault("a map is .svg or .html", file=str(file))


def checked_map(file: Path) -> None:
    """Raises: InputError where a map cannot have this name."""
    fault = map_fault(file)
    if fault is not None:
        raise InputError(fault)


def write_map(
    file: Path, lat: Any, lon: Any, closures: Iterable[Closure], title: str, atlas: str, wind: Any = None
) -> None:
    """Draw closures, and the route through (lat, lon) [deg] where there is one, into a file."""
    from longreach.brief.globe import route_map
    from longreach.world.airspace import border_statement

    note = f"{border_statement(atlas)}. For analysis, exercise and education, not for navigation."
    note = note[:1].upper() + note[1:]
    page = file.suffix.lower() != ".svg"
    picture = route_map(lat, lon, closures, title, wind=wind, note="" if page else note)
    if page:
        picture = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
            f'<body style="font: 15px system-ui, sans-serif; max-width: 48rem">{picture}'
            f"<p>{html.escape(note)}</p></body></html>\n"
        )
    write_atomically(file, picture.encode())
