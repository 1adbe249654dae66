"""Cruising levels that may be flown: by the direction of flight, or every level of a block.

Above FL290 aircraft approved for reduced vertical separation fly at odd levels (FL290, 310 ... 410) on
tracks 000 to 179 and at even ones (FL300 ... 400) on tracks 180 to 359; above FL410 levels are 4,000 ft
apart each way (FL450, 490 and FL430, 470, 510). Below FL290 odd and even thousands likewise
(ICAO Annex 2, Rules of the Air, Appendix 3 a). The Annex asks for magnetic tracks; here they are true ones.
"block": a formation or an altitude reservation has a block of airspace and takes every 1,000 ft in it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from longreach.errors import Fault, InputError
from longreach.geodesy import Floats
from longreach.units import FOOT

RULES = ("semicircular", "block")
LOWEST, HIGHEST = 50, 600  # flight levels considered
HELD = 370_400.0  # m (200 nm); a change of direction that lasts no longer does not change the level


def flight_levels(rule: str, ceiling_m: float) -> Any:
    """(n,) flight levels [hundreds of ft] from FL050 to the ceiling that some direction may use.

    Raises: InputError for a rule that is not known.

    >>> flight_levels("semicircular", 13200.0)[-4:].tolist()
    [390, 400, 410, 430]
    """
    if rule not in RULES:
        raise InputError(Fault(f"level rule {rule!r} is not one of {', '.join(RULES)}"))
    levels = np.arange(LOWEST, HIGHEST + 1, 10)
    if rule == "semicircular":
        levels = levels[[eastbound(int(fl)) is not None for fl in levels]]
    return levels[levels * 100.0 * FOOT <= ceiling_m + 0.5]


def eastbound(level: int) -> bool | None:
    """Whether a flight level is for tracks 000 to 179; None where it is for no track at all.

    >>> eastbound(350), eastbound(430), eastbound(420)
    (True, False, None)
    """
    if level % 10:
        return None
    if level <= 410:
        return level // 10 % 2 == 1
    if (level - 410) % 20:
        return None
    return (level - 410) // 20 % 2 == 0


def eastward(track_deg: Floats, length_m: Floats) -> Any:
    """Whether each stretch of a path counts as eastbound: its own direction, but for short spells.

    track_deg, length_m : (n,) of each stretch. A spell shorter than HELD keeps the direction before it (the
    first takes that after it).
    """
    east = (np.asarray(track_deg, float) % 360.0) < 180.0
    while True:
        edges = np.flatnonzero(np.diff(east)) + 1
        starts, ends = np.concatenate([[0], edges]), np.concatenate([edges, [east.size]])
        lengths = np.add.reduceat(length_m, starts)
        short = np.flatnonzero(lengths < HELD)
        if starts.size == 1 or short.size == 0:
            return east
        spell = short[np.argmin(lengths[short])]
        east[starts[spell] : ends[spell]] = ~east[starts[spell]]
