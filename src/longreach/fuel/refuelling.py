"""What tankers can do for a receiver: contacts, offload from the fuel model, and what a sortie burns.

A contact is flown straight along the receiver's line at one Mach and level both can hold. It starts when
both are together at the control point; the first minutes are for closing in, then fuel flows through every
boom or hose at once, then both part. Values here are for one aircraft unless said otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from longreach.errors import FuelError
from longreach.fuel import performance
from longreach.fuel.burn import CruiseTable
from longreach.fuel.ladder import Offers
from longreach.geodesy import Floats
from longreach.units import FOOT, MINUTE
from longreach.world.aircraft import Aircraft

SETTLE = (
    5 * MINUTE
)  # together before fuel flows: our assumption, within published 10-15 min to join and settle
PART = 2 * MINUTE  # after it stops
TANKER_EARLY = 30 * MINUTE  # the tanker waits at the control point this long (US practice: 30 min or more)
LONGEST_FLOW = 45 * MINUTE  # fuel flowing in one contact, at most
BUDDY_EARLY = 1 * MINUTE  # one that has flown beside the receivers all along is there when they are
OFFLOAD_SHARE = 0.95  # of what the model says a tanker can give: planners pad 5 to 10 %
KEPT_BACK = 0.3  # of a sortie's burn, for each part of the usual share that is asked less
CLIMB_SHARE = 0.014  # of take-off mass: fuel to climb beyond cruising the same distance (flown: 0.9 to 2.2 %)
MOST_MIXES = 12
_LEVEL_STEP = 1000.0 * FOOT


@dataclass(frozen=True, slots=True)
class Pairing:
    """How one type takes fuel from another: Mach, pressure altitude [m], true airspeed [m/s], flow [kg/s].

    lowest_m : the lowest level at which both may
    """

    mach: float
    altitude_m: float
    tas_mps: float
    rate_kgps: float
    lowest_m: float = 0.0


def pair(receiver: Aircraft, tanker: Aircraft, receiver_mass_kg: float) -> Pairing | str:
    """The pairing at the highest level both can hold with the receiver at that mass, or why there is none."""
    give, take = tanker.refuelling, receiver.refuelling
    if not give.can_refuel(take):
        gear = f"{tanker.code} gives by {' and '.join(give.gives) or 'nothing'}"
        return f"{gear}, {receiver.code} takes by {take.receives or 'nothing'}"
    rate = give.rate_to(take)
    figures = (rate, give.mach, give.level_high_m, take.mach, take.level_high_m)
    if any(value is None for value in figures):
        return f"the catalogue has no refuelling speed, level or rate for {tanker.code} with {receiver.code}"
    assert give.mach and take.mach and give.level_high_m and take.level_high_m and rate
    mach = min(give.mach, take.mach)
    low = max(give.level_low_m or 0.0, take.level_low_m or 0.0)
    level = math.floor(min(give.level_high_m, take.level_high_m) / _LEVEL_STEP + 1e-6) * _LEVEL_STEP
    tanker_mass = 0.99 * tanker.max_takeoff_mass_kg  # it may have come a short way
    try:
        # 300 ft/min of climb in hand for both: a formation that can just hold its level cannot keep it
        top = min(
            performance.highest_level(receiver, receiver_mass_kg, mach),
            performance.highest_level(tanker, tanker_mass, mach),
        )
    except FuelError as error:
        return str(error)
    # and a thousand feet less, or a heavy tanker creeps up to it and comes late
    level = min(level, math.floor(top / _LEVEL_STEP - 1.0 + 1e-6) * _LEVEL_STEP)
    if level >= low - 1.0:
        from longreach.world.atmosphere import speed_of_sound

        return Pairing(mach, level, mach * float(speed_of_sound(level)), rate, low)
    return (
        f"no level suits both {tanker.code} and {receiver.code} at M{mach:.2f} and {receiver_mass_kg:,.0f} kg"
    )


def joint(one: Pairing, two: Pairing) -> Pairing:
    """How tankers of two types meet the same receivers at once: the lower level, the lesser speed and flow."""
    from longreach.world.atmosphere import speed_of_sound

    if one == two:
        return one
    mach, level = min(one.mach, two.mach), min(one.altitude_m, two.altitude_m)
    rate, low = min(one.rate_kgps, two.rate_kgps), max(one.lowest_m, two.lowest_m)
    return Pairing(mach, level, mach * float(speed_of_sound(level)), rate, low)


def serves(own: Pairing, contact: Pairing) -> bool:
    """Whether a type paired so with the receivers can fly a contact planned otherwise: no higher, faster or quicker."""
    return (
        contact.mach <= own.mach + 1e-9
        and contact.altitude_m <= own.altitude_m + 1.0
        and contact.altitude_m >= own.lowest_m - 1.0
        and contact.rate_kgps <= own.rate_kgps + 1e-9
    )


def flow_time(pairing: Pairing, onload_kg: float, receivers: int, tankers: int) -> float:
    """Seconds in which every receiver takes `onload_kg`, one boom or hose a tanker, all at work at once."""
    rounds = math.ceil(receivers / tankers)
    return onload_kg * rounds / pairing.rate_kgps


@dataclass(frozen=True, slots=True)
class Pool:
    """Tankers of one type at one base, seen from candidate contacts.

    out_m, back_m : (c,) still-air distance base -> start of each contact and end -> base; inf where no route
    relative_sigma, doubt_z : of the tanker's own burn, as for a receiver
    way_out_m : (c,) still-air distance out, where `out_m` is more for room to climb; None where it never is
    early_s : how long before the contact a tanker is at its control point
    max_takeoff_kg : what the base allows; longest_s : from take-off to landing, at most
    """

    tanker: Aircraft
    table: CruiseTable
    pairing: Pairing
    reserve_kg: float
    relative_sigma: float
    doubt_z: float
    available: int
    out_m: Floats
    back_m: Floats
    max_takeoff_kg: float = math.inf
    longest_s: float = math.inf
    way_out_m: Floats | None = None
    early_s: float = TANKER_EARLY

    @property
    def heaviest_kg(self) -> float:
        """Greatest take-off mass: the type's, its tanks' and its base's [kg]."""
        full = self.tanker.operating_empty_mass_kg + self.tanker.max_fuel_kg
        return min(self.tanker.max_takeoff_mass_kg, full, self.max_takeoff_kg, self.table.heaviest_kg)

    def time(self, offload_kg: Floats) -> Floats:
        """(c,) from take-off to landing of a sortie that gives so much [s], at the median airspeed."""
        under_way = (self.out_m + self.back_m) / float(np.median(self.table.tas_mps))
        return under_way + self.early_s + self.contact_time(offload_kg)

    def contact_burn(self, mass_kg: float, seconds: float) -> float:
        """Fuel burnt in contact [kg], a little high: at the mass it starts with."""
        return (
            performance.fuel_flow(self.tanker, mass_kg, self.pairing.altitude_m, self.pairing.mach) * seconds
        )

    def contact_time(self, offload_kg: Floats) -> Floats:
        """(c,) how long a tanker is in contact to give so much [s], its boom or hose never idle."""
        return SETTLE + np.minimum(offload_kg / self.pairing.rate_kgps, LONGEST_FLOW) + PART

    def most_offload(self, share: float = OFFLOAD_SHARE, contact_s: float | None = None) -> Floats:
        """(c,) most fuel one sortie can give [kg], with its way home, reserve and margin kept; 0 where none.

        share : of what the fuel model says
        contact_s : time in contact instead of what giving that much takes
        """
        dry = self.tanker.operating_empty_mass_kg
        heaviest = self.heaviest_kg
        at_contact = self.table.mass_after(heaviest * (1.0 - CLIMB_SHARE), self.out_m)
        early = self.early_s * self.table.flow(max(dry, 0.8 * heaviest))
        flow = self.contact_burn(max(dry, 0.85 * heaviest), 1.0)
        after = at_contact - early
        home = self.table.mass_before(dry + self.reserve_kg, self.back_m)
        for _ in range(3):
            given = np.maximum(np.nan_to_num(share * (after - home)), 0.0)
            alongside = self.contact_time(given) if contact_s is None else contact_s
            after = at_contact - early - flow * alongside
            burn = (heaviest - after) + (home - dry - self.reserve_kg)
            margin = self.doubt_z * self.relative_sigma * burn
            home = self.table.mass_before(dry + self.reserve_kg + margin, self.back_m)
        offload = share * (after - home)
        if (
            share < OFFLOAD_SHARE
        ):  # asked for less because a flight, integrated, burnt more than the tables say
            offload = offload - KEPT_BACK * (OFFLOAD_SHARE - share) * burn
        with np.errstate(invalid="ignore"):
            offload = np.where(self.time(np.maximum(offload, 0.0)) <= self.longest_s, offload, 0.0)
        return np.where(np.isfinite(offload), np.maximum(offload, 0.0), 0.0)

    def burn(self, offload_kg: Floats) -> Floats:
        """(c,) fuel one sortie burns giving `offload_kg`, taking off with just what it needs, margin for doubt too."""
        dry, level, mach = self.tanker.operating_empty_mass_kg, self.pairing.altitude_m, self.pairing.mach
        # flow at the level and speed of the contact, where it waits too: all but straight in mass
        ends = np.array([dry, max(1.05 * dry, 0.95 * self.heaviest_kg)])
        flows = np.array([performance.fuel_flow(self.tanker, float(mass), level, mach) for mass in ends])
        # a climb with no room to level off burns less than cruise over that room, more than over the way flown
        way = self.out_m if self.way_out_m is None else 0.5 * (self.out_m + self.way_out_m)
        margin = np.zeros(self.out_m.shape)
        takeoff = margin
        for _ in range(2):
            home = self.table.mass_before(dry + self.reserve_kg + margin, self.back_m)
            contact_s = self.contact_time(offload_kg)
            joined = home + offload_kg + np.interp(home + offload_kg / 2.0, ends, flows) * contact_s
            before = joined + np.interp(joined, ends, flows) * self.early_s
            takeoff = self.table.mass_before(before, way) / (1.0 - CLIMB_SHARE)
            burnt = takeoff - offload_kg - dry - self.reserve_kg - margin
            margin = self.doubt_z * self.relative_sigma * np.maximum(0.0, burnt)
        return takeoff - offload_kg - dry - self.reserve_kg - margin


