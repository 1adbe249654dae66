"""What published work says of shows of force: the prior beside which one series is read, with its sources."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Anchor:
    """One study: who and where, what it reports, and how much of it was read for this list."""

    study: str
    finding: str
    read: str


ANCHORS = (
    Anchor(
        "Frederick et al. 2020, RAND RR-2533",
        "Heavy ground forces deter; the more mobile the forces, the less evidence that they deter. Crisis surges go with "
        "fewer escalations, but with no bargaining leverage.",
        "summary",
    ),
    Anchor(
        "Post 2019, Flying to Fail, Journal of Conflict Resolution",
        "In 210 cases of compellence, signals by air lowered the chance that a threat succeeds, compared with land or sea.",
        "abstract",
    ),
    Anchor(
        "Fuhrmann and Sechser 2014, American Journal of Political Science",
        "Formal alliances deter; nuclear weapons stationed abroad add nothing to them.",
        "abstract",
    ),
    Anchor(
        "Bernhardt and Sukin 2020, on joint exercises in Korea",
        "North Korea answers exercises with aggression systematically.",
        "abstract",
    ),
    Anchor(
        "Lyall 2015, Bombing to Lose, about 23,000 air strikes and shows of force in Afghanistan 2006-11",
        "Air strikes raise attacks for at least 90 days.",
        "abstract",
    ),
    Anchor(
        "Blechman and Kaplan 1978, Force Without War",
        "Discrete uses of force help near-term aims; the success erodes with time.",
        "the author's own later summary",
    ),
    Anchor(
        "Walt 1980, Causal Inferences and the Use of Force, CNA PP-279",
        "A critique of that book's causal inference: the trap this test avoids was argued over then.",
        "introduction",
    ),
)

PRIOR = (
    "Published work shows no clear short-term deterrent effect of signals by air alone. A change of more than a fifth "
    "either way would be a surprise (our judgement, not a published figure)."
)
