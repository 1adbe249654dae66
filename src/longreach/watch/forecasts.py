"""Forecasts with their calibration: how often what an author called likely came true.

A forecast is an assessment of the ledger that gives a likelihood. Until its author has enough resolved
forecasts to say what the words are worth, the likelihood is withheld and the board says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from longreach.ledger.evidence import Evidence, day_of
from longreach.ledger.records import Assessment
from longreach.ledger.scales import Likelihood, likelihood
from longreach.watch.lists import Outcome

ENOUGH = 10  # resolved forecasts before a calibration says anything


@dataclass(frozen=True, slots=True)
class Word:
    """One word of likelihood as an author used it: so many came true of so many."""

    likelihood: Likelihood
    came_true: int
    of: int

    @property
    def within(self) -> bool | None:
        """Whether the share lies in the word's range; None below three uses."""
        return None if self.of < 3 else self.likelihood.lo <= self.came_true / self.of <= self.likelihood.hi


@dataclass(frozen=True, slots=True)
class Calibration:
    """An author's resolved forecasts.

    brier : mean squared miss of the middles of the words' ranges, 0 perfect
    brier_base : the same for always giving the share that came true
    """

    author: str
    resolved: int
    came_true: int
    brier: float
    brier_base: float
    words: tuple[Word, ...]

    @property
    def enough(self) -> bool:
        return self.resolved >= ENOUGH


@dataclass(frozen=True, slots=True)
class Forecast:
    """An open or resolved forecast with its author's record."""

    assessment: Assessment
    calibration: Calibration
    expired: bool
    outcome: Outcome | None

    @property
    def shown(self) -> bool:
        """Whether the likelihood may be shown."""
        return self.calibration.enough


def forecasts(evidence: Evidence, outcomes: Sequence[Outcome], at: date) -> list[Forecast]:
    """The assessments made up to `at` that give a likelihood, each with its author's calibration up to then.

    A forecast's own outcome never counts for the calibration shown beside it.
    """
    known = {o.assessment: o for o in outcomes if o.on is None or o.on <= at}
    made = [
        a
        for a in evidence.assessments.values()
        if a.likelihood and (day_of(a.date) is None or str(a.date)[:10] <= at.isoformat())
    ]
    out = []
    for each in made:
        others = [a for a in made if a.author == each.author and a.id != each.id and a.id in known]
        expires = day_of(each.expires)
        out.append(
            Forecast(
                each,
                calibrate(each.author, [(a.likelihood, known[a.id].came_true) for a in others]),
                expires is not None and expires < at,
                known.get(each.id),
            )
        )
    return out


def calibrate(author: str, resolved: Sequence[tuple[str, bool]]) -> Calibration:
    """Calibration of (word, came true) pairs.

    >>> made = calibrate("x", [("likely", True), ("likely", True), ("likely", False)])
    >>> round(made.brier, 3), made.words[0].within
    (0.222, True)
    """
    if not resolved:
        return Calibration(author, 0, 0, 0.0, 0.0, ())
    used: dict[str, list[bool]] = {}
    for word, came in resolved:
        used.setdefault(word, []).append(came)
    words = [Word(likelihood(word), sum(came), len(came)) for word, came in used.items()]
    words.sort(key=lambda word: word.likelihood.lo)
    number, true = len(resolved), sum(came for _, came in resolved)
    base = true / number
    brier = sum((likelihood(word).middle - came) ** 2 for word, came in resolved) / number
    return Calibration(author, number, true, brier, base * (1 - base), tuple(words))
