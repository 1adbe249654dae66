"""The brief: a plan document turned into a page and a summary that a stranger understands.

Works on the plan document alone, plus the shipped airspace (to draw the closed areas) and the airport
table (names and local clocks). Nothing is computed here that decides anything: every figure is the plan's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["picture", "render", "route_map", "summary"]


def render(document: Mapping[str, Any]) -> str:
    """One self-contained HTML page; see `longreach.brief.page.render`."""
    from longreach.brief import page

    return page.render(document)


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
