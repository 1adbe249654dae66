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

RELIABILITY = {
    "A": "completely reliable",
    "B": "usually reliable",
    "C": "fairly reliable",
    "D": "not usually reliable",
    "E": "unreliable",
    "F": "reliability cannot be judged",
}
CREDIBILITY = {
    1: "confirmed by other independent sources",
    2: "probably true",
    3: "possibly true",
    4: "doubtful",
    5: "improbable",
    6: "truth cannot be judged",
}
CONFIDENCE = ("low", "moderate", "high")

# ICD 203, D.6.e.(2)(a): two sets of words for the same ranges.
_RANGES = (
    (("almost no chance", "remote"), 0.01, 0.05),
    (("very unlikely", "highly improbable"), 0.05, 0.20),
    (("unlikely", "improbable"), 0.20, 0.45),
    (("roughly even chance", "roughly even odds"), 0.45, 0.55),
    (("likely", "probable"), 0.55, 0.80),
    (("very likely", "highly probable"), 0.80, 0.95),
    (("almost certain", "nearly certain"), 0.95, 0.99),
)


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


LIKELIHOODS = {word: Likelihood(word, lo, hi) for words, lo, hi in _RANGES for word in words}


def likelihood(word: str) -> Likelihood:
    """The range of a word of likelihood. Raises: InputError naming the nearest word known.

    >>> str(likelihood("very likely"))
    'very likely (80-95 %)'
    """
    plain = " ".join(word.casefold().replace("-", " ").split())
    plain = {"roughly even": "roughly even chance", "even chance": "roughly even chance"}.get(plain, plain)
    if plain in LIKELIHOODS:
        return LIKELIHOODS[plain]
    near = difflib.get_close_matches(plain, LIKELIHOODS, n=1, cutoff=0.75)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(LIKELIHOODS)}"
    raise InputError(Fault(f"{word!r} is not a word of likelihood of ICD 203", hint=hint))


def confidence(word: str) -> str:
    """A word of confidence, checked. Raises: InputError."""
    if word.casefold() not in CONFIDENCE:
        raise InputError(
            Fault(f"{word!r} is not a level of confidence", hint=f"known: {', '.join(CONFIDENCE)}")
        )
    return word.casefold()


def code(text: str) -> tuple[str, int]:
    """An Admiralty code as letter and digit. Raises: InputError.

    >>> code("b3")
    ('B', 3)
    """
    plain = text.strip().upper()
    if len(plain) != 2 or plain[0] not in RELIABILITY or not plain[1].isdigit() or not 1 <= int(plain[1]) <= 6:
        raise InputError(
            Fault(f"{text!r} is not an Admiralty code", hint="a letter A-F and a digit 1-6, such as B3")
        )
    return plain[0], int(plain[1])


def weakest(letters: list[str]) -> str:
    """The least reliable of some letters; F, which says nothing, counts as the least.

    >>> weakest(["A", "C", "B"])
    'C'
    """
    return max(letters, default="F")
