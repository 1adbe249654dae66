"""What the wind does to a flight: mean tailwind, time against still air, and how unsure its times are."""

from __future__ import annotations

from typing import Any

import numpy as np

from longreach.fuel.profile import Profile
from longreach.geodesy import Floats
from longreach.units import KNOT

EVERY = 3600.0  # s between the figures of the spread


def account(profile: Profile, sigma_mps: float, turn_s: float | None) -> dict[str, Any]:
    """`wind` of a flight in the document.

    sigma_mps : one sigma of the mean wind along a leg; turn_s : where the way out ends and the way back begins, None
        for a flight of one leg. Within a leg the error is one and the same, the legs' are independent.
    """
    step = np.diff(profile.time_s)
    length = np.diff(profile.along_m)
    moving = length > 1.0
    air = np.where(moving, (profile.tas_mps[:-1] + profile.tas_mps[1:]) / 2.0, 1.0)
    level = np.abs(np.diff(profile.altitude_m)) < 1.0  # a level row's airspeed holds to the next row
    air = np.where(level & moving, profile.tas_mps[:-1], air)
    still = np.where(moving, length / air, step)
    in_motion = float(step[moving].sum())
    tailwind = float((length[moving] - (air * step)[moving]).sum() / in_motion) if in_motion else 0.0
    elapsed, sigma = spread(profile, sigma_mps, turn_s)
    whole = np.append(np.arange(0.0, elapsed[-1], EVERY), elapsed[-1])
    return {
        "tailwind_kt": round(tailwind / KNOT, 1),
        "still_air_s": round(float(still.sum())),
        "time_sigma": [[round(at), round(float(np.interp(at, elapsed, sigma)))] for at in whole.tolist()],
    }


def spread(profile: Profile, sigma_mps: float, turn_s: float | None) -> tuple[Floats, Floats]:
    """Seconds since take-off, and one sigma of the time then [s] from the wind alone.

    A wind weaker by sigma along a leg makes every stretch of it longer by sigma over the ground speed.
    """
    step = np.diff(profile.time_s)
    ground = np.diff(profile.along_m) / step
    late = np.where(ground > 10.0, step * sigma_mps / np.maximum(ground, 10.0), 0.0)
    first = profile.time_s[1:] <= (np.inf if turn_s is None else turn_s)
    legs = [np.concatenate([[0.0], np.cumsum(np.where(part, late, 0.0))]) for part in (first, ~first)]
    return profile.time_s, np.hypot(*legs)