def offers(
    pools: list[Pool],
    receivers: float,
    air_start_m: Floats,
    contact_s: float,
    join_burn_kg: Floats,
    most_sorties: int = 4,
    most_options: int = 4,
    share: float = OFFLOAD_SHARE,
    longest_flow_s: float = LONGEST_FLOW,
    most_onload_kg: float | None = None,
) -> Offers:
    """The tankers' side of the ladder at candidate contacts.

    receivers : how many; of a cell of several types, as many of one type as would take what the whole cell does
    air_start_m : (c,) still-air distance along the receivers' line at the start of each contact
    contact_s : nominal length of a contact [s]; the exact one follows from the onload
    longest_flow_s, most_onload_kg : fuel flowing in one contact [s], taken by one receiver [kg], at most
    """
    count = air_start_m.size
    tas = max(pool.pairing.tas_mps for pool in pools) if pools else 200.0
    sorties = max(1, min(most_sorties, max((pool.available for pool in pools), default=1)))
    most = np.stack([pool.most_offload(share) for pool in pools], axis=1) if pools else np.zeros((count, 0))
    with np.errstate(invalid="ignore"):
        full = (
            np.stack([pool.burn(most[:, k]) for k, pool in enumerate(pools)], axis=1)
            if pools
            else np.zeros((count, 0))
        )
        part = (
            np.stack([pool.burn(0.3 * most[:, k]) for k, pool in enumerate(pools)], axis=1)
            if pools
            else np.zeros((count, 0))
        )
    full, part = np.where(np.isfinite(full), full, np.inf), np.where(np.isfinite(part), part, np.inf)
    worth = np.where((most > 1000.0) & np.isfinite(full) & np.isfinite(part), most - full, -np.inf)
    mixes = _mixes(pools, most_sorties)
    if mixes:
        together = max(pools[a].available + pools[b].available for a, b in mixes)
        sorties = max(sorties, min(most_sorties, together))
    single = min(most_options, max(1, len(pools)))
    width = single + len(mixes)
    base = np.full((count, width), -1)
    offload = np.zeros((count, width, sorties + 1))
    fixed, slope = np.zeros((count, width)), np.zeros((count, width))
    order = np.argsort(-worth, axis=1, kind="stable")[:, :single] if pools else np.zeros((count, 0), int)
    for place in range(order.shape[1]):
        for c in range(count):
            k = order[c, place]
            if not np.isfinite(worth[c, k]):
                continue
            pool = pools[k]
            base[c, place] = k
            slope[c, place] = (full[c, k] - part[c, k]) / (0.7 * most[c, k])
            fixed[c, place] = full[c, k] - slope[c, place] * most[c, k]
            for n in range(1, sorties + 1):
                # n tankers fill the receivers in rounds; the longest flow bounds what one receiver gets
                by_time = pool.pairing.rate_kgps * longest_flow_s / math.ceil(receivers / n) * receivers
                by_cap = math.inf if most_onload_kg is None else most_onload_kg * receivers
                offload[c, place, n] = min(n * most[c, k], by_time, by_cap)
    for m, (one, two) in enumerate(mixes):
        place, first = single + m, pools[one].available
        for c in range(count):
            if not (np.isfinite(worth[c, one]) and np.isfinite(worth[c, two])):
                continue
            each = min(most[c, one], most[c, two])  # all give alike
            base[c, place] = len(pools) + m
            lines = []
            for k in (one, two):
                tilt = (full[c, k] - part[c, k]) / (0.7 * most[c, k])
                lines.append((tilt, full[c, k] - tilt * most[c, k]))
            slope[c, place], fixed[c, place] = (max(values) for values in zip(*lines, strict=True))
            rate = joint(pools[one].pairing, pools[two].pairing).rate_kgps * longest_flow_s
            for n in range(first + 1, min(sorties, first + pools[two].available) + 1):
                by_cap = math.inf if most_onload_kg is None else most_onload_kg * receivers
                offload[c, place, n] = min(n * each, rate / math.ceil(receivers / n) * receivers, by_cap)
    return Offers(
        air_start_m=air_start_m,
        air_end_m=air_start_m + contact_s * tas,
        join_burn_kg=join_burn_kg,
        base=base,
        offload_kg=offload,
        fixed_kg=fixed,
        slope=slope,
        available=tuple(pool.available for pool in pools),
        mixes=mixes,
    )


def _mixes(pools: list[Pool], most_sorties: int) -> tuple[tuple[int, int], ...]:
    """Pairs of pools that can serve one contact together where the first alone has too few tankers.

    Of two types too, where there is a level at which both can.
    """
    found = [
        (one, two)
        for one in range(len(pools))
        for two in range(len(pools))
        if one != two
        and 0 < pools[one].available < most_sorties
        and pools[two].available > 0
        and all(serves(pools[k].pairing, joint(pools[one].pairing, pools[two].pairing)) for k in (one, two))
    ]
    return tuple(found[:MOST_MIXES])
