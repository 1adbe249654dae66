"""The fuel ladder's peer: a plain dynamic programme over a grid of fuels, as it is usually written.

The fuel after take-off and after each contact is a multiple of a step (1,000 lb, say); the burn between is exact.
Backward over the contacts: the least price to go from every fuel of the grid with so many sorties left, over every
next contact, base, number of tankers and fuel of the grid that is within their offload. Nothing is left out and
nothing is proved: a plan it finds can be flown, a cheaper one may lie between the lines of the grid. It shares with
`longreach.fuel.ladder` the question (what must be on board, what tankers can give, reach over mass) and no code.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from longreach.fuel.ladder import SEPARATION, Guarded, Offers, Receiver


@dataclass(frozen=True)
class Found:
    """Sorties and fuel bought [kg] of the best plan on the grid, its contacts as (candidate, option, sorties)."""

    sorties: int
    fuel_kg: float
    chain: tuple[tuple[int, int, int], ...]
    levels: int
    states: int


@njit(cache=True)
def _price_to_go(
    fuel, begin, step, dry, mass_kg, reach_m, air_end, air_start, join_kg, need, offload, base, fixed, price, leads, done
):  # fmt: skip
    """(events, levels, states) least price to go from each event; inf where there is no way home.

    begin : (levels,) fuels at take-off, in place of the grid's
    """
    n, levels, states = air_end.size, fuel.size, leads.shape[0]
    options, most = offload.shape[1], offload.shape[2]
    doublings = 1
    while 2**doublings <= levels:
        doublings += 1
    value = np.full((n, levels, states), np.inf)
    # least[j, option, state, p, g]: of value[j, g'] + price * g' over 2^p levels from g
    least = np.full((n, options, states, doublings, levels), np.inf)
    for i in range(n - 1, -1, -1):
        held = begin if i == 0 else fuel
        for g in range(levels):
            for state in range(states):
                if done[state] and held[g] >= need[i, n]:
                    value[i, g, state] = 0.0
        for j in range(i + 1, n):
            if air_start[j] < air_end[i]:
                continue
            for g in range(levels):
                if held[g] < need[i, j]:
                    continue
                left = np.interp(dry + held[g], mass_kg, reach_m) - (air_end[j] - air_end[i])
                if left < reach_m[0]:
                    continue
                arrival = np.interp(left, reach_m, mass_kg) - dry - join_kg[j]
                if arrival <= 0.0:
                    continue
                first = math.ceil(arrival / step - 1e-9)
                for option in range(options):
                    if base[j, option] < 0:
                        continue
                    for count in range(1, most):
                        last = min(
                            levels - 1, math.floor((arrival + offload[j, option, count]) / step + 1e-9)
                        )
                        if last < first:
                            continue
                        p = 0
                        while 2 ** (p + 1) <= last - first + 1:
                            p += 1
                        cost = count * fixed[j, option] - price[j, option] * arrival
                        for state in range(states):
                            after = leads[state, base[j, option], count]
                            if after < 0:
                                continue
                            best = min(
                                least[j, option, after, p, first], least[j, option, after, p, last - 2**p + 1]
                            )
                            if best + cost < value[i, g, state]:
                                value[i, g, state] = best + cost
        for option in range(options):
            for state in range(states):
                for g in range(levels):
                    least[i, option, state, 0, g] = value[i, g, state] + price[i, option] * fuel[g]
                for p in range(1, doublings):
                    for g in range(levels - 2**p + 1):
                        least[i, option, state, p, g] = min(
                            least[i, option, state, p - 1, g],
                            least[i, option, state, p - 1, g + 2 ** (p - 1)],
                        )
    return value


def _leads(offers: Offers, total: int, watched: list[int]) -> tuple[np.ndarray, list[tuple[int, ...]]]:
    """What is left after an option flies: sorties in all, and of each base that may run out."""
    axes = [range(total + 1), *(range(min(total, offers.available[each]) + 1) for each in watched)]
    states = list(itertools.product(*axes))
    index = {state: k for k, state in enumerate(states)}
    leads = np.full((len(states), len(offers.available) + len(offers.mixes), offers.offload_kg.shape[2]), -1)
    for state, base, count in itertools.product(states, range(leads.shape[1]), range(1, leads.shape[2])):
        drawn = dict(offers.draws(base, count))
        if any(number > offers.available[pool] for pool, number in drawn.items()):
            continue
        left = (
            state[0] - count,
            *(have - drawn.get(pool, 0) for have, pool in zip(state[1:], watched, strict=True)),
        )
        leads[index[state], base, count] = index.get(left, -1)
    return leads, states


def solve(
    receiver: Receiver,
    guarded: Guarded,
    offers: Offers,
    takeoff_kg: float | None,
    step_kg: float,
    most_sorties: int,
) -> Found | None:
    """The fewest sorties, then the least fuel, on a grid of fuels; None where no plan on it works.

    takeoff_kg : fuel at take-off where it is fixed (kept as it is, off the grid), else None
    most_sorties : with more no plan is looked for
    """
    watched: list[int] = []
    while True:
        found = _solve(receiver, guarded, offers, takeoff_kg, step_kg, most_sorties, watched)
        if found is None:
            return None
        used = offers.used(found.chain)
        over = [k for k, have in enumerate(offers.available) if used[k] > have and k not in watched]
        if not over:
            return found
        watched += over


def _solve(
    receiver: Receiver, guarded: Guarded, offers: Offers, takeoff_kg: float | None, step_kg: float, most: int,
    watched: list[int],
) -> Found | None:  # fmt: skip
    kept = np.ones(offers.base.shape) if offers.lost is None else 1.0 - offers.lost
    given = offers.offload_kg * kept[:, :, None] / receiver.count
    ahead = np.zeros((1, offers.base.shape[1]))
    table: dict[str, Any] = {
        "air_end": np.append(0.0, offers.air_end_m),
        "air_start": np.append(0.0, offers.air_start_m - SEPARATION),
        "join_kg": np.append(0.0, offers.join_burn_kg),
        "offload": np.concatenate([np.zeros((1, *given.shape[1:])), given]),
        "base": np.concatenate([ahead - 1, offers.base]).astype(np.int64),
        "fixed": np.concatenate([ahead, offers.fixed_kg]),
        "price": np.concatenate([ahead, receiver.count * (1.0 + offers.slope) / kept]),
    }
    fuel = np.arange(0.0, receiver.capacity_kg + 1e-6, step_kg)
    begin = fuel if takeoff_kg is None else np.full(fuel.size, takeoff_kg)
    leads, states = _leads(offers, most, watched)
    done = np.array([state[0] == 0 for state in states])
    # the number of sorties is that left at the start: each is flown whole, so one run tells all of them
    value = _price_to_go(
        fuel, begin, step_kg, receiver.zero_fuel_mass_kg, receiver.table.mass_kg, receiver.table.reach_m, table["air_end"],
        table["air_start"], table["join_kg"], guarded.need, table["offload"], table["base"], table["fixed"],
        table["price"], leads, done,
    )  # fmt: skip
    allowed = (begin <= receiver.takeoff_capacity_kg + 1e-6) | (takeoff_kg is not None)
    full = [
        states.index((left, *(min(most, offers.available[each]) for each in watched)))
        for left in range(most + 1)
    ]
    for sorties, state in enumerate(full):
        total = np.where(allowed, receiver.count * begin + value[0, :, state], np.inf)
        if np.isfinite(total.min()):
            start = int(np.argmin(total))
            chain = _chain(receiver, guarded, table, fuel, begin, step_kg, leads, value, start, state)
            return Found(sorties, float(total[start]), chain, fuel.size, len(states))
    return None


def _chain(
    receiver: Receiver, guarded: Guarded, table: dict[str, Any], fuel, begin, step, leads, value, level: int, state: int
) -> tuple[tuple[int, int, int], ...]:  # fmt: skip
    """The contacts of the best plan from a fuel on: each the one that costs what its event is worth."""
    chain, i, n = [], 0, table["air_end"].size
    dry, mass, reach = receiver.zero_fuel_mass_kg, receiver.table.mass_kg, receiver.table.reach_m
    while value[i, level, state] > 0.0:
        held = float(begin[level] if i == 0 else fuel[level])
        best: tuple[float, int, int, int, int, int] | None = None
        for j in range(i + 1, n):
            if table["air_start"][j] < table["air_end"][i] or held < guarded.need[i, j]:
                continue
            left = np.interp(dry + held, mass, reach) - (table["air_end"][j] - table["air_end"][i])
            arrival = np.interp(left, reach, mass) - dry - table["join_kg"][j]
            if left < reach[0] or arrival <= 0.0:
                continue
            for option, count in itertools.product(range(table["base"].shape[1]), range(1, leads.shape[2])):
                base = table["base"][j, option]
                after = leads[state, base, count] if base >= 0 else -1
                if after < 0:
                    continue
                first = math.ceil(arrival / step - 1e-9)
                last = min(
                    fuel.size - 1, math.floor((arrival + table["offload"][j, option, count]) / step + 1e-9)
                )
                if last < first:
                    continue
                costs = value[j, first : last + 1, after] + table["price"][j, option] * (
                    fuel[first : last + 1] - arrival
                )
                k = int(np.argmin(costs))
                cost = float(costs[k]) + count * table["fixed"][j, option]
                if best is None or cost < best[0]:
                    best = (cost, j, option, count, first + k, int(after))
        assert best is not None and abs(best[0] - value[i, level, state]) < 0.01
        _, i, option, count, level, state = best
        chain.append((i - 1, option, count))
    return tuple(chain)
