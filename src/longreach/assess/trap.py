"""The trap, shown: a simulated world in which flights do nothing, and what each way of comparing makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from longreach.assess.baseline import before_after, window_before
from longreach.assess.estimate import LEVEL, comparable
from longreach.assess.flights import WINDOW_DAYS
from longreach.assess.forecast import Mask, design
from longreach.assess.power import draw
from longreach.assess.rank import judge, rank
from longreach.assess.series import Series
from longreach.assess.trigger import Trigger, order
from longreach.assess.worlds import World

SEED = 1980


@dataclass(frozen=True, slots=True)
class Trap:
    """Shares of tests at a nominal 5 % that find something after flights that did nothing.

    Parameters
    ----------
    count : series simulated; `tested` of them had a flight that could be tested
    naive, rank : decline found by before/after, by the rank among placebo dates chosen by their own past
    rank_increase : increase found by the rank
    screened, screened_increase : the same with placebo dates screened by their future, THE SECOND TRAP
    before, after : incidents in all, before and after the flights
    screened_shift, shift : mean of the flight's miss over the mean placebo miss, on the square-root scale
    """

    world: World
    trigger: Trigger
    count: int
    tested: int
    naive: float
    rank: float
    rank_increase: float
    screened: float
    screened_increase: float
    before: int
    after: int
    shift: float
    screened_shift: float
    fall: float


def future_screen(series: Series, trigger: Trigger, window: int, rng: np.random.Generator) -> Mask:
    """THE SECOND TRAP: keeps the dates whose follow-up holds no order. It looks into the future of each date."""
    orders = order(series.counts, trigger, rng, window)[1]
    keep = np.ones(series.days, bool)
    for day in orders:
        keep[max(int(day) - window, 0) : int(day)] = False
    return keep


def show(
    world: World,
    *,
    trigger: Trigger | None = None,
    count: int = 300,
    fall: float = 0.0,
    years: float = 5.0,
    window: int = WINDOW_DAYS,
    seed: int = SEED,
    report: Callable[[str, float], None] | None = None,
) -> Trap:
    """Simulate `count` series and test one flight in each; with `fall` above 0 the flights do work."""
    rule = trigger or Trigger()
    rng = np.random.default_rng(seed)
    found: list[tuple[bool, ...]] = []
    shifts = []
    before = after = 0
    for row in range(count):
        if report and row % 10 == 0:
            report("worlds simulated", row / count)
        drawn = draw(world, rule, rng, fall=fall, years=years, window=window)
        if drawn is None:
            continue
        one = drawn.tested[0]
        plan = design(drawn.series, 0, window)
        honest = judge(drawn.series, one, drawn.tested, plan)
        screen = future_screen(drawn.series, rule, window, rng)
        trapped = judge(drawn.series, one, drawn.tested, plan, screen=screen)
        if not comparable(honest) or trapped.dates.size == 0:
            continue
        first = window_before(drawn.series.counts, one.order, window)
        before += first
        after += honest.observed
        ranks = rank([honest], rng), rank([trapped], rng)
        shifts.append([each.miss - each.placebo_misses.mean() for each in (honest, trapped)])
        found.append(
            (
                before_after(first, honest.observed) <= LEVEL,
                ranks[0].p_decline <= LEVEL,
                ranks[0].p_increase <= LEVEL,
                ranks[1].p_decline <= LEVEL,
                ranks[1].p_increase <= LEVEL,
            )
        )
    shares = [float(one) for one in np.mean(found, axis=0)] if found else [0.0] * 5
    shift = np.mean(shifts, axis=0) if shifts else np.zeros(2)
    return Trap(
        world=world,
        trigger=rule,
        fall=fall,
        count=count,
        tested=len(found),
        naive=shares[0],
        rank=shares[1],
        rank_increase=shares[2],
        screened=shares[3],
        screened_increase=shares[4],
        before=before,
        after=after,
        shift=float(shift[0]),
        screened_shift=float(shift[1]),
    )
