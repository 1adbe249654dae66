"""The least fuel of a ladder, proved: cells of fuel made finer only where an optimum may still lie.

A run over cells that lets every cell fly with its upper end while paying for what its ends truly cost can
only be too cheap, so its least is a bound from below. The chain of contacts it prefers, with the best onloads
for it, is a plan and so a bound from above. Cells through which nothing cheaper than that plan can pass are
dropped, the others are cut in four, and both runs are made again until the two meet. Where too many are left, those
through which only what is near the bound can pass are looked at alone; what was left out then is a bound too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from longreach.fuel.burn import CruiseTable
from longreach.geodesy import Floats
from longreach.units import POUND

FIRST_CELL = 16_000.0 * POUND  # of the first run
CUT = 4  # parts of a cell that is kept
NARROWEST = 1e-3  # kg: not cut any more
ROUNDS = 11  # after which cells are no wider than that
CLOSED = 1e-6  # of the fuel: the two bounds are then said to meet
MOST_CELLS = 200_000  # a round with more would be slow: the dearer ones are left out, and bound the proof
HALVINGS = 12  # times what may be over the bound is halved for that

L = TypeVar("L")
Chain = list[tuple[int, int, int]]
Attempt = Callable[[Chain, Sequence[float]], "tuple[float, L] | None"]


@dataclass(frozen=True, slots=True)
class Steps:
    """The ladder's problem as the kernels take it; event 0 is take-off.

    air_end, air_start, join_burn : (n,); need : (n, n + 1) as `Guarded.need`
    offload, base, fixed : (n, options, sorties), (n, options), (n, options); offload for one receiver
    price : (n, options) of a kilogram in every receiver
    next_state, start : as the ladder's state table; may_land : (states,) where the number of sorties is flown
    """

    table: CruiseTable
    zero_fuel_mass_kg: float
    air_end: Floats
    air_start: Floats
    join_burn: Floats
    need: Floats
    offload: Floats
    base: np.ndarray
    fixed: Floats
    price: Floats
    next_state: np.ndarray
    start: int
    may_land: np.ndarray


@dataclass(frozen=True, slots=True)
class Cells:
    """of : (n * states + 1,) where those of each event and state begin; low, high : (cells,) [kg]"""

    of: np.ndarray
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class LeastFuel(Generic[L]):
    """The best plan found and how near it is proved to be; `cell_kg` is the widest cell of the last run."""

    found: L
    fuel_kg: float
    bound_kg: float
    cell_kg: float

    @property
    def closed(self) -> bool:
        return self.fuel_kg - self.bound_kg <= CLOSED * self.fuel_kg + 0.01


def least_fuel(
    steps: Steps,
    takeoff_kg: tuple[float, float],
    most: Floats,
    attempt: Attempt[L],
    rescue: Callable[[], tuple[float, L] | None],
    gap: float = CLOSED,
) -> LeastFuel[L] | None:
    """The least fuel bought, with its bound; None where no plan was found.

    takeoff_kg : least and most fuel at take-off
    most : (n, states) most fuel attainable after each event, -1 where none
    attempt : the best onloads of a chain from starting fuels, as (fuel bought, plan), or None
    rescue : some plan that works, asked for once where the first attempt fails
    gap : of the fuel: bounds that near to each other are near enough
    """
    from longreach.fuel import _cells_kernels as kernels

    lower: Callable[..., tuple[Floats, np.ndarray]] = kernels.bound
    within: Callable[..., np.ndarray] = kernels.within
    arguments = _arguments(steps)
    cells = _first(steps, takeoff_kg, most)
    best: tuple[float, L] | None = None
    bound, floor, width = 0.0, np.inf, FIRST_CELL
    for _ in range(ROUNDS):
        value, choice = lower(*arguments, cells.of, cells.low, cells.high)
        begin = value[cells.of[steps.start] : cells.of[steps.start + 1], 0]
        if not begin.size or not np.isfinite(begin.min()):
            bound = np.inf  # no cell is left: nothing is cheaper than the plan held, or what was left out
            break
        bound = max(bound, float(begin.min()))
        width = float((cells.high - cells.low).max())
        best = _better(best, attempt(*_preferred(steps, cells, value, choice)))
        if not _met(best, bound, gap):
            # the same run with every cell shrunk to its lower end knows only plans that can be flown
            flown, picked = lower(*arguments, cells.of, cells.low, cells.low)
            if np.isfinite(flown[cells.of[steps.start] : cells.of[steps.start + 1], 0]).any():
                best = _better(best, attempt(*_preferred(steps, cells, flown, picked)))
        if best is None:
            best = rescue()
        if best is None or _met(best, bound, gap) or bound >= floor:
            break
        limit = min(best[0], floor)

        def kept(under: float, cells: Cells = cells, value: Floats = value) -> np.ndarray:
            return within(*arguments, cells.of, cells.low, cells.high, value, steps.start, under)

        keep = kept(limit)
        for _ in range(HALVINGS):
            if keep.sum() * CUT <= MOST_CELLS:
                break
            limit = bound + (limit - bound) / 2.0  # too many: what costs more than that is left out, and told
            floor, keep = limit, kept(limit)
        else:
            break
        cells = _cut(cells, keep)
    if best is None:
        return None
    return LeastFuel(best[1], best[0], min(bound, floor, best[0]), width)


def _better(one: tuple[float, L] | None, two: tuple[float, L] | None) -> tuple[float, L] | None:
    if one is None or two is None:
        return two if one is None else one
    return min(one, two, key=lambda plan: plan[0])


def _met(best: tuple[float, Any] | None, bound: float, gap: float) -> bool:
    return best is not None and bound >= best[0] * (1.0 - gap) - 0.01


def _arguments(steps: Steps) -> tuple[Any, ...]:
    masses, ranges = steps.table.mass_kg, steps.table.reach_m
    rate = np.diff(masses) / np.diff(ranges)
    return (
        steps.zero_fuel_mass_kg, masses, ranges, *steps.table.reach_index(),
        np.minimum.accumulate(rate[::-1])[::-1].copy(), np.maximum.accumulate(rate), steps.air_end,
        steps.air_start, steps.join_burn, steps.need, steps.offload, steps.base, steps.fixed, steps.price,
        steps.next_state, steps.may_land,
    )  # fmt: skip


def _first(steps: Steps, takeoff_kg: tuple[float, float], most: Floats) -> Cells:
    """Even cells from the least fuel that leads anywhere to the most attainable, for each event and state."""
    count, low, high = [], [], []
    leads = np.where(np.isfinite(steps.need), steps.need, np.inf).min(axis=1)
    for event, attainable in enumerate(most):
        least, top = takeoff_kg if event == 0 else (float(leads[event]), float(attainable.max()))
        edges = np.zeros(1)
        if np.isfinite(least) and top >= least - 0.5:
            least = min(least, top)
            parts = max(1, int(np.ceil((top - least) / FIRST_CELL)))
            edges = np.linspace(least, top + NARROWEST, parts + 1)  # over the top: roundings differ
        begin, end = edges[:-1], edges[1:]
        within = begin[None, :] <= attainable[:, None]  # (states, cells)
        count.append(within.sum(axis=1))
        low.append(np.broadcast_to(begin, within.shape)[within])
        high.append(np.broadcast_to(end, within.shape)[within])
    of = np.concatenate([[0], np.cumsum(np.concatenate(count))])
    return Cells(of, np.concatenate(low), np.concatenate(high))


def _cut(cells: Cells, keep: np.ndarray) -> Cells:
    """The cells kept, each in CUT parts."""
    width = cells.high - cells.low
    parts = np.where(keep, np.where(width > NARROWEST, CUT, 1), 0)
    ends = np.concatenate([[0], np.cumsum(parts)])
    cell = np.repeat(np.arange(parts.size), parts)
    part = np.arange(cell.size) - ends[cell]
    low = cells.low[cell] + width[cell] * part / parts[cell]
    high = np.where(
        part + 1 == parts[cell], cells.high[cell], cells.low[cell] + width[cell] * (part + 1) / parts[cell]
    )
    return Cells(ends[cells.of], low, high)


def _preferred(steps: Steps, cells: Cells, value: Floats, choice: np.ndarray) -> tuple[Chain, list[float]]:
    """The chain of contacts the bound prefers, and a fuel after take-off and each of them."""
    begin, end = cells.of[steps.start], cells.of[steps.start + 1]
    cell, option = int(begin + np.argmin(value[begin:end, 0])), 0
    chain: Chain = []
    targets = [float(cells.low[cell])]
    while choice[cell, option, 0] >= 0:
        event, after, sorties, cell = (int(x) for x in choice[cell, option])
        chain.append((event - 1, after, sorties))
        option = after
        targets.append(float(cells.low[cell]))
    return chain, targets
