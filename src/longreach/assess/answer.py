"""The answer in fixed words: audit first, power before the result, and a decline only where two tests agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from longreach.assess import audit as auditing
from longreach.assess import fitness
from longreach.assess import power as powering
from longreach.assess.audit import Audit, Report
from longreach.assess.estimate import LEVEL, Estimates, comparable, estimate, judge_all, outlook
from longreach.assess.flights import WINDOW_DAYS, Flight, Treatment, treatments
from longreach.assess.power import ENOUGH, Power
from longreach.assess.rank import BURN_IN_DAYS, FEWEST_WINDOWS, Effect, effect
from longreach.assess.series import Series
from longreach.assess.trigger import Trigger

NO_CHANGE = "no detectable change"
CANNOT_TELL = "cannot tell"
DECLINE = "decline beyond chance"
UNFIT = "series unfit"
VERDICTS = (NO_CHANGE, CANNOT_TELL, DECLINE, UNFIT)

FEWEST_KNOWN = 0.5  # share of the last year's incidents that must have been known at the order
DETECTABLE_FALL = 0.3  # "no detectable change" is said only where a fall of this size would have been seen
SEED = 20201210


@dataclass(frozen=True, slots=True)
class Group:
    """Flights of one occasion, tested together.

    Parameters
    ----------
    occasion : "triggered" or "scheduled"
    tested : treatments with a p-value
    left_out : what was not tested, and why; one sentence each
    verdict : one of VERDICTS
    reasons : why, one sentence each
    audit, power, estimates, effect : None where they were not reached
    before : incidents in the windows before the orders, for the naive figure
    """

    occasion: str
    tested: tuple[Treatment, ...]
    left_out: tuple[str, ...]
    verdict: str
    reasons: tuple[str, ...]
    audit: Audit | None = None
    power: Power | None = None
    estimates: Estimates | None = None
    effect: Effect | None = None
    before: int = 0

    @property
    def observed(self) -> int:
        """Incidents in the follow-ups."""
        return sum(one.observed for one in self.estimates.judged) if self.estimates else 0

    @property
    def expected(self) -> float:
        """Their forecast."""
        return sum(one.expected for one in self.estimates.judged) if self.estimates else 0.0


@dataclass(frozen=True, slots=True)
class Assessment:
    """What can be said of some flights and one series.

    `group` answers for the flights that something triggered (or for all, where a calendar set them all); `placebo`
    holds flights of a calendar beside triggered ones: a natural placebo.
    """

    series: Series
    flights: tuple[Flight, ...]
    window: int
    trigger: Trigger
    past_only: bool
    seed: int
    flags: tuple[str, ...]
    group: Group
    placebo: Group | None

    @property
    def verdict(self) -> str:
        return self.group.verdict


def assess(
    series: Series,
    flights: Sequence[Flight],
    *,
    window: int = WINDOW_DAYS,
    trigger: Trigger | None = None,
    past_only: bool = False,
    seed: int = SEED,
    pseudo_flights: int = auditing.PSEUDO_FLIGHTS,
    report: Report | None = None,
) -> Assessment:
    """Test whether incidents fell after flights.

    Parameters
    ----------
    series : up to the end of the last follow-up at least; placebo dates after it help
    flights : at least one, whatever their order
    window : days of the follow-up, 7..112
    report : told what is being done and how much of it is over (0..1)

    Raises: InputError where there is no flight or one lies outside the series, or the window is out of range.
    """
    from longreach.errors import Fault, InputError

    if not flights:
        raise InputError(Fault("there is no flight to assess"))
    if not 7 <= window <= 112:
        raise InputError(Fault(f"a follow-up of {window} days; it must be 7 to 112"))
    rule = trigger or Trigger()
    reasons = fitness.unfit(series)
    occasions = [name for name in ("triggered", "scheduled") if any(one.occasion == name for one in flights)]
    groups: list[Group] = []
    if reasons:
        groups.append(Group(occasions[0], (), (), UNFIT, reasons))
    else:
        every = treatments(series, flights, window)
        for number, occasion in enumerate(occasions):
            mine = [one for one in every if one.flight.occasion == occasion]
            rng = np.random.default_rng([seed, number])
            if mine:
                groups.append(
                    _group(
                        series, occasion, mine, every, window, rule, past_only, rng, pseudo_flights, report
                    )
                )
    return Assessment(
        series,
        tuple(flights),
        window,
        rule,
        past_only,
        seed,
        fitness.flags(series) if series.days else (),
        groups[0],
        groups[1] if len(groups) > 1 else None,
    )


def _group(
    series: Series,
    occasion: str,
    mine: Sequence[Treatment],
    every: Sequence[Treatment],
    window: int,
    trigger: Trigger,
    past_only: bool,
    rng: np.random.Generator,
    pseudo_flights: int,
    report: Report | None,
) -> Group:
    old = [one for one in mine if one.order >= BURN_IN_DAYS and _known_enough(series, one) is None]
    left_out = [
        f"{one.flight.id}: ordered {one.flight.order}, less than {BURN_IN_DAYS} days into the series."
        for one in mine
        if one.order < BURN_IN_DAYS
    ]
    left_out += [
        words
        for one in mine
        if one.order >= BURN_IN_DAYS and (words := _known_enough(series, one)) is not None
    ]
    judged = judge_all(series, old, every, window, past_only) if old else ()
    left_out += [
        f"{one.treatment.flight.id}: things never stood as high often enough: {one.windows} separate placebo "
        f"follow-ups, {FEWEST_WINDOWS} are needed."
        for one in judged
        if not comparable(one)
    ]
    judged = tuple(one for one in judged if comparable(one))
    tested = tuple(one.treatment for one in judged)
    if not judged:
        reason = "No flight can be compared with other dates of this series."
        return Group(occasion, (), tuple(left_out), UNFIT, (reason, *left_out))
    gap = int(np.median([one.gap for one in tested]))
    audit = auditing.run(
        series,
        trigger if occasion == "triggered" else None,
        rng,
        real=every,
        flights=len(tested),
        gap=gap,
        window=window,
        past_only=past_only,
        number=pseudo_flights,
        report=report,
    )
    if audit is None:
        reason = (
            f"The test cannot be audited: the rule orders flights in fewer than {auditing.FEWEST_EPISODES} separate "
            "episodes of this series. Take a longer series, or a lower percentile."
        )
        return Group(occasion, tested, tuple(left_out), UNFIT, (reason,))
    if not audit.calibrated:
        reason = (
            f"The verdict is withheld: in this series the test finds a decline after {100 * audit.primary:.0f} % of flights that "
            f"never were (nominal {100 * LEVEL:g} %, at most {100 * auditing.LARGEST_RATE:g} %)."
        )
        return Group(occasion, tested, tuple(left_out), UNFIT, (reason,), audit)
    power = powering.run(
        series, audit, rng, real=every, flights=len(tested), window=window, past_only=past_only, report=report
    )
    if report:
        report("test", 0.0)
    outlooks = [outlook(series, one, window, rng) for one in tested]
    found = estimate(judged, outlooks, rng)
    size = effect(judged, found.ranked, rng)
    verdict, reasons = _verdict(found, power)
    before = sum(one.before for one in outlooks)
    return Group(occasion, tested, tuple(left_out), verdict, reasons, audit, power, found, size, before)


def _known_enough(series: Series, one: Treatment) -> str | None:
    """Why too little of the past was known at the order to forecast from; None where enough was."""
    year = slice(one.order - BURN_IN_DAYS + 1, one.order + 1)
    happened, known = int(series.counts[year].sum()), int(series.known_by(one.order)[year].sum())
    if happened and known < FEWEST_KNOWN * happened:
        return (
            f"{one.flight.id}: when it was ordered, {known} of the {happened} incidents of the year before were in the "
            "record. If they were public on their day, say --known-on-day."
        )
    return None


def _verdict(found: Estimates, power: Power) -> tuple[str, tuple[str, ...]]:
    """The word, and why."""
    seen = power.of(DETECTABLE_FALL)
    if found.declines:
        return DECLINE, (
            f"Primary and check agree: so few incidents after dates as high come about by chance in "
            f"{100 * found.p_primary:.1f} % (rank) and {100 * found.p_ingarch:.1f} % (simulation) of cases.",
        )
    reasons = []
    if found.p_primary <= LEVEL:
        reasons.append(
            f"The rank test alone would call a decline (p = {found.p_primary:.3f}); its check does not "
            f"(p = {found.p_ingarch:.3f}). Where they differ nothing is called."
        )
    if not reasons and seen >= ENOUGH:
        return NO_CHANGE, (
            f"A fall of {100 * DETECTABLE_FALL:g} % would have been seen in {100 * seen:.0f} % of cases, and none was.",
        )
    reasons.append(
        f"A fall of {100 * DETECTABLE_FALL:g} % would have been seen in {100 * seen:.0f} % of cases only."
    )
    return CANNOT_TELL, tuple(reasons)
