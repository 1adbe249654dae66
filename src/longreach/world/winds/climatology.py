"""The default wind: the mean of the month, from a small table fitted to a public long-term mean.

The table holds vector spherical harmonics of the monthly mean wind at 200 hPa and one factor for each other
level; `studies/fit_climatology.py` makes it and says from what. It is a mean: what a day differs from it is
`SIGMA` over a long leg, and far more at one point. It holds no temperature: there is a source for June only.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from longreach.document import sha256
from longreach.errors import DataError
from longreach.geodesy import Floats
from longreach.units import KNOT
from longreach.world.winds.field import WindField, gridded
from longreach.world.winds.harmonics import synthesis

TABLE = Path(__file__).parent / "data" / "climatology.json"
SPACING = 2.5  # deg between nodes
# One sigma of the mean along-track wind of a leg of thousands of miles about the monthly mean. Measured against
# two days of 2011 on nine routes flown both ways: 10.5 kt RMS. Those 36 legs share two days' weather, so that the
# true figure may be half as large again; hence 15 kt.
SIGMA = 15.0 * KNOT


@cache
def table() -> dict[str, Any]:
    """The table as shipped: degree, coefficients, level factors, source, fit errors; and its hash.

    Raises: DataError where it is missing or damaged.
    """
    try:
        data = TABLE.read_bytes()
        found = json.loads(data)
        count = 4 * (found["degree"] + 1) ** 2
        if len(found["months"]) != 12 or any(len(month) != count for month in found["months"]):
            raise ValueError("twelve months of coefficients do not stand there")
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{TABLE}: the wind climatology is damaged: {error}; reinstall Longreach") from error
    return {**found, "sha256": sha256(data)}


def coefficients(month: int) -> Floats:
    """(2, degree + 1, degree + 1, 2) coefficients of a month, 1 to 12 [m/s]; see `harmonics.synthesis`."""
    found = table()
    side = found["degree"] + 1
    return np.array(found["months"][month - 1], float).reshape(2, side, side, 2) * found["scale_mps"]


@cache
def _month(month: int) -> tuple[Floats, Floats]:
    """u and v at 200 hPa on the nodes."""
    return synthesis(coefficients(month), np.arange(-90.0, 90.1, SPACING), np.arange(0.0, 360.0, SPACING))


def climatology(first: datetime, last: datetime) -> WindField:
    """The mean wind of the season for flights between two moments, UTC.

    Nodes in time are the middles of the months; between them the mean runs straight from one to the next.

    >>> field = climatology(datetime(2020, 12, 9, tzinfo=UTC), datetime(2020, 12, 11, tzinfo=UTC))
    >>> field.at(45.0, -60.0, 11000.0, field.seconds(datetime(2020, 12, 10, tzinfo=UTC))).u_mps.round().item()
    34.0
    """
    found = table()
    months = [_before(first)]
    while len(months) < 2 or _middle(*months[-1]) < last:
        months.append(_next(*months[-1]))
    winds = np.stack([np.stack(_month(month)) for _, month in months], axis=1)
    pressure = np.array([level["hpa"] for level in found["levels"]], float) * 100.0
    factor = np.array([level["factor"] for level in found["levels"]], float)
    u, v = winds[:, :, None] * factor[None, None, :, None, None]
    start = _middle(*months[0])
    return gridded(
        [(_middle(*month) - start).total_seconds() for month in months],
        pressure,
        np.arange(-90.0, 90.1, SPACING),
        np.arange(0.0, 360.0, SPACING),
        u,
        v,
        epoch=start,
        source="climatology",
        name=found["name"],
        sigma_mps=SIGMA,
        sha256=found["sha256"],
        notes=(found["statement"],),
    )


def _middle(year: int, month: int) -> datetime:
    start = datetime(year, month, 1, tzinfo=UTC)
    return start + (datetime(*_next(year, month), 1, tzinfo=UTC) - start) / 2


def _next(year: int, month: int) -> tuple[int, int]:
    return (year + month // 12, month % 12 + 1)


def _before(when: datetime) -> tuple[int, int]:
    """The last month whose middle is not after `when`."""
    month = (when.year, when.month)
    if _middle(*month) <= when:
        return month
    return (when.year, when.month - 1) if when.month > 1 else (when.year - 1, 12)
