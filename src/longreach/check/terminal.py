"""A judgement as text: the verdict, what it stands on, every statement, and what breaks."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from datetime import UTC, datetime

from longreach.check.judgement import Judgement, Taken
from longreach.units import KNOT, NAUTICAL_MILE

_MARKS = {
    "holds": "32", "holds in some readings": "33", "breaks": "31", "a unit slip": "33", "not tested": "2",
}  # fmt: skip


def report(judgement: Judgement, width: int = 100, paint: Callable[[str, str], str] | None = None) -> str:
    """The judgement in a screenful of text; `paint(text, code)` colours it."""
    colour = paint or (lambda text, code: text)
    out: list[str] = []

    def say(text: str = "", indent: str = "") -> None:
        out.extend(textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent + "  ") or [""])

    code = {"contradicted": "31", "cannot be tested": "33"}.get(judgement.verdict, "32")
    say(judgement.claim.title)
    out.append(colour(judgement.verdict.upper(), code))
    say(judgement.sentence)
    say()
    if judgement.lengths_nm:
        say(
            "Lengths: "
            + "; ".join(f"{name} {value:,.0f} nm" for name, value in judgement.lengths_nm.items())
            + " at least"
        )
    for speed in judgement.speeds:
        say(
            f"{speed.way}: {speed.length_m / NAUTICAL_MILE:,.0f} nm in {hours(speed.time_s)}: {speed.needed_mps / KNOT:.0f} kt; "
            f"at least {speed.least_mps / KNOT:.0f} kt in every admissible reading",
            "  ",
        )
    if judgement.usual_mps and judgement.fastest_mps:
        say(
            f"The type cruises at {judgement.usual_mps / KNOT:.0f} kt and is kept at {judgement.fastest_mps / KNOT:.0f} kt "
            f"at most for hours; wind along the way {judgement.wind}.",
            "  ",
        )
    if judgement.refuellings_at_least is not None:
        say(
            f"Refuellings: at least {judgement.refuellings_at_least}. That is a bound, never what was needed.",
            "  ",
        )
    if judgement.possible is not None:
        share = judgement.possible
        said = f"{share:.0%}" if 0.01 <= share <= 0.99 else "under 1 %" if share < 0.01 else "over 99 %"
        say(
            f"Chance that a flight as claimed was possible: {said}. What decides it: {judgement.decided_by}.",
            "  ",
        )
    for name, (early, late) in judgement.times.items():
        if early is not None or late is not None:
            say(f"{name}: {moment(early)} to {moment(late)} UTC", "  ")
    for words in judgement.partners.values():
        say(words, "  ")
    say()
    out.append("What is said, and how it holds")
    for taken in judgement.taken:
        out.extend(_statement(taken, judgement, width, colour))
    if judgement.conflicts:
        say()
        out.append("What cannot be true together")
        for conflict in judgement.conflicts:
            kind = "two sources differ: " if conflict.rivals else ""
            say(f"{', '.join(conflict.ids)}: {kind}{'; '.join(conflict.words)}", "  ")
            for id, cure in conflict.cures.items():
                say(f"for the rest to stand, {id} would be {cure}", "    ")
    for title, lines in (("Units and rounding", judgement.slips), ("Notes", judgement.notes)):
        if lines:
            say()
            out.append(title)
            for line in lines:
                say(line, "  ")
    if judgement.track is not None:
        from longreach.check import terminal_track

        out += ["", *terminal_track.lines(judgement, width)]
    say()
    say(
        "For analysis and education. Geometry never confirms a report; it contradicts it or leaves it standing."
    )
    return "\n".join(out)


def _statement(
    taken: Taken, judgement: Judgement, width: int, colour: Callable[[str, str], str]
) -> list[str]:
    source = judgement.claim.sources.get(taken.source, taken.source)
    said = f"{taken.kind} {taken.words!r}" if taken.words else taken.kind
    mark = colour(taken.verdict, _MARKS.get(taken.verdict, "0"))
    lines = [f"  {taken.id}: {said}: {mark}"]

    def more(label: str, text: str) -> None:
        lines.extend(
            textwrap.wrap(f"{label}{text}", width, initial_indent="      ", subsequent_indent="        ")
        )

    if taken.verdict == "holds in some readings" or taken.breaks:
        for each in taken.holds:
            more("holds: ", each)
        for each in taken.breaks:
            more("breaks: ", each)
    if source:
        more("source: ", source)
    if taken.note:
        more("note: ", taken.note)
    return lines


def hours(seconds: float) -> str:
    """Hours and minutes."""
    whole, minutes = divmod(round(seconds / 60.0), 60)
    return f"{whole} h {minutes:02d} min"


def moment(time_s: float | None) -> str:
    """A moment to the minute; an open end in words."""
    return "open" if time_s is None else f"{datetime.fromtimestamp(time_s, UTC):%a %d %b %Y %H:%M}"
