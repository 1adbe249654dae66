"""The interval of a share of tries."""

from __future__ import annotations

import math


def wilson(share: float, tries: int, z: float = 1.645) -> tuple[float, float]:
    """Interval of a share (Wilson 1927).

    >>> tuple(round(end, 3) for end in wilson(0.5, 100))
    (0.419, 0.581)
    """
    middle = (share + z * z / (2 * tries)) / (1 + z * z / tries)
    half = z / (1 + z * z / tries) * math.sqrt(share * (1 - share) / tries + z * z / (4 * tries * tries))
    return max(middle - half, 0.0), min(middle + half, 1.0)
