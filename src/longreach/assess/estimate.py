"""The three estimators together on one or several flights: the primary rank and its two checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from longreach.assess import baseline, ingarch
from longreach.assess.flights import Treatment
from longreach.assess.forecast import design
from longreach.assess.rank import FEWEST_WINDOWS, Judged, Ranked, judge, rank
from longreach.assess.series import Counts, Series

LEVEL = 0.05  # one-sided


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the two checks expect of one follow-up, from the past of its order alone.

    Parameters
    ----------
    simulated : (paths,) totals of the INGARCH simulation, sorted; read-only
    year : the year-long baseline
    before : incidents in the window that ends with the order
    """

    simulated: Counts
    year: baseline.YearLong
    before: int


@dataclass(frozen=True, slots=True)
class Estimates:
    """One-sided p-values of a decline, and what the primary rests on."""

    judged: tuple[Judged, ...]
    ranked: Ranked
    p_ingarch: float
    p_year_long: float

    @property
    def p_primary(self) -> float:
        return self.ranked.p_decline

    @property
    def declines(self) -> bool:
        """Whether primary and check agree on a decline."""
        return self.p_primary <= LEVEL and self.p_ingarch <= LEVEL


def judge_all(
    series: Series,
    tested: Sequence[Treatment],
    others: Sequence[Treatment] = (),
    window: int = 28,
    past_only: bool = False,
) -> tuple[Judged, ...]:
    """Every treatment against its placebo dates; `others` are flights too, not tested here."""
    plans = {gap: design(series, gap, window) for gap in {one.gap for one in tested}}
    return tuple(
        judge(series, one, [*tested, *others], plans[one.gap], past_only=past_only) for one in tested
    )


def comparable(judged: Judged) -> bool:
    """Whether a treatment has enough separate placebo follow-ups to be ranked among them."""
    return judged.windows >= FEWEST_WINDOWS


def outlook(series: Series, treatment: Treatment, window: int, rng: Generator) -> Outlook:
    """The checks' view of one treatment."""
    past = series.known_by(treatment.order)
    simulated = ingarch.fit(past).totals(past, treatment.gap, window, rng)
    simulated.sort()
    simulated.setflags(write=False)
    return Outlook(
        simulated, baseline.year_long(past, window), baseline.window_before(past, treatment.order, window)
    )


def p_ingarch(outlooks: Sequence[Outlook], observed: Sequence[int], rng: Generator) -> float:
    """Share of simulated totals, summed over the flights, at or under what was observed."""
    if len(outlooks) == 1:
        totals = outlooks[0].simulated
        below = int(np.searchsorted(totals, observed[0], side="right"))
    else:
        totals = sum(rng.permutation(one.simulated) for one in outlooks)  # type: ignore[assignment]
        below = int(np.sum(totals <= sum(observed)))
    return (1 + below) / (1 + totals.size)


def p_year_long(outlooks: Sequence[Outlook], observed: Sequence[int], rng: Generator) -> float:
    """The same against the year-long baseline."""
    if len(outlooks) == 1:
        return outlooks[0].year.p_decline(observed[0])
    totals = sum(one.year.totals(rng, 4000) for one in outlooks)
    return float((1 + np.sum(totals <= sum(observed))) / 4001)


def estimate(judged: Sequence[Judged], outlooks: Sequence[Outlook], rng: Generator) -> Estimates:
    """Primary and checks for treatments already judged; needs `comparable` of each."""
    observed = [one.observed for one in judged]
    return Estimates(
        tuple(judged),
        rank(judged, rng),
        p_ingarch(outlooks, observed, rng),
        p_year_long(outlooks, observed, rng),
    )
