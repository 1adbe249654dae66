"""Words of number into intervals, with the reading shown: "more than 50", "nearly 90", "about two hours".

Every reading keeps the words it came from and says in plain words how they were taken. Where words admit
more than one reading, all are returned, the likeliest first; nothing is chosen in silence.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from longreach.errors import Fault, InputError
from longreach.units import NAUTICAL_MILE, STATUTE_MILE

_SMALL = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {
    **{word: n for n, word in enumerate(_SMALL)},
    **{word: 10 * n for n, word in enumerate(_TENS, 2)},
    "no": 0,
    "none": 0,
    "nil": 0,
    "a": 1,
    "an": 1,
    "single": 1,
    "pair": 2,
    "couple": 2,
    "dozen": 12,
}
_NTHS = [
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth",
]  # fmt: skip
_ORDINALS = {word: n for n, word in enumerate(_NTHS, 1)}
_NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
    r"|(?:" + "|".join(_TENS) + r")[- ](?:" + "|".join(_SMALL[1:10]) + r")"
    r"|(?:a |one )?(?:dozen|pair|couple)(?: of)?|" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")"
)

# Seconds in a unit of time; a month and a year are given as the range of lengths they have.
DURATIONS = {
    "second": (1.0, 1.0),
    "minute": (60.0, 60.0),
    "hour": (3600.0, 3600.0),
    "day": (86400.0, 86400.0),
    "week": (604800.0, 604800.0),
    "fortnight": (1209600.0, 1209600.0),
    "month": (28 * 86400.0, 31 * 86400.0),
    "year": (365 * 86400.0, 366 * 86400.0),
}


@dataclass(frozen=True, slots=True)
class Count:
    """One reading of words of number.

    lo, hi : bounds, both admitted; hi None is unbounded
    best : the figure as printed, or None where only a bound was printed
    exact : the words claim this very figure, not a round or approximate one
    unit : the word of the unit as printed, singular ("attack", "hour"), or ""
    words : what was read
    reading : how it was taken, in plain words
    """

    lo: float
    hi: float | None
    best: float | None
    exact: bool
    unit: str
    words: str
    reading: str

    def overlaps(self, other: Count) -> bool:
        """Whether one value can satisfy both."""
        return self.lo <= _top(other.hi) and other.lo <= _top(self.hi)

    @property
    def span(self) -> str:
        return span(self.lo, self.hi)


def _top(value: float | None) -> float:
    return math.inf if value is None else value


def span(lo: float | None, hi: float | None) -> str:
    """An interval in words: "51 or more", "85-89", "8", "not more than 9".

    >>> span(51, None), span(8, 21), span(3, 3)
    ('51 or more', '8-21', '3')
    """
    if lo is None and hi is None:
        return "any number"
    if lo is None:
        return f"not more than {_figure(hi or 0.0)}"
    if hi is None:
        return f"{_figure(lo)} or more"
    return _figure(lo) if lo == hi else f"{_figure(lo)}-{_figure(hi)}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:g}"


def ordinal(word: str) -> int | None:
    """The number of an ordinal word: "third" and "3rd" are 3; None for any other word.

    >>> ordinal("Third"), ordinal("21st"), ordinal("last")
    (3, 21, None)
    """
    plain = word.casefold()
    found = re.fullmatch(r"(\d+)(st|nd|rd|th)", plain)
    return int(found[1]) if found else _ORDINALS.get(plain)


def number(word: str) -> float | None:
    """The value of a number in figures or words; None where it is neither.

    >>> number("1,293"), number("twenty-one"), number("a dozen"), number("many")
    (1293.0, 21.0, 12.0, None)
    """
    plain = " ".join(word.casefold().split()).removesuffix(" of")
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?", plain):
        return float(plain.replace(",", ""))
    if plain in _WORDS:
        return float(_WORDS[plain])
    head, _, tail = plain.replace("-", " ").partition(" ")
    if head in ("a", "one") and tail in ("dozen", "pair", "couple"):
        return float(_WORDS[tail])
    if head in _TENS and tail in _SMALL[1:10]:
        return float(_WORDS[head] + _WORDS[tail])
    return None


def grain(value: float) -> float:
    """What the last figure that is not nought stands for: 90 is good to 10, 36 to 1, 1,200 to 100.

    >>> grain(90), grain(36), grain(1200), grain(2.5)
    (10.0, 1.0, 100.0, 0.1)
    """
    if value == 0:
        return 1.0
    exact = Fraction(repr(value))
    step = Fraction(1)
    while exact % step:
        step /= 10
    while exact % (step * 10) == 0:
        step *= 10
    return float(step)


_MORE = r"more than|over|above|upwards of|in excess of|exceeding"
_LEAST = r"at least|no fewer than|not fewer than|no less than|not less than|a minimum of"
_LESS = r"fewer than|less than|under|below"
_MOST = r"at most|up to|as many as|no more than|not more than|a maximum of"
_NEARLY = r"nearly|almost|close to|just under|approaching|not quite"
_ABOUT = r"about|around|roughly|approximately|some|circa|an estimated|estimated|or so"
_EXACT = r"exactly|precisely"
_VAGUE = {
    # Lower bound and upper bound (None: the words set no end) of words without a figure: our reading.
    "a few": (3.0, 5.0),
    "few": (1.0, 5.0),
    "several": (3.0, 9.0),
    "a handful": (3.0, 7.0),
    "dozens": (24.0, None),
    "scores": (40.0, None),
    "hundreds": (200.0, None),
    "thousands": (2000.0, None),
    "many": (3.0, None),
    "numerous": (3.0, None),
    "multiple": (2.0, None),
    "a number": (2.0, None),
}
_HEDGE = re.compile(
    rf"^(?:(?P<more>{_MORE})|(?P<least>{_LEAST})|(?P<less>{_LESS})|(?P<most>{_MOST})|(?P<nearly>{_NEARLY})"
    rf"|(?P<about>{_ABOUT})|(?P<exact>{_EXACT}))\s+",
    re.I,
)
_RANGE = re.compile(
    rf"^(?:between\s+)?(?P<lo>{_NUMBER})\s*(?P<joint>-|–|to|and|or)\s*(?P<hi>{_NUMBER})(?=\W|$)", re.I
)
_PLAIN = re.compile(rf"^(?P<value>{_NUMBER})(?P<odd>-odd)?(?P<plus>\+| or more)?(?=\W|$)", re.I)
_VAGUE_RE = re.compile(rf"^(?P<word>{'|'.join(sorted(_VAGUE, key=len, reverse=True))})(?: of)?(?=\W|$)", re.I)
_CONTINUOUS = {*DURATIONS, "mile", "km", "kilometre", "kilometer", "metre", "meter", "nm", "foot", "feet"}


def read_count(words: str, unit: str = "") -> tuple[Count, ...]:
    """Every reading of words that begin with a number; the rest of the words gives the unit.

    Parameters
    ----------
    words : "more than 50 rocket attacks", "36-hour", "about two hours", "at least eight", "4 or 5"
    unit : the unit where the words do not give it

    Raises: InputError where the words begin with no number that can be read.

    >>> [(r.lo, r.hi) for r in read_count("more than 50 rocket attacks")]
    [(51.0, None)]
    >>> [r.reading for r in read_count("nearly 90")]
    ['nearly 90: from 85 to 89']
    >>> [r.span for r in read_count("90 attacks")]
    ['90', '85-95']
    >>> read_count("about two hours")[0].span
    '1.5-2.5'
    """
    text = " ".join(words.replace("’", "'").split())
    hedge = _HEDGE.match(text)
    rest = text[hedge.end() :] if hedge else text
    kind = next((name for name, hit in hedge.groupdict().items() if hit), "") if hedge else ""
    if kind == "" and (vague := _VAGUE_RE.match(rest)):
        return (_vague(vague, rest, unit),)
    if kind in ("", "about") and (pair := _RANGE.match(rest)):
        found = _pair(pair, rest, unit)
        if found is not None:
            return (found,)
    plain = _PLAIN.match(rest)
    value = number(plain["value"]) if plain else None
    if plain is None or value is None:
        raise InputError(
            Fault(
                f"no number can be read in {words!r}",
                hint='begin with it: "more than 50", "nearly 90", "at least eight", "36-hour", "4 to 7"',
            )
        )
    if re.match(r"\s*or so\b", rest[plain.end() :]) and not kind:
        kind = "about"
    unit = _unit(re.sub(r"^\s*or so\b", "", rest[plain.end() :])) or unit
    printed = " ".join(part for part in ((hedge[0] if hedge else ""), plain[0]) if part).strip()
    printed = " ".join(printed.split())
    if plain["odd"]:
        kind = "odd"
    elif plain["plus"]:
        kind = "least"
    return _taken(kind, value, unit, text, printed)


def _taken(kind: str, value: float, unit: str, words: str, printed: str) -> tuple[Count, ...]:
    whole = not _continuous(unit)
    one = 1.0 if whole and value.is_integer() else 0.0
    decimals = re.search(r"\d\.(\d+)", printed)
    # A nought that is printed counts: "10.0" is good to a tenth, "10" to ten.
    half = (grain(value) if decimals is None else min(grain(value), 10.0 ** -len(decimals[1]))) / 2
    figure = _figure(value)

    def made(lo: float, hi: float | None, best: float | None, exact: bool, how: str) -> Count:
        return Count(max(lo, 0.0), hi, best, exact, unit, words, f"{printed}: {how}")

    if kind == "more":
        lo = value + one
        return (made(lo, None, None, False, f"{_figure(lo)} or more" if one else f"longer than {figure}"),)
    if kind == "least":
        return (made(value, None, None, False, f"{figure} or more"),)
    if kind == "less":
        return (made(0.0, value - one, None, False, f"not more than {_figure(value - one)}"),)
    if kind == "most":
        return (made(0.0, value, None, False, f"not more than {figure}"),)
    if kind == "nearly":
        lo, hi = (math.ceil(value - half), value - 1) if one else (value - half, value)
        lo = min(lo, hi)
        return (made(lo, hi, value, False, f"from {_figure(lo)} to {_figure(hi)}"),)
    if kind in ("about", "odd"):
        lo, hi = (value, value + 9.0) if kind == "odd" else (value - half, value + half)
        if kind == "about" and one:
            lo, hi = math.ceil(lo), math.floor(hi)
            if half < 1:  # "about eight": a count good to one is out by one at most
                lo, hi = value - 1, value + 1
        return (made(lo, hi, value, False, f"from {_figure(lo)} to {_figure(hi)}"),)
    exactly = made(value, value, value, True, f"{figure}, as printed")
    if kind == "exact":
        return (exactly,)
    if not whole:
        step = "whole one" if half == 0.5 else _figure(2 * half)
        return (made(value - half, value + half, value, True, f"{figure} to the nearest {step}"),)
    if value >= 20 and grain(value) >= 10:
        rounded = made(
            math.ceil(value - half), math.floor(value + half), value, False,
            f"a round figure, from {_figure(value - half)} to {_figure(value + half)}",
        )  # fmt: skip
        return (exactly, rounded)
    return (exactly,)


def _vague(found: re.Match[str], rest: str, unit: str) -> Count:
    word = found["word"].casefold()
    lo, hi = _VAGUE[word]
    unit = _unit(rest[found.end() :]) or unit
    return Count(lo, hi, None, False, unit, rest, f"{word}: {span(lo, hi)}; no figure was printed")


def _pair(found: re.Match[str], rest: str, unit: str) -> Count | None:
    lo, hi = number(found["lo"]), number(found["hi"])
    if lo is None or hi is None or lo >= hi:
        return None
    if found["joint"].casefold() == "and" and not found[0].casefold().startswith("between"):
        return None  # "4 and 3" are two counts, not a range
    unit = _unit(rest[found.end() :]) or unit
    best = None
    return Count(lo, hi, best, False, unit, rest, f"{found[0]}: from {_figure(lo)} to {_figure(hi)}")


def _continuous(unit: str) -> bool:
    return singular(unit.split(" ")[-1]) in _CONTINUOUS if unit else False


def singular(word: str) -> str:
    """The singular of a unit's plural, by the plain rules of English.

    >>> [singular(w) for w in ("attacks", "sorties", "casualties", "miles", "aircraft")]
    ['attack', 'sortie', 'casualty', 'mile', 'aircraft']
    """
    plain = word.casefold().strip(".,;:'\"()")
    if plain.endswith("ies") and plain not in ("sorties", "series", "species"):
        return plain[:-3] + "y"
    if plain.endswith(("ss", "us", "series", "species")) or not plain.endswith("s"):
        return plain
    if plain.endswith(("ches", "shes", "xes", "sses")):
        return plain[:-2]
    return plain[:-1]


_STOP = re.compile(
    r"\s*(?:[.,;:(]|\b(?:on|in|at|near|against|of|and|by|over|since|within|during|carrying|with|that|which|were|"
    r"was|have|had|has|off|from|outside|as well as|including|plus|in addition to|along with|flew|hit|struck|"
    r"fell|landed|launched|fired)\b)",
    re.I,
)


def _unit(rest: str) -> str:
    """The unit in what follows a number: "rocket attacks on bases" gives "rocket attack"."""
    words = rest.lstrip(" -–")
    stop = _STOP.search(words)
    head = words[: stop.start()] if stop else words
    parts = [part for part in head.split() if part]
    if not parts or len(parts) > 4:
        return ""
    return " ".join([*(part.casefold() for part in parts[:-1]), singular(parts[-1])])


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured quantity in SI: seconds or metres, with its reading."""

    lo: float
    hi: float | None
    si: str  # "s" or "m"
    words: str
    reading: str


