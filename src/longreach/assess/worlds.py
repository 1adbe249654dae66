"""Simulated worlds without any effect, in which flights are ordered after a rise: where a test must not find one.

Each world is a daily series of counts with a stated mean rate. They differ in what clusters the incidents:
nothing (Poisson), overdispersion from day to day (negative binomial), a rate that wanders with a memory of a
month or of half a year (log-Gaussian Cox process) and incidents that breed incidents (Hawkes process).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from longreach.assess import _kernels
from longreach.assess.series import Counts
from longreach.errors import Fault, InputError

YEAR = 365.25  # days
WARM_UP = 400  # days simulated before the first one kept


@dataclass(frozen=True, slots=True)
class World:
    """How incidents come about where flights do nothing.

    Parameters
    ----------
    kind : "poisson", "negative binomial", "cox" or "hawkes"
    rate_per_year : mean number of incidents a year, > 0
    variance_to_mean : of the daily counts, > 1 (negative binomial)
    log_sd : standard deviation of the log rate, > 0 (cox)
    memory_days : time in which the rate forgets (1/e) where it was, > 0 (cox)
    branching : incidents each incident breeds, 0..1 (hawkes)
    delay_days : mean time until a bred incident, > 0 (hawkes)
    """

    kind: str
    rate_per_year: float
    variance_to_mean: float = 3.0
    log_sd: float = 0.8
    memory_days: float = 30.0
    branching: float = 0.6
    delay_days: float = 7.0

    def __post_init__(self) -> None:
        faults = []
        if self.kind not in KINDS:
            faults.append(Fault(f"there is no world {self.kind!r}", hint=f"known: {', '.join(KINDS)}"))
        for key, low, high in (
            ("rate_per_year", 0.0, 1e6),
            ("variance_to_mean", 1.0, 1e3),
            ("log_sd", 0.0, 3.0),
            ("memory_days", 0.0, 1e4),
            ("branching", 0.0, 0.95),
            ("delay_days", 0.0, 1e3),
        ):
            value = getattr(self, key)
            if not (math.isfinite(value) and low < value <= high) and not (key == "branching" and value == 0):
                faults.append(Fault(f"is {value:g}; it must be above {low:g} and at most {high:g}", key=key))
        if faults:
            raise InputError(faults)


KINDS = ("poisson", "negative binomial", "cox", "hawkes")

# The worlds of the figures: name, world.
STANDARD = {
    "Poisson 139": World("poisson", 139),
    "NB 139": World("negative binomial", 139),
    "LGCP 51": World("cox", 51),
    "LGCP 139": World("cox", 139),
    "LGCP 730": World("cox", 730),
    "slow 139": World("cox", 139, memory_days=200.0),
    "Hawkes 139": World("hawkes", 139),
}


def simulate(world: World, days: int, rng: Generator) -> Counts:
    """Counts of `days` successive days, (days,) int64.

    >>> simulate(World("poisson", 139), 4, np.random.default_rng(1)).size
    4
    """
    mean = world.rate_per_year / YEAR
    if world.kind == "poisson":
        return rng.poisson(mean, days).astype(np.int64)
    if world.kind == "negative binomial":
        size = mean / (world.variance_to_mean - 1)
        return rng.negative_binomial(size, 1 / world.variance_to_mean, days).astype(np.int64)
    if world.kind == "cox":
        step = math.exp(-1 / world.memory_days)
        noise = rng.standard_normal(days)
        log_rate = _kernels.wander(noise, step) * world.log_sd - world.log_sd**2 / 2
        return rng.poisson(mean * np.exp(log_rate)).astype(np.int64)
    total = days + WARM_UP
    own = rng.poisson(mean * (1 - world.branching), total)
    return _kernels.breed(own, world.branching, world.delay_days, int(rng.integers(2**31)))[WARM_UP:]
