"""Names of fields and States, and the clocks of fields, from the tables that ship with Longreach."""

from __future__ import annotations

import re
from datetime import tzinfo
from functools import cache
from typing import Any

from longreach.errors import DataError, InputError


@cache
def airport_name(code: str) -> str:
    """A field's name without the word airport; the code itself where it is not in the table.

    >>> airport_name("KBAD")
    'Barksdale AFB'
    """
    found = _airport(code)
    if found is None:
        return code
    name = re.sub(r"\bAfb\b", "AFB", found.name)
    return re.sub(r"\s+(International\s+)?Airport$", "", name) or name


@cache
def airport_zone(code: str) -> tzinfo | None:
    """Time zone of a field, or None where it is not known."""
    found = _airport(code)
    if found is None or not found.tz:
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(found.tz)
    except (KeyError, ValueError, OSError):
        return None


def _airport(code: str) -> Any:
    from longreach.world import airports

    if not re.fullmatch(r"[A-Za-z0-9]{3,4}", code):
        return None
    try:
        return airports.find(code)
    except (InputError, DataError):
        return None


@cache
def state_name(code: str) -> str:
    """The short English name of a State by its ISO alpha-2 code; the code itself where unknown."""
    from longreach.world import airspace

    for state in airspace.states():
        if code in (state.code, getattr(state, "alpha3", None)):
            return str(state.name)
    return code
