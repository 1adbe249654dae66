"""Which abort bases are open to whom, and when: by State, by date, by the hour of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike

from longreach.mission.model import Mission, Shut
from longreach.units import HOUR, MINUTE

DAY = 24 * HOUR
EITHER_SIDE = 30 * MINUTE  # a base counts as shut so long before and after it is: an arrival is an estimate


@dataclass(frozen=True, slots=True)
class Openings:
    """What is shut to one operator. `zero_s` is the flight's second 0 since 1970."""

    shut: tuple[Shut, ...]
    zero_s: float

    @classmethod
    def of(cls, mission: Mission, operator: str, takeoff_utc: datetime) -> Openings:
        """The openings that matter to flights of `operator` whose second 0 is at `takeoff_utc`."""
        held = tuple(each for each in mission.shut if not each.to or operator in each.to)
        return cls(held, takeoff_utc.timestamp())

    def is_open(self, base: str, arrival_s: ArrayLike) -> np.ndarray:
        """(n,) whether a base may be used at arrivals [s of the flight], with half an hour either side."""
        at = np.atleast_1d(np.asarray(arrival_s, float)) + self.zero_s
        good = np.ones(at.shape, bool)
        for each in self.shut:
            if each.base != base:
                continue
            hit = np.ones(at.shape, bool)
            if each.since is not None:
                hit &= at >= each.since.timestamp() - EITHER_SIDE
            if each.until is not None:
                hit &= at <= each.until.timestamp() + EITHER_SIDE
            if each.daily_s is not None:
                start, end = each.daily_s
                spell = (end - start) % DAY or DAY
                hit &= (at - start + EITHER_SIDE) % DAY <= min(spell + 2 * EITHER_SIDE, DAY)
            good &= ~hit
        return good


def hangs_on_the_clock(mission: Mission) -> bool:
    """Whether any base is shut for a time only, so that the plan must know its hours."""
    return any(timed(each) for each in mission.shut)


def timed(each: Shut) -> bool:
    """Whether a base is shut for a time only."""
    return bool(each.since or each.until or each.daily_s)
