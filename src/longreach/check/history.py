"""Many judgements as one table in Markdown: documented flights with verdict, slack and unit findings."""

from __future__ import annotations

from collections.abc import Sequence

from longreach.check.judgement import Judgement
from longreach.units import KNOT


def markdown(judged: Sequence[Judgement]) -> str:
    """The page of a set of checks; `longreach check examples/claims/*.toml --table docs/history.md` writes ours."""
    lines = [
        "# Documented flights, checked",
        "",
        "Every case in `examples/claims`, made from public reports, run through `longreach check`. Written by",
        "",
        "```",
        "longreach check examples/claims/*.toml --table docs/history.md",
        "```",
        "",
        "The verdict is on the flight as a whole. A claim that breaks alone, a unit that is wrong, and sources that differ are",
        'listed; they are kept, not settled. "Needed" is the mean ground speed as printed, "cruise" the type\'s published cruise;',
        '"not judged" means that no trustworthy open model of the type is at hand. Fewest refuellings are a bound.',
        "",
        "| flight | verdict | needed, kt | cruise, kt | chance | refuellings at least |",
        "|---|---|---|---|---|---|",
    ]
    for each in judged:
        speeds = "; ".join(f"{s.needed_mps / KNOT:.0f} {s.way}" for s in each.speeds) or "–"
        cruise = f"{each.usual_mps / KNOT:.0f}" if each.usual_mps else "not judged"
        bound = "–" if each.refuellings_at_least is None else str(each.refuellings_at_least)
        lines.append(
            f"| {each.claim.title} | {each.verdict} | {speeds} | {cruise} | {_chance(each.possible)} | {bound} |"
        )
    for title, rows in (
        ("Units and rounding", [(e.claim.title, slip) for e in judged for slip in e.slips]),
        (
            "What cannot be true together",
            [(e.claim.title, _conflict(c)) for e in judged for c in e.conflicts],
        ),
        (
            "Readings that break",
            [
                (e.claim.title, f"{t.id}, {t.words!r}: {'; '.join(t.breaks)}")
                for e in judged
                for t in e.taken
                if t.breaks
            ],
        ),
    ):
        lines += ["", f"## {title}", "", "| flight | finding |", "|---|---|"]
        lines += [f"| {_cell(name)} | {_cell(words)} |" for name, words in rows] or ["| – | none |"]
    return "\n".join(lines) + "\n"


def _chance(share: float | None) -> str:
    if share is None:
        return "–"
    return "over 99 %" if share > 0.99 else "under 1 %" if share < 0.01 else f"{100 * share:.0f} %"


def _conflict(conflict) -> str:
    kind = "sources differ" if conflict.rivals else "cannot all be true"
    return f"{', '.join(conflict.ids)} ({kind}): {'; '.join(conflict.words)}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
