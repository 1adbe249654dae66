"""Tanker refuels tanker: the most that a team from one base can give far out, and who gives what to whom.

A team flies out from its base along one way. At any point of it one tanker may give all it can spare to
another and turn for home, so the transfers of a team form a tree whose root meets the receiver. With
f_s(x) the most fuel in the root at distance x from the base with s tankers spent:

    f_s(x + dx) = f_s(x) less the burn
    f_(a+b)(x)  = min(capacity, f_a(x) + g_b(x))     the root of a takes from the root of b
    g_b(x)      = f_b(x) less that tanker's own way home, reserve, margin for doubt and its part of the contact

A forward run over x and s finds every tree of one base and type that flies one way. More fuel on arrival
never hurts, so the most is all that need be kept. Each tanker gives once; each may take often. It is the cascade of
Mehrez & Stern (Naval Research Logistics 1985: range of a fleet by refuelling), with burn that falls with mass,
contacts that take time, full tanks, and the abort rule at every contact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from longreach import geodesy
from longreach.fuel import performance, refuelling
from longreach.fuel.burn import CruiseTable
from longreach.fuel.ladder import Offers
from longreach.fuel.profile import Segment, fly
from longreach.fuel.refuelling import CLIMB_SHARE, OFFLOAD_SHARE, TANKER_EARLY, Pairing, Pool
from longreach.geodesy import Floats
from longreach.units import NAUTICAL_MILE
from longreach.world.aircraft import Aircraft

NODE = 40.0 * NAUTICAL_MILE  # between the points of the way out where a transfer may begin
REGAIN = 120.0 * NAUTICAL_MILE  # after a transfer, before the next of the same tanker may begin
FIRST = 260.0 * NAUTICAL_MILE  # no transfer in the climb with full tanks
LARGEST_TEAM = 10  # sorties of one team
LEAST_GIVEN = 500.0  # kg; less is not worth a contact
FULL = 0.995  # of the capacity: what a table cannot know to the kilogram must not overfill a tank
PART_OF_TANKS = 0.35  # of full tanks, passed on in a transfer of nominal length

_NONE, _ON, _FEWER, _TOOK = 0, 1, 2, 3  # how a state came to be


@dataclass(frozen=True, slots=True)
class Take:
    """One transfer between tankers: the giver, where it starts [m of still air from the base], fuel at most."""

    giver: Member
    start_m: float
    onload_kg: float


@dataclass(frozen=True, slots=True)
class Member:
    """One tanker of a team and what it takes, in order along the way; none: it leaves with all it needs."""

    takes: tuple[Take, ...] = ()

    @property
    def sorties(self) -> int:
        return 1 + sum(take.giver.sorties for take in self.takes)


@dataclass(frozen=True, slots=True)
class Team:
    """What meets the receivers at one contact: `copies` identical trees side by side.

    out_m : still-air length of the way out, in which the transfers' places are told
    """

    copies: int
    root: Member
    out_m: float = math.inf


def own_pairing(tanker: Aircraft) -> Pairing | str:
    """How a type takes fuel from its own kind all but full, or why it cannot."""
    return refuelling.pair(tanker, tanker, 0.97 * tanker.max_takeoff_mass_kg)


@dataclass(frozen=True, slots=True)
class Caps:
    """What a mission allows in one contact: fuel flowing so long [s], so much to one receiver [kg]."""

    longest_flow_s: float = refuelling.LONGEST_FLOW
    most_onload_kg: float | None = None

    def of(self, pairing: Pairing, receivers: int, tankers: int) -> float:
        """Most given in all [kg] by so many tankers to so many receivers."""
        by_time = pairing.rate_kgps * self.longest_flow_s / math.ceil(receivers / tankers) * receivers
        return min(by_time, math.inf if self.most_onload_kg is None else self.most_onload_kg * receivers)


class Teams:
    """The teams of one pool, seen from its candidate contacts.

    own : how its tankers refuel one another
    contact_s : nominal length of the contact with the receivers [s]
    share : of what the model says a tanker can give
    largest : most sorties of one team
    caps : on each contact, of tankers among themselves too
    free : transfers take no time and cost nothing, and nothing is kept for doubt: for a bound

    Attributes
    ----------
    given_kg : (c, largest + 1) most the root can give at each candidate with that many sorties; 0 where none
    """

    def __init__(
        self,
        pool: Pool,
        own: Pairing,
        contact_s: float,
        share: float = OFFLOAD_SHARE,
        largest: int = LARGEST_TEAM,
        caps: Caps = Caps(),
        *,
        free: bool = False,
    ) -> None:
        self.pool, self.own, self.contact_s, self.share = pool, own, contact_s, share
        self.largest = largest
        kind, table = pool.tanker, pool.table
        self.dry = kind.operating_empty_mass_kg
        self.start = pool.heaviest_kg * (1.0 - CLIMB_SHARE) - self.dry
        inflight = min(kind.max_inflight_mass_kg, table.heaviest_kg)
        self.capacity = (1.0 if free else FULL) * min(kind.max_fuel_kg, inflight - self.dry)
        self.most_taken = caps.of(own, 1, 1)
        self.margin = 0.0 if free else pool.doubt_z * pool.relative_sigma
        flow_s = min(20 * 60.0, PART_OF_TANKS * kind.max_fuel_kg / own.rate_kgps)
        self.transfer_s = 0.0 if free else refuelling.SETTLE + flow_s + refuelling.PART
        self.transfer_m = self.transfer_s * own.tas_mps
        self.join_burn = 0.0 if free else transfer_burn(kind, table, own, self.transfer_s)
        self.skip = 1 if free else math.ceil((self.transfer_m + REGAIN) / NODE)
        # Still-air metres home for each metre out: one column where all are alike, as in still air.
        with np.errstate(invalid="ignore"):
            ratio = np.where(np.isfinite(pool.out_m), pool.back_m / pool.out_m, 1.0)
        far = pool.out_m > 2.0 * FIRST  # nearer ones are no place for a team, and may have any ratio
        alike = not far.any() or float(np.ptp(ratio[far])) < 0.02
        self.home = np.array([float(ratio[far].max(initial=1.0))]) if alike else ratio
        self.column = np.zeros(ratio.size, int) if alike else np.arange(ratio.size)
        self._run()
        self.given_kg = self._given(free)

    # -- the forward run ----------------------------------------------------------------------------

    def _run(self) -> None:
        pool = self.pool
        finite = pool.out_m[np.isfinite(pool.out_m)]
        nodes = int(finite.max(initial=0.0) / NODE) + 1
        shape = (self.largest + 1, nodes, self.home.size)
        self.fuel, self.since = np.full(shape, -np.inf), np.zeros(shape)
        self.how, self.part = np.zeros(shape, np.int8), np.zeros(shape, np.int16)
        self.fuel[1, 0], self.how[1, 0] = self.start, _ON
        for node in range(nodes):
            for sorties in range(1, self.largest + 1):
                if node and sorties:
                    self._put(sorties, node, *self._flown(sorties, node - 1, NODE), _ON, 0)
                fewer = self.fuel[sorties - 1, node], self.since[sorties - 1, node]
                self._put(sorties, node, *fewer, _FEWER, 0)
                stuck = self.fuel[sorties, node] < self._wanted(
                    self.since[sorties, node], node * NODE * self.home
                )
                self.fuel[sorties, node][stuck] = -np.inf
            if node * NODE >= FIRST and node + self.skip < nodes:
                self._transfers(node)

    def _flown(self, sorties: int, node: int, metres: float, cost: float = 0.0) -> tuple[Floats, Floats]:
        """Fuel and burn since it was last known, a distance on from a node."""
        fuel, since = self.fuel[sorties, node], self.since[sorties, node]
        left = self._after(fuel, metres) - cost
        return left, since + _burnt(fuel, left)

    def _after(self, fuel_kg: Floats, metres) -> Floats:
        left = self.pool.table.mass_after(self.dry + np.where(np.isfinite(fuel_kg), fuel_kg, -1.0), metres)
        return np.where(np.isnan(left), -np.inf, left - self.dry)

    def _wanted(self, since_kg: Floats, home_m: Floats) -> Floats:
        """Fuel with which a tanker gets home from here with its reserve and margin; inf where none is enough."""
        table, reserve = self.pool.table, self.pool.reserve_kg
        wanted = np.broadcast_to(reserve + self.margin * since_kg, np.broadcast(since_kg, home_m).shape)
        for _ in range(3):
            burn = table.mass_before(self.dry + wanted, home_m) - self.dry - wanted
            wanted = reserve + self.margin * (since_kg + np.where(np.isnan(burn), 0.0, burn))
        need = table.mass_before(self.dry + wanted, home_m) - self.dry
        return np.where(np.isnan(need), np.inf, need)

    def _put(self, sorties: int, node: int, fuel: Floats, since: Floats, how: int, part: int) -> None:
        """Keep what leaves more fuel after its margin for doubt."""
        held = self.fuel[sorties, node] - self.margin * self.since[sorties, node]
        better = fuel - self.margin * since > held + 1e-6
        self.fuel[sorties, node][better] = fuel[better]
        self.since[sorties, node][better] = since[better]
        self.how[sorties, node][better] = how
        self.part[sorties, node][better] = part

    def _transfers(self, node: int) -> None:
        """Every transfer that begins at a node: from the root of b sorties to that of a."""
        home = (node * NODE + self.transfer_m) * self.home
        cost = self.join_burn
        arrived = [self._flown(sorties, node, self.transfer_m, cost) for sorties in range(self.largest + 1)]
        wanted = [self._wanted(since, home) for _, since in arrived]
        spare = [
            np.where(np.isfinite(fuel) & np.isfinite(need), self.share * (fuel - need), 0.0)
            for (fuel, _), need in zip(arrived, wanted, strict=True)
        ]
        rest = self.skip * NODE - self.transfer_m
        for a in range(1, self.largest):
            fuel = arrived[a][0]
            for b in range(1, self.largest - a + 1):
                given = np.minimum(np.minimum(spare[b], self.most_taken), self.capacity - fuel)
                able = (given >= LEAST_GIVEN) & (fuel >= wanted[a]) & (spare[b] > 0.0)
                if not able.any():
                    continue
                after = np.where(able, fuel + given, -np.inf)
                left = self._after(after, rest)
                self._put(a + b, node + self.skip, left, _burnt(after, left), _TOOK, a)

    # -- what it gives ------------------------------------------------------------------------------

    def _given(self, free: bool) -> Floats:
        pool, table = self.pool, self.pool.table
        count = pool.out_m.size
        given = np.zeros((count, self.largest + 1))
        reach = np.isfinite(pool.out_m) & np.isfinite(pool.back_m)
        node = np.where(reach, np.nan_to_num(pool.out_m, posinf=0.0) / NODE, 0.0).astype(int)
        rest = np.where(reach, pool.out_m, 0.0) - node * NODE
        heaviest = self.dry + self.start
        early = 0.0 if free else TANKER_EARLY * float(table.flow(max(self.dry, 0.8 * heaviest)))
        contact = 0.0 if free else pool.contact_burn(max(self.dry, 0.85 * heaviest), self.contact_s)
        for sorties in range(1, self.largest + 1):
            fuel = self.fuel[sorties, node, self.column]
            at = self._after(fuel, rest)
            after = at - early - contact
            since = self.since[sorties, node, self.column] + _burnt(fuel, after)
            need = self._wanted(since, np.where(reach, pool.back_m, 0.0))
            able = reach & np.isfinite(after) & np.isfinite(need)
            # the root is longest under way of all
            able &= pool.time(np.zeros(count)) + self.contact_s <= pool.longest_s
            given[able, sorties] = np.maximum(self.share * (after[able] - need[able]), 0.0)
        return np.maximum.accumulate(given, axis=1)

    def price(self) -> Floats:
        """(c,) fuel burnt to bring one kilogram more to each candidate."""
        table, middle = self.pool.table, self.dry + 0.5 * self.start
        more = table.mass_before(middle + 100.0, self.pool.out_m) - table.mass_before(middle, self.pool.out_m)
        return np.where(np.isnan(more), 1.0, more / 100.0 - 1.0)

    def team(self, candidate: int, sorties: int, onload_kg: float) -> Team:
        """The team of that many sorties that gives most, with no more copies side by side than it takes."""
        best = Team(sorties, Member())
        most = sorties * self.given_kg[candidate, 1]
        for copies in range(sorties - 1, 0, -1):
            if sorties % copies == 0:
                given = copies * self.given_kg[candidate, sorties // copies]
                if most < given and most < onload_kg:
                    root = self.root(candidate, sorties // copies)
                    best, most = Team(copies, root, float(self.pool.out_m[candidate])), given
        return best

    # -- the tree -----------------------------------------------------------------------------------

    def root(self, candidate: int, sorties: int) -> Member:
        """The tree that gives `given_kg[candidate, sorties]`, with no more tankers than it needs."""
        while sorties > 1 and self.given_kg[candidate, sorties - 1] >= self.given_kg[candidate, sorties]:
            sorties -= 1
        return self._member(sorties, int(self.pool.out_m[candidate] / NODE), int(self.column[candidate]))

    def _member(self, sorties: int, node: int, column: int) -> Member:
        takes: list[Take] = []
        while node > 0 or sorties > 1:
            how = self.how[sorties, node, column]
            if how == _FEWER:
                sorties -= 1
            elif how == _ON:
                node -= 1
            else:
                kept, begun = int(self.part[sorties, node, column]), node - self.skip
                after, _ = self._flown(kept, begun, self.transfer_m, self.join_burn)
                other = sorties - kept
                end, since = self._flown(other, begun, self.transfer_m, self.join_burn)
                need = self._wanted(since, (begun * NODE + self.transfer_m) * self.home)
                spare = self.share * float(end[column] - need[column])
                given = min(spare, self.most_taken, self.capacity - float(after[column]))
                takes.append(Take(self._member(other, begun, column), begun * NODE, given))
                sorties, node = kept, begun
        return Member(tuple(reversed(takes)))


def _burnt(before: Floats, after: Floats) -> Floats:
    """Fuel burnt, 0 where either is unknown."""
    known = np.isfinite(before) & np.isfinite(after)
    return np.where(known, np.where(known, before, 0.0) - np.where(known, after, 0.0), 0.0)


def offers(
    pools: list[Pool],
    plain: Offers,
    receivers: int,
    contact_s: float,
    share: float = OFFLOAD_SHARE,
    caps: Caps = Caps(),
    *,
    free: bool = False,
) -> tuple[Offers, dict[int, Teams]]:
    """The tankers' side of the ladder with teams in it, and the teams of each pool whose type gives to its own.

    plain : the same without teams. The sortie axis is longer: s sorties are the best of s side by side and of
        teams side by side. `fixed_kg` is that of a tanker that leaves full.
    """
    teams: dict[int, Teams] = {}
    for k, pool in enumerate(pools):
        own = own_pairing(pool.tanker)
        if not isinstance(own, str):
            teams[k] = Teams(pool, own, contact_s, share, min(LARGEST_TEAM, pool.available), caps, free=free)
    count, longest = plain.air_start_m.size, max((team.largest for team in teams.values()), default=1)
    longest = max(longest, plain.offload_kg.shape[2] - 1)
    width = max(1, len(pools))
    base = np.full((count, width), -1)
    offload = np.zeros((count, width, longest + 1))
    fixed, slope = np.zeros((count, width)), np.zeros((count, width))
    for c in range(count):
        for o, k in enumerate(plain.base[c]):
            if 0 <= k < len(pools):  # teams are of one base: pairs of bases are left out
                base[c, k] = k
                offload[c, k, : plain.offload_kg.shape[2]] = plain.offload_kg[c, o]
                fixed[c, k], slope[c, k] = plain.fixed_kg[c, o], plain.slope[c, o]
    for k, each in teams.items():
        capped = [caps.of(pools[k].pairing, receivers, n) for n in range(1, longest + 1)]
        for sorties in range(2, each.largest + 1):
            for copies in range(1, sorties + 1):
                if sorties % copies == 0:
                    most = np.minimum(copies * each.given_kg[:, sorties // copies], capped[copies - 1])
                    offload[:, k, sorties] = np.maximum(offload[:, k, sorties], most)
        far = (base[:, k] < 0) & (offload[:, k].max(axis=1) > LEAST_GIVEN)
        base[far, k] = k
        fixed[far, k] = each.start - pools[k].reserve_kg
        slope[far, k] = each.price()[far]
    kept = np.ones((count, width))
    for c in range(count):
        for o, k in enumerate(plain.base[c]):
            if 0 <= k < len(pools):
                kept[c, k] = plain.kept[c, o]
    found = replace(
        plain, base=base, offload_kg=offload, fixed_kg=fixed, slope=slope, lost=1.0 - kept, mixes=()
    )
    return found, teams


def transfer_burn(kind: Aircraft, table: CruiseTable, own: Pairing, seconds: float) -> float:
    """What a transfer costs a tanker beyond cruise: the way down, the low level and speed, the climb back [kg]."""
    mass = kind.operating_empty_mass_kg + 0.75 * kind.max_fuel_kg
    mass = min(mass, table.heaviest_kg)
    cuts = np.cumsum([0.0, 200_000.0, seconds * own.tas_mps, 400_000.0])
    lat, lon, _ = geodesy.direct(0.0, 0.0, 90.0, cuts)
    segments = [
        Segment(lat[0:2], lon[0:2], "cruise"),
        Segment(lat[1:3], lon[1:3], "refuel", own.mach, own.altitude_m),
        Segment(lat[2:4], lon[2:4], "cruise"),
    ]
    flown = fly(
        kind, segments, mass, zero_fuel_mass_kg=kind.operating_empty_mass_kg,
        start_altitude_m=float(table.level(mass)), land=False,
    )  # fmt: skip
    if flown.failure is not None:
        return performance.fuel_flow(kind, mass, own.altitude_m, own.mach) * seconds * 0.2
    return max(0.0, flown.burn_kg - (mass - float(table.mass_after(mass, flown.length_m))))
