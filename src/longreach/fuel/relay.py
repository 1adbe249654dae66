"""Tanker refuels tanker: the most that a team from one base can give far out, and who gives what to whom.

A team flies out from its base along one way, one tanker or two side by side. At any point of it tankers may give
all they can spare to others and turn for home; one that gives may serve two in turn; of two side by side one may give
to the other; and whoever has given may be met on its way home by one more tanker from the base, if a field is open to
it until then. With f_m,s(x) the most fuel in each of m tankers side by side at distance x from the base, s sorties
spent:

    f_m,s(x + dx)  = f_m,s(x) less the burn
    f_m,a+b(x)     = min(capacity, f_m,a(x) + g_n,b(x) n / m)     n givers of b sorties, n = m or one for both
    f_1,a(x)       = min(capacity, f_2,a(x) + g_2,a(x))           one of two gives to the other
    g_n,b(x)       = f_n,b(x) less the way home (or to where it is met), reserve, margin for doubt, part of the contact

A forward run over x and s finds every such team of one base and type. More fuel on arrival never hurts; what is
burnt since fuel was last known asks for a margin, so a state keeps every pair of fuel and burn that no other beats.
It is the cascade of Mehrez & Stern (Naval Research Logistics 1985: range of a fleet by refuelling), with burn that
falls with mass, contacts that take time, full tanks, and the abort rule at every contact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

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
NEAR = 2.0 * FIRST  # no team gives more than its tankers apart so near
LARGEST_TEAM = 10  # sorties of one team
LEAST_GIVEN = 500.0  # kg; less is not worth a contact
LEAST_MET = 2_000.0  # kg that a tanker must be able to give to one on its way home: its own way there is long
FULL = 0.995  # of the capacity: what a table cannot know to the kilogram must not overfill a tank
PART_OF_TANKS = 0.35  # of full tanks, passed on in a transfer of nominal length
MOST_COLUMNS = 48  # with more, ways count as alike that differ by more
ALIKE_DEG, ALIKE = (
    0.4,
    0.02,
)  # of bearing, and of still-air metres home for each out: ways so alike are run as one

Refuge = Callable[[int, Floats], Floats]
"""Of a contact's number and (n,) still-air distances out on the way there: still-air metres to the best field that
is open to a tanker there beside its base; inf where there is none."""


@dataclass(frozen=True, slots=True)
class Handover:
    """One transfer between tankers of a team, by their numbers in it.

    start_m : still air from the base where it begins; onload_kg : most that the taker takes, as reckoned
    homeward : the taker has given and is on its way home
    """

    giver: int
    taker: int
    start_m: float
    onload_kg: float
    homeward: bool = False


@dataclass(frozen=True, slots=True)
class Team:
    """What meets the receivers at one contact: `copies` identical teams side by side.

    roots : tankers of a team that meet the receivers, the first in number
    members : tankers of a team; whoever gives has a greater number than all to whom it gives
    handovers : in no order. Of two takers of one giver the one with the greater number takes first
    out_m : still-air length of the way out, in which the transfers' places are told
    """

    copies: int
    roots: int = 1
    members: int = 1
    handovers: tuple[Handover, ...] = ()
    out_m: float = math.inf

    @property
    def sorties(self) -> int:
        return self.copies * self.members

    @property
    def tankers(self) -> int:
        """Tankers that meet the receivers."""
        return self.copies * self.roots


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
    refuge, bearing_deg : fields open to a tanker beside its base, and (c,) where the way to each contact leads;
        None: there are none, and nobody is met on the way home
    free : transfers take no time and cost nothing, and nothing is kept for doubt: for a bound

    Attributes
    ----------
    given_kg : (c, largest + 1) most a team can give at each candidate with that many sorties; 0 where none
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
        refuge: Refuge | None = None,
        bearing_deg: Floats | None = None,
        free: bool = False,
    ) -> None:
        self.pool, self.own, self.contact_s, self.share = pool, own, contact_s, share
        self.largest, self.refuge = largest, refuge
        kind, table = pool.tanker, pool.table
        self.dry = kind.operating_empty_mass_kg
        climb = climb_burn(kind, table, pool.heaviest_kg)
        self.start = pool.heaviest_kg - climb - self.dry
        # what tankers that are reckoned with the usual climb give too much by, each
        self.over_kg = 0.0 if free else share * max(0.0, climb - CLIMB_SHARE * pool.heaviest_kg)
        inflight = min(kind.max_inflight_mass_kg, table.heaviest_kg)
        self.capacity = (1.0 if free else FULL) * min(kind.max_fuel_kg, inflight - self.dry)
        self.most_taken = caps.of(own, 1, 1)
        self.margin = 0.0 if free else pool.doubt_z * pool.relative_sigma
        flow_s = min(20 * 60.0, PART_OF_TANKS * kind.max_fuel_kg / own.rate_kgps)
        self.transfer_s = 0.0 if free else refuelling.SETTLE + flow_s + refuelling.PART
        self.transfer_m = self.transfer_s * own.tas_mps
        self.join_burn = 0.0 if free else transfer_burn(kind, table, own, self.transfer_s)
        once = 1 if free else math.ceil((self.transfer_m + REGAIN) / NODE)
        twice = 1 if free else math.ceil((2.0 * self.transfer_m + REGAIN) / NODE)
        self.skips = np.array([once, twice])
        heaviest = self.dry + self.start
        self.early = 0.0 if free else TANKER_EARLY * float(table.flow(max(self.dry, 0.8 * heaviest)))
        self.contact = 0.0 if free else pool.contact_burn(max(self.dry, 0.85 * heaviest), self.contact_s)
        self._columns(bearing_deg)
        self._run()

    def _columns(self, bearing_deg: Floats | None) -> None:
        """Candidates whose ways are alike, the farthest of each first: they are run as one."""
        pool = self.pool
        reach = np.isfinite(pool.out_m) & np.isfinite(pool.back_m) & (pool.out_m > NEAR)
        ratio = np.where(reach, np.where(reach, pool.back_m, 1.0) / np.where(reach, pool.out_m, 1.0), 1.0)
        bearing = np.zeros(pool.out_m.size) if bearing_deg is None else bearing_deg
        wider = 1.0
        while True:  # over a long line round a base every candidate would be one of its own
            self.column = np.full(pool.out_m.size, -1)
            self.farthest: list[int] = []
            ratios: list[float] = []
            left = reach.copy()
            while left.any():
                first = int(np.argmax(np.where(left, pool.out_m, -1.0)))
                turn = np.abs((bearing - bearing[first] + 180.0) % 360.0 - 180.0)
                alike = left & (turn <= wider * ALIKE_DEG) & (np.abs(ratio - ratio[first]) <= wider * ALIKE)
                self.column[alike] = len(self.farthest)
                self.farthest.append(first)
                ratios.append(float(ratio[alike].max()))
                left &= ~alike
            if len(self.farthest) <= MOST_COLUMNS:
                break
            wider *= 1.5
        self.ratio = np.array(ratios)

    def _figures(self, column: int) -> Floats:
        return np.array([
            self.dry, self.start, self.capacity, self.pool.reserve_kg, self.margin, self.share, self.most_taken,
            LEAST_GIVEN, NODE, FIRST, REGAIN, self.transfer_m, self.join_burn, self.ratio[column], self.early, self.contact,
        ])  # fmt: skip

    def _run(self) -> None:
        count = self.pool.out_m.size
        most = np.zeros((count, self.largest + 1))
        most[:, 1] = np.maximum(self.pool.most_offload(self.share, self.contact_s) - self.over_kg, 0.0)
        self.choice = np.zeros((count, self.largest + 1, 4), int)
        self._column = lru_cache(maxsize=8)(self._column_of)
        in_time = self.pool.time(np.zeros(count)) + self.contact_s <= self.pool.longest_s
        for column in range(len(self.farthest)):
            mine = np.flatnonzero((self.column == column) & in_time)  # a root is longest under way of all
            most[self.column == column] = 0.0
            if mine.size:
                run = self._column(column)
                most[mine], self.choice[mine] = _kernels().given(
                    *run.way, run.fuel, run.since, run.count, self.pool.out_m[mine], self.pool.back_m[mine]
                )
        self.given_kg = np.maximum.accumulate(most, axis=1)
        for sorties in range(1, self.largest + 1):  # no more tankers than it takes
            fewer = most[:, sorties] < self.given_kg[:, sorties]
            self.choice[fewer, sorties] = self.choice[fewer, sorties - 1]

    def _column_of(self, column: int) -> _Column:
        """Every front of the candidates of one column."""
        kernels, figures = _kernels(), self._figures(column)
        masses, ranges = self.pool.table.mass_kg, self.pool.table.reach_m
        farthest = self.farthest[column]
        out = np.arange(int(self.pool.out_m[farthest] / NODE) + 1) * NODE
        home = out * self.ratio[column]
        refuge = (
            home if self.refuge is None else np.minimum(home, self.refuge(farthest, np.asarray(out, float)))
        )
        step = self.capacity / (kernels.GRID - 1.0)  # of burn since fuel was last known
        meet = np.zeros(out.size)
        if self.refuge is not None:
            meet = kernels.meetings(figures, masses, ranges, out.size)
            meet[meet < LEAST_MET] = 0.0
        table, where = kernels.met_table(figures, masses, ranges, refuge, meet, step)
        way = (figures, masses, ranges, refuge, table, step)
        return _Column(way, where, meet, *kernels.states(*way, self.skips, self.largest, True))

    def price(self) -> Floats:
        """(c,) fuel burnt to bring one kilogram more to each candidate."""
        table, middle = self.pool.table, self.dry + 0.5 * self.start
        more = table.mass_before(middle + 100.0, self.pool.out_m) - table.mass_before(middle, self.pool.out_m)
        return np.where(np.isnan(more), 1.0, more / 100.0 - 1.0)

    def roots(self, candidate: int, sorties: int) -> int:
        """Tankers that meet the receivers from the team of that many sorties that gives most."""
        return max(1, int(self.choice[candidate, sorties, 0]))

    def team(self, candidate: int, sorties: int, onload_kg: float) -> Team:
        """The team of that many sorties that gives most, with no more copies side by side than it takes."""
        best, most = Team(sorties), sorties * self.given_kg[candidate, 1]
        for copies in range(sorties - 1, 0, -1):
            if sorties % copies == 0:
                given = copies * self.given_kg[candidate, sorties // copies]
                if most < given and most < onload_kg:
                    best, most = self.tree(candidate, sorties // copies, copies), given
        return best

    # -- the tree -----------------------------------------------------------------------------------

    def tree(self, candidate: int, sorties: int, copies: int = 1) -> Team:
        """Who gives to whom in the team that gives `given_kg[candidate, sorties]`."""
        roots, spent, place, met = (int(each) for each in self.choice[candidate, sorties])
        if not roots:  # near the base
            return Team(copies)
        run = self._column(int(self.column[candidate]))
        tree = _Tree(self, run, roots)
        node = int(self.pool.out_m[candidate] / NODE)
        tree.follow(tuple(range(roots)), spent, node, place)
        if met:
            x = float(self.pool.back_m[candidate]) / float(run.way[0][_kernels().HOME])
            tree.meet(tuple(range(roots)), x)
        return Team(copies, roots, tree.members, tuple(tree.handovers), float(self.pool.out_m[candidate]))


@dataclass(frozen=True, slots=True)
class _Column:
    """One column as run: figures, tables and refuges of the kernels, meetings, and its fronts."""

    way: tuple[Any, ...]
    where: Any
    meet: Floats
    fuel: Floats
    since: Floats
    how: Any
    part: Any
    count: Any


class _Tree:
    """The handovers of one team, followed back from its roots."""

    def __init__(self, teams: Teams, run: _Column, roots: int) -> None:
        self.teams, self.run, self.members = teams, run, roots
        self.handovers: list[Handover] = []

    def follow(self, who: tuple[int, ...], sorties: int, node: int, place: int) -> None:
        """What those tankers side by side took, from a state of theirs back to the base."""
        kernels, run, teams = _kernels(), self.run, self.teams
        while node > 0:
            at = (len(who) - 1, sorties, node, place)
            how = int(run.how[at])
            taker, behind, givers, giver, its_place, met = (int(each) for each in run.part[at])
            if how == kernels.ON:
                node, place = node - 1, behind
                continue
            turns = 2 if how == kernels.TOOK and givers < len(who) else 1
            begun = node - int(teams.skips[turns - 1])
            both = how == kernels.MERGED
            length = turns * teams.transfer_m
            rest = (node - begun) * NODE - length
            side = 1 if both else len(who) - 1
            had = float(run.fuel[side, taker, begun, behind])
            left = float(kernels.after(*run.way[:3], had, length)) - teams.join_burn
            onload = float(kernels.before(*run.way[:3], float(run.fuel[at]), rest)) - left
            new = tuple(range(self.members, self.members + givers))
            self.members += givers
            for k, each in enumerate(who):
                self.handovers.append(Handover(new[min(k, givers - 1)], each, begun * NODE, onload))
            if met:
                self.meet(new, begun * NODE + length)
            if both:
                who = (*who, *new)
            else:
                self.follow(new, giver, begun, its_place)
            sorties, node, place = taker, begun, behind

    def meet(self, who: tuple[int, ...], x: float) -> None:
        """One more tanker for each, that meets it on its way home from a distance out."""
        node = min(int(max(x - REGAIN, 0.0) / NODE), self.run.where.shape[0] - 1)
        at = int(self.run.where[node, 1])
        for each in who:
            self.handovers.append(Handover(self.members, each, at * NODE, float(self.run.meet[at]), True))
            self.members += 1


@lru_cache(maxsize=1)
def _kernels() -> Any:
    """Compiled when first used."""
    from longreach.fuel import _relay_kernels

    return _relay_kernels


def relays(pools: Sequence[Pool]) -> bool:
    """Whether tankers of any pool can refuel one another. Buddies leave with the receivers, and do not."""
    return any(_relayed(pool) is not None for pool in pools)


def _relayed(pool: Pool) -> Pairing | None:
    own = own_pairing(pool.tanker)
    return None if isinstance(own, str) or pool.early_s != TANKER_EARLY else own


def offers(
    pools: list[Pool],
    plain: Offers,
    receivers: int,
    contact_s: float,
    share: float = OFFLOAD_SHARE,
    caps: Caps = Caps(),
    *,
    refuges: Sequence[Refuge | None] | None = None,
    bearings_deg: Sequence[Floats] | None = None,
    free: bool = False,
) -> tuple[Offers, dict[int, Teams]]:
    """The tankers' side of the ladder with teams in it, and the teams of each pool whose type gives to its own.

    plain : the same without teams. The sortie axis is longer: s sorties are the best of s side by side and of
        teams side by side. `fixed_kg` is that of a tanker that leaves full. Pairs of bases are left out but
        for a bound.
    """
    teams: dict[int, Teams] = {}
    for k, pool in enumerate(pools):
        own = _relayed(pool)
        if own is not None:
            teams[k] = Teams(
                pool, own, contact_s, share, min(LARGEST_TEAM, pool.available), caps,
                refuge=None if refuges is None else refuges[k],
                bearing_deg=None if bearings_deg is None else bearings_deg[k],
                free=free,
            )  # fmt: skip
    count, longest = plain.air_start_m.size, max((team.largest for team in teams.values()), default=1)
    longest = max(longest, plain.offload_kg.shape[2] - 1)
    width = max(1, len(pools))
    base = np.full((count, width), -1)
    offload = np.zeros((count, width, longest + 1))
    fixed, slope = np.zeros((count, width)), np.zeros((count, width))
    for c in range(count):
        for o, k in enumerate(plain.base[c]):
            if 0 <= k < len(pools):
                base[c, k] = k
                offload[c, k, : plain.offload_kg.shape[2]] = plain.offload_kg[c, o]
                fixed[c, k], slope[c, k] = plain.fixed_kg[c, o], plain.slope[c, o]
    for k, each in teams.items():
        many = np.arange(offload.shape[2])
        offload[:, k] = np.maximum(offload[:, k] - many * each.over_kg, 0.0)
        capped = np.array([caps.of(pools[k].pairing, receivers, max(1, n)) for n in range(2 * longest + 1)])
        for sorties in range(2, each.largest + 1):
            for copies in range(1, sorties + 1):
                if sorties % copies == 0:
                    part = sorties // copies
                    meet = copies * np.maximum(each.choice[:, part, 0], 1)
                    most = np.minimum(copies * each.given_kg[:, part], capped[meet])
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
    return (_with_pairs(found, plain) if free else found), teams


def _with_pairs(found: Offers, plain: Offers) -> Offers:
    """Offers with the options of two bases together that the plain ones have."""
    pairs = plain.base.max(axis=0, initial=-1) >= len(plain.available)
    if not pairs.any():
        return found
    more = plain.offload_kg[:, pairs]
    more = np.pad(more, ((0, 0), (0, 0), (0, found.offload_kg.shape[2] - more.shape[2])))
    return replace(
        found,
        base=np.hstack([found.base, plain.base[:, pairs]]),
        offload_kg=np.concatenate([found.offload_kg, more], axis=1),
        fixed_kg=np.hstack([found.fixed_kg, plain.fixed_kg[:, pairs]]),
        slope=np.hstack([found.slope, plain.slope[:, pairs]]),
        lost=1.0 - np.hstack([found.kept, plain.kept[:, pairs]]),
        mixes=plain.mixes,
    )


def climb_burn(kind: Aircraft, table: CruiseTable, mass_kg: float) -> float:
    """What the climb from the field costs a tanker beyond cruise over the same distance [kg]."""
    lat, lon, _ = geodesy.direct(0.0, 0.0, 90.0, [0.0, 800_000.0])
    flown = fly(
        kind,
        [Segment(lat, lon, "cruise")],
        mass_kg,
        zero_fuel_mass_kg=kind.operating_empty_mass_kg,
        land=False,
    )
    if flown.failure is not None:
        return CLIMB_SHARE * mass_kg
    return max(0.0, flown.burn_kg - (mass_kg - float(table.mass_after(mass_kg, flown.length_m))))


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