def read_duration(words: str) -> tuple[Quantity, ...]:
    """How long something lasted, in seconds: "36-hour", "about two hours", "nearly three weeks".

    A figure stands for what rounds to it. A month is 28 to 31 days and a year 365 or 366. Raises: InputError.

    >>> [(q.lo / 3600, q.hi / 3600) for q in read_duration("36-hour")]
    [(35.5, 36.5)]
    """
    out = []
    for count in read_count(words):
        unit = count.unit.split(" ")[0]
        if unit not in DURATIONS:
            raise InputError(Fault(f"{words!r} gives no unit of time", hint=f"known: {', '.join(DURATIONS)}"))
        short, long = DURATIONS[unit]
        hi = None if count.hi is None else count.hi * long
        out.append(Quantity(count.lo * short, hi, "s", words, f"{count.reading}, in {unit}s"))
    return tuple(out)


_MILES = (("statute", STATUTE_MILE), ("nautical", NAUTICAL_MILE))
_LENGTHS = {
    "km": 1000.0, "kilometre": 1000.0, "kilometer": 1000.0, "metre": 1.0, "meter": 1.0, "m": 1.0,
    "nm": NAUTICAL_MILE, "nautical mile": NAUTICAL_MILE, "statute mile": STATUTE_MILE,
}  # fmt: skip


def read_distance(words: str) -> tuple[Quantity, ...]:
    """Words of distance as metres; "miles" alone are read as statute and as nautical, both kept.

    Raises: InputError.

    >>> [q.reading for q in read_distance("about 60 miles")]
    ['about 60: from 55 to 65 statute miles', 'about 60: from 55 to 65 nautical miles']
    """
    out = []
    for count in read_count(words):
        unit = next((u for u in (count.unit, count.unit.split(" ")[0]) if u in _LENGTHS or u == "mile"), "")
        if not unit:
            raise InputError(Fault(f"{words!r} gives no unit of length", hint="miles, nm, km or metres"))
        choices = _MILES if unit == "mile" else ((unit, _LENGTHS[unit]),)
        for name, metres in choices:
            hi = None if count.hi is None else count.hi * metres
            what = f"{name} miles" if unit == "mile" else f"{unit}s"
            out.append(Quantity(count.lo * metres, hi, "m", words, f"{count.reading} {what}"))
    return tuple(out)
