"""The answer in plain words: the paragraph of the page and the lines of the terminal."""

from __future__ import annotations

from longreach.assess import baseline
from longreach.assess.answer import CANNOT_TELL, DECLINE, NO_CHANGE, UNFIT, Assessment, Group
from longreach.assess.audit import LARGEST_RATE
from longreach.assess.estimate import LEVEL
from longreach.assess.power import Power
from longreach.assess.rank import LARGEST_FACTOR
from longreach.assess.rate import RateOnly

HEADLINES = {
    NO_CHANGE: "No detectable change",
    CANNOT_TELL: "Cannot tell",
    DECLINE: "A decline beyond chance",
    UNFIT: "The series is unfit: no test",
}


def paragraph(found: Assessment) -> str:
    """What a reader who knows no statistics should take away."""
    one = found.group
    kind = found.series.kind
    if one.verdict == UNFIT:
        return (
            f"{' '.join(one.reasons)} No probability is given, because it would mean nothing. "
            "That is not a finding about the flights."
        )
    assert one.estimates and one.effect and one.audit and one.power
    many = len(one.tested) > 1
    words = (
        f"After the {'flights' if many else 'flight'}, {one.observed} {kind} were counted where {one.expected:.1f} were "
        f"forecast from what was known when {'they were' if many else 'it was'} ordered. "
    )
    if one.observed < one.expected:
        words += (
            "At other dates at which things stood as high, the count fell as far short of the same forecast in "
            f"{percent(one.estimates.p_primary)} of cases. "
        )
    else:
        words += "That is not fewer than forecast. "
    if one.verdict == DECLINE:
        words += (
            "A second, independent way of forecasting agrees. Fewer incidents came than chance explains; that the flight was "
            "the reason is not shown by counts: something else may have happened on the same days. "
        )
    elif one.verdict == NO_CHANGE:
        words += "A fall of a third or so would very likely have shown here, and none did. "
    else:
        words += (
            "That is no evidence of a decline, and little against one: here a real fall would often look the same. "
            if one.estimates.p_primary > LEVEL
            else "But the check does not agree, so nothing is called. "
        )
    naive, usual = baseline.ratio(one.before, one.observed), one.audit.naive_ratio
    if naive is not None and usual is not None:
        words += (
            f"The plain comparison, {one.before} before and {one.observed} after (a factor of {naive:.2f}), should not be "
            f"quoted alone: at dates when nothing flew, but flights would have been ordered, the factor was {usual:.2f}."
        )
    return words


def percent(share: float) -> str:
    """A share as a reader says it.

    >>> percent(0.314), percent(0.0042)
    ('31 %', '0.4 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %"


def audit_line(one: Group) -> str:
    """The audit in one sentence; "" where there was none."""
    if one.audit is None:
        return ""
    each = "" if one.audit.flights == 1 else f" of {one.audit.flights} flights each"
    return (
        f"{one.audit.tests} pseudo-tests{each} on {one.audit.days} days in {one.audit.episodes} separate rises: the rank test "
        f"finds a decline in {percent(one.audit.primary)} (nominal {percent(LEVEL)}, at most {percent(LARGEST_RATE)}; 90 % "
        f"interval {percent(one.audit.low)} to {percent(one.audit.high)}), rank and check together in "
        f"{percent(one.audit.called)}, plain before/after in {percent(one.audit.naive)}."
    )


def power_line(power: Power | None) -> str:
    """The power in one sentence."""
    if power is None:
        return ""
    flights = "one flight" if power.flights == 1 else f"{power.flights} flights"
    smallest = (
        "not even a fall to nothing would have been seen in 80 % of cases"
        if power.smallest_fall is None
        else f"the smallest fall seen in 80 % of cases is {percent(power.smallest_fall)}"
    )
    needed = "; ".join(
        f"a fall of {100 * fall:g} % would take "
        + (
            "more flights than a series like this can judge"
            if number is None
            else f"about {number} flight{'' if number == 1 else 's'}"
        )
        for fall, number in power.flights_needed.items()
    )
    return f"With {flights} in this series {smallest}. By approximation, {needed}."


def effect_line(one: Group) -> str:
    """The effect with its interval."""
    if one.effect is None:
        return ""
    high = f"{one.effect.high:.2f}" if one.effect.high < LARGEST_FACTOR else f"more than {LARGEST_FACTOR:g}"
    return f"Factor on the count: {one.effect.factor:.2f}, 90 % interval {one.effect.low:.2f} to {high}."


def increase_line(one: Group) -> str:
    """What is said of the other side, always with its flag."""
    if one.estimates is None or one.estimates.ranked.p_increase > LEVEL:
        return ""
    return (
        f"More incidents than at comparable dates (p = {one.estimates.ranked.p_increase:.3f}): NOT CALIBRATED on "
        "non-stationary series. A flight ordered in the first days of a real escalation looks provocative."
    )


def rate_paragraph(found: RateOnly) -> str:
    """The plain words where only a rate is known."""
    clustered = found.stand_ins[-1]
    falls = {one.fall: one.called for one in clustered.seen}
    return (
        f"At {found.rate_per_year:g} incidents a year, {found.window} days hold {found.expected:.1f} of them. No day counts are "
        f"known, so nothing can be tested; and if they were, {found.flights} follow-ups would show a fall of 30 % in "
        f"{percent(falls[0.3])} of cases and a fall by half in {percent(falls[0.5])} (incidents clustered as they usually are). "
        "Whoever says that the flights worked, or that they did not, cannot know it from the incidents."
    )
