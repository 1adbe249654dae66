"""The fuel ladder: where a receiver takes fuel along a given line, how much, and from which base.

Order of merit: fewest tanker sorties, then least fuel bought (receivers' and tankers' together). Every
moment between two contacts is guarded: with nothing more taken on, the fuel on board must reach an open
abort base and hold its reserve, with the asked margin for doubt in the burn.

The number of sorties is exact for the candidates offered (a forward run on the most fuel attainable, which
decides because arrival fuel is monotone in starting fuel). The least fuel is proved by runs over cells of the
fuel *after* a contact that are made finer only where an optimum may lie (`cells`); nothing is rounded per step
of distance. Kannon, Nurre, Lunday & Hill, Optimization Letters 2015, give the label-setting form.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from longreach.fuel.burn import CruiseTable
from longreach.fuel.cells import CLOSED, Chain, Steps, least_fuel
from longreach.geodesy import Floats

SEPARATION = 450_000.0  # m between the nominal end of a contact and the start of the next: it may run
# 25 min longer than nominal, and the level has to be reached again
ROUNDS, SETTLED = 12, 0.02  # kg: rounds in which a margin and the burn it protects are found together
LINEAR_ROUNDS = 16  # linear programmes solved for the onloads of one chain
LEAST_ONLOAD = 250.0  # kg a receiver: less is not worth a contact
LARGEST_SORTIES = 24  # more tankers than this for one flight is a different kind of operation


@dataclass(frozen=True, slots=True)
class Receiver:
    """The aircraft that take fuel, as the ladder needs them.

    count : how many; of a cell of several types, as many of this type as would take what the whole cell does
    zero_fuel_mass_kg, capacity_kg (most fuel in flight), takeoff_capacity_kg : per aircraft
    relative_sigma : one sigma of the burn, as a fraction (type error band and wind spread together)
    doubt_z : how many sigmas the margin must hold
    """

    count: float
    table: CruiseTable
    zero_fuel_mass_kg: float
    capacity_kg: float
    takeoff_capacity_kg: float
    reserve_kg: float
    contingency: float
    relative_sigma: float
    doubt_z: float


@dataclass(frozen=True, slots=True)
class Guard:
    """What must be on board at points along the line.

    air_m : (n,) still-air distance flown since take-off, increasing; the last is the landing
    abort_air_m : (n,) still-air distance from there to the best open abort base; inf where there is none
    more_kg : (n,) fuel wanted there beside that, where flying has told so; None is nothing
    """

    air_m: Floats
    abort_air_m: Floats
    more_kg: Floats | None = None


@dataclass(frozen=True, slots=True)
class Offers:
    """What tankers could do at candidate contacts (axis 0), in order along the line.

    air_start_m, air_end_m : (c,) still-air distance at the start and the end of the contact
    join_burn_kg : (c,) what the contact costs a receiver beyond plain cruise
    base : (c, o) index of the pool each option draws on, -1 where there is no option
    offload_kg : (c, o, s) most that s sorties of the option can give in all; s = 0 gives 0
    fixed_kg, slope : (c, o) fuel one sortie burns = fixed + slope * offload
    available : (b,) sorties each pool can fly in all
    must : candidates that have to be used
    lost : (c, o) share of what a receiver takes that it burns in the longer contact; None is nothing
    mixes : pairs of pools that serve one contact together: all tankers of the first, then the second's; an
        option whose base is `len(available) + m` draws on pair m
    """

    air_start_m: Floats
    air_end_m: Floats
    join_burn_kg: Floats
    base: np.ndarray
    offload_kg: Floats
    fixed_kg: Floats
    slope: Floats
    available: tuple[int, ...]
    must: tuple[int, ...] = ()
    lost: Floats | None = None
    mixes: tuple[tuple[int, int], ...] = ()

    def draws(self, base: int, sorties: int) -> tuple[tuple[int, int], ...]:
        """(pool, sorties) that an option of that base flies from each pool."""
        return _draws(self.available, self.mixes, base, sorties)

    def used(self, chain: Iterable[tuple[int, int, int]]) -> np.ndarray:
        """(b,) sorties a chain of (candidate, option, sorties) flies from each pool."""
        total = np.zeros(len(self.available), int)
        for candidate, option, sorties in chain:
            for pool, count in self.draws(int(self.base[candidate, option]), sorties):
                total[pool] += count
        return total

    @property
    def kept(self) -> Floats:
        """(c, o) share of what is taken that is on board when the contact ends, beside a nominal one."""
        return np.ones(self.base.shape) if self.lost is None else 1.0 - self.lost


def _draws(
    available: tuple[int, ...], mixes: tuple[tuple[int, int], ...], base: int, sorties: int
) -> tuple[tuple[int, int], ...]:
    if base < len(available):
        return ((base, sorties),)
    one, two = mixes[base - len(available)]
    first = min(available[one], sorties)
    return tuple((pool, count) for pool, count in ((one, first), (two, sorties - first)) if count)


@dataclass(frozen=True, slots=True)
class Rung:
    """One contact chosen: candidate and option indices, sorties, and fuel per receiver."""

    candidate: int
    option: int
    sorties: int
    onload_kg: float


@dataclass(frozen=True, slots=True)
class Ladder:
    """A whole choice. `rungs` may be empty: no refuelling needed.

    bought_kg, bound_kg : fuel bought and the proved least of it for these candidates and number of sorties
    cell_kg : the widest cell of fuel in the run that proved it
    watched : pools whose sorties had to be counted, that no more than there are be taken from them
    """

    takeoff_fuel_kg: float
    rungs: tuple[Rung, ...]
    bought_kg: float = math.nan
    bound_kg: float = math.nan
    cell_kg: float = math.nan
    watched: tuple[int, ...] = ()

    @property
    def sorties(self) -> int:
        return sum(rung.sorties for rung in self.rungs)


class Guarded:
    """Fuel that must be on board after each event so that every later moment is safe.

    Events are take-off (0), then the candidates; `need[i, j]` looks from event i to candidate j - 1 for
    j < n, to the landing for j = n. `extra_kg` is wanted on board at every guarded moment beside the rest, or
    (n,) at each of them.
    """

    def __init__(
        self,
        receiver: Receiver,
        guard: Guard,
        offers: Offers,
        z: float | None = None,
        extra_kg: float | Floats = 0.0,
    ) -> None:
        from longreach.fuel._ladder_kernels import guarded

        z = receiver.doubt_z if z is None else z
        table, dry = receiver.table, receiver.zero_fuel_mass_kg
        air = guard.air_m
        self.events = np.concatenate([[0.0], offers.air_end_m])
        reach = np.isfinite(guard.abort_air_m)
        abort_mass = np.full(air.size, np.inf)
        abort_mass[reach] = table.mass_before(dry + receiver.reserve_kg, guard.abort_air_m[reach])
        self.abort_burn = abort_mass - dry - receiver.reserve_kg
        abort_margin = z * receiver.relative_sigma
        landing_margin = max(abort_margin, receiver.contingency)
        # mass wanted at each guarded point, burn since the event not yet in it
        extra = np.zeros(air.size) if guard.more_kg is None else guard.more_kg
        extra = extra + np.broadcast_to(extra_kg, air.shape)
        wanted = dry + receiver.reserve_kg + extra + self.abort_burn * (1.0 + abort_margin)
        wanted[-1] = dry + receiver.reserve_kg + extra[-1]
        margin = np.full(air.size, abort_margin)
        margin[-1] = landing_margin
        # the first guarded point at or after each contact's end, where its cost beyond cruise is gone too
        point = np.minimum(np.searchsorted(air, self.events[1:]), air.size - 1)
        need = guarded(
            air, wanted, margin, self.events, point, offers.join_burn_kg, table.mass_kg, table.reach_m,
            *table.reach_index(), ROUNDS, SETTLED,
        )  # fmt: skip
        self.need = np.maximum(need - dry, 0.0)
        for candidate in offers.must:  # nothing leads past it
            self.need[: candidate + 1, candidate + 2 :] = np.inf


def _states(limited: Sequence[int], offers: Offers, total: int) -> tuple[np.ndarray, int]:
    """State table and where it starts: how many sorties are left in all and from each base in `limited`."""
    return _state_table(tuple(limited), offers.available, offers.mixes, total, offers.offload_kg.shape[2])


@functools.lru_cache(maxsize=256)
def _state_table(
    limited: tuple[int, ...],
    available: tuple[int, ...],
    mixes: tuple[tuple[int, int], ...],
    total: int,
    n_sortie: int,
) -> tuple[np.ndarray, int]:
    axes = [range(total + 1)] + [range(min(available[base], total) + 1) for base in limited]
    index = {state: k for k, state in enumerate(itertools.product(*axes))}
    n_base = len(available) + len(mixes)
    table = np.full((len(index), n_base, n_sortie), -1, np.int64)
    for state, k in index.items():
        for base in range(n_base):
            for sorties in range(1, n_sortie):
                left = list(state)
                left[0] -= sorties
                drawn = _draws(available, mixes, base, sorties)
                if left[0] < 0 or any(count > available[pool] for pool, count in drawn):
                    continue
                for pool, count in drawn:
                    if pool in limited:
                        left[1 + limited.index(pool)] -= count
                if min(left) >= 0:
                    table[k, base, sorties] = index[tuple(left)]
    start = index[(total, *(min(available[base], total) for base in limited))]
    return table, start


def _event_arrays(receiver: Receiver, offers: Offers):
    zero = np.zeros(1)
    return {
        "air_end": np.concatenate([zero, offers.air_end_m]),
        "air_start": np.concatenate([zero, offers.air_start_m - SEPARATION]),
        "join_burn": np.concatenate([zero, offers.join_burn_kg]),
        "offload": np.concatenate(
            [np.zeros((1, *offers.offload_kg.shape[1:])), offers.offload_kg * offers.kept[:, :, None]]
        )
        / receiver.count,
        "base": np.concatenate([np.full((1, offers.base.shape[1]), -1), offers.base]).astype(np.int64),
        "fixed": np.concatenate([np.zeros((1, offers.fixed_kg.shape[1])), offers.fixed_kg]),
        "slope": np.concatenate([np.zeros((1, offers.slope.shape[1])), offers.slope]),
    }


def _most_fuel(
    receiver: Receiver, guarded: Guarded, arrays, next_state, start: int, start_fuel_kg: float
) -> Floats:
    """Most fuel on board after each event and state, -1 where it cannot be reached."""
    from longreach.fuel._ladder_kernels import most_fuel

    return most_fuel(
        receiver.zero_fuel_mass_kg, receiver.capacity_kg, receiver.table.mass_kg, receiver.table.reach_m,
        *receiver.table.reach_index(), arrays["air_end"], arrays["air_start"], arrays["join_burn"],
        guarded.need, arrays["offload"], arrays["base"], next_state, start, start_fuel_kg,
    )  # fmt: skip


def lacking(
    receiver: Receiver, guarded: Guarded, offers: Offers, start_fuel_kg: float
) -> tuple[float, int | None]:
    """Fuel one receiver lacks to come home after the best last contact [kg], and that candidate (None: take-off).

    With every tanker there is, up to a dozen; inf where no load of fuel would do.
    """
    arrays = _event_arrays(receiver, offers)
    total = min(12, sum(offers.available))
    next_state, start = _states([], offers, total)
    best = _most_fuel(receiver, guarded, arrays, next_state, start, start_fuel_kg).max(axis=1)
    short = np.where(best >= 0.0, guarded.need[:, -1] - best, np.inf)
    # where no load would do: the farthest that tankers can carry it
    event = int(np.argmin(short)) if np.isfinite(short).any() else int(np.flatnonzero(best >= 0.0)[-1])
    return float(short[event]), event - 1 if event > 0 else None


def fewest_sorties(
    receiver: Receiver, guarded: Guarded, offers: Offers, limited: Sequence[int] = (), *, join: bool = True
) -> int | None:
    """The least number of tanker sorties that works for these candidates; None if no number does.

    join : False leaves out what contacts cost beyond plain cruise (for a lower bound).
    """
    if receiver.takeoff_capacity_kg >= guarded.need[0, -1]:
        return 0
    if not offers.air_end_m.size:
        return None
    arrays = _event_arrays(receiver, offers)
    if not join:
        arrays["join_burn"] = np.zeros_like(arrays["join_burn"])
    total = min(LARGEST_SORTIES, sum(offers.available))
    if limited:
        total = min(total, 12)
    next_state, start = _states(list(limited), offers, total)
    best = _most_fuel(receiver, guarded, arrays, next_state, start, receiver.takeoff_capacity_kg)
    done = best >= guarded.need[:, -1][:, None]
    if not done.any():
        return None
    per_total = next_state.shape[0] // (total + 1)
    left = np.nonzero(done.any(axis=0))[0].max() // per_total
    return int(total - left)


def fewest_kept(receiver: Receiver, guarded: Guarded, offers: Offers) -> int | None:
    """The least number of sorties with no base giving more than it has; None if no number does.

    Bases are watched one by one as they turn out to run short, so that few states are enough.
    """
    limited: list[int] = []
    while True:
        fewest = fewest_sorties(receiver, guarded, offers, limited)
        if not fewest:
            return fewest
        chain = _chain_of_most(receiver, guarded, offers, limited, fewest)
        if chain is None:
            return None
        used = offers.used((c, o, n) for c, o, n, _ in chain[1])
        over = [int(base) for base in np.nonzero(used > np.array(offers.available))[0] if base not in limited]
        if not over:
            return fewest
        limited += over


def choose(
    receiver: Receiver,
    guarded: Guarded,
    offers: Offers,
    takeoff_fuel_kg: float | None = None,
    *,
    at_least: int = 0,
    gap: float = CLOSED,
    watched: Sequence[int] = (),
) -> Ladder | None:
    """The ladder with the fewest sorties and, among those, the least fuel; None if there is none.

    takeoff_fuel_kg : fixed by the mission, or None to have it chosen
    at_least : sorties known to be needed, where a whole integration has told so
    gap : share of the fuel by which it may be more than is proved to be the least
    watched : pools that a ladder much like it would take too much from, counted from the start: this saves time only
    """
    if takeoff_fuel_kg is not None:
        receiver = replace(receiver, takeoff_capacity_kg=takeoff_fuel_kg)
    fixed = takeoff_fuel_kg is not None
    found = _counted(receiver, guarded, offers, list(watched), at_least, gap, fixed=fixed)
    if found is None and watched:  # with pools counted fewer sorties are looked at
        found = _counted(receiver, guarded, offers, [], at_least, gap, fixed=fixed)
    return found


def _counted(
    receiver: Receiver,
    guarded: Guarded,
    offers: Offers,
    limited: list[int],
    at_least: int,
    gap: float,
    *,
    fixed: bool,
) -> Ladder | None:
    """The ladder chosen with the sorties of some pools counted, and of any more that it would take too much from."""
    while True:
        fewest = fewest_sorties(receiver, guarded, offers, limited)
        if fewest is None or at_least > sum(offers.available):
            return None
        fewest = max(fewest, at_least)
        ladder = _cheapest(receiver, guarded, offers, limited, fewest, fixed, gap)
        if ladder is None:
            return None
        used = offers.used((rung.candidate, rung.option, rung.sorties) for rung in ladder.rungs)
        over = [base for base in np.nonzero(used > np.array(offers.available))[0] if base not in limited]
        if not over:
            return replace(ladder, watched=tuple(limited))
        limited += [int(base) for base in over]


def _cheapest(
    receiver: Receiver,
    guarded: Guarded,
    offers: Offers,
    limited: Sequence[int],
    sorties: int,
    fixed: bool,
    gap: float,
) -> Ladder | None:
    """The least fuel with that many sorties, with its bound; `fixed`: take off with all there is room for."""
    least_kg, most_kg = float(guarded.need[0].min()), receiver.takeoff_capacity_kg
    if sorties == 0:
        least_kg = float(guarded.need[0, -1])
        fuel = most_kg if fixed else max(0.0, least_kg)
        bought = fuel * receiver.count
        return Ladder(fuel, (), bought, bought, 0.0) if fuel >= least_kg else None
    arrays = _event_arrays(receiver, offers)
    next_state, start = _states(list(limited), offers, sorties)
    most = _most_fuel(receiver, guarded, arrays, next_state, start, most_kg)
    price = np.full(arrays["base"].shape, float(receiver.count))
    price[1:] *= (1.0 + offers.slope) / offers.kept
    base = arrays["base"] if limited else _undominated(arrays, price, offers.available)
    steps = Steps(
        receiver.table, receiver.zero_fuel_mass_kg, arrays["air_end"], arrays["air_start"], arrays["join_burn"],
        guarded.need, arrays["offload"], base, arrays["fixed"], price, next_state, start,
        _all_flown(next_state, sorties),
    )  # fmt: skip

    def attempt(chain: Chain, targets: Sequence[float]) -> tuple[float, Ladder] | None:
        start = most_kg if fixed else targets[0]
        found = allocate(receiver, guarded, offers, chain, [start, *targets[1:]], fixed=fixed)
        return None if found is None else (fuel_bought(receiver, offers, found), found)

    def rescue() -> tuple[float, Ladder] | None:
        found = _scraping(receiver, guarded, offers, limited, sorties, fixed)
        return None if found is None else (fuel_bought(receiver, offers, found), found)

    takeoff = (most_kg if fixed else min(least_kg, most_kg), most_kg)
    found = least_fuel(steps, takeoff, most, attempt, rescue, gap)
    if found is None:
        return None
    return replace(found.found, bought_kg=found.fuel_kg, bound_kg=found.bound_kg, cell_kg=found.cell_kg)


def _all_flown(next_state: np.ndarray, total: int) -> np.ndarray:
    """(states,) True where none of `total` sorties is left to be flown."""
    return np.arange(next_state.shape[0]) < next_state.shape[0] // (total + 1)


def _undominated(arrays, price: Floats, available: Sequence[int]) -> np.ndarray:
    """The options' bases with those left out (-1) that another option of the candidate beats in everything.

    Only where no base runs out: there the better option can always be had instead.
    """
    base = arrays["base"].copy()
    offload, fixed, slope = arrays["offload"], arrays["fixed"], price
    have = np.append(np.array(available), np.zeros(int(base.max(initial=0)) + 1, int))  # mixes beat nobody
    for one, two in itertools.permutations(range(base.shape[1]), 2):
        beaten = (base[:, one] >= 0) & (base[:, two] >= 0) & (offload[:, two] <= offload[:, one]).all(axis=1)
        beaten &= have[base[:, one]] >= have[base[:, two]]
        beaten &= (fixed[:, two] >= fixed[:, one]) & (slope[:, two] >= slope[:, one])
        base[beaten, two] = -1
    return base


def fuel_bought(receiver: Receiver, offers: Offers, found: Ladder) -> float:
    """Fuel of a ladder, the receivers' and the tankers' together [kg]: what the ladder makes least."""
    total = receiver.count * found.takeoff_fuel_kg
    for rung in found.rungs:
        c, o = rung.candidate, rung.option
        total += rung.onload_kg * receiver.count * (1.0 + float(offers.slope[c, o]))
        total += rung.sorties * float(offers.fixed_kg[c, o])
    return total


def _scraping(
    receiver: Receiver,
    guarded: Guarded,
    offers: Offers,
    limited: Sequence[int],
    sorties: int,
    fixed: bool,
) -> Ladder | None:
    """The chain of `most_fuel` for that many sorties: it works wherever any does, if not for the least fuel."""
    found = _chain_of_most(receiver, guarded, offers, limited, sorties)
    if found is None:
        return None
    start, chain = found
    targets = [start, *(fuel for *_, fuel in chain)]
    return allocate(receiver, guarded, offers, [(c, o, s) for c, o, s, _ in chain], targets, fixed=fixed)


def _chain_of_most(
    receiver: Receiver, guarded: Guarded, offers: Offers, limited: Sequence[int], sorties: int
) -> tuple[float, list[tuple[int, int, int, float]]] | None:
    """Take-off fuel and (candidate, option, sorties, fuel after) of the run that has most to spare at the landing."""
    arrays = _event_arrays(receiver, offers)
    next_state, start = _states(list(limited), offers, sorties)
    best = _most_fuel(receiver, guarded, arrays, next_state, start, receiver.takeoff_capacity_kg)
    slack = np.where(best >= 0.0, best - guarded.need[:, -1][:, None], -np.inf)
    slack[:, ~_all_flown(next_state, sorties)] = -np.inf
    event, state = (int(k) for k in np.unravel_index(int(np.argmax(slack)), slack.shape))
    if slack[event, state] < 0.0:
        return None
    masses, ranges = receiver.table.mass_kg, receiver.table.reach_m
    dry, chain = receiver.zero_fuel_mass_kg, []
    while event > 0:
        fuel = best[:event]
        left = np.interp(dry + fuel, masses, ranges) - (
            arrays["air_end"][event] - arrays["air_end"][:event, None]
        )
        arrival = np.interp(left, ranges, masses) - dry - arrays["join_burn"][event]
        ok = (fuel >= 0.0) & (fuel >= guarded.need[:event, event][:, None]) & (arrival > 0.0)
        ok &= (arrays["air_start"][event] >= arrays["air_end"][:event])[:, None]
        found = None
        for option in range(arrays["base"].shape[1]):
            base = arrays["base"][event, option]
            for count in range(1, arrays["offload"].shape[2]) if base >= 0 else ():
                most = arrays["offload"][event, option, count]
                after = np.minimum(receiver.capacity_kg, arrival + most)
                hit = ok & (next_state[:, base, count] == state) & (np.abs(after - best[event, state]) < 1e-3)
                if most > 0.0 and hit.any() and found is None:
                    found = (option, count, np.argwhere(hit)[0])
        if found is None:
            return None
        option, count, (before, state_before) = found
        chain.append((event - 1, option, count, float(best[event, state])))
        event, state = int(before), int(state_before)
    return float(best[0, start]), chain[::-1]


def allocate(
    receiver: Receiver,
    guarded: Guarded,
    offers: Offers,
    chain: Sequence[tuple[int, int, int]],
    targets: Sequence[float],
    *,
    fixed: bool = False,
    need_kg: Sequence[float] | None = None,
    extra_kg: Sequence[float] | None = None,
    ceiling_kg: Sequence[float] | None = None,
) -> Ladder | None:
    """Onloads for a given chain of contacts that cost the least fuel; None if the chain cannot work.

    targets : fuel after take-off and after each contact to start from
    fixed : the first of them may not change
    need_kg : (contacts + 1,) fuel wanted after take-off and each contact, where a full integration has told
        it better than the guard; extra_kg : (contacts,) burn on each leg beyond plain cruise, what is lost in
        longer contacts with it, likewise
    ceiling_kg : (contacts + 1,) most fuel after take-off and each contact, where flying has told so
    """
    count, legs = receiver.count, len(chain)
    events = [0, *(candidate + 1 for candidate, _, _ in chain)]
    need = [float(guarded.need[a, b]) for a, b in zip(events, [*events[1:], -1], strict=True)]
    if need_kg is not None:
        need = [told if np.isfinite(told) else least for told, least in zip(need_kg, need, strict=True)]
    need = [max(0.0, value) for value in need]
    kept = [1.0 if extra_kg is not None else float(offers.kept[c, o]) for c, o, _ in chain]
    most = [share * offers.offload_kg[c, o, s] / count for share, (c, o, s) in zip(kept, chain, strict=True)]
    price = [count * (1.0 + offers.slope[c, o]) / share for share, (c, o, _) in zip(kept, chain, strict=True)]
    # as flown a contact gives something: one that were only to know the fuel anew is none
    least = [min(0.0 if extra_kg is None else LEAST_ONLOAD, limit) for limit in most]
    burn_extra = [float(offers.join_burn_kg[c]) for c, _, _ in chain] if extra_kg is None else list(extra_kg)
    ceiling = [receiver.takeoff_capacity_kg, *([receiver.capacity_kg] * legs)]
    if ceiling_kg is not None:
        ceiling = [min(pair) for pair in zip(ceiling, ceiling_kg, strict=True)]
    fuel = [float(value) for value in targets]
    if fixed:
        need[0] = max(need[0], fuel[0])
        ceiling[0] = fuel[0]
    if any(not least <= limit + 0.5 for least, limit in zip(need, ceiling, strict=True)):
        return None
    ceiling = [max(pair) for pair in zip(need, ceiling, strict=True)]
    fuel = [min(max(pair[0], pair[1]), pair[2]) for pair in zip(fuel, need, ceiling, strict=True)]

    def arrival(k: int, start: float) -> float:
        return cruise_arrival(receiver, guarded, chain, k, start) - burn_extra[k]

    held: list[float] | None = None  # where the programme was set up when it last had a solution
    farthest = math.inf  # a step goes half as far as the one before at most: the best may lie between corners
    for _ in range(LINEAR_ROUNDS):
        # arrival fuel is all but straight in starting fuel: a linear programme, set up again where it led
        slope, at = [], []
        for k in range(legs):
            here, below = (
                arrival(k, fuel[k]),
                arrival(k, fuel[k] - 100.0),
            )  # above may be more than it can carry
            if not (np.isfinite(here) and np.isfinite(below)):
                return None
            gain = (here - below) / 100.0
            slope.append(gain)
            at.append(here - gain * fuel[k])
        before = fuel
        floor = [max(least, fuel - farthest) for least, fuel in zip(need, before, strict=True)]
        roof = [min(limit, fuel + farthest) for limit, fuel in zip(ceiling, before, strict=True)]
        solved = _onload_programme(count, price, slope, at, (least, most), floor, roof)
        if solved is None:
            if held is None:
                return None
            fuel = [(one + two) / 2.0 for one, two in zip(fuel, held, strict=True)]  # it led too far
            continue
        held, fuel = before, solved
        step = max(abs(x - y) for x, y in zip(fuel, before, strict=True))
        if step < 0.1:
            break
        farthest = step / 2.0
    onloads = [after - arrival(k, fuel[k]) for k, after in enumerate(fuel[1:])]
    if not all(-0.5 <= taken <= limit + 0.5 for taken, limit in zip(onloads, most, strict=True)):
        return None
    return Ladder(
        fuel[0],
        tuple(
            Rung(c, o, s, max(0.0, taken / share))
            for (c, o, s), taken, share in zip(chain, onloads, kept, strict=True)
        ),
    )


def _onload_programme(count, price, slope, at, taken, need, ceiling) -> list[float] | None:
    """Fuels after take-off and each contact that cost least, arrival k being at[k] + slope[k] * fuel[k].

    Each lies within need..ceiling and what is taken on within taken[0]..taken[1]; None where that cannot be.
    """
    import highspy

    legs = len(price)
    solver = highspy.Highs()
    solver.silent()
    for k in range(legs + 1):
        weight = float(count) if k == 0 else price[k - 1]
        if k < legs:
            weight -= price[k] * slope[k]
        solver.addVar(need[k], ceiling[k])
        solver.changeColCost(k, weight)
    for k in range(legs):
        index, value = np.array([k, k + 1], np.int32), np.array([-slope[k], 1.0])
        solver.addRow(at[k] + taken[0][k], at[k] + taken[1][k], 2, index, value)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return [float(value) for value in solver.getSolution().col_value]


def cruise_arrival(
    receiver: Receiver, guarded: Guarded, chain: Sequence[tuple[int, int, int]], leg: int, fuel_kg: float
) -> float:
    """Fuel left at the end of contact `leg` of a chain by plain cruise from the event before; NaN if dry."""
    before = 0 if leg == 0 else chain[leg - 1][0] + 1
    length = guarded.events[chain[leg][0] + 1] - guarded.events[before]
    dry = receiver.zero_fuel_mass_kg
    return float(receiver.table.mass_after(dry + fuel_kg, length)) - dry
