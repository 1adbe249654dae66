"""The scales of judgement: Admiralty letters and digits, and the words of likelihood with their ranges.

Reliability of a source (A-F) and credibility of a piece of information (1-6) are judged apart: the
Admiralty or NATO system (UK JWP 2-00; US FM 2-22.3, appendix B). Likelihood words and their ranges are
those of the US Intelligence Community Directive 203, "Analytic Standards"; confidence is another matter
and never shares a sentence with them.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from longreach.errors import Fault, InputError
from longreach.ledger.records import LIKELIHOOD, RELIABILITY

# The other words of ICD 203, D.6.e.(2)(a), for the same ranges as those of the records.
_ALSO = {
    "remote": "almost no chance",
    "highly improbable": "very unlikely",
    "improbable": "unlikely",
    "roughly even odds": "roughly even chance",
    "roughly even": "roughly even chance",
    "probable": "likely",
    "highly probable": "very likely",
    "nearly certain": "almost certain",
}


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A word of likelihood and the probabilities it stands for, 0 to 1."""

    word: str
    lo: float
    hi: float

    @property
    def middle(self) -> float:
        return (self.lo + self.hi) / 2

    def __str__(self) -> str:
        return f"{self.word} ({self.lo * 100:.0f}-{self.hi * 100:.0f} %)"


def likelihood(word: str) -> Likelihood:
    """The range of a word of likelihood. Raises: InputError naming the nearest word known.

    >>> str(likelihood("very likely"))
    'very likely (80-95 %)'
    """
    plain = " ".join(word.casefold().replace("-", " ").split())
    plain = _ALSO.get(plain, plain)
    if plain in LIKELIHOOD:
        lo, hi = LIKELIHOOD[plain]
        return Likelihood(plain, lo / 100.0, hi / 100.0)
    near = difflib.get_close_matches(plain, [*LIKELIHOOD, *_ALSO], n=1, cutoff=0.75)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(LIKELIHOOD)}"
    raise InputError(Fault(f"{word!r} is not a word of likelihood of ICD 203", hint=hint))


def code(text: str) -> tuple[str, int]:
    """An Admiralty code as letter and digit. Raises: InputError.

    >>> code("b3")
    ('B', 3)
    """
    plain = text.strip().upper()
    if (
        len(plain) != 2
        or plain[0] not in RELIABILITY
        or not plain[1].isdigit()
        or not 1 <= int(plain[1]) <= 6
    ):
        raise InputError(
            Fault(f"{text!r} is not an Admiralty code", hint="a letter A-F and a digit 1-6, such as B3")
        )
    return plain[0], int(plain[1])
