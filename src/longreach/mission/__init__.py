"""The mission file: read, checked whole, and turned into frozen values in SI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from longreach.mission.model import (
    AirspaceRules,
    Clock,
    Crew,
    LeadFlight,
    Mission,
    PartnerFlight,
    Reserves,
    Station,
    TankerBase,
    Via,
    Winds,
)

# Pydantic is behind `read`, so it is imported only when a file is.


def load(path: Path | str) -> Mission:
    """The mission in the file at `path`.

    Raises: InputError with every fault found: the file cannot be read, is larger than 1 MB, is not UTF-8
    TOML, or says something that cannot be.
    """
    from longreach.mission import read

    return read.load(path)


def parse(text: str, file: str | None = None) -> Mission:
    """The mission in a text; `file` is the path to name in faults and to resolve `closures` against.

    Raises: InputError with every fault found.
    """
    from longreach.mission import read

    return read.parse(text, file)


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the mission file, for editors and other programs."""
    from longreach.mission import shape

    return shape.json_schema()


__all__ = [
    "AirspaceRules",
    "Clock",
    "Crew",
    "LeadFlight",
    "Mission",
    "PartnerFlight",
    "Reserves",
    "Station",
    "TankerBase",
    "Via",
    "Winds",
    "json_schema",
    "load",
    "parse",
]
