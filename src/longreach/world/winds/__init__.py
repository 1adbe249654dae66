"""Wind and temperature aloft: still air, one wind, a climatology, or the user's weather file.

`WindField.at` answers at points and checks; `_kernels.wind` is the same for other kernels, which pass
`field.grid()` along.
"""

from pathlib import Path

from longreach.world.winds.aloft import Aloft, equivalent_headwind
from longreach.world.winds.climatology import climatology
from longreach.world.winds.field import Wind, WindError, WindField, constant, gridded, still

__all__ = [
    "Aloft",
    "Wind",
    "WindError",
    "WindField",
    "climatology",
    "constant",
    "equivalent_headwind",
    "gridded",
    "read",
    "still",
]


def read(path: str | Path) -> WindField:
    """The field of a wind pack made by `longreach winds import`; InputError where it is none."""
    from longreach.world.winds import pack

    return pack.read(Path(path)).field
