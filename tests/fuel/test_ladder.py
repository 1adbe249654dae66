"""The fuel ladder against an exhaustive search written out in plain NumPy, and its properties."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longreach.fuel import ladder as rungs
from longreach.fuel.burn import CruiseTable
from longreach.fuel.ladder import Guard, Guarded, Ladder, Offers, Receiver
from longreach.units import NAUTICAL_MILE
from longreach.world import aircraft as catalogue

CONTACT = 300_000.0  # m, nominal length of a contact
GRID = 9  # values of each fuel tried by the exhaustive search


@cache
def table() -> CruiseTable:
    return CruiseTable(catalogue.load("B-52H"))


def receiver(**changes) -> Receiver:
    b52 = catalogue.load("B-52H")
    dry = b52.operating_empty_mass_kg
    values = {
        "count": 2,
        "table": table(),
        "zero_fuel_mass_kg": dry,
        "capacity_kg": min(b52.max_fuel_kg, table().heaviest_kg - dry),
        "takeoff_capacity_kg": min(b52.max_fuel_kg, table().heaviest_kg - dry) - 4000.0,
        "reserve_kg": 4000.0,
        "contingency": 0.05,
        "relative_sigma": 0.03,
        "doubt_z": 1.645,
    }
    return Receiver(**{**values, **changes})


def case(seed: int, **changes) -> tuple[Receiver, Guard, Offers]:
    """A line of 6,000 to 14,000 nm with four fields beside it and four or five candidates from two bases."""
    rng = np.random.default_rng(seed)
    length = rng.uniform(6000.0, 14000.0) * NAUTICAL_MILE
    air = np.linspace(0.0, length, 60)
    abort = length - air
    for at in rng.uniform(0.0, length, 4):
        abort = np.minimum(abort, np.hypot(air - at, rng.uniform(50.0, 800.0) * NAUTICAL_MILE))
    count = int(rng.integers(4, 6))
    start = np.sort(rng.uniform(400_000.0, length - 800_000.0, count))
    base = np.array([rng.permutation(2) for _ in range(count)])
    base[rng.uniform(size=base.shape) < 0.15] = -1
    one = rng.uniform(15_000.0, 60_000.0, (count, 2))
    offload = np.stack([np.zeros_like(one), one, 2.0 * one], axis=2)
    offload[base < 0] = 0.0
    count_of_receivers, doubt_z = int(rng.integers(1, 3)), float(rng.choice([0.0, 1.645]))
    part = {"contingency": 0.05 if doubt_z else 0.0, **changes}
    return (
        receiver(count=count_of_receivers, doubt_z=doubt_z, **part),
        Guard(air, abort),
        Offers(
            air_start_m=start,
            air_end_m=start + CONTACT,
            join_burn_kg=rng.uniform(300.0, 1500.0, count),
            base=base,
            offload_kg=offload,
            fixed_kg=rng.uniform(15_000.0, 30_000.0, (count, 2)),
            slope=rng.uniform(0.05, 0.3, (count, 2)),
            available=tuple(int(n) for n in rng.integers(1, 4, 2)),
        ),
    )


# -- the exhaustive search ------------------------------------------------------------------------------


def slack(who: Receiver, guard: Guard, since_m: float, until_m: float, fuel: float, z: float) -> float:
    """Least fuel over what is required at the guarded points in a stretch, started with `fuel`; by definition."""
    points = (guard.air_m >= since_m - 1e-6) & (guard.air_m <= until_m + 1e-6)
    dry = who.zero_fuel_mass_kg
    worst = np.inf
    for k in np.nonzero(points)[0]:
        left = float(who.table.mass_after(dry + fuel, max(0.0, guard.air_m[k] - since_m))) - dry
        if np.isnan(left):
            return -np.inf
        burnt = fuel - left
        if k == guard.air_m.size - 1:
            wanted = who.reserve_kg + max(z * who.relative_sigma, who.contingency) * burnt
        else:
            if not np.isfinite(guard.abort_air_m[k]):
                return -np.inf
            away = float(who.table.mass_before(dry + who.reserve_kg, guard.abort_air_m[k]))
            if np.isnan(away):
                return -np.inf
            away -= dry + who.reserve_kg
            wanted = who.reserve_kg + away + z * who.relative_sigma * (burnt + away)
        worst = min(worst, left - wanted)
    return worst


def leg_slack(
    who: Receiver, guard: Guard, offers: Offers, since_m: float, b: int, fuel: float, z: float
) -> float:
    """Least slack from an event to contact b, were nothing taken on there, to the first guarded point after it."""
    end = float(offers.air_end_m[b])
    after = float(guard.air_m[np.searchsorted(guard.air_m, end)])
    dry = who.zero_fuel_mass_kg
    left = float(who.table.mass_after(dry + fuel, after - since_m)) - dry - offers.join_burn_kg[b]
    if np.isnan(left):
        return -np.inf
    before = end - 1.0
    burnt = fuel - left
    way = float(guard.abort_air_m[guard.air_m == after][0])
    away = float(who.table.mass_before(dry + who.reserve_kg, way)) - dry - who.reserve_kg
    if after == guard.air_m[-1]:
        part = max(z * who.relative_sigma, who.contingency)
        last = left - who.reserve_kg - part * burnt
    else:
        last = left - who.reserve_kg - away - z * who.relative_sigma * (burnt + away)
    return min(slack(who, guard, since_m, before, fuel, z), last)


def event_at(offers: Offers, candidate: int | None) -> float:
    return 0.0 if candidate is None else float(offers.air_end_m[candidate])


def least_start(who: Receiver, guard: Guard, offers: Offers, a: int | None, b: int | None, z: float) -> float:
    """Fuel wanted after event a so that all is safe until contact b (None: the landing), by bisection."""
    since = event_at(offers, a)
    low, high = 0.0, who.table.heaviest_kg - who.zero_fuel_mass_kg

    def short(fuel: float) -> bool:
        if b is None:
            return slack(who, guard, since, float(guard.air_m[-1]), fuel, z) < 0.0
        return leg_slack(who, guard, offers, since, b, fuel, z) < 0.0

    if short(high):
        return np.inf
    while high - low > 1.0:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if short(middle) else (low, middle)
    return high


def chains(offers: Offers, most: int):
    """Every chain of contacts that keeps its distance and the numbers of tankers there are."""
    count = offers.air_end_m.size
    choices = [
        (c, o, s)
        for c in range(count)
        for o in range(offers.base.shape[1])
        for s in range(1, offers.offload_kg.shape[2])
        if offers.base[c, o] >= 0
    ]
    for length in range(1, most + 1):
        for chain in itertools.combinations(choices, length):
            starts = [offers.air_start_m[c] for c, _, _ in chain]
            ends = [offers.air_end_m[c] for c, _, _ in chain]
            if any(b - a < rungs.SEPARATION for a, b in zip(ends, starts[1:], strict=False)):
                continue
            if starts[0] < rungs.SEPARATION:
                continue
            used = np.zeros(len(offers.available), int)
            for c, o, s in chain:
                used[offers.base[c, o]] += s
            if (used <= np.array(offers.available)).all():
                yield chain


class Exhaustive:
    """All chains of at most three contacts, all fuels of a grid; fewest sorties and least cost."""

    def __init__(self, who: Receiver, guard: Guard, offers: Offers, z: float | None = None) -> None:
        self.who, self.guard, self.offers = who, guard, offers
        self.z = who.doubt_z if z is None else z
        self.memo: dict[tuple[int | None, int | None], float] = {}

    def need(self, a: int | None, b: int | None) -> float:
        if (a, b) not in self.memo:
            self.memo[a, b] = least_start(self.who, self.guard, self.offers, a, b, self.z)
        return self.memo[a, b]

    def best(self, most_contacts: int = 3) -> tuple[int | None, float]:
        """(fewest sorties, least cost with that many); (None, inf) where nothing works."""
        who = self.who
        direct = self.need(None, None)
        if direct <= who.takeoff_capacity_kg:
            return 0, who.count * direct
        result: dict[int, float] = {}
        for chain in chains(self.offers, most_contacts):
            cost = self.chain_cost(chain)
            if np.isfinite(cost):
                sorties = sum(s for _, _, s in chain)
                result[sorties] = min(cost, result.get(sorties, np.inf))
        if not result:
            return None, np.inf
        return min(result), result[min(result)]

    def chain_cost(self, chain) -> float:
        who, offers = self.who, self.offers
        events = [None, *(c for c, _, _ in chain)]
        needs = [self.need(a, b) for a, b in zip(events, [*events[1:], None], strict=True)]
        if not np.isfinite(needs).all() or needs[0] > who.takeoff_capacity_kg:
            return np.inf
        dry = who.zero_fuel_mass_kg
        fuel = np.linspace(needs[0], who.takeoff_capacity_kg, GRID)
        cost = who.count * fuel
        for (a, (c, o, s)), wanted in zip(zip(events[:-1], chain, strict=True), needs[1:], strict=True):
            way = float(offers.air_end_m[c]) - event_at(offers, a)
            arrival = who.table.mass_after(dry + fuel, way) - dry - offers.join_burn_kg[c]
            most = np.minimum(offers.offload_kg[c, o, s] / who.count, who.capacity_kg - arrival)
            least = np.maximum(wanted - arrival, 0.0)
            share = np.linspace(0.0, 1.0, GRID)[:, None]
            onload = least + share * (most - least)
            ok = (arrival > 0.0) & (least <= most)
            onload = np.where(ok, onload, np.nan)
            cost = cost + onload * who.count * (1.0 + offers.slope[c, o]) + s * offers.fixed_kg[c, o]
            fuel, cost = (arrival + onload).ravel(), cost.ravel()
            keep = np.isfinite(cost)
            if not keep.any():
                return np.inf
            fuel, cost = fuel[keep], cost[keep]
            if (
                fuel.size > 4000
            ):  # of many with nearly the same fuel only the cheapest can be part of the best
                order = np.lexsort((cost, np.round(fuel / 20.0)))
                first = np.unique(np.round(fuel[order] / 20.0), return_index=True)[1]
                fuel, cost = fuel[order][first], cost[order][first]
        return float(cost.min())


def cost_of(who: Receiver, offers: Offers, found: Ladder) -> float:
    total = who.count * found.takeoff_fuel_kg
    for rung in found.rungs:
        c, o = rung.candidate, rung.option
        total += (
            rung.onload_kg * who.count * (1.0 + offers.slope[c, o]) + rung.sorties * offers.fixed_kg[c, o]
        )
    return float(total)


def assert_flyable(
    who: Receiver, guard: Guard, offers: Offers, found: Ladder, z: float | None = None, by: float = 25.0
) -> None:
    """Every step of a ladder re-checked by definition, to `by` kilograms."""
    z = who.doubt_z if z is None else z
    dry = who.zero_fuel_mass_kg
    assert -1.0 <= found.takeoff_fuel_kg <= who.takeoff_capacity_kg + 1.0
    used = np.zeros(len(offers.available), int)
    fuel, since = found.takeoff_fuel_kg, 0.0
    before = rungs.SEPARATION - offers.air_start_m[0] if offers.air_start_m.size else 0.0
    end_before = -np.inf if before <= 0 else 0.0
    for rung in found.rungs:
        c, o, s = rung.candidate, rung.option, rung.sorties
        used[offers.base[c, o]] += s
        assert 0.0 <= rung.onload_kg <= offers.offload_kg[c, o, s] / who.count + 1.0
        assert offers.air_start_m[c] - max(end_before, 0.0) >= rungs.SEPARATION
        end_before = float(offers.air_end_m[c])
        assert leg_slack(who, guard, offers, since, c, fuel, z) >= -by
        arrival = float(who.table.mass_after(dry + fuel, end_before - since)) - dry - offers.join_burn_kg[c]
        fuel, since = arrival + rung.onload_kg, end_before
        assert fuel <= who.capacity_kg + 1.0
    assert (used <= np.array(offers.available)).all()
    assert slack(who, guard, since, float(guard.air_m[-1]), fuel, z) >= -by


# -- against the exhaustive search ----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_the_guard_is_the_least_safe_fuel(seed: int) -> None:
    who, guard, offers = case(seed)
    guarded = Guarded(who, guard, offers)
    count = offers.air_end_m.size
    for i in range(count + 1):
        for j in [*range(i + 1, count + 1), None]:
            told = guarded.need[i, count + 1 if j is None else j]
            wanted = least_start(
                who, guard, offers, None if i == 0 else i - 1, None if j is None else j - 1, who.doubt_z
            )
            if np.isfinite(wanted):
                assert told == pytest.approx(wanted, abs=15.0)
            else:
                assert told > who.capacity_kg


@pytest.mark.parametrize("seed", range(40))
def test_against_every_chain_and_a_grid_of_onloads(seed: int) -> None:
    who, guard, offers = case(seed)
    guarded = Guarded(who, guard, offers)
    fewest, least = Exhaustive(who, guard, offers).best()
    found = rungs.choose(who, guarded, offers)
    if found is None:
        assert fewest is None  # what the grid can do, the ladder can
        return
    assert_flyable(who, guard, offers, found)
    if fewest is None:
        assert len(found.rungs) > 3  # beyond what was searched
        return
    assert found.sorties <= fewest
    if found.sorties == fewest:
        assert cost_of(who, offers, found) <= least + 1.0


@pytest.mark.parametrize("seed", range(100, 112))
def test_a_take_off_fuel_that_is_given_is_kept(seed: int) -> None:
    who, guard, offers = case(seed)
    given_kg = float(np.random.default_rng(seed).uniform(60_000.0, 130_000.0))
    fixed = replace(who, takeoff_capacity_kg=given_kg)
    found = rungs.choose(fixed, Guarded(fixed, guard, offers), offers, given_kg)
    fewest, _ = Exhaustive(fixed, guard, offers).best()
    if found is None:
        assert fewest is None
        return
    assert found.takeoff_fuel_kg == given_kg
    assert_flyable(who, guard, offers, found)
    assert fewest is None or found.sorties <= fewest


@pytest.mark.parametrize("seed", range(100, 112))
def test_a_take_off_fuel_below_the_most_is_not_taken_for_the_most(seed: int) -> None:
    """The number of sorties is reckoned from the fuel the flight takes off with, not from full tanks."""
    who, guard, offers = case(seed)
    given_kg = float(np.random.default_rng(seed).uniform(60_000.0, 130_000.0))
    held = replace(who, takeoff_capacity_kg=given_kg)
    told = rungs.choose(who, Guarded(who, guard, offers), offers, given_kg)
    known = rungs.choose(held, Guarded(held, guard, offers), offers, given_kg)
    assert (told is None) == (known is None)
    if told is not None and known is not None:
        assert told.sorties == known.sorties


@pytest.mark.parametrize("seed", range(40))
def test_the_bound_is_never_above_the_plan(seed: int) -> None:
    """No margin for doubt, contacts that cost nothing, tankers that give more: a bound from below."""
    who, guard, offers = case(seed)
    found = rungs.choose(who, Guarded(who, guard, offers), offers)
    if found is None:
        return
    generous = replace(
        offers, offload_kg=1.1 * offers.offload_kg, join_burn_kg=np.zeros_like(offers.join_burn_kg)
    )
    free = Guarded(who, guard, generous, z=0.0)
    bound = rungs.fewest_sorties(who, free, generous, join=False)
    assert bound is not None and bound <= found.sorties


def test_no_refuelling_where_none_is_needed() -> None:
    who = receiver()
    air = np.linspace(0.0, 3000.0 * NAUTICAL_MILE, 30)
    _, _, offers = case(0)
    offers = replace(
        offers,
        air_start_m=np.linspace(0.2, 0.8, offers.base.shape[0]) * air[-1],
        air_end_m=np.linspace(0.2, 0.8, offers.base.shape[0]) * air[-1] + CONTACT,
    )
    guard = Guard(air, air[-1] - air)
    guarded = Guarded(who, guard, offers)
    found = rungs.choose(who, guarded, offers)
    assert found is not None and found.rungs == ()
    assert found.takeoff_fuel_kg == pytest.approx(
        least_start(who, guard, offers, None, None, who.doubt_z), abs=15.0
    )


def test_a_field_shut_off_makes_the_way_impossible() -> None:
    who, guard, offers = case(3)
    shut = guard.abort_air_m.copy()
    shut[30] = np.inf
    guarded = Guarded(who, Guard(guard.air_m, shut), offers)
    assert rungs.choose(who, guarded, offers) is None
    assert rungs.fewest_sorties(who, guarded, offers) is None


def test_without_tankers_a_long_way_is_impossible() -> None:
    who, guard, _ = case(3)
    none = Offers(
        np.zeros(0), np.zeros(0), np.zeros(0), np.zeros((0, 1), int), np.zeros((0, 1, 2)), np.zeros((0, 1)),
        np.zeros((0, 1)), (),
    )  # fmt: skip
    long = Guard(guard.air_m * (14000.0 * NAUTICAL_MILE / guard.air_m[-1]), guard.abort_air_m)
    assert rungs.choose(who, Guarded(who, long, none), none) is None


# -- properties -----------------------------------------------------------------------------------------


def sorties(who: Receiver, guard: Guard, offers: Offers, z: float | None = None) -> float:
    found = rungs.fewest_sorties(
        who, Guarded(who, guard, offers, z), offers, list(range(len(offers.available)))
    )
    return np.inf if found is None else found


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.integers(0, 1))
def test_another_tanker_never_needs_more_sorties(seed: int, pool: int) -> None:
    who, guard, offers = case(seed)
    available = list(offers.available)
    available[pool] += 1
    assert sorties(who, guard, replace(offers, available=tuple(available))) <= sorties(who, guard, offers)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.floats(0.0, 2.5), st.floats(0.0, 2.5))
def test_more_doubt_never_needs_fewer_sorties(seed: int, a: float, b: float) -> None:
    who, guard, offers = case(seed)
    assert sorties(who, guard, offers, min(a, b)) <= sorties(who, guard, offers, max(a, b))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.floats(1.0, 1.5))
def test_larger_offloads_never_need_more_sorties(seed: int, factor: float) -> None:
    who, guard, offers = case(seed)
    larger = replace(offers, offload_kg=offers.offload_kg * factor)
    assert sorties(who, guard, larger) <= sorties(who, guard, offers)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.floats(0.0, 20_000.0))
def test_a_heavier_aircraft_never_needs_fewer_sorties(seed: int, payload: float) -> None:
    who, guard, offers = case(seed)
    loaded = replace(
        who,
        zero_fuel_mass_kg=who.zero_fuel_mass_kg + payload,
        capacity_kg=min(who.capacity_kg, who.table.heaviest_kg - who.zero_fuel_mass_kg - payload),
        takeoff_capacity_kg=min(
            who.takeoff_capacity_kg, who.table.heaviest_kg - who.zero_fuel_mass_kg - payload
        ),
    )
    assert sorties(who, guard, offers) <= sorties(loaded, guard, offers)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.floats(0.0, 1.0))
def test_nearer_fields_never_need_more_sorties(seed: int, factor: float) -> None:
    who, guard, offers = case(seed)
    nearer = Guard(guard.air_m, guard.abort_air_m * factor)
    assert sorties(who, nearer, offers) <= sorties(who, guard, offers)


# -- onloads of a given chain ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_onloads_of_a_chain_keep_every_limit(seed: int) -> None:
    who, guard, offers = case(seed)
    guarded = Guarded(who, guard, offers)
    exhaustive = Exhaustive(who, guard, offers)
    for chain in itertools.islice(chains(offers, 2), 0, None, 7):
        middle = [0.5 * who.capacity_kg] * (len(chain) + 1)
        found = rungs.allocate(who, guarded, offers, chain, middle)
        least = exhaustive.chain_cost(chain)
        if found is None:
            assert not np.isfinite(least)
            continue
        assert_flyable(who, guard, offers, found)
        assert [(r.candidate, r.option, r.sorties) for r in found.rungs] == list(chain)
        if np.isfinite(least):
            assert cost_of(who, offers, found) <= least * 1.002 + 100.0


def test_onloads_follow_what_an_integration_has_told() -> None:
    """Wanted fuels and extra burns given from outside are kept to: each leg starts with at least its own."""
    who, guard, offers = case(4)
    guarded = Guarded(who, guard, offers)
    first = rungs.choose(who, guarded, offers)
    assert first is not None and first.rungs
    chain = [(r.candidate, r.option, r.sorties) for r in first.rungs]
    events = [0, *(c + 1 for c, _, _ in chain)]
    need = [float(guarded.need[a, b]) + 500.0 for a, b in zip(events, [*events[1:], -1], strict=True)]
    extra = [float(offers.join_burn_kg[c]) + 300.0 for c, _, _ in chain]
    found = rungs.allocate(who, guarded, offers, chain, need, need_kg=need, extra_kg=extra)
    assert found is not None
    fuel = found.takeoff_fuel_kg
    assert fuel >= need[0] - 0.5
    for k, rung in enumerate(found.rungs):
        fuel = rungs.cruise_arrival(who, guarded, chain, k, fuel) - extra[k] + rung.onload_kg
        assert fuel >= need[k + 1] - 1.0
    assert cost_of(who, offers, found) > cost_of(who, offers, first)


@pytest.mark.parametrize(("far_nm", "slope"), [(3750.0, 0.52), (4250.0, 0.62), (4750.0, 0.70)])
def test_the_best_take_off_fuel_may_lie_between_its_limits(far_nm: float, slope: float) -> None:
    """A B-1B and one contact: each kilogram at take-off saves more than one there, until its own carriage eats that."""
    kind = catalogue.load("B-1B")
    table, dry = CruiseTable(kind), kind.operating_empty_mass_kg
    capacity = min(kind.max_fuel_kg, table.heaviest_kg - dry)
    who = receiver(
        count=1,
        table=table,
        zero_fuel_mass_kg=dry,
        capacity_kg=capacity,
        takeoff_capacity_kg=capacity - 4000.0,
    )
    air = np.linspace(0.0, (far_nm + 2500.0) * NAUTICAL_MILE, 150)
    start = np.array([far_nm * NAUTICAL_MILE])
    offers = Offers(
        start, start + CONTACT, np.array([500.0]), np.array([[0]]), np.array([[[0.0, 120_000.0]]]),
        np.array([[20_000.0]]), np.array([[slope]]), (1,),
    )  # fmt: skip
    guarded = Guarded(who, Guard(air, np.minimum(air[-1] - air, 300.0 * NAUTICAL_MILE)), offers)
    out, home = float(guarded.need[0, 1]), float(guarded.need[1, -1])
    fuel = np.linspace(out, who.takeoff_capacity_kg, 2000)
    cost = fuel + (1.0 + slope) * (home - (table.mass_after(dry + fuel, offers.air_end_m[0]) - dry - 500.0))
    best = int(np.argmin(cost))
    assert 50 < best < 1950  # truly between
    found = rungs.allocate(who, guarded, offers, [(0, 0, 1)], [float(fuel[best]), home])
    assert found is not None
    assert found.takeoff_fuel_kg + (1.0 + slope) * found.rungs[0].onload_kg < cost[best] + 1.0
