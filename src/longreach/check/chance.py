"""How likely a flight as claimed was possible, given what is not known: speed kept, wind of the day, area meant."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from longreach.check.readings import Reading
from longreach.check.system import ARRIVE, LAND, LEAVE, TAKEOFF, System, closure
from longreach.units import KNOT

CRUISE_SIGMA = 0.02  # of the speed an operator chooses about the published cruise, as a share
LONGER = 0.03  # by which a way flown is longer than the least one, on the mean (airways, formation, weather)


def possible(
    system: System,
    chosen: Mapping[str, Reading],
    kept: Sequence[str],
    sigma_mps: float,
    samples: int,
    seed: int,
) -> tuple[float | None, str]:
    """Share of draws in which the claims could be met, and the assumption that decides it most.

    Drawn: the mean true airspeed (published cruise, 2 %), the mean wind of each leg (its spread), how much longer
    than the least way was flown (exponential, 3 %), and where between its bounds the time lay (evenly).
    None where the claims fix no time.
    """
    ids = frozenset(kept)
    edges, _ = system.edges(ids - {"aircraft"}, chosen)
    matrix = closure(edges)
    longest, shortest = matrix[LAND][TAKEOFF], max(0.0, -matrix[TAKEOFF][LAND])
    out, back = system.lengths(ids, chosen)
    cruise = system.envelope.cruise_mps
    if cruise is None or longest > 59 * 86400.0 or not math.isfinite(out + back):
        return None, ""
    waiting = max(0.0, -matrix[ARRIVE][LEAVE])
    rng = np.random.default_rng(seed)
    legs = 2 if system.claim.turn else 1
    mean = np.array([system.winds.out_mps, system.winds.back_mps])[:legs]
    allowed = 2.0 * sigma_mps / (math.sqrt(2.0) if legs == 2 else 1.0)
    draw = {
        "the speed kept": cruise * (1.0 + CRUISE_SIGMA * rng.standard_normal(samples)),
        "the wind of the day": (mean - allowed)[:, None] + sigma_mps * rng.standard_normal((legs, samples)),
        "how direct the way was": 1.0 + rng.exponential(LONGER, samples),
        "the time meant by the words": rng.uniform(shortest, longest, samples),
    }

    def share(given: dict[str, np.ndarray]) -> float:
        lengths = np.array([out, back])[:legs, None] * given["how direct the way was"]
        speeds = np.maximum(given["the speed kept"] + given["the wind of the day"], 30.0 * KNOT)
        return float(
            np.mean((lengths / speeds).sum(axis=0) + waiting <= given["the time meant by the words"])
        )

    whole = share(draw)
    # What decides it: each in turn put at its mean; the one that moves the answer most.
    moved = {
        name: abs(
            share({**draw, name: np.broadcast_to(np.mean(values, axis=-1, keepdims=True), values.shape)})
            - whole
        )
        for name, values in draw.items()
    }
    name = max(moved, key=lambda each: moved[each])
    return whole, name if 0.0 < whole < 1.0 else "nothing: every draw agrees"
