"""What a whole integration teaches the ladder: how much air each stretch of the line is truly worth.

The ladder reckons with one airspeed and the wind of one level. The flight as integrated changes level and
speed as it grows lighter, and meets other winds there: over a long station or a whole ocean that is hundreds
of kilograms. Once flown, every stretch has a length in still air at which the cruise table gives the burn that
was integrated; with those lengths the ladder of any other choice of contacts is nearly as good as flown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from longreach.fuel.burn import CruiseTable
from longreach.fuel.ladder import Guard, Offers
from longreach.fuel.profile import PHASES, Profile
from longreach.geodesy import Floats
from longreach.units import NAUTICAL_MILE

SETTLED = 250.0 * NAUTICAL_MILE  # after a climb and before a descent burn is not that of cruise
FARTHEST = (0.5, 2.0)  # a stretch is never worth less or more than this of what was reckoned


@dataclass(frozen=True, slots=True)
class Taught:
    """What a flight teaches the ladder of its line, and nearly of others like it; places are shares of the line.

    along, ratio : (n,) places, and still-air distance to them as flown over that reckoned
    place, length_m, cost_kg : (contacts,) where each began, its length through the air, what it cost over the reckoned
    tight, missed_kg : (m,) where a leg's fuel was tightest, and what was wanted there over the reckoned

    Between two contacts flown everything is taken from both, in proportion; beyond the last as there.
    """

    along: Floats
    ratio: Floats
    place: Floats
    length_m: Floats
    cost_kg: Floats
    tight: Floats
    missed_kg: Floats

    @classmethod
    def of_air(cls, along_m: Floats, reckoned_m: Floats, air_m: Floats) -> Taught:
        """What the distances alone teach."""
        ratio = np.ones(air_m.size)
        ratio[1:] = air_m[1:] / reckoned_m[1:]
        ratio[0] = ratio[1]
        none = np.zeros(0)
        return cls(along_m / along_m[-1], ratio, none, none, none, none, none)

    def applied(
        self, guard: Guard, offers: Offers, along_m: Floats, candidate_m: Floats
    ) -> tuple[Guard, Offers]:
        """A line's guard and offers, as reckoned, put right.

        along_m : (n,) the guard's points along the line; candidate_m : (c,) the offers'
        """
        length = along_m[-1]
        air = guard.air_m * np.interp(along_m / length, self.along, self.ratio)
        air = np.maximum.accumulate(air)
        start = np.interp(offers.air_start_m, guard.air_m, air)
        lasts, cost = offers.air_end_m - offers.air_start_m, offers.join_burn_kg
        if self.place.size:
            lasts = np.interp(candidate_m / length, self.place, self.length_m)
            cost = cost + np.interp(candidate_m / length, self.place, self.cost_kg)
        more = guard.more_kg
        if self.tight.size:
            more = np.interp(along_m / length, self.tight, self.missed_kg)
        return replace(guard, air_m=air, more_kg=more), replace(
            offers, air_start_m=start, air_end_m=start + lasts, join_burn_kg=cost
        )


def true_lengths(
    table: CruiseTable,
    profile: Profile,
    along_m: Floats,
    air_m: Floats,
    unsettled: Sequence[tuple[float, float]],
) -> Floats:
    """(n,) still-air distance to points of the line such that the table gives the burn that was integrated.

    along_m, air_m : (n,) points and the still-air distance reckoned for them
    unsettled : stretches (from, to) along the line that are no plain cruise, contacts with their levels changed
    """
    # climbs from one best level to the next belong to it: the table has their fuel too
    kinds = [PHASES.index(kind) for kind in ("climb", "cruise", "station")]
    cruising = np.isin(profile.phase[:-1], kinds)
    here, there = profile.along_m[:-1], profile.along_m[1:]
    for start, end in [(0.0, SETTLED), (profile.length_m - SETTLED, profile.length_m), *unsettled]:
        cruising &= (there <= start) | (here >= end)
    burn = np.diff(profile.burnt_kg)
    # At the mass before each row's burn; a row is under a minute long, so the ends differ by nothing.
    middle = np.clip(profile.mass_kg[:-1] - burn / 2.0, table.mass_kg[0], table.mass_kg[-1])
    step = table.mass_kg[1] - table.mass_kg[0]
    low = np.maximum(middle - step, table.mass_kg[0])
    high = np.minimum(middle + step, table.mass_kg[-1])
    worth = burn * table.distance(high, low) / (high - low)
    reckoned = np.diff(np.interp(profile.along_m, along_m, air_m))
    place = np.clip(np.searchsorted(along_m, (here + there) / 2.0) - 1, 0, along_m.size - 2)
    good = cruising & np.isfinite(worth) & (reckoned > 0.0)
    total = np.bincount(place[good], worth[good], along_m.size - 1)
    plain = np.bincount(place[good], reckoned[good], along_m.size - 1)
    if not plain.any():
        return air_m
    known = np.flatnonzero(plain > 0.0)
    share = np.clip(total[known] / plain[known], *FARTHEST)
    ratio = np.interp(np.arange(along_m.size - 1), known, share)
    return np.concatenate([[0.0], np.cumsum(np.diff(air_m) * ratio)])


def relearnt(
    guard: Guard,
    offers: Offers,
    air_m: Floats,
    length_m: float,
    contacts_m: Sequence[float],
    join_burn_kg: float | None,
) -> tuple[Guard, Offers]:
    """Guard and offers with the line's still-air distances put right, and contacts as they turned out.

    air_m : (n,) for the guard's points; length_m : of the line over the ground
    contacts_m : lengths of the contacts as flown; join_burn_kg : what one cost beyond cruise, None if unknown
    """
    start = np.interp(offers.air_start_m, guard.air_m, air_m)
    length = offers.air_end_m - offers.air_start_m
    if contacts_m:
        length = np.full(start.shape, float(np.mean(contacts_m) * air_m[-1] / length_m))
    cost = offers.join_burn_kg if join_burn_kg is None else np.full(offers.join_burn_kg.shape, join_burn_kg)
    return replace(guard, air_m=air_m), replace(
        offers, air_start_m=start, air_end_m=start + length, join_burn_kg=cost
    )
