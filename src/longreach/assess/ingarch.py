"""First check (I): a negative-binomial INGARCH(1,1), fitted on the past alone and simulated forward.

    rate(t) = omega + alpha count(t-1) + beta rate(t-1),   count(t) ~ negative binomial(rate(t), size)

(Fokianos, Rahbek and Tjostheim 2009 for the Poisson case; Zhu 2011 for the negative binomial.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from longreach.assess import _kernels
from longreach.assess.series import Counts

PATHS = 2000
MOST_PERSISTENT = 0.995  # alpha + beta; above it the rate would not return to any mean


@dataclass(frozen=True, slots=True)
class Ingarch:
    """A fitted model: `alpha` + `beta` < 1, `omega` > 0, `size` > 0 (the smaller, the more dispersed)."""

    omega: float
    alpha: float
    beta: float
    size: float

    def totals(self, counts: Counts, gap: int, window: int, rng: Generator, paths: int = PATHS) -> Counts:
        """Simulated totals of the follow-up that begins `gap` days after the last of `counts`, (paths,)."""
        rate = _kernels.ingarch_last_rate(counts, self.omega, self.alpha, self.beta)
        seed = int(rng.integers(2**31))
        return _kernels.ingarch_totals(
            rate, self.omega, self.alpha, self.beta, self.size, gap, window, paths, seed
        )


def _from(free: np.ndarray, mean: float) -> Ingarch:
    """The model of four free numbers: level, persistence and its split (logits), log size."""
    persistence = MOST_PERSISTENT / (1 + np.exp(-free[1]))
    alpha = persistence / (1 + np.exp(-free[2]))
    level = mean * np.exp(np.clip(free[0], -3, 3))
    size = float(np.exp(np.clip(free[3], -4, 6)))
    return Ingarch(float(level * (1 - persistence)), float(alpha), float(persistence - alpha), size)


def fit(counts: Counts) -> Ingarch:
    """Maximum-likelihood fit to daily counts (Nelder-Mead from three starts, the best kept).

    Needs at least one incident and 140 days; the callers see to that.
    """
    from scipy.optimize import minimize

    mean = float(counts.mean())

    def loss(free: np.ndarray) -> float:
        model = _from(free, mean)
        away = 1e-3 * float(np.sum(free**2)) / counts.size  # keeps flat directions from running away
        return _kernels.ingarch_loss(counts, model.omega, model.alpha, model.beta, model.size) + away

    spread = max(float(counts.var()) / mean - 1, 0.05)
    log_size = float(np.log(np.clip(mean / spread, 0.02, 100)))
    starts = [
        np.array([0.0, start, split, log_size]) for start, split in ((3.0, -2.0), (0.0, 0.0), (-3.0, 0.0))
    ]
    begin = min(starts, key=loss)
    best = minimize(loss, begin, method="Nelder-Mead", options={"xatol": 0.02, "fatol": 1e-6, "maxfev": 400})
    return _from(best.x, mean)
